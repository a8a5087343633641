/* Room expr: the supported part of CEL means what CEL means. The cases follow the topics of the
 * public conformance suite (basic, parse, comparisons, integer_math, logic, lists, fields, macros,
 * string, conversions); the wording is ours. */
#include <stdio.h>

#include "expr_support.h"

Test(expr, literals)
{
    static const struct example table[] = {
        {"0", "0"},
        {"42", "42"},
        {"007", "7"},
        {"0xFf", "255"},
        {"-0x10", "-16"},
        {"9223372036854775807", "9223372036854775807"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"-0x8000000000000000", "-9223372036854775808"},
        {"true", "true"},
        {"false", "false"},
        {"null", "null"},
        {"[]", "[]"},
        {"{}", "{}"},
        {"[-1]", "[-1]"},
        {"[1, 'a', null, true,]", "[1,\"a\",null,true]"},
        {"{'k': 'v',}", "{\"k\":\"v\"}"},
        {"{1: {true: [2]}}", "{\"1\":{\"true\":[2]}}"},
        {"''", "\"\""},
        {"\"\"", "\"\""},
        {"r''", "\"\""},
        {"r\"\"\"\"\"\"", "\"\""},
        {"''''''", "\"\""},
        {"'!'", "\"!\""},
    };
    EXPECT_ALL(table);
}

Test(expr, strings_and_escapes)
{
    static const struct example table[] = {
        {"'\\a\\b\\f\\n\\r\\t\\v\\\\\\'\\\"\\`\\?'",
         "\"\\u0007\\u0008\\u000c\\n\\r\\t\\u000b\\\\'\\\"`?\""},
        {"'\\x41\\X4a\\x7F'", "\"AJ\\u007f\""},
        {"'\\u270c\\u5fAe'", "\"✌微\""},
        {"'\\U0001F431'", "\"🐱\""},
        {"'\\101\\000\\377'", "\"A\\u0000ÿ\""},
        {"r'\\n\\'", "\"\\\\n\\\\\""},
        {"R\"\\u0041\"", "\"\\\\u0041\""},
        {"'''a\nb'c''d'''", "\"a\\nb'c''d\""},
        {"\"\"\"say \"hi\"\n\"\"\"", "\"say \\\"hi\\\"\\n\""},
        {"r'''\\'''", "\"\\\\\""},
        {"'\a\b\f\t\v'", "\"\\u0007\\u0008\\u000c\\t\\u000b\""},
        {"'\xF2\x88\xA2\x88'", "\"\xF2\x88\xA2\x88\""}, /* U+88888, not assigned */
        {"'\\u00e9' == 'e\\u0301'", "false"},           /* no normalisation */
        {"'\\ud83d\\ude00' == '\\U0001F600'", "true"},  /* a surrogate pair is one character */
        {"size('a\\uD800\\uDC00\\uDBFF\\uDFFF')", "3"},
        {"r'\\ud83d\\ude00'.size()", "12"},
        {"'\\ud800'", "check: the escape names no character (U+D800)"},
        {"'\\ud83d '", "check: the escape names no character (U+D83D)"},
        {"'\\ud83d\\ud83d'", "check: the escape names no character (U+D83D)"},
        {"'\\ude00\\ud83d'", "check: the escape names no character (U+DE00)"},
        {"'\\ud83d\\U0000de00'", "check: the escape names no character (U+D83D)"},
        {"'\\U00110000'", "check: the escape names no character (U+110000)"},
        {"'\\x4'", "check: no such escape..."},
        {"'\\q'", "check: no such escape..."},
        {"'\\400'", "check: no such escape..."},
        {"'\\07'", "check: no such escape..."},
        {"'a", "check: the string has no closing '"},
        {"\"a\n\"", "check: the string has no closing \""},
        {"'''a''", "check: the string has no closing triple quotes"},
        {"'\\", "check: the string has no closing '"},
        {"'\\'", "check: the string has no closing '"},
    };
    EXPECT_ALL(table);
}

