/* Tests of room text: the weaker levels, homophones and shapes. */
#include <criterion/criterion.h>

#include <stdlib.h>

#include "text/weak.h"

static const struct gj_shape shapes[] = {
    {GJ_SHAPE_SPLIT, {"加", 3}, {"力口", 6}},   {GJ_SHAPE_LOOKALIKE, {"微", 3}, {"薇", 3}},
    {GJ_SHAPE_LOOKALIKE, {"微", 3}, {"徽", 3}}, {GJ_SHAPE_EMOJI, {"🐧", 4}, {"qq", 2}},
    {GJ_SHAPE_SPLIT, {"拳", 3}, {"𠔉手", 7}},   {GJ_SHAPE_SPLIT, {"掠", 3}, {"才京", 6}},
};
#define SHAPES (sizeof shapes / sizeof shapes[0])
static const struct gj_weak_word words[] = {{.folded = {"微信", 6}, .sound = true, .shape = true},
                                            {.folded = {"加我", 6}, .shape = true},
                                            {.folded = {"退款", 6}, .sound = true},
                                            {.folded = {"河沙", 6}, .shape = true},
                                            {.folded = {"小河水", 9}, .shape = true},
                                            {.folded = {"打拳", 6}, .shape = true},
                                            {.folded = {"不识相", 9}, .sound = true},
                                            {.folded = {"绿茶", 6}, .sound = true, .wary = true},
                                            {.folded = {"掠东", 6}, .shape = true},
                                            {.folded = {"不要狗脸", 12}, .shape = true}};
#define WORDS (sizeof words / sizeof words[0])

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
    struct gj_weak *weak = gj_weak_new(shapes, SHAPES, words, WORDS);
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

Test(text_weak, a_part_beyond_the_first_plane)
{
    cr_expect(finds_word("打𠔉手", 5, GJ_T_SPLIT, "打𠔉手"));
}

Test(text_weak, a_rare_character_stands_for_what_it_looks_like)
{
    cr_expect(finds_word("抲沙", 3, GJ_T_LOOKALIKE, "抲沙"), "not in the table of shapes");
    cr_expect(finds_word("小抲水", 4, GJ_T_LOOKALIKE, "小抲水"), "in second place");
    cr_expect(!finds_word("卝沙", 3, GJ_T_LOOKALIKE, NULL), "rare but not alike");
    cr_expect(!finds_word("抲炒", 3, GJ_T_LOOKALIKE, NULL), "nothing certain beside it");
}

Test(text_weak, a_rare_character_is_not_like_all_that_share_a_part)
{
    cr_expect(finds_word("抲沙", 3, GJ_T_LOOKALIKE, NULL), "half of the parts");
    cr_expect(!finds_word("咈沙", 3, GJ_T_LOOKALIKE, NULL), "one part, another initial");
}

Test(text_weak, a_rare_character_does_not_pay_for_common_ones)
{
    cr_expect(finds_word("不要笱脸", 9, GJ_T_LOOKALIKE, NULL), "one is changed");
    cr_expect(!finds_word("伓要先领", 9, GJ_T_LOOKALIKE, NULL), "a slip among common characters");
}

Test(text_weak, characters_of_dialect_are_everyday)
{
    cr_expect(!finds_word("我哋", 1, GJ_T_LOOKALIKE, NULL));
}

Test(text_weak, parts_that_everyday_words_hold)
{
    cr_expect(finds_word("去才京东买", 8, GJ_T_SPLIT, "才京东"));
    cr_expect(!finds_word("刚才京东快递来过", 8, GJ_T_SPLIT, NULL));
}

Test(text_weak, a_common_character_keeps_the_initial)
{
    cr_expect(finds_word("何沙", 3, GJ_T_LOOKALIKE, "何沙"));
    cr_expect(!finds_word("可沙", 3, GJ_T_LOOKALIKE, NULL), "as alike, but another initial");
    cr_expect(!finds_word("为何沙子", 3, GJ_T_LOOKALIKE, NULL), "everyday words");
}

