/* Room server: which route a path is, and what requests say in their queries (see server.h). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "server/http.h"
#include "server/parts.h"

/* ---- paths ---- */

/* Whether `path` is of the form `form`; what stands for its {names} goes to *values, raw. */
static bool fits(const char *form, const char *path, struct gj_str values[GJ_CAPTURES_MAX],
                 size_t *count)
{
    *count = 0;
    while (*form != '\0') {
        if (*form != '{') {
            if (*form++ != *path++) {
                return false;
            }
            continue;
        }
        form = strchr(form, '}') + 1;
        size_t len = strcspn(path, "/");
        size_t tail = strlen(form); /* behind the name in the same part, as ".svg" */
        size_t own = strcspn(form, "/");
        if (own == tail && tail > 0) {
            if (len <= tail || strcmp(path + len - tail, form) != 0) {
                return false;
            }
            len -= tail;
        }
        if (len == 0 || *count == GJ_CAPTURES_MAX) {
            return false;
        }
        values[(*count)++] = (struct gj_str){path, len};
        path += len;
    }
    return *path == '\0';
}

static bool decode(struct gj_request *r, const struct gj_str *values, size_t count)
{
    r->capture_count = count;
    for (size_t i = 0; i < count; i++) {
        if (!gj_percent_decode(&r->arena, values[i], &r->captures[i])) {
            return false;
        }
    }
    return true;
}

const struct gj_route *gj_route_find(struct gj_request *r, const char *method, const char *path,
                                     char *allowed, size_t size)
{
    struct gj_str values[GJ_CAPTURES_MAX];
    size_t count = 0, used = 0;
    const char *asked = strcmp(method, "HEAD") == 0 ? "GET" : method;
    allowed[0] = '\0';
    for (size_t i = 0; i < gj_route_count; i++) {
        const struct gj_route *route = &gj_routes[i];
        if (!fits(route->path, path, values, &count)) {
            continue;
        }
        if (strcmp(route->method, asked) == 0) {
            return decode(r, values, count) ? route : NULL;
        }
        int wrote =
            snprintf(allowed + used, size - used, "%s%s", used > 0 ? ", " : "", route->method);
        used += wrote > 0 && (size_t)wrote < size - used ? (size_t)wrote : 0;
    }
    return NULL;
}

/* ---- queries ---- */

static bool wrong(struct gj_request *r, const char *name, const char *zh, const char *en)
{
    struct gj_buf text;
    gj_buf_init(&text);
    gj_buf_addf(&text, "%s: %s", name, r->english ? en : zh);
    gj_problem(r, "bad-request", text.ptr, text.ptr);
    gj_buf_release(&text);
    return false;
}

bool gj_request_number(struct gj_request *r, const char *name, int64_t standard, int64_t least,
                       int64_t most, int64_t *out)
{
    const char *text = gj_request_query(r, name);
    char *end = NULL;
    *out = standard;
    if (text == NULL) {
        return true;
    }
    *out = strtoll(text, &end, 10);
    if (*text == '\0' || *end != '\0' || *out < least || *out > most) {
        char zh[96], en[96];
        snprintf(zh, sizeof zh, "应为 %lld 到 %lld 的整数", (long long)least, (long long)most);
        snprintf(en, sizeof en, "an integer from %lld to %lld is wanted", (long long)least,
                 (long long)most);
        return wrong(r, name, zh, en);
    }
    return true;
}

bool gj_request_duration(struct gj_request *r, const char *name, int64_t standard, int64_t *out)
{
    const char *text = gj_request_query(r, name);
    *out = standard;
    return text == NULL || gj_span_parse(gj_str_of(text), out) == 0 ||
           wrong(r, name, "应为时长，如 2h、30m、90s、7d",
                 "a duration such as 2h, 30m, 90s or 7d is wanted");
}

bool gj_request_flag(struct gj_request *r, const char *name, bool standard, bool *out)
{
    const char *text = gj_request_query(r, name);
    *out = text == NULL ? standard : strcmp(text, "true") == 0;
    return text == NULL || *out || strcmp(text, "false") == 0 ||
           wrong(r, name, "应为 true 或 false", "true or false is wanted");
}

bool gj_request_time(struct gj_request *r, const char *name, int64_t standard, int64_t *out)
{
    const char *text = gj_request_query(r, name);
    *out = standard;
    if (text == NULL) {
        return true;
    }
    struct gj_str copy = gj_arena_copy(&r->arena, gj_str_of(text));
    for (char *c = (char *)(uintptr_t)copy.ptr; c != NULL && *c != '\0'; c++) {
        *c = *c == ' ' ? '+' : *c; /* a plus that was not written as %2B */
    }
    if (copy.ptr == NULL || gj_time_parse(copy.ptr, out) != 0) {
        return wrong(r, name, "应为 RFC 3339 时间，如 2026-03-01T10:00:00+08:00",
                     "a time in RFC 3339 is wanted, such as 2026-03-01T10:00:00+08:00");
    }
    return true;
}

const struct gj_json *gj_request_json(struct gj_request *r, struct gj_json_parser **parser)
{
    const char *why = NULL;
    *parser = gj_thread_parser(r->server);
    const struct gj_json *root =
        *parser == NULL ? NULL : gj_json_parse(*parser, gj_buf_str(&r->body), GJ_JSON_PAD, &why);
    if (root == NULL) {
        gj_problemf(r, "bad-request", "请求体不是有效的 JSON：%s", "the body is no JSON: %s",
                    why == NULL ? "" : why);
    }
    return root;
}
