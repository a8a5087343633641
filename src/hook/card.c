/* Room hook: the lines of a card (see card.h). */
#include "hook/card.h"

#include <stdlib.h>

#include "base/utf8.h"

#define TEXT_MAX 80 /* code points of a value; more is cut off */
#define LIST_MAX 3  /* entries of a list that are shown */

/* By the beginning of the type (with a '.' at its end: of what has more parts); the first that fits
 * counts. */
static const struct {
    const char *type;
    struct gj_card_head head;
} heads[] = {
    {"verdict",
     {"话术有违规风险", "Message at risk", "orange", "尽快撤回，改用合规说法",
      "recall it if you can, and say it otherwise"}},
    {"deadline.",
     {"即将超时", "Deadline near", "orange", "请在期限前处理", "act before the deadline"}},
    {"deadline",
     {"已超时", "Deadline passed", "red", "请核实后果并补救", "see what follows and make good"}},
    {"finding.withdrawn", {"违规已撤销", "Finding withdrawn", "green", "", ""}},
    {"finding",
     {"发现违规", "Finding", "red", "请核实，有异议可申诉", "check it; appeal if it is wrong"}},
    {"entry.reversed", {"记账已冲正", "Entry reversed", "green", "", ""}},
    {"entry", {"扣分或资金入账", "Points or money booked", "red", "请核对", "check it"}},
    {"measure.ends", {"处罚期限变更", "End of a measure changed", "green", "", ""}},
    {"measure",
     {"处罚生效", "Measure in force", "red", "请查看限制内容并整改",
      "see what is restricted, and mend the cause"}},
    {"breach",
     {"指标越线", "Metric past its limit", "red", "请查看明细并整改",
      "look at the details and mend the cause"}},
    {"hook.test", {"测试消息", "Test message", "blue", "", ""}},
};

enum form { PLAIN, INSTANT /* RFC 3339 */, MONEY /* fen */, RATE /* 1/10,000 */ };

/* The lines below the first, by the members of the notice's body that they show. Of a list's
 * entries "hits.rewrite" is of the first; two members joined by '+' are shown together. */
static const struct {
    const char *member, *zh, *en;
    enum form form;
} lines[] = {
    {"source", "店铺", "Shop", PLAIN},     {"rule", "规则", "Rule", PLAIN},
    {"kind+id", "对象", "About", PLAIN},   {"session", "会话", "Session", PLAIN},
    {"agent", "客服", "Agent", PLAIN},     {"state_title", "状态", "State", PLAIN},
    {"because", "原因", "Because", PLAIN}, {"parts", "明细", "Details", PLAIN},
    {"value_bp", "数值", "Value", RATE},   {"what", "措施", "Measure", PLAIN},
    {"due", "期限", "By", INSTANT},        {"fine_fen", "逾期罚款", "Fine if missed", MONEY},
};
/* The first that is there. */
static const char *const titles[] = {"title", "flow_title", "hits.title", NULL};
static const char *const advices[] = {"advice", "hits.rewrite", NULL};

const char *gj_notice_type(gj_notice_kind kind)
{
    switch (kind) {
    case GJ_NOTICE_MOVED:     /* of every event some: history tells them */
    case GJ_NOTICE_DEADLINES: /* the server tells of those that near */
        return NULL;
    default:
        return gj_notice_name(kind);
    }
}

bool gj_notice_type_known(struct gj_str with)
{
    /* what the server tells beside the engine's notices */
    static const char *const own[] = {"deadline.nearing", "ingest.ignored", "ingest.refused"};
    bool known = false;
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        known |= gj_notice_type_begins(gj_str_of(own[i]), with);
    }
    for (int kind = GJ_NOTICE_VERDICT; kind <= GJ_NOTICE_DEADLINES; kind++) {
        const char *type = gj_notice_type((gj_notice_kind)kind);
        known |= type != NULL && gj_notice_type_begins(gj_str_of(type), with);
    }
    return known;
}

bool gj_notice_type_begins(struct gj_str type, struct gj_str with)
{
    return with.len > 0 && gj_str_starts(type, with) &&
           (type.len == with.len || with.ptr[with.len - 1] == '.' || type.ptr[with.len] == '.');
}

const struct gj_card_head *gj_card_head(struct gj_str type)
{
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        if (gj_notice_type_begins(type, gj_str_of(heads[i].type))) {
            return &heads[i].head;
        }
    }
    return NULL;
}

