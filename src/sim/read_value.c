/* Room sim: ranges, sums, templates of data and texts with slots. */
#include "base/calendar.h"
#include "sim/read.h"
#include "wire/json.h"

/* ---- numbers ---- */

static int64_t unit_of(char c)
{
    switch (c) {
    case 's':
        return 1;
    case 'm':
        return 60;
    case 'h':
        return 3600;
    case 'd':
        return GJ_SECONDS_PER_DAY;
    default:
        return 0;
    }
}

/* "1h30m", "500": sums of numbers, each perhaps with a unit. Moves *at behind it. */
static bool parse_number(struct gj_str text, size_t *at, int64_t *out)
{
    size_t i = *at;
    int64_t sum = 0;
    while (i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9') {
        int64_t number = 0;
        for (; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++) {
            number = number * 10 + (text.ptr[i] - '0');
            if (number > SIM_NUMBER_MAX) {
                return false;
            }
        }
        int64_t unit = i < text.len ? unit_of(text.ptr[i]) : 0;
        sum += number * (unit == 0 ? 1 : unit);
        if (sum > SIM_NUMBER_MAX) {
            return false;
        }
        i += unit != 0;
    }
    bool any = i > *at;
    *at = i;
    *out = sum;
    return any;
}

bool sim_parse_range(struct gj_str text, struct sim_range *out)
{
    size_t at = 0;
    if (!parse_number(text, &at, &out->low)) {
        return false;
    }
    out->high = out->low;
    if (at + 2 < text.len && text.ptr[at] == '.' && text.ptr[at + 1] == '.') {
        at += 2;
        if (!parse_number(text, &at, &out->high)) {
            return false;
        }
    }
    return at == text.len && out->low <= out->high;
}

void sim_read_range(struct sim_reader *r, const struct gj_node *node, struct sim_range *out)
{
    if (node->kind != GJ_NODE_SCALAR || !sim_parse_range(node->text, out)) {
        sim_complain(r, node, "write a number or a range, as 3, 5..20 or 10m..2h");
    }
}

/* ---- names ---- */

static uint32_t find_variable(const struct sim_plan *plan, struct gj_str name)
{
    for (uint32_t i = 0; i < plan->variable_count; i++) {
        if (gj_str_eq(plan->variables[i].name, name)) {
            return i;
        }
    }
    return SIM_NONE;
}

uint32_t sim_read_variable(struct sim_reader *r, const struct gj_node *node, struct gj_str name)
{
    uint32_t found = find_variable(r->plan, name);
    if (found == SIM_NONE) {
        sim_complain(r, node, "there is no such variable; see variables:");
    }
    return found;
}

uint32_t sim_read_platform(struct sim_reader *r, const struct gj_node *name)
{
    for (uint32_t i = 0; i < r->plan->platform_count; i++) {
        if (gj_str_eq(r->plan->platforms[i], name->text)) {
            return UINT32_C(1) << i;
        }
    }
    sim_complain(r, name, "there is no such platform; see platforms:");
    return 0;
}

uint32_t sim_read_platforms(struct sim_reader *r, const struct gj_node *names)
{
    uint32_t bits = 0;
    if (names == NULL) {
        return UINT32_MAX;
    }
    if (names->kind == GJ_NODE_SCALAR) {
        return sim_read_platform(r, names);
    }
    for (const struct gj_node *name = names->first; name != NULL; name = name->next) {
        bits |= sim_read_platform(r, name);
    }
    return bits;
}

/* ---- sums ---- */

/* The next word of *rest, which it leaves. */
static struct gj_str next_word(struct gj_str *rest)
{
    while (rest->len > 0 && rest->ptr[0] == ' ') {
        rest->ptr++;
        rest->len--;
    }
    struct gj_str word = {rest->ptr, 0};
    while (word.len < rest->len && rest->ptr[word.len] != ' ') {
        word.len++;
    }
    rest->ptr += word.len;
    rest->len -= word.len;
    return word;
}

static struct sim_term read_term(struct sim_reader *r, const struct gj_node *node,
                                 struct gj_str *rest)
{
    struct gj_str word = next_word(rest), number = word;
    struct sim_term term = {.kind = SIM_TERM_NUMBER, .variable = SIM_NONE};
    if (gj_str_is(word, "now")) {
        term.kind = SIM_TERM_NOW;
    } else if (sim_parse_range(word, &term.range)) {
        return term;
    } else if (word.len > 1 && word.ptr[word.len - 1] == '%' &&
               (number.len--, sim_parse_range(number, &term.range))) {
        term.kind = SIM_TERM_PERCENT;
        if (!gj_str_is(next_word(rest), "of")) {
            sim_complain(r, node, "write 10..20% of VARIABLE");
        }
        term.variable = sim_read_variable(r, node, next_word(rest));
    } else {
        term.kind = SIM_TERM_VARIABLE;
        term.variable = sim_read_variable(r, node, word);
    }
    return term;
}

