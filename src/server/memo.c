/* Room server: a memo (see memo.h).
 *
 * Two generations, each a heap of bytes that only grows and a table of where entries begin. What is
 * new goes to the young one, and so does what is found in the old one. When the young one is full,
 * the old one is dropped, and the young one is the old one from then on. So nothing is taken out
 * singly, and what has been asked for since the last such turn stays.
 *
 * The hash has a secret key: nobody can choose messages that all fall on one slot. */
#include "server/memo.h"

#include <sodium.h>
#include <stdlib.h>

#define ENTRY_BYTES  128 /* of an entry, at least about: gives the number of slots */
#define ENTRIES_MIN  8   /* a generation holds: what is larger is not kept */
#define SLOTS_MIN    64
#define BYTES_MAX    ((size_t)1 << 31) /* of a generation */
#define FIRST_OFFSET 1

struct head {
    uint32_t key, value; /* bytes, which follow in this order */
};

struct slot {
    uint32_t at;   /* of the head; 0: free */
    uint32_t hash; /* some bits, so that other keys are rarely read */
};

struct generation {
    char *bytes; /* NULL until there is something to keep */
    struct slot *slots;
    size_t used, count;
};

struct gj_memo {
    struct generation young, old;
    size_t bytes, slots; /* of a generation; slots is a power of two */
    unsigned char secret[crypto_shorthash_KEYBYTES];
};

struct gj_memo *gj_memo_new(size_t bytes)
{
    struct gj_memo *memo = calloc(1, sizeof *memo);
    if (memo == NULL) {
        return NULL;
    }
    memo->bytes = bytes / 2 < BYTES_MAX ? bytes / 2 : BYTES_MAX;
    memo->slots = SLOTS_MIN;
    while (memo->slots < memo->bytes / ENTRY_BYTES) {
        memo->slots *= 2;
    }
    crypto_shorthash_keygen(memo->secret);
    return memo;
}

static void release(struct generation *g)
{
    free(g->bytes);
    free(g->slots);
    *g = (struct generation){0};
}

void gj_memo_forget(struct gj_memo *memo)
{
    release(&memo->young);
    release(&memo->old);
}

void gj_memo_free(struct gj_memo *memo)
{
    if (memo != NULL) {
        gj_memo_forget(memo);
        free(memo);
    }
}

static uint64_t hash_of(const struct gj_memo *memo, struct gj_str key)
{
    unsigned char out[crypto_shorthash_BYTES];
    uint64_t hash;
    crypto_shorthash(out, (const unsigned char *)key.ptr, key.len, memo->secret);
    memcpy(&hash, out, sizeof hash);
    return hash;
}

/* The slot of the key, or the free one where it would be; with its value. */
static struct slot *seek(const struct gj_memo *memo, const struct generation *g, struct gj_str key,
                         uint64_t hash, struct gj_str *value)
{
    size_t mask = memo->slots - 1;
    for (size_t i = (size_t)hash & mask;; i = (i + 1) & mask) {
        struct slot *slot = &g->slots[i];
        struct head head;
        if (slot->at == 0) {
            return slot;
        }
        if (slot->hash != (uint32_t)(hash >> 32)) {
            continue;
        }
        memcpy(&head, g->bytes + slot->at, sizeof head);
        const char *entry = g->bytes + slot->at + sizeof head;
        if (gj_str_eq(key, (struct gj_str){entry, head.key})) {
            *value = (struct gj_str){entry + head.key, head.value};
            return slot;
        }
    }
}

/* At most three quarters of the slots are taken, so that a search comes to its end. */
static bool has_room(const struct gj_memo *memo, const struct generation *g, size_t entry)
{
    return g->bytes != NULL && entry <= memo->bytes - g->used &&
           g->count < memo->slots - memo->slots / 4;
}

static size_t entry_size(struct gj_str key, struct gj_str value)
{
    return sizeof(struct head) + key.len + value.len;
}

/* Where there is room for it, and into a free slot. Returns its value there. */
static struct gj_str add(struct generation *g, struct slot *slot, uint64_t hash, struct gj_str key,
                         struct gj_str value)
{
    struct head head = {(uint32_t)key.len, (uint32_t)value.len};
    char *at = g->bytes + g->used;
    *slot = (struct slot){(uint32_t)g->used, (uint32_t)(hash >> 32)};
    memcpy(at, &head, sizeof head);
    memcpy(at + sizeof head, key.ptr, key.len);
    memcpy(at + sizeof head + key.len, value.ptr, value.len);
    g->used += entry_size(key, value);
    g->count++;
    return (struct gj_str){at + sizeof head + key.len, value.len};
}

bool gj_memo_find(struct gj_memo *memo, struct gj_str key, struct gj_str *value)
{
    struct generation *young = &memo->young, *old = &memo->old;
    if (young->bytes == NULL) {
        return false;
    }
    uint64_t hash = hash_of(memo, key);
    struct slot *slot = seek(memo, young, key, hash, value);
    if (slot->at != 0) {
        return true;
    }
    if (old->bytes == NULL || seek(memo, old, key, hash, value)->at == 0) {
        return false;
    }
    if (has_room(memo, young, entry_size(key, *value))) {
        *value = add(young, slot, hash, key, *value);
    }
    return true;
}

/* An empty young generation. -1: out of memory. */
static int turn(struct gj_memo *memo)
{
    struct generation fresh = memo->old;
    memo->old = memo->young;
    memo->young = (struct generation){0};
    if (fresh.bytes == NULL) {
        fresh.bytes = malloc(memo->bytes);
        fresh.slots = malloc(memo->slots * sizeof *fresh.slots);
    }
    if (fresh.bytes == NULL || fresh.slots == NULL) {
        release(&fresh);
        return -1;
    }
    memset(fresh.slots, 0, memo->slots * sizeof *fresh.slots);
    fresh.used = FIRST_OFFSET;
    fresh.count = 0;
    memo->young = fresh;
    return 0;
}

void gj_memo_keep(struct gj_memo *memo, struct gj_str key, struct gj_str value)
{
    struct gj_str known;
    size_t entry = entry_size(key, value);
    if (entry > memo->bytes / ENTRIES_MIN ||
        (!has_room(memo, &memo->young, entry) && turn(memo) != 0)) {
        return;
    }
    uint64_t hash = hash_of(memo, key);
    struct slot *slot = seek(memo, &memo->young, key, hash, &known);
    if (slot->at == 0) {
        add(&memo->young, slot, hash, key, value);
    }
}
