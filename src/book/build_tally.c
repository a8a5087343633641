/* Room book: counters, metrics, ladders and guidance (see build_plan.h). */
#include "book/build_plan.h"

static void read_counter(struct gj_planner *p, const struct gj_node *n, struct gj_counter *c,
                         uint32_t *once_bits)
{
    static const char *const keys[] = {"counter",  "title", "covers", "cites", "from", "until",
                                       "applies",  "on",    "once",   "when",  "key",  "item",
                                       "products", "at",    "tests",  NULL};
    static const struct gj_type list_of_dyn = {GJ_TYPE_LIST, NULL, NULL};
    struct gj_builder *b = &p->b;
    gj_read_keys(b, n, keys);
    gj_plan_heading(p, n, "counter", false, &c->head);
    gj_plan_names(p, n, "on", &p->plan->events->type_ids, "event type", &c->on, &c->on_count);
    c->once = gj_plan_name(p, n, "once", &p->plan->events->kind_ids, "kind of entity");
    if ((c->once == GJ_NO_INDEX) == (c->on_count == 0)) {
        gj_complain(b, n, "a counter needs either 'on' (events) or 'once' (a kind of entity)");
        return;
    }
    struct gj_scope scope = {.types = c->on, .type_count = c->on_count};
    if (c->once != GJ_NO_INDEX) {
        scope.kinds = gj_plan_family(p->plan, c->once);
        c->once_bit = once_bits[c->once]++;
        if (c->once_bit >= 64) {
            gj_complain(b, n, "a kind of entity can have at most 64 counters");
        }
        if (gj_node_get(n, "when") == NULL) {
            gj_complain(b, n, "'when' is missing: when an entity is counted");
        }
    }
    for (size_t i = 0; i < c->on_count; i++) {
        scope.kinds |= gj_plan_family(p->plan, p->plan->events->types[c->on[i]].about);
    }
    if (gj_node_get(n, "key") == NULL) {
        gj_complain(b, n, "'key' is missing: what distinct counting counts");
    }
    c->when = gj_plan_expr_of(p, n, "when", &scope, &gj_type_bool);
    c->key = gj_plan_expr_of(p, n, "key", &scope, &gj_type_string);
    c->item = gj_plan_expr_of(p, n, "item", &scope, &gj_type_string);
    c->products = gj_plan_expr_of(p, n, "products", &scope, &list_of_dyn);
    c->at = gj_plan_expr_of(p, n, "at", &scope, &gj_type_timestamp);
}

static void read_count(struct gj_planner *p, const struct gj_node *n, struct gj_count *c)
{
    static const char *const keys[] = {"keys",        "items",  "also_in", "not_in",
                                       "followed_by", "within", NULL};
    const struct gj_map *ids = &p->plan->counter_ids;
    struct gj_scope scope = {.kinds = UINT32_C(1) << p->plan->events->shop_kind};
    c->name = n->key->text;
    c->of = c->also_in = c->not_in = c->followed_by = GJ_NO_INDEX;
    if (n->kind != GJ_NODE_MAPPING) {
        gj_complain(&p->b, n, "a count must be {keys: counter} or {items: counter}");
        return;
    }
    gj_read_keys(&p->b, n, keys);
    c->what = gj_node_get(n, "keys") != NULL ? GJ_COUNT_KEYS : GJ_COUNT_ITEMS;
    c->of = gj_plan_name(p, n, c->what == GJ_COUNT_KEYS ? "keys" : "items", ids, "counter");
    c->also_in = gj_plan_name(p, n, "also_in", ids, "counter");
    c->not_in = gj_plan_name(p, n, "not_in", ids, "counter");
    c->followed_by = gj_plan_name(p, n, "followed_by", ids, "counter");
    c->within = gj_plan_expr_of(p, n, "within", &scope, &gj_type_duration);
    if (gj_node_get(n, "keys") == NULL && gj_node_get(n, "items") == NULL) {
        gj_complain(&p->b, n, "a count names its counter: {keys: counter} or {items: counter}");
    }
    if (c->followed_by == GJ_NO_INDEX && c->within != NULL) {
        gj_complain(&p->b, n, "'within' needs 'followed_by'");
    }
}

static void read_counts(struct gj_planner *p, const struct gj_node *n, struct gj_metric *m)
{
    const struct gj_node *counts = gj_node_get(n, "counts");
    if (counts == NULL || counts->kind != GJ_NODE_MAPPING || counts->count == 0 ||
        counts->count > GJ_METRIC_COUNTS_MAX) {
        gj_complain(&p->b, n, "a metric needs its 'counts: {name: {keys: counter}}', at most %d",
                    GJ_METRIC_COUNTS_MAX);
        return;
    }
    struct gj_count *list = gj_arena_array(&p->plan->arena, counts->count, sizeof *list);
    for (const struct gj_node *c = counts->first; list != NULL && c != NULL; c = c->next) {
        read_count(p, c, &list[m->count_count++]);
    }
    m->counts = list;
}

