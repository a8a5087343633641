/* Room store: a SQLite file as such: errors, statements, opening, migrations, transactions (see
 * sqlite.h). What tables there are is the business of sqlite.c and office.c. */
#include "store/sqlite.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- errors ---- */

int gj_sql_fail_with(struct gj_store *store, sqlite3 *db)
{
    int code = sqlite3_errcode(db) & 0xff;
    const char *remedy = "see `guiju fsck`";
    if (code == SQLITE_FULL) {
        remedy = "free some space; nothing of this batch was kept, run it again";
    } else if (code == SQLITE_BUSY || code == SQLITE_LOCKED) {
        remedy = "another process has it open; wait for it or stop it";
    } else if (code == SQLITE_READONLY || code == SQLITE_CANTOPEN || code == SQLITE_PERM) {
        remedy = "check that the folder exists and may be written";
    } else if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT) {
        remedy = "it is no database of guiju, or damaged; name another file or restore a copy";
    } else if (code == SQLITE_NOMEM) {
        remedy = "nothing of this batch was kept, run it again with more memory";
    } else if (code == SQLITE_IOERR) {
        remedy = "the disk reports an error; nothing of this batch was kept, run it again";
    }
    if (!store->failed) {
        gj_errors_say(store->errors, "%s: %s; %s", store->path, sqlite3_errmsg(db), remedy);
    }
    store->failed = true;
    return -1;
}

int gj_sql_fail(struct gj_store *store)
{
    return gj_sql_fail_with(store, store->db);
}

/* ---- statements ---- */

static sqlite3_stmt *prepared(struct gj_store *store, const char *sql)
{
    size_t at = (uintptr_t)sql * UINT64_C(0x9E3779B97F4A7C15) >> 56;
    while (store->statements[at].sql != NULL && store->statements[at].sql != sql) {
        at = (at + 1) % GJ_STATEMENTS_MAX;
    }
    if (store->statements[at].sql == sql) {
        sqlite3_reset(store->statements[at].stmt);
        return store->statements[at].stmt;
    }
    sqlite3_stmt *stmt = NULL;
    if (store->statement_count == GJ_STATEMENTS_MAX / 2 ||
        sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) !=
            SQLITE_OK) {
        gj_sql_fail(store);
        return NULL;
    }
    store->statements[at] = (struct gj_statement){sql, stmt};
    store->statement_count++;
    return stmt;
}

sqlite3_stmt *gj_sql(struct gj_store *store, const char *sql, const char *types, ...)
{
    bool after = *types == '!';
    types += after;
    sqlite3_stmt *stmt = after && gj_sql_write_waiting(store) != 0 ? NULL : prepared(store, sql);
    va_list args;
    va_start(args, types);
    for (int i = 1; stmt != NULL && *types != '\0'; i++, types++) {
        if (*types == 'i') {
            sqlite3_bind_int64(stmt, i, va_arg(args, int64_t));
        } else if (*types == 's') {
            struct gj_str s = va_arg(args, struct gj_str);
            sqlite3_bind_text64(stmt, i, s.ptr == NULL ? "" : s.ptr, s.len, SQLITE_STATIC,
                                SQLITE_UTF8);
        } else {
            sqlite3_bind_null(stmt, i);
        }
    }
    va_end(args);
    return stmt;
}

int gj_sql_step(struct gj_store *store, sqlite3_stmt *stmt)
{
    int code = stmt == NULL ? SQLITE_ERROR : sqlite3_step(stmt);
    if (code == SQLITE_ROW) {
        return 1;
    }
    if (stmt != NULL) {
        sqlite3_reset(stmt);
    }
    return code == SQLITE_DONE ? 0 : gj_sql_fail(store);
}

int gj_sql_run(struct gj_store *store, sqlite3_stmt *stmt)
{
    return gj_sql_step(store, stmt) < 0 ? -1 : 0;
}

struct gj_str gj_sql_text(struct gj_store *store, sqlite3_stmt *stmt, int column)
{
    const char *text = (const char *)sqlite3_column_text(stmt, column);
    if (text == NULL) {
        if (sqlite3_column_type(stmt, column) != SQLITE_NULL) { /* out of memory */
            gj_sql_fail(store);
        }
        return GJ_STR("");
    }
    return (struct gj_str){text, (size_t)sqlite3_column_bytes(stmt, column)};
}

void gj_sql_reset_all(struct gj_store *store)
{
    for (size_t i = 0; i < GJ_STATEMENTS_MAX; i++) {
        sqlite3_reset(store->statements[i].stmt);
    }
}

