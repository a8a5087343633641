/* Tests of room judge: what each operator of a condition says of a text. */
#include <time.h>

#include "book_support.h"

#define WORDS                                                     \
    "lexicon: a\nwords: [甲甲, 甲]\n---\n"                     \
    "lexicon: b\nwords: [乙]\nfold: [homophone]\n---\n"          \
    "lexicon: use\nwords: [用甲]\n---\n"                        \
    "lexicon: long\n"                                             \
    "words: [甲丙乙丙, 甲拒收丙, 微信号, 没法丙]\n" \
    "fold: [homophone]\n---\n"                                    \
    "hosts: own\nlist: [shop.com]\n"

/* Whether `when` finds something in the text. */
static bool holds(const char *when, const char *text)
{
    struct gj_buf extra;
    gj_buf_init(&extra);
    gj_buf_addf(&extra, "%s%ssuggest: review\napplies: true\nwhen: '%s'\n", WORDS, RULE("here.x"),
                when);
    struct desk desk = small_desk(extra.ptr);
    bool found = judge(&desk, "here", text)->hit_count > 0;
    desk_close(&desk);
    gj_buf_release(&extra);
    return found;
}

#define YES(when, text) cr_expect(holds(when, text), "line %d: %s", __LINE__, text)
#define NO(when, text)  cr_expect(!holds(when, text), "line %d: %s", __LINE__, text)

Test(judge_operate, hit_and_count)
{
    YES("hit(\"a\")", "有甲");
    NO("hit(\"a\")", "有乙");
    NO("hit(\"a\") && hit(\"b\")", "甲");
    YES("!hit(\"a\")", "什么也没有");
    YES("count(\"b\") == 3", "乙 乙，乙");
    YES("count(\"b\") == 0", "甲");
}

Test(judge_operate, near)
{
    YES("near(\"a\", \"b\", 0)", "甲乙");
    YES("near(\"a\", \"b\", 0)", "乙甲");
    NO("near(\"a\", \"b\", 0)", "甲三乙");
    YES("near(\"a\", \"b\", 1)", "甲三乙");
    YES("near(\"a\", \"b\", 5)", "乙一二三四五甲");
    NO("near(\"a\", \"b\", 4)", "乙一二三四五甲");
    NO("near(\"a\", \"b\", 200)", "甲");
    NO("near(\"a\", \"a\", 200)", "甲");
    YES("near(\"a\", \"a\", 1)", "甲三甲");
}

/* A match may be longer than any distance: what counts is where it ends. */
Test(judge_operate, near_a_long_match)
{
#define URL                                                                                 \
    "https://shop.com/a/very/long/path/that/goes/on/and/on/without/any/need/for/it/at/all/" \
    "item.htm?id=123456789012&spm=abcdefghijklmnopqrstuvwxyz"
    YES("near(\"@url\", \"b\", 2)", URL " 乙");
    YES("near(\"b\", \"@url\", 2)", URL " 乙");
    YES("before(\"@url\", \"b\", 2)", URL " 乙");
    NO("before(\"@url\", \"b\", 2)", "乙 " URL);
    NO("near(\"@url\", \"b\", 2)", URL " 一二三乙");
}

Test(judge_operate, before)
{
    YES("before(\"a\", \"b\", 2)", "甲一二乙");
    NO("before(\"a\", \"b\", 2)", "乙一二甲");
    NO("before(\"a\", \"b\", 1)", "甲一二乙");
    YES("before(\"a\", \"b\", 1)", "甲一二乙甲一乙");
}

Test(judge_operate, same_clause)
{
    YES("same_clause(\"a\", \"b\")", "乙和甲");
    NO("same_clause(\"a\", \"b\")", "乙，甲");
    NO("same_clause(\"a\", \"b\")", "甲。乙");
    YES("same_clause(\"a\", \"b\")", "甲。乙甲");
#define TEN     "一二三四五六七八九十"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
    YES("same_clause(\"a\", \"b\")", "甲" HUNDRED HUNDRED HUNDRED "乙");
    NO("same_clause(\"a\", \"b\")", "甲" HUNDRED HUNDRED "，" HUNDRED "乙");
}

