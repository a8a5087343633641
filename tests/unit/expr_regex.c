/* Room expr: matches(), RE2's syntax in linear time. */
#include <stdio.h>

#include "expr_support.h"

struct trial {
    const char *pattern, *text;
    bool found;
};

static void expect_match(const struct trial *trial)
{
    struct gj_buf source;
    struct gj_buf out;
    struct world nothing = {0};
    gj_buf_init(&source);
    gj_buf_init(&out);
    gj_buf_addf(&source, "r\"\"\"%s\"\"\".matches(r\"\"\"%s\"\"\")", trial->text, trial->pattern);
    evaluate(&nothing, gj_buf_str(&source), &out);
    cr_assert_str_eq(out.ptr, trial->found ? "true" : "false", "%s on %s: %s", trial->pattern,
                     trial->text, out.ptr);
    gj_buf_release(&source);
    gj_buf_release(&out);
}

static void expect_matches(const struct trial *trials, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        expect_match(&trials[i]);
    }
}

#define EXPECT_MATCHES(table) expect_matches(table, sizeof(table) / sizeof((table)[0]))

Test(expr, matches_finds_anywhere)
{
    static const struct trial table[] = {
        {"ubb", "hubba", true},      {"foo|bar", "", false},
        {"", "cows", true},          {"", "", true},
        {"bc", "abcd", true},        {"gr(a|e)y", "grey", true},
        {"ba(na)*", "banana", true}, {"a+ñ+a+", "mañana", true},
        {"(a|😀){2}", "🐱😀😀", true},   {"^a", "ba", false},
        {"^b", "ba", true},          {"a$", "ba", true},
        {"b$", "ba", false},         {"^$", "", true},
        {"^$", "a", false},          {"^(a|b)*$", "abba", true},
        {"^(a|b)*$", "abca", false}, {"微(信|芯)", "加微芯吧", true},
        {"a.c", "abc", true},        {"a.c", "a微c", true},
        {"a.c", "ac", false},        {"a||b", "x", true},
        {"(|a)b", "b", true},        {"^a|b$", "xb", true},
        {"a*?b", "aab", true},       {"a+?$", "aa", true},
        {"^a??$", "a", true},
    };
    EXPECT_MATCHES(table);
}

Test(expr, matches_counts)
{
    static const struct trial table[] = {
        {"^a{3}$", "aaa", true},     {"^a{3}$", "aa", false},     {"^a{3}$", "aaaa", false},
        {"^a{2,}$", "aaaaa", true},  {"^a{2,}$", "a", false},     {"^a{1,3}$", "aaa", true},
        {"^a{1,3}$", "aaaa", false}, {"^a{0}$", "", true},        {"^a{0}$", "a", false},
        {"^a{0,}$", "aaa", true},    {"^(ab){2}$", "abab", true}, {"^a{,3}$", "a{,3}", true},
        {"^a{x}$", "a{x}", true},    {"^{$", "{", true},          {"^a{2}?$", "aa", true},
        {"^(a?){3}$", "aa", true},   {"^(a*)*$", "aaa", true},    {"^(a*)+b$", "aab", true},
        {"^(|a)+$", "aaa", true},    {"^()*$", "", true},         {"^x{1000}$", "x", false},
        {"^(^a$)*$", "a", true},
    };
    EXPECT_MATCHES(table);
}

