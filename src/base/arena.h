/* Room base: an arena, memory that is freed all at once. One arena a rulebook, one an evaluation.
 * Under the address sanitizer each object is a malloc of its own, so that overruns are seen. */
#ifndef GJ_BASE_ARENA_H
#define GJ_BASE_ARENA_H

#include "base/str.h"

/* As `block`: blocks that take one huge page, where the system has them. */
#define GJ_ARENA_HUGE ((size_t)2040 << 10)

struct gj_arena_block;

struct gj_arena {
    struct gj_arena_block *blocks; /* newest first */
    size_t used;                   /* bytes used of the newest block */
    size_t total;                  /* bytes handed out since init or reset */
    size_t limit;                  /* bytes; 0: none. Beyond it gj_arena_alloc returns NULL */
    size_t block; /* bytes of a block, at least; 0: 64 KiB, and twice as much for each next one */
    bool failed;  /* memory has run out since init; who writes much may check once, at the end */
};

void gj_arena_init(struct gj_arena *arena);
void gj_arena_release(struct gj_arena *arena);
void gj_arena_reset(struct gj_arena *arena); /* frees the objects, keeps one block */

/* Zeroed, aligned for any type; NULL when out of memory or beyond `limit`. */
void *gj_arena_alloc(struct gj_arena *arena, size_t size);
void *gj_arena_array(struct gj_arena *arena, size_t count, size_t size);

/* A copy that ends in a NUL; ptr is NULL when out of memory. */
struct gj_str gj_arena_copy(struct gj_arena *arena, struct gj_str s);

#endif