Test(judge_operate, meant)
{
    YES("meant(\"a\")", "甲");
    NO("meant(\"a\")", "乙");
    NO("meant(\"a\")", "不要甲");
    YES("meant(\"a\")", "不要甲，要甲");
    NO("meant(\"a\")", "甲一二拒收");
    NO("meant(\"a\")", "甲一二三四五六七八九十拒收");
    YES("meant(\"a\")", "甲一二三四五六七八九十一拒收");
    YES("meant(\"a\")", "甲，拒收");
    YES("meant(\"a\")", "甲拒收。甲");
    YES("meant(\"a\")", "这里拒收的话甲拒收"); /* refused is something else */
    YES("meant(\"long\")", "甲拒收丙");        /* the refusal is part of what is said */
    NO("meant(\"long\")", "甲拒收丙拒收");
    YES("meant(\"long\")", "微信号没法丙一二三四五六七八九拒收"); /* 没法 is; 拒收 is too far */
    NO("meant(\"long\")", "微信号没法丁一二三四五六七八九拒收");
    NO("meant(\"a\")", "您说甲，这里没法办");
    YES("meant(\"a\")", "您说甲，可以办");
    YES("meant(\"a\")", "您说甲，这里没法办，甲");
}

Test(judge_operate, disguised)
{
    NO("disguised(\"b\")", "乙");
    NO("disguised(\"b\")", "没有");
    YES("disguised(\"long\")", "我的weixinhao"); /* by sound */
    NO("disguised(\"long\")", "我的微信号");
    YES("disguised(\"long\")", "甲.丙乙丙");
    YES("disguised(\"long\")", "甲\u200b丙乙丙");
    NO("disguised(\"long\")", "甲丙乙丙");
    NO("disguised(\"@phone\")", "打13800138000");
    NO("disguised(\"@phone\")", "打138 0013 8000");
    YES("disguised(\"@phone\")", "打①③⑧零零一三八零零零");
}

Test(judge_operate, negated_and_asserted)
{
    YES("negated(\"a\")", "不要甲");
    YES("negated(\"a\")", "没有一二三甲");
    NO("negated(\"a\")", "不一二三四五六七甲");
    NO("negated(\"a\")", "不，甲");
    NO("negated(\"a\")", "没有丙就甲"); /* the condition is negated */
    YES("negated(\"a\")", "没有丙就不甲");
    NO("negated(\"a\")", "不好意思甲");
    NO("negated(\"a\")", "不要甲，要甲");
    NO("negated(\"a\")", "没有乙");
    YES("asserted(\"a\")", "不要甲，要甲");
    NO("asserted(\"a\")", "不要甲");
    NO("asserted(\"a\")", "乙");
    YES("negated(\"use\")", "不用甲"); /* 不 + 用甲, though 不用 is a negation as well */
    NO("negated(\"use\")", "要用甲");
}

Test(judge_operate, asked)
{
    YES("asked(\"a\")", "要甲吗");
    YES("asked(\"a\")", "要甲？");
    YES("asked(\"a\")", "是否要甲");
    NO("asked(\"a\")", "要甲");
    NO("asked(\"a\")", "要甲吗，要甲");
    NO("asked(\"a\")", "要乙吗");
    YES("asked(\"a\")", "要甲没有");
    NO("asked(\"a\")", "要甲都没有");
    YES("asked(\"a\")", "是否要甲都没有");
}

Test(judge_operate, quoted)
{
    YES("quoted(\"a\")", "他写“甲”");
    YES("quoted(\"a\")", "他写\"甲\"");
    YES("quoted(\"a\")", "他写「甲」");
    YES("quoted(\"a\")", "他写“一二三甲”");
    YES("quoted(\"a\")", "他写『一二甲』");
    YES("quoted(\"a\")", "他写‘一二甲’");
    YES("quoted(\"a\")", "他写“乙「丙」甲”"); /* inside the outer one still */
    NO("quoted(\"a\")", "他写“乙”和『丙』，甲");
    NO("quoted(\"a\")", "「甲」"); /* one quotation from end to end quotes nobody */
    NO("quoted(\"a\")", "\"甲\"");
    YES("quoted(\"a\")", "您说的甲");
    NO("quoted(\"a\")", "“乙”甲");
    NO("quoted(\"a\")", "\"乙\"甲");
    NO("quoted(\"a\")", "甲");
}

