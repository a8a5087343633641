/* Room text: what everyday Chinese would say. A stretch of a text is measured by its surprise: how
 * many bits it takes to say it in everyday words, given the text around it. 业务信息 at 务信 costs
 * no more than the words 业务 and 信息; a stretch that no words explain costs what its characters
 * cost one by one. See docs/decisions/0008. */
#ifndef GJ_TEXT_EVERYDAY_H
#define GJ_TEXT_EVERYDAY_H

#include "text/tables.h"

/* Bits that a Han character takes as a word of its own, in eighths of a bit. */
static inline unsigned gj_everyday_cost(uint32_t cp)
{
    uint32_t at = cp - GJ_SHAPE_FIRST;
    return at < GJ_SHAPE_COUNT ? gj_character_costs[at] : GJ_COST_UNKNOWN;
}

/* Whether two (simplified) characters are a word in frequent use: what is one is hardly a
 * disguise. Wrong for about one of a thousand pairs that are none. */
bool gj_everyday_is_usual(uint32_t first, uint32_t second);

/* The surprise at units first..last, in eighths of a bit. Letters and digits are not judged: they
 * cost little. */
unsigned gj_everyday_surprise(const struct gj_text *text, uint32_t first, uint32_t last);

#endif
