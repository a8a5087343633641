/* Fuzz target of room wire: hostile bytes as a platform's request, by a mapping that uses every
 * conversion. Whatever comes in, what is told as an event is an event's envelope, and what is not
 * is told with a sentence. The first byte chooses form or JSON; the second says where the URL's
 * query ends. */
#include <stdlib.h>

#include "base/utf8.h"
#include "book/book.h"
#include "wire/cloudevent.h"

static const char rules[] =
    "fields:\n"
    "  platform: {type: string, values: [here, there]}\n"
    "  message.sender: {type: string, values: [agent], default: agent}\n"
    "  message.kind: {type: string, values: [message], default: message}\n"
    "  message.length: {type: int}\n"
    "  shop.authorised_hosts: {type: list(string), default: []}\n"
    "  shop.packs: {type: list(string), default: []}\n"
    "---\n"
    "sources: {law: {title: {zh: 法, en: Law}}}\n"
    "---\n"
    "entities: {shop: {}, order: {id: order_id}}\n"
    "---\n"
    "events:\n"
    "  a.b:\n    about: order\n    data:\n"
    "      order_id: string\n      n?: int\n      a_fen?: int\n      b_fen?: int\n"
    "      s?: timestamp\n      m?: timestamp\n      w?: timestamp\n      t?: timestamp\n"
    "      by?: [x, y]\n      ok?: bool\n      list?: list(string)\n      any?: any\n"
    "      lines?: [{id: string, price_fen?: int}]\n"
    "    example: {order_id: O1}\n"
    "---\n"
    "envelope: here\ntitle: {zh: 此, en: here}\ncites: [{source: law}]\n"
    "shapes:\n"
    "  - {has: list, each: list, topic: t, shop: s, content: c, id: \"{i}\", time: {time: z},\n"
    "     platform: {text: p, to: {H: here, T: there}, else: here}}\n"
    "  - {topic: t | query.t, shop: s | query.s, content: c, time: {millis: z}}\n"
    "topics:\n"
    "  \"1\":\n"
    "    event: a.b\n    time: {time: z}\n    data:\n"
    "      order_id: {text: o.i | o, else: \"x{o}\"}\n      n: n\n      a_fen: {yuan: a}\n"
    "      b_fen: {fen: b}\n      s: {seconds: s}\n      m: {millis: m}\n      w: {beijing: w}\n"
    "      t: {rfc3339: t}\n      by: {text: y, to: {1: x, 2: y}}\n      ok: k\n      list: l\n"
    "      any: v\n      lines: {each: g, of: {id: i | envelope.i, price_fen: {yuan: p}}}\n"
    "  \"2\":\n"
    "    - {event: a.b, when: {y: [1, 2]}, data: {order_id: o}}\n"
    "    - {event: a.b, has: [o, a], unless: {y: 1}, data: {order_id: body.c.o}}\n";

static struct gj_book *book;
static const struct gj_envelope *envelope;
static struct gj_json_parser *parser;

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    struct gj_errors errors;
    gj_errors_init(&errors);
    book = gj_book_from_text((struct gj_str){rules, sizeof rules - 1}, &errors);
    parser = gj_json_parser_new();
    require(book != NULL && parser != NULL && gj_book_events(book, &errors) != NULL);
    envelope = gj_book_envelope(book, GJ_STR("here"));
    gj_errors_release(&errors);
    return 0;
}

static int check(void *context, const struct gj_mapped *mapped)
{
    struct gj_cloudevent raw;
    struct gj_buf why;
    (void)context;
    gj_buf_init(&why);
    require(gj_utf8_valid_prefix(mapped->why) == mapped->why.len);
    require(gj_utf8_valid_prefix(mapped->json) == mapped->json.len);
    require((mapped->kind == GJ_MAPPED_EVENT) == (mapped->why.len == 0));
    int status = gj_cloudevent_read(parser, mapped->json, 0, &raw, &why);
    /* of what is made here, the platform's id alone may be no good one */
    require(mapped->kind != GJ_MAPPED_EVENT || status == 0 || strstr(why.ptr, "'id'") != NULL);
    gj_buf_release(&why);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    struct gj_str text = {(const char *)data + 2, size - 2};
    size_t query = data[1] < text.len ? data[1] : text.len;
    struct gj_envelope_request request = {.body = {text.ptr + query, text.len - query},
                                          .query = {text.ptr, query}};
    struct gj_buf why;
    gj_buf_init(&why);
    if ((data[0] & 1) != 0) {
        request.content_type = GJ_STR("application/x-www-form-urlencoded");
    }
    int status = gj_envelope_open(envelope, &request, check, NULL, &why);
    require((status != 0) == (why.len > 0));
    require(gj_utf8_valid_prefix(gj_buf_str(&why)) == why.len);
    gj_buf_release(&why);
    return 0;
}
