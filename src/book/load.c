/* Room book: a folder to a rulebook.
 *
 * Under the hash of the files' bytes the cache (cache.c) holds what is made of them; with it
 * neither YAML nor words are compiled again. Of the tree of nodes it holds two halves: the one on
 * events is read when it is asked for. Without it the YAML is parsed, built, and the cache written.
 * A cache that cannot be written costs time, not the verdict: it is told and passed over.
 *
 * A note beside it says what was found when files had the stamps that they have: the hash, and that
 * the cache is whole. Then neither the files are read nor the cache is checked (stamp.h). */
#include <errno.h>
#include <malloc.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/near.h"
#include "base/sum.h"
#include "book/build.h"
#include "book/plan.h"

#define LARGE_TREE (256u << 10) /* bytes; what is built of it takes five times as many */

/* ---- loading ---- */

static void build(struct gj_builder *b)
{
    gj_build_fields(b);
    gj_build_measures(b);
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

/* The kinds of entries, by half. */
static const char *const message_kinds[] = {"fields", "packs",  "measures", "openers", "sources",
                                            "param",  "hosts",  "shapes",   "lexicon", "negation",
                                            "rule",   "script", NULL};
static const char *const event_kinds[] = {"events", "entities", "flow",     "finding",  "counter",
                                          "metric", "ladder",   "guidance", "envelope", NULL};

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
    if (document->kind != GJ_NODE_MAPPING || document->first == NULL) {
        return NEITHER;
    }
    struct gj_str kind = document->first->key->text;
    return is_one_of(message_kinds, kind) ? MESSAGES
           : is_one_of(event_kinds, kind) ? EVENTS
                                          : NEITHER;
}

/* Says what was probably meant: a kind misspelt, or not put first. */
static void refuse_stranger(struct gj_builder *b, const struct gj_node *document)
{
    const struct gj_node *first = document->kind == GJ_NODE_MAPPING ? document->first : NULL;
    if (first == NULL) {
        gj_complain(b, document,
                    "an entry begins with its kind and id, as `rule: ID` or `lexicon: ID`");
        return;
    }
    struct gj_near near = gj_near_begin(first->key->text);
    for (size_t i = 0; message_kinds[i] != NULL; i++) {
        gj_near_try(&near, gj_str_of(message_kinds[i]));
    }
    for (size_t i = 0; event_kinds[i] != NULL; i++) {
        gj_near_try(&near, gj_str_of(event_kinds[i]));
    }
    for (const struct gj_node *n = first->next; n != NULL; n = n->next) {
        if (is_one_of(message_kinds, n->key->text) || is_one_of(event_kinds, n->key->text)) {
            gj_complain(b, n->key, "'%s' must be the entry's first key: it says what the entry is",
                        n->key->text.ptr);
            return;
        }
    }
    gj_complain(b, first->key, "'%s' is no kind of entry%s%s%s", first->key->text.ptr,
                near.best.len > 0 ? "; did you mean '"
                                  : ": rule, script, lexicon, flow, finding ...",
                near.best.len > 0 ? near.best.ptr : "", near.best.len > 0 ? "'?" : "");
}

