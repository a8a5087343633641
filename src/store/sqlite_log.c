/* Room store: rulebooks, shops, the log, cases, deadlines, feeds (see store.h). */
#include <sodium.h>

#include "base/sort.h"
#include "base/vec.h"
#include "store/sqlite.h"

static int one_int(struct gj_store *store, sqlite3_stmt *stmt, int64_t standard, int64_t *out)
{
    int row = gj_sql_step(store, stmt);
    *out = row == 1 ? sqlite3_column_int64(stmt, 0) : standard;
    if (row == 1) {
        sqlite3_reset(stmt);
    }
    return row < 0 || store->failed ? -1 : 0;
}

int gj_store_rulebook(struct gj_store *store, struct gj_str hash, int64_t *id)
{
    return gj_sql_run(store, gj_sql(store, "INSERT OR IGNORE INTO rulebook(hash) VALUES(?)", "s",
                                    hash)) != 0
               ? -1
               : one_int(store, gj_sql(store, "SELECT id FROM rulebook WHERE hash=?", "s", hash), 0,
                         id);
}

/* ---- shops ---- */

static void read_shop(struct gj_store *store, sqlite3_stmt *stmt, struct gj_store_shop *out)
{
    *out = (struct gj_store_shop){sqlite3_column_int64(stmt, 0), gj_sql_text(store, stmt, 1),
                                  sqlite3_column_int64(stmt, 2), sqlite3_column_int64(stmt, 3)};
}

int gj_store_shop(struct gj_store *store, struct gj_str source, struct gj_store_shop *out)
{
    if (gj_sql_run(store,
                   gj_sql(store, "INSERT OR IGNORE INTO shop(source, now, tick) VALUES(?, ?, ?)",
                          "sii", source, INT64_MIN, INT64_MAX)) != 0) {
        return -1;
    }
    sqlite3_stmt *stmt =
        gj_sql(store, "SELECT id, source, now, tick FROM shop WHERE source=?", "s", source);
    if (gj_sql_step(store, stmt) != 1) {
        return -1;
    }
    read_shop(store, stmt, out);
    out->source = source;
    sqlite3_reset(stmt);
    return 0;
}

int gj_store_shop_set(struct gj_store *store, const struct gj_store_shop *shop)
{
    return gj_sql_run(store, gj_sql(store, "UPDATE shop SET now=?, tick=? WHERE id=?", "iii",
                                    shop->now, shop->tick, shop->id));
}

int gj_store_shops(struct gj_store *store,
                   int (*each)(void *context, const struct gj_store_shop *shop), void *context)
{
    sqlite3_stmt *stmt =
        gj_sql(store, "SELECT id, source, now, tick FROM shop ORDER BY source", "");
    int row = 0, status = 0;
    while (status == 0 && (row = gj_sql_step(store, stmt)) == 1) {
        struct gj_store_shop shop;
        read_shop(store, stmt, &shop);
        status = each(context, &shop);
    }
    sqlite3_reset(stmt);
    return row < 0 || store->failed ? -1 : status;
}

/* ---- the log ---- */

int gj_store_event_add(struct gj_store *store, struct gj_store_event *e)
{
    int status =
        gj_sql_run(store, gj_sql(store,
                                 "INSERT OR IGNORE INTO event(shop, id, at, clock, rulebook, body) "
                                 "VALUES(?,?,?,?,?,?)",
                                 "isiiis", e->shop, e->id, e->at, e->clock, e->rulebook, e->body));
    e->seq = sqlite3_changes(store->db) > 0 ? sqlite3_last_insert_rowid(store->db) : 0;
    return status;
}

int gj_store_event_looked(struct gj_store *store, int64_t shop)
{
    /* from the log's end backwards: by its index all the shop's events would be sorted */
    return gj_sql_run(store, gj_sql(store,
                                    "UPDATE event SET looked=1 WHERE seq=(SELECT seq FROM event "
                                    "NOT INDEXED WHERE shop=? ORDER BY seq DESC LIMIT 1)",
                                    "i", shop));
}