Test(expr, matches_classes)
{
    static const struct trial table[] = {
        {"^[abc]+$", "cab", true},
        {"^[^abc]+$", "xyz", true},
        {"^[^abc]+$", "xay", false},
        {"^[a-cx]+$", "bxa", true},
        {"^[]a]+$", "]a", true},
        {"^[^]a]$", "b", true},
        {"^[a-]+$", "a-", true},
        {"^[-a]+$", "-a", true},
        {"^[\\]\\\\]+$", "]\\", true},
        {"^[\\d.]+$", "1.2.3", true},
        {"^\\d{11}$", "13800138000", true},
        {"\\d", "一", false},
        {"^\\w+$", "a_1", true},
        {"\\w", "微", false},
        {"^\\W$", "微", true},
        {"^\\s+$", " \t", true},
        {"^\\S+$", "a b", false},
        {"^\\D+$", "ab", true},
        {"^[\\D]+$", "a1", false},
        {"^[^\\W_]+$", "aZ1", true},
        {"^[[:alpha:]]+$", "abC", true},
        {"^[[:^alpha:]]+$", "12", true},
        {"^[[:digit:][:punct:]]+$", "1!2", true},
        {"^[[:word:]]$", "_", true},
        {"^\\p{Han}+$", "微信〇々", true},
        {"\\p{Han}", "abcア한", false},
        {"^\\P{Han}+$", "abc", true},
        {"^[\\p{Han}a-z]+$", "加v信", true},
        {"^[\\P{Han}]+$", "加", false},
        {"^\\p{^Han}$", "a", true},
        {"^\\P{^Han}$", "微", true},
        {"^\\pL+$", "aÉжعア微", true},
        {"^\\PL+$", "1 -①", true},
        {"^\\p{Lu}\\p{Ll}+$", "Éa", true},
        {"\\p{Lu}", "éa微", false},
        {"^\\p{Nd}{4}$", "1١१１", true},
        {"^[\\p{Sc}\\d]+$", "¥12€", true},
        {"^[^\\pP]+$", "a，b", false},
        {"^\\p{Greek}+$", "λόγος", true},
        {"^\\p{Latin}+$", "aéа", false}, /* the last is Cyrillic */
        {"^\\p{Any}$", "😀", true},
        {"\\pC", "a\xE2\x80\x8B", true},
        {"[一-龥]", "字", true},
        {"[a-\\x{7a}]", "q", true},
        {"^[\\x41\\102\\x{43}]+$", "ABC", true},
        {"[\\-a]", "-", true},
        {"[a\\]]", "]", true},
    };
    EXPECT_MATCHES(table);
}

Test(expr, matches_escapes_and_flags)
{
    static const struct trial table[] = {
        {"^\\.\\*\\(\\)\\[\\]\\{\\}\\^\\$\\|\\?\\+\\\\$", ".*()[]{}^$|?+\\", true},
        {"^\\x41\\x{5FAE}\\101$", "A微A", true},
        {"\\Aab\\z", "ab", true},
        {"\\bqq\\b", "加 qq 号", true},
        {"\\bqq\\b", "加qq号", true}, /* \w is ASCII, as in RE2 */
        {"\\bqq\\b", "aqq", false},
        {"q\\Bq", "qq", true},
        {"\\Qa.b*\\E+", "a.b**", true},
        {"^\\Q*\\E$", "*", true},
        {"\\Qab", "ab", true},
        {"(?i)wechat", "WeChat", true},
        {"(?i)СТРАШНО", "страшно", true},
        {"(?i)[a-c]+$", "ABC", true},
        {"(?i)[^a]", "A", false},
        {"^(?i)k+$", "kK\xE2\x84\xAA", true}, /* the kelvin sign */
        {"^(?i)S+$", "sſ", true},
        {"^(?i)σ+$", "Σσς", true},
        {"(?i)ß", "ss", false}, /* one for one only */
        {"^(?i)ß$", "ẞ", true},
        {"^(?i)[à-ý]+$", "ÀÝ", true},
        {"^(?i)ａ𐐀$", "Ａ𐐨", true},
        {"^(?i)\\p{Lu}+$", "aéЖ", true},
        {"(?i)\\P{Lu}", "aéЖ", false},
        {"(?i)[^\\w]", "ſ", false},
        {"(?i)i", "ıİ", false},
        {"a(?i)b", "AB", false},
        {"a(?i)b", "aB", true},
        {"(a(?i)b)c", "aBC", false},
        {"(?i:a)b", "Ab", true},
        {"(?i:a)b", "AB", false},
        {"(?i)a(?-i)b", "Ab", true},
        {"(?i)a(?-i)b", "AB", false},
        {"a.b", "a\nb", false},
        {"(?s)a.b", "a\nb", true},
        {"^b$", "a\nb", false},
        {"(?m)^b$", "a\nb", true},
        {"(?m)^a$", "a\nb", true},
        {"(?ms)^a.b$", "a\nb", true},
        {"(?U)a+", "aa", true},
        {"(?s)a(?-s).b", "a\n\nb", false},
        {"(?s)a(?-s:.)b", "a\nb", false},
        {"(?s)a(?-i).b", "a\nb", true},
        {"(?m)^a(?-m)$", "a\nb", false},
        {"(?m)^a(?-U)$", "a\nb", true},
        {"(?is-m)A.b", "a\nB", true},
        {"(?P<name>a)", "a", true},
        {"(?<name>a)", "a", true},
        {"(?:ab)+$", "abab", true},
    };
    EXPECT_MATCHES(table);
}

