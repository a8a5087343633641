/* Tests of room engine: what a server that runs for long needs of it. */
#include <sqlite3.h>
#include <unistd.h>

#include "engine_support.h"

#define ORDER                                                                                  \
    "{\"order_id\":\"O1\",\"buyer_id\":\"b1\",\"goods_fen\":5900,\"freight_fen\":0,\"lines\":" \
    "[{\"line_id\":\"l1\",\"product_id\":\"P1\",\"quantity\":1,\"price_fen\":5900}]}"
#define CLAIM                                                                                    \
    "{\"aftersale_id\":\"A1\",\"order_id\":\"O1\",\"buyer_id\":\"b1\",\"kind\":\"refund_only\"," \
    "\"reason\":\"quality\",\"amount_fen\":5900}"

static gj_reception feed_to(struct bench *b, const char *source, const char *id, const char *time,
                            const char *type, const char *data)
{
    char line[2000];
    gj_reception got;
    snprintf(line, sizeof line,
             "{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"%s\",\"type\":\"%s\","
             "\"time\":\"%s+08:00\",\"data\":%s}",
             id, source, type, time, data);
    if (gj_engine_apply(b->engine, line, strlen(line), 0, &got) != GJ_OK) {
        bench_complain(b, line);
    }
    cr_assert(got.status != GJ_REFUSED, "%s", got.why);
    return got;
}

static gj_reception feed(struct bench *b, const char *id, const char *time, const char *type,
                         const char *data)
{
    return feed_to(b, "/pdd/s1", id, time, type, data);
}

static int64_t at(const char *time)
{
    int64_t micros = 0;
    cr_assert_eq(gj_time_parse(time, &micros), 0);
    return micros;
}

static void an_order(struct bench *b)
{
    feed(b, "1", "2026-03-01T09:00:00", "order.created", ORDER);
    feed(b, "2", "2026-03-01T09:05:00", "order.paid", "{\"order_id\":\"O1\",\"paid_fen\":5900}");
    feed(b, "3", "2026-03-01T12:00:00", "order.shipped",
         "{\"order_id\":\"O1\",\"tracking_no\":\"T1\",\"carrier_kind\":\"courier\"}");
}

/* Its clock runs out at 2026-03-04T10:00:00+08:00. */
static void a_claim(struct bench *b)
{
    an_order(b);
    feed(b, "4", "2026-03-02T10:00:00", "aftersale.created", CLAIM);
}

/* ---- notices ---- */

struct notices {
    int64_t seqs[8];
    char text[500];
    size_t count;
};

static int take_notice(void *context, const gj_notice_row *row)
{
    struct notices *n = context;
    size_t len = strlen(n->text);
    n->seqs[n->count++] = row->seq;
    snprintf(n->text + len, sizeof n->text - len, "%s %s %s %lld;", row->source, row->type,
             row->body, (long long)row->at);
    return 0;
}

Test(engine_live, a_notice_is_durable_with_its_batch)
{
    const char *path = "/tmp/guiju-live-notices.db";
    struct notices n = {.count = 0};
    int64_t seq = 0;
    remove(path);
    struct bench b = bench_open(path);
    an_order(&b);
    cr_assert_eq(gj_engine_notice_add(b.engine, "/pdd/s1", "deadline", 7, "{}", &seq), GJ_OK);
    cr_expect_eq(seq, 1);
    gj_engine_commit(b.engine);
    cr_assert_eq(gj_engine_notice_add(b.engine, "/pdd/s1", "verdict", 8, "[1]", &seq), GJ_OK);
    bench_close(&b); /* without a commit: the second is lost */
    b = bench_open(path);
    cr_assert_eq(gj_engine_notices(b.engine, 0, 0, take_notice, &n), GJ_OK);
    cr_expect_str_eq(n.text, "/pdd/s1 deadline {} 7;");
    bench_close(&b);
    remove(path);
}

Test(engine_live, notices_are_told_in_order_and_dropped_by_time)
{
    struct bench b = bench_open(NULL);
    struct notices n = {.count = 0};
    for (int64_t i = 1; i <= 5; i++) {
        cr_assert_eq(gj_engine_notice_add(b.engine, "/pdd/s1", "t", i * 10, "{}", NULL), GJ_OK);
    }
    gj_engine_notices(b.engine, 1, 2, take_notice, &n);
    cr_expect_eq(n.count, 2);
    cr_expect_eq(n.seqs[0], 2);
    cr_expect_eq(n.seqs[1], 3);
    cr_expect_eq(gj_engine_notices_drop(b.engine, 51), GJ_OK);
    cr_expect_eq(gj_engine_commit(b.engine), GJ_OK);
    cr_expect_eq(gj_engine_notice_last(b.engine), 5);
    int64_t seq = 0;
    gj_engine_notice_add(b.engine, "/pdd/s1", "t", 60, "{}", &seq);
    cr_expect_eq(seq, 6, "numbers are not used again");
    bench_close(&b);
}

