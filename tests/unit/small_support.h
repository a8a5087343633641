/* Tests of rooms flow, tally and engine: an engine under a small rulebook of its own, legal but
 * odd, told events line by line. */
#ifndef GJ_TESTS_SMALL_SUPPORT_H
#define GJ_TESTS_SMALL_SUPPORT_H

#include <stdio.h>
#include <unistd.h>

#include "book_support.h"
#include "engine/inside.h"

#define WORLD                                                                                  \
    "entities:\n"                                                                              \
    "  shop: {}\n"                                                                             \
    "  order: {id: order_id, family: order}\n"                                                 \
    "  claim: {id: claim_id, family: order}\n"                                                 \
    "  buyer: {id: buyer_id}\n"                                                                \
    "  finding: {id: finding_id}\n"                                                            \
    "  product: {id: product_id}\n"                                                            \
    "  agent: {id: agent_id}\n"                                                                \
    "  session: {id: session_id}\n"                                                            \
    "---\n"                                                                                    \
    "events:\n"                                                                                \
    "  shop.configured:\n"                                                                     \
    "    about: shop\n"                                                                        \
    "    data:\n"                                                                              \
    "      zone?: string\n"                                                                    \
    "      open?: bool\n"                                                                      \
    "      category_means?: {\"*\": {rate_bp: int, count: int}}\n"                             \
    "  order.made:\n"                                                                          \
    "    about: order\n"                                                                       \
    "    data: {order_id: string, \"claim_id?\": string, \"due?\": timestamp}\n"               \
    "    example: {order_id: O1}\n"                                                            \
    "  order.told:\n"                                                                          \
    "    about: order\n"                                                                       \
    "    data: {order_id: string, \"n?\": int}\n"                                              \
    "    example: {order_id: O1}\n"                                                            \
    "  claim.made:\n"                                                                          \
    "    about: claim\n"                                                                       \
    "    data: {claim_id: string, order_id: string}\n"                                         \
    "    example: {claim_id: C1, order_id: O1}\n"                                              \
    "  buyer.asked:\n"                                                                         \
    "    about: buyer\n"                                                                       \
    "    data: {buyer_id: string}\n"                                                           \
    "    example: {buyer_id: b1}\n"                                                            \
    "  order.said:\n"                                                                          \
    "    about: order\n"                                                                       \
    "    judged: true\n"                                                                       \
    "    data: {order_id: string, buyer_id: string, text: string}\n"                           \
    "    example: {order_id: O1, buyer_id: b1, text: t}\n"                                     \
    "  buyer.heard: {about: buyer, of: order.said, every: true}\n"                             \
    "  buyer.bad:\n"                                                                           \
    "    about: buyer\n"                                                                       \
    "    data: {buyer_id: string, \"since?\": timestamp}\n"                                    \
    "    example: {buyer_id: b1}\n"                                                            \
    "  agent.came:\n"                                                                          \
    "    about: agent\n"                                                                       \
    "    data: {agent_id: string}\n"                                                           \
    "    example: {agent_id: a1}\n"                                                            \
    "  session.opened:\n"                                                                      \
    "    about: session\n"                                                                     \
    "    data: {session_id: string, \"agent_id?\": string}\n"                                  \
    "    example: {session_id: S1}\n"                                                          \
    "  finding.ruled:\n"                                                                       \
    "    about: finding\n"                                                                     \
    "    data: {finding_id: string, rule: string, subject: {kind: string, id: string}, "       \
    "\"points?\": int}\n"                                                                      \
    "    example: {finding_id: F1, rule: r, subject: {kind: order, id: O1}}\n"                 \
    "  penalty.notified:\n"                                                                    \
    "    about: finding\n"                                                                     \
    "    data: {finding_id: string, \"rule?\": string, \"points?\": int, \"class?\": string, " \
    "\"fine_fen?\": int}\n"                                                                    \
    "    example: {finding_id: F1}\n"                                                          \
    "  penalty.settled:\n"                                                                     \
    "    about: finding\n"                                                                     \
    "    data: {finding_id: string, outcome: string, \"points?\": int, \"fine_fen?\": int}\n"  \
    "    example: {finding_id: F1, outcome: lifted}\n"
#define HEAD "title: {zh: 名, en: name}\ncites: {source: law, place: art 1}\n"

struct small {
    gj_errors *errors;
    gj_rulebook *book;
    gj_engine *engine;
    int told; /* events so far: their ids */
};

/* An engine under the small rulebook with `entries`, over the database `db` (NULL: in memory). */
static inline struct small open_small(const char *entries, const char *db)
{
    char dir[] = "/tmp/guiju-small-XXXXXX", file[64];
    struct small s = {.errors = gj_errors_new()};
    cr_assert_not_null(mkdtemp(dir));
    snprintf(file, sizeof file, "%s/all.yaml", dir);
    FILE *out = fopen(file, "w");
    cr_assert_not_null(out);
    fprintf(out, "%s%s---\n%s", SMALL_BOOK, WORLD, entries);
    cr_assert_eq(fclose(out), 0);
    s.book = gj_rulebook_open(dir, "", s.errors);
    s.engine = s.book == NULL ? NULL : gj_engine_open(s.book, db, s.errors);
    unlink(file);
    rmdir(dir);
    cr_assert(s.engine != NULL, "%s", gj_errors_text(s.errors));
    return s;
}

static inline void close_small(struct small *s)
{
    gj_engine_close(s->engine);
    gj_rulebook_free(s->book);
    gj_errors_free(s->errors);
}

/* `time` with its offset; `data` with ' for ". */
static inline void tell(struct small *s, const char *time, const char *type, const char *data)
{
    char line[1000];
    gj_reception got;
    int len = snprintf(line, sizeof line,
                       "{'specversion':'1.0','id':'e%d','source':'/here/s1','type':'%s',"
                       "'time':'%s','data':%s}",
                       s->told++, type, time, data);
    for (int i = 0; i < len; i++) {
        line[i] = line[i] == '\'' ? '"' : line[i];
    }
    cr_assert_eq(gj_engine_apply(s->engine, line, (size_t)len, 0, &got), GJ_OK, "%s",
                 gj_errors_text(s->errors));
    cr_assert_eq(got.status, GJ_APPLIED, "%s", got.why);
}

static inline int64_t at(const char *time)
{
    int64_t micros = 0;
    cr_assert_eq(gj_time_parse(time, &micros), 0);
    return micros;
}

static inline void expect_state(struct small *s, const char *wanted, bool there)
{
    char *json = gj_engine_state_json(s->engine, NULL);
    cr_assert(json != NULL, "%s", gj_errors_text(s->errors));
    cr_expect_eq(strstr(json, wanted) != NULL, there, "%s %s in\n%s", wanted,
                 there ? "is not" : "is", json);
    gj_string_free(json);
}

/* The database is whole, and a rebuild makes the same of its log. */
static inline void expect_whole(struct small *s)
{
    char before[33], after[33];
    cr_expect_eq(gj_engine_check(s->engine, s->errors), GJ_OK, "%s", gj_errors_text(s->errors));
    cr_expect_eq(gj_engine_rebuild(s->engine, before, after), GJ_OK);
    cr_expect_str_eq(before, after);
}

#endif
