/* Tests of room judge: on many real and disguised messages, a hit's start and end are code points
 * of the original text, what it says is matched is that very slice, and hits stand in order. */
#include "base/utf8.h"
#include "corpus_support.h"

static size_t byte_of(struct gj_str text, uint32_t index)
{
    size_t at = 0;
    for (uint32_t i = 0; i < index; i++) {
        unsigned len = 0;
        cr_assert_lt(at, text.len);
        gj_utf8_decode(text.ptr + at, &len);
        at += len;
    }
    return at;
}

static void check_places(struct gj_str text, const gj_verdict *verdict)
{
    uint32_t points = (uint32_t)gj_utf8_count(text);
    gj_suggestion most = GJ_PASS;
    for (size_t i = 0; i < verdict->hit_count; i++) {
        const gj_hit *hit = &verdict->hits[i];
        cr_assert(hit->start <= hit->end && hit->end <= points, "%s: %s [%u, %u) of %u", text.ptr,
                  hit->rule, hit->start, hit->end, points);
        cr_expect(hit->start < hit->end || points == 0, "%s: %s is empty", text.ptr, hit->rule);
        size_t from = byte_of(text, hit->start), to = byte_of(text, hit->end);
        cr_expect(hit->matched == text.ptr + from && hit->matched_len == to - from,
                  "%s: %s [%u, %u) is not \"%.*s\"", text.ptr, hit->rule, hit->start, hit->end,
                  (int)hit->matched_len, hit->matched);
        cr_expect(i == 0 || verdict->hits[i - 1].start <= hit->start);
        cr_expect(hit->clause[0] != '\0' && hit->title_zh[0] != '\0' && hit->title_en[0] != '\0');
        most = hit->suggestion > most ? hit->suggestion : most;
    }
    cr_expect_eq(verdict->suggestion, most);
    cr_expect(verdict->hit_count > 0 || verdict->severity == GJ_NONE);
}

/* How many hits there are. */
static size_t judge_all(const struct corpus *corpus)
{
    size_t hits = 0;
    struct desk desk = real_desk();
    for (size_t i = 0; i < corpus->count; i++) {
        const gj_verdict *v = judge(&desk, platforms[i % PLATFORMS], corpus->texts[i].ptr);
        check_places(corpus->texts[i], v);
        hits += v->hit_count;
    }
    desk_close(&desk);
    return hits;
}

Test(judge_places, own_and_bundled, .timeout = 120)
{
    static struct corpus corpus;
    corpus_own(&corpus);
    cr_expect_gt(judge_all(&corpus), corpus.count / 4, "of nothing all places are right");
    for (size_t i = 0; i < corpus.count && i + 1 < corpus.count; i++) { /* shift the platforms */
        struct gj_str first = corpus.texts[i];
        corpus.texts[i] = corpus.texts[i + 1];
        corpus.texts[i + 1] = first;
    }
    judge_all(&corpus);
    corpus_free(&corpus);
}

Test(judge_places, corpora, .timeout = 120)
{
    static struct corpus corpus;
    corpus_read(&corpus, "../shared/corpora/evasion_sms.jsonl", "raw", 5);
    corpus_read(&corpus, "../shared/corpora/evasion_sms.jsonl", "text", 5);
    corpus_read(&corpus, "../shared/corpora/abuse.jsonl", "text", 10);
    corpus_read(&corpus, "../shared/corpora/agent_messages.jsonl", "text", 20);
    judge_all(&corpus);
    corpus_free(&corpus);
}
