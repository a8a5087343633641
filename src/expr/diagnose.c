/* Room expr: what is wrong with an expression, and where; memory of its compilation (see
 * internal.h). */
#include <stdarg.h>
#include <stdio.h>

#include "base/utf8.h"
#include "expr/internal.h"

void *gj_expr_alloc(struct gj_compiler *c, size_t count, size_t size)
{
    void *memory = gj_arena_array(c->arena, count, size);
    c->out_of_memory = c->out_of_memory || memory == NULL;
    return memory;
}

/* The line of the source that holds offset `at`; sets *line to its number from 0 and *column to the
 * code points before `at` in it. */
static struct gj_str line_of(struct gj_str source, uint32_t at, uint32_t *line, uint32_t *column)
{
    size_t start = 0;
    *line = 0;
    for (size_t i = 0; i < at && i < source.len; i++) {
        if (source.ptr[i] == '\n') {
            start = i + 1;
            *line += 1;
        }
    }
    size_t end = start;
    while (end < source.len && source.ptr[end] != '\n' && source.ptr[end] != '\r') {
        end++;
    }
    size_t upto = at > source.len ? source.len : at;
    *column = (uint32_t)gj_utf8_count((struct gj_str){source.ptr + start, upto - start});
    return (struct gj_str){source.ptr + start, end - start};
}

int gj_expr_error(struct gj_compiler *c, uint32_t at, const char *format, ...)
{
    char text[768];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    uint32_t line;
    uint32_t column;
    struct gj_str source_line = line_of(c->expr->source, at, &line, &column);
    if (line == 0) { /* it shares its line with what stands before the expression */
        column += c->place.column == 0 ? 1 : c->place.column;
        if (c->place.source_line.len > 0) {
            source_line = c->place.source_line;
        } else if (c->place.column > 1) {
            source_line = (struct gj_str){0};
        }
    } else {
        column++;
    }
    line += c->place.line == 0 ? 1 : c->place.line;
    gj_errors_add(c->errors, c->place.file, line, column, source_line, "%s", text);
    c->failed = true;
    return -1;
}
