/* Room engine: metrics at midnight: which thresholds they have come over (see inside.h). */
#include "base/vec.h"
#include "engine/inside.h"

#define DAY (GJ_SECONDS_PER_DAY * GJ_MICROS)

int gj_engine_metric(struct gj_engine *e, struct gj_shop *shop, uint32_t metric, int64_t at,
                     int64_t known, struct gj_str product, struct gj_window_of *window,
                     struct gj_figures *out)
{
    struct gj_reader reader = {e, shop};
    struct gj_mark_source source = {&reader, gj_engine_marks};
    *window = gj_metric_window(&e->plan->metrics[metric], at, shop->zone);
    window->known = known;
    struct gj_run run = {.setting = &shop->setting, .arena = &e->arena};
    struct gj_scene scene;
    gj_scene_set(&scene, &run, NULL, NULL, at);
    return gj_metric_figures(&scene, metric, window, product, &source, out);
}

/* False: no figures can breach it, whatever was counted; the marks need not be read. */
static bool may_breach(struct gj_engine *e, struct gj_shop *shop, uint32_t metric)
{
    struct gj_run run = {.setting = &shop->setting, .arena = &e->arena};
    struct gj_scene scene;
    gj_scene_set(&scene, &run, NULL, NULL, 0);
    return gj_metric_may_breach(&scene, metric);
}

/* The figures over the window that `midnight` ends, as they were known then; none where they could
 * breach nothing. */
static int figures_at(struct gj_engine *e, struct gj_shop *shop, uint32_t metric, int64_t midnight,
                      struct gj_str product, struct gj_figures *out)
{
    struct gj_window_of window;
    *out = (struct gj_figures){0};
    if (!may_breach(e, shop, metric)) {
        return 0;
    }
    bool rolling = e->plan->metrics[metric].window == GJ_WINDOW_ROLLING;
    return gj_engine_metric(e, shop, metric, rolling ? midnight : midnight - 1, midnight, product,
                            &window, out);
}

/* The same over an earlier window, which the midnight of `day` ended, by the means that were known
 * then; `now` is the midnight at hand. */
static int figures_then(struct gj_engine *e, struct gj_shop *shop, uint32_t metric, int64_t day,
                        int64_t now, struct gj_str product, struct gj_figures *out)
{
    int64_t then = gj_engine_midnight(shop, day);
    struct gj_entity *as_of_then;
    if (gj_past_shop(e, shop, then, &as_of_then) != 0 || gj_engine_setting(e, shop, now) != 0) {
        return -1;
    }
    struct gj_entity *as_of_now = shop->setting.shop;
    shop->setting.shop = as_of_then;
    int status = figures_at(e, shop, metric, then, product, out);
    shop->setting.shop = as_of_now;
    return status;
}

/* How a step's breach has stood: at this midnight, and whether that is the `lasting`-th in a row.
 * *over: a run that was long enough has ended now. */
static int judge_run(struct gj_engine *e, struct gj_shop *shop, uint32_t metric, uint32_t step,
                     int64_t midnight, struct gj_str product, bool breach, bool *starts, bool *over)
{
    const struct gj_metric *m = &e->plan->metrics[metric];
    int64_t span = m->window == GJ_WINDOW_WEEK ? 7 : 1, lasting = m->steps[step].lasting;
    int64_t day = gj_engine_day(shop, midnight);
    struct gj_figures f;
    *starts = *over = false;
    if (m->window != GJ_WINDOW_ROLLING && lasting == 1) { /* a closed window stands for itself */
        *starts = breach;
        return 0;
    }
    /* the midnights before: in breach back to the first of the run, and not before it */
    for (int64_t i = 1; i < lasting + !breach; i++) {
        if (figures_then(e, shop, metric, day - i * span, midnight, product, &f) != 0) {
            return -1;
        }
        if ((f.breaches >> step & 1) == 0) {
            return 0;
        }
    }
    if (!breach) {
        *over = true;
        return 0;
    }
    if (figures_then(e, shop, metric, day - lasting * span, midnight, product, &f) != 0) {
        return -1;
    }
    *starts = (f.breaches >> step & 1) == 0;
    return 0;
}

