/* Room server: messages judged (see check.c). */
#ifndef GJ_SERVER_CHECK_H
#define GJ_SERVER_CHECK_H

#include "server/server.h"

enum gj_handled gj_check_one(struct gj_request *r);
enum gj_handled gj_check_batch(struct gj_request *r);

#endif
