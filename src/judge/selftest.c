/* Room judge: the rulebook tests itself. Beside each rule stand utterances and what they come to:
 * `block` or `review` asks that this very rule is found and suggests so, `pass` that the whole
 * verdict is pass. Every reply offered is judged too, on each platform its rule applies to: advice
 * must not break a rule. */
#include <stdlib.h>

#include "base/utf8.h"
#include "judge/checker.h"

struct run {
    gj_checker *checker;
    const struct gj_book *book;
    void (*each)(void *context, const gj_test_result *result);
    void *context;
    gj_errors *errors;
};

/* The facts of `with:`; scalars only. */
static size_t facts_of(const struct gj_node *with, gj_fact *facts)
{
    size_t count = 0;
    for (const struct gj_node *n = with == NULL ? NULL : with->first; n != NULL; n = n->next) {
        gj_fact fact = {.name = n->key->text.ptr, .kind = GJ_FACT_STRING, .string = n->text.ptr};
        bool digits = n->plain && n->text.len > 0 && n->text.len < 18;
        for (size_t i = 0; digits && i < n->text.len; i++) {
            digits = n->text.ptr[i] >= '0' && n->text.ptr[i] <= '9';
        }
        if (n->plain && (gj_str_is(n->text, "true") || gj_str_is(n->text, "false"))) {
            fact.kind = GJ_FACT_BOOL;
            fact.boolean = n->text.len == 4;
        } else if (digits) {
            fact.kind = GJ_FACT_INT;
            fact.integer = strtoll(n->text.ptr, NULL, 10);
        }
        facts[count++] = fact;
    }
    return count;
}

/* Whether the rule applies to messages of this platform, sender and kind at all. */
static bool concerns(gj_checker *checker, const struct gj_rule *rule, const char *platform,
                     const char *sender, const char *kind)
{
    const struct gj_verdict *verdict = NULL;
    gj_errors errors;
    gj_errors_init(&errors);
    gj_message probe = {.platform = platform, .sender = sender, .kind = kind, .text = "", .at = 1};
    int status = gj_check(checker, &probe, &verdict, &errors);
    gj_errors_release(&errors);
    struct gj_frame frame = {
        .lookup = gj_checker_lookup, .context = checker, .arena = &checker->scratch};
    struct gj_value value = status == GJ_OK ? gj_expr_eval(rule->applies, &frame)
                                            : (struct gj_value){.kind = GJ_V_ERROR};
    return !(value.kind == GJ_V_BOOL && !value.as.boolean) && value.kind != GJ_V_ERROR;
}

/* Packs are tested on the platform that schema.yaml names in `tests_on` unless a test says
 * otherwise; a platform's rules on that platform. */
static const char *usual_platform(struct run *run, const struct gj_rule *rule, const char *sender,
                                  const char *kind)
{
    const struct gj_field *platform = &run->book->fields[GJ_FIELD_PLATFORM];
    const char *first = NULL;
    bool optional = gj_map_get(&run->book->pack_ids, rule->pack) != GJ_MAP_NONE;
    for (size_t i = 0; i < platform->value_count; i++) {
        const char *name = platform->values[i].ptr;
        if (gj_str_eq(platform->values[i], rule->pack)) {
            return name;
        }
        if (concerns(run->checker, rule, name, sender, kind)) {
            bool preferred = optional && gj_str_is(run->book->tests_on, name);
            first = first == NULL || preferred ? name : first;
        }
    }
    return first == NULL ? platform->values[0].ptr : first;
}

static void describe(const gj_verdict *verdict, struct gj_buf *out)
{
    enum { HITS = 8, MATCHED_BYTES = 60 };
    gj_buf_add_cstr(out, gj_suggestion_name(verdict->suggestion));
    for (size_t i = 0; i < verdict->hit_count && i < HITS; i++) {
        const gj_hit *hit = &verdict->hits[i];
        struct gj_str matched = {hit->matched, hit->matched_len};
        matched.len = matched.len < MATCHED_BYTES ? matched.len : MATCHED_BYTES;
        matched.len = gj_utf8_valid_prefix(matched); /* not cut inside a character */
        gj_buf_addf(out, "%s%s %s \"%.*s\"", i == 0 ? ": " : "; ", hit->rule,
                    gj_suggestion_name(hit->suggestion), (int)matched.len, matched.ptr);
    }
}

