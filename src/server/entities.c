/* Room server: GET /v1/entities/{kind}, /v1/entities/{kind}/{id}, /v1/events/{id}: where something
 * stands, why, and what an event brought about. Histories hold what people wrote: looks are
 * audited, and buyers' phones and addresses are masked for roles that do not need them. */
#include "server/entities.h"

#include <string.h>

#include "base/errors.h"
#include "server/list.h"
#include "server/tell.h"

/* ---- entities by kind ---- */

enum { SOURCE, ID, PARTS };

struct asked {
    struct gj_page *page;
    struct gj_shops shops;
};

static int tell_entity(void *context, const gj_entity_row *row)
{
    struct asked *a = context;
    const struct gj_str parts[PARTS] = {gj_str_of(row->source), gj_str_of(row->id)};
    if (!gj_page_takes(a->page)) {
        return 1;
    }
    struct gj_buf *out = gj_page_item(a->page);
    gj_buf_add_cstr(out, "{\"source\":");
    gj_json_add_string(out, parts[SOURCE]);
    gj_tell_text(out, "kind", row->kind);
    gj_buf_add_cstr(out, ",\"id\":");
    gj_json_add_string(out, parts[ID]);
    gj_buf_add_char(out, '}');
    gj_page_at(a->page, parts);
    return 0;
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
    for (size_t i = 0; i < a->shops.count && status == GJ_OK && !page->more; i++) {
        const char *source = a->shops.items[i].source;
        int order = page->first ? 1 : gj_str_order(gj_str_of(source), page->after[SOURCE]);
        if (order < 0) {
            continue;
        }
        const char *behind = order == 0 ? page->after[ID].ptr : NULL;
        status = gj_engine_entities(tenant->engine, source, r->captures[0].ptr, NULL, behind,
                                    (size_t)page->limit + 1, tell_entity, a);
        status = page->more ? GJ_OK : status;
    }
    if (status == GJ_EINPUT) {
        gj_errors_clear(tenant->errors);
        gj_not_there(r);
    } else if (status != GJ_OK) {
        gj_list_failed(r, tenant);
    } else {
        gj_page_end(page);
    }
}

enum gj_handled gj_entities_get(struct gj_request *r)
{
    struct asked *a = gj_arena_alloc(&r->arena, sizeof *a);
    if (a == NULL) {
        return gj_problem(r, "out-of-memory", "服务器内存不足", "the server is out of memory");
    }
    a->page = gj_page_new(r, PARTS);
    return a->page == NULL ? GJ_ANSWERED : gj_desk_ask(r, run_list, a);
}

/* ---- one, of whichever of the caller's shops has it ---- */

/* Its JSON in *json. GJ_EINPUT: the shop does not have it. */
typedef int read_one(struct gj_request *r, gj_engine *engine, const char *source, char **json);

/* Answers with what the shops have; several have it: which one is to be said. */
static void run_one(struct gj_job *job, struct gj_tenant *tenant, read_one *read)
{
    struct gj_request *r = job->request;
    struct gj_shops shops;
    size_t found = 0;
    int status = GJ_OK;
    if (!gj_shops_select(r, tenant, &shops)) {
        return;
    }
    gj_buf_reset(&r->answer.body);
    for (size_t i = 0; i < shops.count && found < 2 && (status == GJ_OK || status == GJ_EINPUT);
         i++) {
        char *json = NULL;
        status = read(r, tenant->engine, shops.items[i].source, &json);
        if (status == GJ_OK && found++ == 0) {
            gj_buf_add_cstr(&r->answer.body, json);
        }
        gj_string_free(json);
    }
    if (status != GJ_OK && status != GJ_EINPUT) {
        gj_list_failed(r, tenant);
        return;
    }
    gj_errors_clear(tenant->errors);
    if (found == 0) {
        gj_not_there(r);
    } else if (found > 1) {
        gj_problem(r, "bad-request", "多家店铺都有它，请加 shop=/平台/店铺 指明",
                   "several shops have it: say which one by shop=/platform/shop");
    } else {
        gj_answer_json(r, 200);
    }
}

/* ---- an entity ---- */

/* Of an explanation what an entity's own JSON does not have: its "now", "history", "corrections"
 * and "besides". The keys looked for stand before any data of events, and behind all of it. */
static struct gj_str history_in(const char *explanation)
{
    static const char first[] = "\"now\":", behind[] = ",\"states\":[";
    const char *begin = strstr(explanation, first), *end = NULL;
    for (const char *at = explanation; (at = strstr(at, behind)) != NULL; at++) {
        end = at;
    }
    return begin == NULL || end == NULL || end < begin
               ? GJ_STR("\"history\":[]")
               : (struct gj_str){begin, (size_t)(end - begin)};
}

/* The entity with its history as further members. */
static char *joined(const char *entity, const char *explanation)
{
    struct gj_buf out;
    gj_buf_init(&out);
    const char *brace = strrchr(entity, '}');
    gj_buf_add(&out, entity, brace == NULL ? 0 : (size_t)(brace - entity));
    gj_buf_add_char(&out, ',');
    gj_buf_add_str(&out, history_in(explanation));
    gj_buf_add_cstr(&out, "}\n");
    if (out.failed) {
        gj_buf_release(&out);
        return NULL;
    }
    return out.ptr;
}

static int read_entity(struct gj_request *r, gj_engine *engine, const char *source, char **json)
{
    const char *kind = r->captures[0].ptr, *id = r->captures[1].ptr;
    gj_question question = {
        .kind = kind, .id = id, .shop = source, .json = true, .english = r->english};
    char *entity = NULL, *explanation = NULL;
    int status = gj_engine_entity_json(engine, source, kind, id, &entity);
    status = status == GJ_OK ? gj_engine_explain(engine, &question, &explanation) : status;
    *json = status == GJ_OK ? joined(entity, explanation) : NULL;
    gj_string_free(entity);
    gj_string_free(explanation);
    return status == GJ_OK && *json == NULL ? GJ_ESYSTEM : status;
}

static void run_entity(struct gj_job *job, struct gj_tenant *tenant)
{
    run_one(job, tenant, read_entity);
}

enum gj_handled gj_entity_get(struct gj_request *r)
{
    return gj_desk_ask(r, run_entity, NULL);
}

/* ---- an event ---- */

static int read_event(struct gj_request *r, gj_engine *engine, const char *source, char **json)
{
    return gj_engine_decision(engine, source, r->captures[0].ptr, r->english, json);
}

static void run_event(struct gj_job *job, struct gj_tenant *tenant)
{
    run_one(job, tenant, read_event);
}

enum gj_handled gj_event_get(struct gj_request *r)
{
    return gj_desk_ask(r, run_event, NULL);
}
