/* Tests that count the calls for memory, or make one fail: this program's own malloc and its like,
 * which pass on to the C library's; every library in the process gets them too. For one file of a
 * program of its own. Under the address sanitizer, which has an allocator of its own, there is
 * SANITIZED instead. */
#ifndef GJ_TESTS_MALLOC_SUPPORT_H
#define GJ_TESTS_MALLOC_SUPPORT_H

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

#ifndef SANITIZED
/* The calls so far, how many are not freed yet, and the one that fails (0: none). Volatile, since
 * the compiler believes that strdup leaves them alone. */
static volatile long calls, live, failing;

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *memory);

static bool fails(void)
{
    return ++calls == failing;
}

static void *counted(void *memory)
{
    live += memory != NULL;
    return memory;
}

void *malloc(size_t size)
{
    return fails() ? NULL : counted(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
    return fails() ? NULL : counted(__libc_calloc(count, size));
}

void *realloc(void *memory, size_t size)
{
    if (fails()) {
        return NULL;
    }
    return memory == NULL ? counted(__libc_realloc(NULL, size)) : __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return fails() ? NULL : counted(__libc_memalign(alignment, size));
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
    *memory = aligned_alloc(alignment, size);
    return *memory == NULL ? ENOMEM : 0;
}

void free(void *memory)
{
    live -= memory != NULL;
    __libc_free(memory);
}
#endif

#endif
