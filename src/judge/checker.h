/* Room judge, inside: one thread's working state for judging messages.
 *
 *   message --check.c--> folded text --match.c--> matches by lexicon --operate.c--> conditions
 *           --verdict.c--> verdict --door.c--> JSON
 *
 * A checker is reused: its memory grows to the largest message and then stays, so that a check
 * allocates nothing. What a rule needs to know of the audience (platform, sender, kind) is worked
 * out once for each audience that occurs. */
#ifndef GJ_JUDGE_CHECKER_H
#define GJ_JUDGE_CHECKER_H

#include "base/errors.h"
#include "book/book.h"
#include "guiju/guiju.h"
#include "wire/json.h"

struct gj_rulebook {
    struct gj_book *book;
    const char **covers; /* NUL-terminated views for gj_rulebook_entry, in rule order */
    gj_citation *citations;
    size_t *cover_first, *citation_first;
    struct gj_arena arena;        /* of the entries on events */
    gj_entry_info *event_entries; /* NULL: not read yet */
    size_t event_entry_count;
    struct gj_details {
        const gj_detail *list;
        size_t count;
    } * rule_details; /* of each rule; made with the entries on events */
};

/* entries.c: rules and scripts, made ready when the rulebook is opened. -1: out of memory. */
int gj_rulebook_make_views(gj_rulebook *rulebook);

/* A find in the text: half open, in code points of the text judged (behind an opener). */
struct gj_match {
    uint32_t lexicon, start, end;
    uint32_t from, to;            /* the same in characters that count: distances are measured so */
    uint32_t clause, last_clause; /* those in which it begins and ends, counted from 0 */
    uint16_t transforms;
    bool weak;
};

/* ':' and ',' part clauses for words, but a clause for sense ends at ',' '!' '?' only. */
static inline bool gj_ends_clause(const struct gj_unit *unit)
{
    return unit->class_ == GJ_U_MARK && unit->cp != ':';
}

struct gj_place {        /* what stands before a code point */
    uint32_t characters; /* that count */
    uint32_t clause_ends;
};

struct gj_match_list {
    struct gj_match *items;
    size_t count, capacity;
};

struct gj_range { /* the matches of one lexicon */
    uint32_t first, count;
};

/* For an audience a rule's condition is false in a text without a match of any of these lexicons.
 */
struct gj_clause {
    const uint32_t *lexicons;
    size_t count;
};
#define GJ_CLAUSES 2

struct gj_needs {
    struct gj_clause clauses[GJ_CLAUSES]; /* each must be met; of no lexicons: it is */
    bool known;                           /* worked out when the rule first comes up */
};

/* The rules that may concern a platform, sender and kind. */
struct gj_audience {
    bool ready;
    struct gj_value given[3]; /* platform, sender, kind */
    struct gj_needs *needs;   /* per rule */
    uint64_t *lexicons;       /* bitmap: which are read by some rule */
    uint64_t *words;          /* bitmap: which stand in such a lexicon */
    uint32_t *rule_list;      /* rules by lexicon: [rule_first[l], rule_first[l + 1]) */
    uint32_t *rule_first;
    uint64_t *applied; /* bitmap: rules whose `applies` is true, whatever else is given */
    uint32_t *always;  /* rules evaluated for each message */
    size_t always_count;
    bool extractors; /* some rule reads an extractor */
    bool urls;
};

#define GJ_IGNORED_MAX 16 /* names that mean nothing here, told for one message */

struct gj_finding {
    uint32_t rule;
    gj_suggestion suggestion;
    const char *depends_on; /* "" or a field's name */
};

/* A pattern in a reading of the text. */
struct gj_waking {
    uint32_t reading; /* the last one that woke it */
    uint32_t slot;    /* its place in `awake` then, or GJ_ASLEEP */
};
#define GJ_ASLEEP UINT32_MAX /* the text has not what else the pattern needs */

/* A trigger that has rung need not ring again in the same block of the same reading. Few are
 * remembered, so that they stay in the processor's nearest cache. */
struct gj_ringing {
    uint32_t trigger, reading, block;
};
#define GJ_RINGING 256

enum gj_mode { GJ_MODE_STRONG, GJ_MODE_ALL }; /* whether weak matches count */