Test(engine_live, a_rebuild_leaves_notices_alone)
{
    struct bench b = bench_open(NULL);
    struct notices n = {.count = 0};
    char before[33], after[33], hash[33];
    a_claim(&b);
    gj_engine_commit(b.engine);
    gj_engine_state_hash(b.engine, hash);
    gj_engine_notice_add(b.engine, "/pdd/s1", "t", 1, "{}", NULL);
    cr_assert_eq(gj_engine_rebuild(b.engine, before, after), GJ_OK);
    cr_expect_str_eq(before, hash);
    cr_expect_str_eq(after, hash);
    gj_engine_notices(b.engine, 0, 0, take_notice, &n);
    cr_expect_eq(n.count, 1);
    bench_close(&b);
}

/* ---- a listener ---- */

struct heard {
    struct gj_buf text; /* a line a notice */
    size_t count;
};

static void hear(void *context, const gj_notice *n)
{
    struct heard *h = context;
    gj_buf_addf(&h->text, "%s %s/%s", gj_notice_name(n->kind), n->entity, n->id);
    if (n->kind == GJ_NOTICE_MOVED) {
        gj_buf_addf(&h->text, " %s>%s", n->before, n->state);
    } else if (n->kind == GJ_NOTICE_FIRED) {
        gj_buf_addf(&h->text, " %s", n->name);
    } else if (n->kind == GJ_NOTICE_ENTRY || n->kind == GJ_NOTICE_REVERSED) {
        int64_t sum = 0;
        for (size_t i = 0; i < n->part_count; i++) {
            sum += n->parts[i].amount;
            gj_buf_addf(&h->text, " %s%+lld", n->parts[i].account, (long long)n->parts[i].amount);
        }
        cr_expect_eq(sum, 0);
    } else if (n->kind == GJ_NOTICE_VERDICT) {
        gj_buf_addf(&h->text, " %s", gj_suggestion_name(n->verdict->suggestion));
    } else if (n->kind == GJ_NOTICE_DEADLINES) {
        gj_buf_addf(&h->text, " %d", n->due != GJ_ALWAYS);
    } else {
        gj_buf_addf(&h->text, " %s", n->rule);
    }
    gj_buf_addf(&h->text, " by %s\n", n->event);
    cr_expect(n->source && n->title_zh && n->because_zh && n->because_en);
    h->count++;
}

static void expect_heard(struct heard *h, const char *wanted, bool there)
{
    cr_expect_eq(strstr(h->text.ptr, wanted) != NULL, there, "'%s' %s in\n%s", wanted,
                 there ? "is not" : "is", h->text.ptr);
}

static struct heard listen(struct bench *b, struct heard *h)
{
    gj_buf_init(&h->text);
    gj_engine_listen(b->engine, hear, h);
    return *h;
}

Test(engine_live, who_listens_is_told_what_moves_and_fires)
{
    struct bench b = bench_open(NULL);
    struct heard h = {.count = 0};
    listen(&b, &h);
    a_claim(&b);
    expect_heard(&h, "state aftersale/A1 >merchant-review by 4\n", true);
    expect_heard(&h, "deadlines order/O1 1 by 4\n", true);
    expect_heard(&h, "deadline aftersale/A1", false);
    gj_buf_reset(&h.text);
    gj_engine_tick(b.engine, at("2026-03-04T10:00:01+08:00"));
    expect_heard(&h, "state aftersale/A1 merchant-review>refunded by \n", true);
    expect_heard(&h, "deadline aftersale/A1 merchant-handling by \n", true);
    size_t before = h.count;
    char one[33], other[33], *json = NULL;
    gj_engine_rebuild(b.engine, one, other);
    gj_question question = {.kind = "aftersale", .id = "A1"};
    gj_engine_explain(b.engine, &question, &json);
    gj_string_free(json);
    gj_engine_decision(b.engine, NULL, "4", true, &json);
    gj_string_free(json);
    cr_expect_eq(h.count, before, "nothing happens in a rebuild or an explanation");
    gj_engine_listen(b.engine, NULL, NULL);
    feed(&b, "9", "2026-03-05T10:00:00", "order.created",
         "{\"order_id\":\"O9\",\"buyer_id\":"
         "\"b1\",\"goods_fen\":1,\"freight_fen\":0,\"lines\":[]}");
    cr_expect_eq(h.count, before);
    gj_buf_release(&h.text);
    bench_close(&b);
}

