/* Room book: rules and scripts. A rule's conditions are compiled, its citations put into words, and
 * the lexicons that can make it true are listed, so that a message without any of their hits never
 * reaches it. */
#include <stdlib.h>

#include "base/vec.h"
#include "book/build.h"

static const char *const categories[] = {"message", "privacy",  "payment", "invoice",   "shipping",
                                         "script",  "abuse",    "conduct", "listing",   "etiquette",
                                         "content", "training", "order",   "aftersale", NULL};

static struct gj_value no_hits(struct gj_book_host *host, const struct gj_operator *op)
{
    (void)host;
    struct gj_value none = {.kind = op->op == GJ_OP_COUNT ? GJ_V_INT : GJ_V_BOOL};
    if (op->op == GJ_OP_NEGATED || op->op == GJ_OP_ASKED || op->op == GJ_OP_QUOTED) {
        none.as.boolean = false; /* "every hit" of none: the operators say false */
    }
    return none;
}

static struct gj_value nothing_known(void *context, uint32_t slot)
{
    (void)context;
    (void)slot;
    return (struct gj_value){.kind = GJ_V_UNKNOWN};
}

/* Whether `when` may be true, or unknown, in a text without any hit. */
static bool may_hold_without_hits(struct gj_book *book, const struct gj_expr *when)
{
    struct gj_book_host host = {.book = book, .at = INT64_MAX, .operate = no_hits};
    struct gj_arena arena;
    gj_arena_init(&arena);
    struct gj_frame frame = {
        .lookup = nothing_known, .context = &host, .arena = &arena, .beforehand = true};
    struct gj_value value = gj_expr_eval(when, &frame);
    gj_arena_release(&arena);
    return !(value.kind == GJ_V_BOOL && !value.as.boolean);
}

static bool is_of_urls(enum gj_op op)
{
    return op == GJ_OP_URL_OUTSIDE || op == GJ_OP_URL_IN;
}

static bool is_lexical(enum gj_op op)
{
    return !is_of_urls(op) && op != GJ_OP_PARAM;
}

static size_t add_once(uint32_t *list, size_t count, uint32_t value)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i] == value) {
            return count;
        }
    }
    list[count] = value;
    return count + 1;
}

static uint32_t url_lexicon(const struct gj_book *book)
{
    return gj_map_get(&book->lexicon_ids, gj_str_of(gj_extract_name(GJ_X_URL)));
}

/* The lexicons `when` reads; a condition on URLs reads @url. Those that it names are what is
 * marked; how the agent stands to them, which meant() reads too, is not. */
static void find_reads(struct gj_builder *b, struct gj_rule *rule)
{
    const struct gj_expr_call *calls = NULL;
    size_t count = gj_expr_calls(rule->when, &calls);
    uint32_t *reads = gj_book_array(b, count * 2 + GJ_STANCES + 1, sizeof *reads);
    bool meant = false;
    for (size_t i = 0; reads != NULL && i < count; i++) {
        const struct gj_operator *op = &b->book->operators[calls[i].handle];
        if (is_of_urls(op->op)) {
            rule->read_count = add_once(reads, rule->read_count, url_lexicon(b->book));
        } else if (is_lexical(op->op)) {
            rule->read_count = add_once(reads, rule->read_count, op->a);
            if (gj_operator_pairs(op)) {
                rule->read_count = add_once(reads, rule->read_count, op->b);
            }
        }
        meant |= op->op == GJ_OP_MEANT;
    }
    rule->reads = rule->marks = reads;
    rule->mark_count = rule->read_count;
    for (int i = 0; meant && reads != NULL && i < GJ_STANCES; i++) {
        uint32_t lexicon = b->book->grammar.stances[i];
        if (lexicon != GJ_MAP_NONE) {
            rule->read_count = add_once(reads, rule->read_count, lexicon);
        }
    }
}

