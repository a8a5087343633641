/* Room cli: the program `guiju`, a client of guiju/guiju.h; commands of the server and its
 * people are also of room server. Each command is one
 * file and one row in main.c's table. */
#ifndef GJ_CLI_CLI_H
#define GJ_CLI_CLI_H

#include "guiju/guiju.h"

/* Exit statuses: 0 all well, 1 something was found (review, block, a failed test), 2 usage or
 * input. */
enum { EXIT_CLEAN = 0, EXIT_FOUND = 1, EXIT_BAD = 2 };

struct cli {
    const char *rulebook;    /* --rulebook */
    const char *cache;       /* --cache; NULL: the user's */
    bool english;            /* --lang en, or a locale that is not Chinese */
    bool colour;             /* --color, or a terminal */
    const char *usage;       /* of the command at hand */
    const gj_rulebook *book; /* once it is open: what measures are called */
    gj_errors *errors;
};

/* One option of a command. A flag has no `value`. */
struct cli_option {
    const char *name;  /* "--format" */
    const char *brief; /* "-f", or NULL */
    const char **value;
    bool *flag;
};

/* Takes the options out of argv and leaves the rest: returns how many stay, or -1 after telling
 * what is wrong. Everything behind "--" stays. Common options (--rulebook, --cache, --lang,
 * --color) are taken too. */
int cli_options(struct cli *cli, int argc, char **argv, const struct cli_option *options);

/* The same for a command whose own argument may begin with "-", as the expression -1 < x. */
int cli_options_dashed(struct cli *cli, int argc, char **argv, const struct cli_option *options);

/* Whether between `least` and `most` of argv's words stayed behind the options (`left` is what
 * cli_options returned); else tells what is missing or too much, and the usage. */
bool cli_words(const struct cli *cli, int left, char **argv, int least, int most);

/* Tells the usage of the command at hand, behind a sentence (or NULL) on what is wrong. Returns
 * EXIT_BAD. */
int cli_misuse(const struct cli *cli, const char *sentence);

/* What errno says, in the user's language, into `out`. */
const char *cli_reason(const struct cli *cli, char *out, size_t size);

/* Tells why `path` (NULL: standard output) cannot be written, by errno. */
void cli_unwritable(const struct cli *cli, const char *path);

/* Whether an option's value is one of `choices`, as "text|json"; else tells which there are. */
bool cli_one_of(const struct cli *cli, const char *option, const char *value, const char *choices);

/* An option's value as a number from `least` to `most`. -1 after telling what is wrong. */
int cli_number(const struct cli *cli, const char *option, const char *text, uint64_t least,
               uint64_t most, uint64_t *out);

/* The value of an option that names a time, in microseconds since 1970; NULL leaves *out as it is.
 * -1 after telling what is wrong. */
int cli_time(const struct cli *cli, const char *option, const char *text, int64_t *out);

/* Prints what the library says, in the user's language; cli_tell: to stderr. */
void cli_print(const struct cli *cli, FILE *out, const char *text);
void cli_tell(const struct cli *cli, const char *text);

/* Prints the errors gathered to stderr and forgets them. */
void cli_complain(struct cli *cli);

/* The path of `name` in the folder of this program; -1 when that is not known or too long. */
int cli_beside(const char *name, char *path, size_t size);

/* zh or en, as the user reads. */
const char *cli_say(const struct cli *cli, const char *zh, const char *en);

/* "2h", "90m", "1d12h": microseconds; -1: it is none. */
int64_t cli_span(const char *text);

/* Text from outside, which does not steer the terminal: control characters become spaces. */
void cli_plain(FILE *out, const char *text, size_t len);

/* A string as JSON, in quotes. */
void cli_json_string(FILE *out, const char *text);

/* ---- lines of a file ---- */

struct cli_lines {
    char *bytes; /* with GJ_JSON_PADDING bytes behind them */
    size_t len, capacity, at, number;
    FILE *file;
    const char *name;
    bool ended, failed;
    size_t read, total; /* bytes, for the progress bar; total 0: unknown */
    bool progress;
    long shown; /* percent last shown */
};

/* Opens FILE or "-". Returns -1 after telling what is wrong. */
int cli_lines_open(struct cli *cli, struct cli_lines *lines, const char *name);

/* The next line without its end; false at the end, or on a read error (lines->failed). */
bool cli_lines_next(struct cli_lines *lines, const char **line, size_t *len);
size_t cli_lines_padding(const struct cli_lines *lines, const char *line, size_t len);
void cli_lines_close(struct cli_lines *lines);

/* ---- reports ---- */

/* How words had to be changed to be found, as "谐音、拆字" or "homophone, split", into `out`. */
const char *cli_transforms(const struct cli *cli, gj_transforms bits, char *out, size_t size);

/* A verdict for people: the text with its marked words, and for each rule title, clause, cost and
 * reply. */
void cli_print_verdict(const struct cli *cli, FILE *out, const gj_message *message,
                       const gj_verdict *verdict);

struct cli_summary;
struct cli_summary *cli_summary_new(void);
void cli_summary_free(struct cli_summary *summary);
void cli_summary_add(struct cli_summary *summary, const gj_message *message,
                     const gj_verdict *verdict);
void cli_summary_print(const struct cli *cli, FILE *out, const struct cli_summary *summary);

/* ---- commands ---- */

int cli_check(struct cli *cli, int argc, char **argv);
int cli_coverage(struct cli *cli, int argc, char **argv);
int cli_draw(struct cli *cli, int argc, char **argv);
int cli_eval(struct cli *cli, int argc, char **argv);
int cli_explain(struct cli *cli, int argc, char **argv);
int cli_expr(struct cli *cli, int argc, char **argv);
int cli_ingest(struct cli *cli, int argc, char **argv);
int cli_lint(struct cli *cli, int argc, char **argv);
int cli_rules(struct cli *cli, int argc, char **argv);
int cli_simulate(struct cli *cli, int argc, char **argv);
int cli_test(struct cli *cli, int argc, char **argv);
int cli_report(struct cli *cli, int argc, char **argv);
int cli_deadlines(struct cli *cli, int argc, char **argv);
int cli_rebuild(struct cli *cli, int argc, char **argv);
int cli_fsck(struct cli *cli, int argc, char **argv);
int cli_backtest(struct cli *cli, int argc, char **argv);
int cli_replay(struct cli *cli, int argc, char **argv);
int cli_serve(struct cli *cli, int argc, char **argv);
int cli_user(struct cli *cli, int argc, char **argv);
int cli_token(struct cli *cli, int argc, char **argv);
int cli_tenant(struct cli *cli, int argc, char **argv);
int cli_audit(struct cli *cli, int argc, char **argv);

#endif
