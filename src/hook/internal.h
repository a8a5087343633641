/* Room hook, inside: what the files of hooks share (hook.c, deliver.c, manage.c, tell.c). */
#ifndef GJ_HOOK_INTERNAL_H
#define GJ_HOOK_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "hook/hook.h"
#include "hook/send.h"
#include "people/mask.h"
#include "store/office_hook.h"

#define GJ_HOOK_ID_SIZE 20 /* "hk_", 16 hex digits, NUL */

struct gj_hook { /* an active hook, in the thread's memory */
    struct gj_arena arena;
    struct gj_hook_row row;       /* strings in `arena` */
    const struct gj_robot *robot; /* NULL: a webhook */
    int64_t next;                 /* when a delivery is due; 0: unknown, look */
    int64_t not_before;           /* the other side wants a pause, or a robot its gap */
    bool busy;                    /* a request is under way, or not yet settled */
};

/* Deliveries of one hook that are sent together: one, or those of a card. */
struct gj_flight {
    struct gj_flight *next;
    struct gj_arena arena;
    struct gj_str hook;
    const struct gj_robot *robot;
    struct gj_delivery_row *rows; /* strings in `arena` */
    size_t count;
    int64_t not_before; /* what the answer asks of the hook; 0: nothing */
    bool answered, gone;
};

struct gj_hook_outbox { /* of a tenant */
    char *tenant;
    int64_t last;
};

struct gj_hooks {
    struct gj_office *office;
    struct gj_hooks_settings settings;
    struct gj_cidr *allowed;
    int64_t *retry_ms;
    char *ca_file;
    struct gj_sender *sender;
    pthread_t thread;
    bool started;
    atomic_uint_least64_t attempts, delivered, failed, dead;

    pthread_mutex_t lock; /* guards these */
    bool changed;         /* hooks or deliveries were changed by others than the thread */
    bool stopping;
    struct gj_hook_outbox *outboxes;
    size_t outbox_count, outbox_capacity;

    /* the thread's own */
    struct gj_json_parser *parser;
    struct gj_mask_json *mask;
    struct gj_hook *hooks;
    size_t count, capacity;
    size_t turn;               /* whose turn it is first */
    struct gj_flight *flights; /* under way, or answered and not yet in the office */
    size_t in_air;
    int64_t prune_at;
};

int64_t gj_hooks_now(void);
void gj_hook_add_time(struct gj_buf *out, int64_t micros); /* RFC 3339 */
void gj_hooks_complain(struct gj_hooks *hooks, const struct gj_errors *errors);
/* The thread is to look at hooks and deliveries again. */
void gj_hooks_look(struct gj_hooks *hooks);

/* Sends what is due of the hook, if anything (deliver.c). -1: not now, told. */
int gj_hook_send(struct gj_hooks *hooks, struct gj_hook *hook, int64_t now);
/* What the reply makes of the deliveries of its flight. */
void gj_hook_answer(struct gj_hooks *hooks, const struct gj_reply *reply, int64_t now);
/* Puts answered flights into the office and frees them. -1: not now, told. */
int gj_hook_settle(struct gj_hooks *hooks);
void gj_flight_free(struct gj_flight *flight);

#endif