/* ---- values ---- */

/* A full-width look-alike of what markdown, mentions and the messengers' tags are made of. */
static uint32_t harmless(uint32_t cp)
{
    return cp < 0x20 || cp == 0x7f                     ? ' '
           : cp < 0x80 && strchr("<>[]*`@\\", (int)cp) ? cp + 0xfee0
                                                       : cp;
}

/* Appends text from outside: one line, without effect, at most TEXT_MAX code points, and with no
 * address that a messenger would make a link of. */
static void add_text(struct gj_buf *out, struct gj_str text)
{
    char bytes[4];
    size_t shown = 0;
    for (size_t i = 0; i < text.len;) {
        unsigned len = 0;
        uint32_t cp = gj_utf8_decode(text.ptr + i, &len);
        if (shown++ == TEXT_MAX) {
            gj_buf_add_cstr(out, "…");
            return;
        }
        bool link = cp == ':' && text.len - i >= 3 && memcmp(text.ptr + i, "://", 3) == 0;
        gj_buf_add(out, bytes, gj_utf8_encode(link ? 0xff1a : harmless(cp), bytes));
        i += len;
    }
}

static const struct gj_json *member(const struct gj_json_parser *parser, const struct gj_json *of,
                                    struct gj_str name)
{
    const struct gj_json *at =
        of != NULL && of->kind == GJ_JSON_OBJECT ? gj_json_first(parser, of) : NULL;
    while (at != NULL && !gj_str_eq(at->key, name)) {
        at = gj_json_next(parser, at);
    }
    return at;
}

/* "hits.rewrite": a member of a member; of a list, of its first entry. */
static const struct gj_json *look_up(const struct gj_json_parser *parser,
                                     const struct gj_json *root, const char *path)
{
    size_t len = strcspn(path, ".");
    const struct gj_json *at = member(parser, root, (struct gj_str){path, len});
    if (path[len] == '\0' || at == NULL) {
        return at;
    }
    at = at->kind == GJ_JSON_ARRAY ? gj_json_first(parser, at) : at;
    return look_up(parser, at, path + len + 1);
}

static const struct gj_json *first_of(const struct gj_json_parser *parser,
                                      const struct gj_json *root, const char *const *paths)
{
    const struct gj_json *at = NULL;
    for (size_t i = 0; at == NULL && paths[i] != NULL; i++) {
        at = look_up(parser, root, paths[i]);
    }
    return at;
}

static void add_value(struct gj_buf *out, const struct gj_json_parser *parser,
                      const struct gj_json *value, bool english);

static void add_list(struct gj_buf *out, const struct gj_json_parser *parser,
                     const struct gj_json *list, bool english)
{
    const struct gj_json *at = gj_json_first(parser, list);
    for (size_t i = 0; at != NULL && i < LIST_MAX; i++, at = gj_json_next(parser, at)) {
        gj_buf_add_cstr(out, i == 0 ? "" : english ? ", " : "、");
        add_value(out, parser, at, english);
    }
    gj_buf_add_cstr(out, at != NULL ? "…" : "");
}

/* {zh, en}: in the language asked for; {kind, id} and the like: its values one after the other. */
static void add_object(struct gj_buf *out, const struct gj_json_parser *parser,
                       const struct gj_json *object, bool english)
{
    const struct gj_json *said = member(parser, object, english ? GJ_STR("en") : GJ_STR("zh"));
    said = said != NULL ? said : member(parser, object, english ? GJ_STR("zh") : GJ_STR("en"));
    if (said != NULL) {
        add_value(out, parser, said, english);
        return;
    }
    const struct gj_json *at = gj_json_first(parser, object);
    for (size_t i = 0; at != NULL && i < LIST_MAX; i++, at = gj_json_next(parser, at)) {
        gj_buf_add_cstr(out, i == 0 ? "" : " ");
        add_value(out, parser, at, english);
    }
}

static void add_value(struct gj_buf *out, const struct gj_json_parser *parser,
                      const struct gj_json *value, bool english)
{
    switch (value->kind) {
    case GJ_JSON_STRING:
        add_text(out, value->text);
        break;
    case GJ_JSON_INT:
        gj_buf_add_int(out, value->integer);
        break;
    case GJ_JSON_BOOL:
        gj_buf_add_cstr(out, value->integer != 0 ? "true" : "false");
        break;
    case GJ_JSON_ARRAY:
        add_list(out, parser, value, english);
        break;
    case GJ_JSON_OBJECT:
        add_object(out, parser, value, english);
        break;
    default:
        gj_buf_add_char(out, '-');
    }
}

