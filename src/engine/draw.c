/* Room engine: from a flow to boxes and arrows with words (see draw.h). */
#include "engine/draw.h"

#include <stdlib.h>

#include "base/vec.h"
#include "engine/inside.h"
#include "engine/words.h"

#define LINE_WIDTH 44 /* columns; a Chinese character takes two */
#define LINES_MAX  3  /* of one guard; the tip has all of it */

/* ---- lines ---- */

struct drawer {
    const struct gj_plan *plan;
    const struct gj_flow *flow;
    struct gj_diagram *d;
    struct gj_buf text;
};

static void add_line(struct drawer *w, struct gj_lines *lines, enum gj_line_style style,
                     struct gj_str text)
{
    struct gj_line *line = gj_arena_array(&w->d->arena, 1, sizeof *line);
    if (line == NULL) {
        w->text.failed = true;
        return;
    }
    line->style = style;
    line->text = gj_arena_copy(&w->d->arena, text);
    if (lines->first == NULL) {
        lines->first = line;
    } else {
        lines->last->next = line;
    }
    lines->last = line;
}

/* Where a row of at most LINE_WIDTH columns ends: behind a blank if there is one. */
static size_t row_end(struct gj_str text)
{
    size_t at = 0, columns = 0, blank = 0;
    while (at < text.len && columns <= LINE_WIDTH) {
        unsigned char c = (unsigned char)text.ptr[at];
        size_t bytes = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
        columns += bytes >= 3 ? 2 : 1;
        at += bytes;
        blank = c == ' ' ? at : blank;
    }
    at = at < text.len ? at : text.len;
    return columns <= LINE_WIDTH ? text.len : blank > 0 ? blank : at;
}

static void add_wrapped(struct drawer *w, struct gj_lines *lines, enum gj_line_style style,
                        struct gj_str text)
{
    struct gj_buf last;
    gj_buf_init(&last);
    for (int row = 0; text.len > 0; row++) {
        size_t end = row_end(text);
        if (row == LINES_MAX - 1 && end < text.len) {
            gj_buf_add(&last, text.ptr, end);
            gj_buf_add_cstr(&last, "…");
            add_line(w, lines, style, gj_buf_str(&last));
            break;
        }
        add_line(w, lines, style, (struct gj_str){text.ptr, end});
        text = (struct gj_str){text.ptr + end, text.len - end};
    }
    gj_buf_release(&last);
}

static void add_guard(struct drawer *w, struct gj_lines *lines, const struct gj_expr *when)
{
    if (when != NULL) {
        gj_buf_reset(&w->text);
        gj_buf_add_char(&w->text, '[');
        gj_words_expr(w->plan->book, gj_expr_source(when), w->d->english, &w->text);
        gj_buf_add_char(&w->text, ']');
        add_wrapped(w, lines, GJ_LINE_GUARD, gj_buf_str(&w->text));
    }
}

static struct gj_str in_language(const struct drawer *w, struct gj_str zh, struct gj_str en)
{
    return w->d->english ? en : zh;
}

static void add_finds(struct drawer *w, struct gj_lines *lines, const struct gj_transition *t)
{
    for (size_t i = 0; i < t->raise_count; i++) {
        const struct gj_heading *head = &w->plan->findings[t->raises[i]].head;
        gj_buf_reset(&w->text);
        gj_buf_add_cstr(&w->text, w->d->english ? "finds: " : "违规：");
        if (w->plan->findings[t->raises[i]].severity == GJ_SEV_BONUS) {
            gj_buf_reset(&w->text);
            gj_buf_add_cstr(&w->text, w->d->english ? "merit: " : "加分：");
        }
        gj_buf_add_str(&w->text, in_language(w, head->title_zh, head->title_en));
        add_wrapped(w, lines, GJ_LINE_FINDS, gj_buf_str(&w->text));
    }
}

static bool reads(struct gj_str source, struct gj_str variable)
{
    for (size_t i = 1; i + variable.len <= source.len; i++) {
        if (source.ptr[i - 1] == '.' && memcmp(source.ptr + i, variable.ptr, variable.len) == 0 &&
            (i + variable.len == source.len || !gj_words_is_name(source.ptr[i + variable.len]))) {
            return true;
        }
    }
    return false;
}

