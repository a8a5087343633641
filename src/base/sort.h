/* Room base: sorting in place. The C library's qsort may allocate; this one never does. */
#ifndef GJ_BASE_SORT_H
#define GJ_BASE_SORT_H

#include <stddef.h>

/* Not stable: `compare` should tell all elements apart that matter. O(n log n), elements of at most
 * GJ_SORT_BYTES_MAX bytes. */
#define GJ_SORT_BYTES_MAX 512
void gj_sort(void *items, size_t count, size_t size, int (*compare)(const void *a, const void *b));

#endif
