/* Room book: the functions of a condition that reach text and parameters: hit, near, negated, param
 * and their like. At load their arguments become a struct gj_operator; at run time the judge answers. */
#include "base/vec.h"
#include "book/build.h"

enum shape { ONE, TWO, TWO_AND_DISTANCE, HOSTS, PARAM };

static const struct signature {
    const char *name;
    enum gj_op op;
    enum shape shape;
} signatures[] = {
    {"hit", GJ_OP_HIT, ONE},
    {"count", GJ_OP_COUNT, ONE},
    {"near", GJ_OP_NEAR, TWO_AND_DISTANCE},
    {"before", GJ_OP_BEFORE, TWO_AND_DISTANCE},
    {"same_clause", GJ_OP_SAME_CLAUSE, TWO},
    {"negated", GJ_OP_NEGATED, ONE},
    {"asserted", GJ_OP_ASSERTED, ONE},
    {"asked", GJ_OP_ASKED, ONE},
    {"quoted", GJ_OP_QUOTED, ONE},
    {"whole", GJ_OP_WHOLE, ONE},
    {"url_outside", GJ_OP_URL_OUTSIDE, HOSTS},
    {"url_in", GJ_OP_URL_IN, HOSTS},
    {"param", GJ_OP_PARAM, PARAM},
};
#define SIGNATURES (sizeof signatures / sizeof signatures[0])

#define DISTANCE_MAX 200

static int resolve(const struct gj_map *names, struct gj_str name, const char *what, uint32_t *out,
                   struct gj_buf *why)
{
    *out = gj_map_get(names, name);
    if (*out != GJ_MAP_NONE) {
        return 0;
    }
    struct gj_str near = gj_nearest(names, name);
    gj_buf_addf(why, "unknown %s '%.*s'", what, (int)name.len, name.ptr);
    if (near.len > 0) {
        gj_buf_addf(why, "; did you mean '%.*s'?", (int)near.len, near.ptr);
    }
    return -1;
}

static int append(struct gj_book *book, struct gj_operator op, uint32_t *handle)
{
    struct gj_operator *operators = gj_grow(book->operators, &book->operator_capacity,
                                            book->operator_count + 1, sizeof *operators);
    if (operators == NULL) {
        return -1;
    }
    book->operators = operators;
    *handle = (uint32_t)book->operator_count;
    operators[book->operator_count++] = op;
    return 0;
}

static int prepare(struct gj_book *book, const struct signature *s, const struct gj_value *args,
                   uint32_t *handle, const struct gj_type **result, struct gj_buf *why)
{
    struct gj_operator op = {.op = s->op};
    int status = 0;
    if (s->shape == HOSTS) {
        status = resolve(&book->host_ids, args[0].as.text, "host list", &op.a, why);
    } else if (s->shape == PARAM) {
        status = resolve(&book->param_ids, args[0].as.text, "parameter", &op.a, why);
        if (status == 0) {
            *result = book->params[op.a].type;
        }
    } else {
        status = resolve(&book->lexicon_ids, args[0].as.text, "lexicon", &op.a, why);
        if (status == 0) {
            book->lexicons[op.a].used = true;
        }
    }
    if (status == 0 && (s->shape == TWO || s->shape == TWO_AND_DISTANCE)) {
        status = resolve(&book->lexicon_ids, args[1].as.text, "lexicon", &op.b, why);
        if (status == 0) {
            book->lexicons[op.b].used = true;
        }
    }
    if (status == 0 && s->shape == TWO_AND_DISTANCE) {
        op.distance = args[2].as.integer;
        if (op.distance < 0 || op.distance > DISTANCE_MAX) {
            gj_buf_addf(why, "the distance must be from 0 to %d characters", DISTANCE_MAX);
            return -1;
        }
    }
    return status == 0 ? append(book, op, handle) : -1;
}

/* The table of host functions wants one prepare each; the index is all that differs. */
#define PREPARE(index)                                                                             \
    static int prepare_##index(void *env, const struct gj_value *args, uint32_t *handle,          \
                               const struct gj_type **result, struct gj_buf *why)                  \
    {                                                                                              \
        return prepare(env, &signatures[index], args, handle, result, why);                        \
    }
PREPARE(0) PREPARE(1) PREPARE(2) PREPARE(3) PREPARE(4) PREPARE(5) PREPARE(6)
PREPARE(7) PREPARE(8) PREPARE(9) PREPARE(10) PREPARE(11) PREPARE(12)

static struct gj_value call(void *context, uint32_t handle, const struct gj_value *args,
                            struct gj_arena *arena)
{
    (void)args;
    (void)arena;
    struct gj_book_host *host = context;
    const struct gj_operator *op = &host->book->operators[handle];
    return op->op == GJ_OP_PARAM ? gj_param_at(&host->book->params[op->a], host->at)
                                 : host->operate(host, op);
}

static const struct gj_expr_function functions[SIGNATURES] = {
    {"hit", &gj_type_bool, {&gj_type_string}, 1, 5, prepare_0, call},
    {"count", &gj_type_int, {&gj_type_string}, 1, 5, prepare_1, call},
    {"near", &gj_type_bool, {&gj_type_string, &gj_type_string, &gj_type_int}, 3, 50, prepare_2, call},
    {"before", &gj_type_bool, {&gj_type_string, &gj_type_string, &gj_type_int}, 3, 50, prepare_3, call},
    {"same_clause", &gj_type_bool, {&gj_type_string, &gj_type_string}, 2, 50, prepare_4, call},
    {"negated", &gj_type_bool, {&gj_type_string}, 1, 50, prepare_5, call},
    {"asserted", &gj_type_bool, {&gj_type_string}, 1, 50, prepare_6, call},
    {"asked", &gj_type_bool, {&gj_type_string}, 1, 50, prepare_7, call},
    {"quoted", &gj_type_bool, {&gj_type_string}, 1, 50, prepare_8, call},
    {"whole", &gj_type_bool, {&gj_type_string}, 1, 50, prepare_9, call},
    {"url_outside", &gj_type_bool, {&gj_type_string}, 1, 50, prepare_10, call},
    {"url_in", &gj_type_bool, {&gj_type_string}, 1, 50, prepare_11, call},
    {"param", &gj_type_dyn, {&gj_type_string}, 1, 5, prepare_12, call},
};

const struct gj_expr *gj_build_expr(struct gj_builder *b, const struct gj_node *node,
                                    const struct gj_type *want)
{
    struct gj_book *book = b->book;
    struct gj_expr_field *fields = calloc(book->field_count + 1, sizeof *fields);
    if (fields == NULL) {
        gj_errors_say(b->errors, "out of memory while loading the rulebook");
        return NULL;
    }
    for (size_t i = 0; i < book->field_count; i++) {
        fields[i] = (struct gj_expr_field){book->fields[i].name, book->fields[i].type, (uint32_t)i};
    }
    struct gj_expr_env env = {.fields = fields,
                              .field_count = book->field_count,
                              .functions = functions,
                              .function_count = SIGNATURES,
                              .context = book};
    const struct gj_file *file = &book->files[node->file];
    struct gj_expr_place place = {file->path, node->line, node->column + (node->plain ? 0 : 1),
                                  gj_file_line(file, node->line)};
    const struct gj_expr *expr =
        gj_expr_compile(&book->arena, node->text, &env, want, place, b->errors);
    free(fields);
    return expr;
}
