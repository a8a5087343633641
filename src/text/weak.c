/* Room text: scanning for homophones, pinyin, split characters and look-alikes (see weak.h). */
#include "base/vec.h"
#include "text/shape.h"
#include "text/weak_internal.h"

#define MEANINGS_MAX 64
#define FOUND_MAX    32
#define VAGUE        20u /* percent, any part: enough beside a character that is certain */

void gj_weak_scratch_init(struct gj_weak_scratch *scratch)
{
    *scratch = (struct gj_weak_scratch){0};
}

void gj_weak_scratch_release(struct gj_weak_scratch *scratch)
{
    free(scratch->tokens[SYLLABLES]);
    free(scratch->tokens[SHAPES]);
    gj_weak_scratch_init(scratch);
}

static void push(struct gj_weak_scratch *scratch, int stream, uint32_t value, uint32_t first,
                 uint32_t last)
{
    scratch->tokens[stream][scratch->counts[stream]++] = (struct gj_weak_token){value, first, last};
}

/* Cuts letters[at..length) into syllables, the longest first; false when it cannot be done. */
static bool cut(const char *letters, size_t length, uint16_t *out, uint8_t *widths, size_t *count)
{
    bool dead[RUN_MAX + 1] = {false}; /* no cut from here */
    size_t at = 0;
    *count = 0;
    size_t tried = 7; /* the longest width still to try at `at` */
    for (;;) {
        size_t width = tried;
        uint16_t syllable = 0;
        for (; width > 0 && syllable == 0; width--) {
            if (at + width <= length && !dead[at + width]) {
                syllable = gj_text_syllable_of((struct gj_str){letters + at, width});
            }
        }
        if (syllable != 0) {
            width++; /* the loop stepped once beyond */
            out[*count] = syllable;
            widths[(*count)++] = (uint8_t)width;
            at += width;
            tried = 7;
            if (at == length) {
                return true;
            }
            continue;
        }
        if (*count == 0) {
            return false;
        }
        dead[at] = true;
        (*count)--;
        at -= widths[*count];
        tried = widths[*count] - 1u;
    }
}

/* A run of letters from unit `first`; returns the unit behind it. Separators inside are skipped. */
static size_t push_letters(struct gj_weak_scratch *scratch, const struct gj_text *text,
                           size_t first)
{
    char letters[RUN_MAX];
    uint32_t units[RUN_MAX];
    size_t length = 0, at = first;
    for (; at < text->unit_count; at++) {
        const struct gj_unit *unit = &text->units[at];
        if (unit->class_ == GJ_U_SEPARATOR || unit->class_ == GJ_U_EMOJI) {
            continue;
        }
        if (unit->class_ != GJ_U_LETTER || unit->cp < 'a' || unit->cp > 'z') {
            break;
        }
        if (length < RUN_MAX) {
            letters[length] = (char)unit->cp;
            units[length] = (uint32_t)at;
        }
        length++;
    }
    if (length > RUN_MAX) {
        push(scratch, SYLLABLES, 0, (uint32_t)first, (uint32_t)first);
        return at;
    }
    uint16_t syllables[RUN_MAX];
    uint8_t widths[RUN_MAX];
    size_t count = 0;
    if (length >= 2 && cut(letters, length, syllables, widths, &count)) {
        for (size_t i = 0, from = 0; i < count; from += widths[i], i++) {
            push(scratch, SYLLABLES, syllables[i], units[from], units[from + widths[i] - 1]);
        }
        return at;
    }
    for (size_t i = 0; i < length; i++) {
        push(scratch, SYLLABLES, LETTER_BASE + (uint32_t)(letters[i] - 'a'), units[i], units[i]);
    }
    return at;
}

