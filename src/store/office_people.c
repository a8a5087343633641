/* Room store: users, tokens, sessions and attempts to sign in, in the office (see office.h). */
#include "store/office_sql.h"

#include "wire/json.h"

/* Ends a transaction that changed people by one row; none changed: `missing` is told. */
static int end_change(struct gj_office *office, int status, const struct gj_office_audit *row,
                      const char *missing, struct gj_errors *errors)
{
    office->people = true;
    if (status == 0 && sqlite3_changes(office->db->db) == 0) {
        status = gj_errors_say(errors, missing, (int)row->object.len, row->object.ptr,
                               (int)row->tenant.len, row->tenant.ptr);
    }
    return gj_office_end(office, status == 0 ? gj_office_audit_row(office, row) : status);
}

static bool tenant_exists(struct gj_store *db, struct gj_str tenant)
{
    sqlite3_stmt *stmt = gj_sql(db, "SELECT 1 FROM tenant WHERE name = ?", "s", tenant);
    bool there = gj_sql_step(db, stmt) == 1;
    if (!there && !db->failed) {
        gj_errors_say(db->errors, "there is no tenant %.*s; see `guiju tenant list`",
                      (int)tenant.len, tenant.ptr);
    }
    return there;
}

static void add_member(struct gj_buf *out, const char *key, struct gj_str value)
{
    gj_buf_addf(out, "%s\"%s\":", out->len == 0 ? "{" : ",", key);
    gj_json_add_string(out, value);
}

/* What was granted, for the audit log; never a secret. */
static void describe(struct gj_buf *out, const struct gj_office_rights *rights)
{
    gj_buf_init(out);
    add_member(out, "name", rights->name);
    add_member(out, "roles", rights->roles);
    add_member(out, "sources", rights->sources);
    add_member(out, "agent", rights->agent);
    gj_buf_add_char(out, '}');
}

static int audit_grant(struct gj_office *office, const struct gj_office_rights *rights,
                       struct gj_str action, struct gj_str object, const struct gj_office_act *act)
{
    struct gj_buf detail;
    describe(&detail, rights);
    struct gj_office_audit row = {.at = act->at,
                                  .tenant = rights->tenant,
                                  .actor = act->actor,
                                  .action = action,
                                  .object = object,
                                  .detail = gj_buf_str(&detail)};
    int status = detail.failed ? gj_errors_say(office->db->errors, "out of memory")
                               : gj_office_audit_row(office, &row);
    gj_buf_release(&detail);
    return status;
}

/* ---- users ---- */

int gj_office_user_add(struct gj_office *office, const struct gj_office_user *user,
                       const struct gj_office_act *act, struct gj_errors *errors)
{
    const struct gj_office_rights *r = &user->rights;
    struct gj_store *db = gj_office_write(office, errors);
    if (db == NULL) {
        return -1;
    }
    office->people = true;
    int status = -1;
    if (tenant_exists(db, r->tenant)) {
        status = gj_sql_run(
            db, gj_sql(db,
                       "INSERT OR IGNORE INTO user(tenant, name, roles, sources, agent, password,"
                       " disabled, created) VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
                       "ssssssii", r->tenant, r->name, r->roles, r->sources, r->agent,
                       user->password, (int64_t)user->disabled, act->at));
    }
    if (status == 0 && sqlite3_changes(db->db) == 0) {
        status = gj_errors_say(errors, "there is a user %.*s in tenant %.*s already",
                               (int)r->name.len, r->name.ptr, (int)r->tenant.len, r->tenant.ptr);
    }
    if (status == 0) {
        status = audit_grant(office, r, GJ_STR("user.add"), r->name, act);
    }
    return gj_office_end(office, status);
}

/* Ends the sessions of a user within the transaction at hand. */
static int end_sessions(struct gj_store *db, struct gj_str tenant, struct gj_str name)
{
    return gj_sql_run(db, gj_sql(db,
                                 "DELETE FROM session WHERE user IN"
                                 " (SELECT id FROM user WHERE tenant = ? AND name = ?)",
                                 "ss", tenant, name));
}