static void find_marks(struct gj_builder *b, const struct gj_node *n, struct gj_rule *rule)
{
    const struct gj_str *names = NULL;
    size_t count = 0;
    if (gj_read_strings(b, n, "marks", &names, &count) == 1) {
        uint32_t *marks = gj_book_array(b, count, sizeof *marks);
        rule->mark_count = 0;
        for (size_t i = 0; marks != NULL && i < count; i++) {
            uint32_t lexicon = gj_map_get(&b->book->lexicon_ids, names[i]);
            if (lexicon == GJ_MAP_NONE) {
                gj_complain(b, gj_node_get(n, "marks"), "unknown lexicon '%s' in 'marks'",
                            names[i].ptr);
            } else {
                marks[rule->mark_count++] = lexicon;
            }
        }
        rule->marks = marks;
    }
    const struct gj_expr_call *calls = NULL;
    size_t call_count = gj_expr_calls(rule->when, &calls);
    for (size_t m = 0; m < rule->mark_count && m < 64; m++) {
        for (size_t i = 0; i < call_count; i++) {
            const struct gj_operator *op = &b->book->operators[calls[i].handle];
            bool negates =
                op->op == GJ_OP_NEGATED || op->op == GJ_OP_ASSERTED || op->op == GJ_OP_MEANT;
            if (negates && op->a == rule->marks[m]) {
                rule->unless_negated |= UINT64_C(1) << m;
            }
        }
    }
}

/* ---- costs ---- */

static void read_points(struct gj_builder *b, const struct gj_node *n, struct gj_rule_cost *cost)
{
    static const char *const keys[] = {"class", "value", NULL};
    static const char *const classes[] = {"serious", "general", NULL};
    if (n->kind != GJ_NODE_MAPPING) {
        gj_complain(b, n, "'points' must be {class: serious or general, value: N}");
        return;
    }
    gj_read_keys(b, n, keys);
    const struct gj_node *class_ = gj_node_get(n, "class"), *value = gj_node_get(n, "value");
    if (class_ != NULL && gj_read_choice(b, class_, classes) >= 0) {
        cost->points_class = class_->text;
    }
    if (value == NULL || value->kind != GJ_NODE_SCALAR) {
        gj_complain(b, n, "'value' is missing; give a number or param(\"...\")");
    } else {
        cost->points = gj_build_expr(b, value, &gj_type_int);
    }
}

static void read_costs(struct gj_builder *b, const struct gj_node *n, struct gj_rule_cost *cost)
{
    static const char *const keys[] = {"points",   "fine_fen", "payee", "payer",
                                       "measures", "note",     NULL};
    static const char *const payees[] = {"platform", "consumer", "shop", NULL};
    static const char *const payers[] = {"shop", "agent", NULL};
    cost->points_class = cost->payer = cost->payee = cost->note_zh = cost->note_en = GJ_STR("");
    const struct gj_node *costs = gj_node_get(n, "costs");
    if (costs == NULL) {
        return;
    }
    if (costs->kind != GJ_NODE_MAPPING) {
        gj_complain(b, costs, "'costs' must be {points: ..., fine_fen: ..., ...}");
        return;
    }
    gj_read_keys(b, costs, keys);
    const struct gj_node *part = gj_node_get(costs, "points");
    if (part != NULL) {
        read_points(b, part, cost);
    }
    part = gj_node_get(costs, "fine_fen");
    if (part != NULL) {
        cost->fine_fen = gj_build_expr(b, part, &gj_type_int);
        if (gj_node_get(costs, "payee") == NULL) {
            gj_complain(b, part, "a fine needs a 'payee': platform, consumer or shop");
        }
    }
    part = gj_node_get(costs, "payee");
    if (part != NULL && gj_read_choice(b, part, payees) >= 0) {
        cost->payee = part->text;
    }
    part = gj_node_get(costs, "payer");
    if (part != NULL && gj_read_choice(b, part, payers) >= 0) {
        cost->payer = part->text;
    } else if (cost->fine_fen != NULL) {
        cost->payer = GJ_STR("shop");
    }
    gj_read_bilingual(b, costs, "note", false, &cost->note_zh, &cost->note_en);
    const struct gj_str *measures = NULL;
    const struct gj_node *list = gj_node_get(costs, "measures");
    gj_read_strings(b, costs, "measures", &measures, &cost->measure_count);
    for (part = list == NULL ? NULL : list->first; part != NULL; part = part->next) {
        gj_check_measure(b, part, part->text);
    }
    const char **names = gj_book_array(b, cost->measure_count, sizeof *names);
    for (size_t i = 0; names != NULL && i < cost->measure_count; i++) {
        names[i] = measures[i].ptr;
    }
    cost->measures = names;
}

