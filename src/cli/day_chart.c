/* Room cli: charts of a day as inline SVG: a metric over its windows, findings by agent, deadlines
 * on a line of time. Colours come from the page's style sheet (day_html.c). */
#include <string.h>

#include "cli/day.h"

#define HOUR (3600 * INT64_C(1000000))

/* ---- a metric over its windows ---- */

enum {
    METRIC_WIDTH = 320,
    METRIC_HEIGHT = 96,
    METRIC_LEFT = 6,
    METRIC_TOP = 10,
    METRIC_POINTS = 91
};

struct line {
    const gj_metric_row *points[METRIC_POINTS];
    size_t count;
    int64_t low, high; /* basis points that the height shows */
    bool has_threshold;
    int64_t threshold;
};

static void gather_line(const struct day *day, const char *metric, struct line *line)
{
    *line = (struct line){.low = INT64_MAX, .high = INT64_MIN};
    for (size_t i = 0; i < day->metric_count && line->count < METRIC_POINTS; i++) {
        const gj_metric_row *m = &day->metrics[i];
        if (strcmp(m->id, metric) != 0 || m->product[0] != '\0' || m->step != 0 || !m->has_value) {
            continue;
        }
        line->points[line->count++] = m;
        line->low = m->value_bp < line->low ? m->value_bp : line->low;
        line->high = m->value_bp > line->high ? m->value_bp : line->high;
        line->has_threshold = m->has_threshold;
        line->threshold = m->threshold_bp;
    }
    if (line->count == 0) {
        return;
    }
    if (line->has_threshold) {
        line->low = line->threshold < line->low ? line->threshold : line->low;
        line->high = line->threshold > line->high ? line->threshold : line->high;
    }
    int64_t room = (line->high - line->low) / 10 + 50;
    line->low = line->low > room ? line->low - room : 0;
    line->high += room;
}

static double height_of(const struct line *line, int64_t bp)
{
    double share = (double)(bp - line->low) / (double)(line->high - line->low);
    return METRIC_TOP + (1.0 - share) * (METRIC_HEIGHT - 24 - METRIC_TOP);
}

static double place_of(const struct line *line, size_t i)
{
    return line->count < 2 ? METRIC_WIDTH / 2.0
                           : METRIC_LEFT + (double)i * (METRIC_WIDTH - 2.0 * METRIC_LEFT) /
                                               (double)(line->count - 1);
}

static void metric_date(const struct day *day, FILE *out, const struct line *line, size_t i,
                        const char *anchor)
{
    char clock[40];
    const gj_metric_row *m = line->points[i];
    int64_t at = m->to - m->from <= 8 * 24 * HOUR ? m->from : m->to - 1;
    gj_engine_clock(day->engine, day->source, at, clock, sizeof clock);
    fprintf(out, "<text class=\"tick\" x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">%.5s</text>",
            place_of(line, i), METRIC_HEIGHT - 3, anchor, clock[0] == '\0' ? "" : clock + 5);
}

void day_chart_metric(const struct cli *cli, FILE *out, const struct day *day, const char *metric)
{
    struct line line;
    char value[32];
    gather_line(day, metric, &line);
    if (line.count < 2) {
        return;
    }
    fprintf(out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">", METRIC_WIDTH,
            METRIC_HEIGHT, cli_say(cli, "指标走势", "the metric over time"));
    if (line.has_threshold) {
        double y = height_of(&line, line.threshold);
        fprintf(out, "<line class=\"limit\" x1=\"0\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>",
                METRIC_WIDTH, y, y);
    }
    fputs("<polyline class=\"line\" points=\"", out);
    for (size_t i = 0; i < line.count; i++) {
        fprintf(out, "%.1f,%.1f ", place_of(&line, i), height_of(&line, line.points[i]->value_bp));
    }
    fputs("\"/>", out);
    for (size_t i = 0; i < line.count; i++) {
        const gj_metric_row *m = line.points[i];
        fprintf(out,
                "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%s\"><title>%s (%lld/%lld)"
                "</title></circle>",
                m->breach ? "dot bad" : "dot", place_of(&line, i), height_of(&line, m->value_bp),
                i + 1 == line.count ? "4" : "2.5", day_percent(m, value, sizeof value),
                (long long)m->numerator, (long long)m->denominator);
    }
    metric_date(day, out, &line, 0, "start");
    metric_date(day, out, &line, line.count - 1, "end");
    fputs("</svg>", out);
}

