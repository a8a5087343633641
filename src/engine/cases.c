/* Room engine: shops and cases in memory, and which case an event belongs to (see engine.h). */
#include <stdlib.h>

#include "base/vec.h"
#include "engine/engine.h"

/* ---- shops ---- */

static bool *flags(size_t count)
{
    return calloc(count + 1, sizeof(bool));
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
    shop->metrics_from = GJ_NEVER;
    if (shop->flows == NULL || shop->findings == NULL || shop->counters == NULL ||
        shop->metrics == NULL || shop->ladders == NULL ||
        gj_store_shop(e->store, shop->source, &row) != 0) {
        gj_errors_say(e->errors, "shop %s cannot be opened", text);
        return shop; /* id 0 */
    }
    shop->id = row.id;
    shop->now = row.now;
    shop->tick = row.tick;
    int64_t first = 0;
    if (gj_store_due_first(e->store, row.id, &shop->due_first, &first) != 0 ||
        gj_store_entity_case(e->store, row.id,
                             e->plan->events->kinds[e->plan->events->shop_kind].name,
                             shop->shop_id, &shop->config) != 0) {
        shop->id = 0;
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
    if (shop == NULL) {
        return NULL;
    }
    e->shops[e->shop_count] = shop;
    if (gj_map_put(&e->shop_ids, shop->source, (uint32_t)e->shop_count) != 0) {
        return NULL;
    }
    e->shop_count++;
    return shop->id == 0 ? NULL : shop;
}

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

static void find_zone(struct gj_engine *e, struct gj_shop *shop)
{
    const struct gj_kind_plan *kind = &e->plan->kinds[e->plan->events->shop_kind];
    uint32_t m = gj_map_get(&kind->by_name, GJ_STR("zone"));
    const struct gj_entity *config = shop->setting.shop;
    if (config != NULL && m != GJ_MAP_NONE && kind->memories[m].kept != GJ_NO_INDEX &&
        config->memory[kind->memories[m].kept].kind == GJ_V_STRING) {
        const struct gj_zone *zone =
            gj_zone_load(&e->zones, config->memory[kind->memories[m].kept].as.text);
        shop->zone = zone == NULL ? shop->zone : zone;
    }
}

int gj_engine_setting(struct gj_engine *e, struct gj_shop *shop, int64_t now)
{
    struct gj_cached *config = NULL;
    if (shop->config != 0) {
        config = gj_engine_case(e, shop, shop->config);
        if (config == NULL) {
            return -1;
        }
    }
    shop->setting.plan = e->plan;
    shop->setting.platform = shop->platform;
    shop->setting.flows = shop->flows;
    shop->setting.findings = shop->findings;
    shop->setting.counters = shop->counters;
    shop->setting.shop =
        config == NULL ? NULL
                       : gj_case_find(&config->c, e->plan->events->shop_kind, shop->shop_id);
    if (!shop->settled) {
        find_zone(e, shop);
        settle_shop(e, shop, now);
    }
    shop->setting.zone = shop->zone == NULL
                             ? GJ_CHINA_OFFSET_SECONDS
                             : gj_zone_offset(shop->zone, gj_instant_of(now).seconds);
    return 0;
}

int64_t gj_engine_day(const struct gj_shop *shop, int64_t at)
{
    int64_t day = GJ_SECONDS_PER_DAY * GJ_MICROS, local = at + shop->setting.zone * GJ_MICROS;
    return local / day - (local % day < 0);
}

/* ---- cases ---- */

static uint32_t family_named(const struct gj_engine *e, struct gj_str name)
{
    for (uint32_t f = 0; f < e->plan->events->family_count; f++) {
        if (gj_str_eq(e->plan->events->families[f], name)) {
            return f;
        }
    }
    return GJ_NO_INDEX;
}

struct gj_cached *gj_engine_case(struct gj_engine *e, struct gj_shop *shop, int64_t id)
{
    struct gj_cached **bucket = &e->cache[(uint64_t)id % GJ_CACHE_BUCKETS];
    for (struct gj_cached *c = *bucket; c != NULL; c = c->next) {
        if (c->id == id) {
            return c;
        }
    }
    struct gj_cached *cached = calloc(1, sizeof *cached);
    struct gj_str body;
    int64_t due = GJ_NEVER;
    struct gj_str family;
    if (cached == NULL || gj_store_case_read(e->store, id, &due, &family, &body) != 0) {
        free(cached);
        return NULL;
    }
    cached->id = id;
    cached->shop = shop;
    cached->due = due;
    cached->family = family_named(e, family);
    gj_case_init(&cached->c, e->plan);
    if (body.len > 0 && gj_case_read(&cached->c, e->case_parser, body) != 0) {
        gj_errors_say(e->errors, "case %lld of %s is damaged; run `guiju rebuild`", (long long)id,
                      shop->source.ptr);
        gj_case_release(&cached->c);
        free(cached);
        return NULL;
    }
    cached->next = *bucket;
    *bucket = cached;
    e->cached++;
    return cached;
}

int gj_engine_flush(struct gj_engine *e)
{
    int status = 0;
    for (size_t b = 0; b < GJ_CACHE_BUCKETS && status == 0; b++) {
        for (struct gj_cached *c = e->cache[b]; c != NULL && status == 0; c = c->next) {
            if (c->dirty) {
                gj_buf_reset(&e->scratch);
                gj_case_write(&c->c, &e->scratch);
                status = e->scratch.failed
                             ? -1
                             : gj_store_case_write(e->store, c->id, c->due,
                                                   gj_buf_str(&e->scratch));
                c->dirty = false;
            }
        }
    }
    for (size_t i = 0; i < e->shop_count && status == 0; i++) {
        struct gj_shop *s = e->shops[i];
        if (s->dirty) {
            struct gj_store_shop row = {s->id, s->source, s->now, s->tick};
            status = gj_store_shop_set(e->store, &row);
            s->dirty = false;
        }
    }
    return status;
}

void gj_engine_forget(struct gj_engine *e)
{
    for (size_t b = 0; b < GJ_CACHE_BUCKETS; b++) {
        while (e->cache[b] != NULL) {
            struct gj_cached *c = e->cache[b];
            e->cache[b] = c->next;
            gj_case_release(&c->c);
            free(c);
        }
    }
    e->cached = 0;
    for (size_t i = 0; i < e->shop_count; i++) {
        e->shops[i]->setting.shop = NULL;
    }
}

/* ---- which case ---- */

static void drop(struct gj_engine *e, int64_t id)
{
    for (struct gj_cached **at = &e->cache[(uint64_t)id % GJ_CACHE_BUCKETS]; *at != NULL;
         at = &(*at)->next) {
        if ((*at)->id == id) {
            struct gj_cached *gone = *at;
            *at = gone->next;
            gj_case_release(&gone->c);
            free(gone);
            e->cached--;
            return;
        }
    }
}

static int case_of_subject(struct gj_engine *e, struct gj_shop *shop, const struct gj_view *view,
                           int64_t *id)
{
    const struct gj_events *events = e->plan->events;
    struct gj_str kind = events->kinds[view->subject_kind].name;
    if (gj_store_entity_case(e->store, shop->id, kind, view->subject, id) != 0) {
        return -1;
    }
    if (*id == 0 &&
        (gj_store_case_new(e->store, shop->id, events->families[view->family], id) != 0 ||
         gj_store_entity_add(e->store, shop->id, kind, view->subject, *id) != 0)) {
        return -1;
    }
    if (view->subject_kind == events->shop_kind && gj_str_eq(view->subject, shop->shop_id)) {
        shop->config = *id;
    }
    return 0;
}

int gj_engine_case_of(struct gj_engine *e, struct gj_shop *shop, const struct gj_view *view,
                      const struct gj_value *values, int64_t *id, bool *merged)
{
    const struct gj_events *events = e->plan->events;
    const struct gj_event_type *t = &events->types[view->type];
    uint32_t family = view->family;
    struct gj_str names[GJ_KINDS_MAX], kinds[GJ_KINDS_MAX];
    int64_t found[GJ_KINDS_MAX];
    size_t count = 0;
    *id = 0;
    *merged = false;
    if (view->subject_kind != GJ_NO_INDEX) {
        return case_of_subject(e, shop, view, id);
    }
    for (size_t i = 0; i < t->ref_count && count < GJ_KINDS_MAX; i++) {
        uint32_t kind = t->refs[i].kind, field = t->refs[i].field;
        bool shop_itself = field == GJ_NO_INDEX;
        if (events->kinds[kind].family != family ||
            (!shop_itself && values[field].kind != GJ_V_STRING)) {
            continue;
        }
        names[count] = shop_itself ? shop->shop_id : values[field].as.text;
        kinds[count] = events->kinds[kind].name;
        if (gj_store_entity_case(e->store, shop->id, kinds[count], names[count], &found[count]) !=
            0) {
            return -1;
        }
        if (found[count] != 0 && (*id == 0 || found[count] < *id)) {
            *id = found[count];
        }
        count++;
    }
    if (*id == 0 && gj_store_case_new(e->store, shop->id, events->families[family], id) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (found[i] == 0) {
            if (gj_store_entity_add(e->store, shop->id, kinds[i], names[i], *id) != 0) {
                return -1;
            }
        } else if (found[i] != *id) { /* two cases turn out to be one */
            if (gj_engine_flush(e) != 0 || gj_store_case_merge(e->store, *id, found[i]) != 0) {
                return -1;
            }
            drop(e, found[i]);
            for (size_t j = i + 1; j < count; j++) {
                found[j] = found[j] == found[i] ? *id : found[j];
            }
            *merged = true;
        }
    }
    if (t->about == events->shop_kind) {
        shop->config = *id;
    }
    return 0;
}
