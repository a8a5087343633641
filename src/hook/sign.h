/* Room hook: signatures of what a hook sends. Webhooks are signed as Standard Webhooks 1.0 says
 * (https://www.standardwebhooks.com), robots as their makers document it. */
#ifndef GJ_HOOK_SIGN_H
#define GJ_HOOK_SIGN_H

#include "base/buf.h"

#define GJ_HOOK_SECRET_SIZE  52 /* "whsec_", base64 of 32 bytes, NUL */
#define GJ_HMAC_BASE64_SIZE  45 /* base64 of 32 bytes, NUL */
#define GJ_HOOK_MESSAGE_SIZE 37 /* "msg_", 32 hex digits, NUL */

/* A new secret "whsec_<base64>". */
void gj_hook_secret_new(char out[GJ_HOOK_SECRET_SIZE]);

/* Base64 of HMAC-SHA256 over the pieces of `message`, one after the other. */
void gj_hmac_base64(struct gj_str key, const struct gj_str *message, size_t pieces,
                    char out[GJ_HMAC_BASE64_SIZE]);

/* Appends "v1,<base64>" over `id.seconds.body`. Returns -1 when `secret` is none of
 * gj_hook_secret_new's form. */
int gj_hook_sign(struct gj_str secret, struct gj_str id, int64_t seconds, struct gj_str body,
                 struct gj_buf *out);

/* The name of a message: the same for the same pieces, another for others, and without a '.',
 * which parts what is signed. */
void gj_hook_message_id(const struct gj_str *pieces, size_t count, char out[GJ_HOOK_MESSAGE_SIZE]);

#endif
