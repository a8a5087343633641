/* Room base: time zones (see zone.h).
 *
 * A compiled zone file (TZif, RFC 8536) has a block for 32-bit times, skipped here, then one for
 * 64-bit times: transition moments, the type that begins at each, the types, and a footer: a POSIX
 * TZ rule as "EST5EDT,M3.2.0,M11.1.0" for all later times. */
#include "base/zone.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/calendar.h"

#define ZONE_BYTES_MAX 65536u /* the largest real file has under 4 KB */
#define ZONE_NAME_MAX  64u
#define ZONE_FOLDER    "/usr/share/zoneinfo/"

struct day_rule { /* when daylight saving begins or ends in a year */
    char kind;    /* 'M': month, week, weekday; 'J': day 1..365 without 29 February; 'N': 0..365 */
    int month, week, day;
    int32_t seconds; /* after midnight, local; may be negative or beyond a day */
};

struct zone_rule {
    int32_t standard, daylight; /* ahead of UTC */
    bool has_daylight;
    struct day_rule begin, end;
};

struct gj_zone {
    uint32_t count;
    const int64_t *moments; /* ascending */
    const int32_t *offsets; /* from each moment on */
    int32_t first;          /* before the first moment */
    struct zone_rule rule;  /* after the last */
    bool has_rule;
};

static uint64_t big_endian(const unsigned char *at, int bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++) {
        value = value << 8 | at[i];
    }
    return value;
}

/* The footer's rule. Every function returns the place behind what it read, or NULL. */

static const char *rule_number(const char *at, int max, int *value)
{
    if (*at < '0' || *at > '9') {
        return NULL;
    }
    *value = 0;
    while (*at >= '0' && *at <= '9') {
        *value = *value * 10 + (*at++ - '0');
        if (*value > max) {
            return NULL;
        }
    }
    return at;
}

