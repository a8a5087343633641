/* Room book: the compiled rulebook, immutable once loaded, shared by threads.
 *
 *   files --load.c--> tree --build_*.c--> struct gj_book (+ scanner, weak matcher, expressions)
 *
 * Everything in it lives in `arena` or belongs to it. Indexes, not pointers, name things: lexicon,
 * rule, field, parameter, host list. */
#ifndef GJ_BOOK_BOOK_H
#define GJ_BOOK_BOOK_H

#include "base/map.h"
#include "book/event.h"
#include "book/tree.h"
#include "expr/expr.h"
#include "text/extract.h"
#include "text/pattern.h"
#include "text/scan.h"
#include "text/weak.h"
#include "wire/envelope.h"

struct gj_source {
    struct gj_str id, title_zh, title_en, date; /* date "2023-09-28", or "" */
    bool cited;
};

struct gj_cite {
    uint32_t source;
    struct gj_str place;
};

struct gj_param_value {
    int64_t from; /* seconds since 1970: the China day on which it begins */
    struct gj_value value;
    struct gj_cite cite;
};

struct gj_param {
    struct gj_str id;
    const struct gj_node *node;
    const struct gj_type *type;
    const struct gj_param_value *values; /* by date */
    size_t value_count;
    bool used; /* some expression reads it */
};

enum gj_suggest { GJ_SUGGEST_PASS, GJ_SUGGEST_REVIEW, GJ_SUGGEST_BLOCK };

struct gj_lexicon {
    struct gj_str id;
    const struct gj_node *node; /* NULL: an extractor */
    int extractor;              /* enum gj_extract_kind, or -1 */
    uint16_t tolerates;         /* enum gj_transform bits a hit may need */
    bool wary;                  /* short words are looked for by sound with caution */
    enum gj_suggest weak;       /* the most that a weak hit may suggest */
    bool everyday;              /* its words are innocent: no disguise is looked for inside them */
    bool used;
};

struct gj_hosts {
    struct gj_str id;
    const struct gj_str *list; /* "a.com" stands for its subdomains too */
    size_t count;
};

/* A distinct word or regular expression; several lexicons may hold it. Read in place in the cache:
 * offsets, no pointers. */
struct gj_word {
    uint32_t text, len;            /* in gj_book.word_text: folded, or the expression */
    uint32_t ref_first, ref_count; /* into gj_book.refs */
    uint16_t is_regex;             /* 1 or 0 */
    uint16_t sure; /* 1: some lexicon looks for it by sound without caution; read by the builder */
};

struct gj_word_ref {
    uint32_t lexicon;
    uint16_t tolerates; /* of the lexicon that spells the word: what is included keeps its own */
    uint16_t allow;     /* 1: an allowed span of the lexicon, not a hit */
};

/* Wakes a pattern, if the text meets its needs. */
struct gj_alarm {
    uint32_t pattern; /* word id */
    uint32_t needs;   /* index into gj_triggers.needs: as gj_presence_meets takes them */
};

/* As `needs`: the literal does not wake the pattern, but found in disguise it is worth reading the
 * text as it is meant, for a text that this pattern is for. */
#define GJ_NEEDS_DISGUISED UINT32_MAX

/* Which literals wake which patterns: the id of trigger t in the scan is word_count + t. */
struct gj_triggers {
    uint32_t count;
    const uint32_t *first;         /* count + 1: trigger t rings */
    const struct gj_alarm *alarms; /*   alarms[first[t] .. first[t + 1]), disguised ones last */
    const uint16_t *needs;         /* of all patterns */
    uint32_t needs_len;
};

/* hit("a"), near("a", "b", 12), ...: one call in one expression. */
enum gj_op {
    GJ_OP_HIT,
    GJ_OP_COUNT,
    GJ_OP_NEAR,
    GJ_OP_BEFORE,
    GJ_OP_SAME_CLAUSE,
    GJ_OP_DISGUISED,
    GJ_OP_NEGATED,
    GJ_OP_ASSERTED,
    GJ_OP_MEANT,
    GJ_OP_ASKED,
    GJ_OP_QUOTED,
    GJ_OP_WHOLE,
    GJ_OP_URL_OUTSIDE,
    GJ_OP_URL_IN,
    GJ_OP_PARAM
};

