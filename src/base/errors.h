/* Room base: what went wrong, where, and what to do: a list, since a bad rulebook should show all
 * its errors in one run. The list owns its texts. */
#ifndef GJ_BASE_ERRORS_H
#define GJ_BASE_ERRORS_H

#include "base/arena.h"
#include "base/buf.h"

struct gj_error {
    struct gj_str file;        /* empty: no file */
    uint32_t line, column;     /* from 1; column in code points; 0: unknown */
    struct gj_str source_line; /* the line itself; empty: not at hand */
    struct gj_str message;     /* what is wrong and how to mend it, one sentence or two */
};

struct gj_errors {
    struct gj_arena arena;
    struct gj_error *items;
    size_t count, capacity;
    size_t dropped; /* errors beyond the first GJ_ERRORS_MAX, counted and told */
};

#define GJ_ERRORS_MAX 200

void gj_errors_init(struct gj_errors *errors);
void gj_errors_release(struct gj_errors *errors);

/* Adds an error; `file` and `source_line` may be empty. Always returns -1, so that a caller can
 * `return gj_errors_add(...)`. */
int gj_errors_add(struct gj_errors *errors, struct gj_str file, uint32_t line, uint32_t column,
                  struct gj_str source_line, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* An error without a place in a file. */
int gj_errors_say(struct gj_errors *errors, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Appends "file:line:column: message", the source line and a caret under the place. */
void gj_error_render(const struct gj_error *error, struct gj_buf *out);
void gj_errors_render(const struct gj_errors *errors, struct gj_buf *out);

#endif
