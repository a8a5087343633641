/* Room engine: the rulebook's half on events tests itself. Beside each entry stand streams and what
 * is to be seen at given instants (docs/flows.md). Every expectation is a replay of its own, of the
 * events up to its instant. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/selftest.h"
#include "engine/words.h"

struct suite {
    struct gj_engine *e;
    void (*each)(void *context, const gj_test_result *result);
    void *context;
    struct gj_buf json, got;
    const char *platform;
};

struct case_under_test {
    struct suite *suite;
    const struct gj_heading *head;
    uint32_t flow; /* that the test stands beside; GJ_NO_INDEX: another entry */
    const struct gj_node *test;
    struct gj_shop *shop;
    int64_t at;
};

/* Adds to what is wrong with the expectation at hand. */
static void miss(struct case_under_test *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void miss(struct case_under_test *c, const char *format, ...)
{
    char text[400];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    gj_buf_addf(&c->suite->got, "%s%s", c->suite->got.len > 0 ? "; " : "", text);
}

/* ---- events from YAML ---- */

static void write_node(struct gj_buf *out, const struct gj_node *node,
                       const struct gj_event_field *field, const struct gj_node *example);

static void write_scalar(struct gj_buf *out, const struct gj_node *node,
                         const struct gj_event_field *field)
{
    int64_t at = 0;
    enum gj_type_kind kind = field == NULL ? GJ_TYPE_DYN : field->type->kind;
    bool number = node->text.len > 0;
    for (size_t i = 0; i < node->text.len; i++) {
        number &= (node->text.ptr[i] >= '0' && node->text.ptr[i] <= '9') ||
                  (i == 0 && node->text.ptr[i] == '-' && node->text.len > 1);
    }
    bool word = gj_str_is(node->text, "true") || gj_str_is(node->text, "false");
    if (kind == GJ_TYPE_TIMESTAMP && gj_test_time(node->text, &at) == 0) {
        gj_buf_add_char(out, '"');
        gj_timestamp_format(gj_instant_of(at), out);
        gj_buf_add_char(out, '"');
    } else if (kind != GJ_TYPE_STRING && kind != GJ_TYPE_LIST && node->plain && (number || word)) {
        gj_buf_add_str(out, node->text);
    } else {
        gj_json_add_string(out, node->text);
    }
}

/* An object: what is given, and from the example what must be there. */
static void write_fields(struct gj_buf *out, const struct gj_node *given,
                         const struct gj_event_field *fields, size_t count, bool open,
                         const struct gj_node *example)
{
    bool first = true;
    gj_buf_add_char(out, '{');
    for (const struct gj_node *n = given == NULL ? NULL : given->first; n != NULL; n = n->next) {
        const struct gj_event_field *field =
            open ? fields : gj_event_field_named(fields, count, n->key->text);
        gj_buf_add_cstr(out, first ? "" : ",");
        gj_json_add_string(out, n->key->text);
        gj_buf_add_char(out, ':');
        write_node(out, n, field, example == NULL ? NULL : gj_node_get(example, n->key->text.ptr));
        first = false;
    }
    for (size_t i = 0; i < count && !open && example != NULL; i++) {
        const struct gj_node *usual = gj_node_get(example, fields[i].name.ptr);
        bool there = given != NULL && gj_node_get(given, fields[i].name.ptr) != NULL;
        if (!there && usual != NULL && !fields[i].optional) {
            gj_buf_add_cstr(out, first ? "" : ",");
            gj_json_add_string(out, fields[i].name);
            gj_buf_add_char(out, ':');
            write_node(out, usual, &fields[i], usual);
            first = false;
        }
    }
    gj_buf_add_char(out, '}');
}

static void write_node(struct gj_buf *out, const struct gj_node *node,
                       const struct gj_event_field *field, const struct gj_node *example)
{
    const struct gj_event_field *inner = field == NULL ? NULL : field->inner;
    size_t inner_count = field == NULL ? 0 : field->inner_count;
    if (node->kind == GJ_NODE_SCALAR) {
        write_scalar(out, node, field);
    } else if (node->kind == GJ_NODE_MAPPING) {
        const struct gj_node *usual =
            example != NULL && example->kind == GJ_NODE_MAPPING ? example : NULL;
        write_fields(out, node, inner, inner_count, field != NULL && field->open, usual);
    } else {
        const struct gj_node *usual =
            example != NULL && example->kind == GJ_NODE_SEQUENCE ? example->first : NULL;
        gj_buf_add_char(out, '[');
        for (const struct gj_node *n = node->first; n != NULL; n = n->next) {
            gj_buf_add_cstr(out, n == node->first ? "" : ",");
            if (n->kind == GJ_NODE_MAPPING) {
                write_fields(out, n, inner, inner_count, false, usual);
            } else {
                write_scalar(out, n, field);
            }
        }
        gj_buf_add_char(out, ']');
    }
}

/* "TIME TYPE: {data}" as a line of CloudEvents; the `id` of the line may be told as `$id`. */
static void write_event(struct case_under_test *c, const struct gj_node *item, size_t number,
                        int64_t *at)
{
    struct gj_buf *out = &c->suite->json;
    const struct gj_events *events = c->suite->e->plan->events;
    const struct gj_node *line = item->first;
    const char *space = memchr(line->key->text.ptr, ' ', line->key->text.len);
    struct gj_str time = {line->key->text.ptr, (size_t)(space - line->key->text.ptr)};
    struct gj_str name = gj_str_of(space + 1);
    const struct gj_event_type *type = &events->types[gj_map_get(&events->type_ids, name)];
    gj_test_time(time, at);
    gj_buf_reset(out);
    gj_buf_addf(out, "{\"specversion\":\"1.0\",\"id\":\"t%zu\",\"source\":\"/%s/s1\",\"time\":\"",
                number, c->suite->platform);
    gj_timestamp_format(gj_instant_of(*at), out);
    gj_buf_add_cstr(out, "\",\"type\":");
    gj_json_add_string(out, name);
    gj_buf_add_cstr(out, ",\"data\":");
    write_fields(out, line, type->fields, type->field_count, false, type->example);
    gj_buf_add_char(out, '}');
}

/* ---- one replay ---- */

static int feed_one(struct case_under_test *c)
{
    gj_reception got;
    struct suite *s = c->suite;
    int status = gj_engine_apply(s->e, s->json.ptr, s->json.len, 0, &got);
    if (status == GJ_OK && got.status == GJ_REFUSED) {
        miss(c, "refused: %s", got.why);
        return -1;
    }
    return status == GJ_OK ? 0 : -1;
}

static int configure(struct case_under_test *c, const struct gj_node *shop, int64_t before)
{
    struct gj_buf *out = &c->suite->json;
    const struct gj_events *events = c->suite->e->plan->events;
    uint32_t t = gj_map_get(&events->type_ids, GJ_STR("shop.configured"));
    if (shop == NULL) {
        return 0;
    }
    gj_buf_reset(out);
    gj_buf_addf(out, "{\"specversion\":\"1.0\",\"id\":\"t0\",\"source\":\"/%s/s1\",\"time\":\"",
                c->suite->platform);
    gj_timestamp_format(gj_instant_of(before), out);
    gj_buf_add_cstr(out, "\",\"type\":\"shop.configured\",\"data\":");
    write_fields(out, shop, events->types[t].fields, events->types[t].field_count, false, NULL);
    gj_buf_add_char(out, '}');
    return feed_one(c);
}

static int replay(struct case_under_test *c)
{
    const struct gj_node *given = gj_node_get(c->test, "given");
    size_t number = 0;
    int64_t at = 0, first = INT64_MAX;
    if (gj_engine_restart(c->suite->e) != 0) {
        return -1;
    }
    for (const struct gj_node *n = given == NULL ? NULL : given->first; n != NULL; n = n->next) {
        write_event(c, n, ++number, &at);
        first = at < first ? at : first;
    }
    first = first == INT64_MAX ? c->at : first;
    if (configure(c, gj_node_get(c->test, "shop"), first) != 0) {
        return -1;
    }
    number = 0;
    for (const struct gj_node *n = given == NULL ? NULL : given->first; n != NULL; n = n->next) {
        write_event(c, n, ++number, &at);
        if (at <= c->at && feed_one(c) != 0) {
            return -1;
        }
    }
    return gj_engine_advance(c->suite->e, c->at) == GJ_OK ? 0 : -1;
}

/* ---- what is seen ---- */

/* The entity's case, with the scene for its deadlines; NULL: nobody has named it. */
static const struct gj_entity *entity(struct case_under_test *c, uint32_t kind, struct gj_str id,
                                      struct gj_cached **cached)
{
    struct gj_engine *e = c->suite->e;
    int64_t case_id = 0;
    *cached = NULL;
    if (gj_store_entity_case(e->store, c->shop->id, e->plan->events->kinds[kind].name, id,
                             &case_id) != 0 ||
        case_id == 0) {
        return NULL;
    }
    *cached = gj_engine_case(e, c->shop, case_id);
    return *cached == NULL ? NULL : gj_case_find(&(*cached)->c, kind, id);
}

static struct gj_str state_of(struct case_under_test *c, uint32_t flow, struct gj_str id)
{
    const struct gj_plan *plan = c->suite->e->plan;
    uint32_t kind = plan->flows[flow].kind;
    struct gj_cached *cached = NULL;
    const struct gj_entity *found = entity(c, kind, id, &cached);
    for (size_t i = 0; found != NULL && i < plan->kinds[kind].flow_count; i++) {
        if (plan->kinds[kind].flows[i] == flow && found->standings[i].state != GJ_NO_INDEX) {
            return plan->flows[flow].states[found->standings[i].state].name;
        }
    }
    return GJ_STR("none");
}

static void see_states(struct case_under_test *c, uint32_t flow, const struct gj_node *wanted)
{
    for (const struct gj_node *n = wanted->first; n != NULL; n = n->next) {
        struct gj_str got = state_of(c, flow, n->key->text);
        if (!gj_str_eq(got, n->text)) {
            miss(c, "%s of %s is %s, not %s", c->suite->e->plan->flows[flow].head.id.ptr,
                 n->key->text.ptr, got.ptr, n->text.ptr);
        }
    }
}

/* Without a flow of its own, an entry asks whether the entity stands so in any flow. */
static void see_any_state(struct case_under_test *c, const struct gj_node *wanted)
{
    for (const struct gj_node *n = wanted->first; n != NULL; n = n->next) {
        bool stands = false;
        for (uint32_t f = 0; f < c->suite->e->plan->flow_count; f++) {
            stands |= c->shop->flows[f] && gj_str_eq(state_of(c, f, n->key->text), n->text);
        }
        if (!stands) {
            miss(c, "%s stands nowhere in %s", n->key->text.ptr, n->text.ptr);
        }
    }
}

struct wanted_deadline {
    struct case_under_test *c;
    struct gj_str name;
    int64_t at; /* GJ_NEVER: none is to be there */
    bool found, other;
    int64_t other_at;
};

static void look_at_deadline(void *context, const struct gj_due *due)
{
    struct wanted_deadline *w = context;
    const struct gj_flow *flow = &w->c->suite->e->plan->flows[due->flow];
    bool own = w->c->flow == GJ_NO_INDEX || w->c->flow == due->flow;
    if (own && gj_str_eq(flow->states[due->state].deadlines[due->deadline].name, w->name)) {
        w->found |= due->at == w->at;
        w->other = true;
        w->other_at = due->at;
    }
}

static int look_in_case(void *context, const struct gj_store_case *row)
{
    struct wanted_deadline *w = context;
    struct gj_engine *e = w->c->suite->e;
    struct gj_cached *cached = gj_engine_case(e, w->c->shop, row->id);
    if (cached == NULL) {
        return -1;
    }
    struct gj_run run = {&cached->c, &w->c->shop->setting, &e->arena, &e->sink};
    gj_run_deadlines(&run, look_at_deadline, w);
    return 0;
}

static void see_deadlines(struct case_under_test *c, const struct gj_node *wanted)
{
    for (const struct gj_node *n = wanted->first; n != NULL; n = n->next) {
        struct wanted_deadline w = {.c = c, .name = n->key->text, .at = GJ_NEVER};
        bool none = gj_str_is(n->text, "none");
        if (!none) {
            gj_test_time(n->text, &w.at);
        }
        gj_store_cases(c->suite->e->store, c->shop->id, look_in_case, &w);
        if (none ? w.other : !w.found) {
            struct gj_buf when;
            gj_buf_init(&when);
            if (w.other) {
                gj_words_time(c->shop, w.other_at, &when);
            }
            miss(c, "deadline %s is %s, not %s", n->key->text.ptr, w.other ? when.ptr : "none",
                 n->text.ptr);
            gj_buf_release(&when);
        }
    }
}

struct search {
    struct gj_str name;
    bool found;
    struct gj_buf *all;
    int64_t sum;
};

static int look_at_found(void *context, const struct gj_found_row *row)
{
    struct search *s = context;
    s->found |= !row->withdrawn && gj_str_eq(row->rule, s->name);
    if (!row->withdrawn && s->all->len < 300) {
        gj_buf_addf(s->all, " %.*s", (int)row->rule.len, row->rule.ptr);
    }
    return 0;
}

static void see_found(struct case_under_test *c, const struct gj_node *list, bool wanted)
{
    struct gj_buf all;
    gj_buf_init(&all);
    bool single = list->kind == GJ_NODE_SCALAR;
    for (const struct gj_node *n = single ? list : list->first; n != NULL;
         n = single ? NULL : n->next) {
        struct search s = {.name = n->text, .all = &all};
        gj_buf_reset(&all);
        gj_store_founds(c->suite->e->store, (struct gj_store_filter){0}, look_at_found, &s);
        if (s.found != wanted) {
            miss(c, "%s was %sfound (found:%s)", n->text.ptr, wanted ? "not " : "", all.ptr);
        }
    }
    gj_buf_release(&all);
}

static int add_entry(void *context, const struct gj_entry_row *row)
{
    struct search *s = context;
    bool mine = gj_str_eq(row->account, s->name);
    /* the platform's account is one for money: points have the shop's alone */
    if (gj_str_is(s->name, "platform") && gj_str_is(row->unit, "points")) {
        mine = false;
    }
    s->sum += mine ? row->amount : 0;
    return 0;
}

static void see_ledger(struct case_under_test *c, const struct gj_node *wanted)
{
    for (const struct gj_node *n = wanted->first; n != NULL; n = n->next) {
        struct search s = {.name = n->key->text};
        gj_store_entries(c->suite->e->store, (struct gj_store_filter){0}, add_entry, &s);
        if (s.sum != strtoll(n->text.ptr, NULL, 10)) {
            miss(c, "%s holds %lld, not %s", n->key->text.ptr, (long long)s.sum, n->text.ptr);
        }
    }
}

static bool same_time(const struct gj_node *wanted, int64_t got)
{
    int64_t at = 0;
    if (wanted == NULL) {
        return true;
    }
    return gj_str_is(wanted->text, "none") ? got == GJ_NEVER
                                           : gj_test_time(wanted->text, &at) == 0 && at == got;
}

struct wanted_measure {
    struct case_under_test *c;
    const struct gj_node *node; /* its key is the name */
    bool running, fits;
    struct gj_buf others; /* from when to when those of the name run */
};

static int look_at_measure(void *context, const struct gj_measure_row *row)
{
    struct wanted_measure *w = context;
    if (row->withdrawn || row->ends != GJ_RUNS || !gj_str_eq(row->what, w->node->key->text)) {
        return 0;
    }
    w->running |= row->from <= w->c->at && row->to > w->c->at;
    w->fits |= same_time(gj_node_get(w->node, "from"), row->from) &&
               same_time(gj_node_get(w->node, "to"), row->to);
    gj_buf_add_cstr(&w->others, w->others.len > 0 ? ", " : "");
    gj_words_time(w->c->shop, row->from, &w->others);
    gj_buf_add_cstr(&w->others, " to ");
    if (row->to != GJ_NEVER) {
        gj_words_time(w->c->shop, row->to, &w->others);
    }
    return 0;
}

static void see_measures(struct case_under_test *c, const struct gj_node *wanted)
{
    for (const struct gj_node *n = wanted->first; n != NULL; n = n->next) {
        struct wanted_measure w = {.c = c, .node = n};
        bool none = n->kind == GJ_NODE_SCALAR;
        gj_buf_init(&w.others);
        gj_store_measures(c->suite->e->store, (struct gj_store_filter){0}, look_at_measure, &w);
        if (none && w.running) {
            miss(c, "measure %s is running", n->key->text.ptr);
        } else if (!none && w.others.len == 0) {
            miss(c, "there is no measure %s", n->key->text.ptr);
        } else if (!none && !w.fits) {
            miss(c, "measure %s runs from %s", n->key->text.ptr, w.others.ptr);
        }
        gj_buf_release(&w.others);
    }
}

static void see_figure(struct case_under_test *c, const struct gj_node *wanted, const char *name,
                       int64_t got, bool known)
{
    const struct gj_node *n = gj_node_get(wanted, name);
    if (n == NULL) {
        return;
    }
    bool none = gj_str_is(n->text, "null") || gj_str_is(n->text, "none");
    if (none ? known : !known || strtoll(n->text.ptr, NULL, 10) != got) {
        miss(c, "%s is %s%lld, not %s", name, known ? "" : "unknown ", (long long)got, n->text.ptr);
    }
}

static void see_metrics(struct case_under_test *c, const struct gj_node *wanted)
{
    struct gj_engine *e = c->suite->e;
    for (const struct gj_node *n = wanted->first; n != NULL; n = n->next) {
        uint32_t m = gj_map_get(&e->plan->metric_ids, n->key->text);
        const struct gj_node *window = gj_node_get(n, "window"),
                             *product = gj_node_get(n, "product"),
                             *breach = gj_node_get(n, "breach");
        int64_t at = c->at;
        struct gj_figures f = {0};
        struct gj_window_of w;
        if (window != NULL) {
            gj_test_time(window->text, &at);
        }
        if (!c->shop->metrics[m] ||
            gj_engine_metric(e, c->shop, m, at, INT64_MAX,
                             product == NULL ? GJ_STR("") : product->text, &w, &f) != 0) {
            miss(c, "metric %s is not kept for this shop", n->key->text.ptr);
            continue;
        }
        see_figure(c, n, "numerator", f.numerator, f.known);
        see_figure(c, n, "denominator", f.denominator, f.known);
        see_figure(c, n, "value_bp", f.value_bp, f.has_value);
        if (breach != NULL && gj_str_is(breach->text, "true") != f.breach) {
            miss(c, "breach is %s", f.breach ? "true" : "false");
        }
    }
}

static void see(struct case_under_test *c, const struct gj_node *expect)
{
    const struct gj_plan *plan = c->suite->e->plan;
    for (const struct gj_node *n = expect->first; n != NULL; n = n->next) {
        if (gj_str_is(n->key->text, "at")) {
            continue;
        }
        bool by_flow =
            n->kind == GJ_NODE_MAPPING && n->first != NULL && n->first->kind == GJ_NODE_MAPPING;
        if (gj_str_is(n->key->text, "state") && !by_flow) {
            if (c->flow != GJ_NO_INDEX) {
                see_states(c, c->flow, n);
            } else {
                see_any_state(c, n);
            }
        } else if (gj_str_is(n->key->text, "states") || gj_str_is(n->key->text, "state")) {
            for (const struct gj_node *f = n->first; f != NULL; f = f->next) {
                see_states(c, gj_map_get(&plan->flow_ids, f->key->text), f);
            }
        } else if (gj_str_is(n->key->text, "deadline")) {
            see_deadlines(c, n);
        } else if (gj_str_is(n->key->text, "found") || gj_str_is(n->key->text, "not_found")) {
            see_found(c, n, n->key->text.ptr[0] == 'f');
        } else if (gj_str_is(n->key->text, "ledger")) {
            see_ledger(c, n);
        } else if (gj_str_is(n->key->text, "measure")) {
            see_measures(c, n);
        } else if (gj_str_is(n->key->text, "metric")) {
            see_metrics(c, n);
        }
    }
}

/* ---- the suite ---- */

static const char *platform_of(struct suite *s, const struct gj_heading *head,
                               const struct gj_node *test)
{
    const struct gj_book *book = s->e->book;
    const struct gj_node *on = gj_node_get(test, "on");
    const struct gj_field *platform = &book->fields[GJ_FIELD_PLATFORM];
    if (on != NULL && on->kind == GJ_NODE_SCALAR) {
        return on->text.ptr;
    }
    const char *dot = memchr(head->id.ptr, '.', head->id.len);
    struct gj_str first = {head->id.ptr, dot == NULL ? 0 : (size_t)(dot - head->id.ptr)};
    for (size_t i = 0; i < platform->value_count; i++) {
        if (gj_str_eq(platform->values[i], first)) {
            return platform->values[i].ptr;
        }
    }
    return book->tests_on.len > 0 ? book->tests_on.ptr : platform->values[0].ptr;
}

static void tell(struct suite *s, const struct gj_heading *head, uint32_t line, const char *say)
{
    gj_test_result result = {.name = head->id.ptr,
                             .file = s->e->book->files[head->node->file].path.ptr,
                             .line = line,
                             .passed = s->got.len == 0,
                             .say = say,
                             .expected = "",
                             .got = s->got.ptr};
    s->each(s->context, &result);
}

static void run_expectation(struct suite *s, const struct gj_heading *head, uint32_t flow,
                            const struct gj_node *test, const struct gj_node *expect)
{
    struct case_under_test c = {.suite = s, .head = head, .flow = flow, .test = test};
    const struct gj_node *at = gj_node_get(expect, "at");
    char source[80];
    s->platform = platform_of(s, head, test);
    gj_buf_reset(&s->got);
    snprintf(source, sizeof source, "/%s/s1", s->platform);
    gj_test_time(at->text, &c.at);
    if (replay(&c) == 0) {
        c.shop = gj_engine_shop(s->e, gj_str_of(source));
        if (c.shop == NULL || gj_engine_setting(s->e, c.shop, c.at) != 0) {
            miss(&c, "the shop cannot be looked at");
        } else {
            see(&c, expect);
        }
    } else if (s->got.len == 0) {
        miss(&c, "the stream could not be applied");
    }
    tell(s, head, expect->line, at->text.ptr);
}

/* A test of another form than it must have does not run: it is told as failed. */
static void run_test(struct suite *s, const struct gj_heading *head, uint32_t flow,
                     const struct gj_node *test)
{
    gj_buf_reset(&s->got);
    uint32_t line = gj_test_form(s->e, flow, test, &s->got);
    if (line != 0) {
        tell(s, head, line, "");
        return;
    }
    const struct gj_node *expect = gj_node_get(test, "expect");
    bool list = expect->kind == GJ_NODE_SEQUENCE;
    for (const struct gj_node *x = list ? expect->first : expect; x != NULL;
         x = list ? x->next : NULL) {
        run_expectation(s, head, flow, test, x);
    }
}

static void run_entry(struct suite *s, const struct gj_heading *head, uint32_t flow,
                      const char *only)
{
    const struct gj_node *tests = head->tests;
    if (tests == NULL || (only != NULL && strncmp(head->id.ptr, only, strlen(only)) != 0)) {
        return;
    }
    if (tests->kind != GJ_NODE_SEQUENCE) {
        gj_buf_reset(&s->got);
        gj_buf_add_cstr(&s->got, "'tests' is a list: - {given: [...], expect: [...]}");
        tell(s, head, tests->line, "");
        return;
    }
    for (const struct gj_node *t = tests->first; t != NULL; t = t->next) {
        run_test(s, head, flow, t);
    }
}

int gj_engine_test(struct gj_engine *e, const char *only,
                   void (*each)(void *context, const gj_test_result *result), void *context)
{
    struct suite s = {.e = e, .each = each, .context = context};
    const struct gj_plan *plan = e->plan;
    gj_buf_init(&s.json);
    gj_buf_init(&s.got);
    for (uint32_t i = 0; i < plan->flow_count; i++) {
        run_entry(&s, &plan->flows[i].head, i, only);
    }
    for (size_t i = 0; i < plan->finding_count; i++) {
        run_entry(&s, &plan->findings[i].head, GJ_NO_INDEX, only);
    }
    for (size_t i = 0; i < plan->counter_count; i++) {
        run_entry(&s, &plan->counters[i].head, GJ_NO_INDEX, only);
    }
    for (size_t i = 0; i < plan->metric_count; i++) {
        run_entry(&s, &plan->metrics[i].head, GJ_NO_INDEX, only);
    }
    for (size_t i = 0; i < plan->ladder_count; i++) {
        run_entry(&s, &plan->ladders[i].head, GJ_NO_INDEX, only);
    }
    gj_buf_release(&s.json);
    gj_buf_release(&s.got);
    return GJ_OK;
}

int gj_engine_rulebook_test(const char *dir, const char *only,
                            void (*each)(void *context, const gj_test_result *result),
                            void *context, gj_errors *errors)
{
    gj_rulebook *rulebook = calloc(1, sizeof *rulebook);
    struct gj_book_options options = {.cache_dir = "", .with_tests = true};
    if (rulebook == NULL) {
        return GJ_ESYSTEM;
    }
    rulebook->book = gj_book_load(dir, options, errors);
    int status = rulebook->book == NULL ? GJ_EBOOK : GJ_OK;
    if (status == GJ_OK && gj_book_events(rulebook->book, errors) != NULL &&
        rulebook->book->events.type_count > 0) {
        gj_engine *e = gj_engine_open(rulebook, NULL, errors);
        status = e == NULL ? GJ_EBOOK : gj_engine_test(e, only, each, context);
        gj_engine_close(e);
    }
    if (status == GJ_OK) {
        status = gj_ingest_test(rulebook, only, each, context);
    }
    gj_book_free(rulebook->book);
    free(rulebook);
    return status;
}
