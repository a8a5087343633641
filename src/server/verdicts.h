/* Room server: the verdicts of messages as JSON, judged, or remembered from the last time the same
 * message came (docs/decisions/0017). One thread's, and one rulebook's. */
#ifndef GJ_SERVER_VERDICTS_H
#define GJ_SERVER_VERDICTS_H

#include "base/buf.h"
#include "guiju/guiju.h"

struct gj_verdicts;

/* `memory`: bytes for what is remembered; 0: nothing is. NULL: out of memory. */
struct gj_verdicts *gj_verdicts_new(const gj_rulebook *book, size_t memory);
void gj_verdicts_free(struct gj_verdicts *verdicts); /* NULL is allowed */

/* The next messages are this tenant's, answered in this language, at `now` (seconds since 1970). */
void gj_verdicts_begin(struct gj_verdicts *verdicts, struct gj_str tenant, bool english,
                       int64_t now);

struct gj_judged {
    gj_suggestion suggestion;
    bool remembered;
};

/* Appends to `out` what gj_check_json makes of the line; the same parameters, but that the line is
 * valid UTF-8. Returns its status; when it is GJ_OK, *judged is set. */
int gj_verdict_of(struct gj_verdicts *verdicts, struct gj_str line, size_t padding, size_t number,
                  struct gj_buf *out, struct gj_judged *judged);

/* Why the last one was refused; lives until the next. */
const char *gj_verdicts_refusal(const struct gj_verdicts *verdicts);

#endif
