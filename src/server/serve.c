/* Room server: the server as a whole: what is opened in which order, and closed in the other (see
 * server.h). */
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/errors.h"
#include "hook/hook.h"
#include "server/candidate.h"
#include "server/clerk.h"
#include "server/desk.h"
#include "server/http.h"
#include "server/rulebook.h"
#include "server/rules.h"
#include "server/stream.h"
#include "server/webhooks.h"

/* ---- where it listens ---- */

/* "HOST:PORT", an IPv6 address in brackets. */
static int find_address(const char *listen, struct sockaddr_storage *out, bool *loopback,
                        gj_errors *errors)
{
    const char *colon = strrchr(listen, ':');
    char host[256];
    size_t len = colon == NULL ? sizeof host : (size_t)(colon - listen);
    struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    if (len >= sizeof host) {
        return gj_errors_say(errors, "--listen %s: give an address and a port, as 127.0.0.1:8787",
                             listen);
    }
    bool bracketed = len > 1 && listen[0] == '[' && listen[len - 1] == ']';
    snprintf(host, sizeof host, "%.*s", (int)(bracketed ? len - 2 : len),
             bracketed ? listen + 1 : listen);
    char *end = NULL;
    if (strtoul(colon + 1, &end, 10) > UINT16_MAX || *end != '\0' || end == colon + 1) {
        return gj_errors_say(errors, "--listen %s: a port is a number up to 65535", listen);
    }
    int status = getaddrinfo(host[0] == '\0' ? NULL : host, colon + 1, &hints, &found);
    if (status != 0) {
        return gj_errors_say(errors, "--listen %s: %s", listen, gai_strerror(status));
    }
    memcpy(out, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)out;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)out;
    *loopback = out->ss_family == AF_INET ? ntohl(v4->sin_addr.s_addr) >> 24 == 127
                                          : IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
    return 0;
}

