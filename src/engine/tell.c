/* Room engine: what happens, told to who listens (see gj_engine_listen in guiju.h, inside.h). Rows
 * are stored here too, so that nothing is stored that is not told. */
#include "base/vec.h"
#include "engine/words.h"

static const char *const names[] = {
    [GJ_NOTICE_VERDICT] = "verdict",
    [GJ_NOTICE_FINDING] = "finding",
    [GJ_NOTICE_WITHDRAWN] = "finding.withdrawn",
    [GJ_NOTICE_ENTRY] = "entry",
    [GJ_NOTICE_REVERSED] = "entry.reversed",
    [GJ_NOTICE_MEASURE] = "measure",
    [GJ_NOTICE_MEASURE_ENDS] = "measure.ends",
    [GJ_NOTICE_FIRED] = "deadline",
    [GJ_NOTICE_MOVED] = "state",
    [GJ_NOTICE_BREACH] = "breach",
    [GJ_NOTICE_DEADLINES] = "deadlines",
};

const char *gj_notice_name(gj_notice_kind kind)
{
    return names[kind];
}

void gj_listener_release(struct gj_listener *l)
{
    gj_arena_release(&l->arena);
    gj_arena_release(&l->entry_arena);
    gj_arena_release(&l->stood_arena);
    free(l->parts);
    free(l->stood);
}

static const char *text(struct gj_engine *e, struct gj_str s)
{
    return gj_words_copy(&e->listener.arena, s);
}

/* A notice of nothing yet. */
static gj_notice blank(struct gj_engine *e, const struct gj_shop *shop, gj_notice_kind kind,
                       int64_t at)
{
    gj_notice n = {.kind = kind, .source = shop->source.ptr, .at = at};
    const char **const strings[] = {
        &n.event,      &n.entity,   &n.id,        &n.session,   &n.agent,     &n.rule,
        &n.title_zh,   &n.title_en, &n.clause_zh, &n.clause_en, &n.severity,  &n.because_zh,
        &n.because_en, &n.entry,    &n.reverses,  &n.what,      &n.flow,      &n.flow_zh,
        &n.flow_en,    &n.name,     &n.before,    &n.before_zh, &n.before_en, &n.state,
        &n.state_zh,   &n.state_en};
    for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
        *strings[i] = "";
    }
    gj_arena_reset(&e->listener.arena);
    n.event = text(e, e->listener.event);
    return n;
}

static void name_rule(struct gj_engine *e, gj_notice *n, struct gj_str rule)
{
    struct gj_named named = gj_rule_named(e, rule);
    n->rule = text(e, rule);
    n->title_zh = text(e, named.title_zh);
    n->title_en = text(e, named.title_en);
    n->clause_zh = text(e, named.clause_zh);
    n->clause_en = text(e, named.clause_en);
}

static void name_entity(struct gj_engine *e, gj_notice *n, struct gj_str kind, struct gj_str id)
{
    n->entity = text(e, kind);
    n->id = text(e, id);
}

static void name_flow(struct gj_engine *e, gj_notice *n, const struct gj_flow *flow,
                      const struct gj_state *state)
{
    n->flow = text(e, flow->shown);
    n->flow_zh = text(e, flow->head.title_zh);
    n->flow_en = text(e, flow->head.title_en);
    n->state = text(e, state->name);
    n->state_zh = text(e, state->title_zh);
    n->state_en = text(e, state->title_en);
}

static void tell(struct gj_engine *e, const gj_notice *n)
{
    e->listener.told(e->listener.context, n);
}

/* ---- findings ---- */

static void tell_finding(struct gj_engine *e, const struct gj_shop *shop, gj_notice_kind kind,
                         const struct gj_found_row *row, int64_t number)
{
    if (e->listener.told == NULL) {
        return;
    }
    gj_notice n = blank(e, shop, kind, row->at);
    name_rule(e, &n, row->rule);
    name_entity(e, &n, row->kind, row->subject);
    n.agent = text(e, row->agent);
    n.severity = text(e, row->severity);
    n.because_zh = text(e, row->because);
    gj_buf_reset(&e->scratch);
    gj_because_english(e, row->rule, row->because, &e->scratch);
    n.because_en = text(e, gj_buf_str(&e->scratch));
    n.row = number;
    e->listener.findings += kind == GJ_NOTICE_FINDING;
    tell(e, &n);
}

int gj_tell_found(struct gj_engine *e, struct gj_shop *shop, const struct gj_found_row *row)
{
    int64_t id = 0;
    if (gj_store_found_add(e->store, row, &id) != 0) {
        return -1;
    }
    struct gj_cached *cached = row->agent.len > 0 ? NULL : gj_engine_cached(e, row->case_id);
    if (cached != NULL) {
        cached->all_named = false;
    }
    tell_finding(e, shop, GJ_NOTICE_FINDING, row, id);
    return 0;
}

int gj_tell_withdrawn(struct gj_engine *e, struct gj_shop *shop, const struct gj_found_row *row)
{
    if (gj_store_found_withdraw(e->store, row->row) != 0) {
        return -1;
    }
    tell_finding(e, shop, GJ_NOTICE_WITHDRAWN, row, row->row);
    return 0;
}

