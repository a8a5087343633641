/* Room cli: figures of a day in words, Chinese or English (see day.h). */
#include <string.h>

#include "cli/day.h"

#define SECOND INT64_C(1000000)

struct word {
    const char *id, *zh, *en;
};

static const char *look_up(const struct cli *cli, const struct word *words, size_t count,
                           const char *id, size_t len)
{
    for (size_t i = 0; i < count; i++) {
        if (strlen(words[i].id) == len && strncmp(words[i].id, id, len) == 0) {
            return cli_say(cli, words[i].zh, words[i].en);
        }
    }
    return NULL;
}
#define COUNT(words) (sizeof(words) / sizeof(words)[0])

/* Takes away what a full buffer has left of a character: half of one is no UTF-8. */
static const char *uncut(char *text)
{
    size_t len = strlen(text), at = len;
    while (at > 0 && len - at < 4 && ((unsigned char)text[at - 1] & 0xC0) == 0x80) {
        at--;
    }
    unsigned char lead = at > 0 ? (unsigned char)text[at - 1] : 0;
    size_t wants = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (wants > len - at + 1) {
        text[at - 1] = '\0';
    }
    return text;
}

const char *day_title(const struct cli *cli, const char *zh, const char *en, const char *id)
{
    const char *title = cli->english && en[0] != '\0' ? en : zh;
    return title[0] != '\0' ? title : id;
}

const char *day_kind(const struct cli *cli, const char *kind)
{
    const char *zh = "", *en = "";
    bool known = cli->book != NULL && gj_rulebook_kind(cli->book, kind, &zh, &en);
    return known ? cli_say(cli, zh, en) : kind;
}

static const char *const severities[SEVERITIES] = {"critical", "major", "minor", "bonus"};

int day_severity_index(const char *severity)
{
    for (int i = 0; i < SEVERITIES; i++) {
        if (strcmp(severity, severities[i]) == 0) {
            return i;
        }
    }
    return 2;
}

const char *day_severity(const struct cli *cli, const char *severity)
{
    static const struct word words[] = {{"critical", "严重", "critical"},
                                        {"major", "重要", "major"},
                                        {"minor", "一般", "minor"},
                                        {"bonus", "加分", "bonus"}};
    const char *word = look_up(cli, words, COUNT(words), severity, strlen(severity));
    return word == NULL ? severity : word;
}

const char *day_account(const struct cli *cli, const char *account, char *out, size_t size)
{
    static const struct word words[] = {{"shop", "店铺", "shop"},
                                        {"platform", "平台", "platform"},
                                        {"buyer", "买家", "buyers"},
                                        {"agent", "客服", "agents"},
                                        {"insurer", "保险公司", "insurer"},
                                        {"shop:points:serious", "严重违规扣分", "serious points"},
                                        {"shop:points:general", "一般违规扣分", "general points"}};
    const char *word = look_up(cli, words, COUNT(words), account, strlen(account));
    snprintf(out, size, "%s", word == NULL ? account : word);
    return uncut(out);
}

/* Names with commas between them, each in the user's words where there are some. */
static const char *in_words(const struct cli *cli, const struct word *words, size_t count,
                            const char *names, char *out, size_t size)
{
    size_t at = 0;
    out[0] = '\0';
    while (*names != '\0' && at + 1 < size) {
        size_t len = strcspn(names, ",");
        const char *word = look_up(cli, words, count, names, len);
        const char *between = at > 0 ? cli_say(cli, "、", ", ") : "";
        int wrote = word != NULL
                        ? snprintf(out + at, size - at, "%s%s", between, word)
                        : snprintf(out + at, size - at, "%s%.*s", between, (int)len, names);
        at += wrote > 0 ? (size_t)wrote : 0;
        names += len;
        names += strspn(names, ", ");
    }
    return uncut(out);
}

const char *cli_transforms(const struct cli *cli, gj_transforms bits, char *out, size_t size)
{
    static const struct word words[] = {{"width", "全半角", "width"},
                                        {"case", "大小写", "case"},
                                        {"traditional", "繁体", "traditional"},
                                        {"confusable", "形近字符", "confusable"},
                                        {"numeral", "数字写法", "numeral"},
                                        {"invisible", "不可见字符", "invisible"},
                                        {"separators", "分隔符", "separators"},
                                        {"repeat", "叠字", "repeat"},
                                        {"homophone", "谐音", "homophone"},
                                        {"pinyin", "拼音", "pinyin"},
                                        {"split", "拆字", "split"},
                                        {"lookalike", "形近字", "lookalike"},
                                        {"emoji", "表情符号", "emoji"}};
    char names[160];
    gj_transform_text(bits, names, sizeof names);
    return in_words(cli, words, COUNT(words), names, out, size);
}

