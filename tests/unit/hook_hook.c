/* Tests of room hook: hooks from the outbox to a receiver and back, through failures of all
 * kinds. */
#include "hook_support.h"

#define BODY "{\"title\":\"t\"}"

static const char *first_error(struct hook_test *t, const struct made *hook, const char *state)
{
    static char text[500];
    struct gj_buf out;
    gj_buf_init(&out);
    deliveries(t, hook, state, &out);
    answer_text(out.ptr, "error", text, sizeof text);
    gj_buf_release(&out);
    return text;
}

Test(hook, what_is_told_arrives_signed_and_in_order, .timeout = 60)
{
    struct hook_test *t = hook_begin();
    static struct seen seen[50];
    tell(t, "/pdd/s1", "finding", BODY); /* before there was a hook */
    struct made hook = hook_add(t, "/ok", "");
    for (int i = 0; i < 50; i++) {
        char body[60];
        snprintf(body, sizeof body, "{\"n\":%d,\"text\":\"你好\"}", i);
        tell(t, "/pdd/s1", "finding", body);
    }
    cr_assert_eq(receiver_wait(t, seen, 50, 50), 50);
    for (int i = 0; i < 50; i++) {
        char body[200];
        snprintf(body, sizeof body,
                 "{\"type\":\"finding\",\"timestamp\":\"2026-03-01T02:00:00Z\",\"source\":"
                 "\"/pdd/s1\",\"data\":{\"n\":%d,\"text\":\"你好\"}}",
                 i);
        cr_expect_str_eq(seen[i].body, body);
        cr_expect_eq(seen[i].signers, 1);
        cr_expect(strncmp(seen[i].id, "msg_", 4) == 0 && strlen(seen[i].id) == 36);
        cr_expect(i == 0 || strcmp(seen[i].id, seen[i - 1].id) != 0);
    }
    wait_for(t, &hook, "delivered", 50);
    struct gj_hooks_figures figures = gj_hooks_figures(t->hooks);
    cr_expect(figures.attempts == 50 && figures.delivered == 50 && figures.failed == 0);
    hook_end(t);
}

Test(hook, what_is_personal_stays_in_the_house, .timeout = 60)
{
    struct hook_test *t = hook_begin();
    struct seen seen[2];
    hook_add(t, "/ok", "");
    hook_add(t, "/robot", ",\"kind\":\"wecom\"");
    tell(t, "/pdd/s1", "finding",
         "{\"because\":\"电话13800138000\",\"phone\":\"13800138000\",\"id\":\"13800138000\"}");
    cr_assert_eq(receiver_wait(t, seen, 2, 2), 2);
    for (int i = 0; i < 2; i++) {
        bool card = strcmp(seen[i].path, "/robot") == 0; /* where a '*' would be a mark */
        cr_expect_not_null(strstr(seen[i].body, card ? "138＊＊＊＊8000" : "138****8000"), "%s",
                           seen[i].body);
        cr_expect_null(strstr(seen[i].body, "电话13800138000"), "%s", seen[i].body);
    }
    hook_end(t);
}

Test(hook, it_is_told_what_it_asked_for, .timeout = 60)
{
    struct hook_test *t = hook_begin();
    struct seen seen[4];
    hook_add(t, "/ok/types", ",\"types\":[\"finding\",\"deadline.nearing\"]");
    hook_add(t, "/ok/shop", ",\"sources\":[\"/pdd/s2\"]");
    tell(t, "/pdd/s1", "finding.withdrawn", BODY);
    tell(t, "/pdd/s1", "findings", BODY);
    tell(t, "/pdd/s22", "deadline", BODY);
    tell(t, "/pdd/s2", "verdict", BODY);
    cr_assert_eq(receiver_wait(t, seen, 4, 2), 2);
    int types = strcmp(seen[0].path, "/ok/types") == 0 ? 0 : 1;
    cr_expect_not_null(strstr(seen[types].body, "finding.withdrawn"));
    cr_expect_str_eq(seen[1 - types].path, "/ok/shop");
    cr_expect_not_null(strstr(seen[1 - types].body, "verdict"));
    hook_end(t);
}

