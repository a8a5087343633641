/* Room cli: guiju replay: a file of events into states, deadlines, findings, money and metrics. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

static void show(void *context, uint64_t done, uint64_t total)
{
    const struct cli *cli = context;
    (void)cli;
    fprintf(stderr, "\r\033[K%3d %%", total == 0 ? 100 : (int)(done * 100 / total));
}

static void summarise(const struct cli *cli, const char *file, const gj_feed *feed)
{
    printf(cli_say(cli, "%s：已应用 %lld，重复 %lld，拒收 %lld，迟到 %lld，等待 %lld\n",
                   "%s: applied %lld, duplicate %lld, refused %lld, late %lld, waiting %lld\n"),
           file, (long long)feed->applied, (long long)feed->duplicate, (long long)feed->rejected,
           (long long)feed->late, (long long)feed->waiting);
}

/* ---- refused lines ---- */

#define REFUSED_SHOWN 20  /* lines, where not all are asked for */
#define REASONS_SHOWN 10  /* kinds of reasons, most lines first */
#define REASONS_MAX   200 /* kinds that are told apart; what comes later is counted only */
#define REASON_BYTES  512

/* Lines that were refused for the same reason, whatever numbers it names. */
struct reason {
    char kind[REASON_BYTES], first[REASON_BYTES]; /* the first as it was told */
    int64_t line, count;
};

struct refusals {
    const struct cli *cli;
    const char *file;
    bool all;
    int64_t count, uncounted; /* lines; those of no reason below */
    struct reason *reasons;
    size_t reason_count;
};

/* Digits in a row become one: ids and amounts make no reason of their own. */
static void make_kind(char *out, const char *why)
{
    size_t len = 0;
    for (; *why != '\0' && len + 1 < REASON_BYTES; why++) {
        bool digit = *why >= '0' && *why <= '9';
        if (!digit || len == 0 || out[len - 1] != '0') {
            out[len++] = digit ? '0' : *why;
        }
    }
    out[len] = '\0';
}

static void count_reason(struct refusals *r, int64_t line, const char *why)
{
    char kind[REASON_BYTES];
    size_t at = 0;
    make_kind(kind, why);
    while (at < r->reason_count && strcmp(r->reasons[at].kind, kind) != 0) {
        at++;
    }
    if (at == REASONS_MAX || r->reasons == NULL) {
        r->uncounted++;
        return;
    }
    struct reason *reason = &r->reasons[at];
    if (at == r->reason_count) {
        r->reason_count++;
        *reason = (struct reason){.line = line};
        memcpy(reason->kind, kind, sizeof kind);
        snprintf(reason->first, sizeof reason->first, "%s", why);
    }
    reason->count++;
}

static void tell_refusal(void *context, int64_t line, const char *id, const char *why)
{
    struct refusals *r = context;
    count_reason(r, line, why);
    if (++r->count > REFUSED_SHOWN && !r->all) {
        return;
    }
    fprintf(stderr, "%s:%lld: %s%s", r->file, (long long)line, cli_say(r->cli, "拒收", "refused"),
            id[0] != '\0' ? " " : "");
    cli_plain(stderr, id, strlen(id));
    fputs(cli_say(r->cli, "：", ": "), stderr);
    cli_tell(r->cli, why);
    fputc('\n', stderr);
}

static int most_first(const void *a, const void *b)
{
    const struct reason *x = a, *y = b;
    return x->count != y->count ? (x->count < y->count) - (x->count > y->count)
                                : (x->line > y->line) - (x->line < y->line);
}

/* Behind the lines that were shown: how many more there are, and of which reasons all are. */
static void tell_rest(struct refusals *r)
{
    const struct cli *cli = r->cli;
    if (r->count <= REFUSED_SHOWN) {
        return;
    }
    if (!r->all) {
        fprintf(stderr,
                cli_say(cli, "还有 %lld 行被拒收；加 --refused 逐行列出\n",
                        "%lld more lines were refused; --refused tells each of them\n"),
                (long long)(r->count - REFUSED_SHOWN));
    }
    fputs(cli_say(cli, "拒收原因：\n", "refused, by reason:\n"), stderr);
    qsort(r->reasons, r->reason_count, sizeof *r->reasons, most_first);
    int64_t others = r->uncounted;
    for (size_t i = 0; i < r->reason_count; i++) {
        const struct reason *reason = &r->reasons[i];
        if (i >= REASONS_SHOWN) {
            others += reason->count;
            continue;
        }
        fprintf(stderr, "%10lld  ", (long long)reason->count);
        cli_tell(cli, reason->first);
        fprintf(stderr, cli_say(cli, "（首见第 %lld 行）\n", " (first in line %lld)\n"),
                (long long)reason->line);
    }
    if (others > 0) {
        fprintf(stderr, "%10lld  %s\n", (long long)others,
                cli_say(cli, "其他原因", "for other reasons"));
    }
}

static int tell_refusals(const struct cli *cli, gj_engine *engine, const char *file, bool all)
{
    struct refusals r = {.cli = cli, .file = file, .all = all};
    r.reasons = calloc(REASONS_MAX, sizeof *r.reasons);
    int status = gj_engine_refusals(engine, file, tell_refusal, &r);
    tell_rest(&r);
    free(r.reasons);
    return status;
}

int cli_replay(struct cli *cli, int argc, char **argv)
{
    const char *db = NULL, *until_text = NULL, *format = "text";
    bool refused = false;
    const struct cli_option options[] = {{"--db", NULL, &db, NULL},
                                         {"--until", NULL, &until_text, NULL},
                                         {"--format", "-f", &format, NULL},
                                         {"--refused", NULL, NULL, &refused},
                                         {NULL, NULL, NULL, NULL}};
    int left = cli_options(cli, argc, argv, options);
    bool json = strcmp(format, "json") == 0;
    int64_t until = GJ_ALWAYS;
    if (!cli_words(cli, left, argv, 1, 1) || !cli_one_of(cli, "--format", format, "text|json")) {
        return EXIT_BAD;
    }
    if (cli_time(cli, "--until", until_text, &until) != 0) {
        return EXIT_BAD;
    }
    gj_rulebook *book = gj_rulebook_open(cli->rulebook, cli->cache, cli->errors);
    gj_engine *engine = book == NULL ? NULL : gj_engine_open(book, db, cli->errors);
    gj_feed feed = {0};
    bool bar = isatty(STDERR_FILENO);
    int status = engine == NULL
                     ? GJ_ESYSTEM
                     : gj_engine_feed(engine, argv[0], until, bar ? show : NULL, cli, &feed);
    if (bar) {
        fputs("\r\033[K", stderr);
    }
    if (status == GJ_OK && json) {
        char *state = gj_engine_state_json(engine, argv[0]);
        status = state == NULL || fputs(state, stdout) == EOF ? GJ_ESYSTEM : GJ_OK;
        gj_string_free(state);
    } else if (status == GJ_OK) {
        status = tell_refusals(cli, engine, argv[0], refused);
        summarise(cli, argv[0], &feed);
    }
    for (size_t i = 0; engine != NULL && gj_engine_unknown_field(engine, i) != NULL; i++) {
        const char *field = gj_engine_unknown_field(engine, i);
        fputs(cli_say(cli, "提醒：", "warning: "), stderr);
        cli_plain(stderr, field, strlen(field));
        fputs(cli_say(cli, " 不在约定之内；已保留，不起作用\n",
                      " is not in the contract; it is kept and means nothing\n"),
              stderr);
    }
    gj_engine_close(engine);
    gj_rulebook_free(book);
    return status == GJ_OK ? EXIT_CLEAN : EXIT_BAD;
}
