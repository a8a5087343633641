/* Tests of room people: what may be given to whom, and what is refused. */
#include "office_support.h"
#include "people/grant.h"
#include "people/people.h"

#define NOW (1000 * SECOND)

static struct gj_grant grant_of(const char *name, const char *sources)
{
    return (struct gj_grant){.tenant = S("default"),
                             .name = S(name),
                             .roles = S("inspector"),
                             .sources = S(sources),
                             .expires = NOW + 1};
}

static int give(struct office_test *t, struct gj_grant grant)
{
    struct gj_token_made made;
    return gj_grant_token(t->office, &grant, ACT(NOW), &made, &t->errors);
}

static int keep_rights(void *context, const struct gj_office_token *token)
{
    const struct gj_office_rights *r = &token->rights;
    snprintf(context, 400, "%.*s|%.*s|%.*s|%.*s", (int)r->name.len, r->name.ptr, (int)r->roles.len,
             r->roles.ptr, (int)r->sources.len, r->sources.ptr, (int)r->agent.len, r->agent.ptr);
    return 0;
}

Test(grant, a_token_holds_what_was_given)
{
    struct office_test t;
    struct gj_token_made made;
    struct gj_grant grant = grant_of("bot", "/pdd/s1,/jd/店");
    char text[400] = "";
    office_begin(&t);
    grant.roles = S("supervisor,admin");
    grant.agent = S("a1");
    cr_assert_eq(gj_grant_token(t.office, &grant, ACT(NOW), &made, &t.errors), 0);
    cr_expect_eq(strlen(made.text), GJ_TOKEN_TEXT);
    cr_expect(gj_str_is(gj_token_id(S(made.text)), made.id));
    cr_assert_eq(gj_office_tokens(t.office, S("default"), keep_rights, text, &t.errors), 0);
    cr_expect_str_eq(text, "bot|admin,supervisor|/pdd/s1\n/jd/店|a1");
    office_end(&t);
}

/* No place of a token's secret or id is the same in all of them. */
Test(grant, tokens_are_random_throughout)
{
    enum { MANY = 64 };
    struct gj_token_made made[MANY];
    for (int i = 0; i < MANY; i++) {
        gj_token_make(&made[i]);
        cr_assert_eq(strlen(made[i].text), GJ_TOKEN_TEXT);
    }
    for (size_t at = 3; at < GJ_TOKEN_TEXT; at++) {
        bool same = at != 3 + GJ_TOKEN_ID; /* the _ between */
        for (int i = 1; i < MANY; i++) {
            same &= made[i].text[at] == made[0].text[at];
        }
        cr_expect(!same, "place %zu is always %c", at, made[0].text[at]);
    }
}

Test(grant, names)
{
    struct office_test t;
    char name[102] = "";
    office_begin(&t);
    memset(name, 'n', 101);
    cr_expect_eq(give(&t, grant_of(name, "")), -1);
    SAYS(&t, "a name must have 1 to 100 bytes");
    name[100] = '\0';
    cr_expect_eq(give(&t, grant_of(name, "")), 0);
    cr_expect_eq(give(&t, grant_of("n", "")), 0);
    static const char *const bad[] = {"", "a\nb", "\x1F", "a\x7F", "a\xFF", "\xE5\xBA"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_expect_eq(give(&t, grant_of(bad[i], "")), -1, "%zu", i);
        SAYS(&t, "a name must have");
        struct gj_grant grant = grant_of("n", "");
        grant.agent = S(bad[i]);
        cr_expect_eq(give(&t, grant), i == 0 ? 0 : -1, "an agent may be missing: %zu", i);
        SAYS(&t, i == 0 ? "" : "an agent must have");
    }
    office_end(&t);
}

