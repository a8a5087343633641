/* Room engine: a case's story, gathered while it runs (see explain.h). */
#include <stdlib.h>

#include "base/vec.h"
#include "engine/explain.h"

static struct gj_str kept(struct gj_story *s, struct gj_str text)
{
    struct gj_str copy = gj_arena_copy(&s->arena, text);
    s->failed |= copy.ptr == NULL;
    return copy;
}

#define GROW(list, count, capacity, failed) \
    (((failed) |= !grow((void **)&(list), (count), &(capacity), sizeof *(list))), !(failed))

static bool grow(void **list, size_t count, size_t *capacity, size_t size)
{
    void *grown = gj_grow(*list, capacity, count + 1, size);
    *list = grown == NULL ? *list : grown;
    return grown != NULL;
}

static void add_note(struct gj_story *s, struct gj_note note)
{
    if (GROW(s->notes, s->note_count, s->note_capacity, s->failed)) {
        s->notes[s->note_count++] = note;
    }
}

/* ---- rules in words ---- */

struct gj_str gj_story_clause(const struct gj_story *story, struct gj_str rule)
{
    struct gj_named named = gj_rule_named(story->e, rule);
    return story->english ? named.clause_en : named.clause_zh;
}

struct gj_str gj_story_title(const struct gj_story *story, struct gj_str rule)
{
    struct gj_named named = gj_rule_named(story->e, rule);
    return story->english ? named.title_en : named.title_zh;
}

static bool reads_counter(const struct gj_metric *metric, uint32_t counter)
{
    bool reads = metric->leave_from == counter || metric->leave_all == counter;
    for (size_t i = 0; i < metric->count_count && !reads; i++) {
        const struct gj_count *count = &metric->counts[i];
        reads = count->of == counter || count->also_in == counter || count->not_in == counter ||
                count->followed_by == counter;
    }
    return reads;
}

const struct gj_metric *gj_story_next_metric(const struct gj_story *story,
                                             const struct gj_mark *mark, size_t *at)
{
    uint32_t counter = gj_map_get(&story->plan->counter_ids, mark->counter);
    while (counter != GJ_MAP_NONE && *at < story->plan->metric_count) {
        const struct gj_metric *metric = &story->plan->metrics[(*at)++];
        if (story->shop->metrics[*at - 1] && reads_counter(metric, counter)) {
            return metric;
        }
    }
    return NULL;
}

const struct gj_deadline *gj_story_deadline(const struct gj_story *story, const struct gj_due *due)
{
    return &story->plan->flows[due->flow].states[due->state].deadlines[due->deadline];
}

/* ---- while the case runs ---- */

static int note_move(struct gj_trace *trace, const struct gj_scene *scene,
                     const struct gj_entity *entity, uint32_t flow, uint32_t from,
                     const struct gj_cause *cause)
{
    struct gj_teller *t = trace->context;
    const struct gj_plan *plan = t->story->plan;
    (void)scene;
    if (t->only != 0 && !t->telling) {
        return 0;
    }
    if (cause->transition->to != GJ_NO_INDEX && !plan->flows[flow].internal) {
        add_note(t->story, (struct gj_note){.kind = GJ_NOTE_MOVED,
                                            .entity_kind = plan->events->kinds[entity->kind].name,
                                            .entity = entity->id,
                                            .flow = flow,
                                            .from = from,
                                            .transition = cause->transition});
    }
    return t->story->failed ? -1 : 0;
}

/* A finding's reason is kept in Chinese. */
static void note_found(struct gj_teller *t, struct gj_found found)
{
    if (t->story->english) {
        struct gj_buf english;
        gj_buf_init(&english);
        gj_because_english(t->e, found.rule, found.because, &english);
        found.because = kept(t->story, gj_buf_str(&english));
        gj_buf_release(&english);
    }
    add_note(t->story, (struct gj_note){.kind = GJ_NOTE_FOUND, .found = found});
}

static void note_outcomes(struct gj_teller *t)
{
    const struct gj_outcomes *o = &t->e->outcomes;
    for (; t->founds < o->found_count; t->founds++) {
        note_found(t, o->founds[t->founds]);
    }
    for (; t->parts + 1 < o->part_count; t->parts += 2) { /* who receives, who gives */
        struct gj_entry_part to = o->parts[t->parts], from = o->parts[t->parts + 1];
        bool turned = to.amount < 0;
        add_note(t->story, (struct gj_note){.kind = GJ_NOTE_BOOKED,
                                            .part = turned ? from : to,
                                            .giver = turned ? to.account : from.account});
    }
    for (; t->measures < o->measure_count; t->measures++) {
        add_note(t->story,
                 (struct gj_note){.kind = GJ_NOTE_MEASURE, .measure = o->measures[t->measures]});
    }
    for (; t->marks < o->mark_count; t->marks++) {
        size_t at = 0;
        if (gj_story_next_metric(t->story, &o->marks[t->marks], &at) != NULL) {
            add_note(t->story,
                     (struct gj_note){.kind = GJ_NOTE_COUNTED, .mark = o->marks[t->marks]});
        }
    }
}

