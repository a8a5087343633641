/* Room server: the desk (see desk.h). */
#include "server/desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/errors.h"
#include "server/audit.h"
#include "server/http.h"
#include "server/stream.h"
#include "server/watch.h"
#include "store/office.h"

#define JOBS_MAX        20000 /* that wait; further ones are told to come again */
#define BATCH_MAX       1000  /* jobs of one transaction */
#define TICK_US         (GJ_SECOND_US / 5)
#define HOUSEKEEPING_US (GJ_SECOND_US * 3600)
#define ANSWERS_US      (GJ_SECOND_US * 86400) /* to requests with an Idempotency-Key are kept */
#define GATHERING_US    2000                   /* at most */

struct queue { /* in order of arrival */
    struct gj_job *first, **end;
};

struct gj_desk {
    struct gj_server *server;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct queue waiting;                 /* under lock */
    size_t count;                         /* under lock */
    size_t enough;                        /* under lock: jobs for which it is to be woken */
    bool stop;                            /* under lock */
    pthread_cond_t ended;                 /* jobs of gj_desk_call */
    size_t crowd;                         /* jobs that were there when the last batch ended */
    int64_t gathering;                    /* us: how long it is worth to wait for as many again */
    int64_t next_tick, next_housekeeping; /* steady */
    struct gj_tenant *tenants;
    gj_errors *errors; /* of the office */
    bool running;
};

static void append(struct queue *queue, struct gj_job *job)
{
    job->next = NULL;
    *queue->end = job;
    queue->end = &job->next;
}

/* ---- tenants ---- */

static char *database_of(const struct gj_desk *desk, const char *tenant)
{
    const char *db = desk->server->settings.db;
    struct gj_buf path;
    gj_buf_init(&path);
    gj_buf_add_cstr(&path, db);
    if (strcmp(tenant, "default") != 0) {
        gj_buf_add_cstr(&path, ".tenants");
        mkdir(path.ptr, 0700); /* may be there; if not, opening tells */
        gj_buf_addf(&path, "/%s.db", tenant);
    }
    char *copy = path.failed ? NULL : strdup(path.ptr);
    gj_buf_release(&path);
    return copy;
}

/* What it has told and not committed is lost with it. */
static void close_engine(struct gj_tenant *t)
{
    gj_stream_close(t->stream);
    gj_engine_close(t->engine);
    gj_edition_leave(t->edition);
    t->engine = NULL;
    t->edition = NULL;
    t->touched = false;
}

static void heard(void *context, const gj_notice *notice)
{
    struct gj_tenant *t = context;
    gj_stream_hear(t->stream, notice);
    gj_watch_hear(t->watch, notice);
}

static void open_engine(struct gj_desk *desk, struct gj_tenant *t)
{
    char *path = database_of(desk, t->name);
    gj_errors_clear(t->errors);
    t->edition = gj_edition_take(desk->server);
    t->engine = path == NULL ? NULL : gj_engine_open(t->edition->book, path, t->errors);
    free(path);
    if (t->engine == NULL) {
        close_engine(t);
        return;
    }
    gj_engine_listen(t->engine, heard, t);
    gj_stream_open(t->stream, t->engine);
    if (gj_watch_open(t->watch, t->engine) != GJ_OK) {
        close_engine(t); /* or what has been told would be told again */
    }
}

static void free_tenant(struct gj_tenant *t)
{
    if (t->engine != NULL) {
        close_engine(t);
    }
    gj_watch_free(t->watch);
    gj_stream_free(t->stream);
    gj_errors_free(t->errors);
    free(t->name);
    free(t);
}

static struct gj_tenant *new_tenant(struct gj_desk *desk, const char *name)
{
    struct gj_tenant *t = calloc(1, sizeof *t);
    if (t == NULL) {
        return NULL;
    }
    t->name = strdup(name);
    t->errors = gj_errors_new();
    t->stream = gj_stream_new(desk->server, name);
    t->watch = gj_watch_new(desk->server, t->stream);
    if (t->name == NULL || t->errors == NULL || t->stream == NULL || t->watch == NULL) {
        free_tenant(t);
        return NULL;
    }
    t->next = desk->tenants;
    desk->tenants = t;
    return t;
}

