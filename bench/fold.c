/* Micro benchmark: ns a message for folding and for extracting.
 *
 *   bench_fold FILE [ROUNDS]     FILE: one message a line, UTF-8
 *
 * Prints the best round of each (the least disturbed), the mean length, and each as a ratio to a
 * plain UTF-8 decoding of the same bytes in the same run: the ratio is what is comparable. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/utf8.h"
#include "base/vec.h"
#include "text/extract.h"

struct lines {
    struct gj_str *items;
    size_t count, capacity;
    size_t bytes;
};

static double now_ns(void)
{
    struct timespec t;
    timespec_get(&t, TIME_UTC);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int read_file(const char *path, struct gj_buf *out)
{
    char chunk[65536];
    size_t got;
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return -1;
    }
    while ((got = fread(chunk, 1, sizeof chunk, file)) > 0) {
        gj_buf_add(out, chunk, got);
    }
    fclose(file);
    return out->failed ? -1 : 0;
}

static int split(struct lines *lines, struct gj_str text)
{
    for (size_t at = 0; at < text.len;) {
        const char *end = memchr(text.ptr + at, '\n', text.len - at);
        size_t len = end != NULL ? (size_t)(end - text.ptr) - at : text.len - at;
        struct gj_str line = {text.ptr + at, len};
        at += len + 1;
        if (len == 0 || gj_utf8_valid_prefix(line) != len) {
            continue;
        }
        void *grown = gj_grow(lines->items, &lines->capacity, lines->count + 1, sizeof line);
        if (grown == NULL) {
            return -1;
        }
        lines->items = grown;
        lines->items[lines->count++] = line;
        lines->bytes += len;
    }
    return 0;
}

static uint32_t decode_only(struct gj_str s)
{
    uint32_t sum = 0;
    for (size_t at = 0; at < s.len;) {
        unsigned len;
        sum += gj_utf8_decode(s.ptr + at, &len);
        at += len;
    }
    return sum;
}

int main(int argc, char **argv)
{
    struct gj_buf file;
    struct lines lines = {NULL, 0, 0, 0};
    struct gj_text text;
    struct gj_extracts finds;
    gj_buf_init(&file);
    gj_text_init(&text);
    gj_extracts_init(&finds);
    if (argc < 2 || read_file(argv[1], &file) != 0 || split(&lines, gj_buf_str(&file)) != 0 ||
        lines.count == 0) {
        fprintf(stderr, "usage: %s FILE [ROUNDS]\n", argv[0]);
        return 1;
    }
    int rounds = argc > 2 ? atoi(argv[2]) : 20;
    double best[3] = {1e300, 1e300, 1e300};
    size_t found = 0;
    volatile uint32_t sink = 0;
    for (int round = 0; round < rounds; round++) {
        double spent[3] = {0, 0, 0}, t0 = now_ns();
        for (size_t i = 0; i < lines.count; i++) {
            sink = sink + decode_only(lines.items[i]);
        }
        double t1 = now_ns();
        for (size_t i = 0; i < lines.count; i++) {
            gj_text_fold(&text, lines.items[i]);
        }
        double t2 = now_ns();
        found = 0;
        for (size_t i = 0; i < lines.count; i++) {
            gj_text_fold(&text, lines.items[i]);
            gj_extract(&finds, &text);
            found += finds.count;
        }
        spent[0] = t1 - t0;
        spent[1] = t2 - t1;
        spent[2] = now_ns() - t2;
        for (int k = 0; k < 3; k++) {
            best[k] = spent[k] < best[k] ? spent[k] : best[k];
        }
    }
    double n = (double)lines.count;
    printf("%zu messages of %.1f bytes, %zu finds\n", lines.count, (double)lines.bytes / n, found);
    printf("decode  %8.1f ns\n", best[0] / n);
    printf("fold    %8.1f ns  %5.1f x decode\n", best[1] / n, best[1] / best[0]);
    double extract = best[2] - best[1]; /* the last loop folds, too */
    printf("extract %8.1f ns  %5.1f x decode\n", extract / n, extract / best[0]);
    free(lines.items);
    gj_extracts_release(&finds);
    gj_text_release(&text);
    gj_buf_release(&file);
    return 0;
}
