/* Tests of room book: flows, findings, counters, metrics and ladders: what is refused at load, with
 * place and remedy, and what is understood. */
#include "book/plan.h"
#include "book_support.h"

#define WORLD                                                                            \
    "entities:\n  shop: {}\n  order: {id: order_id, family: order}\n"                    \
    "  claim: {id: claim_id, family: order}\n  guard: {id: guard_id}\n---\n"             \
    "events:\n"                                                                          \
    "  shop.configured:\n    about: shop\n    data: {\"size?\": int, \"means?\": any}\n" \
    "  order.made:\n    about: order\n"                                                  \
    "    data: {order_id: string, fen: int, \"by?\": [man, machine]}\n"                  \
    "    example: {order_id: O1, fen: 5}\n"                                              \
    "  order.paid:\n    about: order\n    data: {order_id: string}\n"                    \
    "    example: {order_id: O1}\n"                                                      \
    "  claim.made:\n    about: claim\n    data: {claim_id: string, order_id: string}\n"  \
    "    example: {claim_id: C1, order_id: O1}\n"                                        \
    "  guard.came:\n    about: guard\n    data: {guard_id: string}\n"                    \
    "    example: {guard_id: G1}\n---\n"                                                 \
    "param: wait\nvalues: {2020-01-01: {value: PT48H, cites: {source: law, place: a}}}\n---\n"
#define HEAD        "title: {zh: 名, en: name}\ncites: {source: law, place: art 1}\n"
#define FLOW        "flow: here.flow\n" HEAD "entity: order\n"
#define FINDING(id) "finding: " id "\n" HEAD "severity: minor\n"

/* The plan of the world with `text`; the test fails when it is refused. */
static struct gj_plan *plan_of(const char *text, struct gj_book **book)
{
    struct gj_buf whole;
    gj_errors *errors = gj_errors_new();
    gj_buf_init(&whole);
    gj_buf_add_cstr(&whole, WORLD);
    gj_buf_add_cstr(&whole, text);
    *book = small_book(whole.ptr);
    const struct gj_events *events = gj_book_events(*book, errors);
    struct gj_plan *plan = events == NULL ? NULL : gj_plan_build(*book, events, errors);
    cr_assert(plan != NULL, "%s", gj_errors_text(errors));
    gj_buf_release(&whole);
    gj_errors_free(errors);
    return plan;
}

/* The plan must be refused, at the book's load or when it is built; each of `wants` is told. */
static void plan_refused(const char *text, const char *const *wants)
{
    struct gj_buf whole;
    gj_errors *errors = gj_errors_new();
    gj_buf_init(&whole);
    gj_buf_add_cstr(&whole, SMALL_BOOK);
    gj_buf_add_cstr(&whole, WORLD);
    gj_buf_add_cstr(&whole, text);
    struct gj_book *book = gj_book_from_text(gj_buf_str(&whole), errors);
    const struct gj_events *events = book == NULL ? NULL : gj_book_events(book, errors);
    struct gj_plan *plan = events == NULL ? NULL : gj_plan_build(book, events, errors);
    const char *told = gj_errors_text(errors);
    cr_expect(plan == NULL, "accepted: %s", text);
    for (size_t i = 0; wants[i] != NULL; i++) {
        cr_expect(strstr(told, wants[i]) != NULL, "'%s' is not told of\n%s\nbut\n%s", wants[i],
                  text, told);
    }
    cr_expect(strstr(told, "^") != NULL, "no caret:\n%s", told);
    gj_plan_free(plan);
    gj_book_free(book);
    gj_buf_release(&whole);
    gj_errors_free(errors);
}

#define PLAN_REFUSED(text, ...) plan_refused(text, (const char *const[]){__VA_ARGS__, NULL})

Test(book_plan, a_flow_is_understood)
{
    struct gj_book *book;
    struct gj_plan *plan = plan_of(
        FLOW
        "vars: {paid_first: bool}\n"
        "start: {order.made: {to: open}}\n"
        "states:\n"
        "  open:\n"
        "    after: {limit: {in: param(\"wait\"), to: shut}}\n"
        "    on:\n"
        "      order.paid: [{when: order.fen > 3, to: done, set: {paid_first: true}}, {to: shut}]\n"
        "  shut: {final: true}\n"
        "  done: {final: true}\n",
        &book);
    const struct gj_flow *flow = &plan->flows[0];
    cr_assert_eq(plan->flow_count, 1);
    cr_expect_eq(flow->state_count, 3);
    cr_expect_eq(flow->states[0].deadline_count, 1);
    cr_expect_eq(flow->states[0].handlers[0].choice_count, 2);
    cr_expect_eq(flow->states[0].handlers[0].choices[0].set_count, 1);
    cr_expect(flow->states[1].final && flow->states[2].final);
    gj_plan_free(plan);
    gj_book_free(book);
}