/* No request waits for it: the operator is told, after `what`, what the tenant's errors say. */
static void tell_operator(struct gj_desk *desk, struct gj_tenant *t, const char *what)
{
    struct gj_buf text;
    gj_buf_init(&text);
    gj_buf_addf(&text, "%s: %s%s", t->name, what, gj_errors_text(t->errors));
    if (!text.failed) {
        text.ptr[text.len - (text.ptr[text.len - 1] == '\n')] = '\0'; /* errors end their line */
        gj_server_complain(desk->server, text.ptr);
    }
    gj_buf_release(&text);
}

/* Another rulebook is in force: the engine goes on under it. */
static void swap(struct gj_desk *desk, struct gj_tenant *t)
{
    size_t strangers = 0;
    struct gj_edition *edition = gj_edition_take(desk->server);
    gj_errors_clear(t->errors);
    if (gj_engine_swap(t->engine, edition->book, &strangers) != GJ_OK) {
        gj_edition_leave(edition);
        close_engine(t);
        return;
    }
    gj_edition_leave(t->edition);
    t->edition = edition;
    if (strangers > 0) { /* what stands where the rulebook knows no state */
        tell_operator(desk, t, "");
    }
    gj_watch_again(t->watch); /* deadlines may be others now */
}

/* The tenant, its engine open if that can be; NULL: out of memory. */
static struct gj_tenant *tenant_of(struct gj_desk *desk, const char *name)
{
    struct gj_tenant *t = desk->tenants;
    while (t != NULL && strcmp(t->name, name) != 0) {
        t = t->next;
    }
    t = t == NULL ? new_tenant(desk, name) : t;
    if (t != NULL && t->engine != NULL && !t->touched &&
        t->edition->number != atomic_load(&desk->server->editions.number)) {
        swap(desk, t);
    }
    if (t != NULL && t->engine == NULL) {
        open_engine(desk, t);
    }
    return t;
}

/* ---- batches ---- */

/* What a batch has told becomes notices of the same transaction. */
static int commit_tenant(struct gj_desk *desk, struct gj_tenant *t)
{
    struct gj_counts *counts = &desk->server->counts;
    int status = gj_stream_note(t->stream);
    status = status == GJ_OK ? gj_engine_commit(t->engine) : status;
    t->touched = false;
    if (status == GJ_OK) {
        atomic_fetch_add(&counts->commits, 1);
        atomic_store(&desk->server->full, false);
        gj_stream_publish(t->stream);
        return GJ_OK;
    }
    atomic_fetch_add(&counts->failed_commits, 1);
    return status;
}

/* SQLite's own words for it; see the store's remedy. */
static bool is_full(gj_errors *errors)
{
    return strstr(gj_errors_text(errors), "is full") != NULL;
}

static void refuse(struct gj_request *r, gj_errors *errors)
{
    if (errors != NULL && is_full(errors)) {
        atomic_store(&r->server->full, true);
        gj_problem(r, "storage-full", "磁盘已满，本次内容未保存；腾出空间后请重发",
                   "the disk is full; nothing of this was kept, send it again when there is space");
    } else {
        gj_problemf(r, "internal", "数据库出错，本次内容未保存：%s",
                    "the database failed, nothing of this was kept: %s",
                    errors == NULL ? "" : gj_errors_text(errors));
    }
}

void gj_desk_refuse(struct gj_request *r, const struct gj_tenant *tenant)
{
    refuse(r, tenant == NULL ? NULL : tenant->errors);
}

static void run_one(struct gj_desk *desk, struct gj_job *job)
{
    job->at = tenant_of(desk, job->tenant);
    if (job->at == NULL || job->at->engine == NULL || job->at->failed) {
        return;
    }
    job->at->touched |= job->writes;
    job->run(job, job->at);
}

/* Whoever waits for the job goes on; it may be gone from here on. */
static void release(struct gj_desk *desk, struct gj_job *job)
{
    if (job->request != NULL) {
        gj_request_resume(job->request);
        return;
    }
    pthread_mutex_lock(&desk->lock);
    job->done = true;
    pthread_cond_broadcast(&desk->ended);
    pthread_mutex_unlock(&desk->lock);
}

static void end_one(struct gj_desk *desk, struct gj_job *job)
{
    struct gj_tenant *t = job->at;
    bool open = t != NULL && t->engine != NULL && !t->failed;
    job->kept = open;
    if (job->finish != NULL) {
        job->finish(job, t, open);
    } else if (!open && job->request != NULL) {
        gj_desk_refuse(job->request, t);
    }
    release(desk, job);
}

/* Commits what the jobs at hand have touched. Whose commit fails has lost this batch, and its
 * engine is opened anew when it is next needed. */
