/* Tests of room people: people: tokens, sessions, signing in, what another process revokes. */
#include <pthread.h>
#include <stdatomic.h>

#include "office_support.h"
#include "people/people.h"
#include "people/secret.h"

#define NOW    (1000000 * SECOND)
#define MINUTE (60 * SECOND)

struct people_test {
    struct office_test o;
    struct gj_people *people;
};

static void people_begin(struct people_test *t)
{
    office_begin(&t->o);
    t->people = gj_people_new(t->o.office, (struct gj_people_settings){0}, &t->o.errors);
    cr_assert_not_null(t->people);
}

static void people_end(struct people_test *t)
{
    gj_people_free(t->people);
    office_end(&t->o);
}

static void refresh(struct people_test *t, int64_t now)
{
    cr_assert_eq(gj_people_refresh(t->people, now, &t->o.errors), 0, "%s", office_said(&t->o));
}

static struct gj_token_made add_token_of(struct people_test *t, const char *roles,
                                         const char *sources, int64_t expires, bool damaged)
{
    struct gj_token_made made;
    char hex[65];
    gj_token_make(&made);
    struct gj_secret_hash hash = gj_secret_hash(S(made.text));
    gj_secret_hash_hex(&hash, hex);
    hex[0] = damaged ? '?' : hex[0];
    struct gj_office_token token = {.id = S(made.id),
                                    .rights = {.tenant = S("default"),
                                               .name = S("bot"),
                                               .roles = S(roles),
                                               .sources = S(sources),
                                               .agent = S("A1")},
                                    .hash = S(hex),
                                    .expires = expires};
    cr_assert_eq(gj_office_token_add(t->o.office, &token, ACT(NOW), &t->o.errors), 0);
    return made;
}

static struct gj_token_made add_token(struct people_test *t, const char *roles, const char *sources,
                                      int64_t expires)
{
    return add_token_of(t, roles, sources, expires, false);
}

static void add_user_of(struct people_test *t, const char *name, const char *roles,
                        const char *password)
{
    char hash[GJ_PASSWORD_HASH];
    cr_assert_eq(gj_password_hash(S(password), hash, &t->o.errors), 0);
    struct gj_office_user user = {
        .rights = {.tenant = S("default"), .name = S(name), .roles = S(roles)},
        .password = S(hash)};
    cr_assert_eq(gj_office_user_add(t->o.office, &user, ACT(NOW), &t->o.errors), 0);
}

static void add_user(struct people_test *t, const char *name, const char *password)
{
    add_user_of(t, name, "supervisor", password);
}

static enum gj_authentic bearer(struct people_test *t, const char *token, int64_t now,
                                struct gj_principal *out)
{
    char header[200];
    snprintf(header, sizeof header, "bearer %s", token);
    struct gj_credentials shown = {.authorization = S(header)};
    return gj_people_authenticate(t->people, &shown, now, out);
}

/* ---- roles ---- */

Test(people, roles)
{
    struct gj_errors errors;
    struct gj_buf buf;
    unsigned roles = 0;
    gj_errors_init(&errors);
    gj_buf_init(&buf);
    cr_assert_eq(gj_roles_parse(S("auditor,admin"), &roles, &errors), 0);
    cr_assert_eq(roles, GJ_ROLE_ADMIN | GJ_ROLE_AUDITOR);
    gj_roles_write(roles, &buf);
    cr_assert_str_eq(buf.ptr, "admin,auditor");
    cr_assert_str_eq(gj_role_name(GJ_ROLE_SERVICE), "service");
    cr_assert_null(gj_role_name((enum gj_role)(1 << 7)));
    cr_assert_eq(gj_roles_parse(S(""), &roles, &errors), -1);
    cr_assert_eq(gj_roles_parse(S("admin,,agent"), &roles, &errors), -1);
    cr_assert_eq(gj_roles_parse(S("root"), &roles, &errors), -1);
    gj_buf_release(&buf);
    gj_errors_release(&errors);
}