static const char *rule_name(const char *at)
{
    if (*at == '<') {
        at = strchr(at, '>');
        return at == NULL ? NULL : at + 1;
    }
    const char *from = at;
    while ((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z')) {
        at++;
    }
    return at - from >= 3 ? at : NULL;
}

static const char *rule_time(const char *at, int32_t *seconds)
{
    int sign = *at == '-' ? -1 : 1;
    at += *at == '-' || *at == '+';
    int parts[3] = {0, 0, 0};
    at = rule_number(at, 167, &parts[0]);
    for (int i = 1; at != NULL && i < 3 && *at == ':'; i++) {
        at = rule_number(at + 1, 59, &parts[i]);
    }
    *seconds = sign * (parts[0] * 3600 + parts[1] * 60 + parts[2]);
    return at;
}

static const char *rule_day(const char *at, struct day_rule *day)
{
    *day = (struct day_rule){.kind = 'N', .seconds = 7200};
    if (*at == 'M') {
        day->kind = 'M';
        at = rule_number(at + 1, 12, &day->month);
        at = at == NULL || *at != '.' ? NULL : rule_number(at + 1, 5, &day->week);
        at = at == NULL || *at != '.' ? NULL : rule_number(at + 1, 6, &day->day);
        if (at == NULL || day->month < 1 || day->week < 1) {
            return NULL;
        }
    } else {
        day->kind = *at == 'J' ? 'J' : 'N';
        at = rule_number(at + (*at == 'J'), 365, &day->day);
        if (at == NULL || (day->kind == 'J' && day->day == 0)) {
            return NULL;
        }
    }
    return *at == '/' ? rule_time(at + 1, &day->seconds) : at;
}

static bool parse_rule(const char *at, struct zone_rule *rule)
{
    int32_t behind = 0;
    *rule = (struct zone_rule){0};
    at = rule_name(at);
    at = at == NULL ? NULL : rule_time(at, &behind);
    if (at == NULL) {
        return false;
    }
    rule->standard = -behind; /* POSIX counts west of Greenwich */
    if (*at == '\0') {
        return true;
    }
    rule->has_daylight = true;
    rule->daylight = rule->standard + 3600;
    at = rule_name(at);
    if (at != NULL && *at != ',') {
        at = rule_time(at, &behind);
        rule->daylight = -behind;
    }
    at = at == NULL || *at != ',' ? NULL : rule_day(at + 1, &rule->begin);
    at = at == NULL || *at != ',' ? NULL : rule_day(at + 1, &rule->end);
    return at != NULL && *at == '\0';
}

/* Local seconds since the epoch when the rule's day and time come in `year`. */
static int64_t rule_moment(const struct day_rule *day, int64_t year)
{
    int64_t days = gj_days_from_civil(year, 1, 1) + day->day;
    if (day->kind == 'J') {
        bool leap_day_before = day->day > 59 && gj_days_in_month(year, 2) == 29;
        days += leap_day_before ? 0 : -1;
    } else if (day->kind == 'M') {
        int64_t first = gj_days_from_civil(year, day->month, 1);
        int weekday = gj_civil_from_seconds(first * GJ_SECONDS_PER_DAY).weekday;
        int64_t in_month = (day->day - weekday + 7) % 7 + (day->week - 1) * 7;
        while (in_month >= gj_days_in_month(year, day->month)) { /* week 5: the last one */
            in_month -= 7;
        }
        days = first + in_month;
    }
    return days * GJ_SECONDS_PER_DAY + day->seconds;
}

static int32_t rule_offset(const struct zone_rule *rule, int64_t seconds)
{
    if (!rule->has_daylight) {
        return rule->standard;
    }
    int64_t year = gj_civil_from_seconds(seconds + rule->standard).year;
    int64_t begin = rule_moment(&rule->begin, year) - rule->standard;
    int64_t end = rule_moment(&rule->end, year) - rule->daylight;
    bool inside = begin < end ? seconds >= begin && seconds < end
                              : seconds >= begin || seconds < end; /* southern summer */
    return inside ? rule->daylight : rule->standard;
}

struct tzif_header {
    uint64_t utc_count, standard_count, leap_count, time_count, type_count, char_count;
};

#define TZIF_HEADER_BYTES 44u

static bool read_header(const unsigned char *at, size_t left, struct tzif_header *h)
{
    if (left < TZIF_HEADER_BYTES || memcmp(at, "TZif", 4) != 0 || at[4] < '2') {
        return false;
    }
    h->utc_count = big_endian(at + 20, 4);
    h->standard_count = big_endian(at + 24, 4);
    h->leap_count = big_endian(at + 28, 4);
    h->time_count = big_endian(at + 32, 4);
    h->type_count = big_endian(at + 36, 4);
    h->char_count = big_endian(at + 40, 4);
    return h->type_count > 0 && h->utc_count <= ZONE_BYTES_MAX &&
           h->standard_count <= ZONE_BYTES_MAX && h->leap_count <= ZONE_BYTES_MAX &&
           h->time_count <= ZONE_BYTES_MAX && h->type_count <= 256 &&
           h->char_count <= ZONE_BYTES_MAX;
}

static size_t block_bytes(const struct tzif_header *h, size_t time_bytes)
{
    return (size_t)(h->time_count * (time_bytes + 1) + h->type_count * 6 + h->char_count +
                    h->leap_count * (time_bytes + 4) + h->standard_count + h->utc_count);
}

static int32_t type_offset(const unsigned char *types, size_t index)
{
    return (int32_t)(uint32_t)big_endian(types + index * 6, 4);
}

/* Reads the 64-bit block at `at` into the zone; `end` is the file's end. */
static bool read_block(struct gj_arena *arena, struct gj_zone *zone, const unsigned char *at,
                       const unsigned char *end)
{
    struct tzif_header h;
    if (!read_header(at, (size_t)(end - at), &h) ||
        (size_t)(end - at) - TZIF_HEADER_BYTES < block_bytes(&h, 8)) {
        return false;
    }
    const unsigned char *times = at + TZIF_HEADER_BYTES;
    const unsigned char *indexes = times + h.time_count * 8;
    const unsigned char *types = indexes + h.time_count;
    int64_t *moments = gj_arena_array(arena, (size_t)h.time_count + 1, sizeof *moments);
    int32_t *offsets = gj_arena_array(arena, (size_t)h.time_count + 1, sizeof *offsets);
    if (moments == NULL || offsets == NULL) {
        return false;
    }
    for (size_t i = 0; i < h.time_count; i++) {
        if (indexes[i] >= h.type_count) {
            return false;
        }
        moments[i] = (int64_t)big_endian(times + i * 8, 8);
        offsets[i] = type_offset(types, indexes[i]);
        if (i > 0 && moments[i] <= moments[i - 1]) {
            return false;
        }
    }
    zone->count = (uint32_t)h.time_count;
    zone->moments = moments;
    zone->offsets = offsets;
    zone->first = type_offset(types, 0);
    const unsigned char *footer = times + block_bytes(&h, 8);
    char text[128];
    size_t len = (size_t)(end - footer);
    if (len < 2 || len > sizeof text || footer[0] != '\n' || footer[len - 1] != '\n') {
        return len == 0; /* no footer: the last offset goes on */
    }
    memcpy(text, footer + 1, len - 2);
    text[len - 2] = '\0';
    zone->has_rule = len > 2;
    return !zone->has_rule || parse_rule(text, &zone->rule);
}

static bool read_file(struct gj_arena *arena, struct gj_str name, struct gj_zone *zone)
{
    char path[sizeof ZONE_FOLDER + ZONE_NAME_MAX];
    memcpy(path, ZONE_FOLDER, sizeof ZONE_FOLDER - 1);
    memcpy(path + sizeof ZONE_FOLDER - 1, name.ptr, name.len);
    path[sizeof ZONE_FOLDER - 1 + name.len] = '\0';
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return false;
    }
    unsigned char *bytes = malloc(ZONE_BYTES_MAX);
    size_t len = bytes == NULL ? 0 : fread(bytes, 1, ZONE_BYTES_MAX, file);
    fclose(file);
    struct tzif_header h;
    bool ok = len < ZONE_BYTES_MAX && read_header(bytes, len, &h) &&
              len - TZIF_HEADER_BYTES >= block_bytes(&h, 4) &&
              read_block(arena, zone, bytes + TZIF_HEADER_BYTES + block_bytes(&h, 4), bytes + len);
    arena->failed |= bytes == NULL;
    free(bytes);
    return ok;
}

