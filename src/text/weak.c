/* Room text: homophones, pinyin, split characters, look-alikes (see weak.h).
 *
 * Syllable tokens: a Han character gives its usual toneless reading, a run of letters that can be
 * cut into syllables gives them, any other letter gives LETTER_BASE + letter. Shape tokens: the
 * class of a character (look-alikes form classes, transitively, which serves the filter alone; the
 * comparison asks for the direct relation), and of a character taken apart the class of the whole.
 * Token 0 ends a clause. */
#include "text/weak.h"

#include "base/arena.h"
#include "base/utf8.h"
#include "base/vec.h"

enum { SYLLABLES, SHAPES, STREAMS };

#define LETTER_BASE 0x400u
#define WORD_MAX 24u        /* characters of a word; longer ones are not evaded letter by letter */
#define READINGS_MAX 16u    /* combinations of readings of one word */
#define FILTER_BITS 262144u
#define RUN_MAX 48u         /* letters of a run that may be pinyin */

struct gj_weak_token {
    uint32_t value;
    uint32_t first, last; /* units */
};

/* A word as tokens; entries with the same first two tokens follow by `next`. */
struct entry {
    uint32_t word, tokens, next; /* tokens: offset into weak->tokens; next: index + 1, 0 ends */
};

struct slot { /* first two tokens -> first entry + 1; 0: free */
    uint32_t a, b, entry;
};

struct stream {
    uint8_t filter[FILTER_BITS / 8];
    struct slot *slots;
    size_t slot_count; /* a power of two */
    struct entry *entries;
    size_t entry_count, entry_capacity;
};

struct pair { /* sorted by (from, to) */
    uint32_t from, to;
};

#define PARTS_MAX 4

struct split { /* 2 to PARTS_MAX parts stand for `whole`, the rest 0; sorted by parts */
    uint32_t parts[PARTS_MAX];
    uint32_t whole;
};

struct reading {
    uint32_t emoji;
    struct gj_str text; /* owned by weak->memory */
};

struct gj_weak {
    struct gj_arena memory;
    struct stream streams[STREAMS];
    uint32_t *tokens; /* of all entries */
    size_t token_count, token_capacity;
    uint32_t *characters; /* the code points of all words that are looked for */
    uint32_t *starts;     /* per word: where its own begin */
    uint8_t *lengths;     /* per word: characters; 0: not looked for */
    struct pair *lookalikes;          /* (written, meant) */
    size_t lookalike_count;
    struct split *splits;
    size_t split_count;
    struct reading *readings;
    size_t reading_count;
    uint32_t *classes[256]; /* per page of the BMP: class of a code point, 0: itself */
    uint8_t *split_first;   /* bitmap over the BMP: begins a split */
};

static uint32_t bigram(uint32_t a, uint32_t b)
{
    uint32_t h = a * 0x9E3779B1u ^ b * 0x85EBCA6Bu;
    return (h ^ h >> 15) & (FILTER_BITS - 1);
}

/* ---- shapes ---- */

static uint32_t class_of(const struct gj_weak *weak, uint32_t cp)
{
    if (cp > 0xFFFF || weak->classes[cp >> 8] == NULL) {
        return cp;
    }
    uint32_t found = weak->classes[cp >> 8][cp & 0xFF];
    return found == 0 ? cp : found;
}

/* While the table is built, classes are a forest: each character names another of its class. */
static uint32_t root_of(const struct gj_weak *weak, uint32_t cp)
{
    for (uint32_t up = class_of(weak, cp); up != cp; up = class_of(weak, cp)) {
        cp = up;
    }
    return cp;
}

static int set_class(struct gj_weak *weak, uint32_t cp, uint32_t value)
{
    if (cp > 0xFFFF) {
        return 0;
    }
    if (weak->classes[cp >> 8] == NULL) {
        weak->classes[cp >> 8] = gj_arena_array(&weak->memory, 256, sizeof(uint32_t));
        if (weak->classes[cp >> 8] == NULL) {
            return -1;
        }
    }
    weak->classes[cp >> 8][cp & 0xFF] = value;
    return 0;
}

