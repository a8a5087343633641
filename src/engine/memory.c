/* Room engine: what of the store is held in memory is made room for, or forgotten (see inside.h).
 */
#include <stdlib.h>

#include "engine/inside.h"

/* Drops the cases used last in batches before `batch`. */
static void evict(struct gj_engine *e, uint64_t batch)
{
    for (size_t b = 0; b < GJ_CACHE_BUCKETS; b++) {
        for (struct gj_cached **at = &e->cache[b]; *at != NULL;) {
            struct gj_cached *c = *at;
            if (c->used >= batch) {
                at = &c->next;
                continue;
            }
            *at = c->next;
            gj_case_release(&c->c);
            free(c);
            e->cached--;
        }
    }
    for (size_t i = 0; i < e->shop_count; i++) {
        e->shops[i]->setting.shop = NULL;
    }
}

int gj_engine_relieve(struct gj_engine *e)
{
    if (e->cached <= GJ_CACHE_MAX) {
        return 0;
    }
    if (gj_engine_flush(e) != 0) {
        return -1;
    }
    evict(e, e->batch);
    if (e->cached > GJ_CACHE_MAX) {
        evict(e, UINT64_MAX);
    }
    e->batch++;
    return 0;
}

void gj_engine_forget(struct gj_engine *e)
{
    gj_engine_forget_marks(e);
    if (e->known != NULL) {
        memset(e->known, 0, GJ_KNOWN_MAX * sizeof *e->known);
    }
    evict(e, UINT64_MAX);
    gj_cached_all_written(e);
    for (size_t i = 0; i < e->shop_count; i++) {
        gj_agenda_clear(e->shops[i]);
    }
}

static void free_shops(struct gj_engine *e)
{
    for (size_t i = 0; i < e->shop_count; i++) {
        struct gj_shop *s = e->shops[i];
        gj_told_release(s);
        gj_past_forget(s);
        gj_shop_free(s);
    }
    e->shop_count = 0;
    e->all_shops = false;
}

void gj_engine_forget_shops(struct gj_engine *e)
{
    gj_engine_forget(e);
    free_shops(e);
    gj_map_release(&e->shop_ids);
    gj_map_init(&e->shop_ids);
}
