/* Room engine: the table of cases in memory (see inside.h). What they hold is read and written by
 * cases.c. */
#include <stdlib.h>

#include "engine/inside.h"

void gj_cached_open(struct gj_cached *cached, const struct gj_engine *e, struct gj_shop *shop,
                    int64_t id, uint32_t family)
{
    *cached = (struct gj_cached){.id = id, .shop = shop, .family = family, .due = GJ_NEVER};
    gj_case_init(&cached->c, e->plan);
}

/* A place in the cache for a case that is not in it; NULL: out of memory, told. */
struct gj_cached *gj_cached_add(struct gj_engine *e, struct gj_shop *shop, int64_t id,
                                uint32_t family)
{
    struct gj_cached **bucket = &e->cache[(uint64_t)id % GJ_CACHE_BUCKETS];
    struct gj_cached *cached = calloc(1, sizeof *cached);
    if (cached == NULL) {
        gj_errors_say(e->errors, "out of memory for a case of %s", shop->source.ptr);
        return NULL;
    }
    gj_cached_open(cached, e, shop, id, family);
    cached->used = e->batch;
    cached->next = *bucket;
    *bucket = cached;
    e->cached++;
    return cached;
}

void gj_cached_drop(struct gj_engine *e, int64_t id)
{
    for (struct gj_cached **at = &e->cache[(uint64_t)id % GJ_CACHE_BUCKETS]; *at != NULL;
         at = &(*at)->next) {
        if ((*at)->id == id) {
            struct gj_cached *gone = *at;
            *at = gone->next;
            gj_case_release(&gone->c);
            free(gone);
            e->cached--;
            return;
        }
    }
}

void gj_cached_change(struct gj_engine *e, struct gj_cached *cached)
{
    cached->dirty = true;
    if (!cached->changed) {
        cached->changed = true;
        *e->changed_end = cached;
        e->changed_end = &cached->next_changed;
    }
}

struct gj_cached *gj_engine_cached(const struct gj_engine *e, int64_t id)
{
    struct gj_cached *c = e->cache[(uint64_t)id % GJ_CACHE_BUCKETS];
    while (c != NULL && c->id != id) {
        c = c->next;
    }
    return c;
}

void gj_cached_all_written(struct gj_engine *e)
{
    e->changed = NULL;
    e->changed_end = &e->changed;
}
