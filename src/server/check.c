/* Room server: messages judged before they are sent, in the thread at hand (see server.h). */
#include <time.h>

#include "server/check.h"
#include "server/parts.h"
#include "server/verdicts.h"

/* ---- judging ---- */

/* The messages of one request. Counts are added up before they are shared with other threads. */
struct judging {
    struct gj_request *r;
    struct gj_verdicts *verdicts;
    uint64_t checks[3], remembered;
};

/* false: out of memory, which is answered. */
static bool begin(struct gj_request *r, struct judging *j)
{
    *j = (struct judging){.r = r, .verdicts = gj_thread_verdicts(r->server)};
    if (j->verdicts == NULL) {
        gj_problem(r, "out-of-memory", "服务器内存不足，请稍后再试",
                   "the server is out of memory; try again later");
        return false;
    }
    gj_verdicts_begin(j->verdicts, r->who.tenant, r->english, (int64_t)time(NULL));
    return true;
}

static void add_count(_Atomic uint64_t *shared, uint64_t count)
{
    if (count > 0) {
        atomic_fetch_add_explicit(shared, count, memory_order_relaxed);
    }
}

static void end(const struct judging *j)
{
    struct gj_counts *counts = &j->r->server->counts;
    for (int i = 0; i < 3; i++) {
        add_count(&counts->checks[i], j->checks[i]);
    }
    add_count(&counts->remembered, j->remembered);
}

/* Judges one and appends the verdict, or the refusal. */
static int judge(struct judging *j, struct gj_str line, size_t padding, size_t number)
{
    struct gj_judged judged;
    int status = gj_verdict_of(j->verdicts, line, padding, number, &j->r->answer.body, &judged);
    if (status == GJ_OK) {
        j->checks[judged.suggestion]++;
        j->remembered += judged.remembered;
    }
    return status;
}

enum gj_handled gj_check_one(struct gj_request *r)
{
    struct judging j;
    if (!begin(r, &j)) {
        return GJ_ANSWERED;
    }
    if (judge(&j, gj_buf_str(&r->body), GJ_JSON_PAD, 0) != GJ_OK) {
        const char *why = gj_verdicts_refusal(j.verdicts);
        struct gj_json_parser *parser = NULL;
        return gj_request_json(r, &parser) == NULL ? GJ_ANSWERED
                                                   : gj_problem_told(r, "unprocessable", why);
    }
    end(&j);
    gj_buf_add_char(&r->answer.body, '\n');
    return gj_answer_json(r, 200);
}

static size_t behind(const struct gj_request *r, struct gj_str line)
{
    return (size_t)(r->body.ptr + r->body.len - (line.ptr + line.len)) + GJ_JSON_PAD;
}

static enum gj_handled check_lines(struct gj_request *r, struct judging *j)
{
    struct gj_str rest = gj_buf_str(&r->body);
    for (size_t number = 1; rest.len > 0; number++) {
        struct gj_str line = gj_next_line(&rest);
        if (line.len > 0) {
            judge(j, line, behind(r, line), number);
            gj_buf_add_char(&r->answer.body, '\n');
        }
    }
    end(j);
    r->answer.status = 200;
    r->answer.type = "application/x-ndjson";
    return GJ_ANSWERED;
}

/* Lines under the name of JSON: the first is JSON, or the body is neither. */
static bool begins_with_json(struct gj_request *r)
{
    struct gj_str rest = gj_buf_str(&r->body), line = gj_next_line(&rest);
    const char *why = NULL;
    struct gj_json_parser *parser = gj_thread_parser(r->server);
    while (line.len == 0 && rest.len > 0) {
        line = gj_next_line(&rest);
    }
    if (parser != NULL && gj_json_parse(parser, line, behind(r, line), &why) != NULL) {
        return true;
    }
    gj_problemf(r, "bad-request", "请求体既不是 JSON 数组，也不是 JSON 行：%s",
                "the body is neither a JSON array nor JSON lines: %s",
                gj_request_told(r, gj_str_of(why == NULL ? "" : why)).ptr);
    return false;
}

enum gj_handled gj_check_batch(struct gj_request *r)
{
    struct judging j;
    if (!begin(r, &j)) {
        return GJ_ANSWERED;
    }
    if (!gj_body_is_array(gj_buf_str(&r->body))) {
        return gj_request_is_lines(r) || begins_with_json(r) ? check_lines(r, &j) : GJ_ANSWERED;
    }
    struct gj_json_parser *parser = NULL;
    if (gj_request_json(r, &parser) == NULL) {
        return GJ_ANSWERED;
    }
    struct gj_str rest = gj_array_inside(gj_buf_str(&r->body));
    gj_buf_add_char(&r->answer.body, '[');
    for (size_t number = 1;; number++) {
        struct gj_str element = gj_next_element(&rest);
        if (element.len == 0) {
            break;
        }
        gj_buf_add_cstr(&r->answer.body, number > 1 ? ",\n" : "");
        judge(&j, element, behind(r, element), number);
    }
    end(&j);
    gj_buf_add_cstr(&r->answer.body, "]\n");
    return gj_answer_json(r, 200);
}
