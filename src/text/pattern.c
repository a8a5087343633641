/* Room text: patterns as states, and their matching (see pattern.h). The states are Thompson's;
 * matching keeps the set of live ones, each with the earliest place its match began. Threads stand
 * in the order of their begin, so the first to reach a state is the leftmost. It looks ahead by one
 * character: what does not take the next one is never live. */
#include "text/pattern.h"

#include <stdlib.h>

#include "text/pattern_internal.h"

struct gj_thread { /* in `state` once the character at hand is taken */
    uint32_t state, from;
};

/* ---- compiling ---- */

struct builder {
    struct gj_state *states;
    uint32_t count;
    bool full;
};

static uint32_t emit(struct builder *b, uint8_t op, uint32_t x, uint32_t y)
{
    if (b->count >= GJ_PATTERN_STATES_MAX) {
        b->full = true;
        return 0;
    }
    b->states[b->count] = (struct gj_state){.op = op, .a = x, .b = (uint16_t)y};
    return b->count++;
}

static void build(struct builder *b, const struct gj_syntax *s);

#define CHOICES_MAX 256

struct choice {
    const struct gj_syntax *branches[CHOICES_MAX];
    uint32_t jumps[CHOICES_MAX]; /* from the end of each branch but the last */
    size_t jump_count;
};

/* The branches [first, end) as a tree of splits: the one that takes a character is found in few
 * steps. */
static void build_branches(struct builder *b, struct choice *choice, size_t first, size_t end)
{
    size_t middle = first + (end - first) / 2;
    if (middle == first) {
        build(b, choice->branches[first]);
        return;
    }
    uint32_t split = emit(b, GJ_STATE_SPLIT, b->count + 1, 0);
    build_branches(b, choice, first, middle);
    choice->jumps[choice->jump_count++] = emit(b, GJ_STATE_JUMP, 0, 0);
    if (!b->full) {
        b->states[split].b = (uint16_t)b->count;
        build_branches(b, choice, middle, end);
    }
}

static void build_choice(struct builder *b, const struct gj_syntax *s)
{
    struct choice choice = {.jump_count = 0};
    size_t count = 0;
    for (const struct gj_syntax *c = s->first; c != NULL; c = c->next) {
        b->full |= count == CHOICES_MAX;
        if (b->full) {
            return;
        }
        choice.branches[count++] = c;
    }
    if (count > 0) {
        build_branches(b, &choice, 0, count);
    }
    for (size_t i = 0; i < choice.jump_count && !b->full; i++) {
        b->states[choice.jumps[i]].a = b->count;
    }
}

static void build_repeat(struct builder *b, const struct gj_syntax *s)
{
    uint32_t before = UINT32_MAX; /* nothing is nothing, however often: ((a{0}){64}){64} ends */
    for (uint32_t i = 0; i < s->min && b->count != before && !b->full; i++) {
        before = b->count;
        build(b, s->first);
    }
    if (s->max == GJ_UNBOUNDED) {
        uint32_t split = emit(b, GJ_STATE_SPLIT, b->count + 1, 0);
        build(b, s->first);
        emit(b, GJ_STATE_JUMP, split, 0);
        if (!b->full) {
            b->states[split].b = (uint16_t)b->count;
        }
        return;
    }
    uint32_t splits[GJ_REPEAT_MAX];
    uint32_t count = 0;
    for (uint32_t i = s->min; i < s->max && !b->full; i++) {
        splits[count++] = emit(b, GJ_STATE_SPLIT, b->count + 1, 0);
        build(b, s->first);
    }
    for (uint32_t i = 0; i < count; i++) {
        b->states[splits[i]].b = (uint16_t)b->count;
    }
}

static void build(struct builder *b, const struct gj_syntax *s)
{
    switch (s->kind) {
    case GJ_SYN_CHAR:
        emit(b, GJ_STATE_CHAR, s->cp, 0);
        break;
    case GJ_SYN_SET:
        emit(b, GJ_STATE_SET, s->set, 0);
        break;
    case GJ_SYN_ANY:
        emit(b, GJ_STATE_ANY, 0, 0);
        break;
    case GJ_SYN_BEGIN:
        emit(b, GJ_STATE_BEGIN, 0, 0);
        break;
    case GJ_SYN_END:
        emit(b, GJ_STATE_END, 0, 0);
        break;
    case GJ_SYN_SEQUENCE:
        for (const struct gj_syntax *c = s->first; c != NULL && !b->full; c = c->next) {
            build(b, c);
        }
        break;
    case GJ_SYN_CHOICE:
        build_choice(b, s);
        break;
    case GJ_SYN_REPEAT:
        build_repeat(b, s);
        break;
    }
}