Test(expr, space_and_comments)
{
    static const struct example table[] = {
        {" [ 1 ] [ 0 ] == ( 2 - 1 ) && ! false ? 1 : 2 ", "1"},
        {"\t[\n1\f]\r[ 0 ]", "1"},
        {"1 // one\n + // plus\n 2", "3"},
        {"// only before\n7", "7"},
        {"7 // behind", "7"},
        {"1 // a carriage return \r ends no comment", "1"},
    };
    EXPECT_ALL(table);
}

Test(expr, names_that_cel_reserves)
{
    static const char *const words[] = {
        "as",  "break", "const",   "continue", "else", "for",  "function",  "if",   "import",
        "let", "loop",  "package", "return",   "var",  "void", "namespace", "while"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        char source[64];
        char want[96];
        snprintf(source, sizeof source, "{'%s': 1}.%s", words[i], words[i]);
        expect(source, "1");
        snprintf(want, sizeof want, "check: '%s' is a word that CEL reserves...", words[i]);
        expect(words[i], want);
        snprintf(source, sizeof source, "[1].all(%s, true)", words[i]);
        expect(source, want);
    }
    expect("{'in': 1}.in", "check: 'in' cannot stand here...");
    expect("{'true': 1}.true", "check: 'true' cannot stand here...");
    expect("{'a-b': 1}.`a-b`", "1");
    expect("has({'a.b': 1}.`a.b`)", "true");
    expect("`a`", "check: '`a`' cannot stand here...");
}

Test(expr, nesting_and_repetition)
{
    static const struct example table[] = {
        {"((((((((((((((((((((((((((((((((7))))))))))))))))))))))))))))))))", "7"},
        {"size([[[[[[[[[[[[0]]]]]]]]]]]])", "1"},
        {"[[[[[[[[[[[['foo']]]]]]]]]]]][0][0][0][0][0][0][0][0][0][0][0][0]", "\"foo\""},
        {"size({0:{0:{0:{0:{0:{0:{0:{0:{0:{0:{0:{0:'foo'}}}}}}}}}}}})", "1"},
        {"{'a':{'b':{'c':{'d':{'e':{'f':{'g':{'h':1}}}}}}}}.a.b.c.d.e.f.g.h", "1"},
        {"int(int(int(int(int(int(int(int(int(int(int(int(7))))))))))))", "7"},
        {"!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!true", "true"},
        {"--------------------------------19", "19"},
        {"---19", "-19"},
        {"true ? true : true ? true : true ? true : true ? true : true ? true : false", "true"},
        {"false ? 1 : false ? 2 : false ? 3 : false ? 4 : 5", "5"},
        {"3 - 3 + 3 - 3 + 3 - 3 + 3 - 3 + 3 - 3 + 3 - 3 + 3 - 3 + 3 - 3 + 3", "3"},
        {"4 * 4 / 4 * 4 / 4 * 4 / 4 * 4 / 4 * 4 / 4 * 4 / 4 * 4 / 4 * 4 / 4", "4"},
        {"[[[1]]].all(a, a.all(b, b.all(c, [c].exists(d, d == 1))))", "true"},
    };
    EXPECT_ALL(table);
}

Test(expr, precedence)
{
    static const struct example table[] = {
        {"1 + 2 * 3", "7"},
        {"(1 + 2) * 3", "9"},
        {"10 - 3 - 2", "5"},
        {"100 / 10 / 2", "5"},
        {"-2 * 3", "-6"},
        {"1 + 1 == 2 && 3 > 2 || 1 / 0 == 0", "true"},
        {"false && true || true", "true"},
        {"true || true && false", "true"},
        {"1 < 2 == true", "true"},
        {"2 in [2] == true", "true"},
        {"true ? 1 : 2 + 3", "1"},
        {"!false && false", "false"},
        {"-[1][0]", "-1"},
        {"!{'a': true}.a", "false"},
        {"a ? b ? 1 : 2 : 3", "check: '?' cannot stand here..."}, /* as CEL's grammar has it */
        {"true ? (false ? 1 : 2) : 3", "2"},
    };
    EXPECT_ALL(table);
}

