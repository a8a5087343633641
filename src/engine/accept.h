/* Room engine: what an event says, held against the rulebook's events: its type, its platform, its
 * fields. What passes here is typed data; the rest of the room never looks at JSON. */
#ifndef GJ_ENGINE_ACCEPT_H
#define GJ_ENGINE_ACCEPT_H

#include "book/book.h"
#include "wire/cloudevent.h"

/* `values`, `unknown` and what values consist of live in the arena given; texts and `data` in the
 * parser's memory, until its next parse: who keeps an event longer copies them. */
struct gj_event {
    uint32_t type; /* index into the book's event types */
    struct gj_str id, source, platform, shop;
    struct gj_instant time;
    const struct gj_value *values; /* by field of the type; GJ_V_UNKNOWN: not given, or null */
    const struct gj_json *data;
    const struct gj_str *unknown; /* fields given that the type does not have: "x", "lines.x" */
    size_t unknown_count;
};

/* Accepts `raw`, which `parser` has just read; the book's events must be built (gj_book_events).
 * Returns 0; or -1 with a sentence in `why` that says what is wrong and what to do; why->failed:
 * memory ran out, and nothing is wrong with the event. Allocates in `arena` only, and is linear in
 * the event. */
int gj_event_accept(const struct gj_book *book, const struct gj_cloudevent *raw,
                    const struct gj_json_parser *parser, struct gj_arena *arena,
                    struct gj_event *out, struct gj_buf *why);

#endif
