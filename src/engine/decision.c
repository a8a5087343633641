/* Room engine: what one event has brought (see explain.h): told while it is applied, or anew from
 * the log, by which an event that comes twice is answered the same. */
#include <stdlib.h>

#include "engine/explain.h"

struct asked { /* the event as the log has it */
    struct gj_arena arena;
    struct gj_shop *shop;
    struct gj_str id, body;
    int64_t seq;
    bool late;
};

static int take_event(void *context, const struct gj_store_event *row)
{
    struct asked *a = context;
    a->body = gj_arena_copy(&a->arena, row->body);
    a->seq = row->seq;
    a->late = row->clock != INT64_MIN && row->at < row->clock;
    return a->body.ptr == NULL ? -1 : 0;
}

/* The shop that has the event. */
static int find_event(struct gj_engine *e, const char *source, struct asked *a)
{
    for (size_t i = 0; i < e->shop_count; i++) {
        struct gj_shop *shop = e->shops[i];
        if (source != NULL && !gj_str_is(shop->source, source) &&
            !gj_str_is(shop->shop_id, source)) {
            continue;
        }
        bool before = a->body.len > 0;
        struct gj_str body = a->body;
        a->body = GJ_STR("");
        if (gj_store_event_get(e->store, shop->id, a->id, take_event, a) != 0) {
            return GJ_ESYSTEM;
        }
        if (before && a->body.len > 0) {
            gj_errors_say(e->errors, "event %s is in the log of %s and of %s; name one with --shop",
                          a->id.ptr, a->shop->source.ptr, shop->source.ptr);
            return GJ_EINPUT;
        }
        a->shop = a->body.len > 0 ? shop : a->shop;
        a->body = a->body.len > 0 ? a->body : body;
    }
    if (a->shop == NULL) {
        gj_errors_say(e->errors, "the log has no event %s%s%s", a->id.ptr,
                      source == NULL ? "" : " of ", source == NULL ? "" : source);
        return GJ_EINPUT;
    }
    return GJ_OK;
}

/* The case of a view, by the first entity of its family that the event names. */
static int64_t case_of(struct gj_engine *e, const struct asked *a, const struct gj_view *view,
                       const struct gj_event *event, uint32_t *kind)
{
    const struct gj_events *events = e->plan->events;
    const struct gj_event_type *type = &events->types[view->type];
    int64_t id = 0;
    if (view->subject_kind != GJ_NO_INDEX) {
        *kind = view->subject_kind;
        gj_store_entity_case(e->store, a->shop->id, events->kinds[*kind].name, view->subject, &id);
        return id;
    }
    for (size_t i = 0; i < type->ref_count && id == 0; i++) {
        uint32_t field = type->refs[i].field;
        struct gj_str name = a->shop->shop_id;
        *kind = type->refs[i].kind;
        if (events->kinds[*kind].family != view->family) {
            continue;
        }
        if (field != GJ_NO_INDEX) {
            if (event->values[field].kind != GJ_V_STRING) {
                continue;
            }
            name = event->values[field].as.text;
        }
        gj_store_entity_case(e->store, a->shop->id, events->kinds[*kind].name, name, &id);
    }
    return id;
}

static void add_steps(const struct gj_story *story, struct gj_buf *out)
{
    for (size_t i = 0; i < story->step_count; i++) {
        gj_buf_add_cstr(out, out->ptr[out->len - 1] == '[' ? "" : ",");
        gj_story_step_json(story, &story->steps[i], out);
    }
}

/* What the event has brought in one case. */
static int add_case(struct gj_engine *e, const struct asked *a, int64_t case_id, uint32_t kind,
                    bool english, struct gj_buf *out)
{
    struct gj_cached cached;
    struct gj_story story;
    gj_cached_open(&cached, e, a->shop, case_id, e->plan->events->kinds[kind].family);
    gj_story_open(&story, e, &cached, english);
    int status = gj_story_tell(e, &cached, &story, a->seq);
    if (status == 0) {
        add_steps(&story, out);
    }
    gj_story_close(&story);
    gj_case_release(&cached.c);
    return status;
}

static int add_cases(struct gj_engine *e, const struct asked *a, bool english, struct gj_buf *out)
{
    struct gj_json_parser *parser = gj_json_parser_new();
    struct gj_cloudevent raw = {0};
    struct gj_event event = {0};
    struct gj_view views[GJ_VIEWS_MAX];
    const gj_verdict *verdict = NULL;
    struct gj_arena arena;
    int64_t told[GJ_VIEWS_MAX];
    int status = parser == NULL ? -1 : 0;
    gj_arena_init(&arena);
    gj_buf_reset(&e->why);
    if (status == 0 && (gj_cloudevent_read(parser, a->body, 0, &raw, &e->why) != 0 ||
                        gj_event_accept(e->book, &raw, parser, &arena, &event, &e->why) != 0)) {
        gj_errors_say(e->errors, "event %s of the log cannot be read any more: %s", a->id.ptr,
                      e->why.failed ? "out of memory" : e->why.ptr);
        status = -1;
    }
    if (status == 0) {
        status = gj_engine_setting(e, a->shop, gj_micros(event.time)) != 0 ||
                         gj_engine_judge(e, a->shop, &event, &verdict) != 0
                     ? -1
                     : 0;
    }
    size_t count = status == 0 ? gj_engine_views(e, &event, verdict, views) : 0;
    for (size_t i = 0; i < count && status == 0; i++) {
        uint32_t kind = 0;
        bool again = false;
        told[i] = case_of(e, a, &views[i], &event, &kind);
        for (size_t j = 0; j < i; j++) {
            again |= told[j] == told[i];
        }
        status = again || told[i] == 0 ? 0 : add_case(e, a, told[i], kind, english, out);
    }
    gj_arena_release(&arena);
    gj_json_parser_free(parser);
    return status;
}

