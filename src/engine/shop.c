/* Room engine: shops in memory (see inside.h). */
#include <stdlib.h>

#include "base/vec.h"
#include "engine/inside.h"

static bool *flags(size_t count)
{
    return calloc(count + 1, sizeof(bool));
}

void gj_shop_free(struct gj_shop *shop)
{
    if (shop != NULL) {
        free((void *)(uintptr_t)shop->source.ptr);
        free(shop->flows);
        free(shop->findings);
        free(shop->counters);
        free(shop->metrics);
        free(shop->ladders);
        free(shop->recent);
        gj_agenda_release(shop);
        free(shop);
    }
}

static struct gj_shop *new_shop(struct gj_engine *e, struct gj_str source)
{
    struct gj_shop *shop = calloc(1, sizeof *shop);
    char *text = malloc(source.len * 2 + 4);
    struct gj_store_shop row;
    if (shop == NULL || text == NULL) {
        free(shop);
        free(text);
        gj_errors_say(e->errors, "out of memory for shop %.*s", (int)source.len, source.ptr);
        return NULL;
    }
    memcpy(text, source.ptr, source.len);
    text[source.len] = '\0';
    shop->source = (struct gj_str){text, source.len};
    const char *slash = memchr(text + 1, '/', source.len - 1);
    size_t platform = (size_t)(slash - text) - 1;
    char *copy = text + source.len + 1;
    memcpy(copy, text + 1, platform);
    copy[platform] = '\0';
    shop->platform = (struct gj_str){copy, platform};
    shop->shop_id = (struct gj_str){slash + 1, source.len - platform - 2};
    shop->flows = flags(e->plan->flow_count);
    shop->findings = flags(e->plan->finding_count);
    shop->counters = flags(e->plan->counter_count);
    shop->metrics = flags(e->plan->metric_count);
    shop->ladders = flags(e->plan->ladder_count);
    shop->metrics_from = shop->means_told = GJ_NEVER;
    shop->recent = calloc(1, sizeof *shop->recent);
    if (shop->flows == NULL || shop->findings == NULL || shop->counters == NULL ||
        shop->metrics == NULL || shop->ladders == NULL || shop->recent == NULL ||
        gj_store_shop(e->store, shop->source, &row) != 0) {
        gj_errors_say(e->errors, "shop %s cannot be opened", text);
        gj_shop_free(shop);
        return NULL;
    }
    shop->id = row.id;
    shop->now = shop->recent->since = row.now;
    shop->tick = row.tick;
    int64_t first = 0;
    if (gj_agenda_first(e, shop, &shop->due_first, &first) != 0 ||
        gj_store_entity_case(e->store, row.id,
                             e->plan->events->kinds[e->plan->events->shop_kind].name, shop->shop_id,
                             &shop->config) != 0) {
        gj_shop_free(shop);
        return NULL;
    }
    return shop;
}

struct gj_shop *gj_engine_shop(struct gj_engine *e, struct gj_str source)
{
    uint32_t known = gj_map_get(&e->shop_ids, source);
    if (known != GJ_MAP_NONE) {
        return e->shops[known];
    }
    struct gj_shop **grown =
        gj_grow(e->shops, &e->shop_capacity, e->shop_count + 1, sizeof(struct gj_shop *));
    struct gj_shop *shop = grown == NULL ? NULL : new_shop(e, source);
    e->shops = grown == NULL ? e->shops : grown;
    if (shop == NULL || gj_map_put(&e->shop_ids, shop->source, (uint32_t)e->shop_count) != 0) {
        gj_shop_free(shop);
        return NULL;
    }
    e->shops[e->shop_count++] = shop;
    return shop;
}

struct gj_shop *gj_shop_numbered(const struct gj_engine *e, int64_t id)
{
    for (size_t i = 0; i < e->shop_count; i++) {
        if (e->shops[i]->id == id) {
            return e->shops[i];
        }
    }
    return NULL;
}

static int load_shop(void *context, const struct gj_store_shop *row)
{
    return gj_engine_shop(context, row->source) == NULL ? -1 : 0;
}

int gj_engine_each_shop(struct gj_engine *e)
{
    int status = e->all_shops ? 0 : gj_store_shops(e->store, load_shop, e);
    e->all_shops = status == 0;
    return status;
}

int64_t gj_engine_day(const struct gj_shop *shop, int64_t at)
{
    return gj_zone_day(shop->zone, gj_instant_of(at).seconds);
}

int64_t gj_engine_midnight(const struct gj_shop *shop, int64_t day)
{
    return gj_zone_midnight(shop->zone, day) * GJ_MICROS;
}

int64_t gj_engine_year(const struct gj_shop *shop, int64_t at)
{
    return gj_civil_from_seconds(gj_engine_day(shop, at) * GJ_SECONDS_PER_DAY).year;
}

void gj_shop_metrics_change(struct gj_shop *shop, int64_t from, int64_t to)
{
    bool first = shop->metrics_from == GJ_NEVER;
    shop->metrics_to = first || to > shop->metrics_to ? to : shop->metrics_to;
    shop->metrics_from = from < shop->metrics_from ? from : shop->metrics_from;
}

/* ---- which cases have lived through something ---- */

void gj_shop_touch(struct gj_shop *shop, int64_t case_id, int64_t last_at)
{
    struct gj_recent *r = shop->recent;
    for (uint32_t i = 0; i < r->count; i++) {
        if (r->items[i].case_id == case_id) {
            r->items[i].last_at = last_at;
            return;
        }
    }
    if (r->count < GJ_RECENT_MAX) {
        r->items[r->count++] = (struct gj_touched){case_id, last_at};
        return;
    }
    struct gj_touched *oldest = &r->items[r->next];
    r->since = oldest->last_at > r->since ? oldest->last_at : r->since;
    r->next = (r->next + 1) % GJ_RECENT_MAX;
    *oldest = (struct gj_touched){case_id, last_at};
}

void gj_shop_untouch(struct gj_shop *shop, int64_t case_id)
{
    struct gj_recent *r = shop->recent;
    for (uint32_t i = 0; i < r->count; i++) {
        if (r->items[i].case_id == case_id) {
            r->items[i] = (struct gj_touched){0, INT64_MIN};
        }
    }
}