int gj_store_foreign(struct gj_store *store, int64_t rulebook, int64_t *events, struct gj_str *hash)
{
    sqlite3_stmt *stmt = gj_sql(store,
                                "SELECT count(*), max(r.hash) FROM event e JOIN rulebook r "
                                "ON r.id = e.rulebook WHERE e.rulebook <> ?",
                                "i", rulebook);
    int row = gj_sql_step(store, stmt);
    *events = row == 1 ? sqlite3_column_int64(stmt, 0) : 0;
    *hash = row == 1 ? gj_sql_text(store, stmt, 1) : GJ_STR("");
    return row < 0 || store->failed ? -1 : 0;
}

int gj_store_decided(struct gj_store *store, int64_t rulebook)
{
    return gj_sql_run(
        store, gj_sql(store, "UPDATE event SET rulebook=?1 WHERE rulebook<>?1", "i", rulebook));
}

static int walk_events(struct gj_store *store, sqlite3_stmt *stmt,
                       int (*each)(void *context, const struct gj_store_event *event),
                       void *context)
{
    int row = 0, status = 0;
    while (status == 0 && (row = gj_sql_step(store, stmt)) == 1) {
        struct gj_store_event event = {.seq = sqlite3_column_int64(stmt, 0),
                                       .shop = sqlite3_column_int64(stmt, 1),
                                       .at = sqlite3_column_int64(stmt, 2),
                                       .clock = sqlite3_column_int64(stmt, 3),
                                       .rulebook = sqlite3_column_int64(stmt, 4),
                                       .looked = sqlite3_column_int64(stmt, 5) != 0,
                                       .id = gj_sql_text(store, stmt, 6),
                                       .body = gj_sql_text(store, stmt, 7)};
        event.late = event.clock > event.at;
        status = each(context, &event);
    }
    if (stmt != NULL) {
        sqlite3_reset(stmt);
    }
    return row < 0 || store->failed ? -1 : status;
}

int gj_store_case_events(struct gj_store *store, int64_t case_id,
                         int (*each)(void *context, const struct gj_store_event *event),
                         void *context)
{
    return walk_events(store,
                       gj_sql(store,
                              "SELECT e.seq, e.shop, e.at, e.clock, e.rulebook, e.looked, "
                              "e.id, e.body FROM "
                              "event_case c JOIN event e ON e.seq = c.seq WHERE c.case_id=? "
                              "ORDER BY c.seq",
                              "!i", case_id),
                       each, context);
}

int gj_store_event_numbered(struct gj_store *store, int64_t seq,
                            int (*each)(void *context, const struct gj_store_event *event),
                            void *context)
{
    return walk_events(store,
                       gj_sql(store,
                              "SELECT seq, shop, at, clock, rulebook, looked, id, body FROM event "
                              "WHERE seq=?",
                              "i", seq),
                       each, context);
}

int gj_store_event_get(struct gj_store *store, int64_t shop, struct gj_str id,
                       int (*each)(void *context, const struct gj_store_event *event),
                       void *context)
{
    return walk_events(store,
                       gj_sql(store,
                              "SELECT seq, shop, at, clock, rulebook, looked, id, body FROM event "
                              "WHERE shop=? AND id=?",
                              "is", shop, id),
                       each, context);
}

int gj_store_log(struct gj_store *store, int64_t after_seq,
                 int (*each)(void *context, const struct gj_store_event *event), void *context)
{
    return walk_events(store,
                       gj_sql(store,
                              "SELECT seq, shop, at, clock, rulebook, looked, id, body FROM event "
                              "WHERE seq>? ORDER BY seq",
                              "i", after_seq),
                       each, context);
}

/* ---- cases ---- */

