/* Room book: flows, the statecharts over entities (see build_plan.h and docs/flows.md). */
#include "base/near.h"
#include "book/build_plan.h"

#define STATES_MAX    250 /* a state's index fits a byte */
#define DEADLINES_MAX 32  /* of a state: which have fired is kept in 32 bits */

struct reader {
    struct gj_planner *p;
    struct gj_flow *flow;
};

static void *array(struct reader *r, size_t count, size_t size)
{
    void *items = gj_arena_array(&r->p->plan->arena, count + 1, size);
    if (items == NULL) {
        gj_errors_say(r->p->b.errors, "out of memory while compiling the flows");
    }
    return items;
}

static void read_sets(struct reader *r, const struct gj_node *n, const struct gj_scope *scope,
                      struct gj_transition *out)
{
    const struct gj_node *sets = gj_node_get(n, "set");
    struct gj_builder *b = &r->p->b;
    if (sets == NULL) {
        return;
    }
    if (sets->kind != GJ_NODE_MAPPING) {
        gj_complain(b, sets, "'set' must be {variable: expression}");
        return;
    }
    if (sets->count > GJ_SETS_MAX) {
        gj_complain(b, sets, "a transition sets at most %d variables; do without some of them",
                    GJ_SETS_MAX);
        return;
    }
    const struct gj_node *vars = gj_node_get(r->flow->head.node, "vars");
    struct gj_set *list = array(r, sets->count, sizeof *list);
    for (const struct gj_node *v = sets->first; list != NULL && v != NULL; v = v->next) {
        struct gj_kind_plan *kind = &r->p->plan->kinds[r->flow->kind];
        uint32_t memory = gj_map_get(&kind->by_name, v->key->text);
        if (memory == GJ_MAP_NONE || vars == NULL || gj_node_get(vars, v->key->text.ptr) == NULL) {
            gj_complain(b, v->key, "'%s' is no variable of this flow; declare it in 'vars'",
                        v->key->text.ptr);
            continue;
        }
        const struct gj_expr *value = gj_plan_expr(r->p, v, scope, kind->memories[memory].type);
        if (value != NULL) {
            list[out->set_count++] = (struct gj_set){memory, value};
        }
    }
    out->sets = list;
}

static void read_transition(struct reader *r, const struct gj_node *n, const struct gj_scope *scope,
                            bool deadline, struct gj_transition *out)
{
    static const char *const keys[] = {"when", "to", "set", "raise", "rule", "because", NULL};
    static const char *const late_keys[] = {"when",    "to", "set", "raise",  "rule",
                                            "because", "in", "at",  "covers", NULL};
    struct gj_builder *b = &r->p->b;
    out->node = n;
    out->to = GJ_NO_INDEX;
    if (n->kind != GJ_NODE_MAPPING) {
        gj_complain(b, n, "a transition must be {to: state}, with when, set, raise as needed");
        return;
    }
    gj_read_keys(b, n, deadline ? late_keys : keys);
    out->when = gj_plan_expr_of(r->p, n, "when", scope, &gj_type_bool);
    out->to = gj_plan_name(r->p, n, "to", &r->flow->state_ids, "state");
    read_sets(r, n, scope, out);
    gj_plan_names(r->p, n, "raise", &r->p->plan->finding_ids, "finding", &out->raises,
                  &out->raise_count);
    gj_read_string(b, n, "rule", &out->rule);
    gj_read_bilingual(b, n, "because", false, &out->because_zh, &out->because_en);
    if (gj_node_get(n, "to") == NULL && out->set_count == 0 && out->raise_count == 0 && deadline) {
        gj_complain(b, n, "a deadline needs a target: 'to', or what it raises or sets");
    }
}

/* ---- guards that shadow one another ---- */

static void refuse_overlap(struct reader *r, const struct gj_transition *choices, size_t count)
{
    for (size_t later = 1; later < count; later++) {
        for (size_t earlier = 0; earlier < later; earlier++) {
            const struct gj_expr *a = choices[earlier].when, *c = choices[later].when;
            if (a == NULL) {
                gj_complain(&r->p->b, choices[later].node,
                            "is never reached: a transition without 'when' stands before it");
                break;
            }
            if (c != NULL && gj_expr_narrows(c, a)) {
                gj_complain(&r->p->b, choices[later].node,
                            "its guard overlaps one before it (line %u), so that it is never "
                            "taken",
                            choices[earlier].node->line);
                break;
            }
        }
    }
}

/* ---- handlers ---- */

