/* Room judge: the rulebook's entries as the public header shows them: rules and scripts, and the
 * half on events. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "base/vec.h"
#include "book/plan.h"
#include "judge/checker.h"

const char *gj_entry_kind_name(gj_entry_kind kind)
{
    static const char *const names[] = {"rule",    "script", "flow",   "finding",
                                        "counter", "metric", "ladder", "guidance"};
    return names[kind];
}

/* ---- rules and scripts ---- */

/* Views of covers and citations with plain C strings, made once so that entries are cheap to ask.
 */
int gj_rulebook_make_views(gj_rulebook *rulebook)
{
    const struct gj_book *book = rulebook->book;
    size_t covers = 0, cites = 0;
    for (size_t i = 0; i < book->rule_count; i++) {
        covers += book->rules[i].cover_count;
        cites += book->rules[i].cite_count;
    }
    rulebook->covers = calloc(covers + 1, sizeof *rulebook->covers);
    rulebook->citations = calloc(cites + 1, sizeof *rulebook->citations);
    rulebook->cover_first = calloc(book->rule_count + 1, sizeof *rulebook->cover_first);
    rulebook->citation_first = calloc(book->rule_count + 1, sizeof *rulebook->citation_first);
    if (rulebook->covers == NULL || rulebook->citations == NULL || rulebook->cover_first == NULL ||
        rulebook->citation_first == NULL) {
        return -1;
    }
    covers = cites = 0;
    for (size_t i = 0; i < book->rule_count; i++) {
        const struct gj_rule *rule = &book->rules[i];
        rulebook->cover_first[i] = covers;
        rulebook->citation_first[i] = cites;
        for (size_t c = 0; c < rule->cover_count; c++) {
            rulebook->covers[covers++] = rule->covers[c].ptr;
        }
        for (size_t c = 0; c < rule->cite_count; c++) {
            const struct gj_source *source = &book->sources[rule->cites[c].source];
            rulebook->citations[cites++] = (gj_citation){
                source->id.ptr, source->title_zh.ptr, rule->cites[c].place.ptr, source->date.ptr};
        }
    }
    return 0;
}

bool gj_rulebook_measure(const gj_rulebook *rulebook, const char *name, const char **zh,
                         const char **en)
{
    const struct gj_book *book = rulebook->book;
    uint32_t index = gj_map_get(&book->measure_ids, gj_str_of(name));
    if (index == GJ_MAP_NONE) {
        return false;
    }
    *zh = book->measures[index].zh.ptr;
    *en = book->measures[index].en.ptr;
    return true;
}

bool gj_rulebook_kind(const gj_rulebook *rulebook, const char *name, const char **zh,
                      const char **en)
{
    const struct gj_events *events = &rulebook->book->events;
    uint32_t index =
        events->kind_count == 0 ? GJ_MAP_NONE : gj_map_get(&events->kind_ids, gj_str_of(name));
    if (index == GJ_MAP_NONE) {
        return false;
    }
    *zh = events->kinds[index].title_zh.ptr;
    *en = events->kinds[index].title_en.ptr;
    return true;
}

size_t gj_rulebook_entry_count(const gj_rulebook *rulebook)
{
    return rulebook->book->rule_count + rulebook->event_entry_count;
}

