/* Tests of room engine: small rulebooks of their own, legal but odd, and what an engine makes of
 * them. */
#include "small_support.h"

/* ---- circles ---- */

Test(engine_small, entities_that_name_each_other, .timeout = 20)
{
    struct small s = open_small("flow: here.claim\n" HEAD "entity: claim\n"
                                "start:\n  claim.made: {to: open}\n"
                                "states:\n  open:\n    on: {claim.made: {to: other}}\n"
                                "  other:\n    on: {order.told: {to: told}}\n"
                                "  told: {final: true}\n",
                                NULL);
    tell(&s, "2026-03-01T10:00:00+08:00", "claim.made", "{'claim_id':'C1','order_id':'O1'}");
    tell(&s, "2026-03-01T10:01:00+08:00", "order.made", "{'order_id':'O1','claim_id':'C1'}");
    tell(&s, "2026-03-01T10:02:00+08:00", "claim.made", "{'claim_id':'C2','order_id':'O1'}");
    expect_state(&s, "\"id\":\"C1\",\"states\":{\"here.claim\":\"other\"}", true);
    tell(&s, "2026-03-01T10:03:00+08:00", "order.told", "{'order_id':'O1'}");
    expect_state(&s, "\"id\":\"C1\",\"states\":{\"here.claim\":\"told\"}", true);
    expect_state(&s, "\"id\":\"C2\",\"states\":{\"here.claim\":\"open\"}", true);
    expect_whole(&s);
    close_small(&s);
}

Test(engine_small, deadlines_that_go_in_a_circle, .timeout = 20)
{
    struct small s = open_small("flow: here.circle\n" HEAD "entity: order\n"
                                "start:\n  order.made: {to: a}\n"
                                "states:\n  a:\n    after: {on: {in: minutes(0), to: b}}\n"
                                "  b:\n    after: {back: {at: entered, to: a}}\n"
                                "    on: {order.told: {to: c}}\n"
                                "  c: {final: true}\n"
                                "every:\n  order.told: {to: c}\n",
                                NULL);
    tell(&s, "2026-03-01T10:00:00+08:00", "order.made", "{'order_id':'O1'}");
    cr_assert_eq(gj_engine_advance(s.engine, at("2026-03-02T10:00:00+08:00")), GJ_OK);
    expect_state(&s, "\"deadlines\":[]", true);
    expect_whole(&s);
    tell(&s, "2026-03-01T10:00:00+08:00", "order.told", "{'order_id':'O1'}");
    expect_state(&s, "\"here.circle\":\"c\"", true);
    expect_whole(&s);
    close_small(&s);
}

/* ---- windows that have ended ---- */

#define ASKED                                                                         \
    "counter: here.asked\non: buyer.asked\nkey: event.buyer_id\n---\n"                \
    "counter: here.bad\non: buyer.bad\nkey: event.buyer_id\n"                         \
    "at: \"has(event.since) ? event.since : now\"\n---\n"                             \
    "finding: here.found\n" HEAD "severity: major\nbooks: now\n"                      \
    "entries: [{fen: 100, from: shop, to: platform}]\n---\n"                          \
    "metric: here.metric\n" HEAD "window: day\ncounts: {asked: {keys: here.asked}}\n" \
    "leave_out: {all: here.bad}\nnumerator: asked\ndenominator: asked\nraise: here.found\n"

static void ask(struct small *s, const char *day, int count)
{
    for (int i = 0; i < count; i++) {
        char time[40], data[40];
        snprintf(time, sizeof time, "%s", day);
        snprintf(data, sizeof data, "{'buyer_id':'b%d'}", i);
        tell(s, time, "buyer.asked", data);
    }
}

/* What comes late at two times, far apart, in one batch changes the windows of both. */
Test(engine_small, late_marks_far_apart_change_both_windows)
{
    struct small s = open_small(ASKED "breach: asked >= 2\n", NULL);
    ask(&s, "2026-01-01T10:00:00+08:00", 1);
    ask(&s, "2026-04-01T10:00:00+08:00", 1);
    ask(&s, "2026-01-02T10:00:00+08:00", 2);
    ask(&s, "2026-03-30T10:00:00+08:00", 2);
    cr_assert_eq(gj_engine_commit(s.engine), GJ_OK);
    expect_state(&s, "\"at\":\"2026-01-03T00:00:00+08:00\"", true);
    expect_state(&s, "\"at\":\"2026-03-31T00:00:00+08:00\"", true);
    expect_whole(&s);
    close_small(&s);
}

