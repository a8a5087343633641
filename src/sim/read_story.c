/* Room sim: stories to programs of steps. `tell` puts a story's steps in place; loops and choices
 * become jumps. */
#include "sim/read.h"

#define TELL_DEPTH_MAX 16

static void read_steps(struct sim_reader *r, const struct gj_node *steps, int depth);

static uint32_t here(const struct sim_reader *r)
{
    return (uint32_t)r->steps.count;
}

static struct sim_step *add_step(struct sim_reader *r, enum sim_act act)
{
    struct sim_step *step = sim_add(r, &r->steps, sizeof *step);
    if (step != NULL) {
        step->act = act;
    }
    return step;
}

static struct sim_step *step_at(struct sim_reader *r, uint32_t at)
{
    return (struct sim_step *)r->steps.items + at;
}

static uint32_t read_count(struct sim_reader *r, const struct gj_node *node, uint32_t missing)
{
    struct sim_range range = {0, 0};
    if (node == NULL) {
        return missing;
    }
    sim_read_range(r, node, &range);
    return (uint32_t)range.low;
}

/* ---- choices ---- */

static void read_condition(struct sim_reader *r, const struct gj_node *node,
                           struct sim_option *option)
{
    struct gj_str name = node->text;
    bool not = gj_str_starts(name, GJ_STR("not "));
    if (not ) {
        name = (struct gj_str){name.ptr + 4, name.len - 4};
    }
    uint32_t variable = sim_read_variable(r, node, name);
    if (variable != SIM_NONE) {
        *(not ? &option->must_not : &option->must) |= UINT64_C(1) << variable;
    }
}

/* `share`, `on` and `when` of an option. */
static void read_option(struct sim_reader *r, const struct gj_node *node, struct sim_option *option,
                        uint32_t missing_share)
{
    const struct gj_node *when = gj_node_get(node, "when");
    option->share = read_count(r, gj_node_get(node, "share"), missing_share);
    option->platforms = sim_read_platforms(r, gj_node_get(node, "on"));
    if (when != NULL && when->kind == GJ_NODE_SCALAR) {
        read_condition(r, when, option);
    }
    for (const struct gj_node *w = when == NULL ? NULL : when->first; w != NULL; w = w->next) {
        read_condition(r, w, option);
    }
}

static const struct gj_node *steps_of(struct sim_reader *r, const struct gj_node *node)
{
    static const char *const known[] = {"share", "on", "when", "do"};
    const struct gj_node *steps = gj_node_get(node, "do");
    for (const struct gj_node *child = node->first; child != NULL; child = child->next) {
        bool found = child->key == NULL;
        for (size_t i = 0; i < sizeof known / sizeof known[0] && !found; i++) {
            found = gj_str_is(child->key->text, known[i]);
        }
        if (!found) {
            sim_complain(r, child->key, "an option has share, on, when and do");
        }
    }
    return steps;
}

static void read_any(struct sim_reader *r, const struct gj_node *node, int depth)
{
    uint32_t first = (uint32_t)r->options.count, count = 0, any = here(r), ends = SIM_NONE;
    struct sim_step *step = add_step(r, SIM_ANY);
    for (const struct gj_node *n = node->first; n != NULL; n = n->next, count++) {
        struct sim_option *option = sim_add(r, &r->options, sizeof *option);
        if (option == NULL || step == NULL) {
            return;
        }
        read_option(r, n, option, 1);
    }
    if (count == 0 || count > SIM_OPTIONS_MAX) {
        sim_complain(r, node, "any: wants a list of options, up to 64");
        return;
    }
    add_step(r, SIM_JUMP); /* when no option applies */
    uint32_t none = here(r) - 1, o = first;
    for (const struct gj_node *n = node->first; n != NULL && !r->failed; n = n->next, o++) {
        const struct gj_node *steps = steps_of(r, n);
        ((struct sim_option *)r->options.items)[o].target = here(r);
        if (steps != NULL) {
            read_steps(r, steps, depth);
        }
        struct sim_step *jump = add_step(r, SIM_JUMP);
        if (jump != NULL) { /* the jumps to the end hang together until it is known */
            jump->index = ends;
            ends = here(r) - 1;
        }
    }
    if (r->failed) {
        return;
    }
    step_at(r, any)->index = first;
    step_at(r, any)->count = count;
    step_at(r, none)->index = here(r);
    while (ends != SIM_NONE) {
        uint32_t before = step_at(r, ends)->index;
        step_at(r, ends)->index = here(r);
        ends = before;
    }
}

