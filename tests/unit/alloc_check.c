/* Test of room judge: a warm checker allocates nothing. */
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
#else
Test(judge_alloc, nothing_after_warm_up)
{
    cr_skip_test("the address sanitizer allocates itself");
}
#endif
