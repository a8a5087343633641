/* Room expr: declared fields, has(), what is unknown, functions of the host, and what a compiled
 * expression tells about itself. */
#include <stdio.h>

#include "expr_support.h"

#define TEXT(literal)                                                    \
    {                                                                    \
        .kind = GJ_V_STRING, .as.text = { literal, sizeof(literal) - 1 } \
    }
#define YES                                   \
    {                                         \
        .kind = GJ_V_BOOL, .as.boolean = true \
    }
#define NO                                     \
    {                                          \
        .kind = GJ_V_BOOL, .as.boolean = false \
    }
#define NUMBER(n)                           \
    {                                       \
        .kind = GJ_V_INT, .as.integer = (n) \
    }
#define UNKNOWN              \
    {                        \
        .kind = GJ_V_UNKNOWN \
    }

static const struct gj_value numbers[] = {NUMBER(3), NUMBER(4)};
static const struct gj_entry entries[] = {{TEXT("c"), TEXT("from the map")},
                                          {TEXT("d"), NUMBER(5)}};

enum { PLATFORM, COD, SHIP, REASON, AMOUNT, LIST, MAP, LONG, SHORT, LOST_LIST, LIAR, SLOTS };

static const struct gj_str platforms[] = {{"pdd", 3}, {"taobao", 6}, {"tmall", 5}, {"jd", 2}};

static const struct gj_expr_field fields[] = {
    {.name = {"platform", 8}, .type = &gj_type_string, .slot = PLATFORM, .choices = {platforms, 4}},
    FIELD("shop.services.cod", &gj_type_bool, COD),
    FIELD("shop.services.free_shipping", &gj_type_bool, SHIP),
    FIELD("refund.reason", &gj_type_string, REASON),
    FIELD("refund.amount_fen", &gj_type_int, AMOUNT),
    FIELD("list", &gj_type_dyn, LIST),
    FIELD("a.b", &gj_type_dyn, MAP),
    FIELD("a.b.c", &gj_type_string, LONG),
    FIELD("short", NULL, SHORT),
    FIELD("lost", &gj_type_list_of_string, LOST_LIST),
    FIELD("liar", &gj_type_string, LIAR)};

static const struct gj_value values[SLOTS] = {
    [PLATFORM] = TEXT("tmall"),
    [COD] = UNKNOWN,
    [SHIP] = YES,
    [REASON] = UNKNOWN,
    [AMOUNT] = NUMBER(1999),
    [LIST] = {.kind = GJ_V_LIST, .count = 2, .as.items = numbers},
    [MAP] = {.kind = GJ_V_MAP, .count = 2, .as.entries = entries},
    [LONG] = TEXT("the longest"),
    [SHORT] = NO,
    [LOST_LIST] = UNKNOWN,
    [LIAR] = NUMBER(7)}; /* declared a string: the host's mistake must not crash */

static int prepare_hit(void *env, const struct gj_expr_function *function,
                       const struct gj_value *args, uint32_t *handle, const struct gj_type **result,
                       struct gj_buf *why)
{
    (void)function;
    (void)env;
    (void)result;
    if (!gj_str_starts(args[0].as.text, GJ_STR("a"))) {
        gj_buf_addf(why, "there is no lexicon '%.*s'", (int)args[0].as.text.len,
                    args[0].as.text.ptr);
        return -1;
    }
    *handle = (uint32_t)args[0].as.text.len;
    return 0;
}

static struct gj_value call_hit(void *context, uint32_t handle, const struct gj_value *args,
                                struct gj_arena *arena)
{
    (void)context;
    (void)arena;
    cr_assert_eq(args[0].as.text.len, handle);
    return (struct gj_value){.kind = GJ_V_BOOL, .as.boolean = handle > 1};
}

static int prepare_param(void *env, const struct gj_expr_function *function,
                         const struct gj_value *args, uint32_t *handle,
                         const struct gj_type **result, struct gj_buf *why)
{
    (void)function;
    (void)env;
    (void)why;
    *handle = gj_str_is(args[0].as.text, "window") ? 1 : 0;
    *result = *handle == 1 ? &gj_type_duration : &gj_type_int;
    return 0;
}