/* Who is left out from a day on is so in all windows since. */
Test(engine_small, who_is_left_out_late_is_so_ever_after)
{
    struct small s = open_small(ASKED "breach: asked >= 2\n", NULL);
    ask(&s, "2026-01-02T10:00:00+08:00", 2);
    ask(&s, "2026-03-30T10:00:00+08:00", 2);
    tell(&s, "2026-04-01T10:00:00+08:00", "buyer.bad",
         "{'buyer_id':'b0','since':'2026-01-01T10:00:00+08:00'}");
    cr_assert_eq(gj_engine_commit(s.engine), GJ_OK);
    expect_state(&s, "\"findings\":[]", true);
    expect_whole(&s);
    close_small(&s);
}

/* Means that are told late hold until others are told. */
Test(engine_small, means_that_come_late_hold_ever_after)
{
    struct small s = open_small(ASKED "breach: asked >= mean_count\n", NULL);
    tell(&s, "2026-01-01T10:00:00+08:00", "shop.configured", "{'open':true}");
    ask(&s, "2026-03-30T10:00:00+08:00", 2);
    tell(&s, "2026-04-01T10:00:00+08:00", "shop.configured", "{'open':false}");
    tell(&s, "2026-01-02T10:00:00+08:00", "shop.configured",
         "{'category_means':{'here.metric':{'rate_bp':1,'count':2}}}");
    cr_assert_eq(gj_engine_commit(s.engine), GJ_OK);
    expect_state(&s, "\"at\":\"2026-03-31T00:00:00+08:00\"", true);
    expect_whole(&s);
    close_small(&s);
}

/* ---- clocks ---- */

static int count_of(struct small *s, const char *wanted)
{
    char *json = gj_engine_state_json(s->engine, NULL);
    int count = 0;
    cr_assert_not_null(json);
    for (const char *at = json; (at = strstr(at, wanted)) != NULL; at++) {
        count++;
    }
    gj_string_free(json);
    return count;
}

/* Days on which clocks change have 23 and 25 hours: each is one window, found once. */
static void ask_on(const char *day, const char *ends)
{
    struct small s = open_small(ASKED "breach: asked >= 2\n", NULL);
    char wanted[80];
    tell(&s, "2026-03-01T10:00:00-05:00", "shop.configured", "{'zone':'America/New_York'}");
    ask(&s, day, 2);
    cr_assert_eq(gj_engine_advance(s.engine, at("2026-12-01T00:00:00Z")), GJ_OK);
    cr_expect_eq(count_of(&s, "\"rule\":\"here.found\",\"at\":"), 1, "%s", day);
    snprintf(wanted, sizeof wanted, "\"rule\":\"here.found\",\"at\":\"%s\",\"subject\"", ends);
    expect_state(&s, wanted, true);
    expect_whole(&s);
    close_small(&s);
}

Test(engine_small, days_on_which_clocks_change)
{
    ask_on("2026-03-08T23:30:00-04:00", "2026-03-09T00:00:00-04:00");
    ask_on("2026-11-01T23:30:00-05:00", "2026-11-02T00:00:00-05:00");
    ask_on("2026-11-01T00:30:00-04:00", "2026-11-02T00:00:00-05:00");
}

/* A zone that nobody knows is China's, whatever came before, also after a restart. */
Test(engine_small, a_zone_that_nobody_knows)
{
    char db[] = "/tmp/guiju-small-db-XXXXXX", hash[2][33];
    int file = mkstemp(db);
    cr_assert_geq(file, 0);
    close(file);
    struct small s = open_small(ASKED "breach: asked >= 2\n", db);
    tell(&s, "2026-03-01T10:00:00Z", "shop.configured", "{'zone':'America/New_York'}");
    tell(&s, "2026-03-02T10:00:00Z", "shop.configured", "{'zone':'Here/Nowhere'}");
    ask(&s, "2026-03-03T15:59:00Z", 2);
    cr_assert_eq(gj_engine_commit(s.engine), GJ_OK);
    gj_engine_state_hash(s.engine, hash[0]);
    gj_engine_close(s.engine);
    s.engine = gj_engine_open(s.book, db, s.errors);
    cr_assert_not_null(s.engine);
    gj_engine_state_hash(s.engine, hash[1]);
    cr_expect_str_eq(hash[0], hash[1]);
    cr_assert_eq(gj_engine_advance(s.engine, at("2026-03-03T16:00:01Z")), GJ_OK);
    expect_state(&s, "\"rule\":\"here.found\",\"at\":\"2026-03-04T00:00:00+08:00\"", true);
    expect_whole(&s);
    close_small(&s);
    unlink(db);
}