gj_entry_info gj_rulebook_entry(const gj_rulebook *rulebook, size_t index)
{
    const struct gj_book *book = rulebook->book;
    if (index >= book->rule_count) {
        return rulebook->event_entries[index - book->rule_count];
    }
    const struct gj_rule *rule = &book->rules[index];
    return (gj_entry_info){
        .kind = rule->is_script ? GJ_ENTRY_SCRIPT : GJ_ENTRY_RULE,
        .id = rule->id.ptr,
        .title_zh = rule->title_zh.ptr,
        .title_en = rule->title_en.ptr,
        .category = rule->category.ptr,
        .suggest = rule->is_script ? "" : gj_suggestion_name((gj_suggestion)rule->suggest),
        .severity = rule->is_script ? "" : gj_severity_name((gj_severity)rule->severity),
        .applies = gj_expr_source(rule->applies).ptr,
        .when = rule->when == NULL ? "" : gj_expr_source(rule->when).ptr,
        .from = rule->from_text.ptr,
        .until = rule->until_text.ptr,
        .reply_zh = rule->reply_zh.ptr,
        .reply_en = rule->reply_en.ptr,
        .situation = rule->situation.ptr,
        .file = book->files[rule->node->file].path.ptr,
        .line = rule->node->line,
        .citations = rulebook->citations + rulebook->citation_first[index],
        .citation_count = rule->cite_count,
        .covers = rulebook->covers + rulebook->cover_first[index],
        .cover_count = rule->cover_count,
        .test_count = rule->test_count,
        .details = rulebook->rule_details == NULL ? NULL : rulebook->rule_details[index].list,
        .detail_count = rulebook->rule_details == NULL ? 0 : rulebook->rule_details[index].count,
    };
}

/* ---- details of entries on events ---- */

struct writer {
    gj_rulebook *rulebook;
    const struct gj_plan *plan;
    gj_detail *details; /* of the entry at hand */
    size_t count, capacity;
    struct gj_buf text;
    bool *params; /* by index: the entry at hand reads it */
    bool failed;
};

static const char *kept(struct writer *w, struct gj_str text)
{
    struct gj_str copy = gj_arena_copy(&w->rulebook->arena, text);
    w->failed |= copy.ptr == NULL;
    return copy.ptr == NULL ? "" : copy.ptr;
}

static void add(struct writer *w, const char *name, const char *zh, const char *en)
{
    gj_detail *grown = gj_grow(w->details, &w->capacity, w->count + 1, sizeof *grown);
    w->failed |= grown == NULL || w->text.failed;
    if (grown != NULL) {
        w->details = grown;
        grown[w->count++] = (gj_detail){name, zh, en};
    }
}

/* A detail in one language, printed. */
static void say(struct writer *w, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void say(struct writer *w, const char *name, const char *format, ...)
{
    char text[2000];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    struct gj_str whole = gj_str_of(text);
    whole.len = gj_utf8_valid_prefix(whole); /* not cut inside a character */
    const char *both = kept(w, whole);
    add(w, name, both, both);
}

/* An expression of the entry at hand (NULL: none), which reads those parameters: its source. */
static struct gj_str read_in(struct writer *w, const struct gj_expr *expr)
{
    const struct gj_expr_call *calls = NULL;
    size_t count = expr == NULL ? 0 : gj_expr_calls(expr, &calls);
    for (size_t i = 0; i < count; i++) {
        uint32_t of_rule = gj_rule_param_of(w->rulebook->book, &calls[i]);
        uint32_t param = of_rule != GJ_NO_INDEX ? of_rule : gj_plan_param_of(&calls[i]);
        if (param != GJ_NO_INDEX) {
            w->params[param] = true;
        }
    }
    return expr == NULL ? GJ_STR("") : gj_expr_source(expr);
}

static void say_expr(struct writer *w, const char *name, const struct gj_expr *expr)
{
    if (expr != NULL) {
        const char *source = kept(w, read_in(w, expr));
        add(w, name, source, source);
    }
}

static void say_both(struct writer *w, const char *name, struct gj_str zh, struct gj_str en)
{
    if (zh.len + en.len > 0) {
        add(w, name, kept(w, zh), kept(w, en));
    }
}

static void say_types(struct writer *w, const uint32_t *types, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        say(w, i == 0 ? "on" : "", "%s", w->plan->events->types[types[i]].name.ptr);
    }
}

static void say_raises(struct writer *w, const uint32_t *findings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        say(w, "raises", "%s", w->plan->findings[findings[i]].head.id.ptr);
    }
}

static void add_text(struct gj_buf *out, const char *before, struct gj_str text)
{
    if (text.len > 0) {
        gj_buf_add_cstr(out, before);
        gj_buf_add_str(out, text);
    }
}

