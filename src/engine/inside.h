/* Room engine, inside: the one place where rooms are wired (events, judge, flows, tally, store).
 *
 *   line --accept.c--> event --take.c, join.c--> its case --apply.c (flow)--> outcomes
 *                         late: again.c runs the case again from the log; past.c looks up what it
 *                         depends on as it was, and what differs is booked
 *   clock --clock.c--> deadline.c: what is due; midnight.c: metrics; ladder.c: their resets
 *   outcomes --ladder.c, settle.c--> rows --tell.c--> store, and who listens
 *
 * Functions stand below in the order of the files: none calls up.
 *
 * A shop is one sequence, independent of other shops. Its clock is the time of its events, or what
 * gj_engine_advance says; never the machine's. */
#ifndef GJ_ENGINE_INSIDE_H
#define GJ_ENGINE_INSIDE_H

#include "base/zone.h"
#include "engine/accept.h"
#include "judge/checker.h"
#include "store/store.h"
#include "tally/metric.h"

#define GJ_STRANGERS_MAX 1000 /* unknown fields told */

/* Lines of a file that are one transaction; and after how many of them closed windows are looked at
 * again, which corrections tell the time of. */
#define GJ_BATCH 4000
#define GJ_LOOK  1000

/* Numbers of a case's last events, rising: those that stand in its row (links.c). */
#define GJ_LINKS_MAX 32
struct gj_links {
    uint32_t count;
    int64_t seqs[GJ_LINKS_MAX];
};

struct gj_cached { /* a case in memory */
    int64_t id;
    struct gj_shop *shop;
    uint32_t family;
    struct gj_case c;
    int64_t due;            /* its next deadline; GJ_NEVER: none */
    bool bound;             /* a deadline of it depends on the shop's configuration */
    bool moved;             /* the store has these two otherwise */
    bool dirty;             /* the store has its body or links otherwise */
    bool fresh;             /* the store does not have it yet */
    bool all_named;         /* no finding of it waits for its agent to become known */
    uint64_t told;          /* a sum over its deadlines that were told last; 0: not known */
    uint64_t used;          /* in which batch, the last time */
    struct gj_cached *next; /* of the same bucket */
    struct gj_cached *next_changed;
    bool changed;          /* it stands in the engine's list of those */
    struct gj_links links; /* to its last events */
};

/* Which case an entity belongs to, remembered from the last time. A place is found by the hash of
 * shop, kind and id, and taken over by whoever comes; longer ids are looked up in the store. */
struct gj_known {
    int64_t shop, case_id; /* shop 0: free */
    uint32_t kind;
    uint8_t len;
    char id[43];
};

#define GJ_KNOWN_MAX 16384

#define GJ_CACHE_BUCKETS 4096
#define GJ_CACHE_MAX     8192 /* cases in memory; one batch may need more */

/* Events of a case by time, then arrival; what opens it goes first of its instant. */
struct gj_kept_event {
    int64_t at, seq;
    bool late, opens;
    struct gj_str body;
};

struct gj_history {
    struct gj_arena arena;
    struct gj_kept_event *events;
    size_t count, capacity;
};

/* The shop's configuration at an instant. */
struct gj_then {
    int64_t at;
    struct gj_case c;
    struct gj_then *next;
};

/* The shop's configuration while the past is run again. */
struct gj_past {
    struct gj_case c;
    size_t next; /* of the shop's history: the next change */
    struct gj_past *outer;
};

/* What a shop has told of itself, and what it was like after each GJ_STOP_EVERY events of it. */
#define GJ_STOP_EVERY 16
struct gj_told {
    struct gj_history history;
    bool known;           /* all of it has been read */
    struct gj_buf *stops; /* the case as JSON */
    size_t stop_count, stop_capacity;
};

#define GJ_RECENT_MAX 64

struct gj_touched { /* a case that has lived through something */
    int64_t case_id, last_at;
};

/* The cases of a shop that lived through something last, so that a configuration that comes a
 * little late need not look through all. */
struct gj_recent {
    int64_t since;        /* each case that has lived past this instant is here */
    uint32_t count, next; /* full: the next to be overwritten */
    struct gj_touched items[GJ_RECENT_MAX];
};

/* Rows of a stretch. As a rule few come to their turn before all is read anew; but many may be due
 * at one instant, and the next stretch skips them. */
#define GJ_AGENDA_ROWS_FIRST 16
#define GJ_AGENDA_ROWS       256

struct gj_noted {
    int64_t at, case_id;
};

