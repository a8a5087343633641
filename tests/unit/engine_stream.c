/* Tests of room engine: streams of events through the whole of it, under the project's rulebook:
 * what is late, doubled, refused; what a database says when it is opened wrongly. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "guiju/guiju.h"

struct world {
    gj_errors *errors;
    gj_rulebook *book;
    gj_engine *engine;
};

static struct world open_world(const char *path)
{
    struct world w = {gj_errors_new(), NULL, NULL};
    w.book = gj_rulebook_open("rulebook", NULL, w.errors);
    w.engine = w.book == NULL ? NULL : gj_engine_open(w.book, path, w.errors);
    cr_assert(w.engine != NULL, "%s", gj_errors_text(w.errors));
    return w;
}

static void close_world(struct world *w)
{
    gj_engine_close(w->engine);
    gj_rulebook_free(w->book);
    gj_errors_free(w->errors);
}

static gj_reception feed(struct world *w, const char *id, const char *time, const char *type,
                         const char *data)
{
    char line[2000];
    gj_reception got;
    snprintf(line, sizeof line,
             "{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"/pdd/s1\",\"type\":\"%s\","
             "\"time\":\"%s+08:00\",\"data\":%s}",
             id, type, time, data);
    cr_assert_eq(gj_engine_apply(w->engine, line, strlen(line), 0, &got), GJ_OK, "%s",
                 gj_errors_text(w->errors));
    cr_assert(got.status != GJ_REFUSED, "%s", got.why);
    return got;
}

static int64_t at(const char *time)
{
    int64_t micros = 0;
    cr_assert_eq(gj_time_parse(time, &micros), 0);
    return micros;
}

/* The state as JSON holds `wanted` (or not). */
static void expect_state(struct world *w, const char *wanted, bool there)
{
    char *json = gj_engine_state_json(w->engine, NULL);
    cr_assert(json != NULL, "%s", gj_errors_text(w->errors));
    cr_expect_eq(strstr(json, wanted) != NULL, there, "%s %s in\n%s", wanted,
                 there ? "is not" : "is", json);
    gj_string_free(json);
}

#define ORDER                                                                                  \
    "{\"order_id\":\"O1\",\"buyer_id\":\"b1\",\"goods_fen\":5900,\"freight_fen\":0,\"lines\":" \
    "[{\"line_id\":\"l1\",\"product_id\":\"P1\",\"quantity\":1,\"price_fen\":5900}]}"
#define CLAIM                                                                                    \
    "{\"aftersale_id\":\"A1\",\"order_id\":\"O1\",\"buyer_id\":\"b1\",\"kind\":\"refund_only\"," \
    "\"reason\":\"quality\",\"amount_fen\":5900}"

static void an_order(struct world *w)
{
    feed(w, "1", "2026-03-01T09:00:00", "order.created", ORDER);
    feed(w, "2", "2026-03-01T09:05:00", "order.paid", "{\"order_id\":\"O1\",\"paid_fen\":5900}");
    feed(w, "3", "2026-03-01T12:00:00", "order.shipped",
         "{\"order_id\":\"O1\",\"tracking_no\":\"T1\",\"carrier_kind\":\"courier\"}");
}

Test(engine_stream, a_deadline_fires_after_its_instant)
{
    struct world w = open_world(NULL);
    an_order(&w);
    feed(&w, "4", "2026-03-02T10:00:00", "aftersale.created", CLAIM);
    gj_engine_advance(w.engine, at("2026-03-04T10:00:00+08:00"));
    expect_state(&w, "\"pdd.refund-only\":\"merchant-review\"", true);
    gj_engine_advance(w.engine, at("2026-03-04T10:00:00.000001+08:00"));
    expect_state(&w, "\"pdd.refund-only\":\"refunded\"", true);
    close_world(&w);
}

