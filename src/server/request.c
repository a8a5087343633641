/* Room server: what a request says, in its head, its query and its body (see server.h). */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/calendar.h"
#include "server/http.h"
#include "server/parts.h"

void gj_request_suspend(struct gj_request *r)
{
    r->late = true;
    MHD_suspend_connection(r->connection);
}

void gj_request_resume(struct gj_request *r)
{
    MHD_resume_connection(r->connection);
}

/* ---- the head ---- */

const char *gj_request_header(const struct gj_request *r, const char *name)
{
    return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

const char *gj_request_query(const struct gj_request *r, const char *name)
{
    struct gj_str value;
    const char *raw = MHD_lookup_connection_value(r->connection, MHD_GET_ARGUMENT_KIND, name);
    if (raw == NULL) {
        return NULL;
    }
    struct gj_arena *arena = (struct gj_arena *)(uintptr_t)&r->arena;
    return gj_percent_decode(arena, gj_str_of(raw), &value) ? value.ptr : raw;
}

bool gj_request_is(const struct gj_request *r, const char *type)
{
    const char *given = gj_request_header(r, "Content-Type");
    size_t len = strlen(type);
    return given != NULL && strncasecmp(given, type, len) == 0 &&
           (given[len] == '\0' || given[len] == ';' || given[len] == ' ');
}

static enum MHD_Result note_forwarded(void *context, enum MHD_ValueKind kind, const char *name,
                                      const char *value)
{
    const char **last = context;
    (void)kind;
    *last = strcasecmp(name, "X-Forwarded-For") == 0 && value != NULL ? value : *last;
    return MHD_YES;
}

/* The last address of X-Forwarded-For: the proxy's own word, what stands before it is anyone's. */
static bool forwarded(const struct gj_request *r, char *out, size_t size)
{
    const char *last = NULL;
    unsigned char bytes[16];
    MHD_get_connection_values(r->connection, MHD_HEADER_KIND, note_forwarded, &last);
    const char *comma = last == NULL ? NULL : strrchr(last, ',');
    last = comma == NULL ? last : comma + 1;
    if (last == NULL || strlen(last += strspn(last, " \t")) >= size) {
        return false;
    }
    memcpy(out, last, strlen(last) + 1);
    out[strcspn(out, " \t")] = '\0';
    return inet_pton(AF_INET, out, bytes) == 1 || inet_pton(AF_INET6, out, bytes) == 1;
}

struct gj_str gj_request_address(const struct gj_request *r, char *out, size_t size)
{
    if (r->server->settings.behind_proxy && forwarded(r, out, size)) {
        return gj_str_of(out);
    }
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info == NULL ? NULL : info->client_addr;
    const void *bytes = NULL;
    if (address != NULL && address->sa_family == AF_INET) {
        bytes = &((const struct sockaddr_in *)address)->sin_addr;
    } else if (address != NULL && address->sa_family == AF_INET6) {
        bytes = &((const struct sockaddr_in6 *)address)->sin6_addr;
    }
    out[0] = '\0';
    return bytes == NULL || inet_ntop(address->sa_family, bytes, out, (socklen_t)size) == NULL
               ? GJ_STR("")
               : gj_str_of(out);
}

bool gj_request_is_lines(const struct gj_request *r)
{
    return gj_request_is(r, "application/x-ndjson") || gj_request_is(r, "application/ndjson") ||
           gj_request_is(r, "application/jsonl") || gj_request_is(r, "application/jsonlines") ||
           gj_request_is(r, "application/x-jsonlines");
}

/* ---- the query ---- */

static bool wrong(struct gj_request *r, const char *name, const char *zh, const char *en)
{
    struct gj_buf text;
    gj_buf_init(&text);
    gj_buf_addf(&text, "%s: %s", name, r->english ? en : zh);
    gj_problem(r, "bad-request", text.ptr, text.ptr);
    gj_buf_release(&text);
    return false;
}

static bool is_param(const struct gj_route *route, const char *name)
{
    for (size_t i = 0; i < GJ_PARAMS_MAX && route->params[i].name != NULL; i++) {
        if (strcmp(route->params[i].in, "query") == 0 && strcmp(route->params[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

struct names {
    const struct gj_route *route;
    const char *seen[GJ_PARAMS_MAX];
    size_t count;
    const char *unknown, *twice; /* the last of each */
};

static enum MHD_Result note_name(void *context, enum MHD_ValueKind kind, const char *name,
                                 const char *value)
{
    struct names *n = context;
    (void)kind;
    (void)value;
    if (!is_param(n->route, name)) {
        n->unknown = name;
        return MHD_YES;
    }
    for (size_t i = 0; i < n->count; i++) {
        n->twice = strcmp(n->seen[i], name) == 0 ? name : n->twice;
    }
    if (n->twice == NULL) {
        n->seen[n->count++] = name;
    }
    return MHD_YES;
}

/* The names that the route knows, by commas. */
static void add_names(struct gj_buf *out, const struct gj_route *route)
{
    const char *between = "";
    for (size_t i = 0; i < GJ_PARAMS_MAX && route->params[i].name != NULL; i++) {
        if (strcmp(route->params[i].in, "query") == 0) {
            gj_buf_addf(out, "%s%s", between, route->params[i].name);
            between = ", ";
        }
    }
}

bool gj_request_query_fits(struct gj_request *r)
{
    struct names names = {.route = r->route};
    if ((r->route->flags & (GJ_OPEN | GJ_BYTES)) != 0) {
        return true; /* whoever probes may add what it likes; a platform signs its own */
    }
    MHD_get_connection_values(r->connection, MHD_GET_ARGUMENT_KIND, note_name, &names);
    if (names.unknown == NULL && names.twice == NULL) {
        return true;
    }
    struct gj_buf text;
    gj_buf_init(&text);
    if (names.unknown == NULL) {
        gj_buf_addf(&text, r->english ? "%s stands twice in the query" : "查询中 %s 出现两次",
                    names.twice);
    } else {
        gj_buf_addf(&text,
                    r->english ? "there is no parameter %s; there are: " : "没有参数 %s，可用：",
                    names.unknown);
        add_names(&text, r->route);
    }
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
    bool plain = text[strspn(text, "-")] >= '0' && text[strspn(text, "-")] <= '9';
    if (!plain || *end != '\0' || *out < least || *out > most) {
        char zh[96], en[96];
        snprintf(zh, sizeof zh, "应为 %lld 到 %lld 的整数", (long long)least, (long long)most);
        snprintf(en, sizeof en, "an integer from %lld to %lld is wanted", (long long)least,
                 (long long)most);
        return wrong(r, name, zh, en);
    }
    return true;
}

bool gj_request_choice(struct gj_request *r, const char *name, const char *choices,
                       const char **out)
{
    *out = gj_request_query(r, name);
    bool found = *out == NULL;
    for (const char *at = choices; !found && *at != '\0'; at += strspn(at, ", ")) {
        size_t len = strcspn(at, ",");
        found = gj_str_eq(gj_str_of(*out), (struct gj_str){at, len});
        at += len;
    }
    if (!found) {
        struct gj_buf text;
        gj_buf_init(&text);
        gj_buf_addf(&text, r->english ? "one of these is wanted: %s" : "应为其中之一：%s", choices);
        wrong(r, name, text.ptr, text.ptr);
        gj_buf_release(&text);
    }
    return found;
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

/* ---- the body ---- */

const struct gj_json *gj_request_json(struct gj_request *r, struct gj_json_parser **parser)
{
    const char *why = NULL;
    *parser = gj_thread_parser(r->server);
    const struct gj_json *root =
        *parser == NULL ? NULL : gj_json_parse(*parser, gj_buf_str(&r->body), GJ_JSON_PAD, &why);
    if (root == NULL) {
        gj_problemf(r, "bad-request", "请求体不是有效的 JSON：%s", "the body is no JSON: %s",
                    gj_request_told(r, gj_str_of(why == NULL ? "" : why)).ptr);
    }
    return root;
}
