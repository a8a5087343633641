/* Room expr: CEL's extensions that are here: macros with two variables, cel.bind, functions of
 * strings. The cases follow the topics of the public suite (macros2, bindings_ext, string_ext). */
#include "expr_support.h"

Test(expr, macros_with_index_and_element)
{
    static const struct example table[] = {
        {"[5, 6].all(i, x, x == i + 5)", "true"},
        {"[5, 6].all(i, x, i == 0)", "false"},
        {"[5, 6].exists(i, x, i == 1 && x == 6)", "true"},
        {"[5, 6].exists_one(i, x, i >= 0)", "false"},
        {"[5, 6].existsOne(i, x, x > 5)", "true"},
        {"[].all(i, x, false)", "true"},
        {"[].existsOne(i, x, true)", "false"},
        {"[4, 2].transformList(i, x, x * 10 + i)", "[40,21]"},
        {"[4, 2, 7].transformList(i, x, i != 1, x)", "[4,7]"},
        {"[4, 2].transformMap(i, x, x)", "{\"0\":4,\"1\":2}"},
        {"[1].map(i, [2].map(x, i + x))", "[[3]]"},
        {"[[1, 2], [3]].all(i, l, l.exists(k, v, v == i + k + 1 || v == 3))", "true"},
        {"[7].transformList(i, x, [8].transformList(k, x, x + i))", "[[8]]"}, /* the inner x */
        {"[7, 8].transformList(i, x, x)[i]", "check: there is no field 'i' (text goes in quotes)"},
    };
    EXPECT_ALL(table);
}

Test(expr, macros_with_key_and_value)
{
    static const struct example table[] = {
        {"{'a': 1, 'b': 2}.all(k, v, k < 'c' && v < 3)", "true"},
        {"{'a': 1, 'b': 2}.exists(k, v, k == 'b' && v == 1)", "false"},
        {"{'a': 1, 'b': 2}.transformList(k, v, k)", "[\"a\",\"b\"]"},
        {"{'a': 1, 'b': 2}.transformMap(k, v, v + 1)", "{\"a\":2,\"b\":3}"},
        {"{'a': 1, 'b': 2}.transformMap(k, v, k != 'a', string(v))", "{\"b\":\"2\"}"},
        {"{'a': 1, 'b': 2}.transformMapEntry(k, v, {v: k})", "{\"1\":\"a\",\"2\":\"b\"}"},
        {"{'a': 1}.transformMapEntry(k, v, {k: v, k + k: v})", "{\"a\":1,\"aa\":1}"},
        {"{'a': 1, 'b': 2}.transformMapEntry(k, v, v > 1, {v: k})", "{\"2\":\"b\"}"},
        {"{'a': 1, 'b': 1}.transformMapEntry(k, v, {v: k})",
         "error: a map holds the same key twice"},
        {"{'a': 1}.transformMapEntry(k, v, dyn(v))",
         "error: no such overload: transformMapEntry for int"},
        {"{}.transformMap(k, v, 1 / 0)", "{}"},
        {"dyn({1: 'x'}).transformMap(k, v, v + 'y')", "{\"1\":\"xy\"}"},
    };
    EXPECT_ALL(table);
}

Test(expr, macros_with_two_variables_absorb_errors_as_others_do)
{
    static const struct example table[] = {
        {"[2, 1, 0].all(i, x, 4 / x > 9)", "false"},
        {"[0, 1].exists(i, x, 4 / x == 4)", "true"},
        {"[0, 1].exists(i, x, 4 / x == 5)", "error: division by zero"},
        {"[0, 1].existsOne(i, x, 4 / x == 4)", "error: division by zero"},
        {"[0, 1].transformList(i, x, 4 / x)", "error: division by zero"},
        {"[0, 1].transformList(i, x, 4 / x > 0, x)", "error: division by zero"},
        {"{'a': 0}.transformMap(k, v, 4 / v)", "error: division by zero"},
        {"[1].all(i, i, true)", "check: the two variables of a macro need two names"},
        {"[1].all(i, x.y, true)",
         "check: here stands the name of a variable: list.all(i, x, condition)"},
        {"[1].all(i, x, 1)", "check: the condition of a macro is a bool, but this is int"},
        {"[1].transformMapEntry(i, x, x)",
         "check: the result of this macro is a map(dyn, dyn), but this is int"},
        {"[1].transformList(x, x)",
         "check: transformList() is written list.transformList(i, x, result)"},
    };
    EXPECT_ALL(table);
}

