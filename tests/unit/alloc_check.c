/* Test of room judge: a warm checker allocates nothing. This program's own malloc, calloc and
 * realloc count and pass on to the C library's; every library in the process gets them too. Under
 * the address sanitizer, which has an allocator of its own, it is skipped. */
#include "corpus_support.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

#ifndef SANITIZED
static volatile size_t allocations; /* the compiler believes that strdup leaves it alone */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size)
{
    allocations++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    allocations++;
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    allocations++;
    return __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    allocations++;
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
    allocations++;
    *memory = __libc_memalign(alignment, size);
    return *memory == NULL ? 12 : 0;
}

static void check_all(struct desk *desk, const struct corpus *corpus, size_t *hits)
{
    for (size_t i = 0; i < corpus->count; i++) {
        for (size_t p = 0; p < PLATFORMS; p++) {
            const gj_verdict *verdict = NULL;
            gj_message message = {.platform = platforms[p], .text = corpus->texts[i].ptr,
                                  .text_len = corpus->texts[i].len, .at = 1772330400};
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
    size_t before = allocations;
    char *volatile copy = strdup("x"); /* nor may the call itself vanish */
    free(copy);
    cr_assert_gt(allocations, before, "the counters count");
    check_all(&desk, &corpus, &warm);
    before = allocations;
    check_all(&desk, &corpus, &hits);
    size_t after = allocations;
    cr_expect_eq(after - before, 0, "%zu allocations in %zu checks", after - before,
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
    size_t counts[2] = {0, 0};
    for (int round = 0; round < 2; round++) {
        size_t before = allocations;
        for (int i = 0; i < 100; i++) {
            const char *json = NULL;
            size_t len = 0;
            cr_assert_eq(gj_check_json(desk.checker, line, strlen(line), 100, 1, &json, &len, NULL),
                         GJ_OK);
        }
        counts[round] = allocations - before;
    }
    cr_expect_eq(counts[1], 0, "%zu allocations in 100 lines", counts[1]);
    desk_close(&desk);
}
#else
Test(judge_alloc, nothing_after_warm_up)
{
    cr_skip_test("the address sanitizer allocates itself");
}
#endif
