/* Room book: events and the kinds of entities they are about (see event.h and build.h).
 *
 *   entities --read_kinds--> kinds, families
 *   events ----read_type---> types: fields, the entities each names, what it is made of
 *          ----check_names-> what expressions will call KIND.NAME has one meaning */
#include <stdio.h>

#include "book/build.h"

/* ---- the types of fields: constants, so that the same type is the same pointer ---- */

static const struct gj_type type_of_object = {GJ_TYPE_MAP, &gj_type_string, NULL};
static const struct gj_type type_of_objects = {.kind = GJ_TYPE_LIST, .of = &type_of_object};

#define TYPES_KNOWN                                                                            \
    "string, bool, timestamp, int, int 0.., int 1..3, list(string), any, [a, b] (these texts " \
    "alone), {name: type} (an object), [{name: type}] (a list of objects)"

static const struct gj_type *plain_type(struct gj_str name)
{
    static const struct {
        const char *name;
        const struct gj_type *type;
    } types[] = {{"string", &gj_type_string},
                 {"bool", &gj_type_bool},
                 {"timestamp", &gj_type_timestamp},
                 {"int", &gj_type_int},
                 {"list(string)", &gj_type_list_of_string},
                 {"any", &gj_type_dyn}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (gj_str_is(name, types[i].name)) {
            return types[i].type;
        }
    }
    return NULL;
}

/* Up to 18 digits at the front of `rest`, taken off it; false when it begins with none. */
static bool take_number(struct gj_str *rest, int64_t *out)
{
    size_t len = 0;
    *out = 0;
    for (; len < rest->len && len < 18 && rest->ptr[len] >= '0' && rest->ptr[len] <= '9'; len++) {
        *out = *out * 10 + (rest->ptr[len] - '0');
    }
    *rest = (struct gj_str){rest->ptr + len, rest->len - len};
    return len > 0;
}

/* "int 0.." or "int 1..3". */
static bool read_range(struct gj_str text, struct gj_event_field *field)
{
    struct gj_str start = GJ_STR("int "), dots = GJ_STR("..");
    if (!gj_str_starts(text, start)) {
        return false;
    }
    struct gj_str rest = {text.ptr + start.len, text.len - start.len};
    if (!take_number(&rest, &field->least) || !gj_str_starts(rest, dots)) {
        return false;
    }
    rest = (struct gj_str){rest.ptr + dots.len, rest.len - dots.len};
    field->type = &gj_type_int;
    return rest.len == 0 ||
           (take_number(&rest, &field->most) && rest.len == 0 && field->least <= field->most);
}

/* ---- fields ---- */

static bool is_name(struct gj_str text)
{
    bool good = text.len > 0 && text.ptr[0] >= 'a' && text.ptr[0] <= 'z';
    for (size_t i = 0; good && i < text.len; i++) {
        char c = text.ptr[i];
        good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    }
    return good;
}

static uint32_t find_field(const struct gj_event_field *fields, size_t count, struct gj_str name)
{
    for (size_t i = 0; i < count; i++) {
        if (gj_str_eq(fields[i].name, name)) {
            return (uint32_t)i;
        }
    }
    return GJ_NO_INDEX;
}

static const struct gj_event_field *read_fields(struct gj_builder *b, const struct gj_node *mapping,
                                                size_t *count);

static void read_object(struct gj_builder *b, const struct gj_node *node,
                        struct gj_event_field *field)
{
    field->open = node->count == 1 && gj_str_is(node->first->key->text, "*");
    field->inner = read_fields(b, node, &field->inner_count);
}

