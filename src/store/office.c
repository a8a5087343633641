/* Room store: the office's schema, opening, tenants (see office.h). */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/office_sql.h"

/* See struct gj_schema: never change one that has been released, add one. */
static const char *const migrations[] = {
    "CREATE TABLE tenant(name TEXT PRIMARY KEY, created INTEGER NOT NULL) STRICT;"
    "CREATE TABLE user(id INTEGER PRIMARY KEY, tenant TEXT NOT NULL REFERENCES tenant,"
    " name TEXT NOT NULL, roles TEXT NOT NULL, sources TEXT NOT NULL, agent TEXT NOT NULL,"
    " password TEXT NOT NULL, disabled INTEGER NOT NULL, created INTEGER NOT NULL,"
    " UNIQUE(tenant, name)) STRICT;"
    "CREATE TABLE token(id TEXT PRIMARY KEY, tenant TEXT NOT NULL REFERENCES tenant,"
    " name TEXT NOT NULL, roles TEXT NOT NULL, sources TEXT NOT NULL, agent TEXT NOT NULL,"
    " hash TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL,"
    " revoked INTEGER NOT NULL, used INTEGER NOT NULL) STRICT;"
    "CREATE TABLE session(hash TEXT PRIMARY KEY, user INTEGER NOT NULL REFERENCES user,"
    " created INTEGER NOT NULL, seen INTEGER NOT NULL) STRICT;"
    "CREATE TABLE attempt(who TEXT PRIMARY KEY, failures INTEGER NOT NULL,"
    " since INTEGER NOT NULL) STRICT;"
    "CREATE TABLE answer(tenant TEXT NOT NULL, actor TEXT NOT NULL, key TEXT NOT NULL,"
    " request TEXT NOT NULL, status INTEGER NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL,"
    " at INTEGER NOT NULL, PRIMARY KEY(tenant, actor, key)) STRICT;"
    "CREATE INDEX answer_at ON answer(at);"
    "CREATE TABLE audit(seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, tenant TEXT NOT NULL,"
    " actor TEXT NOT NULL, action TEXT NOT NULL, object TEXT NOT NULL, detail TEXT NOT NULL,"
    " hash TEXT NOT NULL) STRICT;"
    "CREATE INDEX audit_tenant ON audit(tenant, seq);"
    "CREATE TRIGGER audit_gap BEFORE INSERT ON audit WHEN"
    " NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit)"
    " BEGIN SELECT RAISE(ABORT, 'the audit log has no gaps'); END;"
    "CREATE TRIGGER audit_update BEFORE UPDATE ON audit"
    " BEGIN SELECT RAISE(ABORT, 'the audit log is not edited'); END;"
    "CREATE TRIGGER audit_delete BEFORE DELETE ON audit"
    " BEGIN SELECT RAISE(ABORT, 'the audit log is not edited'); END;"
    "INSERT INTO tenant VALUES('default', 0);",
    "CREATE TABLE hook(id TEXT PRIMARY KEY, tenant TEXT NOT NULL REFERENCES tenant,"
    " kind TEXT NOT NULL, name TEXT NOT NULL, url TEXT NOT NULL, secret TEXT NOT NULL,"
    " old_secret TEXT NOT NULL, old_until INTEGER NOT NULL, lang TEXT NOT NULL,"
    " types TEXT NOT NULL, sources TEXT NOT NULL, state TEXT NOT NULL, cursor INTEGER NOT NULL,"
    " created INTEGER NOT NULL) STRICT;"
    "CREATE INDEX hook_tenant ON hook(tenant);"
    "CREATE TABLE delivery(id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " hook TEXT NOT NULL REFERENCES hook ON DELETE CASCADE, message TEXT NOT NULL,"
    " seq INTEGER NOT NULL, at INTEGER NOT NULL, source TEXT NOT NULL, type TEXT NOT NULL,"
    " body TEXT NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL, first INTEGER NOT NULL,"
    " next INTEGER NOT NULL, done INTEGER NOT NULL, status INTEGER NOT NULL, error TEXT NOT NULL,"
    " UNIQUE(hook, message)) STRICT;"
    "CREATE INDEX delivery_due ON delivery(hook, state, next);"
    "CREATE INDEX delivery_done ON delivery(state, done);",
    "CREATE TABLE review(id INTEGER PRIMARY KEY, tenant TEXT NOT NULL REFERENCES tenant,"
    " finding TEXT NOT NULL, act TEXT NOT NULL, verdict TEXT NOT NULL, note TEXT NOT NULL,"
    " ruling TEXT NOT NULL, actor TEXT NOT NULL, at INTEGER NOT NULL) STRICT;"
    "CREATE INDEX review_finding ON review(tenant, finding);"};