Test(hook, a_failure_is_tried_again_under_the_same_name, .timeout = 60)
{
    struct hook_test *t = hook_begin();
    struct seen seen[8];
    struct made hook = hook_add(t, "/fail/2", "");
    tell(t, "/pdd/s1", "finding", BODY);
    cr_assert_eq(receiver_wait(t, seen, 8, 3), 3);
    for (int i = 0; i < 3; i++) {
        cr_expect_str_eq(seen[i].id, seen[0].id);
        cr_expect_str_eq(seen[i].body, seen[0].body);
        cr_expect_eq(seen[i].signers, 1);
        cr_expect(i == 0 || seen[i].at - seen[i - 1].at >= 40, "%d ms",
                  (int)(seen[i].at - seen[i - 1].at));
    }
    wait_for(t, &hook, "delivered", 1);
    hook_end(t);
}

Test(hook, one_that_fails_does_not_hold_up_others, .timeout = 60)
{
    struct hook_test *t = hook_begin();
    struct seen seen[40];
    hook_add(t, "/hang", "");
    hook_add(t, "/drip", "");
    hook_add(t, "/ok", "");
    int64_t before = time(NULL);
    for (int i = 0; i < 20; i++) {
        tell(t, "/pdd/s1", "finding", BODY);
    }
    size_t good = 0;
    for (int i = 0; i < 300 && good < 20; i++) {
        size_t count = receiver_wait(t, seen, 40, 1);
        good = 0;
        for (size_t k = 0; k < count && k < 40; k++) {
            good += strcmp(seen[k].path, "/ok") == 0;
        }
    }
    cr_expect_eq(good, 20);
    cr_expect_lt(time(NULL) - before, 10);
    hook_end(t);
}

Test(hook, dead_letters_are_listed_and_sent_again, .timeout = 60)
{
    struct hook_test *t = hook_begin();
    struct made hook = hook_add(t, "/down", "");
    receiver_write(t, "down", "");
    for (int i = 0; i < 3; i++) {
        tell(t, "/pdd/s1", "finding", BODY);
    }
    wait_for(t, &hook, "dead", 3);
    cr_expect_str_eq(first_error(t, &hook, "dead"), "HTTP 500");
    cr_expect_eq(gj_hooks_figures(t->hooks).dead, 3);
    char path[120];
    receiver_file(t, "down", path);
    unlink(path);
    struct gj_buf out;
    gj_buf_init(&out);
    cr_assert_null(gj_hooks_resend(t->hooks, S("default"), S(hook.id), 1, &out));
    cr_expect_str_eq(out.ptr, "{\"resent\":1}");
    wait_for(t, &hook, "delivered", 1);
    cr_expect_eq(deliveries(t, &hook, "dead", NULL), 2);
    gj_buf_reset(&out);
    cr_assert_null(gj_hooks_resend(t->hooks, S("default"), S(hook.id), 0, &out));
    cr_expect_str_eq(out.ptr, "{\"resent\":2}");
    wait_for(t, &hook, "delivered", 3);
    gj_buf_release(&out);
    hook_end(t);
}

static void fails_with(struct hook_test *t, const char *path, const char *part)
{
    struct made hook = hook_add(t, path, "");
    tell(t, "/pdd/s1", "finding", BODY);
    wait_for(t, &hook, "dead", 1);
    const char *error = first_error(t, &hook, "dead");
    cr_expect_not_null(strstr(error, part), "%s: %s", path, error);
    cr_assert_null(gj_hooks_remove(t->hooks, S("default"), S(hook.id)));
}

Test(hook, bad_answers_are_failures_and_bounded, .timeout = 60)
{
    struct hook_test *t = hook_begin();
    struct seen seen[200];
    fails_with(t, "/redirect", "redirects are not followed");
    fails_with(t, "/hang", "imed out");
    fails_with(t, "/drip", "imed out");
    fails_with(t, "/headers", "");
    size_t count = receiver_wait(t, seen, 200, 1);
    for (size_t i = 0; i < count; i++) {
        cr_expect_str_neq(seen[i].path, "/ok");
    }
    struct made huge = hook_add(t, "/huge", "");
    tell(t, "/pdd/s1", "finding", BODY);
    wait_for(t, &huge, "delivered", 1); /* it said 200, and was cut off */
    hook_end(t);
}

