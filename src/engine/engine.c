/* Room engine: events in, batches, feeds (see engine.h; the functions are those of guiju.h). */
#include <sodium.h>
#include <stdlib.h>

#include "base/vec.h"
#include "engine/engine.h"

/* ---- the sink: what flows tell ---- */

static int found(void *context, struct gj_scene *scene, uint32_t finding,
                 const struct gj_entity *about, const struct gj_cause *cause)
{
    struct gj_engine *e = context;
    return gj_outcomes_found(&e->outcomes, scene, finding, about, cause);
}

static int counted(void *context, struct gj_scene *scene, uint32_t counter)
{
    struct gj_engine *e = context;
    return gj_outcomes_mark(&e->outcomes, scene, counter);
}

static int moved(void *context, const struct gj_scene *scene, const struct gj_entity *entity,
                 uint32_t flow, uint32_t from, const struct gj_cause *cause)
{
    struct gj_trace *trace = ((struct gj_engine *)context)->trace;
    return trace->moved(trace, scene, entity, flow, from, cause);
}

void gj_engine_trace(struct gj_engine *e, struct gj_trace *trace)
{
    e->trace = trace;
    e->sink.moved = trace == NULL || trace->moved == NULL ? NULL : moved;
}

/* ---- opening ---- */

static uint32_t type_named(const struct gj_engine *e, const char *name)
{
    uint32_t type = gj_map_get(&e->plan->events->type_ids, gj_str_of(name));
    return type == GJ_MAP_NONE ? GJ_NO_INDEX : type;
}

static int open_parts(struct gj_engine *e, const char *path)
{
    e->plan = gj_book_plan(e->book, e->errors);
    if (e->plan == NULL) {
        return GJ_EBOOK;
    }
    if (e->plan->events->type_count == 0) {
        gj_errors_say(e->errors, "the rulebook declares no events; add events.yaml");
        return GJ_EBOOK;
    }
    e->checker = gj_checker_new(e->rulebook, e->errors);
    e->event_parser = gj_json_parser_new();
    e->case_parser = gj_json_parser_new();
    e->again_parser = gj_json_parser_new();
    if (e->checker == NULL || e->event_parser == NULL || e->case_parser == NULL ||
        e->again_parser == NULL) {
        gj_errors_say(e->errors, "out of memory while opening the engine");
        return GJ_ESYSTEM;
    }
    e->store = gj_store_open(path, e->errors);
    e->ruled = type_named(e, "finding.ruled");
    e->notified = type_named(e, "penalty.notified");
    e->settled = type_named(e, "penalty.settled");
    if (e->store == NULL || gj_store_begin(e->store) != 0 ||
        gj_store_rulebook(e->store, gj_str_of(e->book->hash), &e->rulebook_id) != 0 ||
        gj_store_commit(e->store) != 0) {
        return GJ_ESYSTEM;
    }
    return GJ_OK;
}

gj_engine *gj_engine_open(const gj_rulebook *rulebook, const char *path, gj_errors *errors)
{
    struct gj_engine *e = calloc(1, sizeof *e);
    if (e == NULL || sodium_init() < 0) {
        free(e);
        gj_errors_say(errors, "out of memory while opening the engine");
        return NULL;
    }
    e->rulebook = rulebook;
    e->book = rulebook->book;
    e->errors = errors;
    e->sink = (struct gj_sink){e, found, counted, NULL};
    gj_arena_init(&e->arena);
    gj_arena_init(&e->event_arena);
    gj_arena_init(&e->zones);
    gj_outcomes_init(&e->outcomes);
    gj_buf_init(&e->scratch);
    gj_buf_init(&e->why);
    gj_map_init(&e->shop_ids);
    gj_map_init(&e->stranger_ids);
    gj_arena_init(&e->stranger_arena);
    if (open_parts(e, path) != GJ_OK) {
        gj_engine_close(e);
        return NULL;
    }
    return e;
}

