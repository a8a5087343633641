/* Tests of room store: the office: tenants, users, tokens, answers, and the audit log under
 * scribbling, several processes and kill -9. */
#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "office_support.h"
#include "store/store.h"

/* SQL by another connection, as somebody who has the file could run it. */
static int scribble(const struct office_test *t, const char *sql)
{
    sqlite3 *db = NULL;
    cr_assert_eq(sqlite3_open(t->path, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    int code = sqlite3_exec(db, sql, NULL, NULL, NULL);
    sqlite3_close(db);
    return code;
}

static int count_tenants(void *context, struct gj_str name, int64_t created)
{
    (void)created;
    *(int *)context += gj_office_tenant_name_ok(name);
    return 0;
}

Test(office, tenants)
{
    struct office_test t;
    office_begin(&t);
    struct stat st;
    cr_assert_eq(stat(t.path, &st), 0);
    cr_assert_eq(st.st_mode & 0777, 0600);
    cr_assert_eq(gj_office_tenant_add(t.office, S("acme"), ACT(5), &t.errors), 0);
    cr_assert_eq(gj_office_tenant_add(t.office, S("acme"), ACT(6), &t.errors), -1);
    SAYS(&t, "there is a tenant acme already");
    static const char *const bad[] = {"", "../x", "-a", "A", "a/b", "a.b", "店"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cr_assert_eq(gj_office_tenant_add(t.office, S(bad[i]), ACT(6), &t.errors), -1);
        SAYS(&t, "is no name for a tenant");
    }
    int count = 0;
    cr_assert_eq(gj_office_tenants(t.office, count_tenants, &count, &t.errors), 0);
    cr_assert_eq(count, 2);
    office_end(&t);
}

Test(office, foreign_files_are_refused)
{
    struct office_test t;
    office_begin(&t);
    char path[80];
    snprintf(path, sizeof path, "%s/other", t.dir);
    sqlite3 *db = NULL;
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, "CREATE TABLE x(y)", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    cr_assert_null(gj_office_open(path, &t.errors));
    SAYS(&t, "another program");
    FILE *file = fopen(path, "w");
    fputs("this is a text and no database at all, as anybody can see who reads it", file);
    fclose(file);
    cr_assert_null(gj_office_open(path, &t.errors));
    SAYS(&t, "no database of guiju");
    unlink(path);
    cr_assert_null(gj_office_open("/nowhere/at/all", &t.errors));
    SAYS(&t, "check that the folder exists");
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db,
                              "CREATE TABLE x(y); PRAGMA application_id=1198870374;"
                              "PRAGMA user_version=-3",
                              NULL, NULL, NULL),
                 SQLITE_OK);
    sqlite3_close(db);
    cr_assert_null(gj_office_open(path, &t.errors));
    SAYS(&t, "no schema has version -3");
    unlink(path);
    cr_assert_null(gj_store_open("", &t.errors));
    SAYS(&t, "the name of the database is empty");
    office_end(&t);
}

/* ---- users and tokens ---- */

static int copy_user(void *context, const struct gj_office_user *user)
{
    snprintf(context, 200, "%.*s/%.*s %.*s %.*s %d", (int)user->rights.tenant.len,
             user->rights.tenant.ptr, (int)user->rights.name.len, user->rights.name.ptr,
             (int)user->rights.roles.len, user->rights.roles.ptr, (int)user->password.len,
             user->password.ptr, user->disabled);
    return 0;
}

static int end_at_first(void *context, const struct gj_office_user *user)
{
    (void)user;
    ++*(int *)context;
    return 7;
}