int gj_office_user_password(struct gj_office *office, struct gj_str tenant, struct gj_str name,
                            struct gj_str password, const struct gj_office_act *act,
                            struct gj_errors *errors)
{
    struct gj_store *db = gj_office_write(office, errors);
    if (db == NULL) {
        return -1;
    }
    struct gj_office_audit row = {.at = act->at,
                                  .tenant = tenant,
                                  .actor = act->actor,
                                  .action = GJ_STR("user.password"),
                                  .object = name};
    int status = end_sessions(db, tenant, name);
    if (status == 0) {
        status =
            gj_sql_run(db, gj_sql(db, "UPDATE user SET password = ? WHERE tenant = ? AND name = ?",
                                  "sss", password, tenant, name));
    }
    return end_change(office, status, &row, "there is no user %.*s in tenant %.*s", errors);
}

int gj_office_user_disable(struct gj_office *office, struct gj_str tenant, struct gj_str name,
                           bool disabled, const struct gj_office_act *act, struct gj_errors *errors)
{
    struct gj_store *db = gj_office_write(office, errors);
    if (db == NULL) {
        return -1;
    }
    struct gj_office_audit row = {.at = act->at,
                                  .tenant = tenant,
                                  .actor = act->actor,
                                  .action =
                                      disabled ? GJ_STR("user.disable") : GJ_STR("user.enable"),
                                  .object = name};
    int status = end_sessions(db, tenant, name);
    if (status == 0) {
        status =
            gj_sql_run(db, gj_sql(db, "UPDATE user SET disabled = ? WHERE tenant = ? AND name = ?",
                                  "iss", (int64_t)disabled, tenant, name));
    }
    return end_change(office, status, &row, "there is no user %.*s in tenant %.*s", errors);
}

/* Columns tenant, name, roles, sources, agent from `column` on. */
static struct gj_office_rights read_rights(struct gj_store *db, sqlite3_stmt *stmt, int column)
{
    return (struct gj_office_rights){.tenant = gj_sql_text(db, stmt, column),
                                     .name = gj_sql_text(db, stmt, column + 1),
                                     .roles = gj_sql_text(db, stmt, column + 2),
                                     .sources = gj_sql_text(db, stmt, column + 3),
                                     .agent = gj_sql_text(db, stmt, column + 4)};
}

#define USER_COLUMNS \
    "user.id, tenant, name, roles, sources, agent, password, disabled, user.created"

static struct gj_office_user read_user(struct gj_store *db, sqlite3_stmt *stmt)
{
    return (struct gj_office_user){.id = sqlite3_column_int64(stmt, 0),
                                   .rights = read_rights(db, stmt, 1),
                                   .password = gj_sql_text(db, stmt, 6),
                                   .disabled = sqlite3_column_int(stmt, 7) != 0,
                                   .created = sqlite3_column_int64(stmt, 8)};
}

/* Walks a statement of USER_COLUMNS and ends the transaction. */
static int each_user(struct gj_office *office, sqlite3_stmt *stmt,
                     int (*each)(void *context, const struct gj_office_user *user), void *context)
{
    struct gj_store *db = office->db;
    int status = 0, step = 0;
    while (status == 0 && (step = gj_sql_step(db, stmt)) == 1) {
        struct gj_office_user user = read_user(db, stmt);
        status = db->failed ? -1 : each(context, &user);
    }
    return gj_office_end(office, step < 0 ? -1 : status);
}

int gj_office_user_find(struct gj_office *office, struct gj_str tenant, struct gj_str name,
                        int (*each)(void *context, const struct gj_office_user *user),
                        void *context, struct gj_errors *errors)
{
    struct gj_store *db = gj_office_read(office, errors);
    return db == NULL
               ? -1
               : each_user(office,
                           gj_sql(db,
                                  "SELECT " USER_COLUMNS " FROM user WHERE tenant = ? AND name = ?",
                                  "ss", tenant, name),
                           each, context);
}

int gj_office_users(struct gj_office *office, struct gj_str tenant,
                    int (*each)(void *context, const struct gj_office_user *user), void *context,
                    struct gj_errors *errors)
{
    struct gj_store *db = gj_office_read(office, errors);
    return db == NULL ? -1
                      : each_user(office,
                                  gj_sql(db,
                                         "SELECT " USER_COLUMNS " FROM user"
                                         " WHERE ?1 IN ('', tenant) ORDER BY tenant, name",
                                         "s", tenant),
                                  each, context);
}

