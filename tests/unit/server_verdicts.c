/* Tests of room server: verdicts that are remembered are those that would be judged: for lines of
 * every kind, for lines changed at random, and when rules begin. */
#include <stdio.h>

#include "book_support.h"
#include "server/verdicts.h"

#define NOW   INT64_C(1700000000) /* 2023-11-14 */
#define LATER INT64_C(1706716800) /* 2024-02-01 in China, 00:00:00 */
#define STARTING                                                                               \
    SECRET_RULE RULE("here.later") "from: 2024-02-01\nsuggest: review\napplies: true\n"        \
                                   "when: hit(\"secret\") || message.length > 20\n"            \
                                   "---\nrule: here.facts\ntitle: {zh: 名, en: name}\n"       \
                                   "category: message\ncites: [{source: law, place: art 1}]\n" \
                                   "severity: minor\nsuggest: review\napplies: true\n"         \
                                   "when: hit(\"secret\") && shop.open\n"

struct pair { /* of one rulebook, one that remembers and one that does not */
    struct desk desk;
    struct gj_verdicts *with, *without;
    struct gj_buf one, other;
    int64_t now;
    const char *tenant;
    bool english, remembered;
};

static struct pair pair_of(struct desk desk)
{
    struct pair p = {.desk = desk, .now = NOW, .tenant = "default"};
    p.with = gj_verdicts_new(desk.book, 1 << 20);
    p.without = gj_verdicts_new(desk.book, 0);
    cr_assert(p.with != NULL && p.without != NULL);
    gj_buf_init(&p.one);
    gj_buf_init(&p.other);
    return p;
}

static void pair_end(struct pair *p)
{
    gj_verdicts_free(p->with);
    gj_verdicts_free(p->without);
    gj_buf_release(&p->one);
    gj_buf_release(&p->other);
    desk_close(&p->desk);
}

/* Both answer the line with the same bytes; returns these. */
static const char *same(struct pair *p, struct gj_str line)
{
    struct gj_judged a = {0}, b = {0};
    gj_buf_reset(&p->one);
    gj_buf_reset(&p->other);
    gj_verdicts_begin(p->with, gj_str_of(p->tenant), p->english, p->now);
    gj_verdicts_begin(p->without, gj_str_of(p->tenant), p->english, p->now);
    int with = gj_verdict_of(p->with, line, 0, 3, &p->one, &a);
    int without = gj_verdict_of(p->without, line, 0, 3, &p->other, &b);
    cr_assert_eq(with, without, "%.*s", (int)line.len, line.ptr);
    cr_assert(gj_str_eq(gj_buf_str(&p->one), gj_buf_str(&p->other)), "%.*s\n%s\n%s", (int)line.len,
              line.ptr, p->one.ptr, p->other.ptr);
    cr_assert_eq(a.suggestion, b.suggestion);
    cr_assert_not(b.remembered);
    p->remembered = a.remembered;
    return p->one.ptr;
}

static bool again(struct pair *p, const char *line)
{
    same(p, gj_str_of(line));
    return p->remembered;
}

#define LINE(id)     "{\"id\":" id ",\"platform\":\"here\",\"text\":\"对暗号\"}"
#define LINE_2(id)   "{\"platform\":\"here\", \"text\":\"对暗号\", \"id\" : " id " }"
#define NO_ID_LINE   "{\"platform\":\"here\",\"text\":\"对暗号\"}"
#define INNER(value) "{\"platform\":\"here\",\"text\":\"对暗号\",\"context\":{\"id\":" value "}}"

Test(verdicts, a_message_is_remembered_whatever_its_id)
{
    struct pair p = pair_of(small_desk(STARTING));
    cr_expect_not(again(&p, LINE("\"a\"")));
    cr_expect(again(&p, LINE("\"a\"")));
    cr_expect(again(&p, LINE("\"另一个\"")));
    cr_expect(again(&p, LINE("12")));
    cr_expect(again(&p, LINE("0")));
    cr_expect(again(&p, LINE("\"\"")));
    cr_expect_not(again(&p, LINE_2("1")), "other bytes are another message");
    cr_expect(again(&p, LINE_2("\"x\"")));
    cr_expect_not(again(&p, NO_ID_LINE));
    cr_expect(again(&p, NO_ID_LINE));
    cr_expect_not(again(&p, INNER("1")), "this is no id of the message");
    cr_expect_not(again(&p, INNER("2")));
    cr_expect_not(again(&p, "[" LINE("1") "]"));
    pair_end(&p);
}