static void read_list_type(struct gj_builder *b, const struct gj_node *node,
                           struct gj_event_field *field)
{
    if (node->count == 1 && node->first->kind == GJ_NODE_MAPPING) {
        field->type = &type_of_objects;
        read_object(b, node->first, field);
        return;
    }
    field->type = &gj_type_string;
    struct gj_str *choices = gj_book_array(b, node->count, sizeof *choices);
    for (const struct gj_node *n = node->first; choices != NULL && n != NULL; n = n->next) {
        if (n->kind != GJ_NODE_SCALAR || n->text.len == 0) {
            gj_complain(b, n, "a choice must be a text: [buyer, agent]");
            continue;
        }
        choices[field->choice_count++] = n->text;
    }
    if (node->count == 0) {
        gj_complain(b, node, "an empty list leaves no choice; name the texts allowed");
    }
    field->choices = choices;
}

static void read_field_type(struct gj_builder *b, const struct gj_node *node,
                            struct gj_event_field *field)
{
    if (node->kind == GJ_NODE_MAPPING) {
        field->type = &type_of_object;
        read_object(b, node, field);
    } else if (node->kind == GJ_NODE_SEQUENCE) {
        read_list_type(b, node, field);
    } else {
        const struct gj_type *type = plain_type(node->text);
        if (type != NULL) {
            field->type = type;
        } else if (!read_range(node->text, field)) {
            gj_complain(b, node, "unknown type '%s'; use one of: " TYPES_KNOWN, node->text.ptr);
        }
    }
}

/* The fields of {name: type, name?: type}. */
static const struct gj_event_field *read_fields(struct gj_builder *b, const struct gj_node *mapping,
                                                size_t *count)
{
    struct gj_event_field *fields = gj_book_array(b, mapping->count, sizeof *fields);
    *count = 0;
    for (const struct gj_node *n = mapping->first; fields != NULL && n != NULL; n = n->next) {
        struct gj_event_field field = {.name = n->key->text,
                                       .node = n->key,
                                       .type = &gj_type_dyn,
                                       .least = INT64_MIN,
                                       .most = INT64_MAX};
        bool any_key = mapping->count == 1 && gj_str_is(field.name, "*");
        if (field.name.len > 0 && field.name.ptr[field.name.len - 1] == '?') {
            field.optional = true;
            field.name.len--;
        }
        if (!any_key && !is_name(field.name)) {
            gj_complain(b, n->key,
                        "a field's name is of a-z, 0-9 and _, with ? behind it where the field may "
                        "be missing");
        } else if (find_field(fields, *count, field.name) != GJ_NO_INDEX) {
            gj_complain(b, n->key, "field '%.*s' is declared twice", (int)field.name.len,
                        field.name.ptr);
        }
        read_field_type(b, n, &field);
        fields[(*count)++] = field;
    }
    return fields;
}

/* ---- kinds of entities ---- */

static uint32_t family_of(struct gj_events *events, struct gj_str *families, struct gj_str name)
{
    for (size_t i = 0; i < events->family_count; i++) {
        if (gj_str_eq(families[i], name)) {
            return (uint32_t)i;
        }
    }
    families[events->family_count] = name;
    return (uint32_t)events->family_count++;
}

static void read_kind(struct gj_builder *b, const struct gj_node *node, struct gj_entity_kind *kind,
                      struct gj_str *families)
{
    static const char *const keys[] = {"id", "family", "title", NULL};
    struct gj_events *events = &b->book->events;
    uint32_t index = (uint32_t)(kind - events->kinds);
    struct gj_str family;
    kind->name = kind->title_zh = kind->title_en = node->key->text;
    if (!is_name(kind->name)) {
        gj_complain(b, node->key, "a kind's name is of a-z, 0-9 and _");
    }
    gj_book_name(b, &events->kind_ids, kind->name, index);
    if (node->kind != GJ_NODE_MAPPING) {
        gj_complain(b, node, "a kind of entity must be {id: FIELD, family: NAME}");
        return;
    }
    gj_read_keys(b, node, keys);
    if (gj_node_get(node, "title") != NULL) {
        gj_read_bilingual(b, node, "title", true, &kind->title_zh, &kind->title_en);
    }
    bool named = gj_read_string(b, node, "family", &family) == 1;
    kind->family = family_of(events, families, named ? family : kind->name);
    if (gj_read_string(b, node, "id", &kind->id_field) != 0) {
        return;
    }
    if (events->shop_kind != GJ_NO_INDEX) {
        gj_complain(b, node, "'id' is missing; only one kind, the shop, has its id in the source");
    }
    events->shop_kind = index;
}

