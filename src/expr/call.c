/* Room expr: the check of calls: built-in functions by their overloads, functions of the host by
 * their declared parameters. Work that constant arguments allow is done here, once: a pattern is
 * compiled, a time zone read, a literal converted, the host's `prepare` called. */
#include "base/zone.h"
#include "expr/internal.h"
#include "expr/regex.h"

static enum gj_type_kind type_kind(enum gj_value_kind kind)
{
    static const enum gj_type_kind kinds[] = {
        GJ_TYPE_DYN,  GJ_TYPE_DYN, GJ_TYPE_NULL,      GJ_TYPE_BOOL,     GJ_TYPE_INT, GJ_TYPE_STRING,
        GJ_TYPE_LIST, GJ_TYPE_MAP, GJ_TYPE_TIMESTAMP, GJ_TYPE_DURATION, GJ_TYPE_TYPE};
    return kinds[kind];
}

static bool row_fits(const struct gj_builtin *row, const struct gj_node *node)
{
    if (row->param_count != node->count || !(node->member ? row->member : row->global)) {
        return false;
    }
    for (uint32_t i = 0; i < node->count; i++) {
        enum gj_type_kind want = type_kind(row->params[i]);
        enum gj_type_kind have = node->kids[i]->type->kind;
        if (want != GJ_TYPE_DYN && have != GJ_TYPE_DYN && want != have) {
            return false;
        }
    }
    return true;
}

