/* Room engine: which case of a shop is due first (see inside.h). What cases in memory are due at
 * changes with nearly every event, and mostly falls away again: it is written only when the cases
 * are. Until then changes stand in a heap, before what the store has. */
#include <stdlib.h>

#include "base/vec.h"
#include "engine/inside.h"

static bool before(const struct gj_noted *a, const struct gj_noted *b)
{
    /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): below count all are set */
    return a->at < b->at || (a->at == b->at && a->case_id < b->case_id);
}

/* ---- changes: a heap, the earliest first ---- */

int gj_agenda_note(struct gj_shop *shop, int64_t at, int64_t case_id)
{
    struct gj_agenda *a = &shop->agenda;
    struct gj_noted *heap = gj_grow(a->heap, &a->capacity, a->count + 1, sizeof *heap);
    if (heap == NULL) {
        return -1;
    }
    struct gj_noted noted = {at, case_id};
    size_t place = a->heap == NULL ? 0 : a->count;
    a->heap = heap;
    a->count = place + 1;
    for (; place > 0 && before(&noted, &heap[(place - 1) / 2]); place = (place - 1) / 2) {
        heap[place] = heap[(place - 1) / 2];
    }
    heap[place] = noted;
    return 0;
}

static void drop_first(struct gj_agenda *a)
{
    struct gj_noted last = a->heap[--a->count];
    size_t place = 0;
    for (size_t child = 1; child < a->count; child = place * 2 + 1) {
        child += child + 1 < a->count && before(&a->heap[child + 1], &a->heap[child]);
        if (!before(&a->heap[child], &last)) {
            break;
        }
        a->heap[place] = a->heap[child];
        place = child;
    }
    a->heap[place] = last;
}

/* ---- what the store has, a stretch at a time ---- */

static int take_row(void *context, int64_t at, int64_t case_id)
{
    struct gj_agenda *a = context;
    a->rows[a->row_count++] = (struct gj_noted){at, case_id};
    return 0;
}

/* Reads on behind the last row. */
static int read_on(struct gj_engine *e, struct gj_shop *shop)
{
    struct gj_agenda *a = &shop->agenda;
    struct gj_noted last = {INT64_MIN, 0};
    if (a->row_count > 0) {
        last = a->rows[a->row_count - 1];
    }
    int64_t limit = a->row_count > 0 ? GJ_AGENDA_ROWS : GJ_AGENDA_ROWS_FIRST;
    a->row = a->row_count = 0;
    int status = gj_store_due_next(e->store, shop->id, last.at, last.case_id, limit, take_row, a);
    a->read_all = (int64_t)a->row_count < limit;
    return status;
}

/* Whether that is still what the case is due at. A case that is not in memory has not moved. */
static bool stands(const struct gj_engine *e, const struct gj_noted *noted, bool stored)
{
    const struct gj_cached *cached = gj_engine_cached(e, noted->case_id);
    return cached == NULL ? stored : cached->due == noted->at;
}

int gj_agenda_first(struct gj_engine *e, struct gj_shop *shop, int64_t *at, int64_t *case_id)
{
    struct gj_agenda *a = &shop->agenda;
    while (a->count > 0 && !stands(e, &a->heap[0], false)) {
        drop_first(a);
    }
    while (a->row < a->row_count ? !stands(e, &a->rows[a->row], true) : !a->read_all) {
        if (a->row < a->row_count) {
            a->row++;
        } else if (read_on(e, shop) != 0) {
            return -1;
        }
    }
    struct gj_noted first = {GJ_NEVER, 0};
    first = a->row < a->row_count ? a->rows[a->row] : first;
    first = a->count > 0 && before(&a->heap[0], &first) ? a->heap[0] : first;
    *at = first.at;
    *case_id = first.case_id;
    return 0;
}

void gj_agenda_clear(struct gj_shop *shop)
{
    shop->agenda.count = shop->agenda.row = shop->agenda.row_count = 0;
    shop->agenda.read_all = false;
}

void gj_agenda_release(struct gj_shop *shop)
{
    free(shop->agenda.heap);
    shop->agenda = (struct gj_agenda){.heap = NULL};
}