static int compare_pairs(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    if (x->from != y->from) {
        return x->from < y->from ? -1 : 1;
    }
    return x->to < y->to ? -1 : x->to > y->to;
}

static int compare_splits(const void *a, const void *b)
{
    const struct split *x = a, *y = b;
    for (int i = 0; i < PARTS_MAX; i++) {
        if (x->parts[i] != y->parts[i]) {
            return x->parts[i] < y->parts[i] ? -1 : 1;
        }
    }
    return 0;
}

/* Decodes at most `max` code points; returns how many there are. */
static size_t decode(struct gj_str s, uint32_t *out, size_t max)
{
    size_t count = 0;
    for (size_t at = 0; at < s.len; count++) {
        unsigned len = 0;
        uint32_t cp = gj_utf8_decode(s.ptr + at, &len);
        if (count < max) {
            out[count] = cp;
        }
        at += len;
    }
    return count;
}

static size_t decode_folded(struct gj_str s, uint32_t *out, size_t max)
{
    struct gj_buf folded;
    gj_buf_init(&folded);
    gj_text_fold_word(s, &folded);
    size_t count = decode(gj_buf_str(&folded), out, max);
    gj_buf_release(&folded);
    return count;
}

static int add_lookalike(struct gj_weak *weak, const struct gj_shape *shape)
{
    uint32_t meant = 0, written = 0;
    if (decode_folded(shape->character, &meant, 1) != 1 ||
        decode_folded(shape->replacement, &written, 1) != 1 || meant == written) {
        return 0; /* folding makes them one already */
    }
    weak->lookalikes[weak->lookalike_count++] = (struct pair){written, meant};
    uint32_t a = root_of(weak, meant), b = root_of(weak, written);
    if (a == b) {
        return 0;
    }
    return set_class(weak, a < b ? b : a, a < b ? a : b); /* the smaller name stays */
}

/* After this one look-up gives a class. */
static void flatten_classes(struct gj_weak *weak)
{
    for (uint32_t page = 0; page < 256; page++) {
        for (uint32_t i = 0; weak->classes[page] != NULL && i < 256; i++) {
            if (weak->classes[page][i] != 0) {
                weak->classes[page][i] = root_of(weak, page << 8 | i);
            }
        }
    }
}

static void add_split(struct gj_weak *weak, const struct gj_shape *shape)
{
    struct split split = {0};
    size_t parts = decode_folded(shape->replacement, split.parts, PARTS_MAX);
    if (parts < 2 || parts > PARTS_MAX || decode_folded(shape->character, &split.whole, 1) != 1) {
        return; /* the rulebook's loader has told so */
    }
    weak->splits[weak->split_count++] = split;
    if (split.parts[0] <= 0xFFFF) {
        weak->split_first[split.parts[0] >> 3] |= (uint8_t)(1u << (split.parts[0] & 7));
    }
}

static int add_reading(struct gj_weak *weak, const struct gj_shape *shape)
{
    struct gj_buf folded;
    gj_buf_init(&folded);
    gj_text_fold_word(shape->replacement, &folded);
    unsigned len = 0;
    struct reading *reading = &weak->readings[weak->reading_count++];
    reading->emoji = gj_utf8_decode(shape->character.ptr, &len);
    reading->text = gj_arena_copy(&weak->memory, gj_buf_str(&folded));
    gj_buf_release(&folded);
    return reading->text.ptr == NULL ? -1 : 0;
}