static void refuse_strangers(struct gj_builder *b)
{
    for (const struct gj_node *n = b->documents; n != NULL; n = n->next) {
        if (half_of(n) == NEITHER) {
            refuse_stranger(b, n);
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

/* What did not fit into memory leaves gaps: such a book is none. */
static void tell_of_memory(struct gj_book *book, struct gj_errors *errors)
{
    if (book->arena.failed) {
        gj_errors_say(errors, "out of memory while loading the rulebook");
    }
    book->arena.failed = false;
}

static int build_from_files(struct gj_book *book, bool with_tests, struct gj_node **documents,
                            struct gj_errors *errors)
{
    size_t before = errors->count + errors->dropped;
    book->with_tests = with_tests;
    *documents = parse_files(book, errors);
    struct gj_builder b = {.book = book,
                           .errors = errors,
                           .errors_before = before,
                           .documents = *documents,
                           .with_tests = with_tests};
    if (!gj_build_failed(&b)) {
        refuse_strangers(&b);
        b.documents = *documents = part(*documents, &book->event_entries);
        build(&b);
        gj_book_plan(book, errors); /* a cached book holds only what was checked */
    }
    tell_of_memory(book, errors);
    return gj_build_failed(&b) ? -1 : 0;
}

static int read_tree(struct gj_book *book, struct gj_str image, struct gj_node **documents)
{
    int status = gj_image_read(&book->arena, image, documents);
    for (const struct gj_node *n = *documents; n != NULL && status == 0; n = n->next) {
        status = n->file < book->file_count ? 0 : -1;
    }
    return status;
}

/* `stamp`: of the file when it was last found right; becomes what it has now. */
static int build_from_cache(struct gj_book *book, const char *path, struct gj_stamp *stamp)
{
    struct gj_errors errors;
    struct gj_node *documents = NULL;
    struct gj_builder b = {.book = book, .errors = &errors};
    if (gj_cache_read(book, path, stamp, &b.image) != 0) {
        return -1;
    }
    *stamp = b.image.stamp;
    gj_errors_init(&errors);
    book->arena.block = b.image.tree.len < LARGE_TREE ? 0 : GJ_ARENA_HUGE;
    int status = read_tree(book, b.image.tree, &documents);
    if (status == 0) {
        b.documents = documents;
        build(&b);
        status = errors.count == 0 && !book->arena.failed ? 0 : -1;
    }
    gj_errors_release(&errors);
    book->arena.block = 0;
    return status;
}

/* The files once more: a book from the cache has not kept their texts. They must still be those
 * that gave the book its name. */
static int read_texts_again(struct gj_book *book, struct gj_errors *errors)
{
    char hash[sizeof book->hash];
    memcpy(hash, book->hash, sizeof hash);
    int status = gj_files_read(book, true, errors);
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
    size_t before = errors->count + errors->dropped;
    if (gj_sum(book->event_image) != book->event_sum ||
        read_tree(book, book->event_image, &book->event_entries) != 0) {
        book->event_entries = NULL;
        if (read_texts_again(book, errors) == 0) {
            part(parse_files(book, errors), &book->event_entries);
        }
    }
    if (errors->count + errors->dropped > before) {
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
    b.errors_before = errors->count + errors->dropped;
    if (gj_build_events(&b) == 0) {
        gj_build_envelopes(&b);
    }
    tell_of_memory(book, errors);
    if (gj_build_failed(&b)) {
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
    if (book->dir.ptr == NULL) {
        free(book);
        gj_errors_say(errors, "out of memory while loading the rulebook");
        return NULL;
    }
    return book;
}

/* A book that knows its files; their texts too when `keep`, and then its name. */
static struct gj_book *book_of_files(const char *dir, bool keep, struct gj_errors *errors)
{
    struct gj_book *book = book_new(dir, errors);
    if (book != NULL &&
        (gj_files_list(book, errors) != 0 || (keep && gj_files_read(book, true, errors) != 0))) {
        gj_book_free(book);
        return NULL;
    }
    return book;
}

/* The note on the folder, by its device and inode. -1: there is no place for one. */
static int note_path(const struct gj_book *book, const char *cache_dir, char *out, size_t size)
{
    struct stat about;
    char name[40];
    if (stat(book->dir.ptr, &about) != 0) {
        return -1;
    }
    snprintf(name, sizeof name, "%llx-%llx", (unsigned long long)about.st_dev,
             (unsigned long long)about.st_ino);
    return gj_cache_path(cache_dir, name, ".note", out, size);
}

/* Gives the book its name: that of the note, if the files are those that it knows. */
static int name_files(struct gj_book *book, struct gj_folder_note *note, struct gj_errors *errors)
{
    unsigned char digest[GJ_DIGEST_BYTES];
    gj_files_digest(book, digest);
    if (memcmp(note->files, digest, sizeof digest) == 0) {
        memcpy(book->hash, note->hash, sizeof book->hash);
        return 0;
    }
    *note = (struct gj_folder_note){0};
    memcpy(note->files, digest, sizeof digest);
    if (gj_files_read(book, false, errors) != 0) {
        return -1;
    }
    memcpy(note->hash, book->hash, sizeof book->hash);
    return 0;
}

/* *book stays NULL when the cache does not hold it. -1: the files cannot be read. */
static int load_cached(struct gj_book **out, const char *dir, const char *cache_dir,
                       struct gj_errors *errors)
{
    char path[4096], beside[4096];
    struct gj_folder_note known = {0};
    int64_t now = gj_stamp_now();
    struct gj_book *book = book_of_files(dir, false, errors);
    if (book == NULL) {
        return -1;
    }
    bool notes = note_path(book, cache_dir, beside, sizeof beside) == 0;
    if (notes) {
        gj_folder_note_read(beside, &known);
    }
    struct gj_folder_note note = known;
    if (name_files(book, &note, errors) != 0) {
        gj_book_free(book);
        return -1;
    }
    if (gj_cache_path(cache_dir, book->hash, ".book", path, sizeof path) != 0 ||
        build_from_cache(book, path, &note.image) != 0) {
        gj_book_free(book); /* a broken cache may have left parts behind */
        return 0;
    }
    if (!gj_stamp_settled(&note.image, now)) {
        note.image = (struct gj_stamp){0};
    }
    if (notes && memcmp(&note, &known, sizeof note) != 0 && gj_files_settled(book, now)) {
        gj_folder_note_write(beside, &note);
    }
    *out = book;
    return 0;
}

struct gj_book *gj_book_load(const char *dir, struct gj_book_options options,
                             struct gj_errors *errors)
{
    char path[4096];
    bool no_cache = options.cache_dir != NULL && options.cache_dir[0] == '\0';
    bool cached = !options.with_tests && !no_cache;
    struct gj_book *book = NULL;
    if (cached && (load_cached(&book, dir, options.cache_dir, errors) != 0 || book != NULL)) {
        return book;
    }
    /* The files are read again, and hashed again: what is parsed is what gives the name. */
    book = book_of_files(dir, true, errors);
    struct gj_node *documents = NULL;
    if (book == NULL || build_from_files(book, options.with_tests, &documents, errors) != 0) {
        gj_book_free(book);
        return NULL;
    }
    if (!cached || gj_cache_path(options.cache_dir, book->hash, ".book", path, sizeof path) != 0) {
        return book;
    }
    if (gj_cache_write(book, documents, path) != 0) {
        gj_errors_add(errors, gj_str_of(path), 0, 0, GJ_STR(""),
                      "the compiled rulebook could not be kept (%s); each start compiles it again, "
                      "name a writable folder with --cache or XDG_CACHE_HOME",
                      strerror(errno));
        return book;
    }
    /* read back, it takes a third of the memory that compiling leaves behind */
    struct gj_book *kept = NULL;
    if (load_cached(&kept, dir, options.cache_dir, errors) == 0 && kept != NULL) {
        gj_book_free(book);
        malloc_trim(0);
        return kept;
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
    book->files[0] =
        (struct gj_file){.path = GJ_STR("(text)"), .text = gj_arena_copy(&book->arena, text)};
    book->file_count = 1;
    gj_files_name(book);
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
    gj_map_release(&book->measure_ids);
    gj_map_release(&book->events.type_ids);
    gj_map_release(&book->events.kind_ids);
    if (book->image.ptr != NULL) {
        munmap((void *)(uintptr_t)book->image.ptr, book->image.len);
    }
    gj_arena_release(&book->arena);
    free(book);
}
