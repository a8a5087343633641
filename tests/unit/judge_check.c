/* Tests of room judge: gj_check on a small rulebook: who is concerned, when, with which facts. */
#include <limits.h>

#include "book_support.h"

static int check(struct desk *desk, gj_message message, const gj_verdict **verdict)
{
    gj_errors_clear(desk->errors);
    return gj_check(desk->checker, &message, verdict, desk->errors);
}

static gj_message said(const char *text)
{
    return (gj_message){.platform = "here", .text = text, .text_len = strlen(text)};
}

Test(judge_check, found_and_not_found)
{
    struct desk desk = small_desk(SECRET_RULE);
    const gj_verdict *v = judge(&desk, "here", "来对暗号");
    cr_assert_eq(v->hit_count, 1);
    cr_expect(v->suggestion == GJ_BLOCK && v->severity == GJ_MINOR);
    cr_expect(v->hits[0].start == 2 && v->hits[0].end == 4);
    cr_expect_str_eq(v->hits[0].clause, "法, art 1 (2020-01-01)");
    cr_expect_str_eq(v->hits[0].rewrite_zh, "好的");
    cr_expect_str_eq(v->hits[0].depends_on, "");
    v = judge(&desk, "there", "来对暗号");
    cr_expect(v->suggestion == GJ_PASS && v->hit_count == 0 && v->severity == GJ_NONE);
    cr_expect_eq(judge(&desk, "here", "")->suggestion, GJ_PASS);
    cr_expect_eq(judge(&desk, "here", "暗号学")->suggestion, GJ_PASS, "an allowed span");
    cr_expect_eq(judge(&desk, "here", "暗号学的暗号")->hits[0].start, 4);
    desk_close(&desk);
}

Test(judge_check, disguises_are_named)
{
    struct desk desk = small_desk(SECRET_RULE);
    const gj_verdict *v = judge(&desk, "here", "暗 . 號");
    cr_assert_eq(v->hit_count, 1);
    cr_expect_eq(v->hits[0].transforms, GJ_T_SEPARATORS | GJ_T_TRADITIONAL);
    v = judge(&desk, "here", "暗\xE2\x80\x8B号");
    cr_assert_eq(v->hit_count, 1);
    cr_expect_eq(v->hits[0].transforms, GJ_T_INVISIBLE);
    v = judge(&desk, "here", "暗暗号号");
    cr_assert_eq(v->hit_count, 1);
    cr_expect((v->hits[0].transforms & GJ_T_REPEAT) != 0);
    cr_expect_eq(judge(&desk, "here", "暗，号")->hit_count, 0, "never across a clause mark");
    desk_close(&desk);
}

Test(judge_check, weak_hits_suggest_review)
{
    struct desk desk = small_desk("lexicon: secret\nwords: [暗号]\nfold: [homophone]\n" RULE(
        "here.secret") "suggest: block\napplies: true\nwhen: hit(\"secret\")\n");
    const gj_verdict *v = judge(&desk, "here", "按号来");
    cr_assert_eq(v->hit_count, 1);
    cr_expect_eq(v->suggestion, GJ_REVIEW);
    cr_expect_eq(v->hits[0].transforms, GJ_T_HOMOPHONE);
    cr_expect_eq(judge(&desk, "here", "暗号")->suggestion, GJ_BLOCK);
    desk_close(&desk);
    desk = small_desk(SECRET_RULE);
    cr_expect_eq(judge(&desk, "here", "按号来")->hit_count, 0, "not tolerated");
    desk_close(&desk);
}

Test(judge_check, sound_by_letters_alone_and_at_long_words)
{
    struct desk desk =
        small_desk("lexicon: secret\nwords: [暗号, 口令表]\nfold: [pinyin, wary_homophone]\n" RULE(
            "here.secret") "suggest: block\napplies: true\nwhen: hit(\"secret\")\n");
    cr_expect_eq(judge(&desk, "here", "an hao来")->hits[0].transforms & GJ_T_WEAK, GJ_T_PINYIN);
    cr_expect_eq(judge(&desk, "here", "按号来")->hit_count, 0, "two characters");
    cr_expect_eq(judge(&desk, "here", "扣铃表")->hits[0].transforms, GJ_T_HOMOPHONE);
    cr_expect_eq(judge(&desk, "here", "扣ling表")->suggestion, GJ_REVIEW, "both at once");
    desk_close(&desk);
}

