/* Room base: sorting in place: insertion for few elements, heap sort for many (see sort.h). */
#include "base/sort.h"

#include <assert.h>
#include <stdbool.h>
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

static bool is_sorted(const char *items, size_t count, size_t size,
                      int (*compare)(const void *a, const void *b))
{
    for (size_t i = 1; i < count; i++) {
        if (compare(items + (i - 1) * size, items + i * size) > 0) {
            return false;
        }
    }
    return true;
}

/* Lets `moved` sink from the free place items[hole] of the heap items[0..count). */
static void sink(char *items, size_t hole, const char *moved, size_t count, size_t size,
                 int (*compare)(const void *a, const void *b))
{
    for (size_t child = hole * 2 + 1; child < count; child = hole * 2 + 1) {
        if (child + 1 < count && compare(items + child * size, items + (child + 1) * size) < 0) {
            child++;
        }
        if (compare(moved, items + child * size) >= 0) {
            break;
        }
        memcpy(items + hole * size, items + child * size, size);
        hole = child;
    }
    memcpy(items + hole * size, moved, size);
}

void gj_sort(void *items, size_t count, size_t size, int (*compare)(const void *a, const void *b))
{
    assert(size <= GJ_SORT_BYTES_MAX);
    if (count < 2) {
        return;
    }
    if (count <= FEW) {
        insertion(items, count, size, compare);
        return;
    }
    if (is_sorted(items, count, size, compare)) {
        return; /* as lists made in the order of a text often are */
    }
    char moved[GJ_SORT_BYTES_MAX];
    for (size_t i = count / 2; i > 0; i--) {
        memcpy(moved, (char *)items + (i - 1) * size, size);
        sink(items, i - 1, moved, count, size, compare);
    }
    for (size_t end = count - 1; end > 0; end--) {
        memcpy(moved, (char *)items + end * size, size);
        memcpy((char *)items + end * size, items, size);
        sink(items, 0, moved, end, size, compare);
    }
}
