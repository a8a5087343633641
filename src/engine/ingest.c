/* Room engine: the door for platforms' own envelopes. Room wire unwraps them; what comes out is
 * held against the contract as any event is, so that what is told as an event will be accepted. */
#include <stdlib.h>

#include "engine/accept.h"
#include "engine/inside.h"
#include "guiju/ingest.h"

struct door {
    const struct gj_book *book;
    int (*each)(void *context, const gj_ingested *ingested);
    void *context;
    struct gj_json_parser *parser;
    struct gj_arena arena;
    struct gj_buf why, json, topic;
    bool failed;
};

static struct gj_str text_of(const char *text)
{
    return text == NULL ? GJ_STR("") : gj_str_of(text);
}

/* Whether the engine would take it; else d->why says why not. */
static bool is_in_contract(struct door *d, struct gj_str json)
{
    struct gj_cloudevent raw;
    struct gj_event event;
    gj_arena_reset(&d->arena);
    gj_buf_reset(&d->why);
    return gj_cloudevent_read(d->parser, json, 0, &raw, &d->why) == 0 &&
           gj_event_accept(d->book, &raw, d->parser, &d->arena, &event, &d->why) == 0;
}

static int pass_on(void *context, const struct gj_mapped *mapped)
{
    static const gj_ingested_kind kinds[] = {[GJ_MAPPED_EVENT] = GJ_INGESTED_EVENT,
                                             [GJ_MAPPED_IGNORED] = GJ_INGESTED_IGNORED,
                                             [GJ_MAPPED_REFUSED] = GJ_INGESTED_REFUSED};
    struct door *d = context;
    gj_ingested told = {.kind = kinds[mapped->kind], .why = ""};
    if (mapped->kind != GJ_MAPPED_EVENT) {
        gj_buf_reset(&d->why);
        gj_buf_add_str(&d->why, mapped->why);
    } else if (!is_in_contract(d, mapped->json)) {
        told.kind = GJ_INGESTED_REFUSED;
    }
    gj_buf_reset(&d->json);
    gj_buf_add_str(&d->json, mapped->json);
    gj_buf_reset(&d->topic);
    gj_buf_add_str(&d->topic, mapped->topic);
    d->failed |= d->json.failed || d->topic.failed || d->why.failed;
    told.json = d->json.ptr;
    told.json_len = d->json.len;
    told.topic = d->topic.ptr;
    told.why = told.kind == GJ_INGESTED_EVENT ? "" : d->why.ptr;
    return d->failed ? -1 : d->each(d->context, &told);
}

static int open_door(struct door *d, const struct gj_envelope *envelope,
                     const gj_ingest_request *request, gj_errors *errors)
{
    struct gj_pair *headers = calloc(request->header_count + 1, sizeof *headers);
    struct gj_envelope_request own = {.body = {request->body, request->body_len},
                                      .content_type = text_of(request->content_type),
                                      .query = text_of(request->query),
                                      .headers = headers,
                                      .header_count = request->header_count,
                                      .app_key = text_of(request->app_key),
                                      .secret = text_of(request->secret),
                                      .trusted = request->trusted,
                                      .received_at = request->received_at,
                                      .english = request->english};
    struct gj_buf why;
    int status = headers == NULL ? GJ_ESYSTEM : GJ_OK;
    gj_buf_init(&why);
    for (size_t i = 0; i < request->header_count && status == GJ_OK; i++) {
        headers[i] =
            (struct gj_pair){text_of(request->headers[i].name), text_of(request->headers[i].value)};
    }
    if (status == GJ_OK && gj_envelope_open(envelope, &own, pass_on, d, &why) != 0) {
        status = why.failed ? GJ_ESYSTEM : GJ_EINPUT;
        gj_errors_say(errors, "%s", why.len > 0 ? why.ptr : "out of memory");
    }
    gj_buf_release(&why);
    free(headers);
    return status;
}

int gj_ingest(const gj_rulebook *rulebook, const char *platform, const gj_ingest_request *request,
              int (*each)(void *context, const gj_ingested *ingested), void *context,
              gj_errors *errors)
{
    const struct gj_book *book = rulebook->book;
    const struct gj_envelope *envelope = gj_book_envelope(book, gj_str_of(platform));
    struct door d = {.book = book, .each = each, .context = context};
    if (envelope == NULL) {
        gj_errors_say(errors, "the rulebook has no envelope '%.40s'; add it, see docs/envelopes.md",
                      platform);
        return GJ_EINPUT;
    }
    d.parser = gj_json_parser_new();
    gj_arena_init(&d.arena);
    gj_buf_init(&d.why);
    gj_buf_init(&d.json);
    gj_buf_init(&d.topic);
    d.failed = d.parser == NULL;
    int status = d.failed ? GJ_ESYSTEM : open_door(&d, envelope, request, errors);
    if (d.failed) {
        gj_errors_say(errors, "out of memory");
        status = GJ_ESYSTEM;
    }
    gj_json_parser_free(d.parser);
    gj_arena_release(&d.arena);
    gj_buf_release(&d.why);
    gj_buf_release(&d.json);
    gj_buf_release(&d.topic);
    return status;
}

bool gj_ingest_door_of(const gj_rulebook *rulebook, const char *platform, gj_ingest_door *door)
{
    const struct gj_envelope *e = gj_book_envelope(rulebook->book, gj_str_of(platform));
    if (e == NULL) {
        return false;
    }
    *door = (gj_ingest_door){.proves = e->signature_count > 0 || e->encrypted,
                             .answer_type = e->answer_type.ptr,
                             .answer_success = e->answer_success.ptr,
                             .answer_failure = e->answer_failure.ptr};
    return true;
}

const char *gj_ingest_platform(const gj_rulebook *rulebook, size_t index)
{
    const struct gj_book *book = rulebook->book;
    return index < book->envelope_count ? book->envelopes[index].name.ptr : NULL;
}
