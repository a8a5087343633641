/* Room book: lexicons to words. A word or expression that several lexicons hold is one pattern of
 * the scan; its refs say whose hit, or whose allowed span, a match is. */
#include "base/utf8.h"
#include "base/vec.h"
#include "book/build.h"

#define PLAIN_TRANSFORMS                                                                           \
    (GJ_T_WIDTH | GJ_T_CASE | GJ_T_TRADITIONAL | GJ_T_CONFUSABLE | GJ_T_NUMERAL | GJ_T_INVISIBLE | \
     GJ_T_SEPARATORS | GJ_T_REPEAT)
#define WORD_BYTES_MAX    240
#define LONG_WORD         3 /* characters: few texts sound like so many by accident */
#define PATTERN_BYTES_MAX 1000

struct held { /* a word of a lexicon, before words are merged */
    uint32_t word;
    struct gj_word_ref ref;
};

struct collector {
    struct gj_builder *b;
    struct gj_map ids; /* key: '=' or '~' and the text */
    struct gj_word *words;
    struct gj_buf text;           /* of the words, each ending in a NUL */
    const struct gj_node **nodes; /* where each word first stands */
    size_t word_count, word_capacity, node_capacity;
    struct held *held;
    size_t held_count, held_capacity;
};

/* ---- declarations ---- */

static void read_fold(struct gj_builder *b, const struct gj_node *n, struct gj_lexicon *lexicon)
{
    static const char *const names[] = {"width",     "case",   "traditional",    "confusable",
                                        "invisible", "repeat", "separators",     "homophone",
                                        "split",     "pinyin", "wary_homophone", NULL};
    const struct gj_node *list = gj_node_get(n, "fold");
    bool exact = false;
    gj_read_bool(b, n, "exact", &exact);
    lexicon->tolerates = exact ? GJ_T_WIDTH | GJ_T_CASE : PLAIN_TRANSFORMS | GJ_T_EMOJI;
    if (list != NULL && list->kind != GJ_NODE_SEQUENCE) {
        gj_complain(b, list, "'fold' must be a list: [homophone, split]");
        return;
    }
    for (const struct gj_node *item = list == NULL ? NULL : list->first; item != NULL;
         item = item->next) {
        int choice = gj_read_choice(b, item, names);
        if (choice == 7) {
            lexicon->tolerates |= GJ_T_HOMOPHONE | GJ_T_PINYIN;
        } else if (choice == 8) {
            lexicon->tolerates |= GJ_T_SPLIT | GJ_T_LOOKALIKE;
        } else if (choice == 9) {
            lexicon->tolerates |= GJ_T_PINYIN;
        } else if (choice == 10) {
            lexicon->tolerates |= GJ_T_HOMOPHONE | GJ_T_PINYIN;
            lexicon->wary = true;
        }
    }
}

static void declare(struct gj_builder *b, const struct gj_node *n)
{
    static const char *const keys[] = {"lexicon", "title", "words",    "patterns",
                                       "include", "allow", "fold",     "allow_patterns",
                                       "weak",    "exact", "everyday", NULL};
    static const char *const weak[] = {"pass", "review", "block", NULL};
    struct gj_book *book = b->book;
    struct gj_lexicon *lexicon = &book->lexicons[book->lexicon_count];
    struct gj_str zh, en;
    gj_read_keys(b, n, keys);
    if (gj_need_string(b, n, "lexicon", &lexicon->id) < 0) {
        return;
    }
    lexicon->node = n;
    lexicon->extractor = -1;
    lexicon->weak = GJ_SUGGEST_REVIEW;
    gj_read_bilingual(b, n, "title", false, &zh, &en);
    read_fold(b, n, lexicon);
    const struct gj_node *choice = gj_node_get(n, "weak");
    int index = choice == NULL ? -1 : gj_read_choice(b, choice, weak);
    if (index >= 0) {
        lexicon->weak = (enum gj_suggest)index;
    }
    gj_read_bool(b, n, "everyday", &lexicon->everyday);
    lexicon->used |= lexicon->everyday;
    if (gj_map_get(&book->lexicon_ids, lexicon->id) != GJ_MAP_NONE) {
        gj_complain_twice(b, n, "lexicon", lexicon->id);
        return;
    }
    gj_book_name(b, &book->lexicon_ids, lexicon->id, (uint32_t)book->lexicon_count++);
}

