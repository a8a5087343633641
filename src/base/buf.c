/* Room base: a growable byte buffer (see buf.h). */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

static char empty_string[1] = "";

void gj_buf_init(struct gj_buf *buf)
{
    *buf = (struct gj_buf){.ptr = empty_string};
}

void gj_buf_release(struct gj_buf *buf)
{
    if (buf->capacity > 0) {
        free(buf->ptr);
    }
    gj_buf_init(buf);
}

void gj_buf_reset(struct gj_buf *buf)
{
    buf->len = 0;
    buf->failed = false;
    if (buf->capacity > 0) {
        buf->ptr[0] = '\0';
    }
}

void gj_buf_cut(struct gj_buf *buf, size_t len)
{
    if (len < buf->len) {
        buf->len = len;
        buf->ptr[len] = '\0';
    }
}

int gj_buf_reserve(struct gj_buf *buf, size_t more)
{
    if (buf->failed || more > SIZE_MAX / 4 - buf->len) {
        buf->failed = true;
        return -1;
    }
    size_t need = buf->len + more + 1;
    if (need <= buf->capacity) {
        return 0;
    }
    size_t capacity = buf->capacity * 2 > need ? buf->capacity * 2 : need;
    capacity = capacity < 64 ? 64 : capacity;
    char *grown = realloc(buf->capacity > 0 ? buf->ptr : NULL, capacity);
    if (grown == NULL) {
        buf->failed = true;
        return -1;
    }
    buf->ptr = grown;
    buf->capacity = capacity;
    buf->ptr[buf->len] = '\0';
    return 0;
}

void gj_buf_add(struct gj_buf *buf, const void *bytes, size_t len)
{
    bool fits = !buf->failed && len < buf->capacity - buf->len; /* as a rule */
    if (len == 0 || (!fits && gj_buf_reserve(buf, len) != 0)) {
        return;
    }
    memcpy(buf->ptr + buf->len, bytes, len);
    buf->len += len;
    buf->ptr[buf->len] = '\0';
}

void gj_buf_add_str(struct gj_buf *buf, struct gj_str s)
{
    gj_buf_add(buf, s.ptr, s.len);
}

void gj_buf_add_int(struct gj_buf *buf, int64_t value)
{
    char digits[24];
    char *end = digits + sizeof digits;
    char *at = end;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    for (; rest >= 100; rest /= 100) { /* two digits a division */
        uint64_t two = rest % 100;
        *--at = (char)('0' + two % 10);
        *--at = (char)('0' + two / 10);
    }
    if (rest >= 10) {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    }
    *--at = (char)('0' + rest);
    if (value < 0) {
        *--at = '-';
    }
    gj_buf_add(buf, at, (size_t)(end - at));
}

void gj_buf_addv(struct gj_buf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (len < 0 || gj_buf_reserve(buf, (size_t)len) != 0) {
        buf->failed = true;
        return;
    }
    vsnprintf(buf->ptr + buf->len, (size_t)len + 1, format, args);
    buf->len += (size_t)len;
}

void gj_buf_addf(struct gj_buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    gj_buf_addv(buf, format, args);
    va_end(args);
}
