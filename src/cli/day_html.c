/* Room cli: a shop's day as one page of HTML that needs nothing else (see day.h). */
#include <string.h>

#include "cli/day.h"

static const char style[] =
    ":root{color-scheme:light dark;--ground:#f6f7f9;--card:#fff;--ink:#1c2430;--soft:#667085;"
    "--rule:#e4e7ec;--accent:#2563a8;--critical:#c0362c;--major:#d9822b;--minor:#8a9bb0;"
    "--bonus:#3a8f5c;--good:#2f7d4f;--tint:#f0f3f7}"
    "@media(prefers-color-scheme:dark){:root{--ground:#12161c;--card:#1a2029;--ink:#e6e9ee;"
    "--soft:#94a0b0;--rule:#2c3440;--accent:#6aa6e8;--critical:#ef6f63;--major:#e8a257;"
    "--minor:#7d8da3;--bonus:#63b987;--good:#63b987;--tint:#222a35}}"
    "*{box-sizing:border-box}"
    "body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.55 system-ui,"
    "\"PingFang SC\",\"Microsoft YaHei\",\"Noto Sans CJK SC\",\"Noto Sans SC\",sans-serif;"
    "font-variant-numeric:tabular-nums}"
    "main{max-width:1120px;margin:0 auto;padding:32px 24px 64px}"
    "header{display:flex;flex-wrap:wrap;align-items:baseline;gap:4px 16px;margin-bottom:20px}"
    "h1{font-size:24px;line-height:1.3;margin:0;font-weight:650}"
    "h2{font-size:17px;margin:36px 0 12px;font-weight:650}"
    "h3{font-size:15px;margin:0;font-weight:600}"
    ".soft,td.soft{color:var(--soft)}.small{font-size:13px}"
    ".grid{display:grid;gap:14px;grid-template-columns:repeat(auto-fit,minmax(220px,1fr))}"
    ".grid.wide{grid-template-columns:repeat(auto-fill,minmax(330px,1fr))}"
    ".card{background:var(--card);border:1px solid var(--rule);border-radius:10px;"
    "padding:16px 18px;break-inside:avoid;min-width:0}"
    ".card.bad{border-color:var(--critical)}"
    ".big{font-size:26px;line-height:1.25;font-weight:650;margin:2px 0}"
    ".row{display:flex;justify-content:space-between;align-items:baseline;gap:12px}"
    ".tag{font-size:12px;padding:1px 8px;border-radius:99px;border:1px solid currentColor;"
    "white-space:nowrap}"
    ".tag.bad,.tag.critical{color:var(--critical)}.tag.good,.tag.bonus{color:var(--good)}"
    ".tag.major{color:var(--major)}.tag.minor,.tag.none{color:var(--soft)}"
    ".grid .table{margin-top:14px;align-self:start}"
    ".table{background:var(--card);border:1px solid var(--rule);border-radius:10px;overflow-x:auto;"
    "margin-top:14px}"
    "table{border-collapse:collapse;width:100%;font-size:14px}"
    "th,td{text-align:left;padding:7px 14px;border-bottom:1px solid var(--rule);vertical-align:top}"
    "th{font-weight:600;color:var(--soft);font-size:13px;background:var(--tint);"
    "white-space:nowrap}"
    "tr:last-child td{border-bottom:0}"
    "td.n,th.n{text-align:right;white-space:nowrap}td.w{white-space:nowrap}td.m{min-width:13em}"
    "td.f{min-width:20em}"
    ".clause{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2;overflow:hidden;"
    "min-width:180px}"
    "summary{cursor:pointer;color:var(--accent);margin-top:12px;font-size:14px}"
    ".soon{color:var(--critical);font-weight:600}"
    "svg{display:block;width:100%;height:auto;margin-top:10px}"
    "svg text{fill:var(--soft);font-size:12px}svg .name{fill:var(--ink);font-size:13px}"
    ".line{fill:none;stroke:var(--accent);stroke-width:2}.dot{fill:var(--accent)}"
    ".dot.bad{fill:var(--critical)}.limit{stroke:var(--critical);stroke-dasharray:4 4;opacity:.7}"
    ".axis{stroke:var(--rule)}rect.plain{fill:var(--minor)}rect.costly{fill:var(--major)}"
    "rect.critical{fill:var(--critical)}rect.major{fill:var(--major)}rect.minor{fill:var(--minor)}"
    "rect.bonus{fill:var(--bonus)}"
    ".key{display:inline-block;width:10px;height:10px;border-radius:2px;margin:0 5px 0 14px}"
    ".bar{height:8px;border-radius:99px;background:var(--tint);overflow:hidden;margin:10px 0 6px}"
    ".bar i{display:block;height:100%;background:var(--major)}"
    "section+section{border-top:2px solid var(--rule);margin-top:48px;padding-top:32px}"
    "@page{margin:14mm}"
    "@media print{:root{--ground:#fff;--card:#fff;--ink:#000;--soft:#555;--rule:#ccc;"
    "--tint:#f4f4f4}"
    "main{padding:0;max-width:none}body{font-size:12px}table{font-size:11px}"
    ".clause{-webkit-line-clamp:none}"
    "section+section{break-before:page;border:0}thead{display:table-header-group}"
    "tr{break-inside:avoid}h2{break-after:avoid}}";

