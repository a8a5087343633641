/* Room hook: the thread of hooks: what is new becomes deliveries, what is due is sent (see
 * hook.h). */
#include "hook/internal.h"

#include <curl/curl.h>
#include <sodium.h>
#include <stdlib.h>
#include <time.h>

#include "base/vec.h"
#include "hook/sign.h"

#define PULL_MAX    200   /* notices asked for at once */
#define AGAIN_MS    1000  /* until the next try when office or outbox cannot be read */
#define IDLE_MS     60000 /* it looks around so often, whatever happens */
#define HOUR_MICROS 3600000000

/* ---- the hooks in memory ---- */

static void free_hook(struct gj_hook *hook)
{
    gj_arena_release(&hook->arena);
}

static struct gj_hook *find_hook(struct gj_hooks *hooks, struct gj_str id)
{
    for (size_t i = 0; i < hooks->count; i++) {
        if (gj_str_eq(hooks->hooks[i].row.id, id)) {
            return &hooks->hooks[i];
        }
    }
    return NULL;
}

struct loading {
    struct gj_hooks *hooks;
    struct gj_hook *items;
    size_t count, capacity;
};

static int load_hook(void *context, const struct gj_hook_row *row)
{
    struct loading *load = context;
    struct gj_hook *grown =
        gj_grow(load->items, &load->capacity, load->count + 1, sizeof *load->items);
    if (grown == NULL) {
        return -1;
    }
    load->items = grown;
    struct gj_hook *hook = &load->items[load->count++];
    *hook = (struct gj_hook){.row = *row, .robot = gj_robot_find(row->kind)};
    gj_arena_init(&hook->arena);
    hook->arena.block = 1024;
    struct gj_str *const texts[] = {&hook->row.id,   &hook->row.tenant, &hook->row.kind,
                                    &hook->row.url,  &hook->row.secret, &hook->row.old_secret,
                                    &hook->row.lang, &hook->row.types,  &hook->row.sources,
                                    &hook->row.name, &hook->row.state};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        *texts[i] = gj_arena_copy(&hook->arena, *texts[i]);
    }
    const struct gj_hook *old = find_hook(load->hooks, row->id);
    if (old != NULL) {
        hook->not_before = old->not_before;
    }
    return hook->arena.failed ? -1 : 0;
}

/* Hooks with a flight are busy until it is settled. */
static void mark_busy(struct gj_hooks *hooks)
{
    for (const struct gj_flight *flight = hooks->flights; flight != NULL; flight = flight->next) {
        struct gj_hook *hook = find_hook(hooks, flight->hook);
        if (hook != NULL) {
            hook->busy = true;
        }
    }
}

static void free_hooks(struct gj_hook *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free_hook(&items[i]);
    }
    free(items);
}

static int load_hooks(struct gj_hooks *hooks)
{
    struct loading load = {.hooks = hooks};
    struct gj_errors errors;
    gj_errors_init(&errors);
    int status = gj_office_hooks(hooks->office, GJ_STR(""), load_hook, &load, &errors);
    if (status == 0) {
        free_hooks(hooks->hooks, hooks->count);
        hooks->hooks = load.items;
        hooks->count = load.count;
        hooks->capacity = load.capacity;
        mark_busy(hooks);
    } else {
        free_hooks(load.items, load.count);
        gj_hooks_complain(hooks, &errors);
    }
    gj_errors_release(&errors);
    return status;
}

/* ---- notices become deliveries ---- */

/* Whether a list (one entry a line) has an entry that fits; an empty list has. */
static bool listed(struct gj_str list, struct gj_str value,
                   bool (*fits)(struct gj_str, struct gj_str))
{
    const char *at = list.ptr, *end = list.ptr + list.len;
    while (at < end) {
        const char *line = memchr(at, '\n', (size_t)(end - at));
        struct gj_str entry = {at, (size_t)((line == NULL ? end : line) - at)};
        if (fits(value, entry)) {
            return true;
        }
        at += entry.len + 1;
    }
    return list.len == 0;
}

