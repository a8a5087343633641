/* Room flow: what transitions and deadlines do with time: an entry's dates, ties, circles. */
#include "small_support.h"

#define ORDER_FLOW(id) "flow: " id "\n" HEAD "entity: order\n"

static void make(struct small *s, const char *time, const char *order)
{
    char data[60];
    snprintf(data, sizeof data, "{'order_id':'%s'}", order);
    tell(s, time, "order.made", data);
}

static void expect_of(struct small *s, const char *order, const char *states)
{
    char wanted[120];
    snprintf(wanted, sizeof wanted, "\"id\":\"%s\",\"states\":{%s}", order, states);
    expect_state(s, wanted, true);
}

/* `from` is the first day, `until` the first no longer, in China's days: what happens in between
 * begins a flow, and what has begun comes to its end after it. */
Test(flow_run, a_flow_begins_within_its_dates_and_ends_behind_them)
{
    struct small s =
        open_small(ORDER_FLOW("here.order") "from: 2026-02-01\nuntil: 2026-03-01\n"
                                            "start:\n  order.made: {to: open}\n"
                                            "states:\n  open:\n"
                                            "    after: {end: {in: days(20), to: late}}\n"
                                            "    on: {order.told: {to: told}}\n"
                                            "  late: {final: true}\n"
                                            "  told: {final: true}\n",
                   NULL);
    make(&s, "2026-01-31T23:59:59+08:00", "O1");
    make(&s, "2026-02-01T00:00:00+08:00", "O2");
    make(&s, "2026-02-28T23:59:58+08:00", "O3");
    make(&s, "2026-02-28T23:59:59+08:00", "O4");
    make(&s, "2026-03-01T00:00:00+08:00", "O5");
    tell(&s, "2026-03-05T10:00:00+08:00", "order.told", "{'order_id':'O3'}");
    cr_assert_eq(gj_engine_advance(s.engine, at("2026-04-01T00:00:00+08:00")), GJ_OK);
    expect_of(&s, "O1", "");
    expect_of(&s, "O2", "\"here.order\":\"late\"");
    expect_of(&s, "O3", "\"here.order\":\"told\"");
    expect_of(&s, "O4", "\"here.order\":\"late\"");
    expect_of(&s, "O5", "");
    expect_whole(&s);
    close_small(&s);
}

/* A finding that a flow raises holds within the finding's own dates. */
Test(flow_run, what_a_flow_raises_is_found_within_its_dates)
{
    struct small s = open_small(
        ORDER_FLOW("here.order") "start:\n  order.made: {to: open, raise: here.found}\n"
                                 "states:\n  open: {}\n---\n"
                                 "finding: here.found\n" HEAD
                                 "severity: minor\nfrom: 2026-02-01\nuntil: 2026-03-01\n",
        NULL);
    make(&s, "2026-01-31T23:59:59+08:00", "O1");
    expect_state(&s, "\"findings\":[]", true);
    make(&s, "2026-03-01T00:00:00+08:00", "O2");
    expect_state(&s, "\"findings\":[]", true);
    make(&s, "2026-02-28T23:59:59+08:00", "O3");
    expect_state(&s, "\"rule\":\"here.found\",\"at\":\"2026-02-28T23:59:59+08:00\"", true);
    make(&s, "2026-02-01T00:00:00+08:00", "O4");
    expect_state(&s, "\"rule\":\"here.found\",\"at\":\"2026-02-01T00:00:00+08:00\"", true);
    expect_whole(&s);
    close_small(&s);
}

/* ---- deadlines at one instant ---- */

Test(flow_run, of_two_deadlines_of_a_state_the_one_written_first_fires)
{
    struct small s = open_small(ORDER_FLOW("here.order") "start:\n  order.made: {to: open}\n"
                                                         "states:\n  open:\n    after:\n"
                                                         "      z: {in: hours(1), to: first}\n"
                                                         "      a: {in: minutes(60), to: second}\n"
                                                         "  first: {final: true}\n"
                                                         "  second: {final: true}\n",
                                NULL);
    make(&s, "2026-03-01T10:00:00+08:00", "O1");
    cr_assert_eq(gj_engine_advance(s.engine, at("2026-03-01T11:00:01+08:00")), GJ_OK);
    expect_of(&s, "O1", "\"here.order\":\"first\"");
    expect_whole(&s);
    close_small(&s);
}

