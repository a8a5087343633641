/* Room cli: guiju user, token, tenant: who may use the server. */
#include "cli/people.h"

#include <sodium.h>
#include <string.h>

#include "cli/table.h"
#include "people/people.h"

/* ---- what is given ---- */

static struct gj_str tenant_of(const struct people_job *job)
{
    return gj_str_of(job->options.tenant == NULL ? "default" : job->options.tenant);
}

/* -1: told. */
static int read_grant(const struct people_job *job, struct gj_grant *out)
{
    const struct people_options *o = &job->options;
    if (o->role == NULL) {
        fprintf(stderr, "guiju: %s\n",
                cli_say(job->cli, "--role 要写明角色，如 --role agent,inspector",
                        "--role names what they may do, as in --role agent,inspector"));
        return -1;
    }
    unsigned roles = 0; /* looked at before a password is asked for */
    if (gj_roles_parse(gj_str_of(o->role), &roles, job->cli->errors) != 0) {
        return -1;
    }
    int64_t span = strcmp(o->expires, "never") == 0 ? GJ_NEVER : cli_span(o->expires);
    if (span < 0) {
        fprintf(stderr,
                cli_say(job->cli, "guiju: --expires %s：不是时长；写作 90d、12h 或 never\n",
                        "guiju: --expires %s: is no span; write 90d, 12h or never\n"),
                o->expires);
        return -1;
    }
    *out = (struct gj_grant){.tenant = tenant_of(job),
                             .name = gj_str_of(job->name),
                             .roles = gj_str_of(o->role),
                             .sources = gj_str_of(o->shop),
                             .agent = gj_str_of(o->agent),
                             .expires = span == GJ_NEVER ? GJ_NEVER : job->act.at + span};
    return 0;
}

/* Says what was done, on success. */
static int done(const struct people_job *job, int status, const char *zh, const char *en)
{
    if (status == 0) {
        printf("%s\n", cli_say(job->cli, zh, en));
    }
    return status == 0 ? EXIT_CLEAN : EXIT_BAD;
}

/* ---- lists ---- */

struct list {
    const struct people_job *job;
    struct table table;
    bool first;
};

static struct list begin_list(const struct people_job *job, const char *const *zh,
                              const char *const *en)
{
    struct list list = {.job = job, .first = true};
    size_t columns = 0;
    const char *const *names = job->cli->english ? en : zh;
    while (names[columns] != NULL) {
        columns++;
    }
    table_begin(&list.table, &"llllllll"[TABLE_COLUMNS - columns]);
    for (size_t i = 0; !job->json && i < columns; i++) {
        table_add(&list.table, names[i]);
    }
    fputs(job->json ? "[" : "", stdout);
    return list;
}

static int end_list(struct list *list, int status)
{
    if (list->job->json) {
        puts(list->first ? "]" : "\n]");
    } else {
        table_end(&list->table, stdout);
    }
    return status == 0 ? EXIT_CLEAN : EXIT_BAD;
}

/* The next object of a list in JSON. */
static void next_object(struct list *list)
{
    fputs(list->first ? "\n  {" : ",\n  {", stdout);
    list->first = false;
}

/* A cell of a table, line ends as commas. */
static void add_cell(struct list *list, struct gj_str text)
{
    struct gj_buf cell;
    gj_buf_init(&cell);
    gj_buf_add_str(&cell, text);
    for (size_t i = 0; i < cell.len; i++) {
        cell.ptr[i] = cell.ptr[i] == '\n' ? ',' : cell.ptr[i];
    }
    table_add(&list->table, cell.ptr);
    gj_buf_release(&cell);
}

static void add_time(struct list *list, int64_t at)
{
    char text[PEOPLE_TIME];
    table_add(&list->table, people_time(at, text));
}

/* Members of an object that say what somebody may do; shops as an array. */
static void print_rights(const struct gj_office_rights *rights)
{
    bool first = true;
    people_json(stdout, "tenant", rights->tenant, &first);
    people_json(stdout, "name", rights->name, &first);
    people_json(stdout, "roles", rights->roles, &first);
    people_json(stdout, "agent", rights->agent, &first);
    fputs(", \"shops\": [", stdout);
    struct gj_str rest = rights->sources;
    for (bool more = rest.len > 0, begin = true; more; begin = false) {
        const char *end = memchr(rest.ptr, '\n', rest.len);
        more = end != NULL;
        struct gj_buf one;
        gj_buf_init(&one);
        gj_buf_add_str(&one, (struct gj_str){rest.ptr, more ? (size_t)(end - rest.ptr) : rest.len});
        fputs(begin ? "" : ", ", stdout);
        cli_json_string(stdout, one.ptr);
        rest = (struct gj_str){rest.ptr + one.len + more, rest.len - one.len - more};
        gj_buf_release(&one);
    }
    fputs("]", stdout);
}

