/* Room engine: reports on deadlines: what runs out next, and what happens then (see report.h).
 *
 * The store names the cases that are due, earliest first; these alone are read. What happens is
 * found by letting the deadline fire in a copy of the case that is thrown away. */
#include "engine/report.h"

#include <stdlib.h>

#include "base/vec.h"

struct due_row {
    gj_deadline_row row;
    int64_t case_id;
};

struct due_walk {
    struct gj_engine *e;
    struct gj_shop *shop;
    struct gj_arena arena; /* of all rows */
    struct due_row *rows;
    size_t count, capacity;
    size_t limit; /* of a shop; 0: all */
    size_t first; /* where the shop's rows begin */
    int64_t before;
    bool counts;      /* cases with further deadlines are asked for */
    int64_t passed;   /* cases of the shop that were read */
    int64_t *further; /* those of them with deadlines that are not told, some of them twice */
    size_t further_count, further_capacity;
};

/* ---- one deadline of a case, fired for show ---- */

struct showing {
    struct gj_foresight sight;
    const struct gj_due *due;
    uint32_t to;
    bool moved;
};

static int show_found(void *context, struct gj_scene *scene, uint32_t finding,
                      const struct gj_entity *about, const struct gj_cause *cause)
{
    struct showing *s = context;
    (void)about;
    (void)cause;
    gj_foresight_add(&s->sight, scene, finding);
    return 0;
}

static int show_counted(void *context, struct gj_scene *scene, uint32_t counter)
{
    (void)context;
    (void)scene;
    (void)counter;
    return 0;
}

static int show_moved(void *context, const struct gj_scene *scene, const struct gj_entity *entity,
                      uint32_t flow, uint32_t from, const struct gj_cause *cause)
{
    struct showing *s = context;
    uint32_t to = cause->transition == NULL ? GJ_NO_INDEX : cause->transition->to;
    (void)scene;
    (void)from;
    if (flow == s->due->flow && entity->kind == s->due->entity->kind && to != GJ_NO_INDEX &&
        gj_str_eq(entity->id, s->due->entity->id)) {
        s->to = to;
        s->moved = true;
    }
    return 0;
}

struct dues { /* of a case */
    struct gj_due *items;
    size_t count, capacity;
    int64_t before;
    bool failed; /* out of memory */
};

static void keep_due(void *context, const struct gj_due *due)
{
    struct dues *d = context;
    if (due->at >= d->before) {
        return;
    }
    struct gj_due *grown = gj_grow(d->items, &d->capacity, d->count + 1, sizeof *grown);
    d->failed |= grown == NULL;
    d->items = grown == NULL ? d->items : grown;
    if (grown != NULL) {
        grown[d->count++] = *due;
    }
}

static gj_deadline_row name_row(struct due_walk *w, const struct gj_due *due,
                                const struct showing *s)
{
    const struct gj_plan *plan = w->e->plan;
    const struct gj_flow *flow = &plan->flows[due->flow];
    const struct gj_state *state = &flow->states[due->state];
    const struct gj_state *to = s->moved ? &flow->states[s->to] : NULL;
    const struct gj_deadline *d = &state->deadlines[due->deadline];
    struct gj_str nothing = GJ_STR("");
    struct gj_named clause =
        gj_rule_named(w->e, d->then.rule.len > 0 ? d->then.rule : gj_str_of(s->sight.sum.rule));
    if (clause.clause_zh.len == 0) {
        clause = (struct gj_named){nothing, nothing, flow->head.clause_zh, flow->head.clause_en};
    }
    struct gj_arena *a = &w->arena;
    return (gj_deadline_row){.source = w->shop->source.ptr,
                             .kind = gj_words_copy(a, plan->events->kinds[due->entity->kind].name),
                             .id = gj_words_copy(a, due->entity->id),
                             .flow = gj_words_copy(a, flow->shown),
                             .flow_zh = gj_words_copy(a, flow->head.title_zh),
                             .flow_en = gj_words_copy(a, flow->head.title_en),
                             .name = gj_words_copy(a, d->name),
                             .state = gj_words_copy(a, state->name),
                             .state_zh = gj_words_copy(a, state->title_zh),
                             .state_en = gj_words_copy(a, state->title_en),
                             .to = gj_words_copy(a, to == NULL ? nothing : to->name),
                             .to_zh = gj_words_copy(a, to == NULL ? nothing : to->title_zh),
                             .to_en = gj_words_copy(a, to == NULL ? nothing : to->title_en),
                             .rule = gj_words_copy(a, d->then.rule),
                             .clause_zh = gj_words_copy(a, clause.clause_zh),
                             .clause_en = gj_words_copy(a, clause.clause_en),
                             .since = due->since,
                             .at = due->at};
}

