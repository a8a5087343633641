/* Room engine: lint, what is legal but doubtful in a rulebook: what nothing uses, what is tested
 * too little. Which transitions the tests take is seen by running them. */
#include <stdio.h>
#include <stdlib.h>

#include "engine/inside.h"

#define TESTS_MIN 3 /* violating, and compliant, utterances a rule should have */

/* ---- the half on messages ---- */

static void warn(const struct gj_book *book, gj_errors *errors, const struct gj_node *node,
                 const char *format, const char *name)
{
    const struct gj_file *file = &book->files[node->file];
    char text[300];
    snprintf(text, sizeof text, format, name);
    gj_errors_add(errors, file->path, node->line, node->column, gj_file_line(file, node->line),
                  "warning: %s", text);
}

static void note_use(const struct gj_book *book, const struct gj_node *lexicon, bool *used)
{
    const struct gj_node *list = gj_node_get(lexicon, "include");
    for (const struct gj_node *n = list == NULL ? NULL : list->first; n != NULL; n = n->next) {
        uint32_t found = gj_map_get(&book->lexicon_ids, n->text);
        if (found != GJ_MAP_NONE) {
            used[found] = true;
        }
    }
}

/* A word with a clause mark in it: often two words, with a full-width comma between them. */
static void lint_words(const struct gj_book *book, const struct gj_lexicon *lexicon,
                       gj_errors *errors)
{
    static const char *const marks[] = {"，", "、", "。", "！", "？", "；", ",", "!", "?", NULL};
    const struct gj_node *list = gj_node_get(lexicon->node, "words");
    for (const struct gj_node *n = list == NULL ? NULL : list->first; n != NULL; n = n->next) {
        bool marked = false;
        for (size_t i = 0; marks[i] != NULL; i++) {
            marked |= strstr(n->text.ptr, marks[i]) != NULL;
        }
        if (marked) {
            warn(book, errors, n,
                 "no message holds '%s' so: words end at a clause mark; write two words, with a "
                 "plain comma between them",
                 n->text.ptr);
        }
    }
}

static void lint_lexicons(const struct gj_book *book, gj_errors *errors)
{
    bool *used = calloc(book->lexicon_count + 1, sizeof *used);
    for (size_t i = 0; used != NULL && i < book->lexicon_count; i++) {
        used[i] |= book->lexicons[i].used;
        if (book->lexicons[i].node != NULL) {
            note_use(book, book->lexicons[i].node, used);
        }
    }
    for (size_t i = 0; used != NULL && i < book->lexicon_count; i++) {
        const struct gj_lexicon *lexicon = &book->lexicons[i];
        if (!used[i] && lexicon->node != NULL) {
            warn(book, errors, lexicon->node, "no rule reads lexicon '%s'", lexicon->id.ptr);
        }
        bool empty = lexicon->node != NULL && gj_node_get(lexicon->node, "words") == NULL &&
                     gj_node_get(lexicon->node, "patterns") == NULL &&
                     gj_node_get(lexicon->node, "include") == NULL;
        if (empty) {
            warn(book, errors, lexicon->node, "lexicon '%s' holds no words", lexicon->id.ptr);
        }
        if (lexicon->node != NULL) {
            lint_words(book, lexicon, errors);
        }
    }
    free(used);
}

static void lint_rule(const struct gj_book *book, const struct gj_rule *rule, gj_errors *errors)
{
    size_t violating = 0, compliant = 0;
    for (size_t t = 0; t < rule->test_count; t++) {
        bool pass = gj_str_is(rule->tests[t].is, "pass");
        compliant += pass;
        violating += !pass;
    }
    if (rule->is_script) {
        return;
    }
    if (violating < TESTS_MIN || compliant < TESTS_MIN) {
        warn(book, errors, rule->node,
             "rule '%s' has fewer than three violating and three compliant tests", rule->id.ptr);
    }
    if (rule->reply_zh.len == 0) {
        warn(book, errors, rule->node, "rule '%s' offers no reply to send instead", rule->id.ptr);
    }
}

/* ---- what nothing uses ---- */