/* When cases of a shop are due: those in memory that have moved, and a stretch of what the store
 * has in order (agenda.c). What no longer stands is passed over when it comes first. */
struct gj_agenda {
    struct gj_noted *heap;
    size_t count, capacity;
    struct gj_noted rows[GJ_AGENDA_ROWS];
    size_t row, row_count; /* the first that may still stand */
    bool read_all;         /* the store has none behind them */
};

struct gj_clock { /* a zone that a shop has named */
    struct gj_str name;
    const struct gj_zone *zone;
    struct gj_clock *next;
};

struct gj_shop {
    int64_t id;
    struct gj_str source, platform, shop_id; /* own memory, NUL-terminated */
    int64_t now, tick;
    int64_t due_first; /* of all its cases */
    struct gj_agenda agenda;
    int64_t config; /* the case of its configuration; 0: none yet */
    /* Windows that ended after `metrics_from` (GJ_NEVER: none) may stand otherwise: what they count
     * has changed up to `metrics_to` (GJ_NEVER: all that comes after counts otherwise too). */
    int64_t metrics_from, metrics_to;
    struct gj_told told;
    int64_t means_told;   /* when it last told means of its category; GJ_NEVER: not looked up */
    struct gj_then *then; /* what was worked out for the midnight at hand */
    struct gj_past *past; /* NULL: the present */
    struct gj_recent *recent;
    bool dirty;
    bool settled; /* what applies to it has been worked out */
    bool *flows, *findings, *counters, *metrics, *ladders;
    const struct gj_zone *zone; /* NULL: China's */
    struct gj_setting setting;
};

/* A standing of a case before it was run again. */
struct gj_stood {
    uint32_t kind, flow, state;
    struct gj_str id;
};

/* Who listens to the engine (gj_engine_listen), and what is gathered for it. */
struct gj_listener {
    void (*told)(void *context, const gj_notice *notice); /* NULL: nobody */
    void *context;
    struct gj_arena arena;       /* of one notice */
    const struct gj_shop *shop;  /* in which something happens now */
    struct gj_str event;         /* at hand: its id; "": none, time passes */
    int64_t at, seq;             /* its instant and number */
    struct gj_arena entry_arena; /* of the entry whose rows are coming */
    gj_notice entry;
    gj_notice_part *parts;
    size_t part_count, part_capacity;
    uint64_t findings;           /* told so far */
    bool again;                  /* a case runs again: its steps are not told one by one */
    struct gj_arena stood_arena; /* of that list's ids */
    struct gj_stood *stood;
    size_t stood_count, stood_capacity;
};

/* What of the shop the deadlines of its other cases depend on (moving.c). */
struct gj_moving {
    struct gj_arena arena;
    bool *memories; /* by the shop's memory: whether some deadline may depend on it */
    bool *flows;    /* by flow: whether it applies depends on that */
    bool *states;   /* whether a deadline of the state may, by flow and state */
    size_t *first;  /* where the states of a flow begin in that */
    bool ripens; /* what applies to a shop depends on what its own flows set, not on events alone */
};

struct gj_engine {
    const struct gj_rulebook *rulebook;
    struct gj_book *book;
    const struct gj_plan *plan; /* the book's */
    struct gj_checker *checker;
    struct gj_clean *clean;
    struct gj_store *store;
    struct gj_errors *errors;
    int64_t rulebook_id;
    struct gj_json_parser *event_parser, *case_parser, *again_parser, *past_parser, *lifted_parser;
    struct gj_arena arena;       /* of one step: an event into a case, a deadline, a midnight */
    struct gj_arena event_arena; /* of the event at hand: its values outlive the steps before it */
    struct gj_arena zones;
    struct gj_clock *clocks; /* in `zones` */
    struct gj_map shop_ids;  /* source -> index */
    struct gj_shop **shops;
    size_t shop_count, shop_capacity;
    bool all_shops; /* all of the store's are in memory */
    struct gj_cached *cache[GJ_CACHE_BUCKETS];
    size_t cached;
    struct gj_cached *changed, **changed_end; /* what is to be written, in order of its change */
    uint64_t batch;                           /* number of the batch at hand, for the cache */
    struct gj_known *known;                   /* [GJ_KNOWN_MAX] */
    struct gj_shelf *shelves;                 /* marks read for metrics */
    struct gj_outcomes outcomes;
    struct gj_sink sink;
    struct gj_buf scratch, why;
    struct gj_arena stranger_arena; /* "type: field" that the contract does not have, each once */
    struct gj_map stranger_ids;
    const char **strangers;
    size_t stranger_count, stranger_capacity;
    bool in_batch, broken;             /* broken: a batch failed; reopen to go on */
    uint32_t ruled, notified, settled; /* event types the tally knows: finding.ruled, penalty.* */
    int64_t *unsettled;                /* cases to be run again (lifted.c, take.c) */
    size_t unsettled_count, unsettled_capacity;
    struct gj_moving moving;
    struct gj_trace *trace;       /* who watches, or NULL */
    struct gj_decision *decision; /* asked for with each event (decision.c), or NULL */
    struct gj_listener listener;
};