static int raise_step(struct gj_engine *e, struct gj_shop *shop, const struct gj_metric_step *step,
                      int64_t midnight, struct gj_str product)
{
    struct gj_run run = {.setting = &shop->setting, .arena = &e->arena};
    struct gj_scene scene;
    struct gj_cause cause = {0};
    const struct gj_events *events = e->plan->events;
    struct gj_entity about = {.kind = events->shop_kind, .id = shop->shop_id};
    if (product.len > 0) {
        about = (struct gj_entity){.kind = gj_map_get(&events->kind_ids, GJ_STR("product")),
                                   .id = product};
    }
    gj_scene_set(&scene, &run, NULL, NULL, midnight);
    for (size_t i = 0; i < step->raise_count; i++) {
        /* of the window that ended, as the metric */
        if (shop->findings[step->raises[i]] &&
            gj_holds_at(&e->plan->findings[step->raises[i]].head, midnight - GJ_MICROS) &&
            gj_outcomes_found(&e->outcomes, &scene, step->raises[i], &about, &cause) != 0) {
            return -1;
        }
    }
    return 0;
}

/* The breach is over: what it set ends; not what somebody ruled. */
static int end_measures(struct gj_engine *e, const struct gj_shop *shop,
                        const struct gj_metric_step *step, int64_t at, struct gj_str product)
{
    const struct gj_plan *plan = e->plan;
    struct gj_str kind =
        product.len > 0 ? GJ_STR("product") : plan->events->kinds[plan->events->shop_kind].name;
    int status = 0;
    for (size_t i = 0; i < step->raise_count; i++) {
        const struct gj_finding_plan *f = &plan->findings[step->raises[i]];
        for (size_t m = 0; f->now && m < f->measure_count && status == 0; m++) {
            struct gj_measure end = {.from = at,
                                     .to = at,
                                     .rule = f->head.id,
                                     .kind = kind,
                                     .subject = product.len > 0 ? product : shop->shop_id,
                                     .what = f->measures[m].what,
                                     .ends = GJ_ENDS_OF_RULE};
            status = gj_outcomes_end(&e->outcomes, &end);
        }
    }
    return status;
}

struct window_rulings { /* made in the window after: they are about what this one has found */
    const struct gj_metric *metric;
    struct gj_engine *e;
    int64_t *cases;
    size_t count, capacity;
};

static int take_ruling(void *context, const struct gj_found_row *row,
                       const struct gj_found_case *of)
{
    struct window_rulings *r = context;
    const struct gj_plan *plan = r->e->plan;
    uint32_t finding = gj_map_get(&plan->finding_ids, row->rule);
    finding = finding == GJ_MAP_NONE ? gj_map_get(&plan->covered, row->rule) : finding;
    if (finding == GJ_MAP_NONE || !gj_metric_raises(r->metric, finding) || !of->ruled) {
        return 0;
    }
    int64_t *grown = gj_grow(r->cases, &r->capacity, r->count + 1, sizeof *grown);
    if (grown == NULL) {
        return -1;
    }
    r->cases = grown;
    grown[r->count++] = row->case_id;
    return 0;
}

/* What a window has cost is different now, and so may be what the rulings on it cost beyond that.
 */
static int rule_again(struct gj_engine *e, struct gj_shop *shop, const struct gj_metric *m,
                      int64_t midnight)
{
    struct window_rulings r = {.metric = m, .e = e};
    int64_t until = gj_metric_window(m, midnight, shop->zone).to;
    int status =
        gj_store_founds_at(e->store, shop->id, gj_ruling_kind(e), midnight, until, take_ruling, &r);
    for (size_t i = 0; i < r.count && status == 0; i++) {
        struct gj_cached *ruling = gj_engine_case(e, shop, r.cases[i]);
        status = ruling == NULL ? -1 : gj_engine_again(e, ruling);
    }
    free(r.cases);
    return status;
}