/* maybe: {share: PER THOUSAND, on, when, do} is a choice between that and nothing. */
static void read_maybe(struct sim_reader *r, const struct gj_node *node, int depth)
{
    const struct gj_node *steps = steps_of(r, node);
    uint32_t first = (uint32_t)r->options.count, at = here(r);
    struct sim_step *any = add_step(r, SIM_ANY);
    struct sim_option *option = sim_add(r, &r->options, sizeof *option);
    if (option == NULL || any == NULL || steps == NULL) {
        sim_complain(r, node, "maybe: wants do:");
        return;
    }
    any->index = first;
    any->count = 2;
    read_option(r, node, option, 1000);
    uint32_t share = option->share;
    option->target = at + 2;
    if (share > 1000) {
        sim_complain(r, node, "a share of maybe: is per thousand");
        return;
    }
    option = sim_add(r, &r->options, sizeof *option);
    if (option == NULL || add_step(r, SIM_JUMP) == NULL) {
        return;
    }
    *option = (struct sim_option){.share = 1000 - share, .target = at + 1, .platforms = UINT32_MAX};
    read_steps(r, steps, depth);
    if (!r->failed) {
        step_at(r, at + 1)->index = here(r);
    }
}

/* repeat: {times: 1..3, count: VARIABLE, do: [...]} */
static void read_repeat(struct sim_reader *r, const struct gj_node *node, int depth)
{
    const struct gj_node *times = gj_node_get(node, "times"), *count = gj_node_get(node, "count");
    const struct gj_node *steps = gj_node_get(node, "do");
    if (times == NULL || count == NULL || steps == NULL) {
        sim_complain(r, node, "repeat: wants times, count (a variable) and do");
        return;
    }
    uint32_t variable = sim_read_variable(r, count, count->text);
    struct sim_step *set = add_step(r, SIM_SET);
    if (variable == SIM_NONE || set == NULL) {
        return;
    }
    set->variable = variable;
    sim_read_expr(r, times, &set->value);
    uint32_t top = here(r);
    read_steps(r, steps, depth);
    struct sim_step *loop = add_step(r, SIM_LOOP);
    if (loop != NULL) {
        loop->variable = variable;
        loop->index = top;
    }
}

/* ---- other steps ---- */

static void read_wait(struct sim_reader *r, const struct gj_node *node)
{
    struct sim_step *step = add_step(r, SIM_WAIT);
    struct gj_str text = node->text, tail = GJ_STR(" by day");
    if (step == NULL || node->kind != GJ_NODE_SCALAR) {
        sim_complain(r, node, "write how long, as 10m..2h or 1h..3h by day");
        return;
    }
    if (text.len > tail.len && memcmp(text.ptr + text.len - tail.len, tail.ptr, tail.len) == 0) {
        text.len -= tail.len;
        step->by_day = true;
    }
    if (!sim_parse_range(text, &step->range)) {
        sim_complain(r, node, "write how long, as 10m..2h or 1h..3h by day");
    }
}

static void read_set(struct sim_reader *r, const struct gj_node *node)
{
    for (const struct gj_node *child = node->first; child != NULL; child = child->next) {
        struct sim_step *step = add_step(r, SIM_SET);
        if (step != NULL) {
            uint32_t variable = sim_read_variable(r, child->key, child->key->text);
            step->variable = variable == SIM_NONE ? 0 : variable;
            sim_read_expr(r, child, &step->value);
        }
    }
}

static void read_fork(struct sim_reader *r, const struct gj_node *node)
{
    const struct sim_story *stories = r->stories.items;
    struct sim_step *step = add_step(r, SIM_FORK);
    for (uint32_t i = 0; step != NULL && i < r->stories.count; i++) {
        if (gj_str_eq(stories[i].name, node->text)) {
            step->index = i;
            return;
        }
    }
    sim_complain(r, node, "there is no such story");
}

static void read_tell(struct sim_reader *r, const struct gj_node *node, int depth)
{
    if (depth >= TELL_DEPTH_MAX) {
        sim_complain(r, node, "stories tell one another in a circle; fork one of them");
        return;
    }
    for (size_t f = 0; f < r->file_count; f++) {
        for (const struct gj_node *d = r->documents[f]; d != NULL; d = d->next) {
            const struct gj_node *name = gj_node_get(d, "story");
            if (name != NULL && gj_str_eq(name->text, node->text)) {
                const struct gj_node *steps = gj_node_get(d, "do");
                if (steps != NULL) {
                    read_steps(r, steps, depth + 1);
                }
                return;
            }
        }
    }
    sim_complain(r, node, "there is no such story");
}

static uint32_t part(struct sim_reader *r, const struct gj_node *node, const char *key)
{
    const struct gj_node *child = gj_node_get(node, key);
    uint32_t found = child == NULL ? SIM_NONE : sim_read_variable(r, child, child->text);
    if (child == NULL) {
        sim_complain(r, node, "basket: wants into, lines, first and total");
    }
    return found == SIM_NONE ? 0 : found;
}

static void read_basket(struct sim_reader *r, const struct gj_node *node)
{
    const struct gj_node *lines = gj_node_get(node, "lines");
    struct sim_step *step = add_step(r, SIM_BASKET);
    if (step != NULL) {
        step->variable = part(r, node, "into");
        step->first = part(r, node, "first");
        step->total = part(r, node, "total");
        step->range = (struct sim_range){1, 1};
        if (lines != NULL) {
            sim_read_range(r, lines, &step->range);
        }
        if (step->range.low < 1 || step->range.high > 3) {
            sim_complain(r, node, "a basket holds 1 to 3 lines");
        }
    }
}

