/* Room hook: who wants to be told what happens in a tenant's shops gives an address: a
 * program's (webhook, as Standard Webhooks 1.0) or a group robot's (a card that people read).
 *
 *     outbox (notices, in the tenant's database) -> pull -> deliveries (office) -> thread -> others
 *
 * A thread of its own asks the outbox for what is new, makes deliveries of it, with personal data
 * masked (mask.h) and durable in the office, and sends them; nobody else ever waits for it. A
 * delivery is
 *
 *     waiting -> delivered           it was answered with success
 *     waiting -> waiting             it failed: again later, with growing pauses
 *     waiting -> dead                it failed for 24 h, or its hook is gone (410)
 *     dead -> waiting                its owner has it sent again
 *
 * and is sent at least once, in the order of the outbox as long as nothing fails: a hook has one
 * request under way at a time. Functions may be called by any thread. Instants are microseconds
 * since 1970, durations milliseconds. */
#ifndef GJ_HOOK_H
#define GJ_HOOK_H

#include "hook/card.h"
#include "hook/guard.h"
#include "store/office.h"

struct gj_hooks;

/* Calls `each` with the notices of the tenant's outbox behind `after`, in order, at most `limit`.
 * Called by the hooks' thread, which waits; `each` may run on another one meanwhile. Returns 0, or
 * -1 when the outbox cannot be read now. */
typedef int gj_hooks_pull(void *context, struct gj_str tenant, int64_t after, size_t limit,
                          int (*each)(void *to, const struct gj_hook_notice *notice), void *to);

struct gj_hooks_settings {
    gj_hooks_pull *pull;
    void (*complain)(void *context, const char *sentence); /* for the log; NULL: nobody listens */
    void *context;

    struct gj_hook_guard guard; /* where hooks may be sent; copied */
    const char *ca_file;        /* PEM of authorities to trust instead of the system's; NULL */

    const int64_t *retry_ms; /* pauses after the first failure, the second ...; the last again */
    size_t retry_count;
    int64_t give_up_ms;     /* after the first attempt */
    int64_t overlap_ms;     /* how long a rotated secret still signs */
    int64_t connect_ms;     /* for connecting */
    int64_t total_ms;       /* for a whole request */
    int64_t card_gap_ms;    /* between two cards of a robot; -1: as the robot's maker says */
    int64_t robot_pause_ms; /* after a robot has said: too many */
    int64_t drain_ms;       /* how long gj_hooks_stop waits for answers */
    int64_t delivered_keep_ms, dead_keep_ms; /* how long deliveries are listed */
    size_t reply_bytes_max;
    size_t parallel;    /* requests under way at most, of all hooks */
    int64_t hooks_max;  /* of a tenant */
    int64_t window_max; /* deliveries of a hook that wait; beyond, its notices stay in the outbox */
};

/* Retries after 5 s, 30 s, 2 min, 10 min, 30 min, 1 h, 2 h, 4 h, 8 h ... for 24 h; a secret
 * overlaps 24 h; 5 s to connect, 15 s in all; https to public addresses alone. */
void gj_hooks_settings_init(struct gj_hooks_settings *settings);

/* Starts the thread. `office` outlives it. NULL: told. */
struct gj_hooks *gj_hooks_new(struct gj_office *office, const struct gj_hooks_settings *settings,
                              struct gj_errors *errors);
/* Ends the thread; what is not delivered stays in the office. To be called while `pull` still
 * works; other threads may go on calling what is below. */
void gj_hooks_stop(struct gj_hooks *hooks);
/* Stops it too, if that has not been done; nobody calls it any more. */
void gj_hooks_free(struct gj_hooks *hooks);

/* There are notices up to `last` in the tenant's outbox. To be called after each commit that added
 * some, and once for each tenant after the start. Cheap; never waits for the network or the disk.
 */
void gj_hooks_told(struct gj_hooks *hooks, struct gj_str tenant, int64_t last);

struct gj_hooks_figures {                       /* since the start */
    uint64_t attempts, delivered, failed, dead; /* requests, then deliveries */
};
struct gj_hooks_figures gj_hooks_figures(struct gj_hooks *hooks);

/* ---- management: JSON in, JSON out (manage.c) ----
 *
 * Each is for the hooks of `tenant` alone; another's do not exist for it. NULL: done, and what is
 * to be answered is appended to `out`. Else why not, and nothing is done. */

struct gj_hook_fault {
    int status; /* HTTP's */
    const char *code;
    const char *member; /* of the request, that is wrong; NULL: none in particular */
    const char *zh, *en;
};

/* {"url", "kind"?: "webhook"|"dingtalk"|"wecom"|"feishu", "name"?, "types"?: [prefix], "sources"?:
 * [shop], "lang"?: "zh"|"en", "secret"?: a robot's}. `after`: the last number of the tenant's
 * outbox; what comes behind it is told. Answers the hook with a webhook's secret, this once. */
const struct gj_hook_fault *gj_hooks_add(struct gj_hooks *hooks, struct gj_str tenant,
                                         const struct gj_json_parser *parser,
                                         const struct gj_json *request, int64_t after,
                                         struct gj_buf *out);
const struct gj_hook_fault *gj_hooks_list(struct gj_hooks *hooks, struct gj_str tenant,
                                          struct gj_buf *out);
/* A new secret, answered this once; the old one signs too for overlap_ms. A robot's is made by the
 * robot's owner: {"secret"}; `request` may be NULL else. */
const struct gj_hook_fault *gj_hooks_rotate(struct gj_hooks *hooks, struct gj_str tenant,
                                            struct gj_str id, const struct gj_json_parser *parser,
                                            const struct gj_json *request, struct gj_buf *out);
/* On: it is told what comes behind `after`. Off: it is told nothing; what waits goes on waiting. */
const struct gj_hook_fault *gj_hooks_switch(struct gj_hooks *hooks, struct gj_str tenant,
                                            struct gj_str id, bool on, int64_t after);
const struct gj_hook_fault *gj_hooks_remove(struct gj_hooks *hooks, struct gj_str tenant,
                                            struct gj_str id);
/* Sends a notice "hook.test"; what came of it is told by gj_hooks_deliveries. */
const struct gj_hook_fault *gj_hooks_test(struct gj_hooks *hooks, struct gj_str tenant,
                                          struct gj_str id, struct gj_buf *out);
/* Newest first. `state`: "waiting", "delivered", "dead" (dead letters) or empty; `before`: ids
 * below it, 0: all. "next" in the answer is the `before` of the next page. */
const struct gj_hook_fault *gj_hooks_deliveries(struct gj_hooks *hooks, struct gj_str tenant,
                                                struct gj_str id, struct gj_str state,
                                                int64_t before, size_t limit, struct gj_buf *out);
/* Sends a dead letter again, or all of the hook's (`delivery` 0). */
const struct gj_hook_fault *gj_hooks_resend(struct gj_hooks *hooks, struct gj_str tenant,
                                            struct gj_str id, int64_t delivery, struct gj_buf *out);

#endif
