/* Room engine: a file of events, read so that a crash loses no line and doubles none. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/inside.h"

#define CHUNK ((size_t)1 << 20) /* bytes read at a time */

struct reading {
    struct gj_engine *e;
    const char *path;
    int file;
    uint64_t len, at; /* of the file: its length when it was opened, what has been taken */
    char *bytes;      /* what was read, with GJ_JSON_PADDING bytes behind it */
    size_t held, used, capacity;
    int64_t line, until, ahead; /* ahead: the last line taken although an earlier one waits */
    struct gj_store_feed feed;
    struct gj_feed *out;
    size_t unsaved; /* lines since the feed's row was written */
    bool stream;    /* a pipe, copied to a file of no name: it has no place to go on from */
    bool waits;     /* a line was left for later: the place to go on from stays before it */
    int64_t wait_offset, wait_line;
    char whole_prefix[33]; /* the hash of as much as is ever hashed; "": not known yet */
};

static int complain(const struct reading *r, const char *what)
{
    return gj_errors_say(r->e->errors, "%s: %s", r->path, what);
}

/* Reads `count` bytes at `offset`; fewer only where the file ends. -1: told. */
static int read_at(const struct reading *r, char *out, size_t count, uint64_t offset, size_t *got)
{
    *got = 0;
    while (*got < count) {
        ssize_t n = pread(r->file, out + *got, count - *got, (off_t)(offset + *got));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return gj_errors_say(r->e->errors, "%s: cannot be read (%s); run it again", r->path,
                                 strerror(errno));
        }
        if (n == 0) {
            break;
        }
        *got += (size_t)n;
    }
    return 0;
}

/* A file is known again by its path; its beginning, as far as it was read, is checked by a hash. */
static int hash_prefix(struct reading *r, int64_t bytes, char out[33])
{
    enum { PREFIX = 65536 }; /* enough to tell one file from another */
    unsigned char digest[16];
    if (bytes >= PREFIX && r->whole_prefix[0] != '\0') {
        memcpy(out, r->whole_prefix, sizeof r->whole_prefix);
        return 0;
    }
    size_t count = bytes < PREFIX ? (size_t)bytes : PREFIX, got = 0;
    char *prefix = calloc(1, count + 1);
    if (prefix == NULL) {
        return complain(r, "out of memory while it was read");
    }
    int status = read_at(r, prefix, count, 0, &got);
    crypto_generichash(digest, sizeof digest, (const unsigned char *)prefix, got, NULL, 0);
    sodium_bin2hex(out, 33, digest, sizeof digest);
    if (got == PREFIX) {
        memcpy(r->whole_prefix, out, sizeof r->whole_prefix);
    }
    free(prefix);
    return status;
}

