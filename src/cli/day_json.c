/* Room cli: a shop's day as JSON (see day.h; docs/report.md tells the fields). */
#include <string.h>

#include "cli/day.h"

static void text(FILE *out, const char *name, const char *value)
{
    fprintf(out, ",\"%s\":", name);
    cli_json_string(out, value);
}

static void number(FILE *out, const char *name, int64_t value)
{
    fprintf(out, ",\"%s\":%lld", name, (long long)value);
}

static void boolean(FILE *out, const char *name, bool value)
{
    fprintf(out, ",\"%s\":%s", name, value ? "true" : "false");
}

static void moment(FILE *out, const struct day *day, const char *name, int64_t at)
{
    char clock[40];
    if (at != GJ_ALWAYS) {
        text(out, name, gj_engine_clock(day->engine, day->source, at, clock, sizeof clock));
    }
}

static void then(FILE *out, const gj_consequence *c)
{
    if (c->findings == 0) {
        return;
    }
    fputs(",\"then\":{\"rule\":", out);
    cli_json_string(out, c->rule);
    text(out, "title", c->title_zh);
    text(out, "severity", c->severity);
    number(out, "fine_fen", c->fine_fen);
    number(out, "serious", c->serious);
    number(out, "general", c->general);
    text(out, "measures", c->measures);
    boolean(out, "certain", c->certain);
    boolean(out, "open", c->open);
    fputc('}', out);
}

static void metric(FILE *out, const struct day *day, const gj_metric_row *m)
{
    static const char *const moves[] = {"", "more", "missed", "met", "late"};
    fputs("{\"metric\":", out);
    cli_json_string(out, m->id);
    text(out, "title", m->title_zh);
    if (m->product[0] != '\0') {
        text(out, "product", m->product);
    }
    moment(out, day, "from", m->from);
    moment(out, day, "to", m->to);
    boolean(out, "history", m->history);
    boolean(out, "running", m->running);
    number(out, "numerator", m->numerator);
    number(out, "denominator", m->denominator);
    if (m->has_value) {
        number(out, "value_bp", m->value_bp);
    } else {
        fputs(",\"value_bp\":null", out);
    }
    boolean(out, "breach", m->breach);
    if (m->has_threshold) {
        fprintf(out, ",\"threshold\":{\"%s_bp\":%lld}", m->below ? "below" : "above",
                (long long)m->threshold_bp);
    }
    if (m->move != GJ_MOVE_NONE) {
        fprintf(out, ",\"distance\":{\"of\":\"%s\",\"count\":%lld", moves[m->move],
                (long long)m->moves);
        text(out, "what", m->what_zh);
        fputc('}', out);
    }
    then(out, &m->then);
    fputc('}', out);
}

void day_json_deadline(FILE *out, const struct day *day, const gj_deadline_row *d, int64_t now)
{
    fputs("{\"source\":", out);
    cli_json_string(out, d->source);
    text(out, "kind", d->kind);
    text(out, "id", d->id);
    text(out, "flow", d->flow);
    text(out, "name", d->name);
    moment(out, day, "at", d->at);
    number(out, "left_s", (d->at - now) / 1000000);
    text(out, "state", d->state);
    if (d->to[0] != '\0') {
        text(out, "to", d->to);
    }
    if (d->rule[0] != '\0') {
        text(out, "rule", d->rule);
    }
    text(out, "clause", d->clause_zh);
    then(out, &d->then);
    fputc('}', out);
}

static void finding(FILE *out, const struct day *day, const gj_finding_row *f)
{
    fputs("{\"rule\":", out);
    cli_json_string(out, f->rule);
    text(out, "title", f->title_zh);
    moment(out, day, "at", f->at);
    fputs(",\"subject\":{\"kind\":", out);
    cli_json_string(out, f->kind);
    text(out, "id", f->subject);
    fputc('}', out);
    if (f->agent[0] != '\0') {
        text(out, "agent_id", f->agent);
    }
    text(out, "severity", f->severity);
    text(out, "because", f->because_zh);
    boolean(out, "booked", f->booked);
    number(out, "risk_fen", f->at_risk.fine_fen);
    number(out, "risk_points", f->at_risk.serious + f->at_risk.general);
    fputc('}', out);
}

