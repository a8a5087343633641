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

/* ---- names in words ---- */

struct word {
    const char *name, *zh, *en;
};

static struct gj_str word_of(const struct pen *p, const struct word *words, struct gj_str name)
{
    for (; words->name != NULL; words++) {
        if (gj_str_is(name, words->name)) {
            return gj_str_of(say(p, words->zh, words->en));
        }
    }
    return name;
}

/* "order O1", the kind by its title. */
static void add_entity(const struct pen *p, struct gj_str kind, struct gj_str id)
{
    const struct gj_events *events = p->s->plan->events;
    uint32_t index = gj_map_get(&events->kind_ids, kind);
    const struct gj_entity_kind *k = index == GJ_MAP_NONE ? NULL : &events->kinds[index];
    gj_buf_add_str(p->out, k == NULL ? kind : either(p, k->title_zh, k->title_en));
    add_str(p, " ", id, "");
}

static struct gj_str severity_of(const struct pen *p, struct gj_str severity)
{
    static const struct word words[] = {{"critical", "严重", "critical"},
                                        {"major", "重要", "major"},
                                        {"minor", "一般", "minor"},
                                        {"bonus", "加分", "bonus"},
                                        {NULL, NULL, NULL}};
    return word_of(p, words, severity);
}

/* An account of the ledger: a party, perhaps with its id ("agent:a3"), or points. */
static void add_account(const struct pen *p, struct gj_str account)
{
    static const struct word words[] = {{"shop", "店铺", "shop"},
                                        {"platform", "平台", "platform"},
                                        {"buyer", "买家", "buyer"},
                                        {"agent", "客服", "agent"},
                                        {"insurer", "保险公司", "insurer"},
                                        {"shop:points:serious", "严重违规扣分", "serious points"},
                                        {"shop:points:general", "一般违规扣分", "general points"},
                                        {NULL, NULL, NULL}};
    struct gj_str whole = word_of(p, words, account);
    const char *colon = account.len == 0 ? NULL : memchr(account.ptr, ':', account.len);
    if (whole.ptr != account.ptr || colon == NULL) {
        gj_buf_add_str(p->out, whole);
        return;
    }
    size_t party = (size_t)(colon - account.ptr);
    gj_buf_add_str(p->out, word_of(p, words, (struct gj_str){account.ptr, party}));
    add_str(p, " ", (struct gj_str){colon + 1, account.len - party - 1}, "");
}

static void add_measure_name(const struct pen *p, struct gj_str name)
{
    const struct gj_book *book = p->s->plan->book;
    uint32_t index = gj_map_get(&book->measure_ids, name);
    const struct gj_measure_name *m = index == GJ_MAP_NONE ? NULL : &book->measures[index];
    gj_buf_add_str(p->out, m == NULL ? name : either(p, m->zh, m->en));
}

/* ---- figures ---- */

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

/* "Payment a.payment" */
static void add_flow(const struct pen *p, const struct gj_flow *flow)
{
    add_str(p, "", either(p, flow->head.title_zh, flow->head.title_en), " ");
    add_str(p, "", flow->shown, "");
}

static void add_move(const struct pen *p, const struct gj_note *n)
{
    const struct gj_flow *flow = &p->s->plan->flows[n->flow];
    const struct gj_transition *t = n->transition;
    add(p, "    → ");
    add_entity(p, n->entity_kind, n->entity);
    add(p, " · ");
    add_flow(p, flow);
    add(p, say(p, "：", ": "));
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
    add_str(p, say(p, "（", " ("), severity_of(p, f->severity), say(p, "）", ")"));
    add(p, " · ");
    add_entity(p, f->kind, f->subject);
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
    add(p, " · ");
    add_account(p, n->giver);
    add(p, " → ");
    add_account(p, n->part.account);
    add_str(p, say(p, "，依据 ", ", by "), n->part.rule, "");
    add_str(p, say(p, "，冲正 ", ", reverses "), n->part.reverses, "");
    add(p, "\n");
}

