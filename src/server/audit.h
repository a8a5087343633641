/* Room server: who did or looked at what, into the audit log (see audit.c). */
#ifndef GJ_SERVER_AUDIT_H
#define GJ_SERVER_AUDIT_H

#include "server/server.h"

/* Whether the request is one to be noted: it writes, or shows what is personal unmasked. Known once
 * it is known who asks. */
bool gj_audited(const struct gj_request *r);

/* Says what the request is about beyond its path: "42 events, first e1 of a shop". Copied. */
void gj_audit_about(struct gj_request *r, const char *text);

/* Notes the requests before what they ask is done. -1: that cannot be, and they must not be done.
 */
bool gj_audit_first(struct gj_request *r); /* one; false: that is answered */
int gj_audit_note(struct gj_server *server, struct gj_request *const *requests, size_t count,
                  gj_errors *errors);

#endif
