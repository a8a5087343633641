/* Room server: the watch: tells of deadlines before they run out (see watch.c). Of one tenant; the
 * desk's alone. */
#ifndef GJ_SERVER_WATCH_H
#define GJ_SERVER_WATCH_H

#include "server/stream.h"

struct gj_watch;

struct gj_watch *gj_watch_new(struct gj_server *server, struct gj_stream *stream);
void gj_watch_free(struct gj_watch *watch);

/* The tenant's engine has been opened: what has been told is read from its notices, what it holds
 * is looked through anew. Returns GJ_OK, or the engine's failure. */
int gj_watch_open(struct gj_watch *watch, gj_engine *engine);

/* Deadlines may be others than they were: all are looked through anew. */
void gj_watch_again(struct gj_watch *watch);

/* The engine tells that an entity's deadlines have changed. */
void gj_watch_hear(struct gj_watch *watch, const gj_notice *notice);

/* Looks through the deadlines that have changed since, so that gj_watch_look has little left to do.
 * Nothing is said. Returns GJ_OK, or the engine's failure. */
int gj_watch_follow(struct gj_watch *watch, gj_engine *engine);

/* Says what nears at `now`, to the stream. Returns GJ_OK, or the engine's failure. */
int gj_watch_look(struct gj_watch *watch, gj_engine *engine, int64_t now);

#endif
