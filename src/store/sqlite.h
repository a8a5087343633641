/* Room store, inside: statements over SQLite, shared by its files. */
#ifndef GJ_STORE_SQLITE_H
#define GJ_STORE_SQLITE_H

#include <sqlite3.h>

#include "store/store.h"

#define GJ_STATEMENTS_MAX 256 /* slots; a power of two, at most half of them in use */

/* What a kind of database is made of. */
struct gj_schema {
    int32_t application_id;        /* PRAGMA application_id: other files are refused */
    const char *const *migrations; /* migration i leads from version i to i + 1, in one transaction.
                                      Never change one that has been released: add one */
    int version;                   /* how many there are */
};

/* An open database: the engine's (sqlite.c) or the office (office.c). Used by one thread at a time.
 */
struct gj_store {
    sqlite3 *db;
    char *path;
    struct gj_errors *errors;
    bool failed; /* an error has been told; a commit is refused until rollback */
    struct gj_statement {
        const char *sql; /* NULL: free */
        sqlite3_stmt *stmt;
    } statements[GJ_STATEMENTS_MAX]; /* prepared once, hashed by the address of their text */
    size_t statement_count;
    /* the engine's: */
    int64_t next_case;          /* the id of the next case; 0: not known yet */
    struct gj_case_link *links; /* of events to cases: they wait for the commit, or for who asks */
    size_t link_count, link_capacity;
};

struct gj_case_link {
    int64_t case_id, seq;
};

/* The statement of `sql`, a string literal, reset and ready; NULL: told. `types` has a letter for
 * each value: i int64_t, s struct gj_str, n nothing (NULL). */
sqlite3_stmt *gj_sql(struct gj_store *store, const char *sql, const char *types, ...);

/* Runs a statement without rows. */
int gj_sql_run(struct gj_store *store, sqlite3_stmt *stmt);

/* 1: a row is there; 0: no more; -1: told. */
int gj_sql_step(struct gj_store *store, sqlite3_stmt *stmt);

/* A column's text, "" for NULL; where memory runs out, "" and the store has failed. */
struct gj_str gj_sql_text(struct gj_store *store, sqlite3_stmt *stmt, int column);

/* Tells what SQLite says, with the file and a remedy; returns -1. */
int gj_sql_fail(struct gj_store *store);
int gj_sql_fail_with(struct gj_store *store, sqlite3 *db); /* what `db` says, another connection */

/* Ends what walks are at hand. */
void gj_sql_reset_all(struct gj_store *store);

/* Writes the links that wait: many with one statement, in the order of the table. */
int gj_sql_write_links(struct gj_store *store);

/* Runs statements without values or rows, not kept. */
int gj_sql_execute(struct gj_store *store, const char *sql);
/* The first column of the first row as an integer; 0 when there is none. */
int gj_sql_value(struct gj_store *store, const char *sql, int64_t *value);

/* Opens or makes `file`; errors speak of `path`. Nothing is written yet. NULL: told. To be closed
 * by gj_store_close. */
struct gj_store *gj_sql_open(const char *file, const char *path, struct gj_errors *errors);
/* Refuses what another program, or a newer version of this one, has made. */
int gj_sql_check_owner(struct gj_store *store, const struct gj_schema *schema);
/* Brings the database to the schema's version. */
int gj_sql_migrate(struct gj_store *store, const struct gj_schema *schema);

#endif
