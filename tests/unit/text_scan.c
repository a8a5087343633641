/* Tests of room text: the one-pass scan of literals. */
#include <criterion/criterion.h>

#include "base/utf8.h"
#include "text/scan.h"

struct seen {
    uint32_t literals[64], from[64], to[64];
    size_t count, stop_at;
};

static int note(void *context, uint32_t literal, uint32_t from, uint32_t to)
{
    struct seen *seen = context;
    cr_assert_lt(seen->count, 64);
    seen->literals[seen->count] = literal;
    seen->from[seen->count] = from;
    seen->to[seen->count++] = to;
    return seen->stop_at != 0 && seen->count >= seen->stop_at;
}

static void scan(const struct gj_scanner *scanner, const char *text, struct seen *seen)
{
    uint32_t points[64];
    size_t count = 0;
    for (size_t at = 0; text[at] != '\0';) {
        unsigned len = 0;
        points[count++] = gj_utf8_decode(text + at, &len);
        at += len;
    }
    gj_scan(scanner, points, count, note, seen);
}

static const struct gj_str words[] = {{"微信", 6}, {"信", 3}, {"qq", 2}, {"a.b*", 4}};

static struct gj_scanner *scanner_of(void)
{
    struct gj_errors errors;
    gj_errors_init(&errors);
    struct gj_scanner *scanner = gj_scanner_compile(words, 4, &errors);
    cr_assert(scanner != NULL && errors.count == 0);
    gj_errors_release(&errors);
    return scanner;
}

static size_t times(const struct seen *seen, uint32_t literal)
{
    size_t n = 0;
    for (size_t i = 0; i < seen->count; i++) {
        n += seen->literals[i] == literal;
    }
    return n;
}

Test(text_scan, finds_every_occurrence)
{
    struct gj_scanner *scanner = scanner_of();
    struct seen seen = {0};
    scan(scanner, "加微信qqq信a.b*axb", &seen);
    cr_expect_eq(times(&seen, 0), 1);
    cr_expect_eq(times(&seen, 1), 2);
    cr_expect_eq(times(&seen, 2), 2, "overlapping ones too");
    cr_expect_eq(times(&seen, 3), 1, "a literal is no expression");
    for (size_t i = 0; i < seen.count; i++) {
        if (seen.literals[i] == 0) {
            cr_expect_eq(seen.from[i], 1, "in characters");
            cr_expect_eq(seen.to[i], 3);
        }
    }
    gj_scanner_free(scanner);
}

Test(text_scan, stops_when_told)
{
    struct gj_scanner *scanner = scanner_of();
    struct seen seen = {.stop_at = 2};
    scan(scanner, "qqqqqqqqqqqqqq", &seen);
    cr_assert_eq(seen.count, 2);
    seen = (struct seen){0};
    scan(scanner, "信", &seen);
    cr_assert_eq(seen.count, 1);
    gj_scanner_free(scanner);
}

Test(text_scan, empty_text_and_no_words)
{
    struct gj_scanner *scanner = scanner_of();
    struct seen seen = {0};
    scan(scanner, "", &seen);
    cr_assert_eq(seen.count, 0);
    gj_scanner_free(scanner);
    struct gj_errors errors;
    gj_errors_init(&errors);
    scanner = gj_scanner_compile(NULL, 0, &errors);
    cr_assert(scanner != NULL && errors.count == 0);
    scan(scanner, "微信", &seen);
    cr_assert_eq(seen.count, 0);
    gj_scanner_free(scanner);
    gj_errors_release(&errors);
}

Test(text_scan, survives_the_cache)
{
    struct gj_scanner *scanner = scanner_of();
    struct gj_buf bytes;
    gj_buf_init(&bytes);
    cr_assert_eq(gj_scanner_write(scanner, &bytes), 0);
    cr_assert_gt(gj_scanner_bytes(scanner), 0);
    cr_assert_eq(gj_scanner_literals(scanner), 4);
    gj_scanner_free(scanner);
    scanner = gj_scanner_open(gj_buf_str(&bytes), false);
    cr_assert_not_null(scanner);
    struct seen seen = {0};
    scan(scanner, "微信", &seen);
    cr_assert_eq(seen.count, 2);
    gj_scanner_free(scanner);
    gj_buf_release(&bytes);
}

