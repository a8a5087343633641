/* Room cli: guiju replay: a file of events into states, deadlines, findings, money and metrics. */
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

struct refusals {
    const struct cli *cli;
    const char *file;
};

static void tell_refusal(void *context, int64_t line, const char *id, const char *why)
{
    const struct refusals *r = context;
    fprintf(stderr, "%s:%lld: %s%s", r->file, (long long)line, cli_say(r->cli, "拒收", "refused"),
            id[0] != '\0' ? " " : "");
    cli_plain(stderr, id, strlen(id));
    fputs(cli_say(r->cli, "：", ": "), stderr);
    cli_tell(r->cli, why);
    fputc('\n', stderr);
}

int cli_replay(struct cli *cli, int argc, char **argv)
{
    const char *db = NULL, *until_text = NULL, *format = "text";
    const struct cli_option options[] = {{"--db", NULL, &db, NULL},
                                         {"--until", NULL, &until_text, NULL},
                                         {"--format", "-f", &format, NULL},
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
        struct refusals refusals = {cli, argv[0]};
        status = gj_engine_refusals(engine, argv[0], tell_refusal, &refusals);
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
