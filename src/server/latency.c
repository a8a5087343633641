/* Room server: how long answers take, by route (see latency.h). */
#include "server/latency.h"

#include "server/server.h"

static const struct {
    int64_t us;
    const char *seconds;
} limits[GJ_LATENCY_BUCKETS] = {
    {50, "0.00005"},  {100, "0.0001"}, {250, "0.00025"}, {500, "0.0005"},     {1000, "0.001"},
    {2500, "0.0025"}, {5000, "0.005"}, {10000, "0.01"},  {25000, "0.025"},    {50000, "0.05"},
    {100000, "0.1"},  {500000, "0.5"}, {2500000, "2.5"}, {INT64_MAX, "+Inf"},
};

void gj_latency_note(struct gj_latency *latency, size_t route, int64_t us)
{
    size_t bucket = 0;
    while (us > limits[bucket].us) {
        bucket++;
    }
    if (route < GJ_LATENCY_ROUTES) {
        atomic_fetch_add_explicit(&latency->routes[route].counts[bucket], 1, memory_order_relaxed);
        atomic_fetch_add_explicit(&latency->routes[route].total_us, (uint64_t)us,
                                  memory_order_relaxed);
    }
}

/* Samples of one route: each bucket counts what the ones before it count, too. */
static void write_route(struct gj_latency *latency, size_t at, const struct gj_route *route,
                        struct gj_buf *out)
{
    static const char name[] = "guiju_http_request_duration_seconds";
    uint64_t counts[GJ_LATENCY_BUCKETS], all = 0;
    for (size_t i = 0; i < GJ_LATENCY_BUCKETS; i++) {
        all += atomic_load(&latency->routes[at].counts[i]);
        counts[i] = all;
    }
    for (size_t i = 0; i < GJ_LATENCY_BUCKETS && all > 0; i++) {
        gj_buf_addf(out, "%s_bucket{method=\"%s\",route=\"%s\",le=\"%s\"} %llu\n", name,
                    route->method, route->path, limits[i].seconds, (unsigned long long)counts[i]);
    }
    if (all > 0) {
        uint64_t us = atomic_load(&latency->routes[at].total_us);
        gj_buf_addf(out, "%s_sum{method=\"%s\",route=\"%s\"} %llu.%06llu\n", name, route->method,
                    route->path, (unsigned long long)(us / GJ_SECOND_US),
                    (unsigned long long)(us % GJ_SECOND_US));
        gj_buf_addf(out, "%s_count{method=\"%s\",route=\"%s\"} %llu\n", name, route->method,
                    route->path, (unsigned long long)all);
    }
}

void gj_latency_write(struct gj_latency *latency, const struct gj_route *routes, struct gj_buf *out)
{
    for (size_t i = 0; i < GJ_LATENCY_ROUTES && routes[i].method != NULL; i++) {
        write_route(latency, i, &routes[i], out);
    }
}
