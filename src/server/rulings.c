/* Room server: POST /v1/findings/{id}/review, /appeal, /decide (see findings.h). The clerk does
 * them, one at a time: what a decision looks at does not change under its hands.
 *
 * A decision that upholds a finding with an amount, points or a tier is also the event
 * `finding.ruled`, whose id follows from the finding: it is in the log before the decision is
 * noted, and once, even if the server ends between the two; the same decision, asked for again,
 * completes it. */
#include <stdio.h>
#include <string.h>

#include "base/errors.h"
#include "server/body.h"
#include "server/clerk.h"
#include "server/desk.h"
#include "server/findings.h"
#include "server/list.h"
#include "server/tell.h"
#include "store/office_review.h"

#define NOTE_MAX    4000
#define FEN_MAX     INT64_C(100000000000)
#define POINTS_MAX  10000
#define RULING_HEAD "ruling-"

struct act {
    struct gj_request *r;
    struct gj_review review;
    gj_finding_row row; /* its strings are of the request's arena */
    char key[GJ_FINDING_KEY];
    char event[sizeof RULING_HEAD + GJ_FINDING_KEY];
    enum gj_review_state state;
    int status;                /* GJ_EINPUT: there is no such finding */
    bool ruled;                /* the log has its ruling */
    bool rules;                /* the decision is to be a ruling */
    int64_t fen, points, tier; /* -1: not said */
    struct gj_str class_;
    struct gj_buf line;  /* the ruling as an event */
    const char *refused; /* why the engine refused it */
};

/* ---- the finding ---- */

static const char *kept(struct act *a, const char *text)
{
    struct gj_str copy = gj_arena_copy(&a->r->arena, gj_str_of(text));
    a->status = copy.ptr == NULL ? GJ_ESYSTEM : a->status;
    return copy.ptr == NULL ? "" : copy.ptr;
}

static int keep_row(void *context, const gj_finding_row *row)
{
    struct act *a = context;
    if (!gj_finding_is_seen(a->r, row)) {
        a->status = GJ_EINPUT;
        return 0;
    }
    a->status = GJ_OK;
    a->row = (gj_finding_row){.source = kept(a, row->source),
                              .rule = kept(a, row->rule),
                              .kind = kept(a, row->kind),
                              .subject = kept(a, row->subject),
                              .agent = kept(a, row->agent),
                              .row = row->row,
                              .at = row->at,
                              .withdrawn = row->withdrawn};
    gj_finding_key(row, a->key);
    snprintf(a->event, sizeof a->event, RULING_HEAD "%s", a->key);
    return 0;
}

static void read_finding(struct gj_job *job, struct gj_tenant *tenant)
{
    struct act *a = job->state;
    char *decision = NULL;
    int status = gj_engine_finding(tenant->engine, gj_finding_asked(a->r), keep_row, a);
    a->status = status == GJ_OK ? a->status : status;
    if (a->status == GJ_OK && a->review.act == GJ_ACT_DECIDE) {
        a->ruled =
            gj_engine_decision(tenant->engine, a->row.source, a->event, false, &decision) == GJ_OK;
        gj_string_free(decision);
    }
    gj_errors_clear(tenant->errors);
}

static bool may_appeal(const struct act *a)
{
    const struct gj_principal *who = &a->r->who;
    return gj_principal_may(who, GJ_ROLE_SUPERVISOR) ||
           (who->agent.len > 0 && gj_str_eq(who->agent, gj_str_of(a->row.agent)));
}

/* false: answered. */
static bool find(struct act *a)
{
    a->status = GJ_ESYSTEM;
    bool read = gj_desk_call(a->r->server->desk, a->r->who.tenant.ptr, false, read_finding, a);
    if (a->status == GJ_EINPUT) {
        gj_not_there(a->r);
    } else if (!read || a->status != GJ_OK) {
        gj_problem(a->r, "busy", "暂时无法读取，请稍后再试", "it cannot be read now; try again");
    } else if (a->row.withdrawn) {
        gj_problem(a->r, "conflict", "这条发现已被撤销：后到的事件表明并非如此",
                   "the finding was withdrawn: a late event has shown that it was not so");
    } else if (a->review.act == GJ_ACT_APPEAL && !may_appeal(a)) {
        gj_problem(a->r, "forbidden", "客服只能对自己的发现申诉",
                   "an agent appeals against his own findings alone");
    } else {
        return true;
    }
    return false;
}

/* ---- what was said before ---- */

