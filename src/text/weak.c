/* Room text: scanning for homophones, pinyin, split characters and look-alikes (see weak.h). */
#include "base/vec.h"
#include "text/everyday.h"
#include "text/shape.h"
#include "text/weak_internal.h"

#define MEANINGS_MAX 64
#define FOUND_MAX    32
#define BOLD         33u /* percent of likeness that is asked of a character in common use */

/* How bold the guess is that some tokens are a word. */
enum guess {
    BY_SOUND,
    BY_TABLE, /* a curated look-alike */
    BY_RARE,  /* a rare character that shares parts; up to here a guess falls if words explain it */
    BY_SOUND_WARY, /* where the word asks for more */
    BY_BOLD,       /* a common character that shares parts and the initial, beside a plain one */
    BY_FAINT,      /* neither character is certain, or the one in common use shares few parts */
    GUESSES
};

/* Bits of surprise (everyday.h) below which a word of two is everyday text, measured on messages of
 * agents and on disguised ones: docs/decisions/0008, 0009. */
static const unsigned least_surprise[GUESSES] = {
    [BY_SOUND] = 20 * GJ_COST_BIT, [BY_TABLE] = 26 * GJ_COST_BIT,
    [BY_RARE] = 34 * GJ_COST_BIT,  [BY_SOUND_WARY] = 30 * GJ_COST_BIT,
    [BY_BOLD] = 24 * GJ_COST_BIT,  [BY_FAINT] = 36 * GJ_COST_BIT};
#define COMMON_COST        (11 * GJ_COST_BIT)
#define LONG_WARY_SURPRISE (32 * GJ_COST_BIT) /* a longer word that asks for more */
#define LONG_BOLD_SURPRISE (28 * GJ_COST_BIT) /* BY_BOLD in a longer word */

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

/* A run of letters, with what it takes to push pieces of it. */
struct letters {
    struct gj_weak_scratch *scratch;
    char text[RUN_MAX];
    uint32_t units[RUN_MAX];
    bool parted[RUN_MAX]; /* a separator stands before it */
    size_t length;
};

static void push_letter(const struct letters *l, size_t at)
{
    push(l->scratch, SYLLABLES, LETTER_BASE + (uint32_t)(l->text[at] - 'a'), l->units[at],
         l->units[at]);
}

/* Pushes letters[from..to) as syllables; false, and nothing pushed, when it cannot be cut. */
static bool push_cut(const struct letters *l, size_t from, size_t to)
{
    uint16_t syllables[RUN_MAX];
    uint8_t widths[RUN_MAX];
    size_t count = 0;
    if (to - from < 2 || !cut(l->text + from, to - from, syllables, widths, &count)) {
        return false;
    }
    for (size_t i = 0; i < count; from += widths[i], i++) {
        if (widths[i] == 1 && (l->text[from] == 'm' || l->text[from] == 'n')) { /* 嗯, but rarely */
            push_letter(l, from);
        } else {
            push(l->scratch, SYLLABLES, syllables[i], l->units[from],
                 l->units[from + widths[i] - 1]);
        }
    }
    return true;
}

static size_t piece_end(const struct letters *l, size_t from)
{
    size_t end = from + 1;
    while (end < l->length && !l->parted[end]) {
        end++;
    }
    return end;
}

/* Cuts between separators alone: he nan is not hen an. False, and nothing pushed, when some piece
 * cannot be cut. */
static bool push_pieces(const struct letters *l)
{
    size_t pushed = l->scratch->counts[SYLLABLES];
    for (size_t from = 0; from < l->length; from = piece_end(l, from)) {
        if (!push_cut(l, from, piece_end(l, from))) {
            l->scratch->counts[SYLLABLES] = pushed;
            return false;
        }
    }
    return true;
}

/* Beside pieces that are pinyin, what can be cut of the others, the longest first; the rest are
 * letters, and so is all of a run without such a piece, as English is. */
static void push_mixed(const struct letters *l)
{
    size_t pushed = l->scratch->counts[SYLLABLES];
    bool pinyin = false;
    for (size_t from = 0; from < l->length && !pinyin; from = piece_end(l, from)) {
        pinyin = push_cut(l, from, piece_end(l, from));
    }
    l->scratch->counts[SYLLABLES] = pushed;
    for (size_t from = 0; from < l->length;) {
        size_t to = pinyin ? piece_end(l, from) : from;
        while (to > from && !push_cut(l, from, to)) {
            to--;
        }
        if (to == from) {
            push_letter(l, from++);
        } else {
            from = to;
        }
    }
}

