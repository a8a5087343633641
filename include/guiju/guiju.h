/* Guiju (规矩): rules as code for e-commerce customer service in China.
 *
 *   gj_rulebook *book = gj_rulebook_open("rulebook", NULL, errors);
 *   gj_checker *checker = gj_checker_new(book, errors);
 *   const gj_verdict *verdict;
 *   gj_check(checker, &(gj_message){.platform = "tmall", .text = text, .text_len = len},
 *            &verdict, errors);
 *
 * A rulebook is immutable and may be shared by threads; a checker belongs to one thread at a time.
 * What a function returns by pointer lives as long as the object it came from, or until the next
 * call on the same checker, as said there. Texts are UTF-8, not NUL-terminated unless said `const
 * char *`. No function prints, exits or changes the locale. */
#ifndef GUIJU_GUIJU_H
#define GUIJU_GUIJU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GJ_VERSION "0.1.0"

typedef struct gj_rulebook gj_rulebook;
typedef struct gj_checker gj_checker;
typedef struct gj_errors gj_errors;

/* Statuses. 0 is success; every failure adds at least one error to the list given. */
enum {
    GJ_OK = 0,
    GJ_EINPUT = 2,  /* what was given is wrong: usage, JSON, UTF-8, an unknown platform */
    GJ_EBOOK = 3,   /* the rulebook is wrong */
    GJ_ESYSTEM = 4, /* a file, the cache, memory */
    GJ_EEVAL = 5    /* an expression failed while it was evaluated */
};

/* ---- errors: a list of sentences with places ---- */

gj_errors *gj_errors_new(void); /* NULL: out of memory */
void gj_errors_free(gj_errors *errors);
void gj_errors_clear(gj_errors *errors);
size_t gj_errors_count(const gj_errors *errors);

/* All errors, "file:line:column: message" with source line and caret; lives until the next call on
 * `errors`. Never NULL. */
const char *gj_errors_text(gj_errors *errors);

/* What gj_errors_text, a refusal or a reception's `why` says, in Chinese, to be freed by
 * gj_string_free; a sentence for which there is none stays English. NULL: out of memory. */
char *gj_in_chinese(const char *text);

/* ---- rulebook ---- */

/* Loads and checks the rulebook in folder `dir`. `cache_dir` holds its compiled form between runs
 * (NULL: $XDG_CACHE_HOME/guiju or ~/.cache/guiju; "": no cache). A cache that cannot be read or
 * written is told in `errors`, and the rulebook is returned all the same. NULL: see `errors`. */
gj_rulebook *gj_rulebook_open(const char *dir, const char *cache_dir, gj_errors *errors);
void gj_rulebook_free(gj_rulebook *book);

/* Where a rulebook is found when none is named: $GUIJU_RULEBOOK, ./rulebook, or the installed one.
 */
const char *gj_rulebook_default_dir(void);

/* BLAKE2b-128 of all its files, in hex: what a verdict names as `rulebook`. */
const char *gj_rulebook_hash(const gj_rulebook *book);

/* The seconds since 1970 around `at`, from *from up to but without *until, in which no rule and no
 * parameter begins or ends (INT64_MIN, INT64_MAX: for ever): the same message, without a time of
 * its own, gets the same verdict. */
void gj_rulebook_steady(const gj_rulebook *book, int64_t at, int64_t *from, int64_t *until);

typedef struct gj_citation {
    const char *source; /* its key in sources.yaml */
    const char *title;
    const char *place;
    const char *date; /* "2023-09-28", or "" when the source is undated */
} gj_citation;

typedef enum gj_entry_kind {
    GJ_ENTRY_RULE,
    GJ_ENTRY_SCRIPT,
    GJ_ENTRY_FLOW, /* from here on: the half on events */
    GJ_ENTRY_FINDING,
    GJ_ENTRY_COUNTER,
    GJ_ENTRY_METRIC,
    GJ_ENTRY_LADDER,
    GJ_ENTRY_GUIDANCE
} gj_entry_kind;

const char *gj_entry_kind_name(gj_entry_kind kind); /* "rule", "script", "flow", ... */

/* What only entries of its kind have: a rule's costs, a flow's states, a finding's entries, a
 * metric's window. There after gj_rulebook_read_events. */
typedef struct gj_detail {
    const char *name; /* "state", "entry", "param", ...; "": more of the one before */
    const char *zh, *en;
} gj_detail;

/* An entry as the rulebook holds it. All strings end in a NUL and are never NULL. */
typedef struct gj_entry_info {
    gj_entry_kind kind;
    const char *id, *title_zh, *title_en, *category, *suggest, *severity;
    const char *applies, *when, *from, *until, *reply_zh, *reply_en, *situation;
    const char *file;
    unsigned line;
    const gj_citation *citations;
    size_t citation_count;
    const char *const *covers;
    size_t cover_count;
    size_t test_count; /* tests beside it */
    const gj_detail *details;
    size_t detail_count;
} gj_entry_info;