/* What the only document of a kind lists, or NULL. */
static const struct gj_node *only_list(struct gj_builder *b, const char *kind)
{
    const char *const keys[] = {kind, NULL};
    const struct gj_node *entry = gj_only_entry(b, kind, keys);
    if (entry == NULL) {
        return NULL;
    }
    if (entry->first->kind != GJ_NODE_MAPPING) {
        gj_complain(b, entry->first, "'%s' must be {name: {...}, ...}", kind);
        return NULL;
    }
    return entry->first;
}

static void read_kinds(struct gj_builder *b)
{
    struct gj_events *events = &b->book->events;
    const struct gj_node *list = only_list(b, "entities");
    if (list == NULL) {
        return;
    }
    if (list->count > GJ_KINDS_MAX) {
        gj_complain(b, list, "there may be at most %d kinds of entities", GJ_KINDS_MAX);
        return;
    }
    struct gj_entity_kind *kinds = gj_book_array(b, list->count, sizeof *kinds);
    struct gj_str *families = gj_book_array(b, list->count, sizeof *families);
    events->kinds = kinds;
    events->families = families;
    for (const struct gj_node *n = list->first; kinds != NULL && families != NULL && n != NULL;
         n = n->next) {
        read_kind(b, n, &kinds[events->kind_count++], families);
    }
    if (events->shop_kind == GJ_NO_INDEX) {
        gj_complain(b, list, "no kind is the shop: declare one without 'id', as shop: {}");
    }
}

/* ---- event types ---- */

/* `about: KIND` or `about: {KIND: FIELD}`. Fills type->about and *id_field (empty for the shop). */
static int read_about(struct gj_builder *b, const struct gj_node *node, struct gj_event_type *type,
                      struct gj_str *id_field)
{
    struct gj_events *events = &b->book->events;
    const struct gj_node *about = gj_node_get(node, "about");
    bool own = about != NULL && about->kind == GJ_NODE_MAPPING && about->count == 1 &&
               about->first->kind == GJ_NODE_SCALAR;
    if (about == NULL || (about->kind != GJ_NODE_SCALAR && !own)) {
        return gj_complain(b, about == NULL ? node : about,
                           "'about' must be a kind of entity, or {KIND: the field of its id}");
    }
    struct gj_str name = own ? about->first->key->text : about->text;
    type->about = gj_map_get(&events->kind_ids, name);
    if (type->about == GJ_MAP_NONE) {
        struct gj_str near = gj_nearest(&events->kind_ids, name);
        type->about = 0;
        return gj_complain(b, about, "unknown kind '%s'%s%s; declare it under 'entities'", name.ptr,
                           near.len > 0 ? ", did you mean " : "", near.len > 0 ? near.ptr : "");
    }
    *id_field = own ? about->first->text : events->kinds[type->about].id_field;
    return 0;
}

/* The first kind whose id this field holds; an invoice has its order's id, and is not meant. */
static uint32_t kind_with_id(const struct gj_events *events, struct gj_str field)
{
    for (size_t i = 0; i < events->kind_count; i++) {
        if (i != events->shop_kind && gj_str_eq(events->kinds[i].id_field, field)) {
            return (uint32_t)i;
        }
    }
    return GJ_NO_INDEX;
}

