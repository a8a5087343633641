/* Room server: the program `guiju-serve`, which `guiju serve` starts: settings from its file and
 * its options, signals, the end. */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/calendar.h"
#include "server/server.h"

#define WARNINGS_MAX     16
#define APPLICATIONS_MAX 16
#define KEPT_MAX         128

struct options {
    struct gj_serve_settings settings;
    int64_t warn_us[WARNINGS_MAX];
    struct gj_application applications[APPLICATIONS_MAX];
    char *kept[KEPT_MAX]; /* values from the file */
    size_t kept_count;
    const char *file; /* that is being read; NULL: the command line */
    unsigned line;
};

static const char usage[] =
    "guiju serve [--listen 127.0.0.1:8787] [--db FILE] [--rulebook DIR] [--config FILE]\n"
    "  --threads N  --connections N  --body-max BYTES  --warn 24h,2h,15m\n"
    "  --secure-cookies (TLS is a proxy's)  --behind-proxy (which says who asks, X-Forwarded-For)\n"
    "  --header-seconds N  --body-seconds N (in which a request's head, its body must be there)\n"
    "  --ahead-seconds N (by which an event's time may be after the server's)\n"
    "  --allow-private-hooks  --cache DIR  --remember MIB (of verdicts, a thread; 0: none)\n"
    "  --application 'PLATFORM KEY SECRET [TENANT]' (which signs what it pushes to /v1/ingest)\n"
    "  --lang zh|en\n"
    "A file of settings has the same names: `listen = 0.0.0.0:8787`, a line each.\n";

static const struct option known[] = {{"listen", required_argument, NULL, 'l'},
                                      {"db", required_argument, NULL, 'd'},
                                      {"rulebook", required_argument, NULL, 'r'},
                                      {"config", required_argument, NULL, 'c'},
                                      {"threads", required_argument, NULL, 't'},
                                      {"connections", required_argument, NULL, 'n'},
                                      {"body-max", required_argument, NULL, 'b'},
                                      {"warn", required_argument, NULL, 'w'},
                                      {"cache", required_argument, NULL, 'k'},
                                      {"secure-cookies", no_argument, NULL, 's'},
                                      {"behind-proxy", no_argument, NULL, 'P'},
                                      {"allow-private-hooks", no_argument, NULL, 'p'},
                                      {"remember", required_argument, NULL, 'm'},
                                      {"header-seconds", required_argument, NULL, 'H'},
                                      {"body-seconds", required_argument, NULL, 'B'},
                                      {"ahead-seconds", required_argument, NULL, 'A'},
                                      {"application", required_argument, NULL, 'a'},
                                      {"lang", required_argument, NULL, 'L'},
                                      {"color", required_argument, NULL, 'C'},
                                      {"help", no_argument, NULL, 'h'},
                                      {NULL, 0, NULL, 0}};

/* ---- what is said ---- */

/* Sentences are English here and shown in Chinese by their form, as the command's are. */
static void say(const struct options *o, FILE *out, const char *text)
{
    char *chinese = o->settings.chinese ? gj_in_chinese(text) : NULL;
    fputs(chinese == NULL ? text : chinese, out);
    gj_string_free(chinese);
}

/* What is wrong with a setting, behind the place where it stands. Returns -1. */
static int refuse(const struct options *o, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int refuse(const struct options *o, const char *format, ...)
{
    struct gj_buf text;
    va_list args;
    gj_buf_init(&text);
    if (o->file == NULL) {
        gj_buf_add_cstr(&text, "guiju serve: ");
    } else {
        gj_buf_addf(&text, "%s:%u: ", o->file, o->line);
    }
    va_start(args, format);
    gj_buf_addv(&text, format, args);
    va_end(args);
    gj_buf_add_char(&text, '\n');
    say(o, stderr, text.failed ? "guiju serve: out of memory\n" : text.ptr);
    gj_buf_release(&text);
    return -1;
}

/* ---- settings ---- */

static int number(const struct options *o, const char *name, const char *text, long long least,
                  long long most, long long *out)
{
    char *end = NULL;
    *out = strtoll(text, &end, 10);
    return *text == '\0' || *end != '\0' || *out < least || *out > most
               ? refuse(o, "%s is a number from %lld to %lld, not '%s'", name, least, most, text)
               : 0;
}

static int descending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? 1 : x > y ? -1 : 0;
}

