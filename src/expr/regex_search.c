/* Room expr: regular expressions, the search: all states of the program step over the text
 * together, one code point at a time; a state is entered at most once a place, so the time is at
 * most (length of the text) x (length of the program). */
#include "base/utf8.h"
#include "expr/regex_internal.h"

#define NO_CHAR UINT32_MAX /* before the first, behind the last code point */

struct states {
    uint16_t items[GJ_REGEX_PROGRAM_MAX];
    uint32_t count;
};

struct search {
    const struct gj_regex *regex;
    uint32_t marks[GJ_REGEX_PROGRAM_MAX]; /* the place (+ 1) at which a state was last entered */
    uint16_t stack[GJ_REGEX_PROGRAM_MAX];
    uint32_t place;
    uint32_t before, after; /* the code points around the place */
    bool matched;
};

static bool in_set(const struct gj_re_set *set, uint32_t cp)
{
    uint32_t low = 0; /* the first range that does not end before cp is at low..high */
    uint32_t high = set->count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (set->ranges[middle].high < cp) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return (low < set->count && set->ranges[low].low <= cp) != set->negated;
}

static bool is_word(uint32_t cp)
{
    return (cp >= '0' && cp <= '9') || (cp >= 'A' && cp <= 'Z') || (cp >= 'a' && cp <= 'z') ||
           cp == '_';
}

static bool holds(const struct search *s, enum gj_re_assert assert)
{
    switch (assert) {
    case GJ_RE_TEXT_BEGIN:
        return s->before == NO_CHAR;
    case GJ_RE_TEXT_END:
        return s->after == NO_CHAR;
    case GJ_RE_LINE_BEGIN:
        return s->before == NO_CHAR || s->before == '\n';
    case GJ_RE_LINE_END:
        return s->after == NO_CHAR || s->after == '\n';
    case GJ_RE_WORD:
        return is_word(s->before) != is_word(s->after);
    case GJ_RE_NOT_WORD:
        return is_word(s->before) == is_word(s->after);
    }
    return false;
}

static uint32_t push(struct search *s, uint32_t depth, uint16_t state)
{
    if (s->marks[state] != s->place) {
        s->marks[state] = s->place;
        s->stack[depth++] = state;
    }
    return depth;
}

/* Enters `state` at the present place, and all that it leads to without reading. */
static void enter(struct search *s, struct states *states, uint16_t state)
{
    uint32_t depth = push(s, 0, state);
    while (depth > 0) {
        uint16_t at = s->stack[--depth];
        const struct gj_re_inst *inst = &s->regex->program[at];
        switch (inst->op) {
        case GJ_RE_OP_SET:
            states->items[states->count++] = at;
            break;
        case GJ_RE_OP_SPLIT:
            depth = push(s, depth, inst->y);
            depth = push(s, depth, inst->x);
            break;
        case GJ_RE_OP_JUMP:
            depth = push(s, depth, inst->x);
            break;
        case GJ_RE_OP_ASSERT:
            if (holds(s, inst->assert)) {
                depth = push(s, depth, (uint16_t)(at + 1));
            }
            break;
        case GJ_RE_OP_MATCH:
            s->matched = true;
            break;
        }
    }
}

bool gj_regex_search(const struct gj_regex *regex, struct gj_str text, uint64_t *steps)
{
    struct search s;
    struct states both[2];
    struct states *now = &both[0];
    struct states *next = &both[1];
    s.regex = regex;
    s.matched = false;
    s.before = NO_CHAR;
    s.place = 1;
    memset(s.marks, 0, regex->count * sizeof s.marks[0]);
    now->count = 0;
    for (size_t at = 0; *steps > 0; s.place++) {
        unsigned len = 0;
        s.after = at < text.len ? gj_utf8_decode(text.ptr + at, &len) : NO_CHAR;
        next->count = 0;
        for (uint32_t i = 0; i < now->count; i++) { /* over the code point before */
            if (in_set(regex->program[now->items[i]].set, s.before)) {
                enter(&s, next, (uint16_t)(now->items[i] + 1));
            }
        }
        enter(&s, next, 0); /* a match may begin at each place */
        uint64_t work = 1 + (uint64_t)now->count + next->count;
        *steps = work < *steps ? *steps - work : 0;
        if (s.matched || s.after == NO_CHAR) {
            break;
        }
        struct states *swap = now;
        now = next;
        next = swap;
        s.before = s.after;
        at += len;
    }
    return s.matched;
}
