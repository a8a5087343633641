/* Room expr: no source and no value makes it overflow the stack, hang or eat the memory. */
#include <stdio.h>

#include "expr_support.h"

/* `count` times `part`, joined by `between`, with `before` and `after` around. */
static struct gj_buf repeated(const char *before, const char *part, const char *between,
                              size_t count, const char *after)
{
    struct gj_buf out;
    gj_buf_init(&out);
    gj_buf_add_cstr(&out, before);
    for (size_t i = 0; i < count; i++) {
        gj_buf_add_cstr(&out, i > 0 ? between : "");
        gj_buf_add_cstr(&out, part);
    }
    gj_buf_add_cstr(&out, after);
    return out;
}

static void expect_repeated(const char *before, const char *part, const char *between, size_t count,
                            const char *after, const char *want)
{
    struct gj_buf source = repeated(before, part, between, count, after);
    expect(source.ptr, want);
    gj_buf_release(&source);
}

Test(expr, long_flat_chains)
{
    expect_repeated("", "false", " || ", 1000, " || true", "true");
    expect_repeated("", "true", " && ", 5000, "", "true");
    expect_repeated("", "1", " + ", 10000, "", "10000");
    expect_repeated("", "1", "*", 10000, "", "1");
    expect_repeated("[", "1", ",", 10000, "].size()", "10000");
    expect_repeated("size(", "'ab'", "+", 1000, ")", "2000");
}

#define TOO_DEEP "check: the expression nests deeper than 128 levels"

Test(expr, depth_is_an_error_not_a_crash)
{
    struct gj_buf open = repeated("", "(", "", 127, "7");
    for (int i = 0; i < 127; i++) {
        gj_buf_add_char(&open, ')');
    }
    expect(open.ptr, "7");
    gj_buf_release(&open);
    expect_repeated("", "(", "", 20000, "", TOO_DEEP);
    expect_repeated("", "[", "", 20000, "", TOO_DEEP);
    expect_repeated("", "{1:", "", 20000, "", TOO_DEEP);
    expect_repeated("", "!", "", 126, "true", "true");
    expect_repeated("", "!", "", 60000, "true", TOO_DEEP);
    expect_repeated("", "-", "", 60000, "1", TOO_DEEP);
    expect_repeated("dyn(1)", ".a", "", 126, "", "error: no such overload...");
    expect_repeated("dyn(1)", ".a", "", 20000, "", TOO_DEEP);
    expect_repeated("dyn(1)", "[0]", "", 20000, "", TOO_DEEP);
    expect_repeated("", "true ? 1 : ", "", 126, "2", "1");
    expect_repeated("", "true ? 1 : ", "", 5000, "2", TOO_DEEP);
    expect_repeated("", "size(", "", 10000, "", TOO_DEEP);
    expect_repeated("", "[1].map(x, ", "", 5000, "", TOO_DEEP);
    /* chains inside parentheses add up */
    struct gj_buf both = repeated("", "(", "", 100, "dyn(1)");
    for (int i = 0; i < 100; i++) {
        gj_buf_add_cstr(&both, ".a.b)");
    }
    expect(both.ptr, TOO_DEEP);
    gj_buf_release(&both);
}

Test(expr, the_source_has_a_limit)
{
    expect_repeated("", " ", "", GJ_EXPR_BYTES_MAX - 1, "7", "7");
    expect_repeated("", " ", "", GJ_EXPR_BYTES_MAX, "7",
                    "check: the expression has 65537 bytes, "
                    "more than 65536");
}

static struct gj_value hundred[100];
static const struct gj_expr_field fields[] = {FIELD("list", &gj_type_dyn, 0),
                                              FIELD("text", &gj_type_string, 1)};

static struct world world_of_lists(struct gj_value *values)
{
    for (size_t i = 0; i < 100; i++) {
        hundred[i] = (struct gj_value){.kind = GJ_V_INT, .as.integer = (int64_t)i};
    }
    values[0] = (struct gj_value){.kind = GJ_V_LIST, .count = 100, .as.items = hundred};
    values[1] = (struct gj_value){.kind = GJ_V_STRING, .as.text = GJ_STR("aaaaaaaaaaaaaaaa")};
    return (struct world){.fields = fields, .field_count = 2, .values = values};
}

static uint64_t cost_of(const struct world *world, const char *source)
{
    struct gj_arena arena;
    struct gj_errors errors;
    struct gj_expr_env env = {.fields = world->fields, .field_count = world->field_count};
    gj_arena_init(&arena);
    gj_errors_init(&errors);
    const struct gj_expr *expr =
        gj_expr_compile(&arena, gj_str_of(source), &env, NULL, (struct gj_expr_place){0}, &errors);
    cr_assert_not_null(expr);
    uint64_t cost = gj_expr_cost(expr);
    gj_errors_release(&errors);
    gj_arena_release(&arena);
    return cost;
}

