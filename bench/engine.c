/* Benchmark: the engine, as ratios to limits measured in the same run.
 *
 *   bench-engine RULEBOOK SIMULATION DIR
 *
 * Databases are made in DIR, on whose disk everything is measured, and removed. Events are made
 * before the clock starts. Each scenario runs in a process of its own, so that memory can be
 * compared. GUIJU_BENCH_EVENTS, GUIJU_BENCH_CASES and GUIJU_BENCH_DEADLINES make a smaller run. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guiju/guiju.h"

#define BATCH     1000
#define FEW_CASES 1000
#define PADDING   64                              /* bytes behind a line that may be read */
#define FIRST_DAY 1772323200                      /* 2026-03-01 00:00 UTC */
#define MIDNIGHT  (INT64_C(1772294400) * 1000000) /* of that day in China: the simulation begins */
#define ALL_DUE   (MIDNIGHT + INT64_C(32) * 3600 * 1000000) /* 2026-03-02T08:00+08:00 */
#define SECOND    INT64_C(1000000)

struct events { /* lines one behind the other, as a reader has them */
    char *bytes;
    size_t len, capacity;
    size_t *starts; /* count + 1 of them */
    size_t count, start_capacity;
};

struct result { /* of a scenario, from its process */
    double seconds, state_seconds, rebuild_seconds;
    long rss_kb;
    int equal;
    long fired;
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void die(const char *what)
{
    fprintf(stderr, "bench-engine: %s\n", what);
    exit(2);
}

static size_t setting(const char *name, size_t standard)
{
    const char *text = getenv(name);
    long value = text == NULL ? 0 : strtol(text, NULL, 10);
    return value > 0 ? (size_t)value : standard;
}

/* ---- events ---- */

static void add(struct events *e, const char *line, size_t len)
{
    if (e->len + len + PADDING + 1 > e->capacity) {
        e->capacity = (e->len + len + PADDING + 1) * 2;
        e->bytes = realloc(e->bytes, e->capacity);
    }
    if (e->count + 2 > e->start_capacity) {
        e->start_capacity = (e->count + 2) * 2;
        e->starts = realloc(e->starts, e->start_capacity * sizeof *e->starts);
    }
    if (e->bytes == NULL || e->starts == NULL) {
        die("out of memory");
    }
    memcpy(e->bytes + e->len, line, len);
    e->starts[e->count++] = e->len;
    e->len += len;
    e->bytes[e->len++] = '\n';
    memset(e->bytes + e->len, 0, PADDING);
    e->starts[e->count] = e->len;
}

/* A shop and day has about nine events an order. */
static struct events simulate(const char *dir, uint32_t shops, uint32_t days, size_t count)
{
    struct events e = {0};
    gj_errors *errors = gj_errors_new();
    gj_simulation s = {.seed = 7, .shops = shops, .days = days, .from = FIRST_DAY};
    s.orders = (uint32_t)(count / (shops * days) / 8 + 1);
    gj_simulator *simulator = gj_simulator_new(dir, &s, errors);
    const char *line = NULL;
    size_t len = 0;
    if (simulator == NULL) {
        die(gj_errors_text(errors));
    }
    while (e.count < count && gj_simulator_next(simulator, &line, &len) == GJ_OK && line != NULL) {
        add(&e, line, len);
    }
    gj_simulator_free(simulator);
    gj_errors_free(errors);
    return e;
}

/* Orders paid some days before the simulation and to be shipped by an instant long after it, or,
 * when `soon`, all at ALL_DUE: each a case with a deadline. */
static struct events open_orders(size_t count, bool soon)
{
    struct events e = {0};
    char line[512];
    for (size_t i = 0; i < count * 2; i++) {
        const char *form =
            i % 2 == 0 ? "{\"specversion\":\"1.0\",\"id\":\"open-%zu\",\"source\":\"/pdd/s1\","
                         "\"type\":\"order.created\",\"time\":\"2026-02-20T08:00:00+08:00\","
                         "\"data\":{\"order_id\":\"OPEN%zu\",\"buyer_id\":\"b%zu\","
                         "\"goods_fen\":5900,\"freight_fen\":0,\"lines\":[{\"line_id\":\"1\","
                         "\"product_id\":\"p1\",\"quantity\":1,\"price_fen\":5900}],"
                         "\"ship_by\":\"%s\"}}"
                       : "{\"specversion\":\"1.0\",\"id\":\"paid-%zu\",\"source\":\"/pdd/s1\","
                         "\"type\":\"order.paid\",\"time\":\"2026-02-20T08:00:00+08:00\","
                         "\"data\":{\"order_id\":\"OPEN%zu\",\"paid_fen\":5900}}";
        int len = snprintf(line, sizeof line, form, i / 2, i / 2, i / 2 % 5000,
                           soon ? "2026-03-02T08:00:00+08:00" : "2026-12-01T08:00:00+08:00");
        add(&e, line, (size_t)len);
    }
    return e;
}

static void free_events(struct events *e)
{
    free(e->bytes);
    free(e->starts);
}

/* ---- the limit: bare inserts ---- */

static void sql(sqlite3 *db, const char *text)
{
    if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK) {
        die(sqlite3_errmsg(db));
    }
}