static void gather_due(void *context, const struct gj_due *due)
{
    struct gj_story *s = context;
    if (GROW(s->open, s->open_count, s->open_capacity, s->failed)) {
        s->open[s->open_count++] = *due;
    }
}

/* By name: several states of a flow may carry on with one deadline. */
static bool same_deadline(const struct gj_story *s, const struct gj_due *a, const struct gj_due *b)
{
    return a->entity == b->entity && a->flow == b->flow &&
           gj_str_eq(gj_story_deadline(s, a)->name, gj_story_deadline(s, b)->name);
}

static const struct gj_due *find_due(const struct gj_story *s, const struct gj_due *list,
                                     size_t count, const struct gj_due *due)
{
    for (size_t i = 0; i < count; i++) {
        if (same_deadline(s, &list[i], due)) {
            return &list[i];
        }
    }
    return NULL;
}

static void note_deadline(struct gj_teller *t, enum gj_note_kind kind, const struct gj_due *due,
                          int64_t was)
{
    add_note(t->story,
             (struct gj_note){.kind = kind,
                              .entity_kind = t->story->plan->events->kinds[due->entity->kind].name,
                              .entity = due->entity->id,
                              .due = *due,
                              .was = was});
}

static void gather_open(struct gj_teller *t)
{
    const struct gj_story *s = t->story;
    struct gj_run run = {&t->cached->c, &s->shop->setting, &t->e->arena, &t->e->sink};
    t->story->open_count = 0;
    gj_run_deadlines(&run, gather_due, t->story);
}

/* What is open becomes what was open before the next step. */
static void pass_open(struct gj_teller *t)
{
    struct gj_story *s = t->story;
    t->before_count = 0;
    for (size_t j = 0; j < s->open_count; j++) {
        if (GROW(t->before, t->before_count, t->before_capacity, s->failed)) {
            t->before[t->before_count++] = s->open[j];
        }
    }
}

/* What is open now against what was open before the step; `fired` is told already. */
static void note_deadlines(struct gj_teller *t, const struct gj_due *fired)
{
    struct gj_story *s = t->story;
    gather_open(t);
    for (size_t i = 0; i < t->before_count; i++) {
        bool passed = fired != NULL && same_deadline(s, &t->before[i], fired);
        if (!passed && find_due(s, s->open, s->open_count, &t->before[i]) == NULL) {
            note_deadline(t, GJ_NOTE_CLEARED, &t->before[i], 0);
        }
    }
    for (size_t j = 0; j < s->open_count; j++) {
        const struct gj_due *old = find_due(s, t->before, t->before_count, &s->open[j]);
        if (old == NULL || (fired != NULL && same_deadline(s, old, fired))) {
            note_deadline(t, GJ_NOTE_SET, &s->open[j], 0);
        } else if (old->at != s->open[j].at) {
            note_deadline(t, GJ_NOTE_SHIFTED, &s->open[j], old->at);
        }
    }
    pass_open(t);
}

/* The data as JSON, fields in the order of their type. */
static struct gj_str data_of(struct gj_teller *t, const struct gj_event *event)
{
    const struct gj_event_type *type = &t->story->plan->events->types[event->type];
    struct gj_buf out;
    gj_buf_init(&out);
    gj_buf_add_char(&out, '{');
    for (size_t f = 0; f < type->field_count; f++) {
        if (event->values[f].kind != GJ_V_UNKNOWN) {
            gj_buf_add_cstr(&out, out.len > 1 ? ", " : "");
            gj_json_add_string(&out, type->fields[f].name);
            gj_buf_add_cstr(&out, ": ");
            gj_value_json(&event->values[f], &out);
        }
    }
    gj_buf_add_char(&out, '}');
    struct gj_str text = kept(t->story, gj_buf_str(&out));
    gj_buf_release(&out);
    return text;
}

static void tell_event(struct gj_teller *t, const struct gj_event *event, struct gj_step_told *step)
{
    const struct gj_events *events = t->story->plan->events;
    const struct gj_event_type *type = &events->types[event->type];
    uint32_t field = type->refs[0].field;
    step->at = gj_micros(event->time);
    step->id = kept(t->story, event->id);
    step->type = type->name;
    step->title = t->story->english ? type->title_en : type->title_zh;
    step->data = data_of(t, event);
    step->entity_kind = events->kinds[type->about].name;
    step->entity = field == GJ_NO_INDEX ? t->cached->shop->shop_id
                                        : kept(t->story, event->values[field].as.text);
}

