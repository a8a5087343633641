/* Room engine: what an event has brought, told anew from the log: one that comes twice is answered
 * the same (see explain.h). */

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
        gj_decision_steps(&story, out);
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
    status = status == 0 ? gj_past_judge(e, a->shop, &event, a->seq, &verdict) : status;
    size_t count = status == 0 ? gj_engine_views(e, a->shop, &event, verdict, views) : 0;
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
        gj_decision_head(&out, a.id, a.shop->source, a.late);
        status = add_cases(e, &a, english, &out) == 0 ? GJ_OK : GJ_ESYSTEM;
        gj_buf_add_cstr(&out, "]}\n");
        *json = status == GJ_OK && !out.failed ? strdup(out.ptr) : NULL;
        status = status == GJ_OK && *json == NULL ? GJ_ESYSTEM : status;
    }
    gj_buf_release(&out);
    gj_arena_release(&a.arena);
    return status;
}