static struct gj_value call_param(void *context, uint32_t handle, const struct gj_value *args,
                                  struct gj_arena *arena)
{
    (void)context;
    (void)args;
    (void)arena;
    return handle == 1 ? (struct gj_value){.kind = GJ_V_DURATION, .as.instant = {3600, 0}}
                       : (struct gj_value)NUMBER(4);
}

static struct gj_value call_twice(void *context, uint32_t handle, const struct gj_value *args,
                                  struct gj_arena *arena)
{
    (void)context;
    (void)handle;
    (void)arena;
    return (struct gj_value)NUMBER(args[0].as.integer * 2);
}

static struct gj_value call_odd(void *context, uint32_t handle, const struct gj_value *args,
                                struct gj_arena *arena)
{
    (void)context;
    (void)handle;
    (void)arena;
    return args[0].as.integer == 0 ? (struct gj_value)UNKNOWN : (struct gj_value)TEXT("no int");
}

static const struct gj_expr_function functions[] = {
    {"hit", &gj_type_bool, {&gj_type_string}, 1, 5, prepare_hit, call_hit},
    {"param", &gj_type_dyn, {&gj_type_string}, 1, 1, prepare_param, call_param},
    {"twice", &gj_type_int, {&gj_type_int}, 1, 1, NULL, call_twice},
    {"odd", &gj_type_int, {&gj_type_int}, 1, 1, NULL, call_odd}};

static const struct world world = {.fields = fields,
                                   .field_count = sizeof fields / sizeof fields[0],
                                   .values = values,
                                   .functions = functions,
                                   .function_count = sizeof functions / sizeof functions[0]};

static void expect_world(const struct example *table, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        expect_in(&world, table[i].source, table[i].want);
    }
}

#define EXPECT_WORLD(table) expect_world(table, sizeof(table) / sizeof((table)[0]))

Test(expr, fields_by_their_dotted_names)
{
    static const struct example table[] = {
        {"platform == 'tmall'", "true"},
        {"platform in ['pdd', 'tmall']", "true"},
        {".platform", "\"tmall\""},
        {"shop . services . free_shipping", "true"},
        {"refund.amount_fen > 1000", "true"},
        {"list[0] + list[1]", "7"},
        {"list.size()", "2"},
        {"list.exists(x, x == 4)", "true"},
        {"a.b.c", "\"the longest\""},    /* the longest declared name wins over the map's key */
        {"(a.b).c", "\"from the map\""}, /* but for parentheses */
        {"((a.b.c))", "\"the longest\""},
        {"has((a.b).d) && !has((a.b).e)", "true"},
        {"(a).b", "check: 'a' is a group of fields, not a field: name one of them, as a.b"},
        {"a.b.d", "5"},
        {"a.b['c']", "\"from the map\""},
        {"a.b.e", "error: no such key: 'e'"},
        {"a.b.d.e", "error: no such overload: a value of type int has no field 'e'"},
        {"[{'b': {'c': 1}}].map(a, a.b.c)", "[1]"}, /* a macro's variable hides the field */
        {"[1].map(a, .a.b.c)", "[\"the longest\"]"},
        {"[1].map(platform, platform)", "[1]"},
        {"[1].map(int, int == 1)", "[true]"},
        {"short ? 1 : 2", "2"},
        {"liar.startsWith('a')", "error: no such overload: startsWith for int, string"},
        {"liar + 'a'", "error: no such overload: + for int, string"},
        {"liar < 'a'", "error: no such overload: < for int, string"},
        {"liar.all(x, true)", "check: a macro runs over a list or a map's keys, but this is..."},
    };
    EXPECT_WORLD(table);
}

