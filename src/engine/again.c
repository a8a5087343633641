/* Room engine: a case run again from the log. What a late event changes is found by running all
 * events of its case in the order of their times, and booking the differences (see engine.h). */
#include "base/vec.h"
#include "engine/engine.h"

struct history {
    struct gj_arena arena;
    struct gj_kept_event *events;
    size_t count, capacity;
};

static int keep(void *context, const struct gj_store_event *event)
{
    struct history *h = context;
    struct gj_kept_event *grown = gj_grow(h->events, &h->capacity, h->count + 1, sizeof *grown);
    if (grown == NULL) {
        return -1;
    }
    h->events = grown;
    grown[h->count] = (struct gj_kept_event){
        event->seq, event->late, gj_arena_copy(&h->arena, event->body)};
    return grown[h->count++].body.ptr == NULL ? -1 : 0;
}

static int tell(struct gj_engine *e, const struct gj_kept_event *kept, const struct gj_event *event,
                const struct gj_due *due)
{
    return e->trace == NULL || e->trace->stepped == NULL
               ? 0
               : e->trace->stepped(e->trace, kept, event, due);
}

/* Fires what is due before `until`, without storing. */
static int fire_until(struct gj_engine *e, struct gj_cached *cached, int64_t until)
{
    struct gj_run run = {&cached->c, &cached->shop->setting, &e->arena, &e->sink};
    struct gj_due due;
    int status = 0;
    while (status == 0 && gj_run_next(&run, &due) && due.at < until) {
        status = gj_engine_setting(e, cached->shop, due.at);
        status = status == 0 ? gj_run_fire(&run, &due) : status;
        status = status == 0 ? tell(e, NULL, NULL, &due) : status;
    }
    return status;
}

static int run_one(struct gj_engine *e, struct gj_cached *cached, const struct gj_kept_event *kept)
{
    struct gj_cloudevent raw;
    struct gj_event event;
    struct gj_view views[GJ_VIEWS_MAX];
    const gj_verdict *verdict = NULL;
    gj_buf_reset(&e->why);
    if (gj_cloudevent_read(e->again_parser, kept->body, 0, &raw, &e->why) != 0 ||
        gj_event_accept(e->book, &raw, e->again_parser, &e->arena, &event, &e->why) != 0) {
        return tell(e, kept, NULL, NULL); /* no longer known to the rulebook; stays in the log */
    }
    int64_t at = gj_micros(event.time);
    int status = fire_until(e, cached, at);
    status = status == 0 ? gj_engine_setting(e, cached->shop, at) : status;
    status = status == 0 ? gj_engine_judge(e, cached->shop, &event, &verdict) : status;
    size_t count = gj_engine_views(e, &event, verdict, views);
    for (size_t i = 0; i < count && status == 0; i++) {
        if (views[i].family == cached->family) {
            status = gj_engine_run(e, cached, &event, &views[i], kept->seq, verdict);
        }
    }
    return status == 0 ? tell(e, kept, &event, NULL) : status;
}

int gj_engine_retell(struct gj_engine *e, struct gj_cached *cached)
{
    struct history h = {.events = NULL};
    gj_arena_init(&h.arena);
    int status = gj_store_case_events(e->store, cached->id, keep, &h);
    gj_case_reset(&cached->c);
    gj_outcomes_reset(&e->outcomes);
    if (cached->id == cached->shop->config) {
        cached->shop->setting.shop = NULL;
    }
    for (size_t i = 0; i < h.count && status == 0; i++) {
        status = run_one(e, cached, &h.events[i]);
    }
    free(h.events);
    gj_arena_release(&h.arena);
    if (status == 0) {
        status = fire_until(e, cached, cached->shop->now);
    }
    return status == 0 ? gj_engine_setting(e, cached->shop, cached->shop->now) : status;
}

int gj_engine_again(struct gj_engine *e, struct gj_cached *cached)
{
    return gj_engine_retell(e, cached) != 0 ||
                   gj_engine_reconcile(e, cached->shop, cached->id) != 0
               ? -1
               : gj_engine_schedule(e, cached);
}
