/* Room expr: operators on values. Arguments are neither unknown nor errors. Integers overflow into
 * an error, never silently. */
#include "expr/internal.h"

const char *gj_op_text(enum gj_op op)
{
    static const char *const texts[] = {
        "==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "*", "/", "%"};
    return texts[op];
}

bool gj_op_result(enum gj_op op, enum gj_type_kind a, enum gj_type_kind b,
                  enum gj_type_kind *result)
{
    static const struct {
        enum gj_op op;
        enum gj_type_kind a, b, result;
    } rows[] = {{GJ_OP_ADD, GJ_TYPE_INT, GJ_TYPE_INT, GJ_TYPE_INT},
                {GJ_OP_ADD, GJ_TYPE_STRING, GJ_TYPE_STRING, GJ_TYPE_STRING},
                {GJ_OP_ADD, GJ_TYPE_LIST, GJ_TYPE_LIST, GJ_TYPE_LIST},
                {GJ_OP_ADD, GJ_TYPE_TIMESTAMP, GJ_TYPE_DURATION, GJ_TYPE_TIMESTAMP},
                {GJ_OP_ADD, GJ_TYPE_DURATION, GJ_TYPE_TIMESTAMP, GJ_TYPE_TIMESTAMP},
                {GJ_OP_ADD, GJ_TYPE_DURATION, GJ_TYPE_DURATION, GJ_TYPE_DURATION},
                {GJ_OP_SUB, GJ_TYPE_INT, GJ_TYPE_INT, GJ_TYPE_INT},
                {GJ_OP_SUB, GJ_TYPE_TIMESTAMP, GJ_TYPE_TIMESTAMP, GJ_TYPE_DURATION},
                {GJ_OP_SUB, GJ_TYPE_TIMESTAMP, GJ_TYPE_DURATION, GJ_TYPE_TIMESTAMP},
                {GJ_OP_SUB, GJ_TYPE_DURATION, GJ_TYPE_DURATION, GJ_TYPE_DURATION},
                {GJ_OP_MUL, GJ_TYPE_INT, GJ_TYPE_INT, GJ_TYPE_INT},
                {GJ_OP_DIV, GJ_TYPE_INT, GJ_TYPE_INT, GJ_TYPE_INT},
                {GJ_OP_MOD, GJ_TYPE_INT, GJ_TYPE_INT, GJ_TYPE_INT}};
    bool found = false;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool fit = rows[i].op == op && (a == GJ_TYPE_DYN || a == rows[i].a) &&
                   (b == GJ_TYPE_DYN || b == rows[i].b);
        if (fit && (!found || *result == rows[i].result)) {
            *result = rows[i].result;
        } else if (fit) {
            *result = GJ_TYPE_DYN;
        }
        found = found || fit;
    }
    return found;
}

static struct gj_value mismatch(struct gj_eval *ev, enum gj_op op, struct gj_value a,
                                struct gj_value b)
{
    struct gj_value args[2] = {a, b};
    return gj_no_overload(ev, gj_op_text(op), args, 2);
}

static struct gj_value on_ints(enum gj_op op, int64_t a, int64_t b)
{
    int64_t result = 0;
    bool overflow;
    switch (op) {
    case GJ_OP_ADD:
        overflow = __builtin_add_overflow(a, b, &result);
        break;
    case GJ_OP_SUB:
        overflow = __builtin_sub_overflow(a, b, &result);
        break;
    case GJ_OP_MUL:
        overflow = __builtin_mul_overflow(a, b, &result);
        break;
    default:
        if (b == 0) {
            return gj_error_value(op == GJ_OP_DIV ? "division by zero" : "modulus by zero");
        }
        overflow = a == INT64_MIN && b == -1;
        if (!overflow) {
            result = op == GJ_OP_DIV ? a / b : a % b;
        }
    }
    return overflow ? gj_error_value("int overflow: the result does not fit 64 bit")
                    : gj_int_value(result);
}

static struct gj_value join_strings(struct gj_eval *ev, struct gj_str a, struct gj_str b)
{
    if (a.len == 0 || b.len == 0) {
        return gj_string_value(a.len == 0 ? b : a);
    }
    char *both = gj_eval_alloc(ev, a.len + b.len, 1);
    if (both == NULL) {
        return gj_error_value("out of memory");
    }
    memcpy(both, a.ptr, a.len);
    memcpy(both + a.len, b.ptr, b.len);
    return gj_string_value((struct gj_str){both, a.len + b.len});
}

