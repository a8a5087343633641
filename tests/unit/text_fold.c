/* Tests of room text: folding. What folds to what, that places lead back to the original, and a
 * property test over random valid UTF-8 and over every code point. */
#include <criterion/criterion.h>

#include <stdlib.h>

#include "base/utf8.h"
#include "text/text.h"

/* Whether this is what is scanned. */
static bool reads_as(const struct gj_text *text, const char *folded)
{
    struct gj_buf spelling;
    gj_buf_init(&spelling);
    gj_text_spell(text, &spelling);
    bool equal = gj_str_is(gj_buf_str(&spelling), folded);
    if (!equal) {
        cr_log_error("it reads \"%.*s\"", (int)spelling.len, spelling.ptr);
    }
    gj_buf_release(&spelling);
    return equal;
}

static void check_fold(const char *original, const char *folded, int line)
{
    struct gj_text text;
    gj_text_init(&text);
    cr_assert_eq(gj_text_fold(&text, gj_str_of(original)), 0);
    cr_assert(reads_as(&text, folded), "line %d: \"%s\" does not fold to \"%s\"", line, original,
              folded);
    gj_text_release(&text);
}

#define FOLDS(original, folded) check_fold(original, folded, __LINE__)

/* The transforms of the first unit. */
static unsigned transforms_of(const char *original)
{
    struct gj_text text;
    gj_text_init(&text);
    cr_assert_eq(gj_text_fold(&text, gj_str_of(original)), 0);
    unsigned transforms = text.unit_count > 0 ? text.units[0].transforms : 0;
    gj_text_release(&text);
    return transforms;
}

Test(text_fold, empty)
{
    struct gj_text text;
    gj_text_init(&text);
    cr_assert_eq(gj_text_fold(&text, GJ_STR("")), 0);
    cr_assert_eq(text.unit_count, 0);
    cr_assert_eq(text.folded_len, 0);
    cr_assert_eq(text.code_points, 0);
    cr_assert_not(text.has_run);
    cr_assert_not(text.has_emoji);
    cr_assert_eq(text.length, 0);
    gj_text_release(&text);
}

Test(text_fold, width_and_case)
{
    FOLDS("ＷｅＩxＩN", "weixin");
    FOLDS("１２３，４", "123,4");
    FOLDS("ｶﾞ", "カ");
    FOLDS("ﬃ", "ffi");
    FOLDS("Ⅷ Ⅴ", "viiiv");
    FOLDS("㎏㏄℡", "kgcctel");
    FOLDS("￥20", "¥20");
    cr_assert_eq(transforms_of("Ａ"), GJ_T_WIDTH | GJ_T_CASE);
    cr_assert_eq(transforms_of("A"), GJ_T_CASE);
    cr_assert_eq(transforms_of("a"), 0);
    cr_assert_eq(transforms_of("，"), GJ_T_WIDTH);
}

Test(text_fold, styled_letters_and_digits)
{
    FOLDS("🅰🄰ⓐ⒜🅐🆀🇶", "aaaaaqq");
    FOLDS("1️⃣❶➀⓵①⒈⑴¹₁", "111111111");
    FOLDS("🄋⓿０⁰𝟎", "00000");
    FOLDS("⑩⑳㊿⓫", "10205011");
    FOLDS("㊀㈠", "一一");
    FOLDS("𝓐𝔅𝕔𝖉𝚎", "abcde");
    FOLDS("Ⓕⓤc⒦", "fuck");
    FOLDS("9⓿二肆⁹₈③⑸⒋➃㈤㊄", "90二肆983544五五");
    FOLDS("🆔🆗", "idok");
    FOLDS("٣३", "33");
    cr_assert_eq(transforms_of("ⓐ"), GJ_T_CONFUSABLE);
    cr_assert_eq(transforms_of("🅰"), GJ_T_CONFUSABLE);
    cr_assert_eq(transforms_of("①"), GJ_T_CONFUSABLE);
    cr_assert_eq(transforms_of("㈠"), GJ_T_WIDTH);
}

Test(text_fold, confusables)
{
    FOLDS("ВЕСНАТ", "bechat");
    FOLDS("ᴠᴡѕᎪꓪ", "vwsaw");
    FOLDS("Νν∨", "nvv");
    FOLDS("Іі", "ii");
    FOLDS("ⅴⅹ", "vx");
    FOLDS("wēixìn Ünï ñ ø đ", "weixinuninod");
    FOLDS("➕V ＋v", "+v+v");
    FOLDS("50×50", "50x50");
    cr_assert_eq(transforms_of("В"), GJ_T_CONFUSABLE | GJ_T_CASE);
    cr_assert_eq(transforms_of("а"), GJ_T_CONFUSABLE);
}