Test(expr, integers)
{
    static const struct example table[] = {
        {"40 + 2", "42"},
        {"42 + (-7)", "35"},
        {"-4 + (-2)", "-6"},
        {"42 - (-22)", "64"},
        {"40 * (-2)", "-80"},
        {"-80 / (-2)", "40"},
        {"-7 / 2", "-3"},
        {"47 % 5", "2"},
        {"43 % (-5)", "3"},
        {"-42 % (-5)", "-2"},
        {"-3 % 5", "-3"},
        {"-(42)", "-42"},
        {"-(-42)", "42"},
        {"-(0)", "0"},
        {"34 % 0", "error: modulus by zero"},
        {"15 / 0", "error: division by zero"},
        {"15 * (23 * 88) == (15 * 23) * 88", "true"},
        {"9223372036854775807 + 1", "error: int overflow..."},
        {"-9223372036854775808 - 1", "error: int overflow..."},
        {"-9223372036854775808 + (-1)", "error: int overflow..."},
        {"1 - (-9223372036854775807)", "error: int overflow..."},
        {"-(-9223372036854775808)", "error: int overflow..."},
        {"(-9223372036854775808) * -1", "error: int overflow..."},
        {"(-9223372036854775808) / -1", "error: int overflow..."},
        {"(-9223372036854775808) % -1", "error: int overflow..."},
        {"5000000000 * 5000000000", "error: int overflow..."},
        {"(-5000000000) * 5000000000", "error: int overflow..."},
        {"9223372036854775808", "check: the number does not fit a 64-bit int"},
        {"-9223372036854775809", "check: the number does not fit a 64-bit int"},
        {"99999999999999999999999", "check: the number does not fit a 64-bit int"},
        {"0x1FFFFFFFFFFFFFFFF", "check: the number does not fit a 64-bit int"},
        {"-false", "check: - negates an int, but this is bool"},
        {"12a", "check: a letter cannot follow a number"},
        {"0x", "check: a letter cannot follow a number"},
        {"0X1F", "check: a letter cannot follow a number"},
    };
    EXPECT_ALL(table);
}

Test(expr, equality)
{
    static const struct example table[] = {
        {"1 == 1", "true"},
        {"-1 == 1", "false"},
        {"24 != 42", "true"},
        {"'' == \"\"", "true"},
        {"'abc' == r'abc'", "true"},
        {"'abc' == 'ABC'", "false"},
        {"'ίσος' == 'ίσος'", "true"},
        {"null == null", "true"},
        {"null != null", "false"},
        {"true == true", "true"},
        {"[] == []", "true"},
        {"[1] != []", "true"},
        {"[null] == [null]", "true"},
        {"['1', '2', null] == ['1', '2', '3']", "false"},
        {"[1, 2, 3] == [1, 3, 2]", "false"},
        {"[1, 2] == [1, 2, 3]", "false"},
        {"[[]] != [[]]", "false"},
        {"[1, 'dos', 3] == [1, 2, 4]", "false"},
        {"{} == {}", "true"},
        {"{'k': null} == {'k': null}", "true"},
        {"{'k': 1, 'j': 2} == {'k': 1, 'j': null}", "false"},
        {"{'k1': 'v1', 'k2': 'v2'} == {'k2': 'v2', 'k1': 'v1'}", "true"},
        {"{'k': 'v', 'k1': 'v1'} == {'k': 'v'}", "false"},
        {"{'key': 'value'} == {'Key': 'value'}", "false"},
        {"{'k': 'v', 1: 1} == {'k': 'v', 1: 'v1'}", "false"},
        {"dyn(1) == 'a'", "false"}, /* different types differ, they are no error */
        {"dyn(1) != 'a'", "true"},
        {"dyn(false) == null", "false"},
        {"dyn([]) == null", "false"},
        {"dyn({}) == null", "false"},
        {"dyn(duration('0s')) == null", "false"},
        {"duration('0s') == null", "false"},
        {"timestamp(0) != null", "true"},
        {"1 == 'a'", "check: == compares values of one type, but these are int and string"},
        {"1 == null", "check: == compares values of one type, but these are int and null"},
        {"['one'] == [2, 3]", "check: == compares..."},
        {"{1: 2} != {'a': 2}", "check: != compares..."},
        {"int == type(1)", "true"},
        {"type(1) != string", "true"},
    };
    EXPECT_ALL(table);
}