/* Watches what the engine does. Functions may be NULL; they return 0, or -1 to end it. */
struct gj_trace {
    void *context;
    /* a case that runs again is about to take an event */
    int (*begins)(struct gj_trace *trace, const struct gj_kept_event *kept);
    /* ... has taken an event (NULL: the rulebook no longer knows it), or, with
     * `kept` NULL, a deadline */
    int (*stepped)(struct gj_trace *trace, const struct gj_kept_event *kept,
                   const struct gj_event *event, const struct gj_due *due);
    /* a transition was taken (gj_sink.moved) */
    int (*moved)(struct gj_trace *trace, const struct gj_scene *scene,
                 const struct gj_entity *entity, uint32_t flow, uint32_t from,
                 const struct gj_cause *cause);
};

#define GJ_BLOCKED_MAX 64

/* An event as it happens to a case. */
struct gj_moment {
    struct gj_happening happening;
    struct gj_str blocked[GJ_BLOCKED_MAX]; /* the rules that block what it says */
};

#define GJ_YEARS_MAX 8

struct gj_years { /* in which points were booked: an instant of each */
    int64_t at[GJ_YEARS_MAX];
    size_t count;
};

/* The views of one event: as its own type, as the types derived from it (some of them only when it
 * was blocked), and from the subject of a ruling. Each belongs to a case of its family. */
struct gj_view {
    uint32_t type, family;
    uint32_t subject_kind; /* GJ_NO_INDEX: none */
    struct gj_str subject;
};
#define GJ_VIEWS_MAX 6

/* ---- view.c ---- */

/* A value of the event's data; GJ_V_UNKNOWN: not given. */
struct gj_value gj_engine_datum(const struct gj_engine *e, const struct gj_event *event,
                                enum gj_datum which);

/* "subject": {kind, id} of a ruling; false: it has none. */
bool gj_view_subject(const struct gj_engine *e, const struct gj_event *event, uint32_t *kind,
                     struct gj_str *id);

/* What applies to the shop has been worked out (gj_engine_setting). */
size_t gj_engine_views(const struct gj_engine *e, const struct gj_shop *shop,
                       const struct gj_event *event, const gj_verdict *verdict,
                       struct gj_view views[GJ_VIEWS_MAX]);

/* ---- rule.c ---- */

/* The rule on messages of that id, or one that covers it and costs something; GJ_MAP_NONE: none. */
uint32_t gj_rule_of_messages(const struct gj_engine *e, struct gj_str id);

/* A cost that a message rule names, at an instant; 0: none. */
int64_t gj_rule_cost(struct gj_engine *e, const struct gj_expr *expr, int64_t at);

/* The title and clause of a rule, finding or flow by its id, or of what covers it. */
struct gj_named {
    struct gj_str title_zh, title_en, clause_zh, clause_en;
};
struct gj_named gj_rule_named(const struct gj_engine *e, struct gj_str id);

/* because.c: appends in English why something was found, as it was kept in Chinese. */
void gj_because_english(const struct gj_engine *e, struct gj_str rule, struct gj_str because,
                        struct gj_buf *out);

/* ---- judge.c ---- */

/* What the judge says of the event's text; *verdict NULL when it is not judged. */
int gj_engine_judge(struct gj_engine *e, struct gj_shop *shop, const struct gj_event *event,
                    const gj_verdict **verdict);

/* Texts in which nothing was found. NULL: out of memory. */
struct gj_clean *gj_clean_new(void);
void gj_clean_free(struct gj_clean *clean);

/* ---- moving.c ---- */

/* -1: out of memory. To be released in either case. */
int gj_moving_find(const struct gj_plan *plan, struct gj_moving *m);
void gj_moving_release(struct gj_moving *m);