static int add_further(struct due_walk *w, int64_t case_id)
{
    int64_t *grown = gj_grow(w->further, &w->further_capacity, w->further_count + 1, sizeof *grown);
    if (grown == NULL) {
        return -1;
    }
    w->further = grown;
    grown[w->further_count++] = case_id;
    return 0;
}

static int add_row(struct due_walk *w, const gj_deadline_row *row, int64_t case_id)
{
    struct due_row *grown = gj_grow(w->rows, &w->capacity, w->count + 1, sizeof *grown);
    if (grown == NULL) {
        return -1;
    }
    w->rows = grown;
    grown[w->count++] = (struct due_row){*row, case_id};
    return 0;
}

/* Fires the deadline in a copy of its case, which is a row, or for a later one a case that has
 * further ones. */
static int show(struct due_walk *w, int64_t case_id, struct gj_case *copy, const struct gj_due *due)
{
    struct showing s = {.due = due, .to = GJ_NO_INDEX};
    struct gj_sink sink = {&s, show_found, show_counted, show_moved};
    struct gj_run run = {copy, &w->shop->setting, &w->e->arena, &sink};
    gj_foresight_init(&s.sight, w->e->plan, &w->arena);
    int status = gj_run_fire(&run, s.due);
    gj_deadline_row row = name_row(w, s.due, &s);
    row.then = gj_foresight_end(&s.sight);
    bool watches = w->e->plan->flows[s.due->flow].internal;
    if (status != 0 || (watches && row.then.findings == 0)) {
        return status; /* a watch that finds nothing is nobody's business */
    }
    return due->at < w->before ? add_row(w, &row, case_id) : add_further(w, case_id);
}

/* ---- cases that are due ---- */

static int by_time(const void *a, const void *b)
{
    const gj_deadline_row *x = &((const struct due_row *)a)->row;
    const gj_deadline_row *y = &((const struct due_row *)b)->row;
    int order = (x->at > y->at) - (x->at < y->at);
    order = order != 0 ? order : strcmp(x->source, y->source);
    order = order != 0 ? order : strcmp(x->kind, y->kind);
    order = order != 0 ? order : strcmp(x->id, y->id);
    order = order != 0 ? order : strcmp(x->name, y->name);
    return order != 0 ? order : strcmp(x->flow, y->flow);
}

/* Whether as many rows as wanted lie before what is still to come. */
static bool enough(struct due_walk *w, int64_t at)
{
    size_t before = 0;
    if (w->limit == 0 || w->count - w->first < w->limit) {
        return false;
    }
    for (size_t i = w->first; i < w->count; i++) {
        before += w->rows[i].row.at < at;
    }
    return before >= w->limit;
}

/* The case as it is: what is in memory need not be read; else it is read into `own`. NULL: that
 * failed. */
static struct gj_case *find_case(struct due_walk *w, int64_t case_id, struct gj_case *own)
{
    struct gj_cached *cached = gj_engine_cached(w->e, case_id);
    struct gj_store_case row;
    if (cached != NULL) {
        return &cached->c;
    }
    bool read = gj_store_case_read(w->e->store, case_id, &row) == 0 &&
                gj_case_read(own, w->e->case_parser, row.body) == 0;
    return read ? own : NULL;
}

static int read_case(struct due_walk *w, int64_t case_id)
{
    struct gj_case own, copy;
    struct dues dues = {.before = w->counts ? GJ_ALWAYS : w->before};
    size_t further = w->further_count;
    gj_case_init(&own, w->e->plan);
    gj_case_init(&copy, w->e->plan);
    struct gj_case *c = find_case(w, case_id, &own);
    int status = c == NULL ? -1 : 0;
    if (status == 0) {
        struct gj_run run = {c, &w->shop->setting, &w->e->arena, &w->e->sink};
        gj_arena_reset(&w->e->arena);
        gj_run_deadlines(&run, keep_due, &dues);
        status = dues.failed ? -1 : 0;
    }
    for (size_t i = 0; i < dues.count && status == 0; i++) {
        bool later = dues.items[i].at >= w->before;
        if (later && w->further_count > further) {
            continue; /* one is enough */
        }
        if (later && !w->e->plan->flows[dues.items[i].flow].internal) {
            status = add_further(w, case_id); /* a watch may find nothing */
            continue;
        }
        gj_arena_reset(&w->e->arena);
        status = gj_case_copy(&copy, c) != 0 ? -1 : show(w, case_id, &copy, &dues.items[i]);
    }
    free(dues.items);
    gj_case_release(&copy);
    gj_case_release(&own);
    return status;
}

