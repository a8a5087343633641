/* Room cli: guiju check. One message on the command line, or JSON lines from a file. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"

struct check {
    const char *platform, *sender, *kind, *file, *format, *packs, *at, *context;
    bool explain, report;
};

static gj_checker *open_checker(struct cli *cli, const struct check *check, gj_rulebook **book)
{
    gj_checker *checker = NULL;
    *book = gj_rulebook_open(cli->rulebook, cli->cache, cli->errors);
    if (*book != NULL) {
        cli->book = *book;
        cli_complain(cli); /* a cache that could not be kept */
        checker = gj_checker_new(*book, cli->errors);
    }
    if (checker != NULL && check->packs != NULL &&
        gj_checker_packs(checker, check->packs, cli->errors) != GJ_OK) {
        gj_checker_free(checker);
        checker = NULL;
    }
    if (checker != NULL) {
        gj_json_settings settings = {.english = cli->english, .default_platform = check->platform};
        gj_checker_json(checker, settings);
    }
    return checker;
}

static int status_of(const gj_verdict *verdict)
{
    return verdict->suggestion == GJ_PASS ? EXIT_CLEAN : EXIT_FOUND;
}

/* ---- one message ---- */

static bool is_day(const char *at)
{
    return strlen(at) == strlen("2026-03-01");
}

/* What would break the line that the command line stands for is told under the option's name. */
static bool good_values(struct cli *cli, const struct check *check)
{
    char *value = NULL;
    char day[64];
    int64_t ignored = 0;
    if (check->at != NULL) {
        snprintf(day, sizeof day, is_day(check->at) ? "%sT00:00:00+08:00" : "%s", check->at);
        if (gj_time_parse(day, &ignored) != 0) {
            fprintf(stderr,
                    cli_say(cli,
                            "guiju: --at %s：不是日期或时间；写作 2026-03-01 或 "
                            "2026-03-01T10:00:00+08:00\n",
                            "guiju: --at %s: is no day or time; write 2026-03-01 or "
                            "2026-03-01T10:00:00+08:00\n"),
                    check->at);
            return false;
        }
    }
    bool good = check->context == NULL ||
                gj_expression("true", check->context, &value, cli->errors) == GJ_OK;
    gj_string_free(value);
    if (!good) {
        fputs(cli_say(cli,
                      "guiju: --context 要是一个 JSON 对象，如 '{\"shop.services.cod\": true}'\n",
                      "guiju: --context is a JSON object, as '{\"shop.services.cod\": true}'\n"),
              stderr);
    }
    return good;
}

/* The command line's message as the JSON line it stands for: one door for both. */
static char *line_of(const struct check *check, const char *text, size_t *len)
{
    char *line = NULL;
    FILE *out = open_memstream(&line, len);
    if (out == NULL) {
        return NULL;
    }
    fputs("{\"platform\":", out);
    cli_json_string(out, check->platform);
    if (check->sender != NULL) {
        fputs(",\"sender\":", out);
        cli_json_string(out, check->sender);
    }
    if (check->kind != NULL) {
        fputs(",\"kind\":", out);
        cli_json_string(out, check->kind);
    }
    if (check->at != NULL) {
        char time_text[64];
        snprintf(time_text, sizeof time_text, is_day(check->at) ? "%sT00:00:00+08:00" : "%s",
                 check->at);
        fputs(",\"time\":", out);
        cli_json_string(out, time_text);
    }
    if (check->context != NULL) {
        fprintf(out, ",\"context\":%s", check->context);
    }
    fputs(",\"text\":", out);
    cli_json_string(out, text);
    fputc('}', out);
    return fclose(out) == 0 ? line : NULL;
}

/* A fact that means nothing here is not passed over in silence. */
static void tell_ignored(const struct cli *cli, const gj_checker *checker)
{
    const char *const *names = NULL;
    size_t count = gj_checker_ignored(checker, &names);
    for (size_t i = 0; i < count; i++) {
        fputs(cli_say(cli, "guiju: 没有 '", "guiju: there is no '"), stderr);
        cli_plain(stderr, names[i], strlen(names[i]));
        fputs(cli_say(cli, "' 这一项，已忽略；见 schema.yaml\n",
                      "', ignored; schema.yaml lists the facts\n"),
              stderr);
    }
}

static int check_one(struct cli *cli, const struct check *check, gj_checker *checker,
                     const char *text)
{
    size_t line_len = 0, json_len = 0;
    const char *json = NULL;
    const gj_verdict *verdict = NULL;
    char *line = line_of(check, text, &line_len);
    if (line == NULL) {
        fputs("guiju: out of memory\n", stderr);
        return EXIT_BAD;
    }
    int status = gj_check_json(checker, line, line_len, 0, 0, &json, &json_len, &verdict);
    bool as_json = check->format != NULL && strcmp(check->format, "json") == 0;
    if (as_json) {
        printf("%.*s\n", (int)json_len, json);
    }
    if (status != GJ_OK) {
        fputs("guiju: ", stderr);
        cli_tell(cli, gj_checker_refusal(checker));
        fputc('\n', stderr);
        free(line);
        return EXIT_BAD;
    }
    if (!as_json) {
        cli_print_verdict(cli, stdout, gj_checker_message(checker), verdict);
        tell_ignored(cli, checker);
    }
    int found = status_of(verdict);
    if (check->explain) {
        fputs(gj_checker_explain(checker, cli->english), as_json ? stderr : stdout);
    }
    free(line);
    return found;
}

