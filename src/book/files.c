/* Room book: a folder's files: listed with their stamps, read, and hashed (BLAKE2b). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/vec.h"
#include "book/build.h"

#define FILES_MAX          2000
#define FOLDERS_MAX        8
#define RULEBOOK_BYTES_MAX (64u << 20)
#define CATALOGUE          "catalogue.yaml" /* a specification, no rule: read by coverage alone */
#define HASH_BYTES         16
#define READ_BYTES         (64u << 10) /* asked for at once */

struct file_list {
    struct gj_file *items;
    size_t count, capacity, bytes;
    bool misnamed; /* one of them, or more: told */
};

/* ---- files ---- */

/* Appends the file's bytes. -1: errno says why. */
static int read_whole(const char *path, struct gj_buf *out)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = file < 0 ? -1 : 1;
    while (got > 0 && out->len <= RULEBOOK_BYTES_MAX && gj_buf_reserve(out, READ_BYTES) == 0) {
        got = read(file, out->ptr + out->len, READ_BYTES);
        out->len += got > 0 ? (size_t)got : 0;
        out->ptr[out->len] = '\0';
    }
    int why = errno;
    if (file >= 0) {
        close(file);
    }
    errno = out->failed ? ENOMEM : why;
    return got < 0 || out->failed ? -1 : 0;
}

static bool ends_with(const char *name, const char *end)
{
    size_t a = strlen(name), b = strlen(end);
    return a >= b && strcmp(name + a - b, end) == 0;
}

static int add_file(struct gj_book *book, struct file_list *list, const char *path,
                    const struct stat *about, struct gj_errors *errors)
{
    list->bytes += (size_t)about->st_size;
    if (list->count >= FILES_MAX || list->bytes > RULEBOOK_BYTES_MAX) {
        return gj_errors_say(errors, "the rulebook has more than 2000 files or 64 MiB; split it");
    }
    struct gj_file *items = gj_grow(list->items, &list->capacity, list->count + 1, sizeof *items);
    if (items == NULL) {
        return gj_errors_say(errors, "out of memory while reading the rulebook");
    }
    list->items = items;
    struct gj_file *file = &items[list->count];
    *file = (struct gj_file){.path = gj_arena_copy(&book->arena, gj_str_of(path)),
                             .stamp = gj_stamp_of(about)};
    if (file->path.ptr == NULL) {
        return gj_errors_say(errors, "out of memory while reading the rulebook");
    }
    list->count++;
    return 0;
}

static int walk(struct gj_book *book, struct file_list *list, const char *dir, int depth,
                struct gj_errors *errors)
{
    DIR *stream = opendir(dir);
    if (stream == NULL) {
        return gj_errors_add(errors, gj_str_of(dir), 0, 0, GJ_STR(""),
                             "cannot be opened (%s); name the rulebook's folder with --rulebook",
                             strerror(errno));
    }
    int status = 0;
    for (const struct dirent *entry = readdir(stream); entry != NULL && status == 0;
         entry = readdir(stream)) {
        char path[4096];
        struct stat about;
        if (entry->d_name[0] == '.') {
            continue;
        }
        int length = snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
        bool known = length < (int)sizeof path && stat(path, &about) == 0;
        if (!known && !ends_with(entry->d_name, ".yaml")) {
            continue; /* what an editor or a program left there */
        }
        if (!known) {
            status = gj_errors_add(errors, gj_str_of(path), 0, 0, GJ_STR(""),
                                   "cannot be read; check the path and its permissions");
        } else if (S_ISDIR(about.st_mode) && depth == FOLDERS_MAX) {
            status = gj_errors_add(errors, gj_str_of(path), 0, 0, GJ_STR(""),
                                   "lies more than %d folders deep, or in a circle of links; move "
                                   "it up",
                                   FOLDERS_MAX);
        } else if (S_ISDIR(about.st_mode)) {
            status = walk(book, list, path, depth + 1, errors);
        } else if (S_ISREG(about.st_mode) && gj_yaml_misnamed(entry->d_name)) {
            list->misnamed = true;
            gj_errors_add(errors, gj_str_of(path), 0, 0, GJ_STR(""),
                          "is not read; let its name end in .yaml, or move it away");
        } else if (S_ISREG(about.st_mode) && ends_with(path, ".yaml") &&
                   !(depth == 0 && strcmp(entry->d_name, CATALOGUE) == 0)) {
            status = add_file(book, list, path, &about, errors);
        }
    }
    closedir(stream);
    return status;
}

static int by_path(const void *a, const void *b)
{
    const struct gj_file *x = a, *y = b;
    return strcmp(x->path.ptr, y->path.ptr);
}

/* Below the folder. */
static struct gj_str name_of(const struct gj_book *book, const struct gj_file *file)
{
    return (struct gj_str){file->path.ptr + book->dir.len, file->path.len - book->dir.len};
}

