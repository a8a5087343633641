/* Room cli: `guiju simulate`, the events of simulated shops as JSON lines. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"

#define OUT_BYTES      (1 << 20)
#define SHOW_EVERY     4096 /* events between two looks at the clock */
#define SECONDS_OF_DAY 86400

struct wishes { /* the options as they were given */
    const char *seed, *shops, *days, *orders, *late, *duplicates, *from, *platform, *out, *dir;
};

static int read_number(const char *name, const char *text, uint64_t max, uint64_t *out)
{
    char *end = NULL;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value > max) {
        fprintf(stderr, "guiju: %s is a number from 0 to %" PRIu64 ", not '%s'\n", name, max, text);
        return -1;
    }
    *out = value;
    return 0;
}

static int read_small(const char *name, const char *text, uint32_t *out)
{
    uint64_t value = 0;
    int status = read_number(name, text, 1000000, &value);
    *out = (uint32_t)value;
    return status;
}

/* "2026-03-01" as seconds of its 00:00 UTC. */
static int read_date(const char *text, int64_t *out)
{
    struct tm day = {0};
    char again[16];
    const char *end = strptime(text, "%Y-%m-%d", &day);
    time_t seconds = timegm(&day); /* puts 30 February right: then the text is not the same */
    if (end == NULL || *end != '\0' || strftime(again, sizeof again, "%Y-%m-%d", &day) == 0 ||
        strcmp(again, text) != 0) {
        fprintf(stderr, "guiju: --from is a day as 2026-03-01, not '%s'\n", text);
        return -1;
    }
    *out = (int64_t)seconds;
    return 0;
}

static int read_wishes(const struct wishes *w, gj_simulation *s)
{
    s->platform = w->platform;
    return read_number("--seed", w->seed, UINT64_MAX, &s->seed) != 0 ||
                   read_small("--shops", w->shops, &s->shops) != 0 ||
                   read_small("--days", w->days, &s->days) != 0 ||
                   read_small("--orders", w->orders, &s->orders) != 0 ||
                   read_small("--late", w->late, &s->late) != 0 ||
                   read_small("--duplicates", w->duplicates, &s->duplicates) != 0 ||
                   read_date(w->from, &s->from) != 0
               ? -1
               : 0;
}

static void show_progress(const struct cli *cli, const gj_simulation *s, int64_t now,
                          uint64_t events)
{
    int64_t gone = now - (s->from - 8 * 3600), whole = (int64_t)s->days * SECONDS_OF_DAY;
    fprintf(stderr, "\r%3d %%  %" PRIu64 " %s", (int)(gone * 100 / whole), events,
            cli_say(cli, "条事件", "events"));
}

/* Writes until the end; false on an error, which is told. */
static bool write_all(struct cli *cli, gj_simulator *sim, const gj_simulation *s, FILE *out)
{
    bool progress = isatty(STDERR_FILENO) && !isatty(fileno(out));
    struct timespec shown = {0}, clock = {0};
    uint64_t events = 0;
    const char *line = NULL;
    size_t len = 0;
    int status = 0;
    while ((status = gj_simulator_next(sim, &line, &len)) == GJ_OK && line != NULL) {
        if (fwrite_unlocked(line, 1, len, out) != len || putc_unlocked('\n', out) == EOF) {
            break;
        }
        if (++events % SHOW_EVERY == 0 && progress) {
            clock_gettime(CLOCK_MONOTONIC, &clock);
            if (clock.tv_sec != shown.tv_sec) {
                shown = clock;
                show_progress(cli, s, gj_simulator_now(sim), events);
            }
        }
    }
    if (progress) {
        fputs("\r\033[K", stderr);
    }
    if (status != GJ_OK) {
        fputs("guiju: out of memory\n", stderr);
    } else if (ferror(out) != 0 || fflush(out) != 0) {
        perror("guiju: cannot write the events");
        clearerr(out);
        status = GJ_ESYSTEM;
    }
    return status == GJ_OK;
}

static int run_simulation(struct cli *cli, const gj_simulation *s, const char *dir,
                          const char *path)
{
    gj_simulator *sim = gj_simulator_new(dir, s, cli->errors);
    bool named = path != NULL && strcmp(path, "-") != 0;
    FILE *out = sim == NULL ? NULL : named ? fopen(path, "wb") : stdout;
    if (sim != NULL && out == NULL) {
        fprintf(stderr, "guiju: cannot write %s: %s\n", path, strerror(errno));
    }
    if (out == NULL) {
        gj_simulator_free(sim);
        return EXIT_BAD;
    }
    setvbuf(out, NULL, _IOFBF, OUT_BYTES);
    bool done = write_all(cli, sim, s, out);
    if (named && fclose(out) != 0 && done) {
        fprintf(stderr, "guiju: cannot write %s: %s\n", path, strerror(errno));
        done = false;
    }
    gj_simulator_free(sim);
    return done ? EXIT_CLEAN : EXIT_BAD;
}

int cli_simulate(struct cli *cli, int argc, char **argv)
{
    struct wishes w = {.seed = "1",
                       .shops = "6",
                       .days = "30",
                       .orders = "40",
                       .late = "2",
                       .duplicates = "2",
                       .from = "2026-03-01",
                       .dir = gj_simulation_default_dir()};
    const struct cli_option options[] = {
        {"--seed", NULL, &w.seed, NULL},  {"--shops", NULL, &w.shops, NULL},
        {"--days", NULL, &w.days, NULL},  {"--orders", NULL, &w.orders, NULL},
        {"--late", NULL, &w.late, NULL},  {"--duplicates", NULL, &w.duplicates, NULL},
        {"--from", NULL, &w.from, NULL},  {"--platform", "-p", &w.platform, NULL},
        {"--output", "-o", &w.out, NULL}, {"--simulation", NULL, &w.dir, NULL},
        {NULL, NULL, NULL, NULL}};
    gj_simulation s = {0};
    int left = cli_options(cli, argc, argv, options);
    if (left > 0) {
        fprintf(stderr, "guiju: simulate takes options only, not '%s'\n", argv[0]);
    }
    if (left != 0 || read_wishes(&w, &s) != 0) {
        return EXIT_BAD;
    }
    return run_simulation(cli, &s, w.dir, w.out);
}
