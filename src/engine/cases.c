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
    shop->metrics_from = shop->means_told = GJ_NEVER;
    shop->recent = calloc(1, sizeof *shop->recent);
    if (shop->flows == NULL || shop->findings == NULL || shop->counters == NULL ||
        shop->metrics == NULL || shop->ladders == NULL || shop->recent == NULL ||
        gj_store_shop(e->store, shop->source, &row) != 0) {
        gj_errors_say(e->errors, "shop %s cannot be opened", text);
        return shop; /* id 0 */
    }
    shop->id = row.id;
    shop->now = shop->recent->since = row.now;
    shop->tick = row.tick;
    int64_t first = 0;
    if (gj_agenda_first(e, shop, &shop->due_first, &first) != 0 ||
        gj_store_entity_case(e->store, row.id,
                             e->plan->events->kinds[e->plan->events->shop_kind].name, shop->shop_id,
                             &shop->config) != 0) {
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
    e->shops[e->shop_count++] = shop; /* it is the engine's to free from here on */
    if (gj_map_put(&e->shop_ids, shop->source, (uint32_t)e->shop_count - 1) != 0) {
        return NULL;
    }
    return shop->id == 0 ? NULL : shop;
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
    struct gj_str name = {"", 0};
    if (config != NULL && m != GJ_MAP_NONE && kind->memories[m].kept != GJ_NO_INDEX &&
        config->memory[kind->memories[m].kept].kind == GJ_V_STRING) {
        name = config->memory[kind->memories[m].kept].as.text;
    }
    if (!gj_str_eq(name, shop->zone_name)) {
        const struct gj_zone *zone = name.len == 0 ? NULL : gj_zone_load(&e->zones, name);
        shop->zone =
            name.len > 0 && zone == NULL ? shop->zone : zone; /* an unknown one: as before */
        shop->zone_name = gj_arena_copy(&e->zones, name);
    }
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
            return -1;
        }
    }
    shop->setting.zone = shop->zone == NULL
                             ? GJ_CHINA_OFFSET_SECONDS
                             : gj_zone_offset(shop->zone, gj_instant_of(now).seconds);
    return 0;
}

struct ids { /* of the cases of a shop */
    int64_t *items;
    size_t count, capacity;
};

static int add_id(struct ids *ids, int64_t id)
{
    int64_t *grown = gj_grow(ids->items, &ids->capacity, ids->count + 1, sizeof *grown);
    if (grown == NULL) {
        return -1;
    }
    ids->items = grown;
    grown[ids->count++] = id;
    return 0;
}

struct rescheduling {
    struct gj_engine *e;
    struct gj_shop *shop;
    struct gj_case c; /* the one at hand */
    struct ids moved;
};

/* Looks at a case beside those in memory: most stay as they were, and are not touched. */
static int look_at_due(void *context, const struct gj_store_case *row)
{
    struct rescheduling *r = context;
    struct gj_run run = {&r->c, &r->shop->setting, &r->e->arena, &r->e->sink};
    struct gj_due due;
    bool bound = false;
    gj_arena_reset(&r->e->arena);
    gj_case_reset(&r->c);
    if (row->body.len > 0 && gj_case_read(&r->c, r->e->case_parser, row->body) != 0) {
        return gj_errors_say(r->e->errors, "case %lld of %s is damaged; run `guiju rebuild`",
                             (long long)row->id, r->shop->source.ptr);
    }
    int64_t at = gj_run_next(&run, &due, &bound) ? due.at : GJ_NEVER;
    bool moved = at != row->due || bound != row->bound ||
                 r->e->listener.told != NULL; /* who listens compares more */
    return moved ? add_id(&r->moved, row->id) : 0;
}

static int reschedule_case(struct gj_engine *e, struct gj_shop *shop, int64_t id)
{
    /* all of a shop's cases may be more than memory is for */
    bool ready = gj_engine_relieve(e) == 0 && gj_engine_setting(e, shop, shop->now) == 0;
    struct gj_cached *cached = ready ? gj_engine_case(e, shop, id) : NULL;
    if (cached == NULL) {
        return -1;
    }
    bool dirty = cached->dirty;
    int status = gj_engine_schedule(e, cached);
    cached->dirty = dirty; /* its body is what it was */
    return status;
}

