/* Room base: the list of errors and how they are shown. */
#include <criterion/criterion.h>

#include "base/errors.h"

static void expect_rendered(const struct gj_errors *errors, const char *want)
{
    struct gj_buf out;
    gj_buf_init(&out);
    gj_errors_render(errors, &out);
    cr_assert_str_eq(out.ptr, want);
    gj_buf_release(&out);
}

Test(base, errors_show_place_line_and_caret)
{
    struct gj_errors errors;
    gj_errors_init(&errors);
    cr_assert_eq(
        gj_errors_add(&errors, GJ_STR("a.yaml"), 3, 7, GJ_STR("when: x == 1"), "no %s", "x"), -1);
    expect_rendered(&errors, "a.yaml:3:7: no x\n"
                             "  when: x == 1\n"
                             "        ^\n");
    gj_errors_release(&errors);
}

Test(base, errors_put_the_caret_under_wide_characters)
{
    struct gj_errors errors;
    gj_errors_init(&errors);
    gj_errors_add(&errors, GJ_STR("a"), 1, 4, GJ_STR("\t微x信"), "here");
    expect_rendered(&errors, "a:1:4: here\n"
                             "  \t微x信\n"
                             "  \t   ^\n");
    gj_errors_release(&errors);
}

Test(base, errors_mark_characters_that_were_cut)
{
    struct gj_errors errors;
    gj_errors_init(&errors);
    gj_errors_say(&errors, "'%.4s' and '%.5s' mean nothing", "微信", "微信");
    expect_rendered(&errors, "'微?' and '微?' mean nothing\n");
    gj_errors_release(&errors);
}

Test(base, errors_without_a_place)
{
    struct gj_errors errors;
    gj_errors_init(&errors);
    cr_assert_eq(gj_errors_say(&errors, "no such command: %s", "x"), -1);
    gj_errors_add(&errors, GJ_STR(""), 2, 5, GJ_STR(""), "on a line");
    gj_errors_add(&errors, GJ_STR("f"), 0, 0, GJ_STR("text"), "in a file");
    expect_rendered(&errors, "no such command: x\n"
                             "2:5: on a line\n"
                             "f: in a file\n");
    gj_errors_release(&errors);
}

Test(base, errors_own_their_texts)
{
    struct gj_errors errors;
    char file[] = "a.yaml";
    char line[] = "a: b";
    gj_errors_init(&errors);
    gj_errors_add(&errors, gj_str_of(file), 1, 1, gj_str_of(line), "%s", line);
    memset(file, 'x', sizeof file - 1);
    memset(line, 'x', sizeof line - 1);
    expect_rendered(&errors, "a.yaml:1:1: a: b\n  a: b\n  ^\n");
    gj_errors_release(&errors);
}

Test(base, errors_have_a_limit_and_tell_the_rest)
{
    struct gj_errors errors;
    gj_errors_init(&errors);
    for (int i = 0; i < GJ_ERRORS_MAX + 3; i++) {
        gj_errors_say(&errors, "%d", i);
    }
    cr_assert_eq(errors.count, GJ_ERRORS_MAX);
    cr_assert_eq(errors.dropped, 3);
    struct gj_buf out;
    gj_buf_init(&out);
    gj_errors_render(&errors, &out);
    cr_assert(strstr(out.ptr, "and 3 more errors\n") != NULL);
    gj_buf_release(&out);
    gj_errors_release(&errors);
}

Test(base, errors_cut_long_messages_between_characters)
{
    struct gj_errors errors;
    struct gj_buf text;
    gj_errors_init(&errors);
    gj_buf_init(&text);
    for (int i = 0; i < 1000; i++) {
        gj_buf_add_cstr(&text, "微");
    }
    gj_errors_say(&errors, "%s", text.ptr);
    cr_assert_eq(errors.items[0].message.len % 3, 0);
    cr_assert_gt(errors.items[0].message.len, 1000);
    gj_buf_release(&text);
    gj_errors_release(&errors);
}

Test(base, errors_do_not_draw_a_caret_under_broken_text)
{
    struct gj_errors errors;
    gj_errors_init(&errors);
    gj_errors_add(&errors, GJ_STR("f"), 1, 2, GJ_STR("\xFF\xFE"), "broken");
    expect_rendered(&errors, "f:1:2: broken\n");
    gj_errors_release(&errors);
}

Test(base, errors_show_what_is_no_utf8_as_question_marks)
{
    struct gj_errors errors;
    gj_errors_init(&errors);
    gj_errors_say(&errors, "%s: no such file; name another", "/tmp/a\xFF\xE5\xBE");
    expect_rendered(&errors, "/tmp/a?: no such file; name another\n");
    gj_errors_release(&errors);
}