Test(engine_stream, sent_twice_it_is_applied_once)
{
    struct world w = open_world(NULL);
    char before[33], after[33];
    an_order(&w);
    gj_engine_commit(w.engine);
    gj_engine_state_hash(w.engine, before);
    cr_expect_eq(feed(&w, "1", "2026-03-01T09:00:00", "order.created", ORDER).status, GJ_DUPLICATE);
    gj_engine_commit(w.engine);
    gj_engine_state_hash(w.engine, after);
    cr_expect_str_eq(before, after);
    close_world(&w);
}

Test(engine_stream, sent_twice_it_is_answered_the_same)
{
    struct world w = open_world(NULL);
    char *first = NULL, *second = NULL, *none = NULL;
    an_order(&w);
    feed(&w, "4", "2026-03-02T10:00:00", "aftersale.created", CLAIM);
    cr_assert_eq(gj_engine_decision(w.engine, "/pdd/s1", "4", true, &first), GJ_OK, "%s",
                 gj_errors_text(w.errors));
    cr_expect(strstr(first, "\"to\":\"merchant-review\"") != NULL, "%s", first);
    cr_expect(strstr(first, "\"name\":\"merchant-handling\"") != NULL, "%s", first);
    cr_expect_eq(feed(&w, "4", "2026-03-02T10:00:00", "aftersale.created", CLAIM).status,
                 GJ_DUPLICATE);
    gj_engine_advance(w.engine, at("2026-03-09T10:00:00+08:00"));
    cr_assert_eq(gj_engine_decision(w.engine, NULL, "4", true, &second), GJ_OK);
    cr_expect_str_eq(first, second);
    cr_expect_eq(gj_engine_decision(w.engine, NULL, "nobody", true, &none), GJ_EINPUT);
    cr_expect_null(none);
    gj_string_free(first);
    gj_string_free(second);
    close_world(&w);
}

Test(engine_stream, what_comes_late_is_applied_as_of_its_time)
{
    struct world w = open_world(NULL);
    an_order(&w);
    feed(&w, "4", "2026-03-02T10:00:00", "aftersale.created", CLAIM);
    gj_engine_advance(w.engine, at("2026-03-05T10:00:00+08:00"));
    expect_state(&w, "\"pdd.refund-only\":\"refunded\"", true);
    /* the merchant had refused in time; we hear of it late */
    gj_reception got = feed(&w, "5", "2026-03-03T10:00:00", "aftersale.refused",
                            "{\"aftersale_id\":\"A1\",\"by\":\"merchant\"}");
    cr_expect(got.late);
    expect_state(&w, "\"pdd.refund-only\":\"refused\"", true);
    close_world(&w);
}

Test(engine_stream, an_event_before_what_it_speaks_of)
{
    struct world w = open_world(NULL);
    an_order(&w);
    feed(&w, "5", "2026-03-03T10:00:00", "aftersale.refused",
         "{\"aftersale_id\":\"A1\",\"by\":\"merchant\"}");
    expect_state(&w, "pdd.refund-only\":\"", false);
    /* only now the claim comes, dated before: two cases turn out to be one */
    feed(&w, "4", "2026-03-02T10:00:00", "aftersale.created", CLAIM);
    expect_state(&w, "\"pdd.refund-only\":\"refused\"", true);
    close_world(&w);
}

#define SAID(ID, TEXT)                                                                           \
    "{\"session_id\":\"S1\",\"message_id\":\"" ID "\",\"sender\":\"agent\",\"agent_id\":\"g1\"," \
    "\"buyer_id\":\"b1\",\"text\":\"" TEXT "\"}"

/* The session runs again, and its other messages are judged, before the shop hears of this one. */
Test(engine_stream, a_message_that_comes_late_is_flagged_for_what_it_says)
{
    struct world w = open_world(NULL);
    feed(&w, "2", "2026-03-03T10:00:00", "chat.message.created", SAID("M2", "哦"));
    gj_reception got =
        feed(&w, "1", "2026-03-01T10:00:00", "chat.message.created", SAID("M1", "加我微信聊吧"));
    cr_expect(got.late);
    expect_state(&w, "\"pdd.word-hits\":\"hit-1\"", true);
    close_world(&w);
}

