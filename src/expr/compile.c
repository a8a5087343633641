/* Room expr: the door in: source to a checked expression, and errors at their places. */
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

static void check_want(struct gj_compiler *c, const struct gj_type *want)
{
    if (want == NULL || gj_type_assignable(c->expr->type, want)) {
        return;
    }
    struct gj_buf have;
    struct gj_buf wanted;
    gj_buf_init(&have);
    gj_buf_init(&wanted);
    gj_type_name(c->expr->type, &have);
    gj_type_name(want, &wanted);
    gj_expr_error(c, c->expr->root->start, "a %s is wanted here, but the expression gives %s",
                  wanted.ptr, have.ptr);
    gj_buf_release(&have);
    gj_buf_release(&wanted);
}

static void check_cost(struct gj_compiler *c)
{
    struct gj_expr *expr = c->expr;
    expr->cost_max = c->env->cost_max == 0 ? GJ_EXPR_COST_MAX : c->env->cost_max;
    expr->cost = gj_expr_bound(expr->root);
    if (expr->cost > expr->cost_max) {
        gj_expr_error(c, expr->root->start,
                      "the expression may cost %llu steps, more than the limit of %llu: nest fewer "
                      "macros (a list of unknown size counts as %u elements)",
                      (unsigned long long)expr->cost, (unsigned long long)expr->cost_max,
                      GJ_EXPR_SIZE_GUESS);
    }
}

static void compile(struct gj_compiler *c, const struct gj_type *want)
{
    struct gj_expr *expr = c->expr;
    size_t valid = gj_utf8_valid_prefix(expr->source);
    if (valid < expr->source.len) {
        struct gj_str whole = expr->source;
        expr->source.len = valid; /* so that the error shows valid text */
        gj_expr_error(c, (uint32_t)valid,
                      "the expression is not valid UTF-8 from here on (byte "
                      "0x%02X)",
                      (unsigned)(unsigned char)whole.ptr[valid]);
        return;
    }
    expr->root = gj_expr_parse(c);
    if (expr->root == NULL) {
        return;
    }
    gj_expr_check(c, expr->root);
    if (c->failed || c->out_of_memory) {
        return;
    }
    expr->type = expr->root->type;
    expr->want = want;
    check_want(c, want);
    check_cost(c);
}

const struct gj_expr *gj_expr_compile(struct gj_arena *arena, struct gj_str source,
                                      const struct gj_expr_env *env, const struct gj_type *want,
                                      struct gj_expr_place place, struct gj_errors *errors)
{
    struct gj_compiler c = {.arena = arena, .env = env, .place = place, .errors = errors};
    struct gj_expr too_long = {.source = {"", 0}};
    if (source.len > GJ_EXPR_BYTES_MAX) {
        c.expr = &too_long;
        gj_expr_error(&c, 0, "the expression has %zu bytes, more than %d", source.len,
                      GJ_EXPR_BYTES_MAX);
        return NULL;
    }
    struct gj_expr *expr = gj_expr_alloc(&c, 1, sizeof *expr);
    if (expr != NULL) {
        c.expr = expr;
        expr->source = gj_arena_copy(arena, source);
        c.out_of_memory = expr->source.ptr == NULL;
    }
    if (!c.out_of_memory) {
        compile(&c, want);
    }
    if (c.out_of_memory && !c.failed) {
        gj_errors_say(errors, "out of memory while reading an expression");
    }
    return c.failed || c.out_of_memory ? NULL : expr;
}

const struct gj_type *gj_expr_type(const struct gj_expr *expr)
{
    return expr->type;
}

uint64_t gj_expr_cost(const struct gj_expr *expr)
{
    return expr->cost;
}

struct gj_str gj_expr_source(const struct gj_expr *expr)
{
    return expr->source;
}

size_t gj_expr_calls(const struct gj_expr *expr, const struct gj_expr_call **calls)
{
    *calls = expr->calls;
    return expr->call_count;
}

size_t gj_expr_slots(const struct gj_expr *expr, const uint32_t **slots)
{
    *slots = expr->slots;
    return expr->slot_count;
}
