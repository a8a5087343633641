/* Room people: users and tokens as they are given (see grant.h). */
#include "people/grant.h"

#include <sodium.h>

#include "base/utf8.h"
#include "people/people.h"

#define NAME_BYTES   100
#define SOURCE_BYTES 200

static bool is_plain(struct gj_str text)
{
    bool plain = gj_utf8_valid_prefix(text) == text.len;
    for (size_t i = 0; plain && i < text.len; i++) {
        plain = (unsigned char)text.ptr[i] >= 0x20 && text.ptr[i] != 0x7F;
    }
    return plain;
}

static int check_name(const char *what, struct gj_str name, size_t min, struct gj_errors *errors)
{
    if (name.len < min || name.len > NAME_BYTES || !is_plain(name)) {
        return gj_errors_say(errors, "%s must have %zu to %d bytes and no control characters", what,
                             min, NAME_BYTES);
    }
    return 0;
}

/* "/platform/shop" */
static bool is_source(struct gj_str source)
{
    const char *slash =
        source.len < 4 || source.ptr[0] != '/' ? NULL : memchr(source.ptr + 1, '/', source.len - 1);
    return slash != NULL && slash > source.ptr + 1 && slash + 1 < source.ptr + source.len &&
           source.len <= SOURCE_BYTES && is_plain(source);
}

/* Commas become line ends. */
static int read_sources(struct gj_str list, struct gj_buf *out, struct gj_errors *errors)
{
    while (list.len > 0) {
        const char *comma = memchr(list.ptr, ',', list.len);
        struct gj_str one = {list.ptr, comma == NULL ? list.len : (size_t)(comma - list.ptr)};
        size_t gone = comma == NULL ? one.len : one.len + 1;
        list = (struct gj_str){list.ptr + gone, list.len - gone};
        if (!is_source(one)) {
            return gj_errors_say(errors, "'%.*s' is no shop; write /platform/shop", (int)one.len,
                                 one.ptr);
        }
        gj_buf_add_cstr(out, out->len == 0 ? "" : "\n");
        gj_buf_add_str(out, one);
    }
    return 0;
}

/* What is kept of a grant, in two buffers that are to be released. */
static int read_grant(const struct gj_grant *grant, struct gj_buf *roles, struct gj_buf *sources,
                      struct gj_office_rights *out, struct gj_errors *errors)
{
    unsigned bits = 0;
    gj_buf_init(roles);
    gj_buf_init(sources);
    if (check_name("a name", grant->name, 1, errors) != 0 ||
        check_name("an agent", grant->agent, 0, errors) != 0 ||
        gj_roles_parse(grant->roles, &bits, errors) != 0 ||
        read_sources(grant->sources, sources, errors) != 0) {
        return -1;
    }
    gj_roles_write(bits, roles);
    *out = (struct gj_office_rights){.tenant = grant->tenant,
                                     .name = grant->name,
                                     .roles = gj_buf_str(roles),
                                     .sources = gj_buf_str(sources),
                                     .agent = grant->agent};
    return roles->failed || sources->failed ? gj_errors_say(errors, "out of memory") : 0;
}

int gj_grant_user(struct gj_office *office, const struct gj_grant *grant, struct gj_str password,
                  const struct gj_office_act *act, struct gj_errors *errors)
{
    struct gj_buf roles, sources;
    struct gj_office_user user = {0};
    char hash[GJ_PASSWORD_HASH];
    int status = read_grant(grant, &roles, &sources, &user.rights, errors) != 0 ||
                         gj_password_check(password, errors) != 0 ||
                         gj_password_hash(password, hash, errors) != 0
                     ? -1
                     : 0;
    if (status == 0) {
        user.password = gj_str_of(hash);
        status = gj_office_user_add(office, &user, act, errors);
    }
    gj_buf_release(&roles);
    gj_buf_release(&sources);
    return status;
}

int gj_grant_password(struct gj_office *office, struct gj_str tenant, struct gj_str name,
                      struct gj_str password, const struct gj_office_act *act,
                      struct gj_errors *errors)
{
    char hash[GJ_PASSWORD_HASH];
    return gj_password_check(password, errors) != 0 || gj_password_hash(password, hash, errors) != 0
               ? -1
               : gj_office_user_password(office, tenant, name, gj_str_of(hash), act, errors);
}

int gj_grant_token(struct gj_office *office, const struct gj_grant *grant,
                   const struct gj_office_act *act, struct gj_token_made *out,
                   struct gj_errors *errors)
{
    struct gj_buf roles, sources;
    struct gj_office_token token = {.expires = grant->expires};
    char hex[2 * GJ_SECRET_HASH + 1];
    int status = read_grant(grant, &roles, &sources, &token.rights, errors);
    if (status == 0 && grant->expires <= act->at) {
        status = gj_errors_say(errors, "the token would have expired already");
    }
    if (status == 0) {
        gj_token_make(out);
        struct gj_secret_hash hash = gj_secret_hash(gj_str_of(out->text));
        gj_secret_hash_hex(&hash, hex);
        token.id = gj_str_of(out->id);
        token.hash = gj_str_of(hex);
        status = gj_office_token_add(office, &token, act, errors);
    }
    if (status != 0) {
        sodium_memzero(out, sizeof *out);
    }
    gj_buf_release(&roles);
    gj_buf_release(&sources);
    return status;
}