static void read_leave_out(struct gj_planner *p, const struct gj_node *n, struct gj_metric *m)
{
    static const char *const keys[] = {"from", "all", NULL};
    const struct gj_node *leave = gj_node_get(n, "leave_out");
    m->leave_from = m->leave_all = GJ_NO_INDEX;
    if (leave == NULL) {
        return;
    }
    if (leave->kind != GJ_NODE_MAPPING) {
        gj_complain(&p->b, leave, "'leave_out' must be {from: counter, all: counter}");
        return;
    }
    gj_read_keys(&p->b, leave, keys);
    m->leave_from = gj_plan_name(p, leave, "from", &p->plan->counter_ids, "counter");
    m->leave_all = gj_plan_name(p, leave, "all", &p->plan->counter_ids, "counter");
}

/* "shop", "product" or a list of them, under `key`. */
static void read_subject(struct gj_planner *p, const struct gj_node *n, const char *key,
                         bool *of_shop, bool *of_products)
{
    static const char *const subjects[] = {"shop", "product", NULL};
    const struct gj_node *subject = gj_node_get(n, key);
    bool list = subject != NULL && subject->kind == GJ_NODE_SEQUENCE;
    for (const struct gj_node *s = list ? subject->first : subject; s != NULL;
         s = list ? s->next : NULL) {
        int which = gj_read_choice(&p->b, s, subjects);
        *of_shop |= which == 0;
        *of_products |= which == 1;
    }
}

static void read_step(struct gj_planner *p, const struct gj_node *n, const struct gj_scope *scope,
                      struct gj_metric_step *step)
{
    read_subject(p, n, "for", &step->of_shop, &step->of_products);
    if (!step->of_shop && !step->of_products) {
        step->of_shop = step->of_products = true;
    }
    step->breach = gj_plan_expr_of(p, n, "breach", scope, &gj_type_bool);
    step->lasting = gj_plan_int(p, n, "lasting", 1);
    gj_plan_names(p, n, "raise", &p->plan->finding_ids, "finding", &step->raises,
                  &step->raise_count);
    if (step->raise_count > 0 && step->breach == NULL) {
        gj_complain(&p->b, n, "'raise' needs a 'breach': when it is raised");
    }
}

/* One threshold stands in the metric itself, several in `steps`. */
static void read_steps(struct gj_planner *p, const struct gj_node *n, struct gj_metric *m)
{
    static const char *const keys[] = {"for", "breach", "lasting", "raise", NULL};
    struct gj_scope scope = {.kinds = UINT32_C(1) << p->plan->events->shop_kind, .metric = m};
    const struct gj_node *list = gj_node_get(n, "steps");
    bool several = list != NULL && list->kind == GJ_NODE_SEQUENCE && list->count > 0;
    struct gj_metric_step *steps =
        gj_arena_array(&p->plan->arena, several ? list->count : 1, sizeof *steps);
    m->steps = steps;
    if (steps == NULL) {
        return;
    }
    if (list == NULL) {
        read_step(p, n, &scope, &steps[m->step_count++]);
    } else if (!several || list->count > GJ_METRIC_STEPS_MAX || gj_node_get(n, "breach") != NULL) {
        gj_complain(&p->b, list,
                    "'steps' must be a list of {for, breach, lasting, raise}, at most %d, "
                    "and then 'breach' stands there alone",
                    GJ_METRIC_STEPS_MAX);
    } else {
        for (const struct gj_node *s = list->first; s != NULL; s = s->next) {
            if (s->kind != GJ_NODE_MAPPING) {
                gj_complain(&p->b, s, "must be {breach: ..., raise: ...}");
                continue;
            }
            gj_read_keys(&p->b, s, keys);
            read_step(p, s, &scope, &steps[m->step_count++]);
        }
    }
}

static void read_metric(struct gj_planner *p, const struct gj_node *n, struct gj_metric *m)
{
    static const char *const keys[] = {
        "metric", "title",  "covers",  "cites",  "from",      "until",     "applies",
        "window", "days",   "subject", "counts", "leave_out", "numerator", "denominator",
        "means",  "breach", "lasting", "raise",  "steps",     "tests",     NULL};
    static const char *const windows[] = {"day", "week", "rolling", NULL};
    struct gj_builder *b = &p->b;
    gj_read_keys(b, n, keys);
    gj_plan_heading(p, n, "metric", true, &m->head);
    const struct gj_node *window = gj_node_get(n, "window");
    int which = window == NULL ? gj_complain(b, n, "'window' is missing: day, week or rolling")
                               : gj_read_choice(b, window, windows);
    m->window = which < 0 ? GJ_WINDOW_DAY : (enum gj_window)which;
    m->days = gj_plan_int(p, n, "days", m->window == GJ_WINDOW_WEEK ? 7 : 1);
    if (m->window == GJ_WINDOW_ROLLING && gj_node_get(n, "days") == NULL) {
        gj_complain(b, n, "a rolling window needs its 'days'");
    }
    m->of_shop = gj_node_get(n, "subject") == NULL;
    read_subject(p, n, "subject", &m->of_shop, &m->of_products);
    if (gj_read_string(b, n, "means", &m->means) != 1) {
        m->means = m->head.id;
    }
    read_counts(p, n, m);
    read_leave_out(p, n, m);
    struct gj_scope scope = {.kinds = UINT32_C(1) << p->plan->events->shop_kind, .metric = m};
    if (gj_node_get(n, "numerator") == NULL || gj_node_get(n, "denominator") == NULL) {
        gj_complain(b, n, "a metric needs 'numerator' and 'denominator'");
    }
    m->numerator = gj_plan_expr_of(p, n, "numerator", &scope, &gj_type_int);
    m->denominator = gj_plan_expr_of(p, n, "denominator", &scope, &gj_type_int);
    read_steps(p, n, m);
}

