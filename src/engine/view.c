/* Room engine: as what an event is seen: its own type, types derived from it, the subject of a
 * ruling (see inside.h). */
#include "engine/inside.h"

struct gj_value gj_engine_datum(const struct gj_engine *e, const struct gj_event *event,
                                enum gj_datum which)
{
    struct gj_value unknown = {.kind = GJ_V_UNKNOWN};
    uint32_t field = e->plan->reactions[event->type].data[which];
    return field == GJ_NO_INDEX ? unknown : event->values[field];
}

/* "subject": {kind, id} of a ruling; false: it has none. */
bool gj_view_subject(const struct gj_engine *e, const struct gj_event *event, uint32_t *kind,
                     struct gj_str *id)
{
    struct gj_value subject = gj_engine_datum(e, event, GJ_DATUM_SUBJECT);
    *kind = GJ_MAP_NONE;
    *id = GJ_STR("");
    for (uint32_t i = 0; subject.kind == GJ_V_MAP && i < subject.count; i++) {
        struct gj_entry entry = subject.as.entries[i];
        if (entry.value.kind == GJ_V_STRING && gj_str_is(entry.key.as.text, "kind")) {
            *kind = gj_map_get(&e->plan->events->kind_ids, entry.value.as.text);
        } else if (entry.value.kind == GJ_V_STRING && gj_str_is(entry.key.as.text, "id")) {
            *id = entry.value.as.text;
        }
    }
    return *kind != GJ_MAP_NONE && id->len > 0;
}

/* Whether some flow of the shop's is over entities of that kind. */
static bool watched(const struct gj_engine *e, const struct gj_shop *shop, uint32_t kind)
{
    const struct gj_kind_plan *plan = &e->plan->kinds[kind];
    for (size_t i = 0; i < plan->flow_count; i++) {
        if (shop->flows[plan->flows[i]]) {
            return true;
        }
    }
    return false;
}

/* Whether a derived type is made of an event. Of each message only where somebody looks at it: a
 * case more for every message is dear. */
static bool is_made(const struct gj_engine *e, const struct gj_shop *shop, uint32_t derived,
                    bool blocked)
{
    const struct gj_event_type *type = &e->plan->events->types[derived];
    return type->every ? watched(e, shop, type->about)
                       : blocked || !e->plan->events->types[type->of].judged;
}

size_t gj_engine_views(const struct gj_engine *e, const struct gj_shop *shop,
                       const struct gj_event *event, const gj_verdict *verdict,
                       struct gj_view views[GJ_VIEWS_MAX])
{
    const struct gj_events *events = e->plan->events;
    bool blocked = verdict != NULL && verdict->suggestion == GJ_BLOCK;
    uint32_t own = events->kinds[events->types[event->type].about].family;
    size_t count = 0;
    views[count++] = (struct gj_view){event->type, own, GJ_NO_INDEX, {"", 0}};
    const struct gj_reaction *r = &e->plan->reactions[event->type];
    for (size_t i = 0; i < r->derived_count && count + 1 < GJ_VIEWS_MAX; i++) {
        if (!is_made(e, shop, r->derived[i], blocked)) {
            continue;
        }
        uint32_t family = events->kinds[events->types[r->derived[i]].about].family;
        views[count++] = (struct gj_view){r->derived[i], family, GJ_NO_INDEX, {"", 0}};
    }
    uint32_t kind = GJ_NO_INDEX;
    struct gj_str id;
    if (gj_view_subject(e, event, &kind, &id) && events->kinds[kind].family != own) {
        views[count++] = (struct gj_view){event->type, events->kinds[kind].family, kind, id};
    }
    return count;
}
