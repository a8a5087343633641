/* Room expr: evaluation of a checked tree, three-valued: a value, unknown, or an error.
 *
 * What meets an unknown is unknown, what meets an error is an error, unknown before error; but
 * false decides && and true decides || whatever stands beside, before or behind. The slots that
 * made the result unknown are collected in the frame; when an operator decides without them they
 * are taken back, so that they name only what matters.
 *
 * The hot path (constants, fields, host calls, && || ! == in) allocates nothing. */
#include "expr/internal.h"

/* Kept out of line, so that the frame of the function that recurses stays small. */
#define COLD __attribute__((noinline))

static struct gj_value too_many_steps(void)
{
    return gj_error_value("too many steps: the values given are too large for this expression");
}

static struct gj_value eval(struct gj_eval *ev, const struct gj_node *node);

static void note_unknown(struct gj_frame *frame, uint32_t slot)
{
    for (size_t i = 0; i < frame->unknown_count; i++) {
        if (frame->unknowns[i] == slot) {
            return;
        }
    }
    if (frame->unknown_count < GJ_UNKNOWNS_MAX) {
        frame->unknowns[frame->unknown_count++] = slot;
    }
}

static struct gj_value read_field(struct gj_eval *ev, uint32_t slot)
{
    struct gj_value value = ev->frame->lookup(ev->frame->context, slot);
    if (value.kind == GJ_V_UNKNOWN) {
        note_unknown(ev->frame, slot);
    }
    return value;
}

static bool decided(const struct gj_value *value)
{
    return value->kind > GJ_V_ERROR;
}

/* Of two values of which one is unknown or an error: what comes of an operator on both. */
static struct gj_value absorb(struct gj_value a, struct gj_value b)
{
    if (a.kind == GJ_V_UNKNOWN || b.kind == GJ_V_UNKNOWN) {
        return a.kind == GJ_V_UNKNOWN ? a : b;
    }
    return a.kind == GJ_V_ERROR ? a : b;
}

/* The state of a chain of && (decisive: false) or || (decisive: true). */
struct logic {
    bool decisive;
    struct gj_value rest; /* when nothing decides: unknown, an error, or !decisive */
};

/* Takes one operand; true when it decides. */
static bool logic_take(struct gj_eval *ev, struct logic *logic, const struct gj_value *value)
{
    if (value->kind == GJ_V_BOOL) {
        return value->as.boolean == logic->decisive;
    }
    struct gj_value bad = *value;
    if (decided(value)) {
        bad = gj_no_overload(ev, logic->decisive ? "||" : "&&", value, 1);
    }
    logic->rest = decided(&logic->rest) ? bad : absorb(logic->rest, bad);
    return false;
}

static struct gj_value eval_logic(struct gj_eval *ev, const struct gj_node *node)
{
    size_t mark = ev->frame->unknown_count;
    bool decisive = node->kind == GJ_N_OR;
    struct logic logic = {decisive, gj_bool_value(!decisive)};
    for (uint32_t i = 0; i < node->count; i++) {
        struct gj_value value = eval(ev, node->kids[i]);
        if (value.kind == GJ_V_BOOL && value.as.boolean != decisive) {
            continue; /* the hot path */
        }
        if (logic_take(ev, &logic, &value)) {
            ev->frame->unknown_count = mark;
            return gj_bool_value(decisive);
        }
        if (ev->steps > ev->limit) {
            return too_many_steps();
        }
    }
    return logic.rest;
}

/* Of a op b where both are texts and the operator is == or !=, what rules ask most. */
static inline bool texts_compared(enum gj_op op, const struct gj_value *a, const struct gj_value *b)
{
    return op <= GJ_OP_NE && a->kind == GJ_V_STRING && b->kind == GJ_V_STRING;
}

static struct gj_value eval_chain(struct gj_eval *ev, const struct gj_node *node)
{
    struct gj_value value = eval(ev, node->kids[0]);
    struct gj_value next;
    for (uint32_t i = 1; i < node->count; i++) {
        enum gj_op op = (enum gj_op)node->ops[i - 1];
        const struct gj_value *right = &node->kids[i]->value; /* not copied: this path is hot */
        if (node->kids[i]->kind != GJ_N_CONST) {
            next = eval(ev, node->kids[i]);
            right = &next;
        }
        if (texts_compared(op, &value, right)) {
            bool equal = gj_str_eq(value.as.text, right->as.text);
            if (i + 1 == node->count) {
                return gj_bool_value(equal == (op == GJ_OP_EQ));
            }
            value = gj_bool_value(equal == (op == GJ_OP_EQ));
        } else if (!decided(&value) || !decided(right)) {
            value = absorb(value, *right);
        } else {
            value = gj_op_binary(ev, op, &value, right);
        }
    }
    return value;
}

