/* Room book: what wakes a pattern, and the scanner that finds it: the literals of its alarm (see
 * text/pattern.h); and which of its literals are looked for in disguise. */
#include "base/vec.h"
#include "book/build.h"

struct ringing { /* of a trigger */
    uint32_t trigger;
    struct gj_alarm alarm;
};

struct collector {
    struct gj_builder *b;
    struct gj_map ids;
    struct gj_str *literals;
    size_t literal_count, literal_capacity;
    struct ringing *alarms;
    size_t alarm_count, alarm_capacity;
    uint16_t *needs;
    size_t needs_len, needs_capacity;
    const struct gj_node *const *nodes; /* where each word stands */
    struct gj_map disguised;            /* literals that are looked for in disguise, */
    struct gj_arena memory;             /*   which are here */
    struct gj_arena working;            /* of one pattern */
    struct gj_buf why;
    bool failed;
};

static uint32_t intern(struct collector *c, struct gj_str literal)
{
    uint32_t id = gj_map_get(&c->ids, literal);
    if (id != GJ_MAP_NONE) {
        return id;
    }
    struct gj_str kept = gj_arena_copy(&c->b->book->arena, literal);
    struct gj_str *literals =
        gj_grow(c->literals, &c->literal_capacity, c->literal_count + 1, sizeof *literals);
    if (literals == NULL || kept.ptr == NULL ||
        gj_map_put(&c->ids, kept, (uint32_t)c->literal_count) != 0) {
        c->failed = true;
        return 0;
    }
    c->literals = literals;
    literals[c->literal_count] = kept;
    return (uint32_t)c->literal_count++;
}

static void add_alarm(struct collector *c, uint32_t trigger, struct gj_alarm alarm)
{
    struct ringing *alarms =
        gj_grow(c->alarms, &c->alarm_capacity, c->alarm_count + 1, sizeof *alarms);
    if (alarms == NULL) {
        c->failed = true;
        return;
    }
    c->alarms = alarms;
    alarms[c->alarm_count++] = (struct ringing){trigger, alarm};
}

uint16_t gj_word_levels(const struct gj_book *book, const struct gj_word *word)
{
    uint16_t levels = 0;
    for (uint32_t r = word->ref_first; r < word->ref_first + word->ref_count; r++) {
        levels |= book->refs[r].allow ? 0 : book->refs[r].tolerates;
    }
    return levels & (GJ_T_HOMOPHONE | GJ_T_PINYIN | GJ_T_SPLIT);
}

/* -1: the pattern is refused, as add_pattern complains. */
static int find_longest(struct collector *c, uint32_t word, struct gj_wake *out)
{
    struct gj_str text = gj_word_text(c->b->book, word);
    return gj_pattern_wake(&c->working, text, NULL, true, out, &c->why);
}

/* The longest literals of patterns are looked for in disguise, if some lexicon wants that. */
static void list_disguised(struct collector *c, uint32_t word)
{
    struct gj_wake wake;
    if (gj_word_levels(c->b->book, &c->b->book->words[word]) == 0 ||
        find_longest(c, word, &wake) != 0) {
        return;
    }
    for (size_t i = 0; i < wake.alarm.count; i++) {
        struct gj_str kept = gj_arena_copy(&c->memory, wake.alarm.literals[i]);
        c->failed |= kept.ptr == NULL || gj_map_put(&c->disguised, kept, word) != 0;
    }
}

/* Where one is found in disguise, the text is worth one more reading if it is among the longest
 * literals of any pattern at hand, looked for in disguise itself or not. */
static void add_disguised(struct collector *c, uint32_t word)
{
    struct gj_wake wake;
    if (find_longest(c, word, &wake) != 0) {
        return;
    }
    for (size_t i = 0; i < wake.alarm.count; i++) {
        if (gj_map_get(&c->disguised, wake.alarm.literals[i]) != GJ_MAP_NONE) {
            add_alarm(c, intern(c, wake.alarm.literals[i]),
                      (struct gj_alarm){word, GJ_NEEDS_DISGUISED});
        }
    }
}

