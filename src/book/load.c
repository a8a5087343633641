/* Room book: a folder to a rulebook.
 *
 * The files' bytes are hashed (BLAKE2b). Under that hash the cache holds the tree of nodes without
 * their tests, in two halves, and the compiled scanner; with it neither YAML nor patterns are
 * compiled again. The half on events is read when it is asked for.
 * Without it the YAML is parsed, built, and the cache written: to a temporary file first, renamed
 * when whole. A cache that cannot be written costs time, not the verdict: it is told and passed
 * over. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/vec.h"
#include "book/build.h"

#define FILES_MAX          2000
#define RULEBOOK_BYTES_MAX (64u << 20)
#define CATALOGUE          "catalogue.yaml" /* a specification, no rule: read by coverage alone */
#define IMAGE_MAGIC        "GJBOOK12"

struct file_list {
    struct gj_file *items;
    size_t count, capacity, bytes;
};

/* ---- files ---- */

static int read_whole(const char *path, struct gj_buf *out)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return -1;
    }
    char chunk[16384];
    size_t got = 0;
    while ((got = fread(chunk, 1, sizeof chunk, file)) > 0 && !out->failed &&
           out->len <= RULEBOOK_BYTES_MAX) {
        gj_buf_add(out, chunk, got);
    }
    bool failed = ferror(file) != 0 || out->failed;
    fclose(file);
    return failed ? -1 : 0;
}

static bool ends_with(const char *name, const char *end)
{
    size_t a = strlen(name), b = strlen(end);
    return a >= b && strcmp(name + a - b, end) == 0;
}

/* A file's bytes in the book's arena; ptr NULL on failure. */
static struct gj_str read_file(struct gj_book *book, const char *path, size_t size)
{
    char *bytes = gj_arena_alloc(&book->arena, size + 1);
    FILE *file = bytes == NULL ? NULL : fopen(path, "rb");
    if (file == NULL) {
        return (struct gj_str){0};
    }
    size_t got = fread(bytes, 1, size, file);
    bool failed = ferror(file) != 0;
    fclose(file);
    return failed ? (struct gj_str){0} : (struct gj_str){bytes, got};
}

static int add_file(struct gj_book *book, struct file_list *list, const char *path,
                    const char *shown, size_t size, struct gj_errors *errors)
{
    list->bytes += size;
    if (list->count >= FILES_MAX || list->bytes > RULEBOOK_BYTES_MAX) {
        return gj_errors_say(errors, "the rulebook has more than 2000 files or 64 MiB; split it");
    }
    struct gj_file *items = gj_grow(list->items, &list->capacity, list->count + 1, sizeof *items);
    if (items == NULL) {
        return gj_errors_say(errors, "out of memory while reading the rulebook");
    }
    list->items = items;
    struct gj_file *file = &items[list->count];
    file->path = gj_arena_copy(&book->arena, gj_str_of(shown));
    file->text = read_file(book, path, size);
    if (file->path.ptr == NULL || file->text.ptr == NULL) {
        return gj_errors_add(errors, gj_str_of(shown), 0, 0, GJ_STR(""),
                             "cannot be read (%s); check its permissions", strerror(errno));
    }
    list->count++;
    return 0;
}

