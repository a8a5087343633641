/* Room store: statements over SQLite, prepared once (see sqlite.h). */
#include <stdlib.h>

#include "store/sqlite.h"

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

sqlite3_stmt *gj_sql_prepared(struct gj_store *store, const char *sql)
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
