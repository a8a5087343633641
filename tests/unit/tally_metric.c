/* Room tally: what a metric makes of the marks of its counters. Marks are of the day that begins at
 * 0; instants are in seconds. */
#include "tally/metric.h"

#include "base/sort.h"
#include "base/vec.h"
#include "book_support.h"

#define HEAD "title: {zh: 名, en: name}\ncites: {source: law, place: art 1}\n"
#define WORLD                                                                \
    "entities:\n  shop: {}\n  buyer: {id: buyer_id}\n---\n"                  \
    "events:\n"                                                              \
    "  shop.configured:\n    about: shop\n"                                  \
    "    data: {\"category_means?\": {\"*\": {rate_bp: int, count: int}}}\n" \
    "  buyer.asked:\n    about: buyer\n    data: {buyer_id: string}\n"       \
    "    example: {buyer_id: b1}\n"                                          \
    "---\ncounter: here.asked\non: buyer.asked\nkey: event.buyer_id\n"       \
    "---\ncounter: here.replied\non: buyer.asked\nkey: event.buyer_id\n"     \
    "---\ncounter: here.out\non: buyer.asked\nkey: event.buyer_id\n"         \
    "---\nmetric: here.metric\n" HEAD "window: day\n"
#define OF_ALL "numerator: n\ndenominator: all\nbreach: value_bp < 5000\n"

struct mark_of {
    const char *counter, *key;
    int64_t at; /* seconds */
};

struct shelf {
    const struct gj_plan *plan;
    const struct mark_of *marks;
    size_t count;
};

static int by_key(const void *a, const void *b)
{
    const struct gj_mark *x = a, *y = b;
    int order = gj_str_compare(x->key, y->key);
    return order != 0 ? order : (x->at > y->at) - (x->at < y->at);
}

static int give_marks(void *context, uint32_t counter, struct gj_str product, int64_t from,
                      int64_t to, struct gj_marks *out)
{
    const struct shelf *shelf = context;
    struct gj_str id = shelf->plan->counters[counter].head.id;
    out->count = 0;
    for (size_t i = 0; i < shelf->count && product.len == 0; i++) {
        const struct mark_of *m = &shelf->marks[i];
        int64_t at = m->at * GJ_MICROS;
        if (!gj_str_is(id, m->counter) || at < from || at >= to) {
            continue;
        }
        out->items = gj_grow(out->items, &out->capacity, out->count + 1, sizeof *out->items);
        out->items[out->count++] =
            (struct gj_mark){.at = at, .counter = id, .key = gj_str_of(m->key)};
    }
    if (out->count > 1) {
        gj_sort(out->items, out->count, sizeof *out->items, by_key);
    }
    return 0;
}

struct bench { /* the metric, and a view of its shop */
    struct gj_book *book;
    struct gj_plan *plan;
    struct gj_arena arena;
    struct gj_setting setting;
    struct gj_scene scene;
};

/* With `counts` and what else the metric says, which may be followed by other entries. */
static void open_metric(struct bench *b, const char *counts)
{
    struct gj_buf whole;
    gj_errors *errors = gj_errors_new();
    gj_buf_init(&whole);
    gj_buf_add_cstr(&whole, WORLD);
    gj_buf_add_cstr(&whole, counts);
    b->book = small_book(whole.ptr);
    const struct gj_events *events = gj_book_events(b->book, errors);
    b->plan = events == NULL ? NULL : gj_plan_build(b->book, events, errors);
    cr_assert(b->plan != NULL, "%s", gj_errors_text(errors));
    gj_arena_init(&b->arena);
    b->setting = (struct gj_setting){.plan = b->plan, .platform = GJ_STR("here")};
    struct gj_run run = {.setting = &b->setting, .arena = &b->arena};
    gj_scene_set(&b->scene, &run, NULL, NULL, 0);
    gj_buf_release(&whole);
    gj_errors_free(errors);
}

static void close_metric(struct bench *b)
{
    gj_arena_release(&b->arena);
    gj_plan_free(b->plan);
    gj_book_free(b->book);
}

/* Over one day. */
static struct gj_figures measured(struct bench *b, const struct mark_of *marks, size_t count)
{
    struct gj_figures f;
    struct shelf shelf = {b->plan, marks, count};
    struct gj_mark_source source = {&shelf, give_marks};
    struct gj_window_of day = {0, 86400 * GJ_MICROS, INT64_MAX};
    cr_assert_eq(gj_metric_figures(&b->scene, 0, &day, GJ_STR(""), &source, &f), 0);
    return f;
}

