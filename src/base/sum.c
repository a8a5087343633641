/* Room base: the sum of a cache (see sum.h). */
#include "base/sum.h"

#define LANES 4

static uint64_t mix(uint64_t lane, uint64_t eight)
{
    lane = (lane ^ eight) * 0x9E3779B97F4A7C15u;
    return lane ^ lane >> 29;
}

uint64_t gj_sum(struct gj_str bytes)
{
    uint64_t lanes[LANES] = {1, 2, 3, 4}, eight[LANES];
    size_t at = 0;
    for (; bytes.len - at >= sizeof eight; at += sizeof eight) {
        memcpy(eight, bytes.ptr + at, sizeof eight);
        for (unsigned i = 0; i < LANES; i++) {
            lanes[i] = mix(lanes[i], eight[i]);
        }
    }
    memset(eight, 0, sizeof eight);
    if (at < bytes.len) {
        memcpy(eight, bytes.ptr + at, bytes.len - at);
    }
    uint64_t sum = bytes.len;
    for (unsigned i = 0; i < LANES; i++) {
        sum = mix(sum, mix(lanes[i], eight[i]));
    }
    return sum;
}
