/* Room server: what the rulebook in force says: rules, scripts, guidance, and flows as pictures.
 * These read the rulebook alone, in the thread at hand. */
#ifndef GJ_SERVER_RULES_H
#define GJ_SERVER_RULES_H

#include "server/server.h"

enum gj_handled gj_rules_get(struct gj_request *r);
enum gj_handled gj_rule_get(struct gj_request *r);
enum gj_handled gj_scripts_get(struct gj_request *r);
enum gj_handled gj_guidance_get(struct gj_request *r);

/* Sets the headers by which an answer made of the rulebook alone is kept by who asked. True: he has
 * it already, which is answered (304). */
bool gj_rules_unchanged(struct gj_request *r, const struct gj_edition *edition);

/* ---- pictures.c ---- */

struct gj_pictures *gj_pictures_new(void); /* kept ones; NULL: out of memory */
void gj_pictures_free(struct gj_pictures *pictures);

enum gj_handled gj_flow_svg(struct gj_request *r);
enum gj_handled gj_flow_mermaid(struct gj_request *r);

#endif
