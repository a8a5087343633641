/* Room engine: one event into its cases, new or from the log (see inside.h). */
#include "engine/inside.h"

struct taken { /* an event that the log has */
    const struct gj_event *event;
    struct gj_str body;
    int64_t seq;
};

/* What the shop tells of itself is kept in memory too. */
static int note_told(struct gj_shop *shop, const struct taken *t, int64_t at, bool merged)
{
    struct gj_kept_event kept = {.at = at, .seq = t->seq, .late = at < shop->now, .body = t->body};
    if (merged) {
        gj_told_forget(shop);
    }
    return gj_told_add(shop, &kept);
}

static int into_case(struct gj_engine *e, struct gj_shop *shop, const struct taken *t,
                     const struct gj_view *view, const gj_verdict *verdict)
{
    const struct gj_event *event = t->event;
    bool merged = false, differs = false;
    int64_t id = 0, at = gj_micros(event->time), seq = t->seq;
    if (gj_engine_case_of(e, shop, view, event->values, &id, &merged) != 0) {
        return -1;
    }
    if (id == shop->config && e->plan->reactions[event->type].tells_of_shop &&
        note_told(shop, t, at, merged) != 0) {
        return -1;
    }
    struct gj_cached *cached = gj_engine_case(e, shop, id);
    if (cached == NULL || gj_links_add(e, cached, seq) != 0 ||
        gj_engine_setting(e, shop, at) != 0 ||
        (at < shop->now && gj_past_differs(e, shop, at, &differs) != 0)) {
        return -1;
    }
    /* a deadline may have fired at the event's own instant, which it must not have */
    bool outrun = at < cached->c.last_at || (at == cached->c.last_at && at < shop->now);
    /* and what opens a case goes before whatever of that instant came before it */
    outrun |= at == cached->c.last_at && e->plan->events->types[event->type].opens;
    /* a penalty that is lifted, or ruled on once more, takes back what its case has booked: all of
     * it must be at hand */
    bool looks_back =
        view->type == e->settled || ((view->type == e->ruled || view->type == e->notified) &&
                                     view->subject_kind == GJ_NO_INDEX && cached->c.count > 0);
    if (merged || differs || outrun || looks_back) {
        gj_decision_unknown(e);
        int status = gj_engine_again(e, cached);
        return status == 0 && view->type == e->settled ? gj_engine_unsettle_subjects(e, shop, id)
                                                       : status;
    }
    gj_outcomes_reset(&e->outcomes);
    bool told = gj_decision_watch(e, cached);
    int status = gj_engine_run(e, shop, &cached->c, event, view, seq, verdict);
    status = told ? gj_decision_add(e, event, status) : status;
    if (status != 0 || cached->c.arena.failed || gj_engine_append(e, shop, id) != 0) {
        return -1;
    }
    if (at < shop->now) { /* late, but nothing of its case came after it */
        return gj_engine_setting(e, shop, at) != 0 ? -1 : gj_engine_catch_up(e, cached, shop->now);
    }
    return gj_engine_setting(e, shop, at) != 0 ? -1 : gj_engine_schedule(e, cached);
}

static int apply_event(struct gj_engine *e, struct gj_shop *shop, const struct taken *t)
{
    const struct gj_event *event = t->event;
    const gj_verdict *verdict = NULL;
    int64_t at = gj_micros(event->time), seq = t->seq;
    gj_arena_reset(&e->arena);
    if (gj_past_judge(e, shop, event, seq, &verdict) != 0) {
        return -1;
    }
    gj_tell_verdict(e, shop, event, verdict);
    struct gj_view views[GJ_VIEWS_MAX];
    size_t count = gj_engine_views(e, shop, event, verdict, views);
    for (size_t i = 0; i < count; i++) {
        /* a case that ran again has had its other messages judged, where this verdict stood */
        if ((i > 0 && verdict != NULL && gj_past_judge(e, shop, event, seq, &verdict) != 0) ||
            into_case(e, shop, t, &views[i], verdict) != 0) {
            return -1;
        }
    }
    if (at > shop->now) {
        shop->now = at;
        shop->dirty = true;
    }
    return 0;
}

/* What the deadlines of the shop's cases depend on, as text. */
static int describe(struct gj_engine *e, struct gj_shop *shop, struct gj_buf *out)
{
    gj_buf_init(out);
    if (gj_engine_setting(e, shop, shop->now) != 0) {
        return -1;
    }
    gj_buf_add(out, &shop->zone, sizeof shop->zone); /* as a rule the same for ever */
    const struct gj_entity *config = shop->setting.shop;
    uint32_t kept = e->plan->kinds[e->plan->events->shop_kind].kept_count;
    for (uint32_t m = 0; config != NULL && m < kept; m++) {
        if (e->moving.memories[m]) {
            gj_value_json(&config->memory[m], out);
            gj_buf_add_char(out, ' ');
        }
    }
    return out->failed ? -1 : 0;
}