/* ---- tokens ---- */

int gj_office_token_add(struct gj_office *office, const struct gj_office_token *token,
                        const struct gj_office_act *act, struct gj_errors *errors)
{
    const struct gj_office_rights *r = &token->rights;
    struct gj_store *db = gj_office_write(office, errors);
    if (db == NULL) {
        return -1;
    }
    office->people = true;
    int status = -1;
    if (tenant_exists(db, r->tenant)) {
        status =
            gj_sql_run(db, gj_sql(db,
                                  "INSERT INTO token(id, tenant, name, roles, sources, agent,"
                                  " hash, created, expires, revoked, used)"
                                  " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
                                  "sssssssiii", token->id, r->tenant, r->name, r->roles, r->sources,
                                  r->agent, token->hash, act->at, token->expires, GJ_NEVER));
    }
    if (status == 0) {
        status = audit_grant(office, r, GJ_STR("token.add"), token->id, act);
    }
    return gj_office_end(office, status);
}

int gj_office_token_revoke(struct gj_office *office, struct gj_str tenant, struct gj_str id,
                           const struct gj_office_act *act, struct gj_errors *errors)
{
    struct gj_store *db = gj_office_write(office, errors);
    if (db == NULL) {
        return -1;
    }
    struct gj_office_audit row = {.at = act->at,
                                  .tenant = tenant,
                                  .actor = act->actor,
                                  .action = GJ_STR("token.revoke"),
                                  .object = id};
    int status = gj_sql_run(db, gj_sql(db,
                                       "UPDATE token SET revoked = min(revoked, ?)"
                                       " WHERE tenant = ? AND id = ?",
                                       "iss", act->at, tenant, id));
    return end_change(office, status, &row, "there is no token %.*s in tenant %.*s", errors);
}

int gj_office_tokens(struct gj_office *office, struct gj_str tenant,
                     int (*each)(void *context, const struct gj_office_token *token), void *context,
                     struct gj_errors *errors)
{
    struct gj_store *db = gj_office_read(office, errors);
    if (db == NULL) {
        return -1;
    }
    sqlite3_stmt *stmt = gj_sql(db,
                                "SELECT id, tenant, name, roles, sources, agent, hash, created,"
                                " expires, revoked, used FROM token WHERE ?1 IN ('', tenant)"
                                " ORDER BY created, id",
                                "s", tenant);
    int status = 0, step = 0;
    while (status == 0 && (step = gj_sql_step(db, stmt)) == 1) {
        struct gj_office_token token = {.id = gj_sql_text(db, stmt, 0),
                                        .rights = read_rights(db, stmt, 1),
                                        .hash = gj_sql_text(db, stmt, 6),
                                        .created = sqlite3_column_int64(stmt, 7),
                                        .expires = sqlite3_column_int64(stmt, 8),
                                        .revoked = sqlite3_column_int64(stmt, 9),
                                        .used = sqlite3_column_int64(stmt, 10)};
        status = db->failed ? -1 : each(context, &token);
    }
    return gj_office_end(office, step < 0 ? -1 : status);
}

int gj_office_token_used(struct gj_office *office, struct gj_str id, int64_t at,
                         struct gj_errors *errors)
{
    struct gj_store *db = gj_office_write(office, errors);
    return db == NULL ? -1
                      : gj_office_end(office, gj_sql_run(db, gj_sql(db,
                                                                    "UPDATE token SET used ="
                                                                    " max(used, ?) WHERE id = ?",
                                                                    "is", at, id)));
}

/* ---- sessions ---- */

int gj_office_session_add(struct gj_office *office, const struct gj_office_session *session,
                          struct gj_errors *errors)
{
    struct gj_store *db = gj_office_write(office, errors);
    if (db == NULL) {
        return -1;
    }
    office->people = true;
    return gj_office_end(office,
                         gj_sql_run(db, gj_sql(db,
                                               "INSERT INTO session(hash, user, created, seen)"
                                               " VALUES(?, ?, ?, ?)",
                                               "siii", session->hash, session->user.id,
                                               session->created, session->seen)));
}

