/* Room engine: the log under another rulebook, and what comes out differently (see guiju.h). Both
 * final JSONs are read into figures by key, which are then compared. */
#include <stdlib.h>

#include "base/sort.h"
#include "base/vec.h"
#include "base/whole.h"
#include "engine/inside.h"

/* ---- replaying ---- */

struct replay {
    struct gj_engine *e;
    int64_t refused;
};

static int replay_one(void *context, const struct gj_store_event *row)
{
    struct replay *r = context;
    struct gj_engine *e = r->e;
    struct gj_cloudevent raw;
    struct gj_event event;
    gj_reception ignored;
    gj_arena_reset(&e->event_arena);
    gj_buf_reset(&e->why);
    if (gj_cloudevent_read(e->event_parser, row->body, 0, &raw, &e->why) != 0 ||
        gj_event_accept(e->book, &raw, e->event_parser, &e->event_arena, &event, &e->why) != 0) {
        r->refused++;
        return e->why.failed ? -1 : 0; /* out of memory is not the event's fault */
    }
    return gj_engine_take(e, &event, row->body, NULL, &ignored);
}

static int replay_all(struct gj_engine *from, struct replay *r)
{
    if (gj_engine_begin(r->e) != 0 || gj_store_log(from->store, 0, replay_one, r) != 0) {
        return gj_engine_fail(r->e);
    }
    int status = gj_engine_each_shop(from);
    for (size_t i = 0; i < from->shop_count && status == 0; i++) {
        struct gj_shop *shop = gj_engine_shop(r->e, from->shops[i]->source);
        status = shop == NULL ? -1 : 0;
        if (status == 0 && from->shops[i]->now > shop->now) {
            status = gj_engine_advance_shop(r->e, shop, from->shops[i]->now);
        }
    }
    return status == 0 ? gj_engine_commit(r->e) : gj_engine_fail(r->e);
}

/* ---- figures ---- */

struct figures {
    struct gj_arena arena;
    gj_difference *items;
    size_t count, capacity;
    bool failed;
};

static int order_of(const void *x, const void *y)
{
    const gj_difference *a = x, *b = y;
    int order = (int)a->kind - (int)b->kind;
    order = order != 0 ? order : strcmp(a->source, b->source);
    order = order != 0 ? order : strcmp(a->id, b->id);
    order = order != 0 ? order : strcmp(a->account, b->account);
    order = order != 0 ? order : strcmp(a->unit, b->unit);
    order = order != 0 ? order : strcmp(a->subject_kind, b->subject_kind);
    order = order != 0 ? order : strcmp(a->subject, b->subject);
    return order != 0 ? order : strcmp(a->from, b->from);
}

static const struct gj_json *member(const struct gj_json_parser *parser, const struct gj_json *of,
                                    const char *name)
{
    const struct gj_json *n = of == NULL ? NULL : gj_json_first(parser, of);
    while (n != NULL && !gj_str_is(n->key, name)) {
        n = gj_json_next(parser, n);
    }
    return n;
}

static const char *text_of(struct figures *f, const struct gj_json_parser *parser,
                           const struct gj_json *of, const char *name)
{
    const struct gj_json *n = member(parser, of, name);
    struct gj_str kept =
        n == NULL || n->kind != GJ_JSON_STRING ? GJ_STR("") : gj_arena_copy(&f->arena, n->text);
    f->failed |= kept.ptr == NULL;
    return kept.ptr == NULL ? "" : kept.ptr;
}

static int64_t int_of(const struct gj_json_parser *parser, const struct gj_json *of,
                      const char *name)
{
    const struct gj_json *n = member(parser, of, name);
    return n == NULL || n->kind != GJ_JSON_INT ? 0 : n->integer;
}

static void add_figure(struct figures *f, const gj_difference *d, bool after)
{
    gj_difference *grown = gj_grow(f->items, &f->capacity, f->count + 1, sizeof *grown);
    if (grown == NULL) {
        f->failed = true;
        return;
    }
    f->items = grown;
    gj_difference *at = &grown[f->count++];
    *at = *d;
    if (after) {
        at->after = d->before;
        at->after_of = d->before_of;
        at->after_there = true;
        at->before = at->before_of = 0;
    } else {
        at->before_there = true;
    }
}