Test(book_plan, what_nobody_reads_is_not_kept)
{
    struct gj_book *book;
    struct gj_plan *plan = plan_of(FLOW "start: {order.made: {when: order.fen > 3, to: open}}\n"
                                        "states: {open: {}}\n",
                                   &book);
    const struct gj_kind_plan *order =
        &plan->kinds[gj_map_get(&plan->events->kind_ids, GJ_STR("order"))];
    uint32_t fen = gj_map_get(&order->by_name, GJ_STR("fen"));
    uint32_t by = gj_map_get(&order->by_name, GJ_STR("by"));
    cr_assert(fen != GJ_MAP_NONE && by != GJ_MAP_NONE);
    cr_expect_neq(order->memories[fen].kept, GJ_NO_INDEX);
    cr_expect_eq(order->memories[by].kept, GJ_NO_INDEX);
    gj_plan_free(plan);
    gj_book_free(book);
}

Test(book_plan, values_that_a_field_cannot_have)
{
    PLAN_REFUSED(FLOW "start: {order.made: {when: event.by == \"men\", to: open}}\n"
                      "states: {open: {}}\n",
                 "event.by is never 'men'; it is one of: man, machine");
    PLAN_REFUSED(FLOW "start: {order.made: {to: open}}\n"
                      "states: {open: {on: {order.paid: {when: order.by == \"robot\"}}}}\n",
                 "order.by is never 'robot'");
    PLAN_REFUSED(FLOW "start: {order.made: {when: event.type == \"order.mode\", to: open}}\n"
                      "states: {open: {}}\n",
                 "event.type is never 'order.mode'; it is one of: order.made");
    PLAN_REFUSED(FLOW "start: {order.made: {when: platform == \"ebay\", to: open}}\n"
                      "states: {open: {}}\n",
                 "platform is never 'ebay'");
}

Test(book_plan, states_that_cannot_be_reached)
{
    PLAN_REFUSED(FLOW "start: {order.made: {to: open}}\n"
                      "states: {open: {}, island: {on: {order.paid: {to: open}}}}\n",
                 "state 'island' cannot be reached", "(text):");
    PLAN_REFUSED(FLOW "states: {open: {}}\n", "'start' is missing");
    PLAN_REFUSED(FLOW "start: {order.made: {to: opne}}\nstates: {open: {}}\n",
                 "unknown state 'opne'", "did you mean 'open'");
    PLAN_REFUSED(FLOW "start: {order.made: {to: open}}\n"
                      "states: {open: {final: true, on: {order.paid: {to: open}}}}\n",
                 "a final state takes no events");
}

Test(book_plan, deadlines)
{
    PLAN_REFUSED(FLOW "start: {order.made: {to: open}}\n"
                      "states: {open: {after: {limit: {in: 'param(\"wait\")'}}}}\n",
                 "a deadline needs a target");
    PLAN_REFUSED(FLOW "start: {order.made: {to: open}}\n"
                      "states: {open: {after: {limit: {to: open}}}}\n",
                 "either 'in' (a duration) or 'at'");
    PLAN_REFUSED(FLOW "start: {order.made: {to: open}}\n"
                      "states: {open: {after: {limit: {in: 3, to: open}}}}\n",
                 "duration");
    PLAN_REFUSED(FLOW "start: {order.made: {to: open}}\n"
                      "states: {open: {after: {limit: {in: 'param(\"wiat\")', to: open}}}}\n",
                 "unknown parameter 'wiat'; did you mean 'wait'?");
}

