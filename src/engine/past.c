/* Room engine: what was, worked out from the log: the shop's configuration at an instant, a case at
 * an instant (see inside.h). */
#include "base/vec.h"
#include "engine/inside.h"

static bool before(const struct gj_kept_event *event, int64_t at, int64_t seq)
{
    return event->at < at || (event->at == at && (event->opens || event->seq < seq));
}

/* ---- silence ---- */

static int nothing_found(void *context, struct gj_scene *scene, uint32_t finding,
                         const struct gj_entity *about, const struct gj_cause *cause)
{
    (void)context;
    (void)scene;
    (void)finding;
    (void)about;
    (void)cause;
    return 0;
}

static int nothing_counted(void *context, struct gj_scene *scene, uint32_t counter)
{
    (void)context;
    (void)scene;
    (void)counter;
    return 0;
}

static const struct gj_sink silent = {NULL, nothing_found, nothing_counted, NULL};

/* ---- the configuration ---- */

int gj_past_differs(struct gj_engine *e, struct gj_shop *shop, int64_t at, bool *differs)
{
    *differs = false;
    if (gj_told_load(e, shop) != 0) {
        return -1;
    }
    const struct gj_history *h = &shop->told.history;
    *differs = h->count > 0 && h->events[h->count - 1].at > at;
    return 0;
}

int gj_past_begin(struct gj_engine *e, struct gj_shop *shop, int64_t at, struct gj_past *past)
{
    *past = (struct gj_past){.outer = shop->past};
    gj_case_init(&past->c, e->plan);
    shop->past = past;
    shop->settled = false;
    return gj_told_load(e, shop) != 0 ? -1 : gj_told_start(e, shop, at, &past->c, &past->next);
}

void gj_past_end(struct gj_shop *shop, struct gj_past *past)
{
    shop->past = past->outer;
    shop->settled = false;
    shop->setting.shop = NULL;
    gj_case_release(&past->c);
}

/* The next change of the configuration, if it comes before (at, seq). */
static const struct gj_kept_event *next_change(const struct gj_shop *shop, int64_t at, int64_t seq)
{
    const struct gj_past *past = shop->past;
    const struct gj_kept_event *next = past == NULL || past->next >= shop->told.history.count
                                           ? NULL
                                           : &shop->told.history.events[past->next];
    return next != NULL && before(next, at, seq) ? next : NULL;
}

/* The configuration of the past, to be run on. */
static struct gj_rerun past_of(struct gj_engine *e, struct gj_shop *shop)
{
    return (struct gj_rerun){.e = e,
                             .shop = shop,
                             .c = &shop->past->c,
                             .family = e->plan->events->kinds[e->plan->events->shop_kind].family,
                             .parser = e->past_parser};
}

static int change(struct gj_engine *e, struct gj_shop *shop, const struct gj_kept_event *kept)
{
    struct gj_rerun r = past_of(e, shop);
    size_t events = ++shop->past->next;
    return gj_rerun_fire(&r, kept->at) != 0 || gj_rerun_event(&r, kept) != 0
               ? -1
               : gj_told_stop(shop, r.c, events);
}

int gj_past_to(struct gj_engine *e, struct gj_shop *shop, int64_t at, int64_t seq)
{
    int status = 0;
    for (const struct gj_kept_event *next;
         status == 0 && (next = next_change(shop, at, seq)) != NULL;) {
        status = change(e, shop, next);
    }
    if (status == 0 && shop->past != NULL) { /* the shop's own deadlines have passed as well */
        struct gj_rerun r = past_of(e, shop);
        status = gj_rerun_fire(&r, at);
    }
    return status;
}

int gj_past_judge(struct gj_engine *e, struct gj_shop *shop, const struct gj_event *event,
                  int64_t seq, const gj_verdict **verdict)
{
    struct gj_past past;
    int64_t at = gj_micros(event->time);
    bool differs = false;
    if (at < shop->now && gj_past_differs(e, shop, at, &differs) != 0) {
        return -1;
    }
    int status = differs && gj_past_begin(e, shop, at, &past) != 0 ? -1 : 0;
    status = status == 0 ? gj_past_to(e, shop, at, seq) : status;
    status = status == 0 ? gj_engine_setting(e, shop, at) : status;
    status = status == 0 ? gj_engine_judge(e, shop, event, verdict) : status;
    if (differs) {
        gj_past_end(shop, &past);
    }
    return status;
}

/* ---- the configuration that metrics saw ---- */

static struct gj_then *work_out(struct gj_engine *e, struct gj_shop *shop, int64_t at)
{
    struct gj_then *then = calloc(1, sizeof *then);
    struct gj_past past;
    int64_t seq = e->outcomes.seq;
    if (then == NULL) {
        return NULL;
    }
    int status = gj_past_begin(e, shop, at, &past);
    status = status == 0 ? gj_past_to(e, shop, at, INT64_MAX) : status;
    shop->past = past.outer;
    shop->settled = false;
    shop->setting.shop = NULL;
    e->outcomes.seq = seq;
    *then = (struct gj_then){at, past.c, shop->then};
    shop->then = then;
    return status == 0 ? then : NULL;
}

int gj_past_shop(struct gj_engine *e, struct gj_shop *shop, int64_t at, struct gj_entity **out)
{
    *out = shop->setting.shop;
    if (shop->means_told == GJ_NEVER && gj_told_load(e, shop) != 0) {
        return -1;
    }
    if (shop->means_told <= at) {
        return 0;
    }
    struct gj_then *then = shop->then;
    while (then != NULL && then->at != at) {
        then = then->next;
    }
    then = then == NULL ? work_out(e, shop, at) : then;
    if (then == NULL) {
        return -1;
    }
    *out = gj_case_find(&then->c, e->plan->events->shop_kind, shop->shop_id);
    return 0;
}

