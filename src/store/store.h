/* Room store: where the log and what follows from it are kept. One small interface; all SQL lives
 * behind it (sqlite.c).
 *
 * A database belongs to one writer. Between gj_store_begin and gj_store_commit everything is one
 * transaction: after a crash it is there whole or not at all. Instants are microseconds since 1970.
 * Functions return 0, or -1 with an error that names the file and the remedy; strings given are
 * copied, strings received live until the next call of the same function. */
#ifndef GJ_STORE_STORE_H
#define GJ_STORE_STORE_H

#include "base/errors.h"

struct gj_store;

#define GJ_STORE_VERSION 7

/* Opens or creates `path`; NULL: in memory, gone at close. A file that is no database, is another
 * program's, is of a newer version, or is open elsewhere for writing is refused. NULL: told. */
struct gj_store *gj_store_open(const char *path, struct gj_errors *errors);
/* A copy of the database at `path`, gone at close; that file is only read. NULL: told. */
struct gj_store *gj_store_open_copy(const char *path, struct gj_errors *errors);
void gj_store_close(struct gj_store *store);

int gj_store_begin(struct gj_store *store);
int gj_store_commit(struct gj_store *store);
void gj_store_rollback(struct gj_store *store);

/* Deletes all that follows from the log (states, findings, entries ...) and keeps the log and the
 * shops, whose clocks stand at their beginning again. */
int gj_store_clear_derived(struct gj_store *store);

/* BLAKE2b-128 in hex over everything derived, in a fixed order. */
int gj_store_state_hash(struct gj_store *store, char out[33]);

/* PRAGMA integrity_check, entries that do not sum to zero;
 * each complaint goes to `errors`. */
int gj_store_check(struct gj_store *store, struct gj_errors *errors);

/* ---- rulebooks and shops ---- */

/* The number of that rulebook; a new hash gets a new one. */
int gj_store_rulebook(struct gj_store *store, struct gj_str hash, int64_t *id);

struct gj_store_shop {
    int64_t id;
    struct gj_str source; /* as the event says it: "/{platform}/{shop}" */
    int64_t now;          /* the latest instant it has lived through; INT64_MIN: none */
    int64_t tick;         /* the next midnight to look at; INT64_MAX: none yet */
};

/* Finds the shop or makes it (now INT64_MIN). */
int gj_store_shop(struct gj_store *store, struct gj_str source, struct gj_store_shop *out);
int gj_store_shop_set(struct gj_store *store, const struct gj_store_shop *shop);
int gj_store_shops(struct gj_store *store,
                   int (*each)(void *context, const struct gj_store_shop *shop), void *context);

/* ---- the log ---- */

struct gj_store_event {
    int64_t seq, shop, at;
    int64_t clock; /* the shop's when it came; INT64_MIN: its first */
    int64_t rulebook;
    bool late;   /* the shop had lived past `at` then; not stored */
    bool looked; /* closed windows were looked at again right after it */
    struct gj_str id, body;
};

/* Adds it to the log; its `seq` is given, `looked` is false. */
int gj_store_event_add(struct gj_store *store, struct gj_store_event *event);
/* The shop's last event so far is marked as `looked`. */
int gj_store_event_looked(struct gj_store *store, int64_t shop);

/* Events of a case, those of its row aside, by arrival. A callback that returns other than 0 ends
 * the walk, and that is returned. */
int gj_store_case_events(struct gj_store *store, int64_t case_id,
                         int (*each)(void *context, const struct gj_store_event *event),
                         void *context);
/* The event of that number: `each` is called once. */
int gj_store_event_numbered(struct gj_store *store, int64_t seq,
                            int (*each)(void *context, const struct gj_store_event *event),
                            void *context);
/* Rulebooks other than `rulebook` under which events were decided: how many events, and the hash of
 * one of them. */
int gj_store_foreign(struct gj_store *store, int64_t rulebook, int64_t *events,
                     struct gj_str *hash);
