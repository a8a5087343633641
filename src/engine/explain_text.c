/* Room engine: a case's story in words (see explain.h). */
#include "engine/explain.h"
#include "engine/words.h"

struct pen {
    const struct gj_story *s;
    struct gj_buf *out;
};

static const char *say(const struct pen *p, const char *zh, const char *en)
{
    return p->s->english ? en : zh;
}

static struct gj_str either(const struct pen *p, struct gj_str zh, struct gj_str en)
{
    return p->s->english ? en : zh;
}

static void add(const struct pen *p, const char *text)
{
    gj_buf_add_cstr(p->out, text);
}

static void add_str(const struct pen *p, const char *before, struct gj_str text, const char *behind)
{
    if (text.len > 0) {
        gj_buf_add_cstr(p->out, before);
        gj_buf_add_str(p->out, text);
        gj_buf_add_cstr(p->out, behind);
    }
}

/* "2026-03-01 10:00:00", in the shop's zone. */
static void add_time(const struct pen *p, int64_t at)
{
    size_t start = p->out->len;
    gj_words_time(p->s->shop, at, p->out);
    if (!p->out->failed && p->out->len > start + 16) {
        p->out->ptr[start + 10] = ' ';
        p->out->len -= 6; /* the offset */
        p->out->ptr[p->out->len] = '\0';
    }
}

/* Fen as yuan, points as such. */
static void add_amount(const struct pen *p, int64_t amount, struct gj_str unit)
{
    if (gj_str_is(unit, "fen")) {
        int64_t size = amount < 0 ? -amount : amount;
        gj_buf_addf(p->out, say(p, "%s%lld.%02lld 元", "%s%lld.%02lld yuan"), amount < 0 ? "-" : "",
                    (long long)(size / 100), (long long)(size % 100));
    } else {
        gj_buf_addf(p->out, say(p, "%lld 分（扣分）", "%lld points"), (long long)amount);
    }
}

/* "   rule: ID (title): clause" */
static void add_rule(const struct pen *p, const char *indent, struct gj_str rule)
{
    if (rule.len == 0) {
        return;
    }
    add(p, indent);
    add(p, say(p, "依据 ", "by "));
    add_str(p, "", rule, "");
    add_str(p, say(p, "（", " ("), gj_story_title(p->s, rule), say(p, "）", ")"));
    add_str(p, say(p, "：", ": "), gj_story_clause(p->s, rule), "");
    add(p, "\n");
}

static void add_state(const struct pen *p, const struct gj_flow *flow, uint32_t state)
{
    const struct gj_state *s = &flow->states[state];
    struct gj_str title = either(p, s->title_zh, s->title_en);
    add_str(p, "", title.len > 0 ? title : s->name, "");
    if (title.len > 0 && !gj_str_eq(title, s->name)) {
        add_str(p, say(p, "（", " ("), s->name, say(p, "）", ")"));
    }
}

static void add_move(const struct pen *p, const struct gj_note *n)
{
    const struct gj_flow *flow = &p->s->plan->flows[n->flow];
    const struct gj_transition *t = n->transition;
    gj_buf_addf(p->out, "    → %s %s · ", n->entity_kind.ptr, n->entity.ptr);
    add_str(p, "", either(p, flow->head.title_zh, flow->head.title_en), " ");
    add_str(p, "", flow->shown, say(p, "：", ": "));
    if (n->from != GJ_NO_INDEX) {
        add_state(p, flow, n->from);
        add(p, " → ");
    } else {
        add(p, say(p, "开始 → ", "begins → "));
    }
    add_state(p, flow, t->to);
    add(p, "\n");
    add_rule(p, "        ", t->rule);
    if (t->rule.len == 0 && n->from == GJ_NO_INDEX) { /* the flow's own citation, once */
        add(p, say(p, "        依据 ", "        by "));
        add_str(p, "", either(p, flow->head.clause_zh, flow->head.clause_en), "\n");
    }
    add_str(p, say(p, "        原因：", "        because "),
            either(p, t->because_zh, t->because_en), "\n");
    if (t->because_zh.len == 0 && t->when != NULL) {
        add(p, say(p, "        条件：", "        as "));
        struct gj_buf words;
        gj_buf_init(&words);
        gj_words_expr(p->s->plan->book, gj_expr_source(t->when), p->s->english, &words);
        add_str(p, "", gj_buf_str(&words), "\n");
        gj_buf_release(&words);
    }
}

static void add_found(const struct pen *p, const struct gj_note *n)
{
    const struct gj_found *f = &n->found;
    struct gj_str title = gj_story_title(p->s, f->rule);
    uint32_t index = gj_map_get(&p->s->plan->finding_ids, f->rule);
    add(p, say(p, "    ! 发现：", "    ! found: "));
    add_str(p, "", title.len > 0 ? title : f->rule, "");
    add_str(p, say(p, "（", " ("), f->severity, say(p, "）", ")"));
    gj_buf_addf(p->out, " · %s %s", f->kind.ptr, f->subject.ptr);
    add_str(p, say(p, "，客服 ", ", agent "), f->agent, "");
    add(p, "\n");
    add_rule(p, "        ", f->rule);
    add_str(p, say(p, "        原因：", "        because "), f->because, "\n");
    if (index != GJ_MAP_NONE) {
        const struct gj_finding_plan *plan = &p->s->plan->findings[index];
        add_str(p, say(p, "        改进：", "        mend: "),
                either(p, plan->mend_zh, plan->mend_en), "\n");
    }
}

