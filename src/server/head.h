/* Room server: what a request's head says before anything is done: the language of the answer, and
 * whether its framing is beyond doubt. */
#ifndef GJ_SERVER_HEAD_H
#define GJ_SERVER_HEAD_H

#include "server/server.h"

/* Whether an Accept-Language (RFC 9110, 12.5.4; NULL: none) asks for English rather than Chinese,
 * which is the answer to all who ask for neither. */
bool gj_language_is_english(const char *accepted);

/* A head that two readers may frame differently (RFC 9112, 3.2 and 6.3): a second Host, two
 * lengths, a length beside a transfer coding, a coding other than chunked. What is so is answered:
 * false; the connection is then to be closed, as nobody knows where the next request begins. */
bool gj_framing_is_sure(struct gj_request *r);

/* The path of a target that may be a whole URL (RFC 9112, 3.2.2). */
const char *gj_target_path(const char *target);

#endif
