/* Room store: hooks and deliveries in the office (see office_hook.h). */
#include "store/office_hook.h"

#include "store/office_sql.h"

#define HOOK                                                                                    \
    "id, tenant, kind, name, url, secret, old_secret, old_until, lang, types, sources, state, " \
    "cursor, created"
#define DELIVERY                                                                                   \
    "id, hook, message, seq, at, source, type, body, state, attempts, first, next, done, status, " \
    "error"

/* ---- rows ---- */

static struct gj_hook_row read_hook(struct gj_store *db, sqlite3_stmt *stmt)
{
    return (struct gj_hook_row){
        .id = gj_sql_text(db, stmt, 0),
        .tenant = gj_sql_text(db, stmt, 1),
        .kind = gj_sql_text(db, stmt, 2),
        .name = gj_sql_text(db, stmt, 3),
        .url = gj_sql_text(db, stmt, 4),
        .secret = gj_sql_text(db, stmt, 5),
        .old_secret = gj_sql_text(db, stmt, 6),
        .old_until = sqlite3_column_int64(stmt, 7),
        .lang = gj_sql_text(db, stmt, 8),
        .types = gj_sql_text(db, stmt, 9),
        .sources = gj_sql_text(db, stmt, 10),
        .state = gj_sql_text(db, stmt, 11),
        .cursor = sqlite3_column_int64(stmt, 12),
        .created = sqlite3_column_int64(stmt, 13),
        .waiting = sqlite3_column_int64(stmt, 14),
        .dead = sqlite3_column_int64(stmt, 15),
    };
}

static struct gj_delivery_row read_delivery(struct gj_store *db, sqlite3_stmt *stmt)
{
    return (struct gj_delivery_row){
        .id = sqlite3_column_int64(stmt, 0),
        .hook = gj_sql_text(db, stmt, 1),
        .message = gj_sql_text(db, stmt, 2),
        .seq = sqlite3_column_int64(stmt, 3),
        .at = sqlite3_column_int64(stmt, 4),
        .source = gj_sql_text(db, stmt, 5),
        .type = gj_sql_text(db, stmt, 6),
        .body = gj_sql_text(db, stmt, 7),
        .state = gj_sql_text(db, stmt, 8),
        .attempts = sqlite3_column_int64(stmt, 9),
        .first = sqlite3_column_int64(stmt, 10),
        .next = sqlite3_column_int64(stmt, 11),
        .done = sqlite3_column_int64(stmt, 12),
        .status = sqlite3_column_int64(stmt, 13),
        .error = gj_sql_text(db, stmt, 14),
    };
}

static int walk_deliveries(struct gj_store *db, sqlite3_stmt *stmt, gj_delivery_each *each,
                           void *context)
{
    int status = 0, step = 0;
    while (status == 0 && (step = gj_sql_step(db, stmt)) == 1) {
        struct gj_delivery_row row = read_delivery(db, stmt);
        status = each(context, &row);
    }
    return step < 0 ? -1 : status;
}

/* 0: the tenant has that hook; 1: it has not; -1: told. */
static int find(struct gj_store *db, struct gj_str tenant, struct gj_str id)
{
    int step = gj_sql_step(
        db, gj_sql(db, "SELECT 1 FROM hook WHERE tenant = ? AND id = ?", "ss", tenant, id));
    return step < 0 ? -1 : 1 - step;
}

/* Ends a transaction; a status of 1, "there is none", is no failure. */
static int end(struct gj_office *office, int status)
{
    int ended = gj_office_end(office, status > 0 ? 0 : status);
    return ended != 0 ? ended : status;
}

/* ---- hooks ---- */

int gj_office_hook_add(struct gj_office *office, const struct gj_hook_row *hook, int64_t max,
                       struct gj_errors *errors)
{
    struct gj_store *db = gj_office_write(office, errors);
    if (db == NULL) {
        return -1;
    }
    int status = gj_sql_run(
        db, gj_sql(db,
                   "INSERT INTO hook(" HOOK ") SELECT ?, ?, ?, ?, ?, ?, '', 0, ?, ?, ?, 'active', "
                   "?, ? WHERE (SELECT count(*) FROM hook WHERE tenant = ?) < ?",
                   "sssssssssiisi", hook->id, hook->tenant, hook->kind, hook->name, hook->url,
                   hook->secret, hook->lang, hook->types, hook->sources, hook->cursor,
                   hook->created, hook->tenant, max));
    if (status == 0 && sqlite3_changes(db->db) == 0) {
        status = 1;
    }
    return end(office, status);
}

