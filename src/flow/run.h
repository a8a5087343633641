/* Room flow: events and deadlines move a case.
 *
 *   happening --gj_run_event--> memories, findings, transitions, marks
 *   instant   --gj_run_due----> the earliest deadline that has passed
 *
 * What comes of it is told to the sink; nothing is stored here. */
#ifndef GJ_FLOW_RUN_H
#define GJ_FLOW_RUN_H

#include "flow/case.h"

/* An event as the flows see it. */
struct gj_happening {
    uint32_t type;
    int64_t at;                    /* microseconds since 1970 */
    const struct gj_value *values; /* by field of the type; GJ_V_UNKNOWN: not given */
    struct gj_str shop;            /* the shop's id */
    const struct gj_str *blocked;  /* rules that block the message at hand */
    size_t blocked_count;
    /* The entity that a ruling is about, in whose case the event is seen too; kind GJ_NO_INDEX:
     * the event is seen in its own case. */
    uint32_t subject_kind;
    struct gj_str subject;
};

/* What is known about the shop while one of its cases moves. */
struct gj_setting {
    const struct gj_plan *plan;
    struct gj_str platform, shop_id;
    const struct gj_zone *zone; /* its clock; NULL: China's */
    struct gj_entity *shop;     /* its configuration; NULL: nothing told yet */
    const bool *flows;          /* which flows, findings and counters apply to it, */
    const bool *findings;       /*   by index */
    const bool *counters;
    const bool *bound; /* flows of which the shop's configuration says whether they apply, by index;
                          NULL: none */
};

/* Everything an expression reads: one entity's view of its case at an instant. */
struct gj_scene {
    struct gj_plan_host host; /* first: the context of host functions */
    const struct gj_setting *setting;
    const struct gj_happening *event; /* NULL: a deadline */
    const struct gj_case *c;          /* NULL: none */
    const struct gj_entity *entities[GJ_KINDS_MAX];
    int64_t now;
    int64_t entered;
    /* of a metric: numerator .. mean_count, then its counts */
    int64_t figures[8 + GJ_METRIC_COUNTS_MAX];
    uint64_t figures_known; /* bit i: figures[i] is known */
    struct gj_arena *arena;
    struct gj_frame frame;
};

struct gj_cause {                           /* why something was found or moved */
    const struct gj_transition *transition; /* NULL: the finding's own condition, or a ruling */
    struct gj_str deadline;                 /* its name; empty: an event */
    bool ruled;                             /* a person or the platform has ruled it */
    struct gj_str ruled_as;                 /* by the id that the ruling names; empty: its own */
    int64_t booked[2]; /* fen and points that it has cost already, found by itself: not once more */
};

struct gj_sink {
    void *context;
    /* `finding` was met; its subject is `about`. Returns -1 when out of memory. */
    int (*found)(void *context, struct gj_scene *scene, uint32_t finding,
                 const struct gj_entity *about, const struct gj_cause *cause);
    int (*counted)(void *context, struct gj_scene *scene, uint32_t counter);
    /* the cause's transition was taken in a flow where the entity stood in `from` (GJ_NO_INDEX: it
     * had not begun). May be NULL. Returns -1 when out of memory. */
    int (*moved)(void *context, const struct gj_scene *scene, const struct gj_entity *entity,
                 uint32_t flow, uint32_t from, const struct gj_cause *cause);
};

struct gj_run {
    struct gj_case *c;
    const struct gj_setting *setting;
    struct gj_arena *arena; /* of one event: reset by the caller */
    const struct gj_sink *sink;
};

/* Whether the instant lies within the entry's dates. */
bool gj_holds_at(const struct gj_heading *head, int64_t at);

/* Applies an event to the case. Returns 0, or -1 when out of memory. */
int gj_run_event(struct gj_run *run, const struct gj_happening *event);

struct gj_due {
    int64_t at;
    const struct gj_entity *entity;
    uint32_t flow, state, deadline;
    int64_t since; /* its clock runs from here: the state was entered */
};

/* The earliest open deadline; false: there is none. Ties go by entity, then as the rulebook is
 * written. *bound (NULL: not asked for) as gj_run_deadlines returns it. */
bool gj_run_next(struct gj_run *run, struct gj_due *due, bool *bound);

/* Every open deadline, in no order. Returns whether the case is bound to the shop's configuration:
 * while it is not, its deadlines stay where they are whatever becomes of that. */
bool gj_run_deadlines(struct gj_run *run, void (*each)(void *context, const struct gj_due *due),
                      void *context);

/* Fires `due` as of its instant. Returns 0, or -1 when out of memory. */
int gj_run_fire(struct gj_run *run, const struct gj_due *due);

/* ---- scenes, for those who evaluate more expressions: the tally ---- */

/* The view from `entity` (NULL: only the shop and what the event names). */
void gj_scene_set(struct gj_scene *scene, const struct gj_run *run, const struct gj_entity *entity,
                  const struct gj_happening *event, int64_t now);

struct gj_value gj_scene_eval(struct gj_scene *scene, const struct gj_expr *expr);
bool gj_scene_holds(struct gj_scene *scene, const struct gj_expr *when); /* NULL: true */

/* The name of what made the last value unknown, or "". */
struct gj_str gj_scene_unknown(const struct gj_scene *scene);

#endif