/* Whether cases that were not bound to the shop's configuration under `old` may be so under `plan`:
 * more of what they depend on has to do with it. */
bool gj_moving_grows(const struct gj_plan *plan, const struct gj_moving *m,
                     const struct gj_plan *old, const struct gj_moving *was);

/* ---- cache.c ---- */

/* A case without anything in it yet; its `c` is to be released. */
void gj_cached_open(struct gj_cached *cached, const struct gj_engine *e, struct gj_shop *shop,
                    int64_t id, uint32_t family);
/* A place for a case that is not in the table; NULL: out of memory, told. */
struct gj_cached *gj_cached_add(struct gj_engine *e, struct gj_shop *shop, int64_t id,
                                uint32_t family);
void gj_cached_drop(struct gj_engine *e, int64_t id);
/* The case if it is in memory; else NULL. */
struct gj_cached *gj_engine_cached(const struct gj_engine *e, int64_t id);
/* The store has its body or links otherwise from now on. */
void gj_cached_change(struct gj_engine *e, struct gj_cached *cached);
/* What has changed is written, or forgotten. */
void gj_cached_all_written(struct gj_engine *e);

/* ---- links.c ---- */

void gj_links_write(const struct gj_links *links, struct gj_buf *out);
/* -1: it is no such text. */
int gj_links_read(struct gj_links *links, struct gj_str text);

/* ---- agenda.c ---- */

/* A case in memory is due at another time now (not GJ_NEVER). -1: out of memory. */
int gj_agenda_note(struct gj_shop *shop, int64_t at, int64_t case_id);

/* The case that is due first; *at GJ_NEVER: none. */
int gj_agenda_first(struct gj_engine *e, struct gj_shop *shop, int64_t *at, int64_t *case_id);

/* What is in memory has been written, or forgotten. */
void gj_agenda_clear(struct gj_shop *shop);
void gj_agenda_release(struct gj_shop *shop);

/* ---- shop.c ---- */

/* The shop of a source, made when it is new. NULL: told. */
struct gj_shop *gj_engine_shop(struct gj_engine *e, struct gj_str source);

/* Without what told.c and past.c hold of it; NULL: nothing. */
void gj_shop_free(struct gj_shop *shop);

/* The shop of that number, if it is in memory; else NULL. */
struct gj_shop *gj_shop_numbered(const struct gj_engine *e, int64_t id);

/* Loads every shop of the store. */
int gj_engine_each_shop(struct gj_engine *e);

int64_t gj_engine_day(const struct gj_shop *shop, int64_t at);       /* local day number */
int64_t gj_engine_midnight(const struct gj_shop *shop, int64_t day); /* when that begins */
int64_t gj_engine_year(const struct gj_shop *shop, int64_t at);      /* local */

/* The case has lived through something; it has become part of another. */
void gj_shop_touch(struct gj_shop *shop, int64_t case_id, int64_t last_at);
void gj_shop_untouch(struct gj_shop *shop, int64_t case_id);

/* What windows count has changed between these instants (to GJ_NEVER: and ever after). */
void gj_shop_metrics_change(struct gj_shop *shop, int64_t from, int64_t to);

/* ---- marks.c ---- */

/* The context of a mark source. */
struct gj_reader {
    struct gj_engine *e;
    struct gj_shop *shop;
};
int gj_engine_marks(void *context, uint32_t counter, struct gj_str product, int64_t from,
                    int64_t to, struct gj_marks *out);

/* Each product that the metric's counters have marked with from <= at < to, in no order. */
int gj_engine_products(struct gj_engine *e, struct gj_shop *shop, uint32_t metric, int64_t from,
                       int64_t to, int (*each)(void *context, struct gj_str product),
                       void *context);

/* A mark of the counter has come or gone: windows that ended after `at` have changed. */
void gj_marks_changed(const struct gj_engine *e, struct gj_shop *shop, struct gj_str counter,
                      int64_t at);

/* Marks have changed, or their memory is wanted: what was read of them is forgotten. */
void gj_engine_forget_marks(struct gj_engine *e);

/* ---- cases.c ---- */

/* The case, read from the store unless it is in memory. NULL: told. */
struct gj_cached *gj_engine_case(struct gj_engine *e, struct gj_shop *shop, int64_t id);

/* Case `id` is new; the store has it when it is flushed. */
int gj_engine_case_begin(struct gj_engine *e, struct gj_shop *shop, uint32_t family, int64_t id);