struct intake {
    struct gj_hooks *hooks;
    const struct gj_hook *hook;
    struct gj_arena arena;
    struct gj_delivery_row rows[PULL_MAX];
    size_t count, seen;
    int64_t last, now;
};

/* What leaves the house shows no buyer's phone or address; `ptr` NULL: out of memory. A body that
 * is no JSON is nobody's to read, and must not hold up the others. */
static struct gj_str masked(struct intake *intake, struct gj_str body)
{
    struct gj_hooks *hooks = intake->hooks;
    struct gj_buf out;
    gj_buf_init(&out);
    const char *why = NULL;
    struct gj_str copy = {NULL, 0};
    if (gj_mask_json(hooks->mask, body, &out) == 0) {
        copy = gj_arena_copy(&intake->arena, gj_buf_str(&out));
    } else if (gj_json_parse(hooks->parser, body, 0, &why) == NULL &&
               strcmp(why, GJ_JSON_NO_MEMORY) != 0) {
        copy = gj_arena_copy(&intake->arena, GJ_STR("{}"));
    }
    gj_buf_release(&out);
    return copy;
}

static int take_notice(void *context, const struct gj_hook_notice *notice)
{
    struct intake *intake = context;
    const struct gj_hook_row *hook = &intake->hook->row;
    if (intake->seen++ == PULL_MAX) {
        return -1;
    }
    intake->last = notice->seq;
    if (!listed(hook->types, notice->type, gj_notice_type_begins) ||
        !listed(hook->sources, notice->source, gj_str_eq)) {
        return 0;
    }
    char id[GJ_HOOK_MESSAGE_SIZE], seq[24], at[24];
    snprintf(seq, sizeof seq, "%lld", (long long)notice->seq);
    snprintf(at, sizeof at, "%lld", (long long)notice->at);
    const struct gj_str pieces[] = {hook->id,       gj_str_of(seq), gj_str_of(at),
                                    notice->source, notice->type,   notice->body};
    gj_hook_message_id(pieces, sizeof pieces / sizeof pieces[0], id);
    struct gj_delivery_row *row = &intake->rows[intake->count++];
    *row = (struct gj_delivery_row){.message = gj_arena_copy(&intake->arena, gj_str_of(id)),
                                    .seq = notice->seq,
                                    .at = notice->at,
                                    .source = gj_arena_copy(&intake->arena, notice->source),
                                    .type = gj_arena_copy(&intake->arena, notice->type),
                                    .body = masked(intake, notice->body),
                                    .next = intake->now};
    return row->body.ptr == NULL || intake->arena.failed ? -1 : 0;
}

/* Hands out the next notices of the outbox, whose last is `last`. Returns -1 when it cannot be done
 * now. */
static int take_some(struct gj_hooks *hooks, struct gj_hook *hook, int64_t last, int64_t now)
{
    struct intake *intake = calloc(1, sizeof *intake);
    if (intake == NULL) {
        return -1;
    }
    intake->hooks = hooks;
    intake->hook = hook;
    intake->last = last; /* none may be left of those: they are dropped after a while */
    intake->now = now;
    gj_arena_init(&intake->arena);
    struct gj_errors errors;
    gj_errors_init(&errors);
    int status = hooks->settings.pull(hooks->settings.context, hook->row.tenant, hook->row.cursor,
                                      PULL_MAX, take_notice, intake);
    if (status == 0) {
        status = gj_office_hook_hand_out(hooks->office, hook->row.id, intake->rows, intake->count,
                                         intake->last, &errors);
    }
    if (status == 0) {
        hook->row.cursor = intake->last;
        hook->next = intake->count > 0 ? 0 : hook->next;
    }
    gj_hooks_complain(hooks, &errors);
    gj_errors_release(&errors);
    gj_arena_release(&intake->arena);
    free(intake);
    return status == 0 ? 0 : -1;
}

