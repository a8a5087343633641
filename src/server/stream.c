/* Room server: notices (see stream.h).
 *
 *   engine --hear--> heard --note--> table `notice`, in the batch --commit--> ring
 *                                                            ring --> listeners, webhooks
 *
 * A notice's number (its SSE id) is the row's: whoever comes again with Last-Event-ID gets what he
 * missed from the table, then goes on with the ring. A listener who falls behind the ring is let go
 * and comes again the same way. */
#include "server/stream.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "hook/hook.h"
#include "server/http.h"
#include "server/tell.h"

#define RING         1024 /* a power of two */
#define RESUME_MAX   10000
#define KEEPALIVE_US (15 * GJ_SECOND_US)
#define KEEP_US      (INT64_C(7) * 86400 * GJ_SECOND_US) /* notices in the table */

struct told { /* one notice, shared by the ring and whoever sends it */
    atomic_int users;
    int64_t seq, at;
    char *type, *source;
    struct gj_buf body; /* JSON */
    struct gj_buf text; /* as SSE has it */
};

struct gj_listener {
    struct gj_stream *stream;
    struct gj_listener *next, *prev;
    struct MHD_Connection *connection;
    struct gj_principal who;
    char *types;          /* by commas, prefixes; "" all */
    int64_t seq;          /* the last one sent, or passed over */
    struct told *now;     /* being sent */
    size_t sent;          /* bytes of it */
    struct told **missed; /* from the table, to be sent first */
    size_t missed_count, missed_at;
    int64_t wrote; /* steady: when something was last sent */
    bool waits;    /* suspended until there is more */
    bool ended;    /* may not listen any more */
};

struct gj_stream {
    struct gj_server *server;
    char *tenant;
    gj_engine *engine; /* the desk's */
    struct told **heard;
    size_t heard_count, heard_capacity;
    bool failed; /* out of memory while hearing: the batch must not be kept without its notices */
    pthread_mutex_t lock;    /* of what follows */
    struct told *ring[RING]; /* by the order of publishing */
    uint64_t published;      /* so many so far */
    int64_t last_seq;
    struct gj_listener *listeners;
    bool ending;
    int64_t next_keep; /* steady; the desk's */
};

/* ---- notices ---- */

static void let_go(struct told *t)
{
    if (t != NULL && atomic_fetch_sub(&t->users, 1) == 1) {
        free(t->type);
        free(t->source);
        gj_buf_release(&t->body);
        gj_buf_release(&t->text);
        free(t);
    }
}

static struct told *new_told(const char *type, const char *source, int64_t at, struct gj_str body)
{
    struct told *t = calloc(1, sizeof *t);
    if (t == NULL) {
        return NULL;
    }
    atomic_init(&t->users, 1);
    t->at = at;
    t->type = strdup(type);
    t->source = strdup(source);
    gj_buf_init(&t->body);
    gj_buf_init(&t->text);
    gj_buf_add_str(&t->body, body);
    if (t->type == NULL || t->source == NULL || t->body.failed) {
        let_go(t);
        return NULL;
    }
    return t;
}

static void number(struct told *t, int64_t seq)
{
    t->seq = seq;
    gj_buf_addf(&t->text, "id: %lld\nevent: %s\ndata: ", (long long)seq, t->type);
    gj_buf_add_str(&t->text, gj_buf_str(&t->body));
    gj_buf_add_cstr(&t->text, "\n\n");
}

void gj_stream_say(struct gj_stream *s, const char *type, const char *source, int64_t at,
                   struct gj_str body)
{
    struct told **moved =
        gj_grow(s->heard, &s->heard_capacity, s->heard_count + 1, sizeof(struct told *));
    struct told *t = moved == NULL ? NULL : new_told(type, source, at, body);
    s->heard = moved == NULL ? s->heard : moved;
    if (t == NULL) {
        s->failed = true;
        return;
    }
    s->heard[s->heard_count++] = t;
}

void gj_stream_hear(struct gj_stream *s, const gj_notice *notice)
{
    struct gj_buf body;
    const char *type = gj_notice_type(notice->kind);
    if (type == NULL) {
        return; /* not for listeners */
    }
    gj_buf_init(&body);
    gj_tell_write(&body, notice);
    if (body.failed) {
        s->failed = true;
    } else {
        gj_stream_say(s, type, notice->source, notice->at, gj_buf_str(&body));
    }
    gj_buf_release(&body);
}

int gj_stream_note(struct gj_stream *s)
{
    if (s->failed) {
        return GJ_ESYSTEM;
    }
    for (size_t i = 0; i < s->heard_count; i++) {
        struct told *t = s->heard[i];
        int64_t seq = 0;
        int status = gj_engine_notice_add(s->engine, t->source, t->type, t->at, t->body.ptr, &seq);
        if (status != GJ_OK) {
            return status;
        }
        number(t, seq);
        if (t->text.failed) {
            return GJ_ESYSTEM;
        }
    }
    return GJ_OK;
}

static void forget(struct gj_stream *s)
{
    for (size_t i = 0; i < s->heard_count; i++) {
        let_go(s->heard[i]);
    }
    s->heard_count = 0;
    s->failed = false;
}

/* Under lock. */
static void wake(struct gj_stream *s)
{
    for (struct gj_listener *l = s->listeners; l != NULL; l = l->next) {
        if (l->waits) {
            l->waits = false;
            MHD_resume_connection(l->connection);
        }
    }
}

