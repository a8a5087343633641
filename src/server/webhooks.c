/* Room server: the routes of webhooks and robots, and the outbox they are fed from (see hook.h). */
#include "server/webhooks.h"

#include <stdio.h>

#include "base/errors.h"
#include "hook/hook.h"
#include "server/body.h"
#include "server/desk.h"

/* ---- the outbox: a tenant's notices, which the desk reads ---- */

struct pull {
    int64_t after;
    size_t limit;
    int (*each)(void *to, const struct gj_hook_notice *notice);
    void *to;
    int status;
};

static int hand_over(void *context, const gj_notice_row *row)
{
    struct pull *p = context;
    struct gj_hook_notice notice = {.seq = row->seq,
                                    .at = row->at,
                                    .source = gj_str_of(row->source),
                                    .type = gj_str_of(row->type),
                                    .body = gj_str_of(row->body)};
    return p->each(p->to, &notice);
}

static void read_outbox(struct gj_job *job, struct gj_tenant *tenant)
{
    struct pull *p = job->state;
    p->status =
        gj_engine_notices(tenant->engine, p->after, p->limit, hand_over, p) == GJ_OK ? 0 : -1;
}

static int pull(void *context, struct gj_str tenant, int64_t after, size_t limit,
                int (*each)(void *to, const struct gj_hook_notice *notice), void *to)
{
    struct gj_server *server = context;
    struct pull p = {after, limit, each, to, -1};
    char name[64];
    if (atomic_load(&server->stopping) || server->desk == NULL) {
        return -1;
    }
    snprintf(name, sizeof name, "%.*s", (int)tenant.len, tenant.ptr);
    gj_desk_call(server->desk, name, false, read_outbox, &p);
    return p.status;
}

struct gj_hooks *gj_webhooks_start(struct gj_server *server, gj_errors *errors)
{
    struct gj_hooks_settings settings;
    gj_hooks_settings_init(&settings);
    settings.pull = pull;
    settings.complain = gj_server_complain;
    settings.context = server;
    if (server->settings.private_hooks) {
        settings.guard.all = settings.guard.http = true;
    }
    return gj_hooks_new(server->office, &settings, errors);
}

/* ---- routes ---- */

static enum gj_handled fault(struct gj_request *r, const struct gj_hook_fault *f)
{
    const char *problem = f->status == 404   ? "not-found"
                          : f->status == 409 ? "conflict"
                          : f->status == 422 ? "unprocessable"
                          : f->status < 500  ? "bad-request"
                                             : "internal";
    gj_buf_reset(&r->answer.body);
    if (f->member == NULL) {
        return gj_problem(r, problem, f->zh, f->en);
    }
    struct gj_buf text;
    gj_buf_init(&text);
    gj_buf_addf(&text, "%s: %s", f->member, r->english ? f->en : f->zh);
    gj_problem(r, problem, text.ptr, text.ptr);
    gj_buf_release(&text);
    return GJ_ANSWERED;
}

static enum gj_handled answer(struct gj_request *r, const struct gj_hook_fault *f, unsigned status)
{
    if (f != NULL) {
        return fault(r, f);
    }
    if (r->answer.body.len == 0) {
        gj_buf_add_cstr(&r->answer.body, "{\"status\":\"ok\"}");
    }
    gj_buf_add_char(&r->answer.body, '\n');
    return gj_answer_json(r, status);
}

/* Hooks are the whole tenant's, and may tell of all its shops: nothing for who is for some of them
 * alone, which is answered: true. */
static bool is_limited(struct gj_request *r)
{
    if (r->who.source_count > 0) {
        gj_problem(r, "forbidden", "只负责部分店铺的账号或令牌不能管理通知",
                   "who is for some shops alone may not manage webhooks");
    }
    return r->who.source_count > 0;
}