static struct gj_matcher *keep(struct gj_arena *arena, const struct builder *b,
                               const struct gj_syntax_tree *tree, struct gj_buf *why)
{
    struct gj_matcher *matcher = gj_arena_alloc(arena, sizeof *matcher);
    struct gj_state *states = gj_arena_array(arena, b->count, sizeof *states);
    struct gj_set *sets = gj_arena_array(arena, tree->set_count + 1, sizeof *sets);
    if (matcher == NULL || states == NULL || sets == NULL) {
        gj_buf_add_cstr(why, "out of memory");
        return NULL;
    }
    memcpy(states, b->states, b->count * sizeof *states);
    for (uint32_t i = 0; i < tree->set_count; i++) {
        sets[i] = tree->sets[i];
        sets[i].ranges = gj_arena_array(arena, sets[i].count + 1, sizeof *sets[i].ranges);
        if (sets[i].ranges == NULL) {
            gj_buf_add_cstr(why, "out of memory");
            return NULL;
        }
        memcpy(sets[i].ranges, tree->sets[i].ranges, sets[i].count * sizeof *sets[i].ranges);
    }
    *matcher = (struct gj_matcher){
        .states = states, .state_count = b->count, .sets = sets, .set_count = tree->set_count};
    return matcher;
}

/* ---- what may come next ---- */

static uint32_t behind_jumps(const struct gj_state *states, uint32_t at)
{
    while (states[at].op == GJ_STATE_JUMP) {
        at = states[at].a;
    }
    return at;
}

/* Spares matching the jumps; `b` of what takes a character becomes the state behind it. */
static void skip_jumps(struct gj_matcher *m)
{
    for (uint32_t i = 0; i < m->state_count; i++) {
        struct gj_state *state = &m->states[i];
        if (state->op == GJ_STATE_SPLIT) {
            state->a = behind_jumps(m->states, state->a);
            state->b = (uint16_t)behind_jumps(m->states, state->b);
        } else if (state->op < GJ_STATE_SPLIT || state->op == GJ_STATE_BEGIN ||
                   state->op == GJ_STATE_END) {
            state->b = (uint16_t)behind_jumps(m->states, i + 1);
        }
    }
}

static uint64_t bits_of_set(const struct gj_set *set)
{
    uint64_t bits = 0;
    for (uint32_t i = 0; i < set->count; i++) {
        if (set->negated || set->ranges[i].high - set->ranges[i].low > 128) {
            return ~GJ_TAKE_END;
        }
        for (uint32_t cp = set->ranges[i].low; cp <= set->ranges[i].high; cp++) {
            bits |= gj_take_bit(cp);
        }
    }
    return set->negated ? ~GJ_TAKE_END : bits;
}

static uint64_t bits_of(const struct gj_matcher *m, const struct gj_state *state)
{
    switch (state->op) {
    case GJ_STATE_CHAR:
        return gj_take_bit(state->a);
    case GJ_STATE_SET:
        return bits_of_set(&m->sets[state->a]);
    case GJ_STATE_ANY:
        return ~GJ_TAKE_END;
    case GJ_STATE_SPLIT:
        return m->states[state->a].takes | m->states[state->b].takes;
    case GJ_STATE_BEGIN:
        return m->states[state->b].takes;
    case GJ_STATE_END:
        return GJ_TAKE_END;
    case GJ_STATE_MATCH:
        return UINT64_MAX;
    default:
        return 0; /* a jump: it is skipped */
    }
}

/* States mostly lead onwards, so from the last to the first nearly all is known at once. */
static void find_takes(struct gj_matcher *m)
{
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = m->state_count; i-- > 0;) {
            uint64_t bits = bits_of(m, &m->states[i]);
            changed |= bits != m->states[i].takes;
            m->states[i].takes = bits;
        }
    }
}

