/* Room expr: static types: names, when two may be compared, what two make together. NULL stands for
 * dyn inside lists and maps, so that an empty literal needs no memory. */
#include "expr/internal.h"

const struct gj_type gj_type_dyn = {.kind = GJ_TYPE_DYN};
const struct gj_type gj_type_null = {.kind = GJ_TYPE_NULL};
const struct gj_type gj_type_bool = {.kind = GJ_TYPE_BOOL};
const struct gj_type gj_type_int = {.kind = GJ_TYPE_INT};
const struct gj_type gj_type_string = {.kind = GJ_TYPE_STRING};
const struct gj_type gj_type_timestamp = {.kind = GJ_TYPE_TIMESTAMP};
const struct gj_type gj_type_duration = {.kind = GJ_TYPE_DURATION};
const struct gj_type gj_type_type = {.kind = GJ_TYPE_TYPE};
const struct gj_type gj_type_list_of_string = {.kind = GJ_TYPE_LIST, .of = &gj_type_string};

static const struct gj_type *or_dyn(const struct gj_type *type)
{
    return type == NULL ? &gj_type_dyn : type;
}

const struct gj_type *gj_type_of_element(const struct gj_type *type)
{
    return or_dyn(type->of);
}

const struct gj_type *gj_type_of_key(const struct gj_type *type)
{
    return or_dyn(type->key);
}

const struct gj_type *gj_type_map(struct gj_arena *arena, const struct gj_type *key,
                                  const struct gj_type *of)
{
    struct gj_type *type = gj_arena_alloc(arena, sizeof *type);
    if (type == NULL) {
        return &gj_type_dyn;
    }
    *type = (struct gj_type){GJ_TYPE_MAP, key, of};
    return type;
}

const struct gj_type *gj_type_list(struct gj_arena *arena, const struct gj_type *of)
{
    struct gj_type *type = gj_arena_alloc(arena, sizeof *type);
    if (type == NULL) {
        return &gj_type_dyn;
    }
    *type = (struct gj_type){GJ_TYPE_LIST, NULL, of};
    return type;
}

static bool same(const struct gj_type *a, const struct gj_type *b)
{
    a = or_dyn(a);
    b = or_dyn(b);
    if (a == b) {
        return true;
    }
    if (a->kind != b->kind) {
        return false;
    }
    bool composite = a->kind == GJ_TYPE_LIST || a->kind == GJ_TYPE_MAP;
    return !composite || (same(a->of, b->of) && (a->kind == GJ_TYPE_LIST || same(a->key, b->key)));
}

const struct gj_type *gj_type_join(struct gj_arena *arena, const struct gj_type *a,
                                   const struct gj_type *b)
{
    a = or_dyn(a);
    b = or_dyn(b);
    if (same(a, b)) {
        return a;
    }
    if (a->kind == GJ_TYPE_LIST && b->kind == GJ_TYPE_LIST) {
        return gj_type_list(arena, gj_type_join(arena, a->of, b->of));
    }
    if (a->kind == GJ_TYPE_MAP && b->kind == GJ_TYPE_MAP) {
        return gj_type_map(arena, gj_type_join(arena, a->key, b->key),
                           gj_type_join(arena, a->of, b->of));
    }
    return &gj_type_dyn;
}

/* null may stand where a moment or a span of time is missing, as in CEL. */
static bool nullable(enum gj_type_kind kind)
{
    return kind == GJ_TYPE_TIMESTAMP || kind == GJ_TYPE_DURATION;
}

bool gj_type_comparable(const struct gj_type *a, const struct gj_type *b)
{
    a = or_dyn(a);
    b = or_dyn(b);
    if (a->kind == GJ_TYPE_DYN || b->kind == GJ_TYPE_DYN) {
        return true;
    }
    if (a->kind != b->kind) {
        return (a->kind == GJ_TYPE_NULL && nullable(b->kind)) ||
               (b->kind == GJ_TYPE_NULL && nullable(a->kind));
    }
    if (a->kind == GJ_TYPE_LIST) {
        return gj_type_comparable(a->of, b->of);
    }
    return a->kind != GJ_TYPE_MAP ||
           (gj_type_comparable(a->key, b->key) && gj_type_comparable(a->of, b->of));
}

