/* Room engine: what the whole rulebook carries of the catalogue: rules, scripts, and the half on
 * events, whose transitions, deadlines and ladders name rows too. */
#include <stdlib.h>

#include "base/vec.h"
#include "engine/inside.h"

struct carrier { /* an entry carries a row */
    struct gj_str row, entry;
    const struct gj_node *node;
    size_t tests;
    bool named; /* by `covers` or `rule`: it must be a row */
};

struct carriers {
    struct carrier *items;
    size_t count, capacity;
    bool failed;
};

static void add(struct carriers *c, struct carrier one)
{
    struct carrier *grown = gj_grow(c->items, &c->capacity, c->count + 1, sizeof *grown);
    if (grown == NULL) {
        c->failed = true;
        return;
    }
    c->items = grown;
    grown[c->count++] = one;
}

/* ---- who carries what ---- */

static void add_rule(struct carriers *c, const struct gj_rule *rule)
{
    struct carrier one = {.entry = rule->id,
                          .node = rule->node,
                          .tests = rule->test_count + rule->is_script, /* its reply is judged */
                          .named = gj_node_get(rule->node, "covers") != NULL};
    for (size_t i = 0; i < rule->cover_count; i++) {
        one.row = rule->covers[i];
        add(c, one);
    }
}

/* What every entry on events carries: its `covers`, else its own id. */
static struct carrier add_heading(struct carriers *c, const struct gj_heading *head)
{
    struct carrier one = {
        .row = head->id, .entry = head->id, .node = head->node, .tests = gj_heading_tests(head)};
    if (head->cover_count == 0) {
        add(c, one);
    }
    one.named = true;
    for (size_t i = 0; i < head->cover_count; i++) {
        one.row = head->covers[i];
        add(c, one);
    }
    return one;
}

/* `rule: ID` of a transition; a deadline may also have `covers: [ID]`. */
static void add_transition(struct carriers *c, struct carrier one, const struct gj_transition *t)
{
    const struct gj_node *covers = gj_node_get(t->node, "covers");
    one.node = t->node;
    if (t->rule.len > 0) {
        one.row = t->rule;
        add(c, one);
    }
    bool single = covers != NULL && covers->kind == GJ_NODE_SCALAR;
    for (const struct gj_node *n = covers == NULL || single ? covers : covers->first; n != NULL;
         n = single ? NULL : n->next) {
        one.row = n->text;
        add(c, one);
    }
}

static void add_handlers(struct carriers *c, struct carrier one, const struct gj_handler *list,
                         size_t count)
{
    for (size_t h = 0; h < count; h++) {
        for (size_t i = 0; i < list[h].choice_count; i++) {
            add_transition(c, one, &list[h].choices[i]);
        }
    }
}

static void add_flow(struct carriers *c, const struct gj_flow *flow)
{
    struct carrier one = add_heading(c, &flow->head);
    add_handlers(c, one, flow->starts, flow->start_count);
    for (size_t s = 0; s < flow->state_count; s++) {
        const struct gj_state *state = &flow->states[s];
        add_handlers(c, one, state->handlers, state->handler_count);
        for (size_t d = 0; d < state->deadline_count; d++) {
            add_transition(c, one, &state->deadlines[d].then);
        }
    }
}

static void add_plan(struct carriers *c, const struct gj_plan *plan)
{
    for (size_t i = 0; i < plan->flow_count; i++) {
        add_flow(c, &plan->flows[i]);
    }
    for (size_t i = 0; i < plan->finding_count; i++) {
        add_heading(c, &plan->findings[i].head);
    }
    for (size_t i = 0; i < plan->counter_count; i++) {
        add_heading(c, &plan->counters[i].head);
    }
    for (size_t i = 0; i < plan->metric_count; i++) {
        add_heading(c, &plan->metrics[i].head);
    }
    for (size_t i = 0; i < plan->ladder_count; i++) {
        struct carrier one = add_heading(c, &plan->ladders[i].head);
        one.row = plan->ladders[i].reset_rule;
        if (one.row.len > 0) {
            add(c, one);
        }
    }
    for (size_t i = 0; i < plan->guidance_count; i++) {
        add_heading(c, &plan->guidances[i].head);
    }
}

static int by_row(const void *a, const void *b)
{
    const struct carrier *x = a, *y = b;
    int order = strcmp(x->row.ptr, y->row.ptr);
    return order != 0 ? order : strcmp(x->entry.ptr, y->entry.ptr);
}

/* ---- rows ---- */