static void add_head(struct gj_buf *out, struct gj_str id, struct gj_str source, bool late)
{
    gj_buf_add_cstr(out, "{\"id\":");
    gj_json_add_string(out, id);
    gj_buf_add_cstr(out, ",\"source\":");
    gj_json_add_string(out, source);
    gj_buf_add_cstr(out, late ? ",\"late\":true,\"cases\":[" : ",\"cases\":[");
}

int gj_engine_decision(gj_engine *e, const char *source, const char *id, bool english, char **json)
{
    struct asked a = {.id = gj_str_of(id), .body = GJ_STR("")};
    struct gj_buf out;
    *json = NULL;
    if (gj_engine_commit(e) != GJ_OK || gj_engine_each_shop(e) != 0) {
        return GJ_ESYSTEM;
    }
    gj_arena_init(&a.arena);
    gj_buf_init(&out);
    int status = find_event(e, source, &a);
    if (status == GJ_OK) {
        add_head(&out, a.id, a.shop->source, a.late);
        status = add_cases(e, &a, english, &out) == 0 ? GJ_OK : GJ_ESYSTEM;
        gj_buf_add_cstr(&out, "]}\n");
        *json = status == GJ_OK && !out.failed ? strdup(out.ptr) : NULL;
        status = status == GJ_OK && *json == NULL ? GJ_ESYSTEM : status;
    }
    gj_buf_release(&out);
    gj_arena_release(&a.arena);
    return status;
}

/* ---- while it is applied ---- */

struct gj_decision {
    bool wanted, english;
    bool open;  /* an event is being applied */
    bool whole; /* nothing ran again, which would have to be told from the log */
    struct gj_buf text;
    int64_t cases[GJ_VIEWS_MAX];
    size_t count;
    struct gj_story story; /* of the case at hand */
    struct gj_teller teller;
};

int gj_engine_decide(gj_engine *e, bool on, bool english)
{
    if (e->decision == NULL) {
        struct gj_decision *d = on ? calloc(1, sizeof *d) : NULL;
        if (d == NULL) {
            return on ? gj_errors_say(e->errors, "out of memory"), GJ_ESYSTEM : GJ_OK;
        }
        gj_buf_init(&d->text);
        e->decision = d;
    }
    e->decision->wanted = on;
    e->decision->english = english;
    return GJ_OK;
}

void gj_decision_free(struct gj_decision *d)
{
    if (d != NULL) {
        gj_buf_release(&d->text);
        free(d);
    }
}

void gj_decision_begin(struct gj_engine *e)
{
    struct gj_decision *d = e->decision;
    if (d != NULL && d->wanted) {
        d->open = d->whole = true;
        d->count = 0;
        gj_buf_reset(&d->text);
    }
}

const char *gj_decision_end(struct gj_engine *e)
{
    struct gj_decision *d = e->decision;
    if (d == NULL || !d->open) {
        return NULL;
    }
    d->open = false;
    if (!d->whole || d->count == 0) {
        return NULL;
    }
    gj_buf_add_cstr(&d->text, "]}\n");
    return d->text.failed ? NULL : d->text.ptr;
}

void gj_decision_unknown(struct gj_engine *e)
{
    if (e->decision != NULL) {
        e->decision->whole = false;
    }
}

/* An event of two views of one case is told from the log, where both are one step. */
static bool is_told(struct gj_decision *d, int64_t case_id)
{
    for (size_t i = 0; i < d->count; i++) {
        d->whole = d->whole && d->cases[i] != case_id;
    }
    return d->open && d->whole && d->count < GJ_VIEWS_MAX;
}

bool gj_decision_watch(struct gj_engine *e, struct gj_cached *cached)
{
    struct gj_decision *d = e->decision;
    if (d == NULL || !is_told(d, cached->id)) {
        return false;
    }
    gj_story_open(&d->story, e, cached, d->english);
    gj_teller_open(&d->teller, e, &d->story, cached, -1);
    gj_teller_begins(&d->teller);
    gj_engine_trace(e, &d->teller.trace);
    return true;
}

int gj_decision_add(struct gj_engine *e, const struct gj_event *event, int run)
{
    struct gj_decision *d = e->decision;
    int64_t at = gj_micros(event->time);
    const struct gj_shop *shop = d->story.shop;
    bool late = shop->now != INT64_MIN && at < shop->now;
    gj_engine_trace(e, NULL);
    int status = run == 0 ? gj_teller_event(&d->teller, event, late) : run;
    if (status == 0) {
        if (d->count == 0) {
            add_head(&d->text, event->id, shop->source, late);
        }
        d->cases[d->count++] = d->teller.cached->id;
        add_steps(&d->story, &d->text);
    }
    gj_teller_close(&d->teller);
    gj_story_close(&d->story);
    return status;
}
