/* Room server: connections and bytes, by libmicrohttpd: requests are gathered within limits, given
 * to their handlers, and answered (see server.h).
 *
 * Slow senders are cut off by the time a whole head and body take, not by idleness alone, which a
 * byte now and then would keep from ending: sweep. */
#include "server/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/errors.h"
#include "people/mask.h"
#include "server/audit.h"
#include "server/check.h"
#include "server/guard.h"
#include "server/head.h"
#include "server/parts.h"
#include "server/repeat.h"

#define CONNECTION_MEMORY    ((size_t)12 * 1024) /* of a head, and of what is being sent */
#define DRAIN_MAX            (64u << 20)         /* bytes */
#define IDLE_SECONDS         30u
#define QUERY_PARAMETERS_MAX 64u
#define GRACE_SECONDS        5 /* in which what is under way at the stop may end */

/* A connection. `since`: its request (or the wait for one) began; INT64_MAX: the server has it. */
struct gj_client {
    struct gj_client *next, *prev;
    int fd;
    bool crowded; /* its request's query has more parameters than may be */
    _Atomic int64_t since;
    _Atomic bool asking;    /* its request has begun and is not yet answered whole */
    _Atomic bool listening; /* and the answer is a stream, which ends when it is let go */
};

struct gj_clients {
    pthread_mutex_t lock;
    struct gj_client first; /* of a ring */
};

/* ---- connections ---- */

static void connection_changed(void *context, struct MHD_Connection *connection, void **slot,
                               enum MHD_ConnectionNotificationCode what)
{
    struct gj_server *server = context;
    struct gj_clients *all = server->clients;
    struct gj_client *client = *slot;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        client = calloc(1, sizeof *client);
        *slot = client;
        if (client == NULL) {
            return; /* its requests are refused */
        }
        client->fd =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
        atomic_store(&client->since, gj_steady_now());
        pthread_mutex_lock(&all->lock);
        client->next = all->first.next;
        client->prev = &all->first;
        client->next->prev = client->prev->next = client;
        pthread_mutex_unlock(&all->lock);
        atomic_fetch_add(&server->counts.connections, 1);
    } else if (client != NULL) {
        pthread_mutex_lock(&all->lock);
        client->next->prev = client->prev;
        client->prev->next = client->next;
        pthread_mutex_unlock(&all->lock);
        atomic_fetch_sub(&server->counts.connections, 1);
        free(client);
    }
}

void gj_http_sweep(struct gj_server *server)
{
    struct gj_clients *all = server->clients;
    int64_t now = gj_steady_now();
    pthread_mutex_lock(&all->lock);
    for (struct gj_client *c = all->first.next; c != &all->first; c = c->next) {
        int64_t since = atomic_load(&c->since);
        int64_t seconds = atomic_load(&c->asking) ? server->settings.body_seconds
                                                  : server->settings.header_seconds;
        if (since != INT64_MAX && now - since > seconds * GJ_SECOND_US) {
            shutdown(c->fd, SHUT_RDWR); /* libmicrohttpd sees its end and closes it */
        }
    }
    pthread_mutex_unlock(&all->lock);
}

/* ---- requests ---- */

static struct gj_request *new_request(struct gj_server *server, struct MHD_Connection *connection)
{
    struct gj_request *r = gj_thread_request(server);
    if (r == NULL) {
        return NULL;
    }
    r->server = server;
    r->connection = connection;
    r->client =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    r->now = gj_server_now(server);
    r->begun = gj_steady_now();
    r->english = gj_language_is_english(gj_request_header(r, "Accept-Language"));
    return r;
}

static void completed(void *context, struct MHD_Connection *connection, void **slot,
                      enum MHD_RequestTerminationCode how)
{
    struct gj_request *r = *slot;
    (void)context;
    (void)connection;
    (void)how;
    if (r == NULL) {
        return;
    }
    if (r->client != NULL) {
        atomic_store(&r->client->listening, false);
        atomic_store(&r->client->asking, false);
        atomic_store(&r->client->since, gj_steady_now());
    }
    *slot = NULL;
    gj_thread_request_done(r);
}

