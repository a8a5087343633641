/* Room store: rows that wait to be written, many with one statement (see sqlite.h). A virtual table
 * of SQLite shows them, so that they are inserted by selecting from it: a row then costs little
 * more than its places in the trees. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "store/sqlite.h"

#define ROWS_MAX 4096 /* so many are written before the commit */

/* What is inserted into, the types of its columns as gj_sql has them, and how. A failure fails the
 * whole batch: nothing need be kept for taking back the statement alone. */
static const struct table {
    const char *types, *sql;
} tables[GJ_WAITING_TABLES] = {
    [GJ_WAITING_CASE] = {"iisiiss",
                         "INSERT OR FAIL INTO cases(id, shop, family, due, bound, body, links) "
                         "SELECT c0, c1, c2, c3, c4, c5, c6 FROM waiting"},
    [GJ_WAITING_LINK] = {"ii", "INSERT OR IGNORE INTO event_case SELECT c0, c1 FROM waiting"},
    [GJ_WAITING_FOUND] = {"iiiiissssss",
                          "INSERT OR FAIL INTO finding(id, shop, case_id, seq, at, rule, kind, "
                          "subject, agent, severity, because) SELECT c0, c1, c2, c3, c4, c5, c6, "
                          "c7, c8, c9, c10 FROM waiting"},
    [GJ_WAITING_ENTRY] = {"iiiisssssssi",
                          "INSERT OR FAIL INTO entry(shop, case_id, seq, at, entry, rule, account, "
                          "unit, class, paid_as, reverses, amount) SELECT c0, c1, c2, c3, c4, c5, "
                          "c6, c7, c8, c9, c10, c11 FROM waiting"},
    [GJ_WAITING_MARK] =
        {"iiiiissss", "INSERT OR FAIL INTO mark(shop, case_id, seq, at, day, counter, key, item, "
                      "product) SELECT c0, c1, c2, c3, c4, c5, c6, c7, c8 FROM waiting"},
};

/* ---- the virtual table: the rows of store->written ---- */

struct view {
    sqlite3_vtab base;
    struct gj_store *store;
};

struct cursor {
    sqlite3_vtab_cursor base;
    size_t row;
};

static int connect(sqlite3 *db, void *store, int argc, const char *const *argv, sqlite3_vtab **out,
                   char **why)
{
    (void)argc;
    (void)argv;
    (void)why;
    struct view *view = calloc(1, sizeof *view);
    *out = &view->base;
    if (view == NULL) {
        return SQLITE_NOMEM;
    }
    view->store = store;
    return sqlite3_declare_vtab(
        db, "CREATE TABLE waiting(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11)");
}

static int disconnect(sqlite3_vtab *view)
{
    free(view);
    return SQLITE_OK;
}

static int plan(sqlite3_vtab *view, sqlite3_index_info *info)
{
    (void)view;
    info->estimatedCost = ROWS_MAX;
    return SQLITE_OK;
}

static int open_cursor(sqlite3_vtab *view, sqlite3_vtab_cursor **out)
{
    (void)view;
    struct cursor *cursor = calloc(1, sizeof *cursor);
    *out = &cursor->base;
    return cursor == NULL ? SQLITE_NOMEM : SQLITE_OK;
}

static int close_cursor(sqlite3_vtab_cursor *cursor)
{
    free(cursor);
    return SQLITE_OK;
}

static int filter(sqlite3_vtab_cursor *base, int index, const char *name, int argc,
                  sqlite3_value **argv)
{
    (void)index;
    (void)name;
    (void)argc;
    (void)argv;
    ((struct cursor *)base)->row = 0;
    return SQLITE_OK;
}

static int next(sqlite3_vtab_cursor *base)
{
    ((struct cursor *)base)->row++;
    return SQLITE_OK;
}

static const struct gj_waiting *shown(const sqlite3_vtab_cursor *cursor)
{
    return ((const struct view *)cursor->pVtab)->store->written;
}

