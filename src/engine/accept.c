/* Room engine: an event's data as typed values (see accept.h). Fields are looked for where the last
 * one leaves off, since senders keep the order they began with. */
#include "engine/accept.h"

#include "base/utf8.h"

struct accept {
    const struct gj_json_parser *parser;
    struct gj_arena *arena;
    struct gj_buf *why;
    struct gj_str *unknown;
    size_t unknown_count, unknown_capacity;
};

/* Where a value stands: lines[2].quantity. Lives on the stack. */
struct place {
    const struct place *above;
    struct gj_str name; /* empty: an item of a list */
    uint32_t item;
    bool any_key; /* `name` is the sender's own, not a declared field's */
};

/* ---- refusals ---- */

#define SHOWN_BYTES_MAX 80u /* of what a sender wrote */

static void add_shown(struct gj_buf *out, struct gj_str s)
{
    struct gj_str front = {s.ptr, s.len < SHOWN_BYTES_MAX ? s.len : SHOWN_BYTES_MAX};
    front.len = gj_utf8_valid_prefix(front);
    gj_buf_add_str(out, front);
    gj_buf_add_cstr(out, front.len < s.len ? "..." : "");
}

static void add_place(struct gj_buf *out, const struct place *place)
{
    if (place->above != NULL) {
        add_place(out, place->above);
    }
    if (place->name.len == 0 && !place->any_key) {
        gj_buf_addf(out, "[%u]", place->item);
        return;
    }
    gj_buf_add_cstr(out, place->above != NULL ? "." : "");
    add_shown(out, place->name);
}

static int refuse(struct accept *a, const struct place *place, const char *sentence)
{
    gj_buf_add_char(a->why, '\'');
    add_place(a->why, place);
    gj_buf_addf(a->why, "' %s", sentence);
    return -1;
}

static int out_of_memory(struct accept *a)
{
    gj_buf_add_cstr(a->why, "out of memory");
    a->why->failed = true;
    return -1;
}

static void add_choices(struct gj_buf *why, const struct gj_str *choices, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        gj_buf_add_cstr(why, i > 0 ? ", " : "");
        gj_buf_add_str(why, choices[i]);
    }
}

/* ---- fields that the type does not have ---- */

/* Of items of a list and keys of the sender's own, a name says nothing: one name for them all. */
static struct gj_str known_part(const struct place *place)
{
    return place->any_key ? GJ_STR("*") : place->name;
}

/* Bytes of a place's name, written to `out` unless that is NULL. */
static size_t put_name(const struct place *place, char *out)
{
    size_t len = place->above == NULL ? 0 : put_name(place->above, out);
    struct gj_str part = known_part(place);
    if (part.len == 0) {
        return len;
    }
    size_t dot = len > 0 ? 1 : 0;
    if (out != NULL) {
        memcpy(out + len, ".", dot);
        memcpy(out + len + dot, part.ptr, part.len);
    }
    return len + dot + part.len;
}

static int note_unknown(struct accept *a, const struct place *place)
{
    if (a->unknown_count == a->unknown_capacity) {
        size_t capacity = a->unknown_capacity == 0 ? 8 : a->unknown_capacity * 2;
        struct gj_str *names = gj_arena_array(a->arena, capacity, sizeof *names);
        if (names == NULL) {
            return out_of_memory(a);
        }
        if (a->unknown_count > 0) {
            memcpy(names, a->unknown, a->unknown_count * sizeof *names);
        }
        a->unknown = names;
        a->unknown_capacity = capacity;
    }
    size_t len = put_name(place, NULL);
    char *name = gj_arena_alloc(a->arena, len);
    if (name == NULL) {
        return out_of_memory(a);
    }
    put_name(place, name);
    a->unknown[a->unknown_count++] = (struct gj_str){name, len};
    return 0;
}

/* ---- single values ---- */

static int read_value(struct accept *a, const struct place *place,
                      const struct gj_event_field *field, const struct gj_json *json,
                      struct gj_value *out);

