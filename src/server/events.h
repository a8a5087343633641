/* Room server: events into the log (see events.c). */
#ifndef GJ_SERVER_EVENTS_H
#define GJ_SERVER_EVENTS_H

#include "server/desk.h"

enum gj_handled gj_events_post(struct gj_request *r);

/* ---- the same for who brings events in another form ---- */

struct gj_posted_event {
    struct gj_str line; /* JSON */
    struct gj_str id, source;
    const char *why;      /* refused; NULL: not */
    const char *decision; /* applied, and told on the way; NULL: not */
    const char *ignored;  /* as in gj_reception */
    gj_reception_status status;
    bool late;
};

struct gj_posted_aside { /* a notice that goes with them */
    const char *type;
    struct gj_str topic, why;
    struct gj_str body; /* a JSON object */
    struct gj_posted_aside *next;
};

/* Zeroed by its owner; all it points to is of the request's arena. */
struct gj_posted {
    struct gj_job job;
    struct gj_posted_event *items;
    size_t count, capacity;
    struct gj_posted_aside *asides;
    bool single, decisions;
    /* how it is answered when it has been committed; NULL: as POST /v1/events is */
    void (*answer)(struct gj_request *r, const struct gj_posted *p, const size_t counts[3]);
};

/* One more event; false: there are too many, which is answered. */
bool gj_posted_add(struct gj_request *r, struct gj_posted *p, struct gj_str line);

/* Hands them to the desk, of r->who's tenant. */
enum gj_handled gj_posted_submit(struct gj_request *r, struct gj_posted *p);

#endif
