/* Room expr: regular expressions, the syntax: RE2's for the usual constructs: alternation, groups
 * (also named, non-capturing and with flags), * + ? {m,n} greedy or lazy, classes with ranges,
 * \d \w \s, POSIX and Unicode classes, . ^ $ \A \z \b \B, \Q...\E, the escapes, flags i m s U. */
#include "base/utf8.h"
#include "expr/regex_internal.h"

struct flags {
    bool any_case, multi_line, dot_all;
};

struct parser {
    struct gj_arena *arena;
    struct gj_str s;
    size_t at;
    struct flags flags;
    unsigned depth;
    bool quoting;         /* between \Q and \E */
    uint32_t ranges_left; /* of GJ_REGEX_RANGES_MAX */
    const char *why;
};

static struct gj_re_node *parse_alt(struct parser *p);

static void *fail(struct parser *p, const char *why)
{
    if (p->why == NULL) {
        p->why = why;
    }
    return NULL;
}

static bool looking_at(const struct parser *p, const char *text)
{
    struct gj_str rest = {p->s.ptr + p->at, p->s.len - p->at};
    return gj_str_starts(rest, gj_str_of(text));
}

static bool eat(struct parser *p, const char *text)
{
    bool found = looking_at(p, text);
    p->at += found ? strlen(text) : 0;
    return found;
}

static uint32_t take(struct parser *p)
{
    unsigned len = 0;
    uint32_t cp = gj_utf8_decode(p->s.ptr + p->at, &len);
    p->at += len;
    return cp;
}

static struct gj_re_node *new_node(struct parser *p, enum gj_re_kind kind)
{
    struct gj_re_node *node = gj_arena_alloc(p->arena, sizeof *node);
    if (node == NULL) {
        return fail(p, "out of memory");
    }
    node->kind = kind;
    return node;
}

static struct gj_re_making new_set(struct parser *p)
{
    return (struct gj_re_making){
        .arena = p->arena, .left = &p->ranges_left, .any_case = p->flags.any_case};
}

static void *no_room(struct parser *p)
{
    return fail(p, p->arena->failed ? "out of memory"
                                    : "the pattern is too large: name fewer classes");
}

static struct gj_re_node *set_node(struct parser *p, struct gj_re_making *made, bool negated)
{
    struct gj_re_node *node = new_node(p, GJ_RE_SET);
    const struct gj_re_set *set = gj_re_finish(made, negated);
    if (node == NULL || set == NULL) {
        return no_room(p);
    }
    node->set = set;
    return node;
}

static struct gj_re_node *literal(struct parser *p, uint32_t cp)
{
    struct gj_re_making one = new_set(p);
    return gj_re_add_range(&one, cp, cp) ? set_node(p, &one, false) : no_room(p);
}

/* The name of a Unicode class, behind \p: "L", "{Lu}", "{^Han}". False: there is no such class. */
static bool unicode_class(struct parser *p, struct gj_re_class *class, bool *negated)
{
    bool braces = eat(p, "{");
    if (braces && eat(p, "^")) {
        *negated = !*negated;
    }
    size_t from = p->at;
    while (p->at < p->s.len && (braces ? p->s.ptr[p->at] != '}' : p->at == from)) {
        p->at++;
    }
    struct gj_str name = {p->s.ptr + from, p->at - from};
    return (!braces || eat(p, "}")) && gj_re_unicode_class(name, class);
}

/* \d \D \w \W \s \S \pL \p{Han} \P{Han} at the cursor, behind the backslash, into `set`. Returns 1
 * when there was one, 0 when not, -1 on error. */
static int named_class(struct parser *p, struct gj_re_making *set)
{
    char c = p->at < p->s.len ? p->s.ptr[p->at] : '\0';
    bool negated = c >= 'A' && c <= 'Z';
    const struct gj_re_class *class = gj_re_perl_class(negated ? (char)(c - 'A' + 'a') : c);
    struct gj_re_class of_unicode;
    if (class == NULL && c != 'p' && c != 'P') {
        return 0;
    }
    p->at++;
    if (class == NULL) {
        if (!unicode_class(p, &of_unicode, &negated)) {
            fail(p, "there is no such Unicode class: write as \\pL, \\p{Lu} or \\p{Han}");
            return -1;
        }
        class = &of_unicode;
    }
    if (!gj_re_add_class(set, class, negated)) {
        no_room(p);
        return -1;
    }
    return 1;
}

static int digit_value(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : 99;
}