/* "EVENT -> STATE, when ..., raises ..., rule ..." */
static void say_transition(struct writer *w, const char *name, struct gj_str cause,
                           const struct gj_flow *flow, const struct gj_transition *t)
{
    struct gj_buf *out = &w->text;
    gj_buf_reset(out);
    gj_buf_add_str(out, cause);
    if (t->to != GJ_NO_INDEX) {
        add_text(out, " -> ", flow->states[t->to].name);
    }
    add_text(out, ", when ", read_in(w, t->when));
    for (size_t i = 0; i < t->raise_count; i++) {
        add_text(out, ", raises ", w->plan->findings[t->raises[i]].head.id);
    }
    add_text(out, ", rule ", t->rule);
    for (size_t i = 0; i < t->set_count; i++) {
        read_in(w, t->sets[i].value);
    }
    const char *both = kept(w, gj_buf_str(out));
    add(w, name, both, both);
}

static void say_handlers(struct writer *w, const char *name, const struct gj_flow *flow,
                         const struct gj_handler *list, size_t count)
{
    for (size_t h = 0; h < count; h++) {
        for (size_t c = 0; c < list[h].choice_count; c++) {
            say_transition(w, name, w->plan->events->types[list[h].type].name, flow,
                           &list[h].choices[c]);
        }
    }
}

static const char *state_line(struct writer *w, const struct gj_state *state, struct gj_str title)
{
    gj_buf_reset(&w->text);
    gj_buf_addf(&w->text, "%s  %s%s", state->name.ptr, title.len > 0 ? title.ptr : "",
                state->final ? " (final)" : "");
    return kept(w, gj_buf_str(&w->text));
}

static void say_flow(struct writer *w, const struct gj_flow *flow)
{
    say(w, "entity", "%s", w->plan->events->kinds[flow->kind].name.ptr);
    say_handlers(w, "start", flow, flow->starts, flow->start_count);
    for (size_t s = 0; s < flow->state_count; s++) {
        const struct gj_state *state = &flow->states[s];
        add(w, "state", state_line(w, state, state->title_zh),
            state_line(w, state, state->title_en));
        for (size_t d = 0; d < state->deadline_count; d++) {
            const struct gj_deadline *deadline = &state->deadlines[d];
            gj_buf_reset(&w->text);
            gj_buf_addf(&w->text, "%s %s: %s", deadline->in != NULL ? "after" : "at",
                        read_in(w, deadline->in != NULL ? deadline->in : deadline->at).ptr,
                        deadline->name.ptr);
            say_transition(w, "", gj_str_of(kept(w, gj_buf_str(&w->text))), flow, &deadline->then);
        }
        say_handlers(w, "", flow, state->handlers, state->handler_count);
    }
}

static void say_finding(struct writer *w, const struct gj_finding_plan *f)
{
    static const char *const parties[GJ_PARTIES] = {"shop", "platform", "buyer", "agent",
                                                    "insurer"};
    say_types(w, f->on, f->on_count);
    if (f->about != GJ_NO_INDEX) {
        say(w, "about", "%s", w->plan->events->kinds[f->about].name.ptr);
    }
    read_in(w, f->when);
    say_expr(w, "agent", f->agent);
    say_both(w, "because", f->because_zh, f->because_en);
    say_both(w, "mend", f->mend_zh, f->mend_en);
    say(w, "books", "%s", f->now ? "now" : "ruled");
    for (size_t i = 0; i < f->booking_count; i++) {
        const struct gj_booking *b = &f->bookings[i];
        const char *amount = read_in(w, b->amount).ptr;
        if (b->points) {
            say(w, "entry", "%s points, %s", amount, b->serious ? "serious" : "general");
        } else {
            say(w, "entry", "%s fen, %s -> %s%s%s", amount, parties[b->from], parties[b->to],
                b->at_most == NULL ? "" : ", at most ", read_in(w, b->at_most).ptr);
        }
        say_expr(w, "", b->when);
    }
    for (size_t i = 0; i < f->measure_count; i++) {
        const struct gj_measure_plan *m = &f->measures[i];
        say(w, "measure", "%s%s%s%s", m->ends ? "ends " : "", m->what.ptr,
            m->span == NULL ? "" : " for ", read_in(w, m->span).ptr);
        say_expr(w, "", m->when);
    }
}