Test(expr, a_field_of_certain_values_is_compared_with_them_alone)
{
    static const struct example table[] = {
        {"platform == 'tmal'",
         "check: platform is never 'tmal'; it is one of: pdd, taobao, tmall, jd; did you mean "
         "'tmall'?"},
        {"'Jd' != platform",
         "check: platform is never 'Jd'; it is one of: pdd, taobao, tmall, jd; did you mean 'jd'?"},
        {"platform in ['pdd', 'kuaishou']",
         "check: platform is never 'kuaishou'; it is one of: pdd, taobao, tmall, jd"},
        {"platform in ['pdd', short ? 'jd' : 'tm']", "check: platform is never 'tm'..."},
        {"platform in {'pdd': 1, 'tm': 2}", "check: platform is never 'tm'..."},
        {"platform == (short ? 'tm' : 'pdd')", "check: platform is never 'tm'..."},
        {"{'pdd': 1, 'tm': 2}[platform]", "check: platform is never 'tm'..."},
        {"!(hit('ab') && platform == '')", "check: platform is never ''..."},
        {"platform in ['pdd', 'tmall']", "true"},
        {"platform in ['pdd', a.b.c]", "false"}, /* what is not written out is not checked */
        {"{'tmall': 1, 'pdd': 2}[platform]", "1"},
        {"platform.startsWith('tm')", "true"},
        {"platform + 'x' == 'tmallx'", "true"},
        {"a.b.c == 'tmal'", "false"},
    };
    EXPECT_WORLD(table);
}

Test(expr, a_field_not_given_is_unknown)
{
    static const struct example table[] = {
        {"shop.services.cod", "unknown(shop.services.cod)"},
        {"!shop.services.cod", "unknown(shop.services.cod)"},
        {"shop.services.cod && true", "unknown(shop.services.cod)"},
        {"true && shop.services.cod", "unknown(shop.services.cod)"},
        {"false && shop.services.cod", "false"},
        {"shop.services.cod && false", "false"},
        {"true || shop.services.cod", "true"},
        {"shop.services.cod || true", "true"},
        {"shop.services.cod || false", "unknown(shop.services.cod)"},
        {"shop.services.cod && 1 / 0 == 0", "unknown(shop.services.cod)"},
        {"1 / 0 == 0 && shop.services.cod", "unknown(shop.services.cod)"},
        {"1 / 0 == 0 || shop.services.cod", "unknown(shop.services.cod)"},
        {"1 / 0 == 0 || shop.services.cod || true", "true"},
        {"shop.services.cod == true", "unknown(shop.services.cod)"},
        {"refund.reason == 'x' && shop.services.cod", "unknown(refund.reason, shop.services.cod)"},
        {"shop.services.cod && shop.services.cod", "unknown(shop.services.cod)"},
        {"(shop.services.cod && false) || refund.reason == ''", "unknown(refund.reason)"},
        {"refund.reason == '' && (shop.services.cod || true)", "unknown(refund.reason)"},
        {"shop.services.cod ? 1 : 1", "unknown(shop.services.cod)"},
        {"true ? 1 : refund.amount_fen / 0", "1"},
        {"platform == 'pdd' ? refund.reason : 'none'", "\"none\""},
        {"refund.reason + 'a'", "unknown(refund.reason)"},
        {"string(1 / 0) + refund.reason", "unknown(refund.reason)"},
        {"refund.reason + string(1 / 0)", "unknown(refund.reason)"},
        {"size(refund.reason)", "unknown(refund.reason)"},
        {"[refund.reason]", "unknown(refund.reason)"},
        {"[1 / 0, size(refund.reason)]", "unknown(refund.reason)"},
        {"{'a': refund.reason}.a", "unknown(refund.reason)"},
        {"lost[0]", "unknown(lost)"},
        {"lost.all(x, x == '')", "unknown(lost)"},
        {"list[size(lost)]", "unknown(lost)"},
        {"'a' in lost", "unknown(lost)"},
        {"[1, 2].exists(x, shop.services.cod)", "unknown(shop.services.cod)"},
        {"[1, 2].exists(x, shop.services.cod || x == 2)", "true"},
        {"[1, 2].all(x, shop.services.cod && x == 1)", "false"},
        {"[1, 0].all(x, 1 / x == 1 && shop.services.cod)", "unknown(shop.services.cod)"},
        {"[1].exists_one(x, shop.services.cod)", "unknown(shop.services.cod)"},
        {"[1, 0].exists_one(x, 1 / x == 1 || shop.services.cod)", "unknown(shop.services.cod)"},
        {"[1].map(x, refund.reason)", "unknown(refund.reason)"},
        {"[1].filter(x, shop.services.cod)", "unknown(shop.services.cod)"},
        {"twice(size(lost))", "unknown(lost)"},
        {"odd(0) == 1", "unknown()"},
    };
    EXPECT_WORLD(table);
}