/* Up to `max` digits of `base`, at least `min`; -1 when there are fewer. */
static int64_t number(struct parser *p, unsigned base, unsigned min, unsigned max)
{
    int64_t value = 0;
    unsigned count = 0;
    while (count < max && p->at < p->s.len && digit_value(p->s.ptr[p->at]) < (int)base) {
        value = value * base + digit_value(p->s.ptr[p->at++]);
        count++;
    }
    return count < min ? -1 : value;
}

/* The character of the escape at the cursor, behind the backslash; -1 with why set. */
static int64_t escaped_char(struct parser *p)
{
    static const char letters[] = "afnrtv";
    static const char values[] = "\a\f\n\r\t\v";
    if (p->at >= p->s.len) {
        fail(p, "a backslash ends the pattern");
        return -1;
    }
    char c = p->s.ptr[p->at];
    const char *known = strchr(letters, c);
    int64_t value = -1;
    if (c != '\0' && known != NULL) {
        p->at++;
        return values[known - letters];
    }
    if (c == 'x') {
        p->at++;
        if (eat(p, "{")) {
            value = number(p, 16, 1, 8);
            value = eat(p, "}") ? value : -1;
        } else {
            value = number(p, 16, 2, 2);
        }
    } else if (c == '0' || (c >= '1' && c <= '7' && p->at + 1 < p->s.len &&
                            p->s.ptr[p->at + 1] >= '0' && p->s.ptr[p->at + 1] <= '7')) {
        value = number(p, 8, 1, 3);
    } else if ((unsigned char)c < 0x80 && digit_value(c) > 35 && !(c >= 'g' && c <= 'z') &&
               !(c >= 'G' && c <= 'Z')) {
        p->at++;
        return (unsigned char)c; /* punctuation stands for itself */
    }
    if (value < 0 || value > 0x10FFFF) {
        fail(p, c >= '1' && c <= '9' ? "back-references are not supported"
                                     : "there is no such escape");
        return -1;
    }
    return value;
}

static bool posix_class(struct parser *p, struct gj_re_making *set)
{
    bool negated = eat(p, "^");
    struct gj_str rest = {p->s.ptr + p->at, p->s.len - p->at};
    const struct gj_re_class *class = gj_re_posix_class(rest);
    if (class != NULL) {
        p->at += strlen(class->text);
        return gj_re_add_class(set, class, negated) || no_room(p) != NULL;
    }
    return fail(p, "there is no such [:class:]") != NULL;
}

/* One character of a class, or -1. */
static int64_t class_char(struct parser *p)
{
    if (p->at >= p->s.len) {
        fail(p, "a class [ has no ]");
        return -1;
    }
    return eat(p, "\\") ? escaped_char(p) : (int64_t)take(p);
}

/* One item of a class: a character, a range or a named class. */
static bool class_item(struct parser *p, struct gj_re_making *set)
{
    if (eat(p, "[:")) {
        return posix_class(p, set);
    }
    if (looking_at(p, "\\")) {
        p->at++;
        int named = named_class(p, set);
        if (named != 0) {
            return named > 0;
        }
        p->at--;
    }
    int64_t low = class_char(p);
    int64_t high = low;
    if (low >= 0 && looking_at(p, "-") && !looking_at(p, "-]")) {
        p->at++;
        high = class_char(p);
        if (high >= 0 && high < low) {
            fail(p, "a range of a class runs backwards");
            return false;
        }
    }
    return low >= 0 && high >= 0 &&
           (gj_re_add_range(set, (uint32_t)low, (uint32_t)high) || no_room(p) != NULL);
}

static struct gj_re_node *parse_class(struct parser *p)
{
    struct gj_re_making set = new_set(p);
    bool negated = eat(p, "^");
    bool first = true; /* a ] that stands first is a character */
    while (first || !looking_at(p, "]")) {
        first = false;
        if (p->at >= p->s.len) {
            return fail(p, "a class [ has no ]");
        }
        if (!class_item(p, &set)) {
            return NULL;
        }
    }
    p->at++;
    return set_node(p, &set, negated);
}

static struct gj_re_node *assertion(struct parser *p, enum gj_re_assert assert)
{
    struct gj_re_node *node = new_node(p, GJ_RE_ASSERT);
    if (node != NULL) {
        node->assert = assert;
    }
    return node;
}

