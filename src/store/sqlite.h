/* Room store, inside: statements over SQLite, shared by its files. */
#ifndef GJ_STORE_SQLITE_H
#define GJ_STORE_SQLITE_H

#include <sqlite3.h>

#include "base/arena.h"
#include "store/store.h"

#define GJ_STATEMENTS_MAX 256 /* slots; a power of two, at most half of them in use */

/* What a kind of database is made of. */
struct gj_schema {
    int32_t application_id;        /* PRAGMA application_id: other files are refused */
    const char *const *migrations; /* migration i leads from version i to i + 1, in one transaction.
                                      Never change one that has been released: add one */
    int version;                   /* how many there are */
};

/* Tables whose rows wait. */
enum gj_waiting_table {
    GJ_WAITING_CASE,
    GJ_WAITING_LINK,
    GJ_WAITING_FOUND,
    GJ_WAITING_ENTRY,
    GJ_WAITING_MARK,
    GJ_WAITING_TABLES
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
    int64_t next_case, next_found; /* ids of the next case and finding; 0: not known yet */
    struct gj_waiting {
        struct gj_waiting_cell *cells;   /* row by row */
        size_t columns, count, capacity; /* count: of rows; capacity: of cells */
    } waiting[GJ_WAITING_TABLES];
    struct gj_arena waiting_texts;
    const struct gj_waiting *written; /* what the table `waiting` shows; NULL: nothing */
};

struct gj_waiting_cell {
    const char *text; /* NULL: a number */
    int64_t number;   /* or the text's bytes */
};

/* The statement of `sql`, a string literal, reset and ready; NULL: told. `types` has a letter for
 * each value: i int64_t, s struct gj_str, n nothing (NULL). A '!' before them: rows that wait are
 * written first, since the statement reads or changes such. */
sqlite3_stmt *gj_sql(struct gj_store *store, const char *sql, const char *types, ...);

/* The same without values, and nothing is written first. */
sqlite3_stmt *gj_sql_prepared(struct gj_store *store, const char *sql);

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

/* ---- sqlite_waiting.c: rows that wait for the commit, or for who asks for such ---- */

/* Adds a row; its values are those of the table's columns there. */
int gj_sql_wait(struct gj_store *store, enum gj_waiting_table table, ...);
int gj_sql_write_waiting(struct gj_store *store);
void gj_sql_drop_waiting(struct gj_store *store);

/* Done once for a database that has such tables, and at the end for every one. */
int gj_sql_open_waiting(struct gj_store *store);
void gj_sql_close_waiting(struct gj_store *store);

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