static void add_durations_set(struct drawer *w, struct gj_str source, const struct gj_handler *list,
                              size_t count)
{
    const struct gj_memory *memories = w->plan->kinds[w->flow->kind].memories;
    for (size_t h = 0; h < count; h++) {
        for (size_t c = 0; c < list[h].choice_count; c++) {
            const struct gj_transition *t = &list[h].choices[c];
            for (size_t s = 0; s < t->set_count; s++) {
                if (reads(source, memories[t->sets[s].memory].name)) {
                    gj_words_durations(w->plan->book, gj_expr_source(t->sets[s].value),
                                       w->d->english, &w->text);
                }
            }
        }
    }
}

/* Those in the expression; where it has none, those of the variables that it reads. */
static void add_clock_durations(struct drawer *w, struct gj_str source)
{
    const struct gj_flow *flow = w->flow;
    gj_words_durations(w->plan->book, source, w->d->english, &w->text);
    if (w->text.len > 0) {
        return;
    }
    add_durations_set(w, source, flow->starts, flow->start_count);
    for (size_t s = 0; s < flow->state_count; s++) {
        add_durations_set(w, source, flow->states[s].handlers, flow->states[s].handler_count);
    }
}

/* Durations and name; below them the expression, where it says more than the duration. */
static void add_clock(struct drawer *w, struct gj_lines *lines, const struct gj_deadline *d)
{
    struct gj_str source = gj_expr_source(d->in != NULL ? d->in : d->at);
    gj_buf_reset(&w->text);
    add_clock_durations(w, source);
    struct gj_str durations = gj_arena_copy(&w->d->arena, gj_buf_str(&w->text));
    gj_buf_addf(&w->text, "%s%s", w->text.len > 0 ? " · " : "", d->name.ptr);
    add_line(w, lines, GJ_LINE_CLOCK, gj_buf_str(&w->text));
    gj_buf_reset(&w->text);
    gj_words_expr(w->plan->book, source, w->d->english, &w->text);
    if (!gj_str_eq(gj_buf_str(&w->text), durations)) {
        add_wrapped(w, lines, GJ_LINE_GUARD, gj_buf_str(&w->text));
    }
}

/* ---- arrows ---- */

/* Arrows of events between the same two states are one, with the lines of all. */
static struct gj_arrow *arrow(struct drawer *w, uint32_t from, uint32_t to, bool deadline)
{
    struct gj_diagram *d = w->d;
    for (size_t i = 0; i < d->arrow_count && !deadline; i++) {
        if (d->arrows[i].from == from && d->arrows[i].to == to && !d->arrows[i].deadline) {
            return &d->arrows[i];
        }
    }
    struct gj_arrow *grown =
        gj_grow(d->arrows, &d->arrow_capacity, d->arrow_count + 1, sizeof *grown);
    if (grown == NULL) {
        w->text.failed = true;
        return NULL;
    }
    d->arrows = grown;
    grown[d->arrow_count] = (struct gj_arrow){.from = from, .to = to, .deadline = deadline};
    gj_buf_init(&grown[d->arrow_count].tip);
    return &grown[d->arrow_count++];
}

/* The clause of a rule that is a finding or a rule on messages; empty: only a row of the
 * catalogue. */
static struct gj_str clause_of(const struct drawer *w, struct gj_str rule)
{
    const struct gj_book *book = w->plan->book;
    uint32_t finding = gj_map_get(&w->plan->finding_ids, rule);
    uint32_t known = gj_map_get(&book->rule_ids, rule);
    if (finding != GJ_MAP_NONE) {
        const struct gj_heading *head = &w->plan->findings[finding].head;
        return in_language(w, head->clause_zh, head->clause_en);
    }
    return known == GJ_MAP_NONE
               ? GJ_STR("")
               : in_language(w, book->rules[known].clause_zh, book->rules[known].clause_en);
}

