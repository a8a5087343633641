/* Room server: members of a JSON body (see body.h). */
#include "server/body.h"

#include <stdio.h>
#include <string.h>

static bool wrong(const struct gj_body *body, const char *name, const char *zh, const char *en,
                  const char *what)
{
    struct gj_buf text;
    const char *format = body->r->english ? en : zh, *at = strstr(format, "%s");
    gj_buf_init(&text);
    gj_buf_addf(&text, "%s: ", name);
    gj_buf_add(&text, format, at == NULL ? strlen(format) : (size_t)(at - format));
    gj_buf_add_cstr(&text, at == NULL ? "" : what);
    gj_buf_add_cstr(&text, at == NULL ? "" : at + 2);
    gj_problem(body->r, "unprocessable", text.ptr, text.ptr);
    gj_buf_release(&text);
    return false;
}

bool gj_body_open(struct gj_request *r, bool may_be_empty, struct gj_body *body)
{
    *body = (struct gj_body){.r = r};
    if (r->body.len == 0 && may_be_empty) {
        return true;
    }
    body->root = gj_request_json(r, &body->parser);
    if (body->root == NULL) {
        return false;
    }
    if (body->root->kind != GJ_JSON_OBJECT) {
        gj_problem(r, "unprocessable", "请求体应为 JSON 对象", "the body is a JSON object");
        return false;
    }
    return true;
}

const struct gj_json *gj_body_member(const struct gj_body *body, const char *name)
{
    const struct gj_json *n = body->root == NULL ? NULL : gj_json_first(body->parser, body->root);
    while (n != NULL && !gj_str_is(n->key, name)) {
        n = gj_json_next(body->parser, n);
    }
    return n;
}

/* Whether `name` stands in a list by commas. */
static bool is_listed(const char *list, struct gj_str name)
{
    while (*list != '\0') {
        size_t len = strcspn(list, ",");
        if (len == name.len && memcmp(list, name.ptr, len) == 0) {
            return true;
        }
        list += len + (list[len] == ',' ? 1 : 0);
    }
    return false;
}

bool gj_body_text(const struct gj_body *body, const char *name, size_t max, bool required,
                  struct gj_str *out)
{
    char limit[24];
    const struct gj_json *n = gj_body_member(body, name);
    *out = GJ_STR("");
    if (n == NULL && !required) {
        return true;
    }
    snprintf(limit, sizeof limit, "%zu", max);
    if (n == NULL || n->kind != GJ_JSON_STRING || n->text.len > max ||
        (required && n->text.len == 0) || memchr(n->text.ptr, '\0', n->text.len) != NULL) {
        return wrong(body, name, "应为文字，最多 %s 字节", "a text of at most %s bytes is wanted",
                     limit);
    }
    struct gj_str copy = gj_arena_copy(&body->r->arena, n->text);
    *out = copy.ptr == NULL ? GJ_STR("") : copy;
    return true;
}

bool gj_body_choice(const struct gj_body *body, const char *name, const char *choices,
                    bool required, struct gj_str *out)
{
    if (!gj_body_text(body, name, 64, required, out)) {
        return false;
    }
    return (out->len == 0 && !required) || is_listed(choices, *out) ||
           wrong(body, name, "应为其中之一：%s", "one of these is wanted: %s", choices);
}

bool gj_body_number(const struct gj_body *body, const char *name, int64_t least, int64_t most,
                    int64_t *out)
{
    char range[64];
    const struct gj_json *n = gj_body_member(body, name);
    *out = n == NULL ? -1 : n->integer;
    snprintf(range, sizeof range, "%lld..%lld", (long long)least, (long long)most);
    return n == NULL || (n->kind == GJ_JSON_INT && *out >= least && *out <= most) ||
           wrong(body, name, "应为整数 %s", "an integer is wanted, %s", range);
}

bool gj_body_only(const struct gj_body *body, const char *names)
{
    const struct gj_json *n = body->root == NULL ? NULL : gj_json_first(body->parser, body->root);
    for (; n != NULL; n = gj_json_next(body->parser, n)) {
        if (!is_listed(names, n->key)) {
            return wrong(body, "body", "只有这些成员：%s", "it has these members alone: %s", names);
        }
    }
    return true;
}