static bool read_fixed(struct gj_str name, int32_t *seconds)
{
    const char *at = name.ptr;
    bool minus = name.len == 6 && at[0] == '-';
    at += name.len == 6;
    if ((name.len != 5 && name.len != 6) ||
        (name.len == 6 && name.ptr[0] != '-' && name.ptr[0] != '+') || at[2] != ':') {
        return false;
    }
    for (int i = 0; i < 5; i++) {
        if (i != 2 && (at[i] < '0' || at[i] > '9')) {
            return false;
        }
    }
    int hours = (at[0] - '0') * 10 + at[1] - '0';
    int minutes = (at[3] - '0') * 10 + at[4] - '0';
    *seconds = (hours * 3600 + minutes * 60) * (minus ? -1 : 1);
    return hours <= 23 && minutes <= 59;
}

/* A relative path of letters, digits, `_ + -` and single slashes: never out of the folder. */
static bool is_zone_name(struct gj_str name)
{
    if (name.len == 0 || name.len > ZONE_NAME_MAX) {
        return false;
    }
    char before = '/';
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == '+' || c == '-';
        if (!letter && (c != '/' || before == '/')) {
            return false;
        }
        before = c;
    }
    return before != '/';
}

const struct gj_zone *gj_zone_load(struct gj_arena *arena, struct gj_str name)
{
    struct gj_zone *zone = gj_arena_alloc(arena, sizeof *zone);
    if (zone == NULL || read_fixed(name, &zone->first) || gj_str_is(name, "UTC")) {
        return zone;
    }
    if (is_zone_name(name) && read_file(arena, name, zone)) {
        return zone;
    }
    *zone = (struct gj_zone){.first = GJ_CHINA_OFFSET_SECONDS};
    bool china = gj_str_is(name, "Asia/Shanghai") || gj_str_is(name, "PRC") ||
                 gj_str_is(name, "Asia/Chongqing");
    return china ? zone : NULL;
}

int32_t gj_zone_offset(const struct gj_zone *zone, int64_t seconds)
{
    if (zone == NULL) {
        return GJ_CHINA_OFFSET_SECONDS;
    }
    if (zone->count == 0 || seconds < zone->moments[0]) {
        bool ruled = zone->count == 0 && zone->has_rule;
        return ruled ? rule_offset(&zone->rule, seconds) : zone->first;
    }
    if (zone->has_rule && seconds >= zone->moments[zone->count - 1]) {
        return rule_offset(&zone->rule, seconds);
    }
    uint32_t low = 0; /* moments[low] <= seconds < moments[high] */
    uint32_t high = zone->count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (zone->moments[middle] <= seconds) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return zone->offsets[low];
}

int64_t gj_zone_day(const struct gj_zone *zone, int64_t seconds)
{
    int64_t local = seconds + gj_zone_offset(zone, seconds);
    return local / GJ_SECONDS_PER_DAY - (local % GJ_SECONDS_PER_DAY < 0);
}

int64_t gj_zone_midnight(const struct gj_zone *zone, int64_t day)
{
    int64_t utc = day * GJ_SECONDS_PER_DAY;
    int32_t before = gj_zone_offset(zone, utc - GJ_SECONDS_PER_DAY);
    int32_t after = gj_zone_offset(zone, utc + GJ_SECONDS_PER_DAY);
    int64_t early = utc - before, late = utc - after;
    if (gj_zone_offset(zone, early) == before) {
        return early;
    }
    /* clocks have changed before it; or at it, and then there is no 00:00 */
    return gj_zone_offset(zone, late) == after ? late : early;
}
