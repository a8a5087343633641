/* Room judge: one message in, one verdict out (gj_check). A rule is evaluated twice at most: on
 * plain matches alone, and, if that does not decide, with those of the weaker levels, which may
 * suggest less. A condition that depends on a fact that was not given suggests review and names the
 * fact. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/utf8.h"
#include "judge/checker.h"

#define FACT_ITEMS_MAX 1000 /* each may be compared with each URL of the text */

/* ---- life ---- */

static int allocate(gj_checker *checker)
{
    const struct gj_book *book = checker->host.book;
    const struct gj_field *f = book->fields;
    size_t audiences = (f[GJ_FIELD_PLATFORM].value_count + 1) *
                       (f[GJ_FIELD_SENDER].value_count + 1) * (f[GJ_FIELD_KIND].value_count + 1);
    checker->ranges = calloc(book->lexicon_count + 1, sizeof *checker->ranges);
    checker->touched = calloc(book->lexicon_count + 1, sizeof *checker->touched);
    checker->audiences = calloc(audiences, sizeof *checker->audiences);
    checker->facts = calloc(book->field_count + 1, sizeof *checker->facts);
    checker->facts_set = calloc(book->field_count + 1, sizeof *checker->facts_set);
    checker->rule_stamps = calloc(book->rule_count + 1, sizeof *checker->rule_stamps);
    checker->candidates = calloc(book->rule_count + 1, sizeof *checker->candidates);
    checker->findings = calloc(book->rule_count + 1, sizeof *checker->findings);
    checker->packs = calloc(book->pack_count + 1, sizeof *checker->packs);
    checker->pack_override = calloc(book->pack_count + 1, sizeof *checker->pack_override);
    checker->matchers = calloc(book->word_count + 1, sizeof *checker->matchers);
    checker->waking = calloc(book->word_count + 1, sizeof *checker->waking);
    checker->awake = calloc(book->word_count + 1, sizeof *checker->awake);
    checker->parser = gj_json_parser_new();
    return checker->matchers != NULL && checker->waking != NULL && checker->awake != NULL &&
                   checker->ranges != NULL && checker->touched != NULL &&
                   checker->audiences != NULL && checker->facts != NULL &&
                   checker->facts_set != NULL && checker->rule_stamps != NULL &&
                   checker->candidates != NULL && checker->findings != NULL &&
                   checker->packs != NULL && checker->pack_override != NULL &&
                   checker->parser != NULL
               ? 0
               : -1;
}

gj_checker *gj_checker_new(const gj_rulebook *rulebook, gj_errors *errors)
{
    gj_checker *checker = calloc(1, sizeof *checker);
    if (checker == NULL) {
        gj_errors_say(errors, "out of memory");
        return NULL;
    }
    checker->rulebook = rulebook;
    checker->host = (struct gj_book_host){.book = rulebook->book, .operate = gj_operate};
    gj_text_init(&checker->text);
    gj_text_init(&checker->collapsed);
    gj_text_init(&checker->read_as);
    gj_text_init(&checker->meant);
    gj_extracts_init(&checker->extracts);
    gj_weak_scratch_init(&checker->weak);
    gj_match_scratch_init(&checker->match);
    gj_arena_init(&checker->matcher_memory);
    gj_arena_init(&checker->scratch);
    gj_buf_init(&checker->out);
    gj_buf_init(&checker->explanation);
    gj_buf_init(&checker->names);
    if (allocate(checker) != 0) {
        gj_errors_say(errors, "out of memory");
        gj_checker_free(checker);
        return NULL;
    }
    for (size_t i = 0; i < rulebook->book->field_count; i++) {
        checker->facts[i] = rulebook->book->fields[i].standard;
    }
    for (size_t i = 0; i < rulebook->book->pack_count; i++) {
        checker->packs[i] = true;
    }
    return checker;
}

