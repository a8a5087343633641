/* Room tally: metrics (see metric.h). */
#include "tally/metric.h"

#include <stdlib.h>

#define DAY         (GJ_SECONDS_PER_DAY * GJ_MICROS)
#define COUNT_FIRST 8U /* of a scene's figures */

/* ---- windows ---- */

struct gj_window_of gj_metric_window(const struct gj_metric *metric, int64_t at,
                                     const struct gj_zone *zone)
{
    struct gj_window_of w = {0, 0, INT64_MAX};
    if (metric->window == GJ_WINDOW_ROLLING) {
        w.from = at - metric->days * DAY + 1; /* open at the start, closed at the end */
        w.to = at + 1;
        return w;
    }
    int64_t day = gj_zone_day(zone, gj_instant_of(at).seconds), span = 1;
    if (metric->window == GJ_WINDOW_WEEK) { /* 1970-01-01 was a Thursday; weeks begin on Monday */
        day -= ((day + 3) % 7 + 7) % 7;
        span = 7;
    }
    w.from = gj_zone_midnight(zone, day) * GJ_MICROS;
    w.to = gj_zone_midnight(zone, day + span) * GJ_MICROS;
    return w;
}

/* ---- marks by key ---- */

static int by_key_and_time(const void *a, const void *b)
{
    const struct gj_mark *x = a, *y = b;
    int order = gj_str_compare(x->key, y->key);
    return order != 0 ? order : (x->at > y->at) - (x->at < y->at);
}

/* The first mark of `key` at or after `at`, or NULL. */
static const struct gj_mark *first_from(const struct gj_marks *marks, struct gj_str key, int64_t at)
{
    struct gj_mark wanted = {.at = at, .key = key};
    size_t low = 0, high = marks->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_key_and_time(&marks->items[middle], &wanted) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < marks->count && gj_str_eq(marks->items[low].key, key) ? &marks->items[low] : NULL;
}

static bool has_key(const struct gj_marks *marks, struct gj_str key)
{
    return first_from(marks, key, INT64_MIN) != NULL;
}

/* ---- one evaluation ---- */

struct work {
    struct gj_scene *scene;
    const struct gj_metric *metric;
    const struct gj_window_of *window;
    const struct gj_mark_source *source;
    struct gj_str product;
    struct gj_marks of, also, not, follow, left_from, left_all;
    int64_t within;        /* of the count at hand */
    int64_t follow_within; /* the longest of the metric's: what `leave_out` calls answered */
    uint32_t follow_counter;
};

static int fetch(struct work *w, uint32_t counter, int64_t from, int64_t to, bool whole_shop,
                 struct gj_marks *out)
{
    out->count = 0;
    if (counter == GJ_NO_INDEX) {
        return 0;
    }
    return w->source->marks(w->source->context, counter, whole_shop ? GJ_STR("") : w->product, from,
                            to, out);
}

/* Whether a mark does not count, since its key was taken out. */
static bool left_out(const struct work *w, const struct gj_mark *mark)
{
    if (has_key(&w->left_all, mark->key)) {
        return true;
    }
    const struct gj_mark *out = first_from(&w->left_from, mark->key, INT64_MIN);
    if (out == NULL) {
        return false;
    }
    if (out->at <= mark->at) {
        return true;
    }
    const struct gj_mark *answer = first_from(&w->follow, mark->key, mark->at);
    return w->follow_counter != GJ_NO_INDEX && (answer == NULL || answer->at > out->at);
}

static bool counts(const struct work *w, const struct gj_count *c, const struct gj_mark *mark)
{
    if (c->followed_by != GJ_NO_INDEX) {
        const struct gj_mark *answer = first_from(&w->follow, mark->key, mark->at);
        if (answer == NULL || answer->at - mark->at > w->within) {
            return false;
        }
    }
    return (c->also_in == GJ_NO_INDEX || has_key(&w->also, mark->key)) &&
           (c->not_in == GJ_NO_INDEX || !has_key(&w->not, mark->key));
}

static int64_t total(const struct work *w, const struct gj_count *c)
{
    int64_t items = 0, keys = 0;
    for (size_t i = 0; i < w->of.count;) {
        size_t end = i;
        bool any = false, all = true, some = false;
        bool one_will_do = c->followed_by != GJ_NO_INDEX && c->within == NULL;
        for (; end < w->of.count && gj_str_eq(w->of.items[end].key, w->of.items[i].key); end++) {
            if (!left_out(w, &w->of.items[end])) {
                bool one = counts(w, c, &w->of.items[end]);
                any = true;
                all &= one;
                some |= one;
                items += one;
            }
        }
        keys += any && (all || (one_will_do && some));
        i = end;
    }
    return c->what == GJ_COUNT_KEYS ? keys : items;
}

/* Answers count as far as they are known. */
static int64_t until_known(const struct gj_window_of *window, int64_t to)
{
    return window->known < to ? window->known + 1 : to;
}

