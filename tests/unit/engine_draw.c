/* Tests of room engine: words for durations and expressions, pictures, and the entries on events as
 * the public header shows them. */
#include <criterion/criterion.h>
#include <string.h>

#include "engine/draw.h"
#include "engine/words.h"
#include "guiju/guiju.h"
#include "judge/checker.h"

static void expect_duration(int64_t seconds, bool english, const char *want)
{
    struct gj_buf out;
    gj_buf_init(&out);
    gj_words_duration(seconds, english, &out);
    cr_expect_str_eq(out.ptr, want, "%lld s is '%s', not '%s'", (long long)seconds, out.ptr, want);
    gj_buf_release(&out);
}

Test(engine_draw, durations_in_words)
{
    expect_duration(0, true, "0 seconds");
    expect_duration(1, true, "1 second");
    expect_duration(90, true, "90 seconds");
    expect_duration(60, true, "1 minute");
    expect_duration(600, false, "10 分钟");
    expect_duration(5400, true, "90 minutes");
    expect_duration(3600, true, "1 hour");
    expect_duration(48 * 3600, true, "48 hours");
    expect_duration(72 * 3600, false, "72 小时");
    expect_duration(73 * 3600, true, "73 hours");
    expect_duration(96 * 3600, true, "4 days");
    expect_duration(15 * 86400, false, "15 天");
}

struct desk {
    gj_errors *errors;
    gj_rulebook *book;
};

static struct desk open_desk(void)
{
    struct desk d = {gj_errors_new(), NULL};
    d.book = gj_rulebook_open("rulebook", "", d.errors);
    cr_assert(d.book != NULL, "%s", gj_errors_text(d.errors));
    return d;
}

static void close_desk(struct desk *d)
{
    gj_rulebook_free(d->book);
    gj_errors_free(d->errors);
}

static void expect_words(const struct desk *d, const char *source, const char *want)
{
    struct gj_buf out;
    gj_buf_init(&out);
    gj_words_expr(d->book->book, gj_str_of(source), true, &out);
    cr_expect_str_eq(out.ptr, want);
    gj_buf_release(&out);
}

Test(engine_draw, expressions_in_words)
{
    struct desk d = open_desk();
    expect_words(&d, "param(\"pdd.merchant-handling\")", "48 hours");
    expect_words(&d, "entered + hours(2) +\n   days(n)", "entered + 2 hours + days(n)");
    expect_words(&d, "param(\"no.such\") + days(5)", "param(\"no.such\") + 5 days");
    expect_words(&d, "has(x.days) && size(", "has(x.days) && size(");
    expect_words(&d, "", "");
    close_desk(&d);
}

static void expect_durations(const struct desk *d, const char *source, const char *want)
{
    struct gj_buf out;
    gj_buf_init(&out);
    gj_words_durations(d->book->book, gj_str_of(source), true, &out);
    cr_expect_str_eq(out.ptr, want);
    gj_buf_release(&out);
}

Test(engine_draw, durations_are_named_once_each)
{
    struct desk d = open_desk();
    expect_durations(&d, "x ? hours(24) : hours(24)", "24 hours");
    expect_durations(&d, "x ? hours(24) : hours(4)", "24 hours, 4 hours");
    expect_durations(&d, "x ? hours(4) : y ? hours(24) : hours(4)", "4 hours, 24 hours");
    expect_durations(&d, "event.at", "");
    expect_durations(&d, "param(\"pdd.merchant-handling\")", "48 hours");
    expect_durations(&d, "days(param(\"tmall.cod-close-points\"))", ""); /* a number, not of days */
    close_desk(&d);
}

Test(engine_draw, a_picture_or_an_error)
{
    struct desk d = open_desk();
    char *text = NULL;
    cr_expect_eq(gj_flow_draw(d.book, "no", GJ_DRAW_DOT, true, &text, d.errors), GJ_EINPUT);
    cr_expect_null(text);
    cr_expect_eq(gj_errors_count(d.errors), 1);
    gj_errors_clear(d.errors);
    cr_assert_eq(gj_flow_draw(d.book, "pdd.refund-only", GJ_DRAW_DOT, false, &text, d.errors),
                 GJ_OK);
    cr_expect_not_null(strstr(text, "待商家处理"));
    cr_expect_not_null(strstr(text, "style=dashed"));
    cr_expect_not_null(strstr(text, "peripheries=2"));
    gj_string_free(text);
    close_desk(&d);
}

Test(engine_draw, entries_on_events_come_when_asked_for)
{
    struct desk d = open_desk();
    size_t rules = gj_rulebook_entry_count(d.book), flows = 0, guidances = 0;
    cr_assert_eq(gj_rulebook_read_events(d.book, d.errors), GJ_OK);
    size_t all = gj_rulebook_entry_count(d.book);
    cr_assert_eq(gj_rulebook_read_events(d.book, d.errors), GJ_OK);
    cr_expect_gt(all, rules);
    cr_expect_eq(gj_rulebook_entry_count(d.book), all, "a second time adds nothing");
    for (size_t i = 0; i < all; i++) {
        gj_entry_info e = gj_rulebook_entry(d.book, i);
        cr_expect_eq(i < rules, e.kind <= GJ_ENTRY_SCRIPT);
        cr_expect(e.title_zh != NULL && e.when != NULL && e.situation != NULL && e.file != NULL);
        flows += e.kind == GJ_ENTRY_FLOW && e.detail_count > 2;
        guidances += e.kind == GJ_ENTRY_GUIDANCE && e.situation[0] != '\0';
    }
    cr_expect_gt(flows, 0);
    cr_expect_gt(guidances, 0);
    close_desk(&d);
}