const char *day_measures(const struct cli *cli, const char *names, char *out, size_t size)
{
    char name[100];
    size_t at = 0;
    out[0] = '\0';
    while (*names != '\0' && at + 1 < size) {
        size_t len = strcspn(names, ",");
        const char *zh = NULL, *en = NULL, *between = at > 0 ? cli_say(cli, "、", ", ") : "";
        snprintf(name, sizeof name, "%.*s", (int)len, names);
        uncut(name);
        bool known = cli->book != NULL && gj_rulebook_measure(cli->book, name, &zh, &en);
        int wrote =
            snprintf(out + at, size - at, "%s%s", between, known ? cli_say(cli, zh, en) : name);
        at += wrote > 0 ? (size_t)wrote : 0;
        names += len;
        names += strspn(names, ", ");
    }
    return uncut(out);
}

/* ---- figures ---- */

const char *day_money(const struct cli *cli, int64_t fen, char *out, size_t size)
{
    long long whole = (long long)(fen / 100), rest = (long long)(fen % 100);
    const char *unit = cli_say(cli, "元", "yuan");
    const char *sign = fen < 0 && whole == 0 ? "-" : "";
    rest = rest < 0 ? -rest : rest;
    if (rest == 0) {
        snprintf(out, size, "%lld %s", whole, unit);
    } else {
        snprintf(out, size, "%s%lld.%02lld %s", sign, whole, rest, unit);
    }
    return out;
}

const char *day_left(const struct cli *cli, int64_t micros, char *out, size_t size)
{
    int64_t seconds = (micros < 0 ? -micros : micros) / SECOND;
    long long d = (long long)(seconds / 86400), h = (long long)(seconds / 3600 % 24),
              m = (long long)(seconds / 60 % 60), s = (long long)(seconds % 60);
    const char *past = micros < 0 ? cli_say(cli, "已过 ", "past ") : "";
    if (d > 0) {
        snprintf(out, size, cli_say(cli, "%s%lld 天 %lld 小时", "%s%lldd %lldh"), past, d, h);
    } else if (h > 0) {
        snprintf(out, size, cli_say(cli, "%s%lld 小时 %lld 分", "%s%lldh %lldm"), past, h, m);
    } else {
        snprintf(out, size, cli_say(cli, "%s%lld 分 %lld 秒", "%s%lldm %llds"), past, m, s);
    }
    return out;
}

const char *day_clock(const struct day *day, int64_t at, char *out, size_t size)
{
    char clock[40];
    gj_engine_clock(day->engine, day->source, at, clock, sizeof clock);
    if (clock[0] == '\0') {
        snprintf(out, size, "%s", "-");
    } else {
        snprintf(out, size, "%.5s %.8s", clock + 5, clock + 11);
    }
    return out;
}

static void percent(int64_t bp, char *out, size_t size)
{
    snprintf(out, size, "%lld.%02lld %%", (long long)(bp / 100), (long long)(bp % 100));
}

const char *day_percent(const gj_metric_row *row, char *out, size_t size)
{
    snprintf(out, size, "-");
    if (row->has_value) {
        percent(row->value_bp, out, size);
    }
    return out;
}

const char *day_threshold(const struct cli *cli, const gj_metric_row *row, char *out, size_t size)
{
    char text[32];
    snprintf(out, size, "-");
    if (row->has_threshold) {
        percent(row->threshold_bp, text, sizeof text);
        snprintf(
            out, size,
            cli_say(cli, row->below ? "低于 %s" : "高于 %s", row->below ? "below %s" : "above %s"),
            text);
    }
    return out;
}

