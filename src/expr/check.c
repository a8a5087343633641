/* Room expr: the type check. Walks the tree once, from the leaves up; gives every node its type and
 * turns names into what they mean. All errors of an expression are found in one run: a node in
 * error is of type dyn, which fits everywhere, so that one mistake is told once. */
#include "expr/internal.h"

static struct gj_str type_text(const struct gj_type *type, struct gj_buf *buf)
{
    gj_buf_init(buf);
    gj_type_name(type, buf);
    return gj_buf_str(buf);
}

static bool is_kind(const struct gj_node *node, enum gj_type_kind kind)
{
    return node->type->kind == kind || node->type->kind == GJ_TYPE_DYN;
}

static void want_kind(struct gj_compiler *c, const struct gj_node *node, enum gj_type_kind kind,
                      const char *what)
{
    if (!is_kind(node, kind)) {
        struct gj_type plain = {.kind = kind};
        struct gj_buf have;
        struct gj_buf want;
        type_text(node->type, &have);
        type_text(&plain, &want);
        gj_expr_error(c, node->start, "%s %s %s, but this is %s", what,
                      kind == GJ_TYPE_INT ? "an" : "a", want.ptr, have.ptr);
        gj_buf_release(&have);
        gj_buf_release(&want);
    }
}

static void check_select(struct gj_compiler *c, struct gj_node *node, const struct gj_node *whole);

/* The operand of a selection: `whole` is the longest path that a wrong name in it belongs to. */
static void check_operand(struct gj_compiler *c, struct gj_node *node, const struct gj_node *whole)
{
    if (node->kind == GJ_N_IDENT) {
        gj_expr_resolve(c, node, whole, true);
    } else if (node->kind == GJ_N_SELECT) {
        check_select(c, node, whole);
    } else {
        gj_expr_check(c, node);
    }
}

/* The type of operand.name where the operand is a value, not part of a declared field's name. */
static const struct gj_type *selected_type(struct gj_compiler *c, const struct gj_node *node,
                                           const struct gj_node *operand)
{
    const struct gj_type *type = operand->type;
    if (type->kind == GJ_TYPE_MAP && gj_type_comparable(gj_type_of_key(type), &gj_type_string)) {
        return gj_type_of_element(type);
    }
    if (type->kind != GJ_TYPE_DYN) {
        struct gj_buf have;
        type_text(type, &have);
        gj_expr_error(c, node->at, "a value of type %s has no field '%.*s'", have.ptr,
                      (int)node->name.len, node->name.ptr);
        gj_buf_release(&have);
    }
    return &gj_type_dyn;
}

static void check_select(struct gj_compiler *c, struct gj_node *node, const struct gj_node *whole)
{
    if (gj_expr_resolve(c, node, whole, false)) {
        return;
    }
    check_operand(c, node->kids[0], whole);
    node->type = selected_type(c, node, node->kids[0]);
}

static void check_has(struct gj_compiler *c, struct gj_node *node)
{
    struct gj_node *what = node->kids[0];
    const struct gj_expr_field *field = gj_expr_find_field(c, what);
    node->type = &gj_type_bool;
    if (field != NULL) {
        node->kind = GJ_N_HAS_FIELD;
        node->index = field->slot;
        node->count = 0;
        gj_expr_note_slot(c, node->index);
        return;
    }
    if (what->kind == GJ_N_IDENT) {
        if (gj_expr_resolve(c, what, what, true)) {
            gj_expr_error(c, what->at, "has() asks for a field: has(a.b)");
        }
        return;
    }
    check_operand(c, what->kids[0], what);
    selected_type(c, what, what->kids[0]);
    node->name = what->name;
    node->kids[0] = what->kids[0];
}

static void check_index(struct gj_compiler *c, struct gj_node *node)
{
    const struct gj_type *from = node->kids[0]->type;
    const struct gj_type *index = node->kids[1]->type;
    node->type = &gj_type_dyn;
    if (from->kind == GJ_TYPE_LIST) {
        want_kind(c, node->kids[1], GJ_TYPE_INT, "a list is indexed by");
        node->type = gj_type_of_element(from);
    } else if (from->kind == GJ_TYPE_MAP) {
        if (!gj_type_comparable(gj_type_of_key(from), index)) {
            want_kind(c, node->kids[1], gj_type_of_key(from)->kind, "a key of this map is");
        }
        gj_expr_check_choices(c, GJ_OP_IN, node->kids[1], node->kids[0]);
        node->type = gj_type_of_element(from);
    } else if (from->kind != GJ_TYPE_DYN) {
        struct gj_buf have;
        type_text(from, &have);
        gj_expr_error(c, node->at, "[ ] takes an element of a list or a map, but this is %s",
                      have.ptr);
        gj_buf_release(&have);
    }
}

