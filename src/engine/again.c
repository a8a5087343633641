/* Room engine: a case run again from the log. What a late event changes is found by running all
 * events of its case in the order of their times, and booking the differences (see engine.h). */
#include "base/vec.h"
#include "engine/engine.h"

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

static int run_again(struct gj_engine *e, struct gj_cached *cached, struct rulings *rulings)
{
    struct gj_shop *shop = cached->shop;
    struct gj_history h = {.events = NULL};
    struct gj_past past;
    struct gj_rerun r = {.e = e,
                         .shop = shop,
                         .c = &cached->c,
                         .family = cached->family,
                         .parser = e->again_parser,
                         .sink = &e->sink,
                         .ruled = remember,
                         .context = rulings};
    bool differs = false, itself = cached->id == shop->config;
    int status = gj_history_read(e, cached->id, &h);
    if (status == 0 && h.count > 0 && !itself) {
        status = gj_past_differs(e, shop, h.events[0].at - 1, &differs);
    }
    if (itself) {
        shop->setting.shop = NULL;
        shop->settled = false;
    }
    gj_case_reset(&cached->c);
    gj_outcomes_reset(&e->outcomes);
    if (status == 0 && differs) {
        status = gj_past_begin(e, shop, &past);
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
    int status = run_again(e, cached, &rulings);
    free(rulings.cases);
    return status;
}

int gj_engine_again(struct gj_engine *e, struct gj_cached *cached)
{
    struct gj_shop *shop = cached->shop;
    struct rulings rulings = {.e = e, .shop = shop};
    int64_t id = cached->id;
    int status = run_again(e, cached, &rulings) != 0 || gj_engine_reconcile(e, shop, id) != 0 ||
                         gj_engine_schedule(e, cached) != 0
                     ? -1
                     : 0;
    for (size_t i = 0; i < rulings.count && status == 0; i++) {
        struct gj_cached *ruling = gj_engine_case(e, shop, rulings.cases[i]);
        status = ruling == NULL ? -1 : rulings.cases[i] == id ? 0 : gj_engine_again(e, ruling);
    }
    free(rulings.cases);
    return status;
}
