/* Room server: GET /v1/shops, /v1/metrics, /v1/ledger, /v1/measures (see report.h). Each walks the
 * chosen shops in order and, in each, the engine's rows in theirs. */
#include "server/report.h"

#include <stdio.h>
#include <string.h>

#include "base/errors.h"
#include "server/list.h"
#include "server/row.h"
#include "server/tell.h"

/* Parts of the cursor: the shop; of its rows the time and number, or the place in their order. */
enum { SOURCE, AT, ROW, PARTS };

struct asked {
    struct gj_page *page;
    struct gj_shops shops;
    int64_t from, to, at; /* as the query says */
    int64_t history;
    const char *day;
    int64_t after_at, after_row; /* of the shop at hand: tell what lies behind */
    int64_t place;               /* of the row in its shop's order */
};

/* ---- walking ---- */

/* A shop's rows, told by `take`; a status of the engine, or 1: the page is full. */
typedef int walk_shop(struct asked *a, gj_engine *engine, const struct gj_shop_choice *shop);

static void walk(struct gj_job *job, struct gj_tenant *tenant, walk_shop *each)
{
    struct asked *a = job->state;
    struct gj_page *page = a->page;
    int status = GJ_OK;
    if (!gj_shops_select(job->request, tenant, &a->shops)) {
        return;
    }
    gj_page_begin(page);
    for (size_t i = 0; i < a->shops.count && status == GJ_OK && !page->more; i++) {
        struct gj_str source = gj_str_of(a->shops.items[i].source);
        int order = page->first ? 1 : gj_str_order(source, page->after[SOURCE]);
        if (order < 0) {
            continue;
        }
        a->after_at = order == 0 ? gj_page_number(page, AT) : INT64_MIN;
        a->after_row = order == 0 ? gj_page_number(page, ROW) : -1;
        a->place = 0;
        status = each(a, tenant->engine, &a->shops.items[i]);
        status = page->more ? GJ_OK : status;
    }
    if (status == GJ_EINPUT && a->day != NULL) {
        gj_problem(job->request, "bad-request", "day 应为日期，如 2026-03-10",
                   "day: a date is wanted, such as 2026-03-10");
        gj_errors_clear(tenant->errors);
    } else if (status != GJ_OK) {
        gj_list_failed(job->request, tenant);
    } else {
        gj_page_end(page);
    }
}

static struct gj_buf *next_item(struct asked *a, const char *source, int64_t at, int64_t row)
{
    struct gj_request *r = a->page->r;
    const struct gj_str parts[PARTS] = {gj_str_of(source), gj_number_text(r, at),
                                        gj_number_text(r, row)};
    gj_page_at(a->page, parts);
    return gj_page_item(a->page);
}

static struct asked *new_asked(struct gj_request *r)
{
    struct asked *a = gj_arena_alloc(&r->arena, sizeof *a);
    if (a == NULL) {
        gj_problem(r, "out-of-memory", "服务器内存不足", "the server is out of memory");
        return NULL;
    }
    a->page = gj_page_new(r, PARTS);
    return a->page == NULL ? NULL : a;
}

/* ---- shops ---- */

static int tell_shop(struct asked *a, gj_engine *engine, const struct gj_shop_choice *shop)
{
    (void)engine;
    if (a->after_row >= 0) {
        return GJ_OK; /* told on the page before */
    }
    if (!gj_page_takes(a->page)) {
        return 1;
    }
    struct gj_buf *out = next_item(a, shop->source, 0, 0);
    gj_buf_add_cstr(out, "{\"source\":");
    gj_json_add_string(out, gj_str_of(shop->source));
    gj_tell_text(out, "platform", shop->platform);
    gj_tell_text(out, "id", shop->id);
    if (shop->now != INT64_MIN) {
        gj_tell_at(out, "now", shop->now);
    }
    gj_buf_add_char(out, '}');
    return GJ_OK;
}

static void run_shops(struct gj_job *job, struct gj_tenant *tenant)
{
    walk(job, tenant, tell_shop);
}

enum gj_handled gj_report_shops(struct gj_request *r)
{
    struct asked *a = new_asked(r);
    return a == NULL ? GJ_ANSWERED : gj_desk_ask(r, run_shops, a);
}

/* ---- metrics ---- */

static int tell_metric(void *context, const gj_metric_row *row)
{
    struct asked *a = context;
    int64_t place = a->place++;
    if (place <= a->after_row) {
        return 0;
    }
    if (!gj_page_takes(a->page)) {
        return 1;
    }
    gj_row_metric(next_item(a, row->source, 0, place), row, a->page->r->english);
    return 0;
}

static int tell_metrics(struct asked *a, gj_engine *engine, const struct gj_shop_choice *shop)
{
    int64_t from = 0, to = 0;
    int status = gj_engine_day_of(engine, shop->source, a->day, &from, &to);
    return status == GJ_OK
               ? gj_engine_metrics(engine, shop->source, to, (int)a->history, tell_metric, a)
               : status;
}

static void run_metrics(struct gj_job *job, struct gj_tenant *tenant)
{
    walk(job, tenant, tell_metrics);
}

enum gj_handled gj_report_metrics(struct gj_request *r)
{
    struct asked *a = new_asked(r);
    if (a == NULL || !gj_request_number(r, "history", 0, 0, 366, &a->history)) {
        return GJ_ANSWERED;
    }
    a->day = gj_request_query(r, "day");
    return gj_desk_ask(r, run_metrics, a);
}

/* ---- the ledger ---- */

static int tell_ledger(void *context, const gj_ledger_row *row)
{
    struct asked *a = context;
    if (row->at == a->after_at && row->row <= a->after_row) {
        return 0;
    }
    if (!gj_page_takes(a->page)) {
        return 1;
    }
    gj_row_ledger(next_item(a, row->source, row->at, row->row), row, a->page->r->english);
    return 0;
}

static int tell_ledgers(struct asked *a, gj_engine *engine, const struct gj_shop_choice *shop)
{
    int64_t from = a->after_at > a->from ? a->after_at : a->from;
    return gj_engine_ledger(engine, shop->source, from, a->to, tell_ledger, a);
}

static void run_ledger(struct gj_job *job, struct gj_tenant *tenant)
{
    walk(job, tenant, tell_ledgers);
}

enum gj_handled gj_report_ledger(struct gj_request *r)
{
    struct asked *a = new_asked(r);
    if (a == NULL || !gj_request_time(r, "from", INT64_MIN, &a->from) ||
        !gj_request_time(r, "to", GJ_ALWAYS, &a->to)) {
        return GJ_ANSWERED;
    }
    return gj_desk_ask(r, run_ledger, a);
}

/* ---- measures ---- */

static int tell_measure(void *context, const gj_measure_info *row)
{
    struct asked *a = context;
    int64_t place = a->place++;
    if (place <= a->after_row) {
        return 0;
    }
    if (!gj_page_takes(a->page)) {
        return 1;
    }
    gj_row_measure(next_item(a, row->source, 0, place), row, a->page->r->english);
    return 0;
}

static int tell_measures(struct asked *a, gj_engine *engine, const struct gj_shop_choice *shop)
{
    return gj_engine_measures(engine, shop->source, a->at, tell_measure, a);
}

static void run_measures(struct gj_job *job, struct gj_tenant *tenant)
{
    walk(job, tenant, tell_measures);
}

enum gj_handled gj_report_measures(struct gj_request *r)
{
    struct asked *a = new_asked(r);
    if (a == NULL || !gj_request_time(r, "at", r->now, &a->at)) {
        return GJ_ANSWERED;
    }
    return gj_desk_ask(r, run_measures, a);
}