static struct gj_figures figures(const char *counts, const struct mark_of *marks, size_t count)
{
    struct bench b;
    open_metric(&b, counts);
    struct gj_figures f = measured(&b, marks, count);
    close_metric(&b);
    return f;
}

#define EXPECT_FIGURES(counts, of, all, ...)                                               \
    do {                                                                                   \
        static const struct mark_of marks[] = {__VA_ARGS__};                               \
        struct gj_figures f = figures(counts OF_ALL, marks, sizeof marks / sizeof *marks); \
        cr_assert(f.known);                                                                \
        cr_expect_eq(f.numerator, of, "%lld", (long long)f.numerator);                     \
        cr_expect_eq(f.denominator, all, "%lld", (long long)f.denominator);                \
    } while (0)

#define ASKED   "here.asked"
#define REPLIED "here.replied"
#define OUT     "here.out"
#define WITHIN                                                                            \
    "counts: {all: {keys: here.asked}, n: {keys: here.asked, followed_by: here.replied, " \
    "within: minutes(5)}}\n"
#define MARKS_WITHIN                                                                        \
    "counts: {all: {items: here.asked}, n: {items: here.asked, followed_by: here.replied, " \
    "within: minutes(5)}}\n"
#define ANYWHERE \
    "counts: {all: {keys: here.asked}, n: {keys: here.asked, followed_by: here.replied}}\n"

Test(tally_metric, keys_are_counted_once_and_marks_each)
{
    EXPECT_FIGURES("counts: {n: {keys: here.asked}, all: {items: here.asked}}\n", 2, 3,
                   {ASKED, "a", 1}, {ASKED, "b", 2}, {ASKED, "a", 3}, {REPLIED, "c", 4});
    EXPECT_FIGURES("counts: {n: {keys: here.asked}, all: {items: here.asked}}\n", 1, 2,
                   {ASKED, "a", -1}, {ASKED, "a", 0}, {ASKED, "a", 86399}, {ASKED, "b", 86400});
}

/* At or after it, within the duration; at its end still. */
Test(tally_metric, an_answer_in_time)
{
    EXPECT_FIGURES(WITHIN, 1, 1, {ASKED, "a", 10}, {REPLIED, "a", 10});
    EXPECT_FIGURES(WITHIN, 0, 1, {ASKED, "a", 10}, {REPLIED, "a", 9});
    EXPECT_FIGURES(WITHIN, 1, 1, {ASKED, "a", 10}, {REPLIED, "a", 310});
    EXPECT_FIGURES(WITHIN, 0, 1, {ASKED, "a", 10}, {REPLIED, "a", 311});
    EXPECT_FIGURES(WITHIN, 0, 1, {ASKED, "a", 10}, {REPLIED, "b", 11});
    EXPECT_FIGURES(WITHIN, 1, 1, {ASKED, "a", 86399}, {REPLIED, "a", 86699}); /* the next day */
    EXPECT_FIGURES(WITHIN, 0, 1, {ASKED, "a", 86399}, {REPLIED, "a", 86700});
}

/* Every mark of a key must have its answer; one answer may be that of several. */
Test(tally_metric, of_a_key_every_mark_is_answered)
{
    EXPECT_FIGURES(WITHIN, 0, 1, {ASKED, "a", 10}, {REPLIED, "a", 20}, {ASKED, "a", 30});
    EXPECT_FIGURES(WITHIN, 1, 1, {ASKED, "a", 10}, {ASKED, "a", 20}, {REPLIED, "a", 30});
    EXPECT_FIGURES(WITHIN, 0, 1, {ASKED, "a", 10}, {ASKED, "a", 20}, {REPLIED, "a", 311});
    EXPECT_FIGURES(MARKS_WITHIN, 1, 2, {ASKED, "a", 10}, {ASKED, "a", 20}, {REPLIED, "a", 311});
}

/* Without a duration: anywhere later in the window, and of a key one mark is enough. */
Test(tally_metric, an_answer_somewhere_in_the_window)
{
    EXPECT_FIGURES(ANYWHERE, 1, 1, {ASKED, "a", 10}, {REPLIED, "a", 86399});
    EXPECT_FIGURES(ANYWHERE, 0, 1, {ASKED, "a", 10}, {REPLIED, "a", 86400});
    EXPECT_FIGURES(ANYWHERE, 1, 1, {ASKED, "a", 10}, {REPLIED, "a", 20}, {ASKED, "a", 30});
    EXPECT_FIGURES(ANYWHERE, 0, 1, {REPLIED, "a", 9}, {ASKED, "a", 10});
}

