/* Room base: sorting in place: insertion for few elements, heap sort for many (see sort.h). */
#include "base/sort.h"

#include <assert.h>
#include <string.h>

#define FEW 24

static void insertion(char *items, size_t count, size_t size,
                      int (*compare)(const void *a, const void *b))
{
    char moved[GJ_SORT_BYTES_MAX];
    for (size_t i = 1; i < count; i++) {
        size_t at = i;
        while (at > 0 && compare(items + (at - 1) * size, items + i * size) > 0) {
            at--;
        }
        if (at < i) {
            memcpy(moved, items + i * size, size);
            memmove(items + (at + 1) * size, items + at * size, (i - at) * size);
            memcpy(items + at * size, moved, size);
        }
    }
}

static void swap(char *a, char *b, size_t size)
{
    char moved[GJ_SORT_BYTES_MAX];
    memcpy(moved, a, size);
    memcpy(a, b, size);
    memcpy(b, moved, size);
}

/* Lets items[root] sink in the heap items[0..count). */
static void sink(char *items, size_t root, size_t count, size_t size,
                 int (*compare)(const void *a, const void *b))
{
    for (;;) {
        size_t child = root * 2 + 1;
        if (child >= count) {
            return;
        }
        if (child + 1 < count && compare(items + child * size, items + (child + 1) * size) < 0) {
            child++;
        }
        if (compare(items + root * size, items + child * size) >= 0) {
            return;
        }
        swap(items + root * size, items + child * size, size);
        root = child;
    }
}

void gj_sort(void *items, size_t count, size_t size, int (*compare)(const void *a, const void *b))
{
    assert(size <= GJ_SORT_BYTES_MAX);
    if (count <= FEW) {
        insertion(items, count, size, compare);
        return;
    }
    for (size_t i = count / 2; i > 0; i--) {
        sink(items, i - 1, count, size, compare);
    }
    for (size_t end = count - 1; end > 0; end--) {
        swap(items, (char *)items + end * size, size);
        sink(items, 0, end, size, compare);
    }
}
