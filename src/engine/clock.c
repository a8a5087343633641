/* Room engine: what the passing of time brings: deadlines, midnights with their metrics, the reset
 * of ladders (see engine.h). */
#include "engine/engine.h"

#include "base/vec.h"

#define DAY (GJ_SECONDS_PER_DAY * GJ_MICROS)

/* ---- deadlines ---- */

static int fire(struct gj_engine *e, struct gj_cached *cached, const struct gj_due *due)
{
    struct gj_run run = {&cached->c, &cached->shop->setting, &e->arena, &e->sink};
    gj_outcomes_reset(&e->outcomes);
    e->outcomes.seq = 0;
    if (gj_run_fire(&run, due) != 0) {
        return gj_errors_say(e->errors, "out of memory while a deadline fired");
    }
    return gj_engine_append(e, cached->shop, cached->id);
}

int gj_engine_catch_up(struct gj_engine *e, struct gj_cached *cached, int64_t until)
{
    struct gj_run run = {&cached->c, &cached->shop->setting, &e->arena, &e->sink};
    struct gj_due due;
    int status = 0;
    while (status == 0 && gj_run_next(&run, &due) && due.at < until) {
        status = gj_engine_setting(e, cached->shop, due.at);
        status = status == 0 ? fire(e, cached, &due) : status;
    }
    return status == 0 ? gj_engine_schedule(e, cached) : status;
}

static int fire_first(struct gj_engine *e, struct gj_shop *shop)
{
    int64_t at = 0, case_id = 0, expected = shop->due_first;
    if (gj_store_due_first(e->store, shop->id, &at, &case_id) != 0) {
        return -1;
    }
    shop->due_first = at;
    if (at > expected) {
        return 0; /* that one has gone with a case that became part of another: look again */
    }
    struct gj_cached *cached = at == GJ_NEVER ? NULL : gj_engine_case(e, shop, case_id);
    if (cached == NULL) {
        return at == GJ_NEVER ? 0 : -1;
    }
    gj_arena_reset(&e->arena);
    if (gj_engine_setting(e, shop, at) != 0) {
        return -1;
    }
    struct gj_run run = {&cached->c, &shop->setting, &e->arena, &e->sink};
    struct gj_due due;
    /* what it depends on may have moved it since */
    if (gj_run_next(&run, &due) && due.at <= at && fire(e, cached, &due) != 0) {
        return -1;
    }
    return gj_engine_schedule(e, cached);
}

/* ---- metrics at midnight ---- */

struct mark_walk {
    struct gj_reader *reader;
    struct gj_marks *out;
    int64_t from, to;
    struct gj_str counter;
};

static int take_mark(void *context, const struct gj_mark_row *row)
{
    struct mark_walk *w = context;
    if (row->at < w->from || row->at >= w->to) {
        return 0;
    }
    struct gj_mark *grown =
        gj_grow(w->out->items, &w->out->capacity, w->out->count + 1, sizeof *grown);
    if (grown == NULL) {
        return -1;
    }
    w->out->items = grown;
    grown[w->out->count++] =
        (struct gj_mark){.at = row->at,
                         .seq = row->seq,
                         .counter = w->counter,
                         .key = gj_arena_copy(&w->reader->arena, row->key),
                         .item = gj_arena_copy(&w->reader->arena, row->item),
                         .product = gj_arena_copy(&w->reader->arena, row->product)};
    return 0;
}

int gj_engine_marks(void *context, uint32_t counter, int64_t from, int64_t to,
                    struct gj_marks *out)
{
    struct gj_reader *reader = context;
    struct mark_walk walk = {reader, out, from, to, reader->e->plan->counters[counter].head.id};
    int64_t first = from == INT64_MIN ? INT64_MIN : gj_engine_day(reader->shop, from);
    return gj_store_marks(reader->e->store, reader->shop->id, walk.counter, first,
                          gj_engine_day(reader->shop, to), take_mark, &walk);
}

