/* Room expr: timestamps, durations, their accessors and time zones, as CEL has them. */
#include "expr_support.h"

Test(expr, timestamps)
{
    static const struct example table[] = {
        {"timestamp('2009-02-13T23:31:30Z')", "\"2009-02-13T23:31:30Z\""},
        {"timestamp('2026-03-01T10:00:00+08:00')", "\"2026-03-01T02:00:00Z\""},
        {"int(timestamp('2009-02-13T23:31:30Z'))", "1234567890"},
        {"timestamp(1234567890)", "\"2009-02-13T23:31:30Z\""},
        {"timestamp(timestamp(0)) == timestamp(0)", "true"},
        {"string(timestamp('9999-12-31T23:59:59.999999999Z'))",
         "\"9999-12-31T23:59:59.999999999Z\""},
        {"timestamp('2009-02-13T23:31:30Z') == timestamp('2009-02-14T07:31:30+08:00')", "true"},
        {"timestamp('2000-01-01T00:00:00Z') != timestamp('2001-01-01T00:00:00Z')", "true"},
        {"timestamp('2009-02-13T23:00:00Z') <= timestamp('2009-02-13T22:59:59Z')", "false"},
        {"timestamp(1) > timestamp(0)", "true"},
        {"timestamp('0000-01-01T00:00:00Z')", "error: timestamp()..."},
        {"timestamp('10000-01-01T00:00:00Z')", "error: timestamp()..."},
        {"timestamp('0001-01-01T00:00:00+08:00')", "error: timestamp()..."},
        {"timestamp('2026-02-29T00:00:00Z')", "error: timestamp(): '2026-02-29T00:00:00Z' is..."},
        {"timestamp('2026-03-01')", "error: timestamp()..."},
        {"timestamp(253402300800)", "error: timestamp out of range: years 1 to 9999"},
        {"timestamp(-62135596801)", "error: timestamp out of range: years 1 to 9999"},
        {"timestamp(-62135596800)", "\"0001-01-01T00:00:00Z\""},
    };
    EXPECT_ALL(table);
}

Test(expr, durations)
{
    static const struct example table[] = {
        {"duration('1h30m')", "\"5400s\""},
        {"duration('1.5s')", "\"1.5s\""},
        {"duration('-2ms')", "\"-0.002s\""},
        {"string(duration('1000000s'))", "\"1000000s\""},
        {"duration('60s') == duration('1m')", "true"},
        {"duration('200s') < duration('300s')", "true"},
        {"duration('10000s').getHours()", "2"},
        {"duration('3730s').getMinutes()", "62"},
        {"duration('3730s').getSeconds()", "3730"},
        {"duration('123.321456789s').getMilliseconds()", "321"},
        {"duration('-1.5s').getSeconds()", "-1"},
        {"duration('-320000000000s')", "error: duration()..."},
        {"duration('320000000000s')", "error: duration()..."},
        {"duration('1')", "error: duration(): '1' is not as 1h30m or 90s..."},
        {"duration('')", "error: duration()..."},
        {"duration(duration('1s'))", "\"1s\""},
        {"duration('24h') * 2", "check: there is no duration * int"},
        {"-duration('1s')", "check: - negates an int, but this is duration"},
    };
    EXPECT_ALL(table);
}

