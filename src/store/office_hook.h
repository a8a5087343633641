/* Room store: hooks (webhooks and group robots) and what is to be delivered to them, in the office.
 *
 * A hook has a cursor: the notices of its tenant's outbox up to it have been handed out, that is,
 * made into deliveries, which live here until they are delivered or dead. As in office.h, each
 * function is a transaction; where a hook is named that its tenant does not have, 1 is returned and
 * nothing done. Lists of types and sources have one entry a line. */
#ifndef GJ_STORE_OFFICE_HOOK_H
#define GJ_STORE_OFFICE_HOOK_H

#include "store/office.h"

struct gj_hook_row {
    struct gj_str id, tenant;
    struct gj_str kind; /* "webhook", or a robot's */
    struct gj_str name, url, secret;
    struct gj_str old_secret; /* signs too before old_until */
    int64_t old_until;
    struct gj_str lang;           /* "zh", "en" */
    struct gj_str types, sources; /* what it is told: prefixes of types, shops; "": all */
    struct gj_str state;          /* "active", "off": by its owner, "gone": it answered 410 */
    int64_t cursor;               /* seq of the last notice handed out */
    int64_t created;
    int64_t waiting, dead; /* deliveries; gj_office_hooks of one tenant alone counts them */
};

struct gj_delivery_row {
    int64_t id;
    struct gj_str hook, message; /* message: "msg_...", the same at every attempt */
    int64_t seq, at;             /* the notice's; seq 0: of no notice (a test) */
    struct gj_str source, type;
    struct gj_str body;  /* the notice's data, JSON; "" once it is delivered */
    struct gj_str state; /* "waiting", "delivered", "dead" */
    int64_t attempts;
    int64_t first, next; /* when it was tried first; when it is to be tried (GJ_NEVER: never) */
    int64_t done;        /* delivered or given up */
    int64_t status;      /* HTTP's of the last attempt; 0: no answer */
    struct gj_str error; /* of the last attempt; "": none */
};

typedef int gj_hook_each(void *context, const struct gj_hook_row *hook);
typedef int gj_delivery_each(void *context, const struct gj_delivery_row *delivery);

/* ---- hooks ---- */

/* Returns 1 when the tenant has `max` hooks already. */
int gj_office_hook_add(struct gj_office *office, const struct gj_hook_row *hook, int64_t max,
                       struct gj_errors *errors);
/* `tenant` empty: the active ones of all tenants, without counts. */
int gj_office_hooks(struct gj_office *office, struct gj_str tenant, gj_hook_each *each,
                    void *context, struct gj_errors *errors);
int gj_office_hook_rotate(struct gj_office *office, struct gj_str tenant, struct gj_str id,
                          struct gj_str secret, int64_t old_until, struct gj_errors *errors);
/* Active again, from behind `cursor` on; or off. */
int gj_office_hook_switch(struct gj_office *office, struct gj_str tenant, struct gj_str id, bool on,
                          int64_t cursor, struct gj_errors *errors);
/* With all its deliveries. */
int gj_office_hook_remove(struct gj_office *office, struct gj_str tenant, struct gj_str id,
                          struct gj_errors *errors);

/* ---- deliveries ---- */

/* Makes deliveries of `rows` (message, seq, at, source, type, body, next) and moves the cursor; one
 * that is there already is left alone. A hook that is gone takes none. */
int gj_office_hook_hand_out(struct gj_office *office, struct gj_str hook,
                            const struct gj_delivery_row *rows, size_t count, int64_t cursor,
                            struct gj_errors *errors);

/* One delivery of no notice. */
int gj_office_delivery_add(struct gj_office *office, struct gj_str hook,
                           const struct gj_delivery_row *row, struct gj_errors *errors);

/* Those that are due at `now`, at most `limit`, and in *next when the first of the others will be.
 * One put further ahead than `horizon` counts as due: the machine's clock has been set back. */
int gj_office_hook_due(struct gj_office *office, struct gj_str hook, int64_t now, int64_t horizon,
                       size_t limit, gj_delivery_each *each, void *context, int64_t *next,
                       struct gj_errors *errors);

/* How many of its deliveries wait. */
int gj_office_hook_waiting(struct gj_office *office, struct gj_str hook, int64_t *waiting,
                           struct gj_errors *errors);

/* What came of an attempt: state, attempts, first, next, done, status and error of each row.
 * `gone`: the hook answered 410 and gets nothing more; what waits for it is dead. */
int gj_office_hook_settle(struct gj_office *office, struct gj_str hook,
                          const struct gj_delivery_row *rows, size_t count, bool gone,
                          struct gj_errors *errors);

/* Of a tenant's hook, newest first, with ids below `before`; `state` empty: all. */
int gj_office_deliveries(struct gj_office *office, struct gj_str tenant, struct gj_str hook,
                         struct gj_str state, int64_t before, size_t limit, gj_delivery_each *each,
                         void *context, struct gj_errors *errors);

/* Dead deliveries of a tenant's hook wait again, as new; `id` 0: all of them. *count: how many. */
int gj_office_delivery_resend(struct gj_office *office, struct gj_str tenant, struct gj_str hook,
                              int64_t id, int64_t now, int64_t *count, struct gj_errors *errors);

/* Forgets what was delivered before, and given up before. */
int gj_office_deliveries_prune(struct gj_office *office, int64_t delivered_before,
                               int64_t dead_before, struct gj_errors *errors);

#endif
