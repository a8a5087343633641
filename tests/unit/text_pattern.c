/* Tests of room text: patterns. What they mean is compared with the C library's regular
 * expressions, whose longest leftmost match is the same, on random patterns (GJ_SEED repeats a
 * run). */
#include <criterion/criterion.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "text/pattern_internal.h"

struct spans {
    size_t from[64], to[64], count;
};

static void note(void *context, size_t from, size_t to)
{
    struct spans *spans = context;
    cr_assert(to > from, "an empty match");
    if (spans->count < 64) {
        spans->from[spans->count] = from;
        spans->to[spans->count++] = to;
    }
}

static size_t points_of(const char *text, uint32_t *out)
{
    size_t count = 0;
    for (size_t at = 0; text[at] != '\0';) {
        unsigned len = 0;
        out[count++] = gj_utf8_decode(text + at, &len);
        at += len;
    }
    return count;
}

struct pattern {
    const struct gj_matcher *matcher; /* NULL: refused */
    struct gj_wake wake;
};

static struct pattern compile(struct gj_arena *arena, struct gj_str text, bool disguised,
                              struct gj_buf *why)
{
    struct pattern pattern = {.matcher = gj_matcher_compile(arena, text, why)};
    if (pattern.matcher != NULL &&
        gj_pattern_wake(arena, text, pattern.matcher, disguised, &pattern.wake, why) != 0) {
        pattern.matcher = NULL;
    }
    return pattern;
}

static bool rings(const struct gj_segment *alarm, const char *text)
{
    for (size_t i = 0; i < alarm->count; i++) {
        if (strstr(text, alarm->literals[i].ptr) != NULL) {
            return true;
        }
    }
    return false;
}

/* Notes where the alarm rings, as the judge does. */
static void ring_all(const struct gj_wake *wake, const char *text, uint64_t *blocks, unsigned shift)
{
    size_t place = 0;
    for (size_t at = 0; text[at] != '\0'; place++) {
        for (size_t i = 0; i < wake->alarm.count; i++) {
            struct gj_str literal = wake->alarm.literals[i];
            if (strncmp(text + at, literal.ptr, literal.len) == 0) {
                gj_rung_note(blocks, shift, place >> shift, wake->needs[GJ_NEEDS_LEAST],
                             wake->needs[GJ_NEEDS_MOST]);
            }
        }
        unsigned len = 0;
        gj_utf8_decode(text + at, &len);
        at += len;
    }
}

static void check_same(const struct spans *spans, const struct spans *all, const char *text)
{
    cr_expect_eq(spans->count, all->count, "in %s", text);
    for (size_t i = 0; i < spans->count; i++) {
        cr_expect_eq(spans->from[i], all->from[i], "in %s", text);
        cr_expect_eq(spans->to[i], all->to[i], "in %s", text);
    }
}

/* Looking only where the alarm says finds the same, however the text is cut into blocks; and so
 * does looking from the text's end. */
static void check_rung(const struct pattern *pattern, const char *text, const struct spans *all)
{
    uint32_t points[400];
    struct gj_match_scratch scratch;
    gj_match_scratch_init(&scratch);
    size_t count = points_of(text, points);
    for (unsigned shift = 0; shift < 4; shift++) {
        uint64_t blocks[400 / 64 + 1] = {0};
        struct gj_rung rung = {blocks, (count >> shift) / 64 + 1, shift};
        struct spans spans = {0};
        ring_all(&pattern->wake, text, blocks, shift);
        cr_assert_eq(gj_matcher_run(pattern->matcher, &scratch, points, count, rung, note, &spans),
                     0);
        check_same(&spans, all, text);
    }
    struct spans spans = {0};
    cr_assert_eq(gj_matcher_run_far(pattern->matcher, points, count, 0, note, &spans), 0);
    check_same(&spans, all, text);
    gj_match_scratch_release(&scratch);
}

