/* Room server: what platforms push, in their own envelopes (see ingest.c). */
#ifndef GJ_SERVER_INGEST_H
#define GJ_SERVER_INGEST_H

#include "server/server.h"

enum gj_handled gj_ingest_post(struct gj_request *r);

#endif
