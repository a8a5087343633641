/* Room text: the syntax of patterns, by recursive descent (see pattern.h). */
#include "base/utf8.h"
#include "text/pattern_internal.h"

#define SETS_MAX  200
#define DEPTH_MAX 30

struct parser {
    struct gj_arena *arena;
    const char *at, *begin, *end;
    struct gj_syntax_tree *out;
    struct gj_buf *why;
    int depth;
};

static struct gj_syntax *choice(struct parser *p);

static struct gj_syntax *refuse(struct parser *p, const char *reason)
{
    if (p->why->len == 0) {
        size_t points = gj_utf8_count((struct gj_str){p->begin, (size_t)(p->at - p->begin)});
        gj_buf_addf(p->why, "%s (character %zu of the pattern)", reason, points + 1);
    }
    return NULL;
}

static struct gj_syntax *node(struct parser *p, enum gj_syntax_kind kind)
{
    struct gj_syntax *made = gj_arena_alloc(p->arena, sizeof *made);
    if (made == NULL) {
        return refuse(p, "out of memory");
    }
    made->kind = kind;
    return made;
}

static uint32_t take(struct parser *p)
{
    unsigned len = 0;
    uint32_t cp = gj_utf8_decode(p->at, &len);
    p->at += len;
    return cp;
}

static bool next_is(const struct parser *p, char c)
{
    return p->at < p->end && *p->at == c;
}

/* ---- sets ---- */

bool gj_set_has(const struct gj_set *set, uint32_t cp)
{
    if (cp < 128) {
        return set->ascii[cp >> 6] >> (cp & 63) & 1;
    }
    uint32_t low = 0, high = set->count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (set->ranges[middle].high < cp) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool inside = low < set->count && set->ranges[low].low <= cp;
    return inside != set->negated;
}

static void sort_ranges(struct gj_set *set)
{
    for (uint32_t i = 1; i < set->count; i++) {
        struct gj_range32 moved = set->ranges[i];
        uint32_t at = i;
        for (; at > 0 && set->ranges[at - 1].low > moved.low; at--) {
            set->ranges[at] = set->ranges[at - 1];
        }
        set->ranges[at] = moved;
    }
    uint32_t kept = 0;
    for (uint32_t i = 1; i < set->count; i++) {
        struct gj_range32 *last = &set->ranges[kept];
        if (set->ranges[i].low <= last->high + 1) {
            last->high = set->ranges[i].high > last->high ? set->ranges[i].high : last->high;
        } else {
            set->ranges[++kept] = set->ranges[i];
        }
    }
    set->count = set->count > 0 ? kept + 1 : 0;
}

static void finish_set(struct gj_set *set)
{
    sort_ranges(set);
    for (uint32_t cp = 0; cp < 128; cp++) {
        bool inside = false;
        for (uint32_t i = 0; i < set->count && !inside; i++) {
            inside = set->ranges[i].low <= cp && cp <= set->ranges[i].high;
        }
        if (inside != set->negated) {
            set->ascii[cp >> 6] |= UINT64_C(1) << (cp & 63);
        }
    }
}

static void add_range(struct gj_set *set, uint32_t low, uint32_t high)
{
    set->ranges[set->count++] = (struct gj_range32){low, high};
}

/* The ranges of \d, \w, \s; false for another letter. */
static bool add_class(struct gj_set *set, char letter)
{
    switch (letter) {
    case 'd':
        add_range(set, '0', '9');
        return true;
    case 'w':
        add_range(set, '0', '9');
        add_range(set, 'a', 'z');
        add_range(set, '_', '_');
        return true;
    case 's':
        add_range(set, ' ', ' ');
        add_range(set, '\t', '\r');
        return true;
    default:
        return false;
    }
}

static struct gj_set *set_new(struct parser *p, size_t ranges)
{
    if (p->out->set_count == SETS_MAX) {
        refuse(p, "more than 200 classes; split the pattern");
        return NULL;
    }
    struct gj_set *set = &p->out->sets[p->out->set_count];
    *set = (struct gj_set){0};
    set->ranges = gj_arena_array(p->arena, ranges + 4, sizeof *set->ranges);
    if (set->ranges == NULL) {
        refuse(p, "out of memory");
        return NULL;
    }
    return set;
}