/* ---- users ---- */

static int user_add(struct people_job *job)
{
    struct gj_grant grant;
    char password[GJ_PASSWORD_MAX + 2];
    if (read_grant(job, &grant) != 0 || people_password(job->cli, password, sizeof password) != 0) {
        return EXIT_BAD;
    }
    int status =
        gj_grant_user(job->office, &grant, gj_str_of(password), &job->act, job->cli->errors);
    sodium_memzero(password, sizeof password);
    return done(job, status, "已添加用户", "The user was added.");
}

static int user_password(struct people_job *job)
{
    char password[GJ_PASSWORD_MAX + 2];
    if (people_password(job->cli, password, sizeof password) != 0) {
        return EXIT_BAD;
    }
    int status = gj_grant_password(job->office, tenant_of(job), gj_str_of(job->name),
                                   gj_str_of(password), &job->act, job->cli->errors);
    sodium_memzero(password, sizeof password);
    return done(job, status, "已换密码，此用户须重新登录",
                "The password was changed; the user has to sign in again.");
}

static int user_disable(struct people_job *job)
{
    return done(job,
                gj_office_user_disable(job->office, tenant_of(job), gj_str_of(job->name), true,
                                       &job->act, job->cli->errors),
                "已停用，一秒内失效", "The user is disabled, within a second.");
}

static int user_enable(struct people_job *job)
{
    return done(job,
                gj_office_user_disable(job->office, tenant_of(job), gj_str_of(job->name), false,
                                       &job->act, job->cli->errors),
                "已启用", "The user is enabled.");
}

static int show_user(void *context, const struct gj_office_user *user)
{
    struct list *list = context;
    if (list->job->json) {
        bool first = false;
        next_object(list);
        print_rights(&user->rights);
        printf(", \"disabled\": %s", user->disabled ? "true" : "false");
        people_json_time(stdout, "created", user->created, &first);
        putchar('}');
        return 0;
    }
    add_cell(list, user->rights.tenant);
    add_cell(list, user->rights.name);
    add_cell(list, user->rights.roles);
    add_cell(list, user->rights.sources);
    add_cell(list, user->rights.agent);
    table_add(&list->table, user->disabled ? cli_say(list->job->cli, "停用", "disabled") : "");
    add_time(list, user->created);
    return 0;
}

static int user_list(struct people_job *job)
{
    static const char *const zh[] = {"租户", "用户", "角色", "店铺", "客服", "状态", "创建", NULL};
    static const char *const en[] = {"tenant", "user",  "roles",   "shops",
                                     "agent",  "state", "created", NULL};
    struct list list = begin_list(job, zh, en);
    struct gj_str tenant = job->options.tenant == NULL ? GJ_STR("") : tenant_of(job);
    return end_list(&list,
                    gj_office_users(job->office, tenant, show_user, &list, job->cli->errors));
}

int cli_user(struct cli *cli, int argc, char **argv)
{
    static const struct people_verb verbs[] = {
        {"add", true, true, PEOPLE_TENANT | PEOPLE_GRANT, user_add},
        {"list", false, false, PEOPLE_TENANT | PEOPLE_FORMAT, user_list},
        {"disable", true, false, PEOPLE_TENANT, user_disable},
        {"enable", true, false, PEOPLE_TENANT, user_enable},
        {"passwd", true, false, PEOPLE_TENANT, user_password},
        {NULL, false, false, 0, NULL}};
    return people_run(cli, argc, argv, verbs);
}

/* ---- tokens ---- */

static int token_add(struct people_job *job)
{
    struct gj_grant grant;
    struct gj_token_made made;
    char until[PEOPLE_TIME];
    if (read_grant(job, &grant) != 0 ||
        gj_grant_token(job->office, &grant, &job->act, &made, job->cli->errors) != 0) {
        return EXIT_BAD;
    }
    if (job->json) {
        bool first = true;
        putchar('{');
        people_json(stdout, "id", gj_str_of(made.id), &first);
        people_json(stdout, "token", gj_str_of(made.text), &first);
        people_json_time(stdout, "expires", grant.expires, &first);
        puts("}");
    } else {
        const char *end = people_time(grant.expires, until);
        puts(made.text);
        fprintf(stderr,
                cli_say(job->cli, "令牌只显示这一次，请妥善保存。%s%s\n",
                        "The token is shown this once; keep it safe. %s%s\n"),
                end[0] == '\0' ? "" : cli_say(job->cli, "有效期至 ", "It is good until "), end);
    }
    sodium_memzero(&made, sizeof made);
    return EXIT_CLEAN;
}

