/* Room tally: a metric's figures over a window, from the marks of its counters. */
#ifndef GJ_TALLY_METRIC_H
#define GJ_TALLY_METRIC_H

#include "tally/outcome.h"

struct gj_marks {
    struct gj_mark *items;
    size_t count, capacity;
};

/* Gives the marks of a counter with from <= at < to into `out` (emptied first), those of a product
 * or of the shop itself (product ""), by key, then time. INT64_MIN as `from`: since ever. Strings
 * live until the evaluation ends. Returns 0 or -1. */
struct gj_mark_source {
    void *context;
    int (*marks)(void *context, uint32_t counter, struct gj_str product, int64_t from, int64_t to,
                 struct gj_marks *out);
};

struct gj_window_of {
    int64_t from, to; /* microseconds: from <= at < to (a rolling one: from < at <= to) */
    int64_t known;    /* what happened after this instant is not known yet; INT64_MAX: all is */
};

struct gj_figures {
    int64_t numerator, denominator;
    bool known; /* both could be computed */
    bool any;   /* a counter has a mark in the window */
    bool has_value;
    int64_t value_bp;
    bool breach;       /* some step's */
    uint32_t breaches; /* bit s: step s */
};

/* Evaluates `metric` for the shop (product "") or a product; the scene's shop is used for what
 * expressions ask. Returns 0, or -1 when out of memory or the source failed. */
int gj_metric_figures(struct gj_scene *scene, uint32_t metric, const struct gj_window_of *window,
                      struct gj_str product, const struct gj_mark_source *source,
                      struct gj_figures *out);

/* Which steps would be in breach, were these its figures: bit s: step s. The scene is one that
 * gj_metric_figures has just used: what it knows beside them stays. */
uint32_t gj_metric_breaches(struct gj_scene *scene, uint32_t metric, int64_t numerator,
                            int64_t denominator);

/* The same, were `more` added to those of its counts whose bit is set. */
uint32_t gj_metric_breaches_with(struct gj_scene *scene, uint32_t metric, uint32_t counts,
                                 int64_t more);
int64_t gj_metric_counted(const struct gj_scene *scene, size_t count); /* a count's figure */
/* Whether any figures could breach it: false where the breach asks for the means of the shop's
 * category, and those are not known. */
bool gj_metric_may_breach(struct gj_scene *scene, uint32_t metric);
/* The same of one step, in a scene in which the metric's figures were computed. */
bool gj_metric_step_may_breach(const struct gj_scene *scene, const struct gj_metric_step *step);

/* The window of `metric` that contains `at` (a rolling one: that ends with `at`), by that clock. */
struct gj_window_of gj_metric_window(const struct gj_metric *metric, int64_t at,
                                     const struct gj_zone *zone);

#endif