/* ---- many ---- */

static int check_lines(struct cli *cli, const struct check *check, gj_checker *checker)
{
    struct cli_lines lines;
    struct cli_summary *summary = check->report ? cli_summary_new() : NULL;
    bool as_text = check->report || (check->format != NULL && strcmp(check->format, "text") == 0);
    size_t refused = 0;
    int status = EXIT_CLEAN;
    if (cli_lines_open(cli, &lines, check->file) != 0 || (check->report && summary == NULL)) {
        cli_summary_free(summary);
        return EXIT_BAD;
    }
    const char *line = NULL, *json = NULL;
    size_t len = 0, json_len = 0;
    while (cli_lines_next(&lines, &line, &len)) {
        const gj_verdict *verdict = NULL;
        size_t padding = cli_lines_padding(&lines, line, len);
        if (gj_check_json(checker, line, len, padding, lines.number, &json, &json_len, &verdict) !=
            GJ_OK) {
            refused++;
            fprintf(as_text ? stderr : stdout, "%.*s\n", (int)json_len, json);
            continue;
        }
        if (verdict->suggestion != GJ_PASS) {
            status = EXIT_FOUND;
        }
        if (!as_text) {
            fwrite(json, 1, json_len, stdout);
            fputc('\n', stdout);
        } else {
            cli_print_verdict(cli, stdout, gj_checker_message(checker), verdict);
            tell_ignored(cli, checker);
        }
        if (check->explain) {
            fputs(gj_checker_explain(checker, cli->english), as_text ? stdout : stderr);
        }
        if (summary != NULL) {
            cli_summary_add(summary, gj_checker_message(checker), verdict);
        }
    }
    bool failed = lines.failed;
    cli_lines_close(&lines);
    if (summary != NULL) {
        cli_summary_print(cli, stdout, summary);
        cli_summary_free(summary);
    }
    if (failed) {
        fprintf(stderr, "guiju: %s: %s\n", check->file,
                cli_say(cli, "读取中断", "reading broke off; the lines above are complete"));
    }
    if (refused > 0) {
        fprintf(stderr,
                cli_say(cli, "guiju: %zu 行无法处理，见各行的 error\n",
                        "guiju: %zu lines were refused, each names its error\n"),
                refused);
    }
    return failed || refused > 0 ? EXIT_BAD : status;
}

int cli_check(struct cli *cli, int argc, char **argv)
{
    struct check check = {0};
    const struct cli_option options[] = {{"--platform", "-p", &check.platform, NULL},
                                         {"--sender", "-s", &check.sender, NULL},
                                         {"--kind", "-k", &check.kind, NULL},
                                         {"--file", "-f", &check.file, NULL},
                                         {"--format", NULL, &check.format, NULL},
                                         {"--packs", NULL, &check.packs, NULL},
                                         {"--at", NULL, &check.at, NULL},
                                         {"--context", NULL, &check.context, NULL},
                                         {"--explain", NULL, NULL, &check.explain},
                                         {"--report", NULL, NULL, &check.report},
                                         {NULL, NULL, NULL, NULL}};
    int left = cli_options(cli, argc, argv, options);
    if (left < 0) {
        return EXIT_BAD;
    }
    if (left == 1 && check.file == NULL && strcmp(argv[0], "-") == 0) {
        check.file = "-";
        left = 0;
    }
    if (check.format != NULL && !cli_one_of(cli, "--format", check.format, "text|json")) {
        return EXIT_BAD;
    }
    if ((check.file == NULL) != (left == 1) || (check.file == NULL && check.platform == NULL)) {
        fputs(cli_say(cli, "guiju: 请给出 -p 平台 和一条消息（加引号），或 -f 文件\n",
                      "guiju: give -p PLATFORM and one message, in quotes, or -f FILE\n"),
              stderr);
        return EXIT_BAD;
    }
    if (check.report && check.format != NULL && check.format[0] == 'j') {
        fputs(cli_say(cli, "guiju: --report 给人看，与 --format json 不能同用\n",
                      "guiju: --report is for people; it does not go with --format json\n"),
              stderr);
        return EXIT_BAD;
    }
    if (check.file == NULL && !good_values(cli, &check)) {
        return EXIT_BAD;
    }
    if (check.file != NULL &&
        (check.sender != NULL || check.kind != NULL || check.at != NULL || check.context != NULL)) {
        fputs(cli_say(cli, "guiju: -s、-k、--at、--context 只用于单条消息；文件中每行自带这些项\n",
                      "guiju: -s, -k, --at and --context are for one message; in a file each line "
                      "says its own\n"),
              stderr);
        return EXIT_BAD;
    }
    gj_rulebook *book = NULL;
    gj_checker *checker = open_checker(cli, &check, &book);
    int status = checker == NULL      ? EXIT_BAD
                 : check.file != NULL ? check_lines(cli, &check, checker)
                                      : check_one(cli, &check, checker, argv[0]);
    gj_checker_free(checker);
    gj_rulebook_free(book);
    return status;
}
