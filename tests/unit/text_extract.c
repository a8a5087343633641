/* Tests of room text: extractors. Each case names all that is found in a text, in order, as
 * "kind=slice kind=slice"; an empty string says that nothing may be found. */
#include <criterion/criterion.h>

#include <stdlib.h>

#include "base/utf8.h"
#include "text/extract.h"

static void describe(const struct gj_text *text, const struct gj_extracts *finds,
                     struct gj_buf *out)
{
    gj_buf_init(out);
    for (size_t i = 0; i < finds->count; i++) {
        const struct gj_extract *find = &finds->items[i];
        gj_buf_addf(out, "%s%s=", i > 0 ? " " : "", gj_extract_name(find->kind) + 1);
        gj_buf_add_str(out, gj_text_slice(text, find->first_unit, find->last_unit));
    }
}

static void check_finds(const char *original, const char *expected, int line)
{
    struct gj_text text;
    struct gj_extracts finds;
    struct gj_buf found;
    gj_text_init(&text);
    gj_extracts_init(&finds);
    cr_assert_eq(gj_text_fold(&text, gj_str_of(original)), 0);
    cr_assert_eq(gj_extract(&finds, &text), 0);
    describe(&text, &finds, &found);
    cr_expect(gj_str_is(gj_buf_str(&found), expected), "line %d: \"%s\": found \"%s\", not \"%s\"",
              line, original, found.ptr, expected);
    gj_buf_release(&found);
    gj_extracts_release(&finds);
    gj_text_release(&text);
}

#define FINDS(original, expected) check_finds(original, expected, __LINE__)
#define NOTHING(original)         check_finds(original, "", __LINE__)

/* The first find of a text: its transforms, and its host. */
static unsigned first_find(const char *original, char host[300])
{
    struct gj_text text;
    struct gj_extracts finds;
    gj_text_init(&text);
    gj_extracts_init(&finds);
    cr_assert_eq(gj_text_fold(&text, gj_str_of(original)), 0);
    cr_assert_eq(gj_extract(&finds, &text), 0);
    cr_assert_geq(finds.count, 1, "%s", original);
    unsigned transforms = finds.items[0].transforms;
    cr_assert_lt(finds.items[0].host.len, 300);
    memcpy(host, finds.items[0].host.ptr, finds.items[0].host.len);
    host[finds.items[0].host.len] = '\0';
    gj_extracts_release(&finds);
    gj_text_release(&text);
    return transforms;
}

static unsigned transforms_of(const char *original)
{
    char host[300];
    return first_find(original, host);
}

static void check_host(const char *original, const char *expected)
{
    char host[300];
    first_find(original, host);
    cr_expect_str_eq(host, expected, "%s", original);
}

Test(text_extract, phones)
{
    FINDS("电话13800138000", "phone=13800138000");
    FINDS("138-0013-8000", "phone=138-0013-8000");
    FINDS("138 0013 8000，微信同号", "phone=138 0013 8000");
    FINDS("1 3 8 0 0 1 3 8 0 0 0", "phone=1 3 8 0 0 1 3 8 0 0 0");
    FINDS("1.3.8.0.0.1.3.8.0.0.0", "phone=1.3.8.0.0.1.3.8.0.0.0");
    FINDS("138❤0013❤8000", "phone=138❤0013❤8000");
    FINDS("13800138000 13900139000", "phone=13800138000 phone=13900139000");
    FINDS("13800138000/13900139000", "phone=13800138000 phone=13900139000");
    FINDS("13800138000\n13900139000", "phone=13800138000 phone=13900139000");
    FINDS("+86 13800138000 找我", "phone=+86 13800138000");
    FINDS("0086-138-0013-8000", "phone=0086-138-0013-8000");
    FINDS("8613800138000", "phone=8613800138000");
    FINDS("微信13800138000abc", "phone=13800138000");
    FINDS("快递 13800138000 联系", "phone=13800138000");
    FINDS("13800138000元", "phone=13800138000");
    FINDS("177 371 666 82", "phone=177 371 666 82");
}

