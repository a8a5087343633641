/* Room server: folders of rulebooks (see candidate.h). A folder is written under a name of its own,
 * loaded, and renamed by its hash when it is good; `current` is a file that names the one in
 * force. A folder's time of change is when it was last put in force. */
#include "server/candidate.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errors.h"

#define DEPTH_MAX  8
#define PATH_BYTES 4096
#define KEPT_MAX   5 /* of those that were in force before */
#define MAKING     "new-"

/* "DB.rulebooks/NAME", to be freed. */
static char *in_root(const struct gj_server *server, const char *name)
{
    struct gj_buf path;
    gj_buf_init(&path);
    gj_buf_addf(&path, "%s.rulebooks", server->settings.db);
    mkdir(path.ptr, 0700); /* may be there; if not, what is made in it tells */
    gj_buf_addf(&path, "/%s", name);
    char *copy = path.failed ? NULL : strdup(path.ptr);
    gj_buf_release(&path);
    return copy;
}

/* ---- files ---- */

static int write_file(const char *path, struct gj_str text)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    size_t done = 0;
    while (file >= 0 && done < text.len) {
        ssize_t wrote = write(file, text.ptr + done, text.len - done);
        if (wrote < 0 && errno != EINTR) {
            break;
        }
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    bool whole = file >= 0 && done == text.len && fsync(file) == 0;
    return file >= 0 && close(file) == 0 && whole ? 0 : -1;
}

static int read_file(const char *path, struct gj_buf *out)
{
    char bytes[16384];
    ssize_t got = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    gj_buf_reset(out);
    while (file >= 0 &&
           ((got = read(file, bytes, sizeof bytes)) > 0 || (got < 0 && errno == EINTR))) {
        gj_buf_add(out, bytes, got > 0 ? (size_t)got : 0);
    }
    if (file >= 0) {
        close(file);
    }
    return file < 0 || got < 0 || out->failed ? -1 : 0;
}

static bool ends_in_yaml(const char *name)
{
    size_t len = strlen(name);
    return len > 5 && strcmp(name + len - 5, ".yaml") == 0;
}

/* Calls `file` for each YAML file below `dir`, as the rulebook's loader finds them, and `folder`
 * for each folder, when its files have been seen to (remove) or before (copy). */
struct tree {
    const char *to; /* the copy; NULL: it is removed */
    struct gj_buf text;
};

static int walk(struct tree *t, const char *from, const char *to, int depth);

static int walk_one(struct tree *t, const char *from, const char *to, const char *name, int depth)
{
    char path[PATH_BYTES], copy[PATH_BYTES];
    struct stat about;
    int length = snprintf(path, sizeof path, "%s/%s", from, name);
    int other = snprintf(copy, sizeof copy, "%s/%s", to, name);
    if (length >= PATH_BYTES || other >= PATH_BYTES ||
        (t->to == NULL ? lstat(path, &about) : stat(path, &about)) != 0) {
        return -1; /* what a link leads to is copied, and not removed */
    }
    if (S_ISDIR(about.st_mode)) {
        return depth < DEPTH_MAX ? walk(t, path, copy, depth + 1) : 0;
    }
    if (t->to == NULL) {
        return unlink(path);
    }
    return !S_ISREG(about.st_mode) || !ends_in_yaml(name) ? 0
           : read_file(path, &t->text) != 0               ? -1
                                                          : write_file(copy, gj_buf_str(&t->text));
}

static int walk(struct tree *t, const char *from, const char *to, int depth)
{
    DIR *stream = opendir(from);
    int status = stream == NULL ? -1 : 0;
    if (status == 0 && t->to != NULL && mkdir(to, 0700) != 0 && errno != EEXIST) {
        status = -1;
    }
    for (const struct dirent *entry; status == 0 && (entry = readdir(stream)) != NULL;) {
        if (entry->d_name[0] != '.') {
            status = walk_one(t, from, to, entry->d_name, depth);
        }
    }
    if (stream != NULL) {
        closedir(stream);
    }
    return status == 0 && t->to == NULL ? rmdir(from) : status;
}

static int copy_tree(const char *from, const char *to)
{
    struct tree t = {.to = to};
    gj_buf_init(&t.text);
    int status = walk(&t, from, to, 0);
    gj_buf_release(&t.text);
    return status;
}

void gj_candidate_remove(const char *dir)
{
    struct tree t = {.to = NULL};
    walk(&t, dir, dir, 0);
}

/* ---- the files of a body ---- */

