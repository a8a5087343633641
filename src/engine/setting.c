/* Room engine: what of the rulebook applies to a shop, its zone and its configuration (see
 * inside.h). */
#include "engine/inside.h"

static void applies(struct gj_scene *scene, const struct gj_heading *head, bool *out)
{
    *out = gj_scene_holds(scene, head->applies);
}

/* What applies is worked out anew when the configuration changes. */
static void settle_shop(struct gj_engine *e, struct gj_shop *shop, int64_t now)
{
    struct gj_run run = {.setting = &shop->setting, .arena = &e->arena};
    struct gj_scene scene;
    gj_scene_set(&scene, &run, NULL, NULL, now);
    for (size_t i = 0; i < e->plan->flow_count; i++) {
        applies(&scene, &e->plan->flows[i].head, &shop->flows[i]);
    }
    for (size_t i = 0; i < e->plan->finding_count; i++) {
        applies(&scene, &e->plan->findings[i].head, &shop->findings[i]);
    }
    for (size_t i = 0; i < e->plan->counter_count; i++) {
        applies(&scene, &e->plan->counters[i].head, &shop->counters[i]);
    }
    for (size_t i = 0; i < e->plan->metric_count; i++) {
        applies(&scene, &e->plan->metrics[i].head, &shop->metrics[i]);
    }
    for (size_t i = 0; i < e->plan->ladder_count; i++) {
        applies(&scene, &e->plan->ladders[i].head, &shop->ladders[i]);
    }
    shop->settled = true;
}

/* The zone of that name, each read once; NULL: China's, also where nobody knows the name. */
static const struct gj_zone *zone_named(struct gj_engine *e, struct gj_str name)
{
    struct gj_clock *known = e->clocks;
    while (known != NULL && !gj_str_eq(known->name, name)) {
        known = known->next;
    }
    if (known != NULL || name.len == 0 || gj_zone_load(&e->arena, name) == NULL) {
        return known == NULL ? NULL : known->zone;
    }
    struct gj_clock *made = gj_arena_alloc(&e->zones, sizeof *made);
    if (made == NULL) {
        return NULL;
    }
    made->name = gj_arena_copy(&e->zones, name);
    made->zone = gj_zone_load(&e->zones, name);
    made->next = e->clocks;
    e->clocks = e->zones.failed ? e->clocks : made;
    return made->zone;
}

static void find_zone(struct gj_engine *e, struct gj_shop *shop)
{
    const struct gj_kind_plan *kind = &e->plan->kinds[e->plan->events->shop_kind];
    uint32_t m = gj_map_get(&kind->by_name, GJ_STR("zone"));
    const struct gj_entity *config = shop->setting.shop;
    struct gj_str name = {"", 0};
    if (config != NULL && m != GJ_MAP_NONE && kind->memories[m].kept != GJ_NO_INDEX &&
        config->memory[kind->memories[m].kept].kind == GJ_V_STRING) {
        name = config->memory[kind->memories[m].kept].as.text;
    }
    shop->zone = zone_named(e, name);
}

int gj_engine_setting(struct gj_engine *e, struct gj_shop *shop, int64_t now)
{
    const struct gj_case *config = NULL;
    if (shop->past != NULL) {
        config = &shop->past->c;
    } else if (shop->config != 0) {
        struct gj_cached *cached = gj_engine_case(e, shop, shop->config);
        if (cached == NULL) {
            return -1;
        }
        config = &cached->c;
    }
    shop->setting.plan = e->plan;
    shop->setting.platform = shop->platform;
    shop->setting.shop_id = shop->shop_id;
    shop->setting.flows = shop->flows;
    shop->setting.findings = shop->findings;
    shop->setting.counters = shop->counters;
    shop->setting.bound = e->moving.flows;
    shop->setting.shop =
        config == NULL ? NULL : gj_case_find(config, e->plan->events->shop_kind, shop->shop_id);
    if (!shop->settled) {
        find_zone(e, shop);
        settle_shop(e, shop, now);
        if (e->arena.failed || e->zones.failed) {
            shop->settled = false;
            return -1;
        }
    }
    shop->setting.zone = shop->zone;
    return 0;
}