struct gj_operator {
    enum gj_op op;
    uint32_t a, b;    /* lexicons; host list; parameter */
    int64_t distance; /* code points */
};

/* Whether `b` is a lexicon too, without which the operator is false. */
static inline bool gj_operator_pairs(const struct gj_operator *op)
{
    return op->op == GJ_OP_NEAR || op->op == GJ_OP_BEFORE || op->op == GJ_OP_SAME_CLAUSE;
}

/* What an expression's host calls need; the first member of the frame's context. */
struct gj_book_host {
    const struct gj_book *book;
    int64_t at; /* seconds since 1970: which parameter values are in force */
    struct gj_value (*operate)(struct gj_book_host *host, const struct gj_operator *op);
};

struct gj_field {
    struct gj_str name;
    const struct gj_type *type;
    struct gj_value standard;    /* default; GJ_V_UNKNOWN when there is none */
    const struct gj_str *values; /* string fields: the only ones allowed; NULL: any */
    size_t value_count;
};

/* Fields that the program itself fills, by name. */
enum gj_known_field {
    GJ_FIELD_PLATFORM,
    GJ_FIELD_SENDER,
    GJ_FIELD_KIND,
    GJ_FIELD_LENGTH,
    GJ_FIELD_HOSTS, /* shop.authorised_hosts */
    GJ_FIELD_PACKS, /* shop.packs: the optional packs that this shop applies */
    GJ_KNOWN_FIELDS
};

/* A text that begins so is of that sender or kind: 商品标题： */
struct gj_opener {
    struct gj_str text;
    uint32_t field; /* GJ_FIELD_SENDER or GJ_FIELD_KIND */
    struct gj_str value;
};

struct gj_measure_name {
    struct gj_str zh, en;
};

struct gj_rule_cost {
    const struct gj_expr *points, *fine_fen; /* NULL: none named */
    struct gj_str points_class, payer, payee, note_zh, note_en;
    const char *const *measures;
    size_t measure_count;
};

enum gj_rule_severity { GJ_SEV_BONUS = 1, GJ_SEV_MINOR, GJ_SEV_MAJOR, GJ_SEV_CRITICAL };

#define GJ_TEST_FACTS_MAX 16

struct gj_test {
    const struct gj_node *node;
    struct gj_str say, is, on, from, kind, at;
    const struct gj_node *with; /* at most GJ_TEST_FACTS_MAX */
};

struct gj_rule {
    const struct gj_node *node;
    bool is_script;
    struct gj_str id, pack, title_zh, title_en, category, reply_zh, reply_en, situation;
    struct gj_str clause_zh, clause_en; /* its citations in words */
    const struct gj_str *covers;
    size_t cover_count;
    const struct gj_cite *cites;
    size_t cite_count;
    int64_t from, until; /* seconds since 1970; INT64_MIN, INT64_MAX: always */
    struct gj_str from_text, until_text;
    const struct gj_expr *applies, *when;
    const uint32_t *reads; /* lexicons that `when` reads, each once */
    size_t read_count;
    const uint32_t *marks; /* lexicons whose hits are marked */
    size_t mark_count;
    uint64_t unless_negated; /* bit i: marks[i] is read by negated(), asserted(), meant() */
    bool always;             /* may be true without any hit: evaluated for each message */
    enum gj_suggest suggest;
    enum gj_rule_severity severity;
    struct gj_rule_cost cost;
    const struct gj_test *tests;
    size_t test_count;
};

/* How an agent may stand to words that he does not mean: lexicons that the grammar names. */
enum gj_stance { GJ_STANCE_REFUSAL, GJ_STANCE_TAKEN_UP, GJ_STANCE_DISTANCE, GJ_STANCES };

/* What negated(), meant(), asked(), quoted() and whole() know of the language; texts folded. */
struct gj_grammar {
    uint32_t stances[GJ_STANCES]; /* lexicons; GJ_MAP_NONE: none is named */
    const struct gj_str *negation, *not_negating, *condition_ends, *question_ends, *statement_ends,
        *question_words, *quote_leads, *fillers;
    size_t negation_count, not_negating_count, condition_end_count, question_end_count,
        statement_end_count, question_word_count, quote_lead_count, filler_count;
};

struct gj_plan;

