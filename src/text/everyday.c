/* Room text: the cheapest reading of a stretch as everyday words (see everyday.h): words of two to
 * four characters from a dictionary, all of one price, and single characters by how often they are
 * words by themselves. */
#include "text/everyday.h"

#include <limits.h>

#define CONTEXT     4u  /* characters looked at on each side */
#define STRETCH_MAX 64u /* a longer one, as of pinyin letters, is cut */
#define OTHER_COST  32u /* a letter, a digit: 4 bits */

#define WINDOW_MAX (CONTEXT + STRETCH_MAX + CONTEXT)

struct window {
    uint32_t cps[WINDOW_MAX];
    size_t count;
};

static bool is_skipped(const struct gj_unit *unit)
{
    return unit->class_ == GJ_U_SEPARATOR || unit->class_ == GJ_U_EMOJI;
}

static unsigned single_cost(uint32_t cp)
{
    return cp < GJ_SHAPE_FIRST ? OTHER_COST : gj_everyday_cost(cp);
}

static bool is_noted(uint64_t key)
{
    for (uint32_t seed = 0; seed < 3; seed++) {
        uint32_t bit = gj_word_bit(key, seed);
        if ((gj_word_bits[bit >> 6] >> (bit & 63) & 1) == 0) {
            return false;
        }
    }
    return true;
}

bool gj_everyday_is_usual(uint32_t first, uint32_t second)
{
    return is_noted(gj_word_key(gj_word_key(GJ_WORD_USUAL, first), second));
}

/* What it costs to say cps[0..count) in words. */
static unsigned cheapest(const uint32_t *cps, size_t count)
{
    unsigned costs[WINDOW_MAX + 1] = {0}; /* up to each character */
    for (size_t i = 1; i <= count; i++) {
        costs[i] = UINT_MAX;
    }
    for (size_t i = 0; i < count; i++) {
        unsigned single = costs[i] + single_cost(cps[i]), word = costs[i] + GJ_COST_WORD;
        uint64_t key = gj_word_key(0, cps[i]);
        costs[i + 1] = single < costs[i + 1] ? single : costs[i + 1];
        for (size_t n = 1; n < GJ_WORD_CHARACTERS_MAX && i + n < count; n++) {
            key = gj_word_key(key, cps[i + n]);
            if (word < costs[i + n + 1] && is_noted(key)) {
                costs[i + n + 1] = word;
            }
        }
    }
    return costs[count];
}

/* The characters before unit `first`, back to a clause mark, in their order. */
static void take_before(struct window *w, const struct gj_text *text, uint32_t first)
{
    uint32_t back[CONTEXT];
    size_t count = 0;
    for (uint32_t at = first; at > 0 && count < CONTEXT; at--) {
        const struct gj_unit *unit = &text->units[at - 1];
        if (unit->class_ == GJ_U_MARK) {
            break;
        }
        if (!is_skipped(unit)) {
            back[count++] = unit->cp;
        }
    }
    while (count > 0) {
        w->cps[w->count++] = back[--count];
    }
}

/* At most `max` characters from unit `first` to `last`, or to a clause mark. */
static void take(struct window *w, const struct gj_text *text, size_t first, size_t last,
                 size_t max)
{
    for (size_t at = first; at <= last && at < text->unit_count && max > 0; at++) {
        const struct gj_unit *unit = &text->units[at];
        if (unit->class_ == GJ_U_MARK) {
            break;
        }
        if (!is_skipped(unit)) {
            w->cps[w->count++] = unit->cp;
            max--;
        }
    }
}

unsigned gj_everyday_surprise(const struct gj_text *text, uint32_t first, uint32_t last)
{
    struct window w = {.count = 0};
    take_before(&w, text, first);
    size_t before = w.count;
    take(&w, text, first, last, STRETCH_MAX);
    size_t behind = w.count;
    take(&w, text, (size_t)last + 1, SIZE_MAX, CONTEXT);
    unsigned apart = cheapest(w.cps, before) + cheapest(w.cps + behind, w.count - behind);
    unsigned whole = cheapest(w.cps, w.count);
    return whole > apart ? whole - apart : 0;
}