/* Ends the step at hand: all that has been noted since the one before. */
static int end_step(struct gj_teller *t, struct gj_step_told step, const struct gj_due *fired)
{
    struct gj_story *s = t->story;
    note_outcomes(t);
    note_deadlines(t, fired);
    step.first = t->first;
    step.count = s->note_count - t->first;
    t->first = s->note_count;
    if (GROW(s->steps, s->step_count, s->step_capacity, s->failed)) {
        s->steps[s->step_count++] = step;
    }
    return s->failed ? -1 : 0;
}

void gj_teller_begins(struct gj_teller *t)
{
    const struct gj_outcomes *o = &t->e->outcomes;
    t->founds = o->found_count;
    t->parts = o->part_count;
    t->measures = o->measure_count;
    t->marks = o->mark_count;
    gather_open(t);
    pass_open(t);
    t->telling = true;
}

int gj_teller_event(struct gj_teller *t, const struct gj_event *event, bool late)
{
    struct gj_step_told step = {.flow = GJ_NO_INDEX, .late = late};
    tell_event(t, event, &step);
    t->telling = false;
    if (event->type == t->e->ruled &&
        gj_ruling_lifted(t->e, t->cached->shop, event, &step.lifted) != 0) {
        return -1;
    }
    return end_step(t, step, NULL);
}

static int note_begin(struct gj_trace *trace, const struct gj_kept_event *kept_event)
{
    struct gj_teller *t = trace->context;
    if (t->only != 0 && kept_event->seq == t->only) {
        gj_teller_begins(t);
    }
    return t->story->failed ? -1 : 0;
}

static int note_step(struct gj_trace *trace, const struct gj_kept_event *kept_event,
                     const struct gj_event *event, const struct gj_due *due)
{
    struct gj_teller *t = trace->context;
    struct gj_story *s = t->story;
    bool late = kept_event != NULL && kept_event->late;
    if (t->only != 0 && !t->telling) {
        return 0;
    }
    if (event != NULL) {
        return gj_teller_event(t, event, late);
    }
    struct gj_step_told step = {.flow = GJ_NO_INDEX, .late = late};
    if (due != NULL) {
        step.at = due->at;
        step.flow = due->flow;
        step.deadline = gj_story_deadline(s, due)->name;
        step.entity_kind = s->plan->events->kinds[due->entity->kind].name;
        step.entity = due->entity->id;
    } else if (kept_event != NULL) {
        step.unknown = true;
        step.data = kept(s, kept_event->body);
    }
    return end_step(t, step, due);
}

void gj_teller_open(struct gj_teller *t, struct gj_engine *e, struct gj_story *story,
                    struct gj_cached *cached, int64_t only)
{
    *t = (struct gj_teller){
        .trace = {.context = t, .begins = note_begin, .stepped = note_step, .moved = note_move},
        .e = e,
        .story = story,
        .cached = cached,
        .only = only};
}

void gj_teller_close(struct gj_teller *t)
{
    free(t->before);
}

/* ---- what the store knows beyond it ---- */

void gj_story_add_correction(struct gj_story *s, struct gj_correction one)
{
    if (GROW(s->corrections, s->correction_count, s->correction_capacity, s->failed)) {
        one.rule = kept(s, one.rule);
        one.account = kept(s, one.account);
        one.unit = kept(s, one.unit);
        s->corrections[s->correction_count++] = one;
    }
}

void gj_story_add_other(struct gj_story *s, const struct gj_found_row *row)
{
    if (GROW(s->others, s->other_count, s->other_capacity, s->failed)) {
        struct gj_found_row *other = &s->others[s->other_count++];
        *other = *row;
        other->rule = kept(s, row->rule);
        other->severity = kept(s, row->severity);
        other->because = kept(s, row->because);
    }
}

/* ---- opening and closing ---- */

void gj_story_open(struct gj_story *story, const struct gj_engine *e,
                   const struct gj_cached *cached, bool english)
{
    *story = (struct gj_story){
        .e = e, .plan = e->plan, .shop = cached->shop, .cached = cached, .english = english};
    gj_arena_init(&story->arena);
}

void gj_story_close(struct gj_story *s)
{
    free(s->steps);
    free(s->notes);
    free(s->open);
    free(s->corrections);
    free(s->others);
    gj_arena_release(&s->arena);
}
