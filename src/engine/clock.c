/* Room engine: what the passing of time brings: deadlines, midnights with their metrics, the reset
 * of ladders (see engine.h). */
#include "base/vec.h"
#include "engine/engine.h"

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
    gj_tell_fired(e, cached->shop, due, e->outcomes.found_count > 0);
    return gj_engine_append(e, cached->shop, cached->id);
}

int gj_engine_schedule(struct gj_engine *e, struct gj_cached *cached)
{
    struct gj_run run = {&cached->c, &cached->shop->setting, &e->arena, &e->sink};
    struct gj_shop *shop = cached->shop;
    struct gj_due due;
    bool bound = false, any = gj_run_next(&run, &due, &bound);
    int64_t at = any ? due.at : GJ_NEVER;
    gj_cached_change(e, cached);
    cached->moved |= at != cached->due || bound != cached->bound;
    cached->bound = bound;
    gj_shop_touch(shop, cached->id, cached->c.last_at);
    gj_tell_deadlines(e, cached, &run, any ? &due : NULL);
    if (at == cached->due) {
        return 0;
    }
    int64_t old = cached->due, ignored = 0;
    cached->due = at;
    if (at != GJ_NEVER && gj_agenda_note(shop, at, cached->id) != 0) {
        return -1;
    }
    if (at <= shop->due_first) {
        shop->due_first = at;
    } else if (old == shop->due_first) {
        return gj_agenda_first(e, shop, &shop->due_first, &ignored);
    }
    return 0;
}

int gj_engine_catch_up(struct gj_engine *e, struct gj_cached *cached, int64_t until)
{
    struct gj_run run = {&cached->c, &cached->shop->setting, &e->arena, &e->sink};
    struct gj_due due;
    int status = 0;
    while (status == 0 && gj_run_next(&run, &due, NULL) && due.at < until) {
        status = gj_engine_setting(e, cached->shop, due.at);
        status = status == 0 ? fire(e, cached, &due) : status;
    }
    return status == 0 ? gj_engine_schedule(e, cached) : status;
}