Test(judge_check, patterns_in_disguise)
{
    struct desk desk =
        small_desk("lexicon: secret\npatterns: ['接头(暗号|口令表)']\nfold: [homophone]\n" RULE(
            "here.secret") "suggest: block\napplies: true\nwhen: hit(\"secret\")\n");
    cr_expect_eq(judge(&desk, "here", "接头口令表")->suggestion, GJ_BLOCK);
    const gj_verdict *v = judge(&desk, "here", "问下阶骰扣铃婊吧");
    cr_assert_eq(v->hit_count, 1);
    cr_expect_eq(v->suggestion, GJ_REVIEW, "by weak levels");
    cr_expect_eq(v->hits[0].transforms, GJ_T_HOMOPHONE);
    cr_expect(v->hits[0].start == 2 && v->hits[0].end == 7);
    cr_expect_eq(judge(&desk, "here", "街头有好几家")->hit_count, 0);
    desk_close(&desk);
}

#define FACT_RULE        \
    SECRET_LEXICON RULE( \
        "here.a") "suggest: block\napplies: true\nwhen: hit(\"secret\") && shop.open\n"

Test(judge_check, unknown_facts_suggest_review_and_are_named)
{
    struct desk desk = small_desk(FACT_RULE);
    const gj_verdict *v = judge(&desk, "here", "暗号");
    cr_assert_eq(v->hit_count, 1);
    cr_expect_eq(v->suggestion, GJ_REVIEW);
    cr_expect_str_eq(v->hits[0].depends_on, "shop.open");
    cr_assert_eq(v->unknown_count, 1);
    cr_expect_str_eq(v->unknown[0], "shop.open");
    gj_fact fact = {.name = "shop.open", .kind = GJ_FACT_BOOL, .boolean = true};
    gj_message message = said("暗号");
    message.facts = &fact;
    message.fact_count = 1;
    cr_assert_eq(check(&desk, message, &v), GJ_OK);
    cr_expect(v->suggestion == GJ_BLOCK && v->unknown_count == 0);
    fact.boolean = false;
    cr_assert_eq(check(&desk, message, &v), GJ_OK);
    cr_expect_eq(v->suggestion, GJ_PASS);
    cr_expect_eq(judge(&desk, "here", "暗号")->suggestion, GJ_REVIEW, "facts are forgotten");
    desk_close(&desk);
}

static void refuses_fact(struct desk *desk, gj_fact fact, const char *part)
{
    const gj_verdict *v = NULL;
    gj_message message = said("x");
    gj_fact twice[2] = {fact, fact};
    message.facts = twice;
    message.fact_count = strstr(part, "twice") != NULL ? 2 : 1;
    cr_expect_eq(check(desk, message, &v), GJ_EINPUT);
    cr_expect(strstr(gj_errors_text(desk->errors), part) != NULL, "%s",
              gj_errors_text(desk->errors));
}

Test(judge_check, refuses_wrong_facts)
{
    struct desk desk = small_desk(FACT_RULE);
    refuses_fact(&desk, (gj_fact){.name = "shop.shut", .kind = GJ_FACT_BOOL},
                 "no fact 'shop.shut'");
    refuses_fact(&desk, (gj_fact){.name = "platform", .kind = GJ_FACT_STRING, .string = "here"},
                 "no fact 'platform'");
    refuses_fact(&desk, (gj_fact){.name = "shop.open", .kind = GJ_FACT_INT}, "true or false");
    refuses_fact(&desk, (gj_fact){.name = "shop.size", .kind = GJ_FACT_BOOL}, "an integer");
    refuses_fact(&desk, (gj_fact){.name = "shop.open", .kind = GJ_FACT_BOOL}, "given twice");
    static const char *const packs[] = {"hosue"};
    refuses_fact(
        &desk,
        (gj_fact){
            .name = "shop.packs", .kind = GJ_FACT_STRINGS, .strings = packs, .string_count = 1},
        "no optional pack 'hosue'");
    static const char *const holes[] = {"house", NULL};
    gj_fact list = {.name = "shop.packs", .kind = GJ_FACT_STRINGS, .string_count = 2};
    refuses_fact(&desk, list, "a name and a value");
    list.strings = holes;
    refuses_fact(&desk, list, "a name and a value");
    refuses_fact(&desk, (gj_fact){.name = "platform", .kind = GJ_FACT_STRING},
                 "a name and a value");
    refuses_fact(&desk, (gj_fact){.kind = GJ_FACT_BOOL}, "a name and a value");
    desk_close(&desk);
}

