/* Room text, inside: what weak_build.c (tables, when a rulebook is compiled), weak_image.c (tables
 * as one run of bytes), weak.c (scanning), weak_believe.c (what is no accident) and weak_read.c
 * share.
 *
 * Syllable tokens: a Han character gives its usual toneless reading, a run of letters that can be
 * cut into syllables gives them, any other letter gives LETTER_BASE + letter. Shape tokens: the
 * character, and of a character taken apart the whole.
 * Token 0 ends a clause. */
#ifndef GJ_TEXT_WEAK_INTERNAL_H
#define GJ_TEXT_WEAK_INTERNAL_H

#include "base/buf.h"
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

/* A word as tokens; entries with the same first two stand side by side. */
struct entry {
    uint32_t word, tokens; /* tokens: offset into weak->tokens */
    uint32_t third;        /* the third of them; 0: the word has two */
};

struct slot { /* first two tokens -> entries[entry] and on; count 0: free */
    uint32_t a, b, entry, count;
};

struct stream {
    const uint8_t *filter; /* FILTER_BITS */
    const struct slot *slots;
    size_t slot_count; /* a power of two */
    const struct entry *entries;
    size_t entry_count;
};

/* Slots of shapes are listed by what they share, so that those that may begin alike are read one
 * behind the other: list h of kind k is links[heads[k * HEADS + h]] and on, up to the next. */
enum { BY_FIRST, BY_SECOND, BY_INITIALS, LISTS };
#define HEADS 4096u

struct link {
    uint32_t a, b, slot; /* a, b: as the slot has them */
};

struct pair { /* written, meant; sorted, and one of zeros behind the last */
    uint32_t from, to;
};

#define PARTS_MAX 4

struct split { /* 2 to PARTS_MAX parts stand for `whole`, the rest 0; sorted by parts */
    uint32_t parts[PARTS_MAX];
    uint32_t whole;
};

struct reading {
    uint32_t emoji, begin, length; /* UTF-8, in reading_text */
};

/* All tables are arrays of one image, made here or borrowed (weak_image.c). */
struct gj_weak {
    void *own; /* the image, when it is not borrowed */
    struct gj_str image;
    struct stream streams[STREAMS];
    const uint32_t *heads; /* LISTS * HEADS + 1 */
    const struct link *links;
    const uint32_t *tokens;     /* of all entries */
    const uint32_t *characters; /* the code points of all words that are looked for */
    const uint32_t *starts;     /* per word: where its own begin */
    const uint8_t *lengths;     /* per word: characters; 0: not looked for */
    const uint8_t *wary;        /* per word: 1: see struct gj_weak_word */
    const struct pair *lookalikes;
    size_t lookalike_count;
    const struct split *splits;
    size_t split_count;
    const struct reading *readings;
    size_t reading_count;
    const char *reading_text;
    const uint8_t *look_first;  /* bitmap by the low 16 bits: may be written for another */
    const uint8_t *split_first; /* bitmap by the low 16 bits: may begin a split */
    const uint8_t *split_pairs; /* bitmap by gj_bigram: the first two parts of one */
};

/* The image: the bytes of each part as 32-bit counts, then the parts, each padded to 8 bytes. */
enum weak_part {
    PART_FILTERS, /* of stream s: PART_FILTERS + s */
    PART_SLOTS = PART_FILTERS + STREAMS,
    PART_ENTRIES = PART_SLOTS + STREAMS,
    PART_HEADS = PART_ENTRIES + STREAMS,
    PART_LINKS,
    PART_TOKENS,
    PART_CHARACTERS,
    PART_STARTS,
    PART_LENGTHS,
    PART_WARY,
    PART_LOOKALIKES,
    PART_SPLITS,
    PART_READINGS,
    PART_READING_TEXT,
    PART_LOOK_FIRST,
    PART_SPLIT_FIRST,
    PART_SPLIT_PAIRS,
    WEAK_PARTS
};

#define HEADS_BYTES    ((LISTS * HEADS + 1) * sizeof(uint32_t))
#define LOW_BITS_BYTES (65536u / 8)