/* The last number of the tenant's outbox; -1: not told yet. */
static int64_t last_of(struct gj_hooks *hooks, struct gj_str tenant)
{
    int64_t last = -1;
    pthread_mutex_lock(&hooks->lock);
    for (size_t i = 0; i < hooks->outbox_count; i++) {
        if (gj_str_is(tenant, hooks->outboxes[i].tenant)) {
            last = hooks->outboxes[i].last;
        }
    }
    pthread_mutex_unlock(&hooks->lock);
    return last;
}

/* The outbox is another one, or an older copy: what it told before is not told again. */
static int begin_anew(struct gj_hooks *hooks, struct gj_hook *hook, int64_t last,
                      struct gj_errors *errors)
{
    int status = gj_office_hook_hand_out(hooks->office, hook->row.id, NULL, 0, last, errors);
    hook->row.cursor = status == 0 ? last : hook->row.cursor;
    return status;
}

static int take_in(struct gj_hooks *hooks, struct gj_hook *hook, int64_t now)
{
    int64_t last = last_of(hooks, hook->row.tenant), waiting = 0;
    if (last < 0 || hook->row.cursor == last) {
        return 0;
    }
    struct gj_errors errors;
    gj_errors_init(&errors);
    int status = hook->row.cursor > last
                     ? begin_anew(hooks, hook, last, &errors)
                     : gj_office_hook_waiting(hooks->office, hook->row.id, &waiting, &errors);
    gj_hooks_complain(hooks, &errors);
    gj_errors_release(&errors);
    for (; status == 0 && hook->row.cursor < last && waiting < hooks->settings.window_max;
         waiting += PULL_MAX) {
        status = take_some(hooks, hook, last, now);
    }
    return status;
}

/* ---- the thread ---- */

static void earlier(int64_t *at, int64_t than)
{
    *at = than < *at ? than : *at;
}

static int prune(struct gj_hooks *hooks, int64_t now)
{
    const struct gj_hooks_settings *settings = &hooks->settings;
    struct gj_errors errors;
    gj_errors_init(&errors);
    int status = gj_office_deliveries_prune(hooks->office, now - settings->delivered_keep_ms * 1000,
                                            now - settings->dead_keep_ms * 1000, &errors);
    gj_hooks_complain(hooks, &errors);
    gj_errors_release(&errors);
    hooks->prune_at = now + HOUR_MICROS;
    return status;
}

/* Takes in and sends for one hook; *again: when there is more to do. */
static int serve(struct gj_hooks *hooks, struct gj_hook *hook, int64_t now, int64_t *again)
{
    int status = take_in(hooks, hook, now);
    if (hook->busy || hooks->in_air >= hooks->settings.parallel) {
        return status; /* an answer wakes the thread */
    }
    int64_t due = hook->next > hook->not_before ? hook->next : hook->not_before;
    if (due <= now) {
        status |= gj_hook_send(hooks, hook, now);
        due = hook->next > hook->not_before ? hook->next : hook->not_before;
    }
    if (!hook->busy && hook->next != GJ_NEVER) {
        earlier(again, due);
    }
    return status;
}

/* Does what can be done now; returns when there will be more. */
static int64_t work(struct gj_hooks *hooks)
{
    int64_t now = gj_hooks_now(), again = now + (int64_t)IDLE_MS * 1000;
    struct gj_reply reply;
    while (gj_sender_next(hooks->sender, &reply)) {
        gj_hook_answer(hooks, &reply, now);
    }
    int status = gj_hook_settle(hooks);
    pthread_mutex_lock(&hooks->lock);
    bool changed = hooks->changed;
    hooks->changed = false;
    pthread_mutex_unlock(&hooks->lock);
    if (changed && load_hooks(hooks) != 0) {
        gj_hooks_look(hooks);
        status = -1;
    }
    for (size_t i = 0; i < hooks->count; i++) {
        status |= serve(hooks, &hooks->hooks[(hooks->turn + i) % hooks->count], now, &again);
    }
    hooks->turn++;
    if (now >= hooks->prune_at) {
        status |= prune(hooks, now);
    }
    if (status != 0) { /* not at once: what is wrong may last */
        again = now + AGAIN_MS * 1000;
    }
    return again;
}