static int walk(struct gj_book *book, struct file_list *list, const char *dir, const char *shown,
                int depth, struct gj_errors *errors)
{
    DIR *stream = opendir(dir);
    if (stream == NULL) {
        return gj_errors_add(errors, gj_str_of(shown), 0, 0, GJ_STR(""),
                             "cannot be opened (%s); name the rulebook's folder with --rulebook",
                             strerror(errno));
    }
    int status = 0;
    for (const struct dirent *entry = readdir(stream); entry != NULL && status == 0;
         entry = readdir(stream)) {
        char path[4096], name[4096];
        struct stat about;
        if (entry->d_name[0] == '.') {
            continue;
        }
        int length = snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
        snprintf(name, sizeof name, "%s/%s", shown, entry->d_name);
        if (length >= (int)sizeof path || stat(path, &about) != 0) {
            status = gj_errors_add(errors, gj_str_of(name), 0, 0, GJ_STR(""),
                                   "cannot be read; check the path and its permissions");
        } else if (S_ISDIR(about.st_mode) && depth < 8) {
            status = walk(book, list, path, name, depth + 1, errors);
        } else if (S_ISREG(about.st_mode) && ends_with(name, ".yaml") &&
                   !(depth == 0 && strcmp(entry->d_name, CATALOGUE) == 0)) {
            status = add_file(book, list, path, name, (size_t)about.st_size, errors);
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

static void hash_files(struct gj_book *book)
{
    crypto_generichash_state state;
    unsigned char digest[16];
    crypto_generichash_init(&state, NULL, 0, sizeof digest);
    for (size_t i = 0; i < book->file_count; i++) {
        const struct gj_file *file = &book->files[i];
        struct gj_str name = {file->path.ptr + book->dir.len, file->path.len - book->dir.len};
        uint64_t lengths[2] = {name.len, file->text.len};
        crypto_generichash_update(&state, (const unsigned char *)lengths, sizeof lengths);
        crypto_generichash_update(&state, (const unsigned char *)name.ptr, name.len);
        crypto_generichash_update(&state, (const unsigned char *)file->text.ptr, file->text.len);
    }
    crypto_generichash_final(&state, digest, sizeof digest);
    sodium_bin2hex(book->hash, sizeof book->hash, digest, sizeof digest);
}

static int read_files(struct gj_book *book, const char *dir, struct gj_errors *errors)
{
    struct file_list list = {0};
    int status = walk(book, &list, dir, dir, 0, errors);
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
            hash_files(book);
        }
    }
    free(list.items);
    return status;
}

/* ---- cache ---- */

static int cache_path(const struct gj_book *book, const char *cache_dir, char *out, size_t size)
{
    const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    int length = -1;
    if (cache_dir != NULL) {
        length = snprintf(out, size, "%s/%s.book", cache_dir, book->hash);
    } else if (xdg != NULL && xdg[0] == '/') {
        length = snprintf(out, size, "%s/guiju/%s.book", xdg, book->hash);
    } else if (home != NULL && home[0] == '/') {
        length = snprintf(out, size, "%s/.cache/guiju/%s.book", home, book->hash);
    }
    return length > 0 && (size_t)length < size ? 0 : -1;
}

/* Creates the folders above `path`. */
static void make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0777);
        *slash = '/';
    }
}

struct image_head {
    char magic[8];
    uint64_t tree_bytes, word_bytes, event_bytes, scanner_bytes;
    uint64_t sum;       /* of tree and words; the scanner brings a check of its own */
    uint64_t event_sum; /* of the half on events */
};

/* Guards against a file that was cut short or scribbled on, not against an adversary. */
static uint64_t sum_of(struct gj_str bytes)
{
    uint64_t sum = bytes.len, eight = 0;
    size_t at = 0;
    for (; at + 8 <= bytes.len; at += 8) {
        memcpy(&eight, bytes.ptr + at, 8);
        sum = (sum ^ eight) * 0x9E3779B97F4A7C15u;
        sum ^= sum >> 29;
    }
    eight = 0;
    if (at < bytes.len) {
        memcpy(&eight, bytes.ptr + at, bytes.len - at);
    }
    return (sum ^ eight) * 0x9E3779B97F4A7C15u;
}

/* Tests are read from the files alone; a lexicon's words are kept compiled. */
static const char *const image_skips[] = {"tests",          "words",   "patterns", "allow",
                                          "allow_patterns", "include", NULL};

#define CACHE_FILES_MAX 8

