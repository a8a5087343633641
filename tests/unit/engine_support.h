/* Tests of the engine: simulated streams, and what an engine makes of them. */
#ifndef GJ_TESTS_ENGINE_SUPPORT_H
#define GJ_TESTS_ENGINE_SUPPORT_H

#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/vec.h"
#include "engine/inside.h"

struct told { /* one event */
    char *line;
    char source[64];
    int64_t at;
};

struct stream {
    struct told *events;
    size_t count, capacity;
    int64_t end; /* an instant after the last event */
};

static inline void told_read(struct told *t)
{
    const char *source = strstr(t->line, "\"source\":\""), *time = strstr(t->line, "\"time\":\"");
    char text[40] = "";
    cr_assert(source != NULL && time != NULL, "%s", t->line);
    sscanf(source + 10, "%63[^\"]", t->source);
    sscanf(time + 8, "%39[^\"]", text);
    cr_assert_eq(gj_time_parse(text, &t->at), 0, "%s", text);
}

static inline void stream_add(struct stream *s, const char *line)
{
    s->events = gj_grow(s->events, &s->capacity, s->count + 1, sizeof *s->events);
    struct told *t = &s->events[s->count++];
    *t = (struct told){.line = strdup(line)};
    told_read(t);
    s->end = t->at >= s->end ? t->at + GJ_MICROS : s->end;
}

static inline void stream_free(struct stream *s)
{
    for (size_t i = 0; i < s->count; i++) {
        free(s->events[i].line);
    }
    free(s->events);
    *s = (struct stream){0};
}

static inline struct stream stream_simulated(const gj_simulation *settings, gj_errors *errors)
{
    struct stream s = {0};
    const char *line = NULL;
    size_t len = 0;
    gj_simulator *sim = gj_simulator_new("simulation", settings, errors);
    cr_assert_not_null(sim);
    while (gj_simulator_next(sim, &line, &len) == GJ_OK && line != NULL) {
        stream_add(&s, line);
    }
    gj_simulator_free(sim);
    return s;
}

struct bench { /* a rulebook and an engine in memory that can begin anew */
    gj_errors *errors;
    gj_rulebook *book;
    gj_engine *engine;
};

static inline void bench_complain(const struct bench *b, const char *when)
{
    const char *text = gj_errors_text(b->errors);
    cr_assert_fail("%s: %s", when, text == NULL ? "?" : text);
}

static inline struct bench bench_open(const char *db)
{
    struct bench b = {.errors = gj_errors_new()};
    b.book = gj_rulebook_open("rulebook", getenv("GJ_TEST_CACHE"), b.errors);
    b.engine = b.book == NULL ? NULL : gj_engine_open(b.book, db, b.errors);
    if (b.engine == NULL) {
        bench_complain(&b, "open");
    }
    return b;
}

static inline void bench_close(struct bench *b)
{
    gj_engine_close(b->engine);
    gj_rulebook_free(b->book);
    gj_errors_free(b->errors);
}

/* Applies the stream to the empty engine, lets time pass to its end, and gives the final JSON. A
 * clock ticks before each event, `ahead` microseconds ahead of it (-1: none). */
static inline char *bench_run_ticked(struct bench *b, const struct stream *s, int64_t ahead)
{
    int64_t clock = INT64_MIN;
    if (gj_engine_restart(b->engine) != 0) {
        bench_complain(b, "restart");
    }
    for (size_t i = 0; i < s->count; i++) {
        gj_reception got;
        const char *line = s->events[i].line;
        clock = ahead >= 0 && s->events[i].at + ahead > clock ? s->events[i].at + ahead : clock;
        if (gj_engine_next_due(b->engine) < clock && gj_engine_tick(b->engine, clock) != GJ_OK) {
            bench_complain(b, "tick");
        }
        if (gj_engine_apply(b->engine, line, strlen(line), 0, &got) != GJ_OK) {
            bench_complain(b, line);
        }
        if (i % 500 == 499 && gj_engine_commit(b->engine) != GJ_OK) {
            bench_complain(b, "commit");
        }
    }
    if (gj_engine_advance(b->engine, s->end) != GJ_OK) {
        bench_complain(b, "advance");
    }
    char *json = gj_engine_state_json(b->engine, NULL);
    if (json == NULL) {
        bench_complain(b, "state");
    }
    return json;
}

static inline char *bench_run(struct bench *b, const struct stream *s)
{
    return bench_run_ticked(b, s, -1);
}

#endif
