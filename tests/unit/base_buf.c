/* Room base: the growable buffer, borrowed strings, the growing array. */
#include <criterion/criterion.h>

#include "base/buf.h"
#include "base/vec.h"

Test(base, buf_is_never_null_and_ends_in_nul)
{
    struct gj_buf buf;
    gj_buf_init(&buf);
    cr_assert_str_eq(buf.ptr, "");
    gj_buf_add_cstr(&buf, "");
    gj_buf_add(&buf, NULL, 0);
    cr_assert_eq(buf.capacity, 0);
    for (int i = 0; i < 1000; i++) {
        gj_buf_add_char(&buf, (char)('a' + i % 26));
        cr_assert_eq(buf.len, (size_t)i + 1);
        cr_assert_eq(buf.ptr[buf.len], '\0');
    }
    cr_assert_eq(strlen(buf.ptr), 1000);
    char *kept = buf.ptr;
    gj_buf_reset(&buf);
    cr_assert_eq(buf.len, 0);
    cr_assert_eq(buf.ptr, kept);
    cr_assert_str_eq(buf.ptr, "");
    gj_buf_release(&buf);
    cr_assert_str_eq(buf.ptr, "");
    gj_buf_reset(&buf);
    gj_buf_release(&buf);
}

Test(base, buf_writes_numbers_and_formats)
{
    struct gj_buf buf;
    gj_buf_init(&buf);
    gj_buf_add_int(&buf, 0);
    gj_buf_add_char(&buf, ' ');
    gj_buf_add_int(&buf, INT64_MIN);
    gj_buf_add_char(&buf, ' ');
    gj_buf_add_int(&buf, INT64_MAX);
    cr_assert_str_eq(buf.ptr, "0 -9223372036854775808 9223372036854775807");
    gj_buf_reset(&buf);
    gj_buf_addf(&buf, "%s-%05d", "微信", 42);
    gj_buf_addf(&buf, "%300d", 7);
    cr_assert_eq(buf.len, strlen("微信-00042") + 300);
    cr_assert(gj_str_starts(gj_buf_str(&buf), GJ_STR("微信-00042 ")));
    gj_buf_release(&buf);
}

Test(base, buf_that_cannot_grow_says_so_and_stays_whole)
{
    struct gj_buf buf;
    gj_buf_init(&buf);
    gj_buf_add_cstr(&buf, "kept");
    cr_assert_eq(gj_buf_reserve(&buf, SIZE_MAX / 2), -1);
    cr_assert(buf.failed);
    gj_buf_add_cstr(&buf, "lost");
    gj_buf_addf(&buf, "%d", 1);
    cr_assert_str_eq(buf.ptr, "kept");
    gj_buf_reset(&buf);
    cr_assert_not(buf.failed);
    gj_buf_add_cstr(&buf, "again");
    cr_assert_str_eq(buf.ptr, "again");
    gj_buf_release(&buf);
}

Test(base, str_compares_bytes)
{
    cr_assert(gj_str_eq(GJ_STR("a\0b"), (struct gj_str){"a\0b", 3}));
    cr_assert_not(gj_str_eq(GJ_STR("a\0b"), GJ_STR("a\0c")));
    cr_assert_not(gj_str_eq(GJ_STR("a"), GJ_STR("ab")));
    cr_assert(gj_str_eq((struct gj_str){NULL, 0}, GJ_STR("")));
    cr_assert(gj_str_is(GJ_STR("abc"), "abc"));
    cr_assert(gj_str_starts(GJ_STR("abc"), GJ_STR("")));
    cr_assert(gj_str_starts(GJ_STR("abc"), GJ_STR("abc")));
    cr_assert_not(gj_str_starts(GJ_STR("ab"), GJ_STR("abc")));
    cr_assert_neq(gj_str_hash(GJ_STR("ab")), gj_str_hash(GJ_STR("ba")));
}

Test(base, grow_keeps_what_was_there)
{
    size_t capacity = 0;
    int *items = gj_grow(NULL, &capacity, 1, sizeof *items);
    cr_assert_not_null(items);
    cr_assert_geq(capacity, 1);
    items[0] = 42;
    items = gj_grow(items, &capacity, 1000, sizeof *items);
    cr_assert_geq(capacity, 1000);
    cr_assert_eq(items[0], 42);
    size_t before = capacity;
    cr_assert_null(gj_grow(items, &capacity, SIZE_MAX / 2, sizeof *items));
    cr_assert_eq(capacity, before);
    free(items);
}
