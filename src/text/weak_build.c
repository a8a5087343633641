/* Room text: the tables of the weaker levels: words as syllables and shapes, made when a rulebook
 * is compiled, each table a growing buffer of its own; in the end all become one image (see
 * weak_internal.h). */
#include "base/utf8.h"
#include "base/vec.h"
#include "text/weak_internal.h"

struct maker {
    struct gj_buf parts[WEAK_PARTS]; /* one that failed is seen at the end */
};

static void add(struct maker *m, int part, const void *item, size_t size)
{
    gj_buf_add(&m->parts[part], item, size);
}

static void add_zeros(struct maker *m, int part, size_t size)
{
    struct gj_buf *buf = &m->parts[part];
    if (gj_buf_reserve(buf, size) == 0) {
        memset(buf->ptr + buf->len, 0, size);
        buf->len += size;
        buf->ptr[buf->len] = '\0';
    }
}

static void *items(const struct maker *m, int part)
{
    return m->parts[part].ptr;
}

/* ---- shapes ---- */

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

/* Notes a character in a bitmap by its low 16 bits. */
static void set_low_bit(struct maker *m, int part, uint32_t cp)
{
    uint8_t *bits = items(m, part);
    uint32_t low = cp & 0xFFFF;
    bits[low >> 3] |= (uint8_t)(1u << (low & 7));
}

static void add_lookalike(struct maker *m, const struct gj_shape *shape)
{
    uint32_t meant = 0, written = 0;
    if (decode_folded(shape->character, &meant, 1) == 1 &&
        decode_folded(shape->replacement, &written, 1) == 1 && meant != written) {
        add(m, PART_LOOKALIKES, &(struct pair){written, meant}, sizeof(struct pair));
        set_low_bit(m, PART_LOOK_FIRST, written);
    } /* else folding makes them one already */
}

static void add_split(struct maker *m, const struct gj_shape *shape)
{
    struct split split = {0};
    size_t parts = decode_folded(shape->replacement, split.parts, PARTS_MAX);
    if (parts < 2 || parts > PARTS_MAX || decode_folded(shape->character, &split.whole, 1) != 1) {
        return; /* the rulebook's loader has told so */
    }
    add(m, PART_SPLITS, &split, sizeof split);
    set_low_bit(m, PART_SPLIT_FIRST, split.parts[0]);
    uint8_t *pairs = items(m, PART_SPLIT_PAIRS);
    uint32_t pair = gj_bigram(split.parts[0], split.parts[1]);
    pairs[pair >> 3] |= (uint8_t)(1u << (pair & 7));
}

static void add_reading(struct maker *m, const struct gj_shape *shape)
{
    unsigned len = 0;
    struct gj_buf *text = &m->parts[PART_READING_TEXT];
    struct reading reading = {.emoji = gj_utf8_decode(shape->character.ptr, &len),
                              .begin = (uint32_t)text->len};
    gj_text_fold_word(shape->replacement, text);
    reading.length = (uint32_t)text->len - reading.begin;
    add(m, PART_READINGS, &reading, sizeof reading);
}

static void add_shapes(struct maker *m, const struct gj_shape *shapes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (shapes[i].kind == GJ_SHAPE_SPLIT) {
            add_split(m, &shapes[i]);
        } else if (shapes[i].kind == GJ_SHAPE_LOOKALIKE) {
            add_lookalike(m, &shapes[i]);
        } else if (shapes[i].character.len > 0) {
            add_reading(m, &shapes[i]);
        }
    }
    qsort(items(m, PART_LOOKALIKES), m->parts[PART_LOOKALIKES].len / sizeof(struct pair),
          sizeof(struct pair), compare_pairs);
    add(m, PART_LOOKALIKES, &(struct pair){0}, sizeof(struct pair));
    qsort(items(m, PART_SPLITS), m->parts[PART_SPLITS].len / sizeof(struct split),
          sizeof(struct split), compare_splits);
}

