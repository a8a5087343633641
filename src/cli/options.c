/* Room cli: what all commands share: the user's language, errors, options. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

const char *cli_say(const struct cli *cli, const char *zh, const char *en)
{
    return cli->english ? en : zh;
}

/* Control characters but line ends and tabs become spaces: the text may quote what came from
 * outside. */
static void print_lines(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        bool kept =
            *text == '\n' || *text == '\t' || ((unsigned char)*text >= ' ' && *text != 0x7F);
        fputc(kept ? *text : ' ', out);
    }
}

void cli_print(const struct cli *cli, FILE *out, const char *text)
{
    char *chinese = cli->english ? NULL : gj_in_chinese(text);
    print_lines(out, chinese == NULL ? text : chinese);
    gj_string_free(chinese);
}

void cli_tell(const struct cli *cli, const char *text)
{
    cli_print(cli, stderr, text);
}

void cli_complain(struct cli *cli)
{
    if (gj_errors_count(cli->errors) > 0) {
        fflush(stdout);
        cli_tell(cli, gj_errors_text(cli->errors));
        gj_errors_clear(cli->errors);
    }
}

/* ---- options ---- */

static bool take(const struct cli *cli, const struct cli_option *option, int argc, char **argv,
                 int *at, bool *failed)
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
        fprintf(stderr, cli_say(cli, "guiju: %s 后面要有值\n", "guiju: %s needs a value\n"), given);
        *failed = true;
    } else if (named) {
        *option->value = argv[++*at];
    }
    return named;
}

static int finish_common(struct cli *cli, const char *lang, const char *colour)
{
    if ((lang != NULL && !cli_one_of(cli, "--lang", lang, "zh|en")) ||
        (colour != NULL && !cli_one_of(cli, "--color", colour, "always|never|auto"))) {
        return -1;
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
            taken = take(cli, &options[o], argc, argv, &i, &failed);
        }
        for (size_t o = 0; open && o < sizeof common / sizeof common[0] && !taken; o++) {
            taken = take(cli, &common[o], argc, argv, &i, &failed);
        }
        if (!taken && open && !dashed && argv[i][0] == '-' && argv[i][1] != '\0') {
            fprintf(stderr,
                    cli_say(cli, "guiju: 没有选项 %s；用法：\n%s",
                            "guiju: unknown option %s; usage:\n%s"),
                    argv[i], cli->usage);
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

/* ---- words and values ---- */

int cli_misuse(const struct cli *cli, const char *sentence)
{
    if (sentence != NULL) {
        fprintf(stderr, "guiju: %s\n", sentence);
    }
    fprintf(stderr, "%s", cli->usage);
    return EXIT_BAD;
}

bool cli_words(const struct cli *cli, int left, char **argv, int least, int most)
{
    if (left > most) {
        fprintf(stderr, cli_say(cli, "guiju: 多了 '%s'\n", "guiju: '%s' is one too many\n"),
                argv[most]);
    }
    if (left >= 0 && (left < least || left > most)) {
        cli_misuse(cli, left > most ? NULL : cli_say(cli, "缺少参数", "something is missing"));
    }
    return left >= least && left <= most;
}

const char *cli_reason(const struct cli *cli, char *out, size_t size)
{
    const char *english = strerror(errno);
    char *chinese = cli->english ? NULL : gj_in_chinese(english);
    snprintf(out, size, "%s", chinese == NULL ? english : chinese);
    gj_string_free(chinese);
    return out;
}

void cli_unwritable(const struct cli *cli, const char *path)
{
    char why[160];
    fprintf(stderr, cli_say(cli, "guiju: 无法写入 %s：%s\n", "guiju: cannot write %s: %s\n"),
            path == NULL ? cli_say(cli, "标准输出", "standard output") : path,
            cli_reason(cli, why, sizeof why));
}

bool cli_one_of(const struct cli *cli, const char *option, const char *value, const char *choices)
{
    size_t len = strlen(value);
    for (const char *at = choices; *at != '\0'; at += *at == '|') {
        size_t one = strcspn(at, "|");
        if (one == len && memcmp(at, value, len) == 0) {
            return true;
        }
        at += one;
    }
    fprintf(stderr, cli_say(cli, "guiju: %s 只能是 ", "guiju: %s is "), option);
    for (const char *at = choices; *at != '\0'; at++) {
        if (*at == '|') {
            fputs(cli_say(cli, " 或 ", " or "), stderr);
        } else {
            fputc(*at, stderr);
        }
    }
    fprintf(stderr, cli_say(cli, "，不能是 '%s'\n", ", not '%s'\n"), value);
    return false;
}

int cli_number(const struct cli *cli, const char *option, const char *text, uint64_t least,
               uint64_t most, uint64_t *out)
{
    char *end = NULL;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < least ||
        value > most) {
        fprintf(stderr,
                cli_say(cli, "guiju: %s 是 %" PRIu64 " 到 %" PRIu64 " 的整数，不能是 '%s'\n",
                        "guiju: %s is a number from %" PRIu64 " to %" PRIu64 ", not '%s'\n"),
                option, least, most, text);
        return -1;
    }
    *out = value;
    return 0;
}

int cli_time(const struct cli *cli, const char *option, const char *text, int64_t *out)
{
    if (text == NULL || gj_time_parse(text, out) == 0) {
        return 0;
    }
    fprintf(stderr,
            cli_say(cli, "guiju: %s %s：不是时间；写作 2026-03-01T10:00:00+08:00\n",
                    "guiju: %s %s: is no time; write 2026-03-01T10:00:00+08:00\n"),
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
