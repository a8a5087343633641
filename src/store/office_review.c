/* Room store: reviews, appeals and decisions (see office_review.h). */
#include "store/office_review.h"

#include "store/office_sql.h"

static const char *const acts[] = {"review", "appeal", "decide"};
static const char *const states[] = {"open", "appealed", "decided"};

const char *gj_review_act_name(enum gj_review_act act)
{
    return acts[act];
}

const char *gj_review_state_name(enum gj_review_state state)
{
    return states[state];
}

bool gj_review_allowed(enum gj_review_act act, enum gj_review_state state)
{
    static const enum gj_review_state wanted[] = {
        [GJ_ACT_APPEAL] = GJ_REVIEW_OPEN, [GJ_ACT_DECIDE] = GJ_REVIEW_APPEALED};
    return act == GJ_ACT_REVIEW ? state != GJ_REVIEW_DECIDED : state == wanted[act];
}

enum gj_review_state gj_review_after(enum gj_review_state before, enum gj_review_act act)
{
    return act == GJ_ACT_REVIEW   ? before
           : act == GJ_ACT_APPEAL ? GJ_REVIEW_APPEALED
                                  : GJ_REVIEW_DECIDED;
}

static enum gj_review_act act_named(struct gj_str name)
{
    return gj_str_is(name, "review")   ? GJ_ACT_REVIEW
           : gj_str_is(name, "appeal") ? GJ_ACT_APPEAL
                                       : GJ_ACT_DECIDE;
}

/* Within a transaction. -1: told. */
static int walk(struct gj_store *db, struct gj_str tenant, struct gj_str finding,
                int (*each)(void *context, const struct gj_review *review), void *context)
{
    sqlite3_stmt *stmt = gj_sql(db,
                                "SELECT act, verdict, note, ruling, actor, at FROM review"
                                " WHERE tenant = ? AND finding = ? ORDER BY id",
                                "ss", tenant, finding);
    int status = 0, step = 0;
    while (status == 0 && (step = gj_sql_step(db, stmt)) == 1) {
        struct gj_review review = {.act = act_named(gj_sql_text(db, stmt, 0)),
                                   .verdict = gj_sql_text(db, stmt, 1),
                                   .note = gj_sql_text(db, stmt, 2),
                                   .ruling = gj_sql_text(db, stmt, 3),
                                   .actor = gj_sql_text(db, stmt, 4),
                                   .at = sqlite3_column_int64(stmt, 5)};
        status = db->failed ? -1 : each(context, &review);
    }
    return step < 0 ? -1 : status;
}

static int move(void *context, const struct gj_review *review)
{
    enum gj_review_state *state = context;
    *state = gj_review_after(*state, review->act);
    return 0;
}

int gj_office_review_add(struct gj_office *office, struct gj_str tenant, struct gj_str finding,
                         const struct gj_review *r, enum gj_review_state *state,
                         struct gj_errors *errors)
{
    struct gj_store *db = gj_office_write(office, errors);
    if (db == NULL) {
        return -1;
    }
    *state = GJ_REVIEW_OPEN;
    int status = walk(db, tenant, finding, move, state);
    bool allowed = gj_review_allowed(r->act, *state);
    if (status == 0 && allowed) {
        status = gj_sql_run(db, gj_sql(db,
                                       "INSERT INTO review(tenant, finding, act, verdict, note,"
                                       " ruling, actor, at) VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
                                       "sssssssi", tenant, finding, gj_str_of(acts[r->act]),
                                       r->verdict, r->note, r->ruling, r->actor, r->at));
    }
    status = gj_office_end(office, status);
    return status == 0 && !allowed ? 1 : status;
}

int gj_office_reviews(struct gj_office *office, struct gj_str tenant, struct gj_str finding,
                      int (*each)(void *context, const struct gj_review *review), void *context,
                      struct gj_errors *errors)
{
    struct gj_store *db = gj_office_read(office, errors);
    return db == NULL ? -1 : gj_office_end(office, walk(db, tenant, finding, each, context));
}
