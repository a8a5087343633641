/* Room text: patterns as states, and their matching (see pattern.h). The states are Thompson's;
 * matching keeps the set of live ones, each with the earliest place its match began. Threads stand
 * in the order of their begin, so the first to reach a state is the leftmost. */
#include "text/pattern.h"

#include <stdlib.h>

#include "text/pattern_internal.h"

struct gj_thread {
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
    b->states[b->count] = (struct gj_state){op, x, y};
    return b->count++;
}

static void build(struct builder *b, const struct gj_syntax *s);

static void build_choice(struct builder *b, const struct gj_syntax *s)
{
    uint32_t jumps[256];
    size_t count = 0;
    for (const struct gj_syntax *c = s->first; c != NULL && !b->full; c = c->next) {
        if (c->next == NULL) {
            build(b, c);
            break;
        }
        uint32_t split = emit(b, GJ_STATE_SPLIT, b->count + 1, 0);
        build(b, c);
        uint32_t jump = emit(b, GJ_STATE_JUMP, 0, 0);
        b->full |= count == 256;
        if (!b->full) {
            jumps[count++] = jump;
            b->states[split].b = b->count;
        }
    }
    for (size_t i = 0; i < count; i++) {
        b->states[jumps[i]].a = b->count;
    }
}

static void build_repeat(struct builder *b, const struct gj_syntax *s)
{
    for (uint32_t i = 0; i < s->min && !b->full; i++) {
        build(b, s->first);
    }
    if (s->max == GJ_UNBOUNDED) {
        uint32_t split = emit(b, GJ_STATE_SPLIT, b->count + 1, 0);
        build(b, s->first);
        emit(b, GJ_STATE_JUMP, split, 0);
        if (!b->full) {
            b->states[split].b = b->count;
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
        b->states[splits[i]].b = b->count;
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

/* The fewest characters that match; capped. */
static size_t least_length(const struct gj_syntax *s)
{
    size_t least = 0;
    switch (s->kind) {
    case GJ_SYN_CHAR:
    case GJ_SYN_SET:
    case GJ_SYN_ANY:
        return 1;
    case GJ_SYN_SEQUENCE:
        for (const struct gj_syntax *c = s->first; c != NULL; c = c->next) {
            least += least_length(c);
        }
        return least;
    case GJ_SYN_CHOICE:
        least = SIZE_MAX;
        for (const struct gj_syntax *c = s->first; c != NULL; c = c->next) {
            size_t length = least_length(c);
            least = length < least ? length : least;
        }
        return least;
    case GJ_SYN_REPEAT:
        return s->min > 0 ? least_length(s->first) : 0;
    case GJ_SYN_BEGIN:
    case GJ_SYN_END:
    default:
        return 0;
    }
}

/* The most characters that match; SIZE_MAX: without end. */
static size_t greatest_length(const struct gj_syntax *s)
{
    size_t greatest = 0;
    switch (s->kind) {
    case GJ_SYN_CHAR:
    case GJ_SYN_SET:
    case GJ_SYN_ANY:
        return 1;
    case GJ_SYN_SEQUENCE:
        for (const struct gj_syntax *c = s->first; c != NULL; c = c->next) {
            size_t length = greatest_length(c);
            greatest = length > SIZE_MAX - greatest ? SIZE_MAX : greatest + length;
        }
        return greatest;
    case GJ_SYN_CHOICE:
        for (const struct gj_syntax *c = s->first; c != NULL; c = c->next) {
            size_t length = greatest_length(c);
            greatest = length > greatest ? length : greatest;
        }
        return greatest;
    case GJ_SYN_REPEAT:
        greatest = greatest_length(s->first);
        if (greatest == 0 || s->max == 0) {
            return 0;
        }
        return s->max == GJ_UNBOUNDED || greatest > SIZE_MAX / s->max ? SIZE_MAX
                                                                      : greatest * s->max;
    case GJ_SYN_BEGIN:
    case GJ_SYN_END:
    default:
        return 0;
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
    *matcher = (struct gj_matcher){.states = states,
                                   .state_count = b->count,
                                   .sets = sets,
                                   .set_count = tree->set_count,
                                   .length_max = greatest_length(tree->root)};
    return matcher;
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
        } else if (state->op == GJ_STATE_JUMP) {
            stack[depth++] = state->a;
        } else if (state->op == GJ_STATE_BEGIN) {
            if (at_begin) {
                stack[depth++] = s + 1;
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

static size_t start_at(const struct gj_start *index, uint32_t mask, uint32_t cp)
{
    size_t at = (cp * 0x9E3779B1u >> 16) & mask;
    while (index[at].count != 0 && index[at].cp != cp) {
        at = (at + 1) & mask;
    }
    return at;
}

/* Notes a state, whose set is neither negated nor wide, at each character that it takes. */
static void note_taken(const struct gj_matcher *m, uint32_t state, struct gj_start *index,
                       uint32_t mask, uint32_t *states)
{
    const struct gj_state *s = &m->states[state];
    struct gj_range32 one = {s->a, s->a};
    const struct gj_set single = {.ranges = &one, .count = 1};
    const struct gj_set *set = s->op == GJ_STATE_CHAR ? &single : &m->sets[s->a];
    for (uint32_t r = 0; r < set->count; r++) {
        for (uint32_t cp = set->ranges[r].low; cp <= set->ranges[r].high; cp++) {
            struct gj_start *start = &index[start_at(index, mask, cp)];
            start->cp = cp;
            if (states != NULL) { /* the second round: `first` is known */
                states[start->first++] = state;
            } else {
                start->count++;
            }
        }
    }
}

/* The states of starts[1] by the characters they take, each list in their order. */
static int index_starts(struct gj_arena *arena, struct gj_matcher *m)
{
    size_t pairs = 0, size = 4;
    for (uint32_t i = 0; i < m->start_count[1]; i++) {
        const struct gj_state *s = &m->states[m->starts[1][i]];
        const struct gj_set *set = s->op == GJ_STATE_SET ? &m->sets[s->a] : NULL;
        pairs += set == NULL;
        for (uint32_t r = 0; set != NULL && r < set->count; r++) {
            pairs += (size_t)set->ranges[r].high - set->ranges[r].low + 1;
        }
    }
    while (size < pairs * 2) {
        size *= 2;
    }
    struct gj_start *index = gj_arena_array(arena, size, sizeof *index);
    uint32_t *states = gj_arena_array(arena, pairs + 1, sizeof *states);
    if (index == NULL || states == NULL) {
        return -1;
    }
    for (uint32_t i = 0; i < m->start_count[1]; i++) {
        note_taken(m, m->starts[1][i], index, (uint32_t)size - 1, NULL);
    }
    uint32_t first = 0;
    for (size_t i = 0; i < size; i++) {
        index[i].first = first;
        first += index[i].count;
    }
    for (uint32_t i = 0; i < m->start_count[1]; i++) {
        note_taken(m, m->starts[1][i], index, (uint32_t)size - 1, states);
    }
    for (size_t i = 0; i < size; i++) {
        index[i].first -= index[i].count;
    }
    m->index = index;
    m->index_mask = (uint32_t)size - 1;
    m->index_states = states;
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
        return 0;
    }
    return index_starts(arena, m);
}

/* Copies the alarm's literals out of the working arena. */
static int keep_alarm(struct gj_arena *arena, struct gj_matcher *matcher)
{
    struct gj_segment *alarm = &matcher->alarm;
    struct gj_str *literals = gj_arena_array(arena, alarm->count, sizeof *literals);
    for (size_t i = 0; literals != NULL && i < alarm->count; i++) {
        literals[i] = gj_arena_copy(arena, alarm->literals[i]);
    }
    alarm->literals = literals;
    return literals == NULL ? -1 : 0;
}

/* What tells cheaply that a text does not match. */
static int find_needs(struct gj_arena *arena, struct gj_arena *working,
                      const struct gj_syntax_tree *tree, struct gj_matcher *matcher,
                      struct gj_buf *why)
{
    struct gj_segment segments[GJ_SEGMENTS_MAX];
    size_t count = gj_pattern_literals(working, tree, segments);
    if (count == 0) {
        gj_buf_add_cstr(why, "it names no character that must occur; add one, or a small class");
        return -1;
    }
    matcher->alarm = segments[0];
    if (keep_alarm(arena, matcher) != 0 || find_first(arena, matcher) != 0 ||
        gj_pattern_needs(arena, segments + 1, count - 1, matcher) != 0) {
        gj_buf_add_cstr(why, "out of memory");
        return -1;
    }
    return 0;
}

const struct gj_matcher *gj_matcher_compile(struct gj_arena *arena, struct gj_str pattern,
                                            struct gj_buf *why)
{
    struct gj_arena working; /* the syntax is not kept */
    struct gj_syntax_tree tree;
    struct builder b = {.states = calloc(GJ_PATTERN_STATES_MAX, sizeof *b.states)};
    struct gj_matcher *matcher = NULL;
    gj_arena_init(&working);
    working.limit = 32u << 20;
    if (b.states == NULL) {
        gj_buf_add_cstr(why, "out of memory");
    } else if (gj_pattern_parse(&working, pattern, &tree, why) == 0) {
        build(&b, tree.root);
        emit(&b, GJ_STATE_MATCH, 0, 0);
        if (b.full) {
            gj_buf_add_cstr(why, "it is too large; shorten its repeats or split it");
        } else if (least_length(tree.root) == 0) {
            gj_buf_add_cstr(why, "it matches the empty text; make a part of it required");
        } else {
            matcher = keep(arena, &b, &tree, why);
        }
    }
    if (matcher != NULL && find_needs(arena, &working, &tree, matcher, why) != 0) {
        matcher = NULL;
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
    size_t at, count; /* the place in the text, and its end */
    struct gj_rung rung;
    size_t first, open; /* from `first` to before `open` a match may begin, as the alarm tells */
    bool found;
    uint32_t from, to; /* the match found: leftmost, longest so far */
};

/* Adds a state and all that follow without a character; a reached match is noted. */
static size_t add(struct run *r, struct gj_thread *list, size_t length, uint32_t state,
                  uint32_t from)
{
    uint32_t *stack = r->scratch->stack, *marks = r->scratch->marks;
    size_t depth = 0;
    stack[depth++] = state;
    while (depth > 0) {
        uint32_t s = stack[--depth];
        const struct gj_state *at = &r->matcher->states[s];
        if (marks[s] == r->scratch->generation) {
            continue;
        }
        marks[s] = r->scratch->generation;
        switch (at->op) {
        case GJ_STATE_JUMP:
            stack[depth++] = at->a;
            break;
        case GJ_STATE_SPLIT:
            stack[depth++] = at->b;
            stack[depth++] = at->a;
            break;
        case GJ_STATE_BEGIN:
            if (r->at == 0) {
                stack[depth++] = s + 1;
            }
            break;
        case GJ_STATE_END:
            if (r->at == r->count) {
                stack[depth++] = s + 1;
            }
            break;
        case GJ_STATE_MATCH:
            if (!r->found || from < r->from || (from == r->from && r->at > r->to)) {
                r->found = true;
                r->from = from;
                r->to = (uint32_t)r->at;
            }
            break;
        default:
            list[length++] = (struct gj_thread){s, from};
        }
    }
    return length;
}

static void next_generation(struct gj_match_scratch *scratch)
{
    if (++scratch->generation == 0) {
        memset(scratch->marks, 0, scratch->capacity * sizeof *scratch->marks);
        scratch->generation = 1;
    }
}

static bool accepts(const struct gj_matcher *m, const struct gj_state *state, uint32_t cp)
{
    return state->op == GJ_STATE_ANY ||
           (state->op == GJ_STATE_CHAR ? state->a == cp : gj_set_has(&m->sets[state->a], cp));
}

/* A match that begins with the character just taken: only the states that accept it are entered. */
static size_t start(struct run *r, struct gj_thread *then, size_t next, uint32_t cp)
{
    const struct gj_matcher *m = r->matcher;
    uint32_t from = (uint32_t)r->at - 1;
    if (from > 0 && m->index != NULL) {
        const struct gj_start *s = &m->index[start_at(m->index, m->index_mask, cp)];
        for (uint32_t i = 0; i < s->count; i++) {
            next = add(r, then, next, m->index_states[s->first + i] + 1, from);
        }
        return next;
    }
    const uint32_t *starts = m->starts[from > 0];
    for (uint32_t i = 0; i < m->start_count[from > 0]; i++) {
        if (accepts(m, &m->states[starts[i]], cp)) {
            next = add(r, then, next, starts[i] + 1, from);
        }
    }
    return next;
}

/* The first block from `block` on where the alarm rang; SIZE_MAX: none. */
static size_t next_rung(const struct gj_rung *rung, size_t block)
{
    for (size_t word = block / 64; word < rung->count; word++) {
        uint64_t ahead =
            rung->blocks[word] & (word == block / 64 ? UINT64_MAX << block % 64 : UINT64_MAX);
        if (ahead != 0) {
            return word * 64 + (size_t)__builtin_ctzll(ahead);
        }
    }
    return SIZE_MAX;
}

/* Where, from the present place on, a match may begin: not further before a place of the alarm than
 * a match is long. Beyond `first` of SIZE_MAX there is none. */
static void open_next(struct run *r)
{
    size_t block = r->rung.blocks == NULL ? 0 : next_rung(&r->rung, r->at >> r->rung.shift);
    if (block == SIZE_MAX || r->rung.blocks == NULL) {
        r->first = block;
        r->open = SIZE_MAX;
        return;
    }
    size_t first = block << r->rung.shift, before = r->matcher->length_max - 1;
    r->first = first > before ? first - before : 0;
    r->open = (block + 1) << r->rung.shift;
}

/* The leftmost-longest match from `begin` on; false when there is none. */
static bool search(struct run *r, const uint32_t *cps, size_t begin)
{
    struct gj_thread *now = r->scratch->threads[0], *then = r->scratch->threads[1];
    bool plain = r->matcher->plain_start, once = gj_matcher_begins_only(r->matcher);
    size_t live = 0;
    r->found = false;
    r->at = begin;
    open_next(r);
    next_generation(r->scratch);
    for (;;) {
        if (r->at >= r->open) {
            open_next(r);
        }
        if (live == 0 && !r->found && r->at < r->first) {
            if (r->first == SIZE_MAX) {
                return false;
            }
            r->at = r->first;
        }
        bool begins = !r->found && r->at >= r->first;
        if (!plain && begins) { /* this place's set is still open: a match may begin here */
            live = add(r, now, live, 0, (uint32_t)r->at);
        }
        if (r->at == r->count || (live == 0 && (r->found || (once && r->at > 0)))) {
            return r->found;
        }
        uint32_t cp = cps[r->at++];
        begins = begins && !r->found && plain && may_begin(r->matcher, cp);
        if (live == 0 && !begins) {
            continue;
        }
        size_t next = 0;
        next_generation(r->scratch);
        for (size_t i = 0; i < live; i++) {
            const struct gj_state *state = &r->matcher->states[now[i].state];
            if ((!r->found || now[i].from <= r->from) && accepts(r->matcher, state, cp)) {
                next = add(r, then, next, now[i].state + 1, now[i].from);
            }
        }
        if (begins && !r->found) {
            next = start(r, then, next, cp);
        }
        struct gj_thread *swapped = now;
        now = then;
        then = swapped;
        live = next;
    }
}

int gj_matcher_run(const struct gj_matcher *matcher, struct gj_match_scratch *scratch,
                   const uint32_t *cps, size_t count, struct gj_rung rung,
                   void (*each)(void *context, size_t from, size_t to), void *context)
{
    if (reserve(scratch, matcher->state_count) != 0) {
        return -1;
    }
    struct run r = {.matcher = matcher, .scratch = scratch, .count = count, .rung = rung};
    for (size_t begin = 0; begin < count && search(&r, cps, begin); begin = r.to) {
        each(context, r.from, r.to);
    }
    return 0;
}