/* The same bytes, the same identity, the same durability, the same batches. */
static void bare(const struct events *e, const char *path, struct result *out)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *insert = NULL;
    char id[32];
    if (sqlite3_open(path, &db) != SQLITE_OK) {
        die(path);
    }
    sql(db, "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "CREATE TABLE event(seq INTEGER PRIMARY KEY, id TEXT NOT NULL, body TEXT NOT NULL);"
            "CREATE UNIQUE INDEX event_identity ON event(id)");
    sqlite3_prepare_v2(db, "INSERT INTO event(id, body) VALUES(?,?)", -1, &insert, NULL);
    double start = now();
    for (size_t i = 0; i < e->count; i++) {
        if (i % BATCH == 0) {
            sql(db, "BEGIN");
        }
        int len = snprintf(id, sizeof id, "e%zu", i);
        sqlite3_bind_text(insert, 1, id, len, SQLITE_STATIC);
        sqlite3_bind_text(insert, 2, e->bytes + e->starts[i],
                          (int)(e->starts[i + 1] - e->starts[i]) - 1, SQLITE_STATIC);
        if (sqlite3_step(insert) != SQLITE_DONE) {
            die(sqlite3_errmsg(db));
        }
        sqlite3_reset(insert);
        if ((i + 1) % BATCH == 0 || i + 1 == e->count) {
            sql(db, "COMMIT");
        }
    }
    out->seconds = now() - start;
    sqlite3_finalize(insert);
    sqlite3_close(db);
}

/* ---- the engine ---- */

static double apply(gj_engine *engine, const struct events *e, gj_errors *errors)
{
    gj_reception got;
    double start = now();
    for (size_t i = 0; i < e->count; i++) {
        size_t len = e->starts[i + 1] - e->starts[i] - 1;
        if (gj_engine_apply(engine, e->bytes + e->starts[i], len, e->len - e->starts[i + 1] + 1,
                            &got) != GJ_OK ||
            ((i + 1) % BATCH == 0 && gj_engine_commit(engine) != GJ_OK)) {
            die(gj_errors_text(errors));
        }
        if (got.status != GJ_APPLIED) {
            die(got.status == GJ_REFUSED ? got.why : "an event comes twice");
        }
    }
    if (gj_engine_commit(engine) != GJ_OK) {
        die(gj_errors_text(errors));
    }
    return now() - start;
}

static long resident_kb(void)
{
    char line[200], *second = NULL; /* pages of the whole, pages resident, ... */
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fgets(line, sizeof line, file) == NULL) {
        die("/proc/self/statm");
    }
    fclose(file);
    strtol(line, &second, 10);
    return strtol(second, NULL, 10) * (sysconf(_SC_PAGESIZE) / 1024);
}

static int64_t count_of(const char *path, const char *query)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    int64_t count = -1;
    if (sqlite3_open(path, &db) == SQLITE_OK &&
        sqlite3_prepare_v2(db, query, -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW) {
        count = sqlite3_column_int64(stmt, 0);
    }
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return count;
}

struct scenario {
    const gj_rulebook *book;
    const char *path;
    const struct events *before; /* applied before the clock starts; NULL: none */
    const struct events *events; /* NULL: only deadlines fire */
    bool state, rebuild;
};

static void live(const struct scenario *s, struct result *out)
{
    gj_errors *errors = gj_errors_new();
    gj_engine *engine = gj_engine_open(s->book, s->path, errors);
    if (engine == NULL) {
        die(gj_errors_text(errors));
    }
    if (s->before != NULL) {
        apply(engine, s->before, errors);
        /* what the first days bring is not measured */
        if (gj_engine_advance(engine, s->events != NULL ? MIDNIGHT - SECOND : ALL_DUE) != GJ_OK) {
            die(gj_errors_text(errors));
        }
        gj_engine_close(engine); /* opened anew, as after a night */
        engine = gj_engine_open(s->book, s->path, errors);
    }
    if (s->events != NULL) {
        out->seconds = apply(engine, s->events, errors);
    } else {
        double start = now();
        if (gj_engine_advance(engine, ALL_DUE + SECOND) != GJ_OK) {
            die(gj_errors_text(errors));
        }
        out->seconds = now() - start;
    }
    out->rss_kb = resident_kb();
    if (s->state) {
        double start = now();
        char *json = gj_engine_state_json(engine, NULL);
        out->state_seconds = now() - start;
        gj_string_free(json);
    }
    if (s->rebuild) {
        char before[33], after[33];
        double start = now();
        if (gj_engine_rebuild(engine, before, after) != GJ_OK) {
            die(gj_errors_text(errors));
        }
        out->rebuild_seconds = now() - start;
        out->equal = strcmp(before, after) == 0;
    }
    gj_engine_close(engine);
    if (s->events == NULL) {
        char query[100];
        snprintf(query, sizeof query, "SELECT count(*) FROM finding WHERE at=%lld",
                 (long long)ALL_DUE);
        out->fired = (long)count_of(s->path, query);
    }
}