static void cell(FILE *out, const char *kind, const char *text)
{
    fprintf(out, kind[0] == '\0' ? "<td%s>" : "<td class=\"%s\">", kind);
    day_escape(out, text);
    fputs("</td>", out);
}

/* A clause in two lines at most on a screen, whole where it is pointed at or printed. */
static void clause(FILE *out, const char *text)
{
    fputs("<td class=\"soft small\"><div class=\"clause\" title=\"", out);
    day_escape(out, text);
    fputs("\">", out);
    day_escape(out, text);
    fputs("</div></td>", out);
}

static void head(FILE *out, const char *const *names, size_t count, const char *align)
{
    fputs("<div class=\"table\"><table><thead><tr>", out);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, align[i] == 'r' ? "<th class=\"n\">%s</th>" : "<th>%s</th>", names[i]);
    }
    fputs("</tr></thead><tbody>\n", out);
}

static void tail(FILE *out)
{
    fputs("</tbody></table></div>\n", out);
}

static void title(FILE *out, const char *text)
{
    fprintf(out, "<h2>%s</h2>\n", text);
}

static void none(const struct cli *cli, FILE *out)
{
    fprintf(out, "<p class=\"soft\">%s</p>\n", cli_say(cli, "没有", "None"));
}

/* ---- above all ---- */

static void tile(FILE *out, const char *name, const char *value, const char *note)
{
    fputs("<div class=\"card\"><div class=\"soft small\">", out);
    day_escape(out, name);
    fputs("</div><div class=\"big\">", out);
    day_escape(out, value);
    fputs("</div><div class=\"soft small\">", out);
    day_escape(out, note);
    fputs("</div></div>\n", out);
}

