/* Room server: what the server tells of itself: whether it lives and is ready, its figures in
 * Prometheus' format, and its interface as OpenAPI 3.1, made from the table that routes. */
#include "server/info.h"

#include <string.h>

#include "hook/hook.h"
#include "server/schema.h"

enum gj_handled gj_healthz(struct gj_request *r)
{
    gj_buf_add_cstr(&r->answer.body, "{\"status\":\"ok\"}\n");
    return gj_answer_json(r, 200);
}

enum gj_handled gj_readyz(struct gj_request *r)
{
    if (atomic_load(&r->server->stopping)) {
        return gj_problem(r, "stopping", "服务正在停止", "the server is stopping");
    }
    bool stepped = atomic_load(&r->server->clock.stepped);
    bool full = atomic_load(&r->server->full);
    gj_buf_addf(&r->answer.body, "{\"status\":\"%s\",\"clock\":\"%s\",\"storage\":\"%s\"}\n",
                stepped || full ? "degraded" : "ok", stepped ? "stepped" : "steady",
                full ? "full" : "ok");
    return gj_answer_json(r, 200);
}

/* ---- figures ---- */

static void figure(struct gj_buf *out, const char *name, const char *type, const char *help)
{
    gj_buf_addf(out, "# HELP guiju_%s %s\n# TYPE guiju_%s %s\n", name, help, name, type);
}

static void labelled(struct gj_buf *out, const char *name, const char *label,
                     const char *const *values, const _Atomic uint64_t *counts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (values[i] != NULL) {
            gj_buf_addf(out, "guiju_%s{%s=\"%s\"} %llu\n", name, label, values[i],
                        (unsigned long long)atomic_load(&counts[i]));
        }
    }
}

static void single(struct gj_buf *out, const char *name, const char *type, const char *help,
                   int64_t value)
{
    figure(out, name, type, help);
    gj_buf_addf(out, "guiju_%s %lld\n", name, (long long)value);
}

/* What runs here, so that a change in the figures can be laid beside a change of the rules. */
static void add_info(struct gj_buf *out, struct gj_server *server)
{
    struct gj_edition *edition = gj_edition_take(server);
    figure(out, "info", "gauge", "The program and the rulebook in force.");
    gj_buf_addf(out, "guiju_info{version=\"%s\",rulebook=\"%s\"} 1\n", GJ_VERSION,
                gj_rulebook_hash(edition->book));
    gj_edition_leave(edition);
    single(out, "start_time_seconds", "gauge", "When it was started, since 1970.",
           server->started / GJ_SECOND_US);
}

enum gj_handled gj_metrics_get(struct gj_request *r)
{
    static const char *const classes[] = {NULL, NULL, "2xx", "3xx", "4xx", "5xx"};
    static const char *const suggestions[] = {"pass", "review", "block"};
    static const char *const receptions[] = {"applied", "duplicate", "refused"};
    struct gj_counts *c = &r->server->counts;
    struct gj_buf *out = &r->answer.body;
    figure(out, "http_requests_total", "counter", "Answers by class of status.");
    labelled(out, "http_requests_total", "code", classes, c->requests, 6);
    figure(out, "http_request_duration_seconds", "histogram",
           "From a request's head to its answer, by route.");
    gj_latency_write(&r->server->latency, r->server->routes, out);
    figure(out, "checks_total", "counter", "Messages judged, by suggestion.");
    labelled(out, "checks_total", "suggestion", suggestions, c->checks, 3);
    single(out, "checks_remembered_total", "counter", "Messages whose verdict was remembered.",
           (int64_t)atomic_load(&c->remembered));
    figure(out, "events_total", "counter", "Events received, by outcome.");
    labelled(out, "events_total", "outcome", receptions, c->events, 3);
    single(out, "commits_total", "counter", "Transactions made durable.",
           (int64_t)atomic_load(&c->commits));
    single(out, "failed_commits_total", "counter", "Transactions lost and answered so.",
           (int64_t)atomic_load(&c->failed_commits));
    single(out, "notices_total", "counter", "Notices published.",
           (int64_t)atomic_load(&c->notices));
    struct gj_hooks_figures hooks = gj_hooks_figures(r->server->hooks);
    single(out, "webhook_attempts_total", "counter", "Requests made to webhooks and robots.",
           (int64_t)hooks.attempts);
    single(out, "webhook_delivered_total", "counter", "Notices delivered to them.",
           (int64_t)hooks.delivered);
    single(out, "webhook_failed_total", "counter", "Deliveries that failed and are tried again.",
           (int64_t)hooks.failed);
    single(out, "webhook_dead_total", "counter", "Deliveries given up: dead letters.",
           (int64_t)hooks.dead);
    single(out, "connections", "gauge", "Connections open.", atomic_load(&c->connections));
    single(out, "listeners", "gauge", "Listeners of the stream.", atomic_load(&c->listeners));
    single(out, "jobs_waiting", "gauge", "Requests that wait for the desk.",
           atomic_load(&c->queued));
    single(out, "clock_steps_total", "counter", "Times the machine's clock was set.",
           (int64_t)atomic_load(&c->steps));
    add_info(out, r->server);
    r->answer.status = 200;
    r->answer.type = "text/plain; version=0.0.4; charset=utf-8";
    return GJ_ANSWERED;
}