int gj_office_hooks(struct gj_office *office, struct gj_str tenant, gj_hook_each *each,
                    void *context, struct gj_errors *errors)
{
    struct gj_store *db = gj_office_read(office, errors);
    if (db == NULL) {
        return -1;
    }
    sqlite3_stmt *stmt =
        tenant.len == 0
            ? gj_sql(db, "SELECT " HOOK ", 0, 0 FROM hook WHERE state = 'active' ORDER BY id", "")
            : gj_sql(db,
                     "SELECT " HOOK ", (SELECT count(*) FROM delivery d WHERE d.hook = hook.id AND "
                     "d.state = 'waiting'), (SELECT count(*) FROM delivery d WHERE d.hook = "
                     "hook.id AND d.state = 'dead') FROM hook WHERE tenant = ? ORDER BY created, "
                     "id",
                     "s", tenant);
    int status = 0, step = 0;
    while (status == 0 && (step = gj_sql_step(db, stmt)) == 1) {
        struct gj_hook_row row = read_hook(db, stmt);
        status = each(context, &row);
    }
    return gj_office_end(office, step < 0 ? -1 : status);
}

int gj_office_hook_rotate(struct gj_office *office, struct gj_str tenant, struct gj_str id,
                          struct gj_str secret, int64_t old_until, struct gj_errors *errors)
{
    struct gj_store *db = gj_office_write(office, errors);
    if (db == NULL) {
        return -1;
    }
    int status = find(db, tenant, id);
    if (status == 0) {
        status = gj_sql_run(db, gj_sql(db,
                                       "UPDATE hook SET old_secret = secret, old_until = ?, "
                                       "secret = ? WHERE tenant = ? AND id = ?",
                                       "isss", old_until, secret, tenant, id));
    }
    return end(office, status);
}

int gj_office_hook_switch(struct gj_office *office, struct gj_str tenant, struct gj_str id, bool on,
                          int64_t cursor, struct gj_errors *errors)
{
    struct gj_store *db = gj_office_write(office, errors);
    if (db == NULL) {
        return -1;
    }
    int status = find(db, tenant, id);
    if (status == 0) {
        status = gj_sql_run(
            db, on ? gj_sql(db,
                            "UPDATE hook SET state = 'active', cursor = ? WHERE tenant = ? "
                            "AND id = ? AND state <> 'active'",
                            "iss", cursor, tenant, id)
                   : gj_sql(db, "UPDATE hook SET state = 'off' WHERE tenant = ? AND id = ?", "ss",
                            tenant, id));
    }
    return end(office, status);
}

int gj_office_hook_remove(struct gj_office *office, struct gj_str tenant, struct gj_str id,
                          struct gj_errors *errors)
{
    struct gj_store *db = gj_office_write(office, errors);
    if (db == NULL) {
        return -1;
    }
    int status = find(db, tenant, id);
    if (status == 0) {
        status = gj_sql_run(
            db, gj_sql(db, "DELETE FROM hook WHERE tenant = ? AND id = ?", "ss", tenant, id));
    }
    return end(office, status);
}

/* ---- deliveries ---- */

static int insert(struct gj_store *db, struct gj_str hook, const struct gj_delivery_row *row)
{
    return gj_sql_run(
        db, gj_sql(db,
                   "INSERT INTO delivery(hook, message, seq, at, source, type, body, state, "
                   "attempts, first, next, done, status, error) VALUES(?, ?, ?, ?, ?, ?, ?, "
                   "'waiting', 0, 0, ?, 0, 0, '') ON CONFLICT(hook, message) DO NOTHING",
                   "ssiisssi", hook, row->message, row->seq, row->at, row->source, row->type,
                   row->body, row->next));
}

int gj_office_hook_hand_out(struct gj_office *office, struct gj_str hook,
                            const struct gj_delivery_row *rows, size_t count, int64_t cursor,
                            struct gj_errors *errors)
{
    struct gj_store *db = gj_office_write(office, errors);
    if (db == NULL) {
        return -1;
    }
    int status =
        gj_sql_run(db, gj_sql(db, "UPDATE hook SET cursor = ? WHERE id = ?", "is", cursor, hook));
    bool there = status == 0 && sqlite3_changes(db->db) == 1;
    for (size_t i = 0; status == 0 && there && i < count; i++) {
        status = insert(db, hook, &rows[i]);
    }
    return gj_office_end(office, status);
}

int gj_office_delivery_add(struct gj_office *office, struct gj_str hook,
                           const struct gj_delivery_row *row, struct gj_errors *errors)
{
    struct gj_store *db = gj_office_write(office, errors);
    int status = db == NULL ? -1 : insert(db, hook, row);
    return db == NULL ? -1 : gj_office_end(office, status);
}

/* The first column of the only row, or `other` when there is none. */
static int one_number(struct gj_store *db, sqlite3_stmt *stmt, int64_t other, int64_t *value)
{
    int step = gj_sql_step(db, stmt);
    *value = step == 1 ? sqlite3_column_int64(stmt, 0) : other;
    gj_sql_reset_all(db);
    return step < 0 ? -1 : 0;
}