/* Evaluates all kids into args; true when all are values, else *out is what comes of them. */
static bool eval_args(struct gj_eval *ev, const struct gj_node *node, struct gj_value *args,
                      struct gj_value *out)
{
    bool ok = true;
    for (uint32_t i = 0; i < node->count; i++) {
        args[i] = eval(ev, node->kids[i]);
        if (!decided(&args[i])) {
            *out = ok ? args[i] : absorb(*out, args[i]);
            ok = false;
        }
    }
    return ok;
}

COLD static struct gj_value eval_call(struct gj_eval *ev, const struct gj_node *node)
{
    struct gj_value args[GJ_EXPR_ARGS_MAX];
    struct gj_value out;
    if (!eval_args(ev, node, args, &out)) {
        return out;
    }
    return gj_builtin_call(ev, node, node->builtin, args, node->count);
}

static struct gj_value eval_host(struct gj_eval *ev, const struct gj_node *node)
{
    const struct gj_expr_function *host = node->host;
    struct gj_value value;
    if (host->prepare != NULL) {
        value = host->call(ev->frame->context, node->index, node->value.as.items, ev->arena);
    } else {
        struct gj_value args[GJ_EXPR_ARGS_MAX];
        if (!eval_args(ev, node, args, &value)) {
            return value;
        }
        for (uint32_t i = 0; i < node->count; i++) {
            if (!gj_value_fits(&args[i], host->params[i])) {
                return gj_no_overload(ev, host->name, args, node->count);
            }
        }
        value = host->call(ev->frame->context, 0, args, ev->arena);
    }
    if (decided(&value) && !gj_value_fits(&value, node->type)) {
        return gj_error_value("the host's function gave a value of another type than it declares");
    }
    gj_eval_spend(ev, host->cost);
    return value;
}

static struct gj_value eval_if(struct gj_eval *ev, const struct gj_node *node)
{
    struct gj_value condition = eval(ev, node->kids[0]);
    if (condition.kind != GJ_V_BOOL) {
        return decided(&condition) ? gj_no_overload(ev, "?:", &condition, 1) : condition;
    }
    return eval(ev, node->kids[condition.as.boolean ? 1 : 2]);
}

COLD static struct gj_value eval_list(struct gj_eval *ev, const struct gj_node *node)
{
    struct gj_value *items = gj_eval_alloc(ev, node->count, sizeof *items);
    struct gj_value out;
    if (items == NULL) {
        return gj_error_value("out of memory");
    }
    if (!eval_args(ev, node, items, &out)) {
        return out;
    }
    return (struct gj_value){.kind = GJ_V_LIST, .count = node->count, .as.items = items};
}

COLD static struct gj_value eval_map(struct gj_eval *ev, const struct gj_node *node)
{
    uint32_t count = node->count / 2;
    struct gj_entry *entries = gj_eval_alloc(ev, count, sizeof *entries);
    if (entries == NULL) {
        return gj_error_value("out of memory");
    }
    struct gj_value map = {.kind = GJ_V_MAP, .as.entries = entries};
    struct gj_value bad = {.kind = GJ_V_NULL};
    for (uint32_t i = 0; i < count; i++) {
        struct gj_value key = eval(ev, node->kids[i * 2]);
        struct gj_value value = eval(ev, node->kids[i * 2 + 1]);
        if (!decided(&key) || !decided(&value)) {
            struct gj_value both = absorb(key, value);
            bad = decided(&bad) ? both : absorb(bad, both);
        } else if (!gj_value_is_key(key.kind)) {
            return gj_error_value("a map's key is a bool, an int or a string");
        } else if (gj_map_value(ev, map, key) != NULL) {
            return gj_error_value("a map holds the same key twice");
        } else {
            entries[map.count++] = (struct gj_entry){key, value};
        }
        if (ev->steps > ev->limit) {
            return too_many_steps();
        }
    }
    return decided(&bad) ? map : bad;
}

/* ---- loops ---- */