Test(engine_live, of_a_late_event_the_differences_are_told)
{
    struct bench b = bench_open(NULL);
    struct heard h = {.count = 0};
    a_claim(&b);
    gj_engine_tick(b.engine, at("2026-03-05T10:00:00+08:00"));
    gj_engine_commit(b.engine);
    listen(&b, &h);
    feed(&b, "5", "2026-03-03T10:00:00", "aftersale.refused",
         "{\"aftersale_id\":\"A1\",\"by\":\"merchant\"}");
    expect_heard(&h, "state aftersale/A1 refunded>refused by 5\n", true);
    expect_heard(&h, "merchant-review", false);
    expect_heard(&h, "state order/O1", false);
    gj_buf_release(&h.text);
    bench_close(&b);
}

Test(engine_live, deadlines_that_only_a_late_event_brings_are_told)
{
    struct bench b = bench_open(NULL);
    struct heard h = {.count = 0};
    an_order(&b);
    gj_engine_tick(b.engine, at("2026-03-06T10:00:00+08:00"));
    gj_engine_commit(b.engine);
    listen(&b, &h);
    feed(&b, "4", "2026-03-02T10:00:00", "aftersale.created", CLAIM);
    expect_heard(&h, "deadline aftersale/A1 merchant-handling by 4\n", true);
    gj_buf_release(&h.text);
    bench_close(&b);
}

Test(engine_live, what_an_agent_must_not_say_is_told)
{
    struct bench b = bench_open(NULL);
    struct heard h = {.count = 0};
    listen(&b, &h);
    feed(&b, "1", "2026-03-01T09:00:00", "chat.message.created",
         "{\"session_id\":\"S1\",\"message_id\":\"m1\",\"sender\":\"agent\",\"buyer_id\":\"b1\","
         "\"agent_id\":\"a1\","
         "\"kind\":\"text\",\"text\":\"亲加我微信 abc12345 便宜卖给您\"}");
    expect_heard(&h, "verdict message/m1 block by 1\n", true);
    expect_heard(&h, "finding message/m1 ", true);
    gj_buf_release(&h.text);
    bench_close(&b);
}

/* What was told adds up to what the database holds. */
struct tallied {
    int64_t findings, rows;
};

static void tally(void *context, const gj_notice *n)
{
    struct tallied *t = context;
    t->findings += (n->kind == GJ_NOTICE_FINDING) - (n->kind == GJ_NOTICE_WITHDRAWN);
    t->rows += (int64_t)n->part_count;
}

static int count_finding(void *context, const gj_finding_row *row)
{
    struct tallied *t = context;
    (void)row;
    t->findings--;
    return 0;
}

static int count_entry(void *context, const gj_ledger_row *row)
{
    struct tallied *t = context;
    (void)row;
    t->rows--;
    return 0;
}

static struct tallied told_and_stored(struct bench *b, const struct stream *s)
{
    struct tallied t = {0};
    gj_engine_listen(b->engine, tally, &t);
    gj_string_free(bench_run_ticked(b, s, GJ_MICROS));
    gj_engine_listen(b->engine, NULL, NULL);
    for (size_t i = 0; i < b->engine->shop_count; i++) {
        const char *source = b->engine->shops[i]->source.ptr;
        gj_engine_findings(b->engine, source, INT64_MIN, GJ_ALWAYS, count_finding, &t);
        gj_engine_ledger(b->engine, source, INT64_MIN, GJ_ALWAYS, count_entry, &t);
    }
    return t;
}

Test(engine_live, what_is_told_adds_up_to_what_is_stored)
{
    struct bench b = bench_open(NULL);
    gj_simulation settings = {
        .seed = 7, .shops = 3, .days = 12, .orders = 10, .from = 1772323200, .late = 60};
    struct stream s = stream_simulated(&settings, b.errors);
    struct tallied t = told_and_stored(&b, &s);
    cr_expect_eq(t.findings, 0);
    cr_expect_eq(t.rows, 0);
    stream_free(&s);
    bench_close(&b);
}