static void free_shops(struct gj_engine *e)
{
    for (size_t i = 0; i < e->shop_count; i++) {
        struct gj_shop *s = e->shops[i];
        free((void *)(uintptr_t)s->source.ptr);
        free(s->flows);
        free(s->findings);
        free(s->counters);
        free(s->metrics);
        free(s->ladders);
        free(s);
    }
    e->shop_count = 0;
}

void gj_engine_close(gj_engine *e)
{
    if (e == NULL) {
        return;
    }
    gj_engine_forget(e);
    gj_store_close(e->store);
    free_shops(e);
    free(e->shops);
    gj_map_release(&e->shop_ids);
    gj_checker_free(e->checker);
    gj_json_parser_free(e->event_parser);
    gj_json_parser_free(e->case_parser);
    gj_json_parser_free(e->again_parser);
    gj_outcomes_release(&e->outcomes);
    gj_buf_release(&e->scratch);
    gj_buf_release(&e->why);
    gj_arena_release(&e->arena);
    gj_arena_release(&e->event_arena);
    gj_arena_release(&e->zones);
    gj_map_release(&e->stranger_ids);
    gj_arena_release(&e->stranger_arena);
    free(e->strangers);
    free(e);
}

int gj_engine_restart(struct gj_engine *e)
{
    gj_engine_forget(e);
    free_shops(e);
    gj_map_release(&e->shop_ids);
    gj_map_init(&e->shop_ids);
    gj_store_close(e->store);
    e->in_batch = e->broken = false;
    e->store = gj_store_open(NULL, e->errors);
    return e->store == NULL ? -1 : 0;
}

/* ---- batches ---- */

int gj_engine_begin(struct gj_engine *e)
{
    if (e->broken) {
        return gj_errors_say(e->errors, "the engine has failed before; open the database anew");
    }
    if (!e->in_batch && gj_store_begin(e->store) != 0) {
        return -1;
    }
    e->in_batch = true;
    return 0;
}

void gj_engine_abort(struct gj_engine *e)
{
    gj_store_rollback(e->store);
    e->in_batch = false;
    e->broken = true;
}

int gj_engine_commit(gj_engine *e)
{
    if (!e->in_batch) {
        return GJ_OK;
    }
    int status = 0;
    for (size_t i = 0; i < e->shop_count && status == 0; i++) {
        status = gj_engine_recheck(e, e->shops[i]);
    }
    if (status != 0 || gj_engine_flush(e) != 0 || gj_store_commit(e->store) != 0) {
        gj_store_rollback(e->store);
        e->broken = true;
        return GJ_ESYSTEM;
    }
    e->in_batch = false;
    e->pending = 0;
    if (e->cached > GJ_CACHE_MAX) {
        gj_engine_forget(e);
    }
    return GJ_OK;
}

/* ---- one event ---- */

static int into_case(struct gj_engine *e, struct gj_shop *shop, const struct gj_event *event,
                     const struct gj_view *view, int64_t seq, const gj_verdict *verdict)
{
    bool merged = false;
    int64_t id = 0, at = gj_micros(event->time);
    if (gj_engine_case_of(e, shop, view, event->values, &id, &merged) != 0 ||
        gj_store_case_link(e->store, id, seq) != 0) {
        return -1;
    }
    struct gj_cached *cached = gj_engine_case(e, shop, id);
    if (cached == NULL || gj_engine_setting(e, shop, at) != 0) {
        return -1;
    }
    /* a penalty that is lifted takes back what its case has booked: all of it must be at hand */
    if (merged || at < cached->c.last_at || view->type == e->settled) {
        return gj_engine_again(e, cached);
    }
    gj_outcomes_reset(&e->outcomes);
    if (gj_engine_run(e, cached, event, view, seq, verdict) != 0 ||
        gj_engine_append(e, shop, id) != 0) {
        return -1;
    }
    if (at < shop->now) { /* late, but nothing of its case came after it */
        return gj_engine_setting(e, shop, at) != 0 ? -1 : gj_engine_catch_up(e, cached, shop->now);
    }
    return gj_engine_setting(e, shop, at) != 0 ? -1 : gj_engine_schedule(e, cached);
}

