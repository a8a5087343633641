/* Room cli: guiju test and guiju lint: the rulebook checks itself. */
#include "cli/cli.h"

struct tests {
    const struct cli *cli;
    size_t passed, failed;
    bool verbose;
};

static void print_result(void *context, const gj_test_result *result)
{
    struct tests *tests = context;
    tests->passed += result->passed;
    tests->failed += !result->passed;
    if (!result->passed || tests->verbose) {
        printf("%s %s:%u: %s\n", result->passed ? "ok  " : "FAIL", result->file, result->line,
               result->name);
        printf("%s%s%s", result->say[0] == '\0' ? "" : "  ", result->say,
               result->say[0] == '\0' ? "" : "\n");
    }
    if (!result->passed && result->expected[0] == '\0') {
        fputs("  ", stdout);
        cli_print(tests->cli, stdout, result->got);
        fputc('\n', stdout);
    } else if (!result->passed) {
        fputs(cli_say(tests->cli, "  应为 ", "  expected "), stdout);
        cli_print(tests->cli, stdout, result->expected);
        fputs(cli_say(tests->cli, "，得到 ", ", got "), stdout);
        cli_print(tests->cli, stdout, result->got);
        fputc('\n', stdout);
    }
}

int cli_test(struct cli *cli, int argc, char **argv)
{
    struct tests tests = {.cli = cli};
    const char *only = NULL;
    const struct cli_option options[] = {{"--only", NULL, &only, NULL},
                                         {"--verbose", "-v", NULL, &tests.verbose},
                                         {NULL, NULL, NULL, NULL}};
    int left = cli_options(cli, argc, argv, options);
    if (!cli_words(cli, left, argv, 0, 0)) {
        return EXIT_BAD;
    }
    int status = gj_rulebook_test(cli->rulebook, only, print_result, &tests, cli->errors);
    if (status == GJ_OK) {
        status = gj_engine_rulebook_test(cli->rulebook, only, print_result, &tests, cli->errors);
    }
    if (status != GJ_OK) {
        return EXIT_BAD;
    }
    printf("%zu passed, %zu failed\n", tests.passed, tests.failed);
    if (only != NULL && tests.passed + tests.failed == 0) {
        fprintf(stderr,
                cli_say(cli, "guiju: 没有编号以 '%s' 开头的测试；用 guiju rules list 查看编号\n",
                        "guiju: no test of an id that begins with '%s'; guiju rules list names "
                        "the ids\n"),
                only);
        return EXIT_FOUND;
    }
    return tests.failed > 0 ? EXIT_FOUND : EXIT_CLEAN;
}

int cli_lint(struct cli *cli, int argc, char **argv)
{
    if (!cli_words(cli, cli_options(cli, argc, argv, NULL), argv, 0, 0)) {
        return EXIT_BAD;
    }
    int status = gj_rulebook_lint(cli->rulebook, cli->errors);
    size_t warnings = gj_errors_count(cli->errors);
    cli_complain(cli);
    if (status != GJ_OK) {
        return EXIT_BAD;
    }
    printf(cli_say(cli, "%zu 条提醒\n", "%zu warnings\n"), warnings);
    return warnings > 0 ? EXIT_FOUND : EXIT_CLEAN;
}