Test(hook, one_that_is_gone_gets_nothing_more, .timeout = 60)
{
    struct hook_test *t = hook_begin();
    struct seen seen[4];
    struct gj_buf out;
    gj_buf_init(&out);
    struct made hook = hook_add(t, "/gone", "");
    for (int i = 0; i < 5; i++) {
        tell(t, "/pdd/s1", "finding", BODY);
    }
    for (int i = 0; i < 500 && strstr(out.ptr, "\"gone\"") == NULL; i++) {
        nap(10);
        gj_buf_reset(&out);
        cr_assert_null(gj_hooks_list(t->hooks, S("default"), &out));
    }
    cr_expect_not_null(strstr(out.ptr, "\"state\":\"gone\""), "%s", out.ptr);
    cr_expect_eq(receiver_wait(t, seen, 4, 1), 1);
    cr_expect_not_null(gj_hooks_test(t->hooks, S("default"), S(hook.id), &out));
    tell(t, "/pdd/s1", "finding", BODY);
    cr_expect_eq(receiver_wait(t, seen, 4, 1), 1);
    cr_assert_null(gj_hooks_switch(t->hooks, S("default"), S(hook.id), true, outbox_last(t)));
    tell(t, "/pdd/s1", "finding", BODY);
    cr_expect_eq(receiver_wait(t, seen, 4, 2), 2);
    gj_buf_release(&out);
    hook_end(t);
}

Test(hook, it_comes_back_when_asked_to, .timeout = 60)
{
    struct hook_test *t = hook_begin();
    struct seen seen[8];
    t->settings.give_up_ms = 60000;
    hooks_stop(t);
    hooks_start(t);
    hook_add(t, "/busy", "");
    tell(t, "/pdd/s1", "finding", BODY);
    receiver_wait(t, seen, 8, 1);
    tell(t, "/pdd/s1", "finding", BODY); /* waits too: the other side wants quiet */
    cr_assert_eq(receiver_wait(t, seen, 8, 3), 3);
    cr_expect_geq(seen[1].at - seen[0].at, 1900);
    cr_expect_geq(seen[2].at - seen[0].at, 1900);
    hook_end(t);
}

Test(hook, a_restart_in_the_middle_loses_nothing, .timeout = 60)
{
    struct hook_test *t = hook_begin();
    static struct seen seen[400];
    t->settings.give_up_ms = 60000;
    hooks_stop(t);
    hooks_start(t);
    struct made hook = hook_add(t, "/fail/1", "");
    for (int i = 0; i < 40; i++) {
        char body[40];
        snprintf(body, sizeof body, "{\"n\":%d}", i);
        tell(t, "/pdd/s1", "finding", body);
        if (i % 10 == 9) {
            hooks_stop(t);
            office_reopen(&t->office);
            tell(t, "/pdd/s1", "finding", BODY); /* while nobody listens */
            hooks_start(t);
        }
    }
    wait_for(t, &hook, "delivered", 44);
    size_t count = receiver_seen(t, seen, 400);
    bool arrived[40] = {false};
    for (size_t i = 0; i < count; i++) {
        const char *n = strstr(seen[i].body, "\"n\":");
        if (n != NULL) {
            arrived[atoi(n + 4)] = true;
        }
        cr_expect_eq(seen[i].signers, 1);
    }
    for (int i = 0; i < 40; i++) {
        cr_expect(arrived[i], "%d", i);
    }
    hook_end(t);
}

/* ---- a process that is killed ---- */

/* Tells and sends until it is killed; the number of each committed notice goes into `written`. */
static void be_killed(struct hook_test *t, int written)
{
    hooks_start(t);
    for (;;) {
        int64_t seq = tell(t, "/pdd/s1", "finding", BODY);
        if (write(written, &seq, sizeof seq) != sizeof seq) {
            _exit(1);
        }
        nap(5);
    }
}

