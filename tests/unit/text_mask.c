/* Tests of room text: what is hidden of a text, and what is not. */
#include <criterion/criterion.h>

#include "text/mask.h"

static struct gj_mask mask;

static void check(enum gj_mask_kind kind, const char *text, const char *want)
{
    struct gj_str out;
    cr_assert_eq(gj_mask_apply(&mask, kind, gj_str_of(text), &out), 0);
    cr_expect(gj_str_is(out, want), "%s -> %.*s, not %s", text, (int)out.len, out.ptr, want);
}

#define STAYS(text) check(GJ_MASK_TEXT, text, text)

static void begin(void)
{
    gj_mask_init(&mask);
}

static void end(void)
{
    gj_mask_release(&mask);
}

TestSuite(mask, .init = begin, .fini = end);

Test(mask, phones)
{
    static const char *const pairs[][2] = {
        {"我的电话13800138000，谢谢", "我的电话138****8000，谢谢"},
        {"138 0013 8000", "138 **** 8000"},
        {"+86 13800138000", "+86 138****8000"},
        {"8613800138000", "86138****8000"},
        {"１３８００１３８０００", "１３８****８０００"},
        {"一三八零零一三八零零零", "一三八****八零零零"},
        {"0571-88888888转123", "0571-**********23"},
        {"13800138000，13900139000", "138****8000，139****9000"},
        {"快递 13800138000", "快递 138****8000"},
        {"https://x.cn/a?tel=13800138000&id=13800138001x",
         "https://x.cn/a?tel=138****8000&id=13800138001x"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        check(GJ_MASK_TEXT, pairs[i][0], pairs[i][1]);
    }
    STAYS("138****8000");
    STAYS("客服热线 95311，400-820-8820");
}

Test(mask, cards_and_mail)
{
    check(GJ_MASK_TEXT, "卡号6222021234567890128", "卡号6222***********0128");
    check(GJ_MASK_TEXT, "身份证11010519491231002X。", "身份证110*************2X。");
    check(GJ_MASK_TEXT, "身份证 110105 19491231 002x", "身份证 110*** ******** **2x");
    check(GJ_MASK_TEXT, "发票寄到 zhangsan@qq.com 谢谢", "发票寄到 z*******@qq.com 谢谢");
    STAYS("11010519491231002 4"); /* another check digit */
    STAYS("110105194913310020");  /* a month that is none */
}

/* A number that fails a bank card's sum is one where it is called so, right before it. */
Test(mask, numbers_that_are_called_cards)
{
    static const char *const pairs[][2] = {
        {"卡号6222021234567890123", "卡号6222***********0123"},
        {"您好，麻烦把钱退到我的银行卡：6222021234567890123 谢谢",
         "您好，麻烦把钱退到我的银行卡：6222***********0123 谢谢"},
        {"账号是 6222 0212 3456 7890 123", "账号是 6222 **** **** ***0 123"},
        {"帐号为6222021234567890123", "帐号为6222***********0123"},
        {"账户: 6222021234567890123；卡号 6222021234567890124",
         "账户: 6222***********0123；卡号 6222***********0124"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        check(GJ_MASK_TEXT, pairs[i][0], pairs[i][1]);
    }
    STAYS("6222021234567890123");
    STAYS("这串数字6222021234567890123");
    STAYS("卡号在后面 6222021234567890123");
    STAYS("号6222021234567890123");
}

Test(mask, numbers_that_are_nobodys)
{
    static const char *const texts[] = {
        "订单号 260301-123456789012345",
        "订单编号：4123456789012345678",
        "订单号13800138000123",
        "运单号 SF1234567890123",
        "单号 773312345678901 已签收",
        "YT8812345678901",
        "商品ID 668899001122",
        "这款 199.00 元，两件 389",
        "2026-03-01 10:00:00 到 20260310",
        "优惠码 88888888",
        "编号 110105194912310021 的货" /* called a number, whatever its digits */
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        STAYS(texts[i]);
    }
}

Test(mask, addresses)
{
    static const char *const pairs[][2] = {
        {"浙江省杭州市西湖区文三路138号", "浙江省杭州市****"},
        {"寄到浙江省杭州市西湖区文三路138号东部软件园2号楼501，谢谢", "寄到浙江省杭州市****，谢谢"},
        {"北京市朝阳区建国路88号SOHO现代城B座1201室", "北京市****"},
        {"我住在文三路138号", "我住在****"},
        {"地址改成幸福小区3栋2单元501", "地址改成****"},
        {"送3栋2单元501室", "送****"},
        {"送到3栋501室", "送到****"},
        {"广东省深圳市南山区粤海街道科技园南区", "广东省深圳市****南区"},
        {"收货地址：江苏省苏州市昆山市花桥镇徐公桥路2号", "收货地址：江苏省苏州市昆山市****"},
        {"浙江杭州西湖区文三路138号", "浙江****"},
        {"河南省周口市太康县王集乡李庄村3组", "河南省周口市****"},
        {"上海市浦东新区世纪大道100弄5号302室 张三 13800138000", "上海市**** 张三 138****8000"},
        {"浙江省 杭州市 西湖区 文三路 138 号", "浙江省 杭州市 ****"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        check(GJ_MASK_TEXT, pairs[i][0], pairs[i][1]);
    }
}

Test(mask, no_addresses)
{
    static const char *const texts[] = {
        "15号发货，3月20号到",
        "1号链接，2号色，38号鞋",
        "我的地址错了，能改地址吗",
        "发货地在浙江省杭州市余杭区，明天到",
        "口红5号色，7号电池两节",
        "衣柜3层，3层2门的鞋柜",
        "三室两厅用几匹的空调",
        "在路上15号送到",
        "尺码40号，XL码",
        "超市3号柜台",
        "北京发货，全国包邮",
        "这件在城市里穿好看吗",
        "地址在订单里",
        "只支持修改末级地址，比如小区、栋数、单元号之类的",
        "请问第2单元怎么用",
        "2栋和3栋的区别" /* two houses, but of nobody */
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        STAYS(texts[i]);
    }
}

Test(mask, as_said)
{
    check(GJ_MASK_PHONE, "13800138000", "138****8000");
    check(GJ_MASK_PHONE, "0571-8888", "05**-**88");
    check(GJ_MASK_PHONE, "110", "***");
    check(GJ_MASK_ADDRESS, "浙江省杭州市西湖区翠苑", "浙江省杭州市****");
    check(GJ_MASK_ADDRESS, "翠苑3栋", "****");
    check(GJ_MASK_ADDRESS, "", "");
}

/* Any bytes: no crash, valid, and linear time. */
Test(mask, hostile, .timeout = 120)
{
    static const char *const parts[] = {
        "3号", "3栋",     "路1", "市", "浙江", "地址", "13800138000 ", "11010519491231002X ",
        "区",  "a@b.cn ", "一"};
    struct gj_buf buf;
    gj_buf_init(&buf);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        struct gj_str out;
        gj_buf_reset(&buf);
        while (buf.len < 300000) {
            gj_buf_add_cstr(&buf, parts[i]);
        }
        cr_assert_eq(gj_mask_apply(&mask, GJ_MASK_TEXT, gj_buf_str(&buf), &out), 0);
    }
    gj_buf_release(&buf);
}
