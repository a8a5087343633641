/* Room engine: what deadlines have to do with the shop's configuration (see engine.h), so that few
 * of its cases are looked at when that changes. */
#include "engine/engine.h"

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

/* `state` NULL: any of the flow's. */
static void add_standing(struct gj_moving *m, const struct gj_flow *flow,
                         const struct gj_state *state)
{
    struct gj_buf text;
    gj_buf_init(&text);
    gj_case_begin_standing(flow->head.id, state == NULL ? NULL : &state->name, &text);
    m->arena.failed |= text.failed;
    m->standings[m->count++] = gj_arena_copy(&m->arena, gj_buf_str(&text));
    gj_buf_release(&text);
}

int gj_moving_find(const struct gj_plan *plan, struct gj_moving *m)
{
    uint32_t shop = plan->events->shop_kind;
    size_t most = 0;
    *m = (struct gj_moving){.count = 0};
    gj_arena_init(&m->arena);
    for (size_t f = 0; f < plan->flow_count; f++) {
        most += plan->flows[f].state_count + 1;
    }
    m->memories = gj_arena_array(&m->arena, plan->kinds[shop].kept_count + 1, sizeof *m->memories);
    m->standings = gj_arena_array(&m->arena, most + 1, sizeof *m->standings);
    for (size_t f = 0; !m->arena.failed && f < plan->flow_count; f++) {
        const struct gj_flow *flow = &plan->flows[f];
        if (flow->kind == shop) {
            continue; /* its own case is scheduled anyway */
        }
        if (note(plan, flow->head.applies, m->memories)) {
            add_standing(m, flow, NULL);
        }
        for (size_t s = 0; s < flow->state_count; s++) {
            if (note_state(plan, &flow->states[s], m->memories)) {
                add_standing(m, flow, &flow->states[s]);
            }
        }
    }
    return m->arena.failed ? -1 : 0;
}

void gj_moving_release(struct gj_moving *m)
{
    gj_arena_release(&m->arena);
}

bool gj_moving_concerns(const struct gj_moving *m, struct gj_str body)
{
    bool concerns = false;
    for (size_t i = 0; i < m->count && !concerns; i++) {
        concerns = memmem(body.ptr, body.len, m->standings[i].ptr, m->standings[i].len) != NULL;
    }
    return concerns;
}