/* All events are now decided under `rulebook`. */
int gj_store_decided(struct gj_store *store, int64_t rulebook);
/* The event of that id, if the shop has it: `each` is called once. */
int gj_store_event_get(struct gj_store *store, int64_t shop, struct gj_str id,
                       int (*each)(void *context, const struct gj_store_event *event),
                       void *context);
int gj_store_log(struct gj_store *store, int64_t after_seq,
                 int (*each)(void *context, const struct gj_store_event *event), void *context);

/* ---- cases and entities ---- */

/* The cases of a shop's entities of that kind. */
int gj_store_entity_cases(struct gj_store *store, int64_t shop, struct gj_str kind,
                          int (*each)(void *context, int64_t case_id), void *context);

int gj_store_entity_case(struct gj_store *store, int64_t shop, struct gj_str kind, struct gj_str id,
                         int64_t *case_id); /* 0: unknown */
int gj_store_entity_add(struct gj_store *store, int64_t shop, struct gj_str kind, struct gj_str id,
                        int64_t case_id);
/* Adds the entity unless it is known; *added: it was not. */
int gj_store_entity_offer(struct gj_store *store, int64_t shop, struct gj_str kind,
                          struct gj_str id, int64_t case_id, bool *added);
/* The entity, which has a case, is of that one. */
int gj_store_entity_move(struct gj_store *store, int64_t shop, struct gj_str kind, struct gj_str id,
                         int64_t case_id);

/* The number for a new case, which is the caller's to write by gj_store_case_add. */
int gj_store_case_number(struct gj_store *store, int64_t *case_id);
struct gj_store_case {
    int64_t id, shop;
    int64_t due;                /* INT64_MAX: never */
    bool bound;                 /* a deadline of it may depend on the shop's configuration */
    struct gj_str family, body; /* body: empty when it has none */
    struct gj_str links;        /* the events that stand in the row, as the caller wrote them */
};
/* It waits to be written with others. Who changes it (gj_store_case_set ...) has read it since, or
 * called gj_store_write. */
int gj_store_case_add(struct gj_store *store, const struct gj_store_case *row);
/* Writes all rows that wait to be written many at once; a commit does so too. */
int gj_store_write(struct gj_store *store);
/* Ids of a kind that begin with `prefix`. */
int gj_store_entities(struct gj_store *store, int64_t shop, struct gj_str kind,
                      struct gj_str prefix, int (*each)(void *context, struct gj_str id),
                      void *context);
/* Entities of a shop behind (kind, id), in that order. */
int gj_store_entities_after(struct gj_store *store, int64_t shop, struct gj_str kind,
                            struct gj_str id,
                            int (*each)(void *context, struct gj_str kind, struct gj_str id),
                            void *context);
/* The event is of the case, beside those of its row. */
int gj_store_case_link(struct gj_store *store, int64_t case_id, int64_t seq);

/* Everything of case `from` becomes part of case `into`; `from` is gone. */
int gj_store_case_merge(struct gj_store *store, int64_t into, int64_t from);

/* A case that is not there has no body and is never due. */
int gj_store_case_read(struct gj_store *store, int64_t case_id, struct gj_store_case *row);
/* Cases of a shop that have lived to `at` or past it, by number. */
int gj_store_cases_lived(struct gj_store *store, int64_t shop, int64_t at,
                         int (*each)(void *context, int64_t case_id), void *context);
/* Writes when the case is due and whether it is bound, and its bytes and links; or one of the two
 * alone. */
int gj_store_case_set(struct gj_store *store, const struct gj_store_case *row);
int gj_store_case_body(struct gj_store *store, const struct gj_store_case *row);
int gj_store_case_due(struct gj_store *store, int64_t case_id, int64_t due, bool bound);