/* ---- tokens ---- */

Test(people, tokens)
{
    struct people_test t;
    struct gj_principal who;
    people_begin(&t);
    struct gj_token_made made = add_token(&t, "service,agent", "/x/S1\n/x/S2", NOW + MINUTE);
    cr_assert_eq(bearer(&t, made.text, NOW, &who), GJ_NOT_KNOWN, "the picture is old");
    refresh(&t, NOW);
    cr_assert_eq(bearer(&t, made.text, NOW, &who), GJ_AUTHENTIC);
    cr_assert(gj_str_is(who.tenant, "default"));
    cr_assert(gj_str_is(who.agent, "A1"));
    cr_assert_eq(strncmp(who.actor.ptr, "token:", 6), 0);
    cr_assert(gj_principal_may(&who, GJ_ROLE_SERVICE));
    cr_assert_not(gj_principal_may(&who, GJ_ROLE_ADMIN | GJ_ROLE_AUDITOR));
    cr_assert(gj_principal_sees(&who, S("/x/S2")));
    cr_assert_not(gj_principal_sees(&who, S("/x/S")));
    cr_assert_not(gj_principal_sees(&who, S("/x/S1\n/x/S2")));
    cr_assert_not(gj_principal_sees(&who, S("")));
    cr_assert_eq(gj_people_still(t.people, &who, NOW + MINUTE), GJ_EXPIRED);
    gj_principal_release(&who);
    cr_assert_eq(bearer(&t, made.text, NOW + MINUTE, &who), GJ_EXPIRED);
    made.text[GJ_TOKEN_TEXT - 1] ^= 1;
    cr_assert_eq(bearer(&t, made.text, NOW, &who), GJ_NOT_KNOWN, "one bit is wrong");
    made.text[GJ_TOKEN_TEXT - 1] ^= 1;
    made.text[5] ^= 1;
    cr_assert_eq(bearer(&t, made.text, NOW, &who), GJ_NOT_KNOWN);
    people_end(&t);
}

Test(people, what_is_no_token)
{
    struct people_test t;
    struct gj_principal who;
    people_begin(&t);
    struct gj_token_made made = add_token(&t, "admin", "", GJ_NEVER);
    refresh(&t, NOW);
    char longer[GJ_TOKEN_TEXT + 2], basic[GJ_TOKEN_TEXT + 10];
    snprintf(longer, sizeof longer, "%sx", made.text);
    cr_assert_eq(bearer(&t, longer, NOW, &who), GJ_NOT_KNOWN);
    cr_assert_eq(bearer(&t, made.id, NOW, &who), GJ_NOT_KNOWN);
    cr_assert_eq(bearer(&t, "", NOW, &who), GJ_NOT_KNOWN);
    snprintf(basic, sizeof basic, "Basic %s", made.text);
    const char *const headers[] = {"Bearer", "x", "Bearer gj_", basic, made.text};
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        struct gj_credentials shown = {.authorization = S(headers[i])};
        cr_assert_eq(gj_people_authenticate(t.people, &shown, NOW, &who), GJ_NOT_KNOWN);
    }
    struct gj_credentials nothing = {.cookie = S("a=b; guiju=; =; ;;")};
    cr_assert_eq(gj_people_authenticate(t.people, &nothing, NOW, &who), GJ_NOT_SHOWN);
    people_end(&t);
}

