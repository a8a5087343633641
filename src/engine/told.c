/* Room engine: what a shop has told of itself, in order, and what it was like every so often: from
 * there its configuration at an instant is worked out (past.c), however old the shop is. */
#include <stdlib.h>

#include "base/vec.h"
#include "engine/inside.h"

/* Whether the event tells of the shop; means of its category are noted. -1: out of memory. */
static int tells(struct gj_engine *e, struct gj_shop *shop, const struct gj_kept_event *kept,
                 bool *out)
{
    struct gj_cloudevent raw;
    *out = false;
    gj_buf_reset(&e->why);
    if (gj_cloudevent_read(e->past_parser, kept->body, 0, &raw, &e->why) != 0) {
        return e->why.failed ? -1 : 0;
    }
    uint32_t type = gj_map_get(&e->plan->events->type_ids, raw.type);
    *out = type != GJ_MAP_NONE && e->plan->reactions[type].tells_of_shop;
    if (*out && e->plan->reactions[type].tells_means) {
        shop->means_told = kept->at;
    }
    return 0;
}

/* Keeps of the shop's own case what tells of the shop: not its flagged messages. */
int gj_told_load(struct gj_engine *e, struct gj_shop *shop)
{
    struct gj_history *h = &shop->told.history;
    if (shop->told.known) {
        return 0;
    }
    gj_told_forget(shop);
    h->count = 0;
    if (shop->config != 0 && gj_history_read(e, shop->config, h) != 0) {
        return -1;
    }
    size_t kept = 0;
    shop->means_told = INT64_MIN;
    for (size_t i = 0; i < h->count; i++) {
        bool told;
        if (tells(e, shop, &h->events[i], &told) != 0) {
            return -1;
        }
        h->events[kept] = h->events[i];
        kept += told;
    }
    h->count = kept;
    shop->told.known = true;
    return 0;
}

int gj_told_add(struct gj_shop *shop, const struct gj_kept_event *event)
{
    struct gj_history *h = &shop->told.history;
    size_t place = h->count;
    if (!shop->told.known) {
        return 0; /* it will be read with all others */
    }
    while (place > 0 && h->events[place - 1].at > event->at) {
        place--;
    }
    if (place > 0 && h->events[place - 1].seq == event->seq) {
        return 0; /* it is seen in two ways */
    }
    struct gj_kept_event *grown = gj_grow(h->events, &h->capacity, h->count + 1, sizeof *grown);
    struct gj_str body = gj_arena_copy(&h->arena, event->body);
    if (grown == NULL || body.ptr == NULL) {
        return -1;
    }
    h->events = grown;
    memmove(&grown[place + 1], &grown[place], (h->count - place) * sizeof *grown);
    grown[place] = *event;
    grown[place].body = body;
    h->count++;
    while (shop->told.stop_count * GJ_STOP_EVERY > place) {
        gj_buf_release(&shop->told.stops[--shop->told.stop_count]);
    }
    return 0;
}

int gj_told_stop(struct gj_shop *shop, const struct gj_case *c, size_t events)
{
    struct gj_told *t = &shop->told;
    if (events != (t->stop_count + 1) * GJ_STOP_EVERY) {
        return 0;
    }
    struct gj_buf *grown = gj_grow(t->stops, &t->stop_capacity, t->stop_count + 1, sizeof *grown);
    if (grown == NULL) {
        return -1;
    }
    t->stops = grown;
    gj_buf_init(&grown[t->stop_count]);
    gj_case_write(c, &grown[t->stop_count]);
    return grown[t->stop_count++].failed ? -1 : 0;
}

int gj_told_start(struct gj_engine *e, struct gj_shop *shop, int64_t at, struct gj_case *c,
                  size_t *events)
{
    const struct gj_told *t = &shop->told;
    size_t stop = t->stop_count;
    while (stop > 0 && t->history.events[stop * GJ_STOP_EVERY - 1].at >= at) {
        stop--;
    }
    *events = stop * GJ_STOP_EVERY;
    return stop == 0 ? 0 : gj_case_read(c, e->case_parser, gj_buf_str(&t->stops[stop - 1]));
}

void gj_told_forget(struct gj_shop *shop)
{
    struct gj_told *t = &shop->told;
    while (t->stop_count > 0) {
        gj_buf_release(&t->stops[--t->stop_count]);
    }
    t->known = false;
}

void gj_told_release(struct gj_shop *shop)
{
    gj_told_forget(shop);
    free(shop->told.stops);
    gj_history_release(&shop->told.history);
}
