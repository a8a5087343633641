/* Room server: one HTTP API over the library, for agents' tools, bots and a console.
 *
 *   bytes --http.c--> request --route.c--> who? (people) --> handler --> answer --http.c--> bytes
 *                                              check.c        judges in the thread at hand
 *                                              desk.c         everything that touches an engine:
 *                                                             one thread, group commit
 *                                              stream.c       notices to listeners, as they happen
 *
 * A thread a core serves connections. A request that waits for the desk is suspended and costs no
 * thread. The room is a client of guiju.h and of the office (store/office.h), where people, audit
 * and webhooks are kept. */
#ifndef GJ_SERVER_SERVER_H
#define GJ_SERVER_SERVER_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "base/buf.h"
#include "guiju/guiju.h"
#include "people/people.h"
#include "server/latency.h"
#include "store/office.h"
#include "wire/json.h"

#define GJ_SECOND_US   INT64_C(1000000)
#define GJ_HEADERS_MAX 32 /* of an answer */

/* ---- settings ---- */

/* An application at a platform, which signs what it pushes. */
struct gj_application {
    const char *platform, *key, *secret, *tenant;
};

struct gj_serve_settings {
    const char *listen;     /* "127.0.0.1:8787", "[::1]:8787" */
    const char *db;         /* of the default tenant; the office is `db`.office */
    const char *rulebook;   /* folder */
    const char *cache;      /* as gj_rulebook_open */
    unsigned threads;       /* that serve connections; 0: one a core */
    unsigned connections;   /* at most, at once */
    size_t body_max;        /* bytes of a request's body */
    size_t remember;        /* bytes that a thread's verdicts may take; 0: none is remembered */
    int64_t header_seconds; /* a request's head, and its body, must be there within this time */
    int64_t body_seconds;
    int64_t ahead_seconds;  /* an event's time may be after the server's by so much */
    bool private_hooks;     /* webhooks may go to private addresses */
    const int64_t *warn_us; /* how long before a deadline it is told, descending */
    size_t warn_count;
    const struct gj_application *applications;
    size_t application_count;
    bool secure_cookies; /* behind TLS */
    bool behind_proxy;   /* who asks stands in X-Forwarded-For, as the proxy has put it last */
    bool chinese;        /* how the operator is told what goes wrong */
};

/* ---- rulebooks in force ---- */

/* A loaded rulebook, shared by threads: freed when the last one lets it go. */
struct gj_edition {
    gj_rulebook *book;
    atomic_int users;
    uint64_t number; /* 1, 2, ...: of this process */
    int64_t since;   /* us */
    char *dir;       /* where it was read */
};

struct gj_editions {
    pthread_mutex_t changing; /* held by who loads one, from looking at the one in force to the end:
                                 or an older one could take the place of a newer */
    pthread_mutex_t lock;
    struct gj_edition *current; /* under lock */
    _Atomic uint64_t number;    /* of `current`: a thread sees by it that its own is old */
};

/* ---- requests ---- */

struct gj_route;

/* What is answered. `body` may be empty. */
struct gj_answer {
    unsigned status;  /* HTTP's; 0: not answered yet */
    const char *type; /* Content-Type; static */
    struct gj_buf body;
    struct gj_answer_header {
        const char *name; /* static */
        char *value;      /* owned */
    } headers[GJ_HEADERS_MAX];
    size_t header_count;
    struct gj_listener *stream; /* the answer does not end: see stream.h */
};

#define GJ_CAPTURES_MAX 3

struct gj_request {
    struct gj_server *server;
    struct MHD_Connection *connection;
    const struct gj_route *route;
    struct gj_client *client; /* the connection's own state */
    struct gj_principal who;
    struct gj_arena arena;                   /* of this request */
    struct gj_str captures[GJ_CAPTURES_MAX]; /* of the path's {names}, decoded, NUL-terminated */
    size_t capture_count;
    struct gj_str path;   /* as it was asked for, of requests that are audited */
    struct gj_str about;  /* for the audit log: see audit.h */
    struct gj_str repeat; /* hash of a request with an Idempotency-Key that is done anew */
    struct gj_buf body;   /* GJ_JSON_PAD bytes behind it may be read */
    bool head;            /* HEAD: what GET would answer, without its body */
    bool english, late;   /* late: a job of the desk will answer */
    bool refused;         /* answered before its body came: that is passed over */
    int64_t now;          /* us */
    int64_t begun;        /* us of the steady clock: its head was there */
    struct gj_answer answer;
    void *state; /* of the handler */
    void (*free_state)(void *state);
    struct gj_request *next; /* of a free list */
};

