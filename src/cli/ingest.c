/* Room cli: guiju ingest: what a platform pushed, one envelope a line or one in a file, as events
 * for guiju replay. What is no event is told on standard error. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"
#include "guiju/ingest.h"

struct ingestion {
    struct cli *cli;
    gj_rulebook *book;
    const char *platform, *name;
    gj_ingest_request request;
    gj_header header;
    size_t line; /* on which the envelope begins, from 1 */
    size_t events, ignored, refused;
};

static int print_one(void *context, const gj_ingested *got)
{
    struct ingestion *in = context;
    if (got->kind == GJ_INGESTED_EVENT) {
        in->events++;
        fwrite(got->json, 1, got->json_len, stdout);
        putchar('\n');
        return 0;
    }
    bool ignored = got->kind == GJ_INGESTED_IGNORED;
    in->ignored += ignored;
    in->refused += !ignored;
    fprintf(stderr, "%s:%zu: %s", in->name, in->line,
            ignored ? cli_say(in->cli, "已忽略 ", "ignored ")
                    : cli_say(in->cli, "拒绝 ", "refused "));
    cli_plain(stderr, got->topic, strlen(got->topic));
    fputs(": ", stderr);
    cli_tell(in->cli, got->why);
    fputc('\n', stderr);
    return 0;
}

static void ingest_bytes(struct ingestion *in, const char *bytes, size_t len)
{
    in->request.body = bytes;
    in->request.body_len = len;
    if (gj_ingest(in->book, in->platform, &in->request, print_one, in, in->cli->errors) != GJ_OK) {
        in->refused++;
        fflush(stdout);
        fprintf(stderr, "%s:%zu: ", in->name, in->line);
        cli_complain(in->cli);
    }
}

struct text { /* lines gathered, and how many brackets they leave open */
    char *bytes;
    size_t len, capacity;
    long depth;
    bool quoted;
};

/* Whether the line begins an object or a list: what begins as neither is whole, a form or nothing.
 */
static bool is_bracketed(const char *line, size_t len)
{
    size_t at = 0;
    while (at < len && (line[at] == ' ' || line[at] == '\t')) {
        at++;
    }
    return at < len && (line[at] == '{' || line[at] == '[');
}

static void count_brackets(struct text *text, const char *line, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text->quoted && line[i] == '\\') {
            i++;
        } else if (line[i] == '"') {
            text->quoted = !text->quoted;
        } else if (!text->quoted) {
            text->depth += line[i] == '{' || line[i] == '[';
            text->depth -= line[i] == '}' || line[i] == ']';
        }
    }
}

/* Whether the line is an envelope of its own, as the one begun before it: that was broken off. */
static bool stands_alone(const struct text *begun, const char *line, size_t len)
{
    struct text alone = {0};
    size_t at = 0;
    while (at < begun->len && (begun->bytes[at] == ' ' || begun->bytes[at] == '\t')) {
        at++;
    }
    char opens = at < begun->len ? begun->bytes[at] : '\0', closes = opens == '{' ? '}' : ']';
    if (len < 2 || line[0] != opens || line[len - 1] != closes) {
        return false;
    }
    count_brackets(&alone, line, len);
    return alone.depth == 0 && !alone.quoted;
}

static int add_line(struct text *text, const char *line, size_t len)
{
    if (text->bytes == NULL || text->len + len + 1 > text->capacity) {
        size_t capacity = (text->len + len + 1) * 2;
        char *bytes = realloc(text->bytes, capacity);
        if (bytes == NULL) {
            return -1;
        }
        text->bytes = bytes;
        text->capacity = capacity;
    }
    memcpy(text->bytes + text->len, line, len);
    text->bytes[text->len + len] = '\n';
    text->len += len + 1;
    count_brackets(text, line, len);
    return 0;
}

static void ingest_gathered(struct ingestion *in, struct text *text)
{
    ingest_bytes(in, text->bytes, text->len - 1);
    text->len = 0;
    text->depth = 0;
    text->quoted = false;
}

