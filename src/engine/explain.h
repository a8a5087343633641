/* Room engine, inside: why an entity stands as it does.
 *
 *   log --again.c--> the case once more --story.c--> struct gj_story --explain_text.c--> words
 *   event --take.c--> its cases --------'                            `-explain_json.c--> JSON
 *
 * explain.c asks for an entity, decision.c for an event while it is applied, decision_log.c for one
 * of the log. */
#ifndef GJ_ENGINE_EXPLAIN_H
#define GJ_ENGINE_EXPLAIN_H

#include "engine/inside.h"

enum gj_note_kind {
    GJ_NOTE_MOVED,
    GJ_NOTE_FOUND,
    GJ_NOTE_BOOKED,
    GJ_NOTE_MEASURE,
    GJ_NOTE_COUNTED, /* it counts for metrics */
    GJ_NOTE_SET,     /* a deadline was set ... */
    GJ_NOTE_CLEARED, /* ... fell away ... */
    GJ_NOTE_SHIFTED  /* ... has another instant now */
};

struct gj_note { /* one consequence of a step */
    enum gj_note_kind kind;
    struct gj_str entity_kind, entity; /* moved and deadlines: whose */
    uint32_t flow, from;               /* moved; from GJ_NO_INDEX: it began */
    const struct gj_transition *transition;
    struct gj_found found;     /* its reason in the story's language */
    struct gj_entry_part part; /* booked: the row that receives */
    struct gj_str giver;       /* its account */
    struct gj_measure measure;
    struct gj_mark mark; /* counted */
    struct gj_due due;
    int64_t was; /* shifted: the instant before */
};

struct gj_step_told { /* an event, or a deadline */
    int64_t at;
    bool late, unknown; /* unknown: the rulebook does not accept the event any more */
    bool lifted;        /* a ruling of which nothing stands */
    struct gj_str id, type, title;
    struct gj_str data; /* of an event, as JSON */
    struct gj_str entity_kind, entity, deadline;
    uint32_t flow;       /* of a deadline; GJ_NO_INDEX: an event */
    size_t first, count; /* notes */
};

struct gj_correction { /* what a late event has put right in the store */
    int64_t at;
    struct gj_str what, rule, account, unit; /* what: "finding", "measure" withdrawn, "entry" */
    int64_t amount;
};

struct gj_story {
    struct gj_arena arena;
    const struct gj_engine *e;
    const struct gj_plan *plan;
    const struct gj_shop *shop;
    const struct gj_cached *cached; /* the case as it came out */
    struct gj_str kind, id;
    bool english, failed;
    struct gj_step_told *steps;
    size_t step_count, step_capacity;
    struct gj_note *notes;
    size_t note_count, note_capacity;
    struct gj_due *open;
    size_t open_count, open_capacity;
    struct gj_correction *corrections;
    size_t correction_count, correction_capacity;
    struct gj_found_row *others; /* about the entity, but not of its case: by metrics, ladders */
    size_t other_count, other_capacity;
};

/* The clause of a rule, "" when the catalogue alone has it; its title. */
struct gj_str gj_story_clause(const struct gj_story *story, struct gj_str rule);
struct gj_str gj_story_title(const struct gj_story *story, struct gj_str rule);

/* The next metric of the shop, from `*at` on, that reads the counter of a mark; NULL: none. */
const struct gj_metric *gj_story_next_metric(const struct gj_story *story,
                                             const struct gj_mark *mark, size_t *at);

/* The transition that a deadline takes; its name. */
const struct gj_deadline *gj_story_deadline(const struct gj_story *story, const struct gj_due *due);

void gj_story_text(const struct gj_story *story, struct gj_buf *out);
void gj_story_json(const struct gj_story *story, struct gj_buf *out);
void gj_story_step_json(const struct gj_story *story, const struct gj_step_told *step,
                        struct gj_buf *out);

/* The story of a case, which `cached` holds; the caller sets kind and id where others are told of
 * it. To be closed. */
void gj_story_open(struct gj_story *story, const struct gj_engine *e,
                   const struct gj_cached *cached, bool english);
void gj_story_close(struct gj_story *story);

/* Something of the case that a late event has put right; a finding about it of another case. */
void gj_story_add_correction(struct gj_story *story, struct gj_correction one);
void gj_story_add_other(struct gj_story *story, const struct gj_found_row *row);

/* Runs the case into `cached` and tells it; `only` the event of that number, 0: all. Returns 0 or
 * -1. */
int gj_story_tell(struct gj_engine *e, struct gj_cached *cached, struct gj_story *story,
                  int64_t only);

/* Gathers a story while its case runs. */
struct gj_teller {
    struct gj_trace trace;
    struct gj_engine *e;
    struct gj_story *story;
    struct gj_cached *cached;
    int64_t only;                          /* number of the event that is told; 0: every step is */
    bool telling;                          /* that event is being taken */
    size_t founds, parts, measures, marks; /* of the outcomes, told already */
    size_t first;                          /* note of the step at hand */
    struct gj_due *before;                 /* deadlines open before it */
    size_t before_count, before_capacity;
};

void gj_teller_open(struct gj_teller *teller, struct gj_engine *e, struct gj_story *story,
                    struct gj_cached *cached, int64_t only);
void gj_teller_close(struct gj_teller *teller);

/* An event is about to be taken ... and has been taken: what it has brought is a step. */
void gj_teller_begins(struct gj_teller *teller);
int gj_teller_event(struct gj_teller *teller, const struct gj_event *event, bool late);

/* How a decision begins: "{id, source, late, cases: ["; and the steps of one of its cases. */
void gj_decision_head(struct gj_buf *out, struct gj_str id, struct gj_str source, bool late);
void gj_decision_steps(const struct gj_story *story, struct gj_buf *out);

#endif