static void push_syllables(struct gj_weak_scratch *scratch, const struct gj_text *text)
{
    for (size_t i = 0; i < text->unit_count;) {
        const struct gj_unit *unit = &text->units[i];
        if (unit->class_ == GJ_U_LETTER && unit->cp >= 'a' && unit->cp <= 'z') {
            i = push_letters(scratch, text, i);
            continue;
        }
        if (unit->class_ != GJ_U_SEPARATOR && unit->class_ != GJ_U_EMOJI) {
            uint32_t value = unit->class_ == GJ_U_HAN ? gj_text_syllable(unit->cp) : 0;
            push(scratch, SYLLABLES, value, (uint32_t)i, (uint32_t)i);
        }
        i++;
    }
}

/* The next unit that is no separator after `at`, or SIZE_MAX. */
static size_t following(const struct gj_text *text, size_t at)
{
    for (at++; at < text->unit_count; at++) {
        if (text->units[at].class_ != GJ_U_SEPARATOR && text->units[at].class_ != GJ_U_EMOJI) {
            return at;
        }
    }
    return SIZE_MAX;
}

/* The longest run of characters from unit `first` that stands for one; `last` becomes its last
 * unit. */
static const struct split *split_at(const struct gj_weak *weak, const struct gj_text *text,
                                    size_t first, size_t *last)
{
    uint32_t parts[PARTS_MAX] = {text->units[first].cp};
    size_t units[PARTS_MAX] = {first};
    uint32_t low = parts[0] & 0xFFFF;
    if (!(weak->split_first[low >> 3] >> (low & 7) & 1)) {
        return NULL;
    }
    size_t count = 1, second = following(text, first);
    uint32_t pair = second == SIZE_MAX ? 0 : gj_bigram(parts[0], text->units[second].cp);
    if (second == SIZE_MAX || !(weak->split_pairs[pair >> 3] >> (pair & 7) & 1)) {
        return NULL;
    }
    for (size_t at = second; at != SIZE_MAX && count < PARTS_MAX; at = following(text, at)) {
        parts[count] = text->units[at].cp;
        units[count++] = at;
    }
    for (; count >= 2; count--) {
        const struct split *split = gj_weak_find_split(weak, parts);
        if (split != NULL) {
            *last = units[count - 1];
            return split;
        }
        parts[count - 1] = 0;
    }
    return NULL;
}

static void push_shapes(const struct gj_weak *weak, struct gj_weak_scratch *scratch,
                        const struct gj_text *text)
{
    for (size_t i = 0; i < text->unit_count; i++) {
        const struct gj_unit *unit = &text->units[i];
        if (unit->class_ == GJ_U_SEPARATOR || unit->class_ == GJ_U_EMOJI) {
            continue;
        }
        size_t last = i;
        const struct split *split = split_at(weak, text, i, &last);
        if (split != NULL) {
            push(scratch, SHAPES, split->whole, (uint32_t)i, (uint32_t)last);
            i = last;
        } else {
            push(scratch, SHAPES, unit->class_ == GJ_U_MARK ? 0 : unit->cp, (uint32_t)i,
                 (uint32_t)i);
        }
    }
}

/* ---- one search: a stream of a text ---- */

typedef void found_fn(void *context, uint32_t word, uint32_t first_unit, uint32_t last_unit,
                      uint16_t transforms);

struct search {
    const struct gj_weak *weak;
    const struct gj_text *text;
    const struct gj_weak_token *tokens;
    size_t count;
    int stream;
    found_fn *each;
    void *context;
    uint32_t found[FOUND_MAX]; /* words found from the present token, each told once */
    size_t found_count;
};

/* What a token may stand for: first as it is written, then otherwise. */
struct meanings {
    uint32_t values[MEANINGS_MAX];
    size_t count;
};

static void add_meaning(struct meanings *m, uint32_t value)
{
    if (m->count < MEANINGS_MAX) {
        m->values[m->count++] = value;
    }
}

static bool is_rare(const struct search *s, size_t at)
{
    return s->stream == SHAPES && gj_shape_is_rare(s->tokens[at].value);
}