/* A pseudo case gathers what a metric's window, or a ladder's year, has brought. */
int gj_engine_origin(struct gj_engine *e, struct gj_shop *shop, const char *kind, struct gj_str id,
                     int64_t *case_id);

int gj_engine_flush(struct gj_engine *e); /* writes what changed */

/* ---- setting.c ---- */

/* What applies to the shop, its zone and its configuration, as of `now`. */
int gj_engine_setting(struct gj_engine *e, struct gj_shop *shop, int64_t now);

/* ---- history.c ---- */

/* Event `seq`, the last so far, is one of the case's. */
int gj_links_add(struct gj_engine *e, struct gj_cached *cached, int64_t seq);
/* Those of the case's row go to the table of all others. */
int gj_links_spill(struct gj_engine *e, struct gj_cached *cached);

/* The case's events by time, then arrival. */
int gj_history_read(struct gj_engine *e, int64_t case_id, struct gj_history *h);
/* The same in no order, which needs no parser. */
int gj_history_gather(struct gj_engine *e, int64_t case_id, struct gj_history *h);
void gj_history_release(struct gj_history *h);

/* ---- tell.c: rows into the store, and to who listens ---- */

void gj_listener_release(struct gj_listener *l);

int gj_tell_found(struct gj_engine *e, struct gj_shop *shop, const struct gj_found_row *row);
int gj_tell_withdrawn(struct gj_engine *e, struct gj_shop *shop, const struct gj_found_row *row);
/* `wrong`: it takes back an entry that a late event has shown to be wrong. */
int gj_tell_entry(struct gj_engine *e, struct gj_shop *shop, const struct gj_entry_row *row,
                  bool wrong);
void gj_tell_entries_end(struct gj_engine *e); /* no more rows of that entry */
int gj_tell_measure(struct gj_engine *e, struct gj_shop *shop, const struct gj_measure_row *row);
/* Its end is `to` now, as its finding says `own_to`. */
int gj_tell_measure_end(struct gj_engine *e, struct gj_shop *shop, const struct gj_measure_row *row,
                        int64_t to, int64_t own_to);
int gj_tell_measure_gone(struct gj_engine *e, struct gj_shop *shop,
                         const struct gj_measure_row *row);

/* These only tell. */
void gj_tell_verdict(struct gj_engine *e, const struct gj_shop *shop, const struct gj_event *event,
                     const gj_verdict *verdict);
struct gj_moved {
    uint32_t kind, flow, from, to; /* from GJ_NO_INDEX: it began */
    struct gj_str id;
    int64_t at;
    const struct gj_transition *transition; /* NULL: several, or not known */
};
void gj_tell_moved(struct gj_engine *e, const struct gj_shop *shop, const struct gj_moved *moved);
/* A deadline fired; `found`: something was found. */
void gj_tell_fired(struct gj_engine *e, const struct gj_shop *shop, const struct gj_due *due,
                   bool found);
void gj_tell_breach(struct gj_engine *e, const struct gj_shop *shop, uint32_t metric,
                    int64_t midnight, struct gj_str product, const struct gj_figures *figures);
void gj_tell_deadlines(struct gj_engine *e, struct gj_cached *cached, struct gj_run *run,
                       const struct gj_due *first); /* first NULL: it has none */

/* ---- watch.c ---- */

/* Lets `trace` (NULL: nobody) watch from now on. */
void gj_engine_trace(struct gj_engine *e, struct gj_trace *trace);

/* ---- settle.c ---- */

/* Stores the outcomes of a case that came in order; the years in which points were booked. */
int gj_settle_append(struct gj_engine *e, struct gj_shop *shop, int64_t case_id,
                     struct gj_years *years);

/* Stores what differs between the outcomes and what the store has for the case: entries are
 * reversed, findings and measures withdrawn, the new ones added. */
int gj_settle_reconcile(struct gj_engine *e, struct gj_shop *shop, int64_t case_id,
                        struct gj_years *years);

/* Whether an entry takes back another that was wrong. */
bool gj_entry_is_correction(struct gj_str entry);

/* ---- matter.c ---- */

struct gj_matter {   /* found by itself, and ruled on as well */
    int64_t case_id; /* that books it */
    int64_t ruling;  /* the case of the ruling */
    struct gj_str ruling_id;
    bool unnamed;       /* the ruling does not say what it is about */
    struct gj_str head; /* how the names of its entries begin */
    int64_t at;         /* of the ruling: what was booked up to then is meant */
};

