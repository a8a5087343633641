/* Room server, inside: the ring of a tenant's notices, and who listens to it (stream.c, listen.c).
 *
 *   engine --hear--> heard --note--> table `notice`, in the batch --commit--> ring
 *                                                            ring --> listeners, webhooks
 *
 * A notice's number (its SSE id) is the row's: whoever comes again with Last-Event-ID gets what he
 * missed from the table, then goes on with the ring. A listener who falls behind the ring is let go
 * and comes again the same way. */
#ifndef GJ_SERVER_RING_H
#define GJ_SERVER_RING_H

#include "server/stream.h"

struct MHD_Connection;

#define GJ_RING         1024 /* notices of a ring; a power of two */
#define GJ_KEEPALIVE_US (15 * GJ_SECOND_US)

struct gj_told { /* one notice, shared by the ring and whoever sends it */
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
    char *types;             /* by commas, prefixes; "" all */
    int64_t seq;             /* the last one sent, or passed over */
    struct gj_told *now;     /* being sent */
    size_t sent;             /* bytes of it */
    struct gj_told **missed; /* from the table, to be sent first */
    size_t missed_count, missed_capacity, missed_at;
    int64_t wrote; /* steady: when something was last sent */
    bool waits;    /* suspended until there is more */
    bool ended;    /* may not listen any more */
};

struct gj_stream {
    struct gj_server *server;
    char *tenant;
    gj_engine *engine; /* the desk's */
    struct gj_told **heard;
    size_t heard_count, heard_capacity;
    bool failed; /* out of memory while hearing: the batch must not be kept without its notices */
    pthread_mutex_t lock;          /* of what follows */
    struct gj_told *ring[GJ_RING]; /* by the order of publishing */
    uint64_t published;            /* so many so far */
    int64_t last_seq;
    struct gj_listener *listeners;
    bool ending;
    int64_t next_keep; /* steady; the desk's */
};

struct gj_told *gj_told_new(const char *type, const char *source, int64_t at, struct gj_str body);
void gj_told_number(struct gj_told *told, int64_t seq); /* it is row `seq` of the table */
void gj_told_let_go(struct gj_told *told);              /* one user less; NULL is none */

#endif
