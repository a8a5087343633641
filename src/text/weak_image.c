/* Room text: the tables of the weaker levels as one run of bytes (see weak_internal.h): joined when
 * they are made, kept in the cache, and read in place from there. Every index is checked once, so
 * that scanning need not. */
#include <stdlib.h>

#include "text/weak_internal.h"

#define ALIGN 8u

static const size_t widths[WEAK_PARTS] = {
    [PART_FILTERS + SYLLABLES] = 1,
    [PART_FILTERS + SHAPES] = 1,
    [PART_SLOTS + SYLLABLES] = sizeof(struct slot),
    [PART_SLOTS + SHAPES] = sizeof(struct slot),
    [PART_ENTRIES + SYLLABLES] = sizeof(struct entry),
    [PART_ENTRIES + SHAPES] = sizeof(struct entry),
    [PART_HEADS] = sizeof(uint32_t),
    [PART_LINKS] = sizeof(struct link),
    [PART_TOKENS] = sizeof(uint32_t),
    [PART_CHARACTERS] = sizeof(uint32_t),
    [PART_STARTS] = sizeof(uint32_t),
    [PART_LENGTHS] = 1,
    [PART_WARY] = 1,
    [PART_LOOKALIKES] = sizeof(struct pair),
    [PART_SPLITS] = sizeof(struct split),
    [PART_READINGS] = sizeof(struct reading),
    [PART_READING_TEXT] = 1,
    [PART_LOOK_FIRST] = 1,
    [PART_SPLIT_FIRST] = 1,
    [PART_SPLIT_PAIRS] = 1,
};

struct part {
    const void *items;
    size_t count;
};

static size_t padded(size_t size)
{
    return (size + ALIGN - 1) / ALIGN * ALIGN;
}

/* Finds the parts; -1: the bytes are no image. */
static int parts_of(struct gj_str image, struct part *parts)
{
    uint32_t sizes[WEAK_PARTS];
    size_t at = padded(sizeof sizes);
    if (image.len < at || (uintptr_t)image.ptr % ALIGN != 0) {
        return -1;
    }
    memcpy(sizes, image.ptr, sizeof sizes);
    for (int i = 0; i < WEAK_PARTS; i++) {
        if (padded(sizes[i]) > image.len - at || sizes[i] % widths[i] != 0) {
            return -1;
        }
        parts[i] = (struct part){image.ptr + at, sizes[i] / widths[i]};
        at += padded(sizes[i]);
    }
    return at == image.len ? 0 : -1;
}

static void point(struct gj_weak *weak, const struct part *parts)
{
    for (int s = 0; s < STREAMS; s++) {
        weak->streams[s] = (struct stream){.filter = parts[PART_FILTERS + s].items,
                                           .slots = parts[PART_SLOTS + s].items,
                                           .slot_count = parts[PART_SLOTS + s].count,
                                           .entries = parts[PART_ENTRIES + s].items,
                                           .entry_count = parts[PART_ENTRIES + s].count};
    }
    weak->heads = parts[PART_HEADS].items;
    weak->links = parts[PART_LINKS].items;
    weak->tokens = parts[PART_TOKENS].items;
    weak->characters = parts[PART_CHARACTERS].items;
    weak->starts = parts[PART_STARTS].items;
    weak->lengths = parts[PART_LENGTHS].items;
    weak->wary = parts[PART_WARY].items;
    weak->lookalikes = parts[PART_LOOKALIKES].items;
    weak->lookalike_count = parts[PART_LOOKALIKES].count - 1; /* but for the zeros */
    weak->splits = parts[PART_SPLITS].items;
    weak->split_count = parts[PART_SPLITS].count;
    weak->readings = parts[PART_READINGS].items;
    weak->reading_count = parts[PART_READINGS].count;
    weak->reading_text = parts[PART_READING_TEXT].items;
    weak->look_first = parts[PART_LOOK_FIRST].items;
    weak->split_first = parts[PART_SPLIT_FIRST].items;
    weak->split_pairs = parts[PART_SPLIT_PAIRS].items;
}

/* `third` says what the tokens say: a word of two has none. */
static bool entries_sound(const struct gj_weak *weak, const struct part *parts,
                          const struct stream *stream)
{
    size_t tokens = parts[PART_TOKENS].count;
    for (size_t i = 0; i < stream->entry_count; i++) {
        const struct entry *entry = &stream->entries[i];
        if (entry->word >= parts[PART_LENGTHS].count || weak->lengths[entry->word] < 2 ||
            entry->tokens > tokens || weak->lengths[entry->word] > tokens - entry->tokens ||
            (entry->third != 0) != (weak->lengths[entry->word] > 2)) {
            return false;
        }
    }
    return true;
}