static void tiles(const struct cli *cli, FILE *out, const struct day *day)
{
    char a[80], b[400], c[80];
    size_t breaches = 0, shown = 0;
    for (size_t i = 0; i < day->metric_count; i++) {
        const gj_metric_row *m = &day->metrics[i];
        breaches += !m->history && m->breach;
        shown += !m->history && m->product[0] == '\0';
    }
    fputs("<div class=\"grid\">", out);
    if (day->deadline_count > 0) {
        const gj_deadline_row *d = &day->deadlines[0];
        snprintf(b, sizeof b, "%s %s", day_kind(cli, d->kind), d->id);
        tile(out, cli_say(cli, "最近到期", "Next deadline"),
             day_left(cli, d->at - day->now, a, sizeof a), b);
    } else {
        tile(out, cli_say(cli, "最近到期", "Next deadline"), "-", "");
    }
    snprintf(a, sizeof a, "%zu", breaches);
    snprintf(b, sizeof b, cli_say(cli, "店铺指标共 %zu 项", "of %zu metrics of the shop"), shown);
    tile(out, cli_say(cli, "违规指标", "Metrics in breach"), a, b);
    snprintf(a, sizeof a, "%zu", day->finding_count);
    size_t agents = 0;
    for (size_t i = 0; i < day->agent_count; i++) {
        agents += day->agents[i].agent[0] != '\0';
    }
    snprintf(b, sizeof b, cli_say(cli, "涉及 %zu 位客服", "by %zu agents"), agents);
    tile(out, cli_say(cli, "当日发现", "Findings"), a, b);
    day_money(cli, day->risk_fen, c, sizeof c);
    snprintf(b, sizeof b,
             cli_say(cli, "未裁定的发现 %s，%lld 分", "not ruled yet: %s, %lld points"), c,
             (long long)day->risk_points);
    tile(out, cli_say(cli, "当日入账支出", "Booked cost"),
         day_money(cli, day->booked_fen, a, sizeof a), b);
    fputs("</div>\n", out);
}

/* ---- metrics ---- */

static void metric_card(const struct cli *cli, FILE *out, const struct day *day,
                        const gj_metric_row *m)
{
    char a[80], b[800];
    fprintf(out, "<div class=\"card%s\"><div class=\"row\"><h3>", m->breach ? " bad" : "");
    day_escape(out, day_title(cli, m->title_zh, m->title_en, m->id));
    if (m->product[0] != '\0') {
        fputs(" · ", out);
        day_escape(out, m->product);
    }
    fprintf(out, "</h3><span class=\"tag %s\">%s</span></div>",
            m->breach          ? "bad"
            : m->has_threshold ? "good"
                               : "none",
            m->breach          ? cli_say(cli, "违规", "breach")
            : m->has_threshold ? cli_say(cli, "正常", "fine")
                               : cli_say(cli, "无均值可比", "no threshold"));
    fprintf(out, "<div class=\"big\">%s</div><div class=\"soft small\">%lld / %lld",
            day_percent(m, a, sizeof a), (long long)m->numerator, (long long)m->denominator);
    if (m->has_threshold) {
        fprintf(out, " · %s%s", day_threshold(cli, m, a, sizeof a),
                cli_say(cli, " 为违规", " is a breach"));
    }
    fputs("</div>", out);
    if (m->product[0] == '\0' && m->step == 0) {
        day_chart_metric(cli, out, day, m->id);
    }
    day_distance(cli, m, b, sizeof b);
    if (b[0] != '\0') {
        fputs("<p class=\"small\" style=\"margin:10px 0 0\">", out);
        day_escape(out, b);
        fputs("</p>", out);
    }
    fputs("</div>\n", out);
}

static void metrics(const struct cli *cli, FILE *out, const struct day *day)
{
    size_t shown = 0;
    title(out, cli_say(cli, "指标", "Metrics"));
    fputs("<div class=\"grid wide\">", out);
    for (size_t i = 0; i < day->metric_count; i++) {
        if (day_shows(day, &day->metrics[i])) {
            metric_card(cli, out, day, &day->metrics[i]);
            shown++;
        }
    }
    fputs("</div>\n", out);
    if (shown == 0) {
        none(cli, out);
    }
}

/* ---- deadlines ---- */