/* "24h,2h,15m" */
static int warnings(struct options *o, const char *text)
{
    size_t count = 0;
    while (*text != '\0') {
        size_t len = strcspn(text, ",");
        int64_t us = 0;
        if (count == WARNINGS_MAX || gj_span_parse((struct gj_str){text, len}, &us) != 0 ||
            us < GJ_SECOND_US) {
            return refuse(o, "warn takes durations such as 24h,2h,15m");
        }
        o->warn_us[count++] = us;
        text += len + (text[len] == ',' ? 1 : 0);
    }
    qsort(o->warn_us, count, sizeof o->warn_us[0], descending);
    o->settings.warn_us = o->warn_us;
    o->settings.warn_count = count;
    return 0;
}

/* "PLATFORM KEY SECRET [TENANT]" */
static int application(struct options *o, const char *text)
{
    struct gj_application *a = &o->applications[o->settings.application_count];
    char *copy = o->kept_count < KEPT_MAX ? strdup(text) : NULL, *rest = NULL;
    if (copy == NULL || o->settings.application_count == APPLICATIONS_MAX) {
        free(copy);
        return refuse(o, "at most %d applications may be named", APPLICATIONS_MAX);
    }
    o->kept[o->kept_count++] = copy;
    a->platform = strtok_r(copy, " \t", &rest);
    a->key = strtok_r(NULL, " \t", &rest);
    a->secret = strtok_r(NULL, " \t", &rest);
    a->tenant = strtok_r(NULL, " \t", &rest);
    if (a->secret == NULL) {
        return refuse(o, "an application is PLATFORM KEY SECRET [TENANT]");
    }
    a->tenant = a->tenant == NULL ? "default" : a->tenant;
    for (const struct gj_application *other = o->applications; other != a; other++) {
        if (strcmp(other->platform, a->platform) == 0) {
            return refuse(o, "one application of %s may be named", a->platform);
        }
    }
    o->settings.applications = o->applications;
    o->settings.application_count++;
    return 0;
}

static int language(struct options *o, const char *value)
{
    if (strcmp(value, "zh") != 0 && strcmp(value, "en") != 0) {
        return refuse(o, "lang takes zh or en, not '%s'", value);
    }
    o->settings.chinese = value[0] == 'z';
    return 0;
}

static int read_file(struct options *o, const char *name);

static int set(struct options *o, int which, const char *value)
{
    struct gj_serve_settings *s = &o->settings;
    long long n = 0;
    int status = 0;
    if (*value == '\0' && (which == 'l' || which == 'd' || which == 'r')) {
        return refuse(o, "a setting is empty; leave it out, or name a value");
    }
    switch (which) {
    case 'l':
        s->listen = value;
        break;
    case 'd':
        s->db = value;
        break;
    case 'r':
        s->rulebook = value;
        break;
    case 'k':
        s->cache = value;
        break;
    case 'c':
        return read_file(o, value);
    case 's':
        s->secure_cookies = true;
        break;
    case 'P':
        s->behind_proxy = true;
        break;
    case 'p':
        s->private_hooks = true;
        break;
    case 'w':
        return warnings(o, value);
    case 'a':
        return application(o, value);
    case 'L':
        return language(o, value);
    case 'C':
        break; /* the command's common option: nothing is coloured here */
    case 't':
        status = number(o, "threads", value, 1, 256, &n);
        s->threads = (unsigned)n;
        break;
    case 'n':
        status = number(o, "connections", value, 1, 1000000, &n);
        s->connections = (unsigned)n;
        break;
    case 'b':
        status = number(o, "body-max", value, 1024, 1 << 30, &n);
        s->body_max = (size_t)n;
        break;
    case 'm':
        status = number(o, "remember", value, 0, 1024, &n);
        s->remember = (size_t)n << 20;
        break;
    case 'H':
        status = number(o, "header-seconds", value, 1, 3600, &n);
        s->header_seconds = n;
        break;
    case 'B':
        status = number(o, "body-seconds", value, 1, 3600, &n);
        s->body_seconds = n;
        break;
    case 'A':
        status = number(o, "ahead-seconds", value, 0, INT32_MAX, &n);
        s->ahead_seconds = n;
        break;
    default:
        status = -1;
        break;
    }
    return status;
}