/* What wakes a pattern as it is written. */
static void add_pattern(struct collector *c, uint32_t word)
{
    struct gj_wake wake;
    struct gj_str text = gj_word_text(c->b->book, word);
    /* compiled again by the checkers that need it */
    const struct gj_matcher *matcher = gj_matcher_compile(&c->working, text, &c->why);
    if (matcher == NULL ||
        gj_pattern_wake(&c->working, text, matcher, false, &wake, &c->why) != 0) {
        gj_complain(c->b, c->nodes[word], "the pattern is refused: %s", c->why.ptr);
        return;
    }
    uint16_t *needs =
        gj_grow(c->needs, &c->needs_capacity, c->needs_len + wake.needs_len, sizeof *needs);
    if (needs == NULL) {
        c->failed = true;
        return;
    }
    c->needs = needs;
    memcpy(needs + c->needs_len, wake.needs, wake.needs_len * sizeof *needs);
    struct gj_alarm alarm = {word, (uint32_t)c->needs_len};
    c->needs_len += wake.needs_len;
    for (size_t i = 0; i < wake.alarm.count; i++) {
        add_alarm(c, intern(c, wake.alarm.literals[i]), alarm);
    }
}

static void each_pattern(struct collector *c, void (*one)(struct collector *c, uint32_t word))
{
    for (uint32_t w = 0; w < c->b->book->word_count; w++) {
        if (c->b->book->words[w].is_regex != 0) {
            gj_buf_reset(&c->why);
            gj_arena_reset(&c->working);
            one(c, w);
        }
    }
}

/* The arrays of struct gj_triggers, in the book's arena. */
static int keep(struct collector *c)
{
    struct gj_triggers *t = &c->b->book->triggers;
    uint32_t *first = gj_book_array(c->b, c->literal_count + 2, sizeof *first);
    struct gj_alarm *alarms = gj_book_array(c->b, c->alarm_count + 1, sizeof *alarms);
    uint16_t *needs = gj_book_array(c->b, c->needs_len + 1, sizeof *needs);
    struct gj_str *literals = gj_book_array(c->b, c->literal_count + 1, sizeof *literals);
    uint32_t *next = calloc(c->literal_count + 2, sizeof *next);
    if (first == NULL || literals == NULL || alarms == NULL || needs == NULL || next == NULL) {
        free(next);
        return -1;
    }
    for (size_t i = 0; i < c->alarm_count; i++) {
        first[c->alarms[i].trigger + 1]++;
    }
    for (size_t i = 0; i < c->literal_count; i++) {
        first[i + 1] += first[i];
    }
    memcpy(next, first, c->literal_count * sizeof *next);
    for (size_t i = 0; i < c->alarm_count; i++) {
        alarms[next[c->alarms[i].trigger]++] = c->alarms[i].alarm;
    }
    free(next);
    if (c->needs_len > 0) {
        memcpy(needs, c->needs, c->needs_len * sizeof *needs);
    }
    if (c->literal_count > 0) {
        memcpy(literals, c->literals, c->literal_count * sizeof *literals);
    }
    c->b->trigger_literals = literals;
    *t = (struct gj_triggers){(uint32_t)c->literal_count, first, alarms, needs,
                              (uint32_t)c->needs_len};
    return 0;
}

static void compile_scanner(struct collector *c)
{
    struct gj_book *book = c->b->book;
    size_t count = book->word_count + c->literal_count;
    struct gj_str *literals = calloc(count + 1, sizeof *literals);
    if (literals == NULL) {
        gj_errors_say(c->b->errors, "out of memory while loading the rulebook");
        return;
    }
    for (size_t i = 0; i < book->word_count; i++) {
        /* a pattern's own id never rings */
        literals[i] = book->words[i].is_regex != 0 ? GJ_STR("") : gj_word_text(book, i);
    }
    for (size_t i = 0; i < c->literal_count; i++) {
        literals[book->word_count + i] = c->literals[i];
    }
    book->scanner = gj_scanner_compile(literals, count, c->b->errors);
    free(literals);
}

void gj_build_triggers(struct gj_builder *b, const struct gj_node *const *nodes)
{
    struct collector c = {.b = b, .nodes = nodes};
    gj_arena_init(&c.memory);
    gj_arena_init(&c.working);
    gj_buf_init(&c.why);
    each_pattern(&c, list_disguised);
    each_pattern(&c, add_pattern); /* its alarms stand first: see struct gj_triggers */
    each_pattern(&c, add_disguised);
    if (c.failed || keep(&c) != 0) {
        gj_errors_say(b->errors, "out of memory while loading the rulebook");
    } else if (!gj_build_failed(b)) {
        compile_scanner(&c);
    }
    gj_map_release(&c.ids);
    gj_map_release(&c.disguised);
    gj_arena_release(&c.memory);
    gj_arena_release(&c.working);
    gj_buf_release(&c.why);
    free(c.literals);
    free(c.alarms);
    free(c.needs);
}