static void say_counter(struct writer *w, const struct gj_counter *c)
{
    say_types(w, c->on, c->on_count);
    if (c->once != GJ_NO_INDEX) {
        say(w, "once", "%s", w->plan->events->kinds[c->once].name.ptr);
    }
    read_in(w, c->when);
    say_expr(w, "at", c->at);
    say_expr(w, "key", c->key);
    say_expr(w, "item", c->item);
    say_expr(w, "products", c->products);
}

static void say_count(struct writer *w, const struct gj_count *c)
{
    const struct gj_counter *all = w->plan->counters;
    const uint32_t others[] = {c->also_in, c->not_in, c->followed_by};
    static const char *const words[] = {", also in ", ", not in ", ", followed by "};
    struct gj_buf *out = &w->text;
    gj_buf_reset(out);
    gj_buf_add_str(out, c->name);
    gj_buf_add_cstr(out, c->what == GJ_COUNT_KEYS ? ": keys of " : ": items of ");
    gj_buf_add_str(out, all[c->of].head.id);
    for (size_t i = 0; i < 3; i++) {
        if (others[i] != GJ_NO_INDEX) {
            add_text(out, words[i], all[others[i]].head.id);
        }
    }
    add_text(out, " within ", read_in(w, c->within));
    const char *both = kept(w, gj_buf_str(out));
    add(w, "count", both, both);
}

static void say_metric(struct writer *w, const struct gj_metric *m)
{
    static const char *const windows[] = {"day", "week", "rolling"};
    if (m->window == GJ_WINDOW_ROLLING) {
        say(w, "window", "%lld days", (long long)m->days);
    } else {
        say(w, "window", "%s", windows[m->window]);
    }
    for (size_t i = 0; i < m->count_count; i++) {
        say_count(w, &m->counts[i]);
    }
    say_expr(w, "numerator", m->numerator);
    say_expr(w, "denom.", m->denominator);
    for (size_t i = 0; i < m->step_count; i++) {
        const struct gj_metric_step *step = &m->steps[i];
        say_expr(w, "breach", step->breach);
        if (step->lasting > 1) {
            say(w, "lasting", "%lld", (long long)step->lasting);
        }
        say_raises(w, step->raises, step->raise_count);
    }
}

static void say_ladder(struct writer *w, const struct gj_ladder *l)
{
    say(w, "points", "%s", l->serious ? "serious" : "general");
    for (size_t i = 0; i < l->step_count; i++) {
        say(w, "step", "%lld: %s", (long long)l->steps[i].points,
            w->plan->findings[l->steps[i].finding].head.id.ptr);
    }
    if (l->reset_rule.len > 0) {
        say(w, "reset", "year, %s", l->reset_rule.ptr);
    }
}

/* ---- entries on events ---- */

static const char *at_key(const struct gj_node *node, const char *key)
{
    const struct gj_node *value = gj_node_get(node, key);
    return value == NULL || value->kind != GJ_NODE_SCALAR ? "" : value->text.ptr;
}

static const char *or_empty(struct gj_str text)
{
    return text.ptr == NULL ? "" : text.ptr;
}

static void cite(struct writer *w, const struct gj_heading *head, gj_entry_info *out)
{
    const struct gj_book *book = w->rulebook->book;
    gj_citation *list = gj_arena_array(&w->rulebook->arena, head->cite_count + 1, sizeof *list);
    const char **covers =
        gj_arena_array(&w->rulebook->arena, head->cover_count + 1, sizeof *covers);
    w->failed |= list == NULL || covers == NULL;
    for (size_t c = 0; !w->failed && c < head->cite_count; c++) {
        const struct gj_source *source = &book->sources[head->cites[c].source];
        list[out->citation_count++] = (gj_citation){source->id.ptr, source->title_zh.ptr,
                                                    head->cites[c].place.ptr, source->date.ptr};
    }
    for (size_t c = 0; !w->failed && c < head->cover_count; c++) {
        covers[out->cover_count++] = head->covers[c].ptr;
    }
    out->citations = list;
    out->covers = covers;
}