/* ---- one entity ---- */

Test(engine_live, an_entity_is_told_with_its_case)
{
    struct bench b = bench_open(NULL);
    char *json = NULL;
    a_claim(&b);
    cr_assert_eq(gj_engine_entity_json(b.engine, "/pdd/s1", "aftersale", "A1", &json), GJ_OK, "%s",
                 gj_errors_text(b.errors));
    const char *const parts[] = {"{\"source\":\"/pdd/s1\",\"kind\":\"aftersale\",\"id\":\"A1\"",
                                 "\"pdd.refund-only\":\"merchant-review\"",
                                 "\"reason\":\"quality\"",
                                 "\"entities\":[",
                                 "\"kind\":\"order\",\"id\":\"O1\"",
                                 "\"name\":\"merchant-handling\"",
                                 "\"findings\":[",
                                 "\"ledger\":[",
                                 "\"measures\":["};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        cr_expect(strstr(json, parts[i]) != NULL, "%s is not in\n%s", parts[i], json);
    }
    struct gj_json_parser *parser = gj_json_parser_new();
    const char *why = "";
    cr_expect(gj_json_parse(parser, gj_str_of(json), 0, &why) != NULL, "%s", why);
    gj_json_parser_free(parser);
    gj_string_free(json);
    cr_expect_eq(gj_engine_entity_json(b.engine, "/pdd/s1", "aftersale", "A2", &json), GJ_EINPUT);
    cr_expect_null(json);
    cr_expect_eq(gj_engine_entity_json(b.engine, "/pdd/s2", "aftersale", "A1", &json), GJ_EINPUT);
    cr_expect_eq(gj_engine_entity_json(b.engine, "/pdd/s1", "nothing", "A1", &json), GJ_EINPUT);
    bench_close(&b);
}

static int add_entity(void *context, const gj_entity_row *row)
{
    gj_buf_addf(context, "%s/%s ", row->kind, row->id);
    return 0;
}

Test(engine_live, entities_are_listed_page_by_page)
{
    struct bench b = bench_open(NULL);
    struct gj_buf text;
    gj_buf_init(&text);
    a_claim(&b);
    gj_engine_entities(b.engine, "/pdd/s1", "order", NULL, NULL, 0, add_entity, &text);
    cr_expect_str_eq(text.ptr, "order/O1 ");
    gj_buf_reset(&text);
    gj_engine_entities(b.engine, "/pdd/s1", NULL, NULL, NULL, 1, add_entity, &text);
    cr_expect_str_eq(text.ptr, "aftersale/A1 ");
    gj_buf_reset(&text);
    gj_engine_entities(b.engine, "/pdd/s1", NULL, "aftersale", "A1", 0, add_entity, &text);
    cr_expect(strstr(text.ptr, "aftersale/A1") == NULL && strstr(text.ptr, "order/O1") != NULL,
              "%s", text.ptr);
    gj_buf_release(&text);
    bench_close(&b);
}

static int keep_row(void *context, const gj_finding_row *row)
{
    *(int64_t *)context = row->row;
    cr_expect_not(row->withdrawn);
    return 1;
}

static int same_row(void *context, const gj_finding_row *row)
{
    cr_expect_eq(row->row, *(int64_t *)context);
    cr_expect_str_eq(row->source, "/pdd/s1");
    return 0;
}

Test(engine_live, a_finding_is_read_by_its_row)
{
    struct bench b = bench_open(NULL);
    int64_t row = 0;
    an_order(&b); /* nobody has looked at it for ten minutes */
    gj_engine_findings(b.engine, "/pdd/s1", INT64_MIN, GJ_ALWAYS, keep_row, &row);
    cr_assert_gt(row, 0);
    cr_expect_eq(gj_engine_finding(b.engine, row, same_row, &row), GJ_OK);
    cr_expect_eq(gj_engine_finding(b.engine, row + 1000, same_row, &row), GJ_EINPUT);
    bench_close(&b);
}

/* ---- time ---- */