/* Entries that carry `id`, joined, and the tests they bring. */
static size_t carried(const struct carriers *c, struct gj_str id, struct gj_buf *out)
{
    size_t low = 0, high = c->count, tests = 0;
    while (low < high) { /* the first of them */
        size_t middle = low + (high - low) / 2;
        if (strcmp(c->items[middle].row.ptr, id.ptr) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (size_t i = low; i < c->count && gj_str_eq(c->items[i].row, id); i++) {
        if (i > low && gj_str_eq(c->items[i - 1].entry, c->items[i].entry)) {
            continue; /* by several of its transitions */
        }
        gj_buf_add_cstr(out, out->len > 0 ? ", " : "");
        gj_buf_add_str(out, c->items[i].entry);
        tests += c->items[i].tests;
    }
    return tests;
}

static void refuse_unknown(const struct gj_book *book, const struct gj_plan *plan,
                           const struct carriers *c, const struct gj_node *rows, gj_errors *errors)
{
    struct gj_map ids;
    gj_map_init(&ids);
    for (const struct gj_node *row = rows->first; row != NULL; row = row->next) {
        const struct gj_node *id = gj_node_get(row, "id");
        if (id != NULL) {
            gj_map_put(&ids, id->text, 0);
        }
    }
    for (size_t i = 0; i < c->count; i++) {
        const struct carrier *one = &c->items[i];
        bool known = gj_map_get(&ids, one->row) != GJ_MAP_NONE ||
                     gj_map_get(&plan->finding_ids, one->row) != GJ_MAP_NONE ||
                     gj_map_get(&book->rule_ids, one->row) != GJ_MAP_NONE;
        if (one->named && !known) {
            const struct gj_file *file = &book->files[one->node->file];
            gj_errors_add(errors, file->path, one->node->line, one->node->column,
                          gj_file_line(file, one->node->line),
                          "warning: '%s' is no row of the catalogue, and no rule or finding",
                          one->row.ptr);
        }
    }
    gj_map_release(&ids);
}

static const char *text_at(const struct gj_node *row, const char *key)
{
    const struct gj_node *value = gj_node_get(row, key);
    return value == NULL ? NULL : value->text.ptr;
}

static int tell_rows(const struct carriers *c, const struct gj_node *rows,
                     void (*each)(void *context, const gj_coverage_row *row), void *context,
                     gj_errors *errors)
{
    struct gj_buf names;
    int status = GJ_OK;
    gj_buf_init(&names);
    for (const struct gj_node *row = rows->first; row != NULL && status == GJ_OK; row = row->next) {
        gj_coverage_row out = {.id = text_at(row, "id"),
                               .decided_from = text_at(row, "decided_from"),
                               .system = text_at(row, "system")};
        if (out.id == NULL || out.decided_from == NULL || out.system == NULL) {
            gj_errors_say(errors, "catalogue.yaml:%u: a row needs id, system and decided_from",
                          row->line);
            status = GJ_EBOOK;
            break;
        }
        gj_buf_reset(&names);
        out.tests = carried(c, gj_str_of(out.id), &names);
        out.carried_by = names.ptr;
        each(context, &out);
    }
    gj_buf_release(&names);
    return status;
}

int gj_rulebook_coverage(const char *dir, void (*each)(void *context, const gj_coverage_row *row),
                         void *context, gj_errors *errors)
{
    struct gj_arena arena;
    struct gj_node *rows = NULL;
    struct carriers c = {.items = NULL};
    struct gj_book_options options = {.cache_dir = "", .with_tests = true};
    gj_arena_init(&arena);
    struct gj_book *book = gj_book_load(dir, options, errors);
    const struct gj_plan *plan = book == NULL ? NULL : gj_book_plan(book, errors);
    int status =
        plan == NULL || gj_catalogue_read(&arena, dir, &rows, errors) != 0 ? GJ_EBOOK : GJ_OK;
    for (size_t r = 0; status == GJ_OK && r < book->rule_count; r++) {
        add_rule(&c, &book->rules[r]);
    }
    if (status == GJ_OK) {
        add_plan(&c, plan);
        if (c.count > 1) {
            qsort(c.items, c.count, sizeof *c.items, by_row);
        }
        status = c.failed ? GJ_ESYSTEM : tell_rows(&c, rows, each, context, errors);
    }
    if (status == GJ_OK) {
        refuse_unknown(book, plan, &c, rows, errors);
    }
    free(c.items);
    gj_book_free(book);
    gj_arena_release(&arena);
    return status;
}
