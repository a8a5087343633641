/* Room expr: what an expression cannot do without, and which holds only where another does (see
 * expr.h). */
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

/* The parts of a && b && c; any other expression is its own only part. */
static uint32_t part_count(const struct gj_expr *expr)
{
    return expr->root->kind == GJ_N_AND ? expr->root->count : 1;
}

static struct gj_str part_text(const struct gj_expr *expr, uint32_t i)
{
    const struct gj_node *part = expr->root->kind == GJ_N_AND ? expr->root->kids[i] : expr->root;
    return (struct gj_str){expr->source.ptr + part->start, part->end - part->start};
}

static bool has_part(const struct gj_expr *expr, struct gj_str text)
{
    for (uint32_t i = 0; i < part_count(expr); i++) {
        if (gj_str_eq(part_text(expr, i), text)) {
            return true;
        }
    }
    return false;
}

bool gj_expr_narrows(const struct gj_expr *narrow, const struct gj_expr *wide)
{
    for (uint32_t i = 0; i < part_count(wide); i++) {
        if (!has_part(narrow, part_text(wide, i))) {
            return false;
        }
    }
    return true;
}