Test(text_extract, phones_in_disguise)
{
    FINDS("一三八零零一三八零零零", "phone=一三八零零一三八零零零");
    FINDS("幺三八〇〇幺三八〇〇〇", "phone=幺三八〇〇幺三八〇〇〇");
    FINDS("壹叁捌零零壹叁捌零零零", "phone=壹叁捌零零壹叁捌零零零");
    FINDS("一 三 八 零 零 一 三 八 零 零 零", "phone=一 三 八 零 零 一 三 八 零 零 零");
    FINDS("13八00一38000", "phone=13八00一38000");
    FINDS("①③⑧⓪⓪①③⑧⓪⓪⓪", "phone=①③⑧⓪⓪①③⑧⓪⓪⓪");
    FINDS("１３８００１３８０００", "phone=１３８００１３８０００");
    FINDS("138OO138OOO", "phone=138OO138OOO");
    FINDS("l38OOl38OOO", "phone=l38OOl38OOO");
    FINDS("第一13800138000", "phone=13800138000");
    cr_assert_eq(transforms_of("13800138000"), 0);
    cr_assert_eq(transforms_of("138-0013-8000"), GJ_T_SEPARATORS);
    cr_assert_eq(transforms_of("一三八零零一三八零零零"), GJ_T_NUMERAL);
    cr_assert_eq(transforms_of("①③⑧⓪⓪①③⑧⓪⓪⓪"), GJ_T_NUMERAL | GJ_T_CONFUSABLE);
    cr_assert_eq(transforms_of("１３８００１３８０００"), GJ_T_WIDTH);
}

Test(text_extract, no_phones)
{
    NOTHING("先付100，再付200");
    FINDS("138001，38000", "id=138001 id=38000");
    NOTHING("12800138000a"); /* 12x is no mobile prefix; as an ID it is bound to a letter */
    FINDS("113800138000", "item-number=113800138000");
    NOTHING("尺寸155 160 165 170 175");
    NOTHING("尺码 35 36 37 38 39 40");
    NOTHING("1.35 160 9.5 170");
    NOTHING("139.199.122.1");
    FINDS("1380013", "id=1380013");
    NOTHING("1️⃣2️⃣3️⃣");
}

Test(text_extract, masked_phones)
{
    FINDS("138****8000", "masked-phone=138****8000");
    FINDS("138xxxx8000", "masked-phone=138xxxx8000");
    FINDS("138ＸＸＸＸ8000", "masked-phone=138ＸＸＸＸ8000");
    FINDS("138 **** 8000", "masked-phone=138 **** 8000");
    FINDS("1380013****", "masked-phone=1380013****");
    FINDS("138●●●●8000", "masked-phone=138●●●●8000");
    FINDS("138○○○○8000", "masked-phone=138○○○○8000");
    NOTHING("138**80");
    NOTHING("138****");
}

Test(text_extract, landlines_and_service_phones)
{
    FINDS("010-12345678", "landline=010-12345678");
    FINDS("0571 88888888转123", "landline=0571 88888888转123");
    FINDS("0755-8888 8888", "landline=0755-8888 8888");
    FINDS("01087654321", "landline=01087654321");
    FINDS("0668-3207433", "landline=0668-3207433");
    FINDS("400-820-8820", "service-phone=400-820-8820");
    FINDS("拨4008208820转1", "service-phone=4008208820");
    FINDS("8008208820", "service-phone=8008208820");
    NOTHING("拨打95311、12315、10086或950618");
    NOTHING("010-1234");
}

Test(text_extract, bank_cards)
{
    FINDS("卡号6228480402564890018", "bank-card=6228480402564890018");
    FINDS("6228 4804 0256 4890 018", "bank-card=6228 4804 0256 4890 018");
    FINDS("4111111111111111", "bank-card=4111111111111111");
    FINDS("5555-5555-5555-4444", "bank-card=5555-5555-5555-4444");
    FINDS("6228480402564890019", "number=6228480402564890019"); /* Luhn fails */
    FINDS("1111111111111117", "number=1111111111111117");       /* no issuer */
    FINDS("622848040256489001", "number=622848040256489001");
}

