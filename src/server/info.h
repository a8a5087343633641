/* Room server: what the server tells of itself (see info.c). */
#ifndef GJ_SERVER_INFO_H
#define GJ_SERVER_INFO_H

#include "server/server.h"

enum gj_handled gj_healthz(struct gj_request *r);
enum gj_handled gj_readyz(struct gj_request *r);
enum gj_handled gj_metrics_get(struct gj_request *r);
enum gj_handled gj_openapi_get(struct gj_request *r);

#endif
