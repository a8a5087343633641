/* Room server: GET /v1/findings, /v1/findings/{id} (see findings.h). */
#include "server/findings.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/errors.h"
#include "server/list.h"
#include "server/row.h"
#include "server/tell.h"
#include "store/office_review.h"

/* Who sees the findings of all agents. */
#define SEES_ALL (GJ_ROLES_ALL & ~(unsigned)GJ_ROLE_AGENT)

void gj_finding_key(const gj_finding_row *row, char key[GJ_FINDING_KEY])
{
    unsigned char hash[(GJ_FINDING_KEY - 1) / 2];
    const char *const parts[] = {row->source, row->rule, row->kind, row->subject};
    char at[24];
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        crypto_generichash_update(&state, (const unsigned char *)parts[i], strlen(parts[i]) + 1);
    }
    snprintf(at, sizeof at, "%lld", (long long)row->at);
    crypto_generichash_update(&state, (const unsigned char *)at, strlen(at));
    crypto_generichash_final(&state, hash, sizeof hash);
    sodium_bin2hex(key, GJ_FINDING_KEY, hash, sizeof hash);
}

bool gj_finding_is_seen(const struct gj_request *r, const gj_finding_row *row)
{
    return gj_request_sees(r, gj_str_of(row->source)) &&
           (gj_principal_may(&r->who, SEES_ALL) ||
            (r->who.agent.len > 0 && gj_str_eq(r->who.agent, gj_str_of(row->agent))));
}

/* ---- what was said of it ---- */

struct saying {
    struct gj_buf *out;
    enum gj_review_state state;
    bool any;
};

static int add_said(void *context, const struct gj_review *review)
{
    struct saying *s = context;
    struct gj_buf *out = s->out;
    s->state = gj_review_after(s->state, review->act);
    gj_buf_addf(out, "%s{\"act\":\"%s\"", s->any ? "," : "", gj_review_act_name(review->act));
    s->any = true;
    gj_tell_text(out, "verdict", review->verdict.ptr);
    gj_tell_text(out, "note", review->note.ptr);
    if (review->ruling.len > 0) {
        gj_buf_add_cstr(out, ",\"ruling\":");
        gj_buf_add_str(out, review->ruling);
    }
    gj_tell_text(out, "by", review->actor.ptr);
    gj_tell_at(out, "at", review->at);
    gj_buf_add_char(out, '}');
    return 0;
}

bool gj_finding_write(struct gj_request *r, struct gj_buf *out, const gj_finding_row *row)
{
    char key[GJ_FINDING_KEY];
    struct saying s = {.out = out};
    struct gj_errors errors;
    gj_errors_init(&errors);
    gj_finding_key(row, key);
    gj_row_finding(out, row, r->english);
    gj_buf_add_cstr(out, ",\"said\":[");
    int status =
        gj_office_reviews(r->server->office, r->who.tenant, gj_str_of(key), add_said, &s, &errors);
    gj_errors_release(&errors);
    gj_buf_add_char(out, ']');
    gj_tell_text(out, "state", gj_review_state_name(s.state));
    gj_buf_add_char(out, '}');
    return status == 0;
}

static void office_failed(struct gj_request *r)
{
    gj_problem(r, "internal", "审核记录无法读取，请再试", "reviews could not be read; try again");
}

/* ---- lists: by shop, then time ---- */

enum { SOURCE, AT, ROW, PARTS };

struct asked {
    struct gj_page *page;
    struct gj_shops shops;
    int64_t from, to;
    const char *agent, *rule; /* NULL: any */
    int64_t after_at, after_row;
    bool failed;
};

static int take(void *context, const gj_finding_row *row)
{
    struct asked *a = context;
    struct gj_page *page = a->page;
    if (row->at == a->after_at && row->row <= a->after_row) {
        return 0;
    }
    if (!gj_page_reads(page)) {
        return 1;
    }
    bool wanted = (a->agent == NULL || strcmp(a->agent, row->agent) == 0) &&
                  (a->rule == NULL || strcmp(a->rule, row->rule) == 0) &&
                  gj_finding_is_seen(page->r, row);
    if (wanted && !gj_page_takes(page)) {
        return 1;
    }
    if (wanted && !gj_finding_write(page->r, gj_page_item(page), row)) {
        a->failed = true;
        return 1;
    }
    char at[24], number[24];
    snprintf(at, sizeof at, "%lld", (long long)row->at);
    snprintf(number, sizeof number, "%lld", (long long)row->row);
    const struct gj_str parts[PARTS] = {gj_str_of(row->source), gj_str_of(at), gj_str_of(number)};
    gj_page_at(page, parts); /* the next page begins behind what was looked at */
    return 0;
}