/* The shop tells about itself: other cases may be due at other times now. */
static int apply_config(struct gj_engine *e, struct gj_shop *shop, const struct taken *t)
{
    int64_t at = gj_micros(t->event->time);
    struct gj_buf before, after;
    int status = describe(e, shop, &before);
    gj_buf_init(&after);
    const struct gj_zone *zone = shop->zone;
    if (status == 0) {
        status = apply_event(e, shop, t) != 0 || describe(e, shop, &after) != 0 ? -1 : 0;
    }
    if (status == 0 && shop->zone != zone) {
        gj_engine_wind(shop);
    }
    if (status == 0 && !gj_str_eq(gj_buf_str(&before), gj_buf_str(&after))) {
        status = gj_engine_reschedule(e, shop);
    }
    if (status == 0 && at < shop->now) {
        status = gj_engine_correct_cases(e, shop, at);
        status = status == 0 ? gj_engine_climb_since(e, shop, at) : status;
    }
    gj_buf_release(&before);
    gj_buf_release(&after);
    return status;
}

/* Cases that what has just come out has made doubtful. */
static int run_unsettled(struct gj_engine *e, struct gj_shop *shop)
{
    int status = 0;
    while (e->unsettled_count > 0 && status == 0) {
        struct gj_cached *cached = gj_engine_case(e, shop, e->unsettled[--e->unsettled_count]);
        status = cached == NULL ? -1 : gj_engine_again(e, cached);
    }
    return status;
}

/* Adds the event to the log, unless it is there: `row`. *seq 0: it came before. */
static int note_event(struct gj_engine *e, const struct gj_shop *shop, const struct gj_event *event,
                      struct gj_str body, const struct gj_store_event *row, int64_t *seq)
{
    struct gj_store_event new_row = {.shop = shop->id,
                                     .at = gj_micros(event->time),
                                     .clock = shop->now,
                                     .rulebook = e->rulebook_id,
                                     .id = event->id,
                                     .body = body};
    int status = row == NULL ? gj_store_event_add(e->store, &new_row) : 0;
    *seq = row == NULL ? new_row.seq : row->seq;
    return status;
}

/* Means of the shop's category were told: windows that closed since then may stand otherwise. */
static void note_means(struct gj_shop *shop, int64_t at, bool late)
{
    if (at > shop->means_told) { /* GJ_NEVER stays: nobody has asked yet */
        shop->means_told = at;
    }
    if (late) {
        gj_shop_metrics_change(shop, at, GJ_NEVER);
    }
}

int gj_engine_take(struct gj_engine *e, const struct gj_event *event, struct gj_str body,
                   const struct gj_store_event *row, gj_reception *out)
{
    struct gj_shop *shop = gj_engine_shop(e, event->source);
    int64_t at = gj_micros(event->time), seq = 0;
    if (shop == NULL || note_event(e, shop, event, body, row, &seq) != 0) {
        return -1;
    }
    if (seq == 0) {
        out->status = GJ_DUPLICATE;
        return 0;
    }
    if (row != NULL && row->clock > shop->now && /* time had passed without events */
        gj_engine_advance_shop(e, shop, row->clock) != 0) {
        return -1;
    }
    out->status = GJ_APPLIED;
    out->late = shop->now != INT64_MIN && at < shop->now;
    bool config = e->plan->reactions[event->type].tells_of_shop;
    if (!out->late && gj_engine_advance_shop(e, shop, at) != 0) {
        return -1;
    }
    if (e->plan->reactions[event->type].tells_means) {
        note_means(shop, at, out->late);
    }
    struct taken taken = {event, body, seq};
    e->listener.shop = shop;
    e->listener.event = event->id;
    e->listener.at = at;
    e->listener.seq = seq;
    if ((config ? apply_config(e, shop, &taken) : apply_event(e, shop, &taken)) != 0 ||
        run_unsettled(e, shop) != 0) {
        return -1;
    }
    e->listener.event = GJ_STR("");
    if (row != NULL && row->looked && gj_engine_recheck(e, shop) != 0) {
        return -1;
    }
    return e->arena.failed || e->event_arena.failed ? -1 : 0;
}
