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

static int read_small(const struct cli *cli, const char *name, const char *text, uint64_t least,
                      uint64_t most, uint32_t *out)
{
    uint64_t value = 0;
    int status = cli_number(cli, name, text, least, most, &value);
    *out = (uint32_t)value;
    return status;
}

/* "2026-03-01" as seconds of its 00:00 UTC. */
static int read_date(const struct cli *cli, const char *text, int64_t *out)
{
    struct tm day = {0};
    char again[16];
    const char *end = strptime(text, "%Y-%m-%d", &day);
    time_t seconds = timegm(&day); /* puts 30 February right: then the text is not the same */
    if (end == NULL || *end != '\0' || strftime(again, sizeof again, "%Y-%m-%d", &day) == 0 ||
        strcmp(again, text) != 0) {
        fprintf(stderr,
                cli_say(cli, "guiju: --from 是日期，写作 2026-03-01，不能是 '%s'\n",
                        "guiju: --from is a day as 2026-03-01, not '%s'\n"),
                text);
        return -1;
    }
    *out = (int64_t)seconds;
    return 0;
}

static int read_wishes(const struct cli *cli, const struct wishes *w, gj_simulation *s)
{
    s->platform = w->platform;
    return cli_number(cli, "--seed", w->seed, 0, UINT64_MAX, &s->seed) != 0 ||
                   read_small(cli, "--shops", w->shops, 1, 100000, &s->shops) != 0 ||
                   read_small(cli, "--days", w->days, 1, 36500, &s->days) != 0 ||
                   read_small(cli, "--orders", w->orders, 0, 1000000, &s->orders) != 0 ||
                   read_small(cli, "--late", w->late, 0, 1000, &s->late) != 0 ||
                   read_small(cli, "--duplicates", w->duplicates, 0, 1000, &s->duplicates) != 0 ||
                   read_date(cli, w->from, &s->from) != 0
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
static bool write_all(struct cli *cli, gj_simulator *sim, const gj_simulation *s, FILE *out,
                      const char *path)
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
        cli_unwritable(cli, path);
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
        cli_unwritable(cli, path);
    }
    if (out == NULL) {
        gj_simulator_free(sim);
        return EXIT_BAD;
    }
    setvbuf(out, NULL, _IOFBF, OUT_BYTES);
    bool done = write_all(cli, sim, s, out, named ? path : NULL);
    if (named && fclose(out) != 0 && done) {
        cli_unwritable(cli, path);
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
    if (!cli_words(cli, left, argv, 0, 0) || read_wishes(cli, &w, &s) != 0) {
        return EXIT_BAD;
    }
    return run_simulation(cli, &s, w.dir, w.out);
}
