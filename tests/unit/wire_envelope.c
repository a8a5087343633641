/* Tests of room wire: what platforms push, by a mapping of a platform that does not exist. */
#include <sodium.h>

#include "book_support.h"
#include "wire/envelope_unpack.h"

#define ENTITIES                                                                          \
    "entities:\n  shop: {}\n  buyer: {id: buyer_id}\n  order: {id: order_id}\n---\n"      \
    "events:\n"                                                                           \
    "  order.told:\n    about: order\n    data:\n      order_id: string\n"                \
    "      fen?: int\n      paid_fen?: int\n      by?: [agent, buyer]\n      ok?: bool\n" \
    "      at?: timestamp\n      names?: list(string)\n"                                  \
    "      lines?: [{id: string, price_fen?: int}]\n"                                     \
    "    example: {order_id: O1}\n"                                                       \
    "  order.seen: {about: order, data: {order_id: string}, example: {order_id: O1}}\n---\n"
#define HEAD   "envelope: here\ntitle: {zh: 此, en: here}\ncites: [{source: law, place: x}]\n"
#define SHAPES "shapes: [{topic: topic, shop: shop, content: here.content, id: \"{id}\"}]\n"
#define TOLD                                                                        \
    "topics:\n  told:\n    event: order.told\n    time: {time: when}\n    data:\n"  \
    "      order_id: order.id | oid\n      fen: n\n      paid_fen: {yuan: money}\n" \
    "      by: {text: who, to: {1: agent, 2: buyer}}\n      ok: fine\n"             \
    "      at: {beijing: wall}\n      names: names\n"                               \
    "      lines: {each: goods, of: {id: sku, price_fen: {fen: price}}}\n"

struct heard {
    struct gj_buf all; /* kinds and what they tell, each on a line */
    size_t count;
};

static int hear(void *context, const struct gj_mapped *mapped)
{
    static const char *const kinds[] = {"event", "ignored", "refused"};
    struct heard *h = context;
    h->count++;
    gj_buf_addf(&h->all, "%s %.*s %.*s %.*s\n", kinds[mapped->kind], (int)mapped->topic.len,
                mapped->topic.ptr, (int)mapped->json.len, mapped->json.ptr, (int)mapped->why.len,
                mapped->why.ptr);
    return 0;
}

static const struct gj_envelope *envelope_of(struct gj_book *book)
{
    gj_errors *errors = gj_errors_new();
    cr_assert(gj_book_events(book, errors) != NULL, "%s", gj_errors_text(errors));
    const struct gj_envelope *e = gj_book_envelope(book, GJ_STR("here"));
    cr_assert_not_null(e);
    gj_errors_free(errors);
    return e;
}

/* What `request` comes to, with the mapping `entry`, must tell every one of `wants`. */
static void says(const char *entry, struct gj_envelope_request request, const char *const *wants)
{
    struct heard h = {.count = 0};
    struct gj_buf why, text;
    gj_buf_init(&h.all);
    gj_buf_init(&why);
    gj_buf_init(&text);
    gj_buf_addf(&text, ENTITIES "%s", entry);
    struct gj_book *book = small_book(text.ptr);
    request.english = true;
    int status = gj_envelope_open(envelope_of(book), &request, hear, &h, &why);
    cr_expect((status != 0) == (why.len > 0), "%d: %s", status, why.ptr);
    gj_buf_add_str(&h.all, gj_buf_str(&why));
    cr_expect(wants[0] != NULL || h.all.len == 0, "%s", h.all.ptr);
    for (size_t i = 0; wants[i] != NULL; i++) {
        cr_expect(strstr(h.all.ptr, wants[i]) != NULL, "'%s' is not in\n%s", wants[i], h.all.ptr);
    }
    gj_buf_release(&text);
    gj_buf_release(&why);
    gj_buf_release(&h.all);
    gj_book_free(book);
}

#define BODY(text)                ((struct gj_envelope_request){.body = GJ_STR(text)})
#define SAYS(entry, request, ...) says(entry, request, (const char *const[]){__VA_ARGS__, NULL})
#define MAPS(body, ...)           SAYS(HEAD SHAPES TOLD, BODY(body), __VA_ARGS__)