static inline uint32_t gj_bigram(uint32_t a, uint32_t b)
{
    uint32_t h = a * 0x9E3779B1u ^ b * 0x85EBCA6Bu;
    return (h ^ h >> 15) & (FILTER_BITS - 1);
}

/* The place in `heads` of the list of a kind in which a slot of these two characters is. */
static inline uint32_t gj_head(unsigned kind, uint32_t a, uint32_t b)
{
    uint32_t shared = kind == BY_INITIALS ? gj_text_initial(a) * GJ_INITIALS + gj_text_initial(b)
                                          : (kind == BY_FIRST ? a : b) * 0x9E3779B1u >> 20;
    return kind * HEADS + shared;
}

/* Whether a character may be written for another, as the curated pairs say: nearly always right. */
static inline bool gj_weak_may_look(const struct gj_weak *weak, uint32_t written)
{
    return (weak->look_first[(written & 0xFFFF) >> 3] >> (written & 7) & 1) != 0;
}

/* The curated pairs of what is written, as far as `from` is `written`. */
const struct pair *gj_weak_lookalikes(const struct gj_weak *weak, uint32_t written);

/* Opens the tables that `parts` hold, as an image of its own. NULL when out of memory. */
struct gj_weak *gj_weak_join(const struct gj_buf *parts, size_t word_count);

/* `parts` are PARTS_MAX code points, those behind the last 0. NULL: they stand for nothing. */
const struct split *gj_weak_find_split(const struct gj_weak *weak, const uint32_t *parts);

/* Where two tokens are in `slots`, or would be; the count there is 0 when no word begins so. */
size_t gj_weak_find_slot(const struct slot *slots, size_t count, uint32_t a, uint32_t b);

/* ---- one search: a stream of a text ---- */

#define FOUND_MAX 32
#define JOINED    4

typedef void gj_weak_found_fn(void *context, uint32_t word, uint32_t first_unit, uint32_t last_unit,
                              uint16_t transforms);

/* How some tokens are a word. */
struct gj_disguised {
    uint16_t transforms;
    unsigned bold; /* how many are replaced by shape, by one in common use that is in no table */
    bool rare;     /* one is replaced by a rare one */
    bool plain;    /* one stands as it is */
    bool other;    /* one is read otherwise than usual */
    int price;     /* of what is replaced, in eighths of a bit */
};

/* What a character may stand for, told cheaply. */
struct looks {
    uint32_t written, parts;
    uint16_t sounds[5]; /* its readings; the rest 0 */
    bool listed;        /* the table of shapes may name it */
};

struct gj_weak_search {
    const struct gj_weak *weak;
    const struct gj_text *text;
    const struct gj_weak_token *tokens;
    size_t count;
    int stream;
    gj_weak_found_fn *each;
    void *context;
    uint32_t found[FOUND_MAX]; /* words found from the present token, each told once */
    size_t found_count;
    struct { /* whether tokens are a word in frequent use with the next: each is asked for thrice */
        size_t at; /* token + 1; 0: none */
        bool is;
    } joined[JOINED];
    struct looks third;  /* of the token looked at last as the third of words */
    struct {             /* surprises weighed last: many words are tried at one place */
        size_t from, to; /* tokens + 1; 0: none */
        int surprise;
    } weighed[2];
};

/* Of shapes: whether the two tokens at `at` may be the characters that all words of a slot begin
 * with; how is added to `begun`. Of syllables: true, for those words differ in their characters. */
bool gj_weak_begins(const struct gj_weak_search *s, size_t at, const struct slot *slot,
                    struct gj_disguised *begun);

/* The transforms that make the tokens from `at` on the word of `entry`, where it is more likely
 * that this word is meant than that everyday words are; 0: it is not, or in plain spelling. The
 * caller has seen that there are as many tokens as the word has, and that it begins as `begun`
 * says. */
uint16_t gj_weak_believe(struct gj_weak_search *s, size_t at, const struct entry *entry,
                         const struct gj_disguised *begun);

/* Whether no word in frequent use holds one of the two characters at `at`. */
bool gj_weak_is_odd(struct gj_weak_search *s, size_t at);

#endif