int gj_office_session_seen(struct gj_office *office, struct gj_str hash, int64_t at,
                           struct gj_errors *errors)
{
    struct gj_store *db = gj_office_write(office, errors);
    return db == NULL
               ? -1
               : gj_office_end(
                     office,
                     gj_sql_run(db,
                                gj_sql(db, "UPDATE session SET seen = max(seen, ?) WHERE hash = ?",
                                       "is", at, hash)));
}

int gj_office_session_end(struct gj_office *office, struct gj_str hash, struct gj_errors *errors)
{
    struct gj_store *db = gj_office_write(office, errors);
    if (db == NULL) {
        return -1;
    }
    office->people = true;
    return gj_office_end(
        office, gj_sql_run(db, gj_sql(db, "DELETE FROM session WHERE hash = ?", "s", hash)));
}

int gj_office_sessions_purge(struct gj_office *office, int64_t seen, int64_t created,
                             struct gj_errors *errors)
{
    struct gj_store *db = gj_office_write(office, errors);
    if (db == NULL) {
        return -1;
    }
    int status = gj_sql_run(
        db, gj_sql(db, "DELETE FROM session WHERE seen < ? OR created < ?", "ii", seen, created));
    office->people = sqlite3_changes(db->db) > 0;
    return gj_office_end(office, status);
}

int gj_office_sessions(struct gj_office *office,
                       int (*each)(void *context, const struct gj_office_session *session),
                       void *context, struct gj_errors *errors)
{
    struct gj_store *db = gj_office_read(office, errors);
    if (db == NULL) {
        return -1;
    }
    sqlite3_stmt *stmt = gj_sql(db,
                                "SELECT " USER_COLUMNS ", hash, session.created, seen FROM session"
                                " JOIN user ON user.id = session.user WHERE disabled = 0",
                                "");
    int status = 0, step = 0;
    while (status == 0 && (step = gj_sql_step(db, stmt)) == 1) {
        struct gj_office_session session = {.user = read_user(db, stmt),
                                            .hash = gj_sql_text(db, stmt, 9),
                                            .created = sqlite3_column_int64(stmt, 10),
                                            .seen = sqlite3_column_int64(stmt, 11)};
        status = db->failed ? -1 : each(context, &session);
    }
    return gj_office_end(office, step < 0 ? -1 : status);
}

/* ---- attempts ---- */

int gj_office_attempts(struct gj_office *office, struct gj_str who, int64_t since,
                       struct gj_office_attempts *out, struct gj_errors *errors)
{
    *out = (struct gj_office_attempts){0, 0};
    struct gj_store *db = gj_office_read(office, errors);
    if (db == NULL) {
        return -1;
    }
    sqlite3_stmt *stmt = gj_sql(
        db, "SELECT failures, since FROM attempt WHERE who = ? AND since >= ?", "si", who, since);
    int step = gj_sql_step(db, stmt);
    if (step == 1) {
        out->failures = sqlite3_column_int64(stmt, 0);
        out->since = sqlite3_column_int64(stmt, 1);
    }
    return gj_office_end(office, step < 0 ? -1 : 0);
}

int gj_office_attempt_failed(struct gj_office *office, const struct gj_str *who, size_t count,
                             int64_t since, int64_t now, struct gj_errors *errors)
{
    struct gj_store *db = gj_office_write(office, errors);
    if (db == NULL) {
        return -1;
    }
    int status = gj_sql_run(db, gj_sql(db, "DELETE FROM attempt WHERE since < ?", "i", since));
    for (size_t i = 0; status == 0 && i < count; i++) {
        status = gj_sql_run(db, gj_sql(db,
                                       "INSERT INTO attempt(who, failures, since) VALUES(?, 1, ?)"
                                       " ON CONFLICT(who) DO UPDATE SET failures = failures + 1",
                                       "si", who[i], now));
    }
    return gj_office_end(office, status);
}

int gj_office_attempts_forget(struct gj_office *office, struct gj_str who, struct gj_errors *errors)
{
    struct gj_store *db = gj_office_write(office, errors);
    return db == NULL ? -1
                      : gj_office_end(office,
                                      gj_sql_run(db, gj_sql(db, "DELETE FROM attempt WHERE who = ?",
                                                            "s", who)));
}
