/* Tests of room engine: what events say, held against the rulebook: those of the project by their
 * examples, and each kind of refusal. */
#include "book_support.h"
#include "engine/accept.h"
#include "event_support.h"

struct door {
    struct gj_book *book;
    struct gj_json_parser *parser;
    struct gj_arena arena;
    struct gj_buf why;
    struct gj_event event;
};

static struct door door_of(struct gj_book *book)
{
    struct door d = {.book = book, .parser = gj_json_parser_new()};
    gj_errors *errors = gj_errors_new();
    cr_assert(gj_book_events(book, errors) != NULL, "%s", gj_errors_text(errors));
    gj_errors_free(errors);
    gj_arena_init(&d.arena);
    gj_buf_init(&d.why);
    return d;
}

static void door_close(struct door *d)
{
    gj_json_parser_free(d->parser);
    gj_arena_release(&d->arena);
    gj_buf_release(&d->why);
}

static int accepts(struct door *d, struct gj_str line)
{
    struct gj_cloudevent raw;
    gj_buf_reset(&d->why);
    gj_arena_reset(&d->arena);
    if (gj_cloudevent_read(d->parser, line, 0, &raw, &d->why) != 0) {
        return -1;
    }
    return gj_event_accept(d->book, &raw, d->parser, &d->arena, &d->event, &d->why);
}

static void refuses(struct door *d, struct gj_str line, const char *part)
{
    cr_expect_eq(accepts(d, line), -1, "accepted: %.300s", line.ptr);
    cr_expect(strstr(d->why.ptr, part) != NULL, "%.300s\n'%s' does not say\n'%s'", line.ptr,
              d->why.ptr, part);
}

#define REFUSES(type, data, part) refuses(&d, GJ_STR(EVENT_LINE(type, data)), part)
#define ACCEPTS(type, data) \
    cr_expect_eq(accepts(&d, GJ_STR(EVENT_LINE(type, data))), 0, "%s: %s", data, d.why.ptr)

#define BOOK                                                                                     \
    "entities: {shop: {}, order: {id: order_id}}\n---\n"                                         \
    "events:\n"                                                                                  \
    "  order.tried:\n    about: order\n    data:\n"                                              \
    "      order_id: string\n      tier?: int 1..3\n      fen?: int 0..\n      at?: timestamp\n" \
    "      by?: [agent, buyer]\n      ok?: bool\n      hosts?: list(string)\n      any?: any\n"  \
    "      promise?: {hours: int 0.., note?: string}\n"                                          \
    "      lines?: [{line_id: string, n?: int 1..}]\n"                                           \
    "      means?: {\"*\": {rate: int 0..}}\n"                                                   \
    "    example: {order_id: O1}\n"                                                              \
    "  order.said: {about: order, judged: true, data: {order_id: string, text: string},"         \
    " example: {order_id: O1, text: t}}\n"                                                       \
    "  order.flagged: {about: shop, of: order.said}\n"                                           \
    "  shop.called: {about: shop, data: {\"a?\": string, \"b?\": string}, one_of: [a, b]}\n"

static const struct gj_value *value_of(const struct door *d, const char *name)
{
    const struct gj_event_type *type = &d->book->events.types[d->event.type];
    for (size_t i = 0; i < type->field_count; i++) {
        if (gj_str_is(type->fields[i].name, name)) {
            return &d->event.values[i];
        }
    }
    cr_assert_fail("no field %s", name);
    return NULL;
}

static void value_is(const struct door *d, const char *name, const char *json)
{
    struct gj_buf out;
    gj_buf_init(&out);
    gj_value_json(value_of(d, name), &out);
    cr_expect_str_eq(out.ptr, json);
    gj_buf_release(&out);
}

Test(engine_accept, values)
{
    struct door d = door_of(small_book(BOOK));
    ACCEPTS("order.tried",
            "{\"order_id\":\"O1\",\"by\":\"buyer\",\"tier\":3,\"fen\":0,\"ok\":false,"
            "\"at\":\"2026-03-01T10:00:00+08:00\",\"hosts\":[\"a\",\"b\"],"
            "\"any\":[1,{\"x\":null},\"y\",true],\"promise\":{\"note\":\"n\",\"hours\":48},"
            "\"lines\":[{\"line_id\":\"L1\",\"n\":2},{\"line_id\":\"L2\"}],"
            "\"means\":{\"m1\":{\"rate\":5},\"m2\":{\"rate\":6}}}");
    value_is(&d, "order_id", "\"O1\"");
    value_is(&d, "tier", "3");
    value_is(&d, "ok", "false");
    cr_expect_eq(value_of(&d, "at")->kind, GJ_V_TIMESTAMP);
    value_is(&d, "at", "\"2026-03-01T02:00:00Z\"");
    value_is(&d, "hosts", "[\"a\",\"b\"]");
    value_is(&d, "any", "[1,{\"x\":null},\"y\",true]");
    value_is(&d, "promise", "{\"hours\":48,\"note\":\"n\"}");
    value_is(&d, "lines", "[{\"line_id\":\"L1\",\"n\":2},{\"line_id\":\"L2\"}]");
    value_is(&d, "means", "{\"m1\":{\"rate\":5},\"m2\":{\"rate\":6}}");
    cr_expect(gj_str_is(d.event.id, "e1") && gj_str_is(d.event.shop, "s1"));
    cr_expect(gj_str_is(d.event.platform, "here") && gj_str_is(d.event.source, "/here/s1"));
    cr_expect_eq(d.event.time.seconds, 1772330400);
    cr_expect_eq(d.event.unknown_count, 0);
    ACCEPTS("order.tried", "{\"order_id\":\"O1\",\"by\":null}");
    cr_expect_eq(value_of(&d, "by")->kind, GJ_V_UNKNOWN);
    cr_expect_eq(value_of(&d, "fen")->kind, GJ_V_UNKNOWN);
    gj_book_free(d.book);
    door_close(&d);
}

