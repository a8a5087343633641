/* Room wire: JSON out. */
#include "wire/json.h"

static bool is_plain(char c)
{
    return (unsigned char)c >= 0x20 && c != '"' && c != '\\' && c != 0x7F;
}

static void add_escape(struct gj_buf *out, char c)
{
    static const char hex[] = "0123456789abcdef";
    switch (c) {
    case '"':
        gj_buf_add_cstr(out, "\\\"");
        break;
    case '\\':
        gj_buf_add_cstr(out, "\\\\");
        break;
    case '\n':
        gj_buf_add_cstr(out, "\\n");
        break;
    case '\t':
        gj_buf_add_cstr(out, "\\t");
        break;
    case '\r':
        gj_buf_add_cstr(out, "\\r");
        break;
    default: {
        char escape[6] = {'\\', 'u', '0', '0', hex[(unsigned char)c >> 4], hex[c & 15]};
        gj_buf_add(out, escape, sizeof escape);
    }
    }
}

/* Whether none of eight bytes needs an escape. */
static bool are_plain(const char *at)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
    uint64_t bytes;
    memcpy(&bytes, at, sizeof bytes);
    uint64_t quote = bytes ^ ones * '"', slash = bytes ^ ones * '\\', del = bytes ^ ones * 0x7F;
    uint64_t found = (bytes - ones * 0x20) & ~bytes; /* below 0x20; of the others: zero */
    found |= ((quote - ones) & ~quote) | ((slash - ones) & ~slash) | ((del - ones) & ~del);
    return (found & tops) == 0;
}

/* How many bytes from `from` on need no escape: eight at a time, which nearly always is all. */
static size_t plain_run(struct gj_str s, size_t from)
{
    size_t at = from;
    if (from == 0 && s.len < 8) { /* short, and as a rule plain */
        char eight[8] = "        ";
        memcpy(eight, s.len == 0 ? "" : s.ptr, s.len);
        if (are_plain(eight)) {
            return s.len;
        }
    }
    while (at + 8 <= s.len && are_plain(s.ptr + at)) {
        at += 8;
    }
    if (at < s.len && at + 8 > s.len && s.len >= 8 && are_plain(s.ptr + s.len - 8)) {
        return s.len - from; /* the rest, with some bytes once more */
    }
    while (at < s.len && is_plain(s.ptr[at])) {
        at++;
    }
    return at - from;
}

/* Bytes that need no escape are copied in runs; as a rule that is all of them. */
void gj_json_add_string(struct gj_buf *out, struct gj_str s)
{
    if (gj_buf_reserve(out, s.len + 2) != 0) {
        return;
    }
    size_t at = plain_run(s, 0);
    char *to = out->ptr + out->len;
    *to++ = '"';
    memcpy(to, s.len == 0 ? "" : s.ptr, at);
    out->len += at + 1;
    for (; at < s.len; at++) {
        size_t run = plain_run(s, at);
        gj_buf_add(out, s.ptr + at, run);
        at += run;
        if (at < s.len) {
            add_escape(out, s.ptr[at]);
        }
    }
    gj_buf_add_char(out, '"');
}

void gj_json_add_comma(struct gj_buf *out)
{
    char last = out->len == 0 ? '{' : out->ptr[out->len - 1];
    if (last != '{' && last != '[') {
        gj_buf_add_char(out, ',');
    }
}

void gj_json_add_key(struct gj_buf *out, const char *key)
{
    gj_json_add_comma(out);
    gj_buf_add_char(out, '"');
    gj_buf_add_cstr(out, key);
    gj_buf_add_cstr(out, "\":");
}

void gj_json_add_text(struct gj_buf *out, const char *key, struct gj_str value)
{
    gj_json_add_key(out, key);
    gj_json_add_string(out, value);
}

void gj_json_add_int(struct gj_buf *out, const char *key, int64_t value)
{
    gj_json_add_key(out, key);
    gj_buf_add_int(out, value);
}

static void add_children(struct gj_buf *out, const struct gj_json_parser *parser,
                         const struct gj_json *json)
{
    for (const struct gj_json *n = gj_json_first(parser, json); n != NULL;) {
        if (json->kind == GJ_JSON_OBJECT) {
            gj_json_add_string(out, n->key);
            gj_buf_add_char(out, ':');
        }
        gj_json_add_value(out, parser, n);
        n = gj_json_next(parser, n);
        gj_buf_add_cstr(out, n != NULL ? "," : "");
    }
}

void gj_json_add_value(struct gj_buf *out, const struct gj_json_parser *parser,
                       const struct gj_json *json)
{
    switch (json->kind) {
    case GJ_JSON_NULL:
        gj_buf_add_cstr(out, "null");
        break;
    case GJ_JSON_BOOL:
        gj_buf_add_cstr(out, json->integer != 0 ? "true" : "false");
        break;
    case GJ_JSON_INT:
        gj_buf_add_int(out, json->integer);
        break;
    case GJ_JSON_DOUBLE:
        gj_buf_add_str(out, json->text);
        break;
    case GJ_JSON_STRING:
        gj_json_add_string(out, json->text);
        break;
    case GJ_JSON_ARRAY:
    case GJ_JSON_OBJECT:
        gj_buf_add_char(out, json->kind == GJ_JSON_ARRAY ? '[' : '{');
        add_children(out, parser, json);
        gj_buf_add_char(out, json->kind == GJ_JSON_ARRAY ? ']' : '}');
        break;
    }
}
