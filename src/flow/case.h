/* Room flow: a case, the entities that belong together (an order, its after-sale cases, disputes
 * and invoice; a session and its messages), what they remember and where they stand.
 *
 *   bytes --gj_case_read--> struct gj_case --run.c: events and deadlines--> gj_case_write--> bytes
 *
 * A case knows nothing of platforms, clocks or storage. Instants are microseconds since 1970. */
#ifndef GJ_FLOW_CASE_H
#define GJ_FLOW_CASE_H

#include "book/plan.h"
#include "wire/json.h"

#define GJ_NEVER  INT64_MAX
#define GJ_MICROS INT64_C(1000000)

/* Where an entity stands in one flow. */
struct gj_standing {
    uint32_t state; /* GJ_NO_INDEX: the flow has not begun */
    uint32_t fired; /* bit d: deadline d has fired since the state was entered */
    int64_t entered;
    uint32_t
        turns; /* how many states before it, one after the other, deadlines left at `entered` */
};

/* A flow whose deadlines go in a circle would do so within one instant for ever: it is stopped. */
#define GJ_TURNS_MAX 1000u

/* A standing that the rulebook does not declare: kept for one that does. */
struct gj_stranger {
    struct gj_str flow, state;
    int64_t fired, entered;
    struct gj_stranger *next;
};

struct gj_entity {
    uint32_t kind;
    struct gj_str id;
    struct gj_value *memory;       /* [kept_count of its kind]; GJ_V_UNKNOWN: never told */
    struct gj_standing *standings; /* [flow_count of its kind] */
    uint64_t counted;              /* bit b: the counter with that once_bit has counted it */
    struct gj_stranger *strangers; /* NULL: none */
};

struct gj_case {
    const struct gj_plan *plan;
    struct gj_arena arena;
    struct gj_entity **entities; /* in the order in which events named them */
    size_t count, capacity;
    uint32_t kinds;  /* bit k: one of them is of kind k */
    int64_t last_at; /* of the last event or deadline applied; INT64_MIN: none yet */
};

void gj_case_init(struct gj_case *c, const struct gj_plan *plan);
void gj_case_release(struct gj_case *c);
void gj_case_reset(struct gj_case *c); /* as after init; keeps memory */

struct gj_entity *gj_case_find(const struct gj_case *c, uint32_t kind, struct gj_str id);

/* Finds or makes it; NULL: out of memory. */
struct gj_entity *gj_case_entity(struct gj_case *c, uint32_t kind, struct gj_str id);

/* Makes `to` what `from`, of the same plan, is now. -1: out of memory. */
int gj_case_copy(struct gj_case *to, const struct gj_case *from);

/* A value that lives in the case, to the microsecond, as it is written; kind GJ_V_ERROR when out of
 * memory. */
struct gj_value gj_case_keep(struct gj_case *c, struct gj_value value);

/* The case as JSON, by names, so that it outlives a change of the rulebook; and back. A state that
 * the rulebook does not know is kept aside, until the flow begins anew; what else it does not know
 * is dropped. -1: not such JSON, or out of memory. */
void gj_case_write(const struct gj_case *c, struct gj_buf *out);
int gj_case_read(struct gj_case *c, struct gj_json_parser *parser, struct gj_str bytes);

static inline int64_t gj_micros(struct gj_instant instant)
{
    return instant.seconds * GJ_MICROS + instant.nanos / 1000;
}

static inline struct gj_instant gj_instant_of(int64_t micros)
{
    int64_t seconds = micros / GJ_MICROS, rest = micros % GJ_MICROS;
    if (rest < 0) {
        seconds--;
        rest += GJ_MICROS;
    }
    return (struct gj_instant){seconds, (int32_t)(rest * 1000)};
}

#endif
