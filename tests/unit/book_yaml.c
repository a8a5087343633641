/* Tests of room book: YAML to nodes with their places; what the rulebook does not use is refused.
 */
#include <criterion/criterion.h>

#include "book/tree.h"

struct parsed {
    struct gj_arena arena;
    struct gj_errors errors;
    struct gj_node *documents;
    int status;
};

static void parse(struct parsed *p, struct gj_str text)
{
    struct gj_file file = {.path = GJ_STR("t.yaml"), .text = text};
    gj_arena_init(&p->arena);
    gj_errors_init(&p->errors);
    p->status = gj_yaml_parse(&p->arena, &file, 0, &p->documents, &p->errors);
}

static void release(struct parsed *p)
{
    gj_errors_release(&p->errors);
    gj_arena_release(&p->arena);
}

/* The text is refused; some error says `part` and stands at `line` (0: anywhere). */
static void refuses(struct gj_str text, uint32_t line, const char *part)
{
    struct parsed p;
    bool said = false;
    parse(&p, text);
    cr_expect_eq(p.status, -1, "accepted: %.60s", text.ptr);
    for (size_t i = 0; i < p.errors.count; i++) {
        const struct gj_error *e = &p.errors.items[i];
        cr_expect(gj_str_is(e->file, "t.yaml") && e->line > 0);
        said |= memmem(e->message.ptr, e->message.len, part, strlen(part)) != NULL &&
                (line == 0 || e->line == line);
    }
    cr_expect(said, "'%s' in line %u is not said of %.60s", part, line, text.ptr);
    release(&p);
}

Test(book_yaml, nodes_know_their_place)
{
    struct parsed p;
    parse(&p, GJ_STR("rule: a\nwords: [微信, \"12\"]\n---\nb: {c: d}\n"));
    cr_assert_eq(p.status, 0);
    const struct gj_node *words = gj_node_get(p.documents, "words");
    cr_assert(words != NULL && words->kind == GJ_NODE_SEQUENCE && words->count == 2);
    cr_expect(words->first->line == 2 && words->first->column == 9);
    cr_expect_eq(words->first->next->column, 14, "in code points, inside the quotes");
    cr_expect(words->first->plain && !words->first->next->plain);
    cr_expect(gj_str_is(words->first->text, "微信"));
    const struct gj_node *second = p.documents->next;
    cr_assert(second != NULL && second->next == NULL);
    cr_expect(gj_str_is(gj_node_get(gj_node_get(second, "b"), "c")->text, "d"));
    cr_expect_null(gj_node_get(second, "x"));
    cr_expect_null(gj_node_get(NULL, "x"));
    release(&p);
}

Test(book_yaml, empty_files_hold_nothing)
{
    struct parsed p;
    parse(&p, GJ_STR(""));
    cr_expect(p.status == 0 && p.documents == NULL);
    release(&p);
    parse(&p, GJ_STR("# a comment only\n"));
    cr_expect(p.status == 0 && p.documents == NULL);
    release(&p);
}

Test(book_yaml, refuses_what_is_not_yaml)
{
    refuses(GJ_STR("a: [b, c\nd: e\n"), 0, "");
    refuses(GJ_STR("a: b\n c: d\n"), 0, "");
    refuses(GJ_STR("a: \"b\n"), 0, "");
    refuses(GJ_STR("a: b\n\tc: d\n"), 0, "");
    refuses(GJ_STR("a: \xFF\n"), 1, "UTF-8");
    refuses(GJ_STR("a: b\nc: \xED\xA0\x80\n"), 2, "UTF-8");
}

Test(book_yaml, refuses_duplicate_keys)
{
    refuses(GJ_STR("a: 1\nb: 2\na: 3\n"), 3, "'a' stands here a second time (first in line 1)");
    refuses(GJ_STR("x: {a: 1, a: 2}\n"), 1, "second time");
}

Test(book_yaml, refuses_aliases_anchors_tags)
{
    refuses(GJ_STR("a: &x 1\nb: *x\n"), 2, "aliases");
    refuses(GJ_STR("a: !!int 1\n"), 1, "tags");
    refuses(GJ_STR("a: &x [lol, lol]\nb: &y [*x, *x]\nc: &z [*y, *y]\nd: [*z, *z]\n"), 2,
            "write the value out");
}

Test(book_yaml, refuses_deep_nesting)
{
    struct gj_buf text;
    gj_buf_init(&text);
    gj_buf_add_cstr(&text, "a: ");
    for (int i = 0; i < 10000; i++) {
        gj_buf_add_char(&text, '[');
    }
    refuses(gj_buf_str(&text), 1, "24 levels");
    gj_buf_release(&text);
}

Test(book_yaml, keys_are_words)
{
    refuses(GJ_STR("? [a, b]\n: c\n"), 1, "key must be a plain word");
    refuses(GJ_STR("{a: b}: c\n"), 0, "");
}

Test(book_yaml, lines_of_a_file)
{
    struct gj_file file = {.path = GJ_STR("x"), .text = GJ_STR("one\ntwo\n\nfour")};
    cr_expect(gj_str_is(gj_file_line(&file, 1), "one"));
    cr_expect(gj_str_is(gj_file_line(&file, 3), ""));
    cr_expect(gj_str_is(gj_file_line(&file, 4), "four"));
    cr_expect_eq(gj_file_line(&file, 5).len, 0);
    struct gj_file none = {.path = GJ_STR("x")};
    cr_expect_eq(gj_file_line(&none, 1).len, 0);
}