/* The platforms that schema.yaml lists, by index; NULL beyond the last. */
const char *gj_rulebook_platform(const gj_rulebook *book, size_t index);

/* What a measure is called; false: the rulebook does not name it. */
bool gj_rulebook_measure(const gj_rulebook *book, const char *name, const char **zh,
                         const char **en);

/* What a kind of entities is called, as order; false: the rulebook does not have it, or its half on
 * events was not read yet, as gj_rulebook_read_events and gj_engine_open do. */
bool gj_rulebook_kind(const gj_rulebook *book, const char *name, const char **zh, const char **en);

/* Rules and scripts, and, after gj_rulebook_read_events, the entries on events. */
size_t gj_rulebook_entry_count(const gj_rulebook *book);
gj_entry_info gj_rulebook_entry(const gj_rulebook *book, size_t index);

/* Reads the half on events too, which judging messages does not need. It changes the rulebook: call
 * it before the rulebook is shared. Returns GJ_OK, GJ_EBOOK or GJ_ESYSTEM. */
int gj_rulebook_read_events(gj_rulebook *book, gj_errors *errors);

/* ---- checking a message ---- */

typedef enum gj_suggestion { GJ_PASS, GJ_REVIEW, GJ_BLOCK } gj_suggestion;
typedef enum gj_severity { GJ_NONE, GJ_BONUS, GJ_MINOR, GJ_MAJOR, GJ_CRITICAL } gj_severity;

const char *gj_suggestion_name(gj_suggestion suggestion); /* "pass", "review", "block" */
const char *gj_severity_name(gj_severity severity);       /* "none", "bonus", "minor", ... */

typedef enum gj_fact_kind {
    GJ_FACT_BOOL,
    GJ_FACT_INT,
    GJ_FACT_STRING,
    GJ_FACT_STRINGS
} gj_fact_kind;

/* A fact about the shop or the conversation, by the name schema.yaml declares. */
typedef struct gj_fact {
    const char *name;
    gj_fact_kind kind;
    bool boolean;
    int64_t integer;
    const char *string;         /* GJ_FACT_STRING */
    const char *const *strings; /* GJ_FACT_STRINGS */
    size_t string_count;
} gj_fact;

typedef struct gj_message {
    const char *platform; /* as schema.yaml lists them */
    const char *sender;   /* NULL: "agent" */
    const char *kind;     /* NULL: "message" */
    const char *text;
    size_t text_len; /* bytes */
    int64_t at;      /* seconds since 1970, for the rules in force; 0: now */
    const gj_fact *facts;
    size_t fact_count;
    const char *agent_id; /* who wrote it, or NULL: for reports, not judged */
} gj_message;

typedef struct gj_cost {
    bool has_points, has_fine;
    int64_t points;
    int64_t fine_fen;
    const char *points_class;  /* "serious", "general" or "" */
    const char *payer, *payee; /* "shop", "agent", "platform", "consumer" or "" */
    const char *const *measures;
    size_t measure_count;
    const char *note_zh, *note_en; /* the condition of the cost, or "" */
} gj_cost;

/* How the text had to be changed for a word to be found; bits, see gj_transform_text. */
typedef uint32_t gj_transforms;

typedef struct gj_hit {
    const char *rule, *title_zh, *title_en, *category;
    const char *clause; /* the citation in words: source, place, date */
    gj_suggestion suggestion;
    gj_severity severity;
    uint32_t start, end; /* code points of the original text, half open */
    const char *matched; /* into the message's text, which the caller keeps */
    size_t matched_len;  /* bytes */
    gj_transforms transforms;
    gj_cost cost;
    const char *rewrite_zh, *rewrite_en; /* the reply to send instead, or "" */
    const char *depends_on;              /* the first fact that was missing, or "" when certain */
} gj_hit;

typedef struct gj_verdict {
    gj_suggestion suggestion; /* the most serious of the hits' */
    gj_severity severity;
    const gj_hit *hits; /* by place, then rule */
    size_t hit_count;
    size_t hits_dropped;        /* beyond GJ_HITS_MAX: counted, not listed */
    const char *const *unknown; /* facts that some hit depends on */
    size_t unknown_count;
    const char *rulebook; /* its hash */
} gj_verdict;

#define GJ_HITS_MAX 256

/* The rulebook must outlive the checker. NULL: out of memory. */
gj_checker *gj_checker_new(const gj_rulebook *book, gj_errors *errors);
void gj_checker_free(gj_checker *checker);

/* Which optional packs apply: a list as "any,shop" (only these), "-shop" (all but), "" (none), NULL
 * (all). Platform packs always apply. Returns GJ_OK, or GJ_EINPUT for a pack that does not exist.
 */
int gj_checker_packs(gj_checker *checker, const char *packs, gj_errors *errors);

/* Judges one message. *verdict lives until the next call on `checker`. Allocates nothing once warm.
 * Returns GJ_OK, GJ_EINPUT (unknown platform, invalid UTF-8, a message beyond 2 MiB) or GJ_ESYSTEM
 * (out of memory). */
