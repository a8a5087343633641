/* Room base: calendar arithmetic, RFC 3339, durations, time zones. */
#include <criterion/criterion.h>

#include "base/calendar.h"
#include "base/zone.h"

Test(base, days_and_civil_agree_over_all_years)
{
    int64_t day = gj_days_from_civil(1, 1, 1);
    cr_assert_eq(day, -719162);
    int weekday = 1; /* 0001-01-01 was a Monday */
    for (int64_t year = 1; year <= 9999; year++) {
        int yearday = 0;
        for (int month = 1; month <= 12; month++) {
            for (int d = 1; d <= gj_days_in_month(year, month); d++, day++, yearday++) {
                struct gj_civil c = gj_civil_from_seconds(day * GJ_SECONDS_PER_DAY + 86399);
                bool right = c.year == year && c.month == month && c.day == d && c.hour == 23 &&
                             c.minute == 59 && c.second == 59 && c.yearday == yearday &&
                             c.weekday == weekday;
                if (!right) {
                    cr_assert_fail("wrong on %d-%d-%d", (int)year, month, d);
                }
                weekday = (weekday + 1) % 7;
            }
        }
        if (gj_days_from_civil(year + 1, 1, 1) != day) {
            cr_assert_fail("wrong at the end of %d", (int)year);
        }
    }
}

Test(base, days_from_civil_known_dates)
{
    cr_assert_eq(gj_days_from_civil(1970, 1, 1), 0);
    cr_assert_eq(gj_days_from_civil(1969, 12, 31), -1);
    cr_assert_eq(gj_days_from_civil(2000, 2, 29), 11016);
    cr_assert_eq(gj_days_from_civil(2026, 3, 1), 20513);
    cr_assert_eq(gj_days_in_month(1900, 2), 28);
    cr_assert_eq(gj_days_in_month(2000, 2), 29);
    cr_assert_eq(gj_days_in_month(2024, 2), 29);
    cr_assert_eq(gj_days_in_month(2025, 12), 31);
}

static void round_trip(const char *text, const char *want)
{
    struct gj_instant instant;
    struct gj_buf out;
    gj_buf_init(&out);
    cr_assert_eq(gj_timestamp_parse(gj_str_of(text), &instant), 0, "%s", text);
    gj_timestamp_format(instant, &out);
    cr_assert_str_eq(out.ptr, want);
    gj_buf_release(&out);
}

Test(base, timestamps_round_trip)
{
    round_trip("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z");
    round_trip("2026-03-01T10:00:00+08:00", "2026-03-01T02:00:00Z");
    round_trip("2026-03-01T00:30:00+08:00", "2026-02-28T16:30:00Z");
    round_trip("2026-03-01t10:00:00z", "2026-03-01T10:00:00Z");
    round_trip("2026-03-01T10:00:00.5-00:30", "2026-03-01T10:30:00.5Z");
    round_trip("2026-03-01T10:00:00.000000001Z", "2026-03-01T10:00:00.000000001Z");
    round_trip("2026-03-01T10:00:00.1234567899Z", "2026-03-01T10:00:00.123456789Z");
    round_trip("2026-03-01T10:00:00.120Z", "2026-03-01T10:00:00.12Z");
    round_trip("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z");
    round_trip("9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999Z");
    round_trip("1969-12-31T23:59:59.25Z", "1969-12-31T23:59:59.25Z");
}

Test(base, timestamps_that_are_none)
{
    static const char *const bad[] = {"",
                                      "2026-03-01",
                                      "2026-03-01 10:00:00Z",
                                      "2026-03-01T10:00:00",
                                      "2026-3-1T10:00:00Z",
                                      "2026-13-01T10:00:00Z",
                                      "2026-00-01T10:00:00Z",
                                      "2026-02-29T10:00:00Z",
                                      "2026-02-00T10:00:00Z",
                                      "2026-03-01T24:00:00Z",
                                      "2026-03-01T10:60:00Z",
                                      "2026-03-01T10:00:60Z",
                                      "2026-03-01T10:00:00.Z",
                                      "2026-03-01T10:00:00+0800",
                                      "2026-03-01T10:00:00+24:00",
                                      "2026-03-01T10:00:00+08:60",
                                      "2026-03-01T10:00:00Z ",
                                      "2026-03-01T10:00:00ZZ",
                                      "0000-12-31T23:59:59Z",
                                      "10000-01-01T00:00:00Z",
                                      "0001-01-01T00:00:00+00:01",
                                      "9999-12-31T23:59:59-00:01",
                                      "-026-03-01T10:00:00Z",
                                      "２０26-03-01T10:00:00Z"};
    struct gj_instant kept = {42, 42};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cr_assert_eq(gj_timestamp_parse(gj_str_of(bad[i]), &kept), -1, "%s", bad[i]);
    }
    cr_assert_eq(kept.seconds, 42);
    cr_assert_eq(kept.nanos, 42);
}

