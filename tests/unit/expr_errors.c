/* Room expr: errors say where, what and what instead; all type errors come in one run. */
#include "expr_support.h"

static const struct gj_expr_field fields[] = {FIELD("platform", &gj_type_string, 0),
                                              FIELD("refund.reason", &gj_type_string, 1),
                                              FIELD("shop.services.cod", &gj_type_bool, 2)};

static int prepare(void *env, const struct gj_expr_function *function, const struct gj_value *args,
                   uint32_t *handle, const struct gj_type **result, struct gj_buf *why)
{
    (void)function;
    (void)env;
    (void)args;
    (void)handle;
    (void)result;
    (void)why;
    return -1;
}

static const struct gj_expr_function functions[] = {
    {"negated", &gj_type_bool, {&gj_type_string}, 1, 1, prepare, NULL}};

static struct gj_buf rendered(const char *source, struct gj_expr_place place, size_t *count)
{
    struct gj_arena arena;
    struct gj_errors errors;
    struct gj_expr_env env = {fields, 3, functions, 1, NULL, 0};
    struct gj_buf out;
    gj_arena_init(&arena);
    gj_errors_init(&errors);
    gj_buf_init(&out);
    const struct gj_expr *expr =
        gj_expr_compile(&arena, gj_str_of(source), &env, &gj_type_bool, place, &errors);
    cr_assert_null(expr, "%s compiled", source);
    *count = errors.count;
    gj_errors_render(&errors, &out);
    gj_errors_release(&errors);
    gj_arena_release(&arena);
    return out;
}

static void expect_errors(const char *source, const char *want)
{
    size_t count;
    struct gj_buf out = rendered(source, (struct gj_expr_place){.line = 1, .column = 1}, &count);
    cr_assert_str_eq(out.ptr, want);
    gj_buf_release(&out);
}

Test(expr, a_misspelt_field_is_told_with_the_nearest)
{
    expect_errors("refund.resaon == 'x'",
                  "1:1: there is no field 'refund.resaon': did you mean refund.reason?\n"
                  "  refund.resaon == 'x'\n"
                  "  ^\n");
    expect_errors("true && platfrom == 'x'",
                  "1:9: there is no field 'platfrom': did you mean platform?\n"
                  "  true && platfrom == 'x'\n"
                  "          ^\n");
    expect_errors("negted('a')", "1:1: there is no function 'negted': did you mean negated?\n"
                                 "  negted('a')\n"
                                 "  ^\n");
    expect_errors("platform.startwith('a')",
                  "1:10: there is no function 'startwith': did you mean startsWith?\n"
                  "  platform.startwith('a')\n"
                  "           ^\n");
    expect_errors("tmall == platform", "1:1: there is no field 'tmall' (text goes in quotes)\n"
                                       "  tmall == platform\n"
                                       "  ^\n");
    expect_errors("shop.service.cod",
                  "1:1: there is no field 'shop.service.cod': did you mean shop.services.cod?\n"
                  "  shop.service.cod\n"
                  "  ^\n");
    expect_errors("negated('a')", "1:9: these arguments name nothing\n"
                                  "  negated('a')\n"
                                  "          ^\n");
}

Test(expr, all_type_errors_in_one_run)
{
    expect_errors("refund.resaon == 'x' && platform == 1 || size(2) > 0 || [1].all(x, y)",
                  "1:1: there is no field 'refund.resaon': did you mean refund.reason?\n"
                  "  refund.resaon == 'x' && platform == 1 || size(2) > 0 || [1].all(x, y)\n"
                  "  ^\n"
                  "1:34: == compares values of one type, but these are string and int\n"
                  "  refund.resaon == 'x' && platform == 1 || size(2) > 0 || [1].all(x, y)\n"
                  "                                   ^\n"
                  "1:42: there is no size(int): it is size(string), or size(list), or size(map)\n"
                  "  refund.resaon == 'x' && platform == 1 || size(2) > 0 || [1].all(x, y)\n"
                  "                                           ^\n"
                  "1:68: there is no field 'y' (text goes in quotes)\n"
                  "  refund.resaon == 'x' && platform == 1 || size(2) > 0 || [1].all(x, y)\n"
                  "                                                                     ^\n");
}

