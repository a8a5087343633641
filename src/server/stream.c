/* Room server: notices: heard of the engine, kept in its table, published to a ring (see ring.h).
 */
#include "server/ring.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "hook/hook.h"
#include "server/tell.h"

#define KEEP_US (INT64_C(7) * 86400 * GJ_SECOND_US) /* notices in the table */

/* ---- notices ---- */

void gj_told_let_go(struct gj_told *t)
{
    if (t != NULL && atomic_fetch_sub(&t->users, 1) == 1) {
        free(t->type);
        free(t->source);
        gj_buf_release(&t->body);
        gj_buf_release(&t->text);
        free(t);
    }
}

struct gj_told *gj_told_new(const char *type, const char *source, int64_t at, struct gj_str body)
{
    struct gj_told *t = calloc(1, sizeof *t);
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
        gj_told_let_go(t);
        return NULL;
    }
    return t;
}

void gj_told_number(struct gj_told *t, int64_t seq)
{
    t->seq = seq;
    gj_buf_addf(&t->text, "id: %lld\nevent: %s\ndata: ", (long long)seq, t->type);
    gj_buf_add_str(&t->text, gj_buf_str(&t->body));
    gj_buf_add_cstr(&t->text, "\n\n");
}

void gj_stream_say(struct gj_stream *s, const char *type, const char *source, int64_t at,
                   struct gj_str body)
{
    struct gj_told **moved =
        gj_grow(s->heard, &s->heard_capacity, s->heard_count + 1, sizeof(struct gj_told *));
    struct gj_told *t = moved == NULL ? NULL : gj_told_new(type, source, at, body);
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
        struct gj_told *t = s->heard[i];
        int64_t seq = 0;
        int status = gj_engine_notice_add(s->engine, t->source, t->type, t->at, t->body.ptr, &seq);
        if (status != GJ_OK) {
            return status;
        }
        gj_told_number(t, seq);
        if (t->text.failed) {
            return GJ_ESYSTEM;
        }
    }
    return GJ_OK;
}

static void forget(struct gj_stream *s)
{
    for (size_t i = 0; i < s->heard_count; i++) {
        gj_told_let_go(s->heard[i]);
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
        struct gj_told **slot = &s->ring[s->published++ % GJ_RING];
        gj_told_let_go(*slot);
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
        if (l->waits && (l->ended || steady - l->wrote > GJ_KEEPALIVE_US)) {
            l->waits = false;
            MHD_resume_connection(l->connection);
        }
    }
    pthread_mutex_unlock(&s->lock);
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
    for (size_t i = 0; i < GJ_RING; i++) {
        gj_told_let_go(s->ring[i]);
    }
    pthread_mutex_destroy(&s->lock);
    free(s->tenant);
    free(s);
}