Test(expr, order)
{
    static const struct example table[] = {
        {"-1 < 0", "true"},
        {"0 < 0", "false"},
        {"999 >= 999", "true"},
        {"42 > -42", "true"},
        {"'a' < 'b'", "true"},
        {"'Abc' < 'aBC'", "true"},
        {"'abc' < 'abcd'", "true"},
        {"'a' < 'á'", "true"},
        {"'α' <= 'a'", "false"},
        {"'a' < 'AB'", "false"},
        {"'' < ''", "false"},
        {"'' >= 'a'", "false"},
        {"'\\uFFFD' < '\\U00010000'", "true"}, /* by code point */
        {"false < true", "true"},
        {"true <= false", "false"},
        {"true > true", "false"},
        {"dyn(1) < dyn(2)", "true"},
        {"dyn(1) < 'a'", "error: no such overload: < for int, string"},
        {"[0] < [1]", "check: there is no list(int) < list(int)"},
        {"{0: 'a'} > {1: 'b'}", "check: there is no map(int, string) > map(int, string)"},
        {"null <= null", "check: there is no null <= null"},
        {"'foo' <= 1024", "check: there is no string <= int"},
    };
    EXPECT_ALL(table);
}

Test(expr, logic)
{
    static const struct example table[] = {
        {"true && true", "true"},
        {"true && false", "false"},
        {"false || true", "true"},
        {"false || false", "false"},
        {"!true", "false"},
        {"false && 1 / 0 == 0", "false"}, /* an error is absorbed on either side */
        {"1 / 0 == 0 && false", "false"},
        {"true || 1 / 0 == 0", "true"},
        {"1 / 0 == 0 || true", "true"},
        {"1 / 0 == 0 && true", "error: division by zero"},
        {"true && 1 / 0 == 0", "error: division by zero"},
        {"false || 1 / 0 == 0", "error: division by zero"},
        {"1 / 0 == 0 || 1 % 0 == 0", "error: division by zero"}, /* the first of two */
        {"!(1 / 0 == 0)", "error: division by zero"},
        {"true ? 1 : 1 / 0", "1"},
        {"false ? 1 / 0 : 2", "2"},
        {"2 / 0 > 4 ? 'baz' : 'quux'", "error: division by zero"},
        {"false ? 'foo' : 'bar'", "\"bar\""},
        {"true ? 'cows' : 17", "\"cows\""}, /* branches of two types make dyn */
        {"dyn('horses') && false", "false"},
        {"dyn('horses') || true", "true"},
        {"dyn('horses') && true", "error: no such overload: && for string"},
        {"dyn(1) ? 2 : 3", "error: no such overload: ?: for int"},
        {"!dyn(1)", "error: no such overload: ! for int"},
        {"'horses' && false", "check: && joins a bool, but this is string"},
        {"false || 32", "check: || joins a bool, but this is int"},
        {"'cows' ? false : 17", "check: ? asks a bool, but this is string"},
        {"!1", "check: ! negates a bool, but this is int"},
    };
    EXPECT_ALL(table);
}

