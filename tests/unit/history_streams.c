/* Tests of room engine: what must hold of every history, tried on simulated streams. A failure
 * names the seed; GJ_SEED=n runs that one alone, GJ_SEEDS=n so many however long it takes. */
#include <time.h>

#include "base/sort.h"
#include "engine_support.h"
#include "sim/random.h"

#define SEEDS   200
#define SECONDS 30 /* for each of them, unless GJ_SEEDS asks for all */
#define WORKERS 4  /* tests that share the seeds; criterion runs them at the same time */

static uint32_t below(struct sim_random *random, uint32_t count)
{
    return sim_random_next(random) % count;
}

/* ---- parts of the final JSON ---- */

static struct gj_str section(const char *json, const char *name)
{
    char opening[40];
    snprintf(opening, sizeof opening, "\n\"%s\":[", name);
    const char *from = strstr(json, opening);
    cr_assert_not_null(from, "no %s in the final JSON", name);
    const char *end = strchr(from + strlen(opening), ']');
    const char *next = strstr(from + strlen(opening), "],\n\"");
    end = next != NULL ? next : strstr(from, "]}\n") != NULL ? strstr(from, "]}\n") : end;
    return (struct gj_str){from, (size_t)(end - from)};
}

/* Shows the first lines that only one of both has. */
static void show_difference(const char *what, uint64_t seed, struct gj_str a, struct gj_str b)
{
    size_t shown = 0;
    fprintf(stderr, "--- seed %llu: %s differ\n", (unsigned long long)seed, what);
    for (int side = 0; side < 2; side++) {
        struct gj_str mine = side == 0 ? a : b, other = side == 0 ? b : a;
        const char *at = mine.ptr, *end = mine.ptr + mine.len;
        for (shown = 0; at < end && shown < 4;) {
            const char *stop = memchr(at, '\n', (size_t)(end - at));
            size_t len = (size_t)((stop == NULL ? end : stop) - at);
            size_t bare = len > 0 && at[len - 1] == ',' ? len - 1 : len;
            if (bare > 1 && memmem(other.ptr, other.len, at, bare) == NULL) {
                fprintf(stderr, "%c %.*s\n", side == 0 ? '-' : '+', (int)bare, at);
                shown++;
            }
            at += len + 1;
        }
    }
}

static bool same_section(const char *what, uint64_t seed, const char *a, const char *b)
{
    struct gj_str x = section(a, what), y = section(b, what);
    bool same = gj_str_eq(x, y);
    if (!same) {
        show_difference(what, seed, x, y);
    }
    return same;
}

static bool same_json(const char *why, uint64_t seed, const char *a, const char *b)
{
    static const char *const names[] = {"entities", "deadlines", "findings",
                                        "ledger",   "measures",  "metrics"};
    bool same = true;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        same &= same_section(names[i], seed, a, b);
    }
    if (!same) {
        fprintf(stderr, "    (%s)\n", why);
    }
    return same;
}

/* ---- sums of the ledger ---- */

struct sum {
    char key[200];
    int64_t amount;
};

struct sums {
    struct sum *items;
    size_t count, capacity;
};

static void part_of(const char *line, size_t len, const char *name, char *out, size_t size)
{
    char opening[30];
    snprintf(opening, sizeof opening, "\"%s\":", name);
    const char *at = memmem(line, len, opening, strlen(opening));
    out[0] = '\0';
    if (at != NULL) {
        at += strlen(opening);
        at += *at == '"';
        size_t n = strcspn(at, "\",}");
        snprintf(out, size, "%.*s", (int)n, at);
    }
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct sum *)a)->key, ((const struct sum *)b)->key);
}

/* By shop, rule, account and unit; those of nothing are left out. */
static struct sums ledger_sums(const char *json)
{
    struct sums s = {0};
    struct gj_str ledger = section(json, "ledger");
    const char *at = ledger.ptr + 1, *end = ledger.ptr + ledger.len;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((stop == NULL ? end : stop) - at), i = 0;
        char parts[5][80], key[200];
        part_of(at, len, "source", parts[0], 60);
        part_of(at, len, "rule", parts[1], 60);
        part_of(at, len, "account", parts[2], 60);
        part_of(at, len, "unit", parts[3], 8);
        part_of(at, len, "amount", parts[4], 30);
        at += len + 1;
        if (parts[0][0] == '\0') {
            continue;
        }
        snprintf(key, sizeof key, "%.50s %.60s %.50s %.8s", parts[0], parts[1], parts[2], parts[3]);
        while (i < s.count && strcmp(s.items[i].key, key) != 0) {
            i++;
        }
        if (i == s.count) {
            s.items = gj_grow(s.items, &s.capacity, s.count + 1, sizeof *s.items);
            s.items[s.count++] = (struct sum){.amount = 0};
            memcpy(s.items[i].key, key, sizeof key);
        }
        s.items[i].amount += strtoll(parts[4], NULL, 10);
    }
    size_t kept = 0;
    for (size_t i = 0; i < s.count; i++) {
        if (s.items[i].amount != 0) {
            s.items[kept++] = s.items[i];
        }
    }
    s.count = kept;
    if (kept > 1) {
        gj_sort(s.items, kept, sizeof *s.items, by_key);
    }
    return s;
}