/* Who asks, for what, and may he? What is refused is answered. */
static void admit(struct gj_request *r, const char *method, const char *path)
{
    char allowed[64];
    r->route = gj_route_find(r, method, path, allowed, sizeof allowed);
    if (r->route == NULL && allowed[0] != '\0') {
        gj_answer_header(r, "Allow", allowed);
        gj_problemf(r, "method-not-allowed", "这个路径支持的方法：%s", "methods of this path: %s",
                    allowed);
    } else if (r->route == NULL) {
        gj_problem(r, "not-found", "没有这个路径，见 /openapi.json",
                   "there is no such path; see /openapi.json");
    } else {
        bool kept = (r->route->flags & (GJ_WRITES | GJ_PERSONAL)) != 0;
        r->path = kept ? gj_arena_copy(&r->arena, gj_str_of(path)) : r->path;
        gj_guard(r);
        if (r->answer.status == 0) {
            gj_request_query_fits(r);
        }
    }
}

static size_t body_limit(const struct gj_request *r)
{
    size_t most = r->server->settings.body_max;
    if (r->route == NULL || (r->route->flags & GJ_BIG) == 0) {
        return most < GJ_BODY_SMALL ? most : GJ_BODY_SMALL;
    }
    return most;
}

static void too_large(struct gj_request *r)
{
    r->answer.status = 0;
    gj_buf_release(&r->body);
    gj_buf_init(&r->body);
    char limit[32];
    snprintf(limit, sizeof limit, "%zu", body_limit(r));
    gj_problemf(r, "content-too-large", "请求体最多 %s 字节，请分批发送",
                "a body has at most %s bytes; send it in parts", limit);
}

/* What is personal goes masked to whoever's work does not need it. */
static void mask_answer(struct gj_request *r)
{
    struct gj_answer *a = &r->answer;
    if (r->route == NULL || (r->route->flags & GJ_PERSONAL) == 0 || a->body.len == 0 ||
        gj_principal_may(&r->who, GJ_ROLES_SEE_BUYERS) || a->type == NULL ||
        (strcmp(a->type, "application/json") != 0 &&
         strcmp(a->type, "application/problem+json") != 0)) { /* why may quote what was sent */
        return;
    }
    struct gj_buf masked;
    struct gj_mask_json *mask = gj_thread_mask(r->server);
    gj_buf_init(&masked);
    if (mask == NULL || gj_mask_json(mask, gj_buf_str(&a->body), &masked) != 0) {
        gj_buf_release(&masked);
        a->header_count = 0;
        gj_problem(r, "internal", "无法遮盖个人信息，未回答",
                   "personal data could not be masked; nothing is answered");
        return;
    }
    gj_buf_add_char(&masked, '\n');
    gj_buf_release(&a->body);
    a->body = masked;
}

static enum MHD_Result send_answer(struct gj_request *r)
{
    struct gj_answer *a = &r->answer;
    struct MHD_Response *response =
        a->stream != NULL
            ? gj_stream_response(r)
            : MHD_create_response_from_buffer(a->body.len, a->body.ptr, MHD_RESPMEM_PERSISTENT);
    if (response == NULL) {
        return MHD_NO;
    }
    if (a->type != NULL) {
        MHD_add_response_header(response, "Content-Type", a->type);
        MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    }
    if (r->route == NULL || (r->route->flags & GJ_CACHED) == 0) {
        MHD_add_response_header(response, "Cache-Control", "no-store");
    }
    for (size_t i = 0; i < a->header_count; i++) {
        MHD_add_response_header(response, a->headers[i].name, a->headers[i].value);
    }
    if (atomic_load(&r->server->stopping)) {
        MHD_add_response_header(response, "Connection", "close");
    }
    if (r->client != NULL) {
        atomic_store(&r->client->listening, a->stream != NULL);
    }
    atomic_fetch_add_explicit(&r->server->counts.requests[a->status / 100 % 6], 1,
                              memory_order_relaxed);
    if (r->route != NULL && a->stream == NULL) { /* a stream lasts as long as its listener likes */
        gj_latency_note(&r->server->latency, (size_t)(r->route - r->server->routes),
                        gj_steady_now() - r->begun);
    }
    enum MHD_Result result = MHD_queue_response(r->connection, a->status, response);
    MHD_destroy_response(response);
    return result;
}

/* Whether one of the route's media types, or any of JSON where that is one, is what was sent. */
static bool type_fits(const struct gj_request *r)
{
    const char *types = r->route->body_types == NULL ? "application/json" : r->route->body_types;
    const char *given = gj_request_header(r, "Content-Type");
    if (given == NULL || r->route->body == NULL || r->body.len == 0 ||
        (r->route->flags & GJ_BYTES) != 0) {
        return true;
    }
    size_t len = strcspn(given, "; ");
    if (len > 5 && strncasecmp(given + len - 5, "+json", 5) == 0) {
        return strstr(types, "json") != NULL;
    }
    while (*types != '\0') {
        size_t own = strcspn(types, ",");
        if (own == len && strncasecmp(types, given, len) == 0) {
            return true;
        }
        types += own;
        types += strspn(types, ", ");
    }
    return gj_request_is_lines(r) && r->route->body_types != NULL &&
           strstr(r->route->body_types, "ndjson") != NULL;
}