int gj_engine_metric(struct gj_engine *e, struct gj_shop *shop, uint32_t metric, int64_t at,
                     struct gj_str product, struct gj_window_of *window, struct gj_figures *out)
{
    struct gj_reader reader = {.e = e, .shop = shop};
    struct gj_mark_source source = {&reader, gj_engine_marks};
    *window = gj_metric_window(&e->plan->metrics[metric], at, shop->setting.zone);
    struct gj_run run = {.setting = &shop->setting, .arena = &e->arena};
    struct gj_scene scene;
    gj_arena_init(&reader.arena);
    gj_scene_set(&scene, &run, NULL, NULL, at);
    int status = gj_metric_figures(&scene, metric, window, product, &source, out);
    gj_arena_release(&reader.arena);
    return status;
}

/* The figures over the window that `midnight` ends. */
static int figures_at(struct gj_engine *e, struct gj_shop *shop, uint32_t metric, int64_t midnight,
                      struct gj_str product, struct gj_figures *out)
{
    struct gj_window_of window;
    bool rolling = e->plan->metrics[metric].window == GJ_WINDOW_ROLLING;
    return gj_engine_metric(e, shop, metric, rolling ? midnight : midnight - 1, product, &window,
                            out);
}

/* How a step's breach has stood: at this midnight, and whether that is the `lasting`-th in a row.
 * *over: a run that was long enough has ended now. */
static int judge_run(struct gj_engine *e, struct gj_shop *shop, uint32_t metric, uint32_t step,
                     int64_t midnight, struct gj_str product, bool breach, bool *starts, bool *over)
{
    const struct gj_metric *m = &e->plan->metrics[metric];
    int64_t span = m->window == GJ_WINDOW_WEEK ? 7 * DAY : DAY, lasting = m->steps[step].lasting;
    struct gj_figures f;
    *starts = *over = false;
    if (m->window != GJ_WINDOW_ROLLING && lasting == 1) { /* a closed window stands for itself */
        *starts = breach;
        return 0;
    }
    /* the midnights before: in breach back to the first of the run, and not before it */
    for (int64_t i = 1; i < lasting + !breach; i++) {
        if (figures_at(e, shop, metric, midnight - i * span, product, &f) != 0) {
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
    if (figures_at(e, shop, metric, midnight - lasting * span, product, &f) != 0) {
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
        if (shop->findings[step->raises[i]] &&
            gj_outcomes_found(&e->outcomes, &scene, step->raises[i], &about, &cause) != 0) {
            return -1;
        }
    }
    return 0;
}

struct endings {
    const struct gj_plan *plan;
    const struct gj_metric_step *step;
    struct gj_str subject;
    int64_t at;
    int64_t rows[64];
    size_t count;
};

static int look_for_ending(void *context, const struct gj_measure_row *row)
{
    struct endings *x = context;
    for (size_t i = 0; i < x->step->raise_count; i++) {
        if (!row->withdrawn && row->from < x->at && row->to > x->at && x->count < 64 &&
            gj_str_eq(row->rule, x->plan->findings[x->step->raises[i]].head.id) &&
            gj_str_eq(row->subject, x->subject)) {
            x->rows[x->count++] = row->row;
        }
    }
    return 0;
}

/* The breach is over: what it set ends. */
static int end_measures(struct gj_engine *e, struct gj_shop *shop,
                        const struct gj_metric_step *step, int64_t at, struct gj_str product)
{
    struct endings x = {.plan = e->plan, .step = step, .at = at};
    x.subject = product.len > 0 ? product : shop->shop_id;
    int status = gj_store_measures(e->store, (struct gj_store_filter){.shop = shop->id},
                                   look_for_ending, &x);
    for (size_t i = 0; i < x.count && status == 0; i++) {
        status = gj_store_measure_end(e->store, x.rows[i], at);
    }
    return status;
}

/* A pseudo case gathers what a metric's window, or a ladder's year, has brought. */
static int origin(struct gj_engine *e, struct gj_shop *shop, const char *kind, struct gj_str id,
                  int64_t *case_id)
{
    int status = gj_store_entity_case(e->store, shop->id, gj_str_of(kind), id, case_id);
    if (status == 0 && *case_id == 0) {
        status = gj_store_case_new(e->store, shop->id, gj_str_of(kind), case_id) != 0 ||
                         gj_store_entity_add(e->store, shop->id, gj_str_of(kind), id, *case_id) != 0
                     ? -1
                     : 0;
    }
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
    int64_t seconds = gj_instant_of(midnight).seconds - 1, case_id = 0;
    if (seconds < m->head.from || seconds >= m->head.until) {
        return 0;
    }
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
            status = end_measures(e, shop, &m->steps[s], midnight, product);
        }
        if (status == 0 && starts) {
            any = true;
            status = raise_step(e, shop, &m->steps[s], midnight, product);
        }
    }
    if (status != 0 || (!any && !again)) {
        return status;
    }
    struct gj_buf name;
    gj_buf_init(&name);
    gj_buf_add_str(&name, m->head.id);
    gj_buf_addf(&name, "@%lld@", (long long)gj_engine_day(shop, midnight));
    gj_buf_add_str(&name, product);
    if (any) {
        status = origin(e, shop, "metric", gj_buf_str(&name), &case_id);
    } else { /* nothing now: is there something to take back? */
        status = gj_store_entity_case(e->store, shop->id, GJ_STR("metric"), gj_buf_str(&name),
                                      &case_id);
    }
    if (status == 0 && case_id != 0) {
        status = gj_engine_reconcile(e, shop, case_id);
    }
    gj_buf_release(&name);
    return status;
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

/* Each product that the metric's counters have marked in the window. */
static int look_at_products(struct gj_engine *e, struct gj_shop *shop, uint32_t metric,
                            int64_t midnight, bool again)
{
    const struct gj_metric *m = &e->plan->metrics[metric];
    struct gj_reader reader = {.e = e, .shop = shop};
    struct gj_marks marks = {0};
    struct gj_window_of w = gj_metric_window(m, midnight, shop->setting.zone);
    struct gj_map seen;
    int status = 0;
    gj_map_init(&seen);
    gj_arena_init(&reader.arena);
    for (size_t c = 0; c < m->count_count && status == 0; c++) {
        marks.count = 0;
        status = gj_engine_marks(&reader, m->counts[c].of, w.from - longest_run(m) * DAY, w.to,
                                 &marks);
        for (size_t i = 0; i < marks.count && status == 0; i++) {
            struct gj_str product = marks.items[i].product;
            if (product.len > 0 && gj_map_get(&seen, product) == GJ_MAP_NONE) {
                gj_map_put(&seen, product, 1);
                status = look_at(e, shop, metric, midnight, product, again);
            }
        }
    }
    free(marks.items);
    gj_map_release(&seen);
    gj_arena_release(&reader.arena);
    return status;
}

static bool ends_now(const struct gj_metric *m, const struct gj_shop *shop, int64_t midnight)
{
    return m->window != GJ_WINDOW_WEEK ||
           ((gj_engine_day(shop, midnight) + 3) % 7 + 7) % 7 == 0; /* a Monday begins */
}

static int look_at_metrics(struct gj_engine *e, struct gj_shop *shop, int64_t midnight, bool again)
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
    return status;
}