Test(flow_run, of_two_flows_the_one_written_first_fires)
{
    struct small s = open_small(
        ORDER_FLOW("here.z") "start:\n  order.made: {to: open}\n"
                             "states:\n  open:\n    after:\n"
                             "      end: {in: hours(1), when: 'in_state(\"here.a\", \"open\")',"
                             " to: first}\n"
                             "  first: {final: true}\n---\n" ORDER_FLOW(
                                 "here.a") "start:\n  order.made: {to: open}\n"
                                           "states:\n  open:\n    after:\n"
                                           "      end: {in: hours(1), when: 'in_state(\"here.z\","
                                           " \"open\")', to: first}\n"
                                           "  first: {final: true}\n",
        NULL);
    make(&s, "2026-03-01T10:00:00+08:00", "O1");
    cr_assert_eq(gj_engine_advance(s.engine, at("2026-03-01T11:00:01+08:00")), GJ_OK);
    expect_of(&s, "O1", "\"here.a\":\"open\",\"here.z\":\"first\"");
    expect_whole(&s);
    close_small(&s);
}

/* By their ids, whichever was told first. */
Test(flow_run, of_two_entities_that_with_the_lesser_id_fires_first)
{
    struct small s = open_small("flow: here.claim\n" HEAD "entity: claim\n"
                                "start:\n  claim.made: {to: open}\n"
                                "states:\n  open:\n    after:\n"
                                "      end: {in: hours(1), when: 'running(\"here.claim\") == 2',"
                                " to: first}\n"
                                "  first: {final: true}\n",
                                NULL);
    tell(&s, "2026-03-01T10:00:00+08:00", "claim.made", "{'claim_id':'C2','order_id':'O1'}");
    tell(&s, "2026-03-01T10:00:00+08:00", "claim.made", "{'claim_id':'C1','order_id':'O1'}");
    tell(&s, "2026-03-01T10:00:00+08:00", "claim.made", "{'claim_id':'C3','order_id':'O2'}");
    tell(&s, "2026-03-01T10:00:00+08:00", "claim.made", "{'claim_id':'C4','order_id':'O2'}");
    cr_assert_eq(gj_engine_advance(s.engine, at("2026-03-01T11:00:01+08:00")), GJ_OK);
    expect_of(&s, "C1", "\"here.claim\":\"first\"");
    expect_of(&s, "C2", "\"here.claim\":\"open\"");
    expect_of(&s, "C3", "\"here.claim\":\"first\"");
    expect_of(&s, "C4", "\"here.claim\":\"open\"");
    expect_whole(&s);
    close_small(&s);
}

/* ---- circles ---- */

/* A thousand turns at one instant and no more; at another instant they are counted anew. */
Test(flow_run, deadlines_in_a_circle_stop_after_a_thousand_turns, .timeout = 20)
{
    struct small s = open_small(
        ORDER_FLOW(
            "here.order") "vars: {turns: int}\n"
                          "start:\n  order.made: {to: a, set: {turns: '0'}}\n"
                          "states:\n  a:\n    after:\n"
                          "      go: {in: minutes(0), to: b, set: {turns: order.turns + 1}}\n"
                          "  b:\n    after:\n"
                          "      go: {in: minutes(0), to: a, set: {turns: order.turns + 1}}\n"
                          "  end: {}\n"
                          "  told: {}\n"
                          "every:\n  order.told:\n"
                          "    - {when: order.turns == 1000, to: end}\n"
                          "    - {when: order.turns == 2000, to: told}\n"
                          "    - {to: a}\n",
        NULL);
    make(&s, "2026-03-01T10:00:00+08:00", "O1");
    cr_assert_eq(gj_engine_advance(s.engine, at("2026-03-01T10:30:00+08:00")), GJ_OK);
    tell(&s, "2026-03-01T11:00:00+08:00", "order.told", "{'order_id':'O1'}");
    expect_of(&s, "O1", "\"here.order\":\"end\"");
    tell(&s, "2026-03-01T12:00:00+08:00", "order.told", "{'order_id':'O1'}");
    expect_of(&s, "O1", "\"here.order\":\"end\"");
    expect_whole(&s);
    close_small(&s);
}
