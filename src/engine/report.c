/* Room engine: reports on shops: days, findings, the ledger, ladders, measures (see report.h). */
#include "engine/report.h"

#include <stdio.h>

#include "base/vec.h"
#include "base/whole.h"

/* ---- foresight ---- */

static const char *const severities[] = {"", "bonus", "minor", "major", "critical"};

static int gravity(const char *severity)
{
    int found = 0;
    for (int i = 0; i < 5; i++) {
        found = strcmp(severity, severities[i]) == 0 ? i : found;
    }
    return found;
}

void gj_foresight_init(struct gj_foresight *f, const struct gj_plan *plan, struct gj_arena *arena)
{
    *f = (struct gj_foresight){.plan = plan, .arena = arena};
    f->sum = (gj_consequence){.rule = "",
                              .title_zh = "",
                              .title_en = "",
                              .severity = "",
                              .measures = "",
                              .certain = true};
    gj_buf_init(&f->measures);
}

static void foresee_entries(struct gj_foresight *f, struct gj_scene *scene,
                            const struct gj_finding_plan *p)
{
    for (size_t i = 0; i < p->booking_count; i++) {
        const struct gj_booking *b = &p->bookings[i];
        if (b->when != NULL) {
            struct gj_value holds = gj_scene_eval(scene, b->when);
            f->sum.open |= holds.kind == GJ_V_UNKNOWN;
            if (holds.kind != GJ_V_BOOL || !holds.as.boolean) {
                continue;
            }
        }
        struct gj_value amount = gj_booking_amount(scene, b);
        if (amount.kind != GJ_V_INT) {
            f->sum.open = true;
        } else if (b->points) {
            int64_t *points = b->serious ? &f->sum.serious : &f->sum.general;
            *points = gj_sum(*points, amount.as.integer);
        } else if (b->from == GJ_SHOP) {
            f->sum.fine_fen = gj_sum(f->sum.fine_fen, amount.as.integer);
        } else if (b->to == GJ_SHOP) {
            f->sum.fine_fen = gj_less(f->sum.fine_fen, amount.as.integer);
        }
    }
}

void gj_foresight_add(struct gj_foresight *f, struct gj_scene *scene, uint32_t finding)
{
    const struct gj_finding_plan *p = &f->plan->findings[finding];
    int grave = (int)p->severity;
    if (f->sum.findings == 0 || grave > gravity(f->sum.severity)) {
        f->sum.rule = gj_words_copy(f->arena, p->head.id);
        f->sum.title_zh = gj_words_copy(f->arena, p->head.title_zh);
        f->sum.title_en = gj_words_copy(f->arena, p->head.title_en);
        f->sum.severity = severities[grave >= 0 && grave < 5 ? grave : 0];
    }
    f->sum.findings++;
    f->sum.certain &= p->now;
    foresee_entries(f, scene, p);
    for (size_t i = 0; i < p->measure_count; i++) {
        const struct gj_measure_plan *m = &p->measures[i];
        if (!m->ends && gj_scene_holds(scene, m->when)) {
            gj_buf_addf(&f->measures, "%s%.*s", f->measures.len > 0 ? ", " : "", (int)m->what.len,
                        m->what.ptr);
        }
    }
}

gj_consequence gj_foresight_end(struct gj_foresight *f)
{
    f->sum.measures = gj_words_copy(f->arena, gj_buf_str(&f->measures));
    f->sum.certain &= f->sum.findings > 0;
    gj_buf_release(&f->measures);
    return f->sum;
}

/* ---- shops and their clocks ---- */

int gj_report_end(struct gj_engine *e, int status)
{
    if (status == -1 && e->errors->count == 0) {
        gj_errors_say(e->errors, "out of memory");
    }
    return status == -1 ? GJ_ESYSTEM : status;
}

struct gj_shop *gj_report_shop(struct gj_engine *e, const char *source)
{
    if (gj_engine_commit(e) != GJ_OK || gj_engine_each_shop(e) != 0) {
        return NULL;
    }
    uint32_t at = gj_map_get(&e->shop_ids, gj_str_of(source));
    if (at == GJ_MAP_NONE) {
        gj_errors_say(e->errors, "there is no shop %s in the database", source);
        return NULL;
    }
    struct gj_shop *shop = e->shops[at];
    int64_t now = shop->now == INT64_MIN ? 0 : shop->now;
    return gj_engine_setting(e, shop, now) == 0 ? shop : NULL;
}

