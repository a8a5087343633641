/* Room base: UTF-8. Strict as RFC 3629: no surrogates, no overlong forms, at most U+10FFFF. */
#ifndef GJ_BASE_UTF8_H
#define GJ_BASE_UTF8_H

#include "base/str.h"

/* The offset of the first byte that is not valid UTF-8, or s.len when all is valid. */
size_t gj_utf8_valid_prefix(struct gj_str s);

/* Decodes one code point of *valid* UTF-8 at `at`; sets *len to its bytes (1 to 4). */
static inline uint32_t gj_utf8_decode(const char *at, unsigned *len)
{
    const unsigned char *b = (const unsigned char *)at;
    if (b[0] < 0x80) {
        *len = 1;
        return b[0];
    }
    if (b[0] < 0xE0) {
        *len = 2;
        return (uint32_t)(b[0] & 0x1F) << 6 | (b[1] & 0x3Fu);
    }
    if (b[0] < 0xF0) {
        *len = 3;
        return (uint32_t)(b[0] & 0x0F) << 12 | (uint32_t)(b[1] & 0x3F) << 6 | (b[2] & 0x3Fu);
    }
    *len = 4;
    return (uint32_t)(b[0] & 0x07) << 18 | (uint32_t)(b[1] & 0x3F) << 12 |
           (uint32_t)(b[2] & 0x3F) << 6 | (b[3] & 0x3Fu);
}

/* The code point of three bytes, as most Han characters have, at `at`. Three bytes that begin
 * otherwise give nothing from U+4000 to U+AFFF. */
static inline uint32_t gj_utf8_three(const char *at)
{
    const unsigned char *b = (const unsigned char *)at;
    return ((uint32_t)b[0] << 12) + ((uint32_t)b[1] << 6) + b[2] - 0xE2080; /* their marks */
}

/* Writes `cp` (a valid scalar value) to `out` (4 bytes of room); returns the bytes written. */
static inline unsigned gj_utf8_encode(uint32_t cp, char *out)
{
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xC0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 0x3F));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xE0 | cp >> 12);
        out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
        out[2] = (char)(0x80 | (cp & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | cp >> 18);
    out[1] = (char)(0x80 | (cp >> 12 & 0x3F));
    out[2] = (char)(0x80 | (cp >> 6 & 0x3F));
    out[3] = (char)(0x80 | (cp & 0x3F));
    return 4;
}

/* Number of code points in valid UTF-8. */
static inline size_t gj_utf8_count(struct gj_str s)
{
    size_t count = 0;
    for (size_t i = 0; i < s.len; i++) {
        count += ((unsigned char)s.ptr[i] & 0xC0) != 0x80;
    }
    return count;
}

#endif
