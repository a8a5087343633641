/* Room wire: what proves that a message comes from who it says: digests over it with a secret that
 * both sides know, and a cipher with such a key. */
#ifndef GJ_WIRE_SEAL_H
#define GJ_WIRE_SEAL_H

#include "wire/json.h"

enum gj_digest { GJ_DIGEST_MD5, GJ_DIGEST_SHA1, GJ_DIGEST_SHA256, GJ_DIGEST_HMAC_SHA256 };

/* "md5", "sha1", "sha256", "hmac-sha256", then NULL: by enum gj_digest. */
extern const char *const gj_digest_names[];

/* Whether `given`, in hexadecimal digits of either case or in base64, is the digest of `bytes`;
 * `key` is that of HMAC. Takes as long wherever they differ. */
bool gj_digest_matches(enum gj_digest digest, struct gj_str key, struct gj_str bytes,
                       struct gj_str given);

/* AES in CBC mode with an initial vector of zeros and PKCS #7 padding; `text` and `key` in base64,
 * the key of 16, 24 or 32 bytes. Appends what was encrypted to `out`. Returns NULL, or what is
 * wrong and what to do; GJ_JSON_NO_MEMORY when memory ran out. */
const char *gj_aes_cbc_open(struct gj_str text, struct gj_str key, struct gj_buf *out);

#endif
