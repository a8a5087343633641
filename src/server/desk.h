/* Room server: the desk: one thread to which every engine belongs. Jobs wait in line; all events
 * that wait are applied, then committed together, then answered; whoever reads is served between
 * two commits. The ticker is here too: deadlines fire in time (see server.h). */
#ifndef GJ_SERVER_DESK_H
#define GJ_SERVER_DESK_H

#include "server/server.h"

/* A tenant's engine, opened when it is first needed. Only the desk touches it. */
struct gj_tenant {
    char *name;
    gj_engine *engine; /* NULL: not open; see `errors` */
    gj_errors *errors;
    struct gj_edition *edition; /* the engine's */
    struct gj_stream *stream;
    struct gj_watch *watch;
    bool touched; /* a batch is open */
    bool failed;  /* the batch at hand has failed */
    bool ailing;  /* time could not pass when it was last to: that has been told */
    struct gj_tenant *next;
};

struct gj_job {
    struct gj_job *next;
    struct gj_request *request; /* resumed when the job is done; NULL: nobody waits */
    const char *tenant;
    bool writes; /* run within a batch; `finish` is called when it has been committed, or failed */
    /* The tenant's engine is open. It may run a second time, when the batch has failed. */
    void (*run)(struct gj_job *job, struct gj_tenant *tenant);
    /* or NULL; `kept` false: the engine could not be opened (`tenant` may then be NULL), or what
     * the batch did was lost */
    void (*finish)(struct gj_job *job, struct gj_tenant *tenant, bool kept);
    void *state;
    struct gj_tenant *at; /* of the desk */
    bool done, kept;      /* of gj_desk_call */
};

struct gj_desk *gj_desk_new(struct gj_server *server, gj_errors *errors);
void gj_desk_stop(struct gj_desk *desk); /* does what waits, commits, lets the listeners go */
void gj_desk_free(struct gj_desk *desk); /* closes the engines; no request may be left */

/* Hands over a job; `job` stays the caller's until it is resumed. For a request: suspends it.
 * Refuses when too many wait, which is answered: false. */
bool gj_desk_submit(struct gj_desk *desk, struct gj_job *job);

/* A request's job: `run` fills its answer. */
enum gj_handled gj_desk_ask(struct gj_request *r, void (*run)(struct gj_job *, struct gj_tenant *),
                            void *state);

/* Runs `run` on the desk and waits for it: for whoever is no request. False: it was not run, as too
 * many wait or the engine cannot be opened, or what it wrote was lost. */
bool gj_desk_call(struct gj_desk *desk, const char *tenant, bool writes,
                  void (*run)(struct gj_job *, struct gj_tenant *), void *state);

/* Answers that nothing was kept, and why. */
void gj_desk_refuse(struct gj_request *r, const struct gj_tenant *tenant);

#endif
