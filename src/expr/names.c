/* Room expr: what a name means. A variable of a macro wins, then the longest declared field that is
 * a prefix of the dotted path, then the names of types. A name that means nothing is an error that
 * proposes the nearest declared one. */
#include "base/near.h"
#include "expr/internal.h"

#define PATH_BYTES_MAX 256u

static const struct gj_scope *find_local(const struct gj_compiler *c, struct gj_str name)
{
    const struct gj_scope *scope = c->scope;
    while (scope != NULL && !gj_str_eq(scope->name, name)) {
        scope = scope->outer;
    }
    return scope;
}

/* Writes "a.b.c" for a selection over a plain name into `path`; 0 when the node is not one, as
 * (a.b).c, begins with a macro's variable, or is too long to be declared. */
static size_t path_of(const struct gj_compiler *c, const struct gj_node *node, char *path)
{
    if (node->kind == GJ_N_IDENT) {
        if ((!node->absolute && find_local(c, node->name) != NULL) ||
            node->name.len > PATH_BYTES_MAX) {
            return 0;
        }
        memcpy(path, node->name.ptr, node->name.len);
        return node->name.len;
    }
    if (node->kind != GJ_N_SELECT || node->kids[0]->enclosed) {
        return 0;
    }
    size_t len = path_of(c, node->kids[0], path);
    if (len == 0 || len + 1 + node->name.len > PATH_BYTES_MAX) {
        return 0;
    }
    path[len] = '.';
    memcpy(path + len + 1, node->name.ptr, node->name.len);
    return len + 1 + node->name.len;
}

const struct gj_expr_field *gj_expr_find_field(const struct gj_compiler *c,
                                               const struct gj_node *node)
{
    char path[PATH_BYTES_MAX];
    struct gj_str name = {path, path_of(c, node, path)};
    for (size_t i = 0; name.len > 0 && i < c->env->field_count; i++) {
        if (gj_str_eq(c->env->fields[i].name, name)) {
            return &c->env->fields[i];
        }
    }
    return NULL;
}

static bool find_type(struct gj_compiler *c, struct gj_node *node)
{
    char path[PATH_BYTES_MAX];
    struct gj_str name = {path, path_of(c, node, path)};
    for (int kind = GJ_V_NULL; name.len > 0 && kind <= GJ_V_TYPE; kind++) {
        struct gj_str type = gj_value_type_name((enum gj_value_kind)kind);
        if (gj_str_eq(type, name)) {
            node->kind = GJ_N_CONST;
            node->value = (struct gj_value){.kind = GJ_V_TYPE, .as.text = type};
            node->type = &gj_type_type;
            return true;
        }
    }
    return false;
}

void gj_expr_note_slot(struct gj_compiler *c, uint32_t slot)
{
    struct gj_expr *expr = c->expr;
    for (size_t i = 0; i < expr->slot_count; i++) {
        if (expr->slots[i] == slot) {
            return;
        }
    }
    if (expr->slot_count == c->slot_capacity) {
        size_t capacity = c->slot_capacity == 0 ? 4 : c->slot_capacity * 2;
        uint32_t *slots = gj_expr_alloc(c, capacity, sizeof *slots);
        if (slots == NULL) {
            return;
        }
        if (expr->slot_count > 0) {
            memcpy(slots, expr->slots, expr->slot_count * sizeof *slots);
        }
        expr->slots = slots;
        c->slot_capacity = capacity;
    }
    expr->slots[expr->slot_count++] = slot;
}

/* A declared field that begins with `path` and a dot. */
static const struct gj_expr_field *field_below(const struct gj_compiler *c, struct gj_str path)
{
    for (size_t i = 0; i < c->env->field_count; i++) {
        struct gj_str name = c->env->fields[i].name;
        if (name.len > path.len && gj_str_starts(name, path) && name.ptr[path.len] == '.') {
            return &c->env->fields[i];
        }
    }
    return NULL;
}

static void undeclared(struct gj_compiler *c, const struct gj_node *node,
                       const struct gj_node *whole)
{
    char text[PATH_BYTES_MAX];
    struct gj_str path = {text, path_of(c, whole, text)};
    if (path.len == 0) {
        path = node->name;
    }
    static const char *const left_out[] = {"double", "uint", "bytes"};
    for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; i++) {
        if (gj_str_is(path, left_out[i])) {
            gj_expr_error(c, node->at, "there is no type %s here: use int or string", left_out[i]);
            return;
        }
    }
    const struct gj_expr_field *below = field_below(c, path);
    if (below != NULL) {
        gj_expr_error(c, node->at,
                      "'%.*s' is a group of fields, not a field: name one of them, as "
                      "%.*s",
                      (int)path.len, path.ptr, (int)below->name.len, below->name.ptr);
        return;
    }
    struct gj_near near = gj_near_begin(path);
    for (size_t i = 0; i < c->env->field_count; i++) {
        gj_near_try(&near, c->env->fields[i].name);
    }
    for (const struct gj_scope *s = c->scope; s != NULL; s = s->outer) {
        gj_near_try(&near, s->name);
    }
    if (near.best.len > 0) {
        gj_expr_error(c, node->at, "there is no field '%.*s': did you mean %.*s?", (int)path.len,
                      path.ptr, (int)near.best.len, near.best.ptr);
    } else if (path.len > 1 && path.ptr[0] == 'P' && path.ptr[path.len - 1] < 'a' &&
               (path.ptr[1] == 'T' || (path.ptr[1] >= '0' && path.ptr[1] <= '9'))) {
        gj_expr_error(c, node->at,
                      "'%.*s' is written so in parameters alone; in an expression write "
                      "duration(\"48h\")",
                      (int)path.len, path.ptr);
    } else {
        gj_expr_error(c, node->at, "there is no field '%.*s' (text goes in quotes)", (int)path.len,
                      path.ptr);
    }
}

