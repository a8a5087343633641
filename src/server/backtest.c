/* Room server: POST /v1/rulebook/backtest: what a candidate would have made of the recent log (see
 * rulebook.h).
 *
 * The desk gives the log in pieces, between its commits. They are decided by the rulebook in force
 * in an engine of our own, in memory, and once more by the candidate: both begin without what was
 * before the days asked for, so that they are alike in that. One runs at a time, in a thread of its
 * own. */
#include <stdlib.h>
#include <string.h>

#include "base/errors.h"
#include "server/candidate.h"
#include "server/desk.h"
#include "server/http.h"
#include "server/rulebook.h"
#include "server/tell.h"

#define PIECE_ROWS 2000   /* of the log, that the desk reads at once */
#define EVENTS_MAX 100000 /* they are held in memory */
#define DAYS_MAX   3660
#define TOLD_MAX   10000 /* differences of each list: many findings leave room for the money */
#define DAY_US     (INT64_C(86400) * GJ_SECOND_US)

struct gj_backtests {
    pthread_mutex_t lock;
    pthread_t thread;
    bool started, busy;
    bool stop; /* none begins any more */
};

struct trial {
    struct gj_request *r;
    gj_errors *errors;
    gj_engine *engine;   /* of the rulebook in force */
    struct gj_buf piece; /* lines, each ended by a NUL */
    int64_t from, after, last, now;
    int64_t events, refused;
    int status;
    int64_t told, dropped;
    size_t lists; /* begun: one a kind of difference, in their order */
    bool first;   /* of its list */
};

/* ---- the log ---- */

static int add_line(void *context, const char *line, size_t len)
{
    struct trial *t = context;
    gj_buf_add(&t->piece, line, len);
    gj_buf_add_char(&t->piece, '\0');
    return 0;
}

static void read_piece(struct gj_job *job, struct gj_tenant *tenant)
{
    struct trial *t = job->state;
    t->status = gj_engine_log(tenant->engine, t->after, PIECE_ROWS, t->from, add_line, t, &t->last);
    t->now = gj_engine_now(tenant->engine);
}

static int apply_piece(struct trial *t)
{
    const char *end = t->piece.ptr + t->piece.len;
    int status = GJ_OK;
    for (const char *line = t->piece.ptr; line < end && status == GJ_OK;) {
        gj_reception reception;
        size_t len = strlen(line);
        status = gj_engine_apply(t->engine, line, len, 0, &reception);
        line += len + 1;
        t->events++;
    }
    return status == GJ_OK ? gj_engine_commit(t->engine) : status;
}

/* false: answered. */
static bool gather(struct trial *t)
{
    struct gj_server *server = t->r->server;
    do {
        gj_buf_reset(&t->piece);
        t->after = t->last;
        if (atomic_load(&server->stopping) ||
            !gj_desk_call(server->desk, t->r->who.tenant.ptr, false, read_piece, t) ||
            t->status != GJ_OK || t->piece.failed) {
            gj_problem(t->r, "busy", "暂时无法读取日志，请稍后再试",
                       "the log cannot be read now; try again later");
            return false;
        }
        if (apply_piece(t) != GJ_OK) {
            gj_problem_errors(t->r, "internal", t->errors);
            return false;
        }
        if (t->events > EVENTS_MAX) {
            gj_problem(t->r, "unprocessable", "事件超过 100000 个，请用 days 缩短时间",
                       "these are more than 100000 events; shorten the time by `days`");
            return false;
        }
    } while (t->last > t->after);
    return true;
}

/* ---- differences ---- */

/* Begins the lists up to that of `kind`. */
static void begin_list(struct trial *t, gj_difference_kind kind)
{
    static const char *const names[] = {"findings", "money", "metrics"};
    const size_t count = sizeof names / sizeof names[0];
    for (; t->lists <= (size_t)kind && t->lists < count; t->lists++) {
        gj_buf_addf(&t->r->answer.body, "%s\"%s\":[", t->lists > 0 ? "],\n" : "", names[t->lists]);
        t->first = true;
        t->told = 0;
    }
}

static void add_figure(struct gj_buf *out, const char *name, bool there, int64_t count, int64_t of)
{
    if (there) {
        gj_buf_addf(out, ",\"%s\":{\"numerator\":%lld,\"denominator\":%lld}", name,
                    (long long)count, (long long)of);
    }
}

static void tell(void *context, const gj_difference *d)
{
    struct trial *t = context;
    struct gj_buf *out = &t->r->answer.body;
    if (!gj_request_sees(t->r, gj_str_of(d->source))) {
        return;
    }
    begin_list(t, d->kind);
    if (t->told++ >= TOLD_MAX) {
        t->dropped++;
        return;
    }
    gj_buf_add_cstr(out, t->first ? "\n{\"source\":" : ",\n{\"source\":");
    t->first = false;
    gj_json_add_string(out, gj_str_of(d->source));
    gj_tell_text(out, d->kind == GJ_DIFFERENT_METRIC ? "metric" : "rule", d->id);
    gj_tell_text(out, "account", d->account);
    gj_tell_text(out, "unit", d->unit);
    if (d->kind == GJ_DIFFERENT_FINDINGS) {
        gj_buf_add_cstr(out, ",\"subject\":{\"kind\":");
        gj_json_add_string(out, gj_str_of(d->subject_kind));
        gj_buf_add_cstr(out, ",\"id\":");
        gj_json_add_string(out, gj_str_of(d->subject));
        gj_buf_add_char(out, '}');
    } else {
        gj_tell_text(out, "product", d->subject);
    }
    gj_tell_text(out, d->kind == GJ_DIFFERENT_FINDINGS ? "at" : "from", d->from);
    if (d->kind == GJ_DIFFERENT_METRIC) {
        add_figure(out, "before", d->before_there, d->before, d->before_of);
        add_figure(out, "after", d->after_there, d->after, d->after_of);
    } else {
        gj_tell_int(out, "before", d->before);
        gj_tell_int(out, "after", d->after);
    }
    gj_buf_add_char(out, '}');
}

