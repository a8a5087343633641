/* Tests of room hook: the parts of hooks: where they may be sent, signatures, cards. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>

#include "hook/card.h"
#include "hook/guard.h"
#include "hook/sign.h"

/* ---- where ---- */

static const char *what_is(const struct gj_hook_guard *guard, const char *text)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
        return gj_hook_guard_address(guard, (struct sockaddr *)&v4);
    }
    cr_assert_eq(inet_pton(AF_INET6, text, &v6.sin6_addr), 1, "%s", text);
    return gj_hook_guard_address(guard, (struct sockaddr *)&v6);
}

Test(hook_guard, addresses_of_inner_networks_are_refused)
{
    static const char *const refused[] = {"0.0.0.0",
                                          "0.1.2.3",
                                          "10.0.0.1",
                                          "10.255.255.255",
                                          "100.64.0.1",
                                          "100.127.255.1",
                                          "127.0.0.1",
                                          "127.9.9.9",
                                          "169.254.169.254",
                                          "169.254.0.1",
                                          "172.16.0.1",
                                          "172.31.255.255",
                                          "192.0.0.8",
                                          "192.0.2.1",
                                          "192.88.99.1",
                                          "192.168.1.1",
                                          "198.18.0.1",
                                          "198.19.255.255",
                                          "198.51.100.7",
                                          "203.0.113.7",
                                          "224.0.0.1",
                                          "239.1.1.1",
                                          "240.0.0.1",
                                          "255.255.255.255",
                                          "::",
                                          "::1",
                                          "::ffff:127.0.0.1",
                                          "::ffff:10.0.0.1",
                                          "::127.0.0.1",
                                          "fc00::1",
                                          "fd12:3456::1",
                                          "fe80::1",
                                          "fec0::1",
                                          "ff02::1",
                                          "64:ff9b::7f00:1",
                                          "64:ff9b::a9fe:a9fe",
                                          "64:ff9b:1::1",
                                          "2002:7f00:1::",
                                          "2002:a00:1::1",
                                          "2002:c0a8:101::1",
                                          "2001::1",
                                          "2001:db8::1",
                                          "2001:10::1",
                                          "3fff::1",
                                          "4000::1",
                                          "100::1",
                                          "5f00::1"};
    static const char *const open[] = {
        "1.1.1.1",          "8.8.8.8",         "100.63.255.255",      "100.128.0.0",
        "172.15.0.1",       "172.32.0.1",      "169.253.0.1",         "192.0.1.1",
        "198.17.255.255",   "198.20.0.0",      "223.255.255.255",     "47.246.0.1",
        "2400:3200::1",     "2606:4700::1111", "2a00:1450:4001::8",   "::ffff:8.8.8.8",
        "64:ff9b::808:808", "2002:808:808::1", "2001:4860:4860::8888"};
    const struct gj_hook_guard guard = {0};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        cr_expect_not_null(what_is(&guard, refused[i]), "%s", refused[i]);
    }
    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++) {
        const char *what = what_is(&guard, open[i]);
        cr_expect_null(what, "%s: %s", open[i], what);
    }
    struct sockaddr other = {.sa_family = AF_UNIX};
    cr_expect_not_null(gj_hook_guard_address(&guard, &other));
}