static int fire_first(struct gj_engine *e, struct gj_shop *shop)
{
    int64_t at = 0, case_id = 0, expected = shop->due_first;
    if (gj_engine_relieve(e) != 0 || gj_agenda_first(e, shop, &at, &case_id) != 0) {
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
    if (gj_run_next(&run, &due, NULL) && due.at <= at && fire(e, cached, &due) != 0) {
        return -1;
    }
    return gj_engine_schedule(e, cached);
}

/* ---- metrics at midnight ---- */

int gj_engine_metric(struct gj_engine *e, struct gj_shop *shop, uint32_t metric, int64_t at,
                     int64_t known, struct gj_str product, struct gj_window_of *window,
                     struct gj_figures *out)
{
    struct gj_reader reader = {e, shop};
    struct gj_mark_source source = {&reader, gj_engine_marks};
    *window = gj_metric_window(&e->plan->metrics[metric], at, shop->setting.zone);
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

/* The same over an earlier window, by the means that were known then; `now` is the midnight at
 * hand. */
static int figures_then(struct gj_engine *e, struct gj_shop *shop, uint32_t metric, int64_t then,
                        int64_t now, struct gj_str product, struct gj_figures *out)
{
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
    int64_t span = m->window == GJ_WINDOW_WEEK ? 7 * DAY : DAY, lasting = m->steps[step].lasting;
    struct gj_figures f;
    *starts = *over = false;
    if (m->window != GJ_WINDOW_ROLLING && lasting == 1) { /* a closed window stands for itself */
        *starts = breach;
        return 0;
    }
    /* the midnights before: in breach back to the first of the run, and not before it */
    for (int64_t i = 1; i < lasting + !breach; i++) {
        if (figures_then(e, shop, metric, midnight - i * span, midnight, product, &f) != 0) {
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
    if (figures_then(e, shop, metric, midnight - lasting * span, midnight, product, &f) != 0) {
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

/* The breach is over: what it set ends. */
static int end_measures(struct gj_engine *e, const struct gj_shop *shop,
                        const struct gj_metric_step *step, int64_t at, struct gj_str product)
{
    const struct gj_plan *plan = e->plan;
    struct gj_str kind =
        product.len > 0 ? GJ_STR("product") : plan->events->kinds[plan->events->shop_kind].name;
    int status = 0;
    for (size_t i = 0; i < step->raise_count; i++) {
        const struct gj_finding_plan *f = &plan->findings[step->raises[i]];
        for (size_t m = 0; m < f->measure_count && status == 0; m++) {
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

/* A pseudo case gathers what a metric's window, or a ladder's year, has brought. */
static int origin(struct gj_engine *e, struct gj_shop *shop, const char *kind, struct gj_str id,
                  int64_t *case_id)
{
    int status = gj_store_entity_case(e->store, shop->id, gj_str_of(kind), id, case_id);
    if (status == 0 && *case_id == 0) {
        struct gj_store_case row = {
            .shop = shop->id, .due = GJ_NEVER, .family = gj_str_of(kind), .body = GJ_STR("")};
        status = gj_store_case_number(e->store, &row.id) != 0 ||
                         gj_store_case_add(e->store, &row) != 0 ||
                         gj_store_entity_add(e->store, shop->id, row.family, id, row.id) != 0
                     ? -1
                     : 0;
        *case_id = row.id;
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
    gj_buf_add_str(&name, m->head.id);
    gj_buf_addf(&name, "@%lld@", (long long)gj_engine_day(shop, midnight));
    gj_buf_add_str(&name, product);
    if (name.failed) {
        status = -1;
    } else if (any) {
        status = origin(e, shop, "metric", gj_buf_str(&name), &case_id);
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
    struct gj_window_of w =
        gj_metric_window(m, rolling ? midnight : midnight - 1, shop->setting.zone);
    int64_t span = m->window == GJ_WINDOW_WEEK ? 7 * DAY : DAY;
    if (!again && !may_breach(e, shop, metric)) {
        return 0;
    }
    gj_map_init(&p.seen);
    gj_arena_init(&p.arena);
    int status = gj_engine_products(e, shop, metric, w.from - longest_run(m) * span, w.to,
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
    gj_past_forget(shop);
    return status;
}

/* ---- ladders ---- */

struct climb {
    struct gj_engine *e;
    struct gj_shop *shop;
    const struct gj_ladder *ladder;
    int64_t year, sum;
    uint64_t taken;      /* steps taken in this year */
    struct gj_past past; /* the configuration as it was at each step, once `looks_back` */
    bool looks_back;
};

/* A step costs what the configuration of its instant says, however late it is looked at. */
static int setting_then(struct climb *c, const struct gj_entry_row *row)
{
    bool differs = false;
    if (gj_past_differs(c->e, c->shop, row->at, &differs) != 0) {
        return -1;
    }
    if (differs && !c->looks_back) {
        c->looks_back = true;
        if (gj_past_begin(c->e, c->shop, &c->past) != 0) {
            return -1;
        }
    }
    if (!c->looks_back) {
        return 0;
    }
    return gj_past_to(c->e, c->shop, row->at, row->seq) != 0
               ? -1
               : gj_engine_setting(c->e, c->shop, row->at);
}

static int look_ahead(struct climb *c)
{
    if (!c->looks_back) {
        return 0;
    }
    gj_past_end(c->shop, &c->past);
    return gj_engine_setting(c->e, c->shop, c->shop->now);
}

static int64_t year_of(const struct gj_shop *shop, int64_t at)
{
    return gj_civil_from_seconds(gj_instant_of(at).seconds + shop->setting.zone).year;
}

/* Points of one instant count together. */
static int climb_row(struct climb *c, const struct gj_entry_row *row, bool last_of_instant)
{
    const struct gj_ladder *l = c->ladder;
    if (year_of(c->shop, row->at) != c->year || gj_str_eq(row->rule, l->reset_rule)) {
        return 0;
    }
    c->sum += row->amount;
    if (!last_of_instant || !gj_holds_at(&l->head, row->at)) {
        return 0;
    }
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
    if (setting_then(c, row) != 0) {
        return -1;
    }
    gj_scene_set(&scene, &run, NULL, NULL, row->at);
    c->e->outcomes.seq = row->seq;
    return gj_outcomes_found(&c->e->outcomes, &scene, l->steps[highest].finding, &about, &cause);
}

/* What takes an entry back is seen with it as one sum: what was corrected or lifted never counted.
 */
struct netted {
    struct gj_arena arena;
    struct gj_map places; /* by the names of entries */
    struct gj_entry_row *rows;
    size_t count, capacity;
};

static int net_row(void *context, const struct gj_entry_row *row)
{
    struct netted *n = context;
    uint32_t place = row->reverses.len > 0 ? gj_map_get(&n->places, row->reverses) : GJ_MAP_NONE;
    struct gj_str name = gj_arena_copy(&n->arena, row->entry);
    if (name.ptr == NULL) {
        return -1;
    }
    if (place != GJ_MAP_NONE) {
        n->rows[place].amount += row->amount;
        return gj_map_put(&n->places, name, place);
    }
    struct gj_entry_row *grown = gj_grow(n->rows, &n->capacity, n->count + 1, sizeof *grown);
    if (grown == NULL) {
        return -1;
    }
    n->rows = grown;
    grown[n->count] = *row;
    grown[n->count].rule = gj_arena_copy(&n->arena, row->rule);
    return grown[n->count].rule.ptr == NULL ? -1
                                            : gj_map_put(&n->places, name, (uint32_t)n->count++);
}

static int read_points(struct gj_engine *e, struct gj_shop *shop, const struct gj_ladder *l,
                       struct netted *n)
{
    *n = (struct netted){.rows = NULL};
    gj_arena_init(&n->arena);
    gj_map_init(&n->places);
    return gj_store_points(
        e->store, shop->id,
        l->serious ? GJ_STR("shop:points:serious") : GJ_STR("shop:points:general"), net_row, n);
}

static void free_points(struct netted *n)
{
    gj_map_release(&n->places);
    gj_arena_release(&n->arena);
    free(n->rows);
}

/* Books what the ladder has brought in a year under a name of its own; differences are booked. */
static int settle_ladder(struct gj_engine *e, struct gj_shop *shop, const struct gj_ladder *l,
                         const char *what, int64_t year)
{
    struct gj_buf name;
    int64_t case_id = 0;
    gj_buf_init(&name);
    gj_buf_add_str(&name, l->head.id);
    gj_buf_addf(&name, "@%s%lld", what, (long long)year);
    int status = name.failed ? -1 : origin(e, shop, "ladder", gj_buf_str(&name), &case_id);
    gj_buf_release(&name);
    return status == 0 ? gj_engine_reconcile(e, shop, case_id) : status;
}

static int climb_ladder(struct gj_engine *e, struct gj_shop *shop, const struct gj_ladder *l,
                        int64_t year)
{
    struct climb c = {.e = e, .shop = shop, .ladder = l, .year = year};
    struct netted n;
    gj_outcomes_reset(&e->outcomes);
    int status = read_points(e, shop, l, &n);
    for (size_t i = 0; i < n.count && status == 0; i++) {
        size_t next = i + 1;
        while (next < n.count && n.rows[next].amount == 0) {
            next++;
        }
        bool last = next >= n.count || n.rows[next].at != n.rows[i].at;
        status = n.rows[i].amount == 0 ? 0 : climb_row(&c, &n.rows[i], last);
    }
    free_points(&n);
    status = look_ahead(&c) != 0 ? -1 : status;
    return status == 0 ? settle_ladder(e, shop, l, "", year) : status;
}

/* 1 January 00:00: what was booked in the old year goes back. */
static int reset_ladder(struct gj_engine *e, struct gj_shop *shop, const struct gj_ladder *l,
                        int64_t old_year)
{
    int64_t midnight =
        gj_days_from_civil(old_year + 1, 1, 1) * DAY - shop->setting.zone * GJ_MICROS;
    int64_t sum = 0;
    struct netted n;
    gj_outcomes_reset(&e->outcomes);
    int status = read_points(e, shop, l, &n);
    for (size_t i = 0; i < n.count; i++) {
        bool counts =
            year_of(shop, n.rows[i].at) == old_year && !gj_str_eq(n.rows[i].rule, l->reset_rule);
        sum += counts ? n.rows[i].amount : 0;
    }
    free_points(&n);
    if (status == 0 && sum != 0) {
        struct gj_buf name;
        gj_buf_init(&name);
        gj_buf_add_str(&name, l->head.id);
        gj_buf_addf(&name, "@reset@%lld", (long long)old_year + 1);
        e->outcomes.seq = 0;
        status = name.failed ? -1
                             : gj_outcomes_points(&e->outcomes, midnight, gj_buf_str(&name),
                                                  l->reset_rule, l->serious, -sum);
        gj_buf_release(&name);
    }
    return status == 0 ? settle_ladder(e, shop, l, "reset@", old_year + 1) : status;
}

int gj_engine_climb(struct gj_engine *e, struct gj_shop *shop, int64_t at)
{
    int status = 0;
    int64_t year = year_of(shop, at);
    bool over = shop->tick != GJ_NEVER && year_of(shop, shop->tick - 1) > year;
    for (size_t i = 0; i < e->plan->ladder_count && status == 0; i++) {
        const struct gj_ladder *l = &e->plan->ladders[i];
        if (shop->ladders[i]) {
            status = climb_ladder(e, shop, l, year);
            if (status == 0 && over && l->reset_rule.len > 0) {
                status = reset_ladder(e, shop, l, year);
            }
        }
    }
    return status;
}

int gj_engine_climb_since(struct gj_engine *e, struct gj_shop *shop, int64_t at)
{
    int status = 0;
    int64_t last = year_of(shop, shop->now);
    for (int64_t year = year_of(shop, at); year <= last && status == 0; year++) {
        for (size_t i = 0; i < e->plan->ladder_count && status == 0; i++) {
            status = shop->ladders[i] ? climb_ladder(e, shop, &e->plan->ladders[i], year) : 0;
        }
    }
    return status;
}

static int reset_ladders(struct gj_engine *e, struct gj_shop *shop, int64_t year)
{
    int status = 0;
    for (size_t i = 0; i < e->plan->ladder_count && status == 0; i++) {
        const struct gj_ladder *l = &e->plan->ladders[i];
        if (shop->ladders[i] && l->reset_rule.len > 0) {
            status = reset_ladder(e, shop, l, year);
        }
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

/* How long after a mark a window that holds it may still be looked at. */
static int64_t reach(const struct gj_engine *e)
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

int gj_engine_recheck(struct gj_engine *e, struct gj_shop *shop)
{
    int64_t from = shop->metrics_from;
    struct gj_past past;
    bool differs = false;
    shop->metrics_from = GJ_NEVER;
    if (from == GJ_NEVER || shop->tick == GJ_NEVER ||
        midnight_after(shop, from - 1) >= shop->tick) {
        return 0;
    }
    int64_t midnight = midnight_after(shop, from - 1), last = midnight + reach(e);
    int status = gj_engine_setting(e, shop, shop->now);
    status = status == 0 ? gj_past_differs(e, shop, midnight, &differs) : status;
    if (status == 0 && differs) {
        status = gj_past_begin(e, shop, &past);
    }
    for (; midnight < shop->tick && midnight <= last && status == 0;
         midnight = midnight_after(shop, midnight)) {
        gj_arena_reset(&e->arena);
        status = gj_past_to(e, shop, midnight, INT64_MAX) != 0 ||
                         gj_engine_setting(e, shop, midnight) != 0
                     ? -1
                     : look_at_metrics(e, shop, midnight, true);
    }
    if (differs) {
        gj_past_end(shop, &past);
    }
    return status == 0 && shop->now != INT64_MIN ? gj_engine_setting(e, shop, shop->now) : status;
}

int gj_engine_advance_shop(struct gj_engine *e, struct gj_shop *shop, int64_t until)
{
    int status = gj_engine_setting(e, shop, shop->now == INT64_MIN ? until : shop->now);
    e->listener.shop = shop;
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