Test(grant, shops)
{
    static const char *const good[] = {"", "/a/b", "/pdd/s1", "/pdd/s1,/pdd/s2", "/pdd/店"};
    static const char *const bad[] = {"/",      "//",         "/pdd",      "/pdd/",  "//s1",
                                      "pdd/s1", ",",          ",/pdd/s1",  " /a/b",  "/a/b\n/c/d",
                                      "*",      "/a/b,,/c/d", "/pdd/\xFF", "/a/\x7F"};
    struct office_test t;
    char longest[202] = "/pdd/";
    office_begin(&t);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        cr_expect_eq(give(&t, grant_of("n", good[i])), 0, "%s", good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_expect_eq(give(&t, grant_of("n", bad[i])), -1, "'%s'", bad[i]);
        SAYS(&t, "is no shop; write /platform/shop");
    }
    memset(longest + 5, 's', 196);
    cr_expect_eq(give(&t, grant_of("n", longest)), -1);
    longest[200] = '\0';
    cr_expect_eq(give(&t, grant_of("n", longest)), 0);
    office_end(&t);
}

Test(grant, what_would_be_of_no_use_is_refused)
{
    struct office_test t;
    struct gj_token_made made;
    static const struct gj_token_made nothing;
    struct gj_grant grant = grant_of("n", "");
    office_begin(&t);
    grant.expires = NOW;
    memset(&made, 7, sizeof made);
    cr_expect_eq(gj_grant_token(t.office, &grant, ACT(NOW), &made, &t.errors), -1);
    SAYS(&t, "would have expired already");
    cr_expect_arr_eq(&made, &nothing, sizeof made, "no secret is left");
    grant = grant_of("n", "");
    grant.roles = S("");
    cr_expect_eq(give(&t, grant), -1);
    SAYS(&t, "no role is named");
    grant.roles = S("boss");
    cr_expect_eq(give(&t, grant), -1);
    SAYS(&t, "'boss' is no role");
    grant = grant_of("n", "");
    grant.tenant = S("nobody");
    cr_expect_eq(give(&t, grant), -1);
    SAYS(&t, "there is no tenant nobody");
    office_end(&t);
}

static int keep_user(void *context, const struct gj_office_user *user)
{
    snprintf(context, 200, "%.*s", (int)user->password.len, user->password.ptr);
    return 0;
}

/* At least ten characters however many bytes they have; kept as a hash alone. */
Test(grant, passwords)
{
    struct office_test t;
    struct gj_grant grant = grant_of("爱丽丝", "");
    char hash[200] = "", many[GJ_PASSWORD_MAX + 2] = "", few[GJ_PASSWORD_MIN + 1] = "";
    office_begin(&t);
    memset(many, 'p', GJ_PASSWORD_MAX + 1);
    memset(few, 'p', GJ_PASSWORD_MIN - 1);
    cr_expect_eq(gj_grant_user(t.office, &grant, S(few), ACT(NOW), &t.errors), -1);
    SAYS(&t, "too short");
    cr_expect_eq(gj_grant_user(t.office, &grant, S("微微微"), ACT(NOW), &t.errors), -1);
    SAYS(&t, "too short");
    cr_expect_eq(gj_grant_user(t.office, &grant, S(many), ACT(NOW), &t.errors), -1);
    SAYS(&t, "too long");
    few[GJ_PASSWORD_MIN - 1] = 'q';
    cr_assert_eq(gj_grant_user(t.office, &grant, S(few), ACT(NOW), &t.errors), 0);
    cr_assert_eq(gj_office_users(t.office, S("default"), keep_user, hash, &t.errors), 0);
    cr_expect(strstr(hash, few) == NULL && gj_password_matches(hash, S(few)));
    cr_expect_eq(
        gj_grant_password(t.office, S("default"), S("爱丽丝"), S("short"), ACT(NOW), &t.errors),
        -1);
    SAYS(&t, "too short");
    cr_assert_eq(gj_grant_password(t.office, S("default"), S("爱丽丝"),
                                   S("another one that is long"), ACT(NOW), &t.errors),
                 0);
    cr_assert_eq(gj_office_users(t.office, S("default"), keep_user, hash, &t.errors), 0);
    cr_expect(gj_password_matches(hash, S("another one that is long")) &&
              !gj_password_matches(hash, S(few)));
    office_end(&t);
}
