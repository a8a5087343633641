/* Tests of room judge: bad and hostile input to the project's own rulebook gets one clear error or
 * a defined verdict, in bounded time. */
#include <time.h>

#include "base/utf8.h"
#include "corpus_support.h"

/* Of this process's work: other processes on the machine make no message dearer. */
static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Sanitized builds are some ten times slower. */
#define SECONDS_MAX 60.0

static const gj_verdict *judge_bytes(struct desk *desk, const char *platform, struct gj_str text)
{
    const gj_verdict *verdict = NULL;
    gj_message message = {.platform = platform, .text = text.ptr, .text_len = text.len};
    double before = seconds();
    gj_errors_clear(desk->errors);
    cr_assert_eq(gj_check(desk->checker, &message, &verdict, desk->errors), GJ_OK, "%s",
                 gj_errors_text(desk->errors));
    double took = seconds() - before;
    cr_expect(took < SECONDS_MAX, "%.1f s for %zu bytes of %.12s", took, text.len, text.ptr);
    return verdict;
}

/* A megabyte of one piece after another, on each platform. */
Test(judge_limits, a_megabyte, .timeout = 600)
{
    static const char *const pieces[] = {"好",
                                         "加微信",
                                         "微",
                                         "1",
                                         "13800138000 ",
                                         "a",
                                         "您说的“微信”",
                                         "不加微信，",
                                         "薇心",
                                         "http://a.com/ ",
                                         "傻",
                                         "\xE2\x80\x8B",
                                         "票据发票不开",
                                         ".",
                                         "6222",
                                         "加",
                                         "👍",
                                         "v"};
    struct desk desk = real_desk();
    struct gj_buf text;
    gj_buf_init(&text);
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        gj_buf_reset(&text);
        while (text.len < 1000000) {
            gj_buf_add_cstr(&text, pieces[i]);
        }
        const gj_verdict *v = judge_bytes(&desk, platforms[i % PLATFORMS], gj_buf_str(&text));
        cr_expect_leq(v->hit_count, GJ_HITS_MAX);
    }
    gj_buf_release(&text);
    desk_close(&desk);
}

/* Characters that each may stand for many, so that at each place words and patterns are tried: of
 * all blocks, of those out of use beside common ones, and of the common ones. */
Test(judge_limits, a_megabyte_of_look_alikes, .timeout = 600)
{
    static const struct {
        uint32_t first, count;
    } blocks[][2] = {{{0x3400, 0x6C00}, {0x3400, 0x6C00}},
                     {{0x3400, 0x19C0}, {0x4E00, 0x200}},
                     {{0x4E00, 0x5200}, {0x4E00, 0x5200}}};
    struct desk desk = real_desk();
    struct gj_buf text;
    uint32_t seed = 3;
    gj_buf_init(&text);
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        gj_buf_reset(&text);
        for (int n = 0; text.len < 1800000; n++) {
            char bytes[4];
            seed = seed * 1664525u + 1013904223u;
            uint32_t cp = blocks[i][n & 1].first + (seed >> 8) % blocks[i][n & 1].count;
            gj_buf_add(&text, bytes, gj_utf8_encode(cp, bytes));
        }
        const gj_verdict *v = judge_bytes(&desk, platforms[i % PLATFORMS], gj_buf_str(&text));
        cr_expect_leq(v->hit_count, GJ_HITS_MAX);
    }
    gj_buf_release(&text);
    desk_close(&desk);
}

Test(judge_limits, ten_thousand_hits, .timeout = 120)
{
    struct desk desk = real_desk();
    struct gj_buf text;
    gj_buf_init(&text);
    for (int i = 0; i < 10000; i++) { /* so far apart that each is a hit of its own */
        gj_buf_add_cstr(&text, "傻逼，今天天气不错我们一起出门走走看看风景吧。");
    }
    const gj_verdict *v = judge_bytes(&desk, "tmall", gj_buf_str(&text));
    cr_expect_eq(v->hit_count, GJ_HITS_MAX);
    cr_expect_geq(v->hit_count + v->hits_dropped, 10000);
    size_t len = 0;
    const char *json = gj_verdict_json(desk.checker, v, "tmall", &len);
    cr_expect(strstr(json, "\"hits_dropped\":") != NULL);
    gj_buf_release(&text);
    desk_close(&desk);
}

