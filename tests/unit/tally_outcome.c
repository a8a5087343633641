/* Room tally: what penalties book, and what becomes of it when they are told, settled or told
 * again. */
#include "small_support.h"

#define BOOKED(id, entries, measures)                                                             \
    "finding: " id "\n" HEAD "severity: major\nentries: " entries "\nmeasures: " measures "\n---" \
    "\n"
#define FINE "[{fen: 100, from: shop, to: platform}]"
#define RULES                                                                                \
    "measures:\n  limit: {zh: 限制, en: limit}\n  shut: {zh: 关店, en: shut}\n---\n" BOOKED( \
        "here.week", FINE, "[{what: limit, for: days(7)}]")                                  \
        BOOKED("here.fortnight", FINE, "[{what: limit, for: days(14)}]")                     \
            BOOKED("here.ever", FINE, "[{what: limit}]")                                     \
                BOOKED("here.dear", "[{fen: 300, from: shop, to: platform}]", "[]")          \
                    BOOKED("here.points", "[{points: 4, class: general}]",                   \
                           "[]") "finding: here.none\n" HEAD "severity: major\n"

#define TEN(day) "2026-03-" day "T10:00:00+08:00"

static void penalty(struct small *s, const char *time, const char *rest)
{
    char data[200];
    snprintf(data, sizeof data, "{'finding_id':'F1',%s}", rest);
    tell(s, time, "penalty.notified", data);
}

static void settle(struct small *s, const char *time, const char *rest)
{
    char data[200];
    snprintf(data, sizeof data, "{'finding_id':'F1',%s}", rest);
    tell(s, time, "penalty.settled", data);
}

/* How many lines of the state hold `part`. */
static int lines_with(struct small *s, const char *part)
{
    char *json = gj_engine_state_json(s->engine, NULL);
    int count = 0;
    cr_assert_not_null(json);
    for (const char *at = json; (at = strstr(at, part)) != NULL; at++) {
        count++;
    }
    gj_string_free(json);
    return count;
}

/* The sum of the shop's account in the ledger. */
static int64_t sum_of(struct small *s, const char *account)
{
    char *json = gj_engine_state_json(s->engine, NULL), wanted[60];
    int64_t sum = 0;
    cr_assert_not_null(json);
    snprintf(wanted, sizeof wanted, "\"account\":\"%s\",", account);
    for (const char *at = json; (at = strstr(at, wanted)) != NULL; at++) {
        const char *amount = strstr(at, "\"amount\":");
        cr_assert_not_null(amount);
        sum += strtoll(amount + 9, NULL, 10);
    }
    gj_string_free(json);
    return sum;
}

#define ROWS(s) lines_with(s, "\"account\":")

/* An entry is two rows; what a penalty does not name makes none. */
Test(tally_outcome, a_penalty_books_what_it_names)
{
    struct small s = open_small(RULES, NULL);
    penalty(&s, TEN("01"), "'rule':'nobody.knows','points':3,'class':'general'");
    cr_expect_eq(ROWS(&s), 2);
    cr_expect_eq(sum_of(&s, "shop:points:general"), 3);
    cr_expect_eq(sum_of(&s, "platform"), -3);
    tell(&s, TEN("02"), "penalty.notified", "{'finding_id':'F2','fine_fen':500}");
    cr_expect_eq(ROWS(&s), 4);
    cr_expect_eq(sum_of(&s, "shop"), -500);
    tell(&s, TEN("03"), "penalty.notified", "{'finding_id':'F3','rule':'here.week','points':2}");
    cr_expect_eq(ROWS(&s), 8, "its own fine, and the points beside it");
    cr_expect_eq(sum_of(&s, "shop"), -600);
    cr_expect_eq(sum_of(&s, "shop:points:general"), 5);
    tell(&s, TEN("04"), "penalty.notified", "{'finding_id':'F4','rule':'here.none'}");
    cr_expect_eq(ROWS(&s), 8);
    cr_expect_eq(lines_with(&s, "\"rule\":\"here.none\""), 1);
    expect_whole(&s);
    close_small(&s);
}