static void deadline_rows(const struct cli *cli, FILE *out, const struct day *day, size_t from,
                          size_t to)
{
    const char *names[] = {cli_say(cli, "剩余", "left"),   cli_say(cli, "时间", "at"),
                           cli_say(cli, "对象", "entity"), cli_say(cli, "事项", "matter"),
                           cli_say(cli, "到期后", "then"), cli_say(cli, "依据", "clause")};
    const int64_t soon = 2 * 3600 * INT64_C(1000000); /* two hours */
    char a[80], b[800];
    head(out, names, 6, "llllll");
    for (size_t i = from; i < to && i < day->deadline_count; i++) {
        const gj_deadline_row *d = &day->deadlines[i];
        fputs("<tr>", out);
        cell(out, d->at - day->now < soon ? "w soon" : "w",
             day_left(cli, d->at - day->now, a, sizeof a));
        cell(out, "w soft", day_clock(day, d->at, a, sizeof a));
        snprintf(b, sizeof b, "%s %s", day_kind(cli, d->kind), d->id);
        cell(out, "w", b);
        cell(out, "m", day_matter(cli, d, b, sizeof b));
        cell(out, "m", day_then(cli, d, b, sizeof b));
        clause(out, cli->english ? d->clause_en : d->clause_zh);
        fputs("</tr>\n", out);
    }
    tail(out);
}

static void deadlines(const struct cli *cli, FILE *out, const struct day *day)
{
    enum { ROWS_MAX = 30 };
    title(out, cli_say(cli, "即将到期", "Runs out next"));
    if (day->deadline_count == 0) {
        none(cli, out);
        return;
    }
    fprintf(out,
            "<div class=\"card\"><div class=\"small soft\">%s<span class=\"key\" "
            "style=\"background:var(--major)\"></span>%s<span class=\"key\" "
            "style=\"background:var(--minor)\"></span>%s</div>",
            cli_say(cli, "未来 24 小时，每格半小时", "the next 24 hours, half an hour each"),
            cli_say(cli, "到期即违规", "brings a finding"), cli_say(cli, "其他", "other"));
    day_chart_deadlines(cli, out, day);
    fputs("</div>", out);
    deadline_rows(cli, out, day, 0, ROWS_MAX);
    if (day->deadline_count > ROWS_MAX) {
        fprintf(out,
                cli_say(cli, "<details><summary>其余 %zu 项</summary>",
                        "<details><summary>%zu more</summary>"),
                day->deadline_count - ROWS_MAX);
        deadline_rows(cli, out, day, ROWS_MAX, day->deadline_count);
        fputs("</details>\n", out);
    }
    if (day->later > 0) {
        fprintf(out,
                cli_say(cli, "<p class=\"soft small\">另有 %lld 个案件更晚到期</p>\n",
                        "<p class=\"soft small\">%lld cases run out later</p>\n"),
                (long long)day->later);
    }
}

/* ---- findings ---- */

static void findings(const struct cli *cli, FILE *out, const struct day *day)
{
    static const char *const grades[SEVERITIES] = {"critical", "major", "minor", "bonus"};
    const char *names[] = {cli_say(cli, "客服", "agent"),    cli_say(cli, "次数", "times"),
                           cli_say(cli, "程度", "severity"), cli_say(cli, "发现", "finding"),
                           cli_say(cli, "例", "example"),    cli_say(cli, "依据", "clause")};
    char b[400];
    title(out, cli_say(cli, "发现（按客服）", "Findings by agent"));
    if (day->finding_count == 0) {
        none(cli, out);
        return;
    }
    fputs("<div class=\"card\"><div class=\"small soft\">", out);
    for (int s = 0; s < SEVERITIES; s++) {
        fprintf(out, "<span class=\"key\" style=\"background:var(--%s)%s\"></span>%s", grades[s],
                s == 0 ? ";margin-left:0" : "", day_severity(cli, grades[s]));
    }
    fputs("</div>", out);
    day_chart_agents(cli, out, day);
    fputs("</div>", out);
    head(out, names, 6, "lrllll");
    for (size_t i = 0; i < day->group_count; i++) {
        const struct day_group *g = &day->groups[i];
        fputs("<tr>", out);
        cell(out, "w", g->agent[0] == '\0' ? cli_say(cli, "（店铺）", "(the shop)") : g->agent);
        fprintf(out,
                "<td class=\"n\">%zu</td><td class=\"w\"><span class=\"tag %s\">%s</span></td>",
                g->count, grades[day_severity_index(g->severity)], day_severity(cli, g->severity));
        const char *name = day_title(cli, g->title_zh, g->title_en, g->rule);
        const char *more = cli_say(cli, g->because_zh, g->because_en);
        fputs("<td class=\"f\">", out);
        day_escape(out, name);
        if (strcmp(name, more) != 0) {
            fputs("<div class=\"soft small\">", out);
            day_escape(out, more);
            fputs("</div>", out);
        }
        fputs("</td>", out);
        snprintf(b, sizeof b, "%s %s", day_kind(cli, g->kind), g->subject);
        cell(out, "w", b);
        clause(out, cli->english ? g->clause_en : g->clause_zh);
        fputs("</tr>\n", out);
    }
    tail(out);
}

