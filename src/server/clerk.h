/* Room server: the clerk: a thread for what takes long and touches no engine by itself: signing in,
 * pictures, rulebooks that are loaded, decisions (see clerk.c). */
#ifndef GJ_SERVER_CLERK_H
#define GJ_SERVER_CLERK_H

#include "server/server.h"

struct gj_clerk;

struct gj_clerk *gj_clerk_new(void); /* NULL: out of memory or threads */
/* Does what waits; what comes later is refused. Before the desk is stopped, which tasks may call.
 */
void gj_clerk_stop(struct gj_clerk *clerk);
void gj_clerk_free(struct gj_clerk *clerk); /* stopped; no request may be left */

/* Suspends the request; `run` fills its answer on the clerk's thread. */
enum gj_handled gj_clerk_ask(struct gj_request *r, void (*run)(struct gj_request *r));

#endif
