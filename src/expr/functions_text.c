/* Room expr: functions on strings and the conversions to and from them. Lengths are code points. */
#include "base/utf8.h"
#include "expr/internal.h"
#include "expr/regex.h"

struct gj_value gj_fn_size_of_string(struct gj_eval *ev, const struct gj_node *node,
                                     const struct gj_value *args)
{
    (void)node;
    gj_eval_spend(ev, args[0].as.text.len / 16);
    return gj_int_value((int64_t)gj_utf8_count(args[0].as.text));
}

struct gj_value gj_fn_starts_with(struct gj_eval *ev, const struct gj_node *node,
                                  const struct gj_value *args)
{
    (void)ev;
    (void)node;
    return gj_bool_value(args[1].as.text.len == 0 ||
                         gj_str_starts(args[0].as.text, args[1].as.text));
}

struct gj_value gj_fn_ends_with(struct gj_eval *ev, const struct gj_node *node,
                                const struct gj_value *args)
{
    (void)ev;
    (void)node;
    struct gj_str s = args[0].as.text;
    struct gj_str end = args[1].as.text;
    if (end.len > s.len) {
        return gj_bool_value(false);
    }
    return gj_bool_value(gj_str_eq((struct gj_str){s.ptr + s.len - end.len, end.len}, end));
}

bool gj_text_find(struct gj_eval *ev, struct gj_str s, struct gj_str part, size_t *at)
{
    if (part.len == 0) {
        return true;
    }
    /* a step for 16 places looked at; a place costs up to the part's length */
    for (size_t i = *at; i + part.len <= s.len; i++) {
        if (i % 16 == 0 && !gj_eval_spend(ev, 1 + part.len / 16)) {
            break;
        }
        const char *next = memchr(s.ptr + i, part.ptr[0], s.len - part.len - i + 1);
        if (next == NULL) {
            break;
        }
        gj_eval_spend(ev, (size_t)(next - s.ptr - (ptrdiff_t)i) / 64);
        i = (size_t)(next - s.ptr);
        if (memcmp(next, part.ptr, part.len) == 0) {
            *at = i;
            return true;
        }
    }
    return false;
}

struct gj_value gj_fn_contains(struct gj_eval *ev, const struct gj_node *node,
                               const struct gj_value *args)
{
    size_t at = 0;
    (void)node;
    return gj_bool_value(gj_text_find(ev, args[0].as.text, args[1].as.text, &at));
}

struct gj_value gj_fn_matches(struct gj_eval *ev, const struct gj_node *node,
                              const struct gj_value *args)
{
    const struct gj_regex *regex = node->regex;
    if (regex == NULL) {
        const char *why = "out of memory";
        if (ev->arena != NULL && gj_eval_spend(ev, GJ_REGEX_STEPS)) {
            size_t before = ev->arena->total;
            regex = gj_regex_compile(ev->arena, args[1].as.text, &why);
            gj_eval_spend(ev, (ev->arena->total - before) / 8);
        }
        if (regex == NULL) {
            return gj_errorf(ev, "bad pattern: %s", why);
        }
    }
    uint64_t left = ev->limit > ev->steps ? ev->limit - ev->steps : 0;
    uint64_t before = left;
    bool found = gj_regex_search(regex, args[0].as.text, &left);
    gj_eval_spend(ev, left == 0 ? before + 1 : before - left);
    return gj_bool_value(found);
}

struct gj_value gj_fn_int_of_string(struct gj_eval *ev, const struct gj_node *node,
                                    const struct gj_value *args)
{
    (void)node;
    struct gj_str s = args[0].as.text;
    size_t at = s.len > 0 && (s.ptr[0] == '-' || s.ptr[0] == '+') ? 1 : 0;
    bool minus = at == 1 && s.ptr[0] == '-';
    bool ok = at < s.len;
    int64_t value = 0; /* counted below zero, where 64 bit reach one further */
    for (; ok && at < s.len; at++) {
        ok = s.ptr[at] >= '0' && s.ptr[at] <= '9' &&
             !__builtin_mul_overflow(value, (int64_t)10, &value) &&
             !__builtin_sub_overflow(value, (int64_t)(s.ptr[at] - '0'), &value);
    }
    ok = ok && (minus || !__builtin_sub_overflow((int64_t)0, value, &value));
    if (!ok) {
        struct gj_str shown = gj_shown(s);
        return gj_errorf(ev, "int(): '%.*s' is no 64-bit number", (int)shown.len, shown.ptr);
    }
    return gj_int_value(value);
}

struct gj_value gj_fn_bool_of_string(struct gj_eval *ev, const struct gj_node *node,
                                     const struct gj_value *args)
{
    static const char *const yes[] = {"true", "True", "TRUE", "t", "1"};
    static const char *const no[] = {"false", "False", "FALSE", "f", "0"};
    (void)node;
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        if (gj_str_is(args[0].as.text, yes[i]) || gj_str_is(args[0].as.text, no[i])) {
            return gj_bool_value(gj_str_is(args[0].as.text, yes[i]));
        }
    }
    struct gj_str shown = gj_shown(args[0].as.text);
    return gj_errorf(ev, "bool(): '%.*s' is neither true nor false", (int)shown.len, shown.ptr);
}

struct gj_value gj_fn_string_of_int(struct gj_eval *ev, const struct gj_node *node,
                                    const struct gj_value *args)
{
    (void)node;
    char digits[24];
    char *at = digits + sizeof digits;
    int64_t value = args[0].as.integer;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0) {
        *--at = '-';
    }
    return gj_eval_text(ev, (struct gj_str){at, (size_t)(digits + sizeof digits - at)});
}

struct gj_value gj_fn_string_of_bool(struct gj_eval *ev, const struct gj_node *node,
                                     const struct gj_value *args)
{
    (void)ev;
    (void)node;
    return gj_string_value(args[0].as.boolean ? GJ_STR("true") : GJ_STR("false"));
}