/* Where no event names the agent, who is found about is at fault, if that is one. */
Test(tally_outcome, an_agent_found_about_is_at_fault)
{
    struct small s =
        open_small("flow: here.agent\n" HEAD "entity: agent\nstart:\n  agent.came: {to: here}\n"
                   "states:\n  here:\n    after:\n"
                   "      late: {in: hours(1), to: gone, raise: here.away}\n"
                   "  gone: {final: true}\n---\n"
                   "finding: here.away\n" HEAD "severity: minor\nbooks: now\n"
                   "entries: [{fen: 50, from: agent, to: shop}]\n",
                   NULL);
    tell(&s, TEN("01"), "agent.came", "{'agent_id':'a7'}");
    cr_assert_eq(gj_engine_advance(s.engine, at(TEN("02"))), GJ_OK);
    expect_state(&s, "\"rule\":\"here.away\",\"at\":\"2026-03-01T11:00:00+08:00\"", true);
    expect_state(&s, "\"agent_id\":\"a7\"", true);
    cr_expect_eq(sum_of(&s, "agent:a7"), -50);
    cr_expect_eq(sum_of(&s, "shop"), 50);
    expect_whole(&s);
    close_small(&s);
}

/* Else whose conversation it is, as it was told before. */
Test(tally_outcome, whose_conversation_it_is_is_at_fault)
{
    struct small s = open_small("flow: here.session\n" HEAD "entity: session\n"
                                "start:\n  session.opened: {to: open}\n"
                                "states:\n  open:\n    after:\n"
                                "      late: {in: hours(1), to: gone, raise: here.silent}\n"
                                "  gone: {final: true}\n---\n"
                                "finding: here.silent\n" HEAD "severity: minor\nbooks: now\n"
                                "entries: [{fen: 50, from: agent, to: shop}]\n",
                                NULL);
    tell(&s, TEN("01"), "session.opened", "{'session_id':'S1','agent_id':'a9'}");
    tell(&s, TEN("01"), "session.opened", "{'session_id':'S2'}");
    cr_assert_eq(gj_engine_advance(s.engine, at(TEN("02"))), GJ_OK);
    expect_state(&s, "\"subject\":{\"kind\":\"session\",\"id\":\"S1\"},\"agent_id\":\"a9\"", true);
    cr_expect_eq(sum_of(&s, "agent:a9"), -50);
    cr_expect_eq(sum_of(&s, "shop"), 50, "of S2 nobody is known to pay");
    expect_state(&s, "取决于 agent_id", true);
    expect_whole(&s);
    close_small(&s);
}

/* Of several that nobody was known for, the agent is named for the last, though another of them
 * came to light after it. */
Test(tally_outcome, an_agent_is_named_for_what_was_found_last)
{
    struct small s =
        open_small("finding: here.open\n" HEAD "severity: minor\non: session.opened\n", NULL);
    tell(&s, TEN("02"), "session.opened", "{'session_id':'S1'}");
    tell(&s, TEN("01"), "session.opened", "{'session_id':'S1'}");
    tell(&s, TEN("03"), "session.opened", "{'session_id':'S1','agent_id':'a1'}");
    expect_state(&s, "\"rule\":\"here.open\",\"at\":\"2026-03-01T10:00:00+08:00\"", true);
    expect_state(&s, "\"rule\":\"here.open\",\"at\":\"2026-03-02T10:00:00+08:00\"", false);
    expect_whole(&s);
    close_small(&s);
}

/* An agent who comes out later is of the last of what was found without one; a deadline that runs
 * out for an agent who is known is another matter, and takes none of it away. */
Test(tally_outcome, an_agent_who_comes_out_is_of_one_matter)
{
    struct small s = open_small("flow: here.session\n" HEAD "entity: session\n"
                                "start:\n  session.opened: {to: open}\n"
                                "states:\n  open:\n    after:\n"
                                "      late: {in: hours(1), to: gone, raise: here.silent}\n"
                                "    on: {session.opened: {to: open}}\n"
                                "  gone:\n    on:\n"
                                "      session.opened:\n"
                                "      - {when: now > entered + hours(9), to: open}\n"
                                "      - {to: over, raise: here.silent}\n"
                                "  over: {final: true}\n---\n"
                                "finding: here.silent\n" HEAD "severity: minor\nbooks: now\n"
                                "entries: [{fen: 50, from: agent, to: shop}]\n",
                                NULL);
    const char *found = "\"rule\":\"here.silent\",\"at\"";
    tell(&s, TEN("01"), "session.opened", "{'session_id':'S1'}");
    tell(&s, TEN("02"), "session.opened", "{'session_id':'S1'}");
    tell(&s, TEN("03"), "session.opened", "{'session_id':'S1'}");
    cr_assert_eq(gj_engine_advance(s.engine, at("2026-03-03T12:00:00+08:00")), GJ_OK);
    cr_expect_eq(lines_with(&s, found), 3);
    tell(&s, "2026-03-03T13:00:00+08:00", "session.opened", "{'session_id':'S1','agent_id':'a9'}");
    cr_expect_eq(lines_with(&s, found), 3, "the third has an agent, the others have none");
    cr_expect_eq(sum_of(&s, "agent:a9"), -50);
    tell(&s, TEN("01"), "session.opened", "{'session_id':'S2'}");
    tell(&s, TEN("02"), "session.opened", "{'session_id':'S2','agent_id':'a9'}");
    cr_assert_eq(gj_engine_advance(s.engine, at(TEN("04"))), GJ_OK);
    cr_expect_eq(lines_with(&s, found), 5, "another hour, and not the agent of the first");
    cr_expect_eq(sum_of(&s, "agent:a9"), -100);
    expect_whole(&s);
    close_small(&s);
}

