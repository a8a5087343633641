/* Room book: fields of an envelope's mapping: paths, templates, conversions, held against the
 * fields of events (see build_envelope.h). */
#include "book/build_envelope.h"

#define STEPS_MAX 16u

/* ---- paths ---- */

static const char *const root_names[] = {"here",   "content", "envelope", "body",
                                         "header", "query",   "request",  NULL};

static struct gj_str trim(struct gj_str text)
{
    while (text.len > 0 && text.ptr[0] == ' ') {
        text = (struct gj_str){text.ptr + 1, text.len - 1};
    }
    while (text.len > 0 && text.ptr[text.len - 1] == ' ') {
        text.len--;
    }
    return text;
}

/* Takes what stands before `mark` off `rest`, which is then empty behind the last one. */
static struct gj_str take(struct gj_str *rest, char mark)
{
    const char *end = memchr(rest->ptr, mark, rest->len);
    struct gj_str part = {rest->ptr, end == NULL ? rest->len : (size_t)(end - rest->ptr)};
    size_t gone = part.len + (end != NULL);
    *rest = (struct gj_str){rest->ptr + gone, rest->len - gone};
    return part;
}

static int root_of(struct gj_str name)
{
    for (int i = 0; root_names[i] != NULL; i++) {
        if (gj_str_is(name, root_names[i])) {
            return i;
        }
    }
    return -1;
}

static int bad_path(struct gj_builder *b, const struct gj_node *node, struct gj_str text)
{
    return gj_complain(b, node,
                       "'%.*s' is no path; write keys with dots between, as order.order_sn, "
                       "alternatives with |",
                       (int)text.len, text.ptr);
}

static int read_path(struct gj_builder *b, const struct gj_node *node, struct gj_str text,
                     bool signature, struct gj_path *out)
{
    struct gj_str *steps = gj_book_array(b, STEPS_MAX, sizeof *steps);
    struct gj_str rest = text;
    *out = (struct gj_path){.root = GJ_AT_HERE, .steps = steps};
    bool dotted = text.len > 0 && text.ptr[text.len - 1] != '.';
    for (size_t i = 0; steps != NULL && rest.len > 0 && dotted; i++) {
        struct gj_str part = take(&rest, '.');
        int root = i == 0 ? root_of(part) : -1;
        dotted = part.len > 0 && out->step_count < STEPS_MAX;
        if (root >= 0 && rest.len > 0) {
            out->root = (enum gj_path_root)root;
        } else if (dotted) {
            steps[out->step_count++] = part;
        }
    }
    if (!dotted || out->step_count == 0) {
        return bad_path(b, node, text);
    }
    bool known = gj_str_is(steps[0], "body") || gj_str_is(steps[0], "secret") ||
                 gj_str_is(steps[0], "app_key");
    if (out->root == GJ_AT_REQUEST && (!signature || !known || out->step_count > 1)) {
        return gj_complain(b, node,
                           "request.body, request.secret and request.app_key are for signatures");
    }
    return 0;
}

void gj_read_paths(struct gj_builder *b, const struct gj_node *node, struct gj_paths *out)
{
    *out = (struct gj_paths){.text = {"", 0}};
    if (node->kind != GJ_NODE_SCALAR || node->text.len == 0) {
        gj_complain(b, node, "a path is expected, as order.order_sn");
        return;
    }
    size_t bars = 0;
    for (size_t i = 0; i < node->text.len; i++) {
        bars += node->text.ptr[i] == '|';
    }
    struct gj_path *items = gj_book_array(b, bars + 1, sizeof *items);
    struct gj_str rest = node->text;
    out->text = node->text;
    out->items = items;
    for (size_t i = 0; items != NULL && i <= bars; i++) {
        struct gj_str part = trim(take(&rest, '|'));
        if (read_path(b, node, part, false, &items[out->count]) == 0) {
            out->count++;
        }
    }
}

/* ---- templates ---- */

