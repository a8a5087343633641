/* Room expr: the functions of CEL's strings extension. Places and lengths are code points; a place
 * outside the string is an error, as there. */
#include "base/utf8.h"
#include "expr/internal.h"

static struct gj_str part(struct gj_str s, size_t from, size_t to)
{
    return (struct gj_str){s.ptr + from, to - from};
}

/* The bytes of the code point at byte `at` < s.len. */
static size_t width_at(struct gj_str s, size_t at)
{
    unsigned len;
    gj_utf8_decode(s.ptr + at, &len);
    return len;
}

/* Sets *at to the byte where code point `place` (0 to the length) begins; else *error. */
static bool locate(struct gj_eval *ev, struct gj_str s, int64_t place, size_t *at,
                   struct gj_value *error)
{
    int64_t left = place;
    gj_eval_spend(ev, s.len / 16);
    for (*at = 0; left > 0 && *at < s.len; left--) {
        *at += width_at(s, *at);
    }
    if (left == 0) {
        return true;
    }
    *error = gj_errorf(ev, "index out of range: %lld, of %zu characters", (long long)place,
                       gj_utf8_count(s));
    return false;
}

struct gj_value gj_fn_char_at(struct gj_eval *ev, const struct gj_node *node,
                              const struct gj_value *args)
{
    struct gj_str s = args[0].as.text;
    struct gj_value error;
    size_t at;
    (void)node;
    if (!locate(ev, s, args[1].as.integer, &at, &error)) {
        return error;
    }
    return gj_string_value(part(s, at, at == s.len ? at : at + width_at(s, at)));
}

static struct gj_value place_of(struct gj_str s, size_t at)
{
    return gj_int_value((int64_t)gj_utf8_count(part(s, 0, at)));
}

struct gj_value gj_fn_index_of(struct gj_eval *ev, const struct gj_node *node,
                               const struct gj_value *args)
{
    struct gj_str s = args[0].as.text;
    struct gj_value error;
    size_t at = 0;
    if (node->count == 3 && !locate(ev, s, args[2].as.integer, &at, &error)) {
        return error;
    }
    return gj_text_find(ev, s, args[1].as.text, &at) ? place_of(s, at) : gj_int_value(-1);
}

/* The last place at or before args[2] where args[1] begins. */
struct gj_value gj_fn_last_index_of(struct gj_eval *ev, const struct gj_node *node,
                                    const struct gj_value *args)
{
    struct gj_str s = args[0].as.text;
    struct gj_str wanted = args[1].as.text;
    struct gj_value error;
    size_t most = s.len;
    if (node->count == 3 && !locate(ev, s, args[2].as.integer, &most, &error)) {
        return error;
    }
    if (wanted.len > s.len) {
        return gj_int_value(-1);
    }
    size_t at = most < s.len - wanted.len ? most : s.len - wanted.len;
    for (;; at--) {
        if (gj_str_eq(part(s, at, at + wanted.len), wanted)) {
            return place_of(s, at);
        }
        if (at == 0 || !gj_eval_spend(ev, 1 + wanted.len / 16)) {
            return gj_int_value(-1);
        }
    }
}

struct gj_value gj_fn_substring(struct gj_eval *ev, const struct gj_node *node,
                                const struct gj_value *args)
{
    struct gj_str s = args[0].as.text;
    struct gj_value error;
    size_t from;
    size_t to = s.len;
    if (!locate(ev, s, args[1].as.integer, &from, &error) ||
        (node->count == 3 && !locate(ev, s, args[2].as.integer, &to, &error))) {
        return error;
    }
    if (to < from) {
        return gj_errorf(ev, "substring(): it ends at %lld, before it begins at %lld",
                         (long long)args[2].as.integer, (long long)args[1].as.integer);
    }
    return gj_string_value(part(s, from, to));
}

/* A copy to be changed in place; NULL: out of memory. */
static char *copy_of(struct gj_eval *ev, struct gj_str s)
{
    char *copy = gj_eval_alloc(ev, s.len + 1, 1);
    if (copy != NULL && s.len > 0) {
        memcpy(copy, s.ptr, s.len);
    }
    return copy;
}

/* ASCII letters from `first` to `first` + 25 in the other case. */
static struct gj_value in_case(struct gj_eval *ev, struct gj_str s, char first)
{
    char *copy = copy_of(ev, s);
    if (copy == NULL) {
        return gj_error_value("out of memory");
    }
    for (size_t i = 0; i < s.len; i++) {
        copy[i] = (char)(copy[i] >= first && copy[i] < first + 26 ? copy[i] ^ 0x20 : copy[i]);
    }
    return gj_string_value((struct gj_str){copy, s.len});
}

struct gj_value gj_fn_lower_ascii(struct gj_eval *ev, const struct gj_node *node,
                                  const struct gj_value *args)
{
    (void)node;
    return in_case(ev, args[0].as.text, 'A');
}

struct gj_value gj_fn_upper_ascii(struct gj_eval *ev, const struct gj_node *node,
                                  const struct gj_value *args)
{
    (void)node;
    return in_case(ev, args[0].as.text, 'a');
}

struct gj_value gj_fn_reverse(struct gj_eval *ev, const struct gj_node *node,
                              const struct gj_value *args)
{
    struct gj_str s = args[0].as.text;
    char *copy = gj_eval_alloc(ev, s.len + 1, 1);
    (void)node;
    if (copy == NULL) {
        return gj_error_value("out of memory");
    }
    for (size_t at = 0, width; at < s.len; at += width) {
        width = width_at(s, at);
        memcpy(copy + s.len - at - width, s.ptr + at, width);
    }
    return gj_string_value((struct gj_str){copy, s.len});
}