static int apply_event(struct gj_engine *e, struct gj_shop *shop, const struct gj_event *event,
                       int64_t seq)
{
    const gj_verdict *verdict = NULL;
    int64_t at = gj_micros(event->time);
    gj_arena_reset(&e->arena);
    if (gj_engine_setting(e, shop, at) != 0 || gj_engine_judge(e, shop, event, &verdict) != 0) {
        return -1;
    }
    struct gj_view views[GJ_VIEWS_MAX];
    size_t count = gj_engine_views(e, event, verdict, views);
    for (size_t i = 0; i < count; i++) {
        if (into_case(e, shop, event, &views[i], seq, verdict) != 0) {
            return -1;
        }
    }
    if (at > shop->now) {
        shop->now = at;
        shop->dirty = true;
    }
    return 0;
}

/* Applies an event that the log already has, or adds it to the log first (seq 0). */
static int take(struct gj_engine *e, const struct gj_event *event, struct gj_str body, int64_t seq,
                gj_reception *out)
{
    struct gj_shop *shop = gj_engine_shop(e, event->source);
    int64_t at = gj_micros(event->time), known = 0;
    if (shop == NULL) {
        return -1;
    }
    if (seq == 0 && gj_store_event_find(e->store, shop->id, event->id, &known) != 0) {
        return -1;
    }
    if (known != 0) {
        out->status = GJ_DUPLICATE;
        return 0;
    }
    out->status = GJ_APPLIED;
    out->late = shop->now != INT64_MIN && at < shop->now;
    if (!out->late && gj_engine_advance_shop(e, shop, at) != 0) {
        return -1;
    }
    if (seq == 0 && gj_store_event_add(e->store, shop->id, event->id, at, e->rulebook_id,
                                       out->late, body, &seq) != 0) {
        return -1;
    }
    return apply_event(e, shop, event, seq);
}

/* Fields that the contract does not have are kept in the log; each is told once. */
static void note_strangers(struct gj_engine *e, const struct gj_event *event)
{
    for (size_t i = 0; i < event->unknown_count; i++) {
        struct gj_str type = e->plan->events->types[event->type].name, name = event->unknown[i];
        gj_buf_reset(&e->scratch);
        gj_buf_add_str(&e->scratch, type);
        gj_buf_add_cstr(&e->scratch, ": ");
        gj_buf_add_str(&e->scratch, name);
        if (gj_map_get(&e->stranger_ids, gj_buf_str(&e->scratch)) != GJ_MAP_NONE ||
            e->stranger_count >= GJ_STRANGERS_MAX) {
            continue;
        }
        const char **grown = gj_grow(e->strangers, &e->stranger_capacity, e->stranger_count + 1,
                                     sizeof *grown);
        struct gj_str kept = gj_arena_copy(&e->stranger_arena, gj_buf_str(&e->scratch));
        if (grown == NULL || kept.ptr == NULL) {
            return;
        }
        e->strangers = grown;
        grown[e->stranger_count] = kept.ptr;
        gj_map_put(&e->stranger_ids, kept, (uint32_t)e->stranger_count++);
    }
}

const char *gj_engine_unknown_field(const gj_engine *e, size_t index)
{
    return index < e->stranger_count ? e->strangers[index] : NULL;
}

