/* Room text: whether some tokens are a word in disguise, or everyday text that happens to look or
 * sound like it (see weak.h). Both readings have a price in bits. The everyday reading costs what
 * it takes to say the characters in everyday words (everyday.h). The disguise costs a sum: that
 * this word is meant, and for each character how it was replaced. The cheaper one is believed, so a
 * long word needs no luck, and a short one replaced wildly is none. The prices were fitted to
 * messages of agents and to disguised ones: docs/decisions/0018. */
#include "text/everyday.h"
#include "text/shape.h"
#include "text/weak_internal.h"

#define BITS(n) ((n) * (int)GJ_COST_BIT)

/* What it takes that a word is meant at all: a wary one is not distinctive by its sound, or a
 * literal of patterns. */
#define MEANT_SOUND      BITS(0)
#define MEANT_SOUND_WARY BITS(21)
#define MEANT_SHAPE      BITS(16)
#define MEANT_SHAPE_WARY BITS(17)
#define MEANT_PARTS      BITS(27) /* by parts alone: they meet by accident too (刚才|京东: 掠) */

/* More, if what replaces is a usual word with a neighbour; or any character of the first two is. */
#define EXPLAINED_SOUND BITS(13) /* of a distinctive word by sound, a pair of it */
#define EXPLAINED       BITS(11)
#define JOINING         BITS(5)
#define JOINING_BOLD    BITS(18) /* where one in common use, in no table, was replaced by shape */

/* What it takes that a character is replaced so. What everyday text has no use for, is itself a
 * sign of disguise. */
#define BY_TABLE      BITS(-2) /* by a curated look-alike; parts that make it up */
#define BY_SOUND      BITS(4)
#define BY_OTHER      BITS(10) /* by its sound, in another reading of what is written */
#define BY_LIKE       BITS(10) /* by one in common use, of the same initial and with like parts */
#define BY_PART       BITS(13) /* the same, sharing a part */
#define BY_SHAPE      BITS(12) /* by one in common use with most parts the same */
#define BY_SHAPE_PART BITS(19) /* the same, sharing a part */

#define FAINT BITS(7) /* more, if one is replaced by shape so, and none stands as it is */
/* More for each replaced so, if some stand as they are and a rare one replaces another: who changes
 * some characters changes them by one trick. A rare one in everyday text is a slip or a name, and
 * its surprise must not pay for what stands around it. */
#define MIXED BITS(8)

/* What stands as it is, before and behind what is replaced, fits the word: so much of its surprise
 * counts. */
#define PLAIN_SOUND BITS(6)
#define PLAIN_SHAPE BITS(12)

/* Percent of likeness: a third of the parts the same, a half, two thirds. */
#define LIKE      33u
#define MOST_LIKE 50u
#define VERY_LIKE 66u

/* By a rare one: bits by sound (the same syllable, the same initial, neither) and by likeness (less
 * than a third, a half, two thirds, more). The less often disguises are so than chance is, the
 * dearer: any rare character shares some part with some character of most words. */
static const int rare_prices[3][4] = {
    {BITS(-4), BITS(-7), BITS(-7), BITS(-7)},
    {BITS(2), BITS(-2), BITS(-5), BITS(-7)},
    {BITS(12), BITS(7), BITS(3), BITS(-4)},
};

/* ---- the price of a disguise ---- */

static bool has_other_reading(uint32_t written, uint16_t syllable)
{
    uint16_t other[4];
    unsigned count = gj_text_other_readings(written, other);
    for (unsigned i = 0; i < count; i++) {
        if (other[i] == syllable) {
            return true;
        }
    }
    return false;
}

/* The price of a character in common use that shares parts only. */
static int bold_price(uint32_t written, uint32_t meant)
{
    unsigned like = gj_shape_likeness(written, meant);
    if (gj_text_initial(written) == gj_text_initial(meant)) {
        return like >= LIKE ? BY_LIKE : BY_PART;
    }
    return like >= MOST_LIKE ? BY_SHAPE : BY_SHAPE_PART;
}

static int rare_price(uint32_t written, uint32_t meant)
{
    unsigned like = gj_shape_likeness(written, meant), syllable = gj_text_syllable(meant);
    unsigned sound = syllable != 0 && gj_text_syllable(written) == syllable ? 0
                     : gj_text_initial(written) == gj_text_initial(meant)   ? 1
                                                                            : 2;
    return rare_prices[sound][(like >= LIKE) + (like >= MOST_LIKE) + (like >= VERY_LIKE)];
}