static struct gj_value join_lists(struct gj_eval *ev, struct gj_value a, struct gj_value b)
{
    if (a.count == 0 || b.count == 0) {
        return a.count == 0 ? b : a;
    }
    struct gj_value *items = a.count > UINT32_MAX - b.count
                                 ? NULL
                                 : gj_eval_alloc(ev, (size_t)a.count + b.count, sizeof *items);
    if (items == NULL) {
        return gj_error_value("out of memory");
    }
    memcpy(items, a.as.items, a.count * sizeof *items);
    memcpy(items + a.count, b.as.items, b.count * sizeof *items);
    a.count += b.count;
    a.as.items = items;
    return a;
}

static struct gj_value of_instant(bool ok, enum gj_value_kind kind, struct gj_instant instant)
{
    if (!ok) {
        return gj_error_value(kind == GJ_V_TIMESTAMP ? "timestamp out of range: years 1 to 9999"
                                                     : "duration out of range: about 292 years");
    }
    return (struct gj_value){.kind = kind, .as.instant = instant};
}

static struct gj_instant negated(struct gj_instant duration)
{
    return (struct gj_instant){-duration.seconds, -duration.nanos};
}

static struct gj_value on_times(struct gj_eval *ev, enum gj_op op, struct gj_value a,
                                struct gj_value b)
{
    struct gj_instant out = {0};
    bool minus = op == GJ_OP_SUB;
    if (a.kind == GJ_V_TIMESTAMP && b.kind == GJ_V_TIMESTAMP && minus) {
        return of_instant(gj_timestamp_diff(a.as.instant, b.as.instant, &out), GJ_V_DURATION, out);
    }
    int64_t x;
    if (b.kind == GJ_V_DURATION && !gj_duration_to_nanos(b.as.instant, &x)) {
        return of_instant(false, GJ_V_DURATION, out); /* only a host's value can be so */
    }
    if (a.kind == GJ_V_TIMESTAMP && b.kind == GJ_V_DURATION) {
        struct gj_instant by = minus ? negated(b.as.instant) : b.as.instant;
        return of_instant(gj_timestamp_add(a.as.instant, by, &out), GJ_V_TIMESTAMP, out);
    }
    if (a.kind == GJ_V_DURATION && b.kind == GJ_V_TIMESTAMP && !minus) {
        return of_instant(gj_timestamp_add(b.as.instant, a.as.instant, &out), GJ_V_TIMESTAMP, out);
    }
    if (a.kind == GJ_V_DURATION && b.kind == GJ_V_DURATION) {
        int64_t y = 0;
        bool ok = gj_duration_to_nanos(a.as.instant, &y) &&
                  !(minus ? __builtin_sub_overflow(y, x, &y) : __builtin_add_overflow(y, x, &y));
        return of_instant(ok, GJ_V_DURATION, gj_duration_from_nanos(y));
    }
    return mismatch(ev, op, a, b);
}

static struct gj_value arithmetic(struct gj_eval *ev, enum gj_op op, struct gj_value a,
                                  struct gj_value b)
{
    if (a.kind == GJ_V_INT && b.kind == GJ_V_INT) {
        return on_ints(op, a.as.integer, b.as.integer);
    }
    if (op == GJ_OP_ADD && a.kind == GJ_V_STRING && b.kind == GJ_V_STRING) {
        return join_strings(ev, a.as.text, b.as.text);
    }
    if (op == GJ_OP_ADD && a.kind == GJ_V_LIST && b.kind == GJ_V_LIST) {
        return join_lists(ev, a, b);
    }
    return op == GJ_OP_ADD || op == GJ_OP_SUB ? on_times(ev, op, a, b) : mismatch(ev, op, a, b);
}

/* -1, 0, 1 of two values of one ordered kind. Strings by code point, which in UTF-8 is by byte. */
static bool compare(struct gj_value a, struct gj_value b, int *order)
{
    if (a.kind != b.kind) {
        return false;
    }
    switch (a.kind) {
    case GJ_V_BOOL:
        *order = (int)a.as.boolean - (int)b.as.boolean;
        return true;
    case GJ_V_INT:
        *order = (a.as.integer > b.as.integer) - (a.as.integer < b.as.integer);
        return true;
    case GJ_V_STRING:
        *order = gj_str_compare(a.as.text, b.as.text);
        return true;
    case GJ_V_TIMESTAMP:
    case GJ_V_DURATION:
        *order = gj_instant_compare(a.as.instant, b.as.instant);
        return true;
    default:
        return false;
    }
}