int gj_engine_apply(gj_engine *e, const char *line, size_t len, size_t padding, gj_reception *out)
{
    struct gj_cloudevent raw = {0};
    struct gj_event event;
    struct gj_str body = {line, len};
    *out = (gj_reception){.status = GJ_REFUSED, .id = "", .why = ""};
    if (gj_engine_begin(e) != 0) {
        return GJ_ESYSTEM;
    }
    gj_arena_reset(&e->event_arena);
    gj_buf_reset(&e->why);
    if (gj_cloudevent_read(e->event_parser, body, padding, &raw, &e->why) != 0 ||
        gj_event_accept(e->book, &raw, e->event_parser, &e->event_arena, &event,
                        &e->why) != 0) {
        out->id = raw.id.len == 0 ? "" : gj_arena_copy(&e->event_arena, raw.id).ptr;
        out->why = e->why.ptr;
        return GJ_OK;
    }
    out->id = gj_arena_copy(&e->event_arena, raw.id).ptr;
    note_strangers(e, &event);
    if (take(e, &event, body, 0, out) != 0) {
        gj_store_rollback(e->store);
        e->broken = true;
        return GJ_ESYSTEM;
    }
    e->pending++;
    return GJ_OK;
}

int gj_engine_advance(gj_engine *e, int64_t until)
{
    if (gj_engine_begin(e) != 0) {
        return GJ_ESYSTEM;
    }
    int status = gj_engine_each_shop(e);
    for (size_t i = 0; i < e->shop_count && status == 0; i++) {
        if (until > e->shops[i]->now) {
            status = gj_engine_advance_shop(e, e->shops[i], until);
        }
    }
    if (status != 0) {
        gj_store_rollback(e->store);
        e->broken = true;
        return GJ_ESYSTEM;
    }
    return gj_engine_commit(e);
}

static int load_shop(void *context, const struct gj_store_shop *row)
{
    return gj_engine_shop(context, row->source) == NULL ? -1 : 0;
}

int gj_engine_each_shop(struct gj_engine *e)
{
    return gj_store_shops(e->store, load_shop, e);
}

int64_t gj_engine_now(gj_engine *e)
{
    int64_t now = INT64_MIN;
    if (gj_engine_each_shop(e) == 0) {
        for (size_t i = 0; i < e->shop_count; i++) {
            now = e->shops[i]->now > now ? e->shops[i]->now : now;
        }
    }
    return now;
}

/* ---- rebuilding ---- */

static int rebuild_one(void *context, const struct gj_store_event *row)
{
    struct gj_engine *e = context;
    struct gj_cloudevent raw;
    struct gj_event event;
    gj_reception ignored;
    gj_arena_reset(&e->event_arena);
    gj_buf_reset(&e->why);
    if (gj_cloudevent_read(e->event_parser, row->body, 0, &raw, &e->why) != 0 ||
        gj_event_accept(e->book, &raw, e->event_parser, &e->event_arena, &event,
                        &e->why) != 0) {
        return gj_errors_say(e->errors, "event %.*s of the log is not accepted any more: %s",
                             (int)row->id.len, row->id.ptr, e->why.ptr);
    }
    return take(e, &event, row->body, row->seq, &ignored);
}

int gj_engine_state_hash(gj_engine *e, char out[33])
{
    return gj_store_state_hash(e->store, out) == 0 ? GJ_OK : GJ_ESYSTEM;
}

int gj_engine_rebuild(gj_engine *e, bool *equal)
{
    char before[33], after[33];
    int64_t now = gj_engine_now(e);
    if (gj_engine_commit(e) != GJ_OK || gj_engine_state_hash(e, before) != GJ_OK ||
        gj_engine_begin(e) != 0) {
        return GJ_ESYSTEM;
    }
    gj_engine_forget(e);
    free_shops(e);
    gj_map_release(&e->shop_ids);
    gj_map_init(&e->shop_ids);
    int status = gj_store_clear_derived(e->store) != 0 ||
                         gj_store_log(e->store, 0, rebuild_one, e) != 0
                     ? -1
                     : 0;
    for (size_t i = 0; i < e->shop_count && status == 0; i++) {
        status = now > e->shops[i]->now ? gj_engine_advance_shop(e, e->shops[i], now) : 0;
    }
    if (status != 0 || gj_engine_commit(e) != GJ_OK || gj_engine_state_hash(e, after) != GJ_OK) {
        gj_store_rollback(e->store);
        e->broken = true;
        return GJ_ESYSTEM;
    }
    *equal = strcmp(before, after) == 0;
    return GJ_OK;
}