static int declare_all(struct gj_builder *b)
{
    struct gj_book *book = b->book;
    size_t total = gj_entry_total(b, "lexicon") + GJ_X_KINDS;
    book->lexicons = gj_book_array(b, total, sizeof *book->lexicons);
    if (book->lexicons == NULL) {
        return -1;
    }
    for (int i = 0; i < GJ_X_KINDS; i++) {
        struct gj_lexicon *lexicon = &book->lexicons[book->lexicon_count];
        lexicon->id = gj_str_of(gj_extract_name((enum gj_extract_kind)i));
        lexicon->extractor = i;
        lexicon->tolerates = UINT16_MAX;
        lexicon->weak = GJ_SUGGEST_BLOCK;
        gj_book_name(b, &book->lexicon_ids, lexicon->id, (uint32_t)book->lexicon_count++);
    }
    for (const struct gj_node *n = gj_entry_of(b->documents, "lexicon"); n != NULL;
         n = gj_entry_of(n->next, "lexicon")) {
        declare(b, n);
    }
    return 0;
}

/* ---- words ---- */

static uint32_t intern(struct collector *c, const struct gj_node *node, struct gj_str text,
                       bool is_regex)
{
    struct gj_buf key;
    gj_buf_init(&key);
    gj_buf_add_char(&key, is_regex ? '~' : '=');
    gj_buf_add_str(&key, text);
    c->b->book->arena.failed |= key.failed;
    uint32_t id = gj_map_get(&c->ids, gj_buf_str(&key));
    if (id == GJ_MAP_NONE) {
        struct gj_word *words =
            gj_grow(c->words, &c->word_capacity, c->word_count + 1, sizeof *words);
        const struct gj_node **nodes =
            gj_grow(c->nodes, &c->node_capacity, c->word_count + 1, sizeof *nodes);
        struct gj_str kept = gj_arena_copy(&c->b->book->arena, gj_buf_str(&key));
        c->words = words == NULL ? c->words : words;
        c->nodes = nodes == NULL ? c->nodes : nodes;
        if (words != NULL && nodes != NULL && kept.ptr != NULL) {
            id = (uint32_t)c->word_count++;
            words[id] = (struct gj_word){
                .text = (uint32_t)c->text.len, .len = (uint32_t)text.len, .is_regex = is_regex};
            gj_buf_add(&c->text, text.ptr, text.len);
            gj_buf_add_char(&c->text, '\0');
            nodes[id] = node;
            gj_book_name(c->b, &c->ids, kept, id);
        }
    }
    gj_buf_release(&key);
    return id;
}

/* `wary`: the lexicon that spells it wants a short word looked for by sound with caution. */
static void hold(struct collector *c, const struct gj_node *node, struct gj_str text, bool is_regex,
                 struct gj_word_ref ref, bool wary)
{
    uint32_t word = intern(c, node, text, is_regex);
    struct held *held = gj_grow(c->held, &c->held_capacity, c->held_count + 1, sizeof *held);
    if (word == GJ_MAP_NONE || c->words == NULL || held == NULL) {
        gj_errors_say(c->b->errors, "out of memory while loading the rulebook");
        return;
    }
    c->held = held;
    held[c->held_count++] = (struct held){word, ref};
    if ((ref.tolerates & GJ_T_HOMOPHONE) != 0 && !ref.allow &&
        (!wary || gj_utf8_count(text) >= LONG_WORD)) {
        c->words[word].sure = 1;
    }
}

static void hold_word(struct collector *c, const struct gj_node *item, struct gj_word_ref ref,
                      bool wary, struct gj_buf *folded)
{
    gj_buf_reset(folded);
    gj_text_fold_word(item->text, folded);
    c->b->book->arena.failed |= folded->failed;
    if (folded->len == 0) {
        gj_complain(c->b, item, "the word '%.40s' holds only separators, which are not matched",
                    item->text.ptr);
    } else if (folded->len > WORD_BYTES_MAX) {
        gj_complain(c->b, item, "a word has at most 240 bytes; this is a sentence, use a pattern");
    } else {
        hold(c, item, gj_buf_str(folded), false, ref, wary);
    }
}

/* Where the class that opens at `at` closes; a ] that stands first in it does not close it. */
static size_t class_end(struct gj_str pattern, size_t at)
{
    at += at + 1 < pattern.len && pattern.ptr[at + 1] == '^' ? 2 : 1;
    for (bool first = true; at < pattern.len && (pattern.ptr[at] != ']' || first); first = false) {
        at += pattern.ptr[at] == '\\' ? 2 : 1;
    }
    return at;
}

