/* Room engine: the story of an entity's case, from the log and the store (see explain.h). */
#include "engine/explain.h"

#include <stdlib.h>

/* ---- what the store knows beyond it ---- */

static int look_at_found(void *context, const struct gj_found_row *row)
{
    struct gj_teller *t = context;
    struct gj_story *s = t->story;
    bool about = gj_str_eq(row->kind, s->kind) && gj_str_eq(row->subject, s->id);
    if (row->case_id == t->cached->id && row->withdrawn) {
        gj_story_add_correction(
            s, (struct gj_correction){.at = row->at, .what = GJ_STR("finding"), .rule = row->rule});
    } else if (row->case_id != t->cached->id && about && !row->withdrawn) {
        gj_story_add_other(s, row);
    }
    return s->failed ? -1 : 0;
}

static int look_at_entry(void *context, const struct gj_entry_row *row)
{
    static const char tail[] = "/corrected";
    struct gj_teller *t = context;
    size_t len = sizeof tail - 1;
    if (row->entry.len > len && memcmp(row->entry.ptr + row->entry.len - len, tail, len) == 0) {
        gj_story_add_correction(t->story, (struct gj_correction){.at = row->at,
                                                                 .what = GJ_STR("entry"),
                                                                 .rule = row->rule,
                                                                 .account = row->account,
                                                                 .unit = row->unit,
                                                                 .amount = row->amount});
    }
    return t->story->failed ? -1 : 0;
}

static int look_at_measure(void *context, const struct gj_measure_row *row)
{
    struct gj_teller *t = context;
    if (row->withdrawn) {
        gj_story_add_correction(t->story, (struct gj_correction){.at = row->from,
                                                                 .what = GJ_STR("measure"),
                                                                 .rule = row->rule,
                                                                 .account = row->what});
    }
    return t->story->failed ? -1 : 0;
}

static int look_at_store(struct gj_teller *t)
{
    struct gj_store_filter of_shop = {.shop = t->cached->shop->id};
    struct gj_store_filter of_case = {.case_id = t->cached->id};
    return gj_store_founds(t->e->store, of_shop, look_at_found, t) != 0 ||
                   gj_store_entries(t->e->store, of_case, look_at_entry, t) != 0 ||
                   gj_store_measures(t->e->store, of_case, look_at_measure, t) != 0
               ? -1
               : 0;
}

/* ---- whose story ---- */

static bool is_shop(const struct gj_shop *shop, const char *name)
{
    return name == NULL || gj_str_is(shop->source, name) || gj_str_is(shop->shop_id, name);
}

/* The case of the entity in the shop that is meant; *id 0: told. */
static struct gj_shop *find_case(struct gj_engine *e, const gj_question *q, uint32_t kind,
                                 int64_t *id)
{
    struct gj_shop *found = NULL;
    bool meant = false;
    *id = 0;
    for (size_t i = 0; i < e->shop_count; i++) {
        int64_t case_id = 0;
        if (!is_shop(e->shops[i], q->shop)) {
            continue;
        }
        meant = true;
        if (gj_store_entity_case(e->store, e->shops[i]->id, e->plan->events->kinds[kind].name,
                                 gj_str_of(q->id), &case_id) != 0 ||
            case_id == 0) {
            continue;
        }
        if (found != NULL) {
            gj_errors_say(e->errors, "%s %s is known to %s and %s; name one with --shop", q->kind,
                          q->id, found->source.ptr, e->shops[i]->source.ptr);
            *id = 0;
            return NULL;
        }
        found = e->shops[i];
        *id = case_id;
    }
    if (!meant && q->shop != NULL) {
        const char *source = NULL;
        gj_engine_shop_of(e, q->shop, &source); /* tells that there is none, and which there are */
    } else if (found == NULL) {
        gj_errors_say(e->errors, "no event has named %s %s%s%s", q->kind, q->id,
                      q->shop == NULL ? "" : " in shop ", q->shop == NULL ? "" : q->shop);
    }
    return found;
}

static uint32_t kind_named(struct gj_engine *e, const char *name)
{
    const struct gj_events *events = e->plan->events;
    uint32_t kind = gj_map_get(&events->kind_ids, gj_str_of(name));
    for (uint32_t k = 0; k < events->kind_count && kind == GJ_MAP_NONE; k++) {
        bool titled = gj_str_is(events->kinds[k].title_zh, name) ||
                      gj_str_is(events->kinds[k].title_en, name);
        kind = titled ? k : GJ_MAP_NONE;
    }
    if (kind == GJ_MAP_NONE) {
        struct gj_str near = gj_nearest(&e->plan->events->kind_ids, gj_str_of(name));
        gj_errors_say(e->errors, "there is no kind of entity '%s'%s%.*s%s", name,
                      near.len > 0 ? "; did you mean '" : "; use order, aftersale, agent ...",
                      (int)near.len, near.ptr == NULL ? "" : near.ptr, near.len > 0 ? "'?" : "");
    }
    return kind;
}

static int by_instant(const void *a, const void *b)
{
    const struct gj_due *x = a, *y = b;
    return (x->at > y->at) - (x->at < y->at);
}

/* Runs the case again beside the one in the cache, which stays as it is. */
int gj_story_tell(struct gj_engine *e, struct gj_cached *cached, struct gj_story *story,
                  int64_t only)
{
    struct gj_teller t;
    gj_teller_open(&t, e, story, cached, only);
    gj_arena_reset(&e->arena);
    int status = gj_engine_setting(e, cached->shop, cached->shop->now);
    gj_engine_trace(e, &t.trace);
    status = status == 0 ? gj_engine_retell(e, cached) : status;
    gj_engine_trace(e, NULL);
    status = status == 0 && only == 0 ? look_at_store(&t) : status;
    if (story->open_count > 1) {
        qsort(story->open, story->open_count, sizeof *story->open, by_instant);
    }
    gj_teller_close(&t);
    return status;
}

int gj_engine_explain(gj_engine *e, const gj_question *q, char **text)
{
    int64_t id = 0;
    *text = NULL;
    if (gj_engine_commit(e) != GJ_OK || gj_engine_each_shop(e) != 0) {
        return GJ_ESYSTEM;
    }
    uint32_t kind = kind_named(e, q->kind);
    struct gj_shop *shop = kind == GJ_MAP_NONE ? NULL : find_case(e, q, kind, &id);
    if (shop == NULL) {
        return GJ_EINPUT;
    }
    struct gj_cached cached;
    struct gj_story story;
    struct gj_buf out;
    gj_buf_init(&out);
    gj_cached_open(&cached, e, shop, id, e->plan->events->kinds[kind].family);
    gj_story_open(&story, e, &cached, q->english);
    story.kind = e->plan->events->kinds[kind].name;
    story.id = gj_str_of(q->id);
    if (gj_story_tell(e, &cached, &story, 0) == 0) {
        (q->json ? gj_story_json : gj_story_text)(&story, &out);
        *text = out.failed ? NULL : strdup(out.ptr);
    }
    gj_buf_release(&out);
    gj_story_close(&story);
    gj_case_release(&cached.c);
    if (*text == NULL && gj_errors_count(e->errors) == 0) {
        gj_errors_say(e->errors, "out of memory while explaining %s %s", q->kind, q->id);
    }
    return *text == NULL ? GJ_ESYSTEM : GJ_OK;
}