int gj_check(gj_checker *checker, const gj_message *message, const gj_verdict **verdict,
             gj_errors *errors);

/* Judges one line of JSON: {"id"?, "platform", "sender"?, "kind"?, "text", "context"?, "time"?}.
 * Gives the verdict as one line of JSON without a line end, which lives until the next call.
 * `line_number` (from 1; 0: none) is named in errors. When the line is refused the JSON is {"id"?,
 * "line", "error": {...}}, and the status GJ_EINPUT. `json_padding` bytes behind the line may be
 * read if the caller vouches for them, which saves a copy (0: nothing vouched). *verdict may be
 * NULL. */
int gj_check_json(gj_checker *checker, const char *line, size_t len, size_t json_padding,
                  size_t line_number, const char **json, size_t *json_len,
                  const gj_verdict **verdict);

#define GJ_JSON_PADDING 64

/* The message that the last gj_check_json read, why it was refused ("" when it was not), and the
 * names in it that mean nothing here (a misspelt fact, an extra key); valid until the next call on
 * `checker`. */
const gj_message *gj_checker_message(const gj_checker *checker);
const char *gj_checker_refusal(const gj_checker *checker);
size_t gj_checker_ignored(const gj_checker *checker, const char *const **names);

typedef struct gj_json_settings {
    bool english;                 /* titles, clauses, rewrites and refusals in English */
    const char *default_platform; /* for lines that name none; NULL: it is required */
    const char *text_key;         /* the key that holds the text; NULL: "text" */
    bool text_only;               /* of a line, only its platform and text are the message's */
    int64_t now; /* when lines without a time are judged, seconds since 1970; 0: by the clock */
} gj_json_settings;
void gj_checker_json(gj_checker *checker, gj_json_settings settings);

/* The last verdict of `checker` as JSON, as gj_check_json writes it. `id_json` is a JSON value or
 * NULL. */
const char *gj_verdict_json(gj_checker *checker, const gj_verdict *verdict, const char *platform,
                            size_t *len);

/* Names of the transforms in `bits`, joined by ", ", into `out`; returns `out`. */
const char *gj_transform_text(gj_transforms bits, char *out, size_t size);

/* Why the last verdict came out so, rule by rule, in words; lives until the next call. */
const char *gj_checker_explain(gj_checker *checker, bool english);

/* ---- the rulebook's own tests, checks and coverage ---- */

typedef struct gj_test_result {
    const char *name; /* the rule's id */
    const char *file;
    unsigned line;
    bool passed;
    const char *say, *expected, *got; /* lives during the call */
} gj_test_result;

/* Runs the tests that stand beside the rules, and judges every reply. `only` (or NULL) is a prefix
 * of rule ids. Calls `each` for every test. Returns GJ_OK, or the status that kept it from running.
 */
int gj_rulebook_test(const char *dir, const char *only,
                     void (*each)(void *context, const gj_test_result *result), void *context,
                     gj_errors *errors);

/* The same for the half on events: flows, findings, counters, metrics, ladders, envelopes. */
int gj_engine_rulebook_test(const char *dir, const char *only,
                            void (*each)(void *context, const gj_test_result *result),
                            void *context, gj_errors *errors);

/* What is legal but doubtful, as warnings in `errors`: unused lexicons and sources, words that no
 * message can hit, rules that test too little. Returns GJ_OK when it could be loaded. */
int gj_rulebook_lint(const char *dir, gj_errors *errors);

typedef struct gj_coverage_row {
    const char *id, *decided_from, *system;
    const char *carried_by; /* entries joined by ", ", or "" when left for later */
    size_t tests;
} gj_coverage_row;

/* Every row of the catalogue in `dir`, in its order. */
int gj_rulebook_coverage(const char *dir, void (*each)(void *context, const gj_coverage_row *row),
                         void *context, gj_errors *errors);

/* ---- the engine: events in, states, deadlines, findings, entries, metrics out ---- */

/* An engine keeps the log of a merchant's events and everything that follows from it in one SQLite
 * database. It belongs to one thread at a time. Instants are microseconds since 1970. Events are
 * kept durably in batches: what gj_engine_commit has confirmed survives a crash. */
typedef struct gj_engine gj_engine;

#define GJ_ALWAYS INT64_MAX /* as an instant: no limit */

/* Opens or creates the database at `path` (NULL: in memory). The rulebook must outlive the engine.
 * NULL: see `errors`, which must outlive it too. */
gj_engine *gj_engine_open(const gj_rulebook *book, const char *path, gj_errors *errors);

/* The same over a copy of the database, gone at close: the file at `path` is only read. */
gj_engine *gj_engine_open_copy(const gj_rulebook *rulebook, const char *path, gj_errors *errors);

/* What was not committed is lost. */
void gj_engine_close(gj_engine *engine);

