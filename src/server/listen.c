/* Room server: who listens to notices, by SSE (see ring.h): what he has missed comes from the
 * table, the rest from the ring. */
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "hook/card.h"
#include "server/http.h"
#include "server/ring.h"

#define RESUME_MAX 10000

/* ---- what a listener gets ---- */

/* The next type of a list by commas; empty at its end. */
static struct gj_str next_type(const char **types)
{
    size_t len = strcspn(*types, ",");
    struct gj_str type = {*types, len};
    *types += len + ((*types)[len] == ',' ? 1 : 0);
    return type;
}

static bool is_listed(const char *types, const char *type)
{
    bool any = *types == '\0';
    while (*types != '\0' && !any) {
        any = gj_notice_type_begins(gj_str_of(type), next_type(&types));
    }
    return any;
}

static bool all_known(const char *types)
{
    bool known = true;
    while (*types != '\0') {
        known &= gj_notice_type_known(next_type(&types));
    }
    return known;
}

/* A notice of no type is everybody's: how far he has come (see add_mark). One of no shop, as what a
 * platform pushed and nobody understood, may be of any: nothing for who is for some shops alone. */
static bool wants(const struct gj_listener *l, const struct gj_told *t)
{
    return t->type[0] == '\0' ||
           (is_listed(l->types, t->type) && gj_principal_sees(&l->who, gj_str_of(t->source)));
}

/* The next notice of the ring for the listener. false: he has fallen behind it, or not yet come up
 * to it. Under lock. */
static bool next_of_ring(struct gj_stream *s, struct gj_listener *l, struct gj_told **out)
{
    uint64_t first = s->published < GJ_RING ? 0 : s->published - GJ_RING;
    *out = NULL;
    if (l->seq >= s->last_seq) {
        return true;
    }
    if (first == s->published || s->ring[first % GJ_RING]->seq > l->seq + 1) {
        return false;
    }
    uint64_t low = first, high = s->published; /* the first behind l->seq */
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (s->ring[middle % GJ_RING]->seq <= l->seq) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; low < s->published && *out == NULL; low++) {
        struct gj_told *t = s->ring[low % GJ_RING];
        l->seq = t->seq;
        *out = wants(l, t) ? t : NULL;
    }
    return true;
}

static bool next_of_all(struct gj_stream *s, struct gj_listener *l)
{
    while (l->missed_at < l->missed_count) {
        struct gj_told *t = l->missed[l->missed_at++];
        if (wants(l, t)) {
            l->now = t;
            return true;
        }
        gj_told_let_go(t);
    }
    if (!next_of_ring(s, l, &l->now)) {
        return false;
    }
    if (l->now != NULL) {
        atomic_fetch_add(&l->now->users, 1);
    }
    return true;
}

static ssize_t send_piece(struct gj_listener *l, char *out, size_t most)
{
    struct gj_str text = gj_buf_str(&l->now->text);
    size_t len = text.len - l->sent < most ? text.len - l->sent : most;
    memcpy(out, text.ptr + l->sent, len);
    l->sent += len;
    if (l->sent == text.len) {
        gj_told_let_go(l->now);
        l->now = NULL;
        l->sent = 0;
    }
    l->wrote = gj_steady_now();
    return (ssize_t)len;
}

static ssize_t read_stream(void *context, uint64_t at, char *out, size_t most)
{
    static const char keep[] = ":\n\n";
    struct gj_listener *l = context;
    struct gj_stream *s = l->stream;
    ssize_t len = 0;
    (void)at;
    pthread_mutex_lock(&s->lock);
    bool on = !s->ending && !l->ended && !atomic_load(&s->server->stopping);
    on = on && (l->now != NULL || next_of_all(s, l));
    if (!on) {
        len = MHD_CONTENT_READER_END_OF_STREAM;
    } else if (l->now != NULL) {
        len = send_piece(l, out, most);
    } else if (gj_steady_now() - l->wrote > GJ_KEEPALIVE_US && most >= sizeof keep) {
        len = sizeof keep - 1;
        memcpy(out, keep, (size_t)len);
        l->wrote = gj_steady_now();
    } else {
        l->waits = true;
        MHD_suspend_connection(l->connection);
    }
    pthread_mutex_unlock(&s->lock);
    return len;
}

static void free_listener(void *context)
{
    struct gj_listener *l = context;
    gj_told_let_go(l->now);
    while (l->missed_at < l->missed_count) {
        gj_told_let_go(l->missed[l->missed_at++]);
    }
    gj_principal_release(&l->who);
    free(l->missed);
    free(l->types);
    free(l);
}

static void end_listener(void *context)
{
    struct gj_listener *l = context;
    struct gj_stream *s = l->stream;
    pthread_mutex_lock(&s->lock);
    struct gj_listener **from = l->prev == NULL ? &s->listeners : &l->prev->next;
    *from = l->next;
    if (l->next != NULL) {
        l->next->prev = l->prev;
    }
    pthread_mutex_unlock(&s->lock);
    atomic_fetch_sub(&s->server->counts.listeners, 1);
    free_listener(l);
}