void gj_past_forget(struct gj_shop *shop)
{
    while (shop->then != NULL) {
        struct gj_then *then = shop->then;
        shop->then = then->next;
        gj_case_release(&then->c);
        free(then);
    }
}

/* ---- running again ---- */

/* Who watches is told what the case itself goes through. */
static int tell(const struct gj_rerun *r, const struct gj_kept_event *kept,
                const struct gj_event *event, const struct gj_due *due)
{
    struct gj_trace *trace = r->run != NULL ? r->e->trace : NULL;
    return trace == NULL || trace->stepped == NULL ? 0 : trace->stepped(trace, kept, event, due);
}

static int tell_begin(const struct gj_rerun *r, const struct gj_kept_event *kept)
{
    struct gj_trace *trace = r->run != NULL ? r->e->trace : NULL;
    return trace == NULL || trace->begins == NULL ? 0 : trace->begins(trace, kept);
}

static int fire_plain(struct gj_rerun *r, int64_t until)
{
    struct gj_run run = {r->c, &r->shop->setting, &r->e->arena,
                         r->run != NULL ? &r->e->sink : &silent};
    const struct gj_events *events = r->e->plan->events;
    uint32_t of_shops = events->kinds[events->shop_kind].family;
    struct gj_due due;
    int status = gj_engine_setting(r->e, r->shop, until);
    r->e->outcomes.seq = 0;
    while (status == 0 && gj_run_next(&run, &due, NULL) && due.at < until) {
        status = gj_engine_setting(r->e, r->shop, due.at);
        status = status == 0 ? gj_run_fire(&run, &due) : status;
        if (r->e->moving.ripens && r->family == of_shops) {
            r->shop->settled = false;
        }
        status = status == 0 ? tell(r, NULL, NULL, &due) : status;
    }
    return status;
}

int gj_rerun_fire(struct gj_rerun *r, int64_t until)
{
    int status = 0;
    bool itself = r->shop->past != NULL && r->c == &r->shop->past->c;
    for (const struct gj_kept_event *next;
         status == 0 && !itself && (next = next_change(r->shop, until, 0)) != NULL;) {
        status = fire_plain(r, next->at);
        status = status == 0 ? change(r->e, r->shop, next) : status;
    }
    return status == 0 ? fire_plain(r, until) : status;
}

static int run(const struct gj_rerun *r, const struct gj_event *event, const struct gj_view *view,
               int64_t seq, const gj_verdict *verdict)
{
    struct gj_moment moment;
    return r->run != NULL
               ? r->run(r->e, r->shop, r->c, event, view, seq, verdict)
               : gj_engine_happen(r->e, r->shop, r->c, &silent, event, view, seq, verdict, &moment);
}

int gj_rerun_event(struct gj_rerun *r, const struct gj_kept_event *kept)
{
    struct gj_engine *e = r->e;
    struct gj_cloudevent raw;
    struct gj_event event;
    struct gj_view views[GJ_VIEWS_MAX];
    const gj_verdict *verdict = NULL;
    gj_buf_reset(&e->why);
    if (gj_cloudevent_read(r->parser, kept->body, 0, &raw, &e->why) != 0 ||
        gj_event_accept(e->book, &raw, r->parser, &e->arena, &event, &e->why) != 0) {
        /* no longer known to the rulebook; it stays in the log */
        return e->arena.failed || e->why.failed ? -1 : tell(r, kept, NULL, NULL);
    }
    int status = gj_engine_setting(e, r->shop, kept->at);
    status = status == 0 ? gj_engine_judge(e, r->shop, &event, &verdict) : status;
    size_t count = gj_engine_views(e, r->shop, &event, verdict, views);
    status = status == 0 ? tell_begin(r, kept) : status;
    for (size_t i = 0; i < count && status == 0; i++) {
        if (views[i].family == r->family) {
            status = run(r, &event, &views[i], kept->seq, verdict);
            if (status == 0 && r->ruled != NULL && views[i].subject_kind != GJ_NO_INDEX) {
                status = r->ruled(r->context, &event);
            }
        }
    }
    return status == 0 ? tell(r, kept, &event, NULL) : status;
}

int gj_rerun_to(struct gj_rerun *r, const struct gj_history *h, int64_t at, int64_t seq)
{
    int status = 0;
    for (size_t i = 0; i < h->count && status == 0 && before(&h->events[i], at, seq); i++) {
        const struct gj_kept_event *kept = &h->events[i];
        status = gj_rerun_fire(r, kept->at);
        status = status == 0 ? gj_past_to(r->e, r->shop, kept->at, kept->seq) : status;
        status = status == 0 ? gj_rerun_event(r, kept) : status;
    }
    return status == 0 ? gj_rerun_fire(r, at) : status;
}

int gj_engine_as_of(struct gj_engine *e, const struct gj_cached *cached, int64_t at, int64_t seq,
                    struct gj_case *out)
{
    struct gj_history h = {.events = NULL};
    struct gj_past past;
    struct gj_rerun r = {
        .e = e, .shop = cached->shop, .c = out, .family = cached->family, .parser = e->past_parser};
    int64_t outer_seq = e->outcomes.seq;
    struct gj_str outer_cause = e->outcomes.cause;
    int status = gj_history_read(e, cached->id, &h);
    int64_t first = h.count > 0 && h.events[0].at < at ? h.events[0].at : at;
    status = gj_past_begin(e, cached->shop, first, &past) != 0 ? -1 : status;
    status = status == 0 ? gj_rerun_to(&r, &h, at, seq) : status;
    gj_past_end(cached->shop, &past);
    gj_history_release(&h);
    e->outcomes.seq = outer_seq;
    e->outcomes.cause = outer_cause;
    return status;
}