static void expect_duration(const char *text, int64_t seconds, int32_t nanos, const char *want)
{
    struct gj_instant d;
    struct gj_buf out;
    gj_buf_init(&out);
    cr_assert_eq(gj_duration_parse(gj_str_of(text), &d), 0, "%s", text);
    cr_assert_eq(d.seconds, seconds, "%s", text);
    cr_assert_eq(d.nanos, nanos, "%s", text);
    gj_duration_format(d, &out);
    cr_assert_str_eq(out.ptr, want);
    gj_buf_release(&out);
}

Test(base, durations_parse_and_format)
{
    expect_duration("1h30m", 5400, 0, "5400s");
    expect_duration("3600s", 3600, 0, "3600s");
    expect_duration("1.5s", 1, 500000000, "1.5s");
    expect_duration("-2ms", 0, -2000000, "-0.002s");
    expect_duration("-1.5s", -1, -500000000, "-1.5s");
    expect_duration("+1s", 1, 0, "1s");
    expect_duration("0", 0, 0, "0s");
    expect_duration("-0", 0, 0, "0s");
    expect_duration("0s", 0, 0, "0s");
    expect_duration("1us", 0, 1000, "0.000001s");
    expect_duration("1µs", 0, 1000, "0.000001s");
    expect_duration("1μs", 0, 1000, "0.000001s");
    expect_duration("999999999ns", 0, 999999999, "0.999999999s");
    expect_duration("1.5h", 5400, 0, "5400s");
    expect_duration(".5m", 30, 0, "30s");
    expect_duration("1.m", 60, 0, "60s");
    expect_duration("0.000000001h", 0, 3600, "0.0000036s");
    expect_duration("0.0000000001h", 0, 360, "0.00000036s");
    expect_duration("1h1h", 7200, 0, "7200s");
    expect_duration("9223372036.854775807s", 9223372036, 854775807, "9223372036.854775807s");
    expect_duration("-9223372036.854775808s", -9223372036, -854775808, "-9223372036.854775808s");
    expect_duration("-9223372036854775808ns", -9223372036, -854775808, "-9223372036.854775808s");
    expect_duration("0.99999999999999999999s", 0, 999999999, "0.999999999s");
}

Test(base, durations_that_are_none)
{
    static const char *const bad[] = {"",
                                      "-",
                                      "+",
                                      "1",
                                      "s",
                                      "1x",
                                      "1d",
                                      "1 s",
                                      "1s ",
                                      ".s",
                                      "1s1",
                                      "--1s",
                                      "1h-1m",
                                      "9223372036.854775808s",
                                      "-9223372036.854775809s",
                                      "99999999999999999999s",
                                      "9223372036854775808ns",
                                      "2562048h",
                                      "P1D",
                                      "１s"};
    struct gj_instant kept = {42, 42};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cr_assert_eq(gj_duration_parse(gj_str_of(bad[i]), &kept), -1, "%s", bad[i]);
    }
    cr_assert_eq(kept.seconds, 42);
}

Test(base, time_arithmetic_keeps_its_ranges)
{
    struct gj_instant last = {GJ_TIMESTAMP_SECONDS_MAX, 999999999};
    struct gj_instant first = {GJ_TIMESTAMP_SECONDS_MIN, 0};
    struct gj_instant out = {0};
    int64_t nanos;
    cr_assert(gj_timestamp_add(last, (struct gj_instant){0, -999999999}, &out));
    cr_assert_eq(out.seconds, GJ_TIMESTAMP_SECONDS_MAX);
    cr_assert_eq(out.nanos, 0);
    cr_assert_not(gj_timestamp_add(last, (struct gj_instant){0, 1}, &out));
    cr_assert_not(gj_timestamp_add(first, (struct gj_instant){0, -1}, &out));
    cr_assert_not(gj_timestamp_add(last, (struct gj_instant){INT64_MAX, 0}, &out));
    cr_assert_not(gj_timestamp_diff(last, first, &out));
    cr_assert(gj_timestamp_diff((struct gj_instant){10, 1}, (struct gj_instant){10, 2}, &out));
    cr_assert_eq(out.seconds, 0);
    cr_assert_eq(out.nanos, -1);
    cr_assert(
        gj_timestamp_diff((struct gj_instant){9, 900000000}, (struct gj_instant){10, 0}, &out));
    cr_assert_eq(out.seconds, 0);
    cr_assert_eq(out.nanos, -100000000);
    cr_assert(gj_timestamp_diff((struct gj_instant){9223372037, 0},
                                (struct gj_instant){0, 999999999}, &out)); /* the last that fit */
    cr_assert_eq(out.seconds, 9223372036);
    cr_assert_eq(out.nanos, 1);
    cr_assert(gj_duration_to_nanos((struct gj_instant){-9223372036, -854775808}, &nanos));
    cr_assert_eq(nanos, INT64_MIN);
    cr_assert_not(gj_duration_to_nanos((struct gj_instant){9223372036, 854775808}, &nanos));
    cr_assert_eq(gj_instant_compare(first, last), -1);
    cr_assert_eq(gj_instant_compare(last, last), 0);
    cr_assert_eq(gj_instant_compare((struct gj_instant){1, 2}, (struct gj_instant){1, 1}), 1);
}