Test(expr, time_arithmetic)
{
    static const struct example table[] = {
        {"timestamp('2009-02-13T23:00:00Z') + duration('240s')", "\"2009-02-13T23:04:00Z\""},
        {"duration('120s') + timestamp('2009-02-13T23:01:00Z')", "\"2009-02-13T23:03:00Z\""},
        {"duration('600s') + duration('50s')", "\"650s\""},
        {"duration('900s') - duration('942s')", "\"-42s\""},
        {"timestamp('2009-02-13T23:10:00Z') - duration('600s')", "\"2009-02-13T23:00:00Z\""},
        {"timestamp('2009-02-13T23:31:00Z') - timestamp('2009-02-13T23:29:00Z')", "\"120s\""},
        {"timestamp('0001-01-01T00:00:01.000000001Z') + duration('-999999999ns')",
         "\"0001-01-01T00:00:00.000000002Z\""},
        {"timestamp('0001-01-01T00:00:01.999999999Z') + duration('999999999ns')",
         "\"0001-01-01T00:00:02.999999998Z\""},
        {"timestamp('0001-01-01T00:00:00Z') + duration('-1s')", "error: timestamp out of range..."},
        {"timestamp('9999-12-31T23:59:59Z') + duration('1s')", "error: timestamp out of range..."},
        {"timestamp('9999-12-31T23:59:59.999999999Z') + duration('1ns')",
         "error: timestamp out of range..."},
        {"timestamp('0001-01-01T00:00:00Z') - duration('1ns')", "error: timestamp out of range..."},
        {"timestamp('9999-12-31T23:59:59Z') - timestamp('0001-01-01T00:00:00Z')",
         "error: duration out of range..."},
        {"duration('9000000000s') + duration('9000000000s')", "error: duration out of range..."},
        {"duration('-9000000000s') - duration('9000000000s')", "error: duration out of range..."},
        {"timestamp(0) + timestamp(0)", "check: there is no timestamp + timestamp"},
        {"duration('1s') - timestamp(0)", "check: there is no duration - timestamp"},
        {"timestamp(0) + 1", "check: there is no timestamp + int"},
        {"dyn(timestamp(0)) + dyn(1)", "error: no such overload: + for google.protobuf..."},
        {"dyn(timestamp(0)) + duration('1s') == timestamp(1)", "true"},
    };
    EXPECT_ALL(table);
}

#define MOMENT "timestamp('2009-02-13T23:31:30.123456789Z')" /* a Friday */

Test(expr, parts_of_a_moment)
{
    static const struct example table[] = {
        {MOMENT ".getFullYear()", "2009"},
        {MOMENT ".getMonth()", "1"},
        {MOMENT ".getDate()", "13"},
        {MOMENT ".getDayOfMonth()", "12"},
        {MOMENT ".getDayOfWeek()", "5"},
        {MOMENT ".getDayOfYear()", "43"},
        {MOMENT ".getHours()", "23"},
        {MOMENT ".getMinutes()", "31"},
        {MOMENT ".getSeconds()", "30"},
        {MOMENT ".getMilliseconds()", "123"},
        {"timestamp('2024-12-31T00:00:00Z').getDayOfYear()", "365"},
        {"timestamp('0001-01-01T00:00:00Z').getDayOfWeek()", "1"},
        {"timestamp('1969-12-31T23:59:59.5Z').getMilliseconds()", "500"},
        {"timestamp('1969-12-31T23:59:59.5Z').getSeconds()", "59"},
    };
    EXPECT_ALL(table);
}

Test(expr, parts_in_a_zone)
{
    static const struct example table[] = {
        {MOMENT ".getHours('Asia/Shanghai')", "7"},
        {MOMENT ".getDate('+08:00')", "14"},
        {MOMENT ".getDate('Australia/Sydney')", "14"},
        {MOMENT ".getDayOfMonth('US/Central')", "12"},
        {MOMENT ".getDayOfMonth('+11:00')", "13"},
        {"timestamp('2009-02-13T02:00:00Z').getDayOfMonth('-02:30')", "11"},
        {"timestamp('2009-02-13T02:00:00Z').getDayOfMonth('America/St_Johns')", "11"},
        {MOMENT ".getDayOfWeek('UTC')", "5"},
        {MOMENT ".getFullYear('-09:30')", "2009"},
        {MOMENT ".getHours('02:00')", "1"},
        {MOMENT ".getMinutes('Asia/Kathmandu')", "16"},
        {MOMENT ".getSeconds('-00:00')", "30"},
        {MOMENT ".getDayOfYear('Asia/Shanghai')", "44"},
        {MOMENT ".getMilliseconds('Asia/Shanghai')", "123"},
        {MOMENT ".getHours(dyn('Asia/' + 'Shanghai'))", "7"},
        {MOMENT ".getHours('Mars/Olympus')", "error: there is no time zone 'Mars/Olympus'..."},
        {MOMENT ".getHours('')", "error: there is no time zone ''..."},
        {MOMENT ".getHours('../passwd')", "error: there is no time zone..."},
        {MOMENT ".getHours('+24:00')", "error: there is no time zone..."},
        {MOMENT ".getHours(8)", "check: there is no timestamp.getHours(int)..."},
        {"'a'.getHours()", "check: there is no string.getHours()..."},
        {"timestamp('9999-12-31T23:59:59Z').getFullYear('+08:00')", "10000"},
    };
    EXPECT_ALL(table);
}
