/* Room expr: moments and durations: conversions and the accessors, in UTC or in a zone. As in CEL,
 * getMonth, getDayOfMonth and getDayOfYear count from 0, getDate from 1, getDayOfWeek 0 is Sunday.
 * Accessors of a duration give the whole duration in that unit, but getMilliseconds its rest. */
#include "base/zone.h"
#include "expr/internal.h"

/* The wall clock of args[0] in the zone args[1], or UTC. False with *error set. */
static bool civil(struct gj_eval *ev, const struct gj_node *node, const struct gj_value *args,
                  struct gj_civil *out, struct gj_value *error)
{
    int64_t seconds = args[0].as.instant.seconds;
    if (!gj_timestamp_in_range(args[0].as.instant)) {
        *error = gj_error_value("timestamp out of range: years 1 to 9999");
        return false;
    }
    if (node->count == 2) {
        const struct gj_zone *zone = node->zone;
        if (zone == NULL && ev->arena != NULL && gj_eval_spend(ev, 1000)) { /* reads a file */
            zone = gj_zone_load(ev->arena, args[1].as.text);
        }
        if (zone == NULL) {
            struct gj_str shown = gj_shown(args[1].as.text);
            *error = gj_errorf(ev,
                               "there is no time zone '%.*s': write \"Asia/Shanghai\" or "
                               "\"+08:00\"",
                               (int)shown.len, shown.ptr);
            return false;
        }
        seconds += gj_zone_offset(zone, seconds);
    }
    *out = gj_civil_from_seconds(seconds);
    return true;
}

#define ACCESSOR(fn, expression)                                                     \
    struct gj_value fn(struct gj_eval *ev, const struct gj_node *node,               \
                       const struct gj_value *args)                                  \
    {                                                                                \
        struct gj_civil c;                                                           \
        struct gj_value error;                                                       \
        return civil(ev, node, args, &c, &error) ? gj_int_value(expression) : error; \
    }

ACCESSOR(gj_fn_year, c.year)
ACCESSOR(gj_fn_month, c.month - 1)
ACCESSOR(gj_fn_date, c.day)
ACCESSOR(gj_fn_day_of_month, c.day - 1)
ACCESSOR(gj_fn_day_of_week, c.weekday)
ACCESSOR(gj_fn_day_of_year, c.yearday)
ACCESSOR(gj_fn_hours, c.hour)
ACCESSOR(gj_fn_minutes, c.minute)
ACCESSOR(gj_fn_seconds, c.second)
ACCESSOR(gj_fn_milliseconds, args[0].as.instant.nanos / 1000000)

struct gj_value gj_fn_duration_hours(struct gj_eval *ev, const struct gj_node *node,
                                     const struct gj_value *args)
{
    (void)ev;
    (void)node;
    return gj_int_value(args[0].as.instant.seconds / 3600);
}

struct gj_value gj_fn_duration_minutes(struct gj_eval *ev, const struct gj_node *node,
                                       const struct gj_value *args)
{
    (void)ev;
    (void)node;
    return gj_int_value(args[0].as.instant.seconds / 60);
}

struct gj_value gj_fn_duration_seconds(struct gj_eval *ev, const struct gj_node *node,
                                       const struct gj_value *args)
{
    (void)ev;
    (void)node;
    return gj_int_value(args[0].as.instant.seconds);
}

struct gj_value gj_fn_duration_milliseconds(struct gj_eval *ev, const struct gj_node *node,
                                            const struct gj_value *args)
{
    (void)ev;
    (void)node;
    return gj_int_value(args[0].as.instant.nanos / 1000000);
}

struct gj_value gj_fn_timestamp_of_string(struct gj_eval *ev, const struct gj_node *node,
                                          const struct gj_value *args)
{
    (void)node;
    struct gj_value value = {.kind = GJ_V_TIMESTAMP};
    if (gj_timestamp_parse(args[0].as.text, &value.as.instant) != 0) {
        struct gj_str shown = gj_shown(args[0].as.text);
        return gj_errorf(ev,
                         "timestamp(): '%.*s' is not as 2026-03-01T10:00:00+08:00, or out of "
                         "the range of years 1 to 9999",
                         (int)shown.len, shown.ptr);
    }
    return value;
}

struct gj_value gj_fn_timestamp_of_int(struct gj_eval *ev, const struct gj_node *node,
                                       const struct gj_value *args)
{
    (void)ev;
    (void)node;
    struct gj_value value = {.kind = GJ_V_TIMESTAMP, .as.instant = {args[0].as.integer, 0}};
    if (!gj_timestamp_in_range(value.as.instant)) {
        return gj_error_value("timestamp out of range: years 1 to 9999");
    }
    return value;
}

struct gj_value gj_fn_duration_of_string(struct gj_eval *ev, const struct gj_node *node,
                                         const struct gj_value *args)
{
    (void)node;
    struct gj_value value = {.kind = GJ_V_DURATION};
    if (gj_duration_parse(args[0].as.text, &value.as.instant) != 0) {
        struct gj_str shown = gj_shown(args[0].as.text);
        return gj_errorf(ev,
                         "duration(): '%.*s' is not as 1h30m or 90s, or out of the range of "
                         "about 292 years",
                         (int)shown.len, shown.ptr);
    }
    return value;
}

struct gj_value gj_fn_int_of_timestamp(struct gj_eval *ev, const struct gj_node *node,
                                       const struct gj_value *args)
{
    (void)ev;
    (void)node;
    return gj_int_value(args[0].as.instant.seconds);
}

struct gj_value gj_fn_string_of_time(struct gj_eval *ev, const struct gj_node *node,
                                     const struct gj_value *args)
{
    (void)node;
    struct gj_buf text;
    gj_buf_init(&text);
    if (args[0].kind == GJ_V_TIMESTAMP) {
        gj_timestamp_format(args[0].as.instant, &text);
    } else {
        gj_duration_format(args[0].as.instant, &text);
    }
    if (ev->arena != NULL) {
        ev->arena->failed |= text.failed;
    }
    struct gj_value value =
        text.failed ? gj_error_value("out of memory") : gj_eval_text(ev, gj_buf_str(&text));
    gj_buf_release(&text);
    return value;
}