int gj_store_entity_case(struct gj_store *store, int64_t shop, struct gj_str kind, struct gj_str id,
                         int64_t *case_id)
{
    return one_int(store,
                   gj_sql(store, "SELECT case_id FROM entity WHERE shop=? AND kind=? AND id=?",
                          "iss", shop, kind, id),
                   0, case_id);
}

int gj_store_entity_add(struct gj_store *store, int64_t shop, struct gj_str kind, struct gj_str id,
                        int64_t case_id)
{
    return gj_sql_run(store, gj_sql(store, "INSERT INTO entity VALUES(?,?,?,?)", "issi", shop, kind,
                                    id, case_id));
}

int gj_store_entity_offer(struct gj_store *store, int64_t shop, struct gj_str kind,
                          struct gj_str id, int64_t case_id, bool *added)
{
    int status = gj_sql_run(store, gj_sql(store, "INSERT OR IGNORE INTO entity VALUES(?,?,?,?)",
                                          "issi", shop, kind, id, case_id));
    *added = sqlite3_changes(store->db) > 0;
    return status;
}

int gj_store_entity_cases(struct gj_store *store, int64_t shop, struct gj_str kind,
                          int (*each)(void *context, int64_t case_id), void *context)
{
    sqlite3_stmt *stmt = gj_sql(
        store, "SELECT case_id FROM entity WHERE shop=? AND kind=? ORDER BY id", "is", shop, kind);
    int row = 0, status = 0;
    while (status == 0 && (row = gj_sql_step(store, stmt)) == 1) {
        status = each(context, sqlite3_column_int64(stmt, 0));
    }
    sqlite3_reset(stmt);
    return row < 0 || store->failed ? -1 : status;
}

int gj_store_entity_move(struct gj_store *store, int64_t shop, struct gj_str kind, struct gj_str id,
                         int64_t case_id)
{
    return gj_sql_run(store,
                      gj_sql(store, "UPDATE entity SET case_id=? WHERE shop=? AND kind=? AND id=?",
                             "iiss", case_id, shop, kind, id));
}

int gj_store_entities(struct gj_store *store, int64_t shop, struct gj_str kind,
                      struct gj_str prefix, int (*each)(void *context, struct gj_str id),
                      void *context)
{
    sqlite3_stmt *stmt = gj_sql(store,
                                "SELECT id FROM entity WHERE shop=?1 AND kind=?2 AND id>=?3 AND "
                                "substr(id, 1, length(?3))=?3 AND id<?3||char(1114111) ORDER BY id",
                                "iss", shop, kind, prefix);
    int row = 0, status = 0;
    while (status == 0 && (row = gj_sql_step(store, stmt)) == 1) {
        status = each(context, gj_sql_text(store, stmt, 0));
    }
    sqlite3_reset(stmt);
    return row < 0 || store->failed ? -1 : status;
}

int gj_store_entities_after(struct gj_store *store, int64_t shop, struct gj_str kind,
                            struct gj_str id,
                            int (*each)(void *context, struct gj_str kind, struct gj_str id),
                            void *context)
{
    sqlite3_stmt *stmt = gj_sql(store,
                                "SELECT kind, id FROM entity WHERE shop=? AND (kind, id)>(?,?) "
                                "ORDER BY kind, id",
                                "iss", shop, kind, id);
    int row = 0, status = 0;
    while (status == 0 && (row = gj_sql_step(store, stmt)) == 1) {
        status = each(context, gj_sql_text(store, stmt, 0), gj_sql_text(store, stmt, 1));
    }
    sqlite3_reset(stmt);
    return row < 0 || store->failed ? -1 : status;
}

int gj_store_case_number(struct gj_store *store, int64_t *case_id)
{
    if (store->next_case == 0) {
        int64_t last = 0;
        if (one_int(store, gj_sql(store, "SELECT max(id) FROM cases", "!"), 0, &last) != 0) {
            return -1;
        }
        store->next_case = last + 1;
    }
    *case_id = store->next_case++;
    return 0;
}

