/* Room store: the audit log, a chain of hashes in the office (see office.h). */
#include <inttypes.h>
#include <sodium.h>
#include <unistd.h>

#include "store/office_sql.h"

#define HASH_BYTES GJ_AUDIT_HASH_BYTES
#define NO_HASH    "0000000000000000000000000000000000000000000000000000000000000000"

/* ---- the chain ---- */

static void hash_number(crypto_generichash_state *state, uint64_t number)
{
    unsigned char bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (unsigned char)(number >> (8 * i));
    }
    crypto_generichash_update(state, bytes, sizeof bytes);
}

/* `hash`, that of the row before, becomes that of `row`; `out` has it in hex. */
static void hash_row(unsigned char hash[HASH_BYTES], const struct gj_office_audit *row,
                     char out[65])
{
    crypto_generichash_state state;
    const struct gj_str texts[] = {row->tenant, row->actor, row->action, row->object, row->detail};
    crypto_generichash_init(&state, NULL, 0, HASH_BYTES);
    crypto_generichash_update(&state, hash, HASH_BYTES);
    hash_number(&state, (uint64_t)row->seq);
    hash_number(&state, (uint64_t)row->at);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        hash_number(&state, texts[i].len);
        crypto_generichash_update(&state, (const unsigned char *)texts[i].ptr, texts[i].len);
    }
    crypto_generichash_final(&state, hash, HASH_BYTES);
    sodium_bin2hex(out, 65, hash, HASH_BYTES);
}

static void read_hash(const char *hex, unsigned char hash[HASH_BYTES])
{
    sodium_hex2bin(hash, HASH_BYTES, hex, 64, NULL, NULL, NULL);
}

/* The log's end within the transaction at hand. */
static int find_last(struct gj_office *office)
{
    struct gj_store *db = office->db;
    sqlite3_stmt *stmt = gj_sql(db, "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1", "");
    int step = gj_sql_step(db, stmt);
    office->last = (struct gj_office_head){0, NO_HASH};
    if (step == 1) {
        office->last.seq = sqlite3_column_int64(stmt, 0);
        gj_office_head_set(&office->last, gj_sql_text(db, stmt, 1));
    }
    read_hash(office->last.hash, office->last_bytes);
    return step < 0 || db->failed ? -1 : 0;
}

int gj_office_audit_row(struct gj_office *office, const struct gj_office_audit *given)
{
    struct gj_store *db = office->db;
    if (!office->audited && find_last(office) != 0) {
        return -1;
    }
    struct gj_office_audit row = *given;
    char hash[65];
    row.seq = office->last.seq + 1;
    hash_row(office->last_bytes, &row, hash);
    office->audited = true;
    office->last.seq = row.seq;
    memcpy(office->last.hash, hash, sizeof hash);
    return gj_sql_run(db, gj_sql(db,
                                 "INSERT INTO audit(seq, at, tenant, actor, action, object, detail,"
                                 " hash) VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
                                 "iissssss", row.seq, row.at, row.tenant, row.actor, row.action,
                                 row.object, row.detail, gj_str_of(hash)));
}

int gj_office_audit_add(struct gj_office *office, const struct gj_office_audit *rows, size_t count,
                        struct gj_errors *errors)
{
    if (gj_office_write(office, errors) == NULL) {
        return -1;
    }
    int status = 0;
    for (size_t i = 0; status == 0 && i < count; i++) {
        status = gj_office_audit_row(office, &rows[i]);
    }
    return gj_office_end(office, status);
}

/* ---- reading ---- */

static struct gj_office_audit read_row(struct gj_store *db, sqlite3_stmt *stmt)
{
    return (struct gj_office_audit){.seq = sqlite3_column_int64(stmt, 0),
                                    .at = sqlite3_column_int64(stmt, 1),
                                    .tenant = gj_sql_text(db, stmt, 2),
                                    .actor = gj_sql_text(db, stmt, 3),
                                    .action = gj_sql_text(db, stmt, 4),
                                    .object = gj_sql_text(db, stmt, 5),
                                    .detail = gj_sql_text(db, stmt, 6),
                                    .hash = gj_sql_text(db, stmt, 7)};
}

