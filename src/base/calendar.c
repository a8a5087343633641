/* Room base: time (see calendar.h). Calendar arithmetic counts years from 1 March, so that the leap
 * day is a year's last, and in eras of 400 years = 146097 days. */
#include "base/calendar.h"

__extension__ typedef __int128 int128;

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int gj_days_in_month(int64_t year, int month)
{
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

int64_t gj_days_from_civil(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = floor_div(year, 400);
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468; /* 719468: from 0000-03-01 to 1970-01-01 */
}

struct gj_civil gj_civil_from_seconds(int64_t seconds)
{
    int64_t days = floor_div(seconds, GJ_SECONDS_PER_DAY);
    int rest = (int)(seconds - days * GJ_SECONDS_PER_DAY);
    int64_t shifted = days + 719468;
    int64_t era = floor_div(shifted, 146097);
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    struct gj_civil civil;
    civil.day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    civil.month = (int)(month_from_march + (month_from_march < 10 ? 3 : -9));
    civil.year = year_of_era + era * 400 + (civil.month <= 2);
    civil.hour = rest / 3600;
    civil.minute = rest / 60 % 60;
    civil.second = rest % 60;
    civil.weekday = (int)(days + 4 - 7 * floor_div(days + 4, 7)); /* 1970-01-01: a Thursday */
    civil.yearday = (int)(days - gj_days_from_civil(civil.year, 1, 1));
    return civil;
}

bool gj_timestamp_in_range(struct gj_instant instant)
{
    return instant.seconds >= GJ_TIMESTAMP_SECONDS_MIN &&
           instant.seconds <= GJ_TIMESTAMP_SECONDS_MAX && instant.nanos >= 0 &&
           instant.nanos < GJ_NANOS_PER_SECOND;
}

struct cursor {
    const char *at, *end;
};

static bool eat(struct cursor *c, char wanted)
{
    if (c->at < c->end && *c->at == wanted) {
        c->at++;
        return true;
    }
    return false;
}

static bool is_digit(const struct cursor *c)
{
    return c->at < c->end && *c->at >= '0' && *c->at <= '9';
}

/* Exactly `count` digits (at most 9), or -1. */
static int digits(struct cursor *c, int count)
{
    int value = 0;
    for (int i = 0; i < count; i++) {
        if (!is_digit(c)) {
            return -1;
        }
        value = value * 10 + (*c->at++ - '0');
    }
    return value;
}

/* ".5" as nanoseconds; 0 when there is no fraction, -1 when a point stands alone. */
static int fraction(struct cursor *c)
{
    if (!eat(c, '.')) {
        return 0;
    }
    if (!is_digit(c)) {
        return -1;
    }
    int nanos = 0;
    int scale = GJ_NANOS_PER_SECOND / 10;
    for (; is_digit(c); c->at++) {
        nanos += (*c->at - '0') * scale;
        scale /= 10;
    }
    return nanos;
}

/* "Z" or "+08:00", in seconds; false when it is neither. */
static bool offset(struct cursor *c, int *seconds)
{
    *seconds = 0;
    if (eat(c, 'Z') || eat(c, 'z')) {
        return true;
    }
    bool minus = eat(c, '-');
    if (!minus && !eat(c, '+')) {
        return false;
    }
    int hours = digits(c, 2);
    if (hours < 0 || hours > 23 || !eat(c, ':')) {
        return false;
    }
    int minutes = digits(c, 2);
    if (minutes < 0 || minutes > 59) {
        return false;
    }
    *seconds = (hours * 3600 + minutes * 60) * (minus ? -1 : 1);
    return true;
}

static bool parse_date(struct cursor *c, int64_t *days)
{
    int year = digits(c, 4);
    bool dash = eat(c, '-');
    int month = digits(c, 2);
    bool dash2 = eat(c, '-');
    int day = digits(c, 2);
    if (year < 0 || !dash || month < 1 || month > 12 || !dash2 || day < 1 ||
        day > gj_days_in_month(year, month)) {
        return false;
    }
    *days = gj_days_from_civil(year, month, day);
    return true;
}

int gj_timestamp_parse(struct gj_str text, struct gj_instant *out)
{
    struct cursor c = {text.ptr, text.ptr + text.len};
    int64_t days;
    if (!parse_date(&c, &days) || (!eat(&c, 'T') && !eat(&c, 't'))) {
        return -1;
    }
    int hour = digits(&c, 2);
    bool colon = eat(&c, ':');
    int minute = digits(&c, 2);
    bool colon2 = eat(&c, ':');
    int second = digits(&c, 2);
    if (hour < 0 || hour > 23 || !colon || minute < 0 || minute > 59 || !colon2 || second < 0 ||
        second > 59) {
        return -1;
    }
    int nanos = fraction(&c);
    int ahead;
    if (nanos < 0 || !offset(&c, &ahead) || c.at != c.end) {
        return -1;
    }
    struct gj_instant instant = {
        days * GJ_SECONDS_PER_DAY + hour * 3600 + minute * 60 + second - ahead, nanos};
    if (!gj_timestamp_in_range(instant)) {
        return -1;
    }
    *out = instant;
    return 0;
}

/* ".5" for 500000000 nanoseconds, nothing for 0. */
static void add_fraction(struct gj_buf *out, int32_t nanos)
{
    if (nanos == 0) {
        return;
    }
    int width = 9;
    while (nanos % 10 == 0) {
        nanos /= 10;
        width--;
    }
    gj_buf_addf(out, ".%0*d", width, nanos);
}

static void put_two(char *out, int value)
{
    out[0] = (char)('0' + value / 10);
    out[1] = (char)('0' + value % 10);
}

void gj_timestamp_format(struct gj_instant instant, struct gj_buf *out)
{
    struct gj_civil c = gj_civil_from_seconds(instant.seconds);
    if (c.year < 0 || c.year > 9999) {
        gj_buf_addf(out, "%04lld-%02d-%02dT%02d:%02d:%02d", (long long)c.year, c.month, c.day,
                    c.hour, c.minute, c.second);
    } else { /* without printf, which takes most of the time where there are many */
        char text[] = "yyyy-mm-ddThh:mm:ss";
        put_two(text, (int)(c.year / 100));
        put_two(text + 2, (int)(c.year % 100));
        put_two(text + 5, c.month);
        put_two(text + 8, c.day);
        put_two(text + 11, c.hour);
        put_two(text + 14, c.minute);
        put_two(text + 17, c.second);
        gj_buf_add(out, text, sizeof text - 1);
    }
    add_fraction(out, instant.nanos);
    gj_buf_add_char(out, 'Z');
}

bool gj_duration_to_nanos(struct gj_instant duration, int64_t *nanos)
{
    return !__builtin_mul_overflow(duration.seconds, (int64_t)GJ_NANOS_PER_SECOND, nanos) &&
           !__builtin_add_overflow(*nanos, (int64_t)duration.nanos, nanos);
}

struct gj_instant gj_duration_from_nanos(int64_t nanos)
{
    return (struct gj_instant){nanos / GJ_NANOS_PER_SECOND, (int32_t)(nanos % GJ_NANOS_PER_SECOND)};
}

/* Nanoseconds in the unit that stands at the cursor, or 0. */
static int64_t unit(struct cursor *c)
{
    static const struct {
        const char *name;
        int64_t nanos;
    } units[] = {/* the longer name first where one begins another */
                 {"ns", 1},
                 {"us", 1000},
                 {"\xC2\xB5s", 1000}, /* µ micro sign */
                 {"\xCE\xBCs", 1000}, /* μ Greek letter */
                 {"ms", 1000000},
                 {"s", GJ_NANOS_PER_SECOND},
                 {"m", INT64_C(60) * GJ_NANOS_PER_SECOND},
                 {"h", INT64_C(3600) * GJ_NANOS_PER_SECOND}};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        size_t len = strlen(units[i].name);
        if ((size_t)(c->end - c->at) >= len && memcmp(c->at, units[i].name, len) == 0) {
            c->at += len;
            return units[i].nanos;
        }
    }
    return 0;
}

