/* Room cli: opening the office beside a database, passwords, times (see people.h). */
#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/calendar.h"
#include "cli/people.h"

/* ---- running a verb ---- */

static int64_t now(void)
{
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    return (int64_t)at.tv_sec * 1000000 + at.tv_nsec / 1000;
}

/* "cli:root": the user of this machine. */
static void name_actor(struct gj_buf *out)
{
    const struct passwd *user = getpwuid(getuid());
    gj_buf_init(out);
    if (user != NULL) {
        gj_buf_addf(out, "cli:%s", user->pw_name);
    } else {
        gj_buf_addf(out, "cli:%ld", (long)getuid());
    }
}

static struct gj_office *open_office(struct cli *cli, const char *db, bool makes)
{
    struct gj_buf path;
    struct gj_office *office = NULL;
    gj_buf_init(&path);
    gj_buf_addf(&path, "%s.office", db);
    if (!makes && access(path.ptr, F_OK) != 0) {
        fprintf(stderr,
                cli_say(cli, "%s：没有这个文件；--db 要指向服务的数据库\n",
                        "%s: is not there; --db names the server's database\n"),
                path.ptr);
    } else {
        office = gj_office_open(path.ptr, cli->errors);
    }
    gj_buf_release(&path);
    return office;
}

static int run_verb(struct people_job *job, const struct people_verb *verb)
{
    struct gj_buf actor;
    job->office = open_office(job->cli, job->options.db, verb->makes);
    if (job->office == NULL) {
        return EXIT_BAD;
    }
    name_actor(&actor);
    job->act = (struct gj_office_act){gj_buf_str(&actor), now()};
    int status = verb->run(job);
    gj_buf_release(&actor);
    gj_office_close(job->office);
    return status;
}

static const struct people_verb *find_verb(const struct people_verb *verbs, int argc, char **argv)
{
    while (verbs->name != NULL &&
           (argc < 1 || strcmp(argv[0], verbs->name) != 0 || argc != (verbs->takes_name ? 2 : 1))) {
        verbs++;
    }
    return verbs->name == NULL ? NULL : verbs;
}

/* An option that the verb would pass over means something else to whoever gave it. */
static bool takes(const struct people_job *job, const struct people_verb *verb)
{
    const struct people_options *o = &job->options;
    const struct {
        const char *name, *value;
        unsigned bit;
    } given[] = {{"--tenant", o->tenant, PEOPLE_TENANT},    {"--role", o->role, PEOPLE_GRANT},
                 {"--shop", o->shop, PEOPLE_GRANT},         {"--agent", o->agent, PEOPLE_GRANT},
                 {"--expires", o->expires, PEOPLE_EXPIRES}, {"--format", o->format, PEOPLE_FORMAT},
                 {"--head", o->head, PEOPLE_HEAD}};
    for (size_t i = 0; i < sizeof given / sizeof given[0]; i++) {
        if (given[i].value != NULL && (verb->takes & given[i].bit) == 0) {
            fprintf(stderr, cli_say(job->cli, "guiju: %s 不用于 %s\n", "guiju: %s is not for %s\n"),
                    given[i].name, verb->name);
            cli_misuse(job->cli, NULL);
            return false;
        }
    }
    return true;
}

static const char *or_usual(const char *given, const char *usual)
{
    return given == NULL ? usual : given;
}

int people_run(struct cli *cli, int argc, char **argv, const struct people_verb *verbs)
{
    struct people_job job = {.cli = cli, .options = {.db = "guiju.db"}};
    struct people_options *o = &job.options;
    const struct cli_option options[] = {{"--db", NULL, &o->db, NULL},
                                         {"--tenant", NULL, &o->tenant, NULL},
                                         {"--role", NULL, &o->role, NULL},
                                         {"--shop", NULL, &o->shop, NULL},
                                         {"--agent", NULL, &o->agent, NULL},
                                         {"--expires", NULL, &o->expires, NULL},
                                         {"--format", "-f", &o->format, NULL},
                                         {"--head", NULL, &o->head, NULL},
                                         {NULL, NULL, NULL, NULL}};
    argc = cli_options(cli, argc, argv, options);
    const struct people_verb *verb = argc < 0 ? NULL : find_verb(verbs, argc, argv);
    if (argc < 0 || (o->format != NULL && !cli_one_of(cli, "--format", o->format, "text|json"))) {
        return EXIT_BAD;
    }
    if (verb == NULL) {
        return cli_misuse(cli, NULL);
    }
    if (!takes(&job, verb)) {
        return EXIT_BAD;
    }
    o->shop = or_usual(o->shop, "");
    o->agent = or_usual(o->agent, "");
    o->expires = or_usual(o->expires, "90d");
    o->format = or_usual(o->format, "text");
    job.name = verb->takes_name ? argv[1] : NULL;
    job.json = o->format[0] == 'j';
    return run_verb(&job, verb);
}

