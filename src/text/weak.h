/* Room text: the two weaker levels. A word is also found where characters of it were replaced by
 * others of the same sound (homophones, pinyin letters) or of the same shape (taken apart,
 * look-alikes) or masked by a star, and where an emoji is read as a word.
 *
 * The text becomes two streams of tokens, one of syllables and one of shapes; neighbouring tokens
 * go through a bitmap of the words' first two tokens, so that a message without any candidate costs
 * a few nanoseconds a character. Each candidate is then compared character by character. A word in
 * its plain spelling is none of this room's finds: the scan has it. */
#ifndef GJ_TEXT_WEAK_H
#define GJ_TEXT_WEAK_H

#include "text/text.h"

/* The curated table of shapes, as the rulebook gives it. Strings are UTF-8 and borrowed. */
struct gj_shape {
    enum { GJ_SHAPE_SPLIT, GJ_SHAPE_LOOKALIKE, GJ_SHAPE_EMOJI } kind;
    struct gj_str character;   /* split, look-alike: the character meant; emoji: the emoji */
    struct gj_str replacement; /* what is written for it; emoji: how it is read */
};

struct gj_weak_word {
    struct gj_str folded; /* at least two characters, else it is not looked for */
    bool sound, shape;    /* by what else it is looked for */
    bool wary; /* by sound only where everyday words do not explain at all what is written */
};

struct gj_weak; /* immutable */

/* The id of a word is its index. NULL when out of memory. */
struct gj_weak *gj_weak_new(const struct gj_shape *shapes, size_t shape_count,
                            const struct gj_weak_word *words, size_t word_count);
void gj_weak_free(struct gj_weak *weak);

/* The tables as bytes, free of pointers and owned by `weak`, and back: they are read in place, so
 * `image` must stay, begin at a multiple of 8, and come from this kind of machine. `word_count` is
 * how many words the tables may name. Every index is checked, unless the image is known to be
 * `whole`. NULL: no such image, or out of memory. */
struct gj_str gj_weak_image(const struct gj_weak *weak);
struct gj_weak *gj_weak_open(struct gj_str image, size_t word_count, bool whole);

/* One thread's working memory; reused. */
struct gj_weak_scratch {
    struct gj_weak_token *tokens[2]; /* syllables, shapes */
    size_t counts[2], capacities[2];
};
void gj_weak_scratch_init(struct gj_weak_scratch *scratch);
void gj_weak_scratch_release(struct gj_weak_scratch *scratch);

/* Calls `each` for every find with its units (inclusive) and the weak transforms that were needed.
 * Returns 0, or -1 when out of memory. */
int gj_weak_scan(const struct gj_weak *weak, struct gj_weak_scratch *scratch,
                 const struct gj_text *text,
                 void (*each)(void *context, uint32_t word, uint32_t first_unit, uint32_t last_unit,
                              uint16_t transforms),
                 void *context);

/* The text with emoji read as words (units carry GJ_T_EMOJI). Returns 1 when there were any, 0 when
 * not, -1 when out of memory. */
int gj_weak_read_emoji(const struct gj_weak *weak, struct gj_text *out, const struct gj_text *text);

/* A word found in disguise: its units, inclusive, and the weak transforms needed. */
struct gj_disguise {
    uint32_t word, first, last;
    uint16_t transforms;
};

/* The text with these words as they are meant, each unit of them carrying the transforms; of those
 * that overlap, the first. Sorts `disguises`. Returns 0, or -1 when out of memory. */
int gj_weak_read_meant(const struct gj_weak *weak, struct gj_text *out, const struct gj_text *text,
                       struct gj_disguise *disguises, size_t count);

#endif
