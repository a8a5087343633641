/* Tests of room text: the weaker levels, homophones and shapes. */
#include <criterion/criterion.h>

#include "text/weak.h"

static const struct gj_shape shapes[] = {
    {GJ_SHAPE_SPLIT, {"加", 3}, {"力口", 6}},
    {GJ_SHAPE_LOOKALIKE, {"微", 3}, {"薇", 3}},
    {GJ_SHAPE_LOOKALIKE, {"微", 3}, {"徽", 3}},
    {GJ_SHAPE_EMOJI, {"🐧", 4}, {"qq", 2}},
};
static const struct gj_weak_word words[] = {
    {{"微信", 6}, true, true}, {{"加我", 6}, false, true}, {{"退款", 6}, true, false}};

struct finds {
    uint32_t word[32], first[32], last[32];
    uint16_t transforms[32];
    size_t count;
};

static void note(void *context, uint32_t word, uint32_t first, uint32_t last, uint16_t transforms)
{
    struct finds *f = context;
    if (f->count < 32) {
        f->word[f->count] = word;
        f->first[f->count] = first;
        f->last[f->count] = last;
        f->transforms[f->count++] = transforms;
    }
}

static struct finds scan(const char *original, struct gj_str *slice)
{
    struct gj_weak *weak = gj_weak_new(shapes, 4, words, 3);
    struct gj_weak_scratch scratch;
    struct gj_text text;
    struct finds finds = {0};
    gj_weak_scratch_init(&scratch);
    gj_text_init(&text);
    cr_assert_not_null(weak);
    cr_assert_eq(gj_text_fold(&text, gj_str_of(original)), 0);
    cr_assert_eq(gj_weak_scan(weak, &scratch, &text, note, &finds), 0);
    for (size_t i = 0; i < finds.count; i++) {
        cr_assert(finds.first[i] <= finds.last[i] && finds.last[i] < text.unit_count);
        cr_assert((finds.transforms[i] & GJ_T_WEAK) != 0, "a plain spelling is not its find");
    }
    if (finds.count > 0 && slice != NULL) {
        *slice = gj_text_slice(&text, finds.first[0], finds.last[0]);
    }
    gj_text_release(&text);
    gj_weak_scratch_release(&scratch);
    gj_weak_free(weak);
    return finds;
}

static bool finds_word(const char *original, uint32_t word, uint16_t transforms, const char *slice)
{
    struct gj_str found = {0};
    struct finds finds = scan(original, &found);
    for (size_t i = 0; i < finds.count; i++) {
        if (finds.word[i] == word && (finds.transforms[i] & transforms) == transforms) {
            return slice == NULL || gj_str_is(found, slice);
        }
    }
    return false;
}

Test(text_weak, homophones)
{
    cr_expect(finds_word("请加薇欣谢谢", 0, GJ_T_HOMOPHONE, "薇欣"));
    cr_expect(finds_word("腿款", 2, GJ_T_HOMOPHONE, "腿款"));
    cr_expect(!finds_word("家我", 1, GJ_T_HOMOPHONE, NULL), "only where it is tolerated");
}

Test(text_weak, pinyin_letters)
{
    cr_expect(finds_word("加weixin哦", 0, GJ_T_PINYIN, NULL));
    cr_expect(finds_word("微xin", 0, GJ_T_PINYIN, "微xin"));
    cr_expect(finds_word("tui款", 2, GJ_T_PINYIN, "tui款"));
}

Test(text_weak, shapes)
{
    cr_expect(finds_word("力口我", 1, GJ_T_SPLIT, "力口我"));
    cr_expect(finds_word("徽信", 0, GJ_T_LOOKALIKE, "徽信"));
    cr_expect(!finds_word("力我", 1, GJ_T_SPLIT, NULL));
}

Test(text_weak, plain_spelling_and_nothing)
{
    cr_expect_eq(scan("微信", NULL).count, 0);
    cr_expect_eq(scan("", NULL).count, 0);
    cr_expect_eq(scan("微", NULL).count, 0);
    cr_expect_eq(scan("今天天气很好，发货快", NULL).count, 0);
}

Test(text_weak, emoji_read_as_words)
{
    struct gj_weak *weak = gj_weak_new(shapes, 4, words, 3);
    struct gj_text text, read;
    gj_text_init(&text);
    gj_text_init(&read);
    cr_assert_eq(gj_text_fold(&text, GJ_STR("加🐧123")), 0);
    cr_assert_eq(gj_weak_read_emoji(weak, &read, &text), 1);
    cr_assert(gj_str_is((struct gj_str){read.folded, read.folded_len}, "加qq123"));
    cr_assert_eq(gj_text_fold(&text, GJ_STR("加😀123")), 0);
    cr_assert_eq(gj_weak_read_emoji(weak, &read, &text), 0);
    gj_text_release(&text);
    gj_text_release(&read);
    gj_weak_free(weak);
}

Test(text_weak, no_words_at_all)
{
    struct gj_weak *weak = gj_weak_new(NULL, 0, NULL, 0);
    struct gj_weak_scratch scratch;
    struct gj_text text;
    struct finds finds = {0};
    gj_weak_scratch_init(&scratch);
    gj_text_init(&text);
    cr_assert_not_null(weak);
    cr_assert_eq(gj_text_fold(&text, GJ_STR("薇欣🐧")), 0);
    cr_assert_eq(gj_weak_scan(weak, &scratch, &text, note, &finds), 0);
    cr_assert_eq(finds.count, 0);
    gj_text_release(&text);
    gj_weak_scratch_release(&scratch);
    gj_weak_free(weak);
}