Test(expr, lists)
{
    static const struct example table[] = {
        {"[0, 1] + [2]", "[0,1,2]"},
        {"[] + []", "[]"},
        {"[] + [3, 4]", "[3,4]"},
        {"[1, 2] + []", "[1,2]"},
        {"[1] + ['a']", "[1,\"a\"]"},
        {"[7, 8, 9][0]", "7"},
        {"['a', 'b', 'c'][2]", "\"c\""},
        {"[1, 2, 3][3]", "error: index out of bounds: 3 of 3 elements"},
        {"[1, 2, 3][-1]", "error: index out of bounds: -1 of 3 elements"},
        {"[1][dyn('a')]", "error: no such overload: [ ] for list, string"},
        {"[1]['a']", "check: a list is indexed by an int, but this is string"},
        {"7 in []", "false"},
        {"'alpha' in ['alpha', 'beta']", "true"},
        {"1 in [5, 4, 3, 2, 1]", "true"},
        {"'elem' in [1, 'elem', 2]", "true"},
        {"'elem' in [1, 'str', 2]", "false"},
        {"dyn(1) in ['a']", "false"},
        {"[1] in [[1], [2]]", "true"},
        {"1 in ['a']", "check: there is no int in list(string)"},
        {"1 in 'abc'", "check: there is no int in string"},
        {"'a' in dyn('abc')", "error: no such overload: in for string, string"},
        {"size([])", "0"},
        {"[1, 2, 3].size()", "3"},
        {"[1, 1 / 0]", "error: division by zero"},
        {"size([1] + [2, 3])", "3"},
    };
    EXPECT_ALL(table);
}

Test(expr, maps)
{
    static const struct example table[] = {
        {"{0: 1, 2: 2, 5: true}[5]", "true"},
        {"{'name': 100}['name']", "100"},
        {"{true: 5}[true]", "5"},
        {"{true: 1, 2: 2, 'c': 3}[true]", "1"},
        {"{'a': {'b': 'c'}}.a.b", "\"c\""},
        {"{'a': [1]}['a'][0]", "1"},
        {"{0: 1, 2: 2, 5: 3}[1]", "error: no such key: 1"},
        {"{'a': 1}.name", "error: no such key: 'name'"},
        {"{'a': 1}['微信']", "error: no such key: '微信'"},
        {"{true: null}[true]", "null"},
        {"{true: 1, false: 2, true: 3}[true]", "error: a map holds the same key twice"},
        {"{1: 1, 1 + 0: 2}", "error: a map holds the same key twice"},
        {"{1: 1, true: 2, '1': 3}", "{\"1\":1,\"true\":2,\"1\":3}"},
        {"{null: 1}", "check: a key is a bool, int or string, but this is null"},
        {"{[1]: 1}", "check: a key is a bool, int or string, but this is list(int)"},
        {"{dyn([1]): 1}", "error: a map's key is a bool, an int or a string"},
        {"{1: 2}['a']", "check: a key of this map is an int, but this is string"},
        {"{1: 2}[dyn('a')]", "error: no such key: 'a'"},
        {"{1: 2}.a", "check: a value of type map(int, int) has no field 'a'"},
        {"7 in {}", "false"},
        {"true in {true: 1}", "true"},
        {"'George' in {'John': 'smart', 'George': 'quiet'}", "true"},
        {"'spider' in {'ant': 6}", "false"},
        {"'key' in {3: 3, 'key': 2}", "true"},
        {"size({})", "0"},
        {"size({1: 'one', 2: 'two'})", "2"},
        {"has({'a': 1}.a)", "true"},
        {"has({'a': 1}.c)", "false"},
        {"has({}.a)", "false"},
        {"has({'a': {'b': 1}}.a.b)", "true"},
        {"has({'a': {}}.b.c)", "error: no such key: 'b'"},
        {"has(dyn(1).a)", "error: no such overload: has() for int"},
        {"has([1].a)", "check: a value of type list(int) has no field 'a'"},
        {"has(1)", "check: has() asks for a field: has(a.b)"},
        {"[1].a", "check: a value of type list(int) has no field 'a'"},
        {"dyn([1]).a", "error: no such overload: a value of type list has no field 'a'"},
    };
    EXPECT_ALL(table);
}

