/* Room wire: JSON in, JSON out. Hostile bytes end here: what leaves is valid UTF-8, int64, no
 * duplicate keys, bounded depth. */
#ifndef GJ_WIRE_JSON_H
#define GJ_WIRE_JSON_H

#include "base/buf.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GJ_JSON_DEPTH_MAX 64
#define GJ_JSON_NO_MEMORY "out of memory" /* the fault that is not the input's */
#define GJ_JSON_PAD       64 /* bytes that may be read behind the input without a copy */

enum gj_json_kind {
    GJ_JSON_NULL,
    GJ_JSON_BOOL,
    GJ_JSON_INT,
    GJ_JSON_DOUBLE, /* never a binary fraction: its literal is in `text` */
    GJ_JSON_STRING,
    GJ_JSON_ARRAY,
    GJ_JSON_OBJECT
};

/* A value in the parser's memory. Children of an array or object follow `first` by `next`. */
struct gj_json {
    enum gj_json_kind kind;
    uint32_t count;       /* array, object: children */
    struct gj_str key;    /* in an object */
    struct gj_str text;   /* string; double: as it was written, in the bytes given to parse */
    int64_t integer;      /* int; bool: 0 or 1 */
    uint32_t first, next; /* indexes into the parser's nodes; GJ_JSON_END ends */
};
#define GJ_JSON_END UINT32_MAX

struct gj_json_parser;

struct gj_json_parser *gj_json_parser_new(void); /* NULL: out of memory */
void gj_json_parser_free(struct gj_json_parser *parser);

/* Parses one JSON document. `padding` bytes behind it may be read (GJ_JSON_PAD or more saves a
 * copy). Returns the root, valid until the next parse, or NULL with the reason and remedy in *why
 * (a static string or one that lives until the next parse). Reused memory: allocates only to grow.
 */
const struct gj_json *gj_json_parse(struct gj_json_parser *parser, struct gj_str bytes,
                                    size_t padding, const char **why);

const struct gj_json *gj_json_first(const struct gj_json_parser *parser, const struct gj_json *of);
const struct gj_json *gj_json_next(const struct gj_json_parser *parser, const struct gj_json *of);

/* Whether `s` is valid UTF-8, looked at many bytes at once; gj_utf8_valid_prefix tells where it is
 * not. */
bool gj_json_is_utf8(struct gj_str s);

/* Appends `s` (valid UTF-8) as a JSON string with its quotes. */
void gj_json_add_string(struct gj_buf *out, struct gj_str s);

/* A comma, unless the object or array has just been opened. */
void gj_json_add_comma(struct gj_buf *out);

/* Members of an object, with the comma before them. The key is written as it is: a name of our own,
 * without anything to escape. */
void gj_json_add_key(struct gj_buf *out, const char *key);
void gj_json_add_text(struct gj_buf *out, const char *key, struct gj_str value);
void gj_json_add_int(struct gj_buf *out, const char *key, int64_t value);

/* Appends a value that was parsed, without blanks; while the bytes it was parsed from are there. */
void gj_json_add_value(struct gj_buf *out, const struct gj_json_parser *parser,
                       const struct gj_json *json);

#ifdef __cplusplus
}
#endif

#endif