Test(expr, cost_is_bounded_at_load)
{
    struct gj_value values[2];
    struct world world = world_of_lists(values);
    cr_assert_eq(cost_of(&world, "true"), 1);
    cr_assert_eq(cost_of(&world, "true && false"), 3);
    cr_assert_eq(cost_of(&world, "[true, false].all(x, x)"), 1 + 1 + 2 * (1 + 1));
    cr_assert_eq(cost_of(&world, "list.all(x, true)"), 1 + 1 + 100 * (1 + 1));
    cr_assert_gt(cost_of(&world, "list.all(x, list.all(y, x != y))"), 10000);
    cr_assert_lt(cost_of(&world, "[1].all(x, [1].all(y, x != y))"), 20);
    expect_in(&world, "list.all(x, list.all(y, list.all(z, x + y + z >= 0)))",
              "check: the expression may cost 28030302 steps, more than the limit of 1000000...");
    expect_in(&world, "list.all(x, list.all(y, x + y >= 0))", "true");
    world.cost_max = 100;
    expect_in(&world, "list.all(x, x >= 0)", "check: the expression may cost...");
    expect_in(&world, "[1, 2].all(x, x >= 0)", "true");
}

Test(expr, a_value_larger_than_thought_stops_at_the_step_limit)
{
    static struct gj_value many[20000];
    struct gj_value values[2];
    struct world world = world_of_lists(values);
    for (size_t i = 0; i < 20000; i++) {
        many[i] = (struct gj_value){.kind = GJ_V_INT, .as.integer = (int64_t)i};
    }
    values[0] = (struct gj_value){.kind = GJ_V_LIST, .count = 20000, .as.items = many};
    static const char stopped[] = "error: too many steps...";
    expect_in(&world, "list.all(x, list.all(y, x + y >= 0))", stopped);
    expect_in(&world, "list.all(x, x in list)", stopped);
    expect_in(&world, "list.all(x, list == list)", stopped);
    expect_in(&world, "list.exists(x, list.exists(y, x + y < 0)) || true", stopped);
    expect_in(&world, "list.map(x, list.map(y, x))", stopped);
    expect_in(&world, "list.filter(x, list.filter(y, true) == [])", stopped);
    expect_in(&world, "list.exists_one(x, list.exists_one(y, true))", stopped);
    expect_in(&world, "list.all(x, size(list + list) > 0)", stopped);
    expect_in(&world, "list.all(x, x >= 0)", "true");
}

Test(expr, long_texts_stop_at_the_step_limit)
{
    struct gj_value values[2];
    struct world world = world_of_lists(values);
    size_t len = 4u << 20;
    char *text = malloc(len);
    cr_assert_not_null(text);
    memset(text, 'a', len);
    values[1].as.text = (struct gj_str){text, len};
    static const char stopped[] = "error: too many steps...";
    expect_in(&world, "list.all(x, size(text) > 0)", stopped);
    expect_in(&world, "list.all(x, text.contains('aaaaaaaaaaaaaaab') || x > -1)", stopped);
    expect_in(&world, "text.matches('(a|aa|aaa)*b')", stopped);
    expect_in(&world, "list.all(x, text.matches('b') || true)", stopped);
    expect_in(&world, "list.all(x, (text + text) != '')", stopped);
    expect_in(&world, "size(text)", "4194304");
    expect_in(&world, "text.contains('b')", "false");
    free(text);
}

Test(expr, constants_take_no_more_than_an_evaluation)
{
    struct gj_arena arena;
    struct gj_errors errors;
    struct gj_expr_env env = {0};
    struct gj_buf wide = repeated("'xxxxxxxxxx'", ".replace('x', 'xxxxxxxxxx')", "", 5, "");
    for (int i = 0; i < 100; i++) {
        gj_buf_add_cstr(&wide, ".lowerAscii()");
    }
    struct gj_buf source = repeated("[", wide.ptr, ",", 20, "] != []");
    gj_arena_init(&arena);
    gj_errors_init(&errors);
    cr_expect_not_null(gj_expr_compile(&arena, gj_buf_str(&source), &env, NULL,
                                       (struct gj_expr_place){0}, &errors));
    cr_expect_lt(arena.total, 32u << 20, "%zu bytes", arena.total);
    gj_errors_release(&errors);
    gj_arena_release(&arena);
    gj_buf_release(&source);
    gj_buf_release(&wide);
}

Test(expr, a_constant_is_found_whole_or_not_at_all)
{
    struct gj_buf wanted = repeated(".contains('", "a", "", 20000, "b')");
    expect_repeated("'", "a", "", 40000, "b'.contains('b')", "true");
    struct gj_buf source = repeated("'", "a", "", 40000, "b'");
    gj_buf_add_str(&source, gj_buf_str(&wanted));
    expect(source.ptr, "true");
    gj_buf_release(&source);
    gj_buf_release(&wanted);
}