Test(expr, macros)
{
    static const struct example table[] = {
        {"[1, 2, 3].exists(e, e == 2)", "true"},
        {"[1, 2, 3].exists(e, e > 3)", "false"},
        {"[1, 'foo', 3].exists(e, e == '10')", "false"},
        {"[1, 2, 0].exists(e, 2 / e == 2)", "true"},
        {"[1, 2, 3].exists(e, e / 0 == 17)", "error: division by zero"},
        {"[].exists(e, e == 2)", "false"},
        {"{'k1': 1, 'k2': 2}.exists(k, k == 'k2')", "true"},
        {"[1, 2, 3].all(e, e > 0)", "true"},
        {"[1, 2, 3].all(e, e == 2)", "false"},
        {"[1, 'foo', 3].all(e, e == 1)", "false"},
        {"[1, 'foo', 3].all(e, e % 2 == 1)", "error: no such overload: % for string, int"},
        {"[1, 2, 3].all(e, 6 / (2 - e) == 6)", "false"},
        {"[].all(e, e > 0)", "true"},
        {"{'k1': 1, 'k2': 2}.all(k, k == 'k2')", "false"},
        {"[].exists_one(a, a == 7)", "false"},
        {"[7].exists_one(a, a == 7)", "true"},
        {"[6, 7, 8].exists_one(x, x % 5 == 2)", "true"},
        {"[6, 7, 8].existsOne(x, x % 5 == 2)", "true"},
        {"[0, 1, 2, 3, 4].exists_one(n, n % 2 == 1)", "false"},
        {"[3, 2, 1, 0].exists_one(n, 12 / n > 1)", "error: division by zero"},
        {"{6: 'six', 7: 'seven'}.exists_one(x, x % 5 == 2)", "true"},
        {"[].map(n, n / 2)", "[]"},
        {"[2, 4, 6].map(n, n / 2)", "[1,2,3]"},
        {"[2, 1, 0].map(n, 4 / n)", "error: division by zero"},
        {"{1: 1, 2: 4}.map(x, x * x)", "[1,4]"},
        {"[1, 2, 3, 4].map(n, n % 2 == 0, n * 10)", "[20,40]"},
        {"[1, 0].map(n, n > 0, 4 / n)", "[4]"},
        {"[0, 1, 2, 3, 4].filter(x, x % 2 == 1)", "[1,3]"},
        {"[1].filter(n, n > 3)", "[]"},
        {"[3, 2, 1, 0].filter(n, 12 / n > 4)", "error: division by zero"},
        {"{0: 10, 1: 11, 2: 12}.filter(x, x % 2 == 0)", "[0,2]"},
        {"['signer'].filter(s, ['artifact'].all(a, true))", "[\"signer\"]"},
        {"[[1, 2], [3]].map(l, l.map(x, x + size(l)))", "[[3,4],[4]]"},
        {"[1].map(x, [2].map(x, x))", "[[2]]"}, /* the inner x hides the outer */
        {"[1].all(x, true) && [2].all(x, x == 2)", "true"},
        {"(1).all(x, true)", "check: a macro runs over a list or a map's keys, but this is int"},
        {"dyn(1).all(x, true)", "error: no such overload: a macro for int"},
        {"[1].all(x, x)", "check: the condition of a macro is a bool, but this is int"},
        {"[1].all(x, dyn(x))", "error: no such overload: && for int"},
        {"[1].filter(x, dyn(x))", "error: no such overload: a macro's condition for int"},
        {"[1].all(1, true)", "check: here stands the name of a variable: list.all(x, condition)"},
        {"[1].all(a.b, true)", "check: here stands the name of a variable: list.all(x, condition)"},
        {"[1].all(.x, true)", "check: here stands the name of a variable: list.all(x, condition)"},
        {"[1].all(true)", "check: all() is written list.all(x, condition)"},
        {"has()", "check: has() takes one field: has(a.b)"},
    };
    EXPECT_ALL(table);
}

