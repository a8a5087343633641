/* Room engine: an event happens to a case: its flows move, find and count (see inside.h). What else
 * an event brings is apply.c. */
#include "engine/inside.h"

/* The rules that block the message, each once. */
static size_t blocked_by(const gj_verdict *verdict, struct gj_str *rules, size_t most)
{
    size_t count = 0;
    for (size_t i = 0; verdict != NULL && i < verdict->hit_count && count < most; i++) {
        if (verdict->hits[i].suggestion == GJ_BLOCK) {
            rules[count++] = gj_str_of(verdict->hits[i].rule);
        }
    }
    return count;
}

int gj_engine_happen(struct gj_engine *e, struct gj_shop *shop, struct gj_case *c,
                     const struct gj_sink *sink, const struct gj_event *event,
                     const struct gj_view *view, int64_t seq, const gj_verdict *verdict,
                     struct gj_moment *out)
{
    struct gj_run run = {c, &shop->setting, &e->arena, sink};
    out->happening =
        (struct gj_happening){.type = view->type,
                              .at = gj_micros(event->time),
                              .values = event->values,
                              .shop = shop->shop_id,
                              .blocked = out->blocked,
                              .blocked_count = blocked_by(verdict, out->blocked, GJ_BLOCKED_MAX),
                              .subject_kind = view->subject_kind,
                              .subject = view->subject};
    e->outcomes.seq = seq;
    e->outcomes.cause = event->id;
    bool lifted = false;
    if (view->subject_kind != GJ_NO_INDEX && gj_ruling_lifted(e, shop, event, &lifted) != 0) {
        return -1;
    }
    if (lifted) { /* its subject is known by it all the same, and it has been lived through */
        int64_t at = out->happening.at;
        c->last_at = at > c->last_at ? at : c->last_at;
        return gj_case_entity(c, view->subject_kind, view->subject) == NULL ? -1 : 0;
    }
    if (gj_run_event(&run, &out->happening) != 0) {
        return gj_errors_say(e->errors, "out of memory while applying event %.*s",
                             (int)event->id.len, event->id.ptr);
    }
    bool own = view->type == event->type && view->subject_kind == GJ_NO_INDEX;
    if ((own || e->moving.ripens) &&
        view->family == e->plan->events->kinds[e->plan->events->shop_kind].family) {
        shop->settled = false;
    }
    return 0;
}
