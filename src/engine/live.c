/* Room engine: what a server that runs for long needs of it: notices kept for later,
 * going on after a failure, another rulebook (see guiju.h, whose functions these are). */
#include "base/vec.h"
#include "engine/inside.h"

/* ---- notices ---- */

int gj_engine_notice_add(gj_engine *e, const char *source, const char *type, int64_t at,
                         const char *body_json, int64_t *seq)
{
    struct gj_notice_text notice = {.at = at,
                                    .source = gj_str_of(source),
                                    .type = gj_str_of(type),
                                    .body = gj_str_of(body_json)};
    if (gj_engine_begin(e) != 0) {
        return GJ_ESYSTEM;
    }
    if (gj_store_notice_add(e->store, &notice) != 0) {
        return gj_engine_fail(e);
    }
    if (seq != NULL) {
        *seq = notice.seq;
    }
    return GJ_OK;
}

struct notice_walk {
    int (*each)(void *context, const gj_notice_row *row);
    void *context;
};

static int tell_notice(void *context, const struct gj_notice_text *n)
{
    struct notice_walk *w = context;
    gj_notice_row row = {n->seq, n->at, n->source.ptr, n->type.ptr, n->body.ptr};
    return w->each(w->context, &row);
}

int gj_engine_notices(gj_engine *e, int64_t after_seq, size_t limit,
                      int (*each)(void *context, const gj_notice_row *row), void *context)
{
    struct notice_walk w = {each, context};
    int64_t most = limit == 0 || limit > INT64_MAX ? -1 : (int64_t)limit;
    if (gj_engine_commit(e) != GJ_OK) {
        return GJ_ESYSTEM;
    }
    int status = gj_store_notices(e->store, after_seq, most, tell_notice, &w);
    return status == -1 ? GJ_ESYSTEM : status;
}

int gj_engine_notices_drop(gj_engine *e, int64_t before_at)
{
    if (gj_engine_begin(e) != 0) {
        return GJ_ESYSTEM;
    }
    return gj_store_notices_drop(e->store, before_at) == 0 ? GJ_OK : gj_engine_fail(e);
}

int64_t gj_engine_notice_last(gj_engine *e)
{
    int64_t last = 0;
    return gj_store_notice_last(e->store, &last) == 0 ? last : -1;
}

/* ---- after a failure ---- */

/* Also that memory ran out is forgotten. */
static void begin_anew(struct gj_arena *arena)
{
    gj_arena_release(arena);
    gj_arena_init(arena);
}

int gj_engine_reopen(gj_engine *e)
{
    if (!e->broken) {
        return GJ_OK;
    }
    gj_engine_forget_shops(e); /* what is in memory may be of the batch that was lost */
    begin_anew(&e->arena);
    begin_anew(&e->event_arena);
    begin_anew(&e->zones);
    e->clocks = NULL;
    begin_anew(&e->listener.arena);
    begin_anew(&e->listener.entry_arena);
    begin_anew(&e->listener.stood_arena);
    gj_outcomes_reset(&e->outcomes);
    e->listener.part_count = e->listener.stood_count = 0;
    e->listener.event = GJ_STR("");
    e->in_batch = e->broken = false;
    return gj_engine_each_shop(e) == 0 ? GJ_OK : gj_engine_fail(e);
}

/* ---- another rulebook ---- */

bool gj_plan_lacks(const struct gj_plan *plan, const struct gj_plan *old)
{
    bool lacks = false;
    for (size_t f = 0; f < old->flow_count && !lacks; f++) {
        const struct gj_flow *was = &old->flows[f];
        uint32_t at = gj_map_get(&plan->flow_ids, was->head.id);
        lacks = at == GJ_MAP_NONE || plan->flows[at].kind != was->kind;
        for (size_t s = 0; s < was->state_count && !lacks; s++) {
            lacks = gj_map_get(&plan->flows[at].state_ids, was->states[s].name) == GJ_MAP_NONE;
        }
    }
    return lacks;
}

struct moved_due { /* a case that is due at another time now */
    int64_t case_id, at;
    bool bound;
};

struct adoption {
    struct gj_engine *e;
    size_t *strangers;
    struct gj_case c;
    struct moved_due *moved;
    size_t count, capacity;
};

