/* Room text: scanning for homophones, pinyin, split characters and look-alikes (see weak.h). */
#include "base/vec.h"
#include "text/weak_internal.h"

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
    if (parts[0] > 0xFFFF || !(weak->split_first[parts[0] >> 3] >> (parts[0] & 7) & 1)) {
        return NULL;
    }
    size_t count = 1;
    for (size_t at = following(text, first); at != SIZE_MAX && count < PARTS_MAX;
         at = following(text, at)) {
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
            push(scratch, SHAPES, gj_class_of(weak, split->whole), (uint32_t)i, (uint32_t)last);
            i = last;
        } else {
            push(scratch, SHAPES, unit->class_ == GJ_U_MARK ? 0 : gj_class_of(weak, unit->cp),
                 (uint32_t)i, (uint32_t)i);
        }
    }
}

/* Which transform makes the token the word's character; UINT16_MAX: none does. */
static uint16_t relation(const struct gj_weak *weak, const struct gj_text *text,
                         const struct gj_weak_token *token, uint32_t meant, int stream)
{
    uint32_t cp = text->units[token->first].cp;
    if (token->first == token->last && cp == meant) {
        return 0;
    }
    if (stream == SYLLABLES) {
        return text->units[token->first].class_ == GJ_U_LETTER ? GJ_T_PINYIN : GJ_T_HOMOPHONE;
    }
    if (token->first == token->last) {
        return gj_weak_is_lookalike(weak, cp, meant) ? GJ_T_LOOKALIKE : UINT16_MAX;
    }
    size_t last = token->last;
    const struct split *split = split_at(weak, text, token->first, &last);
    bool same =
        split != NULL && (split->whole == meant || gj_weak_is_lookalike(weak, split->whole, meant));
    return same ? GJ_T_SPLIT : UINT16_MAX;
}

/* The transforms under which `count` tokens are the word; 0: they are not, or in plain spelling. */
static uint16_t compare(const struct gj_weak *weak, const struct gj_text *text,
                        const struct gj_weak_token *tokens, const struct entry *entry, int stream)
{
    const uint32_t *wanted = weak->tokens + entry->tokens;
    uint16_t transforms = 0;
    for (size_t i = 0; i < weak->lengths[entry->word]; i++) {
        if (tokens[i].value != wanted[i]) {
            return 0;
        }
        uint16_t needed = relation(weak, text, &tokens[i],
                                   weak->characters[weak->starts[entry->word] + i], stream);
        if (needed == UINT16_MAX) {
            return 0;
        }
        transforms |= needed;
    }
    return transforms;
}

/* ---- everyday text ----
 *
 * 业务信息 sounds like an insult at 务信, but 业务 and 信息 are words: what ordinary words explain
 * is no disguise. A replaced character is explained when it forms an everyday word with a
 * neighbour. */

static uint32_t han_at(const struct gj_text *text, const struct gj_weak_token *tokens, size_t count,
                       size_t at)
{
    if (at >= count || tokens[at].first != tokens[at].last) {
        return 0;
    }
    const struct gj_unit *unit = &text->units[tokens[at].first];
    return unit->class_ == GJ_U_HAN ? unit->cp : 0;
}

static bool is_explained(const struct gj_text *text, const struct gj_weak_token *tokens,
                         size_t count, size_t at)
{
    uint32_t here = han_at(text, tokens, count, at);
    uint32_t before = at > 0 ? han_at(text, tokens, count, at - 1) : 0;
    uint32_t behind = han_at(text, tokens, count, at + 1);
    return here != 0 && ((before != 0 && gj_text_is_word(before, here)) ||
                         (behind != 0 && gj_text_is_word(here, behind)));
}

/* Of a short word one explained replacement is enough to doubt it, of a longer one all must be. */
static bool is_everyday(const struct gj_weak *weak, const struct gj_text *text,
                        const struct gj_weak_token *tokens, size_t count, size_t at,
                        const struct entry *entry)
{
    size_t length = weak->lengths[entry->word], replaced = 0, explained = 0;
    const uint32_t *meant = weak->characters + weak->starts[entry->word];
    for (size_t i = 0; i < length; i++) {
        uint32_t written = han_at(text, tokens, count, at + i);
        if (written != 0 && written != meant[i]) {
            replaced++;
            explained += is_explained(text, tokens, count, at + i);
        }
    }
    return explained > 0 && (length <= 2 || explained == replaced);
}

int gj_weak_scan(const struct gj_weak *weak, struct gj_weak_scratch *scratch,
                 const struct gj_text *text,
                 void (*each)(void *context, uint32_t word, uint32_t first_unit, uint32_t last_unit,
                              uint16_t transforms),
                 void *context)
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
    for (int s = 0; s < STREAMS; s++) {
        const struct stream *stream = &weak->streams[s];
        const struct gj_weak_token *tokens = scratch->tokens[s];
        for (size_t i = 0; i + 1 < scratch->counts[s]; i++) {
            uint32_t bit = gj_bigram(tokens[i].value, tokens[i + 1].value);
            if (!(stream->filter[bit >> 3] >> (bit & 7) & 1)) {
                continue;
            }
            uint32_t at = gj_weak_find_slot(stream, tokens[i].value, tokens[i + 1].value)->entry;
            for (; at != 0; at = stream->entries[at - 1].next) {
                const struct entry *entry = &stream->entries[at - 1];
                size_t length = weak->lengths[entry->word];
                uint16_t transforms = i + length <= scratch->counts[s]
                                          ? compare(weak, text, tokens + i, entry, s)
                                          : 0;
                if (transforms != 0 &&
                    !is_everyday(weak, text, tokens, scratch->counts[s], i, entry)) {
                    each(context, entry->word, tokens[i].first, tokens[i + length - 1].last,
                         transforms);
                }
            }
        }
    }
    return 0;
}
