/* Room text: what a chain of digits is (chain.h), decided for its first groups, then for what
 * follows. The first of these wins:
 *
 *   masked phone    138****8000, 1380013****
 *   item number     behind a cue word (订单号, 货号 ...), or Pinduoduo's 6-15 order number
 *   phone           11 digits 1[3-9], alone or with +86; or spread over groups in a usual layout
 *   bank card       16 to 19 digits, issuer prefix, Luhn
 *   landline, service phone
 *   waybill         behind a cue word (单号, 快递, 圆通 ...)
 *   12 digits       an item number, if undisguised
 *   12-19 digits    a number
 *   5-11 digits     an ID, unless a measure word, a date or a hotline explains them
 *
 * A cue word must not hide a phone as a waybill: "快递 13800138000" is the courier's phone. */
#include "text/digits.h"

static const char *const item_cues[] = {
    "编号",   "编码",   "货号",     "款号",   "条码",   "条形码",   "订单", "订单号", "税号",
    "识别号", "发票号", "发票号码", "流水号", "序列号", "sn码",     "sn",   "sku",    "id",
    "商品",   "邮编",   "邮政编码", "工单",   "工单号", "受理号",   "券码", "验证码", "校验码",
    "取件码", "提货码", "交易号",   "批号",   "备案号", "许可证号", "型号", "链接",   NULL,
};
/* "qq id", "微信id": the ID of a person, not of an item */
static const char *const item_id_cues[] = {"商品id", "产品id", "宝贝id", "链接id",
                                           "活动id", "店铺id", "skuid",  NULL};
static const char *const waybill_cues[] = {
    "sf",   "yto",  "zto",  "sto",  "yunda", "单号", "运单", "运单号", "快递", "物流",
    "包裹", "顺丰", "圆通", "中通", "申通",  "韵达", "极兔", "邮政",   "ems",  "百世",
    "汇通", "德邦", "天天", "京东", "菜鸟",  "丹鸟", "快运", "快件",   "单子", NULL,
};

static bool ends_in(const char *text, const char *end)
{
    size_t len = strlen(text), n = strlen(end);
    return n <= len && memcmp(text + len - n, end, n) == 0;
}

static enum gj_cue cue_before(struct gj_digits *d, uint32_t unit)
{
    char before[GJ_BEFORE_BYTES];
    gj_text_before(d->f, unit, before);
    const char *item = gj_ends_in(before, item_cues);
    if (item != NULL && strcmp(item, "id") == 0) {
        item = gj_ends_in(before, item_id_cues);
    }
    if (item != NULL) {
        d->strong = ends_in(item, "号") || ends_in(item, "码") || ends_in(item, "sku");
        return GJ_CUE_ITEM;
    }
    if (gj_ends_in(before, waybill_cues) != NULL) {
        return GJ_CUE_WAYBILL;
    }
    bool listed = d->last_cue != GJ_CUE_NONE && unit - d->last_end <= 2 &&
                  gj_class_at(d->f, d->last_end) >= GJ_U_MARK;
    return listed ? d->last_cue : GJ_CUE_NONE;
}

/* Classifies the first groups of the chain; returns how many were consumed, at least 1. */
static unsigned classify(struct gj_digits *d)
{
    static unsigned (*const finders[])(struct gj_digits *) = {
        gj_find_masked,   gj_find_item,    gj_find_mobile, gj_find_card,
        gj_find_landline, gj_find_service, gj_find_number, gj_find_digit_id,
    };
    for (size_t i = 0; i < sizeof finders / sizeof *finders; i++) {
        unsigned used = finders[i](d);
        if (used > 0) {
            return used;
        }
    }
    return 1;
}

void gj_find_digits(struct gj_finder *f)
{
    uint32_t count = gj_finder_count(f);
    struct gj_digits d = {.f = f, .cue = GJ_CUE_NONE, .last_cue = GJ_CUE_NONE, .last_end = 0};
    char value;
    for (uint32_t unit = 0; unit < count;) {
        if (gj_digit_at(f, unit, &value) == GJ_D_NONE || gj_finder_taken(f, unit, unit)) {
            unit++;
            continue;
        }
        gj_chain_read(f, unit, &d.chain);
        d.strong = false;
        d.number_total = 0;
        d.cue = d.chain.groups[0].count >= 4 || d.chain.digit_count >= 8 ? cue_before(&d, unit)
                                                                         : GJ_CUE_NONE;
        unsigned used = classify(&d);
        unit = d.chain.groups[used - 1].last + 1;
    }
}
