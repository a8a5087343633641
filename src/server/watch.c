/* Room server: the watch (see watch.h).
 *
 * A deadline is told beforehand: one that runs for up to an hour, as a platform's reply timer, at
 * half and at four fifths of its time; a longer one some time before its end (settings: 24 h, 2 h,
 * 15 min), as far as it runs that long at all. Once an hour all deadlines that come near within the
 * next hour are read into a heap; those set meanwhile are added when they are set. What is told is
 * looked up again right before, so that nobody is warned of what is done. What has been told is
 * remembered in the notices themselves, so that a restart neither repeats nor forgets. */
#include "server/watch.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/vec.h"
#include "server/tell.h"
#include "wire/json.h"

#define HORIZON_US (INT64_C(3600) * GJ_SECOND_US)
#define SHORT_US   (INT64_C(3600) * GJ_SECOND_US) /* a deadline that runs no longer */
#define TYPE       "deadline.nearing"

struct warning {
    int64_t when;     /* it is to be told */
    uint64_t what;    /* hash of the deadline and of which of its warnings */
    int64_t deadline; /* its instant */
    char *source, *kind, *id, *flow, *name;
};

enum warning_state { FREE, WAITS, TOLD };

struct told_at {
    uint64_t what;
    int64_t at; /* told */
    enum warning_state state;
};

struct gj_watch {
    struct gj_server *server;
    struct gj_stream *stream;
    struct warning *heap; /* by `when` */
    size_t count, capacity;
    struct gj_buf changed; /* source NUL kind NUL id NUL, ... */
    int64_t scanned;       /* the horizon of the last scan; INT64_MIN: none */
    int64_t now;
    struct told_at *told; /* a hash table, open addressing; what 0: free */
    size_t told_count, told_capacity;
    int64_t pruned;
};

/* ---- what has been told ---- */

static struct told_at *told_slot(struct told_at *slots, size_t capacity, uint64_t what)
{
    size_t at = (size_t)what & (capacity - 1);
    while (slots[at].what != 0 && slots[at].what != what) {
        at = (at + 1) & (capacity - 1);
    }
    return &slots[at];
}

static enum warning_state state_of(const struct gj_watch *w, uint64_t what)
{
    return w->told_capacity == 0 ? FREE : told_slot(w->told, w->told_capacity, what)->state;
}

/* Moves what is later than `from` into a table with room. */
static bool rehash(struct gj_watch *w, int64_t from)
{
    size_t capacity = 1024;
    while (capacity < w->told_count * 4) {
        capacity *= 2;
    }
    struct told_at *slots = calloc(capacity, sizeof *slots);
    if (slots == NULL) {
        return false;
    }
    size_t count = 0;
    for (size_t i = 0; i < w->told_capacity; i++) {
        if (w->told[i].state == WAITS || (w->told[i].state == TOLD && w->told[i].at >= from)) {
            *told_slot(slots, capacity, w->told[i].what) = w->told[i];
            count++;
        }
    }
    free(w->told);
    w->told = slots;
    w->told_capacity = capacity;
    w->told_count = count;
    return true;
}

static void note(struct gj_watch *w, uint64_t what, enum warning_state state, int64_t at)
{
    if (w->told_count * 2 >= w->told_capacity && !rehash(w, INT64_MIN)) {
        return;
    }
    struct told_at *slot = told_slot(w->told, w->told_capacity, what);
    w->told_count += slot->what == 0 ? 1 : 0;
    *slot = (struct told_at){what, at, state};
}

/* ---- the heap ---- */

static void free_warning(struct warning *w)
{
    free(w->source); /* one block: see add */
}

static bool push(struct gj_watch *w, struct warning warning)
{
    struct warning *moved = gj_grow(w->heap, &w->capacity, w->count + 1, sizeof *moved);
    if (moved == NULL) {
        return false;
    }
    w->heap = moved;
    size_t at = w->count++;
    /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): below count all are set */
    for (; at > 0 && w->heap[(at - 1) / 2].when > warning.when; at = (at - 1) / 2) {
        w->heap[at] = w->heap[(at - 1) / 2];
    }
    w->heap[at] = warning;
    return true;
}

static struct warning pop(struct gj_watch *w)
{
    struct warning first = w->heap[0], last = w->heap[--w->count];
    size_t at = 0;
    while (at * 2 + 1 < w->count) {
        size_t child = at * 2 + 1;
        child += child + 1 < w->count && w->heap[child + 1].when < w->heap[child].when ? 1 : 0;
        if (w->heap[child].when >= last.when) {
            break;
        }
        w->heap[at] = w->heap[child];
        at = child;
    }
    w->heap[at] = last;
    return first;
}

/* ---- deadlines into warnings ---- */