static void free_audiences(gj_checker *checker)
{
    const struct gj_field *f = checker->host.book->fields;
    size_t count = f[GJ_FIELD_PLATFORM].value_count * f[GJ_FIELD_SENDER].value_count *
                   f[GJ_FIELD_KIND].value_count;
    for (size_t i = 0; checker->audiences != NULL && i < count; i++) {
        gj_audience_release(&checker->audiences[i]);
    }
    free(checker->audiences);
}

void gj_checker_free(gj_checker *checker)
{
    if (checker == NULL) {
        return;
    }
    free_audiences(checker);
    gj_weak_scratch_release(&checker->weak);
    gj_match_scratch_release(&checker->match);
    gj_arena_release(&checker->matcher_memory);
    gj_text_release(&checker->text);
    gj_text_release(&checker->collapsed);
    gj_text_release(&checker->read_as);
    gj_text_release(&checker->meant);
    free(checker->disguises);
    gj_extracts_release(&checker->extracts);
    gj_arena_release(&checker->scratch);
    gj_buf_release(&checker->out);
    gj_buf_release(&checker->explanation);
    gj_buf_release(&checker->names);
    gj_json_parser_free(checker->parser);
    free(checker->matchers);
    free(checker->waking);
    free(checker->awake);
    free(checker->rung);
    free(checker->places);
    free(checker->matches.items);
    free(checker->allowed.items);
    free(checker->everyday.items);
    free(checker->spans.items);
    free(checker->ranges);
    free(checker->touched);
    free(checker->facts);
    free(checker->facts_set);
    free(checker->rule_stamps);
    free(checker->candidates);
    free(checker->findings);
    free(checker->packs);
    free(checker->pack_override);
    free(checker->fact_list);
    free(checker->string_list);
    free(checker);
}

static int set_pack(const struct gj_book *book, bool *packs, struct gj_str name, bool on,
                    gj_errors *errors)
{
    uint32_t pack = gj_map_get(&book->pack_ids, name);
    if (pack == GJ_MAP_NONE) {
        gj_errors_say(errors,
                      "there is no optional pack '%.*s'; choose of those in schema.yaml "
                      "(platform packs always apply)",
                      (int)name.len, name.ptr);
        return GJ_EINPUT;
    }
    packs[pack] = on;
    return GJ_OK;
}

int gj_checker_packs(gj_checker *checker, const char *packs, gj_errors *errors)
{
    const struct gj_book *book = checker->host.book;
    packs = packs == NULL ? "-" : packs; /* all but none */
    bool without = packs[0] == '-';
    for (size_t i = 0; i < book->pack_count; i++) {
        checker->packs[i] = without;
    }
    int status = GJ_OK;
    for (const char *at = packs + (without ? 1 : 0); *at != '\0';) {
        size_t len = strcspn(at, ",");
        if (len > 0 &&
            set_pack(book, checker->packs, (struct gj_str){at, len}, !without, errors) != GJ_OK) {
            status = GJ_EINPUT;
        }
        at += len + (at[len] == ',');
    }
    return status;
}

void gj_checker_json(gj_checker *checker, gj_json_settings settings)
{
    checker->json = settings;
}

/* ---- facts ---- */

/* The fact to fill in. Its members are best written one by one: a value that is made elsewhere and
 * copied whole is read back before its parts have reached the cache, four times a message. */
static struct gj_value *new_fact(gj_checker *checker, uint32_t slot)
{
    checker->facts_set[checker->facts_set_count++] = slot;
    return &checker->facts[slot];
}

static void set_text(gj_checker *checker, uint32_t slot, struct gj_str text)
{
    struct gj_value *fact = new_fact(checker, slot);
    fact->kind = GJ_V_STRING;
    fact->count = 0;
    fact->as.text = text;
}

static void forget_facts(gj_checker *checker)
{
    for (size_t i = 0; i < checker->facts_set_count; i++) {
        uint32_t slot = checker->facts_set[i];
        checker->facts[slot] = checker->host.book->fields[slot].standard;
    }
    checker->facts_set_count = 0;
    checker->has_pack_override = false;
}