int gj_store_case_add(struct gj_store *store, const struct gj_store_case *row)
{
    return gj_sql_wait(store, GJ_WAITING_CASE, row->id, row->shop, row->family, row->due,
                       (int64_t)row->bound, row->body, row->links);
}

int gj_store_case_link(struct gj_store *store, int64_t case_id, int64_t seq)
{
    return gj_sql_wait(store, GJ_WAITING_LINK, case_id, seq);
}

int gj_store_case_merge(struct gj_store *store, int64_t into, int64_t from)
{
    static const char *const moves[] = {"UPDATE OR IGNORE event_case SET case_id=? WHERE case_id=?",
                                        "UPDATE entity SET case_id=? WHERE case_id=?",
                                        "UPDATE finding SET case_id=? WHERE case_id=?",
                                        "UPDATE entry SET case_id=? WHERE case_id=?",
                                        "UPDATE measure SET case_id=? WHERE case_id=?",
                                        "UPDATE mark SET case_id=? WHERE case_id=?"};
    static const char *const ends[] = {"DELETE FROM event_case WHERE case_id=?",
                                       "DELETE FROM cases WHERE id=?"};
    int status = gj_sql_write_waiting(store);
    for (size_t i = 0; i < sizeof moves / sizeof moves[0] && status == 0; i++) {
        status = gj_sql_run(store, gj_sql(store, moves[i], "ii", into, from));
    }
    for (size_t i = 0; i < sizeof ends / sizeof ends[0] && status == 0; i++) {
        status = gj_sql_run(store, gj_sql(store, ends[i], "i", from));
    }
    return status;
}

#define CASE_COLUMNS "id, shop, due, bound, family, body, links"

static struct gj_store_case case_row(struct gj_store *store, sqlite3_stmt *stmt)
{
    return (struct gj_store_case){sqlite3_column_int64(stmt, 0), sqlite3_column_int64(stmt, 1),
                                  sqlite3_column_int64(stmt, 2), sqlite3_column_int64(stmt, 3) != 0,
                                  gj_sql_text(store, stmt, 4),   gj_sql_text(store, stmt, 5),
                                  gj_sql_text(store, stmt, 6)};
}

int gj_store_case_read(struct gj_store *store, int64_t case_id, struct gj_store_case *out)
{
    sqlite3_stmt *stmt =
        gj_sql(store, "SELECT " CASE_COLUMNS " FROM cases WHERE id=?", "!i", case_id);
    int row = gj_sql_step(store, stmt);
    *out = (struct gj_store_case){.id = case_id,
                                  .due = INT64_MAX,
                                  .family = GJ_STR(""),
                                  .body = GJ_STR(""),
                                  .links = GJ_STR("")};
    if (row == 1) {
        *out = case_row(store, stmt);
    }
    return row < 0 || store->failed ? -1 : 0;
}

int gj_store_case_set(struct gj_store *store, const struct gj_store_case *row)
{
    return gj_sql_run(
        store, gj_sql(store, "UPDATE cases SET due=?, bound=?, body=?, links=? WHERE id=?", "iissi",
                      row->due, (int64_t)row->bound, row->body, row->links, row->id));
}

int gj_store_case_body(struct gj_store *store, const struct gj_store_case *row)
{
    return gj_sql_run(store, gj_sql(store, "UPDATE cases SET body=?, links=? WHERE id=?", "ssi",
                                    row->body, row->links, row->id));
}

int gj_store_cases_lived(struct gj_store *store, int64_t shop, int64_t at,
                         int (*each)(void *context, int64_t case_id), void *context)
{
    /* a case's bytes begin with that instant: "[1772330400000000,..." */
    sqlite3_stmt *stmt = gj_sql(store,
                                "SELECT id FROM cases WHERE shop=? AND body<>'' AND "
                                "CAST(substr(body, 2, 20) AS INTEGER)>=? ORDER BY id",
                                "!ii", shop, at);
    int row = 0, status = 0;
    while (status == 0 && (row = gj_sql_step(store, stmt)) == 1) {
        status = each(context, sqlite3_column_int64(stmt, 0));
    }
    sqlite3_reset(stmt);
    return row < 0 || store->failed ? -1 : status;
}

