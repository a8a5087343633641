/* Room people: roles, the picture of tokens and sessions in memory, authenticating (see people.h).
 *
 * The picture, a roster, never changes but for the times of last use. It is counted by whom it is
 * held: by `people` as the one in force, and by each principal that was taken from it; the last to
 * let go frees it. */
#include "people/internal.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/map.h"
#include "base/vec.h"
#include "people/secret.h"

#define SECOND          INT64_C(1000000)
#define USED_AGAIN      (3600 * SECOND) /* a token's last use is written down to the hour */
#define SEEN_AGAIN      (60 * SECOND)   /* a session's to the minute */
#define PURGE_EVERY     (600 * SECOND)
#define SESSION_IDLE    (30 * 60 * SECOND)
#define SESSION_MAX     (12 * 3600 * SECOND)
#define COOKIE          "__Host-guiju"
#define COOKIE_INSECURE "guiju"

/* ---- roles ---- */

static const char *const role_names[] = {"admin", "rule_editor", "inspector", "supervisor",
                                         "agent", "auditor",     "service"};
#define ROLES (sizeof role_names / sizeof role_names[0])

const char *gj_role_name(enum gj_role one)
{
    for (size_t i = 0; i < ROLES; i++) {
        if (one == (enum gj_role)(1u << i)) {
            return role_names[i];
        }
    }
    return NULL;
}

static unsigned role_of(struct gj_str name)
{
    for (size_t i = 0; i < ROLES; i++) {
        if (gj_str_is(name, role_names[i])) {
            return 1u << i;
        }
    }
    return 0;
}

/* Cuts what stands before the first `mark`, or all, off the rest. */
static struct gj_str cut(struct gj_str *rest, char mark)
{
    const char *end = rest->len == 0 ? NULL : memchr(rest->ptr, mark, rest->len);
    size_t len = end == NULL ? rest->len : (size_t)(end - rest->ptr);
    struct gj_str part = {rest->ptr, len};
    size_t gone = end == NULL ? len : len + 1;
    *rest = (struct gj_str){rest->ptr + gone, rest->len - gone};
    return part;
}

unsigned gj_roles_known(struct gj_str names)
{
    unsigned roles = 0, one = 1;
    while (names.len > 0 && one != 0) {
        one = role_of(cut(&names, ','));
        roles |= one;
    }
    return one == 0 ? 0 : roles;
}

int gj_roles_parse(struct gj_str names, unsigned *roles, struct gj_errors *errors)
{
    *roles = 0;
    while (names.len > 0) {
        struct gj_str name = cut(&names, ',');
        unsigned one = role_of(name);
        if (one == 0) {
            return gj_errors_say(errors,
                                 "'%.*s' is no role; there are admin, rule_editor, inspector, "
                                 "supervisor, agent, auditor, service",
                                 (int)name.len, name.ptr);
        }
        *roles |= one;
    }
    return *roles != 0 ? 0 : gj_errors_say(errors, "no role is named");
}

void gj_roles_write(unsigned roles, struct gj_buf *out)
{
    const char *between = "";
    for (size_t i = 0; i < ROLES; i++) {
        if ((roles & 1u << i) != 0) {
            gj_buf_add_cstr(out, between);
            gj_buf_add_cstr(out, role_names[i]);
            between = ",";
        }
    }
}

/* ---- the roster ---- */

/* A token or a session. */
struct gj_badge {
    struct gj_principal who;           /* without `roster` and `badge` */
    struct gj_str id;                  /* a token's public id, a session's hash as in the office */
    struct gj_secret_hash hash;        /* of its secret */
    int64_t created, expires, revoked; /* a session has but the first */
    int64_t stored;                    /* `seen` as the office has it */
    _Atomic int64_t seen;
};

struct gj_roster {
    atomic_uint holders;
    struct gj_arena arena; /* of all strings */
    struct gj_badge **badges;
    size_t count, capacity;
    struct gj_map tokens;     /* by public id */
    struct gj_map sessions;   /* by the bytes of the hash */
    struct gj_map damaged;    /* sentences on what was left out */
    struct gj_errors *errors; /* while it is drawn */
    const struct gj_people *people;
};

static void roster_release(struct gj_roster *roster)
{
    if (roster != NULL && atomic_fetch_sub(&roster->holders, 1) == 1) {
        gj_map_release(&roster->tokens);
        gj_map_release(&roster->sessions);
        gj_map_release(&roster->damaged);
        free(roster->badges);
        gj_arena_release(&roster->arena);
        free(roster);
    }
}