static void read_refs(struct gj_builder *b, const struct gj_node *node, struct gj_event_type *type,
                      struct gj_str id_field)
{
    const struct gj_events *events = &b->book->events;
    struct gj_event_ref *refs = gj_book_array(b, type->field_count + 1, sizeof *refs);
    if (refs == NULL) {
        return;
    }
    uint32_t own = GJ_NO_INDEX;
    if (id_field.len > 0) {
        own = find_field(type->fields, type->field_count, id_field);
        if (own == GJ_NO_INDEX || type->fields[own].optional) {
            gj_complain(b, gj_node_get(node, "about"),
                        "an event about %s needs its id: add '%s: string' to the data",
                        events->kinds[type->about].name.ptr, id_field.ptr);
            own = GJ_NO_INDEX;
        }
    }
    refs[type->ref_count++] = (struct gj_event_ref){type->about, own};
    for (uint32_t i = 0; i < type->field_count; i++) {
        uint32_t kind = kind_with_id(events, type->fields[i].name);
        bool is_id = kind != GJ_NO_INDEX || i == own;
        if (is_id && type->fields[i].type != &gj_type_string) {
            gj_complain(b, type->fields[i].node, "an id must be of type string");
        }
        if (kind != GJ_NO_INDEX && kind != type->about) {
            refs[type->ref_count++] = (struct gj_event_ref){kind, i};
        }
    }
    type->refs = refs;
}

static void read_one_of(struct gj_builder *b, const struct gj_node *node,
                        struct gj_event_type *type)
{
    const struct gj_str *names;
    size_t count;
    if (gj_read_strings(b, node, "one_of", &names, &count) != 1) {
        return;
    }
    uint32_t *fields = gj_book_array(b, count, sizeof *fields);
    for (size_t i = 0; fields != NULL && i < count; i++) {
        uint32_t field = find_field(type->fields, type->field_count, names[i]);
        if (field == GJ_NO_INDEX || !type->fields[field].optional) {
            gj_complain(b, gj_node_get(node, "one_of"),
                        "'one_of' names optional fields of the data; '%s' is none", names[i].ptr);
            continue;
        }
        fields[type->one_of_count++] = field;
    }
    type->one_of = fields;
}

/* Tests leave fields out: the example stands in for every one that must be there. */
static void read_example(struct gj_builder *b, const struct gj_node *node,
                         struct gj_event_type *type)
{
    const struct gj_node *example = gj_node_get(node, "example");
    if (example != NULL && example->kind != GJ_NODE_MAPPING) {
        gj_complain(b, example, "'example' must be {field: value}");
        return;
    }
    type->example = example;
    for (const struct gj_node *n = example == NULL ? NULL : example->first; n != NULL;
         n = n->next) {
        if (find_field(type->fields, type->field_count, n->key->text) == GJ_NO_INDEX) {
            gj_complain(b, n->key, "'%s' is no field of this event", n->key->text.ptr);
        }
    }
    for (size_t i = 0; i < type->field_count; i++) {
        const struct gj_event_field *field = &type->fields[i];
        if (!field->optional && gj_node_get(example, field->name.ptr) == NULL) {
            gj_complain(b, example == NULL ? node->key : example,
                        "'example' gives no value for '%s', which the event must have; add it",
                        field->name.ptr);
        }
    }
}

/* What is its own in a type that comes from outside. */
static void read_data(struct gj_builder *b, const struct gj_node *node, struct gj_event_type *type)
{
    const struct gj_node *data = gj_node_get(node, "data");
    if (data == NULL || data->kind != GJ_NODE_MAPPING) {
        gj_complain(b, data == NULL ? node : data, "'data' must be {field: type, field?: type}");
        return;
    }
    type->fields = read_fields(b, data, &type->field_count);
    for (size_t i = 0; i < type->field_count; i++) {
        if (gj_str_is(type->fields[i].name, "id")) {
            gj_complain(b, type->fields[i].node,
                        "a field may not be called 'id': that is the entity's own; say whose");
        }
    }
    uint32_t text = find_field(type->fields, type->field_count, GJ_STR("text"));
    gj_read_bool(b, node, "opens", &type->opens);
    gj_read_bool(b, node, "once", &type->once);
    gj_read_bool(b, node, "judged", &type->judged);
    if (type->judged && (text == GJ_NO_INDEX || type->fields[text].type != &gj_type_string)) {
        gj_complain(b, gj_node_get(node, "judged"), "what is judged needs a field 'text: string'");
    }
    read_one_of(b, node, type);
    read_example(b, node, type);
}

