/* Room judge: from findings to a verdict. A finding's marked words become hits: spans of one rule
 * that lie close together are one hit, a finding without marked words is about the whole message.
 */
#include "base/sort.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "judge/checker.h"

#define JOIN_DISTANCE 12 /* code points between marked words of one hit */

const char *gj_suggestion_name(gj_suggestion suggestion)
{
    static const char *const names[] = {"pass", "review", "block"};
    return names[suggestion];
}

const char *gj_severity_name(gj_severity severity)
{
    static const char *const names[] = {"none", "bonus", "minor", "major", "critical"};
    return names[severity];
}

static void add_span(gj_checker *checker, struct gj_match span)
{
    struct gj_match_list *list = &checker->spans;
    struct gj_match *items = gj_grow(list->items, &list->capacity, list->count + 1, sizeof *items);
    if (items == NULL) {
        checker->out_of_memory = true;
        return;
    }
    list->items = items;
    items[list->count++] = span;
}

static int by_start(const void *a, const void *b)
{
    const struct gj_match *x = a, *y = b;
    if (x->start != y->start) {
        return x->start < y->start ? -1 : 1;
    }
    return x->end < y->end ? -1 : x->end > y->end;
}

/* The marked words of a finding, by place, joined where they are close. */
static void mark(gj_checker *checker, const struct gj_finding *finding)
{
    const struct gj_rule *rule = &checker->host.book->rules[finding->rule];
    struct gj_match_list *list = &checker->spans;
    list->count = 0;
    for (size_t m = 0; m < rule->mark_count; m++) {
        struct gj_range range = gj_matches_of(checker, rule->marks[m]);
        bool unless_negated = m < 64 && (rule->unless_negated >> m & 1) != 0;
        for (uint32_t i = 0; i < range.count; i++) {
            const struct gj_match *match = &checker->matches.items[range.first + i];
            if (!(unless_negated && gj_match_is_negated(checker, match))) {
                add_span(checker, *match);
            }
        }
    }
    if (list->count == 0) {
        add_span(checker, (struct gj_match){.start = 0, .end = checker->text.code_points});
        return;
    }
    gj_sort(list->items, list->count, sizeof *list->items, by_start);
    size_t kept = 0;
    for (size_t i = 1; i < list->count; i++) {
        struct gj_match *last = &list->items[kept], next = list->items[i];
        if (next.start <= last->end + JOIN_DISTANCE) {
            last->end = next.end > last->end ? next.end : last->end;
            last->transforms |= next.transforms;
        } else {
            list->items[++kept] = next;
        }
    }
    list->count = kept + 1;
}

/* An amount that a cost names, or nothing when its parameter has no value at that date. */
static bool amount(gj_checker *checker, const struct gj_expr *expr, int64_t *out)
{
    if (expr == NULL) {
        return false;
    }
    struct gj_frame frame = {
        .lookup = gj_checker_lookup, .context = checker, .arena = &checker->scratch};
    struct gj_value value = gj_expr_eval(expr, &frame);
    *out = value.kind == GJ_V_INT ? value.as.integer : 0;
    return value.kind == GJ_V_INT;
}

static gj_cost cost_of(gj_checker *checker, const struct gj_rule_cost *cost)
{
    gj_cost out = {.points_class = cost->points_class.ptr,
                   .payer = cost->payer.ptr,
                   .payee = cost->payee.ptr,
                   .measures = cost->measures,
                   .measure_count = cost->measure_count,
                   .note_zh = cost->note_zh.ptr,
                   .note_en = cost->note_en.ptr};
    out.has_points = amount(checker, cost->points, &out.points);
    out.has_fine = amount(checker, cost->fine_fen, &out.fine_fen);
    return out;
}

/* Byte offset of code point `index` in the text judged: counted from the unit at or before it,
 * since a long text may have many hits. */
static size_t byte_of(const gj_checker *checker, uint32_t index)
{
    const struct gj_text *text = &checker->text;
    struct gj_str s = checker->judged;
    size_t low = 0, high = text->unit_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (text->units[middle].index <= index) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    size_t at = low > 0 ? text->units[low - 1].begin : 0;
    for (uint32_t i = low > 0 ? text->units[low - 1].index : 0; i < index && at < s.len; i++) {
        unsigned len = 0;
        gj_utf8_decode(s.ptr + at, &len);
        at += len;
    }
    return at;
}