Test(engine_stream, of_one_instant_what_opens_a_case_goes_first)
{
    struct world w = open_world(NULL);
    char before[33] = "", after[33] = "";
    feed(&w, "2", "2026-03-01T09:00:00", "order.paid", "{\"order_id\":\"O1\",\"paid_fen\":5900}");
    expect_state(&w, "\"pdd.price-change\":", false);
    gj_reception got = feed(&w, "1", "2026-03-01T09:00:00", "order.created", ORDER);
    cr_expect_eq(got.status, GJ_APPLIED);
    cr_expect_not(got.late, "it came in time");
    expect_state(&w, "\"pdd.price-change\":\"closed\"", true);
    expect_state(&w, "\"kind\":\"product\",\"id\":\"P1\"", true); /* counted for what is in it */
    cr_assert_eq(gj_engine_rebuild(w.engine, before, after), GJ_OK);
    cr_expect_str_eq(before, after);
    close_world(&w);
}

Test(engine_stream, a_wrong_outcome_is_reversed_by_entries)
{
    struct world w = open_world(NULL);
    feed(&w, "1", "2026-03-01T09:00:00", "order.created", ORDER);
    feed(&w, "2", "2026-03-01T09:05:00", "order.paid", "{\"order_id\":\"O1\",\"paid_fen\":5900}");
    feed(&w, "3", "2026-03-05T12:00:00", "order.shipped",
         "{\"order_id\":\"O1\",\"tracking_no\":\"T1\",\"carrier_kind\":\"courier\"}");
    expect_state(&w, "\"account\":\"shop\",\"amount\":-500", true);
    /* it had been shipped before: the fine goes back, and what was booked still stands there */
    feed(&w, "4", "2026-03-02T12:00:00", "order.shipped",
         "{\"order_id\":\"O1\",\"tracking_no\":\"T0\",\"carrier_kind\":\"courier\"}");
    expect_state(&w, "\"account\":\"shop\",\"amount\":-500", true);
    expect_state(&w, "\"account\":\"shop\",\"amount\":500", true);
    expect_state(&w, "\"reverses\":\"pdd.penalty.logistics-timeout-5", true);
    close_world(&w);
}

/* The sum of the platform's account: what the shop has paid it. */
static long long paid(struct world *w)
{
    static const char part[] = "\"account\":\"platform\",\"amount\":";
    char *json = gj_engine_state_json(w->engine, NULL);
    long long sum = 0;
    cr_assert_not_null(json);
    for (const char *in = json; (in = strstr(in, part)) != NULL; in++) {
        sum += strtoll(in + strlen(part), NULL, 10);
    }
    gj_string_free(json);
    return sum;
}

static void rule_on_it(struct world *w, const char *id, const char *time, const char *finding)
{
    char data[200];
    snprintf(data, sizeof data,
             "{\"finding_id\":\"%s\",\"rule\":\"pdd.penalty.logistics-timeout-5\",\"by\":\"p\","
             "\"subject\":{\"kind\":\"order\",\"id\":\"O1\"}}",
             finding);
    feed(w, id, time, "finding.ruled", data);
}

#define LIFTED(id) "{\"penalty_id\":\"" id "\",\"outcome\":\"lifted\"}"

/* What an order cost by itself goes with the last ruling that confirmed it; also where the order is
 * told of after all that, and where it turns out that there was nothing to rule on. */
