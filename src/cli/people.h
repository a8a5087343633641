/* Room cli: what `guiju user`, `token`, `tenant` and `audit` share: the office beside a database.
 */
#ifndef GJ_CLI_PEOPLE_H
#define GJ_CLI_PEOPLE_H

#include "cli/cli.h"
#include "people/grant.h"

struct people_options { /* as given (tenant, role, head: NULL if not), or the usual */
    const char *db, *tenant, *role, *shop, *agent, *expires, *format, *head;
};

struct people_job;

/* What a verb may be given besides --db. */
enum {
    PEOPLE_TENANT = 1,
    PEOPLE_GRANT = 2, /* --role, --shop, --agent */
    PEOPLE_EXPIRES = 4,
    PEOPLE_FORMAT = 8,
    PEOPLE_HEAD = 16
};

/* A verb of a command: "add NAME". */
struct people_verb {
    const char *name;
    bool takes_name; /* and needs it */
    bool makes;      /* it makes the office when there is none */
    unsigned takes;  /* PEOPLE_... */
    int (*run)(struct people_job *job);
};

struct people_job {
    struct cli *cli;
    struct people_options options;
    struct gj_office *office;
    const char *name;         /* behind the verb, or NULL */
    struct gj_office_act act; /* by whoever runs the program, now */
    bool json;
};

/* Reads options and verb, opens the office, runs the verb: the command's exit status. `verbs` ends
 * in one without name. */
int people_run(struct cli *cli, int argc, char **argv, const struct people_verb *verbs);

/* A password: asked for twice on a terminal, without echo; else the first line of standard input.
 * -1: told. To be forgotten by sodium_memzero. */
int people_password(const struct cli *cli, char *out, size_t size);

/* "2026-03-01 10:00" in China, "" for GJ_NEVER and 0; returns `out`. */
#define PEOPLE_TIME 32
const char *people_time(int64_t at, char out[PEOPLE_TIME]);

/* A member of a JSON object, a comma before all but the first. */
void people_json(FILE *out, const char *key, struct gj_str value, bool *first);
void people_json_time(FILE *out, const char *key, int64_t at, bool *first); /* or null */

#endif