Test(book_plan, events_fields_and_variables)
{
    PLAN_REFUSED(FLOW "start: {order.mad: {to: open}}\nstates: {open: {}}\n",
                 "unknown event type 'order.mad'; did you mean order.made");
    PLAN_REFUSED(FLOW "start: {order.made: {when: event.fne > 3, to: open}}\nstates: {open: {}}\n",
                 "event.fne", "did you mean event.fen");
    PLAN_REFUSED(FLOW
                 "start: {order.made: {when: order.fen == \"x\", to: open}}\nstates: {open: {}}\n",
                 "string");
    PLAN_REFUSED(FLOW "start: {order.made: {to: open, set: {n: 1}}}\nstates: {open: {}}\n",
                 "'n' is no variable of this flow");
    PLAN_REFUSED(FLOW "vars: {n: int}\nstart: {order.made: {to: open, set: "
                      "{a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1, i: 1, j: 1, k: 1, l: 1, "
                      "m: 1, n: 1, o: 1, p: 1, q: 1}}}\nstates: {open: {}}\n",
                 "sets at most 16 variables");
    PLAN_REFUSED(FLOW "vars: {n: number}\nstart: {order.made: {to: open}}\nstates: {open: {}}\n",
                 "unknown type");
    /* a guard is of another family than an order: they cannot see each other */
    PLAN_REFUSED(
        FLOW "start: {order.made: {when: 'has(guard.guard_id)', to: open}}\nstates: {open: {}}\n",
        "guard");
    PLAN_REFUSED("flow: here.flow\n" HEAD "entity: ordre\nstart: {order.made: {to: open}}\n"
                 "states: {open: {}}\n",
                 "unknown kind of entity 'ordre'; did you mean 'order'");
    PLAN_REFUSED(FLOW "start: {order.made: {to: open, rasie: x}}\nstates: {open: {}}\n",
                 "unknown key 'rasie'; did you mean 'raise'");
    PLAN_REFUSED(FLOW "start: {order.made: {to: open, raise: here.nothing}}\nstates: {open: {}}\n",
                 "unknown finding 'here.nothing'");
}

/* What applies to a shop is asked when the shop tells something, not when time passes. */
Test(book_plan, what_applies_does_not_pass)
{
    PLAN_REFUSED("---\n" FLOW "applies: now > timestamp(\"2026-03-01T00:00:00Z\")\n"
                 "start:\n  order.made: {to: open}\nstates:\n  open: {final: true}\n",
                 "now");
    PLAN_REFUSED("---\n" FLOW "applies: param(\"wait\") > duration(\"1s\")\n"
                 "start:\n  order.made: {to: open}\nstates:\n  open: {final: true}\n",
                 "param");
}

Test(book_plan, guards_that_overlap)
{
    PLAN_REFUSED(FLOW "start: {order.made: [{to: open}, {when: order.fen > 3, to: open}]}\n"
                      "states: {open: {}}\n",
                 "is never reached");
    PLAN_REFUSED(FLOW "start: {order.made: [{when: order.fen > 3, to: open},\n"
                      "  {when: order.fen > 3, to: shut}]}\nstates: {open: {}, shut: {}}\n",
                 "its guard overlaps one before it");
    PLAN_REFUSED(FLOW "start:\n  order.made:\n    - {when: event.fen > 3, to: open}\n"
                      "    - {when: event.fen > 3 && event.by == \"man\", to: shut}\n"
                      "states: {open: {}, shut: {}}\n",
                 "its guard overlaps one before it");
    PLAN_REFUSED(FLOW "start:\n  order.made:\n"
                      "    - {when: event.fen > 3 && (event.fen < 9 || now > now), to: open}\n"
                      "    - when: has(event.by) && event.fen > 3 && (event.fen < 9 || now > now)\n"
                      "      to: shut\n"
                      "states: {open: {}, shut: {}}\n",
                 "its guard overlaps one before it");
    struct gj_book *book;
    gj_plan_free(plan_of(FLOW "start:\n  order.made:\n"
                              "    - {when: event.fen > 3 && event.by == \"man\", to: shut}\n"
                              "    - {when: event.fen > 3, to: open}\n"
                              "states: {open: {}, shut: {}}\n",
                         &book));
    gj_book_free(book);
}