Test(engine_stream, lifted_with_what_the_case_had_cost_by_itself)
{
    struct world w = open_world(NULL);
    char before[33] = "", after[33] = "";
    feed(&w, "1", "2026-03-01T09:00:00", "order.created", ORDER);
    feed(&w, "2", "2026-03-05T12:00:00", "order.shipped",
         "{\"order_id\":\"O1\",\"tracking_no\":\"T1\",\"carrier_kind\":\"courier\"}");
    rule_on_it(&w, "3", "2026-03-06T09:00:00", "F1");
    rule_on_it(&w, "4", "2026-03-07T09:00:00", "F2");
    feed(&w, "5", "2026-03-08T09:00:00", "penalty.settled", LIFTED("F2"));
    cr_expect_eq(paid(&w), 500, "F1 alone");
    feed(&w, "6", "2026-03-01T09:05:00", "order.paid", "{\"order_id\":\"O1\",\"paid_fen\":5900}");
    cr_expect_eq(paid(&w), 500, "it was late, and F1 says so");
    feed(&w, "7", "2026-03-09T09:00:00", "penalty.settled", LIFTED("F1"));
    cr_expect_eq(paid(&w), 0);
    rule_on_it(&w, "8", "2026-03-10T09:00:00", "F3");
    cr_expect_eq(paid(&w), 500, "ruled anew");
    feed(&w, "9", "2026-03-11T09:00:00", "penalty.settled", LIFTED("F3"));
    feed(&w, "10", "2026-03-02T12:00:00", "order.shipped",
         "{\"order_id\":\"O1\",\"tracking_no\":\"T0\",\"carrier_kind\":\"courier\"}");
    cr_expect_eq(paid(&w), 0, "shipped in time, there was nothing to lift");
    cr_expect_eq(gj_engine_check(w.engine, w.errors), GJ_OK, "%s", gj_errors_text(w.errors));
    cr_expect_eq(gj_engine_rebuild(w.engine, before, after), GJ_OK, "%s", gj_errors_text(w.errors));
    cr_expect_str_eq(before, after);
    close_world(&w);
}

static void say(struct world *w, int n, bool buyer)
{
    char id[20], time[30], data[300];
    snprintf(id, sizeof id, "%c%d", buyer ? 'q' : 'a', n);
    snprintf(time, sizeof time, "2026-03-02T09:%02d:%02d", n / 2, n % 2 * 30 + (buyer ? 0 : 20));
    snprintf(data, sizeof data,
             "{\"session_id\":\"S%d\",\"message_id\":\"%s\",\"buyer_id\":\"b%d\",\"text\":\"%s\","
             "\"sender\":%s}",
             n, id, n, buyer ? "在吗" : "您好，有现货的，谢谢您",
             buyer ? "\"buyer\"" : "\"agent\",\"agent_id\":\"a1\"");
    feed(w, id, time, "chat.message.created", data);
}

/* The fine that a day's metric has booked, and the platform's notice of it on the next day: one
 * sum, also where the day is known to be bad only later; a notice of a later day speaks of another.
 */
Test(engine_stream, what_a_window_has_cost_is_noticed_in_the_next)
{
    struct world w = open_world(NULL);
    char before[33] = "", after[33] = "";
    const char *notice = "{\"penalty_id\":\"%s\",\"rule\":\"pdd.penalty.reply-rate-1000\"}";
    char first[100], second[100];
    snprintf(first, sizeof first, notice, "N1");
    snprintf(second, sizeof second, notice, "N2");
    for (int i = 0; i < 99; i++) {
        say(&w, i, true);
    }
    gj_engine_advance(w.engine, at("2026-03-03T01:00:00+08:00"));
    feed(&w, "n1", "2026-03-03T10:00:00", "penalty.notified", first);
    cr_expect_eq(paid(&w), 100000, "of 99 buyers: the platform says so");
    say(&w, 99, true);
    cr_expect_eq(paid(&w), 100000, "of 100: so does the metric");
    feed(&w, "n2", "2026-03-04T10:00:00", "penalty.notified", second);
    cr_expect_eq(paid(&w), 200000, "of the day after");
    feed(&w, "l1", "2026-03-05T10:00:00", "penalty.settled", LIFTED("N1"));
    cr_expect_eq(paid(&w), 100000);
    for (int i = 0; i < 50; i++) {
        say(&w, i, false);
    }
    cr_expect_eq(paid(&w), 100000, "half were answered: there was nothing to lift");
    cr_expect_eq(gj_engine_check(w.engine, w.errors), GJ_OK, "%s", gj_errors_text(w.errors));
    cr_expect_eq(gj_engine_rebuild(w.engine, before, after), GJ_OK, "%s", gj_errors_text(w.errors));
    cr_expect_str_eq(before, after);
    close_world(&w);
}