/* Sets fen, points in `sums` to what stands of the matter's last entries; nothing where there are
 * none. Their rows go to e->outcomes.costs. Returns 0, or -1 with an error. */
int gj_matter_costs(struct gj_engine *e, const struct gj_matter *m, int64_t sums[2]);

/* ---- happen.c ---- */

/* One event happens to one case: flows, findings, counters as `sink` has them. */
int gj_engine_happen(struct gj_engine *e, struct gj_shop *shop, struct gj_case *c,
                     const struct gj_sink *sink, const struct gj_event *event,
                     const struct gj_view *view, int64_t seq, const gj_verdict *verdict,
                     struct gj_moment *out);

/* ---- told.c ---- */

/* Reads what the shop has told, unless that is known. */
int gj_told_load(struct gj_engine *e, struct gj_shop *shop);
/* One event more, late or not. */
int gj_told_add(struct gj_shop *shop, const struct gj_kept_event *event);
/* `c` is the shop as it was after its first `events` events: a stop, where one is due. */
int gj_told_stop(struct gj_shop *shop, const struct gj_case *c, size_t events);
/* The last stop before `at`, into the empty `c`; *events: that it has lived through. */
int gj_told_start(struct gj_engine *e, struct gj_shop *shop, int64_t at, struct gj_case *c,
                  size_t *events);
void gj_told_forget(struct gj_shop *shop); /* to be read anew */
void gj_told_release(struct gj_shop *shop);

/* ---- past.c ---- */

/* Whether the configuration has changed after `at`. */
int gj_past_differs(struct gj_engine *e, struct gj_shop *shop, int64_t at, bool *differs);

/* The shop as its metrics saw it at `at`: the present one where means of its category were told no
 * later. What is worked out stays until gj_past_forget. NULL: it had told nothing.
 * The setting is to be made anew afterwards (gj_engine_setting). */
int gj_past_shop(struct gj_engine *e, struct gj_shop *shop, int64_t at, struct gj_entity **out);
void gj_past_forget(struct gj_shop *shop);

/* Between these the shop's configuration is that of the past, first of some time before `at`; no
 * earlier instant is asked for. They nest; gj_past_end is due even when gj_past_begin has failed.
 */
int gj_past_begin(struct gj_engine *e, struct gj_shop *shop, int64_t at, struct gj_past *past);
int gj_past_to(struct gj_engine *e, struct gj_shop *shop, int64_t at, int64_t seq);
void gj_past_end(struct gj_shop *shop, struct gj_past *past);

/* What the judge says of the event (gj_engine_judge): of a late one, and of one that is looked at
 * again, by the configuration that was when it came as number `seq`. */
int gj_past_judge(struct gj_engine *e, struct gj_shop *shop, const struct gj_event *event,
                  int64_t seq, const gj_verdict **verdict);

struct gj_rerun { /* a case run again; the configuration of the past goes along */
    struct gj_engine *e;
    struct gj_shop *shop;
    struct gj_case *c;
    uint32_t family;
    struct gj_json_parser *parser;
    /* gj_engine_run, where what happens is to have outcomes; NULL: in silence */
    int (*run)(struct gj_engine *e, struct gj_shop *shop, struct gj_case *c,
               const struct gj_event *event, const struct gj_view *view, int64_t seq,
               const gj_verdict *verdict);
    /* told of each ruling about the case; or NULL */
    int (*ruled)(void *context, const struct gj_event *event);
    void *context;
};
int gj_rerun_event(struct gj_rerun *r, const struct gj_kept_event *kept);
int gj_rerun_fire(struct gj_rerun *r, int64_t until); /* what is due before `until` */
/* The events before (at, seq), and what is due before `at`. */
int gj_rerun_to(struct gj_rerun *r, const struct gj_history *h, int64_t at, int64_t seq);

/* The case as it was before the event (at, seq), into the empty `out`. */
int gj_engine_as_of(struct gj_engine *e, const struct gj_cached *cached, int64_t at, int64_t seq,
                    struct gj_case *out);

/* ---- memory.c ---- */

/* Writes what changed and drops cases not used lately when there are too many in memory. No case
 * may be in use. */
int gj_engine_relieve(struct gj_engine *e);
void gj_engine_forget(struct gj_engine *e);       /* empties the table of cases without writing */
void gj_engine_forget_shops(struct gj_engine *e); /* the same, and the shops */

/* ---- ladder.c ---- */

/* As gj_settle_append and gj_settle_reconcile; then the steps of ladders that the points booked
 * have reached. */