/* As many files as the connections need. */
static void raise_limits(const struct gj_serve_settings *settings)
{
    struct rlimit limit;
    rlim_t want = settings->connections + 256;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < want) {
        limit.rlim_cur = limit.rlim_max < want ? limit.rlim_max : want;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* ---- people ---- */

struct count {
    size_t people;
};

static int count_user(void *context, const struct gj_office_user *user)
{
    (void)user;
    ((struct count *)context)->people++;
    return 0;
}

static int count_token(void *context, const struct gj_office_token *token)
{
    (void)token;
    ((struct count *)context)->people++;
    return 0;
}

/* While nobody has been added, whoever is on this machine may do all; elsewhere nobody may. */
static int count_people(struct gj_server *server, gj_errors *errors)
{
    struct count count = {0};
    struct gj_str all = GJ_STR("");
    if (gj_office_users(server->office, all, count_user, &count, errors) != 0 ||
        gj_office_tokens(server->office, all, count_token, &count, errors) != 0) {
        return -1;
    }
    if (count.people == 0 && !server->loopback) {
        return gj_errors_say(errors,
                             "nobody has been added, and %s can be reached from elsewhere; add a "
                             "token first: guiju token add NAME --role admin --db %s",
                             server->settings.listen, server->settings.db);
    }
    atomic_store(&server->nobody, count.people == 0);
    return 0;
}

/* ---- applications ---- */

struct wanted {
    const char *tenant;
    bool there;
};

static int look_for(void *context, struct gj_str name, int64_t created)
{
    struct wanted *wanted = context;
    (void)created;
    wanted->there |= gj_str_is(name, wanted->tenant);
    return 0;
}

/* What is pushed for a tenant that nobody has added, nobody would ever see. */
static int check_applications(struct gj_server *server, gj_errors *errors)
{
    const struct gj_serve_settings *settings = &server->settings;
    for (size_t i = 0; i < settings->application_count; i++) {
        const struct gj_application *a = &settings->applications[i];
        struct wanted wanted = {a->tenant, false};
        if (gj_office_tenants(server->office, look_for, &wanted, errors) != 0) {
            return -1;
        }
        if (!wanted.there) {
            return gj_errors_say(errors,
                                 "application of %s: there is no tenant %s; see `guiju "
                                 "tenant list`",
                                 a->platform, a->tenant);
        }
    }
    return 0;
}

/* ---- parts ---- */

static struct gj_office *open_office(const char *db, gj_errors *errors)
{
    struct gj_buf path;
    gj_buf_init(&path);
    gj_buf_addf(&path, "%s.office", db);
    struct gj_office *office = path.failed ? NULL : gj_office_open(path.ptr, errors);
    gj_buf_release(&path);
    return office;
}

static int open_parts(struct gj_server *server, gj_errors *errors)
{
    const struct gj_serve_settings *settings = &server->settings;
    struct gj_people_settings people = {.insecure_cookie =
                                            server->loopback && !settings->secure_cookies,
                                        .complain = gj_server_complain,
                                        .context = server};
    struct gj_edition *edition = gj_rulebook_first(server, errors);
    if (edition == NULL) {
        return -1;
    }
    gj_edition_enact(server, edition);
    server->office = open_office(settings->db, errors);
    server->people = server->office == NULL ? NULL : gj_people_new(server->office, people, errors);
    if (server->people == NULL || count_people(server, errors) != 0 ||
        check_applications(server, errors) != 0) {
        return -1;
    }
    server->hooks = gj_webhooks_start(server, errors);
    server->pictures = gj_pictures_new();
    server->backtests = gj_backtests_new();
    bool made = server->hooks != NULL && server->pictures != NULL && server->backtests != NULL;
    server->clerk = made ? gj_clerk_new() : NULL;
    server->desk = server->clerk == NULL ? NULL : gj_desk_new(server, errors);
    if (server->desk == NULL) {
        return -1;
    }
    gj_candidate_tidy(server, true); /* the database is this server's: no other makes any */
    return 0;
}

/* Threads end before anything is freed: what has been accepted still asks, and is told of. */
static void close_parts(struct gj_server *server)
{
    gj_clerk_stop(server->clerk);
    gj_backtests_stop(server->backtests);
    gj_hooks_stop(server->hooks);
    gj_desk_stop(server->desk);
    gj_http_stop(server);
    gj_desk_free(server->desk);
    gj_hooks_free(server->hooks);
    gj_clerk_free(server->clerk);
    gj_pictures_free(server->pictures);
    gj_backtests_free(server->backtests);
    gj_people_free(server->people);
    gj_office_close(server->office);
    gj_edition_leave(server->editions.current);
    pthread_mutex_destroy(&server->editions.lock);
    pthread_mutex_destroy(&server->editions.changing);
    pthread_key_delete(server->thread_key);
    free(server);
}

struct gj_server *gj_server_start(const struct gj_serve_settings *settings, gj_errors *errors)
{
    struct gj_server *server = calloc(1, sizeof *server);
    struct sockaddr_storage address;
    memset(&address, 0, sizeof address);
    if (server == NULL || pthread_key_create(&server->thread_key, gj_thread_end) != 0) {
        free(server);
        gj_errors_say(errors, "out of memory while starting the server");
        return NULL;
    }
    server->settings = *settings;
    server->routes = gj_routes;
    pthread_mutex_init(&server->editions.changing, NULL);
    pthread_mutex_init(&server->editions.lock, NULL);
    gj_clock_trust(server);
    server->started = gj_server_now(server);
    raise_limits(settings);
    if (find_address(settings->listen, &address, &server->loopback, errors) != 0 ||
        open_parts(server, errors) != 0 ||
        gj_http_start(server, (struct sockaddr *)&address, errors) != 0) {
        atomic_store(&server->stopping, true);
        close_parts(server);
        return NULL;
    }
    return server;
}

void gj_server_second(struct gj_server *server, gj_errors *errors)
{
    gj_people_refresh(server->people, gj_server_now(server), errors);
    if (atomic_load(&server->nobody)) {
        count_people(server, errors);
    }
    gj_http_sweep(server);
}

int gj_server_reload(struct gj_server *server, gj_errors *errors)
{
    pthread_mutex_lock(&server->editions.changing);
    struct gj_edition *now = gj_edition_take(server);
    struct gj_edition *edition = gj_edition_load(server, now->dir, errors);
    gj_edition_leave(now);
    if (edition != NULL) {
        gj_edition_enact(server, edition);
    }
    pthread_mutex_unlock(&server->editions.changing);
    return edition == NULL ? GJ_EBOOK : GJ_OK;
}

/* New connections are refused, what has been accepted is answered, listeners are let go. */
void gj_server_stop(struct gj_server *server)
{
    atomic_store(&server->stopping, true);
    gj_http_quiesce(server);
    close_parts(server);
}
