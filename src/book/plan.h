/* Room book: the rulebook's half on events, compiled: flows, findings, counters, metrics, ladders
 * (docs/flows.md). It is built on demand, since judging a message needs none of it.
 *
 *   book (nodes) --gj_plan_build--> struct gj_plan: immutable, lives as long as its book
 *
 * What an entity remembers has a *slot of memory* within its kind; an expression's field has a
 * *slot*, a number that says where its value comes from (GJ_SLOT_...). Only memories that some
 * expression reads are kept. */
#ifndef GJ_BOOK_PLAN_H
#define GJ_BOOK_PLAN_H

#include "base/zone.h"
#include "book/book.h"
#include "book/event.h"

/* ---- slots of an expression's fields ---- */

enum gj_slot {
    GJ_SLOT_PLATFORM,
    GJ_SLOT_NOW,
    GJ_SLOT_ENTERED,
    GJ_SLOT_EVENT_TYPE,
    GJ_SLOT_NUMERATOR, /* of a metric; its counts follow from GJ_SLOT_COUNTS */
    GJ_SLOT_DENOMINATOR,
    GJ_SLOT_VALUE_BP,
    GJ_SLOT_MEAN_BP,
    GJ_SLOT_MEAN_COUNT,
    GJ_SLOT_COUNTS = 0x100,
    GJ_SLOT_EVENT = 0x10000, /* + index into gj_plan.event_names */
    GJ_SLOT_MEMORY = 0x20000 /* + kind * 0x400 + memory; memory 0 is the id */
};
#define GJ_MEMORIES_MAX 0x400

/* What an entity of a kind remembers. */
struct gj_memory {
    struct gj_str name; /* "goods_fen", "paid_at", "services.cod", a flow's variable */
    struct gj_str full; /* "order.goods_fen" */
    const struct gj_type *type;
    struct gj_choices choices; /* of all events that give it a value */
    uint32_t kept;      /* where it stands in an entity's memory; GJ_NO_INDEX: nobody reads it */
    struct gj_str json; /* of one that is kept: `"goods_fen":` */
};

/* An entity names another by an id that it remembers. */
struct gj_link {
    uint32_t kept, kind;
};

struct gj_kind_plan {
    struct gj_memory *memories; /* 0: id */
    size_t memory_count, memory_capacity;
    uint32_t kept_count;
    struct gj_map by_name;
    const uint32_t *flows; /* over entities of this kind */
    size_t flow_count;
    struct gj_link *links;
    size_t link_count;
    const uint32_t *kept; /* the memories that are kept, by number */
    struct gj_str json;   /* `"order",` */
};

/* Which data of an event go into which memory of the entity it is about. */
struct gj_keep {
    uint32_t field, inner; /* inner: field of an object, or GJ_NO_INDEX */
    uint32_t memory;
};

/* ---- entries ---- */

struct gj_heading { /* what every entry has */
    const struct gj_node *node;
    struct gj_str id, title_zh, title_en, clause_zh, clause_en;
    const struct gj_str *covers;
    size_t cover_count;
    const struct gj_cite *cites;
    size_t cite_count;
    int64_t from, until;           /* seconds since 1970 */
    const struct gj_expr *applies; /* NULL: everywhere */
    const struct gj_node *tests;   /* NULL: none, or not kept */
};

struct gj_set {
    uint32_t memory; /* of the flow's kind */
    const struct gj_expr *value;
};

#define GJ_SETS_MAX 16 /* of a transition */

struct gj_transition {
    const struct gj_node *node;
    const struct gj_expr *when; /* NULL: always */
    uint32_t to;                /* state; GJ_NO_INDEX: stays */
    const struct gj_set *sets;
    size_t set_count;
    const uint32_t *raises; /* findings */
    size_t raise_count;
    struct gj_str rule, because_zh, because_en; /* "" when not given */
};

struct gj_handler {
    uint32_t type; /* of the event */
    const struct gj_transition *choices;
    size_t choice_count;
};

struct gj_deadline {
    struct gj_str name;
    const struct gj_expr *in, *at; /* one of them */
    struct gj_transition then;
};

struct gj_state {
    struct gj_str name, title_zh, title_en;
    const struct gj_node *node;
    bool final;
    const struct gj_deadline *deadlines; /* at most 32 */
    size_t deadline_count;
    const struct gj_handler *handlers; /* `own_count` of its own, then those of `every` */
    size_t own_count, handler_count;
};