static int32_t ahead(const char *name, const char *moment)
{
    struct gj_arena arena;
    struct gj_instant instant;
    gj_arena_init(&arena);
    const struct gj_zone *zone = gj_zone_load(&arena, gj_str_of(name));
    cr_assert_not_null(zone, "%s", name);
    cr_assert_eq(gj_timestamp_parse(gj_str_of(moment), &instant), 0);
    int32_t offset = gj_zone_offset(zone, instant.seconds);
    gj_arena_release(&arena);
    return offset;
}

Test(base, zones_fixed)
{
    cr_assert_eq(ahead("UTC", "2026-03-01T00:00:00Z"), 0);
    cr_assert_eq(ahead("+08:00", "2026-03-01T00:00:00Z"), 28800);
    cr_assert_eq(ahead("-02:30", "2026-03-01T00:00:00Z"), -9000);
    cr_assert_eq(ahead("05:45", "2026-03-01T00:00:00Z"), 20700);
    cr_assert_eq(ahead("+23:59", "2026-03-01T00:00:00Z"), 86340);
}

Test(base, zones_of_the_iana_database)
{
    cr_assert_eq(ahead("Asia/Shanghai", "2026-03-01T00:00:00Z"), 28800);
    cr_assert_eq(ahead("Asia/Shanghai", "1988-07-01T00:00:00Z"), 32400); /* summer time */
    cr_assert_eq(ahead("Asia/Kathmandu", "2026-03-01T00:00:00Z"), 20700);
    cr_assert_eq(ahead("America/New_York", "2024-03-10T06:59:59Z"), -18000);
    cr_assert_eq(ahead("America/New_York", "2024-03-10T07:00:00Z"), -14400);
    cr_assert_eq(ahead("America/New_York", "2024-11-03T05:59:59Z"), -14400);
    cr_assert_eq(ahead("America/New_York", "2024-11-03T06:00:00Z"), -18000);
    cr_assert_eq(ahead("Australia/Sydney", "2024-01-01T00:00:00Z"), 39600);
    cr_assert_eq(ahead("Australia/Sydney", "2024-07-01T00:00:00Z"), 36000);
    cr_assert_eq(ahead("America/St_Johns", "2009-02-13T02:00:00Z"), -12600);
    cr_assert_eq(ahead("Etc/GMT+8", "2024-07-01T00:00:00Z"), -28800);
}

Test(base, zones_by_rule_beyond_their_table)
{
    cr_assert_eq(ahead("America/New_York", "2099-07-01T00:00:00Z"), -14400);
    cr_assert_eq(ahead("America/New_York", "2099-01-01T00:00:00Z"), -18000);
    cr_assert_eq(ahead("America/New_York", "2100-03-14T06:59:59Z"), -18000); /* 2nd Sunday */
    cr_assert_eq(ahead("America/New_York", "2100-03-14T07:00:00Z"), -14400);
    cr_assert_eq(ahead("Australia/Sydney", "2099-01-01T00:00:00Z"), 39600);
    cr_assert_eq(ahead("Australia/Sydney", "2099-06-01T00:00:00Z"), 36000);
    cr_assert_eq(ahead("Europe/Berlin", "2099-03-29T00:59:59Z"), 3600); /* last Sunday */
    cr_assert_eq(ahead("Europe/Berlin", "2099-03-29T01:00:00Z"), 7200);
    cr_assert_eq(ahead("America/St_Johns", "2099-01-01T00:00:00Z"), -12600); /* with minutes */
    cr_assert_eq(ahead("America/St_Johns", "2099-07-01T00:00:00Z"), -9000);
    cr_assert_eq(ahead("Asia/Kolkata", "2099-01-01T00:00:00Z"), 19800);
    cr_assert_eq(ahead("Australia/Lord_Howe", "2099-01-01T00:00:00Z"), 39600);
    cr_assert_eq(ahead("Australia/Lord_Howe", "2099-07-01T00:00:00Z"), 37800);
}