static bool same_sums(uint64_t seed, const char *a, const char *b)
{
    struct sums x = ledger_sums(a), y = ledger_sums(b);
    bool same = x.count == y.count;
    for (size_t i = 0; same && i < x.count; i++) {
        same =
            strcmp(x.items[i].key, y.items[i].key) == 0 && x.items[i].amount == y.items[i].amount;
    }
    if (!same) {
        fprintf(stderr, "--- seed %llu: sums of the ledger differ\n", (unsigned long long)seed);
        for (int side = 0; side < 2; side++) {
            struct sums *mine = side == 0 ? &x : &y, *other = side == 0 ? &y : &x;
            for (size_t i = 0; i < mine->count; i++) {
                bool there = false;
                for (size_t j = 0; j < other->count; j++) {
                    there |= strcmp(mine->items[i].key, other->items[j].key) == 0 &&
                             mine->items[i].amount == other->items[j].amount;
                }
                if (!there) {
                    fprintf(stderr, "%c %s %lld\n", side == 0 ? '-' : '+', mine->items[i].key,
                            (long long)mine->items[i].amount);
                }
            }
        }
    }
    free(x.items);
    free(y.items);
    return same;
}

/* ---- streams made of streams ---- */

static struct stream copied(const struct stream *s)
{
    struct stream copy = {.end = s->end};
    for (size_t i = 0; i < s->count; i++) {
        stream_add(&copy, s->events[i].line);
    }
    copy.end = s->end;
    return copy;
}

/* Shops take turns at random; within a shop the order stays. */
static struct stream interleaved(const struct stream *s, struct sim_random *random)
{
    struct stream out = {.end = s->end};
    bool *done = calloc(s->count + 1, sizeof *done);
    size_t first = 0;
    while (out.count < s->count) {
        for (; done[first]; first++) {
        }
        size_t pick = first + below(random, 60);
        pick = pick < s->count && !done[pick] ? pick : first;
        for (size_t i = first; i < pick; i++) { /* the shop's earliest that waits */
            if (!done[i] && strcmp(s->events[i].source, s->events[pick].source) == 0) {
                pick = i;
            }
        }
        done[pick] = true;
        stream_add(&out, s->events[pick].line);
    }
    free(done);
    out.end = s->end;
    return out;
}

static struct stream doubled(const struct stream *s, struct sim_random *random)
{
    struct stream out = {.end = s->end};
    for (size_t i = 0; i < s->count; i++) {
        stream_add(&out, s->events[i].line);
        if (below(random, 5) == 0) {
            stream_add(&out, s->events[below(random, (uint32_t)i + 1)].line);
        }
    }
    out.end = s->end;
    return out;
}

/* Some events of a shop come behind later ones: by a few places, or by many. The order of events at
 * one instant stays. */
static struct stream disordered(const struct stream *s, struct sim_random *random)
{
    struct stream out = copied(s);
    for (size_t i = 0; i + 1 < out.count; i++) {
        struct told t = out.events[i];
        if (below(random, 25) != 0) {
            continue;
        }
        size_t places = below(random, 4) == 0 ? 1 + below(random, 600) : 1 + below(random, 40);
        size_t to = i;
        while (
            to + 1 < out.count && places-- > 0 &&
            !(out.events[to + 1].at == t.at && strcmp(out.events[to + 1].source, t.source) == 0)) {
            out.events[to] = out.events[to + 1];
            to++;
        }
        out.events[to] = t;
    }
    return out;
}

/* ---- the properties ---- */

static bool rebuilds(struct bench *b, uint64_t seed, const char *json, const char *what)
{
    char before[33], after[33];
    if (gj_engine_rebuild(b->engine, before, after) != GJ_OK) {
        bench_complain(b, "rebuild");
    }
    char *again = gj_engine_state_json(b->engine, NULL);
    bool same = same_json(what, seed, json, again);
    bool equal = strcmp(before, after) == 0;
    if (!equal) {
        fprintf(stderr, "--- seed %llu: %s: another hash after rebuild\n", (unsigned long long)seed,
                what);
    }
    gj_string_free(again);
    return equal && same;
}

static bool intact(struct bench *b, uint64_t seed, const char *what)
{
    gj_errors_clear(b->errors);
    if (gj_engine_check(b->engine, b->errors) == GJ_OK) {
        return true;
    }
    fprintf(stderr, "--- seed %llu: %s: %s\n", (unsigned long long)seed, what,
            gj_errors_text(b->errors));
    gj_errors_clear(b->errors);
    return false;
}