/* What another process does to the office is seen at the next refresh. */
Test(people, revoked_elsewhere)
{
    struct people_test t;
    struct gj_principal who, again;
    people_begin(&t);
    struct gj_token_made made = add_token(&t, "admin", "", GJ_NEVER);
    refresh(&t, NOW);
    cr_assert_eq(bearer(&t, made.text, NOW, &who), GJ_AUTHENTIC);
    struct gj_office *other = gj_office_open(t.o.path, &t.o.errors);
    cr_assert_not_null(other);
    cr_assert_eq(gj_office_token_revoke(other, S("acme"), S(made.id), ACT(NOW), &t.o.errors), -1);
    SAYS(&t.o, "there is no token");
    cr_assert_eq(gj_office_token_revoke(other, S("default"), S(made.id), ACT(NOW), &t.o.errors), 0);
    gj_office_close(other);
    refresh(&t, NOW);
    cr_assert_eq(bearer(&t, made.text, NOW, &again), GJ_REVOKED);
    cr_assert_eq(gj_people_still(t.people, &who, NOW), GJ_REVOKED);
    cr_assert(gj_str_is(who.name, "bot"), "the old picture lives as long as it is held");
    gj_principal_release(&who);
    people_end(&t);
}

static int copy_used(void *context, const struct gj_office_token *token)
{
    *(int64_t *)context = token->used;
    return 0;
}

Test(people, last_use_is_kept)
{
    struct people_test t;
    struct gj_principal who;
    int64_t used = -1;
    people_begin(&t);
    struct gj_token_made made = add_token(&t, "admin", "", GJ_NEVER);
    refresh(&t, NOW);
    cr_assert_eq(bearer(&t, made.text, NOW, &who), GJ_AUTHENTIC);
    gj_principal_release(&who);
    refresh(&t, NOW);
    cr_assert_eq(bearer(&t, made.text, NOW + MINUTE, &who), GJ_AUTHENTIC);
    gj_principal_release(&who);
    refresh(&t, NOW + MINUTE);
    cr_assert_eq(gj_office_tokens(t.o.office, S("default"), copy_used, &used, &t.o.errors), 0);
    cr_assert_eq(used, NOW, "to the hour");
    people_end(&t);
}

/* ---- sessions ---- */

static enum gj_signed sign_in(struct people_test *t, const char *user, const char *password,
                              const char *address, int64_t now, struct gj_signed_in *out)
{
    struct gj_sign_in attempt = {S("default"), S(user), S(password), S(address)};
    return gj_people_sign_in(t->people, &attempt, now, out, &t->o.errors);
}

static enum gj_authentic by_cookie(struct people_test *t, const struct gj_signed_in *in,
                                   const char *csrf, int64_t now, struct gj_principal *out)
{
    char header[200];
    snprintf(header, sizeof header, "theme=dark; __Host-guiju=%s; x=y", in->cookie);
    struct gj_credentials shown = {
        .cookie = S(header), .csrf = S(csrf == NULL ? "" : csrf), .writes = csrf != NULL};
    return gj_people_authenticate(t->people, &shown, now, out);
}

Test(people, sessions, .timeout = 30)
{
    struct people_test t;
    struct gj_principal who;
    struct gj_signed_in in, other;
    people_begin(&t);
    add_user(&t, "爱丽丝", "correct horse battery");
    cr_assert_eq(sign_in(&t, "爱丽丝", "wrong horse battery", "10.0.0.1", NOW, &in),
                 GJ_SIGNED_WRONG);
    cr_assert_eq(sign_in(&t, "爱丽丝", "correct horse battery", "10.0.0.1", NOW, &in),
                 GJ_SIGNED_IN);
    cr_assert_eq(sign_in(&t, "爱丽丝", "correct horse battery", "10.0.0.1", NOW, &other),
                 GJ_SIGNED_IN);
    cr_assert_eq(by_cookie(&t, &in, NULL, NOW, &who), GJ_AUTHENTIC);
    cr_assert(gj_str_is(who.actor, "user:爱丽丝") && who.session);
    gj_principal_release(&who);
    cr_assert_eq(by_cookie(&t, &in, "", NOW, &who), GJ_NO_CSRF);
    cr_assert_eq(by_cookie(&t, &in, other.csrf, NOW, &who), GJ_NO_CSRF, "of another session");
    cr_assert_eq(by_cookie(&t, &in, in.csrf, NOW, &who), GJ_AUTHENTIC);
    gj_principal_release(&who);
    in.cookie[0] = in.cookie[0] == 'a' ? 'b' : 'a';
    cr_assert_eq(by_cookie(&t, &in, NULL, NOW, &who), GJ_NOT_KNOWN);
    char header[100];
    snprintf(header, sizeof header, "__Host-guiju=%s", other.cookie);
    cr_assert_eq(gj_people_sign_out(t.people, S(header), NOW, &t.o.errors), 0);
    cr_assert_eq(by_cookie(&t, &other, NULL, NOW, &who), GJ_NOT_KNOWN);
    people_end(&t);
}