static void add_measure(const struct pen *p, const struct gj_note *n)
{
    const struct gj_measure *m = &n->measure;
    add(p, "    # ");
    add(p, m->ends ? say(p, "措施结束：", "measure ends: ") : say(p, "措施：", "measure: "));
    add_measure_name(p, m->what);
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
    add(p, " · ");
    add_entity(p, n->entity_kind, n->entity);
    add(p, " · ");
    if (n->kind == GJ_NOTE_SHIFTED) {
        add_time(p, n->was);
        add(p, " → ");
    }
    add_time(p, n->due.at);
    add(p, "\n");
}

/* `times`: so many of the case count alike, each order of a group. */
static void add_count(const struct pen *p, const struct gj_note *n, size_t times)
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
    if (times > 1) {
        gj_buf_addf(p->out, say(p, "（%zu 次）", " (%zu times)"), times);
    }
    add(p, "\n");
}

/* How many notes from this one on are of one counter. */
static size_t alike(const struct gj_note *n, size_t left)
{
    size_t times = 1;
    while (times < left && n[times].kind == GJ_NOTE_COUNTED &&
           gj_str_eq(n[times].mark.counter, n->mark.counter)) {
        times++;
    }
    return times;
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
        add_str(p, "", step->deadline, " · ");
        add_entity(p, step->entity_kind, step->entity);
        add(p, " · ");
        add_flow(p, flow);
        add(p, "\n");
    } else {
        add_str(p, "", step->title, "  ");
        add_str(p, "", step->type, " · ");
        add_entity(p, step->entity_kind, step->entity);
        add_str(p, " · #", step->id, "");
        add(p, step->late ? say(p, "  【迟到】", "  [late]") : "");
        add(p, step->lifted ? say(p, "  【已撤销】\n", "  [lifted]\n") : "\n");
        add_str(p, "    ", step->data, "\n");
    }
    for (size_t i = 0; i < step->count;) {
        const struct gj_note *n = &s->notes[step->first + i];
        size_t times = n->kind == GJ_NOTE_COUNTED ? alike(n, step->count - i) : 1;
        if (n->kind == GJ_NOTE_COUNTED) {
            add_count(p, n, times);
        } else {
            add_note(p, n);
        }
        i += times;
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
                add(p, "  ");
                add_entity(p, s->plan->events->kinds[e->kind].name, e->id);
                add(p, " · ");
                add_flow(p, flow);
                add(p, say(p, "：", ": "));
                add_state(p, flow, e->standings[f].state);
                add(p, "\n");
            }
        }
    }
}

/* How many seconds are left, in hours up to three days, in days beyond; nothing when none is. */
static void add_left(const struct pen *p, int64_t left)
{
    bool days = left > 72 * 3600;
    int64_t unit = days ? 86400 : 3600, part = unit / (days ? 24 : 60);
    if (left > 0) {
        gj_buf_addf(p->out,
                    days ? say(p, "（还有 %lld 天 %lld 小时）", " (in %lld d %lld h)")
                         : say(p, "（还有 %lld 小时 %lld 分）", " (in %lld h %lld min)"),
                    (long long)(left / unit), (long long)(left % unit / part));
    }
}

static void add_open(const struct pen *p)
{
    const struct gj_story *s = p->s;
    for (size_t i = 0; i < s->open_count; i++) {
        const struct gj_due *due = &s->open[i];
        add_str(p, "  @ ", gj_story_deadline(s, due)->name, " · ");
        add_entity(p, s->plan->events->kinds[due->entity->kind].name, due->entity->id);
        add(p, " · ");
        add_time(p, due->at);
        add_left(p, (due->at - s->shop->now) / GJ_MICROS);
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
        add(p, say(p, "  撤回措施 ", "  measure withdrawn: "));
        add_measure_name(p, c->account);
        add_str(p, say(p, "，依据 ", ", by "), c->rule, "");
    } else {
        add(p, say(p, "  冲正 ", "  reversed, "));
        add_account(p, c->account);
        add(p, say(p, "：", ": "));
        add_amount(p, c->amount, c->unit);
        gj_buf_addf(p->out, say(p, "，依据 %s", ", by %s"), c->rule.ptr);
    }
    add(p, "\n");
}

void gj_story_text(const struct gj_story *s, struct gj_buf *out)
{
    struct pen pen = {s, out}, *p = &pen;
    add_entity(p, s->kind, s->id);
    add_str(p, " · ", s->shop->source, "\n\n");
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