static void commit_all(struct gj_desk *desk)
{
    for (struct gj_tenant *t = desk->tenants; t != NULL; t = t->next) {
        if (t->touched && !t->failed && t->engine != NULL && commit_tenant(desk, t) != GJ_OK) {
            t->failed = true;
        }
    }
}

static void recover(struct gj_desk *desk)
{
    for (struct gj_tenant *t = desk->tenants; t != NULL; t = t->next) {
        if (t->failed) {
            t->failed = false;
            close_engine(t);
        }
    }
}

/* A tenant's batch has failed: perhaps by one of its jobs, so each is tried by itself. */
static void run_apart(struct gj_desk *desk, struct gj_job *first)
{
    struct gj_job *next = NULL;
    for (struct gj_job *job = first; job != NULL; job = next) {
        next = job->next;
        run_one(desk, job);
        commit_all(desk);
        end_one(desk, job);
        recover(desk);
    }
}

/* The requests of jobs into the audit log. False: they must not be done, and that is answered. */
static bool note_all(struct gj_desk *desk, struct gj_job *first)
{
    struct gj_request *requests[BATCH_MAX];
    size_t count = 0;
    for (struct gj_job *job = first; job != NULL; job = job->next) {
        if (job->request != NULL && (job->request->route->flags & GJ_BY_DESK) != 0) {
            requests[count++] = job->request;
        }
    }
    gj_errors_clear(desk->errors);
    if (gj_audit_note(desk->server, requests, count, desk->errors) == 0) {
        return true;
    }
    struct gj_job *next = NULL;
    for (struct gj_job *job = first; job != NULL; job = next) {
        next = job->next;
        if (job->request != NULL) {
            refuse(job->request, desk->errors);
        }
        release(desk, job);
    }
    return false;
}

/* Whether the job may be kept when it is run by itself: what other tenants wrote is kept already.
 */
static bool is_to_run_apart(const struct gj_job *job)
{
    return job->at != NULL && job->at->failed && !is_full(job->at->errors);
}

static void write_batch(struct gj_desk *desk, struct gj_job *first)
{
    if (!note_all(desk, first)) {
        return;
    }
    for (struct gj_tenant *t = desk->tenants; t != NULL; t = t->next) {
        gj_errors_clear(t->errors); /* what fails from here on is this batch's */
    }
    for (struct gj_job *job = first; job != NULL; job = job->next) {
        run_one(desk, job);
    }
    commit_all(desk);
    bool many = first->next != NULL;
    struct queue apart = {NULL, &apart.first};
    struct gj_job *next = NULL;
    for (struct gj_job *job = first; job != NULL; job = next) {
        next = job->next;
        if (many && is_to_run_apart(job)) {
            append(&apart, job);
        } else {
            end_one(desk, job);
        }
    }
    recover(desk);
    run_apart(desk, apart.first);
}

static void read_all(struct gj_desk *desk, struct gj_job *first)
{
    struct gj_job *next = NULL;
    if (!note_all(desk, first)) {
        return;
    }
    for (struct gj_job *job = first; job != NULL; job = next) {
        next = job->next;
        run_one(desk, job);
        end_one(desk, job);
    }
}

/* ---- time ---- */

/* The operator is told once. */
static void complain(struct gj_desk *desk, struct gj_tenant *t)
{
    if (is_full(t->errors)) {
        atomic_store(&desk->server->full, true);
    }
    if (!t->ailing) {
        tell_operator(desk, t, "deadlines wait, the database failed: ");
    }
    t->ailing = true;
}

/* Whoever was answered is on his way back: the time to look at what the batch has changed. */
static void follow(struct gj_desk *desk)
{
    for (struct gj_tenant *t = desk->tenants; t != NULL; t = t->next) {
        gj_errors_clear(t->errors);
        if (t->engine != NULL && gj_watch_follow(t->watch, t->engine) != GJ_OK) {
            complain(desk, t);
            close_engine(t);
        }
    }
}

/* What is due at `now` and what nears; `prune`: old notices are dropped. Where nothing is to be
 * done nothing is committed. */
