/* Room server: how long answers take, by route, for /metrics: a histogram as Prometheus has them.
 * Any thread notes and reads; nothing is locked. */
#ifndef GJ_SERVER_LATENCY_H
#define GJ_SERVER_LATENCY_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/buf.h"

#define GJ_LATENCY_ROUTES  64u
#define GJ_LATENCY_BUCKETS 14u /* the last is without limit */

struct gj_latency {
    struct {
        _Atomic uint64_t counts[GJ_LATENCY_BUCKETS], total_us;
    } routes[GJ_LATENCY_ROUTES];
};

struct gj_route;

/* An answer of routes[route] took so many microseconds from its request's head on. */
void gj_latency_note(struct gj_latency *latency, size_t route, int64_t us);

/* Appends the samples of all routes that have been asked for; `routes` ends with a NULL method. */
void gj_latency_write(struct gj_latency *latency, const struct gj_route *routes,
                      struct gj_buf *out);

#endif