void gj_checker_forget(struct gj_checker *checker)
{
    gj_arena_reset(&checker->scratch);
    forget_facts(checker);
    checker->audience = NULL;
    checker->finding_count = checker->candidate_count = 0;
}

static struct gj_value string_value(struct gj_str text)
{
    return (struct gj_value){.kind = GJ_V_STRING, .as.text = text};
}

static int strings_value(gj_checker *checker, const gj_fact *fact, struct gj_value *out)
{
    struct gj_value *items =
        gj_arena_array(&checker->scratch, fact->string_count + 1, sizeof *items);
    if (items == NULL) {
        return -1;
    }
    for (size_t i = 0; i < fact->string_count; i++) {
        items[i] = string_value(gj_str_of(fact->strings[i]));
    }
    *out = (struct gj_value){
        .kind = GJ_V_LIST, .count = (uint32_t)fact->string_count, .as.items = items};
    return 0;
}

static bool fits(const struct gj_type *type, gj_fact_kind kind)
{
    switch (kind) {
    case GJ_FACT_BOOL:
        return type->kind == GJ_TYPE_BOOL;
    case GJ_FACT_INT:
        return type->kind == GJ_TYPE_INT;
    case GJ_FACT_STRING:
        return type->kind == GJ_TYPE_STRING;
    case GJ_FACT_STRINGS:
        return type->kind == GJ_TYPE_LIST;
    default:
        return false; /* a kind that there is not */
    }
}

static const char *type_name(const struct gj_type *type)
{
    switch (type->kind) {
    case GJ_TYPE_BOOL:
        return "true or false";
    case GJ_TYPE_INT:
        return "an integer";
    case GJ_TYPE_LIST:
        return "a list of strings";
    default:
        return "a string";
    }
}

/* The index of `text` in a field's values, or -1 with an error that lists them. */
static int value_index(const struct gj_field *field, struct gj_str text, gj_errors *errors)
{
    struct gj_buf all;
    for (size_t i = 0; i < field->value_count; i++) {
        if (gj_str_eq(field->values[i], text)) {
            return (int)i;
        }
    }
    gj_buf_init(&all);
    for (size_t i = 0; i < field->value_count; i++) {
        gj_buf_add_cstr(&all, i > 0 ? ", " : "");
        gj_buf_add_str(&all, field->values[i]);
    }
    gj_errors_say(errors, "%.*s '%.*s' is not known; use one of: %s", (int)field->name.len,
                  field->name.ptr, (int)(text.len < 80 ? text.len : 80), text.ptr, all.ptr);
    gj_buf_release(&all);
    return -1;
}

static int override_packs(gj_checker *checker, const gj_fact *fact, gj_errors *errors)
{
    const struct gj_book *book = checker->host.book;
    checker->has_pack_override = true;
    for (size_t i = 0; i < book->pack_count; i++) {
        checker->pack_override[i] = false;
    }
    for (size_t i = 0; i < fact->string_count; i++) {
        if (set_pack(book, checker->pack_override, gj_str_of(fact->strings[i]), true, errors) !=
            GJ_OK) {
            return GJ_EINPUT;
        }
    }
    return GJ_OK;
}

/* Name and value, where they are pointers. */
static bool is_whole(const gj_fact *fact)
{
    bool whole = fact->name != NULL && (fact->kind != GJ_FACT_STRING || fact->string != NULL);
    for (size_t i = 0; whole && fact->kind == GJ_FACT_STRINGS && i < fact->string_count; i++) {
        whole = fact->strings != NULL && fact->strings[i] != NULL;
    }
    return whole;
}

