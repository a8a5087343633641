/* Room store: findings, ledger entries, measures and marks (see store.h). */
#include "store/sqlite.h"

#define FOUND_COLUMNS \
    "id, shop, case_id, seq, at, rule, kind, subject, agent, severity, because, withdrawn"
#define ENTRY_COLUMNS \
    "id, shop, case_id, seq, at, entry, rule, account, unit, class, paid_as, reverses, amount"
#define MEASURE_COLUMNS \
    "id, shop, case_id, seq, from_at, to_at, own_to, ends, rule, kind, subject, what, withdrawn"
#define MARK_COLUMNS "shop, case_id, seq, at, day, counter, key, item, product"
#define FILTER       " WHERE (?1=0 OR shop=?1) AND (?2=0 OR case_id=?2) ORDER BY id"

int gj_store_found_add(struct gj_store *store, const struct gj_found_row *r, int64_t *id)
{
    if (store->next_found == 0) {
        sqlite3_stmt *stmt = gj_sql(store, "SELECT max(id) FROM finding", "!");
        if (gj_sql_step(store, stmt) != 1) {
            return -1;
        }
        store->next_found = sqlite3_column_int64(stmt, 0) + 1;
        sqlite3_reset(stmt);
    }
    *id = store->next_found++;
    return gj_sql_wait(store, GJ_WAITING_FOUND, *id, r->shop, r->case_id, r->seq, r->at, r->rule,
                       r->kind, r->subject, r->agent, r->severity, r->because);
}

int gj_store_entry_add(struct gj_store *store, const struct gj_entry_row *r)
{
    return gj_sql_wait(store, GJ_WAITING_ENTRY, r->shop, r->case_id, r->seq, r->at, r->entry,
                       r->rule, r->account, r->unit, r->class_, r->paid_as, r->reverses, r->amount);
}

int gj_store_measure_add(struct gj_store *store, const struct gj_measure_row *r)
{
    return gj_sql_run(store,
                      gj_sql(store,
                             "INSERT INTO measure(shop, case_id, seq, from_at, to_at, own_to, "
                             "ends, rule, kind, subject, what) VALUES(?,?,?,?,?,?,?,?,?,?,?)",
                             "iiiiiiissss", r->shop, r->case_id, r->seq, r->from, r->to, r->own_to,
                             r->ends, r->rule, r->kind, r->subject, r->what));
}

int gj_store_mark_add(struct gj_store *store, const struct gj_mark_row *r)
{
    return gj_sql_wait(store, GJ_WAITING_MARK, r->shop, r->case_id, r->seq, r->at, r->day,
                       r->counter, r->key, r->item, r->product);
}

int gj_store_found_withdraw(struct gj_store *store, int64_t row)
{
    return gj_sql_run(store, gj_sql(store, "UPDATE finding SET withdrawn=1 WHERE id=?", "!i", row));
}

int gj_store_measure_withdraw(struct gj_store *store, int64_t row)
{
    return gj_sql_run(store, gj_sql(store, "UPDATE measure SET withdrawn=1 WHERE id=?", "i", row));
}

int gj_store_measure_set(struct gj_store *store, int64_t row, int64_t to, int64_t own_to)
{
    return gj_sql_run(store, gj_sql(store, "UPDATE measure SET to_at=?, own_to=? WHERE id=?", "iii",
                                    to, own_to, row));
}

int gj_store_marks_clear(struct gj_store *store, int64_t case_id)
{
    return gj_sql_run(store, gj_sql(store, "DELETE FROM mark WHERE case_id=?", "!i", case_id));
}

/* ---- reading ---- */

static void read_found(struct gj_store *store, sqlite3_stmt *s, struct gj_found_row *r)
{
    *r = (struct gj_found_row){
        sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1), sqlite3_column_int64(s, 2),
        sqlite3_column_int64(s, 3), sqlite3_column_int64(s, 4), gj_sql_text(store, s, 5),
        gj_sql_text(store, s, 6),   gj_sql_text(store, s, 7),   gj_sql_text(store, s, 8),
        gj_sql_text(store, s, 9),   gj_sql_text(store, s, 10),  sqlite3_column_int64(s, 11) != 0};
}

int gj_store_founds(struct gj_store *store, struct gj_store_filter filter,
                    int (*each)(void *context, const struct gj_found_row *row), void *context)
{
    sqlite3_stmt *stmt =
        filter.case_id != 0
            ? gj_sql(store, "SELECT " FOUND_COLUMNS " FROM finding WHERE case_id=? ORDER BY id",
                     "!i", filter.case_id)
            : gj_sql(store, "SELECT " FOUND_COLUMNS " FROM finding" FILTER, "!ii", filter.shop,
                     filter.case_id);
    int row = 0, status = 0;
    while (status == 0 && (row = gj_sql_step(store, stmt)) == 1) {
        struct gj_found_row found;
        read_found(store, stmt, &found);
        status = each(context, &found);
    }
    sqlite3_reset(stmt);
    return row < 0 || store->failed ? -1 : status;
}

