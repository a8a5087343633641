/* Room engine, inside: what its reports share (the functions are those of guiju.h).
 *
 *   store, plan --report.c, report_due.c, report_metric.c--> rows for a callback
 *
 * Reports read what has been committed. What a deadline, a metric or a step of a ladder would cost
 * is foreseen: the finding is evaluated as if it were met and ruled, and nothing is booked. */
#ifndef GJ_ENGINE_REPORT_H
#define GJ_ENGINE_REPORT_H

#include "engine/words.h"

/* Findings that would be met, summed up. Its strings live in `arena`. */
struct gj_foresight {
    const struct gj_plan *plan;
    struct gj_arena *arena;
    gj_consequence sum;
    struct gj_buf measures;
};

void gj_foresight_init(struct gj_foresight *f, const struct gj_plan *plan, struct gj_arena *arena);
void gj_foresight_add(struct gj_foresight *f, struct gj_scene *scene, uint32_t finding);
gj_consequence gj_foresight_end(struct gj_foresight *f); /* releases it */

/* What a report returns for `status`, -1: something could not be read, or memory ran out; told. */
int gj_report_end(struct gj_engine *e, int status);

/* The shop of `source`, its setting as of its now; what was applied is committed first. NULL: told
 * (there is no such shop). */
struct gj_shop *gj_report_shop(struct gj_engine *e, const char *source);

/* The case of an entity. GJ_EINPUT: told, the shop knows none of that kind and id. */
int gj_report_case(struct gj_engine *e, const struct gj_shop *shop, const char *kind,
                   const char *id, int64_t *case_id);

#endif