/* Removes the oldest compiled rulebooks beside `path`: an editor's every change makes one. */
static void prune_cache(const char *path)
{
    char dir[4096], other[4400], oldest[4400] = "";
    const char *slash = strrchr(path, '/');
    size_t count = 0;
    time_t oldest_time = 0;
    snprintf(dir, sizeof dir, "%.*s", (int)(slash - path), path);
    DIR *stream = opendir(dir);
    for (const struct dirent *entry = stream == NULL ? NULL : readdir(stream); entry != NULL;
         entry = readdir(stream)) {
        struct stat about;
        snprintf(other, sizeof other, "%s/%s", dir, entry->d_name);
        if (ends_with(entry->d_name, ".book") && stat(other, &about) == 0) {
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

/* What follows is read in place, as words. */
static void write_tree(struct gj_buf *out, const struct gj_node *documents)
{
    gj_image_write(out, documents, image_skips);
    while (out->len % sizeof(uint32_t) != 0) {
        gj_buf_add_char(out, '\0');
    }
}

static int write_cache(const struct gj_book *book, const struct gj_node *documents, char *path)
{
    struct gj_buf body;
    gj_buf_init(&body);
    struct image_head head = {.magic = IMAGE_MAGIC};
    write_tree(&body, documents);
    head.tree_bytes = body.len;
    gj_words_write(book, &body);
    head.word_bytes = body.len - head.tree_bytes;
    head.sum = sum_of(gj_buf_str(&body));
    size_t events = body.len;
    write_tree(&body, book->event_entries);
    head.event_bytes = body.len - events;
    head.event_sum = sum_of((struct gj_str){body.ptr + events, body.len - events});
    size_t scanner = body.len;
    int status = gj_scanner_serialize(book->scanner, &body);
    head.scanner_bytes = body.len - scanner;
    char temporary[4200];
    snprintf(temporary, sizeof temporary, "%s.%ld", path, (long)getpid());
    make_folders(path);
    FILE *file = status == 0 && !body.failed ? fopen(temporary, "wb") : NULL;
    if (file != NULL) {
        bool wrote = fwrite(&head, sizeof head, 1, file) == 1 &&
                     fwrite(body.ptr, 1, body.len, file) == body.len;
        bool closed = fclose(file) == 0;
        status = wrote && closed && rename(temporary, path) == 0 ? 0 : -1;
        if (status != 0) {
            int why = errno;
            unlink(temporary);
            errno = why;
        } else {
            prune_cache(path);
        }
    } else {
        status = -1;
    }
    gj_buf_release(&body);
    return status;
}

/* Takes the next `bytes` of `rest`; -1: it has not so many. */
static int take(struct gj_str *rest, uint64_t bytes, struct gj_str *out)
{
    if (bytes > rest->len) {
        return -1;
    }
    *out = (struct gj_str){rest->ptr, (size_t)bytes};
    *rest = (struct gj_str){rest->ptr + bytes, rest->len - (size_t)bytes};
    return 0;
}

/* Maps the cache as book->image; the parts point into it. -1: there is none, or it is broken. */
static int read_cache(struct gj_book *book, const char *path, struct gj_str *tree,
                      struct gj_str *words, struct gj_str *scanner)
{
    struct image_head head;
    struct stat about;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    bool usable = file >= 0 && fstat(file, &about) == 0 && S_ISREG(about.st_mode) &&
                  (size_t)about.st_size > sizeof head;
    void *bytes =
        usable ? mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0)
               : MAP_FAILED;
    if (file >= 0) {
        close(file);
    }
    if (bytes == MAP_FAILED) {
        return -1;
    }
    book->image = (struct gj_str){bytes, (size_t)about.st_size};
    memcpy(&head, bytes, sizeof head);
    struct gj_str rest = {book->image.ptr + sizeof head, book->image.len - sizeof head};
    if (memcmp(head.magic, IMAGE_MAGIC, sizeof head.magic) != 0 ||
        take(&rest, head.tree_bytes, tree) != 0 || take(&rest, head.word_bytes, words) != 0 ||
        take(&rest, head.event_bytes, &book->event_image) != 0 || rest.len != head.scanner_bytes) {
        return -1; /* the book unmaps it */
    }
    *scanner = rest;
    book->event_sum = head.event_sum;
    struct gj_str summed = {tree->ptr, tree->len + words->len};
    return sum_of(summed) == head.sum ? 0 : -1;
}

/* ---- loading ---- */

static void build(struct gj_builder *b)
{
    gj_build_fields(b);
    gj_build_sources(b);
    gj_build_params(b);
    gj_build_hosts(b);
    gj_build_grammar(b);
    gj_build_shapes(b);
    gj_build_lexicons(b);
    gj_build_rules(b);
}

enum half { MESSAGES, EVENTS, NEITHER };

static bool is_one_of(const char *const *kinds, struct gj_str kind)
{
    while (*kinds != NULL && !gj_str_is(kind, *kinds)) {
        kinds++;
    }
    return *kinds != NULL;
}

/* Which half of the rulebook a document belongs to: its first key is its kind. */
static enum half half_of(const struct gj_node *document)
{
    static const char *const messages[] = {"fields",   "packs", "openers", "sources",
                                           "param",    "hosts", "shapes",  "lexicon",
                                           "negation", "rule",  "script",  NULL};
    static const char *const events[] = {"events", "entities", "flow",     "finding", "counter",
                                         "metric", "ladder",   "guidance", NULL};
    if (document->kind != GJ_NODE_MAPPING || document->first == NULL) {
        return NEITHER;
    }
    struct gj_str kind = document->first->key->text;
    return is_one_of(messages, kind) ? MESSAGES : is_one_of(events, kind) ? EVENTS : NEITHER;
}

static void refuse_strangers(struct gj_builder *b)
{
    for (const struct gj_node *n = b->documents; n != NULL; n = n->next) {
        if (half_of(n) == NEITHER) {
            gj_complain(b, n,
                        "an entry begins with its kind: rule, script, lexicon, param, hosts ...");
        }
    }
}

/* Parts the documents: those on events go to *events, in order. Returns the others. */
static struct gj_node *part(struct gj_node *documents, struct gj_node **events)
{
    struct gj_node *messages = NULL, **message_end = &messages, **event_end = events;
    for (struct gj_node *n = documents; n != NULL; n = n->next) {
        struct gj_node ***end = half_of(n) == EVENTS ? &event_end : &message_end;
        **end = n;
        *end = &n->next;
    }
    *message_end = *event_end = NULL;
    return messages;
}

static struct gj_node *parse_files(struct gj_book *book, struct gj_errors *errors)
{
    struct gj_node *first = NULL, *last = NULL;
    for (uint32_t i = 0; i < book->file_count; i++) {
        struct gj_node *documents = NULL;
        gj_yaml_parse(&book->arena, &book->files[i], i, &documents, errors);
        if (documents == NULL) {
            continue;
        }
        if (first == NULL) {
            first = documents;
        } else {
            last->next = documents;
        }
        for (last = documents; last->next != NULL; last = last->next) {
        }
    }
    return first;
}

static int build_from_files(struct gj_book *book, bool with_tests, struct gj_node **documents,
                            struct gj_errors *errors)
{
    size_t before = errors->count;
    book->with_tests = with_tests;
    *documents = parse_files(book, errors);
    struct gj_builder b = {
        .book = book, .errors = errors, .documents = *documents, .with_tests = with_tests};
    if (errors->count == before) {
        refuse_strangers(&b);
        b.documents = *documents = part(*documents, &book->event_entries);
        build(&b);
        gj_book_events(book, errors);
    }
    return errors->count > before ? -1 : 0;
}

static int read_tree(struct gj_book *book, struct gj_str image, struct gj_node **documents)
{
    int status = gj_image_read(&book->arena, image, documents);
    for (const struct gj_node *n = *documents; n != NULL && status == 0; n = n->next) {
        status = n->file < book->file_count ? 0 : -1;
    }
    return status;
}

static int build_from_cache(struct gj_book *book, const char *path)
{
    struct gj_errors errors;
    struct gj_node *documents = NULL;
    struct gj_builder b = {.book = book, .errors = &errors};
    struct gj_str tree;
    if (read_cache(book, path, &tree, &b.word_image, &b.scanner_image) != 0) {
        return -1;
    }
    gj_errors_init(&errors);
    int status = read_tree(book, tree, &documents);
    if (status == 0) {
        b.documents = documents;
        build(&b);
        status = errors.count == 0 ? 0 : -1;
    }
    gj_errors_release(&errors);
    return status;
}

/* The half on events from the cache, or, where that is broken, from the files. */
static int read_event_entries(struct gj_book *book, struct gj_errors *errors)
{
    size_t before = errors->count;
    struct gj_str image = book->event_image;
    book->event_image = (struct gj_str){0};
    if (sum_of(image) != book->event_sum || read_tree(book, image, &book->event_entries) != 0) {
        part(parse_files(book, errors), &book->event_entries);
    }
    return errors->count > before ? -1 : 0;
}

const struct gj_events *gj_book_events(struct gj_book *book, struct gj_errors *errors)
{
    if (book->has_events) {
        return &book->events;
    }
    if (book->event_image.len > 0 && read_event_entries(book, errors) != 0) {
        return NULL;
    }
    struct gj_builder b = {.book = book, .errors = errors, .documents = book->event_entries};
    if (gj_build_events(&b) != 0) {
        return NULL;
    }
    book->has_events = true;
    return &book->events;
}

static struct gj_book *book_new(const char *dir, struct gj_errors *errors)
{
    struct gj_book *book = calloc(1, sizeof *book);
    if (book == NULL || sodium_init() < 0) {
        free(book);
        gj_errors_say(errors, "out of memory while loading the rulebook");
        return NULL;
    }
    gj_arena_init(&book->arena);
    book->dir = gj_arena_copy(&book->arena, gj_str_of(dir));
    return book;
}

struct gj_book *gj_book_load(const char *dir, struct gj_book_options options,
                             struct gj_errors *errors)
{
    char path[4096];
    struct gj_book *book = book_new(dir, errors);
    if (book == NULL || read_files(book, dir, errors) != 0) {
        gj_book_free(book);
        return NULL;
    }
    bool cached = !options.with_tests &&
                  !(options.cache_dir != NULL && options.cache_dir[0] == '\0') &&
                  cache_path(book, options.cache_dir, path, sizeof path) == 0;
    if (cached && build_from_cache(book, path) == 0) {
        return book;
    }
    if (cached) { /* begin again: a broken cache may have left parts behind */
        gj_book_free(book);
        book = book_new(dir, errors);
        if (book == NULL || read_files(book, dir, errors) != 0) {
            gj_book_free(book);
            return NULL;
        }
    }
    struct gj_node *documents = NULL;
    if (build_from_files(book, options.with_tests, &documents, errors) != 0) {
        gj_book_free(book);
        return NULL;
    }
    if (cached && write_cache(book, documents, path) != 0) {
        gj_errors_add(errors, gj_str_of(path), 0, 0, GJ_STR(""),
                      "the compiled rulebook could not be kept (%s); each start compiles it again, "
                      "name a writable folder with --cache or XDG_CACHE_HOME",
                      strerror(errno));
    }
    return book;
}

struct gj_book *gj_book_from_text(struct gj_str text, struct gj_errors *errors)
{
    struct gj_book *book = book_new("", errors);
    if (book == NULL) {
        return NULL;
    }
    struct gj_node *documents = NULL;
    book->files = gj_arena_array(&book->arena, 1, sizeof *book->files);
    if (book->files == NULL) {
        gj_book_free(book);
        return NULL;
    }
    book->files[0] = (struct gj_file){GJ_STR("(text)"), gj_arena_copy(&book->arena, text)};
    book->file_count = 1;
    hash_files(book);
    if (build_from_files(book, true, &documents, errors) != 0) {
        gj_book_free(book);
        return NULL;
    }
    return book;
}

void gj_book_free(struct gj_book *book)
{
    if (book == NULL) {
        return;
    }
    gj_scanner_free(book->scanner);
    gj_weak_free(book->weak);
    free(book->operators);
    gj_map_release(&book->source_ids);
    gj_map_release(&book->param_ids);
    gj_map_release(&book->lexicon_ids);
    gj_map_release(&book->host_ids);
    gj_map_release(&book->field_ids);
    gj_map_release(&book->rule_ids);
    gj_map_release(&book->pack_ids);
    gj_map_release(&book->events.type_ids);
    gj_map_release(&book->events.kind_ids);
    if (book->image.ptr != NULL) {
        munmap((void *)(uintptr_t)book->image.ptr, book->image.len);
    }
    gj_arena_release(&book->arena);
    free(book);
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
        struct gj_file file = {gj_str_of(path), gj_buf_str(&text)};
        status = gj_yaml_parse(arena, &file, 0, rows, errors);
        if (status == 0 && (*rows == NULL || (*rows)->kind != GJ_NODE_SEQUENCE)) {
            status =
                gj_errors_add(errors, gj_str_of(path), 1, 1, GJ_STR(""), "must be a list of rows");
        }
    }
    gj_buf_release(&text);
    return status;
}
