/* Room engine: the form of the tests that stand beside entries on events and beside envelopes (see
 * selftest.h). */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/near.h"
#include "engine/selftest.h"

int gj_test_time(struct gj_str text, int64_t *out)
{
    char full[64];
    bool zoned = false, seconds = false;
    for (size_t i = 11; i < text.len; i++) {
        zoned |= text.ptr[i] == '+' || text.ptr[i] == 'Z' || text.ptr[i] == '-';
        seconds |= !zoned && i >= 16 && text.ptr[i] == ':';
    }
    if (text.len < 10 || text.len > 40) {
        return -1;
    }
    snprintf(full, sizeof full, "%.*s%s%s%s", (int)text.len, text.ptr,
             text.len == 10 ? "T00:00" : "", seconds || zoned ? "" : ":00", zoned ? "" : "+08:00");
    return gj_time_parse(full, out);
}

struct form {
    const struct gj_engine *e;
    uint32_t flow; /* GJ_NO_INDEX: the entry is none */
    struct gj_buf *wrong;
    uint32_t line; /* of the first mistake; 0: none */
};

static void say(struct form *f, const struct gj_node *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void say(struct form *f, const struct gj_node *at, const char *format, ...)
{
    char text[400];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    gj_buf_addf(f->wrong, "%sline %u: %s", f->wrong->len > 0 ? "; " : "", at->line, text);
    f->line = f->line == 0 ? at->line : f->line;
}

/* "unknown WHAT 'name'", and which was probably meant. */
static void say_unknown(struct form *f, const struct gj_node *at, const char *what,
                        struct gj_str name, struct gj_str best)
{
    say(f, at, "unknown %s '%.*s'%s%.*s%s", what, (int)name.len, name.ptr,
        best.len > 0 ? "; did you mean '" : "", (int)best.len, best.len > 0 ? best.ptr : "",
        best.len > 0 ? "'?" : "");
}

/* ---- shapes ---- */

static const char *shown(const struct gj_node *node)
{
    return node->kind == GJ_NODE_SCALAR ? node->text.ptr : "...";
}

static bool is_map(struct form *f, const struct gj_node *node, const char *like)
{
    if (node->kind == GJ_NODE_MAPPING && node->first != NULL) {
        return true;
    }
    say(f, node, "'%s' looks at nothing; write %s", node->key == NULL ? "" : node->key->text.ptr,
        like);
    return false;
}

static bool is_text(const struct gj_node *node)
{
    return node->kind == GJ_NODE_SCALAR && node->text.len > 0;
}

static bool is_none(const struct gj_node *node)
{
    return node->kind == GJ_NODE_SCALAR && gj_str_is(node->text, "none");
}

static void want_keys(struct form *f, const struct gj_node *map, const char *what,
                      const char *const *keys)
{
    for (const struct gj_node *n = map->first; n != NULL; n = n->next) {
        struct gj_near near = gj_near_begin(n->key->text);
        bool known = false;
        for (size_t i = 0; keys[i] != NULL; i++) {
            known |= gj_str_is(n->key->text, keys[i]);
            gj_near_try(&near, gj_str_of(keys[i]));
        }
        if (!known) {
            say_unknown(f, n->key, what, n->key->text, near.best);
        }
    }
}

static void want_time(struct form *f, const struct gj_node *node, bool none)
{
    int64_t ignored = 0;
    if (!(none && is_none(node)) && (!is_text(node) || gj_test_time(node->text, &ignored) != 0)) {
        say(f, node, "'%s' is no time; write 2026-03-01T10:00:00%s", shown(node),
            none ? ", or none" : "");
    }
}

static void want_int(struct form *f, const struct gj_node *node, bool none)
{
    char *end = NULL;
    bool absent =
        none && (is_none(node) || (node->kind == GJ_NODE_SCALAR && gj_str_is(node->text, "null")));
    if (!absent && (!is_text(node) || (strtoll(node->text.ptr, &end, 10), *end != '\0'))) {
        say(f, node, "'%s' is no number%s", shown(node), none ? "; write one, or none" : "");
    }
}

/* ---- what is given ---- */

/* A test that names a field which the type does not have tests something else than it says. Whether
 * a value is of its field's type is the engine's to tell, when it takes the event. */
static void look_at_fields(struct form *f, const struct gj_node *data,
                           const struct gj_event_field *fields, size_t count, const char *of)
{
    for (const struct gj_node *n = data->first; n != NULL; n = n->next) {
        const struct gj_event_field *field = gj_event_field_named(fields, count, n->key->text);
        if (field == NULL) {
            say(f, n->key, "%s has no field '%s'; see events.yaml", of, n->key->text.ptr);
            continue;
        }
        bool inner = field->inner != NULL && !field->open;
        if (inner && n->kind == GJ_NODE_MAPPING) {
            look_at_fields(f, n, field->inner, field->inner_count, field->name.ptr);
        }
        for (const struct gj_node *item = n->kind == GJ_NODE_SEQUENCE ? n->first : NULL;
             inner && item != NULL; item = item->next) {
            if (item->kind == GJ_NODE_MAPPING) {
                look_at_fields(f, item, field->inner, field->inner_count, field->name.ptr);
            }
        }
    }
}

static const struct gj_event_type *type_named(const struct gj_engine *e, struct gj_str name)
{
    uint32_t at = gj_map_get(&e->plan->events->type_ids, name);
    return at == GJ_MAP_NONE ? NULL : &e->plan->events->types[at];
}

/* An item of `given`: `TIME TYPE: {data}`. */
static void look_at_event(struct form *f, const struct gj_node *item)
{
    const struct gj_node *line = item->kind == GJ_NODE_MAPPING ? item->first : NULL;
    const char *space = line == NULL ? NULL : memchr(line->key->text.ptr, ' ', line->key->text.len);
    int64_t ignored = 0;
    if (space == NULL ||
        gj_test_time((struct gj_str){line->key->text.ptr, (size_t)(space - line->key->text.ptr)},
                     &ignored) != 0) {
        say(f, item, "this is no `TIME TYPE: {data}`");
        return;
    }
    if (line->next != NULL) {
        say(f, line->next->key, "an event of its own begins with '- '");
    }
    if (line->kind == GJ_NODE_SEQUENCE || is_text(line)) {
        say(f, line, "the data of an event is {FIELD: VALUE}");
        return;
    }
    struct gj_str name = gj_str_of(space + 1);
    const struct gj_event_type *type = type_named(f->e, name);
    if (type == NULL) {
        say_unknown(f, line->key, "type of event", name,
                    gj_nearest(&f->e->plan->events->type_ids, name));
    } else if (line->kind == GJ_NODE_MAPPING) {
        look_at_fields(f, line, type->fields, type->field_count, type->name.ptr);
    }
}

static void look_at_given(struct form *f, const struct gj_node *test)
{
    const struct gj_node *given = gj_node_get(test, "given"), *shop = gj_node_get(test, "shop");
    const struct gj_node *on = gj_node_get(test, "on");
    const struct gj_event_type *configured = type_named(f->e, GJ_STR("shop.configured"));
    if (given != NULL && given->kind != GJ_NODE_SEQUENCE) {
        say(f, given, "'given' is a list, each line `- TIME TYPE: {data}`");
    }
    for (const struct gj_node *n = given == NULL || given->kind != GJ_NODE_SEQUENCE ? NULL
                                                                                    : given->first;
         n != NULL; n = n->next) {
        look_at_event(f, n);
    }
    if (on != NULL && !is_text(on)) {
        say(f, on, "'on' is the name of a platform");
    }
    if (shop != NULL && is_map(f, shop, "{FIELD: VALUE}")) {
        if (configured == NULL) {
            say(f, shop, "there is no event shop.configured in events.yaml");
        } else {
            look_at_fields(f, shop, configured->fields, configured->field_count,
                           configured->name.ptr);
        }
    }
}

/* ---- what is expected ---- */

static bool has_state(const struct gj_flow *flow, struct gj_str name, struct gj_near *near)
{
    bool found = gj_str_is(name, "none");
    for (size_t s = 0; s < flow->state_count; s++) {
        found |= gj_str_eq(flow->states[s].name, name);
        gj_near_try(near, flow->states[s].name);
    }
    return found;
}

static bool has_deadline(const struct gj_flow *flow, struct gj_str name, struct gj_near *near)
{
    bool found = false;
    for (size_t s = 0; s < flow->state_count; s++) {
        for (size_t d = 0; d < flow->states[s].deadline_count; d++) {
            found |= gj_str_eq(flow->states[s].deadlines[d].name, name);
            gj_near_try(near, flow->states[s].deadlines[d].name);
        }
    }
    return found;
}

/* Of one flow, or (GJ_NO_INDEX) of any. */
static void want_of_flow(struct form *f, const struct gj_node *at, uint32_t flow, const char *what,
                         struct gj_str name,
                         bool (*has)(const struct gj_flow *, struct gj_str, struct gj_near *))
{
    struct gj_near near = gj_near_begin(name);
    bool found = false;
    for (uint32_t i = 0; i < f->e->plan->flow_count; i++) {
        found |= (flow == GJ_NO_INDEX || flow == i) && has(&f->e->plan->flows[i], name, &near);
    }
    if (!found) {
        say_unknown(f, at, what, name, near.best);
    }
}

static void look_at_states(struct form *f, const struct gj_node *wanted, uint32_t flow)
{
    if (!is_map(f, wanted, "{ID: STATE}")) {
        return;
    }
    for (const struct gj_node *n = wanted->first; n != NULL; n = n->next) {
        if (!is_text(n)) {
            say(f, n->key, "'%s' needs the name of a state", n->key->text.ptr);
        } else if (flow == GJ_NO_INDEX && is_none(n)) {
            say(f, n, "'none' is looked for in a flow; write states: {FLOW: {%s: none}}",
                n->key->text.ptr);
        } else {
            want_of_flow(f, n, flow, "state", n->text, has_state);
        }
    }
}

static void look_at_flows(struct form *f, const struct gj_node *wanted)
{
    const struct gj_map *ids = &f->e->plan->flow_ids;
    for (const struct gj_node *n = is_map(f, wanted, "{FLOW: {ID: STATE}}") ? wanted->first : NULL;
         n != NULL; n = n->next) {
        uint32_t flow = gj_map_get(ids, n->key->text);
        if (flow == GJ_MAP_NONE) {
            say_unknown(f, n->key, "flow", n->key->text, gj_nearest(ids, n->key->text));
        } else {
            look_at_states(f, n, flow);
        }
    }
}

static void look_at_deadlines(struct form *f, const struct gj_node *wanted)
{
    for (const struct gj_node *n = is_map(f, wanted, "{NAME: TIME}") ? wanted->first : NULL;
         n != NULL; n = n->next) {
        want_of_flow(f, n->key, f->flow, "deadline", n->key->text, has_deadline);
        want_time(f, n, true);
    }
}

/* What may be found: a finding, a rule on messages, or, by a ruling, a row that one of them covers.
 */
static void want_finding(struct form *f, const struct gj_node *id)
{
    const struct gj_plan *plan = f->e->plan;
    bool known = is_text(id) && (gj_map_get(&plan->finding_ids, id->text) != GJ_MAP_NONE ||
                                 gj_map_get(&plan->covered, id->text) != GJ_MAP_NONE ||
                                 gj_map_get(&f->e->book->rule_ids, id->text) != GJ_MAP_NONE ||
                                 gj_rule_of_messages(f->e, id->text) != GJ_MAP_NONE);
    if (!known) {
        say_unknown(f, id, "finding", id->text, gj_nearest(&plan->finding_ids, id->text));
    }
}

static void look_at_found(struct form *f, const struct gj_node *list)
{
    if (is_text(list)) {
        want_finding(f, list);
    } else if (list->kind != GJ_NODE_SEQUENCE || list->first == NULL) {
        say(f, list, "'%s' looks at nothing; write [ID]", list->key->text.ptr);
    } else {
        for (const struct gj_node *n = list->first; n != NULL; n = n->next) {
            want_finding(f, n);
        }
    }
}

static bool is_account(struct gj_str name)
{
    static const char *const whole[] = {"shop", "platform", "insurer", "shop:points:serious",
                                        "shop:points:general"};
    static const char *const begins[] = {"buyer:", "agent:"};
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        if (gj_str_is(name, whole[i])) {
            return true;
        }
    }
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++) {
        if (name.len > strlen(begins[i]) && memcmp(name.ptr, begins[i], strlen(begins[i])) == 0) {
            return true;
        }
    }
    return false;
}

