/* Tests of room wire: the envelope of an event: what CloudEvents 1.0 allows passes, all else is
 * refused with a sentence that says what to do. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "wire/cloudevent.h"

struct reader {
    struct gj_json_parser *parser;
    struct gj_buf why;
    struct gj_cloudevent event;
};

static struct reader reader_new(void)
{
    struct reader r = {.parser = gj_json_parser_new()};
    gj_buf_init(&r.why);
    return r;
}

static void reader_free(struct reader *r)
{
    gj_json_parser_free(r->parser);
    gj_buf_release(&r->why);
}

static int read_line(struct reader *r, struct gj_str line)
{
    gj_buf_reset(&r->why);
    return gj_cloudevent_read(r->parser, line, 0, &r->event, &r->why);
}

static void refuses(struct reader *r, struct gj_str line, const char *part)
{
    cr_expect_eq(read_line(r, line), -1, "accepted: %.200s", line.ptr);
    cr_expect(strstr(r->why.ptr, part) != NULL, "%.200s: '%s' does not say '%s'", line.ptr,
              r->why.ptr, part);
}

#define VERSION     "\"specversion\":\"1.0\","
#define REST        "\"type\":\"a.b\",\"time\":\"2026-03-01T10:00:00+08:00\",\"data\":{}"
#define ENVELOPE(s) "{" VERSION "\"id\":\"e1\",\"source\":" s "," REST "}"
#define WITH_ID(id) "{" VERSION "\"id\":" id ",\"source\":\"/here/s1\"," REST "}"
#define WITH_TIME(t) \
    "{" VERSION "\"id\":\"e1\",\"source\":\"/here/s1\",\"type\":\"a.b\",\"data\":{},\"time\":" t "}"
#define REFUSES(line, part) refuses(&r, GJ_STR(line), part)

Test(wire_cloudevent, parts)
{
    struct reader r = reader_new();
    cr_assert_eq(read_line(&r, GJ_STR("{" VERSION "\"id\":\"e1\",\"source\":\"/here/店 1\","
                                      "\"subject\":\"O1\",\"datacontenttype\":\"application/json\","
                                      "\"dataschema\":\"https://x\",\"traceparent\":\"00\","
                                      "\"sequence\":5,\"comexampleflag\":true,\"type\":\"a.b\","
                                      "\"time\":\"2026-03-01T10:00:00+08:00\","
                                      "\"data\":{\"x\":1}}")),
                 0, "%s", r.why.ptr);
    cr_expect(gj_str_is(r.event.id, "e1") && gj_str_is(r.event.source, "/here/店 1"));
    cr_expect(gj_str_is(r.event.platform, "here") && gj_str_is(r.event.shop, "店 1"));
    cr_expect(gj_str_is(r.event.type, "a.b") && gj_str_is(r.event.subject, "O1"));
    cr_expect_eq(r.event.time.seconds, 1772330400);
    cr_expect(r.event.data != NULL && r.event.data->count == 1);
    cr_assert_eq(read_line(&r, GJ_STR(ENVELOPE("\"/here/s1\",\"subject\":null"))), 0);
    cr_expect_eq(r.event.subject.len, 0);
    cr_expect_eq(r.why.len, 0);
    reader_free(&r);
}

Test(wire_cloudevent, attributes_that_are_missing)
{
    struct reader r = reader_new();
    REFUSES("{\"id\":\"e1\",\"source\":\"/here/s1\"," REST "}", "'specversion' is missing");
    REFUSES("{" VERSION "\"source\":\"/here/s1\"," REST "}", "'id' is missing");
    REFUSES("{" VERSION "\"id\":\"e1\"," REST "}", "'source' is missing");
    REFUSES("{" VERSION "\"id\":\"e1\",\"source\":\"/here/s1\"}", "'type' is missing");
    REFUSES("{" VERSION "\"id\":\"e1\",\"source\":\"/here/s1\",\"type\":\"a.b\",\"data\":{}}",
            "'time' is missing");
    REFUSES("{" VERSION "\"id\":\"e1\",\"source\":\"/here/s1\",\"type\":\"a.b\","
            "\"time\":\"2026-03-01T10:00:00+08:00\"}",
            "'data' is missing");
    REFUSES(WITH_ID("null"), "'id' is missing");
    reader_free(&r);
}

Test(wire_cloudevent, attributes_that_are_wrong)
{
    struct reader r = reader_new();
    REFUSES("{\"specversion\":\"0.3\",\"id\":\"e1\"}", "must be \"1.0\"");
    REFUSES("{\"specversion\":1.0,\"id\":\"e1\"}", "must be a string");
    REFUSES(ENVELOPE("7"), "'source' must be a string");
    REFUSES(ENVELOPE("\"\""), "/{platform}/{shop}");
    REFUSES(ENVELOPE("\"here/s1\""), "/{platform}/{shop}");
    REFUSES(ENVELOPE("\"/here\""), "/{platform}/{shop}");
    REFUSES(ENVELOPE("\"//s1\""), "/{platform}/{shop}");
    REFUSES(ENVELOPE("\"/here/\""), "the shop in 'source' is empty");
    REFUSES(ENVELOPE("\"/here/s1/x\""), "more than two parts");
    REFUSES(ENVELOPE("\"/here/s\\n1\""), "control character");
    REFUSES(ENVELOPE("\"/here/s1\",\"subject\":5"), "'subject' must be a string");
    REFUSES(ENVELOPE("\"/here/s1\",\"data_base64\":\"AA==\""), "data_base64");
    REFUSES("{" VERSION "\"id\":\"e1\",\"source\":\"/here/s1\",\"type\":\"a.b\","
            "\"time\":\"2026-03-01T10:00:00+08:00\",\"data\":[1]}",
            "'data' must be a JSON object");
    reader_free(&r);
}

Test(wire_cloudevent, ids)
{
    struct reader r = reader_new();
    REFUSES(WITH_ID("\"\""), "'id' is empty");
    REFUSES(WITH_ID("5"), "'id' must be a string");
    REFUSES(WITH_ID("\"a\\u0000b\""), "control character");
    REFUSES(WITH_ID("\"a\\u007f\""), "control character");
    char line[1000], id[GJ_ID_BYTES_MAX + 2];
    for (size_t len = GJ_ID_BYTES_MAX; len <= GJ_ID_BYTES_MAX + 1; len++) {
        memset(id, 'x', len);
        id[len] = '\0';
        int n = snprintf(line, sizeof line,
                         "{" VERSION "\"id\":\"%s\",\"source\":\"/here/s1\"," REST "}", id);
        struct gj_str text = {line, (size_t)n};
        cr_expect_eq(read_line(&r, text) == 0, len == GJ_ID_BYTES_MAX, "%zu bytes", len);
        cr_expect_eq(r.event.id.len, len == GJ_ID_BYTES_MAX ? len : 0);
    }
    cr_expect(strstr(r.why.ptr, "256 bytes") != NULL);
    refuses(&r, GJ_STR(ENVELOPE("7")), "source");
    cr_expect(gj_str_is(r.event.id, "e1"), "a refusal names the event");
    reader_free(&r);
}

Test(wire_cloudevent, lines_that_are_no_event)
{
    struct reader r = reader_new();
    REFUSES("", "empty");
    REFUSES("hello", "JSON");
    REFUSES("[]", "one JSON object");
    REFUSES("{\"id\":\"e1\",\"id\":\"e2\"}", "twice");
    char deep[300];
    memset(deep, '[', 150);
    memset(deep + 150, ']', 150);
    refuses(&r, (struct gj_str){deep, 300}, "deeper");
    reader_free(&r);
}

static void time_is(struct gj_str text, int64_t seconds, int32_t nanos)
{
    struct gj_instant t = {-1, -1};
    cr_expect_eq(gj_event_time_parse(text, &t), 0, "%s", text.ptr);
    cr_expect(t.seconds == seconds && t.nanos == nanos, "%s: %lld", text.ptr, (long long)t.seconds);
}

static void no_time(struct gj_str text)
{
    struct gj_instant t = {-1, -1};
    cr_expect_eq(gj_event_time_parse(text, &t), -1, "%s", text.ptr);
    cr_expect(t.seconds == -1 && t.nanos == -1);
}

Test(wire_cloudevent, times)
{
    time_is(GJ_STR("2026-03-01T10:00:00+08:00"), 1772330400, 0);
    time_is(GJ_STR("2026-03-01t02:00:00z"), 1772330400, 0);
    time_is(GJ_STR("2026-03-01T02:00:00-00:00"), 1772330400, 0);
    time_is(GJ_STR("2026-03-01T02:00:00.25Z"), 1772330400, 250000000);
    time_is(GJ_STR("2026-03-01T02:00:00.1234567891234Z"), 1772330400, 123456789);
    time_is(GJ_STR("2026-02-28T23:59:59-02:00"), 1772330399, 0);
    time_is(GJ_STR("2016-12-31T23:59:60Z"), 1483228800, 0);
    time_is(GJ_STR("2017-01-01T07:59:60.5+08:00"), 1483228800, 500000000);
    no_time(GJ_STR("2016-12-31T23:58:60Z"));
    no_time(GJ_STR("2016-12-31T23:59:61Z"));
    no_time(GJ_STR("2017-01-01T23:59:60+08:00"));
    no_time(GJ_STR("2026-03-01T10:00:00"));
    no_time(GJ_STR("2026-03-01 10:00:00+08:00"));
    no_time(GJ_STR("2026-03-01T24:00:00Z"));
    no_time(GJ_STR("2026-02-29T10:00:00Z"));
    no_time(GJ_STR("2026-03-01T10:00:00+24:00"));
    no_time(GJ_STR("2026-03-01T10:00:60"));
    no_time(GJ_STR(""));
    struct reader r = reader_new();
    REFUSES(WITH_TIME("\"2026-03-01\""), "RFC 3339 with an offset");
    REFUSES(WITH_TIME("1772330400"), "'time' must be a string");
    reader_free(&r);
}
