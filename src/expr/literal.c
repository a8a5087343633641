/* Room expr: string literals: 'a', "a", '''a''', """a""", raw with r, and the escapes of CEL. The
 * value is valid UTF-8; octal and \x escapes name code points. A surrogate stands only in a pair,
 * "\ud83d\ude00". */
#include "base/utf8.h"
#include "expr/internal.h"

struct literal {
    struct gj_compiler *c;
    struct gj_str source;
    uint32_t at;
    bool raw;
    uint32_t quote_len; /* 1 or 3 */
    char quote;
    char *out; /* as long as the literal: no escape is shorter than its value */
    size_t len;
};

static bool at_quotes(const struct literal *l)
{
    for (uint32_t i = 0; i < l->quote_len; i++) {
        if (l->at + i >= l->source.len || l->source.ptr[l->at + i] != l->quote) {
            return false;
        }
    }
    return true;
}

/* `count` digits of `base` from `from` on, or -1. */
static int64_t digits(const struct literal *l, uint32_t from, uint32_t count, int base)
{
    int64_t value = 0;
    for (uint32_t i = from; i < from + count; i++) {
        char c = i < l->source.len ? l->source.ptr[i] : '\0';
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : 99;
        if (digit >= base) {
            return -1;
        }
        value = value * base + digit;
    }
    return value;
}

static int add_code_point(struct literal *l, uint32_t from, int64_t cp)
{
    if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF)) {
        return gj_expr_error(l->c, from, "the escape names no character (U+%llX)",
                             (unsigned long long)cp);
    }
    l->len += gj_utf8_encode((uint32_t)cp, l->out + l->len);
    return 0;
}

/* At l->at, behind \u and the first half of a surrogate pair: the character of the pair, with l->at
 * behind it; `first` itself where no second half follows. */
static int64_t whole_pair(struct literal *l, int64_t first)
{
    bool escape = l->at + 1 < l->source.len && l->source.ptr[l->at] == '\\' &&
                  l->source.ptr[l->at + 1] == 'u';
    int64_t second = escape ? digits(l, l->at + 2, 4, 16) : -1;
    if (second < 0xDC00 || second > 0xDFFF) {
        return first;
    }
    l->at += 6;
    return 0x10000 + (first - 0xD800) * 0x400 + (second - 0xDC00);
}

/* The escape at l->at, a backslash. */
static int escape(struct literal *l)
{
    static const char plain[] = "abfnrtv\\?\"'`";
    static const char means[] = "\a\b\f\n\r\t\v\\?\"'`";
    uint32_t from = l->at;
    char c = from + 1 < l->source.len ? l->source.ptr[from + 1] : '\0';
    const char *known = c == '\0' ? NULL : strchr(plain, c);
    if (known != NULL) {
        l->out[l->len++] = means[known - plain];
        l->at += 2;
        return 0;
    }
    uint32_t skip = 2;
    uint32_t count = c == 'x' || c == 'X' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    int base = 16;
    if (c >= '0' && c <= '3') {
        skip = 1;
        count = 3;
        base = 8;
    }
    int64_t value = count == 0 ? -1 : digits(l, from + skip, count, base);
    if (value < 0) {
        return gj_expr_error(l->c, from,
                             "no such escape: there are \\n \\t \\r \\a \\b \\f \\v \\\\ \\\" \\' "
                             "\\? \\`, \\xHH, \\uHHHH, \\UHHHHHHHH and \\OOO; a backslash itself "
                             "is \\\\, or write r\"...\"");
    }
    l->at = from + skip + count;
    if (c == 'u' && value >= 0xD800 && value <= 0xDBFF) {
        value = whole_pair(l, value);
    }
    return add_code_point(l, from, value);
}

/* Reads prefix and opening quotes. */
static int open_literal(struct literal *l)
{
    while (l->source.ptr[l->at] != '"' && l->source.ptr[l->at] != '\'') {
        char prefix = l->source.ptr[l->at];
        if (prefix == 'b' || prefix == 'B') {
            return gj_expr_error(l->c, l->at, "there are no bytes here: write a string, without b");
        }
        if (l->raw) {
            return gj_expr_error(l->c, l->at, "r stands once before a raw string");
        }
        l->raw = true;
        l->at++;
    }
    l->quote = l->source.ptr[l->at];
    l->quote_len = 3;
    l->quote_len = at_quotes(l) ? 3 : 1;
    l->at += l->quote_len;
    return 0;
}

/* The offset of the closing quotes, or the source's length when there are none. */
static uint32_t find_end(struct literal l)
{
    while (l.at < l.source.len && !at_quotes(&l)) {
        char here = l.source.ptr[l.at];
        if (l.quote_len == 1 && (here == '\n' || here == '\r')) {
            return (uint32_t)l.source.len;
        }
        l.at += here == '\\' && !l.raw ? 2 : 1;
    }
    return l.at < l.source.len ? l.at : (uint32_t)l.source.len;
}

int gj_lex_string(struct gj_compiler *c, uint32_t from, struct gj_token *token)
{
    struct literal l = {.c = c, .source = c->expr->source, .at = from};
    if (open_literal(&l) != 0) {
        return -1;
    }
    uint32_t end = find_end(l);
    if (end >= l.source.len) {
        return gj_expr_error(c, from, "the string has no closing %s",
                             l.quote_len == 3 ? "triple quotes"
                             : l.quote == '"' ? "\""
                                              : "'");
    }
    l.out = gj_expr_alloc(c, end - l.at + 1, 1);
    if (l.out == NULL) {
        return -1;
    }
    while (l.at < end) {
        if (l.source.ptr[l.at] == '\\' && !l.raw) {
            if (escape(&l) != 0) {
                return -1;
            }
        } else {
            l.out[l.len++] = l.source.ptr[l.at++];
        }
    }
    token->kind = GJ_T_STRING;
    token->start = from;
    token->end = end + l.quote_len;
    token->text = (struct gj_str){l.out, l.len};
    return 0;
}