void gj_read_template(struct gj_builder *b, const struct gj_node *node, bool signature,
                      struct gj_template *out)
{
    *out = (struct gj_template){NULL, 0};
    if (node->kind != GJ_NODE_SCALAR || node->text.len == 0) {
        gj_complain(b, node, "a text is expected, with paths in braces where wanted: \"o-{tid}\"");
        return;
    }
    size_t braces = 0;
    for (size_t i = 0; i < node->text.len; i++) {
        braces += node->text.ptr[i] == '{';
    }
    struct gj_piece *pieces = gj_book_array(b, 2 * braces + 1, sizeof *pieces);
    struct gj_str rest = node->text;
    out->pieces = pieces;
    while (pieces != NULL && rest.len > 0) {
        struct gj_str literal = take(&rest, '{');
        bool opened = node->text.ptr + node->text.len > literal.ptr + literal.len;
        if (literal.len > 0) {
            pieces[out->count++] = (struct gj_piece){.literal = literal};
        }
        if (!opened) {
            break;
        }
        if (memchr(rest.ptr, '}', rest.len) == NULL) {
            gj_complain(b, node, "a brace is not closed; write paths as {tid}");
            return;
        }
        struct gj_piece *piece = &pieces[out->count++];
        piece->is_path = true;
        read_path(b, node, trim(take(&rest, '}')), signature, &piece->path);
    }
}

/* ---- conversions ---- */

/* The conversions that fill a field of this type, the usual one first; GJ_CONVERSIONS ends. */
static const enum gj_conversion *conversions_for(const struct gj_event_field *target)
{
    static const enum gj_conversion texts[] = {GJ_AS_TEXT, GJ_CONVERSIONS};
    static const enum gj_conversion ints[] = {GJ_AS_INT, GJ_AS_FEN, GJ_AS_YUAN, GJ_CONVERSIONS};
    static const enum gj_conversion money[] = {GJ_AS_FEN, GJ_AS_YUAN, GJ_CONVERSIONS};
    static const enum gj_conversion bools[] = {GJ_AS_BOOL, GJ_CONVERSIONS};
    static const enum gj_conversion times[] = {GJ_AS_TIME,    GJ_AS_SECONDS, GJ_AS_MILLIS,
                                               GJ_AS_BEIJING, GJ_AS_RFC3339, GJ_CONVERSIONS};
    static const enum gj_conversion lists[] = {GJ_AS_TEXTS, GJ_CONVERSIONS};
    static const enum gj_conversion objects[] = {GJ_AS_EACH, GJ_CONVERSIONS};
    static const enum gj_conversion none[] = {GJ_CONVERSIONS};
    static const struct gj_str fen = {"_fen", 4};
    if (target == NULL) {
        return texts;
    }
    struct gj_str name = target->name;
    bool is_money =
        name.len > fen.len && memcmp(name.ptr + name.len - fen.len, fen.ptr, fen.len) == 0;
    switch (target->type->kind) {
    case GJ_TYPE_INT:
        return is_money ? money : ints;
    case GJ_TYPE_BOOL:
        return bools;
    case GJ_TYPE_TIMESTAMP:
        return times;
    case GJ_TYPE_LIST:
        return target->inner == NULL ? lists : objects;
    case GJ_TYPE_MAP:
        return none;
    default:
        return texts;
    }
}

static bool fits(const enum gj_conversion *list, enum gj_conversion as)
{
    while (*list != GJ_CONVERSIONS && *list != as) {
        list++;
    }
    return *list == as;
}

/* Whether a constant may stand in the field. */
static void check_constant(struct gj_builder *b, const struct gj_node *node,
                           const struct gj_event_field *target, struct gj_str text)
{
    if (target == NULL) {
        return;
    }
    bool good = target->choices == NULL;
    for (size_t i = 0; i < target->choice_count && !good; i++) {
        good = gj_str_eq(target->choices[i], text);
    }
    bool digits = text.len == 1 || (text.len > 1 && text.len < 19 && text.ptr[0] != '0');
    for (size_t i = 0; i < text.len; i++) {
        digits &= text.ptr[i] >= '0' && text.ptr[i] <= '9';
    }
    good &= target->type->kind != GJ_TYPE_INT || digits;
    good &=
        target->type->kind != GJ_TYPE_BOOL || gj_str_is(text, "true") || gj_str_is(text, "false");
    good &= target->type->kind != GJ_TYPE_TIMESTAMP && target->type->kind != GJ_TYPE_LIST &&
            target->type->kind != GJ_TYPE_MAP;
    if (!good && target->choices != NULL) {
        struct gj_buf all;
        gj_buf_init(&all);
        for (size_t i = 0; i < target->choice_count; i++) {
            gj_buf_addf(&all, "%s%s", i > 0 ? ", " : "", target->choices[i].ptr);
        }
        gj_complain(b, node, "'%s' is no value of %.*s; use one of: %s", text.ptr,
                    (int)target->name.len, target->name.ptr, all.ptr);
        gj_buf_release(&all);
    } else if (!good) {
        gj_complain(b, node, "'%s' is no value for %.*s", text.ptr, (int)target->name.len,
                    target->name.ptr);
    }
}

