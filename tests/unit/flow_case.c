/* Room flow: a case as bytes and back. */
#include "book/plan.h"
#include "book_support.h"
#include "flow/case.h"

#define HEAD "title: {zh: 名, en: name}\ncites: {source: law, place: art 1}\n"
#define WORLD                                                                             \
    "entities:\n  shop: {}\n  order: {id: order_id, family: order}\n---\n"                \
    "events:\n  shop.configured:\n    about: shop\n    data: {\"size?\": int}\n"          \
    "  order.made:\n    about: order\n"                                                   \
    "    data: {order_id: string, \"paid?\": bool, \"fen?\": int, \"note?\": string,\n"   \
    "           \"due?\": timestamp, \"lines?\": [{sku: string, n: int}]}\n"              \
    "    example: {order_id: O1}\n---\n"                                                  \
    "flow: here.flow\n" HEAD "entity: order\nvars: {span: duration}\n"                    \
    "start:\n  order.made: {to: open, set: {span: 'duration(\"-1500ms\")'}}\n"            \
    "states:\n  open:\n    on:\n      order.made:\n"                                      \
    "        - when: order.paid && order.fen > 1 && order.note == 'x' && order.due > now" \
    " && order.lines.size() > 0 && order.span < duration('1s')\n"                         \
    "          to: done\n"                                                                \
    "  done: {final: true}\n"

struct desk_of_cases {
    struct gj_book *book;
    struct gj_plan *plan;
    struct gj_json_parser *parser;
    struct gj_case c;
};

static struct desk_of_cases open_cases(void)
{
    struct desk_of_cases d = {.book = small_book(WORLD)};
    gj_errors *errors = gj_errors_new();
    const struct gj_events *events = gj_book_events(d.book, errors);
    d.plan = events == NULL ? NULL : gj_plan_build(d.book, events, errors);
    cr_assert(d.plan != NULL, "%s", gj_errors_text(errors));
    d.parser = gj_json_parser_new();
    cr_assert_not_null(d.parser);
    gj_case_init(&d.c, d.plan);
    gj_errors_free(errors);
    return d;
}

static void close_cases(struct desk_of_cases *d)
{
    gj_case_release(&d->c);
    gj_json_parser_free(d->parser);
    gj_plan_free(d->plan);
    gj_book_free(d->book);
}

static int read_text(struct desk_of_cases *d, const char *text)
{
    return gj_case_read(&d->c, d->parser, gj_str_of(text));
}

/* What is read is written in the same bytes; so is a copy. */
static void expect_written(struct desk_of_cases *d, const char *text, const char *wanted)
{
    struct gj_buf out;
    struct gj_case copy;
    gj_buf_init(&out);
    gj_case_init(&copy, d->plan);
    cr_assert_eq(read_text(d, text), 0, "%s", text);
    gj_case_write(&d->c, &out);
    cr_expect_str_eq(out.ptr, wanted);
    gj_buf_release(&out);
    gj_buf_init(&out);
    cr_assert_eq(gj_case_copy(&copy, &d->c), 0);
    gj_case_reset(&d->c); /* nothing of the copy lives in it */
    gj_case_write(&copy, &out);
    cr_expect_str_eq(out.ptr, wanted);
    gj_buf_release(&out);
    gj_case_release(&copy);
}

Test(flow_case, what_is_written_is_read_again)
{
    static const char *const same[] = {
        "[-5]", "[1,[\"order\",\"O1\",{},{},[]]]",
        "[1772330400000000,[\"shop\",\"s1\",{},{},[]],"
        "[\"order\",\"O\\\"1\",{\"here.flow\":[\"open\",1772330400000000,4294967297]},"
        "{\"paid\":true,\"fen\":-7,\"note\":\"急\",\"due\":-1,"
        "\"lines\":[{\"sku\":\"a\",\"n\":1},{\"sku\":\"b\",\"n\":2}],\"span\":-1500000},[]]]"};
    struct desk_of_cases d = open_cases();
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        expect_written(&d, same[i], same[i]);
    }
    close_cases(&d);
}

