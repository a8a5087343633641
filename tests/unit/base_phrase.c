/* Tests of room base: sentences in the reader's language. */
#include <criterion/criterion.h>

#include "base/phrase.h"

static bool says(const char *sentence, const char *wanted)
{
    struct gj_buf out;
    gj_buf_init(&out);
    gj_phrase_add(&out, gj_str_of(sentence), false);
    bool same = gj_str_is(gj_buf_str(&out), wanted);
    if (!same) {
        cr_log_error("%s: %.*s", sentence, (int)out.len, out.ptr);
    }
    gj_buf_release(&out);
    return same;
}

Test(base_phrase, holes_are_filled_in_their_own_order)
{
    cr_expect(says("out of memory", "内存不足"));
    cr_expect(says("'order_id' is missing; add it", "缺少 'order_id'，请补上"));
    cr_expect(says("argument 2 of near() is of type int, but this is string",
                   "near() 的第 2 个参数应为 int，这里是 string"));
    cr_expect(says("'kind' must be one of: a, b", "'kind' 应为其中之一：a, b"));
    cr_expect(says("'' is missing; add it", "缺少 ''，请补上"));
}

Test(base_phrase, a_sentence_within_a_sentence_is_told_too)
{
    cr_expect(says("the body cannot be read: it is too large", "请求体无法读取：内容过大"));
    cr_expect(says("'id' is empty; give each event of a source an id of its own",
                   "'id' 为空；同一店铺的每个事件须有自己的 id"));
}

Test(base_phrase, a_name_in_quotes_stays)
{
    cr_expect(
        says("unknown key 'state'; did you mean 'states'?", "没有键 'state'，是不是 'states'？"));
    cr_expect(says("unknown state 'state'", "没有状态 'state'"));
}

Test(base_phrase, the_row_with_most_of_its_own_counts)
{
    cr_expect(says("'a' is out of range; it must be 0 or more", "'a' 超出范围，应不小于 0"));
    cr_expect(says("'a' is out of range; it must be 1 to 5", "'a' 超出范围，应为 1 到 5"));
}

Test(base_phrase, what_no_row_fits_stays)
{
    cr_expect(says("", ""));
    cr_expect(says("nothing of this kind", "nothing of this kind"));
    cr_expect(says("out of memory!", "out of memory!"));
    cr_expect(says("is missing; add it", "is missing; add it"));
}

Test(base_phrase, english_stays_as_it_is)
{
    struct gj_buf out;
    gj_buf_init(&out);
    gj_phrase_add(&out, GJ_STR("out of memory"), true);
    cr_expect(gj_str_is(gj_buf_str(&out), "out of memory"));
    gj_buf_release(&out);
}

static bool shows(const char *line, const char *wanted)
{
    struct gj_buf out;
    gj_buf_init(&out);
    gj_phrase_add_line(&out, gj_str_of(line));
    bool same = gj_str_is(gj_buf_str(&out), wanted);
    if (!same) {
        cr_log_error("%s: %.*s", line, (int)out.len, out.ptr);
    }
    gj_buf_release(&out);
    return same;
}

Test(base_phrase, a_line_keeps_its_place)
{
    cr_expect(
        shows("a.yaml:1:1: warning: no test finds 'x'", "a.yaml:1:1: 提醒：没有测试找到 'x'"));
    cr_expect(shows("/a: cannot be read (Permission denied); run it again",
                    "/a: 无法读取（没有权限）；请重新运行"));
    cr_expect(shows("a.yaml:2:9: missing comma in flow sequence: put the whole value in quotes",
                    "a.yaml:2:9: 列表里缺少逗号：请给整个值加引号"));
    cr_expect(shows("a.yaml:2:9: a field must be {type: ..., ...}",
                    "a.yaml:2:9: 字段应为 {type: ..., ...}"));
    cr_expect(shows("the log has no event e1 of /a/b", "/a/b 的日志中没有事件 e1"));
    cr_expect(shows("there is no flow 'x'; did you mean 'y'?", "没有流程 'x'；是不是 'y'？"));
}

Test(base_phrase, a_line_that_has_no_row_stays)
{
    cr_expect(shows("", ""));
    cr_expect(shows(": ", ": "));
    cr_expect(shows("a: b: nobody ever said this", "a: b: nobody ever said this"));
}

/* Each hole is told, and nothing that there is no hole for; no form is a hole alone. */
static void check_rows(const struct gj_phrase *p)
{
    for (; p->en != NULL; p++) {
        unsigned holes = 0, told = 0;
        for (const char *at = p->en; (at = strstr(at, "%s")) != NULL; at += 2) {
            holes++;
        }
        for (const char *at = p->zh; (at = strchr(at, '%')) != NULL; at++) {
            cr_expect(at[1] >= '1' && at[1] < '1' + (int)holes, "%s", p->zh);
            told |= 1u << (at[1] - '1');
        }
        cr_expect(holes < 10 && told == (1u << holes) - 1, "%s", p->en);
        cr_expect(strlen(p->en) > 2 * holes, "%s", p->en);
    }
}

Test(base_phrase, rows_are_well_formed)
{
    check_rows(gj_phrases);
    check_rows(gj_phrases_rulebook);
    check_rows(gj_phrases_expr);
    check_rows(gj_phrases_engine);
    check_rows(gj_phrases_libraries);
}
