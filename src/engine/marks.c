/* Room engine: marks for metrics (see inside.h). Many windows ask for the same marks one after the
 * other, for each metric, product and midnight: a counter's marks are read once, onto a shelf, and
 * kept until marks change. */
#include <stdlib.h>

#include "base/vec.h"
#include "engine/inside.h"

struct gj_shelf {
    struct gj_shelf *next;
    int64_t shop;
    uint32_t counter;
    int64_t first_day, last_day;
    struct gj_arena arena;
    struct gj_marks marks; /* by product, key, time */
};

struct placing {
    struct gj_shelf *shelf;
    struct gj_str counter, last; /* the text stored last: senders repeat themselves */
};

static int by_place(const void *a, const void *b)
{
    const struct gj_mark *x = a, *y = b;
    int order = gj_str_compare(x->product, y->product);
    order = order != 0 ? order : gj_str_compare(x->key, y->key);
    order = order != 0 ? order : (x->at > y->at) - (x->at < y->at);
    return order != 0 ? order : (x->seq > y->seq) - (x->seq < y->seq);
}

static struct gj_str kept(struct placing *p, struct gj_str text)
{
    if (text.len == 0) {
        return GJ_STR("");
    }
    if (!gj_str_eq(p->last, text)) {
        p->last = gj_arena_copy(&p->shelf->arena, text);
    }
    return p->last;
}

static int place(void *context, const struct gj_mark_row *row)
{
    struct placing *p = context;
    struct gj_marks *marks = &p->shelf->marks;
    struct gj_mark *grown =
        gj_grow(marks->items, &marks->capacity, marks->count + 1, sizeof *grown);
    if (grown == NULL) {
        return -1;
    }
    marks->items = grown;
    grown[marks->count++] = (struct gj_mark){.at = row->at,
                                             .seq = row->seq,
                                             .counter = p->counter,
                                             .key = kept(p, row->key),
                                             .item = kept(p, row->item),
                                             .product = kept(p, row->product)};
    return 0;
}

/* Makes it a shelf without a day. */
static void clear(struct gj_shelf *shelf)
{
    free(shelf->marks.items);
    gj_arena_release(&shelf->arena);
    gj_arena_init(&shelf->arena);
    shelf->marks = (struct gj_marks){0};
    shelf->first_day = INT64_MAX;
    shelf->last_day = INT64_MIN;
}

/* Whether a mark of the counter takes others out of every window to come. */
static bool leaves_out(const struct gj_plan *plan, struct gj_str counter)
{
    uint32_t at = gj_map_get(&plan->counter_ids, counter);
    for (size_t i = 0; at != GJ_MAP_NONE && i < plan->metric_count; i++) {
        if (plan->metrics[i].leave_from == at || plan->metrics[i].leave_all == at) {
            return true;
        }
    }
    return false;
}

void gj_marks_changed(const struct gj_engine *e, struct gj_shop *shop, struct gj_str counter,
                      int64_t at)
{
    if (shop->tick != GJ_NEVER && at < shop->tick) {
        gj_shop_metrics_change(shop, at, leaves_out(e->plan, counter) ? GJ_NEVER : at);
    }
}

void gj_engine_forget_marks(struct gj_engine *e)
{
    while (e->shelves != NULL) {
        struct gj_shelf *shelf = e->shelves;
        e->shelves = shelf->next;
        clear(shelf);
        free(shelf);
    }
}

static struct gj_shelf *shelf_of(struct gj_engine *e, const struct gj_shop *shop, uint32_t counter)
{
    for (struct gj_shelf *s = e->shelves; s != NULL; s = s->next) {
        if (s->shop == shop->id && s->counter == counter) {
            return s;
        }
    }
    struct gj_shelf *made = calloc(1, sizeof *made);
    if (made != NULL) {
        made->shop = shop->id;
        made->counter = counter;
        clear(made);
        made->next = e->shelves;
        e->shelves = made;
    }
    return made;
}

/* Widens the shelf's days to first..last and what the next windows will want, a little before or
 * behind; but a shelf does not grow with the age of the shop, since every window looks through it:
 * one that would be much longer than the window begins anew. */
