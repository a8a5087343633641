/* Room book, inside: from the tree to a struct gj_plan. Each build_*.c reads one kind of entry. */
#ifndef GJ_BOOK_BUILD_PLAN_H
#define GJ_BOOK_BUILD_PLAN_H

#include "book/build.h"
#include "book/plan.h"

struct gj_planner {
    struct gj_builder b;
    struct gj_plan *plan;
    struct gj_expr_field *fields; /* the names of the expression at hand */
    size_t field_count, field_capacity;
};

/* What an expression may name. */
struct gj_scope {
    const uint32_t *types; /* events whose data it sees */
    size_t type_count;
    bool all_events; /* of any event */
    uint32_t kinds;  /* bit k: entities of kind k */
    bool in_flow;    /* `entered` */
    bool steady;     /* nothing that changes though the shop tells nothing: no `now` */
    const struct gj_metric *metric; /* its counts and figures, or NULL */
};

/* ---- build_scope.c ---- */

/* Declares what events make entities remember, and the variables of flows. */
void gj_plan_memories(struct gj_planner *p);

/* Compiles the expression at `node` (NULL gives NULL) and marks what it reads as kept. */
const struct gj_expr *gj_plan_expr(struct gj_planner *p, const struct gj_node *node,
                                   const struct gj_scope *scope, const struct gj_type *want);
const struct gj_expr *gj_plan_expr_of(struct gj_planner *p, const struct gj_node *mapping,
                                      const char *key, const struct gj_scope *scope,
                                      const struct gj_type *want);

/* Bits of the kinds that see each other with `kind`, and the shop. */
uint32_t gj_plan_family(const struct gj_plan *plan, uint32_t kind);

/* A type by its name in `vars:`; NULL: unknown. */
const struct gj_type *gj_plan_type(struct gj_str name);

/* ---- read helpers, build_plan.c ---- */

/* id, title, covers, cites, dates, applies; `titled`: title and cites are needed. */
void gj_plan_heading(struct gj_planner *p, const struct gj_node *n, const char *kind, bool titled,
                     struct gj_heading *out);

/* A name, or a list of them, under `key`, as indexes; each unknown one is an error that names
 * `what` it should be. */
void gj_plan_names(struct gj_planner *p, const struct gj_node *mapping, const char *key,
                   const struct gj_map *ids, const char *what, const uint32_t **out, size_t *count);

/* One name under `key`; GJ_NO_INDEX where it is not given or unknown (told). */
uint32_t gj_plan_name(struct gj_planner *p, const struct gj_node *mapping, const char *key,
                      const struct gj_map *ids, const char *what);

/* An int written as such under `key`, from 1 to as many days as ten years have. */
#define GJ_DAYS_MAX 3653
int64_t gj_plan_int(struct gj_planner *p, const struct gj_node *mapping, const char *key,
                    int64_t standard);

/* In this order; the ids of all entries are known already. */
void gj_plan_flows(struct gj_planner *p);     /* build_flow.c */
void gj_plan_findings(struct gj_planner *p);  /* build_finding.c */
void gj_plan_tallies(struct gj_planner *p);   /* build_tally.c: counters, metrics, ladders ... */
void gj_plan_reactions(struct gj_planner *p); /* build_plan.c: which entry an event concerns */

#endif