/* ---- OpenAPI ---- */

static void quoted(struct gj_buf *out, const char *text)
{
    gj_json_add_string(out, gj_str_of(text));
}

static void write_param(struct gj_buf *out, const struct gj_param *p)
{
    gj_buf_addf(out, ",{\"name\":\"%s\",\"in\":\"%s\",\"required\":%s,\"description\":", p->name,
                p->in, p->required || strcmp(p->in, "path") == 0 ? "true" : "false");
    quoted(out, p->en);
    gj_buf_addf(out, ",\"schema\":%s}", p->schema);
}

static void refer(struct gj_buf *out, const char *parameter)
{
    gj_buf_addf(out, ",{\"$ref\":\"#/components/parameters/%s\"}", parameter);
}

/* What all routes of a kind take, then the {names} of the path, which the table need not list
 * again, then the table's. */
static void write_params(struct gj_buf *out, const struct gj_route *route)
{
    bool reads = strcmp(route->method, "GET") == 0;
    gj_buf_add_cstr(out, "{\"$ref\":\"#/components/parameters/language\"}");
    if (!reads && (route->flags & GJ_OPEN) == 0) {
        refer(out, "csrf");
    }
    if ((route->flags & GJ_WRITES) != 0 && (route->flags & GJ_QUICK) == 0) {
        refer(out, "once");
    }
    for (const char *at = strchr(route->path, '{'); at != NULL; at = strchr(at + 1, '{')) {
        size_t len = strcspn(at + 1, "}");
        gj_buf_addf(out,
                    ",{\"name\":\"%.*s\",\"in\":\"path\",\"required\":true,"
                    "\"schema\":{\"type\":\"string\"}}",
                    (int)len, at + 1);
    }
    for (size_t i = 0; i < GJ_PARAMS_MAX && route->params[i].name != NULL; i++) {
        write_param(out, &route->params[i]);
    }
}

/* `"content":{...}` of media types by commas; lines of JSON are text to a schema. */
static void write_content(struct gj_buf *out, const char *types, const char *schema)
{
    gj_buf_add_cstr(out, "\"content\":{");
    for (bool first = true; *types != '\0'; first = false) {
        size_t len = strcspn(types, ",");
        bool is_json = memmem(types, len, "json", 4) != NULL && memmem(types, len, "nd", 2) == NULL;
        gj_buf_addf(out, "%s\"%.*s\":{\"schema\":%s}", first ? "" : ",", (int)len, types,
                    is_json && schema != NULL ? schema : "{\"type\":\"string\"}");
        types += len;
        types += strspn(types, ", ");
    }
    gj_buf_add_char(out, '}');
}

static void write_body(struct gj_buf *out, const struct gj_route *route)
{
    gj_buf_addf(out, ",\"requestBody\":{\"required\":%s,",
                (route->flags & GJ_BODILESS) != 0 ? "false" : "true");
    write_content(out, route->body_types == NULL ? "application/json" : route->body_types,
                  route->body);
    gj_buf_add_char(out, '}');
}

/* Problems: of a platform's door the platform's own words too. */
static void write_problem(struct gj_buf *out, const struct gj_route *route, const char *status)
{
    gj_buf_addf(out,
                ",\"%s\":{\"description\":\"Problem\",\"content\":{%s"
                "\"application/problem+json\":{\"schema\":{\"$ref\":"
                "\"#/components/schemas/Problem\"}}}}",
                status, (route->flags & GJ_BYTES) != 0 ? "\"*/*\":{\"schema\":{}}," : "");
}

