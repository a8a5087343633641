/* Room base: a growable byte buffer. Invariants: `ptr` is never NULL and always ends in a NUL that
 * `len` does not count. Growth that fails sets `failed`; later appends are then ignored, so that a
 * writer checks once, at its end. */
#ifndef GJ_BASE_BUF_H
#define GJ_BASE_BUF_H

#include <stdarg.h>

#include "base/str.h"

struct gj_buf {
    char *ptr;
    size_t len;      /* bytes without the closing NUL */
    size_t capacity; /* bytes; 0: `ptr` is the shared empty string, not owned */
    bool failed;     /* out of memory */
};

void gj_buf_init(struct gj_buf *buf);
void gj_buf_release(struct gj_buf *buf);
void gj_buf_reset(struct gj_buf *buf);           /* empties it and keeps its memory */
void gj_buf_cut(struct gj_buf *buf, size_t len); /* takes back what stands behind `len` bytes */

/* Makes room for `more` bytes behind `len`. Returns 0, or -1 when out of memory. */
int gj_buf_reserve(struct gj_buf *buf, size_t more);

void gj_buf_add(struct gj_buf *buf, const void *bytes, size_t len);
void gj_buf_add_str(struct gj_buf *buf, struct gj_str s);
void gj_buf_add_int(struct gj_buf *buf, int64_t value);
void gj_buf_addf(struct gj_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void gj_buf_addv(struct gj_buf *buf, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

static inline void gj_buf_add_cstr(struct gj_buf *buf, const char *c_string)
{
    gj_buf_add(buf, c_string, strlen(c_string));
}

static inline void gj_buf_add_char(struct gj_buf *buf, char c)
{
    if (buf->failed || buf->len + 2 > buf->capacity) {
        gj_buf_add(buf, &c, 1);
        return;
    }
    buf->ptr[buf->len++] = c;
    buf->ptr[buf->len] = '\0';
}

static inline struct gj_str gj_buf_str(const struct gj_buf *buf)
{
    return (struct gj_str){buf->ptr, buf->len};
}

#endif
