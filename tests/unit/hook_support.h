/* Tests of hooks: an office, an engine whose outbox tells, and a receiver of its own
 * (tests/hook_receiver.js) that checks signatures by its own code. */
#ifndef GJ_TESTS_HOOK_SUPPORT_H
#define GJ_TESTS_HOOK_SUPPORT_H

#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>

#include "engine_support.h"
#include "office_support.h"
#include "hook/hook.h"
#include "wire/json.h"

struct hook_test {
    struct office_test office;
    struct bench bench;
    pthread_mutex_t desk; /* the engine is one thread's at a time */
    pid_t receiver;
    int port;
    struct gj_hooks_settings settings;
    struct gj_hooks *hooks;
    struct gj_json_parser *parser;
    char last_error[400];
};

static inline void nap(int ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000L}, NULL);
}

/* ---- the receiver ---- */

static inline void receiver_file(const struct hook_test *t, const char *name, char out[120])
{
    snprintf(out, 120, "%s/%s", t->office.dir, name);
}

static inline void receiver_start(struct hook_test *t)
{
    extern char **environ;
    char *arguments[] = {"node", "tests/hook_receiver.js", t->office.dir, NULL};
    char path[120];
    receiver_file(t, "port", path);
    cr_assert_eq(posix_spawnp(&t->receiver, "node", NULL, NULL, arguments, environ), 0);
    for (int i = 0; i < 1000 && t->port == 0; i++) {
        FILE *file = fopen(path, "r");
        if (file != NULL) {
            cr_assert_eq(fscanf(file, "%d", &t->port), 1);
            fclose(file);
        }
        nap(10);
    }
    cr_assert_neq(t->port, 0, "the receiver does not start");
}

static inline void receiver_stop(struct hook_test *t)
{
    static const char *const names[] = {"port",    "log",      "secrets",  "down",
                                        "key.pem", "cert.pem", "shops.db", "shops.db-wal"};
    kill(t->receiver, SIGTERM);
    waitpid(t->receiver, NULL, 0);
    t->port = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[120];
        receiver_file(t, names[i], path);
        unlink(path);
    }
}

/* Appends a line to one of its files. */
static inline void receiver_write(struct hook_test *t, const char *name, const char *line)
{
    char path[120];
    receiver_file(t, name, path);
    FILE *file = fopen(path, "a");
    cr_assert_not_null(file);
    fprintf(file, "%s\n", line);
    fclose(file);
}

struct seen { /* a request that the receiver got */
    int64_t at;
    char path[60], id[60], body[6000];
    unsigned signers; /* bit i: the secret of line i */
};

static inline void seen_read(struct hook_test *t, const char *line, struct seen *out)
{
    const char *why = NULL;
    const struct gj_json *root = gj_json_parse(t->parser, gj_str_of(line), 0, &why);
    cr_assert_not_null(root, "%s", why);
    *out = (struct seen){0};
    for (const struct gj_json *at = gj_json_first(t->parser, root); at != NULL;
         at = gj_json_next(t->parser, at)) {
        if (gj_str_is(at->key, "at")) {
            out->at = at->integer;
        } else if (gj_str_is(at->key, "path")) {
            snprintf(out->path, sizeof out->path, "%s", at->text.ptr);
        } else if (gj_str_is(at->key, "id")) {
            snprintf(out->id, sizeof out->id, "%s", at->text.ptr);
        } else if (gj_str_is(at->key, "body")) {
            snprintf(out->body, sizeof out->body, "%s", at->text.ptr);
        } else if (gj_str_is(at->key, "signers")) {
            for (const struct gj_json *i = gj_json_first(t->parser, at); i != NULL;
                 i = gj_json_next(t->parser, i)) {
                out->signers |= 1u << i->integer;
            }
        }
    }
}

/* The requests so far; up to `max` are put into `out`. */
static inline size_t receiver_seen(struct hook_test *t, struct seen *out, size_t max)
{
    static char line[20000];
    char path[120];
    size_t count = 0;
    receiver_file(t, "log", path);
    FILE *file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL && strchr(line, '\n') != NULL) {
        if (count < max) {
            seen_read(t, line, &out[count]);
        }
        count++;
    }
    if (file != NULL) {
        fclose(file);
    }
    return count;
}

/* Waits until there are `count` requests, at most ten seconds; then a little for more. */
static inline size_t receiver_wait(struct hook_test *t, struct seen *out, size_t max, size_t count)
{
    for (int i = 0; i < 1000 && receiver_seen(t, NULL, 0) < count; i++) {
        nap(10);
    }
    nap(30);
    return receiver_seen(t, out, max);
}

/* ---- the outbox ---- */

static inline int64_t tell(struct hook_test *t, const char *source, const char *type,
                           const char *body)
{
    int64_t seq = 0;
    pthread_mutex_lock(&t->desk);
    cr_assert_eq(
        gj_engine_notice_add(t->bench.engine, source, type, INT64_C(1772330400000000), body, &seq),
        GJ_OK);
    cr_assert_eq(gj_engine_commit(t->bench.engine), GJ_OK);
    pthread_mutex_unlock(&t->desk);
    if (t->hooks != NULL) {
        gj_hooks_told(t->hooks, GJ_STR("default"), seq);
    }
    return seq;
}

struct pulling {
    int (*each)(void *to, const struct gj_hook_notice *notice);
    void *to;
};

static inline int pull_one(void *context, const gj_notice_row *row)
{
    const struct pulling *pulling = context;
    const struct gj_hook_notice notice = {row->seq, row->at, gj_str_of(row->source),
                                          gj_str_of(row->type), gj_str_of(row->body)};
    return pulling->each(pulling->to, &notice);
}