static void read_handler(struct reader *r, const struct gj_node *n, struct gj_handler *out)
{
    struct gj_plan *plan = r->p->plan;
    const struct gj_map *types = &plan->events->type_ids;
    out->type = gj_map_get(types, n->key->text);
    if (out->type == GJ_MAP_NONE) {
        struct gj_str near = gj_nearest(types, n->key->text);
        gj_complain(&r->p->b, n->key, "unknown event type '%s'%s%.*s", n->key->text.ptr,
                    near.len > 0 ? "; did you mean " : "", (int)near.len, near.ptr);
        out->type = GJ_NO_INDEX;
        return;
    }
    struct gj_scope scope = {.types = &out->type,
                             .type_count = 1,
                             .kinds = gj_plan_family(plan, r->flow->kind),
                             .in_flow = true};
    bool single = n->kind == GJ_NODE_MAPPING;
    if (!single && n->kind != GJ_NODE_SEQUENCE) {
        gj_complain(&r->p->b, n, "must be a transition {to: state} or a list of them");
        return;
    }
    struct gj_transition *choices = array(r, single ? 1 : n->count, sizeof *choices);
    for (const struct gj_node *c = single ? n : n->first; choices != NULL && c != NULL;
         c = single ? NULL : c->next) {
        read_transition(r, c, &scope, false, &choices[out->choice_count++]);
    }
    out->choices = choices;
    refuse_overlap(r, choices, out->choice_count);
}

/* Appends the handlers of mapping `on` to `list`. */
static size_t read_handlers(struct reader *r, const struct gj_node *on, struct gj_handler *list,
                            size_t count)
{
    if (on == NULL) {
        return count;
    }
    if (on->kind != GJ_NODE_MAPPING) {
        gj_complain(&r->p->b, on, "must be {event type: transition}");
        return count;
    }
    for (const struct gj_node *n = on->first; n != NULL; n = n->next) {
        read_handler(r, n, &list[count]);
        count += list[count].type != GJ_NO_INDEX;
    }
    return count;
}

static size_t children(const struct gj_node *n)
{
    return n == NULL ? 0 : n->count;
}

static void read_deadlines(struct reader *r, const struct gj_node *after, struct gj_state *state)
{
    struct gj_builder *b = &r->p->b;
    struct gj_scope scope = {.kinds = gj_plan_family(r->p->plan, r->flow->kind), .in_flow = true};
    if (after == NULL) {
        return;
    }
    if (after->kind != GJ_NODE_MAPPING || after->count > DEADLINES_MAX) {
        gj_complain(b, after, "'after' must be {name: {in: duration, to: state}}, at most %d",
                    DEADLINES_MAX);
        return;
    }
    struct gj_deadline *list = array(r, after->count, sizeof *list);
    for (const struct gj_node *n = after->first; list != NULL && n != NULL; n = n->next) {
        struct gj_deadline *d = &list[state->deadline_count++];
        d->name = n->key->text;
        read_transition(r, n, &scope, true, &d->then);
        if (n->kind == GJ_NODE_MAPPING) {
            d->in = gj_plan_expr_of(r->p, n, "in", &scope, &gj_type_duration);
            d->at = gj_plan_expr_of(r->p, n, "at", &scope, &gj_type_timestamp);
            if ((gj_node_get(n, "in") == NULL) == (gj_node_get(n, "at") == NULL)) {
                gj_complain(b, n, "a deadline needs either 'in' (a duration) or 'at' (an instant)");
            }
        }
    }
    state->deadlines = list;
}

static void read_state(struct reader *r, const struct gj_node *n, const struct gj_node *every,
                       struct gj_state *state)
{
    static const char *const keys[] = {"title", "after", "on", "final", NULL};
    struct gj_builder *b = &r->p->b;
    state->name = n->key->text;
    state->node = n;
    if (n->kind != GJ_NODE_MAPPING) {
        gj_complain(b, n, "a state must be {on: ..., after: ...} or {final: true}");
        return;
    }
    gj_read_keys(b, n, keys);
    gj_read_bilingual(b, n, "title", false, &state->title_zh, &state->title_en);
    gj_read_bool(b, n, "final", &state->final);
    const struct gj_node *on = gj_node_get(n, "on"), *after = gj_node_get(n, "after");
    if (state->final && (on != NULL || after != NULL)) {
        gj_complain(b, n, "a final state takes no events and has no deadlines");
    }
    read_deadlines(r, after, state);
    struct gj_handler *handlers = array(r, children(on) + children(every), sizeof *handlers);
    if (handlers == NULL || state->final) {
        return;
    }
    state->own_count = read_handlers(r, on, handlers, 0);
    state->handler_count = read_handlers(r, every, handlers, state->own_count);
    state->handlers = handlers;
}

/* ---- reachability ---- */

static void reach(const struct gj_transition *t, bool *reached, bool *grew)
{
    if (t->to != GJ_NO_INDEX && !reached[t->to]) {
        reached[t->to] = *grew = true;
    }
}

static void reach_handlers(const struct gj_handler *list, size_t count, bool *reached, bool *grew)
{
    for (size_t h = 0; h < count; h++) {
        for (size_t c = 0; c < list[h].choice_count; c++) {
            reach(&list[h].choices[c], reached, grew);
        }
    }
}