Test(office, users)
{
    struct office_test t;
    office_begin(&t);
    struct gj_office_user user = {
        .rights = {.tenant = S("default"), .name = S("爱丽丝"), .roles = S("admin")},
        .password = S("hash")};
    char text[200] = "";
    int64_t before, after;
    gj_office_version(t.office, &before, &t.errors);
    cr_assert_eq(gj_office_user_add(t.office, &user, ACT(1), &t.errors), 0);
    gj_office_version(t.office, &after, &t.errors);
    cr_assert_neq(before, after);
    cr_assert_eq(gj_office_user_add(t.office, &user, ACT(1), &t.errors), -1);
    SAYS(&t, "already");
    user.rights.tenant = S("nobody");
    cr_assert_eq(gj_office_user_add(t.office, &user, ACT(1), &t.errors), -1);
    SAYS(&t, "there is no tenant nobody");
    cr_assert_eq(
        gj_office_user_password(t.office, S("default"), S("bob"), S("x"), ACT(1), &t.errors), -1);
    SAYS(&t, "there is no user bob");
    cr_assert_eq(
        gj_office_user_password(t.office, S("default"), S("爱丽丝"), S("new"), ACT(1), &t.errors),
        0);
    cr_assert_eq(
        gj_office_user_disable(t.office, S("default"), S("爱丽丝"), true, ACT(1), &t.errors), 0);
    cr_assert_eq(
        gj_office_user_find(t.office, S("default"), S("爱丽丝"), copy_user, text, &t.errors), 0);
    cr_assert_str_eq(text, "default/爱丽丝 admin new 1");
    user.rights.tenant = S("default");
    user.rights.name = S("bob");
    cr_assert_eq(gj_office_user_add(t.office, &user, ACT(1), &t.errors), 0);
    int seen = 0;
    cr_assert_eq(gj_office_users(t.office, S(""), end_at_first, &seen, &t.errors), 7);
    cr_assert_eq(seen, 1);
    office_end(&t);
}

/* ---- answers ---- */

static void copy_answer(void *context, const struct gj_office_answer *answer)
{
    snprintf(context, 100, "%d %.*s", (int)answer->status, (int)answer->body.len, answer->body.ptr);
}

Test(office, repeated_requests)
{
    struct office_test t;
    office_begin(&t);
    struct gj_office_request r = {S("default"), S("token:1"), S("key"), S("hash")};
    struct gj_office_answer answer = {200, S("application/json"), S("{}")};
    enum gj_office_repeat said;
    char text[100] = "";
    cr_assert_eq(gj_office_repeat(t.office, &r, 10, 5, &said, copy_answer, text, &t.errors), 0);
    cr_assert_eq(said, GJ_REPEAT_NEW);
    gj_office_repeat(t.office, &r, 11, 5, &said, copy_answer, text, &t.errors);
    cr_assert_eq(said, GJ_REPEAT_RUNNING);
    gj_office_repeat(t.office, &r, 20, 15, &said, copy_answer, text, &t.errors);
    cr_assert_eq(said, GJ_REPEAT_NEW, "it began before 15 and is dead");
    cr_assert_eq(gj_office_answered(t.office, &r, &answer, &t.errors), 0);
    gj_office_repeat(t.office, &r, 30, 25, &said, copy_answer, text, &t.errors);
    cr_assert_eq(said, GJ_REPEAT_DONE);
    cr_assert_str_eq(text, "200 {}");
    r.hash = S("other");
    gj_office_repeat(t.office, &r, 30, 25, &said, copy_answer, text, &t.errors);
    cr_assert_eq(said, GJ_REPEAT_OTHER);
    r.hash = S("hash");
    r.tenant = S("acme");
    gj_office_repeat(t.office, &r, 30, 25, &said, copy_answer, text, &t.errors);
    cr_assert_eq(said, GJ_REPEAT_NEW, "another tenant's key is another key");
    cr_assert_eq(gj_office_unanswered(t.office, &r, &t.errors), 0);
    gj_office_repeat(t.office, &r, 31, 25, &said, copy_answer, text, &t.errors);
    cr_assert_eq(said, GJ_REPEAT_NEW);
    cr_assert_eq(gj_office_answers_purge(t.office, 30, &t.errors), 0);
    r.tenant = S("default");
    gj_office_repeat(t.office, &r, 32, 25, &said, copy_answer, text, &t.errors);
    cr_assert_eq(said, GJ_REPEAT_NEW, "it was purged");
    office_end(&t);
}