Test(expr, a_name_for_a_value)
{
    static const struct example table[] = {
        {"cel.bind(x, 3, x * x)", "9"},
        {"cel.bind(a, 'b', cel.bind(c, a + 'c', c + a))", "\"bcb\""},
        {"cel.bind(x, 1, cel.bind(x, x + 1, x))", "2"},
        {"cel.bind(l, [1, 2], [2, 3].filter(x, x in l))", "[2]"},
        {"cel.bind(x, 1 / 0, true)", "true"}, /* nothing asks for x */
        {"cel.bind(x, 1 / 0, true || x > 0)", "true"},
        {"cel.bind(x, 1 / 0, x > 0)", "error: division by zero"},
        {"cel.bind(x, 'a', x + 1)", "check: there is no string + int: make both strings with..."},
        {"cel.bind(1, 2, 3)",
         "check: here stands the name of a variable: cel.bind(x, value, result)"},
    };
    EXPECT_ALL(table);
}

Test(expr, what_a_bound_value_did_not_know_matters_only_where_it_is_used)
{
    static const struct gj_expr_field fields[] = {FIELD("u", &gj_type_bool, 0),
                                                  FIELD("w", &gj_type_bool, 1)};
    static const struct gj_value values[2] = {{.kind = GJ_V_UNKNOWN}, {.kind = GJ_V_UNKNOWN}};
    const struct world world = {.fields = fields, .field_count = 2, .values = values};
    expect_in(&world, "cel.bind(x, u, x && true)", "unknown(u)");
    expect_in(&world, "cel.bind(x, u, x && false)", "false");
    expect_in(&world, "cel.bind(x, u, x || true) && w", "unknown(w)");
}

Test(expr, places_in_strings_are_code_points)
{
    static const struct example table[] = {
        {"'加V信'.charAt(0)", "\"加\""},
        {"'加V信'.charAt(2)", "\"信\""},
        {"'加V信'.charAt(3)", "\"\""},
        {"'加V信'.charAt(4)", "error: index out of range: 4, of 3 characters"},
        {"'加V信'.charAt(-1)", "error: index out of range: -1, of 3 characters"},
        {"'加微信加'.indexOf('信')", "2"},
        {"'加微信加'.indexOf('加', 1)", "3"},
        {"'加微信加'.indexOf('钱')", "-1"},
        {"'加微信加'.indexOf('')", "0"},
        {"'加微信加'.indexOf('', 4)", "4"},
        {"'加微信加'.indexOf('加', 5)", "error: index out of range: 5, of 4 characters"},
        {"'加微信加'.lastIndexOf('加')", "3"},
        {"'加微信加'.lastIndexOf('加', 2)", "0"},
        {"'加微信加'.lastIndexOf('微信', 1)", "1"},
        {"'加微信加'.lastIndexOf('')", "4"},
        {"'ab'.lastIndexOf('abc')", "-1"},
        {"''.lastIndexOf('')", "0"},
        {"'ab'.lastIndexOf('a', -1)", "error: index out of range: -1, of 2 characters"},
        {"'加微信'.substring(1)", "\"微信\""},
        {"'加微信'.substring(1, 2)", "\"微\""},
        {"'加微信'.substring(3, 3)", "\"\""},
        {"'加微信'.substring(2, 1)", "error: substring(): it ends at 1, before it begins at 2"},
        {"'加微信'.substring(1, 4)", "error: index out of range: 4, of 3 characters"},
        {"'加微a信'.reverse()", "\"信a微加\""},
        {"'QQ号Ä'.lowerAscii()", "\"qq号Ä\""},
        {"'qq号zä'.upperAscii()", "\"QQ号Zä\""},
        {"' \\t\\u3000微 信\\u00a0\\n'.trim()", "\"微 信\""},
        {"' \\u2003 '.trim()", "\"\""},
        {"'\\u200b微'.trim() == '微'", "false"}, /* no white space by Unicode */
        {"4.charAt(1)", "check: there is no int.charAt(int): it is string.charAt(int)"},
        {"dyn('微信').indexOf(dyn(1))", "error: no such overload: indexOf for string, int"},
    };
    EXPECT_ALL(table);
}

