/* Room cli: a shop's day for a terminal (see day.h). */
#include <string.h>

#include "cli/day.h"
#include "cli/table.h"

static const char *paint(const struct cli *cli, const char *code)
{
    return cli->colour ? code : "";
}

static void heading(const struct cli *cli, FILE *out, const char *text)
{
    fprintf(out, "\n%s%s%s\n", paint(cli, "\033[1m"), text, paint(cli, "\033[0m"));
}

static void begin(const struct cli *cli, struct table *table, const char *align)
{
    table_begin(table, align);
    table->head = paint(cli, "\033[2m");
    table->reset = paint(cli, "\033[0m");
}

static void nothing(const struct cli *cli, FILE *out)
{
    fprintf(out, "  %s\n", cli_say(cli, "没有", "none"));
}

/* ---- metrics ---- */

static void print_metrics(const struct cli *cli, FILE *out, const struct day *day)
{
    struct table table;
    char a[64], b[64], c[800];
    size_t hidden = 0, shown = 0;
    heading(cli, out, cli_say(cli, "指标", "Metrics"));
    begin(cli, &table, "lrrlll");
    table_add(&table, cli_say(cli, "指标", "metric"));
    table_add(&table, cli_say(cli, "数值", "value"));
    table_add(&table, cli_say(cli, "分子/分母", "of"));
    table_add(&table, cli_say(cli, "违规线", "breach"));
    table_add(&table, cli_say(cli, "状态", "state"));
    table_add(&table, cli_say(cli, "距离", "distance"));
    for (size_t i = 0; i < day->metric_count; i++) {
        const gj_metric_row *m = &day->metrics[i];
        if (!day_shows(day, m)) {
            hidden += !m->history;
            continue;
        }
        shown++;
        const char *title = day_title(cli, m->title_zh, m->title_en, m->id);
        snprintf(c, sizeof c, "%s%s%s", title, m->product[0] != '\0' ? " " : "", m->product);
        table_add(&table, c);
        table_add(&table, day_percent(m, a, sizeof a));
        snprintf(a, sizeof a, "%lld/%lld", (long long)m->numerator, (long long)m->denominator);
        table_add(&table, a);
        table_add(&table, day_threshold(cli, m, b, sizeof b));
        table_add(&table, m->breach          ? cli_say(cli, "违规", "BREACH")
                          : m->has_threshold ? cli_say(cli, "正常", "fine")
                                             : cli_say(cli, "-", "-"));
        table_add(&table, day_distance(cli, m, c, sizeof c));
    }
    table_end(&table, out);
    if (shown == 0) {
        nothing(cli, out);
    }
    if (hidden > 0) {
        fprintf(out,
                cli_say(cli, "  另有 %zu 项商品指标离违规尚远\n",
                        "  %zu more of products are far from a breach\n"),
                hidden);
    }
}

/* ---- deadlines ---- */

void day_print_deadlines(const struct cli *cli, FILE *out, const struct day *day, int64_t at,
                         bool shops)
{
    struct table table;
    char a[80], c[800];
    begin(cli, &table, shops ? "rlllll" : "rllll");
    table_add(&table, cli_say(cli, "剩余", "left"));
    table_add(&table, cli_say(cli, "时间", "at"));
    if (shops) {
        table_add(&table, cli_say(cli, "店铺", "shop"));
    }
    table_add(&table, cli_say(cli, "对象", "entity"));
    table_add(&table, cli_say(cli, "事项", "matter"));
    table_add(&table, cli_say(cli, "到期后", "then"));
    for (size_t i = 0; i < day->deadline_count; i++) {
        const gj_deadline_row *d = &day->deadlines[i];
        table_add(&table, day_left(cli, d->at - at, a, sizeof a));
        table_add(&table, day_clock(day, d->at, a, sizeof a));
        if (shops) {
            table_add(&table, d->source);
        }
        snprintf(c, sizeof c, "%s %s", day_kind(cli, d->kind), d->id);
        table_add(&table, c);
        table_add(&table, day_matter(cli, d, c, sizeof c));
        table_add(&table, day_then(cli, d, c, sizeof c));
    }
    table_end(&table, out);
}