struct gj_book {
    struct gj_arena arena;
    struct gj_str dir;
    struct gj_str image; /* the cache file, mapped; nodes, words, scanner lie in it */
    char hash[33];
    struct gj_file *files;
    size_t file_count;
    struct gj_source *sources;
    size_t source_count;
    struct gj_param *params;
    size_t param_count;
    struct gj_lexicon *lexicons; /* the extractors first */
    size_t lexicon_count;
    struct gj_hosts *hosts;
    size_t host_count;
    struct gj_field *fields; /* the known ones first, in the order of enum gj_known_field */
    size_t field_count;
    struct gj_opener *openers;
    size_t opener_count;
    const struct gj_word *words;
    size_t word_count;
    const char *word_text; /* each word's ends in a NUL */
    const struct gj_word_ref *refs;
    struct gj_triggers triggers;
    struct gj_operator *operators;
    size_t operator_count, operator_capacity;
    struct gj_rule *rules; /* scripts too */
    size_t rule_count;
    struct gj_grammar grammar;
    struct gj_events events;             /* empty until gj_book_events */
    const struct gj_envelope *envelopes; /* of platforms, built with the events */
    size_t envelope_count;
    bool has_events; /* they are built */
    /* The half that only event streams need: the cache keeps it apart, and whoever judges messages
     * alone never reads it. */
    struct gj_node *event_entries; /* its documents, once read */
    struct gj_str event_image;     /* of the cache; empty: nothing is left to read */
    uint64_t event_sum;
    struct gj_plan *plan; /* of that half, once built (plan.h) */
    bool with_tests;      /* the entries hold their tests */
    struct gj_scanner *scanner;
    struct gj_weak *weak;
    struct gj_map source_ids, param_ids, lexicon_ids, host_ids, field_ids, rule_ids, pack_ids,
        measure_ids;
    const struct gj_measure_name *measures; /* what costs and findings may set */
    size_t measure_count;
    const struct gj_str *packs; /* pack ids that are optional: "any", "shop" */
    size_t pack_count;
    struct gj_str tests_on; /* the platform on which packs are tested; empty: the first */
};

struct gj_book_options {
    const char *cache_dir; /* NULL: the user's; "": none */
    bool with_tests;       /* keep the tests: never from the cache */
};

/* Loads the folder `dir`. Returns NULL with all errors; a cache that failed is told in `errors`,
 * and the book returned. */
struct gj_book *gj_book_load(const char *dir, struct gj_book_options options,
                             struct gj_errors *errors);
void gj_book_free(struct gj_book *book);

/* A rulebook of one text, tests kept: for tests and fuzzing. */
struct gj_book *gj_book_from_text(struct gj_str text, struct gj_errors *errors);

/* The rulebook's events, built when first asked for; empty when it declares none. NULL with errors.
 * It changes the book: call it before the book is shared. */
const struct gj_events *gj_book_events(struct gj_book *book, struct gj_errors *errors);

/* The mapping of a platform's envelopes, or NULL; gj_book_events must have been called. */
const struct gj_envelope *gj_book_envelope(const struct gj_book *book, struct gj_str platform);

/* The parameter that a call in an expression of a rule reads; GJ_NO_INDEX: none. */
uint32_t gj_rule_param_of(const struct gj_book *book, const struct gj_expr_call *call);

/* The value in force at `at`, kind GJ_V_ERROR when none is yet. */
struct gj_value gj_param_at(const struct gj_param *param, int64_t at);

/* The word, folded, or the expression; it ends in a NUL. */
static inline struct gj_str gj_word_text(const struct gj_book *book, size_t word)
{
    return (struct gj_str){book->word_text + book->words[word].text, book->words[word].len};
}

/* The China day of a date "2023-09-28" as seconds since 1970 of its 00:00, or INT64_MIN when
 * malformed. */
int64_t gj_china_day(struct gj_str date);

/* The name in a map nearest to `name`, for "did you mean"; empty when none is near. */
struct gj_str gj_nearest(const struct gj_map *names, struct gj_str name);

/* A host, in lower case, is of a list when it equals an entry or ends in "." and an entry. */
bool gj_host_in(struct gj_str host, const struct gj_str *list, size_t count);

/* The rows of catalogue.yaml, as nodes. */
int gj_catalogue_read(struct gj_arena *arena, const char *dir, struct gj_node **rows,
                      struct gj_errors *errors);

#endif
