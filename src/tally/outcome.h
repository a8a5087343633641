/* Room tally: what follows from events: findings, ledger entries, measures, marks of counters.
 *
 *   flow's sink --gj_outcomes_found, gj_outcomes_mark--> struct gj_outcomes --> the store
 *
 * Double entry: the rows of one entry sum to zero, + receives and - gives. */
#ifndef GJ_TALLY_OUTCOME_H
#define GJ_TALLY_OUTCOME_H

#include "flow/run.h"

struct gj_found {
    int64_t at, seq;
    struct gj_str rule, kind, subject, agent, severity, because;
    bool anew; /* a deadline ran out: it is another matter than any that was found before */
};

struct gj_entry_part { /* one row of an entry */
    int64_t at, seq;
    struct gj_str entry, rule, account, unit, class_, paid_as, reverses;
    int64_t amount;
};

enum gj_measure_ends { GJ_RUNS, GJ_ENDS_ALL, GJ_ENDS_OF_RULE };

struct gj_measure {
    int64_t from, to, seq; /* to GJ_NEVER: open end */
    struct gj_str rule, kind, subject, what;
    enum gj_measure_ends ends; /* other than GJ_RUNS: ends what runs of that name, at `from` */
};

struct gj_mark {
    int64_t at, seq;
    struct gj_str counter, key, item, product;
};

struct gj_outcomes {
    struct gj_arena arena;
    struct gj_found *founds;
    size_t found_count, found_capacity;
    struct gj_entry_part *parts;
    size_t part_count, part_capacity;
    struct gj_measure *measures;
    size_t measure_count, measure_capacity;
    struct gj_mark *marks;
    size_t mark_count, mark_capacity;
    /* Rows that stand in another case, of entries that the matter ruled on has cost by itself. */
    struct gj_entry_part *costs;
    size_t cost_count, cost_capacity;
    bool step;           /* the matter is a step of a ladder */
    bool weighed;        /* the ruling at hand was booked against what its matter has cost */
    int64_t seq;         /* of the event at hand, put into each row */
    struct gj_str cause; /* its id: makes entries' names unique */
};

void gj_outcomes_init(struct gj_outcomes *o);
void gj_outcomes_release(struct gj_outcomes *o);
void gj_outcomes_reset(struct gj_outcomes *o);

/* A finding was met: adds it, and, where it is certain or ruled, its entries and measures. Returns
 * 0, or -1 when out of memory. */
int gj_outcomes_found(struct gj_outcomes *o, struct gj_scene *scene, uint32_t finding,
                      const struct gj_entity *about, const struct gj_cause *cause);

/* Whether the finding, where it comes by itself, books about a case, or (`step`) of a window or a
 * ladder: a ruling on it is then the same matter. *head (in the outcomes' arena): how the names of
 * its entries begin. */
bool gj_outcomes_matter(struct gj_outcomes *o, const struct gj_scene *scene, uint32_t finding,
                        const struct gj_entity *about, bool step, struct gj_str *head);

/* A counter counts what the scene shows. */
int gj_outcomes_mark(struct gj_outcomes *o, struct gj_scene *scene, uint32_t counter);

struct gj_price {               /* what a ruling costs */
    int64_t points, fine_fen;   /* 0: none */
    struct gj_str class_;       /* of the points, where the ruling names none */
    enum gj_party payer, payee; /* of the fine */
    size_t entries_before;      /* of the same ruling: entries have names of their own */
};

/* Books what a ruling costs and no finding of the rulebook prices. Returns 0, or -1 when out of
 * memory. */
int gj_outcomes_ruled(struct gj_outcomes *o, struct gj_scene *scene, struct gj_str rule,
                      const struct gj_entity *about, const struct gj_price *price);

/* Points that nobody was found to have earned: a year's reset. */
int gj_outcomes_points(struct gj_outcomes *o, int64_t at, struct gj_str entry, struct gj_str rule,
                       bool serious, int64_t points);

/* The agent at fault: whom the event names, else who is found about, else whose words or
 * conversation it is; empty when nobody is known. */
struct gj_str gj_outcomes_agent(struct gj_scene *scene);

/* Adds a finding without more: a blocked sentence. */
int gj_outcomes_note(struct gj_outcomes *o, const struct gj_found *found);

/* Adds the end of a measure. */
int gj_outcomes_end(struct gj_outcomes *o, const struct gj_measure *end);

/* A row of what the matter at hand has cost by itself, in another case. Returns 0, or -1 when out
 * of memory. */
int gj_outcomes_cost(struct gj_outcomes *o, const struct gj_entry_part *part);

/* Adds fen, points to `sums`: what stands of those that the finding of that id has brought. */
void gj_outcomes_costs_of(const struct gj_outcomes *o, struct gj_str finding, int64_t sums[2]);

/* Reverses every part given so far that is not itself a reversal, and what the matter has cost
 * elsewhere: a penalty was lifted. */
int gj_outcomes_reverse(struct gj_outcomes *o, int64_t at);

/* A penalty is upheld with another sum: the difference to what stands of the matter's only entry of
 * that unit, here and elsewhere, is taken back. Returns 0, or -1 when out of memory. */
int gj_outcomes_amend(struct gj_outcomes *o, bool points, int64_t amount, int64_t at);

struct gj_outcomes_mark_point { /* how much had been given at an instant */
    size_t founds, parts, measures;
};

struct gj_outcomes_mark_point gj_outcomes_here(const struct gj_outcomes *o);

/* What was given since `before` rules once more on one matter: the same again is dropped, something
 * else takes its place, and what was given before is reversed. */
int gj_outcomes_once(struct gj_outcomes *o, struct gj_outcomes_mark_point before, int64_t at);

/* What an entry of a finding comes to, as the scene shows it; not GJ_V_INT: it cannot be said. */
struct gj_value gj_booking_amount(struct gj_scene *scene, const struct gj_booking *booking);

/* A value of the event at hand; GJ_V_UNKNOWN: not given. */
struct gj_value gj_scene_datum(const struct gj_scene *scene, enum gj_datum which);

#endif
