/* Room text: a message as the rules see it.
 *
 *   bytes --gj_text_fold--> units + folded characters --scan.h, weak.h, extract.h--> hits
 *
 * Folding turns each code point of the original into zero, one or several *units*: full width to
 * half width, upper to lower case, traditional to simplified, look-alike and styled letters and
 * digits to plain ones; invisible characters vanish. Separators stay in the unit array (the
 * extractors need them) but are left out of `folded`, the code points that are scanned, so that a
 * word is found in one pass however it was spaced out. Each unit remembers where it came from: hits
 * are told in code points of the original text. */
#ifndef GJ_TEXT_TEXT_H
#define GJ_TEXT_TEXT_H

#include "base/buf.h"

/* What was done to a character, or must have been done to the text, for a word to be found. */
enum gj_transform {
    GJ_T_WIDTH = 1 << 0,       /* Ａ -> a, ㈠ -> 一: compatibility forms */
    GJ_T_CASE = 1 << 1,        /* A -> a */
    GJ_T_TRADITIONAL = 1 << 2, /* 錢 -> 钱 */
    GJ_T_CONFUSABLE = 1 << 3,  /* Cyrillic а, 𝓪, ⓐ, 🅰 -> a */
    GJ_T_NUMERAL = 1 << 4,     /* ③, 三, 叁 -> 3 (extractors only) */
    GJ_T_INVISIBLE =
        1 << 5, /* zero-width characters, variation selectors, combining marks inside */
    GJ_T_SEPARATORS = 1 << 6, /* spaces, dots, symbols, emoji inside */
    GJ_T_REPEAT = 1 << 7,     /* runs of one character collapsed */
    GJ_T_HOMOPHONE = 1 << 8,  /* weak: another character of the same toneless pinyin */
    GJ_T_PINYIN = 1 << 9,     /* weak: pinyin letters for a character */
    GJ_T_SPLIT = 1 << 10,     /* weak: a character taken apart */
    GJ_T_LOOKALIKE = 1 << 11, /* weak: a character that looks like it */
    GJ_T_EMOJI = 1 << 12      /* weak: an emoji read as a word */
};
#define GJ_T_WEAK (GJ_T_HOMOPHONE | GJ_T_PINYIN | GJ_T_SPLIT | GJ_T_LOOKALIKE | GJ_T_EMOJI)

/* The name of one transform bit ("width", "homophone", ...), as verdicts and lexicons spell it. */
const char *gj_transform_name(enum gj_transform one);

enum gj_unit_class {
    GJ_U_HAN,       /* a Han character */
    GJ_U_LETTER,    /* a to z (folded), or a letter of another script */
    GJ_U_DIGIT,     /* 0 to 9 (folded) */
    GJ_U_SYMBOL,    /* kept: + % @ $ ¥ */
    GJ_U_MARK,      /* a clause mark: , ! ? : -- see gj_text_fold */
    GJ_U_SEPARATOR, /* left out of `folded`: space, . * - _ ~ / | # = & brackets, quotes ... */
    GJ_U_EMOJI      /* a separator too; kept apart since some are read as words */
};

struct gj_unit {
    uint32_t cp;         /* the folded code point */
    uint32_t begin;      /* byte offset of its original code point */
    uint32_t index;      /* index of its original code point; its end is index + 1 */
    uint16_t transforms; /* enum gj_transform bits that made it */
    uint8_t class_;      /* enum gj_unit_class */
    uint8_t spare;
};

/* Reused from message to message: after warm-up folding allocates nothing. */
struct gj_text {
    struct gj_str original; /* borrowed, valid UTF-8 */
    struct gj_unit *units;
    uint32_t *folded;  /* the code points of all units but separators and emoji */
    uint32_t *unit_of; /* per one of `folded`: index of its unit */
    size_t unit_count, folded_len, capacity; /* capacity: of each of the three */
    uint32_t code_points;                    /* of the original */
    uint32_t length;  /* letters, digits and Han characters: what a "short reply" is measured by */
    uint32_t digits;  /* units of class DIGIT, and Han numerals: extractors have work to do */
    uint32_t letters; /* units of class LETTER */
    bool has_run;     /* two equal neighbouring units of HAN or LETTER in `folded` */
    bool has_emoji;
};

