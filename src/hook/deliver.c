/* Room hook: one delivery, or those of a card: the request, and what its answer makes of them
 * (see hook.h for the states). */
#include <sodium.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "hook/internal.h"
#include "hook/sign.h"

#define CARD_NOTICES     20         /* in one card at most */
#define ERROR_BYTES      300        /* of a reason that is kept */
#define PAUSE_MICROS_MAX 3600000000 /* that the other side may put a whole hook off */
#define HEADERS          4

/* ---- flights ---- */

void gj_flight_free(struct gj_flight *flight)
{
    gj_arena_release(&flight->arena);
    free(flight);
}

static struct gj_flight *new_flight(const struct gj_hook *hook)
{
    struct gj_flight *flight = calloc(1, sizeof *flight);
    if (flight == NULL) {
        return NULL;
    }
    gj_arena_init(&flight->arena);
    flight->arena.block = 4096;
    flight->robot = hook->robot;
    flight->hook = gj_arena_copy(&flight->arena, hook->row.id);
    flight->rows = gj_arena_array(&flight->arena, CARD_NOTICES, sizeof *flight->rows);
    if (flight->arena.failed) {
        gj_flight_free(flight);
        return NULL;
    }
    return flight;
}

static int take_row(void *context, const struct gj_delivery_row *row)
{
    struct gj_flight *flight = context;
    struct gj_delivery_row *kept = &flight->rows[flight->count++];
    *kept = *row;
    kept->hook = flight->hook;
    struct gj_str *const texts[] = {&kept->message, &kept->source, &kept->type,
                                    &kept->body,    &kept->state,  &kept->error};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        *texts[i] = gj_arena_copy(&flight->arena, *texts[i]);
    }
    return flight->arena.failed ? -1 : 0;
}

/* ---- requests ---- */

struct request {
    struct gj_buf url, body, headers[HEADERS];
    size_t header_count;
};

static void init_request(struct request *request)
{
    gj_buf_init(&request->url);
    gj_buf_init(&request->body);
    for (size_t i = 0; i < HEADERS; i++) {
        gj_buf_init(&request->headers[i]);
    }
    request->header_count = 1;
    gj_buf_add_cstr(&request->headers[0], "Content-Type: application/json; charset=utf-8");
}

static void release_request(struct request *request)
{
    gj_buf_release(&request->url);
    gj_buf_release(&request->body);
    for (size_t i = 0; i < HEADERS; i++) {
        gj_buf_release(&request->headers[i]);
    }
}

/* {"type", "timestamp": when it happened, "source", "data"}: the same bytes at every attempt. */
static void write_payload(const struct gj_delivery_row *row, struct gj_buf *out)
{
    gj_buf_add_cstr(out, "{\"type\":");
    gj_json_add_string(out, row->type);
    gj_buf_add_cstr(out, ",\"timestamp\":\"");
    gj_hook_add_time(out, row->at);
    gj_buf_add_cstr(out, "\",\"source\":");
    gj_json_add_string(out, row->source);
    gj_buf_add_cstr(out, ",\"data\":");
    gj_buf_add_str(out, row->body.len > 0 ? row->body : GJ_STR("{}"));
    gj_buf_add_char(out, '}');
}

static int write_webhook(const struct gj_hook_row *hook, const struct gj_delivery_row *row,
                         int64_t now, struct request *request)
{
    gj_buf_add_str(&request->url, hook->url);
    write_payload(row, &request->body);
    int64_t seconds = now / 1000000;
    struct gj_str body = gj_buf_str(&request->body);
    struct gj_buf *headers = request->headers;
    gj_buf_addf(&headers[1], "webhook-id: %.*s", (int)row->message.len, row->message.ptr);
    gj_buf_addf(&headers[2], "webhook-timestamp: %lld", (long long)seconds);
    gj_buf_add_cstr(&headers[3], "webhook-signature: ");
    int status = gj_hook_sign(hook->secret, row->message, seconds, body, &headers[3]);
    if (hook->old_secret.len > 0 && now < hook->old_until) {
        gj_buf_add_char(&headers[3], ' ');
        status |= gj_hook_sign(hook->old_secret, row->message, seconds, body, &headers[3]);
    }
    request->header_count = HEADERS;
    return status;
}