/* Looks at one metric for the shop or a product at a midnight; `again`: it has been looked at
 * before, differences are booked. */
static int look_at(struct gj_engine *e, struct gj_shop *shop, uint32_t metric, int64_t midnight,
                   struct gj_str product, bool again)
{
    const struct gj_metric *m = &e->plan->metrics[metric];
    struct gj_figures f;
    bool any = false;
    int64_t case_id = 0;
    if (!gj_holds_at(&m->head, midnight - GJ_MICROS)) {
        return 0;
    }
    uint64_t told = e->listener.findings;
    size_t breaches = 0;
    gj_outcomes_reset(&e->outcomes);
    e->outcomes.seq = 0;
    int status = figures_at(e, shop, metric, midnight, product, &f);
    for (uint32_t s = 0; s < m->step_count && status == 0; s++) {
        bool starts = false, over = false;
        if (m->steps[s].raise_count == 0 ||
            !(product.len > 0 ? m->steps[s].of_products : m->steps[s].of_shop)) {
            continue;
        }
        status = judge_run(e, shop, metric, s, midnight, product, (f.breaches >> s & 1) != 0,
                           &starts, &over);
        if (status == 0 && over) {
            any = true;
            status = end_measures(e, shop, &m->steps[s], midnight, product);
        }
        if (status == 0 && starts) {
            any = true;
            breaches++;
            status = raise_step(e, shop, &m->steps[s], midnight, product);
        }
    }
    if (status != 0 || (!any && !again)) {
        return status;
    }
    struct gj_buf name;
    gj_buf_init(&name);
    gj_window_name(m, shop, midnight, product, &name);
    if (name.failed) {
        status = -1;
    } else if (any) {
        status = gj_engine_origin(e, shop, "metric", gj_buf_str(&name), &case_id);
    } else { /* nothing now: is there something to take back? */
        status =
            gj_store_entity_case(e->store, shop->id, GJ_STR("metric"), gj_buf_str(&name), &case_id);
    }
    if (status == 0 && case_id != 0) {
        status = gj_engine_reconcile(e, shop, case_id);
    }
    gj_buf_release(&name);
    if (status == 0 && breaches > 0 && (!again || e->listener.findings > told)) {
        gj_tell_breach(e, shop, metric, midnight, product, &f);
    }
    return status == 0 && case_id != 0 && m->window != GJ_WINDOW_ROLLING
               ? rule_again(e, shop, m, midnight)
               : status;
}

static int64_t longest_run(const struct gj_metric *m)
{
    int64_t longest = 1;
    for (size_t s = 0; s < m->step_count; s++) {
        longest = m->steps[s].lasting > longest ? m->steps[s].lasting : longest;
    }
    return longest;
}

static bool raises(const struct gj_metric *m)
{
    for (size_t s = 0; s < m->step_count; s++) {
        if (m->steps[s].raise_count > 0) {
            return true;
        }
    }
    return false;
}

struct products { /* each looked at once */
    struct gj_engine *e;
    struct gj_shop *shop;
    uint32_t metric;
    int64_t midnight;
    bool again;
    struct gj_arena arena;
    struct gj_map seen;
};

static int look_at_product(struct products *p, struct gj_str product)
{
    if (product.len == 0 || gj_map_get(&p->seen, product) != GJ_MAP_NONE) {
        return 0;
    }
    struct gj_str kept = gj_arena_copy(&p->arena, product);
    return kept.ptr == NULL || gj_map_put(&p->seen, kept, 1) != 0
               ? -1
               : look_at(p->e, p->shop, p->metric, p->midnight, kept, p->again);
}

static int look_at_marked(void *context, struct gj_str product)
{
    return look_at_product(context, product);
}

struct names { /* of pseudo cases: copied, since the walk must end before the next */
    struct gj_arena *arena;
    struct gj_str *items;
    size_t count, capacity, skip;
};