static struct spans run(const struct pattern *pattern, const char *text)
{
    uint32_t points[400];
    struct spans spans = {0};
    struct gj_presence presence = {0};
    struct gj_match_scratch scratch;
    gj_match_scratch_init(&scratch);
    size_t count = points_of(text, points);
    cr_assert_eq(gj_matcher_run(pattern->matcher, &scratch, points, count, (struct gj_rung){0},
                                note, &spans),
                 0);
    gj_presence_note(&presence, points, count, true);
    cr_expect(spans.count == 0 || gj_presence_meets(&presence, pattern->wake.needs),
              "the cheap test must not miss a match in %s", text);
    cr_expect(spans.count == 0 || rings(&pattern->wake.alarm, text),
              "the alarm must ring for a match in %s", text);
    gj_presence_note(&presence, points, count, false);
    for (size_t i = 0; i < GJ_PRESENCE_WORDS; i++) {
        cr_assert_eq(presence.bits[i], 0, "what was noted is forgotten");
    }
    gj_match_scratch_release(&scratch);
    check_rung(pattern, text, &spans);
    return spans;
}

static void matches_by(bool disguised, const char *pattern, const char *text, const char *want)
{
    struct gj_arena arena;
    struct gj_buf why, got;
    gj_arena_init(&arena);
    gj_buf_init(&why);
    gj_buf_init(&got);
    struct pattern compiled = compile(&arena, gj_str_of(pattern), disguised, &why);
    cr_assert(compiled.matcher != NULL, "%s: %s", pattern, why.ptr);
    struct spans spans = run(&compiled, text);
    for (size_t i = 0; i < spans.count; i++) {
        gj_buf_addf(&got, "%s%zu-%zu", i > 0 ? " " : "", spans.from[i], spans.to[i]);
    }
    cr_expect(strcmp(got.ptr, want) == 0, "%s on %s: %s, not %s", pattern, text, got.ptr, want);
    gj_buf_release(&got);
    gj_buf_release(&why);
    gj_arena_release(&arena);
}

/* Whatever the alarm is. */
static void matches(const char *pattern, const char *text, const char *want)
{
    matches_by(false, pattern, text, want);
    matches_by(true, pattern, text, want);
}

static void refuses(const char *pattern)
{
    struct gj_arena arena;
    struct gj_buf why;
    gj_arena_init(&arena);
    gj_buf_init(&why);
    cr_expect(compile(&arena, gj_str_of(pattern), false, &why).matcher == NULL, "accepted: %s",
              pattern);
    cr_expect(why.len > 10 && gj_utf8_valid_prefix(gj_buf_str(&why)) == why.len, "%s: %s", pattern,
              why.ptr);
    gj_buf_release(&why);
    gj_arena_release(&arena);
}

Test(text_pattern, means_what_it_says)
{
    matches("加.{0,2}微", "加我微加您的微加您您您微", "0-3 3-7");
    matches("微(信|芯)?号", "微号微信号微", "0-2 2-5");
    matches("[0-9]{3,5}", "12 123 1234567", "3-6 7-12");
}

Test(text_pattern, leftmost_then_longest)
{
    matches("ab|abc", "abcabd", "0-3 3-5");
    matches("a{1,3}", "aaaaa", "0-3 3-5");
    matches("[^,!]{1,3}票", "一二三四票", "1-5");
    matches("(^|,)好$", "好", "0-1");
    matches("^好", "你好", "");
    matches("\\d\\w\\+", "1a+ 22+", "0-3 4-7");
    matches("(?:微|v)x", "vx微x", "0-2 2-4");
}

Test(text_pattern, refuses_with_a_reason)
{
    static const char *const bad[] = {"",
                                      "a*",
                                      "(a",
                                      "a)",
                                      "[a",
                                      "a{2",
                                      "a{3,2}",
                                      "a{0,99999}",
                                      "*a",
                                      "a\\1(",
                                      "(?=a)b",
                                      "(?<n>a)",
                                      "(a)\\1",
                                      "a(?!b)",
                                      "[]",
                                      "[b-a]",
                                      "\\",
                                      "a{1,1000}{1,1000}",
                                      "[a-\\d]",
                                      "[a-\\z]",
                                      ".*",
                                      "a?b?",
                                      "((((((((((a{90}){90}){90}){90})))))))"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        refuses(bad[i]);
    }
}