static int walk_entries(struct gj_store *store, sqlite3_stmt *stmt,
                        int (*each)(void *context, const struct gj_entry_row *row), void *context)
{
    int row = 0, status = 0;
    while (status == 0 && (row = gj_sql_step(store, stmt)) == 1) {
        struct gj_entry_row entry = {sqlite3_column_int64(stmt, 0), sqlite3_column_int64(stmt, 1),
                                     sqlite3_column_int64(stmt, 2), sqlite3_column_int64(stmt, 3),
                                     sqlite3_column_int64(stmt, 4), gj_sql_text(store, stmt, 5),
                                     gj_sql_text(store, stmt, 6),   gj_sql_text(store, stmt, 7),
                                     gj_sql_text(store, stmt, 8),   gj_sql_text(store, stmt, 9),
                                     gj_sql_text(store, stmt, 10),  gj_sql_text(store, stmt, 11),
                                     sqlite3_column_int64(stmt, 12)};
        status = each(context, &entry);
    }
    sqlite3_reset(stmt);
    return row < 0 || store->failed ? -1 : status;
}

int gj_store_entries(struct gj_store *store, struct gj_store_filter filter,
                     int (*each)(void *context, const struct gj_entry_row *row), void *context)
{
    sqlite3_stmt *stmt =
        filter.case_id != 0
            ? gj_sql(store, "SELECT " ENTRY_COLUMNS " FROM entry WHERE case_id=? ORDER BY id", "!i",
                     filter.case_id)
            : gj_sql(store, "SELECT " ENTRY_COLUMNS " FROM entry" FILTER, "!ii", filter.shop,
                     filter.case_id);
    return walk_entries(store, stmt, each, context);
}

int gj_store_points(struct gj_store *store, int64_t shop, struct gj_str account,
                    int (*each)(void *context, const struct gj_entry_row *row), void *context)
{
    return walk_entries(store,
                        gj_sql(store,
                               "SELECT " ENTRY_COLUMNS " FROM entry WHERE shop=? AND account=? "
                               "AND unit='points' ORDER BY at, id",
                               "!is", shop, account),
                        each, context);
}

int gj_store_taken_back(struct gj_store *store, const struct gj_entry_row *row, int64_t but,
                        bool *found)
{
    /* that it is not empty is what the index asks for */
    sqlite3_stmt *stmt =
        gj_sql(store,
               "SELECT 1 FROM entry x WHERE x.shop=? AND x.reverses=? AND x.reverses<>'' AND "
               "x.account=? AND x.case_id<>? AND NOT EXISTS (SELECT 1 FROM entry y WHERE "
               "y.case_id=x.case_id AND y.reverses=x.entry) LIMIT 1",
               "!issi", row->shop, row->entry, row->account, but);
    int step = gj_sql_step(store, stmt);
    *found = step == 1;
    if (step == 1) {
        sqlite3_reset(stmt);
    }
    return step < 0 || store->failed ? -1 : 0;
}

static int walk_founds(struct gj_store *store, sqlite3_stmt *stmt,
                       int (*each)(void *context, const struct gj_found_row *row,
                                   const struct gj_found_case *of),
                       void *context)
{
    int row = 0, status = 0;
    while (status == 0 && (row = gj_sql_step(store, stmt)) == 1) {
        struct gj_found_row found;
        read_found(store, stmt, &found);
        struct gj_found_case of = {sqlite3_column_int64(stmt, 12) != 0,
                                   sqlite3_column_int64(stmt, 13) != 0};
        status = each(context, &found, &of);
    }
    sqlite3_reset(stmt);
    return row < 0 ? -1 : status;
}

/* Rulings are few: their cases are one list, which each finding's is looked up in. */
#define FOUND_IN_CASE(shop, kind)                                                                 \
    FOUND_COLUMNS ", EXISTS(SELECT 1 FROM entry e WHERE e.case_id=f.case_id AND e.rule=f.rule)"   \
                  ", f.case_id IN (SELECT case_id FROM entity WHERE shop=" shop " AND kind=" kind \
                  ") FROM finding f "

int gj_store_founds_at(struct gj_store *store, int64_t shop, struct gj_str ruling, int64_t from,
                       int64_t to,
                       int (*each)(void *context, const struct gj_found_row *row,
                                   const struct gj_found_case *of),
                       void *context)
{
    return walk_founds(
        store,
        gj_sql(store,
               "SELECT " FOUND_IN_CASE("?1", "?2") "WHERE shop=?1 AND at>=?3 "
                                                   "AND at<?4 AND withdrawn=0 ORDER BY at, id",
               "!isii", shop, ruling, from, to),
        each, context);
}

int gj_store_found_get(struct gj_store *store, int64_t row_id, struct gj_str ruling,
                       int (*each)(void *context, const struct gj_found_row *row,
                                   const struct gj_found_case *of),
                       void *context)
{
    return walk_founds(
        store,
        gj_sql(store, "SELECT " FOUND_IN_CASE("f.shop", "?2") "WHERE id=?1", "!is", row_id, ruling),
        each, context);
}