static int take_name(void *context, struct gj_str id)
{
    struct names *n = context;
    struct gj_str *grown = gj_grow(n->items, &n->capacity, n->count + 1, sizeof *grown);
    if (grown == NULL) {
        return -1;
    }
    n->items = grown;
    grown[n->count] = gj_arena_copy(n->arena, (struct gj_str){id.ptr + n->skip, id.len - n->skip});
    return grown[n->count++].ptr == NULL ? -1 : 0;
}

/* Products of which the metric has brought something at that midnight. */
static int look_at_known(struct products *p)
{
    struct names names = {.arena = &p->arena};
    struct gj_buf name;
    gj_buf_init(&name);
    gj_buf_add_str(&name, p->e->plan->metrics[p->metric].head.id);
    gj_buf_addf(&name, "@%lld@", (long long)gj_engine_day(p->shop, p->midnight));
    names.skip = name.len;
    int status = name.failed ? -1
                             : gj_store_entities(p->e->store, p->shop->id, GJ_STR("metric"),
                                                 gj_buf_str(&name), take_name, &names);
    for (size_t i = 0; i < names.count && status == 0; i++) {
        status = look_at_product(p, names.items[i]);
    }
    free(names.items);
    gj_buf_release(&name);
    return status;
}

/* Each product that the metric's counters have marked in the windows looked at. */
static int look_at_products(struct gj_engine *e, struct gj_shop *shop, uint32_t metric,
                            int64_t midnight, bool again)
{
    const struct gj_metric *m = &e->plan->metrics[metric];
    struct products p = {
        .e = e, .shop = shop, .metric = metric, .midnight = midnight, .again = again};
    bool rolling = m->window == GJ_WINDOW_ROLLING;
    struct gj_window_of w = gj_metric_window(m, rolling ? midnight : midnight - 1, shop->zone);
    int64_t span = m->window == GJ_WINDOW_WEEK ? 7 : 1;
    int64_t first = gj_engine_day(shop, w.from) - longest_run(m) * span;
    if (!again && !may_breach(e, shop, metric)) {
        return 0;
    }
    gj_map_init(&p.seen);
    gj_arena_init(&p.arena);
    int status = gj_engine_products(e, shop, metric, gj_engine_midnight(shop, first), w.to,
                                    look_at_marked, &p);
    if (status == 0 && again) {
        status = look_at_known(&p);
    }
    gj_map_release(&p.seen);
    gj_arena_release(&p.arena);
    return status;
}

static bool ends_now(const struct gj_metric *m, const struct gj_shop *shop, int64_t midnight)
{
    return m->window != GJ_WINDOW_WEEK ||
           ((gj_engine_day(shop, midnight) + 3) % 7 + 7) % 7 == 0; /* a Monday begins */
}

int gj_engine_look_at_metrics(struct gj_engine *e, struct gj_shop *shop, int64_t midnight,
                              bool again)
{
    int status = 0;
    for (uint32_t i = 0; i < e->plan->metric_count && status == 0; i++) {
        const struct gj_metric *m = &e->plan->metrics[i];
        if (!shop->metrics[i] || !raises(m) || !ends_now(m, shop, midnight)) {
            continue;
        }
        status = m->of_shop ? look_at(e, shop, i, midnight, GJ_STR(""), again) : 0;
        if (status == 0 && m->of_products) {
            status = look_at_products(e, shop, i, midnight, again);
        }
    }
    gj_past_forget(shop);
    return status;
}

int64_t gj_engine_reach(const struct gj_engine *e)
{
    int64_t longest = 0;
    for (size_t i = 0; i < e->plan->metric_count; i++) {
        const struct gj_metric *m = &e->plan->metrics[i];
        int64_t span = m->window == GJ_WINDOW_WEEK ? 7 : 1;
        int64_t days = (m->window == GJ_WINDOW_ROLLING ? m->days : span) + longest_run(m) * span;
        longest = days > longest ? days : longest;
    }
    return (longest + 2) * DAY;
}