struct gj_flow {
    struct gj_heading head;
    struct gj_str shown; /* the name under which its states are told */
    bool internal;       /* it only keeps watch: its states are nobody's business */
    uint32_t kind;
    const struct gj_handler *starts;
    size_t start_count;
    const struct gj_state *states;
    size_t state_count;
    struct gj_map state_ids;
    const struct gj_str *json; /* by state: `"shop.order-check":["checked",` */
};

enum gj_party { GJ_SHOP, GJ_PLATFORM, GJ_BUYER, GJ_AGENT, GJ_INSURER, GJ_PARTIES };

struct gj_booking { /* one entry of a finding */
    const struct gj_node *node;
    const struct gj_expr *when; /* NULL: always */
    const struct gj_expr *amount, *at_most;
    bool points;
    bool serious; /* points */
    enum gj_party from, to;
    struct gj_str paid_as; /* "" */
    struct gj_str rule;    /* the clause that sets the sum */
};

struct gj_measure_plan {
    struct gj_str what;
    const struct gj_expr *when, *span; /* span NULL: open end */
    bool ends;                         /* ends what runs */
};

struct gj_finding_plan {
    struct gj_heading head;
    const uint32_t *on; /* event types */
    size_t on_count;
    const struct gj_expr *when, *agent;
    uint32_t about; /* kind; GJ_NO_INDEX: what the event is about */
    enum gj_rule_severity severity;
    struct gj_str because_zh, because_en, mend_zh, mend_en;
    bool now;      /* booked at once; else when ruled */
    bool internal; /* it books, and is told as a finding when ruled alone */
    const struct gj_booking *bookings;
    size_t booking_count;
    const struct gj_measure_plan *measures;
    size_t measure_count;
};

struct gj_counter {
    struct gj_heading head;
    const uint32_t *on;
    size_t on_count;
    uint32_t once;     /* kind, or GJ_NO_INDEX */
    uint32_t once_bit; /* among the counters of that kind */
    const struct gj_expr *when, *key, *item, *products;
    const struct gj_expr *at; /* the instant the mark bears; NULL: now */
};

enum gj_count_what { GJ_COUNT_KEYS, GJ_COUNT_ITEMS };

struct gj_count {
    struct gj_str name;
    enum gj_count_what what;
    uint32_t of;                           /* counter */
    uint32_t also_in, not_in, followed_by; /* counters or GJ_NO_INDEX */
    const struct gj_expr *within;          /* duration; NULL: as long as the window lasts */
};

enum gj_window { GJ_WINDOW_DAY, GJ_WINDOW_WEEK, GJ_WINDOW_ROLLING };

struct gj_metric_step {           /* a threshold and what follows */
    bool of_shop, of_products;    /* whose figures it looks at */
    const struct gj_expr *breach; /* NULL: only one step, which is never reached */
    int64_t lasting;              /* windows in a row */
    const uint32_t *raises;       /* findings */
    size_t raise_count;
};

#define GJ_METRIC_STEPS_MAX  8
#define GJ_METRIC_COUNTS_MAX 32

struct gj_metric {
    struct gj_heading head;
    enum gj_window window;
    int64_t days;              /* of a rolling window */
    bool of_shop, of_products; /* whose figures are computed */
    struct gj_str means;       /* under which name shop.category_means tells its mean */
    const struct gj_count *counts;
    size_t count_count;
    uint32_t leave_from, leave_all; /* counters or GJ_NO_INDEX */
    const struct gj_expr *numerator, *denominator;
    const struct gj_metric_step *steps;
    size_t step_count;
};

struct gj_step {
    int64_t points;
    uint32_t finding;
};

struct gj_ladder {
    struct gj_heading head;
    bool serious;
    struct gj_str reset_rule;    /* "" : never reset */
    const struct gj_step *steps; /* rising */
    size_t step_count;
};

struct gj_guidance {
    struct gj_heading head;
    const struct gj_str *situations;
    size_t situation_count;
    struct gj_str says_zh, says_en;
};