Test(base, zones_that_are_none)
{
    static const char *const bad[] = {"",
                                      "Nowhere/City",
                                      "../zoneinfo/UTC",
                                      "/etc/passwd",
                                      "Asia//Shanghai",
                                      "Asia/Shanghai/",
                                      "Asia",
                                      "+8:00",
                                      "+24:00",
                                      "+08:60",
                                      "+08-00",
                                      "108:00",
                                      " 08:00",
                                      "+008:00",
                                      "8:00",
                                      "zone.tab",
                                      "tzdata.zi",
                                      "Asia/Shanghai\n"};
    static const char too_long[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                                   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    struct gj_arena arena;
    gj_arena_init(&arena);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cr_assert_null(gj_zone_load(&arena, gj_str_of(bad[i])), "%s", bad[i]);
    }
    cr_assert_null(gj_zone_load(&arena, gj_str_of(too_long)));
    cr_assert_null(gj_zone_load(&arena, (struct gj_str){"Asia/Shanghai\0x", 15}));
    arena.limit = 1;
    cr_assert_null(gj_zone_load(&arena, GJ_STR("Asia/Shanghai")));
    gj_arena_release(&arena);
}

Test(base, spans_as_people_write_them)
{
    static const struct {
        const char *text;
        int64_t seconds;
    } good[] = {{"0", 0},       {"90s", 90},           {"2h", 7200},      {"1h30m", 5400},
                {"7d", 604800}, {"1d12h", 129600},     {"PT48H", 172800}, {"P1DT1M", 86460},
                {"0d", 0},      {"36500d", 3153600000}};
    static const char *const bad[] = {"",      "d",      "7",       "-2h", "-1d", "1d-2h",
                                      "2h1d",  "7d7d",   "100000d", "P1M", "x",   "P1D1D",
                                      "P1D1W", "PT1S1H", "PT1H1H",  "P1DT"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t us = -1;
        cr_assert_eq(gj_span_parse(gj_str_of(good[i].text), &us), 0, "%s", good[i].text);
        cr_assert_eq(us, good[i].seconds * 1000000, "%s", good[i].text);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t us = -1;
        cr_assert_eq(gj_span_parse(gj_str_of(bad[i]), &us), -1, "%s", bad[i]);
    }
    struct gj_buf weeks; /* so many that their sum would not fit */
    int64_t us = -1;
    gj_buf_init(&weeks);
    gj_buf_add_char(&weeks, 'P');
    for (int i = 0; i < 20000; i++) {
        gj_buf_add_cstr(&weeks, "999999999W");
    }
    cr_assert_eq(gj_span_parse(gj_buf_str(&weeks), &us), -1);
    gj_buf_release(&weeks);
}

/* The first moment of each day is that at which the count of days rises; no day is without one,
 * but where a whole one was left out. */
Test(base, midnights_whatever_clocks_do)
{
    static const char *const names[] = {"UTC",          "-02:30",           "Asia/Shanghai",
                                        "Africa/Cairo", "America/Havana",   "America/New_York",
                                        "Pacific/Apia", "America/Sao_Paulo"};
    int64_t first = gj_days_from_civil(2004, 1, 1), last = gj_days_from_civil(2040, 1, 1);
    for (size_t i = 0; i <= sizeof names / sizeof *names; i++) {
        struct gj_arena arena;
        gj_arena_init(&arena);
        bool named = i < sizeof names / sizeof *names; /* else none: China's */
        const struct gj_zone *zone = named ? gj_zone_load(&arena, gj_str_of(names[i])) : NULL;
        cr_assert(zone != NULL || !named, "%s", named ? names[i] : "");
        for (int64_t day = first; day < last; day++) {
            int64_t at = gj_zone_midnight(zone, day);
            bool left_out = gj_zone_midnight(zone, day + 1) == at;
            cr_assert_eq(gj_zone_day(zone, at), day + left_out, "%zu: %lld", i, (long long)day);
            cr_assert_lt(gj_zone_day(zone, at - 1), day + left_out, "%zu: %lld", i, (long long)day);
        }
        gj_arena_release(&arena);
    }
}
