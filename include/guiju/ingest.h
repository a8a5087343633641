/* Guiju's envelopes: what platforms push to who listens, in their own form, turned into events by
 * the mappings of the rulebook (docs/envelopes.md). */
#ifndef GUIJU_INGEST_H
#define GUIJU_INGEST_H

#include "guiju/guiju.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gj_header {
    const char *name, *value;
} gj_header;

typedef struct gj_ingest_request {
    const char *body;
    size_t body_len;
    const char *content_type; /* NULL: JSON */
    const char *query;        /* of the URL, without the question mark; NULL: none */
    const gj_header *headers;
    size_t header_count;
    const char *app_key, *secret; /* of the application at the platform; NULL: none */
    bool trusted;        /* who brings it is known otherwise: a signature is not asked for */
    int64_t received_at; /* microseconds since 1970: the time of what tells none */
    bool english;
} gj_ingest_request;

typedef enum gj_ingested_kind {
    GJ_INGESTED_EVENT,   /* an event in contract, for gj_engine_apply */
    GJ_INGESTED_IGNORED, /* the mapping makes nothing of it: to be acknowledged, kept and told */
    GJ_INGESTED_REFUSED  /* something it needs is missing or wrong */
} gj_ingested_kind;

typedef struct gj_ingested { /* lives during the callback; strings may hold no NUL within */
    gj_ingested_kind kind;
    const char *json; /* the event as one line of CloudEvents JSON; else the message as it came */
    size_t json_len;
    const char *topic; /* the platform's name of what happened, or "" */
    const char *why;   /* ignored, refused: a sentence that names the path; else "" */
} gj_ingested;

/* Unwraps what `platform` pushed, by the mapping in the rulebook (docs/envelopes.md), and calls
 * `each` for every message in order; a callback that returns other than 0 ends it. An event's id is
 * the same when it is delivered again. gj_rulebook_read_events must have been called, or an engine
 * opened. Many threads may call it at once. GJ_EINPUT: the platform has no mapping, the signature
 * is missing or wrong, the body is encrypted otherwise or no JSON; nothing was told then. */
int gj_ingest(const gj_rulebook *book, const char *platform, const gj_ingest_request *request,
              int (*each)(void *context, const gj_ingested *ingested), void *context,
              gj_errors *errors);

typedef struct gj_ingest_door { /* strings are never NULL; they live as long as the rulebook */
    bool proves; /* messages are signed or encrypted, so that no token of ours is needed */
    const char *answer_type, *answer_success, *answer_failure; /* "" when it expects none */
} gj_ingest_door;

/* What `platform` expects of who listens. false: it has no mapping. */
bool gj_ingest_door_of(const gj_rulebook *book, const char *platform, gj_ingest_door *door);

/* The platforms that have a mapping, by index; NULL beyond the last. */
const char *gj_ingest_platform(const gj_rulebook *book, size_t index);

#ifdef __cplusplus
}
#endif

#endif