const char *day_cost(const struct cli *cli, const gj_consequence *then, char *out, size_t size)
{
    char parts[3][200] = {"", "", ""}, text[160];
    size_t count = 0;
    out[0] = '\0';
    if (then->fine_fen > 0) {
        day_money(cli, then->fine_fen, text, sizeof text);
        snprintf(parts[count++], sizeof parts[0], cli_say(cli, "付 %s", "pays %s"), text);
    }
    if (then->serious > 0 || then->general > 0) {
        snprintf(parts[count++], sizeof parts[0], cli_say(cli, "扣 %lld 分", "%lld points"),
                 (long long)then->serious + (long long)then->general);
    }
    if (then->measures[0] != '\0') {
        snprintf(parts[count++], sizeof parts[0], "%s",
                 day_measures(cli, then->measures, text, sizeof text));
    }
    if (count > 0) {
        snprintf(out, size, "%s%s%s%s%s", parts[0], count > 1 ? cli_say(cli, "，", ", ") : "",
                 parts[1], count > 2 ? cli_say(cli, "，", ", ") : "", parts[2]);
    } else if (then->open) {
        snprintf(out, size, "%s", cli_say(cli, "金额视裁定而定", "as ruled"));
    }
    return uncut(out);
}

/* "再有 3 个“咨询的买家”未达标，将触发：..." */
const char *day_distance(const struct cli *cli, const gj_metric_row *row, char *out, size_t size)
{
    char moves[240] = "", cost[400];
    out[0] = '\0';
    if (row->move != GJ_MOVE_NONE) {
        const char *what = cli->english ? row->what_en : row->what_zh;
        switch (row->move) {
        case GJ_MOVE_MORE:
            snprintf(moves, sizeof moves, cli_say(cli, "再有 %lld 个“%s”", "%lld more of \"%s\""),
                     (long long)row->moves, what);
            break;
        case GJ_MOVE_MISSED:
            snprintf(moves, sizeof moves,
                     cli_say(cli, "再有 %lld 个“%s”不达标", "%lld more of \"%s\" that miss it"),
                     (long long)row->moves, what);
            break;
        case GJ_MOVE_MET:
            snprintf(moves, sizeof moves,
                     cli_say(cli, "再有 %lld 个“%s”达标", "%lld more of \"%s\" that meet it"),
                     (long long)row->moves, what);
            break;
        default:
            snprintf(moves, sizeof moves,
                     cli_say(cli, "补救 %lld 个已计入的“%s”",
                             "making good %lld of \"%s\" counted already"),
                     (long long)row->moves, what);
        }
    }
    uncut(moves);
    const char *title = day_title(cli, row->then.title_zh, row->then.title_en, row->then.rule);
    day_cost(cli, &row->then, cost, sizeof cost);
    bool running = row->running && moves[0] != '\0';
    char then[600] = "";
    if (title[0] != '\0') {
        snprintf(then, sizeof then, "%s%s%s", title,
                 cost[0] != '\0' ? cli_say(cli, "，", ", ") : "", cost);
        uncut(then);
    }
    if (row->breach) {
        snprintf(out, size, "%s%s%s%s", then,
                 then[0] != '\0' && running ? cli_say(cli, "；", "; ") : "", running ? moves : "",
                 running ? cli_say(cli, "即可脱离", " would end it") : "");
    } else if (running) {
        snprintf(out, size, "%s%s%s", moves,
                 then[0] != '\0' ? cli_say(cli, "将触发：", " bring: ")
                                 : cli_say(cli, "将越线", " would cross it"),
                 then);
    }
    return uncut(out);
}

const char *day_matter(const struct cli *cli, const gj_deadline_row *row, char *out, size_t size)
{
    snprintf(out, size, "%s·%s", day_title(cli, row->flow_zh, row->flow_en, row->flow),
             day_title(cli, row->state_zh, row->state_en, row->state));
    return uncut(out);
}

const char *day_then(const struct cli *cli, const gj_deadline_row *row, char *out, size_t size)
{
    char cost[400];
    const char *to = day_title(cli, row->to_zh, row->to_en, row->to);
    const char *found = day_title(cli, row->then.title_zh, row->then.title_en, row->then.rule);
    day_cost(cli, &row->then, cost, sizeof cost);
    snprintf(out, size, "%s%s%s%s%s", to,
             to[0] != '\0' && found[0] != '\0' ? cli_say(cli, "；", "; ") : "", found,
             cost[0] != '\0' ? cli_say(cli, "，", ", ") : "", cost);
    return uncut(out);
}

bool day_shows(const struct day *day, const gj_metric_row *row)
{
    enum { NEAR = 3 };
    (void)day;
    return !row->history && (row->product[0] == '\0' || row->breach ||
                             (row->move != GJ_MOVE_NONE && row->moves <= NEAR));
}

void day_escape(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        default:
            fputc((unsigned char)*text < 0x20 || *text == 0x7F ? ' ' : *text, out);
        }
    }
}