static int count(struct work *w, const struct gj_count *c, int64_t *out)
{
    const struct gj_window_of *win = w->window;
    w->within = c->followed_by != GJ_NO_INDEX ? win->to - win->from : 0;
    if (c->within != NULL) {
        struct gj_value within = gj_scene_eval(w->scene, c->within);
        if (within.kind != GJ_V_DURATION) {
            return 1;
        }
        w->within = gj_micros(within.as.instant);
    }
    uint32_t follow = c->followed_by != GJ_NO_INDEX ? c->followed_by : w->follow_counter;
    int64_t beyond = w->within > w->follow_within ? w->within : w->follow_within;
    if (c->followed_by != GJ_NO_INDEX && c->within == NULL) {
        beyond = -1; /* in the window itself */
    }
    if (fetch(w, c->of, win->from, win->to, false, &w->of) != 0 ||
        fetch(w, c->also_in, win->from, win->to, true, &w->also) != 0 ||
        fetch(w, c->not_in, win->from, win->to, true, &w->not ) != 0 ||
        fetch(w, follow, win->from, until_known(win, win->to + beyond + 1), true, &w->follow) !=
            0) {
        return -1;
    }
    *out = total(w, c);
    return 0;
}

static int leave(struct work *w)
{
    w->follow_counter = GJ_NO_INDEX;
    for (size_t i = 0; i < w->metric->count_count; i++) {
        const struct gj_count *c = &w->metric->counts[i];
        if (c->followed_by != GJ_NO_INDEX && c->within != NULL) {
            struct gj_value within = gj_scene_eval(w->scene, c->within);
            int64_t span = within.kind == GJ_V_DURATION ? gj_micros(within.as.instant) : 0;
            w->follow_counter = c->followed_by;
            w->follow_within = span > w->follow_within ? span : w->follow_within;
        }
    }
    return fetch(w, w->metric->leave_from, INT64_MIN, w->window->to, true, &w->left_from) != 0 ||
                   fetch(w, w->metric->leave_all, INT64_MIN, w->window->to, true, &w->left_all) != 0
               ? -1
               : 0;
}

/* The ratio in basis points, half up; false where it does not fit. */
static bool ratio(int64_t numerator, int64_t denominator, int64_t *bp)
{
    if (denominator <= 0 || numerator < 0 || numerator > INT64_MAX / 20001 - denominator) {
        return false;
    }
    *bp = (numerator * 20000 + denominator) / (2 * denominator);
    return true;
}

static void know(struct gj_scene *scene, unsigned slot, int64_t value)
{
    unsigned figure =
        slot >= GJ_SLOT_COUNTS ? COUNT_FIRST + slot - GJ_SLOT_COUNTS : slot - GJ_SLOT_NUMERATOR;
    scene->figures[figure] = value;
    scene->figures_known |= UINT64_C(1) << figure;
}

/* shop.category_means: {metric id: {rate_bp, count}} */
static void know_means(struct gj_scene *scene, const struct gj_metric *metric)
{
    const struct gj_plan *plan = scene->host.plan;
    const struct gj_kind_plan *kind = &plan->kinds[plan->events->shop_kind];
    const struct gj_entity *shop = scene->entities[plan->events->shop_kind];
    uint32_t m = gj_map_get(&kind->by_name, GJ_STR("category_means"));
    if (shop == NULL || m == GJ_MAP_NONE || kind->memories[m].kept == GJ_NO_INDEX) {
        return;
    }
    struct gj_value means = shop->memory[kind->memories[m].kept];
    for (uint32_t i = 0; means.kind == GJ_V_MAP && i < means.count; i++) {
        struct gj_value mean = means.as.entries[i].value;
        if (!gj_str_eq(means.as.entries[i].key.as.text, metric->means)) {
            continue;
        }
        for (uint32_t j = 0; mean.kind == GJ_V_MAP && j < mean.count; j++) {
            struct gj_str name = mean.as.entries[j].key.as.text;
            struct gj_value figure = mean.as.entries[j].value;
            if (figure.kind == GJ_V_INT && gj_str_is(name, "rate_bp")) {
                know(scene, GJ_SLOT_MEAN_BP, figure.as.integer);
            } else if (figure.kind == GJ_V_INT && gj_str_is(name, "count")) {
                know(scene, GJ_SLOT_MEAN_COUNT, figure.as.integer);
            }
        }
    }
}

