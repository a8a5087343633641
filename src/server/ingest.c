/* Room server: POST /v1/ingest/{platform}: what platforms push, in their own envelopes, by the
 * rulebook's mappings (docs/envelopes.md). Who pushes shows a token of ours, or signs with the
 * secret of an application that the settings name. What the mapping makes nothing of is kept and
 * told as a notice. */
#include "server/ingest.h"
#include "guiju/ingest.h"

#include <microhttpd.h>
#include <string.h>

#include "base/errors.h"
#include "people/mask.h"
#include "server/events.h"
#include "server/guard.h"
#include "server/http.h"

#define HEADERS_MAX 64

struct pushed {
    struct gj_request *r;
    struct gj_posted *posted;
    gj_header headers[HEADERS_MAX];
    size_t header_count;
    struct gj_buf query;
    bool failed;
    struct gj_posted_aside **last;
};

static enum MHD_Result note_header(void *context, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    struct pushed *p = context;
    (void)kind;
    if (p->header_count < HEADERS_MAX && value != NULL) {
        p->headers[p->header_count++] = (gj_header){name, value};
    }
    return MHD_YES;
}

/* Arguments come as they were sent, still encoded (http.c): the mapping decodes them. */
static enum MHD_Result note_argument(void *context, enum MHD_ValueKind kind, const char *name,
                                     const char *value)
{
    struct pushed *p = context;
    (void)kind;
    gj_buf_addf(&p->query, "%s%s=%s", p->query.len > 0 ? "&" : "", name,
                value == NULL ? "" : value);
    return MHD_YES;
}

static const struct gj_application *application_of(const struct gj_request *r)
{
    const struct gj_serve_settings *settings = &r->server->settings;
    for (size_t i = 0; i < settings->application_count; i++) {
        if (strcmp(settings->applications[i].platform, r->captures[0].ptr) == 0) {
            return &settings->applications[i];
        }
    }
    return NULL;
}

/* Who pushes: by a token, or, when the settings name an application, whoever can sign for it. */
static bool admit(struct gj_request *r, const struct gj_application *application,
                  const gj_ingest_door *door, bool *trusted)
{
    *trusted = gj_request_header(r, "Authorization") != NULL || application == NULL;
    if (*trusted) {
        gj_guard_roles(r, GJ_ROLE_ADMIN | GJ_ROLE_SERVICE);
        return r->answer.status == 0;
    }
    if (!door->proves) {
        gj_problem(r, "unauthorized", "此平台的推送没有签名，请带上令牌",
                   "what this platform pushes is not signed; show a token");
        return false;
    }
    r->who = (struct gj_principal){.tenant = gj_str_of(application->tenant),
                                   .name = gj_str_of(application->platform),
                                   .actor = GJ_STR("platform"),
                                   .roles = GJ_ROLE_SERVICE};
    return true;
}

static void keep_aside(struct pushed *p, const char *type, const gj_ingested *in)
{
    struct gj_posted_aside *aside = gj_arena_alloc(&p->r->arena, sizeof *aside);
    struct gj_mask_json *mask = gj_thread_mask(p->r->server);
    struct gj_buf body, masked, said;
    gj_buf_init(&body);
    gj_buf_add_char(&body, '{');
    gj_buf_init(&said);
    gj_buf_init(&masked); /* what came may hold a buyer's address, and why may quote it */
    p->failed |= mask == NULL ||
                 gj_mask_plain(mask, gj_request_told(p->r, gj_str_of(in->why)), &said) != 0 ||
                 gj_mask_plain(mask, (struct gj_str){in->json, in->json_len}, &masked) != 0;
    gj_json_add_text(&body, "platform", p->r->captures[0]);
    struct gj_str topic = gj_arena_copy(&p->r->arena, gj_str_of(in->topic)),
                  why = gj_arena_copy(&p->r->arena, gj_buf_str(&said));
    gj_json_add_text(&body, "topic", topic);
    gj_json_add_text(&body, "why", why);
    gj_json_add_text(&body, "message", gj_buf_str(&masked));
    gj_buf_release(&masked);
    gj_buf_release(&said);
    gj_buf_add_char(&body, '}');
    if (aside != NULL) {
        *aside = (struct gj_posted_aside){.type = type,
                                          .topic = topic,
                                          .why = why,
                                          .body = gj_arena_copy(&p->r->arena, gj_buf_str(&body))};
        *p->last = aside;
        p->last = &aside->next;
    }
    p->failed |= aside == NULL || body.failed || aside->body.ptr == NULL;
    gj_buf_release(&body);
}

static int take(void *context, const gj_ingested *in)
{
    struct pushed *p = context;
    if (in->kind == GJ_INGESTED_EVENT) {
        struct gj_str line = gj_arena_copy(&p->r->arena, (struct gj_str){in->json, in->json_len});
        p->failed |= line.ptr == NULL || !gj_posted_add(p->r, p->posted, line);
    } else {
        keep_aside(p, in->kind == GJ_INGESTED_IGNORED ? "ingest.ignored" : "ingest.refused", in);
    }
    return p->failed ? -1 : 0;
}

static bool is_refused(const struct gj_posted_aside *aside)
{
    return strcmp(aside->type, "ingest.refused") == 0;
}

