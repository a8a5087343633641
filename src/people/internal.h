/* Room people, inside: what people.c and sign_in.c share. */
#ifndef GJ_PEOPLE_INTERNAL_H
#define GJ_PEOPLE_INTERNAL_H

#include <pthread.h>

#include "people/people.h"

#define GJ_USER_DAMAGED "user %.*s of tenant %.*s is damaged; disable it and add another"

struct gj_people {
    struct gj_office *office;
    struct gj_people_settings settings;
    pthread_mutex_t lock; /* of `roster`, held for a few instructions */
    struct gj_roster *roster;
    pthread_mutex_t drawing;  /* one refresh at a time */
    pthread_mutex_t password; /* one argon2id run at a time: 64 MB each */
    int64_t version;          /* of the office that `roster` shows */
    int64_t purged;           /* when old sessions were last removed */
};

/* The bits of all roles of a row; 0: one is unknown, or none is named. */
unsigned gj_roles_known(struct gj_str names);

void gj_people_complain(const struct gj_people *people, const char *sentence);

/* The session's cookie in a Cookie header; empty: none. */
struct gj_str gj_people_cookie(const struct gj_people *people, struct gj_str header);

#endif
