/* Room server: signing in and out, for a console in a browser (see session.c). */
#ifndef GJ_SERVER_SESSION_H
#define GJ_SERVER_SESSION_H

#include "server/server.h"

enum gj_handled gj_login(struct gj_request *r);
enum gj_handled gj_logout(struct gj_request *r);
enum gj_handled gj_me(struct gj_request *r);

#endif