Test(engine_live, a_tick_moves_only_shops_in_which_something_is_due)
{
    struct bench b = bench_open(NULL);
    int64_t due = at("2026-03-04T10:00:00+08:00");
    cr_expect_eq(gj_engine_next_due(b.engine), GJ_ALWAYS);
    a_claim(&b);
    feed_to(&b, "/pdd/idle", "1", "2026-03-02T09:00:00", "order.created", ORDER);
    cr_expect_leq(gj_engine_next_due(b.engine), at("2026-03-03T00:00:00+08:00"));
    cr_assert_eq(gj_engine_tick(b.engine, at("2026-03-04T09:00:00+08:00")), GJ_OK);
    gj_engine_commit(b.engine);
    cr_expect_eq(gj_engine_next_due(b.engine), due);
    cr_assert_eq(gj_engine_tick(b.engine, due), GJ_OK);
    cr_expect_not(b.engine->in_batch, "nothing is due before its instant, nothing is written");
    cr_assert_eq(gj_engine_tick(b.engine, due + GJ_MICROS), GJ_OK);
    cr_expect(b.engine->in_batch);
    gj_engine_commit(b.engine);
    for (size_t i = 0; i < b.engine->shop_count; i++) {
        bool idle = strcmp(b.engine->shops[i]->source.ptr, "/pdd/idle") == 0;
        cr_expect_eq(b.engine->shops[i]->now,
                     idle ? at("2026-03-04T09:00:00+08:00") : due + GJ_MICROS);
    }
    char *json = gj_engine_state_json(b.engine, NULL);
    cr_expect(strstr(json, "\"pdd.refund-only\":\"refunded\"") != NULL);
    gj_string_free(json);
    bench_close(&b);
}

static int check_since(void *context, const gj_deadline_row *row)
{
    size_t *count = context;
    if (strcmp(row->id, "A1") == 0 && strcmp(row->name, "merchant-handling") == 0) {
        cr_expect_eq(row->since, at("2026-03-02T10:00:00+08:00"));
        cr_expect_eq(row->at, at("2026-03-04T10:00:00+08:00"));
        ++*count;
    }
    return 0;
}

Test(engine_live, deadlines_of_one_entity_tell_since_when_they_run)
{
    struct bench b = bench_open(NULL);
    size_t count = 0;
    a_claim(&b);
    cr_expect_eq(
        gj_engine_entity_deadlines(b.engine, "/pdd/s1", "aftersale", "A1", check_since, &count),
        GJ_OK);
    cr_expect_eq(count, 1);
    cr_expect_eq(
        gj_engine_entity_deadlines(b.engine, "/pdd/s1", "order", "O1", check_since, &count), GJ_OK);
    cr_expect_eq(count, 2, "the order is of the same case");
    cr_expect_eq(
        gj_engine_entity_deadlines(b.engine, "/pdd/s1", "order", "O2", check_since, &count),
        GJ_EINPUT);
    bench_close(&b);
}

/* ---- another rulebook ---- */

/* The rulebook with its flow of refunds changed by a script of sed. */
static gj_rulebook *changed_book(const struct bench *b, const char *script)
{
    char command[400], dir[64];
    snprintf(dir, sizeof dir, "/tmp/guiju-live-rules-%d", (int)getpid());
    snprintf(command, sizeof command,
             "rm -rf %s && cp -r rulebook %s && sed -i '%s' %s/pdd/flows-refund.yaml", dir, dir,
             script, dir);
    cr_assert_eq(system(command), 0);
    gj_rulebook *book = gj_rulebook_open(dir, "", b->errors);
    snprintf(command, sizeof command, "rm -rf %s", dir);
    cr_assert_eq(system(command), 0);
    if (book == NULL || gj_rulebook_read_events(book, b->errors) != GJ_OK) {
        bench_complain(b, "changed rulebook");
    }
    return book;
}

static int find_due(void *context, const gj_deadline_row *row)
{
    int64_t *due = context;
    *due = strcmp(row->id, "A1") == 0 ? row->at : *due;
    return 0;
}

static int64_t due_of_claim(struct bench *b)
{
    int64_t due = 0;
    gj_engine_entity_deadlines(b->engine, "/pdd/s1", "aftersale", "A1", find_due, &due);
    return due;
}

static void a_refused_claim(struct bench *b)
{
    a_claim(b);
    feed(b, "5", "2026-03-03T10:00:00", "aftersale.refused",
         "{\"aftersale_id\":\"A1\",\"by\":\"merchant\"}");
    gj_engine_commit(b->engine);
}

