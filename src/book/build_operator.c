/* Room book: the functions of a condition that reach text and parameters: hit, near, negated, param
 * and their like. At load their arguments become a struct gj_operator; at run time the judge
 * answers. */
#include "base/vec.h"
#include "book/build.h"

enum shape { ONE, TWO, TWO_AND_DISTANCE, HOSTS, PARAM };

static const struct gj_expr_function functions[];

static const struct signature { /* of functions[i] */
    enum gj_op op;
    enum shape shape;
} signatures[] = {
    {GJ_OP_HIT, ONE},
    {GJ_OP_COUNT, ONE},
    {GJ_OP_NEAR, TWO_AND_DISTANCE},
    {GJ_OP_BEFORE, TWO_AND_DISTANCE},
    {GJ_OP_SAME_CLAUSE, TWO},
    {GJ_OP_DISGUISED, ONE},
    {GJ_OP_NEGATED, ONE},
    {GJ_OP_ASSERTED, ONE},
    {GJ_OP_MEANT, ONE},
    {GJ_OP_ASKED, ONE},
    {GJ_OP_QUOTED, ONE},
    {GJ_OP_WHOLE, ONE},
    {GJ_OP_URL_OUTSIDE, HOSTS},
    {GJ_OP_URL_IN, HOSTS},
    {GJ_OP_PARAM, PARAM},
};
#define SIGNATURES (sizeof signatures / sizeof signatures[0])

#define DISTANCE_MAX 200

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

static int prepare(void *env, const struct gj_expr_function *function, const struct gj_value *args,
                   uint32_t *handle, const struct gj_type **result, struct gj_buf *why)
{
    struct gj_book *book = env;
    const struct signature *s = &signatures[function - functions];
    struct gj_operator op = {.op = s->op};
    int status = 0;
    if (s->shape == HOSTS) {
        status = gj_find_name(&book->host_ids, args[0].as.text, "host list", &op.a, why);
    } else if (s->shape == PARAM) {
        status = gj_find_name(&book->param_ids, args[0].as.text, "parameter", &op.a, why);
        if (status == 0) {
            *result = book->params[op.a].type;
            book->params[op.a].used = true;
        }
    } else {
        status = gj_find_name(&book->lexicon_ids, args[0].as.text, "lexicon", &op.a, why);
        if (status == 0) {
            book->lexicons[op.a].used = true;
        }
    }
    if (status == 0 && (s->shape == TWO || s->shape == TWO_AND_DISTANCE)) {
        status = gj_find_name(&book->lexicon_ids, args[1].as.text, "lexicon", &op.b, why);
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
    {"hit", &gj_type_bool, {&gj_type_string}, 1, 5, prepare, call},
    {"count", &gj_type_int, {&gj_type_string}, 1, 5, prepare, call},
    {"near", &gj_type_bool, {&gj_type_string, &gj_type_string, &gj_type_int}, 3, 50, prepare, call},
    {"before",
     &gj_type_bool,
     {&gj_type_string, &gj_type_string, &gj_type_int},
     3,
     50,
     prepare,
     call},
    {"same_clause", &gj_type_bool, {&gj_type_string, &gj_type_string}, 2, 50, prepare, call},
    {"disguised", &gj_type_bool, {&gj_type_string}, 1, 5, prepare, call},
    {"negated", &gj_type_bool, {&gj_type_string}, 1, 50, prepare, call},
    {"asserted", &gj_type_bool, {&gj_type_string}, 1, 50, prepare, call},
    {"meant", &gj_type_bool, {&gj_type_string}, 1, 50, prepare, call},
    {"asked", &gj_type_bool, {&gj_type_string}, 1, 50, prepare, call},
    {"quoted", &gj_type_bool, {&gj_type_string}, 1, 50, prepare, call},
    {"whole", &gj_type_bool, {&gj_type_string}, 1, 50, prepare, call},
    {"url_outside", &gj_type_bool, {&gj_type_string}, 1, 50, prepare, call},
    {"url_in", &gj_type_bool, {&gj_type_string}, 1, 50, prepare, call},
    {"param", &gj_type_dyn, {&gj_type_string}, 1, 5, prepare, call},
};

uint32_t gj_rule_param_of(const struct gj_book *book, const struct gj_expr_call *call)
{
    bool own = call->function->prepare == prepare;
    return own && book->operators[call->handle].op == GJ_OP_PARAM ? book->operators[call->handle].a
                                                                  : GJ_NO_INDEX;
}

/* The lexicons by which meant() goes, named in the entry of the grammar. */
void gj_build_stances(struct gj_builder *b)
{
    static const char *const names[GJ_STANCES] = {"refusals", "taken_up", "distance"};
    struct gj_book *book = b->book;
    const struct gj_node *entry = gj_entry_of(b->documents, "negation");
    for (int i = 0; i < GJ_STANCES; i++) {
        const struct gj_node *n = entry == NULL ? NULL : gj_node_get(entry->first, names[i]);
        uint32_t lexicon = n == NULL ? GJ_MAP_NONE : gj_map_get(&book->lexicon_ids, n->text);
        if (n != NULL && lexicon == GJ_MAP_NONE) {
            gj_complain(b, n, "unknown lexicon '%.*s'", (int)n->text.len, n->text.ptr);
        } else if (n != NULL) {
            book->lexicons[lexicon].used = true;
        }
        book->grammar.stances[i] = lexicon;
    }
}

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
        const struct gj_field *field = &book->fields[i];
        fields[i] = (struct gj_expr_field){
            field->name, field->type, (uint32_t)i, {field->values, field->value_count}};
    }
    struct gj_expr_env env = {.fields = fields,
                              .field_count = book->field_count,
                              .functions = functions,
                              .function_count = SIGNATURES,
                              .context = book};
    const struct gj_file *file = &book->files[node->file];
    struct gj_expr_place place = {file->path, node->line, node->column,
                                  gj_file_line(file, node->line)};
    const struct gj_expr *expr =
        gj_expr_compile(&book->arena, node->text, &env, want, place, b->errors);
    free(fields);
    return expr;
}
