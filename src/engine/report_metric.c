/* Room engine: reports on metrics: figures, thresholds, and how far it is to them (see report.h).
 *
 * A breach is an expression over the figures, and nobody tells where it begins. So the distance is
 * looked for: figures are changed one way at a time, by doubling steps, then halved in. */
#include "engine/report.h"

#include "base/vec.h"

#define MOVE_MAX INT64_C(1000000)

/* ---- the distance to a threshold ---- */

struct probe {
    struct gj_scene *scene;
    uint32_t metric, step;
    bool breach; /* as the figures stand */
};

/* A way in which figures may change: `counts` rise together, one by one. */
struct way {
    gj_metric_move move;
    uint32_t counts;
    int64_t most; /* how often at most */
    size_t named; /* the count whose counter names it */
};

static bool turns(const struct probe *p, const struct way *way, int64_t moves)
{
    uint32_t met = gj_metric_breaches_with(p->scene, p->metric, way->counts, moves);
    return (met >> p->step & 1) != p->breach;
}

/* The fewest moves that change the verdict; 0: none of as many as make sense does. */
static int64_t fewest(const struct probe *p, const struct way *way)
{
    int64_t low = 0, high = 1;
    while (high < way->most && !turns(p, way, high)) {
        low = high;
        high *= 2;
    }
    high = high > way->most ? way->most : high;
    if (high <= low || !turns(p, way, high)) {
        return 0;
    }
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (turns(p, way, middle)) {
            high = middle;
        } else {
            low = middle;
        }
    }
    return high;
}

static bool is_plain(const struct gj_count *c)
{
    return c->also_in == GJ_NO_INDEX && c->not_in == GJ_NO_INDEX && c->followed_by == GJ_NO_INDEX;
}

/* Counts of one counter rise together when something new is marked: the plain ones always, those
 * with a condition where it is met. Of what is marked already, more may come to meet one. What has
 * been counted stays. */
static size_t ways_of(const struct probe *p, const struct gj_metric *m, size_t count,
                      struct way ways[3])
{
    const struct gj_count *own = &m->counts[count];
    struct way missed = {GJ_MOVE_MISSED, 0, MOVE_MAX, count};
    struct way met = {GJ_MOVE_MET, 0, MOVE_MAX, count};
    struct way late = {GJ_MOVE_LATE, UINT32_C(1) << count, 0, count};
    size_t first = m->count_count, base = m->count_count, found = 0;
    for (size_t i = 0; i < m->count_count; i++) {
        const struct gj_count *other = &m->counts[i];
        if (other->of == own->of) {
            first = first == m->count_count ? i : first;
            base = base == m->count_count && is_plain(other) ? i : base;
            missed.counts |= is_plain(other) ? UINT32_C(1) << i : 0;
            met.counts |= UINT32_C(1) << i;
        }
    }
    base = base == m->count_count ? first : base;
    missed.counts |= UINT32_C(1) << base;
    late.most = gj_metric_counted(p->scene, base) - gj_metric_counted(p->scene, count);
    bool alone = missed.counts == met.counts;
    if (alone) {
        met.move = GJ_MOVE_MORE;
    }
    if (first == count) {
        ways[found++] = met;
    }
    if (first == count && !alone) {
        ways[found++] = missed;
    }
    if (base != count && own->followed_by != GJ_NO_INDEX) {
        ways[found++] = late;
    }
    return found;
}

/* Of the ways in which figures may change, the one with the fewest. */
static void find_moves(const struct probe *p, const struct gj_metric *m, gj_metric_row *row,
                       struct gj_arena *arena)
{
    struct way ways[3];
    for (size_t c = 0; c < m->count_count && c < 32; c++) {
        size_t count = ways_of(p, m, c, ways);
        for (size_t i = 0; i < count; i++) {
            const struct gj_count *named = &m->counts[ways[i].named];
            const struct gj_heading *head = &p->scene->host.plan->counters[named->of].head;
            int64_t moves = fewest(p, &ways[i]);
            if (moves == 0 || (row->moves != 0 && moves >= row->moves)) {
                continue;
            }
            row->move = ways[i].move;
            row->moves = moves;
            row->what_zh =
                gj_words_copy(arena, head->title_zh.len > 0 ? head->title_zh : named->name);
            row->what_en =
                gj_words_copy(arena, head->title_en.len > 0 ? head->title_en : named->name);
        }
    }
}

