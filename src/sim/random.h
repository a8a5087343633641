/* Room sim: chance. PCG-XSH-RR 64/32 (O'Neill 2014), integers only, so that a seed gives the same
 * numbers on every machine. */
#ifndef GJ_SIM_RANDOM_H
#define GJ_SIM_RANDOM_H

#include <stdint.h>

struct sim_random {
    uint64_t state, stream; /* stream is odd */
};

/* SplitMix64's finisher: spreads seeds that lie close together. */
static inline uint64_t sim_mix(uint64_t x)
{
    x += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

static inline struct sim_random sim_random_from(uint64_t seed)
{
    return (struct sim_random){sim_mix(seed), sim_mix(seed + 1) | 1};
}

static inline uint32_t sim_random_next(struct sim_random *random)
{
    uint64_t old = random->state;
    random->state = old * UINT64_C(6364136223846793005) + random->stream;
    uint32_t shifted = (uint32_t)(((old >> 18) ^ old) >> 27), turn = (uint32_t)(old >> 59);
    return (shifted >> turn) | (shifted << ((32 - turn) & 31));
}

/* 0 <= result < count; count > 0. The bias of at most count / 2^32 does no harm here. */
static inline uint32_t sim_random_below(struct sim_random *random, uint32_t count)
{
    return (uint32_t)(((uint64_t)sim_random_next(random) * count) >> 32);
}

/* low <= result <= high, whose distance is below 2^32 - 1. */
static inline int64_t sim_random_range(struct sim_random *random, int64_t low, int64_t high)
{
    return high <= low ? low : low + sim_random_below(random, (uint32_t)(high - low + 1));
}

#endif
