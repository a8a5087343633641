/* Fuzz target of room expr: hostile bytes as the source of a condition. What compiles is evaluated
 * over a small world with known, unknown and dyn fields; nothing may crash, hang, leak or break the
 * promises of expr.h: no expression without errors, no error beside one, unknowns only with an
 * unknown result, valid UTF-8 in every message and value. */
#include "expr/expr.h"
#include "base/utf8.h"
#include "fuzz.h"

static const struct gj_value numbers[] = {{.kind = GJ_V_INT, .as.integer = 1},
                                          {.kind = GJ_V_INT, .as.integer = INT64_MIN},
                                          {.kind = GJ_V_NULL}};
static const struct gj_entry entries[] = {
    {{.kind = GJ_V_STRING, .as.text = {"k", 1}}, {.kind = GJ_V_INT, .as.integer = 2}},
    {{.kind = GJ_V_BOOL, .as.boolean = true}, {.kind = GJ_V_STRING, .as.text = {"微信", 6}}}};

#define FIELD(dotted, its_type, its_slot)                                            \
    {                                                                                \
        .name = {dotted, sizeof(dotted) - 1}, .type = (its_type), .slot = (its_slot) \
    }

static const struct gj_str choices[] = {{"pdd", 3}, {"tmall", 5}};
static const struct gj_expr_field fields[] = {
    {.name = {"c", 1}, .type = &gj_type_string, .slot = 0, .choices = {choices, 2}},
    FIELD("s", &gj_type_string, 0),
    FIELD("u", &gj_type_bool, 1),
    FIELD("l", &gj_type_dyn, 2),
    FIELD("m", &gj_type_dyn, 3),
    FIELD("t", &gj_type_timestamp, 4),
    FIELD("a.b", &gj_type_int, 5)};

static struct gj_value lookup(void *context, uint32_t slot)
{
    (void)context;
    switch (slot) {
    case 0:
        return (struct gj_value){.kind = GJ_V_STRING, .as.text = {"加我微信 abc", 16}};
    case 2:
        return (struct gj_value){.kind = GJ_V_LIST, .count = 3, .as.items = numbers};
    case 3:
        return (struct gj_value){.kind = GJ_V_MAP, .count = 2, .as.entries = entries};
    case 4:
        return (struct gj_value){.kind = GJ_V_TIMESTAMP, .as.instant = {1234567890, 5}};
    case 5:
        return (struct gj_value){.kind = GJ_V_INT, .as.integer = 42};
    default:
        return (struct gj_value){.kind = GJ_V_UNKNOWN};
    }
}

static int prepare(void *env, const struct gj_expr_function *function, const struct gj_value *args,
                   uint32_t *handle, const struct gj_type **result, struct gj_buf *why)
{
    (void)function;
    (void)env;
    (void)result;
    require(args[0].kind == GJ_V_STRING);
    *handle = (uint32_t)args[0].as.text.len;
    gj_buf_addf(why, "no lexicon");
    return args[0].as.text.len > 3 ? -1 : 0;
}

static struct gj_value hit(void *context, uint32_t handle, const struct gj_value *args,
                           struct gj_arena *arena)
{
    (void)context;
    (void)arena;
    require(args[0].as.text.len == handle);
    return (struct gj_value){.kind = GJ_V_BOOL, .as.boolean = handle % 2 == 1};
}

static struct gj_value twice(void *context, uint32_t handle, const struct gj_value *args,
                             struct gj_arena *arena)
{
    (void)context;
    (void)handle;
    (void)arena;
    require(args[0].kind == GJ_V_INT);
    return (struct gj_value){.kind = GJ_V_INT, .as.integer = args[0].as.integer / 2};
}

static const struct gj_expr_function functions[] = {
    {"hit", &gj_type_bool, {&gj_type_string}, 1, 5, prepare, hit},
    {"half", &gj_type_int, {&gj_type_int}, 1, 1, NULL, twice}};

static void trace(void *context, struct gj_str source, const struct gj_value *value, unsigned depth)
{
    (void)context;
    require(source.len > 0 && value->kind <= GJ_V_TYPE && depth >= 1 && depth <= GJ_EXPR_DEPTH_MAX);
}

static void run(const struct gj_expr *expr)
{
    struct gj_arena arena;
    struct gj_buf json;
    gj_arena_init(&arena);
    gj_buf_init(&json);
    arena.limit = 64u << 20;
    struct gj_frame frame = {.lookup = lookup, .arena = &arena, .trace = trace};
    struct gj_value value = gj_expr_eval(expr, &frame);
    require((value.kind == GJ_V_UNKNOWN) == (frame.unknown_count > 0));
    if (value.kind == GJ_V_ERROR) {
        require(value.as.text.len > 0 && gj_utf8_valid_prefix(value.as.text) == value.as.text.len);
    }
    gj_value_json(&value, &json);
    require(gj_utf8_valid_prefix(gj_buf_str(&json)) == json.len);
    frame.trace = NULL; /* the same again: evaluation has no memory */
    struct gj_value again = gj_expr_eval(expr, &frame);
    require(again.kind == value.kind);
    require(value.kind <= GJ_V_ERROR || gj_value_equal(&value, &again));
    gj_type_of_value(&arena, &value);
    gj_buf_release(&json);
    gj_arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gj_arena arena;
    struct gj_errors errors;
    struct gj_expr_env env = {fields,    sizeof fields / sizeof fields[0],
                              functions, sizeof functions / sizeof functions[0],
                              NULL,      10000};
    gj_arena_init(&arena);
    gj_errors_init(&errors);
    struct gj_str source = {(const char *)data, size};
    const struct gj_expr *expr = gj_expr_compile(
        &arena, source, &env, NULL, (struct gj_expr_place){.line = 1, .column = 1}, &errors);
    require((expr == NULL) == (errors.count > 0));
    for (size_t i = 0; i < errors.count; i++) {
        struct gj_str message = errors.items[i].message;
        require(message.len > 0 && gj_utf8_valid_prefix(message) == message.len);
    }
    if (expr != NULL) {
        require(gj_expr_cost(expr) <= 10000 && gj_expr_type(expr) != NULL);
        run(expr);
    }
    gj_errors_release(&errors);
    gj_arena_release(&arena);
    return 0;
}