Test(judge_limits, odd_bytes)
{
    struct desk desk = real_desk();
    cr_expect_eq(judge_bytes(&desk, "jd", GJ_STR("")), judge_bytes(&desk, "jd", GJ_STR("")));
    judge_bytes(&desk, "jd", GJ_STR("\0\0\0"));
    judge_bytes(&desk, "jd", GJ_STR("\xEF\xBF\xBF\xF4\x8F\xBF\xBF\xEF\xB7\x90"));
    judge_bytes(&desk, "jd", GJ_STR("\xCC\x81\xCC\x81\xE2\x80\xAE"));
    const gj_verdict *v = judge_bytes(&desk, "tmall", GJ_STR("傻\0逼"));
    cr_expect(v->hit_count > 0, "a NUL hides nothing");
    static const char *const bad[] = {"\x80", "\xC0\x80", "\xED\xA0\x80", "\xF5\x80\x80\x80",
                                      "好\xE5"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        gj_message message = {.platform = "jd", .text = bad[i], .text_len = strlen(bad[i])};
        const gj_verdict *none = NULL;
        gj_errors_clear(desk.errors);
        cr_expect_eq(gj_check(desk.checker, &message, &none, desk.errors), GJ_EINPUT);
        cr_expect(strstr(gj_errors_text(desk.errors), "send it as UTF-8") != NULL);
    }
    desk_close(&desk);
}

static void refuses_line(struct desk *desk, struct gj_str line, const char *part)
{
    const char *json = NULL;
    size_t len = 0;
    gj_checker_json(desk->checker, (gj_json_settings){.english = true});
    cr_expect_eq(gj_check_json(desk->checker, line.ptr, line.len, 0, 4, &json, &len, NULL),
                 GJ_EINPUT);
    cr_expect(strstr(json, part) != NULL && strstr(json, "\"line\":4") != NULL, "%s", json);
}

Test(judge_limits, hostile_json)
{
    struct desk desk = real_desk();
    struct gj_buf line;
    gj_buf_init(&line);
    gj_buf_add_cstr(&line, "{\"platform\":\"pdd\",\"text\":\"x\",\"context\":");
    for (int i = 0; i < 10000; i++) {
        gj_buf_add_cstr(&line, "{\"a\":");
    }
    gj_buf_add_char(&line, '1');
    for (int i = 0; i < 10001; i++) {
        gj_buf_add_char(&line, '}');
    }
    refuses_line(&desk, gj_buf_str(&line), "deeper than 64 levels");
    gj_buf_reset(&line);
    gj_buf_add_cstr(&line, "{\"platform\":\"pdd\",\"text\":\"");
    for (int i = 0; i < 600000; i++) {
        gj_buf_add_cstr(&line, "\\u0041");
    }
    refuses_line(&desk, gj_buf_str(&line), "not closed");
    refuses_line(&desk, GJ_STR("{\"platform\":\"ebay\",\"text\":\"x\"}"),
                 "use one of: pdd, taobao");
    gj_buf_release(&line);
    desk_close(&desk);
}

/* Random bytes and random code points of the words' own alphabet. */
Test(judge_limits, random_texts, .timeout = 120)
{
    struct desk desk = real_desk();
    const char *given = getenv("GJ_SEED");
    uint32_t seed = given == NULL ? 7 : (uint32_t)strtoul(given, NULL, 10);
    static const char *const bits[] = {
        "微", "信", "加", "v",  "x",  "1", "3",   "8",  "0",  " ",  "，", "。",           "“",
        "”",  "\"", "不", "吗", "？", ".", "com", "票", "傻", "逼", "❤",  "\xE2\x80\x8B", "口",
        "力", "薇", "🐧",  "元", "@",  "%", "Ａ",  "①"};
    for (int i = 0; i < 3000; i++) {
        char text[200] = "";
        seed = seed * 1664525u + 1013904223u;
        for (uint32_t n = (seed >> 20) % 40; n > 0; n--) {
            seed = seed * 1664525u + 1013904223u;
            strcat(text, bits[(seed >> 8) % (sizeof bits / sizeof bits[0])]);
        }
        judge(&desk, platforms[(seed >> 16) % PLATFORMS], text);
        gj_checker_explain(desk.checker, (seed & 1) != 0);
    }
    desk_close(&desk);
}