static void write_card(struct gj_hooks *hooks, const struct gj_hook *hook,
                       const struct gj_flight *flight, int64_t now, struct request *request)
{
    struct gj_hook_notice notices[CARD_NOTICES];
    for (size_t i = 0; i < flight->count; i++) {
        const struct gj_delivery_row *row = &flight->rows[i];
        notices[i] = (struct gj_hook_notice){row->seq, row->at, row->source, row->type, row->body};
    }
    gj_robot_write(hook->robot, hooks->parser, notices, flight->count,
                   gj_str_is(hook->row.lang, "en"), hook->row.url, hook->row.secret, now,
                   &request->url, &request->body);
}

static int post(struct gj_hooks *hooks, const struct gj_hook *hook, struct gj_flight *flight,
                int64_t now)
{
    struct request request;
    int status = 0;
    init_request(&request);
    if (hook->robot != NULL) {
        write_card(hooks, hook, flight, now, &request);
    } else {
        status = write_webhook(&hook->row, &flight->rows[0], now, &request);
    }
    if (status == 0 && !request.url.failed && !request.body.failed) {
        status = gj_sender_post(hooks->sender, request.url.ptr, request.headers,
                                request.header_count, gj_buf_str(&request.body), flight);
    } else {
        status = -1;
    }
    release_request(&request);
    return status;
}

static void start(struct gj_hooks *hooks, struct gj_hook *hook, struct gj_flight *flight,
                  int64_t now)
{
    flight->next = hooks->flights;
    hooks->flights = flight;
    hooks->in_air++;
    hooks->attempts++;
    hook->busy = true;
    if (hook->robot != NULL) {
        int64_t gap = hooks->settings.card_gap_ms;
        hook->not_before = now + (gap >= 0 ? gap * 1000 : gj_robot_gap(hook->robot));
    }
}

int gj_hook_send(struct gj_hooks *hooks, struct gj_hook *hook, int64_t now)
{
    struct gj_flight *flight = new_flight(hook);
    if (flight == NULL) {
        return -1;
    }
    struct gj_errors errors;
    gj_errors_init(&errors);
    int64_t next = GJ_NEVER;
    int status = gj_office_hook_due(
        hooks->office, hook->row.id, now, hooks->settings.give_up_ms * 1000,
        hook->robot != NULL ? CARD_NOTICES : 1, take_row, flight, &next, &errors);
    gj_hooks_complain(hooks, &errors);
    gj_errors_release(&errors);
    if (status == 0 && flight->count > 0 && post(hooks, hook, flight, now) == 0) {
        start(hooks, hook, flight, now);
        return 0;
    }
    hook->next = status == 0 && flight->count == 0 ? next : hook->next;
    status = status == 0 && flight->count == 0 ? 0 : -1;
    gj_flight_free(flight);
    return status;
}

/* ---- answers ---- */

/* Whether the other side took it; if not, `why`. */
static bool taken(const struct gj_flight *flight, struct gj_json_parser *parser,
                  const struct gj_reply *reply, bool *busy, struct gj_buf *why)
{
    *busy = reply->status == 429;
    if (reply->error != NULL) {
        gj_buf_add_cstr(why, reply->error);
        return false;
    }
    if (reply->status < 200 || reply->status >= 300) {
        gj_buf_addf(why, "HTTP %ld%s", reply->status,
                    reply->status >= 300 && reply->status < 400
                        ? ": redirects are not followed; give the hook its final address"
                        : "");
        return false;
    }
    if (flight->robot == NULL) {
        return true;
    }
    enum gj_robot_answer answer = gj_robot_read(flight->robot, parser, reply->body, why);
    *busy = answer == GJ_ROBOT_BUSY;
    return answer == GJ_ROBOT_TAKEN;
}

/* How long to wait after `attempts` failed ones: the table's pause, a tenth more or less so that
 * many do not come back at once, or longer if the other side asks for it. Microseconds. */