static bool is_stopping(struct gj_hooks *hooks)
{
    pthread_mutex_lock(&hooks->lock);
    bool stopping = hooks->stopping;
    pthread_mutex_unlock(&hooks->lock);
    return stopping;
}

/* Waits for the answers to what is under way; the rest is sent after the next start. */
static void drain(struct gj_hooks *hooks)
{
    int64_t end = gj_hooks_now() + hooks->settings.drain_ms * 1000;
    struct gj_reply reply;
    for (int64_t now = gj_hooks_now(); hooks->in_air > 0 && now < end; now = gj_hooks_now()) {
        gj_sender_wait(hooks->sender, (int)((end - now) / 1000 + 1));
        while (gj_sender_next(hooks->sender, &reply)) {
            gj_hook_answer(hooks, &reply, gj_hooks_now());
        }
    }
    gj_hook_settle(hooks);
}

static void *run(void *context)
{
    struct gj_hooks *hooks = context;
    while (!is_stopping(hooks)) {
        int64_t again = work(hooks), now = gj_hooks_now();
        gj_sender_wait(hooks->sender, again <= now ? 0 : (int)((again - now) / 1000 + 1));
    }
    drain(hooks);
    return NULL;
}

/* ---- for other threads ---- */

static struct gj_hook_outbox *outbox(struct gj_hooks *hooks, struct gj_str tenant)
{
    for (size_t i = 0; i < hooks->outbox_count; i++) {
        if (gj_str_is(tenant, hooks->outboxes[i].tenant)) {
            return &hooks->outboxes[i];
        }
    }
    struct gj_hook_outbox *grown =
        gj_grow(hooks->outboxes, &hooks->outbox_capacity, hooks->outbox_count + 1, sizeof *grown);
    if (grown == NULL) {
        return NULL;
    }
    hooks->outboxes = grown;
    char *name = strndup(tenant.ptr, tenant.len);
    if (name == NULL) {
        return NULL;
    }
    hooks->outboxes[hooks->outbox_count] = (struct gj_hook_outbox){name, -1};
    return &hooks->outboxes[hooks->outbox_count++];
}

void gj_hooks_told(struct gj_hooks *hooks, struct gj_str tenant, int64_t last)
{
    pthread_mutex_lock(&hooks->lock);
    struct gj_hook_outbox *of = outbox(hooks, tenant);
    bool news = of != NULL && last > of->last;
    if (news) {
        of->last = last;
    }
    pthread_mutex_unlock(&hooks->lock);
    if (news) {
        gj_sender_wake(hooks->sender);
    }
}

struct gj_hooks_figures gj_hooks_figures(struct gj_hooks *hooks)
{
    return (struct gj_hooks_figures){hooks->attempts, hooks->delivered, hooks->failed, hooks->dead};
}

/* ---- beginning and end ---- */

void gj_hooks_settings_init(struct gj_hooks_settings *settings)
{
    static const int64_t retry_ms[] = {5000,    30000,   120000,   600000,  1800000,
                                       3600000, 7200000, 14400000, 28800000};
    *settings = (struct gj_hooks_settings){.retry_ms = retry_ms,
                                           .retry_count = sizeof retry_ms / sizeof retry_ms[0],
                                           .give_up_ms = 86400000,
                                           .overlap_ms = 86400000,
                                           .connect_ms = 5000,
                                           .total_ms = 15000,
                                           .card_gap_ms = -1,
                                           .robot_pause_ms = 60000,
                                           .drain_ms = 2000,
                                           .delivered_keep_ms = 3 * INT64_C(86400000),
                                           .dead_keep_ms = 30 * INT64_C(86400000),
                                           .reply_bytes_max = 65536,
                                           .parallel = 64,
                                           .hooks_max = 100,
                                           .window_max = 10000};
}

