/* Room text: what makes a text worth matching: a literal of the alarm, and one character or pair of
 * each other set that a pattern needs (see pattern.h). */
#include "base/utf8.h"
#include "text/pattern_internal.h"

#define BEGINS_MAX 128 /* characters that a match may begin with, spelt out */

struct needs {
    uint16_t *keys; /* room for all */
    size_t count;
};

/* The first two characters of a literal, or its only one. */
static uint16_t key_of(struct gj_str literal)
{
    unsigned len = 0, rest = 0;
    uint32_t first = gj_utf8_decode(literal.ptr, &len);
    uint32_t next = len < literal.len ? gj_utf8_decode(literal.ptr + len, &rest) : 0;
    return gj_presence_key(first, next);
}

static void add(struct needs *needs, size_t set, uint16_t key)
{
    for (size_t i = set + 1; i < needs->count; i++) {
        if (needs->keys[i] == key) {
            return;
        }
    }
    needs->keys[needs->count++] = key;
    needs->keys[set]++;
}

static void add_segment(struct needs *needs, const struct gj_segment *segment)
{
    size_t set = needs->count++;
    for (size_t i = 0; i < segment->count; i++) {
        add(needs, set, key_of(segment->literals[i]));
    }
}

/* How many characters a state takes, BEGINS_MAX + 1 when too many to spell out. */
static size_t width_of(const struct gj_matcher *m, const struct gj_state *state)
{
    if (state->op == GJ_STATE_CHAR) {
        return 1;
    }
    const struct gj_set *set = state->op == GJ_STATE_SET ? &m->sets[state->a] : NULL;
    size_t width = set == NULL || set->negated ? BEGINS_MAX + 1 : 0;
    for (uint32_t i = 0; width <= BEGINS_MAX && i < set->count; i++) {
        width += (size_t)set->ranges[i].high - set->ranges[i].low + 1;
    }
    return width <= BEGINS_MAX ? width : BEGINS_MAX + 1;
}

/* A pattern that matches at the text's begin alone: what the text must begin with. */
static void add_begins(struct needs *needs, const struct gj_matcher *m)
{
    size_t width = 0, set = needs->count;
    for (uint32_t i = 0; i < m->start_count[0] && width <= BEGINS_MAX; i++) {
        width += width_of(m, &m->states[m->starts[0][i]]);
    }
    if (!gj_matcher_begins_only(m) || width > BEGINS_MAX) {
        return;
    }
    needs->count++;
    for (uint32_t i = 0; i < m->start_count[0]; i++) {
        const struct gj_state *state = &m->states[m->starts[0][i]];
        struct gj_range32 one = {state->a, state->a};
        const struct gj_set single = {.ranges = &one, .count = 1};
        const struct gj_set *taken = state->op == GJ_STATE_CHAR ? &single : &m->sets[state->a];
        for (uint32_t r = 0; r < taken->count; r++) {
            for (uint32_t cp = taken->ranges[r].low; cp <= taken->ranges[r].high; cp++) {
                add(needs, set, gj_presence_key(GJ_PRESENCE_BEGIN, cp));
            }
        }
    }
}

/* `segments`: but the alarm. */
static int find_needs(struct gj_arena *arena, const struct gj_segment *segments, size_t count,
                      const struct gj_matcher *matcher, struct gj_wake *out)
{
    size_t room = GJ_NEEDS_SETS + BEGINS_MAX + 2 + count;
    for (size_t i = 0; i < count; i++) {
        room += segments[i].count;
    }
    struct needs needs = {.keys = gj_arena_array(arena, room, sizeof *needs.keys)};
    if (needs.keys == NULL) {
        return -1;
    }
    needs.keys[GJ_NEEDS_LEAST] = (uint16_t)out->alarm.least;
    needs.keys[GJ_NEEDS_MOST] = (uint16_t)out->alarm.most;
    needs.count = GJ_NEEDS_SETS;
    add_begins(&needs, matcher);
    for (size_t i = 0; i < count; i++) {
        add_segment(&needs, &segments[i]);
    }
    needs.keys[needs.count++] = 0;
    out->needs = needs.keys;
    out->needs_len = needs.count;
    return 0;
}

/* Copies the alarm's literals out of the working arena. */
static int keep_alarm(struct gj_arena *arena, struct gj_segment *alarm)
{
    struct gj_str *literals = gj_arena_array(arena, alarm->count, sizeof *literals);
    for (size_t i = 0; literals != NULL && i < alarm->count; i++) {
        literals[i] = gj_arena_copy(arena, alarm->literals[i]);
    }
    alarm->literals = literals;
    return literals == NULL || arena->failed ? -1 : 0;
}

int gj_pattern_wake(struct gj_arena *arena, struct gj_str pattern, const struct gj_matcher *matcher,
                    bool disguised, struct gj_wake *out, struct gj_buf *why)
{
    struct gj_arena working; /* the syntax and the other segments are not kept */
    struct gj_syntax_tree tree;
    struct gj_segment segments[GJ_SEGMENTS_MAX];
    gj_arena_init(&working);
    working.limit = GJ_PATTERN_WORKING_MAX;
    int status = gj_pattern_parse(&working, pattern, &tree, why);
    size_t count = status != 0 ? 0 : gj_pattern_literals(&working, &tree, disguised, segments);
    if (status == 0 && count == 0) {
        gj_buf_add_cstr(why,
                        working.failed
                            ? "out of memory"
                            : "it names no character that must occur; add one, or a small class");
        status = -1;
    }
    if (status == 0) {
        out->alarm = segments[0];
        if (keep_alarm(arena, &out->alarm) != 0 ||
            (matcher != NULL && find_needs(arena, segments + 1, count - 1, matcher, out) != 0)) {
            gj_buf_add_cstr(why, "out of memory");
            status = -1;
        }
    }
    gj_arena_release(&working);
    return status;
}

static inline bool has(const struct gj_presence *presence, uint32_t key)
{
    return presence->bits[key >> 6] >> (key & 63) & 1;
}

/* Most sets are not met, and all of their keys are looked up: by fours. */
static bool has_any(const struct gj_presence *presence, const uint16_t *keys, size_t count)
{
    const uint16_t *end = keys + count;
    for (; end - keys >= 4; keys += 4) {
        if (has(presence, keys[0]) || has(presence, keys[1]) || has(presence, keys[2]) ||
            has(presence, keys[3])) {
            return true;
        }
    }
    for (; keys < end; keys++) {
        if (has(presence, *keys)) {
            return true;
        }
    }
    return false;
}

bool gj_presence_meets(const struct gj_presence *presence, const uint16_t *needs)
{
    for (needs += GJ_NEEDS_SETS; *needs != 0; needs += *needs + 1) {
        if (!has_any(presence, needs + 1, *needs)) {
            return false;
        }
    }
    return true;
}

void gj_presence_note(struct gj_presence *presence, const uint32_t *cps, size_t count, bool present)
{
    uint32_t before = GJ_PRESENCE_BEGIN;
    for (size_t i = 0; i < count; i++) {
        uint16_t keys[2] = {gj_presence_key(cps[i], 0), gj_presence_key(before, cps[i])};
        before = cps[i];
        for (int k = 0; k < 2; k++) {
            uint64_t bit = UINT64_C(1) << (keys[k] & 63);
            presence->bits[keys[k] >> 6] = present ? presence->bits[keys[k] >> 6] | bit : 0;
        }
    }
}