Test(text_extract, numbers)
{
    FINDS("身份证110101199001011234", "number=110101199001011234");
    FINDS("1234567890123", "number=1234567890123");
    FINDS("9⓿二肆⁹₈③⑸⒋➃㈤㊄", "number=9⓿二肆⁹₈③⑸⒋➃㈤㊄");
    NOTHING("12345678901234567890"); /* 20 digits */
    NOTHING("20260301123045");
    NOTHING("2026-03-01 12:30:45");
    NOTHING("2026.3.1 18:00-20:00");
}

Test(text_extract, item_and_order_numbers)
{
    FINDS("100012345678", "item-number=100012345678");
    FINDS("商品编号：100012345", "item-number=100012345");
    FINDS("订单号是202603011234567890", "item-number=202603011234567890");
    FINDS("订单号（12345678901）", "item-number=12345678901");
    FINDS("260301-123456789012345", "item-number=260301-123456789012345");
    FINDS("货号 8888", "item-number=8888");
    FINDS("订单100000000001，100000000002", "item-number=100000000001 item-number=100000000002");
    FINDS("订单号13800138000", "item-number=13800138000");
    FINDS("下订单 13812345678", "phone=13812345678"); /* 订单 alone names no number */
    FINDS("订单号一三八零零一三八零零零", "phone=一三八零零一三八零零零"); /* disguised */
}

Test(text_extract, waybills)
{
    FINDS("SF1234567890123", "waybill=SF1234567890123");
    FINDS("运单号YT1234567890123", "waybill=YT1234567890123");
    FINDS("JDVB01234567890-1-1-", "waybill=JDVB01234567890-1-1");
    FINDS("EA123456789CN", "waybill=EA123456789CN");
    FINDS("YT1234567890123-2-3", "waybill=YT1234567890123-2-3");
    FINDS("单号：773012345678901", "waybill=773012345678901");
    FINDS("单号773012345678901、773012345678902",
          "waybill=773012345678901 waybill=773012345678902");
    FINDS("圆通 8123456789", "waybill=8123456789");
    FINDS("SF 1234567890123", "waybill=1234567890123");
    FINDS("快递单号：13800138000", "phone=13800138000"); /* no carrier has such numbers */
}

Test(text_extract, urls)
{
    FINDS("https://www.baidu.com/a?b=1，看看", "url=https://www.baidu.com/a?b=1");
    FINDS("点击链接 https://www.baidu.com 查看答案，当然也可以是 baidu.com、www.baidu.com",
          "url=https://www.baidu.com url=baidu.com url=www.baidu.com");
    FINDS("3.cn/abc", "url=3.cn/abc");
    FINDS("看t.me/abc。", "url=t.me/abc");
    FINDS("a.b.com.cn", "url=a.b.com.cn");
    FINDS("(www.taobao.com)", "url=www.taobao.com");
    FINDS("http://192.168.1.1/x 10.0.0.1:8080", "url=http://192.168.1.1/x url=10.0.0.1:8080");
    FINDS("ｗｗｗ．ｂａｉｄｕ．ｃｏｍ", "url=ｗｗｗ．ｂａｉｄｕ．ｃｏｍ");
    FINDS("http://item.jd.com/100000763728.html", "url=http://item.jd.com/100000763728.html");
    FINDS("http://baidu.com@x.cn/a", "url=http://baidu.com@x.cn/a");
    FINDS("256.so/uxf", "url=256.so/uxf");
    check_host("HTTPS://WWW.Baidu.COM:443/", "www.baidu.com");
    check_host("去baidu.com看", "baidu.com");
    check_host("http://baidu.com@x.cn/a", "x.cn");
    check_host("http://u:p@x.cn/a", "x.cn");
    check_host("ｂａｉｄｕ．ｃｏｍ", "baidu.com");
    check_host("baidu.com.谢谢", "baidu.com");
    check_host("a.a.a.a.a.a.a.a.a.a.a.a.a.baidu.com", "a.a.baidu.com");
}

