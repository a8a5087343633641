/* Room expr: values while evaluating: memory and steps, error values, equality. */
#include <stdarg.h>
#include <stdio.h>

#include "expr/internal.h"

bool gj_eval_spend(struct gj_eval *ev, uint64_t steps)
{
    ev->steps = steps > UINT64_MAX - ev->steps ? UINT64_MAX : ev->steps + steps;
    return ev->steps <= ev->limit;
}

/* Memory costs a step per 8 bytes, so that the step limit bounds it too. */
void *gj_eval_alloc(struct gj_eval *ev, size_t count, size_t size)
{
    if (ev->arena == NULL || (size > 0 && count > SIZE_MAX / 8 / size) ||
        !gj_eval_spend(ev, count * size / 8)) {
        return NULL;
    }
    return gj_arena_array(ev->arena, count, size);
}

struct gj_value gj_error_value(const char *text)
{
    return (struct gj_value){.kind = GJ_V_ERROR, .as.text = gj_str_of(text)};
}

struct gj_value gj_errorf(struct gj_eval *ev, const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t kept = len < 0 ? 0 : (size_t)len < sizeof text ? (size_t)len : sizeof text - 1;
    char *copy = gj_eval_alloc(ev, kept + 1, 1);
    if (copy == NULL) {
        return gj_error_value("an error, and no memory to describe it");
    }
    memcpy(copy, text, kept);
    return (struct gj_value){.kind = GJ_V_ERROR, .as.text = {copy, kept}};
}

struct gj_value gj_no_overload(struct gj_eval *ev, const char *what, const struct gj_value *args,
                               unsigned count)
{
    struct gj_str kinds[GJ_EXPR_ARGS_MAX] = {{0}};
    for (unsigned i = 0; i < count && i < GJ_EXPR_ARGS_MAX; i++) {
        kinds[i] = gj_value_type_name(args[i].kind);
    }
    return gj_errorf(ev, "no such overload: %s for %.*s%s%.*s%s%.*s%s%.*s", what, (int)kinds[0].len,
                     kinds[0].ptr, count > 1 ? ", " : "", (int)kinds[1].len, kinds[1].ptr,
                     count > 2 ? ", " : "", (int)kinds[2].len, kinds[2].ptr, count > 3 ? ", " : "",
                     (int)kinds[3].len, kinds[3].ptr);
}

struct gj_value gj_eval_text(struct gj_eval *ev, struct gj_str s)
{
    char *copy = gj_eval_alloc(ev, s.len + 1, 1);
    if (copy == NULL) {
        return gj_error_value("out of memory");
    }
    if (s.len > 0) {
        memcpy(copy, s.ptr, s.len);
    }
    return gj_string_value((struct gj_str){copy, s.len});
}

static bool maps_equal(const struct gj_value *a, const struct gj_value *b, uint64_t *steps)
{
    for (uint32_t i = 0; i < a->count; i++) {
        const struct gj_entry *entry = &a->as.entries[i];
        uint32_t j = 0;
        while (j < b->count && !gj_value_equal_steps(&entry->key, &b->as.entries[j].key, steps)) {
            j++;
        }
        if (j == b->count || !gj_value_equal_steps(&entry->value, &b->as.entries[j].value, steps)) {
            return false;
        }
    }
    return true;
}

bool gj_value_equal_steps(const struct gj_value *a, const struct gj_value *b, uint64_t *steps)
{
    if (a->kind != b->kind) {
        return false;
    }
    if (*steps == 0) { /* the caller's limit: it reports an error, whatever is returned */
        return false;
    }
    (*steps)--;
    switch (a->kind) {
    case GJ_V_NULL:
        return true;
    case GJ_V_BOOL:
        return a->as.boolean == b->as.boolean;
    case GJ_V_INT:
        return a->as.integer == b->as.integer;
    case GJ_V_STRING:
    case GJ_V_TYPE:
        return gj_str_eq(a->as.text, b->as.text);
    case GJ_V_TIMESTAMP:
    case GJ_V_DURATION:
        return gj_instant_compare(a->as.instant, b->as.instant) == 0;
    case GJ_V_LIST:
        for (uint32_t i = 0; i < a->count && a->count == b->count; i++) {
            if (!gj_value_equal_steps(&a->as.items[i], &b->as.items[i], steps)) {
                return false;
            }
        }
        return a->count == b->count;
    case GJ_V_MAP:
        return a->count == b->count && maps_equal(a, b, steps);
    case GJ_V_UNKNOWN:
    case GJ_V_ERROR:
        break;
    }
    return false;
}

bool gj_value_equal(const struct gj_value *a, const struct gj_value *b)
{
    uint64_t steps = UINT64_MAX;
    return gj_value_equal_steps(a, b, &steps);
}