/* ---- one matter told again ---- */

Test(tally_outcome, told_again_for_the_same_nothing_happens)
{
    static const char *const rules[] = {"'rule':'here.week'", "'rule':'here.ever'",
                                        "'rule':'here.points'", "'rule':'here.week','fine_fen':80"};
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        struct small s = open_small(RULES, NULL);
        penalty(&s, TEN("01"), rules[i]);
        char *once = gj_engine_state_json(s.engine, NULL);
        penalty(&s, TEN("03"), rules[i]);
        char *twice = gj_engine_state_json(s.engine, NULL);
        cr_expect_str_eq(strstr(twice, "\"findings\""), strstr(once, "\"findings\""), "%s",
                         rules[i]);
        gj_string_free(once);
        gj_string_free(twice);
        expect_whole(&s);
        close_small(&s);
    }
}

/* Another rule with the same fine, which shuts for longer: it is found too, and its measure goes
 * from now; the fine is paid once. */
Test(tally_outcome, told_again_with_another_measure_it_takes_the_place)
{
    struct small s = open_small(RULES, NULL);
    penalty(&s, TEN("01"), "'rule':'here.week'");
    penalty(&s, TEN("03"), "'rule':'here.fortnight'");
    cr_expect_eq(sum_of(&s, "shop"), -100);
    cr_expect_eq(ROWS(&s), 6, "booked, taken back, booked");
    expect_state(&s, "\"rule\":\"here.week\",\"at\":\"2026-03-01T10:00:00+08:00\"", true);
    expect_state(&s, "\"rule\":\"here.fortnight\",\"at\":\"2026-03-03T10:00:00+08:00\"", true);
    expect_state(&s, "\"from\":\"2026-03-01T10:00:00+08:00\",\"to\":\"2026-03-03T10:00:00+08:00\"",
                 true);
    expect_state(&s, "\"from\":\"2026-03-03T10:00:00+08:00\",\"to\":\"2026-03-17T10:00:00+08:00\"",
                 true);
    expect_whole(&s);
    penalty(&s, TEN("04"), "'rule':'here.ever'");
    cr_expect_eq(sum_of(&s, "shop"), -100);
    expect_state(&s, "\"from\":\"2026-03-03T10:00:00+08:00\",\"to\":\"2026-03-04T10:00:00+08:00\"",
                 true);
    expect_whole(&s);
    close_small(&s);
}

Test(tally_outcome, told_again_with_another_sum_it_takes_the_place)
{
    struct small s = open_small(RULES, NULL);
    penalty(&s, TEN("01"), "'rule':'here.week'");
    penalty(&s, TEN("03"), "'rule':'here.dear'");
    cr_expect_eq(sum_of(&s, "shop"), -300);
    cr_expect_eq(lines_with(&s, "\"rule\":\"here.dear\",\"at\""), 1, "found");
    penalty(&s, TEN("04"), "'rule':'here.dear','fine_fen':40");
    cr_expect_eq(sum_of(&s, "shop"), -40);
    penalty(&s, TEN("05"), "'rule':'here.points'");
    cr_expect_eq(sum_of(&s, "shop"), 0);
    cr_expect_eq(sum_of(&s, "shop:points:general"), 4);
    expect_whole(&s);
    close_small(&s);
}

/* ---- settled ---- */