static int add_shapes(struct gj_weak *weak, const struct gj_shape *shapes, size_t count)
{
    weak->lookalikes = gj_arena_array(&weak->memory, count + 1, sizeof *weak->lookalikes);
    weak->splits = gj_arena_array(&weak->memory, count + 1, sizeof *weak->splits);
    weak->readings = gj_arena_array(&weak->memory, count + 1, sizeof *weak->readings);
    weak->split_first = gj_arena_alloc(&weak->memory, 65536 / 8);
    if (weak->lookalikes == NULL || weak->splits == NULL || weak->readings == NULL ||
        weak->split_first == NULL) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (shapes[i].kind == GJ_SHAPE_SPLIT) {
            add_split(weak, &shapes[i]);
        } else if (shapes[i].kind == GJ_SHAPE_LOOKALIKE) {
            if (add_lookalike(weak, &shapes[i]) != 0) {
                return -1;
            }
        } else if (shapes[i].character.len > 0 && add_reading(weak, &shapes[i]) != 0) {
            return -1;
        }
    }
    flatten_classes(weak);
    qsort(weak->lookalikes, weak->lookalike_count, sizeof *weak->lookalikes, compare_pairs);
    qsort(weak->splits, weak->split_count, sizeof *weak->splits, compare_splits);
    return 0;
}

static bool is_lookalike(const struct gj_weak *weak, uint32_t written, uint32_t meant)
{
    struct pair key = {written, meant};
    return bsearch(&key, weak->lookalikes, weak->lookalike_count, sizeof key, compare_pairs) !=
           NULL;
}

static const struct split *find_split(const struct gj_weak *weak, const uint32_t *parts)
{
    struct split key = {.whole = 0};
    memcpy(key.parts, parts, sizeof key.parts);
    return bsearch(&key, weak->splits, weak->split_count, sizeof key, compare_splits);
}

/* ---- words ---- */

static struct slot *find_slot(const struct stream *stream, uint32_t a, uint32_t b)
{
    size_t mask = stream->slot_count - 1;
    size_t at = (a * 0x9E3779B1u ^ b * 0x85EBCA6Bu) & mask;
    while (stream->slots[at].entry != 0 &&
           (stream->slots[at].a != a || stream->slots[at].b != b)) {
        at = (at + 1) & mask;
    }
    return &stream->slots[at];
}

static int add_entry(struct gj_weak *weak, struct stream *stream, uint32_t word,
                     const uint32_t *tokens, size_t count)
{
    struct entry *entries = gj_grow(stream->entries, &stream->entry_capacity,
                                    stream->entry_count + 1, sizeof *entries);
    if (entries == NULL) {
        return -1;
    }
    stream->entries = entries;
    uint32_t *all =
        gj_grow(weak->tokens, &weak->token_capacity, weak->token_count + count, sizeof *all);
    if (all == NULL) {
        return -1;
    }
    weak->tokens = all;
    entries[stream->entry_count++] =
        (struct entry){.word = word, .tokens = (uint32_t)weak->token_count};
    memcpy(all + weak->token_count, tokens, count * sizeof *tokens);
    weak->token_count += count;
    return 0;
}

static uint32_t syllable_token(uint32_t cp)
{
    if (cp >= 'a' && cp <= 'z') {
        return LETTER_BASE + (cp - 'a');
    }
    return gj_text_syllable(cp);
}

/* One entry for each combination of readings, READINGS_MAX at most; the usual ones come first. */
static int add_syllables(struct gj_weak *weak, uint32_t word)
{
    uint32_t sequences[READINGS_MAX][WORD_MAX];
    size_t count = 1, length = weak->lengths[word];
    for (size_t i = 0; i < length; i++) {
        uint32_t cp = weak->characters[weak->starts[word] + i];
        uint32_t usual = syllable_token(cp);
        if (usual == 0) {
            return 0; /* a character without sound: no homophones */
        }
        uint16_t other[4];
        unsigned others = usual >= LETTER_BASE ? 0 : gj_text_other_readings(cp, other);
        size_t before = count;
        for (unsigned o = 0; o < others; o++) {
            for (size_t s = 0; s < before && count < READINGS_MAX; s++) {
                memcpy(sequences[count], sequences[s], sizeof sequences[s]);
                sequences[count++][i] = other[o];
            }
        }
        for (size_t s = 0; s < before; s++) {
            sequences[s][i] = usual;
        }
    }
    for (size_t s = 0; s < count; s++) {
        if (add_entry(weak, &weak->streams[SYLLABLES], word, sequences[s], length) != 0) {
            return -1;
        }
    }
    return 0;
}