/* Takes copies of what the settings point to. */
static int keep_settings(struct gj_hooks *hooks, const struct gj_hooks_settings *settings)
{
    size_t allowed = settings->guard.allowed_count, retries = settings->retry_count;
    hooks->settings = *settings;
    hooks->allowed = calloc(allowed + 1, sizeof *hooks->allowed);
    hooks->retry_ms = calloc(retries + 1, sizeof *hooks->retry_ms);
    hooks->ca_file = settings->ca_file == NULL ? NULL : strdup(settings->ca_file);
    if (hooks->allowed == NULL || hooks->retry_ms == NULL ||
        (settings->ca_file != NULL && hooks->ca_file == NULL)) {
        return -1;
    }
    for (size_t i = 0; i < allowed; i++) {
        hooks->allowed[i] = settings->guard.allowed[i];
    }
    for (size_t i = 0; i < retries; i++) {
        hooks->retry_ms[i] = settings->retry_ms[i];
    }
    hooks->settings.guard.allowed = hooks->allowed;
    hooks->settings.retry_ms = hooks->retry_ms;
    hooks->settings.ca_file = hooks->ca_file;
    return 0;
}

static int begin(struct gj_hooks *hooks, const struct gj_hooks_settings *settings)
{
    if (keep_settings(hooks, settings) != 0) {
        return -1;
    }
    const struct gj_sender_settings sending = {.guard = &hooks->settings.guard,
                                               .ca_file = hooks->ca_file,
                                               .connect_ms = (long)settings->connect_ms,
                                               .total_ms = (long)settings->total_ms,
                                               .reply_bytes_max = settings->reply_bytes_max};
    hooks->sender = gj_sender_new(&sending);
    hooks->parser = gj_json_parser_new();
    hooks->mask = gj_mask_json_new();
    hooks->changed = true;
    if (hooks->sender == NULL || hooks->parser == NULL || hooks->mask == NULL ||
        pthread_create(&hooks->thread, NULL, run, hooks) != 0) {
        return -1;
    }
    hooks->started = true;
    return 0;
}

struct gj_hooks *gj_hooks_new(struct gj_office *office, const struct gj_hooks_settings *settings,
                              struct gj_errors *errors)
{
    if (sodium_init() < 0 || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        gj_errors_say(errors, "hooks cannot be sent: libsodium or libcurl does not start");
        return NULL;
    }
    struct gj_hooks *hooks = calloc(1, sizeof *hooks);
    if (hooks == NULL) {
        curl_global_cleanup();
        gj_errors_say(errors, "out of memory while starting the hooks");
        return NULL;
    }
    hooks->office = office;
    pthread_mutex_init(&hooks->lock, NULL);
    if (begin(hooks, settings) != 0) {
        gj_hooks_free(hooks);
        gj_errors_say(errors, "out of memory or threads while starting the hooks");
        return NULL;
    }
    return hooks;
}

void gj_hooks_stop(struct gj_hooks *hooks)
{
    if (hooks == NULL || !hooks->started) {
        return;
    }
    pthread_mutex_lock(&hooks->lock);
    hooks->stopping = true;
    pthread_mutex_unlock(&hooks->lock);
    gj_sender_wake(hooks->sender);
    pthread_join(hooks->thread, NULL);
    hooks->started = false;
}

void gj_hooks_free(struct gj_hooks *hooks)
{
    if (hooks == NULL) {
        return;
    }
    gj_hooks_stop(hooks);
    gj_sender_free(hooks->sender);
    curl_global_cleanup();
    while (hooks->flights != NULL) {
        struct gj_flight *flight = hooks->flights;
        hooks->flights = flight->next;
        gj_flight_free(flight);
    }
    free_hooks(hooks->hooks, hooks->count);
    for (size_t i = 0; i < hooks->outbox_count; i++) {
        free(hooks->outboxes[i].tenant);
    }
    free(hooks->outboxes);
    gj_json_parser_free(hooks->parser);
    gj_mask_json_free(hooks->mask);
    pthread_mutex_destroy(&hooks->lock);
    free(hooks->allowed);
    free(hooks->retry_ms);
    free(hooks->ca_file);
    free(hooks);
}
