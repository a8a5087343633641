/* Room text: which literals a text must hold for a pattern to match it.
 *
 * A part of a pattern is *exact* when it stands for a small set of strings. Walking a sequence, the
 * exact sets of neighbours are multiplied while they stay small; where that ends, the set so far is
 * a segment. Of the segments of a sequence, and of the worst branch of a choice, those are kept
 * that the fewest texts hold. */
#include "base/sort.h"
#include "base/utf8.h"
#include "text/everyday.h"
#include "text/pattern_internal.h"

#define LITERAL_BYTES_MAX 24
#define CLASS_MAX         40 /* members of a class that is spelt out */

/* see chance_of */
#define CHANCE_BITS    48
#define HAN_COST_LEAST (4 * GJ_COST_BIT)
#define OTHER_COST     (7 * GJ_COST_BIT) /* of a letter, a digit or a sign */
#define USUAL_LESS     (2 * GJ_COST_BIT)

struct literals { /* ptr NULL: not exact */
    struct gj_str *items;
    size_t count;
};

struct reach { /* characters of a match before a part of the pattern */
    uint32_t least, most;
};

/* Which of two segments is the better alarm: the smaller one. */
typedef int order_fn(const void *a, const void *b);

struct finder {
    struct gj_arena *arena;
    const struct gj_syntax_tree *tree;
    order_fn *order;
    bool failed; /* out of memory, or of the room for a pattern */
};

struct found { /* the best alarm first */
    struct gj_segment segments[GJ_SEGMENTS_MAX];
    size_t count;
    order_fn *order;
};

static struct literals none(void)
{
    return (struct literals){0};
}

static struct literals make(struct finder *f, size_t room)
{
    struct literals made = {gj_arena_array(f->arena, room, sizeof(struct gj_str)), 0};
    f->failed |= made.items == NULL;
    return made;
}

/* Adds a copy to `made`, which has room. */
static void add(struct finder *f, struct literals *made, const char *bytes, size_t len)
{
    struct gj_str copy = gj_arena_copy(f->arena, (struct gj_str){bytes, len});
    f->failed |= copy.ptr == NULL;
    made->items[made->count++] = copy;
}

static struct literals single(struct finder *f, const char *bytes, size_t len)
{
    struct literals made = make(f, 1);
    if (made.items != NULL) {
        add(f, &made, bytes, len);
    }
    return made;
}

static struct literals of_set(struct finder *f, const struct gj_set *set)
{
    size_t members = 0;
    for (uint32_t i = 0; i < set->count && members <= CLASS_MAX; i++) {
        members += (size_t)set->ranges[i].high - set->ranges[i].low + 1;
    }
    if (set->negated || members > CLASS_MAX) {
        return none();
    }
    struct literals made = make(f, members);
    for (uint32_t i = 0; made.items != NULL && i < set->count; i++) {
        for (uint32_t cp = set->ranges[i].low; cp <= set->ranges[i].high; cp++) {
            char bytes[4];
            unsigned len = gj_utf8_encode(cp, bytes);
            add(f, &made, bytes, len);
        }
    }
    return made;
}

/* All of `a` followed by all of `b`; not exact when that would be too many or too long. */
static struct literals product(struct finder *f, struct literals a, struct literals b)
{
    if (a.items == NULL || b.items == NULL || a.count * b.count > GJ_SEGMENT_LITERALS_MAX) {
        return none();
    }
    struct literals made = make(f, a.count * b.count);
    for (size_t i = 0; made.items != NULL && i < a.count; i++) {
        for (size_t j = 0; j < b.count; j++) {
            char bytes[LITERAL_BYTES_MAX * 2];
            size_t len = a.items[i].len + b.items[j].len;
            if (len > LITERAL_BYTES_MAX) {
                return none();
            }
            memcpy(bytes, a.items[i].ptr, a.items[i].len);
            memcpy(bytes + a.items[i].len, b.items[j].ptr, b.items[j].len);
            add(f, &made, bytes, len);
        }
    }
    return made;
}

static struct literals exact(struct finder *f, const struct gj_syntax *s);