int gj_office_hook_due(struct gj_office *office, struct gj_str hook, int64_t now, int64_t horizon,
                       size_t limit, gj_delivery_each *each, void *context, int64_t *next,
                       struct gj_errors *errors)
{
    struct gj_store *db = gj_office_read(office, errors);
    *next = GJ_NEVER;
    if (db == NULL) {
        return -1;
    }
    int status = one_number(db,
                            gj_sql(db,
                                   "SELECT next FROM delivery WHERE hook = ? AND state = 'waiting' "
                                   "AND next > ? ORDER BY next LIMIT 1",
                                   "si", hook, now),
                            GJ_NEVER, next);
    if (status == 0) {
        status = walk_deliveries(db,
                                 gj_sql(db,
                                        "SELECT " DELIVERY
                                        " FROM delivery WHERE hook = ? AND state = 'waiting' AND "
                                        "(next <= ? OR next > ?) ORDER BY next, id LIMIT ?",
                                        "siii", hook, now, now + horizon, (int64_t)limit),
                                 each, context);
    }
    return gj_office_end(office, status);
}

int gj_office_hook_waiting(struct gj_office *office, struct gj_str hook, int64_t *waiting,
                           struct gj_errors *errors)
{
    struct gj_store *db = gj_office_read(office, errors);
    *waiting = 0;
    if (db == NULL) {
        return -1;
    }
    int status = one_number(
        db,
        gj_sql(db, "SELECT count(*) FROM delivery WHERE hook = ? AND state = 'waiting'", "s", hook),
        0, waiting);
    return gj_office_end(office, status);
}

static int settle_row(struct gj_store *db, const struct gj_delivery_row *row)
{
    return gj_sql_run(
        db, gj_sql(db,
                   "UPDATE delivery SET state = ?, attempts = ?, first = ?, next = ?, done = ?, "
                   "status = ?, error = ?, body = iif(? = 'delivered', '', body) WHERE id = ?",
                   "siiiiissi", row->state, row->attempts, row->first, row->next, row->done,
                   row->status, row->error, row->state, row->id));
}

int gj_office_hook_settle(struct gj_office *office, struct gj_str hook,
                          const struct gj_delivery_row *rows, size_t count, bool gone,
                          struct gj_errors *errors)
{
    struct gj_store *db = gj_office_write(office, errors);
    if (db == NULL) {
        return -1;
    }
    int status = 0;
    for (size_t i = 0; status == 0 && i < count; i++) {
        status = settle_row(db, &rows[i]);
    }
    if (status == 0 && gone && count > 0) {
        status =
            gj_sql_run(db, gj_sql(db, "UPDATE hook SET state = 'gone' WHERE id = ?", "s", hook));
    }
    if (status == 0 && gone && count > 0) {
        status = gj_sql_run(db, gj_sql(db,
                                       "UPDATE delivery SET state = 'dead', next = ?, done = ?, "
                                       "error = ? WHERE hook = ? AND state = 'waiting'",
                                       "iiss", GJ_NEVER, rows[0].done, rows[0].error, hook));
    }
    return gj_office_end(office, status);
}

int gj_office_deliveries(struct gj_office *office, struct gj_str tenant, struct gj_str hook,
                         struct gj_str state, int64_t before, size_t limit, gj_delivery_each *each,
                         void *context, struct gj_errors *errors)
{
    struct gj_store *db = gj_office_read(office, errors);
    if (db == NULL) {
        return -1;
    }
    int status = find(db, tenant, hook);
    if (status == 0) {
        status = walk_deliveries(db,
                                 gj_sql(db,
                                        "SELECT " DELIVERY
                                        " FROM delivery WHERE hook = ? AND id < ? AND (? = '' OR "
                                        "state = ?) ORDER BY id DESC LIMIT ?",
                                        "sissi", hook, before, state, state, (int64_t)limit),
                                 each, context);
    }
    return end(office, status);
}

int gj_office_delivery_resend(struct gj_office *office, struct gj_str tenant, struct gj_str hook,
                              int64_t id, int64_t now, int64_t *count, struct gj_errors *errors)
{
    struct gj_store *db = gj_office_write(office, errors);
    *count = 0;
    if (db == NULL) {
        return -1;
    }
    int status = find(db, tenant, hook);
    if (status == 0) {
        status = gj_sql_run(
            db, gj_sql(db,
                       "UPDATE delivery SET state = 'waiting', attempts = 0, first = 0, next = ?, "
                       "done = 0 WHERE hook = ? AND state = 'dead' AND (? = 0 OR id = ?)",
                       "isii", now, hook, id, id));
        *count = status == 0 ? sqlite3_changes(db->db) : 0;
    }
    return end(office, status);
}

int gj_office_deliveries_prune(struct gj_office *office, int64_t delivered_before,
                               int64_t dead_before, struct gj_errors *errors)
{
    struct gj_store *db = gj_office_write(office, errors);
    int status =
        db == NULL
            ? -1
            : gj_sql_run(db, gj_sql(db,
                                    "DELETE FROM delivery WHERE (state = 'delivered' AND done < ?)"
                                    " OR (state = 'dead' AND done < ?)",
                                    "ii", delivered_before, dead_before));
    return db == NULL ? -1 : gj_office_end(office, status);
}