/* ", ", then the sources of shops whose id is `id` (NULL: of all). */
static void list_shops(const struct gj_engine *e, const char *id, struct gj_buf *out)
{
    enum { SHOWN = 8 };
    size_t count = 0;
    for (size_t i = 0; i < e->shop_count; i++) {
        if (id != NULL && !gj_str_is(e->shops[i]->shop_id, id)) {
            continue;
        }
        if (count++ < SHOWN) {
            gj_buf_add_cstr(out, count > 1 ? ", " : "");
            gj_buf_add_str(out, e->shops[i]->source);
        }
    }
    gj_buf_add_cstr(out, count > SHOWN ? " ..." : count == 0 ? "none" : "");
}

int gj_engine_shop_of(gj_engine *e, const char *name, const char **source)
{
    size_t named = 0;
    if (gj_engine_commit(e) != GJ_OK || gj_engine_each_shop(e) != 0) {
        return GJ_ESYSTEM;
    }
    for (size_t i = 0; i < e->shop_count; i++) {
        if (gj_str_is(e->shops[i]->source, name)) {
            *source = e->shops[i]->source.ptr;
            return GJ_OK;
        }
        if (gj_str_is(e->shops[i]->shop_id, name)) {
            *source = e->shops[i]->source.ptr;
            named++;
        }
    }
    if (named != 1) {
        struct gj_buf list;
        gj_buf_init(&list);
        list_shops(e, named > 1 ? name : NULL, &list);
        gj_errors_say(e->errors,
                      named > 1 ? "several shops have the id %s; name one of: %s"
                                : "there is no shop %s in the database; there are: %s",
                      name, list.ptr);
        gj_buf_release(&list);
    }
    return named == 1 ? GJ_OK : GJ_EINPUT;
}

int gj_report_case(struct gj_engine *e, const struct gj_shop *shop, const char *kind,
                   const char *id, int64_t *case_id)
{
    uint32_t k = gj_map_get(&e->plan->events->kind_ids, gj_str_of(kind));
    *case_id = k == GJ_MAP_NONE ? 0 : gj_engine_known_case(e, shop, k, gj_str_of(id));
    if (k != GJ_MAP_NONE && *case_id == 0 &&
        gj_store_entity_case(e->store, shop->id, gj_str_of(kind), gj_str_of(id), case_id) != 0) {
        return GJ_ESYSTEM;
    }
    if (*case_id == 0) {
        gj_errors_say(e->errors, "shop %s knows no %s %s", shop->source.ptr, kind, id);
    }
    return *case_id == 0 ? GJ_EINPUT : GJ_OK;
}

int gj_engine_shops(gj_engine *e, int (*each)(void *context, const gj_shop_info *shop),
                    void *context)
{
    int status = gj_engine_commit(e) != GJ_OK || gj_engine_each_shop(e) != 0 ? GJ_ESYSTEM : GJ_OK;
    for (size_t i = 0; i < e->shop_count && status == GJ_OK; i++) {
        const struct gj_shop *s = e->shops[i];
        gj_shop_info info = {s->source.ptr, s->platform.ptr, s->shop_id.ptr, s->now};
        status = each(context, &info);
    }
    return status;
}

int gj_engine_day_of(gj_engine *e, const char *source, const char *date, int64_t *from, int64_t *to)
{
    struct gj_shop *shop = gj_report_shop(e, source);
    if (shop == NULL) {
        return GJ_EINPUT;
    }
    int64_t day = gj_engine_day(shop, shop->now == INT64_MIN ? 0 : shop->now);
    if (date != NULL) {
        int64_t china = gj_china_day(gj_str_of(date));
        if (china == INT64_MIN) {
            gj_errors_say(e->errors, "'%s' is no date; write 2026-03-02", date);
            return GJ_EINPUT;
        }
        day = (china + GJ_CHINA_OFFSET_SECONDS) / GJ_SECONDS_PER_DAY;
    }
    *from = gj_engine_midnight(shop, day);
    *to = gj_engine_midnight(shop, day + 1);
    return GJ_OK;
}

