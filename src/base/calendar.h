/* Room base: time. Instants and durations to the nanosecond, the proleptic Gregorian calendar,
 * RFC 3339 text and duration text as Go and CEL write it ("1h30m", "3600s", "-2ms").
 *
 * Ranges, as CEL sets them: timestamps 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z;
 * durations what 64 bit of nanoseconds hold, about 292 years to either side. */
#ifndef GJ_BASE_CALENDAR_H
#define GJ_BASE_CALENDAR_H

#include "base/buf.h"

struct gj_instant { /* a timestamp since 1970-01-01T00:00:00Z, or a duration */
    int64_t seconds;
    int32_t nanos; /* timestamp: 0..999999999; duration: same sign as seconds */
};

#define GJ_NANOS_PER_SECOND      1000000000
#define GJ_SECONDS_PER_DAY       86400
#define GJ_TIMESTAMP_SECONDS_MIN INT64_C(-62135596800) /* 0001-01-01T00:00:00Z */
#define GJ_TIMESTAMP_SECONDS_MAX INT64_C(253402300799) /* 9999-12-31T23:59:59Z */
#define GJ_CHINA_OFFSET_SECONDS  28800                 /* UTC+8, no daylight saving since 1991 */

struct gj_civil {
    int64_t year;
    int month; /* 1..12 */
    int day;   /* 1..31 */
    int hour, minute, second;
    int weekday; /* 0: Sunday */
    int yearday; /* 0: 1 January */
};

/* Days since 1970-01-01 of a date that exists. Years within +-10^9. */
int64_t gj_days_from_civil(int64_t year, int month, int day);
int gj_days_in_month(int64_t year, int month);

/* The wall clock at `seconds` since the epoch, in UTC; add a zone's offset first for local time. */
struct gj_civil gj_civil_from_seconds(int64_t seconds);

bool gj_timestamp_in_range(struct gj_instant instant);

/* RFC 3339 "2026-03-01T10:00:00.5+08:00". Digits beyond nanoseconds are cut off. Returns -1 when
 * the text is none or out of range; *out is then unchanged. */
int gj_timestamp_parse(struct gj_str text, struct gj_instant *out);

/* Appends RFC 3339 in UTC, with as many digits of the fraction as are needed. */
void gj_timestamp_format(struct gj_instant instant, struct gj_buf *out);

/* Go's form: signed numbers with units h m s ms us (µs) ns, or a bare 0. Returns -1 likewise. */
int gj_duration_parse(struct gj_str text, struct gj_instant *out);

/* ISO 8601's form in weeks, days, hours, minutes and seconds: "P3D", "PT48H", "P1DT12H"; a day is
 * 24 hours. Years and months have no fixed length and are refused. Returns -1 likewise. */
int gj_duration_parse_iso(struct gj_str text, struct gj_instant *out);

/* A span as people and settings write it, in microseconds, not below zero: either of these forms,
 * or with days before the first: "2h", "7d", "1d12h", "PT48H". Returns -1 likewise. */
int gj_span_parse(struct gj_str text, int64_t *out);

/* Appends seconds: "3600s", "-1.5s". */
void gj_duration_format(struct gj_instant duration, struct gj_buf *out);

/* A duration as nanoseconds; false when it does not fit 64 bit. */
bool gj_duration_to_nanos(struct gj_instant duration, int64_t *nanos);
struct gj_instant gj_duration_from_nanos(int64_t nanos);

/* timestamp + duration, timestamp - timestamp; false when the result is out of range. */
bool gj_timestamp_add(struct gj_instant timestamp, struct gj_instant duration,
                      struct gj_instant *out);
bool gj_timestamp_diff(struct gj_instant a, struct gj_instant b, struct gj_instant *out);

/* -1, 0, 1; for two timestamps or two durations. */
int gj_instant_compare(struct gj_instant a, struct gj_instant b);

#endif