/* Says how the function is called, by all its rows. */
static void no_row(struct gj_compiler *c, const struct gj_node *node, const struct gj_builtin *row)
{
    struct gj_buf usage;
    struct gj_buf have;
    gj_buf_init(&usage);
    gj_buf_init(&have);
    const struct gj_builtin *end = gj_builtins + gj_builtin_count;
    for (const struct gj_builtin *r = row; r < end && strcmp(r->name, row->name) == 0; r++) {
        gj_buf_addf(&usage, "%s%s", usage.len > 0 ? ", or " : "", r->usage);
    }
    for (uint32_t i = node->member ? 1 : 0; i < node->count; i++) {
        gj_buf_add_cstr(&have, have.len > 0 ? ", " : "");
        gj_type_name(node->kids[i]->type, &have);
    }
    struct gj_buf receiver;
    gj_buf_init(&receiver);
    if (node->member) {
        gj_type_name(node->kids[0]->type, &receiver);
        gj_buf_add_char(&receiver, '.');
    }
    gj_expr_error(c, node->at, "there is no %s%s(%s): it is %s", receiver.ptr, row->name, have.ptr,
                  usage.ptr);
    gj_buf_release(&receiver);
    gj_buf_release(&have);
    gj_buf_release(&usage);
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

/* timestamp("..."), duration("3h") and the like become constants; what fails stays a call, since an
 * error may be absorbed by || when it runs. All of an expression's take no more steps, and so no
 * more memory, than one evaluation may. */
static void fold(struct gj_compiler *c, struct gj_node *node)
{
    struct gj_value args[GJ_EXPR_ARGS_MAX];
    if (!all_constant(node)) {
        return;
    }
    for (uint32_t i = 0; i < node->count; i++) {
        args[i] = node->kids[i]->value;
    }
    struct gj_eval ev = {.arena = c->arena, .steps = c->folding, .limit = GJ_EXPR_COST_MAX};
    struct gj_value value = gj_builtin_call(&ev, node, node->builtin, args, node->count);
    c->folding = ev.steps;
    if (ev.steps <= ev.limit && value.kind != GJ_V_ERROR && value.kind != GJ_V_UNKNOWN) {
        node->kind = GJ_N_CONST;
        node->value = value;
        node->kids = NULL;
        node->count = 0;
    }
}

static void prepare_pattern(struct gj_compiler *c, struct gj_node *node)
{
    const struct gj_node *pattern = node->kids[1];
    const char *why = NULL;
    node->regex = gj_regex_compile(c->arena, pattern->value.as.text, &why);
    if (node->regex == NULL) {
        gj_expr_error(c, pattern->start, "bad pattern: %s", why);
    }
}

static void check_mode(struct gj_compiler *c, const struct gj_node *mode)
{
    if (mode->kind == GJ_N_CONST && mode->value.kind == GJ_V_STRING &&
        !gj_str_is(mode->value.as.text, "half_up") && !gj_str_is(mode->value.as.text, "floor") &&
        !gj_str_is(mode->value.as.text, "ceil")) {
        gj_expr_error(c, mode->start, "muldiv() rounds \"half_up\", \"floor\" or \"ceil\"");
    }
}

static void check_builtin(struct gj_compiler *c, struct gj_node *node, const struct gj_builtin *row)
{
    const struct gj_builtin *end = gj_builtins + gj_builtin_count;
    const struct gj_builtin *fit = NULL;
    bool several = false;
    for (const struct gj_builtin *r = row; r < end && strcmp(r->name, row->name) == 0; r++) {
        if (row_fits(r, node)) {
            several = several || (fit != NULL && fit->result != r->result);
            fit = fit == NULL ? r : fit;
        }
    }
    if (fit == NULL) {
        no_row(c, node, row);
        return;
    }
    node->builtin = fit;
    node->type = several ? &gj_type_dyn : fit->result;
    const struct gj_node *last = node->kids[node->count - 1];
    bool text = last->kind == GJ_N_CONST && last->value.kind == GJ_V_STRING;
    if (gj_str_is(node->name, "matches") && text) {
        prepare_pattern(c, node);
    } else if (gj_str_is(node->name, "muldiv")) {
        check_mode(c, last);
    } else if (text && node->count == 2 && fit->params[0] == GJ_V_TIMESTAMP) {
        node->zone = gj_zone_load(c->arena, last->value.as.text); /* NULL: an error when run */
    }
    if (!c->failed) {
        fold(c, node);
    }
}

static void note_call(struct gj_compiler *c, const struct gj_node *node)
{
    struct gj_expr *expr = c->expr;
    if (expr->call_count == c->call_capacity) {
        size_t capacity = c->call_capacity == 0 ? 4 : c->call_capacity * 2;
        struct gj_expr_call *calls = gj_expr_alloc(c, capacity, sizeof *calls);
        if (calls == NULL) {
            return;
        }
        if (expr->call_count > 0) {
            memcpy(calls, expr->calls, expr->call_count * sizeof *calls);
        }
        expr->calls = calls;
        c->call_capacity = capacity;
    }
    expr->calls[expr->call_count++] = (struct gj_expr_call){node->host, node->index};
}

static void prepare(struct gj_compiler *c, struct gj_node *node)
{
    struct gj_value *args = gj_expr_alloc(c, node->count, sizeof *args);
    for (uint32_t i = 0; args != NULL && i < node->count; i++) {
        if (node->kids[i]->kind != GJ_N_CONST) {
            gj_expr_error(c, node->kids[i]->start,
                          "%s() takes constants only: write the value "
                          "itself",
                          node->host->name);
            return;
        }
        args[i] = node->kids[i]->value;
        if (!gj_value_fits(&args[i], node->host->params[i])) { /* dyn() hid its type */
            gj_expr_error(c, node->kids[i]->start, "argument %u of %s() is of another type", i + 1,
                          node->host->name);
            return;
        }
    }
    if (args == NULL) {
        return;
    }
    struct gj_buf why;
    gj_buf_init(&why);
    const struct gj_type *result = node->type;
    if (node->host->prepare(c->env->context, node->host, args, &node->index, &result, &why) != 0) {
        uint32_t at = node->count > 0 ? node->kids[0]->start : node->at;
        gj_expr_error(c, at, "%s", why.len > 0 ? why.ptr : "these arguments name nothing");
    } else {
        node->type = result == NULL ? node->type : result;
        node->value = (struct gj_value){.kind = GJ_V_LIST, .count = node->count, .as.items = args};
        note_call(c, node);
    }
    gj_buf_release(&why);
}

static void check_host(struct gj_compiler *c, struct gj_node *node,
                       const struct gj_expr_function *host)
{
    node->kind = GJ_N_HOST;
    node->host = host;
    node->type = host->result == NULL ? &gj_type_dyn : host->result;
    if (node->count != host->param_count) {
        gj_expr_error(c, node->at, "%s() takes %u argument%s, but here are %u", host->name,
                      host->param_count, host->param_count == 1 ? "" : "s", node->count);
        return;
    }
    bool fit = true;
    for (uint32_t i = 0; i < node->count; i++) {
        if (!gj_type_assignable(node->kids[i]->type, host->params[i])) {
            struct gj_buf want;
            struct gj_buf have;
            gj_buf_init(&want);
            gj_buf_init(&have);
            gj_type_name(host->params[i], &want);
            gj_type_name(node->kids[i]->type, &have);
            gj_expr_error(c, node->kids[i]->start,
                          "argument %u of %s() is of type %s, but this is %s", i + 1, host->name,
                          want.ptr, have.ptr);
            gj_buf_release(&want);
            gj_buf_release(&have);
            fit = false;
        }
    }
    if (fit && host->prepare != NULL) {
        prepare(c, node);
    }
}

void gj_expr_check_call(struct gj_compiler *c, struct gj_node *node)
{
    node->type = &gj_type_dyn;
    const struct gj_builtin *row = gj_builtin_find(node->name);
    if (row != NULL) {
        if (node->count == 0) {
            no_row(c, node, row);
        } else {
            check_builtin(c, node, row);
        }
        return;
    }
    for (size_t i = 0; !node->member && i < c->env->function_count; i++) {
        if (gj_str_is(node->name, c->env->functions[i].name)) {
            check_host(c, node, &c->env->functions[i]);
            return;
        }
    }
    gj_expr_unknown_function(c, node);
}
