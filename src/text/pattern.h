/* Room text: patterns, the small regular expressions of lexicons, on folded code points.
 *
 *   characters, [classes], [^classes], ., (a|b), (?:a|b), ? * + {m,n}, ^ $, \d \w \s and escaped
 * signs
 *
 * No back-references, no look-around. Matching is linear in the text (a set of states, never
 * backtracking) and finds the leftmost, then longest, matches. Since most patterns occur in few
 * messages, each names *segments*: sets of short literals of which at least one must stand in the
 * text, for every segment. The scan looks for those of one segment, the alarm; where it rang, a
 * look for the beginnings of the others decides whether the text is matched at all
 * (docs/decisions/0002). */
#ifndef GJ_TEXT_PATTERN_H
#define GJ_TEXT_PATTERN_H

#include "base/arena.h"
#include "base/buf.h"

#define GJ_PATTERN_STATES_MAX   6000
#define GJ_SEGMENTS_MAX         3
#define GJ_SEGMENT_LITERALS_MAX 64

struct gj_segment {
    const struct gj_str *literals; /* UTF-8 */
    size_t count;
    uint32_t least, most; /* characters of a match before the literal; GJ_REACH_FAR: no bound */
};
#define GJ_REACH_FAR 0xFFFFu

/* Which characters, and which pairs of neighbours, stand in a text: by hash, 16 bits each. */
#define GJ_PRESENCE_WORDS 1024
#define GJ_PRESENCE_BEGIN 0x110000u /* stands before the first character */
struct gj_presence {
    uint64_t bits[GJ_PRESENCE_WORDS];
};

/* The key of a character alone (`next` 0), or of two neighbours. */
static inline uint16_t gj_presence_key(uint32_t cp, uint32_t next)
{
    return (uint16_t)((cp * 0x9E3779B1u ^ next * 0x85EBCA6Bu) >> 16);
}

/* Notes the characters and pairs of a text, or forgets them: then all that was noted is. */
void gj_presence_note(struct gj_presence *presence, const uint32_t *cps, size_t count,
                      bool present);

/* What a pattern needs, as one run: where in a match its alarm stands (least, most: as of struct
 * gj_segment), then from GJ_NEEDS_SETS on {count, keys} for each set, then a 0. */
enum { GJ_NEEDS_LEAST, GJ_NEEDS_MOST, GJ_NEEDS_SETS };

/* Whether some key of each set stands in the text. */
bool gj_presence_meets(const struct gj_presence *presence, const uint16_t *needs);

struct gj_matcher {
    struct gj_state *states;
    uint32_t state_count, set_count;
    struct gj_set *sets;
    uint64_t first[4]; /* by hash: the characters that a match may begin with */
    const uint32_t
        *starts[2]; /* states that take the first character: at the text's begin, elsewhere */
    uint32_t start_count[2];
    bool plain_start; /* false: the pattern may begin with $, and starts says nothing */
};

/* Compiles into the arena. NULL with the reason and remedy in `why`. */
const struct gj_matcher *gj_matcher_compile(struct gj_arena *arena, struct gj_str pattern,
                                            struct gj_buf *why);

/* What makes a text worth matching. */
struct gj_wake {
    struct gj_segment alarm; /* the best segment for it: what the scan looks for */
    const uint16_t *needs;   /* see gj_presence_meets; its sets are of the other segments */
    size_t needs_len;
};

/* Finds it for a pattern and its matcher, in the arena. The alarm is the segment that the fewest
 * texts are likely to hold or, to be looked for in disguise, that of the longest literals. Without
 * a matcher the alarm alone. -1 with the reason and remedy in `why`. */
int gj_pattern_wake(struct gj_arena *arena, struct gj_str pattern, const struct gj_matcher *matcher,
                    bool disguised, struct gj_wake *out, struct gj_buf *why);

/* Working memory of one thread; reused. */
struct gj_match_scratch {
    struct gj_thread *threads[2];
    uint32_t *marks, *stack;
    size_t capacity;
    uint32_t generation;
};
void gj_match_scratch_init(struct gj_match_scratch *scratch);
void gj_match_scratch_release(struct gj_match_scratch *scratch);

/* Where a match may begin, as told by the places where the alarm rang: the text is cut into blocks
 * of 1 << shift characters, of one in all but long texts. */
#define GJ_RUNG_WORDS_MAX 64u
struct gj_rung {
    const uint64_t *blocks; /* bit b: in block b; NULL: anywhere */
    size_t count;           /* words of `blocks` */
    unsigned shift;
};

/* The blocks for a text of so many characters, none of them rung yet. */
static inline struct gj_rung gj_rung_for(size_t characters)
{
    struct gj_rung rung = {.count = characters / 64 + 1};
    while (rung.count > GJ_RUNG_WORDS_MAX) {
        rung.shift++;
        rung.count = (characters >> rung.shift) / 64 + 1;
    }
    return rung;
}

/* The alarm rang in block `block`, and stands `least` to `most` characters behind a match's begin.
 */
void gj_rung_note(uint64_t *blocks, unsigned shift, size_t block, uint32_t least, uint32_t most);

/* Calls `each` for each match, as indexes into `cps` (half open), in order, not overlapping.
 * Returns 0, or -1 when out of memory. */
int gj_matcher_run(const struct gj_matcher *matcher, struct gj_match_scratch *scratch,
                   const uint32_t *cps, size_t count, struct gj_rung rung,
                   void (*each)(void *context, size_t from, size_t to), void *context);

#endif
