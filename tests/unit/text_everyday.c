/* Tests of room text: how surprising a stretch of a text is. */
#include <criterion/criterion.h>

#include "text/everyday.h"

/* Bits of surprise at characters first..last. */
static unsigned bits(const char *original, uint32_t first, uint32_t last)
{
    struct gj_text text;
    gj_text_init(&text);
    cr_assert_eq(gj_text_fold(&text, gj_str_of(original)), 0);
    unsigned surprise = gj_everyday_surprise(&text, first, last);
    gj_text_release(&text);
    return surprise / GJ_COST_BIT;
}

Test(text_everyday, words_around_explain_a_stretch)
{
    cr_expect_lt(bits("业务信息", 1, 2), bits("务信", 0, 1));
    cr_expect_lt(bits("孔乙己的", 1, 2), bits("乙己的", 0, 1), "a word of three");
    cr_expect_lt(bits("业·务·信·息", 2, 4), bits("务信", 0, 1), "separators part no word");
    cr_expect_eq(bits("业务,信息", 1, 1), bits("业务,", 1, 1), "a mark does");
}

Test(text_everyday, rare_characters_surprise_more)
{
    cr_expect_lt(bits("我的", 0, 1), 20);
    cr_expect_gt(bits("抲卝", 0, 1), 50);
    cr_expect_lt(bits("退款", 0, 1), bits("腿款", 0, 1));
}

Test(text_everyday, talk_is_everyday)
{
    cr_expect_leq(bits("哦", 0, 0), 9);
    cr_expect_leq(bits("噢", 0, 0), 9);
    cr_expect_leq(bits("哋", 0, 0), 20, "of dialect, nowhere in the dictionary");
    cr_expect_gt(bits("坓", 0, 0), 24, "rare");
}

Test(text_everyday, pairs_in_frequent_use)
{
    cr_expect(gj_everyday_is_usual(U'业', U'务') && gj_everyday_is_usual(U'退', U'款'));
    cr_expect(!gj_everyday_is_usual(U'务', U'信') && !gj_everyday_is_usual('a', 'b'));
}

Test(text_everyday, any_stretch)
{
    char long_text[400];
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    cr_expect_leq(bits(long_text, 0, 398), 64 * 4, "what is too long is cut");
    cr_expect_eq(bits(",", 0, 0), 0);
    cr_expect_gt(bits("龘", 0, 0), 20);
}