static int move(void *context, const struct gj_review *review)
{
    struct act *a = context;
    a->state = gj_review_after(a->state, review->act);
    return 0;
}

static void conflict(struct act *a)
{
    static const struct {
        const char *zh, *en;
    } words[] = {{"还没有人申诉，无需裁定", "nobody has appealed: there is nothing to decide"},
                 {"已在申诉中", "it has been appealed already"},
                 {"已经裁定", "it has been decided"}};
    gj_problem(a->r, "conflict", words[a->state].zh, words[a->state].en);
}

static void office_failed(struct act *a, const struct gj_errors *errors)
{
    gj_problemf(a->r, "internal", "未能保存：%s", "it could not be kept: %s",
                errors->count > 0 ? errors->items[0].message.ptr : "");
}

/* Whether the state allows it now. false: answered. */
static bool is_allowed(struct act *a, struct gj_errors *errors)
{
    a->state = GJ_REVIEW_OPEN;
    if (gj_office_reviews(a->r->server->office, a->r->who.tenant, gj_str_of(a->key), move, a,
                          errors) != 0) {
        office_failed(a, errors);
        return false;
    }
    if (!gj_review_allowed(a->review.act, a->state)) {
        conflict(a);
        return false;
    }
    return true;
}

/* ---- the ruling ---- */

static void add_ruling(struct act *a, struct gj_buf *out)
{
    if (a->fen >= 0) {
        gj_tell_int(out, "amount_fen", a->fen);
    }
    if (a->points >= 0) {
        gj_tell_int(out, "points", a->points);
    }
    gj_tell_text(out, "class", a->class_.ptr);
    if (a->tier >= 0) {
        gj_tell_int(out, "tier", a->tier);
    }
}

static void write_event(struct act *a)
{
    struct gj_buf *out = &a->line;
    gj_buf_addf(out, "{\"specversion\":\"1.0\",\"id\":\"%s\"", a->event);
    gj_tell_text(out, "source", a->row.source);
    gj_tell_text(out, "type", "finding.ruled");
    gj_tell_at(out, "time", a->review.at);
    gj_buf_addf(out, ",\"data\":{\"finding_id\":\"F%.16s\"", a->key);
    gj_tell_text(out, "rule", a->row.rule);
    gj_tell_text(out, "by", a->review.actor.ptr);
    gj_buf_add_cstr(out, ",\"subject\":{\"kind\":");
    gj_json_add_string(out, gj_str_of(a->row.kind));
    gj_tell_text(out, "id", a->row.subject);
    gj_buf_add_char(out, '}');
    add_ruling(a, out);
    gj_tell_text(out, "evidence", a->review.note.ptr);
    gj_buf_add_cstr(out, "}}");
    gj_buf_reserve(out, GJ_JSON_PADDING);
}

static void post_ruling(struct gj_job *job, struct gj_tenant *tenant)
{
    struct act *a = job->state;
    gj_reception reception;
    a->refused = NULL;
    if (gj_engine_apply(tenant->engine, a->line.ptr, a->line.len, GJ_JSON_PADDING, &reception) !=
        GJ_OK) {
        tenant->failed = true;
    } else if (reception.status == GJ_REFUSED) {
        a->refused = kept(a, reception.why);
    }
}

/* false: answered. */
static bool rule(struct act *a)
{
    if (!a->rules && a->ruled) {
        gj_problem(a->r, "conflict", "事件记录里已有这条发现的认定：只能维持（带原金额）",
                   "the log has a ruling on this finding already: it can only be upheld, with its "
                   "amount");
        return false;
    }
    if (!a->rules || a->ruled) {
        return true;
    }
    write_event(a);
    bool kept_it = !a->line.failed &&
                   gj_desk_call(a->r->server->desk, a->r->who.tenant.ptr, true, post_ruling, a);
    if (!kept_it) {
        gj_problem(a->r, "busy", "认定事件未能保存，请稍后再试",
                   "the ruling could not be kept; try again later");
    } else if (a->refused != NULL) {
        gj_problem_told(a->r, "unprocessable", a->refused);
        return false;
    }
    return kept_it;
}

/* ---- doing it ---- */

static int answer_row(void *context, const gj_finding_row *row)
{
    struct act *a = context;
    if (gj_finding_write(a->r, &a->r->answer.body, row)) {
        gj_buf_add_char(&a->r->answer.body, '\n');
        gj_answer_json(a->r, 200);
    }
    return 0;
}

static void read_again(struct gj_job *job, struct gj_tenant *tenant)
{
    struct act *a = job->state;
    gj_engine_finding(tenant->engine, a->row.row, answer_row, a);
    gj_errors_clear(tenant->errors);
}

