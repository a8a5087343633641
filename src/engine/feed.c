/* Room engine: a file of events, read so that a crash loses no line and doubles none. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/engine.h"

struct reading {
    struct gj_engine *e;
    const char *bytes;
    size_t len, at;
    int64_t line, until;
    struct gj_store_feed feed;
    struct gj_feed *out;
    size_t unsaved; /* lines since the feed's row was written */
    bool waits;     /* a line was left for later: the place to go on from stays before it */
    int64_t wait_offset, wait_line;
};

/* A file is known again by its path; how much of its beginning was read is checked by a hash. */
static void hash_prefix(const struct reading *r, int64_t bytes, char out[33])
{
    unsigned char digest[16];
    /* 64 KiB are enough to tell one file from another */
    uint64_t count = bytes < 65536 ? (uint64_t)bytes : 65536;
    crypto_generichash(digest, sizeof digest, (const unsigned char *)r->bytes, count, NULL, 0);
    sodium_bin2hex(out, 33, digest, sizeof digest);
}

static int save(struct reading *r)
{
    char hash[33];
    struct gj_store_feed feed = r->feed;
    feed.offset = r->waits ? r->wait_offset : (int64_t)r->at;
    feed.line = r->waits ? r->wait_line : r->line;
    hash_prefix(r, feed.offset, hash);
    feed.prefix_hash = gj_str_of(hash);
    r->unsaved = 0;
    return gj_store_feed_set(r->e->store, &feed);
}

static bool blank(struct gj_str line)
{
    for (size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] != ' ' && line.ptr[i] != '\t' && line.ptr[i] != '\r') {
            return false;
        }
    }
    return true;
}

/* Whether the event lies behind `until`: it waits for a later call. */
static bool is_later(struct reading *r, struct gj_str line)
{
    struct gj_cloudevent raw;
    if (r->until == GJ_ALWAYS) {
        return false;
    }
    gj_buf_reset(&r->e->why);
    return gj_cloudevent_read(r->e->event_parser, line, 0, &raw, &r->e->why) == 0 &&
           gj_micros(raw.time) > r->until;
}

static int take_line(struct reading *r, struct gj_str line, int64_t line_start)
{
    struct gj_engine *e = r->e;
    gj_reception got;
    if (blank(line)) {
        return 0;
    }
    if (is_later(r, line)) {
        if (!r->waits) {
            r->wait_offset = line_start;
            r->wait_line = r->line - 1;
        }
        r->waits = true;
        r->out->waiting++;
        return 0;
    }
    size_t padding = r->len - r->at;
    if (gj_engine_apply(e, line.ptr, line.len, padding, &got) != GJ_OK) {
        return -1;
    }
    r->feed.applied += got.status == GJ_APPLIED;
    r->feed.duplicate += got.status == GJ_DUPLICATE;
    r->feed.late += got.status == GJ_APPLIED && got.late;
    if (got.status == GJ_REFUSED) {
        r->feed.rejected++;
        if (gj_store_refusal_add(e->store, r->feed.name, r->line, gj_str_of(got.id),
                                 gj_str_of(got.why)) != 0) {
            return -1;
        }
    }
    return 0;
}

static int read_lines(struct reading *r,
                      void (*progress)(void *context, uint64_t done, uint64_t total),
                      void *context)
{
    while (r->at < r->len) {
        const char *start = r->bytes + r->at;
        const char *end = memchr(start, '\n', r->len - r->at);
        size_t len = end == NULL ? r->len - r->at : (size_t)(end - start);
        int64_t line_start = (int64_t)r->at;
        r->at += len + (end != NULL);
        r->line++;
        if (take_line(r, (struct gj_str){start, len}, line_start) != 0) {
            return -1;
        }
        if (++r->unsaved >= GJ_BATCH) {
            if (save(r) != 0 || gj_engine_commit(r->e) != GJ_OK || gj_engine_begin(r->e) != 0) {
                return -1;
            }
            if (progress != NULL) {
                progress(context, r->at, r->len);
            }
        }
    }
    return 0;
}

