/* Room engine: rulings that were lifted (see inside.h). A ruling is seen by two cases: its own,
 * which books, and that of its subject, whose flows it moves. That it was lifted is told to its own
 * alone; the other runs again without it. */
#include "base/vec.h"
#include "engine/inside.h"

/* Reads one event of the log; false: the rulebook no longer knows it. */
static bool read_kept(struct gj_engine *e, const struct gj_kept_event *kept, struct gj_event *out)
{
    struct gj_cloudevent raw;
    gj_buf_reset(&e->why);
    return gj_cloudevent_read(e->lifted_parser, kept->body, 0, &raw, &e->why) == 0 &&
           gj_event_accept(e->book, &raw, e->lifted_parser, &e->arena, out, &e->why) == 0;
}

static int out_of_memory(struct gj_engine *e)
{
    return gj_errors_say(e->errors, "out of memory while a penalty was settled");
}

/* Whether an event of the ruling's case lifts it. What was lifted is not upheld any more. */
static int find_lift(struct gj_engine *e, int64_t case_id, bool *lifted)
{
    struct gj_history h = {.events = NULL};
    int status = gj_history_gather(e, case_id, &h);
    for (size_t i = 0; i < h.count && status == 0 && !*lifted; i++) {
        struct gj_event event;
        bool read = read_kept(e, &h.events[i], &event);
        status = e->arena.failed || e->why.failed ? out_of_memory(e) : 0;
        if (read && event.type == e->settled) {
            struct gj_value outcome = gj_engine_datum(e, &event, GJ_DATUM_OUTCOME);
            *lifted = outcome.kind == GJ_V_STRING && gj_str_is(outcome.as.text, "lifted");
        }
    }
    gj_history_release(&h);
    return status;
}

int gj_ruling_lifted(struct gj_engine *e, const struct gj_shop *shop, const struct gj_event *ruling,
                     bool *lifted)
{
    const struct gj_events *events = e->plan->events;
    const struct gj_event_type *type = &events->types[ruling->type];
    int64_t case_id = 0;
    *lifted = false;
    if (gj_store_entity_case(e->store, shop->id, events->kinds[type->about].name,
                             ruling->values[type->refs[0].field].as.text, &case_id) != 0) {
        return -1;
    }
    return case_id == 0 ? 0 : find_lift(e, case_id, lifted);
}

/* ---- what is to be run again ---- */

int gj_engine_unsettle(struct gj_engine *e, int64_t case_id)
{
    for (size_t i = 0; i < e->unsettled_count; i++) {
        if (e->unsettled[i] == case_id) {
            return 0;
        }
    }
    int64_t *grown =
        gj_grow(e->unsettled, &e->unsettled_capacity, e->unsettled_count + 1, sizeof *grown);
    if (grown == NULL) {
        return out_of_memory(e);
    }
    e->unsettled = grown;
    grown[e->unsettled_count++] = case_id;
    return 0;
}

static bool heeds(const struct gj_flow *flow, uint32_t type)
{
    bool found = false;
    for (size_t i = 0; i < flow->start_count; i++) {
        found |= flow->starts[i].type == type;
    }
    for (size_t s = 0; s < flow->state_count; s++) {
        for (size_t i = 0; i < flow->states[s].handler_count; i++) {
            found |= flow->states[s].handlers[i].type == type;
        }
    }
    return found;
}

/* Whether a flow of the shop's, over some kind of the family, is moved by rulings. A shop's own
 * case may be long: where none is, it is not read. */
static bool is_moved(const struct gj_engine *e, const struct gj_shop *shop, uint32_t family)
{
    bool moved = false;
    for (size_t f = 0; f < e->plan->flow_count; f++) {
        const struct gj_flow *flow = &e->plan->flows[f];
        moved |= shop->flows[f] && e->plan->events->kinds[flow->kind].family == family &&
                 heeds(flow, e->ruled);
    }
    return moved;
}

static int unsettle_subject(struct gj_engine *e, const struct gj_shop *shop,
                            const struct gj_event *event, int64_t ruling)
{
    const struct gj_events *events = e->plan->events;
    uint32_t kind = GJ_NO_INDEX;
    struct gj_str id;
    int64_t case_id = 0;
    if (!gj_view_subject(e, event, &kind, &id)) {
        return 0;
    }
    /* a shop's own case may be long: where no ruling moves it, it is not read */
    uint32_t family = events->kinds[kind].family;
    if (family == events->kinds[events->shop_kind].family && !is_moved(e, shop, family)) {
        return 0;
    }
    if (gj_store_entity_case(e->store, shop->id, events->kinds[kind].name, id, &case_id) != 0) {
        return -1;
    }
    return case_id == 0 || case_id == ruling ? 0 : gj_engine_unsettle(e, case_id);
}

int gj_engine_unsettle_subjects(struct gj_engine *e, const struct gj_shop *shop, int64_t case_id)
{
    struct gj_history h = {.events = NULL};
    int status = gj_history_gather(e, case_id, &h);
    for (size_t i = 0; i < h.count && status == 0; i++) {
        struct gj_event event;
        bool read = read_kept(e, &h.events[i], &event);
        status = e->arena.failed || e->why.failed ? out_of_memory(e) : 0;
        if (read && status == 0 && event.type == e->ruled) {
            status = unsettle_subject(e, shop, &event, case_id);
        }
    }
    gj_history_release(&h);
    return status;
}
