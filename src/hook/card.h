/* Room hook: cards, what people read in a group of DingTalk, WeCom or Feishu. A card tells one or
 * several notices in a few lines each: what, which shop, by when, what to do. Robots are data: the
 * table in robot.c says of each how it is addressed, signed and answered. */
#ifndef GJ_HOOK_CARD_H
#define GJ_HOOK_CARD_H

#include "guiju/guiju.h"
#include "wire/json.h"

struct gj_hook_notice {
    int64_t seq;          /* in its tenant's outbox; 0: a test, of no outbox */
    int64_t at;           /* microseconds since 1970 */
    struct gj_str source; /* the shop: "/{platform}/{shop}" */
    struct gj_str type;   /* "deadline.nearing" */
    struct gj_str body;   /* a JSON object. Cards read of it, where it has them: title, shop, rule,
                             entity, agent_id, due, text, advice (docs/webhooks.md) */
};

/* The type of a notice as listeners name it, or NULL: it is not for them. */
const char *gj_notice_type(gj_notice_kind kind);
/* Whether `type` is `with` or below it: "finding.withdrawn" begins with "finding", and also with
 * "finding.", which "finding" does not. */
bool gj_notice_type_begins(struct gj_str type, struct gj_str with);
/* Whether some type of notice begins so: else who asks for it would wait in vain. */
bool gj_notice_type_known(struct gj_str with);

/* ---- lines of a card (card.c) ---- */

struct gj_card_head {
    const char *zh, *en;
    const char *colour;        /* "red", "orange", "green", "blue" */
    const char *do_zh, *do_en; /* what to do, where the notice itself does not say; "": nothing */
};

/* What a notice of this type is called. NULL: it has no name of its own. */
const struct gj_card_head *gj_card_head(struct gj_str type);

/* Appends the notice in markdown, `newline` after each line. What comes from outside is freed of
 * marks, links and mentions, and shortened. */
void gj_card_add(struct gj_buf *out, struct gj_json_parser *parser,
                 const struct gj_hook_notice *notice, bool english, const char *newline);

/* ---- robots (robot.c) ---- */

struct gj_robot;

/* NULL: there is no such kind. */
const struct gj_robot *gj_robot_find(struct gj_str kind);
bool gj_robot_signs(const struct gj_robot *robot);  /* whether it may have a secret */
int64_t gj_robot_gap(const struct gj_robot *robot); /* microseconds from one card to the next */

/* Writes one card of `count` notices as the robot wants it: into `to` the URL, into `body` the
 * JSON. `secret` empty: not signed; `now` in microseconds. */
void gj_robot_write(const struct gj_robot *robot, struct gj_json_parser *parser,
                    const struct gj_hook_notice *notices, size_t count, bool english,
                    struct gj_str url, struct gj_str secret, int64_t now, struct gj_buf *to,
                    struct gj_buf *body);

enum gj_robot_answer {
    GJ_ROBOT_TAKEN,
    GJ_ROBOT_BUSY,   /* too many cards: later */
    GJ_ROBOT_REFUSED /* for another reason, told in `why` */
};

/* Robots answer 200 and tell in the body whether they took the card. */
enum gj_robot_answer gj_robot_read(const struct gj_robot *robot, struct gj_json_parser *parser,
                                   struct gj_str body, struct gj_buf *why);

#endif