/* Where the alternative of a pattern that begins at `from` ends. */
static size_t alternative_end(struct gj_str pattern, size_t from)
{
    int depth = 0;
    for (size_t at = from; at < pattern.len; at++) {
        char c = pattern.ptr[at];
        if (c == '\\') {
            at++;
        } else if (c == '[') {
            at = class_end(pattern, at);
        } else if (c == '|' && depth == 0) {
            return at;
        }
        depth += (c == '(') - (c == ')');
    }
    return pattern.len;
}

/* A pattern of alternatives is as many patterns: each is woken by literals of its own, and what
 * wakes one does not run the others. */
static void hold_pattern(struct collector *c, const struct gj_node *item, struct gj_word_ref ref,
                         bool wary)
{
    for (size_t from = 0; from <= item->text.len;) {
        size_t end = alternative_end(item->text, from);
        if (end == from) { /* an empty one: the whole is refused for it */
            hold(c, item, item->text, true, ref, wary);
            return;
        }
        hold(c, item, (struct gj_str){item->text.ptr + from, end - from}, true, ref, wary);
        from = end + 1;
    }
}

static void hold_list(struct collector *c, const struct gj_node *lexicon, const char *key,
                      bool is_regex, struct gj_word_ref ref, bool wary, bool report)
{
    const struct gj_node *list = gj_node_get(lexicon, key);
    if (list == NULL) {
        return;
    }
    if (list->kind != GJ_NODE_SEQUENCE) {
        if (report) {
            gj_complain(c->b, list, "'%s' must be a list: [a, b]", key);
        }
        return;
    }
    struct gj_buf folded;
    gj_buf_init(&folded);
    for (const struct gj_node *item = list->first; item != NULL; item = item->next) {
        if (item->kind != GJ_NODE_SCALAR || item->text.len == 0) {
            if (report) {
                gj_complain(c->b, item, "an item of '%s' must be a non-empty text; quote it", key);
            }
        } else if (is_regex && item->text.len > PATTERN_BYTES_MAX) {
            gj_complain(c->b, item, "a pattern has at most 1000 bytes; split it");
        } else if (is_regex) {
            hold_pattern(c, item, ref, wary);
        } else {
            hold_word(c, item, ref, wary, &folded);
        }
    }
    gj_buf_release(&folded);
}

enum visit { NEW, ON_THE_WAY, DONE };

/* Everything of `from` counts as `lexicon`'s, and what `from` includes. `visits` marks the lexicons
 * on the way, so that a cycle is seen, and those done, so that each is held once however many ways
 * lead to it: a few dozen lexicons can have millions. */
static void hold_lexicon(struct collector *c, uint32_t lexicon, uint32_t from,
                         unsigned char *visits)
{
    const struct gj_node *n = c->b->book->lexicons[from].node;
    bool own = lexicon == from;
    visits[from] = ON_THE_WAY;
    struct gj_word_ref hit = {lexicon, c->b->book->lexicons[from].tolerates, false};
    struct gj_word_ref allow = {lexicon, hit.tolerates, true};
    bool wary = c->b->book->lexicons[from].wary;
    hold_list(c, n, "words", false, hit, wary, own);
    hold_list(c, n, "patterns", true, hit, wary, own);
    hold_list(c, n, "allow", false, allow, wary, own);
    hold_list(c, n, "allow_patterns", true, allow, wary, own);
    const struct gj_node *list = gj_node_get(n, "include");
    if (list != NULL && list->kind != GJ_NODE_SEQUENCE) {
        gj_complain(c->b, list, "'include' must be a list of lexicons");
        list = NULL;
    }
    for (const struct gj_node *item = list == NULL ? NULL : list->first; item != NULL;
         item = item->next) {
        uint32_t next = gj_map_get(&c->b->book->lexicon_ids, item->text);
        if (item->kind != GJ_NODE_SCALAR || next == GJ_MAP_NONE) {
            struct gj_str near = gj_nearest(&c->b->book->lexicon_ids, item->text);
            if (own) {
                gj_complain(c->b, item, "unknown lexicon%s%s",
                            near.len > 0 ? "; did you mean " : "", near.len > 0 ? near.ptr : "");
            }
        } else if (c->b->book->lexicons[next].extractor >= 0) {
            gj_complain(c->b, item, "an extractor cannot be included; name it in the condition");
        } else if (visits[next] == ON_THE_WAY) {
            if (own || next == lexicon) {
                gj_complain(c->b, item, "lexicon '%s' includes itself in a circle; break it",
                            item->text.ptr);
            }
        } else if (visits[next] == NEW) {
            hold_lexicon(c, lexicon, next, visits);
        }
    }
    visits[from] = DONE;
}