typedef enum gj_reception_status { GJ_APPLIED, GJ_DUPLICATE, GJ_REFUSED } gj_reception_status;

typedef struct gj_reception {
    gj_reception_status status;
    bool late;            /* applied, but its time is before that of one applied already */
    const char *id;       /* the event's, "" when it has none; lives until the next call */
    const char *why;      /* refused: what is wrong and what to do; until the next call */
    const char *decision; /* see gj_engine_decide; until the next call; may be NULL */
    const char *ignored;  /* fields of its data that the contract does not have, the first 64, as a
                             JSON array of names; until the next call; NULL: none */
} gj_reception;

/* Applies one event: a line of CloudEvents JSON. A line out of contract is refused, which is no
 * error. GJ_ESYSTEM: the database failed, nothing of the batch is kept. */
int gj_engine_apply(gj_engine *engine, const char *line, size_t len, size_t padding,
                    gj_reception *out);

/* "type: field" of the data of events so far that the contract does not have, each once, by index;
 * NULL beyond the last. They are kept in the log and mean nothing. */
const char *gj_engine_unknown_field(const gj_engine *engine, size_t index);

/* Makes what was applied durable; once in about 1,000 events is a good measure. */
int gj_engine_commit(gj_engine *engine);

/* Lets time pass in all shops: fires every deadline before `until`. */
int gj_engine_advance(gj_engine *engine, int64_t until);

/* The latest instant that any shop has lived through; INT64_MIN: none. */
int64_t gj_engine_now(gj_engine *engine);

typedef struct gj_feed {
    int64_t applied, duplicate, rejected, late;
    int64_t waiting; /* lines whose time lies behind `until`: not applied */
} gj_feed;

/* What a file that begins so is, where that is no text: "gzip", "UTF-16" ...; NULL: it may be. */
const char *gj_foreign_form(const char *bytes, size_t len);

/* Applies the events of a file (JSONL), those at or before `until` (GJ_ALWAYS: all), and lets time
 * pass until then (GJ_ALWAYS: until the last event). How far the file was read is kept with the
 * events: after a crash the same call goes on where it stopped. `progress` (or NULL) is told bytes
 * read and in all. Counts are those of the file since it was first fed. "-" is standard input; it
 * and any other pipe are read to their end first and taken from the beginning in each call, where
 * what was applied before is a duplicate. */
int gj_engine_feed(gj_engine *engine, const char *path, int64_t until,
                   void (*progress)(void *context, uint64_t done, uint64_t total), void *context,
                   gj_feed *out);

/* The lines of a fed file that were refused, by line. */
int gj_engine_refusals(gj_engine *engine, const char *path,
                       void (*each)(void *context, int64_t line, const char *id, const char *why),
                       void *context);

/* Everything as one JSON object (docs/events.md): events, rejected, entities, deadlines, findings,
 * ledger, measures, metrics. `file` is that of the feed whose counts are told (NULL: none). To be
 * freed by gj_string_free; NULL: see the errors. */
char *gj_engine_state_json(gj_engine *engine, const char *file);

typedef struct gj_question {
    const char *kind, *id; /* of the entity: "order", "O1" */
    const char *shop;      /* "/platform/shop", or its id; NULL: the only shop that knows it */
    bool json, english;
} gj_question;

/* Why an entity stands as it does: the history of its case, each event and deadline in order, with
 * what moved, was found, booked, set and cleared by which rule; corrections by late events; what is
 * open now and what happens then. The case is run again from the log in memory, nothing is stored.
 * *text is to be freed by gj_string_free. GJ_EINPUT: there is no such entity, or several. */
int gj_engine_explain(gj_engine *engine, const gj_question *question, char **text);

/* The decision for an event that was applied: {"id", "source", "late"?, "cases": [{"at", "event",
 * "type", ..., "then": [...]}]}, a member for each case it belongs to, with all that moved, was
 * found, booked, set and cleared. It is worked out from the log, so that an event sent twice is
 * answered the same. `source` NULL: the only shop that has it. *json is to be freed by
 * gj_string_free. GJ_EINPUT: the log has no such event. */
int gj_engine_decision(gj_engine *engine, const char *source, const char *id, bool english,
                       char **json);

/* From now on an event that is applied is told with its decision: gj_reception.decision, the same
 * bytes, gathered on the way, so that it costs no more in a long case than in a short one. It holds
 * once the batch is committed. NULL where a late event has made its case run again: then
 * gj_engine_decision tells it after the commit. GJ_ESYSTEM: out of memory. */
int gj_engine_decide(gj_engine *engine, bool on, bool english);

/* BLAKE2b-128 of everything derived, in hex. */
int gj_engine_state_hash(gj_engine *engine, char out[33]);

/* How many events were decided under another rulebook, and the hash of one such rulebook. */
int gj_engine_foreign(gj_engine *engine, int64_t *events, char hash[65]);

/* Derives everything anew from the log, under the engine's rulebook; gives the hashes of the state
 * before and after, which are equal when nothing was wrong. */