/* ---- ladders ---- */

struct climb {
    struct gj_engine *e;
    struct gj_shop *shop;
    const struct gj_ladder *ladder;
    int64_t year, sum;
    struct gj_str reset_rule;
    uint64_t taken; /* steps taken in this year */
    int64_t before; /* of the row looked at: rows of one instant count together */
    int status;
};

static int64_t year_of(const struct gj_shop *shop, int64_t at)
{
    return gj_civil_from_seconds(gj_instant_of(at).seconds + shop->setting.zone).year;
}

static int climb_row(void *context, const struct gj_entry_row *row)
{
    struct climb *c = context;
    const struct gj_ladder *l = c->ladder;
    if (year_of(c->shop, row->at) != c->year || gj_str_eq(row->rule, l->reset_rule)) {
        return 0;
    }
    c->sum += row->amount;
    size_t highest = l->step_count;
    for (size_t s = 0; s < l->step_count; s++) {
        if (c->sum >= l->steps[s].points && (c->taken >> s & 1) == 0) {
            highest = s;
        }
    }
    if (highest == l->step_count) {
        return 0;
    }
    for (size_t s = 0; s <= highest; s++) { /* those below are passed over */
        c->taken |= UINT64_C(1) << s;
    }
    struct gj_run run = {.setting = &c->shop->setting, .arena = &c->e->arena};
    struct gj_entity about = {.kind = c->e->plan->events->shop_kind, .id = c->shop->shop_id};
    struct gj_cause cause = {0};
    struct gj_scene scene;
    gj_scene_set(&scene, &run, NULL, NULL, row->at);
    c->e->outcomes.seq = row->seq;
    return gj_outcomes_found(&c->e->outcomes, &scene, l->steps[highest].finding, &about, &cause);
}