/* Groups what is held by word: counting sort into book->refs. */
static void group(struct collector *c)
{
    struct gj_book *book = c->b->book;
    struct gj_word_ref *refs = gj_book_array(c->b, c->held_count, sizeof *refs);
    book->refs = refs;
    struct gj_word *words = gj_book_array(c->b, c->word_count, sizeof *words);
    struct gj_str text = gj_arena_copy(&book->arena, gj_buf_str(&c->text));
    book->arena.failed |= c->text.failed;
    if (refs == NULL || words == NULL || text.ptr == NULL) {
        return;
    }
    book->words = words;
    book->word_text = text.ptr;
    for (size_t i = 0; i < c->held_count; i++) {
        c->words[c->held[i].word].ref_count++;
    }
    uint32_t at = 0;
    for (size_t i = 0; i < c->word_count; i++) {
        c->words[i].ref_first = at;
        at += c->words[i].ref_count;
        c->words[i].ref_count = 0;
    }
    for (size_t i = 0; i < c->held_count; i++) {
        struct gj_word *word = &c->words[c->held[i].word];
        refs[word->ref_first + word->ref_count++] = c->held[i].ref;
    }
    if (c->word_count > 0) {
        memcpy(words, c->words, c->word_count * sizeof *words);
    }
    book->word_count = c->word_count;
}

/* ---- matchers ---- */

/* What a word, or the pattern that a literal wakes, is looked for by besides its spelling. */
static void add_levels(const struct gj_book *book, const struct gj_word *word,
                       struct gj_weak_word *out)
{
    uint16_t levels = gj_word_levels(book, word);
    out->sound |= (levels & (GJ_T_HOMOPHONE | GJ_T_PINYIN)) != 0;
    out->shape |= (levels & GJ_T_SPLIT) != 0;
}

/* Words have the ids of the book, the literals that wake patterns follow, as in the scan. */
static void list_weak_words(const struct collector *c, struct gj_weak_word *words)
{
    const struct gj_book *book = c->b->book;
    const struct gj_triggers *t = &book->triggers;
    for (size_t i = 0; i < book->word_count; i++) {
        words[i].folded = gj_word_text(book, i);
        words[i].wary = book->words[i].sure == 0;
        if (book->words[i].is_regex == 0) {
            add_levels(book, &book->words[i], &words[i]);
        }
    }
    for (uint32_t i = 0; i < t->count; i++) {
        struct gj_weak_word *word = &words[book->word_count + i];
        *word = (struct gj_weak_word){.folded = c->b->trigger_literals[i], .wary = true};
        for (uint32_t a = t->first[i]; a < t->first[i + 1]; a++) {
            if (t->alarms[a].needs == GJ_NEEDS_DISGUISED) {
                add_levels(book, &book->words[t->alarms[a].pattern], word);
            }
        }
    }
}

static void build_weak(const struct collector *c)
{
    struct gj_builder *b = c->b;
    struct gj_book *book = b->book;
    size_t count = book->word_count + book->triggers.count;
    struct gj_weak_word *words = calloc(count + 1, sizeof *words);
    if (words != NULL && !gj_build_failed(b)) {
        list_weak_words(c, words);
        book->weak = gj_weak_new(b->shapes, b->shape_count, words, count);
    }
    if (book->weak == NULL && !gj_build_failed(b)) {
        gj_errors_say(b->errors, "out of memory while loading the rulebook");
    }
    free(words);
}

void gj_build_lexicons(struct gj_builder *b)
{
    if (declare_all(b) != 0) {
        return;
    }
    if (b->image.words.len > 0) {
        if (gj_words_read(b) != 0) {
            gj_errors_say(b->errors, "the cache is broken"); /* the caller builds anew */
        }
        return;
    }
    struct collector c = {.b = b};
    gj_buf_init(&c.text);
    unsigned char *visits = calloc(b->book->lexicon_count + 1, sizeof *visits);
    for (uint32_t i = GJ_X_KINDS; visits != NULL && i < b->book->lexicon_count; i++) {
        memset(visits, NEW, b->book->lexicon_count);
        hold_lexicon(&c, i, i, visits);
    }
    b->book->arena.failed |= visits == NULL;
    free(visits);
    group(&c);
    if (!gj_build_failed(b)) {
        gj_build_triggers(b, c.nodes);
        build_weak(&c);
    }
    gj_map_release(&c.ids);
    gj_buf_release(&c.text);
    free(c.words);
    free(c.nodes);
    free(c.held);
}
