/* Room engine: which events a case is made of (see inside.h). A case's row is written with every
 * event that comes to it: its last ones stand in that row, which costs no more, and in a table of
 * their own only when there are many. */
#include "base/sort.h"
#include "base/vec.h"
#include "engine/inside.h"

int gj_links_spill(struct gj_engine *e, struct gj_cached *cached)
{
    struct gj_links *l = &cached->links;
    int status = 0;
    for (uint32_t i = 0; i < l->count && status == 0; i++) {
        status = gj_store_case_link(e->store, cached->id, l->seqs[i]);
    }
    l->count = 0;
    gj_cached_change(e, cached);
    return status;
}

int gj_links_add(struct gj_engine *e, struct gj_cached *cached, int64_t seq)
{
    struct gj_links *l = &cached->links;
    if (l->count > 0 && l->seqs[l->count - 1] == seq) {
        return 0; /* it is seen in two ways */
    }
    if (l->count == GJ_LINKS_MAX && gj_links_spill(e, cached) != 0) {
        return -1;
    }
    l->seqs[l->count++] = seq;
    gj_cached_change(e, cached);
    return 0;
}

/* ---- the events themselves ---- */

static int keep(void *context, const struct gj_store_event *event)
{
    struct gj_history *h = context;
    struct gj_kept_event *grown = gj_grow(h->events, &h->capacity, h->count + 1, sizeof *grown);
    if (grown == NULL) {
        return -1;
    }
    h->events = grown;
    grown[h->count] = (struct gj_kept_event){.at = event->at,
                                             .seq = event->seq,
                                             .late = event->late,
                                             .body = gj_arena_copy(&h->arena, event->body)};
    return grown[h->count++].body.ptr == NULL ? -1 : 0;
}

static int by_time(const void *x, const void *y)
{
    const struct gj_kept_event *a = x, *b = y;
    int order = (a->at > b->at) - (a->at < b->at);
    order = order != 0 ? order : b->opens - a->opens;
    return order != 0 ? order : (a->seq > b->seq) - (a->seq < b->seq);
}

static bool opens(struct gj_engine *e, struct gj_str body)
{
    struct gj_cloudevent raw;
    gj_buf_reset(&e->why);
    if (gj_cloudevent_read(e->past_parser, body, 0, &raw, &e->why) != 0) {
        return false;
    }
    uint32_t type = gj_map_get(&e->plan->events->type_ids, raw.type);
    return type != GJ_MAP_NONE && e->plan->events->types[type].opens;
}

/* Only events that share their instant are read for it. */
static int put_in_order(struct gj_engine *e, struct gj_history *h)
{
    bool any = false, failed = false;
    if (h->count < 2) {
        return 0;
    }
    gj_sort(h->events, h->count, sizeof *h->events, by_time);
    for (size_t i = 0; i < h->count; i++) {
        struct gj_kept_event *one = &h->events[i];
        bool shared =
            (i > 0 && one->at == one[-1].at) || (i + 1 < h->count && one->at == one[1].at);
        one->opens = shared && opens(e, one->body);
        failed = failed || (shared && e->why.failed);
        any = any || one->opens;
    }
    if (any) {
        gj_sort(h->events, h->count, sizeof *h->events, by_time);
    }
    return failed ? -1 : 0;
}

/* As the case in memory has them, or the store. */
static int links_of(struct gj_engine *e, int64_t case_id, struct gj_links *out)
{
    const struct gj_cached *cached = gj_engine_cached(e, case_id);
    struct gj_store_case row;
    if (cached != NULL) {
        *out = cached->links;
        return 0;
    }
    return gj_store_case_read(e->store, case_id, &row) != 0 ? -1 : gj_links_read(out, row.links);
}

static int cannot_be_read(struct gj_engine *e, int64_t case_id)
{
    return gj_errors_say(e->errors, "the events of case %lld cannot be read", (long long)case_id);
}

int gj_history_gather(struct gj_engine *e, int64_t case_id, struct gj_history *h)
{
    struct gj_links links;
    gj_arena_reset(&h->arena);
    h->count = 0;
    int status = links_of(e, case_id, &links);
    status = status == 0 ? gj_store_case_events(e->store, case_id, keep, h) : status;
    for (uint32_t i = 0; status == 0 && i < links.count; i++) {
        status = gj_store_event_numbered(e->store, links.seqs[i], keep, h);
    }
    return status == 0 ? 0 : cannot_be_read(e, case_id);
}

int gj_history_read(struct gj_engine *e, int64_t case_id, struct gj_history *h)
{
    int status = gj_history_gather(e, case_id, h);
    return status != 0 ? status : put_in_order(e, h) == 0 ? 0 : cannot_be_read(e, case_id);
}

void gj_history_release(struct gj_history *h)
{
    free(h->events);
    gj_arena_release(&h->arena);
    *h = (struct gj_history){.events = NULL};
}
