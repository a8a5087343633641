/* Tests of rooms book and judge: a small rulebook of its own, with platforms that do not exist, to
 * which a test adds what it is about; and the project's rulebook. */
#ifndef GJ_TESTS_BOOK_SUPPORT_H
#define GJ_TESTS_BOOK_SUPPORT_H

#include <criterion/criterion.h>
#include <stdlib.h>

#include "book/book.h"
#include "judge/checker.h"

#define SMALL_BOOK                                                                           \
    "fields:\n"                                                                              \
    "  platform: {type: string, values: [here, there]}\n"                                    \
    "  message.sender: {type: string, values: [agent, buyer], default: agent}\n"             \
    "  message.kind: {type: string, values: [message, title], default: message}\n"           \
    "  message.length: {type: int}\n"                                                        \
    "  shop.authorised_hosts: {type: list(string), default: []}\n"                           \
    "  shop.packs: {type: list(string), default: []}\n"                                      \
    "  shop.open: {type: bool}\n"                                                            \
    "  shop.size: {type: int, default: 3}\n"                                                 \
    "---\n"                                                                                  \
    "packs: [house]\n"                                                                       \
    "---\n"                                                                                  \
    "openers: {\"标题：\": {message.kind: title}}\n"                                      \
    "---\n"                                                                                  \
    "sources:\n"                                                                             \
    "  law: {title: {zh: 法, en: The Law}, date: 2020-01-01}\n"                             \
    "---\n"                                                                                  \
    "negation: {words: [不, 没有], not_negating: [不好意思], condition_ends: [就], " \
    "question_ends: [吗, 没有], statement_ends: [都没有],"                              \
    " question_words: [是否], quote_leads: [您说的], fillers: [亲, 哦],\n"            \
    " refusals: no, taken_up: yours, distance: no}\n"                                        \
    "---\n"                                                                                  \
    "lexicon: no\nwords: [拒收, 没法]\n---\nlexicon: yours\nwords: [您说]\n"           \
    "---\n"                                                                                  \
    "shapes: {split: {口令: [中今]}}\n"                                                  \
    "---\n"

/* What every rule needs; a test appends applies, when and what it is about. */
#define RULE(id)                                                         \
    "---\nrule: " id "\ntitle: {zh: 名, en: name}\ncategory: message\n" \
    "cites: [{source: law, place: art 1}]\nseverity: minor\n"

#define SECRET_LEXICON "lexicon: secret\nwords: [暗号, 口令表]\nallow: [暗号学]\n"
#define SECRET_RULE                                                                             \
    SECRET_LEXICON RULE(                                                                        \
        "here.secret") "suggest: block\napplies: platform == \"here\"\nwhen: hit(\"secret\")\n" \
                       "reply: {zh: 好的, en: fine}\n"

/* The small rulebook with `extra` behind it; asserts that it loads. */
static inline struct gj_book *small_book(const char *extra)
{
    struct gj_buf text;
    gj_errors *errors = gj_errors_new();
    gj_buf_init(&text);
    gj_buf_add_cstr(&text, SMALL_BOOK);
    gj_buf_add_cstr(&text, extra);
    struct gj_book *book = gj_book_from_text(gj_buf_str(&text), errors);
    cr_assert(book != NULL, "%s", gj_errors_text(errors));
    cr_assert_eq(gj_errors_count(errors), 0, "%s", gj_errors_text(errors));
    gj_buf_release(&text);
    gj_errors_free(errors);
    return book;
}

/* Loads the small rulebook with `extra`, which must be refused; every part of `wants` must be told.
 */
static inline void refused(const char *extra, const char *const *wants)
{
    struct gj_buf text;
    gj_errors *errors = gj_errors_new();
    gj_buf_init(&text);
    gj_buf_add_cstr(&text, SMALL_BOOK);
    gj_buf_add_cstr(&text, extra);
    struct gj_book *book = gj_book_from_text(gj_buf_str(&text), errors);
    const char *told = gj_errors_text(errors);
    cr_expect(book == NULL, "accepted: %s", extra);
    cr_expect(gj_errors_count(errors) > 0);
    for (size_t i = 0; wants[i] != NULL; i++) {
        cr_expect(strstr(told, wants[i]) != NULL, "'%s' is not told of\n%s\nbut\n%s", wants[i],
                  extra, told);
    }
    gj_book_free(book);
    gj_buf_release(&text);
    gj_errors_free(errors);
}

#define REFUSED(extra, ...) refused(extra, (const char *const[]){__VA_ARGS__, NULL})

struct desk { /* a rulebook and a checker of it */
    gj_errors *errors;
    gj_rulebook *book;
    gj_checker *checker;
};

static inline struct desk desk_of(gj_rulebook *book, gj_errors *errors)
{
    struct desk desk = {errors, book, book == NULL ? NULL : gj_checker_new(book, errors)};
    cr_assert(desk.checker != NULL, "%s", gj_errors_text(errors));
    return desk;
}

static inline struct desk small_desk(const char *extra)
{
    gj_errors *errors = gj_errors_new();
    return desk_of(gj_rulebook_wrap(small_book(extra), errors), errors);
}

/* The project's rulebook. GJ_TEST_CACHE keeps it compiled between tests. */
static inline struct desk real_desk(void)
{
    gj_errors *errors = gj_errors_new();
    const char *cache = getenv("GJ_TEST_CACHE");
    return desk_of(gj_rulebook_open("rulebook", cache == NULL ? "" : cache, errors), errors);
}

static inline void desk_close(struct desk *desk)
{
    gj_checker_free(desk->checker);
    gj_rulebook_free(desk->book);
    gj_errors_free(desk->errors);
}

static inline const gj_verdict *judge(struct desk *desk, const char *platform, const char *text)
{
    const gj_verdict *verdict = NULL;
    gj_message message = {.platform = platform, .text = text, .text_len = strlen(text)};
    gj_errors_clear(desk->errors);
    cr_assert_eq(gj_check(desk->checker, &message, &verdict, desk->errors), GJ_OK, "%s: %s", text,
                 gj_errors_text(desk->errors));
    return verdict;
}

static inline const gj_hit *hit_of(const gj_verdict *verdict, const char *rule)
{
    for (size_t i = 0; i < verdict->hit_count; i++) {
        if (strcmp(verdict->hits[i].rule, rule) == 0) {
            return &verdict->hits[i];
        }
    }
    return NULL;
}

#endif