static void tick_tenant(struct gj_desk *desk, struct gj_tenant *t, int64_t now, bool prune)
{
    if (tenant_of(desk, t->name)->engine == NULL) {
        complain(desk, t);
        return;
    }
    gj_errors_clear(t->errors);
    bool writes = prune || gj_engine_next_due(t->engine) < now;
    int status = prune ? gj_stream_prune(t->stream, now) : GJ_OK;
    status = status == GJ_OK ? gj_engine_tick(t->engine, now) : status;
    status = status == GJ_OK ? gj_watch_look(t->watch, t->engine, now) : status;
    writes = writes || gj_stream_has_news(t->stream);
    bool done = status == GJ_OK && (!writes || commit_tenant(desk, t) == GJ_OK);
    if (!done) {
        complain(desk, t);
        close_engine(t); /* what was due is due still when it is opened anew */
    }
    t->ailing = t->ailing && !done;
}

static void tick(struct gj_desk *desk)
{
    int64_t steady = gj_steady_now(), now = gj_server_now(desk->server);
    if (steady < desk->next_tick) {
        return;
    }
    desk->next_tick = steady + TICK_US;
    bool prune = steady >= desk->next_housekeeping;
    if (prune) {
        desk->next_housekeeping = steady + HOUSEKEEPING_US;
        gj_errors_clear(desk->errors);
        gj_office_answers_purge(desk->server->office, now - ANSWERS_US, desk->errors);
    }
    for (struct gj_tenant *t = desk->tenants; t != NULL; t = t->next) {
        tick_tenant(desk, t, now, prune);
        gj_stream_keep(t->stream);
    }
}

/* ---- the thread ---- */

/* Under lock: waits for as many jobs, until then (steady), or the end. */
static void await(struct gj_desk *desk, size_t jobs, int64_t until)
{
    desk->enough = jobs;
    for (int64_t now; desk->count < jobs && !desk->stop && (now = gj_steady_now()) < until;) {
        struct timespec at;
        clock_gettime(CLOCK_MONOTONIC, &at);
        int64_t nanos = at.tv_nsec + (until - now) % GJ_SECOND_US * 1000;
        at.tv_sec += (until - now) / GJ_SECOND_US + nanos / 1000000000;
        at.tv_nsec = nanos % 1000000000;
        pthread_cond_timedwait(&desk->wake, &desk->lock, &at);
    }
}

/* Up to BATCH_MAX jobs that wait, those that write and those that read. False: it is to end.
 *
 * Whoever was answered by the last batch is about to come again: without waiting for them, the
 * first one to come would have a transaction for itself, and all others would wait for it. */
static bool gather(struct gj_desk *desk, struct queue *writes, struct queue *reads)
{
    writes->first = reads->first = NULL;
    writes->end = &writes->first;
    reads->end = &reads->first;
    pthread_mutex_lock(&desk->lock);
    if (desk->crowd > 1) {
        await(desk, desk->crowd, gj_steady_now() + desk->gathering);
    }
    await(desk, 1, desk->next_tick);
    for (int i = 0; i < BATCH_MAX && desk->count > 0; i++) {
        struct gj_job *job = desk->waiting.first;
        desk->waiting.first = job->next;
        desk->count--;
        append(job->writes ? writes : reads, job);
    }
    if (desk->count == 0) {
        desk->waiting.end = &desk->waiting.first;
    }
    bool more = !desk->stop || writes->first != NULL || reads->first != NULL;
    atomic_store(&desk->server->counts.queued, (int64_t)desk->count);
    pthread_mutex_unlock(&desk->lock);
    return more;
}

static size_t length_of(const struct gj_job *job)
{
    size_t length = 0;
    for (; job != NULL; job = job->next) {
        length++;
    }
    return length;
}

/* What writes, as one batch; and how many are about to come again. */
static void write_all(struct gj_desk *desk, struct gj_job *first)
{
    int64_t begun = gj_steady_now();
    size_t jobs = length_of(first);
    if (first != NULL) {
        write_batch(desk, first);
    }
    int64_t worth = (gj_steady_now() - begun) / 4;
    desk->gathering = worth < GATHERING_US ? worth : GATHERING_US;
    pthread_mutex_lock(&desk->lock);
    desk->crowd = jobs == 0 ? 0 : jobs + desk->count;
    desk->crowd = desk->crowd < BATCH_MAX ? desk->crowd : BATCH_MAX;
    pthread_mutex_unlock(&desk->lock);
}

static void *work(void *context)
{
    struct gj_desk *desk = context;
    struct queue writes, reads;
    while (gather(desk, &writes, &reads)) {
        write_all(desk, writes.first);
        if (reads.first != NULL) {
            read_all(desk, reads.first);
        }
        follow(desk);
        tick(desk);
    }
    return NULL;
}