static void lint_uses(const struct gj_book *book, const struct gj_plan *plan, gj_errors *errors)
{
    for (size_t i = 0; i < book->source_count; i++) {
        if (!book->sources[i].cited) {
            gj_errors_say(errors, "warning: no entry cites source '%s'", book->sources[i].id.ptr);
        }
    }
    for (size_t i = 0; i < book->param_count; i++) {
        if (!book->params[i].used) {
            warn(book, errors, book->params[i].node, "nothing reads parameter '%s'",
                 book->params[i].id.ptr);
        }
    }
    bool *counted = calloc(plan->counter_count + 1, sizeof *counted);
    for (size_t i = 0; counted != NULL && i < plan->metric_count; i++) {
        const struct gj_metric *m = &plan->metrics[i];
        uint32_t extra[] = {m->leave_from, m->leave_all};
        for (size_t x = 0; x < 2; x++) {
            counted[extra[x] == GJ_NO_INDEX ? plan->counter_count : extra[x]] = true;
        }
        for (size_t c = 0; c < m->count_count; c++) {
            const struct gj_count *n = &m->counts[c];
            uint32_t read[] = {n->of, n->also_in, n->not_in, n->followed_by};
            for (size_t x = 0; x < 4; x++) {
                counted[read[x] == GJ_NO_INDEX ? plan->counter_count : read[x]] = true;
            }
        }
    }
    for (size_t i = 0; counted != NULL && i < plan->counter_count; i++) {
        if (!counted[i]) {
            warn(book, errors, plan->counters[i].head.node, "no metric counts '%s'",
                 plan->counters[i].head.id.ptr);
        }
    }
    free(counted);
}

/* ---- what the tests expect ---- */

struct seen { /* ids that some expectation names */
    struct gj_map found, not_found, metrics;
};

static void note_ids(struct gj_map *ids, const struct gj_node *list)
{
    bool single = list != NULL && list->kind == GJ_NODE_SCALAR;
    for (const struct gj_node *n = list == NULL || single ? list : list->first; n != NULL;
         n = single ? NULL : n->next) {
        gj_map_put(ids, n->key == NULL || single ? n->text : n->key->text, 0);
    }
}

static void note_expectations(struct seen *seen, const struct gj_heading *head)
{
    for (const struct gj_node *t = head->tests == NULL ? NULL : head->tests->first; t != NULL;
         t = t->next) {
        const struct gj_node *expect = gj_node_get(t, "expect");
        bool list = expect != NULL && expect->kind == GJ_NODE_SEQUENCE;
        for (const struct gj_node *x = list ? expect->first : expect; x != NULL;
             x = list ? x->next : NULL) {
            note_ids(&seen->found, gj_node_get(x, "found"));
            note_ids(&seen->not_found, gj_node_get(x, "not_found"));
            note_ids(&seen->metrics, gj_node_get(x, "metric"));
        }
    }
}

static void note_all(struct seen *seen, const struct gj_plan *plan)
{
    for (size_t i = 0; i < plan->flow_count; i++) {
        note_expectations(seen, &plan->flows[i].head);
    }
    for (size_t i = 0; i < plan->finding_count; i++) {
        note_expectations(seen, &plan->findings[i].head);
    }
    for (size_t i = 0; i < plan->counter_count; i++) {
        note_expectations(seen, &plan->counters[i].head);
    }
    for (size_t i = 0; i < plan->metric_count; i++) {
        note_expectations(seen, &plan->metrics[i].head);
    }
    for (size_t i = 0; i < plan->ladder_count; i++) {
        note_expectations(seen, &plan->ladders[i].head);
    }
}

static bool has(const struct gj_map *ids, struct gj_str id)
{
    return gj_map_get(ids, id) != GJ_MAP_NONE;
}

static void lint_expectations(const struct gj_book *book, const struct gj_plan *plan,
                              gj_errors *errors)
{
    struct seen seen;
    gj_map_init(&seen.found);
    gj_map_init(&seen.not_found);
    gj_map_init(&seen.metrics);
    note_all(&seen, plan);
    for (size_t i = 0; i < plan->finding_count; i++) {
        const struct gj_finding_plan *f = &plan->findings[i];
        if (!has(&seen.found, f->head.id)) {
            warn(book, errors, f->head.node, "no test finds '%s'", f->head.id.ptr);
        } else if (f->when != NULL && !has(&seen.not_found, f->head.id)) {
            warn(book, errors, f->head.node,
                 "no test shows when '%s' is not found; add `not_found`", f->head.id.ptr);
        }
    }
    for (size_t i = 0; i < plan->metric_count; i++) {
        if (!has(&seen.metrics, plan->metrics[i].head.id)) {
            warn(book, errors, plan->metrics[i].head.node, "no test looks at metric '%s'",
                 plan->metrics[i].head.id.ptr);
        }
    }
    for (size_t i = 0; i < plan->guidance_count; i++) {
        if (plan->guidances[i].situation_count == 0) {
            warn(book, errors, plan->guidances[i].head.node,
                 "guidance '%s' names no situation, so nobody finds it",
                 plan->guidances[i].head.id.ptr);
        }
    }
    gj_map_release(&seen.found);
    gj_map_release(&seen.not_found);
    gj_map_release(&seen.metrics);
}

/* ---- which transitions the tests take ---- */

/* A flow's transitions, each written once: those of `every` serve several states. */
struct taken {
    const struct gj_node **nodes;
    bool *flags;
    size_t count;
};

struct walk {
    const struct gj_plan *plan;
    struct taken *flows;
    struct gj_arena arena;
};

