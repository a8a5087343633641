/* Room cli: guiju rules coverage: every row of the catalogue, what carries it, what is left. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

struct coverage {
    const struct cli *cli;
    bool json;
    size_t rows, carried, text_rows, text_carried;
    struct left *first, **last; /* rows that nothing carries, for the end */
};

struct left {
    struct left *next;
    char *id, *system;
};

static void keep_left(struct coverage *c, const gj_coverage_row *row)
{
    struct left *left = calloc(1, sizeof *left);
    if (left != NULL) {
        left->id = strdup(row->id);
        left->system = strdup(row->system);
        *c->last = left;
        c->last = &left->next;
    }
}

/* What is left, by system. */
static void print_left(struct coverage *c)
{
    for (struct left *first = c->first; first != NULL; first = first->next) {
        if (first->id == NULL) {
            continue; /* printed with its system */
        }
        size_t count = 0;
        for (struct left *l = first; l != NULL; l = l->next) {
            count += l->id != NULL && strcmp(l->system, first->system) == 0;
        }
        printf(
            cli_say(c->cli, "\n留待以后，%s（%zu 行）：\n", "\nleft for later, %s (%zu rows):\n"),
            first->system, count);
        for (struct left *l = first; l != NULL; l = l->next) {
            if (l->id != NULL && strcmp(l->system, first->system) == 0) {
                printf("  %s\n", l->id);
                if (l != first) {
                    free(l->id);
                    l->id = NULL;
                }
            }
        }
    }
}

static void free_left(struct coverage *c)
{
    while (c->first != NULL) {
        struct left *left = c->first;
        c->first = left->next;
        free(left->id);
        free(left->system);
        free(left);
    }
}

static void print_row(void *context, const gj_coverage_row *row)
{
    struct coverage *c = context;
    bool carried = row->carried_by[0] != '\0', text = strcmp(row->decided_from, "text") == 0;
    if (c->json) {
        printf("%s{\"id\":", c->rows > 0 ? ",\n" : "");
        cli_json_string(stdout, row->id);
        fputs(",\"system\":", stdout);
        cli_json_string(stdout, row->system);
        fputs(",\"decided_from\":", stdout);
        cli_json_string(stdout, row->decided_from);
        fputs(",\"carried_by\":[", stdout);
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
    if (!carried) {
        keep_left(c, row);
    }
}

int cli_coverage(struct cli *cli, int argc, char **argv)
{
    const char *format = "text";
    const struct cli_option options[] = {{"--format", NULL, &format, NULL},
                                         {NULL, NULL, NULL, NULL}};
    int left = cli_options(cli, argc, argv, options);
    if (!cli_words(cli, left, argv, 0, 0) || !cli_one_of(cli, "--format", format, "text|json")) {
        return EXIT_BAD;
    }
    struct coverage c = {.cli = cli, .json = strcmp(format, "json") == 0};
    c.last = &c.first;
    if (c.json) {
        fputs("{\"rows\":[\n", stdout);
    }
    int status = gj_rulebook_coverage(cli->rulebook, print_row, &c, cli->errors);
    if (status != GJ_OK) {
        fputs(c.json ? "]}\n" : "", stdout);
    } else if (c.json) {
        printf("\n],\"carried\":%zu,\"left\":%zu}\n", c.carried, c.rows - c.carried);
    } else {
        printf(cli_say(cli, "\n%zu 行中已承载 %zu 行；由文本判定的 %zu 行中 %zu 行\n",
                       "\n%zu rows, %zu carried; of %zu decided from text, %zu\n"),
               c.rows, c.carried, c.text_rows, c.text_carried);
        print_left(&c);
    }
    free_left(&c);
    return status == GJ_OK ? EXIT_CLEAN : EXIT_BAD;
}
