/* Room base: a map from strings to indexes, open addressing, at most half full (see map.h). */
#include "base/map.h"

#include <stdlib.h>

void gj_map_init(struct gj_map *map)
{
    *map = (struct gj_map){0};
}

void gj_map_release(struct gj_map *map)
{
    free(map->slots);
    gj_map_init(map);
}

static struct gj_map_slot *find(const struct gj_map *map, struct gj_str key)
{
    size_t at = (size_t)gj_str_hash(key) & (map->capacity - 1);
    while (map->slots[at].key.ptr != NULL && !gj_str_eq(map->slots[at].key, key)) {
        at = (at + 1) & (map->capacity - 1);
    }
    return &map->slots[at];
}

uint32_t gj_map_get(const struct gj_map *map, struct gj_str key)
{
    if (map->capacity == 0) {
        return GJ_MAP_NONE;
    }
    const struct gj_map_slot *slot = find(map, key);
    return slot->key.ptr == NULL ? GJ_MAP_NONE : slot->value;
}

static int grow(struct gj_map *map)
{
    struct gj_map bigger = {.capacity = map->capacity == 0 ? 64 : map->capacity * 2};
    bigger.slots = calloc(bigger.capacity, sizeof *bigger.slots);
    if (bigger.slots == NULL) {
        return -1;
    }
    for (size_t i = 0; i < map->capacity; i++) {
        if (map->slots[i].key.ptr != NULL) {
            *find(&bigger, map->slots[i].key) = map->slots[i];
            bigger.count++;
        }
    }
    free(map->slots);
    *map = bigger;
    return 0;
}

int gj_map_put(struct gj_map *map, struct gj_str key, uint32_t value)
{
    if (key.ptr == NULL) {
        key.ptr = "";
    }
    if (map->count * 2 >= map->capacity && grow(map) != 0) {
        return -1;
    }
    struct gj_map_slot *slot = find(map, key);
    if (slot->key.ptr == NULL) {
        map->count++;
    }
    *slot = (struct gj_map_slot){key, value};
    return 0;
}