int gj_engine_rebuild(gj_engine *engine, char before[33], char after[33]);

/* Whether the database is whole: SQLite's own check, entries that sum to zero, deadlines as the
 * cases have them, states that the rulebook declares. GJ_OK; GJ_EINPUT: each complaint is in
 * `errors`; GJ_ESYSTEM: it could not be read. */
int gj_engine_check(gj_engine *engine, gj_errors *errors);

/* What another rulebook would have made of the same events. */
typedef enum gj_difference_kind {
    GJ_DIFFERENT_FINDINGS,
    GJ_DIFFERENT_MONEY,
    GJ_DIFFERENT_METRIC
} gj_difference_kind;

typedef struct gj_difference {
    gj_difference_kind kind;
    const char *source, *id;    /* the rule, or the metric; what does not apply is "" */
    const char *account, *unit; /* money */
    /* whom findings are about, and when they were met; a metric's product, and when its window
     * begins */
    const char *subject_kind, *subject, *from;
    int64_t before, after;          /* findings; fen or points; numerators */
    int64_t before_of, after_of;    /* denominators */
    bool before_there, after_there; /* a metric that only one of them has */
} gj_difference;

/* Replays the engine's log in memory under `other` and tells each difference, by kind, source, id
 * and what follows it: a finding that moves from one order to another is one gone and one new.
 * *refused: events that `other` does not accept, which are passed over. The strings live until
 * the callback returns. */
int gj_engine_backtest(gj_engine *engine, const gj_rulebook *other,
                       void (*each)(void *context, const gj_difference *difference), void *context,
                       int64_t *refused);

/* Parses "2026-03-01T10:00:00+08:00" into microseconds since 1970. Returns -1 when it is none. */
int gj_time_parse(const char *text, int64_t *out);

/* ---- reports: a shop's day for those who answer for it ---- */

/* The functions of this section read what has been committed and change nothing. `source` is a
 * shop's, as "/platform/shop"; one that the database does not have is GJ_EINPUT. Strings of rows
 * end in a NUL, are never NULL and live during the callback; a callback that returns other than 0
 * ends the walk. */

typedef struct gj_shop_info {
    const char *source, *platform, *id;
    int64_t now; /* the latest instant it has lived through */
} gj_shop_info;

/* The source of the shop that `name` means: its source, or its id where no other shop has that. It
 * lives as long as the engine. GJ_EINPUT: none is meant, or several; the error names them. */
int gj_engine_shop_of(gj_engine *engine, const char *name, const char **source);

int gj_engine_shops(gj_engine *engine, int (*each)(void *context, const gj_shop_info *shop),
                    void *context);

/* A day of the shop's clock, from <= at < to: `date` as "2026-03-02", NULL: that of its now.
 * GJ_EINPUT: there is no such date. */
int gj_engine_day_of(gj_engine *engine, const char *source, const char *date, int64_t *from,
                     int64_t *to);

/* An instant as the shop's clock shows it: "2026-03-02T10:00:00+08:00"; returns `out`. "" for
 * GJ_ALWAYS. */
const char *gj_engine_clock(gj_engine *engine, const char *source, int64_t at, char *out,
                            size_t size);

/* What follows when something is found: of all findings together, named by the gravest. */
typedef struct gj_consequence {
    const char *rule, *title_zh, *title_en, *severity; /* "" when nothing is found */
    size_t findings;
    int64_t fine_fen;         /* what the shop gives, on balance */
    int64_t serious, general; /* points */
    const char *measures;     /* their names, joined by ", " */
    bool certain;             /* booked without anybody's ruling */
    bool open;                /* an amount depends on what is not known yet */
} gj_consequence;

/* What more of changes the verdict on a metric. */
typedef enum gj_metric_move {
    GJ_MOVE_NONE,
    GJ_MOVE_MORE,   /* more of them, as more refunded orders */
    GJ_MOVE_MISSED, /* more of them that miss what is asked for: buyers who are not answered */
    GJ_MOVE_MET,    /* more of them that meet it */
    GJ_MOVE_LATE    /* more of those counted already come to meet it */
} gj_metric_move;

typedef struct gj_metric_row {
    const char *source, *id, *title_zh, *title_en, *clause_zh, *clause_en;
    const char *product; /* "": the shop itself */
    unsigned step;       /* of several thresholds, each has its row */
    int64_t from, to;    /* its window; a rolling one: from < at <= to */
    bool history;        /* a window before that of the day */
    bool running;        /* the window has not ended yet */
    int64_t numerator, denominator;
    bool has_value;
    int64_t value_bp;
    bool has_threshold; /* the ratio alone, were there enough of them */
    int64_t threshold_bp;
    bool below; /* the breach lies below the threshold, else above */
    bool breach;
    gj_metric_move move; /* what brings the breach about, or ends it, with the fewest */
    int64_t moves;
    const char *what_zh, *what_en; /* of whom: the counter's title */
    int64_t lasting; /* days or weeks that a breach must last until something follows */
    gj_consequence then;
} gj_metric_row;