static bool breaks(const struct probe *p, int64_t bp)
{
    enum { MANY = 1000 }; /* so that no condition on their number stands in the way */
    return (gj_metric_breaches(p->scene, p->metric, bp * MANY, INT64_C(10000) * MANY) >> p->step &
            1) != 0;
}

/* The ratio from which on it is a breach, whatever else the condition asks of their number. */
static void find_threshold(const struct probe *p, gj_metric_row *row)
{
    enum { MANY = 10000 };
    bool none = breaks(p, 0), all = breaks(p, MANY);
    if (none == all) {
        return;
    }
    int64_t low = 0, high = MANY; /* the verdict at `low` is `none`, at `high` it is `all` */
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (breaks(p, middle) == none) {
            low = middle;
        } else {
            high = middle;
        }
    }
    row->has_threshold = true;
    row->below = none;
    row->threshold_bp = none ? high : low;
}

/* ---- rows ---- */

struct metric_walk {
    struct gj_engine *e;
    struct gj_shop *shop;
    struct gj_reader reader;
    int64_t to, now; /* the end of the day; the instant of the report */
    int (*each)(void *context, const gj_metric_row *row);
    void *context;
};

static gj_consequence consequence(struct metric_walk *w, struct gj_scene *scene,
                                  const struct gj_metric_step *step)
{
    struct gj_foresight f;
    gj_foresight_init(&f, w->e->plan, &w->e->arena);
    for (size_t i = 0; i < step->raise_count; i++) {
        if (w->shop->findings[step->raises[i]]) {
            gj_foresight_add(&f, scene, step->raises[i]);
        }
    }
    return gj_foresight_end(&f);
}

static int tell_step(struct metric_walk *w, struct gj_scene *scene, uint32_t metric, uint32_t s,
                     const struct gj_figures *f, gj_metric_row *row, bool history)
{
    const struct gj_metric *m = &w->e->plan->metrics[metric];
    struct gj_foresight none;
    row->breach = s < m->step_count && (f->breaches >> s & 1) != 0;
    row->lasting = s < m->step_count ? m->steps[s].lasting : 1;
    row->has_threshold = false;
    row->move = GJ_MOVE_NONE;
    row->moves = 0;
    row->what_zh = row->what_en = "";
    if (s < m->step_count && m->steps[s].breach != NULL) {
        struct probe p = {scene, metric, s, row->breach};
        if (!history) {
            find_moves(&p, m, row, &w->e->arena);
        }
        find_threshold(&p, row);
        row->then = consequence(w, scene, &m->steps[s]);
    } else {
        gj_foresight_init(&none, w->e->plan, &w->e->arena);
        row->then = gj_foresight_end(&none);
    }
    return w->each(w->context, row);
}

static bool concerns(const struct gj_metric_step *step, bool product)
{
    return product ? step->of_products : step->of_shop;
}

/* Whether a step is told: not one that waits for a mean nobody told, where there is another. */
static bool is_told(const struct gj_scene *scene, const struct gj_metric *m, uint32_t s,
                    bool product)
{
    bool first = true, any = false;
    for (uint32_t i = 0; i < m->step_count; i++) {
        if (concerns(&m->steps[i], product)) {
            any |= gj_metric_step_may_breach(scene, &m->steps[i]);
            first &= i >= s;
        }
    }
    return concerns(&m->steps[s], product) &&
           (gj_metric_step_may_breach(scene, &m->steps[s]) || (first && !any));
}

static bool in_force(const struct gj_metric *m, int64_t at)
{
    int64_t seconds = gj_instant_of(at).seconds;
    return seconds >= m->head.from && seconds < m->head.until;
}