Test(expr, text_functions)
{
    static const struct example table[] = {
        {"size('')", "0"},
        {"size('πέντε')", "5"},
        {"'加我微信🐱'.size()", "5"},
        {"'foobar'.startsWith('foo')", "true"},
        {"'foobar'.startsWith('bar')", "false"},
        {"''.startsWith('foo')", "false"},
        {"''.startsWith('')", "true"},
        {"'завтра'.startsWith('за')", "true"},
        {"'foobar'.endsWith('bar')", "true"},
        {"''.endsWith('foo')", "false"},
        {"'foobar'.endsWith('')", "true"},
        {"'🐱😀😛'.endsWith('😛')", "true"},
        {"'hello'.contains('he')", "true"},
        {"'hello'.contains('')", "true"},
        {"'hello'.contains('ol')", "false"},
        {"'abababc'.contains('ababc')", "true"},
        {"''.contains('x')", "false"},
        {"'我的微信号'.contains('微信')", "true"},
        {"'he' + 'llo'", "\"hello\""},
        {"'' + 'Ω' + ''", "\"Ω\""},
        {"'a' + 1", "check: there is no string + int: make both strings with string(x)"},
        {"startsWith('a', 'b')", "check: there is no startsWith(string, string): it is "
                                 "string.startsWith(string)"},
        {"'a'.startsWith(1)", "check: there is no string.startsWith(int): it is..."},
        {"'a'.startsWith(dyn(1))", "error: no such overload: startsWith for string, int"},
        {"size(1)", "check: there is no size(int): it is size(string), or size(list)..."},
        {"size()", "check: there is no size(): it is..."},
    };
    EXPECT_ALL(table);
}

Test(expr, conversions)
{
    static const struct example table[] = {
        {"int('987')", "987"},
        {"int('-9223372036854775808')", "-9223372036854775808"},
        {"int('+5')", "5"},
        {"int('9223372036854775808')", "error: int(): '9223372036854775808' is no 64-bit number"},
        {"int('')", "error: int(): '' is no 64-bit number"},
        {"int('-')", "error: int()..."},
        {"int(' 1')", "error: int()..."},
        {"int('1.5')", "error: int()..."},
        {"int('１')", "error: int()..."},
        {"int(7)", "7"},
        {"string(123)", "\"123\""},
        {"string(-9223372036854775808)", "\"-9223372036854775808\""},
        {"string(true)", "\"true\""},
        {"string('a')", "\"a\""},
        {"bool('true') && bool('t') && bool('1') && bool('TRUE') && bool('True')", "true"},
        {"bool('false') || bool('f') || bool('0') || bool('FALSE') || bool('False')", "false"},
        {"bool('tRuE')", "error: bool(): 'tRuE' is neither true nor false"},
        {"bool(true)", "true"},
        {"dyn([1, 'one'])[1]", "\"one\""},
        {"type(true)", "\"bool\""},
        {"type(0) == int && type('') == string && type([]) == list && type({}) == map", "true"},
        {"type(null) == null_type && type(type(1)) == type && type(int) == type", "true"},
        {"type(timestamp(0)) == google.protobuf.Timestamp", "true"},
        {"type(duration('0s'))", "\"google.protobuf.Duration\""},
        {"type([1]) == type(['a'])", "true"},
        {"type(dyn(1)) == int", "true"},
        {"int(true)", "check: there is no int(bool): it is int(int), or int(string)..."},
        {"int(dyn(true))", "error: no such overload: int for bool"},
        {"string(null)", "check: there is no string(null)..."},
        {"string([1])", "check: there is no string(list(int))..."},
        {"dyn", "check: there is no field 'dyn'..."},
    };
    EXPECT_ALL(table);
}

