/* Tests of room wire: what leaves the JSON reader is what the house may meet, all else is refused
 * with a reason that says what to do. */
#include <criterion/criterion.h>

#include "base/utf8.h"
#include "wire/json.h"

static void refuses(struct gj_json_parser *parser, const char *bytes, size_t len, const char *part)
{
    const char *why = "";
    const struct gj_json *root = gj_json_parse(parser, (struct gj_str){bytes, len}, 0, &why);
    cr_expect(root == NULL, "accepted: %.80s", bytes);
    cr_expect(strstr(why, part) != NULL, "%.80s: '%s' does not say '%s'", bytes, why, part);
    cr_expect(strlen(why) > 10 && gj_utf8_valid_prefix(gj_str_of(why)) == strlen(why));
}

#define REFUSES(literal, part) refuses(parser, literal, sizeof(literal) - 1, part)

Test(wire, reads_values)
{
    struct gj_json_parser *parser = gj_json_parser_new();
    const char *why = NULL;
    struct gj_str text =
        GJ_STR("{\"s\":\"\\u5fae\\n\",\"i\":-9223372036854775808,\"b\":true,\"n\":null,\"d\":1.5,"
               "\"a\":[1,[2],{}]}");
    const struct gj_json *root = gj_json_parse(parser, text, 0, &why);
    cr_assert(root != NULL, "%s", why);
    cr_assert_eq(root->kind, GJ_JSON_OBJECT);
    cr_assert_eq(root->count, 6);
    const struct gj_json *v = gj_json_first(parser, root);
    cr_assert(gj_str_is(v->key, "s") && gj_str_is(v->text, "微\n"));
    cr_assert_eq(v->text.ptr[v->text.len], '\0');
    v = gj_json_next(parser, v);
    cr_assert(v->kind == GJ_JSON_INT && v->integer == INT64_MIN);
    v = gj_json_next(parser, v);
    cr_assert(v->kind == GJ_JSON_BOOL && v->integer == 1);
    v = gj_json_next(parser, v);
    cr_assert_eq(v->kind, GJ_JSON_NULL);
    v = gj_json_next(parser, v);
    cr_assert_eq(v->kind, GJ_JSON_DOUBLE);
    v = gj_json_next(parser, v);
    cr_assert(v->kind == GJ_JSON_ARRAY && v->count == 3);
    cr_assert_null(gj_json_next(parser, v));
    const struct gj_json *item = gj_json_next(parser, gj_json_first(parser, v));
    cr_assert(item->kind == GJ_JSON_ARRAY && gj_json_first(parser, item)->integer == 2);
    cr_assert_null(gj_json_first(parser, gj_json_next(parser, item)));
    gj_json_parser_free(parser);
}

Test(wire, reads_in_place_with_padding)
{
    struct gj_json_parser *parser = gj_json_parser_new();
    char bytes[200] = "{\"a\":1}x{{{\"not\" part of it";
    const char *why = NULL;
    const struct gj_json *root = gj_json_parse(parser, (struct gj_str){bytes, 7}, 150, &why);
    cr_assert(root != NULL && root->count == 1, "%s", why);
    gj_json_parser_free(parser);
}

Test(wire, refuses_what_is_not_json)
{
    struct gj_json_parser *parser = gj_json_parser_new();
    REFUSES("", "empty");
    REFUSES("   ", "empty");
    REFUSES("{", "JSON");
    REFUSES("{\"a\":1} {\"b\":2}", "JSON");
    REFUSES("{'a':1}", "JSON");
    REFUSES("[1,]", "JSON");
    REFUSES("nul", "JSON");
    REFUSES("\xEF\xBB\xBF", "");
    REFUSES("{\"a\":\"x", "closed");
    REFUSES("{\"a\":\"x\ny\"}", "control");
    REFUSES("{\"a\":\"x\0y\"}", "control");
    REFUSES("{\"a\":01}", "number");
    gj_json_parser_free(parser);
}

Test(wire, refuses_what_hurts)
{
    struct gj_json_parser *parser = gj_json_parser_new();
    REFUSES("{\"a\":\"\xFF\"}", "UTF-8");
    REFUSES("{\"a\":\"\xED\xA0\x80\"}", "UTF-8");
    REFUSES("{\"a\":\"\\ud800\"}", "surrogate");
    REFUSES("{\"a\":\"\\udc00\\ud800\"}", "surrogate");
    REFUSES("{\"a\":9223372036854775808}", "64 bit");
    REFUSES("{\"a\":123456789012345678901234567890}", "64 bit");
    REFUSES("{\"a\":1,\"a\":2}", "\"a\" stands twice");
    REFUSES("{\"x\":{\"a\":1,\"b\":2,\"\\u0061\":2}}", "\"a\" stands twice");
    REFUSES("{\"a\\u0000b\":1,\"a\\u0000b\":2}", "\"a?b\" stands twice");
    struct gj_buf twice; /* of a long name its begin is told */
    gj_buf_init(&twice);
    for (int i = 0; i < 2; i++) {
        gj_buf_add_cstr(&twice, i == 0 ? "{\"" : ",\"");
        for (int n = 0; n < 1000; n++) {
            gj_buf_add_cstr(&twice, "微");
        }
        gj_buf_add_cstr(&twice, "\":1");
    }
    gj_buf_add_char(&twice, '}');
    refuses(parser, twice.ptr, twice.len, "微...\" stands twice");
    gj_buf_release(&twice);
    gj_json_parser_free(parser);
}

