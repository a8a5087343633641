/* Room engine: deadlines of cases: when the next one is due, and what it brings (see inside.h). */
#include "engine/inside.h"

static int fire(struct gj_engine *e, struct gj_cached *cached, const struct gj_due *due)
{
    struct gj_run run = {&cached->c, &cached->shop->setting, &e->arena, &e->sink};
    gj_outcomes_reset(&e->outcomes);
    e->outcomes.seq = 0;
    if (gj_run_fire(&run, due) != 0) {
        return gj_errors_say(e->errors, "out of memory while a deadline fired");
    }
    if (e->moving.ripens && cached->id == cached->shop->config) {
        cached->shop->settled = false;
    }
    gj_tell_fired(e, cached->shop, due, e->outcomes.found_count > 0);
    return gj_engine_append(e, cached->shop, cached->id);
}

int gj_engine_schedule(struct gj_engine *e, struct gj_cached *cached)
{
    struct gj_run run = {&cached->c, &cached->shop->setting, &e->arena, &e->sink};
    struct gj_shop *shop = cached->shop;
    struct gj_due due;
    bool bound = false, any = gj_run_next(&run, &due, &bound);
    int64_t at = any ? due.at : GJ_NEVER;
    gj_cached_change(e, cached);
    cached->moved |= at != cached->due || bound != cached->bound;
    cached->bound = bound;
    gj_shop_touch(shop, cached->id, cached->c.last_at);
    gj_tell_deadlines(e, cached, &run, any ? &due : NULL);
    if (at == cached->due) {
        return 0;
    }
    int64_t old = cached->due, ignored = 0;
    cached->due = at;
    if (at != GJ_NEVER && gj_agenda_note(shop, at, cached->id) != 0) {
        return -1;
    }
    if (at <= shop->due_first) {
        shop->due_first = at;
    } else if (old == shop->due_first) {
        return gj_agenda_first(e, shop, &shop->due_first, &ignored);
    }
    return 0;
}

int gj_engine_catch_up(struct gj_engine *e, struct gj_cached *cached, int64_t until)
{
    struct gj_run run = {&cached->c, &cached->shop->setting, &e->arena, &e->sink};
    struct gj_due due;
    int status = 0;
    while (status == 0 && gj_run_next(&run, &due, NULL) && due.at < until) {
        status = gj_engine_setting(e, cached->shop, due.at);
        status = status == 0 ? fire(e, cached, &due) : status;
    }
    return status == 0 ? gj_engine_schedule(e, cached) : status;
}

int gj_engine_fire_first(struct gj_engine *e, struct gj_shop *shop)
{
    int64_t at = 0, case_id = 0, expected = shop->due_first;
    if (gj_engine_relieve(e) != 0 || gj_agenda_first(e, shop, &at, &case_id) != 0) {
        return -1;
    }
    shop->due_first = at;
    if (at > expected) {
        return 0; /* that one has gone with a case that became part of another: look again */
    }
    struct gj_cached *cached = at == GJ_NEVER ? NULL : gj_engine_case(e, shop, case_id);
    if (cached == NULL) {
        return at == GJ_NEVER ? 0 : -1;
    }
    gj_arena_reset(&e->arena);
    if (gj_engine_setting(e, shop, at) != 0) {
        return -1;
    }
    struct gj_run run = {&cached->c, &shop->setting, &e->arena, &e->sink};
    struct gj_due due;
    /* what it depends on may have moved it since */
    if (gj_run_next(&run, &due, NULL) && due.at <= at && fire(e, cached, &due) != 0) {
        return -1;
    }
    return gj_engine_schedule(e, cached);
}
