/* Room judge: which matches a rule's condition cannot do without, of one audience. Most rules that
 * share a lexicon with a text do not come true in it, and this tells so without their condition. */
#include <stdlib.h>

#include "judge/checker.h"

/* A text without matches of these lexicons: platform, sender and kind are those of the audience,
 * of all else nothing is known. */
struct without {
    struct gj_book_host host; /* first, as expressions expect */
    const struct gj_value *given;
    const bool *absent;
};

static struct gj_value lookup(void *context, uint32_t slot)
{
    const struct without *w = context;
    return slot <= GJ_FIELD_KIND ? w->given[slot] : (struct gj_value){.kind = GJ_V_UNKNOWN};
}

/* Without hits an operator counts none, or is false. */
static struct gj_value operate(struct gj_book_host *host, const struct gj_operator *op)
{
    const struct without *w = (const struct without *)(const void *)host;
    bool urls = op->op == GJ_OP_URL_OUTSIDE || op->op == GJ_OP_URL_IN;
    uint32_t first = urls ? (uint32_t)GJ_X_URL : op->a;
    if (w->absent[first] || (gj_operator_pairs(op) && w->absent[op->b])) {
        return (struct gj_value){.kind = op->op == GJ_OP_COUNT ? GJ_V_INT : GJ_V_BOOL};
    }
    return (struct gj_value){.kind = GJ_V_UNKNOWN};
}

struct search {
    struct without without;
    struct gj_frame frame;
    const struct gj_rule *rule;
    bool *absent;
};

static bool is_false(struct search *s)
{
    struct gj_value value = gj_expr_eval(s->rule->when, &s->frame);
    return value.kind == GJ_V_BOOL && !value.as.boolean;
}

/* A least set of lexicons without which `when` is false: those that are not needed for that are
 * left out one by one, from the first on or from the last. Another order may give another set. */
static struct gj_clause find_clause(struct search *s, struct gj_arena *arena, bool backwards)
{
    const struct gj_rule *rule = s->rule;
    struct gj_clause clause = {0};
    for (size_t i = 0; i < rule->read_count; i++) {
        s->absent[rule->reads[i]] = true;
    }
    uint32_t *lexicons =
        is_false(s) ? gj_arena_array(arena, rule->read_count + 1, sizeof *lexicons) : NULL;
    if (lexicons == NULL) {
        return clause;
    }
    for (size_t i = 0; i < rule->read_count; i++) {
        uint32_t lexicon = rule->reads[backwards ? rule->read_count - 1 - i : i];
        s->absent[lexicon] = false;
        s->absent[lexicon] = !is_false(s);
    }
    for (size_t i = 0; i < rule->read_count; i++) {
        if (s->absent[rule->reads[i]]) {
            lexicons[clause.count++] = rule->reads[i];
        }
    }
    clause.lexicons = lexicons;
    return clause;
}

/* Parameters change with time: what `when` makes of one cannot be told beforehand. */
static bool reads_parameters(const struct gj_book *book, const struct gj_expr *when)
{
    const struct gj_expr_call *calls = NULL;
    size_t count = gj_expr_calls(when, &calls);
    for (size_t i = 0; i < count; i++) {
        if (book->operators[calls[i].handle].op == GJ_OP_PARAM) {
            return true;
        }
    }
    return false;
}

static void find_needs(struct gj_checker *checker, const struct gj_rule *rule,
                       struct gj_needs *needs)
{
    const struct gj_book *book = checker->host.book;
    bool *absent = calloc(book->lexicon_count + 1, sizeof *absent);
    needs->known = true;
    if (absent == NULL || reads_parameters(book, rule->when)) {
        free(absent);
        return;
    }
    struct search s = {
        .without = {{.book = book, .operate = operate}, checker->audience->given, absent},
        .rule = rule,
        .absent = absent};
    s.frame = (struct gj_frame){
        .lookup = lookup, .context = &s.without, .arena = &checker->scratch, .beforehand = true};
    for (int c = 0; c < GJ_CLAUSES; c++) {
        needs->clauses[c] = find_clause(&s, &checker->matcher_memory, c > 0);
    }
    free(absent);
}

bool gj_rule_may_hold(struct gj_checker *checker, uint32_t rule)
{
    struct gj_needs *needs = &checker->audience->needs[rule];
    if (!needs->known) {
        find_needs(checker, &checker->host.book->rules[rule], needs);
    }
    for (int c = 0; c < GJ_CLAUSES; c++) {
        const struct gj_clause *clause = &needs->clauses[c];
        size_t at = 0;
        while (at < clause->count && checker->ranges[clause->lexicons[at]].count == 0) {
            at++;
        }
        if (clause->count > 0 && at == clause->count) {
            return false;
        }
    }
    return true;
}