/* A shop's metrics on the day that ends at `to`, the running day's as of its now. `days` windows
 * before it too, oldest first (0: none), for the shop itself. */
int gj_engine_metrics(gj_engine *engine, const char *source, int64_t to, int days,
                      int (*each)(void *context, const gj_metric_row *row), void *context);

typedef struct gj_deadline_row {
    const char *source, *kind, *id; /* the entity */
    const char *flow, *flow_zh, *flow_en, *name;
    const char *state, *state_zh, *state_en; /* where it stands */
    const char *to, *to_zh, *to_en;          /* where it goes; "": it stays */
    const char *rule, *clause_zh, *clause_en;
    int64_t since; /* its clock runs from here: when the state was entered */
    int64_t at;
    gj_consequence then;
} gj_deadline_row;

/* Open deadlines before `before`, the earliest `limit` (0: all), by time, source, kind, id, name,
 * flow; `source` NULL: of all shops. *more: cases that have further ones, or NULL. */
int gj_engine_deadlines(gj_engine *engine, const char *source, int64_t before, size_t limit,
                        int (*each)(void *context, const gj_deadline_row *row), void *context,
                        int64_t *more);

/* Open deadlines of the case that the entity belongs to, by time. GJ_EINPUT: the shop has no such
 * entity. */
int gj_engine_entity_deadlines(gj_engine *engine, const char *source, const char *kind,
                               const char *id,
                               int (*each)(void *context, const gj_deadline_row *row),
                               void *context);

typedef struct gj_finding_row {
    const char *source, *rule, *title_zh, *title_en, *clause_zh, *clause_en;
    const char *severity, *kind, *subject, *agent; /* agent "": nobody's */
    const char *because_zh, *because_en;
    int64_t row; /* its number: grows, stays until the database is rebuilt */
    int64_t at;
    int64_t event;          /* the number of the event that brought it; 0: time did */
    bool withdrawn;         /* a late event has shown that it was not so */
    bool booked;            /* it has brought entries */
    bool ruled;             /* somebody ruled so, or a penalty was notified */
    gj_consequence at_risk; /* what a ruling would cost, where there is none and it is not booked */
} gj_finding_row;

/* Findings with from <= at < to, by time, then row; withdrawn ones are left out. */
int gj_engine_findings(gj_engine *engine, const char *source, int64_t from, int64_t to,
                       int (*each)(void *context, const gj_finding_row *row), void *context);

/* The finding of that row, withdrawn or not: `each` is called once. GJ_EINPUT: there is none. */
int gj_engine_finding(gj_engine *engine, int64_t row,
                      int (*each)(void *context, const gj_finding_row *row), void *context);

typedef struct gj_ledger_row {
    const char *source, *entry, *rule, *title_zh, *title_en, *account, *unit, *points_class;
    const char *reverses;
    int64_t row;    /* its number: grows, stays until the database is rebuilt */
    int64_t amount; /* fen or points: + receives, - gives */
    int64_t at;
} gj_ledger_row;

/* Ledger rows with from <= at < to, by time, then row; the rows of an entry sum to zero. */
int gj_engine_ledger(gj_engine *engine, const char *source, int64_t from, int64_t to,
                     int (*each)(void *context, const gj_ledger_row *row), void *context);

typedef struct gj_ladder_row {
    const char *source, *id, *title_zh, *title_en, *points_class;
    int64_t sum;  /* of the year, before `to` */
    int64_t next; /* points of the next step; 0: there is none above */
    bool steps;   /* false: the ladder has none, its points are only counted and cleared */
    gj_consequence then;
} gj_ladder_row;

int gj_engine_ladders(gj_engine *engine, const char *source, int64_t to,
                      int (*each)(void *context, const gj_ladder_row *row), void *context);

typedef struct gj_measure_info {
    const char *source, *rule, *title_zh, *title_en, *kind, *subject, *what;
    int64_t from, to; /* to GJ_ALWAYS: open end */
} gj_measure_info;

/* Measures that run at `at`. */
int gj_engine_measures(gj_engine *engine, const char *source, int64_t at,
                       int (*each)(void *context, const gj_measure_info *row), void *context);

/* ---- a live server: time that passes by itself, what happens told as it happens ---- */

/* Lets time pass until `until` in those shops in which something is due before it, a deadline or a
 * midnight; in idle shops nothing is written. Like gj_engine_apply it belongs to the batch at hand:
 * gj_engine_commit makes it durable. Events that come behind it are late, and are applied as of
 * their time all the same. GJ_ESYSTEM: the database failed, nothing of the batch is kept. */
int gj_engine_tick(gj_engine *engine, int64_t until);

/* When something is due next in any shop: a tick does something if its `until` lies behind this
 * instant. GJ_ALWAYS: never. Looks at memory alone. */
int64_t gj_engine_next_due(gj_engine *engine);

