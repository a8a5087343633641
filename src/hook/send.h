/* Room hook: HTTP requests to others, many at once, by one thread (libcurl's multi interface).
 * Hostile answers end here: addresses are guarded when they are connected to, redirects are not
 * followed, an answer is bounded in time and bytes, and the environment's proxies, credentials and
 * protocols other than HTTP play no part. All functions are for that one thread, except
 * gj_sender_wake. */
#ifndef GJ_HOOK_SEND_H
#define GJ_HOOK_SEND_H

#include "base/buf.h"
#include "hook/guard.h"

struct gj_sender;

struct gj_sender_settings {
    const struct gj_hook_guard *guard; /* outlives the sender */
    const char *ca_file;               /* PEM of authorities to trust; NULL: the system's */
    long connect_ms, total_ms;         /* time for connecting, for the whole exchange */
    size_t reply_bytes_max;            /* of an answer's body; more is cut off */
};

struct gj_sender *gj_sender_new(const struct gj_sender_settings *settings); /* NULL: no memory */
void gj_sender_free(struct gj_sender *sender); /* requests under way are broken off */

/* Posts `body` to `url` with `headers` ("name: value" without line ends, `count` of them). All is
 * copied. `context` comes back with the reply. Returns -1 when out of memory. */
int gj_sender_post(struct gj_sender *sender, const char *url, const struct gj_buf *headers,
                   size_t count, struct gj_str body, void *context);

struct gj_reply {
    void *context;
    long status;         /* HTTP's; 0: there was no answer */
    bool cut;            /* the body was longer than reply_bytes_max */
    int64_t retry_after; /* seconds, as the answer asks for; 0: it does not */
    struct gj_str body;  /* what was kept of it; until the next call */
    const char *error;   /* why there was no whole answer; NULL: there was. Until the next call */
};

/* The next finished request; false: none. */
bool gj_sender_next(struct gj_sender *sender, struct gj_reply *reply);

/* Lets the requests go on; returns when something happens, after gj_sender_wake, or after `ms`. */
void gj_sender_wait(struct gj_sender *sender, int ms);
void gj_sender_wake(struct gj_sender *sender); /* from any thread */

#endif
