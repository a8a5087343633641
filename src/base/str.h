/* Room base: borrowed byte strings. A gj_str never owns its bytes and need not end in a NUL. */
#ifndef GJ_BASE_STR_H
#define GJ_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct gj_str {
    const char *ptr;
    size_t len; /* bytes */
};

#define GJ_STR(literal) ((struct gj_str){(literal), sizeof(literal) - 1})

static inline struct gj_str gj_str_of(const char *c_string)
{
    return (struct gj_str){c_string, strlen(c_string)};
}

static inline bool gj_str_eq(struct gj_str a, struct gj_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* Names are looked up in tables by this: most differ in their first byte. */
static inline bool gj_str_is(struct gj_str a, const char *c_string)
{
    return a.len == 0 ? c_string[0] == '\0'
                      : a.ptr[0] == c_string[0] && gj_str_eq(a, gj_str_of(c_string));
}

static inline bool gj_str_starts(struct gj_str s, struct gj_str prefix)
{
    return s.len >= prefix.len && memcmp(s.ptr, prefix.ptr, prefix.len) == 0;
}

/* By bytes, a beginning before what goes on: <0, 0 or >0. */
static inline int gj_str_compare(struct gj_str a, struct gj_str b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter == 0 || a.ptr == b.ptr ? 0 : memcmp(a.ptr, b.ptr, shorter);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* FNV-1a, 64 bit: for hash tables only, not for identity of content. */
static inline uint64_t gj_str_hash(struct gj_str s)
{
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < s.len; i++) {
        h = (h ^ (unsigned char)s.ptr[i]) * 1099511628211u;
    }
    return h;
}

#endif