Test(judge_operate, whole)
{
    YES("whole(\"a\")", "甲");
    YES("whole(\"a\")", "亲，甲哦！");
    YES("whole(\"a\")", "甲甲");
    NO("whole(\"a\")", "要甲");
    NO("whole(\"a\")", "亲哦");
    NO("whole(\"a\")", "");
}

Test(judge_operate, urls)
{
    YES("url_outside(\"own\")", "看 www.other.com/x");
    NO("url_outside(\"own\")", "看 www.shop.com/x");
    YES("url_in(\"own\")", "看 www.shop.com/x");
    YES("url_outside(\"own\")", "看 www.shop.com 和 notshop.com");
    NO("url_outside(\"own\")", "看 www.shop.com/a 和 item.shop.com");
    YES("url_in(\"own\")", "看 www.other.com 和 www.shop.com"); /* each link has its own host */
    NO("url_in(\"own\")", "看 www.other.com 和 shop.com.cn");
    NO("url_outside(\"own\") || url_in(\"own\")", "没有链接");
}

/* Nor at the very beginning or end of a text. */
Test(judge_operate, a_match_cuts_no_word_or_number)
{
#define LATIN "lexicon: latin\nwords: [qq, \"12\"]\n"
    static const char *const no[] = {"aqq", "qqa", "xaqq加", "112", "123", "加qqa", "0012加"};
    static const char *const yes[] = {"qq", "加qq", "1qq2", "qq12", "12", "a12", "12b", "加12"};
    struct desk desk = small_desk(LATIN RULE("here.x") "suggest: review\napplies: true\n"
                                                       "when: hit(\"latin\")\n");
    for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
        cr_expect_eq(judge(&desk, "here", no[i])->hit_count, 0, "%s", no[i]);
    }
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        cr_expect_eq(judge(&desk, "here", yes[i])->hit_count, 1, "%s", yes[i]);
    }
    desk_close(&desk);
}

Test(judge_operate, extractors_are_lexicons)
{
    YES("hit(\"@phone\")", "打13800138000");
    NO("hit(\"@phone\")", "打138****8000");
    YES("hit(\"@masked-phone\")", "打138****8000");
    YES("near(\"b\", \"@phone\", 3)", "乙：13800138000");
}

Test(judge_operate, many_hits_take_no_age, .timeout = 60)
{
    struct desk desk = small_desk(WORDS RULE(
        "here.x") "suggest: review\napplies: true\nwhen: '(near(\"a\", \"b\", 200) || "
                  "same_clause(\"a\", \"b\") || negated(\"a\") || asked(\"a\") || quoted(\"a\") || "
                  "whole(\"a\")) && !before(\"b\", \"a\", 200)'\n");
    static const char *const units[] = {"甲", "“甲”", "\"甲\"", "不甲", "甲，", "乙甲", "甲三"};
    for (size_t u = 0; u < sizeof units / sizeof units[0]; u++) {
        struct gj_buf text;
        gj_buf_init(&text);
        while (text.len < 1000000) {
            gj_buf_add_cstr(&text, units[u]);
        }
        gj_buf_add_cstr(&text, "吗");
        judge(&desk, "here", text.ptr);
        gj_buf_release(&text);
    }
    desk_close(&desk);
}

/* Many hits on both sides of a long gap: the gap is not read once for each pair of them. */
Test(judge_operate, a_long_gap_takes_no_age, .timeout = 60)
{
    struct desk desk = small_desk(WORDS RULE("here.x") "suggest: review\napplies: true\n"
                                                       "when: same_clause(\"a\", \"b\")\n");
    struct gj_buf text;
    gj_buf_init(&text);
    for (int i = 0; i < 100; i++) {
        gj_buf_add_cstr(&text, "甲");
    }
    while (text.len < 2000000) {
        gj_buf_add_cstr(&text, " ");
    }
    gj_buf_add_cstr(&text, "，");
    for (int i = 0; i < 100; i++) {
        gj_buf_add_cstr(&text, "乙");
    }
    clock_t before = clock();
    cr_expect_eq(judge(&desk, "here", text.ptr)->hit_count, 0);
    cr_expect_lt((double)(clock() - before) / CLOCKS_PER_SEC, 10);
    gj_buf_release(&text);
    desk_close(&desk);
}