static void add_booking(const struct pen *p, const struct gj_note *n)
{
    add(p, say(p, "    ¥ 入账：", "    ¥ booked: "));
    add_amount(p, n->part.amount, n->part.unit);
    gj_buf_addf(p->out, " · %s → %s", n->giver.ptr, n->part.account.ptr);
    add_str(p, say(p, "，依据 ", ", by "), n->part.rule, "");
    add_str(p, say(p, "，冲正 ", ", reverses "), n->part.reverses, "");
    add(p, "\n");
}

static void add_measure(const struct pen *p, const struct gj_note *n)
{
    const struct gj_measure *m = &n->measure;
    gj_buf_addf(p->out, "    # %s%s",
                m->ends ? say(p, "措施结束：", "measure ends: ") : say(p, "措施：", "measure: "),
                m->what.ptr);
    if (!m->ends && m->to != GJ_NEVER) {
        add(p, say(p, "，至 ", ", until "));
        add_time(p, m->to);
    }
    add_str(p, say(p, "，依据 ", ", by "), m->rule, "\n");
}

/* What happens when a deadline passes. */
static void add_then(const struct pen *p, const struct gj_due *due, const char *indent)
{
    const struct gj_flow *flow = &p->s->plan->flows[due->flow];
    const struct gj_transition *t = &gj_story_deadline(p->s, due)->then;
    add(p, indent);
    add(p, say(p, "到时：", "then: "));
    if (t->to != GJ_NO_INDEX) {
        add(p, "→ ");
        add_state(p, flow, t->to);
    }
    for (size_t i = 0; i < t->raise_count; i++) {
        const struct gj_heading *head = &p->s->plan->findings[t->raises[i]].head;
        add(p, i > 0 || t->to != GJ_NO_INDEX ? say(p, "，", ", ") : "");
        add(p, say(p, "发现 ", "finds "));
        add_str(p, "", either(p, head->title_zh, head->title_en), "");
    }
    if (t->when != NULL) {
        add_str(p, say(p, "，条件 ", ", if "), gj_expr_source(t->when), "");
    }
    add(p, "\n");
    add_rule(p, indent, t->rule);
}

static void add_deadline(const struct pen *p, const struct gj_note *n)
{
    static const char *const zh[] = {"设定时限", "时限撤销", "时限改期"};
    static const char *const en[] = {"deadline set", "deadline cleared", "deadline moved"};
    size_t which = (size_t)(n->kind - GJ_NOTE_SET);
    gj_buf_addf(p->out, "    @ %s %s", say(p, zh[which], en[which]),
                gj_story_deadline(p->s, &n->due)->name.ptr);
    gj_buf_addf(p->out, " · %s %s · ", n->entity_kind.ptr, n->entity.ptr);
    if (n->kind == GJ_NOTE_SHIFTED) {
        add_time(p, n->was);
        add(p, " → ");
    }
    add_time(p, n->due.at);
    add(p, "\n");
}

static void add_count(const struct pen *p, const struct gj_note *n)
{
    uint32_t counter = gj_map_get(&p->s->plan->counter_ids, n->mark.counter);
    const struct gj_heading *head = &p->s->plan->counters[counter].head;
    struct gj_str title = either(p, head->title_zh, head->title_en);
    const struct gj_metric *metric = NULL;
    size_t at = 0;
    add_str(p, say(p, "    # 计入 ", "    # counts as "), title.len > 0 ? title : n->mark.counter,
            "");
    while ((metric = gj_story_next_metric(p->s, &n->mark, &at)) != NULL) {
        add(p, " · ");
        add_str(p, "", either(p, metric->head.title_zh, metric->head.title_en), "");
    }
    add(p, "\n");
}

static void add_note(const struct pen *p, const struct gj_note *n)
{
    switch (n->kind) {
    case GJ_NOTE_MOVED:
        add_move(p, n);
        break;
    case GJ_NOTE_FOUND:
        add_found(p, n);
        break;
    case GJ_NOTE_BOOKED:
        add_booking(p, n);
        break;
    case GJ_NOTE_MEASURE:
        add_measure(p, n);
        break;
    case GJ_NOTE_COUNTED:
        add_count(p, n);
        break;
    case GJ_NOTE_SET:
    case GJ_NOTE_CLEARED:
    case GJ_NOTE_SHIFTED:
    default:
        add_deadline(p, n);
        break;
    }
}