static uint32_t breaches(struct gj_scene *scene, const struct gj_metric *metric, int64_t numerator,
                         int64_t denominator)
{
    int64_t bp = 0;
    uint32_t met = 0;
    know(scene, GJ_SLOT_NUMERATOR, numerator);
    know(scene, GJ_SLOT_DENOMINATOR, denominator);
    scene->figures_known &= ~(UINT64_C(1) << (GJ_SLOT_VALUE_BP - GJ_SLOT_NUMERATOR));
    if (ratio(numerator, denominator, &bp)) {
        know(scene, GJ_SLOT_VALUE_BP, bp);
    }
    for (uint32_t s = 0; s < metric->step_count; s++) {
        const struct gj_expr *breach = metric->steps[s].breach;
        met |= breach != NULL && gj_scene_holds(scene, breach) ? UINT32_C(1) << s : 0;
    }
    return met;
}

uint32_t gj_metric_breaches(struct gj_scene *scene, uint32_t metric, int64_t numerator,
                            int64_t denominator)
{
    return breaches(scene, &scene->host.plan->metrics[metric], numerator, denominator);
}

int64_t gj_metric_counted(const struct gj_scene *scene, size_t count)
{
    return scene->figures[COUNT_FIRST + count];
}

static void add_to(struct gj_scene *scene, uint32_t counts, int64_t more)
{
    for (unsigned i = 0; i < GJ_METRIC_COUNTS_MAX; i++) {
        scene->figures[COUNT_FIRST + i] += counts >> i & 1 ? more : 0;
    }
}

uint32_t gj_metric_breaches_with(struct gj_scene *scene, uint32_t metric, uint32_t counts,
                                 int64_t more)
{
    const struct gj_metric *m = &scene->host.plan->metrics[metric];
    add_to(scene, counts, more);
    struct gj_value a = gj_scene_eval(scene, m->numerator);
    struct gj_value n = gj_scene_eval(scene, m->denominator);
    uint32_t met = a.kind == GJ_V_INT && n.kind == GJ_V_INT
                       ? breaches(scene, m, a.as.integer, n.as.integer)
                       : 0;
    add_to(scene, counts, -more);
    return met;
}

bool gj_metric_step_may_breach(const struct gj_scene *scene, const struct gj_metric_step *step)
{
    bool may = step->breach != NULL;
    for (uint32_t slot = GJ_SLOT_MEAN_BP; slot <= GJ_SLOT_MEAN_COUNT && may; slot++) {
        bool known = (scene->figures_known >> (slot - GJ_SLOT_NUMERATOR) & 1) != 0;
        may = known || !gj_expr_needs(step->breach, slot);
    }
    return may;
}

bool gj_metric_may_breach(struct gj_scene *scene, uint32_t metric)
{
    const struct gj_metric *m = &scene->host.plan->metrics[metric];
    bool may = false;
    scene->figures_known = 0;
    know_means(scene, m);
    for (size_t s = 0; s < m->step_count && !may; s++) {
        may = gj_metric_step_may_breach(scene, &m->steps[s]);
    }
    return may;
}

static void conclude(struct work *w, struct gj_figures *out)
{
    struct gj_scene *scene = w->scene;
    struct gj_value a = gj_scene_eval(scene, w->metric->numerator);
    struct gj_value n = gj_scene_eval(scene, w->metric->denominator);
    out->known = a.kind == GJ_V_INT && n.kind == GJ_V_INT;
    if (!out->known) {
        return;
    }
    out->numerator = a.as.integer;
    out->denominator = n.as.integer;
    out->has_value = ratio(out->numerator, out->denominator, &out->value_bp);
    know_means(scene, w->metric);
    uint32_t met = breaches(scene, w->metric, out->numerator, out->denominator);
    for (uint32_t s = 0; s < w->metric->step_count; s++) {
        const struct gj_metric_step *step = &w->metric->steps[s];
        bool concerned = w->product.len > 0 ? step->of_products : step->of_shop;
        out->breaches |= concerned ? met & UINT32_C(1) << s : 0;
    }
    out->breach = out->breaches != 0;
}

int gj_metric_figures(struct gj_scene *scene, uint32_t metric, const struct gj_window_of *window,
                      struct gj_str product, const struct gj_mark_source *source,
                      struct gj_figures *out)
{
    struct work w = {.scene = scene,
                     .metric = &scene->host.plan->metrics[metric],
                     .window = window,
                     .source = source,
                     .product = product};
    *out = (struct gj_figures){0};
    scene->figures_known = 0;
    int status = leave(&w);
    bool known = true;
    for (size_t i = 0; status == 0 && i < w.metric->count_count; i++) {
        int64_t value = 0;
        int counted = count(&w, &w.metric->counts[i], &value);
        if (counted == 0) {
            know(scene, GJ_SLOT_COUNTS + (unsigned)i, value);
        }
        known &= counted == 0;
        out->any |= w.of.count > 0;
        status = counted < 0 ? -1 : 0;
    }
    if (status == 0 && known) {
        conclude(&w, out);
    }
    free(w.of.items);
    free(w.also.items);
    free(w.not .items);
    free(w.follow.items);
    free(w.left_from.items);
    free(w.left_all.items);
    return status;
}
