/* Tests of room judge: a word of the rulebook is found however it is disguised at the plain levels:
 * invisible characters, width, case, spaces between its characters. Rules that ask whether a word
 * is disguised are left out: they find more. Random; GJ_SEED repeats a run. */
#include <stdio.h>

#include "base/utf8.h"
#include "corpus_support.h"

static uint32_t seed;

static uint32_t dice(uint32_t sides)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % sides;
}

static void add_point(struct gj_buf *out, uint32_t cp)
{
    char bytes[4];
    gj_buf_add(out, bytes, gj_utf8_encode(cp, bytes));
}

enum way { INVISIBLE, WIDTH, CASE, SPACES, WAYS };

static void disguise(struct gj_str word, enum way way, struct gj_buf *out)
{
    static const uint32_t invisible[] = {0x200B, 0x200D, 0x2060, 0xFEFF, 0xAD, 0xFE0F};
    /* no star: it may stand for a character as well (你*妈) */
    static const uint32_t spaces[] = {' ', 0x3000, 0xA0, '.', 0xB7, '-', '_', '~', '/', '|'};
    for (size_t at = 0; at < word.len;) {
        unsigned len = 0;
        uint32_t cp = gj_utf8_decode(word.ptr + at, &len);
        bool chosen = dice(2) == 0;
        if (way == WIDTH && chosen && cp > 0x20 && cp < 0x7F) {
            cp += 0xFEE0;
        } else if (way == CASE && chosen && cp >= 'a' && cp <= 'z') {
            cp -= 0x20;
        }
        add_point(out, cp);
        at += len;
        if (at < word.len && way == INVISIBLE && chosen) {
            add_point(out, invisible[dice(6)]);
        } else if (at < word.len && way == SPACES && chosen) {
            add_point(out, spaces[dice(10)]);
        }
    }
}

/* Whether a rule asks disguised(): it is to tell the two texts apart. */
static bool asks_disguise(const struct gj_book *book, const char *rule)
{
    const struct gj_expr_call *calls = NULL;
    uint32_t id = gj_map_get(&book->rule_ids, gj_str_of(rule));
    size_t count = gj_expr_calls(book->rules[id].when, &calls);
    for (size_t i = 0; i < count; i++) {
        if (book->operators[calls[i].handle].op == GJ_OP_DISGUISED) {
            return true;
        }
    }
    return false;
}

/* The other rules of a verdict as one text, each with what it suggests. */
static void rules_of(const struct gj_book *book, const gj_verdict *verdict, struct gj_buf *out)
{
    gj_buf_reset(out);
    gj_buf_add_cstr(out, "");
    for (size_t i = 0; i < verdict->hit_count; i++) {
        const gj_hit *hit = &verdict->hits[i];
        bool before = asks_disguise(book, hit->rule);
        for (size_t j = 0; j < i && !before; j++) {
            before = strcmp(verdict->hits[j].rule, hit->rule) == 0;
        }
        if (!before) {
            gj_buf_addf(out, " %s %s", gj_suggestion_name(hit->suggestion), hit->rule);
        }
    }
}

static bool is_exact(const struct gj_lexicon *lexicon)
{
    return (lexicon->tolerates & GJ_T_SEPARATORS) == 0;
}

/* Words that some lexicon takes only as they stand are no subject here. */
static bool is_subject(const struct gj_book *book, uint32_t id)
{
    const struct gj_word *word = &book->words[id];
    struct gj_str spelt = gj_word_text(book, id);
    for (uint32_t r = 0; r < word->ref_count; r++) {
        const struct gj_word_ref *ref = &book->refs[word->ref_first + r];
        if (ref->allow || is_exact(&book->lexicons[ref->lexicon])) {
            return false;
        }
    }
    bool letters = true; /* spaces between letters alone make other words of them: ku.ni ma */
    for (size_t at = 0; at < spelt.len; at++) {
        letters &= spelt.ptr[at] >= 'a' && spelt.ptr[at] <= 'z';
    }
    if (letters) {
        return false;
    }
    for (size_t at = 0; at < spelt.len;) { /* two equal neighbours would read as a run */
        unsigned len = 0;
        uint32_t cp = gj_utf8_decode(spelt.ptr + at, &len);
        if (cp >= 0x1F000 || (cp >= '0' && cp <= '9')) {
            return false; /* emoji part words, digits are the extractors' */
        }
        at += len;
    }
    return word->is_regex == 0 && word->ref_count > 0 && spelt.len > 3;
}

Test(judge_disguise, the_rules_stay_the_same, .timeout = 240)
{
    const char *given = getenv("GJ_SEED");
    seed = given == NULL ? 20260301u : (uint32_t)strtoul(given, NULL, 10);
    struct desk desk = real_desk();
    const struct gj_book *book = desk.book->book;
    struct gj_buf plain, changed, text;
    size_t tried = 0, differ = 0;
    gj_buf_init(&plain);
    gj_buf_init(&changed);
    gj_buf_init(&text);
    for (size_t i = 0; i < 6000; i++) {
        uint32_t word = dice((uint32_t)book->word_count);
        struct gj_str spelt = gj_word_text(book, word);
        const char *platform = platforms[dice((uint32_t)PLATFORMS)];
        enum way way = (enum way)dice(WAYS);
        if (!is_subject(book, word)) {
            continue;
        }
        gj_buf_reset(&text);
        gj_buf_addf(&text, "%.*s", (int)spelt.len, spelt.ptr);
        rules_of(book, judge(&desk, platform, text.ptr), &plain);
        gj_buf_reset(&text);
        disguise(spelt, way, &text);
        rules_of(book, judge(&desk, platform, text.ptr), &changed);
        tried++;
        differ += strcmp(plain.ptr, changed.ptr) != 0;
        cr_expect(strcmp(plain.ptr, changed.ptr) == 0, "%s (%.*s) on %s: %s, plain: %s", text.ptr,
                  (int)spelt.len, spelt.ptr, platform, changed.ptr, plain.ptr);
    }
    cr_expect_gt(tried, 1000);
    cr_expect_eq(differ, 0, "%zu of %zu differ", differ, tried);
    gj_buf_release(&plain);
    gj_buf_release(&changed);
    gj_buf_release(&text);
    desk_close(&desk);
}
