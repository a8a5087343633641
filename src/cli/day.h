/* Room cli: a shop's day, gathered for `guiju report`: rows kept, sums made; then written as text,
 * HTML, JSON or a workbook. Strings belong to the day. */
#ifndef GJ_CLI_DAY_H
#define GJ_CLI_DAY_H

#include "cli/cli.h"

enum { SEVERITIES = 4 }; /* critical, major, minor, bonus */

struct day_agent {
    const char *agent; /* "": nobody's */
    size_t count, by_severity[SEVERITIES];
};

struct day_group { /* findings of one rule by one agent */
    const char *agent, *rule, *title_zh, *title_en, *severity, *kind, *subject, *because_zh,
        *because_en;
    const char *clause_zh, *clause_en;
    size_t count;
    int64_t fine_fen; /* at risk */
};

struct day_sum {
    const char *name, *title_zh, *title_en; /* account or rule */
    const char *unit;
    int64_t amount;
};

struct day_ruling {
    const char *rule, *kind, *subject;
    int64_t at;
};

struct day {
    gj_engine *engine;
    const char *source;
    char date[11]; /* "2026-03-04" */
    int64_t from, to, now;
    bool over; /* the day has ended */
    gj_metric_row *metrics;
    gj_deadline_row *deadlines;
    gj_finding_row *findings;
    struct day_ruling *rulings; /* since the day began, until now */
    gj_ledger_row *ledger;
    gj_ladder_row *ladders;
    gj_measure_info *measures;
    size_t metric_count, deadline_count, finding_count, ruling_count, ledger_count, ladder_count,
        measure_count;
    size_t metric_room, deadline_room, finding_room, ruling_room, ledger_room, ladder_room,
        measure_room;
    int64_t later;  /* cases due after what `deadlines` shows */
    size_t *firsts; /* the first finding of each rule */
    size_t first_count, first_room;
    struct day_agent *agents;
    struct day_group *groups;
    struct day_sum *accounts, *rules; /* rules: what the shop received on balance */
    size_t agent_count, group_count, account_count, rule_count;
    size_t agent_room, group_room, account_room, rule_room;
    int64_t booked_fen, risk_fen, due_fen; /* given by the shop; findings; deadlines shown */
    int64_t booked_points, risk_points;
    size_t risk_open; /* findings whose cost is not known yet */
    struct day_text *texts;
    bool failed; /* out of memory */
};

struct day_options {
    const char *source, *date;
    int64_t within; /* deadlines: microseconds */
    size_t deadlines;
    int days; /* of history */
};

/* Gathers; day_free after success and failure alike. */
int day_gather(struct day *day, gj_engine *engine, const struct day_options *options);
void day_add_deadline(struct day *day, const gj_deadline_row *row); /* alone, without the rest */
void day_free(struct day *day);

/* ---- words ---- */

/* All write into `out` and return it. */
const char *day_money(const struct cli *cli, int64_t fen, char *out, size_t size);
const char *day_left(const struct cli *cli, int64_t micros, char *out, size_t size);
const char *day_clock(const struct day *day, int64_t at, char *out, size_t size); /* 03-04 10:00 */
const char *day_percent(const gj_metric_row *row, char *out, size_t size);
const char *day_threshold(const struct cli *cli, const gj_metric_row *row, char *out, size_t size);
const char *day_distance(const struct cli *cli, const gj_metric_row *row, char *out, size_t size);
const char *day_cost(const struct cli *cli, const gj_consequence *then, char *out, size_t size);
const char *day_then(const struct cli *cli, const gj_deadline_row *row, char *out, size_t size);
const char *day_measures(const struct cli *cli, const char *names, char *out, size_t size);
const char *day_matter(const struct cli *cli, const gj_deadline_row *row, char *out, size_t size);
const char *day_kind(const struct cli *cli, const char *kind);
const char *day_severity(const struct cli *cli, const char *severity);
const char *day_account(const struct cli *cli, const char *account, char *out, size_t size);
const char *day_title(const struct cli *cli, const char *zh, const char *en, const char *id);
int day_severity_index(const char *severity); /* 0 critical .. 3 bonus */

/* Whether a metric's row is worth a line: the shop's own, or a product in or near a breach. */
bool day_shows(const struct day *day, const gj_metric_row *row);

/* ---- writers ---- */

void day_print(const struct cli *cli, FILE *out, const struct day *day);
/* The deadlines alone, with the time left at `at`; `shops`: they are of several. */
void day_print_deadlines(const struct cli *cli, FILE *out, const struct day *day, int64_t at,
                         bool shops);
void day_html(const struct cli *cli, FILE *out, const struct day *days, size_t count);
void day_json(FILE *out, const struct day *days, size_t count);
void day_json_deadline(FILE *out, const struct day *day, const gj_deadline_row *row, int64_t now);
/* Writes a workbook; 0, or -1 after telling what is wrong. day_workbook loads the module that has
 * day_xlsx. */
int day_workbook(const struct cli *cli, const char *path, const struct day *days, size_t count);
int day_xlsx(const struct cli *cli, const char *path, const struct day *days, size_t count);

/* Charts of day_html as SVG (day_chart.c). */
void day_chart_metric(const struct cli *cli, FILE *out, const struct day *day, const char *metric);
void day_chart_agents(const struct cli *cli, FILE *out, const struct day *day);
void day_chart_deadlines(const struct cli *cli, FILE *out, const struct day *day);
void day_escape(FILE *out, const char *text); /* for HTML */

#endif