/* ---- first characters ---- */

static unsigned first_bit(uint32_t cp)
{
    return (cp * 0x9E3779B1u) >> 24;
}

static bool may_begin(const struct gj_matcher *m, uint32_t cp)
{
    unsigned bit = first_bit(cp);
    return m->first[bit >> 6] >> (bit & 63) & 1;
}

static void note_first(struct gj_matcher *m, uint32_t cp)
{
    unsigned bit = first_bit(cp);
    m->first[bit >> 6] |= UINT64_C(1) << (bit & 63);
}

/* Notes what a state accepts; false when that is nearly everything. */
static bool note_state(struct gj_matcher *m, const struct gj_state *state)
{
    if (state->op == GJ_STATE_CHAR) {
        note_first(m, state->a);
        return true;
    }
    const struct gj_set *set = state->op == GJ_STATE_SET ? &m->sets[state->a] : NULL;
    if (set == NULL || set->negated) {
        return false;
    }
    for (uint32_t i = 0; i < set->count; i++) {
        if (set->ranges[i].high - set->ranges[i].low > 128) {
            return false;
        }
        for (uint32_t cp = set->ranges[i].low; cp <= set->ranges[i].high; cp++) {
            note_first(m, cp);
        }
    }
    return true;
}

/* The states that take the first character of a match, in order of preference; `at_begin` lets ^
 * pass. Returns 0, or -1 when out of memory. */
static int find_starts(struct gj_arena *arena, struct gj_matcher *m, bool at_begin, bool *all)
{
    uint32_t *stack = calloc(m->state_count * (size_t)2 + 2, sizeof *stack);
    uint32_t *starts = gj_arena_array(arena, m->state_count, sizeof *starts);
    bool *seen = calloc(m->state_count, sizeof *seen);
    size_t depth = 0;
    uint32_t count = 0;
    if (stack == NULL || starts == NULL || seen == NULL) {
        free(stack);
        free(seen);
        return -1;
    }
    stack[depth++] = 0;
    while (depth > 0) {
        uint32_t s = stack[--depth];
        const struct gj_state *state = &m->states[s];
        if (seen[s]) {
            continue;
        }
        seen[s] = true;
        if (state->op == GJ_STATE_SPLIT) {
            stack[depth++] = state->b;
            stack[depth++] = state->a;
        } else if (state->op == GJ_STATE_JUMP) { /* the first state of all may be one */
            stack[depth++] = state->a;
        } else if (state->op == GJ_STATE_BEGIN) {
            if (at_begin) {
                stack[depth++] = state->b;
            }
        } else if (state->op == GJ_STATE_END || state->op == GJ_STATE_MATCH) {
            m->plain_start = false;
        } else {
            starts[count++] = s;
            *all |= !note_state(m, state);
        }
    }
    m->starts[!at_begin] = starts;
    m->start_count[!at_begin] = count;
    free(stack);
    free(seen);
    return 0;
}

static int find_first(struct gj_arena *arena, struct gj_matcher *m)
{
    bool all = false;
    m->plain_start = true;
    if (find_starts(arena, m, true, &all) != 0 || find_starts(arena, m, false, &all) != 0) {
        return -1;
    }
    if (all || !m->plain_start) {
        memset(m->first, 0xFF, sizeof m->first);
    }
    return 0;
}

const struct gj_matcher *gj_matcher_compile(struct gj_arena *arena, struct gj_str pattern,
                                            struct gj_buf *why)
{
    struct gj_arena working; /* the syntax is not kept */
    struct gj_syntax_tree tree;
    struct builder b = {.states = malloc(GJ_PATTERN_STATES_MAX * sizeof *b.states)};
    struct gj_matcher *matcher = NULL;
    gj_arena_init(&working);
    working.limit = GJ_PATTERN_WORKING_MAX;
    if (b.states == NULL) {
        gj_buf_add_cstr(why, "out of memory");
    } else if (gj_pattern_parse(&working, pattern, &tree, why) == 0) {
        build(&b, tree.root);
        emit(&b, GJ_STATE_MATCH, 0, 0);
        if (b.full) {
            gj_buf_add_cstr(why, "it is too large; shorten its repeats or split it");
        } else if (gj_syntax_least(tree.root) == 0) {
            gj_buf_add_cstr(why, "it matches the empty text; make a part of it required");
        } else {
            matcher = keep(arena, &b, &tree, why);
        }
    }
    if (matcher != NULL) {
        skip_jumps(matcher);
        find_takes(matcher);
        if (find_first(arena, matcher) != 0) {
            gj_buf_add_cstr(why, "out of memory");
            matcher = NULL;
        }
    }
    free(b.states);
    gj_arena_release(&working);
    return matcher;
}

