/* Room text: the shape of the generated tables (tools/gentables.c writes text_tables.c at build
 * time from ICU, Unicode and OpenCC data). Private to the room.
 *
 * A fold entry is one word for a code point:
 *   bits  0-20  the folded code point; 0: folds to itself. With GJ_FOLD_MULTI: index of a list in
 *               gj_fold_lists, whose first word is its length, followed by entries like this one
 *   bits 21-23  enum gj_unit_class, or GJ_FOLD_INVISIBLE: dropped
 *   bits 24-27  enum gj_transform bits WIDTH, CASE, TRADITIONAL, CONFUSABLE
 *   bit  28     GJ_FOLD_MULTI
 *   bit  29     GJ_FOLD_NUMERAL: counts in gj_text.digits
 * Invariants, checked by the generator: folding a folded code point changes nothing; an entry that
 * is not MULTI takes no more UTF-8 bytes than its source; an ASCII code point is never MULTI. */
#ifndef GJ_TEXT_TABLES_H
#define GJ_TEXT_TABLES_H

#include "text/text.h"

#define GJ_FOLD_CP(entry)         ((entry)&0x1FFFFFu)
#define GJ_FOLD_CLASS(entry)      ((entry) >> 21 & 7u)
#define GJ_FOLD_TRANSFORMS(entry) ((entry) >> 24 & 15u)
#define GJ_FOLD_MULTI             (1u << 28)
#define GJ_FOLD_NUMERAL           (1u << 29)
#define GJ_FOLD_INVISIBLE         7u

#define GJ_STAGE_BITS  6 /* code points a block: 64 */
#define GJ_STAGE_MASK  63u
#define GJ_STAGE_COUNT (0x110000u >> GJ_STAGE_BITS)

extern const uint16_t gj_fold_stage[GJ_STAGE_COUNT]; /* number of the block in gj_fold_blocks */
extern const uint32_t gj_fold_blocks[];              /* block 0 is ASCII's first half */
extern const uint32_t gj_fold_lists[];

/* One bit a code point from GJ_PLAIN_FIRST on: a Han character that folds to itself and is no
 * numeral. It spares the hot path the tables above: 2.6 KB instead of 84 stay in the cache. */
#define GJ_PLAIN_FIRST 0x4E00u
#define GJ_PLAIN_WORDS 328u /* to U+9FFF */
extern const uint64_t gj_fold_plain[GJ_PLAIN_WORDS];

static inline bool gj_fold_is_plain(uint32_t cp)
{
    uint32_t at = cp - GJ_PLAIN_FIRST;
    return at < GJ_PLAIN_WORDS * 64 && (gj_fold_plain[at / 64] >> at % 64 & 1) != 0;
}

/* Words of two to four Han characters that everyday text holds, as a Bloom filter with three
 * hashes. */
#define GJ_WORD_BITS           (1u << 23)
#define GJ_WORD_CHARACTERS_MAX 4u
extern const uint64_t gj_word_bits[GJ_WORD_BITS / 64];

static inline uint64_t gj_word_key(uint64_t key, uint32_t next)
{
    return (key ^ next) * 0x9E3779B97F4A7C15u;
}

/* One of three bits of a word; `key` is gj_word_key of its characters, from 0 on; or from
 * GJ_WORD_USUAL on, for pairs in frequent use. */
#define GJ_WORD_USUAL 1u
static inline uint32_t gj_word_bit(uint64_t key, uint32_t seed)
{
    uint64_t h = key + seed * 0xD1B54A32D192ED03u;
    h = (h ^ h >> 29) * 0xBF58476D1CE4E5B9u;
    return (uint32_t)(h >> 40) & (GJ_WORD_BITS - 1);
}

/* How Han characters are drawn, from GJ_SHAPE_FIRST on: the Cangjie code, five bits a letter from
 * the lowest (A is 1), and whether everyday text is written with the character: the 8,105 of the
 * standard of 2013 (通用规范汉字表), those of dialect, particles of talk. Any other has no use. */
#define GJ_SHAPE_FIRST   0x3400u
#define GJ_SHAPE_COUNT   0x6C00u /* to U+9FFF */
#define GJ_SHAPE_LETTERS 5
#define GJ_SHAPE_COMMON  (1u << 31)
extern const uint32_t gj_shape_codes[GJ_SHAPE_COUNT];

/* Bits that it takes to say a Han character as a word of its own, from GJ_SHAPE_FIRST on, and any
 * longer word: -log2 of the share among words, in eighths of a bit. */
#define GJ_COST_BIT     8u
#define GJ_COST_WORD    (18 * GJ_COST_BIT) /* the middle of the dictionary */
#define GJ_COST_UNKNOWN (26 * GJ_COST_BIT) /* said never */
extern const uint8_t gj_character_costs[GJ_SHAPE_COUNT];

/* Readings: bits 0-8 the syllable, bit 15 set where gj_other_readings has a row. */
#define GJ_READING_SYLLABLE 0x1FFu
#define GJ_READING_MORE     0x8000u
#define GJ_READING_CP_MAX   0x3FFFFu

struct gj_other_reading {
    uint32_t cp;
    uint16_t syllables[4]; /* 0: none */
};

extern const uint16_t gj_reading_stage[(GJ_READING_CP_MAX + 1) >> GJ_STAGE_BITS];
extern const uint16_t gj_reading_blocks[];
extern const struct gj_other_reading gj_other_readings[]; /* by code point */
extern const uint32_t gj_other_reading_count;
extern const char gj_spellings[GJ_SYLLABLES_MAX][8]; /* [0] is empty; sorted, so ids are ordered */
extern const uint32_t gj_spelling_count;             /* with [0] */

static inline uint32_t gj_fold_entry(uint32_t cp)
{
    return gj_fold_blocks[((uint32_t)gj_fold_stage[cp >> GJ_STAGE_BITS] << GJ_STAGE_BITS) |
                          (cp & GJ_STAGE_MASK)];
}

static inline uint32_t gj_reading_entry(uint32_t cp)
{
    if (cp > GJ_READING_CP_MAX) {
        return 0;
    }
    return gj_reading_blocks[((uint32_t)gj_reading_stage[cp >> GJ_STAGE_BITS] << GJ_STAGE_BITS) |
                             (cp & GJ_STAGE_MASK)];
}

#endif