static struct gj_roster *roster_new(const struct gj_people *people, struct gj_errors *errors)
{
    struct gj_roster *roster = calloc(1, sizeof *roster);
    if (roster == NULL) {
        gj_errors_say(errors, "out of memory while users and tokens were read");
        return NULL;
    }
    atomic_init(&roster->holders, 1);
    gj_arena_init(&roster->arena);
    gj_map_init(&roster->tokens);
    gj_map_init(&roster->sessions);
    gj_map_init(&roster->damaged);
    roster->errors = errors;
    roster->people = people;
    return roster;
}

void gj_people_complain(const struct gj_people *people, const char *sentence)
{
    if (people->settings.complain != NULL) {
        people->settings.complain(people->settings.context, sentence);
    }
}

/* Leaves a row out, and complains of it unless the roster before this one has. */
static int leave_out(struct gj_roster *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int leave_out(struct gj_roster *r, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const struct gj_roster *before = r->people->roster;
    struct gj_str sentence = gj_arena_copy(&r->arena, gj_str_of(text));
    if (sentence.ptr == NULL || gj_map_put(&r->damaged, sentence, 0) != 0) {
        return gj_errors_say(r->errors, "out of memory while users and tokens were read");
    }
    if (before == NULL || gj_map_get(&before->damaged, sentence) == GJ_MAP_NONE) {
        gj_people_complain(r->people, sentence.ptr);
    }
    return 0;
}

/* Lines -> array; false: out of memory. */
static bool split_sources(struct gj_arena *arena, struct gj_str lines, struct gj_principal *who)
{
    size_t count = lines.len > 0;
    for (size_t i = 0; i < lines.len; i++) {
        count += lines.ptr[i] == '\n';
    }
    struct gj_str *sources = gj_arena_array(arena, count + 1, sizeof *sources);
    for (size_t i = 0; sources != NULL && i < count; i++) {
        sources[i] = cut(&lines, '\n');
    }
    who->sources = sources;
    who->source_count = count;
    return sources != NULL;
}

static struct gj_str join(struct gj_arena *arena, const char *a, struct gj_str b)
{
    size_t len = strlen(a) + b.len;
    char *text = gj_arena_alloc(arena, len + 1);
    if (text != NULL) {
        memcpy(text, a, strlen(a));
        memcpy(text + strlen(a), b.ptr, b.len);
    }
    return (struct gj_str){text, len};
}

/* A badge with those rights and roles, listed; NULL: told. */
static struct gj_badge *badge_add(struct gj_roster *r, const struct gj_office_rights *rights,
                                  unsigned roles, const char *kind, struct gj_str actor)
{
    struct gj_badge *badge = gj_arena_alloc(&r->arena, sizeof *badge);
    struct gj_badge **badges =
        gj_grow(r->badges, &r->capacity, r->count + 1, sizeof(struct gj_badge *));
    if (badges != NULL) {
        r->badges = badges;
    }
    if (badge == NULL || badges == NULL) {
        gj_errors_say(r->errors, "out of memory while users and tokens were read");
        return NULL;
    }
    struct gj_principal *who = &badge->who;
    who->tenant = gj_arena_copy(&r->arena, rights->tenant);
    who->name = gj_arena_copy(&r->arena, rights->name);
    who->agent = gj_arena_copy(&r->arena, rights->agent);
    who->actor = join(&r->arena, kind, actor);
    struct gj_str lines = gj_arena_copy(&r->arena, rights->sources);
    if (lines.ptr == NULL || !split_sources(&r->arena, lines, who) || r->arena.failed) {
        gj_errors_say(r->errors, "out of memory while users and tokens were read");
        return NULL;
    }
    who->roles = roles;
    r->badges[r->count++] = badge;
    return badge;
}

static int index_badge(struct gj_roster *r, struct gj_map *map, struct gj_str key)
{
    return gj_map_put(map, key, (uint32_t)(r->count - 1)) == 0
               ? 0
               : gj_errors_say(r->errors, "out of memory while users and tokens were read");
}

static int add_token(void *context, const struct gj_office_token *token)
{
    struct gj_roster *r = context;
    struct gj_secret_hash hash;
    unsigned roles = gj_roles_known(token->rights.roles);
    if (roles == 0 || !gj_secret_hash_parse(token->hash, &hash)) {
        return leave_out(r, "token %.*s is damaged; revoke it and make another", (int)token->id.len,
                         token->id.ptr);
    }
    struct gj_badge *badge = badge_add(r, &token->rights, roles, "token:", token->id);
    if (badge == NULL) {
        return -1;
    }
    badge->hash = hash;
    badge->id = (struct gj_str){badge->who.actor.ptr + 6, token->id.len};
    badge->created = token->created;
    badge->expires = token->expires;
    badge->revoked = token->revoked;
    badge->stored = token->used;
    atomic_init(&badge->seen, token->used);
    return index_badge(r, &r->tokens, badge->id);
}

static int add_session(void *context, const struct gj_office_session *session)
{
    struct gj_roster *r = context;
    const struct gj_office_rights *rights = &session->user.rights;
    struct gj_secret_hash hash;
    unsigned roles = gj_roles_known(rights->roles);
    if (roles == 0) {
        return leave_out(r, GJ_USER_DAMAGED, (int)rights->name.len, rights->name.ptr,
                         (int)rights->tenant.len, rights->tenant.ptr);
    }
    if (!gj_secret_hash_parse(session->hash, &hash)) {
        return leave_out(r, "a session of user %.*s is damaged; sign in again",
                         (int)rights->name.len, rights->name.ptr);
    }
    struct gj_badge *badge = badge_add(r, rights, roles, "user:", rights->name);
    if (badge == NULL) {
        return -1;
    }
    badge->hash = hash;
    badge->id = gj_arena_copy(&r->arena, session->hash);
    badge->who.session = true;
    badge->created = session->created;
    badge->expires = badge->revoked = GJ_NEVER;
    badge->stored = session->seen;
    atomic_init(&badge->seen, session->seen);
    return index_badge(r, &r->sessions,
                       (struct gj_str){(const char *)badge->hash.bytes, sizeof badge->hash.bytes});
}

static struct gj_roster *roster_draw(const struct gj_people *people, struct gj_errors *errors)
{
    struct gj_roster *roster = roster_new(people, errors);
    if (roster != NULL &&
        (gj_office_tokens(people->office, GJ_STR(""), add_token, roster, errors) != 0 ||
         gj_office_sessions(people->office, add_session, roster, errors) != 0 ||
         roster->arena.failed)) {
        roster_release(roster);
        roster = NULL;
    }
    return roster;
}

static struct gj_roster *roster_hold(struct gj_people *people)
{
    pthread_mutex_lock(&people->lock);
    struct gj_roster *roster = people->roster;
    atomic_fetch_add(&roster->holders, 1);
    pthread_mutex_unlock(&people->lock);
    return roster;
}

/* ---- keeping it true ---- */

/* Writes down last uses that have moved on far enough. */
static int write_uses(struct gj_people *people, struct gj_errors *errors)
{
    struct gj_roster *r = people->roster; /* only the thread that refreshes replaces it */
    int status = 0;
    for (size_t i = 0; status == 0 && i < r->count; i++) {
        struct gj_badge *badge = r->badges[i];
        int64_t seen = atomic_load_explicit(&badge->seen, memory_order_relaxed);
        if (seen - badge->stored < (badge->who.session ? SEEN_AGAIN : USED_AGAIN)) {
            continue;
        }
        status = badge->who.session
                     ? gj_office_session_seen(people->office, badge->id, seen, errors)
                     : gj_office_token_used(people->office, badge->id, seen, errors);
        badge->stored = seen;
    }
    return status;
}

static int purge(struct gj_people *people, int64_t now, struct gj_errors *errors)
{
    if (now - people->purged < PURGE_EVERY && now >= people->purged) {
        return 0;
    }
    people->purged = now;
    return gj_office_sessions_purge(people->office,
                                    now - people->settings.session_idle - SEEN_AGAIN,
                                    now - people->settings.session_max, errors);
}

static int refresh(struct gj_people *people, int64_t now, struct gj_errors *errors)
{
    int64_t version = 0;
    if (people->roster != NULL && (write_uses(people, errors) | purge(people, now, errors)) != 0) {
        return -1;
    }
    if (gj_office_version(people->office, &version, errors) != 0) {
        return -1;
    }
    if (people->roster != NULL && version == people->version) {
        return 0;
    }
    struct gj_roster *fresh = roster_draw(people, errors);
    if (fresh == NULL) {
        return -1;
    }
    pthread_mutex_lock(&people->lock);
    struct gj_roster *old = people->roster;
    people->roster = fresh;
    people->version = version;
    pthread_mutex_unlock(&people->lock);
    roster_release(old);
    return 0;
}

int gj_people_refresh(struct gj_people *people, int64_t now, struct gj_errors *errors)
{
    pthread_mutex_lock(&people->drawing);
    int status = refresh(people, now, errors);
    pthread_mutex_unlock(&people->drawing);
    return status;
}

struct gj_people *gj_people_new(struct gj_office *office, struct gj_people_settings settings,
                                struct gj_errors *errors)
{
    struct gj_people *people = calloc(1, sizeof *people);
    if (people == NULL) {
        gj_errors_say(errors, "out of memory while users and tokens were read");
        return NULL;
    }
    people->office = office;
    people->settings = settings;
    people->settings.session_idle =
        settings.session_idle == 0 ? SESSION_IDLE : settings.session_idle;
    people->settings.session_max = settings.session_max == 0 ? SESSION_MAX : settings.session_max;
    pthread_mutex_init(&people->lock, NULL);
    pthread_mutex_init(&people->drawing, NULL);
    pthread_mutex_init(&people->password, NULL);
    if (gj_people_refresh(people, 0, errors) != 0) {
        gj_people_free(people);
        return NULL;
    }
    return people;
}

void gj_people_free(struct gj_people *people)
{
    if (people == NULL) {
        return;
    }
    roster_release(people->roster);
    pthread_mutex_destroy(&people->lock);
    pthread_mutex_destroy(&people->drawing);
    pthread_mutex_destroy(&people->password);
    free(people);
}

/* ---- what a request shows ---- */

/* "Bearer gj_..." -> the token; anything else is empty. */
static struct gj_str bearer(struct gj_str header)
{
    static const char scheme[] = "Bearer ";
    size_t len = sizeof scheme - 1;
    if (header.len <= len || strncasecmp(header.ptr, scheme, len) != 0) {
        return GJ_STR("");
    }
    while (len < header.len && header.ptr[len] == ' ') {
        len++;
    }
    return (struct gj_str){header.ptr + len, header.len - len};
}

static const char *cookie_name(const struct gj_people *people)
{
    return people->settings.insecure_cookie ? COOKIE_INSECURE : COOKIE;
}

struct gj_str gj_people_cookie(const struct gj_people *people, struct gj_str header)
{
    const char *name = cookie_name(people);
    while (header.len > 0) {
        struct gj_str value = cut(&header, ';');
        while (value.len > 0 && value.ptr[0] == ' ') {
            value = (struct gj_str){value.ptr + 1, value.len - 1};
        }
        if (gj_str_is(cut(&value, '='), name) && value.len == GJ_COOKIE_TEXT) {
            return value;
        }
    }
    return GJ_STR("");
}

void gj_people_set_cookie(const struct gj_people *people, const char *cookie, struct gj_buf *out)
{
    gj_buf_addf(out, "%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s", cookie_name(people),
                cookie == NULL ? "" : cookie, people->settings.insecure_cookie ? "" : "; Secure",
                cookie == NULL ? "; Max-Age=0" : "");
}

bool gj_people_csrf(const struct gj_people *people, struct gj_str cookie,
                    char out[GJ_SESSION_TEXT + 1])
{
    struct gj_str value = gj_people_cookie(people, cookie);
    if (value.len > 0) {
        gj_csrf_of(value, out);
    }
    return value.len > 0;
}

/* ---- authenticating ---- */

static void mark_seen(struct gj_badge *badge, int64_t now)
{
    int64_t seen = atomic_load_explicit(&badge->seen, memory_order_relaxed);
    if (now - seen >= SECOND) { /* seldom, so that threads do not fight over its line */
        atomic_store_explicit(&badge->seen, now, memory_order_relaxed);
    }
}

static enum gj_authentic still_good(const struct gj_people *people, const struct gj_badge *badge,
                                    int64_t now)
{
    if (badge->revoked != GJ_NEVER) {
        return GJ_REVOKED;
    }
    if (badge->expires <= now) {
        return GJ_EXPIRED;
    }
    int64_t seen = atomic_load_explicit(&badge->seen, memory_order_relaxed);
    bool over = badge->who.session && (now - seen > people->settings.session_idle ||
                                       now - badge->created > people->settings.session_max);
    return over ? GJ_EXPIRED : GJ_AUTHENTIC;
}

/* Looked up by what is public of it, then compared whole. NULL: there is none. */
static struct gj_badge *find_token(const struct gj_roster *roster, struct gj_str token)
{
    struct gj_str id = gj_token_id(token);
    uint32_t at = id.len == 0 ? GJ_MAP_NONE : gj_map_get(&roster->tokens, id);
    struct gj_secret_hash hash = gj_secret_hash(token);
    bool same = at != GJ_MAP_NONE && gj_secret_equal(&hash, &roster->badges[at]->hash);
    return same ? roster->badges[at] : NULL;
}

static struct gj_badge *find_session(const struct gj_roster *roster, struct gj_str cookie)
{
    struct gj_secret_hash hash = gj_secret_hash(cookie);
    uint32_t at =
        gj_map_get(&roster->sessions, (struct gj_str){(const char *)hash.bytes, sizeof hash.bytes});
    bool same = at != GJ_MAP_NONE && gj_secret_equal(&hash, &roster->badges[at]->hash);
    return same ? roster->badges[at] : NULL;
}

static bool csrf_good(struct gj_str cookie, struct gj_str shown)
{
    char expected[GJ_COOKIE_TEXT + 1];
    gj_csrf_of(cookie, expected);
    return shown.len == GJ_COOKIE_TEXT && sodium_memcmp(shown.ptr, expected, GJ_COOKIE_TEXT) == 0;
}

static enum gj_authentic authenticate(const struct gj_people *people,
                                      const struct gj_roster *roster,
                                      const struct gj_credentials *shown, int64_t now,
                                      struct gj_badge **badge)
{
    struct gj_str cookie = gj_people_cookie(people, shown->cookie);
    bool by_token = shown->authorization.len > 0;
    if (!by_token && cookie.len == 0) {
        return GJ_NOT_SHOWN;
    }
    *badge =
        by_token ? find_token(roster, bearer(shown->authorization)) : find_session(roster, cookie);
    if (*badge == NULL) {
        return GJ_NOT_KNOWN;
    }
    enum gj_authentic good = still_good(people, *badge, now);
    if (good == GJ_AUTHENTIC && !by_token && shown->writes && !csrf_good(cookie, shown->csrf)) {
        return GJ_NO_CSRF;
    }
    return good;
}

enum gj_authentic gj_people_authenticate(struct gj_people *people,
                                         const struct gj_credentials *credentials, int64_t now,
                                         struct gj_principal *out)
{
    struct gj_roster *roster = roster_hold(people);
    struct gj_badge *badge = NULL;
    *out = (struct gj_principal){0};
    enum gj_authentic said = authenticate(people, roster, credentials, now, &badge);
    if (said != GJ_AUTHENTIC) {
        roster_release(roster);
        return said;
    }
    mark_seen(badge, now);
    *out = badge->who;
    out->roster = roster;
    out->badge = badge;
    return GJ_AUTHENTIC;
}

enum gj_authentic gj_people_still(struct gj_people *people, const struct gj_principal *principal,
                                  int64_t now)
{
    const struct gj_badge *old = principal->badge;
    if (old == NULL) { /* made by the caller, not by gj_people_authenticate */
        return GJ_NOT_SHOWN;
    }
    struct gj_roster *roster = roster_hold(people);
    struct gj_str hash = {(const char *)old->hash.bytes, sizeof old->hash.bytes};
    uint32_t at = old->who.session ? gj_map_get(&roster->sessions, hash)
                                   : gj_map_get(&roster->tokens, old->id);
    enum gj_authentic said =
        at == GJ_MAP_NONE ? GJ_NOT_KNOWN : still_good(people, roster->badges[at], now);
    roster_release(roster);
    return said;
}

void gj_principal_release(struct gj_principal *principal)
{
    roster_release(principal->roster);
    *principal = (struct gj_principal){0};
}

bool gj_principal_sees(const struct gj_principal *principal, struct gj_str source)
{
    bool sees = principal->source_count == 0;
    for (size_t i = 0; !sees && i < principal->source_count; i++) {
        sees = gj_str_eq(principal->sources[i], source);
    }
    return sees;
}