/* ---- matching ---- */

void gj_match_scratch_init(struct gj_match_scratch *scratch)
{
    *scratch = (struct gj_match_scratch){0};
}

void gj_match_scratch_release(struct gj_match_scratch *scratch)
{
    free(scratch->threads[0]);
    free(scratch->threads[1]);
    free(scratch->marks);
    free(scratch->stack);
    gj_match_scratch_init(scratch);
}

static int reserve(struct gj_match_scratch *scratch, size_t states)
{
    if (states <= scratch->capacity) {
        return 0;
    }
    gj_match_scratch_release(scratch);
    scratch->threads[0] = calloc(states, sizeof *scratch->threads[0]);
    scratch->threads[1] = calloc(states, sizeof *scratch->threads[1]);
    scratch->marks = calloc(states, sizeof *scratch->marks);
    scratch->stack = calloc(states * 2 + 2, sizeof *scratch->stack);
    if (scratch->threads[0] == NULL || scratch->threads[1] == NULL || scratch->marks == NULL ||
        scratch->stack == NULL) {
        gj_match_scratch_release(scratch);
        return -1;
    }
    scratch->capacity = states;
    return 0;
}

struct run {
    const struct gj_matcher *matcher;
    struct gj_match_scratch *scratch;
    const uint32_t *cps;
    size_t at, count; /* the place in the text, and its end */
    struct gj_rung rung;
    size_t first, open; /* from `first` to before `open` a match may begin, as the alarm tells */
    bool found;
    uint32_t from, to; /* the match found: leftmost, longest so far */
    size_t ahead; /* characters that may still be looked at behind matches found, for longer ones */
};

static void note_match(struct run *r, uint32_t from)
{
    if (!r->found || from < r->from || (from == r->from && r->at > r->to)) {
        r->found = true;
        r->from = from;
        r->to = (uint32_t)r->at;
    }
}

/* Follows a state that takes the next character, which `bit` stands for, to all that do so
 * themselves, and adds the threads that will have taken it; a reached match is noted. */
static size_t add(struct run *r, struct gj_thread *list, size_t length, struct gj_thread thread,
                  uint64_t bit)
{
    const struct gj_state *states = r->matcher->states;
    uint32_t *stack = r->scratch->stack, *marks = r->scratch->marks;
    uint32_t generation = r->scratch->generation, s = thread.state;
    size_t depth = 0;
    for (;;) {
        const struct gj_state *at = &states[s];
        bool ends = marks[s] == generation; /* an earlier thread is here */
        marks[s] = generation;
        if (!ends && at->op < GJ_STATE_SPLIT) {
            if (gj_state_accepts(r->matcher, at, r->cps[r->at])) {
                list[length++] = (struct gj_thread){at->b, thread.from};
            }
            ends = true;
        } else if (!ends && at->op == GJ_STATE_SPLIT) {
            s = at->a;
            if ((states[s].takes & bit) == 0) {
                s = at->b;
            } else if ((states[at->b].takes & bit) != 0) {
                stack[depth++] = at->b;
            }
        } else if (!ends && at->op == GJ_STATE_MATCH) {
            note_match(r, thread.from);
            ends = true;
        } else if (!ends) { /* ^, $ or a jump */
            s = at->op == GJ_STATE_JUMP ? at->a : at->b;
            ends = at->op == GJ_STATE_BEGIN && r->at > 0;
            ends |= (states[s].takes & bit) == 0;
        }
        if (ends) {
            if (depth == 0) {
                return length;
            }
            s = stack[--depth];
        }
    }
}

static void next_generation(struct gj_match_scratch *scratch)
{
    if (++scratch->generation == 0) {
        memset(scratch->marks, 0, scratch->capacity * sizeof *scratch->marks);
        scratch->generation = 1;
    }
}