static void read_token(const struct search *s, size_t at, struct meanings *m)
{
    const struct gj_weak_token *token = &s->tokens[at];
    m->values[0] = token->value;
    m->count = 1;
    if (token->value == 0 || s->stream == SYLLABLES) {
        return;
    }
    const struct pair *pair = gj_weak_lookalikes(s->weak, token->value);
    for (; pair->from == token->value; pair++) {
        add_meaning(m, pair->to);
    }
}

/* Which transform makes the token the word's character; UINT16_MAX: none does. */
static uint16_t shape_relation(const struct search *s, const struct gj_weak_token *token,
                               uint32_t meant, unsigned *vague)
{
    uint32_t written = token->value;
    bool whole = token->first == token->last;
    if (written == meant) {
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
        return whole ? GJ_T_LOOKALIKE : GJ_T_SPLIT;
    }
    ++*vague;
    bool alike = whole && gj_shape_is_rare(written) && gj_shape_likeness(written, meant) >= VAGUE;
    return alike ? GJ_T_LOOKALIKE : UINT16_MAX;
}

static uint16_t sound_relation(const struct search *s, const struct gj_weak_token *token,
                               uint32_t wanted, uint32_t meant)
{
    const struct gj_unit *unit = &s->text->units[token->first];
    if (token->value != wanted) {
        return UINT16_MAX;
    }
    if (unit->cp == meant && token->first == token->last) {
        return 0;
    }
    return unit->class_ == GJ_U_LETTER ? GJ_T_PINYIN : GJ_T_HOMOPHONE;
}

/* The transforms under which the tokens are the word; 0: they are not, or in plain spelling. No
 * more than every second character may be vaguely alike only. */
static uint16_t compare(const struct search *s, size_t at, const struct entry *entry)
{
    const uint32_t *wanted = s->weak->tokens + entry->tokens;
    const uint32_t *meant = s->weak->characters + s->weak->starts[entry->word];
    size_t length = s->weak->lengths[entry->word];
    uint16_t transforms = 0;
    unsigned vague = 0;
    for (size_t i = 0; i < length; i++) {
        const struct gj_weak_token *token = &s->tokens[at + i];
        uint16_t needed = s->stream == SYLLABLES ? sound_relation(s, token, wanted[i], meant[i])
                                                 : shape_relation(s, token, meant[i], &vague);
        if (needed == UINT16_MAX) {
            return 0;
        }
        transforms |= needed;
    }
    return vague * 2 <= length ? transforms : 0;
}

/* ---- everyday text ----
 *
 * 业务信息 sounds like an insult at 务信, but 业务 and 信息 are words: what ordinary words explain
 * is no disguise. A replaced character is explained when it forms an everyday word with a
 * neighbour. */

static uint32_t han_at(const struct search *s, size_t at)
{
    if (at >= s->count || s->tokens[at].first != s->tokens[at].last) {
        return 0;
    }
    const struct gj_unit *unit = &s->text->units[s->tokens[at].first];
    return unit->class_ == GJ_U_HAN ? unit->cp : 0;
}

static bool is_explained(const struct search *s, size_t at)
{
    uint32_t here = han_at(s, at);
    uint32_t before = at > 0 ? han_at(s, at - 1) : 0;
    uint32_t behind = han_at(s, at + 1);
    return here != 0 && ((before != 0 && gj_text_is_word(before, here)) ||
                         (behind != 0 && gj_text_is_word(here, behind)));
}

/* Of a short word one explained replacement is enough to doubt it, of three characters every
 * second, of a longer one all must be. */
