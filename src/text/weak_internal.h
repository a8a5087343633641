/* Room text, inside: what weak_build.c (tables, when a rulebook is loaded), weak.c (scanning) and
 * weak_emoji.c share.
 *
 * Syllable tokens: a Han character gives its usual toneless reading, a run of letters that can be
 * cut into syllables gives them, any other letter gives LETTER_BASE + letter. Shape tokens: the
 * class of a character (look-alikes form classes, transitively, which serves the filter alone; the
 * comparison asks for the direct relation), and of a character taken apart the class of the whole.
 * Token 0 ends a clause. */
#ifndef GJ_TEXT_WEAK_INTERNAL_H
#define GJ_TEXT_WEAK_INTERNAL_H

#include "base/arena.h"
#include "text/weak.h"

enum { SYLLABLES, SHAPES, STREAMS };

#define LETTER_BASE  0x400u
#define WORD_MAX     24u /* characters of a word; longer ones are not evaded letter by letter */
#define READINGS_MAX 16u /* combinations of readings of one word */
#define FILTER_BITS  262144u
#define RUN_MAX      48u /* letters of a run that may be pinyin */

struct gj_weak_token {
    uint32_t value;
    uint32_t first, last; /* units */
};

/* A word as tokens; entries with the same first two tokens follow by `next`. */
struct entry {
    uint32_t word, tokens, next; /* tokens: offset into weak->tokens; next: index + 1, 0 ends */
};

struct slot { /* first two tokens -> first entry + 1; 0: free */
    uint32_t a, b, entry;
};

struct stream {
    uint8_t filter[FILTER_BITS / 8];
    struct slot *slots;
    size_t slot_count; /* a power of two */
    struct entry *entries;
    size_t entry_count, entry_capacity;
};

struct pair { /* sorted by (from, to) */
    uint32_t from, to;
};

#define PARTS_MAX 4

struct split { /* 2 to PARTS_MAX parts stand for `whole`, the rest 0; sorted by parts */
    uint32_t parts[PARTS_MAX];
    uint32_t whole;
};

struct reading {
    uint32_t emoji;
    struct gj_str text; /* owned by weak->memory */
};

struct gj_weak {
    struct gj_arena memory;
    struct stream streams[STREAMS];
    uint32_t *tokens; /* of all entries */
    size_t token_count, token_capacity;
    uint32_t *characters;    /* the code points of all words that are looked for */
    uint32_t *starts;        /* per word: where its own begin */
    uint8_t *lengths;        /* per word: characters; 0: not looked for */
    struct pair *lookalikes; /* (written, meant) */
    size_t lookalike_count;
    struct split *splits;
    size_t split_count;
    struct reading *readings;
    size_t reading_count;
    uint32_t *classes[256]; /* per page of the BMP: class of a code point, 0: itself */
    uint8_t *split_first;   /* bitmap over the BMP: begins a split */
};

static inline uint32_t gj_bigram(uint32_t a, uint32_t b)
{
    uint32_t h = a * 0x9E3779B1u ^ b * 0x85EBCA6Bu;
    return (h ^ h >> 15) & (FILTER_BITS - 1);
}

static inline uint32_t gj_class_of(const struct gj_weak *weak, uint32_t cp)
{
    if (cp > 0xFFFF || weak->classes[cp >> 8] == NULL) {
        return cp;
    }
    uint32_t found = weak->classes[cp >> 8][cp & 0xFF];
    return found == 0 ? cp : found;
}

bool gj_weak_is_lookalike(const struct gj_weak *weak, uint32_t written, uint32_t meant);

/* `parts` are PARTS_MAX code points, those behind the last 0. NULL: they stand for nothing. */
const struct split *gj_weak_find_split(const struct gj_weak *weak, const uint32_t *parts);

/* The slot of two tokens; its entry is 0 when no word begins so. */
struct slot *gj_weak_find_slot(const struct stream *stream, uint32_t a, uint32_t b);

#endif