Test(engine_live, a_new_rulebook_decides_from_the_next_event_on)
{
    struct bench b = bench_open(NULL);
    size_t strangers = 9;
    int64_t events = 0;
    char hash[65];
    a_refused_claim(&b);
    int64_t before = due_of_claim(&b);
    gj_rulebook *other = changed_book(&b, "s/in: param(\"pdd.refused-window\")/in: hours(1)/");
    cr_assert_eq(gj_engine_swap(b.engine, other, &strangers), GJ_OK, "%s",
                 gj_errors_text(b.errors));
    cr_expect_eq(strangers, 0);
    cr_expect_eq(due_of_claim(&b), at("2026-03-03T11:00:00+08:00"));
    cr_expect_gt(before, due_of_claim(&b));
    cr_expect_eq(gj_engine_check(b.engine, b.errors), GJ_OK, "%s", gj_errors_text(b.errors));
    cr_expect_eq(gj_engine_foreign(b.engine, &events, hash), GJ_OK);
    cr_expect_eq(events, 5);
    cr_expect_str_eq(hash, gj_rulebook_hash(b.book));
    cr_assert_eq(gj_engine_tick(b.engine, at("2026-03-03T11:00:01+08:00")), GJ_OK);
    char *json = gj_engine_state_json(b.engine, NULL);
    cr_expect(strstr(json, "\"pdd.refund-only\":\"lapsed\"") != NULL, "%s", json);
    gj_string_free(json);
    feed(&b, "6", "2026-03-03T12:00:00", "order.received", "{\"order_id\":\"O1\"}");
    gj_engine_commit(b.engine);
    gj_engine_foreign(b.engine, &events, hash);
    cr_expect_eq(events, 5, "the sixth is decided under the new one");
    gj_engine_close(b.engine);
    b.engine = NULL;
    gj_rulebook_free(other);
    bench_close(&b);
}

Test(engine_live, a_state_that_a_new_rulebook_lacks_is_told_and_kept)
{
    struct bench b = bench_open(NULL);
    size_t strangers = 0;
    char before[33], after[33];
    a_claim(&b);
    int64_t due = due_of_claim(&b);
    gj_rulebook *other = changed_book(&b, "s/merchant-review/with-merchant/g");
    cr_assert_eq(gj_engine_swap(b.engine, other, &strangers), GJ_OK, "%s",
                 gj_errors_text(b.errors));
    cr_expect_eq(strangers, 1);
    cr_expect(strstr(gj_errors_text(b.errors),
                     "/pdd/s1: aftersale A1 stands in 'merchant-review'") != NULL,
              "%s", gj_errors_text(b.errors));
    gj_errors_clear(b.errors);
    cr_expect_eq(due_of_claim(&b), 0);
    feed(&b, "6", "2026-03-02T11:00:00", "order.received", "{\"order_id\":\"O1\"}");
    gj_engine_commit(b.engine);
    cr_expect_eq(gj_engine_check(b.engine, b.errors), GJ_EINPUT);
    gj_errors_clear(b.errors);
    cr_assert_eq(gj_engine_swap(b.engine, b.book, &strangers), GJ_OK);
    cr_expect_eq(strangers, 0);
    cr_expect_eq(due_of_claim(&b), due, "it stands where it stood");
    char *went_on = gj_engine_state_json(b.engine, NULL);
    gj_engine_rebuild(b.engine, before, after);
    char *anew = gj_engine_state_json(b.engine, NULL);
    cr_expect_str_eq(went_on, anew, "as if it had never been away");
    gj_string_free(went_on);
    gj_string_free(anew);
    gj_rulebook_free(other);
    bench_close(&b);
}

/* ---- the events of a case ---- */

static size_t event_count(struct bench *b, const char *kind, const char *entity)
{
    struct gj_shop *shop = gj_engine_shop(b->engine, GJ_STR("/pdd/s1"));
    struct gj_history h = {.events = NULL};
    int64_t id = 0;
    cr_assert_eq(
        gj_store_entity_case(b->engine->store, shop->id, gj_str_of(kind), gj_str_of(entity), &id),
        0);
    cr_assert_eq(gj_history_read(b->engine, id, &h), 0);
    size_t count = h.count;
    for (size_t i = 1; i < count; i++) {
        cr_expect_leq(h.events[i - 1].at, h.events[i].at);
    }
    gj_history_release(&h);
    return count;
}

static void agent_status(struct bench *b, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        char id[32], time[48];
        snprintf(id, sizeof id, "status-%zu", i);
        snprintf(time, sizeof time, "2026-03-01T09:%02zu:00", i * 7 % 60);
        feed(b, id, time, "agent.status.changed",
             i % 2 == 0 ? "{\"agent_id\":\"a1\",\"status\":\"on_duty\"}"
                        : "{\"agent_id\":\"a1\",\"status\":\"off\"}");
    }
}