Test(expr, has_asks_whether_a_fact_was_given)
{
    static const struct example table[] = {
        {"has(shop.services.cod)", "false"},
        {"has(shop.services.free_shipping)", "true"},
        {"has(shop.services.cod) && shop.services.cod", "false"},
        {"has(refund.reason) || platform == 'tmall'", "true"},
        {"has(platform)", "true"}, /* a field of one name too: more than CEL has */
        {"has(a.b.c)", "true"},
        {"has(a.b.d)", "true"},
        {"has(a.b.e)", "false"},
        {"has(.platform)", "true"},
        {"has(lost.x)", "check: a value of type list(string) has no field 'x'"},
        {"has(shop.services)", "check: 'shop.services' is a group of fields, not a field: name "
                               "one of them, as shop.services.cod"},
        {"[1].all(x, has(x))", "check: has() asks for a field: has(a.b)"},
    };
    EXPECT_WORLD(table);
}

Test(expr, functions_of_the_host)
{
    static const struct example table[] = {
        {"hit('ab')", "true"},
        {"hit(\"a\") || hit('abc')", "true"},
        {"param('window') > duration('30m')", "true"},
        {"param('points') + 1", "5"},
        {"param('points') > duration('30m')", "check: there is no int > duration"},
        {"twice(21)", "42"},
        {"twice(list[0])", "6"},
        {"twice(a.b['c'])", "error: no such overload: twice for string"},
        {"twice(1 / 0)", "error: division by zero"},
        {"twice('a')", "check: argument 1 of twice() is of type int, but this is string"},
        {"twice()", "check: twice() takes 1 argument, but here are 0"},
        {"twice(1, 2, 3, 4, 5)", "check: twice() takes 1 argument, but here are 5"},
        {"hit('b')", "check: there is no lexicon 'b'"},
        {"hit(platform)", "check: hit() takes constants only: write the value itself"},
        {"hit(dyn(1))", "check: argument 1 of hit() is of another type"},
        {"'a'.hit()", "check: there is no function 'hit': did you mean..."},
        {"odd(1)", "error: the host's function gave a value of another type than it declares"},
    };
    EXPECT_WORLD(table);
}

Test(expr, the_wanted_type)
{
    struct world wanting = world;
    wanting.want = &gj_type_bool;
    expect_in(&wanting, "platform == 'tmall'", "true");
    expect_in(&wanting, "platform",
              "check: a bool is wanted here, but the expression gives "
              "string");
    expect_in(&wanting, "list[0]", "error: no such overload: the result for int");
    expect_in(&wanting, "shop.services.cod", "unknown(shop.services.cod)");
    wanting.want = &gj_type_list_of_string;
    expect_in(&wanting, "['a']", "[\"a\"]");
    expect_in(&wanting, "[]", "[]");
    expect_in(&wanting, "[1]",
              "check: a list(string) is wanted here, but the expression gives "
              "list(int)");
}

static const struct gj_expr *compile(struct gj_arena *arena, const char *source)
{
    struct gj_errors errors;
    struct gj_expr_env env = {fields, world.field_count, functions, world.function_count, NULL, 0};
    gj_errors_init(&errors);
    const struct gj_expr *expr =
        gj_expr_compile(arena, gj_str_of(source), &env, NULL, (struct gj_expr_place){0}, &errors);
    cr_assert_not_null(expr);
    gj_errors_release(&errors);
    return expr;
}

