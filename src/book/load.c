/* Room book: a folder to a rulebook.
 *
 * The files' bytes are hashed (BLAKE2b). Under that hash the cache (cache.c) holds what is made of
 * them; with it neither YAML nor words are compiled again. Of the tree of nodes it holds two
 * halves: the one on events is read when it is asked for. Without it the YAML is parsed, built, and
 * the cache written. A cache that cannot be written costs time, not the verdict: it is told and
 * passed over. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sum.h"
#include "base/vec.h"
#include "book/build.h"
#include "book/plan.h"

#define FILES_MAX          2000
#define RULEBOOK_BYTES_MAX (64u << 20)
#define CATALOGUE          "catalogue.yaml" /* a specification, no rule: read by coverage alone */
#define HASH_BYTES         16
#define READ_BYTES         (64u << 10) /* asked for at once */

struct file_list {
    struct gj_file *items;
    size_t count, capacity, bytes;
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

static int add_file(struct gj_book *book, struct file_list *list, const char *path, size_t size,
                    struct gj_errors *errors)
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
    *file = (struct gj_file){.path = gj_arena_copy(&book->arena, gj_str_of(path))};
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
        if (length >= (int)sizeof path || stat(path, &about) != 0) {
            status = gj_errors_add(errors, gj_str_of(path), 0, 0, GJ_STR(""),
                                   "cannot be read; check the path and its permissions");
        } else if (S_ISDIR(about.st_mode) && depth < 8) {
            status = walk(book, list, path, depth + 1, errors);
        } else if (S_ISREG(about.st_mode) && ends_with(path, ".yaml") &&
                   !(depth == 0 && strcmp(entry->d_name, CATALOGUE) == 0)) {
            status = add_file(book, list, path, (size_t)about.st_size, errors);
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

static void hash_file(crypto_generichash_state *state, const struct gj_book *book,
                      const struct gj_file *file, struct gj_str text)
{
    struct gj_str name = {file->path.ptr + book->dir.len, file->path.len - book->dir.len};
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

/* Reads every file and hashes all. Their texts stay in the book only when `keep`: a book from the
 * cache does without, and one buffer serves all its files. */
static int read_texts(struct gj_book *book, bool keep, struct gj_errors *errors)
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

static int read_files(struct gj_book *book, const char *dir, bool keep, struct gj_errors *errors)
{
    struct file_list list = {0};
    int status = walk(book, &list, dir, 0, errors);
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
            status = read_texts(book, keep, errors);
        }
    }
    free(list.items);
    return status;
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
    gj_build_stances(b);
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
    static const char *const events[] = {"events", "entities", "flow",     "finding",  "counter",
                                         "metric", "ladder",   "guidance", "envelope", NULL};
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
        gj_book_plan(book, errors); /* a cached book holds only what was checked */
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
    if (gj_cache_read(book, path, &b.image) != 0) {
        return -1;
    }
    gj_errors_init(&errors);
    int status = read_tree(book, b.image.tree, &documents);
    if (status == 0) {
        b.documents = documents;
        build(&b);
        status = errors.count == 0 ? 0 : -1;
    }
    gj_errors_release(&errors);
    return status;
}

/* The files once more: a book from the cache has not kept their texts. They must still be those
 * that gave the book its name. */
static int read_texts_again(struct gj_book *book, struct gj_errors *errors)
{
    char hash[sizeof book->hash];
    memcpy(hash, book->hash, sizeof hash);
    int status = read_texts(book, true, errors);
    if (status == 0 && strcmp(hash, book->hash) != 0) {
        status = gj_errors_add(errors, book->dir, 0, 0, GJ_STR(""),
                               "the rulebook has changed since it was loaded; load it again");
    }
    memcpy(book->hash, hash, sizeof hash);
    return status;
}

/* The half on events from the cache, or, where that is broken, from the files. */
static int read_event_entries(struct gj_book *book, struct gj_errors *errors)
{
    size_t before = errors->count;
    if (gj_sum(book->event_image) != book->event_sum ||
        read_tree(book, book->event_image, &book->event_entries) != 0) {
        book->event_entries = NULL;
        if (read_texts_again(book, errors) == 0) {
            part(parse_files(book, errors), &book->event_entries);
        }
    }
    if (errors->count > before) {
        return -1;
    }
    book->event_image = (struct gj_str){0};
    return 0;
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
    if (gj_build_events(&b) != 0 || gj_build_envelopes(&b) != 0) {
        return NULL;
    }
    book->has_events = true;
    return &book->events;
}

static struct gj_plan *build_plan(struct gj_book *book, struct gj_errors *errors)
{
    const struct gj_events *events = gj_book_events(book, errors);
    return events == NULL ? NULL : gj_plan_build(book, events, errors);
}

const struct gj_plan *gj_book_plan(struct gj_book *book, struct gj_errors *errors)
{
    if (book->plan == NULL) {
        book->plan = build_plan(book, errors);
    }
    return book->plan;
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

/* A book that knows its files, and their texts when `keep`. */
static struct gj_book *book_of_files(const char *dir, bool keep, struct gj_errors *errors)
{
    struct gj_book *book = book_new(dir, errors);
    if (book != NULL && read_files(book, dir, keep, errors) != 0) {
        gj_book_free(book);
        return NULL;
    }
    return book;
}

struct gj_book *gj_book_load(const char *dir, struct gj_book_options options,
                             struct gj_errors *errors)
{
    char path[4096];
    bool no_cache = options.cache_dir != NULL && options.cache_dir[0] == '\0';
    bool cached = !options.with_tests && !no_cache;
    if (cached) {
        struct gj_book *book = book_of_files(dir, false, errors);
        if (book == NULL) {
            return NULL;
        }
        if (gj_cache_path(book, options.cache_dir, path, sizeof path) == 0 &&
            build_from_cache(book, path) == 0) {
            return book;
        }
        gj_book_free(book); /* a broken cache may have left parts behind */
    }
    /* The files are read again, and hashed again: what is parsed is what gives the name. */
    struct gj_book *book = book_of_files(dir, true, errors);
    struct gj_node *documents = NULL;
    if (book == NULL || build_from_files(book, options.with_tests, &documents, errors) != 0) {
        gj_book_free(book);
        return NULL;
    }
    if (cached && gj_cache_path(book, options.cache_dir, path, sizeof path) == 0 &&
        gj_cache_write(book, documents, path) != 0) {
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
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, HASH_BYTES);
    hash_file(&state, book, &book->files[0], book->files[0].text);
    name_by_hash(book, &state);
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
    gj_plan_free(book->plan);
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
