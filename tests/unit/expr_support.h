/* Tests of room expr: one call that compiles and evaluates a source and says what came of it:
 *   the value as JSON, "unknown(name, ...)", "error: ..." or "check: " and the first message. */
#ifndef GJ_TESTS_EXPR_SUPPORT_H
#define GJ_TESTS_EXPR_SUPPORT_H

#include <criterion/criterion.h>

#include "expr/expr.h"

/* A declared field that may be any value of its type. */
#define FIELD(dotted, its_type, its_slot) \
    {.name = {dotted, sizeof(dotted) - 1}, .type = (its_type), .slot = (its_slot)}

/* What the sources of a test may name. values[slot] is what lookup gives. */
struct world {
    const struct gj_expr_field *fields;
    size_t field_count;
    const struct gj_value *values;
    const struct gj_expr_function *functions;
    size_t function_count;
    const struct gj_type *want;
    uint64_t cost_max;
};

static inline struct gj_value world_lookup(void *context, uint32_t slot)
{
    const struct world *world = context;
    return world->values[slot];
}

static inline void add_unknowns(const struct world *world, const struct gj_frame *frame,
                                struct gj_buf *out)
{
    gj_buf_add_cstr(out, "unknown(");
    for (size_t i = 0; i < frame->unknown_count; i++) {
        gj_buf_add_cstr(out, i > 0 ? ", " : "");
        for (size_t f = 0; f < world->field_count; f++) {
            if (world->fields[f].slot == frame->unknowns[i]) {
                gj_buf_add_str(out, world->fields[f].name);
            }
        }
    }
    gj_buf_add_char(out, ')');
}

/* Appends the outcome to `out`. */
static inline void evaluate(const struct world *world, struct gj_str source, struct gj_buf *out)
{
    struct gj_arena arena;
    struct gj_errors errors;
    struct gj_expr_env env = {.fields = world->fields, .field_count = world->field_count,
                              .functions = world->functions,
                              .function_count = world->function_count,
                              .cost_max = world->cost_max};
    gj_arena_init(&arena);
    gj_errors_init(&errors);
    const struct gj_expr *expr = gj_expr_compile(
        &arena, source, &env, world->want, (struct gj_expr_place){.line = 1, .column = 1}, &errors);
    if (expr == NULL) {
        cr_assert_gt(errors.count, 0, "no expression and no error: %.*s", (int)source.len,
                     source.ptr);
        gj_buf_add_cstr(out, "check: ");
        gj_buf_add_str(out, errors.items[0].message);
    } else {
        cr_assert_eq(errors.count, 0);
        struct gj_frame frame = {.lookup = world_lookup, .context = (void *)(uintptr_t)world,
                                 .arena = &arena};
        struct gj_value value = gj_expr_eval(expr, &frame);
        if (value.kind == GJ_V_UNKNOWN) {
            add_unknowns(world, &frame, out);
        } else if (value.kind == GJ_V_ERROR) {
            gj_buf_add_cstr(out, "error: ");
            gj_buf_add_str(out, value.as.text);
        } else {
            gj_value_json(&value, out);
        }
        cr_assert(value.kind == GJ_V_UNKNOWN || frame.unknown_count == 0);
    }
    gj_errors_release(&errors);
    gj_arena_release(&arena);
}

/* Asserts the outcome; one that ends in "..." need only begin as wanted. */
static inline void expect_in(const struct world *world, const char *source, const char *want)
{
    struct gj_buf out;
    gj_buf_init(&out);
    evaluate(world, gj_str_of(source), &out);
    size_t len = strlen(want);
    bool prefix = len >= 3 && strcmp(want + len - 3, "...") == 0;
    bool same = prefix ? strncmp(out.ptr, want, len - 3) == 0 : strcmp(out.ptr, want) == 0;
    cr_assert(same, "%s\n  gave   %s\n  wanted %s", source, out.ptr, want);
    gj_buf_release(&out);
}

static inline void expect(const char *source, const char *want)
{
    struct world nothing = {0};
    expect_in(&nothing, source, want);
}

struct example {
    const char *source, *want;
};

static inline void expect_all(const struct example *examples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        expect(examples[i].source, examples[i].want);
    }
}

#define EXPECT_ALL(table) expect_all(table, sizeof(table) / sizeof((table)[0]))

#endif
