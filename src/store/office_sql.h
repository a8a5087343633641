/* Room store, inside: the office's files (office*.c) share this. A function of theirs is
 *
 *     struct gj_store *db = gj_office_write(office, errors);
 *     int status = db == NULL ? -1 : gj_sql_run(db, gj_sql(db, "INSERT ...", "s", name));
 *     return db == NULL ? -1 : gj_office_end(office, status);
 */
#ifndef GJ_STORE_OFFICE_SQL_H
#define GJ_STORE_OFFICE_SQL_H

#include <pthread.h>

#include "store/office.h"
#include "store/sqlite.h"

#define GJ_AUDIT_HASH_BYTES 32

struct gj_office {
    pthread_mutex_t lock; /* held from gj_office_write or _read to gj_office_end */
    struct gj_store *db;
    int head;        /* descriptor of the file of the audit log's head */
    int64_t changes; /* of people, by this process */
    bool people;     /* the transaction at hand changes people */
    bool audited;    /* it has added to the audit log, whose head is then `last` */
    struct gj_office_head last;
    unsigned char last_bytes[GJ_AUDIT_HASH_BYTES]; /* its hash, not in hex */
};

/* Takes the office for this thread and begins a transaction, of which `errors` is told; waits up to
 * 10 s for other processes. NULL: told, and nothing is to be ended. */
struct gj_store *gj_office_write(struct gj_office *office, struct gj_errors *errors);
struct gj_store *gj_office_read(struct gj_office *office, struct gj_errors *errors);

/* Commits when `status` is 0, else rolls back, and gives the office to the next thread. Returns
 * `status`, or -1 when the commit failed: told. Text of rows is gone then. */
int gj_office_end(struct gj_office *office, int status);

/* Within a transaction that writes: adds a row to the audit log; its seq and hash are given. */
int gj_office_audit_row(struct gj_office *office, const struct gj_office_audit *row);

void gj_office_head_set(struct gj_office_head *head, struct gj_str hash);

/* *there: the file says something. */
bool gj_office_head_read(const struct gj_office *office, struct gj_office_head *out, bool *there);

/* Writes `last` to the file of the head. A failure is no error: the file is then behind the log,
 * which gj_office_audit_verify allows. */
void gj_office_head_write(struct gj_office *office);

#endif
