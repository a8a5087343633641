/* Room book: the rulebook's files as a tree of nodes with their places, before any meaning.
 *
 *   YAML text --gj_yaml_parse--> documents --gj_image_write--> bytes (the cache)
 *                                     ^------gj_image_read-------'
 *
 * Nodes live in an arena. Aliases, anchors and tags are refused (so no alias bomb), nesting is
 * bounded, duplicate keys are errors. */
#ifndef GJ_BOOK_TREE_H
#define GJ_BOOK_TREE_H

#include "base/arena.h"
#include "base/errors.h"
#include "book/stamp.h"

enum gj_node_kind { GJ_NODE_SCALAR, GJ_NODE_SEQUENCE, GJ_NODE_MAPPING };

struct gj_node {
    enum gj_node_kind kind;
    bool plain;            /* a scalar without quotes: may be a number or bool */
    uint32_t file;         /* index of its file */
    uint32_t line, column; /* from 1; column in code points */
    uint32_t count;        /* children */
    struct gj_str text;    /* scalar */
    struct gj_node *key;   /* the key's node, for a child of a mapping */
    struct gj_node *first, *next;
};

struct gj_file {
    struct gj_str path;
    struct gj_str text; /* empty when the tree came from an image */
    struct gj_stamp stamp;
};

#define GJ_YAML_DEPTH_MAX 24

/* Whether the name of a file says that it holds YAML without ending in ".yaml", as a.yml or A.YAML:
 * it is not read, and whoever wrote it should know. */
bool gj_yaml_misnamed(const char *name);

/* Parses the documents of one file; the list hangs together by `next`. Returns 0, or -1 with every
 * error found in `errors`. */
int gj_yaml_parse(struct gj_arena *arena, const struct gj_file *file, uint32_t file_index,
                  struct gj_node **first_document, struct gj_errors *errors);

/* The list of documents as bytes, and back; `skips` (NULL-terminated) names keys of an entry that
 * are left out. The nodes that are read point into `bytes`. gj_image_read returns -1 when the bytes
 * are not an image. */
void gj_image_write(struct gj_buf *out, const struct gj_node *documents, const char *const *skips);
int gj_image_read(struct gj_arena *arena, struct gj_str bytes, struct gj_node **documents);

/* The value under `key` of a mapping, or NULL. */
const struct gj_node *gj_node_get(const struct gj_node *mapping, const char *key);

/* Line `line` of a file's text, without its end; empty when the text is not at hand. */
struct gj_str gj_file_line(const struct gj_file *file, uint32_t line);

#endif