void sim_read_expr(struct sim_reader *r, const struct gj_node *node, struct sim_expr *out)
{
    struct gj_str rest = node->text;
    *out = (struct sim_expr){.how = SIM_SUM};
    if (node->kind != GJ_NODE_SCALAR || rest.len == 0) {
        sim_complain(r, node, "write a value, as new, 5..20, now + 2d or 30..60% of goods");
    } else if (gj_str_is(rest, "new")) {
        out->how = SIM_NEW;
    } else if (gj_str_is(rest, "on duty")) {
        out->how = SIM_ON_DUTY;
    } else if (gj_str_starts(rest, GJ_STR("chance "))) {
        out->how = SIM_PERMILLE;
        next_word(&rest);
        out->left = read_term(r, node, &rest);
        if (next_word(&rest).len > 0) {
            sim_complain(r, node, "chance is one term, per thousand: chance 300");
        }
    } else {
        out->left = read_term(r, node, &rest);
        struct gj_str sign = next_word(&rest);
        if (sign.len > 0) {
            out->sign = gj_str_is(sign, "+") ? 1 : -1;
            out->right = read_term(r, node, &rest);
        }
        if (rest.len > 0 || (sign.len > 0 && !gj_str_is(sign, "+") && !gj_str_is(sign, "-"))) {
            sim_complain(r, node, "a value is one term, or two with + or - between them");
        }
    }
}

/* ---- templates ---- */

static struct sim_op *add_op(struct sim_reader *r, enum sim_op_kind kind)
{
    struct sim_op *op = sim_add(r, &r->ops, sizeof *op);
    if (op != NULL) {
        op->kind = kind;
    }
    return op;
}

static void flush(struct sim_reader *r)
{
    if (r->pending.len > 0) {
        struct sim_op *op = add_op(r, SIM_BYTES);
        if (op != NULL) {
            op->bytes = gj_arena_copy(&r->plan->arena, gj_buf_str(&r->pending));
            r->failed |= op->bytes.ptr == NULL;
        }
    }
    r->failed |= r->pending.failed;
    gj_buf_reset(&r->pending);
}

/* An op that is no literal, behind the literal bytes so far; `index` is what it is about. */
static struct sim_op *add_live(struct sim_reader *r, enum sim_op_kind kind, uint32_t index)
{
    flush(r);
    struct sim_op *op = add_op(r, kind);
    if (op != NULL) {
        op->index = index;
    }
    return op;
}

/* Whether a text is JSON as it stands: true, false, or a number, which has no zeros before it. */
static bool is_raw(struct gj_str text)
{
    struct sim_range range;
    bool digits = text.len == 1 || (text.len > 1 && text.ptr[0] != '0');
    for (size_t i = 0; digits && i < text.len; i++) {
        digits = text.ptr[i] >= '0' && text.ptr[i] <= '9';
    }
    return (digits && sim_parse_range(text, &range)) || gj_str_is(text, "true") ||
           gj_str_is(text, "false");
}

static void add_literal(struct gj_buf *out, struct gj_str text, bool plain)
{
    if (plain && is_raw(text)) {
        gj_buf_add_str(out, text);
    } else {
        gj_json_add_string(out, text);
    }
}

static void read_choices(struct sim_reader *r, struct gj_str text)
{
    struct sim_op *op = add_live(r, SIM_CHOICE, (uint32_t)r->choices.count);
    struct gj_buf one;
    gj_buf_init(&one);
    for (size_t from = 0, i = 0; i <= text.len; i++) {
        if (i == text.len || text.ptr[i] == '|') {
            struct gj_str *choice = sim_add(r, &r->choices, sizeof *choice);
            gj_buf_reset(&one);
            add_literal(&one, (struct gj_str){text.ptr + from, i - from}, true);
            if (choice != NULL && op != NULL) {
                *choice = gj_arena_copy(&r->plan->arena, gj_buf_str(&one));
                op->count++;
                r->failed |= choice->ptr == NULL;
            }
            from = i + 1;
        }
    }
    r->failed |= one.failed;
    gj_buf_release(&one);
}

static void read_data_variable(struct sim_reader *r, const struct gj_node *node)
{
    uint32_t v =
        sim_read_variable(r, node, (struct gj_str){node->text.ptr + 1, node->text.len - 1});
    if (v == SIM_NONE) {
        return;
    }
    enum sim_kind kind = r->plan->variables[v].kind;
    bool quoted = kind != SIM_INT && kind != SIM_FEN && kind != SIM_LINES;
    gj_buf_add_cstr(&r->pending, quoted ? "\"" : "");
    add_live(r, SIM_VALUE, v);
    gj_buf_add_cstr(&r->pending, quoted ? "\"" : "");
}

static void read_data_list(struct sim_reader *r, const struct gj_node *node)
{
    struct gj_str name = {node->text.ptr + 1, node->text.len - 2};
    const struct sim_list *lists = r->lists.items;
    for (uint32_t i = 0; i < r->lists.count; i++) {
        if (gj_str_eq(lists[i].name, name)) {
            gj_buf_add_char(&r->pending, '"');
            add_live(r, SIM_LIST, i);
            gj_buf_add_char(&r->pending, '"');
            return;
        }
    }
    sim_complain(r, node, "there is no such list; see lists:");
}