/* ---- entries: told as a whole ---- */

void gj_tell_entries_end(struct gj_engine *e)
{
    struct gj_listener *l = &e->listener;
    if (l->part_count == 0) {
        return;
    }
    size_t count = l->part_count;
    l->part_count = 0;
    l->entry.parts = l->parts;
    l->entry.part_count = count;
    if (l->told != NULL) {
        tell(e, &l->entry);
    }
}

/* What is told of all its rows together; lives until the next entry. */
static void begin_entry(struct gj_engine *e, const struct gj_shop *shop,
                        const struct gj_entry_row *row, gj_notice_kind kind)
{
    struct gj_listener *l = &e->listener;
    gj_arena_reset(&l->entry_arena);
    struct gj_arena outer = l->arena; /* its strings are to live longer than one notice */
    l->arena = l->entry_arena;
    l->entry = blank(e, shop, kind, row->at);
    name_rule(e, &l->entry, row->rule);
    l->entry.entry = text(e, row->entry);
    l->entry.reverses = text(e, row->reverses);
    l->entry_arena = l->arena;
    l->arena = outer;
}

static void note_part(struct gj_engine *e, const struct gj_shop *shop,
                      const struct gj_entry_row *row, gj_notice_kind kind)
{
    struct gj_listener *l = &e->listener;
    if (l->part_count > 0 && (l->entry.kind != kind || !gj_str_is(row->entry, l->entry.entry))) {
        gj_tell_entries_end(e);
    }
    gj_notice_part *grown = gj_grow(l->parts, &l->part_capacity, l->part_count + 1, sizeof *grown);
    if (grown == NULL) {
        return;
    }
    l->parts = grown;
    if (l->part_count == 0) {
        begin_entry(e, shop, row, kind);
    }
    grown[l->part_count++] = (gj_notice_part){
        gj_words_copy(&l->entry_arena, row->account), gj_words_copy(&l->entry_arena, row->unit),
        gj_words_copy(&l->entry_arena, row->class_), row->amount};
}

int gj_tell_entry(struct gj_engine *e, struct gj_shop *shop, const struct gj_entry_row *row,
                  bool wrong)
{
    if (gj_store_entry_add(e->store, row) != 0) {
        return -1;
    }
    if (e->listener.told != NULL) {
        note_part(e, shop, row, wrong ? GJ_NOTICE_REVERSED : GJ_NOTICE_ENTRY);
    }
    return 0;
}

/* ---- measures ---- */

static void tell_measure(struct gj_engine *e, const struct gj_shop *shop, gj_notice_kind kind,
                         const struct gj_measure_row *row, int64_t to)
{
    if (e->listener.told == NULL || row->ends != GJ_RUNS) {
        return;
    }
    gj_notice n = blank(e, shop, kind, kind == GJ_NOTICE_MEASURE ? row->from : shop->now);
    name_rule(e, &n, row->rule);
    name_entity(e, &n, row->kind, row->subject);
    n.what = text(e, row->what);
    n.from = row->from;
    n.to = to;
    tell(e, &n);
}

int gj_tell_measure(struct gj_engine *e, struct gj_shop *shop, const struct gj_measure_row *row)
{
    int status = gj_store_measure_add(e->store, row);
    tell_measure(e, shop, GJ_NOTICE_MEASURE, row, row->to);
    return status;
}

int gj_tell_measure_end(struct gj_engine *e, struct gj_shop *shop, const struct gj_measure_row *row,
                        int64_t to, int64_t own_to)
{
    int status = gj_store_measure_set(e->store, row->row, to, own_to);
    tell_measure(e, shop, GJ_NOTICE_MEASURE_ENDS, row, to);
    return status;
}

int gj_tell_measure_gone(struct gj_engine *e, struct gj_shop *shop,
                         const struct gj_measure_row *row)
{
    int status = gj_store_measure_withdraw(e->store, row->row);
    tell_measure(e, shop, GJ_NOTICE_MEASURE_ENDS, row, row->from);
    return status;
}

/* ---- what an agent says ---- */

static struct gj_str field(const struct gj_engine *e, const struct gj_event *event,
                           const char *name)
{
    uint32_t at = gj_map_get(&e->plan->event_name_ids, gj_str_of(name));
    uint32_t place =
        at == GJ_MAP_NONE ? GJ_NO_INDEX : e->plan->reactions[event->type].fields_by_name[at];
    return place == GJ_NO_INDEX || event->values[place].kind != GJ_V_STRING
               ? GJ_STR("")
               : event->values[place].as.text;
}

void gj_tell_verdict(struct gj_engine *e, const struct gj_shop *shop, const struct gj_event *event,
                     const gj_verdict *verdict)
{
    if (e->listener.told == NULL || verdict == NULL || verdict->suggestion == GJ_PASS) {
        return;
    }
    gj_notice n = blank(e, shop, GJ_NOTICE_VERDICT, gj_micros(event->time));
    const gj_hit *hit = verdict->hits;
    for (size_t i = 0; i < verdict->hit_count; i++) { /* the first of the gravest */
        hit = verdict->hits[i].suggestion > hit->suggestion ? &verdict->hits[i] : hit;
    }
    if (verdict->hit_count > 0) {
        name_rule(e, &n, gj_str_of(hit->rule));
    }
    name_entity(e, &n, GJ_STR("message"), field(e, event, "message_id"));
    n.session = text(e, field(e, event, "session_id"));
    n.agent = text(e, field(e, event, "agent_id"));
    n.severity = gj_severity_name(verdict->severity);
    n.verdict = verdict;
    tell(e, &n);
}