static char *trimmed(char *text)
{
    while (isspace((unsigned char)*text)) {
        text++;
    }
    for (size_t len = strlen(text); len > 0 && isspace((unsigned char)text[len - 1]); len--) {
        text[len - 1] = '\0';
    }
    return text;
}

static int set_flag(struct options *o, const struct option *k, const char *value)
{
    if (strcmp(value, "true") == 0 || strcmp(value, "false") == 0) {
        return value[0] == 't' ? set(o, k->val, value) : 0;
    }
    return refuse(o, "%s is true or false, not '%s'", k->name, value);
}

static int set_line(struct options *o, char *text)
{
    char *equals = strchr(text, '='), *name = NULL, *value = NULL;
    if (equals != NULL) {
        *equals = '\0';
        name = trimmed(text);
        value = trimmed(equals + 1);
    }
    for (const struct option *k = known; name != NULL && k->name != NULL; k++) {
        if (strcmp(k->name, name) != 0 || k->val == 'h' || k->val == 'c') {
            continue;
        }
        if (k->has_arg == no_argument) {
            return set_flag(o, k, value);
        }
        char *copy = o->kept_count < KEPT_MAX ? strdup(value) : NULL;
        if (copy == NULL) {
            break;
        }
        o->kept[o->kept_count++] = copy;
        return set(o, k->val, copy);
    }
    return refuse(o, "no setting is called so; see guiju serve --help");
}

static int read_file(struct options *o, const char *name)
{
    FILE *file = fopen(name, "r");
    char *text = NULL;
    size_t size = 0;
    int status = 0;
    o->file = file == NULL ? NULL : name;
    for (o->line = 1; file != NULL && status == 0 && getline(&text, &size, file) >= 0; o->line++) {
        char *start = trimmed(text);
        if (*start != '\0' && *start != '#') {
            status = set_line(o, start);
        }
    }
    o->file = NULL;
    if (file == NULL || (status == 0 && !feof(file))) {
        status = refuse(o, "%s: cannot be read (%s)", name, strerror(errno));
    }
    if (file != NULL) {
        fclose(file);
    }
    free(text);
    return status;
}

static int read_options(struct options *o, int argc, char **argv)
{
    o->settings = (struct gj_serve_settings){.listen = "127.0.0.1:8787",
                                             .db = "guiju.db",
                                             .rulebook = gj_rulebook_default_dir(),
                                             .connections = 12000,
                                             .body_max = (size_t)32 << 20,
                                             .remember = (size_t)4 << 20,
                                             .header_seconds = 20,
                                             .body_seconds = 60,
                                             .ahead_seconds = 24 * 3600};
    char standard[] = "24h,2h,15m";
    warnings(o, standard);
    for (int which; (which = getopt_long(argc, argv, ":", known, NULL)) != -1;) {
        if (which == 'h') {
            fputs(usage, stdout);
            return 1;
        }
        int status = which == ':'   ? refuse(o, "%s needs a value", argv[optind - 1])
                     : which == '?' ? refuse(o, "unknown option %s", argv[optind - 1])
                                    : set(o, which, optarg == NULL ? "true" : optarg);
        if (status != 0) {
            fputs(usage, stderr);
            return -1;
        }
    }
    if (optind < argc) {
        refuse(o, "'%s' is one too many", argv[optind]);
        fputs(usage, stderr);
        return -1;
    }
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    o->settings.threads =
        o->settings.threads > 0 ? o->settings.threads : (unsigned)(cores > 0 ? cores : 1);
    return 0;
}

