/* Room server: GET /v1/deadlines: what runs out next, the earliest first (see report.h).
 *
 * The engine gives the earliest N; a page of those behind a cursor asks for as many as have been
 * told plus its own, and for more should rows have come between. */
#include <string.h>

#include "server/list.h"
#include "server/report.h"
#include "server/row.h"

/* Parts of the cursor; the last says how many rows have been told up to it. */
enum { AT, SOURCE, KIND, ID, NAME, FLOW, TOLD, PARTS };

#define TOLD_MAX INT64_C(10000000) /* a cursor comes from outside */

struct asked {
    struct gj_page *page;
    int64_t within; /* us from now; GJ_ALWAYS: however late */
    int64_t told;   /* rows on the pages before */
    struct gj_shops shops;
    size_t wanted, got; /* rows asked of the engine, and given */
};

static bool is_chosen(const struct asked *a, const char *source)
{
    size_t low = 0, high = a->shops.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(a->shops.items[middle].source, source);
        if (order == 0) {
            return true;
        }
        *(order < 0 ? &low : &high) = order < 0 ? middle + 1 : middle;
    }
    return false;
}

/* Whether the row lies behind the cursor, in the order in which the engine tells rows. */
static bool is_behind(const struct gj_page *page, const struct gj_str parts[PARTS], int64_t at)
{
    if (page->first || at != gj_page_number(page, AT)) {
        return page->first || at > gj_page_number(page, AT);
    }
    for (size_t i = SOURCE; i <= FLOW; i++) {
        int order = gj_str_order(parts[i], page->after[i]);
        if (order != 0) {
            return order > 0;
        }
    }
    return false;
}

static int take(void *context, const gj_deadline_row *d)
{
    struct asked *a = context;
    struct gj_request *r = a->page->r;
    struct gj_str parts[PARTS] = {[SOURCE] = gj_str_of(d->source),
                                  [KIND] = gj_str_of(d->kind),
                                  [ID] = gj_str_of(d->id),
                                  [NAME] = gj_str_of(d->name),
                                  [FLOW] = gj_str_of(d->flow)};
    a->got++;
    if (!is_chosen(a, d->source) || !is_behind(a->page, parts, d->at)) {
        return 0;
    }
    if (!gj_page_takes(a->page)) {
        return 1;
    }
    parts[AT] = gj_number_text(r, d->at);
    parts[TOLD] = gj_number_text(r, a->told + a->page->count + 1);
    gj_row_deadline(gj_page_item(a->page), d, r->now, r->english);
    gj_page_at(a->page, parts);
    return 0;
}

static void run(struct gj_job *job, struct gj_tenant *tenant)
{
    struct asked *a = job->state;
    struct gj_request *r = job->request;
    int64_t before = a->within == GJ_ALWAYS ? GJ_ALWAYS : r->now + a->within;
    int status = GJ_OK;
    if (!gj_shops_select(r, tenant, &a->shops)) {
        return;
    }
    const char *one = a->shops.count == 1 ? a->shops.items[0].source : NULL;
    a->wanted = (size_t)(a->told + a->page->limit + 1);
    do {
        gj_page_begin(a->page);
        a->got = 0;
        status = gj_engine_deadlines(tenant->engine, one, before, a->wanted, take, a, NULL);
        status = status == 1 ? GJ_OK : status;
        a->wanted *= 4;
    } while (status == GJ_OK && !a->page->more && a->got * 4 == a->wanted);
    if (status != GJ_OK) {
        gj_list_failed(r, tenant);
        return;
    }
    gj_page_end(a->page);
}

enum gj_handled gj_deadlines_get(struct gj_request *r)
{
    struct asked *a = gj_arena_alloc(&r->arena, sizeof *a);
    if (a == NULL) {
        return gj_problem(r, "out-of-memory", "服务器内存不足", "the server is out of memory");
    }
    a->page = gj_page_new(r, PARTS);
    if (a->page == NULL || !gj_request_duration(r, "within", GJ_ALWAYS, &a->within)) {
        return GJ_ANSWERED;
    }
    a->told = a->page->first ? 0 : gj_page_number(a->page, TOLD);
    a->told = a->told < 0 || a->told > TOLD_MAX ? TOLD_MAX : a->told;
    return gj_desk_ask(r, run, a);
}
