/* Room engine: what the rulebook says of a rule by its id: its name and clause, its cost (see
 * inside.h). */
#include "engine/inside.h"

static struct gj_value no_text(struct gj_book_host *host, const struct gj_operator *op)
{
    (void)host;
    return (struct gj_value){.kind = op->op == GJ_OP_COUNT ? GJ_V_INT : GJ_V_BOOL};
}

static struct gj_value no_fact(void *context, uint32_t slot)
{
    (void)context;
    (void)slot;
    return (struct gj_value){.kind = GJ_V_UNKNOWN};
}

int64_t gj_rule_cost(struct gj_engine *e, const struct gj_expr *expr, int64_t at)
{
    if (expr == NULL) {
        return 0;
    }
    struct gj_book_host host = {e->book, gj_instant_of(at).seconds, no_text};
    struct gj_frame frame = {.lookup = no_fact, .context = &host, .arena = &e->arena};
    struct gj_value value = gj_expr_eval(expr, &frame);
    return value.kind == GJ_V_INT ? value.as.integer : 0;
}

uint32_t gj_rule_of_messages(const struct gj_engine *e, struct gj_str id)
{
    uint32_t at = gj_map_get(&e->book->rule_ids, id);
    return at == GJ_MAP_NONE ? gj_map_get(&e->plan->priced, id) : at;
}

static struct gj_named named(const struct gj_heading *head)
{
    return (struct gj_named){head->title_zh, head->title_en, head->clause_zh, head->clause_en};
}

struct gj_named gj_rule_named(const struct gj_engine *e, struct gj_str id)
{
    uint32_t at = gj_map_get(&e->plan->finding_ids, id);
    at = at == GJ_MAP_NONE ? gj_map_get(&e->plan->covered, id) : at;
    if (at != GJ_MAP_NONE) {
        return named(&e->plan->findings[at].head);
    }
    at = gj_rule_of_messages(e, id);
    if (at != GJ_MAP_NONE) {
        const struct gj_rule *r = &e->book->rules[at];
        return (struct gj_named){r->title_zh, r->title_en, r->clause_zh, r->clause_en};
    }
    at = gj_map_get(&e->plan->flow_ids, id);
    if (at != GJ_MAP_NONE) {
        return named(&e->plan->flows[at].head);
    }
    return (struct gj_named){GJ_STR(""), GJ_STR(""), GJ_STR(""), GJ_STR("")};
}