/* ---- points, money, measures ---- */

static void points(const struct cli *cli, FILE *out, const struct day *day)
{
    char cost[400];
    if (day->ladder_count == 0) {
        return;
    }
    title(out, cli_say(cli, "扣分", "Points"));
    fputs("<div class=\"grid wide\">", out);
    for (size_t i = 0; i < day->ladder_count; i++) {
        const gj_ladder_row *l = &day->ladders[i];
        fputs("<div class=\"card\"><h3>", out);
        day_escape(out, day_title(cli, l->title_zh, l->title_en, l->id));
        fprintf(out, "</h3><div class=\"big\">%lld", (long long)l->sum);
        if (l->next > 0) {
            fprintf(out, "<span class=\"soft\"> / %lld</span>", (long long)l->next);
        }
        long long share = l->next > 0 && l->sum > 0 ? (long long)(l->sum * 100 / l->next)
                          : l->sum > 0              ? 100
                                                    : 0;
        fputs("</div>", out);
        if (l->steps) {
            fprintf(out, "<div class=\"bar\"><i style=\"width:%lld%%\"></i></div>", share);
        }
        fputs("<div class=\"small\">", out);
        if (l->next > 0) {
            fprintf(out, cli_say(cli, "再扣 %lld 分：", "%lld more: "),
                    (long long)(l->next - l->sum));
            day_escape(out, day_title(cli, l->then.title_zh, l->then.title_en, l->then.rule));
            day_cost(cli, &l->then, cost, sizeof cost);
            fputs(cost[0] != '\0' ? cli_say(cli, "，", ", ") : "", out);
            day_escape(out, cost);
        } else if (l->steps) {
            fputs(cli_say(cli, "已过最高一档", "above the highest step"), out);
        }
        fputs("</div></div>\n", out);
    }
    fputs("</div>\n", out);
}

static void sums(const struct cli *cli, FILE *out, const char *name, const struct day_sum *list,
                 size_t count, bool accounts)
{
    const char *names[] = {name, cli_say(cli, "收(+)支(-)", "gets (+) gives (-)")};
    char a[100], b[200];
    head(out, names, 2, "lr");
    for (size_t i = 0; i < count; i++) {
        const struct day_sum *s = &list[i];
        fputs("<tr>", out);
        cell(out, "",
             accounts ? day_account(cli, s->name, b, sizeof b)
                      : day_title(cli, s->title_zh, s->title_en, s->name));
        if (strcmp(s->unit, "fen") == 0) {
            day_money(cli, s->amount, a, sizeof a);
        } else {
            snprintf(a, sizeof a, cli_say(cli, "%lld 分", "%lld points"), (long long)s->amount);
        }
        cell(out, "n", a);
        fputs("</tr>\n", out);
    }
    tail(out);
}

