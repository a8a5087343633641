/* Room wire: where a value stands in a message (see envelope.h). */
#include <stdio.h>
#include <strings.h>

#include "wire/envelope_unpack.h"

static const struct gj_spot nowhere = {NULL, NULL};

static struct gj_spot text_spot(struct gj_unpack *u, struct gj_str text)
{
    struct gj_json *json = gj_arena_alloc(u->arena, sizeof *json);
    if (json == NULL) {
        u->why->failed = true;
        return nowhere;
    }
    *json = (struct gj_json){
        .kind = GJ_JSON_STRING, .text = text, .first = GJ_JSON_END, .next = GJ_JSON_END};
    return (struct gj_spot){u->parser, json};
}

/* ---- steps ---- */

static bool may_be_json(struct gj_str text)
{
    size_t at = 0;
    while (at < text.len && strchr(" \t\r\n", text.ptr[at]) != NULL && text.ptr[at] != '\0') {
        at++;
    }
    return at < text.len && (text.ptr[at] == '{' || text.ptr[at] == '[');
}

struct gj_spot gj_spot_enter(struct gj_unpack *u, struct gj_str text)
{
    const char *why = NULL;
    for (size_t i = 0; i < u->nested_count; i++) {
        if (u->nested[i].text == text.ptr) {
            return (struct gj_spot){u->nested[i].parser, u->nested[i].root};
        }
    }
    if (!may_be_json(text)) {
        return nowhere;
    }
    if (u->nested_count == GJ_NESTED_MAX) {
        u->crowded = true;
        return nowhere;
    }
    struct gj_nested *nested = &u->nested[u->nested_count];
    if (u->nested_count == u->parser_count) {
        nested->parser = gj_json_parser_new();
        if (nested->parser == NULL) {
            u->why->failed = true;
            return nowhere;
        }
        u->parser_count++;
    }
    u->nested_count++;
    nested->text = text.ptr;
    nested->root = gj_json_parse(nested->parser, text, 0, &why);
    u->why->failed |= nested->root == NULL && strcmp(why, GJ_JSON_NO_MEMORY) == 0;
    return (struct gj_spot){nested->parser, nested->root};
}

static struct gj_spot member(struct gj_spot spot, struct gj_str key)
{
    for (const struct gj_json *n = gj_json_first(spot.parser, spot.json); n != NULL;
         n = gj_json_next(spot.parser, n)) {
        if (gj_str_eq(n->key, key)) {
            return (struct gj_spot){spot.parser, n};
        }
    }
    return nowhere;
}

static struct gj_spot item(struct gj_spot spot, struct gj_str index)
{
    size_t wanted = 0;
    for (size_t i = 0; i < index.len; i++) {
        if (index.ptr[i] < '0' || index.ptr[i] > '9' || wanted > spot.json->count) {
            return nowhere;
        }
        wanted = wanted * 10 + (size_t)(index.ptr[i] - '0');
    }
    const struct gj_json *n = gj_json_first(spot.parser, spot.json);
    for (size_t i = 0; i < wanted && n != NULL; i++) {
        n = gj_json_next(spot.parser, n);
    }
    return (struct gj_spot){spot.parser, n};
}

static struct gj_spot step(struct gj_unpack *u, struct gj_spot spot, struct gj_str name)
{
    if (spot.json->kind == GJ_JSON_STRING) {
        spot = gj_spot_enter(u, spot.json->text);
    }
    if (spot.json == NULL) {
        return nowhere;
    }
    return spot.json->kind == GJ_JSON_OBJECT  ? member(spot, name)
           : spot.json->kind == GJ_JSON_ARRAY ? item(spot, name)
                                              : nowhere;
}

/* ---- roots ---- */

static struct gj_spot header(struct gj_unpack *u, struct gj_str name)
{
    for (size_t i = 0; i < u->request->header_count; i++) {
        const struct gj_pair *h = &u->request->headers[i];
        if (h->name.len == name.len && strncasecmp(h->name.ptr, name.ptr, name.len) == 0) {
            return gj_json_is_utf8(h->value) ? text_spot(u, h->value) : nowhere;
        }
    }
    return nowhere;
}

static struct gj_spot of_request(struct gj_unpack *u, struct gj_str name)
{
    const struct gj_envelope_request *r = u->request;
    return text_spot(u, gj_str_is(name, "body")     ? r->body
                        : gj_str_is(name, "secret") ? r->secret
                                                    : r->app_key);
}

struct gj_spot gj_spot_find(struct gj_unpack *u, const struct gj_path *path, struct gj_spot here)
{
    const struct gj_spot roots[] = {
        [GJ_AT_HERE] = here,    [GJ_AT_CONTENT] = u->content, [GJ_AT_ENVELOPE] = u->message,
        [GJ_AT_BODY] = u->body, [GJ_AT_QUERY] = u->query,     [GJ_AT_REQUEST] = nowhere};
    size_t at = 0;
    struct gj_spot spot = roots[path->root];
    if (path->root == GJ_AT_HEADER || path->root == GJ_AT_REQUEST) {
        spot =
            path->root == GJ_AT_HEADER ? header(u, path->steps[0]) : of_request(u, path->steps[0]);
        at = 1;
    }
    for (; at < path->step_count && spot.json != NULL; at++) {
        spot = step(u, spot, path->steps[at]);
    }
    bool there = spot.json != NULL && spot.json->kind != GJ_JSON_NULL &&
                 !(spot.json->kind == GJ_JSON_STRING && spot.json->text.len == 0);
    return there ? spot : nowhere;
}

struct gj_spot gj_spot_any(struct gj_unpack *u, const struct gj_paths *paths, struct gj_spot here)
{
    struct gj_spot found = nowhere;
    for (size_t i = 0; i < paths->count && found.json == NULL; i++) {
        found = gj_spot_find(u, &paths->items[i], here);
    }
    return found;
}

/* ---- texts ---- */

bool gj_spot_text(struct gj_unpack *u, struct gj_spot spot, struct gj_str *out)
{
    char digits[24];
    int len = 0;
    switch (spot.json->kind) {
    case GJ_JSON_STRING:
    case GJ_JSON_DOUBLE:
        *out = spot.json->text;
        return true;
    case GJ_JSON_BOOL:
        *out = spot.json->integer != 0 ? GJ_STR("true") : GJ_STR("false");
        return true;
    case GJ_JSON_INT:
        len = snprintf(digits, sizeof digits, "%lld", (long long)spot.json->integer);
        *out = gj_arena_copy(u->arena, (struct gj_str){digits, (size_t)len});
        u->why->failed |= out->ptr == NULL;
        return out->ptr != NULL;
    default:
        return false;
    }
}

bool gj_template_fill(struct gj_unpack *u, const struct gj_template *t, struct gj_spot here,
                      struct gj_buf *out)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct gj_piece *piece = &t->pieces[i];
        struct gj_str text = piece->literal;
        if (piece->is_path) {
            struct gj_spot spot = gj_spot_find(u, &piece->path, here);
            if (spot.json == NULL || !gj_spot_text(u, spot, &text)) {
                return false;
            }
        }
        gj_buf_add_str(out, text);
    }
    return true;
}