int gj_engine_append(struct gj_engine *e, struct gj_shop *shop, int64_t case_id);
int gj_engine_reconcile(struct gj_engine *e, struct gj_shop *shop, int64_t case_id);

/* The points of that year on the ladder, by what was booked before `before`: what was taken back
 * never counted. */
int gj_ladder_sum(struct gj_engine *e, const struct gj_shop *shop, const struct gj_ladder *l,
                  int64_t year, int64_t before, int64_t *sum);

/* The pseudo case of what the ladder has brought in the year of `at`; 0: none. */
int gj_ladder_case(struct gj_engine *e, const struct gj_shop *shop, const struct gj_ladder *l,
                   int64_t at, int64_t *case_id);

/* A ruling named a step of the ladder at `at`: it is run again when the year's steps change. */
int gj_ladder_note_ruling(struct gj_engine *e, const struct gj_shop *shop,
                          const struct gj_ladder *l, int64_t at, struct gj_str ruling,
                          int64_t case_id);

/* A configuration of `at` came late: what the steps reached since then cost by it. */
int gj_engine_climb_since(struct gj_engine *e, struct gj_shop *shop, int64_t at);

/* A year has ended: its points go back. */
int gj_engine_reset_ladders(struct gj_engine *e, struct gj_shop *shop, int64_t year);

/* ---- apply.c ---- */

/* One event into one case: what happens, and rulings and blocked sentences. */
int gj_engine_run(struct gj_engine *e, struct gj_shop *shop, struct gj_case *c,
                  const struct gj_event *event, const struct gj_view *view, int64_t seq,
                  const gj_verdict *verdict);

/* ---- deadline.c ---- */

/* Writes when the case is due next. */
int gj_engine_schedule(struct gj_engine *e, struct gj_cached *cached);

/* The due deadlines of one case alone, before `until`: after a late event. */
int gj_engine_catch_up(struct gj_engine *e, struct gj_cached *cached, int64_t until);

/* The deadline of the shop that is due first. */
int gj_engine_fire_first(struct gj_engine *e, struct gj_shop *shop);

/* ---- again.c ---- */

/* Notes how the case stands before it is run again or becomes part of another. */
int gj_engine_note_standings(struct gj_engine *e, const struct gj_case *c);

/* Runs the case again from the log, in the order of time: the case and e->outcomes then are as they
 * should be. Nothing is stored. */
int gj_engine_retell(struct gj_engine *e, struct gj_cached *cached);

/* The same, and reconciles; then the rulings about what is in it. */
int gj_engine_again(struct gj_engine *e, struct gj_cached *cached);

/* ---- lifted.c ---- */

/* Whether the ruling was settled as lifted, be it upheld after that: then nothing that it moved in
 * the case of its subject stands. */
int gj_ruling_lifted(struct gj_engine *e, const struct gj_shop *shop, const struct gj_event *ruling,
                     bool *lifted);

/* What the case books depends on what has just changed: it is to be run again (take.c). */
int gj_engine_unsettle(struct gj_engine *e, int64_t case_id);

/* A penalty was settled: the same for the cases of its ruling's subjects. */
int gj_engine_unsettle_subjects(struct gj_engine *e, const struct gj_shop *shop, int64_t case_id);

/* ---- join.c ---- */

/* The case to which an event of `type` belongs: found, made, or merged of several. `merged` says
 * that it must be run again. 0 in *id: told. */
int gj_engine_case_of(struct gj_engine *e, struct gj_shop *shop, const struct gj_view *view,
                      const struct gj_value *values, int64_t *id, bool *merged);

/* The entity's case as far as it is remembered; 0: ask the store. */
int64_t gj_engine_known_case(const struct gj_engine *e, const struct gj_shop *shop, uint32_t kind,
                             struct gj_str id);

/* ---- config.c ---- */

/* Works out anew when the shop's cases are due, after what they depend on has changed. */
int gj_engine_reschedule(struct gj_engine *e, struct gj_shop *shop);

/* The shop was told late what it was like from `at` on: other cases that have lived past that
 * instant are run again. */
int gj_engine_correct_cases(struct gj_engine *e, struct gj_shop *shop, int64_t at);

/* ---- window.c ---- */

/* The kind of entity that rulings and penalties are; "?": the rulebook has none. */
struct gj_str gj_ruling_kind(const struct gj_engine *e);

/* The name of the case that has what a metric has found at a midnight. */
void gj_window_name(const struct gj_metric *m, const struct gj_shop *shop, int64_t midnight,
                    struct gj_str product, struct gj_buf *out);

