/* Tests of room text: the one-pass scan of literals. */
#include <criterion/criterion.h>

#include "text/scan.h"

struct seen {
    uint32_t literals[64], ends[64];
    size_t count, stop_at;
};

static int note(void *context, uint32_t literal, uint32_t end)
{
    struct seen *seen = context;
    cr_assert_lt(seen->count, 64);
    seen->literals[seen->count] = literal;
    seen->ends[seen->count++] = end;
    return seen->stop_at != 0 && seen->count >= seen->stop_at;
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
    struct gj_scan_scratch *scratch = gj_scan_scratch_new(scanner);
    struct seen seen = {0};
    cr_assert_eq(gj_scan(scanner, scratch, GJ_STR("加微信qqq信a.b*axb"), note, &seen), 0);
    cr_expect_eq(times(&seen, 0), 1);
    cr_expect_eq(times(&seen, 1), 2);
    cr_expect_eq(times(&seen, 2), 2, "overlapping ones too");
    cr_expect_eq(times(&seen, 3), 1, "a literal is no expression");
    for (size_t i = 0; i < seen.count; i++) {
        if (seen.literals[i] == 0) {
            cr_expect_eq(seen.ends[i], 9, "the end, in bytes");
        }
    }
    gj_scan_scratch_free(scratch);
    gj_scanner_free(scanner);
}

Test(text_scan, stops_when_told)
{
    struct gj_scanner *scanner = scanner_of();
    struct gj_scan_scratch *scratch = gj_scan_scratch_new(scanner);
    struct seen seen = {.stop_at = 2};
    gj_scan(scanner, scratch, GJ_STR("qqqqqqqqqqqqqq"), note, &seen);
    cr_assert_eq(seen.count, 2);
    seen = (struct seen){0};
    cr_assert_eq(gj_scan(scanner, scratch, GJ_STR("信"), note, &seen), 0);
    cr_assert_eq(seen.count, 1);
    gj_scan_scratch_free(scratch);
    gj_scanner_free(scanner);
}

Test(text_scan, empty_text_and_no_words)
{
    struct gj_scanner *scanner = scanner_of();
    struct gj_scan_scratch *scratch = gj_scan_scratch_new(scanner);
    struct seen seen = {0};
    cr_assert_eq(gj_scan(scanner, scratch, GJ_STR(""), note, &seen), 0);
    gj_scan_scratch_free(scratch);
    gj_scanner_free(scanner);
    struct gj_errors errors;
    gj_errors_init(&errors);
    scanner = gj_scanner_compile(NULL, 0, &errors);
    cr_assert(scanner != NULL && errors.count == 0);
    scratch = gj_scan_scratch_new(scanner);
    cr_assert_eq(gj_scan(scanner, scratch, GJ_STR("微信"), note, &seen), 0);
    cr_assert_eq(seen.count, 0);
    gj_scan_scratch_free(scratch);
    gj_scanner_free(scanner);
    gj_errors_release(&errors);
}

Test(text_scan, survives_the_cache)
{
    struct gj_scanner *scanner = scanner_of();
    struct gj_buf bytes;
    gj_buf_init(&bytes);
    cr_assert_eq(gj_scanner_serialize(scanner, &bytes), 0);
    cr_assert_gt(gj_scanner_bytes(scanner), 0);
    gj_scanner_free(scanner);
    scanner = gj_scanner_deserialize(gj_buf_str(&bytes));
    cr_assert_not_null(scanner);
    struct gj_scan_scratch *scratch = gj_scan_scratch_new(scanner);
    struct seen seen = {0};
    cr_assert_eq(gj_scan(scanner, scratch, GJ_STR("微信"), note, &seen), 0);
    cr_assert_eq(seen.count, 2);
    gj_scan_scratch_free(scratch);
    gj_scanner_free(scanner);
    gj_buf_release(&bytes);
}

Test(text_scan, broken_bytes_are_no_scanner)
{
    struct gj_scanner *scanner = scanner_of();
    struct gj_buf bytes;
    gj_buf_init(&bytes);
    cr_assert_eq(gj_scanner_serialize(scanner, &bytes), 0);
    gj_scanner_free(scanner);
    cr_expect_null(gj_scanner_deserialize(GJ_STR("this is not a database of the scanner")));
    cr_expect_null(gj_scanner_deserialize((struct gj_str){bytes.ptr, bytes.len / 2}));
    bytes.ptr[bytes.len / 2] ^= 0x55;
    cr_expect_null(gj_scanner_deserialize(gj_buf_str(&bytes)), "a checksum guards it");
    gj_buf_release(&bytes);
}
