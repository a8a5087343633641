/* Room judge: which rules may concern a platform, sender and kind. Worked out when such a message
 * first comes: `applies` is evaluated with these three known and all else unknown; a rule that is
 * not false then is a candidate whenever one of the lexicons it reads is hit. */
#include <stdlib.h>

#include "judge/checker.h"

struct given {
    struct gj_book_host host; /* first, as expressions expect */
    const struct gj_value *values;
};

static struct gj_value lookup_given(void *context, uint32_t slot)
{
    const struct given *given = context;
    return slot <= GJ_FIELD_KIND ? given->values[slot] : (struct gj_value){.kind = GJ_V_UNKNOWN};
}

enum applying { NEVER, MAYBE, SURELY };

/* Whether an expression reads nothing but platform, sender and kind. */
static bool is_of_audience_alone(const struct gj_expr *expr)
{
    const struct gj_expr_call *calls = NULL;
    const uint32_t *slots = NULL;
    size_t count = gj_expr_slots(expr, &slots);
    for (size_t i = 0; i < count; i++) {
        if (slots[i] > GJ_FIELD_KIND) {
            return false;
        }
    }
    return gj_expr_calls(expr, &calls) == 0;
}

static enum applying how_applies(const struct gj_expr *applies, struct given *given,
                                 struct gj_arena *scratch)
{
    struct gj_frame frame = {
        .lookup = lookup_given, .context = given, .arena = scratch, .beforehand = true};
    struct gj_value value = gj_expr_eval(applies, &frame);
    if (value.kind != GJ_V_BOOL || !is_of_audience_alone(applies)) {
        return value.kind == GJ_V_BOOL && !value.as.boolean ? NEVER : MAYBE;
    }
    return value.as.boolean ? SURELY : NEVER;
}

static struct gj_value text_value(struct gj_str text)
{
    return (struct gj_value){.kind = GJ_V_STRING, .as.text = text};
}

static int allocate(struct gj_audience *audience, const struct gj_book *book, size_t reads)
{
    audience->lexicons = calloc(book->lexicon_count / 64 + 1, sizeof *audience->lexicons);
    audience->words = calloc(book->word_count / 64 + 1, sizeof *audience->words);
    audience->rule_first = calloc(book->lexicon_count + 2, sizeof *audience->rule_first);
    audience->rule_list = calloc(reads + 1, sizeof *audience->rule_list);
    audience->always = calloc(book->rule_count + 1, sizeof *audience->always);
    audience->needs = calloc(book->rule_count + 1, sizeof *audience->needs);
    audience->applied = calloc(book->rule_count / 64 + 1, sizeof *audience->applied);
    if (audience->lexicons == NULL || audience->words == NULL || audience->rule_first == NULL ||
        audience->rule_list == NULL || audience->always == NULL || audience->applied == NULL ||
        audience->needs == NULL) {
        gj_audience_release(audience);
        return -1;
    }
    return 0;
}

/* Notes what a rule reads; the lists by lexicon are filled in a second pass. */
static void note_reads(struct gj_audience *audience, const struct gj_book *book,
                       const struct gj_rule *rule)
{
    for (size_t i = 0; i < rule->read_count; i++) {
        uint32_t lexicon = rule->reads[i];
        audience->lexicons[lexicon >> 6] |= UINT64_C(1) << (lexicon & 63);
        audience->extractors |= book->lexicons[lexicon].extractor >= 0;
        if (!rule->always) {
            audience->rule_first[lexicon + 1]++;
        }
    }
    for (size_t i = 0; i < rule->mark_count; i++) {
        audience->lexicons[rule->marks[i] >> 6] |= UINT64_C(1) << (rule->marks[i] & 63);
    }
}

/* Innocent words are innocent for everybody. */
static void note_everyday(struct gj_audience *audience, const struct gj_book *book)
{
    for (size_t l = 0; l < book->lexicon_count; l++) {
        audience->lexicons[l >> 6] |= (uint64_t)book->lexicons[l].everyday << (l & 63);
    }
}

