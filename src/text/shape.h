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

/* Which letters of the Cangjie code a character has, as bits; 0: it has none. Who shares no bit is
 * not alike at all, and who shares one is alike by GJ_SHAPE_LEAST percent or more. */
#define GJ_SHAPE_LEAST (200u / (2 * GJ_SHAPE_LETTERS))
static inline uint32_t gj_shape_parts(uint32_t cp)
{
    uint32_t code = gj_shape_code(cp);
    uint32_t parts = UINT32_C(1) << (code & 31) | UINT32_C(1) << (code >> 5 & 31) |
                     UINT32_C(1) << (code >> 10 & 31) | UINT32_C(1) << (code >> 15 & 31) |
                     UINT32_C(1) << (code >> 20 & 31);
    return parts & ~UINT32_C(1); /* 0 is no letter */
}

/* The parts that both have in the same order, in percent of all their parts (0 to 100). */
unsigned gj_shape_likeness(uint32_t a, uint32_t b);

#endif