Test(expr, ratios_of_money)
{
    static const struct example table[] = {
        {"muldiv(1999, 6, 1000, 'half_up')", "12"}, /* 0.6 % of 19.99 yuan: 11.994 fen */
        {"muldiv(5, 1, 2, 'half_up')", "3"},
        {"muldiv(-5, 1, 2, 'half_up')", "-3"},
        {"muldiv(4, 1, 3, 'half_up')", "1"},
        {"muldiv(5, 1, 2, 'floor')", "2"},
        {"muldiv(-5, 1, 2, 'floor')", "-3"},
        {"muldiv(5, 1, 2, 'ceil')", "3"},
        {"muldiv(-5, 1, 2, 'ceil')", "-2"},
        {"muldiv(5, 1, -2, 'floor')", "-3"},
        {"muldiv(-5, 1, -2, 'half_up')", "3"},
        {"muldiv(6, 1, 2, 'ceil')", "3"},
        {"muldiv(9223372036854775807, 9223372036854775807, 9223372036854775807, 'floor')",
         "9223372036854775807"},
        {"muldiv(-9223372036854775808, -9223372036854775808, -9223372036854775808, 'ceil')",
         "-9223372036854775808"},
        {"muldiv(-9223372036854775808, 1, -1, 'floor')", "error: int overflow..."},
        {"muldiv(9223372036854775807, 2, 1, 'floor')", "error: int overflow..."},
        {"muldiv(1, 1, 0, 'floor')", "error: division by zero"},
        {"muldiv(1, 1, 1, 'up')", "check: muldiv() rounds \"half_up\", \"floor\" or \"ceil\""},
        {"muldiv(1, 1, 1, dyn('up'))", "check: muldiv() rounds..."},
        {"muldiv(1, 1, 1, 'u' + 'p')", "error: muldiv() rounds..."},
        {"muldiv(1, 1, 1)", "check: there is no muldiv(int, int, int): it is muldiv(..."},
    };
    EXPECT_ALL(table);
}

Test(expr, what_is_left_out_says_what_to_write)
{
    static const struct example table[] = {
        {"1.5", "check: there are no doubles here: write money in fen as an int..."},
        {".5", "check: there are no doubles here..."},
        {"1e3", "check: there are no doubles here..."},
        {"0e+0", "check: there are no doubles here..."},
        {"1u", "check: there are no unsigned integers here..."},
        {"0x5U", "check: there are no unsigned integers here..."},
        {"b'a'", "check: there are no bytes here..."},
        {"rb'a'", "check: there are no bytes here..."},
        {"double(1)", "check: there is no double here: use int (money in fen) and string"},
        {"uint(1)", "check: there is no uint here..."},
        {"bytes('a')", "check: there is no bytes here..."},
        {"double", "check: there is no type double here: use int or string"},
        {"type(1) == uint", "check: there is no type uint here..."},
        {"Foo{a: 1}", "check: messages are not supported: write a map..."},
        {"a.Foo{}", "check: messages are not supported..."},
        {"{'a': 1}.?a", "check: optional values are not supported..."},
        {"[1][?0]", "check: optional values are not supported..."},
        {"[?1]", "check: optional values are not supported..."},
        {"{'a': 1, ?'b': 2}", "check: optional values are not supported..."},
        {"optional.of(1)", "check: there is no function 'optional.of' and no field 'optional'"},
        {"math.least(1, zz)", "check: there is no function 'math.least' and no field 'math'"},
        {"strings.qote('a')", "check: there is no function 'strings.qote' and no field 'strings': "
                              "did you mean strings.quote?"},
    };
    EXPECT_ALL(table);
}