static void print_deadlines(const struct cli *cli, FILE *out, const struct day *day)
{
    heading(cli, out, cli_say(cli, "即将到期", "Runs out next"));
    if (day->deadline_count > 0) {
        day_print_deadlines(cli, out, day, day->now, false);
    } else {
        nothing(cli, out);
    }
    if (day->later > 0) {
        fprintf(out, cli_say(cli, "  另有 %lld 个案件更晚到期\n", "  %lld cases run out later\n"),
                (long long)day->later);
    }
}

/* ---- findings ---- */

static void print_agents(const struct cli *cli, FILE *out, const struct day *day)
{
    struct table table;
    char text[32];
    static const char *const names[SEVERITIES] = {"critical", "major", "minor", "bonus"};
    begin(cli, &table, "lrrrrr");
    table_add(&table, cli_say(cli, "客服", "agent"));
    table_add(&table, cli_say(cli, "合计", "total"));
    for (int s = 0; s < SEVERITIES; s++) {
        table_add(&table, day_severity(cli, names[s]));
    }
    for (size_t i = 0; i < day->agent_count; i++) {
        const struct day_agent *a = &day->agents[i];
        table_add(&table, a->agent[0] == '\0' ? cli_say(cli, "（店铺）", "(the shop)") : a->agent);
        snprintf(text, sizeof text, "%zu", a->count);
        table_add(&table, text);
        for (int s = 0; s < SEVERITIES; s++) {
            snprintf(text, sizeof text, "%zu", a->by_severity[s]);
            table_add(&table, a->by_severity[s] > 0 ? text : "·");
        }
    }
    table_end(&table, out);
}

static void print_groups(const struct cli *cli, FILE *out, const struct day *day)
{
    struct table table;
    char text[400];
    begin(cli, &table, "lrlll");
    table_add(&table, cli_say(cli, "客服", "agent"));
    table_add(&table, cli_say(cli, "次数", "times"));
    table_add(&table, cli_say(cli, "程度", "severity"));
    table_add(&table, cli_say(cli, "发现", "finding"));
    table_add(&table, cli_say(cli, "例", "example"));
    for (size_t i = 0; i < day->group_count; i++) {
        const struct day_group *g = &day->groups[i];
        table_add(&table, g->agent[0] == '\0' ? cli_say(cli, "（店铺）", "(the shop)") : g->agent);
        snprintf(text, sizeof text, "%zu", g->count);
        table_add(&table, text);
        table_add(&table, day_severity(cli, g->severity));
        table_add(&table, day_title(cli, g->title_zh, g->title_en, g->rule));
        snprintf(text, sizeof text, "%s %s", day_kind(cli, g->kind), g->subject);
        table_add(&table, text);
    }
    table_end(&table, out);
}

static void print_findings(const struct cli *cli, FILE *out, const struct day *day)
{
    heading(cli, out, cli_say(cli, "发现（按客服）", "Findings by agent"));
    if (day->finding_count == 0) {
        nothing(cli, out);
        return;
    }
    print_agents(cli, out, day);
    fputc('\n', out);
    print_groups(cli, out, day);
}

/* ---- points, money, measures ---- */

static void print_points(const struct cli *cli, FILE *out, const struct day *day)
{
    char cost[400];
    if (day->ladder_count == 0) {
        return;
    }
    heading(cli, out, cli_say(cli, "扣分", "Points"));
    for (size_t i = 0; i < day->ladder_count; i++) {
        const gj_ladder_row *l = &day->ladders[i];
        fprintf(out, cli_say(cli, "  %s：本年 %lld 分", "  %s: %lld this year"),
                day_title(cli, l->title_zh, l->title_en, l->id), (long long)l->sum);
        if (l->next > 0) {
            day_cost(cli, &l->then, cost, sizeof cost);
            fprintf(
                out,
                cli_say(cli, "，再扣 %lld 分到 %lld 分：%s%s%s", "; %lld more make %lld: %s%s%s"),
                (long long)(l->next - l->sum), (long long)l->next,
                day_title(cli, l->then.title_zh, l->then.title_en, l->then.rule),
                cost[0] != '\0' ? cli_say(cli, "，", ", ") : "", cost);
        }
        fputc('\n', out);
    }
}