static int at_end(sqlite3_vtab_cursor *base)
{
    const struct gj_waiting *rows = shown(base);
    return rows == NULL || ((struct cursor *)base)->row == rows->count;
}

static int column(sqlite3_vtab_cursor *base, sqlite3_context *result, int column)
{
    const struct gj_waiting *rows = shown(base);
    size_t at = ((struct cursor *)base)->row * rows->columns + (size_t)column;
    const struct gj_waiting_cell *cell = &rows->cells[at];
    if (cell->text == NULL) {
        sqlite3_result_int64(result, cell->number);
    } else {
        sqlite3_result_text64(result, cell->text, (sqlite3_uint64)cell->number, SQLITE_STATIC,
                              SQLITE_UTF8);
    }
    return SQLITE_OK;
}

static int rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out)
{
    *out = (sqlite3_int64)((struct cursor *)base)->row;
    return SQLITE_OK;
}

int gj_sql_open_waiting(struct gj_store *store)
{
    static const sqlite3_module module = {.xConnect = connect,
                                          .xBestIndex = plan,
                                          .xDisconnect = disconnect,
                                          .xOpen = open_cursor,
                                          .xClose = close_cursor,
                                          .xFilter = filter,
                                          .xNext = next,
                                          .xEof = at_end,
                                          .xColumn = column,
                                          .xRowid = rowid};
    gj_arena_init(&store->waiting_texts);
    for (size_t i = 0; i < GJ_WAITING_TABLES; i++) {
        store->waiting[i].columns = strlen(tables[i].types);
    }
    return sqlite3_create_module(store->db, "waiting", &module, store) == SQLITE_OK
               ? 0
               : gj_sql_fail(store);
}

/* ---- rows ---- */

int gj_sql_wait(struct gj_store *store, enum gj_waiting_table table, ...)
{
    struct gj_waiting *rows = &store->waiting[table];
    size_t have = rows->count * rows->columns;
    struct gj_waiting_cell *cells =
        gj_grow(rows->cells, &rows->capacity, have + rows->columns, sizeof *cells);
    va_list args;
    va_start(args, table);
    rows->cells = cells == NULL ? rows->cells : cells;
    for (size_t i = 0; cells != NULL && i < rows->columns; i++) {
        struct gj_waiting_cell *cell = &cells[have + i];
        if (tables[table].types[i] == 'i') {
            *cell = (struct gj_waiting_cell){.number = va_arg(args, int64_t)};
        } else {
            struct gj_str text = gj_arena_copy(&store->waiting_texts, va_arg(args, struct gj_str));
            *cell = (struct gj_waiting_cell){text.ptr, (int64_t)text.len};
        }
    }
    va_end(args);
    if (cells == NULL || store->waiting_texts.failed) {
        return gj_errors_say(store->errors, "out of memory; nothing of this batch was kept");
    }
    rows->count++;
    return rows->count < ROWS_MAX ? 0 : gj_sql_write_waiting(store);
}

int gj_store_write(struct gj_store *store)
{
    return gj_sql_write_waiting(store);
}

int gj_sql_write_waiting(struct gj_store *store)
{
    int status = 0;
    for (size_t i = 0; i < GJ_WAITING_TABLES && status == 0; i++) {
        if (store->waiting[i].count > 0) {
            store->written = &store->waiting[i];
            status = gj_sql_run(store, gj_sql_prepared(store, tables[i].sql));
            store->written = NULL;
            store->waiting[i].count = 0;
        }
    }
    gj_arena_reset(&store->waiting_texts);
    return status;
}

void gj_sql_drop_waiting(struct gj_store *store)
{
    for (size_t i = 0; i < GJ_WAITING_TABLES; i++) {
        store->waiting[i].count = 0;
    }
    gj_arena_reset(&store->waiting_texts);
}

void gj_sql_close_waiting(struct gj_store *store)
{
    for (size_t i = 0; i < GJ_WAITING_TABLES; i++) {
        free(store->waiting[i].cells);
    }
    gj_arena_release(&store->waiting_texts);
}
