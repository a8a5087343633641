/* Room engine: what a change of the shop's configuration changes in its other cases (see inside.h).
 */
#include <stdlib.h>

#include "base/vec.h"
#include "engine/inside.h"

struct ids { /* of the cases of a shop */
    int64_t *items;
    size_t count, capacity;
};

static int add_id(struct ids *ids, int64_t id)
{
    int64_t *grown = gj_grow(ids->items, &ids->capacity, ids->count + 1, sizeof *grown);
    if (grown == NULL) {
        return -1;
    }
    ids->items = grown;
    grown[ids->count++] = id;
    return 0;
}

/* ---- when they are due ---- */

struct rescheduling {
    struct gj_engine *e;
    struct gj_shop *shop;
    struct gj_case c; /* the one at hand */
    struct ids moved;
};

/* Looks at a case beside those in memory: most stay as they were, and are not touched. */
static int look_at_due(void *context, const struct gj_store_case *row)
{
    struct rescheduling *r = context;
    struct gj_run run = {&r->c, &r->shop->setting, &r->e->arena, &r->e->sink};
    struct gj_due due;
    bool bound = false;
    gj_arena_reset(&r->e->arena);
    gj_case_reset(&r->c);
    if (row->body.len > 0 && gj_case_read(&r->c, r->e->case_parser, row->body) != 0) {
        return gj_errors_say(r->e->errors, "case %lld of %s is damaged; run `guiju rebuild`",
                             (long long)row->id, r->shop->source.ptr);
    }
    int64_t at = gj_run_next(&run, &due, &bound) ? due.at : GJ_NEVER;
    bool moved = at != row->due || bound != row->bound ||
                 r->e->listener.told != NULL; /* who listens compares more */
    return moved ? add_id(&r->moved, row->id) : 0;
}

static int reschedule_case(struct gj_engine *e, struct gj_shop *shop, int64_t id)
{
    /* all of a shop's cases may be more than memory is for */
    bool ready = gj_engine_relieve(e) == 0 && gj_engine_setting(e, shop, shop->now) == 0;
    struct gj_cached *cached = ready ? gj_engine_case(e, shop, id) : NULL;
    if (cached == NULL) {
        return -1;
    }
    bool dirty = cached->dirty;
    int status = gj_engine_schedule(e, cached);
    cached->dirty = dirty; /* its body is what it was */
    return status;
}

int gj_engine_reschedule(struct gj_engine *e, struct gj_shop *shop)
{
    struct rescheduling r = {.e = e, .shop = shop};
    gj_case_init(&r.c, e->plan);
    int status = gj_engine_flush(e) != 0 || gj_engine_setting(e, shop, shop->now) != 0
                     ? -1
                     : gj_store_cases_bound(e->store, shop->id, look_at_due, &r);
    for (size_t i = 0; i < r.moved.count && status == 0; i++) {
        status = reschedule_case(e, shop, r.moved.items[i]);
    }
    gj_case_release(&r.c);
    free(r.moved.items);
    return status == 0 ? gj_engine_setting(e, shop, shop->now) : status;
}

/* ---- what a configuration that came late may have changed ---- */

static int add_lived(void *context, int64_t case_id)
{
    return add_id(context, case_id);
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The cases that have lived to `at` or past it, the oldest first. */
static int gather_lived(struct gj_engine *e, const struct gj_shop *shop, int64_t at,
                        struct ids *ids)
{
    const struct gj_recent *r = shop->recent;
    int status = 0;
    if (at <= r->since) {
        bool flushed = gj_engine_flush(e) == 0;
        return flushed ? gj_store_cases_lived(e->store, shop->id, at, add_lived, ids) : -1;
    }
    for (uint32_t i = 0; i < r->count && status == 0; i++) {
        if (r->items[i].last_at >= at) {
            status = add_id(ids, r->items[i].case_id);
        }
    }
    if (ids->count > 1) {
        qsort(ids->items, ids->count, sizeof *ids->items, by_number);
    }
    return status;
}

int gj_engine_correct_cases(struct gj_engine *e, struct gj_shop *shop, int64_t at)
{
    struct ids ids = {.items = NULL};
    int status = gather_lived(e, shop, at, &ids);
    for (size_t i = 0; i < ids.count && status == 0; i++) {
        struct gj_cached *cached = NULL;
        if (ids.items[i] == shop->config) {
            continue;
        }
        status = gj_engine_relieve(e) != 0 || gj_engine_setting(e, shop, shop->now) != 0 ||
                         (cached = gj_engine_case(e, shop, ids.items[i])) == NULL
                     ? -1
                     : gj_engine_again(e, cached);
    }
    free(ids.items);
    return status == 0 ? gj_engine_setting(e, shop, shop->now) : status;
}
