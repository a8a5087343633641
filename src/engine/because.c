/* Room engine: why something was found, in English. A finding keeps its reason as it was said when
 * it was made, in Chinese: from that and its rule the English is found in the rulebook. */
#include "engine/inside.h"

/* What tally/outcome.c puts behind a reason whose amount could not be told. */
static const struct gj_str open_amount = {"（金额取决于 ", sizeof "（金额取决于 " - 1};
static const struct gj_str open_amount_end = {"）", sizeof "）" - 1};

struct search {
    struct gj_str zh;
    const struct gj_transition *found;
};

static void look_at(struct search *s, const struct gj_transition *t)
{
    if (s->found == NULL && t->because_en.len > 0 && gj_str_eq(t->because_zh, s->zh)) {
        s->found = t;
    }
}

static void look_at_handlers(struct search *s, const struct gj_handler *handlers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < handlers[i].choice_count; j++) {
            look_at(s, &handlers[i].choices[j]);
        }
    }
}

/* The step of a flow that gives this reason; NULL: none does. */
static const struct gj_transition *step_with(const struct gj_plan *plan, struct gj_str zh)
{
    struct search s = {zh, NULL};
    for (size_t i = 0; i < plan->flow_count && s.found == NULL; i++) {
        const struct gj_flow *flow = &plan->flows[i];
        look_at_handlers(&s, flow->starts, flow->start_count);
        for (size_t j = 0; j < flow->state_count; j++) {
            const struct gj_state *state = &flow->states[j];
            look_at_handlers(&s, state->handlers, state->handler_count);
            for (size_t k = 0; k < state->deadline_count; k++) {
                look_at(&s, &state->deadlines[k].then);
            }
        }
    }
    return s.found;
}

static struct gj_str english_of(const struct gj_engine *e, struct gj_str rule, struct gj_str zh)
{
    const struct gj_plan *plan = e->plan;
    uint32_t at = gj_map_get(&plan->finding_ids, rule);
    at = at == GJ_MAP_NONE ? gj_map_get(&plan->covered, rule) : at;
    const struct gj_finding_plan *f = at == GJ_MAP_NONE ? NULL : &plan->findings[at];
    if (f != NULL && f->because_en.len > 0 && gj_str_eq(f->because_zh, zh)) {
        return f->because_en;
    }
    struct gj_named named = gj_rule_named(e, rule);
    const struct gj_transition *step = gj_str_eq(named.title_zh, zh) ? NULL : step_with(plan, zh);
    return step != NULL                         ? step->because_en
           : gj_str_eq(zh, GJ_STR("人工认定"))  ? GJ_STR("ruled by a person")
           : f != NULL && f->because_en.len > 0 ? f->because_en
                                                : named.title_en;
}

void gj_because_english(const struct gj_engine *e, struct gj_str rule, struct gj_str because,
                        struct gj_buf *out)
{
    struct gj_str zh = because, open = {"", 0};
    const char *behind = because.len == 0
                             ? NULL
                             : memmem(because.ptr, because.len, open_amount.ptr, open_amount.len);
    if (behind != NULL && because.len >= open_amount_end.len) {
        zh.len = (size_t)(behind - because.ptr);
        open.ptr = behind + open_amount.len;
        open.len = because.len - zh.len - open_amount.len - open_amount_end.len;
    }
    gj_buf_add_str(out, english_of(e, rule, zh));
    if (open.len > 0) {
        gj_buf_add_cstr(out, " (the amount depends on ");
        gj_buf_add_str(out, open);
        gj_buf_add_char(out, ')');
    }
}