Test(expr, what_holds_itself_many_times_is_not_written_out)
{
    struct gj_buf source;
    gj_buf_init(&source);
    gj_buf_add_cstr(&source, "cel.bind(v0, 'abcdefgh', ");
    for (int i = 1; i <= 20; i++) {
        gj_buf_addf(&source, "cel.bind(v%d, [v%d, v%d, v%d, v%d], ", i, i - 1, i - 1, i - 1, i - 1);
    }
    gj_buf_add_cstr(&source, "v20");
    for (int i = 0; i <= 20; i++) {
        gj_buf_add_char(&source, ')');
    }
    expect(source.ptr, "error: too many steps...");
    gj_buf_release(&source);
}

Test(expr, many_keys_are_not_compared_for_ever)
{
    struct gj_buf source;
    gj_buf_init(&source);
    gj_buf_add_char(&source, '{');
    for (int i = 0; i < 8000; i++) {
        gj_buf_addf(&source, "%s%d:1", i > 0 ? "," : "", i);
    }
    gj_buf_add_char(&source, '}');
    expect(source.ptr, "check: the expression may cost...");
    gj_buf_release(&source);
}

Test(expr, out_of_memory_is_told)
{
    struct gj_arena arena;
    struct gj_errors errors;
    struct gj_expr_env env = {0};
    int told = 0;
    for (size_t limit = 1; limit < 8192; limit += 64) {
        gj_arena_init(&arena);
        gj_errors_init(&errors);
        arena.limit = limit;
        const struct gj_expr *expr = gj_expr_compile(
            &arena,
            GJ_STR("[1, 2].map(x, x + 1) == [2] || 'a'.matches('b+') || {1: 'a'}[1] == 'x' "
                   "|| timestamp(0).getHours('+08:00') == 8"),
            &env, NULL, (struct gj_expr_place){0}, &errors);
        cr_assert((expr == NULL) == (errors.count > 0), "limit %zu", limit);
        told += expr == NULL;
        gj_errors_release(&errors);
        gj_arena_release(&arena);
    }
    cr_assert_gt(told, 10);
}

Test(expr, out_of_memory_while_running)
{
    struct gj_arena arena;
    struct gj_errors errors;
    struct gj_expr_env env = {0};
    gj_arena_init(&arena);
    gj_errors_init(&errors);
    const struct gj_expr *expr = gj_expr_compile(
        &arena, GJ_STR("[1, 2, 3].map(x, [x, x]).map(y, {'a': y, 'b': string(y[0]) + 'c'})"), &env,
        NULL, (struct gj_expr_place){0}, &errors);
    cr_assert_not_null(expr);
    bool worked = false;
    for (size_t limit = 1; limit < 4096; limit += 16) {
        struct gj_arena room;
        gj_arena_init(&room);
        room.limit = limit;
        struct gj_frame frame = {.arena = &room};
        struct gj_value value = gj_expr_eval(expr, &frame);
        cr_assert(value.kind == GJ_V_LIST || (value.kind == GJ_V_ERROR && !worked));
        worked = value.kind == GJ_V_LIST;
        gj_arena_release(&room);
    }
    cr_assert(worked);
    gj_errors_release(&errors);
    gj_arena_release(&arena);
}

static struct gj_value long_text(void *context, uint32_t slot)
{
    (void)slot;
    return (struct gj_value){.kind = GJ_V_STRING, .as.text = *(struct gj_str *)context};
}

Test(expr, a_key_for_which_there_is_no_memory_is_an_error)
{
    struct gj_arena arena, room;
    struct gj_errors errors;
    struct gj_expr_field field = FIELD("text", &gj_type_string, 0);
    struct gj_expr_env env = {.fields = &field, .field_count = 1};
    struct gj_buf key = repeated("", "k", "", 2000, "");
    struct gj_str text = gj_buf_str(&key);
    gj_arena_init(&arena);
    gj_arena_init(&room);
    gj_errors_init(&errors);
    const struct gj_expr *expr = gj_expr_compile(&arena, GJ_STR("'%s'.format([{text: 1}])"), &env,
                                                 NULL, (struct gj_expr_place){0}, &errors);
    cr_assert_not_null(expr);
    room.limit = 1000;
    struct gj_frame frame = {.lookup = long_text, .context = &text, .arena = &room};
    struct gj_value value = gj_expr_eval(expr, &frame);
    cr_expect(value.kind == GJ_V_ERROR && gj_str_is(value.as.text, "out of memory"), "%.*s",
              (int)value.as.text.len, value.as.text.ptr);
    gj_errors_release(&errors);
    gj_arena_release(&room);
    gj_arena_release(&arena);
    gj_buf_release(&key);
}