/* A path within the folder: names of letters, digits, '-', '_' and '.', none of which begins with a
 * '.', that ends in .yaml. */
static bool is_plain(struct gj_str path)
{
    int depth = 0;
    bool start = true;
    for (size_t i = 0; i < path.len; i++) {
        char c = path.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_';
        if (c == '/' ? start : !letter && (c != '.' || start)) {
            return false;
        }
        start = c == '/';
        depth += c == '/';
    }
    return path.len <= 200 && depth < DEPTH_MAX && path.len > 5 &&
           memcmp(path.ptr + path.len - 5, ".yaml", 5) == 0;
}

/* Makes the folders that lead to the file. */
static int make_folders(char *path, size_t from)
{
    for (char *slash = strchr(path + from, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int status = mkdir(path, 0700);
        *slash = '/';
        if (status != 0 && errno != EEXIST) {
            return -1;
        }
    }
    return 0;
}

static int change_file(const char *dir, const struct gj_json *file)
{
    char path[PATH_BYTES];
    int length = snprintf(path, sizeof path, "%s/%.*s", dir, (int)file->key.len, file->key.ptr);
    if (length >= PATH_BYTES) {
        return -1;
    }
    if (file->kind == GJ_JSON_NULL) {
        return unlink(path) == 0 || errno == ENOENT ? 0 : -1;
    }
    return make_folders(path, strlen(dir) + 1) == 0 ? write_file(path, file->text) : -1;
}

/* false: answered. */
static bool check_files(const struct gj_body *body, const struct gj_json *files)
{
    const struct gj_json *file =
        files->kind == GJ_JSON_OBJECT ? gj_json_first(body->parser, files) : NULL;
    if (file == NULL) {
        gj_problem(body->r, "unprocessable", "files 应为对象：{\"路径.yaml\": \"内容\" 或 null}",
                   "files: an object is wanted, {\"path.yaml\": \"text\" or null}");
        return false;
    }
    for (; file != NULL; file = gj_json_next(body->parser, file)) {
        if (!is_plain(file->key)) {
            gj_problem(body->r, "unprocessable",
                       "files：路径只用字母、数字、- _ . 与 /，以 .yaml 结尾，不越出文件夹",
                       "files: paths have letters, digits, - _ . and /, end in .yaml and stay in "
                       "the folder");
            return false;
        }
        if (file->kind != GJ_JSON_STRING && file->kind != GJ_JSON_NULL) {
            gj_problem(body->r, "unprocessable", "files：内容应为文字，或 null 表示删除",
                       "files: a text is wanted, or null to leave the file out");
            return false;
        }
    }
    return true;
}

static int change_files(const struct gj_body *body, const struct gj_json *files, const char *dir)
{
    int status = 0;
    for (const struct gj_json *file = gj_json_first(body->parser, files);
         file != NULL && status == 0; file = gj_json_next(body->parser, file)) {
        status = change_file(dir, file);
    }
    return status;
}

char *gj_candidate_make(const struct gj_body *body, const char *from)
{
    const struct gj_json *files = gj_body_member(body, "files");
    if (files != NULL && !check_files(body, files)) {
        return NULL;
    }
    char *dir = in_root(body->r->server, MAKING "XXXXXX");
    bool made = dir != NULL && mkdtemp(dir) != NULL;
    if (made && copy_tree(from, dir) == 0 &&
        (files == NULL || change_files(body, files, dir) == 0)) {
        return dir;
    }
    bool clash = errno == ENOTDIR || errno == EISDIR; /* of paths: "a.yaml" and "a.yaml/b.yaml" */
    gj_problemf(body->r,
                errno == ENOSPC ? "storage-full"
                : clash         ? "unprocessable"
                                : "internal",
                "候选规则库无法写入（%s）", "the candidate could not be written (%s)",
                strerror(errno));
    if (made) {
        gj_candidate_remove(dir);
    }
    free(dir);
    return NULL;
}

/* ---- the one in force ---- */

char *gj_candidate_keep(struct gj_server *server, const char *dir, const char *hash,
                        gj_errors *errors)
{
    char *kept = in_root(server, hash);
    struct stat about;
    bool there = kept != NULL && stat(kept, &about) == 0;
    if (kept == NULL || (!there && rename(dir, kept) != 0)) {
        gj_errors_say(errors, "%s: cannot be kept (%s)", dir, strerror(errno));
        free(kept);
        return NULL;
    }
    if (there) {
        gj_candidate_remove(dir);
    }
    utimensat(AT_FDCWD, kept, NULL, 0);
    return kept;
}

int gj_candidate_note(struct gj_server *server, const char *dir, gj_errors *errors)
{
    char *current = in_root(server, "current"), *fresh = in_root(server, "current.new");
    int status = current == NULL || fresh == NULL ? -1 : 0;
    if (status == 0 && dir == NULL) {
        status = unlink(current) == 0 || errno == ENOENT ? 0 : -1;
    } else if (status == 0) {
        const char *name = strrchr(dir, '/');
        status = write_file(fresh, gj_str_of(name == NULL ? dir : name + 1));
        status = status == 0 ? rename(fresh, current) : status;
    }
    if (status != 0) {
        gj_errors_say(errors, "which rulebook is in force could not be noted (%s)",
                      strerror(errno));
    }
    free(current);
    free(fresh);
    return status;
}

int gj_candidate_noted(struct gj_server *server, char **dir, gj_errors *errors)
{
    char *current = in_root(server, "current");
    struct gj_buf name;
    gj_buf_init(&name);
    errno = 0;
    bool read = current != NULL && read_file(current, &name) == 0;
    gj_buf_cut(&name, strcspn(name.ptr, "\r\n")); /* that an editor put behind it */
    read = read && name.len > 0;
    bool none = !read && current != NULL && errno == ENOENT;
    *dir = read ? in_root(server, name.ptr) : NULL;
    int status = none || *dir != NULL ? 0 : -1;
    if (status != 0) {
        gj_errors_say(errors,
                      "%s: which rulebook is in force cannot be read; remove it to begin with the "
                      "one of the settings",
                      current == NULL ? "" : current);
    }
    gj_buf_release(&name);
    free(current);
    return status;
}

/* ---- those of before ---- */

struct folder {
    char *path;
    struct timespec since;
};

struct folders {
    struct folder items[KEPT_MAX]; /* the last ones seen so far, latest first */
    size_t count;
    struct gj_server *server;
};

static void remove_folder(struct gj_server *server, char *path)
{
    gj_candidate_remove(path);
    if (access(path, F_OK) == 0) {
        struct gj_buf text;
        gj_buf_init(&text);
        gj_buf_addf(&text, "%s: an old rulebook cannot be removed (%s)", path, strerror(errno));
        gj_server_complain(server, text.ptr);
        gj_buf_release(&text);
    }
    free(path);
}

static bool is_later(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

/* Takes its place among the last ones; whoever has none is removed. */
static void rank(struct folders *last, struct folder one)
{
    for (size_t i = 0; i < last->count; i++) {
        if (is_later(&one.since, &last->items[i].since)) {
            struct folder earlier = last->items[i];
            last->items[i] = one;
            one = earlier;
        }
    }
    if (last->count < KEPT_MAX) {
        last->items[last->count++] = one;
    } else {
        remove_folder(last->server, one.path);
    }
}

static bool is_hash(const char *name, const struct gj_edition *like)
{
    size_t len = strlen(name);
    return len == strlen(gj_rulebook_hash(like->book)) && strspn(name, "0123456789abcdef") == len;
}

void gj_candidate_tidy(struct gj_server *server, bool starting)
{
    struct folders last = {.server = server};
    struct gj_edition *now = gj_edition_take(server);
    char *root = in_root(server, "");
    DIR *stream = root == NULL ? NULL : opendir(root);
    for (const struct dirent *entry; stream != NULL && (entry = readdir(stream)) != NULL;) {
        struct stat about;
        char *path = in_root(server, entry->d_name);
        bool folder = path != NULL && lstat(path, &about) == 0 && S_ISDIR(about.st_mode);
        if (folder && starting && strncmp(entry->d_name, MAKING, strlen(MAKING)) == 0) {
            remove_folder(server, path);
        } else if (folder && is_hash(entry->d_name, now) && strcmp(path, now->dir) != 0) {
            rank(&last, (struct folder){path, about.st_mtim});
        } else {
            free(path);
        }
    }
    if (stream != NULL) {
        closedir(stream);
    }
    for (size_t i = 0; i < last.count; i++) {
        free(last.items[i].path);
    }
    free(root);
    gj_edition_leave(now);
}

void gj_candidate_errors(gj_errors *errors, const char *dir)
{
    size_t len = strlen(dir);
    for (size_t i = 0; i < errors->count; i++) {
        struct gj_str *file = &errors->items[i].file;
        if (file->len > len && memcmp(file->ptr, dir, len) == 0 && file->ptr[len] == '/') {
            *file = (struct gj_str){file->ptr + len + 1, file->len - len - 1};
        }
    }
}