static uint64_t identity(const gj_deadline_row *d, int64_t which)
{
    const char *parts[] = {d->source, d->kind, d->id, d->flow, d->name};
    struct gj_buf text;
    gj_buf_init(&text);
    for (int i = 0; i < 5; i++) {
        gj_buf_add_cstr(&text, parts[i]);
        gj_buf_add_char(&text, '\n');
    }
    gj_buf_add_int(&text, d->at);
    gj_buf_add_char(&text, '\n');
    gj_buf_add_int(&text, which);
    uint64_t hash = gj_str_hash(gj_buf_str(&text));
    gj_buf_release(&text);
    return hash == 0 ? 1 : hash;
}

/* A copy of the strings in one block, which `source` owns. */
static bool copy_names(struct warning *w, const gj_deadline_row *d)
{
    const char *from[] = {d->source, d->kind, d->id, d->flow, d->name};
    char **to[] = {&w->source, &w->kind, &w->id, &w->flow, &w->name};
    size_t all = 0;
    for (int i = 0; i < 5; i++) {
        all += strlen(from[i]) + 1;
    }
    char *block = malloc(all);
    for (int i = 0; i < 5 && block != NULL; i++) {
        size_t len = strlen(from[i]) + 1;
        memcpy(block, from[i], len);
        *to[i] = block;
        block += len;
    }
    return w->source != NULL;
}

static void add(struct gj_watch *w, const gj_deadline_row *d, int64_t when, int64_t which)
{
    struct warning warning = {.when = when, .what = identity(d, which), .deadline = d->at};
    if (state_of(w, warning.what) != FREE || !copy_names(&warning, d)) {
        return;
    }
    if (!push(w, warning)) {
        free_warning(&warning);
        return;
    }
    note(w, warning.what, WAITS, 0);
}

/* Of the warnings whose time has passed the last one stands for all. */
static int consider(void *context, const gj_deadline_row *d)
{
    struct gj_watch *w = context;
    int64_t length = d->at - d->since;
    const struct gj_serve_settings *settings = &w->server->settings;
    int64_t late_when = INT64_MIN, late_which = 0;
    bool is_short = length <= SHORT_US;
    size_t count = is_short ? 2 : settings->warn_count;
    for (size_t i = 0; i < count; i++) {
        int64_t which = is_short ? -(int64_t)(i + 1) : settings->warn_us[i];
        int64_t when = !is_short ? d->at - which : d->since + length / 10 * (i == 0 ? 5 : 8);
        if (when <= d->since && !is_short) {
            continue;
        }
        if (when <= w->now) {
            late_which = when >= late_when ? which : late_which;
            late_when = when >= late_when ? when : late_when;
        } else if (when <= w->scanned) {
            add(w, d, when, which);
        }
    }
    if (late_when != INT64_MIN && d->at > w->now) {
        add(w, d, late_when, late_which);
    }
    return 0;
}

static int scan(struct gj_watch *w, gj_engine *engine)
{
    const struct gj_serve_settings *settings = &w->server->settings;
    int64_t reach = settings->warn_count > 0 ? settings->warn_us[0] : 0;
    w->scanned = w->now + HORIZON_US;
    gj_buf_reset(&w->changed);
    while (w->count > 0) { /* all of them are found again */
        note(w, w->heap[--w->count].what, FREE, 0);
        free_warning(&w->heap[w->count]);
    }
    return gj_engine_deadlines(engine, NULL, w->scanned + reach + SHORT_US, 0, consider, w, NULL);
}

static int look_at_changed(struct gj_watch *w, gj_engine *engine)
{
    const char *at = w->changed.ptr, *end = at + w->changed.len;
    int status = GJ_OK;
    while (at < end && status == GJ_OK) {
        const char *source = at, *kind = source + strlen(source) + 1;
        const char *id = kind + strlen(kind) + 1;
        at = id + strlen(id) + 1;
        status = gj_engine_entity_deadlines(engine, source, kind, id, consider, w);
        status = status == GJ_EINPUT ? GJ_OK : status; /* it is gone */
    }
    gj_buf_reset(&w->changed);
    return status;
}

int gj_watch_follow(struct gj_watch *w, gj_engine *engine)
{
    bool anew = w->scanned == INT64_MIN || w->changed.failed; /* the next look reads all of them */
    return anew ? GJ_OK : look_at_changed(w, engine);
}

/* ---- telling ---- */

struct asked {
    struct gj_watch *w;
    const struct warning *warning;
};