struct gj_checker {
    struct gj_book_host host; /* first: expressions find it by their context */
    const struct gj_rulebook *rulebook;
    struct gj_weak_scratch weak;
    struct gj_match_scratch match;
    struct gj_arena matcher_memory;        /* of the patterns that were needed so far */
    const struct gj_matcher **matchers;    /* per word; NULL: not needed yet */
    struct gj_waking *waking;              /* per word */
    struct gj_ringing ringing[GJ_RINGING]; /* triggers that rang last, by number */
    uint32_t reading;
    struct gj_rung rung_for; /* of the reading, without its blocks */
    uint64_t *rung;          /* those, for each of `awake` */
    size_t rung_capacity;
    uint32_t *awake; /* patterns under suspicion in this reading */
    size_t awake_count;
    struct gj_place *places; /* per code point */
    size_t place_capacity;
    uint32_t longest;            /* of `matches`, in characters that count */
    uint32_t matching;           /* the pattern being matched */
    struct gj_presence presence; /* of the reading; empty between readings */
    struct gj_text text, collapsed, read_as, meant;
    struct gj_disguise *disguises; /* words and literals of patterns in the text at hand */
    size_t disguise_count, disguise_capacity;
    struct gj_extracts extracts;
    struct gj_match_list matches, allowed;
    struct gj_match_list everyday; /* words in which no disguise is looked for */
    bool any_weak;                 /* some of `matches` is weak */
    struct gj_range *ranges;       /* per lexicon */
    uint32_t *touched;             /* lexicons with matches */
    size_t touched_count;
    struct gj_audience *audiences;
    struct gj_audience *audience;
    struct gj_value *facts; /* per field */
    uint32_t *facts_set;
    size_t facts_set_count;
    uint32_t *rule_stamps; /* per rule: the check that made it a candidate */
    uint32_t stamp;
    uint32_t *candidates;
    size_t candidate_count;
    struct gj_finding *findings; /* room for one a rule */
    size_t finding_count;
    enum gj_mode mode;
    struct gj_arena scratch; /* values of expressions */
    bool *packs;             /* per optional pack: applied */
    bool *pack_override;     /* the same for the message at hand (shop.packs) */
    bool has_pack_override;
    struct gj_match_list spans;     /* of one finding, while it becomes hits */
    const struct gj_text *scanning; /* the reading of the text under scan */
    uint16_t required;              /* transforms that a match of this reading must need */
    bool out_of_memory;
    /* what leaves */
    gj_hit hits[GJ_HITS_MAX];
    const char *unknown[GJ_UNKNOWNS_MAX];
    gj_verdict verdict;
    struct gj_str judged;   /* the text behind an opener */
    uint32_t opener_points; /* code points of the opener */
    const char *platform;
    /* the JSON door */
    gj_message last;     /* what was read last */
    const char *refusal; /* why it was refused, or "" */
    const char *ignored[GJ_IGNORED_MAX];
    size_t ignored_count;
    struct gj_json_parser *parser;
    struct gj_buf out;
    gj_json_settings json;
    struct gj_buf explanation;
    struct gj_buf names; /* dotted names of facts under way */
    gj_fact *fact_list;
    size_t fact_capacity;
    const char **string_list;
    size_t string_count, string_capacity;
};

/* api.c: takes over `book`, also on failure. */
gj_rulebook *gj_rulebook_wrap(struct gj_book *book, gj_errors *errors);

/* match.c: folds `checker->judged` and fills matches, ranges and touched. 0, or -1: out of memory.
 */
int gj_match_text(struct gj_checker *checker);
struct gj_range gj_matches_of(const struct gj_checker *checker, uint32_t lexicon);

/* operate.c: answers an operator of a condition. */
struct gj_value gj_operate(struct gj_book_host *host, const struct gj_operator *op);
bool gj_match_is_negated(const struct gj_checker *checker, const struct gj_match *match);

/* audience.c */
struct gj_audience *gj_audience_of(struct gj_checker *checker, uint32_t platform, uint32_t sender,
                                   uint32_t kind);
void gj_audience_release(struct gj_audience *audience);

/* clause.c: whether the matches are there that the rule's condition cannot do without. */
bool gj_rule_may_hold(struct gj_checker *checker, uint32_t rule);

/* check.c. gj_checker_forget leaves nothing of the last message: facts and findings point into
 * `scratch`, which it empties. gj_judge is gj_check behind that, for a caller that keeps things of
 * its own in `scratch`. */
void gj_checker_forget(struct gj_checker *checker);
int gj_judge(struct gj_checker *checker, const gj_message *message, const gj_verdict **verdict,
             gj_errors *errors);
static inline struct gj_value gj_checker_lookup(void *context, uint32_t slot)
{
    const gj_checker *checker = context;
    return checker->facts[slot];
}
bool gj_rule_in_force(const struct gj_checker *checker, const struct gj_rule *rule);

/* verdict.c: findings to hits. */
void gj_verdict_build(struct gj_checker *checker);

/* door.c */
void gj_verdict_write(struct gj_checker *checker, const gj_verdict *verdict, struct gj_str id_json,
                      const char *platform);

#endif