bool gj_expr_resolve(struct gj_compiler *c, struct gj_node *node, const struct gj_node *whole,
                     bool required)
{
    const struct gj_scope *local =
        node->kind == GJ_N_IDENT && !node->absolute ? find_local(c, node->name) : NULL;
    if (local != NULL) {
        node->kind = GJ_N_LOCAL;
        node->index = local->level;
        node->type = local->type;
        return true;
    }
    const struct gj_expr_field *field = gj_expr_find_field(c, node);
    if (field != NULL) {
        node->kind = GJ_N_FIELD;
        node->index = field->slot;
        node->type = field->type == NULL ? &gj_type_dyn : field->type;
        node->choices = field->choices;
        node->name = field->name;
        gj_expr_note_slot(c, node->index);
        return true;
    }
    if (find_type(c, node)) {
        return true;
    }
    if (required) {
        undeclared(c, node, whole);
        node->type = &gj_type_dyn;
    }
    return false;
}

bool gj_expr_unknown_library(struct gj_compiler *c, const struct gj_node *call)
{
    const struct gj_node *space = call->member ? call->kids[0] : call;
    char path[PATH_BYTES_MAX];
    if (space->kind != GJ_N_IDENT || gj_builtin_find(call->name) != NULL ||
        path_of(c, space, path) == 0 || gj_expr_find_field(c, space) != NULL ||
        field_below(c, space->name) != NULL) {
        return false;
    }
    struct gj_near field = gj_near_begin(space->name);
    for (size_t i = 0; i < c->env->field_count; i++) {
        gj_near_try(&field, c->env->fields[i].name);
    }
    if (field.best.len > 0) { /* rather a field, misspelt */
        return false;
    }
    struct gj_buf name;
    gj_buf_init(&name);
    gj_buf_addf(&name, "%.*s.%.*s", (int)space->name.len, space->name.ptr, (int)call->name.len,
                call->name.ptr);
    struct gj_near near = gj_near_begin(gj_buf_str(&name));
    for (size_t i = 0; i < gj_builtin_count; i++) {
        gj_near_try(&near, gj_str_of(gj_builtins[i].name));
    }
    gj_expr_error(c, call->start, "there is no function '%s' and no field '%.*s'%s%.*s%s", name.ptr,
                  (int)space->name.len, space->name.ptr, near.best.len > 0 ? ": did you mean " : "",
                  (int)near.best.len, near.best.ptr, near.best.len > 0 ? "?" : "");
    gj_buf_release(&name);
    return true;
}

void gj_expr_unknown_function(struct gj_compiler *c, const struct gj_node *node)
{
    static const char *const left_out[] = {"double", "uint", "bytes"};
    for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; i++) {
        if (gj_str_is(node->name, left_out[i])) {
            gj_expr_error(c, node->at, "there is no %s here: use int (money in fen) and string",
                          left_out[i]);
            return;
        }
    }
    struct gj_near near = gj_near_begin(node->name);
    for (size_t i = 0; i < gj_builtin_count; i++) {
        gj_near_try(&near, gj_str_of(gj_builtins[i].name));
    }
    for (size_t i = 0; i < c->env->function_count; i++) {
        gj_near_try(&near, gj_str_of(c->env->functions[i].name));
    }
    if (gj_str_is(node->name, "has")) {
        gj_expr_error(c, node->at, "has() takes one field: has(a.b)");
        return;
    }
    gj_near_try(&near, GJ_STR("has"));
    for (size_t i = 0; i < gj_macro_count; i++) {
        if (gj_str_is(node->name, gj_macros[i].name)) {
            gj_expr_error(c, node->at, "%s() is written %s", gj_macros[i].name, gj_macros[i].usage);
            return;
        }
        gj_near_try(&near, gj_str_of(gj_macros[i].name));
    }
    if (near.best.len > 0) {
        gj_expr_error(c, node->at, "there is no function '%.*s': did you mean %.*s?",
                      (int)node->name.len, node->name.ptr, (int)near.best.len, near.best.ptr);
    } else {
        gj_expr_error(c, node->at, "there is no function '%.*s'", (int)node->name.len,
                      node->name.ptr);
    }
}
