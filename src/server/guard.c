/* Room server: who may ask what (see guard.h): a token or a session, its roles, and, while nobody
 * has been added yet, whoever is on this machine. */
#include "server/guard.h"

#include <string.h>

#include "server/http.h"

static struct gj_str header(const struct gj_request *r, const char *name)
{
    const char *value = gj_request_header(r, name);
    return value == NULL ? GJ_STR("") : gj_str_of(value);
}

/* Whether a Host or an Origin names this machine: a page elsewhere that has a browser here ask in
 * its name (DNS rebinding, cross-site requests) shows another one. */
static bool is_local(const char *text)
{
    static const char *const names[] = {"127.0.0.1", "localhost", "[::1]"};
    const char *host = strstr(text, "://");
    host = host == NULL ? text : host + 3;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t len = strlen(names[i]);
        if (strncmp(host, names[i], len) == 0 && (host[len] == '\0' || host[len] == ':')) {
            return true;
        }
    }
    return false;
}

/* Nobody has been added: who asks from this machine may do all. */
static bool admit_anybody(struct gj_request *r)
{
    const char *host = gj_request_header(r, "Host"), *origin = gj_request_header(r, "Origin");
    if (host == NULL || !is_local(host) || (origin != NULL && !is_local(origin))) {
        gj_problem(r, "forbidden", "尚无用户时只接受本机的请求",
                   "while nobody has been added only this machine may ask");
        return false;
    }
    r->who = (struct gj_principal){.tenant = GJ_STR("default"),
                                   .name = GJ_STR("local"),
                                   .actor = GJ_STR("local"),
                                   .roles = GJ_ROLES_ALL};
    return true;
}

static bool is_reading(const char *method)
{
    return strcmp(method, "GET") == 0;
}

static const struct refusal {
    enum gj_authentic what;
    const char *problem, *zh, *en;
} refusals[] = {
    {GJ_NOT_SHOWN, "unauthorized", "请带上 Authorization: Bearer 令牌，或先登录",
     "show a token as Authorization: Bearer, or log in"},
    {GJ_NOT_KNOWN, "unauthorized", "令牌或会话无效", "the token or session is not known"},
    {GJ_EXPIRED, "unauthorized", "令牌或会话已过期", "the token or session has expired"},
    {GJ_REVOKED, "unauthorized", "令牌或会话已撤销", "the token or session has been revoked"},
    {GJ_NO_CSRF, "forbidden", "请带上本会话的 X-CSRF-Token", "show this session's X-CSRF-Token"},
};

static bool identify(struct gj_request *r)
{
    struct gj_credentials shown = {.authorization = header(r, "Authorization"),
                                   .cookie = header(r, "Cookie"),
                                   .csrf = header(r, "X-CSRF-Token"),
                                   .writes = !is_reading(r->route->method)};
    if (atomic_load(&r->server->nobody) && shown.authorization.len == 0) {
        return admit_anybody(r);
    }
    enum gj_authentic status = gj_people_authenticate(r->server->people, &shown, r->now, &r->who);
    if (status == GJ_AUTHENTIC) {
        return true;
    }
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        if (refusals[i].what == status) {
            gj_problem(r, refusals[i].problem, refusals[i].zh, refusals[i].en);
        }
    }
    return false;
}

void gj_guard_roles(struct gj_request *r, unsigned roles)
{
    if (identify(r) && !gj_principal_may(&r->who, roles)) {
        gj_problem(r, "forbidden", "您的角色不能做这件事", "your role may not do this");
    }
}

void gj_guard(struct gj_request *r)
{
    if ((r->route->flags & GJ_OPEN) == 0) {
        gj_guard_roles(r, r->route->roles);
    }
}

bool gj_request_sees(const struct gj_request *r, struct gj_str source)
{
    return gj_principal_sees(&r->who, source);
}