/* A disguise limits what the lexicons say in which it was seen, and no other that the rule reads.
 */
Test(judge_check, a_disguise_limits_its_own_lexicon)
{
#define TWO_LEXICONS                                                           \
    "lexicon: first\nwords: [暗号]\nfold: [homophone]\nweak: review\n---\n"  \
    "lexicon: second\nwords: [微信号]\nfold: [homophone]\nweak: block\n" RULE( \
        "here.both") "suggest: block\napplies: true\nwhen: hit(\"first\") && hit(\"second\")\n"
    struct desk desk = small_desk(TWO_LEXICONS);
    cr_expect_eq(judge(&desk, "here", "暗号 weixinhao")->suggestion, GJ_BLOCK);
    cr_expect_eq(judge(&desk, "here", "anhao 微信号")->suggestion, GJ_REVIEW);
    cr_expect_eq(judge(&desk, "here", "anhao weixinhao")->suggestion, GJ_REVIEW);
    cr_expect_eq(judge(&desk, "here", "暗号 微信号")->suggestion, GJ_BLOCK);
    cr_expect_eq(judge(&desk, "here", "anhao")->suggestion, GJ_PASS);
    desk_close(&desk);
}

/* Of one lexicon eight matches are shown, and how many more there are. */
Test(judge_check, an_explanation_shows_eight_matches_of_a_lexicon)
{
    struct desk desk = small_desk(SECRET_RULE);
    judge(&desk, "here", "暗号 暗号 暗号 暗号 暗号 暗号 暗号 暗号");
    const char *told = gj_checker_explain(desk.checker, true);
    cr_expect(strstr(told, "secret [21, 23)\n") != NULL && strstr(told, "more") == NULL, "%s",
              told);
    judge(&desk, "here", "暗号 暗号 暗号 暗号 暗号 暗号 暗号 暗号 暗号 暗号");
    told = gj_checker_explain(desk.checker, true);
    cr_expect(strstr(told, "secret [24, 26)") == NULL && strstr(told, "and 2 more\n") != NULL, "%s",
              told);
    desk_close(&desk);
}

Test(judge_check, refuses_wrong_messages)
{
    struct desk desk = small_desk(SECRET_RULE);
    const gj_verdict *v = NULL;
    gj_message m = said("x");
    m.platform = "hear";
    cr_expect_eq(check(&desk, m, &v), GJ_EINPUT);
    cr_expect(strstr(gj_errors_text(desk.errors), "use one of: here, there") != NULL);
    m = said("x");
    m.sender = "robot";
    cr_expect_eq(check(&desk, m, &v), GJ_EINPUT);
    cr_expect(strstr(gj_errors_text(desk.errors), "agent, buyer") != NULL);
    m = said("x");
    m.kind = "letter";
    cr_expect_eq(check(&desk, m, &v), GJ_EINPUT);
    m = said("a\xFFz");
    cr_expect_eq(check(&desk, m, &v), GJ_EINPUT);
    cr_expect(strstr(gj_errors_text(desk.errors), "not valid UTF-8 at byte 1") != NULL);
    m = said("x");
    m.text_len = (16u << 20) + 1;
    cr_expect_eq(check(&desk, m, &v), GJ_EINPUT);
    cr_expect(strstr(gj_errors_text(desk.errors), "2 MiB") != NULL);
    m = (gj_message){.text = "x", .text_len = 1};
    cr_expect_eq(check(&desk, m, &v), GJ_EINPUT);
    cr_expect_null(v);
    cr_expect_eq(judge(&desk, "here", "暗号")->suggestion, GJ_BLOCK, "and goes on");
    desk_close(&desk);
}

