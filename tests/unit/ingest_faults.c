/* Test of room wire: memory that runs out while a platform's request is opened. The n-th call for
 * memory fails, for each n: either all is told as it would have been, or the request has failed for
 * want of memory, and its sender will send it again; nothing is refused that is good. */
#include "book_support.h"
#include "malloc_support.h"
#include "wire/envelope.h"

#ifndef SANITIZED
static const char mapping[] =
    "entities: {shop: {}, order: {id: order_id}}\n---\n"
    "events:\n  order.told:\n    about: order\n    data:\n      order_id: string\n"
    "      fen?: int\n      lines?: [{id: string}]\n    example: {order_id: O1}\n---\n"
    "envelope: here\ntitle: {zh: 此, en: here}\ncites: [{source: law, place: x}]\n"
    "shapes: [{topic: topic, shop: query.shop, content: here.content, id: \"{id}\"}]\n"
    "topics: {told: {event: order.told, data: {order_id: oid, fen: \"n\", lines: {each: goods, of: "
    "{id: sku.id}}}}}\n";

static const char body[] =
    "content={\"oid\":1,\"n\":12,\"goods\":[{\"sku\":\"{\\\"id\\\":7}\"}]}&topic=told&id=m1";
static const char messages[] =
    "[{\"topic\":\"told\",\"id\":1,\"content\":\"{\\\"oid\\\":1}\"},{\"topic\":\"no\"},"
    "{\"topic\":\"told\",\"id\":2,\"content\":{\"n\":\"x\"}},"
    "{\"topic\":\"told\",\"id\":3,\"content\":{\"oid\":9}}]";

struct heard { /* room of its own: hearing calls for no memory */
    char all[4096];
    size_t len;
};

static int hear(void *context, const struct gj_mapped *mapped)
{
    struct heard *h = context;
    size_t room = sizeof h->all - h->len;
    h->len += (size_t)snprintf(h->all + h->len, room, "%d %.*s %.*s\n", mapped->kind,
                               (int)mapped->json.len, mapped->json.ptr, (int)mapped->why.len,
                               mapped->why.ptr);
    return 0;
}

static void try_all(const struct gj_envelope *envelope, const struct gj_envelope_request *request)
{
    struct heard whole = {.len = 0};
    struct gj_buf why;
    gj_buf_init(&why);
    cr_assert_eq(gj_envelope_open(envelope, request, hear, &whole, &why), 0, "%s", why.ptr);
    gj_buf_release(&why);
    bool failed = true;
    for (long n = 1; failed; n++) {
        struct heard h = {.len = 0};
        long before = live;
        gj_buf_init(&why);
        calls = 0;
        failing = n;
        int status = gj_envelope_open(envelope, request, hear, &h, &why);
        failing = 0;
        failed = calls >= n;
        cr_expect(status == 0 ? strcmp(h.all, whole.all) == 0 : why.failed,
                  "call %ld: status %d, '%s', told:\n%s", n, status, why.ptr, h.all);
        gj_buf_release(&why);
        cr_expect_eq(live, before, "after call %ld %ld allocations are left", n, live - before);
    }
}

Test(faults_ingest, the_nth_call_for_memory_fails)
{
    gj_errors *errors = gj_errors_new();
    struct gj_book *book = small_book(mapping);
    cr_assert(gj_book_events(book, errors) != NULL, "%s", gj_errors_text(errors));
    const struct gj_envelope *envelope = gj_book_envelope(book, GJ_STR("here"));
    struct gj_envelope_request form = {.body = GJ_STR(body),
                                       .query = GJ_STR("shop=s"),
                                       .content_type = GJ_STR("application/x-www-form-urlencoded"),
                                       .english = true};
    try_all(envelope, &form);
    struct gj_envelope_request list = {
        .body = GJ_STR(messages), .query = GJ_STR("shop=s"), .english = true};
    try_all(envelope, &list);
    gj_book_free(book);
    gj_errors_free(errors);
}
#else
Test(faults_ingest, the_nth_call_for_memory_fails)
{
    cr_skip_test("the address sanitizer allocates itself");
}
#endif
