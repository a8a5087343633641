/* Room book: words for the cache, as one run of 32-bit words, read in place:
 *   counts {words, refs, triggers, alarms, needs, text bytes}
 *   words  {text offset, length, flags, first ref, refs} each
 *   refs   struct gj_word_ref each
 *   the arrays of struct gj_triggers, the needs padded to 4 bytes
 *   the words' text, each ending in a NUL, padded to 4 bytes
 * Every index is checked: a broken cache is built anew, never trusted. */
#include "book/build.h"

enum { WORDS, REFS, TRIGGERS, ALARMS, NEEDS, TEXT, COUNTS };
_Static_assert(sizeof(struct gj_word_ref) == 8 && sizeof(struct gj_alarm) == 8, "of 32-bit words");
#define WORD_FIELDS 5

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
    uint32_t counts[COUNTS] = {(uint32_t)book->word_count, refs,         t->count,
                               t->first[t->count],         t->needs_len, text};
    gj_buf_add(out, counts, sizeof counts);
    uint32_t offset = 0;
    for (size_t i = 0; i < book->word_count; i++) {
        const struct gj_word *word = &book->words[i];
        uint32_t fields[WORD_FIELDS] = {offset, (uint32_t)word->text.len, flags_of(word),
                                        word->ref_first, word->ref_count};
        gj_buf_add(out, fields, sizeof fields);
        offset += (uint32_t)word->text.len + 1;
    }
    gj_buf_add(out, book->refs, refs * sizeof *book->refs);
    gj_buf_add(out, t->first, (t->count + (size_t)1) * sizeof(uint32_t));
    gj_buf_add(out, t->alarms, counts[ALARMS] * sizeof *t->alarms);
    gj_buf_add(out, t->needs, t->needs_len * sizeof *t->needs);
    gj_buf_add(out, "\0", t->needs_len % 2 * sizeof *t->needs);
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

static int read_refs(struct gj_builder *b, const struct gj_word_ref *refs, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (refs[i].lexicon >= b->book->lexicon_count || refs[i].allow > 1) {
            return -1;
        }
    }
    b->book->refs = refs;
    return 0;
}

/* Whether the sets from `at` on end inside. */
static bool needs_end(const struct gj_triggers *t, uint32_t at)
{
    while (at < t->needs_len && t->needs[at] != 0) {
        at += t->needs[at] + 1u;
    }
    return at < t->needs_len;
}

static int read_triggers(struct gj_builder *b, const uint32_t *at, const uint32_t *counts)
{
    const struct gj_book *book = b->book;
    const uint32_t *alarms = at + counts[TRIGGERS] + 1;
    const uint32_t *needs = alarms + 2 * (size_t)counts[ALARMS];
    struct gj_triggers t = {counts[TRIGGERS], at, (const struct gj_alarm *)(const void *)alarms,
                            (const uint16_t *)(const void *)needs, counts[NEEDS]};
    bool sound = t.first[0] == 0 && t.first[t.count] == counts[ALARMS];
    for (uint32_t i = 0; i < t.count && sound; i++) {
        sound = t.first[i] <= t.first[i + 1];
    }
    for (uint32_t i = 0; i < counts[ALARMS] && sound; i++) {
        sound = t.alarms[i].pattern < book->word_count &&
                book->words[t.alarms[i].pattern].is_regex && needs_end(&t, t.alarms[i].needs);
    }
    b->book->triggers = t;
    return sound ? 0 : -1;
}

int gj_words_read(struct gj_builder *b)
{
    const void *image = b->image.words.ptr;
    uint32_t counts[COUNTS];
    if (b->image.words.len < sizeof counts) {
        return -1;
    }
    memcpy(counts, image, sizeof counts);
    uint64_t units = COUNTS + (uint64_t)counts[WORDS] * WORD_FIELDS + UINT64_C(2) * counts[REFS] +
                     counts[TRIGGERS] + UINT64_C(1) + UINT64_C(2) * counts[ALARMS] +
                     (counts[NEEDS] + UINT64_C(1)) / 2 + (counts[TEXT] + UINT64_C(3)) / 4;
    if (b->image.words.len != units * sizeof(uint32_t)) {
        return -1;
    }
    const uint32_t *words = (const uint32_t *)image + COUNTS;
    const struct gj_word_ref *refs = (const void *)(words + (size_t)counts[WORDS] * WORD_FIELDS);
    const uint32_t *triggers = (const void *)(refs + counts[REFS]);
    const char *text = (const char *)(triggers + counts[TRIGGERS] + 1 + 2 * (size_t)counts[ALARMS] +
                                      (counts[NEEDS] + (size_t)1) / 2);
    if (read_words(b, words, counts, text) != 0 || read_refs(b, refs, counts[REFS]) != 0 ||
        read_triggers(b, triggers, counts) != 0) {
        return -1;
    }
    struct gj_book *book = b->book;
    book->scanner = gj_scanner_open(b->image.scanner);
    size_t literals = (size_t)counts[WORDS] + counts[TRIGGERS];
    book->weak = gj_weak_open(b->image.weak, literals);
    bool fit = book->scanner != NULL && gj_scanner_literals(book->scanner) == literals;
    return fit && book->weak != NULL ? 0 : -1;
}