/* ---- running ---- */

static void complain(const struct options *o, gj_errors *errors)
{
    if (gj_errors_count(errors) > 0) {
        say(o, stderr, gj_errors_text(errors));
        gj_errors_clear(errors);
    }
}

/* What goes wrong each second is said once, until it is something else or all is well again. */
static void complain_once(const struct options *o, gj_errors *errors, struct gj_buf *last)
{
    bool again = gj_errors_count(errors) > 0 && strcmp(last->ptr, gj_errors_text(errors)) == 0;
    if (again) {
        gj_errors_clear(errors);
        return;
    }
    gj_buf_reset(last);
    gj_buf_add_cstr(last, gj_errors_count(errors) > 0 ? gj_errors_text(errors) : "");
    complain(o, errors);
}

static void reload(const struct options *o, struct gj_server *server, gj_errors *errors)
{
    gj_clock_trust(server);
    say(o, stderr,
        gj_server_reload(server, errors) == GJ_OK
            ? "guiju: the rulebook was loaded anew\n"
            : "guiju: the rulebook has errors; the one before stays in force\n");
}

/* Until SIGTERM or SIGINT. */
static void wait_for_end(const struct options *o, struct gj_server *server, const sigset_t *signals,
                         gj_errors *errors)
{
    struct gj_buf last;
    gj_buf_init(&last);
    for (int caught = 0; caught != SIGTERM && caught != SIGINT;) {
        struct timespec second = {1, 0};
        caught = sigtimedwait(signals, NULL, &second);
        if (caught == SIGHUP) {
            reload(o, server, errors);
            complain(o, errors);
        }
        gj_server_second(server, errors);
        complain_once(o, errors, &last);
    }
    gj_buf_release(&last);
}

/* Requests come already, and may put another rulebook in force. */
static void greet(const struct options *o, struct gj_server *server)
{
    const char *listen = o->settings.listen, *colon = strrchr(listen, ':');
    struct gj_edition *edition = gj_edition_take(server);
    struct gj_buf text;
    gj_buf_init(&text);
    gj_buf_addf(&text, "guiju: http://%.*s:%u (%u threads, rulebook %.8s)%s\n",
                (int)(colon - listen), listen, server->port, o->settings.threads,
                gj_rulebook_hash(edition->book),
                atomic_load(&server->nobody)
                    ? "; nobody has been added yet: whoever is on this machine may do all"
                    : "");
    say(o, stdout, text.failed ? "" : text.ptr);
    fflush(stdout);
    gj_buf_release(&text);
    gj_edition_leave(edition);
}

static void release(struct options *o, gj_errors *errors)
{
    for (size_t i = 0; i < o->kept_count; i++) {
        free(o->kept[i]);
    }
    gj_errors_free(errors);
}

int main(int argc, char **argv)
{
    struct options options = {0};
    gj_errors *errors = gj_errors_new();
    sigset_t signals;
    int status = errors == NULL ? -1 : read_options(&options, argc, argv);
    if (status != 0) {
        release(&options, errors);
        return status > 0 ? 0 : 2;
    }
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGPIPE);
    sigprocmask(SIG_BLOCK, &signals, NULL); /* before threads begin: they have it so too */
    sigdelset(&signals, SIGPIPE);
    struct gj_server *server = gj_server_start(&options.settings, errors);
    complain(&options, errors);
    if (server != NULL) {
        greet(&options, server);
        wait_for_end(&options, server, &signals, errors);
        gj_server_stop(server);
    }
    release(&options, errors);
    return server == NULL ? 2 : 0;
}