static int token_revoke(struct people_job *job)
{
    return done(job,
                gj_office_token_revoke(job->office, tenant_of(job), gj_str_of(job->name), &job->act,
                                       job->cli->errors),
                "已吊销，一秒内失效", "The token is revoked, within a second.");
}

static const char *state_of(const struct list *list, const struct gj_office_token *token)
{
    if (token->revoked != GJ_NEVER) {
        return list->job->json ? "revoked" : cli_say(list->job->cli, "已吊销", "revoked");
    }
    if (token->expires <= list->job->act.at) {
        return list->job->json ? "expired" : cli_say(list->job->cli, "已过期", "expired");
    }
    return list->job->json ? "valid" : cli_say(list->job->cli, "有效", "valid");
}

static int show_token(void *context, const struct gj_office_token *token)
{
    struct list *list = context;
    if (list->job->json) {
        bool first = true;
        next_object(list);
        people_json(stdout, "id", token->id, &first);
        fputs(", ", stdout);
        print_rights(&token->rights);
        people_json(stdout, "state", gj_str_of(state_of(list, token)), &first);
        people_json_time(stdout, "created", token->created, &first);
        people_json_time(stdout, "expires", token->expires, &first);
        people_json_time(stdout, "revoked", token->revoked, &first);
        people_json_time(stdout, "used", token->used, &first);
        putchar('}');
        return 0;
    }
    add_cell(list, token->id);
    add_cell(list, token->rights.tenant);
    add_cell(list, token->rights.name);
    add_cell(list, token->rights.roles);
    add_cell(list, token->rights.sources);
    table_add(&list->table, state_of(list, token));
    add_time(list, token->expires);
    add_time(list, token->used);
    return 0;
}

static int token_list(struct people_job *job)
{
    static const char *const zh[] = {"编号", "租户", "名称",     "角色", "店铺",
                                     "状态", "到期", "最近使用", NULL};
    static const char *const en[] = {"id",    "tenant",  "name",      "roles", "shops",
                                     "state", "expires", "last used", NULL};
    struct list list = begin_list(job, zh, en);
    struct gj_str tenant = job->options.tenant == NULL ? GJ_STR("") : tenant_of(job);
    return end_list(&list,
                    gj_office_tokens(job->office, tenant, show_token, &list, job->cli->errors));
}

int cli_token(struct cli *cli, int argc, char **argv)
{
    static const struct people_verb verbs[] = {
        {"add", true, true, PEOPLE_TENANT | PEOPLE_GRANT | PEOPLE_EXPIRES | PEOPLE_FORMAT,
         token_add},
        {"list", false, false, PEOPLE_TENANT | PEOPLE_FORMAT, token_list},
        {"revoke", true, false, PEOPLE_TENANT, token_revoke},
        {NULL, false, false, 0, NULL}};
    return people_run(cli, argc, argv, verbs);
}

/* ---- tenants ---- */

static int tenant_add(struct people_job *job)
{
    return done(
        job, gj_office_tenant_add(job->office, gj_str_of(job->name), &job->act, job->cli->errors),
        "已添加租户", "The tenant was added.");
}

static int show_tenant(void *context, struct gj_str name, int64_t created)
{
    struct list *list = context;
    if (list->job->json) {
        bool first = true;
        next_object(list);
        people_json(stdout, "name", name, &first);
        people_json_time(stdout, "created", created, &first);
        putchar('}');
        return 0;
    }
    add_cell(list, name);
    add_time(list, created);
    return 0;
}

static int tenant_list(struct people_job *job)
{
    static const char *const zh[] = {"租户", "创建", NULL};
    static const char *const en[] = {"tenant", "created", NULL};
    struct list list = begin_list(job, zh, en);
    return end_list(&list, gj_office_tenants(job->office, show_tenant, &list, job->cli->errors));
}

int cli_tenant(struct cli *cli, int argc, char **argv)
{
    static const struct people_verb verbs[] = {{"add", true, true, 0, tenant_add},
                                               {"list", false, false, PEOPLE_FORMAT, tenant_list},
                                               {NULL, false, false, 0, NULL}};
    return people_run(cli, argc, argv, verbs);
}