static void add_outcome(struct gj_buf *out, const char *status, struct gj_str topic,
                        struct gj_str why)
{
    gj_json_add_comma(out);
    gj_buf_addf(out, "{\"status\":\"%s\"", status);
    if (topic.len > 0) {
        gj_json_add_text(out, "topic", topic);
    }
    gj_json_add_text(out, "why", why);
    gj_buf_add_char(out, '}');
}

/* How many there were of each outcome, and of what made no event, why. */
static void count_out(struct gj_request *r, const struct gj_posted *p, const size_t counts[3],
                      size_t refused, size_t ignored)
{
    struct gj_buf *out = &r->answer.body;
    gj_buf_addf(out,
                "{\"applied\":%zu,\"duplicate\":%zu,\"refused\":%zu,\"ignored\":%zu,\"besides\":[",
                counts[GJ_APPLIED], counts[GJ_DUPLICATE], refused, ignored);
    for (const struct gj_posted_aside *a = p->asides; a != NULL; a = a->next) {
        add_outcome(out, is_refused(a) ? "refused" : "ignored", a->topic, a->why);
    }
    for (size_t i = 0; i < p->count; i++) {
        if (p->items[i].status == GJ_REFUSED) {
            add_outcome(out, "refused", GJ_STR(""), gj_request_told(r, gj_str_of(p->items[i].why)));
        }
    }
    gj_buf_add_cstr(out, "]}\n");
    gj_answer_json(r, refused > 0 ? 422 : 200);
}

/* As the platform expects it: by its own words where it has some. */
static void acknowledge(struct gj_request *r, const struct gj_posted *p, const size_t counts[3])
{
    struct gj_edition *edition = gj_edition_take(r->server);
    gj_ingest_door door = {0};
    gj_ingest_door_of(edition->book, r->captures[0].ptr, &door);
    size_t refused = counts[GJ_REFUSED], ignored = 0;
    for (const struct gj_posted_aside *a = p->asides; a != NULL; a = a->next) {
        refused += is_refused(a);
        ignored += !is_refused(a);
    }
    const char *words = refused > 0 ? door.answer_failure : door.answer_success;
    if (words == NULL || words[0] == '\0') {
        count_out(r, p, counts, refused, ignored);
    } else {
        gj_buf_add_cstr(&r->answer.body, words);
        struct gj_str type = gj_arena_copy(&r->arena, gj_str_of(door.answer_type));
        r->answer.type = type.len == 0 ? "application/json" : type.ptr;
        r->answer.status = refused > 0 ? 422 : 200;
    }
    gj_edition_leave(edition);
}

static enum gj_handled unwrap(struct gj_request *r, const struct gj_edition *edition,
                              struct pushed *p, const struct gj_application *application,
                              bool trusted)
{
    gj_errors *errors = gj_errors_new();
    gj_ingest_request request = {.body = r->body.ptr,
                                 .body_len = r->body.len,
                                 .content_type = gj_request_header(r, "Content-Type"),
                                 .query = p->query.len == 0 ? NULL : p->query.ptr,
                                 .headers = p->headers,
                                 .header_count = p->header_count,
                                 .app_key = application == NULL ? NULL : application->key,
                                 .secret = application == NULL ? NULL : application->secret,
                                 .trusted = trusted,
                                 .received_at = r->now,
                                 .english = r->english};
    int status = errors == NULL
                     ? GJ_ESYSTEM
                     : gj_ingest(edition->book, r->captures[0].ptr, &request, take, p, errors);
    if (status != GJ_OK && r->answer.status == 0) {
        gj_problem_errors(r, trusted ? "unprocessable" : "unauthorized", errors);
    } else if (p->failed && r->answer.status == 0) {
        gj_problem(r, "out-of-memory", "服务器内存不足", "the server is out of memory");
    }
    gj_errors_free(errors);
    return r->answer.status != 0 ? GJ_ANSWERED : gj_posted_submit(r, p->posted);
}

enum gj_handled gj_ingest_post(struct gj_request *r)
{
    struct gj_edition *edition = gj_edition_take(r->server);
    const struct gj_application *application = application_of(r);
    gj_ingest_door door;
    bool trusted = true;
    enum gj_handled handled = GJ_ANSWERED;
    struct pushed p = {.r = r, .posted = gj_arena_alloc(&r->arena, sizeof *p.posted)};
    if (!gj_ingest_door_of(edition->book, r->captures[0].ptr, &door)) {
        gj_problemf(r, "not-found", "没有这个平台的映射：%s", "there is no mapping for %s",
                    r->captures[0].ptr);
    } else if (p.posted == NULL) {
        gj_problem(r, "out-of-memory", "服务器内存不足", "the server is out of memory");
    } else if (admit(r, application, &door, &trusted)) {
        gj_buf_init(&p.query);
        p.posted->answer = acknowledge;
        p.last = &p.posted->asides;
        MHD_get_connection_values(r->connection, MHD_HEADER_KIND, note_header, &p);
        MHD_get_connection_values(r->connection, MHD_GET_ARGUMENT_KIND, note_argument, &p);
        handled = unwrap(r, edition, &p, application, trusted);
        gj_buf_release(&p.query);
    }
    gj_edition_leave(edition);
    return handled;
}