static void look_at_ledger(struct form *f, const struct gj_node *wanted)
{
    for (const struct gj_node *n = is_map(f, wanted, "{ACCOUNT: SUM}") ? wanted->first : NULL;
         n != NULL; n = n->next) {
        if (!is_account(n->key->text)) {
            say(f, n->key,
                "unknown account '%s'; there are shop, platform, insurer, buyer:ID, agent:ID, "
                "shop:points:serious and shop:points:general",
                n->key->text.ptr);
        }
        want_int(f, n, false);
    }
}

static void look_at_measures(struct form *f, const struct gj_node *wanted)
{
    static const char *const keys[] = {"from", "to", NULL};
    const struct gj_map *ids = &f->e->book->measure_ids;
    for (const struct gj_node *n =
             is_map(f, wanted, "{NAME: {from: TIME, to: TIME}}, or {NAME: none}") ? wanted->first
                                                                                  : NULL;
         n != NULL; n = n->next) {
        if (gj_map_get(ids, n->key->text) == GJ_MAP_NONE) {
            say_unknown(f, n->key, "measure", n->key->text, gj_nearest(ids, n->key->text));
        }
        if (n->kind == GJ_NODE_MAPPING) {
            want_keys(f, n, "key", keys);
            for (const struct gj_node *t = n->first; t != NULL; t = t->next) {
                want_time(f, t, true);
            }
        } else if (!is_none(n)) {
            say(f, n->key, "'%s' needs {from: TIME, to: TIME}, {} or none", n->key->text.ptr);
        }
    }
}