static struct literals exact_choice(struct finder *f, const struct gj_syntax *s)
{
    struct literals made = make(f, GJ_SEGMENT_LITERALS_MAX);
    for (const struct gj_syntax *c = s->first; made.items != NULL && c != NULL; c = c->next) {
        struct literals branch = exact(f, c);
        if (branch.items == NULL || made.count + branch.count > GJ_SEGMENT_LITERALS_MAX) {
            return none();
        }
        memcpy(made.items + made.count, branch.items, branch.count * sizeof *branch.items);
        made.count += branch.count;
    }
    return made;
}

static struct literals exact(struct finder *f, const struct gj_syntax *s)
{
    switch (s->kind) {
    case GJ_SYN_CHAR: {
        char bytes[4];
        unsigned len = gj_utf8_encode(s->cp, bytes);
        return single(f, bytes, len);
    }
    case GJ_SYN_SET:
        return of_set(f, &f->tree->sets[s->set]);
    case GJ_SYN_BEGIN:
    case GJ_SYN_END:
        return single(f, "", 0);
    case GJ_SYN_SEQUENCE: {
        struct literals made = single(f, "", 0);
        for (const struct gj_syntax *c = s->first; made.items != NULL && c != NULL; c = c->next) {
            made = product(f, made, exact(f, c));
        }
        return made;
    }
    case GJ_SYN_CHOICE:
        return exact_choice(f, s);
    case GJ_SYN_REPEAT:
        if (s->max <= 1) { /* ? */
            struct literals inner = exact(f, s->first), made = make(f, inner.count + 1);
            if (inner.items == NULL || made.items == NULL) {
                return none();
            }
            memcpy(made.items, inner.items, inner.count * sizeof *inner.items);
            made.items[inner.count] = GJ_STR("");
            made.count = inner.count + 1;
            return s->min == 1 ? inner : made;
        }
        return none();
    case GJ_SYN_ANY:
    default:
        return none();
    }
}

/* ---- the better alarm ---- */

static size_t shortest(const struct gj_segment *segment)
{
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < segment->count; i++) {
        size_t points = gj_utf8_count(segment->literals[i]);
        least = points < least ? points : least;
    }
    return least;
}

/* How often a literal stands in texts, very roughly, in parts of 2^CHANCE_BITS: by how often its
 * characters are words, since in words they are more frequent, and pairs that are words most so. */
static uint64_t chance_of(struct gj_str literal)
{
    unsigned cost = 0; /* as gj_everyday_cost */
    uint32_t before = 0;
    for (size_t at = 0; at < literal.len;) {
        unsigned len = 0;
        uint32_t cp = gj_utf8_decode(literal.ptr + at, &len);
        cost += cp < GJ_SHAPE_FIRST ? OTHER_COST : HAN_COST_LEAST + gj_everyday_cost(cp) / 2;
        cost -= before != 0 && gj_everyday_is_usual(before, cp) ? USUAL_LESS : 0;
        before = cp;
        at += len;
    }
    unsigned bits = cost / GJ_COST_BIT;
    return bits < CHANCE_BITS ? UINT64_C(1) << (CHANCE_BITS - bits) : 1;
}

static uint64_t chance_of_any(const struct gj_segment *segment)
{
    uint64_t chance = 0;
    for (size_t i = 0; i < segment->count; i++) {
        chance += chance_of(segment->literals[i]);
    }
    return chance;
}

static int by_chance(const void *a, const void *b)
{
    uint64_t x = chance_of_any(a), y = chance_of_any(b);
    return x < y ? -1 : x > y;
}

/* The shortest literal counts most, then the number of literals. */
static int by_length(const void *a, const void *b)
{
    const struct gj_segment *x = a, *y = b;
    size_t left = shortest(x), right = shortest(y);
    left = left > 3 ? 3 : left;
    right = right > 3 ? 3 : right;
    if (left != right) {
        return left > right ? -1 : 1;
    }
    return x->count < y->count ? -1 : x->count > y->count;
}

