/* Tests of room judge: the tests that stand beside the rules, and what is wrong in them. */
#include <stdio.h>
#include <unistd.h>

#include "book_support.h"

struct results {
    char failed[2000]; /* what failed, a line each: rule, what was said, what came of it */
    size_t passed;
};

static void take_result(void *context, const gj_test_result *result)
{
    struct results *r = context;
    size_t len = strlen(r->failed);
    if (result->passed) {
        r->passed++;
    } else {
        snprintf(r->failed + len, sizeof r->failed - len, "%s %u %s %s: %s\n", result->name,
                 result->line > 0, result->say, result->expected, result->got);
    }
}

static struct results tested(const char *rules, const char *only)
{
    char dir[] = "/tmp/guiju-selftest-XXXXXX", file[64];
    gj_errors *errors = gj_errors_new();
    struct results results = {.passed = 0};
    cr_assert_not_null(mkdtemp(dir));
    snprintf(file, sizeof file, "%s/all.yaml", dir);
    FILE *out = fopen(file, "w");
    cr_assert_not_null(out);
    fprintf(out, "%s%s", SMALL_BOOK, rules);
    cr_assert_eq(fclose(out), 0);
    cr_expect_eq(gj_rulebook_test(dir, only, take_result, &results, errors), GJ_OK, "%s",
                 gj_errors_text(errors));
    unlink(file);
    rmdir(dir);
    gj_errors_free(errors);
    return results;
}

#define OTHER                                    \
    "---\nlexicon: other\nwords: [别处]\n" RULE( \
        "here.other") "suggest: review\n"        \
                      "applies: platform == \"there\"\nwhen: hit(\"other\")\n"
#define SAID(text, is) "  - {say: " text ", is: " is "}\n"

Test(judge_selftest, what_a_test_expects_comes_or_fails)
{
    struct results r =
        tested(SECRET_RULE "tests:\n" SAID("说暗号", "block") SAID("你好", "pass"), NULL);
    cr_expect_str_eq(r.failed, "");
    cr_expect_eq(r.passed, 3, "two tests and a reply: %zu", r.passed);
    r = tested(SECRET_RULE "tests:\n" SAID("说暗号", "pass") SAID("说暗号", "review")
                   SAID("你好", "block"),
               NULL);
    cr_expect_str_eq(r.failed, "here.secret 1 说暗号 pass: block: here.secret block \"暗号\"\n"
                               "here.secret 1 说暗号 review: block: here.secret block \"暗号\"\n"
                               "here.secret 1 你好 block: pass\n");
    cr_expect_eq(r.passed, 1);
    r = tested(SECRET_RULE "tests:\n" SAID("说暗号", "pass"), "there.");
    cr_expect(r.passed == 0 && r.failed[0] == '\0', "only what is asked for");
}

/* A reply is an agent's message: no rule may have anything against it where it is suggested. */
Test(judge_selftest, a_reply_must_pass_wherever_it_is_suggested)
{
#define REPLIES(where, reply)                                            \
    SECRET_LEXICON RULE("here.secret") "suggest: block\napplies: " where \
                                       "\nwhen: hit(\"secret\")\nreply: {zh: " reply ", en: x}\n"
    struct results r = tested(REPLIES("platform == \"here\"", "不说暗号") OTHER, NULL);
    cr_expect_str_eq(r.failed, "here.secret 1 不说暗号 pass: block: here.secret block \"暗号\"\n");
    r = tested(REPLIES("platform == \"here\"", "去别处") OTHER, NULL);
    cr_expect(r.passed == 1 && r.failed[0] == '\0', "the rule on 别处 is of another platform");
    r = tested(REPLIES("true", "去别处") OTHER, NULL);
    cr_expect_str_eq(r.failed, "here.secret 1 去别处 pass: review: here.other review \"别处\"\n");
    cr_expect_eq(r.passed, 1, "on the other platform");
}
