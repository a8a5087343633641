/* Room engine: its doors: opening, another rulebook, events, time (see inside.h; the functions are
 * those of guiju.h). */
#include <sodium.h>
#include <stdlib.h>

#include "base/vec.h"
#include "engine/inside.h"

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

/* ---- opening ---- */

static uint32_t type_named(const struct gj_engine *e, const char *name)
{
    uint32_t type = gj_map_get(&e->plan->events->type_ids, gj_str_of(name));
    return type == GJ_MAP_NONE ? GJ_NO_INDEX : type;
}

struct rules { /* a rulebook, ready to decide by */
    const struct gj_rulebook *rulebook;
    const struct gj_plan *plan;
    struct gj_checker *checker;
    struct gj_moving moving;
};

static int read_rules(const struct gj_rulebook *rulebook, struct gj_errors *errors,
                      struct rules *out)
{
    *out = (struct rules){.rulebook = rulebook, .plan = gj_book_plan(rulebook->book, errors)};
    if (out->plan == NULL) {
        return GJ_EBOOK;
    }
    if (out->plan->events->type_count == 0) {
        gj_errors_say(errors, "the rulebook declares no events; add events.yaml");
        return GJ_EBOOK;
    }
    out->checker = gj_checker_new(rulebook, errors);
    if (out->checker == NULL || gj_moving_find(out->plan, &out->moving) != 0) {
        gj_checker_free(out->checker);
        gj_moving_release(&out->moving);
        gj_errors_say(errors, "out of memory for the engine's rulebook");
        return GJ_ESYSTEM;
    }
    return GJ_OK;
}

/* From now on they decide. */
static void take_rules(struct gj_engine *e, const struct rules *rules)
{
    gj_checker_free(e->checker);
    gj_moving_release(&e->moving);
    e->rulebook = rules->rulebook;
    e->book = rules->rulebook->book;
    e->plan = rules->plan;
    e->checker = rules->checker;
    e->moving = rules->moving;
    e->ruled = type_named(e, "finding.ruled");
    e->notified = type_named(e, "penalty.notified");
    e->settled = type_named(e, "penalty.settled");
}

static int open_parts(struct gj_engine *e, const struct gj_rulebook *rulebook, const char *path,
                      bool copy)
{
    struct rules rules;
    int status = read_rules(rulebook, e->errors, &rules);
    if (status != GJ_OK) {
        return status;
    }
    take_rules(e, &rules);
    e->clean = gj_clean_new();
    e->event_parser = gj_json_parser_new();
    e->case_parser = gj_json_parser_new();
    e->known = calloc(GJ_KNOWN_MAX, sizeof *e->known);
    e->again_parser = gj_json_parser_new();
    e->past_parser = gj_json_parser_new();
    e->lifted_parser = gj_json_parser_new();
    if (e->clean == NULL || e->event_parser == NULL || e->case_parser == NULL || e->known == NULL ||
        e->again_parser == NULL || e->past_parser == NULL || e->lifted_parser == NULL) {
        gj_errors_say(e->errors, "out of memory while opening the engine");
        return GJ_ESYSTEM;
    }
    e->store = copy ? gj_store_open_copy(path, e->errors) : gj_store_open(path, e->errors);
    if (e->store == NULL || gj_store_begin(e->store) != 0 ||
        gj_store_rulebook(e->store, gj_str_of(e->book->hash), &e->rulebook_id) != 0 ||
        gj_store_commit(e->store) != 0) {
        return GJ_ESYSTEM;
    }
    return GJ_OK;
}

static gj_engine *open_engine(const gj_rulebook *rulebook, const char *path, bool copy,
                              gj_errors *errors)
{
    struct gj_engine *e = calloc(1, sizeof *e);
    if (e == NULL || sodium_init() < 0) {
        free(e);
        gj_errors_say(errors, "out of memory while opening the engine");
        return NULL;
    }
    e->errors = errors;
    e->changed_end = &e->changed;
    e->sink = (struct gj_sink){e, found, counted, NULL};
    gj_arena_init(&e->arena);
    gj_arena_init(&e->event_arena);
    gj_arena_init(&e->zones);
    gj_arena_init(&e->listener.arena);
    gj_arena_init(&e->listener.entry_arena);
    gj_arena_init(&e->listener.stood_arena);
    gj_outcomes_init(&e->outcomes);
    gj_buf_init(&e->scratch);
    gj_buf_init(&e->why);
    gj_map_init(&e->shop_ids);
    gj_map_init(&e->stranger_ids);
    gj_arena_init(&e->stranger_arena);
    if (open_parts(e, rulebook, path, copy) != GJ_OK) {
        gj_engine_close(e);
        return NULL;
    }
    return e;
}

gj_engine *gj_engine_open(const gj_rulebook *rulebook, const char *path, gj_errors *errors)
{
    return open_engine(rulebook, path, false, errors);
}

gj_engine *gj_engine_open_copy(const gj_rulebook *rulebook, const char *path, gj_errors *errors)
{
    return open_engine(rulebook, path, true, errors);
}

void gj_engine_close(gj_engine *e)
{
    if (e == NULL) {
        return;
    }
    gj_engine_forget_shops(e);
    gj_store_close(e->store);
    free(e->shops);
    free(e->known);
    gj_map_release(&e->shop_ids);
    gj_checker_free(e->checker);
    gj_clean_free(e->clean);
    gj_json_parser_free(e->event_parser);
    gj_json_parser_free(e->case_parser);
    gj_json_parser_free(e->again_parser);
    gj_json_parser_free(e->past_parser);
    gj_json_parser_free(e->lifted_parser);
    free(e->unsettled);
    gj_moving_release(&e->moving);
    gj_outcomes_release(&e->outcomes);
    gj_buf_release(&e->scratch);
    gj_buf_release(&e->why);
    gj_arena_release(&e->arena);
    gj_arena_release(&e->event_arena);
    gj_arena_release(&e->zones);
    gj_listener_release(&e->listener);
    gj_decision_free(e->decision);
    gj_map_release(&e->stranger_ids);
    gj_arena_release(&e->stranger_arena);
    free(e->strangers);
    free(e);
}

