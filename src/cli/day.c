/* Room cli: gathers a shop's day (see day.h). */
#include "cli/day.h"

#include <stdlib.h>
#include <string.h>

/* ---- memory ---- */

struct day_text { /* a block of strings */
    struct day_text *next;
    size_t used, size;
    char bytes[];
};

/* A copy that lives as long as the day. */
static const char *keep(struct day *day, const char *text)
{
    enum { BLOCK = 60000 };
    size_t len = text == NULL ? 0 : strlen(text) + 1;
    struct day_text *block = day->texts;
    if (len <= 1) {
        return "";
    }
    if (block == NULL || block->size - block->used < len) {
        size_t size = len > BLOCK ? len : BLOCK;
        block = malloc(sizeof *block + size);
        if (block == NULL) {
            day->failed = true;
            return "";
        }
        *block = (struct day_text){.next = day->texts, .size = size};
        day->texts = block;
    }
    char *copy = block->bytes + block->used;
    memcpy(copy, text, len);
    block->used += len;
    return copy;
}

/* Room for one more element of `size` bytes, zeroed; NULL: out of memory. */
static void *more(struct day *day, void **items, size_t *count, size_t *room, size_t size)
{
    if (*count == *room) {
        size_t wanted = *room * 2 + 32;
        void *grown = realloc(*items, wanted * size);
        if (grown == NULL) {
            day->failed = true;
            return NULL;
        }
        *items = grown;
        *room = wanted;
    }
    void *at = (char *)*items + (*count)++ * size;
    memset(at, 0, size);
    return at;
}