Test(envelope, yuan_are_read_by_their_digits)
{
    static const struct {
        const char *yuan;
        int64_t fen;
    } good[] = {{"0", 0},
                {"1", 100},
                {"59.9", 5990},
                {"59.90", 5990},
                {"0.07", 7},
                {".5", 50},
                {"5.", 500},
                {"-3.21", -321},
                {"57.900000000000006", 5790},
                {"0.28999999999999998", 29},
                {"1.9999999999", 200},
                {"99.999999", 10000},
                {"1.23456789E7", 1234567890},
                {"1e2", 10000},
                {"1E+2", 10000},
                {"5e-2", 5},
                {"0e9", 0},
                {"000123.40", 12340},
                {"0.000000001", 0},
                {"999999999999999.99", 99999999999999999}};
    static const char *const bad[] = {"",
                                      "99.99999",
                                      ".",
                                      "-",
                                      "9.505",
                                      "0.001",
                                      "1,000",
                                      " 1",
                                      "1 ",
                                      "1.2.3",
                                      "1e",
                                      "1e99",
                                      "0x10",
                                      "NaN",
                                      "1e-3",
                                      "12元",
                                      "5e-10000",
                                      "+1",
                                      "9999999999999999.99",
                                      "99999999999999999999999999"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t fen = -1;
        cr_expect(gj_fen_of_yuan(gj_str_of(good[i].yuan), &fen) == 0, "%s", good[i].yuan);
        cr_expect_eq(fen, good[i].fen, "%s: %lld", good[i].yuan, (long long)fen);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t fen = 0;
        cr_expect(gj_fen_of_yuan(gj_str_of(bad[i]), &fen) != 0, "%s", bad[i]);
    }
}

Test(envelope, every_cent_survives_a_binary_fraction)
{
    char text[64];
    for (int64_t fen = 0; fen < 200000; fen += 7) {
        int64_t got = -1;
        snprintf(text, sizeof text, "%.17g", (double)fen / 100);
        cr_assert(gj_fen_of_yuan(gj_str_of(text), &got) == 0 && got == fen, "%s", text);
    }
}

Test(envelope, converts_each_type)
{
    MAPS("{\"topic\":\"told\",\"shop\":7,\"id\":\"m1\",\"content\":{\"order\":{\"id\":"
         "4835804142146757001},\"n\":\"12\",\"money\":29.9,\"who\":2,\"fine\":1,\"wall\":"
         "\"2026-03-01 10:00:00\",\"names\":[\"a\",5],\"goods\":[{\"sku\":1,\"price\":\"5\"}],"
         "\"when\":1772330400}}",
         "event told {\"specversion\":\"1.0\",\"id\":\"m1\",\"source\":\"/here/7\",\"type\":"
         "\"order.told\",\"time\":\"2026-03-01T02:00:00Z\",\"data\":{\"order_id\":"
         "\"4835804142146757001\",\"fen\":12,\"paid_fen\":2990,\"by\":\"buyer\",\"ok\":true,"
         "\"at\":\"2026-03-01T02:00:00Z\",\"names\":[\"a\",\"5\"],\"lines\":[{\"id\":\"1\","
         "\"price_fen\":5}]}}");
}

Test(envelope, enters_json_in_texts)
{
    MAPS("{\"topic\":\"told\",\"shop\":\"s\",\"content\":\"{\\\"order\\\":\\\"{\\\\\\\"id\\\\\\\":"
         "9}\\\",\\\"goods\\\":\\\"[{\\\\\\\"sku\\\\\\\":3}]\\\"}\"}",
         "\"order_id\":\"9\"", "\"lines\":[{\"id\":\"3\"}]");
    MAPS("{\"topic\":\"told\",\"shop\":\"s\",\"content\":{\"oid\":1,\"goods\":{\"sku\":4}}}",
         "\"lines\":[{\"id\":\"4\"}]");
    MAPS("{\"topic\":\"told\",\"shop\":\"s\",\"content\":\"{broken\"}", "refused told",
         "'here.content' is missing or is not JSON");
}

