/* Room cli: a shop's day as a workbook: a sheet each for metrics, deadlines, findings, points and
 * the ledger (see day.h). A module of its own (workbook.c), which calls back into the program. */
#include <string.h>
#include <xlsxwriter.h>

#include "cli/day.h"

struct book {
    const struct cli *cli;
    lxw_workbook *workbook;
    lxw_format *head, *money, *percent;
};

struct sheet {
    struct book *book;
    lxw_worksheet *sheet;
    lxw_row_t row;
    lxw_col_t column;
};

static struct sheet add_sheet(struct book *b, const char *name, const char *const *columns,
                              const double *widths, lxw_col_t count)
{
    struct sheet s = {b, workbook_add_worksheet(b->workbook, name), 1, 0};
    for (lxw_col_t c = 0; c < count; c++) {
        worksheet_set_column(s.sheet, c, c, widths[c], NULL);
        worksheet_write_string(s.sheet, 0, c, columns[c], b->head);
    }
    worksheet_freeze_panes(s.sheet, 1, 0);
    worksheet_set_landscape(s.sheet);
    worksheet_fit_to_pages(s.sheet, 1, 0);
    return s;
}

static void put(struct sheet *s, const char *text)
{
    worksheet_write_string(s->sheet, s->row, s->column++, text, NULL);
}

static void put_number(struct sheet *s, double number, lxw_format *format)
{
    worksheet_write_number(s->sheet, s->row, s->column++, number, format);
}

static void next(struct sheet *s)
{
    s->row++;
    s->column = 0;
}

static void filter(struct sheet *s, lxw_col_t columns)
{
    worksheet_autofilter(s->sheet, 0, 0, s->row > 1 ? s->row - 1 : 1, columns - 1);
}

#define SHEET(b, zh, en, names, widths)                    \
    add_sheet(b, cli_say((b)->cli, zh, en), names, widths, \
              (lxw_col_t)(sizeof(names) / sizeof(names)[0]))

static void put_clock(struct sheet *s, const struct day *day, int64_t at)
{
    char clock[40];
    gj_engine_clock(day->engine, day->source, at, clock, sizeof clock);
    if (clock[0] != '\0') { /* without the offset */
        clock[10] = ' ';
        clock[19] = '\0';
    }
    put(s, clock);
}

static void metrics(struct book *b, const struct day *days, size_t count)
{
    const struct cli *cli = b->cli;
    const char *names[] = {cli_say(cli, "店铺", "shop"),
                           cli_say(cli, "指标", "metric"),
                           cli_say(cli, "商品", "product"),
                           cli_say(cli, "自", "from"),
                           cli_say(cli, "至", "to"),
                           cli_say(cli, "分子", "numerator"),
                           cli_say(cli, "分母", "denominator"),
                           cli_say(cli, "数值", "value"),
                           cli_say(cli, "违规线", "breach"),
                           cli_say(cli, "违规", "in breach"),
                           cli_say(cli, "距离", "distance"),
                           cli_say(cli, "编号", "id")};
    static const double widths[] = {14, 26, 10, 19, 19, 9, 9, 10, 16, 8, 60, 36};
    struct sheet s = SHEET(b, "指标", "metrics", names, widths);
    char text[800];
    for (size_t i = 0; i < count; i++) {
        for (size_t m = 0; m < days[i].metric_count; m++) {
            const gj_metric_row *row = &days[i].metrics[m];
            put(&s, row->source);
            put(&s, day_title(cli, row->title_zh, row->title_en, row->id));
            put(&s, row->product);
            put_clock(&s, &days[i], row->from);
            put_clock(&s, &days[i], row->to);
            put_number(&s, (double)row->numerator, NULL);
            put_number(&s, (double)row->denominator, NULL);
            if (row->has_value) {
                put_number(&s, (double)row->value_bp / 10000.0, b->percent);
            } else {
                put(&s, "");
            }
            put(&s, day_threshold(cli, row, text, sizeof text));
            put(&s, row->breach ? cli_say(cli, "是", "yes") : "");
            put(&s, day_distance(cli, row, text, sizeof text));
            put(&s, row->id);
            next(&s);
        }
    }
    filter(&s, 12);
}

static void deadlines(struct book *b, const struct day *days, size_t count)
{
    const struct cli *cli = b->cli;
    const char *names[] = {cli_say(cli, "店铺", "shop"),   cli_say(cli, "到期", "at"),
                           cli_say(cli, "剩余", "left"),   cli_say(cli, "对象", "entity"),
                           cli_say(cli, "编号", "id"),     cli_say(cli, "事项", "matter"),
                           cli_say(cli, "到期后", "then"), cli_say(cli, "金额", "yuan"),
                           cli_say(cli, "依据", "clause")};
    static const double widths[] = {14, 19, 16, 10, 14, 26, 50, 12, 50};
    struct sheet s = SHEET(b, "时限", "deadlines", names, widths);
    char text[800];
    for (size_t i = 0; i < count; i++) {
        for (size_t d = 0; d < days[i].deadline_count; d++) {
            const gj_deadline_row *row = &days[i].deadlines[d];
            put(&s, row->source);
            put_clock(&s, &days[i], row->at);
            put(&s, day_left(cli, row->at - days[i].now, text, sizeof text));
            put(&s, day_kind(cli, row->kind));
            put(&s, row->id);
            put(&s, day_matter(cli, row, text, sizeof text));
            put(&s, day_then(cli, row, text, sizeof text));
            put_number(&s, (double)row->then.fine_fen / 100.0, b->money);
            put(&s, cli->english ? row->clause_en : row->clause_zh);
            next(&s);
        }
    }
    filter(&s, 9);
}