static void handle(struct gj_request *r)
{
    const char *coding = gj_request_header(r, "Content-Encoding");
    if (coding != NULL && r->body.len > 0 && strcasecmp(coding, "identity") != 0) {
        gj_answer_header(r, "Accept-Encoding", "identity");
        gj_problemf(r, "unsupported-media-type", "请求体不要压缩，Content-Encoding 不支持 %s",
                    "send the body as it is: no Content-Encoding %s is understood", coding);
        return;
    }
    if (!type_fits(r)) {
        gj_problemf(r, "unsupported-media-type", "Content-Type 应为 %s", "the Content-Type is %s",
                    r->route->body_types == NULL ? "application/json" : r->route->body_types);
        return;
    }
    if ((r->route->flags & GJ_BYTES) == 0 && !gj_json_is_utf8(gj_buf_str(&r->body))) {
        gj_problem(r, "bad-request", "请求体不是有效的 UTF-8", "the body is not valid UTF-8");
    } else if (gj_audited(r) && (r->route->flags & GJ_BY_DESK) == 0 && !gj_audit_first(r)) {
        return;
    } else if (!gj_repeat_find(r)) {
        r->route->handle(r);
    }
}

static bool query_is_short(struct gj_request *r)
{
    bool crowded = r->client != NULL && r->client->crowded;
    if (crowded) {
        r->client->crowded = false;
        gj_problem(r, "bad-request", "查询参数过多，最多 64 个",
                   "the query has too many parameters; 64 are the most");
    }
    return !crowded;
}

/* The first time libmicrohttpd tells of a request: its head is there. */
static enum MHD_Result begin(struct gj_server *server, struct MHD_Connection *connection,
                             const char *url, const char *method, void **slot)
{
    struct gj_request *r = new_request(server, connection);
    if (r == NULL) {
        return MHD_NO;
    }
    *slot = r;
    if (r->client != NULL) {
        atomic_store(&r->client->asking, true);
        atomic_store(&r->client->since, r->begun);
    }
    if (!gj_framing_is_sure(r) || !query_is_short(r)) {
        return send_answer(r); /* before the body: libmicrohttpd then closes the connection */
    }
    r->head = strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
    admit(r, method, gj_target_path(url));
    const char *length = gj_request_header(r, "Content-Length");
    unsigned long long bytes = length == NULL ? 0 : strtoull(length, NULL, 10);
    if (bytes > body_limit(r) && r->answer.status == 0) {
        too_large(r);
    }
    /* what is refused is read to its end all the same, or its sender would not see why; unless it
     * has none in sight, or its sender waits for leave to send it */
    bool waits = bytes > 0 && gj_request_header(r, "Expect") != NULL;
    return (bytes > DRAIN_MAX || waits) && r->answer.status != 0 ? send_answer(r) : MHD_YES;
}

static enum MHD_Result gather(struct gj_request *r, const char *bytes, size_t *len)
{
    if (r->answer.status == 0 && r->body.len + *len > body_limit(r)) {
        too_large(r);
    }
    if (r->answer.status == 0) {
        if (r->body.len == 0 && gj_buf_reserve(&r->body, *len + GJ_JSON_PAD) != 0) {
            return MHD_NO;
        }
        gj_buf_add(&r->body, bytes, *len);
    }
    *len = 0;
    return r->body.failed ? MHD_NO : MHD_YES;
}

static enum MHD_Result receive(void *context, struct MHD_Connection *connection, const char *url,
                               const char *method, const char *version, const char *bytes,
                               size_t *len, void **slot)
{
    (void)version;
    struct gj_request *r = *slot;
    if (r == NULL) {
        return begin(context, connection, url, method, slot);
    }
    if (*len > 0) {
        return gather(r, bytes, len);
    }
    if (r->client != NULL) {
        atomic_store(&r->client->since, INT64_MAX);
    }
    if (r->answer.status == 0 && !r->late) {
        gj_buf_reserve(&r->body, GJ_JSON_PAD);
        handle(r);
        if (r->late) {
            return MHD_YES; /* another thread has it now, and has this called again */
        }
    }
    if (r->answer.status == 0 || r->answer.body.failed) {
        gj_problem(r, "out-of-memory", "服务器内存不足，请稍后再试",
                   "the server is out of memory; try again later");
    }
    mask_answer(r);
    gj_repeat_keep(r);
    return send_answer(r);
}