Test(hook_guard, what_the_configuration_allows_is_open)
{
    struct gj_cidr allowed[3];
    cr_assert_eq(gj_cidr_parse(GJ_STR("10.1.0.0/16"), &allowed[0]), 0);
    cr_assert_eq(gj_cidr_parse(GJ_STR("127.0.0.1"), &allowed[1]), 0);
    cr_assert_eq(gj_cidr_parse(GJ_STR("fd00:1::/33"), &allowed[2]), 0);
    const struct gj_hook_guard guard = {.allowed = allowed, .allowed_count = 3};
    cr_expect_null(what_is(&guard, "10.1.255.3"));
    cr_expect_null(what_is(&guard, "::ffff:10.1.0.3"));
    cr_expect_not_null(what_is(&guard, "10.2.0.1"));
    cr_expect_null(what_is(&guard, "127.0.0.1"));
    cr_expect_not_null(what_is(&guard, "127.0.0.2"));
    cr_expect_null(what_is(&guard, "fd00:1:0:0::1"));
    cr_expect_null(what_is(&guard, "fd00:1:7fff::1"));
    cr_expect_not_null(what_is(&guard, "fd00:1:8000::1"));
    const struct gj_hook_guard all = {.all = true};
    cr_expect_null(what_is(&all, "127.0.0.2"));
    static const char *const none[] = {"",         "10.0.0.0/33",  "10.0.0.0/",
                                       "10.0.0/8", "::/129",       "10.0.0.0/-1",
                                       "x/8",      "10.0.0.0/8/8", "10.0.0.0/ 8"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        cr_expect_eq(gj_cidr_parse(gj_str_of(none[i]), &allowed[0]), -1, "%s", none[i]);
    }
}

Test(hook_guard, urls_are_looked_at_before_they_are_kept)
{
    static const struct {
        const char *url;
        enum gj_hook_url is;
    } cases[] = {
        {"https://example.com/hook?x=1", GJ_HOOK_URL_OK},
        {"https://[2606:4700::1111]:8443/", GJ_HOOK_URL_OK},
        {"https://xn--fiqs8s.example/", GJ_HOOK_URL_OK},
        {"http://example.com/", GJ_HOOK_URL_SCHEME},
        {"ftp://example.com/", GJ_HOOK_URL_SCHEME},
        {"file:///etc/passwd", GJ_HOOK_URL_BAD},
        {"gopher://example.com/", GJ_HOOK_URL_SCHEME},
        {"example.com", GJ_HOOK_URL_BAD},
        {"", GJ_HOOK_URL_BAD},
        {"https://", GJ_HOOK_URL_BAD},
        {"https://user:pw@example.com/", GJ_HOOK_URL_CREDENTIALS},
        {"https://user@example.com/", GJ_HOOK_URL_CREDENTIALS},
        {"https://example.com/#x", GJ_HOOK_URL_FRAGMENT},
        {"https://example.com/a b", GJ_HOOK_URL_BAD},
        {"https://example.com/\r\nX: y", GJ_HOOK_URL_BAD},
        {"https://example.com/\x01", GJ_HOOK_URL_BAD},
        {"https://例子.中国/", GJ_HOOK_URL_BAD},
        {"https://127.0.0.1/", GJ_HOOK_URL_ADDRESS},
        {"https://127.1/", GJ_HOOK_URL_ADDRESS},
        {"https://2130706433/", GJ_HOOK_URL_ADDRESS},
        {"https://0x7f.0.0.1/", GJ_HOOK_URL_ADDRESS},
        {"https://0177.0.0.1/", GJ_HOOK_URL_ADDRESS},
        {"https://0/", GJ_HOOK_URL_ADDRESS},
        {"https://169.254.169.254/latest/meta-data/", GJ_HOOK_URL_ADDRESS},
        {"https://[::1]/", GJ_HOOK_URL_ADDRESS},
        {"https://[::ffff:10.0.0.1]/", GJ_HOOK_URL_ADDRESS},
        {"https://[fe80::1%25eth0]/", GJ_HOOK_URL_ADDRESS},
    };
    const struct gj_hook_guard guard = {0}, http = {.http = true};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        enum gj_hook_url is = gj_hook_guard_url(&guard, cases[i].url);
        bool refused_otherwise = cases[i].is == GJ_HOOK_URL_SCHEME && is == GJ_HOOK_URL_BAD;
        cr_expect(is == cases[i].is || refused_otherwise, "%s: %d", cases[i].url, (int)is);
    }
    cr_expect_eq(gj_hook_guard_url(&http, "http://example.com/"), GJ_HOOK_URL_OK);
    cr_expect_eq(gj_hook_guard_url(&http, "http://localhost.:80@example.com/"),
                 GJ_HOOK_URL_CREDENTIALS);
    char url[GJ_HOOK_URL_MAX + 40] = "https://example.com/";
    memset(url + strlen(url), 'x', GJ_HOOK_URL_MAX);
    cr_expect_eq(gj_hook_guard_url(&guard, url), GJ_HOOK_URL_BAD);
}

