/* Tests of room base: sorting in place, against the C library's, on few and many elements, in
 * order, turned round, all alike and at random. */
#include "base/sort.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>

struct item {
    uint32_t key, payload[6];
};

static int by_key(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    return (x->key > y->key) - (x->key < y->key);
}

static uint32_t key_of(int kind, uint32_t i, uint32_t count, uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    uint32_t keys[] = {i, count - i, 7, *seed >> 8, (*seed >> 8) % 5};
    return keys[kind];
}

Test(base_sort, as_the_library_sorts)
{
    uint32_t seed = 11;
    for (uint32_t count = 0; count < 300; count = count < 30 ? count + 1 : count + 37) {
        for (int kind = 0; kind < 5; kind++) {
            struct item ours[300], theirs[300];
            for (uint32_t i = 0; i < count; i++) {
                uint32_t key = key_of(kind, i, count, &seed);
                ours[i] = (struct item){.key = key, .payload = {key, key, key, key, key, ~key}};
                theirs[i] = ours[i];
            }
            gj_sort(ours, count, sizeof *ours, by_key);
            qsort(theirs, count, sizeof *theirs, by_key);
            for (uint32_t i = 0; i < count; i++) {
                cr_expect_eq(ours[i].key, theirs[i].key, "kind %d, %u of %u", kind, i, count);
                cr_expect_eq(ours[i].payload[5], ~ours[i].key, "an element is moved whole");
            }
        }
    }
}
