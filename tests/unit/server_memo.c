/* Tests of room server: the memo: what was kept is found again by exactly its key, memory stays
 * within its bounds, and what is asked for stays longest. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "server/memo.h"

#define S(text) gj_str_of(text)

static bool holds(struct gj_memo *memo, const char *key, const char *value)
{
    struct gj_str found;
    return gj_memo_find(memo, S(key), &found) && gj_str_is(found, value);
}

Test(memo, finds_what_was_kept_and_nothing_else)
{
    struct gj_memo *memo = gj_memo_new(1 << 20);
    struct gj_str found;
    cr_expect_not(gj_memo_find(memo, S("a"), &found));
    gj_memo_keep(memo, S("a"), S("1"));
    gj_memo_keep(memo, S("ab"), S(""));
    gj_memo_keep(memo, S(""), S("of nothing"));
    gj_memo_keep(memo, GJ_STR("a\0b"), S("2"));
    cr_expect(holds(memo, "a", "1"));
    cr_expect(holds(memo, "ab", ""));
    cr_expect(holds(memo, "", "of nothing"));
    cr_expect(gj_memo_find(memo, GJ_STR("a\0b"), &found) && gj_str_is(found, "2"));
    cr_expect_not(gj_memo_find(memo, S("b"), &found));
    cr_expect_not(gj_memo_find(memo, GJ_STR("a\0"), &found));
    gj_memo_forget(memo);
    cr_expect_not(gj_memo_find(memo, S("a"), &found));
    gj_memo_keep(memo, S("a"), S("3"));
    cr_expect(holds(memo, "a", "3"));
    gj_memo_free(memo);
    gj_memo_free(NULL);
}

/* Keys 0 .. count - 1, each with a value that can be told; every so often key 0 is asked for. */
static void fill(struct gj_memo *memo, size_t count, size_t size)
{
    char key[32], *value = calloc(1, size + 1);
    for (size_t i = 0; i < count; i++) {
        snprintf(key, sizeof key, "key %zu", i);
        memset(value, 'a' + (int)(i % 26), size);
        struct gj_str known;
        if (!gj_memo_find(memo, S(key), &known)) {
            gj_memo_keep(memo, S(key), (struct gj_str){value, size});
        }
        cr_assert(gj_memo_find(memo, S(key), &known), "%s is there at once", key);
        cr_assert(known.len == size && memcmp(known.ptr, value, size) == 0, "%s", key);
        cr_assert(gj_memo_find(memo, S("key 0"), &known), "what is asked for stays");
    }
    free(value);
}

static size_t present(struct gj_memo *memo, size_t count)
{
    char key[32];
    size_t found = 0;
    struct gj_str value;
    for (size_t i = 0; i < count; i++) {
        snprintf(key, sizeof key, "key %zu", i);
        found += gj_memo_find(memo, S(key), &value);
    }
    return found;
}

Test(memo, stays_within_its_bounds)
{
    struct gj_memo *memo = gj_memo_new(1 << 20);
    fill(memo, 20000, 1000);
    size_t found = present(memo, 20000);
    cr_expect(found >= 400 && found <= (1 << 20) / 1000, "%zu", found);
    gj_memo_free(memo);
}

Test(memo, small_entries_fill_the_slots)
{
    struct gj_memo *memo = gj_memo_new(1 << 16);
    fill(memo, 50000, 1);
    cr_expect(present(memo, 50000) >= 100);
    gj_memo_free(memo);
}

Test(memo, what_is_large_is_not_kept)
{
    struct gj_memo *memo = gj_memo_new(1 << 16);
    char *large = calloc(1, 1 << 16);
    struct gj_str value;
    gj_memo_keep(memo, S("large"), (struct gj_str){large, 1 << 15});
    cr_expect_not(gj_memo_find(memo, S("large"), &value));
    gj_memo_keep(memo, (struct gj_str){large, 1 << 15}, S("small"));
    cr_expect_not(gj_memo_find(memo, (struct gj_str){large, 1 << 15}, &value));
    free(large);
    gj_memo_free(memo);
}