Test(text_fold, other_letters_stay)
{
    FOLDS("カがー", "カがー");
    FOLDS("한글", "한글");
    FOLDS("ไทย", "ไทย");
    FOLDS("я", "я");
    FOLDS("™®©", "");
    FOLDS("37º", "37");
}

Test(text_fold, traditional)
{
    FOLDS("錢後裡麵發體國際", "钱后里面发体国际");
    FOLDS("我爱我的祖国和五星紅旗。", "我爱我的祖国和五星红旗!");
    FOLDS("貳參肆", "贰参肆");
    FOLDS("關於", "关于");
    FOLDS("优惠劵", "优惠券"); /* in neither table, but typed so */
    cr_assert_eq(transforms_of("錢"), GJ_T_TRADITIONAL);
    cr_assert_eq(transforms_of("钱"), 0);
}

/* Characters of the simplified standard that are also traditional forms of others. */
Test(text_fold, simplified_never_changes)
{
    FOLDS("干后里台着余著乾几只面云松谷斗丑征升", "干后里台着余著乾几只面云松谷斗丑征升");
    FOLDS("微信薇信加群支付宝银行卡", "微信薇信加群支付宝银行卡");
}

Test(text_fold, radicals)
{
    FOLDS("⼀⼈⽔⽕", "一人水火");
    FOLDS("⺀⺁", "冫厂");
    FOLDS("豈", "岂"); /* a compatibility ideograph */
}

Test(text_fold, marks)
{
    FOLDS("你好，在的。吗？好！a;b…c：d、e", "你好,在的!吗?好!a!b!c:d,e");
    FOLDS("a\nb\r\nc", "a!b!!c");
    FOLDS("?!,:", "?!,:");
    FOLDS("❗❓‼", "!?!");
}

Test(text_fold, separators)
{
    FOLDS("微 信.微·信-微_信*微~信/微|信#微=信", "微信微信微信微信微信微信");
    FOLDS("【微】「信」《a》(b)[c]{d}“e”", "微信abcde");
    FOLDS("微\t信　微❤️信", "微信微信");
    FOLDS("傻@冒，狗+东西", "傻@冒,狗+东西");
    FOLDS("<p>傻逼</p>", "p傻逼p");
    FOLDS("fuck al[]l", "fuckall");
    FOLDS("我是【中]国【人", "我是中国人");
    FOLDS("王@@八***羔 子112334", "王@@八羔子112334");
    FOLDS("拼多少，多少多", "拼多少,多少多");
}

Test(text_fold, invisible)
{
    FOLDS("微\u200B信", "微信");
    FOLDS("微\u0301\u20DD信\uFE0F", "微信");
    FOLDS("\u202E微\u2060\uFEFF\u00AD信\u3164\u115F", "微信");
    FOLDS("a\x01\x7F\xC2\x85"
          "b",
          "ab");
    FOLDS("\U000E0061x\U000E0100", "x");
    FOLDS("\uFFFD", "");
    struct gj_text text;
    gj_text_init(&text);
    cr_assert_eq(gj_text_fold(&text, GJ_STR("微\u200B信")), 0);
    cr_assert_eq(text.unit_count, 2);
    cr_assert_eq(text.code_points, 3);
    cr_assert_eq(text.units[0].transforms, GJ_T_INVISIBLE);
    cr_assert_eq(text.units[1].index, 2);
    cr_assert_eq(gj_text_fold(&text, ((struct gj_str){"a\0b", 3})), 0);
    cr_assert_eq(text.folded_len, 2, "NUL is invisible");
    gj_text_release(&text);
}

Test(text_fold, counts_and_flags)
{
    struct gj_text text;
    gj_text_init(&text);
    cr_assert_eq(gj_text_fold(&text, GJ_STR("一共 3 件, ab微微❤")), 0);
    cr_assert_eq(text.digits, 2);
    cr_assert_eq(text.letters, 2);
    cr_assert(text.has_run);
    cr_assert(text.has_emoji);
    cr_assert_eq(text.length, 8);
    cr_assert_eq(gj_text_fold(&text, GJ_STR("微,微 11")), 0);
    cr_assert_not(text.has_run, "a mark parts, and digits are no run");
    cr_assert_eq(gj_text_fold(&text, GJ_STR("微 微")), 0);
    cr_assert(text.has_run, "separators do not part");
    gj_text_release(&text);
}