/* ---- parameters ---- */

static void add_value(struct gj_buf *out, const struct gj_node *value)
{
    if (value->kind == GJ_NODE_SCALAR) {
        gj_buf_add_str(out, value->text);
    }
    for (const struct gj_node *n = value->first; n != NULL; n = n->next) {
        gj_buf_add_str(out, n->text);
        gj_buf_add_cstr(out, n->next == NULL ? "" : " ");
    }
}

/* "ID: VALUE since DATE, VALUE since DATE"; a value that stays is told once. */
static const char *param_line(struct writer *w, const struct gj_param *param, bool english)
{
    const struct gj_node *values = gj_node_get(param->node, "values");
    const struct gj_node *last = NULL;
    struct gj_buf *out = &w->text;
    gj_buf_reset(out);
    gj_buf_add_str(out, param->id);
    for (const struct gj_node *n = values == NULL ? NULL : values->first; n != NULL; n = n->next) {
        const struct gj_node *value = gj_node_get(n, "value");
        bool stays = value != NULL && last != NULL && value->kind == GJ_NODE_SCALAR &&
                     gj_str_eq(last->text, value->text);
        if (value == NULL || stays) {
            continue;
        }
        gj_buf_add_cstr(out, last != NULL ? (english ? ", " : "，") : english ? ": " : "：");
        add_text(out, "", english ? GJ_STR("") : n->key->text);
        gj_buf_add_cstr(out, english ? "" : " 起 ");
        add_value(out, value);
        add_text(out, " since ", english ? n->key->text : GJ_STR(""));
        last = value;
    }
    return kept(w, gj_buf_str(out));
}

/* What the numbers are that the entry's expressions read. */
static void say_params(struct writer *w)
{
    const struct gj_book *book = w->rulebook->book;
    for (size_t i = 0; i < book->param_count; i++) {
        if (w->params[i]) {
            const char *zh = param_line(w, &book->params[i], false);
            add(w, "param", zh, param_line(w, &book->params[i], true));
        }
        w->params[i] = false;
    }
}

/* The details gathered, of the entry that ends here. */
static struct gj_details take_details(struct writer *w)
{
    say_params(w);
    gj_detail *list = gj_arena_array(&w->rulebook->arena, w->count + 1, sizeof *list);
    struct gj_details out = {list, list == NULL ? 0 : w->count};
    w->failed |= list == NULL;
    if (list != NULL && w->count > 0) {
        memcpy(list, w->details, w->count * sizeof *list);
    }
    w->count = 0;
    return out;
}

/* What a message that breaks the rule costs. */
static void say_cost(struct writer *w, const struct gj_rule_cost *cost)
{
    if (cost->points != NULL) {
        say(w, "cost", "%s points, %s", read_in(w, cost->points).ptr, cost->points_class.ptr);
    }
    if (cost->fine_fen != NULL) {
        say(w, "cost", "%s fen%s%s%s%s", read_in(w, cost->fine_fen).ptr,
            cost->payer.len > 0 ? ", " : "", cost->payer.ptr, cost->payee.len > 0 ? " -> " : "",
            cost->payee.ptr);
    }
    for (size_t i = 0; i < cost->measure_count; i++) {
        say(w, "measure", "%s", cost->measures[i]);
    }
    say_both(w, "if", cost->note_zh, cost->note_en);
}

/* Ends the entry: its heading, and the details gathered. */
static void finish(struct writer *w, gj_entry_kind kind, const struct gj_heading *head,
                   struct gj_str situation)
{
    gj_entry_info *out = &w->rulebook->event_entries[w->rulebook->event_entry_count++];
    read_in(w, head->applies);
    struct gj_details details = take_details(w);
    *out = (gj_entry_info){.kind = kind,
                           .id = head->id.ptr,
                           .title_zh = or_empty(head->title_zh),
                           .title_en = or_empty(head->title_en),
                           .category = "",
                           .suggest = "",
                           .severity = at_key(head->node, "severity"),
                           .applies = at_key(head->node, "applies"),
                           .when = at_key(head->node, "when"),
                           .from = at_key(head->node, "from"),
                           .until = at_key(head->node, "until"),
                           .reply_zh = "",
                           .reply_en = "",
                           .situation = kept(w, situation),
                           .file = w->rulebook->book->files[head->node->file].path.ptr,
                           .line = head->node->line,
                           .test_count = gj_heading_tests(head),
                           .details = details.list,
                           .detail_count = details.count};
    cite(w, head, out);
}