static void look_at_metric(struct form *f, const struct gj_node *wanted)
{
    static const char *const keys[] = {"numerator", "denominator", "value_bp", "breach",
                                       "window",    "product",     NULL};
    size_t figures = 0;
    want_keys(f, wanted, "key", keys);
    for (const struct gj_node *n = wanted->first; n != NULL; n = n->next) {
        struct gj_str key = n->key->text;
        bool number = gj_str_is(key, "numerator") || gj_str_is(key, "denominator") ||
                      gj_str_is(key, "value_bp");
        bool breach = gj_str_is(key, "breach");
        figures += number || breach;
        if (number) {
            want_int(f, n, true);
        } else if (breach && !gj_str_is(n->text, "true") && !gj_str_is(n->text, "false")) {
            say(f, n, "'breach' is true or false");
        } else if (gj_str_is(key, "window")) {
            want_time(f, n, false);
        } else if (gj_str_is(key, "product") && !is_text(n)) {
            say(f, n, "'product' is the id of a product");
        }
    }
    if (figures == 0) {
        say(f, wanted, "no figure of '%s' is looked at", wanted->key->text.ptr);
    }
}

static void look_at_metrics(struct form *f, const struct gj_node *wanted)
{
    const struct gj_map *ids = &f->e->plan->metric_ids;
    for (const struct gj_node *n =
             is_map(f, wanted, "{ID: {numerator: N, denominator: N}}") ? wanted->first : NULL;
         n != NULL; n = n->next) {
        if (gj_map_get(ids, n->key->text) == GJ_MAP_NONE) {
            say_unknown(f, n->key, "metric", n->key->text, gj_nearest(ids, n->key->text));
        }
        if (is_map(f, n, "{numerator: N, denominator: N}")) {
            look_at_metric(f, n);
        }
    }
}