Test(expr, strings_are_split_joined_and_replaced)
{
    static const struct example table[] = {
        {"'a，b，c'.split('，')", "[\"a\",\"b\",\"c\"]"},
        {"'a,b,c'.split(',', 2)", "[\"a\",\"b,c\"]"},
        {"'a,b'.split(',', 0)", "[]"},
        {"'a,b'.split(',', 1)", "[\"a,b\"]"},
        {"'a,b,'.split(',', -1)", "[\"a\",\"b\",\"\"]"},
        {"'加微'.split('')", "[\"加\",\"微\"]"},
        {"'加微信'.split('', 2)", "[\"加\",\"微信\"]"},
        {"''.split('')", "[]"},
        {"''.split(',')", "[\"\"]"},
        {"['加', '微'].join()", "\"加微\""},
        {"['加', '微', ''].join('-')", "\"加-微-\""},
        {"[].join('-')", "\"\""},
        {"dyn([1, 2]).join()", "error: join() joins strings, but element 0 is of type int"},
        {"'好好好'.replace('好', '很好')", "\"很好很好很好\""},
        {"'好好好'.replace('好', '', 2)", "\"好\""},
        {"'好'.replace('好', '坏', 0)", "\"好\""},
        {"'aaa'.replace('aa', 'b')", "\"ba\""},
        {"'加微'.replace('', '-')", "\"-加-微-\""},
        {"'加微'.replace('', '-', 2)", "\"-加-微\""},
        {"''.replace('', '-')", "\"-\""},
        {"strings.quote('a\\n\"\\\\')", "\"\\\"a\\\\n\\\\\\\"\\\\\\\\\\\"\""},
        {"strings.quote(1)", "check: there is no strings.quote(int): it is strings.quote(string)"},
    };
    EXPECT_ALL(table);
}

Test(expr, formats)
{
    static const struct example table[] = {
        {"'%s欠%d分'.format(['我', 12])", "\"我欠12分\""},
        {"'100%% %s'.format([true])", "\"100% true\""},
        {"'%x %X %o %b'.format([255, 255, 8, 5])", "\"ff FF 10 101\""},
        {"'%d %x %b'.format([-9223372036854775807 - 1, -255, true])",
         "\"-9223372036854775808 -ff 1\""},
        {"'%X'.format(['微'])", "\"E5BEAE\""},
        {"'%s'.format([null])", "\"null\""},
        {"'%s'.format([[1, 'a', [], {}]])", "\"[1, a, [], {}]\""},
        {"'%s'.format([{'b': 1, 2: 'x', true: [null]}])", "\"{2: x, b: 1, true: [null]}\""},
        {"'%s'.format([{'a': 1, 'ab': 2, 'abc': 3}])", "\"{a: 1, ab: 2, abc: 3}\""},
        {"'%s'.format([{'ab': 1, 'a': 2, 'b': 3, '': 4}])", "\"{: 4, a: 2, ab: 1, b: 3}\""},
        {"'%s'.format([timestamp('2026-03-01T10:00:00+08:00')])", "\"2026-03-01T02:00:00Z\""},
        {"'%s %s'.format([duration('90m'), int])", "\"5400s int\""},
        {"'%d'.format(['1'])", "error: no such overload: format() with %d for string"},
        {"'%f'.format([1])", "error: no such overload: format() with %f for int"},
        {"'%.2f'.format([1])", "error: no such overload: format() with %f for int"},
        {"'%s %s'.format([1])", "error: format(): index 1 out of range, of 1 values"},
        {"'a %q'.format([1])", "error: format(): unknown clause '%q'..."},
        {"'a %'.format([1])", "error: format(): unknown clause '%'..."},
        {"'a'.format('b')", "check: there is no string.format(string): it is string.format(list)"},
    };
    EXPECT_ALL(table);
}

Test(expr, strings_that_grow_end_at_the_limit)
{
    struct gj_buf source;
    gj_buf_init(&source);
    gj_buf_add_cstr(&source, "cel.bind(a, 'aaaaaaaaaaaaaaaa', cel.bind(b, a.replace('', a), "
                             "cel.bind(c, b.replace('', b), cel.bind(d, c.replace('', c), "
                             "d.replace('', d)))))");
    expect_in(&(struct world){0}, source.ptr, "error: too many steps...");
    gj_buf_reset(&source);
    gj_buf_add_cstr(&source, "cel.bind(a, 'text', ");
    for (int i = 0; i < 8; i++) {
        gj_buf_add_cstr(&source,
                        "cel.bind(a, '%s%s%s%s%s%s%s%s'.format([a, a, a, a, a, a, a, a]), ");
    }
    gj_buf_add_cstr(&source, "a.size() > 0)))))))))");
    expect_in(&(struct world){0}, source.ptr, "error: too many steps...");
    gj_buf_release(&source);
}
