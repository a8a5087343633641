/* Room store: what people say of findings, in the office: reviews, appeals, decisions. Rows are
 * added and never changed.
 *
 *     open --appeal--> appealed --decide--> decided
 *
 * A review (an inspector's judgement) moves nothing and may be given until it is decided. A finding
 * is named by what it is, not by its row in the engine's database, which a rebuild numbers anew. */
#ifndef GJ_STORE_OFFICE_REVIEW_H
#define GJ_STORE_OFFICE_REVIEW_H

#include "store/office.h"

enum gj_review_act { GJ_ACT_REVIEW, GJ_ACT_APPEAL, GJ_ACT_DECIDE };
enum gj_review_state { GJ_REVIEW_OPEN, GJ_REVIEW_APPEALED, GJ_REVIEW_DECIDED };

struct gj_review {
    enum gj_review_act act;
    struct gj_str verdict; /* "confirmed", "dismissed"; "upheld", "overturned"; empty: an appeal */
    struct gj_str note;
    struct gj_str ruling; /* of a decision: a JSON object, or empty */
    struct gj_str actor;
    int64_t at;
};

/* Adds it if the state allows. 0; 1: it does not, and nothing was done; -1: told. *state is that
 * before (not when -1). */
int gj_office_review_add(struct gj_office *office, struct gj_str tenant, struct gj_str finding,
                         const struct gj_review *review, enum gj_review_state *state,
                         struct gj_errors *errors);

/* Whether `act` is allowed in that state. */
bool gj_review_allowed(enum gj_review_act act, enum gj_review_state state);

/* All that was said of a finding, in order. */
int gj_office_reviews(struct gj_office *office, struct gj_str tenant, struct gj_str finding,
                      int (*each)(void *context, const struct gj_review *review), void *context,
                      struct gj_errors *errors);

/* "review", "appeal", "decide"; "open", "appealed", "decided". */
const char *gj_review_act_name(enum gj_review_act act);
const char *gj_review_state_name(enum gj_review_state state);
/* The state behind an act. */
enum gj_review_state gj_review_after(enum gj_review_state before, enum gj_review_act act);

#endif