/* Where a request's handler leaves it. */
enum gj_handled { GJ_ANSWERED, GJ_LATER /* the desk has it; answered by gj_request_resume */ };

/* A parameter of the query, or NULL; lives as long as the request. */
const char *gj_request_query(const struct gj_request *r, const char *name);
const char *gj_request_header(const struct gj_request *r, const char *name);
/* Whether the Content-Type is `type`, whatever its parameters. */
bool gj_request_is(const struct gj_request *r, const char *type);
bool gj_request_is_lines(const struct gj_request *r); /* JSON lines */

/* Whether the query has parameters that the route knows, each once: a filter that is misspelt
 * would let all through. false: answered. */
bool gj_request_query_fits(struct gj_request *r);

/* An integer of the query between `least` and `most`; `standard` when it is absent. false: it is
 * wrong, and that is answered. */
bool gj_request_number(struct gj_request *r, const char *name, int64_t standard, int64_t least,
                       int64_t most, int64_t *out);
/* One of the choices, "a, b"; NULL when it is absent. */
bool gj_request_choice(struct gj_request *r, const char *name, const char *choices,
                       const char **out);
/* "true" or "false" of the query. */
bool gj_request_flag(struct gj_request *r, const char *name, bool standard, bool *out);
/* A duration of the query as microseconds ("2h", "90s", "7d"). */
bool gj_request_duration(struct gj_request *r, const char *name, int64_t standard, int64_t *out);
/* RFC 3339 of the query as microseconds. */
bool gj_request_time(struct gj_request *r, const char *name, int64_t standard, int64_t *out);

/* Whether the caller may see the shop. */
bool gj_request_sees(const struct gj_request *r, struct gj_str source);

/* The body as JSON, of the thread's parser, valid until its next parse. NULL: that it is none is
 * answered. */
const struct gj_json *gj_request_json(struct gj_request *r, struct gj_json_parser **parser);

enum gj_handled gj_answer_json(struct gj_request *r, unsigned status);
void gj_answer_header(struct gj_request *r, const char *name, const char *value);

/* RFC 9457. `problem` is a row of problem.c's table by its name ("not-found"), the detail says in
 * the caller's language what is wrong here and what to do. */
enum gj_handled gj_problem(struct gj_request *r, const char *problem, const char *zh,
                           const char *en);
enum gj_handled gj_problemf(struct gj_request *r, const char *problem, const char *zh,
                            const char *en, const char *what);
/* What another room says in English (base/phrase.h), in the caller's language; as long as the
 * request. And as the detail of a problem. */
struct gj_str gj_request_told(struct gj_request *r, struct gj_str sentence);
enum gj_handled gj_problem_told(struct gj_request *r, const char *problem, const char *sentence);
/* The same with errors as a list: {"errors": [...]}. */
enum gj_handled gj_problem_errors(struct gj_request *r, const char *problem, gj_errors *errors);

/* From any thread: the suspended request is answered now. */
void gj_request_resume(struct gj_request *r);

/* ---- the table of routes: what routes and what /openapi.json is made of ---- */

struct gj_param {
    const char *name, *in; /* "query", "path", "header" */
    const char *schema;    /* JSON Schema */
    const char *zh, *en;
    bool required;
};

#define GJ_PARAMS_MAX 8

enum gj_route_flags {
    GJ_OPEN = 1,      /* no one need be known */
    GJ_WRITES = 2,    /* audited; a session must show its CSRF token */
    GJ_PERSONAL = 4,  /* shows personal data: looks are audited */
    GJ_UPGRADES = 8,  /* the answer does not end: a stream */
    GJ_BIG = 16,      /* its body may be as big as settings.body_max, else GJ_BODY_SMALL */
    GJ_QUICK = 32,    /* no idempotency key is looked up */
    GJ_CACHED = 64,   /* the answer may be kept by caches */
    GJ_BYTES = 128,   /* its body need not be UTF-8 */
    GJ_BY_DESK = 256, /* the desk notes it in the audit log, many at once; else it is noted first */
    GJ_BODILESS = 512 /* its body may be left out */
};
#define GJ_BODY_SMALL (4u << 20)

