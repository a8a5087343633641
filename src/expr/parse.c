/* Room expr: the parser, by recursive descent over CEL's grammar:
 *
 *   Expr     = Or ["?" Or ":" Expr]
 *   Or       = And {"||" And}            one node for the whole chain
 *   And      = Relation {"&&" Relation}  likewise
 *   Relation = Sum {relop Sum}           one chain node: long flat sums nest no deeper
 *   Sum      = Product {("+" | "-") Product}
 *   Product  = Unary {("*" | "/" | "%") Unary}
 *   Unary    = Member | "!" {"!"} Member | "-" {"-"} Member
 *   Member   = Primary {"." name ["(" args ")"] | "[" Expr "]"}
 *
 * Both the nesting of calls here and the depth of the tree stay below GJ_EXPR_DEPTH_MAX. The first
 * error ends the parse. */
#include "expr/internal.h"

struct parser {
    struct gj_compiler *c;
    struct gj_token token; /* the one not yet taken */
    uint32_t last_end;     /* of the token taken before it */
    unsigned depth;        /* of parse_expr calls */
};

static struct gj_node *parse_expr(struct parser *p);

static int advance(struct parser *p)
{
    p->last_end = p->token.end;
    return gj_lex_next(p->c, p->token.end, &p->token);
}

static struct gj_node *new_node(struct parser *p, enum gj_node_kind kind, uint32_t start)
{
    struct gj_node *node = gj_expr_alloc(p->c, 1, sizeof *node);
    if (node != NULL) {
        node->kind = kind;
        node->start = start;
        node->at = start;
        node->end = p->token.end;
        node->depth = 1;
    }
    return node;
}

/* Appends a kid; capacity is the power of two at or above count. */
static int add_kid(struct parser *p, struct gj_node *node, struct gj_node *kid)
{
    if (kid == NULL) {
        return -1;
    }
    if ((node->count & (node->count - 1)) == 0) {
        size_t capacity = node->count == 0 ? 1 : (size_t)node->count * 2;
        struct gj_node **kids = gj_expr_alloc(p->c, capacity, sizeof(struct gj_node *));
        if (kids == NULL) {
            return -1;
        }
        if (node->count > 0) {
            memcpy(kids, node->kids, node->count * sizeof(struct gj_node *));
        }
        node->kids = kids;
    }
    node->kids[node->count++] = kid;
    node->end = p->last_end;
    if (kid->depth >= node->depth) {
        node->depth = kid->depth + 1;
    }
    if (node->depth > GJ_EXPR_DEPTH_MAX) {
        return gj_expr_error(p->c, node->at, "the expression nests deeper than %d levels",
                             GJ_EXPR_DEPTH_MAX);
    }
    return 0;
}

/* Notes the operator before the kid that is added next. */
static int add_op(struct parser *p, struct gj_node *chain, struct gj_token op)
{
    uint32_t count = chain->count - 1;
    if ((count & (count - 1)) == 0) {
        size_t capacity = count == 0 ? 1 : (size_t)count * 2;
        uint8_t *ops = gj_expr_alloc(p->c, capacity, sizeof *ops);
        uint32_t *op_at = gj_expr_alloc(p->c, capacity, sizeof *op_at);
        if (ops == NULL || op_at == NULL) {
            return -1;
        }
        if (count > 0) {
            memcpy(ops, chain->ops, count * sizeof *ops);
            memcpy(op_at, chain->op_at, count * sizeof *op_at);
        }
        chain->ops = ops;
        chain->op_at = op_at;
    }
    chain->ops[count] = (uint8_t)op.op;
    chain->op_at[count] = op.start;
    return 0;
}

static struct gj_node *unexpected(struct parser *p, const char *wanted)
{
    struct gj_token t = p->token;
    if (t.kind == GJ_T_END) {
        gj_expr_error(p->c, t.start, "the expression ends here, but %s is missing", wanted);
        return NULL;
    }
    struct gj_str text = {p->c->expr->source.ptr + t.start, t.end - t.start};
    const char *hint = gj_str_is(text, "and")   ? ": write &&"
                       : gj_str_is(text, "or")  ? ": write ||"
                       : gj_str_is(text, "not") ? ": write !"
                                                : "";
    gj_expr_error(p->c, t.start, "'%.*s' cannot stand here, where %s is expected%s",
                  (int)gj_shown(text).len, text.ptr, wanted, hint);
    return NULL;
}