static struct gj_value ordering(struct gj_eval *ev, enum gj_op op, struct gj_value a,
                                struct gj_value b)
{
    int order;
    if (!compare(a, b, &order)) {
        return mismatch(ev, op, a, b);
    }
    bool result = op == GJ_OP_LT   ? order < 0
                  : op == GJ_OP_LE ? order <= 0
                  : op == GJ_OP_GT ? order > 0
                                   : order >= 0;
    return gj_bool_value(result);
}

/* Equality that counts its steps: a comparison of large lists must not escape the limit. */
static bool equal(struct gj_eval *ev, const struct gj_value *a, const struct gj_value *b)
{
    if (a->kind != b->kind) {
        return false;
    }
    if (a->kind == GJ_V_STRING) { /* the usual case */
        return gj_str_eq(a->as.text, b->as.text);
    }
    uint64_t left = ev->limit > ev->steps ? ev->limit - ev->steps : 0;
    uint64_t before = left;
    bool result = gj_value_equal_steps(a, b, &left);
    gj_eval_spend(ev, left == 0 ? before + 1 : before - left);
    return result;
}

const struct gj_value *gj_map_value(struct gj_eval *ev, struct gj_value map, struct gj_value key)
{
    gj_eval_spend(ev, map.count / 8);
    for (uint32_t i = 0; i < map.count; i++) {
        if (equal(ev, &map.as.entries[i].key, &key)) {
            return &map.as.entries[i].value;
        }
    }
    return NULL;
}

static struct gj_value contains(struct gj_eval *ev, const struct gj_value *needle,
                                const struct gj_value *in)
{
    if (in->kind == GJ_V_MAP) {
        return gj_bool_value(gj_value_is_key(needle->kind) &&
                             gj_map_value(ev, *in, *needle) != NULL);
    }
    if (in->kind != GJ_V_LIST) {
        return mismatch(ev, GJ_OP_IN, *needle, *in);
    }
    gj_eval_spend(ev, in->count / 8);
    for (uint32_t i = 0; i < in->count; i++) {
        if (equal(ev, needle, &in->as.items[i])) {
            return gj_bool_value(true);
        }
    }
    return gj_bool_value(false);
}

struct gj_value gj_op_binary(struct gj_eval *ev, enum gj_op op, const struct gj_value *a,
                             const struct gj_value *b)
{
    switch (op) {
    case GJ_OP_EQ:
        return gj_bool_value(equal(ev, a, b));
    case GJ_OP_NE:
        return gj_bool_value(!equal(ev, a, b));
    case GJ_OP_LT:
    case GJ_OP_LE:
    case GJ_OP_GT:
    case GJ_OP_GE:
        return ordering(ev, op, *a, *b);
    case GJ_OP_IN:
        return contains(ev, a, b);
    default:
        return arithmetic(ev, op, *a, *b);
    }
}

static struct gj_value no_such_key(struct gj_eval *ev, struct gj_value key)
{
    if (key.kind == GJ_V_STRING) {
        struct gj_str text = gj_shown(key.as.text);
        return gj_errorf(ev, "no such key: '%.*s'", (int)text.len, text.ptr);
    }
    if (key.kind == GJ_V_INT) {
        return gj_errorf(ev, "no such key: %lld", (long long)key.as.integer);
    }
    return gj_error_value("no such key");
}

struct gj_value gj_op_index(struct gj_eval *ev, struct gj_value from, struct gj_value index)
{
    struct gj_value args[2] = {from, index};
    if (from.kind == GJ_V_LIST && index.kind == GJ_V_INT) {
        if (index.as.integer < 0 || index.as.integer >= from.count) {
            return gj_errorf(ev, "index out of bounds: %lld of %u elements",
                             (long long)index.as.integer, from.count);
        }
        return from.as.items[index.as.integer];
    }
    if (from.kind == GJ_V_MAP && gj_value_is_key(index.kind)) {
        const struct gj_value *value = gj_map_value(ev, from, index);
        return value == NULL ? no_such_key(ev, index) : *value;
    }
    return gj_no_overload(ev, "[ ]", args, 2);
}

struct gj_value gj_op_select(struct gj_eval *ev, struct gj_value from, struct gj_str name)
{
    if (from.kind != GJ_V_MAP) {
        struct gj_str kind = gj_value_type_name(from.kind);
        struct gj_str text = gj_shown(name);
        return gj_errorf(ev, "no such overload: a value of type %.*s has no field '%.*s'",
                         (int)kind.len, kind.ptr, (int)text.len, text.ptr);
    }
    const struct gj_value *value = gj_map_value(ev, from, gj_string_value(name));
    return value == NULL ? no_such_key(ev, gj_string_value(name)) : *value;
}
