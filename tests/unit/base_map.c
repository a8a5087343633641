/* Room base: the map from strings to indexes. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "base/map.h"

Test(base, map_finds_what_was_put)
{
    static char keys[5000][12];
    struct gj_map map;
    gj_map_init(&map);
    cr_assert_eq(gj_map_get(&map, GJ_STR("nothing")), GJ_MAP_NONE);
    for (uint32_t i = 0; i < 5000; i++) {
        snprintf(keys[i], sizeof keys[i], "key-%u", i);
        cr_assert_eq(gj_map_put(&map, gj_str_of(keys[i]), i), 0);
        cr_assert_eq(map.count, (size_t)i + 1);
        cr_assert_geq(map.capacity, map.count); /* at most half full after the next put */
    }
    for (uint32_t i = 0; i < 5000; i++) {
        cr_assert_eq(gj_map_get(&map, gj_str_of(keys[i])), i);
    }
    cr_assert_eq(gj_map_get(&map, GJ_STR("key-5000")), GJ_MAP_NONE);
    cr_assert_eq(gj_map_get(&map, GJ_STR("key-")), GJ_MAP_NONE);
    gj_map_release(&map);
    cr_assert_eq(gj_map_get(&map, GJ_STR("key-1")), GJ_MAP_NONE);
}

Test(base, map_replaces)
{
    struct gj_map map;
    gj_map_init(&map);
    cr_assert_eq(gj_map_put(&map, GJ_STR("a"), 1), 0);
    cr_assert_eq(gj_map_put(&map, GJ_STR("a"), 2), 0);
    cr_assert_eq(map.count, 1);
    cr_assert_eq(gj_map_get(&map, GJ_STR("a")), 2);
    gj_map_release(&map);
}

Test(base, map_takes_the_empty_key_and_keys_with_nul)
{
    struct gj_map map;
    gj_map_init(&map);
    cr_assert_eq(gj_map_put(&map, (struct gj_str){NULL, 0}, 7), 0);
    cr_assert_eq(gj_map_put(&map, GJ_STR("a\0b"), 8), 0);
    cr_assert_eq(gj_map_get(&map, GJ_STR("")), 7);
    cr_assert_eq(gj_map_get(&map, (struct gj_str){NULL, 0}), 7);
    cr_assert_eq(gj_map_get(&map, GJ_STR("a\0b")), 8);
    cr_assert_eq(gj_map_get(&map, GJ_STR("a\0c")), GJ_MAP_NONE);
    cr_assert_eq(gj_map_get(&map, GJ_STR("a")), GJ_MAP_NONE);
    gj_map_release(&map);
}