#define MORE(day, list)                                                            \
    more(day, (void **)&(day)->list##s, &(day)->list##_count, &(day)->list##_room, \
         sizeof *(day)->list##s)

static gj_consequence keep_then(struct day *day, const gj_consequence *then)
{
    gj_consequence kept = *then;
    kept.rule = keep(day, then->rule);
    kept.title_zh = keep(day, then->title_zh);
    kept.title_en = keep(day, then->title_en);
    kept.severity = keep(day, then->severity);
    kept.measures = keep(day, then->measures);
    return kept;
}

/* ---- rows ---- */

static int add_metric(void *context, const gj_metric_row *row)
{
    struct day *day = context;
    gj_metric_row *kept = MORE(day, metric);
    if (kept != NULL) {
        *kept = *row;
        kept->source = day->source;
        kept->id = keep(day, row->id);
        kept->title_zh = keep(day, row->title_zh);
        kept->title_en = keep(day, row->title_en);
        kept->clause_zh = keep(day, row->clause_zh);
        kept->clause_en = keep(day, row->clause_en);
        kept->product = keep(day, row->product);
        kept->what_zh = keep(day, row->what_zh);
        kept->what_en = keep(day, row->what_en);
        kept->then = keep_then(day, &row->then);
    }
    return 0;
}

void day_add_deadline(struct day *day, const gj_deadline_row *row)
{
    gj_deadline_row *kept = MORE(day, deadline);
    if (kept != NULL) {
        *kept = *row;
        kept->source = keep(day, row->source);
        kept->kind = keep(day, row->kind);
        kept->id = keep(day, row->id);
        kept->flow = keep(day, row->flow);
        kept->flow_zh = keep(day, row->flow_zh);
        kept->flow_en = keep(day, row->flow_en);
        kept->name = keep(day, row->name);
        kept->state = keep(day, row->state);
        kept->state_zh = keep(day, row->state_zh);
        kept->state_en = keep(day, row->state_en);
        kept->to = keep(day, row->to);
        kept->to_zh = keep(day, row->to_zh);
        kept->to_en = keep(day, row->to_en);
        kept->rule = keep(day, row->rule);
        kept->clause_zh = keep(day, row->clause_zh);
        kept->clause_en = keep(day, row->clause_en);
        kept->then = keep_then(day, &row->then);
        day->due_fen += row->then.fine_fen > 0 ? row->then.fine_fen : 0;
    }
}

static int add_deadline(void *context, const gj_deadline_row *row)
{
    day_add_deadline(context, row);
    return 0;
}

/* The first finding of the same rule, whose words are kept already; NULL: this is the first. */
static const gj_finding_row *first_of(const struct day *day, const char *rule)
{
    for (size_t i = 0; i < day->first_count; i++) {
        if (strcmp(day->findings[day->firsts[i]].rule, rule) == 0) {
            return &day->findings[day->firsts[i]];
        }
    }
    return NULL;
}

static int add_finding(void *context, const gj_finding_row *row)
{
    struct day *day = context;
    gj_finding_row *kept = MORE(day, finding);
    if (kept == NULL) {
        return 0;
    }
    const gj_finding_row *first = first_of(day, row->rule);
    *kept = *row;
    kept->source = day->source;
    kept->rule = first != NULL ? first->rule : keep(day, row->rule);
    kept->title_zh = first != NULL ? first->title_zh : keep(day, row->title_zh);
    kept->title_en = first != NULL ? first->title_en : keep(day, row->title_en);
    kept->clause_zh = first != NULL ? first->clause_zh : keep(day, row->clause_zh);
    kept->clause_en = first != NULL ? first->clause_en : keep(day, row->clause_en);
    kept->severity = first != NULL && strcmp(first->severity, row->severity) == 0
                         ? first->severity
                         : keep(day, row->severity);
    kept->kind =
        first != NULL && strcmp(first->kind, row->kind) == 0 ? first->kind : keep(day, row->kind);
    kept->subject = keep(day, row->subject);
    kept->agent = keep(day, row->agent);
    bool same = first != NULL && strcmp(first->because_zh, row->because_zh) == 0 &&
                strcmp(first->because_en, row->because_en) == 0;
    kept->because_zh = same ? first->because_zh : keep(day, row->because_zh);
    kept->because_en = same ? first->because_en : keep(day, row->because_en);
    kept->at_risk = keep_then(day, &row->at_risk);
    size_t *added = first != NULL ? NULL : MORE(day, first);
    if (added != NULL) {
        *added = (size_t)(kept - day->findings);
    }
    return 0;
}

static void add_up(struct day *day, struct day_sum **sums, size_t *count, size_t *room,
                   const struct day_sum *one)
{
    for (size_t i = 0; i < *count; i++) {
        struct day_sum *s = &(*sums)[i];
        if (strcmp(s->name, one->name) == 0 && strcmp(s->unit, one->unit) == 0) {
            s->amount += one->amount;
            return;
        }
    }
    struct day_sum *added = more(day, (void **)sums, count, room, sizeof *added);
    if (added != NULL) {
        *added = *one;
    }
}

static int add_ledger(void *context, const gj_ledger_row *row)
{
    struct day *day = context;
    gj_ledger_row *kept =
        more(day, (void **)&day->ledger, &day->ledger_count, &day->ledger_room, sizeof *kept);
    if (kept == NULL) {
        return 0;
    }
    *kept = *row;
    kept->source = day->source;
    kept->entry = keep(day, row->entry);
    kept->rule = keep(day, row->rule);
    kept->title_zh = keep(day, row->title_zh);
    kept->title_en = keep(day, row->title_en);
    kept->account = keep(day, row->account);
    kept->unit = keep(day, row->unit);
    kept->points_class = keep(day, row->points_class);
    kept->reverses = keep(day, row->reverses);
    bool fen = strcmp(row->unit, "fen") == 0, shop = strncmp(row->account, "shop", 4) == 0;
    const char *account = strncmp(row->account, "buyer:", 6) == 0   ? "buyer"
                          : strncmp(row->account, "agent:", 6) == 0 ? "agent"
                                                                    : kept->account;
    struct day_sum sum = {account, "", "", kept->unit, row->amount};
    add_up(day, &day->accounts, &day->account_count, &day->account_room, &sum);
    if (shop) {
        day->booked_fen -= fen ? row->amount : 0;
        day->booked_points += fen ? 0 : row->amount;
        bool named = kept->rule[0] != '\0'; /* a penalty need not name its rule */
        sum = (struct day_sum){kept->rule, named ? kept->title_zh : "未注明规则",
                               named ? kept->title_en : "no rule named", kept->unit, row->amount};
        add_up(day, &day->rules, &day->rule_count, &day->rule_room, &sum);
    }
    return 0;
}

static int add_ladder(void *context, const gj_ladder_row *row)
{
    struct day *day = context;
    gj_ladder_row *kept = MORE(day, ladder);
    if (kept != NULL) {
        *kept = *row;
        kept->source = day->source;
        kept->id = keep(day, row->id);
        kept->title_zh = keep(day, row->title_zh);
        kept->title_en = keep(day, row->title_en);
        kept->points_class = keep(day, row->points_class);
        kept->then = keep_then(day, &row->then);
    }
    return 0;
}

static int add_measure(void *context, const gj_measure_info *row)
{
    struct day *day = context;
    gj_measure_info *kept = MORE(day, measure);
    if (kept != NULL) {
        *kept = *row;
        kept->source = day->source;
        kept->rule = keep(day, row->rule);
        kept->title_zh = keep(day, row->title_zh);
        kept->title_en = keep(day, row->title_en);
        kept->kind = keep(day, row->kind);
        kept->subject = keep(day, row->subject);
        kept->what = keep(day, row->what);
    }
    return 0;
}

/* ---- order ---- */

static int by_agent(const void *a, const void *b)
{
    const struct day_agent *x = a, *y = b;
    for (int s = 0; s < SEVERITIES; s++) {
        if (x->by_severity[s] != y->by_severity[s]) {
            return x->by_severity[s] > y->by_severity[s] ? -1 : 1;
        }
    }
    return strcmp(x->agent, y->agent);
}

static int by_weight(const void *a, const void *b)
{
    const struct day_group *x = a, *y = b;
    int agent = strcmp(x->agent, y->agent);
    int grave = day_severity_index(x->severity) - day_severity_index(y->severity);
    int count = (x->count < y->count) - (x->count > y->count);
    return agent != 0 ? agent : grave != 0 ? grave : count != 0 ? count : strcmp(x->rule, y->rule);
}

static int by_amount(const void *a, const void *b)
{
    const struct day_sum *x = a, *y = b;
    int unit = strcmp(x->unit, y->unit), amount = (x->amount > y->amount) - (x->amount < y->amount);
    return unit != 0 ? unit : amount != 0 ? amount : strcmp(x->name, y->name);
}

static int by_rank(const void *a, const void *b)
{
    const gj_metric_row *x = a, *y = b;
    int xs = x->history ? 0 : x->breach ? 1 : x->has_threshold ? 2 : 3;
    int ys = y->history ? 0 : y->breach ? 1 : y->has_threshold ? 2 : 3;
    int order = xs != ys ? xs - ys : (x->product[0] != '\0') - (y->product[0] != '\0');
    order = order != 0 ? order : strcmp(x->id, y->id);
    order = order != 0 ? order : strcmp(x->product, y->product);
    order = order != 0 ? order : (x->step > y->step) - (x->step < y->step);
    return order != 0 ? order : (x->to > y->to) - (x->to < y->to);
}

static int add_ruling(void *context, const gj_finding_row *row)
{
    struct day *day = context;
    struct day_ruling *kept = row->ruled ? MORE(day, ruling) : NULL;
    if (kept != NULL) {
        kept->rule = keep(day, row->rule);
        kept->kind = keep(day, row->kind);
        kept->subject = keep(day, row->subject);
        kept->at = row->at;
    }
    return 0;
}

/* Whether somebody has ruled on what was found, the same day or since. */
static bool ruled_on(const struct day *day, const gj_finding_row *f)
{
    bool any = f->ruled;
    for (size_t i = 0; i < day->ruling_count && !any; i++) {
        const struct day_ruling *r = &day->rulings[i];
        any = r->at >= f->at && strcmp(r->rule, f->rule) == 0 && strcmp(r->kind, f->kind) == 0 &&
              strcmp(r->subject, f->subject) == 0;
    }
    return any;
}

/* What one event brought is one act, whomever it was found about (a message, and the shop whose
 * hits are counted); what time brought, by its subject and instant. */
static int by_act(const void *a, const void *b)
{
    const gj_finding_row *x = *(const gj_finding_row *const *)a;
    const gj_finding_row *y = *(const gj_finding_row *const *)b;
    int order = (x->event > y->event) - (x->event < y->event);
    if (order != 0 || x->event != 0) {
        return order;
    }
    order = strcmp(x->kind, y->kind);
    order = order != 0 ? order : strcmp(x->subject, y->subject);
    return order != 0 ? order : (x->at > y->at) - (x->at < y->at);
}

/* The findings in another order, to be freed; NULL: out of memory. */
static const gj_finding_row **in_order(struct day *day, int (*compare)(const void *, const void *))
{
    const gj_finding_row **rows = malloc((day->finding_count + 1) * sizeof *rows);
    for (size_t i = 0; rows != NULL && i < day->finding_count; i++) {
        rows[i] = &day->findings[i];
    }
    if (rows != NULL && day->finding_count > 1) {
        qsort(rows, day->finding_count, sizeof *rows, compare);
    }
    day->failed |= rows == NULL;
    return rows;
}

/* By agent and rule; those of one group as they came. */
static int by_group(const void *a, const void *b)
{
    const gj_finding_row *x = *(const gj_finding_row *const *)a;
    const gj_finding_row *y = *(const gj_finding_row *const *)b;
    int order = strcmp(x->agent, y->agent);
    order = order != 0 ? order : strcmp(x->rule, y->rule);
    return order != 0 ? order : (x > y) - (x < y);
}

static void group_findings(struct day *day)
{
    const gj_finding_row **rows = in_order(day, by_group);
    struct day_agent *agent = NULL;
    struct day_group *group = NULL;
    for (size_t i = 0; rows != NULL && i < day->finding_count && !day->failed; i++) {
        const gj_finding_row *f = rows[i];
        bool other_agent = i == 0 || strcmp(rows[i - 1]->agent, f->agent) != 0;
        if (other_agent && (agent = MORE(day, agent)) != NULL) {
            agent->agent = f->agent;
        }
        if ((other_agent || strcmp(rows[i - 1]->rule, f->rule) != 0) &&
            (group = MORE(day, group)) != NULL) {
            *group = (struct day_group){
                f->agent,   f->rule,       f->title_zh,   f->title_en,  f->severity,  f->kind,
                f->subject, f->because_zh, f->because_en, f->clause_zh, f->clause_en, 0,
                0};
        }
        if (agent != NULL && group != NULL) {
            agent->count++;
            agent->by_severity[day_severity_index(f->severity)]++;
            group->count++;
            group->fine_fen += f->at_risk.fine_fen;
        }
    }
    free(rows);
}

/* One act that breaks several rules costs once: the dearest of them. Ruled on for one of them, it
 * is at risk no more. */
static void sum_risk(struct day *day)
{
    const gj_finding_row **rows = in_order(day, by_act);
    for (size_t i = 0, end = 0; rows != NULL && i < day->finding_count; i = end) {
        int64_t fen = 0, points = 0;
        bool open = false, ruled = false;
        for (end = i; end < day->finding_count && by_act(&rows[i], &rows[end]) == 0; end++) {
            const gj_consequence *c = &rows[end]->at_risk;
            int64_t both = c->serious + c->general;
            ruled |= ruled_on(day, rows[end]);
            if (!rows[end]->booked) {
                fen = c->fine_fen > fen ? c->fine_fen : fen;
                points = both > points ? both : points;
                open |= c->open;
            }
        }
        day->risk_fen += ruled ? 0 : fen;
        day->risk_points += ruled ? 0 : points;
        day->risk_open += open && !ruled;
    }
    free(rows);
}

static void sort(void *items, size_t count, size_t size, int (*compare)(const void *, const void *))
{
    if (count > 1) {
        qsort(items, count, size, compare);
    }
}

/* ---- the whole ---- */

static int64_t now_of(gj_engine *engine, const char *source);

int day_gather(struct day *day, gj_engine *engine, const struct day_options *options)
{
    char clock[40];
    *day = (struct day){.engine = engine};
    day->source = keep(day, options->source);
    day->now = now_of(engine, day->source);
    int status = gj_engine_day_of(engine, day->source, options->date, &day->from, &day->to);
    if (status != GJ_OK) {
        return status;
    }
    gj_engine_clock(engine, day->source, day->from, clock, sizeof clock);
    snprintf(day->date, sizeof day->date, "%.10s", clock);
    day->over = day->to <= day->now;
    int64_t until = day->over ? day->to : day->now + 1;
    if (day->from <= day->now) { /* of a day that has not begun there are none */
        status = gj_engine_metrics(engine, day->source, day->to, options->days, add_metric, day);
    }
    status = status != GJ_OK
                 ? status
                 : gj_engine_deadlines(engine, day->source, day->now + options->within + 1,
                                       options->deadlines, add_deadline, day, &day->later);
    status = status != GJ_OK
                 ? status
                 : gj_engine_findings(engine, day->source, day->from, day->to, add_finding, day);
    status = status != GJ_OK ? status
                             : gj_engine_findings(engine, day->source, day->from, day->now + 1,
                                                  add_ruling, day);
    status = status != GJ_OK
                 ? status
                 : gj_engine_ledger(engine, day->source, day->from, day->to, add_ledger, day);
    status =
        status != GJ_OK ? status : gj_engine_ladders(engine, day->source, until, add_ladder, day);
    status = status != GJ_OK ? status
                             : gj_engine_measures(engine, day->source, until - 1, add_measure, day);
    group_findings(day);
    sum_risk(day);
    sort(day->metrics, day->metric_count, sizeof *day->metrics, by_rank);
    sort(day->agents, day->agent_count, sizeof *day->agents, by_agent);
    sort(day->groups, day->group_count, sizeof *day->groups, by_weight);
    sort(day->accounts, day->account_count, sizeof *day->accounts, by_amount);
    sort(day->rules, day->rule_count, sizeof *day->rules, by_amount);
    return status == GJ_OK && day->failed ? GJ_ESYSTEM : status;
}

struct shop_now {
    const char *source;
    int64_t now;
};

static int find_now(void *context, const gj_shop_info *shop)
{
    struct shop_now *wanted = context;
    wanted->now = strcmp(shop->source, wanted->source) == 0 ? shop->now : wanted->now;
    return 0;
}

static int64_t now_of(gj_engine *engine, const char *source)
{
    struct shop_now wanted = {source, 0};
    gj_engine_shops(engine, find_now, &wanted);
    return wanted.now == INT64_MIN ? 0 : wanted.now;
}

void day_free(struct day *day)
{
    while (day->texts != NULL) {
        struct day_text *gone = day->texts;
        day->texts = gone->next;
        free(gone);
    }
    free(day->metrics);
    free(day->deadlines);
    free(day->findings);
    free(day->rulings);
    free(day->ledger);
    free(day->ladders);
    free(day->measures);
    free(day->firsts);
    free(day->agents);
    free(day->groups);
    free(day->accounts);
    free(day->rules);
}
