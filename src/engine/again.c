/* Room engine: a case run again from the log. What a late event changes is found by running all
 * events of its case in the order of their times, and booking the differences (see inside.h). */
#include "base/vec.h"
#include "engine/inside.h"

struct rulings { /* that are about the case: what they book depends on what it was then */
    struct gj_engine *e;
    struct gj_shop *shop;
    int64_t *cases;
    size_t count, capacity;
};

static int remember(void *context, const struct gj_event *event)
{
    struct rulings *r = context;
    const struct gj_events *events = r->e->plan->events;
    const struct gj_event_type *type = &events->types[event->type];
    struct gj_str id = event->values[type->refs[0].field].as.text;
    int64_t found = 0;
    if (gj_store_entity_case(r->e->store, r->shop->id, events->kinds[type->about].name, id,
                             &found) != 0) {
        return -1;
    }
    int64_t *grown = gj_grow(r->cases, &r->capacity, r->count + 1, sizeof *grown);
    if (grown == NULL) {
        return gj_errors_say(r->e->errors, "out of memory while a late event was applied");
    }
    r->cases = grown;
    grown[r->count] = found;
    r->count += found != 0;
    return 0;
}

static void leave_out(struct gj_history *h, int64_t seq)
{
    size_t kept = 0;
    for (size_t i = 0; i < h->count; i++) {
        if (h->events[i].seq != seq) {
            h->events[kept++] = h->events[i];
        }
    }
    h->count = kept;
}

/* Runs the events of the case, but the one of number `without` (0: all), into `c`. */
static int run_again(struct gj_engine *e, struct gj_cached *cached, struct gj_case *c,
                     int64_t without, struct rulings *rulings)
{
    struct gj_shop *shop = cached->shop;
    struct gj_history h = {.events = NULL};
    struct gj_past past;
    struct gj_rerun r = {.e = e,
                         .shop = shop,
                         .c = c,
                         .family = cached->family,
                         .parser = e->again_parser,
                         .run = gj_engine_run,
                         .ruled = remember,
                         .context = rulings};
    bool differs = false, itself = cached->id == shop->config;
    int status = gj_history_read(e, cached->id, &h);
    leave_out(&h, without);
    if (status == 0 && h.count > 0 && !itself) {
        status = gj_past_differs(e, shop, h.events[0].at - 1, &differs);
    }
    if (itself) {
        shop->setting.shop = NULL;
        shop->settled = false;
    }
    gj_case_reset(c);
    gj_outcomes_reset(&e->outcomes);
    if (status == 0 && differs) {
        status = gj_past_begin(e, shop, h.events[0].at, &past);
    }
    status = status == 0 ? gj_rerun_to(&r, &h, shop->now, INT64_MAX) : status;
    if (differs) {
        gj_past_end(shop, &past);
    }
    gj_history_release(&h);
    return status == 0 ? gj_engine_setting(e, shop, shop->now) : status;
}

int gj_engine_retell(struct gj_engine *e, struct gj_cached *cached)
{
    struct rulings rulings = {.e = e, .shop = cached->shop};
    bool outer = e->listener.again;
    e->listener.again = true;
    int status = run_again(e, cached, &cached->c, 0, &rulings);
    e->listener.again = outer;
    free(rulings.cases);
    return status;
}

/* ---- what is different now, for who listens ---- */

int gj_engine_note_standings(struct gj_engine *e, const struct gj_case *c)
{
    struct gj_listener *l = &e->listener;
    for (size_t i = 0; i < c->count && l->told != NULL; i++) {
        const struct gj_entity *entity = c->entities[i];
        const struct gj_kind_plan *kind = &e->plan->kinds[entity->kind];
        struct gj_str id = gj_arena_copy(&l->stood_arena, entity->id);
        struct gj_stood *grown = gj_grow(l->stood, &l->stood_capacity,
                                         l->stood_count + kind->flow_count + 1, sizeof *grown);
        if (grown == NULL || id.ptr == NULL) {
            return gj_errors_say(e->errors, "out of memory while a late event was applied");
        }
        l->stood = grown;
        for (size_t f = 0; f < kind->flow_count; f++) {
            grown[l->stood_count++] =
                (struct gj_stood){entity->kind, kind->flows[f], entity->standings[f].state, id};
        }
    }
    return 0;
}

static uint32_t stood_in(const struct gj_listener *l, const struct gj_entity *entity, uint32_t flow)
{
    for (size_t i = 0; i < l->stood_count; i++) {
        const struct gj_stood *s = &l->stood[i];
        if (s->flow == flow && s->kind == entity->kind && gj_str_eq(s->id, entity->id)) {
            return s->state;
        }
    }
    return GJ_NO_INDEX;
}

static void tell_moves(struct gj_engine *e, const struct gj_cached *cached)
{
    for (size_t i = 0; i < cached->c.count; i++) {
        const struct gj_entity *entity = cached->c.entities[i];
        const struct gj_kind_plan *kind = &e->plan->kinds[entity->kind];
        for (size_t f = 0; f < kind->flow_count; f++) {
            const struct gj_standing *now = &entity->standings[f];
            uint32_t from = stood_in(&e->listener, entity, kind->flows[f]);
            if (now->state != GJ_NO_INDEX && now->state != from) {
                struct gj_moved m = {entity->kind, kind->flows[f], from, now->state,
                                     entity->id,   now->entered,   NULL};
                gj_tell_moved(e, cached->shop, &m);
            }
        }
    }
}