/* Midnight comes by the new clock, and so do deadlines that go by its days. */
Test(engine_small, a_shop_that_moves_to_another_zone)
{
    struct small s = open_small("flow: here.flow\n" HEAD "entity: order\n"
                                "start:\n  order.made: {to: a}\n"
                                "states:\n  a:\n    after:\n"
                                "      night: {at: day_start(entered) + days(1), to: b}\n"
                                "  b: {final: true}\n---\n" ASKED "breach: asked >= 2\n",
                                NULL);
    tell(&s, "2026-03-02T10:00:00+08:00", "order.made", "{'order_id':'O1'}");
    tell(&s, "2026-03-02T11:00:00+08:00", "shop.configured", "{'zone':'-05:00'}");
    ask(&s, "2026-03-02T12:00:00+08:00", 2);
    cr_expect_eq(gj_engine_next_due(s.engine), at("2026-03-02T00:00:00-05:00"));
    cr_assert_eq(gj_engine_advance(s.engine, at("2026-03-02T13:00:00+08:00")), GJ_OK);
    expect_state(&s, "\"findings\":[]", true);
    expect_whole(&s);
    cr_assert_eq(gj_engine_advance(s.engine, at("2026-03-02T13:00:01+08:00")), GJ_OK);
    expect_state(&s, "\"here.flow\":\"b\"", true);
    expect_state(&s, "\"rule\":\"here.found\",\"at\":\"2026-03-02T00:00:00-05:00\"", true);
    expect_whole(&s);
    close_small(&s);
}

/* ---- many of one case ---- */

static int count_rows(void *context, const gj_deadline_row *row)
{
    size_t *count = context;
    *count += strcmp(row->to, "late") == 0;
    return 0;
}

Test(engine_small, all_deadlines_of_a_case_are_told)
{
    struct small s = open_small("flow: here.claim\n" HEAD "entity: claim\n"
                                "start:\n  claim.made: {to: open}\n"
                                "states:\n  open:\n    after: {end: {in: hours(1), to: late}}\n"
                                "  late: {final: true}\n",
                                NULL);
    enum { CLAIMS = 150 };
    size_t all = 0, of_one = 0;
    int64_t more = -1;
    for (int i = 0; i < CLAIMS; i++) {
        char data[60];
        snprintf(data, sizeof data, "{'claim_id':'C%d','order_id':'O1'}", i);
        tell(&s, "2026-03-01T10:00:00+08:00", "claim.made", data);
    }
    cr_expect_eq(gj_engine_deadlines(s.engine, NULL, GJ_ALWAYS, 0, count_rows, &all, &more), GJ_OK);
    cr_expect_eq(all, CLAIMS);
    cr_expect_eq(more, 0);
    cr_expect_eq(
        gj_engine_entity_deadlines(s.engine, "/here/s1", "order", "O1", count_rows, &of_one),
        GJ_OK);
    cr_expect_eq(of_one, CLAIMS);
    expect_whole(&s);
    close_small(&s);
}

/* How many are told before `hour` o'clock, `limit` at most; the result: cases that have further
 * ones. */
static int64_t look_ahead(struct small *s, int hour, size_t limit, size_t *told)
{
    char at[40];
    int64_t before = 0, more = -1;
    snprintf(at, sizeof at, "2026-03-01T%02d:00:00+08:00", hour);
    cr_assert_eq(gj_time_parse(at, &before), 0);
    *told = 0;
    cr_expect_eq(gj_engine_deadlines(s->engine, NULL, before, limit, count_rows, told, &more),
                 GJ_OK);
    return more;
}

