/* Tests of room people: masking JSON. */
#include <criterion/criterion.h>

#include "people/mask.h"

static struct gj_mask_json *mask;

static void check(const char *json, const char *want)
{
    struct gj_buf out;
    gj_buf_init(&out);
    gj_buf_add_cstr(&out, ">");
    cr_assert_eq(gj_mask_json(mask, gj_str_of(json), &out), 0, "%s", json);
    cr_expect_str_eq(out.ptr + 1, want);
    gj_buf_release(&out);
}

static void begin(void)
{
    mask = gj_mask_json_new();
    cr_assert_not_null(mask);
}

static void end(void)
{
    gj_mask_json_free(mask);
}

TestSuite(mask_json, .init = begin, .fini = end);

Test(mask_json, values)
{
    check("{\"text\": \"打 13800138000\", \"n\": 13800138000, \"x\": [1.50, null, true]}",
          "{\"text\": \"打 138****8000\", \"n\": 13800138000, \"x\": [1.50, null, true]}");
    check("{\"text\":\"a\\n138001\\u00338000\\\"\"}", "{\"text\":\"a\\n138****8000\\\"\"}");
    check("[\"zhangsan@qq.com\", \"\\u4f60\\u597d\"]", "[\"z*******@qq.com\", \"\\u4f60\\u597d\"]");
    check("{\"content\":\"{\\\"tel\\\":\\\"13800138000\\\"}\"}",
          "{\"content\":\"{\\\"tel\\\":\\\"138****8000\\\"}\"}");
    check("\"送3栋2单元501室\"", "\"送****\"");
    check("", "");
}

Test(mask_json, keys)
{
    check("{\"phone\":\"85212345678\",\"receiver_phone\" : 13800138000,\"phone_count\":3}",
          "{\"phone\":\"852****5678\",\"receiver_phone\" : \"138****8000\",\"phone_count\":3}");
    check("{\"address\":\"浙江省杭州市翠苑\",\"address_id\":\"13800138000\"}",
          "{\"address\":\"浙江省杭州市****\",\"address_id\":\"13800138000\"}");
    check("{\"13800138000\":1,\"order_id\":\"13800138000\",\"ids\":[\"13800138000\"]}",
          "{\"13800138000\":1,\"order_id\":\"13800138000\",\"ids\":[\"13800138000\"]}");
    check("[{\"phone\":\"13800138000\"},\"翠苑\",{\"id\":\"1\"},\"13800138000\"]",
          "[{\"phone\":\"138****8000\"},\"翠苑\",{\"id\":\"1\"},\"138****8000\"]");
}

/* Rather nothing than what is not masked. */
Test(mask_json, no_json)
{
    static const char *const bad[] = {"{\"a", "\"\\", "\"\\x\"", "\"\xff\"", "[\"\\ud800\"]"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct gj_buf out;
        gj_buf_init(&out);
        gj_buf_add_cstr(&out, "kept");
        cr_expect_eq(gj_mask_json(mask, gj_str_of(bad[i]), &out), -1, "%s", bad[i]);
        cr_expect_str_eq(out.ptr, "kept");
        gj_buf_release(&out);
    }
}

Test(mask_json, plain)
{
    struct gj_buf out;
    gj_buf_init(&out);
    cr_assert_eq(gj_mask_plain(mask, gj_str_of("电话13800138000"), &out), 0);
    cr_assert_str_eq(out.ptr, "电话138****8000");
    cr_assert_eq(gj_mask_plain(mask, gj_str_of("\xff"), &out), -1);
    gj_buf_release(&out);
}
