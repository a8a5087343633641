/* Room engine: which case an event belongs to (see inside.h). */

#include "engine/inside.h"

static struct gj_known *place_of(const struct gj_engine *e, const struct gj_shop *shop,
                                 uint32_t kind, struct gj_str id)
{
    uint64_t hash = gj_str_hash(id) ^ ((uint64_t)shop->id * 31 + kind) * UINT64_C(0x9E3779B1);
    return &e->known[(hash ^ hash >> 29) % GJ_KNOWN_MAX];
}

static void know(struct gj_engine *e, const struct gj_shop *shop, uint32_t kind, struct gj_str id,
                 int64_t case_id)
{
    struct gj_known *place = place_of(e, shop, kind, id);
    if (id.len <= sizeof place->id) {
        *place = (struct gj_known){
            .shop = shop->id, .case_id = case_id, .kind = kind, .len = (uint8_t)id.len};
        memcpy(place->id, id.ptr, id.len);
    }
}

int64_t gj_engine_known_case(const struct gj_engine *e, const struct gj_shop *shop, uint32_t kind,
                             struct gj_str id)
{
    const struct gj_known *place = place_of(e, shop, kind, id);
    return place->shop == shop->id && place->kind == kind && place->len == id.len &&
                   id.len <= sizeof place->id && memcmp(place->id, id.ptr, id.len) == 0
               ? place->case_id
               : 0;
}

static int case_of_subject(struct gj_engine *e, struct gj_shop *shop, const struct gj_view *view,
                           int64_t *id)
{
    const struct gj_events *events = e->plan->events;
    struct gj_str kind = events->kinds[view->subject_kind].name;
    if (gj_store_entity_case(e->store, shop->id, kind, view->subject, id) != 0) {
        return -1;
    }
    if (*id == 0 && (gj_store_case_number(e->store, id) != 0 ||
                     gj_engine_case_begin(e, shop, view->family, *id) != 0 ||
                     gj_store_entity_add(e->store, shop->id, kind, view->subject, *id) != 0)) {
        return -1;
    }
    if (view->subject_kind == events->shop_kind && gj_str_eq(view->subject, shop->shop_id)) {
        shop->config = *id;
    }
    return 0;
}

struct named { /* an entity of the family that an event names */
    uint32_t kind;
    struct gj_str id;
    int64_t found; /* its case; 0: none, or not known yet */
};

static size_t name_entities(const struct gj_engine *e, const struct gj_shop *shop,
                            const struct gj_view *view, const struct gj_value *values,
                            struct named named[GJ_KINDS_MAX])
{
    const struct gj_events *events = e->plan->events;
    const struct gj_event_type *t = &events->types[view->type];
    size_t count = 0;
    for (size_t i = 0; i < t->ref_count && count < GJ_KINDS_MAX; i++) {
        uint32_t kind = t->refs[i].kind, field = t->refs[i].field;
        bool shop_itself = field == GJ_NO_INDEX;
        if (events->kinds[kind].family == view->family &&
            (shop_itself || values[field].kind == GJ_V_STRING)) {
            struct gj_str id = shop_itself ? shop->shop_id : values[field].as.text;
            named[count++] = (struct named){kind, id, gj_engine_known_case(e, shop, kind, id)};
        }
    }
    return count;
}

/* Where the entities that are remembered agree on a case, the others are new, or of that case too,
 * as a rule: they are offered to it. *id 0: the store must be asked about all. */
static int join_known(struct gj_engine *e, struct gj_shop *shop, struct named *named, size_t count,
                      int64_t *id)
{
    int64_t at = 0;
    for (size_t i = 0; i < count; i++) {
        if (named[i].found != 0 && at != 0 && named[i].found != at) {
            return 0;
        }
        at = named[i].found != 0 ? named[i].found : at;
    }
    for (size_t i = 0; i < count && at != 0; i++) {
        bool added = false;
        struct gj_str kind = e->plan->events->kinds[named[i].kind].name;
        if (named[i].found != 0) {
            continue;
        }
        if (gj_store_entity_offer(e->store, shop->id, kind, named[i].id, at, &added) != 0) {
            return -1;
        }
        if (!added) {
            return 0;
        }
        know(e, shop, named[i].kind, named[i].id, at);
    }
    *id = at;
    return 0;
}