int gj_store_entries_at(struct gj_store *store, int64_t shop, int64_t from, int64_t to,
                        int (*each)(void *context, const struct gj_entry_row *row), void *context)
{
    return walk_entries(store,
                        gj_sql(store,
                               "SELECT " ENTRY_COLUMNS " FROM entry WHERE shop=? AND at>=? "
                               "AND at<? ORDER BY at, id",
                               "!iii", shop, from, to),
                        each, context);
}

int gj_store_measures(struct gj_store *store, struct gj_store_filter filter,
                      int (*each)(void *context, const struct gj_measure_row *row), void *context)
{
    sqlite3_stmt *stmt =
        filter.case_id != 0
            ? gj_sql(store, "SELECT " MEASURE_COLUMNS " FROM measure WHERE case_id=? ORDER BY id",
                     "i", filter.case_id)
        : filter.shop != 0
            ? gj_sql(store, "SELECT " MEASURE_COLUMNS " FROM measure WHERE shop=? ORDER BY id", "i",
                     filter.shop)
            : gj_sql(store, "SELECT " MEASURE_COLUMNS " FROM measure" FILTER, "ii", filter.shop,
                     filter.case_id);
    int row = 0, status = 0;
    while (status == 0 && (row = gj_sql_step(store, stmt)) == 1) {
        struct gj_measure_row measure = {
            sqlite3_column_int64(stmt, 0),      sqlite3_column_int64(stmt, 1),
            sqlite3_column_int64(stmt, 2),      sqlite3_column_int64(stmt, 3),
            sqlite3_column_int64(stmt, 4),      sqlite3_column_int64(stmt, 5),
            sqlite3_column_int64(stmt, 6),      sqlite3_column_int64(stmt, 7),
            gj_sql_text(store, stmt, 8),        gj_sql_text(store, stmt, 9),
            gj_sql_text(store, stmt, 10),       gj_sql_text(store, stmt, 11),
            sqlite3_column_int64(stmt, 12) != 0};
        status = each(context, &measure);
    }
    sqlite3_reset(stmt);
    return row < 0 || store->failed ? -1 : status;
}

int gj_store_marks(struct gj_store *store, int64_t shop, struct gj_str counter, int64_t first_day,
                   int64_t last_day, int (*each)(void *context, const struct gj_mark_row *row),
                   void *context)
{
    sqlite3_stmt *stmt = gj_sql(store,
                                "SELECT seq, at, key, item, product FROM mark WHERE shop=? "
                                "AND counter=? AND day BETWEEN ? AND ? ORDER BY day, id",
                                "!isii", shop, counter, first_day, last_day);
    int row = 0, status = 0;
    while (status == 0 && (row = gj_sql_step(store, stmt)) == 1) {
        struct gj_mark_row mark = {.shop = shop,
                                   .seq = sqlite3_column_int64(stmt, 0),
                                   .at = sqlite3_column_int64(stmt, 1),
                                   .counter = counter,
                                   .key = gj_sql_text(store, stmt, 2),
                                   .item = gj_sql_text(store, stmt, 3),
                                   .product = gj_sql_text(store, stmt, 4)};
        status = each(context, &mark);
    }
    sqlite3_reset(stmt);
    return row < 0 || store->failed ? -1 : status;
}

int gj_store_case_marks(struct gj_store *store, int64_t case_id,
                        int (*each)(void *context, const struct gj_mark_row *row), void *context)
{
    sqlite3_stmt *stmt = gj_sql(
        store, "SELECT " MARK_COLUMNS " FROM mark WHERE case_id=? ORDER BY id", "!i", case_id);
    int row = 0, status = 0;
    while (status == 0 && (row = gj_sql_step(store, stmt)) == 1) {
        struct gj_mark_row mark = {.shop = sqlite3_column_int64(stmt, 0),
                                   .case_id = sqlite3_column_int64(stmt, 1),
                                   .seq = sqlite3_column_int64(stmt, 2),
                                   .at = sqlite3_column_int64(stmt, 3),
                                   .day = sqlite3_column_int64(stmt, 4),
                                   .counter = gj_sql_text(store, stmt, 5),
                                   .key = gj_sql_text(store, stmt, 6),
                                   .item = gj_sql_text(store, stmt, 7),
                                   .product = gj_sql_text(store, stmt, 8)};
        status = each(context, &mark);
    }
    sqlite3_reset(stmt);
    return row < 0 || store->failed ? -1 : status;
}

int gj_store_mark_days(struct gj_store *store, int64_t shop, struct gj_str counter,
                       int64_t *first_day, int64_t *last_day)
{
    sqlite3_stmt *stmt =
        gj_sql(store, "SELECT min(day), max(day) FROM mark WHERE shop=? AND counter=?", "!is", shop,
               counter);
    int row = gj_sql_step(store, stmt);
    bool none = row != 1 || sqlite3_column_type(stmt, 0) == SQLITE_NULL;
    *first_day = none ? 0 : sqlite3_column_int64(stmt, 0);
    *last_day = none ? 0 : sqlite3_column_int64(stmt, 1);
    if (row == 1) {
        sqlite3_reset(stmt);
    }
    return row < 0 || store->failed ? -1 : none ? 1 : 0;
}
