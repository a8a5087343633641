/* Room book: the compiled rulebook as a file, named by the hash of the rulebook's files:
 *
 *   head | tree of nodes | words, refs, triggers | weak levels | tree on events | scanner
 *
 * Each part begins at a multiple of PART_ALIGN and is read where it is mapped. A file is written to
 * a temporary name and renamed when whole, so what is mapped never changes. What is stored in an
 * other form needs another IMAGE_MAGIC. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sum.h"
#include "book/build.h"

#define IMAGE_MAGIC     "GJBOOK32"
#define PART_ALIGN      64u /* a line of the processor's cache; no part asks for more */
#define CACHE_FILES_MAX 8

enum { TREE, WORDS, WEAK, EVENTS, SCANNER, PARTS };

struct image_head {
    char magic[8];
    uint64_t sizes[PARTS];
    uint64_t sum;       /* of the parts before the half on events */
    uint64_t event_sum; /* of that half, which is not always read; the scanner checks itself */
};

/* Tests are read from the files alone; words and shapes are kept compiled. */
static const char *const image_skips[] = {"tests",          "words",   "patterns", "allow",
                                          "allow_patterns", "include", "split",    "look_alike",
                                          "emoji",          NULL};
static const char *const event_skips[] = {"tests", NULL};

int gj_cache_path(const char *cache_dir, const char *name, const char *end, char *out, size_t size)
{
    const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    int length = -1;
    if (cache_dir != NULL) {
        length = snprintf(out, size, "%s/%s%s", cache_dir, name, end);
    } else if (xdg != NULL && xdg[0] == '/') {
        length = snprintf(out, size, "%s/guiju/%s%s", xdg, name, end);
    } else if (home != NULL && home[0] == '/') {
        length = snprintf(out, size, "%s/.cache/guiju/%s%s", home, name, end);
    }
    return length > 0 && (size_t)length < size ? 0 : -1;
}

/* ---- writing ---- */

/* Creates the folders above `path`. */
static void make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0777);
        *slash = '/';
    }
}

/* Removes the oldest of the files beside `path` that end as it does: an editor's every change makes
 * a compiled rulebook. */
static void prune(const char *path)
{
    char dir[4096], other[4400], oldest[4400] = "";
    const char *slash = strrchr(path, '/'), *same = strrchr(path, '.');
    size_t count = 0;
    time_t oldest_time = 0;
    snprintf(dir, sizeof dir, "%.*s", (int)(slash - path), path);
    DIR *stream = opendir(dir);
    for (const struct dirent *entry = stream == NULL ? NULL : readdir(stream); entry != NULL;
         entry = readdir(stream)) {
        struct stat about;
        const char *end = strrchr(entry->d_name, '.');
        snprintf(other, sizeof other, "%s/%s", dir, entry->d_name);
        if (end != NULL && strcmp(end, same) == 0 && stat(other, &about) == 0) {
            if (count++ == 0 || about.st_mtime < oldest_time) {
                oldest_time = about.st_mtime;
                snprintf(oldest, sizeof oldest, "%s", other);
            }
        }
    }
    if (stream != NULL) {
        closedir(stream);
    }
    if (count > CACHE_FILES_MAX) {
        unlink(oldest);
    }
}

static void pad(struct gj_buf *out)
{
    while (out->len % PART_ALIGN != 0 && !out->failed) {
        gj_buf_add_char(out, '\0');
    }
}

static size_t padded(uint64_t size)
{
    return (size_t)((size + PART_ALIGN - 1) / PART_ALIGN * PART_ALIGN);
}

static struct gj_str since(const struct gj_buf *out, size_t begin)
{
    return out->failed ? (struct gj_str){0} : (struct gj_str){out->ptr + begin, out->len - begin};
}

