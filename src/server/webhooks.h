/* Room server: the routes of webhooks and robots, and the outbox they are fed from (webhooks.c). */
#ifndef GJ_SERVER_WEBHOOKS_H
#define GJ_SERVER_WEBHOOKS_H

#include "server/server.h"

/* The thread that sends; NULL: told. */
struct gj_hooks *gj_webhooks_start(struct gj_server *server, gj_errors *errors);

enum gj_handled gj_webhooks_list(struct gj_request *r);
enum gj_handled gj_webhooks_add(struct gj_request *r);
enum gj_handled gj_webhooks_remove(struct gj_request *r);
enum gj_handled gj_webhooks_rotate(struct gj_request *r);
enum gj_handled gj_webhooks_enable(struct gj_request *r);
enum gj_handled gj_webhooks_disable(struct gj_request *r);
enum gj_handled gj_webhooks_test(struct gj_request *r);
enum gj_handled gj_webhooks_deliveries(struct gj_request *r);
enum gj_handled gj_webhooks_resend(struct gj_request *r);

#endif
