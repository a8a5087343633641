/* Room store: the engine's database: its schema and migrations, opening, the whole (see store.h).
 */
#include "store/sqlite.h"

#include <stdio.h>
#include <unistd.h>

/* Migration i leads from version i to i + 1. Never change one that has been released: add one. */
static const char *const migrations[GJ_STORE_VERSION] = {
    "CREATE TABLE rulebook(id INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE) STRICT;"
    "CREATE TABLE shop(id INTEGER PRIMARY KEY, source TEXT NOT NULL UNIQUE, now INTEGER NOT NULL,"
    " tick INTEGER NOT NULL) STRICT;"
    "CREATE TABLE event(seq INTEGER PRIMARY KEY, shop INTEGER NOT NULL, id TEXT NOT NULL,"
    " at INTEGER NOT NULL, clock INTEGER NOT NULL, rulebook INTEGER NOT NULL,"
    " looked INTEGER NOT NULL DEFAULT 0, body TEXT NOT NULL) STRICT;"
    "CREATE UNIQUE INDEX event_identity ON event(shop, id);"
    "CREATE TABLE event_case(case_id INTEGER NOT NULL, seq INTEGER NOT NULL,"
    " PRIMARY KEY(case_id, seq)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE entity(shop INTEGER NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,"
    " case_id INTEGER NOT NULL, PRIMARY KEY(shop, kind, id)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE cases(id INTEGER PRIMARY KEY, shop INTEGER NOT NULL, family TEXT NOT NULL,"
    " due INTEGER NOT NULL, body TEXT NOT NULL) STRICT;"
    "CREATE TABLE due(shop INTEGER NOT NULL, at INTEGER NOT NULL, case_id INTEGER NOT NULL,"
    " PRIMARY KEY(shop, at, case_id)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE finding(id INTEGER PRIMARY KEY, shop INTEGER NOT NULL, case_id INTEGER NOT NULL,"
    " seq INTEGER NOT NULL, at INTEGER NOT NULL, rule TEXT NOT NULL, kind TEXT NOT NULL,"
    " subject TEXT NOT NULL, agent TEXT NOT NULL, severity TEXT NOT NULL, because TEXT NOT NULL,"
    " withdrawn INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE INDEX finding_case ON finding(case_id);"
    "CREATE INDEX finding_shop ON finding(shop, at);"
    "CREATE TABLE entry(id INTEGER PRIMARY KEY, shop INTEGER NOT NULL, case_id INTEGER NOT NULL,"
    " seq INTEGER NOT NULL, at INTEGER NOT NULL, entry TEXT NOT NULL, rule TEXT NOT NULL,"
    " account TEXT NOT NULL, amount INTEGER NOT NULL, unit TEXT NOT NULL, class TEXT NOT NULL,"
    " paid_as TEXT NOT NULL, reverses TEXT NOT NULL) STRICT;"
    "CREATE INDEX entry_case ON entry(case_id);"
    "CREATE INDEX entry_account ON entry(shop, account, at);"
    "CREATE TABLE measure(id INTEGER PRIMARY KEY, shop INTEGER NOT NULL, case_id INTEGER NOT NULL,"
    " seq INTEGER NOT NULL, from_at INTEGER NOT NULL, to_at INTEGER NOT NULL,"
    " own_to INTEGER NOT NULL, ends INTEGER NOT NULL, rule TEXT NOT NULL,"
    " kind TEXT NOT NULL, subject TEXT NOT NULL, what TEXT NOT NULL,"
    " withdrawn INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE INDEX measure_case ON measure(case_id);"
    "CREATE INDEX measure_shop ON measure(shop, what);"
    "CREATE TABLE mark(id INTEGER PRIMARY KEY, shop INTEGER NOT NULL, case_id INTEGER NOT NULL,"
    " seq INTEGER NOT NULL, at INTEGER NOT NULL, day INTEGER NOT NULL, counter TEXT NOT NULL,"
    " key TEXT NOT NULL, item TEXT NOT NULL, product TEXT NOT NULL) STRICT;"
    "CREATE INDEX mark_case ON mark(case_id);"
    "CREATE INDEX mark_day ON mark(shop, counter, day);"
    "CREATE TABLE feed(name TEXT PRIMARY KEY, offset INTEGER NOT NULL, line INTEGER NOT NULL,"
    " applied INTEGER NOT NULL, duplicate INTEGER NOT NULL, rejected INTEGER NOT NULL,"
    " late INTEGER NOT NULL, prefix_hash TEXT NOT NULL) STRICT;"
    "CREATE TABLE refusal(feed TEXT NOT NULL, line INTEGER NOT NULL, id TEXT NOT NULL,"
    " why TEXT NOT NULL, PRIMARY KEY(feed, line)) STRICT;"
    "CREATE TABLE ahead(feed TEXT NOT NULL, line INTEGER NOT NULL, PRIMARY KEY(feed, line))"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE note(name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;",
    "CREATE INDEX entry_shop ON entry(shop, at);",
    "DROP TABLE note;"
    "CREATE TABLE notice(seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL,"
    " source TEXT NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL) STRICT;",
    "DROP TABLE due;"
    "CREATE INDEX case_due ON cases(shop, due) WHERE due<9223372036854775807;"
    "DROP INDEX entry_account;"
    "CREATE INDEX entry_points ON entry(shop, account, at) WHERE unit='points';",
    /* of cases written before nobody knows: they are looked at once */
    "ALTER TABLE cases ADD COLUMN bound INTEGER NOT NULL DEFAULT 1;"
    "CREATE INDEX case_bound ON cases(shop) WHERE bound=1;",
    /* ids differ, shops seldom do: what differs is compared first */
    "DROP INDEX event_identity;"
    "CREATE UNIQUE INDEX event_identity ON event(id, shop);"
    "ALTER TABLE cases ADD COLUMN links TEXT NOT NULL DEFAULT '';",
    "CREATE INDEX entry_reversal ON entry(shop, reverses) WHERE reverses<>'';"};

static const struct gj_schema schema = {0x47756a75 /* "Guju" */, migrations, GJ_STORE_VERSION};

/* ---- opening ---- */

/* Is it ours at all? Looked at before anything is written to it. */
static int set_up(struct gj_store *store)
{
    /* exclusive: the engine keeps state in memory, a second writer would make it stale */
    return gj_sql_open_waiting(store) != 0 ||
                   gj_sql_execute(store, "PRAGMA locking_mode=EXCLUSIVE") != 0 ||
                   gj_sql_check_owner(store, &schema) != 0 ||
                   gj_sql_execute(store, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                                         "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-24576;"
                                         "PRAGMA wal_autocheckpoint=8000;"
                                         "PRAGMA secure_delete=OFF") != 0
               ? -1
               : gj_sql_migrate(store, &schema);
}

struct gj_store *gj_store_open(const char *path, struct gj_errors *errors)
{
    if (path != NULL && path[0] == '\0') { /* to SQLite a file without a name, gone at close */
        gj_errors_say(errors, "the name of the database is empty; name a file with --db");
        return NULL;
    }
    struct gj_store *store =
        gj_sql_open(path == NULL ? ":memory:" : path, path == NULL ? "(memory)" : path, errors);
    if (store != NULL && set_up(store) != 0) {
        gj_store_close(store);
        return NULL;
    }
    return store;
}

/* Opens it so that no file beside it is made: "immutable" where there is no log to read too. */
static int open_to_read(const char *path, sqlite3 **db)
{
    struct gj_buf name;
    gj_buf_init(&name);
    gj_buf_addf(&name, "%s-wal", path);
    bool log = access(name.ptr, F_OK) == 0;
    gj_buf_reset(&name);
    gj_buf_add_cstr(&name, path[0] == '/' ? "file://" : "file:"); /* or "//tmp/x" names a host */
    for (const char *at = path; *at != '\0'; at++) {
        bool plain = *at != '%' && *at != '?' && *at != '#';
        if (plain) {
            gj_buf_add_char(&name, *at);
        } else {
            gj_buf_addf(&name, "%%%02x", (unsigned)*at);
        }
    }
    gj_buf_add_cstr(&name, log ? "?mode=ro" : "?mode=ro&immutable=1");
    int code =
        name.failed
            ? SQLITE_NOMEM
            : sqlite3_open_v2(name.ptr, db,
                              SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI, NULL);
    gj_buf_release(&name);
    return code;
}

static int copy_from(struct gj_store *store, const char *path)
{
    sqlite3 *from = NULL;
    int status = 0;
    if (open_to_read(path, &from) != SQLITE_OK) {
        status = gj_sql_fail_with(store, from);
    } else {
        sqlite3_backup *backup = sqlite3_backup_init(store->db, "main", from, "main");
        int step = backup == NULL ? SQLITE_ERROR : sqlite3_backup_step(backup, -1);
        int end = backup == NULL ? SQLITE_ERROR : sqlite3_backup_finish(backup);
        if (step != SQLITE_DONE || end != SQLITE_OK) {
            status = step == SQLITE_BUSY || step == SQLITE_LOCKED
                         ? gj_errors_say(store->errors,
                                         "%s: another process has it open; wait for it or stop it",
                                         store->path)
                         : gj_sql_fail_with(store,
                                            sqlite3_errcode(from) != SQLITE_OK ? from : store->db);
        }
    }
    sqlite3_close(from);
    return status;
}

struct gj_store *gj_store_open_copy(const char *path, struct gj_errors *errors)
{
    struct gj_store *store =
        gj_sql_open("", path, errors); /* a file without a name, gone at close */
    if (store != NULL && (copy_from(store, path) != 0 || set_up(store) != 0)) {
        gj_store_close(store);
        return NULL;
    }
    return store;
}

/* ---- the whole ---- */

int gj_store_clear_derived(struct gj_store *store)
{
    store->next_case = store->next_found = 0;
    gj_sql_drop_waiting(store);
    char sql[400];
    snprintf(sql, sizeof sql,
             "DELETE FROM event_case; DELETE FROM entity; DELETE FROM cases;"
             "DELETE FROM finding; DELETE FROM entry; DELETE FROM measure; DELETE FROM mark;"
             "UPDATE shop SET now=-9223372036854775807-1, tick=%lld",
             (long long)INT64_MAX);
    return gj_sql_execute(store, sql);
}

int gj_store_check(struct gj_store *store, struct gj_errors *errors)
{
    size_t before = errors->count;
    sqlite3_stmt *stmt = gj_sql(store, "PRAGMA integrity_check", "");
    while (gj_sql_step(store, stmt) == 1) {
        struct gj_str says = gj_sql_text(store, stmt, 0);
        if (!gj_str_is(says, "ok")) {
            gj_errors_say(errors, "%s: %.*s", store->path, (int)says.len, says.ptr);
        }
    }
    stmt = gj_sql(store,
                  "SELECT entry, unit, sum(amount) FROM entry GROUP BY entry, unit "
                  "HAVING sum(amount) <> 0",
                  "!");
    while (gj_sql_step(store, stmt) == 1) {
        gj_errors_say(errors, "%s: entry %s does not sum to zero: %lld %s", store->path,
                      gj_sql_text(store, stmt, 0).ptr, (long long)sqlite3_column_int64(stmt, 2),
                      gj_sql_text(store, stmt, 1).ptr);
    }
    return store->failed || errors->count > before ? -1 : 0;
}
