/* Room store: answers kept for requests that come again with their Idempotency-Key (see office.h).
 * A row with status 0 is a request that has begun and is not answered yet. */
#include "store/office_sql.h"

static int note_begun(struct gj_store *db, const struct gj_office_request *r, int64_t now)
{
    return gj_sql_run(db,
                      gj_sql(db,
                             "INSERT OR REPLACE INTO answer(tenant, actor, key, request, status,"
                             " type, body, at) VALUES(?, ?, ?, ?, 0, '', '', ?)",
                             "ssssi", r->tenant, r->actor, r->key, r->hash, now));
}

/* What stands before the ':'; nothing: the forms of before there was one. */
static struct gj_str form_of(struct gj_str hash)
{
    const char *colon = hash.len == 0 ? NULL : memchr(hash.ptr, ':', hash.len);
    return (struct gj_str){hash.ptr, colon == NULL ? 0 : (size_t)(colon - hash.ptr)};
}

static bool is_other(struct gj_str known, struct gj_str asked)
{
    return gj_str_eq(form_of(known), form_of(asked)) && !gj_str_eq(known, asked);
}

int gj_office_repeat(struct gj_office *office, const struct gj_office_request *request, int64_t now,
                     int64_t stale, enum gj_office_repeat *out,
                     void (*each)(void *context, const struct gj_office_answer *answer),
                     void *context, struct gj_errors *errors)
{
    *out = GJ_REPEAT_NEW;
    struct gj_store *db = gj_office_write(office, errors);
    if (db == NULL) {
        return -1;
    }
    sqlite3_stmt *stmt = gj_sql(db,
                                "SELECT request, status, type, body, at FROM answer"
                                " WHERE tenant = ? AND actor = ? AND key = ?",
                                "sss", request->tenant, request->actor, request->key);
    int step = gj_sql_step(db, stmt);
    if (step == 1) {
        struct gj_office_answer answer = {.status = sqlite3_column_int64(stmt, 1),
                                          .type = gj_sql_text(db, stmt, 2),
                                          .body = gj_sql_text(db, stmt, 3)};
        bool running = answer.status == 0 && sqlite3_column_int64(stmt, 4) >= stale;
        bool other = is_other(gj_sql_text(db, stmt, 0), request->hash);
        if (other && (answer.status != 0 || running)) {
            *out = GJ_REPEAT_OTHER;
        } else if (running) {
            *out = GJ_REPEAT_RUNNING;
        } else if (answer.status != 0) {
            *out = GJ_REPEAT_DONE;
            each(context, &answer);
        }
    }
    int status = step < 0 || db->failed  ? -1
                 : *out == GJ_REPEAT_NEW ? note_begun(db, request, now)
                                         : 0;
    return gj_office_end(office, status);
}

int gj_office_answered(struct gj_office *office, const struct gj_office_request *request,
                       const struct gj_office_answer *answer, struct gj_errors *errors)
{
    struct gj_store *db = gj_office_write(office, errors);
    if (db == NULL) {
        return -1;
    }
    return gj_office_end(office,
                         gj_sql_run(db, gj_sql(db,
                                               "UPDATE answer SET status = ?, type = ?, body = ?"
                                               " WHERE tenant = ? AND actor = ? AND key = ?",
                                               "isssss", answer->status, answer->type, answer->body,
                                               request->tenant, request->actor, request->key)));
}

int gj_office_unanswered(struct gj_office *office, const struct gj_office_request *request,
                         struct gj_errors *errors)
{
    struct gj_store *db = gj_office_write(office, errors);
    if (db == NULL) {
        return -1;
    }
    return gj_office_end(
        office, gj_sql_run(db, gj_sql(db,
                                      "DELETE FROM answer WHERE tenant = ? AND actor = ?"
                                      " AND key = ? AND status = 0",
                                      "sss", request->tenant, request->actor, request->key)));
}

int gj_office_answers_purge(struct gj_office *office, int64_t before, struct gj_errors *errors)
{
    struct gj_store *db = gj_office_write(office, errors);
    return db == NULL
               ? -1
               : gj_office_end(office, gj_sql_run(db, gj_sql(db, "DELETE FROM answer WHERE at < ?",
                                                             "i", before)));
}