Test(engine_small, cases_with_further_deadlines_are_counted)
{
    struct small s = open_small("flow: here.claim\n" HEAD "entity: claim\n"
                                "start:\n  claim.made: {to: open}\n"
                                "states:\n  open:\n    after:\n"
                                "      near: {in: hours(1), to: late}\n"
                                "      far: {in: hours(5), to: late}\n"
                                "  late: {final: true}\n",
                                NULL);
    size_t told = 0;
    for (int i = 0; i < 3; i++) {
        char data[60];
        snprintf(data, sizeof data, "{'claim_id':'C%d','order_id':'O%d'}", i, i);
        tell(&s, "2026-03-01T10:00:00+08:00", "claim.made", data);
    }
    cr_expect_eq(look_ahead(&s, 11, 0, &told), 3);
    cr_expect_eq(told, 0);
    cr_expect_eq(look_ahead(&s, 12, 0, &told),
                 3); /* the cases are read, their far ones are later */
    cr_expect_eq(told, 3);
    cr_expect_eq(look_ahead(&s, 12, 2, &told),
                 3); /* one near one is cut off, of the same instant */
    cr_expect_eq(told, 2);
    cr_expect_eq(look_ahead(&s, 18, 5, &told), 1);
    cr_expect_eq(told, 5);
    cr_expect_eq(look_ahead(&s, 18, 0, &told), 0);
    cr_expect_eq(told, 6);
    close_small(&s);
}

/* ---- sums ---- */

#define LADDER                                                                        \
    "ladder: here.ladder\n" HEAD "points: general\nreset: year\nrule: here.reset\n"   \
    "steps: {12: here.step}\n---\nfinding: here.step\n" HEAD "severity: major\n---\n" \
    "finding: here.reset\n" HEAD "severity: minor\n"

static int take_ladder(void *context, const gj_ladder_row *row)
{
    *(gj_ladder_row *)context = *row;
    return 0;
}

static void notify(struct small *s, const char *time, int penalty, const char *points)
{
    char data[120];
    snprintf(data, sizeof data, "{'finding_id':'F%d','points':%s,'class':'general'}", penalty,
             points);
    tell(s, time, "penalty.notified", data);
}

/* What of last year is lifted in this one counts for neither, in the report as on the ladder. */
Test(engine_small, points_of_last_year_that_are_lifted)
{
    struct small s = open_small(LADDER, NULL);
    gj_ladder_row row = {.sum = -1};
    notify(&s, "2025-12-20T10:00:00+08:00", 1, "3");
    notify(&s, "2026-01-10T10:00:00+08:00", 2, "10");
    tell(&s, "2026-01-15T10:00:00+08:00", "penalty.settled",
         "{'finding_id':'F1','outcome':'lifted'}");
    cr_assert_eq(gj_engine_commit(s.engine), GJ_OK);
    cr_assert_eq(
        gj_engine_ladders(s.engine, "/here/s1", at("2026-01-16T00:00:00+08:00"), take_ladder, &row),
        GJ_OK);
    cr_expect_eq(row.sum, 10);
    cr_expect_eq(row.next, 12);
    cr_assert_eq(
        gj_engine_ladders(s.engine, "/here/s1", at("2026-01-01T00:00:00+08:00"), take_ladder, &row),
        GJ_OK);
    cr_expect_eq(row.sum, 3, "it was not lifted yet");
    notify(&s, "2026-01-20T10:00:00+08:00", 3, "2");
    expect_state(&s, "\"rule\":\"here.step\"", true);
    expect_whole(&s);
    close_small(&s);
}

Test(engine_small, points_beyond_all_measure)
{
    struct small s = open_small(LADDER, NULL);
    gj_ladder_row row = {.sum = -1};
    notify(&s, "2026-01-10T10:00:00+08:00", 1, "9223372036854775807");
    notify(&s, "2026-01-11T10:00:00+08:00", 2, "9223372036854775807");
    cr_assert_eq(gj_engine_commit(s.engine), GJ_OK);
    cr_assert_eq(
        gj_engine_ladders(s.engine, "/here/s1", at("2026-01-16T00:00:00+08:00"), take_ladder, &row),
        GJ_OK);
    cr_expect_eq(row.sum, INT64_MAX);
    notify(&s, "2027-01-11T10:00:00+08:00", 3, "-9223372036854775808");
    expect_state(&s, "\"rule\":\"here.step\"", true);
    expect_whole(&s);
    close_small(&s);
}