static void widen(struct gj_shelf *shelf, int64_t first, int64_t last)
{
    if (first == INT64_MIN) {
        shelf->first_day = first;
        shelf->last_day = last > shelf->last_day ? last : shelf->last_day;
        return;
    }
    int64_t span = last - first, slack = span < 3 ? 1 : span / 3;
    int64_t low = first < shelf->first_day ? first - slack : shelf->first_day;
    int64_t high = last > shelf->last_day ? last + slack : shelf->last_day;
    bool anew = low == INT64_MIN || high - low > 4 * (span + slack);
    shelf->first_day = anew ? first - slack : low;
    shelf->last_day = anew ? last + slack : high;
}

/* The counter's shelf, with the days first..last on it at least. */
static struct gj_shelf *filled(struct gj_engine *e, const struct gj_shop *shop, uint32_t counter,
                               int64_t first, int64_t last)
{
    struct gj_shelf *shelf = shelf_of(e, shop, counter);
    if (shelf == NULL || (shelf->first_day <= first && shelf->last_day >= last)) {
        return shelf;
    }
    widen(shelf, first, last);
    int64_t low = shelf->first_day, high = shelf->last_day;
    clear(shelf);
    struct placing p = {.shelf = shelf, .counter = e->plan->counters[counter].head.id};
    if (gj_store_marks(e->store, shop->id, p.counter, low, high, place, &p) != 0 ||
        shelf->arena.failed) {
        clear(shelf); /* some of them are none */
        return NULL;
    }
    shelf->first_day = low;
    shelf->last_day = high;
    if (shelf->marks.count > 1) {
        qsort(shelf->marks.items, shelf->marks.count, sizeof *shelf->marks.items, by_place);
    }
    return shelf;
}

/* Where the marks of `product` begin. */
static size_t start_of(const struct gj_marks *marks, struct gj_str product)
{
    size_t low = 0, high = marks->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (gj_str_compare(marks->items[middle].product, product) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct gj_shelf *shelf_for(struct gj_reader *reader, uint32_t counter, int64_t from,
                                  int64_t to)
{
    /* a mark's day is that of the clock that the shop had then */
    int64_t first = from == INT64_MIN ? from : gj_engine_day(reader->shop, from) - 1;
    return filled(reader->e, reader->shop, counter, first, gj_engine_day(reader->shop, to) + 1);
}

int gj_engine_marks(void *context, uint32_t counter, struct gj_str product, int64_t from,
                    int64_t to, struct gj_marks *out)
{
    const struct gj_shelf *shelf = shelf_for(context, counter, from, to);
    out->count = 0;
    if (shelf == NULL) {
        return -1;
    }
    const struct gj_marks *marks = &shelf->marks;
    for (size_t i = start_of(marks, product);
         i < marks->count && gj_str_eq(marks->items[i].product, product); i++) {
        if (marks->items[i].at < from || marks->items[i].at >= to) {
            continue;
        }
        struct gj_mark *grown = gj_grow(out->items, &out->capacity, out->count + 1, sizeof *grown);
        if (grown == NULL) {
            return -1;
        }
        out->items = grown;
        grown[out->count++] = marks->items[i];
    }
    return 0;
}

int gj_engine_products(struct gj_engine *e, struct gj_shop *shop, uint32_t metric, int64_t from,
                       int64_t to, int (*each)(void *context, struct gj_str product), void *context)
{
    const struct gj_metric *m = &e->plan->metrics[metric];
    struct gj_reader reader = {e, shop};
    struct gj_arena arena;
    struct gj_map seen;
    int status = 0;
    gj_arena_init(&arena);
    gj_map_init(&seen);
    for (size_t c = 0; c < m->count_count && status == 0; c++) {
        const struct gj_shelf *shelf = shelf_for(&reader, m->counts[c].of, from, to);
        status = shelf == NULL ? -1 : 0;
        for (size_t i = 0; status == 0 && i < shelf->marks.count; i++) {
            const struct gj_mark *mark = &shelf->marks.items[i];
            if (mark->product.len > 0 && mark->at >= from && mark->at < to &&
                gj_map_get(&seen, mark->product) == GJ_MAP_NONE) {
                struct gj_str copy = gj_arena_copy(&arena, mark->product);
                status = copy.ptr == NULL ? -1 : gj_map_put(&seen, copy, 1);
            }
        }
    }
    for (size_t i = 0; i < seen.capacity && status == 0; i++) { /* shelves may change now */
        if (seen.slots[i].key.ptr != NULL) {
            status = each(context, seen.slots[i].key);
        }
    }
    gj_map_release(&seen);
    gj_arena_release(&arena);
    return status;
}
