/* Tests of room judge: a warm checker allocates nothing; and memory that runs out while a rulebook
 * is loaded and a message judged: all is as it would have been, or an error is returned. */
#include <unistd.h>

#include "corpus_support.h"
#include "malloc_support.h"

#ifndef SANITIZED
static void check_all(struct desk *desk, const struct corpus *corpus, size_t *hits)
{
    for (size_t i = 0; i < corpus->count; i++) {
        for (size_t p = 0; p < PLATFORMS; p++) {
            const gj_verdict *verdict = NULL;
            gj_message message = {.platform = platforms[p],
                                  .text = corpus->texts[i].ptr,
                                  .text_len = corpus->texts[i].len,
                                  .at = 1772330400};
            cr_assert_eq(gj_check(desk->checker, &message, &verdict, desk->errors), GJ_OK);
            *hits += verdict->hit_count;
        }
    }
}

Test(judge_alloc, nothing_after_warm_up, .timeout = 120)
{
    static struct corpus corpus;
    struct desk desk = real_desk();
    size_t warm = 0, hits = 0;
    corpus_own(&corpus);
    corpus_read(&corpus, "../shared/corpora/agent_messages.jsonl", "text", 40);
    corpus_read(&corpus, "../shared/corpora/evasion_sms.jsonl", "raw", 20);
    long before = calls;
    char *volatile copy = strdup("x"); /* nor may the call itself vanish */
    free(copy);
    cr_assert_gt(calls, before, "the counters count");
    check_all(&desk, &corpus, &warm);
    before = calls;
    check_all(&desk, &corpus, &hits);
    long after = calls;
    cr_expect_eq(after - before, 0, "%ld allocations in %zu checks", after - before,
                 corpus.count * PLATFORMS);
    cr_expect(hits == warm && hits > 100 && corpus.count > 30, "%zu hits", hits);
    corpus_free(&corpus);
    desk_close(&desk);
}

Test(judge_alloc, nothing_through_json_either, .timeout = 120)
{
    struct desk desk = real_desk();
    char line[400] = "{\"id\":\"a1\",\"platform\":\"tmall\",\"text\":\"亲，加我微信 abc12345 "
                     "聊，刷卡要加1%手续费\","
                     "\"context\":{\"shop\":{\"services\":{\"cod\":true}}}}";
    long counts[2] = {0, 0};
    for (int round = 0; round < 2; round++) {
        long before = calls;
        for (int i = 0; i < 100; i++) {
            const char *json = NULL;
            size_t len = 0;
            cr_assert_eq(gj_check_json(desk.checker, line, strlen(line), 100, 1, &json, &len, NULL),
                         GJ_OK);
        }
        counts[round] = calls - before;
    }
    cr_expect_eq(counts[1], 0, "%ld allocations in 100 lines", counts[1]);
    desk_close(&desk);
}

/* Loads from the cache, judges a line with facts. What was told, or NULL after an error. */
static char *life(const char *dir, const char *cache, gj_errors *errors)
{
    static const char line[] = "{\"platform\":\"here\",\"text\":\"对暗号，按号，加一下我 a.com\","
                               "\"context\":{\"shop\":{\"packs\":[\"house\"],\"size\":2}}}";
    const char *json = NULL;
    size_t len = 0;
    gj_rulebook *book = gj_rulebook_open(dir, cache, errors);
    gj_checker *checker = book == NULL ? NULL : gj_checker_new(book, errors);
    int status = checker == NULL
                     ? GJ_ESYSTEM
                     : gj_check_json(checker, line, sizeof line - 1, 0, 0, &json, &len, NULL);
    char *kept = status == GJ_OK ? strndup(json, len) : NULL;
    cr_expect(checker == NULL || (len > 0 && json[len - 1] == '}'), "always a whole line");
    gj_checker_free(checker);
    gj_rulebook_free(book);
    return kept;
}

Test(judge_alloc, whole_or_an_error, .timeout = 300)
{
    char top[] = "/tmp/guiju-test-XXXXXX", path[64], cache[64];
    cr_assert_not_null(mkdtemp(top));
    snprintf(path, sizeof path, "%s/a.yaml", top);
    snprintf(cache, sizeof cache, "%s/.cache", top);
    FILE *file = fopen(path, "wb");
    fputs(SMALL_BOOK "lexicon: secret\nwords: [暗号]\nfold: [homophone]\n"
                     "patterns: [\"加[^,]{0,4}我\"]\n" RULE(
                         "here.a") "suggest: block\napplies: platform == \"here\"\n"
                                   "when: hit(\"secret\") && !negated(\"secret\")\n"
                                   "costs: {points: {class: general, value: 4}}\n" RULE(
                                       "house.b") "suggest: review\napplies: true\n"
                                                  "when: hit(\"secret\") && shop.open\n",
          file);
    cr_assert_eq(fclose(file), 0);
    gj_errors *errors = gj_errors_new();
    free(life(path, "", errors)); /* no folder */
    char *whole = life(top, cache, errors);
    cr_assert_not_null(whole, "%s", gj_errors_text(errors));
    free(life(top, cache, errors)); /* what libraries keep is there now */
    gj_errors_clear(errors);
    calls = 0;
    free(life(top, cache, errors));
    long total = calls, wrong = 0;
    for (long n = 1; n <= total; n++) {
        gj_errors_clear(errors);
        long before = live;
        calls = 0;
        failing = n;
        char *got = life(top, cache, errors);
        failing = 0;
        cr_expect(got == NULL || strcmp(got, whole) == 0, "call %ld failed unnoticed: %s", n, got);
        wrong += got == NULL;
        free(got);
        gj_errors_clear(errors);
        cr_expect(live - before <= 1, "call %ld leaves %ld behind", n, live - before);
    }
    cr_expect(wrong > 5 && total > 50, "%ld errors of %ld", wrong, total);
    char command[100];
    snprintf(command, sizeof command, "rm -rf '%s'", top);
    cr_assert_eq(system(command), 0);
    free(whole);
    gj_errors_free(errors);
}
#else
Test(judge_alloc, nothing_after_warm_up)
{
    cr_skip_test("the address sanitizer allocates itself");
}
#endif