static void open_both(struct hook_test *t, const char *db)
{
    t->office.office = gj_office_open(t->office.path, &t->office.errors);
    cr_assert_not_null(t->office.office);
    t->bench = bench_open(db);
}

static void close_both(struct hook_test *t)
{
    gj_office_close(t->office.office);
    bench_close(&t->bench);
}

/* One life: from opening to kill -9 after `ms`. Returns the last notice that it committed. */
static int64_t live_and_die(struct hook_test *t, const char *db, int ms)
{
    int ends[2];
    int64_t seq = 0, last = 0;
    cr_assert_eq(pipe(ends), 0);
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        open_both(t, db);
        be_killed(t, ends[1]);
    }
    close(ends[1]);
    cr_assert_eq(read(ends[0], &seq, sizeof seq), sizeof seq); /* it lives */
    nap(ms);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    for (last = seq; read(ends[0], &seq, sizeof seq) == sizeof seq; last = seq) {
    }
    close(ends[0]);
    return last;
}

Test(hook, a_killed_process_loses_nothing, .timeout = 60)
{
    struct hook_test *t = hook_begin();
    static struct seen seen[1000];
    char db[120];
    receiver_file(t, "shops.db", db);
    t->settings.give_up_ms = 60000;
    struct made hook = hook_add(t, "/fail/1", "");
    hooks_stop(t);
    close_both(t);
    int64_t last = 0;
    for (int life = 0; life < 5; life++) {
        last = live_and_die(t, db, 30 + 20 * life);
    }
    open_both(t, db);
    hooks_start(t);
    last = tell(t, "/pdd/s1", "finding", BODY) > last ? outbox_last(t) : 0;
    cr_assert_gt(last, 5);
    size_t names = 0;
    wait_for(t, &hook, "delivered", (int)last);
    size_t count = receiver_seen(t, seen, 1000);
    for (size_t i = 0; i < count && i < 1000; i++) { /* different messages */
        bool again = false;
        for (size_t k = 0; k < i && !again; k++) {
            again = strcmp(seen[k].id, seen[i].id) == 0;
        }
        names += !again;
    }
    cr_expect_eq(names, (size_t)last, "%zu of %d", names, (int)last);
    hook_end(t);
}

Test(hook, a_rotated_secret_signs_until_its_time, .timeout = 60)
{
    struct hook_test *t = hook_begin();
    struct seen seen[4];
    struct gj_buf out;
    char secret[80];
    gj_buf_init(&out);
    t->settings.overlap_ms = 700;
    hooks_stop(t);
    hooks_start(t);
    struct made hook = hook_add(t, "/ok", "");
    cr_assert_null(gj_hooks_rotate(t->hooks, S("default"), S(hook.id), t->parser, NULL, &out));
    cr_expect_not_null(strstr(out.ptr, "\"old_valid_until\":\"20"), "%s", out.ptr);
    answer_text(out.ptr, "secret", secret, sizeof secret);
    receiver_write(t, "secrets", secret);
    tell(t, "/pdd/s1", "finding", BODY);
    cr_assert_eq(receiver_wait(t, seen, 4, 1), 1);
    cr_expect_eq(seen[0].signers, 3);
    nap(800);
    tell(t, "/pdd/s1", "finding", BODY);
    cr_assert_eq(receiver_wait(t, seen, 4, 2), 2);
    cr_expect_eq(seen[1].signers, 2);
    gj_buf_release(&out);
    hook_end(t);
}