static void add_step(const struct pen *p, const struct gj_step_told *step)
{
    const struct gj_story *s = p->s;
    if (step->unknown) {
        add(p,
            say(p, "（规则库不再认识的事件）", "(an event that the rulebook no longer accepts)"));
        add_str(p, " ", step->data, "\n");
        return;
    }
    add_time(p, step->at);
    add(p, "  ");
    if (step->flow != GJ_NO_INDEX) {
        const struct gj_flow *flow = &s->plan->flows[step->flow];
        add(p, say(p, "时限已过：", "deadline passed: "));
        gj_buf_addf(p->out, "%s · %s %s · %s\n", step->deadline.ptr, step->entity_kind.ptr,
                    step->entity.ptr, flow->shown.ptr);
    } else {
        add_str(p, "", step->title, "  ");
        gj_buf_addf(p->out, "%s · %s %s · #%s%s\n", step->type.ptr, step->entity_kind.ptr,
                    step->entity.ptr, step->id.ptr,
                    step->late ? say(p, "  【迟到】", "  [late]") : "");
        add_str(p, "    ", step->data, "\n");
    }
    for (size_t i = 0; i < step->count; i++) {
        add_note(p, &s->notes[step->first + i]);
    }
}

static void add_standings(const struct pen *p)
{
    const struct gj_story *s = p->s;
    for (size_t i = 0; i < s->cached->c.count; i++) {
        const struct gj_entity *e = s->cached->c.entities[i];
        const struct gj_kind_plan *kind = &s->plan->kinds[e->kind];
        for (size_t f = 0; f < kind->flow_count; f++) {
            const struct gj_flow *flow = &s->plan->flows[kind->flows[f]];
            if (e->standings[f].state != GJ_NO_INDEX && s->shop->flows[kind->flows[f]] &&
                !flow->internal) {
                gj_buf_addf(p->out, "  %s %s · %s: ", s->plan->events->kinds[e->kind].name.ptr,
                            e->id.ptr, flow->shown.ptr);
                add_state(p, flow, e->standings[f].state);
                add(p, "\n");
            }
        }
    }
}

static void add_open(const struct pen *p)
{
    const struct gj_story *s = p->s;
    for (size_t i = 0; i < s->open_count; i++) {
        const struct gj_due *due = &s->open[i];
        gj_buf_addf(p->out, "  @ %s · %s %s · ", gj_story_deadline(s, due)->name.ptr,
                    s->plan->events->kinds[due->entity->kind].name.ptr, due->entity->id.ptr);
        add_time(p, due->at);
        int64_t left = (due->at - s->shop->now) / GJ_MICROS;
        if (left > 0) {
            gj_buf_addf(p->out, say(p, "（还有 %lld 小时 %lld 分）", " (in %lld h %lld min)"),
                        (long long)(left / 3600), (long long)(left / 60 % 60));
        }
        add(p, "\n");
        add_then(p, due, "      ");
    }
}

static void add_correction(const struct pen *p, const struct gj_correction *c)
{
    add(p, "  ");
    add_time(p, c->at);
    if (gj_str_is(c->what, "finding")) {
        gj_buf_addf(p->out, say(p, "  撤回发现 %s", "  finding withdrawn: %s"), c->rule.ptr);
    } else if (gj_str_is(c->what, "measure")) {
        gj_buf_addf(p->out, say(p, "  撤回措施 %s，依据 %s", "  measure withdrawn: %s, by %s"),
                    c->account.ptr, c->rule.ptr);
    } else {
        gj_buf_addf(p->out, say(p, "  冲正 %s：", "  reversed, %s: "), c->account.ptr);
        add_amount(p, c->amount, c->unit);
        gj_buf_addf(p->out, say(p, "，依据 %s", ", by %s"), c->rule.ptr);
    }
    add(p, "\n");
}

void gj_story_text(const struct gj_story *s, struct gj_buf *out)
{
    struct pen pen = {s, out}, *p = &pen;
    gj_buf_addf(out, "%s %.*s · %s\n\n", s->kind.ptr, (int)s->id.len, s->id.ptr,
                s->shop->source.ptr);
    for (size_t i = 0; i < s->step_count; i++) {
        add_step(p, &s->steps[i]);
    }
    if (s->correction_count > 0) {
        add(p, say(p, "\n更正（迟到的事件改变了结果）：\n",
                   "\nCorrections (late events changed the outcome):\n"));
    }
    for (size_t i = 0; i < s->correction_count; i++) {
        add_correction(p, &s->corrections[i]);
    }
    if (s->other_count > 0) {
        add(p, say(p, "\n案件之外（指标、阶梯）：\n", "\nBesides its case (metrics, ladders):\n"));
    }
    for (size_t i = 0; i < s->other_count; i++) {
        add(p, "  ");
        add_time(p, s->others[i].at);
        add_str(p, "  ", s->others[i].rule, "");
        add_str(p, say(p, "（", " ("), gj_story_title(s, s->others[i].rule), say(p, "）\n", ")\n"));
    }
    add(p, say(p, "\n现在 ", "\nNow, "));
    add_time(p, s->shop->now);
    add(p, say(p, "：\n", ":\n"));
    add_standings(p);
    add_open(p);
    if (s->open_count == 0) {
        add(p, say(p, "  没有未到的时限。\n", "  No deadline is open.\n"));
    }
}