Test(text_weak, shape_and_sound_mixed)
{
    cr_expect(finds_word("菏铩", 3, GJ_T_LOOKALIKE | GJ_T_HOMOPHONE, "菏铩"));
    cr_expect(!finds_word("河鲨", 3, GJ_T_HOMOPHONE, NULL), "by sound alone it is not tolerated");
}

Test(text_weak, a_star_masks_one_character)
{
    cr_expect(finds_word("很小*水", 4, GJ_T_LOOKALIKE, "小*水"));
    cr_expect(finds_word("小○水", 4, GJ_T_LOOKALIKE, NULL));
    cr_expect(finds_word("不＊狗脸", 9, GJ_T_LOOKALIKE, "不＊狗脸"), "the second of four");
    cr_expect(!finds_word("小*冰", 4, GJ_T_LOOKALIKE, NULL), "all others stand as they are");
    cr_expect(!finds_word("小**水", 4, GJ_T_LOOKALIKE, NULL), "one star");
    cr_expect(!finds_word("小-水", 4, GJ_T_LOOKALIKE, NULL), "a separator");
    cr_expect(!finds_word("河*沙", 3, GJ_T_LOOKALIKE, NULL), "nothing is masked");
    cr_expect(!finds_word("退*款", 2, GJ_T_LOOKALIKE, NULL), "only where shapes are tolerated");
    cr_expect(!finds_word("小*", 4, GJ_T_LOOKALIKE, NULL), "at the end");
}

Test(text_weak, a_long_word_needs_nothing_certain)
{
    cr_expect(finds_word("哘咊涗", 4, GJ_T_LOOKALIKE, "哘咊涗"), "each is rare and alike");
    cr_expect(!finds_word("肖和冰", 4, GJ_T_LOOKALIKE, NULL), "everyday characters");
}

Test(text_weak, a_wary_word_wants_surprise)
{
    cr_expect(finds_word("律茬", 7, GJ_T_HOMOPHONE, NULL));
    cr_expect(!finds_word("绿查", 7, GJ_T_HOMOPHONE, NULL), "characters of every day");
    cr_expect(finds_word("lv茶", 7, GJ_T_PINYIN, NULL), "letters are no accident");
}

Test(text_weak, letters_are_cut_where_they_are_parted)
{
    cr_expect(finds_word("tui kuan", 2, GJ_T_PINYIN, "tui kuan"));
    cr_expect(finds_word("txtui kuan", 2, GJ_T_PINYIN, "tui kuan"), "beside letters that are none");
    cr_expect(!finds_word("txtuikuan", 2, GJ_T_PINYIN, NULL), "which alone would be no pinyin");
}

Test(text_weak, every_second_explained_character_clears_three)
{
    cr_expect(finds_word("布识香", 6, GJ_T_HOMOPHONE, NULL));
    cr_expect(!finds_word("我也不是想走", 6, GJ_T_HOMOPHONE, NULL), "不是 is a word");
}

Test(text_weak, plain_spelling_and_nothing)
{
    cr_expect_eq(scan("微信", NULL).count, 0);
    cr_expect_eq(scan("", NULL).count, 0);
    cr_expect_eq(scan("微", NULL).count, 0);
    cr_expect_eq(scan("今天天气很好，发货快", NULL).count, 0);
}

static bool reads_as(const struct gj_text *text, const char *folded)
{
    struct gj_buf spelling;
    gj_buf_init(&spelling);
    gj_text_spell(text, &spelling);
    bool equal = gj_str_is(gj_buf_str(&spelling), folded);
    gj_buf_release(&spelling);
    return equal;
}

Test(text_weak, emoji_read_as_words)
{
    struct gj_weak *weak = gj_weak_new(shapes, SHAPES, words, WORDS);
    struct gj_text text, read;
    gj_text_init(&text);
    gj_text_init(&read);
    cr_assert_eq(gj_text_fold(&text, GJ_STR("加🐧123")), 0);
    cr_assert_eq(gj_weak_read_emoji(weak, &read, &text), 1);
    cr_assert(reads_as(&read, "加qq123"));
    cr_assert_eq(gj_text_fold(&text, GJ_STR("加😀123")), 0);
    cr_assert_eq(gj_weak_read_emoji(weak, &read, &text), 0);
    gj_text_release(&text);
    gj_text_release(&read);
    gj_weak_free(weak);
}

