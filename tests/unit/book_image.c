/* Tests of room book: the tree of nodes as bytes. What is written is read back; what is cut or
 * changed is refused or read, but never crashes. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "book/tree.h"

static bool same(const struct gj_node *a, const struct gj_node *b, const char *skip)
{
    const struct gj_node *x = a->first, *y = b->first;
    if (a->kind != b->kind || a->plain != b->plain || a->line != b->line ||
        a->column != b->column || !gj_str_eq(a->text, b->text)) {
        return false;
    }
    for (;; x = x->next, y = y->next) {
        while (x != NULL && x->key != NULL && gj_str_is(x->key->text, skip)) {
            x = x->next;
        }
        if (x == NULL || y == NULL) {
            return x == NULL && y == NULL;
        }
        if ((x->key == NULL) != (y->key == NULL) ||
            (x->key != NULL && !gj_str_eq(x->key->text, y->key->text)) || !same(x, y, skip)) {
            return false;
        }
    }
}

static void image_of(struct gj_arena *arena, struct gj_node **documents, struct gj_buf *image)
{
    static const char text[] = "rule: a\nwhen: \"x\"\ntests:\n  - {say: y}\nlist: [1, [], {}, "
                               "{k: 微信}]\n---\nlexicon: b\n";
    struct gj_file file = {.path = GJ_STR("t"), .text = {text, sizeof text - 1}};
    struct gj_errors errors;
    gj_errors_init(&errors);
    cr_assert_eq(gj_yaml_parse(arena, &file, 0, documents, &errors), 0);
    static const char *const skips[] = {"tests", NULL};
    gj_image_write(image, *documents, skips);
    gj_errors_release(&errors);
}

Test(book_image, round_trip_without_the_tests)
{
    struct gj_arena arena;
    struct gj_buf image;
    struct gj_node *documents = NULL, *read = NULL;
    gj_arena_init(&arena);
    gj_buf_init(&image);
    image_of(&arena, &documents, &image);
    cr_assert_eq(gj_image_read(&arena, gj_buf_str(&image), &read), 0);
    cr_assert(same(documents, read, "tests") && same(documents->next, read->next, "tests"));
    cr_assert_null(read->next->next);
    cr_assert_null(gj_node_get(read, "tests"));
    gj_buf_release(&image);
    gj_arena_release(&arena);
}

/* Bytes of their own, so that the sanitizer sees a step beyond them. */
static int read_copy(const char *bytes, size_t len)
{
    struct gj_arena arena;
    struct gj_node *read = NULL;
    char *copy = malloc(len + 1);
    gj_arena_init(&arena);
    cr_assert_not_null(copy);
    memcpy(copy, bytes, len);
    int status = gj_image_read(&arena, (struct gj_str){copy, len}, &read);
    gj_arena_release(&arena);
    free(copy);
    return status;
}

Test(book_image, cut_images_are_refused)
{
    struct gj_arena arena;
    struct gj_buf image;
    struct gj_node *documents = NULL;
    gj_arena_init(&arena);
    gj_buf_init(&image);
    image_of(&arena, &documents, &image);
    for (size_t len = 0; len < image.len; len++) {
        cr_expect_eq(read_copy(image.ptr, len), -1, "cut to %zu bytes", len);
    }
    cr_expect_eq(read_copy(image.ptr, image.len), 0);
    gj_buf_release(&image);
    gj_arena_release(&arena);
}

Test(book_image, changed_images_do_not_crash)
{
    struct gj_arena arena;
    struct gj_buf image;
    struct gj_node *documents = NULL;
    gj_arena_init(&arena);
    gj_buf_init(&image);
    image_of(&arena, &documents, &image);
    for (size_t i = 0; i < image.len; i++) {
        static const unsigned char flips[] = {0x01, 0x80, 0xFF};
        for (size_t f = 0; f < sizeof flips; f++) {
            image.ptr[i] = (char)((unsigned char)image.ptr[i] ^ flips[f]);
            read_copy(image.ptr, image.len);
            image.ptr[i] = (char)((unsigned char)image.ptr[i] ^ flips[f]);
        }
    }
    gj_buf_release(&image);
    gj_arena_release(&arena);
}
