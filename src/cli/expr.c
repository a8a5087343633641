/* Room cli: guiju expr: an expression of the condition language, its value as JSON. */
#include "cli/cli.h"

int cli_expr(struct cli *cli, int argc, char **argv)
{
    const char *with = NULL;
    const struct cli_option options[] = {{"--with", NULL, &with, NULL}, {NULL, NULL, NULL, NULL}};
    int left = cli_options_dashed(cli, argc, argv, options);
    if (!cli_words(cli, left, argv, 1, 1)) {
        return EXIT_BAD;
    }
    char *json = NULL;
    int status = gj_expression(argv[0], with, &json, cli->errors);
    if (status == GJ_OK) {
        puts(json);
    }
    gj_string_free(json);
    return status == GJ_OK ? EXIT_CLEAN : status == GJ_EEVAL ? EXIT_FOUND : EXIT_BAD;
}