static void look_at_demand(struct form *f, const struct gj_node *n)
{
    struct gj_str key = n->key->text;
    bool by_flow =
        n->kind == GJ_NODE_MAPPING && n->first != NULL && n->first->kind == GJ_NODE_MAPPING;
    if (gj_str_is(key, "state") && !by_flow) {
        look_at_states(f, n, f->flow);
    } else if (gj_str_is(key, "state") || gj_str_is(key, "states")) {
        look_at_flows(f, n);
    } else if (gj_str_is(key, "deadline")) {
        look_at_deadlines(f, n);
    } else if (gj_str_is(key, "found") || gj_str_is(key, "not_found")) {
        look_at_found(f, n);
    } else if (gj_str_is(key, "ledger")) {
        look_at_ledger(f, n);
    } else if (gj_str_is(key, "measure")) {
        look_at_measures(f, n);
    } else if (gj_str_is(key, "metric")) {
        look_at_metrics(f, n);
    }
}

static void look_at_expectation(struct form *f, const struct gj_node *expect)
{
    static const char *const keys[] = {"at",        "state",  "states",  "deadline", "found",
                                       "not_found", "ledger", "measure", "metric",   NULL};
    const struct gj_node *at = gj_node_get(expect, "at");
    if (expect->kind != GJ_NODE_MAPPING || at == NULL) {
        say(f, expect, "an expectation is {at: TIME, ...}");
        return;
    }
    want_time(f, at, false);
    want_keys(f, expect, "key", keys);
    if (expect->first->next == NULL) {
        say(f, expect, "nothing is looked at; add state, found ... (docs/flows.md)");
    }
    for (const struct gj_node *n = expect->first; n != NULL; n = n->next) {
        look_at_demand(f, n);
    }
}

/* An event behind the last expectation is never applied. Only for a test of the right form. */
static void look_behind(struct form *f, const struct gj_node *given, const struct gj_node *expect)
{
    bool list = expect->kind == GJ_NODE_SEQUENCE;
    int64_t last = INT64_MIN, at = 0;
    for (const struct gj_node *n = list ? expect->first : expect; n != NULL;
         n = list ? n->next : NULL) {
        gj_test_time(gj_node_get(n, "at")->text, &at);
        last = at > last ? at : last;
    }
    for (const struct gj_node *n = given == NULL ? NULL : given->first; n != NULL; n = n->next) {
        struct gj_str key = n->first->key->text;
        const char *space = memchr(key.ptr, ' ', key.len);
        gj_test_time((struct gj_str){key.ptr, (size_t)(space - key.ptr)}, &at);
        if (at > last) {
            say(f, n, "nothing is looked at behind this event; add an expectation at its time");
        }
    }
}