static void money(const struct cli *cli, FILE *out, const struct day *day)
{
    char a[64], b[120];
    title(out, cli_say(cli, "金额", "Money"));
    fputs("<div class=\"grid\">", out);
    snprintf(b, sizeof b, cli_say(cli, "%lld 分", "%lld points"), (long long)day->booked_points);
    tile(out, cli_say(cli, "已入账支出", "Booked cost"),
         day_money(cli, day->booked_fen, a, sizeof a), b);
    snprintf(b, sizeof b,
             cli_say(cli, "%lld 分；另有 %zu 项视裁定而定", "%lld points; %zu more as ruled"),
             (long long)day->risk_points, day->risk_open);
    tile(out, cli_say(cli, "未裁定的发现", "Findings not ruled"),
         day_money(cli, day->risk_fen, a, sizeof a), b);
    tile(out, cli_say(cli, "上列时限到期", "The deadlines above"),
         day_money(cli, day->due_fen, a, sizeof a), cli_say(cli, "如不处理", "if nothing is done"));
    fputs("</div>\n", out);
    if (day->ledger_count > 0) {
        fputs("<div class=\"grid wide\">", out);
        sums(cli, out, cli_say(cli, "账户", "account"), day->accounts, day->account_count, true);
        sums(cli, out, cli_say(cli, "店铺，按规则", "the shop, by rule"), day->rules,
             day->rule_count, false);
        fputs("</div>\n", out);
    }
}

static void measures(const struct cli *cli, FILE *out, const struct day *day)
{
    const char *names[] = {cli_say(cli, "措施", "measure"), cli_say(cli, "对象", "entity"),
                           cli_say(cli, "自", "from"), cli_say(cli, "至", "to"),
                           cli_say(cli, "因", "because of")};
    char a[80], b[400];
    title(out, cli_say(cli, "正在执行的措施", "Measures running"));
    if (day->measure_count == 0) {
        none(cli, out);
        return;
    }
    head(out, names, 5, "lllll");
    for (size_t i = 0; i < day->measure_count; i++) {
        const gj_measure_info *m = &day->measures[i];
        fputs("<tr>", out);
        cell(out, "w", day_measures(cli, m->what, b, sizeof b));
        snprintf(b, sizeof b, "%s %s", day_kind(cli, m->kind), m->subject);
        cell(out, "w", b);
        cell(out, "w", day_clock(day, m->from, a, sizeof a));
        cell(out, "w", day_clock(day, m->to, a, sizeof a));
        cell(out, "", day_title(cli, m->title_zh, m->title_en, m->rule));
        fputs("</tr>\n", out);
    }
    tail(out);
}

/* ---- the page ---- */

static void section(const struct cli *cli, FILE *out, const struct day *day)
{
    char now[40];
    gj_engine_clock(day->engine, day->source, day->now, now, sizeof now);
    fputs("<section><header><h1>", out);
    day_escape(out, day->source);
    fprintf(out, "</h1><span class=\"big\" style=\"font-size:18px;font-weight:500\">%s</span>",
            day->date);
    fprintf(out,
            cli_say(cli, "<span class=\"soft\">数据到 %.10s %.8s</span></header>\n",
                    "<span class=\"soft\">known until %.10s %.8s</span></header>\n"),
            now, now[0] == '\0' ? "" : now + 11);
    tiles(cli, out, day);
    metrics(cli, out, day);
    deadlines(cli, out, day);
    findings(cli, out, day);
    points(cli, out, day);
    money(cli, out, day);
    measures(cli, out, day);
    fputs("</section>\n", out);
}

void day_html(const struct cli *cli, FILE *out, const struct day *days, size_t count)
{
    fprintf(out,
            "<!doctype html>\n<html lang=\"%s\">\n<head><meta charset=\"utf-8\">\n"
            "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>%s",
            cli_say(cli, "zh-CN", "en"), cli_say(cli, "规矩日报", "Guiju: the day"));
    if (count > 0) {
        fputs(" ", out);
        day_escape(out, days[0].source);
        fprintf(out, " %s", days[0].date);
    }
    fprintf(out, "</title>\n<style>%s</style></head>\n<body><main>\n", style);
    for (size_t i = 0; i < count; i++) {
        section(cli, out, &days[i]);
    }
    fputs("</main></body>\n</html>\n", out);
}