Test(text_weak, disguises_read_as_meant)
{
    struct gj_weak *weak = gj_weak_new(shapes, SHAPES, words, WORDS);
    struct gj_text text, read;
    struct gj_disguise disguises[] = {
        {2, 5, 12, GJ_T_PINYIN}, {0, 1, 2, GJ_T_HOMOPHONE}, {3, 2, 3, GJ_T_LOOKALIKE}};
    gj_text_init(&text);
    gj_text_init(&read);
    cr_assert_eq(gj_text_fold(&text, GJ_STR("加薇欣办,tui kuan哦")), 0);
    cr_assert_eq(gj_weak_read_meant(weak, &read, &text, disguises, 3), 0);
    cr_expect(reads_as(&read, "加微信办,退款哦"));
    cr_expect_eq(read.units[1].transforms & GJ_T_WEAK, GJ_T_HOMOPHONE);
    cr_expect_eq(read.units[6].index, 12, "the last character stands for the last unit");
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

/* ---- the tables as bytes ---- */

static const char sample[] = "请加薇欣，力口我，腿款";

static struct finds scan_with(const struct gj_weak *weak)
{
    struct gj_weak_scratch scratch;
    struct gj_text text;
    struct finds finds = {0};
    gj_weak_scratch_init(&scratch);
    gj_text_init(&text);
    cr_assert_eq(gj_text_fold(&text, gj_str_of(sample)), 0);
    cr_assert_eq(gj_weak_scan(weak, &scratch, &text, note, &finds), 0);
    gj_text_release(&text);
    gj_weak_scratch_release(&scratch);
    return finds;
}

Test(text_weak, tables_are_read_in_place)
{
    struct gj_weak *weak = gj_weak_new(shapes, SHAPES, words, WORDS);
    struct gj_weak *again = gj_weak_open(gj_weak_image(weak), WORDS, false);
    cr_assert_not_null(again);
    cr_expect(gj_weak_image(again).ptr == gj_weak_image(weak).ptr, "nothing is copied");
    struct finds first = scan_with(weak), second = scan_with(again);
    cr_expect_eq(first.count, 4, "薇欣 by sound, and by shape and sound");
    cr_expect_arr_eq(&first, &second, sizeof first);
    cr_expect_null(gj_weak_open(gj_weak_image(weak), WORDS - 1, false), "tables of other words");
    gj_weak_free(again);
    gj_weak_free(weak);
}

Test(text_weak, broken_tables_do_not_crash)
{
    struct gj_weak *weak = gj_weak_new(shapes, SHAPES, words, WORDS);
    struct gj_str image = gj_weak_image(weak);
    char *copy =
        malloc(image.len); /* of its exact size, so that the sanitizer sees each step beyond */
    cr_assert_not_null(copy);
    memcpy(copy, image.ptr, image.len);
    for (size_t len = 0; len < image.len; len += len < 400 ? 1 : 977) {
        cr_expect_null(gj_weak_open((struct gj_str){copy, len}, WORDS, false), "cut to %zu bytes",
                       len);
    }
    static const unsigned char flips[] = {0x01, 0x80, 0xFF};
    for (size_t at = 0; at < image.len; at += at < 1000 ? 1 : 31) {
        for (size_t f = 0; f < sizeof flips; f++) {
            copy[at] = (char)((unsigned char)copy[at] ^ flips[f]);
            struct gj_weak *changed = gj_weak_open((struct gj_str){copy, image.len}, WORDS, false);
            if (changed != NULL) {
                scan_with(changed);
            }
            gj_weak_free(changed);
            copy[at] = (char)((unsigned char)copy[at] ^ flips[f]);
        }
    }
    free(copy);
    gj_weak_free(weak);
}