static int64_t pause_after(const struct gj_hooks_settings *settings, int64_t attempts,
                           int64_t retry_after)
{
    size_t at = (size_t)attempts - 1;
    at = at < settings->retry_count ? at : settings->retry_count - 1;
    int64_t pause = settings->retry_count == 0 ? 0 : settings->retry_ms[at] * 1000;
    pause += pause / 10 * ((int64_t)randombytes_uniform(201) - 100) / 100;
    int64_t most = settings->give_up_ms * 1000;
    int64_t asked = retry_after < most / 1000000 ? retry_after * 1000000 : most;
    return pause > asked ? pause : asked;
}

/* A failed attempt: the row waits for the next one, or is dead. */
static void fail_row(struct gj_hooks *hooks, struct gj_delivery_row *row, int64_t pause, bool gone,
                     int64_t now)
{
    int64_t end = row->first + hooks->settings.give_up_ms * 1000;
    if (gone || now >= end) {
        row->state = GJ_STR("dead");
        row->next = GJ_NEVER;
        row->done = now;
        hooks->dead++;
        return;
    }
    row->next = now + pause < end ? now + pause : end;
}

/* At most ERROR_BYTES of it, in whole code points. */
static struct gj_str shortened(struct gj_str text)
{
    size_t len = text.len < ERROR_BYTES ? text.len : ERROR_BYTES;
    len = gj_utf8_valid_prefix((struct gj_str){text.ptr, len});
    return (struct gj_str){text.ptr, len};
}

void gj_hook_answer(struct gj_hooks *hooks, const struct gj_reply *reply, int64_t now)
{
    struct gj_flight *flight = reply->context;
    struct gj_buf why;
    bool busy = false;
    gj_buf_init(&why);
    bool good = taken(flight, hooks->parser, reply, &busy, &why);
    flight->answered = true;
    flight->gone = flight->robot == NULL && reply->error == NULL && reply->status == 410;
    struct gj_str error = gj_arena_copy(&flight->arena, shortened(gj_buf_str(&why)));
    int64_t pause = pause_after(&hooks->settings, flight->rows[0].attempts + 1, reply->retry_after);
    if (busy && flight->robot != NULL && pause < hooks->settings.robot_pause_ms * 1000) {
        pause = hooks->settings.robot_pause_ms * 1000;
    }
    for (size_t i = 0; i < flight->count; i++) {
        struct gj_delivery_row *row = &flight->rows[i];
        row->attempts++;
        row->first = row->first == 0 ? now : row->first;
        row->status = reply->status;
        row->error = good ? GJ_STR("") : error;
        if (good) {
            row->state = GJ_STR("delivered");
            row->next = GJ_NEVER;
            row->done = now;
        } else {
            fail_row(hooks, row, pause, flight->gone, now);
        }
    }
    if (!good && (busy || reply->retry_after > 0)) { /* the whole hook waits */
        flight->not_before = now + (pause < PAUSE_MICROS_MAX ? pause : PAUSE_MICROS_MAX);
    }
    hooks->delivered += good ? flight->count : 0;
    hooks->failed += good ? 0 : flight->count;
    hooks->in_air--;
    gj_buf_release(&why);
}

/* ---- into the office ---- */

static void release_hook(struct gj_hooks *hooks, const struct gj_flight *flight)
{
    for (size_t i = 0; i < hooks->count; i++) {
        struct gj_hook *hook = &hooks->hooks[i];
        if (gj_str_eq(hook->row.id, flight->hook)) {
            hook->busy = false;
            hook->next = 0;
            hook->not_before =
                flight->not_before > hook->not_before ? flight->not_before : hook->not_before;
        }
    }
}

int gj_hook_settle(struct gj_hooks *hooks)
{
    struct gj_errors errors;
    gj_errors_init(&errors);
    int status = 0;
    for (struct gj_flight **at = &hooks->flights; *at != NULL;) {
        struct gj_flight *flight = *at;
        if (!flight->answered || status != 0 ||
            (status = gj_office_hook_settle(hooks->office, flight->hook, flight->rows,
                                            flight->count, flight->gone, &errors)) != 0) {
            at = &flight->next;
            continue;
        }
        *at = flight->next;
        release_hook(hooks, flight);
        if (flight->gone) {
            gj_hooks_look(hooks);
        }
        gj_flight_free(flight);
    }
    gj_hooks_complain(hooks, &errors);
    gj_errors_release(&errors);
    return status;
}