Test(tally_metric, keys_that_have_another_mark_and_that_have_not)
{
    EXPECT_FIGURES("counts: {all: {keys: here.asked}, n: {keys: here.asked, also_in: here.out}}\n",
                   1, 2, {ASKED, "a", 10}, {ASKED, "b", 10}, {OUT, "b", 5}, {OUT, "c", 5});
    EXPECT_FIGURES("counts: {all: {keys: here.asked}, n: {keys: here.asked, not_in: here.out}}\n",
                   2, 3, {ASKED, "a", 10}, {ASKED, "b", 10}, {ASKED, "c", 10}, {OUT, "b", 5});
    EXPECT_FIGURES("counts: {all: {keys: here.asked}, n: {keys: here.asked, not_in: here.out}}\n",
                   1, 1, {ASKED, "a", 10}, {OUT, "a", -5}); /* the day before */
}

/* From its mark on a key does not count, nor what it asked before and nobody had answered by then.
 */
Test(tally_metric, who_is_left_out_from_an_instant_on)
{
    EXPECT_FIGURES(WITHIN "leave_out: {from: here.out}\n", 0, 0, {ASKED, "a", 10}, {OUT, "a", 10});
    EXPECT_FIGURES(WITHIN "leave_out: {from: here.out}\n", 0, 0, {ASKED, "a", 10}, {OUT, "a", 5});
    EXPECT_FIGURES(WITHIN "leave_out: {from: here.out}\n", 0, 0, {ASKED, "a", 10}, {OUT, "a", -5});
    EXPECT_FIGURES(WITHIN "leave_out: {from: here.out}\n", 0, 0, {ASKED, "a", 10}, {OUT, "a", 11});
    EXPECT_FIGURES(WITHIN "leave_out: {from: here.out}\n", 1, 1, {ASKED, "a", 10},
                   {REPLIED, "a", 11}, {OUT, "a", 11});
    EXPECT_FIGURES(WITHIN "leave_out: {from: here.out}\n", 0, 0, {ASKED, "a", 10},
                   {REPLIED, "a", 12}, {OUT, "a", 11});
    EXPECT_FIGURES(WITHIN "leave_out: {from: here.out}\n", 1, 1, {ASKED, "a", 10},
                   {REPLIED, "a", 11}, {OUT, "a", 20}, {ASKED, "a", 30});
    EXPECT_FIGURES(WITHIN "leave_out: {from: here.out}\n", 0, 1, {ASKED, "a", 10}, {OUT, "b", 11});
}

Test(tally_metric, who_is_left_out_altogether)
{
    EXPECT_FIGURES(WITHIN "leave_out: {all: here.out}\n", 0, 0, {ASKED, "a", 10},
                   {REPLIED, "a", 11}, {OUT, "a", 86399});
    EXPECT_FIGURES(WITHIN "leave_out: {all: here.out}\n", 0, 0, {ASKED, "a", 10}, {OUT, "a", -1});
    EXPECT_FIGURES(WITHIN "leave_out: {all: here.out}\n", 0, 1, {ASKED, "a", 10},
                   {OUT, "a", 86400});
}

