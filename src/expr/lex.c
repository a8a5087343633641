/* Room expr: tokens. Reads one token at an offset of the source; string literals are literal.c's.
 * Words and signs of CEL that this subset leaves out are errors that name what to write instead. */
#include "base/utf8.h"
#include "expr/internal.h"

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int hex_value(char c)
{
    if (is_digit(c)) {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool gj_lex_is_reserved(struct gj_str name)
{
    static const char *const words[] = {
        "as",  "break", "const",   "continue",  "else",   "for", "function", "if",   "import",
        "let", "loop",  "package", "namespace", "return", "var", "void",     "while"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (gj_str_is(name, words[i])) {
            return true;
        }
    }
    return false;
}

/* The offset of the next token: behind spaces and `// comments`. */
static uint32_t skip_space(struct gj_str source, uint32_t at)
{
    while (at < source.len) {
        char c = source.ptr[at];
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
            at++;
        } else if (c == '/' && at + 1 < source.len && source.ptr[at + 1] == '/') {
            while (at < source.len && source.ptr[at] != '\n') {
                at++;
            }
        } else {
            break;
        }
    }
    return at;
}

static char peek(struct gj_str source, size_t at)
{
    return at < source.len ? source.ptr[at] : '\0';
}

static int no_double(struct gj_compiler *c, uint32_t at)
{
    return gj_expr_error(c, at,
                         "there are no doubles here: write money in fen as an int, and take "
                         "a ratio with muldiv(x, num, den, \"half_up\")");
}

static int read_number(struct gj_compiler *c, struct gj_token *token)
{
    struct gj_str s = c->expr->source;
    uint32_t at = token->start;
    bool hex = s.ptr[at] == '0' && peek(s, at + 1) == 'x' && hex_value(peek(s, at + 2)) >= 0;
    at += hex ? 2 : 0;
    unsigned base = hex ? 16 : 10;
    bool too_big = false;
    for (; at < s.len; at++) {
        int digit = hex_value(s.ptr[at]);
        if (digit < 0 || digit >= (int)base) {
            break;
        }
        too_big =
            too_big || __builtin_mul_overflow(token->magnitude, (uint64_t)base, &token->magnitude);
        too_big =
            too_big || __builtin_add_overflow(token->magnitude, (uint64_t)digit, &token->magnitude);
    }
    char next = peek(s, at);
    if (!hex && ((next == '.' && is_digit(peek(s, at + 1))) || next == 'e' || next == 'E')) {
        return no_double(c, token->start);
    }
    if (next == 'u' || next == 'U') {
        return gj_expr_error(c, token->start,
                             "there are no unsigned integers here: write the "
                             "number without u, as an int");
    }
    if (is_letter(next)) {
        return gj_expr_error(c, at, "a letter cannot follow a number");
    }
    if (too_big || token->magnitude > (uint64_t)INT64_MAX + 1) {
        return gj_expr_error(c, token->start, "the number does not fit a 64-bit int");
    }
    token->kind = GJ_T_INT;
    token->end = at;
    return 0;
}

static void read_word(struct gj_compiler *c, struct gj_token *token)
{
    struct gj_str s = c->expr->source;
    uint32_t at = token->start;
    while (at < s.len && (is_letter(s.ptr[at]) || is_digit(s.ptr[at]))) {
        at++;
    }
    token->end = at;
    token->text = (struct gj_str){s.ptr + token->start, at - token->start};
    token->kind = GJ_T_IDENT;
    if (gj_str_is(token->text, "true")) {
        token->kind = GJ_T_TRUE;
    } else if (gj_str_is(token->text, "false")) {
        token->kind = GJ_T_FALSE;
    } else if (gj_str_is(token->text, "null")) {
        token->kind = GJ_T_NULL;
    } else if (gj_str_is(token->text, "in")) {
        token->kind = GJ_T_OP;
        token->op = GJ_OP_IN;
    }
}

/* A name in backticks, behind a dot: letters, digits and `_ . - / space`. */
static int read_quoted_name(struct gj_compiler *c, struct gj_token *token)
{
    struct gj_str s = c->expr->source;
    uint32_t at = token->start + 1;
    while (at < s.len && (is_letter(s.ptr[at]) || is_digit(s.ptr[at]) || s.ptr[at] == '.' ||
                          s.ptr[at] == '-' || s.ptr[at] == '/' || s.ptr[at] == ' ')) {
        at++;
    }
    if (peek(s, at) != '`' || at == token->start + 1) {
        return gj_expr_error(c, token->start,
                             "a name in backticks holds letters, digits, _ . - / "
                             "and spaces, and ends in a backtick");
    }
    token->kind = GJ_T_IDENT;
    token->quoted = true;
    token->text = (struct gj_str){s.ptr + token->start + 1, at - token->start - 1};
    token->end = at + 1;
    return 0;
}

struct sign {
    const char *text;
    enum gj_token_kind kind;
    enum gj_op op;
};

static const struct sign signs[] = {
    {"&&", GJ_T_AND, 0},          {"||", GJ_T_OR, 0},         {"==", GJ_T_OP, GJ_OP_EQ},
    {"!=", GJ_T_OP, GJ_OP_NE},    {"<=", GJ_T_OP, GJ_OP_LE},  {">=", GJ_T_OP, GJ_OP_GE},
    {"<", GJ_T_OP, GJ_OP_LT},     {">", GJ_T_OP, GJ_OP_GT},   {"+", GJ_T_OP, GJ_OP_ADD},
    {"-", GJ_T_OP, GJ_OP_SUB},    {"*", GJ_T_OP, GJ_OP_MUL},  {"/", GJ_T_OP, GJ_OP_DIV},
    {"%", GJ_T_OP, GJ_OP_MOD},    {"!", GJ_T_NOT, 0},         {"?", GJ_T_QUESTION, 0},
    {":", GJ_T_COLON, 0},         {",", GJ_T_COMMA, 0},       {".", GJ_T_DOT, 0},
    {"(", GJ_T_OPEN_PAREN, 0},    {")", GJ_T_CLOSE_PAREN, 0}, {"[", GJ_T_OPEN_BRACKET, 0},
    {"]", GJ_T_CLOSE_BRACKET, 0}, {"{", GJ_T_OPEN_BRACE, 0},  {"}", GJ_T_CLOSE_BRACE, 0}};

/* What was meant where a character begins no token. */
static int strange(struct gj_compiler *c, uint32_t at)
{
    static const struct {
        const char *seen, *meant;
    } twins[] = {{"（", "("}, {"）", ")"}, {"，", ","}, {"“", "\""}, {"”", "\""}, {"‘", "'"},
                 {"’", "'"},  {"！", "!"}, {"＝", "="}, {"＜", "<"}, {"＞", ">"}, {"。", "."},
                 {"：", ":"}, {"？", "?"}, {"【", "["}, {"】", "]"}, {"＆", "&"}, {"｜", "|"},
                 {"=", "=="}, {"&", "&&"}, {"|", "||"}, {"＋", "+"}, {"－", "-"}, {"；", ";"}};
    struct gj_str rest = {c->expr->source.ptr + at, c->expr->source.len - at};
    for (size_t i = 0; i < sizeof twins / sizeof twins[0]; i++) {
        if (gj_str_starts(rest, gj_str_of(twins[i].seen))) {
            return gj_expr_error(c, at,
                                 "'%s' is no operator or sign of an expression: did you "
                                 "mean %s ?",
                                 twins[i].seen, twins[i].meant);
        }
    }
    unsigned len = 0;
    uint32_t cp = gj_utf8_decode(rest.ptr, &len);
    if (cp < 0x20 || cp == 0x7F) {
        return gj_expr_error(c, at, "a control character (U+%04X) cannot stand here", (unsigned)cp);
    }
    return gj_expr_error(c, at, "'%.*s' cannot stand here; text goes in quotes", (int)len,
                         rest.ptr);
}

static int read_sign(struct gj_compiler *c, struct gj_token *token)
{
    struct gj_str rest = {c->expr->source.ptr + token->start, c->expr->source.len - token->start};
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        if (signs[i].text[0] == rest.ptr[0] && gj_str_starts(rest, gj_str_of(signs[i].text))) {
            token->kind = signs[i].kind;
            token->op = signs[i].op;
            token->end = token->start + (uint32_t)strlen(signs[i].text);
            return 0;
        }
    }
    return strange(c, token->start);
}

/* Whether a string literal starts here: a quote, or one behind r, R, b, B in any order. */
static bool starts_string(struct gj_str s, uint32_t at)
{
    size_t i = at;
    while (i < at + 2u &&
           (peek(s, i) == 'r' || peek(s, i) == 'R' || peek(s, i) == 'b' || peek(s, i) == 'B')) {
        i++;
    }
    return peek(s, i) == '"' || peek(s, i) == '\'';
}

int gj_lex_next(struct gj_compiler *c, uint32_t from, struct gj_token *token)
{
    struct gj_str s = c->expr->source;
    uint32_t at = skip_space(s, from);
    *token = (struct gj_token){.kind = GJ_T_END, .start = at, .end = at};
    if (at >= s.len) {
        return 0;
    }
    char first = s.ptr[at];
    if (starts_string(s, at)) {
        return gj_lex_string(c, at, token);
    }
    if (is_digit(first)) {
        return read_number(c, token);
    }
    if (first == '.' && is_digit(peek(s, at + 1))) {
        return no_double(c, at);
    }
    if (is_letter(first)) {
        read_word(c, token);
        return 0;
    }
    return first == '`' ? read_quoted_name(c, token) : read_sign(c, token);
}