Test(envelope, null_and_nothing_are_missing)
{
    MAPS("{\"topic\":\"told\",\"shop\":\"s\",\"content\":{\"order\":{\"id\":null},\"oid\":\"\"}}",
         "refused told", "'order.id | oid' is missing, of which 'order_id' is made");
    MAPS("{\"topic\":\"told\",\"shop\":\"s\",\"content\":{\"order\":null,\"oid\":5,\"money\":\"\","
         "\"who\":null}}",
         "\"data\":{\"order_id\":\"5\"}}");
    MAPS("{\"topic\":\"told\",\"shop\":\"\",\"content\":{\"oid\":5}}", "'shop' is missing");
    MAPS("{\"topic\":\"told\",\"shop\":\"a/b\",\"content\":{\"oid\":5}}", "holds a slash");
    MAPS("{\"shop\":\"s\",\"content\":{\"oid\":5}}", "'topic' is missing");
}

Test(envelope, the_time_zero_is_none_as_a_number_and_as_a_text)
{
    static const char *const zeros[] = {"0", "\"0\""};
    for (size_t i = 0; i < sizeof zeros / sizeof zeros[0]; i++) {
        struct gj_buf body;
        gj_buf_init(&body);
        gj_buf_addf(&body,
                    "{\"topic\":\"told\",\"shop\":\"s\",\"content\":{\"oid\":5,\"when\":%s,"
                    "\"wall\":%s}}",
                    zeros[i], zeros[i]);
        struct gj_envelope_request request = {.body = gj_buf_str(&body), .received_at = 7000000};
        SAYS(HEAD SHAPES TOLD, request, "\"time\":\"1970-01-01T00:00:07Z\"",
             "\"data\":{\"order_id\":\"5\"}");
        gj_buf_release(&body);
    }
}

Test(envelope, refusals_name_the_path)
{
    MAPS("{\"topic\":\"told\",\"shop\":\"s\",\"content\":{\"oid\":5,\"money\":\"9.505\"}}",
         "'money' is \"9.505\"; an amount in yuan");
    MAPS("{\"topic\":\"told\",\"shop\":\"s\",\"content\":{\"oid\":5,\"who\":3}}",
         "'who' is \"3\"; the mapping knows 1, 2");
    MAPS("{\"topic\":\"told\",\"shop\":\"s\",\"content\":{\"oid\":5,\"n\":1.5}}",
         "'n' is \"1.5\"; a whole number");
    MAPS("{\"topic\":\"told\",\"shop\":\"s\",\"content\":{\"oid\":[5]}}", "a single value");
    MAPS("{\"topic\":\"told\",\"shop\":\"s\",\"content\":{\"oid\":5,\"fine\":\"yes\"}}",
         "true, false, 1 or 0");
    MAPS("{\"topic\":\"told\",\"shop\":\"s\",\"content\":{\"oid\":5,\"wall\":\"2026-13-01 "
         "10:00:00\"}}",
         "'wall' is \"2026-13-01 10:00:00\"; Beijing time");
    MAPS("{\"topic\":\"told\",\"shop\":\"s\",\"content\":{\"oid\":5,\"wall\":\"2026-03-01 "
         "10:00:00\\u0000\"}}",
         "Beijing time");
    MAPS("{\"topic\":\"told\",\"shop\":\"s\",\"content\":{\"oid\":5,\"when\":\"soon\"}}",
         "'when' is \"soon\"; a time is expected");
}

Test(envelope, unknown_topics_are_told)
{
    MAPS("{\"topic\":\"new\",\"shop\":\"s\",\"content\":{\"x\":1.50}}",
         "ignored new {\"topic\":\"new\",\"shop\":\"s\",\"content\":{\"x\":1.50}} the mapping has "
         "no topic 'new'");
    SAYS(HEAD SHAPES TOLD "ignored: [old]\n", BODY("{\"topic\":\"old\",\"shop\":\"s\"}"),
         "ignored old", "of no concern");
}

