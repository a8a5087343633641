/* Room engine: what deadlines may have to do with the shop's configuration by the rulebook (see
 * inside.h). Which cases are bound to it is seen when their deadlines are worked out. */
#include "engine/inside.h"

/* Marks in `memories` what of the shop the expression reads; whether that is anything. */
static bool note(const struct gj_plan *plan, const struct gj_expr *expr, bool *memories)
{
    const uint32_t *slots = NULL;
    size_t count = expr == NULL ? 0 : gj_expr_slots(expr, &slots);
    const struct gj_kind_plan *shop = &plan->kinds[plan->events->shop_kind];
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        uint32_t at = slots[i] - GJ_SLOT_MEMORY;
        if (slots[i] >= GJ_SLOT_MEMORY && at / GJ_MEMORIES_MAX == plan->events->shop_kind &&
            shop->memories[at % GJ_MEMORIES_MAX].kept != GJ_NO_INDEX) {
            memories[shop->memories[at % GJ_MEMORIES_MAX].kept] = true;
            any = true;
        }
    }
    return any;
}

static bool note_state(const struct gj_plan *plan, const struct gj_state *state, bool *memories)
{
    bool any = false;
    for (size_t d = 0; d < state->deadline_count; d++) {
        any |= note(plan, state->deadlines[d].in, memories);
        any |= note(plan, state->deadlines[d].at, memories);
    }
    return any;
}

/* What of the shop its own events tell. */
static void note_told(const struct gj_plan *plan, bool *memories)
{
    const struct gj_kind_plan *shop = &plan->kinds[plan->events->shop_kind];
    for (size_t t = 0; t < plan->events->type_count; t++) {
        const struct gj_event_type *type = &plan->events->types[t];
        const struct gj_reaction *r = &plan->reactions[t];
        bool own = type->about == plan->events->shop_kind && type->of == GJ_NO_INDEX;
        for (size_t k = 0; own && k <= r->keep_count; k++) {
            uint32_t memory = k == r->keep_count ? r->stamp : r->keeps[k].memory;
            uint32_t kept = shop->memories[memory].kept;
            if (kept != GJ_NO_INDEX) {
                memories[kept] = true;
            }
        }
    }
}

static bool find_ripening(const struct gj_plan *plan, struct gj_arena *arena)
{
    uint32_t count = plan->kinds[plan->events->shop_kind].kept_count;
    bool *asked = gj_arena_array(arena, count + 1, sizeof *asked);
    bool *told = gj_arena_array(arena, count + 1, sizeof *told);
    bool ripens = false;
    if (asked == NULL || told == NULL) {
        return false;
    }
    for (size_t i = 0; i < plan->flow_count; i++) {
        note(plan, plan->flows[i].head.applies, asked);
    }
    for (size_t i = 0; i < plan->finding_count; i++) {
        note(plan, plan->findings[i].head.applies, asked);
    }
    for (size_t i = 0; i < plan->counter_count; i++) {
        note(plan, plan->counters[i].head.applies, asked);
    }
    for (size_t i = 0; i < plan->metric_count; i++) {
        note(plan, plan->metrics[i].head.applies, asked);
    }
    for (size_t i = 0; i < plan->ladder_count; i++) {
        note(plan, plan->ladders[i].head.applies, asked);
    }
    note_told(plan, told);
    for (uint32_t m = 0; m < count; m++) {
        ripens |= asked[m] && !told[m];
    }
    return ripens;
}

int gj_moving_find(const struct gj_plan *plan, struct gj_moving *m)
{
    uint32_t shop = plan->events->shop_kind;
    size_t state_count = 0;
    *m = (struct gj_moving){.memories = NULL};
    gj_arena_init(&m->arena);
    for (size_t f = 0; f < plan->flow_count; f++) {
        state_count += plan->flows[f].state_count;
    }
    m->memories = gj_arena_array(&m->arena, plan->kinds[shop].kept_count + 1, sizeof *m->memories);
    m->flows = gj_arena_array(&m->arena, plan->flow_count + 1, sizeof *m->flows);
    m->states = gj_arena_array(&m->arena, state_count + 1, sizeof *m->states);
    m->first = gj_arena_array(&m->arena, plan->flow_count + 1, sizeof *m->first);
    for (size_t f = 0; !m->arena.failed && f < plan->flow_count; f++) {
        const struct gj_flow *flow = &plan->flows[f];
        m->first[f + 1] = m->first[f] + flow->state_count;
        if (flow->kind == shop) {
            continue; /* its own case is scheduled anyway */
        }
        m->flows[f] = note(plan, flow->head.applies, m->memories);
        for (size_t s = 0; s < flow->state_count; s++) {
            m->states[m->first[f] + s] = note_state(plan, &flow->states[s], m->memories);
        }
    }
    m->ripens = find_ripening(plan, &m->arena);
    return m->arena.failed ? -1 : 0;
}

void gj_moving_release(struct gj_moving *m)
{
    gj_arena_release(&m->arena);
}

bool gj_moving_grows(const struct gj_plan *plan, const struct gj_moving *m,
                     const struct gj_plan *old, const struct gj_moving *was)
{
    bool grows = false;
    for (size_t f = 0; f < plan->flow_count && !grows; f++) {
        const struct gj_flow *flow = &plan->flows[f];
        uint32_t other = gj_map_get(&old->flow_ids, flow->head.id);
        grows = m->flows[f] && (other == GJ_MAP_NONE || !was->flows[other]);
        for (size_t s = 0; s < flow->state_count && !grows; s++) {
            uint32_t state = other == GJ_MAP_NONE
                                 ? GJ_MAP_NONE
                                 : gj_map_get(&old->flows[other].state_ids, flow->states[s].name);
            grows = m->states[m->first[f] + s] &&
                    (state == GJ_MAP_NONE || !was->states[was->first[other] + state]);
        }
    }
    return grows;
}
