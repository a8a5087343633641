/* Room cli: guiju explain: why an order, an after-sale case, an agent stands as it does. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

/* Feeds the stream, if one is given, and explains. */
static int explain(const struct cli *cli, gj_engine *engine, const char *stream, int64_t until,
                   const gj_question *question)
{
    gj_feed feed = {0};
    char *text = NULL;
    if (stream != NULL && gj_engine_feed(engine, stream, until, NULL, NULL, &feed) != GJ_OK) {
        return EXIT_BAD;
    }
    if (feed.rejected > 0) {
        fprintf(stderr,
                cli_say(cli, "guiju: %s：%lld 行被拒收，不在其中；原因见 guiju replay\n",
                        "guiju: %s: %lld lines were refused and are not in it; guiju replay tells "
                        "why\n"),
                stream, (long long)feed.rejected);
    }
    int status =
        strcmp(question->kind, "event") == 0
            ? gj_engine_decision(engine, question->shop, question->id, question->english, &text)
            : gj_engine_explain(engine, question, &text);
    if (status != GJ_OK) {
        return EXIT_BAD;
    }
    fputs(text, stdout);
    gj_string_free(text);
    return EXIT_CLEAN;
}

int cli_explain(struct cli *cli, int argc, char **argv)
{
    const char *db = NULL, *shop = NULL, *format = "text", *until_text = NULL;
    char why[160];
    const struct cli_option options[] = {{"--db", NULL, &db, NULL},
                                         {"--shop", NULL, &shop, NULL},
                                         {"--until", NULL, &until_text, NULL},
                                         {"--format", "-f", &format, NULL},
                                         {NULL, NULL, NULL, NULL}};
    int left = cli_options(cli, argc, argv, options);
    bool json = strcmp(format, "json") == 0;
    int64_t until = GJ_ALWAYS;
    const char *stream = left == 3 ? argv[2] : NULL;
    if (!cli_words(cli, left, argv, 2, 3) || !cli_one_of(cli, "--format", format, "text|json")) {
        return EXIT_BAD;
    }
    if (stream == NULL && db == NULL) {
        return cli_misuse(cli, cli_say(cli, "请给出事件文件，或用 --db 指明数据库",
                                       "give a file of events, or --db FILE"));
    }
    if (stream == NULL && until_text != NULL) {
        return cli_misuse(
            cli, cli_say(cli, "--until 只用于事件文件", "--until is for a file of events"));
    }
    if (cli_time(cli, "--until", until_text, &until) != 0) {
        return EXIT_BAD;
    }
    if (stream == NULL && access(db, R_OK) != 0) { /* opening it would make it */
        fprintf(stderr, "guiju: %s: %s\n", db, cli_reason(cli, why, sizeof why));
        return EXIT_BAD;
    }
    gj_question question = {argv[0], argv[1], shop, json, cli->english};
    gj_rulebook *book = gj_rulebook_open(cli->rulebook, cli->cache, cli->errors);
    gj_engine *engine = book == NULL ? NULL : gj_engine_open(book, db, cli->errors);
    int status = engine == NULL ? EXIT_BAD : explain(cli, engine, stream, until, &question);
    gj_engine_close(engine);
    gj_rulebook_free(book);
    return status;
}