/* Cases of a shop behind (at, case_id), by when they are due, at most `limit`. */
int gj_store_due_next(struct gj_store *store, int64_t shop, int64_t at, int64_t case_id,
                      int64_t limit, int (*each)(void *context, int64_t at, int64_t case_id),
                      void *context);
/* Cases of a shop (0: all) due before `before`, by shop and time. */
int gj_store_due_list(struct gj_store *store, int64_t shop, int64_t before,
                      int (*each)(void *context, int64_t shop, int64_t at, int64_t case_id),
                      void *context);

/* Cases of a shop (0: all) by number: all of them, or those that are bound. */
int gj_store_cases(struct gj_store *store, int64_t shop,
                   int (*each)(void *context, const struct gj_store_case *row), void *context);
int gj_store_cases_bound(struct gj_store *store, int64_t shop,
                         int (*each)(void *context, const struct gj_store_case *row),
                         void *context);

/* ---- what follows: findings, entries, measures, marks ---- */

struct gj_found_row {
    int64_t row; /* of the database; 0: not stored yet */
    int64_t shop, case_id, seq, at;
    struct gj_str rule, kind, subject, agent, severity, because;
    bool withdrawn; /* a late event has shown that it was not so */
};

struct gj_entry_row {
    int64_t row;
    int64_t shop, case_id, seq, at;
    struct gj_str entry, rule, account, unit, class_, paid_as, reverses;
    int64_t amount; /* fen or points: + receives, - gives */
};

struct gj_measure_row {
    int64_t row;
    int64_t shop, case_id, seq, from;
    int64_t to;     /* INT64_MAX: open end; what other measures of its name have made of `own_to` */
    int64_t own_to; /* as its finding says */
    int64_t ends;   /* not 0: ends what runs of its name at `from` (enum gj_measure_ends) */
    struct gj_str rule, kind, subject, what;
    bool withdrawn;
};

struct gj_mark_row {
    int64_t shop, case_id, seq, at, day;
    struct gj_str counter, key, item, product; /* product "": the shop itself */
};

int gj_store_found_add(struct gj_store *store, const struct gj_found_row *row,
                       int64_t *id); /* *id: its `row` from now on */
int gj_store_entry_add(struct gj_store *store, const struct gj_entry_row *row);
int gj_store_measure_add(struct gj_store *store, const struct gj_measure_row *row);
int gj_store_mark_add(struct gj_store *store, const struct gj_mark_row *row);
int gj_store_found_withdraw(struct gj_store *store, int64_t row);
int gj_store_measure_withdraw(struct gj_store *store, int64_t row);
int gj_store_measure_set(struct gj_store *store, int64_t row, int64_t to, int64_t own_to);
int gj_store_marks_clear(struct gj_store *store, int64_t case_id);
int gj_store_case_marks(struct gj_store *store, int64_t case_id,
                        int (*each)(void *context, const struct gj_mark_row *row), void *context);

/* Which rows: of a case, of a shop, or (both 0) all; in order of insertion. Withdrawn ones too. */
struct gj_store_filter {
    int64_t shop, case_id;
};
int gj_store_founds(struct gj_store *store, struct gj_store_filter filter,
                    int (*each)(void *context, const struct gj_found_row *row), void *context);
int gj_store_entries(struct gj_store *store, struct gj_store_filter filter,
                     int (*each)(void *context, const struct gj_entry_row *row), void *context);
int gj_store_measures(struct gj_store *store, struct gj_store_filter filter,
                      int (*each)(void *context, const struct gj_measure_row *row), void *context);

/* Points on one account of a shop, by time, then insertion. */
int gj_store_points(struct gj_store *store, int64_t shop, struct gj_str account,
                    int (*each)(void *context, const struct gj_entry_row *row), void *context);

/* Whether some entry of another case than `but`, not corrected itself, takes the row back. */
int gj_store_taken_back(struct gj_store *store, const struct gj_entry_row *row, int64_t but,
                        bool *found);