/* Runs the scenario in a child with a database of its own. */
static struct result run(const struct scenario *s, bool only_bare)
{
    struct result *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    char name[4200];
    int status = 0;
    fflush(stdout);
    pid_t child = shared == MAP_FAILED ? -1 : fork();
    if (child == 0) {
        if (only_bare) {
            bare(s->events, s->path, shared);
        } else {
            live(s, shared);
        }
        _exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) < 0 || status != 0) {
        die("a scenario failed");
    }
    static const char *const tails[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        snprintf(name, sizeof name, "%s%s", s->path, tails[i]);
        unlink(name);
    }
    struct result result = *shared;
    munmap(shared, sizeof *shared);
    return result;
}

/* ---- what is measured ---- */

static double bench_events(struct scenario s, const char *simulation, size_t count)
{
    struct events events = simulate(simulation, 6, 3, count);
    s.events = &events;
    struct result limit = run(&s, true);
    s.rebuild = true;
    struct result r = run(&s, false);
    double n = (double)events.count, again = run(&s, true).seconds;
    limit.seconds = again < limit.seconds ? again : limit.seconds;
    printf("events: %zu of 6 shops in batches of %d, %.0f bytes each\n", events.count, BATCH,
           (double)events.len / n);
    printf("  applied durably %.0f/s, bare inserts of the same %.0f/s: %.2f (goal 0.30)\n",
           n / r.seconds, n / limit.seconds, limit.seconds / r.seconds);
    printf("  rebuilt from the log in %.2f s, live %.2f s: %.2f (limit 1.00), state %s\n",
           r.rebuild_seconds, r.seconds, r.rebuild_seconds / r.seconds,
           r.equal ? "the same" : "NOT THE SAME");
    free_events(&events);
    return n / r.seconds;
}

static void bench_day(struct scenario s, const char *simulation, size_t count)
{
    struct events events = simulate(simulation, 1, 1, count);
    s.events = &events;
    s.state = true;
    struct result r = run(&s, false);
    printf("shop-day: %zu events of one shop at %.0f/s; everything as JSON in %.2f s\n",
           events.count, (double)events.count / r.seconds, r.state_seconds);
    free_events(&events);
}

static void bench_cases(struct scenario s, const char *simulation, size_t count, size_t cases)
{
    struct events events = simulate(simulation, 6, 3, count / 2);
    struct events few = open_orders(FEW_CASES, false), many = open_orders(cases, false);
    s.events = &events;
    s.before = &few;
    struct result little = run(&s, false);
    s.before = &many;
    struct result much = run(&s, false);
    double n = (double)events.count;
    printf("open cases: %zu instead of %d: %.0f/s instead of %.0f/s: %.2f (goal 0.80); memory "
           "%+ld MB (limit +64)\n",
           cases, FEW_CASES, n / much.seconds, n / little.seconds, little.seconds / much.seconds,
           (much.rss_kb - little.rss_kb) / 1024);
    free_events(&events);
    free_events(&few);
    free_events(&many);
}

static void bench_deadlines(struct scenario s, size_t deadlines, double rate)
{
    struct events due = open_orders(deadlines, true);
    s.before = &due;
    struct result r = run(&s, false);
    double fired = (double)r.fired / r.seconds;
    printf("deadlines: %ld due at once fired durably at %.0f/s, of the rate of events: %.2f "
           "(goal 0.50); resident %ld MB\n",
           r.fired, fired, fired / rate, r.rss_kb / 1024);
    free_events(&due);
}

int main(int argc, char **argv)
{
    char path[4096];
    if (argc != 4) {
        die("bench-engine RULEBOOK SIMULATION DIR");
    }
    gj_errors *errors = gj_errors_new();
    gj_rulebook *book = gj_rulebook_open(argv[1], NULL, errors);
    if (book == NULL) {
        die(gj_errors_text(errors));
    }
    snprintf(path, sizeof path, "%s/bench-engine-%ld.db", argv[3], (long)getpid());
    struct scenario s = {.book = book, .path = path};
    size_t count = setting("GUIJU_BENCH_EVENTS", 100000);
    double rate = bench_events(s, argv[2], count);
    bench_day(s, argv[2], count);
    bench_deadlines(s, setting("GUIJU_BENCH_DEADLINES", 100000), rate);
    bench_cases(s, argv[2], count, setting("GUIJU_BENCH_CASES", 1000000));
    gj_rulebook_free(book);
    gj_errors_free(errors);
    return 0;
}