static int take_fact(gj_checker *checker, const gj_fact *fact, gj_errors *errors)
{
    const struct gj_book *book = checker->host.book;
    if (!is_whole(fact)) {
        gj_errors_say(errors, "a fact needs a name and a value");
        return GJ_EINPUT;
    }
    uint32_t slot = gj_map_get(&book->field_ids, gj_str_of(fact->name));
    if (slot == GJ_MAP_NONE || slot <= GJ_FIELD_LENGTH) {
        gj_errors_say(errors, "there is no fact '%s'; schema.yaml lists them", fact->name);
        return GJ_EINPUT;
    }
    const struct gj_field *field = &book->fields[slot];
    if (!fits(field->type, fact->kind)) {
        gj_errors_say(errors, "fact '%s' must be %s", fact->name, type_name(field->type));
        return GJ_EINPUT;
    }
    if (fact->kind == GJ_FACT_STRINGS && fact->string_count > FACT_ITEMS_MAX) {
        gj_errors_say(errors, "fact '%s' has more than %d items; give those that matter",
                      fact->name, FACT_ITEMS_MAX);
        return GJ_EINPUT;
    }
    struct gj_value value = {.kind = GJ_V_BOOL, .as.boolean = fact->boolean};
    if (fact->kind == GJ_FACT_INT) {
        value = (struct gj_value){.kind = GJ_V_INT, .as.integer = fact->integer};
    } else if (fact->kind == GJ_FACT_STRING) {
        value = string_value(gj_str_of(fact->string));
        if (field->value_count > 0 && value_index(field, value.as.text, errors) < 0) {
            return GJ_EINPUT;
        }
    } else if (fact->kind == GJ_FACT_STRINGS && strings_value(checker, fact, &value) != 0) {
        gj_errors_say(errors, "out of memory");
        return GJ_ESYSTEM;
    }
    for (size_t i = 0; i < checker->facts_set_count; i++) {
        if (checker->facts_set[i] == slot) {
            gj_errors_say(errors, "fact '%s' is given twice; keep one of them", fact->name);
            return GJ_EINPUT;
        }
    }
    *new_fact(checker, slot) = value;
    return slot == GJ_FIELD_PACKS ? override_packs(checker, fact, errors) : GJ_OK;
}

/* ---- evaluation ---- */

bool gj_rule_in_force(const struct gj_checker *checker, const struct gj_rule *rule)
{
    if (checker->host.at < rule->from || checker->host.at >= rule->until) {
        return false;
    }
    uint32_t pack = gj_map_get(&checker->host.book->pack_ids, rule->pack);
    return pack == GJ_MAP_NONE ||
           (checker->has_pack_override ? checker->pack_override : checker->packs)[pack];
}

/* The most that a rule may suggest when only weaker matches made it true. */
static gj_suggestion weak_limit(const gj_checker *checker, const struct gj_rule *rule)
{
    const struct gj_book *book = checker->host.book;
    gj_suggestion limit = GJ_BLOCK;
    for (size_t i = 0; i < rule->read_count; i++) {
        struct gj_range range = gj_matches_of(checker, rule->reads[i]);
        bool weak = false;
        for (uint32_t m = 0; m < range.count; m++) {
            weak |= checker->matches.items[range.first + m].weak;
        }
        gj_suggestion most = (gj_suggestion)book->lexicons[rule->reads[i]].weak;
        limit = weak && most < limit ? most : limit;
    }
    return limit;
}

static bool has_weak(const gj_checker *checker, const struct gj_rule *rule)
{
    for (size_t i = 0; checker->any_weak && i < rule->read_count; i++) {
        struct gj_range range = gj_matches_of(checker, rule->reads[i]);
        for (uint32_t m = 0; m < range.count; m++) {
            if (checker->matches.items[range.first + m].weak) {
                return true;
            }
        }
    }
    return false;
}

enum truth { FALSE, TRUE, UNKNOWN };