/* Puts element `i` of the range into the macro's variables. */
static void take_element(struct gj_eval *ev, const struct gj_node *node,
                         const struct gj_value *range, uint32_t i)
{
    bool list = range->kind == GJ_V_LIST;
    struct gj_value *first = &ev->locals[node->index];
    if (node->second.len > 0) {
        first[0] = list ? gj_int_value(i) : range->as.entries[i].key;
        first[1] = list ? range->as.items[i] : range->as.entries[i].value;
    } else {
        first[0] = list ? range->as.items[i] : range->as.entries[i].key;
    }
}

static struct gj_value loop_logic(struct gj_eval *ev, const struct gj_node *node,
                                  const struct gj_value *range)
{
    size_t mark = ev->frame->unknown_count;
    bool decisive = node->loop == GJ_LOOP_EXISTS;
    struct logic logic = {decisive, gj_bool_value(!decisive)};
    for (uint32_t i = 0; i < range->count; i++) {
        take_element(ev, node, range, i);
        struct gj_value value = eval(ev, node->kids[1]);
        if (logic_take(ev, &logic, &value)) {
            ev->frame->unknown_count = mark;
            return gj_bool_value(decisive);
        }
        if (ev->steps > ev->limit) {
            return too_many_steps();
        }
    }
    return logic.rest;
}

/* The condition for the element in the variable: a bool, unknown or an error. */
static struct gj_value loop_condition(struct gj_eval *ev, const struct gj_node *node)
{
    struct gj_value value = eval(ev, node->kids[1]);
    if (decided(&value) && value.kind != GJ_V_BOOL) {
        return gj_no_overload(ev, "a macro's condition", &value, 1);
    }
    return value;
}

static struct gj_value loop_exists_one(struct gj_eval *ev, const struct gj_node *node,
                                       const struct gj_value *range)
{
    uint64_t found = 0;
    struct gj_value bad = {.kind = GJ_V_NULL};
    for (uint32_t i = 0; i < range->count; i++) {
        take_element(ev, node, range, i);
        struct gj_value value = loop_condition(ev, node);
        if (!decided(&value)) {
            bad = decided(&bad) ? value : absorb(bad, value);
        } else {
            found += value.as.boolean;
        }
        if (ev->steps > ev->limit) {
            return too_many_steps();
        }
    }
    return decided(&bad) ? gj_bool_value(found == 1) : bad;
}

/* What the element in the variables gives, perhaps unknown or an error; false when the condition
 * leaves it out. */
static bool loop_gives(struct gj_eval *ev, const struct gj_node *node, struct gj_value *value)
{
    *value = ev->locals[node->index];
    if (node->loop == GJ_LOOP_FILTER || node->count == 3) {
        struct gj_value keep = loop_condition(ev, node);
        if (keep.kind != GJ_V_BOOL) {
            *value = keep;
            return true;
        }
        if (!keep.as.boolean) {
            return false;
        }
    }
    if (node->loop != GJ_LOOP_FILTER) {
        *value = eval(ev, node->kids[node->count - 1]);
    }
    return true;
}

/* The elements kept, as they are or transformed: as a list, or with `map` under their keys. */
static struct gj_value loop_kept(struct gj_eval *ev, const struct gj_node *node,
                                 const struct gj_value *range, bool map)
{
    struct gj_value *items = map ? NULL : gj_eval_alloc(ev, range->count, sizeof *items);
    struct gj_entry *entries = map ? gj_eval_alloc(ev, range->count, sizeof *entries) : NULL;
    struct gj_value bad = {.kind = GJ_V_NULL};
    uint32_t kept = 0;
    if (items == NULL && entries == NULL) {
        return gj_error_value("out of memory");
    }
    for (uint32_t i = 0; i < range->count; i++) {
        struct gj_value value;
        take_element(ev, node, range, i);
        if (!loop_gives(ev, node, &value)) {
            continue;
        }
        if (!decided(&value)) {
            bad = decided(&bad) ? value : absorb(bad, value);
        } else if (map) {
            entries[kept++] = (struct gj_entry){ev->locals[node->index], value};
        } else {
            items[kept++] = value;
        }
        if (ev->steps > ev->limit) {
            return too_many_steps();
        }
    }
    struct gj_value all = {.kind = map ? GJ_V_MAP : GJ_V_LIST, .count = kept};
    if (map) {
        all.as.entries = entries;
    } else {
        all.as.items = items;
    }
    return decided(&bad) ? all : bad;
}

