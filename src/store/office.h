/* Room store: the office, a database beside the engines' in which a server keeps what is not of
 * shops: tenants, users, API tokens, sessions, the audit log, webhooks, answers to repeated
 * requests.
 *
 * One office may be used by many threads (a lock inside) and by several processes (`guiju token`
 * beside a running server); every function is a transaction of its own, durable when it returns.
 * Functions return 0, or -1 with an error that names the file and the remedy, unless said
 * otherwise. Strings given are copied; strings of rows live during the callback, which must not
 * call the office. A callback that returns other than 0 ends the walk, and that is returned.
 * Instants are microseconds since 1970; GJ_NEVER: none. */
#ifndef GJ_STORE_OFFICE_H
#define GJ_STORE_OFFICE_H

#include "base/errors.h"

struct gj_office;

#define GJ_NEVER INT64_MAX

/* Opens or makes the office at `path`, readable by its owner alone, with the tenant "default".
 * NULL: told. */
struct gj_office *gj_office_open(const char *path, struct gj_errors *errors);
void gj_office_close(struct gj_office *office);

/* A number that is another one when people (tenants, users, tokens, sessions) may have changed, by
 * this process or another. Cheap; reads no row. */
int gj_office_version(struct gj_office *office, int64_t *version, struct gj_errors *errors);

/* Who does something, and when: what a function writes goes into the audit log with it, in the same
 * transaction. */
struct gj_office_act {
    struct gj_str actor; /* "user:alice", "token:3f2a", "cli:root" */
    int64_t at;
};

/* ---- tenants ---- */

/* 1 to 40 of a-z, 0-9 and '-', beginning with a letter or digit: a tenant's name is a file's name.
 */
bool gj_office_tenant_name_ok(struct gj_str name);

int gj_office_tenant_add(struct gj_office *office, struct gj_str name,
                         const struct gj_office_act *act, struct gj_errors *errors);
int gj_office_tenants(struct gj_office *office,
                      int (*each)(void *context, struct gj_str name, int64_t created),
                      void *context, struct gj_errors *errors);

/* ---- users and tokens ---- */

/* What somebody may do. The office only keeps it; people/people.h gives it its meaning. */
struct gj_office_rights {
    struct gj_str tenant;
    struct gj_str name;    /* a user's: unique in its tenant; a token's: what it is for */
    struct gj_str roles;   /* "admin,auditor" */
    struct gj_str sources; /* the only shops it is for, a line each: "/platform/shop"; empty: all */
    struct gj_str agent;   /* the agent_id of events that this person is; or empty */
};

struct gj_office_user {
    int64_t id; /* given */
    struct gj_office_rights rights;
    struct gj_str password; /* hash as crypto_pwhash_str makes it */
    bool disabled;
    int64_t created; /* given */
};

/* A name that the tenant has is refused. */
int gj_office_user_add(struct gj_office *office, const struct gj_office_user *user,
                       const struct gj_office_act *act, struct gj_errors *errors);
/* Both end all sessions of the user. */
int gj_office_user_password(struct gj_office *office, struct gj_str tenant, struct gj_str name,
                            struct gj_str password, const struct gj_office_act *act,
                            struct gj_errors *errors);
int gj_office_user_disable(struct gj_office *office, struct gj_str tenant, struct gj_str name,
                           bool disabled, const struct gj_office_act *act,
                           struct gj_errors *errors);
/* Calls `each` once if there is such a user. */
int gj_office_user_find(struct gj_office *office, struct gj_str tenant, struct gj_str name,
                        int (*each)(void *context, const struct gj_office_user *user),
                        void *context, struct gj_errors *errors);
/* Users of a tenant (empty: of all), by name. */
int gj_office_users(struct gj_office *office, struct gj_str tenant,
                    int (*each)(void *context, const struct gj_office_user *user), void *context,
                    struct gj_errors *errors);

struct gj_office_token {
    struct gj_str id; /* the public part */
    struct gj_office_rights rights;
    struct gj_str hash; /* of the whole token, in hex */
    int64_t created;    /* given */
    int64_t expires;    /* or GJ_NEVER */
    int64_t revoked;    /* or GJ_NEVER */
    int64_t used;       /* about when last; 0: not yet */
};

int gj_office_token_add(struct gj_office *office, const struct gj_office_token *token,
                        const struct gj_office_act *act, struct gj_errors *errors);
int gj_office_token_revoke(struct gj_office *office, struct gj_str tenant, struct gj_str id,
                           const struct gj_office_act *act, struct gj_errors *errors);
/* Tokens of a tenant (empty: of all), by age. */
int gj_office_tokens(struct gj_office *office, struct gj_str tenant,
                     int (*each)(void *context, const struct gj_office_token *token), void *context,
                     struct gj_errors *errors);
int gj_office_token_used(struct gj_office *office, struct gj_str id, int64_t at,
                         struct gj_errors *errors);

/* ---- sessions of signed-in users ---- */

struct gj_office_session {
    struct gj_str hash;         /* of the cookie, in hex */
    struct gj_office_user user; /* adding one reads its id alone */
    int64_t created, seen;
};

