/* Room book: which events there are and which entities they speak of (rulebook/events.yaml).
 *
 * Everything lives in the book's arena. Indexes name types, kinds and fields. */
#ifndef GJ_BOOK_EVENT_H
#define GJ_BOOK_EVENT_H

#include "base/map.h"
#include "book/tree.h"
#include "expr/expr.h"

#define GJ_KINDS_MAX 24 /* entity kinds of a rulebook */
#define GJ_NO_INDEX  UINT32_MAX

/* A field of an event's data. Its value as gj_value: string, int, bool, timestamp, list(string); an
 * object is a map(string, dyn), a list of objects a list of such maps; `any` is dyn. */
struct gj_event_field {
    struct gj_str name;
    const struct gj_node *node; /* where it is declared */
    const struct gj_type *type; /* one of a few constants: the same type is the same pointer */
    bool optional;
    const struct gj_str *choices; /* the only values of a string; NULL: any */
    size_t choice_count;
    int64_t least, most; /* of an int; INT64_MIN, INT64_MAX: any */
    /* of an object, or of a list's objects: their fields, or, if `open`, the one field that each
     * value is like, whatever its key */
    const struct gj_event_field *inner;
    size_t inner_count;
    bool open;
};

/* An entity that an event of this type names: kind by the data field that holds its id. */
struct gj_event_ref {
    uint32_t kind;
    uint32_t field; /* GJ_NO_INDEX: the shop of the event's source */
};

/* The field of that name, or NULL. */
static inline const struct gj_event_field *gj_event_field_named(const struct gj_event_field *fields,
                                                                size_t count, struct gj_str name)
{
    for (size_t i = 0; i < count; i++) {
        if (gj_str_eq(fields[i].name, name)) {
            return &fields[i];
        }
    }
    return NULL;
}

struct gj_event_type {
    struct gj_str name;               /* "order.paid" */
    struct gj_str title_zh, title_en; /* the name itself where none is given */
    struct gj_str stamp;              /* "paid": what <kind>.<stamp>_at remembers */
    const struct gj_node *node;
    uint32_t about; /* kind of the entity that the event is about; its id is refs[0] */
    const struct gj_event_field *fields;
    size_t field_count;
    const struct gj_event_ref *refs; /* entities it names, the one it is about first; those of
                                        optional fields only where the field is given */
    size_t ref_count;
    const uint32_t *one_of; /* at least one of these optional fields must be given */
    size_t one_of_count;
    const struct gj_node *example; /* values for required fields, for tests; NULL: none */
    bool judged; /* its field `text` goes through the judge when an agent says it */
    bool opens;  /* nothing of its case can have been before it: of one instant it is the first */
    bool once;   /* it happens once: told again, the instant of the first stays remembered */
    uint32_t of; /* a derived type, with the same fields: the type of the events it is made of
                    (flagged messages), or GJ_NO_INDEX */
    bool every;  /* derived of a judged type: made of each such event, not of the blocked alone */
};

/* order, aftersale, ...: kinds of one family share a case and see each other in expressions. */
struct gj_entity_kind {
    struct gj_str name;
    struct gj_str title_zh, title_en; /* the name itself where none is given */
    struct gj_str id_field; /* "order_id"; empty: the shop, whose id is in the event's source */
    uint32_t family;        /* index into families */
};

/* Invariants: within a kind, a field name has one type in all event types about it, and no two of
 * its types have the same stamp. */
struct gj_events {
    const struct gj_event_type *types;
    size_t type_count;
    const struct gj_entity_kind *kinds;
    size_t kind_count;
    const struct gj_str *families;
    size_t family_count;
    struct gj_map type_ids, kind_ids;
    uint32_t shop_kind; /* the kind whose id is the shop's own; GJ_NO_INDEX without events */
};

#endif