/* Half up; of nothing there is no ratio, and what asks for it does not hold. */
Test(tally_metric, the_ratio_in_basis_points)
{
    static const struct {
        const char *of, *all;
        int64_t bp; /* -1: none */
        bool breach;
    } cases[] = {
        {"0", "0", -1, false},   {"1", "2", 5000, false},       {"1", "3", 3333, true},
        {"2", "3", 6667, false}, {"1", "20000", 1, true},       {"9999", "20000", 5000, false},
        {"3", "20000", 2, true}, {"4999", "20000", 2500, true}, {"-1", "2", -1, false},
        {"1", "-2", -1, false},  {"3", "2", 15000, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char counts[200];
        snprintf(counts, sizeof counts,
                 "counts: {n: {keys: here.asked}}\nnumerator: \"n - n + (%s)\"\n"
                 "denominator: \"%s\"\nbreach: value_bp < 5000\n",
                 cases[i].of, cases[i].all);
        struct gj_figures f = figures(counts, NULL, 0);
        cr_assert(f.known && !f.any);
        cr_expect_eq(f.has_value, cases[i].bp >= 0, "%zu", i);
        cr_expect(!f.has_value || f.value_bp == cases[i].bp, "%zu: %lld", i, (long long)f.value_bp);
        cr_expect_eq(f.breach, cases[i].breach, "%zu", i);
    }
}

/* A figure that cannot be computed is not known, and nothing follows from the other. */
Test(tally_metric, figures_that_cannot_be_known)
{
    static const char *const failing[] = {"numerator: n / (n - n)\ndenominator: n\n",
                                          "numerator: n\ndenominator: n / (n - n)\n"};
    for (size_t i = 0; i < sizeof failing / sizeof *failing; i++) {
        char counts[200];
        struct mark_of mark = {ASKED, "a", 10};
        snprintf(counts, sizeof counts,
                 "counts: {n: {keys: here.asked}}\n%sbreach: numerator >= 0\n", failing[i]);
        struct gj_figures f = figures(counts, &mark, 1);
        cr_expect(f.any && !f.known && !f.has_value && !f.breach, "%zu", i);
    }
}

/* Bit s is step s: of the figures that are asked about, and of more of some counts. */
Test(tally_metric, steps_that_other_figures_would_breach)
{
    struct bench b;
    struct mark_of marks[] = {{ASKED, "a", 10}, {ASKED, "b", 10}, {REPLIED, "a", 11}};
    open_metric(&b, WITHIN "numerator: n\ndenominator: all\n"
                           "steps:\n  - {breach: value_bp < 5000, raise: here.low}\n"
                           "  - {breach: all >= 4 && value_bp < 8000, raise: here.low}\n"
                           "---\nfinding: here.low\n" HEAD "severity: minor\n");
    struct gj_figures f = measured(&b, marks, 3);
    cr_expect(f.numerator == 1 && f.denominator == 2 && f.breaches == 0);
    cr_expect_eq(gj_metric_breaches(&b.scene, 0, 4999, 10000), 1);
    cr_expect_eq(gj_metric_breaches(&b.scene, 0, 5000, 10000), 0);
    cr_expect_eq(gj_metric_breaches_with(&b.scene, 0, 1, 1), 1, "1 of 3");
    cr_expect_eq(gj_metric_breaches_with(&b.scene, 0, 1, 2), 3, "1 of 4");
    cr_expect_eq(gj_metric_breaches_with(&b.scene, 0, 3, 2), 2, "3 of 4");
    cr_expect_eq(gj_metric_breaches_with(&b.scene, 0, 3, 3), 0, "4 of 5");
    cr_expect_eq(gj_metric_counted(&b.scene, 0), 2, "the figures stay as they were");
    cr_expect_eq(gj_metric_counted(&b.scene, 1), 1);
    close_metric(&b);
}

/* ---- windows ---- */

static void expect_window(const struct gj_metric *metric, const char *at, const char *from,
                          const char *to)
{
    struct gj_instant a, f, t;
    cr_assert_eq(gj_timestamp_parse(gj_str_of(at), &a), 0);
    cr_assert_eq(gj_timestamp_parse(gj_str_of(from), &f), 0);
    cr_assert_eq(gj_timestamp_parse(gj_str_of(to), &t), 0);
    struct gj_window_of w = gj_metric_window(metric, gj_micros(a), NULL);
    cr_expect_eq(w.from, gj_micros(f), "%s", at);
    cr_expect_eq(w.to, gj_micros(t), "%s", at);
}

Test(tally_metric, days_weeks_and_rolling_windows)
{
    struct gj_metric day = {.window = GJ_WINDOW_DAY}, week = {.window = GJ_WINDOW_WEEK};
    struct gj_metric rolling = {.window = GJ_WINDOW_ROLLING, .days = 30};
    expect_window(&day, "2026-03-01T00:00:00+08:00", "2026-03-01T00:00:00+08:00",
                  "2026-03-02T00:00:00+08:00");
    expect_window(&day, "2026-03-01T23:59:59.999999+08:00", "2026-03-01T00:00:00+08:00",
                  "2026-03-02T00:00:00+08:00");
    /* 2026-03-02 was a Monday */
    expect_window(&week, "2026-03-01T23:59:59+08:00", "2026-02-23T00:00:00+08:00",
                  "2026-03-02T00:00:00+08:00");
    expect_window(&week, "2026-03-02T00:00:00+08:00", "2026-03-02T00:00:00+08:00",
                  "2026-03-09T00:00:00+08:00");
    expect_window(&week, "1969-12-31T12:00:00+08:00", "1969-12-29T00:00:00+08:00",
                  "1970-01-05T00:00:00+08:00");
    expect_window(&rolling, "2026-03-31T00:00:00+08:00", "2026-03-01T00:00:00.000001+08:00",
                  "2026-03-31T00:00:00.000001+08:00");
}