Test(hook, robots_get_cards_signed_their_way, .timeout = 60)
{
    struct hook_test *t = hook_begin();
    struct seen seen[6];
    receiver_write(t, "secrets", "SECabc");
    receiver_write(t, "secrets", "demo");
    struct made hook =
        hook_add(t, "/robot", ",\"kind\":\"dingtalk\",\"secret\":\"SECabc\",\"lang\":\"en\"");
    cr_expect_str_eq(hook.secret, "");
    tell(t, "/pdd/s1", "deadline.nearing", BODY);
    cr_assert_eq(receiver_wait(t, seen, 6, 1), 1);
    cr_expect_eq(seen[0].signers, 1);
    cr_expect_not_null(strstr(seen[0].body, "Deadline near"), "%s", seen[0].body);
    cr_assert_null(gj_hooks_remove(t->hooks, S("default"), S(hook.id)));
    hook = hook_add(t, "/robot", ",\"kind\":\"feishu\",\"secret\":\"demo\"");
    tell(t, "/pdd/s1", "deadline.nearing", BODY);
    cr_assert_eq(receiver_wait(t, seen, 6, 2), 2);
    cr_expect_eq(seen[1].signers, 2);
    cr_assert_null(gj_hooks_remove(t->hooks, S("default"), S(hook.id)));
    struct made wecom = hook_add(t, "/robot", ",\"kind\":\"wecom\"");
    tell(t, "/pdd/s1", "deadline.nearing", BODY);
    cr_assert_eq(receiver_wait(t, seen, 6, 3), 3);
    wait_for(t, &wecom, "delivered", 1);
    struct made refusing = hook_add(t, "/robot/refuse", ",\"kind\":\"feishu\"");
    struct made page = hook_add(t, "/robot/html", ",\"kind\":\"wecom\"");
    tell(t, "/pdd/s1", "deadline.nearing", BODY);
    wait_for(t, &refusing, "dead", 1);
    cr_expect_not_null(strstr(first_error(t, &refusing, "dead"), "300001"));
    wait_for(t, &page, "dead", 1);
    hook_end(t);
}

Test(hook, many_notices_become_few_cards, .timeout = 60)
{
    struct hook_test *t = hook_begin();
    static struct seen seen[60];
    t->settings.card_gap_ms = 500;
    hooks_stop(t);
    hooks_start(t);
    struct made hook = hook_add(t, "/robot/busy/45009", ",\"kind\":\"wecom\"");
    for (int i = 0; i < 30; i++) {
        tell(t, "/pdd/s1", "verdict", BODY);
    }
    wait_for(t, &hook, "delivered", 30);
    size_t count = receiver_seen(t, seen, 60);
    cr_expect(count >= 3 && count <= 5, "%zu cards", count);
    for (size_t i = 1; i < count; i++) {
        cr_expect_geq(seen[i].at - seen[i - 1].at, 250); /* 500, less what the first one took */
    }
    hook_end(t);
}

/* ---- where they may be sent ---- */

static struct hook_test *guarded(const char *allow)
{
    static struct gj_cidr cidr;
    struct hook_test *t = hook_begin();
    hooks_stop(t);
    t->settings.guard.all = false;
    if (allow != NULL) {
        cr_assert_eq(gj_cidr_parse(gj_str_of(allow), &cidr), 0);
        t->settings.guard.allowed = &cidr;
        t->settings.guard.allowed_count = 1;
    }
    hooks_start(t);
    return t;
}

static struct made add_named(struct hook_test *t, const char *host)
{
    struct made made;
    struct gj_buf out;
    char request[200];
    gj_buf_init(&out);
    snprintf(request, sizeof request, "{\"url\":\"http://%s:%d/ok\"}", host, t->port);
    const struct gj_hook_fault *wrong =
        gj_hooks_add(t->hooks, S("default"), t->parser, hook_json(t, request), 0, &out);
    cr_assert_null(wrong, "%s", wrong == NULL ? "" : wrong->en);
    answer_text(out.ptr, "id", made.id, sizeof made.id);
    gj_buf_release(&out);
    return made;
}

/* A name is looked at when it is connected to: what it said when the hook was made counts for
 * nothing. */
Test(hook, a_name_of_an_inner_address_is_refused_when_connecting, .timeout = 60)
{
    struct hook_test *t = guarded(NULL);
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    struct made hook = add_named(t, "localhost");
    tell(t, "/pdd/s1", "finding", BODY);
    wait_for(t, &hook, "dead", 1);
    const char *error = first_error(t, &hook, "dead");
    cr_expect_not_null(strstr(error, "loopback"), "%s", error);
    cr_expect_eq(receiver_seen(t, NULL, 0), 0);
    hook_end(t);
}