/* ---- tests ---- */

static void read_test(struct gj_builder *b, const struct gj_node *n, struct gj_test *test)
{
    static const char *const keys[] = {"say", "is", "on", "from", "kind", "with", "at", NULL};
    static const char *const verdicts[] = {"pass", "review", "block", NULL};
    if (n->kind != GJ_NODE_MAPPING) {
        gj_complain(b, n, "a test must be {say: ..., is: block, review or pass}");
        return;
    }
    test->node = n;
    gj_read_keys(b, n, keys);
    gj_need_string(b, n, "say", &test->say);
    if (gj_need_string(b, n, "is", &test->is) == 1) {
        gj_read_choice(b, gj_node_get(n, "is"), verdicts);
    }
    gj_read_string(b, n, "on", &test->on);
    gj_read_string(b, n, "from", &test->from);
    gj_read_string(b, n, "kind", &test->kind);
    gj_read_string(b, n, "at", &test->at);
    test->with = gj_node_get(n, "with");
    if (test->at.len > 0 && gj_china_day(test->at) == INT64_MIN) {
        gj_complain(b, gj_node_get(n, "at"), "a date must be YYYY-MM-DD and exist");
    }
    if (test->with != NULL &&
        (test->with->kind != GJ_NODE_MAPPING || test->with->count > GJ_TEST_FACTS_MAX)) {
        gj_complain(b, test->with, "'with' must be {field: value}, at most %d", GJ_TEST_FACTS_MAX);
    }
}

static void read_tests(struct gj_builder *b, const struct gj_node *n, struct gj_rule *rule)
{
    const struct gj_node *list = gj_node_get(n, "tests");
    if (list == NULL || !b->with_tests) {
        return;
    }
    if (list->kind != GJ_NODE_SEQUENCE) {
        gj_complain(b, list, "'tests' must be a list of {say: ..., is: ...}");
        return;
    }
    struct gj_test *tests = gj_book_array(b, list->count, sizeof *tests);
    for (const struct gj_node *item = list->first; tests != NULL && item != NULL;
         item = item->next) {
        read_test(b, item, &tests[rule->test_count++]);
    }
    rule->tests = tests;
}

/* ---- a rule ---- */

void gj_read_dates(struct gj_builder *b, const struct gj_node *n, int64_t *from, int64_t *until)
{
    struct gj_str text;
    *from = INT64_MIN;
    *until = INT64_MAX;
    if (gj_read_string(b, n, "from", &text) == 1) {
        *from = gj_china_day(text);
        if (*from == INT64_MIN) {
            gj_complain(b, gj_node_get(n, "from"), "a date must be YYYY-MM-DD and exist");
        }
    }
    if (gj_read_string(b, n, "until", &text) == 1) {
        *until = gj_china_day(text);
        if (*until <= *from) {
            gj_complain(b, gj_node_get(n, "until"), "must be a date YYYY-MM-DD after 'from'");
        }
    }
}