Test(expr, calls_and_slots_it_reads)
{
    struct gj_arena arena;
    gj_arena_init(&arena);
    const struct gj_expr *expr =
        compile(&arena, "hit('abc') && platform != 'jd' && (has(shop.services.cod) || hit('a')) && "
                        "[1].all(x, hit('ab') || platform == 'pdd')");
    const struct gj_expr_call *calls;
    const uint32_t *slots;
    cr_assert_eq(gj_expr_calls(expr, &calls), 3);
    cr_assert_eq(calls[0].function, &functions[0]);
    cr_assert_eq(calls[0].handle, 3);
    cr_assert_eq(calls[1].handle, 1);
    cr_assert_eq(calls[2].handle, 2);
    cr_assert_eq(gj_expr_slots(expr, &slots), 2);
    cr_assert_eq(slots[0], PLATFORM);
    cr_assert_eq(slots[1], COD);
    cr_assert_eq(gj_expr_type(expr)->kind, GJ_TYPE_BOOL);
    cr_assert(gj_str_starts(gj_expr_source(expr), GJ_STR("hit('abc')")));
    expr = compile(&arena, "1 + 1");
    cr_assert_eq(gj_expr_calls(expr, &calls), 0);
    cr_assert_eq(gj_expr_slots(expr, &slots), 0);
    gj_arena_release(&arena);
}

Test(expr, the_arena_is_not_touched_by_plain_conditions)
{
    struct gj_arena arena;
    gj_arena_init(&arena);
    const struct gj_expr *expr =
        compile(&arena, "(hit('ab') && platform in ['pdd', 'tmall'] && !has(shop.services.cod) && "
                        "refund.amount_fen * 2 > param('points') && platform.startsWith('t') && "
                        "platform.matches('t.*l')) || shop.services.cod");
    struct gj_frame frame = {.lookup = world_lookup, .context = (void *)(uintptr_t)&world};
    struct gj_value value = gj_expr_eval(expr, &frame); /* without an arena at all */
    cr_assert_eq(value.kind, GJ_V_BOOL);
    cr_assert(value.as.boolean);
    expr = compile(&arena, "[platform]");
    value = gj_expr_eval(expr, &frame);
    cr_assert_eq(value.kind, GJ_V_ERROR);
    cr_assert(gj_str_is(value.as.text, "out of memory"));
    gj_arena_release(&arena);
}

struct traced {
    const struct world *world;
    struct gj_buf text;
};

static struct gj_value traced_lookup(void *context, uint32_t slot)
{
    struct traced *traced = context;
    return traced->world->values[slot];
}

static void trace(void *context, struct gj_str source, const struct gj_value *value, unsigned depth)
{
    struct traced *traced = context;
    gj_buf_addf(&traced->text, "%u ", depth);
    gj_buf_add_str(&traced->text, source);
    gj_buf_add_cstr(&traced->text, value->kind == GJ_V_UNKNOWN ? " ?"
                                   : value->as.boolean         ? " yes"
                                                               : " no");
    gj_buf_add_char(&traced->text, '\n');
}

Test(expr, trace_tells_what_was_asked)
{
    struct gj_arena arena;
    struct traced traced = {.world = &world};
    gj_arena_init(&arena);
    gj_buf_init(&traced.text);
    const struct gj_expr *expr = compile(&arena, "!hit('a') && (shop.services.cod || short)");
    struct gj_frame frame = {.lookup = traced_lookup, .context = &traced, .trace = trace};
    struct gj_value value = gj_expr_eval(expr, &frame);
    cr_assert_eq(value.kind, GJ_V_UNKNOWN);
    cr_assert_str_eq(traced.text.ptr, "3 hit('a') no\n"
                                      "2 !hit('a') yes\n"
                                      "3 shop.services.cod ?\n"
                                      "3 short no\n"
                                      "2 shop.services.cod || short ?\n"
                                      "1 !hit('a') && (shop.services.cod || short) ?\n");
    gj_buf_reset(&traced.text); /* what begins with a parenthesis is told with it */
    gj_expr_eval(compile(&arena, "((short || (hit('a'))) || (short)) && short"), &frame);
    cr_assert_str_eq(traced.text.ptr, "4 short no\n"
                                      "4 hit('a') no\n"
                                      "3 short || (hit('a')) no\n"
                                      "3 short no\n"
                                      "2 (short || (hit('a'))) || (short) no\n"
                                      "1 ((short || (hit('a'))) || (short)) && short no\n");
    gj_buf_release(&traced.text);
    gj_arena_release(&arena);
}