static struct gj_re_node *parse_escape(struct parser *p)
{
    static const struct {
        const char *text;
        enum gj_re_assert assert;
    } asserts[] = {
        {"A", GJ_RE_TEXT_BEGIN}, {"z", GJ_RE_TEXT_END}, {"b", GJ_RE_WORD}, {"B", GJ_RE_NOT_WORD}};
    for (size_t i = 0; i < sizeof asserts / sizeof asserts[0]; i++) {
        if (eat(p, asserts[i].text)) {
            return assertion(p, asserts[i].assert);
        }
    }
    struct gj_re_making set = new_set(p);
    int named = named_class(p, &set);
    if (named != 0) {
        return named > 0 ? set_node(p, &set, false) : NULL;
    }
    int64_t cp = escaped_char(p);
    return cp < 0 ? NULL : literal(p, (uint32_t)cp);
}

/* Flags behind "(?": "i)", "i-s:"; *group tells whether a group follows. */
static bool parse_flags(struct parser *p, bool *group)
{
    bool on = true;
    bool any = false;
    for (; p->at < p->s.len; p->at++) {
        switch (p->s.ptr[p->at]) {
        case 'i':
            p->flags.any_case = on;
            any = true;
            break;
        case 'm':
            p->flags.multi_line = on;
            any = true;
            break;
        case 's':
            p->flags.dot_all = on;
            any = true;
            break;
        case 'U': /* swaps greedy and lazy: no matter for whether it matches */
            any = true;
            break;
        case '-':
            if (!on) {
                fail(p, "bad flags of a group");
                return false;
            }
            on = false;
            any = false;
            break;
        case ':':
        case ')':
            *group = p->s.ptr[p->at] == ':';
            if (on || any) {
                return true;
            }
            fail(p, "bad flags of a group");
            return false;
        default:
            fail(p, "look-around and other (?...) groups are not supported");
            return false;
        }
    }
    fail(p, "a group ( has no )");
    return false;
}

static bool group_name(struct parser *p)
{
    size_t from = p->at;
    while (p->at < p->s.len && p->s.ptr[p->at] != '>') {
        char c = p->s.ptr[p->at++];
        if (digit_value(c) >= 16 && !(c >= 'g' && c <= 'z') && !(c >= 'G' && c <= 'Z') &&
            c != '_') {
            fail(p, "a group's name holds letters, digits and _");
            return false;
        }
    }
    if (p->at == from || !eat(p, ">")) {
        fail(p, "a group's name is missing");
        return false;
    }
    return true;
}

/* Behind "(". Flags set inside a group end with it. */
static struct gj_re_node *parse_group(struct parser *p)
{
    struct flags before = p->flags;
    bool group = true;
    if (eat(p, "?P<") ||
        (looking_at(p, "?<") && !looking_at(p, "?<=") && !looking_at(p, "?<!") && eat(p, "?<"))) {
        if (!group_name(p)) {
            return NULL;
        }
    } else if (eat(p, "?")) {
        if (!parse_flags(p, &group)) {
            return NULL;
        }
        p->at++;
        if (!group) {
            return new_node(p, GJ_RE_EMPTY); /* (?i) holds to the end of the group around it */
        }
    }
    if (++p->depth > GJ_REGEX_DEPTH_MAX) {
        return fail(p, "groups nest too deep");
    }
    struct gj_re_node *inside = parse_alt(p);
    p->depth--;
    if (inside == NULL) {
        return NULL;
    }
    if (!eat(p, ")")) {
        return fail(p, "a group ( has no )");
    }
    p->flags = before;
    return inside;
}

static struct gj_re_node *parse_dot(struct parser *p)
{
    struct gj_re_making set = new_set(p);
    bool ok = p->flags.dot_all || gj_re_add_range(&set, '\n', '\n');
    return ok ? set_node(p, &set, true) : no_room(p);
}

static struct gj_re_node *parse_atom(struct parser *p)
{
    if (p->quoting) {
        return literal(p, take(p));
    }
    switch (p->s.ptr[p->at]) {
    case '(':
        p->at++;
        return parse_group(p);
    case '[':
        p->at++;
        return parse_class(p);
    case '\\':
        p->at++;
        return parse_escape(p);
    case '.':
        p->at++;
        return parse_dot(p);
    case '^':
        p->at++;
        return assertion(p, p->flags.multi_line ? GJ_RE_LINE_BEGIN : GJ_RE_TEXT_BEGIN);
    case '$':
        p->at++;
        return assertion(p, p->flags.multi_line ? GJ_RE_LINE_END : GJ_RE_TEXT_END);
    case '*':
    case '+':
    case '?':
        return fail(p, "a repetition has nothing to repeat");
    default:
        return literal(p, take(p));
    }
}