static int add_shape_word(struct gj_weak *weak, uint32_t word)
{
    uint32_t tokens[WORD_MAX];
    for (size_t i = 0; i < weak->lengths[word]; i++) {
        tokens[i] = class_of(weak, weak->characters[weak->starts[word] + i]);
    }
    return add_entry(weak, &weak->streams[SHAPES], word, tokens, weak->lengths[word]);
}

static int index_stream(struct gj_weak *weak, struct stream *stream)
{
    stream->slot_count = 64;
    while (stream->slot_count < stream->entry_count * 2) {
        stream->slot_count *= 2;
    }
    stream->slots = gj_arena_array(&weak->memory, stream->slot_count, sizeof *stream->slots);
    if (stream->slots == NULL) {
        return -1;
    }
    for (size_t i = 0; i < stream->entry_count; i++) {
        const uint32_t *tokens = weak->tokens + stream->entries[i].tokens;
        uint32_t bit = bigram(tokens[0], tokens[1]);
        stream->filter[bit >> 3] |= (uint8_t)(1u << (bit & 7));
        struct slot *slot = find_slot(stream, tokens[0], tokens[1]);
        stream->entries[i].next = slot->entry;
        *slot = (struct slot){tokens[0], tokens[1], (uint32_t)i + 1};
    }
    return 0;
}

static int add_words(struct gj_weak *weak, const struct gj_weak_word *words, size_t count)
{
    size_t bytes = 0, used = 0;
    for (size_t i = 0; i < count; i++) {
        bytes += words[i].homophone || words[i].shape ? words[i].folded.len : 0;
    }
    weak->characters = gj_arena_array(&weak->memory, bytes + WORD_MAX, sizeof *weak->characters);
    weak->starts = gj_arena_array(&weak->memory, count + 1, sizeof *weak->starts);
    weak->lengths = gj_arena_array(&weak->memory, count + 1, sizeof *weak->lengths);
    if (weak->characters == NULL || weak->starts == NULL || weak->lengths == NULL) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        bool looked_for = words[i].homophone || words[i].shape;
        size_t length =
            looked_for ? decode(words[i].folded, weak->characters + used, WORD_MAX) : 0;
        if (length < 2 || length > WORD_MAX) {
            continue;
        }
        weak->starts[i] = (uint32_t)used;
        used += length;
        weak->lengths[i] = (uint8_t)length;
        if ((words[i].homophone && add_syllables(weak, (uint32_t)i) != 0) ||
            (words[i].shape && add_shape_word(weak, (uint32_t)i) != 0)) {
            return -1;
        }
    }
    return index_stream(weak, &weak->streams[SYLLABLES]) != 0 ||
                   index_stream(weak, &weak->streams[SHAPES]) != 0
               ? -1
               : 0;
}

struct gj_weak *gj_weak_new(const struct gj_shape *shapes, size_t shape_count,
                            const struct gj_weak_word *words, size_t word_count)
{
    struct gj_weak *weak = calloc(1, sizeof *weak);
    if (weak == NULL) {
        return NULL;
    }
    gj_arena_init(&weak->memory);
    if (add_shapes(weak, shapes, shape_count) != 0 || add_words(weak, words, word_count) != 0) {
        gj_weak_free(weak);
        return NULL;
    }
    return weak;
}

void gj_weak_free(struct gj_weak *weak)
{
    if (weak != NULL) {
        free(weak->streams[SYLLABLES].entries);
        free(weak->streams[SHAPES].entries);
        free(weak->tokens);
        gj_arena_release(&weak->memory);
        free(weak);
    }
}