Test(expr, columns_count_characters)
{
    expect_errors("'微信' == 1",
                  "1:6: == compares values of one type, but these are string and int\n"
                  "  '微信' == 1\n"
                  "         ^\n");
    expect_errors("platform == “pdd”",
                  "1:13: '“' is no operator or sign of an expression: did you mean \" ?\n"
                  "  platform == “pdd”\n"
                  "              ^\n");
}

Test(expr, the_place_in_a_file)
{
    size_t count;
    struct gj_expr_place place = {GJ_STR("pdd/a.yaml"), 7, 7, GJ_STR("when: platform == 1")};
    struct gj_buf out = rendered("platform == 1", place, &count);
    cr_assert_eq(count, 1);
    cr_assert_str_eq(out.ptr, "pdd/a.yaml:7:16: == compares values of one type, but these are "
                              "string and int\n"
                              "  when: platform == 1\n"
                              "                 ^\n");
    gj_buf_release(&out);
    place.source_line = GJ_STR("when: |");
    out = rendered("true &&\n  platform == 1\n", place, &count);
    cr_assert_str_eq(out.ptr, "pdd/a.yaml:8:12: == compares values of one type, but these are "
                              "string and int\n"
                              "    platform == 1\n"
                              "             ^\n");
    gj_buf_release(&out);
}

Test(expr, parse_errors)
{
    static const struct example table[] = {
        {"", "check: the expression is empty"},
        {"  // nothing", "check: the expression is empty"},
        {"1 +", "check: the expression ends here, but a value is missing"},
        {"(1", "check: the expression ends here, but ')' is missing"},
        {"[1", "check: the expression ends here, but ',' or ']' is missing"},
        {"[1 2]", "check: '2' cannot stand here, where ',' or ']' is expected"},
        {"{1}", "check: '}' cannot stand here, where ':' and the value of this key is expected"},
        {"{1: 2", "check: the expression ends here, but ',' or '}' is missing"},
        {"size(1,)", "check: ')' cannot stand here, where an expression is expected"},
        {"1 ? 2",
         "check: the expression ends here, but ':' and the value when the condition is..."},
        {"1 2", "check: '2' cannot stand here, where an operator or the end is expected"},
        {"true and false", "check: 'and' cannot stand here, where an operator or the end is "
                           "expected: write &&"},
        {"not true", "check: 'not' is written !"},
        {"a = 1", "check: '=' is no operator or sign of an expression: did you mean == ?"},
        {"a & b", "check: '&' is no operator or sign of an expression: did you mean && ?"},
        {"a（1）", "check: '（' is no operator or sign of an expression: did you mean ( ?"},
        {"发票 == 1", "check: '发' cannot stand here; text goes in quotes"},
        {"1 # 2", "check: '#' cannot stand here; text goes in quotes"},
        {"a\x01", "check: a control character (U+0001) cannot stand here"},
        {"a.1", "check: there are no doubles here..."},
        {"a.", "check: the expression ends here, but a name is missing"},
        {".", "check: the expression ends here, but a name is missing"},
        {"*", "check: '*' cannot stand here, where a value is expected"},
        {"!-1", "check: '-' cannot stand here, where a value is expected"},
        {"'a' 'b'", "check: ''b'' cannot stand here, where an operator or the end is expected"},
    };
    EXPECT_ALL(table);
}

Test(expr, bytes_that_are_no_text)
{
    expect("'\xFF'", "check: the expression is not valid UTF-8 from here on (byte 0xFF)");
    expect("\xE4\xBD", "check: the expression is not valid UTF-8 from here on (byte 0xE4)");
    struct world nothing = {0};
    struct gj_buf out;
    gj_buf_init(&out);
    evaluate(&nothing, (struct gj_str){"1\0 + 1", 6}, &out);
    cr_assert_str_eq(out.ptr, "check: a control character (U+0000) cannot stand here");
    gj_buf_reset(&out);
    evaluate(&nothing, (struct gj_str){"'a\0b'", 5}, &out);
    cr_assert_str_eq(out.ptr, "\"a\\u0000b\"");
    gj_buf_release(&out);
}
