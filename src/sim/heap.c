/* Room sim: the binary heap. Invariant: no item is before its parent, items[(i - 1) / 2]. */
#include "sim/heap.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/vec.h"

static bool before(const struct sim_due *a, const struct sim_due *b)
{
    /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): below count all are set */
    return a->time < b->time || (a->time == b->time && a->order < b->order);
}

int sim_heap_push(struct sim_heap *heap, int64_t time, uint32_t item)
{
    struct sim_due *items = gj_grow(heap->items, &heap->capacity, heap->count + 1, sizeof *items);
    if (items == NULL) {
        return -1;
    }
    heap->items = items;
    struct sim_due due = {time, heap->pushed++, item};
    size_t at = heap->count++;
    while (at > 0 && before(&due, &items[(at - 1) / 2])) {
        items[at] = items[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    items[at] = due;
    return 0;
}

struct sim_due sim_heap_pop(struct sim_heap *heap)
{
    struct sim_due *items = heap->items, top = items[0], last = items[--heap->count];
    size_t at = 0;
    for (size_t child = 1; child < heap->count; child = 2 * at + 1) {
        child += child + 1 < heap->count && before(&items[child + 1], &items[child]);
        if (!before(&items[child], &last)) {
            break;
        }
        items[at] = items[child];
        at = child;
    }
    items[at] = last;
    return top;
}

void sim_heap_release(struct sim_heap *heap)
{
    free(heap->items);
    *heap = (struct sim_heap){0};
}