/* Data of events that the program itself reads, whatever the rulebook says. */
enum gj_datum {
    GJ_DATUM_AGENT_ID,
    GJ_DATUM_AMOUNT_FEN,
    GJ_DATUM_BUYER_ID,
    GJ_DATUM_CLASS,
    GJ_DATUM_FINE_FEN,
    GJ_DATUM_KIND,
    GJ_DATUM_MESSAGE_ID,
    GJ_DATUM_OUTCOME,
    GJ_DATUM_POINTS,
    GJ_DATUM_RULE,
    GJ_DATUM_SENDER,
    GJ_DATUM_SUBJECT,
    GJ_DATUM_TEXT,
    GJ_DATA
};

/* Which entries an event of a type concerns. */
struct gj_reaction {
    const uint32_t *findings, *counters;
    size_t finding_count, counter_count;
    const struct gj_keep *keeps;
    size_t keep_count;
    uint32_t stamp;                 /* memory of its kind */
    const uint32_t *fields_by_name; /* [event_names] -> field index or GJ_NO_INDEX */
    uint32_t data[GJ_DATA];         /* the same of what the program reads */
    const uint32_t *derived;        /* the types made of it */
    size_t derived_count;
    /* it tells something of the shop itself, by which other cases may go: its configuration, who is
     * on duty; not what was said */
    bool tells_of_shop;
    bool tells_means; /* it may tell shop.category_means, by which metrics go */
};

struct gj_plan {
    struct gj_arena arena;
    const struct gj_book *book;
    const struct gj_events *events;
    struct gj_kind_plan kinds[GJ_KINDS_MAX];
    struct gj_str *event_names; /* "event.x" for every field x of some event's data */
    const struct gj_type **event_name_types;
    size_t event_name_count;
    struct gj_flow *flows;
    size_t flow_count;
    struct gj_finding_plan *findings;
    size_t finding_count;
    struct gj_counter *counters;
    size_t counter_count;
    const uint32_t *once; /* the counters that count an entity once */
    size_t once_count;
    struct gj_metric *metrics;
    size_t metric_count;
    struct gj_ladder *ladders;
    size_t ladder_count;
    struct gj_guidance *guidances;
    size_t guidance_count;
    struct gj_reaction *reactions; /* by event type */
    const uint32_t *facts;         /* memories of the shop that the judge reads */
    size_t fact_count;
    struct gj_map flow_ids, finding_ids, counter_ids, metric_ids, ladder_ids;
    struct gj_map covered; /* catalogue id -> finding that covers it */
    struct gj_map priced;  /* catalogue id -> rule on messages that covers it and names a cost */
    struct gj_map event_name_ids;
};

/* Compiles the entries; NULL with every error found. The plan borrows from `book`. */
struct gj_plan *gj_plan_build(struct gj_book *book, const struct gj_events *events,
                              struct gj_errors *errors);
void gj_plan_free(struct gj_plan *plan);

/* How many expectations stand beside the entry; 0 where the tests were not kept. */
size_t gj_heading_tests(const struct gj_heading *head);

/* The book's own plan, compiled when first asked for (when it was loaded, unless from the cache)
 * and freed with the book; NULL with errors. It changes the book: call it before the book is
 * shared. */
const struct gj_plan *gj_book_plan(struct gj_book *book, struct gj_errors *errors);

/* The parameter that a call in an expression of a plan reads; GJ_NO_INDEX: none. */
uint32_t gj_plan_param_of(const struct gj_expr_call *call);

/* What an expression asks of all the entities of a flow that name the one at hand. */
enum gj_census { GJ_RUNNING, GJ_LAST_MOVED, GJ_TOTAL_IN };

/* What the host functions of a plan's expressions need; first member of the frame's context. */
struct gj_plan_host {
    const struct gj_plan *plan;
    int64_t at;                 /* seconds since 1970: which parameter values are in force */
    const struct gj_zone *zone; /* the shop's clock; NULL: China's */
    bool looked;                /* at the shop's configuration, its clock too, since it was set */
    bool (*in_state)(struct gj_plan_host *host, uint32_t flow, uint32_t state);
    /* `state` and `memory` for GJ_TOTAL_IN alone */
    struct gj_value (*census)(struct gj_plan_host *host, enum gj_census asked, uint32_t flow,
                              uint32_t state, uint32_t memory);
    /* whether the message at hand was blocked by a rule whose id begins so */
    bool (*broke)(struct gj_plan_host *host, struct gj_str prefix);
};

#endif
