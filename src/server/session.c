/* Room server: signing in and out, for a console in a browser: a session cookie that scripts cannot
 * read, and a token that the page shows with each request that writes. */
#include "server/session.h"

#include <stdio.h>

#include "base/errors.h"
#include "server/body.h"
#include "server/clerk.h"
#include "server/http.h"

#define TEXT_MAX ((size_t)1024) /* bytes of a name or a password */

static void answer_signed_in(struct gj_request *r, const struct gj_signed_in *in)
{
    struct gj_buf cookie;
    gj_buf_init(&cookie);
    gj_people_set_cookie(r->server->people, in->cookie, &cookie);
    gj_answer_header(r, "Set-Cookie", cookie.ptr);
    gj_buf_release(&cookie);
    gj_buf_addf(&r->answer.body, "{\"csrf\":\"%s\"}\n", in->csrf);
    gj_answer_json(r, 200);
}

static void try_sign_in(struct gj_request *r, const struct gj_sign_in *attempt, gj_errors *errors)
{
    char wait[24];
    struct gj_signed_in in;
    switch (gj_people_sign_in(r->server->people, attempt, r->now, &in, errors)) {
    case GJ_SIGNED_IN:
        answer_signed_in(r, &in);
        break;
    case GJ_SIGNED_WRONG:
        gj_problem(r, "unauthorized", "用户名或密码不对", "the user or the password is wrong");
        break;
    case GJ_SIGNED_WAIT:
        snprintf(wait, sizeof wait, "%lld", (long long)in.wait);
        gj_answer_header(r, "Retry-After", wait);
        gj_problemf(r, "too-many-requests", "失败次数过多，请在 %s 秒后再试",
                    "too many failures; try again in %s seconds", wait);
        break;
    case GJ_SIGNED_FAILED:
        gj_problem(r, "internal", "登录暂不可用", "signing in does not work at the moment");
        break;
    }
}

/* On the clerk's thread: it takes long by intent. */
static void sign_in(struct gj_request *r)
{
    char address[64];
    struct gj_body body;
    struct gj_sign_in attempt = {.address = gj_request_address(r, address, sizeof address)};
    if (!gj_body_open(r, false, &body) ||
        !gj_body_text(&body, "tenant", TEXT_MAX, false, &attempt.tenant) ||
        !gj_body_text(&body, "user", TEXT_MAX, true, &attempt.user) ||
        !gj_body_text(&body, "password", TEXT_MAX, true, &attempt.password)) {
        return;
    }
    attempt.tenant = attempt.tenant.len == 0 ? GJ_STR("default") : attempt.tenant;
    gj_errors *errors = gj_errors_new();
    if (errors == NULL) {
        gj_problem(r, "out-of-memory", "服务器内存不足", "the server is out of memory");
        return;
    }
    try_sign_in(r, &attempt, errors);
    gj_errors_free(errors);
}

enum gj_handled gj_login(struct gj_request *r)
{
    return gj_clerk_ask(r, sign_in);
}

enum gj_handled gj_logout(struct gj_request *r)
{
    struct gj_buf cookie;
    const char *shown = gj_request_header(r, "Cookie");
    gj_errors *errors = gj_errors_new();
    int status = errors == NULL || shown == NULL
                     ? 0
                     : gj_people_sign_out(r->server->people, gj_str_of(shown), r->now, errors);
    gj_errors_free(errors);
    if (status != 0) {
        return gj_problem(r, "internal", "未能登出，请再试", "signing out failed; try again");
    }
    gj_buf_init(&cookie);
    gj_people_set_cookie(r->server->people, NULL, &cookie);
    gj_answer_header(r, "Set-Cookie", cookie.ptr);
    gj_buf_release(&cookie);
    gj_buf_add_cstr(&r->answer.body, "{\"status\":\"ok\"}\n");
    return gj_answer_json(r, 200);
}

/* "admin,service" as texts of an array. */
static void add_roles(struct gj_buf *out, struct gj_str roles)
{
    for (size_t at = 0; at < roles.len;) {
        size_t len = strcspn(roles.ptr + at, ",");
        gj_buf_add_cstr(out, at > 0 ? "," : "");
        gj_json_add_string(out, (struct gj_str){roles.ptr + at, len});
        at += len + 1;
    }
}

enum gj_handled gj_me(struct gj_request *r)
{
    struct gj_buf *out = &r->answer.body, roles;
    char csrf[GJ_SESSION_TEXT + 1];
    const char *cookie = gj_request_header(r, "Cookie");
    gj_buf_init(&roles);
    gj_roles_write(r->who.roles, &roles);
    gj_buf_add_cstr(out, "{\"tenant\":");
    gj_json_add_string(out, r->who.tenant);
    gj_buf_add_cstr(out, ",\"name\":");
    gj_json_add_string(out, r->who.name);
    gj_buf_add_cstr(out, ",\"roles\":[");
    add_roles(out, gj_buf_str(&roles));
    gj_buf_add_char(out, ']');
    gj_buf_add_cstr(out, ",\"agent_id\":");
    gj_json_add_string(out, r->who.agent);
    gj_buf_add_cstr(out, ",\"shops\":[");
    for (size_t i = 0; i < r->who.source_count; i++) {
        gj_buf_add_cstr(out, i > 0 ? "," : "");
        gj_json_add_string(out, r->who.sources[i]);
    }
    gj_buf_add_char(out, ']');
    if (r->who.session && cookie != NULL &&
        gj_people_csrf(r->server->people, gj_str_of(cookie), csrf)) {
        gj_buf_addf(out, ",\"csrf\":\"%s\"", csrf);
    }
    gj_buf_add_cstr(out, "}\n");
    gj_buf_release(&roles);
    return gj_answer_json(r, 200);
}