/* Head and parts, in `out`. */
static int compose(const struct gj_book *book, const struct gj_node *documents, struct gj_buf *out)
{
    struct image_head head = {.magic = IMAGE_MAGIC};
    int status = 0;
    gj_buf_add(out, &head, sizeof head);
    pad(out);
    size_t begin = out->len;
    for (int i = 0; i < PARTS && status == 0; i++) {
        size_t before = out->len;
        if (i == TREE) {
            gj_image_write(out, documents, image_skips);
        } else if (i == WORDS) {
            gj_words_write(book, out);
        } else if (i == WEAK) {
            gj_buf_add_str(out, gj_weak_image(book->weak));
        } else if (i == EVENTS) {
            head.sum = gj_sum(since(out, begin));
            gj_image_write(out, book->event_entries, event_skips);
            head.event_sum = gj_sum(since(out, before));
        } else {
            status = gj_scanner_write(book->scanner, out);
        }
        head.sizes[i] = out->len - before;
        pad(out);
    }
    if (status == 0 && !out->failed) {
        memcpy(out->ptr, &head, sizeof head);
        return 0;
    }
    return -1;
}

int gj_cache_keep(char *path, struct gj_str bytes)
{
    char temporary[4200]; /* of this writer alone: threads share a process, containers its number */
    snprintf(temporary, sizeof temporary, "%s.%ld.%lld", path, (long)getpid(),
             (long long)gj_stamp_now());
    make_folders(path);
    FILE *file = fopen(temporary, "wbxe");
    if (file == NULL) {
        return -1;
    }
    bool wrote = fwrite(bytes.ptr, 1, bytes.len, file) == bytes.len;
    bool closed = fclose(file) == 0;
    if (!wrote || !closed || rename(temporary, path) != 0) {
        int why = errno;
        unlink(temporary);
        errno = why;
        return -1;
    }
    prune(path);
    return 0;
}

int gj_cache_write(const struct gj_book *book, const struct gj_node *documents, char *path)
{
    struct gj_buf bytes;
    gj_buf_init(&bytes);
    int status = compose(book, documents, &bytes);
    if (status == 0) {
        status = gj_cache_keep(path, gj_buf_str(&bytes));
    }
    gj_buf_release(&bytes);
    return status;
}

/* ---- reading ---- */

/* What is to be checked is read from end to end, and mapped at once. */
static int map(struct gj_book *book, const char *path, const struct gj_stamp *known,
               struct gj_book_image *image)
{
    struct stat about;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    bool usable = file >= 0 && fstat(file, &about) == 0 && S_ISREG(about.st_mode) &&
                  (size_t)about.st_size > sizeof(struct image_head);
    void *bytes = MAP_FAILED;
    if (usable) {
        image->stamp = gj_stamp_of(&about);
        image->whole = gj_stamp_eq(&image->stamp, known);
        int flags = MAP_PRIVATE | (image->whole ? 0 : MAP_POPULATE);
        bytes = mmap(NULL, (size_t)about.st_size, PROT_READ, flags, file, 0);
    }
    if (file >= 0) {
        close(file);
    }
    if (bytes == MAP_FAILED) {
        return -1;
    }
    book->image = (struct gj_str){bytes, (size_t)about.st_size};
    return 0;
}

int gj_cache_read(struct gj_book *book, const char *path, const struct gj_stamp *known,
                  struct gj_book_image *image)
{
    struct image_head head;
    if (map(book, path, known, image) != 0) {
        return -1;
    }
    struct gj_str *parts[PARTS] = {&image->tree, &image->words, &image->weak, &book->event_image,
                                   &image->scanner};
    struct gj_str whole = book->image; /* the book unmaps it */
    memcpy(&head, whole.ptr, sizeof head);
    if (memcmp(head.magic, IMAGE_MAGIC, sizeof head.magic) != 0) {
        return -1;
    }
    size_t begin = padded(sizeof head), at = begin;
    for (int i = 0; i < PARTS; i++) {
        if (at > whole.len || head.sizes[i] > whole.len - at) {
            return -1;
        }
        *parts[i] = (struct gj_str){whole.ptr + at, (size_t)head.sizes[i]};
        at += padded(head.sizes[i]);
    }
    book->event_sum = head.event_sum;
    size_t events = (size_t)(book->event_image.ptr - whole.ptr);
    struct gj_str summed = {whole.ptr + begin, events - begin};
    return at == whole.len && (image->whole || gj_sum(summed) == head.sum) ? 0 : -1;
}
