/* Test of room engine: memory that runs out. The n-th call for memory fails, for n over the whole
 * life of a stream. Either all is as it would have been, or an error is returned; nothing is half
 * applied, and nothing leaks. */
#include <unistd.h>

#include "engine_support.h"
#include "malloc_support.h"

#ifndef SANITIZED
static struct stream small_stream(const char *platform, gj_errors *errors)
{
    gj_simulation settings = {.seed = 11,
                              .shops = 2,
                              .days = 2,
                              .orders = 8,
                              .platform = platform,
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

/* The same by one engine, which after a failure goes on from its last commit. */
static char *life_reopened(const gj_rulebook *book, const char *db, const struct stream *s,
                           gj_errors *errors, bool *opened)
{
    gj_reception got;
    gj_engine *e = gj_engine_open(book, db, errors);
    size_t kept = 0, failures = 0;
    bool good = e != NULL;
    *opened = good;
    for (size_t i = 0; good && i <= s->count; i++) {
        const char *line = i < s->count ? s->events[i].line : NULL;
        bool done = line == NULL ? gj_engine_advance(e, s->end) == GJ_OK
                                 : gj_engine_apply(e, line, strlen(line), 0, &got) == GJ_OK;
        if (done && i % 40 == 39) {
            done = gj_engine_commit(e) == GJ_OK;
            kept = done ? i + 1 : kept;
        }
        if (!done) {
            good = ++failures < 3 && gj_engine_reopen(e) == GJ_OK;
            i = kept - 1;
        }
    }
    char *json = good ? gj_engine_state_json(e, NULL) : NULL;
    json = good && json == NULL ? gj_engine_state_json(e, NULL) : json;
    gj_engine_close(e);
    return json;
}

static void try_all(const char *db, long from_call, long steps)
{
    gj_errors *errors = gj_errors_new();
    gj_rulebook *book = gj_rulebook_open("rulebook", getenv("GJ_TEST_CACHE"), errors);
    cr_assert_not_null(book);
    struct stream s = small_stream(NULL, errors);
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

static int add_figures(void *context, const gj_metric_row *row)
{
    int64_t *sum = context;
    *sum += row->numerator + 3 * row->denominator;
    return 0;
}

/* The figures of the metrics of the stream's first shop; -1: told as an error. */
static int64_t sum_of_figures(gj_engine *e, const struct stream *s, gj_errors *errors)
{
    int64_t sum = 0;
    bool good =
        gj_engine_metrics(e, s->events[0].source, gj_engine_now(e), 2, add_figures, &sum) == GJ_OK;
    cr_assert(good || gj_errors_count(errors) > 0);
    return good ? sum : -1;
}

/* What cannot be read is read the next time: the engine is not left with half of a shop. */
Test(faults_memory, reading, .timeout = 300)
{
    char db[] = "/tmp/guiju-memory-XXXXXX", hash[2][33];
    gj_errors *errors = gj_errors_new();
    gj_rulebook *book = gj_rulebook_open("rulebook", getenv("GJ_TEST_CACHE"), errors);
    int file = mkstemp(db);
    cr_assert_geq(file, 0);
    close(file);
    cr_assert_not_null(book);
    struct stream s = small_stream(NULL, errors);
    bool opened = false;
    failing = 0;
    gj_string_free(life(book, db, &s, errors, &opened));
    for (long n = 1; n <= 150; n++) {
        gj_engine *e = gj_engine_open(book, db, errors);
        cr_assert_not_null(e);
        gj_errors_clear(errors);
        calls = 0;
        failing = n;
        int64_t due = gj_engine_next_due(e), now = gj_engine_now(e);
        char *json = gj_engine_state_json(e, NULL);
        bool good = json != NULL;
        failing = 0;
        gj_string_free(json);
        cr_expect(good || gj_errors_count(errors) > 0, "call %ld", n);
        gj_errors_clear(errors);
        due = gj_engine_next_due(e);
        now = gj_engine_now(e);
        cr_assert_eq(gj_engine_state_hash(e, hash[n > 1]), GJ_OK, "call %ld: %s", n,
                     gj_errors_text(errors));
        cr_expect_str_eq(hash[0], hash[n > 1], "call %ld", n);
        cr_assert(due != GJ_ALWAYS && gj_engine_tick(e, due + 1) == GJ_OK && now > 0,
                  "call %ld: %s", n, gj_errors_text(errors));
        gj_engine_close(e);
    }
    stream_free(&s);
    gj_rulebook_free(book);
    gj_errors_free(errors);
    unlink(db);
}

/* Marks of which some could not be read are read anew. */
Test(faults_memory, reading_metrics, .timeout = 300)
{
    gj_errors *errors = gj_errors_new();
    gj_rulebook *book = gj_rulebook_open("rulebook", getenv("GJ_TEST_CACHE"), errors);
    cr_assert_not_null(book);
    struct stream s = small_stream("pdd", errors);
    gj_reception got;
    failing = 0;
    gj_engine *e = gj_engine_open(book, NULL, errors);
    for (size_t i = 0; i < s.count; i++) {
        gj_engine_apply(e, s.events[i].line, strlen(s.events[i].line), 0, &got);
    }
    cr_assert_eq(gj_engine_advance(e, s.end), GJ_OK);
    int64_t whole = sum_of_figures(e, &s, errors);
    cr_assert_gt(whole, 0);
    for (long n = 1; n <= 150; n++) {
        gj_errors_clear(errors);
        gj_engine_forget_marks(e);
        calls = 0;
        failing = n;
        int64_t sum = sum_of_figures(e, &s, errors);
        failing = 0;
        cr_expect(sum == -1 || sum == whole, "call %ld", n);
        cr_expect_eq(sum_of_figures(e, &s, errors), whole, "after call %ld", n);
    }
    gj_engine_close(e);
    stream_free(&s);
    gj_rulebook_free(book);
    gj_errors_free(errors);
}

/* Once the engine is open, nothing that fails once keeps it from going on. */
Test(faults_memory, going_on, .timeout = 300)
{
    const char *steps = getenv("GJ_STEPS");
    gj_errors *errors = gj_errors_new();
    gj_rulebook *book = gj_rulebook_open("rulebook", getenv("GJ_TEST_CACHE"), errors);
    cr_assert_not_null(book);
    struct stream s = small_stream(NULL, errors);
    bool opened = false;
    failing = 0;
    char *whole = life_reopened(book, NULL, &s, errors, &opened);
    cr_assert_not_null(whole);
    calls = 0;
    gj_string_free(life_reopened(book, NULL, &s, errors, &opened));
    long step = calls / (steps == NULL ? 100 : strtol(steps, NULL, 10)) + 1, total = calls;
    for (long n = 11; n <= total; n += step) {
        gj_errors_clear(errors);
        calls = 0;
        failing = n;
        char *json = life_reopened(book, NULL, &s, errors, &opened);
        failing = 0;
        if (opened) {
            cr_expect(json != NULL && strcmp(json, whole) == 0,
                      "after call %ld has failed it does not go on: %s", n, gj_errors_text(errors));
        }
        gj_string_free(json);
    }
    gj_string_free(whole);
    stream_free(&s);
    gj_rulebook_free(book);
    gj_errors_free(errors);
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
