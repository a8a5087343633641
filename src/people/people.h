/* Room people: who asks, and what they may do.
 *
 * gj_people_authenticate runs for every request, in any thread, and costs about a microsecond: it
 * reads an immutable picture of tokens and sessions in memory. gj_people_refresh, called once a
 * second, draws the picture anew when the office has changed, so that what another process revokes
 * ends within a second. Expiry is looked at each time.
 *
 * A tenant's people are told apart by nothing but the principal: whoever asks for a shop's data
 * must look at `tenant` and gj_principal_sees. */
#ifndef GJ_PEOPLE_H
#define GJ_PEOPLE_H

#include "store/office.h"

/* ---- roles ---- */

enum gj_role {
    GJ_ROLE_ADMIN = 1 << 0,       /* people, tokens, webhooks, settings */
    GJ_ROLE_RULE_EDITOR = 1 << 1, /* rulebooks: load, backtest */
    GJ_ROLE_INSPECTOR = 1 << 2,   /* reviews findings */
    GJ_ROLE_SUPERVISOR = 1 << 3,  /* decides appeals, reads all of the shops */
    GJ_ROLE_AGENT = 1 << 4,       /* checks messages, own findings and appeals */
    GJ_ROLE_AUDITOR = 1 << 5,     /* reads, also the audit log; writes nothing */
    GJ_ROLE_SERVICE = 1 << 6      /* a program: events in, checks, reads */
};
#define GJ_ROLES_ALL 0x7Fu
/* Whose work needs buyers' phones and addresses; to others they are masked (people/mask.h). */
#define GJ_ROLES_SEE_BUYERS (GJ_ROLE_INSPECTOR | GJ_ROLE_SUPERVISOR | GJ_ROLE_AGENT)

const char *gj_role_name(enum gj_role one); /* "rule_editor"; NULL: none */
/* "admin,auditor" -> bits. Names what is no role; -1: told. */
int gj_roles_parse(struct gj_str names, unsigned *roles, struct gj_errors *errors);
void gj_roles_write(unsigned roles, struct gj_buf *out);

/* ---- principals ---- */

struct gj_roster;
struct gj_badge;

struct gj_principal {
    struct gj_str tenant, name;
    struct gj_str actor;          /* for the audit log: "user:alice", "token:3f2a..." */
    struct gj_str agent;          /* the agent_id in events that this is; or empty */
    unsigned roles;               /* enum gj_role bits */
    const struct gj_str *sources; /* the only shops it is for */
    size_t source_count;          /* 0: all of the tenant */
    bool session;                 /* by cookie, else by token */
    struct gj_roster *roster;     /* private: keeps the strings */
    const struct gj_badge *badge; /* private */
};

/* To be called for each principal that was authenticated; it is empty then. */
void gj_principal_release(struct gj_principal *principal);

static inline bool gj_principal_may(const struct gj_principal *principal, unsigned any_of_roles)
{
    return (principal->roles & any_of_roles) != 0;
}

/* Whether a shop ("/platform/shop") of its tenant is open to it. */
bool gj_principal_sees(const struct gj_principal *principal, struct gj_str source);

/* ---- authenticating ---- */

struct gj_people;

struct gj_people_settings {
    int64_t session_idle; /* us without a request until a session ends; 0: 30 minutes */
    int64_t session_max;  /* us until it ends in any case; 0: 12 hours */
    bool insecure_cookie; /* for loopback without TLS: the cookie lacks Secure and __Host- */
    void (*complain)(void *context, const char *sentence); /* for the log; NULL: nobody listens */
    void *context;
};

/* The office is borrowed and must outlive it. NULL: told. */
struct gj_people *gj_people_new(struct gj_office *office, struct gj_people_settings settings,
                                struct gj_errors *errors);
/* No principal may be out any more. */
void gj_people_free(struct gj_people *people);

/* Draws the picture anew if the office has changed, and writes down when tokens were last used (to
 * the hour) and sessions seen (to the minute). One thread at a time. A token or a session that is
 * damaged is left out, which is complained of once. -1: told, the old picture stays. */
int gj_people_refresh(struct gj_people *people, int64_t now, struct gj_errors *errors);

/* What a request carries; what it does not have is empty. */
struct gj_credentials {
    struct gj_str authorization; /* "Bearer gj_..." */
    struct gj_str cookie;        /* the whole header */
    struct gj_str csrf;          /* X-CSRF-Token */
    bool writes;                 /* a method other than GET, HEAD and OPTIONS */
};

enum gj_authentic {
    GJ_AUTHENTIC,
    GJ_NOT_SHOWN, /* nothing that says who asks: 401 */
    GJ_NOT_KNOWN, /* no such token or session: 401 */
    GJ_EXPIRED,   /* 401 */
    GJ_REVOKED,   /* 401 */
    GJ_NO_CSRF    /* a session's request without its token, or with another: 403 */
};

/* On GJ_AUTHENTIC *out is to be released. An Authorization header goes before a cookie. */
enum gj_authentic gj_people_authenticate(struct gj_people *people,
                                         const struct gj_credentials *credentials, int64_t now,
                                         struct gj_principal *out);

/* Whether somebody authenticated earlier still is: for connections that stay open. */
enum gj_authentic gj_people_still(struct gj_people *people, const struct gj_principal *principal,
                                  int64_t now);

/* ---- signing in (sign_in.c) ---- */

#define GJ_SESSION_TEXT 64

struct gj_sign_in {
    struct gj_str tenant, user, password;
    struct gj_str
        address; /* the peer's, as inet_ntop writes it: the proxy's word if it is trusted */
};

enum gj_signed {
    GJ_SIGNED_IN,
    GJ_SIGNED_WRONG, /* user or password; which, is not told: 401 */
    GJ_SIGNED_WAIT,  /* too many failures: 429 and Retry-After */
    GJ_SIGNED_FAILED /* the office could not be read or written, told: 500 */
};

struct gj_signed_in {
    char cookie[GJ_SESSION_TEXT + 1]; /* secret */
    char csrf[GJ_SESSION_TEXT + 1];   /* for the page */
    int64_t wait;                     /* GJ_SIGNED_WAIT: seconds */
};

/* Takes 0.1 s and 64 MB, one at a time in the whole process: not for a thread that answers others.
 * A user that is not there, or is disabled, takes as long. The session is good at once. */
enum gj_signed gj_people_sign_in(struct gj_people *people, const struct gj_sign_in *attempt,
                                 int64_t now, struct gj_signed_in *out, struct gj_errors *errors);

/* Ends the session of that Cookie header, if it has one. */
int gj_people_sign_out(struct gj_people *people, struct gj_str cookie, int64_t now,
                       struct gj_errors *errors);

/* The value of Set-Cookie: of a new session, or, with `cookie` NULL, that which removes it. */
void gj_people_set_cookie(const struct gj_people *people, const char *cookie, struct gj_buf *out);

/* The CSRF token of the session of that Cookie header; false: it has none. */
bool gj_people_csrf(const struct gj_people *people, struct gj_str cookie,
                    char out[GJ_SESSION_TEXT + 1]);

#endif