/* ---- the daemon ---- */

/* Paths and queries are decoded part by part, where '/' and '&' have been told apart. */
static size_t as_it_is(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context;
    (void)connection;
    return strlen(text);
}

/* Before the head is read further: libmicrohttpd keeps parameters in the connection's memory, and
 * leaves a request unanswered whose parameters do not fit. So it is not shown too many. */
static void *look_at_target(void *context, const char *target, struct MHD_Connection *connection)
{
    struct gj_client *client =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    char *query = strchr((char *)(uintptr_t)target, '?');
    size_t count = 0;
    (void)context;
    for (const char *at = query; at != NULL && count <= QUERY_PARAMETERS_MAX; count++) {
        at = strchr(at + 1, '&');
    }
    if (count > QUERY_PARAMETERS_MAX) {
        query[1] = '\0';
    }
    if (client != NULL) {
        client->crowded = count > QUERY_PARAMETERS_MAX;
    }
    return NULL;
}

static void log_nothing(void *context, const char *format, va_list args)
{
    (void)context;
    (void)format;
    (void)args;
}

static unsigned flags_of(const struct sockaddr *address)
{
    unsigned flags =
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_ERROR_LOG;
    return address->sa_family == AF_INET6 ? flags | MHD_USE_IPv6 : flags;
}

int gj_http_start(struct gj_server *server, const struct sockaddr *address, gj_errors *errors)
{
    server->clients = calloc(1, sizeof *server->clients);
    if (server->clients == NULL) {
        return -1;
    }
    pthread_mutex_init(&server->clients->lock, NULL);
    server->clients->first.next = server->clients->first.prev = &server->clients->first;
    server->daemon = MHD_start_daemon(
        flags_of(address), 0, NULL, NULL, receive, server, MHD_OPTION_EXTERNAL_LOGGER, log_nothing,
        NULL, MHD_OPTION_SOCK_ADDR, address, MHD_OPTION_THREAD_POOL_SIZE, server->settings.threads,
        MHD_OPTION_CONNECTION_LIMIT, server->settings.connections, MHD_OPTION_CONNECTION_TIMEOUT,
        IDLE_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY,
        MHD_OPTION_LISTEN_BACKLOG_SIZE, 1024u, MHD_OPTION_UNESCAPE_CALLBACK, as_it_is, NULL,
        MHD_OPTION_URI_LOG_CALLBACK, look_at_target, NULL, MHD_OPTION_NOTIFY_COMPLETED, completed,
        server, MHD_OPTION_NOTIFY_CONNECTION, connection_changed, server,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    if (server->daemon == NULL) {
        return gj_errors_say(errors, "%s: %s; is another server there?", server->settings.listen,
                             strerror(errno));
    }
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);
    server->port = info == NULL ? 0 : info->port;
    return 0;
}

/* Whether a request is on its way in (with_bodies), is being answered, or its answer on its way. */
static bool some_ask(struct gj_clients *all, bool with_bodies)
{
    bool some = false;
    pthread_mutex_lock(&all->lock);
    for (struct gj_client *c = all->first.next; c != &all->first; c = c->next) {
        some |= atomic_load(&c->asking) && !atomic_load(&c->listening) &&
                (with_bodies || atomic_load(&c->since) == INT64_MAX);
    }
    pthread_mutex_unlock(&all->lock);
    return some;
}

static void await(struct gj_clients *all, bool with_bodies)
{
    const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};
    int64_t until = gj_steady_now() + GRACE_SECONDS * GJ_SECOND_US;
    while (some_ask(all, with_bodies) && gj_steady_now() < until) {
        nanosleep(&pause, NULL);
    }
}

void gj_http_quiesce(struct gj_server *server)
{
    server->listener = MHD_quiesce_daemon(server->daemon);
    shutdown(server->listener, SHUT_RDWR); /* who connects now is refused */
    await(server->clients, true);
}

void gj_http_stop(struct gj_server *server)
{
    if (server->daemon != NULL) {
        await(server->clients, false); /* libmicrohttpd cuts off what it has not sent */
        MHD_stop_daemon(server->daemon);
    }
    if (server->listener > 0) {
        close(server->listener);
    }
    if (server->clients != NULL) {
        pthread_mutex_destroy(&server->clients->lock);
        free(server->clients);
    }
}