static void findings(struct book *b, const struct day *days, size_t count)
{
    const struct cli *cli = b->cli;
    const char *names[] = {cli_say(cli, "店铺", "shop"),
                           cli_say(cli, "时间", "at"),
                           cli_say(cli, "客服", "agent"),
                           cli_say(cli, "程度", "severity"),
                           cli_say(cli, "发现", "finding"),
                           cli_say(cli, "对象", "entity"),
                           cli_say(cli, "编号", "id"),
                           cli_say(cli, "原因", "because"),
                           cli_say(cli, "未裁定金额", "yuan at risk"),
                           cli_say(cli, "已入账", "booked"),
                           cli_say(cli, "规则", "rule")};
    static const double widths[] = {14, 19, 10, 8, 34, 8, 12, 44, 12, 8, 36};
    struct sheet s = SHEET(b, "发现", "findings", names, widths);
    for (size_t i = 0; i < count; i++) {
        for (size_t f = 0; f < days[i].finding_count; f++) {
            const gj_finding_row *row = &days[i].findings[f];
            put(&s, row->source);
            put_clock(&s, &days[i], row->at);
            put(&s, row->agent);
            put(&s, day_severity(cli, row->severity));
            put(&s, day_title(cli, row->title_zh, row->title_en, row->rule));
            put(&s, day_kind(cli, row->kind));
            put(&s, row->subject);
            put(&s, cli_say(cli, row->because_zh, row->because_en));
            put_number(&s, (double)row->at_risk.fine_fen / 100.0, b->money);
            put(&s, row->booked ? cli_say(cli, "是", "yes") : "");
            put(&s, row->rule);
            next(&s);
        }
    }
    filter(&s, 11);
}

static void points(struct book *b, const struct day *days, size_t count)
{
    const struct cli *cli = b->cli;
    const char *names[] = {cli_say(cli, "店铺", "shop"),      cli_say(cli, "扣分", "points"),
                           cli_say(cli, "本年", "this year"), cli_say(cli, "下一档", "next step"),
                           cli_say(cli, "届时", "then"),      cli_say(cli, "代价", "cost")};
    static const double widths[] = {14, 24, 10, 10, 40, 50};
    struct sheet s = SHEET(b, "扣分", "points", names, widths);
    char text[800];
    for (size_t i = 0; i < count; i++) {
        for (size_t l = 0; l < days[i].ladder_count; l++) {
            const gj_ladder_row *row = &days[i].ladders[l];
            put(&s, row->source);
            put(&s, day_title(cli, row->title_zh, row->title_en, row->id));
            put_number(&s, (double)row->sum, NULL);
            put_number(&s, (double)row->next, NULL);
            put(&s, day_title(cli, row->then.title_zh, row->then.title_en, row->then.rule));
            put(&s, day_cost(cli, &row->then, text, sizeof text));
            next(&s);
        }
    }
    filter(&s, 6);
}

static void ledger(struct book *b, const struct day *days, size_t count)
{
    const struct cli *cli = b->cli;
    const char *names[] = {cli_say(cli, "店铺", "shop"),    cli_say(cli, "时间", "at"),
                           cli_say(cli, "账户", "account"), cli_say(cli, "金额（元）", "yuan"),
                           cli_say(cli, "扣分", "points"),  cli_say(cli, "规则", "rule"),
                           cli_say(cli, "分录", "entry"),   cli_say(cli, "冲销", "reverses")};
    static const double widths[] = {14, 19, 22, 12, 8, 40, 50, 50};
    struct sheet s = SHEET(b, "账目", "ledger", names, widths);
    for (size_t i = 0; i < count; i++) {
        for (size_t l = 0; l < days[i].ledger_count; l++) {
            const gj_ledger_row *row = &days[i].ledger[l];
            bool fen = strcmp(row->unit, "fen") == 0;
            put(&s, row->source);
            put_clock(&s, &days[i], row->at);
            put(&s, row->account);
            if (fen) {
                put_number(&s, (double)row->amount / 100.0, b->money);
                put(&s, "");
            } else {
                put(&s, "");
                put_number(&s, (double)row->amount, NULL);
            }
            put(&s, day_title(cli, row->title_zh, row->title_en, row->rule));
            put(&s, row->entry);
            put(&s, row->reverses);
            next(&s);
        }
    }
    filter(&s, 8);
}

int day_xlsx(const struct cli *cli, const char *path, const struct day *days, size_t count)
{
    FILE *probe = fopen(path, "ab"); /* the library would only say that it failed */
    if (probe == NULL || fclose(probe) != 0) {
        cli_unwritable(cli, path);
        return -1;
    }
    struct book b = {.cli = cli, .workbook = workbook_new(path)};
    if (b.workbook == NULL) {
        fprintf(stderr, "guiju: %s: %s\n", path, lxw_strerror(LXW_ERROR_MEMORY_MALLOC_FAILED));
        return -1;
    }
    b.head = workbook_add_format(b.workbook);
    format_set_bold(b.head);
    format_set_bg_color(b.head, 0xEEF1F6);
    format_set_bottom(b.head, LXW_BORDER_THIN);
    b.money = workbook_add_format(b.workbook);
    format_set_num_format(b.money, "#,##0.00");
    b.percent = workbook_add_format(b.workbook);
    format_set_num_format(b.percent, "0.00%");
    metrics(&b, days, count);
    deadlines(&b, days, count);
    findings(&b, days, count);
    points(&b, days, count);
    ledger(&b, days, count);
    lxw_error status = workbook_close(b.workbook);
    if (status != LXW_NO_ERROR) {
        fprintf(stderr, "guiju: %s: %s\n", path, lxw_strerror(status));
    }
    return status == LXW_NO_ERROR ? 0 : -1;
}