Test(wire, finds_duplicates_among_many_keys)
{
    struct gj_json_parser *parser = gj_json_parser_new();
    struct gj_buf text;
    gj_buf_init(&text);
    for (int repeat = 0; repeat < 2; repeat++) {
        gj_buf_reset(&text);
        gj_buf_add_char(&text, '{');
        for (int i = 0; i < 5000; i++) {
            gj_buf_addf(&text, "%s\"k%d\":0", i > 0 ? "," : "", i);
        }
        gj_buf_add_cstr(&text, repeat == 1 ? ",\"k17\":1}" : "}");
        const char *why = NULL;
        const struct gj_json *root = gj_json_parse(parser, gj_buf_str(&text), 0, &why);
        cr_assert_eq(root == NULL, repeat == 1);
        cr_assert(repeat == 0 || strstr(why, "\"k17\"") != NULL);
    }
    gj_buf_release(&text);
    gj_json_parser_free(parser);
}

Test(wire, depth_is_bounded)
{
    struct gj_json_parser *parser = gj_json_parser_new();
    char bytes[20000];
    const char *why = NULL;
    for (size_t depth = 60; depth <= 10000; depth += depth < 70 ? 1 : 4965) {
        memset(bytes, '[', depth);
        memset(bytes + depth, ']', depth);
        const struct gj_json *root =
            gj_json_parse(parser, (struct gj_str){bytes, 2 * depth}, 0, &why);
        cr_expect_eq(root != NULL, depth <= GJ_JSON_DEPTH_MAX, "depth %zu", depth);
        cr_expect(root != NULL || strstr(why, "deeper than 64") != NULL, "%s", why);
    }
    gj_json_parser_free(parser);
}

Test(wire, a_refusal_is_forgotten)
{
    struct gj_json_parser *parser = gj_json_parser_new();
    const char *why = NULL;
    for (int i = 0; i < 100; i++) {
        REFUSES("{\"a\":1,\"a\":2}", "twice");
        cr_assert_not_null(gj_json_parse(parser, GJ_STR("{\"a\":1}"), 0, &why));
    }
    gj_json_parser_free(parser);
}

Test(wire, strings_go_out_and_come_back)
{
    struct gj_json_parser *parser = gj_json_parser_new();
    char all[600];
    size_t len = 0;
    for (unsigned cp = 1; cp < 0x100; cp++) {
        len += gj_utf8_encode(cp, all + len);
    }
    all[len++] = '\0'; /* a NUL inside */
    len += gj_utf8_encode(0x1F600, all + len);
    struct gj_buf json;
    gj_buf_init(&json);
    gj_json_add_string(&json, (struct gj_str){all, len});
    for (size_t i = 0; i < json.len; i++) {
        cr_assert((unsigned char)json.ptr[i] >= 0x20 && json.ptr[i] != 0x7F);
    }
    const char *why = NULL;
    const struct gj_json *root = gj_json_parse(parser, gj_buf_str(&json), 0, &why);
    cr_assert(root != NULL && root->kind == GJ_JSON_STRING, "%s", why);
    cr_assert(gj_str_eq(root->text, (struct gj_str){all, len}));
    gj_buf_release(&json);
    gj_json_parser_free(parser);
}

Test(wire, members_go_out_with_their_commas)
{
    struct gj_buf out;
    gj_buf_init(&out);
    gj_buf_add_char(&out, '{');
    gj_json_add_text(&out, "a", GJ_STR("x\"{"));
    gj_json_add_int(&out, "b", -7);
    gj_json_add_key(&out, "c");
    gj_buf_add_char(&out, '[');
    for (int64_t i = 0; i < 3; i++) {
        gj_json_add_comma(&out);
        gj_buf_add_int(&out, i);
    }
    gj_buf_add_cstr(&out, "]}");
    cr_assert_str_eq(out.ptr, "{\"a\":\"x\\\"{\",\"b\":-7,\"c\":[0,1,2]}");
    gj_buf_release(&out);
}