static void add_hits(gj_checker *checker, const struct gj_finding *finding)
{
    const struct gj_rule *rule = &checker->host.book->rules[finding->rule];
    gj_verdict *verdict = &checker->verdict;
    mark(checker, finding);
    gj_hit hit = {.rule = rule->id.ptr,
                  .title_zh = rule->title_zh.ptr,
                  .title_en = rule->title_en.ptr,
                  .category = rule->category.ptr,
                  .clause = (checker->json.english ? rule->clause_en : rule->clause_zh).ptr,
                  .suggestion = finding->suggestion,
                  .severity = (gj_severity)rule->severity,
                  .cost = cost_of(checker, &rule->cost),
                  .rewrite_zh = rule->reply_zh.ptr,
                  .rewrite_en = rule->reply_en.ptr,
                  .depends_on = finding->depends_on};
    for (size_t i = 0; i < checker->spans.count; i++) {
        const struct gj_match *span = &checker->spans.items[i];
        if (verdict->hit_count == GJ_HITS_MAX) {
            verdict->hits_dropped++;
            continue;
        }
        size_t from = byte_of(checker, span->start), to = byte_of(checker, span->end);
        hit.start = span->start + checker->opener_points;
        hit.end = span->end + checker->opener_points;
        hit.matched = checker->judged.ptr + from;
        hit.matched_len = to - from;
        hit.transforms = span->transforms;
        checker->hits[verdict->hit_count++] = hit;
    }
}

static void note_unknown(gj_checker *checker, const char *name)
{
    gj_verdict *verdict = &checker->verdict;
    for (size_t i = 0; i < verdict->unknown_count; i++) {
        if (strcmp(checker->unknown[i], name) == 0) {
            return;
        }
    }
    if (name[0] != '\0' && verdict->unknown_count < GJ_UNKNOWNS_MAX) {
        checker->unknown[verdict->unknown_count++] = name;
    }
}

struct placed { /* what hits are ordered by */
    uint32_t hit;
    const gj_hit *of;
};

static int by_place(const void *a, const void *b)
{
    const gj_hit *x = ((const struct placed *)a)->of, *y = ((const struct placed *)b)->of;
    if (x->start != y->start) {
        return x->start < y->start ? -1 : 1;
    }
    if (x->suggestion != y->suggestion) {
        return x->suggestion > y->suggestion ? -1 : 1;
    }
    return strcmp(x->rule, y->rule);
}

/* Hits are large: their places are sorted, and each hit is then moved once. */
static void sort_hits(gj_hit *hits, size_t count)
{
    struct placed order[GJ_HITS_MAX];
    for (uint32_t i = 0; i < count; i++) {
        order[i] = (struct placed){i, &hits[i]};
    }
    gj_sort(order, count, sizeof *order, by_place);
    for (uint32_t i = 0; i < count; i++) { /* each ring of moves begins at its first place */
        gj_hit first = hits[i];
        uint32_t to = i;
        while (order[to].hit != i) {
            uint32_t from = order[to].hit;
            hits[to] = hits[from];
            order[to].hit = to;
            to = from;
        }
        hits[to] = first;
        order[to].hit = to;
    }
}

void gj_verdict_build(struct gj_checker *checker)
{
    checker->verdict = (gj_verdict){
        .hits = checker->hits, .unknown = checker->unknown, .rulebook = checker->host.book->hash};
    for (size_t i = 0; i < checker->finding_count; i++) {
        const struct gj_finding *finding = &checker->findings[i];
        const struct gj_rule *rule = &checker->host.book->rules[finding->rule];
        gj_verdict *verdict = &checker->verdict;
        if (finding->suggestion > verdict->suggestion) {
            verdict->suggestion = finding->suggestion;
        }
        if ((gj_severity)rule->severity > verdict->severity) {
            verdict->severity = (gj_severity)rule->severity;
        }
        note_unknown(checker, finding->depends_on);
        add_hits(checker, finding);
    }
    sort_hits(checker->hits, checker->verdict.hit_count);
}
