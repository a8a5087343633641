/* Room wire: digests and the cipher (see seal.h), by nettle; libsodium has neither MD5 nor AES-CBC,
 * which the senders chose. */
#include "wire/seal.h"

#include <nettle/aes.h>
#include <nettle/cbc.h>
#include <nettle/hmac.h>
#include <nettle/md5.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <sodium.h>

#define DIGEST_BYTES_MAX SHA256_DIGEST_SIZE

const char *const gj_digest_names[] = {"md5", "sha1", "sha256", "hmac-sha256", NULL};

/* Returns the length of what is put into `out`. */
static size_t compute(enum gj_digest digest, struct gj_str key, struct gj_str bytes,
                      uint8_t out[DIGEST_BYTES_MAX])
{
    const uint8_t *data = (const uint8_t *)bytes.ptr;
    union {
        struct md5_ctx md5;
        struct sha1_ctx sha1;
        struct sha256_ctx sha256;
        struct hmac_sha256_ctx hmac;
    } state;
    switch (digest) {
    case GJ_DIGEST_MD5:
        md5_init(&state.md5);
        md5_update(&state.md5, bytes.len, data);
        md5_digest(&state.md5, MD5_DIGEST_SIZE, out);
        return MD5_DIGEST_SIZE;
    case GJ_DIGEST_SHA1:
        sha1_init(&state.sha1);
        sha1_update(&state.sha1, bytes.len, data);
        sha1_digest(&state.sha1, SHA1_DIGEST_SIZE, out);
        return SHA1_DIGEST_SIZE;
    case GJ_DIGEST_SHA256:
        sha256_init(&state.sha256);
        sha256_update(&state.sha256, bytes.len, data);
        sha256_digest(&state.sha256, SHA256_DIGEST_SIZE, out);
        return SHA256_DIGEST_SIZE;
    case GJ_DIGEST_HMAC_SHA256:
        hmac_sha256_set_key(&state.hmac, key.len, (const uint8_t *)key.ptr);
        hmac_sha256_update(&state.hmac, bytes.len, data);
        hmac_sha256_digest(&state.hmac, SHA256_DIGEST_SIZE, out);
        return SHA256_DIGEST_SIZE;
    }
    return 0;
}

static bool is_equal(const uint8_t *digest, size_t len, struct gj_str given, bool hex)
{
    uint8_t bytes[DIGEST_BYTES_MAX];
    size_t got = 0;
    int status = hex ? sodium_hex2bin(bytes, sizeof bytes, given.ptr, given.len, NULL, &got, NULL)
                     : sodium_base642bin(bytes, sizeof bytes, given.ptr, given.len, NULL, &got,
                                         NULL, sodium_base64_VARIANT_ORIGINAL);
    return status == 0 && got == len && sodium_memcmp(bytes, digest, len) == 0;
}

bool gj_digest_matches(enum gj_digest digest, struct gj_str key, struct gj_str bytes,
                       struct gj_str given)
{
    uint8_t right[DIGEST_BYTES_MAX];
    size_t len = compute(digest, key, bytes, right);
    return given.len == len * 2 ? is_equal(right, len, given, true)
                                : is_equal(right, len, given, false);
}

/* Decrypts whole blocks; the key's length chooses AES-128, -192 or -256. */
static void decrypt(const uint8_t *key, size_t key_len, size_t len, uint8_t *out,
                    const uint8_t *bytes)
{
    uint8_t vector[AES_BLOCK_SIZE] = {0};
    union {
        struct aes128_ctx aes128;
        struct aes192_ctx aes192;
        struct aes256_ctx aes256;
    } state;
    nettle_cipher_func *one_block = (nettle_cipher_func *)aes256_decrypt;
    if (key_len == AES128_KEY_SIZE) {
        aes128_set_decrypt_key(&state.aes128, key);
        one_block = (nettle_cipher_func *)aes128_decrypt;
    } else if (key_len == AES192_KEY_SIZE) {
        aes192_set_decrypt_key(&state.aes192, key);
        one_block = (nettle_cipher_func *)aes192_decrypt;
    } else {
        aes256_set_decrypt_key(&state.aes256, key);
    }
    cbc_decrypt(&state, one_block, AES_BLOCK_SIZE, vector, len, out, bytes);
    sodium_memzero(&state, sizeof state);
}

/* The length without PKCS #7 padding; `len` itself when there is none. */
static size_t without_padding(const char *bytes, size_t len)
{
    size_t pad = (unsigned char)bytes[len - 1];
    bool good = pad >= 1 && pad <= AES_BLOCK_SIZE;
    for (size_t i = 1; good && i <= pad; i++) {
        good = (unsigned char)bytes[len - i] == pad;
    }
    return good ? len - pad : len;
}

const char *gj_aes_cbc_open(struct gj_str text, struct gj_str key, struct gj_buf *out)
{
    static const char blanks[] = " \t\r\n\"";
    struct gj_buf sealed;
    uint8_t raw_key[AES256_KEY_SIZE];
    size_t key_len = 0, len = 0;
    if (sodium_base642bin(raw_key, sizeof raw_key, key.ptr, key.len, blanks, &key_len, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        (key_len != AES128_KEY_SIZE && key_len != AES192_KEY_SIZE && key_len != AES256_KEY_SIZE)) {
        return "the secret is no AES key in base64; copy the message key from the platform's "
               "console";
    }
    gj_buf_init(&sealed);
    const char *fault = NULL;
    if (gj_buf_reserve(&sealed, text.len + 1) != 0 || gj_buf_reserve(out, text.len + 1) != 0) {
        fault = GJ_JSON_NO_MEMORY;
    } else if (sodium_base642bin((unsigned char *)sealed.ptr, text.len + 1, text.ptr, text.len,
                                 blanks, &len, NULL, sodium_base64_VARIANT_ORIGINAL) != 0 ||
               len == 0 || len % AES_BLOCK_SIZE != 0) {
        fault = "the body is not encrypted as this platform does it (base64 of AES blocks); send "
                "it as it came";
    } else {
        decrypt(raw_key, key_len, len, (uint8_t *)out->ptr + out->len, (uint8_t *)sealed.ptr);
        out->len += without_padding(out->ptr + out->len, len);
        out->ptr[out->len] = '\0';
    }
    gj_buf_release(&sealed);
    sodium_memzero(raw_key, sizeof raw_key);
    return fault;
}