/* Numbers are what the rulebook declares: int, timestamp or duration. */
Test(flow_case, what_is_read_has_the_declared_types)
{
    static const struct {
        const char *name;
        enum gj_value_kind kind;
    } wanted[] = {{"paid", GJ_V_BOOL},     {"fen", GJ_V_INT},    {"note", GJ_V_STRING},
                  {"due", GJ_V_TIMESTAMP}, {"lines", GJ_V_LIST}, {"span", GJ_V_DURATION}};
    struct desk_of_cases d = open_cases();
    cr_assert_eq(read_text(&d, "[1,[\"order\",\"O1\",{},{\"paid\":false,\"fen\":9,\"note\":\"\","
                               "\"due\":-1,\"lines\":[],\"span\":-1500000},[]]]"),
                 0);
    uint32_t order = gj_map_get(&d.plan->events->kind_ids, GJ_STR("order"));
    const struct gj_kind_plan *kind = &d.plan->kinds[order];
    const struct gj_entity *e = gj_case_find(&d.c, order, GJ_STR("O1"));
    cr_assert_not_null(e);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        uint32_t m = gj_map_get(&kind->by_name, gj_str_of(wanted[i].name));
        cr_assert(m != GJ_MAP_NONE && kind->memories[m].kept != GJ_NO_INDEX, "%s", wanted[i].name);
        cr_expect_eq(e->memory[kind->memories[m].kept].kind, wanted[i].kind, "%s", wanted[i].name);
    }
    uint32_t due = kind->memories[gj_map_get(&kind->by_name, GJ_STR("due"))].kept;
    uint32_t span = kind->memories[gj_map_get(&kind->by_name, GJ_STR("span"))].kept;
    struct gj_instant at = e->memory[due].as.instant, length = e->memory[span].as.instant;
    cr_expect(at.seconds == -1 && at.nanos == 999999000, "an instant's part is never negative");
    cr_expect(length.seconds == -1 && length.nanos == -500000000, "a duration's has its sign");
    close_cases(&d);
}

/* What the rulebook no longer has is dropped; a state of it is kept for a rulebook that has it. */
Test(flow_case, what_the_rulebook_does_not_know)
{
    struct desk_of_cases d = open_cases();
    expect_written(&d,
                   "[1,[\"ship\",\"X\",{},{},[]],[\"order\",\"O1\",{},{\"colour\":1,\"fen\":2},"
                   "[\"here.gone\"]]]",
                   "[1,[\"order\",\"O1\",{},{\"fen\":2},[]]]");
    expect_written(&d,
                   "[1,[\"order\",\"O1\",{\"here.gone\":[\"a\",5,0],\"here.flow\":[\"b\",6,3]},"
                   "{},[]]]",
                   "[1,[\"order\",\"O1\",{\"here.gone\":[\"a\",5,0],\"here.flow\":[\"b\",6,3]},"
                   "{},[]]]");
    close_cases(&d);
}

Test(flow_case, damaged_bytes_are_refused)
{
    static const char *const bad[] = {"",
                                      "5",
                                      "{}",
                                      "{\"a\":1}",
                                      "{\"a\":1,\"b\":[\"order\",\"O1\",{},{},[]]}",
                                      "[]",
                                      "[\"1\"]",
                                      "[1",
                                      "[1,5]",
                                      "[1,[]]",
                                      "[1,[\"order\",\"O1\",{},{}]]",
                                      "[1,[\"order\",\"O1\",{\"here.flow\":[]},{},[]]]",
                                      "[1,[\"order\",\"O1\",{\"here.flow\":[\"open\",5]},{},[]]]"};
    struct desk_of_cases d = open_cases();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_expect_eq(read_text(&d, bad[i]), -1, "%s", bad[i]);
    }
    cr_expect_eq(read_text(&d, "[7,[\"order\",\"O1\",{},{},[]]]"), 0,
                 "one that is whole after them");
    cr_expect_eq(d.c.last_at, 7);
    cr_expect_eq(d.c.count, 1);
    close_cases(&d);
}
