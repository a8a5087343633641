/* Room server: POST /v1/events: one event, several, or lines, in every mode of CloudEvents' HTTP
 * binding. They are applied by the desk, committed with whatever else waits, and answered with the
 * decision (see desk.h). */
#include "server/events.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <microhttpd.h>

#include "server/audit.h"
#include "server/check.h"
#include "server/http.h"
#include "server/parts.h"
#include "server/stream.h"
#include "wire/cloudevent.h"

#define EVENTS_MAX    10000 /* of a request */
#define DECISIONS_MAX 100   /* of a request, unless it asks for them */

/* ---- what was sent, as a list of events ---- */

static bool is_attribute_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

struct binary {
    struct gj_request *r;
    struct gj_buf *out;
    bool wrong;
};

/* What stands in a quoted string of a header, without the quotes and the backslashes. */
static struct gj_str unquoted(struct gj_arena *arena, struct gj_str value)
{
    if (value.len < 2 || value.ptr[0] != '"' || value.ptr[value.len - 1] != '"') {
        return value;
    }
    struct gj_str copy = gj_arena_copy(arena, (struct gj_str){value.ptr + 1, value.len - 2});
    char *to = (char *)(uintptr_t)copy.ptr;
    for (size_t i = 0; i < copy.len; i++) {
        i += copy.ptr[i] == '\\' && i + 1 < copy.len;
        *to++ = copy.ptr[i];
    }
    copy.len = copy.ptr == NULL ? 0 : (size_t)(to - copy.ptr);
    return copy;
}

/* An attribute as the HTTP binding has it: quoted or not, percent-encoded. Senders that encode
 * nothing, as some libraries do, are taken at their word. */
static bool read_attribute(struct gj_arena *arena, const char *value, struct gj_str *out)
{
    struct gj_str text = unquoted(arena, gj_str_of(value));
    if (!gj_percent_decode(arena, text, out)) {
        *out = text;
    }
    return gj_json_is_utf8(*out);
}