/* ---- passwords ---- */

/* A line of standard input without its end. */
static int read_line(const struct cli *cli, char *out, size_t size)
{
    if (fgets(out, (int)size, stdin) == NULL) {
        fprintf(stderr, "%s\n", cli_say(cli, "没有读到密码", "no password was given"));
        return -1;
    }
    size_t len = strcspn(out, "\n");
    if (out[len] == '\0' && len + 1 == size) {
        fprintf(stderr, "%s\n", cli_say(cli, "密码太长", "the password is too long"));
        return -1;
    }
    out[len] = '\0';
    return 0;
}

/* Ctrl-C does nothing meanwhile, so that the terminal never stays without echo. */
static int ask(const struct cli *cli, const char *prompt, char *out, size_t size)
{
    struct termios before, quiet;
    if (tcgetattr(STDIN_FILENO, &before) != 0) {
        return -1;
    }
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
    fputs(prompt, stderr);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    int status = read_line(cli, out, size);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    fputc('\n', stderr);
    return status;
}

int people_password(const struct cli *cli, char *out, size_t size)
{
    char again[GJ_PASSWORD_MAX + 2];
    setvbuf(stdin, NULL, _IONBF, 0); /* no copy of it stays in a buffer */
    if (!isatty(STDIN_FILENO)) {
        return read_line(cli, out, size);
    }
    int status = ask(cli, cli_say(cli, "密码：", "Password: "), out, size) != 0 ||
                         ask(cli, cli_say(cli, "再输一次：", "Again: "), again, sizeof again) != 0
                     ? -1
                     : 0;
    if (status == 0 && strcmp(out, again) != 0) {
        fprintf(stderr, "%s\n", cli_say(cli, "两次输入的不一样", "they are not the same"));
        status = -1;
    }
    sodium_memzero(again, sizeof again);
    return status;
}

/* ---- output ---- */

const char *people_time(int64_t at, char out[PEOPLE_TIME])
{
    struct gj_civil c = gj_civil_from_seconds(at / 1000000 + GJ_CHINA_OFFSET_SECONDS);
    out[0] = '\0';
    if (at != GJ_NEVER && at != 0) {
        snprintf(out, PEOPLE_TIME, "%04" PRId64 "-%02d-%02d %02d:%02d", c.year, c.month, c.day,
                 c.hour, c.minute);
    }
    return out;
}

void people_json(FILE *out, const char *key, struct gj_str value, bool *first)
{
    struct gj_buf text; /* values of the office end in a NUL, but not those cut from others */
    gj_buf_init(&text);
    gj_buf_add_str(&text, value);
    fprintf(out, "%s\"%s\": ", *first ? "" : ", ", key);
    cli_json_string(out, text.ptr);
    gj_buf_release(&text);
    *first = false;
}

void people_json_time(FILE *out, const char *key, int64_t at, bool *first)
{
    struct gj_buf text;
    gj_buf_init(&text);
    if (at == GJ_NEVER || at == 0) {
        gj_buf_add_cstr(&text, "null");
    } else {
        gj_buf_add_char(&text, '"');
        gj_timestamp_format((struct gj_instant){at / 1000000, (int32_t)(at % 1000000) * 1000},
                            &text);
        gj_buf_add_char(&text, '"');
    }
    fprintf(out, "%s\"%s\": %s", *first ? "" : ", ", key, text.ptr);
    gj_buf_release(&text);
    *first = false;
}