static int save(struct reading *r)
{
    char hash[33];
    struct gj_store_feed feed = r->feed;
    feed.offset = r->waits ? r->wait_offset : (int64_t)r->at;
    feed.line = r->waits ? r->wait_line : r->line;
    if (hash_prefix(r, feed.offset, hash) != 0) {
        return -1;
    }
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
static int look_whether_later(struct reading *r, struct gj_str line, bool *later)
{
    struct gj_cloudevent raw;
    *later = false;
    if (r->until == GJ_ALWAYS) {
        return 0;
    }
    gj_buf_reset(&r->e->why);
    *later = gj_cloudevent_read(r->e->event_parser, line, 0, &raw, &r->e->why) == 0 &&
             gj_micros(raw.time) > r->until;
    return r->e->why.failed ? -1 : 0;
}

static void wait_here(struct reading *r, int64_t line_start)
{
    if (!r->waits) {
        r->wait_offset = line_start;
        r->wait_line = r->line - 1;
    }
    r->waits = true;
}

static int refuse(struct reading *r, const gj_reception *got, int64_t line_start, bool ended)
{
    r->feed.rejected++;
    if (!ended) { /* it may still be being written: it is read again when the file goes on */
        wait_here(r, line_start);
    }
    return gj_store_refusal_add(r->e->store, r->feed.name, r->line, gj_str_of(got->id),
                                gj_str_of(got->why));
}

static int take_line(struct reading *r, struct gj_str line, int64_t line_start, bool ended)
{
    struct gj_engine *e = r->e;
    gj_reception got;
    bool ahead = false, later = false;
    if (r->line == 1 && line.len >= 3 && memcmp(line.ptr, "\xEF\xBB\xBF", 3) == 0) {
        line = (struct gj_str){line.ptr + 3, line.len - 3}; /* an editor's byte order mark */
    }
    if (blank(line)) {
        return 0;
    }
    if (r->line <= r->ahead && gj_store_ahead(e->store, r->feed.name, r->line, &ahead) != 0) {
        return -1;
    }
    if (ahead) {
        return 0;
    }
    if (look_whether_later(r, line, &later) != 0) {
        return -1;
    }
    if (later) {
        wait_here(r, line_start);
        r->out->waiting++;
        return 0;
    }
    size_t padding = r->held + GJ_JSON_PADDING - (size_t)(line.ptr + line.len - r->bytes);
    if (gj_engine_apply(e, line.ptr, line.len, padding, &got) != GJ_OK) {
        return -1;
    }
    r->feed.applied += got.status == GJ_APPLIED;
    r->feed.duplicate += got.status == GJ_DUPLICATE;
    r->feed.late += got.status == GJ_APPLIED && got.late;
    bool behind = r->waits;
    if (got.status == GJ_REFUSED && refuse(r, &got, line_start, ended) != 0) {
        return -1;
    }
    return behind && !r->stream ? gj_store_ahead_add(e->store, r->feed.name, r->line) : 0;
}

/* Reads on behind what is held; *more: there was something. */
static int read_more(struct reading *r, bool *more)
{
    uint64_t offset = r->at + (r->held - r->used);
    size_t left = offset < r->len ? (size_t)(r->len - offset) : 0, got = 0;
    if (r->used > 0) {
        memmove(r->bytes, r->bytes + r->used, r->held - r->used);
        r->held -= r->used;
        r->used = 0;
    }
    if (r->held + CHUNK + GJ_JSON_PADDING > r->capacity) {
        size_t wanted = r->held * 2 + CHUNK + GJ_JSON_PADDING;
        char *grown = realloc(r->bytes, wanted);
        if (grown == NULL) {
            return complain(r, "out of memory while it was read");
        }
        r->bytes = grown;
        r->capacity = wanted;
    }
    size_t wanted = left < CHUNK ? left : CHUNK;
    if (read_at(r, r->bytes + r->held, wanted, offset, &got) != 0) {
        return -1;
    }
    if (got < wanted) {
        return complain(r, "became shorter while it was read; restore it and run it again");
    }
    r->held += got;
    memset(r->bytes + r->held, 0, GJ_JSON_PADDING);
    *more = got > 0;
    return 0;
}

/* The next line without its end; *ended: it has one. */
static int next_line(struct reading *r, struct gj_str *line, bool *ended, bool *any)
{
    bool more = true;
    size_t searched = 0;
    for (;;) {
        const char *start = r->bytes + r->used;
        const char *end = r->held == r->used
                              ? NULL
                              : memchr(start + searched, '\n', r->held - r->used - searched);
        *ended = end != NULL;
        if (end != NULL || !more) {
            *line = (struct gj_str){start, end == NULL ? r->held - r->used : (size_t)(end - start)};
            *any = *ended || line->len > 0;
            return 0;
        }
        searched = r->held - r->used;
        if (read_more(r, &more) != 0) {
            return -1;
        }
    }
}

static int read_lines(struct reading *r,
                      void (*progress)(void *context, uint64_t done, uint64_t total), void *context)
{
    struct gj_str line = {"", 0};
    bool ended = false, any = false;
    int status = read_more(r, &any);
    while (status == 0 && (status = next_line(r, &line, &ended, &any)) == 0 && any) {
        int64_t line_start = (int64_t)r->at;
        r->at += line.len + ended;
        r->used += line.len + ended;
        r->line++;
        if (take_line(r, line, line_start, ended) != 0) {
            return -1;
        }
        if (++r->unsaved % GJ_LOOK == 0 && gj_engine_look_again(r->e) != 0) {
            return -1;
        }
        if (r->unsaved >= GJ_BATCH) {
            if (save(r) != 0 || gj_engine_commit(r->e) != GJ_OK || gj_engine_begin(r->e) != 0) {
                return -1;
            }
            if (progress != NULL) {
                progress(context, r->at, r->len);
            }
        }
    }
    return status;
}

/* ---- the file ---- */

static int unreadable(const struct reading *r, const char *why)
{
    return gj_errors_say(r->e->errors, "%s: cannot be read (%s); name a file of events, one a line",
                         r->path, why);
}

/* Takes the place of the pipe by a file that holds all it brings: lines are read by their place. */
static int spool(struct reading *r)
{
    char bytes[65536];
    ssize_t got = 0;
    FILE *copy = tmpfile();
    if (copy == NULL) {
        return unreadable(r, strerror(errno));
    }
    while ((got = read(r->file, bytes, sizeof bytes)) > 0 || (got < 0 && errno == EINTR)) {
        if (got > 0 && fwrite(bytes, 1, (size_t)got, copy) != (size_t)got) {
            break;
        }
    }
    bool failed = got != 0 || fflush(copy) != 0;
    int why = errno, file = failed ? -1 : fcntl(fileno(copy), F_DUPFD_CLOEXEC, 0);
    fclose(copy);
    if (file < 0) {
        return unreadable(r, strerror(failed ? why : errno));
    }
    close(r->file);
    r->file = file;
    r->stream = true;
    return 0;
}

/* Something else than text is told once, not line by line. */
static int look_at_form(struct reading *r)
{
    char head[16];
    size_t got = 0;
    if (read_at(r, head, sizeof head, 0, &got) != 0) {
        return -1;
    }
    const char *form = gj_foreign_form(head, got);
    return form == NULL ? 0
                        : gj_errors_say(r->e->errors,
                                        "%s: is %s, no text; unpack it or save it as UTF-8, one "
                                        "event a line",
                                        r->path, form);
}

static int open_file(struct reading *r)
{
    struct stat about;
    bool input = strcmp(r->path, "-") == 0;
    r->file = input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(r->path, O_RDONLY | O_CLOEXEC);
    if (r->file < 0 || fstat(r->file, &about) != 0) {
        return unreadable(r, strerror(errno));
    }
    if (S_ISDIR(about.st_mode)) {
        return unreadable(r, strerror(EISDIR));
    }
    if ((input || !S_ISREG(about.st_mode)) && (spool(r) != 0 || fstat(r->file, &about) != 0)) {
        return -1;
    }
    r->len = (uint64_t)about.st_size;
    return look_at_form(r);
}

/* Where the file was left, unless it is another one now. */
static int resume(struct reading *r)
{
    char hash[33] = "";
    int64_t again = 0;
    if (r->stream) {
        return gj_store_refusals_drop(r->e->store, r->feed.name, 0, &again);
    }
    if (gj_store_feed_get(r->e->store, r->feed.name, &r->feed) != 0) {
        return -1;
    }
    if (r->feed.offset > (int64_t)r->len) {
        return complain(r, "is shorter than when it was read before; name another file, or another "
                           "database");
    }
    if (hash_prefix(r, r->feed.offset, hash) != 0) {
        return -1;
    }
    if (r->feed.offset > 0 && !gj_str_is(r->feed.prefix_hash, hash)) {
        return complain(r, "has changed since it was read before; append to it, name another file, "
                           "or another database");
    }
    r->at = (uint64_t)r->feed.offset;
    r->line = r->feed.line;
    r->feed.prefix_hash = GJ_STR("");
    int status = gj_store_refusals_drop(r->e->store, r->feed.name, r->feed.line, &again);
    r->feed.rejected -= again;
    return status == 0 ? gj_store_ahead_last(r->e->store, r->feed.name, &r->ahead) : status;
}

/* When the last line had no end, what was appended begins with it: it is no line of its own. */
static int skip_end(struct reading *r)
{
    char around[2] = {'\n', '\n'};
    size_t got = 0;
    if (r->at == 0 || r->at >= r->len) {
        return 0;
    }
    int status = read_at(r, around, 2, r->at - 1, &got);
    if (status == 0 && got == 2 && around[0] != '\n' && around[1] == '\n') {
        r->at++;
    }
    return status;
}

char *gj_feed_name(const char *path)
{
    return strcmp(path, "-") == 0 ? NULL : realpath(path, NULL);
}

int gj_engine_feed(gj_engine *e, const char *path, int64_t until,
                   void (*progress)(void *context, uint64_t done, uint64_t total), void *context,
                   gj_feed *out)
{
    struct reading r = {.e = e, .path = path, .file = -1, .until = until, .out = out};
    char *name = gj_feed_name(path);
    r.feed = (struct gj_store_feed){.name = gj_str_of(name == NULL ? path : name),
                                    .prefix_hash = GJ_STR("")};
    *out = (gj_feed){0};
    bool opened = open_file(&r) == 0; /* else nothing has happened, and the engine is still good */
    int status = !opened || gj_engine_begin(e) != 0 || resume(&r) != 0 || skip_end(&r) != 0 ||
                         read_lines(&r, progress, context) != 0 || save(&r) != 0 ||
                         gj_engine_commit(e) != GJ_OK
                     ? -1
                     : 0;
    if (r.file >= 0) {
        close(r.file);
    }
    free(r.bytes);
    free(name);
    if (status != 0) {
        return opened ? gj_engine_fail(e) : GJ_EINPUT;
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
    char *name = gj_feed_name(path);
    int status =
        gj_store_refusals(e->store, gj_str_of(name == NULL ? path : name), tell_refusal, &listener);
    free(name);
    return status == 0 ? GJ_OK : GJ_ESYSTEM;
}
