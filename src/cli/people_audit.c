/* Room cli: guiju audit: is the server's audit log whole, and what does it say. */
#include "cli/people.h"

#include <inttypes.h>

/* ---- verify ---- */

static int verify(struct people_job *job)
{
    struct gj_office_head noted, head = {0, ""};
    const char *given = job->options.head;
    if (given != NULL && !gj_office_head_parse(gj_str_of(given), &noted)) {
        fprintf(stderr,
                cli_say(job->cli, "guiju: --head %s：写作 序号:哈希，如本命令所打印\n",
                        "guiju: --head %s: write SEQ:HASH, as this command prints it\n"),
                given);
        return EXIT_BAD;
    }
    int status =
        gj_office_audit_verify(job->office, given == NULL ? NULL : &noted, &head, job->cli->errors);
    if (status != 0) {
        return status > 0 ? EXIT_FOUND : EXIT_BAD;
    }
    if (job->json) {
        printf("{\"rows\": %" PRId64 ", \"head\": \"%" PRId64 ":%s\"}\n", head.seq, head.seq,
               head.hash);
        return EXIT_CLEAN;
    }
    printf(cli_say(job->cli, "完整，共 %" PRId64 " 条\n", "whole, %" PRId64 " rows\n"), head.seq);
    printf("%" PRId64 ":%s\n", head.seq, head.hash);
    return EXIT_CLEAN;
}

/* ---- list ---- */

static int print_json(void *context, const struct gj_office_audit *row)
{
    bool first = false;
    (void)context;
    printf("{\"seq\": %" PRId64, row->seq);
    people_json_time(stdout, "at", row->at, &first);
    people_json(stdout, "tenant", row->tenant, &first);
    people_json(stdout, "actor", row->actor, &first);
    people_json(stdout, "action", row->action, &first);
    people_json(stdout, "object", row->object, &first);
    printf(", \"detail\": %s", row->detail.len == 0 ? "null" : row->detail.ptr);
    people_json(stdout, "hash", row->hash, &first);
    puts("}");
    return 0;
}

static int print_line(void *context, const struct gj_office_audit *row)
{
    char at[PEOPLE_TIME];
    const struct gj_str parts[] = {row->tenant, row->actor, row->action, row->object, row->detail};
    (void)context;
    printf("%" PRId64 "  %s", row->seq, people_time(row->at, at));
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        fputs(parts[i].len == 0 ? "" : "  ", stdout);
        cli_plain(stdout, parts[i].ptr, parts[i].len);
    }
    putchar('\n');
    return 0;
}

static int list(struct people_job *job)
{
    const char *tenant = job->options.tenant == NULL ? "" : job->options.tenant;
    int status = gj_office_audit_list(job->office, gj_str_of(tenant), 0, INT64_MAX,
                                      job->json ? print_json : print_line, NULL, job->cli->errors);
    return status == 0 ? EXIT_CLEAN : EXIT_BAD;
}

int cli_audit(struct cli *cli, int argc, char **argv)
{
    static const struct people_verb verbs[] = {
        {"verify", false, false, PEOPLE_HEAD | PEOPLE_FORMAT, verify},
        {"list", false, false, PEOPLE_TENANT | PEOPLE_FORMAT, list},
        {NULL, false, false, 0, NULL}};
    return people_run(cli, argc, argv, verbs);
}