/* What an older program stored cannot be compared: it is not done a second time. */
Test(office, repeated_requests_of_another_form)
{
    struct office_test t;
    office_begin(&t);
    struct gj_office_request r = {S("default"), S("token:1"), S("key"), S("aa")};
    struct gj_office_answer answer = {201, S("application/json"), S("{}")};
    enum gj_office_repeat said;
    char text[100] = "";
    gj_office_repeat(t.office, &r, 10, 5, &said, copy_answer, text, &t.errors);
    r.hash = S("2:bb");
    gj_office_repeat(t.office, &r, 11, 5, &said, copy_answer, text, &t.errors);
    cr_assert_eq(said, GJ_REPEAT_RUNNING);
    cr_assert_eq(gj_office_answered(t.office, &r, &answer, &t.errors), 0);
    gj_office_repeat(t.office, &r, 12, 5, &said, copy_answer, text, &t.errors);
    cr_assert_eq(said, GJ_REPEAT_DONE);
    cr_assert_str_eq(text, "201 {}");
    r.hash = S("cc");
    gj_office_repeat(t.office, &r, 12, 5, &said, copy_answer, text, &t.errors);
    cr_assert_eq(said, GJ_REPEAT_OTHER, "of one form they can be compared");
    r.key = S("another key");
    r.hash = S("2:bb");
    gj_office_repeat(t.office, &r, 13, 5, &said, copy_answer, text, &t.errors);
    r.hash = S("2:cc");
    gj_office_repeat(t.office, &r, 13, 5, &said, copy_answer, text, &t.errors);
    cr_assert_eq(said, GJ_REPEAT_OTHER);
    office_end(&t);
}

/* ---- the audit log ---- */

static void log_rows(struct office_test *t, int count)
{
    struct gj_office_audit rows[3] = {
        {.at = 1, .tenant = S("a"), .actor = S("x"), .action = S("do"), .object = S("o")},
        {.at = 2, .tenant = S("b"), .actor = S("x"), .action = S("do"), .object = S("o")},
        {.at = 3, .tenant = S("a"), .actor = S("x"), .action = S("do"), .detail = S("{\"n\":1}")}};
    for (int i = 0; i < count; i += 3) {
        cr_assert_eq(gj_office_audit_add(t->office, rows, 3, &t->errors), 0);
    }
}

static int count_rows(void *context, const struct gj_office_audit *row)
{
    *(int *)context += row->seq > 0;
    return 0;
}

static int keep_last(void *context, const struct gj_office_audit *row)
{
    snprintf(context, 400, "%.*s %.*s %.*s %.*s %.*s", (int)row->tenant.len, row->tenant.ptr,
             (int)row->actor.len, row->actor.ptr, (int)row->action.len, row->action.ptr,
             (int)row->object.len, row->object.ptr, (int)row->detail.len, row->detail.ptr);
    return 0;
}

/* Who may what, in JSON; never the secret. */
Test(audit, what_was_granted)
{
    struct office_test t;
    struct gj_office_user user = {.rights = {.tenant = S("default"),
                                             .name = S("a\"b"),
                                             .roles = S("agent,lead"),
                                             .sources = S("/pdd/s1"),
                                             .agent = S("a1")},
                                  .password = S("hash of it")};
    char text[400] = "";
    office_begin(&t);
    cr_assert_eq(gj_office_user_add(t.office, &user, ACT(1), &t.errors), 0);
    cr_assert_eq(gj_office_audit_list(t.office, S("default"), 0, 100, keep_last, text, &t.errors),
                 0);
    const char *detail = strstr(text, "{");
    cr_assert(detail != NULL, "%s", text);
    cr_expect_str_eq(detail, "{\"name\":\"a\\\"b\",\"roles\":\"agent,lead\","
                             "\"sources\":\"/pdd/s1\",\"agent\":\"a1\"}");
    cr_expect(strstr(text, "hash of it") == NULL);
    office_end(&t);
}

Test(audit, chain)
{
    struct office_test t;
    struct gj_office_head head, noted;
    char text[100];
    office_begin(&t);
    cr_assert_eq(gj_office_audit_verify(t.office, NULL, &head, &t.errors), 0);
    cr_assert_eq(head.seq, 0);
    log_rows(&t, 9);
    cr_assert_eq(gj_office_audit_verify(t.office, NULL, &noted, &t.errors), 0);
    cr_assert_eq(noted.seq, 9);
    office_reopen(&t);
    log_rows(&t, 3);
    cr_assert_eq(gj_office_audit_verify(t.office, &noted, &head, &t.errors), 0);
    cr_assert_eq(head.seq, 12);
    int count = 0;
    cr_assert_eq(gj_office_audit_list(t.office, S("b"), 2, 100, count_rows, &count, &t.errors), 0);
    cr_assert_eq(count, 3);
    snprintf(text, sizeof text, "%lld:%s", (long long)head.seq, head.hash);
    cr_assert(gj_office_head_parse(S(text), &noted));
    cr_assert_str_eq(noted.hash, head.hash);
    static const char *const bad[] = {"", ":", "1", "1:ab", "99999999999999999999:", "x:"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cr_assert_not(gj_office_head_parse(S(bad[i]), &noted), "%s", bad[i]);
    }
    office_end(&t);
}

