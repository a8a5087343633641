/* Tests of the engine: the project's mappings of envelopes: what they make is accepted, what is
 * delivered again is a duplicate. */
#include "engine_support.h"
#include "guiju/ingest.h"

struct poured {
    gj_engine *engine;
    size_t applied, duplicate, other;
};

static int pour(void *context, const gj_ingested *got)
{
    struct poured *p = context;
    gj_reception r = {.status = GJ_REFUSED};
    if (got->kind != GJ_INGESTED_EVENT) {
        p->other++;
        return 0;
    }
    cr_expect_eq(gj_engine_apply(p->engine, got->json, got->json_len, 0, &r), GJ_OK);
    cr_expect(r.status != GJ_REFUSED, "%s: %s", got->json, r.why);
    p->applied += r.status == GJ_APPLIED;
    p->duplicate += r.status == GJ_DUPLICATE;
    return 0;
}

Test(engine_ingest, delivered_again_it_is_a_duplicate)
{
    static const char refund[] =
        "{\"type\":\"pdd_refund_RefundCreated\",\"mallID\":1,\"sendTime\":1772330400123,"
        "\"content\":\"{\\\"mall_id\\\":1,\\\"refund_fee\\\":1990,\\\"bill_type\\\":1,"
        "\\\"modified\\\":1772330400016,\\\"refund_id\\\":7,\\\"tid\\\":\\\"260301-1\\\"}\"}";
    struct bench b = bench_open(NULL);
    struct poured p = {.engine = b.engine};
    gj_ingest_request request = {.body = refund, .body_len = sizeof refund - 1, .trusted = true};
    for (int i = 0; i < 3; i++) {
        request.received_at = INT64_C(1772330400000000) + i;
        cr_expect_eq(gj_ingest(b.book, "pdd", &request, pour, &p, b.errors), GJ_OK);
    }
    cr_expect(p.applied == 1 && p.duplicate == 2 && p.other == 0);
    bench_close(&b);
}

Test(engine_ingest, the_door_says_what_it_expects)
{
    struct bench b = bench_open(NULL);
    gj_ingest_door door;
    gj_ingest_request request = {.body = "[]", .body_len = 2};
    cr_expect(gj_ingest_door_of(b.book, "douyin", &door) && door.proves);
    cr_expect_str_eq(door.answer_success, "{\"code\":0,\"msg\":\"success\"}");
    cr_expect(gj_ingest_door_of(b.book, "kuaishou", &door) && door.proves);
    cr_expect(gj_ingest_door_of(b.book, "pdd", &door) && !door.proves);
    cr_expect(gj_ingest_door_of(b.book, "jd", &door));
    cr_expect_str_eq(door.answer_success, "");
    cr_expect(!gj_ingest_door_of(b.book, "nowhere", &door));
    cr_expect_eq(gj_ingest(b.book, "nowhere", &request, pour, NULL, b.errors), GJ_EINPUT);
    cr_expect_eq(gj_ingest(b.book, "douyin", &request, pour, NULL, b.errors), GJ_EINPUT);
    size_t count = 0;
    while (gj_ingest_platform(b.book, count) != NULL) {
        count++;
    }
    cr_expect_eq(count, 5);
    bench_close(&b);
}

/* What a rule makes of its fields must fit the contract too: a value below its least. */
Test(engine_ingest, what_is_out_of_contract_is_refused)
{
    static const char paid[] = "{\"topic\":\"taobao_trade_TradeBuyerPay\",\"content\":"
                               "{\"tid\":1,\"payment\":\"-1\",\"seller_nick\":\"s\"}}";
    struct bench b = bench_open(NULL);
    struct poured p = {.engine = b.engine};
    gj_ingest_request request = {.body = paid, .body_len = sizeof paid - 1, .trusted = true};
    cr_expect_eq(gj_ingest(b.book, "taobao", &request, pour, &p, b.errors), GJ_OK);
    cr_expect(p.other == 1 && p.applied == 0);
    bench_close(&b);
}