Test(tally_outcome, lifted_nothing_stands_and_measures_end)
{
    struct small s = open_small(RULES, NULL);
    penalty(&s, TEN("01"), "'rule':'here.week','points':2");
    settle(&s, TEN("03"), "'outcome':'lifted'");
    cr_expect_eq(sum_of(&s, "shop"), 0);
    cr_expect_eq(sum_of(&s, "platform"), 0);
    cr_expect_eq(sum_of(&s, "shop:points:general"), 0);
    cr_expect_eq(ROWS(&s), 8);
    expect_state(&s, "\"to\":\"2026-03-03T10:00:00+08:00\"", true);
    settle(&s, TEN("04"), "'outcome':'lifted'");
    cr_expect_eq(ROWS(&s), 8, "there is nothing left to lift");
    expect_whole(&s);
    close_small(&s);
}

/* A measure that was over by then ended when it ended. */
Test(tally_outcome, lifted_late_a_measure_is_not_prolonged)
{
    struct small s = open_small(RULES, NULL);
    penalty(&s, TEN("01"), "'rule':'here.week'");
    settle(&s, TEN("20"), "'outcome':'lifted'");
    expect_state(&s, "\"from\":\"2026-03-01T10:00:00+08:00\",\"to\":\"2026-03-08T10:00:00+08:00\"",
                 true);
    cr_expect_eq(sum_of(&s, "shop"), 0);
    expect_whole(&s);
    close_small(&s);
}

/* The difference is taken back of both accounts; the same sum once more takes nothing. */
Test(tally_outcome, upheld_with_another_sum)
{
    struct small s = open_small(RULES, NULL);
    penalty(&s, TEN("01"), "'rule':'here.week','points':6");
    settle(&s, TEN("03"), "'outcome':'upheld','fine_fen':30,'points':4");
    cr_expect_eq(sum_of(&s, "shop"), -30);
    cr_expect_eq(sum_of(&s, "shop:points:general"), 4);
    cr_expect_eq(sum_of(&s, "platform"), 26, "fen and points in one sum: 30 - 4");
    cr_expect_eq(ROWS(&s), 8);
    settle(&s, TEN("04"), "'outcome':'upheld','fine_fen':30");
    cr_expect_eq(ROWS(&s), 8);
    settle(&s, TEN("05"), "'outcome':'upheld','fine_fen':130");
    cr_expect_eq(sum_of(&s, "shop"), -130);
    settle(&s, TEN("06"), "'outcome':'lifted'");
    cr_expect_eq(sum_of(&s, "shop"), 0);
    cr_expect_eq(sum_of(&s, "platform"), 0);
    cr_expect_eq(sum_of(&s, "shop:points:general"), 0);
    expect_whole(&s);
    close_small(&s);
}

static int count_measure(void *context, const gj_measure_info *row)
{
    (void)row;
    ++*(int *)context;
    return 0;
}

static int running_at(struct small *s, const char *time)
{
    int count = 0;
    cr_assert_eq(gj_engine_measures(s->engine, "/here/s1", at(time), count_measure, &count), GJ_OK);
    return count;
}

/* What ends a measure is none that runs. */
Test(tally_outcome, the_end_of_a_measure_does_not_run)
{
    struct small s =
        open_small(RULES "---\nfinding: here.freed\n" HEAD
                         "severity: minor\nabout: shop\nmeasures: [{ends: limit}]\n---\n"
                         "finding: here.held\n" HEAD
                         "severity: minor\nabout: shop\nmeasures: [{what: limit}]\n",
                   NULL);
    penalty(&s, TEN("01"), "'rule':'here.held'");
    tell(&s, TEN("03"), "penalty.notified", "{'finding_id':'F2','rule':'here.freed'}");
    cr_expect_eq(running_at(&s, TEN("02")), 1);
    cr_expect_eq(running_at(&s, TEN("04")), 0);
    expect_whole(&s);
    close_small(&s);
}

/* ---- settled: what the matter had cost by itself ---- */

#define BY_ITSELF                                                                                  \
    "finding: here.bad\n" HEAD "severity: major\non: order.told\nwhen: event.n == 1\nbooks: now\n" \
    "entries: [{points: 4, class: general}]\n"

static void rule_on_order(struct small *s, const char *time, const char *id, const char *rest)
{
    char data[200];
    snprintf(data, sizeof data,
             "{'finding_id':'%s','rule':'here.bad','subject':{'kind':'order','id':'O1'}%s}", id,
             rest);
    tell(s, time, "finding.ruled", data);
}