/* ---- from other threads ---- */

static bool push(struct gj_desk *desk, struct gj_job *job)
{
    pthread_mutex_lock(&desk->lock);
    bool room = desk->count < JOBS_MAX && !desk->stop;
    if (room) {
        append(&desk->waiting, job);
        if (++desk->count >= desk->enough) {
            pthread_cond_signal(&desk->wake);
        }
    }
    pthread_mutex_unlock(&desk->lock);
    return room;
}

bool gj_desk_submit(struct gj_desk *desk, struct gj_job *job)
{
    struct gj_request *r = job->request;
    gj_request_suspend(r);
    if (push(desk, job)) {
        return true;
    }
    gj_problem(r, "busy", "请求过多，请稍后再试", "too many requests wait; try again later");
    gj_request_resume(r);
    return false;
}

enum gj_handled gj_desk_ask(struct gj_request *r, void (*run)(struct gj_job *, struct gj_tenant *),
                            void *state)
{
    struct gj_job *job = gj_arena_alloc(&r->arena, sizeof *job);
    if (job == NULL) {
        return gj_problem(r, "out-of-memory", "服务器内存不足", "the server is out of memory");
    }
    *job = (struct gj_job){.request = r, .tenant = r->who.tenant.ptr, .run = run, .state = state};
    gj_desk_submit(r->server->desk, job);
    return GJ_LATER;
}

bool gj_desk_call(struct gj_desk *desk, const char *tenant, bool writes,
                  void (*run)(struct gj_job *, struct gj_tenant *), void *state)
{
    struct gj_job job = {.tenant = tenant, .writes = writes, .run = run, .state = state};
    if (!push(desk, &job)) {
        return false;
    }
    pthread_mutex_lock(&desk->lock);
    while (!job.done) {
        pthread_cond_wait(&desk->ended, &desk->lock);
    }
    pthread_mutex_unlock(&desk->lock);
    return job.kept;
}

/* ---- beginning and end ---- */

static int open_tenant(void *context, struct gj_str name, int64_t created)
{
    (void)created;
    char copy[64];
    snprintf(copy, sizeof copy, "%.*s", (int)name.len, name.ptr);
    return tenant_of(context, copy) == NULL ? -1 : 0;
}

struct gj_desk *gj_desk_new(struct gj_server *server, gj_errors *errors)
{
    struct gj_desk *desk = calloc(1, sizeof *desk);
    pthread_condattr_t monotonic;
    if (desk == NULL) {
        return NULL;
    }
    desk->server = server;
    desk->waiting.end = &desk->waiting.first;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&desk->lock, NULL);
    pthread_cond_init(&desk->wake, &monotonic);
    pthread_cond_init(&desk->ended, NULL);
    pthread_condattr_destroy(&monotonic);
    desk->errors = gj_errors_new();
    struct gj_tenant *own = desk->errors == NULL ? NULL : tenant_of(desk, "default");
    if (own == NULL || own->engine == NULL) {
        gj_errors_say(errors, "%s", own == NULL ? "out of memory" : gj_errors_text(own->errors));
    } else if (gj_office_tenants(server->office, open_tenant, desk, errors) == 0) {
        desk->running = pthread_create(&desk->thread, NULL, work, desk) == 0;
    }
    if (!desk->running) {
        gj_desk_free(desk);
        return NULL;
    }
    return desk;
}

void gj_desk_stop(struct gj_desk *desk)
{
    if (desk == NULL) {
        return;
    }
    pthread_mutex_lock(&desk->lock);
    desk->stop = true;
    pthread_cond_signal(&desk->wake);
    pthread_mutex_unlock(&desk->lock);
    if (desk->running) {
        pthread_join(desk->thread, NULL);
    }
    desk->running = false;
    for (struct gj_tenant *t = desk->tenants; t != NULL; t = t->next) {
        gj_stream_end(t->stream);
    }
}

void gj_desk_free(struct gj_desk *desk)
{
    if (desk == NULL) {
        return;
    }
    while (desk->tenants != NULL) {
        struct gj_tenant *t = desk->tenants;
        desk->tenants = t->next;
        free_tenant(t);
    }
    gj_errors_free(desk->errors);
    pthread_cond_destroy(&desk->wake);
    pthread_cond_destroy(&desk->ended);
    pthread_mutex_destroy(&desk->lock);
    free(desk);
}
