/* Tests of room text: toneless readings. */
#include <criterion/criterion.h>

#include "base/utf8.h"
#include "text/text.h"

static uint32_t cp_of(const char *character)
{
    unsigned len;
    return gj_utf8_decode(character, &len);
}

static void check_reading(const char *character, const char *spelling)
{
    const char *found = gj_text_spelling(gj_text_syllable(cp_of(character)));
    cr_assert_not_null(found, "%s has no reading", character);
    cr_assert_str_eq(found, spelling, "%s reads %s", character, found);
}

static bool has_other(const char *character, const char *spelling)
{
    uint16_t others[4];
    unsigned count = gj_text_other_readings(cp_of(character), others);
    cr_assert_leq(count, 4);
    for (unsigned i = 0; i < count; i++) {
        cr_assert_neq(others[i], gj_text_syllable(cp_of(character)));
        if (strcmp(gj_text_spelling(others[i]), spelling) == 0) {
            return true;
        }
    }
    return false;
}

Test(text_pinyin, usual_readings)
{
    check_reading("微", "wei");
    check_reading("信", "xin");
    check_reading("薇", "wei");
    check_reading("一", "yi");
    check_reading("〇", "ling");
    check_reading("绿", "lv");
    check_reading("女", "nv");
    check_reading("略", "lve");
    check_reading("儿", "er");
    check_reading("扣", "kou");
    check_reading("嗯", "en");
    check_reading("行", "xing");
}

Test(text_pinyin, other_readings)
{
    cr_assert(has_other("行", "hang"));
    cr_assert(has_other("重", "chong"));
    cr_assert(has_other("乐", "yue"));
    cr_assert(has_other("还", "huan") || has_other("还", "hai"));
    cr_assert(has_other("长", "chang") || has_other("长", "zhang"));
    cr_assert(has_other("了", "liao"));
    uint16_t others[4];
    cr_assert_eq(gj_text_other_readings(cp_of("微"), others), 0);
    cr_assert_eq(gj_text_other_readings('a', others), 0);
    cr_assert_eq(gj_text_other_readings(0x10FFFF, others), 0);
}

Test(text_pinyin, without_reading)
{
    cr_assert_eq(gj_text_syllable('a'), 0);
    cr_assert_eq(gj_text_syllable(0), 0);
    cr_assert_eq(gj_text_syllable(0x3042), 0); /* あ */
    cr_assert_eq(gj_text_syllable(0x1F600), 0);
    cr_assert_eq(gj_text_syllable(0x10FFFF), 0);
    cr_assert_null(gj_text_spelling(0));
    cr_assert_null(gj_text_spelling(GJ_SYLLABLES_MAX - 1));
    cr_assert_null(gj_text_spelling(UINT16_MAX));
}

Test(text_pinyin, spellings_and_ids)
{
    unsigned known = 0;
    for (uint16_t id = 1; id < GJ_SYLLABLES_MAX; id++) {
        const char *spelling = gj_text_spelling(id);
        if (spelling != NULL) {
            known++;
            cr_assert_eq(gj_text_syllable_of(gj_str_of(spelling)), id);
            cr_assert_geq(strlen(spelling), 1);
            cr_assert_leq(strlen(spelling), 6);
            cr_assert_eq(strspn(spelling, "abcdefghijklmnopqrstuvwxyz"), strlen(spelling));
        }
    }
    cr_assert_geq(known, 400);
    cr_assert_eq(gj_text_syllable_of(GJ_STR("")), 0);
    cr_assert_eq(gj_text_syllable_of(GJ_STR("we")), 0);
    cr_assert_eq(gj_text_syllable_of(GJ_STR("weix")), 0);
    cr_assert_eq(gj_text_syllable_of(GJ_STR("zzzzzzzzzzzzz")), 0);
    cr_assert_eq(gj_text_syllable_of((struct gj_str){"weixin", 3}), gj_text_syllable(0x5FAE));
}

/* The common characters all have a reading, and all readings are spelt. */
Test(text_pinyin, initials)
{
    cr_expect_eq(gj_text_initial(U'坚'), gj_text_initial(U'基'));
    cr_expect_neq(gj_text_initial(U'知'), gj_text_initial(U'资'));
    cr_expect_eq(gj_text_initial('a'), 0);
}

Test(text_pinyin, every_code_point)
{
    unsigned without = 0;
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
        uint16_t others[4];
        uint16_t id = gj_text_syllable(cp);
        unsigned count = gj_text_other_readings(cp, others);
        cr_assert(gj_text_initial(cp) < GJ_INITIALS);
        cr_assert(id == 0 || gj_text_spelling(id) != NULL);
        for (unsigned i = 0; i < count; i++) {
            cr_assert_not_null(gj_text_spelling(others[i]));
        }
        without += cp >= 0x4E00 && cp < 0x9FA6 && id == 0;
    }
    cr_assert_leq(without, 100);
}