static inline int pull(void *context, struct gj_str tenant, int64_t after, size_t limit,
                       int (*each)(void *to, const struct gj_hook_notice *notice), void *to)
{
    struct hook_test *t = context;
    struct pulling pulling = {each, to};
    if (!gj_str_is(tenant, "default")) {
        return 0;
    }
    pthread_mutex_lock(&t->desk);
    int status = gj_engine_notices(t->bench.engine, after, limit, pull_one, &pulling);
    pthread_mutex_unlock(&t->desk);
    return status == GJ_OK ? 0 : -1;
}

static inline int64_t outbox_last(struct hook_test *t)
{
    pthread_mutex_lock(&t->desk);
    int64_t last = gj_engine_notice_last(t->bench.engine);
    pthread_mutex_unlock(&t->desk);
    return last;
}

static inline void complained(void *context, const char *sentence)
{
    struct hook_test *t = context;
    snprintf(t->last_error, sizeof t->last_error, "%s", sentence);
}

/* ---- beginning and end ---- */

static inline void hooks_start(struct hook_test *t)
{
    t->hooks = gj_hooks_new(t->office.office, &t->settings, &t->office.errors);
    cr_assert_not_null(t->hooks);
    gj_hooks_told(t->hooks, GJ_STR("default"), outbox_last(t));
}

static inline void hooks_stop(struct hook_test *t)
{
    gj_hooks_free(t->hooks);
    t->hooks = NULL;
}

/* Hooks to this machine, and clocks that run fast: pauses of 50 ms, given up after a second. */
static inline struct hook_test *hook_begin(void)
{
    static const int64_t retry_ms[] = {50};
    struct hook_test *t = calloc(1, sizeof *t);
    office_begin(&t->office);
    t->bench = bench_open(NULL);
    t->parser = gj_json_parser_new();
    pthread_mutex_init(&t->desk, NULL);
    receiver_start(t);
    gj_hooks_settings_init(&t->settings);
    t->settings.pull = pull;
    t->settings.complain = complained;
    t->settings.context = t;
    t->settings.guard.http = true;
    t->settings.guard.all = true;
    t->settings.retry_ms = retry_ms;
    t->settings.retry_count = 1;
    t->settings.give_up_ms = 1000;
    t->settings.card_gap_ms = 0;
    t->settings.robot_pause_ms = 200;
    t->settings.total_ms = 400;
    hooks_start(t);
    return t;
}

static inline void hook_end(struct hook_test *t)
{
    hooks_stop(t);
    cr_expect_str_eq(t->last_error, "");
    receiver_stop(t);
    gj_json_parser_free(t->parser);
    bench_close(&t->bench);
    pthread_mutex_destroy(&t->desk);
    office_end(&t->office);
    free(t);
}

/* ---- management ---- */

static inline const struct gj_json *hook_json(struct hook_test *t, const char *text)
{
    const char *why = NULL;
    const struct gj_json *root = gj_json_parse(t->parser, gj_str_of(text), 0, &why);
    cr_assert_not_null(root, "%s: %s", text, why);
    return root;
}

/* The text of a member of a JSON answer, "" if there is none. */
static inline void answer_text(const char *json, const char *name, char *out, size_t size)
{
    char key[40];
    snprintf(key, sizeof key, "\"%s\":\"", name);
    const char *at = strstr(json, key);
    at = at == NULL ? "" : at + strlen(key);
    snprintf(out, size, "%.*s", (int)strcspn(at, "\""), at);
}

struct made {
    char id[30], secret[80];
};

static inline struct made hook_add(struct hook_test *t, const char *path, const char *more)
{
    struct made made;
    struct gj_buf out;
    char request[400];
    gj_buf_init(&out);
    snprintf(request, sizeof request, "{\"url\":\"http://127.0.0.1:%d%s\"%s}", t->port, path, more);
    const struct gj_hook_fault *wrong = gj_hooks_add(t->hooks, GJ_STR("default"), t->parser,
                                                     hook_json(t, request), outbox_last(t), &out);
    cr_assert_null(wrong, "%s", wrong == NULL ? "" : wrong->en);
    answer_text(out.ptr, "id", made.id, sizeof made.id);
    answer_text(out.ptr, "secret", made.secret, sizeof made.secret);
    if (made.secret[0] != '\0') {
        receiver_write(t, "secrets", made.secret);
    }
    gj_buf_release(&out);
    return made;
}

/* How many deliveries of the hook are in that state. */
static inline int deliveries(struct hook_test *t, const struct made *hook, const char *state,
                             struct gj_buf *out)
{
    struct gj_buf own;
    gj_buf_init(&own);
    const struct gj_hook_fault *wrong = gj_hooks_deliveries(
        t->hooks, GJ_STR("default"), gj_str_of(hook->id), gj_str_of(state), 0, 200, &own);
    cr_assert_null(wrong);
    int count = 0;
    for (const char *at = own.ptr; (at = strstr(at, "\"message\":")) != NULL; at++) {
        count++;
    }
    if (out != NULL) {
        gj_buf_reset(out);
        gj_buf_add_str(out, gj_buf_str(&own));
    }
    gj_buf_release(&own);
    return count;
}

static inline void wait_for(struct hook_test *t, const struct made *hook, const char *state,
                            int count)
{
    for (int i = 0; i < 1000 && deliveries(t, hook, state, NULL) < count; i++) {
        nap(10);
    }
    struct gj_buf all;
    gj_buf_init(&all);
    deliveries(t, hook, "", &all);
    cr_assert_eq(deliveries(t, hook, state, NULL), count, "%s", all.ptr);
    gj_buf_release(&all);
}

#endif