static int tell_window(struct metric_walk *w, uint32_t metric, int64_t at, struct gj_str product,
                       bool history)
{
    const struct gj_metric *m = &w->e->plan->metrics[metric];
    struct gj_window_of window = gj_metric_window(m, at, w->shop->zone);
    struct gj_mark_source source = {&w->reader, gj_engine_marks};
    struct gj_run run = {.setting = &w->shop->setting, .arena = &w->e->arena};
    struct gj_scene scene;
    struct gj_figures f;
    if (!in_force(m, at)) {
        return 0;
    }
    gj_arena_reset(&w->e->arena);
    gj_scene_set(&scene, &run, NULL, NULL, window.to - 1 < w->now ? window.to - 1 : w->now);
    if (gj_metric_figures(&scene, metric, &window, product, &source, &f) != 0) {
        return -1;
    }
    if (!f.known || (history && f.denominator == 0 && f.numerator == 0)) {
        return 0;
    }
    bool rolling = m->window == GJ_WINDOW_ROLLING;
    gj_metric_row row = {.source = w->shop->source.ptr,
                         .id = gj_words_copy(&w->e->arena, m->head.id),
                         .title_zh = gj_words_copy(&w->e->arena, m->head.title_zh),
                         .title_en = gj_words_copy(&w->e->arena, m->head.title_en),
                         .clause_zh = gj_words_copy(&w->e->arena, m->head.clause_zh),
                         .clause_en = gj_words_copy(&w->e->arena, m->head.clause_en),
                         .product = gj_words_copy(&w->e->arena, product),
                         .from = rolling ? window.from - 1 : window.from,
                         .to = rolling ? window.to - 1 : window.to,
                         .history = history,
                         .running = rolling || window.to > w->now,
                         .numerator = f.numerator,
                         .denominator = f.denominator,
                         .has_value = f.has_value,
                         .value_bp = f.value_bp};
    int status = 0;
    for (uint32_t s = 0; s < m->step_count && status == 0; s++) {
        if (is_told(&scene, m, s, product.len > 0) && !(history && row.step > 0)) {
            status = tell_step(w, &scene, metric, s, &f, &row, history);
            row.step++;
        }
    }
    return row.step > 0 || status != 0
               ? status
               : tell_step(w, &scene, metric, (uint32_t)m->step_count, &f, &row, history);
}

struct product_list {
    struct gj_arena arena;
    struct gj_str *items;
    size_t count, capacity;
};

static int add_product(void *context, struct gj_str product)
{
    struct product_list *list = context;
    struct gj_str *grown = gj_grow(list->items, &list->capacity, list->count + 1, sizeof *grown);
    if (grown == NULL) {
        return -1;
    }
    list->items = grown;
    grown[list->count] = gj_arena_copy(&list->arena, product);
    return grown[list->count++].ptr == NULL ? -1 : 0;
}

static int by_name(const void *a, const void *b)
{
    const struct gj_str *x = a, *y = b;
    return gj_str_compare(*x, *y);
}

/* The products that the metric's counters have marked in the window, each once, by name. */
static int tell_products(struct metric_walk *w, uint32_t metric, int64_t at)
{
    const struct gj_metric *m = &w->e->plan->metrics[metric];
    struct gj_window_of window = gj_metric_window(m, at, w->shop->zone);
    struct product_list list = {.count = 0};
    gj_arena_init(&list.arena);
    int status =
        gj_engine_products(w->e, w->shop, metric, window.from, window.to, add_product, &list);
    if (list.count > 1) {
        qsort(list.items, list.count, sizeof *list.items, by_name);
    }
    for (size_t i = 0; i < list.count && status == 0; i++) {
        status = tell_window(w, metric, at, list.items[i], false);
    }
    free(list.items);
    gj_arena_release(&list.arena);
    return status;
}

static int tell_metric(struct metric_walk *w, uint32_t metric, int days)
{
    const struct gj_metric *m = &w->e->plan->metrics[metric];
    bool rolling = m->window == GJ_WINDOW_ROLLING;
    int64_t span = m->window == GJ_WINDOW_WEEK ? 7 : 1,
            last = gj_engine_day(w->shop, w->to - 1) + 1;
    int64_t at = w->now < w->to ? w->now : rolling ? w->to : w->to - 1;
    int status = 0;
    for (int i = days; i > 0 && m->of_shop && status == 0; i--) {
        int64_t end = gj_engine_midnight(w->shop, last - i * span);
        status = tell_window(w, metric, rolling ? end : end - 1, GJ_STR(""), true);
    }
    if (m->of_shop && status == 0) {
        status = tell_window(w, metric, at, GJ_STR(""), false);
    }
    return m->of_products && status == 0 ? tell_products(w, metric, at) : status;
}

int gj_engine_metrics(gj_engine *e, const char *source, int64_t to, int days,
                      int (*each)(void *context, const gj_metric_row *row), void *context)
{
    struct metric_walk w = {.e = e, .to = to, .each = each, .context = context};
    w.shop = gj_report_shop(e, source);
    if (w.shop == NULL) {
        return GJ_EINPUT;
    }
    w.now = w.shop->now;
    w.reader = (struct gj_reader){.e = e, .shop = w.shop};
    int status = 0;
    for (uint32_t i = 0; i < e->plan->metric_count && status == 0; i++) {
        status = w.shop->metrics[i] ? tell_metric(&w, i, days) : 0;
    }
    return gj_report_end(e, status);
}