static void hash_file(crypto_generichash_state *state, const struct gj_book *book,
                      const struct gj_file *file, struct gj_str text)
{
    struct gj_str name = name_of(book, file);
    uint64_t lengths[2] = {name.len, text.len};
    crypto_generichash_update(state, (const unsigned char *)lengths, sizeof lengths);
    crypto_generichash_update(state, (const unsigned char *)name.ptr, name.len);
    crypto_generichash_update(state, (const unsigned char *)text.ptr, text.len);
}

static void name_by_hash(struct gj_book *book, crypto_generichash_state *state)
{
    unsigned char digest[HASH_BYTES];
    crypto_generichash_final(state, digest, sizeof digest);
    sodium_bin2hex(book->hash, sizeof book->hash, digest, sizeof digest);
}

int gj_files_read(struct gj_book *book, bool keep, struct gj_errors *errors)
{
    crypto_generichash_state state;
    struct gj_buf text;
    int status = 0;
    gj_buf_init(&text);
    crypto_generichash_init(&state, NULL, 0, HASH_BYTES);
    for (size_t i = 0; i < book->file_count && status == 0; i++) {
        struct gj_file *file = &book->files[i];
        gj_buf_reset(&text);
        status = read_whole(file->path.ptr, &text);
        if (status == 0 && keep) {
            file->text = gj_arena_copy(&book->arena, gj_buf_str(&text));
            status = file->text.ptr == NULL ? -1 : 0;
            errno = ENOMEM;
        }
        if (status != 0) {
            gj_errors_add(errors, file->path, 0, 0, GJ_STR(""),
                          "cannot be read (%s); check its permissions", strerror(errno));
        }
        hash_file(&state, book, file, gj_buf_str(&text));
    }
    gj_buf_release(&text);
    name_by_hash(book, &state);
    return status;
}

int gj_files_list(struct gj_book *book, struct gj_errors *errors)
{
    const char *dir = book->dir.ptr;
    struct file_list list = {0};
    int status = walk(book, &list, dir, 0, errors) != 0 || list.misnamed ? -1 : 0;
    if (status == 0 && list.count == 0) {
        status = gj_errors_add(errors, gj_str_of(dir), 0, 0, GJ_STR(""),
                               "holds no .yaml file; name the rulebook's folder with --rulebook");
    }
    if (status == 0 && list.items != NULL) {
        qsort(list.items, list.count, sizeof *list.items, by_path);
        book->files = gj_arena_array(&book->arena, list.count, sizeof *book->files);
        if (book->files == NULL) {
            status = gj_errors_say(errors, "out of memory while reading the rulebook");
        } else {
            memcpy(book->files, list.items, list.count * sizeof *book->files);
            book->file_count = list.count;
        }
    }
    free(list.items);
    return status;
}

void gj_files_name(struct gj_book *book)
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, HASH_BYTES);
    for (size_t i = 0; i < book->file_count; i++) {
        hash_file(&state, book, &book->files[i], book->files[i].text);
    }
    name_by_hash(book, &state);
}

void gj_files_digest(const struct gj_book *book, unsigned char *digest)
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, GJ_DIGEST_BYTES);
    for (size_t i = 0; i < book->file_count; i++) {
        const struct gj_file *file = &book->files[i];
        struct gj_str name = name_of(book, file);
        crypto_generichash_update(&state, (const unsigned char *)name.ptr, name.len + 1);
        crypto_generichash_update(&state, (const unsigned char *)&file->stamp, sizeof file->stamp);
    }
    crypto_generichash_final(&state, digest, GJ_DIGEST_BYTES);
}

bool gj_files_settled(const struct gj_book *book, int64_t now)
{
    bool settled = true;
    for (size_t i = 0; i < book->file_count; i++) {
        settled &= gj_stamp_settled(&book->files[i].stamp, now);
    }
    return settled;
}

int gj_catalogue_read(struct gj_arena *arena, const char *dir, struct gj_node **rows,
                      struct gj_errors *errors)
{
    char path[4096];
    struct gj_buf text;
    gj_buf_init(&text);
    snprintf(path, sizeof path, "%s/%s", dir, CATALOGUE);
    int status = read_whole(path, &text);
    if (status != 0) {
        gj_errors_add(errors, gj_str_of(path), 0, 0, GJ_STR(""),
                      "cannot be read (%s); coverage compares the rules with it", strerror(errno));
    } else {
        struct gj_file file = {.path = gj_str_of(path), .text = gj_buf_str(&text)};
        status = gj_yaml_parse(arena, &file, 0, rows, errors);
        if (status == 0 && (*rows == NULL || (*rows)->kind != GJ_NODE_SEQUENCE)) {
            status =
                gj_errors_add(errors, gj_str_of(path), 1, 1, GJ_STR(""), "must be a list of rows");
        }
    }
    gj_buf_release(&text);
    return status;
}