struct gj_found_case { /* of the case of a finding */
    bool booked;       /* it has entries under the finding's rule */
    bool ruled;        /* it is that of an entity of the kind asked for: of a ruling */
};

/* The finding of that row, withdrawn or not: `each` is called once, or not at all. */
int gj_store_found_get(struct gj_store *store, int64_t row_id, struct gj_str ruling,
                       int (*each)(void *context, const struct gj_found_row *row,
                                   const struct gj_found_case *of),
                       void *context);

/* Findings and entries of a shop with from <= at < to, by time, then insertion; findings that were
 * withdrawn are left out. */
int gj_store_founds_at(struct gj_store *store, int64_t shop, struct gj_str ruling, int64_t from,
                       int64_t to,
                       int (*each)(void *context, const struct gj_found_row *row,
                                   const struct gj_found_case *of),
                       void *context);
int gj_store_entries_at(struct gj_store *store, int64_t shop, int64_t from, int64_t to,
                        int (*each)(void *context, const struct gj_entry_row *row), void *context);

/* How many cases of a shop are due at or after `from`. */
int gj_store_due_count(struct gj_store *store, int64_t shop, int64_t from, int64_t *count);

/* Marks of a counter in a shop on the local days first..last, day by day, as they were added;
 * without their case and day, which nobody asks for there. */
int gj_store_marks(struct gj_store *store, int64_t shop, struct gj_str counter, int64_t first_day,
                   int64_t last_day, int (*each)(void *context, const struct gj_mark_row *row),
                   void *context);
/* The days on which a counter has marks in a shop: the first and the last; 1: it has none. */
int gj_store_mark_days(struct gj_store *store, int64_t shop, struct gj_str counter,
                       int64_t *first_day, int64_t *last_day);

/* ---- feeds: how far a file has been read ---- */

struct gj_store_feed {
    struct gj_str name;
    int64_t offset, line; /* bytes and lines read */
    int64_t applied, duplicate, rejected, late;
    struct gj_str prefix_hash; /* of those bytes, in hex */
};
int gj_store_feed_get(struct gj_store *store, struct gj_str name, struct gj_store_feed *out);
int gj_store_feed_set(struct gj_store *store, const struct gj_store_feed *feed);
/* Lines taken although an earlier one waits, so that they are not taken again. */
int gj_store_ahead_add(struct gj_store *store, struct gj_str feed, int64_t line);
int gj_store_ahead(struct gj_store *store, struct gj_str feed, int64_t line, bool *there);
int gj_store_ahead_last(struct gj_store *store, struct gj_str feed, int64_t *line); /* 0: none */
/* Forgets refusals behind `line`, which will be read again, but for lines ahead; *count: how many.
 */
int gj_store_refusals_drop(struct gj_store *store, struct gj_str feed, int64_t line,
                           int64_t *count);
int gj_store_refusal_add(struct gj_store *store, struct gj_str feed, int64_t line, struct gj_str id,
                         struct gj_str why);
int gj_store_refusals(struct gj_store *store, struct gj_str feed,
                      int (*each)(void *context, int64_t line, struct gj_str id, struct gj_str why),
                      void *context);

/* ---- notices: what has been told, for who listens later; not derived from the log ---- */

struct gj_notice_text {
    int64_t seq, at;
    struct gj_str source, type, body;
};
/* Adds it; its `seq` is given: larger than any before, of dropped ones too. */
int gj_store_notice_add(struct gj_store *store, struct gj_notice_text *notice);
/* Notices behind `after_seq` in order, at most `limit`; a callback that returns other than 0 ends
 * the walk, and that is returned. */
int gj_store_notices(struct gj_store *store, int64_t after_seq, int64_t limit,
                     int (*each)(void *context, const struct gj_notice_text *notice),
                     void *context);
int gj_store_notices_drop(struct gj_store *store, int64_t before_at);
/* The seq given last, 0: none yet. */
int gj_store_notice_last(struct gj_store *store, int64_t *seq);

#endif