/* ---- flows ---- */

void gj_tell_moved(struct gj_engine *e, const struct gj_shop *shop, const struct gj_moved *m)
{
    const struct gj_flow *flow = &e->plan->flows[m->flow];
    if (e->listener.told == NULL || e->listener.again || flow->internal || m->from == m->to) {
        return;
    }
    gj_notice n = blank(e, shop, GJ_NOTICE_MOVED, m->at);
    name_entity(e, &n, e->plan->events->kinds[m->kind].name, m->id);
    name_flow(e, &n, flow, &flow->states[m->to]);
    if (m->from != GJ_NO_INDEX) {
        n.before = text(e, flow->states[m->from].name);
        n.before_zh = text(e, flow->states[m->from].title_zh);
        n.before_en = text(e, flow->states[m->from].title_en);
    }
    if (m->transition != NULL && m->transition->rule.len > 0) {
        name_rule(e, &n, m->transition->rule);
    }
    tell(e, &n);
}

void gj_tell_fired(struct gj_engine *e, const struct gj_shop *shop, const struct gj_due *due,
                   bool found)
{
    const struct gj_flow *flow = &e->plan->flows[due->flow];
    const struct gj_state *state = &flow->states[due->state];
    const struct gj_deadline *d = &state->deadlines[due->deadline];
    if (e->listener.told == NULL || (flow->internal && !found)) {
        return; /* a watch that finds nothing is nobody's business */
    }
    gj_notice n = blank(e, shop, GJ_NOTICE_FIRED, due->at);
    name_entity(e, &n, e->plan->events->kinds[due->entity->kind].name, due->entity->id);
    name_rule(e, &n, d->then.rule);
    name_flow(e, &n, flow, state);
    n.name = text(e, d->name);
    tell(e, &n);
}

/* ---- metrics ---- */

void gj_tell_breach(struct gj_engine *e, const struct gj_shop *shop, uint32_t metric,
                    int64_t midnight, struct gj_str product, const struct gj_figures *figures)
{
    const struct gj_metric *m = &e->plan->metrics[metric];
    if (e->listener.told == NULL) {
        return;
    }
    bool rolling = m->window == GJ_WINDOW_ROLLING;
    struct gj_window_of window = gj_metric_window(m, rolling ? midnight : midnight - 1, shop->zone);
    gj_notice n = blank(e, shop, GJ_NOTICE_BREACH, midnight);
    n.rule = text(e, m->head.id);
    n.title_zh = text(e, m->head.title_zh);
    n.title_en = text(e, m->head.title_en);
    n.clause_zh = text(e, m->head.clause_zh);
    n.clause_en = text(e, m->head.clause_en);
    if (product.len > 0) {
        name_entity(e, &n, GJ_STR("product"), product);
    } else {
        name_entity(e, &n, e->plan->events->kinds[e->plan->events->shop_kind].name, shop->shop_id);
    }
    n.from = window.from;
    n.to = window.to;
    n.numerator = figures->numerator;
    n.denominator = figures->denominator;
    n.value_bp = figures->has_value ? figures->value_bp : 0;
    tell(e, &n);
}

/* ---- deadlines ---- */

/* Whatever their order is, the same deadlines give the same sum. */
static void add_due(void *context, const struct gj_due *due)
{
    uint64_t *sum = context;
    uint64_t one = gj_str_hash(due->entity->id) ^ (uint64_t)due->at * UINT64_C(0x9E3779B97F4A7C15);
    one ^= (uint64_t)due->entity->kind << 56 ^ (uint64_t)due->flow << 40 ^
           (uint64_t)due->state << 20 ^ due->deadline;
    one *= UINT64_C(0xBF58476D1CE4E5B9);
    *sum += one ^ one >> 31;
}

void gj_tell_deadlines(struct gj_engine *e, struct gj_cached *cached, struct gj_run *run,
                       const struct gj_due *first)
{
    uint64_t sum = 1; /* 0: not known */
    if (e->listener.told == NULL || cached->c.count == 0) {
        return;
    }
    gj_run_deadlines(run, add_due, &sum);
    if (sum == cached->told || (first == NULL && cached->fresh && cached->told == 0)) {
        cached->told = sum;
        return;
    }
    cached->told = sum;
    const struct gj_entity *entity = first == NULL ? cached->c.entities[0] : first->entity;
    gj_notice n = blank(e, cached->shop, GJ_NOTICE_DEADLINES, cached->c.last_at);
    name_entity(e, &n, e->plan->events->kinds[entity->kind].name, entity->id);
    n.due = first == NULL ? GJ_ALWAYS : first->at;
    tell(e, &n);
}
