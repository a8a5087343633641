/* Fuzz target of room server: hostile bytes as the body of a request that has several parts, and as
 * a part of a URL. The elements of an array that was parsed are those the parser has; lines are all
 * the bytes but their ends; what is decoded is UTF-8 without NUL. */
#include "fuzz.h"
#include "server/parts.h"
#include "wire/json.h"

static void split_array(struct gj_json_parser *parser, struct gj_str body)
{
    const char *why = NULL;
    const struct gj_json *root = gj_json_parse(parser, body, 0, &why);
    if (root == NULL || !gj_body_is_array(body)) {
        return;
    }
    require(root->kind == GJ_JSON_ARRAY);
    uint32_t wanted = root->count, got = 0;
    struct gj_json_parser *own = gj_json_parser_new();
    require(own != NULL);
    struct gj_str rest = gj_array_inside(body);
    for (struct gj_str part; (part = gj_next_element(&rest)).len > 0; got++) {
        require(part.ptr >= body.ptr && part.ptr + part.len <= body.ptr + body.len);
        require(gj_json_parse(own, part, 0, &why) != NULL);
    }
    require(got == wanted);
    gj_json_parser_free(own);
}

static void split_lines(struct gj_str rest)
{
    size_t before = rest.len;
    while (rest.len > 0) {
        struct gj_str line = gj_next_line(&rest);
        require(rest.len < before && memchr(line.ptr, '\n', line.len) == NULL);
        before = rest.len;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gj_arena arena;
    struct gj_str bytes = {(const char *)data, size}, text;
    struct gj_json_parser *parser = gj_json_parser_new();
    require(parser != NULL);
    split_array(parser, bytes);
    split_lines(bytes);
    gj_arena_init(&arena);
    if (gj_percent_decode(&arena, bytes, &text)) {
        require(gj_json_is_utf8(text) && memchr(text.ptr, '\0', text.len) == NULL);
    }
    gj_arena_release(&arena);
    gj_json_parser_free(parser);
    return 0;
}
