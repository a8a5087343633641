/* Room people: giving people access: users and API tokens, for the command line and the API alike.
 * All that is given is checked here; what is refused is told. */
#ifndef GJ_PEOPLE_GRANT_H
#define GJ_PEOPLE_GRANT_H

#include "people/secret.h"
#include "store/office.h"

struct gj_grant {
    struct gj_str tenant;
    struct gj_str name;  /* a user's: 1 to 100 bytes, no control characters; a token's: what for */
    struct gj_str roles; /* "supervisor,inspector" */
    struct gj_str sources; /* shops, "/platform/shop", by commas; empty: all */
    struct gj_str agent;   /* the agent_id of events, or empty */
    int64_t expires;       /* of tokens; GJ_NEVER */
};

int gj_grant_user(struct gj_office *office, const struct gj_grant *grant, struct gj_str password,
                  const struct gj_office_act *act, struct gj_errors *errors);

/* A new password, which ends all sessions of the user. */
int gj_grant_password(struct gj_office *office, struct gj_str tenant, struct gj_str name,
                      struct gj_str password, const struct gj_office_act *act,
                      struct gj_errors *errors);

/* out->text is the only copy of the secret there is. */
int gj_grant_token(struct gj_office *office, const struct gj_grant *grant,
                   const struct gj_office_act *act, struct gj_token_made *out,
                   struct gj_errors *errors);

#endif