/* A header "ce-NAME" is the attribute NAME of the event in the body. */
static enum MHD_Result add_attribute(void *context, enum MHD_ValueKind kind, const char *name,
                                     const char *value)
{
    struct binary *b = context;
    struct gj_str text;
    char lower[32];
    size_t len = strlen(name + (strlen(name) < 3 ? 0 : 3));
    (void)kind;
    if (strncasecmp(name, "ce-", 3) != 0 || value == NULL) {
        return MHD_YES;
    }
    for (size_t i = 0; i <= len && len < sizeof lower; i++) {
        char c = name[3 + i];
        lower[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
        b->wrong |= i < len && !is_attribute_char(lower[i]);
    }
    if (len == 0 || len >= sizeof lower || b->wrong ||
        !read_attribute(&b->r->arena, value, &text)) {
        b->wrong = true;
        return MHD_NO;
    }
    gj_buf_addf(b->out, "\"%s\":", lower);
    gj_json_add_string(b->out, text);
    gj_buf_add_char(b->out, ',');
    return MHD_YES;
}

/* Binary mode: attributes in headers, data in the body, which is JSON by itself: no member of the
 * event around it. */
static bool from_headers(struct gj_request *r, struct gj_str *out)
{
    struct gj_buf text;
    struct gj_json_parser *parser = NULL;
    if (r->body.len > 0 && gj_request_json(r, &parser) == NULL) {
        return false;
    }
    gj_buf_init(&text);
    gj_buf_add_char(&text, '{');
    struct binary b = {r, &text, false};
    MHD_get_connection_values(r->connection, MHD_HEADER_KIND, add_attribute, &b);
    gj_buf_add_cstr(&text, "\"data\":");
    gj_buf_add_str(&text, r->body.len == 0 ? GJ_STR("{}") : gj_buf_str(&r->body));
    gj_buf_add_char(&text, '}');
    struct gj_str copy = gj_arena_copy(&r->arena, gj_buf_str(&text));
    gj_buf_release(&text);
    if (b.wrong || copy.ptr == NULL) {
        gj_problem(r, "bad-request",
                   "ce- 开头的请求头有误：名称只用字母和数字，值为 UTF-8，按百分号编码",
                   "a ce- header is wrong: names have letters and digits alone, values are UTF-8, "
                   "percent-encoded");
        return false;
    }
    *out = copy;
    return true;
}

/* An event from the future would take its shop's clock along: deadlines would fire that are not
 * due, and whatever comes in time after it would be late. NULL: it is none. */
static const char *ahead(struct gj_request *r, struct gj_instant time)
{
    int64_t seconds = time.seconds - r->now / GJ_SECOND_US;
    if (seconds <= r->server->settings.ahead_seconds) {
        return NULL;
    }
    char why[160];
    snprintf(
        why, sizeof why,
        "'time' is %lld s ahead of the server's clock; check the sender's clock and the offset",
        (long long)seconds);
    const char *copy = gj_arena_copy(&r->arena, gj_str_of(why)).ptr;
    return copy == NULL ? "out of memory" : copy;
}

/* Reads the event's envelope: an event of a shop that the caller may not write is refused here, and
 * one from the future. */
static void look_at(struct gj_request *r, struct gj_posted_event *item)
{
    struct gj_cloudevent event;
    struct gj_buf why;
    struct gj_json_parser *parser = gj_thread_parser(r->server);
    gj_buf_init(&why);
    item->status = GJ_REFUSED;
    if (parser == NULL || gj_cloudevent_read(parser, item->line, 0, &event, &why) != 0) {
        item->why = gj_arena_copy(&r->arena, gj_buf_str(&why)).ptr;
        item->why = item->why == NULL ? "out of memory" : item->why;
    } else if (!gj_request_sees(r, event.source)) {
        item->why = "this token does not include the event's source";
    } else {
        item->why = ahead(r, event.time);
    }
    item->id = parser == NULL ? GJ_STR("") : gj_arena_copy(&r->arena, event.id);
    item->source = item->why != NULL ? GJ_STR("") : gj_arena_copy(&r->arena, event.source);
    gj_buf_release(&why);
}

bool gj_posted_add(struct gj_request *r, struct gj_posted *p, struct gj_str line)
{
    if (p->count == EVENTS_MAX) {
        gj_problem(r, "content-too-large", "一次最多 10000 个事件，请分批发送",
                   "a request has at most 10000 events; send them in parts");
        return false;
    }
    if (p->count == p->capacity) {
        size_t more = p->capacity == 0 ? 1 : p->capacity * 4;
        struct gj_posted_event *moved = gj_arena_array(&r->arena, more, sizeof *moved);
        if (moved == NULL) {
            gj_problem(r, "out-of-memory", "服务器内存不足", "the server is out of memory");
            return false;
        }
        if (p->count > 0) {
            memcpy(moved, p->items, p->count * sizeof *moved);
        }
        p->items = moved;
        p->capacity = more;
    }
    p->items[p->count] = (struct gj_posted_event){.line = line};
    look_at(r, &p->items[p->count++]);
    return true;
}

/* One event alone: a body that is no JSON is wrong as a whole. */
static bool add_single(struct gj_request *r, struct gj_posted *p, struct gj_str line)
{
    struct gj_json_parser *parser = NULL;
    p->single = true;
    return gj_posted_add(r, p, line) &&
           (p->items[0].why == NULL || gj_request_json(r, &parser) != NULL);
}

static bool split(struct gj_request *r, struct gj_posted *p)
{
    struct gj_str body = gj_buf_str(&r->body), line;
    struct gj_json_parser *parser = NULL;
    if (gj_request_header(r, "ce-specversion") != NULL) {
        return from_headers(r, &line) && add_single(r, p, line);
    }
    if (gj_request_is_lines(r)) {
        while (body.len > 0) {
            line = gj_next_line(&body);
            if (line.len > 0 && !gj_posted_add(r, p, line)) {
                return false;
            }
        }
        return true;
    }
    if (!gj_body_is_array(body)) {
        if (gj_request_is(r, "application/cloudevents-batch+json")) {
            gj_problem(r, "bad-request", "批量模式（cloudevents-batch）的请求体是数组",
                       "the body of batched mode (cloudevents-batch) is an array");
            return false;
        }
        return add_single(r, p, body);
    }
    if (gj_request_is(r, "application/cloudevents+json")) {
        gj_problem(r, "bad-request", "结构化模式（cloudevents+json）的请求体是一个事件",
                   "the body of structured mode (cloudevents+json) is one event");
        return false;
    }
    if (gj_request_json(r, &parser) == NULL) {
        return false;
    }
    for (body = gj_array_inside(body); (line = gj_next_element(&body)).len > 0;) {
        if (!gj_posted_add(r, p, line)) {
            return false;
        }
    }
    return true;
}

/* ---- on the desk ---- */

/* What the engine tells lives until its next call. */
static const char *kept(struct gj_request *r, const char *text)
{
    return text == NULL ? NULL : gj_arena_copy(&r->arena, gj_str_of(text)).ptr;
}

static void apply(struct gj_job *job, struct gj_tenant *tenant)
{
    struct gj_posted *p = job->state;
    for (const struct gj_posted_aside *a = p->asides; a != NULL; a = a->next) {
        gj_stream_say(tenant->stream, a->type, "", job->request->now, a->body);
    }
    tenant->failed = gj_engine_decide(tenant->engine, p->decisions, job->request->english) != GJ_OK;
    for (size_t i = 0; i < p->count && !tenant->failed; i++) {
        struct gj_posted_event *item = &p->items[i];
        gj_reception reception;
        if (item->why != NULL && item->source.len == 0) {
            continue; /* refused at the door */
        }
        if (gj_engine_apply(tenant->engine, item->line.ptr, item->line.len, 0, &reception) !=
            GJ_OK) {
            tenant->failed = true;
            return;
        }
        item->status = reception.status;
        item->late = reception.late;
        item->ignored = kept(job->request, reception.ignored);
        if (reception.status == GJ_REFUSED) {
            item->why = kept(job->request, reception.why);
        }
        item->decision = kept(job->request, reception.decision);
    }
}

static const char *const status_names[] = {"applied", "duplicate", "refused"};

static void add_decision(struct gj_request *r, struct gj_tenant *tenant,
                         const struct gj_posted_event *item)
{
    char *json = NULL;
    if (item->decision != NULL) {
        gj_buf_add_cstr(&r->answer.body, ",\"decision\":");
        gj_buf_add_cstr(&r->answer.body, item->decision);
        return;
    }
    /* known already, or late: told from the log */
    if (gj_engine_decision(tenant->engine, item->source.ptr, item->id.ptr, r->english, &json) ==
        GJ_OK) {
        gj_buf_add_cstr(&r->answer.body, ",\"decision\":");
        gj_buf_add_cstr(&r->answer.body, json);
        gj_string_free(json);
    }
}

static void add_result(struct gj_request *r, struct gj_tenant *tenant,
                       const struct gj_posted_event *item, bool decision)
{
    struct gj_buf *out = &r->answer.body;
    gj_buf_add_cstr(out, "{\"id\":");
    gj_json_add_string(out, item->id);
    gj_buf_addf(out, ",\"status\":\"%s\"", status_names[item->status]);
    if (item->late) {
        gj_buf_add_cstr(out, ",\"late\":true");
    }
    if (item->ignored != NULL) {
        gj_buf_add_cstr(out, ",\"ignored\":");
        gj_buf_add_cstr(out, item->ignored);
    }
    if (item->status == GJ_REFUSED) {
        gj_buf_add_cstr(out, ",\"why\":");
        gj_json_add_string(out, gj_request_told(r, gj_str_of(item->why == NULL ? "" : item->why)));
    } else if (decision) {
        add_decision(r, tenant, item);
    }
    gj_buf_add_char(out, '}');
}

static void answer_many(struct gj_request *r, struct gj_tenant *tenant, const struct gj_posted *p,
                        const size_t counts[3])
{
    struct gj_buf *out = &r->answer.body;
    gj_buf_addf(out, "{\"applied\":%zu,\"duplicate\":%zu,\"refused\":%zu,\"results\":[",
                counts[GJ_APPLIED], counts[GJ_DUPLICATE], counts[GJ_REFUSED]);
    for (size_t i = 0; i < p->count; i++) {
        gj_buf_add_cstr(out, i > 0 ? ",\n" : "");
        add_result(r, tenant, &p->items[i], p->decisions);
    }
    gj_buf_add_cstr(out, "]}\n");
    gj_answer_json(r, 200);
}

static void answer(struct gj_job *job, struct gj_tenant *tenant, bool kept)
{
    struct gj_request *r = job->request;
    struct gj_posted *p = job->state;
    size_t counts[3] = {0};
    if (!kept) {
        gj_desk_refuse(r, tenant);
        return;
    }
    for (size_t i = 0; i < p->count; i++) {
        counts[p->items[i].status]++;
        atomic_fetch_add_explicit(&r->server->counts.events[p->items[i].status], 1,
                                  memory_order_relaxed);
    }
    if (p->answer != NULL) {
        p->answer(r, p, counts);
    } else if (p->single && counts[GJ_REFUSED] > 0) {
        gj_problem_told(r, "unprocessable", p->items[0].why);
    } else if (p->single) {
        add_result(r, tenant, &p->items[0], p->decisions);
        gj_buf_add_char(&r->answer.body, '\n');
        gj_answer_json(r, 200);
    } else {
        answer_many(r, tenant, p, counts);
    }
}

static void tell_audit(struct gj_request *r, const struct gj_posted *p)
{
    struct gj_buf text;
    gj_buf_init(&text);
    gj_buf_addf(&text, "%zu events", p->count);
    if (p->count > 0 && p->items[0].id.len > 0) {
        gj_buf_add_cstr(&text, ", first ");
        gj_buf_add_str(&text, p->items[0].id);
        gj_buf_add_cstr(&text, " of ");
        gj_buf_add_str(&text, p->items[0].source);
    }
    gj_audit_about(r, text.ptr);
    gj_buf_release(&text);
}

enum gj_handled gj_posted_submit(struct gj_request *r, struct gj_posted *p)
{
    tell_audit(r, p);
    p->job = (struct gj_job){.request = r,
                             .tenant = r->who.tenant.ptr,
                             .writes = true,
                             .run = apply,
                             .finish = answer,
                             .state = p};
    gj_desk_submit(r->server->desk, &p->job);
    return GJ_LATER;
}

enum gj_handled gj_events_post(struct gj_request *r)
{
    struct gj_posted *p = gj_arena_alloc(&r->arena, sizeof *p);
    if (p == NULL) {
        return gj_problem(r, "out-of-memory", "服务器内存不足", "the server is out of memory");
    }
    if (!split(r, p) || !gj_request_flag(r, "decision", p->count <= DECISIONS_MAX, &p->decisions)) {
        return GJ_ANSWERED;
    }
    return gj_posted_submit(r, p);
}