const char *gj_engine_clock(gj_engine *e, const char *source, int64_t at, char *out, size_t size)
{
    uint32_t index = gj_map_get(&e->shop_ids, gj_str_of(source));
    const struct gj_shop *shop = index == GJ_MAP_NONE ? NULL : e->shops[index];
    int32_t zone = gj_zone_offset(shop == NULL ? NULL : shop->zone, gj_instant_of(at).seconds);
    out[0] = '\0';
    if (at != GJ_NEVER && at != INT64_MIN) {
        struct gj_civil c = gj_civil_from_seconds(gj_instant_of(at).seconds + zone);
        int32_t minutes = (zone < 0 ? -zone : zone) / 60;
        snprintf(out, size, "%04lld-%02d-%02dT%02d:%02d:%02d%c%02d:%02d", (long long)c.year,
                 c.month, c.day, c.hour, c.minute, c.second, zone < 0 ? '-' : '+', minutes / 60,
                 minutes % 60);
    }
    return out;
}

/* ---- findings ---- */

/* What one rule's findings have in common, worked out once. */
struct priced {
    struct gj_str rule;
    const char *id, *title_zh, *title_en, *clause_zh, *clause_en;
    gj_consequence cost;
};

struct finding_walk {
    struct gj_engine *e;
    struct gj_shop *shop;
    struct gj_arena arena;
    struct gj_map known; /* rule -> index */
    struct priced *priced;
    size_t count, capacity;
    int64_t at;
    int (*each)(void *context, const gj_finding_row *row);
    void *context;
};

static gj_consequence cost_at(struct finding_walk *w, struct gj_str rule)
{
    struct gj_foresight f;
    struct gj_run run = {.setting = &w->shop->setting, .arena = &w->e->arena};
    struct gj_scene scene;
    uint32_t finding = gj_map_get(&w->e->plan->finding_ids, rule);
    uint32_t message = gj_rule_of_messages(w->e, rule);
    gj_foresight_init(&f, w->e->plan, &w->arena);
    gj_arena_reset(&w->e->arena);
    if (finding != GJ_MAP_NONE) {
        gj_scene_set(&scene, &run, NULL, NULL, w->at);
        gj_foresight_add(&f, &scene, finding);
    } else if (message != GJ_MAP_NONE) {
        const struct gj_rule_cost *c = &w->e->book->rules[message].cost;
        int64_t points = gj_rule_cost(w->e, c->points, w->at);
        *(gj_str_is(c->points_class, "serious") ? &f.sum.serious : &f.sum.general) = points;
        bool by_agent = gj_str_is(c->payer, "agent");
        f.sum.fine_fen = by_agent ? 0 : gj_rule_cost(w->e, c->fine_fen, w->at);
        f.sum.findings = 1;
        f.sum.certain = false;
        for (size_t i = 0; i < c->measure_count; i++) {
            gj_buf_addf(&f.measures, "%s%s", i > 0 ? ", " : "", c->measures[i]);
        }
    }
    return gj_foresight_end(&f);
}

static const struct priced *price(struct finding_walk *w, struct gj_str rule)
{
    uint32_t at = gj_map_get(&w->known, rule);
    if (at != GJ_MAP_NONE) {
        return &w->priced[at];
    }
    struct priced *grown = gj_grow(w->priced, &w->capacity, w->count + 1, sizeof *grown);
    if (grown == NULL) {
        return NULL;
    }
    w->priced = grown;
    struct gj_named n = gj_rule_named(w->e, rule);
    struct priced *p = &grown[w->count];
    *p = (struct priced){.rule = gj_arena_copy(&w->arena, rule),
                         .title_zh = gj_words_copy(&w->arena, n.title_zh),
                         .title_en = gj_words_copy(&w->arena, n.title_en),
                         .clause_zh = gj_words_copy(&w->arena, n.clause_zh),
                         .clause_en = gj_words_copy(&w->arena, n.clause_en)};
    p->id = p->rule.ptr;
    p->cost = cost_at(w, rule);
    return gj_map_put(&w->known, p->rule, (uint32_t)w->count++) == 0 ? p : NULL;
}