static enum truth evaluate(gj_checker *checker, const struct gj_expr *expr, const char **depends_on)
{
    struct gj_frame frame = {
        .lookup = gj_checker_lookup, .context = checker, .arena = &checker->scratch};
    struct gj_value value = gj_expr_eval(expr, &frame);
    if (value.kind == GJ_V_BOOL) {
        return value.as.boolean ? TRUE : FALSE;
    }
    /* an error, as a parameter without a value yet, is no knowledge either */
    *depends_on = value.kind == GJ_V_UNKNOWN && frame.unknown_count > 0
                      ? checker->host.book->fields[frame.unknowns[0]].name.ptr
                      : "(error)";
    return UNKNOWN;
}

static void find(gj_checker *checker, uint32_t index)
{
    const struct gj_rule *rule = &checker->host.book->rules[index];
    const char *depends_on = "";
    if (!gj_rule_in_force(checker, rule)) {
        return;
    }
    checker->mode = GJ_MODE_STRONG;
    bool applied = checker->audience->applied[index >> 6] >> (index & 63) & 1;
    enum truth applies = applied ? TRUE : evaluate(checker, rule->applies, &depends_on);
    enum truth truth = applies == FALSE ? FALSE : evaluate(checker, rule->when, &depends_on);
    gj_suggestion suggestion = (gj_suggestion)rule->suggest;
    if (truth == FALSE && applies != FALSE && has_weak(checker, rule)) {
        checker->mode = GJ_MODE_ALL;
        truth = evaluate(checker, rule->when, &depends_on);
        gj_suggestion limit = weak_limit(checker, rule);
        suggestion = limit < suggestion ? limit : suggestion;
    }
    if (truth == FALSE || suggestion == GJ_PASS) {
        return;
    }
    bool certain = truth == TRUE && applies == TRUE;
    checker->findings[checker->finding_count++] = (struct gj_finding){
        .rule = index,
        .suggestion = certain || suggestion == GJ_PASS ? suggestion : GJ_REVIEW,
        .depends_on = certain ? "" : depends_on,
    };
}

static void gather_candidates(gj_checker *checker)
{
    const struct gj_audience *audience = checker->audience;
    checker->candidate_count = 0;
    if (++checker->stamp == 0) { /* wrapped: old stamps would look new */
        memset(checker->rule_stamps, 0,
               checker->host.book->rule_count * sizeof *checker->rule_stamps);
        checker->stamp = 1;
    }
    for (size_t t = 0; t < checker->touched_count; t++) {
        uint32_t lexicon = checker->touched[t];
        for (uint32_t i = audience->rule_first[lexicon]; i < audience->rule_first[lexicon + 1];
             i++) {
            uint32_t rule = audience->rule_list[i];
            if (checker->rule_stamps[rule] != checker->stamp) {
                checker->rule_stamps[rule] = checker->stamp;
                checker->candidates[checker->candidate_count] = rule;
                checker->candidate_count += gj_rule_may_hold(checker, rule);
            }
        }
    }
    for (size_t i = 0; i < audience->always_count; i++) {
        checker->candidates[checker->candidate_count++] = audience->always[i];
    }
}

/* ---- gj_check ---- */

struct frame {
    int platform, sender, kind; /* indexes of values */
};

/* 商品标题：... is a title, unless the message says itself what it is: who is judged as an agent
 * must not pass for a buyer by writing so. */
static void open_text(gj_checker *checker, const gj_message *message, struct gj_str *sender,
                      struct gj_str *kind)
{
    const struct gj_book *book = checker->host.book;
    checker->judged = (struct gj_str){message->text, message->text_len};
    checker->opener_points = 0;
    for (size_t i = 0; i < book->opener_count; i++) {
        const struct gj_opener *opener = &book->openers[i];
        bool of_kind = opener->field == GJ_FIELD_KIND;
        bool said = (of_kind ? message->kind : message->sender) != NULL;
        if (!said && gj_str_starts(checker->judged, opener->text)) {
            *(of_kind ? kind : sender) = opener->value;
            checker->opener_points = (uint32_t)gj_utf8_count(opener->text);
            checker->judged.ptr += opener->text.len;
            checker->judged.len -= opener->text.len;
            return;
        }
    }
}