int gj_engine_reschedule(struct gj_engine *e, struct gj_shop *shop)
{
    struct rescheduling r = {.e = e, .shop = shop};
    gj_case_init(&r.c, e->plan);
    int status = gj_engine_flush(e) != 0 || gj_engine_setting(e, shop, shop->now) != 0
                     ? -1
                     : gj_store_cases_bound(e->store, shop->id, look_at_due, &r);
    for (size_t i = 0; i < r.moved.count && status == 0; i++) {
        status = reschedule_case(e, shop, r.moved.items[i]);
    }
    gj_case_release(&r.c);
    free(r.moved.items);
    return status == 0 ? gj_engine_setting(e, shop, shop->now) : status;
}

/* ---- what a configuration that came late may have changed ---- */

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

static void forget_touched(struct gj_recent *r, int64_t case_id)
{
    for (uint32_t i = 0; i < r->count; i++) {
        if (r->items[i].case_id == case_id) {
            r->items[i] = (struct gj_touched){0, INT64_MIN};
        }
    }
}

static int add_lived(void *context, int64_t case_id)
{
    return add_id(context, case_id);
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The cases that have lived to `at` or past it, the oldest first. */
static int gather_lived(struct gj_engine *e, const struct gj_shop *shop, int64_t at,
                        struct ids *ids)
{
    const struct gj_recent *r = shop->recent;
    int status = 0;
    if (at <= r->since) {
        bool flushed = gj_engine_flush(e) == 0;
        return flushed ? gj_store_cases_lived(e->store, shop->id, at, add_lived, ids) : -1;
    }
    for (uint32_t i = 0; i < r->count && status == 0; i++) {
        if (r->items[i].last_at >= at) {
            status = add_id(ids, r->items[i].case_id);
        }
    }
    if (ids->count > 1) {
        qsort(ids->items, ids->count, sizeof *ids->items, by_number);
    }
    return status;
}

int gj_engine_correct_cases(struct gj_engine *e, struct gj_shop *shop, int64_t at)
{
    struct ids ids = {.items = NULL};
    int status = gather_lived(e, shop, at, &ids);
    for (size_t i = 0; i < ids.count && status == 0; i++) {
        struct gj_cached *cached = NULL;
        if (ids.items[i] == shop->config) {
            continue;
        }
        status = gj_engine_relieve(e) != 0 || gj_engine_setting(e, shop, shop->now) != 0 ||
                         (cached = gj_engine_case(e, shop, ids.items[i])) == NULL
                     ? -1
                     : gj_engine_again(e, cached);
    }
    free(ids.items);
    return status == 0 ? gj_engine_setting(e, shop, shop->now) : status;
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

void gj_cached_open(struct gj_cached *cached, const struct gj_engine *e, struct gj_shop *shop,
                    int64_t id, uint32_t family)
{
    *cached = (struct gj_cached){.id = id, .shop = shop, .family = family, .due = GJ_NEVER};
    gj_case_init(&cached->c, e->plan);
}

/* A place in the cache for a case that is not in it; NULL: out of memory, told. */
static struct gj_cached *cache(struct gj_engine *e, struct gj_shop *shop, int64_t id,
                               uint32_t family)
{
    struct gj_cached **bucket = &e->cache[(uint64_t)id % GJ_CACHE_BUCKETS];
    struct gj_cached *cached = calloc(1, sizeof *cached);
    if (cached == NULL) {
        gj_errors_say(e->errors, "out of memory for a case of %s", shop->source.ptr);
        return NULL;
    }
    gj_cached_open(cached, e, shop, id, family);
    cached->used = e->batch;
    cached->next = *bucket;
    *bucket = cached;
    e->cached++;
    return cached;
}

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

void gj_cached_change(struct gj_engine *e, struct gj_cached *cached)
{
    cached->dirty = true;
    if (!cached->changed) {
        cached->changed = true;
        *e->changed_end = cached;
        e->changed_end = &cached->next_changed;
    }
}

/* What has changed is written, or forgotten. */
static void clear_changed(struct gj_engine *e)
{
    e->changed = NULL;
    e->changed_end = &e->changed;
}

/* Case `id` is new; the store has it when it is flushed. */
static int begin_case(struct gj_engine *e, struct gj_shop *shop, uint32_t family, int64_t id)
{
    struct gj_cached *cached = cache(e, shop, id, family);
    if (cached == NULL) {
        return -1;
    }
    gj_cached_change(e, cached);
    cached->fresh = cached->all_named = true;
    return 0;
}

struct gj_cached *gj_engine_cached(const struct gj_engine *e, int64_t id)
{
    struct gj_cached *c = e->cache[(uint64_t)id % GJ_CACHE_BUCKETS];
    while (c != NULL && c->id != id) {
        c = c->next;
    }
    return c;
}

struct gj_cached *gj_engine_case(struct gj_engine *e, struct gj_shop *shop, int64_t id)
{
    struct gj_cached *known = gj_engine_cached(e, id);
    if (known != NULL) {
        known->used = e->batch;
        return known;
    }
    struct gj_store_case row;
    if (gj_store_case_read(e->store, id, &row) != 0) {
        return NULL;
    }
    struct gj_cached *cached = cache(e, shop, id, family_named(e, row.family));
    if (cached == NULL) {
        return NULL;
    }
    cached->due = row.due;
    cached->bound = row.bound;
    if (gj_links_read(&cached->links, row.links) != 0 ||
        (row.body.len > 0 && gj_case_read(&cached->c, e->case_parser, row.body) != 0)) {
        gj_errors_say(e->errors, "case %lld of %s is damaged; run `guiju rebuild`", (long long)id,
                      shop->source.ptr);
        drop(e, id);
        return NULL;
    }
    return cached;
}

/* Writes what the store has otherwise. When a case is due stands in indexes: they are left alone
 * where that has not changed. */
static int write_case(struct gj_engine *e, struct gj_cached *c)
{
    struct gj_store_case row = {.id = c->id, .shop = c->shop->id, .due = c->due, .bound = c->bound};
    int status = 0;
    if (c->dirty) {
        gj_buf_reset(&e->scratch);
        gj_case_write(&c->c, &e->scratch);
        size_t len = e->scratch.len;
        gj_links_write(&c->links, &e->scratch);
        row.body = (struct gj_str){e->scratch.ptr, len};
        row.links = (struct gj_str){e->scratch.ptr + len, e->scratch.len - len};
        status = e->scratch.failed ? -1 : 0;
    }
    if (status == 0 && c->fresh) {
        row.family = e->plan->events->families[c->family];
        status = gj_store_case_add(e->store, &row);
    } else if (status == 0 && c->dirty) {
        status = c->moved ? gj_store_case_set(e->store, &row) : gj_store_case_body(e->store, &row);
    } else if (status == 0 && c->moved) {
        status = gj_store_case_due(e->store, c->id, c->due, c->bound);
    }
    c->dirty = c->fresh = c->moved = false;
    return status;
}

int gj_engine_flush(struct gj_engine *e)
{
    int status = 0;
    for (struct gj_cached *c = e->changed, *next; c != NULL && status == 0; c = next) {
        next = c->next_changed;
        status = c->dirty || c->moved ? write_case(e, c) : 0;
        c->next_changed = NULL;
        c->changed = false;
    }
    clear_changed(e);
    status = status == 0 ? gj_store_write(e->store) : status;
    for (size_t i = 0; i < e->shop_count && status == 0; i++) {
        struct gj_shop *s = e->shops[i];
        if (s->dirty) {
            struct gj_store_shop row = {s->id, s->source, s->now, s->tick};
            status = gj_store_shop_set(e->store, &row);
            s->dirty = false;
        }
        gj_agenda_clear(s);
    }
    return status;
}

/* Drops the cases used last in batches before `batch`. */
static void evict(struct gj_engine *e, uint64_t batch)
{
    for (size_t b = 0; b < GJ_CACHE_BUCKETS; b++) {
        for (struct gj_cached **at = &e->cache[b]; *at != NULL;) {
            struct gj_cached *c = *at;
            if (c->used >= batch) {
                at = &c->next;
                continue;
            }
            *at = c->next;
            gj_case_release(&c->c);
            free(c);
            e->cached--;
        }
    }
    for (size_t i = 0; i < e->shop_count; i++) {
        e->shops[i]->setting.shop = NULL;
    }
}

int gj_engine_relieve(struct gj_engine *e)
{
    if (e->cached <= GJ_CACHE_MAX) {
        return 0;
    }
    if (gj_engine_flush(e) != 0) {
        return -1;
    }
    evict(e, e->batch);
    if (e->cached > GJ_CACHE_MAX) {
        evict(e, UINT64_MAX);
    }
    e->batch++;
    return 0;
}

void gj_engine_forget(struct gj_engine *e)
{
    gj_engine_forget_marks(e);
    if (e->known != NULL) {
        memset(e->known, 0, GJ_KNOWN_MAX * sizeof *e->known);
    }
    evict(e, UINT64_MAX);
    clear_changed(e);
    for (size_t i = 0; i < e->shop_count; i++) {
        gj_agenda_clear(e->shops[i]);
    }
}

/* ---- which case ---- */

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
    if (*id == 0 &&
        (gj_store_case_number(e->store, id) != 0 || begin_case(e, shop, view->family, *id) != 0 ||
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
    drop(e, from);
    forget_touched(shop->recent, from);
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
        if (begin_case(e, shop, family, fresh) != 0) {
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