/* ---- signatures ---- */

/* The example of the standard's reference libraries. */
Test(hook_sign, a_webhook_is_signed_as_the_standard_says)
{
    struct gj_buf out;
    gj_buf_init(&out);
    cr_assert_eq(gj_hook_sign(GJ_STR("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
                              GJ_STR("msg_p5jXN8AQM9LWM0D4loKWxJek"), 1614265330,
                              GJ_STR("{\"test\": 2432232314}"), &out),
                 0);
    cr_expect_str_eq(out.ptr, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    cr_expect_eq(gj_hook_sign(GJ_STR("MfKQ9r8GKYqr"), GJ_STR("m"), 1, GJ_STR(""), &out), -1);
    cr_expect_eq(gj_hook_sign(GJ_STR("whsec_*"), GJ_STR("m"), 1, GJ_STR(""), &out), -1);
    gj_buf_release(&out);
}

Test(hook_sign, secrets_and_messages_have_their_form)
{
    char a[GJ_HOOK_SECRET_SIZE], b[GJ_HOOK_SECRET_SIZE];
    gj_hook_secret_new(a);
    gj_hook_secret_new(b);
    cr_expect(strncmp(a, "whsec_", 6) == 0 && strlen(a) == 50 && strcmp(a, b) != 0);
    char x[GJ_HOOK_MESSAGE_SIZE], y[GJ_HOOK_MESSAGE_SIZE];
    gj_hook_message_id((struct gj_str[]){GJ_STR("ab"), GJ_STR("c")}, 2, x);
    gj_hook_message_id((struct gj_str[]){GJ_STR("a"), GJ_STR("bc")}, 2, y);
    cr_expect(strncmp(x, "msg_", 4) == 0 && strlen(x) == 36 && strcmp(x, y) != 0);
    gj_hook_message_id((struct gj_str[]){GJ_STR("ab"), GJ_STR("c")}, 2, y);
    cr_expect_str_eq(x, y);
}

/* ---- cards ---- */

static struct gj_hook_notice notice(const char *type, const char *body)
{
    return (struct gj_hook_notice){1, 0, GJ_STR("/p/s1"), gj_str_of(type), gj_str_of(body)};
}

static void card(struct gj_buf *out, const char *type, const char *body, bool english)
{
    struct gj_json_parser *parser = gj_json_parser_new();
    struct gj_hook_notice one = notice(type, body);
    gj_buf_reset(out);
    gj_card_add(out, parser, &one, english, "\n");
    gj_json_parser_free(parser);
}

Test(hook_card, tells_what_where_by_when_and_what_to_do)
{
    struct gj_buf out;
    gj_buf_init(&out);
    const char *body =
        "{\"source\":\"/p/s1\",\"title\":{\"zh\":\"退款处理\",\"en\":\"refund\"},\"kind\":"
        "\"aftersale\",\"id\":\"A1\",\"due\":\"2026-03-04T10:00:00+08:00\",\"fine_fen\":5905}";
    card(&out, "deadline.nearing", body, false);
    cr_expect_str_eq(out.ptr, "**即将超时：退款处理**\n店铺：/p/s1\n对象：aftersale A1\n"
                              "期限：2026-03-04 10:00:00\n逾期罚款：59.05 元\n"
                              "建议：请在期限前处理\n");
    card(&out, "deadline.nearing", body, true);
    cr_expect_str_eq(out.ptr, "**Deadline near: refund**\nShop: /p/s1\nAbout: aftersale A1\n"
                              "By: 2026-03-04 10:00:00\nFine if missed: 59.05 yuan\n"
                              "To do: act before the deadline\n");
    card(&out, "verdict",
         "{\"hits\":[{\"rule\":\"r\",\"rewrite\":{\"zh\":\"可以直接支付\",\"en\":\"\"}},{}]}",
         false);
    cr_expect_str_eq(out.ptr, "**话术有违规风险**\n建议：可以直接支付\n");
    card(&out, "breach", "{\"value_bp\":3205,\"fine_fen\":0}", true);
    cr_expect_str_eq(out.ptr, "**Metric past its limit**\nValue: 32.05%\n"
                              "To do: look at the details and mend the cause\n");
    card(&out, "entry.reversed",
         "{\"parts\":[{\"account\":\"shop\",\"amount\":-3},{\"account\":\"b\"},{},{}]}", false);
    cr_expect_str_eq(out.ptr, "**记账已冲正**\n明细：shop -3、b、…\n");
    card(&out, "something.new", "no JSON", false);
    cr_expect_str_eq(out.ptr, "**something.new**\n");
    gj_buf_release(&out);
}

Test(hook_card, what_a_buyer_wrote_has_no_effect)
{
    struct gj_buf out;
    gj_buf_init(&out);
    card(&out, "verdict",
         "{\"because\":\"[点我](https://evil.example)<at user_id=all></at>\\n**@所有人** `x`\"}",
         false);
    static const char *const bad[] = {"[", "]", "<", ">", "://", "@", "`", "\n*"};
    const char *text = strstr(out.ptr, "原因：");
    cr_assert_not_null(text);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cr_expect_null(strstr(text, bad[i]), "%s in %s", bad[i], text);
    }
    struct gj_buf longer;
    gj_buf_init(&longer);
    gj_buf_add_cstr(&longer, "{\"because\":\"");
    for (int i = 0; i < 5000; i++) {
        gj_buf_add_cstr(&longer, "很");
    }
    gj_buf_add_cstr(&longer, "\"}");
    card(&out, "verdict", longer.ptr, false);
    cr_expect_lt(out.len, 500);
    gj_buf_release(&longer);
    gj_buf_release(&out);
}

/* The signatures are another program's (Python's hmac). */
Test(hook_robot, each_is_asked_in_its_own_way)
{
    struct gj_json_parser *parser = gj_json_parser_new();
    struct gj_hook_notice two[] = {notice("deadline.nearing", "{\"title\":\"甲\"}"),
                                   notice("finding", "{\"title\":\"乙\"}")};
    struct gj_buf to, body;
    gj_buf_init(&to);
    gj_buf_init(&body);
    const char *why = NULL;
    gj_robot_write(gj_robot_find(GJ_STR("dingtalk")), parser, two, 2, false,
                   GJ_STR("https://r.example/send?access_token=x"), GJ_STR("SECabc"),
                   INT64_C(1700000000000000), &to, &body);
    cr_expect_str_eq(to.ptr, "https://r.example/send?access_token=x&timestamp=1700000000000&sign="
                             "jcUpW0QmtKduN03n4JqQ0PBosVjqnM8gU7fIIvsDmCM%3D");
    cr_expect_str_eq(
        body.ptr,
        "{\"msgtype\":\"markdown\",\"markdown\":{\"title\":\"即将超时 等 2 条\","
        "\"text\":\"**即将超时：甲**  \\n建议：请在期限前处理  \\n  \\n**发现违规：乙**  \\n"
        "建议：请核实，有异议可申诉  \\n\"}}");
    gj_buf_reset(&to);
    gj_buf_reset(&body);
    gj_robot_write(gj_robot_find(GJ_STR("wecom")), parser, two, 1, true,
                   GJ_STR("https://r.example/send?key=x"), GJ_STR(""), 0, &to, &body);
    cr_expect_str_eq(to.ptr, "https://r.example/send?key=x");
    cr_expect_str_eq(body.ptr, "{\"msgtype\":\"markdown\",\"markdown\":{\"content\":\"**Deadline "
                               "near: 甲**\\nTo do: act before the deadline\\n\"}}");
    gj_buf_reset(&to);
    gj_buf_reset(&body);
    gj_robot_write(gj_robot_find(GJ_STR("feishu")), parser, two, 2, true,
                   GJ_STR("https://r.example/hook/x"), GJ_STR("demo"), INT64_C(1599360473000000),
                   &to, &body);
    cr_expect_str_eq(to.ptr, "https://r.example/hook/x");
    cr_expect_not_null(strstr(body.ptr, "{\"timestamp\":\"1599360473\",\"sign\":\"l1N0gAcBjdwBvGm1"
                                        "xMjOF0XSyaLRpR7tuO5dHfhAYc8=\","),
                       "%s", body.ptr);
    cr_expect_not_null(strstr(body.ptr, "\"template\":\"red\""), "%s", body.ptr);
    cr_expect_not_null(gj_json_parse(parser, gj_buf_str(&body), 0, &why), "%s", why);
    gj_buf_release(&to);
    gj_buf_release(&body);
    gj_json_parser_free(parser);
}

Test(hook_robot, a_card_has_its_bounds)
{
    struct gj_json_parser *parser = gj_json_parser_new();
    struct gj_buf to, body, text;
    gj_buf_init(&to);
    gj_buf_init(&body);
    gj_buf_init(&text);
    gj_buf_add_cstr(&text, "{\"because\":\"");
    for (int i = 0; i < 200; i++) {
        gj_buf_add_cstr(&text, "很");
    }
    gj_buf_add_cstr(&text, "\"}");
    struct gj_hook_notice many[20];
    for (size_t i = 0; i < 20; i++) {
        many[i] = notice("verdict", text.ptr);
    }
    gj_robot_write(gj_robot_find(GJ_STR("wecom")), parser, many, 20, false, GJ_STR("https://r/"),
                   GJ_STR(""), 0, &to, &body);
    cr_expect_lt(body.len, 4300);
    cr_expect_not_null(strstr(body.ptr, "另有 "), "%s", body.ptr);
    gj_buf_release(&text);
    gj_buf_release(&to);
    gj_buf_release(&body);
    gj_json_parser_free(parser);
}

Test(hook_robot, an_answer_is_read)
{
    static const struct {
        const char *kind, *body;
        enum gj_robot_answer is;
    } cases[] = {
        {"dingtalk", "{\"errcode\":0,\"errmsg\":\"ok\"}", GJ_ROBOT_TAKEN},
        {"dingtalk", "{\"errcode\":130101,\"errmsg\":\"send too fast\"}", GJ_ROBOT_BUSY},
        {"dingtalk", "{\"errcode\":310000,\"errmsg\":\"sign not match\"}", GJ_ROBOT_REFUSED},
        {"wecom", "{\"errcode\":45009,\"errmsg\":\"api freq out of limit\"}", GJ_ROBOT_BUSY},
        {"wecom", "{\"errcode\":93000}", GJ_ROBOT_REFUSED},
        {"feishu", "{\"code\":0,\"msg\":\"success\",\"data\":{}}", GJ_ROBOT_TAKEN},
        {"feishu", "{\"code\":11232,\"msg\":\"frequency limited\"}", GJ_ROBOT_BUSY},
        {"feishu", "{\"code\":19021,\"msg\":\"sign match fail\"}", GJ_ROBOT_REFUSED},
        {"feishu", "{\"code\":\"0\"}", GJ_ROBOT_REFUSED},
        {"feishu", "<html>", GJ_ROBOT_REFUSED},
        {"feishu", "[]", GJ_ROBOT_REFUSED},
        {"feishu", "", GJ_ROBOT_REFUSED},
    };
    struct gj_json_parser *parser = gj_json_parser_new();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct gj_buf why;
        gj_buf_init(&why);
        enum gj_robot_answer is = gj_robot_read(gj_robot_find(gj_str_of(cases[i].kind)), parser,
                                                gj_str_of(cases[i].body), &why);
        cr_expect_eq(is, cases[i].is, "%s: %d", cases[i].body, (int)is);
        cr_expect_eq(is == GJ_ROBOT_TAKEN, why.len == 0, "%s", why.ptr);
        gj_buf_release(&why);
    }
    gj_json_parser_free(parser);
}