Test(text_fold, places)
{
    struct gj_text text;
    gj_text_init(&text);
    cr_assert_eq(gj_text_fold(&text, GJ_STR("a㎏ 錢")), 0);
    cr_assert_eq(text.unit_count, 5); /* a k g space 钱 */
    cr_assert_eq(text.units[1].begin, 1);
    cr_assert_eq(text.units[2].begin, 1);
    cr_assert_eq(text.units[2].index, 1);
    cr_assert_eq(text.units[4].begin, 5);
    cr_assert_eq(text.units[4].index, 3);
    struct gj_str slice = gj_text_slice(&text, 1, 4);
    cr_assert(gj_str_is(slice, "㎏ 錢"));
    cr_assert(gj_str_is(gj_text_slice(&text, 0, 0), "a"));
    cr_assert_eq(text.unit_of[0], 0);
    cr_assert_eq(text.unit_of[2], 2);
    cr_assert_eq(text.unit_of[3], 4);
    cr_assert_eq(text.folded_len, 4);
    gj_text_release(&text);
}

Test(text_fold, one_to_many_at_the_end)
{
    struct gj_text text;
    gj_text_init(&text);
    for (int round = 0; round < 2; round++) { /* also into arrays that are there */
        char many[3 * 200 + 1] = "";
        for (int i = 0; i < 200; i++) {
            strcat(many, "ﷺ"); /* the longest: 18 code points */
        }
        cr_assert_eq(gj_text_fold(&text, gj_str_of(many)), 0);
        cr_assert_eq(text.code_points, 200);
        cr_assert_eq(text.unit_count, 200 * 18);
        cr_assert_eq(text.units[text.unit_count - 1].begin, 199 * 3);
    }
    gj_text_release(&text);
}

Test(text_fold, words)
{
    struct gj_buf out;
    gj_buf_init(&out);
    gj_text_fold_word(GJ_STR("Wei-Xin，錢 ❤️＋"), &out);
    cr_assert(gj_str_is(gj_buf_str(&out), "weixin钱❤+"), "%s", out.ptr);
    gj_buf_reset(&out);
    gj_text_fold_word(GJ_STR(" ，。"), &out);
    cr_assert_eq(out.len, 0);
    gj_text_fold_word(GJ_STR("㎏"), &out);
    cr_assert(gj_str_is(gj_buf_str(&out), "kg"));
    gj_buf_release(&out);
}

static void check_collapse(const char *original, const char *folded)
{
    struct gj_text text, out;
    gj_text_init(&text);
    gj_text_init(&out);
    cr_assert_eq(gj_text_fold(&text, gj_str_of(original)), 0);
    cr_assert_eq(gj_text_collapse(&out, &text), 0);
    cr_assert(reads_as(&out, folded), "\"%s\" does not collapse to \"%s\"", original, folded);
    cr_assert_not(out.has_run);
    gj_text_release(&text);
    gj_text_release(&out);
}

Test(text_fold, collapse)
{
    check_collapse("微微微信信", "微信");
    check_collapse("ⒻⒻⒻfⓤuⓤ⒰cⓒ⒦ the", "fuckthe");
    check_collapse("微.微.信", "微信");
    check_collapse("asssert allll", "asertal");
    check_collapse("1100", "1100");
    check_collapse("微,微", "微,微");
    check_collapse("", "");
    struct gj_text text, out;
    gj_text_init(&text);
    gj_text_init(&out);
    cr_assert_eq(gj_text_fold(&text, GJ_STR("我微 微信")), 0);
    cr_assert_eq(gj_text_collapse(&out, &text), 0);
    cr_assert_eq(out.unit_count, 4);
    cr_assert_eq(out.units[0].transforms, 0);
    cr_assert_eq(out.units[1].transforms, GJ_T_REPEAT);
    cr_assert_eq(out.units[1].index, 1, "the first of the run");
    cr_assert_eq(out.units[3].transforms, 0);
    cr_assert_eq(out.code_points, 5);
    cr_assert(gj_str_is(gj_text_slice(&out, 1, 3), "微 微信"));
    gj_text_release(&text);
    gj_text_release(&out);
}

Test(text_fold, names)
{
    cr_assert_str_eq(gj_transform_name(GJ_T_WIDTH), "width");
    cr_assert_str_eq(gj_transform_name(GJ_T_SEPARATORS), "separators");
    cr_assert_str_eq(gj_transform_name(GJ_T_EMOJI), "emoji");
    cr_assert_str_eq(gj_transform_name((enum gj_transform)(GJ_T_EMOJI << 1)), "unknown");
}

Test(text_fold, digits)
{
    static const char *const values[10] = {"0零〇○", "1一壹幺", "2二贰", "3三叁", "4四肆",
                                           "5五伍",  "6六陆",   "7七柒", "8八捌", "9九玖"};
    for (int value = 0; value < 10; value++) {
        for (const char *at = values[value]; *at != '\0';) {
            unsigned len;
            cr_assert_eq(gj_text_digit(gj_utf8_decode(at, &len)), value);
            at += len;
        }
    }
    cr_assert_eq(gj_text_digit(0x5341), -1); /* 十 */
    cr_assert_eq(gj_text_digit('a'), -1);
    cr_assert_eq(gj_text_digit('/'), -1);
    cr_assert_eq(gj_text_digit(':'), -1);
}

