/* Room base: UTF-8, strictly. */
#include <criterion/criterion.h>

#include "base/utf8.h"

Test(base, utf8_every_scalar_value_round_trips)
{
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
        if (cp >= 0xD800 && cp <= 0xDFFF) {
            continue;
        }
        char bytes[4];
        unsigned len = gj_utf8_encode(cp, bytes);
        unsigned back = 0;
        bool right = gj_utf8_valid_prefix((struct gj_str){bytes, len}) == len &&
                     gj_utf8_decode(bytes, &back) == cp && back == len &&
                     gj_utf8_count((struct gj_str){bytes, len}) == 1 &&
                     len == (cp < 0x80      ? 1u
                             : cp < 0x800   ? 2u
                             : cp < 0x10000 ? 3u
                                            : 4u);
        if (!right) {
            cr_assert_fail("U+%04X", (unsigned)cp);
        }
        for (unsigned cut = 1; cut < len; cut++) {
            if (gj_utf8_valid_prefix((struct gj_str){bytes, cut}) != 0) {
                cr_assert_fail("U+%04X cut to %u bytes is valid", (unsigned)cp, cut);
            }
        }
    }
}

Test(base, utf8_refuses_what_is_none)
{
    static const char *const bad[] = {"\x80",
                                      "\xBF",
                                      "\xC0\x80",
                                      "\xC1\xBF",
                                      "\xE0\x80\x80",
                                      "\xE0\x9F\xBF", /* overlong */
                                      "\xED\xA0\x80",
                                      "\xED\xBF\xBF", /* surrogates */
                                      "\xF0\x80\x80\x80",
                                      "\xF0\x8F\xBF\xBF",
                                      "\xF4\x90\x80\x80",
                                      "\xF5\x80\x80\x80",
                                      "\xFF",
                                      "\xFE",
                                      "\xC2",
                                      "\xE4\xBD",
                                      "\xF0\x9F\x90",
                                      "\xC2\x41",
                                      "\xE4\xBD\x41",
                                      "\xF0\x9F\x90\x41",
                                      "\xE4\x41\xBD"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cr_assert_eq(gj_utf8_valid_prefix(gj_str_of(bad[i])), 0, "case %zu", i);
        /* and behind valid text, at every distance from the eight-byte steps */
        for (size_t before = 1; before < 20; before++) {
            char text[32];
            memset(text, 'a', before);
            size_t len = strlen(bad[i]);
            memcpy(text + before, bad[i], len);
            text[before + len] = 'b';
            struct gj_str s = {text, before + len + 1};
            cr_assert_eq(gj_utf8_valid_prefix(s), before, "case %zu", i);
        }
    }
}

Test(base, utf8_counts_code_points)
{
    cr_assert_eq(gj_utf8_count(GJ_STR("")), 0);
    cr_assert_eq(gj_utf8_count(GJ_STR("加我微信abc🐱")), 8);
    cr_assert_eq(gj_utf8_valid_prefix(GJ_STR("加我微信abc🐱\0x")), strlen("加我微信abc🐱") + 2);
    cr_assert_eq(gj_utf8_valid_prefix((struct gj_str){NULL, 0}), 0);
}
