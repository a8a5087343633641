/* Room book, inside: from the tree to the compiled rulebook. Each build_*.c turns one kind of entry
 * into its part of struct gj_book; all add every error they find and go on. */
#ifndef GJ_BOOK_BUILD_H
#define GJ_BOOK_BUILD_H

#include "book/book.h"

/* The parts of a cache file; they stay mapped as long as the book (cache.c). */
struct gj_book_image {
    struct gj_str tree, words, weak, scanner;
    struct gj_stamp stamp; /* of the file */
    bool whole;            /* it was found right before: neither sums nor indexes are checked */
};

struct gj_builder {
    struct gj_book *book;
    struct gj_errors *errors;
    size_t errors_before; /* errors of others, that stood there before */
    const struct gj_node *documents;
    struct gj_book_image image;            /* empty when built from the files */
    const struct gj_str *trigger_literals; /* of each trigger, until the weak levels are built */
    struct gj_shape *shapes; /* needed until the weak levels are built; in the book's arena */
    size_t shape_count;
    bool with_tests;
};

/* ---- read.c: nodes to values, with errors at their place ---- */

int gj_complain(struct gj_builder *b, const struct gj_node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Whether this book has errors so far. */
static inline bool gj_build_failed(const struct gj_builder *b)
{
    return b->errors->count + b->errors->dropped > b->errors_before;
}

/* A measure that costs or findings name must be declared where the rulebook declares any. */
void gj_check_measure(struct gj_builder *b, const struct gj_node *node, struct gj_str name);

/* An entry whose id another of its kind has: tells both places. */
void gj_complain_twice(struct gj_builder *b, const struct gj_node *entry, const char *kind,
                       struct gj_str id);

/* Refuses keys that are not in `known` (NULL-terminated) and names the nearest one. */
void gj_read_keys(struct gj_builder *b, const struct gj_node *mapping, const char *const *known);

/* 1 when `key` is there and is a scalar; 0 when it is not there; -1 after an error. */
int gj_read_string(struct gj_builder *b, const struct gj_node *mapping, const char *key,
                   struct gj_str *out);
int gj_need_string(struct gj_builder *b, const struct gj_node *mapping, const char *key,
                   struct gj_str *out);
int gj_read_strings(struct gj_builder *b, const struct gj_node *mapping, const char *key,
                    const struct gj_str **out, size_t *count);
int gj_read_bool(struct gj_builder *b, const struct gj_node *mapping, const char *key, bool *out);

/* {zh: ..., en: ...}; both needed when `need`. */
int gj_read_bilingual(struct gj_builder *b, const struct gj_node *mapping, const char *key,
                      bool need, struct gj_str *zh, struct gj_str *en);

/* One of `names` (NULL-terminated): its index, or -1 after an error. */
int gj_read_choice(struct gj_builder *b, const struct gj_node *node, const char *const *names);

/* `cites:`, a list of {source, place} or one of them. */
int gj_read_cites(struct gj_builder *b, const struct gj_node *mapping, const struct gj_cite **out,
                  size_t *count);

/* The entries of a kind:
 * `for (n = gj_entry_of(b->documents, "rule"); n; n = gj_entry_of(n->next, "rule"))`. */
const struct gj_node *gj_entry_of(const struct gj_node *from, const char *kind);
size_t gj_entry_total(const struct gj_builder *b, const char *kind);

/* The only document of a kind, or NULL; a second one, and keys not in `known`, are errors. */
const struct gj_node *gj_only_entry(struct gj_builder *b, const char *kind,
                                    const char *const *known);

/* The citations in words; lives in the book. */
struct gj_str gj_clause_text(struct gj_builder *b, const struct gj_cite *cites, size_t count,
                             bool english);

/* `from:` and `until:` as seconds since 1970; INT64_MIN, INT64_MAX where not given. */
void gj_read_dates(struct gj_builder *b, const struct gj_node *mapping, int64_t *from,
                   int64_t *until);

/* The index under `name`; -1: unknown, with "unknown WHAT 'name'; did you mean ...?" in `why`. */
int gj_find_name(const struct gj_map *names, struct gj_str name, const char *what, uint32_t *out,
                 struct gj_buf *why);

void *gj_book_array(struct gj_builder *b, size_t count, size_t size); /* NULL: error added */

/* A copy that lives in the book; a key of one of its maps. Where memory runs out, that is noted in
 * the book's arena, and told once all is built. */
struct gj_str gj_book_keep(struct gj_builder *b, const struct gj_buf *text);
void gj_book_name(struct gj_builder *b, struct gj_map *map, struct gj_str key, uint32_t value);

/* ---- the parts, in the order they are built ---- */

void gj_build_fields(struct gj_builder *b); /* build_base.c */
void gj_build_measures(struct gj_builder *b);
void gj_build_sources(struct gj_builder *b);  /* build_base.c */
void gj_build_params(struct gj_builder *b);   /* build_base.c */
void gj_build_hosts(struct gj_builder *b);    /* build_base.c */
void gj_build_grammar(struct gj_builder *b);  /* build_base.c */
void gj_build_stances(struct gj_builder *b);  /* build_operator.c; after the lexicons */
void gj_build_shapes(struct gj_builder *b);   /* build_base.c */
void gj_build_lexicons(struct gj_builder *b); /* build_lexicon.c */
void gj_build_rules(struct gj_builder *b);    /* build_rule.c */

/* build_event.c: book->events from the entries of the event half. Apart from the others, since only
 * event streams need it. -1: errors were added. */
int gj_build_events(struct gj_builder *b);

/* build_envelope.c: book->envelopes, against the book's events. -1: errors were added. */
int gj_build_envelopes(struct gj_builder *b);

/* build_trigger.c: compiles every pattern, lists what wakes it and compiles the scanner. `nodes`
 * says where each word stands. */
void gj_build_triggers(struct gj_builder *b, const struct gj_node *const *nodes);

/* build_trigger.c: the weaker levels on which a word or pattern is looked for in disguise, as some
 * lexicon that has it tolerates: GJ_T_HOMOPHONE, GJ_T_PINYIN, GJ_T_SPLIT, or 0. */
uint16_t gj_word_levels(const struct gj_book *book, const struct gj_word *word);

/* build_word.c: words, refs and triggers as bytes for the cache, and back (with the scanner and the
 * weak levels). */
void gj_words_write(const struct gj_book *book, struct gj_buf *out);
int gj_words_read(struct gj_builder *b);

/* ---- files.c: the folder's files ---- */

#define GJ_DIGEST_BYTES 16

/* Lists them in book->files, by path, without their texts. -1: errors were added. */
int gj_files_list(struct gj_book *book, struct gj_errors *errors);

/* Reads them and names the book by the hash of all. Their texts stay in the book only when `keep`:
 * a book from the cache does without, and one buffer serves all its files. */
int gj_files_read(struct gj_book *book, bool keep, struct gj_errors *errors);
void gj_files_name(struct gj_book *book); /* by the texts that it keeps */

/* A digest of the files' names and stamps, GJ_DIGEST_BYTES, and whether all have settled. */
void gj_files_digest(const struct gj_book *book, unsigned char *digest);
bool gj_files_settled(const struct gj_book *book, int64_t now);

/* ---- cache.c: the compiled rulebook as a file ---- */

/* The file `name`, ending in `end`, in `cache_dir` (NULL: the user's). -1: there is no such place.
 */
int gj_cache_path(const char *cache_dir, const char *name, const char *end, char *out, size_t size);

/* Maps the file as book->image; the parts point into it. `known`: its stamp when it was last found
 * right. -1: there is none, or it is broken. */
int gj_cache_read(struct gj_book *book, const char *path, const struct gj_stamp *known,
                  struct gj_book_image *image);

/* Writes the file, whole or not at all. -1: it could not, errno says why. */
int gj_cache_write(const struct gj_book *book, const struct gj_node *documents, char *path);

/* Writes any file of the cache so, and removes the oldest when many end alike. */
int gj_cache_keep(char *path, struct gj_str bytes);

/* ---- note.c: what a start found, beside the cache ---- */

/* What is remembered of a rulebook's folder. */
struct gj_folder_note {
    unsigned char files[GJ_DIGEST_BYTES]; /* digest of its files' names and stamps */
    char hash[40];         /* of what stands in them: the name of the compiled rulebook */
    struct gj_stamp image; /* of that file when all of it was found right; zeros: never yet */
};

/* -1: there is none, or it is broken. */
int gj_folder_note_read(const char *path, struct gj_folder_note *note);
/* Where it cannot be written, each start looks again: nobody need be told. */
void gj_folder_note_write(char *path, const struct gj_folder_note *note);

/* Compiles an expression that stands at `node`. */
const struct gj_expr *gj_build_expr(struct gj_builder *b, const struct gj_node *node,
                                    const struct gj_type *want); /* build_operator.c */

#endif
