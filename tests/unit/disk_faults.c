/* Test of room store: a disk that fails. A VFS of SQLite that passes on to the default one and
 * fails at its n-th write, sync or read, with an I/O error or a full disk. Each time: a clear
 * error, a whole database, and the same final JSON when it goes on. */
#include <sqlite3.h>
#include <unistd.h>

#include "engine_support.h"

enum { WRITES, SYNCS, READS, OPERATIONS };

static long done[OPERATIONS], failing[OPERATIONS]; /* failing: the n-th fails; 0: none */
static int code;                                   /* what a failing write says */
static bool sticks;                                /* and all after it */

static bool fails(int operation)
{
    done[operation]++;
    return failing[operation] != 0 &&
           (sticks ? done[operation] >= failing[operation] : done[operation] == failing[operation]);
}

/* ---- the VFS ---- */

static sqlite3_vfs *real;

/* A kind of file has methods of its own: those of the real one, but for three. */
static struct wrapped {
    sqlite3_io_methods methods; /* first: a file points to it */
    const sqlite3_io_methods *real;
} kinds[8];

static const sqlite3_io_methods *real_of(const sqlite3_file *file)
{
    return ((const struct wrapped *)(const void *)file->pMethods)->real;
}

static int bad_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 at)
{
    return fails(WRITES) ? code : real_of(file)->xWrite(file, bytes, count, at);
}

static int bad_sync(sqlite3_file *file, int flags)
{
    return fails(SYNCS) ? SQLITE_IOERR_FSYNC : real_of(file)->xSync(file, flags);
}

static int bad_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 at)
{
    return fails(READS) ? SQLITE_IOERR_READ : real_of(file)->xRead(file, bytes, count, at);
}

static int bad_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    (void)vfs;
    int status = real->xOpen(real, name, file, flags, out);
    if (status == SQLITE_OK && file->pMethods != NULL) {
        struct wrapped *w = kinds;
        while (w->real != NULL && w->real != file->pMethods) {
            w++;
        }
        w->real = file->pMethods;
        w->methods = *w->real;
        w->methods.xWrite = bad_write;
        w->methods.xSync = bad_sync;
        w->methods.xRead = bad_read;
        file->pMethods = &w->methods;
    }
    return status;
}

static void use_bad_disk(void)
{
    static sqlite3_vfs bad;
    real = sqlite3_vfs_find(NULL);
    cr_assert_not_null(real);
    bad = *real;
    bad.zName = "bad";
    bad.xOpen = bad_open;
    bad.pNext = NULL;
    cr_assert_eq(sqlite3_vfs_register(&bad, 1), SQLITE_OK);
}

/* ---- a stream over it ---- */

struct trial {
    gj_errors *errors;
    gj_rulebook *book;
    struct stream s;
    char db[64];
    char *whole; /* the final JSON of an undisturbed run */
};

static void remove_db(const struct trial *t)
{
    static const char *const tails[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < 4; i++) {
        char name[80];
        snprintf(name, sizeof name, "%s%s", t->db, tails[i]);
        unlink(name);
    }
}

/* NULL: an error was returned. */
static char *life(struct trial *t)
{
    gj_reception got;
    gj_engine *e = gj_engine_open(t->book, t->db, t->errors);
    bool good = e != NULL;
    for (size_t i = 0; i < t->s.count && good; i++) {
        const char *line = t->s.events[i].line;
        good = gj_engine_apply(e, line, strlen(line), 0, &got) == GJ_OK &&
               (i % 60 != 59 || gj_engine_commit(e) == GJ_OK);
    }
    good = good && gj_engine_advance(e, t->s.end) == GJ_OK;
    char *json = good ? gj_engine_state_json(e, NULL) : NULL;
    gj_engine_close(e);
    return json;
}

static bool is_whole(struct trial *t)
{
    gj_engine *e = gj_engine_open(t->book, t->db, t->errors);
    bool whole = e != NULL && gj_engine_check(e, t->errors) == GJ_OK;
    gj_engine_close(e);
    return whole;
}

static struct trial begin_trial(void)
{
    struct trial t = {.errors = gj_errors_new()};
    gj_simulation settings = {
        .seed = 23, .shops = 2, .days = 2, .orders = 8, .from = 1772323200, .late = 60};
    use_bad_disk();
    t.book = gj_rulebook_open("rulebook", getenv("GJ_TEST_CACHE"), t.errors);
    cr_assert_not_null(t.book);
    t.s = stream_simulated(&settings, t.errors);
    snprintf(t.db, sizeof t.db, "/tmp/guiju-disk-%d.db", (int)getpid());
    remove_db(&t);
    memset(done, 0, sizeof done);
    t.whole = life(&t);
    cr_assert_not_null(t.whole, "%s", gj_errors_text(t.errors));
    return t;
}

