/* Tests of room base: the name that was probably meant. */
#include <criterion/criterion.h>

#include "base/near.h"

static struct gj_str nearest(const char *wanted)
{
    static const char *const names[] = {"taobao", "tmall", "jd", "order.paid_at", "order.paid_fen"};
    struct gj_near near = gj_near_begin(gj_str_of(wanted));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        gj_near_try(&near, gj_str_of(names[i]));
    }
    return near.best;
}

Test(base_near, a_third_of_a_name_may_differ)
{
    cr_expect(gj_str_is(nearest("tmal"), "tmall"));
    cr_expect(gj_str_is(nearest("tamll"), "tmall"), "two swapped neighbours are one change");
    cr_expect(gj_str_is(nearest("dj"), "jd"));
    cr_expect(gj_str_is(nearest("order.payed_at"), "order.paid_at"));
    cr_expect(gj_str_is(nearest("order.paid_fenn"), "order.paid_fen"));
    cr_expect_eq(nearest("mail").len, 0);
    cr_expect_eq(nearest("x").len, 0);
    cr_expect_eq(nearest("").len, 0);
}

Test(base_near, long_names_are_not_compared)
{
    char name[100];
    memset(name, 'a', sizeof name);
    struct gj_near near = gj_near_begin((struct gj_str){name, sizeof name});
    gj_near_try(&near, (struct gj_str){name, sizeof name});
    gj_near_try(&near, (struct gj_str){name, 99});
    cr_expect_eq(near.best.len, 0);
}
