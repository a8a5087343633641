/* Room server: notices in JSON (see tell.h). */
#include "server/tell.h"

#include "base/calendar.h"
#include "wire/json.h"

const char *gj_tell_either(bool english, const char *zh, const char *en)
{
    return english && en[0] != '\0' ? en : zh;
}

void gj_tell_time(struct gj_buf *out, int64_t at)
{
    int64_t seconds = at / 1000000 - (at % 1000000 < 0 ? 1 : 0);
    struct gj_civil c = gj_civil_from_seconds(seconds + GJ_CHINA_OFFSET_SECONDS);
    gj_buf_addf(out, "\"%04lld-%02d-%02dT%02d:%02d:%02d", (long long)c.year, c.month, c.day, c.hour,
                c.minute, c.second);
    int64_t rest = at - seconds * 1000000;
    if (rest != 0) {
        gj_buf_addf(out, ".%06lld", (long long)rest);
    }
    gj_buf_add_cstr(out, "+08:00\"");
}

void gj_tell_text(struct gj_buf *out, const char *key, const char *text)
{
    if (text != NULL && text[0] != '\0') {
        gj_json_add_key(out, key);
        gj_json_add_string(out, gj_str_of(text));
    }
}

void gj_tell_int(struct gj_buf *out, const char *key, int64_t value)
{
    gj_json_add_key(out, key);
    gj_buf_add_int(out, value);
}

void gj_tell_bool(struct gj_buf *out, const char *key, bool value)
{
    gj_json_add_key(out, key);
    gj_buf_add_cstr(out, value ? "true" : "false");
}

void gj_tell_at(struct gj_buf *out, const char *key, int64_t at)
{
    if (at != GJ_ALWAYS) {
        gj_json_add_key(out, key);
        gj_tell_time(out, at);
    }
}

void gj_tell_titles(struct gj_buf *out, const char *name, const char *zh, const char *en)
{
    if (zh[0] != '\0' || en[0] != '\0') {
        gj_buf_addf(out, ",\"%s\":{\"zh\":", name);
        gj_json_add_string(out, gj_str_of(zh));
        gj_buf_add_cstr(out, ",\"en\":");
        gj_json_add_string(out, gj_str_of(en));
        gj_buf_add_char(out, '}');
    }
}

static void add_verdict(struct gj_buf *out, const gj_verdict *verdict)
{
    gj_tell_text(out, "suggestion", gj_suggestion_name(verdict->suggestion));
    gj_json_add_key(out, "hits");
    gj_buf_add_char(out, '[');
    for (size_t i = 0; i < verdict->hit_count; i++) {
        const gj_hit *hit = &verdict->hits[i];
        gj_buf_add_cstr(out, i > 0 ? ",{\"rule\":" : "{\"rule\":");
        gj_json_add_string(out, gj_str_of(hit->rule));
        gj_tell_titles(out, "title", hit->title_zh, hit->title_en);
        gj_tell_text(out, "suggestion", gj_suggestion_name(hit->suggestion));
        gj_tell_int(out, "start", hit->start);
        gj_tell_int(out, "end", hit->end);
        gj_tell_titles(out, "rewrite", hit->rewrite_zh, hit->rewrite_en);
        gj_buf_add_char(out, '}');
    }
    gj_buf_add_char(out, ']');
}

static void add_parts(struct gj_buf *out, const gj_notice *n)
{
    gj_tell_text(out, "entry", n->entry);
    gj_tell_text(out, "reverses", n->reverses);
    gj_json_add_key(out, "parts");
    gj_buf_add_char(out, '[');
    for (size_t i = 0; i < n->part_count; i++) {
        gj_buf_add_cstr(out, i > 0 ? ",{\"account\":" : "{\"account\":");
        gj_json_add_string(out, gj_str_of(n->parts[i].account));
        gj_tell_int(out, "amount", n->parts[i].amount);
        gj_tell_text(out, "unit", n->parts[i].unit);
        gj_tell_text(out, "class", n->parts[i].points_class);
        gj_buf_add_char(out, '}');
    }
    gj_buf_add_char(out, ']');
}

static void add_breach(struct gj_buf *out, const gj_notice *n)
{
    gj_tell_at(out, "from", n->from);
    gj_tell_at(out, "to", n->to);
    gj_tell_int(out, "numerator", n->numerator);
    gj_tell_int(out, "denominator", n->denominator);
    gj_tell_int(out, "value_bp", n->value_bp);
}

static void add_kind(struct gj_buf *out, const gj_notice *n)
{
    switch (n->kind) {
    case GJ_NOTICE_VERDICT:
        if (n->verdict != NULL) {
            add_verdict(out, n->verdict);
        }
        break;
    case GJ_NOTICE_FINDING:
    case GJ_NOTICE_WITHDRAWN:
        gj_tell_int(out, "finding", n->row);
        break;
    case GJ_NOTICE_ENTRY:
    case GJ_NOTICE_REVERSED:
        add_parts(out, n);
        break;
    case GJ_NOTICE_MEASURE:
    case GJ_NOTICE_MEASURE_ENDS:
        gj_tell_text(out, "what", n->what);
        gj_tell_at(out, "from", n->from);
        gj_tell_at(out, "to", n->to);
        break;
    case GJ_NOTICE_BREACH:
        add_breach(out, n);
        break;
    default:
        gj_tell_text(out, "flow", n->flow);
        gj_tell_titles(out, "flow_title", n->flow_zh, n->flow_en);
        gj_tell_text(out, "deadline", n->name);
        gj_tell_text(out, "state", n->state);
        gj_tell_titles(out, "state_title", n->state_zh, n->state_en);
        break;
    }
}

void gj_tell_write(struct gj_buf *out, const gj_notice *n)
{
    gj_buf_add_cstr(out, "{\"source\":");
    gj_json_add_string(out, gj_str_of(n->source));
    gj_tell_at(out, "at", n->at);
    gj_tell_text(out, "event", n->event);
    gj_tell_text(out, "kind", n->entity);
    gj_tell_text(out, "id", n->id);
    gj_tell_text(out, "session", n->session);
    gj_tell_text(out, "agent", n->agent);
    gj_tell_text(out, "rule", n->rule);
    gj_tell_titles(out, "title", n->title_zh, n->title_en);
    gj_tell_titles(out, "clause", n->clause_zh, n->clause_en);
    gj_tell_text(out, "severity",
                 n->verdict == NULL ? n->severity : gj_severity_name(n->verdict->severity));
    gj_tell_titles(out, "because", n->because_zh, n->because_en);
    add_kind(out, n);
    gj_buf_add_char(out, '}');
}
