/* Room server: messages judged, and bodies of several parts (see check.c). */
#ifndef GJ_SERVER_CHECK_H
#define GJ_SERVER_CHECK_H

#include "server/server.h"

enum gj_handled gj_check_one(struct gj_request *r);
enum gj_handled gj_check_batch(struct gj_request *r);

/* The next line of *rest, without its end. */
struct gj_str gj_next_line(struct gj_str *rest);

/* A body that is a JSON array and has been parsed: what is inside, and its elements one by one,
 * empty at the end. */
bool gj_body_is_array(struct gj_str body);
struct gj_str gj_array_inside(struct gj_str body);
struct gj_str gj_next_element(struct gj_str *rest);

/* Whether the Content-Type says JSON lines. */
bool gj_body_is_lines(const struct gj_request *r);

#endif
