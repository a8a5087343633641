/* Room sim: a binary heap of what is due, earliest first; what is due at the same time comes out in
 * the order it went in. */
#ifndef GJ_SIM_HEAP_H
#define GJ_SIM_HEAP_H

#include <stddef.h>
#include <stdint.h>

struct sim_due {
    int64_t time;
    uint64_t order; /* of going in */
    uint32_t item;
};

struct sim_heap {
    struct sim_due *items;
    size_t count, capacity;
    uint64_t pushed;
};

int sim_heap_push(struct sim_heap *heap, int64_t time, uint32_t item); /* -1: out of memory */
struct sim_due sim_heap_pop(struct sim_heap *heap);                    /* count > 0 */
void sim_heap_release(struct sim_heap *heap);

#endif