int gj_engine_restart(struct gj_engine *e)
{
    gj_engine_forget_shops(e);
    gj_store_close(e->store);
    e->in_batch = e->broken = false;
    e->store = gj_store_open(NULL, e->errors);
    return e->store == NULL ? -1 : 0;
}

/* ---- another rulebook ---- */

int gj_engine_swap(gj_engine *e, const gj_rulebook *rulebook, size_t *strangers)
{
    struct rules rules;
    int64_t id = 0;
    *strangers = 0;
    if (gj_engine_commit(e) != GJ_OK) {
        return GJ_ESYSTEM;
    }
    int status = read_rules(rulebook, e->errors, &rules);
    if (status != GJ_OK) {
        return status;
    }
    if (gj_engine_begin(e) != 0 ||
        gj_store_rulebook(e->store, gj_str_of(rulebook->book->hash), &id) != 0) {
        gj_checker_free(rules.checker);
        gj_moving_release(&rules.moving);
        return e->broken ? GJ_ESYSTEM : gj_engine_fail(e);
    }
    bool all = gj_plan_lacks(rules.plan, e->plan) ||
               gj_moving_grows(rules.plan, &rules.moving, e->plan, &e->moving);
    gj_engine_forget_shops(e); /* their cases are of the old plan */
    take_rules(e, &rules);
    e->rulebook_id = id;
    if (gj_engine_each_shop(e) != 0 || gj_engine_adopt(e, all, strangers) != 0) {
        return gj_engine_fail(e);
    }
    return gj_engine_commit(e);
}

/* ---- one event ---- */

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
        const char **grown =
            gj_grow(e->strangers, &e->stranger_capacity, e->stranger_count + 1, sizeof *grown);
        struct gj_str kept = gj_arena_copy(&e->stranger_arena, gj_buf_str(&e->scratch));
        if (grown == NULL || kept.ptr == NULL) {
            return;
        }
        e->strangers = grown;
        grown[e->stranger_count] = kept.ptr;
        gj_map_put(&e->stranger_ids, kept, (uint32_t)e->stranger_count++);
    }
}

#define IGNORED_MAX 64u

static const char *ignored_of(struct gj_engine *e, const struct gj_event *event)
{
    if (event->unknown_count == 0) {
        return NULL;
    }
    gj_buf_reset(&e->scratch);
    for (size_t i = 0; i < event->unknown_count && i < IGNORED_MAX; i++) {
        gj_buf_add_char(&e->scratch, i == 0 ? '[' : ',');
        gj_json_add_string(&e->scratch, event->unknown[i]);
    }
    gj_buf_add_char(&e->scratch, ']');
    return e->scratch.failed ? NULL : gj_arena_copy(&e->event_arena, gj_buf_str(&e->scratch)).ptr;
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
        gj_event_accept(e->book, &raw, e->event_parser, &e->event_arena, &event, &e->why) != 0) {
        if (e->why.failed) { /* out of memory: not the event's fault */
            return gj_engine_fail(e);
        }
        out->id = raw.id.len == 0 ? "" : gj_arena_copy(&e->event_arena, raw.id).ptr;
        out->why = e->why.ptr;
        return GJ_OK;
    }
    out->id = gj_arena_copy(&e->event_arena, raw.id).ptr;
    note_strangers(e, &event);
    out->ignored = ignored_of(e, &event);
    gj_decision_begin(e);
    int status = gj_engine_take(e, &event, body, NULL, out);
    const char *decision = gj_decision_end(e);
    out->decision = status == 0 && out->status == GJ_APPLIED ? decision : NULL;
    return status == 0 ? GJ_OK : gj_engine_fail(e);
}

static int pass_time(struct gj_engine *e, struct gj_shop *shop, int64_t until)
{
    if (until <= shop->now) {
        return 0;
    }
    return gj_engine_look_again_at(e, shop) != 0 ? -1 : gj_engine_advance_shop(e, shop, until);
}

int gj_engine_advance(gj_engine *e, int64_t until)
{
    if (gj_engine_begin(e) != 0) {
        return GJ_ESYSTEM;
    }
    int status = gj_engine_each_shop(e);
    for (size_t i = 0; i < e->shop_count && status == 0; i++) {
        status = pass_time(e, e->shops[i], until);
    }
    return status == 0 ? gj_engine_commit(e) : gj_engine_fail(e);
}

/* When something happens in the shop though nobody tells of it. */
static int64_t due_next(const struct gj_shop *shop)
{
    return shop->due_first < shop->tick ? shop->due_first : shop->tick;
}

int gj_engine_tick(gj_engine *e, int64_t until)
{
    int status = gj_engine_each_shop(e);
    for (size_t i = 0; i < e->shop_count && status == 0; i++) {
        if (due_next(e->shops[i]) < until) {
            status = gj_engine_begin(e) != 0 ? -1 : pass_time(e, e->shops[i], until);
        }
    }
    if (status != 0) {
        return e->broken ? GJ_ESYSTEM : gj_engine_fail(e);
    }
    return GJ_OK;
}

int64_t gj_engine_next_due(gj_engine *e)
{
    int64_t next = GJ_ALWAYS;
    if (gj_engine_each_shop(e) == 0) {
        for (size_t i = 0; i < e->shop_count; i++) {
            next = due_next(e->shops[i]) < next ? due_next(e->shops[i]) : next;
        }
    }
    return next;
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