/* The transform that makes a character the one meant, which is in no table; UINT16_MAX: none. */
static uint16_t likely_relation(uint32_t written, uint32_t meant, struct gj_disguised *d)
{
    uint16_t syllable = gj_text_syllable(meant);
    bool alike = (gj_shape_parts(written) & gj_shape_parts(meant)) != 0;
    if (alike && gj_shape_is_rare(written)) {
        d->rare = true;
        d->price += rare_price(written, meant);
        return GJ_T_LOOKALIKE;
    }
    if (syllable != 0 && gj_text_syllable(written) == syllable) {
        d->price += BY_SOUND;
        return alike ? GJ_T_LOOKALIKE : GJ_T_HOMOPHONE;
    }
    if (syllable != 0 && has_other_reading(written, syllable)) {
        d->price += BY_OTHER;
        d->other = true;
        return GJ_T_HOMOPHONE;
    }
    if (!alike) {
        return UINT16_MAX;
    }
    d->bold++;
    d->price += bold_price(written, meant);
    return GJ_T_LOOKALIKE;
}

/* Which transform makes the token the word's character; UINT16_MAX: none does. */
static uint16_t shape_relation(const struct gj_weak_search *s, const struct gj_weak_token *token,
                               uint32_t meant, struct gj_disguised *d)
{
    uint32_t written = token->value;
    bool whole = token->first == token->last;
    if (written == meant) {
        d->price += whole ? 0 : BY_TABLE;
        return whole ? 0 : GJ_T_SPLIT;
    }
    if (written == 0) { /* a mark; nor would the pairs of none end */
        return UINT16_MAX;
    }
    const struct pair *pair = gj_weak_lookalikes(s->weak, written);
    while (pair->from == written && pair->to != meant) {
        pair++;
    }
    if (pair->from == written) {
        d->price += BY_TABLE;
        return whole ? GJ_T_LOOKALIKE : GJ_T_SPLIT;
    }
    return whole ? likely_relation(written, meant, d) : UINT16_MAX;
}

static uint16_t sound_relation(const struct gj_weak_search *s, const struct gj_weak_token *token,
                               uint32_t wanted, uint32_t meant, struct gj_disguised *d)
{
    const struct gj_unit *unit = &s->text->units[token->first];
    if (token->value != wanted) {
        return UINT16_MAX;
    }
    if (unit->cp == meant && token->first == token->last) {
        return 0;
    }
    d->price += BY_SOUND;
    return unit->class_ == GJ_U_LETTER ? GJ_T_PINYIN : GJ_T_HOMOPHONE;
}

/* Adds to `d` what makes a token the character meant; false: nothing does. */
static bool takes(struct gj_disguised *d, uint16_t needed)
{
    d->transforms |= needed;
    d->plain |= needed == 0;
    return needed != UINT16_MAX;
}

bool gj_weak_begins(const struct gj_weak_search *s, size_t at, const struct slot *slot,
                    struct gj_disguised *begun)
{
    const struct gj_weak_token *token = &s->tokens[at];
    return s->stream == SYLLABLES || (takes(begun, shape_relation(s, token, slot->a, begun)) &&
                                      takes(begun, shape_relation(s, token + 1, slot->b, begun)));
}

/* Whether the tokens of a word at `at` are its characters, of shapes those behind the first two;
 * how is added to `d`. */
static bool compare(const struct gj_weak_search *s, size_t at, const struct entry *entry,
                    struct gj_disguised *d)
{
    const uint32_t *wanted = s->weak->tokens + entry->tokens;
    const uint32_t *meant = s->weak->characters + s->weak->starts[entry->word];
    bool by_sound = s->stream == SYLLABLES;
    for (size_t i = by_sound ? 0 : 2; i < s->weak->lengths[entry->word]; i++) {
        const struct gj_weak_token *token = &s->tokens[at + i];
        if (!takes(d, by_sound ? sound_relation(s, token, wanted[i], meant[i], d)
                               : shape_relation(s, token, meant[i], d))) {
            return false;
        }
    }
    return true;
}

/* ---- the price of everyday text ---- */

static uint32_t han_at(const struct gj_weak_search *s, size_t at)
{
    if (at >= s->count || s->tokens[at].first != s->tokens[at].last) {
        return 0;
    }
    const struct gj_unit *unit = &s->text->units[s->tokens[at].first];
    return unit->class_ == GJ_U_HAN ? unit->cp : 0;
}

/* Whether the characters at `at` and behind it are a word in frequent use. */
static bool is_joined(struct gj_weak_search *s, size_t at)
{
    size_t slot = at % JOINED;
    if (s->joined[slot].at != at + 1) {
        uint32_t first = han_at(s, at), second = han_at(s, at + 1);
        s->joined[slot].at = at + 1;
        s->joined[slot].is = first != 0 && second != 0 && gj_everyday_is_usual(first, second);
    }
    return s->joined[slot].is;
}

static bool is_explained(struct gj_weak_search *s, size_t at)
{
    return (at > 0 && is_joined(s, at - 1)) || is_joined(s, at);
}