Test(envelope, several_messages)
{
    MAPS("[{\"topic\":\"told\",\"shop\":\"s\",\"id\":1,\"content\":\"{\\\"oid\\\":1}\"},"
         "{\"topic\":\"x\"},{\"topic\":\"told\",\"shop\":\"s\",\"id\":3,\"content\":"
         "\"{\\\"oid\\\":3}\"}]",
         "\"id\":\"1\"", "ignored x", "\"id\":\"3\",\"source\":\"/here/s\"", "\"order_id\":\"3\"");
    SAYS(HEAD "shapes: [{has: list, each: list, topic: topic, shop: body.shop}]\n" TOLD,
         BODY("{\"shop\":\"s\",\"list\":\"[{\\\"topic\\\":\\\"told\\\",\\\"order\\\":\\\"{"
              "\\\\\\\"id\\\\\\\":1}\\\"},{\\\"topic\\\":\\\"told\\\",\\\"oid\\\":2}]\"}"),
         "\"order_id\":\"1\"", "\"order_id\":\"2\"");
}

Test(envelope, every_rule_that_holds)
{
    SAYS(HEAD SHAPES
         "topics:\n  t:\n    needs: {zh: 缺, en: lacking}\n    rules:\n"
         "      - {event: order.told, when: {a: [1, 2]}, unless: {b: x}, data: {order_id: oid}}\n"
         "      - {event: order.seen, has: [oid, c], data: {order_id: oid}}\n",
         BODY("[{\"topic\":\"t\",\"shop\":\"s\",\"id\":1,\"content\":{\"oid\":1,\"a\":2,\"c\":0}},"
              "{\"topic\":\"t\",\"shop\":\"s\",\"id\":2,\"content\":{\"oid\":2,\"a\":2,\"b\":\"x\"}"
              "}]"),
         "\"id\":\"1:order.told\"", "\"id\":\"1:order.seen\"", "ignored t", "lacking");
}

Test(envelope, events_of_one_type_from_one_message_have_ids_of_their_own)
{
    const char *topics =
        HEAD SHAPES "topics:\n  t:\n    - {event: order.told, has: a, data: {order_id: a}}\n"
                    "    - {event: order.told, has: b, data: {order_id: b}}\n";
    SAYS(topics, BODY("{\"topic\":\"t\",\"shop\":\"s\",\"id\":1,\"content\":{\"a\":8,\"b\":9}}"),
         "\"id\":\"1:order.told\"", "\"id\":\"1:order.told:2\"");
    SAYS(topics, BODY("{\"topic\":\"t\",\"shop\":\"s\",\"id\":1,\"content\":{\"b\":9}}"),
         "\"id\":\"1:order.told\"");
}

/* Places in lists count from 0; what is no place of the list is nothing. */
Test(envelope, a_path_goes_through_places_of_a_list)
{
#define LIST                                                          \
    "{\"topic\":\"t\",\"shop\":\"s\",\"id\":7,\"content\":{\"all\":[" \
    "{\"oid\":\"A\"},{\"oid\":\"B\"},{\"oid\":\"C\"},4,5,6,7,8,9,10,{\"oid\":\"K\"}]}}"
#define AT(path) HEAD SHAPES "topics:\n  t: {event: order.told, data: {order_id: " path "}}\n"
    SAYS(AT("all.0.oid"), BODY(LIST), "\"order_id\":\"A\"");
    SAYS(AT("all.2.oid"), BODY(LIST), "\"order_id\":\"C\"");
    SAYS(AT("all.10.oid"), BODY(LIST), "\"order_id\":\"K\"");
    SAYS(AT("all.10"), BODY(LIST), "refused");
    SAYS(AT("all.11.oid"), BODY(LIST), "refused");
    SAYS(AT("all.99999999999999999999999.oid"), BODY(LIST), "refused");
    SAYS(AT("all.1x.oid | all.1.oid"), BODY(LIST), "\"order_id\":\"B\"");
    SAYS(AT("all.oid | all.1.oid"), BODY(LIST), "\"order_id\":\"B\"");
}