Test(engine_live, a_case_knows_its_events_however_many)
{
    const char *path = "/tmp/guiju-live-links.db";
    char before[33], after[33];
    remove(path);
    struct bench b = bench_open(path);
    size_t counts[] = {1, GJ_LINKS_MAX, GJ_LINKS_MAX + 1, 2 * GJ_LINKS_MAX + 5}, from = 0;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        agent_status(&b, from, counts[i]);
        from = counts[i];
        cr_expect_eq(event_count(&b, "agent", "a1"), from);
        gj_engine_commit(b.engine);
        bench_close(&b);
        b = bench_open(path); /* in either place they are found again */
        cr_expect_eq(event_count(&b, "agent", "a1"), from);
    }
    an_order(&b);
    gj_engine_commit(b.engine);
    bench_close(&b);
    b = bench_open(path); /* the next one moves its deadline */
    feed(&b, "4", "2026-03-02T10:00:00", "aftersale.created", CLAIM);
    gj_engine_commit(b.engine);
    bench_close(&b);
    b = bench_open(path);
    cr_expect_eq(event_count(&b, "order", "O1"), 4);
    cr_assert_eq(gj_engine_rebuild(b.engine, before, after), GJ_OK);
    cr_expect_str_eq(before, after);
    cr_expect_eq(event_count(&b, "agent", "a1"), from);
    bench_close(&b);
    remove(path);
}

Test(engine_live, cases_that_become_one_have_the_events_of_both)
{
    struct bench b = bench_open(NULL);
    feed(&b, "0", "2026-03-02T10:00:00", "aftersale.refused",
         "{\"aftersale_id\":\"A1\",\"by\":\"merchant\"}");
    a_claim(&b);
    cr_expect_eq(event_count(&b, "order", "O1"), 5);
    cr_expect_eq(event_count(&b, "aftersale", "A1"), 5);
    gj_engine_commit(b.engine);
    bench_close(&b);
}

Test(engine_live, a_damaged_list_of_events_is_refused)
{
    struct gj_links links = {3, {5, 6, 2000}}, again = {.count = 9};
    struct gj_buf text;
    gj_buf_init(&text);
    gj_links_write(&links, &text);
    cr_expect_str_eq(text.ptr, "5 1 1994");
    cr_expect_eq(gj_links_read(&again, gj_buf_str(&text)), 0);
    cr_expect_eq(again.count, 3);
    cr_expect_eq(again.seqs[2], 2000);
    cr_expect_eq(gj_links_read(&again, GJ_STR("")), 0);
    cr_expect_eq(again.count, 0);
    static const char *const bad[] = {
        "x",
        "1 -2",
        "1  2",
        " 1",
        "1,2",
        "99999999999999999999",
        "9223372036854775807 1",
        "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cr_expect_eq(gj_links_read(&again, gj_str_of(bad[i])), -1, "%s", bad[i]);
    }
    gj_buf_release(&text);
}

/* ---- a shop's configuration that changes ---- */

static int64_t bound_cases(const char *path, const char *before)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, before, NULL, NULL, NULL), SQLITE_OK, "%s", sqlite3_errmsg(db));
    const char *count = "SELECT count(*) FROM cases INDEXED BY case_bound WHERE bound=1 AND shop>0";
    int64_t bound = -1; /* an older schema does not know */
    if (sqlite3_prepare_v2(db, count, -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW) {
        bound = sqlite3_column_int64(stmt, 0);
    }
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return bound;
}

static int find_ship_limit(void *context, const gj_deadline_row *row)
{
    int64_t *due = context;
    *due = strcmp(row->name, "ship-limit") == 0 ? row->at : *due;
    return 0;
}

static int64_t ship_limit(struct bench *b, const char *order)
{
    int64_t due = 0;
    gj_engine_entity_deadlines(b->engine, "/pdd/s1", "order", order, find_ship_limit, &due);
    return due;
}

/* Two orders, the second with an instant of its own to be shipped by. */
static void two_orders(struct bench *b)
{
    feed(b, "1", "2026-03-01T09:00:00", "order.created", ORDER);
    feed(b, "2", "2026-03-01T09:00:00", "order.created",
         "{\"order_id\":\"O2\",\"buyer_id\":\"b2\",\"goods_fen\":100,\"freight_fen\":0,\"lines\":["
         "{\"line_id\":\"l1\",\"product_id\":\"P1\",\"quantity\":1,\"price_fen\":100}],"
         "\"ship_by\":\"2026-03-05T09:00:00+08:00\"}");
    feed(b, "3", "2026-03-01T09:05:00", "order.paid", "{\"order_id\":\"O1\",\"paid_fen\":5900}");
    feed(b, "4", "2026-03-01T09:05:00", "order.paid", "{\"order_id\":\"O2\",\"paid_fen\":100}");
    gj_engine_advance(b->engine, at("2026-03-01T10:00:00+08:00"));
}