/* Entries and corrections of one entry are seen as their sum: what was corrected never counted. */
struct netted {
    struct gj_arena arena;
    struct gj_entry_row *rows;
    size_t count, capacity;
};

static int net_row(void *context, const struct gj_entry_row *row)
{
    struct netted *n = context;
    if (row->reverses.len > 0) {
        for (size_t i = 0; i < n->count; i++) {
            if (gj_str_eq(n->rows[i].entry, row->reverses)) {
                n->rows[i].amount += row->amount;
                return 0;
            }
        }
    }
    struct gj_entry_row *grown = gj_grow(n->rows, &n->capacity, n->count + 1, sizeof *grown);
    if (grown == NULL) {
        return -1;
    }
    n->rows = grown;
    grown[n->count] = *row;
    grown[n->count].entry = gj_arena_copy(&n->arena, row->entry);
    grown[n->count].rule = gj_arena_copy(&n->arena, row->rule);
    n->count++;
    return 0;
}

/* All that was booked on the ladder's account, netted; release with free_netted. */
static int net_account(struct gj_engine *e, struct gj_shop *shop, const struct gj_ladder *l,
                       struct netted *n)
{
    struct gj_str account =
        l->serious ? GJ_STR("shop:points:serious") : GJ_STR("shop:points:general");
    *n = (struct netted){.rows = NULL};
    gj_arena_init(&n->arena);
    return gj_store_account(e->store, shop->id, account, net_row, n);
}

static void free_netted(struct netted *n)
{
    gj_arena_release(&n->arena);
    free(n->rows);
}

/* Books what the ladder has brought under `name` as its outcomes now say. */
static int settle_ladder(struct gj_engine *e, struct gj_shop *shop, struct gj_str name)
{
    int64_t case_id = 0;
    return origin(e, shop, "ladder", name, &case_id) != 0 ? -1
                                                          : gj_engine_reconcile(e, shop, case_id);
}

static int climb_ladder(struct gj_engine *e, struct gj_shop *shop, const struct gj_ladder *l,
                        int64_t year)
{
    struct climb c = {
        .e = e, .shop = shop, .ladder = l, .year = year, .reset_rule = l->reset_rule};
    struct netted n;
    struct gj_buf name;
    gj_buf_init(&name);
    gj_outcomes_reset(&e->outcomes);
    int status = net_account(e, shop, l, &n);
    for (size_t i = 0; i < n.count && status == 0; i++) {
        status = n.rows[i].amount == 0 ? 0 : climb_row(&c, &n.rows[i]);
    }
    gj_buf_add_str(&name, l->head.id);
    gj_buf_addf(&name, "@%lld", (long long)year);
    status = status == 0 ? settle_ladder(e, shop, gj_buf_str(&name)) : status;
    gj_buf_release(&name);
    free_netted(&n);
    return status;
}

/* 1 January 00:00 after `year`: what it brought goes back, less what was lifted since. */
static int reset_ladder(struct gj_engine *e, struct gj_shop *shop, const struct gj_ladder *l,
                        int64_t year)
{
    int64_t midnight =
        gj_days_from_civil(year + 1, 1, 1) * DAY - shop->setting.zone * GJ_MICROS;
    if (l->reset_rule.len == 0 || midnight >= shop->tick || shop->tick == GJ_NEVER) {
        return 0; /* never, or not yet */
    }
    struct netted n;
    struct gj_buf name;
    int64_t sum = 0;
    gj_buf_init(&name);
    gj_outcomes_reset(&e->outcomes);
    int status = net_account(e, shop, l, &n);
    for (size_t i = 0; i < n.count; i++) {
        bool counts = year_of(shop, n.rows[i].at) == year &&
                      !gj_str_eq(n.rows[i].rule, l->reset_rule);
        sum += counts ? n.rows[i].amount : 0;
    }
    gj_buf_add_str(&name, l->head.id);
    gj_buf_addf(&name, "@reset@%lld", (long long)year + 1);
    if (status == 0 && sum != 0) {
        status = gj_outcomes_points(&e->outcomes, midnight, gj_buf_str(&name), l->reset_rule,
                                    l->serious, -sum);
    }
    status = status == 0 ? settle_ladder(e, shop, gj_buf_str(&name)) : status;
    gj_buf_release(&name);
    free_netted(&n);
    return status;
}

