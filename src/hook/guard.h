/* Room hook: where hooks may be sent. A server that posts to addresses of others' choosing must
 * not become a door into its own network: URLs are checked when a hook is made, and every address
 * once more at the moment of connecting, when the name has been resolved, so that a name that
 * changes its address in between gains nothing. */
#ifndef GJ_HOOK_GUARD_H
#define GJ_HOOK_GUARD_H

#include <sys/socket.h>

#include "base/str.h"

struct gj_cidr { /* IPv4 as ::ffff:a.b.c.d */
    unsigned char address[16];
    unsigned bits; /* 0..128 */
};

struct gj_hook_guard {
    bool http;                     /* http:// too; else https:// alone */
    bool all;                      /* any address */
    const struct gj_cidr *allowed; /* addresses that may be reached although refused as a rule */
    size_t allowed_count;
};

#define GJ_HOOK_URL_MAX 2048 /* bytes */

/* "10.1.0.0/16", "fd00::/8", or one address. Returns -1 when the text is none. */
int gj_cidr_parse(struct gj_str text, struct gj_cidr *out);

/* NULL when the address may be connected to; else what it is: "loopback", "private" ... */
const char *gj_hook_guard_address(const struct gj_hook_guard *guard,
                                  const struct sockaddr *address);

enum gj_hook_url {
    GJ_HOOK_URL_OK,
    GJ_HOOK_URL_BAD,         /* no URL, too long, or with bytes that do not belong into one */
    GJ_HOOK_URL_SCHEME,      /* neither https nor, if allowed, http */
    GJ_HOOK_URL_CREDENTIALS, /* user:password@ */
    GJ_HOOK_URL_FRAGMENT,    /* #..., which is never sent */
    GJ_HOOK_URL_ADDRESS      /* an address in figures that the guard refuses */
};

/* Names are not resolved here: that is for the moment of sending. `url` ends in a NUL. */
enum gj_hook_url gj_hook_guard_url(const struct gj_hook_guard *guard, const char *url);

#endif
