/* Room engine: a case's story as JSON (see explain.h). */
#include "engine/explain.h"
#include "engine/words.h"

static void add_text(struct gj_buf *out, const char *name, struct gj_str value)
{
    if (value.len > 0) {
        gj_json_add_text(out, name, value);
    }
}

static void add_time(struct gj_buf *out, const char *name, const struct gj_story *s, int64_t at)
{
    gj_json_add_key(out, name);
    gj_buf_add_char(out, '"');
    gj_words_time(s->shop, at, out);
    gj_buf_add_char(out, '"');
}

static void add_rule(struct gj_buf *out, const struct gj_story *s, struct gj_str rule)
{
    add_text(out, "rule", rule);
    add_text(out, "title", gj_story_title(s, rule));
    add_text(out, "clause", gj_story_clause(s, rule));
}

static struct gj_str either(const struct gj_story *s, struct gj_str zh, struct gj_str en)
{
    return s->english ? en : zh;
}

static void add_move(struct gj_buf *out, const struct gj_story *s, const struct gj_note *n)
{
    const struct gj_flow *flow = &s->plan->flows[n->flow];
    const struct gj_transition *t = n->transition;
    add_text(out, "kind", n->entity_kind);
    add_text(out, "id", n->entity);
    add_text(out, "flow", flow->shown);
    if (n->from != GJ_NO_INDEX) {
        add_text(out, "from", flow->states[n->from].name);
    }
    add_text(out, "to", flow->states[t->to].name);
    add_rule(out, s, t->rule);
    if (t->rule.len == 0) {
        add_text(out, "clause", either(s, flow->head.clause_zh, flow->head.clause_en));
    }
    add_text(out, "because", either(s, t->because_zh, t->because_en));
    if (t->when != NULL) {
        add_text(out, "when", gj_expr_source(t->when));
    }
}

static void add_found(struct gj_buf *out, const struct gj_story *s, const struct gj_found *f)
{
    add_rule(out, s, f->rule);
    add_text(out, "kind", f->kind);
    add_text(out, "id", f->subject);
    add_text(out, "agent_id", f->agent);
    add_text(out, "severity", f->severity);
    add_text(out, "because", f->because);
}

static void add_booking(struct gj_buf *out, const struct gj_note *n)
{
    add_text(out, "entry", n->part.entry);
    add_text(out, "rule", n->part.rule);
    add_text(out, "from", n->giver);
    add_text(out, "to", n->part.account);
    gj_json_add_int(out, "amount", n->part.amount);
    add_text(out, "unit", n->part.unit);
    add_text(out, "reverses", n->part.reverses);
}

static void add_measure(struct gj_buf *out, const struct gj_story *s, const struct gj_measure *m)
{
    add_text(out, m->ends ? "ends" : "what", m->what);
    add_text(out, "rule", m->rule);
    add_time(out, "from", s, m->from);
    if (m->to != GJ_NEVER && !m->ends) {
        add_time(out, "to", s, m->to);
    }
}

/* What is counted, and the metrics that it moves. */
static void add_count(struct gj_buf *out, const struct gj_story *s, const struct gj_mark *m)
{
    uint32_t counter = gj_map_get(&s->plan->counter_ids, m->counter);
    const struct gj_heading *head = &s->plan->counters[counter].head;
    const struct gj_metric *metric = NULL;
    size_t at = 0;
    add_text(out, "counter", m->counter);
    add_text(out, "title", either(s, head->title_zh, head->title_en));
    add_time(out, "at", s, m->at);
    add_text(out, "key", m->key);
    add_text(out, "product", m->product);
    gj_json_add_key(out, "metrics");
    gj_buf_add_char(out, '[');
    for (bool first = true; (metric = gj_story_next_metric(s, m, &at)) != NULL; first = false) {
        gj_buf_add_cstr(out, first ? "" : ",");
        gj_json_add_string(out, metric->head.id);
    }
    gj_buf_add_char(out, ']');
}

/* A deadline and what happens when it passes. */
static void add_due(struct gj_buf *out, const struct gj_story *s, const struct gj_due *due)
{
    const struct gj_flow *flow = &s->plan->flows[due->flow];
    const struct gj_deadline *d = gj_story_deadline(s, due);
    add_text(out, "kind", s->plan->events->kinds[due->entity->kind].name);
    add_text(out, "id", due->entity->id);
    add_text(out, "flow", flow->shown);
    add_text(out, "name", d->name);
    add_time(out, "at", s, due->at);
    if (d->then.to != GJ_NO_INDEX) {
        add_text(out, "to", flow->states[d->then.to].name);
    }
    if (d->then.raise_count > 0) {
        gj_json_add_key(out, "finds");
        gj_buf_add_char(out, '[');
        for (size_t i = 0; i < d->then.raise_count; i++) {
            gj_buf_add_cstr(out, i > 0 ? "," : "");
            gj_json_add_string(out, s->plan->findings[d->then.raises[i]].head.id);
        }
        gj_buf_add_char(out, ']');
    }
    add_rule(out, s, d->then.rule);
}