/* Costs are those of the shop's now, or of the last instant that is asked for. */
static int walk_shop(struct asked *a, gj_engine *engine, const struct gj_shop_choice *shop)
{
    int64_t now = shop->now == INT64_MIN ? 1 : shop->now + 1;
    int64_t from = a->after_at > a->from ? a->after_at : a->from;
    return gj_engine_findings(engine, shop->source, from, a->to < now ? a->to : now, take, a);
}

static void run_list(struct gj_job *job, struct gj_tenant *tenant)
{
    struct asked *a = job->state;
    struct gj_request *r = job->request;
    struct gj_page *page = a->page;
    int status = GJ_OK;
    if (!gj_shops_select(r, tenant, &a->shops)) {
        return;
    }
    gj_page_begin(page);
    for (size_t i = 0; i < a->shops.count && status == GJ_OK; i++) {
        const struct gj_shop_choice *shop = &a->shops.items[i];
        int order = page->first ? 1 : gj_str_order(gj_str_of(shop->source), page->after[SOURCE]);
        if (order < 0) {
            continue;
        }
        a->after_at = order == 0 ? gj_page_number(page, AT) : INT64_MIN;
        a->after_row = order == 0 ? gj_page_number(page, ROW) : -1;
        status = walk_shop(a, tenant->engine, shop);
    }
    if (a->failed) {
        office_failed(r);
    } else if (status != GJ_OK && !page->more) {
        gj_list_failed(r, tenant);
    } else {
        gj_page_end(page);
    }
}

enum gj_handled gj_findings_get(struct gj_request *r)
{
    struct asked *a = gj_arena_alloc(&r->arena, sizeof *a);
    if (a == NULL) {
        return gj_problem(r, "out-of-memory", "服务器内存不足", "the server is out of memory");
    }
    a->page = gj_page_new(r, PARTS);
    if (a->page == NULL || !gj_request_time(r, "from", INT64_MIN, &a->from) ||
        !gj_request_time(r, "to", GJ_ALWAYS, &a->to)) {
        return GJ_ANSWERED;
    }
    a->agent = gj_request_query(r, "agent");
    a->rule = gj_request_query(r, "rule");
    return gj_desk_ask(r, run_list, a);
}

/* ---- one ---- */

int64_t gj_finding_asked(const struct gj_request *r)
{
    struct gj_str id = r->captures[0];
    int64_t row = 0;
    for (size_t i = 0; i < id.len; i++) {
        if (id.ptr[i] < '0' || id.ptr[i] > '9' || id.len > 18) {
            return 0;
        }
        row = row * 10 + (id.ptr[i] - '0');
    }
    return row;
}

static int write_one(void *context, const gj_finding_row *row)
{
    struct gj_request *r = context;
    if (!gj_finding_is_seen(r, row)) {
        gj_not_there(r);
    } else if (!gj_finding_write(r, &r->answer.body, row)) {
        office_failed(r);
    } else {
        gj_buf_add_char(&r->answer.body, '\n');
        gj_answer_json(r, 200);
    }
    return 0;
}

static void run_one(struct gj_job *job, struct gj_tenant *tenant)
{
    struct gj_request *r = job->request;
    int status = gj_engine_finding(tenant->engine, gj_finding_asked(r), write_one, r);
    if (status == GJ_EINPUT) {
        gj_errors_clear(tenant->errors);
        gj_not_there(r);
    } else if (status != GJ_OK) {
        gj_list_failed(r, tenant);
    }
}

enum gj_handled gj_finding_get(struct gj_request *r)
{
    return gj_desk_ask(r, run_one, NULL);
}