static bool as_expected(const struct gj_rule *rule, struct gj_str expected,
                        const gj_verdict *verdict)
{
    if (gj_str_is(expected, "pass")) {
        return verdict->suggestion == GJ_PASS;
    }
    for (size_t i = 0; i < verdict->hit_count; i++) {
        if (strcmp(verdict->hits[i].rule, rule->id.ptr) == 0 &&
            gj_str_is(expected, gj_suggestion_name(verdict->hits[i].suggestion))) {
            return true;
        }
    }
    return false;
}

static void judge(struct run *run, const struct gj_rule *rule, const gj_message *message,
                  struct gj_str expected, uint32_t line, const char *shown)
{
    const gj_verdict *verdict = NULL;
    struct gj_buf got;
    gj_errors errors;
    gj_buf_init(&got);
    gj_errors_init(&errors);
    gj_test_result result = {.name = rule->id.ptr,
                             .file = run->book->files[rule->node->file].path.ptr,
                             .line = line,
                             .say = shown,
                             .expected = expected.ptr};
    if (gj_check(run->checker, message, &verdict, &errors) == GJ_OK) {
        describe(verdict, &got);
        result.passed = as_expected(rule, expected, verdict);
    } else {
        gj_buf_add_cstr(&got, errors.count > 0 ? errors.items[0].message.ptr : "failed");
    }
    result.got = got.ptr;
    run->each(run->context, &result);
    gj_buf_release(&got);
    gj_errors_release(&errors);
}

static void run_test(struct run *run, const struct gj_rule *rule, const struct gj_test *test)
{
    gj_fact facts[GJ_TEST_FACTS_MAX];
    gj_message message = {.sender = test->from.len > 0 ? test->from.ptr : NULL,
                          .kind = test->kind.len > 0 ? test->kind.ptr : NULL,
                          .text = test->say.ptr,
                          .text_len = test->say.len,
                          .facts = facts,
                          .fact_count = facts_of(test->with, facts)};
    message.platform =
        test->on.len > 0 ? test->on.ptr : usual_platform(run, rule, message.sender, message.kind);
    message.at = test->at.len > 0 ? gj_china_day(test->at) : 0;
    judge(run, rule, &message, test->is, test->node->line, test->say.ptr);
}

/* A reply goes to the buyer as an agent's message, on every platform its rule concerns. */
static void run_reply(struct run *run, const struct gj_rule *rule)
{
    const struct gj_field *platform = &run->book->fields[GJ_FIELD_PLATFORM];
    static const char *const kinds[] = {"message", "title", "review_reply"};
    static const char *const senders[] = {"agent", "buyer"};
    for (size_t p = 0; p < platform->value_count && rule->reply_zh.len > 0; p++) {
        bool concerned = false;
        for (int k = 0; k < 3 && !concerned; k++) {
            for (int s = 0; s < 2 && !concerned; s++) {
                concerned =
                    concerns(run->checker, rule, platform->values[p].ptr, senders[s], kinds[k]);
            }
        }
        if (concerned) {
            gj_message message = {.platform = platform->values[p].ptr,
                                  .text = rule->reply_zh.ptr,
                                  .text_len = rule->reply_zh.len};
            judge(run, rule, &message, GJ_STR("pass"), rule->node->line, rule->reply_zh.ptr);
        }
    }
}

int gj_rulebook_test(const char *dir, const char *only,
                     void (*each)(void *context, const gj_test_result *result), void *context,
                     gj_errors *errors)
{
    struct gj_book_options options = {.cache_dir = "", .with_tests = true};
    struct gj_book *book = gj_book_load(dir, options, errors);
    gj_rulebook *rulebook = book == NULL ? NULL : gj_rulebook_wrap(book, errors);
    struct run run = {.each = each, .context = context, .errors = errors};
    run.checker = rulebook == NULL ? NULL : gj_checker_new(rulebook, errors);
    if (run.checker == NULL) {
        gj_rulebook_free(rulebook);
        return GJ_EBOOK;
    }
    run.book = rulebook->book;
    for (size_t r = 0; r < run.book->rule_count; r++) {
        const struct gj_rule *rule = &run.book->rules[r];
        if (only != NULL && strncmp(rule->id.ptr, only, strlen(only)) != 0) {
            continue;
        }
        for (size_t t = 0; t < rule->test_count; t++) {
            run_test(&run, rule, &rule->tests[t]);
        }
        run_reply(&run, rule);
    }
    gj_checker_free(run.checker);
    gj_rulebook_free(rulebook);
    return GJ_OK;
}