static void tell_strangers(struct adoption *a, const struct gj_shop *shop)
{
    for (size_t i = 0; i < a->c.count; i++) {
        const struct gj_entity *entity = a->c.entities[i];
        struct gj_str kind = a->e->plan->events->kinds[entity->kind].name;
        for (const struct gj_stranger *s = entity->strangers; s != NULL; s = s->next) {
            ++*a->strangers;
            gj_errors_say(a->e->errors,
                          "%s: %.*s %s stands in '%s' of %s, which the rulebook does not declare; "
                          "it stays there until a rulebook does",
                          shop->source.ptr, (int)kind.len, kind.ptr, entity->id.ptr, s->state.ptr,
                          s->flow.ptr);
        }
    }
}

static int adopt_case(void *context, const struct gj_store_case *row)
{
    struct adoption *a = context;
    struct gj_engine *e = a->e;
    struct gj_shop *shop = gj_shop_numbered(e, row->shop);
    struct gj_due due;
    bool bound = false;
    if (shop == NULL || row->body.len == 0) {
        return 0; /* what a metric or ladder brought */
    }
    gj_arena_reset(&e->arena);
    if (gj_case_read(&a->c, e->case_parser, row->body) != 0) {
        return gj_errors_say(e->errors, "case %lld of %s is damaged; run `guiju rebuild`",
                             (long long)row->id, shop->source.ptr);
    }
    tell_strangers(a, shop);
    struct gj_run run = {&a->c, &shop->setting, &e->arena, &e->sink};
    int64_t at = gj_run_next(&run, &due, &bound) ? due.at : GJ_NEVER;
    if (at == row->due && bound == row->bound) {
        return 0;
    }
    struct moved_due *grown = gj_grow(a->moved, &a->capacity, a->count + 1, sizeof *grown);
    if (grown == NULL) {
        return gj_errors_say(e->errors, "out of memory while the rulebook was changed");
    }
    a->moved = grown;
    grown[a->count++] = (struct moved_due){row->id, at, bound};
    return 0;
}

static int adopt_due(void *context, int64_t shop, int64_t at, int64_t case_id)
{
    struct adoption *a = context;
    struct gj_store_case row;
    (void)shop;
    (void)at;
    return gj_store_case_read(a->e->store, case_id, &row) != 0 ? -1 : adopt_case(a, &row);
}

/* The cases' due times as they are now. */
static int move_dues(struct adoption *a)
{
    int status = 0;
    for (size_t i = 0; i < a->count && status == 0; i++) {
        const struct moved_due *m = &a->moved[i];
        status = gj_store_case_due(a->e->store, m->case_id, m->at, m->bound);
    }
    for (size_t i = 0; i < a->e->shop_count && status == 0; i++) {
        struct gj_shop *shop = a->e->shops[i];
        int64_t ignored = 0;
        gj_agenda_clear(shop);
        status = gj_agenda_first(a->e, shop, &shop->due_first, &ignored);
    }
    return status;
}

int gj_engine_adopt(struct gj_engine *e, bool all, size_t *strangers)
{
    struct adoption a = {.e = e, .strangers = strangers};
    int status = 0;
    for (size_t i = 0; i < e->shop_count && status == 0; i++) {
        int64_t now = e->shops[i]->now;
        status = now == INT64_MIN ? 0 : gj_engine_setting(e, e->shops[i], now);
    }
    gj_case_init(&a.c, e->plan);
    if (status == 0) {
        status = all ? gj_store_cases(e->store, 0, adopt_case, &a)
                     : gj_store_due_list(e->store, 0, GJ_NEVER, adopt_due, &a);
    }
    status = status == 0 ? move_dues(&a) : status;
    gj_case_release(&a.c);
    free(a.moved);
    return status;
}

/* ---- the log ---- */

struct log_walk {
    size_t rows; /* that may still be looked at */
    int64_t from, last;
    int (*each)(void *context, const char *line, size_t len);
    void *context;
};

static int tell_line(void *context, const struct gj_store_event *event)
{
    struct log_walk *w = context;
    if (w->rows == 0) {
        return 1;
    }
    w->rows--;
    w->last = event->seq;
    return event->at < w->from ? 0 : w->each(w->context, event->body.ptr, event->body.len);
}

int gj_engine_log(gj_engine *e, int64_t after_seq, size_t rows, int64_t from,
                  int (*each)(void *context, const char *line, size_t len), void *context,
                  int64_t *last)
{
    struct log_walk w = {rows, from, after_seq, each, context};
    int status = gj_engine_commit(e);
    status = status == GJ_OK ? gj_store_log(e->store, after_seq, tell_line, &w) : status;
    *last = w.last;
    return status < 0 ? GJ_ESYSTEM : status == 1 && w.rows == 0 ? GJ_OK : status;
}
