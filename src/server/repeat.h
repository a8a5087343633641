/* Room server: requests with an Idempotency-Key are done once and answered the same again for a day
 * (see repeat.c). */
#ifndef GJ_SERVER_REPEAT_H
#define GJ_SERVER_REPEAT_H

#include "server/server.h"

/* Whether the request is answered by what is known of its key. */
bool gj_repeat_find(struct gj_request *r);

/* Keeps the answer, if the request has a key. */
void gj_repeat_keep(struct gj_request *r);

#endif
