/* Room cli: what all commands share: the user's language, errors, options. */
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

const char *cli_say(const struct cli *cli, const char *zh, const char *en)
{
    return cli->english ? en : zh;
}

void cli_complain(struct cli *cli)
{
    if (gj_errors_count(cli->errors) > 0) {
        fflush(stdout);
        fputs(gj_errors_text(cli->errors), stderr);
        gj_errors_clear(cli->errors);
    }
}

/* ---- options ---- */

static bool take(const struct cli_option *option, int argc, char **argv, int *at, bool *failed)
{
    const char *given = argv[*at];
    size_t len = strlen(option->name);
    bool named = strcmp(given, option->name) == 0 ||
                 (option->brief != NULL && strcmp(given, option->brief) == 0);
    if (option->flag != NULL) {
        *option->flag |= named;
        return named;
    }
    if (strncmp(given, option->name, len) == 0 && given[len] == '=') {
        *option->value = given + len + 1;
        return true;
    }
    if (named && *at + 1 >= argc) {
        fprintf(stderr, "guiju: %s needs a value\n", given);
        *failed = true;
    } else if (named) {
        *option->value = argv[++*at];
    }
    return named;
}

static int finish_common(struct cli *cli, const char *lang, const char *colour)
{
    if (lang != NULL && strcmp(lang, "zh") != 0 && strcmp(lang, "en") != 0) {
        fprintf(stderr, "guiju: --lang is zh or en, not '%s'\n", lang);
        return -1;
    }
    if (colour != NULL && strcmp(colour, "always") != 0 && strcmp(colour, "never") != 0 &&
        strcmp(colour, "auto") != 0) {
        fprintf(stderr, "guiju: --color is always, never or auto, not '%s'\n", colour);
        return -1;
    }
    if (lang != NULL) {
        cli->english = lang[0] == 'e';
    }
    if (colour != NULL && strcmp(colour, "auto") != 0) {
        cli->colour = colour[0] == 'a';
    }
    return 0;
}

/* `dashed`: what begins with "-" and is no known option stays, instead of being an error. */
static int take_options(struct cli *cli, int argc, char **argv, const struct cli_option *options,
                        bool dashed)
{
    const char *lang = NULL, *colour = NULL;
    const struct cli_option common[] = {{"--rulebook", NULL, &cli->rulebook, NULL},
                                        {"--cache", NULL, &cli->cache, NULL},
                                        {"--lang", NULL, &lang, NULL},
                                        {"--color", NULL, &colour, NULL}};
    int kept = 0;
    bool failed = false, open = true;
    for (int i = 0; i < argc && !failed; i++) {
        bool taken = false;
        if (open && strcmp(argv[i], "--") == 0) {
            open = false;
            continue;
        }
        for (int o = 0; open && options != NULL && options[o].name != NULL && !taken; o++) {
            taken = take(&options[o], argc, argv, &i, &failed);
        }
        for (size_t o = 0; open && o < sizeof common / sizeof common[0] && !taken; o++) {
            taken = take(&common[o], argc, argv, &i, &failed);
        }
        if (!taken && open && !dashed && argv[i][0] == '-' && argv[i][1] != '\0') {
            fprintf(stderr, "guiju: unknown option %s; see guiju help\n", argv[i]);
            failed = true;
        }
        if (!taken) {
            argv[kept++] = argv[i];
        }
    }
    return failed || finish_common(cli, lang, colour) != 0 ? -1 : kept;
}

int cli_options(struct cli *cli, int argc, char **argv, const struct cli_option *options)
{
    return take_options(cli, argc, argv, options, false);
}

int cli_options_dashed(struct cli *cli, int argc, char **argv, const struct cli_option *options)
{
    return take_options(cli, argc, argv, options, true);
}

int cli_time(const struct cli *cli, const char *option, const char *text, int64_t *out)
{
    if (text == NULL || gj_time_parse(text, out) == 0) {
        return 0;
    }
    fprintf(stderr,
            cli_say(cli, "%s %s：不是时间；写作 2026-03-01T10:00:00+08:00\n",
                    "%s %s: is no time; write 2026-03-01T10:00:00+08:00\n"),
            option, text);
    return -1;
}

/* ---- where this program is ---- */

int cli_beside(const char *name, char *path, size_t size)
{
    ssize_t len = readlink("/proc/self/exe", path, size - 1);
    path[len > 0 ? len : 0] = '\0';
    char *slash = strrchr(path, '/');
    size_t room = slash == NULL ? 0 : size - (size_t)(slash + 1 - path);
    if (room <= strlen(name)) {
        return -1;
    }
    memcpy(slash + 1, name, strlen(name) + 1);
    return 0;
}