static int read_string(struct accept *a, const struct place *place,
                       const struct gj_event_field *field, const struct gj_json *json,
                       struct gj_value *out)
{
    if (json->kind != GJ_JSON_STRING) {
        return refuse(a, place, "must be a string; put it in quotes");
    }
    *out = (struct gj_value){.kind = GJ_V_STRING, .as.text = json->text};
    if (field->choices == NULL) {
        return 0;
    }
    for (size_t i = 0; i < field->choice_count; i++) {
        if (gj_str_eq(field->choices[i], json->text)) {
            return 0;
        }
    }
    refuse(a, place, "must be one of: ");
    add_choices(a->why, field->choices, field->choice_count);
    return -1;
}

static int read_bool(struct accept *a, const struct place *place, const struct gj_json *json,
                     struct gj_value *out)
{
    if (json->kind != GJ_JSON_BOOL) {
        return refuse(a, place, "must be true or false, without quotes");
    }
    *out = (struct gj_value){.kind = GJ_V_BOOL, .as.boolean = json->integer != 0};
    return 0;
}

static int read_int(struct accept *a, const struct place *place, const struct gj_event_field *field,
                    const struct gj_json *json, struct gj_value *out)
{
    if (json->kind != GJ_JSON_INT) {
        return refuse(a, place, "must be a whole number, without quotes or a point");
    }
    *out = (struct gj_value){.kind = GJ_V_INT, .as.integer = json->integer};
    if (json->integer >= field->least && json->integer <= field->most) {
        return 0;
    }
    refuse(a, place, "is out of range; it must be ");
    gj_buf_add_int(a->why, field->least);
    if (field->most == INT64_MAX) {
        gj_buf_add_cstr(a->why, " or more");
    } else {
        gj_buf_add_cstr(a->why, " to ");
        gj_buf_add_int(a->why, field->most);
    }
    return -1;
}

static int read_timestamp(struct accept *a, const struct place *place, const struct gj_json *json,
                          struct gj_value *out)
{
    struct gj_instant instant;
    if (json->kind != GJ_JSON_STRING || gj_event_time_parse(json->text, &instant) != 0) {
        return refuse(a, place,
                      "must be a time, RFC 3339 with an offset, as \"2026-03-01T10:00:00+08:00\"");
    }
    *out = (struct gj_value){.kind = GJ_V_TIMESTAMP, .as.instant = instant};
    return 0;
}

/* ---- lists and objects ---- */

/* A list whose items are like `item`. */
static int read_list(struct accept *a, const struct place *place, const struct gj_event_field *item,
                     const struct gj_json *json, struct gj_value *out)
{
    if (json->kind != GJ_JSON_ARRAY) {
        return refuse(a, place, "must be a list: [...]");
    }
    struct gj_value *items = gj_arena_array(a->arena, json->count, sizeof *items);
    if (items == NULL) {
        return out_of_memory(a);
    }
    struct place at = {.above = place};
    for (const struct gj_json *n = gj_json_first(a->parser, json); n != NULL;
         n = gj_json_next(a->parser, n), at.item++) {
        if (read_value(a, &at, item, n, &items[at.item]) != 0) {
            return -1;
        }
    }
    *out = (struct gj_value){.kind = GJ_V_LIST, .count = json->count, .as.items = items};
    return 0;
}

/* The field that `key` names, tried first at `hint`; `count` when there is none. */
static size_t find(const struct gj_event_field *fields, size_t count, size_t hint,
                   struct gj_str key)
{
    for (size_t i = 0, at = hint < count ? hint : 0; i < count; i++) {
        if (gj_str_eq(fields[at].name, key)) {
            return at;
        }
        at = at + 1 < count ? at + 1 : 0;
    }
    return count;
}

