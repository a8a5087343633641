/* Room cli: guiju draw: a flow as a picture, drawn by Graphviz, or as source for it or for
 * Mermaid. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "server/dot.h"

#define DRAW_SECONDS 60

/* The forms that Graphviz draws, by the file's ending. */
static const char *const pictures[] = {"svg", "png", "pdf"};

static int write_text(const struct cli *cli, const char *name, const char *text)
{
    FILE *out = name == NULL ? stdout : fopen(name, "w");
    if (out == NULL || fputs(text, out) == EOF || (name != NULL && fclose(out) != 0)) {
        cli_unwritable(cli, name);
        return EXIT_BAD;
    }
    return EXIT_CLEAN;
}

static int write_picture(struct cli *cli, const char *form, const char *name, const char *source)
{
    int file = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0) {
        cli_unwritable(cli, name);
        return EXIT_BAD;
    }
    int status = gj_dot(form, source, file, DRAW_SECONDS, cli->errors);
    if (close(file) != 0 || status != 0) {
        unlink(name);
        return EXIT_BAD;
    }
    return EXIT_CLEAN;
}

static int draw(struct cli *cli, gj_rulebook *book, const char *flow, const char *name)
{
    const char *dot = name == NULL ? NULL : strrchr(name, '.');
    const char *form = name == NULL ? "mmd" : dot == NULL ? "" : dot + 1, *picture = NULL;
    char *text = NULL;
    for (size_t i = 0; i < sizeof pictures / sizeof pictures[0]; i++) {
        picture = strcmp(form, pictures[i]) == 0 ? pictures[i] : picture;
    }
    bool source = strcmp(form, "dot") == 0, mermaid = strcmp(form, "mmd") == 0;
    if (picture == NULL && !source && !mermaid) {
        fprintf(stderr,
                cli_say(cli, "guiju: %s：文件名应以 .svg .png .pdf .dot .mmd 结尾\n",
                        "guiju: %s: a picture's name ends in .svg, .png, .pdf, .dot or .mmd\n"),
                name);
        return EXIT_BAD;
    }
    gj_drawing kind = mermaid ? GJ_DRAW_MERMAID : GJ_DRAW_DOT;
    if (gj_flow_draw(book, flow, kind, cli->english, &text, cli->errors) != GJ_OK) {
        return EXIT_BAD;
    }
    int status =
        picture != NULL ? write_picture(cli, picture, name, text) : write_text(cli, name, text);
    gj_string_free(text);
    return status;
}

int cli_draw(struct cli *cli, int argc, char **argv)
{
    const char *name = NULL;
    const struct cli_option options[] = {{"--output", "-o", &name, NULL}, {NULL, NULL, NULL, NULL}};
    int left = cli_options(cli, argc, argv, options);
    if (!cli_words(cli, left, argv, 1, 1)) {
        return EXIT_BAD;
    }
    gj_rulebook *book = gj_rulebook_open(cli->rulebook, cli->cache, cli->errors);
    int status = book == NULL ? EXIT_BAD
                              : draw(cli, book, argv[0],
                                     name != NULL && strcmp(name, "-") == 0 ? NULL : name);
    gj_rulebook_free(book);
    return status;
}