static void count_match(void *context, size_t from, size_t to)
{
    size_t *count = context;
    *count += to - from == 1;
}

/* Each match might be longer, as far as the text goes. */
Test(text_pattern, is_linear_in_the_text_whatever_is_matched, .timeout = 20)
{
    enum { POINTS = 400000 };
    uint32_t *points = malloc(POINTS * sizeof *points);
    struct gj_arena arena;
    struct gj_buf why;
    struct gj_match_scratch scratch;
    size_t found = 0;
    gj_arena_init(&arena);
    gj_buf_init(&why);
    gj_match_scratch_init(&scratch);
    const struct gj_matcher *matcher = gj_matcher_compile(&arena, GJ_STR("a(.*b|[^c]*cc)?"), &why);
    cr_assert(matcher != NULL && points != NULL);
    for (size_t i = 0; i < POINTS; i++) {
        points[i] = i < POINTS / 2 ? 'x' : 'a';
    }
    cr_expect_eq(
        gj_matcher_run(matcher, &scratch, points, POINTS, (struct gj_rung){0}, count_match, &found),
        0);
    cr_expect_eq(found, POINTS - POINTS / 2);
    gj_match_scratch_release(&scratch);
    gj_buf_release(&why);
    gj_arena_release(&arena);
    free(points);
}

Test(text_pattern, repeats_of_nothing_end, .timeout = 20)
{
    matches("xa{0}{64}{64}{64}{64}{64}{64}{64}{64}b", "axb", "1-3");
    matches("x(((((((){64}){64}){64}){64}){64}){64}){64}b", "axb", "1-3");
}

Test(text_pattern, deep_nesting_is_refused_or_read)
{
    char deep[4100];
    memset(deep, '(', 2000);
    deep[2000] = 'a';
    memset(deep + 2001, ')', 2000);
    deep[4001] = '\0';
    struct gj_arena arena;
    struct gj_buf why;
    gj_arena_init(&arena);
    gj_buf_init(&why);
    cr_expect(compile(&arena, gj_str_of(deep), false, &why).matcher != NULL || why.len > 0);
    gj_buf_release(&why);
    gj_arena_release(&arena);
}

/* ---- alarms ---- */

static void wakes_by(bool disguised, const char *pattern, const char *literal)
{
    struct gj_arena arena;
    struct gj_buf why;
    gj_arena_init(&arena);
    gj_buf_init(&why);
    struct pattern compiled = compile(&arena, gj_str_of(pattern), disguised, &why);
    cr_assert(compiled.matcher != NULL, "%s: %s", pattern, why.ptr);
    cr_expect(rings(&compiled.wake.alarm, literal), "%s is not woken by %s", pattern, literal);
    gj_buf_release(&why);
    gj_arena_release(&arena);
}

Test(text_pattern, is_woken_by_what_few_texts_hold)
{
    wakes_by(false, "(不|没)[^,]{0,4}(丑|傻|蠢)", "傻");
    wakes_by(false, "的.{0,3}(滚|爬)", "滚");
    wakes_by(false, "我.{0,3}微信", "微信");
}

Test(text_pattern, is_woken_by_long_literals_then_by_few_where_disguise_is_told)
{
    wakes_by(true, "(您|你)[^,]{0,4}(丑|傻|蠢)", "您");
    wakes_by(true, "(滚|爬).{0,3}可以", "可以");
}

/* ---- random patterns ---- */

static uint32_t seed;

static uint32_t dice(uint32_t sides)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % sides;
}

static void add_pattern(struct gj_buf *out, int depth)
{
    uint32_t parts = 1 + dice(3);
    for (uint32_t i = 0; i < parts; i++) {
        static const char *const atoms[] = {"a", "b", "c", "[ab]", "[^a]", ".", "bc"};
        if (depth > 0 && dice(3) == 0) {
            gj_buf_add_char(out, '(');
            add_pattern(out, depth - 1);
            if (dice(2) == 0) {
                gj_buf_add_char(out, '|');
                add_pattern(out, depth - 1);
            }
            gj_buf_add_char(out, ')');
        } else {
            const char *atom = atoms[dice(7)];
            gj_buf_add_cstr(out, atom);
        }
        static const char *const repeats[] = {"", "", "", "?", "{1,2}", "{0,2}", "{2}"};
        gj_buf_add_cstr(out, repeats[dice(7)]);
    }
}

