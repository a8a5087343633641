/* Tests of room text: how alike two characters look. */
#include <criterion/criterion.h>

#include "text/shape.h"

Test(text_shape, likeness_is_of_shared_parts)
{
    cr_expect_eq(gj_shape_likeness(U'河', U'河'), 100);
    cr_expect_eq(gj_shape_likeness(U'河', U'抲'), gj_shape_likeness(U'抲', U'河'));
    cr_expect_gt(gj_shape_likeness(U'河', U'抲'), 50, "the same right half");
    cr_expect_gt(gj_shape_likeness(U'狗', U'笱'), 50, "the same part in another place");
    cr_expect_lt(gj_shape_likeness(U'河', U'以'), 20);
    cr_expect_eq(gj_shape_likeness(U'一', U'龘'), 0, "no part in common");
}

Test(text_shape, what_is_no_han_character_resembles_nothing)
{
    const uint32_t others[] = {0, 'a', 0x33FF, 0x3042, 0xA000, 0x20509, 0x10FFFF};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        cr_expect_eq(gj_shape_likeness(others[i], U'河'), 0);
        cr_expect_eq(gj_shape_likeness(U'河', others[i]), 0);
        cr_expect(!gj_shape_is_rare(others[i]));
    }
}

Test(text_shape, rare_is_what_the_standard_leaves_out)
{
    cr_expect(!gj_shape_is_rare(U'的') && !gj_shape_is_rare(U'啫'));
    cr_expect(!gj_shape_is_rare(U'诶'), "a particle of talk");
    cr_expect(!gj_shape_is_rare(U'哋') && !gj_shape_is_rare(U'冇') && !gj_shape_is_rare(U'咗'),
              "dialect");
    cr_expect(gj_shape_is_rare(U'収') && gj_shape_is_rare(U'髙'), "in use in Japan and Korea");
    cr_expect(gj_shape_is_rare(U'坓') && gj_shape_is_rare(U'卝') && gj_shape_is_rare(U'抲'));
}
