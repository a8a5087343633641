/* Room expr: regular expressions, the sets of characters that a pattern names: gathered as ranges,
 * then widened to all letter cases if these do not matter, sorted and joined, so that a search
 * finds a code point by halving. */
#include "base/sort.h"
#include "expr/regex_internal.h"

static bool reserve(struct gj_re_making *set, uint32_t more)
{
    if (more > *set->left) {
        return false;
    }
    *set->left -= more;
    if (set->count + more <= set->capacity) {
        return true;
    }
    uint32_t capacity = set->capacity * 2;
    capacity = capacity > set->count + more ? capacity : set->count + more;
    struct gj_re_range *items = gj_arena_array(set->arena, capacity, sizeof *items);
    if (items == NULL) {
        return false;
    }
    if (set->count > 0) {
        memcpy(items, set->items, set->count * sizeof *items);
    }
    set->items = items;
    set->capacity = capacity;
    return true;
}

bool gj_re_add_range(struct gj_re_making *set, uint32_t low, uint32_t high)
{
    if (!reserve(set, 1)) {
        return false;
    }
    set->items[set->count++] = (struct gj_re_range){low, high};
    return true;
}

static int by_low(const void *a, const void *b)
{
    const struct gj_re_range *x = a;
    const struct gj_re_range *y = b;
    return x->low != y->low ? (x->low > y->low) - (x->low < y->low)
                            : (x->high > y->high) - (x->high < y->high);
}

/* Sorts the ranges and joins those that touch. */
static void join(struct gj_re_making *set)
{
    uint32_t kept = 0;
    gj_sort(set->items, set->count, sizeof *set->items, by_low);
    for (uint32_t i = 0; i < set->count; i++) {
        struct gj_re_range r = set->items[i];
        if (kept > 0 && r.low <= set->items[kept - 1].high + 1) {
            struct gj_re_range *before = &set->items[kept - 1];
            before->high = before->high > r.high ? before->high : r.high;
        } else {
            set->items[kept++] = r;
        }
    }
    set->count = kept;
}

/* The first case at or behind `cp`. */
static uint32_t find_case(uint32_t cp)
{
    uint32_t low = 0;
    uint32_t high = gj_re_case_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (gj_re_cases[middle].cp < cp) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Adds the other cases of the letters inside `r`. */
static bool add_cases(struct gj_re_making *set, struct gj_re_range r)
{
    for (uint32_t i = find_case(r.low); i < gj_re_case_count && gj_re_cases[i].cp <= r.high; i++) {
        uint32_t other = gj_re_cases[i].next;
        while (other != gj_re_cases[i].cp) {
            if ((other < r.low || other > r.high) && !gj_re_add_range(set, other, other)) {
                return false;
            }
            other = gj_re_cases[find_case(other)].next;
        }
    }
    return true;
}

/* Brings the ranges into the order of a finished set. */
static bool complete(struct gj_re_making *set)
{
    uint32_t given = set->any_case ? set->count : 0;
    for (uint32_t i = 0; i < given; i++) {
        if (!add_cases(set, set->items[i])) {
            return false;
        }
    }
    join(set);
    return true;
}

bool gj_re_add_class(struct gj_re_making *set, const struct gj_re_class *class, bool negated)
{
    struct gj_re_making named = {.arena = set->arena, .left = set->left, .any_case = set->any_case};
    struct gj_re_making *to = negated ? &named : set;
    if (!reserve(to, (uint32_t) class->count)) {
        return false;
    }
    memcpy(to->items + to->count, class->ranges, class->count * sizeof *to->items);
    to->count += (uint32_t) class->count;
    if (!negated) {
        return true;
    }
    if (!complete(&named)) { /* (?i)\P{Lu} has no letter of which \p{Lu} has the capital */
        return false;
    }
    uint32_t from = 0;
    for (uint32_t i = 0; i < named.count; i++) {
        struct gj_re_range r = named.items[i];
        if (r.low > from && !gj_re_add_range(set, from, r.low - 1)) {
            return false;
        }
        from = r.high + 1;
    }
    return from > 0x10FFFF || gj_re_add_range(set, from, 0x10FFFF);
}

const struct gj_re_set *gj_re_finish(struct gj_re_making *set, bool negated)
{
    struct gj_re_set *finished = gj_arena_alloc(set->arena, sizeof *finished);
    if (finished == NULL || !complete(set)) {
        return NULL;
    }
    *finished = (struct gj_re_set){negated, set->count, set->items};
    return finished;
}