/* A total that cannot be said is none: what depends on it waits. */
Test(engine_small, a_total_beyond_all_measure)
{
    struct small s = open_small(
        "flow: here.order\n" HEAD "entity: order\nstart:\n  order.made: {to: open}\n"
        "states:\n  open:\n    on:\n"
        "      order.told: {when: \"total_in(\\\"here.order\\\", \\\"open\\\", \\\"n\\\") < 0\","
        " to: low}\n"
        "  low: {final: true}\n",
        NULL);
    tell(&s, "2026-03-01T10:00:00+08:00", "order.made", "{'order_id':'O1'}");
    tell(&s, "2026-03-01T10:01:00+08:00", "order.told",
         "{'order_id':'O1','n':9223372036854775807}");
    expect_state(&s, "\"here.order\":\"open\"", true);
    tell(&s, "2026-03-01T10:02:00+08:00", "order.told",
         "{'order_id':'O1','n':-9223372036854775808}");
    expect_state(&s, "\"here.order\":\"low\"", true);
    expect_whole(&s);
    close_small(&s);
}

/* ---- what a case remembers ---- */

/* Instants are microseconds: what is finer is not remembered until the next restart alone. */
Test(engine_small, a_case_remembers_the_same_after_a_restart)
{
    char db[] = "/tmp/guiju-small-db-XXXXXX";
    for (int restart = 0; restart < 2; restart++) {
        int file = mkstemp(db);
        cr_assert_geq(file, 0);
        close(file);
        struct small s =
            open_small("flow: here.order\n" HEAD "entity: order\nvars: {ahead: duration}\n"
                       "start:\n  order.made:\n"
                       "    - {to: open, set: {ahead: \"duration('-1500ms')\"}}\n"
                       "states:\n  open:\n    on:\n      order.told:\n"
                       "        - {when: order.due > order.made_at, to: later}\n"
                       "        - {when: \"order.ahead < duration('-1600ms')\", to: later}\n"
                       "  later: {final: true}\n",
                       db);
        tell(&s, "2026-03-01T10:00:00+08:00", "order.made",
             "{'order_id':'O1','due':'2026-03-01T10:00:00.000000900+08:00'}");
        if (restart) {
            cr_assert_eq(gj_engine_commit(s.engine), GJ_OK);
            gj_engine_close(s.engine);
            s.engine = gj_engine_open(s.book, db, s.errors);
            cr_assert_not_null(s.engine);
        }
        tell(&s, "2026-03-01T10:01:00+08:00", "order.told", "{'order_id':'O1'}");
        expect_state(&s, "\"here.order\":\"open\"", true);
        expect_whole(&s);
        close_small(&s);
        unlink(db);
        memcpy(db + strlen(db) - 6, "XXXXXX", 6);
    }
}

/* ---- copies ---- */

/* A database is read by its name as it is, also where that looks like a part of a URI. */
Test(engine_small, a_copy_of_a_database_of_any_name)
{
    char dir[] = "/tmp/guiju-small-db-XXXXXX", db[80];
    cr_assert_not_null(mkdtemp(dir));
    snprintf(db, sizeof db, "%s/a?mode=x#b%%41 \347\272\277.db", dir);
    struct small s = open_small("flow: here.order\n" HEAD "entity: order\n"
                                "start:\n  order.made: {to: open}\nstates:\n  open: {}\n",
                                db);
    tell(&s, "2026-03-01T10:00:00+08:00", "order.made", "{'order_id':'O1'}");
    cr_assert_eq(gj_engine_commit(s.engine), GJ_OK);
    gj_engine_close(s.engine);
    s.engine = gj_engine_open_copy(s.book, db, s.errors);
    cr_assert(s.engine != NULL, "%s", gj_errors_text(s.errors));
    expect_state(&s, "\"here.order\":\"open\"", true);
    close_small(&s);
    cr_expect_eq(unlink(db), 0);
    cr_expect_eq(rmdir(dir), 0, "nothing else was left beside it");
}

