/* Room store: transactions of the office (see office_sql.h). */
#include "store/office_sql.h"

static struct gj_store *take(struct gj_office *office, const char *begin, struct gj_errors *errors)
{
    pthread_mutex_lock(&office->lock);
    office->db->errors = errors;
    office->db->failed = false;
    office->people = office->audited = false;
    if (gj_sql_execute(office->db, begin) != 0) {
        gj_store_rollback(office->db);
        pthread_mutex_unlock(&office->lock);
        return NULL;
    }
    return office->db;
}

struct gj_store *gj_office_write(struct gj_office *office, struct gj_errors *errors)
{
    return take(office, "BEGIN IMMEDIATE", errors);
}

struct gj_store *gj_office_read(struct gj_office *office, struct gj_errors *errors)
{
    return take(office, "BEGIN", errors);
}

int gj_office_end(struct gj_office *office, int status)
{
    gj_sql_reset_all(office->db); /* a walk that was ended still holds its place */
    if (status == 0) {
        status = gj_store_commit(office->db);
    }
    if (status != 0) {
        gj_store_rollback(office->db);
    }
    if (status == 0 && office->audited) {
        gj_office_head_write(office);
    }
    office->changes += status == 0 && office->people;
    pthread_mutex_unlock(&office->lock);
    return status;
}

int gj_office_version(struct gj_office *office, int64_t *version, struct gj_errors *errors)
{
    pthread_mutex_lock(&office->lock);
    office->db->errors = errors;
    office->db->failed = false;
    int64_t others = 0;
    int status = gj_sql_value(office->db, "PRAGMA data_version", &others);
    *version = others + office->changes;
    pthread_mutex_unlock(&office->lock);
    return status;
}