int gj_store_case_due(struct gj_store *store, int64_t case_id, int64_t due, bool bound)
{
    return gj_sql_run(store, gj_sql(store, "UPDATE cases SET due=?, bound=? WHERE id=?", "iii", due,
                                    (int64_t)bound, case_id));
}

#define DUE "due<9223372036854775807" /* as the index has it, or it is not used */

int gj_store_due_next(struct gj_store *store, int64_t shop, int64_t at, int64_t case_id,
                      int64_t limit, int (*each)(void *context, int64_t at, int64_t case_id),
                      void *context)
{
    sqlite3_stmt *stmt =
        gj_sql(store,
               "SELECT due, id FROM cases WHERE shop=? AND (due, id)>(?,?) AND " DUE
               " ORDER BY due, id LIMIT ?",
               "!iiii", shop, at, case_id, limit);
    int row = 0, status = 0;
    while (status == 0 && (row = gj_sql_step(store, stmt)) == 1) {
        status = each(context, sqlite3_column_int64(stmt, 0), sqlite3_column_int64(stmt, 1));
    }
    sqlite3_reset(stmt);
    return row < 0 || store->failed ? -1 : status;
}

int gj_store_due_list(struct gj_store *store, int64_t shop, int64_t before,
                      int (*each)(void *context, int64_t shop, int64_t at, int64_t case_id),
                      void *context)
{
    sqlite3_stmt *stmt =
        shop == 0 ? gj_sql(store,
                           "SELECT shop, due, id FROM cases WHERE due<? AND " DUE
                           " ORDER BY shop, due, id",
                           "!i", before)
                  : gj_sql(store,
                           "SELECT shop, due, id FROM cases WHERE shop=? AND due<? AND " DUE
                           " ORDER BY due, id",
                           "!ii", shop, before);
    int row = 0, status = 0;
    while (status == 0 && (row = gj_sql_step(store, stmt)) == 1) {
        status = each(context, sqlite3_column_int64(stmt, 0), sqlite3_column_int64(stmt, 1),
                      sqlite3_column_int64(stmt, 2));
    }
    sqlite3_reset(stmt);
    return row < 0 || store->failed ? -1 : status;
}

int gj_store_due_count(struct gj_store *store, int64_t shop, int64_t from, int64_t *count)
{
    return one_int(store,
                   gj_sql(store, "SELECT count(*) FROM cases WHERE shop=? AND due>=? AND " DUE,
                          "!ii", shop, from),
                   0, count);
}

static int walk_cases(struct gj_store *store, sqlite3_stmt *stmt,
                      int (*each)(void *context, const struct gj_store_case *row), void *context)
{
    int row = 0, status = 0;
    while (status == 0 && (row = gj_sql_step(store, stmt)) == 1) {
        struct gj_store_case found = case_row(store, stmt);
        status = each(context, &found);
    }
    sqlite3_reset(stmt);
    return row < 0 || store->failed ? -1 : status;
}

int gj_store_cases(struct gj_store *store, int64_t shop,
                   int (*each)(void *context, const struct gj_store_case *row), void *context)
{
    return walk_cases(store,
                      gj_sql(store,
                             "SELECT " CASE_COLUMNS " FROM cases WHERE (?1=0 OR shop=?1) "
                             "ORDER BY id",
                             "!i", shop),
                      each, context);
}

int gj_store_cases_bound(struct gj_store *store, int64_t shop,
                         int (*each)(void *context, const struct gj_store_case *row), void *context)
{
    return walk_cases(store,
                      gj_sql(store,
                             "SELECT " CASE_COLUMNS " FROM cases WHERE shop=? AND bound=1 "
                             "ORDER BY id",
                             "!i", shop),
                      each, context);
}

/* ---- feeds ---- */