/* Whether some step of the metric raises the finding. */
bool gj_metric_raises(const struct gj_metric *m, uint32_t finding);

/* The case of what a metric of days or weeks has found by that rule at the end of its last window
 * before `at`; `product` "": about the shop. *case_id 0: none. */
int gj_engine_window_case(struct gj_engine *e, const struct gj_shop *shop, uint32_t finding,
                          int64_t at, struct gj_str product, int64_t *case_id);

/* ---- midnight.c ---- */

/* A metric's figures over the window that contains `at` (rolling: that ends with it), from what had
 * happened until `known`. */
int gj_engine_metric(struct gj_engine *e, struct gj_shop *shop, uint32_t metric, int64_t at,
                     int64_t known, struct gj_str product, struct gj_window_of *window,
                     struct gj_figures *out);

/* Looks at the windows that a midnight ends; `again`: it has been looked at before, differences are
 * booked. */
int gj_engine_look_at_metrics(struct gj_engine *e, struct gj_shop *shop, int64_t midnight,
                              bool again);

/* How long after a mark a window that holds it may still be looked at, in us. */
int64_t gj_engine_reach(const struct gj_engine *e);

/* ---- clock.c ---- */

/* Fires what is due before `until` in the shop and looks at the midnights that pass. */
int gj_engine_advance_shop(struct gj_engine *e, struct gj_shop *shop, int64_t until);

/* The shop's clock has been put into another zone: its next midnight comes at another time. */
void gj_engine_wind(struct gj_shop *shop);

/* Looks again at the closed windows whose marks have changed. */
int gj_engine_recheck(struct gj_engine *e, struct gj_shop *shop);

/* ---- decision.c ---- */

/* What the event at hand brings, told while it is applied. begin and end stand around it: end
 * returns the decision, NULL when it is not asked for or has to be told from the log. Around its
 * run in a case, watch and, if that returns true, add with the run's outcome, which is returned
 * when it is a failure. unknown: a case runs again. */
void gj_decision_begin(struct gj_engine *e);
const char *gj_decision_end(struct gj_engine *e);
bool gj_decision_watch(struct gj_engine *e, struct gj_cached *cached);
int gj_decision_add(struct gj_engine *e, const struct gj_event *event, int run);
void gj_decision_unknown(struct gj_engine *e);
void gj_decision_free(struct gj_decision *decision);

/* ---- take.c ---- */

/* Applies an event: a new one, which is added to the log, or one of the log: `row`. */
int gj_engine_take(struct gj_engine *e, const struct gj_event *event, struct gj_str body,
                   const struct gj_store_event *row, gj_reception *out);

/* ---- batch.c ---- */

int gj_engine_begin(struct gj_engine *e); /* opens a batch unless one is open */
/* Looks again at closed windows whose marks have changed, as each commit does; of one shop. The log
 * says when that was, since corrections bear that time. */
int gj_engine_look_again(struct gj_engine *e);
int gj_engine_look_again_at(struct gj_engine *e, struct gj_shop *shop);
/* Drops the batch; the engine is then broken, and that is told. Returns GJ_ESYSTEM. */
int gj_engine_fail(struct gj_engine *e);

/* feed.c: the name that what was read of a file is kept under: its real path, to be freed; NULL:
 * the path as it is given. */
char *gj_feed_name(const char *path);

/* ---- live.c ---- */

/* Whether `old` declares states of flows that `plan` does not. */
bool gj_plan_lacks(const struct gj_plan *plan, const struct gj_plan *old);

/* The engine has another rulebook: open cases are due when that says, within the batch at hand.
 * Standings that it does not declare are told as errors; *strangers: how many. `all`: cases
 * without deadlines are looked at too. */
int gj_engine_adopt(struct gj_engine *e, bool all, size_t *strangers);

/* ---- engine.c ---- */

/* An engine in memory begins anew, empty: for tests. */
int gj_engine_restart(struct gj_engine *e);

/* ---- selftest.c ---- */
int gj_engine_test(struct gj_engine *e, const char *only,
                   void (*each)(void *context, const gj_test_result *result), void *context);

/* ---- ingest_test.c ---- */

/* The tests beside the rulebook's envelopes; `only` as gj_engine_rulebook_test has it. */
int gj_ingest_test(const gj_rulebook *rulebook, const char *only,
                   void (*each)(void *context, const gj_test_result *result), void *context);

#endif