int gj_office_audit_list(struct gj_office *office, struct gj_str tenant, int64_t after,
                         int64_t limit,
                         int (*each)(void *context, const struct gj_office_audit *row),
                         void *context, struct gj_errors *errors)
{
    struct gj_store *db = gj_office_read(office, errors);
    if (db == NULL) {
        return -1;
    }
    /* two statements, so that each walks an index */
    static const char *const of_all = "SELECT seq, at, tenant, actor, action, object, detail, hash"
                                      " FROM audit WHERE seq > ? ORDER BY seq LIMIT ?";
    static const char *const of_one =
        "SELECT seq, at, tenant, actor, action, object, detail, hash FROM audit"
        " WHERE seq > ? AND tenant = ?3 ORDER BY seq LIMIT ?2";
    sqlite3_stmt *stmt = tenant.len == 0 ? gj_sql(db, of_all, "ii", after, limit)
                                         : gj_sql(db, of_one, "iis", after, limit, tenant);
    int status = 0, step = 0;
    while (status == 0 && (step = gj_sql_step(db, stmt)) == 1) {
        struct gj_office_audit row = read_row(db, stmt);
        status = db->failed ? -1 : each(context, &row);
    }
    return gj_office_end(office, step < 0 ? -1 : status);
}

/* ---- verifying ---- */

struct verifying {
    const char *path;
    struct gj_errors *errors;
    struct gj_office_head at; /* how far the chain has been followed */
};

/* 1: told. */
static int broken(struct verifying *v, int64_t seq, const char *why)
{
    gj_errors_say(v->errors,
                  "%s: audit row %" PRId64
                  " %s; what stands from there on proves nothing: compare it "
                  "with a backup",
                  v->path, seq, why);
    return 1;
}

static int follow(struct verifying *v, const struct gj_office_audit *row)
{
    unsigned char bytes[HASH_BYTES];
    char hash[65];
    if (row->seq != v->at.seq + 1) {
        return broken(v, v->at.seq + 1, "is missing");
    }
    read_hash(v->at.hash, bytes);
    hash_row(bytes, row, hash);
    if (!gj_str_is(row->hash, hash)) {
        return broken(v, row->seq, "was changed, or the row before it was");
    }
    v->at.seq = row->seq;
    memcpy(v->at.hash, hash, sizeof hash);
    return 0;
}

/* A head that was kept: 0 when the chain passes through it at `at`, else told. */
static int compare(struct verifying *v, const struct gj_office_head *kept, const char *what)
{
    if (strcmp(kept->hash, v->at.hash) != 0) {
        gj_errors_say(v->errors,
                      "%s: audit row %" PRId64 " is not the one that %s names: the log was written "
                      "anew",
                      v->path, kept->seq, what);
        return 1;
    }
    return 0;
}

static int cut_off(struct verifying *v, const struct gj_office_head *kept, const char *what)
{
    gj_errors_say(v->errors,
                  "%s: the audit log ends at row %" PRId64 ", %s names row %" PRId64
                  ": rows were cut off, or an older copy was put back",
                  v->path, v->at.seq, what, kept->seq);
    return 1;
}

#define IN_FILE "the file of its head"
#define NOTED   "the head given"

/* Follows the chain; heads are compared where they stand. */
static int verify(struct gj_office *office, struct verifying *v, const struct gj_office_head *file,
                  const struct gj_office_head *noted)
{
    struct gj_store *db = office->db;
    sqlite3_stmt *stmt = gj_sql(db,
                                "SELECT seq, at, tenant, actor, action, object, detail, hash"
                                " FROM audit ORDER BY seq",
                                "");
    int status = 0, step = 0;
    while (status == 0 && (step = gj_sql_step(db, stmt)) == 1) {
        struct gj_office_audit row = read_row(db, stmt);
        status = db->failed ? -1 : follow(v, &row);
        if (status == 0 && file != NULL && file->seq == v->at.seq) {
            status = compare(v, file, IN_FILE);
        }
        if (status == 0 && noted != NULL && noted->seq == v->at.seq) {
            status = compare(v, noted, NOTED);
        }
    }
    if (step < 0 || status != 0) {
        return step < 0 ? -1 : status;
    }
    if (file != NULL && file->seq > v->at.seq) {
        return cut_off(v, file, IN_FILE);
    }
    return noted != NULL && noted->seq > v->at.seq ? cut_off(v, noted, NOTED) : 0;
}

int gj_office_audit_verify(struct gj_office *office, const struct gj_office_head *noted,
                           struct gj_office_head *head, struct gj_errors *errors)
{
    struct gj_office_head file;
    bool there = false;
    bool good =
        gj_office_head_read(office, &file, &there); /* before the rows: it is never ahead of them */
    struct gj_store *db = gj_office_read(office, errors);
    if (db == NULL) {
        return -1;
    }
    struct verifying v = {db->path, errors, {0, NO_HASH}};
    int status = verify(office, &v, good ? &file : NULL, noted);
    if (status == 0 && !good && (there || v.at.seq > 0)) {
        gj_errors_say(
            errors,
            "%s.head: %s; whether rows were cut off at the end cannot be told, give a head "
            "that was noted elsewhere",
            db->path, there ? "cannot be read" : "is empty or was removed");
        status = 1;
    }
    *head = v.at;
    int ended = gj_office_end(office, 0);
    return status != 0 ? status : ended;
}