static struct spans reference(const regex_t *regex, const char *text)
{
    struct spans spans = {0};
    size_t at = 0, len = strlen(text);
    regmatch_t match;
    while (at < len && regexec(regex, text + at, 1, &match, at > 0 ? REG_NOTBOL : 0) == 0) {
        size_t from = at + (size_t)match.rm_so, to = at + (size_t)match.rm_eo;
        if (to > from) {
            note(&spans, from, to);
        }
        at = to > from ? to : to + 1;
    }
    return spans;
}

static void compare(const char *pattern, const struct pattern *compiled, const regex_t *regex)
{
    for (int round = 0; round < 20; round++) {
        char text[25];
        size_t len = dice(24);
        for (size_t i = 0; i < len; i++) {
            text[i] = (char)('a' + dice(4));
        }
        text[len] = '\0';
        struct spans got = run(compiled, text), want = reference(regex, text);
        cr_expect_eq(got.count, want.count, "%s on %s", pattern, text);
        for (size_t i = 0; i < got.count && i < want.count; i++) {
            cr_expect(got.from[i] == want.from[i] && got.to[i] == want.to[i],
                      "%s on %s: [%zu, %zu), not [%zu, %zu)", pattern, text, got.from[i], got.to[i],
                      want.from[i], want.to[i]);
        }
    }
}

Test(text_pattern, means_what_posix_means)
{
    const char *given = getenv("GJ_SEED");
    seed = given == NULL ? 20260301u : (uint32_t)strtoul(given, NULL, 10);
    struct gj_arena arena;
    struct gj_buf pattern, why;
    size_t compared = 0;
    gj_buf_init(&pattern);
    gj_buf_init(&why);
    for (int i = 0; i < 1500; i++) {
        regex_t regex;
        gj_arena_init(&arena);
        gj_buf_reset(&pattern);
        gj_buf_reset(&why);
        add_pattern(&pattern, 2);
        struct pattern compiled = compile(&arena, gj_buf_str(&pattern), dice(2) == 0, &why);
        cr_assert(compiled.matcher != NULL || why.len > 0);
        if (compiled.matcher != NULL && regcomp(&regex, pattern.ptr, REG_EXTENDED) == 0) {
            compare(pattern.ptr, &compiled, &regex);
            regfree(&regex);
            compared++;
        }
        gj_arena_release(&arena);
    }
    cr_assert_gt(compared, 200);
    gj_buf_release(&pattern);
    gj_buf_release(&why);
}

Test(text_pattern, where_a_match_may_begin)
{
    uint64_t blocks[3] = {0};
    gj_rung_note(blocks, 0, 5, 1, 3); /* from 2 to 4 */
    cr_expect_eq(blocks[0], UINT64_C(0x1C));
    gj_rung_note(blocks, 0, 0, 1, 3);
    cr_expect_eq(blocks[0], UINT64_C(0x1C), "none begins before the text");
    gj_rung_note(blocks, 0, 130, 2, 66); /* from 64 to 128 */
    cr_expect_eq(blocks[0], UINT64_C(0x1C));
    cr_expect_eq(blocks[1], UINT64_MAX);
    cr_expect_eq(blocks[2], UINT64_C(1));
    gj_rung_note(blocks, 0, 64, 1, GJ_REACH_FAR);
    cr_expect_eq(blocks[0], UINT64_MAX);
    uint64_t coarse[1] = {0};
    gj_rung_note(coarse, 2, 3, 1, 3); /* characters 12 to 15: from 9 to 14 */
    cr_expect_eq(coarse[0], UINT64_C(0xC));
    cr_expect_eq(gj_rung_for(10).count, 1);
    cr_expect_eq(gj_rung_for(1000).shift, 0);
    struct gj_rung most = gj_rung_for(2 << 20);
    cr_expect_leq(most.count, GJ_RUNG_WORDS_MAX);
    cr_expect_geq(most.count * 64, (size_t)(2 << 20) >> most.shift);
}