int gj_office_session_add(struct gj_office *office, const struct gj_office_session *session,
                          struct gj_errors *errors);
int gj_office_session_seen(struct gj_office *office, struct gj_str hash, int64_t at,
                           struct gj_errors *errors);
int gj_office_session_end(struct gj_office *office, struct gj_str hash, struct gj_errors *errors);
/* Sessions of users that are not disabled. */
int gj_office_sessions(struct gj_office *office,
                       int (*each)(void *context, const struct gj_office_session *session),
                       void *context, struct gj_errors *errors);
/* Ends those not seen since `seen` or begun before `created`. */
int gj_office_sessions_purge(struct gj_office *office, int64_t seen, int64_t created,
                             struct gj_errors *errors);

/* ---- failed attempts to sign in ---- */

struct gj_office_attempts {
    int64_t failures;
    int64_t since; /* the first of them */
};

/* Failures of `who` (any string) that began at or after `since`; none: 0. */
int gj_office_attempts(struct gj_office *office, struct gj_str who, int64_t since,
                       struct gj_office_attempts *out, struct gj_errors *errors);
/* Counts one more for each of `who`, and forgets all that began before `since`. */
int gj_office_attempt_failed(struct gj_office *office, const struct gj_str *who, size_t count,
                             int64_t since, int64_t now, struct gj_errors *errors);
int gj_office_attempts_forget(struct gj_office *office, struct gj_str who,
                              struct gj_errors *errors);

/* ---- answers to requests with an Idempotency-Key ---- */

struct gj_office_request {
    struct gj_str tenant, actor, key;
    struct gj_str hash; /* "FORM:HEX" of method, path, query and body; FORM: how it was made */
};

struct gj_office_answer {
    int64_t status; /* HTTP */
    struct gj_str type, body;
};

enum gj_office_repeat {
    GJ_REPEAT_NEW,     /* not seen before: do it, then gj_office_answered or _unanswered */
    GJ_REPEAT_RUNNING, /* its first time has not been answered yet */
    GJ_REPEAT_OTHER,   /* the key was used for another request */
    GJ_REPEAT_DONE     /* `each` was called with the answer */
};

/* Notes the request as begun unless it is known. One that began before `stale` and was never
 * answered (the server was killed) counts as new. A row whose hash is of another form, as an older
 * program left it, cannot be compared and counts as the same request: a client that asks again
 * after an upgrade must not have done twice what was done. */
int gj_office_repeat(struct gj_office *office, const struct gj_office_request *request, int64_t now,
                     int64_t stale, enum gj_office_repeat *out,
                     void (*each)(void *context, const struct gj_office_answer *answer),
                     void *context, struct gj_errors *errors);
int gj_office_answered(struct gj_office *office, const struct gj_office_request *request,
                       const struct gj_office_answer *answer, struct gj_errors *errors);
/* Forgets that it began: it failed in a way that repeating may mend. */
int gj_office_unanswered(struct gj_office *office, const struct gj_office_request *request,
                         struct gj_errors *errors);
/* Forgets all that began before `before`. */
int gj_office_answers_purge(struct gj_office *office, int64_t before, struct gj_errors *errors);

/* ---- the audit log: append-only, each row carries the hash of the one before ---- */

/* hash = BLAKE2b-256(hash of the row before, or 32 zeros; seq; at; then tenant, actor, action,
 * object, detail, each with its length), numbers as 8 bytes, little endian. */
struct gj_office_audit {
    int64_t seq; /* from 1, without gaps; given, as is `hash` */
    int64_t at;
    struct gj_str tenant, actor;
    struct gj_str action; /* "token.add", "event.post", "buyer.look" */
    struct gj_str object; /* to what */
    struct gj_str detail; /* a JSON object, or empty */
    struct gj_str hash;   /* in hex */
};

/* Appends them all, in order. */
int gj_office_audit_add(struct gj_office *office, const struct gj_office_audit *rows, size_t count,
                        struct gj_errors *errors);
/* Rows of a tenant (empty: of all) behind `after`, at most `limit`. */
int gj_office_audit_list(struct gj_office *office, struct gj_str tenant, int64_t after,
                         int64_t limit,
                         int (*each)(void *context, const struct gj_office_audit *row),
                         void *context, struct gj_errors *errors);

/* The log's head, its last row's seq and hash, is also kept in a file beside the office
 * ("OFFICE.head") and may be noted elsewhere, as "SEQ:HASH". */
struct gj_office_head {
    int64_t seq; /* 0: the log is empty */
    char hash[65];
};

/* 0 and false: that is none. */
bool gj_office_head_parse(struct gj_str text, struct gj_office_head *out);

/* Recomputes all hashes. Finds any row that was changed, removed, put between or reordered without
 * recomputing those behind it, and, by the file of the head, rows cut off at the end. Who may write
 * both files can make a new chain that agrees with itself: only a head that was `noted` elsewhere
 * (or NULL) shows that. Returns 0: whole; 1: the first row or head that does not agree is told in
 * `errors`; -1: could not be read, told. *head: as it is now. */
int gj_office_audit_verify(struct gj_office *office, const struct gj_office_head *noted,
                           struct gj_office_head *head, struct gj_errors *errors);

#endif
