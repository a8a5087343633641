/* Room server: bodies of several parts, and what a URL writes as %XX. Of bytes alone: no request.
 */
#ifndef GJ_SERVER_PARTS_H
#define GJ_SERVER_PARTS_H

#include "base/arena.h"

/* The next line of *rest, without its end and the blanks before that. */
struct gj_str gj_next_line(struct gj_str *rest);

/* A body that is a JSON array and has been parsed: what is inside, and its elements one by one,
 * empty at the end. */
bool gj_body_is_array(struct gj_str body);
struct gj_str gj_array_inside(struct gj_str body);
struct gj_str gj_next_element(struct gj_str *rest);

/* Undoes %XX into `arena`; false: it is not well formed, no UTF-8, or holds a NUL. */
bool gj_percent_decode(struct gj_arena *arena, struct gj_str in, struct gj_str *out);

#endif
