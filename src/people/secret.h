/* Room people: secrets: API tokens, cookies of sessions, passwords. What is stored of them is a
 * hash.
 *
 * Tokens and cookies are 256 random bits, so that a fast hash (BLAKE2b-256) guards them as well as
 * a slow one; passwords are what people think of, so argon2id. Everything is compared in constant
 * time. gj_office_open has made libsodium ready. */
#ifndef GJ_PEOPLE_SECRET_H
#define GJ_PEOPLE_SECRET_H

#include "base/errors.h"

#define GJ_SECRET_HASH 32 /* bytes */

struct gj_secret_hash {
    unsigned char bytes[GJ_SECRET_HASH];
};

struct gj_secret_hash gj_secret_hash(struct gj_str secret);
void gj_secret_hash_hex(const struct gj_secret_hash *hash, char out[2 * GJ_SECRET_HASH + 1]);
/* False: that is no hash in hex. */
bool gj_secret_hash_parse(struct gj_str hex, struct gj_secret_hash *out);
bool gj_secret_equal(const struct gj_secret_hash *a, const struct gj_secret_hash *b);

/* ---- API tokens: "gj_" public id "_" secret, in hex ---- */

#define GJ_TOKEN_ID   16
#define GJ_TOKEN_TEXT (3 + GJ_TOKEN_ID + 1 + 64)

struct gj_token_made {
    char id[GJ_TOKEN_ID + 1];
    char text[GJ_TOKEN_TEXT + 1]; /* to be shown once and then forgotten by sodium_memzero */
};

void gj_token_make(struct gj_token_made *out);
/* The public id of something shaped like a token; empty: it is none. */
struct gj_str gj_token_id(struct gj_str text);

/* ---- sessions ---- */

#define GJ_COOKIE_TEXT 64

void gj_cookie_make(char out[GJ_COOKIE_TEXT + 1]);
/* What a page must send along with whatever it writes: only who has read it from an answer of ours
 * knows it. It is derived from the cookie, so that nothing more is stored. */
void gj_csrf_of(struct gj_str cookie, char out[GJ_COOKIE_TEXT + 1]);

/* ---- passwords ---- */

#define GJ_PASSWORD_HASH 128  /* crypto_pwhash_STRBYTES */
#define GJ_PASSWORD_MIN  10   /* characters */
#define GJ_PASSWORD_MAX  1024 /* bytes */

/* Whether it may be somebody's password: told what is wrong with it. */
int gj_password_check(struct gj_str password, struct gj_errors *errors);
/* About 0.1 s and 64 MB, as the two below. */
int gj_password_hash(struct gj_str password, char out[GJ_PASSWORD_HASH], struct gj_errors *errors);
bool gj_password_matches(const char *hash, struct gj_str password);
/* Takes as long as gj_password_matches, for users that are not there. */
void gj_password_spend(struct gj_str password);

#endif
