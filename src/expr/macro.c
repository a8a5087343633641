/* Room expr: macros: calls that become nodes of their own while the source is parsed, since they
 * name variables or ask about a field itself. */
#include "expr/internal.h"

/* Rows of one name together; `kids` counts the range too. The forms with two variables take index
 * and element of a list, key and value of a map. */
const struct gj_macro gj_macros[] = {
    {"all", "list.all(x, condition)", 3, 1, GJ_LOOP_ALL},
    {"all", "list.all(i, x, condition)", 4, 2, GJ_LOOP_ALL},
    {"exists", "list.exists(x, condition)", 3, 1, GJ_LOOP_EXISTS},
    {"exists", "list.exists(i, x, condition)", 4, 2, GJ_LOOP_EXISTS},
    {"exists_one", "list.exists_one(x, condition)", 3, 1, GJ_LOOP_EXISTS_ONE},
    {"exists_one", "list.exists_one(i, x, condition)", 4, 2, GJ_LOOP_EXISTS_ONE},
    {"existsOne", "list.existsOne(x, condition)", 3, 1, GJ_LOOP_EXISTS_ONE},
    {"existsOne", "list.existsOne(i, x, condition)", 4, 2, GJ_LOOP_EXISTS_ONE},
    {"filter", "list.filter(x, condition)", 3, 1, GJ_LOOP_FILTER},
    {"map", "list.map(x, result)", 3, 1, GJ_LOOP_MAP},
    {"map", "list.map(x, condition, result)", 4, 1, GJ_LOOP_MAP},
    {"transformList", "list.transformList(i, x, result)", 4, 2, GJ_LOOP_MAP},
    {"transformList", "list.transformList(i, x, condition, result)", 5, 2, GJ_LOOP_MAP},
    {"transformMap", "map.transformMap(k, v, result)", 4, 2, GJ_LOOP_MAP_VALUES},
    {"transformMap", "map.transformMap(k, v, condition, result)", 5, 2, GJ_LOOP_MAP_VALUES},
    {"transformMapEntry", "map.transformMapEntry(k, v, {key: result})", 4, 2, GJ_LOOP_MAP_ENTRIES},
    {"transformMapEntry", "map.transformMapEntry(k, v, condition, {key: result})", 5, 2,
     GJ_LOOP_MAP_ENTRIES},
};
const size_t gj_macro_count = sizeof gj_macros / sizeof gj_macros[0];

static const struct gj_macro cel_bind = {"bind", "cel.bind(x, value, result)", 4, 1, GJ_LOOP_BIND};

static bool is_bind(const struct gj_node *call)
{
    return call->member && call->count == cel_bind.kids && gj_str_is(call->name, cel_bind.name) &&
           call->kids[0]->kind == GJ_N_IDENT && gj_str_is(call->kids[0]->name, "cel");
}

static const struct gj_macro *find_macro(const struct gj_node *call)
{
    for (size_t i = 0; call->member && i < gj_macro_count; i++) {
        if (call->count == gj_macros[i].kids && gj_str_is(call->name, gj_macros[i].name)) {
            return &gj_macros[i];
        }
    }
    return is_bind(call) ? &cel_bind : NULL;
}

/* A function with a dot in its name, as strings.quote(x), is parsed as one of a member. */
static void qualify(struct gj_node *call)
{
    if (!call->member || call->kids[0]->kind != GJ_N_IDENT) {
        return;
    }
    struct gj_str space = call->kids[0]->name;
    for (size_t i = 0; i < gj_builtin_count; i++) {
        struct gj_str name = gj_str_of(gj_builtins[i].name);
        if (name.len == space.len + 1 + call->name.len && name.ptr[space.len] == '.' &&
            gj_str_starts(name, space) &&
            memcmp(name.ptr + space.len + 1, call->name.ptr, call->name.len) == 0) {
            call->name = name;
            call->member = false;
            call->kids++;
            call->count--;
            return;
        }
    }
}

/* A macro's name with another number of arguments; the error is added. */
static bool is_miswritten(struct gj_compiler *c, const struct gj_node *call)
{
    for (size_t i = 0; call->member && i < gj_macro_count; i++) {
        if (gj_str_is(call->name, gj_macros[i].name)) {
            gj_expr_error(c, call->at, "%s() is written %s", gj_macros[i].name, gj_macros[i].usage);
            return true;
        }
    }
    return false;
}

static struct gj_node *has(struct gj_compiler *c, struct gj_node *call)
{
    const struct gj_node *what = call->kids[0];
    if (what->kind != GJ_N_SELECT && what->kind != GJ_N_IDENT) {
        gj_expr_error(c, what->at, "has() asks for a field: has(a.b)");
        return NULL;
    }
    call->kind = GJ_N_HAS;
    return call;
}

struct gj_node *gj_expr_macro(struct gj_compiler *c, struct gj_node *call)
{
    if (!call->member && call->count == 1 && gj_str_is(call->name, "has")) {
        return has(c, call);
    }
    const struct gj_macro *macro = find_macro(call);
    if (macro == NULL) {
        qualify(call);
        return is_miswritten(c, call) ? NULL : call;
    }
    struct gj_str names[2] = {{"", 0}, {"", 0}};
    for (uint32_t i = 0; i < macro->variables; i++) {
        const struct gj_node *variable = call->kids[i + 1];
        if (variable->kind != GJ_N_IDENT || variable->absolute) {
            gj_expr_error(c, variable->at, "here stands the name of a variable: %s", macro->usage);
            return NULL;
        }
        if (i > 0 && gj_str_eq(variable->name, names[0])) {
            gj_expr_error(c, variable->at, "the two variables of a macro need two names");
            return NULL;
        }
        names[i] = variable->name;
    }
    call->kind = GJ_N_LOOP;
    call->loop = macro->loop;
    call->name = names[0];
    call->second = names[1];
    call->kids[0] = call->kids[macro->loop == GJ_LOOP_BIND ? 2 : 0];
    uint32_t skip = macro->variables + (macro->loop == GJ_LOOP_BIND ? 1 : 0);
    for (uint32_t i = 1 + skip; i < call->count; i++) {
        call->kids[i - skip] = call->kids[i];
    }
    call->count -= skip;
    return call;
}