/* ---- findings by agent ---- */

void day_chart_agents(const struct cli *cli, FILE *out, const struct day *day)
{
    enum { WIDTH = 1040, NAME = 120, ROW = 26, MOST = 12 };
    static const char *const classes[SEVERITIES] = {"critical", "major", "minor", "bonus"};
    size_t most = 1, rows = day->agent_count < MOST ? day->agent_count : MOST;
    for (size_t i = 0; i < rows; i++) {
        most = day->agents[i].count > most ? day->agents[i].count : most;
    }
    fprintf(out, "<svg viewBox=\"0 0 %d %zu\" role=\"img\" aria-label=\"%s\">", WIDTH,
            rows * ROW + 4, cli_say(cli, "各客服的发现", "findings by agent"));
    for (size_t i = 0; i < rows; i++) {
        const struct day_agent *a = &day->agents[i];
        double x = NAME, y = (double)(i * ROW + 4);
        fprintf(out, "<text class=\"name\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">", NAME - 10,
                y + 13);
        day_escape(out, a->agent[0] == '\0' ? cli_say(cli, "（店铺）", "(the shop)") : a->agent);
        fputs("</text>", out);
        for (int s = 0; s < SEVERITIES; s++) {
            double width = (double)a->by_severity[s] * (WIDTH - NAME - 50) / (double)most;
            if (a->by_severity[s] > 0) {
                fprintf(out,
                        "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"18\" "
                        "rx=\"2\"><title>%s %zu</title></rect>",
                        classes[s], x, y, width > 2 ? width - 1 : 1, day_severity(cli, classes[s]),
                        a->by_severity[s]);
                x += width;
            }
        }
        fprintf(out, "<text class=\"name\" x=\"%.1f\" y=\"%.1f\">%zu</text>", x + 6, y + 13,
                a->count);
    }
    fputs("</svg>", out);
}

/* ---- deadlines on a line of time ---- */

enum { TIME_WIDTH = 960, TIME_HEIGHT = 132, TIME_BINS = 48 };

struct bins {
    size_t plain[TIME_BINS], costly[TIME_BINS], most;
    int64_t span; /* microseconds of a bin */
};

static void gather_bins(const struct day *day, struct bins *bins)
{
    *bins = (struct bins){.most = 1, .span = HOUR / 2};
    for (size_t i = 0; i < day->deadline_count; i++) {
        const gj_deadline_row *d = &day->deadlines[i];
        int64_t at = (d->at - day->now) / bins->span;
        if (at < 0 || at >= TIME_BINS) {
            continue;
        }
        bool costly = d->then.findings > 0;
        (costly ? bins->costly : bins->plain)[at]++;
        size_t sum = bins->plain[at] + bins->costly[at];
        bins->most = sum > bins->most ? sum : bins->most;
    }
}

static void draw_bar(FILE *out, const char *kind, double x, double *y, size_t count, double unit)
{
    if (count > 0) {
        double height = (double)count * unit;
        *y -= height;
        fprintf(out,
                "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
                "rx=\"1.5\"><title>%zu</title></rect>",
                kind, x, *y, TIME_WIDTH / (double)TIME_BINS - 3, height, count);
    }
}

void day_chart_deadlines(const struct cli *cli, FILE *out, const struct day *day)
{
    struct bins bins;
    char clock[40];
    const double floor = TIME_HEIGHT - 24;
    gather_bins(day, &bins);
    double unit = (floor - 8) / (double)bins.most;
    fprintf(out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">", TIME_WIDTH,
            TIME_HEIGHT, cli_say(cli, "未来24小时的时限", "deadlines of the next 24 hours"));
    fprintf(out, "<line class=\"axis\" x1=\"0\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>", TIME_WIDTH,
            floor, floor);
    for (int i = 0; i < TIME_BINS; i++) {
        double x = i * (TIME_WIDTH / (double)TIME_BINS) + 1.5, y = floor;
        draw_bar(out, "plain", x, &y, bins.plain[i], unit);
        draw_bar(out, "costly", x, &y, bins.costly[i], unit);
        if (i % 6 == 0) {
            gj_engine_clock(day->engine, day->source, day->now + i * bins.span, clock,
                            sizeof clock);
            fprintf(out, "<text class=\"tick\" x=\"%.1f\" y=\"%d\">%.5s</text>", x, TIME_HEIGHT - 6,
                    clock[0] == '\0' ? "" : clock + 11);
        }
    }
    fputs("</svg>", out);
}
