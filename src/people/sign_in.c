/* Room people: signing in and out of the console, and how often somebody may try (see people.h).
 *
 * Failures are counted three ways, each over a quarter of an hour: of a user from one address, so
 * that a stranger elsewhere cannot lock the user out; of one address, whatever the users; and of a
 * user from anywhere, which bounds many addresses together. */
#include <arpa/inet.h>
#include <sodium.h>
#include <stdio.h>

#include "people/internal.h"
#include "people/secret.h"
#include "wire/json.h"

#define SECOND     INT64_C(1000000)
#define WINDOW     (15 * 60 * SECOND)
#define NAME_BYTES 100 /* longer is nobody's */

enum { BY_BOTH, BY_ADDRESS, BY_USER, WAYS };
static const int64_t failures_max[WAYS] = {5, 20, 50};

/* ---- how often ---- */

/* IPv6: its /64, which is one customer's; IPv4 in IPv6 is IPv4. */
static void network_of(struct gj_str address, char out[INET6_ADDRSTRLEN])
{
    struct in6_addr six;
    snprintf(out, INET6_ADDRSTRLEN, "%.*s", (int)address.len, address.ptr);
    if (inet_pton(AF_INET6, out, &six) != 1) {
        return;
    }
    if (IN6_IS_ADDR_V4MAPPED(&six)) {
        inet_ntop(AF_INET, six.s6_addr + 12, out, INET6_ADDRSTRLEN);
    } else {
        memset(six.s6_addr + 8, 0, 8);
        inet_ntop(AF_INET6, &six, out, INET6_ADDRSTRLEN);
    }
}

/* What each way counts under, in one buffer; true: there was memory. */
static bool name_ways(const struct gj_sign_in *attempt, struct gj_buf *buf,
                      struct gj_str ways[WAYS])
{
    char network[INET6_ADDRSTRLEN];
    size_t ends[WAYS];
    network_of(attempt->address, network);
    /* the address, which has no blank, stands first: no user's name makes one key into another */
    gj_buf_addf(buf, "%s %.*s/%.*s", network, (int)attempt->tenant.len, attempt->tenant.ptr,
                (int)attempt->user.len, attempt->user.ptr);
    ends[BY_BOTH] = buf->len;
    gj_buf_addf(buf, "%s", network);
    ends[BY_ADDRESS] = buf->len;
    gj_buf_addf(buf, "anywhere %.*s/%.*s", (int)attempt->tenant.len, attempt->tenant.ptr,
                (int)attempt->user.len, attempt->user.ptr);
    ends[BY_USER] = buf->len;
    for (size_t i = 0, at = 0; i < WAYS; at = ends[i++]) {
        ways[i] = (struct gj_str){buf->ptr + at, ends[i] - at};
    }
    return !buf->failed;
}

/* *wait: seconds until another attempt may be made, 0: now. */
static int look_for_wait(struct gj_office *office, const struct gj_str ways[WAYS], int64_t now,
                         int64_t *wait, struct gj_errors *errors)
{
    int status = 0;
    *wait = 0;
    for (size_t i = 0; status == 0 && i < WAYS; i++) {
        struct gj_office_attempts so_far;
        status = gj_office_attempts(office, ways[i], now - WINDOW, &so_far, errors);
        int64_t rest = (so_far.since + WINDOW - now) / SECOND + 1;
        if (so_far.failures >= failures_max[i] && rest > *wait) {
            *wait = rest;
        }
    }
    return status;
}

/* ---- signing in ---- */

struct found {
    bool there, disabled;
    bool damaged; /* its roles are none: a session of it would be left out */
    int64_t id;
    char password[GJ_PASSWORD_HASH];
};

static int keep_user(void *context, const struct gj_office_user *user)
{
    struct found *found = context;
    found->there = user->password.len < sizeof found->password;
    found->disabled = user->disabled;
    found->damaged = gj_roles_known(user->rights.roles) == 0;
    found->id = user->id;
    snprintf(found->password, sizeof found->password, "%.*s", (int)user->password.len,
             user->password.ptr);
    return 0;
}

/* Takes the same time whether the user is there or not. */
static bool proves(const struct found *found, struct gj_str password)
{
    if (!found->there) {
        gj_password_spend(password);
        return false;
    }
    return gj_password_matches(found->password, password) && !found->disabled;
}

static int write_audit(struct gj_people *people, const struct gj_sign_in *attempt, bool user,
                       struct gj_str action, int64_t now, struct gj_errors *errors)
{
    struct gj_buf actor, detail;
    gj_buf_init(&actor);
    gj_buf_init(&detail);
    gj_buf_addf(&actor, "user:%.*s", (int)attempt->user.len, attempt->user.ptr);
    gj_buf_add_cstr(&detail, "{\"address\":");
    gj_json_add_string(&detail, attempt->address);
    gj_buf_add_char(&detail, '}');
    struct gj_office_audit row = {.at = now,
                                  .tenant = user ? attempt->tenant : GJ_STR(""),
                                  .actor = gj_buf_str(&actor),
                                  .action = action,
                                  .object = attempt->user,
                                  .detail = gj_buf_str(&detail)};
    int status = actor.failed || detail.failed
                     ? gj_errors_say(errors, "out of memory while signing in")
                     : gj_office_audit_add(people->office, &row, 1, errors);
    gj_buf_release(&actor);
    gj_buf_release(&detail);
    return status;
}

