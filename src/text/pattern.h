/* Room text: patterns, the small regular expressions of lexicons, on folded code points.
 *
 *   characters, [classes], [^classes], ., (a|b), (?:a|b), ? * + {m,n}, ^ $, \d \w \s and escaped
 * signs
 *
 * No back-references, no look-around. Matching is linear in the text (a set of states, never
 * backtracking) and finds the leftmost, then longest, matches. Since most patterns occur in few
 * messages, each names *segments*: sets of short literals of which at least one must stand in the
 * text, for every segment. The scan looks for these literals; only a text that holds some of each
 * segment is matched at all (docs/decisions/0002). */
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
};

/* Which characters stand in a text, by hash: a cheap test before a pattern is matched. */
#define GJ_PRESENCE_WORDS 16
struct gj_presence {
    uint64_t bits[GJ_PRESENCE_WORDS];
};

static inline void gj_presence_add(struct gj_presence *presence, uint32_t cp)
{
    uint32_t bit = (cp * 0x9E3779B1u) >> 22;
    presence->bits[bit >> 6] |= UINT64_C(1) << (bit & 63);
}

struct gj_matcher {
    struct gj_state *states;
    uint32_t state_count, set_count;
    struct gj_set *sets;
    uint64_t first[4]; /* by hash: the characters that a match may begin with */
    const uint32_t
        *starts[2]; /* states that take the first character: at the text's begin, elsewhere */
    uint32_t start_count[2];
    bool plain_start;        /* false: the pattern may begin with $, and starts says nothing */
    struct gj_segment alarm; /* the most selective segment: what the scan looks for */
    struct gj_presence
        needs[GJ_SEGMENTS_MAX]; /* per segment: the first characters of its literals */
    size_t need_count;
};

/* Whether a text with these characters may match at all. */
bool gj_matcher_may(const struct gj_matcher *matcher, const struct gj_presence *presence);

/* Compiles into the arena. NULL with the reason and remedy in `why`. */
const struct gj_matcher *gj_matcher_compile(struct gj_arena *arena, struct gj_str pattern,
                                            struct gj_buf *why);

/* Working memory of one thread; reused. */
struct gj_match_scratch {
    struct gj_thread *threads[2];
    uint32_t *marks, *stack;
    size_t capacity;
    uint32_t generation;
};
void gj_match_scratch_init(struct gj_match_scratch *scratch);
void gj_match_scratch_release(struct gj_match_scratch *scratch);

/* Calls `each` for each match, as indexes into `cps` (half open), in order, not overlapping.
 * Returns 0, or -1 when out of memory. */
int gj_matcher_run(const struct gj_matcher *matcher, struct gj_match_scratch *scratch,
                   const uint32_t *cps, size_t count,
                   void (*each)(void *context, size_t from, size_t to), void *context);

#endif