static void read_duty(struct sim_reader *r, const struct gj_node *node)
{
    struct sim_step *step = add_step(r, SIM_DUTY);
    const struct gj_node *agent = node->first;
    if (step == NULL || agent == NULL || agent->key == NULL) {
        sim_complain(r, node, "write duty: {AGENT: true} or false");
        return;
    }
    uint32_t variable = sim_read_variable(r, agent->key, agent->key->text);
    step->variable = variable == SIM_NONE ? 0 : variable;
    step->on = gj_str_is(agent->text, "true");
}

static void read_event(struct sim_reader *r, const struct gj_node *node)
{
    if (memchr(node->key->text.ptr, '.', node->key->text.len) == NULL ||
        node->kind != GJ_NODE_MAPPING) {
        sim_complain(r, node->key,
                     "a step is an event with its data, or wait, until, set, any, "
                     "maybe, repeat, tell, fork, basket, duty");
        return;
    }
    struct sim_template made = sim_read_template(r, node);
    struct sim_step *step = add_step(r, SIM_EMIT);
    if (step != NULL) {
        step->tmpl = made;
        step->type = node->key->text;
    }
}

static void read_step(struct sim_reader *r, const struct gj_node *node, int depth)
{
    struct gj_str key = node->key->text;
    if (gj_str_is(key, "wait")) {
        read_wait(r, node);
    } else if (gj_str_is(key, "until")) {
        struct sim_step *step = add_step(r, SIM_UNTIL);
        if (step != NULL) {
            sim_read_expr(r, node, &step->value);
        }
    } else if (gj_str_is(key, "set")) {
        read_set(r, node);
    } else if (gj_str_is(key, "any")) {
        read_any(r, node, depth);
    } else if (gj_str_is(key, "maybe")) {
        read_maybe(r, node, depth);
    } else if (gj_str_is(key, "repeat")) {
        read_repeat(r, node, depth);
    } else if (gj_str_is(key, "tell")) {
        read_tell(r, node, depth);
    } else if (gj_str_is(key, "fork")) {
        read_fork(r, node);
    } else if (gj_str_is(key, "basket")) {
        read_basket(r, node);
    } else if (gj_str_is(key, "duty")) {
        read_duty(r, node);
    } else if (gj_str_is(key, "end")) {
        add_step(r, SIM_END);
    } else {
        read_event(r, node);
    }
}

static void read_steps(struct sim_reader *r, const struct gj_node *steps, int depth)
{
    if (steps->kind != GJ_NODE_SEQUENCE) {
        sim_complain(r, steps, "steps are a list");
        return;
    }
    for (const struct gj_node *step = steps->first; step != NULL && !r->failed; step = step->next) {
        if (step->kind != GJ_NODE_MAPPING || step->count != 1) {
            sim_complain(r, step, "a step is a mapping with one key");
        } else {
            read_step(r, step->first, depth);
        }
    }
}

/* ---- stories ---- */

/* starts: {once: AT} | {daily: AT, each?, share?} | {orders: PER THOUSAND}; all with on? */
static void read_start(struct sim_reader *r, const struct gj_node *node, uint32_t story)
{
    struct sim_start *start = sim_add(r, &r->starts, sizeof *start);
    const struct gj_node *once = gj_node_get(node, "once"), *daily = gj_node_get(node, "daily");
    const struct gj_node *orders = gj_node_get(node, "orders"), *each = gj_node_get(node, "each");
    if (start == NULL) {
        return;
    }
    start->story = story;
    start->kind = once != NULL ? SIM_ONCE : daily != NULL ? SIM_DAILY : SIM_ORDERS;
    start->share = read_count(r, gj_node_get(node, "share"), 1000);
    start->platforms = sim_read_platforms(r, gj_node_get(node, "on"));
    start->each = each == NULL ? SIM_NONE : sim_read_variable(r, each, each->text);
    if (orders != NULL) {
        start->share = read_count(r, orders, 0);
    } else if (once != NULL || daily != NULL) {
        sim_read_range(r, once != NULL ? once : daily, &start->at);
    } else {
        sim_complain(r, node, "starts: wants once, daily or orders");
    }
    if (start->share > 100000 || start->at.high > 5 * 86400) {
        sim_complain(r, node, "at most 100 stories an order, and within five days");
    }
}

void sim_read_story_name(struct sim_reader *r, const struct gj_node *document)
{
    const struct gj_node *name = gj_node_get(document, "story");
    struct sim_story *story = sim_add(r, &r->stories, sizeof *story);
    if (story != NULL) {
        story->name = name->text;
    }
}

void sim_read_story(struct sim_reader *r, const struct gj_node *document, uint32_t index)
{
    const struct gj_node *steps = gj_node_get(document, "do");
    const struct gj_node *starts = gj_node_get(document, "starts");
    if (steps == NULL) {
        sim_complain(r, document, "a story wants do:");
        return;
    }
    ((struct sim_story *)r->stories.items)[index].step = here(r);
    read_steps(r, steps, 0);
    add_step(r, SIM_END);
    if (starts != NULL) {
        read_start(r, starts, index);
    }
}
