/* Room server: pictures drawn by Graphviz, for the server and `guiju draw` alike. */
#ifndef GJ_SERVER_DOT_H
#define GJ_SERVER_DOT_H

#include "base/errors.h"

/* Runs `dot -TFORM` ("svg", "png", "pdf") with `source` as its input; what it writes goes to the
 * descriptor `out`. Takes at most `seconds`, then it is ended. -1: told, with the remedy. */
int gj_dot(const char *form, const char *source, int out, int seconds, struct gj_errors *errors);

#endif