Test(expr, more_unknowns_than_room)
{
    static struct gj_expr_field many[40];
    static struct gj_value none[40];
    static char names[40][8];
    struct gj_buf source;
    gj_buf_init(&source);
    for (uint32_t i = 0; i < 40; i++) {
        snprintf(names[i], sizeof names[i], "f%u", i);
        many[i] = (struct gj_expr_field){gj_str_of(names[i]), &gj_type_bool, i, {NULL, 0}};
        gj_buf_addf(&source, "%sf%u", i > 0 ? " || " : "", i);
    }
    struct world crowd = {.fields = many, .field_count = 40, .values = none};
    expect_in(&crowd, source.ptr,
              "unknown(f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, "
              "f13, f14, f15)");
    gj_buf_release(&source);
}

Test(expr, type_of_a_value)
{
    struct gj_arena arena;
    struct gj_buf name;
    gj_arena_init(&arena);
    gj_buf_init(&name);
    gj_type_name(gj_type_of_value(&arena, &values[LIST]), &name);
    cr_assert_str_eq(name.ptr, "list(int)");
    gj_buf_reset(&name);
    gj_type_name(gj_type_of_value(&arena, &values[MAP]), &name);
    cr_assert_str_eq(name.ptr, "map(string, dyn)");
    gj_buf_reset(&name);
    struct gj_value empty = {.kind = GJ_V_LIST};
    gj_type_name(gj_type_of_value(&arena, &empty), &name);
    cr_assert_str_eq(name.ptr, "list(dyn)");
    cr_assert_eq(gj_type_of_value(&arena, &values[PLATFORM]), &gj_type_string);
    cr_assert_eq(gj_type_of_value(&arena, &values[COD]), &gj_type_dyn);
    cr_assert(gj_value_equal(&values[MAP], &values[MAP]));
    cr_assert_not(gj_value_equal(&values[MAP], &values[LIST]));
    gj_buf_release(&name);
    gj_arena_release(&arena);
}

/* The static type of a value that is there: of one type throughout, or dyn. */
Test(expr, the_type_of_a_value)
{
    struct gj_arena arena;
    gj_arena_init(&arena);
    struct gj_value one = {.kind = GJ_V_INT, .as.integer = 1};
    struct gj_value text = {.kind = GJ_V_STRING, .as.text = GJ_STR("a")};
    struct gj_value same[2] = {one, one}, mixed[2] = {one, text};
    struct gj_value list = {.kind = GJ_V_LIST, .count = 2, .as.items = same};
    const struct gj_type *type = gj_type_of_value(&arena, &list);
    cr_expect(type->kind == GJ_TYPE_LIST && type->of->kind == GJ_TYPE_INT);
    list.as.items = mixed;
    cr_expect_eq(gj_type_of_value(&arena, &list)->of->kind, GJ_TYPE_DYN);
    struct gj_entry plain[2] = {{text, one}, {text, one}}, odd[2] = {{text, one}, {one, text}};
    struct gj_value map = {.kind = GJ_V_MAP, .count = 2, .as.entries = plain};
    type = gj_type_of_value(&arena, &map);
    cr_expect(type->kind == GJ_TYPE_MAP && type->key->kind == GJ_TYPE_STRING &&
              type->of->kind == GJ_TYPE_INT);
    map.as.entries = odd;
    type = gj_type_of_value(&arena, &map);
    cr_expect(type->key->kind == GJ_TYPE_DYN && type->of->kind == GJ_TYPE_DYN);
    map.count = 1;
    map.as.entries = odd + 1;
    type = gj_type_of_value(&arena, &map);
    cr_expect(type->key->kind == GJ_TYPE_INT && type->of->kind == GJ_TYPE_STRING);
    gj_arena_release(&arena);
}