static void sums(FILE *out, const char *name, const struct day_sum *list, size_t count)
{
    fprintf(out, ",\n\"%s\":[", name);
    for (size_t i = 0; i < count; i++) {
        fputs(i > 0 ? ",\n{\"name\":" : "\n{\"name\":", out);
        cli_json_string(out, list[i].name);
        text(out, "unit", list[i].unit);
        number(out, "amount", list[i].amount);
        fputc('}', out);
    }
    fputc(']', out);
}

static void ladders(FILE *out, const struct day *day)
{
    fputs(",\n\"points\":[", out);
    for (size_t i = 0; i < day->ladder_count; i++) {
        const gj_ladder_row *l = &day->ladders[i];
        fputs(i > 0 ? ",\n{\"ladder\":" : "\n{\"ladder\":", out);
        cli_json_string(out, l->id);
        text(out, "class", l->points_class);
        number(out, "sum", l->sum);
        if (l->next > 0) {
            number(out, "next", l->next);
        }
        then(out, &l->then);
        fputc('}', out);
    }
    fputc(']', out);
}

static void measures(FILE *out, const struct day *day)
{
    fputs(",\n\"measures\":[", out);
    for (size_t i = 0; i < day->measure_count; i++) {
        const gj_measure_info *m = &day->measures[i];
        fputs(i > 0 ? ",\n{\"rule\":" : "\n{\"rule\":", out);
        cli_json_string(out, m->rule);
        text(out, "kind", m->kind);
        text(out, "id", m->subject);
        text(out, "what", m->what);
        moment(out, day, "from", m->from);
        moment(out, day, "to", m->to);
        fputc('}', out);
    }
    fputc(']', out);
}

static void one(FILE *out, const struct day *day)
{
    fputs("{\"source\":", out);
    cli_json_string(out, day->source);
    text(out, "day", day->date);
    moment(out, day, "now", day->now);
    fputs(",\n\"metrics\":[", out);
    for (size_t i = 0; i < day->metric_count; i++) {
        fputs(i > 0 ? ",\n" : "\n", out);
        metric(out, day, &day->metrics[i]);
    }
    fputs("],\n\"deadlines\":[", out);
    for (size_t i = 0; i < day->deadline_count; i++) {
        fputs(i > 0 ? ",\n" : "\n", out);
        day_json_deadline(out, day, &day->deadlines[i], day->now);
    }
    fprintf(out, "],\n\"later\":%lld,\n\"findings\":[", (long long)day->later);
    for (size_t i = 0; i < day->finding_count; i++) {
        fputs(i > 0 ? ",\n" : "\n", out);
        finding(out, day, &day->findings[i]);
    }
    fputc(']', out);
    ladders(out, day);
    sums(out, "accounts", day->accounts, day->account_count);
    sums(out, "by_rule", day->rules, day->rule_count);
    measures(out, day);
    fprintf(out, ",\n\"money\":{\"booked_fen\":%lld", (long long)day->booked_fen);
    number(out, "booked_points", day->booked_points);
    number(out, "risk_fen", day->risk_fen);
    number(out, "risk_points", day->risk_points);
    number(out, "risk_open", (int64_t)day->risk_open);
    number(out, "due_fen", day->due_fen);
    fputs("}}", out);
}

void day_json(FILE *out, const struct day *days, size_t count)
{
    fputc('[', out);
    for (size_t i = 0; i < count; i++) {
        fputs(i > 0 ? ",\n" : "", out);
        one(out, &days[i]);
    }
    fputs("]\n", out);
}