/* ---- scanning ---- */

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
    scratch->tokens[stream][scratch->counts[stream]++] =
        (struct gj_weak_token){value, first, last};
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
        const struct split *split = find_split(weak, parts);
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
            push(scratch, SHAPES, class_of(weak, split->whole), (uint32_t)i, (uint32_t)last);
            i = last;
        } else {
            push(scratch, SHAPES, unit->class_ == GJ_U_MARK ? 0 : class_of(weak, unit->cp),
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
        return is_lookalike(weak, cp, meant) ? GJ_T_LOOKALIKE : UINT16_MAX;
    }
    size_t last = token->last;
    const struct split *split = split_at(weak, text, token->first, &last);
    bool same = split != NULL && (split->whole == meant || is_lookalike(weak, split->whole, meant));
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
 * 业务信息 sounds like an insult at 务信, but 业务 and 信息 are words: what ordinary words explain is no
 * disguise. A replaced character is explained when it forms an everyday word with a neighbour. */

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
            uint32_t bit = bigram(tokens[i].value, tokens[i + 1].value);
            if (!(stream->filter[bit >> 3] >> (bit & 7) & 1)) {
                continue;
            }
            uint32_t at = find_slot(stream, tokens[i].value, tokens[i + 1].value)->entry;
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

/* ---- emoji ---- */

static const struct reading *reading_of(const struct gj_weak *weak, uint32_t emoji)
{
    for (size_t i = 0; i < weak->reading_count; i++) {
        if (weak->readings[i].emoji == emoji) {
            return &weak->readings[i];
        }
    }
    return NULL;
}

static uint8_t class_of_reading(uint32_t cp)
{
    if (cp >= '0' && cp <= '9') {
        return GJ_U_DIGIT;
    }
    if (cp >= 'a' && cp <= 'z') {
        return GJ_U_LETTER;
    }
    return cp < 0x80 ? GJ_U_SYMBOL : GJ_U_HAN;
}

static int append_unit(struct gj_text *out, struct gj_unit unit)
{
    struct gj_unit *units =
        gj_grow(out->units, &out->unit_capacity, out->unit_count + 1, sizeof *units);
    if (units == NULL) {
        return -1;
    }
    out->units = units;
    units[out->unit_count++] = unit;
    if (unit.class_ == GJ_U_SEPARATOR || unit.class_ == GJ_U_EMOJI) {
        return 0;
    }
    if (out->folded_len + 4 > out->folded_capacity || out->folded == NULL) {
        size_t capacity = out->folded_capacity, same = out->folded_capacity;
        char *folded = gj_grow(out->folded, &capacity, out->folded_len + 4, 1);
        if (folded == NULL) {
            return -1;
        }
        out->folded = folded;
        uint32_t *unit_of = gj_grow(out->unit_of, &same, capacity, sizeof *unit_of);
        if (unit_of == NULL) {
            return -1;
        }
        out->unit_of = unit_of;
        out->folded_capacity = capacity < same ? capacity : same;
    }
    unsigned len = gj_utf8_encode(unit.cp, out->folded + out->folded_len);
    for (unsigned i = 0; i < len; i++) {
        out->unit_of[out->folded_len + i] = (uint32_t)out->unit_count - 1;
    }
    out->folded_len += len;
    return 0;
}

int gj_weak_read_emoji(const struct gj_weak *weak, struct gj_text *out, const struct gj_text *text)
{
    bool any = false;
    for (size_t i = 0; i < text->unit_count && !any; i++) {
        any = text->units[i].class_ == GJ_U_EMOJI && reading_of(weak, text->units[i].cp) != NULL;
    }
    if (!any) {
        return 0;
    }
    out->original = text->original;
    out->code_points = text->code_points;
    out->unit_count = out->folded_len = 0;
    for (size_t i = 0; i < text->unit_count; i++) {
        struct gj_unit unit = text->units[i];
        const struct reading *reading =
            unit.class_ == GJ_U_EMOJI ? reading_of(weak, unit.cp) : NULL;
        if (reading == NULL) {
            if (append_unit(out, unit) != 0) {
                return -1;
            }
            continue;
        }
        for (size_t at = 0; at < reading->text.len;) {
            unsigned len = 0;
            unit.cp = gj_utf8_decode(reading->text.ptr + at, &len);
            unit.class_ = class_of_reading(unit.cp);
            unit.transforms |= GJ_T_EMOJI;
            at += len;
            if (append_unit(out, unit) != 0) {
                return -1;
            }
        }
    }
    return 1;
}