static void read_pack(struct gj_builder *b, const struct gj_node *n, struct gj_rule *rule)
{
    const char *dot = memchr(rule->id.ptr, '.', rule->id.len);
    const struct gj_field *platform = &b->book->fields[GJ_FIELD_PLATFORM];
    bool known = false;
    rule->pack = (struct gj_str){rule->id.ptr, dot == NULL ? 0 : (size_t)(dot - rule->id.ptr)};
    for (size_t i = 0; i < platform->value_count; i++) {
        known |= gj_str_eq(platform->values[i], rule->pack);
    }
    bool optional = gj_map_get(&b->book->pack_ids, rule->pack) != GJ_MAP_NONE;
    if (!known && !optional) {
        gj_complain(b, n->first,
                    "an id must begin with a platform or a pack that schema.yaml names");
    }
    if (optional && rule->suggest == GJ_SUGGEST_BLOCK && !gj_str_is(rule->category, "abuse")) {
        gj_complain(b, gj_node_get(n, "suggest"),
                    "rules of pack '%.*s' suggest at most review, save those of category abuse",
                    (int)rule->pack.len, rule->pack.ptr);
    }
}

struct gj_str gj_clause_text(struct gj_builder *b, const struct gj_cite *cites, size_t count,
                             bool english)
{
    struct gj_buf text;
    gj_buf_init(&text);
    for (size_t i = 0; i < count; i++) {
        const struct gj_source *source = &b->book->sources[cites[i].source];
        gj_buf_add_cstr(&text, i > 0 ? "; " : "");
        gj_buf_add_str(&text, english ? source->title_en : source->title_zh);
        if (cites[i].place.len > 0) {
            gj_buf_add_cstr(&text, ", ");
            gj_buf_add_str(&text, cites[i].place);
        }
        if (source->date.len > 0) {
            gj_buf_addf(&text, " (%s)", source->date.ptr);
        }
    }
    struct gj_str kept = gj_book_keep(b, &text);
    gj_buf_release(&text);
    return kept;
}

static void read_condition(struct gj_builder *b, const struct gj_node *n, struct gj_rule *rule)
{
    const struct gj_node *applies = gj_node_get(n, "applies"), *when = gj_node_get(n, "when");
    if (applies == NULL || applies->kind != GJ_NODE_SCALAR) {
        gj_complain(b, n, "'applies' is missing; say to whom: message.sender == \"agent\"");
    } else {
        rule->applies = gj_build_expr(b, applies, &gj_type_bool);
    }
    if (rule->is_script) {
        return;
    }
    if (when == NULL || when->kind != GJ_NODE_SCALAR) {
        gj_complain(b, n, "'when' is missing; say what is found: hit(\"lexicon\")");
        return;
    }
    rule->when = gj_build_expr(b, when, &gj_type_bool);
    if (rule->when != NULL) {
        find_reads(b, rule);
        find_marks(b, n, rule);
        rule->always = may_hold_without_hits(b->book, rule->when);
    }
}

static void read_situation(struct gj_builder *b, const struct gj_node *n, struct gj_rule *rule)
{
    static const char *const keys[] = {"zh", "en", NULL};
    const struct gj_node *situation = gj_node_get(n, "situation");
    const struct gj_str *phrases = NULL;
    size_t count = 0;
    rule->situation = GJ_STR("");
    if (situation == NULL) {
        return;
    }
    if (situation->kind != GJ_NODE_MAPPING) {
        gj_complain(b, situation, "'situation' must be {zh: [..., ...], en: ...}");
        return;
    }
    gj_read_keys(b, situation, keys);
    struct gj_buf text;
    gj_buf_init(&text);
    gj_read_strings(b, situation, "zh", &phrases, &count);
    for (size_t i = 0; i < count; i++) {
        gj_buf_add_cstr(&text, i > 0 ? " / " : "");
        gj_buf_add_str(&text, phrases[i]);
    }
    rule->situation = gj_book_keep(b, &text);
    gj_buf_release(&text);
}