static void settle_of(struct small *s, const char *time, const char *id, const char *rest)
{
    char data[200];
    snprintf(data, sizeof data, "{'finding_id':'%s',%s}", id, rest);
    tell(s, time, "penalty.settled", data);
}

#define POINTS(s) sum_of(&(s), "shop:points:general")

Test(tally_outcome, a_matter_found_by_itself_is_settled_as_a_whole)
{
    struct small s = open_small(BY_ITSELF, NULL);
    tell(&s, TEN("01"), "order.told", "{'order_id':'O1','n':1}");
    rule_on_order(&s, TEN("02"), "F1", ",'points':6");
    cr_expect_eq(POINTS(s), 6, "the ruling books the difference");
    settle_of(&s, TEN("03"), "F1", "'outcome':'upheld','points':5");
    cr_expect_eq(POINTS(s), 5);
    settle_of(&s, TEN("04"), "F1", "'outcome':'upheld','points':2");
    cr_expect_eq(POINTS(s), 2);
    settle_of(&s, TEN("05"), "F1", "'outcome':'lifted'");
    cr_expect_eq(POINTS(s), 0);
    cr_expect_eq(sum_of(&s, "platform"), 0);
    expect_whole(&s);
    close_small(&s);
}

/* Ruled lower than it had been booked, which is booked the other way round. */
Test(tally_outcome, a_matter_ruled_lower_is_settled_as_a_whole)
{
    struct small s = open_small(BY_ITSELF, NULL);
    tell(&s, TEN("01"), "order.told", "{'order_id':'O1','n':1}");
    rule_on_order(&s, TEN("02"), "F1", ",'points':1");
    cr_expect_eq(POINTS(s), 1);
    settle_of(&s, TEN("03"), "F1", "'outcome':'upheld','points':3");
    cr_expect_eq(POINTS(s), 3);
    settle_of(&s, TEN("05"), "F1", "'outcome':'lifted'");
    cr_expect_eq(POINTS(s), 0);
    expect_whole(&s);
    close_small(&s);
}

/* Whichever of two rulings is lifted, the other costs its own; both: nothing. */
Test(tally_outcome, of_two_rulings_the_one_that_stands_costs)
{
    for (int first = 0; first < 2; first++) {
        struct small s = open_small(BY_ITSELF, NULL);
        tell(&s, TEN("01"), "order.told", "{'order_id':'O1','n':1}");
        rule_on_order(&s, TEN("02"), "F1", "");
        rule_on_order(&s, TEN("03"), "F2", "");
        cr_expect_eq(POINTS(s), 4);
        settle_of(&s, TEN("05"), first == 0 ? "F1" : "F2", "'outcome':'lifted'");
        cr_expect_eq(POINTS(s), 4);
        settle_of(&s, TEN("06"), first == 0 ? "F2" : "F1", "'outcome':'lifted'");
        cr_expect_eq(POINTS(s), 0);
        expect_whole(&s);
        close_small(&s);
    }
}

/* What comes late to the subject of a ruling that was lifted before runs the ruling again all the
 * same. */
Test(tally_outcome, ruled_again_after_it_was_lifted)
{
    struct small s = open_small(BY_ITSELF, NULL);
    rule_on_order(&s, TEN("02"), "F1", "");
    settle_of(&s, TEN("03"), "F1", "'outcome':'lifted'");
    rule_on_order(&s, TEN("05"), "F1", ",'points':6");
    cr_expect_eq(POINTS(s), 6);
    tell(&s, TEN("04"), "order.told", "{'order_id':'O1','n':1}");
    cr_expect_eq(POINTS(s), 6);
    expect_whole(&s);
    close_small(&s);
}

#define STEPS                                                                                      \
    "measures:\n  limit: {zh: 限制, en: limit}\n---\n"                                           \
    "finding: here.points\n" HEAD "severity: major\nentries: [{points: 4, class: general}]\n---\n" \
    "finding: here.step\n" HEAD "severity: major\nabout: shop\nbooks: now\n"                       \
    "entries: [{fen: 100, from: shop, to: platform}]\n"                                            \
    "measures: [{what: limit, for: days(7)}]\n---\n"                                               \
    "ladder: here.ladder\n" HEAD "points: general\nreset: year\nrule: here.reset\n"                \
    "steps: {4: here.step}\n"

