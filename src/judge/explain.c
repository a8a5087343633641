/* Room judge: why the last verdict came out so. Every rule that a word of the text woke is
 * evaluated once more, with each part of its condition and its value written down. */
#include "judge/checker.h"

static void add_line(struct gj_checker *checker, const char *zh, const char *en, bool english)
{
    gj_buf_add_cstr(&checker->explanation, english ? en : zh);
}

static void on_part(void *context, struct gj_str source, const struct gj_value *value,
                    unsigned depth)
{
    struct gj_checker *checker = context;
    struct gj_buf *out = &checker->explanation;
    for (unsigned i = 0; i < depth + 2 && i < 12; i++) {
        gj_buf_add_cstr(out, "  ");
    }
    gj_buf_add_str(out, source);
    gj_buf_add_cstr(out, " -> ");
    if (value->kind == GJ_V_UNKNOWN) {
        gj_buf_add_cstr(out, "unknown");
    } else {
        gj_value_json(value, out);
    }
    gj_buf_add_char(out, '\n');
}

static const struct gj_finding *finding_of(const struct gj_checker *checker, uint32_t rule)
{
    for (size_t i = 0; i < checker->finding_count; i++) {
        if (checker->findings[i].rule == rule) {
            return &checker->findings[i];
        }
    }
    return NULL;
}

static void add_matches(struct gj_checker *checker, const struct gj_rule *rule)
{
    struct gj_buf *out = &checker->explanation;
    for (size_t i = 0; i < rule->read_count; i++) {
        struct gj_range range = gj_matches_of(checker, rule->reads[i]);
        for (uint32_t m = 0; m < range.count && m < 8; m++) {
            const struct gj_match *match = &checker->matches.items[range.first + m];
            char names[160];
            gj_buf_addf(out, "    %.*s [%u, %u)",
                        (int)checker->host.book->lexicons[rule->reads[i]].id.len,
                        checker->host.book->lexicons[rule->reads[i]].id.ptr,
                        match->start + checker->opener_points, match->end + checker->opener_points);
            if (match->transforms != 0) {
                gj_buf_addf(out, " (%s)",
                            gj_transform_text(match->transforms, names, sizeof names));
            }
            gj_buf_add_char(out, '\n');
        }
        if (range.count > 8) {
            gj_buf_addf(out, "    ... and %u more\n", range.count - 8);
        }
    }
}

static void explain_rule(struct gj_checker *checker, uint32_t index, bool english)
{
    const struct gj_rule *rule = &checker->host.book->rules[index];
    const struct gj_finding *finding = finding_of(checker, index);
    struct gj_buf *out = &checker->explanation;
    if (!gj_rule_in_force(checker, rule) || (finding == NULL && rule->always)) {
        return;
    }
    gj_buf_add_str(out, rule->id);
    gj_buf_add_cstr(out, ": ");
    if (finding == NULL) {
        add_line(checker, "不成立\n", "does not hold\n", english);
    } else {
        gj_buf_add_cstr(out, gj_suggestion_name(finding->suggestion));
        gj_buf_add_cstr(out, english ? ", by " : "，依据 ");
        gj_buf_add_str(out, english ? rule->clause_en : rule->clause_zh);
        if (finding->depends_on[0] != '\0') {
            gj_buf_add_cstr(out, english ? "; depends on " : "；取决于 ");
            gj_buf_add_cstr(out, finding->depends_on);
        }
        gj_buf_add_char(out, '\n');
    }
    add_matches(checker, rule);
    checker->mode = GJ_MODE_ALL;
    struct gj_frame frame = {.lookup = gj_checker_lookup,
                             .context = checker,
                             .arena = &checker->scratch,
                             .trace = on_part};
    gj_expr_eval(rule->when, &frame);
}

const char *gj_checker_explain(gj_checker *checker, bool english)
{
    gj_buf_reset(&checker->explanation);
    if (checker->audience == NULL) {
        return checker->explanation.ptr;
    }
    for (size_t i = 0; i < checker->candidate_count; i++) {
        explain_rule(checker, checker->candidates[i], english);
    }
    if (checker->explanation.len == 0) {
        add_line(checker, "没有任何规则的词语出现在文本中。\n",
                 "No rule's words occur in the text.\n", english);
    }
    return checker->explanation.ptr;
}