static bool all_constant(const struct gj_node *node)
{
    for (uint32_t i = 0; i < node->count; i++) {
        if (node->kids[i]->kind != GJ_N_CONST) {
            return false;
        }
    }
    return true;
}

static void check_list(struct gj_compiler *c, struct gj_node *node)
{
    const struct gj_type *of = NULL;
    for (uint32_t i = 0; i < node->count; i++) {
        of = i == 0 ? node->kids[i]->type : gj_type_join(c->arena, of, node->kids[i]->type);
    }
    node->type = gj_type_list(c->arena, of);
    if (!all_constant(node)) {
        return;
    }
    struct gj_value *items = gj_expr_alloc(c, node->count, sizeof *items);
    for (uint32_t i = 0; items != NULL && i < node->count; i++) {
        items[i] = node->kids[i]->value;
    }
    node->kind = GJ_N_CONST; /* made once, so that `x in ["a", "b"]` takes no memory when run */
    node->value = (struct gj_value){.kind = GJ_V_LIST, .count = node->count, .as.items = items};
    node->count = 0;
}

static bool check_key(struct gj_compiler *c, const struct gj_node *key)
{
    bool fit =
        is_kind(key, GJ_TYPE_BOOL) || is_kind(key, GJ_TYPE_INT) || is_kind(key, GJ_TYPE_STRING);
    if (!fit) {
        struct gj_buf have;
        type_text(key->type, &have);
        gj_expr_error(c, key->start, "a key is a bool, int or string, but this is %s", have.ptr);
        gj_buf_release(&have);
    }
    return fit;
}

/* A small map of constants is made once; one with bad keys stays, to be an error when run. */
static void fold_map(struct gj_compiler *c, struct gj_node *node)
{
    enum { ENTRIES_MAX = 256 };
    uint32_t count = node->count / 2;
    if (count > ENTRIES_MAX || !all_constant(node)) {
        return;
    }
    struct gj_entry *entries = gj_expr_alloc(c, count, sizeof *entries);
    for (uint32_t i = 0; entries != NULL && i < count; i++) {
        entries[i] = (struct gj_entry){node->kids[i * 2]->value, node->kids[i * 2 + 1]->value};
        if (!gj_value_is_key(entries[i].key.kind)) {
            return;
        }
        for (uint32_t j = 0; j < i; j++) {
            if (gj_value_equal(&entries[i].key, &entries[j].key)) {
                return;
            }
        }
    }
    node->kind = GJ_N_CONST;
    node->value = (struct gj_value){.kind = GJ_V_MAP, .count = count, .as.entries = entries};
    node->count = 0;
}

static void check_map(struct gj_compiler *c, struct gj_node *node)
{
    const struct gj_type *key = NULL;
    const struct gj_type *of = NULL;
    bool fit = true;
    for (uint32_t i = 0; i < node->count; i += 2) {
        const struct gj_type *k = node->kids[i]->type;
        const struct gj_type *v = node->kids[i + 1]->type;
        fit = check_key(c, node->kids[i]) && fit;
        key = i == 0 ? k : gj_type_join(c->arena, key, k);
        of = i == 0 ? v : gj_type_join(c->arena, of, v);
    }
    node->type = gj_type_map(c->arena, key, of);
    if (fit) {
        fold_map(c, node);
    }
}

static void bad_operands(struct gj_compiler *c, uint32_t at, enum gj_op op, const struct gj_type *a,
                         const struct gj_type *b)
{
    struct gj_buf left;
    struct gj_buf right;
    type_text(a, &left);
    type_text(b, &right);
    if (op == GJ_OP_EQ || op == GJ_OP_NE) {
        gj_expr_error(c, at, "%s compares values of one type, but these are %s and %s",
                      gj_op_text(op), left.ptr, right.ptr);
    } else {
        bool text = op == GJ_OP_ADD && (a->kind == GJ_TYPE_STRING) != (b->kind == GJ_TYPE_STRING);
        gj_expr_error(c, at, "there is no %s %s %s%s", left.ptr, gj_op_text(op), right.ptr,
                      text ? ": make both strings with string(x)" : "");
    }
    gj_buf_release(&left);
    gj_buf_release(&right);
}

