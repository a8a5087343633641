/* Tests of room judge: the JSON door. Every line gets one line back; what is refused is refused by
 * name, with the line and the caller's id. */
#include "book_support.h"

struct answer {
    int status;
    const char *json;
    size_t len;
    const gj_verdict *verdict;
};

static struct answer ask(struct desk *desk, struct gj_str line, size_t number)
{
    struct answer a = {0};
    a.status =
        gj_check_json(desk->checker, line.ptr, line.len, 0, number, &a.json, &a.len, &a.verdict);
    struct gj_json_parser *parser = gj_json_parser_new();
    const char *why = NULL;
    cr_assert(gj_json_parse(parser, (struct gj_str){a.json, a.len}, 0, &why) != NULL,
              "the answer is no JSON (%s): %s", why, a.json);
    gj_json_parser_free(parser);
    cr_assert_null(memchr(a.json, '\n', a.len), "one line");
    return a;
}

static void tells(struct desk *desk, const char *line, const char *part)
{
    struct answer a = ask(desk, gj_str_of(line), 7);
    cr_expect_eq(a.status, GJ_OK, "%s: %s", line, a.json);
    cr_expect(strstr(a.json, part) != NULL, "%s\n lacks %s", a.json, part);
}

static void refuses(struct desk *desk, struct gj_str line, const char *part)
{
    gj_checker_json(desk->checker, (gj_json_settings){.english = true});
    struct answer a = ask(desk, line, 7);
    cr_expect_eq(a.status, GJ_EINPUT, "accepted: %.100s", line.ptr);
    cr_expect(strstr(a.json, "\"line\":7") != NULL, "%s", a.json);
    cr_expect(strstr(a.json, part) != NULL, "%s\n lacks %s", a.json, part);
}

Test(judge_door, refusals_are_in_the_reader_s_language)
{
    struct desk desk = small_desk(SECRET_RULE);
    struct answer a = ask(&desk, GJ_STR("{\"platform\":\"here\"}"), 1);
    cr_expect(strstr(a.json, "缺少 \\\"text\\\"，请补上") != NULL, "%s", a.json);
    refuses(&desk, GJ_STR("{\"platform\":\"here\"}"), "\\\"text\\\" is missing; add it");
    desk_close(&desk);
}

Test(judge_door, verdict_fields)
{
    struct desk desk = small_desk(SECRET_RULE);
    const char *line = "{\"id\":\"m-1\",\"platform\":\"here\",\"text\":\"对暗号\"}";
    tells(&desk, line, "\"id\":\"m-1\"");
    tells(&desk, line, "\"suggestion\":\"block\"");
    tells(&desk, line, "\"hits\":[{\"rule\":\"here.secret\"");
    tells(&desk, line, "\"matched\":\"暗号\",\"start\":1,\"end\":3,\"transforms\":[]");
    tells(&desk, line, "\"rewrite\":\"好的\"");
    tells(&desk, line, "\"unknown\":[]");
    tells(&desk, line, gj_rulebook_hash(desk.book));
    tells(&desk, "{\"platform\":\"here\",\"text\":\"\",\"id\":12}", "\"id\":12,");
    tells(&desk, "{\"platform\":\"here\",\"text\":\"你好\"}", "\"suggestion\":\"pass\"");
    tells(&desk, "{\"platform\":\"here\",\"text\":\"暗\\u0000号\"}", "\"start\":0,\"end\":3");
    gj_checker_json(
        desk.checker,
        (gj_json_settings){.english = true, .default_platform = "here", .text_key = "say"});
    tells(&desk, "{\"say\":\"暗号\"}", "\"title\":\"name\"");
    tells(&desk, "{\"say\":\"暗号\",\"text\":\"x\"}", "\"ignored\":[\"text\"]");
    cr_expect(
        gj_str_eq((struct gj_str){gj_checker_message(desk.checker)->text, 6}, GJ_STR("暗号")));
    desk_close(&desk);
}

Test(judge_door, facts)
{
    struct desk desk =
        small_desk(SECRET_LEXICON RULE("here.a") "suggest: block\napplies: true\n"
                                                 "when: hit(\"secret\") && shop.open\n");
#define WITH(context) "{\"platform\":\"here\",\"text\":\"暗号\",\"context\":" context "}"
    tells(&desk, WITH("{}"), "\"unknown\":[\"shop.open\"]");
    tells(&desk, WITH("{\"shop.open\":true}"), "\"suggestion\":\"block\"");
    tells(&desk, WITH("{\"shop\":{\"open\":false,\"size\":2}}"), "\"suggestion\":\"pass\"");
    tells(&desk, WITH("{\"shop.open\":null}"), "\"suggestion\":\"review\"");
    tells(&desk, WITH("{\"shop.opne\":true}"), "\"ignored\":[\"shop.opne\"]");
    tells(&desk, WITH("{\"shop.authorised_hosts\":[\"a.com\"]}"), "\"suggestion\":\"review\"");
    refuses(&desk, GJ_STR(WITH("{\"shop.open\":1}")), "true or false");
    refuses(&desk, GJ_STR(WITH("{\"shop.open\":1.5}")), "shop.open");
    refuses(&desk, GJ_STR(WITH("{\"shop.authorised_hosts\":[1]}")), "strings only");
    refuses(&desk, GJ_STR(WITH("{\"shop.open\":true,\"shop\":{\"open\":false}}")), "given twice");
    refuses(&desk, GJ_STR(WITH("[]")), "object of facts");
    refuses(&desk, GJ_STR(WITH("{\"shop.authorised_hosts\":[\"a.com\\u0000b\"]}")), "strings");
    refuses(&desk, GJ_STR(WITH("{\"shop.open\":\"a\\u0000b\"}")), "holds a NUL");
    desk_close(&desk);
}