/* A run of letters from unit `first`; returns the unit behind it. Separators inside are skipped. */
static size_t push_letters(struct gj_weak_scratch *scratch, const struct gj_text *text,
                           size_t first)
{
    struct letters l = {.scratch = scratch};
    size_t length = 0, at = first;
    bool parted = false;
    for (; at < text->unit_count; at++) {
        const struct gj_unit *unit = &text->units[at];
        if (unit->class_ == GJ_U_SEPARATOR || unit->class_ == GJ_U_EMOJI) {
            parted = true;
            continue;
        }
        if (unit->class_ != GJ_U_LETTER || unit->cp < 'a' || unit->cp > 'z') {
            break;
        }
        if (length < RUN_MAX) {
            l.text[length] = (char)unit->cp;
            l.units[length] = (uint32_t)at;
            l.parted[length] = parted;
        }
        parted = false;
        length++;
    }
    if (length > RUN_MAX) {
        push(scratch, SYLLABLES, 0, (uint32_t)first, (uint32_t)first);
        return at;
    }
    l.length = length;
    if (!push_pieces(&l) && !push_cut(&l, 0, length)) {
        push_mixed(&l);
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

struct joined {
    size_t at; /* token + 1; 0: none */
    bool is;
};
#define JOINED 4

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
    struct joined joined[JOINED];
    struct {             /* the surprise that was weighed last: many words are tried at one place */
        size_t from, to; /* tokens + 1; 0: none */
        unsigned surprise;
    } weighed;
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

/* How some tokens are a word. */
struct likeness {
    uint16_t transforms; /* needed; 0: they are not the word, or in plain spelling */
    uint8_t plain;       /* characters that stand as they are */
    uint8_t rare, bold;  /* characters in no table, but alike: rare, in common use */
    uint8_t faint;       /* those of `bold` that share few parts */
};

/* The transform that makes a character in no table the one meant; UINT16_MAX: it is not alike. One
 * in common use must begin with the same sound too: whoever replaces a character by one that shares
 * its phonetic part keeps it. A disguise may mix sound and shape. */
static uint16_t likely_relation(uint32_t written, uint32_t meant, struct likeness *out)
{
    bool alike = (gj_shape_parts(written) & gj_shape_parts(meant)) != 0;
    if (gj_shape_is_rare(written)) {
        out->rare++;
        return alike ? GJ_T_LOOKALIKE : UINT16_MAX;
    }
    out->bold++;
    if (alike && gj_text_initial(written) == gj_text_initial(meant)) {
        out->faint = (uint8_t)(out->faint + (gj_shape_likeness(written, meant) < BOLD));
        return GJ_T_LOOKALIKE;
    }
    uint16_t syllable = gj_text_syllable(written);
    return syllable != 0 && syllable == gj_text_syllable(meant) ? GJ_T_HOMOPHONE : UINT16_MAX;
}

/* Which transform makes the token the word's character; UINT16_MAX: none does. */
static uint16_t shape_relation(const struct search *s, const struct gj_weak_token *token,
                               uint32_t meant, struct likeness *out)
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
    return whole ? likely_relation(written, meant, out) : UINT16_MAX;
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

/* No more than every second character may be vaguely alike only, but for a word of two, of which
 * both may; and one in common use only beside a plain one, or in such a word. */
static struct likeness compare(const struct search *s, size_t at, const struct entry *entry)
{
    const uint32_t *wanted = s->weak->tokens + entry->tokens;
    const uint32_t *meant = s->weak->characters + s->weak->starts[entry->word];
    size_t length = s->weak->lengths[entry->word];
    struct likeness alike = {0};
    for (size_t i = 0; i < length; i++) {
        const struct gj_weak_token *token = &s->tokens[at + i];
        uint16_t needed = s->stream == SYLLABLES ? sound_relation(s, token, wanted[i], meant[i])
                                                 : shape_relation(s, token, meant[i], &alike);
        if (needed == UINT16_MAX) {
            return (struct likeness){0};
        }
        alike.plain = (uint8_t)(alike.plain + (needed == 0));
        alike.transforms |= needed;
    }
    bool mixed = s->stream == SYLLABLES || alike.transforms != GJ_T_HOMOPHONE;
    bool enough = length == 2 || ((alike.rare + alike.bold) * 2u <= length &&
                                  (alike.bold == 0 || (alike.plain > 0 && alike.faint == 0)));
    return enough && mixed ? alike : (struct likeness){0};
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

static bool is_pair(uint32_t first, uint32_t second)
{
    return first != 0 && second != 0 && gj_everyday_is_usual(first, second);
}

static bool is_explained(const struct search *s, size_t at)
{
    uint32_t here = han_at(s, at), before = at > 0 ? han_at(s, at - 1) : 0;
    return is_pair(before, here) || is_pair(here, han_at(s, at + 1));
}

/* Of a word of two one explained replacement is enough to doubt it, of three characters every
 * second, of a longer word all must be. */
static bool is_explained_word(const struct search *s, size_t at, const struct entry *entry)
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

/* Whether all replaced characters are among those that everyday text holds everywhere: 有, 是. */
static bool is_common(const struct search *s, size_t at, const struct entry *entry)
{
    const uint32_t *meant = s->weak->characters + s->weak->starts[entry->word];
    for (size_t i = 0; i < s->weak->lengths[entry->word]; i++) {
        uint32_t written = han_at(s, at + i);
        if (written != meant[i] && gj_everyday_cost(written) >= COMMON_COST) {
            return false;
        }
    }
    return true;
}

static enum guess guess_of(const struct search *s, const struct entry *entry,
                           const struct likeness *alike)
{
    if (s->stream == SYLLABLES) {
        return s->weak->wary[entry->word] != 0 ? BY_SOUND_WARY : BY_SOUND;
    }
    if (s->weak->lengths[entry->word] > 2) {
        return alike->bold > 0 ? BY_BOLD : BY_TABLE;
    }
    bool uncertain = alike->rare + alike->bold == 2 || (alike->bold > 0 && alike->plain == 0);
    if (uncertain || alike->faint > 0) {
        return BY_FAINT;
    }
    return alike->bold > 0 ? BY_BOLD : alike->rare > 0 ? BY_RARE : BY_TABLE;
}

/* The surprise at tokens from..to. */
static unsigned weigh(struct search *s, size_t from, size_t to)
{
    if (s->weighed.from != from + 1 || s->weighed.to != to + 1) {
        s->weighed.from = from + 1;
        s->weighed.to = to + 1;
        s->weighed.surprise =
            gj_everyday_surprise(s->text, s->tokens[from].first, s->tokens[to].last);
    }
    return s->weighed.surprise;
}

/* Words that ask for more: what stands as it is, is no part of the disguise. */
static bool is_everyday_wary(struct search *s, size_t at, const struct entry *entry,
                             enum guess guess)
{
    const uint32_t *meant = s->weak->characters + s->weak->starts[entry->word];
    size_t length = s->weak->lengths[entry->word], first = 0, last = length - 1;
    if (is_common(s, at, entry)) {
        return true;
    }
    if (length == 2) {
        return weigh(s, at, at + 1) < least_surprise[guess];
    }
    while (first < last && han_at(s, at + first) == meant[first]) {
        first++;
    }
    while (last > first && han_at(s, at + last) == meant[last]) {
        last--;
    }
    return weigh(s, at + first, at + last) < LONG_WARY_SURPRISE;
}

static bool is_everyday(struct search *s, size_t at, const struct entry *entry,
                        const struct likeness *alike)
{
    if ((alike->transforms & (GJ_T_HOMOPHONE | GJ_T_LOOKALIKE)) == 0) {
        return false; /* letters and parts are hardly ever an accident */
    }
    size_t length = s->weak->lengths[entry->word];
    enum guess guess = guess_of(s, entry, alike);
    if (s->weak->wary[entry->word] != 0) {
        return is_everyday_wary(s, at, entry, guess);
    }
    if (guess <= BY_RARE) {
        bool explained = is_explained_word(s, at, entry);
        return explained && (length > 2 || weigh(s, at, at + 1) < least_surprise[guess]);
    }
    return weigh(s, at, at + length - 1) <
           (length == 2 ? least_surprise[guess] : LONG_BOLD_SURPRISE);
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
        if (at + length > s->count) {
            continue;
        }
        struct likeness alike = compare(s, at, entry);
        if (alike.transforms != 0 && !is_everyday(s, at, entry, &alike) &&
            !is_told(s, entry->word)) {
            s->each(s->context, entry->word, s->tokens[at].first, s->tokens[at + length - 1].last,
                    alike.transforms);
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

/* A rare character may stand for any that looks like it, since everyday text has no use for it:
 * the words that have a certain one (`known`) in the other of the first two places. */
static void try_rare(struct search *s, size_t at, uint32_t rare, int known_place,
                     const struct meanings *known)
{
    const struct stream *stream = &s->weak->streams[s->stream];
    uint32_t parts = gj_shape_parts(rare);
    for (size_t i = 0; i < known->count && parts != 0; i++) {
        uint32_t value = known->values[i];
        uint32_t next = stream->heads[known_place][gj_head(known_place, value, value)];
        while (next != 0) {
            const struct slot *slot = &stream->slots[next - 1];
            uint32_t held = known_place == BY_FIRST ? slot->a : slot->b;
            uint32_t meant = known_place == BY_FIRST ? slot->b : slot->a;
            if (held == value && (parts & gj_shape_parts(meant)) != 0) {
                try_slot(s, at, slot);
            }
            next = slot->next[known_place];
        }
    }
}

/* Whether the characters at `at` and behind it are a word in frequent use; noted for a while, since
 * each pair is asked for three times. */
static bool is_joined(struct search *s, size_t at)
{
    struct joined *j = &s->joined[at % JOINED];
    if (j->at != at + 1) {
        *j = (struct joined){at + 1, is_pair(han_at(s, at), han_at(s, at + 1))};
    }
    return j->is;
}

/* Whether no word in frequent use holds one of the two characters at `at`. */
static bool is_odd(struct search *s, size_t at)
{
    return !is_joined(s, at) && (at == 0 || !is_joined(s, at - 1)) && !is_joined(s, at + 1);
}

/* What shape_relation may take a character for, told cheaply. */
struct looks {
    uint32_t written, parts;
    uint16_t syllable;
    bool listed; /* the table of shapes may name it */
};

static struct looks looks_of(const struct search *s, uint32_t written)
{
    return (struct looks){.written = written,
                          .parts = gj_shape_parts(written),
                          .syllable = gj_text_syllable(written),
                          .listed = gj_weak_lookalikes(s->weak, written)->from == written};
}

static bool may_mean(const struct looks *looks, uint32_t meant)
{
    return looks->written == meant || looks->listed ||
           (looks->parts & gj_shape_parts(meant)) != 0 ||
           (looks->syllable != 0 && looks->syllable == gj_text_syllable(meant));
}

/* Where two characters meet that everyday text hardly puts side by side, any may be a look-alike,
 * if the initials stay. Cheap looks spare most text the search; try_slot weighs what is found. */
static void try_bold(struct search *s, size_t at, uint32_t a, uint32_t b)
{
    const struct stream *stream = &s->weak->streams[s->stream];
    unsigned cost = gj_everyday_cost(a) + gj_everyday_cost(b);
    if (cost < least_surprise[BY_BOLD] || a == 0 || b == 0) {
        return;
    }
    uint32_t head = gj_head(BY_INITIALS, a, b);
    if (head < GJ_INITIALS || head % GJ_INITIALS == 0) { /* one has no sound */
        return;
    }
    bool both = cost >= least_surprise[BY_FAINT]; /* may be replaced */
    struct looks first = {0}, second = {0};       /* made when a word of these initials is met */
    uint32_t next = stream->heads[BY_INITIALS][head];
    while (next != 0) {
        const struct slot *slot = &stream->slots[next - 1];
        if (both || a == slot->a || b == slot->b) {
            if (first.written == 0) {
                first = looks_of(s, a);
                second = looks_of(s, b);
            }
            if (may_mean(&first, slot->a) && may_mean(&second, slot->b)) {
                if (!is_odd(s, at)) {
                    return;
                }
                try_slot(s, at, slot);
            }
        }
        next = slot->next[BY_INITIALS];
    }
}

static void try_shapes(struct search *s, size_t at, const struct meanings *first,
                       const struct meanings *second)
{
    uint32_t a = first->values[0], b = second->values[0];
    if (gj_shape_is_rare(a)) {
        try_rare(s, at, a, BY_SECOND, second);
    }
    if (gj_shape_is_rare(b)) {
        try_rare(s, at, b, BY_FIRST, first);
    }
    try_bold(s, at, a, b);
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
        if (s->stream == SHAPES) {
            try_shapes(s, i, first, second);
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