Test(audit, is_append_only)
{
    struct office_test t;
    struct gj_office_head head;
    office_begin(&t);
    log_rows(&t, 3);
    static const char *const refused[] = {
        "UPDATE audit SET actor = 'y' WHERE seq = 2", "DELETE FROM audit WHERE seq = 3",
        "REPLACE INTO audit VALUES(3, 1, '', '', '', '', '', '')",
        "INSERT INTO audit VALUES(9, 1, '', '', '', '', '', '')",
        "INSERT OR IGNORE INTO audit VALUES(0, 1, '', '', '', '', '', '')"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        cr_assert_eq(scribble(&t, refused[i]), SQLITE_CONSTRAINT, "%s", refused[i]);
    }
    cr_assert_eq(gj_office_audit_verify(t.office, NULL, &head, &t.errors), 0);
    office_end(&t);
}

#define OPEN_UP "DROP TRIGGER audit_update; DROP TRIGGER audit_delete; DROP TRIGGER audit_gap;"

Test(audit, scribbling_is_found)
{
    static const struct {
        const char *sql, *says;
    } deeds[] = {
        {"UPDATE audit SET actor = 'y' WHERE seq = 4", "row 4 was changed"},
        {"UPDATE audit SET at = 0 WHERE seq = 6", "row 6 was changed"},
        {"UPDATE audit SET tenant = 'ab', actor = '' WHERE seq = 1", "row 1 was changed"},
        {"UPDATE audit SET object = detail, detail = object WHERE seq = 3", "row 3 was changed"},
        {"UPDATE audit SET hash = (SELECT hash FROM audit WHERE seq = 2) WHERE seq = 5",
         "row 5 was changed"},
        {"DELETE FROM audit WHERE seq = 5", "row 5 is missing"},
        {"DELETE FROM audit WHERE seq = 1", "row 1 is missing"},
        {"DELETE FROM audit WHERE seq > 7", "ends at row 7"},
        {"DELETE FROM audit", "ends at row 0"},
        {"UPDATE audit SET seq = -seq WHERE seq IN (2, 3);"
         "UPDATE audit SET seq = 5 + seq WHERE seq < 0",
         "row 2 was changed"},
        {"INSERT INTO audit SELECT 10, at, tenant, actor, action, object, detail, hash FROM audit"
         " WHERE seq = 9",
         "row 10 was changed"}};
    for (size_t i = 0; i < sizeof deeds / sizeof deeds[0]; i++) {
        struct office_test t;
        struct gj_office_head head;
        office_begin(&t);
        log_rows(&t, 9);
        char sql[400];
        snprintf(sql, sizeof sql, OPEN_UP "%s", deeds[i].sql);
        cr_assert_eq(scribble(&t, sql), SQLITE_OK, "%s", deeds[i].sql);
        cr_assert_eq(gj_office_audit_verify(t.office, NULL, &head, &t.errors), 1, "%s",
                     deeds[i].sql);
        SAYS(&t, deeds[i].says);
        office_end(&t);
    }
}

/* What the file of the head shows, and what only a head noted elsewhere does. */
Test(audit, heads)
{
    struct office_test t;
    struct gj_office_head head, noted;
    char name[80];
    office_begin(&t);
    snprintf(name, sizeof name, "%s.head", t.path);
    log_rows(&t, 6);
    cr_assert_eq(gj_office_audit_verify(t.office, NULL, &noted, &t.errors), 0);
    gj_office_close(t.office);
    cr_assert_eq(truncate(name, 0), 0);
    t.office = gj_office_open(t.path, &t.errors);
    cr_assert_eq(gj_office_audit_verify(t.office, NULL, &head, &t.errors), 1);
    SAYS(&t, "is empty or was removed");
    gj_office_close(t.office);
    FILE *file = fopen(name, "w");
    fputs("garbage", file);
    fclose(file);
    t.office = gj_office_open(t.path, &t.errors);
    cr_assert_eq(gj_office_audit_verify(t.office, NULL, &head, &t.errors), 1);
    SAYS(&t, "cannot be read");
    gj_office_close(t.office); /* all is made anew, as by somebody who may write all */
    cr_assert_eq(unlink(t.path), 0);
    cr_assert_eq(unlink(name), 0);
    t.office = gj_office_open(t.path, &t.errors);
    struct gj_office_audit lie = {.at = 1, .tenant = S("a"), .actor = S("x"), .action = S("lie")};
    for (int i = 0; i < 6; i++) {
        cr_assert_eq(gj_office_audit_add(t.office, &lie, 1, &t.errors), 0);
    }
    cr_assert_eq(gj_office_audit_verify(t.office, NULL, &head, &t.errors), 0);
    cr_assert_eq(gj_office_audit_verify(t.office, &noted, &head, &t.errors), 1);
    SAYS(&t, "written anew");
    office_end(&t);
}

