/* Room expr: the door in: source to a checked expression, and errors at their places. */

#include "base/utf8.h"
#include "expr/internal.h"

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