static void read_data_scalar(struct sim_reader *r, const struct gj_node *node)
{
    struct gj_str text = node->text;
    struct sim_range range;
    char first = text.len > 1 ? text.ptr[0] : '\0';
    if (node->plain && first == '$') {
        read_data_variable(r, node);
    } else if (node->plain && first == '<' && text.ptr[text.len - 1] == '>') {
        read_data_list(r, node);
    } else if (node->plain && text.len > 0 && memchr(text.ptr, '|', text.len) != NULL) {
        read_choices(r, text);
    } else if (node->plain && !is_raw(text) && sim_parse_range(text, &range)) {
        struct sim_op *op = add_live(r, SIM_NUMBER, 0);
        if (op != NULL) {
            op->range = range;
        }
    } else {
        add_literal(&r->pending, text, node->plain);
    }
}

static void read_data(struct sim_reader *r, const struct gj_node *node);

static void read_data_mapping(struct sim_reader *r, const struct gj_node *node)
{
    gj_buf_add_char(&r->pending, '{');
    for (const struct gj_node *child = node->first; child != NULL; child = child->next) {
        struct gj_str key = child->key->text;
        bool optional = key.len > 0 && key.ptr[key.len - 1] == '?';
        uint32_t chance = SIM_NONE;
        key.len -= optional;
        if (optional && child == node->first) {
            sim_complain(r, child->key, "the first field cannot be left out; put another first");
        } else if (optional) {
            add_live(r, SIM_CHANCE, 0);
            chance = (uint32_t)r->ops.count - 1;
        }
        gj_buf_add_cstr(&r->pending, child == node->first ? "" : ",");
        gj_json_add_string(&r->pending, key);
        gj_buf_add_char(&r->pending, ':');
        read_data(r, child);
        if (chance != SIM_NONE) {
            flush(r);
            if (!r->failed) {
                ((struct sim_op *)r->ops.items)[chance].count = (uint32_t)r->ops.count - chance - 1;
            }
        }
    }
    gj_buf_add_char(&r->pending, '}');
}

static void read_data(struct sim_reader *r, const struct gj_node *node)
{
    if (node->kind == GJ_NODE_SCALAR) {
        read_data_scalar(r, node);
    } else if (node->kind == GJ_NODE_MAPPING) {
        read_data_mapping(r, node);
    } else {
        gj_buf_add_char(&r->pending, '[');
        for (const struct gj_node *child = node->first; child != NULL; child = child->next) {
            gj_buf_add_cstr(&r->pending, child == node->first ? "" : ",");
            read_data(r, child);
        }
        gj_buf_add_char(&r->pending, ']');
    }
}

struct sim_template sim_read_template(struct sim_reader *r, const struct gj_node *node)
{
    struct sim_template made = {(uint32_t)r->ops.count, 0};
    read_data(r, node);
    flush(r);
    made.count = (uint32_t)r->ops.count - made.first;
    return made;
}

/* ---- texts ---- */

static void add_escaped(struct sim_reader *r, struct gj_str text)
{
    struct gj_buf quoted;
    gj_buf_init(&quoted);
    gj_json_add_string(&quoted, text);
    if (!quoted.failed) {
        gj_buf_add(&r->pending, quoted.ptr + 1, quoted.len - 2);
    }
    r->failed |= quoted.failed;
    gj_buf_release(&quoted);
}

static void add_slot(struct sim_reader *r, const struct gj_node *node, struct gj_str slot)
{
    for (const struct gj_node *s = r->slots == NULL ? NULL : r->slots->first; s != NULL;
         s = s->next) {
        if (gj_str_eq(s->key->text, slot)) {
            add_live(r, SIM_WORDS, sim_read_variable(r, s, s->text));
            return;
        }
    }
    sim_complain(r, node, "the text has a {slot} that slots: does not list");
}

struct sim_template sim_read_text(struct sim_reader *r, const struct gj_node *node)
{
    struct sim_template made = {(uint32_t)r->ops.count, 0};
    struct gj_str text = node->text;
    if (node->kind != GJ_NODE_SCALAR) {
        sim_complain(r, node, "write a text here");
        return made;
    }
    size_t from = 0;
    for (size_t i = 0; i < text.len; i++) {
        const char *end = text.ptr[i] == '{' ? memchr(text.ptr + i, '}', text.len - i) : NULL;
        if (end != NULL) {
            size_t after = (size_t)(end - text.ptr) + 1;
            add_escaped(r, (struct gj_str){text.ptr + from, i - from});
            add_slot(r, node, (struct gj_str){text.ptr + i + 1, after - i - 2});
            from = after;
            i = after - 1;
        }
    }
    add_escaped(r, (struct gj_str){text.ptr + from, text.len - from});
    flush(r);
    made.count = (uint32_t)r->ops.count - made.first;
    return made;
}
