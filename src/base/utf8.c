/* Room base: UTF-8 validation (see utf8.h; Unicode 15 table 3-7, well-formed byte sequences). */
#include "base/utf8.h"

static bool is_tail(unsigned char b)
{
    return (b & 0xC0) == 0x80;
}

/* Bytes of the well-formed sequence at b[0..left), or 0. */
static size_t sequence(const unsigned char *b, size_t left)
{
    if (b[0] < 0x80) {
        return 1;
    }
    if (b[0] >= 0xC2 && b[0] <= 0xDF) {
        return left >= 2 && is_tail(b[1]) ? 2 : 0;
    }
    if (b[0] >= 0xE0 && b[0] <= 0xEF) {
        if (left < 3 || !is_tail(b[1]) || !is_tail(b[2])) {
            return 0;
        }
        bool overlong = b[0] == 0xE0 && b[1] < 0xA0;
        bool surrogate = b[0] == 0xED && b[1] >= 0xA0;
        return overlong || surrogate ? 0 : 3;
    }
    if (b[0] >= 0xF0 && b[0] <= 0xF4) {
        if (left < 4 || !is_tail(b[1]) || !is_tail(b[2]) || !is_tail(b[3])) {
            return 0;
        }
        bool overlong = b[0] == 0xF0 && b[1] < 0x90;
        bool too_big = b[0] == 0xF4 && b[1] > 0x8F;
        return overlong || too_big ? 0 : 4;
    }
    return 0;
}

size_t gj_utf8_valid_prefix(struct gj_str s)
{
    const unsigned char *b = (const unsigned char *)s.ptr;
    size_t at = 0;
    while (at < s.len) {
        uint64_t eight;
        if (s.len - at >= 8) { /* eight ASCII bytes at once */
            memcpy(&eight, b + at, 8);
            if ((eight & 0x8080808080808080u) == 0) {
                at += 8;
                continue;
            }
        }
        size_t len = sequence(b + at, s.len - at);
        if (len == 0) {
            return at;
        }
        at += len;
    }
    return at;
}