static int tell_finding(void *context, const struct gj_found_row *row,
                        const struct gj_found_case *of)
{
    struct finding_walk *w = context;
    const struct priced *p = price(w, row->rule);
    if (p == NULL) {
        return -1;
    }
    gj_buf_reset(&w->e->scratch);
    gj_because_english(w->e, row->rule, row->because, &w->e->scratch);
    gj_finding_row out = {.source = w->shop->source.ptr,
                          .rule = p->id,
                          .title_zh = p->title_zh,
                          .title_en = p->title_en,
                          .clause_zh = p->clause_zh,
                          .clause_en = p->clause_en,
                          .severity = row->severity.ptr,
                          .kind = row->kind.ptr,
                          .subject = row->subject.ptr,
                          .agent = row->agent.ptr,
                          .because_zh = row->because.ptr,
                          .because_en = gj_words_copy(&w->arena, gj_buf_str(&w->e->scratch)),
                          .row = row->row,
                          .withdrawn = row->withdrawn,
                          .at = row->at,
                          .event = row->seq,
                          .booked = of->booked,
                          .ruled = of->ruled,
                          .at_risk = p->cost};
    if (out.booked || out.ruled) {
        out.at_risk.fine_fen = out.at_risk.serious = out.at_risk.general = 0;
        out.at_risk.measures = "";
    }
    return w->each(w->context, &out);
}

static int end_findings(struct finding_walk *w, int status)
{
    gj_map_release(&w->known);
    gj_arena_release(&w->arena);
    free(w->priced);
    return gj_report_end(w->e, status);
}

int gj_engine_findings(gj_engine *e, const char *source, int64_t from, int64_t to,
                       int (*each)(void *context, const gj_finding_row *row), void *context)
{
    struct finding_walk w = {.e = e, .each = each, .context = context, .at = to - 1};
    w.shop = gj_report_shop(e, source);
    if (w.shop == NULL) {
        return GJ_EINPUT;
    }
    gj_arena_init(&w.arena);
    gj_map_init(&w.known);
    int status =
        gj_store_founds_at(e->store, w.shop->id, gj_ruling_kind(e), from, to, tell_finding, &w);
    return end_findings(&w, status);
}

/* The finding's own shop, as of its now. */
static int tell_one_finding(void *context, const struct gj_found_row *row,
                            const struct gj_found_case *of)
{
    struct finding_walk *w = context;
    w->shop = gj_shop_numbered(w->e, row->shop);
    if (w->shop == NULL || gj_engine_setting(w->e, w->shop, w->shop->now) != 0) {
        return -1;
    }
    w->at = w->shop->now;
    return tell_finding(w, row, of);
}

int gj_engine_finding(gj_engine *e, int64_t row,
                      int (*each)(void *context, const gj_finding_row *row), void *context)
{
    struct finding_walk w = {.e = e, .each = each, .context = context};
    if (gj_engine_commit(e) != GJ_OK || gj_engine_each_shop(e) != 0) {
        return GJ_ESYSTEM;
    }
    gj_arena_init(&w.arena);
    gj_map_init(&w.known);
    int status = gj_store_found_get(e->store, row, gj_ruling_kind(e), tell_one_finding, &w);
    if (status == 0 && w.shop == NULL) {
        gj_errors_say(e->errors, "there is no finding %lld", (long long)row);
        status = GJ_EINPUT;
    }
    return end_findings(&w, status);
}

/* ---- the ledger ---- */

struct row_walk {
    struct gj_engine *e;
    struct gj_shop *shop;
    struct gj_arena arena;
    int64_t at;
    int (*entry)(void *context, const gj_ledger_row *row);
    int (*measure)(void *context, const gj_measure_info *row);
    void *context;
};

static int tell_entry(void *context, const struct gj_entry_row *row)
{
    struct row_walk *w = context;
    struct gj_named n = gj_rule_named(w->e, row->rule);
    gj_arena_reset(&w->arena);
    gj_ledger_row out = {.source = w->shop->source.ptr,
                         .entry = row->entry.ptr,
                         .rule = row->rule.ptr,
                         .title_zh = gj_words_copy(&w->arena, n.title_zh),
                         .title_en = gj_words_copy(&w->arena, n.title_en),
                         .account = row->account.ptr,
                         .unit = row->unit.ptr,
                         .points_class = row->class_.ptr,
                         .reverses = row->reverses.ptr,
                         .row = row->row,
                         .amount = row->amount,
                         .at = row->at};
    return w->entry(w->context, &out);
}