static void read_ladder(struct gj_planner *p, const struct gj_node *n, struct gj_ladder *l)
{
    static const char *const keys[] = {"ladder", "title",   "covers", "cites", "from",
                                       "until",  "applies", "points", "reset", "rule",
                                       "steps",  "tests",   NULL};
    static const char *const classes[] = {"general", "serious", NULL};
    static const char *const resets[] = {"year", NULL};
    struct gj_builder *b = &p->b;
    gj_read_keys(b, n, keys);
    gj_plan_heading(p, n, "ladder", true, &l->head);
    const struct gj_node *points = gj_node_get(n, "points"), *steps = gj_node_get(n, "steps"),
                         *reset = gj_node_get(n, "reset");
    if (points == NULL) {
        gj_complain(b, n, "'points' is missing: serious or general");
    } else {
        l->serious = gj_read_choice(b, points, classes) == 1;
    }
    l->reset_rule = GJ_STR("");
    if (reset != NULL && gj_read_choice(b, reset, resets) == 0) {
        gj_need_string(b, n, "rule", &l->reset_rule);
    }
    if (steps == NULL && reset != NULL) { /* no step is known: a sum that is cleared */
        return;
    }
    if (steps == NULL || steps->kind != GJ_NODE_MAPPING || steps->count == 0) {
        gj_complain(b, n, "a ladder needs its 'steps: {points: finding}', or a 'reset'");
        return;
    }
    struct gj_step *list = gj_arena_array(&p->plan->arena, steps->count, sizeof *list);
    for (const struct gj_node *s = steps->first; list != NULL && s != NULL; s = s->next) {
        int64_t at = 0;
        for (size_t i = 0; i < s->key->text.len; i++) {
            char c = s->key->text.ptr[i];
            at = i < 9 && c >= '0' && c <= '9' && at >= 0 ? at * 10 + (c - '0') : -1;
        }
        const uint32_t *finding = NULL;
        size_t count = 0;
        gj_plan_names(p, steps, s->key->text.ptr, &p->plan->finding_ids, "finding", &finding,
                      &count);
        bool rises = l->step_count == 0 || list[l->step_count - 1].points < at;
        if (at <= 0 || !rises) {
            gj_complain(b, s->key, "steps must be rising numbers of points");
        } else if (count == 1) {
            list[l->step_count++] = (struct gj_step){at, finding[0]};
        }
    }
    l->steps = list;
}

static void read_guidance(struct gj_planner *p, const struct gj_node *n, struct gj_guidance *g)
{
    static const char *const keys[] = {"guidance", "title", "covers",    "cites", "from", "until",
                                       "applies",  "says",  "situation", "tests", NULL};
    gj_read_keys(&p->b, n, keys);
    gj_plan_heading(p, n, "guidance", true, &g->head);
    gj_read_bilingual(&p->b, n, "says", true, &g->says_zh, &g->says_en);
    if (gj_read_strings(&p->b, n, "situation", &g->situations, &g->situation_count) == 0) {
        gj_complain(&p->b, n, "'situation' is missing: phrases by which it is found");
    }
}

void gj_plan_tallies(struct gj_planner *p)
{
    struct gj_plan *plan = p->plan;
    uint32_t once_bits[GJ_KINDS_MAX] = {0};
    size_t i = 0;
    const struct gj_node *all = p->b.documents;
    for (const struct gj_node *n = gj_entry_of(all, "counter"); n != NULL;
         n = gj_entry_of(n->next, "counter")) {
        read_counter(p, n, &plan->counters[i++], once_bits);
    }
    i = 0;
    for (const struct gj_node *n = gj_entry_of(all, "metric"); n != NULL;
         n = gj_entry_of(n->next, "metric")) {
        read_metric(p, n, &plan->metrics[i++]);
    }
    i = 0;
    for (const struct gj_node *n = gj_entry_of(all, "ladder"); n != NULL;
         n = gj_entry_of(n->next, "ladder")) {
        read_ladder(p, n, &plan->ladders[i++]);
    }
    i = 0;
    for (const struct gj_node *n = gj_entry_of(all, "guidance"); n != NULL;
         n = gj_entry_of(n->next, "guidance")) {
        read_guidance(p, n, &plan->guidances[i++]);
    }
}