static void promise(bool older_schema)
{
    static const char *const paths[] = {"/tmp/guiju-live-promise.db", "/tmp/guiju-live-older.db"};
    const char *path = paths[older_schema];
    char before[33], after[33];
    remove(path);
    struct bench b = bench_open(path);
    two_orders(&b);
    cr_expect_eq(ship_limit(&b, "O1"), at("2026-03-03T09:05:00+08:00"));
    bench_close(&b);
    if (older_schema) {
        cr_expect_eq(
            bound_cases(path,
                        "INSERT INTO event_case SELECT n.case_id, e.seq FROM entity n JOIN event e "
                        "ON e.body LIKE '%\"order_id\":\"'||n.id||'\"%' WHERE n.kind='order';"
                        "ALTER TABLE cases DROP COLUMN links; DROP INDEX case_bound;"
                        "ALTER TABLE cases DROP COLUMN bound; DROP INDEX event_identity;"
                        "CREATE UNIQUE INDEX event_identity ON event(shop, id);"
                        "DROP INDEX entry_reversal; PRAGMA user_version=4"),
            -1);
    } else {
        cr_expect_eq(bound_cases(path, ""), 1, "the order without an instant of its own");
    }
    b = bench_open(path);
    feed(&b, "5", "2026-03-01T11:00:00", "shop.configured", "{\"promise\":{\"ship_hours\":24}}");
    gj_engine_commit(b.engine);
    cr_expect_eq(ship_limit(&b, "O1"), at("2026-03-02T09:05:00+08:00"));
    cr_expect_eq(ship_limit(&b, "O2"), at("2026-03-05T09:00:00+08:00"));
    cr_expect_eq(event_count(&b, "order", "O1"), 2);
    cr_expect_eq(gj_engine_check(b.engine, b.errors), GJ_OK, "%s", gj_errors_text(b.errors));
    cr_assert_eq(gj_engine_rebuild(b.engine, before, after), GJ_OK);
    cr_expect_str_eq(before, after);
    bench_close(&b);
    cr_expect_eq(bound_cases(path, ""), 1);
    remove(path);
}

Test(engine_live, what_a_shop_promises_moves_the_orders_bound_to_it)
{
    promise(false);
}

Test(engine_live, of_cases_from_an_older_schema_it_is_found_out)
{
    promise(true);
}

/* ---- a shop's configuration that comes late ---- */

static int keep_agent(void *context, const gj_finding_row *row)
{
    snprintf(context, 20, "%s", row->agent);
    return 0;
}

static void late_roster(bool restarted)
{
    const char *path = restarted ? "/tmp/guiju-live-roster.db" : NULL;
    char agent[20] = "";
    if (restarted) {
        remove(path);
    }
    struct bench b = bench_open(path);
    feed(&b, "1", "2026-03-01T09:00:00", "order.created", ORDER);
    gj_engine_tick(b.engine, at("2026-03-01T09:10:01+08:00"));
    gj_engine_commit(b.engine);
    gj_engine_findings(b.engine, "/pdd/s1", INT64_MIN, GJ_ALWAYS, keep_agent, agent);
    cr_expect_str_eq(agent, "");
    if (restarted) { /* what lived lately is not remembered, the store is asked */
        bench_close(&b);
        b = bench_open(path);
    }
    feed(&b, "2", "2026-03-01T09:05:00", "agent.status.changed",
         "{\"agent_id\":\"a1\",\"status\":\"on_duty\"}");
    gj_engine_commit(b.engine);
    gj_engine_findings(b.engine, "/pdd/s1", INT64_MIN, GJ_ALWAYS, keep_agent, agent);
    cr_expect_str_eq(agent, "a1");
    bench_close(&b);
    if (restarted) {
        remove(path);
    }
}

Test(engine_live, a_roster_that_comes_late_corrects_other_cases)
{
    late_roster(false);
}

Test(engine_live, a_roster_that_comes_late_after_a_restart_does_too)
{
    late_roster(true);
}