int gj_engine_climb(struct gj_engine *e, struct gj_shop *shop, int64_t at)
{
    int status = 0;
    for (size_t i = 0; i < e->plan->ladder_count && status == 0; i++) {
        int64_t seconds = gj_instant_of(at).seconds;
        const struct gj_ladder *l = &e->plan->ladders[i];
        if (shop->ladders[i] && seconds >= l->head.from && seconds < l->head.until) {
            status = climb_ladder(e, shop, l, year_of(shop, at));
            status = status == 0 ? reset_ladder(e, shop, l, year_of(shop, at)) : status;
        }
    }
    return status;
}

static int reset_ladders(struct gj_engine *e, struct gj_shop *shop, int64_t year)
{
    int status = 0;
    for (size_t i = 0; i < e->plan->ladder_count && status == 0; i++) {
        status = shop->ladders[i] ? reset_ladder(e, shop, &e->plan->ladders[i], year) : 0;
    }
    return status;
}

/* ---- midnights ---- */

static int64_t midnight_after(const struct gj_shop *shop, int64_t at)
{
    return (gj_engine_day(shop, at) + 1) * DAY - shop->setting.zone * GJ_MICROS;
}

static int pass_midnight(struct gj_engine *e, struct gj_shop *shop)
{
    int64_t midnight = shop->tick;
    gj_arena_reset(&e->arena);
    if (gj_engine_recheck(e, shop) != 0 || gj_engine_setting(e, shop, midnight) != 0 ||
        look_at_metrics(e, shop, midnight, false) != 0) {
        return -1;
    }
    int64_t seconds = gj_instant_of(midnight).seconds + shop->setting.zone;
    struct gj_civil civil = gj_civil_from_seconds(seconds);
    shop->tick = midnight_after(shop, midnight);
    shop->dirty = true;
    return civil.month == 1 && civil.day == 1 ? reset_ladders(e, shop, civil.year - 1) : 0;
}

int gj_engine_recheck(struct gj_engine *e, struct gj_shop *shop)
{
    enum { DAYS_MAX = 45 }; /* the longest rolling window and what must last on top */
    int64_t from = shop->metrics_from;
    shop->metrics_from = GJ_NEVER;
    if (from == GJ_NEVER || shop->tick == GJ_NEVER) {
        return 0;
    }
    int64_t midnight = midnight_after(shop, from), last = midnight + DAYS_MAX * DAY;
    int status = 0;
    for (; midnight < shop->tick && midnight <= last && status == 0;
         midnight = midnight_after(shop, midnight)) {
        gj_arena_reset(&e->arena);
        status = look_at_metrics(e, shop, midnight, true);
    }
    return status;
}

int gj_engine_advance_shop(struct gj_engine *e, struct gj_shop *shop, int64_t until)
{
    int status = gj_engine_setting(e, shop, shop->now == INT64_MIN ? until : shop->now);
    if (status == 0 && shop->tick == GJ_NEVER && until != GJ_NEVER) {
        shop->tick = midnight_after(shop, shop->now == INT64_MIN ? until : shop->now);
        shop->dirty = true;
    }
    while (status == 0 && (shop->due_first < until || shop->tick < until)) {
        status = shop->due_first <= shop->tick ? fire_first(e, shop) : pass_midnight(e, shop);
    }
    if (status == 0 && until > shop->now) {
        shop->now = until;
        shop->dirty = true;
    }
    return status;
}