static int take_message(gj_checker *checker, const gj_message *message, struct frame *frame,
                        gj_errors *errors)
{
    const struct gj_field *fields = checker->host.book->fields;
    if (message->platform == NULL || message->text == NULL) {
        gj_errors_say(errors, "a message needs a platform and a text");
        return GJ_EINPUT;
    }
    if (message->text_len > GJ_TEXT_BYTES_MAX) {
        gj_errors_say(errors, "the text has %zu bytes, more than 2 MiB; split it",
                      message->text_len);
        return GJ_EINPUT;
    }
    struct gj_str text = {message->text, message->text_len};
    if (!gj_json_is_utf8(text)) {
        gj_errors_say(errors, "the text is not valid UTF-8 at byte %zu; send it as UTF-8",
                      gj_utf8_valid_prefix(text));
        return GJ_EINPUT;
    }
    struct gj_str sender = gj_str_of(message->sender == NULL ? "agent" : message->sender);
    struct gj_str kind = gj_str_of(message->kind == NULL ? "message" : message->kind);
    struct gj_str platform = gj_str_of(message->platform);
    open_text(checker, message, &sender, &kind);
    frame->platform = value_index(&fields[GJ_FIELD_PLATFORM], platform, errors);
    frame->sender = value_index(&fields[GJ_FIELD_SENDER], sender, errors);
    frame->kind = value_index(&fields[GJ_FIELD_KIND], kind, errors);
    if (frame->platform < 0 || frame->sender < 0 || frame->kind < 0) {
        return GJ_EINPUT;
    }
    set_text(checker, GJ_FIELD_PLATFORM, fields[GJ_FIELD_PLATFORM].values[frame->platform]);
    set_text(checker, GJ_FIELD_SENDER, fields[GJ_FIELD_SENDER].values[frame->sender]);
    set_text(checker, GJ_FIELD_KIND, fields[GJ_FIELD_KIND].values[frame->kind]);
    for (size_t i = 0; i < message->fact_count; i++) {
        int status = take_fact(checker, &message->facts[i], errors);
        if (status != GJ_OK) {
            return status;
        }
    }
    return GJ_OK;
}

int gj_check(gj_checker *checker, const gj_message *message, const gj_verdict **verdict,
             gj_errors *errors)
{
    static const gj_message none = {0}; /* lacks what a message needs, which is told */
    gj_checker_forget(checker);
    return gj_judge(checker, message == NULL ? &none : message, verdict, errors);
}

int gj_judge(struct gj_checker *checker, const gj_message *message, const gj_verdict **verdict,
             gj_errors *errors)
{
    struct frame frame;
    checker->scratch.failed = false;
    checker->platform = message->platform;
    checker->host.at = message->at != 0 ? message->at : (int64_t)time(NULL);
    int status = take_message(checker, message, &frame, errors);
    if (status != GJ_OK) {
        return status;
    }
    checker->audience = gj_audience_of(checker, (uint32_t)frame.platform, (uint32_t)frame.sender,
                                       (uint32_t)frame.kind);
    if (checker->audience == NULL || gj_match_text(checker) != 0) {
        gj_errors_say(errors, "out of memory while judging a message of %zu bytes",
                      message->text_len);
        return GJ_ESYSTEM;
    }
    struct gj_value *length = new_fact(checker, GJ_FIELD_LENGTH);
    length->kind = GJ_V_INT;
    length->count = 0;
    length->as.integer = checker->text.length;
    gather_candidates(checker);
    for (size_t i = 0; i < checker->candidate_count; i++) {
        find(checker, checker->candidates[i]);
    }
    gj_verdict_build(checker);
    if (checker->scratch.failed || checker->out_of_memory) { /* a condition, a hit is missing */
        gj_errors_say(errors, "out of memory while judging a message of %zu bytes",
                      message->text_len);
        return GJ_ESYSTEM;
    }
    *verdict = &checker->verdict;
    return GJ_OK;
}