static bool ordered(enum gj_type_kind kind)
{
    return kind == GJ_TYPE_BOOL || kind == GJ_TYPE_INT || kind == GJ_TYPE_STRING ||
           kind == GJ_TYPE_TIMESTAMP || kind == GJ_TYPE_DURATION || kind == GJ_TYPE_DYN;
}

static bool in_fits(const struct gj_type *a, const struct gj_type *b)
{
    return b->kind == GJ_TYPE_DYN ||
           (b->kind == GJ_TYPE_LIST && gj_type_comparable(a, gj_type_of_element(b))) ||
           (b->kind == GJ_TYPE_MAP && gj_type_comparable(a, gj_type_of_key(b)));
}

/* The type of `a op b`; dyn with the error added when there is none. */
static const struct gj_type *check_op(struct gj_compiler *c, uint32_t at, enum gj_op op,
                                      const struct gj_type *a, const struct gj_type *b)
{
    static const struct gj_type *const plain[] = {
        &gj_type_dyn, &gj_type_null, &gj_type_bool,      &gj_type_int,      &gj_type_string,
        &gj_type_dyn, &gj_type_dyn,  &gj_type_timestamp, &gj_type_duration, &gj_type_type};
    bool fit;
    enum gj_type_kind result = GJ_TYPE_BOOL;
    switch (op) {
    case GJ_OP_EQ:
    case GJ_OP_NE:
        fit = gj_type_comparable(a, b);
        break;
    case GJ_OP_LT:
    case GJ_OP_LE:
    case GJ_OP_GT:
    case GJ_OP_GE:
        fit = ordered(a->kind) && ordered(b->kind) &&
              (a->kind == b->kind || a->kind == GJ_TYPE_DYN || b->kind == GJ_TYPE_DYN);
        break;
    case GJ_OP_IN:
        fit = in_fits(a, b);
        break;
    default:
        fit = gj_op_result(op, a->kind, b->kind, &result);
        if (fit && a->kind == GJ_TYPE_LIST && b->kind == GJ_TYPE_LIST) {
            return gj_type_join(c->arena, a, b);
        }
    }
    if (!fit) {
        bad_operands(c, at, op, a, b);
        bool boolean = op <= GJ_OP_IN;
        return boolean ? &gj_type_bool : &gj_type_dyn;
    }
    return plain[result];
}

static void check_chain(struct gj_compiler *c, struct gj_node *node)
{
    const struct gj_type *type = node->kids[0]->type;
    for (uint32_t i = 1; i < node->count; i++) {
        enum gj_op op = (enum gj_op)node->ops[i - 1];
        type = check_op(c, node->op_at[i - 1], op, type, node->kids[i]->type);
        if (i == 1) {
            gj_expr_check_choices(c, op, node->kids[0], node->kids[1]);
        }
    }
    node->type = type;
}

static const struct gj_type *range_element(struct gj_compiler *c, const struct gj_node *range)
{
    switch (range->type->kind) {
    case GJ_TYPE_LIST:
        return gj_type_of_element(range->type);
    case GJ_TYPE_MAP:
        return gj_type_of_key(range->type);
    case GJ_TYPE_DYN:
        return &gj_type_dyn;
    default: {
        struct gj_buf have;
        type_text(range->type, &have);
        gj_expr_error(c, range->start, "a macro runs over a list or a map's keys, but this is %s",
                      have.ptr);
        gj_buf_release(&have);
        return &gj_type_dyn;
    }
    }
}

/* What a second variable has beside it: the index in a list, the key in a map. */
static const struct gj_type *range_index(const struct gj_type *range)
{
    return range->kind == GJ_TYPE_LIST  ? &gj_type_int
           : range->kind == GJ_TYPE_MAP ? gj_type_of_key(range)
                                        : &gj_type_dyn;
}

static void check_condition(struct gj_compiler *c, const struct gj_node *node)
{
    bool always = node->loop <= GJ_LOOP_FILTER;
    if (always || (node->loop != GJ_LOOP_BIND && node->count == 3)) {
        want_kind(c, node->kids[1], GJ_TYPE_BOOL, "the condition of a macro is");
    }
}

