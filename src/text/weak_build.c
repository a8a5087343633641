/* Room text: the tables of the weaker levels: words as syllables and shapes, made when a rulebook
 * is loaded (see weak_internal.h). */
#include "base/utf8.h"
#include "base/vec.h"
#include "text/weak_internal.h"

/* ---- shapes ---- */

/* While the table is built, classes are a forest: each character names another of its class. */
static uint32_t root_of(const struct gj_weak *weak, uint32_t cp)
{
    for (uint32_t up = gj_class_of(weak, cp); up != cp; up = gj_class_of(weak, cp)) {
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

bool gj_weak_is_lookalike(const struct gj_weak *weak, uint32_t written, uint32_t meant)
{
    struct pair key = {written, meant};
    return bsearch(&key, weak->lookalikes, weak->lookalike_count, sizeof key, compare_pairs) !=
           NULL;
}

const struct split *gj_weak_find_split(const struct gj_weak *weak, const uint32_t *parts)
{
    struct split key = {.whole = 0};
    memcpy(key.parts, parts, sizeof key.parts);
    return bsearch(&key, weak->splits, weak->split_count, sizeof key, compare_splits);
}

/* ---- words ---- */

struct slot *gj_weak_find_slot(const struct stream *stream, uint32_t a, uint32_t b)
{
    size_t mask = stream->slot_count - 1;
    size_t at = (a * 0x9E3779B1u ^ b * 0x85EBCA6Bu) & mask;
    while (stream->slots[at].entry != 0 && (stream->slots[at].a != a || stream->slots[at].b != b)) {
        at = (at + 1) & mask;
    }
    return &stream->slots[at];
}

static int add_entry(struct gj_weak *weak, struct stream *stream, uint32_t word,
                     const uint32_t *tokens, size_t count)
{
    struct entry *entries =
        gj_grow(stream->entries, &stream->entry_capacity, stream->entry_count + 1, sizeof *entries);
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
        tokens[i] = gj_class_of(weak, weak->characters[weak->starts[word] + i]);
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
        uint32_t bit = gj_bigram(tokens[0], tokens[1]);
        stream->filter[bit >> 3] |= (uint8_t)(1u << (bit & 7));
        struct slot *slot = gj_weak_find_slot(stream, tokens[0], tokens[1]);
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
        size_t length = looked_for ? decode(words[i].folded, weak->characters + used, WORD_MAX) : 0;
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