Test(judge_door, refusals)
{
    struct desk desk = small_desk(SECRET_RULE);
    refuses(&desk, GJ_STR(""), "empty");
    refuses(&desk, GJ_STR("hello"), "JSON");
    refuses(&desk, GJ_STR("[]"), "one JSON object");
    refuses(&desk, GJ_STR("{\"text\":\"x\"}"), "platform");
    refuses(&desk, GJ_STR("{\"platform\":\"here\"}"), "text");
    refuses(&desk, GJ_STR("{\"platform\":\"here\",\"text\":5}"), "must be a string");
    refuses(&desk, GJ_STR("{\"platform\":5,\"text\":\"x\"}"), "must be a string");
    refuses(&desk, GJ_STR("{\"platform\":\"hear\",\"text\":\"x\"}"), "use one of: here, there");
    refuses(&desk, GJ_STR("{\"platform\":\"here\\u0000\",\"text\":\"x\"}"), "platform");
    refuses(
        &desk,
        GJ_STR("{\"platform\":\"一个非常非常长的平台名称它在第八十个字节处恰好是一个汉字的中间\","
               "\"text\":\"x\"}"),
        "use one of: here, there");
    refuses(&desk, GJ_STR("{\"platform\":\"here\",\"text\":\"x\",\"sender\":\"robot\"}"), "agent");
    refuses(&desk, GJ_STR("{\"platform\":\"here\",\"text\":\"x\",\"kind\":\"poem\"}"), "title");
    refuses(&desk, GJ_STR("{\"platform\":\"here\",\"text\":\"x\",\"time\":\"soon\"}"), "RFC 3339");
    refuses(&desk, GJ_STR("{\"id\":true,\"platform\":\"here\",\"text\":\"x\"}"), "integer");
    refuses(&desk, GJ_STR("{\"platform\":\"here\",\"platform\":\"here\",\"text\":\"x\"}"), "twice");
    refuses(&desk, GJ_STR("{\"platform\":\"here\",\"text\":\"\xFF\"}"), "UTF-8");
    refuses(&desk, GJ_STR("{\"platform\":\"here\",\"text\":\"\\ud800\"}"), "surrogate");
    refuses(&desk, GJ_STR("{\"platform\":\"here\",\"text\":\"x\",\"id\":9223372036854775808}"),
            "64 bit");
    struct answer a = ask(&desk, GJ_STR("{\"text\":\"x\",\"id\":\"m\\n9\",\"platform\":\"z\"}"), 3);
    cr_expect(strstr(a.json, "{\"id\":\"m\\n9\"") == a.json, "a refusal names the id: %s", a.json);
    cr_expect_null(a.verdict);
    tells(&desk, "{\"platform\":\"here\",\"text\":\"暗号\"}", "block");
    desk_close(&desk);
}

Test(judge_door, long_paths_of_facts)
{
    /* a long name over many members must not be copied for each of them */
    struct desk desk = small_desk(SECRET_RULE);
    struct gj_buf line;
    gj_buf_init(&line);
    gj_buf_add_cstr(&line, "{\"platform\":\"here\",\"text\":\"x\",\"context\":{\"");
    for (int i = 0; i < 500000; i++) {
        gj_buf_add_char(&line, 'k');
    }
    gj_buf_add_cstr(&line, "\":{");
    for (int i = 0; i < 50000; i++) {
        gj_buf_addf(&line, "%s\"%d\":1", i > 0 ? "," : "", i);
    }
    gj_buf_add_cstr(&line, "}}}");
    struct answer a = ask(&desk, gj_buf_str(&line), 1);
    cr_expect(a.status == GJ_OK || a.status == GJ_EINPUT);
    cr_expect_lt(a.len, 10000000);
    gj_buf_release(&line);
    desk_close(&desk);
}

Test(judge_door, verdict_as_json)
{
    struct desk desk = small_desk(SECRET_RULE);
    const gj_verdict *v = judge(&desk, "here", "暗号");
    size_t len = 0;
    const char *json = gj_verdict_json(desk.checker, v, "here", &len);
    cr_expect(len == strlen(json) && strstr(json, "\"rule\":\"here.secret\"") != NULL);
    char names[8];
    cr_expect_str_eq(gj_transform_text(0, names, sizeof names), "");
    cr_expect_lt(strlen(gj_transform_text(UINT32_MAX, names, sizeof names)), sizeof names);
    desk_close(&desk);
}