static void read_choices(struct gj_builder *b, const struct gj_node *node,
                         const struct gj_event_field *target, struct gj_map_field *out)
{
    if (node->kind != GJ_NODE_MAPPING || node->count == 0) {
        gj_complain(b, node, "'to' must be {their value: ours}, as {1: refund_only}");
        return;
    }
    struct gj_choice *choices = gj_book_array(b, node->count, sizeof *choices);
    for (const struct gj_node *n = node->first; choices != NULL && n != NULL; n = n->next) {
        if (n->kind != GJ_NODE_SCALAR || n->text.len == 0) {
            gj_complain(b, n, "a single value is expected");
            continue;
        }
        check_constant(b, n, target, n->text);
        if (gj_str_is(n->key->text, "*")) {
            out->rest = n->text;
        } else {
            choices[out->choice_count++] = (struct gj_choice){n->key->text, n->text};
        }
    }
    out->choices = choices;
}

static void read_otherwise(struct gj_builder *b, const struct gj_node *node,
                           const struct gj_event_field *target, struct gj_map_field *out)
{
    gj_read_template(b, node, false, &out->otherwise);
    bool constant = out->otherwise.count == 1 && !out->otherwise.pieces[0].is_path;
    bool text = target == NULL || (target->type->kind == GJ_TYPE_STRING && target->choices == NULL);
    if (constant) {
        check_constant(b, node, target, node->text);
    } else if (out->otherwise.count > 0 && !text) {
        gj_complain(b, node, "only a field of type string may be made of paths in braces");
    }
}

/* The key of `node` that says how; *as and *how are left alone when there is none. */
static void read_how(struct gj_builder *b, const struct gj_node *node, enum gj_conversion *as,
                     const struct gj_node **how)
{
    for (int c = 0; gj_conversion_names[c] != NULL; c++) {
        const struct gj_node *found = gj_node_get(node, gj_conversion_names[c]);
        if (found != NULL && *how != NULL) {
            gj_complain(b, found->key, "one conversion is enough; remove this one");
        } else if (found != NULL) {
            *how = found;
            *as = (enum gj_conversion)c;
        }
    }
}

static void refuse_conversion(struct gj_builder *b, const struct gj_node *node,
                              const struct gj_event_field *target)
{
    const enum gj_conversion *list = conversions_for(target);
    struct gj_buf all;
    gj_buf_init(&all);
    for (; *list != GJ_CONVERSIONS; list++) {
        gj_buf_addf(&all, "%s%s", all.len > 0 ? ", " : "", gj_conversion_names[*list]);
    }
    if (all.len == 0) {
        gj_complain(b, node, "an envelope cannot fill '%.*s', an object", (int)target->name.len,
                    target->name.ptr);
    } else {
        gj_complain(b, node, "say how '%.*s' is converted, as {%s: path}; known here: %s",
                    (int)target->name.len, target->name.ptr,
                    gj_conversion_names[*conversions_for(target)], all.ptr);
    }
    gj_buf_release(&all);
}

static bool is_money(const struct gj_event_field *target)
{
    return target != NULL && *conversions_for(target) == GJ_AS_FEN;
}

static void read_inner(struct gj_builder *b, const struct gj_node *node,
                       const struct gj_event_field *target, struct gj_map_field *out)
{
    const struct gj_node *of = gj_node_get(node, "of");
    if (of == NULL || of->kind != GJ_NODE_MAPPING) {
        gj_complain(b, of == NULL ? node : of, "'of' must be {field: how} of each object");
        return;
    }
    gj_read_map_fields(b, of, target->inner, target->inner_count, target->name, &out->inner,
                       &out->inner_count);
}

static void read_mapping(struct gj_builder *b, const struct gj_node *node,
                         const struct gj_event_field *target, struct gj_map_field *out)
{
    static const char *const keys[] = {"text",   "int",     "bool",    "fen",  "yuan",  "seconds",
                                       "millis", "beijing", "rfc3339", "time", "texts", "each",
                                       "value",  "to",      "else",    "of",   NULL};
    const struct gj_node *how = NULL, *value = gj_node_get(node, "value"),
                         *to = gj_node_get(node, "to"), *other = gj_node_get(node, "else");
    gj_read_keys(b, node, keys);
    read_how(b, node, &out->as, &how);
    if ((how == NULL) == (value == NULL)) {
        gj_complain(b, node,
                    "either 'value', a constant, or a conversion with its path must be "
                    "given, as {text: order_sn}");
        return;
    }
    if (how != NULL) {
        gj_read_paths(b, how, &out->paths);
    }
    if (how != NULL && to == NULL && !fits(conversions_for(target), out->as)) {
        refuse_conversion(b, how->key, target);
    }
    if (to != NULL) {
        out->as = GJ_AS_TEXT;
        read_choices(b, to, target, out);
    } else if (how != NULL && target != NULL && target->choices != NULL) {
        gj_complain(b, node, "'%.*s' has fixed values; say in 'to' which of theirs is which",
                    (int)target->name.len, target->name.ptr);
    }
    if (value != NULL || other != NULL) {
        read_otherwise(b, value != NULL ? value : other, target, out);
    }
    if (how != NULL && out->as == GJ_AS_EACH && target != NULL && target->inner != NULL) {
        read_inner(b, node, target, out);
    }
}