Test(envelope, forms_and_queries)
{
    struct gj_envelope_request form = {
        .body = GJ_STR("topic=told&content=%7B%22oid%22%3A%225+%E5%BE%AE%22%7D&topic=other&=x&z"),
        .content_type = GJ_STR("application/x-www-form-urlencoded; charset=utf-8"),
        .query = GJ_STR("shop=a%2")};
    SAYS(HEAD "shapes: [{topic: topic, shop: query.shop, content: here.content}]\n" TOLD, form,
         "\"source\":\"/here/a%2\"", "\"order_id\":\"5 微\"");
    form.content_type = GJ_STR("Application/X-WWW-Form-Urlencoded");
    form.body = GJ_STR("&&topic=told&&content=%7B%22oid%22%3A%225%22%7D&&");
    form.query = GJ_STR("&shop=a&");
    SAYS(HEAD "shapes: [{topic: topic, shop: query.shop, content: here.content}]\n" TOLD, form,
         "\"source\":\"/here/a\"", "\"order_id\":\"5\"");
    form.query = GJ_STR("shop=a%2");
    form.body = GJ_STR("a=%ff");
    SAYS(HEAD SHAPES TOLD, form, "the body cannot be read: it is not UTF-8");
    form.query = GJ_STR("%ff");
    SAYS(HEAD SHAPES TOLD, form, "the query cannot be read: it is not UTF-8");
    form.query = GJ_STR("");
    struct gj_buf many; /* the same name, which takes no room among those known */
    gj_buf_init(&many);
    for (int i = 0; i < 257; i++) {
        gj_buf_add_cstr(&many, "a=1&");
    }
    form.body = gj_buf_str(&many);
    SAYS(HEAD SHAPES TOLD, form, "it has more than 256 fields; send fewer");
    gj_buf_release(&many);
}

Test(envelope, a_list_that_cannot_be_read_is_told)
{
    const char *entry =
        HEAD "shapes: [{has: all, each: all.list, topic: topic, shop: shop}]\n" TOLD;
    SAYS(entry, BODY("{\"all\":{\"list\":\"[{]\"}}"), "refused",
         "'all.list' is missing or is not JSON");
    SAYS(entry, BODY("{\"all\":{\"list\":\"[]\"}}"), NULL);
    SAYS(entry, BODY("{\"all\":{\"list\":null}}"), NULL); /* no messages are no fault */
}

Test(envelope, more_json_in_texts_than_is_entered_is_told)
{
    struct gj_buf body;
    gj_buf_init(&body);
    gj_buf_add_cstr(&body, "{\"topic\":\"told\",\"shop\":\"s\",\"content\":{\"oid\":1,\"goods\":[");
    for (int i = 0; i < 300; i++) {
        gj_buf_addf(&body, "%s{\"sku\":\"a\",\"price\":\"[%d]\"}", i > 0 ? "," : "", i);
    }
    gj_buf_add_cstr(&body, "]}}");
    struct gj_envelope_request request = {.body = gj_buf_str(&body)};
    SAYS(HEAD SHAPES
         "topics: {told: {event: order.told, data: {order_id: oid, lines: {each: goods, "
         "of: {id: sku, price_fen: {fen: price.0}}}}}}\n",
         request, "refused told", "it holds JSON in more than 256 texts");
    gj_buf_release(&body);
}

Test(envelope, without_an_id_the_content_names_the_event)
{
    const char *entry = HEAD "shapes: [{topic: topic, shop: shop, content: here.content}]\n" TOLD;
    struct gj_envelope_request request =
        BODY("{\"topic\":\"told\",\"shop\":\"s\",\"content\":{\"oid\":5}}");
    char first[200] = "";
    for (int i = 0; i < 2; i++) { /* received at another time, the same event */
        struct heard h = {.count = 0};
        struct gj_buf why, text;
        gj_buf_init(&h.all);
        gj_buf_init(&why);
        gj_buf_init(&text);
        gj_buf_addf(&text, ENTITIES "%s", entry);
        struct gj_book *book = small_book(text.ptr);
        request.received_at = (int64_t)i * 1000000;
        cr_expect_eq(gj_envelope_open(envelope_of(book), &request, hear, &h, &why), 0);
        const char *id = strstr(h.all.ptr, "\"id\":\"");
        cr_assert_not_null(id);
        cr_expect(i == 0 || strncmp(first, id, 38) == 0, "%s\n%s", first, id);
        snprintf(first, sizeof first, "%.38s", id);
        gj_buf_release(&text);
        gj_buf_release(&why);
        gj_buf_release(&h.all);
        gj_book_free(book);
    }
}

#define SIGNED                                                                                     \
    HEAD SHAPES TOLD "signature: [{scheme: md5, in: header.sign, over: "                           \
                     "\"{request.app_key}{request.body}{request.secret}\"}, {scheme: hmac-sha256," \
                     " in: query.sig, over: \"{request.body}\"}]\n"

