/* Room text: extractors, things in a text that no word list can name. They work on units, so full
 * width, circled, Chinese and spaced-out digits are read as digits, and each find is validated. */
#ifndef GJ_TEXT_EXTRACT_H
#define GJ_TEXT_EXTRACT_H

#include "text/text.h"

/* Two finds never share a unit: what lies in a URL or an e-mail address is nothing else, and so on
 * in the order of the table in extract.c. */
enum gj_extract_kind {
    GJ_X_PHONE,         /* mainland mobile, 11 digits 1[3-9], perhaps +86; not masked */
    GJ_X_MASKED_PHONE,  /* 138****8000, 138xxxx8000: fine to send */
    GJ_X_LANDLINE,      /* area code 0xx(x) and 7 or 8 digits, optional extension */
    GJ_X_SERVICE_PHONE, /* 400/800 and 7 digits; hotlines (95xxx, 96xxx, 12345) are none */
    GJ_X_BANK_CARD,     /* 16 to 19 digits, known issuer prefix, Luhn valid */
    GJ_X_NUMBER,        /* 12 to 19 digits that no cue word calls waybill, item or order number */
    GJ_X_URL,           /* scheme://..., www., or a bare host with a known top level domain */
    GJ_X_EMAIL,         /* also 艾特, (at), [at], 全角 ＠; the host is told as of a URL */
    GJ_X_ID,            /* an account: 5 to 20 of a-z 0-9 _ - with a letter, or 5 to 11 digits */
    GJ_X_WAYBILL,       /* carrier's letters and digits (SF, YT, JD, ZTO ...), or digits after
                           单号/运单/快递/圆通 ... that are no phone */
    GJ_X_ITEM_NUMBER, /* 12 digits, or digits after 商品编号/货号/订单号 ..., or 6-15 digits as
                           Pinduoduo numbers orders */
    GJ_X_MONEY,       /* 5元, 五块, ￥20, 20rmb */
    GJ_X_PERCENT,     /* 6%, 百分之六, 3个点, 六个点 */
    GJ_X_KINDS
};

/* "@phone", "@masked-phone", ...: the lexicon name that rules use. */
const char *gj_extract_name(enum gj_extract_kind kind);

struct gj_extract {
    uint8_t kind;                   /* enum gj_extract_kind */
    uint16_t transforms;            /* enum gj_transform bits that were needed */
    uint32_t first_unit, last_unit; /* inclusive */
    struct gj_str host; /* URL: the host, lower case, folded; points into gj_extracts.hosts */
};

/* Reused; allocates only to grow. */
struct gj_extracts {
    struct gj_extract *items;
    size_t count, capacity;
    struct gj_buf hosts;
    uint8_t *taken; /* private: one a unit, 1 where a find lies */
    size_t taken_capacity;
};

void gj_extracts_init(struct gj_extracts *extracts);
void gj_extracts_release(struct gj_extracts *extracts);

/* Finds all, in order of their place. Linear in the text. Returns 0, or -1 when out of memory. */
int gj_extract(struct gj_extracts *out, const struct gj_text *text);

#endif
