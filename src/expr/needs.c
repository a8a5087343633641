/* Room expr: what an expression cannot do without (see expr.h). */
#include "expr/internal.h"

/* The value is unknown or an error whenever the field is unknown. */
static bool is_strict(const struct gj_node *node, uint32_t slot)
{
    if (node->kind == GJ_N_FIELD) {
        return node->index == slot;
    }
    bool strict = false;
    if (node->kind == GJ_N_CHAIN || node->kind == GJ_N_NEGATE || node->kind == GJ_N_NOT) {
        for (uint32_t i = 0; i < node->count; i++) {
            strict |= is_strict(node->kids[i], slot);
        }
    }
    return strict;
}

static bool needs(const struct gj_node *node, uint32_t slot)
{
    if (node->kind != GJ_N_AND && node->kind != GJ_N_OR) {
        return is_strict(node, slot);
    }
    bool any = false, all = true;
    for (uint32_t i = 0; i < node->count; i++) {
        bool one = needs(node->kids[i], slot);
        any |= one;
        all &= one;
    }
    return node->kind == GJ_N_AND ? any : all;
}

bool gj_expr_needs(const struct gj_expr *expr, uint32_t slot)
{
    return needs(expr->root, slot);
}
