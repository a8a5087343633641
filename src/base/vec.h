/* Room base: growth of a plain array {items, count, capacity}. */
#ifndef GJ_BASE_VEC_H
#define GJ_BASE_VEC_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* Makes `items` (elements of `size` bytes) hold at least `need` elements. `*capacity` is in
 * elements. Returns the array, possibly moved, or NULL when out of memory (the old one stays valid
 * and must still be freed). */
static inline void *gj_grow(void *items, size_t *capacity, size_t need, size_t size)
{
    if (need <= *capacity && items != NULL) {
        return items;
    }
    size_t grown = *capacity * 2 > need ? *capacity * 2 : need;
    grown = grown < 16 ? 16 : grown;
    if (grown > SIZE_MAX / 2 / size) {
        return NULL;
    }
    void *moved = realloc(items, grown * size);
    if (moved != NULL) {
        *capacity = grown;
    }
    return moved;
}

#endif