/* A derived type has the data of the type that it is made of, which stands before it. */
static void read_derived(struct gj_builder *b, const struct gj_node *node,
                         struct gj_event_type *type)
{
    const struct gj_events *events = &b->book->events;
    struct gj_str name;
    gj_read_string(b, node, "of", &name);
    uint32_t of = gj_map_get(&events->type_ids, name);
    if (of == GJ_MAP_NONE || events->types[of].of != GJ_NO_INDEX) {
        gj_complain(b, gj_node_get(node, "of"),
                    "'of' must name a type that is declared above and comes from outside");
        return;
    }
    type->of = of;
    gj_read_bool(b, node, "every", &type->every);
    if (gj_node_get(node, "every") != NULL && !events->types[of].judged) {
        gj_complain(b, gj_node_get(node, "every"),
                    "'every' is for what is made of a judged type: of others it is made anyway");
    }
    type->fields = events->types[of].fields;
    type->field_count = events->types[of].field_count;
}

static bool is_type_name(struct gj_str name)
{
    bool dot = false, letter = false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (c == '.' && !letter) {
            return false;
        }
        if (c != '.' && c != '_' && !(c >= 'a' && c <= 'z')) {
            return false;
        }
        dot = dot || c == '.';
        letter = c != '.';
    }
    return dot && letter;
}

static void read_stamp(struct gj_builder *b, const struct gj_node *node, struct gj_event_type *type)
{
    int given = gj_read_string(b, node, "stamp", &type->stamp);
    if (given == 0) {
        size_t at = type->name.len;
        while (at > 0 && type->name.ptr[at - 1] != '.') {
            at--;
        }
        type->stamp = (struct gj_str){type->name.ptr + at, type->name.len - at};
    } else if (given == 1 && !is_name(type->stamp)) {
        gj_complain(b, gj_node_get(node, "stamp"),
                    "a stamp is of a-z, 0-9 and _, as warranty_failed");
    }
}

static void read_type(struct gj_builder *b, const struct gj_node *node, struct gj_event_type *type)
{
    static const char *const keys[] = {"about", "title", "data",   "stamp",   "one_of",
                                       "opens", "once",  "judged", "example", NULL};
    static const char *const derived_keys[] = {"about", "title", "of", "every", "stamp", NULL};
    struct gj_str id_field = {"", 0};
    type->name = node->key->text;
    type->node = node;
    type->of = GJ_NO_INDEX;
    if (!is_type_name(type->name)) {
        gj_complain(b, node->key,
                    "an event's type is of words of a-z and _ with dots between: "
                    "order.paid");
    }
    if (node->kind != GJ_NODE_MAPPING) {
        gj_complain(b, node, "an event must be {about: KIND, data: {...}, example: {...}}");
        return;
    }
    bool derived = gj_node_get(node, "of") != NULL;
    gj_read_keys(b, node, derived ? derived_keys : keys);
    if (derived) {
        read_derived(b, node, type);
    } else {
        read_data(b, node, type);
    }
    gj_read_bilingual(b, node, "title", false, &type->title_zh, &type->title_en);
    type->title_zh = type->title_zh.len > 0 ? type->title_zh : type->name;
    type->title_en = type->title_en.len > 0 ? type->title_en : type->name;
    read_stamp(b, node, type);
    if (read_about(b, node, type, &id_field) == 0) {
        read_refs(b, node, type, id_field);
    }
}

/* ---- what expressions will call KIND.NAME ---- */

struct name { /* a field, or a stamp with `_at` behind it */
    const struct gj_node *node;
    const struct gj_event_field *field; /* NULL: a stamp */
};

