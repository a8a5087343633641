/* Room book: words for the cache, as one run of 32-bit words, read in place:
 *   counts {words, refs, triggers, alarms, needs, text bytes}
 *   struct gj_word each, struct gj_word_ref each
 *   the arrays of struct gj_triggers, the needs padded to 4 bytes
 *   gj_book.word_text, padded to 4 bytes
 * Every index is checked once, before a file is taken for whole: a broken cache is built anew. */
#include "book/build.h"

enum { WORDS, REFS, TRIGGERS, ALARMS, NEEDS, TEXT, COUNTS };
_Static_assert(sizeof(struct gj_word) == 20 && sizeof(struct gj_word_ref) == 8 &&
                   sizeof(struct gj_alarm) == 8,
               "of 32-bit words");

/* What the counts make of the run behind them. */
struct words {
    const struct gj_word *words;
    const struct gj_word_ref *refs;
    struct gj_triggers triggers;
    const char *text;
};

static size_t text_size(const struct gj_book *book)
{
    if (book->word_count == 0) {
        return 0;
    }
    const struct gj_word *last = &book->words[book->word_count - 1];
    return last->text + (size_t)last->len + 1;
}

void gj_words_write(const struct gj_book *book, struct gj_buf *out)
{
    static const char zeros[sizeof(uint32_t)] = "";
    const struct gj_triggers *t = &book->triggers;
    size_t text = text_size(book), refs = 0;
    for (size_t i = 0; i < book->word_count; i++) {
        refs += book->words[i].ref_count;
    }
    uint32_t counts[COUNTS] = {(uint32_t)book->word_count, (uint32_t)refs, t->count,
                               t->first[t->count],         t->needs_len,   (uint32_t)text};
    gj_buf_add(out, counts, sizeof counts);
    gj_buf_add(out, book->words, book->word_count * sizeof *book->words);
    gj_buf_add(out, book->refs, refs * sizeof *book->refs);
    gj_buf_add(out, t->first, (t->count + (size_t)1) * sizeof *t->first);
    gj_buf_add(out, t->alarms, counts[ALARMS] * sizeof *t->alarms);
    gj_buf_add(out, t->needs, t->needs_len * sizeof *t->needs);
    gj_buf_add(out, zeros, t->needs_len % 2 * sizeof *t->needs);
    gj_buf_add(out, book->word_text, text);
    gj_buf_add(out, zeros, (sizeof zeros - text % sizeof zeros) % sizeof zeros);
}

/* ---- reading ---- */

static int lay_out(struct gj_str image, uint32_t *counts, struct words *out)
{
    if (image.len < COUNTS * sizeof *counts) {
        return -1;
    }
    memcpy(counts, image.ptr, COUNTS * sizeof *counts);
    uint64_t units = COUNTS + UINT64_C(5) * counts[WORDS] + UINT64_C(2) * counts[REFS] +
                     counts[TRIGGERS] + UINT64_C(1) + UINT64_C(2) * counts[ALARMS] +
                     (counts[NEEDS] + UINT64_C(1)) / 2 + (counts[TEXT] + UINT64_C(3)) / 4;
    if (image.len != units * sizeof(uint32_t)) {
        return -1;
    }
    const uint32_t *at = (const uint32_t *)(const void *)image.ptr + COUNTS;
    out->words = (const void *)at;
    out->refs = (const void *)(out->words + counts[WORDS]);
    out->triggers.count = counts[TRIGGERS];
    out->triggers.first = (const void *)(out->refs + counts[REFS]);
    out->triggers.alarms = (const void *)(out->triggers.first + counts[TRIGGERS] + 1);
    out->triggers.needs = (const void *)(out->triggers.alarms + counts[ALARMS]);
    out->triggers.needs_len = counts[NEEDS];
    out->text = (const void *)(out->triggers.needs + (counts[NEEDS] + (size_t)1) / 2 * 2);
    return 0;
}

static bool words_sound(const struct words *w, const uint32_t *counts)
{
    bool sound = true;
    for (uint32_t i = 0; i < counts[WORDS] && sound; i++) {
        const struct gj_word *word = &w->words[i];
        sound = word->len > 0 && word->len < counts[TEXT] &&
                word->text < counts[TEXT] - word->len && w->text[word->text + word->len] == '\0' &&
                word->ref_first <= counts[REFS] &&
                word->ref_count <= counts[REFS] - word->ref_first;
    }
    return sound;
}

static bool refs_sound(const struct words *w, const uint32_t *counts, size_t lexicons)
{
    bool sound = true;
    for (uint32_t i = 0; i < counts[REFS]; i++) {
        sound &= w->refs[i].lexicon < lexicons && w->refs[i].allow <= 1;
    }
    return sound;
}

/* Whether what a pattern needs ends inside; `at` is any number. */
static bool needs_end(const struct gj_triggers *t, size_t at)
{
    for (at += GJ_NEEDS_SETS; at < t->needs_len && t->needs[at] != 0;) {
        at += t->needs[at] + 1u;
    }
    return at < t->needs_len;
}

static bool triggers_sound(const struct words *w, const uint32_t *counts)
{
    const struct gj_triggers *t = &w->triggers;
    bool sound = t->first[0] == 0 && t->first[t->count] == counts[ALARMS];
    for (uint32_t i = 0; i < t->count; i++) {
        sound &= t->first[i] <= t->first[i + 1];
    }
    for (uint32_t i = 0; i < counts[ALARMS] && sound; i++) {
        sound = t->alarms[i].pattern < counts[WORDS] &&
                w->words[t->alarms[i].pattern].is_regex != 0 &&
                (t->alarms[i].needs == GJ_NEEDS_DISGUISED || needs_end(t, t->alarms[i].needs));
    }
    return sound;
}

int gj_words_read(struct gj_builder *b)
{
    struct gj_book *book = b->book;
    uint32_t counts[COUNTS];
    struct words w;
    bool whole = b->image.whole;
    if (lay_out(b->image.words, counts, &w) != 0 ||
        (!whole && (!words_sound(&w, counts) || !refs_sound(&w, counts, book->lexicon_count) ||
                    !triggers_sound(&w, counts)))) {
        return -1;
    }
    book->words = w.words;
    book->word_count = counts[WORDS];
    book->word_text = w.text;
    book->refs = w.refs;
    book->triggers = w.triggers;
    book->scanner = gj_scanner_open(b->image.scanner, whole);
    size_t literals = (size_t)counts[WORDS] + counts[TRIGGERS];
    book->weak = gj_weak_open(b->image.weak, literals, whole);
    bool fit = book->scanner != NULL && gj_scanner_literals(book->scanner) == literals;
    return fit && book->weak != NULL ? 0 : -1;
}