static const struct gj_schema schema = {0x47754f66 /* "GuOf" */, migrations,
                                        sizeof migrations / sizeof migrations[0]};

#define BUSY_MS 10000 /* how long another process may hold it */

/* ---- opening ---- */

/* Opens or makes a file that its owner alone may read; SQLite gives those beside it the same mode.
 */
static int open_private(const char *path, struct gj_errors *errors)
{
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
        gj_errors_say(errors,
                      "%s: cannot be opened (%s); check that the folder exists and may be written",
                      path, strerror(errno));
    }
    return file;
}

static int open_head(struct gj_office *office, const char *path, struct gj_errors *errors)
{
    struct gj_buf name;
    gj_buf_init(&name);
    gj_buf_addf(&name, "%s.head", path);
    office->head = open_private(name.ptr, errors);
    gj_buf_release(&name);
    return office->head < 0 ? -1 : 0;
}

static int set_up(struct gj_store *db)
{
    sqlite3_busy_timeout(db->db, BUSY_MS);
    return gj_sql_check_owner(db, &schema) != 0 ||
                   gj_sql_execute(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                                      "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF") != 0
               ? -1
               : gj_sql_migrate(db, &schema);
}

struct gj_office *gj_office_open(const char *path, struct gj_errors *errors)
{
    struct gj_office *office = calloc(1, sizeof *office);
    if (office == NULL) {
        gj_errors_say(errors, "out of memory while opening %s", path);
        return NULL;
    }
    pthread_mutex_init(&office->lock, NULL);
    office->head = -1;
    int file = sodium_init() < 0 ? -1 : open_private(path, errors);
    if (file >= 0) {
        close(file);
    }
    if (file < 0 || (office->db = gj_sql_open(path, path, errors)) == NULL ||
        set_up(office->db) != 0 || open_head(office, path, errors) != 0) {
        gj_office_close(office);
        return NULL;
    }
    return office;
}

void gj_office_close(struct gj_office *office)
{
    if (office == NULL) {
        return;
    }
    gj_store_close(office->db);
    if (office->head >= 0) {
        close(office->head);
    }
    pthread_mutex_destroy(&office->lock);
    free(office);
}

/* ---- tenants ---- */

bool gj_office_tenant_name_ok(struct gj_str name)
{
    bool ok = name.len >= 1 && name.len <= 40 && name.ptr[0] != '-';
    for (size_t i = 0; ok && i < name.len; i++) {
        char c = name.ptr[i];
        ok = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    }
    return ok;
}

int gj_office_tenant_add(struct gj_office *office, struct gj_str name,
                         const struct gj_office_act *act, struct gj_errors *errors)
{
    if (!gj_office_tenant_name_ok(name)) {
        return gj_errors_say(errors, "'%.*s' is no name for a tenant: 1 to 40 of a-z, 0-9 and '-'",
                             (int)name.len, name.ptr);
    }
    struct gj_store *db = gj_office_write(office, errors);
    if (db == NULL) {
        return -1;
    }
    office->people = true;
    int status = gj_sql_run(
        db, gj_sql(db, "INSERT OR IGNORE INTO tenant VALUES(?, ?)", "si", name, act->at));
    if (status == 0 && sqlite3_changes(db->db) == 0) {
        status = gj_errors_say(errors, "there is a tenant %.*s already", (int)name.len, name.ptr);
    }
    struct gj_office_audit row = {.at = act->at,
                                  .tenant = name,
                                  .actor = act->actor,
                                  .action = GJ_STR("tenant.add"),
                                  .object = name};
    return gj_office_end(office, status == 0 ? gj_office_audit_row(office, &row) : status);
}

int gj_office_tenants(struct gj_office *office,
                      int (*each)(void *context, struct gj_str name, int64_t created),
                      void *context, struct gj_errors *errors)
{
    struct gj_store *db = gj_office_read(office, errors);
    if (db == NULL) {
        return -1;
    }
    sqlite3_stmt *stmt = gj_sql(db, "SELECT name, created FROM tenant ORDER BY name", "");
    int status = 0, step = 0;
    while (status == 0 && (step = gj_sql_step(db, stmt)) == 1) {
        status = each(context, gj_sql_text(db, stmt, 0), sqlite3_column_int64(stmt, 1));
    }
    return gj_office_end(office, step < 0 ? -1 : status);
}
