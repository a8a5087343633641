/* Room text, inside: what pattern_parse.c (syntax), pattern_length.c,
 * pattern_literals.c (segments), pattern_needs.c, pattern.c (states and matching) and pattern_far.c
 * (matching) share. */
#ifndef GJ_TEXT_PATTERN_INTERNAL_H
#define GJ_TEXT_PATTERN_INTERNAL_H

#include "text/pattern.h"

#define GJ_REPEAT_MAX          64 /* of {m,n} */
#define GJ_UNBOUNDED           UINT32_MAX
#define GJ_PATTERN_WORKING_MAX (32u << 20) /* bytes: the syntax of a pattern, and its literals */

struct gj_range32 {
    uint32_t low, high;
};

struct gj_set {
    struct gj_range32 *ranges; /* sorted, apart */
    uint32_t count;
    bool negated;
    uint64_t ascii[2]; /* which of the first 128 are in it, negation applied */
};

enum gj_syntax_kind {
    GJ_SYN_CHAR,
    GJ_SYN_SET,
    GJ_SYN_ANY,
    GJ_SYN_BEGIN,
    GJ_SYN_END,
    GJ_SYN_SEQUENCE, /* children by next */
    GJ_SYN_CHOICE,   /* children by next */
    GJ_SYN_REPEAT    /* one child */
};

struct gj_syntax {
    enum gj_syntax_kind kind;
    uint32_t cp;       /* char */
    uint32_t set;      /* set */
    uint32_t min, max; /* repeat */
    struct gj_syntax *first, *next;
};

struct gj_syntax_tree {
    struct gj_syntax *root;
    struct gj_set *sets;
    uint32_t set_count;
};

/* pattern_parse.c. 0, or -1 with the reason in `why`. */
int gj_pattern_parse(struct gj_arena *arena, struct gj_str pattern, struct gj_syntax_tree *out,
                     struct gj_buf *why);

/* pattern_length.c. The fewest and the most characters that match; GJ_REACH_FAR: that many or more.
 */
uint32_t gj_syntax_least(const struct gj_syntax *s);
uint32_t gj_syntax_most(const struct gj_syntax *s);

/* pattern_literals.c. The segments, the best alarm first; how many, 0 when there is no literal at
 * all. */
size_t gj_pattern_literals(struct gj_arena *arena, const struct gj_syntax_tree *tree,
                           bool disguised, struct gj_segment segments[GJ_SEGMENTS_MAX]);

enum gj_state_op {
    GJ_STATE_CHAR,
    GJ_STATE_SET,
    GJ_STATE_ANY,
    GJ_STATE_SPLIT,
    GJ_STATE_JUMP,
    GJ_STATE_BEGIN,
    GJ_STATE_END,
    GJ_STATE_MATCH
};

struct gj_state {
    uint8_t op;     /* enum gj_state_op */
    uint16_t b;     /* the other next state of a split */
    uint32_t a;     /* character, set or next state */
    uint64_t takes; /* gj_take_bit of all that may come next here; of a match: all bits */
};

/* What comes next in a text, a character or the end, as one bit by hash: a state whose `takes`
 * lacks it leads nowhere. */
#define GJ_TAKE_END UINT64_C(1)
static inline uint64_t gj_take_bit(uint32_t cp)
{
    return GJ_TAKE_END << (1 + ((uint64_t)(cp * 0x9E3779B1u) * 63 >> 32));
}

/* Whether a match can begin with the text alone. */
static inline bool gj_matcher_begins_only(const struct gj_matcher *matcher)
{
    return matcher->plain_start && matcher->start_count[1] == 0;
}

bool gj_set_has(const struct gj_set *set, uint32_t cp);

/* Of a state that takes a character. */
static inline bool gj_state_accepts(const struct gj_matcher *m, const struct gj_state *state,
                                    uint32_t cp)
{
    return state->op == GJ_STATE_ANY ||
           (state->op == GJ_STATE_CHAR ? state->a == cp : gj_set_has(&m->sets[state->a], cp));
}

/* pattern_far.c. As gj_matcher_run, from `from` on, wherever a match may begin. */
int gj_matcher_run_far(const struct gj_matcher *matcher, const uint32_t *cps, size_t count,
                       size_t from, void (*each)(void *context, size_t from, size_t to),
                       void *context);

#endif