/* ---- rows that are damaged ---- */

struct heard {
    unsigned count;
    char last[300];
};

static void hear(void *context, const char *sentence)
{
    struct heard *heard = context;
    heard->count++;
    snprintf(heard->last, sizeof heard->last, "%s", sentence);
}

static void people_begin_heard(struct people_test *t, struct heard *heard)
{
    office_begin(&t->o);
    struct gj_people_settings settings = {.complain = hear, .context = heard};
    t->people = gj_people_new(t->o.office, settings, &t->o.errors);
    cr_assert_not_null(t->people);
}

Test(people, a_damaged_token_is_left_out_and_told_once)
{
    struct people_test t;
    struct heard heard = {0};
    struct gj_principal who;
    people_begin_heard(&t, &heard);
    struct gj_token_made first = add_token(&t, "admin", "", GJ_NEVER);
    struct gj_token_made hash = add_token_of(&t, "admin", "", GJ_NEVER, true);
    refresh(&t, NOW);
    cr_assert_eq(heard.count, 1);
    cr_assert_not_null(strstr(heard.last, hash.id));
    struct gj_token_made roles = add_token(&t, "admin,boss", "", GJ_NEVER);
    struct gj_token_made last = add_token(&t, "agent", "", GJ_NEVER);
    refresh(&t, NOW);
    refresh(&t, NOW + SECOND);
    cr_assert_eq(heard.count, 2, "what was told is not told again");
    cr_assert_not_null(strstr(heard.last, roles.id));
    cr_assert_eq(bearer(&t, first.text, NOW, &who), GJ_AUTHENTIC);
    gj_principal_release(&who);
    cr_assert_eq(bearer(&t, last.text, NOW, &who), GJ_AUTHENTIC, "those behind it go on");
    gj_principal_release(&who);
    cr_assert_eq(bearer(&t, hash.text, NOW, &who), GJ_NOT_KNOWN);
    cr_assert_eq(bearer(&t, roles.text, NOW, &who), GJ_NOT_KNOWN, "with no role of it");
    people_end(&t);
}

static void add_session(struct people_test *t, int64_t user, const char *hash)
{
    struct gj_office_session session = {
        .hash = S(hash), .user = {.id = user}, .created = NOW, .seen = NOW};
    cr_assert_eq(gj_office_session_add(t->o.office, &session, &t->o.errors), 0);
}

Test(people, a_damaged_session_or_user_is_left_out, .timeout = 30)
{
    struct people_test t;
    struct heard heard = {0};
    struct gj_signed_in in, none;
    struct gj_principal who;
    people_begin_heard(&t, &heard);
    add_user(&t, "good", "correct horse battery");
    add_user_of(&t, "bad", "boss", "correct horse battery");
    add_session(&t, 1, "no hash");
    add_session(&t, 2, "3f2a");
    refresh(&t, NOW);
    cr_assert_eq(heard.count, 2, "%s", heard.last);
    cr_assert_eq(sign_in(&t, "bad", "correct horse battery", "10.0.0.1", NOW, &none),
                 GJ_SIGNED_FAILED);
    cr_assert_str_eq(heard.last,
                     "user bad of tenant default is damaged; disable it and add another");
    cr_assert_eq(sign_in(&t, "good", "correct horse battery", "10.0.0.1", NOW, &in), GJ_SIGNED_IN);
    cr_assert_eq(by_cookie(&t, &in, NULL, NOW, &who), GJ_AUTHENTIC);
    gj_principal_release(&who);
    people_end(&t);
}