/* Ids that are not answered as they are written, or are none. */
Test(verdicts, ids_that_are_not_plain)
{
    static const char *const lines[] = {
        LINE("\"a\\\"b\""),
        LINE("\"\\u0061\""),
        LINE("-0"),
        LINE("-7"),
        LINE("007"),
        LINE("1.0"),
        LINE("1e3"),
        LINE("null"),
        LINE("true"),
        LINE("{}"),
        LINE("[1]"),
        LINE(""),
        LINE("\"a"),
        LINE("\"\x7f\""),
        LINE("\"\t\""),
        LINE("9223372036854775807"),
        LINE("9223372036854775808"),
        LINE("1,\"id\":2"),
        LINE("1 2"),
        LINE("1}"),
        LINE("\"a\" \"b\""),
        "{\"\\u0069d\":7,\"platform\":\"here\",\"text\":\"对暗号\"}",
        "{\"text\":\"\\\"id\\\":5\",\"platform\":\"here\"}",
        "{\"text\":\"id\",\"platform\":\"here\"}",
        "{",
        "",
        "\"id\":1",
        "{\"id\":1}",
        "{\"id\"",
        "{\"id\":",
        "{\"id\":1,\"platform\":\"here\"",
    };
    struct pair p = pair_of(small_desk(STARTING));
    for (int round = 0; round < 2; round++) {
        same(&p, GJ_STR(LINE("1")));
        for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
            same(&p, gj_str_of(lines[i]));
        }
    }
    char wide[600];
    for (int len = 240; len < 270; len++) {
        snprintf(wide, sizeof wide, "{\"id\":\"%0*d\",\"platform\":\"here\",\"text\":\"暗号\"}",
                 len, len);
        same(&p, gj_str_of(wide));
    }
    pair_end(&p);
}

Test(verdicts, language_and_tenant_are_kept_apart)
{
    struct pair p = pair_of(small_desk(STARTING));
    cr_expect_not(again(&p, NO_ID_LINE));
    p.english = true;
    cr_expect_not(again(&p, NO_ID_LINE));
    cr_expect(strstr(p.one.ptr, "\"title\":\"name\"") != NULL, "%s", p.one.ptr);
    p.tenant = "other";
    cr_expect_not(again(&p, NO_ID_LINE), "nobody can tell by the time what others have asked");
    cr_expect(again(&p, NO_ID_LINE));
    p.tenant = "default";
    cr_expect(again(&p, NO_ID_LINE));
    pair_end(&p);
}

Test(verdicts, a_rule_begins_at_midnight_for_what_is_remembered_too)
{
    struct pair p = pair_of(small_desk(STARTING));
    p.now = LATER - 1;
    again(&p, NO_ID_LINE);
    cr_expect(again(&p, NO_ID_LINE));
    cr_expect(strstr(p.one.ptr, "here.later") == NULL, "%s", p.one.ptr);
    p.now = LATER;
    cr_expect_not(again(&p, NO_ID_LINE));
    cr_expect(strstr(p.one.ptr, "here.later") != NULL, "%s", p.one.ptr);
    p.now = LATER + 86400;
    cr_expect(again(&p, NO_ID_LINE));
    p.now = LATER - 1; /* the clock is set back */
    cr_expect_not(again(&p, NO_ID_LINE));
    cr_expect(strstr(p.one.ptr, "here.later") == NULL, "%s", p.one.ptr);
    same(
        &p,
        GJ_STR("{\"platform\":\"here\",\"text\":\"暗号\",\"time\":\"2024-02-01T00:00:00+08:00\"}"));
    cr_expect(strstr(p.one.ptr, "here.later") != NULL, "its own time counts: %s", p.one.ptr);
    pair_end(&p);
}

Test(verdicts, steady_times_of_a_rulebook)
{
    struct desk desk = small_desk(STARTING);
    int64_t from = 0, until = 0;
    gj_rulebook_steady(desk.book, NOW, &from, &until);
    cr_expect(from == INT64_MIN && until == LATER, "%lld %lld", (long long)from, (long long)until);
    gj_rulebook_steady(desk.book, LATER, &from, &until);
    cr_expect(from == LATER && until == INT64_MAX, "%lld %lld", (long long)from, (long long)until);
    desk_close(&desk);
}

/* Lines that differ from good ones in a few places, of which many come again. */
Test(verdicts, lines_changed_at_random)
{
    static const char *const lines[] = {
        LINE("\"a\""),
        LINE("41"),
        LINE_2("\"b\""),
        LINE_2("5"),
        NO_ID_LINE,
        INNER("1"),
        "{\"id\":\"x\",\"id2\":1,\"platform\":\"there\",\"text\":\"您说的暗号\",\"kind\":"
        "\"title\"}",
        "{\"context\":{\"shop.open\":true,\"id\":[{\"id\":1}]},\"id\":3,\"platform\":\"here\","
        "\"text\":\"口令表 \\\"id\\\":4\"}"};
    static const char parts[] = "\"\"\"\\{}[]:,id01 9ax-.e";
    struct pair p = pair_of(small_desk(STARTING));
    uint32_t random = 1;
    size_t remembered = 0, judged = 0;
    for (int i = 0; i < 60000; i++) {
        char line[256] = {0};
        random = random * 1664525 + 1013904223;
        const char *from = lines[(random >> 10) % (sizeof lines / sizeof lines[0])];
        size_t len = strlen(from);
        memcpy(line, from, len);
        for (uint32_t changes = (random >> 20) % 3; changes > 0; changes--) {
            random = random * 1664525 + 1013904223;
            size_t at = (random >> 8) % len;
            if ((line[at] & 0x80) == 0) { /* it stays UTF-8 */
                line[at] = parts[(random >> 20) % (sizeof parts - 1)];
            }
        }
        same(&p, (struct gj_str){line, len});
        remembered += p.remembered;
        judged += !p.remembered;
    }
    cr_expect(remembered > 10000 && judged > 10000, "%zu, %zu", remembered, judged);
    pair_end(&p);
}