struct fired { /* a deadline, in a case that is gone by now */
    struct gj_due due;
    struct gj_entity entity; /* its kind and id */
    bool found;
};

struct fires { /* of one run, from an instant on */
    struct gj_trace trace;
    struct gj_engine *e;
    struct gj_arena arena;
    struct fired *items;
    size_t count, capacity;
    size_t found; /* what was found up to the step before */
};

static int note_fire(struct gj_trace *trace, const struct gj_kept_event *kept,
                     const struct gj_event *event, const struct gj_due *due)
{
    struct fires *f = trace->context;
    size_t found = f->e->outcomes.found_count;
    bool any = found > f->found;
    (void)kept;
    (void)event;
    f->found = found;
    if (due == NULL || due->at < f->e->listener.at) {
        return 0; /* nothing before the late event is different */
    }
    struct fired *grown = gj_grow(f->items, &f->capacity, f->count + 1, sizeof *grown);
    struct gj_str id = gj_arena_copy(&f->arena, due->entity->id);
    if (grown == NULL || id.ptr == NULL) {
        return -1;
    }
    f->items = grown;
    grown[f->count++] = (struct fired){*due, {.kind = due->entity->kind, .id = id}, any};
    return 0;
}

/* Runs the case into `c` and notes the deadlines that fire. */
static int run_watched(struct gj_engine *e, struct gj_cached *cached, struct gj_case *c,
                       int64_t without, struct rulings *rulings, struct fires *f)
{
    bool listens = e->listener.told != NULL && e->trace == NULL;
    *f = (struct fires){.trace = {.context = f, .stepped = note_fire}, .e = e};
    gj_arena_init(&f->arena);
    if (listens) {
        gj_engine_trace(e, &f->trace);
    }
    e->listener.again = true;
    int status = run_again(e, cached, c, without, rulings);
    e->listener.again = false;
    if (listens) {
        gj_engine_trace(e, NULL);
    }
    return status;
}

static void free_fires(struct fires *f)
{
    free(f->items);
    gj_arena_release(&f->arena);
}

static bool fired_in(const struct fires *f, const struct fired *one)
{
    bool there = false;
    for (size_t i = 0; i < f->count && !there; i++) {
        const struct gj_due *a = &f->items[i].due, *b = &one->due;
        there = a->at == b->at && a->flow == b->flow && a->state == b->state &&
                a->deadline == b->deadline && f->items[i].entity.kind == one->entity.kind &&
                gj_str_eq(f->items[i].entity.id, one->entity.id);
    }
    return there;
}

/* Deadlines that fired only because of the event at hand: found by a run without it. */
static int tell_fires(struct gj_engine *e, struct gj_cached *cached, struct fires *now)
{
    struct rulings ignored = {.e = e, .shop = cached->shop};
    struct gj_case was;
    struct fires before;
    if (now->count == 0) {
        return 0;
    }
    gj_case_init(&was, e->plan);
    int status = run_watched(e, cached, &was, e->listener.seq, &ignored, &before);
    for (size_t i = 0; i < now->count && status == 0; i++) {
        now->items[i].due.entity = &now->items[i].entity;
        if (!fired_in(&before, &now->items[i])) {
            gj_tell_fired(e, cached->shop, &now->items[i].due, now->items[i].found);
        }
    }
    free_fires(&before);
    free(ignored.cases);
    gj_case_release(&was);
    return status;
}

/* The rulings on the case, one after the other. Several are run twice: what one that was lifted
 * takes back, one before it that still stands then bears. Not so rulings on rulings, or a chain of
 * them would be run more often with each link. */
static int rule_again(struct gj_engine *e, const struct gj_cached *cached,
                      const struct rulings *rulings)
{
    const struct gj_events *events = e->plan->events;
    struct gj_shop *shop = cached->shop;
    int64_t id = cached->id;
    bool twice =
        rulings->count > 1 && cached->family != events->kinds[events->types[e->ruled].about].family;
    int status = 0;
    for (size_t i = 0; i < rulings->count * (twice ? 2 : 1) && status == 0; i++) {
        int64_t case_id = rulings->cases[i % rulings->count];
        struct gj_cached *ruling = gj_engine_case(e, shop, case_id);
        status = ruling == NULL ? -1 : case_id == id ? 0 : gj_engine_again(e, ruling);
    }
    return status;
}

int gj_engine_again(struct gj_engine *e, struct gj_cached *cached)
{
    struct gj_shop *shop = cached->shop;
    struct rulings rulings = {.e = e, .shop = shop};
    struct fires fires;
    int64_t id = cached->id;
    int status = gj_engine_note_standings(e, &cached->c);
    status = run_watched(e, cached, &cached->c, 0, &rulings, &fires) != 0 || status != 0 ||
                     gj_engine_reconcile(e, shop, id) != 0 || gj_engine_schedule(e, cached) != 0
                 ? -1
                 : 0;
    if (status == 0 && e->listener.told != NULL) {
        tell_moves(e, cached);
        status = tell_fires(e, cached, &fires);
    }
    free_fires(&fires);
    e->listener.stood_count = 0;
    gj_arena_reset(&e->listener.stood_arena);
    status = status == 0 ? rule_again(e, cached, &rulings) : status;
    free(rulings.cases);
    return status;
}
