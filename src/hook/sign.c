/* Room hook: signatures of what a hook sends (see sign.h). */
#include "hook/sign.h"

#include <sodium.h>

#define PREFIX     "whsec_"
#define PREFIX_LEN (sizeof PREFIX - 1)
#define KEY_BYTES  32
#define KEY_MAX    64 /* bytes, the standard's maximum */

void gj_hook_secret_new(char out[GJ_HOOK_SECRET_SIZE])
{
    unsigned char key[KEY_BYTES];
    randombytes_buf(key, sizeof key);
    memcpy(out, PREFIX, PREFIX_LEN);
    sodium_bin2base64(out + PREFIX_LEN, GJ_HOOK_SECRET_SIZE - PREFIX_LEN, key, sizeof key,
                      sodium_base64_VARIANT_ORIGINAL);
    sodium_memzero(key, sizeof key);
}

void gj_hmac_base64(struct gj_str key, const struct gj_str *message, size_t pieces,
                    char out[GJ_HMAC_BASE64_SIZE])
{
    crypto_auth_hmacsha256_state state;
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)key.ptr, key.len);
    for (size_t i = 0; i < pieces; i++) {
        crypto_auth_hmacsha256_update(&state, (const unsigned char *)message[i].ptr,
                                      message[i].len);
    }
    crypto_auth_hmacsha256_final(&state, mac);
    sodium_bin2base64(out, GJ_HMAC_BASE64_SIZE, mac, sizeof mac, sodium_base64_VARIANT_ORIGINAL);
    sodium_memzero(&state, sizeof state);
}

int gj_hook_sign(struct gj_str secret, struct gj_str id, int64_t seconds, struct gj_str body,
                 struct gj_buf *out)
{
    unsigned char key[KEY_MAX];
    size_t key_len = 0;
    char signature[GJ_HMAC_BASE64_SIZE], time[24];
    if (!gj_str_starts(secret, GJ_STR(PREFIX)) ||
        sodium_base642bin(key, sizeof key, secret.ptr + PREFIX_LEN, secret.len - PREFIX_LEN, NULL,
                          &key_len, NULL, sodium_base64_VARIANT_ORIGINAL) != 0) {
        return -1;
    }
    snprintf(time, sizeof time, "%lld", (long long)seconds);
    const struct gj_str pieces[] = {id, GJ_STR("."), gj_str_of(time), GJ_STR("."), body};
    gj_hmac_base64((struct gj_str){(const char *)key, key_len}, pieces, 5, signature);
    sodium_memzero(key, sizeof key);
    gj_buf_add_cstr(out, "v1,");
    gj_buf_add_cstr(out, signature);
    return 0;
}

void gj_hook_message_id(const struct gj_str *pieces, size_t count, char out[GJ_HOOK_MESSAGE_SIZE])
{
    crypto_generichash_state state;
    unsigned char hash[16];
    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    for (size_t i = 0; i < count; i++) { /* lengths too, so that pieces do not run together */
        uint64_t len = pieces[i].len;
        crypto_generichash_update(&state, (const unsigned char *)&len, sizeof len);
        crypto_generichash_update(&state, (const unsigned char *)pieces[i].ptr, pieces[i].len);
    }
    crypto_generichash_final(&state, hash, sizeof hash);
    memcpy(out, "msg_", 4);
    sodium_bin2hex(out + 4, GJ_HOOK_MESSAGE_SIZE - 4, hash, sizeof hash);
}