const struct pair *gj_weak_lookalikes(const struct gj_weak *weak, uint32_t written)
{
    size_t low = 0, high = weak->lookalike_count;
    if (!gj_weak_may_look(weak, written)) {
        return weak->lookalikes + high;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (weak->lookalikes[middle].from < written) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return weak->lookalikes + low; /* an entry of zeros ends them */
}

const struct split *gj_weak_find_split(const struct gj_weak *weak, const uint32_t *parts)
{
    struct split key = {.whole = 0};
    memcpy(key.parts, parts, sizeof key.parts);
    return bsearch(&key, weak->splits, weak->split_count, sizeof key, compare_splits);
}

/* ---- words ---- */

size_t gj_weak_find_slot(const struct slot *slots, size_t count, uint32_t a, uint32_t b)
{
    size_t mask = count - 1;
    size_t at = (a * 0x9E3779B1u ^ b * 0x85EBCA6Bu) & mask;
    while (slots[at].count != 0 && (slots[at].a != a || slots[at].b != b)) {
        at = (at + 1) & mask;
    }
    return at;
}

static void add_entry(struct maker *m, int stream, uint32_t word, const uint32_t *tokens,
                      size_t count)
{
    struct entry entry = {.word = word,
                          .tokens = (uint32_t)(m->parts[PART_TOKENS].len / sizeof *tokens),
                          .third = count > 2 ? tokens[2] : 0};
    add(m, PART_ENTRIES + stream, &entry, sizeof entry);
    add(m, PART_TOKENS, tokens, count * sizeof *tokens);
}

static uint32_t syllable_token(uint32_t cp)
{
    if (cp >= 'a' && cp <= 'z') {
        return LETTER_BASE + (cp - 'a');
    }
    return gj_text_syllable(cp);
}

/* One entry for each combination of readings, READINGS_MAX at most; the usual ones come first. */
static void add_syllables(struct maker *m, uint32_t word, const uint32_t *characters, size_t length)
{
    uint32_t sequences[READINGS_MAX][WORD_MAX];
    size_t count = 1;
    for (size_t i = 0; i < length; i++) {
        uint32_t usual = syllable_token(characters[i]);
        if (usual == 0) {
            return; /* a character without sound: no homophones */
        }
        uint16_t other[4];
        unsigned others = usual >= LETTER_BASE ? 0 : gj_text_other_readings(characters[i], other);
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
        add_entry(m, SYLLABLES, word, sequences[s], length);
    }
}

static void add_words(struct maker *m, const struct gj_weak_word *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t characters[WORD_MAX];
        uint32_t start = (uint32_t)(m->parts[PART_CHARACTERS].len / sizeof *characters);
        bool looked_for = words[i].sound || words[i].shape;
        size_t length = looked_for ? decode(words[i].folded, characters, WORD_MAX) : 0;
        if (length < 2 || length > WORD_MAX) {
            length = 0;
        }
        add(m, PART_STARTS, &start, sizeof start);
        gj_buf_add_char(&m->parts[PART_LENGTHS], (char)length);
        gj_buf_add_char(&m->parts[PART_WARY], (char)words[i].wary);
        add(m, PART_CHARACTERS, characters, length * sizeof *characters);
        if (length > 0 && words[i].sound) {
            add_syllables(m, (uint32_t)i, characters, length);
        }
        if (length > 0 && words[i].shape) {
            add_entry(m, SHAPES, (uint32_t)i, characters, length);
        }
    }
}

/* Lists the slots of shapes, in each list the last first. */
static void link_slots(struct maker *m)
{
    const struct slot *slots = items(m, PART_SLOTS + SHAPES);
    size_t count = m->parts[PART_SLOTS + SHAPES].len / sizeof *slots, total = 0;
    for (size_t i = 0; i < count; i++) {
        total += slots[i].count != 0 ? LISTS : 0;
    }
    add_zeros(m, PART_HEADS, HEADS_BYTES);
    add_zeros(m, PART_LINKS, total * sizeof(struct link));
    if (m->parts[PART_HEADS].failed || m->parts[PART_LINKS].failed) {
        return;
    }
    uint32_t *heads = items(m, PART_HEADS);
    struct link *links = items(m, PART_LINKS);
    for (size_t i = 0; i < count; i++) {
        for (unsigned kind = 0; kind < LISTS && slots[i].count != 0; kind++) {
            heads[gj_head(kind, slots[i].a, slots[i].b)]++;
        }
    }
    for (size_t h = 1; h <= LISTS * HEADS; h++) {
        heads[h] += heads[h - 1]; /* the end of each list, which falls to its begin */
    }
    for (size_t i = 0; i < count; i++) {
        for (unsigned kind = 0; kind < LISTS && slots[i].count != 0; kind++) {
            uint32_t at = --heads[gj_head(kind, slots[i].a, slots[i].b)];
            links[at] = (struct link){slots[i].a, slots[i].b, (uint32_t)i};
        }
    }
}