static const struct gj_type *loop_type(struct gj_compiler *c, const struct gj_node *node,
                                       const struct gj_type *element)
{
    const struct gj_node *result = node->kids[node->count - 1];
    switch (node->loop) {
    case GJ_LOOP_FILTER:
        return gj_type_list(c->arena, element);
    case GJ_LOOP_MAP:
        return gj_type_list(c->arena, result->type);
    case GJ_LOOP_MAP_VALUES:
        return gj_type_map(c->arena, range_index(node->kids[0]->type), result->type);
    case GJ_LOOP_MAP_ENTRIES:
        want_kind(c, result, GJ_TYPE_MAP, "the result of this macro is");
        return result->type;
    case GJ_LOOP_BIND:
        return result->type;
    default:
        return &gj_type_bool;
    }
}

static void check_loop(struct gj_compiler *c, struct gj_node *node)
{
    const struct gj_scope *outer = c->scope;
    gj_expr_check(c, node->kids[0]);
    const struct gj_type *range = node->kids[0]->type;
    const struct gj_type *element =
        node->loop == GJ_LOOP_BIND ? range : range_element(c, node->kids[0]);
    struct gj_scope first = {outer, node->name, element, outer == NULL ? 0 : outer->level + 1};
    struct gj_scope second = {&first, node->second, element, first.level + 1};
    c->scope = &first;
    if (node->second.len > 0) {
        first.type = range_index(range);
        second.type = range->kind == GJ_TYPE_MAP ? gj_type_of_element(range) : element;
        c->scope = &second;
    }
    node->index = first.level;
    for (uint32_t i = 1; i < node->count; i++) {
        gj_expr_check(c, node->kids[i]);
    }
    c->scope = outer;
    check_condition(c, node);
    node->type = loop_type(c, node, element);
}

static void check_kids(struct gj_compiler *c, struct gj_node *node)
{
    for (uint32_t i = 0; i < node->count; i++) {
        gj_expr_check(c, node->kids[i]);
    }
}

/* Nodes whose kids are checked. */
static void check_composed(struct gj_compiler *c, struct gj_node *node)
{
    switch (node->kind) {
    case GJ_N_INDEX:
        check_index(c, node);
        break;
    case GJ_N_AND:
    case GJ_N_OR:
        for (uint32_t i = 0; i < node->count; i++) {
            want_kind(c, node->kids[i], GJ_TYPE_BOOL,
                      node->kind == GJ_N_AND ? "&& joins" : "|| joins");
        }
        node->type = &gj_type_bool;
        break;
    case GJ_N_NOT:
        want_kind(c, node->kids[0], GJ_TYPE_BOOL, "! negates");
        node->type = &gj_type_bool;
        break;
    case GJ_N_NEGATE:
        want_kind(c, node->kids[0], GJ_TYPE_INT, "- negates");
        node->type = &gj_type_int;
        break;
    case GJ_N_IF:
        want_kind(c, node->kids[0], GJ_TYPE_BOOL, "? asks");
        node->type = gj_type_join(c->arena, node->kids[1]->type, node->kids[2]->type);
        break;
    case GJ_N_LIST:
        check_list(c, node);
        break;
    case GJ_N_MAP:
        check_map(c, node);
        break;
    case GJ_N_CHAIN:
        check_chain(c, node);
        break;
    case GJ_N_CALL:
        gj_expr_check_call(c, node);
        break;
    default:
        node->type = node->type == NULL ? &gj_type_dyn : node->type;
    }
}

void gj_expr_check(struct gj_compiler *c, struct gj_node *node)
{
    switch (node->kind) {
    case GJ_N_CONST:
        break;
    case GJ_N_IDENT:
        gj_expr_resolve(c, node, node, true);
        break;
    case GJ_N_SELECT:
        check_select(c, node, node);
        break;
    case GJ_N_HAS:
        check_has(c, node);
        break;
    case GJ_N_LOOP:
        check_loop(c, node);
        break;
    default:
        if (node->kind == GJ_N_CALL && gj_expr_unknown_library(c, node)) {
            node->type = &gj_type_dyn;
            break;
        }
        check_kids(c, node);
        check_composed(c, node);
    }
}
