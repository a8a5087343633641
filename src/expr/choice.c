/* Room expr: fields that can only be certain texts. A comparison with any other text is always
 * false (or with != always true): a slip of the pen, told when the rulebook is read. */
#include "base/near.h"
#include "expr/internal.h"

/* More are not all named: a name near the wrong one is, and the first few. */
#define SHOWN_MAX 16u

static bool is_among(struct gj_choices choices, struct gj_str text)
{
    for (size_t i = 0; i < choices.count; i++) {
        if (gj_str_eq(choices.items[i], text)) {
            return true;
        }
    }
    return false;
}

static void never(struct gj_compiler *c, const struct gj_node *field, const struct gj_node *at)
{
    struct gj_choices choices = field->choices;
    struct gj_near near = gj_near_begin(at->value.as.text);
    struct gj_str text = gj_shown(at->value.as.text);
    struct gj_buf list;
    gj_buf_init(&list);
    for (size_t i = 0; i < choices.count; i++) {
        gj_near_try(&near, choices.items[i]);
        if (i < SHOWN_MAX) {
            gj_buf_addf(&list, "%s%.*s", i == 0 ? "" : ", ", (int)choices.items[i].len,
                        choices.items[i].ptr);
        }
    }
    if (choices.count > SHOWN_MAX) {
        gj_buf_addf(&list, " and %zu more", choices.count - SHOWN_MAX);
    }
    gj_expr_error(c, at->start, "%.*s is never '%.*s'; it is one of: %s%s%.*s%s",
                  (int)field->name.len, field->name.ptr, (int)text.len, text.ptr, list.ptr,
                  near.best.len > 0 ? "; did you mean '" : "", (int)near.best.len, near.best.ptr,
                  near.best.len > 0 ? "'?" : "");
    gj_buf_release(&list);
}

/* Every text that `node` may be, as far as it is written out. */
static void check_texts(struct gj_compiler *c, const struct gj_node *field,
                        const struct gj_node *node)
{
    if (node->kind == GJ_N_IF) {
        check_texts(c, field, node->kids[1]);
        check_texts(c, field, node->kids[2]);
    } else if (node->kind == GJ_N_CONST && node->value.kind == GJ_V_STRING &&
               !is_among(field->choices, node->value.as.text)) {
        never(c, field, node);
    }
}

/* Every element of a list, or key of a map, that is written out. */
static void check_elements(struct gj_compiler *c, const struct gj_node *field,
                           const struct gj_node *node)
{
    bool constant = node->kind == GJ_N_CONST && node->kids != NULL;
    bool map = node->kind == GJ_N_MAP || (constant && node->value.kind == GJ_V_MAP);
    uint32_t step = map ? 2 : 1;
    uint32_t parts = constant ? node->value.count * step : node->count;
    if (constant || map || node->kind == GJ_N_LIST) {
        for (uint32_t i = 0; i < parts; i += step) {
            check_texts(c, field, node->kids[i]);
        }
    }
}

static bool is_closed(const struct gj_node *node)
{
    return node->kind == GJ_N_FIELD && node->choices.items != NULL;
}

void gj_expr_check_choices(struct gj_compiler *c, enum gj_op op, const struct gj_node *a,
                           const struct gj_node *b)
{
    bool equality = op == GJ_OP_EQ || op == GJ_OP_NE;
    if (equality && is_closed(a)) {
        check_texts(c, a, b);
    }
    if (equality && is_closed(b)) {
        check_texts(c, b, a);
    }
    if (op == GJ_OP_IN && is_closed(a)) {
        check_elements(c, a, b);
    }
}