/* Two cases turn out to be one. */
static int merge(struct gj_engine *e, struct gj_shop *shop, int64_t into, int64_t from)
{
    struct gj_cached *one = gj_engine_case(e, shop, into), *other = gj_engine_case(e, shop, from);
    if (one == NULL || other == NULL ||
        (e->listener.told != NULL && gj_engine_note_standings(e, &other->c) != 0)) {
        return -1;
    }
    if (gj_links_spill(e, one) != 0 || gj_links_spill(e, other) != 0 || gj_engine_flush(e) != 0 ||
        gj_store_case_merge(e->store, into, from) != 0) {
        return -1;
    }
    one->all_named = false;
    gj_cached_drop(e, from);
    gj_shop_untouch(shop, from);
    memset(e->known, 0, GJ_KNOWN_MAX * sizeof *e->known);
    return 0;
}

/* Offers the entities to case `fresh`, or, from the first on that has a case, to that: what is new
 * then needs no question of its own. `found` is 0 for those that are in `fresh` now, and of the
 * others their case; *id: the oldest of these, 0: all are new. */
static int offer_all(struct gj_engine *e, const struct gj_shop *shop, struct named *named,
                     size_t count, int64_t fresh, int64_t *id)
{
    for (size_t i = 0; i < count; i++) {
        struct gj_str kind = e->plan->events->kinds[named[i].kind].name;
        bool added = false;
        if (gj_store_entity_offer(e->store, shop->id, kind, named[i].id, *id != 0 ? *id : fresh,
                                  &added) != 0) {
            return -1;
        }
        named[i].found = *id;
        if (!added &&
            gj_store_entity_case(e->store, shop->id, kind, named[i].id, &named[i].found) != 0) {
            return -1;
        }
        if (named[i].found != 0 && named[i].found != fresh && (*id == 0 || named[i].found < *id)) {
            *id = named[i].found;
        }
    }
    return 0;
}

/* Asks the store; a new case is made, several are merged into the oldest. */
static int join_stored(struct gj_engine *e, struct gj_shop *shop, uint32_t family,
                       struct named *named, size_t count, int64_t *id, bool *merged)
{
    int64_t fresh = 0;
    if (gj_store_case_number(e->store, &fresh) != 0 ||
        offer_all(e, shop, named, count, fresh, id) != 0) {
        return -1;
    }
    if (*id == 0) {
        *id = fresh;
        if (gj_engine_case_begin(e, shop, family, fresh) != 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < count; i++) {
        int64_t found = named[i].found;
        bool elsewhere = found == 0 && *id != fresh;
        if (elsewhere &&
            gj_store_entity_move(e->store, shop->id, e->plan->events->kinds[named[i].kind].name,
                                 named[i].id, *id) != 0) {
            return -1;
        }
        if (found != 0 && found != *id && found != fresh) {
            if (merge(e, shop, *id, found) != 0) {
                return -1;
            }
            for (size_t j = i + 1; j < count; j++) {
                named[j].found = named[j].found == found ? *id : named[j].found;
            }
            *merged = true;
        }
    }
    for (size_t i = 0; i < count; i++) {
        know(e, shop, named[i].kind, named[i].id, *id);
    }
    return 0;
}

int gj_engine_case_of(struct gj_engine *e, struct gj_shop *shop, const struct gj_view *view,
                      const struct gj_value *values, int64_t *id, bool *merged)
{
    struct named named[GJ_KINDS_MAX];
    *id = 0;
    *merged = false;
    if (view->subject_kind != GJ_NO_INDEX) {
        return case_of_subject(e, shop, view, id);
    }
    size_t count = name_entities(e, shop, view, values, named);
    if (join_known(e, shop, named, count, id) != 0 ||
        (*id == 0 && join_stored(e, shop, view->family, named, count, id, merged) != 0)) {
        return -1;
    }
    if (e->plan->events->types[view->type].about == e->plan->events->shop_kind) {
        shop->config = *id;
    }
    return 0;
}