bool gj_type_assignable(const struct gj_type *have, const struct gj_type *want)
{
    have = or_dyn(have);
    want = or_dyn(want);
    if (have->kind == GJ_TYPE_DYN || want->kind == GJ_TYPE_DYN) {
        return true;
    }
    if (have->kind != want->kind) {
        return false;
    }
    if (have->kind == GJ_TYPE_LIST) {
        return gj_type_assignable(have->of, want->of);
    }
    return have->kind != GJ_TYPE_MAP ||
           (gj_type_assignable(have->key, want->key) && gj_type_assignable(have->of, want->of));
}

void gj_type_name(const struct gj_type *type, struct gj_buf *out)
{
    static const char *const names[] = {"dyn",  "null", "bool",      "int",      "string",
                                        "list", "map",  "timestamp", "duration", "type"};
    type = or_dyn(type);
    gj_buf_add_cstr(out, names[type->kind]);
    if (type->kind == GJ_TYPE_LIST) {
        gj_buf_add_char(out, '(');
        gj_type_name(type->of, out);
        gj_buf_add_char(out, ')');
    } else if (type->kind == GJ_TYPE_MAP) {
        gj_buf_add_char(out, '(');
        gj_type_name(type->key, out);
        gj_buf_add_cstr(out, ", ");
        gj_type_name(type->of, out);
        gj_buf_add_char(out, ')');
    }
}

static const struct gj_type *type_of_list(struct gj_arena *arena, const struct gj_value *list)
{
    const struct gj_type *of = NULL;
    for (uint32_t i = 0; i < list->count; i++) {
        const struct gj_type *item = gj_type_of_value(arena, &list->as.items[i]);
        of = i == 0 ? item : same(of, item) ? of : &gj_type_dyn;
    }
    return gj_type_list(arena, of);
}

static const struct gj_type *type_of_map(struct gj_arena *arena, const struct gj_value *map)
{
    const struct gj_type *key = NULL;
    const struct gj_type *of = NULL;
    for (uint32_t i = 0; i < map->count; i++) {
        const struct gj_type *k = gj_type_of_value(arena, &map->as.entries[i].key);
        const struct gj_type *v = gj_type_of_value(arena, &map->as.entries[i].value);
        key = i == 0 ? k : same(key, k) ? key : &gj_type_dyn;
        of = i == 0 ? v : same(of, v) ? of : &gj_type_dyn;
    }
    return gj_type_map(arena, key, of);
}

const struct gj_type *gj_type_of_value(struct gj_arena *arena, const struct gj_value *value)
{
    switch (value->kind) {
    case GJ_V_NULL:
        return &gj_type_null;
    case GJ_V_BOOL:
        return &gj_type_bool;
    case GJ_V_INT:
        return &gj_type_int;
    case GJ_V_STRING:
        return &gj_type_string;
    case GJ_V_TIMESTAMP:
        return &gj_type_timestamp;
    case GJ_V_DURATION:
        return &gj_type_duration;
    case GJ_V_TYPE:
        return &gj_type_type;
    case GJ_V_LIST:
        return type_of_list(arena, value);
    case GJ_V_MAP:
        return type_of_map(arena, value);
    case GJ_V_UNKNOWN:
    case GJ_V_ERROR:
        break;
    }
    return &gj_type_dyn;
}

bool gj_value_fits(const struct gj_value *value, const struct gj_type *type)
{
    static const enum gj_value_kind kinds[] = {GJ_V_UNKNOWN,  GJ_V_NULL, GJ_V_BOOL, GJ_V_INT,
                                               GJ_V_STRING,   GJ_V_LIST, GJ_V_MAP,  GJ_V_TIMESTAMP,
                                               GJ_V_DURATION, GJ_V_TYPE};
    type = or_dyn(type);
    return type->kind == GJ_TYPE_DYN || kinds[type->kind] == value->kind;
}

struct gj_str gj_value_type_name(enum gj_value_kind kind)
{
    static const char *const names[] = {"unknown",
                                        "error",
                                        "null_type",
                                        "bool",
                                        "int",
                                        "string",
                                        "list",
                                        "map",
                                        "google.protobuf.Timestamp",
                                        "google.protobuf.Duration",
                                        "type"};
    return gj_str_of(names[kind]);
}