static void compare(struct trial *t, const struct gj_edition *edition, const gj_rulebook *other)
{
    struct gj_buf *out = &t->r->answer.body;
    gj_buf_addf(out, "{\"rulebook\":{\"before\":\"%s\",\"after\":\"%s\"},\"events\":%lld,",
                gj_rulebook_hash(edition->book), gj_rulebook_hash(other), (long long)t->events);
    if (gj_engine_backtest(t->engine, other, tell, t, &t->refused) != GJ_OK) {
        gj_problem_errors(t->r, "internal", t->errors);
        return;
    }
    begin_list(t, GJ_DIFFERENT_METRIC);
    gj_buf_addf(out, "],\"refused\":%lld,\"dropped\":%lld}\n", (long long)t->refused,
                (long long)t->dropped);
    gj_answer_json(t->r, 200);
}

/* ---- running ---- */

static void try_on_log(struct trial *t, const struct gj_edition *edition, const gj_rulebook *other)
{
    t->engine = gj_engine_open(edition->book, NULL, t->errors);
    gj_buf_init(&t->piece);
    if (t->engine == NULL) {
        gj_problem_errors(t->r, "internal", t->errors);
    } else if (gather(t)) {
        int status = t->now == INT64_MIN ? GJ_OK : gj_engine_advance(t->engine, t->now);
        if (status == GJ_OK && gj_engine_commit(t->engine) == GJ_OK) {
            compare(t, edition, other);
        } else {
            gj_problem_errors(t->r, "internal", t->errors);
        }
    }
    gj_engine_close(t->engine);
    gj_buf_release(&t->piece);
}

/* A candidate is of use here alone: its compiled form is not kept. */
static void try_candidate(struct trial *t, const struct gj_edition *edition, const char *dir)
{
    gj_rulebook *other = gj_rulebook_open(dir, "", t->errors);
    if (other == NULL || gj_rulebook_read_events(other, t->errors) != GJ_OK) {
        gj_candidate_errors(t->errors, dir);
        gj_problem_errors(t->r, "bad-rulebook", t->errors);
    } else {
        try_on_log(t, edition, other);
    }
    gj_rulebook_free(other);
}

static void backtest(struct gj_request *r, gj_errors *errors)
{
    struct trial t = {.r = r, .errors = errors, .from = INT64_MIN};
    struct gj_body body;
    int64_t days = -1;
    if (!gj_body_open(r, true, &body) || !gj_body_only(&body, "files,days") ||
        !gj_body_number(&body, "days", 1, DAYS_MAX, &days)) {
        return;
    }
    t.from = days < 0 ? INT64_MIN : r->now - days * DAY_US;
    struct gj_edition *edition = gj_edition_take(r->server);
    char *dir = gj_candidate_make(&body, edition->dir);
    if (dir != NULL) {
        try_candidate(&t, edition, dir);
        gj_candidate_remove(dir);
    }
    free(dir);
    gj_edition_leave(edition);
}

static void *run(void *context)
{
    struct gj_request *r = context;
    struct gj_backtests *all = r->server->backtests;
    gj_errors *errors = gj_errors_new();
    if (errors != NULL) {
        backtest(r, errors);
    }
    gj_errors_free(errors);
    pthread_mutex_lock(&all->lock);
    all->busy = false;
    pthread_mutex_unlock(&all->lock);
    gj_request_resume(r);
    return NULL;
}

enum gj_handled gj_backtest_post(struct gj_request *r)
{
    struct gj_backtests *all = r->server->backtests;
    pthread_mutex_lock(&all->lock);
    bool started = false, busy = all->busy || all->stop;
    if (!busy) {
        if (all->started) {
            pthread_join(all->thread, NULL);
        }
        gj_request_suspend(r);
        started = pthread_create(&all->thread, NULL, run, r) == 0;
        all->started = all->busy = started;
    }
    pthread_mutex_unlock(&all->lock);
    if (busy) {
        return gj_problem(r, "too-many-requests", "已有一次回测在运行，请稍后再试",
                          "a backtest is running; try again later");
    }
    if (!started) {
        gj_problem(r, "busy", "暂时无法运行，请稍后再试", "it cannot be run now; try again later");
        gj_request_resume(r);
    }
    return GJ_LATER;
}

struct gj_backtests *gj_backtests_new(void)
{
    struct gj_backtests *all = calloc(1, sizeof *all);
    if (all != NULL) {
        pthread_mutex_init(&all->lock, NULL);
    }
    return all;
}

void gj_backtests_stop(struct gj_backtests *all)
{
    if (all == NULL) {
        return;
    }
    pthread_mutex_lock(&all->lock);
    bool started = all->started;
    all->started = false;
    all->stop = true;
    pthread_mutex_unlock(&all->lock);
    if (started) {
        pthread_join(all->thread, NULL);
    }
}

void gj_backtests_free(struct gj_backtests *all)
{
    if (all != NULL) {
        pthread_mutex_destroy(&all->lock);
        free(all);
    }
}