/* ---- properties ---- */

static void check_units(const struct gj_text *text)
{
    uint32_t index = 0, counted = 0;
    for (size_t u = 0, at = 0; at < text->original.len; index++) {
        unsigned len;
        gj_utf8_decode(text->original.ptr + at, &len);
        while (u < text->unit_count && text->units[u].begin == at) {
            cr_assert_eq(text->units[u].index, index);
            cr_assert_leq(text->units[u].class_, GJ_U_EMOJI);
            u++;
            counted++;
        }
        at += len;
    }
    cr_assert_eq(counted, text->unit_count, "each unit begins at a code point, in order");
    cr_assert_eq(index, text->code_points);
    size_t at = 0, uncounted = 0;
    for (uint32_t u = 0; u < text->unit_count; u++) {
        uncounted += text->units[u].class_ > GJ_U_DIGIT;
        if (text->units[u].class_ < GJ_U_SEPARATOR) {
            cr_assert_lt(at, text->folded_len);
            cr_assert_eq(text->folded[at], text->units[u].cp);
            cr_assert_eq(text->unit_of[at++], u);
        }
    }
    cr_assert_eq(at, text->folded_len);
    cr_assert_eq(text->length, text->unit_count - uncounted);
}

/* Folds, checks the places, and folds the result once more: it must not change. */
static void check_properties(struct gj_text *text, struct gj_text *again, struct gj_str original)
{
    cr_assert_eq(gj_text_fold(text, original), 0);
    check_units(text);
    struct gj_buf folded;
    gj_buf_init(&folded);
    gj_text_spell(text, &folded);
    cr_assert_eq(gj_utf8_valid_prefix(gj_buf_str(&folded)), folded.len);
    cr_assert_eq(gj_text_fold(again, gj_buf_str(&folded)), 0);
    cr_assert_eq(again->folded_len, text->folded_len);
    for (size_t i = 0; i < text->folded_len; i++) {
        cr_assert_eq(again->folded[i], text->folded[i]);
    }
    for (size_t u = 0; u < again->unit_count; u++) {
        cr_assert_eq(again->units[u].transforms, 0, "folding what is folded takes nothing");
    }
    cr_assert_eq(gj_text_collapse(again, text), 0);
    cr_assert_not(again->has_run);
    cr_assert_leq(again->unit_count, text->unit_count);
    gj_buf_release(&folded);
}

Test(text_fold, every_code_point)
{
    struct gj_text text, again;
    gj_text_init(&text);
    gj_text_init(&again);
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
        char bytes[4];
        if (cp < 0xD800 || cp > 0xDFFF) {
            check_properties(&text, &again, (struct gj_str){bytes, gj_utf8_encode(cp, bytes)});
        }
    }
    gj_text_release(&text);
    gj_text_release(&again);
}

static uint64_t random_next(uint64_t *state) /* xorshift64 */
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* A code point from where messages, or disguises, come from. */
static uint32_t random_cp(uint64_t *state)
{
    static const uint32_t ranges[][2] = {
        {0, 0x7F},          {0x80, 0x2FF},      {0x370, 0x52F},     {0x2000, 0x2BFF},
        {0x2E80, 0x33FF},   {0x4E00, 0x9FFF},   {0xF900, 0xFFFF},   {0x1D400, 0x1D7FF},
        {0x1F100, 0x1F1FF}, {0x1F300, 0x1FAFF}, {0xE0000, 0xE01FF}, {0, 0x10FFFF},
    };
    uint64_t r = random_next(state);
    const uint32_t *range = ranges[r % (sizeof ranges / sizeof *ranges)];
    uint32_t cp = range[0] + (uint32_t)((r >> 32) % (range[1] - range[0] + 1));
    return cp >= 0xD800 && cp <= 0xDFFF ? 0x5FAE : cp;
}

Test(text_fold, random_texts)
{
    struct gj_text text, again;
    const char *seed = getenv("GJ_SEED");
    uint64_t state = seed != NULL ? strtoull(seed, NULL, 10) | 1 : 20260301;
    gj_text_init(&text);
    gj_text_init(&again);
    for (int round = 0; round < 20000; round++) {
        char bytes[4 * 64];
        size_t len = 0, count = random_next(&state) % 64;
        uint32_t cp = 0;
        for (size_t i = 0; i < count; i++) {
            cp = i > 0 && random_next(&state) % 4 == 0 ? cp : random_cp(&state);
            len += gj_utf8_encode(cp, bytes + len);
        }
        check_properties(&text, &again, (struct gj_str){bytes, len});
    }
    gj_text_release(&text);
    gj_text_release(&again);
}