static void keep_segment(struct found *out, struct gj_segment segment)
{
    if (out->count < GJ_SEGMENTS_MAX) {
        out->segments[out->count++] = segment;
    } else if (out->order(&segment, &out->segments[GJ_SEGMENTS_MAX - 1]) < 0) {
        out->segments[GJ_SEGMENTS_MAX - 1] = segment;
    }
    gj_sort(out->segments, out->count, sizeof out->segments[0], out->order);
}

static void keep(struct found *out, struct literals literals, struct reach at)
{
    struct gj_segment segment = {literals.items, literals.count, at.least, at.most};
    if (literals.items != NULL && literals.count > 0 && shortest(&segment) > 0) {
        keep_segment(out, segment);
    }
}

/* Behind a part that begins at `at`. */
static struct reach behind(struct reach at, const struct gj_syntax *s)
{
    uint32_t least = at.least + gj_syntax_least(s), most = at.most + gj_syntax_most(s);
    return (struct reach){least < GJ_REACH_FAR ? least : GJ_REACH_FAR,
                          most < GJ_REACH_FAR ? most : GJ_REACH_FAR};
}

static struct found find(struct finder *f, const struct gj_syntax *s, struct reach at);

static struct found find_in_sequence(struct finder *f, const struct gj_syntax *s, struct reach at)
{
    struct found out = {.order = f->order};
    struct literals run = single(f, "", 0);
    struct reach run_at = at;
    for (const struct gj_syntax *c = s->first; c != NULL; at = behind(at, c), c = c->next) {
        struct literals item = exact(f, c), longer = product(f, run, item);
        if (longer.items != NULL) {
            run = longer;
            continue;
        }
        keep(&out, run, run_at);
        if (item.items != NULL) {
            run = item;
            run_at = at;
            continue;
        }
        run = single(f, "", 0);
        run_at = behind(at, c);
        struct found inner = find(f, c, at);
        for (size_t i = 0; i < inner.count; i++) {
            keep_segment(&out, inner.segments[i]);
        }
    }
    keep(&out, run, run_at);
    return out;
}

/* A text matches one branch: the union of each branch's best segment is required. */
static struct found find_in_choice(struct finder *f, const struct gj_syntax *s, struct reach at)
{
    struct found out = {.order = f->order};
    struct reach any = {GJ_REACH_FAR, 0};
    struct literals all = make(f, GJ_SEGMENT_LITERALS_MAX * 4);
    for (const struct gj_syntax *c = s->first; all.items != NULL && c != NULL; c = c->next) {
        struct found branch = find(f, c, at);
        if (s->first->next == NULL) {
            return branch;
        }
        if (branch.count == 0 ||
            all.count + branch.segments[0].count > GJ_SEGMENT_LITERALS_MAX * 4) {
            return out;
        }
        memcpy(all.items + all.count, branch.segments[0].literals,
               branch.segments[0].count * sizeof *all.items);
        all.count += branch.segments[0].count;
        any.least = branch.segments[0].least < any.least ? branch.segments[0].least : any.least;
        any.most = branch.segments[0].most > any.most ? branch.segments[0].most : any.most;
    }
    keep(&out, all, any);
    return out;
}

static struct found find(struct finder *f, const struct gj_syntax *s, struct reach at)
{
    struct found out = {.order = f->order};
    switch (s->kind) {
    case GJ_SYN_SEQUENCE:
        return find_in_sequence(f, s, at);
    case GJ_SYN_CHOICE:
        return find_in_choice(f, s, at);
    case GJ_SYN_REPEAT: /* the first time */
        return s->min > 0 ? find(f, s->first, at) : out;
    default:
        keep(&out, exact(f, s), at);
        return out;
    }
}

size_t gj_pattern_literals(struct gj_arena *arena, const struct gj_syntax_tree *tree,
                           bool disguised, struct gj_segment segments[GJ_SEGMENTS_MAX])
{
    struct finder f = {.arena = arena, .tree = tree, .order = disguised ? by_length : by_chance};
    struct found out = find(&f, tree->root, (struct reach){0, 0});
    memcpy(segments, out.segments, sizeof out.segments);
    return f.failed ? 0 : out.count;
}
