/* Test of room engine: memory that runs out. The n-th call for memory fails, for n over the whole
 * life of a stream. Either all is as it would have been, or an error is returned; nothing is half
 * applied, and nothing leaks. */
#include <unistd.h>

#include "engine_support.h"
#include "malloc_support.h"

#ifndef SANITIZED
static struct stream small_stream(gj_errors *errors)
{
    gj_simulation settings = {.seed = 11,
                              .shops = 2,
                              .days = 2,
                              .orders = 8,
                              .from = 1772323200,
                              .late = 60,
                              .duplicates = 20};
    return stream_simulated(&settings, errors);
}

/* Opens, applies, commits, tells. NULL: an error was returned somewhere. */
static char *life(const gj_rulebook *book, const char *db, const struct stream *s,
                  gj_errors *errors, bool *opened)
{
    gj_reception got;
    gj_engine *e = gj_engine_open(book, db, errors);
    bool good = e != NULL;
    *opened = good;
    for (size_t i = 0; i < s->count && good; i++) {
        const char *line = s->events[i].line;
        good = gj_engine_apply(e, line, strlen(line), 0, &got) == GJ_OK &&
               got.status != GJ_REFUSED && (i % 40 != 39 || gj_engine_commit(e) == GJ_OK);
    }
    good = good && gj_engine_advance(e, s->end) == GJ_OK;
    char *json = good ? gj_engine_state_json(e, NULL) : NULL;
    gj_engine_close(e);
    return json;
}

static void try_all(const char *db, long from_call, long steps)
{
    gj_errors *errors = gj_errors_new();
    gj_rulebook *book = gj_rulebook_open("rulebook", getenv("GJ_TEST_CACHE"), errors);
    cr_assert_not_null(book);
    struct stream s = small_stream(errors);
    bool opened = false;
    failing = 0;
    char *whole = life(book, NULL, &s, errors, &opened);
    cr_assert_not_null(whole);
    gj_string_free(life(book, NULL, &s, errors, &opened)); /* what libraries keep is there now */
    calls = 0;
    gj_string_free(life(book, NULL, &s, errors, &opened));
    long total = calls, step = (total - from_call) / steps + 1, errors_seen = 0;
    for (long n = from_call; n <= total; n += step) {
        gj_errors_clear(errors);
        if (db != NULL) {
            unlink(db);
        }
        long before = live;
        calls = 0;
        failing = n;
        char *json = life(book, db, &s, errors, &opened);
        failing = 0;
        if (json != NULL) {
            cr_expect_str_eq(json, whole, "call %ld failed unnoticed", n);
            gj_string_free(json);
        } else {
            errors_seen++;
            gj_errors_clear(errors);
            if (db != NULL) {
                char *resumed = life(book, db, &s, errors, &opened);
                cr_expect(resumed != NULL && strcmp(resumed, whole) == 0,
                          "after call %ld has failed it cannot go on: %s", n,
                          gj_errors_text(errors));
                gj_string_free(resumed);
            }
        }
        gj_errors_clear(errors);
        cr_expect(live - before <= 4, "after call %ld has failed %ld allocations are left", n,
                  live - before);
    }
    cr_expect_gt(errors_seen, steps / 4, "%ld of %ld told", errors_seen, steps);
    gj_string_free(whole);
    stream_free(&s);
    gj_rulebook_free(book);
    gj_errors_free(errors);
}

Test(faults_memory, in_memory, .timeout = 300)
{
    const char *steps = getenv("GJ_STEPS");
    try_all(NULL, 1, steps == NULL ? 120 : strtol(steps, NULL, 10));
}

Test(faults_memory, in_a_file, .timeout = 300)
{
    const char *steps = getenv("GJ_STEPS");
    char db[] = "/tmp/guiju-memory-XXXXXX";
    int file = mkstemp(db);
    cr_assert_geq(file, 0);
    close(file);
    try_all(db, 7, steps == NULL ? 40 : strtol(steps, NULL, 10));
    char beside[64];
    unlink(db);
    snprintf(beside, sizeof beside, "%s-wal", db);
    unlink(beside);
}
#else
Test(faults_memory, in_memory)
{
    cr_skip_test("the address sanitizer allocates itself");
}
#endif