Test(hook, what_the_configuration_allows_is_reached_without_a_proxy, .timeout = 60)
{
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
    struct hook_test *t = guarded("127.0.0.0/8");
    struct made hook = add_named(t, "localhost");
    tell(t, "/pdd/s1", "finding", BODY);
    wait_for(t, &hook, "delivered", 1);
    hook_end(t);
}

/* A certificate for localhost that is its own authority. */
static void make_certificate(const char *dir)
{
    char command[600];
    snprintf(command, sizeof command,
             "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
             "-subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout %s/key.pem "
             "-out %s/cert.pem 2>%s/down",
             dir, dir, dir);
    cr_assert_eq(system(command), 0, "openssl makes no certificate");
}

static struct made add_https(struct hook_test *t)
{
    struct made made;
    struct gj_buf out;
    char request[100];
    gj_buf_init(&out);
    snprintf(request, sizeof request, "{\"url\":\"https://localhost:%d/ok\"}", t->port);
    cr_assert_null(gj_hooks_add(t->hooks, S("default"), t->parser, hook_json(t, request),
                                outbox_last(t), &out));
    answer_text(out.ptr, "id", made.id, sizeof made.id);
    gj_buf_release(&out);
    return made;
}

Test(hook, https_wants_a_certificate_that_is_vouched_for, .timeout = 60)
{
    struct hook_test *t = hook_begin();
    char authority[120];
    receiver_stop(t);
    make_certificate(t->office.dir);
    receiver_start(t);
    t->settings.total_ms = 5000;
    hooks_stop(t);
    hooks_start(t);
    struct made unknown = add_https(t);
    tell(t, "/pdd/s1", "finding", BODY);
    wait_for(t, &unknown, "dead", 1);
    cr_expect_not_null(strstr(first_error(t, &unknown, "dead"), "certificate"));
    cr_expect_eq(receiver_seen(t, NULL, 0), 0);
    cr_assert_null(gj_hooks_remove(t->hooks, S("default"), S(unknown.id)));
    hooks_stop(t);
    receiver_file(t, "cert.pem", authority);
    t->settings.ca_file = authority;
    t->settings.guard.http = false;
    hooks_start(t);
    struct made known = add_https(t);
    tell(t, "/pdd/s1", "finding", BODY);
    wait_for(t, &known, "delivered", 1);
    hook_end(t);
}

/* ---- owners ---- */

static void refused(struct hook_test *t, const char *request, const char *code)
{
    struct gj_buf out;
    gj_buf_init(&out);
    const struct gj_hook_fault *wrong =
        gj_hooks_add(t->hooks, S("default"), t->parser, hook_json(t, request), 0, &out);
    cr_expect(wrong != NULL && strcmp(wrong->code, code) == 0, "%s: %s", request,
              wrong == NULL ? "taken" : wrong->code);
    gj_buf_release(&out);
}

Test(hook, a_bad_request_is_refused_with_its_reason, .timeout = 60)
{
    struct hook_test *t = guarded(NULL);
#define HTTPS "{\"url\":\"https://example.com/\","
    refused(t, "[]", "hook-not-an-object");
    refused(t, "{}", "hook-url");
    refused(t, "{\"url\":1}", "hook-url");
    refused(t, "{\"url\":\"https://a\\u0000b/\"}", "hook-url");
    refused(t, "{\"url\":\"ftp://example.com/\"}", "hook-url-scheme");
    refused(t, "{\"url\":\"https://u:p@example.com/\"}", "hook-url-credentials");
    refused(t, "{\"url\":\"https://169.254.169.254/\"}", "hook-url-address");
    refused(t, "{\"url\":\"https://example.com/\\r\\nX: y\"}", "hook-url");
    refused(t, HTTPS "\"kind\":\"slack\"}", "hook-kind");
    refused(t, HTTPS "\"types\":\"finding\"}", "hook-types");
    refused(t, HTTPS "\"types\":[\"a\\nb\"]}", "hook-types");
    refused(t, HTTPS "\"sources\":[\"s1\"]}", "hook-sources");
    refused(t, HTTPS "\"sources\":[\"/a\\n/b\"]}", "hook-sources");
    refused(t, HTTPS "\"sources\":[\"/pdd\"]}", "hook-sources");
    refused(t, HTTPS "\"sources\":[\"/pdd/\"]}", "hook-sources");
    refused(t, HTTPS "\"sources\":[\"//s1\"]}", "hook-sources");
    refused(t, HTTPS "\"lang\":\"fr\"}", "hook-lang");
    refused(t, HTTPS "\"tpyes\":[]}", "hook-unknown-member");
    refused(t, HTTPS "\"secret\":\"mine\"}", "hook-secret");
    refused(t, HTTPS "\"kind\":\"wecom\",\"secret\":\"x\"}", "hook-secret");
    refused(t, HTTPS "\"kind\":\"feishu\",\"secret\":\"a b\"}", "hook-secret");
    hook_end(t);
}

