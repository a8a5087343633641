/* Room book: words for the cache, as one run of 32-bit words, read in place:
 *   counts {words, refs, triggers, pattern refs, text bytes}
 *   words  {text offset, length, flags, first ref, refs} each
 *   refs   {lexicon, tolerates | allow << 31} each
 *   the two arrays of struct gj_triggers
 *   the words' text, each ending in a NUL, padded to 4 bytes
 * Every index is checked: a broken cache is built anew, never trusted. */
#include "book/build.h"

enum { WORDS, REFS, TRIGGERS, PATTERNS, TEXT, COUNTS };
#define WORD_FIELDS 5
#define ALLOW       0x80000000u

static void put(struct gj_buf *out, uint32_t value)
{
    gj_buf_add(out, &value, sizeof value);
}

static uint32_t flags_of(const struct gj_word *word)
{
    return (word->is_regex ? 1u : 0) | (word->letter_first ? 2u : 0) | (word->letter_last ? 4u : 0);
}

void gj_words_write(const struct gj_book *book, struct gj_buf *out)
{
    const struct gj_triggers *t = &book->triggers;
    uint32_t text = 0, refs = 0;
    for (size_t i = 0; i < book->word_count; i++) {
        text += (uint32_t)book->words[i].text.len + 1;
        refs += book->words[i].ref_count;
    }
    uint32_t counts[COUNTS] = {(uint32_t)book->word_count, refs, t->count,
                               t->pattern_first[t->count], text};
    gj_buf_add(out, counts, sizeof counts);
    uint32_t offset = 0;
    for (size_t i = 0; i < book->word_count; i++) {
        const struct gj_word *word = &book->words[i];
        uint32_t fields[WORD_FIELDS] = {offset, (uint32_t)word->text.len, flags_of(word),
                                        word->ref_first, word->ref_count};
        gj_buf_add(out, fields, sizeof fields);
        offset += (uint32_t)word->text.len + 1;
    }
    for (uint32_t i = 0; i < refs; i++) {
        put(out, book->refs[i].lexicon);
        put(out, book->refs[i].tolerates | (book->refs[i].allow ? ALLOW : 0));
    }
    gj_buf_add(out, t->pattern_first, (t->count + (size_t)1) * sizeof(uint32_t));
    gj_buf_add(out, t->patterns, counts[PATTERNS] * sizeof(uint32_t));
    for (size_t i = 0; i < book->word_count; i++) {
        gj_buf_add_str(out, book->words[i].text);
        gj_buf_add_char(out, '\0');
    }
    while (out->len % sizeof(uint32_t) != 0) {
        gj_buf_add_char(out, '\0');
    }
}

static int read_words(struct gj_builder *b, const uint32_t *at, const uint32_t *counts,
                      const char *text)
{
    struct gj_book *book = b->book;
    book->words = gj_book_array(b, counts[WORDS], sizeof *book->words);
    if (book->words == NULL) {
        return -1;
    }
    for (uint32_t i = 0; i < counts[WORDS]; i++, at += WORD_FIELDS) {
        bool sound = at[1] > 0 && at[1] < counts[TEXT] && at[0] < counts[TEXT] - at[1] &&
                     text[at[0] + at[1]] == '\0' && at[3] <= counts[REFS] &&
                     at[4] <= counts[REFS] - at[3];
        if (!sound) {
            return -1;
        }
        book->words[i] = (struct gj_word){.text = {text + at[0], at[1]},
                                          .is_regex = (at[2] & 1) != 0,
                                          .letter_first = (at[2] & 2) != 0,
                                          .letter_last = (at[2] & 4) != 0,
                                          .ref_first = at[3],
                                          .ref_count = at[4]};
    }
    book->word_count = counts[WORDS];
    return 0;
}

static int read_refs(struct gj_builder *b, const uint32_t *at, uint32_t count)
{
    struct gj_book *book = b->book;
    book->refs = gj_book_array(b, count, sizeof *book->refs);
    for (uint32_t i = 0; book->refs != NULL && i < count; i++, at += 2) {
        if (at[0] >= book->lexicon_count) {
            return -1;
        }
        book->refs[i] =
            (struct gj_word_ref){at[0], (uint16_t)(at[1] & 0xFFFF), (at[1] & ALLOW) != 0};
    }
    return book->refs == NULL ? -1 : 0;
}

static int read_triggers(struct gj_builder *b, const uint32_t *at, const uint32_t *counts)
{
    const struct gj_book *book = b->book;
    struct gj_triggers t = {counts[TRIGGERS], at, at + counts[TRIGGERS] + 1};
    bool sound = t.pattern_first[t.count] == counts[PATTERNS];
    for (uint32_t i = 0; i < t.count && sound; i++) {
        sound = t.pattern_first[i] <= t.pattern_first[i + 1];
    }
    for (uint32_t i = 0; i < counts[PATTERNS] && sound; i++) {
        sound = t.patterns[i] < book->word_count && book->words[t.patterns[i]].is_regex;
    }
    b->book->triggers = t;
    return sound ? 0 : -1;
}

int gj_words_read(struct gj_builder *b)
{
    const uint32_t *at = (const uint32_t *)(const void *)b->word_image.ptr;
    uint32_t counts[COUNTS];
    if (b->word_image.len < sizeof counts) {
        return -1;
    }
    memcpy(counts, at, sizeof counts);
    uint64_t words = COUNTS + (uint64_t)counts[WORDS] * WORD_FIELDS + (uint64_t)counts[REFS] * 2 +
                     counts[TRIGGERS] + 1 + counts[PATTERNS] + (counts[TEXT] + UINT64_C(3)) / 4;
    if (b->word_image.len != words * sizeof(uint32_t)) {
        return -1;
    }
    const uint32_t *refs = at + COUNTS + (size_t)counts[WORDS] * WORD_FIELDS;
    const uint32_t *triggers = refs + (size_t)counts[REFS] * 2;
    const char *text = (const char *)(triggers + counts[TRIGGERS] + 1 + counts[PATTERNS]);
    if (read_words(b, at + COUNTS, counts, text) != 0 || read_refs(b, refs, counts[REFS]) != 0 ||
        read_triggers(b, triggers, counts) != 0) {
        return -1;
    }
    b->book->scanner = gj_scanner_deserialize(b->scanner_image);
    return b->book->scanner == NULL ? -1 : 0;
}