static void read_rule(struct gj_builder *b, const struct gj_node *n, struct gj_rule *rule)
{
    static const char *const rule_keys[] = {
        "rule", "title", "category", "covers",  "cites", "from",  "until", "applies",
        "when", "marks", "severity", "suggest", "costs", "reply", "tests", NULL};
    static const char *const script_keys[] = {"script", "title", "category", "situation",
                                              "covers", "cites", "applies",  "reply",
                                              "from",   "until", NULL};
    static const char *const suggests[] = {"pass", "review", "block", NULL};
    static const char *const severities[] = {"", "bonus", "minor", "major", "critical", NULL};
    rule->node = n;
    gj_read_keys(b, n, rule->is_script ? script_keys : rule_keys);
    gj_need_string(b, n, rule->is_script ? "script" : "rule", &rule->id);
    gj_read_bilingual(b, n, "title", true, &rule->title_zh, &rule->title_en);
    gj_read_bilingual(b, n, "reply", rule->is_script, &rule->reply_zh, &rule->reply_en);
    const struct gj_node *choice = gj_node_get(n, "category");
    rule->category = rule->is_script ? GJ_STR("script") : GJ_STR("");
    if (choice != NULL && gj_read_choice(b, choice, categories) >= 0) {
        rule->category = choice->text;
    }
    gj_read_strings(b, n, "covers", &rule->covers, &rule->cover_count);
    if (rule->cover_count == 0) {
        rule->covers = &rule->id;
        rule->cover_count = 1;
    }
    gj_read_cites(b, n, &rule->cites, &rule->cite_count);
    rule->clause_zh = gj_clause_text(b, rule->cites, rule->cite_count, false);
    rule->clause_en = gj_clause_text(b, rule->cites, rule->cite_count, true);
    gj_read_dates(b, n, &rule->from, &rule->until);
    gj_read_string(b, n, "from", &rule->from_text);
    gj_read_string(b, n, "until", &rule->until_text);
    if (!rule->is_script) {
        choice = gj_node_get(n, "suggest");
        int index = choice == NULL
                        ? gj_complain(b, n, "'suggest' is missing: pass, review or block")
                        : gj_read_choice(b, choice, suggests);
        rule->suggest = index < 0 ? GJ_SUGGEST_REVIEW : (enum gj_suggest)index;
        choice = gj_node_get(n, "severity");
        index = choice == NULL
                    ? gj_complain(b, n, "'severity' is missing: critical, major or minor")
                    : gj_read_choice(b, choice, severities);
        rule->severity = index < 1 ? GJ_SEV_MINOR : (enum gj_rule_severity)index;
        if (gj_node_get(n, "category") == NULL) {
            gj_complain(b, n, "'category' is missing; see docs/rulebook.md");
        }
    }
    read_pack(b, n, rule);
    read_costs(b, n, &rule->cost);
    read_condition(b, n, rule);
    read_situation(b, n, rule);
    read_tests(b, n, rule);
}

/* Two entries of one id must not be in force on the same day. */
static void refuse_overlap(struct gj_builder *b, size_t index)
{
    struct gj_book *book = b->book;
    const struct gj_rule *rule = &book->rules[index];
    if (gj_map_get(&book->rule_ids, rule->id) == GJ_MAP_NONE) {
        gj_book_name(b, &book->rule_ids, rule->id, (uint32_t)index);
        return;
    }
    for (size_t i = 0; i < index; i++) {
        const struct gj_rule *other = &book->rules[i];
        if (gj_str_eq(other->id, rule->id) && other->from < rule->until &&
            rule->from < other->until) {
            gj_complain(b, rule->node->first,
                        "'%s' stands already in %s:%u for the same dates; give from and until",
                        rule->id.ptr, book->files[other->node->file].path.ptr, other->node->line);
        }
    }
}

void gj_build_rules(struct gj_builder *b)
{
    struct gj_book *book = b->book;
    static const char *const kinds[] = {"rule", "script"};
    book->rules = gj_book_array(b, gj_entry_total(b, "rule") + gj_entry_total(b, "script"),
                                sizeof *book->rules);
    for (int kind = 0; kind < 2 && book->rules != NULL; kind++) {
        for (const struct gj_node *n = gj_entry_of(b->documents, kinds[kind]); n != NULL;
             n = gj_entry_of(n->next, kinds[kind])) {
            struct gj_rule *rule = &book->rules[book->rule_count];
            rule->is_script = kind == 1;
            read_rule(b, n, rule);
            refuse_overlap(b, book->rule_count++);
        }
    }
}
