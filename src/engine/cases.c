/* Room engine: cases are read from the store and written to it (see inside.h). */
#include "engine/inside.h"

static uint32_t family_named(const struct gj_engine *e, struct gj_str name)
{
    for (uint32_t f = 0; f < e->plan->events->family_count; f++) {
        if (gj_str_eq(e->plan->events->families[f], name)) {
            return f;
        }
    }
    return GJ_NO_INDEX;
}

int gj_engine_case_begin(struct gj_engine *e, struct gj_shop *shop, uint32_t family, int64_t id)
{
    struct gj_cached *cached = gj_cached_add(e, shop, id, family);
    if (cached == NULL) {
        return -1;
    }
    gj_cached_change(e, cached);
    cached->fresh = cached->all_named = true;
    return 0;
}

struct gj_cached *gj_engine_case(struct gj_engine *e, struct gj_shop *shop, int64_t id)
{
    struct gj_cached *known = gj_engine_cached(e, id);
    if (known != NULL) {
        known->used = e->batch;
        return known;
    }
    struct gj_store_case row;
    if (gj_store_case_read(e->store, id, &row) != 0) {
        return NULL;
    }
    struct gj_cached *cached = gj_cached_add(e, shop, id, family_named(e, row.family));
    if (cached == NULL) {
        return NULL;
    }
    cached->due = row.due;
    cached->bound = row.bound;
    if (gj_links_read(&cached->links, row.links) != 0 ||
        (row.body.len > 0 && gj_case_read(&cached->c, e->case_parser, row.body) != 0)) {
        gj_errors_say(e->errors, "case %lld of %s is damaged; run `guiju rebuild`", (long long)id,
                      shop->source.ptr);
        gj_cached_drop(e, id);
        return NULL;
    }
    return cached;
}

/* Writes what the store has otherwise. When a case is due stands in indexes: they are left alone
 * where that has not changed. */
static int write_case(struct gj_engine *e, struct gj_cached *c)
{
    struct gj_store_case row = {.id = c->id, .shop = c->shop->id, .due = c->due, .bound = c->bound};
    int status = 0;
    if (c->dirty) {
        gj_buf_reset(&e->scratch);
        gj_case_write(&c->c, &e->scratch);
        size_t len = e->scratch.len;
        gj_links_write(&c->links, &e->scratch);
        row.body = (struct gj_str){e->scratch.ptr, len};
        row.links = (struct gj_str){e->scratch.ptr + len, e->scratch.len - len};
        status = e->scratch.failed ? -1 : 0;
    }
    if (status == 0 && c->fresh) {
        row.family = e->plan->events->families[c->family];
        status = gj_store_case_add(e->store, &row);
    } else if (status == 0 && c->dirty) {
        status = c->moved ? gj_store_case_set(e->store, &row) : gj_store_case_body(e->store, &row);
    } else if (status == 0 && c->moved) {
        status = gj_store_case_due(e->store, c->id, c->due, c->bound);
    }
    c->dirty = c->fresh = c->moved = false;
    return status;
}

int gj_engine_flush(struct gj_engine *e)
{
    int status = 0;
    for (struct gj_cached *c = e->changed, *next; c != NULL && status == 0; c = next) {
        next = c->next_changed;
        status = c->dirty || c->moved ? write_case(e, c) : 0;
        c->next_changed = NULL;
        c->changed = false;
    }
    gj_cached_all_written(e);
    status = status == 0 ? gj_store_write(e->store) : status;
    for (size_t i = 0; i < e->shop_count && status == 0; i++) {
        struct gj_shop *s = e->shops[i];
        if (s->dirty) {
            struct gj_store_shop row = {s->id, s->source, s->now, s->tick};
            status = gj_store_shop_set(e->store, &row);
            s->dirty = false;
        }
        gj_agenda_clear(s);
    }
    return status;
}

int gj_engine_origin(struct gj_engine *e, struct gj_shop *shop, const char *kind, struct gj_str id,
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