int gj_engine_ledger(gj_engine *e, const char *source, int64_t from, int64_t to,
                     int (*each)(void *context, const gj_ledger_row *row), void *context)
{
    struct row_walk w = {.e = e, .entry = each, .context = context};
    w.shop = gj_report_shop(e, source);
    if (w.shop == NULL) {
        return GJ_EINPUT;
    }
    gj_arena_init(&w.arena);
    int status = gj_store_entries_at(e->store, w.shop->id, from, to, tell_entry, &w);
    gj_arena_release(&w.arena);
    return gj_report_end(e, status);
}

/* ---- ladders ---- */

int gj_engine_ladders(gj_engine *e, const char *source, int64_t to,
                      int (*each)(void *context, const gj_ladder_row *row), void *context)
{
    struct gj_shop *shop = gj_report_shop(e, source);
    int status = shop == NULL ? GJ_EINPUT : GJ_OK;
    for (size_t i = 0; i < e->plan->ladder_count && status == GJ_OK; i++) {
        const struct gj_ladder *l = &e->plan->ladders[i];
        int64_t seconds = gj_instant_of(to - 1).seconds;
        if (!shop->ladders[i] || seconds < l->head.from || seconds >= l->head.until) {
            continue;
        }
        int64_t sum = 0;
        if (gj_ladder_sum(e, shop, l, gj_engine_year(shop, to - 1), to, &sum) != 0) {
            return gj_report_end(e, -1);
        }
        gj_arena_reset(&e->arena);
        struct gj_run run = {.setting = &shop->setting, .arena = &e->arena};
        struct gj_scene scene;
        struct gj_foresight f;
        gj_foresight_init(&f, e->plan, &e->arena);
        gj_scene_set(&scene, &run, NULL, NULL, to - 1);
        size_t next = 0;
        while (next < l->step_count && l->steps[next].points <= sum) {
            next++;
        }
        if (next < l->step_count) {
            gj_foresight_add(&f, &scene, l->steps[next].finding);
        }
        gj_ladder_row row = {.source = shop->source.ptr,
                             .id = gj_words_copy(&e->arena, l->head.id),
                             .title_zh = gj_words_copy(&e->arena, l->head.title_zh),
                             .title_en = gj_words_copy(&e->arena, l->head.title_en),
                             .points_class = l->serious ? "serious" : "general",
                             .sum = sum,
                             .next = next < l->step_count ? l->steps[next].points : 0,
                             .steps = l->step_count > 0,
                             .then = gj_foresight_end(&f)};
        status = each(context, &row);
    }
    return status;
}

/* ---- measures ---- */

static int tell_measure(void *context, const struct gj_measure_row *row)
{
    struct row_walk *w = context;
    if (row->withdrawn || row->ends != GJ_RUNS || row->from > w->at || row->to <= w->at) {
        return 0;
    }
    struct gj_named n = gj_rule_named(w->e, row->rule);
    gj_arena_reset(&w->arena);
    gj_measure_info out = {.source = w->shop->source.ptr,
                           .rule = row->rule.ptr,
                           .title_zh = gj_words_copy(&w->arena, n.title_zh),
                           .title_en = gj_words_copy(&w->arena, n.title_en),
                           .kind = row->kind.ptr,
                           .subject = row->subject.ptr,
                           .what = row->what.ptr,
                           .from = row->from,
                           .to = row->to};
    return w->measure(w->context, &out);
}

int gj_engine_measures(gj_engine *e, const char *source, int64_t at,
                       int (*each)(void *context, const gj_measure_info *row), void *context)
{
    struct row_walk w = {.e = e, .measure = each, .context = context, .at = at};
    w.shop = gj_report_shop(e, source);
    if (w.shop == NULL) {
        return GJ_EINPUT;
    }
    gj_arena_init(&w.arena);
    int status =
        gj_store_measures(e->store, (struct gj_store_filter){.shop = w.shop->id}, tell_measure, &w);
    gj_arena_release(&w.arena);
    return gj_report_end(e, status);
}
