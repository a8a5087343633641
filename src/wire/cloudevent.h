/* Room wire: one event from outside: a line of CloudEvents 1.0 in JSON, whose `source` is
 * /{platform}/{shop}. Here its envelope is checked; what the event says is for room engine. */
#ifndef GJ_WIRE_CLOUDEVENT_H
#define GJ_WIRE_CLOUDEVENT_H

#include "base/calendar.h"
#include "wire/json.h"

#define GJ_ID_BYTES_MAX 256u /* of an event's id, a shop's, an entity's */

/* Everything points into the parser's memory, valid until its next parse. */
struct gj_cloudevent {
    struct gj_str id, source, type;
    struct gj_str subject;        /* empty: none */
    struct gj_str platform, shop; /* the parts of source */
    struct gj_instant time;
    const struct gj_json *data; /* an object */
};

/* Reads one line; `padding` as for gj_json_parse. On failure returns -1 with a sentence in `why`
 * that says what is wrong and what to do; `out->id` is then the event's id if it has a good one,
 * else empty. why->failed: memory ran out, and nothing is wrong with the line. Attributes that
 * CloudEvents knows and Guiju does not need, and extensions, are passed over; null is the same as
 * absent. */
int gj_cloudevent_read(struct gj_json_parser *parser, struct gj_str line, size_t padding,
                       struct gj_cloudevent *out, struct gj_buf *why);

/* NULL when `id` is 1 to GJ_ID_BYTES_MAX bytes without control characters, else what is wrong with
 * it ("is empty"). */
const char *gj_id_fault(struct gj_str id);

/* RFC 3339 with an offset. A leap second, 23:59:60 UTC, is the first second of the next day, as
 * POSIX counts. Returns -1 when the text is none; *out is then unchanged. */
int gj_event_time_parse(struct gj_str text, struct gj_instant *out);

#endif