Test(engine_accept, unknown_fields_are_kept_and_named)
{
    struct door d = door_of(small_book(BOOK));
    ACCEPTS("order.tried",
            "{\"x\":1.5,\"order_id\":\"O1\",\"lines\":[{\"line_id\":\"L1\",\"y\":[]}],"
            "\"promise\":{\"z\":{},\"hours\":1},\"means\":{\"m\":{\"rate\":1,\"w\":1}}}");
    cr_assert_eq(d.event.unknown_count, 4);
    cr_expect(gj_str_is(d.event.unknown[0], "x") && gj_str_is(d.event.unknown[1], "lines.y"));
    cr_expect(gj_str_is(d.event.unknown[2], "promise.z"));
    cr_expect(gj_str_is(d.event.unknown[3], "means.*.w"));
    cr_expect_eq(d.event.data->count, 5);
    struct gj_buf line; /* many, behind a long key: not copied for each */
    gj_buf_init(&line);
    gj_buf_add_cstr(&line, "{\"specversion\":\"1.0\",\"id\":\"e\",\"source\":\"/here/s\",\"type\":"
                           "\"order.tried\",\"time\":\"2026-03-01T10:00:00Z\",\"data\":"
                           "{\"order_id\":\"O\",\"means\":{\"");
    for (int i = 0; i < 500000; i++) {
        gj_buf_add_char(&line, 'k');
    }
    gj_buf_add_cstr(&line, "\":{\"rate\":1");
    for (int i = 0; i < 50000; i++) {
        gj_buf_addf(&line, ",\"%d\":1", i);
    }
    gj_buf_add_cstr(&line, "}}}}");
    cr_expect_eq(accepts(&d, gj_buf_str(&line)), 0, "%.300s", d.why.ptr);
    cr_expect_eq(d.event.unknown_count, 50000);
    cr_expect_lt(d.arena.total, 20000000);
    gj_buf_release(&line);
    gj_book_free(d.book);
    door_close(&d);
}

Test(engine_accept, refusals_of_fields)
{
    struct door d = door_of(small_book(BOOK));
#define TRIED(fields) "{\"order_id\":\"O1\"," fields "}"
    REFUSES("order.tried", "{}", "'order_id' is missing; add it");
    REFUSES("order.tried", "{\"order_id\":null}", "'order_id' is missing");
    REFUSES("order.tried", "{\"order_id\":7}", "'order_id' must be a string");
    REFUSES("order.tried", "{\"order_id\":\"\"}", "'order_id' is empty");
    REFUSES("order.tried", "{\"order_id\":\"a\\tb\"}", "'order_id' holds a control character");
    REFUSES("order.tried", TRIED("\"tier\":\"2\""), "'tier' must be a whole number");
    REFUSES("order.tried", TRIED("\"tier\":2.0"), "'tier' must be a whole number");
    REFUSES("order.tried", TRIED("\"tier\":0"), "must be 1 to 3");
    REFUSES("order.tried", TRIED("\"tier\":4"), "must be 1 to 3");
    REFUSES("order.tried", TRIED("\"fen\":-1"), "must be 0 or more");
    REFUSES("order.tried", TRIED("\"fen\":9223372036854775808"), "64 bit");
    REFUSES("order.tried", TRIED("\"ok\":\"true\""), "'ok' must be true or false");
    REFUSES("order.tried", TRIED("\"by\":\"robot\""), "'by' must be one of: agent, buyer");
    REFUSES("order.tried", TRIED("\"at\":\"2026-03-01T10:00:00\""), "'at' must be a time");
    REFUSES("order.tried", TRIED("\"at\":1772330400"), "'at' must be a time");
    REFUSES("order.tried", TRIED("\"hosts\":\"a\""), "'hosts' must be a list");
    REFUSES("order.tried", TRIED("\"hosts\":[\"a\",1]"), "'hosts[1]' must be a string");
    REFUSES("order.tried", TRIED("\"any\":{\"x\":[1.5]}"), "'any.x[0]' is a fraction");
    REFUSES("order.tried", TRIED("\"promise\":[]"), "'promise' must be an object");
    REFUSES("order.tried", TRIED("\"promise\":{}"), "'promise.hours' is missing");
    REFUSES("order.tried", TRIED("\"lines\":[{\"line_id\":\"a\"},{}]"), "'lines[1].line_id' is");
    REFUSES("order.tried", TRIED("\"lines\":[null]"), "'lines[0]' must be an object");
    REFUSES("order.tried", TRIED("\"lines\":{}"), "'lines' must be a list");
    REFUSES("order.tried", TRIED("\"lines\":[{\"line_id\":\"a\",\"n\":0}]"), "'lines[0].n' is out");
    REFUSES("order.tried", TRIED("\"means\":{\"m\":5}"), "'means.m' must be an object");
    REFUSES("order.tried", TRIED("\"means\":{\"\":{\"rate\":-1}}"), "'means..rate' is out");
    REFUSES("shop.called", "{}", "one of these must be given: a, b");
    ACCEPTS("shop.called", "{\"b\":\"x\"}");
    ACCEPTS("order.tried", TRIED("\"tier\":1,\"fen\":9223372036854775807"));
    gj_book_free(d.book);
    door_close(&d);
}