/* What a live server sees: its clock is a second ahead of what it hears. */
static bool ticks(struct bench *b, uint64_t seed, const struct stream *s, const char *json)
{
    static const char *const names[] = {"entities", "deadlines", "findings", "measures", "metrics"};
    char *ticked = bench_run_ticked(b, s, GJ_MICROS);
    bool good = same_sums(seed, json, ticked);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        good &= same_section(names[i], seed, json, ticked);
    }
    good &= intact(b, seed, "ticked");
    good &= rebuilds(b, seed, ticked, "ticked");
    gj_string_free(ticked);
    return good;
}

/* What is told of an event on the way is what the log tells of it, seen at every eighth: the log
 * runs a whole case for each. Of most events it is told. */
static bool decides(struct bench *b, uint64_t seed, const struct stream *s)
{
    size_t told = 0;
    bool good = true;
    if (gj_engine_restart(b->engine) != 0 || gj_engine_decide(b->engine, true, seed % 2) != GJ_OK) {
        bench_complain(b, "restart");
    }
    for (size_t i = 0; i < s->count && good; i++) {
        gj_reception got;
        const char *line = s->events[i].line;
        if (gj_engine_apply(b->engine, line, strlen(line), 0, &got) != GJ_OK) {
            bench_complain(b, line);
        }
        told += got.decision != NULL;
        if (got.decision == NULL || i % 8 != seed % 8) {
            continue;
        }
        char *now = strdup(got.decision), *id = strdup(got.id), *later = NULL;
        if (gj_engine_decision(b->engine, s->events[i].source, id, seed % 2, &later) != GJ_OK) {
            bench_complain(b, "decision");
        }
        good = strcmp(now, later) == 0;
        if (!good) {
            fprintf(stderr, "--- seed %llu: the decision for %s\n- %s+ %s",
                    (unsigned long long)seed, id, now, later);
        }
        free(now);
        free(id);
        gj_string_free(later);
    }
    gj_engine_decide(b->engine, false, false);
    if (good && told * 2 < s->count) {
        fprintf(stderr, "--- seed %llu: %zu decisions of %zu events\n", (unsigned long long)seed,
                told, s->count);
    }
    return good && told * 2 >= s->count;
}

static bool holds(struct bench *b, uint64_t seed)
{
    struct sim_random random = sim_random_from(seed ^ 0x5eed);
    gj_simulation settings = {.seed = seed,
                              .shops = 2 + (uint32_t)(seed % 3),
                              .days = seed % 20 == 0 ? 40 : 3 + (uint32_t)(seed % 4),
                              .orders = seed % 20 == 0 ? 1 : 5,
                              .from = (seed % 7 == 0 ? 1798416000 : 1772323200) +
                                      86400 * (int64_t)(seed % 11)};
    struct stream ordered = stream_simulated(&settings, b->errors);
    char *json = bench_run(b, &ordered);
    bool good = intact(b, seed, "in order");
    good &= rebuilds(b, seed, json, "in order");
    good &= ticks(b, seed, &ordered, json);
    struct stream other = interleaved(&ordered, &random);
    char *shuffled = bench_run(b, &other);
    good &= same_json("shops interleaved", seed, json, shuffled);
    stream_free(&other);
    gj_string_free(shuffled);
    other = doubled(&ordered, &random);
    char *twice = bench_run(b, &other);
    good &= same_json("doubled", seed, json, twice);
    stream_free(&other);
    gj_string_free(twice);
    other = disordered(&ordered, &random);
    char *late = bench_run(b, &other);
    static const char *const names[] = {"entities", "deadlines", "findings", "measures", "metrics"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        good &= same_section(names[i], seed, json, late);
    }
    good &= same_sums(seed, json, late);
    good &= intact(b, seed, "late");
    good &= rebuilds(b, seed, late, "late");
    good &= decides(b, seed, &other);
    stream_free(&other);
    gj_string_free(late);
    gj_string_free(json);
    stream_free(&ordered);
    return good;
}

static void share(uint64_t worker)
{
    const char *one = getenv("GJ_SEED"), *many = getenv("GJ_SEEDS");
    uint64_t count = many == NULL ? SEEDS : strtoull(many, NULL, 10);
    struct bench b = bench_open(NULL);
    size_t failed = 0, tried = 0;
    time_t end = many == NULL && one == NULL ? time(NULL) + SECONDS : time(NULL) + 86400;
    for (uint64_t seed = 1 + worker; seed <= count && time(NULL) < end; seed += WORKERS) {
        if (one == NULL || strtoull(one, NULL, 10) == seed) {
            failed += !holds(&b, seed);
            tried++;
        }
    }
    bench_close(&b);
    cr_expect(tried > 0 || one != NULL || count <= worker, "no seed was tried in time");
    cr_expect(failed == 0, "%zu of %zu seeds failed", failed, tried);
}

Test(history, seeds_1, .timeout = 600)
{
    share(0);
}
Test(history, seeds_2, .timeout = 600)
{
    share(1);
}
Test(history, seeds_3, .timeout = 600)
{
    share(2);
}
Test(history, seeds_4, .timeout = 600)
{
    share(3);
}