static void note(struct act *a, struct gj_errors *errors)
{
    struct gj_request *r = a->r;
    int status = gj_office_review_add(r->server->office, r->who.tenant, gj_str_of(a->key),
                                      &a->review, &a->state, errors);
    if (status < 0) {
        office_failed(a, errors);
    } else if (status > 0) {
        conflict(a);
    } else if (!gj_desk_call(r->server->desk, r->who.tenant.ptr, false, read_again, a) ||
               r->answer.status == 0) {
        gj_buf_reset(&r->answer.body);
        gj_problem(r, "busy", "已保存，但暂时无法读取", "it was kept, but cannot be read now");
    }
}

static void perform(struct act *a)
{
    struct gj_errors errors;
    gj_errors_init(&errors);
    gj_buf_init(&a->line);
    if (find(a) && is_allowed(a, &errors) && rule(a)) {
        note(a, &errors);
    }
    gj_buf_release(&a->line);
    gj_errors_release(&errors);
}

/* ---- what is asked for ---- */

static bool open_act(struct gj_request *r, enum gj_review_act what, struct act *a,
                     struct gj_body *body)
{
    *a = (struct act){.r = r, .fen = -1, .points = -1, .tier = -1};
    a->review = (struct gj_review){.act = what,
                                   .verdict = GJ_STR(""),
                                   .note = GJ_STR(""),
                                   .ruling = GJ_STR(""),
                                   .actor = r->who.actor,
                                   .at = r->now};
    a->class_ = GJ_STR("");
    return gj_body_open(r, false, body);
}

static void review(struct gj_request *r)
{
    struct act a;
    struct gj_body body;
    if (open_act(r, GJ_ACT_REVIEW, &a, &body) && gj_body_only(&body, "verdict,note") &&
        gj_body_choice(&body, "verdict", "confirmed,dismissed", true, &a.review.verdict) &&
        gj_body_text(&body, "note", NOTE_MAX, false, &a.review.note)) {
        perform(&a);
    }
}

static void appeal(struct gj_request *r)
{
    struct act a;
    struct gj_body body;
    if (open_act(r, GJ_ACT_APPEAL, &a, &body) && gj_body_only(&body, "reasons") &&
        gj_body_text(&body, "reasons", NOTE_MAX, true, &a.review.note)) {
        perform(&a);
    }
}

/* What is ruled, as a JSON object, kept with the decision. */
static bool keep_ruling(struct act *a)
{
    struct gj_buf out;
    a->rules = a->fen >= 0 || a->points >= 0 || a->tier >= 0;
    if (!a->rules) {
        return true;
    }
    if (!gj_str_is(a->review.verdict, "upheld")) {
        gj_problem(a->r, "unprocessable", "撤销（overturned）不带金额、扣分或档位",
                   "what is overturned has no amount, points or tier");
        return false;
    }
    gj_buf_init(&out);
    gj_buf_add_cstr(&out, "{\"type\":\"finding.ruled\"");
    add_ruling(a, &out);
    gj_buf_add_char(&out, '}');
    a->review.ruling = gj_arena_copy(&a->r->arena, gj_buf_str(&out));
    gj_buf_release(&out);
    return a->review.ruling.ptr != NULL;
}

static void decide(struct gj_request *r)
{
    struct act a;
    struct gj_body body;
    if (open_act(r, GJ_ACT_DECIDE, &a, &body) &&
        gj_body_only(&body, "outcome,note,amount_fen,points,class,tier") &&
        gj_body_choice(&body, "outcome", "upheld,overturned", true, &a.review.verdict) &&
        gj_body_text(&body, "note", NOTE_MAX, false, &a.review.note) &&
        gj_body_choice(&body, "class", "serious,general", false, &a.class_) &&
        gj_body_number(&body, "amount_fen", 0, FEN_MAX, &a.fen) &&
        gj_body_number(&body, "points", 0, POINTS_MAX, &a.points) &&
        gj_body_number(&body, "tier", 1, 3, &a.tier) && keep_ruling(&a)) {
        perform(&a);
    }
}

enum gj_handled gj_finding_review(struct gj_request *r)
{
    return gj_clerk_ask(r, review);
}

enum gj_handled gj_finding_appeal(struct gj_request *r)
{
    return gj_clerk_ask(r, appeal);
}

enum gj_handled gj_finding_decide(struct gj_request *r)
{
    return gj_clerk_ask(r, decide);
}
