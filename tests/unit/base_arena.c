/* Room base: the arena. */
#include <criterion/criterion.h>

#include "base/arena.h"

Test(base, arena_gives_zeroed_aligned_memory)
{
    struct gj_arena arena;
    gj_arena_init(&arena);
    for (size_t size = 0; size < 300; size++) {
        unsigned char *at = gj_arena_alloc(&arena, size);
        cr_assert_not_null(at);
        cr_assert_eq((uintptr_t)at % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++) {
            cr_assert_eq(at[i], 0);
        }
        memset(at, 0xAB, size);
    }
    gj_arena_release(&arena);
}

Test(base, arena_objects_do_not_overlap)
{
    struct gj_arena arena;
    uint32_t *all[2000];
    gj_arena_init(&arena);
    for (uint32_t i = 0; i < 2000; i++) {
        all[i] = gj_arena_alloc(&arena, 40 + i % 100);
        *all[i] = i;
    }
    for (uint32_t i = 0; i < 2000; i++) {
        cr_assert_eq(*all[i], i);
    }
    cr_assert_not_null(gj_arena_alloc(&arena, 1u << 20)); /* larger than a block */
    gj_arena_release(&arena);
}

Test(base, arena_reset_gives_zeroed_memory_again)
{
    struct gj_arena arena;
    gj_arena_init(&arena);
    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < 100; i++) {
            unsigned char *at = gj_arena_alloc(&arena, 1000);
            cr_assert_not_null(at);
            cr_assert_eq(at[0], 0);
            cr_assert_eq(at[999], 0);
            memset(at, 0xCD, 1000);
        }
        gj_arena_reset(&arena);
        cr_assert_eq(arena.total, 0);
    }
    gj_arena_release(&arena);
    gj_arena_reset(&arena);
    gj_arena_release(&arena);
}

Test(base, arena_keeps_its_limit)
{
    struct gj_arena arena;
    gj_arena_init(&arena);
    arena.limit = 1000;
    cr_assert_null(gj_arena_alloc(&arena, 1001));
    cr_assert_not_null(gj_arena_alloc(&arena, 900));
    cr_assert_null(gj_arena_alloc(&arena, 200));
    gj_arena_reset(&arena);
    cr_assert_not_null(gj_arena_alloc(&arena, 200));
    gj_arena_release(&arena);
    cr_assert_eq(arena.limit, 1000);
}

Test(base, arena_refuses_sizes_that_wrap)
{
    struct gj_arena arena;
    gj_arena_init(&arena);
    cr_assert_null(gj_arena_alloc(&arena, SIZE_MAX));
    cr_assert_null(gj_arena_alloc(&arena, SIZE_MAX / 2));
    cr_assert_null(gj_arena_array(&arena, SIZE_MAX / 2, 4));
    cr_assert_not_null(gj_arena_array(&arena, 0, 8));
    gj_arena_release(&arena);
}

Test(base, arena_copies_end_in_nul)
{
    struct gj_arena arena;
    gj_arena_init(&arena);
    struct gj_str copy = gj_arena_copy(&arena, (struct gj_str){"微信abc", 6});
    cr_assert_eq(copy.len, 6);
    cr_assert_str_eq(copy.ptr, "微信");
    copy = gj_arena_copy(&arena, (struct gj_str){NULL, 0});
    cr_assert_eq(copy.len, 0);
    cr_assert_str_eq(copy.ptr, "");
    arena.limit = 1;
    copy = gj_arena_copy(&arena, GJ_STR("too long"));
    cr_assert_null(copy.ptr);
    gj_arena_release(&arena);
}