static struct gj_syntax *set_node(struct parser *p, struct gj_set *set)
{
    finish_set(set);
    struct gj_syntax *made = node(p, GJ_SYN_SET);
    if (made != NULL) {
        made->set = p->out->set_count++;
    }
    return made;
}

static bool is_sign(uint32_t cp)
{
    return cp < 0x80 && cp > 0x20 &&
           !((cp >= '0' && cp <= '9') || (cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z'));
}

static struct gj_syntax *bracket(struct parser *p)
{
    struct gj_set *set = set_new(p, (size_t)(p->end - p->at) * 3);
    if (set == NULL) {
        return NULL;
    }
    if (next_is(p, '^')) {
        set->negated = true;
        p->at++;
    }
    for (bool first = true; p->at < p->end && (*p->at != ']' || first); first = false) {
        uint32_t low = take(p);
        if (low == '\\' && p->at < p->end) {
            low = take(p);
            if (low < 0x80 && add_class(set, (char)low)) {
                continue;
            }
            if (!is_sign(low)) {
                return refuse(p, "unknown escape; use \\d, \\w, \\s or an escaped sign");
            }
        } else if (low == '[' && next_is(p, ':')) {
            return refuse(p, "named classes are not supported; list the characters");
        }
        uint32_t high = low;
        if (next_is(p, '-') && p->at + 1 < p->end && p->at[1] != ']') {
            p->at++;
            high = take(p);
            if (high == '\\' && p->at < p->end && !is_sign(high = take(p))) {
                return refuse(p, "a range ends in a character or an escaped sign");
            }
        }
        if (high < low) {
            return refuse(p, "a range runs backwards");
        }
        add_range(set, low, high);
    }
    if (!next_is(p, ']')) {
        return refuse(p, "a class [ is not closed by ]");
    }
    p->at++;
    return set->count == 0 ? refuse(p, "a class is empty") : set_node(p, set);
}

static struct gj_syntax *escape(struct parser *p)
{
    if (p->at == p->end) {
        return refuse(p, "the pattern ends in a backslash");
    }
    uint32_t cp = take(p);
    if (cp == 'd' || cp == 'w' || cp == 's') {
        struct gj_set *set = set_new(p, 4);
        if (set == NULL) {
            return NULL;
        }
        add_class(set, (char)cp);
        return set_node(p, set);
    }
    if (!is_sign(cp)) {
        return refuse(p, "unknown escape; use \\d, \\w, \\s or an escaped sign");
    }
    struct gj_syntax *made = node(p, GJ_SYN_CHAR);
    if (made != NULL) {
        made->cp = cp;
    }
    return made;
}

static struct gj_syntax *group(struct parser *p)
{
    if (next_is(p, '?')) {
        if (p->end - p->at < 2 || p->at[1] != ':') {
            return refuse(p, "look-around and flags are not supported; use (?:...) or (...)");
        }
        p->at += 2;
    }
    if (++p->depth > DEPTH_MAX) {
        return refuse(p, "groups are nested too deeply");
    }
    struct gj_syntax *inner = choice(p);
    p->depth--;
    if (inner != NULL && !next_is(p, ')')) {
        return refuse(p, "a group ( is not closed by )");
    }
    p->at += inner != NULL;
    return inner;
}

static struct gj_syntax *atom(struct parser *p)
{
    char c = *p->at;
    switch (c) {
    case '(':
        p->at++;
        return group(p);
    case '[':
        p->at++;
        return bracket(p);
    case '\\':
        p->at++;
        return escape(p);
    case '.':
        p->at++;
        return node(p, GJ_SYN_ANY);
    case '^':
        p->at++;
        return node(p, GJ_SYN_BEGIN);
    case '$':
        p->at++;
        return node(p, GJ_SYN_END);
    case '*':
    case '+':
    case '?':
    case '{':
        return refuse(p, "there is nothing to repeat; escape the sign with a backslash");
    default: {
        struct gj_syntax *made = node(p, GJ_SYN_CHAR);
        if (made != NULL) {
            made->cp = take(p);
        }
        return made;
    }
    }
}

static bool number(struct parser *p, uint32_t *out)
{
    const char *from = p->at;
    *out = 0;
    while (p->at < p->end && *p->at >= '0' && *p->at <= '9' && *out <= GJ_REPEAT_MAX) {
        *out = *out * 10 + (uint32_t)(*p->at++ - '0');
    }
    return p->at > from;
}

/* {m}, {m,}, {m,n}; false after telling. */
static bool braces(struct parser *p, uint32_t *min, uint32_t *max)
{
    if (!number(p, min)) {
        refuse(p, "a count must be {m}, {m,} or {m,n}");
        return false;
    }
    *max = *min;
    if (next_is(p, ',')) {
        p->at++;
        *max = GJ_UNBOUNDED;
        if (!next_is(p, '}') && !number(p, max)) {
            refuse(p, "a count must be {m}, {m,} or {m,n}");
            return false;
        }
    }
    if (!next_is(p, '}') || *max < *min || *min > GJ_REPEAT_MAX ||
        (*max > GJ_REPEAT_MAX && *max != GJ_UNBOUNDED)) {
        refuse(p, "a count must be {m,n} with m <= n <= 64");
        return false;
    }
    p->at++;
    return true;
}

static struct gj_syntax *repeated(struct parser *p)
{
    struct gj_syntax *inner = atom(p);
    while (inner != NULL && p->at < p->end && strchr("*+?{", *p->at) != NULL) {
        uint32_t min = 0, max = GJ_UNBOUNDED;
        char c = *p->at++;
        if (c == '+') {
            min = 1;
        } else if (c == '?') {
            max = 1;
        } else if (c == '{' && !braces(p, &min, &max)) {
            return NULL;
        }
        if (next_is(p, '?')) { /* lazy: the longest match is taken all the same */
            p->at++;
        }
        struct gj_syntax *made = node(p, GJ_SYN_REPEAT);
        if (made == NULL) {
            return NULL;
        }
        made->min = min;
        made->max = max;
        made->first = inner;
        inner = made;
    }
    return inner;
}

static struct gj_syntax *sequence(struct parser *p)
{
    struct gj_syntax *made = node(p, GJ_SYN_SEQUENCE), *last = NULL;
    while (made != NULL && p->at < p->end && *p->at != '|' && *p->at != ')') {
        struct gj_syntax *item = repeated(p);
        if (item == NULL) {
            return NULL;
        }
        /* a group's node may stand in a list already: wrap it, so that `next` is free */
        struct gj_syntax *wrapped = node(p, GJ_SYN_SEQUENCE);
        if (wrapped == NULL) {
            return NULL;
        }
        wrapped->first = item;
        if (last == NULL) {
            made->first = wrapped;
        } else {
            last->next = wrapped;
        }
        last = wrapped;
    }
    return made;
}

static struct gj_syntax *choice(struct parser *p)
{
    struct gj_syntax *made = node(p, GJ_SYN_CHOICE), *last = NULL;
    for (;;) {
        struct gj_syntax *branch = made == NULL ? NULL : sequence(p);
        if (branch == NULL) {
            return NULL;
        }
        if (last == NULL) {
            made->first = branch;
        } else {
            last->next = branch;
        }
        last = branch;
        if (!next_is(p, '|')) {
            return made;
        }
        p->at++;
    }
}

int gj_pattern_parse(struct gj_arena *arena, struct gj_str pattern, struct gj_syntax_tree *out,
                     struct gj_buf *why)
{
    struct parser p = {.arena = arena,
                       .at = pattern.ptr,
                       .begin = pattern.ptr,
                       .end = pattern.ptr + pattern.len,
                       .out = out,
                       .why = why};
    *out = (struct gj_syntax_tree){0};
    out->sets = gj_arena_array(arena, SETS_MAX, sizeof *out->sets);
    if (out->sets == NULL) {
        refuse(&p, "out of memory");
        return -1;
    }
    out->root = choice(&p);
    if (out->root != NULL && p.at < p.end) {
        refuse(&p, "a group ) was not opened");
        return -1;
    }
    return out->root == NULL ? -1 : 0;
}