uint32_t gj_test_form(const struct gj_engine *e, uint32_t flow, const struct gj_node *test,
                      struct gj_buf *wrong)
{
    static const char *const keys[] = {"on", "shop", "given", "expect", NULL};
    struct form f = {.e = e, .flow = flow, .wrong = wrong};
    if (test->kind != GJ_NODE_MAPPING) {
        say(&f, test, "a test is {given: [...], expect: [...]}");
        return f.line;
    }
    const struct gj_node *expect = gj_node_get(test, "expect");
    bool list = expect != NULL && expect->kind == GJ_NODE_SEQUENCE;
    want_keys(&f, test, "key of a test", keys);
    look_at_given(&f, test);
    if (expect == NULL || (list && expect->first == NULL)) {
        say(&f, test, "this test expects nothing; add expect: [{at: TIME, ...}]");
        return f.line;
    }
    for (const struct gj_node *n = list ? expect->first : expect; n != NULL;
         n = list ? n->next : NULL) {
        look_at_expectation(&f, n);
    }
    if (f.line == 0) {
        look_behind(&f, gj_node_get(test, "given"), expect);
    }
    return f.line;
}

/* ---- beside an envelope ---- */

static void look_at_headers(struct form *f, const struct gj_node *headers)
{
    if (headers->kind != GJ_NODE_MAPPING || headers->count > GJ_TEST_HEADERS_MAX) {
        say(f, headers, "'headers' is {NAME: VALUE}, %d at most", GJ_TEST_HEADERS_MAX);
        return;
    }
    for (const struct gj_node *n = headers->first; n != NULL; n = n->next) {
        if (n->kind != GJ_NODE_SCALAR) {
            say(f, n->key, "'%s' needs a text", n->key->text.ptr);
        }
    }
}

/* {event: TYPE, ...}, {ignored: TOPIC} or {refused: part of the sentence}. */
static void look_at_ingested(struct form *f, const struct gj_node *expect)
{
    static const char *const words[] = {"ignored", "refused"};
    if (expect->kind != GJ_NODE_MAPPING || expect->first == NULL) {
        say(f, expect, "an expectation is a map of what comes out (docs/envelopes.md)");
        return;
    }
    for (size_t i = 0; i < 2; i++) {
        const struct gj_node *word = gj_node_get(expect, words[i]);
        if (word != NULL && !is_text(word)) {
            say(f, word, "'%s' needs a text", words[i]);
        }
    }
}

uint32_t gj_envelope_test_form(const struct gj_node *test, struct gj_buf *wrong)
{
    static const char *const keys[] = {"say",    "given",    "headers", "query",  "type", "app_key",
                                       "secret", "received", "refused", "expect", NULL};
    static const char *const texts[] = {"say", "query", "type", "app_key", "secret", "refused"};
    struct form f = {.flow = GJ_NO_INDEX, .wrong = wrong};
    if (test->kind != GJ_NODE_MAPPING) {
        say(&f, test, "a test is {given: ..., expect: [...]}");
        return f.line;
    }
    const struct gj_node *expect = gj_node_get(test, "expect"), *at = gj_node_get(test, "received");
    const struct gj_node *headers = gj_node_get(test, "headers");
    want_keys(&f, test, "key of a test", keys);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const struct gj_node *text = gj_node_get(test, texts[i]);
        if (text != NULL && text->kind != GJ_NODE_SCALAR) {
            say(&f, text, "'%s' needs a text", texts[i]);
        }
    }
    if (headers != NULL) {
        look_at_headers(&f, headers);
    }
    if (at != NULL) {
        want_time(&f, at, false);
    }
    if (expect == NULL && gj_node_get(test, "refused") == NULL) {
        say(&f, test,
            "this test expects nothing; add expect: [...], or refused: part of the reason");
    } else if (expect != NULL && expect->kind != GJ_NODE_SEQUENCE) {
        say(&f, expect, "'expect' is a list of what comes out");
    }
    bool list = expect != NULL && expect->kind == GJ_NODE_SEQUENCE;
    for (const struct gj_node *n = list ? expect->first : NULL; n != NULL; n = n->next) {
        look_at_ingested(&f, n);
    }
    return f.line;
}