int gj_store_feed_get(struct gj_store *store, struct gj_str name, struct gj_store_feed *out)
{
    sqlite3_stmt *stmt = gj_sql(store,
                                "SELECT offset, line, applied, duplicate, rejected, late, "
                                "prefix_hash FROM feed WHERE name=?",
                                "s", name);
    int row = gj_sql_step(store, stmt);
    *out = (struct gj_store_feed){.name = name, .prefix_hash = GJ_STR("")};
    if (row == 1) {
        *out = (struct gj_store_feed){name,
                                      sqlite3_column_int64(stmt, 0),
                                      sqlite3_column_int64(stmt, 1),
                                      sqlite3_column_int64(stmt, 2),
                                      sqlite3_column_int64(stmt, 3),
                                      sqlite3_column_int64(stmt, 4),
                                      sqlite3_column_int64(stmt, 5),
                                      gj_sql_text(store, stmt, 6)};
    }
    return row < 0 || store->failed ? -1 : 0;
}

int gj_store_feed_set(struct gj_store *store, const struct gj_store_feed *f)
{
    return gj_sql_run(store, gj_sql(store, "INSERT OR REPLACE INTO feed VALUES(?,?,?,?,?,?,?,?)",
                                    "siiiiiis", f->name, f->offset, f->line, f->applied,
                                    f->duplicate, f->rejected, f->late, f->prefix_hash));
}

int gj_store_ahead_add(struct gj_store *store, struct gj_str feed, int64_t line)
{
    return gj_sql_run(store,
                      gj_sql(store, "INSERT OR IGNORE INTO ahead VALUES(?,?)", "si", feed, line));
}

int gj_store_ahead(struct gj_store *store, struct gj_str feed, int64_t line, bool *there)
{
    int64_t found = 0;
    int status = one_int(
        store, gj_sql(store, "SELECT 1 FROM ahead WHERE feed=? AND line=?", "si", feed, line), 0,
        &found);
    *there = found != 0;
    return status;
}

int gj_store_ahead_last(struct gj_store *store, struct gj_str feed, int64_t *line)
{
    return one_int(store, gj_sql(store, "SELECT max(line) FROM ahead WHERE feed=?", "s", feed), 0,
                   line);
}

int gj_store_refusals_drop(struct gj_store *store, struct gj_str feed, int64_t line, int64_t *count)
{
    int status =
        gj_sql_run(store, gj_sql(store,
                                 "DELETE FROM refusal WHERE feed=?1 AND line>?2 AND line NOT IN "
                                 "(SELECT line FROM ahead WHERE feed=?1)",
                                 "si", feed, line));
    *count = sqlite3_changes(store->db);
    return status;
}

int gj_store_refusal_add(struct gj_store *store, struct gj_str feed, int64_t line, struct gj_str id,
                         struct gj_str why)
{
    return gj_sql_run(store, gj_sql(store, "INSERT OR REPLACE INTO refusal VALUES(?,?,?,?)", "siss",
                                    feed, line, id, why));
}

int gj_store_refusals(struct gj_store *store, struct gj_str feed,
                      int (*each)(void *context, int64_t line, struct gj_str id, struct gj_str why),
                      void *context)
{
    sqlite3_stmt *stmt =
        gj_sql(store, "SELECT line, id, why FROM refusal WHERE feed=? ORDER BY line", "s", feed);
    int row = 0, status = 0;
    while (status == 0 && (row = gj_sql_step(store, stmt)) == 1) {
        status = each(context, sqlite3_column_int64(stmt, 0), gj_sql_text(store, stmt, 1),
                      gj_sql_text(store, stmt, 2));
    }
    sqlite3_reset(stmt);
    return row < 0 || store->failed ? -1 : status;
}

/* ---- notices ---- */

