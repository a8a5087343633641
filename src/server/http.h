/* Room server: connections and bytes (http.c), to its own files. */
#ifndef GJ_SERVER_HTTP_H
#define GJ_SERVER_HTTP_H

#include <sys/socket.h>

#include "server/server.h"

struct MHD_Response;

/* Listens. Returns 0, or -1: told. */
int gj_http_start(struct gj_server *server, const struct sockaddr *address, gj_errors *errors);
/* Takes no further connections, and waits a little for requests and answers on their way. */
void gj_http_quiesce(struct gj_server *server);
void gj_http_stop(struct gj_server *server); /* waits a little for the answers at hand */

/* Cuts off who takes too long over a head or a body; once a second. */
void gj_http_sweep(struct gj_server *server);

/* Before a job is handed to another thread, which answers it by gj_request_resume. */
void gj_request_suspend(struct gj_request *r);

/* The caller's address in words, into `out`. */
struct gj_str gj_request_address(const struct gj_request *r, char *out, size_t size);

/* ---- thread.c: what each serving thread keeps ---- */

struct gj_request *gj_thread_request(struct gj_server *server); /* NULL: out of memory */
void gj_thread_request_done(struct gj_request *r);
void gj_thread_end(void *state); /* what the thread has kept is freed */

struct gj_mask_json *gj_thread_mask(struct gj_server *server); /* NULL: out of memory */

/* stream.c: the answer to a listener. */
struct MHD_Response *gj_stream_response(struct gj_request *r);

#endif
