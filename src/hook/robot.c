/* Room hook: group robots (see card.h). What they want is documented here:
 *
 * - DingTalk: https://open.dingtalk.com/document/robots/custom-robot-access
 * - WeCom: https://developer.work.weixin.qq.com/document/path/91770
 * - Feishu: https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot */
#include <stdio.h>

#include "hook/card.h"
#include "hook/sign.h"

enum signing {
    UNSIGNED, /* the key stands in the URL */
    IN_QUERY, /* timestamp in ms and HMAC over "timestamp\nsecret" under the secret, URL-encoded */
    IN_BODY   /* timestamp in s and HMAC over nothing under "timestamp\nsecret" */
};

struct gj_robot {
    const char *kind;
    enum signing signing;
    unsigned per_minute; /* cards it takes */
    size_t text_max;     /* bytes of a card's text */
    const char *newline; /* a line break in its markdown */
    const char *code;    /* of an answer: 0 is good */
    const char *message; /* of an answer: the reason */
    int64_t busy[2];     /* codes that say: too many cards */
    const char *body;    /* $sign, $title, $colour, $text stand for JSON */
};

static const struct gj_robot robots[] = {
    {"dingtalk",
     IN_QUERY,
     20,
     18000,
     "  \n",
     "errcode",
     "errmsg",
     {130101, 130102},
     "{\"msgtype\":\"markdown\",\"markdown\":{\"title\":$title,\"text\":$text}}"},
    {"wecom",
     UNSIGNED,
     20,
     4000,
     "\n",
     "errcode",
     "errmsg",
     {45009, 45033},
     "{\"msgtype\":\"markdown\",\"markdown\":{\"content\":$text}}"},
    {"feishu",
     IN_BODY,
     100,
     16000,
     "\n",
     "code",
     "msg",
     {11232, 9499},
     "{$sign\"msg_type\":\"interactive\",\"card\":{\"config\":{\"wide_screen_mode\":true},"
     "\"header\":{\"template\":$colour,\"title\":{\"tag\":\"plain_text\",\"content\":$title}},"
     "\"elements\":[{\"tag\":\"markdown\",\"content\":$text}]}}"},
};

const struct gj_robot *gj_robot_find(struct gj_str kind)
{
    for (size_t i = 0; i < sizeof robots / sizeof robots[0]; i++) {
        if (gj_str_is(kind, robots[i].kind)) {
            return &robots[i];
        }
    }
    return NULL;
}

bool gj_robot_signs(const struct gj_robot *robot)
{
    return robot->signing != UNSIGNED;
}

int64_t gj_robot_gap(const struct gj_robot *robot)
{
    return 60000000 / robot->per_minute;
}

/* ---- the card ---- */

static void add_title(struct gj_buf *out, const struct gj_hook_notice *notices, size_t count,
                      bool english)
{
    const struct gj_card_head *head = gj_card_head(notices[0].type);
    if (head != NULL) {
        gj_buf_add_cstr(out, english ? head->en : head->zh);
    } else {
        gj_buf_add_str(out, notices[0].type);
    }
    if (count > 1) {
        gj_buf_addf(out, english ? " and %zu more" : " 等 %zu 条", english ? count - 1 : count);
    }
}

/* As many notices as the card holds, then how many there are besides. */
static void add_notices(struct gj_buf *out, const struct gj_robot *robot,
                        struct gj_json_parser *parser, const struct gj_hook_notice *notices,
                        size_t count, bool english)
{
    for (size_t i = 0; i < count; i++) {
        size_t before = out->len;
        gj_buf_add_cstr(out, i == 0 ? "" : robot->newline);
        gj_card_add(out, parser, &notices[i], english, robot->newline);
        if (out->len > robot->text_max && i > 0) {
            out->len = before;
            out->ptr[before] = '\0';
            gj_buf_add_cstr(out, robot->newline);
            gj_buf_addf(out, english ? "and %zu more" : "另有 %zu 条", count - i);
            return;
        }
    }
}

/* The colour of the gravest notice. */
static const char *colour_of(const struct gj_hook_notice *notices, size_t count)
{
    static const char *const order[] = {"red", "orange", "green"};
    for (size_t k = 0; k < sizeof order / sizeof order[0]; k++) {
        for (size_t i = 0; i < count; i++) {
            const struct gj_card_head *head = gj_card_head(notices[i].type);
            if (head != NULL && strcmp(head->colour, order[k]) == 0) {
                return order[k];
            }
        }
    }
    return "blue";
}

/* ---- signatures ---- */

static void add_url_encoded(struct gj_buf *out, const char *base64)
{
    for (; *base64 != '\0'; base64++) {
        if (*base64 == '+' || *base64 == '/' || *base64 == '=') {
            gj_buf_addf(out, "%%%02X", (unsigned)*base64);
        } else {
            gj_buf_add_char(out, *base64);
        }
    }
}