/* One number with its unit, as "1.5h"; false when there is none or it does not fit. The sum runs
 * below zero, since 64 bit reach one further there. What is less than a nanosecond is cut off. */
static bool add_part(struct cursor *c, int64_t *sum)
{
    const int64_t one = INT64_C(1000000000000000000); /* of `fraction` */
    int64_t whole = 0;
    int64_t fraction = 0;
    bool any = false;
    for (; is_digit(c); c->at++) {
        any = true;
        if (__builtin_mul_overflow(whole, (int64_t)10, &whole) ||
            __builtin_sub_overflow(whole, (int64_t)(*c->at - '0'), &whole)) {
            return false;
        }
    }
    if (eat(c, '.')) {
        for (int64_t scale = one / 10; is_digit(c); c->at++, scale /= 10) {
            any = true;
            fraction += (*c->at - '0') * scale;
        }
    }
    int64_t nanos = any ? unit(c) : 0;
    int64_t rest = (int64_t)((int128)fraction * nanos / one);
    return nanos != 0 && !__builtin_mul_overflow(whole, nanos, &whole) &&
           !__builtin_add_overflow(*sum, whole, sum) && !__builtin_sub_overflow(*sum, rest, sum);
}

int gj_duration_parse(struct gj_str text, struct gj_instant *out)
{
    struct cursor c = {text.ptr, text.ptr + text.len};
    bool minus = eat(&c, '-');
    if (!minus) {
        eat(&c, '+');
    }
    if (c.end - c.at == 1 && *c.at == '0') {
        *out = (struct gj_instant){0};
        return 0;
    }
    int64_t sum = 0; /* the duration's negative */
    if (c.at == c.end) {
        return -1;
    }
    while (c.at < c.end) {
        if (!add_part(&c, &sum)) {
            return -1;
        }
    }
    if (!minus && __builtin_sub_overflow((int64_t)0, sum, &sum)) {
        return -1;
    }
    *out = gj_duration_from_nanos(sum);
    return 0;
}