/* ---- what applies ---- */

/* Of a shop, as it is: it is asked again when the shop has told something, or a flow of its own. */
Test(engine_small, what_applies_follows_the_shop_itself)
{
    struct small s = open_small("flow: here.shop\n" HEAD "entity: shop\nvars: {ripe: bool}\n"
                                "start:\n  shop.configured: {to: new}\n"
                                "states:\n  new:\n    after:\n"
                                "      grow: {in: days(1), to: old, set: {ripe: 'true'}}\n"
                                "  old: {}\n---\n"
                                "flow: here.order\n" HEAD "entity: order\n"
                                "applies: has(shop.ripe) && shop.ripe\n"
                                "start:\n  order.made: {to: open}\n"
                                "states:\n  open:\n    on: {order.told: {to: told}}\n"
                                "  told: {final: true}\n",
                                NULL);
    tell(&s, "2026-03-01T10:00:00+08:00", "shop.configured", "{'open':true}");
    tell(&s, "2026-03-01T11:00:00+08:00", "order.made", "{'order_id':'O1'}");
    tell(&s, "2026-03-03T11:00:00+08:00", "order.made", "{'order_id':'O2'}");
    expect_state(&s, "\"id\":\"O1\",\"states\":{}", true);
    expect_state(&s, "\"id\":\"O2\",\"states\":{\"here.order\":\"open\"}", true);
    expect_whole(&s);
    /* the same of what comes late, by the shop as it was */
    tell(&s, "2026-03-04T10:00:00+08:00", "shop.configured", "{'open':false}");
    tell(&s, "2026-03-02T12:00:00+08:00", "order.made", "{'order_id':'O3'}");
    tell(&s, "2026-03-02T09:00:00+08:00", "order.made", "{'order_id':'O4'}");
    cr_assert_eq(gj_engine_commit(s.engine), GJ_OK);
    expect_state(&s, "\"id\":\"O3\",\"states\":{\"here.order\":\"open\"}", true);
    expect_state(&s, "\"id\":\"O4\",\"states\":{}", true);
    expect_whole(&s);
    close_small(&s);
}

/* ---- what is said in several cases, seen by one whom it concerns ---- */

/* Blocked or not, and told late; of a shop for which no flow is over such entities it is not made.
 */
Test(engine_small, every_message_is_seen_by_its_buyer)
{
    struct small s = open_small("flow: here.heard\n" HEAD "entity: buyer\n"
                                "applies: has(shop.open) && shop.open\n"
                                "start:\n  buyer.heard: {to: once}\n"
                                "states:\n  once:\n    on: {buyer.heard: {to: twice}}\n"
                                "  twice:\n    on: {buyer.heard: {to: often}}\n"
                                "  often: {final: true}\n",
                                NULL);
    tell(&s, "2026-03-01T10:00:00+08:00", "order.said",
         "{'order_id':'O1','buyer_id':'b1','text':'t'}");
    expect_state(&s, "\"kind\":\"buyer\"", false);
    tell(&s, "2026-03-01T11:00:00+08:00", "shop.configured", "{'open':true}");
    tell(&s, "2026-03-01T12:00:00+08:00", "order.said",
         "{'order_id':'O1','buyer_id':'b1','text':'t'}");
    tell(&s, "2026-03-01T14:00:00+08:00", "order.said",
         "{'order_id':'O2','buyer_id':'b2','text':'t'}");
    expect_state(&s, "\"id\":\"b1\",\"states\":{\"here.heard\":\"once\"}", true);
    tell(&s, "2026-03-01T15:00:00+08:00", "order.said",
         "{'order_id':'O2','buyer_id':'b1','text':'t'}");
    expect_state(&s, "\"id\":\"b1\",\"states\":{\"here.heard\":\"twice\"}", true);
    tell(&s, "2026-03-01T13:00:00+08:00", "order.said",
         "{'order_id':'O3','buyer_id':'b1','text':'t'}");
    expect_state(&s, "\"id\":\"b1\",\"states\":{\"here.heard\":\"often\"}", true);
    expect_state(&s, "\"id\":\"b2\",\"states\":{\"here.heard\":\"once\"}", true);
    expect_whole(&s);
    close_small(&s);
}