static int map_file(struct gj_engine *e, const char *path, struct reading *r)
{
    struct stat about;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &about) != 0 || !S_ISREG(about.st_mode)) {
        int why = file < 0 ? errno : EINVAL;
        if (file >= 0) {
            close(file);
        }
        return gj_errors_say(e->errors,
                             "%s: cannot be read (%s); name a file of events, one a line", path,
                             strerror(why));
    }
    r->len = (size_t)about.st_size;
    r->bytes = r->len == 0 ? "" : mmap(NULL, r->len, PROT_READ, MAP_PRIVATE, file, 0);
    close(file);
    return r->bytes == MAP_FAILED ? gj_errors_say(e->errors, "%s: cannot be mapped (%s)", path,
                                                  strerror(errno))
                                  : 0;
}

/* Where the file was left, unless it is another one now. */
static int resume(struct reading *r, const char *path)
{
    char hash[33];
    if (gj_store_feed_get(r->e->store, r->feed.name, &r->feed) != 0) {
        return -1;
    }
    if (r->feed.offset > (int64_t)r->len) {
        return gj_errors_say(r->e->errors,
                             "%s: is shorter than when it was read before; name another file, or "
                             "another database",
                             path);
    }
    hash_prefix(r, r->feed.offset, hash);
    if (r->feed.offset > 0 && !gj_str_is(r->feed.prefix_hash, hash)) {
        return gj_errors_say(r->e->errors,
                             "%s: has changed since it was read before; append to it, name another "
                             "file, or another database",
                             path);
    }
    r->at = (size_t)r->feed.offset;
    r->line = r->feed.line;
    return 0;
}

int gj_engine_feed(gj_engine *e, const char *path, int64_t until,
                   void (*progress)(void *context, uint64_t done, uint64_t total), void *context,
                   gj_feed *out)
{
    struct reading r = {.e = e, .until = until, .out = out};
    char *name = realpath(path, NULL);
    r.feed.name = gj_str_of(name == NULL ? path : name);
    *out = (gj_feed){0};
    int status = map_file(e, path, &r);
    if (status == 0) {
        status = gj_engine_begin(e) != 0 || resume(&r, path) != 0 ||
                         read_lines(&r, progress, context) != 0 || save(&r) != 0 ||
                         gj_engine_commit(e) != GJ_OK
                     ? -1
                     : 0;
        if (r.len > 0) {
            munmap((void *)(uintptr_t)r.bytes, r.len);
        }
    }
    free(name);
    if (status != 0) {
        gj_engine_abort(e);
        return GJ_ESYSTEM;
    }
    out->applied = r.feed.applied;
    out->duplicate = r.feed.duplicate;
    out->rejected = r.feed.rejected;
    out->late = r.feed.late;
    int64_t end = until == GJ_ALWAYS ? gj_engine_now(e) : until;
    return end == INT64_MIN ? GJ_OK : gj_engine_advance(e, end);
}

struct refusal_listener {
    void (*each)(void *context, int64_t line, const char *id, const char *why);
    void *context;
};

static int tell_refusal(void *context, int64_t line, struct gj_str id, struct gj_str why)
{
    const struct refusal_listener *l = context;
    l->each(l->context, line, id.ptr, why.ptr);
    return 0;
}

int gj_engine_refusals(gj_engine *e, const char *path,
                       void (*each)(void *context, int64_t line, const char *id, const char *why),
                       void *context)
{
    struct refusal_listener listener = {each, context};
    char *name = realpath(path, NULL);
    int status = gj_store_refusals(e->store, gj_str_of(name == NULL ? path : name), tell_refusal,
                                   &listener);
    free(name);
    return status == 0 ? GJ_OK : GJ_ESYSTEM;
}