int gj_sql_execute(struct gj_store *store, const char *sql)
{
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : gj_sql_fail(store);
}

/* ---- opening ---- */

int gj_sql_value(struct gj_store *store, const char *sql, int64_t *value)
{
    sqlite3_stmt *stmt = NULL;
    *value = 0;
    if (sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL) != SQLITE_OK) {
        return gj_sql_fail(store);
    }
    int code = sqlite3_step(stmt);
    if (code == SQLITE_ROW) {
        *value = sqlite3_column_int64(stmt, 0);
    }
    sqlite3_finalize(stmt);
    return code == SQLITE_ROW || code == SQLITE_DONE ? 0 : gj_sql_fail(store);
}

int gj_sql_check_owner(struct gj_store *store, const struct gj_schema *schema)
{
    int64_t version = 0, application = 0, tables = 0;
    if (gj_sql_value(store, "PRAGMA user_version", &version) != 0 ||
        gj_sql_value(store, "PRAGMA application_id", &application) != 0 ||
        gj_sql_value(store, "SELECT count(*) FROM sqlite_master", &tables) != 0) {
        return -1;
    }
    if (tables > 0 && application != schema->application_id) {
        return gj_errors_say(store->errors,
                             "%s: is a database of another program; name another file with --db",
                             store->path);
    }
    if (version > schema->version) {
        return gj_errors_say(store->errors,
                             "%s: is of schema version %lld, this program knows up to %d; use a "
                             "newer guiju",
                             store->path, (long long)version, schema->version);
    }
    return 0;
}

/* One step, unless another process has taken it meanwhile. */
static int migrate_once(struct gj_store *store, const struct gj_schema *schema, int64_t *version)
{
    char sql[120];
    if (gj_sql_execute(store, "BEGIN IMMEDIATE") != 0 ||
        gj_sql_value(store, "PRAGMA user_version", version) != 0) {
        return -1;
    }
    if (*version >= schema->version) {
        return gj_sql_execute(store, "COMMIT");
    }
    snprintf(sql, sizeof sql, "PRAGMA user_version=%lld; PRAGMA application_id=%d; COMMIT",
             (long long)*version + 1, schema->application_id);
    if (gj_sql_execute(store, schema->migrations[*version]) != 0 ||
        gj_sql_execute(store, sql) != 0) {
        return -1;
    }
    ++*version;
    return 0;
}

int gj_sql_migrate(struct gj_store *store, const struct gj_schema *schema)
{
    int64_t version = 0;
    int status = gj_sql_value(store, "PRAGMA user_version", &version);
    while (status == 0 && version < schema->version) {
        status = migrate_once(store, schema, &version);
    }
    if (status != 0) {
        gj_store_rollback(store);
    }
    return status;
}

/* SQLite need not count what it allocates: each count takes a lock, at every statement. Where the
 * program that we are part of uses SQLite already, this is refused, and it counts on. */
static void count_no_memory(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

struct gj_store *gj_sql_open(const char *file, const char *path, struct gj_errors *errors)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, count_no_memory);
    struct gj_store *store = calloc(1, sizeof *store);
    if (store == NULL || (store->path = strdup(path)) == NULL) {
        free(store);
        gj_errors_say(errors, "out of memory while opening the database");
        return NULL;
    }
    store->errors = errors;
    if (sqlite3_open_v2(file, &store->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK) {
        gj_sql_fail(store);
        gj_store_close(store);
        return NULL;
    }
    return store;
}

/* ---- transactions ---- */

void gj_store_close(struct gj_store *store)
{
    if (store == NULL) {
        return;
    }
    for (size_t i = 0; i < GJ_STATEMENTS_MAX; i++) {
        sqlite3_finalize(store->statements[i].stmt);
    }
    sqlite3_close(store->db);
    gj_sql_close_waiting(store);
    free(store->path);
    free(store);
}

int gj_store_begin(struct gj_store *store)
{
    store->failed = false;
    return gj_sql_run(store, gj_sql(store, "BEGIN IMMEDIATE", ""));
}

int gj_store_commit(struct gj_store *store)
{
    return store->failed || gj_sql_write_waiting(store) != 0
               ? -1
               : gj_sql_run(store, gj_sql(store, "COMMIT", ""));
}

void gj_store_rollback(struct gj_store *store)
{
    if (sqlite3_get_autocommit(store->db) == 0) {
        gj_sql_reset_all(store);
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    }
    store->failed = false;
    store->next_case = store->next_found = 0;
    gj_sql_drop_waiting(store);
}