struct gj_route {
    const char *method, *path; /* "/v1/entities/{kind}/{id}" */
    unsigned roles;            /* bits of gj_role; who may */
    unsigned flags;
    enum gj_handled (*handle)(struct gj_request *r);
    const char *id, *zh, *en; /* operationId and summary */
    const char *body;         /* JSON Schema of the request's body, or NULL */
    const char *body_types;   /* media types by commas; NULL: application/json */
    const char *answer;       /* JSON Schema of the answer, or NULL */
    const char *answer_type;  /* media types by commas; NULL: application/json */
    unsigned done;            /* the status of success; 0: 200 */
    struct gj_param params[GJ_PARAMS_MAX];
};

/* All of them, of which the last has no method. */
extern const struct gj_route gj_routes[];

/* The route of a method and path, its captures noted in `r`. NULL: none; *allowed then names the
 * methods that the path has, "" when it has none. */
const struct gj_route *gj_route_find(struct gj_request *r, const char *method, const char *path,
                                     char *allowed, size_t size);

/* ---- figures for /metrics ---- */

struct gj_counts {
    _Atomic uint64_t requests[6]; /* by the first digit of the status */
    _Atomic uint64_t checks[3];   /* by suggestion */
    _Atomic uint64_t remembered;  /* of these, not judged anew */
    _Atomic uint64_t events[3];   /* applied, duplicate, refused */
    _Atomic uint64_t commits, failed_commits, notices;
    _Atomic int64_t connections, listeners, queued;
    _Atomic uint64_t steps; /* of the machine's clock */
};

/* ---- the server ---- */

struct gj_clock {
    _Atomic int64_t ahead; /* the time of day less the steady clock, when it was trusted, us */
    atomic_bool stepped;   /* it has been set since */
};

struct gj_server {
    struct gj_serve_settings settings;
    const struct gj_route *routes; /* the last has no method */
    struct MHD_Daemon *daemon;
    int listener; /* of the quiesced daemon, whose threads may still look at it; 0: none */
    struct gj_editions editions;
    struct gj_office *office;
    struct gj_people *people;
    struct gj_desk *_Atomic desk;
    struct gj_clerk *clerk;
    struct gj_pictures *pictures;
    struct gj_backtests *backtests;
    struct gj_hooks *hooks;
    struct gj_clients *clients;
    struct gj_counts counts;
    struct gj_latency latency;
    struct gj_clock clock;
    pthread_key_t thread_key; /* of struct thread: thread.c */
    atomic_bool stopping;
    atomic_bool full;   /* the last batch of writes found no space on the disk */
    atomic_bool nobody; /* no user and no token yet, and it listens on loopback alone */
    int64_t started;
    bool loopback; /* it can be reached from this machine alone */
    unsigned port; /* it listens on */
};

/* Opens the databases, loads the rulebook, listens. NULL: see `errors`. */
struct gj_server *gj_server_start(const struct gj_serve_settings *settings, gj_errors *errors);

/* Stops listening, answers what has been accepted, commits, closes. */
void gj_server_stop(struct gj_server *server);

/* Once a second: what other processes have changed, who is too slow. */
void gj_server_second(struct gj_server *server, gj_errors *errors);

/* Loads the rulebook's folder anew; the one in force stays when it has errors. GJ_OK, GJ_EBOOK. */
int gj_server_reload(struct gj_server *server, gj_errors *errors);

/* editions.c */
struct gj_edition *gj_edition_take(struct gj_server *server);
void gj_edition_leave(struct gj_edition *edition);

/* Loads a rulebook, both halves. NULL: see `errors`. */
struct gj_edition *gj_edition_load(struct gj_server *server, const char *dir, gj_errors *errors);
/* It takes the place of the one in force. */
void gj_edition_enact(struct gj_server *server, struct gj_edition *edition);

/* thread.c: the thread's own verdicts, by the rulebook in force, and parser. NULL: out of memory.
 */
struct gj_verdicts *gj_thread_verdicts(struct gj_server *server);
struct gj_json_parser *gj_thread_parser(struct gj_server *server);

/* complain.c: tells the operator a sentence, in his language; `server` is a struct gj_server. */
void gj_server_complain(void *server, const char *sentence);

/* ---- clock.c ---- */

/* Microseconds since 1970, by which deadlines fire; held back when the machine's clock is set. */
int64_t gj_server_now(struct gj_server *server);
/* The machine's clock as it is now is right: an operator says so (SIGHUP), or it is the start. */
void gj_clock_trust(struct gj_server *server);
/* Microseconds of a clock that no one sets, for time that is taken. */
int64_t gj_steady_now(void);

#endif