Test(book_plan, findings)
{
    PLAN_REFUSED(FINDING("here.found") "when: order.fen > 3\n", "'when' without 'on'");
    PLAN_REFUSED(FINDING("here.found") "on: order.paid\nentries: [{fen: 5, from: shop}]\n",
                 "money names payer and payee");
    PLAN_REFUSED(
        FINDING("here.found") "on: order.paid\nentries: [{fen: 5, from: shop, to: shop}]\n",
        "payer and payee must differ");
    PLAN_REFUSED(FINDING("here.found") "on: order.paid\nentries: [{points: 5}]\n",
                 "points need their 'class'");
    PLAN_REFUSED(FINDING("here.found") "on: order.paid\nmeasures: [{what: shut, for: 3}]\n",
                 "duration");
    PLAN_REFUSED(
        FINDING("here.found") "on: order.paid\n---\n" FINDING("here.found") "on: order.paid\n",
        "declared twice");
    PLAN_REFUSED("finding: here.found\n" HEAD "on: order.paid\n", "'severity' is missing");
    PLAN_REFUSED("finding: here.found\ntitle: {zh: 名, en: name}\nseverity: minor\n",
                 "'cites' is missing");
}

Test(book_plan, counters_and_metrics)
{
    PLAN_REFUSED("counter: c\nkey: order.id\n", "either 'on' (events) or 'once'");
    PLAN_REFUSED("counter: c\non: order.paid\n", "'key' is missing");
    PLAN_REFUSED("counter: c\nonce: order\nkey: order.id\n", "'when' is missing");
    PLAN_REFUSED("counter: c\non: order.paid\nkey: event.order_id\n---\nmetric: m\n" HEAD
                 "window: day\ncounts: {a: {keys: d}}\nnumerator: a\ndenominator: a\n",
                 "unknown counter 'd'");
    PLAN_REFUSED("counter: c\non: order.paid\nkey: event.order_id\n---\nmetric: m\n" HEAD
                 "window: day\ncounts: {a: {keys: c}}\nnumerator: a\ndenominator: b\n",
                 "there is no field 'b'");
    PLAN_REFUSED("counter: c\non: order.paid\nkey: event.order_id\n---\nmetric: m\n" HEAD
                 "window: rolling\ncounts: {a: {keys: c}}\nnumerator: a\ndenominator: a\n",
                 "needs its 'days'");
    PLAN_REFUSED(
        "counter: c\non: order.paid\nkey: event.order_id\n---\nmetric: m\n" HEAD
        "window: day\ncounts: {a: {keys: c, within: hours(1)}}\nnumerator: a\ndenominator: a\n",
        "'within' needs 'followed_by'");
    PLAN_REFUSED("counter: c\non: order.paid\nkey: event.order_id\n---\nmetric: m\n" HEAD
                 "window: rolling\ndays: 999999999\ncounts: {a: {keys: c}}\nnumerator: a\n"
                 "denominator: a\n",
                 "from 1 to 3653");
    struct gj_buf many;
    gj_buf_init(&many);
    gj_buf_add_cstr(&many, "counter: c\non: order.paid\nkey: event.order_id\n---\nmetric: m\n" HEAD
                           "window: day\nnumerator: c0\ndenominator: c32\ncounts:\n");
    for (int i = 0; i <= GJ_METRIC_COUNTS_MAX; i++) {
        gj_buf_addf(&many, "  c%d: {keys: c}\n", i);
    }
    PLAN_REFUSED(many.ptr, "at most 32");
    gj_buf_release(&many);
}

Test(book_plan, ladders_and_guidance)
{
    PLAN_REFUSED(
        "ladder: l\n" HEAD
        "points: serious\nsteps: {24: here.found, 12: here.found}\n---\n" FINDING("here.found"),
        "rising numbers");
    PLAN_REFUSED("ladder: l\n" HEAD
                 "points: grave\nsteps: {12: here.found}\n---\n" FINDING("here.found"),
                 "must be one of: general, serious");
    PLAN_REFUSED("ladder: l\n" HEAD
                 "points: serious\nsteps: {1234567890: here.found}\n---\n" FINDING("here.found"),
                 "rising numbers");
    PLAN_REFUSED("ladder: l\n" HEAD "points: serious\n",
                 "'steps: {points: finding}', or a 'reset'");
    PLAN_REFUSED("ladder: l\n" HEAD "points: serious\nreset: year\nrule: r\nsteps: {}\n",
                 "a ladder needs its 'steps");
    PLAN_REFUSED("guidance: g\n" HEAD "says: {zh: 说, en: say}\n", "'situation' is missing");
}

Test(book_plan, all_errors_in_one_run)
{
    PLAN_REFUSED(FLOW "start: {order.mad: {to: open}}\nstates: {open: {}, lost: {}}\n---\n" FINDING(
                     "here.found") "on: order.pad\n",
                 "unknown event type 'order.mad'", "state 'lost' cannot be reached",
                 "unknown event type 'order.pad'");
}