static int add_row(void *context, const struct gj_office_audit *row)
{
    size_t len = strlen(context);
    snprintf((char *)context + len, 400 - len, "%.*s %.*s %.*s %.*s\n", (int)row->actor.len,
             row->actor.ptr, (int)row->action.len, row->action.ptr, (int)row->object.len,
             row->object.ptr, (int)row->detail.len, row->detail.ptr);
    return 0;
}

/* Who came, who tried to, and from where. */
Test(people, who_signs_in_is_in_the_audit_log, .timeout = 30)
{
    struct people_test t;
    struct gj_signed_in in;
    struct gj_office_head head;
    char rows[400] = "";
    people_begin(&t);
    add_user(&t, "bob", "correct horse battery");
    cr_assert_eq(gj_office_audit_verify(t.o.office, NULL, &head, &t.o.errors), 0);
    cr_assert_eq(sign_in(&t, "bob", "wrong", "10.0.0.1", NOW, &in), GJ_SIGNED_WRONG);
    cr_assert_eq(sign_in(&t, "bob", "correct horse battery", "10.0.0.2", NOW, &in), GJ_SIGNED_IN);
    cr_assert_eq(gj_office_audit_list(t.o.office, S(""), head.seq, 10, add_row, rows, &t.o.errors),
                 0);
    cr_expect_str_eq(rows, "user:bob session.refused bob {\"address\":\"10.0.0.1\"}\n"
                           "user:bob session.begin bob {\"address\":\"10.0.0.2\"}\n");
    people_end(&t);
}

Test(people, sessions_end, .timeout = 30)
{
    struct people_test t;
    struct gj_principal who;
    struct gj_signed_in in;
    people_begin(&t);
    add_user(&t, "bob", "correct horse battery");
    cr_assert_eq(sign_in(&t, "bob", "correct horse battery", "::1", NOW, &in), GJ_SIGNED_IN);
    int64_t now = NOW;
    for (; now <= NOW + 12 * 60 * MINUTE; now += 29 * MINUTE) { /* as long as it is used */
        refresh(&t, now);
        cr_assert_eq(by_cookie(&t, &in, NULL, now, &who), GJ_AUTHENTIC);
        gj_principal_release(&who);
    }
    cr_assert_eq(by_cookie(&t, &in, NULL, now, &who), GJ_EXPIRED, "but not beyond its maximum");
    cr_assert_eq(sign_in(&t, "bob", "correct horse battery", "::1", now, &in), GJ_SIGNED_IN);
    cr_assert_eq(by_cookie(&t, &in, NULL, now + 31 * MINUTE, &who), GJ_EXPIRED, "idle");
    cr_assert_eq(sign_in(&t, "bob", "correct horse battery", "::1", now, &in), GJ_SIGNED_IN);
    cr_assert_eq(
        gj_office_user_disable(t.o.office, S("default"), S("bob"), true, ACT(now), &t.o.errors), 0);
    refresh(&t, now);
    cr_assert_eq(by_cookie(&t, &in, NULL, now, &who), GJ_NOT_KNOWN, "disabled");
    cr_assert_eq(sign_in(&t, "bob", "correct horse battery", "::1", now, &in), GJ_SIGNED_WRONG);
    people_end(&t);
}

