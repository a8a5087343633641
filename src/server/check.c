/* Room server: messages judged before they are sent, in the thread at hand (see server.h). */
#include <time.h>

#include "server/check.h"
#include "server/parts.h"

bool gj_body_is_lines(const struct gj_request *r)
{
    return gj_request_is(r, "application/x-ndjson") || gj_request_is(r, "application/jsonl") ||
           gj_request_is(r, "application/jsonlines") || gj_request_is(r, "application/x-jsonlines");
}

/* ---- judging ---- */

static gj_checker *checker_for(struct gj_request *r)
{
    gj_checker *checker = gj_thread_checker(r->server);
    if (checker == NULL) {
        gj_problem(r, "out-of-memory", "服务器内存不足，请稍后再试",
                   "the server is out of memory; try again later");
        return NULL;
    }
    gj_checker_json(checker, (gj_json_settings){.english = r->english});
    return checker;
}

/* Judges one and appends the verdict, or the refusal. */
static int judge(struct gj_request *r, gj_checker *checker, struct gj_str line, size_t padding,
                 size_t number)
{
    const gj_verdict *verdict = NULL;
    const char *json = NULL;
    size_t len = 0;
    int status = gj_check_json(checker, line.ptr, line.len, padding, number, &json, &len, &verdict);
    gj_buf_add(&r->answer.body, json, len);
    if (status == GJ_OK) {
        atomic_fetch_add_explicit(&r->server->counts.checks[verdict->suggestion], 1,
                                  memory_order_relaxed);
    }
    return status;
}

enum gj_handled gj_check_one(struct gj_request *r)
{
    gj_checker *checker = checker_for(r);
    if (checker == NULL) {
        return GJ_ANSWERED;
    }
    if (judge(r, checker, gj_buf_str(&r->body), GJ_JSON_PAD, 0) != GJ_OK) {
        return gj_problem(r, "unprocessable", gj_checker_refusal(checker),
                          gj_checker_refusal(checker));
    }
    gj_buf_add_char(&r->answer.body, '\n');
    return gj_answer_json(r, 200);
}

static size_t behind(const struct gj_request *r, struct gj_str line)
{
    return (size_t)(r->body.ptr + r->body.len - (line.ptr + line.len)) + GJ_JSON_PAD;
}

static enum gj_handled check_lines(struct gj_request *r, gj_checker *checker)
{
    struct gj_str rest = gj_buf_str(&r->body);
    for (size_t number = 1; rest.len > 0; number++) {
        struct gj_str line = gj_next_line(&rest);
        if (line.len > 0) {
            judge(r, checker, line, behind(r, line), number);
            gj_buf_add_char(&r->answer.body, '\n');
        }
    }
    r->answer.status = 200;
    r->answer.type = "application/x-ndjson";
    return GJ_ANSWERED;
}

enum gj_handled gj_check_batch(struct gj_request *r)
{
    gj_checker *checker = checker_for(r);
    if (checker == NULL) {
        return GJ_ANSWERED;
    }
    if (!gj_body_is_array(gj_buf_str(&r->body))) {
        return check_lines(r, checker);
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
        judge(r, checker, element, behind(r, element), number);
    }
    gj_buf_add_cstr(&r->answer.body, "]\n");
    return gj_answer_json(r, 200);
}