static void add_note(struct gj_buf *out, const struct gj_story *s, const struct gj_note *n)
{
    static const char *const names[] = {"moved",   "found", "booked",  "measure",
                                        "counted", "set",   "cleared", "shifted"};
    gj_buf_add_char(out, '{');
    add_text(out, "what", gj_str_of(names[n->kind]));
    gj_json_add_key(out, "of");
    gj_buf_add_char(out, '{');
    switch (n->kind) {
    case GJ_NOTE_MOVED:
        add_move(out, s, n);
        break;
    case GJ_NOTE_FOUND:
        add_found(out, s, &n->found);
        break;
    case GJ_NOTE_BOOKED:
        add_booking(out, n);
        break;
    case GJ_NOTE_MEASURE:
        add_measure(out, s, &n->measure);
        break;
    case GJ_NOTE_COUNTED:
        add_count(out, s, &n->mark);
        break;
    case GJ_NOTE_SHIFTED:
        add_time(out, "was", s, n->was);
        add_due(out, s, &n->due);
        break;
    case GJ_NOTE_SET:
    case GJ_NOTE_CLEARED:
    default:
        add_due(out, s, &n->due);
        break;
    }
    gj_buf_add_cstr(out, "}}");
}

static void add_step(struct gj_buf *out, const struct gj_story *s, const struct gj_step_told *step)
{
    gj_buf_add_char(out, '{');
    if (step->unknown) {
        add_text(out, "unknown", step->data);
    } else {
        add_time(out, "at", s, step->at);
        add_text(out, "event", step->id);
        add_text(out, "type", step->type);
        add_text(out, "title", step->title);
        add_text(out, "deadline", step->deadline);
        if (step->flow != GJ_NO_INDEX) {
            add_text(out, "flow", s->plan->flows[step->flow].shown);
        }
        add_text(out, "kind", step->entity_kind);
        add_text(out, "id", step->entity);
        if (step->data.len > 0) {
            gj_json_add_key(out, "data");
            gj_buf_add_str(out, step->data);
        }
    }
    if (step->late) {
        gj_json_add_key(out, "late");
        gj_buf_add_cstr(out, "true");
    }
    if (step->lifted) {
        gj_json_add_key(out, "lifted");
        gj_buf_add_cstr(out, "true");
    }
    gj_json_add_key(out, "then");
    gj_buf_add_char(out, '[');
    for (size_t i = 0; i < step->count; i++) {
        gj_buf_add_cstr(out, i > 0 ? "," : "");
        add_note(out, s, &s->notes[step->first + i]);
    }
    gj_buf_add_cstr(out, "]}");
}

void gj_story_step_json(const struct gj_story *story, const struct gj_step_told *step,
                        struct gj_buf *out)
{
    add_step(out, story, step);
}

static void add_correction(struct gj_buf *out, const struct gj_story *s,
                           const struct gj_correction *c)
{
    gj_buf_add_char(out, '{');
    add_text(out, "what", c->what);
    add_time(out, "at", s, c->at);
    add_text(out, "rule", c->rule);
    if (gj_str_is(c->what, "measure")) {
        add_text(out, "measure", c->account);
    } else if (gj_str_is(c->what, "entry")) {
        add_text(out, "account", c->account);
        gj_json_add_int(out, "amount", c->amount);
        add_text(out, "unit", c->unit);
    }
    gj_buf_add_char(out, '}');
}

static void add_standings(struct gj_buf *out, const struct gj_story *s)
{
    bool first = true;
    gj_json_add_key(out, "states");
    gj_buf_add_char(out, '[');
    for (size_t i = 0; i < s->cached->c.count; i++) {
        const struct gj_entity *e = s->cached->c.entities[i];
        const struct gj_kind_plan *kind = &s->plan->kinds[e->kind];
        for (size_t f = 0; f < kind->flow_count; f++) {
            const struct gj_flow *flow = &s->plan->flows[kind->flows[f]];
            if (e->standings[f].state == GJ_NO_INDEX || !s->shop->flows[kind->flows[f]] ||
                flow->internal) {
                continue;
            }
            gj_buf_add_cstr(out, first ? "{" : ",{");
            first = false;
            add_text(out, "kind", s->plan->events->kinds[e->kind].name);
            add_text(out, "id", e->id);
            add_text(out, "flow", flow->shown);
            add_text(out, "state", flow->states[e->standings[f].state].name);
            gj_buf_add_char(out, '}');
        }
    }
    gj_buf_add_char(out, ']');
}

void gj_story_json(const struct gj_story *s, struct gj_buf *out)
{
    gj_buf_add_char(out, '{');
    add_text(out, "source", s->shop->source);
    add_text(out, "kind", s->kind);
    add_text(out, "id", s->id);
    add_time(out, "now", s, s->shop->now);
    gj_json_add_key(out, "history");
    gj_buf_add_char(out, '[');
    for (size_t i = 0; i < s->step_count; i++) {
        gj_buf_add_cstr(out, i > 0 ? ",\n" : "\n");
        add_step(out, s, &s->steps[i]);
    }
    gj_buf_add_char(out, ']');
    gj_json_add_key(out, "corrections");
    gj_buf_add_char(out, '[');
    for (size_t i = 0; i < s->correction_count; i++) {
        gj_buf_add_cstr(out, i > 0 ? "," : "");
        add_correction(out, s, &s->corrections[i]);
    }
    gj_buf_add_char(out, ']');
    gj_json_add_key(out, "besides");
    gj_buf_add_char(out, '[');
    for (size_t i = 0; i < s->other_count; i++) {
        gj_buf_add_cstr(out, i > 0 ? ",{" : "{");
        add_time(out, "at", s, s->others[i].at);
        add_rule(out, s, s->others[i].rule);
        gj_buf_add_char(out, '}');
    }
    gj_buf_add_char(out, ']');
    add_standings(out, s);
    gj_json_add_key(out, "open");
    gj_buf_add_char(out, '[');
    for (size_t i = 0; i < s->open_count; i++) {
        gj_buf_add_cstr(out, i > 0 ? ",{" : "{");
        add_due(out, s, &s->open[i]);
        gj_buf_add_char(out, '}');
    }
    gj_buf_add_cstr(out, "]}\n");
}