int gj_store_notice_add(struct gj_store *store, struct gj_notice_text *n)
{
    int status = gj_sql_run(
        store, gj_sql(store, "INSERT INTO notice(at, source, type, body) VALUES(?,?,?,?)", "isss",
                      n->at, n->source, n->type, n->body));
    n->seq = status == 0 ? sqlite3_last_insert_rowid(store->db) : 0;
    return status;
}

int gj_store_notices(struct gj_store *store, int64_t after_seq, int64_t limit,
                     int (*each)(void *context, const struct gj_notice_text *notice), void *context)
{
    sqlite3_stmt *stmt = gj_sql(store,
                                "SELECT seq, at, source, type, body FROM notice WHERE seq>? "
                                "ORDER BY seq LIMIT ?",
                                "ii", after_seq, limit);
    int row = 0, status = 0;
    while (status == 0 && (row = gj_sql_step(store, stmt)) == 1) {
        struct gj_notice_text notice = {sqlite3_column_int64(stmt, 0),
                                        sqlite3_column_int64(stmt, 1), gj_sql_text(store, stmt, 2),
                                        gj_sql_text(store, stmt, 3), gj_sql_text(store, stmt, 4)};
        status = each(context, &notice);
    }
    sqlite3_reset(stmt);
    return row < 0 || store->failed ? -1 : status;
}

int gj_store_notices_drop(struct gj_store *store, int64_t before_at)
{
    return gj_sql_run(store, gj_sql(store, "DELETE FROM notice WHERE at<?", "i", before_at));
}

int gj_store_notice_last(struct gj_store *store, int64_t *seq)
{
    return one_int(store, gj_sql(store, "SELECT seq FROM sqlite_sequence WHERE name='notice'", ""),
                   0, seq);
}

/* ---- the state's hash ---- */

static int hash_rows(struct gj_store *store, crypto_generichash_state *state, const char *sql)
{
    sqlite3_stmt *stmt = gj_sql(store, sql, "!");
    int row = 0;
    while ((row = gj_sql_step(store, stmt)) == 1) {
        for (int c = 0; c < sqlite3_column_count(stmt); c++) {
            struct gj_str text = gj_sql_text(store, stmt, c);
            uint64_t len = text.len;
            crypto_generichash_update(state, (const unsigned char *)&len, sizeof len);
            crypto_generichash_update(state, (const unsigned char *)text.ptr, text.len);
        }
    }
    return store->failed ? -1 : row;
}

int gj_store_state_hash(struct gj_store *store, char out[33])
{
    /* by content, not by row number: those depend on the order of arrival */
    static const char *const parts[] = {
        "SELECT source, now, tick FROM shop ORDER BY source",
        "SELECT s.source, c.family, c.body FROM cases c JOIN shop s ON s.id = c.shop "
        "ORDER BY 1, 2, 3",
        "SELECT s.source, e.kind, e.id FROM entity e JOIN shop s ON s.id = e.shop ORDER BY 1, 2, 3",
        "SELECT s.source, c.due FROM cases c JOIN shop s ON s.id = c.shop WHERE c." DUE
        " ORDER BY 1, 2",
        "SELECT s.source, f.at, rule, kind, subject, agent, severity, because, withdrawn "
        "FROM finding f JOIN shop s ON s.id = f.shop ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9",
        "SELECT s.source, e.at, entry, rule, account, amount, unit, class, paid_as, reverses "
        "FROM entry e JOIN shop s ON s.id = e.shop ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10",
        "SELECT s.source, from_at, to_at, own_to, ends, rule, kind, subject, what, withdrawn "
        "FROM measure m JOIN shop s ON s.id = m.shop ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10",
        "SELECT s.source, counter, m.at, key, item, product FROM mark m "
        "JOIN shop s ON s.id = m.shop ORDER BY 1, 2, 3, 4, 5, 6"};
    unsigned char digest[16];
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof digest);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (hash_rows(store, &state, parts[i]) < 0) {
            return -1;
        }
    }
    crypto_generichash_final(&state, digest, sizeof digest);
    sodium_bin2hex(out, 33, digest, sizeof digest);
    return 0;
}