struct MHD_Response *gj_stream_response(struct gj_request *r)
{
    struct gj_listener *l = r->answer.stream;
    r->state = NULL; /* the response's from here on */
    r->free_state = NULL;
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 2048, read_stream, l, end_listener);
    if (response == NULL) {
        end_listener(l);
        return NULL;
    }
    MHD_add_response_header(response, "X-Accel-Buffering", "no");
    return response;
}

/* ---- joining, on the desk, where nothing is published meanwhile ---- */

/* One more that he has missed, which is his from here on; NULL: out of memory. */
static struct gj_told *missed_more(struct gj_listener *l, struct gj_told *t)
{
    struct gj_told **moved =
        t == NULL ? NULL
                  : gj_grow(l->missed, &l->missed_capacity, l->missed_count + 1, sizeof(*moved));
    if (moved == NULL) {
        gj_told_let_go(t);
        return NULL;
    }
    l->missed = moved;
    l->missed[l->missed_count++] = t;
    return t;
}

static int add_missed(void *context, const gj_notice_row *row)
{
    struct gj_listener *l = context;
    struct gj_told *t =
        missed_more(l, gj_told_new(row->type, row->source, row->at, gj_str_of(row->body)));
    if (t == NULL) {
        return -1;
    }
    gj_told_number(t, row->seq);
    l->seq = row->seq;
    return t->text.failed ? -1 : 0;
}

/* An id alone: whoever wants none of what came before it comes again from there all the same. */
static int add_mark(struct gj_listener *l)
{
    struct gj_told *t = missed_more(l, gj_told_new("", "", 0, GJ_STR("")));
    if (t == NULL) {
        return -1;
    }
    gj_buf_addf(&t->text, "id: %lld\n\n", (long long)l->seq);
    return t->text.failed ? -1 : 0;
}

/* What he has missed. Of very much a part: he is let go behind it and comes again for the rest. */
static int read_missed(struct gj_listener *l, gj_engine *engine, int64_t last_seq)
{
    if (gj_engine_notices(engine, l->seq, RESUME_MAX, add_missed, l) != GJ_OK) {
        return -1;
    }
    if (l->missed_count < RESUME_MAX) {
        l->seq = last_seq; /* what is not in the table any more is too old */
        return 0;
    }
    return add_mark(l);
}

/* The number behind which he begins: of the last notice when he names none, and when he names one
 * that has not been given yet (by another database). false: it is no number, which is answered. */
static bool begins_behind(struct gj_request *r, int64_t last_seq, int64_t *seq)
{
    const char *given = gj_request_header(r, "Last-Event-ID");
    given = given == NULL ? gj_request_query(r, "last_event_id") : given;
    *seq = last_seq;
    if (given == NULL) {
        return true;
    }
    char *end = NULL;
    int64_t number = strtoll(given, &end, 10);
    if (*given == '\0' || *end != '\0' || number < 0) {
        gj_problem(r, "bad-request", "Last-Event-ID 应为通知的编号",
                   "Last-Event-ID is the number of a notice");
        return false;
    }
    *seq = number < last_seq ? number : last_seq;
    return true;
}

static void join(struct gj_job *job, struct gj_tenant *tenant)
{
    struct gj_request *r = job->request;
    struct gj_listener *l = job->state;
    struct gj_stream *s = tenant->stream;
    l->stream = s;
    if (!begins_behind(r, s->last_seq, &l->seq)) {
        return;
    }
    if (l->seq < s->last_seq && read_missed(l, tenant->engine, s->last_seq) != 0) {
        gj_problem(r, "internal", "读取历史通知失败", "past notices could not be read");
        return;
    }
    l->who = r->who; /* the listener's from here on */
    memset(&r->who, 0, sizeof r->who);
    l->wrote = 0; /* the first bytes go out at once */
    pthread_mutex_lock(&s->lock);
    l->next = s->listeners;
    if (l->next != NULL) {
        l->next->prev = l;
    }
    s->listeners = l;
    pthread_mutex_unlock(&s->lock);
    atomic_fetch_add(&r->server->counts.listeners, 1);
    r->answer.stream = l;
    r->answer.status = 200;
    r->answer.type = "text/event-stream";
    r->free_state = end_listener;
}

enum gj_handled gj_stream_get(struct gj_request *r)
{
    struct gj_listener *l = calloc(1, sizeof *l);
    const char *types = gj_request_query(r, "types");
    if (types != NULL && !all_known(types)) {
        free(l);
        return gj_problem(r, "bad-request", "types: 没有这种通知，类型见 docs/server.md",
                          "types: there are no such notices; docs/server.md lists them");
    }
    if (r->head) { /* libmicrohttpd would send the stream all the same */
        free(l);
        r->answer.status = 200;
        r->answer.type = "text/event-stream";
        return GJ_ANSWERED;
    }
    if (l != NULL) {
        l->types = strdup(types == NULL ? "" : types);
        l->connection = r->connection;
    }
    if (l == NULL || l->types == NULL) {
        free(l);
        return gj_problem(r, "out-of-memory", "服务器内存不足", "the server is out of memory");
    }
    r->state = l;
    r->free_state = free_listener;
    return gj_desk_ask(r, join, l);
}