static int expect(struct parser *p, enum gj_token_kind kind, const char *wanted)
{
    if (p->token.kind != kind) {
        unexpected(p, wanted);
        return -1;
    }
    return advance(p);
}

/* An element of a list, a key of a map or an argument. */
static struct gj_node *parse_element(struct parser *p)
{
    if (p->token.kind == GJ_T_QUESTION) {
        gj_expr_error(p->c, p->token.start,
                      "optional values are not supported: an element is there or not, without ?");
        return NULL;
    }
    return parse_expr(p);
}

/* Expressions up to `close`, separated by commas, as kids of `node`; takes the closing token. */
static int parse_list(struct parser *p, struct gj_node *node, enum gj_token_kind close,
                      const char *wanted, bool trailing_comma)
{
    while (p->token.kind != close) {
        if (add_kid(p, node, parse_element(p)) != 0) {
            return -1;
        }
        if (p->token.kind != GJ_T_COMMA) {
            break;
        }
        if (advance(p) != 0) {
            return -1;
        }
        if (p->token.kind == close && !trailing_comma) {
            unexpected(p, "an expression");
            return -1;
        }
    }
    if (expect(p, close, wanted) != 0) {
        return -1;
    }
    node->end = p->last_end;
    return 0;
}

static struct gj_node *parse_map(struct parser *p)
{
    struct gj_node *map = new_node(p, GJ_N_MAP, p->token.start);
    if (map == NULL || advance(p) != 0) {
        return NULL;
    }
    while (p->token.kind != GJ_T_CLOSE_BRACE) {
        if (add_kid(p, map, parse_element(p)) != 0 ||
            expect(p, GJ_T_COLON, "':' and the value of this key") != 0 ||
            add_kid(p, map, parse_expr(p)) != 0) {
            return NULL;
        }
        if (p->token.kind != GJ_T_COMMA) {
            break;
        }
        if (advance(p) != 0) {
            return NULL;
        }
    }
    if (expect(p, GJ_T_CLOSE_BRACE, "',' or '}'") != 0) {
        return NULL;
    }
    map->end = p->last_end;
    return map;
}

static struct gj_node *constant(struct parser *p, struct gj_value value, const struct gj_type *type)
{
    struct gj_node *node = new_node(p, GJ_N_CONST, p->token.start);
    if (node == NULL) {
        return NULL;
    }
    node->value = value;
    node->type = type;
    return advance(p) == 0 ? node : NULL;
}

/* An int token; with `minus` the sign stands before it, at `start`: -2^63 is a literal too. */
static struct gj_node *integer(struct parser *p, bool minus, uint32_t start)
{
    uint64_t magnitude = p->token.magnitude;
    if (!minus && magnitude > INT64_MAX) {
        gj_expr_error(p->c, p->token.start, "the number does not fit a 64-bit int");
        return NULL;
    }
    int64_t value = minus ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    struct gj_node *node = constant(p, gj_int_value(value), &gj_type_int);
    if (node != NULL) {
        node->start = start;
        node->at = start;
    }
    return node;
}

/* Arguments behind "(" into `call`; takes ")". */
static struct gj_node *parse_call(struct parser *p, struct gj_node *call)
{
    if (advance(p) != 0 || parse_list(p, call, GJ_T_CLOSE_PAREN, "',' or ')'", false) != 0) {
        return NULL;
    }
    return gj_expr_macro(p->c, call);
}

static struct gj_node *parse_name(struct parser *p)
{
    uint32_t start = p->token.start;
    bool absolute = p->token.kind == GJ_T_DOT;
    if (absolute && advance(p) != 0) {
        return NULL;
    }
    if (p->token.kind != GJ_T_IDENT || p->token.quoted) {
        return unexpected(p, absolute ? "a name" : "a value");
    }
    struct gj_str name = p->token.text;
    if (gj_lex_is_reserved(name)) {
        gj_expr_error(p->c, p->token.start,
                      "'%.*s' is a word that CEL reserves: it cannot be a "
                      "name",
                      (int)name.len, name.ptr);
        return NULL;
    }
    struct gj_node *node = new_node(p, GJ_N_IDENT, start);
    if (node == NULL || advance(p) != 0) {
        return NULL;
    }
    node->name = name;
    node->absolute = absolute;
    if (p->token.kind == GJ_T_OPEN_PAREN) {
        node->kind = GJ_N_CALL;
        return parse_call(p, node);
    }
    return node;
}