/* The members of `json` into `values`, by field. */
static int read_fields(struct accept *a, const struct place *above,
                       const struct gj_event_field *fields, size_t count,
                       const struct gj_json *json, struct gj_value *values)
{
    size_t hint = 0;
    for (const struct gj_json *n = gj_json_first(a->parser, json); n != NULL;
         n = gj_json_next(a->parser, n)) {
        struct place place = {.above = above, .name = n->key};
        size_t field = find(fields, count, hint, n->key);
        hint = field + 1;
        int status = field == count ? note_unknown(a, &place)
                     : n->kind == GJ_JSON_NULL
                         ? 0
                         : read_value(a, &place, &fields[field], n, &values[field]);
        if (status != 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (!fields[i].optional && values[i].kind == GJ_V_UNKNOWN) {
            struct place place = {.above = above, .name = fields[i].name};
            return refuse(a, &place, "is missing; add it");
        }
    }
    return 0;
}

static struct gj_value text_value(struct gj_str text)
{
    return (struct gj_value){.kind = GJ_V_STRING, .as.text = text};
}

/* An object with the fields of `field`: a map of those that are given. */
static int read_object(struct accept *a, const struct place *place,
                       const struct gj_event_field *field, const struct gj_json *json,
                       struct gj_value *out)
{
    struct gj_value *values = gj_arena_array(a->arena, field->inner_count, sizeof *values);
    struct gj_entry *entries = gj_arena_array(a->arena, field->inner_count, sizeof *entries);
    if (values == NULL || entries == NULL) {
        return out_of_memory(a);
    }
    if (read_fields(a, place, field->inner, field->inner_count, json, values) != 0) {
        return -1;
    }
    *out = (struct gj_value){.kind = GJ_V_MAP, .as.entries = entries};
    for (size_t i = 0; i < field->inner_count; i++) {
        if (values[i].kind != GJ_V_UNKNOWN) {
            entries[out->count++] = (struct gj_entry){text_value(field->inner[i].name), values[i]};
        }
    }
    return 0;
}

/* An object whose keys are the sender's, each value like `item`. */
static int read_map(struct accept *a, const struct place *place, const struct gj_event_field *item,
                    const struct gj_json *json, struct gj_value *out)
{
    struct gj_entry *entries = gj_arena_array(a->arena, json->count, sizeof *entries);
    if (entries == NULL) {
        return out_of_memory(a);
    }
    *out = (struct gj_value){.kind = GJ_V_MAP, .as.entries = entries};
    for (const struct gj_json *n = gj_json_first(a->parser, json); n != NULL;
         n = gj_json_next(a->parser, n)) {
        struct place at = {.above = place, .name = n->key, .any_key = true};
        struct gj_entry *entry = &entries[out->count++];
        entry->key = text_value(n->key);
        if (read_value(a, &at, item, n, &entry->value) != 0) {
            return -1;
        }
    }
    return 0;
}

/* Whatever JSON holds but fractions, which the language of conditions does not have. */
static int read_any(struct accept *a, const struct place *place, const struct gj_json *json,
                    struct gj_value *out)
{
    static const struct gj_event_field any = {.type = &gj_type_dyn};
    switch (json->kind) {
    case GJ_JSON_NULL:
        *out = (struct gj_value){.kind = GJ_V_NULL};
        return 0;
    case GJ_JSON_BOOL:
        return read_bool(a, place, json, out);
    case GJ_JSON_INT:
        *out = (struct gj_value){.kind = GJ_V_INT, .as.integer = json->integer};
        return 0;
    case GJ_JSON_STRING:
        *out = text_value(json->text);
        return 0;
    case GJ_JSON_ARRAY:
        return read_list(a, place, &any, json, out);
    case GJ_JSON_OBJECT:
        return read_map(a, place, &any, json, out);
    case GJ_JSON_DOUBLE:
        break;
    }
    return refuse(a, place, "is a fraction; send a whole number, or a string");
}

static int read_composite(struct accept *a, const struct place *place,
                          const struct gj_event_field *field, const struct gj_json *json,
                          struct gj_value *out)
{
    if (json->kind != GJ_JSON_OBJECT) {
        return refuse(a, place, "must be an object: {...}");
    }
    return field->open ? read_map(a, place, field->inner, json, out)
                       : read_object(a, place, field, json, out);
}

static int read_value(struct accept *a, const struct place *place,
                      const struct gj_event_field *field, const struct gj_json *json,
                      struct gj_value *out)
{
    static const struct gj_event_field text = {.type = &gj_type_string};
    switch (field->type->kind) {
    case GJ_TYPE_STRING:
        return read_string(a, place, field, json, out);
    case GJ_TYPE_INT:
        return read_int(a, place, field, json, out);
    case GJ_TYPE_BOOL:
        return read_bool(a, place, json, out);
    case GJ_TYPE_TIMESTAMP:
        return read_timestamp(a, place, json, out);
    case GJ_TYPE_MAP:
        return read_composite(a, place, field, json, out);
    case GJ_TYPE_LIST: {
        struct gj_event_field item = *field; /* of objects: the same fields, one object */
        item.type = field->type->of;
        return read_list(a, place, field->inner == NULL ? &text : &item, json, out);
    }
    default:
        return read_any(a, place, json, out);
    }
}

/* ---- the event ---- */

static int find_type(struct accept *a, const struct gj_events *events, struct gj_str name,
                     uint32_t *type)
{
    *type = gj_map_get(&events->type_ids, name);
    if (*type == GJ_MAP_NONE) {
        struct gj_str near = gj_nearest(&events->type_ids, name);
        gj_buf_add_cstr(a->why, "unknown type '");
        add_shown(a->why, name);
        gj_buf_add_cstr(a->why, near.len > 0 ? "'; did you mean '" : "'; see events.yaml");
        gj_buf_add_str(a->why, near);
        gj_buf_add_cstr(a->why, near.len > 0 ? "'?" : "");
        return -1;
    }
    const struct gj_event_type *found = &events->types[*type];
    if (found->of != GJ_NO_INDEX) {
        gj_buf_add_str(a->why, found->name);
        gj_buf_add_cstr(a->why, " is made here and not taken from outside; send ");
        gj_buf_add_str(a->why, events->types[found->of].name);
        return -1;
    }
    return 0;
}

static int check_platform(struct accept *a, const struct gj_book *book, struct gj_str platform)
{
    const struct gj_field *field = &book->fields[GJ_FIELD_PLATFORM];
    for (size_t i = 0; i < field->value_count; i++) {
        if (gj_str_eq(field->values[i], platform)) {
            return 0;
        }
    }
    gj_buf_add_cstr(a->why, "unknown platform '");
    add_shown(a->why, platform);
    gj_buf_add_cstr(a->why, "' in 'source'; use one of: ");
    add_choices(a->why, field->values, field->value_count);
    return -1;
}

/* Ids name entities: they are kept, compared and printed. */
static int check_ids(struct accept *a, const struct gj_event_type *type,
                     const struct gj_value *values)
{
    for (size_t i = 0; i < type->ref_count; i++) {
        uint32_t field = type->refs[i].field;
        if (field == GJ_NO_INDEX || values[field].kind != GJ_V_STRING) {
            continue;
        }
        const char *fault = gj_id_fault(values[field].as.text);
        if (fault != NULL) {
            struct place place = {.name = type->fields[field].name};
            refuse(a, &place, fault);
            gj_buf_add_cstr(a->why, "; an id has 1 to 256 bytes and no control characters");
            return -1;
        }
    }
    return 0;
}

static int check_one_of(struct accept *a, const struct gj_event_type *type,
                        const struct gj_value *values)
{
    bool any = type->one_of_count == 0;
    for (size_t i = 0; i < type->one_of_count; i++) {
        any = any || values[type->one_of[i]].kind != GJ_V_UNKNOWN;
    }
    if (any) {
        return 0;
    }
    gj_buf_add_cstr(a->why, "one of these must be given: ");
    for (size_t i = 0; i < type->one_of_count; i++) {
        gj_buf_add_cstr(a->why, i > 0 ? ", " : "");
        gj_buf_add_str(a->why, type->fields[type->one_of[i]].name);
    }
    return -1;
}

int gj_event_accept(const struct gj_book *book, const struct gj_cloudevent *raw,
                    const struct gj_json_parser *parser, struct gj_arena *arena,
                    struct gj_event *out, struct gj_buf *why)
{
    struct accept a = {.parser = parser, .arena = arena, .why = why};
    uint32_t index = 0;
    if (check_platform(&a, book, raw->platform) != 0 ||
        find_type(&a, &book->events, raw->type, &index) != 0) {
        return -1;
    }
    const struct gj_event_type *type = &book->events.types[index];
    struct gj_value *values = gj_arena_array(arena, type->field_count, sizeof *values);
    if (values == NULL) {
        return out_of_memory(&a);
    }
    if (read_fields(&a, NULL, type->fields, type->field_count, raw->data, values) != 0 ||
        check_one_of(&a, type, values) != 0 || check_ids(&a, type, values) != 0) {
        return -1;
    }
    *out = (struct gj_event){.type = index,
                             .id = raw->id,
                             .source = raw->source,
                             .platform = raw->platform,
                             .shop = raw->shop,
                             .time = raw->time,
                             .values = values,
                             .data = raw->data,
                             .unknown = a.unknown,
                             .unknown_count = a.unknown_count};
    return 0;
}
