/* Room judge: what the rulebook carries and what is doubtful in it: coverage of the catalogue, and
 * lint. */
#include <stdio.h>
#include <stdlib.h>

#include "judge/checker.h"

#define TESTS_MIN 3 /* violating, and compliant, utterances a rule should have */

/* ---- lint ---- */

static int warn(const struct gj_book *book, gj_errors *errors, const struct gj_node *node,
                const char *format, const char *name)
{
    const struct gj_file *file = &book->files[node->file];
    char text[300];
    snprintf(text, sizeof text, format, name);
    return gj_errors_add(errors, file->path, node->line, node->column,
                         gj_file_line(file, node->line), "warning: %s", text);
}

static void note_use(const struct gj_book *book, const struct gj_node *lexicon, bool *used)
{
    const struct gj_node *list = gj_node_get(lexicon, "include");
    for (const struct gj_node *n = list == NULL ? NULL : list->first; n != NULL; n = n->next) {
        uint32_t found = gj_map_get(&book->lexicon_ids, n->text);
        if (found != GJ_MAP_NONE) {
            used[found] = true;
        }
    }
}

static void lint_lexicons(const struct gj_book *book, gj_errors *errors)
{
    bool *used = calloc(book->lexicon_count + 1, sizeof *used);
    for (size_t i = 0; used != NULL && i < book->lexicon_count; i++) {
        used[i] |= book->lexicons[i].used;
        if (book->lexicons[i].node != NULL) {
            note_use(book, book->lexicons[i].node, used);
        }
    }
    for (size_t i = 0; used != NULL && i < book->lexicon_count; i++) {
        const struct gj_lexicon *lexicon = &book->lexicons[i];
        if (!used[i] && lexicon->node != NULL) {
            warn(book, errors, lexicon->node, "no rule reads lexicon '%s'", lexicon->id.ptr);
        }
        bool empty = lexicon->node != NULL && gj_node_get(lexicon->node, "words") == NULL &&
                     gj_node_get(lexicon->node, "patterns") == NULL &&
                     gj_node_get(lexicon->node, "include") == NULL;
        if (empty) {
            warn(book, errors, lexicon->node, "lexicon '%s' holds no words", lexicon->id.ptr);
        }
    }
    free(used);
}

static void lint_rule(const struct gj_book *book, const struct gj_rule *rule, gj_errors *errors)
{
    size_t violating = 0, compliant = 0;
    for (size_t t = 0; t < rule->test_count; t++) {
        bool pass = gj_str_is(rule->tests[t].is, "pass");
        compliant += pass;
        violating += !pass;
    }
    if (rule->is_script) {
        return;
    }
    if (violating < TESTS_MIN || compliant < TESTS_MIN) {
        warn(book, errors, rule->node,
             "rule '%s' has fewer than three violating and three compliant tests", rule->id.ptr);
    }
    if (rule->reply_zh.len == 0) {
        warn(book, errors, rule->node, "rule '%s' offers no reply to send instead", rule->id.ptr);
    }
}

int gj_rulebook_lint(const char *dir, gj_errors *errors)
{
    struct gj_book_options options = {.cache_dir = "", .with_tests = true};
    struct gj_book *book = gj_book_load(dir, options, errors);
    if (book == NULL) {
        return GJ_EBOOK;
    }
    lint_lexicons(book, errors);
    for (size_t i = 0; i < book->rule_count; i++) {
        lint_rule(book, &book->rules[i], errors);
    }
    for (size_t i = 0; i < book->source_count; i++) {
        if (!book->sources[i].cited) {
            gj_errors_say(errors, "warning: no entry cites source '%s'", book->sources[i].id.ptr);
        }
    }
    gj_book_free(book);
    return GJ_OK;
}

/* ---- coverage ---- */

/* Entries that cover a row, joined, and the tests they bring. */
static size_t carriers(const struct gj_book *book, struct gj_str id, struct gj_buf *out)
{
    size_t tests = 0;
    for (size_t r = 0; r < book->rule_count; r++) {
        const struct gj_rule *rule = &book->rules[r];
        for (size_t c = 0; c < rule->cover_count; c++) {
            if (gj_str_eq(rule->covers[c], id)) {
                gj_buf_add_cstr(out, out->len > 0 ? ", " : "");
                gj_buf_add_str(out, rule->id);
                tests += rule->test_count + (rule->is_script ? 1 : 0); /* its reply is judged */
                break;
            }
        }
    }
    return tests;
}

static void refuse_unknown_covers(const struct gj_book *book, const struct gj_node *rows,
                                  gj_errors *errors)
{
    struct gj_map ids;
    gj_map_init(&ids);
    for (const struct gj_node *row = rows->first; row != NULL; row = row->next) {
        const struct gj_node *id = gj_node_get(row, "id");
        if (id != NULL) {
            gj_map_put(&ids, id->text, 0);
        }
    }
    for (size_t r = 0; r < book->rule_count; r++) {
        const struct gj_rule *rule = &book->rules[r];
        bool named = gj_node_get(rule->node, "covers") != NULL;
        for (size_t c = 0; named && c < rule->cover_count; c++) {
            if (gj_map_get(&ids, rule->covers[c]) == GJ_MAP_NONE) {
                warn(book, errors, rule->node, "covers '%s', which is no row of the catalogue",
                     rule->covers[c].ptr);
            }
        }
    }
    gj_map_release(&ids);
}

int gj_rulebook_coverage(const char *dir, void (*each)(void *context, const gj_coverage_row *row),
                         void *context, gj_errors *errors)
{
    struct gj_arena arena;
    struct gj_node *rows = NULL;
    struct gj_book_options options = {.cache_dir = "", .with_tests = true};
    gj_arena_init(&arena);
    struct gj_book *book = gj_book_load(dir, options, errors);
    int status = book == NULL ? GJ_EBOOK : GJ_OK;
    if (status == GJ_OK && gj_catalogue_read(&arena, dir, &rows, errors) != 0) {
        status = GJ_EBOOK;
    }
    struct gj_buf carried;
    gj_buf_init(&carried);
    for (const struct gj_node *row = status == GJ_OK ? rows->first : NULL; row != NULL;
         row = row->next) {
        const struct gj_node *id = gj_node_get(row, "id"), *from = gj_node_get(row, "decided_from");
        if (id == NULL || from == NULL) {
            status = gj_errors_say(errors, "catalogue.yaml:%u: a row needs id and decided_from",
                                   row->line) < 0
                         ? GJ_EBOOK
                         : GJ_OK;
            break;
        }
        gj_buf_reset(&carried);
        gj_coverage_row out = {.id = id->text.ptr, .decided_from = from->text.ptr};
        out.tests = carriers(book, id->text, &carried);
        out.carried_by = carried.ptr;
        each(context, &out);
    }
    if (status == GJ_OK) {
        refuse_unknown_covers(book, rows, errors);
    }
    gj_buf_release(&carried);
    gj_book_free(book);
    gj_arena_release(&arena);
    return status;
}