/* Whether two declarations of a field differ in type; of objects, in that of a field of both. */
static bool differ(const struct gj_event_field *a, const struct gj_event_field *b)
{
    bool different = a->type != b->type || a->open != b->open;
    for (size_t i = 0; i < a->inner_count && !different; i++) {
        uint32_t other = find_field(b->inner, b->inner_count, a->inner[i].name);
        different = other != GJ_NO_INDEX && differ(&a->inner[i], &b->inner[other]);
    }
    return different;
}

static void complain_of_two(struct gj_builder *b, struct gj_str path, const struct name *first,
                            const struct name *second)
{
    const char *remedy = first->field != NULL && second->field != NULL
                             ? "a name has one type for all events about a kind; rename one field"
                             : "give one of the two events a 'stamp: NAME' of its own";
    gj_complain(b, second->node, "%s is declared otherwise at %s:%u:%u; %s", path.ptr,
                b->book->files[first->node->file].path.ptr, first->node->line, first->node->column,
                remedy);
}

struct names {
    struct gj_map map; /* "order.paid_at" to index */
    struct name *items;
    uint32_t count;
};

static void add_name(struct gj_builder *b, struct names *names, const struct gj_event_type *type,
                     struct gj_str word, struct name name)
{
    char text[512];
    int len =
        snprintf(text, sizeof text, "%.100s.%.*s%s", b->book->events.kinds[type->about].name.ptr,
                 (int)(word.len < 300 ? word.len : 300), word.ptr, name.field == NULL ? "_at" : "");
    struct gj_str path = gj_arena_copy(&b->book->arena, (struct gj_str){text, (size_t)len});
    uint32_t known = path.ptr == NULL ? 0 : gj_map_get(&names->map, path);
    if (path.ptr == NULL) {
        gj_errors_say(b->errors, "out of memory while loading the rulebook");
    } else if (known == GJ_MAP_NONE) {
        gj_book_name(b, &names->map, path, names->count);
        names->items[names->count++] = name;
    } else if (name.field == NULL || names->items[known].field == NULL ||
               differ(names->items[known].field, name.field)) {
        complain_of_two(b, path, &names->items[known], &name);
    }
}

static void check_names(struct gj_builder *b)
{
    const struct gj_events *events = &b->book->events;
    struct names names = {0};
    size_t total = 0;
    for (size_t t = 0; t < events->type_count; t++) {
        total += events->types[t].field_count + 1;
    }
    gj_map_init(&names.map);
    names.items = gj_book_array(b, total, sizeof *names.items);
    for (size_t t = 0; t < events->type_count && names.items != NULL; t++) {
        const struct gj_event_type *type = &events->types[t];
        for (size_t i = 0; i < type->field_count; i++) {
            const struct gj_event_field *field = &type->fields[i];
            add_name(b, &names, type, field->name, (struct name){field->node, field});
        }
        add_name(b, &names, type, type->stamp, (struct name){type->node->key, NULL});
    }
    gj_map_release(&names.map);
}

int gj_build_events(struct gj_builder *b)
{
    struct gj_events *events = &b->book->events;
    size_t before = b->errors->count + b->errors->dropped;
    gj_map_release(&events->type_ids);
    gj_map_release(&events->kind_ids);
    *events = (struct gj_events){.shop_kind = GJ_NO_INDEX};
    read_kinds(b);
    const struct gj_node *list = only_list(b, "events");
    struct gj_event_type *types = list == NULL || events->kind_count == 0
                                      ? NULL
                                      : gj_book_array(b, list->count, sizeof *types);
    if (list != NULL && events->kind_count == 0) {
        gj_complain(b, list, "events speak of entities: declare their kinds under 'entities'");
    }
    events->types = types;
    for (const struct gj_node *n = types == NULL ? NULL : list->first; n != NULL; n = n->next) {
        read_type(b, n, &types[events->type_count]);
        gj_book_name(b, &events->type_ids, n->key->text, (uint32_t)events->type_count++);
    }
    if (b->errors->count + b->errors->dropped == before) {
        check_names(b);
    }
    return b->errors->count + b->errors->dropped == before ? 0 : -1;
}