static void sign_query(struct gj_str secret, int64_t now, struct gj_buf *to)
{
    char time[24], sign[GJ_HMAC_BASE64_SIZE];
    snprintf(time, sizeof time, "%lld", (long long)(now / 1000));
    const struct gj_str pieces[] = {gj_str_of(time), GJ_STR("\n"), secret};
    gj_hmac_base64(secret, pieces, 3, sign);
    gj_buf_addf(to, "%stimestamp=%s&sign=", strchr(to->ptr, '?') == NULL ? "?" : "&", time);
    add_url_encoded(to, sign);
}

static void sign_body(struct gj_str secret, int64_t now, struct gj_buf *out)
{
    char sign[GJ_HMAC_BASE64_SIZE];
    struct gj_buf key;
    gj_buf_init(&key);
    gj_buf_addf(&key, "%lld\n", (long long)(now / 1000000));
    size_t time_len = key.len - 1;
    gj_buf_add_str(&key, secret);
    gj_hmac_base64(gj_buf_str(&key), NULL, 0, sign);
    gj_buf_addf(out, "\"timestamp\":\"%.*s\",\"sign\":\"%s\",", (int)time_len, key.ptr, sign);
    gj_buf_release(&key);
}

/* ---- requests and answers ---- */

struct parts {
    struct gj_buf sign, title, text;
    const char *colour;
};

/* Copies the robot's body and puts the parts where their names stand. */
static void fill_in(const char *body, const struct parts *parts, struct gj_buf *out)
{
    for (const char *at = body; *at != '\0'; at++) {
        if (*at != '$') {
            gj_buf_add_char(out, *at);
        } else if (strncmp(at, "$sign", 5) == 0) {
            gj_buf_add_str(out, gj_buf_str(&parts->sign));
            at += 4;
        } else if (strncmp(at, "$title", 6) == 0) {
            gj_json_add_string(out, gj_buf_str(&parts->title));
            at += 5;
        } else if (strncmp(at, "$text", 5) == 0) {
            gj_json_add_string(out, gj_buf_str(&parts->text));
            at += 4;
        } else { /* $colour */
            gj_json_add_string(out, gj_str_of(parts->colour));
            at += 6;
        }
    }
}

void gj_robot_write(const struct gj_robot *robot, struct gj_json_parser *parser,
                    const struct gj_hook_notice *notices, size_t count, bool english,
                    struct gj_str url, struct gj_str secret, int64_t now, struct gj_buf *to,
                    struct gj_buf *body)
{
    struct parts parts = {.colour = colour_of(notices, count)};
    gj_buf_init(&parts.sign);
    gj_buf_init(&parts.title);
    gj_buf_init(&parts.text);
    add_title(&parts.title, notices, count, english);
    add_notices(&parts.text, robot, parser, notices, count, english);
    gj_buf_add_str(to, url);
    if (secret.len > 0 && robot->signing == IN_QUERY) {
        sign_query(secret, now, to);
    } else if (secret.len > 0 && robot->signing == IN_BODY) {
        sign_body(secret, now, &parts.sign);
    }
    fill_in(robot->body, &parts, body);
    body->failed |= parts.sign.failed || parts.title.failed || parts.text.failed;
    gj_buf_release(&parts.sign);
    gj_buf_release(&parts.title);
    gj_buf_release(&parts.text);
}

enum gj_robot_answer gj_robot_read(const struct gj_robot *robot, struct gj_json_parser *parser,
                                   struct gj_str body, struct gj_buf *why)
{
    const char *wrong = NULL;
    const struct gj_json *root = gj_json_parse(parser, body, 0, &wrong);
    const struct gj_json *at =
        root != NULL && root->kind == GJ_JSON_OBJECT ? gj_json_first(parser, root) : NULL;
    bool told = false;
    int64_t code = 0;
    struct gj_str message = GJ_STR("");
    for (; at != NULL; at = gj_json_next(parser, at)) {
        if (at->kind == GJ_JSON_INT && gj_str_is(at->key, robot->code)) {
            told = true;
            code = at->integer;
        } else if (at->kind == GJ_JSON_STRING && gj_str_is(at->key, robot->message)) {
            message = at->text;
        }
    }
    if (!told) {
        gj_buf_addf(why, "the answer has no %s; is this the robot's address?", robot->code);
        return GJ_ROBOT_REFUSED;
    }
    if (code == 0) {
        return GJ_ROBOT_TAKEN;
    }
    gj_buf_addf(why, "%s %lld: %.*s", robot->code, (long long)code, (int)message.len, message.ptr);
    return code == robot->busy[0] || code == robot->busy[1] ? GJ_ROBOT_BUSY : GJ_ROBOT_REFUSED;
}
