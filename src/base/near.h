/* Room base: which of the known names was probably meant, for "did you mean". */
#ifndef GJ_BASE_NEAR_H
#define GJ_BASE_NEAR_H

#include "base/str.h"

/* A search. `best` is empty while nothing is near enough: a third of the name may differ, at most
 * four characters (bytes; two swapped neighbours count as one change). */
struct gj_near {
    struct gj_str wanted, best;
    unsigned changes; /* of best */
};

struct gj_near gj_near_begin(struct gj_str wanted);

/* Takes `name`, which must outlive the search, if it is nearer than all before. */
void gj_near_try(struct gj_near *near, struct gj_str name);

#endif
