/* Room book: findings, what they cost and which measures follow (see build_plan.h). */
#include "book/build_plan.h"

static const char *const parties[] = {"shop", "platform", "buyer", "agent", "insurer", NULL};

static void read_points(struct gj_planner *p, const struct gj_node *n, const struct gj_scope *scope,
                        struct gj_booking *out)
{
    static const char *const keys[] = {"points", "class", "rule", "when", NULL};
    static const char *const classes[] = {"general", "serious", NULL};
    const struct gj_node *class_ = gj_node_get(n, "class");
    gj_read_keys(&p->b, n, keys);
    out->points = true;
    out->amount = gj_plan_expr_of(p, n, "points", scope, &gj_type_int);
    out->from = GJ_PLATFORM;
    out->to = GJ_SHOP;
    if (class_ == NULL) {
        gj_complain(&p->b, n, "points need their 'class': serious or general");
    } else {
        out->serious = gj_read_choice(&p->b, class_, classes) == 1;
    }
}

static void read_money(struct gj_planner *p, const struct gj_node *n, const struct gj_scope *scope,
                       struct gj_booking *out)
{
    static const char *const keys[] = {"fen", "at_most", "from", "to", "as", "rule", "when", NULL};
    const struct gj_node *from = gj_node_get(n, "from"), *to = gj_node_get(n, "to");
    gj_read_keys(&p->b, n, keys);
    out->amount = gj_plan_expr_of(p, n, "fen", scope, &gj_type_int);
    out->at_most = gj_plan_expr_of(p, n, "at_most", scope, &gj_type_int);
    gj_read_string(&p->b, n, "as", &out->paid_as);
    int payer = from == NULL ? -1 : gj_read_choice(&p->b, from, parties);
    int payee = to == NULL ? -1 : gj_read_choice(&p->b, to, parties);
    if (from == NULL || to == NULL) {
        gj_complain(&p->b, n, "money names payer and payee: from: shop, to: buyer");
    } else if (payer >= 0 && payer == payee) {
        gj_complain(&p->b, n, "payer and payee must differ");
    }
    out->from = payer < 0 ? GJ_SHOP : (enum gj_party)payer;
    out->to = payee < 0 ? GJ_PLATFORM : (enum gj_party)payee;
}

/* `rule: ID`: a clause that the finding covers; without it, the finding's own. */
static struct gj_str read_clause(struct gj_planner *p, const struct gj_node *n,
                                 const struct gj_heading *head)
{
    const struct gj_node *named = gj_node_get(n, "rule");
    struct gj_str clause = {"", 0};
    gj_read_string(&p->b, n, "rule", &clause);
    for (size_t i = 0; i < head->cover_count; i++) {
        if (gj_str_eq(head->covers[i], clause)) {
            return clause;
        }
    }
    if (named != NULL && !gj_str_eq(clause, head->id)) {
        gj_complain(&p->b, named, "'%.*s' is not among what the finding 'covers'", (int)clause.len,
                    clause.ptr);
    }
    return head->id;
}

static void read_bookings(struct gj_planner *p, const struct gj_node *n,
                          const struct gj_scope *scope, struct gj_finding_plan *f)
{
    const struct gj_node *list = gj_node_get(n, "entries");
    if (list == NULL) {
        return;
    }
    if (list->kind != GJ_NODE_SEQUENCE) {
        gj_complain(&p->b, list, "'entries' must be a list of {points: ...} or {fen: ...}");
        return;
    }
    struct gj_booking *bookings =
        gj_arena_array(&p->plan->arena, list->count + 1, sizeof *bookings);
    for (const struct gj_node *item = list->first; bookings != NULL && item != NULL;
         item = item->next) {
        struct gj_booking *out = &bookings[f->booking_count++];
        out->node = item;
        out->paid_as = GJ_STR("");
        if (item->kind != GJ_NODE_MAPPING) {
            gj_complain(&p->b, item, "must be {points: N, class: ...} or {fen: N, from:, to:}");
            continue;
        }
        out->when = gj_plan_expr_of(p, item, "when", scope, &gj_type_bool);
        out->rule = read_clause(p, item, &f->head);
        if (gj_node_get(item, "points") != NULL) {
            read_points(p, item, scope, out);
        } else if (gj_node_get(item, "fen") != NULL) {
            read_money(p, item, scope, out);
        } else {
            gj_complain(&p->b, item, "names no amount: 'points' or 'fen'");
        }
    }
    f->bookings = bookings;
}