Test(expr, patterns_that_are_none)
{
    static const struct example table[] = {
        {"(", "a group ( has no )"},
        {"a)", "a ) closes no group"},
        {"[a", "a class [ has no ]"},
        {"[]", "a class [ has no ]"},
        {"*a", "a repetition has nothing to repeat"},
        {"(+)", "a repetition has nothing to repeat"},
        {"a|*", "a repetition has nothing to repeat"},
        {"a**", "a repetition is repeated: put the first into a group"},
        {"a*+", "a repetition is repeated: put the first into a group"},
        {"a{2}{3}", "a repetition is repeated: put the first into a group"},
        {"a{1001}", "a repetition counts to more than 1000"},
        {"a{5,2}", "a repetition's limits run backwards"},
        {"[b-a]", "a range of a class runs backwards"},
        {"[[:foo:]]", "there is no such [:class:]"},
        {"\\\\1", "back-references are not supported"},
        {"(?=a)", "look-around and other (?...) groups are not supported"},
        {"(?<!a)b", "look-around and other (?...) groups are not supported"},
        {"(?i", "a group ( has no )"},
        {"(?-)a", "bad flags of a group"},
        {"(?i-)a", "bad flags of a group"},
        {"(?--i)a", "bad flags of a group"},
        {"(?-i-s)a", "bad flags of a group"},
        {"\\\\9", "back-references are not supported"},
        {"(?P<>a)", "a group's name is missing"},
        {"(?P<a b>a)", "a group's name holds letters, digits and _"},
        {"\\\\q", "there is no such escape"},
        {"\\\\x{110000}", "there is no such escape"},
        {"\\\\xZZ", "there is no such escape"},
        {"\\\\pX", "there is no such Unicode class: write as \\pL, \\p{Lu} or \\p{Han}"},
        {"\\\\p{greek}", "there is no such Unicode class: write as \\pL, \\p{Lu} or \\p{Han}"},
        {"\\\\p{L", "there is no such Unicode class: write as \\pL, \\p{Lu} or \\p{Han}"},
        {"[\\\\p]", "there is no such Unicode class: write as \\pL, \\p{Lu} or \\p{Han}"},
        {"a(?i)*", "a repetition has nothing to repeat"},
        {"a\\\\", "a backslash ends the pattern"},
        {"((a{1000}){1000}){1000}", "the pattern is too large: repeat less"},
        {"((((){1000}){1000}){1000}){1000}", "the pattern is too large: repeat less"},
        {"((a?){500}){500}", "the pattern is too large: repeat less"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char source[128];
        char want[128];
        snprintf(source, sizeof source, "'a'.matches('%s')", table[i].source);
        snprintf(want, sizeof want, "check: bad pattern: %s", table[i].want);
        expect(source, want);
        snprintf(source, sizeof source, "'a'.matches(dyn('') + '%s')", table[i].source);
        snprintf(want, sizeof want, "error: bad pattern: %s", table[i].want);
        expect(source, want);
    }
}

Test(expr, patterns_have_limits)
{
    struct gj_buf source;
    gj_buf_init(&source);
    gj_buf_add_cstr(&source, "''.matches('");
    for (int i = 0; i < 200; i++) {
        gj_buf_add_char(&source, '(');
    }
    gj_buf_add_cstr(&source, "')");
    expect(source.ptr, "check: bad pattern: groups nest too deep");
    gj_buf_reset(&source);
    gj_buf_add_cstr(&source, "''.matches('");
    for (int i = 0; i < 5000; i++) {
        gj_buf_add_char(&source, 'a');
    }
    gj_buf_add_cstr(&source, "')");
    expect(source.ptr, "check: bad pattern: the pattern is longer than 4096 bytes");
    gj_buf_reset(&source);
    gj_buf_add_cstr(&source, "''.matches(r'");
    for (int i = 0; i < 100; i++) {
        gj_buf_add_cstr(&source, "\\pL");
    }
    gj_buf_add_cstr(&source, "')");
    expect(source.ptr, "check: bad pattern: the pattern is too large: name fewer classes");
    gj_buf_release(&source);
}

Test(expr, patterns_that_blow_up_backtracking_matchers)
{
    struct gj_buf source;
    gj_buf_init(&source);
    gj_buf_add_char(&source, '\'');
    for (int i = 0; i < 3000; i++) {
        gj_buf_add_char(&source, 'a');
    }
    gj_buf_add_cstr(&source, "'.matches('^(a+)+$|(a|a)*b|(a?){30}a{30}c')");
    expect(source.ptr, "true");
    gj_buf_release(&source);
}