/* One map of all entries of a list of maps. */
static struct gj_value merged(struct gj_eval *ev, const struct gj_value *maps)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < maps->count; i++) {
        if (maps->as.items[i].kind != GJ_V_MAP) {
            return gj_no_overload(ev, "transformMapEntry", &maps->as.items[i], 1);
        }
        total += maps->as.items[i].count;
    }
    struct gj_entry *entries =
        total > UINT32_MAX ? NULL : gj_eval_alloc(ev, total, sizeof *entries);
    struct gj_value all = {.kind = GJ_V_MAP, .as.entries = entries};
    if (entries == NULL) {
        return gj_error_value("out of memory");
    }
    for (uint32_t i = 0; i < maps->count; i++) {
        const struct gj_value *map = &maps->as.items[i];
        for (uint32_t e = 0; e < map->count; e++) {
            if (gj_map_value(ev, all, map->as.entries[e].key) != NULL) {
                return gj_error_value("a map holds the same key twice");
            }
            entries[all.count++] = map->as.entries[e];
        }
        if (ev->steps > ev->limit) {
            return too_many_steps();
        }
    }
    return all;
}

/* cel.bind(): what the value's evaluation could not know matters only if the result needs it. */
static struct gj_value eval_bind(struct gj_eval *ev, const struct gj_node *node)
{
    size_t mark = ev->frame->unknown_count;
    ev->locals[node->index] = eval(ev, node->kids[0]);
    struct gj_value value = eval(ev, node->kids[1]);
    if (value.kind != GJ_V_UNKNOWN) {
        ev->frame->unknown_count = mark;
    }
    return value;
}

COLD static struct gj_value eval_loop(struct gj_eval *ev, const struct gj_node *node)
{
    if (node->loop == GJ_LOOP_BIND) {
        return eval_bind(ev, node);
    }
    struct gj_value range = eval(ev, node->kids[0]);
    if (range.kind != GJ_V_LIST && range.kind != GJ_V_MAP) {
        return decided(&range) ? gj_no_overload(ev, "a macro", &range, 1) : range;
    }
    switch (node->loop) {
    case GJ_LOOP_ALL:
    case GJ_LOOP_EXISTS:
        return loop_logic(ev, node, &range);
    case GJ_LOOP_EXISTS_ONE:
        return loop_exists_one(ev, node, &range);
    case GJ_LOOP_MAP_ENTRIES:
        range = loop_kept(ev, node, &range, false);
        return range.kind == GJ_V_LIST ? merged(ev, &range) : range;
    default:
        return loop_kept(ev, node, &range, node->loop == GJ_LOOP_MAP_VALUES);
    }
}

static struct gj_value eval_not(struct gj_eval *ev, const struct gj_node *node)
{
    struct gj_value value = eval(ev, node->kids[0]);
    if (value.kind == GJ_V_BOOL) {
        value.as.boolean = !value.as.boolean;
        return value;
    }
    return decided(&value) ? gj_no_overload(ev, "!", &value, 1) : value;
}

COLD static struct gj_value eval_negate(struct gj_eval *ev, const struct gj_node *node)
{
    struct gj_value value = eval(ev, node->kids[0]);
    if (value.kind == GJ_V_INT) {
        struct gj_value zero = gj_int_value(0);
        return gj_op_binary(ev, GJ_OP_SUB, &zero, &value);
    }
    return decided(&value) ? gj_no_overload(ev, "-", &value, 1) : value;
}

COLD static struct gj_value eval_has(struct gj_eval *ev, const struct gj_node *node)
{
    struct gj_value from = eval(ev, node->kids[0]);
    if (from.kind == GJ_V_MAP) {
        return gj_bool_value(gj_map_value(ev, from, gj_string_value(node->name)) != NULL);
    }
    return decided(&from) ? gj_no_overload(ev, "has()", &from, 1) : from;
}

COLD static struct gj_value eval_select(struct gj_eval *ev, const struct gj_node *node)
{
    struct gj_value from = eval(ev, node->kids[0]);
    return decided(&from) ? gj_op_select(ev, from, node->name) : from;
}

COLD static struct gj_value eval_index(struct gj_eval *ev, const struct gj_node *node)
{
    struct gj_value args[2] = {{0}};
    struct gj_value out;
    return eval_args(ev, node, args, &out) ? gj_op_index(ev, args[0], args[1]) : out;
}

static struct gj_value eval_has_field(struct gj_eval *ev, const struct gj_node *node)
{
    struct gj_value value = ev->frame->lookup(ev->frame->context, node->index);
    bool open = value.kind == GJ_V_UNKNOWN && ev->frame->beforehand;
    return open ? value : gj_bool_value(value.kind != GJ_V_UNKNOWN);
}

