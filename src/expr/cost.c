/* Room expr: an upper bound of the steps that one evaluation takes, computed at load. A node costs
 * one step; a function what its row says; a macro its body once an element. Where a size is not
 * known at load it counts as GJ_EXPR_SIZE_GUESS; the step limit at run time (ten times cost_max)
 * catches what is larger. */
#include "expr/internal.h"

static uint64_t add(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t multiply(uint64_t a, uint64_t b)
{
    return b != 0 && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

static uint64_t elements(const struct gj_node *range)
{
    if (range->kind == GJ_N_CONST &&
        (range->value.kind == GJ_V_LIST || range->value.kind == GJ_V_MAP)) {
        return range->value.count;
    }
    if (range->kind == GJ_N_LIST) {
        return range->count;
    }
    return range->kind == GJ_N_MAP ? range->count / 2 : GJ_EXPR_SIZE_GUESS;
}

/* Operators that look at every element or byte of what they are given. */
static uint64_t chain_cost(const struct gj_node *node)
{
    uint64_t cost = 0;
    for (uint32_t i = 1; i < node->count; i++) {
        enum gj_type_kind kind = node->kids[i]->type->kind;
        bool whole = kind == GJ_TYPE_LIST || kind == GJ_TYPE_MAP || node->ops[i - 1] == GJ_OP_IN;
        bool some = kind == GJ_TYPE_STRING || kind == GJ_TYPE_DYN; /* mostly short texts */
        cost = add(cost, whole ? elements(node->kids[i]) : some ? GJ_EXPR_SIZE_GUESS / 10 : 1);
    }
    return cost;
}

uint64_t gj_expr_bound(const struct gj_node *node)
{
    if (node->kind == GJ_N_LOOP) {
        uint64_t body = 1;
        for (uint32_t i = 1; i < node->count; i++) {
            body = add(body, gj_expr_bound(node->kids[i]));
        }
        uint64_t range = gj_expr_bound(node->kids[0]);
        uint64_t turns = node->loop == GJ_LOOP_BIND ? 1 : elements(node->kids[0]);
        if (node->loop == GJ_LOOP_MAP_ENTRIES) { /* keys are compared with those before them */
            body = add(body, turns / 2);
        }
        return add(add(range, 1), multiply(turns, body));
    }
    uint64_t cost = 1;
    for (uint32_t i = 0; i < node->count; i++) {
        cost = add(cost, gj_expr_bound(node->kids[i]));
    }
    if (node->kind == GJ_N_CALL && node->builtin != NULL) {
        cost = add(cost, node->builtin->cost);
    } else if (node->kind == GJ_N_HOST) {
        cost = add(cost, node->host->cost);
    } else if (node->kind == GJ_N_CHAIN) {
        cost = add(cost, chain_cost(node));
    } else if (node->kind == GJ_N_MAP) { /* keys are compared with those before them */
        cost = add(cost, multiply(node->count / 2, node->count / 4));
    }
    return cost;
}