void gj_stream_publish(struct gj_stream *s)
{
    if (s->heard_count == 0) {
        return;
    }
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < s->heard_count; i++) {
        struct told **slot = &s->ring[s->published++ % RING];
        let_go(*slot);
        *slot = s->heard[i];
        s->last_seq = s->heard[i]->seq;
    }
    wake(s);
    pthread_mutex_unlock(&s->lock);
    atomic_fetch_add(&s->server->counts.notices, s->heard_count);
    s->heard_count = 0;
    gj_hooks_told(s->server->hooks, gj_str_of(s->tenant), s->last_seq);
}

bool gj_stream_has_news(const struct gj_stream *s)
{
    return s->heard_count > 0 || s->failed;
}

int gj_stream_prune(struct gj_stream *s, int64_t now)
{
    return gj_engine_notices_drop(s->engine, now - KEEP_US);
}

/* Once in a while an idle connection is written to: proxies keep it, and one that has gone is seen.
 * Whoever may not listen any more, his token revoked or expired, is let go. */
void gj_stream_keep(struct gj_stream *s)
{
    int64_t steady = gj_steady_now(), now = gj_server_now(s->server);
    if (steady < s->next_keep) {
        return;
    }
    s->next_keep = steady + GJ_SECOND_US;
    pthread_mutex_lock(&s->lock);
    for (struct gj_listener *l = s->listeners; l != NULL; l = l->next) {
        l->ended |= l->who.roster != NULL &&
                    gj_people_still(s->server->people, &l->who, now) != GJ_AUTHENTIC;
        if (l->waits && (l->ended || steady - l->wrote > KEEPALIVE_US)) {
            l->waits = false;
            MHD_resume_connection(l->connection);
        }
    }
    pthread_mutex_unlock(&s->lock);
}

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

static bool wants(const struct gj_listener *l, const struct told *t)
{
    return is_listed(l->types, t->type) &&
           (t->source[0] == '\0' || gj_principal_sees(&l->who, gj_str_of(t->source)));
}

/* The next notice of the ring for the listener. false: he has fallen behind it. Under lock. */
static bool next_of_ring(struct gj_stream *s, struct gj_listener *l, struct told **out)
{
    uint64_t first = s->published < RING ? 0 : s->published - RING;
    *out = NULL;
    if (l->seq >= s->last_seq) {
        return true;
    }
    if (first < s->published && first > 0 && s->ring[first % RING]->seq > l->seq + 1) {
        return false;
    }
    uint64_t low = first, high = s->published; /* the first behind l->seq */
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (s->ring[middle % RING]->seq <= l->seq) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; low < s->published && *out == NULL; low++) {
        struct told *t = s->ring[low % RING];
        l->seq = t->seq;
        *out = wants(l, t) ? t : NULL;
    }
    return true;
}

static bool next_of_all(struct gj_stream *s, struct gj_listener *l)
{
    while (l->missed_at < l->missed_count) {
        struct told *t = l->missed[l->missed_at++];
        if (wants(l, t)) {
            l->now = t;
            return true;
        }
        let_go(t);
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
        let_go(l->now);
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
    } else if (gj_steady_now() - l->wrote > KEEPALIVE_US && most >= sizeof keep) {
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
    let_go(l->now);
    while (l->missed_at < l->missed_count) {
        let_go(l->missed[l->missed_at++]);
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

static int add_missed(void *context, const gj_notice_row *row)
{
    struct gj_listener *l = context;
    struct told *t = new_told(row->type, row->source, row->at, gj_str_of(row->body));
    if (t == NULL) {
        return -1;
    }
    number(t, row->seq);
    l->missed[l->missed_count++] = t;
    l->seq = row->seq;
    return 0;
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
    if (l->seq < s->last_seq) {
        l->missed = calloc(RESUME_MAX, sizeof(struct told *));
        if (l->missed == NULL ||
            gj_engine_notices(tenant->engine, l->seq, RESUME_MAX, add_missed, l) != GJ_OK) {
            gj_problem(r, "internal", "读取历史通知失败", "past notices could not be read");
            return;
        }
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

/* ---- beginning and end ---- */

struct gj_stream *gj_stream_new(struct gj_server *server, const char *tenant)
{
    struct gj_stream *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return NULL;
    }
    s->server = server;
    s->tenant = strdup(tenant);
    pthread_mutex_init(&s->lock, NULL);
    if (s->tenant == NULL) {
        gj_stream_free(s);
        return NULL;
    }
    return s;
}

void gj_stream_open(struct gj_stream *s, gj_engine *engine)
{
    s->engine = engine;
    pthread_mutex_lock(&s->lock);
    s->last_seq = gj_engine_notice_last(engine);
    pthread_mutex_unlock(&s->lock);
    gj_hooks_told(s->server->hooks, gj_str_of(s->tenant), s->last_seq);
}

void gj_stream_close(struct gj_stream *s)
{
    forget(s);
    s->engine = NULL;
}

void gj_stream_end(struct gj_stream *s)
{
    pthread_mutex_lock(&s->lock);
    s->ending = true;
    wake(s);
    pthread_mutex_unlock(&s->lock);
}

void gj_stream_free(struct gj_stream *s)
{
    if (s == NULL) {
        return;
    }
    forget(s);
    free(s->heard);
    for (size_t i = 0; i < RING; i++) {
        let_go(s->ring[i]);
    }
    pthread_mutex_destroy(&s->lock);
    free(s->tenant);
    free(s);
}
