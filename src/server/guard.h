/* Room server: who may ask what (see server.h). */
#ifndef GJ_SERVER_GUARD_H
#define GJ_SERVER_GUARD_H

#include "server/server.h"

/* Finds out who asks and whether he may; what is refused is answered. */
void gj_guard(struct gj_request *r);

/* The same for a route that is open by itself: the caller must have one of these roles. */
void gj_guard_roles(struct gj_request *r, unsigned roles);

#endif