Test(hook, another_tenant_does_not_see_it, .timeout = 60)
{
    struct hook_test *t = hook_begin();
    struct gj_buf out;
    gj_buf_init(&out);
    cr_assert_eq(gj_office_tenant_add(t->office.office, S("other"), ACT(0), &t->office.errors), 0);
    struct made hook = hook_add(t, "/ok?token=geheim", "");
    struct gj_str other = S("other"), id = S(hook.id);
    cr_assert_null(gj_hooks_list(t->hooks, S("default"), &out));
    cr_expect_not_null(strstr(out.ptr, hook.id));
    cr_expect_null(strstr(out.ptr, hook.secret), "a secret is shown once: %s", out.ptr);
    cr_expect_null(strstr(out.ptr, "geheim"), "%s", out.ptr);
    gj_buf_reset(&out);
    cr_assert_null(gj_hooks_list(t->hooks, other, &out));
    cr_expect_str_eq(out.ptr, "{\"items\":[],\"next\":null}");
    cr_expect_eq(gj_hooks_rotate(t->hooks, other, id, t->parser, NULL, &out)->status, 404);
    cr_expect_eq(gj_hooks_switch(t->hooks, other, id, false, 0)->status, 404);
    cr_expect_eq(gj_hooks_remove(t->hooks, other, id)->status, 404);
    cr_expect_eq(gj_hooks_test(t->hooks, other, id, &out)->status, 404);
    cr_expect_eq(gj_hooks_deliveries(t->hooks, other, id, S(""), 0, 0, &out)->status, 404);
    cr_expect_eq(gj_hooks_resend(t->hooks, other, id, 0, &out)->status, 404);
    gj_buf_reset(&out);
    cr_assert_null(gj_hooks_test(t->hooks, S("default"), id, &out));
    wait_for(t, &hook, "delivered", 1);
    gj_buf_release(&out);
    hook_end(t);
}

Test(hook, deliveries_are_listed_by_pages, .timeout = 60)
{
    struct hook_test *t = hook_begin();
    struct gj_buf out;
    gj_buf_init(&out);
    struct made hook = hook_add(t, "/ok", "");
    for (int i = 0; i < 7; i++) {
        tell(t, "/pdd/s1", "finding", BODY);
    }
    wait_for(t, &hook, "delivered", 7);
    struct gj_str id = S(hook.id);
    cr_assert_null(gj_hooks_deliveries(t->hooks, S("default"), id, S(""), 0, 4, &out));
    cr_expect_not_null(strstr(out.ptr, "],\"next\":\"4\"}"), "%s", out.ptr);
    gj_buf_reset(&out);
    cr_assert_null(gj_hooks_deliveries(t->hooks, S("default"), id, S(""), 4, 4, &out));
    cr_expect_not_null(strstr(out.ptr, "],\"next\":null}"), "%s", out.ptr);
    cr_expect_not_null(strstr(out.ptr, "\"id\":1,"), "%s", out.ptr);
    cr_expect_eq(gj_hooks_deliveries(t->hooks, S("default"), id, S("x"), 0, 4, &out)->status, 400);
    gj_buf_release(&out);
    hook_end(t);
}