/* ---- several processes ---- */

/* A process of its own that logs `count` rows (0: without end), a byte to `told` after each. */
static pid_t writer(const struct office_test *t, int count, int told)
{
    pid_t child = fork();
    if (child != 0) {
        return child;
    }
    struct gj_errors errors;
    gj_errors_init(&errors);
    struct gj_office *office = gj_office_open(t->path, &errors);
    struct gj_office_audit row = {
        .at = 1, .tenant = S("a"), .actor = S("child"), .action = S("write")};
    int status = office == NULL;
    for (int i = 0; status == 0 && (count == 0 || i < count); i++) {
        status = gj_office_audit_add(office, &row, 1, &errors) != 0 ||
                 (told >= 0 && write(told, "x", 1) != 1);
    }
    gj_office_close(office);
    gj_errors_release(&errors);
    _exit(status);
}

Test(audit, processes_write_at_once, .timeout = 60)
{
    struct office_test t;
    struct gj_office_head head;
    pid_t children[4];
    office_begin(&t);
    for (size_t i = 0; i < 4; i++) {
        children[i] = writer(&t, 100, -1);
    }
    log_rows(&t, 99);
    for (size_t i = 0; i < 4; i++) {
        int status = -1;
        cr_assert_eq(waitpid(children[i], &status, 0), children[i]);
        cr_assert_eq(status, 0);
    }
    cr_assert_eq(gj_office_audit_verify(t.office, NULL, &head, &t.errors), 0, "%s",
                 office_said(&t));
    cr_assert_eq(head.seq, 499);
    office_end(&t);
}

Test(audit, kill_9_keeps_what_was_acknowledged, .timeout = 60)
{
    struct office_test t;
    struct gj_office_head head;
    int64_t acknowledged = 0;
    office_begin(&t);
    for (int round = 0; round < 20; round++) {
        int pipes[2], status;
        char byte;
        cr_assert_eq(pipe(pipes), 0);
        pid_t child = writer(&t, 0, pipes[1]);
        close(pipes[1]);
        for (int i = 0; i < 5 + round; i++) {
            cr_assert_eq(read(pipes[0], &byte, 1), 1);
            acknowledged++;
        }
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
        while (read(pipes[0], &byte, 1) == 1) {
            acknowledged++;
        }
        close(pipes[0]);
        office_reopen(&t);
        cr_assert_eq(gj_office_audit_verify(t.office, NULL, &head, &t.errors), 0, "%s",
                     office_said(&t));
        cr_assert_geq(head.seq, acknowledged);
        cr_assert_leq(head.seq, acknowledged + round + 1, "one a round may not be told");
    }
    office_end(&t);
}

/* ---- attempts ---- */

Test(office, attempts)
{
    struct office_test t;
    struct gj_office_attempts so_far;
    office_begin(&t);
    const struct gj_str who[] = {S("a"), S("b")};
    cr_assert_eq(gj_office_attempt_failed(t.office, who, 2, 0, 100, &t.errors), 0);
    cr_assert_eq(gj_office_attempt_failed(t.office, who, 1, 0, 110, &t.errors), 0);
    gj_office_attempts(t.office, S("a"), 50, &so_far, &t.errors);
    cr_assert(so_far.failures == 2 && so_far.since == 100);
    gj_office_attempts(t.office, S("a"), 101, &so_far, &t.errors);
    cr_assert_eq(so_far.failures, 0, "too long ago");
    cr_assert_eq(gj_office_attempts_forget(t.office, S("a"), &t.errors), 0);
    gj_office_attempts(t.office, S("a"), 0, &so_far, &t.errors);
    cr_assert_eq(so_far.failures, 0);
    gj_office_attempts(t.office, S("b"), 0, &so_far, &t.errors);
    cr_assert_eq(so_far.failures, 1);
    office_end(&t);
}
