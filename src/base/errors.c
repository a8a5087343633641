/* Room base: a list of errors with places (see errors.h). */
#include "base/errors.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/utf8.h"
#include "base/vec.h"

void gj_errors_init(struct gj_errors *errors)
{
    *errors = (struct gj_errors){0};
    gj_arena_init(&errors->arena);
}

void gj_errors_release(struct gj_errors *errors)
{
    free(errors->items);
    gj_arena_release(&errors->arena);
    *errors = (struct gj_errors){0};
}

/* Makes of what is no UTF-8 (of a file's name, say, or of a name that was cut) a question mark. Of
 * a text that was cut itself, the character that lost its end goes. Returns the length. */
static size_t make_valid(char *text, size_t len, bool cut)
{
    size_t kept = 0;
    for (size_t at = 0; at < len; at++) {
        size_t valid = gj_utf8_valid_prefix((struct gj_str){text + at, len - at});
        memmove(text + kept, text + at, valid);
        at += valid;
        bool more = valid > 0 || at == 0; /* else of the same gap */
        kept += valid;
        if (at < len && more && !(cut && len - at < 4)) {
            text[kept++] = '?';
        }
    }
    return kept;
}

static int add(struct gj_errors *errors, struct gj_error error, const char *format, va_list args)
{
    if (errors->count >= GJ_ERRORS_MAX) {
        errors->dropped++;
        return -1;
    }
    struct gj_error *items =
        gj_grow(errors->items, &errors->capacity, errors->count + 1, sizeof *items);
    if (items == NULL) {
        errors->dropped++;
        return -1;
    }
    errors->items = items;
    char text[1024];
    int len = vsnprintf(text, sizeof text, format, args);
    size_t kept = len < 0 ? 0 : (size_t)len < sizeof text ? (size_t)len : sizeof text - 1;
    kept = make_valid(text, kept, len >= (int)sizeof text);
    error.file = gj_arena_copy(&errors->arena, error.file);
    error.source_line = gj_arena_copy(&errors->arena, error.source_line);
    error.message = gj_arena_copy(&errors->arena, (struct gj_str){text, kept});
    errors->items[errors->count++] = error;
    return -1;
}

int gj_errors_add(struct gj_errors *errors, struct gj_str file, uint32_t line, uint32_t column,
                  struct gj_str source_line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct gj_error error = {
        .file = file, .line = line, .column = column, .source_line = source_line};
    add(errors, error, format, args);
    va_end(args);
    return -1;
}

int gj_errors_say(struct gj_errors *errors, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(errors, (struct gj_error){0}, format, args);
    va_end(args);
    return -1;
}

/* Spaces as wide on a terminal as the first `columns` - 1 code points of the line: characters from
 * U+1100 on are taken as two cells wide, which holds for Han and its punctuation. */
static void add_caret(struct gj_buf *out, struct gj_str line, uint32_t columns)
{
    size_t at = 0;
    for (uint32_t column = 1; column < columns && at < line.len; column++) {
        unsigned len = 0;
        uint32_t cp = gj_utf8_decode(line.ptr + at, &len);
        gj_buf_add_cstr(out, cp == '\t' ? "\t" : cp >= 0x1100 ? "  " : " ");
        at += len;
    }
    gj_buf_add_cstr(out, "^\n");
}

void gj_error_render(const struct gj_error *error, struct gj_buf *out)
{
    if (error->file.len > 0) {
        gj_buf_add_str(out, error->file);
        gj_buf_add_char(out, ':');
    }
    if (error->line > 0) {
        gj_buf_addf(out, "%u:%u:", error->line, error->column);
    }
    if (error->file.len > 0 || error->line > 0) {
        gj_buf_add_char(out, ' ');
    }
    gj_buf_add_str(out, error->message);
    gj_buf_add_char(out, '\n');
    if (error->source_line.len > 0 && error->column > 0 &&
        gj_utf8_valid_prefix(error->source_line) == error->source_line.len) {
        gj_buf_add_cstr(out, "  ");
        gj_buf_add_str(out, error->source_line);
        gj_buf_add_cstr(out, "\n  ");
        add_caret(out, error->source_line, error->column);
    }
}

void gj_errors_render(const struct gj_errors *errors, struct gj_buf *out)
{
    for (size_t i = 0; i < errors->count; i++) {
        gj_error_render(&errors->items[i], out);
    }
    if (errors->dropped > 0) {
        gj_buf_addf(out, "and %zu more errors\n", errors->dropped);
    }
}