static void end_trial(struct trial *t)
{
    remove_db(t);
    gj_string_free(t->whole);
    stream_free(&t->s);
    gj_rulebook_free(t->book);
    gj_errors_free(t->errors);
}

static bool try_one(struct trial *t, int operation, long n)
{
    remove_db(t);
    memset(done, 0, sizeof done);
    memset(failing, 0, sizeof failing);
    failing[operation] = n;
    gj_errors_clear(t->errors);
    char *json = life(t);
    bool told = json == NULL;
    failing[operation] = 0;
    if (told) {
        const char *text = gj_errors_text(t->errors);
        cr_expect(gj_errors_count(t->errors) > 0 && strstr(text, t->db) != NULL &&
                      strstr(text, "; ") != NULL,
                  "no clear error: %s", text);
    } else {
        cr_expect_str_eq(json, t->whole, "operation %d, failure %ld went unnoticed", operation, n);
    }
    gj_string_free(json);
    gj_errors_clear(t->errors);
    cr_expect(is_whole(t), "operation %d, failure %ld: %s", operation, n,
              gj_errors_text(t->errors));
    gj_errors_clear(t->errors);
    json = life(t);
    cr_expect(json != NULL && strcmp(json, t->whole) == 0,
              "operation %d, failure %ld: it does not go on: %s", operation, n,
              gj_errors_text(t->errors));
    gj_string_free(json);
    return told;
}

/* The disk is full from the n-th write on, and has space again after some failures: one engine that
 * is reopened goes on, and feeds what was not kept again. */
static void go_on(struct trial *t, long n)
{
    remove_db(t);
    memset(done, 0, sizeof done);
    memset(failing, 0, sizeof failing);
    gj_engine *e = gj_engine_open(t->book, t->db, t->errors);
    cr_assert_not_null(e);
    failing[WRITES] = done[WRITES] + n;
    gj_reception got;
    size_t kept = 0, failures = 0;
    for (size_t i = 0; i < t->s.count;) {
        const char *line = t->s.events[i].line;
        bool last = i + 1 == t->s.count;
        if (gj_engine_apply(e, line, strlen(line), 0, &got) == GJ_OK &&
            ((i % 60 != 59 && !last) || gj_engine_commit(e) == GJ_OK)) {
            kept = i % 60 == 59 ? i + 1 : kept;
            i++;
            continue;
        }
        failing[WRITES] = ++failures == 3 ? 0 : failing[WRITES];
        cr_assert_leq(failures, 3, "%s", gj_errors_text(t->errors));
        cr_expect_eq(gj_engine_reopen(e), GJ_OK, "%s", gj_errors_text(t->errors));
        gj_errors_clear(t->errors);
        i = kept;
    }
    failing[WRITES] = 0;
    cr_expect_eq(gj_engine_advance(e, t->s.end), GJ_OK);
    char *json = gj_engine_state_json(e, NULL);
    cr_expect(json != NULL && strcmp(json, t->whole) == 0, "failure %ld: %s", n,
              gj_errors_text(t->errors));
    cr_expect_eq(gj_engine_check(e, t->errors), GJ_OK, "failure %ld: %s", n,
                 gj_errors_text(t->errors));
    gj_string_free(json);
    gj_engine_close(e);
}

Test(faults_disk, a_full_disk_has_space_again, .timeout = 300)
{
    struct trial t = begin_trial();
    long total = done[WRITES];
    code = SQLITE_FULL;
    sticks = true;
    for (long n = 1; n < total; n += total / 12 + 1) {
        go_on(&t, n);
    }
    end_trial(&t);
}

static void try_all(int operation, int says, bool all_after)
{
    struct trial t = begin_trial();
    const char *asked = getenv("GJ_STEPS");
    long steps = asked == NULL ? 25 : strtol(asked, NULL, 10);
    long total = done[operation], step = total / steps + 1, told = 0, tried = 0;
    code = says;
    sticks = all_after;
    for (long n = 1; n <= total; n += step) {
        told += try_one(&t, operation, n);
        tried++;
    }
    cr_expect(told * 2 > tried || operation == READS, "%ld of %ld failures told", told, tried);
    end_trial(&t);
}

Test(faults_disk, a_write_fails, .timeout = 300)
{
    try_all(WRITES, SQLITE_IOERR_WRITE, false);
}
Test(faults_disk, the_disk_is_full, .timeout = 300)
{
    try_all(WRITES, SQLITE_FULL, true);
}
Test(faults_disk, a_sync_fails, .timeout = 300)
{
    try_all(SYNCS, 0, false);
}
Test(faults_disk, a_read_fails, .timeout = 300)
{
    try_all(READS, 0, false);
}