Test(engine_stream, the_log_gives_the_state_again)
{
    struct world w = open_world(NULL);
    char before[33] = "", after[33] = "";
    an_order(&w);
    feed(&w, "4", "2026-03-02T10:00:00", "aftersale.created", CLAIM);
    feed(&w, "5", "2026-03-01T09:30:00", "order.details_checked",
         "{\"order_id\":\"O1\",\"agent_id\":\"a1\"}");
    gj_engine_advance(w.engine, at("2026-03-09T10:00:00+08:00"));
    cr_expect_eq(gj_engine_rebuild(w.engine, before, after), GJ_OK, "%s", gj_errors_text(w.errors));
    cr_expect(strcmp(before, after) == 0);
    close_world(&w);
}

Test(engine_stream, what_was_committed_is_there_again)
{
    char path[] = "/tmp/guiju-engine-XXXXXX", before[33], after[33];
    close(mkstemp(path));
    struct world w = open_world(path);
    an_order(&w);
    gj_engine_commit(w.engine);
    gj_engine_state_hash(w.engine, before);
    feed(&w, "9", "2026-03-02T10:00:00", "aftersale.created", CLAIM); /* never committed */
    close_world(&w);
    w = open_world(path);
    gj_engine_state_hash(w.engine, after);
    cr_expect_str_eq(before, after);
    expect_state(&w, "\"kind\":\"aftersale\"", false);
    close_world(&w);
    unlink(path);
}

Test(engine_stream, a_line_out_of_contract_is_refused)
{
    static const char *const lines[] = {
        "",
        "{",
        "[]",
        "{\"specversion\":\"1.0\"}",
        "{\"specversion\":\"1.0\",\"id\":\"x\",\"source\":\"/pdd/s1\",\"type\":\"order.eaten\","
        "\"time\":\"2026-03-01T09:00:00+08:00\",\"data\":{}}",
        "{\"specversion\":\"1.0\",\"id\":\"x\",\"source\":\"/nowhere/s1\",\"type\":\"order.paid\","
        "\"time\":\"2026-03-01T09:00:00+08:00\",\"data\":{\"order_id\":\"O1\",\"paid_fen\":1}}",
        "{\"specversion\":\"1.0\",\"id\":\"x\",\"source\":\"/pdd/s1\",\"type\":\"order.paid\","
        "\"time\":\"2026-03-01T09:00:00+08:00\",\"data\":{\"order_id\":\"O1\"}}"};
    struct world w = open_world(NULL);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        gj_reception got;
        cr_expect_eq(gj_engine_apply(w.engine, lines[i], strlen(lines[i]), 0, &got), GJ_OK);
        cr_expect_eq(got.status, GJ_REFUSED, "%s", lines[i]);
        cr_expect(got.why[0] != '\0');
    }
    close_world(&w);
}

/* What the shop told afterwards changes nothing of what a message brought. */
Test(engine_stream, a_decision_is_by_the_configuration_that_was)
{
    struct world w = open_world(NULL);
    char *first = NULL, *second = NULL;
    feed(&w, "1", "2026-03-01T09:00:00", "shop.configured", "{\"name\":\"a\"}");
    feed(&w, "2", "2026-03-01T10:00:00", "chat.message.created",
         "{\"session_id\":\"S1\",\"message_id\":\"M1\",\"sender\":\"agent\",\"agent_id\":\"a1\","
         "\"buyer_id\":\"b1\",\"text\":\"请点这个链接 https://shop.example.com/pay 付款\"}");
    cr_assert_eq(gj_engine_decision(w.engine, "/pdd/s1", "2", true, &first), GJ_OK);
    feed(&w, "3", "2026-03-01T11:00:00", "shop.configured",
         "{\"authorised_hosts\":[\"shop.example.com\"]}");
    cr_assert_eq(gj_engine_decision(w.engine, "/pdd/s1", "2", true, &second), GJ_OK);
    cr_expect_str_eq(first, second);
    gj_string_free(first);
    gj_string_free(second);
    close_world(&w);
}