/* Lays the entries of each slot side by side, the last added first. */
static void gather_entries(struct maker *m, int stream)
{
    struct slot *slots = items(m, PART_SLOTS + stream);
    size_t count = m->parts[PART_ENTRIES + stream].len / sizeof(struct entry);
    size_t slot_count = m->parts[PART_SLOTS + stream].len / sizeof *slots;
    struct entry *entries = items(m, PART_ENTRIES + stream);
    struct entry *added = malloc((count + 1) * sizeof *added);
    if (added == NULL) {
        m->parts[PART_ENTRIES + stream].failed = true;
        return;
    }
    memcpy(added, entries, count * sizeof *added);
    uint32_t first = 0;
    for (size_t i = 0; i < slot_count; i++) {
        first += slots[i].count;
        slots[i].entry = first; /* the end, from which each entry goes one down */
    }
    for (size_t i = 0; i < count; i++) {
        const uint32_t *tokens = (const uint32_t *)items(m, PART_TOKENS) + added[i].tokens;
        struct slot *slot = &slots[gj_weak_find_slot(slots, slot_count, tokens[0], tokens[1])];
        entries[--slot->entry] = added[i];
    }
    free(added);
}

static void index_stream(struct maker *m, int stream)
{
    struct entry *entries = items(m, PART_ENTRIES + stream);
    size_t entry_count = m->parts[PART_ENTRIES + stream].len / sizeof *entries, slot_count = 64;
    while (slot_count < entry_count * 2) {
        slot_count *= 2;
    }
    add_zeros(m, PART_SLOTS + stream, slot_count * sizeof(struct slot));
    add_zeros(m, PART_FILTERS + stream, FILTER_BITS / 8);
    if (m->parts[PART_SLOTS + stream].failed || m->parts[PART_FILTERS + stream].failed ||
        m->parts[PART_TOKENS].failed) {
        return;
    }
    struct slot *slots = items(m, PART_SLOTS + stream);
    uint8_t *filter = items(m, PART_FILTERS + stream);
    for (size_t i = 0; i < entry_count; i++) {
        const uint32_t *tokens = (const uint32_t *)items(m, PART_TOKENS) + entries[i].tokens;
        uint32_t bit = gj_bigram(tokens[0], tokens[1]);
        filter[bit >> 3] |= (uint8_t)(1u << (bit & 7));
        struct slot *slot = &slots[gj_weak_find_slot(slots, slot_count, tokens[0], tokens[1])];
        slot->a = tokens[0];
        slot->b = tokens[1];
        slot->count++;
    }
    gather_entries(m, stream);
}

/* ---- the whole ---- */

struct gj_weak *gj_weak_new(const struct gj_shape *shapes, size_t shape_count,
                            const struct gj_weak_word *words, size_t word_count)
{
    struct maker m;
    for (int i = 0; i < WEAK_PARTS; i++) {
        gj_buf_init(&m.parts[i]);
    }
    add_zeros(&m, PART_LOOK_FIRST, LOW_BITS_BYTES);
    add_zeros(&m, PART_SPLIT_FIRST, LOW_BITS_BYTES);
    add_zeros(&m, PART_SPLIT_PAIRS, FILTER_BITS / 8);
    bool failed = m.parts[PART_LOOK_FIRST].failed || m.parts[PART_SPLIT_FIRST].failed ||
                  m.parts[PART_SPLIT_PAIRS].failed;
    if (!failed) {
        add_shapes(&m, shapes, shape_count);
        add_words(&m, words, word_count);
        index_stream(&m, SYLLABLES);
        index_stream(&m, SHAPES);
        link_slots(&m);
    }
    struct gj_weak *weak = failed ? NULL : gj_weak_join(m.parts, word_count);
    for (int i = 0; i < WEAK_PARTS; i++) {
        gj_buf_release(&m.parts[i]);
    }
    return weak;
}
