/* Room base: a map from strings to indexes. Keys are borrowed: they must outlive the map. */
#ifndef GJ_BASE_MAP_H
#define GJ_BASE_MAP_H

#include "base/str.h"

struct gj_map_slot {
    struct gj_str key; /* ptr NULL: free */
    uint32_t value;
};

struct gj_map {
    struct gj_map_slot *slots;
    size_t capacity; /* a power of two, or 0 */
    size_t count;
};

#define GJ_MAP_NONE UINT32_MAX

void gj_map_init(struct gj_map *map);
void gj_map_release(struct gj_map *map);

/* The value under `key`, or GJ_MAP_NONE. */
uint32_t gj_map_get(const struct gj_map *map, struct gj_str key);

/* Sets `key`; an older value is replaced. Returns 0, or -1 when out of memory. */
int gj_map_put(struct gj_map *map, struct gj_str key, uint32_t value);

#endif