static struct gj_node *parse_primary(struct parser *p)
{
    struct gj_node *node;
    switch (p->token.kind) {
    case GJ_T_INT:
        return integer(p, false, p->token.start);
    case GJ_T_STRING:
        return constant(p, gj_string_value(p->token.text), &gj_type_string);
    case GJ_T_TRUE:
    case GJ_T_FALSE:
        return constant(p, gj_bool_value(p->token.kind == GJ_T_TRUE), &gj_type_bool);
    case GJ_T_NULL:
        return constant(p, (struct gj_value){.kind = GJ_V_NULL}, &gj_type_null);
    case GJ_T_OPEN_PAREN:
        if (advance(p) != 0 || (node = parse_expr(p)) == NULL) {
            return NULL;
        }
        node->enclosed = true;
        return expect(p, GJ_T_CLOSE_PAREN, "')'") == 0 ? node : NULL;
    case GJ_T_OPEN_BRACKET:
        node = new_node(p, GJ_N_LIST, p->token.start);
        if (node == NULL || advance(p) != 0 ||
            parse_list(p, node, GJ_T_CLOSE_BRACKET, "',' or ']'", true) != 0) {
            return NULL;
        }
        return node;
    case GJ_T_OPEN_BRACE:
        return parse_map(p);
    case GJ_T_IDENT:
    case GJ_T_DOT:
        return parse_name(p);
    default:
        return unexpected(p, "a value");
    }
}

/* `start`: where `from` begins, with its parentheses. */
static struct gj_node *parse_index(struct parser *p, struct gj_node *from, uint32_t start)
{
    struct gj_node *node = new_node(p, GJ_N_INDEX, start);
    if (node == NULL) {
        return NULL;
    }
    node->at = p->token.start;
    if (add_kid(p, node, from) != 0 || advance(p) != 0) {
        return NULL;
    }
    if (p->token.kind == GJ_T_QUESTION) {
        gj_expr_error(p->c, p->token.start,
                      "optional values are not supported: test the key with "
                      "`in` first");
        return NULL;
    }
    if (add_kid(p, node, parse_expr(p)) != 0 || expect(p, GJ_T_CLOSE_BRACKET, "']'") != 0) {
        return NULL;
    }
    node->end = p->last_end;
    return node;
}

static struct gj_node *parse_select(struct parser *p, struct gj_node *from, uint32_t start)
{
    struct gj_node *node = new_node(p, GJ_N_SELECT, start);
    if (node == NULL || advance(p) != 0) {
        return NULL;
    }
    if (p->token.kind == GJ_T_QUESTION) {
        gj_expr_error(p->c, p->token.start, "optional values are not supported: test with has()");
        return NULL;
    }
    if (p->token.kind != GJ_T_IDENT) {
        return unexpected(p, "a name");
    }
    bool quoted = p->token.quoted;
    node->name = p->token.text;
    node->at = p->token.start;
    if (advance(p) != 0 || add_kid(p, node, from) != 0) {
        return NULL;
    }
    if (p->token.kind == GJ_T_OPEN_PAREN && !quoted) {
        node->kind = GJ_N_CALL;
        node->member = true;
        return parse_call(p, node);
    }
    return node;
}

static struct gj_node *parse_member(struct parser *p)
{
    uint32_t start = p->token.start;
    struct gj_node *node = parse_primary(p);
    while (node != NULL) {
        if (p->token.kind == GJ_T_DOT) {
            node = parse_select(p, node, start);
        } else if (p->token.kind == GJ_T_OPEN_BRACKET) {
            node = parse_index(p, node, start);
        } else if (p->token.kind == GJ_T_OPEN_BRACE &&
                   (node->kind == GJ_N_IDENT || node->kind == GJ_N_SELECT)) {
            gj_expr_error(p->c, p->token.start,
                          "messages are not supported: write a map, "
                          "{\"field\": value}");
            return NULL;
        } else {
            break;
        }
    }
    return node;
}

static bool is_minus(const struct parser *p)
{
    return p->token.kind == GJ_T_OP && p->token.op == GJ_OP_SUB;
}