Test(text_extract, urls_in_disguise)
{
    FINDS("baidu . com", "url=baidu . com");
    FINDS("baidu。com", "url=baidu。com");
    FINDS("baidu点com", "url=baidu点com");
    FINDS("baidu dot com", "url=baidu dot com");
    FINDS("baidu[.]com", "url=baidu[.]com");
    FINDS("sm.c0m/h9s", "url=sm.c0m/h9s");
    check_host("baidu 点 com。cn", "baidu.com.cn");
    cr_assert_eq(transforms_of("baidu.com"), 0);
    cr_assert_eq(transforms_of("baidu点com"), GJ_T_SEPARATORS);
    cr_assert_eq(transforms_of("baidu . com"), GJ_T_SEPARATORS);
    cr_assert_eq(transforms_of("3sm.c0m"), GJ_T_CONFUSABLE);
}

Test(text_extract, no_urls)
{
    NOTHING("a.jpg x.pdf readme.md a.jpg/b.png");
    NOTHING("1.2.3 v1.2.3 199.00 5.0分 3.5mm 4.9.");
    NOTHING("1.2.3.4");
    NOTHING("下载app。vip客服");
    NOTHING("8点cn");
    NOTHING("100.5公斤，10.5x20.5cm");
    NOTHING(".com");
    NOTHING("http://");
}

Test(text_extract, emails)
{
    FINDS("邮箱 sensitiveword@xx.com", "email=sensitiveword@xx.com");
    FINDS("zhang.san_1@163.com。", "email=zhang.san_1@163.com");
    FINDS("ａｂｃ＠ｑｑ．ｃｏｍ", "email=ａｂｃ＠ｑｑ．ｃｏｍ");
    FINDS("12345艾特qq.com", "email=12345艾特qq.com");
    FINDS("12345(at)qq.com", "email=12345(at)qq.com");
    FINDS("12345[at]qq.com", "email=12345[at]qq.com");
    FINDS("abc at gmail.com", "email=abc at gmail.com");
    FINDS("12345#qq.com", "email=12345#qq.com");
    FINDS("abc@qq点com", "email=abc@qq点com");
    FINDS("12345@qq", "email=12345@qq");
    check_host("a@QQ.com", "qq.com");
    cr_assert_eq(transforms_of("a@qq.com"), 0);
    cr_assert_eq(transforms_of("a(at)qq.com"), GJ_T_SEPARATORS);
    NOTHING("@张三 你好");
    NOTHING("@qq.comx a@b");
    FINDS("look at baidu.com", "email=look at baidu.com");
}

Test(text_extract, money)
{
    FINDS("5元, 五块, ￥20, 20rmb", "money=5元 money=五块 money=￥20 money=20rmb");
    FINDS("1,299.00元", "money=1,299.00元");
    FINDS("1.5万元", "money=1.5万元");
    FINDS("二十块钱", "money=二十块钱");
    FINDS("¥ 99 或 99 元 或 $5", "money=¥ 99 money=99 元 money=$5");
    FINDS("一块钱", "money=一块钱");
    FINDS("五块五", "money=五块五");
    NOTHING("一块发货");
    NOTHING("三元素 一元复始");
    NOTHING("199.00");
    NOTHING("元 块 ￥");
}

Test(text_extract, percent)
{
    FINDS("6% 6％ 1.5%", "percent=6% percent=6％ percent=1.5%");
    FINDS("百分之六", "percent=百分之六");
    FINDS("百分之15", "percent=百分之15");
    FINDS("3个点，六个点", "percent=3个点 percent=六个点");
    FINDS("1.5个百分点", "percent=1.5个百分点");
    NOTHING("3个点赞 两个点评");
    NOTHING("三点 百分之 % 个点 点");
}

