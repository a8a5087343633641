/* Tests of room judge: messages to judge: the bundled examples and, where they are there, lines of
 * the corpora. A file that is missing is named and passed over. */
#ifndef GJ_TESTS_CORPUS_SUPPORT_H
#define GJ_TESTS_CORPUS_SUPPORT_H

#include <criterion/logging.h>
#include <stdio.h>

#include "book_support.h"

#define CORPUS_MAX 3000

struct corpus {
    struct gj_str texts[CORPUS_MAX]; /* end in a NUL that is not counted */
    size_t count;
};

static inline void corpus_add(struct corpus *corpus, struct gj_str text)
{
    if (corpus->count < CORPUS_MAX && memchr(text.ptr, '\0', text.len) == NULL) {
        corpus->texts[corpus->count++] = (struct gj_str){strndup(text.ptr, text.len), text.len};
    }
}

/* The strings under `key` of every `step`th line. */
static inline void corpus_read(struct corpus *corpus, const char *path, const char *key,
                               size_t step)
{
    FILE *file = fopen(path, "rb");
    char *line = NULL;
    size_t capacity = 0, number = 0;
    if (file == NULL) {
        fprintf(stderr, "[SKIP] the corpus %s, which is no part of the project\n",
                path); /* a warning of criterion would fail */
        return;
    }
    struct gj_json_parser *parser = gj_json_parser_new();
    for (ssize_t len; (len = getline(&line, &capacity, file)) > 0;) {
        const char *why = NULL;
        if (number++ % step != 0) {
            continue;
        }
        const struct gj_json *root =
            gj_json_parse(parser, (struct gj_str){line, (size_t)len}, 0, &why);
        for (const struct gj_json *v = root == NULL ? NULL : gj_json_first(parser, root); v != NULL;
             v = gj_json_next(parser, v)) {
            if (v->kind == GJ_JSON_STRING && gj_str_is(v->key, key)) {
                corpus_add(corpus, v->text);
            }
        }
    }
    gj_json_parser_free(parser);
    free(line);
    fclose(file);
}

/* Texts of our own, so that there is always something: plain, disguised, long, odd. */
static inline void corpus_own(struct corpus *corpus)
{
    static const char *const own[] = {"亲，加我微信 abc12345 聊",
                                      "加 微 . 信：ａｂｃ１２３４５",
                                      "➕v❤ abc12345",
                                      "力口我薇芯abc12345",
                                      "刷卡要加1%手续费哦",
                                      "有问题打 138-0013-8000",
                                      "一三八零零一三八零零零",
                                      "ＱＱ：１２３４５６７８",
                                      "微微信信加一下",
                                      "𝓦𝓮𝓒𝓱𝓪𝓽 me",
                                      "請加我的微信號",
                                      "看 www.example.com/abc",
                                      "傻逼",
                                      "傻*逼滚",
                                      "",
                                      " ",
                                      "哦",
                                      "?!?!",
                                      "\xE2\x80\x8B\xE2\x80\x8B",
                                      "👍👍👍",
                                      "您好，有什么可以帮您？",
                                      "本店全网最低价，第一品牌",
                                      "不开发票，开发票要加6个点",
                                      "转账到 6222 0202 0000 0000 000",
                                      "商品标题：最好的手机",
                                      "评价回复：加微信abc12345返现",
                                      "wei xin hao abc12345",
                                      "口口 12345678",
                                      "亲亲~这款是纯棉的哦，今天下单明天发货，7天无理由退换",
                                      "a\nb\nc\td",
                                      "e\xCC\x81 ñ ß İ ﬀ ㈠ ㎏"};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        corpus_add(corpus, gj_str_of(own[i]));
    }
    corpus_read(corpus, "examples/messages.jsonl", "text", 1);
}

static inline void corpus_free(struct corpus *corpus)
{
    for (size_t i = 0; i < corpus->count; i++) {
        free((void *)(uintptr_t)corpus->texts[i].ptr);
    }
    corpus->count = 0;
}

static const char *const platforms[] = {"pdd", "taobao", "tmall", "jd", "douyin", "kuaishou"};
#define PLATFORMS (sizeof platforms / sizeof platforms[0])

#endif