/* A search among the slots ends at a free one, so there must be one. */
static bool slots_sound(const struct stream *stream)
{
    bool any_free = false, inside = true;
    for (size_t i = 0; i < stream->slot_count; i++) {
        const struct slot *slot = &stream->slots[i];
        inside &=
            slot->entry <= stream->entry_count && slot->count <= stream->entry_count - slot->entry;
        any_free |= slot->count == 0;
    }
    return inside && any_free && (stream->slot_count & (stream->slot_count - 1)) == 0;
}

static bool links_sound(const struct gj_weak *weak, const struct part *parts)
{
    bool sound = parts[PART_HEADS].count == LISTS * HEADS + 1 &&
                 weak->heads[LISTS * HEADS] <= parts[PART_LINKS].count;
    for (size_t i = 0; sound && i < LISTS * HEADS; i++) {
        sound = weak->heads[i] <= weak->heads[i + 1];
    }
    for (size_t i = 0; sound && i < parts[PART_LINKS].count; i++) {
        sound = weak->links[i].slot < weak->streams[SHAPES].slot_count;
    }
    return sound;
}

/* Those of one character are read up to the entry of zeros. */
static bool lookalikes_end(const struct part *parts)
{
    const struct pair *pairs = parts[PART_LOOKALIKES].items;
    size_t count = parts[PART_LOOKALIKES].count;
    return count > 0 && pairs[count - 1].from == 0;
}

static bool is_sound(const struct gj_weak *weak, const struct part *parts, size_t word_count)
{
    if (parts[PART_LENGTHS].count != word_count || parts[PART_STARTS].count != word_count ||
        parts[PART_WARY].count != word_count || parts[PART_LOOK_FIRST].count != LOW_BITS_BYTES ||
        parts[PART_SPLIT_FIRST].count != LOW_BITS_BYTES ||
        parts[PART_SPLIT_PAIRS].count != FILTER_BITS / 8 || !lookalikes_end(parts) ||
        !links_sound(weak, parts)) {
        return false;
    }
    size_t characters = parts[PART_CHARACTERS].count, text = parts[PART_READING_TEXT].count;
    for (size_t i = 0; i < word_count; i++) {
        if (weak->lengths[i] > WORD_MAX || weak->starts[i] > characters ||
            weak->lengths[i] > characters - weak->starts[i]) {
            return false;
        }
    }
    for (size_t i = 0; i < weak->reading_count; i++) {
        if (weak->readings[i].begin > text ||
            weak->readings[i].length > text - weak->readings[i].begin) {
            return false;
        }
    }
    for (int s = 0; s < STREAMS; s++) {
        if (parts[PART_FILTERS + s].count != FILTER_BITS / 8 || !slots_sound(&weak->streams[s]) ||
            !entries_sound(weak, parts, &weak->streams[s])) {
            return false;
        }
    }
    return true;
}

struct gj_weak *gj_weak_open(struct gj_str image, size_t word_count, bool whole)
{
    struct part parts[WEAK_PARTS];
    struct gj_weak *weak = parts_of(image, parts) == 0 ? calloc(1, sizeof *weak) : NULL;
    if (weak == NULL) {
        return NULL;
    }
    weak->image = image;
    point(weak, parts);
    if (!whole && !is_sound(weak, parts, word_count)) {
        gj_weak_free(weak);
        return NULL;
    }
    return weak;
}

struct gj_weak *gj_weak_join(const struct gj_buf *parts, size_t word_count)
{
    uint32_t sizes[WEAK_PARTS];
    size_t total = padded(sizeof sizes);
    for (int i = 0; i < WEAK_PARTS; i++) {
        if (parts[i].failed || parts[i].len > UINT32_MAX - ALIGN) {
            return NULL;
        }
        sizes[i] = (uint32_t)parts[i].len;
        total += padded(parts[i].len);
    }
    char *own = calloc(1, total);
    if (own == NULL) {
        return NULL;
    }
    memcpy(own, sizes, sizeof sizes);
    for (size_t i = 0, at = padded(sizeof sizes); i < WEAK_PARTS; i++) {
        memcpy(own + at, parts[i].ptr, parts[i].len);
        at += padded(parts[i].len);
    }
    struct gj_weak *weak = gj_weak_open((struct gj_str){own, total}, word_count, false);
    if (weak == NULL) {
        free(own);
        return NULL;
    }
    weak->own = own;
    return weak;
}

struct gj_str gj_weak_image(const struct gj_weak *weak)
{
    return weak->image;
}

void gj_weak_free(struct gj_weak *weak)
{
    if (weak != NULL) {
        free(weak->own);
        free(weak);
    }
}
