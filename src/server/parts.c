/* Room server: bodies of several parts, and what a URL writes as %XX (see parts.h). */
#include "server/parts.h"

#include "wire/json.h"

struct gj_str gj_next_line(struct gj_str *rest)
{
    const char *end = memchr(rest->ptr, '\n', rest->len);
    struct gj_str line = {rest->ptr, end == NULL ? rest->len : (size_t)(end - rest->ptr)};
    size_t used = line.len + (end == NULL ? 0 : 1);
    *rest = (struct gj_str){rest->ptr + used, rest->len - used};
    while (line.len > 0 && strchr(" \t\r", line.ptr[line.len - 1]) != NULL &&
           line.ptr[line.len - 1] != '\0') {
        line.len--;
    }
    return line;
}

static size_t blanks(struct gj_str s, size_t at)
{
    while (at < s.len && strchr(" \t\r\n,", s.ptr[at]) != NULL && s.ptr[at] != '\0') {
        at++;
    }
    return at;
}

/* The bytes of the JSON value that begins at `at`, in a document that has been parsed. */
static size_t value_end(struct gj_str s, size_t at)
{
    int depth = 0;
    bool in_string = false;
    for (; at < s.len; at++) {
        char c = s.ptr[at];
        if (in_string) {
            at += c == '\\' ? 1 : 0;
            in_string = c != '"';
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            depth++;
        } else if (c == ']' || c == '}') {
            if (depth == 0) {
                break;
            }
            depth--;
        } else if (c == ',' && depth == 0) {
            break;
        }
    }
    return at < s.len ? at : s.len;
}

struct gj_str gj_next_element(struct gj_str *rest)
{
    size_t from = blanks(*rest, 0);
    if (from >= rest->len || rest->ptr[from] == ']') {
        *rest = (struct gj_str){rest->ptr + rest->len, 0};
        return GJ_STR("");
    }
    size_t to = value_end(*rest, from), end = to;
    while (end > from && strchr(" \t\r\n", rest->ptr[end - 1]) != NULL) {
        end--;
    }
    struct gj_str element = {rest->ptr + from, end - from};
    *rest = (struct gj_str){rest->ptr + to, rest->len - to};
    return element;
}

struct gj_str gj_array_inside(struct gj_str body)
{
    size_t open = blanks(body, 0);
    return (struct gj_str){body.ptr + open + 1, body.len - open - 1};
}

bool gj_body_is_array(struct gj_str body)
{
    size_t at = 0;
    while (at < body.len && strchr(" \t\r\n", body.ptr[at]) != NULL && body.ptr[at] != '\0') {
        at++;
    }
    return at < body.len && body.ptr[at] == '[';
}

/* ---- URLs ---- */

static int digit_of(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool gj_percent_decode(struct gj_arena *arena, struct gj_str in, struct gj_str *out)
{
    char *bytes = gj_arena_alloc(arena, in.len + 1);
    size_t len = 0;
    for (size_t i = 0; bytes != NULL && i < in.len; i++) {
        int high = 0, low = 0;
        if (in.ptr[i] != '%') {
            bytes[len++] = in.ptr[i];
            continue;
        }
        if (i + 2 >= in.len || (high = digit_of(in.ptr[i + 1])) < 0 ||
            (low = digit_of(in.ptr[i + 2])) < 0) {
            return false;
        }
        bytes[len++] = (char)(high * 16 + low);
        i += 2;
    }
    if (bytes == NULL) {
        return false;
    }
    bytes[len] = '\0';
    *out = (struct gj_str){bytes, len};
    return memchr(bytes, '\0', len) == NULL && gj_json_is_utf8(*out);
}