void gj_duration_format(struct gj_instant duration, struct gj_buf *out)
{
    if (duration.seconds == 0 && duration.nanos < 0) {
        gj_buf_add_char(out, '-');
    }
    gj_buf_add_int(out, duration.seconds);
    add_fraction(out, duration.nanos < 0 ? -duration.nanos : duration.nanos);
    gj_buf_add_char(out, 's');
}

bool gj_timestamp_add(struct gj_instant timestamp, struct gj_instant duration,
                      struct gj_instant *out)
{
    struct gj_instant sum;
    int64_t nanos = (int64_t)timestamp.nanos + duration.nanos;
    int64_t carry = floor_div(nanos, GJ_NANOS_PER_SECOND);
    if (__builtin_add_overflow(timestamp.seconds, duration.seconds, &sum.seconds) ||
        __builtin_add_overflow(sum.seconds, carry, &sum.seconds)) {
        return false;
    }
    sum.nanos = (int32_t)(nanos - carry * GJ_NANOS_PER_SECOND);
    if (!gj_timestamp_in_range(sum)) {
        return false;
    }
    *out = sum;
    return true;
}

bool gj_timestamp_diff(struct gj_instant a, struct gj_instant b, struct gj_instant *out)
{
    int128 diff = (int128)a.seconds - b.seconds;
    diff = diff * GJ_NANOS_PER_SECOND + a.nanos - b.nanos;
    if (diff > INT64_MAX || diff < INT64_MIN) {
        return false;
    }
    *out = gj_duration_from_nanos((int64_t)diff);
    return true;
}

int gj_instant_compare(struct gj_instant a, struct gj_instant b)
{
    if (a.seconds != b.seconds) {
        return a.seconds < b.seconds ? -1 : 1;
    }
    return (a.nanos > b.nanos) - (a.nanos < b.nanos);
}

/* The seconds of one unit, or 0 when ISO 8601 has no such unit on that side of the T. */
static int64_t iso_unit(char unit, bool in_time)
{
    switch (unit) {
    case 'W':
        return in_time ? 0 : INT64_C(7) * GJ_SECONDS_PER_DAY;
    case 'D':
        return in_time ? 0 : GJ_SECONDS_PER_DAY;
    case 'H':
        return in_time ? 3600 : 0;
    case 'M':
        return in_time ? 60 : 0;
    case 'S':
        return in_time ? 1 : 0;
    default:
        return 0;
    }
}

int gj_duration_parse_iso(struct gj_str text, struct gj_instant *out)
{
    enum { DIGITS_MAX = 9 }; /* keeps the sum of all units far within 64 bit */
    bool in_time = false, any = false;
    int64_t seconds = 0, last = INT64_MAX; /* the unit before: each stands once, the larger first */
    size_t at = 1;
    if (text.len < 3 || text.ptr[0] != 'P') {
        return -1;
    }
    while (at < text.len) {
        int64_t number = 0;
        size_t first = at;
        if (text.ptr[at] == 'T' && !in_time) {
            in_time = true;
            any = false;
            at++;
            continue;
        }
        for (; at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9'; at++) {
            number = number * 10 + (text.ptr[at] - '0');
            if (at - first >= DIGITS_MAX) {
                return -1;
            }
        }
        int64_t unit = at < text.len ? iso_unit(text.ptr[at], in_time) : 0;
        if (at == first || unit == 0 || unit >= last) {
            return -1;
        }
        seconds += number * unit;
        last = unit;
        any = true;
        at++;
    }
    struct gj_instant duration = {seconds, 0};
    int64_t nanos = 0;
    if (!any || !gj_duration_to_nanos(duration, &nanos)) {
        return -1;
    }
    *out = duration;
    return 0;
}

/* Days before the rest, as "7d" of "7d12h"; *text is what is behind them. */
static int64_t leading_days(struct gj_str *text)
{
    enum { DIGITS_MAX = 5 }; /* keeps the microseconds within 64 bit */
    int64_t days = 0;
    size_t at = 0;
    for (; at < text->len && at < DIGITS_MAX && text->ptr[at] >= '0' && text->ptr[at] <= '9';
         at++) {
        days = days * 10 + (text->ptr[at] - '0');
    }
    if (at == 0 || at == text->len || text->ptr[at] != 'd') {
        return 0;
    }
    *text = (struct gj_str){text->ptr + at + 1, text->len - at - 1};
    return days;
}

int gj_span_parse(struct gj_str text, int64_t *out)
{
    struct gj_instant rest = {0};
    struct gj_str behind = text;
    int64_t days = leading_days(&behind);
    bool only_days = behind.len == 0 && text.len > 0;
    if (!only_days && gj_duration_parse(behind, &rest) != 0 &&
        gj_duration_parse_iso(text, &rest) != 0) {
        return -1;
    }
    if (rest.seconds < 0 || rest.nanos < 0) {
        return -1;
    }
    *out = (days * 86400 + rest.seconds) * 1000000 + rest.nanos / 1000;
    return 0;
}