/* Signs before a member, then the nodes from the innermost outwards. */
static struct gj_node *parse_unary(struct parser *p)
{
    uint32_t at[GJ_EXPR_DEPTH_MAX];
    unsigned count = 0;
    bool minus = is_minus(p);
    while (minus ? is_minus(p) : p->token.kind == GJ_T_NOT) {
        if (count == GJ_EXPR_DEPTH_MAX) {
            gj_expr_error(p->c, p->token.start, "the expression nests deeper than %d levels",
                          GJ_EXPR_DEPTH_MAX);
            return NULL;
        }
        at[count++] = p->token.start;
        if (advance(p) != 0) {
            return NULL;
        }
    }
    struct gj_node *node;
    if (minus && count > 0 && p->token.kind == GJ_T_INT) {
        node = integer(p, true, at[--count]);
    } else {
        node = parse_member(p);
    }
    while (node != NULL && count > 0) {
        struct gj_node *outer = new_node(p, minus ? GJ_N_NEGATE : GJ_N_NOT, at[--count]);
        if (outer == NULL || add_kid(p, outer, node) != 0) {
            return NULL;
        }
        node = outer;
    }
    return node;
}

enum level { LEVEL_OR, LEVEL_AND, LEVEL_RELATION, LEVEL_SUM, LEVEL_PRODUCT, LEVEL_UNARY };

static bool at_level(const struct parser *p, enum level level)
{
    switch (p->token.kind) {
    case GJ_T_OR:
        return level == LEVEL_OR;
    case GJ_T_AND:
        return level == LEVEL_AND;
    case GJ_T_OP:
        return level == (p->token.op <= GJ_OP_IN    ? LEVEL_RELATION
                         : p->token.op <= GJ_OP_SUB ? LEVEL_SUM
                                                    : LEVEL_PRODUCT);
    default:
        return false;
    }
}

static struct gj_node *parse_level(struct parser *p, enum level level)
{
    uint32_t start = p->token.start;
    struct gj_node *first =
        level == LEVEL_PRODUCT ? parse_unary(p) : parse_level(p, (enum level)(level + 1));
    if (first == NULL || !at_level(p, level)) {
        return first;
    }
    enum gj_node_kind kind = level == LEVEL_OR    ? GJ_N_OR
                             : level == LEVEL_AND ? GJ_N_AND
                                                  : GJ_N_CHAIN;
    struct gj_node *chain = new_node(p, kind, start);
    if (chain == NULL) {
        return NULL;
    }
    chain->at = p->token.start;
    if (add_kid(p, chain, first) != 0) {
        return NULL;
    }
    while (at_level(p, level)) {
        struct gj_token op = p->token;
        if ((kind == GJ_N_CHAIN && add_op(p, chain, op) != 0) || advance(p) != 0) {
            return NULL;
        }
        struct gj_node *next =
            level == LEVEL_PRODUCT ? parse_unary(p) : parse_level(p, (enum level)(level + 1));
        if (add_kid(p, chain, next) != 0) {
            return NULL;
        }
    }
    return chain;
}

static struct gj_node *parse_if(struct parser *p, struct gj_node *condition, uint32_t start)
{
    struct gj_node *node = new_node(p, GJ_N_IF, start);
    if (node == NULL) {
        return NULL;
    }
    node->at = p->token.start;
    if (add_kid(p, node, condition) != 0 || advance(p) != 0 ||
        add_kid(p, node, parse_level(p, LEVEL_OR)) != 0 ||
        expect(p, GJ_T_COLON, "':' and the value when the condition is false") != 0 ||
        add_kid(p, node, parse_expr(p)) != 0) {
        return NULL;
    }
    return node;
}

static struct gj_node *parse_expr(struct parser *p)
{
    if (p->depth >= GJ_EXPR_DEPTH_MAX) {
        gj_expr_error(p->c, p->token.start, "the expression nests deeper than %d levels",
                      GJ_EXPR_DEPTH_MAX);
        return NULL;
    }
    p->depth++;
    uint32_t start = p->token.start;
    struct gj_node *node = parse_level(p, LEVEL_OR);
    if (node != NULL && p->token.kind == GJ_T_QUESTION) {
        node = parse_if(p, node, start);
    }
    p->depth--;
    return node;
}

struct gj_node *gj_expr_parse(struct gj_compiler *c)
{
    struct parser p = {.c = c};
    if (gj_lex_next(c, 0, &p.token) != 0) {
        return NULL;
    }
    if (p.token.kind == GJ_T_END) {
        gj_expr_error(c, 0, "the expression is empty");
        return NULL;
    }
    struct gj_node *root = parse_expr(&p);
    if (root != NULL && p.token.kind != GJ_T_END) {
        if (root->kind == GJ_N_IDENT && gj_str_is(root->name, "not")) {
            gj_expr_error(c, root->at, "'not' is written !");
            return NULL;
        }
        return unexpected(&p, "an operator or the end");
    }
    return root;
}
