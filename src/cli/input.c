/* Room cli: a file's lines, read in large pieces, with a progress bar on a terminal's stderr. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"

#define PIECE               ((size_t)1 << 20)
#define PROGRESS_FROM_BYTES ((size_t)4 << 20) /* shorter files are done before a bar helps */

static void show_progress(struct cli_lines *lines)
{
    long percent = (long)(lines->read * 100 / (lines->total == 0 ? 1 : lines->total));
    if (lines->progress && percent != lines->shown) {
        char bar[41];
        memset(bar, '.', 40);
        memset(bar, '#', (size_t)(percent > 100 ? 100 : percent) * 40 / 100);
        bar[40] = '\0';
        fprintf(stderr, "\r[%s] %3ld%%", bar, percent);
        lines->shown = percent;
    }
}

/* Moves the rest to the front and reads a piece behind it: of a pipe, what is there. */
static void fill(struct cli_lines *lines)
{
    size_t rest = lines->len - lines->at;
    if (lines->bytes != NULL && rest > 0 && lines->at > 0) {
        memmove(lines->bytes, lines->bytes + lines->at, rest);
    }
    lines->at = 0;
    lines->len = rest;
    if (rest + PIECE + GJ_JSON_PADDING > lines->capacity) {
        size_t capacity = (rest + PIECE) * 2 + GJ_JSON_PADDING;
        char *bytes = realloc(lines->bytes, capacity);
        if (bytes == NULL) {
            lines->failed = lines->ended = true;
            return;
        }
        lines->bytes = bytes;
        lines->capacity = capacity;
    }
    if (lines->total == 0) {
        fflush(stdout); /* a pipe may have nothing more to give until its writer is answered */
    }
    ssize_t got = 0;
    do {
        got = read(fileno(lines->file), lines->bytes + rest, PIECE);
    } while (got < 0 && errno == EINTR);
    lines->failed = got < 0;
    lines->ended = got <= 0;
    lines->len += got > 0 ? (size_t)got : 0;
    lines->read += got > 0 ? (size_t)got : 0;
    memset(lines->bytes + lines->len, 0, GJ_JSON_PADDING);
    show_progress(lines);
}

int cli_lines_open(struct cli *cli, struct cli_lines *lines, const char *name)
{
    struct stat about;
    char why[160];
    *lines = (struct cli_lines){.name = name, .shown = -1};
    lines->file = strcmp(name, "-") == 0 ? stdin : fopen(name, "rb");
    if (lines->file != NULL && fstat(fileno(lines->file), &about) == 0) {
        if (S_ISDIR(about.st_mode)) {
            errno = EISDIR;
            fclose(lines->file);
            lines->file = NULL;
        } else {
            lines->total = S_ISREG(about.st_mode) ? (size_t)about.st_size : 0;
        }
    }
    if (lines->file == NULL) {
        fprintf(stderr, "guiju: %s: %s (%s)\n", name, cli_say(cli, "无法读取", "cannot be read"),
                cli_reason(cli, why, sizeof why));
        return -1;
    }
    lines->progress = lines->total >= PROGRESS_FROM_BYTES && isatty(STDERR_FILENO);
    fill(lines);
    if (lines->len >= 3 && memcmp(lines->bytes, "\xEF\xBB\xBF", 3) == 0) {
        lines->at = 3; /* the mark that editors of Windows put before UTF-8 */
    }
    const char *form = gj_foreign_form(lines->bytes == NULL ? "" : lines->bytes, lines->len);
    if (form != NULL) {
        cli_lines_close(lines);
        fprintf(
            stderr,
            cli_say(cli, "guiju: %s：是 %s，不是文本；请先解压，或另存为 UTF-8，每行一个 JSON\n",
                    "guiju: %s: is %s, no text; unpack it or save it as UTF-8, a JSON a line\n"),
            name, form);
        return -1;
    }
    return 0;
}

bool cli_lines_next(struct cli_lines *lines, const char **line, size_t *len)
{
    size_t searched = 0;
    for (;;) {
        if (lines->bytes == NULL) {
            return false; /* out of memory: lines->failed */
        }
        size_t left = lines->len - lines->at - searched; /* 0 before the first piece */
        char *from = left > 0 ? lines->bytes + lines->at + searched : NULL;
        char *end = left > 0 ? memchr(from, '\n', left) : NULL;
        if (end != NULL || (lines->ended && lines->at < lines->len)) {
            char *stop = end != NULL ? end : lines->bytes + lines->len;
            *line = lines->bytes + lines->at;
            *len = (size_t)(stop - *line);
            lines->at = (size_t)(stop - lines->bytes) + (end != NULL);
            *len -= *len > 0 && (*line)[*len - 1] == '\r';
            lines->number++;
            return true;
        }
        if (lines->ended) {
            return false;
        }
        searched = lines->len - lines->at;
        fill(lines);
    }
}

size_t cli_lines_padding(const struct cli_lines *lines, const char *line, size_t len)
{
    return (size_t)(lines->bytes + lines->len + GJ_JSON_PADDING - (line + len));
}

void cli_lines_close(struct cli_lines *lines)
{
    if (lines->shown >= 0) {
        fputs("\r\033[K", stderr);
    }
    if (lines->file != NULL && lines->file != stdin) {
        fclose(lines->file);
    }
    free(lines->bytes);
}

void cli_plain(FILE *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        fputc(c < 0x20 || c == 0x7F ? ' ' : c, out);
    }
}

void cli_json_string(FILE *out, const char *text)
{
    fputc('"', out);
    for (const char *from = text, *c = text;; c++) {
        unsigned char byte = (unsigned char)*c;
        if (byte >= 0x20 && byte != '"' && byte != '\\' && byte != 0x7F) {
            continue;
        }
        fwrite(from, 1, (size_t)(c - from), out); /* what stands for itself, at once */
        from = c + 1;
        if (byte == '\0') {
            break;
        }
        fprintf(out, byte == '"' || byte == '\\' ? "\\%c" : "\\u%04x", byte);
    }
    fputc('"', out);
}