/* A step of a ladder and the platform's notice of it are one matter, whichever comes first. */
Test(tally_outcome, a_step_that_is_notified_too_is_settled_as_a_whole)
{
    for (int late = 0; late < 2; late++) {
        struct small s = open_small(STEPS, NULL);
        for (int i = 0; i < 2; i++) {
            if (i == late) {
                penalty(&s, TEN("01"), "'rule':'here.points'");
            } else {
                tell(&s, TEN("02"), "penalty.notified",
                     "{'finding_id':'F2','rule':'here.step','fine_fen':150}");
            }
        }
        cr_expect_eq(sum_of(&s, "shop"), -150, "late: %d", late);
        settle_of(&s, TEN("03"), "F2", "'outcome':'upheld','fine_fen':120");
        cr_expect_eq(sum_of(&s, "shop"), -120, "late: %d", late);
        settle_of(&s, TEN("04"), "F2", "'outcome':'lifted'");
        cr_expect_eq(sum_of(&s, "shop"), 0, "late: %d", late);
        cr_expect_eq(POINTS(s), 4, "the points stand");
        expect_state(&s, "\"to\":\"2026-03-08T10:00:00+08:00\"", false);
        cr_expect_eq(running_at(&s, TEN("03")), 2);
        cr_expect_eq(running_at(&s, TEN("04")), 0);
        expect_whole(&s);
        close_small(&s);
    }
}

/* The points are lifted that led to the step: the notice alone costs, and all that it names. */
Test(tally_outcome, a_notice_of_a_step_that_was_not_reached_after_all)
{
    struct small s = open_small(STEPS, NULL);
    penalty(&s, TEN("01"), "'rule':'here.points'");
    tell(&s, TEN("02"), "penalty.notified",
         "{'finding_id':'F2','rule':'here.step','fine_fen':150}");
    settle(&s, TEN("03"), "'outcome':'lifted'");
    cr_expect_eq(sum_of(&s, "shop"), -150);
    expect_whole(&s);
    close_small(&s);
}

/* ---- lifted: what the ruling moved ---- */

#define MOVED                                                                         \
    "flow: here.down\n" HEAD "entity: product\nstart:\n  finding.ruled: {to: down}\n" \
    "states:\n  down:\n    after:\n      term: {in: days(9), to: free}\n"             \
    "    on:\n      finding.ruled: {to: down}\n  free: {final: true}\n"

static void rule_on_product(struct small *s, const char *time, const char *id)
{
    char data[200];
    snprintf(data, sizeof data,
             "{'finding_id':'%s','rule':'here.none','subject':{'kind':'product','id':'p1'}}", id);
    tell(s, time, "finding.ruled", data);
}

Test(tally_outcome, lifted_a_ruling_moves_nothing)
{
    for (int late = 0; late < 2; late++) {
        struct small s = open_small(MOVED, NULL);
        for (int i = 0; i < 2; i++) {
            if (i == late) {
                rule_on_product(&s, TEN("01"), "F1");
            } else {
                settle_of(&s, TEN("04"), "F1", "'outcome':'lifted'");
            }
        }
        expect_state(&s, "here.down", false);
        expect_whole(&s);
        close_small(&s);
    }
    struct small s = open_small(MOVED, NULL);
    rule_on_product(&s, TEN("01"), "F1");
    rule_on_product(&s, TEN("03"), "F2");
    expect_state(&s, "\"at\":\"2026-03-12T10:00:00+08:00\"", true);
    settle_of(&s, TEN("04"), "F2", "'outcome':'lifted'");
    expect_state(&s, "\"at\":\"2026-03-10T10:00:00+08:00\"", true);
    gj_question question = {.kind = "product", .id = "p1", .json = true, .english = true};
    char *text = NULL;
    cr_assert_eq(gj_engine_explain(s.engine, &question, &text), GJ_OK);
    cr_expect_not_null(strstr(text, "\"lifted\":true"), "it is said of which ruling: %s", text);
    cr_expect_null(strstr(strstr(text, "\"lifted\":true") + 1, "\"lifted\":true"), "%s", text);
    gj_string_free(text);
    settle_of(&s, TEN("05"), "F1", "'outcome':'upheld'");
    expect_state(&s, "\"here.down\":\"down\"", true);
    expect_whole(&s);
    close_small(&s);
}