/* What happens, told as it happens: while an event is applied, while time passes, and in a commit,
 * which looks again at metrics that late events have changed. What a late event changes is told as
 * differences. Nobody is told of it during gj_engine_rebuild, backtests and explanations. */
typedef enum gj_notice_kind {
    GJ_NOTICE_VERDICT,      /* what an agent said does not pass: `verdict` */
    GJ_NOTICE_FINDING,      /* something was found: `row` */
    GJ_NOTICE_WITHDRAWN,    /* it was not so: `row` */
    GJ_NOTICE_ENTRY,        /* booked: `entry`, `reverses`, `parts` */
    GJ_NOTICE_REVERSED,     /* an entry was wrong: `reverses` is its name, `parts` take it back */
    GJ_NOTICE_MEASURE,      /* a measure begins: `what`, `from`, `to`, which comes untold */
    GJ_NOTICE_MEASURE_ENDS, /* a measure has another end now, or was not so (`to` is `from`) */
    GJ_NOTICE_FIRED,        /* a deadline: `flow`, `name`, `state` in which it was set */
    GJ_NOTICE_MOVED,        /* `flow`, from `before` ("": it began) to `state` */
    GJ_NOTICE_BREACH,       /* a metric's breach begins: `rule` is the metric's id */
    GJ_NOTICE_DEADLINES     /* open deadlines of the entity's case may be others now: `due` */
} gj_notice_kind;

/* "verdict", "finding", "finding.withdrawn", "entry", "entry.reversed", "measure", "measure.ends",
 * "deadline", "state", "breach", "deadlines". */
const char *gj_notice_name(gj_notice_kind kind);

typedef struct gj_notice_part { /* a row of an entry; the rows sum to zero */
    const char *account, *unit, *points_class;
    int64_t amount; /* fen or points: + receives, - gives */
} gj_notice_part;

/* Strings end in a NUL, are "" where they do not apply, and live during the call. */
typedef struct gj_notice {
    gj_notice_kind kind;
    const char *source;      /* the shop's */
    const char *event;       /* the event that brought it; "": time has passed */
    int64_t at;              /* the instant in the shop's life */
    const char *entity, *id; /* its kind ("order") and id; a verdict: the message */
    const char *session;     /* a verdict's */
    const char *agent;       /* at fault, or who said it */
    const char *rule, *title_zh, *title_en, *clause_zh, *clause_en;
    const char *severity, *because_zh, *because_en;
    const gj_verdict *verdict; /* NULL: it is no verdict */
    int64_t row;               /* as in gj_finding_row; 0: it is no finding */
    const char *entry, *reverses;
    const gj_notice_part *parts;
    size_t part_count;
    const char *what;
    int64_t from, to; /* of a measure; of a metric's window; to GJ_ALWAYS: open end */
    const char *flow, *flow_zh, *flow_en, *name;
    const char *before, *before_zh, *before_en, *state, *state_zh, *state_en;
    int64_t due; /* the case's earliest deadline; GJ_ALWAYS: it has none */
    int64_t numerator, denominator, value_bp; /* of a breach */
} gj_notice;

/* Tells `told` from now on; NULL: nobody, which costs nothing. Of the engine's functions it may
 * call gj_engine_notice_add alone. What is told becomes true with the next commit: where that
 * fails, it was not so. */
void gj_engine_listen(gj_engine *engine, void (*told)(void *context, const gj_notice *notice),
                      void *context);

/* An entity as JSON, to be freed by gj_string_free: {"source", "kind", "id", "states": {flow:
 * state}, "fields": {...}, "entities", "deadlines", "findings", "ledger", "measures"}; the lists,
 * as in gj_engine_state_json, are of the case that the entity belongs to. GJ_EINPUT: the shop has
 * no such entity. */
int gj_engine_entity_json(gj_engine *engine, const char *source, const char *kind, const char *id,
                          char **json);

typedef struct gj_entity_row {
    const char *source, *kind, *id;
} gj_entity_row;

/* Entities of a shop by kind and id, those behind (after_kind, after_id), at most `limit` (0: all).
 * `kind`: these alone, behind after_id; NULL: of all kinds. NULL, NULL: from the first. GJ_EINPUT:
 * there is no such shop, or no such kind. */
int gj_engine_entities(gj_engine *engine, const char *source, const char *kind,
                       const char *after_kind, const char *after_id, size_t limit,
                       int (*each)(void *context, const gj_entity_row *row), void *context);

/* After GJ_ESYSTEM from apply, tick or commit the batch is lost and the engine refuses to go on.
 * This lets it go on from what was committed last; who fed it feeds the batch again. What keeps
 * failing (a disk still full) fails the next commit, which may be tried as often as is wanted. */
int gj_engine_reopen(gj_engine *engine);