#define GJ_TEXT_BYTES_MAX (2u << 20) /* a longer message is refused by the doors */

void gj_text_init(struct gj_text *text);
void gj_text_release(struct gj_text *text);

/* Folds `original` (valid UTF-8; NUL counts as invisible). Clause marks become one of four:
 *   ','  from , ， 、        '!'  from 。 ！ ! ； ; … line ends
 *   '?'  from ? ？           ':'  from : ：
 * Separators: white space, . · - _ * ~ ^ ` ' " | / \ # = & ( ) [ ] { } < >
 * 「」『』【】《》〈〉“”‘’（） box drawing, geometric shapes, arrows, dingbats and other symbols
 * that are not kept. Returns 0, or -1 when out of memory. */
int gj_text_fold(struct gj_text *text, struct gj_str original);

/* Makes room for `units` units in all. Returns 0, or -1 when out of memory. */
int gj_text_reserve(struct gj_text *text, size_t units);

/* Begins another reading of the same original in `out`: no units yet, the counts of classes those
 * of `text`. Returns 0, or -1 when out of memory. */
int gj_text_begin(struct gj_text *out, const struct gj_text *text);

/* Whether a unit is left out of `folded`. */
static inline bool gj_unit_is_silent(const struct gj_unit *unit)
{
    return unit->class_ >= GJ_U_SEPARATOR;
}

/* Adds a unit, for which room is reserved; counts nothing. */
static inline void gj_text_append(struct gj_text *text, struct gj_unit unit)
{
    text->folded[text->folded_len] = unit.cp; /* overwritten by the next when it is left out */
    text->unit_of[text->folded_len] = (uint32_t)text->unit_count;
    text->folded_len += !gj_unit_is_silent(&unit);
    text->units[text->unit_count++] = unit;
}

/* Folds a word of a lexicon the same way; separators and marks in it are dropped too, but emoji are
 * kept as they are. Appends UTF-8 to `out`. */
void gj_text_fold_word(struct gj_str word, struct gj_buf *out);

/* The same text with runs of equal HAN or LETTER units collapsed to one: the second reading, for
 * 微微微信 and fffuck. `out` borrows the original of `text`. The unit kept is the first of its run,
 * with GJ_T_REPEAT set. Counts of classes stay those of `text`. Returns 0, or -1 when out of
 * memory. */
int gj_text_collapse(struct gj_text *out, const struct gj_text *text);

/* Appends the folded text to `out` as UTF-8. */
void gj_text_spell(const struct gj_text *text, struct gj_buf *out);

/* Bytes of the original from the first unit's begin to the last unit's end. */
struct gj_str gj_text_slice(const struct gj_text *text, uint32_t first_unit, uint32_t last_unit);

/* The digit value 0..9 of a folded code point that is a digit or a Han numeral
 * (零〇○一壹幺...九玖), or -1. */
int gj_text_digit(uint32_t cp);

/* Toneless pinyin: an id from 1 to GJ_SYLLABLES_MAX - 1 of the usual reading of a (simplified) Han
 * character, 0 if it has none. */
#define GJ_SYLLABLES_MAX 512
uint16_t gj_text_syllable(uint32_t cp);

/* Other common readings of a character (polyphones, as 行 xing/hang); returns how many were written
 * to `out` (at most 4, the usual one not among them). */
unsigned gj_text_other_readings(uint32_t cp, uint16_t out[4]);

/* How the usual reading begins: 1 to GJ_INITIALS - 1, zh apart from z, a vowel for itself; 0 if the
 * character has no reading. */
#define GJ_INITIALS 30
unsigned gj_text_initial(uint32_t cp);

/* Spelling of a syllable ("wei"), NULL for 0 or unknown ids; and the id of a spelling, or 0. ü is
 * spelt v. */
const char *gj_text_spelling(uint16_t syllable);
uint16_t gj_text_syllable_of(struct gj_str letters);

#endif
