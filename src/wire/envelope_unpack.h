/* Room wire, inside: the work on one request of a platform's: envelope_body.c proves and parses it,
 * envelope_find.c finds values, envelope_convert.c turns them into ours, envelope.c goes through
 * the messages. */
#ifndef GJ_WIRE_ENVELOPE_UNPACK_H
#define GJ_WIRE_ENVELOPE_UNPACK_H

#include "base/arena.h"
#include "base/calendar.h"
#include "wire/envelope.h"

#define GJ_NESTED_MAX 256u /* JSON in texts, that one message makes us enter */

struct gj_spot { /* a value and the parser it belongs to; json NULL: it is not there */
    const struct gj_json_parser *parser;
    const struct gj_json *json;
};

struct gj_nested {
    const char *text;
    struct gj_json_parser *parser;
    const struct gj_json *root; /* NULL: the text is no JSON */
};

struct gj_unpack { /* the work on one request */
    const struct gj_envelope *envelope;
    const struct gj_envelope_request *request;
    struct gj_json_parser *parser, *query_parser;
    struct gj_buf opened, query_json; /* the body decrypted or rewritten as JSON; the query so */
    struct gj_spot body, message, content, query;
    struct gj_nested nested[GJ_NESTED_MAX];
    size_t nested_count, parser_count;
    size_t nested_kept;     /* those that hold the list of messages */
    bool crowded;           /* the message has more than that: what is in the rest is not found */
    struct gj_arena *arena; /* of one message */
    struct gj_buf *why;
};

/* What stands at the path, seen from `here`. */
struct gj_spot gj_spot_find(struct gj_unpack *u, const struct gj_path *path, struct gj_spot here);

/* The JSON that a text holds; a text is parsed once a message. */
struct gj_spot gj_spot_enter(struct gj_unpack *u, struct gj_str text);

/* The first alternative that is there. */
struct gj_spot gj_spot_any(struct gj_unpack *u, const struct gj_paths *paths, struct gj_spot here);

/* A text, number or bool as text, in the arena; a list or object gives false. */
bool gj_spot_text(struct gj_unpack *u, struct gj_spot spot, struct gj_str *out);

/* Appends the template's text; false when a path of it is not there. */
bool gj_template_fill(struct gj_unpack *u, const struct gj_template *t, struct gj_spot here,
                      struct gj_buf *out);

/* The field's value as a text, in the arena or the request: 1, 0, -1 as below. */
int gj_field_text(struct gj_unpack *u, const struct gj_map_field *field, struct gj_spot here,
                  struct gj_str *out);

/* Appends the field's value as JSON. 1: done; 0: it is not there, and nothing was appended; -1: it
 * cannot be read, with a sentence in u->why. */
int gj_field_convert(struct gj_unpack *u, const struct gj_map_field *field, struct gj_spot here,
                     struct gj_buf *out);

/* Appends an object of the fields that are there. 1, or -1 likewise. */
int gj_object_convert(struct gj_unpack *u, const struct gj_map_field *fields, size_t count,
                      struct gj_spot here, struct gj_buf *out);

/* The instant that stands at `paths`: 1, 0, -1 likewise. */
int gj_time_convert(struct gj_unpack *u, const struct gj_paths *paths, enum gj_conversion as,
                    struct gj_spot here, struct gj_instant *out);

/* "59.90" or 5.99E1 yuan as fen. -1: it is no amount, finer than a fen, or too large. Fractions of
 * a fen below a ten-thousandth are what binary fractions leave behind, and are rounded away. */
int gj_fen_of_yuan(struct gj_str text, int64_t *fen);

/* Proves, decrypts and parses the request into u->body and u->query. -1: u->why. */
int gj_unpack_body(struct gj_unpack *u);

/* "a=1&b=%20" appended as a JSON object of texts; a name's first value counts. Returns NULL, or
 * what is wrong and what to do; GJ_JSON_NO_MEMORY when memory ran out. */
const char *gj_form_to_json(struct gj_str form, struct gj_buf *out);

#endif
