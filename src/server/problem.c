/* Room server: answers, and problems as RFC 9457 has them (see server.h). */
#include <stdlib.h>
#include <string.h>

#include "base/errors.h"
#include "base/phrase.h"
#include "server/server.h"

static const struct problem {
    const char *name;
    unsigned status;
    const char *zh, *en;
} problems[] = {
    {"bad-request", 400, "请求有误", "Bad request"},
    {"unauthorized", 401, "需要令牌或登录", "A token or a login is needed"},
    {"forbidden", 403, "无权访问", "Not allowed"},
    {"not-found", 404, "没有找到", "Not found"},
    {"method-not-allowed", 405, "不支持该方法", "Method not allowed"},
    {"conflict", 409, "与现状冲突", "Conflict"},
    {"gone", 410, "已不存在", "Gone"},
    {"content-too-large", 413, "请求体过大", "Content too large"},
    {"unsupported-media-type", 415, "不支持的内容类型", "Unsupported media type"},
    {"unprocessable", 422, "内容不符合约定", "Content out of contract"},
    {"bad-rulebook", 422, "规则库有错误，未生效", "The rulebook has errors; nothing was changed"},
    {"too-many-requests", 429, "请求过于频繁", "Too many requests"},
    {"out-of-memory", 500, "内存不足", "Out of memory"},
    {"internal", 500, "内部错误", "Internal error"},
    {"not-implemented", 501, "不支持", "Not implemented"},
    {"stopping", 503, "服务正在停止", "The server is stopping"},
    {"busy", 503, "服务繁忙", "The server is busy"},
    {"storage-full", 507, "磁盘已满，未保存", "Storage is full; nothing was kept"},
};

static const struct problem *named(const char *name)
{
    for (size_t i = 0; i < sizeof problems / sizeof problems[0]; i++) {
        if (strcmp(problems[i].name, name) == 0) {
            return &problems[i];
        }
    }
    return named("internal");
}

enum gj_handled gj_answer_json(struct gj_request *r, unsigned status)
{
    r->answer.status = status;
    r->answer.type = "application/json";
    return GJ_ANSWERED;
}

/* A value from outside must not end its header's line. */
void gj_answer_header(struct gj_request *r, const char *name, const char *value)
{
    struct gj_answer *a = &r->answer;
    char *copy = strpbrk(value, "\r\n") != NULL ? NULL : strdup(value);
    if (copy == NULL || a->header_count == GJ_HEADERS_MAX) {
        free(copy);
        return;
    }
    a->headers[a->header_count++] = (struct gj_answer_header){name, copy};
}

static void write_head(struct gj_buf *out, const struct problem *p, bool english,
                       struct gj_str detail)
{
    gj_buf_addf(out, "{\"type\":\"urn:guiju:problem:%s\",\"title\":", p->name);
    gj_json_add_string(out, gj_str_of(english ? p->en : p->zh));
    gj_buf_addf(out, ",\"status\":%u,\"detail\":", p->status);
    gj_json_add_string(out, detail);
}

static bool is_given(const struct gj_answer *a, const char *header)
{
    size_t i = 0;
    while (i < a->header_count && strcmp(a->headers[i].name, header) != 0) {
        i++;
    }
    return i < a->header_count;
}

static enum gj_handled finish(struct gj_request *r, const struct problem *p)
{
    gj_buf_add_cstr(&r->answer.body, "}\n");
    r->answer.status = p->status;
    r->answer.type = "application/problem+json";
    gj_answer_header(r, "Content-Language", r->english ? "en" : "zh-CN");
    if (p->status == 401) {
        gj_answer_header(r, "WWW-Authenticate", "Bearer");
    } else if ((p->status == 503 || p->status == 429) && !is_given(&r->answer, "Retry-After")) {
        gj_answer_header(r, "Retry-After", "1");
    }
    return GJ_ANSWERED;
}

static enum gj_handled answer(struct gj_request *r, const char *problem, struct gj_str detail)
{
    const struct problem *p = named(problem);
    gj_buf_reset(&r->answer.body);
    write_head(&r->answer.body, p, r->english, detail);
    return finish(r, p);
}

enum gj_handled gj_problem(struct gj_request *r, const char *problem, const char *zh,
                           const char *en)
{
    return answer(r, problem, gj_str_of(r->english ? en : zh));
}

enum gj_handled gj_problemf(struct gj_request *r, const char *problem, const char *zh,
                            const char *en, const char *what)
{
    const char *format = r->english ? en : zh, *at = strstr(format, "%s");
    struct gj_buf detail;
    gj_buf_init(&detail);
    gj_buf_add(&detail, format, at == NULL ? strlen(format) : (size_t)(at - format));
    gj_buf_add_cstr(&detail, at == NULL ? "" : what);
    gj_buf_add_cstr(&detail, at == NULL ? "" : at + 2);
    answer(r, problem, gj_buf_str(&detail));
    gj_buf_release(&detail);
    return GJ_ANSWERED;
}

struct gj_str gj_request_told(struct gj_request *r, struct gj_str sentence)
{
    struct gj_buf told;
    gj_buf_init(&told);
    gj_phrase_add(&told, sentence, r->english);
    struct gj_str copy = gj_arena_copy(&r->arena, gj_buf_str(&told));
    gj_buf_release(&told);
    return copy.ptr == NULL ? sentence : copy;
}

enum gj_handled gj_problem_told(struct gj_request *r, const char *problem, const char *sentence)
{
    return answer(r, problem, gj_request_told(r, gj_str_of(sentence)));
}

static void write_error(struct gj_request *r, const struct gj_error *e)
{
    struct gj_buf *out = &r->answer.body;
    gj_buf_add_cstr(out, "{\"detail\":");
    gj_json_add_string(out, gj_request_told(r, e->message));
    if (e->file.len > 0) {
        gj_buf_add_cstr(out, ",\"file\":");
        gj_json_add_string(out, e->file);
        gj_buf_addf(out, ",\"line\":%u,\"column\":%u,\"source\":", e->line, e->column);
        gj_json_add_string(out, e->source_line);
    }
    gj_buf_add_char(out, '}');
}

enum gj_handled gj_problem_errors(struct gj_request *r, const char *problem, gj_errors *errors)
{
    const struct problem *p = named(problem);
    gj_buf_reset(&r->answer.body);
    write_head(&r->answer.body, p, r->english,
               errors->count > 0 ? gj_request_told(r, errors->items[0].message) : GJ_STR(""));
    gj_buf_add_cstr(&r->answer.body, ",\"errors\":[");
    for (size_t i = 0; i < errors->count; i++) {
        gj_buf_add_cstr(&r->answer.body, i > 0 ? "," : "");
        write_error(r, &errors->items[i]);
    }
    gj_buf_addf(&r->answer.body, "],\"errors_dropped\":%zu", errors->dropped);
    return finish(r, p);
}
