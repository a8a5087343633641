/* Room engine: outcomes are stored, and the ladders climbed that their points lead to (see
 * inside.h). */
#include "base/vec.h"
#include "base/whole.h"
#include "engine/inside.h"

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
        if (gj_past_begin(c->e, c->shop, row->at, &c->past) != 0) {
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

/* Whether the points are of that year; a reset is none. */
static bool counts(const struct gj_shop *shop, const struct gj_ladder *l,
                   const struct gj_entry_row *row, int64_t year)
{
    bool resets = l->reset_rule.len > 0 && gj_str_eq(row->rule, l->reset_rule);
    return !resets && gj_engine_year(shop, row->at) == year;
}

/* Points of one instant count together. */
static int climb_row(struct climb *c, const struct gj_entry_row *row, bool last_of_instant)
{
    const struct gj_ladder *l = c->ladder;
    if (!counts(c->shop, l, row, c->year)) {
        return 0;
    }
    c->sum = gj_sum(c->sum, row->amount);
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
    int64_t before; /* nothing is known of what is booked from here on */
    struct gj_arena arena;
    struct gj_map places; /* by the names of entries */
    struct gj_entry_row *rows;
    size_t count, capacity;
};

static int net_row(void *context, const struct gj_entry_row *row)
{
    struct netted *n = context;
    if (row->at >= n->before) {
        return 0;
    }
    uint32_t place = row->reverses.len > 0 ? gj_map_get(&n->places, row->reverses) : GJ_MAP_NONE;
    struct gj_str name = gj_arena_copy(&n->arena, row->entry);
    if (name.ptr == NULL) {
        return -1;
    }
    if (place != GJ_MAP_NONE) {
        n->rows[place].amount = gj_sum(n->rows[place].amount, row->amount);
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

static int read_points(struct gj_engine *e, const struct gj_shop *shop, const struct gj_ladder *l,
                       int64_t before, struct netted *n)
{
    *n = (struct netted){.before = before};
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

int gj_ladder_sum(struct gj_engine *e, const struct gj_shop *shop, const struct gj_ladder *l,
                  int64_t year, int64_t before, int64_t *sum)
{
    struct netted n;
    int status = read_points(e, shop, l, before, &n);
    *sum = 0;
    for (size_t i = 0; i < n.count; i++) {
        *sum = counts(shop, l, &n.rows[i], year) ? gj_sum(*sum, n.rows[i].amount) : *sum;
    }
    free_points(&n);
    return status;
}

int gj_ladder_case(struct gj_engine *e, const struct gj_shop *shop, const struct gj_ladder *l,
                   int64_t at, int64_t *case_id)
{
    struct gj_buf name;
    gj_buf_init(&name);
    gj_buf_add_str(&name, l->head.id);
    gj_buf_addf(&name, "@%lld", (long long)gj_engine_year(shop, at));
    int status = name.failed ? -1
                             : gj_store_entity_case(e->store, shop->id, GJ_STR("ladder"),
                                                    gj_buf_str(&name), case_id);
    gj_buf_release(&name);
    return status;
}

/* ---- rulings on steps ---- */

/* The kind under which the store keeps the rulings on steps of that ladder in that year. */
static void add_rulings_kind(struct gj_buf *out, const struct gj_ladder *l, int64_t year)
{
    gj_buf_addf(out, "ruled %.*s@%lld", (int)l->head.id.len, l->head.id.ptr, (long long)year);
}

int gj_ladder_note_ruling(struct gj_engine *e, const struct gj_shop *shop,
                          const struct gj_ladder *l, int64_t at, struct gj_str ruling,
                          int64_t case_id)
{
    struct gj_buf kind;
    bool added = false;
    gj_buf_init(&kind);
    add_rulings_kind(&kind, l, gj_engine_year(shop, at));
    int status = kind.failed ? -1
                             : gj_store_entity_offer(e->store, shop->id, gj_buf_str(&kind), ruling,
                                                     case_id, &added);
    gj_buf_release(&kind);
    return status;
}

static int note_ruling(void *context, int64_t case_id)
{
    return gj_engine_unsettle(context, case_id);
}

/* What the rulings on its steps book depends on what the steps have. */
static int unsettle(struct gj_engine *e, const struct gj_shop *shop, const struct gj_ladder *l,
                    int64_t year)
{
    struct gj_buf kind;
    gj_buf_init(&kind);
    add_rulings_kind(&kind, l, year);
    int status = kind.failed
                     ? -1
                     : gj_store_entity_cases(e->store, shop->id, gj_buf_str(&kind), note_ruling, e);
    gj_buf_release(&kind);
    return status;
}

/* ---- a year ---- */

/* Books what the ladder has brought in a year under a name of its own; differences are booked. */
static int settle_ladder(struct gj_engine *e, struct gj_shop *shop, const struct gj_ladder *l,
                         const char *what, int64_t year)
{
    struct gj_buf name;
    int64_t case_id = 0;
    gj_buf_init(&name);
    gj_buf_add_str(&name, l->head.id);
    gj_buf_addf(&name, "@%s%lld", what, (long long)year);
    int status =
        name.failed ? -1 : gj_engine_origin(e, shop, "ladder", gj_buf_str(&name), &case_id);
    gj_buf_release(&name);
    return status == 0 ? gj_engine_reconcile(e, shop, case_id) : status;
}

static int climb_ladder(struct gj_engine *e, struct gj_shop *shop, const struct gj_ladder *l,
                        int64_t year)
{
    struct climb c = {.e = e, .shop = shop, .ladder = l, .year = year};
    struct netted n;
    gj_outcomes_reset(&e->outcomes);
    int status = read_points(e, shop, l, GJ_NEVER, &n);
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
    status = status == 0 ? settle_ladder(e, shop, l, "", year) : status;
    return status == 0 ? unsettle(e, shop, l, year) : status;
}

/* 1 January 00:00: what was booked in the old year goes back. */
static int reset_ladder(struct gj_engine *e, struct gj_shop *shop, const struct gj_ladder *l,
                        int64_t old_year)
{
    int64_t midnight = gj_engine_midnight(shop, gj_days_from_civil(old_year + 1, 1, 1));
    int64_t sum = 0;
    gj_outcomes_reset(&e->outcomes);
    int status = gj_ladder_sum(e, shop, l, old_year, GJ_NEVER, &sum);
    if (status == 0 && sum != 0) {
        struct gj_buf name;
        gj_buf_init(&name);
        gj_buf_add_str(&name, l->head.id);
        gj_buf_addf(&name, "@reset@%lld", (long long)old_year + 1);
        e->outcomes.seq = 0;
        status = name.failed ? -1
                             : gj_outcomes_points(&e->outcomes, midnight, gj_buf_str(&name),
                                                  l->reset_rule, l->serious, gj_less(0, sum));
        gj_buf_release(&name);
    }
    return status == 0 ? settle_ladder(e, shop, l, "reset@", old_year + 1) : status;
}

/* Points have been booked: which steps of ladders are reached in the year of `at`. */
static int climb(struct gj_engine *e, struct gj_shop *shop, int64_t at)
{
    int status = 0;
    int64_t year = gj_engine_year(shop, at);
    bool over = shop->tick != GJ_NEVER && gj_engine_year(shop, shop->tick - 1) > year;
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
    int64_t last = gj_engine_year(shop, shop->now);
    for (int64_t year = gj_engine_year(shop, at); year <= last && status == 0; year++) {
        for (size_t i = 0; i < e->plan->ladder_count && status == 0; i++) {
            status = shop->ladders[i] ? climb_ladder(e, shop, &e->plan->ladders[i], year) : 0;
        }
    }
    return status;
}

int gj_engine_reset_ladders(struct gj_engine *e, struct gj_shop *shop, int64_t year)
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

/* ---- what is stored, and where its points lead ---- */

static int climb_in(struct gj_engine *e, struct gj_shop *shop, const struct gj_years *years)
{
    int status = 0;
    for (size_t i = 0; i < years->count && status == 0; i++) {
        status = climb(e, shop, years->at[i]);
    }
    return status;
}

int gj_engine_append(struct gj_engine *e, struct gj_shop *shop, int64_t case_id)
{
    struct gj_years years;
    return gj_settle_append(e, shop, case_id, &years) == 0 ? climb_in(e, shop, &years) : -1;
}

int gj_engine_reconcile(struct gj_engine *e, struct gj_shop *shop, int64_t case_id)
{
    struct gj_years years;
    return gj_settle_reconcile(e, shop, case_id, &years) == 0 ? climb_in(e, shop, &years) : -1;
}
