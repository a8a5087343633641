/* Room server: members of a request's body that is a JSON object. What is wrong is answered, with
 * the member's name. */
#ifndef GJ_SERVER_BODY_H
#define GJ_SERVER_BODY_H

#include "server/server.h"

struct gj_body {
    struct gj_request *r;
    struct gj_json_parser *parser;
    const struct gj_json *root; /* NULL: there is no body */
};

/* Parses it by the thread's parser. An empty body has no members, where that is `may_be_empty`. */
bool gj_body_open(struct gj_request *r, bool may_be_empty, struct gj_body *body);

/* The member, or NULL. */
const struct gj_json *gj_body_member(const struct gj_body *body, const char *name);

/* One of `choices`, by commas; *out lives as long as the request. */
bool gj_body_choice(const struct gj_body *body, const char *name, const char *choices,
                    bool required, struct gj_str *out);
/* A text of at most `max` bytes; empty when it is not there. */
bool gj_body_text(const struct gj_body *body, const char *name, size_t max, bool required,
                  struct gj_str *out);
/* -1 when it is not there. */
bool gj_body_number(const struct gj_body *body, const char *name, int64_t least, int64_t most,
                    int64_t *out);
/* Refuses members other than those of `names`, by commas. */
bool gj_body_only(const struct gj_body *body, const char *names);

#endif