/* ---- lines ---- */

/* "2026-03-04T10:00:00+08:00" as "2026-03-04 10:00:00". */
static void add_instant(struct gj_buf *out, struct gj_str text)
{
    if (text.len < 19 || text.ptr[10] != 'T') {
        add_text(out, text);
        return;
    }
    add_text(out, (struct gj_str){text.ptr, 10});
    gj_buf_add_char(out, ' ');
    add_text(out, (struct gj_str){text.ptr + 11, 8});
}

static void add_hundredths(struct gj_buf *out, int64_t value, const char *unit)
{
    gj_buf_addf(out, "%lld.%02d%s", (long long)(value / 100), abs((int)(value % 100)), unit);
}

static void add_formed(struct gj_buf *out, const struct gj_json_parser *parser,
                       const struct gj_json *value, enum form form, bool english)
{
    if (form == INSTANT && value->kind == GJ_JSON_STRING) {
        add_instant(out, value->text);
    } else if (form == MONEY && value->kind == GJ_JSON_INT) {
        add_hundredths(out, value->integer, english ? " yuan" : " 元");
    } else if (form == RATE && value->kind == GJ_JSON_INT) {
        add_hundredths(out, value->integer, "%");
    } else {
        add_value(out, parser, value, english);
    }
}

static void add_label(struct gj_buf *out, const char *label, bool english)
{
    gj_buf_add_cstr(out, label);
    gj_buf_add_cstr(out, english ? ": " : "：");
}

/* The members of one line; nothing where there is none of them, or it is no money at all. */
static void add_line(struct gj_buf *out, const struct gj_json_parser *parser,
                     const struct gj_json *root, size_t line, bool english, const char *newline)
{
    const char *path = lines[line].member, *plus = strchr(path, '+');
    size_t len = plus == NULL ? strlen(path) : (size_t)(plus - path);
    const struct gj_json *value = member(parser, root, (struct gj_str){path, len});
    const struct gj_json *more = plus == NULL ? NULL : look_up(parser, root, plus + 1);
    if (value == NULL ||
        (lines[line].form == MONEY && value->kind == GJ_JSON_INT && value->integer == 0)) {
        return;
    }
    add_label(out, english ? lines[line].en : lines[line].zh, english);
    add_formed(out, parser, value, lines[line].form, english);
    if (more != NULL) {
        gj_buf_add_char(out, ' ');
        add_value(out, parser, more, english);
    }
    gj_buf_add_cstr(out, newline);
}

static void add_advice(struct gj_buf *out, const struct gj_json_parser *parser,
                       const struct gj_json *root, const struct gj_card_head *head, bool english,
                       const char *newline)
{
    const struct gj_json *advice = first_of(parser, root, advices);
    const char *standard = head == NULL ? "" : english ? head->do_en : head->do_zh;
    if (advice == NULL && standard[0] == '\0') {
        return;
    }
    add_label(out, english ? "To do" : "建议", english);
    if (advice != NULL) {
        add_value(out, parser, advice, english);
    } else {
        gj_buf_add_cstr(out, standard);
    }
    gj_buf_add_cstr(out, newline);
}

void gj_card_add(struct gj_buf *out, struct gj_json_parser *parser,
                 const struct gj_hook_notice *notice, bool english, const char *newline)
{
    const char *why = NULL;
    const struct gj_json *root = gj_json_parse(parser, notice->body, 0, &why);
    const struct gj_json *title = first_of(parser, root, titles);
    const struct gj_card_head *head = gj_card_head(notice->type);
    gj_buf_add_cstr(out, "**");
    if (head != NULL) {
        gj_buf_add_cstr(out, english ? head->en : head->zh);
    } else {
        add_text(out, notice->type);
    }
    if (title != NULL) {
        gj_buf_add_cstr(out, english ? ": " : "：");
        add_value(out, parser, title, english);
    }
    gj_buf_add_cstr(out, "**");
    gj_buf_add_cstr(out, newline);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        add_line(out, parser, root, i, english, newline);
    }
    add_advice(out, parser, root, head, english, newline);
}
