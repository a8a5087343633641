/* Room store: a SQLite file as such: opening, migrations, transactions, statements with values (see
 * sqlite.h). What tables there are is the business of sqlite.c and office.c. */
#include "store/sqlite.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- statements ---- */

sqlite3_stmt *gj_sql(struct gj_store *store, const char *sql, const char *types, ...)
{
    bool after = *types == '!';
    types += after;
    sqlite3_stmt *stmt =
        after && gj_sql_write_waiting(store) != 0 ? NULL : gj_sql_prepared(store, sql);
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

/* ---- opening ---- */

int gj_sql_check_owner(struct gj_store *store, const struct gj_schema *schema)
{
    int64_t version = 0, application = 0, tables = 0;
    /* tables first: another process that makes them just now says whose they are together with them
     */
    if (gj_sql_value(store, "SELECT count(*) FROM sqlite_master", &tables) != 0 ||
        gj_sql_value(store, "PRAGMA application_id", &application) != 0 ||
        gj_sql_value(store, "PRAGMA user_version", &version) != 0) {
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
    if (version < 0) {
        return gj_errors_say(store->errors,
                             "%s: is damaged: no schema has version %lld; name another file or "
                             "restore a copy",
                             store->path, (long long)version);
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

/* A database holds what buyers wrote: a new file is for its owner alone, and SQLite gives those
 * beside it the same mode. What fails here fails again when SQLite opens it, which tells. */
static void make_private(const char *file)
{
    bool kept = file[0] != '\0' && strcmp(file, ":memory:") != 0;
    int made = kept ? open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (made >= 0) {
        close(made);
    }
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
    make_private(file);
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