static void note_words(struct gj_audience *audience, const struct gj_book *book)
{
    for (size_t w = 0; w < book->word_count; w++) {
        const struct gj_word *word = &book->words[w];
        for (uint32_t r = word->ref_first; r < word->ref_first + word->ref_count; r++) {
            uint32_t lexicon = book->refs[r].lexicon;
            uint64_t read = audience->lexicons[lexicon >> 6] >> (lexicon & 63) & 1;
            audience->words[w >> 6] |= read << (w & 63);
        }
    }
}

static int fill(struct gj_audience *audience, const struct gj_book *book, const uint8_t *applies)
{
    for (size_t l = 0; l < book->lexicon_count; l++) {
        audience->rule_first[l + 1] += audience->rule_first[l];
    }
    uint32_t *next = calloc(book->lexicon_count + 1, sizeof *next);
    if (next == NULL) {
        return -1;
    }
    memcpy(next, audience->rule_first, book->lexicon_count * sizeof *next);
    for (uint32_t r = 0; r < book->rule_count; r++) {
        const struct gj_rule *rule = &book->rules[r];
        if (applies[r] == NEVER) {
            continue;
        }
        if (rule->always) {
            audience->always[audience->always_count++] = r;
            continue;
        }
        for (size_t i = 0; i < rule->read_count; i++) {
            audience->rule_list[next[rule->reads[i]]++] = r;
        }
    }
    free(next);
    return 0;
}

static int work_out(struct gj_checker *checker, struct gj_audience *audience, struct given *given)
{
    const struct gj_book *book = checker->host.book;
    uint8_t *applies = calloc(book->rule_count + 1, sizeof *applies);
    size_t reads = 0;
    for (size_t r = 0; applies != NULL && r < book->rule_count; r++) {
        const struct gj_rule *rule = &book->rules[r];
        enum applying how =
            rule->is_script ? NEVER : how_applies(rule->applies, given, &checker->scratch);
        applies[r] = (uint8_t)how;
        reads += how != NEVER ? rule->read_count : 0;
    }
    if (applies == NULL || allocate(audience, book, reads) != 0) {
        free(applies);
        return -1;
    }
    for (size_t r = 0; r < book->rule_count; r++) {
        if (applies[r] != NEVER) {
            note_reads(audience, book, &book->rules[r]);
        }
        audience->applied[r >> 6] |= (uint64_t)(applies[r] == SURELY) << (r & 63);
    }
    note_everyday(audience, book);
    note_words(audience, book);
    int status = fill(audience, book, applies);
    free(applies);
    if (status != 0) {
        gj_audience_release(audience);
    }
    return status;
}

struct gj_audience *gj_audience_of(struct gj_checker *checker, uint32_t platform, uint32_t sender,
                                   uint32_t kind)
{
    const struct gj_field *fields = checker->host.book->fields;
    size_t senders = fields[GJ_FIELD_SENDER].value_count, kinds = fields[GJ_FIELD_KIND].value_count;
    struct gj_audience *audience =
        &checker->audiences[((size_t)platform * senders + sender) * kinds + kind];
    if (!audience->ready) {
        struct given given = {.host = checker->host, .values = audience->given};
        audience->given[GJ_FIELD_PLATFORM] = text_value(fields[GJ_FIELD_PLATFORM].values[platform]);
        audience->given[GJ_FIELD_SENDER] = text_value(fields[GJ_FIELD_SENDER].values[sender]);
        audience->given[GJ_FIELD_KIND] = text_value(fields[GJ_FIELD_KIND].values[kind]);
        if (work_out(checker, audience, &given) != 0) {
            return NULL;
        }
        audience->ready = true;
    }
    return audience;
}

void gj_audience_release(struct gj_audience *audience)
{
    free(audience->needs);
    free(audience->lexicons);
    free(audience->words);
    free(audience->rule_first);
    free(audience->rule_list);
    free(audience->always);
    free(audience->applied);
    *audience = (struct gj_audience){0};
}