static enum gj_signed begin_session(struct gj_people *people, const struct gj_sign_in *attempt,
                                    const struct found *found, int64_t now,
                                    struct gj_signed_in *out, struct gj_errors *errors)
{
    char hex[2 * GJ_SECRET_HASH + 1];
    gj_cookie_make(out->cookie);
    gj_csrf_of(gj_str_of(out->cookie), out->csrf);
    struct gj_secret_hash hash = gj_secret_hash(gj_str_of(out->cookie));
    gj_secret_hash_hex(&hash, hex);
    struct gj_office_session session = {
        .hash = gj_str_of(hex), .user = {.id = found->id}, .created = now, .seen = now};
    bool done = write_audit(people, attempt, true, GJ_STR("session.begin"), now, errors) == 0 &&
                gj_office_session_add(people->office, &session, errors) == 0 &&
                gj_people_refresh(people, now, errors) == 0;
    return done ? GJ_SIGNED_IN : GJ_SIGNED_FAILED;
}

static void complain_of_user(const struct gj_people *people, const struct gj_sign_in *attempt)
{
    char text[NAME_BYTES + 200];
    snprintf(text, sizeof text, GJ_USER_DAMAGED, (int)attempt->user.len, attempt->user.ptr,
             (int)attempt->tenant.len, attempt->tenant.ptr);
    gj_people_complain(people, text);
}

static enum gj_signed sign_in(struct gj_people *people, const struct gj_sign_in *attempt,
                              const struct gj_str ways[WAYS], int64_t now, struct gj_signed_in *out,
                              struct gj_errors *errors)
{
    struct found found = {0};
    if (look_for_wait(people->office, ways, now, &out->wait, errors) != 0) {
        return GJ_SIGNED_FAILED;
    }
    if (out->wait > 0) {
        return GJ_SIGNED_WAIT;
    }
    if (gj_office_user_find(people->office, attempt->tenant, attempt->user, keep_user, &found,
                            errors) != 0) {
        return GJ_SIGNED_FAILED;
    }
    bool proven = proves(&found, attempt->password);
    sodium_memzero(found.password, sizeof found.password);
    if (proven && found.damaged) {
        complain_of_user(people, attempt);
        return GJ_SIGNED_FAILED;
    }
    if (proven) {
        return gj_office_attempts_forget(people->office, ways[BY_BOTH], errors) == 0
                   ? begin_session(people, attempt, &found, now, out, errors)
                   : GJ_SIGNED_FAILED;
    }
    return gj_office_attempt_failed(people->office, ways, WAYS, now - WINDOW, now, errors) == 0 &&
                   write_audit(people, attempt, found.there, GJ_STR("session.refused"), now,
                               errors) == 0
               ? GJ_SIGNED_WRONG
               : GJ_SIGNED_FAILED;
}

enum gj_signed gj_people_sign_in(struct gj_people *people, const struct gj_sign_in *attempt,
                                 int64_t now, struct gj_signed_in *out, struct gj_errors *errors)
{
    struct gj_str ways[WAYS];
    struct gj_buf buf;
    *out = (struct gj_signed_in){0};
    bool nobody = attempt->user.len > NAME_BYTES || !gj_office_tenant_name_ok(attempt->tenant) ||
                  attempt->password.len > GJ_PASSWORD_MAX;
    if (nobody) {
        return GJ_SIGNED_WRONG;
    }
    gj_buf_init(&buf);
    enum gj_signed said = GJ_SIGNED_FAILED;
    if (name_ways(attempt, &buf, ways)) {
        pthread_mutex_lock(&people->password);
        said = sign_in(people, attempt, ways, now, out, errors);
        pthread_mutex_unlock(&people->password);
    } else {
        gj_errors_say(errors, "out of memory while signing in");
    }
    gj_buf_release(&buf);
    return said;
}

/* ---- signing out ---- */

int gj_people_sign_out(struct gj_people *people, struct gj_str cookie, int64_t now,
                       struct gj_errors *errors)
{
    struct gj_str value = gj_people_cookie(people, cookie);
    if (value.len == 0) {
        return 0;
    }
    char hex[2 * GJ_SECRET_HASH + 1];
    struct gj_secret_hash hash = gj_secret_hash(value);
    gj_secret_hash_hex(&hash, hex);
    return gj_office_session_end(people->office, gj_str_of(hex), errors) != 0
               ? -1
               : gj_people_refresh(people, now, errors);
}