Test(text_extract, ids)
{
    FINDS("加abc12345", "id=abc12345");
    FINDS("wxid_abc123 或 hello_world", "id=wxid_abc123 id=hello_world");
    FINDS("QQ 123456789", "id=123456789");
    FINDS("QQ502348089", "id=502348089");
    FINDS("QQ 20502348089", "id=20502348089");            /* eleven digits that are no phone */
    FINDS("QQ 205023480891", "item-number=205023480891"); /* twelve are goods */
    FINDS("QQ 1234", "");
    FINDS("v12345678", "id=12345678");
    FINDS("这个是我的微信：9989123456", "id=9989123456");
    FINDS("你懂得：12345678", "id=12345678");
    FINDS("9 9 8 9 1 2 3 4 5 6", "id=9 9 8 9 1 2 3 4 5 6");
    FINDS("加zhangsan", "id=zhangsan");
    FINDS("ａｂｃ１２３４５", "id=ａｂｃ１２３４５");
    FINDS("a1234", "id=a1234");
    FINDS("a2345678901234567890", "id=a2345678901234567890");
}

Test(text_extract, no_ids)
{
    NOTHING("iphone15pro rtx4090 ddr4-3200 type-c");
    NOTHING("128gb 12gb256gb 50x50cm 20000mah 1080p 1920x1080 170/92a");
    NOTHING("weixin wechat WeChat taobao");
    NOTHING("hahahaha xxxxxx emmmm");
    NOTHING("abcd a123 12ab");
    NOTHING("a23456789012345678901"); /* 21 */
    NOTHING("1234");
    NOTHING("5000个 10000次 12345.67 100000/200000 10000-20000");
    NOTHING("20260301 202603");
    NOTHING("1 2 3 4 5");
    NOTHING("一二三四五六");
    NOTHING("三200三");
    NOTHING("012345");
    NOTHING("#E-s21");
}

Test(text_extract, plain_messages)
{
    NOTHING("");
    NOTHING("您好，在的呢！请问有什么可以帮您？");
    NOTHING("支持7天无理由，15天内换货");
    NOTHING("一般3-5天，48小时内发出，24期免息");
    NOTHING("尺码 170/92A，身高165-170");
    NOTHING("ok好的 thanks");
}

Test(text_extract, many_and_order)
{
    FINDS("加abc12345或13800138000，或a@b.com，3.cn，5元，6%",
          "id=abc12345 phone=13800138000 email=a@b.com url=3.cn money=5元 percent=6%");
    struct gj_buf many;
    struct gj_text text;
    struct gj_extracts finds;
    gj_buf_init(&many);
    gj_text_init(&text);
    gj_extracts_init(&finds);
    for (int i = 0; i < 100; i++) {
        gj_buf_add_cstr(&many, "13800138000，5元，abc12345，www.baidu.com，");
    }
    for (int round = 0; round < 2; round++) {
        cr_assert_eq(gj_text_fold(&text, gj_buf_str(&many)), 0);
        cr_assert_eq(gj_extract(&finds, &text), 0);
        cr_assert_eq(finds.count, 400);
        for (size_t i = 0; i < finds.count; i++) {
            static const uint8_t kinds[] = {GJ_X_PHONE, GJ_X_MONEY, GJ_X_ID, GJ_X_URL};
            cr_assert_eq(finds.items[i].kind, kinds[i % 4]);
            cr_assert(i == 0 || finds.items[i].first_unit > finds.items[i - 1].last_unit);
            cr_assert(i % 4 != 3 || gj_str_is(finds.items[i].host, "www.baidu.com"));
        }
    }
    gj_extracts_release(&finds);
    gj_text_release(&text);
    gj_buf_release(&many);
}

Test(text_extract, names)
{
    cr_assert_str_eq(gj_extract_name(GJ_X_PHONE), "@phone");
    cr_assert_str_eq(gj_extract_name(GJ_X_PERCENT), "@percent");
    cr_assert_str_eq(gj_extract_name(GJ_X_KINDS), "@unknown");
    for (int kind = 0; kind < GJ_X_KINDS; kind++) {
        cr_assert_eq(gj_extract_name((enum gj_extract_kind)kind)[0], '@');
    }
}

/* ---- properties ---- */