static void write_nearing(struct gj_buf *out, const gj_deadline_row *d, const struct warning *what,
                          int64_t now)
{
    gj_buf_add_cstr(out, "{\"source\":");
    gj_json_add_string(out, gj_str_of(d->source));
    gj_tell_at(out, "at", now);
    gj_tell_text(out, "kind", d->kind);
    gj_tell_text(out, "id", d->id);
    gj_tell_text(out, "flow", d->flow);
    gj_tell_text(out, "deadline", d->name);
    gj_tell_at(out, "due", d->at);
    gj_tell_int(out, "seconds_left", (d->at - now) / GJ_SECOND_US);
    gj_tell_text(out, "state", d->state);
    gj_tell_text(out, "to", d->to);
    gj_tell_text(out, "rule", d->rule);
    gj_tell_titles(out, "title", d->flow_zh, d->flow_en);
    gj_tell_titles(out, "state_title", d->state_zh, d->state_en);
    gj_tell_titles(out, "clause", d->clause_zh, d->clause_en);
    gj_tell_int(out, "fine_fen", d->then.fine_fen);
    gj_buf_addf(out, ",\"warning\":\"%016llx\"}", (unsigned long long)what->what);
}

static int tell(void *context, const gj_deadline_row *d)
{
    struct asked *a = context;
    if (d->at != a->warning->deadline || strcmp(d->flow, a->warning->flow) != 0 ||
        strcmp(d->name, a->warning->name) != 0 || strcmp(d->kind, a->warning->kind) != 0 ||
        strcmp(d->id, a->warning->id) != 0) {
        return 0;
    }
    struct gj_buf body;
    gj_buf_init(&body);
    write_nearing(&body, d, a->warning, a->w->now);
    gj_stream_say(a->w->stream, TYPE, d->source, a->w->now, gj_buf_str(&body));
    note(a->w, a->warning->what, TOLD, a->w->now);
    gj_buf_release(&body);
    return 0;
}

static int tell_first(struct gj_watch *w, gj_engine *engine)
{
    struct warning first = pop(w);
    struct asked asked = {w, &first};
    note(w, first.what, FREE, 0);
    int status =
        gj_engine_entity_deadlines(engine, first.source, first.kind, first.id, tell, &asked);
    status = status == GJ_EINPUT ? GJ_OK : status;
    free_warning(&first);
    return status;
}

int gj_watch_look(struct gj_watch *w, gj_engine *engine, int64_t now)
{
    w->now = now;
    bool anew = w->scanned == INT64_MIN || now >= w->scanned - HORIZON_US / 60 ||
                w->changed.failed; /* out of memory: what has changed is not known */
    int status = anew ? scan(w, engine) : look_at_changed(w, engine);
    while (status == GJ_OK && w->count > 0 && w->heap[0].when <= now) {
        status = tell_first(w, engine);
    }
    if (now - w->pruned > HORIZON_US) {
        w->pruned = now;
        int64_t longest = w->server->settings.warn_count > 0 ? w->server->settings.warn_us[0] : 0;
        rehash(w, now - longest - HORIZON_US);
    }
    return status;
}

/* ---- beginning, hearing, end ---- */

static int remember(void *context, const gj_notice_row *row)
{
    const char *at = strcmp(row->type, TYPE) == 0 ? strstr(row->body, "\"warning\":\"") : NULL;
    if (at != NULL) {
        note(context, strtoull(at + 11, NULL, 16), TOLD, row->at);
    }
    return 0;
}

int gj_watch_open(struct gj_watch *w, gj_engine *engine)
{
    /* what was said and not committed has not been told */
    free(w->told);
    w->told = NULL;
    w->told_count = w->told_capacity = 0;
    gj_watch_again(w);
    return gj_engine_notices(engine, 0, 0, remember, w);
}

void gj_watch_again(struct gj_watch *w)
{
    w->scanned = INT64_MIN;
    gj_buf_reset(&w->changed);
}

void gj_watch_hear(struct gj_watch *w, const gj_notice *notice)
{
    if (notice->kind != GJ_NOTICE_DEADLINES || notice->due == GJ_ALWAYS) {
        return;
    }
    gj_buf_add(&w->changed, notice->source, strlen(notice->source) + 1);
    gj_buf_add(&w->changed, notice->entity, strlen(notice->entity) + 1);
    gj_buf_add(&w->changed, notice->id, strlen(notice->id) + 1);
}

struct gj_watch *gj_watch_new(struct gj_server *server, struct gj_stream *stream)
{
    struct gj_watch *w = calloc(1, sizeof *w);
    if (w != NULL) {
        w->server = server;
        w->stream = stream;
        w->scanned = INT64_MIN;
        gj_buf_init(&w->changed);
    }
    return w;
}

void gj_watch_free(struct gj_watch *w)
{
    if (w == NULL) {
        return;
    }
    while (w->count > 0) {
        free_warning(&w->heap[--w->count]);
    }
    free(w->heap);
    free(w->told);
    gj_buf_release(&w->changed);
    free(w);
}
