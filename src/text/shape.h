/* Room text: how alike two Han characters look. A character is described by its Cangjie code, which
 * names its parts in the order they are written (up to five letters): what shares parts in the same
 * order looks alike. See docs/decisions/0009. */
#ifndef GJ_TEXT_SHAPE_H
#define GJ_TEXT_SHAPE_H

#include "text/tables.h"

static inline uint32_t gj_shape_code(uint32_t cp)
{
    uint32_t at = cp - GJ_SHAPE_FIRST;
    return at < GJ_SHAPE_COUNT ? gj_shape_codes[at] : GJ_SHAPE_COMMON;
}

/* Whether everyday text has no use for this Han character; false for anything else. */
static inline bool gj_shape_is_rare(uint32_t cp)
{
    return (gj_shape_code(cp) & GJ_SHAPE_COMMON) == 0;
}

/* The parts that both have in the same order, in percent of all their parts (0 to 100). */
unsigned gj_shape_likeness(uint32_t a, uint32_t b);

#endif