static int read_due(void *context, int64_t shop, int64_t at, int64_t case_id)
{
    struct due_walk *w = context;
    (void)shop;
    if (enough(w, at)) {
        return 1;
    }
    w->passed++;
    return read_case(w, case_id);
}

static int read_shop(struct due_walk *w, const char *source, int64_t *more)
{
    int64_t all = 0;
    w->shop = gj_report_shop(w->e, source);
    if (w->shop == NULL) {
        return GJ_EINPUT;
    }
    w->first = w->count;
    w->passed = 0;
    int status = gj_store_due_list(w->e->store, w->shop->id, w->before, read_due, w);
    if (status < 0 || gj_store_due_count(w->e->store, w->shop->id, INT64_MIN, &all) != 0) {
        return gj_report_end(w->e, -1);
    }
    *more += all - w->passed;
    return GJ_OK;
}

static int by_number(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* How many of the cases read have deadlines that are not told, those that `told` cuts off too. */
static int count_further(struct due_walk *w, size_t told, int64_t *count)
{
    int64_t cases = 0;
    for (size_t i = told; i < w->count; i++) {
        if (add_further(w, w->rows[i].case_id) != 0) {
            return gj_report_end(w->e, -1);
        }
    }
    if (w->further_count > 1) {
        qsort(w->further, w->further_count, sizeof *w->further, by_number);
    }
    for (size_t i = 0; i < w->further_count; i++) {
        cases += i == 0 || w->further[i] != w->further[i - 1];
    }
    *count += cases;
    return GJ_OK;
}

/* Tells the rows in order and ends the walk; to *more the cases are added that have further ones
 * and were read. */
static int tell_rows(struct due_walk *w, int status,
                     int (*each)(void *context, const gj_deadline_row *row), void *context,
                     int64_t *more)
{
    if (w->count > 1) {
        qsort(w->rows, w->count, sizeof *w->rows, by_time);
    }
    size_t told = w->limit == 0 || w->count < w->limit ? w->count : w->limit;
    if (more != NULL && status == GJ_OK) {
        status = count_further(w, told, more);
    }
    for (size_t i = 0; i < told && status == GJ_OK; i++) {
        status = each(context, &w->rows[i].row);
    }
    free(w->rows);
    free(w->further);
    gj_arena_release(&w->arena);
    return status;
}

int gj_engine_deadlines(gj_engine *e, const char *source, int64_t before, size_t limit,
                        int (*each)(void *context, const gj_deadline_row *row), void *context,
                        int64_t *more)
{
    struct due_walk w = {.e = e, .before = before, .limit = limit, .counts = more != NULL};
    int64_t further = 0;
    int status = gj_engine_commit(e) != GJ_OK || gj_engine_each_shop(e) != 0 ? GJ_ESYSTEM : GJ_OK;
    gj_arena_init(&w.arena);
    if (source != NULL && status == GJ_OK) {
        status = read_shop(&w, source, &further);
    }
    for (size_t i = 0; source == NULL && i < e->shop_count && status == GJ_OK; i++) {
        status = read_shop(&w, e->shops[i]->source.ptr, &further);
    }
    if (more != NULL) {
        *more = further;
    }
    return tell_rows(&w, status, each, context, more);
}

int gj_engine_entity_deadlines(gj_engine *e, const char *source, const char *kind, const char *id,
                               int (*each)(void *context, const gj_deadline_row *row),
                               void *context)
{
    struct due_walk w = {.e = e, .before = GJ_ALWAYS, .shop = gj_report_shop(e, source)};
    int64_t case_id = 0;
    int status = w.shop == NULL ? GJ_EINPUT : gj_report_case(e, w.shop, kind, id, &case_id);
    gj_arena_init(&w.arena);
    if (status == GJ_OK && read_case(&w, case_id) != 0) {
        status = gj_report_end(e, -1);
    }
    return tell_rows(&w, status, each, context, NULL);
}