Test(engine_accept, refusals_of_events)
{
    struct door d = door_of(small_book(BOOK));
    REFUSES("order.tryed", "{}", "unknown type 'order.tryed'; did you mean 'order.tried'?");
    REFUSES("x.y", "{}", "unknown type 'x.y'; see events.yaml");
    REFUSES("order.flagged", "{\"order_id\":\"O1\",\"text\":\"t\"}",
            "order.flagged is made here and not taken from outside; send order.said");
    refuses(&d,
            GJ_STR("{\"specversion\":\"1.0\",\"id\":\"e\",\"source\":\"/hree/s\",\"type\":\"a.b\""
                   ",\"time\":\"2026-03-01T10:00:00Z\",\"data\":{}}"),
            "unknown platform 'hree' in 'source'; use one of: here, there");
    gj_book_free(d.book);
    door_close(&d);
}

Test(engine_accept, nothing_without_events)
{
    struct door d = door_of(small_book(SECRET_RULE));
    REFUSES("order.paid", "{}", "unknown type 'order.paid'");
    gj_book_free(d.book);
    door_close(&d);
}

/* ---- the project's events ---- */

static void line_of(struct gj_buf *line, const struct gj_event_type *type, const char *platform,
                    const char *without)
{
    gj_buf_reset(line);
    gj_buf_addf(line,
                "{\"specversion\":\"1.0\",\"id\":\"e1\",\"source\":\"/%s/s1\",\"type\":\"%s\","
                "\"time\":\"2026-03-01T10:00:00+08:00\",\"data\":",
                platform, type->name.ptr);
    if (type->example == NULL) {
        gj_buf_add_cstr(line, "{}");
    } else {
        add_node_json(line, type->example, without);
    }
    gj_buf_add_char(line, '}');
}

static void example_holds(struct door *d, const struct gj_event_type *type, const char *platform)
{
    struct gj_buf line;
    gj_buf_init(&line);
    line_of(&line, type, platform, NULL);
    if (type->of != GJ_NO_INDEX) {
        refuses(d, gj_buf_str(&line), "not taken from outside");
        gj_buf_release(&line);
        return;
    }
    cr_expect_eq(accepts(d, gj_buf_str(&line)), 0, "%s: %s", line.ptr, d->why.ptr);
    cr_expect_eq(d->event.unknown_count, 0, "%s", line.ptr);
    for (size_t i = 0; i < type->field_count; i++) {
        cr_expect(type->fields[i].optional || d->event.values[i].kind != GJ_V_UNKNOWN, "%s",
                  line.ptr);
    }
    for (size_t i = 0; i < type->field_count; i++) {
        if (!type->fields[i].optional) {
            line_of(&line, type, platform, type->fields[i].name.ptr);
            refuses(d, gj_buf_str(&line), "is missing");
        }
    }
    gj_buf_release(&line);
}

Test(engine_accept, every_type_of_the_project_by_its_example)
{
    struct desk desk = real_desk();
    struct door d = door_of(desk.book->book);
    const struct gj_field *platform = &d.book->fields[GJ_FIELD_PLATFORM];
    cr_assert_gt(d.book->events.type_count, 60);
    for (size_t i = 0; i < d.book->events.type_count; i++) {
        example_holds(&d, &d.book->events.types[i],
                      platform->values[i % platform->value_count].ptr);
    }
    door_close(&d);
    desk_close(&desk);
}