static void read_list(struct figures *f, const struct gj_json_parser *parser,
                      const struct gj_json *root, gj_difference_kind kind, bool after)
{
    static const char *const lists[] = {"findings", "ledger", "metrics"};
    const struct gj_json *list = member(parser, root, lists[kind]);
    for (const struct gj_json *n = list == NULL ? NULL : gj_json_first(parser, list); n != NULL;
         n = gj_json_next(parser, n)) {
        bool metric = kind == GJ_DIFFERENT_METRIC;
        const struct gj_json *subject = member(parser, n, "subject");
        gj_difference d = {.source = text_of(f, parser, n, "source"),
                           .id = text_of(f, parser, n, metric ? "metric" : "rule"),
                           .account = text_of(f, parser, n, "account"),
                           .unit = text_of(f, parser, n, "unit"),
                           .subject_kind = "",
                           .subject = "",
                           .from = "",
                           .before = 1};
        d.kind = kind;
        if (kind == GJ_DIFFERENT_MONEY) {
            d.before = int_of(parser, n, "amount");
        } else if (kind == GJ_DIFFERENT_FINDINGS) {
            d.subject_kind = text_of(f, parser, subject, "kind");
            d.subject = text_of(f, parser, subject, "id");
            d.from = text_of(f, parser, n, "at");
        } else {
            d.subject = text_of(f, parser, subject, "id");
            d.from = text_of(f, parser, n, "from");
            d.before = int_of(parser, n, "numerator");
            d.before_of = int_of(parser, n, "denominator");
        }
        add_figure(f, &d, after);
    }
}

static int read_state(struct gj_engine *e, struct figures *f, bool after, gj_errors *errors)
{
    const char *why = NULL;
    char *json = gj_engine_state_json(e, NULL);
    struct gj_json_parser *parser = json == NULL ? NULL : gj_json_parser_new();
    const struct gj_json *root =
        parser == NULL ? NULL : gj_json_parse(parser, gj_str_of(json), 0, &why);
    for (unsigned kind = 0; kind < 3 && root != NULL; kind++) {
        read_list(f, parser, root, (gj_difference_kind)kind, after);
    }
    gj_json_parser_free(parser);
    gj_string_free(json);
    return root == NULL || f->failed ? gj_errors_say(errors, "the states cannot be compared: %s",
                                                     why == NULL ? "out of memory" : why)
                                     : 0;
}

/* Adds up figures of one key and tells those that differ. */
static void compare(struct figures *f, void (*each)(void *context, const gj_difference *d),
                    void *context)
{
    if (f->count > 1) {
        gj_sort(f->items, f->count, sizeof *f->items, order_of);
    }
    for (size_t i = 0; i < f->count;) {
        gj_difference sum = f->items[i];
        size_t end = i + 1;
        for (; end < f->count && order_of(&f->items[i], &f->items[end]) == 0; end++) {
            const gj_difference *d = &f->items[end];
            sum.before = gj_sum(sum.before, d->before);
            sum.after = gj_sum(sum.after, d->after);
            sum.before_of = gj_sum(sum.before_of, d->before_of);
            sum.after_of = gj_sum(sum.after_of, d->after_of);
            sum.before_there |= d->before_there;
            sum.after_there |= d->after_there;
        }
        bool same = sum.before == sum.after && sum.before_of == sum.after_of;
        if (!same || (sum.kind == GJ_DIFFERENT_METRIC && sum.before_there != sum.after_there)) {
            each(context, &sum);
        }
        i = end;
    }
}

int gj_engine_backtest(gj_engine *engine, const gj_rulebook *other,
                       void (*each)(void *context, const gj_difference *difference), void *context,
                       int64_t *refused)
{
    struct figures f = {.items = NULL};
    struct replay r = {.e = gj_engine_open(other, NULL, engine->errors)};
    gj_arena_init(&f.arena);
    int status =
        r.e == NULL || gj_engine_commit(engine) != GJ_OK ? GJ_ESYSTEM : replay_all(engine, &r);
    if (status == GJ_OK && (read_state(engine, &f, false, engine->errors) != 0 ||
                            read_state(r.e, &f, true, engine->errors) != 0)) {
        status = GJ_ESYSTEM;
    }
    if (status == GJ_OK) {
        compare(&f, each, context);
    }
    *refused = r.refused;
    gj_engine_close(r.e);
    gj_arena_release(&f.arena);
    free(f.items);
    return status;
}
