/* Room text: how many characters a pattern, or a part of one, may match; and what that tells of
 * where a match begins (see pattern.h). */
#include "text/pattern_internal.h"

static uint32_t add(uint32_t a, uint32_t b)
{
    return a + b < GJ_REACH_FAR ? a + b : GJ_REACH_FAR;
}

static uint32_t times(uint32_t length, uint32_t count)
{
    return length == 0 || count <= GJ_REACH_FAR / length ? length * count : GJ_REACH_FAR;
}

/* Of a sequence the sum, of a choice the least, or the most, of its branches. */
static uint32_t length_of(const struct gj_syntax *s, bool most)
{
    uint32_t length = 0;
    switch (s->kind) {
    case GJ_SYN_CHAR:
    case GJ_SYN_SET:
    case GJ_SYN_ANY:
        return 1;
    case GJ_SYN_SEQUENCE:
        for (const struct gj_syntax *c = s->first; c != NULL; c = c->next) {
            length = add(length, length_of(c, most));
        }
        return length;
    case GJ_SYN_CHOICE:
        length = most ? 0 : GJ_REACH_FAR;
        for (const struct gj_syntax *c = s->first; c != NULL; c = c->next) {
            uint32_t branch = length_of(c, most);
            length = (branch > length) == most ? branch : length;
        }
        return length;
    case GJ_SYN_REPEAT:
        return times(length_of(s->first, most), most ? s->max : s->min);
    case GJ_SYN_BEGIN:
    case GJ_SYN_END:
    default:
        return 0;
    }
}

uint32_t gj_syntax_least(const struct gj_syntax *s)
{
    return length_of(s, false);
}

uint32_t gj_syntax_most(const struct gj_syntax *s)
{
    return length_of(s, true);
}

void gj_rung_note(uint64_t *blocks, unsigned shift, size_t block, uint32_t least, uint32_t most)
{
    size_t from = block << shift, to = ((block + 1) << shift) - 1;
    if (to < least) {
        return; /* no match has begun so early */
    }
    size_t first = most >= GJ_REACH_FAR || from < most ? 0 : (from - most) >> shift;
    for (size_t last = (to - least) >> shift; first <= last; first = (first / 64 + 1) * 64) {
        uint64_t up_to = last / 64 > first / 64 ? UINT64_MAX : UINT64_MAX >> (63 - last % 64);
        blocks[first / 64] |= up_to & UINT64_MAX << first % 64;
    }
}
