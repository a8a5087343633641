/* Room book, inside: the parts of an envelope's mapping, each checked against the rulebook's events
 * (build_envelope_field.c; docs/envelopes.md). All add every error they find and go on. */
#ifndef GJ_BOOK_BUILD_ENVELOPE_H
#define GJ_BOOK_BUILD_ENVELOPE_H

#include "book/build.h"

/* "a.b | content.c" */
void gj_read_paths(struct gj_builder *b, const struct gj_node *node, struct gj_paths *out);

/* "order-{tid}"; `request` in a path is known to signatures alone. */
void gj_read_template(struct gj_builder *b, const struct gj_node *node, bool signature,
                      struct gj_template *out);

/* How `node` fills `target`, a field of an event; NULL: a text of the envelope's own, called
 * `name`. */
void gj_read_map_field(struct gj_builder *b, const struct gj_node *node, struct gj_str name,
                       const struct gj_event_field *target, struct gj_map_field *out);

/* The fields of `node`, {name: how}, for an event's data or an object of a list. */
void gj_read_map_fields(struct gj_builder *b, const struct gj_node *node,
                        const struct gj_event_field *targets, size_t target_count, struct gj_str of,
                        const struct gj_map_field **out, size_t *count);

/* `time:` under `mapping`. */
void gj_read_map_time(struct gj_builder *b, const struct gj_node *mapping, struct gj_paths *paths,
                      enum gj_conversion *as);

#endif
