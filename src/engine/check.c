/* Room engine: whether what is stored is true: rebuilding it from the log, comparing deadlines with
 * the cases they belong to (see guiju.h). */
#include <stdlib.h>

#include "engine/inside.h"

/* ---- rebuilding ---- */

static int rebuild_one(void *context, const struct gj_store_event *row)
{
    struct gj_engine *e = context;
    struct gj_cloudevent raw;
    struct gj_event event;
    gj_reception ignored;
    gj_arena_reset(&e->event_arena);
    gj_buf_reset(&e->why);
    if (gj_cloudevent_read(e->event_parser, row->body, 0, &raw, &e->why) != 0 ||
        gj_event_accept(e->book, &raw, e->event_parser, &e->event_arena, &event, &e->why) != 0) {
        return gj_errors_say(e->errors, "event %.*s of the log is not accepted any more: %s",
                             (int)row->id.len, row->id.ptr, e->why.ptr);
    }
    return gj_engine_take(e, &event, row->body, row, &ignored);
}

struct clock { /* how far a shop had lived */
    char *source;
    int64_t now;
};

static void free_clocks(struct clock *clocks, size_t count)
{
    for (size_t i = 0; clocks != NULL && i < count; i++) {
        free(clocks[i].source);
    }
    free(clocks);
}

static struct clock *read_clocks(struct gj_engine *e, size_t *count)
{
    if (gj_engine_each_shop(e) != 0) {
        return NULL;
    }
    *count = e->shop_count;
    struct clock *clocks = calloc(*count + 1, sizeof *clocks);
    for (size_t i = 0; clocks != NULL && i < *count; i++) {
        clocks[i] = (struct clock){strdup(e->shops[i]->source.ptr), e->shops[i]->now};
        if (clocks[i].source == NULL) {
            free_clocks(clocks, *count);
            return NULL;
        }
    }
    return clocks;
}

static int live_until(struct gj_engine *e, const struct clock *clocks, size_t count)
{
    int status = 0;
    for (size_t i = 0; i < count && status == 0; i++) {
        struct gj_shop *shop = gj_engine_shop(e, gj_str_of(clocks[i].source));
        status = shop == NULL ? -1 : 0;
        if (status == 0 && clocks[i].now > shop->now) {
            status = gj_engine_advance_shop(e, shop, clocks[i].now);
        }
    }
    return status;
}

static int derive_anew(struct gj_engine *e)
{
    size_t count = 0;
    struct clock *clocks = read_clocks(e, &count);
    if (clocks == NULL) {
        return -1;
    }
    gj_engine_forget_shops(e);
    int status =
        gj_store_clear_derived(e->store) != 0 || gj_store_log(e->store, 0, rebuild_one, e) != 0 ||
                live_until(e, clocks, count) != 0 || gj_store_decided(e->store, e->rulebook_id) != 0
            ? -1
            : 0;
    free_clocks(clocks, count);
    return status;
}

int gj_engine_state_hash(gj_engine *e, char out[33])
{
    return gj_store_state_hash(e->store, out) == 0 ? GJ_OK : GJ_ESYSTEM;
}

int gj_engine_foreign(gj_engine *e, int64_t *events, char hash[65])
{
    struct gj_str text;
    if (gj_store_foreign(e->store, e->rulebook_id, events, &text) != 0) {
        return GJ_ESYSTEM;
    }
    snprintf(hash, 65, "%.*s", (int)text.len, text.ptr);
    return GJ_OK;
}

int gj_engine_rebuild(gj_engine *e, char before[33], char after[33])
{
    if (gj_engine_commit(e) != GJ_OK || gj_engine_state_hash(e, before) != GJ_OK ||
        gj_engine_begin(e) != 0) {
        return GJ_ESYSTEM;
    }
    struct gj_listener listener = e->listener;
    gj_engine_listen(e, NULL, NULL); /* nothing happens: it is worked out once more */
    int status = derive_anew(e) != 0 ? gj_engine_fail(e) : gj_engine_commit(e);
    gj_engine_listen(e, listener.told, listener.context);
    return status == GJ_OK ? gj_engine_state_hash(e, after) : GJ_ESYSTEM;
}

/* ---- deadlines ---- */

struct inspection {
    struct gj_engine *e;
    struct gj_errors *errors;
};

static void complain(struct inspection *in, const struct gj_shop *shop, int64_t case_id,
                     const char *what)
{
    gj_errors_say(in->errors, "case %lld of %s: %s; run `guiju rebuild`", (long long)case_id,
                  shop == NULL ? "no shop" : shop->source.ptr, what);
}

static int inspect(struct inspection *in, struct gj_shop *shop, const struct gj_store_case *row,
                   struct gj_case *c)
{
    struct gj_engine *e = in->e;
    struct gj_due due;
    struct gj_run run = {c, &shop->setting, &e->arena, &e->sink};
    gj_arena_reset(&e->arena);
    gj_buf_reset(&e->scratch);
    if (gj_engine_setting(e, shop, shop->now) != 0) {
        return -1;
    }
    if (gj_case_read(c, e->case_parser, row->body) != 0) {
        complain(in, shop, row->id, "its state cannot be read");
        return 0;
    }
    gj_case_write(c, &e->scratch);
    if (e->scratch.failed || c->arena.failed) {
        return gj_errors_say(e->errors, "out of memory while the database was checked");
    }
    bool strange = false;
    for (size_t i = 0; i < c->count; i++) {
        strange |= c->entities[i]->strangers != NULL;
    }
    if (strange || !gj_str_eq(gj_buf_str(&e->scratch), row->body)) {
        complain(in, shop, row->id, "it holds what the rulebook does not declare");
    }
    bool bound = false;
    int64_t at = gj_run_next(&run, &due, &bound) ? due.at : GJ_NEVER;
    if (at != row->due || (bound && !row->bound)) {
        complain(in, shop, row->id, "its next deadline is not the one that is noted");
    }
    if (at < shop->now) {
        complain(in, shop, row->id, "a deadline has passed and has not fired");
    }
    return 0;
}

static int inspect_case(void *context, const struct gj_store_case *row)
{
    struct inspection *in = context;
    struct gj_shop *shop = gj_shop_numbered(in->e, row->shop);
    struct gj_case c;
    if (shop == NULL) {
        complain(in, shop, row->id, "its shop is not there");
        return 0;
    }
    if (row->body.len == 0) {
        return 0; /* what a metric or ladder brought has no state */
    }
    gj_case_init(&c, in->e->plan);
    int status = inspect(in, shop, row, &c);
    gj_case_release(&c);
    return status;
}

int gj_engine_check(gj_engine *e, gj_errors *errors)
{
    struct inspection in = {e, errors};
    if (gj_engine_commit(e) != GJ_OK || gj_engine_each_shop(e) != 0) {
        return GJ_ESYSTEM;
    }
    size_t before = errors->count;
    int status = gj_store_check(e->store, errors);
    if (gj_store_cases(e->store, 0, inspect_case, &in) != 0) {
        return GJ_ESYSTEM;
    }
    return status != 0 || errors->count > before ? GJ_EINPUT : GJ_OK;
}