enum gj_handled gj_webhooks_list(struct gj_request *r)
{
    if (is_limited(r)) {
        return GJ_ANSWERED;
    }
    return answer(r, gj_hooks_list(r->server->hooks, r->who.tenant, &r->answer.body), 200);
}

/* What is told begins behind what has been told: by the desk, where nothing is told meanwhile. */
static void add(struct gj_job *job, struct gj_tenant *tenant)
{
    struct gj_request *r = job->request;
    struct gj_body body;
    if (gj_body_open(r, false, &body)) {
        answer(r,
               gj_hooks_add(r->server->hooks, r->who.tenant, body.parser, body.root,
                            gj_engine_notice_last(tenant->engine), &r->answer.body),
               201);
    }
}

enum gj_handled gj_webhooks_add(struct gj_request *r)
{
    if (is_limited(r)) {
        return GJ_ANSWERED;
    }
    return gj_desk_ask(r, add, NULL);
}

enum gj_handled gj_webhooks_remove(struct gj_request *r)
{
    if (is_limited(r)) {
        return GJ_ANSWERED;
    }
    return answer(r, gj_hooks_remove(r->server->hooks, r->who.tenant, r->captures[0]), 200);
}

enum gj_handled gj_webhooks_rotate(struct gj_request *r)
{
    if (is_limited(r)) {
        return GJ_ANSWERED;
    }
    struct gj_body body;
    if (!gj_body_open(r, true, &body)) {
        return GJ_ANSWERED;
    }
    return answer(r,
                  gj_hooks_rotate(r->server->hooks, r->who.tenant, r->captures[0], body.parser,
                                  body.root, &r->answer.body),
                  200);
}

static void turn_on(struct gj_job *job, struct gj_tenant *tenant)
{
    struct gj_request *r = job->request;
    answer(r,
           gj_hooks_switch(r->server->hooks, r->who.tenant, r->captures[0], true,
                           gj_engine_notice_last(tenant->engine)),
           200);
}

enum gj_handled gj_webhooks_enable(struct gj_request *r)
{
    if (is_limited(r)) {
        return GJ_ANSWERED;
    }
    return gj_desk_ask(r, turn_on, NULL);
}

enum gj_handled gj_webhooks_disable(struct gj_request *r)
{
    if (is_limited(r)) {
        return GJ_ANSWERED;
    }
    return answer(r, gj_hooks_switch(r->server->hooks, r->who.tenant, r->captures[0], false, 0),
                  200);
}

enum gj_handled gj_webhooks_test(struct gj_request *r)
{
    if (is_limited(r)) {
        return GJ_ANSWERED;
    }
    return answer(
        r, gj_hooks_test(r->server->hooks, r->who.tenant, r->captures[0], &r->answer.body), 202);
}

enum gj_handled gj_webhooks_deliveries(struct gj_request *r)
{
    if (is_limited(r)) {
        return GJ_ANSWERED;
    }
    int64_t before = 0, limit = 0;
    const char *state = NULL;
    if (!gj_request_choice(r, "state", "waiting, delivered, dead", &state) ||
        !gj_request_number(r, "cursor", 0, 0, INT64_MAX, &before) ||
        !gj_request_number(r, "limit", 100, 1, 1000, &limit)) {
        return GJ_ANSWERED;
    }
    return answer(r,
                  gj_hooks_deliveries(r->server->hooks, r->who.tenant, r->captures[0],
                                      gj_str_of(state == NULL ? "" : state), before, (size_t)limit,
                                      &r->answer.body),
                  200);
}

enum gj_handled gj_webhooks_resend(struct gj_request *r)
{
    if (is_limited(r)) {
        return GJ_ANSWERED;
    }
    int64_t delivery = 0;
    if (!gj_request_number(r, "delivery", 0, 0, INT64_MAX, &delivery)) {
        return GJ_ANSWERED;
    }
    return answer(
        r,
        gj_hooks_resend(r->server->hooks, r->who.tenant, r->captures[0], delivery, &r->answer.body),
        202);
}
