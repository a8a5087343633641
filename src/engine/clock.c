/* Room engine: what the passing of time brings: deadlines, midnights with their metrics, the reset
 * of ladders (see inside.h). */
#include "engine/inside.h"

static int64_t midnight_after(const struct gj_shop *shop, int64_t at)
{
    return gj_engine_midnight(shop, gj_engine_day(shop, at) + 1);
}

void gj_engine_wind(struct gj_shop *shop)
{
    if (shop->tick != GJ_NEVER) {
        shop->tick = midnight_after(shop, shop->now - 1);
        shop->dirty = true;
    }
}

static int pass_midnight(struct gj_engine *e, struct gj_shop *shop)
{
    int64_t midnight = shop->tick;
    gj_arena_reset(&e->arena);
    if (gj_engine_recheck(e, shop) != 0 || gj_engine_setting(e, shop, midnight) != 0 ||
        gj_engine_look_at_metrics(e, shop, midnight, false) != 0) {
        return -1;
    }
    int64_t year = gj_engine_year(shop, midnight - 1);
    shop->tick = midnight_after(shop, midnight);
    shop->dirty = true;
    return gj_engine_year(shop, midnight) > year ? gj_engine_reset_ladders(e, shop, year) : 0;
}

int gj_engine_recheck(struct gj_engine *e, struct gj_shop *shop)
{
    int64_t from = shop->metrics_from;
    struct gj_past past;
    bool differs = false;
    shop->metrics_from = GJ_NEVER;
    if (from == GJ_NEVER || shop->tick == GJ_NEVER ||
        midnight_after(shop, from - 1) >= shop->tick) {
        return 0;
    }
    int64_t midnight = midnight_after(shop, from - 1), last = GJ_NEVER;
    if (shop->metrics_to != GJ_NEVER) {
        last = midnight_after(shop, shop->metrics_to) + gj_engine_reach(e);
    }
    int status = gj_engine_setting(e, shop, shop->now);
    status = status == 0 ? gj_past_differs(e, shop, midnight, &differs) : status;
    if (status == 0 && differs) {
        status = gj_past_begin(e, shop, midnight, &past);
    }
    for (; midnight < shop->tick && midnight <= last && status == 0;
         midnight = midnight_after(shop, midnight)) {
        gj_arena_reset(&e->arena);
        status = gj_past_to(e, shop, midnight, INT64_MAX) != 0 ||
                         gj_engine_setting(e, shop, midnight) != 0
                     ? -1
                     : gj_engine_look_at_metrics(e, shop, midnight, true);
    }
    if (differs) {
        gj_past_end(shop, &past);
    }
    return status == 0 && shop->now != INT64_MIN ? gj_engine_setting(e, shop, shop->now) : status;
}

int gj_engine_advance_shop(struct gj_engine *e, struct gj_shop *shop, int64_t until)
{
    int status = gj_engine_setting(e, shop, shop->now == INT64_MIN ? until : shop->now);
    e->listener.shop = shop;
    if (status == 0 && shop->tick == GJ_NEVER && until != GJ_NEVER) {
        shop->tick = midnight_after(shop, shop->now == INT64_MIN ? until : shop->now);
        shop->dirty = true;
    }
    while (status == 0 && (shop->due_first < until || shop->tick < until)) {
        status =
            shop->due_first <= shop->tick ? gj_engine_fire_first(e, shop) : pass_midnight(e, shop);
    }
    if (status == 0 && until > shop->now) {
        shop->now = until;
        shop->dirty = true;
    }
    return status;
}