static struct gj_value eval_kind(struct gj_eval *ev, const struct gj_node *node)
{
    switch (node->kind) {
    case GJ_N_CONST:
        return node->value;
    case GJ_N_FIELD:
        return read_field(ev, node->index);
    case GJ_N_LOCAL:
        return ev->locals[node->index];
    case GJ_N_HAS_FIELD:
        return eval_has_field(ev, node);
    case GJ_N_AND:
    case GJ_N_OR:
        return eval_logic(ev, node);
    case GJ_N_NOT:
        return eval_not(ev, node);
    case GJ_N_CHAIN:
        return eval_chain(ev, node);
    case GJ_N_HOST:
        return eval_host(ev, node);
    case GJ_N_CALL:
        return eval_call(ev, node);
    case GJ_N_IF:
        return eval_if(ev, node);
    case GJ_N_SELECT:
        return eval_select(ev, node);
    case GJ_N_HAS:
        return eval_has(ev, node);
    case GJ_N_INDEX:
        return eval_index(ev, node);
    case GJ_N_NEGATE:
        return eval_negate(ev, node);
    case GJ_N_LIST:
        return eval_list(ev, node);
    case GJ_N_MAP:
        return eval_map(ev, node);
    case GJ_N_LOOP:
        return eval_loop(ev, node);
    case GJ_N_IDENT:
        break; /* none is left in a checked tree */
    }
    return gj_error_value("an expression that was not checked");
}

static bool is_traced(enum gj_node_kind kind)
{
    return kind == GJ_N_HOST || kind == GJ_N_FIELD || kind == GJ_N_HAS_FIELD || kind == GJ_N_AND ||
           kind == GJ_N_OR || kind == GJ_N_NOT;
}

static struct gj_value eval(struct gj_eval *ev, const struct gj_node *node)
{
    if (++ev->steps > ev->limit) {
        return too_many_steps();
    }
    if (ev->frame->trace == NULL) {
        return eval_kind(ev, node);
    }
    ev->depth++;
    struct gj_value value = eval_kind(ev, node);
    if (is_traced(node->kind)) {
        struct gj_str text = {ev->source.ptr + node->start, node->end - node->start};
        ev->frame->trace(ev->frame->context, text, &value, ev->depth);
    }
    ev->depth--;
    return value;
}

/* A step for each part of the value: one that holds another many times over, and that many times,
 * takes no memory to make, and all there is to write. */
static bool spend_parts(struct gj_eval *ev, const struct gj_value *value)
{
    bool left = true;
    if (value->kind == GJ_V_STRING) {
        return gj_eval_spend(ev, value->as.text.len / 8);
    }
    for (uint32_t i = 0; value->kind == GJ_V_LIST && left && i < value->count; i++) {
        left = gj_eval_spend(ev, 1) && spend_parts(ev, &value->as.items[i]);
    }
    for (uint32_t i = 0; value->kind == GJ_V_MAP && left && i < value->count; i++) {
        left = gj_eval_spend(ev, 1) && spend_parts(ev, &value->as.entries[i].key) &&
               spend_parts(ev, &value->as.entries[i].value);
    }
    return left;
}

struct gj_value gj_expr_eval(const struct gj_expr *expr, struct gj_frame *frame)
{
    struct gj_value locals[2 * GJ_EXPR_DEPTH_MAX]; /* two variables a macro, as deep as they nest */
    uint64_t limit = expr->cost_max > UINT64_MAX / 10 ? UINT64_MAX - 1 : expr->cost_max * 10;
    struct gj_eval ev = {.frame = frame,
                         .arena = frame->arena,
                         .limit = limit,
                         .locals = locals,
                         .source = expr->source};
    frame->unknown_count = 0;
    struct gj_value value = eval(&ev, expr->root);
    if (ev.steps > ev.limit || !spend_parts(&ev, &value)) {
        value = too_many_steps();
    } else if (value.kind == GJ_V_ERROR && value.as.text.len == 0) {
        value = gj_error_value("an error of the host's");
    } else if (decided(&value) && expr->want != NULL && !gj_value_fits(&value, expr->want)) {
        struct gj_value wrong = value;
        value = gj_no_overload(&ev, "the result", &wrong, 1);
    }
    if (value.kind != GJ_V_UNKNOWN) {
        frame->unknown_count = 0;
    }
    return value;
}