static void write_answers(struct gj_buf *out, const struct gj_route *route)
{
    gj_buf_addf(out, ",\"responses\":{\"%u\":{\"description\":\"OK\",",
                route->done == 0 ? 200u : route->done);
    write_content(out, route->answer_type == NULL ? "application/json" : route->answer_type,
                  route->answer);
    gj_buf_add_char(out, '}');
    if ((route->flags & GJ_CACHED) != 0) {
        gj_buf_add_cstr(out, ",\"304\":{\"description\":\"as If-None-Match has it\"}");
    }
    write_problem(out, route, "4XX");
    write_problem(out, route, "5XX");
    gj_buf_add_char(out, '}');
}

static void write_roles(struct gj_buf *out, unsigned roles)
{
    struct gj_buf names;
    gj_buf_init(&names);
    gj_roles_write(roles, &names);
    gj_buf_add_cstr(out, ",\"x-roles\":");
    gj_json_add_string(out, gj_buf_str(&names));
    gj_buf_release(&names);
}

static void write_operation(struct gj_buf *out, const struct gj_route *route)
{
    char method[8];
    size_t i = 0;
    for (; route->method[i] != '\0' && i < sizeof method - 1; i++) {
        method[i] = (char)(route->method[i] | 0x20);
    }
    method[i] = '\0';
    gj_buf_addf(out, "\"%s\":{\"operationId\":\"%s\",\"summary\":", method, route->id);
    quoted(out, route->en);
    gj_buf_add_cstr(out, ",\"description\":");
    quoted(out, route->zh);
    gj_buf_add_cstr(out, ",\"parameters\":[");
    write_params(out, route);
    gj_buf_add_char(out, ']');
    if (route->body != NULL) {
        write_body(out, route);
    }
    write_answers(out, route);
    if ((route->flags & GJ_OPEN) != 0) {
        gj_buf_add_cstr(out, ",\"security\":[]");
    } else {
        write_roles(out, route->roles);
    }
    gj_buf_add_char(out, '}');
}

/* Whether an earlier row has the same path. */
static bool seen(const struct gj_route *routes, const struct gj_route *one)
{
    for (; routes != one; routes++) {
        if (strcmp(routes->path, one->path) == 0) {
            return true;
        }
    }
    return false;
}

#define HEADER(id, name, text)                                                \
    "\"" id "\":{\"name\":\"" name "\",\"in\":\"header\",\"required\":false," \
    "\"description\":\"" text "\",\"schema\":{\"type\":\"string\"}}"

/* clang-format off */
static const char components[] =
    "},\"components\":{\"securitySchemes\":{"
    "\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"},"
    "\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"__Host-guiju\","
    "\"description\":\"`guiju` where the server runs without --secure-cookies\"}},"
    "\"parameters\":{"
    HEADER("language", "Accept-Language", "en for answers in English; Chinese otherwise") ","
    HEADER("csrf", "X-CSRF-Token", "with a session: the `csrf` of its login") ","
    HEADER("once", "Idempotency-Key", "under one key a request is done once, for a day") "},"
    "\"schemas\":{\"Problem\":" S_PROBLEM "}}}\n";
/* clang-format on */

static void write_openapi(const struct gj_route *routes, struct gj_buf *out)
{
    gj_buf_add_cstr(out,
                    "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Guiju\",\"version\":\"" GJ_VERSION
                    "\",\"license\":{\"name\":\"Apache-2.0\",\"identifier\":\"Apache-2.0\"}},"
                    "\"servers\":[{\"url\":\"/\"}],"
                    "\"security\":[{\"token\":[]},{\"session\":[]}],\"paths\":{");
    for (const struct gj_route *one = routes; one->method != NULL; one++) {
        bool first = true;
        if (seen(routes, one)) {
            continue;
        }
        gj_buf_addf(out, "%s\"%s\":{", one != routes ? "," : "", one->path);
        for (const struct gj_route *same = one; same->method != NULL; same++) {
            if (strcmp(same->path, one->path) == 0) {
                gj_buf_add_cstr(out, first ? "" : ",");
                write_operation(out, same);
                first = false;
            }
        }
        gj_buf_add_char(out, '}');
    }
    gj_buf_add_cstr(out, components);
}

enum gj_handled gj_openapi_get(struct gj_request *r)
{
    write_openapi(r->server->routes, &r->answer.body);
    return gj_answer_json(r, 200);
}