static void add_tip(struct drawer *w, struct gj_buf *tip, struct gj_str what,
                    const struct gj_expr *time, const struct gj_transition *t)
{
    struct gj_str because = in_language(w, t->because_zh, t->because_en);
    struct gj_str clause = clause_of(w, t->rule);
    gj_buf_add_cstr(tip, tip->len > 0 ? "\n" : "");
    gj_buf_add_str(tip, what);
    if (time != NULL) {
        gj_buf_add_cstr(tip, ": ");
        gj_buf_add_str(tip, gj_expr_source(time));
    }
    if (t->when != NULL) {
        gj_buf_add_cstr(tip, " [");
        gj_buf_add_str(tip, gj_expr_source(t->when));
        gj_buf_add_char(tip, ']');
    }
    for (size_t i = 0; i < t->raise_count; i++) {
        gj_buf_addf(tip, "\n  ! %s", w->plan->findings[t->raises[i]].head.id.ptr);
    }
    if (because.len > 0) {
        gj_buf_addf(tip, "\n  %s", because.ptr);
    }
    if (t->rule.len > 0) {
        gj_buf_addf(tip, "\n  %s%s%.*s", t->rule.ptr, clause.len > 0 ? ": " : "", (int)clause.len,
                    clause.ptr);
    }
}

/* One transition: an arrow, or, where it stays, lines in its box. What only remembers something is
 * not drawn. */
static void add_transition(struct drawer *w, uint32_t from, const struct gj_event_type *type,
                           const struct gj_deadline *deadline, const struct gj_transition *t)
{
    bool stays = t->to == GJ_NO_INDEX;
    if (stays && t->raise_count == 0) {
        return;
    }
    struct gj_arrow *a = stays ? NULL : arrow(w, from, t->to, deadline != NULL);
    if (!stays && a == NULL) {
        return;
    }
    struct gj_lines *lines = stays ? &gj_diagram_box(w->d, from)->within : &a->lines;
    gj_diagram_box(w->d, from)->used = true;
    if (deadline != NULL) {
        add_clock(w, lines, deadline);
    } else {
        add_line(w, lines, GJ_LINE_EVENT, in_language(w, type->title_zh, type->title_en));
    }
    add_guard(w, lines, t->when);
    add_finds(w, lines, t);
    if (a != NULL) {
        add_tip(w, &a->tip, deadline != NULL ? deadline->name : type->name,
                deadline == NULL       ? NULL
                : deadline->in != NULL ? deadline->in
                                       : deadline->at,
                t);
    }
}

static void add_handler(struct drawer *w, uint32_t from, const struct gj_handler *h)
{
    const struct gj_event_type *type = &w->plan->events->types[h->type];
    for (size_t c = 0; c < h->choice_count; c++) {
        add_transition(w, from, type, NULL, &h->choices[c]);
    }
}

/* Those of `every` are the last of each state that is not final: drawn once, from any of them. */
static size_t every_count(const struct drawer *w)
{
    const struct gj_node *every = gj_node_get(w->flow->head.node, "every");
    return every == NULL ? 0 : every->count;
}

static void draw_states(struct drawer *w)
{
    const struct gj_flow *flow = w->flow;
    size_t every = every_count(w);
    bool drawn = false;
    for (size_t h = 0; h < flow->start_count; h++) {
        add_handler(w, GJ_DRAW_START, &flow->starts[h]);
    }
    for (uint32_t s = 0; s < flow->state_count; s++) {
        const struct gj_state *state = &flow->states[s];
        size_t own = state->handler_count - (state->handler_count >= every ? every : 0);
        for (size_t h = 0; h < own; h++) {
            add_handler(w, s, &state->handlers[h]);
        }
        for (size_t d = 0; d < state->deadline_count; d++) {
            add_transition(w, s, NULL, &state->deadlines[d], &state->deadlines[d].then);
        }
        for (size_t h = own; h < state->handler_count && !drawn; h++) {
            add_handler(w, GJ_DRAW_ANY, &state->handlers[h]);
        }
        drawn |= !state->final;
    }
}

