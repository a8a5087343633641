/* Room people: tokens, cookies, passwords and their hashes (see secret.h). */
#include "people/secret.h"

#include <sodium.h>
#include <stdio.h>

#include "base/utf8.h"

_Static_assert(GJ_PASSWORD_HASH == crypto_pwhash_STRBYTES, "the size of libsodium's hashes");

struct gj_secret_hash gj_secret_hash(struct gj_str secret)
{
    struct gj_secret_hash out;
    crypto_generichash(out.bytes, sizeof out.bytes, (const unsigned char *)secret.ptr, secret.len,
                       NULL, 0);
    return out;
}

void gj_secret_hash_hex(const struct gj_secret_hash *hash, char out[2 * GJ_SECRET_HASH + 1])
{
    sodium_bin2hex(out, 2 * GJ_SECRET_HASH + 1, hash->bytes, sizeof hash->bytes);
}

bool gj_secret_hash_parse(struct gj_str hex, struct gj_secret_hash *out)
{
    size_t len = 0;
    return sodium_hex2bin(out->bytes, sizeof out->bytes, hex.ptr, hex.len, NULL, &len, NULL) == 0 &&
           len == sizeof out->bytes && hex.len == 2 * GJ_SECRET_HASH;
}

bool gj_secret_equal(const struct gj_secret_hash *a, const struct gj_secret_hash *b)
{
    return sodium_memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

static void random_hex(char *out, size_t digits)
{
    unsigned char bytes[32];
    randombytes_buf(bytes, digits / 2);
    sodium_bin2hex(out, digits + 1, bytes, digits / 2);
    sodium_memzero(bytes, sizeof bytes);
}

/* ---- tokens ---- */

void gj_token_make(struct gj_token_made *out)
{
    char secret[65];
    random_hex(out->id, GJ_TOKEN_ID);
    random_hex(secret, 64);
    snprintf(out->text, sizeof out->text, "gj_%s_%s", out->id, secret);
    sodium_memzero(secret, sizeof secret);
}

struct gj_str gj_token_id(struct gj_str text)
{
    bool shaped = text.len == GJ_TOKEN_TEXT && memcmp(text.ptr, "gj_", 3) == 0 &&
                  text.ptr[3 + GJ_TOKEN_ID] == '_';
    return shaped ? (struct gj_str){text.ptr + 3, GJ_TOKEN_ID} : GJ_STR("");
}

/* ---- sessions ---- */

void gj_cookie_make(char out[GJ_COOKIE_TEXT + 1])
{
    random_hex(out, GJ_COOKIE_TEXT);
}

void gj_csrf_of(struct gj_str cookie, char out[GJ_COOKIE_TEXT + 1])
{
    static const unsigned char purpose[] =
        "guiju csrf token"; /* another hash than the stored one */
    unsigned char hash[GJ_COOKIE_TEXT / 2];
    crypto_generichash(hash, sizeof hash, (const unsigned char *)cookie.ptr, cookie.len, purpose,
                       sizeof purpose - 1);
    sodium_bin2hex(out, GJ_COOKIE_TEXT + 1, hash, sizeof hash);
}

/* ---- passwords ---- */

int gj_password_check(struct gj_str password, struct gj_errors *errors)
{
    size_t characters = 0;
    for (size_t i = 0; i < password.len; i++) {
        characters += ((unsigned char)password.ptr[i] & 0xC0) != 0x80;
    }
    if (gj_utf8_valid_prefix(password) != password.len ||
        (password.len > 0 && memchr(password.ptr, '\0', password.len) != NULL)) {
        return gj_errors_say(errors, "the password is no UTF-8 text");
    }
    if (characters < GJ_PASSWORD_MIN) {
        return gj_errors_say(errors, "the password is too short: at least %d characters",
                             GJ_PASSWORD_MIN);
    }
    if (password.len > GJ_PASSWORD_MAX) {
        return gj_errors_say(errors, "the password is too long: at most %d bytes", GJ_PASSWORD_MAX);
    }
    return 0;
}

int gj_password_hash(struct gj_str password, char out[GJ_PASSWORD_HASH], struct gj_errors *errors)
{
    if (crypto_pwhash_str(out, password.ptr, password.len, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                          crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0) {
        return gj_errors_say(errors, "out of memory: hashing a password needs 64 MB");
    }
    return 0;
}

bool gj_password_matches(const char *hash, struct gj_str password)
{
    return crypto_pwhash_str_verify(hash, password.ptr, password.len) == 0;
}

void gj_password_spend(struct gj_str password)
{
    char unused[GJ_PASSWORD_HASH];
    int status =
        crypto_pwhash_str(unused, password.ptr, password.len, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                          crypto_pwhash_MEMLIMIT_INTERACTIVE);
    (void)status;
}
