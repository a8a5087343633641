/* Room wire: a platform's own envelope, turned into events of ours.
 *
 *   bytes --seal--> proven --body--> messages --shape--> topic, content --rules--> CloudEvents JSON
 *
 * How, is data: a struct gj_envelope, which room book makes of an `envelope:` entry of the rulebook
 * (docs/envelopes.md). Hostile bytes end here; what an event may say is for room engine. */
#ifndef GJ_WIRE_ENVELOPE_H
#define GJ_WIRE_ENVELOPE_H

#include "wire/json.h"
#include "wire/seal.h"

/* ---- the mapping; all of it lives in the book ---- */

enum gj_path_root {
    GJ_AT_HERE,     /* the content; in a shape the message; in a list its item */
    GJ_AT_CONTENT,  /* what the message tells */
    GJ_AT_ENVELOPE, /* the message with its topic and id */
    GJ_AT_BODY,     /* the whole that messages stand in */
    GJ_AT_HEADER,   /* of the request; names in any case */
    GJ_AT_QUERY,    /* of the request's URL */
    GJ_AT_REQUEST   /* request.body, request.secret, request.app_key: for signatures */
};

/* Steps are keys of objects and indexes of lists from 0; a text that holds JSON is entered as if it
 * were what it holds. A value that is null or "" is not there. */
struct gj_path {
    enum gj_path_root root;
    const struct gj_str *steps;
    size_t step_count;
};

struct gj_paths {       /* alternatives: the first that is there */
    struct gj_str text; /* as it was written */
    const struct gj_path *items;
    size_t count;
};

struct gj_piece { /* of a template: a literal, or what stands at a path */
    struct gj_str literal;
    bool is_path;
    struct gj_path path;
};

struct gj_template {
    const struct gj_piece *pieces;
    size_t count; /* 0: no template */
};

enum gj_conversion {
    GJ_AS_TEXT,    /* numbers become their digits */
    GJ_AS_INT,     /* also of a text of digits */
    GJ_AS_BOOL,    /* true, false, 1, 0, also as texts */
    GJ_AS_FEN,     /* money in fen: as int */
    GJ_AS_YUAN,    /* money in yuan: by its digits, never through a binary fraction */
    GJ_AS_SECONDS, /* since 1970; 0 is no time */
    GJ_AS_MILLIS,
    GJ_AS_BEIJING, /* "2026-03-01 10:00:00" */
    GJ_AS_RFC3339,
    GJ_AS_TIME,  /* any of the four, by its form */
    GJ_AS_TEXTS, /* a list of texts */
    GJ_AS_EACH,  /* a list of objects; a single object is a list of one */
    GJ_CONVERSIONS
};

extern const char *const gj_conversion_names[]; /* NULL-terminated: "text", "int", "bool", ... */

struct gj_choice { /* `to: {1: refund_only}` */
    struct gj_str from, to;
};

struct gj_map_field {
    struct gj_str name;
    bool required;
    bool bare; /* constants and choices are written without quotes: an int, a bool */
    enum gj_conversion as;
    struct gj_paths paths; /* count 0: a constant, `otherwise` */
    const struct gj_choice *choices;
    size_t choice_count;
    struct gj_str rest;               /* for values that no choice names; empty: they are refused */
    struct gj_template otherwise;     /* when nothing is there */
    const struct gj_map_field *inner; /* GJ_AS_EACH */
    size_t inner_count;
};

struct gj_condition { /* the value, as a text, is one of these */
    struct gj_paths paths;
    const struct gj_str *values;
    size_t count;
};

struct gj_map_rule {     /* a message makes an event */
    struct gj_str event; /* its type */
    const struct gj_condition *when, *unless;
    size_t when_count, unless_count;
    const struct gj_paths *has;
    size_t has_count;
    struct gj_paths time; /* count 0: the shape's */
    enum gj_conversion time_as;
    const struct gj_map_field *data;
    size_t data_count;
};

struct gj_map_topic {
    struct gj_str name;
    const struct gj_map_rule *rules; /* each that holds makes its event; none: of no concern */
    size_t rule_count;
    struct gj_str needs_zh, needs_en; /* why no rule may hold, and what to do; may be empty */
};

struct gj_map_shape {        /* one of the forms that messages of this platform come in */
    struct gj_paths has;     /* which must be there for the form; count 0: any */
    struct gj_paths each;    /* the list of messages; count 0: it is one */
    struct gj_paths content; /* count 0: the message itself */
    struct gj_map_field topic, shop;
    struct gj_map_field platform; /* of the event's source */
    struct gj_template id;        /* count 0: made of what the event tells */
    struct gj_paths time;         /* count 0, or nothing there: when it was received */
    enum gj_conversion time_as;
};

struct gj_signature {
    enum gj_digest scheme;
    struct gj_path in;
    struct gj_template over;
};

struct gj_envelope {
    struct gj_str name;                /* of the platform, as in the door's path */
    const struct gj_map_shape *shapes; /* the first that fits */
    size_t shape_count;
    const struct gj_signature *signatures; /* any of them proves the message */
    size_t signature_count;
    bool encrypted; /* the body, by gj_aes_cbc_open with the secret */
    struct gj_str answer_type, answer_success, answer_failure;
    const struct gj_map_topic *topics;
    size_t topic_count;
};

/* ---- a request ---- */

struct gj_pair {
    struct gj_str name, value;
};

struct gj_envelope_request {
    struct gj_str body, content_type, query;
    const struct gj_pair *headers;
    size_t header_count;
    struct gj_str app_key, secret; /* empty: none */
    bool trusted;                  /* who brings it is known otherwise: signatures are not asked */
    int64_t received_at;           /* microseconds since 1970 */
    bool english;                  /* sentences of the mapping */
};

enum gj_mapped_kind { GJ_MAPPED_EVENT, GJ_MAPPED_IGNORED, GJ_MAPPED_REFUSED };

struct gj_mapped { /* lives until the callback returns */
    enum gj_mapped_kind kind;
    struct gj_str json;  /* the event; else the message as it came */
    struct gj_str topic; /* empty when it has none */
    struct gj_str why;   /* not an event: a sentence */
};

/* Tells what each message of the request comes to, in order; a callback that returns other than 0
 * ends it. Returns 0; or -1 with a sentence in `why`, and nothing was told: it is not proven, not
 * JSON, or of no form known. why->failed: memory ran out. */
int gj_envelope_open(const struct gj_envelope *envelope, const struct gj_envelope_request *request,
                     int (*each)(void *context, const struct gj_mapped *mapped), void *context,
                     struct gj_buf *why);

#endif