Test(text_scan, broken_bytes_are_no_scanner)
{
    struct gj_scanner *scanner = scanner_of();
    struct gj_buf bytes;
    gj_buf_init(&bytes);
    cr_assert_eq(gj_scanner_write(scanner, &bytes), 0);
    gj_scanner_free(scanner);
    cr_expect_null(gj_scanner_open(GJ_STR("this is no scanner at all, though long enough"), false));
    cr_expect_null(gj_scanner_open((struct gj_str){bytes.ptr, bytes.len / 2}, false));
    bytes.ptr[bytes.len / 2] ^= 0x55;
    cr_expect_null(gj_scanner_open(gj_buf_str(&bytes), false), "a checksum guards it");
    gj_buf_release(&bytes);
}

Test(text_scan, bytes_must_be_aligned)
{
    struct gj_scanner *scanner = scanner_of();
    struct gj_buf bytes;
    gj_buf_init(&bytes);
    cr_assert_eq(gj_scanner_write(scanner, &bytes), 0);
    gj_scanner_free(scanner);
    size_t len = bytes.len;
    gj_buf_add(&bytes, "\0", 2);
    memmove(bytes.ptr + 2, bytes.ptr, len);
    cr_expect_null(gj_scanner_open((struct gj_str){bytes.ptr + 2, len}, false));
    gj_buf_release(&bytes);
}

/* Whatever one byte holds: refused, or as it was. */
Test(text_scan, every_byte_is_guarded)
{
    struct gj_scanner *scanner = scanner_of();
    struct gj_buf bytes;
    gj_buf_init(&bytes);
    cr_assert_eq(gj_scanner_write(scanner, &bytes), 0);
    gj_scanner_free(scanner);
    for (size_t at = 0; at < bytes.len; at += at < 400 ? 1 : 977) {
        bytes.ptr[at] ^= 0x55;
        cr_expect_null(gj_scanner_open(gj_buf_str(&bytes), false), "byte %zu", at);
        bytes.ptr[at] ^= 0x55;
    }
    gj_buf_release(&bytes);
}

/* Against a plain search, on random words and texts of few characters. */
Test(text_scan, is_a_plain_search_done_fast)
{
    static const char *const letters[] = {"a", "信", "b", "微"};
    unsigned seed = 7;
    for (int round = 0; round < 400; round++) {
        struct gj_str list[12];
        char bytes[13][40];
        for (int w = 0; w < 13; w++) { /* the last is the text */
            seed = seed * 1103515245u + 12345u;
            unsigned length = w < 12 ? 1 + (seed >> 16) % 4 : 10;
            bytes[w][0] = '\0';
            for (unsigned i = 0; i < length; i++) {
                seed = seed * 1103515245u + 12345u;
                strcat(bytes[w], letters[(seed >> 16) % 4]);
            }
            if (w < 12) {
                list[w] = gj_str_of(bytes[w]);
            }
        }
        struct gj_errors errors;
        gj_errors_init(&errors);
        struct gj_scanner *scanner = gj_scanner_compile(list, 12, &errors);
        cr_assert_not_null(scanner);
        struct seen seen = {0};
        scan(scanner, bytes[12], &seen);
        size_t wanted = 0;
        for (int w = 0; w < 12; w++) {
            size_t own = 0;
            for (const char *at = strstr(bytes[12], bytes[w]); at != NULL;
                 at = strstr(at + 1, bytes[w])) {
                own++;
            }
            cr_expect_eq(times(&seen, (uint32_t)w), own, "%s in %s", bytes[w], bytes[12]);
            wanted += own;
        }
        cr_expect_eq(seen.count, wanted);
        gj_scanner_free(scanner);
        gj_errors_release(&errors);
    }
}