static void say_guidance(struct writer *w, const struct gj_guidance *g)
{
    say_both(w, "says", g->says_zh, g->says_en);
    gj_buf_reset(&w->text);
    for (size_t i = 0; i < g->situation_count; i++) {
        add_text(&w->text, i == 0 ? "" : ", ", g->situations[i]);
    }
    finish(w, GJ_ENTRY_GUIDANCE, &g->head, gj_buf_str(&w->text));
}

static void say_all(struct writer *w)
{
    const struct gj_plan *plan = w->plan;
    const struct gj_book *book = w->rulebook->book;
    for (size_t i = 0; i < book->rule_count; i++) {
        read_in(w, book->rules[i].applies);
        read_in(w, book->rules[i].when);
        say_cost(w, &book->rules[i].cost);
        w->rulebook->rule_details[i] = take_details(w);
    }
    for (size_t i = 0; i < plan->flow_count; i++) {
        say_flow(w, &plan->flows[i]);
        finish(w, GJ_ENTRY_FLOW, &plan->flows[i].head, GJ_STR(""));
    }
    for (size_t i = 0; i < plan->finding_count; i++) {
        say_finding(w, &plan->findings[i]);
        finish(w, GJ_ENTRY_FINDING, &plan->findings[i].head, GJ_STR(""));
    }
    for (size_t i = 0; i < plan->counter_count; i++) {
        say_counter(w, &plan->counters[i]);
        finish(w, GJ_ENTRY_COUNTER, &plan->counters[i].head, GJ_STR(""));
    }
    for (size_t i = 0; i < plan->metric_count; i++) {
        say_metric(w, &plan->metrics[i]);
        finish(w, GJ_ENTRY_METRIC, &plan->metrics[i].head, GJ_STR(""));
    }
    for (size_t i = 0; i < plan->ladder_count; i++) {
        say_ladder(w, &plan->ladders[i]);
        finish(w, GJ_ENTRY_LADDER, &plan->ladders[i].head, GJ_STR(""));
    }
    for (size_t i = 0; i < plan->guidance_count; i++) {
        say_guidance(w, &plan->guidances[i]);
    }
}

int gj_rulebook_read_events(gj_rulebook *rulebook, gj_errors *errors)
{
    if (rulebook->event_entries != NULL) {
        return GJ_OK;
    }
    struct writer w = {.rulebook = rulebook, .plan = gj_book_plan(rulebook->book, errors)};
    if (w.plan == NULL) {
        return GJ_EBOOK;
    }
    size_t total = w.plan->flow_count + w.plan->finding_count + w.plan->counter_count +
                   w.plan->metric_count + w.plan->ladder_count + w.plan->guidance_count;
    rulebook->event_entries =
        gj_arena_array(&rulebook->arena, total + 1, sizeof *rulebook->event_entries);
    rulebook->rule_details = gj_arena_array(&rulebook->arena, rulebook->book->rule_count + 1,
                                            sizeof *rulebook->rule_details);
    w.params = calloc(rulebook->book->param_count + 1, sizeof *w.params);
    w.failed =
        rulebook->event_entries == NULL || rulebook->rule_details == NULL || w.params == NULL;
    gj_buf_init(&w.text);
    if (!w.failed) {
        say_all(&w);
    }
    gj_buf_release(&w.text);
    free(w.details);
    free(w.params);
    if (w.failed) {
        rulebook->event_entries = NULL;
        rulebook->rule_details = NULL;
        rulebook->event_entry_count = 0;
        gj_errors_say(errors, "out of memory while reading the entries on events");
    }
    return w.failed ? GJ_ESYSTEM : GJ_OK;
}