static void list_transition(struct taken *t, const struct gj_transition *transition)
{
    for (size_t i = 0; i < t->count; i++) {
        if (t->nodes[i] == transition->node) {
            return;
        }
    }
    t->nodes[t->count++] = transition->node;
}

static void list_handlers(struct taken *t, const struct gj_handler *list, size_t count)
{
    for (size_t h = 0; h < count; h++) {
        for (size_t c = 0; c < list[h].choice_count; c++) {
            list_transition(t, &list[h].choices[c]);
        }
    }
}

static size_t most_of(const struct gj_handler *list, size_t count)
{
    size_t most = 0;
    for (size_t h = 0; h < count; h++) {
        most += list[h].choice_count;
    }
    return most;
}

static int list_flow(struct walk *w, const struct gj_flow *flow, struct taken *t)
{
    size_t most = most_of(flow->starts, flow->start_count);
    for (size_t s = 0; s < flow->state_count; s++) {
        most += flow->states[s].deadline_count +
                most_of(flow->states[s].handlers, flow->states[s].handler_count);
    }
    t->nodes = gj_arena_array(&w->arena, most + 1, sizeof *t->nodes);
    t->flags = gj_arena_array(&w->arena, most + 1, sizeof *t->flags);
    if (t->nodes == NULL || t->flags == NULL) {
        return -1;
    }
    list_handlers(t, flow->starts, flow->start_count);
    for (size_t s = 0; s < flow->state_count; s++) {
        list_handlers(t, flow->states[s].handlers, flow->states[s].handler_count);
        for (size_t d = 0; d < flow->states[s].deadline_count; d++) {
            list_transition(t, &flow->states[s].deadlines[d].then);
        }
    }
    return 0;
}

static int note_taken(struct gj_trace *trace, const struct gj_scene *scene,
                      const struct gj_entity *entity, uint32_t flow, uint32_t from,
                      const struct gj_cause *cause)
{
    struct walk *w = trace->context;
    struct taken *t = &w->flows[flow];
    (void)scene;
    (void)entity;
    (void)from;
    for (size_t i = 0; i < t->count; i++) {
        t->flags[i] |= t->nodes[i] == cause->transition->node;
    }
    return 0;
}

static void ignore(void *context, const gj_test_result *result)
{
    (void)context;
    (void)result;
}

static void tell_untaken(const struct gj_book *book, const struct walk *w, gj_errors *errors)
{
    for (size_t f = 0; f < w->plan->flow_count; f++) {
        const struct taken *t = &w->flows[f];
        for (size_t i = 0; i < t->count; i++) {
            if (!t->flags[i]) {
                warn(book, errors, t->nodes[i], "no test of the rulebook takes this step of '%s'",
                     w->plan->flows[f].head.id.ptr);
            }
        }
    }
}

static int lint_flows(struct gj_book *book, const struct gj_plan *plan, gj_errors *errors)
{
    gj_rulebook rulebook = {.book = book};
    struct walk w = {.plan = plan};
    struct gj_trace trace = {.context = &w, .moved = note_taken};
    gj_arena_init(&w.arena);
    w.flows = gj_arena_array(&w.arena, plan->flow_count + 1, sizeof *w.flows);
    int status = w.flows == NULL ? GJ_ESYSTEM : GJ_OK;
    for (size_t f = 0; status == GJ_OK && f < plan->flow_count; f++) {
        status = list_flow(&w, &plan->flows[f], &w.flows[f]) == 0 ? GJ_OK : GJ_ESYSTEM;
    }
    gj_engine *e = status == GJ_OK ? gj_engine_open(&rulebook, NULL, errors) : NULL;
    if (e != NULL) {
        gj_engine_trace(e, &trace);
        status = gj_engine_test(e, NULL, ignore, NULL);
        tell_untaken(book, &w, errors);
    } else {
        status = GJ_ESYSTEM;
    }
    gj_engine_close(e);
    gj_arena_release(&w.arena);
    return status;
}

int gj_rulebook_lint(const char *dir, gj_errors *errors)
{
    struct gj_book_options options = {.cache_dir = "", .with_tests = true};
    struct gj_book *book = gj_book_load(dir, options, errors);
    const struct gj_plan *plan = book == NULL ? NULL : gj_book_plan(book, errors);
    int status = plan == NULL ? GJ_EBOOK : GJ_OK;
    if (status == GJ_OK) {
        lint_lexicons(book, errors);
        for (size_t i = 0; i < book->rule_count; i++) {
            lint_rule(book, &book->rules[i], errors);
        }
        lint_uses(book, plan, errors);
        lint_expectations(book, plan, errors);
        status = plan->flow_count == 0 ? GJ_OK : lint_flows(book, plan, errors);
    }
    gj_book_free(book);
    return status;
}
