/* Room server: rows of the engine's reports in JSON (see row.h). Members that say nothing are left
 * out, as the schemas in schema.h have it. */
#include "server/row.h"

#include "server/tell.h"
#include "wire/json.h"

static void begin(struct gj_buf *out, const char *key, const char *text)
{
    gj_buf_addf(out, "{\"%s\":", key);
    gj_json_add_string(out, gj_str_of(text));
}

static void add_then(struct gj_buf *out, const char *key, const gj_consequence *c, bool english)
{
    if (c->findings == 0) {
        return;
    }
    gj_buf_addf(out, ",\"%s\":", key);
    begin(out, "rule", c->rule);
    gj_tell_text(out, "title", gj_tell_either(english, c->title_zh, c->title_en));
    gj_tell_text(out, "severity", c->severity);
    gj_tell_int(out, "findings", (int64_t)c->findings);
    gj_tell_int(out, "fine_fen", c->fine_fen);
    gj_tell_int(out, "serious", c->serious);
    gj_tell_int(out, "general", c->general);
    gj_tell_text(out, "measures", c->measures);
    gj_tell_bool(out, "certain", c->certain);
    gj_tell_bool(out, "open", c->open);
    gj_buf_add_char(out, '}');
}

void gj_row_deadline(struct gj_buf *out, const gj_deadline_row *d, int64_t now, bool english)
{
    begin(out, "source", d->source);
    gj_tell_text(out, "kind", d->kind);
    gj_tell_text(out, "id", d->id);
    gj_tell_text(out, "flow", d->flow);
    gj_tell_text(out, "title", gj_tell_either(english, d->flow_zh, d->flow_en));
    gj_tell_text(out, "name", d->name);
    gj_tell_at(out, "since", d->since);
    gj_tell_at(out, "at", d->at);
    gj_tell_int(out, "left_s", (d->at - now) / 1000000);
    gj_tell_text(out, "state", d->state);
    gj_tell_text(out, "state_title", gj_tell_either(english, d->state_zh, d->state_en));
    gj_tell_text(out, "to", d->to);
    gj_tell_text(out, "to_title", gj_tell_either(english, d->to_zh, d->to_en));
    gj_tell_text(out, "rule", d->rule);
    gj_tell_text(out, "clause", gj_tell_either(english, d->clause_zh, d->clause_en));
    add_then(out, "then", &d->then, english);
    gj_buf_add_char(out, '}');
}

static void add_distance(struct gj_buf *out, const gj_metric_row *m, bool english)
{
    static const char *const moves[] = {"none", "more", "missed", "met", "late"};
    if (m->move != GJ_MOVE_NONE) {
        gj_buf_addf(out, ",\"distance\":{\"of\":\"%s\"", moves[m->move]);
        gj_tell_int(out, "count", m->moves);
        gj_tell_text(out, "what", gj_tell_either(english, m->what_zh, m->what_en));
        gj_buf_add_char(out, '}');
    }
}

void gj_row_metric(struct gj_buf *out, const gj_metric_row *m, bool english)
{
    begin(out, "source", m->source);
    gj_tell_text(out, "metric", m->id);
    gj_tell_text(out, "title", gj_tell_either(english, m->title_zh, m->title_en));
    gj_tell_text(out, "clause", gj_tell_either(english, m->clause_zh, m->clause_en));
    gj_tell_text(out, "product", m->product);
    gj_tell_int(out, "step", m->step);
    gj_tell_at(out, "from", m->from);
    gj_tell_at(out, "to", m->to);
    gj_tell_bool(out, "history", m->history);
    gj_tell_bool(out, "running", m->running);
    gj_tell_int(out, "numerator", m->numerator);
    gj_tell_int(out, "denominator", m->denominator);
    if (m->has_value) {
        gj_tell_int(out, "value_bp", m->value_bp);
    } else {
        gj_buf_add_cstr(out, ",\"value_bp\":null");
    }
    gj_tell_bool(out, "breach", m->breach);
    if (m->has_threshold) {
        gj_buf_addf(out, ",\"threshold\":{\"%s_bp\":%lld}", m->below ? "below" : "above",
                    (long long)m->threshold_bp);
    }
    add_distance(out, m, english);
    if (m->lasting > 0) {
        gj_tell_int(out, "lasting", m->lasting);
    }
    add_then(out, "then", &m->then, english);
    gj_buf_add_char(out, '}');
}

void gj_row_ledger(struct gj_buf *out, const gj_ledger_row *l, bool english)
{
    begin(out, "source", l->source);
    gj_tell_int(out, "id", l->row);
    gj_tell_text(out, "entry", l->entry);
    gj_tell_at(out, "at", l->at);
    gj_tell_text(out, "rule", l->rule);
    gj_tell_text(out, "title", gj_tell_either(english, l->title_zh, l->title_en));
    gj_tell_text(out, "account", l->account);
    gj_tell_int(out, "amount", l->amount);
    gj_tell_text(out, "unit", l->unit);
    gj_tell_text(out, "class", l->points_class);
    gj_tell_text(out, "reverses", l->reverses);
    gj_buf_add_char(out, '}');
}

static void add_subject(struct gj_buf *out, const char *kind, const char *id)
{
    gj_buf_add_cstr(out, ",\"subject\":");
    begin(out, "kind", kind);
    gj_buf_add_cstr(out, ",\"id\":");
    gj_json_add_string(out, gj_str_of(id));
    gj_buf_add_char(out, '}');
}

void gj_row_measure(struct gj_buf *out, const gj_measure_info *m, bool english)
{
    begin(out, "source", m->source);
    gj_tell_text(out, "rule", m->rule);
    gj_tell_text(out, "title", gj_tell_either(english, m->title_zh, m->title_en));
    add_subject(out, m->kind, m->subject);
    gj_tell_text(out, "what", m->what);
    gj_tell_at(out, "from", m->from);
    gj_tell_at(out, "to", m->to);
    gj_buf_add_char(out, '}');
}

void gj_row_finding(struct gj_buf *out, const gj_finding_row *f, bool english)
{
    begin(out, "source", f->source);
    gj_tell_int(out, "id", f->row);
    gj_tell_text(out, "rule", f->rule);
    gj_tell_text(out, "title", gj_tell_either(english, f->title_zh, f->title_en));
    gj_tell_text(out, "clause", gj_tell_either(english, f->clause_zh, f->clause_en));
    gj_tell_at(out, "at", f->at);
    add_subject(out, f->kind, f->subject);
    gj_tell_text(out, "agent_id", f->agent);
    gj_tell_text(out, "severity", f->severity);
    gj_tell_text(out, "because", gj_tell_either(english, f->because_zh, f->because_en));
    gj_tell_bool(out, "booked", f->booked);
    if (f->withdrawn) {
        gj_tell_bool(out, "withdrawn", true);
    }
    if (!f->booked) {
        add_then(out, "at_risk", &f->at_risk, english);
    }
}
