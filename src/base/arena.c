/* Room base: an arena (see arena.h). */
#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_BLOCK_BYTES 0u /* every object its own block */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_BLOCK_BYTES 0u
#endif
#endif
#ifndef ARENA_BLOCK_BYTES
#define ARENA_BLOCK_BYTES 65536u /* of the first block; each further one is twice as large */
#endif
#define ARENA_BLOCK_BYTES_MAX (1u << 20) /* unless one object needs more */
#define POPULATE_BYTES_MIN    (256u << 10)
#define PAGE_BYTES            4096u
#define HUGE_PAGE_BYTES       (2u << 20)

struct gj_arena_block {
    struct gj_arena_block *next;
    size_t size; /* bytes of data */
    max_align_t data[];
};

void gj_arena_init(struct gj_arena *arena)
{
    *arena = (struct gj_arena){0};
}

static void free_blocks(struct gj_arena_block *block)
{
    while (block != NULL) {
        struct gj_arena_block *next = block->next;
        free(block);
        block = next;
    }
}

void gj_arena_release(struct gj_arena *arena)
{
    free_blocks(arena->blocks);
    *arena =
        (struct gj_arena){.limit = arena->limit, .block = arena->block, .failed = arena->failed};
}

void gj_arena_reset(struct gj_arena *arena)
{
    arena->total = 0;
    arena->used = 0;
    if (ARENA_BLOCK_BYTES == 0 || arena->blocks == NULL) {
        gj_arena_release(arena);
        return;
    }
    free_blocks(arena->blocks->next);
    arena->blocks->next = NULL;
}

/* Asks for huge pages where they fit: before the first write, which settles the size of a page. */
static void *allocate(size_t bytes)
{
    if (bytes % HUGE_PAGE_BYTES != 0) {
        return malloc(bytes);
    }
    void *memory = aligned_alloc(HUGE_PAGE_BYTES, bytes);
#ifdef MADV_HUGEPAGE
    if (memory != NULL) {
        madvise(memory, bytes, MADV_HUGEPAGE);
    }
#endif
    return memory;
}

/* A large arena is filled soon: its pages are asked for at once, which costs a fraction of as many
 * page faults. Where the system cannot, the faults come as ever. */
static void populate(struct gj_arena_block *block)
{
#ifdef MADV_POPULATE_WRITE
    uintptr_t from = ((uintptr_t)block->data + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    uintptr_t to = ((uintptr_t)block->data + block->size) / PAGE_BYTES * PAGE_BYTES;
    if (block->size >= POPULATE_BYTES_MIN) {
        madvise((void *)from, to - from, MADV_POPULATE_WRITE);
    }
#else
    (void)block;
#endif
}

static struct gj_arena_block *add_block(struct gj_arena *arena, size_t size)
{
    size_t bytes = ARENA_BLOCK_BYTES;
    if (ARENA_BLOCK_BYTES > 0) {
        size_t twice = arena->blocks == NULL ? 0 : arena->blocks->size * 2;
        twice = twice > ARENA_BLOCK_BYTES_MAX ? ARENA_BLOCK_BYTES_MAX : twice;
        bytes = arena->block > 0 ? arena->block : bytes;
        bytes = bytes < twice ? twice : bytes;
    }
    bytes = bytes < size ? size : bytes;
    size_t whole = sizeof(struct gj_arena_block) + bytes;
    if (ARENA_BLOCK_BYTES > 0 && whole >= GJ_ARENA_HUGE) {
        whole = (whole + HUGE_PAGE_BYTES - 1) / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES;
    }
    struct gj_arena_block *block = allocate(whole);
    if (block != NULL) {
        block->next = arena->blocks;
        block->size = whole - sizeof *block;
        arena->blocks = block;
        arena->used = 0;
        populate(block);
    }
    return block;
}

/* Memory that holds anything. */
static void *take(struct gj_arena *arena, size_t size)
{
    size_t align = _Alignof(max_align_t);
    if (size > SIZE_MAX / 4) {
        return NULL;
    }
    size = (size + align - 1) / align * align;
    if (arena->limit > 0 && (size > arena->limit || arena->total > arena->limit - size)) {
        return NULL;
    }
    if (arena->blocks == NULL || arena->blocks->size - arena->used < size ||
        ARENA_BLOCK_BYTES == 0) {
        if (add_block(arena, size) == NULL) {
            arena->failed = true;
            return NULL;
        }
    }
    char *at = (char *)arena->blocks->data + arena->used;
    arena->used += size;
    arena->total += size;
    return at;
}

void *gj_arena_alloc(struct gj_arena *arena, size_t size)
{
    void *at = take(arena, size);
    return at == NULL ? NULL : memset(at, 0, size);
}

void *gj_arena_array(struct gj_arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) {
        return NULL;
    }
    return gj_arena_alloc(arena, count * size);
}

struct gj_str gj_arena_copy(struct gj_arena *arena, struct gj_str s)
{
    char *copy = take(arena, s.len + 1);
    if (copy == NULL) {
        return (struct gj_str){0};
    }
    if (s.len > 0) {
        memcpy(copy, s.ptr, s.len);
    }
    copy[s.len] = '\0';
    return (struct gj_str){copy, s.len};
}