Test(judge_check, packs_switch_off)
{
    struct desk desk = small_desk(
        SECRET_LEXICON RULE("house.a") "suggest: review\napplies: true\nwhen: hit(\"secret\")\n");
    cr_expect_eq(judge(&desk, "there", "暗号")->suggestion, GJ_REVIEW, "on by default, everywhere");
    cr_assert_eq(gj_checker_packs(desk.checker, "-house", desk.errors), GJ_OK);
    cr_expect_eq(judge(&desk, "there", "暗号")->suggestion, GJ_PASS);
    cr_assert_eq(gj_checker_packs(desk.checker, "house", desk.errors), GJ_OK);
    cr_expect_eq(judge(&desk, "there", "暗号")->suggestion, GJ_REVIEW);
    cr_assert_eq(gj_checker_packs(desk.checker, "", desk.errors), GJ_OK);
    cr_expect_eq(judge(&desk, "there", "暗号")->suggestion, GJ_PASS);
    cr_expect_eq(gj_checker_packs(desk.checker, "any", desk.errors), GJ_EINPUT);
    static const char *const packs[] = {"house"};
    gj_fact fact = {
        .name = "shop.packs", .kind = GJ_FACT_STRINGS, .strings = packs, .string_count = 1};
    gj_message message = said("暗号");
    message.facts = &fact;
    message.fact_count = 1;
    const gj_verdict *v = NULL;
    cr_assert_eq(check(&desk, message, &v), GJ_OK);
    cr_expect_eq(v->suggestion, GJ_REVIEW, "the message's own shop decides");
    desk_close(&desk);
}

Test(judge_check, the_date_decides)
{
    struct desk desk = small_desk(SECRET_LEXICON RULE(
        "here.a") "until: 2024-02-01\nsuggest: block\napplies: true\n"
                  "when: hit(\"secret\")\n" RULE(
                      "here.a") "from: 2024-02-01\nsuggest: review\napplies: true\n"
                                "when: hit(\"secret\")\ncosts: {points: {class: general, value: "
                                "param(\"p\")}}\n"
                                "---\nparam: p\nvalues: {2024-03-01: {value: 4, cites: {source: "
                                "law}}}\n");
    const gj_verdict *v = NULL;
    gj_message m = said("暗号");
    m.at = gj_china_day(GJ_STR("2024-02-01")) - 1;
    cr_assert_eq(check(&desk, m, &v), GJ_OK);
    cr_expect_eq(v->suggestion, GJ_BLOCK);
    m.at++;
    cr_assert_eq(check(&desk, m, &v), GJ_OK);
    cr_expect(v->suggestion == GJ_REVIEW && !v->hits[0].cost.has_points);
    m.at = gj_china_day(GJ_STR("2024-03-01"));
    cr_assert_eq(check(&desk, m, &v), GJ_OK);
    cr_expect(v->hits[0].cost.has_points && v->hits[0].cost.points == 4);
    cr_expect_str_eq(v->hits[0].cost.points_class, "general");
    desk_close(&desk);
}

Test(judge_check, openers_set_the_kind)
{
    struct desk desk = small_desk(
        SECRET_LEXICON RULE("here.a") "suggest: block\napplies: message.kind == \"title\"\n"
                                      "when: hit(\"secret\")\n");
    const gj_verdict *v = judge(&desk, "here", "标题：好暗号");
    cr_assert_eq(v->hit_count, 1);
    cr_expect(v->hits[0].start == 4 && v->hits[0].end == 6, "code points of the whole text");
    cr_expect_eq(judge(&desk, "here", "好暗号")->hit_count, 0);
    gj_message message = said("标题：好暗号");
    message.kind = "message";
    cr_assert_eq(check(&desk, message, &v), GJ_OK);
    cr_expect_eq(v->hit_count, 0, "the message says itself what it is");
    message.kind = NULL;
    message.sender = "agent";
    cr_assert_eq(check(&desk, message, &v), GJ_OK);
    cr_expect_eq(v->hit_count, 1, "it says who, not what");
    desk_close(&desk);
}

