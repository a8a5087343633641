/* Room text: how alike two Han characters look (see shape.h). */
#include "text/shape.h"

static unsigned letters_of(uint32_t code, unsigned letters[GJ_SHAPE_LETTERS])
{
    unsigned count = 0;
    for (code &= ~GJ_SHAPE_COMMON; code != 0; code >>= 5) {
        letters[count++] = code & 31;
    }
    return count;
}

unsigned gj_shape_likeness(uint32_t a, uint32_t b)
{
    unsigned x[GJ_SHAPE_LETTERS], y[GJ_SHAPE_LETTERS];
    unsigned x_count = letters_of(gj_shape_code(a), x), y_count = letters_of(gj_shape_code(b), y);
    if (x_count == 0 || y_count == 0) {
        return 0;
    }
    /* the longest common subsequence; bit i of `open`: x[i] ends none yet (Hyyrö's bit vector) */
    unsigned all = (1u << x_count) - 1, open = all;
    for (unsigned j = 0; j < y_count; j++) {
        unsigned same = 0;
        for (unsigned i = 0; i < x_count; i++) {
            same |= (unsigned)(x[i] == y[j]) << i;
        }
        unsigned taken = open & same;
        open = ((open + taken) | (open - taken)) & all;
    }
    unsigned shared = 0;
    for (unsigned closed = ~open & all; closed != 0; closed &= closed - 1) {
        shared++;
    }
    return 200 * shared / (x_count + y_count);
}