/* From the next event on, events are decided under `rulebook`, whose half on events has been read
 * (gj_rulebook_read_events) and which must outlive the engine; the one before may then be freed.
 * The log says of each event under which rulebook it was decided. Decisions made stay; open cases
 * go on, and their deadlines are those of the new rulebook. A case that must be run again for a
 * late event is decided anew as a whole, under the rulebook in force. *strangers: how many states
 * the new rulebook does not declare; each is told in the errors, and is kept for a rulebook that
 * does. What was applied is committed first. GJ_EBOOK, and GJ_ESYSTEM before the engine has failed:
 * nothing has changed. */
int gj_engine_swap(gj_engine *engine, const gj_rulebook *rulebook, size_t *strangers);

/* Looks at most at `rows` lines of the log behind `after_seq`, by arrival, and tells those whose
 * event is of `from` or later. *last: the number of the last that was looked at. */
int gj_engine_log(gj_engine *engine, int64_t after_seq, size_t rows, int64_t from,
                  int (*each)(void *context, const char *line, size_t len), void *context,
                  int64_t *last);

/* Notices are kept in the database for who is told later: they become durable together with the
 * events of their batch, or not at all. They do not follow from the log: gj_engine_rebuild and the
 * state's hash leave them alone. */
typedef struct gj_notice_row {
    int64_t seq;             /* from 1; grows in the order of their adding, never used again */
    int64_t at;              /* microseconds since 1970, as its writer says */
    const char *source;      /* the shop's, "/platform/shop" */
    const char *type, *body; /* its writer's; the body is JSON */
} gj_notice_row;

/* Adds a notice to the batch at hand; *seq (or NULL) is its number. May be called by a listener. */
int gj_engine_notice_add(gj_engine *engine, const char *source, const char *type, int64_t at,
                         const char *body_json, int64_t *seq);

/* Notices behind `after_seq`, in order, at most `limit` (0: all). What was applied is committed
 * first. A callback that returns other than 0 ends the walk, and that is returned. */
int gj_engine_notices(gj_engine *engine, int64_t after_seq, size_t limit,
                      int (*each)(void *context, const gj_notice_row *row), void *context);

/* Forgets the notices whose `at` lies before `before_at`, in the batch at hand. */
int gj_engine_notices_drop(gj_engine *engine, int64_t before_at);

/* The number of the last notice that was ever added; 0: none; -1: it cannot be read. */
int64_t gj_engine_notice_last(gj_engine *engine);

/* ---- pictures of flows ---- */

typedef enum gj_drawing {
    GJ_DRAW_DOT,    /* Graphviz */
    GJ_DRAW_MERMAID /* stateDiagram-v2 */
} gj_drawing;

/* The flow `id` as a picture's source in *text, to be freed by gj_string_free: states, transitions
 * with their events and guards, deadlines with their times, what they find, the citations. It may
 * read the half on events: see gj_rulebook_read_events. GJ_EINPUT: there is no such flow. */
int gj_flow_draw(gj_rulebook *book, const char *id, gj_drawing kind, bool english, char **text,
                 gj_errors *errors);

/* ---- the condition language ---- */

/* Evaluates `expression` (a subset of CEL) with the fields of the JSON object `with` (NULL: none).
 * Gives its value as JSON in *json, to be freed by gj_string_free. GJ_EINPUT: it does not parse or
 * type-check; GJ_EEVAL: it failed when run. */
int gj_expression(const char *expression, const char *with, char **json, gj_errors *errors);
void gj_string_free(char *string);

/* ---- simulated shops: a stream of events for demonstrations, benchmarks and tests ---- */

typedef struct gj_simulator gj_simulator;

typedef struct gj_simulation {
    uint64_t seed;        /* the same seed and settings give the same bytes on every machine */
    uint32_t shops, days; /* 1 or more */
    uint32_t orders;      /* a shop and ordinary day, about */
    const char *platform; /* of all shops; NULL: the shops take all platforms in turn */
    int64_t from;        /* the first day as seconds of its 00:00 UTC since 1970; it begins at 00:00
                            in China */
    uint32_t late;       /* per 1,000 events: come behind later ones */
    uint32_t duplicates; /* per 1,000 events: come a second time */
} gj_simulation;

/* Where the plan of a simulation is found when none is named: $GUIJU_SIMULATION, ./simulation, or
 * the installed one. */
const char *gj_simulation_default_dir(void);

/* Reads the plan in folder `dir`. NULL: see `errors`. */
gj_simulator *gj_simulator_new(const char *dir, const gj_simulation *settings, gj_errors *errors);
void gj_simulator_free(gj_simulator *simulator);

/* The next event, one line of JSON without a line end, which lives until the next call; *line is
 * NULL when all days are over. Times never fall, except of events that come late. Returns GJ_OK, or
 * GJ_ESYSTEM when out of memory. */
int gj_simulator_next(gj_simulator *simulator, const char **line, size_t *len);

/* The time that the simulation has come to, seconds since 1970. */
int64_t gj_simulator_now(const gj_simulator *simulator);

#ifdef __cplusplus
}
#endif

#endif