static bool is_everyday(const struct search *s, size_t at, const struct entry *entry)
{
    const struct gj_weak *weak = s->weak;
    size_t length = weak->lengths[entry->word], replaced = 0, explained = 0;
    const uint32_t *meant = weak->characters + weak->starts[entry->word];
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

/* ---- the search ---- */

static bool is_told(struct search *s, uint32_t word)
{
    for (size_t i = 0; i < s->found_count; i++) {
        if (s->found[i] == word) {
            return true;
        }
    }
    if (s->found_count < FOUND_MAX) {
        s->found[s->found_count++] = word;
    }
    return false;
}

/* The words of a slot. */
static void try_slot(struct search *s, size_t at, const struct slot *slot)
{
    const struct stream *stream = &s->weak->streams[s->stream];
    for (uint32_t next = slot->entry; next != 0; next = stream->entries[next - 1].next) {
        const struct entry *entry = &stream->entries[next - 1];
        size_t length = s->weak->lengths[entry->word];
        uint16_t transforms = at + length <= s->count ? compare(s, at, entry) : 0;
        if (transforms != 0 && !is_everyday(s, at, entry) && !is_told(s, entry->word)) {
            s->each(s->context, entry->word, s->tokens[at].first, s->tokens[at + length - 1].last,
                    transforms);
        }
    }
}

static void try_pairs(struct search *s, size_t at, const struct meanings *first,
                      const struct meanings *second)
{
    const struct stream *stream = &s->weak->streams[s->stream];
    for (size_t i = 0; i < first->count; i++) {
        for (size_t j = 0; j < second->count; j++) {
            uint32_t a = first->values[i], b = second->values[j], bit = gj_bigram(a, b);
            if (stream->filter[bit >> 3] >> (bit & 7) & 1) {
                size_t slot = gj_weak_find_slot(stream->slots, stream->slot_count, a, b);
                try_slot(s, at, &stream->slots[slot]);
            }
        }
    }
}

/* A rare character stands for any that looks like it, since everyday text has no use for it: the
 * words that have a certain one (`known`) in the other of the first two places. */
static void try_rare(struct search *s, size_t at, uint32_t rare, int known_place,
                     const struct meanings *known)
{
    const struct stream *stream = &s->weak->streams[s->stream];
    for (size_t i = 0; i < known->count; i++) {
        uint32_t next = stream->heads[known_place][gj_head(known->values[i])];
        while (next != 0) {
            const struct slot *slot = &stream->slots[next - 1];
            uint32_t held = known_place == 0 ? slot->a : slot->b;
            uint32_t meant = known_place == 0 ? slot->b : slot->a;
            if (held == known->values[i] && gj_shape_likeness(rare, meant) >= VAGUE) {
                try_slot(s, at, slot);
            }
            next = slot->next[known_place];
        }
    }
}

static void search(struct search *s)
{
    struct meanings pair[2], *first = &pair[0], *second = &pair[1];
    if (s->count > 0) {
        read_token(s, 0, second);
    }
    for (size_t i = 0; i + 1 < s->count; i++) {
        struct meanings *next = first;
        first = second;
        second = next;
        read_token(s, i + 1, second);
        s->found_count = 0;
        try_pairs(s, i, first, second);
        if (is_rare(s, i)) {
            try_rare(s, i, s->tokens[i].value, 1, second);
        }
        if (is_rare(s, i + 1)) {
            try_rare(s, i, s->tokens[i + 1].value, 0, first);
        }
    }
}

int gj_weak_scan(const struct gj_weak *weak, struct gj_weak_scratch *scratch,
                 const struct gj_text *text, found_fn *each, void *context)
{
    for (int s = 0; s < STREAMS; s++) {
        void *tokens = gj_grow(scratch->tokens[s], &scratch->capacities[s], text->unit_count + 1,
                               sizeof *scratch->tokens[s]);
        if (tokens == NULL) {
            return -1;
        }
        scratch->tokens[s] = tokens;
        scratch->counts[s] = 0;
    }
    if (weak->streams[SYLLABLES].entry_count > 0) {
        push_syllables(scratch, text);
    }
    if (weak->streams[SHAPES].entry_count > 0) {
        push_shapes(weak, scratch, text);
    }
    for (int stream = 0; stream < STREAMS; stream++) {
        struct search s = {.weak = weak,
                           .text = text,
                           .tokens = scratch->tokens[stream],
                           .count = scratch->counts[stream],
                           .stream = stream,
                           .each = each,
                           .context = context};
        search(&s);
    }
    return 0;
}