static void amount(const struct cli *cli, const struct day_sum *sum, char *out, size_t size)
{
    if (strcmp(sum->unit, "fen") == 0) {
        day_money(cli, sum->amount, out, size);
    } else {
        snprintf(out, size, cli_say(cli, "%lld 分", "%lld points"), (long long)sum->amount);
    }
}

static void print_sums(const struct cli *cli, FILE *out, const struct day_sum *sums, size_t count,
                       const char *title, bool accounts)
{
    struct table table;
    char text[100], name[200];
    if (count == 0) {
        return;
    }
    begin(cli, &table, "rl");
    table_add(&table, cli_say(cli, "收(+)支(-)", "gets (+) gives (-)"));
    table_add(&table, title);
    for (size_t i = 0; i < count; i++) {
        amount(cli, &sums[i], text, sizeof text);
        table_add(&table, text);
        table_add(&table, accounts
                              ? day_account(cli, sums[i].name, name, sizeof name)
                              : day_title(cli, sums[i].title_zh, sums[i].title_en, sums[i].name));
    }
    table_end(&table, out);
}

static void print_money(const struct cli *cli, FILE *out, const struct day *day)
{
    char a[64], b[64], c[64];
    heading(cli, out, cli_say(cli, "金额", "Money"));
    fprintf(out,
            cli_say(cli,
                    "  店铺支出（负数为收入）：已入账 %s，%lld 分；未裁定的发现 %s，%lld 分；"
                    "上列时限到期 %s\n",
                    "  what the shop pays (below 0: receives): booked %s, %lld points; findings "
                    "not ruled %s, %lld points; the deadlines above %s\n"),
            day_money(cli, day->booked_fen, a, sizeof a), (long long)day->booked_points,
            day_money(cli, day->risk_fen, b, sizeof b), (long long)day->risk_points,
            day_money(cli, day->due_fen, c, sizeof c));
    if (day->risk_open > 0) {
        fprintf(out,
                cli_say(cli, "  另有 %zu 项发现的金额视裁定而定\n",
                        "  %zu findings more cost what the ruling says\n"),
                day->risk_open);
    }
    print_sums(cli, out, day->accounts, day->account_count, cli_say(cli, "账户", "account"), true);
    print_sums(cli, out, day->rules, day->rule_count,
               cli_say(cli, "店铺，按规则", "the shop, by rule"), false);
}

static void print_measures(const struct cli *cli, FILE *out, const struct day *day)
{
    struct table table;
    char a[80], b[400];
    heading(cli, out, cli_say(cli, "正在执行的措施", "Measures running"));
    if (day->measure_count == 0) {
        nothing(cli, out);
        return;
    }
    begin(cli, &table, "lllll");
    table_add(&table, cli_say(cli, "措施", "measure"));
    table_add(&table, cli_say(cli, "对象", "entity"));
    table_add(&table, cli_say(cli, "自", "from"));
    table_add(&table, cli_say(cli, "至", "to"));
    table_add(&table, cli_say(cli, "因", "because of"));
    for (size_t i = 0; i < day->measure_count; i++) {
        const gj_measure_info *m = &day->measures[i];
        table_add(&table, day_measures(cli, m->what, b, sizeof b));
        snprintf(b, sizeof b, "%s %s", day_kind(cli, m->kind), m->subject);
        table_add(&table, b);
        table_add(&table, day_clock(day, m->from, a, sizeof a));
        table_add(&table, day_clock(day, m->to, a, sizeof a));
        table_add(&table, day_title(cli, m->title_zh, m->title_en, m->rule));
    }
    table_end(&table, out);
}

void day_print(const struct cli *cli, FILE *out, const struct day *day)
{
    char now[40];
    gj_engine_clock(day->engine, day->source, day->now, now, sizeof now);
    fprintf(out, "%s%s  %s  %s%s", paint(cli, "\033[1m"),
            cli_say(cli, "规矩日报", "Guiju, the day of"), day->source, day->date,
            paint(cli, "\033[0m"));
    fprintf(out, cli_say(cli, "（数据到 %.10s %.8s）\n", " (known until %.10s %.8s)\n"), now,
            now[0] == '\0' ? "" : now + 11);
    print_metrics(cli, out, day);
    print_deadlines(cli, out, day);
    print_findings(cli, out, day);
    print_points(cli, out, day);
    print_money(cli, out, day);
    print_measures(cli, out, day);
}