Test(judge_check, hosts_are_of_any_case)
{
    struct desk desk = small_desk("hosts: own\nlist: [Shop.COM]\n" RULE(
        "here.a") "suggest: block\napplies: true\nwhen: url_outside(\"own\")\n");
    const char *const hosts[] = {"My-Shop.CN"};
    const gj_fact facts[] = {{.name = "shop.authorised_hosts",
                              .kind = GJ_FACT_STRINGS,
                              .strings = hosts,
                              .string_count = 1}};
    const gj_verdict *v = NULL;
    gj_message message = said("看 www.shop.com 和 my-shop.cn");
    message.facts = facts;
    message.fact_count = 1;
    cr_assert_eq(check(&desk, message, &v), GJ_OK);
    cr_expect_eq(v->hit_count, 0);
    cr_assert_eq(check(&desk, said("看 my-shop.cn"), &v), GJ_OK);
    cr_expect_eq(v->hit_count, 1);
    desk_close(&desk);
}

Test(judge_check, lists_of_facts_are_bounded)
{
    static const char *hosts[1001];
    struct desk desk = small_desk(SECRET_RULE);
    gj_fact fact = {.name = "shop.authorised_hosts", .kind = GJ_FACT_STRINGS, .strings = hosts};
    const gj_verdict *v = NULL;
    gj_message message = said("来对暗号");
    message.facts = &fact;
    message.fact_count = 1;
    for (size_t i = 0; i < 1001; i++) {
        hosts[i] = "a.com";
    }
    fact.string_count = 1000;
    cr_expect_eq(check(&desk, message, &v), GJ_OK);
    fact.string_count = 1001;
    cr_expect_eq(check(&desk, message, &v), GJ_EINPUT);
    cr_expect(strstr(gj_errors_text(desk.errors), "more than 1000") != NULL);
    desk_close(&desk);
}

/* What is explained is the last verdict: where there is none, nothing, not the one before with the
 * facts of another message. */
Test(judge_check, nothing_is_explained_after_a_refusal)
{
    struct desk desk = small_desk("hosts: own\nlist: [shop.com]\n" RULE(
        "here.a") "suggest: block\napplies: true\nwhen: url_outside(\"own\")\n");
    static const char line[] = "{\"platform\":\"here\",\"text\":\"看 b.com\",\"context\":"
                               "{\"shop.authorised_hosts\":[\"a.com\",\"c.com\"]}}";
    const char *json = NULL;
    size_t len = 0;
    cr_assert_eq(gj_check_json(desk.checker, line, strlen(line), 0, 0, &json, &len, NULL), GJ_OK);
    cr_expect(strstr(gj_checker_explain(desk.checker, true), "here.a") != NULL);
    cr_assert_eq(gj_check_json(desk.checker, "{}", 2, 0, 0, &json, &len, NULL), GJ_EINPUT);
    cr_expect_str_eq(gj_checker_explain(desk.checker, true), "");
    desk_close(&desk);
}

Test(judge_check, explains)
{
    struct desk desk = small_desk(FACT_RULE);
    judge(&desk, "here", "暗号");
    const char *why = gj_checker_explain(desk.checker, true);
    cr_expect(strstr(why, "here.a") != NULL && strstr(why, "shop.open") != NULL &&
                  strstr(why, "unknown") != NULL,
              "%s", why);
    cr_expect(strlen(gj_checker_explain(desk.checker, false)) > 0);
    judge(&desk, "here", "你好");
    cr_expect(strlen(gj_checker_explain(desk.checker, true)) > 0);
    desk_close(&desk);
}

Test(judge_check, two_checkers_of_one_rulebook)
{
    struct desk desk = small_desk(SECRET_RULE);
    gj_checker *other = gj_checker_new(desk.book, desk.errors);
    const gj_verdict *mine = judge(&desk, "here", "暗号"), *theirs = NULL;
    gj_message message = said("你好");
    cr_assert_eq(gj_check(other, &message, &theirs, desk.errors), GJ_OK);
    cr_expect(mine->hit_count == 1 && theirs->hit_count == 0);
    gj_checker_free(other);
    gj_checker_free(NULL);
    gj_rulebook_free(NULL);
    desk_close(&desk);
}
