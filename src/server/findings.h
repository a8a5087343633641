/* Room server: what was found, with what people say of it: reviews, appeals, decisions. */
#ifndef GJ_SERVER_FINDINGS_H
#define GJ_SERVER_FINDINGS_H

#include "server/server.h"

enum gj_handled gj_findings_get(struct gj_request *r);
enum gj_handled gj_finding_get(struct gj_request *r);

/* The row that the path names; 0: it is no number. */
int64_t gj_finding_asked(const struct gj_request *r);

#define GJ_FINDING_KEY 33

/* Names a finding by what it is (see store/office_review.h). */
void gj_finding_key(const gj_finding_row *row, char key[GJ_FINDING_KEY]);

/* Whether the caller may see it: an agent sees his own. */
bool gj_finding_is_seen(const struct gj_request *r, const gj_finding_row *row);

/* The finding as an object, with what was said of it. false: the office could not be read. */
bool gj_finding_write(struct gj_request *r, struct gj_buf *out, const gj_finding_row *row);

/* ---- rulings.c ---- */

enum gj_handled gj_finding_review(struct gj_request *r);
enum gj_handled gj_finding_appeal(struct gj_request *r);
enum gj_handled gj_finding_decide(struct gj_request *r);

#endif