Test(people, attempts_are_limited, .timeout = 60)
{
    struct people_test t;
    struct gj_signed_in in;
    people_begin(&t);
    add_user(&t, "bob", "correct horse battery");
    for (int i = 0; i < 5; i++) {
        cr_assert_eq(sign_in(&t, "bob", "wrong", "10.0.0.1", NOW, &in), GJ_SIGNED_WRONG);
    }
    cr_assert_eq(sign_in(&t, "bob", "correct horse battery", "10.0.0.1", NOW, &in), GJ_SIGNED_WAIT);
    cr_assert(in.wait > 0 && in.wait <= 15 * 60 + 1);
    cr_assert_eq(sign_in(&t, "bob", "correct horse battery", "::ffff:10.0.0.1", NOW, &in),
                 GJ_SIGNED_WAIT, "the same address");
    cr_assert_eq(sign_in(&t, "bob", "correct horse battery", "10.0.0.2", NOW, &in), GJ_SIGNED_IN,
                 "bob at home is not locked out");
    cr_assert_eq(sign_in(&t, "bob", "correct horse battery", "10.0.0.1", NOW + 16 * MINUTE, &in),
                 GJ_SIGNED_IN, "later");
    for (int i = 0; i < 20; i++) { /* one address, many names, none of them there */
        char name[20], address[40];
        snprintf(name, sizeof name, "u%d", i);
        snprintf(address, sizeof address, "2001:db8::%x", i + 1);
        cr_assert_eq(sign_in(&t, name, "wrong", address, NOW, &in), GJ_SIGNED_WRONG);
    }
    cr_assert_eq(sign_in(&t, "bob", "correct horse battery", "2001:db8::ffff", NOW, &in),
                 GJ_SIGNED_WAIT, "an IPv6 network is one address");
    people_end(&t);
}

Test(people, cookies)
{
    struct people_test t;
    struct gj_buf buf;
    people_begin(&t);
    gj_buf_init(&buf);
    gj_people_set_cookie(t.people, "abc", &buf);
    cr_assert_str_eq(buf.ptr, "__Host-guiju=abc; Path=/; HttpOnly; SameSite=Strict; Secure");
    gj_buf_reset(&buf);
    gj_people_set_cookie(t.people, NULL, &buf);
    cr_assert_str_eq(buf.ptr,
                     "__Host-guiju=; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0");
    gj_people_free(t.people);
    t.people = gj_people_new(t.o.office, (struct gj_people_settings){.insecure_cookie = true},
                             &t.o.errors);
    gj_buf_reset(&buf);
    gj_people_set_cookie(t.people, "abc", &buf);
    cr_assert_str_eq(buf.ptr, "guiju=abc; Path=/; HttpOnly; SameSite=Strict");
    gj_buf_release(&buf);
    people_end(&t);
}

Test(people, passwords)
{
    struct people_test t;
    people_begin(&t);
    cr_assert_eq(gj_password_check(S("短短短短短短短短短短"), &t.o.errors), 0);
    cr_assert_eq(gj_password_check(S("123456789"), &t.o.errors), -1);
    SAYS(&t.o, "too short");
    cr_assert_eq(gj_password_check(S("1234567890\xff"), &t.o.errors), -1);
    SAYS(&t.o, "no UTF-8");
    people_end(&t);
}

/* ---- threads ---- */

struct hammer {
    struct people_test *t;
    const char *token;
    atomic_bool stop;
    atomic_int good;
};

static void *hammer(void *context)
{
    struct hammer *h = context;
    while (!atomic_load(&h->stop)) {
        struct gj_principal who;
        if (bearer(h->t, h->token, NOW, &who) == GJ_AUTHENTIC) {
            h->good += gj_str_is(who.name, "bot");
            gj_principal_release(&who);
        }
    }
    return NULL;
}

Test(people, threads, .timeout = 60)
{
    struct people_test t;
    pthread_t threads[3];
    people_begin(&t);
    struct gj_token_made made = add_token(&t, "admin", "", GJ_NEVER);
    struct hammer h = {.t = &t, .token = made.text};
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(pthread_create(&threads[i], NULL, hammer, &h), 0);
    }
    for (int i = 0; i < 50; i++) {
        add_token(&t, "agent", "", GJ_NEVER);
        refresh(&t, NOW);
    }
    atomic_store(&h.stop, true);
    for (size_t i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
    }
    cr_assert_gt(h.good, 50);
    people_end(&t);
}
