/* Room base: sums of whole numbers that nobody has bounded. One that does not fit 64 bit stands at
 * the end of their range. */
#ifndef GJ_BASE_WHOLE_H
#define GJ_BASE_WHOLE_H

#include <stdint.h>

static inline int64_t gj_sum(int64_t a, int64_t b)
{
    int64_t sum = 0;
    return !__builtin_add_overflow(a, b, &sum) ? sum : b > 0 ? INT64_MAX : INT64_MIN;
}

static inline int64_t gj_less(int64_t a, int64_t b)
{
    int64_t difference = 0;
    return !__builtin_sub_overflow(a, b, &difference) ? difference : b < 0 ? INT64_MAX : INT64_MIN;
}

#endif
