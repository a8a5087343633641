/* Room server: notices: what happens in a tenant's shops, told to who listens (SSE) and to
 * webhooks, in the order in which it was committed (see stream.c). */
#ifndef GJ_SERVER_STREAM_H
#define GJ_SERVER_STREAM_H

#include "server/desk.h"

struct gj_stream;

struct gj_stream *gj_stream_new(struct gj_server *server, const char *tenant);
void gj_stream_free(struct gj_stream *stream); /* ends its listeners */

/* ---- on the desk ---- */

/* The tenant's engine has been opened. */
void gj_stream_open(struct gj_stream *stream, gj_engine *engine);

/* The engine tells something: kept until the batch is committed. */
void gj_stream_hear(struct gj_stream *stream, const gj_notice *notice);

/* Something to be told that is not the engine's; `body` is a JSON object. */
void gj_stream_say(struct gj_stream *stream, const char *type, const char *source, int64_t at,
                   struct gj_str body);

int gj_stream_note(struct gj_stream *stream);     /* what was heard goes into the batch at hand */
void gj_stream_publish(struct gj_stream *stream); /* it has been committed */
bool gj_stream_has_news(const struct gj_stream *stream); /* something was heard */
int gj_stream_prune(struct gj_stream *stream,
                    int64_t now); /* old notices go, in the batch at hand */
/* The engine is closed: what was heard and not committed is lost with it. */
void gj_stream_close(struct gj_stream *stream);

void gj_stream_keep(struct gj_stream *stream); /* now and then: see stream.c */

/* ---- the listeners ---- */

void gj_stream_end(struct gj_stream *stream); /* no more: they are let go */

enum gj_handled gj_stream_get(struct gj_request *r); /* GET /v1/stream */

#endif