bool gj_weak_is_odd(struct gj_weak_search *s, size_t at)
{
    return !is_explained(s, at) && !is_joined(s, at + 1);
}

/* Of a word of two one explained replacement is enough to doubt it, of three characters every
 * second, of a longer word all must be. */
static bool is_explained_word(struct gj_weak_search *s, size_t at, const struct entry *entry)
{
    const uint32_t *meant = s->weak->characters + s->weak->starts[entry->word];
    size_t length = s->weak->lengths[entry->word], replaced = 0, explained = 0;
    for (size_t i = 0; i < length; i++) {
        uint32_t written = han_at(s, at + i);
        if (written != 0 && written != meant[i]) {
            replaced++;
            explained += is_explained(s, at + i);
        }
    }
    size_t enough = length <= 2 ? 1 : length == 3 ? (replaced + 1) / 2 : replaced;
    return explained > 0 && explained >= enough;
}

/* The surprise at tokens from..to. */
static int weigh(struct gj_weak_search *s, size_t from, size_t to, int memo)
{
    if (s->weighed[memo].from != from + 1 || s->weighed[memo].to != to + 1) {
        s->weighed[memo].from = from + 1;
        s->weighed[memo].to = to + 1;
        s->weighed[memo].surprise =
            (int)gj_everyday_surprise(s->text, s->tokens[from].first, s->tokens[to].last);
    }
    return s->weighed[memo].surprise;
}

/* What the characters cost one by one: the surprise is no more. */
static int dearest(const struct gj_weak_search *s, size_t at, size_t length)
{
    int cost = 0;
    for (size_t i = at; i < at + length; i++) {
        uint32_t cp = han_at(s, i), units = s->tokens[i].last - s->tokens[i].first + 1;
        cost += cp == 0 ? (int)(GJ_COST_UNKNOWN * units) : (int)gj_everyday_cost(cp);
    }
    return cost;
}

/* The surprise of the word, but of what stands as it is at its ends no more than that, unless all
 * that is changed is taken apart. */
static int surprise(struct gj_weak_search *s, size_t at, const struct entry *entry,
                    const struct gj_disguised *d)
{
    const uint32_t *meant = s->weak->characters + s->weak->starts[entry->word];
    size_t first = 0, last = s->weak->lengths[entry->word] - 1u;
    int whole = weigh(s, at, at + last, 0);
    if (d->transforms == GJ_T_SPLIT) {
        return whole;
    }
    while (first < last && han_at(s, at + first) == meant[first]) {
        first++;
    }
    while (last > first && han_at(s, at + last) == meant[last]) {
        last--;
    }
    int replaced =
        weigh(s, at + first, at + last, 1) + (s->stream == SYLLABLES ? PLAIN_SOUND : PLAIN_SHAPE);
    return whole < replaced ? whole : replaced;
}

/* What it takes that this word is meant, and more where words in frequent use stand. */
static int prior(struct gj_weak_search *s, size_t at, const struct entry *entry,
                 const struct gj_disguised *d)
{
    bool wary = s->weak->wary[entry->word] != 0;
    bool by_sound = s->stream == SYLLABLES || d->transforms == GJ_T_HOMOPHONE;
    bool explained = is_explained_word(s, at, entry);
    int length = s->weak->lengths[entry->word];
    if (by_sound && !wary) {
        return MEANT_SOUND + (explained ? EXPLAINED_SOUND * (length - 1) : 0);
    }
    int joining = gj_weak_is_odd(s, at) ? 0 : d->bold > 0 ? JOINING_BOLD : JOINING;
    return (by_sound                      ? MEANT_SOUND_WARY
            : d->transforms == GJ_T_SPLIT ? MEANT_PARTS
            : wary                        ? MEANT_SHAPE_WARY
                                          : MEANT_SHAPE) +
           joining + (explained ? EXPLAINED : 0);
}

uint16_t gj_weak_believe(struct gj_weak_search *s, size_t at, const struct entry *entry,
                         const struct gj_disguised *begun)
{
    size_t length = s->weak->lengths[entry->word];
    struct gj_disguised d = *begun;
    if (!compare(s, at, entry, &d)) {
        return 0;
    }
    if ((d.transforms & ~GJ_T_PINYIN) == 0) {
        return d.transforms; /* letters are hardly ever an accident; or plain spelling */
    }
    if (s->stream == SHAPES && d.transforms == GJ_T_HOMOPHONE && !d.other) {
        return 0; /* the other stream tells it */
    }
    if (d.bold > 0) {
        d.price += !d.plain ? FAINT : d.rare ? MIXED * (int)d.bold : 0;
    }
    if (dearest(s, at, length) < d.price) {
        return 0;
    }
    return surprise(s, at, entry, &d) >= d.price + prior(s, at, entry, &d) ? d.transforms : 0;
}
