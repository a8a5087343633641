/* Room text: what the finders of digits share: taking groups of a chain (see digits.h). */
#include "text/digits.h"

/* Adds groups g..h (and `prefix` units before) as a find; returns the groups consumed. */
unsigned gj_digits_take(struct gj_digits *d, enum gj_extract_kind kind, unsigned h, uint32_t prefix)
{
    uint32_t first = d->chain.groups[0].first - prefix, last = d->chain.groups[h].last;
    if (!gj_finder_taken(d->f, first, last)) {
        gj_finder_add(d->f, kind, first, last, true);
    }
    d->last_cue = kind == GJ_X_WAYBILL || kind == GJ_X_ITEM_NUMBER ? d->cue : GJ_CUE_NONE;
    d->last_end = last + 1;
    return h + 1;
}