/* Unicode's White_Space. */
static bool is_space(uint32_t cp)
{
    return (cp >= 0x09 && cp <= 0x0D) || cp == 0x20 || cp == 0x85 || cp == 0xA0 || cp == 0x1680 ||
           (cp >= 0x2000 && cp <= 0x200A) || cp == 0x2028 || cp == 0x2029 || cp == 0x202F ||
           cp == 0x205F || cp == 0x3000;
}

struct gj_value gj_fn_trim(struct gj_eval *ev, const struct gj_node *node,
                           const struct gj_value *args)
{
    struct gj_str s = args[0].as.text;
    size_t from = s.len;
    size_t to = 0;
    (void)node;
    gj_eval_spend(ev, s.len / 16);
    for (size_t at = 0; at < s.len;) {
        unsigned len;
        bool space = is_space(gj_utf8_decode(s.ptr + at, &len));
        from = !space && from == s.len ? at : from;
        at += len;
        to = space ? to : at;
    }
    return gj_string_value(to == 0 ? GJ_STR("") : part(s, from, to));
}

/* ---- taking apart and putting together ---- */

/* How often `part` occurs, without overlap; an empty one before each character and at the end. */
static size_t occurrences(struct gj_eval *ev, struct gj_str s, struct gj_str wanted)
{
    if (wanted.len == 0) {
        gj_eval_spend(ev, s.len);
        return gj_utf8_count(s) + 1;
    }
    size_t count = 0;
    for (size_t at = 0; gj_text_find(ev, s, wanted, &at); at += wanted.len) {
        count++;
    }
    return count;
}

static size_t at_most(size_t count, int64_t most)
{
    return most >= 0 && (uint64_t)most < count ? (size_t)most : count;
}

static void append(char *out, size_t *len, struct gj_str s)
{
    if (s.len > 0) {
        memcpy(out + *len, s.ptr, s.len);
        *len += s.len;
    }
}

/* An empty separator stands between characters only. */
struct gj_value gj_fn_split(struct gj_eval *ev, const struct gj_node *node,
                            const struct gj_value *args)
{
    struct gj_str s = args[0].as.text;
    struct gj_str separator = args[1].as.text;
    size_t all = occurrences(ev, s, separator);
    all = separator.len == 0 ? all - 1 : all + 1;
    size_t count = at_most(all, node->count == 3 ? args[2].as.integer : -1);
    struct gj_value *items = gj_eval_alloc(ev, count, sizeof *items);
    if (items == NULL || count > UINT32_MAX) {
        return gj_error_value("out of memory");
    }
    size_t from = 0;
    for (size_t i = 0; i < count; i++) {
        size_t to = from;
        if (i + 1 == count) {
            to = s.len;
        } else if (separator.len == 0) {
            to += width_at(s, from);
        } else if (!gj_text_find(ev, s, separator, &to)) {
            break; /* the limit of steps is reached */
        }
        items[i] = gj_string_value(part(s, from, to));
        from = to + separator.len;
    }
    return (struct gj_value){.kind = GJ_V_LIST, .count = (uint32_t)count, .as.items = items};
}

struct gj_value gj_fn_replace(struct gj_eval *ev, const struct gj_node *node,
                              const struct gj_value *args)
{
    struct gj_str s = args[0].as.text;
    struct gj_str old = args[1].as.text;
    struct gj_str with = args[2].as.text;
    size_t count = at_most(occurrences(ev, s, old), node->count == 4 ? args[3].as.integer : -1);
    if (with.len > 0 && count > (SIZE_MAX / 16 - s.len) / with.len) {
        return gj_error_value("out of memory");
    }
    char *out = gj_eval_alloc(ev, s.len + count * with.len + 1, 1);
    if (out == NULL) {
        return gj_error_value("out of memory");
    }
    size_t len = 0;
    size_t from = 0;
    for (size_t i = 0; i < count; i++) {
        size_t to = from;
        if (old.len == 0) {
            to += i == 0 ? 0 : width_at(s, from);
        } else if (!gj_text_find(ev, s, old, &to)) {
            break; /* the limit of steps is reached */
        }
        append(out, &len, part(s, from, to));
        append(out, &len, with);
        from = to + old.len;
    }
    append(out, &len, part(s, from, s.len));
    return gj_string_value((struct gj_str){out, len});
}

struct gj_value gj_fn_join(struct gj_eval *ev, const struct gj_node *node,
                           const struct gj_value *args)
{
    const struct gj_value *list = &args[0];
    struct gj_str between = node->count == 2 ? args[1].as.text : GJ_STR("");
    size_t total = 1;
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->as.items[i].kind != GJ_V_STRING) {
            struct gj_str kind = gj_value_type_name(list->as.items[i].kind);
            return gj_errorf(ev, "join() joins strings, but element %u is of type %.*s", i,
                             (int)kind.len, kind.ptr);
        }
        total += list->as.items[i].as.text.len + between.len;
    }
    char *out = gj_eval_alloc(ev, total, 1);
    if (out == NULL) {
        return gj_error_value("out of memory");
    }
    size_t len = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        append(out, &len, i > 0 ? between : GJ_STR(""));
        append(out, &len, list->as.items[i].as.text);
    }
    return gj_string_value((struct gj_str){out, len});
}