static void read_measures(struct gj_planner *p, const struct gj_node *n,
                          const struct gj_scope *scope, struct gj_finding_plan *f)
{
    static const char *const keys[] = {"what", "for", "when", "ends", NULL};
    const struct gj_node *list = gj_node_get(n, "measures");
    if (list == NULL) {
        return;
    }
    if (list->kind != GJ_NODE_SEQUENCE) {
        gj_complain(&p->b, list, "'measures' must be a list of {what: name, for: duration}");
        return;
    }
    struct gj_measure_plan *measures =
        gj_arena_array(&p->plan->arena, list->count + 1, sizeof *measures);
    for (const struct gj_node *item = list->first; measures != NULL && item != NULL;
         item = item->next) {
        struct gj_measure_plan *m = &measures[f->measure_count++];
        if (item->kind == GJ_NODE_SCALAR) {
            m->what = item->text;
            gj_check_measure(&p->b, item, m->what);
            continue;
        }
        if (item->kind != GJ_NODE_MAPPING) {
            gj_complain(&p->b, item, "must be a name or {what: name, for: duration}");
            continue;
        }
        gj_read_keys(&p->b, item, keys);
        m->ends = gj_node_get(item, "ends") != NULL;
        gj_need_string(&p->b, item, m->ends ? "ends" : "what", &m->what);
        gj_check_measure(&p->b, gj_node_get(item, m->ends ? "ends" : "what"), m->what);
        m->span = gj_plan_expr_of(p, item, "for", scope, &gj_type_duration);
        m->when = gj_plan_expr_of(p, item, "when", scope, &gj_type_bool);
    }
    f->measures = measures;
}

/* What a finding's expressions see: the family of what it is about, or of its events. */
static uint32_t kinds_of(const struct gj_plan *plan, const struct gj_finding_plan *f)
{
    uint32_t kinds = f->about == GJ_NO_INDEX ? 0 : gj_plan_family(plan, f->about);
    for (size_t i = 0; i < f->on_count; i++) {
        kinds |= gj_plan_family(plan, plan->events->types[f->on[i]].about);
    }
    return kinds == 0 ? UINT32_MAX : kinds;
}

static void read_finding(struct gj_planner *p, const struct gj_node *n, struct gj_finding_plan *f)
{
    static const char *const keys[] = {"finding", "title",    "covers",   "cites",    "from",
                                       "until",   "applies",  "severity", "on",       "when",
                                       "about",   "agent",    "because",  "mend",     "books",
                                       "entries", "measures", "tests",    "internal", NULL};
    static const char *const severities[] = {"", "bonus", "minor", "major", "critical", NULL};
    static const char *const books[] = {"ruled", "now", NULL};
    struct gj_builder *b = &p->b;
    gj_read_keys(b, n, keys);
    gj_plan_heading(p, n, "finding", true, &f->head);
    gj_plan_names(p, n, "on", &p->plan->events->type_ids, "event type", &f->on, &f->on_count);
    f->about = gj_plan_name(p, n, "about", &p->plan->events->kind_ids, "kind of entity");
    struct gj_scope on = {.types = f->on, .type_count = f->on_count, .kinds = kinds_of(p->plan, f)};
    struct gj_scope any = {.all_events = true, .kinds = on.kinds};
    if (gj_node_get(n, "when") != NULL && f->on_count == 0) {
        gj_complain(b, gj_node_get(n, "when"),
                    "'when' without 'on': say at which events it is looked for");
    }
    f->when = gj_plan_expr_of(p, n, "when", &on, &gj_type_bool);
    f->agent = gj_plan_expr_of(p, n, "agent", &any, &gj_type_string);
    gj_read_bilingual(b, n, "because", false, &f->because_zh, &f->because_en);
    gj_read_bilingual(b, n, "mend", false, &f->mend_zh, &f->mend_en);
    const struct gj_node *severity = gj_node_get(n, "severity"), *booked = gj_node_get(n, "books");
    int grade = severity == NULL ? gj_complain(b, n,
                                               "'severity' is missing: critical, major, "
                                               "minor or bonus")
                                 : gj_read_choice(b, severity, severities);
    f->severity = grade < 1 ? GJ_SEV_MINOR : (enum gj_rule_severity)grade;
    gj_read_bool(b, n, "internal", &f->internal);
    f->now = booked != NULL && gj_read_choice(b, booked, books) == 1;
    read_bookings(p, n, &any, f);
    read_measures(p, n, &any, f);
}

void gj_plan_findings(struct gj_planner *p)
{
    size_t i = 0;
    for (const struct gj_node *n = gj_entry_of(p->b.documents, "finding"); n != NULL;
         n = gj_entry_of(n->next, "finding")) {
        read_finding(p, n, &p->plan->findings[i++]);
    }
}
