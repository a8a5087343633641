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
    struct gj_engine *e = context;
    struct gj_trace *trace = e->trace;
    uint32_t to = cause->transition->to == GJ_NO_INDEX ? from : cause->transition->to;
    struct gj_moved m = {entity->kind, flow, from, to, entity->id, scene->now, cause->transition};
    gj_tell_moved(e, e->listener.shop, &m);
    return trace == NULL || trace->moved == NULL
               ? 0
               : trace->moved(trace, scene, entity, flow, from, cause);
}

void gj_engine_trace(struct gj_engine *e, struct gj_trace *trace)
{
    e->trace = trace;
    bool watched = e->listener.told != NULL || (trace != NULL && trace->moved != NULL);
    e->sink.moved = watched ? moved : NULL;
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
    if (e->clean == NULL || e->event_parser == NULL || e->case_parser == NULL || e->known == NULL ||
        e->again_parser == NULL || e->past_parser == NULL) {
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
        gj_history_release(&s->history);
        gj_past_forget(s);
        free(s->recent);
        gj_agenda_release(s);
        free(s);
    }
    e->shop_count = 0;
    e->all_shops = false;
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
    free(e->known);
    gj_map_release(&e->shop_ids);
    gj_checker_free(e->checker);
    gj_clean_free(e->clean);
    gj_json_parser_free(e->event_parser);
    gj_json_parser_free(e->case_parser);
    gj_json_parser_free(e->again_parser);
    gj_json_parser_free(e->past_parser);
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

void gj_engine_forget_shops(struct gj_engine *e)
{
    gj_engine_forget(e);
    free_shops(e);
    gj_map_release(&e->shop_ids);
    gj_map_init(&e->shop_ids);
}

int gj_engine_restart(struct gj_engine *e)
{
    gj_engine_forget_shops(e);
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

int gj_engine_fail(struct gj_engine *e)
{
    if (e->errors->count == 0) {
        gj_errors_say(e->errors, "out of memory; nothing of this batch was kept, run it again");
    }
    gj_store_rollback(e->store);
    e->in_batch = false;
    e->broken = true;
    return GJ_ESYSTEM;
}

/* Closed windows whose marks have changed are looked at again. The log says when that was, since
 * corrections bear that time. */
static int look_again(struct gj_engine *e, struct gj_shop *shop)
{
    if (shop->metrics_from == GJ_NEVER || shop->tick == GJ_NEVER) {
        return 0;
    }
    return gj_store_event_looked(e->store, shop->id) != 0 ? -1 : gj_engine_recheck(e, shop);
}

int gj_engine_look_again(struct gj_engine *e)
{
    int status = 0;
    for (size_t i = 0; i < e->shop_count && status == 0; i++) {
        status = look_again(e, e->shops[i]);
    }
    return status;
}

int gj_engine_commit(gj_engine *e)
{
    if (!e->in_batch) {
        return GJ_OK;
    }
    if (gj_engine_look_again(e) != 0 || e->arena.failed || gj_engine_flush(e) != 0 ||
        gj_store_commit(e->store) != 0) {
        return gj_engine_fail(e);
    }
    e->in_batch = false;
    e->batch++;
    return gj_engine_relieve(e) == 0 ? GJ_OK : GJ_ESYSTEM;
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

static int into_case(struct gj_engine *e, struct gj_shop *shop, const struct gj_event *event,
                     const struct gj_view *view, int64_t seq, const gj_verdict *verdict)
{
    bool merged = false, differs = false;
    int64_t id = 0, at = gj_micros(event->time);
    if (gj_engine_case_of(e, shop, view, event->values, &id, &merged) != 0) {
        return -1;
    }
    if (id == shop->config && e->plan->reactions[event->type].tells_of_shop) {
        shop->history_known = false; /* it may have been read since, without this event */
    }
    struct gj_cached *cached = gj_engine_case(e, shop, id);
    if (cached == NULL || gj_links_add(e, cached, seq) != 0 ||
        gj_engine_setting(e, shop, at) != 0 ||
        (at < shop->now && gj_past_differs(e, shop, at, &differs) != 0)) {
        return -1;
    }
    /* a deadline may have fired at the event's own instant, which it must not have */
    bool outrun = at < cached->c.last_at || (at == cached->c.last_at && at < shop->now);
    /* and what opens a case goes before whatever of that instant came before it */
    outrun |= at == cached->c.last_at && e->plan->events->types[event->type].opens;
    /* a penalty that is lifted, or ruled on once more, takes back what its case has booked: all of
     * it must be at hand */
    bool looks_back =
        view->type == e->settled || ((view->type == e->ruled || view->type == e->notified) &&
                                     view->subject_kind == GJ_NO_INDEX && cached->c.count > 0);
    if (merged || differs || outrun || looks_back) {
        gj_decision_unknown(e);
        return gj_engine_again(e, cached);
    }
    gj_outcomes_reset(&e->outcomes);
    bool told = gj_decision_watch(e, cached);
    int status = gj_engine_run(e, shop, &cached->c, &e->sink, event, view, seq, verdict);
    status = told ? gj_decision_add(e, event, status) : status;
    if (status != 0 || cached->c.arena.failed || gj_engine_append(e, shop, id) != 0) {
        return -1;
    }
    if (at < shop->now) { /* late, but nothing of its case came after it */
        return gj_engine_setting(e, shop, at) != 0 ? -1 : gj_engine_catch_up(e, cached, shop->now);
    }
    return gj_engine_setting(e, shop, at) != 0 ? -1 : gj_engine_schedule(e, cached);
}

/* What the judge says, of a late event by the configuration that was. */
static int judge_then(struct gj_engine *e, struct gj_shop *shop, const struct gj_event *event,
                      int64_t at, int64_t seq, const gj_verdict **verdict)
{
    struct gj_past past;
    bool differs = false;
    if (at < shop->now && gj_past_differs(e, shop, at, &differs) != 0) {
        return -1;
    }
    int status = differs && gj_past_begin(e, shop, &past) != 0 ? -1 : 0;
    status = status == 0 ? gj_past_to(e, shop, at, seq) : status;
    status = status == 0 ? gj_engine_setting(e, shop, at) : status;
    status = status == 0 ? gj_engine_judge(e, shop, event, verdict) : status;
    if (differs) {
        gj_past_end(shop, &past);
    }
    return status;
}

static int apply_event(struct gj_engine *e, struct gj_shop *shop, const struct gj_event *event,
                       int64_t seq)
{
    const gj_verdict *verdict = NULL;
    int64_t at = gj_micros(event->time);
    gj_arena_reset(&e->arena);
    if (judge_then(e, shop, event, at, seq, &verdict) != 0) {
        return -1;
    }
    gj_tell_verdict(e, shop, event, verdict);
    struct gj_view views[GJ_VIEWS_MAX];
    size_t count = gj_engine_views(e, event, verdict, views);
    for (size_t i = 0; i < count; i++) {
        /* a case that ran again has had its other messages judged, where this verdict stood */
        if ((i > 0 && verdict != NULL && judge_then(e, shop, event, at, seq, &verdict) != 0) ||
            into_case(e, shop, event, &views[i], seq, verdict) != 0) {
            return -1;
        }
    }
    if (at > shop->now) {
        shop->now = at;
        shop->dirty = true;
    }
    return 0;
}

/* What the deadlines of the shop's cases depend on, as text. */
static int describe(struct gj_engine *e, struct gj_shop *shop, struct gj_buf *out)
{
    gj_buf_init(out);
    if (gj_engine_setting(e, shop, shop->now) != 0) {
        return -1;
    }
    const struct gj_entity *config = shop->setting.shop;
    uint32_t kept = e->plan->kinds[e->plan->events->shop_kind].kept_count;
    for (uint32_t m = 0; config != NULL && m < kept; m++) {
        if (e->moving.memories[m]) {
            gj_value_json(&config->memory[m], out);
            gj_buf_add_char(out, ' ');
        }
    }
    return out->failed ? -1 : 0;
}

/* The shop tells about itself: other cases may be due at other times now. */
static int apply_config(struct gj_engine *e, struct gj_shop *shop, const struct gj_event *event,
                        int64_t seq)
{
    struct gj_buf before, after;
    int status = describe(e, shop, &before);
    gj_buf_init(&after);
    if (status == 0) {
        status = apply_event(e, shop, event, seq) != 0 || describe(e, shop, &after) != 0 ? -1 : 0;
    }
    if (status == 0 && !gj_str_eq(gj_buf_str(&before), gj_buf_str(&after))) {
        status = gj_engine_reschedule(e, shop);
    }
    if (status == 0 && gj_micros(event->time) < shop->now) {
        status = gj_engine_correct_cases(e, shop, gj_micros(event->time));
        status = status == 0 ? gj_engine_climb_since(e, shop, gj_micros(event->time)) : status;
    }
    gj_buf_release(&before);
    gj_buf_release(&after);
    return status;
}

/* Adds the event to the log, unless it is there: `row`. *seq 0: it came before. */
static int note_event(struct gj_engine *e, const struct gj_shop *shop, const struct gj_event *event,
                      struct gj_str body, const struct gj_store_event *row, int64_t *seq)
{
    struct gj_store_event new_row = {.shop = shop->id,
                                     .at = gj_micros(event->time),
                                     .clock = shop->now,
                                     .rulebook = e->rulebook_id,
                                     .id = event->id,
                                     .body = body};
    int status = row == NULL ? gj_store_event_add(e->store, &new_row) : 0;
    *seq = row == NULL ? new_row.seq : row->seq;
    return status;
}

/* Means of the shop's category were told: windows that closed since then may stand otherwise. */
static void note_means(struct gj_shop *shop, int64_t at, bool late)
{
    if (at > shop->means_told) { /* GJ_NEVER stays: nobody has asked yet */
        shop->means_told = at;
    }
    if (late && at < shop->metrics_from) {
        shop->metrics_from = at;
    }
}

int gj_engine_take(struct gj_engine *e, const struct gj_event *event, struct gj_str body,
                   const struct gj_store_event *row, gj_reception *out)
{
    struct gj_shop *shop = gj_engine_shop(e, event->source);
    int64_t at = gj_micros(event->time), seq = 0;
    if (shop == NULL || note_event(e, shop, event, body, row, &seq) != 0) {
        return -1;
    }
    if (seq == 0) {
        out->status = GJ_DUPLICATE;
        return 0;
    }
    if (row != NULL && row->clock > shop->now && /* time had passed without events */
        gj_engine_advance_shop(e, shop, row->clock) != 0) {
        return -1;
    }
    out->status = GJ_APPLIED;
    out->late = shop->now != INT64_MIN && at < shop->now;
    bool config = e->plan->reactions[event->type].tells_of_shop;
    if (!out->late && gj_engine_advance_shop(e, shop, at) != 0) {
        return -1;
    }
    if (e->plan->reactions[event->type].tells_means) {
        note_means(shop, at, out->late);
    }
    e->listener.shop = shop;
    e->listener.event = event->id;
    e->listener.at = at;
    e->listener.seq = seq;
    if ((config ? apply_config(e, shop, event, seq) : apply_event(e, shop, event, seq)) != 0) {
        return -1;
    }
    e->listener.event = GJ_STR("");
    if (row != NULL && row->looked && gj_engine_recheck(e, shop) != 0) {
        return -1;
    }
    return e->arena.failed || e->event_arena.failed ? -1 : 0;
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
    return look_again(e, shop) != 0 ? -1 : gj_engine_advance_shop(e, shop, until);
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