/* One envelope a line; lines that do not close what they open are gathered until they do. */
static int ingest_file(struct ingestion *in)
{
    struct cli_lines lines;
    struct text text = {0};
    const char *line = NULL;
    size_t len = 0;
    int status = 0;
    if (cli_lines_open(in->cli, &lines, in->name) != 0) {
        return -1;
    }
    while (status == 0 && cli_lines_next(&lines, &line, &len)) {
        if (len == 0 && text.len == 0) {
            continue;
        }
        if (stands_alone(&text, line, len)) {
            ingest_gathered(in, &text);
        }
        in->line = text.len == 0 ? lines.number : in->line;
        status = add_line(&text, line, len);
        bool whole = (text.depth <= 0 && !text.quoted) || !is_bracketed(text.bytes, text.len);
        if (status == 0 && whole) {
            ingest_gathered(in, &text);
        }
    }
    if (status == 0 && text.len > 0) {
        ingest_gathered(in, &text);
    }
    status = status != 0 || lines.failed ? -1 : 0;
    if (status != 0) {
        fprintf(stderr, "guiju: %s: %s\n", in->name,
                cli_say(in->cli, "读取失败", "reading it failed"));
    }
    free(text.bytes);
    cli_lines_close(&lines);
    return status;
}

static int run(struct ingestion *in)
{
    struct cli *cli = in->cli;
    gj_ingest_door door;
    in->book = gj_rulebook_open(cli->rulebook, cli->cache, cli->errors);
    if (in->book == NULL || gj_rulebook_read_events(in->book, cli->errors) != GJ_OK) {
        gj_rulebook_free(in->book);
        return EXIT_BAD;
    }
    int status = EXIT_BAD;
    if (!gj_ingest_door_of(in->book, in->platform, &door)) {
        fprintf(stderr, "guiju: %s '%s':", cli_say(cli, "没有这个平台的信封", "no envelope of"),
                in->platform);
        for (size_t i = 0; gj_ingest_platform(in->book, i) != NULL; i++) {
            fprintf(stderr, " %s", gj_ingest_platform(in->book, i));
        }
        fputc('\n', stderr);
    } else if (ingest_file(in) == 0) {
        fprintf(stderr,
                cli_say(cli, "%zu 个事件，忽略 %zu，拒绝 %zu\n",
                        "%zu events, %zu ignored, %zu refused\n"),
                in->events, in->ignored, in->refused);
        status = in->refused > 0 ? EXIT_FOUND : EXIT_CLEAN;
    }
    gj_rulebook_free(in->book);
    return status;
}

/* "NAME: VALUE" in place. */
static int split_header(const char *text, char *copy, size_t size, gj_header *out)
{
    size_t len = strlen(text);
    if (len >= size || strchr(text, ':') == NULL) {
        fputs("guiju: --header 'NAME: VALUE'\n", stderr);
        return -1;
    }
    memcpy(copy, text, len + 1);
    char *colon = strchr(copy, ':');
    *colon = '\0';
    *out = (gj_header){copy, colon + 1 + strspn(colon + 1, " ")};
    return 0;
}

int cli_ingest(struct cli *cli, int argc, char **argv)
{
    struct ingestion in = {.cli = cli};
    const char *header = NULL;
    char copy[1024];
    const struct cli_option options[] = {{"--app-key", NULL, &in.request.app_key, NULL},
                                         {"--secret", NULL, &in.request.secret, NULL},
                                         {"--header", NULL, &header, NULL},
                                         {"--query", NULL, &in.request.query, NULL},
                                         {"--type", NULL, &in.request.content_type, NULL},
                                         {NULL, NULL, NULL, NULL}};
    if (!cli_words(cli, cli_options(cli, argc, argv, options), argv, 2, 2)) {
        return EXIT_BAD;
    }
    if (header != NULL) {
        if (split_header(header, copy, sizeof copy, &in.header) != 0) {
            return EXIT_BAD;
        }
        in.request.headers = &in.header;
        in.request.header_count = 1;
    }
    in.platform = argv[0];
    in.name = argv[1];
    in.request.trusted = in.request.secret == NULL;
    in.request.english = cli->english;
    in.request.received_at = (int64_t)time(NULL) * 1000000;
    return run(&in);
}