/* {2}, {2,}, {2,5} at the cursor; anything else in braces is text, as in RE2. */
static bool parse_braces(struct parser *p, uint32_t *min, uint32_t *max)
{
    size_t from = p->at;
    int64_t low = eat(p, "{") ? number(p, 10, 1, 9) : -1;
    int64_t high = low;
    if (low >= 0 && eat(p, ",")) {
        high = looking_at(p, "}") ? GJ_RE_NO_MAX : number(p, 10, 1, 9);
    }
    if (low < 0 || high < 0 || !eat(p, "}")) {
        p->at = from;
        return false;
    }
    *min = (uint32_t)low;
    *max = (uint32_t)high;
    return true;
}

static bool parse_operator(struct parser *p, uint32_t *min, uint32_t *max)
{
    if (p->quoting || p->at >= p->s.len) {
        return false;
    }
    *min = looking_at(p, "+") ? 1 : 0;
    *max = looking_at(p, "?") ? 1 : GJ_RE_NO_MAX;
    return eat(p, "*") || eat(p, "+") || eat(p, "?") || parse_braces(p, min, max);
}

static struct gj_re_node *parse_repeat(struct parser *p)
{
    enum { COUNT_MAX = 1000 };
    struct gj_re_node *atom = parse_atom(p);
    uint32_t min;
    uint32_t max;
    if (p->quoting && eat(p, "\\E")) { /* \Qab\E+ repeats the b */
        p->quoting = false;
    }
    if (atom == NULL || !parse_operator(p, &min, &max)) {
        return atom;
    }
    if (atom->kind == GJ_RE_EMPTY) { /* (?i)* */
        return fail(p, "a repetition has nothing to repeat");
    }
    if (min > COUNT_MAX || (max > COUNT_MAX && max != GJ_RE_NO_MAX)) {
        return fail(p, "a repetition counts to more than 1000");
    }
    if (min > max) {
        return fail(p, "a repetition's limits run backwards");
    }
    eat(p, "?"); /* lazy */
    uint32_t again_min;
    uint32_t again_max;
    if (parse_operator(p, &again_min, &again_max)) {
        return fail(p, "a repetition is repeated: put the first into a group");
    }
    struct gj_re_node *node = new_node(p, GJ_RE_REPEAT);
    if (node != NULL) {
        node->min = min;
        node->max = max;
        node->kids = atom;
    }
    return node;
}

static struct gj_re_node *parse_cat(struct parser *p)
{
    struct gj_re_node *cat = new_node(p, GJ_RE_CAT);
    struct gj_re_node **end = cat == NULL ? NULL : &cat->kids;
    while (end != NULL && p->at < p->s.len) {
        if (!p->quoting && eat(p, "\\Q")) {
            p->quoting = true;
            continue;
        }
        if (p->quoting && eat(p, "\\E")) {
            p->quoting = false;
            continue;
        }
        if (!p->quoting && (looking_at(p, "|") || looking_at(p, ")"))) {
            break;
        }
        *end = parse_repeat(p);
        if (*end == NULL) {
            return NULL;
        }
        end = &(*end)->next;
    }
    return cat;
}

static struct gj_re_node *parse_alt(struct parser *p)
{
    struct gj_re_node *first = parse_cat(p);
    if (first == NULL || !looking_at(p, "|")) {
        return first;
    }
    struct gj_re_node *alt = new_node(p, GJ_RE_ALT);
    if (alt == NULL) {
        return NULL;
    }
    alt->kids = first;
    struct gj_re_node *last = first;
    while (eat(p, "|")) {
        last->next = parse_cat(p);
        last = last->next;
        if (last == NULL) {
            return NULL;
        }
    }
    return alt;
}

struct gj_re_node *gj_re_parse(struct gj_arena *arena, struct gj_str pattern, const char **why)
{
    struct parser p = {.arena = arena, .s = pattern, .ranges_left = GJ_REGEX_RANGES_MAX};
    struct gj_re_node *root = NULL;
    if (pattern.len > GJ_REGEX_BYTES_MAX) {
        fail(&p, "the pattern is longer than 4096 bytes");
    } else if (gj_utf8_valid_prefix(pattern) < pattern.len) {
        fail(&p, "the pattern is not valid UTF-8");
    } else {
        root = parse_alt(&p);
    }
    if (root != NULL && p.at < pattern.len) {
        root = fail(&p, "a ) closes no group");
    }
    *why = p.why;
    return p.why == NULL ? root : NULL;
}