static uint64_t random_next(uint64_t *state) /* xorshift64 */
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void check_finds_are_sound(const struct gj_text *text, const struct gj_extracts *finds)
{
    for (size_t i = 0; i < finds->count; i++) {
        const struct gj_extract *find = &finds->items[i];
        cr_assert_lt(find->kind, GJ_X_KINDS);
        cr_assert_leq(find->first_unit, find->last_unit);
        cr_assert_lt(find->last_unit, text->unit_count);
        cr_assert(i == 0 || find->first_unit > finds->items[i - 1].last_unit, "no overlap");
        cr_assert_not_null(find->host.ptr);
        bool hosted = find->kind == GJ_X_URL || find->kind == GJ_X_EMAIL;
        cr_assert_eq(find->host.len > 0, hosted);
    }
}

/* Texts put together from the pieces that extractors look for. */
Test(text_extract, random_texts)
{
    static const char *const pieces[] = {
        "1",   "3",    "8",   "0",      "13",      "138",  "0013",   "13800138000", "86",
        "+",   "-",    " ",   ".",      "/",       "*",    "x",      "o",           "l",
        "i",   "一",   "三",  "零",     "○",       "十",   "百分之", "点",          "元",
        "块",  "¥",    "%",   "个点",   "@",       "艾特", "(at)",   " at ",        "#",
        "qq",  "com",  "cn",  "www.",   "http://", ":",    "?",      "，",          "。",
        "dot", "[",    "]",   "(",      ")",       "sf",   "jd",     "订单号",      "单号",
        "转",  "0571", "400", "6228",   "❤",       "①",    "Ａ",     "\u200B",      "微",
        "_",   "a",    "b",   "weixin", "id",      "\n",   "rmb",    "ﷺ",           "㎏",
    };
    const char *seed = getenv("GJ_SEED");
    uint64_t state = seed != NULL ? strtoull(seed, NULL, 10) | 1 : 20260301;
    struct gj_text text;
    struct gj_extracts finds;
    struct gj_buf original;
    gj_text_init(&text);
    gj_extracts_init(&finds);
    gj_buf_init(&original);
    for (int round = 0; round < 40000; round++) {
        gj_buf_reset(&original);
        for (uint64_t n = random_next(&state) % 40; n > 0; n--) {
            uint64_t pick = random_next(&state) >> 20;
            gj_buf_add_cstr(&original, pieces[pick % (sizeof pieces / sizeof *pieces)]);
        }
        /* a copy of exactly its size, so that the sanitizer sees a read beyond */
        char *exact = malloc(original.len > 0 ? original.len : 1);
        memcpy(exact, original.ptr, original.len);
        cr_assert_eq(gj_text_fold(&text, (struct gj_str){exact, original.len}), 0);
        cr_assert_eq(gj_extract(&finds, &text), 0);
        check_finds_are_sound(&text, &finds);
        free(exact);
    }
    gj_buf_release(&original);
    gj_extracts_release(&finds);
    gj_text_release(&text);
}

/* Long hostile texts take time in proportion to their length: these would not end otherwise. */
Test(text_extract, linear, .timeout = 60)
{
    static const char *const hostile[] = {"1",   "1 ",  "1.",      "a.",     "a-", "@",
                                          "a@",  "1一", "http://", "百分之", "点", "1.2.3.",
                                          "lo1", "1元", "。a",     "((",     "-"};
    struct gj_text text;
    struct gj_extracts finds;
    struct gj_buf original;
    gj_text_init(&text);
    gj_extracts_init(&finds);
    gj_buf_init(&original);
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        gj_buf_reset(&original);
        while (original.len < 1 << 17) {
            gj_buf_add_cstr(&original, hostile[i]);
        }
        cr_assert_eq(gj_text_fold(&text, gj_buf_str(&original)), 0);
        cr_assert_eq(gj_extract(&finds, &text), 0);
        check_finds_are_sound(&text, &finds);
    }
    gj_buf_release(&original);
    gj_extracts_release(&finds);
    gj_text_release(&text);
}