/* Where, from the present place on, a match may begin. Beyond `first` of SIZE_MAX there is none. */
static void open_next(struct run *r)
{
    const struct gj_rung *rung = &r->rung;
    size_t block = rung->blocks == NULL ? 0 : r->at >> rung->shift, word = block / 64;
    r->first = r->open = SIZE_MAX;
    if (rung->blocks == NULL) {
        r->first = 0;
        return;
    }
    uint64_t ahead = word < rung->count ? rung->blocks[word] & UINT64_MAX << block % 64 : 0;
    while (ahead == 0 && ++word < rung->count) {
        ahead = rung->blocks[word];
    }
    if (ahead != 0) {
        unsigned bit = (unsigned)__builtin_ctzll(ahead);
        uint64_t behind = ~(ahead >> bit); /* a run of bits is one stretch */
        unsigned length = behind == 0 ? 64 : (unsigned)__builtin_ctzll(behind);
        r->first = (word * 64 + bit) << rung->shift;
        r->open = (word * 64 + bit + length) << rung->shift;
    }
}

/* Goes on to where a match may begin; false when there is no such place. */
static bool skip(struct run *r)
{
    for (;;) {
        if (r->at >= r->open) {
            open_next(r);
        }
        if (r->first == SIZE_MAX) {
            return false;
        }
        r->at = r->at < r->first ? r->first : r->at;
        if (!r->matcher->plain_start) {
            return true;
        }
        if (r->at > 0 && gj_matcher_begins_only(r->matcher)) {
            return false;
        }
        size_t end = r->open < r->count ? r->open : r->count;
        while (r->at < end && !may_begin(r->matcher, r->cps[r->at])) {
            r->at++;
        }
        if (r->at < end || end == r->count) {
            return r->at < end;
        }
    }
}

/* The leftmost-longest match from `begin` on; false when there is none, or r->ahead is spent. */
static bool search(struct run *r, size_t begin)
{
    struct gj_thread *live = r->scratch->threads[0], *next = r->scratch->threads[1];
    const struct gj_state *states = r->matcher->states;
    size_t count = 0; /* of `live`: they have taken the character before this place */
    r->found = false;
    r->at = begin;
    open_next(r);
    for (;; r->at++) {
        if (r->found && r->ahead == 0) {
            return false;
        }
        r->ahead -= r->found;
        if (count == 0 && (r->found || !skip(r))) {
            return r->found;
        }
        if (r->at >= r->open) {
            open_next(r);
        }
        bool ends = r->at == r->count, begins = !r->found && r->at >= r->first;
        uint64_t bit = ends ? GJ_TAKE_END : gj_take_bit(r->cps[r->at]);
        size_t taken = 0;
        next_generation(r->scratch);
        for (size_t i = 0; i < count; i++) {
            if ((states[live[i].state].takes & bit) != 0 &&
                (!r->found || live[i].from <= r->from)) {
                taken = add(r, next, taken, live[i], bit);
            }
        }
        if (begins && (states[0].takes & bit) != 0) {
            taken = add(r, next, taken, (struct gj_thread){0, (uint32_t)r->at}, bit);
        }
        if (ends) {
            return r->found;
        }
        struct gj_thread *swapped = live;
        live = next;
        next = swapped;
        count = taken;
    }
}

#define AHEAD_MAX 4 /* times the text, and some more */

int gj_matcher_run(const struct gj_matcher *matcher, struct gj_match_scratch *scratch,
                   const uint32_t *cps, size_t count, struct gj_rung rung,
                   void (*each)(void *context, size_t from, size_t to), void *context)
{
    if (reserve(scratch, matcher->state_count) != 0) {
        return -1;
    }
    struct run r = {.matcher = matcher,
                    .scratch = scratch,
                    .cps = cps,
                    .count = count,
                    .rung = rung,
                    .ahead = AHEAD_MAX * (count + 1024)};
    size_t begin = 0;
    for (; begin < count && search(&r, begin); begin = r.to) {
        each(context, r.from, r.to);
    }
    return r.ahead == 0 ? gj_matcher_run_far(matcher, cps, count, begin, each, context) : 0;
}