Test(envelope, signatures)
{
    struct gj_pair header = {GJ_STR("SIGN"), GJ_STR("13B62E9E17B3A1DB6A4F0C4F6E9C3C1B")};
    struct gj_envelope_request r = {.body = GJ_STR("[]"),
                                    .headers = &header,
                                    .header_count = 1,
                                    .app_key = GJ_STR("k"),
                                    .secret = GJ_STR("s")};
    SAYS(SIGNED, r, "the signature does not match");
    header.value = GJ_STR("CCDDAC4A4A62A8DF18A4A2C0E4E7B1F5 ");
    SAYS(SIGNED, r, "the signature does not match");
    r.header_count = 0;
    SAYS(SIGNED, r, "the signature is missing; it is expected in the header 'sign'");
    r.query = GJ_STR("sig=");
    SAYS(SIGNED, r, "the signature is missing");
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    char query[128] = "sig=";
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)"s", 1);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)"[]", 2);
    crypto_auth_hmacsha256_final(&state, mac);
    sodium_bin2hex(query + 4, sizeof query - 4, mac, sizeof mac);
    r.query = gj_str_of(query);
    SAYS(SIGNED, r, NULL); /* nothing to tell, and nothing wrong */
    r.secret = GJ_STR("");
    SAYS(SIGNED, r, "cannot be checked without the application's secret");
    r.trusted = true;
    SAYS(SIGNED, r, NULL);
}

Test(envelope, digests)
{
    const struct gj_str none = GJ_STR(""), abc = GJ_STR("abc");
    cr_expect(
        gj_digest_matches(GJ_DIGEST_MD5, none, abc, GJ_STR("900150983CD24FB0d6963f7d28e17f72")));
    cr_expect(gj_digest_matches(GJ_DIGEST_MD5, none, abc, GJ_STR("kAFQmDzST7DWlj99KOF/cg==")));
    cr_expect(gj_digest_matches(GJ_DIGEST_SHA1, none, abc,
                                GJ_STR("a9993e364706816aba3e25717850c26c9cd0d89d")));
    cr_expect(gj_digest_matches(
        GJ_DIGEST_SHA256, none, abc,
        GJ_STR("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")));
    cr_expect(!gj_digest_matches(GJ_DIGEST_MD5, none, abc, none));
    cr_expect(
        !gj_digest_matches(GJ_DIGEST_MD5, none, abc, GJ_STR("900150983CD24FB0d6963f7d28e17f7z")));
    cr_expect(
        !gj_digest_matches(GJ_DIGEST_MD5, none, abc, GJ_STR("900150983CD24FB0d6963f7d28e17f73")));
}

Test(envelope, what_is_no_json)
{
    MAPS("", "the body cannot be read: it is empty");
    MAPS("{", "the body cannot be read");
    MAPS("17", "refused", "'topic' is missing");
    SAYS(HEAD "encryption: aes-cbc\n" SHAPES TOLD, BODY("{}"), "configure the message key");
    struct gj_envelope_request r = {.body = GJ_STR("AAAA"), .secret = GJ_STR("short")};
    SAYS(HEAD "encryption: aes-cbc\n" SHAPES TOLD, r, "no AES key in base64");
    r.secret = GJ_STR("AAAAAAAAAAAAAAAAAAAAAA==");
    SAYS(HEAD "encryption: aes-cbc\n" SHAPES TOLD, r, "not encrypted as this platform does it");
}

Test(envelope, numbers_keep_their_digits)
{
    struct gj_json_parser *parser = gj_json_parser_new();
    struct gj_buf out;
    const char *why = NULL;
    struct gj_str text =
        GJ_STR("{\"a -1.5 \\\" 2\":[1,-2.50,3e5,\"4.0\",{\"5\":6.1E-7}],\"b\":true}");
    const struct gj_json *root = gj_json_parse(parser, text, 0, &why);
    gj_buf_init(&out);
    gj_json_add_value(&out, parser, root);
    cr_expect(gj_str_eq(gj_buf_str(&out), text), "%s", out.ptr);
    gj_buf_release(&out);
    gj_json_parser_free(parser);
}