/* Whether some transition below `node`, right or wrong, leads to a state of that name or nearly. */
static bool is_meant(const struct gj_node *node, struct gj_str state)
{
    for (const struct gj_node *n = node == NULL ? NULL : node->first; n != NULL; n = n->next) {
        struct gj_near near = gj_near_begin(n->text);
        bool to = n->kind == GJ_NODE_SCALAR && n->key != NULL && gj_str_is(n->key->text, "to");
        if (to) {
            gj_near_try(&near, state);
        }
        if (to ? gj_str_eq(n->text, state) || near.best.len > 0 : is_meant(n, state)) {
            return true;
        }
    }
    return false;
}

/* `wrong`: transitions were refused. What they would lead to is not told a second time. */
static void refuse_unreachable(struct reader *r, bool wrong)
{
    bool reached[STATES_MAX + 1] = {false}, grew = true;
    const struct gj_flow *flow = r->flow;
    reach_handlers(flow->starts, flow->start_count, reached, &grew);
    while (grew) {
        grew = false;
        for (size_t s = 0; s < flow->state_count; s++) {
            const struct gj_state *state = &flow->states[s];
            if (!reached[s]) {
                continue;
            }
            reach_handlers(state->handlers, state->handler_count, reached, &grew);
            for (size_t d = 0; d < state->deadline_count; d++) {
                reach(&state->deadlines[d].then, reached, &grew);
            }
        }
    }
    for (size_t s = 0; s < flow->state_count; s++) {
        if (!reached[s] && !(wrong && is_meant(flow->head.node, flow->states[s].name))) {
            gj_complain(&r->p->b, flow->states[s].node->key,
                        "state '%s' cannot be reached from the start; lead to it, or remove it",
                        flow->states[s].name.ptr);
        }
    }
}

/* ---- a flow ---- */

static bool name_states(struct reader *r, const struct gj_node *states)
{
    if (states == NULL || states->kind != GJ_NODE_MAPPING || states->count == 0 ||
        states->count > STATES_MAX) {
        gj_complain(&r->p->b, states == NULL ? r->flow->head.node : states,
                    "a flow needs 'states: {name: {...}}', at most %d", STATES_MAX);
        return false;
    }
    for (const struct gj_node *n = states->first; n != NULL; n = n->next) {
        gj_book_name(&r->p->b, &r->flow->state_ids, n->key->text, (uint32_t)r->flow->state_count++);
    }
    return true;
}

static void read_flow(struct gj_planner *p, const struct gj_node *n, struct gj_flow *flow)
{
    static const char *const keys[] = {"flow",   "title",    "covers",   "cites", "from",   "until",
                                       "entity", "applies",  "vars",     "start", "states", "every",
                                       "tests",  "internal", "shown_as", NULL};
    struct reader r = {p, flow};
    gj_read_keys(&p->b, n, keys);
    gj_plan_heading(p, n, "flow", true, &flow->head);
    gj_read_bool(&p->b, n, "internal", &flow->internal);
    if (gj_read_string(&p->b, n, "shown_as", &flow->shown) != 1) {
        flow->shown = flow->head.id;
    }
    flow->kind = gj_plan_name(p, n, "entity", &p->plan->events->kind_ids, "kind of entity");
    if (flow->kind == GJ_NO_INDEX) {
        if (gj_node_get(n, "entity") == NULL) {
            gj_complain(&p->b, n, "'entity' is missing: whose states these are");
        }
        flow->kind = 0;
    }
    const struct gj_node *start = gj_node_get(n, "start"), *states = gj_node_get(n, "states");
    if (!name_states(&r, states)) {
        return;
    }
    if (start == NULL) {
        gj_complain(&p->b, n, "'start' is missing: which event leads to the first state");
    }
}

/* The second half: transitions may ask about the states of any flow, which are named by now. */
static void read_flow_states(struct gj_planner *p, struct gj_flow *flow)
{
    struct reader r = {p, flow};
    const struct gj_node *n = flow->head.node, *start = gj_node_get(n, "start"),
                         *states = gj_node_get(n, "states");
    struct gj_state *list = array(&r, flow->state_count, sizeof *list);
    struct gj_handler *starts = array(&r, children(start), sizeof *starts);
    if (list == NULL || starts == NULL || flow->state_count == 0) {
        return;
    }
    size_t errors = p->b.errors->count + p->b.errors->dropped;
    flow->start_count = read_handlers(&r, start, starts, 0);
    flow->starts = starts;
    size_t s = 0;
    for (const struct gj_node *state = states->first; state != NULL; state = state->next) {
        read_state(&r, state, gj_node_get(n, "every"), &list[s++]);
    }
    flow->states = list;
    if (start != NULL) {
        refuse_unreachable(&r, p->b.errors->count + p->b.errors->dropped > errors);
    }
}

void gj_plan_flows(struct gj_planner *p)
{
    size_t i = 0;
    for (const struct gj_node *n = gj_entry_of(p->b.documents, "flow"); n != NULL;
         n = gj_entry_of(n->next, "flow")) {
        gj_map_init(&p->plan->flows[i].state_ids);
        read_flow(p, n, &p->plan->flows[i++]);
    }
    for (i = 0; i < p->plan->flow_count; i++) {
        read_flow_states(p, &p->plan->flows[i]);
    }
}