void gj_read_map_field(struct gj_builder *b, const struct gj_node *node, struct gj_str name,
                       const struct gj_event_field *target, struct gj_map_field *out)
{
    *out = (struct gj_map_field){.name = name,
                                 .required = target == NULL || !target->optional,
                                 .bare = target != NULL && (target->type->kind == GJ_TYPE_INT ||
                                                            target->type->kind == GJ_TYPE_BOOL),
                                 .as = *conversions_for(target)};
    if (node->kind == GJ_NODE_MAPPING) {
        read_mapping(b, node, target, out);
        return;
    }
    gj_read_paths(b, node, &out->paths);
    if (target == NULL) {
        return;
    }
    if (out->as == GJ_CONVERSIONS || out->as == GJ_AS_EACH || is_money(target)) {
        refuse_conversion(b, node, target);
    } else if (target->choices != NULL) {
        gj_complain(b, node,
                    "'%.*s' has fixed values; write {text: PATH, to: {theirs: ours}} or "
                    "{value: ...}",
                    (int)target->name.len, target->name.ptr);
    }
}

/* ---- fields ---- */

static void refuse_field(struct gj_builder *b, const struct gj_node *key,
                         const struct gj_event_field *targets, size_t count, struct gj_str of)
{
    struct gj_map names;
    gj_map_init(&names);
    for (size_t i = 0; i < count; i++) {
        gj_map_put(&names, targets[i].name, (uint32_t)i);
    }
    struct gj_str near = gj_nearest(&names, key->text);
    gj_complain(b, key, "%.*s has no field '%s'%s%.*s%s", (int)of.len, of.ptr, key->text.ptr,
                near.len > 0 ? "; did you mean '" : "; see events.yaml", (int)near.len, near.ptr,
                near.len > 0 ? "'?" : "");
    gj_map_release(&names);
}

void gj_read_map_fields(struct gj_builder *b, const struct gj_node *node,
                        const struct gj_event_field *targets, size_t target_count, struct gj_str of,
                        const struct gj_map_field **out, size_t *count)
{
    struct gj_map_field *fields = gj_book_array(b, node->count, sizeof *fields);
    *count = 0;
    for (const struct gj_node *n = node->first; fields != NULL && n != NULL; n = n->next) {
        const struct gj_event_field *target =
            gj_event_field_named(targets, target_count, n->key->text);
        if (target == NULL) {
            refuse_field(b, n->key, targets, target_count, of);
        } else {
            gj_read_map_field(b, n, target->name, target, &fields[(*count)++]);
        }
    }
    for (size_t i = 0; i < target_count; i++) {
        struct gj_str name = targets[i].name;
        bool given = false;
        for (const struct gj_node *n = node->first; n != NULL && !given; n = n->next) {
            given = gj_str_eq(n->key->text, name);
        }
        if (!given && !targets[i].optional) {
            gj_complain(b, node, "%.*s needs '%.*s'; say where it stands, or its {value: ...}",
                        (int)of.len, of.ptr, (int)name.len, name.ptr);
        }
    }
    *out = fields;
}

void gj_read_map_time(struct gj_builder *b, const struct gj_node *mapping, struct gj_paths *paths,
                      enum gj_conversion *as)
{
    static const struct gj_event_field instant = {
        .name = {"time", 4}, .type = &gj_type_timestamp, .optional = true};
    const struct gj_node *node = gj_node_get(mapping, "time");
    struct gj_map_field field = {.as = GJ_AS_TIME};
    if (node != NULL) {
        gj_read_map_field(b, node, instant.name, &instant, &field);
    }
    if (field.otherwise.count > 0) {
        gj_complain(b, node, "a time that is not there is that of receipt; remove 'else'");
    }
    *paths = field.paths;
    *as = field.as;
}
