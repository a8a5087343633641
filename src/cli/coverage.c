/* Room cli: guiju rules coverage: every row of the catalogue, what carries it, what is left. */
#include <string.h>

#include "cli/cli.h"

struct coverage {
    const struct cli *cli;
    bool json;
    size_t rows, carried, text_rows, text_carried, tests;
};

static void print_row(void *context, const gj_coverage_row *row)
{
    struct coverage *c = context;
    bool carried = row->carried_by[0] != '\0', text = strcmp(row->decided_from, "text") == 0;
    if (c->json) {
        printf("%s{\"id\":\"%s\",\"decided_from\":\"%s\",\"carried_by\":[",
               c->rows > 0 ? ",\n" : "", row->id, row->decided_from);
        for (const char *at = row->carried_by; *at != '\0';) {
            size_t len = strcspn(at, ",");
            printf("%s\"%.*s\"", at == row->carried_by ? "" : ",", (int)len, at);
            at += len + (at[len] == ',' ? 2 : 0); /* "a, b" */
        }
        printf("],\"tests\":%zu}", row->tests);
    } else {
        printf("%-6s %-44s %4zu  %s\n", row->decided_from, row->id, row->tests,
               carried ? row->carried_by : cli_say(c->cli, "（以后）", "(later)"));
    }
    c->rows++;
    c->carried += carried;
    c->text_rows += text;
    c->text_carried += text && carried;
    c->tests += row->tests;
}

int cli_coverage(struct cli *cli, int argc, char **argv)
{
    const char *format = "text";
    const struct cli_option options[] = {{"--format", NULL, &format, NULL},
                                         {NULL, NULL, NULL, NULL}};
    int left = cli_options(cli, argc, argv, options);
    if (left != 0 || (strcmp(format, "json") != 0 && strcmp(format, "text") != 0)) {
        fputs(left < 0 ? "" : "guiju rules coverage [--format text|json]\n", stderr);
        return EXIT_BAD;
    }
    struct coverage c = {.cli = cli, .json = strcmp(format, "json") == 0};
    if (c.json) {
        fputs("{\"rows\":[\n", stdout);
    }
    int status = gj_rulebook_coverage(cli->rulebook, print_row, &c, cli->errors);
    if (c.json) {
        printf("\n],\"carried\":%zu,\"left\":%zu}\n", c.carried, c.rows - c.carried);
    } else {
        printf(cli_say(cli, "\n%zu 行中已承载 %zu 行；由文本判定的 %zu 行中 %zu 行\n",
                       "\n%zu rows, %zu carried; of %zu decided from text, %zu\n"),
               c.rows, c.carried, c.text_rows, c.text_carried);
    }
    return status == GJ_OK ? EXIT_CLEAN : EXIT_BAD;
}