static void draw_boxes(struct drawer *w)
{
    struct gj_diagram *d = w->d;
    for (size_t s = 0; s < w->flow->state_count; s++) {
        const struct gj_state *state = &w->flow->states[s];
        struct gj_str title = in_language(w, state->title_zh, state->title_en);
        d->boxes[s] = (struct gj_box){.title = gj_str_eq(title, state->name) ? GJ_STR("") : title,
                                      .name = state->name,
                                      .final = state->final,
                                      .used = true};
    }
    gj_diagram_box(d, GJ_DRAW_ANY)->title =
        d->english ? GJ_STR("any open state") : GJ_STR("任一未终结的状态");
}

static void draw_citations(struct drawer *w)
{
    struct gj_lines lines = {NULL, NULL};
    const struct gj_heading *head = &w->flow->head;
    const struct gj_book *book = w->plan->book;
    for (size_t i = 0; i < head->cite_count; i++) {
        const struct gj_source *source = &book->sources[head->cites[i].source];
        struct gj_str place = head->cites[i].place;
        gj_buf_reset(&w->text);
        gj_buf_add_str(&w->text, in_language(w, source->title_zh, source->title_en));
        gj_buf_addf(&w->text, "%s%.*s%s%.*s", place.len > 0 ? ", " : "", (int)place.len,
                    place.ptr == NULL ? "" : place.ptr, source->date.len > 0 ? ", " : "",
                    (int)source->date.len, source->date.ptr == NULL ? "" : source->date.ptr);
        add_line(w, &lines, GJ_LINE_GUARD, gj_buf_str(&w->text));
    }
    w->d->citations = lines.first;
}

static void free_diagram(struct gj_diagram *d)
{
    for (size_t i = 0; i < d->arrow_count; i++) {
        gj_buf_release(&d->arrows[i].tip);
    }
    free(d->arrows);
    gj_arena_release(&d->arena);
}

static const struct gj_flow *flow_named(const struct gj_plan *plan, const char *id,
                                        gj_errors *errors)
{
    uint32_t known = gj_map_get(&plan->flow_ids, gj_str_of(id));
    if (known != GJ_MAP_NONE) {
        return &plan->flows[known];
    }
    struct gj_str near = gj_nearest(&plan->flow_ids, gj_str_of(id));
    if (near.len > 0) {
        gj_errors_say(errors, "there is no flow '%s'; did you mean '%.*s'?", id, (int)near.len,
                      near.ptr);
    } else {
        gj_errors_say(errors, "there is no flow '%s'; `guiju rules list` names them", id);
    }
    return NULL;
}

int gj_flow_draw(gj_rulebook *book, const char *id, gj_drawing kind, bool english, char **text,
                 gj_errors *errors)
{
    *text = NULL;
    const struct gj_plan *plan = gj_book_plan(book->book, errors);
    const struct gj_flow *flow = plan == NULL ? NULL : flow_named(plan, id, errors);
    if (flow == NULL) {
        return plan == NULL ? GJ_EBOOK : GJ_EINPUT;
    }
    struct gj_diagram d = {.english = english, .state_count = flow->state_count};
    struct drawer w = {.plan = plan, .flow = flow, .d = &d};
    gj_arena_init(&d.arena);
    gj_buf_init(&w.text);
    d.id = flow->head.id;
    d.title = in_language(&w, flow->head.title_zh, flow->head.title_en);
    d.boxes = gj_arena_array(&d.arena, flow->state_count + 2, sizeof *d.boxes);
    w.text.failed = d.boxes == NULL;
    if (!w.text.failed) {
        draw_boxes(&w);
        draw_states(&w);
        draw_citations(&w);
        struct gj_buf out;
        gj_buf_init(&out);
        (kind == GJ_DRAW_DOT ? gj_draw_dot : gj_draw_mermaid)(&d, &out);
        *text = out.failed || w.text.failed ? NULL : strdup(out.ptr);
        gj_buf_release(&out);
    }
    gj_buf_release(&w.text);
    free_diagram(&d);
    if (*text == NULL) {
        gj_errors_say(errors, "out of memory while drawing %s", id);
        return GJ_ESYSTEM;
    }
    return GJ_OK;
}
