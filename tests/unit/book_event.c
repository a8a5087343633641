/* Tests of room book: events and kinds of entities, those of the project and those that are
 * refused, each with its place and remedy. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "book_support.h"

#define ENTITIES                                                                         \
    "entities:\n  shop: {}\n  buyer: {id: buyer_id}\n"                                   \
    "  order: {id: order_id, family: order}\n  invoice: {id: order_id, family: order}\n" \
    "  finding: {id: finding_id}\n---\n"
#define EVENTS(text) ENTITIES "events:\n" text
#define PAID                                                                        \
    "  order.paid:\n    about: order\n    data: {order_id: string, fen: int 0..}\n" \
    "    example: {order_id: O1, fen: 5}\n"

static const struct gj_events *events_of(struct gj_book *book)
{
    gj_errors *errors = gj_errors_new();
    const struct gj_events *events = gj_book_events(book, errors);
    cr_assert(events != NULL, "%s", gj_errors_text(errors));
    gj_errors_free(errors);
    return events;
}

static const struct gj_event_type *type_of(const struct gj_events *events, const char *name)
{
    uint32_t type = gj_map_get(&events->type_ids, gj_str_of(name));
    cr_assert_neq(type, GJ_MAP_NONE, "%s", name);
    return &events->types[type];
}

/* "order/order_id buyer/buyer_id", the one it is about first */
static void names(const struct gj_events *events, const char *type_name, const char *wanted)
{
    const struct gj_event_type *type = type_of(events, type_name);
    char got[400] = "";
    for (size_t i = 0; i < type->ref_count; i++) {
        const struct gj_event_ref *ref = &type->refs[i];
        size_t used = strlen(got);
        struct gj_str field =
            ref->field == GJ_NO_INDEX ? GJ_STR("-") : type->fields[ref->field].name;
        snprintf(got + used, sizeof got - used, "%s%s/%.*s", i > 0 ? " " : "",
                 events->kinds[ref->kind].name.ptr, (int)field.len, field.ptr);
    }
    cr_expect_str_eq(got, wanted, "%s", type_name);
    cr_expect_eq(type->refs[0].kind, type->about);
}

Test(book_event, a_book_without_events)
{
    struct gj_book *book = small_book(SECRET_RULE);
    const struct gj_events *events = events_of(book);
    cr_expect(events->type_count == 0 && events->kind_count == 0);
    cr_expect_eq(events->shop_kind, GJ_NO_INDEX);
    gj_book_free(book);
}

Test(book_event, fields_as_declared)
{
    struct gj_book *book = small_book(
        EVENTS("  order.tried:\n    about: order\n    judged: true\n    one_of: [a, t]\n    data:\n"
               "      order_id: string\n      text: string\n      a?: int 1..3\n      b?: int\n"
               "      t?: timestamp\n      c?: [x, y]\n      l?: list(string)\n      any?: any\n"
               "      o?: {k: bool}\n      lines?: [{n: int 0..}]\n      m?: {\"*\": {n: int}}\n"
               "    example: {order_id: O1, text: hi}\n"));
    const struct gj_event_type *type = type_of(events_of(book), "order.tried");
    const struct gj_event_field *f = type->fields;
    cr_assert_eq(type->field_count, 11);
    cr_expect(type->judged && type->one_of_count == 2 && type->one_of[1] == 4);
    cr_expect(!f[0].optional && f[2].optional && gj_str_is(f[2].name, "a"));
    cr_expect(f[2].least == 1 && f[2].most == 3 && f[3].least == INT64_MIN);
    cr_expect(f[4].type == &gj_type_timestamp && f[6].type == &gj_type_list_of_string);
    cr_expect(f[5].choice_count == 2 && gj_str_is(f[5].choices[1], "y"));
    cr_expect(f[7].type == &gj_type_dyn && f[8].type->kind == GJ_TYPE_MAP && !f[8].open);
    cr_expect(f[9].type->kind == GJ_TYPE_LIST && f[9].inner[0].most == INT64_MAX);
    cr_expect(f[10].open && f[10].inner_count == 1 && f[10].inner[0].inner_count == 1);
    cr_expect_eq(type->of, GJ_NO_INDEX);
    gj_book_free(book);
}

Test(book_event, those_of_the_project)
{
    struct desk desk = real_desk();
    const struct gj_events *events = events_of(desk.book->book);
    cr_expect_eq(events->kind_count, 13);
    cr_expect(gj_str_is(events->kinds[events->shop_kind].name, "shop"));
    names(events, "order.created", "order/order_id buyer/buyer_id group/group_id");
    names(events, "aftersale.created", "aftersale/aftersale_id order/order_id buyer/buyer_id");
    names(events, "invoice.issued", "invoice/order_id order/order_id");
    names(events, "penalty.settled", "finding/penalty_id");
    names(events, "finding.ruled", "finding/finding_id");
    names(events, "compensation.missed", "compensation/case_id order/order_id");
    names(events, "chat.message.recalled", "message/message_id session/session_id agent/agent_id");
    names(events, "chat.message.flagged",
          "shop/- session/session_id message/message_id "
          "agent/agent_id buyer/buyer_id order/order_id");
    names(events, "settings.phone_set", "shop/-");
    names(events, "warranty.failed", "order/order_id");
    static const char *const stamps[][2] = {
        {"order.created", "created"},           {"agent.status.changed", "status_changed"},
        {"warranty.failed", "warranty_failed"}, {"logistics.complaint_upheld", "complaint_upheld"},
        {"review.created", "reviewed"},         {"payment.transferred", "transferred"},
        {"insurance.bought", "insured"},        {"chat.message.flagged", "flagged"},
        {"settings.phone_set", "phone_set"},    {"logistics.traced", "traced"}};
    for (size_t i = 0; i < sizeof stamps / sizeof stamps[0]; i++) {
        cr_expect(gj_str_is(type_of(events, stamps[i][0])->stamp, stamps[i][1]), "%s",
                  stamps[i][0]);
    }
    const struct gj_event_type *flagged = type_of(events, "chat.message.flagged");
    cr_expect_eq(&events->types[flagged->of], type_of(events, "chat.message.created"));
    cr_expect(type_of(events, "chat.message.created")->judged);
    cr_expect(!flagged->every && type_of(events, "buyer.talk.heard")->every);
    static const char *const order[] = {"order",   "group",   "aftersale",
                                        "dispute", "invoice", "compensation"};
    uint32_t family = events->kinds[gj_map_get(&events->kind_ids, GJ_STR("order"))].family;
    for (size_t i = 0; i < 6; i++) {
        uint32_t kind = gj_map_get(&events->kind_ids, gj_str_of(order[i]));
        cr_expect_eq(events->kinds[kind].family, family, "%s", order[i]);
    }
    cr_expect_eq(events->family_count, 7);
    desk_close(&desk);
}

Test(book_event, refuses_entities)
{
    REFUSED("entities: {a: {id: a_id, title: {zh: 甲}}}\n", "'en'");
    REFUSED("entities: [a]\n", "must be {name:");
    REFUSED("entities: {a: {id: a_id}}\n", "no kind is the shop");
    REFUSED("entities: {shop: {}, other: {}}\n", "'id' is missing");
    REFUSED("entities: {shop: {}, Other: {id: x}}\n", "a kind's name");
    REFUSED("entities: {shop: x}\n", "must be {id:");
    REFUSED("entities: {shop: {famly: x}}\n", "did you mean 'family'");
    REFUSED("entities: {shop: {}}\n---\nentities: {shop: {}}\n", "one document");
    REFUSED("entities: {shop: {}}\nmore: 1\n", "unknown key 'more'");
    REFUSED("events: {a.b: {about: x, data: {}}}\n", "declare their kinds under 'entities'");
}

Test(book_event, refuses_types)
{
    REFUSED(EVENTS("  paid: {about: shop, data: {}}\n"), "an event's type is of words", "^");
    REFUSED(EVENTS("  a.b: [1]\n"), "an event must be");
    REFUSED(EVENTS("  a.b: {about: shop}\n"), "'data' must be");
    REFUSED(EVENTS("  a.b: {data: {}}\n"), "'about' must be");
    REFUSED(EVENTS("  a.b: {about: ordr, data: {}}\n"), "unknown kind 'ordr', did you mean order");
    REFUSED(EVENTS("  a.b: {about: order, data: {}}\n"), "add 'order_id: string'");
    REFUSED(EVENTS("  a.b: {about: order, data: {\"order_id?\": string}}\n"), "needs its id");
    REFUSED(EVENTS("  a.b: {about: shop, data: {order_id: int}, example: {order_id: 1}}\n"),
            "an id must be of type string");
    REFUSED(EVENTS("  a.b: {about: shop, dta: {}, data: {}}\n"), "did you mean 'data'");
    REFUSED(EVENTS("  a.b: {about: shop, data: {}, judged: true}\n"), "needs a field 'text");
    REFUSED(EVENTS("  a.b: {about: shop, data: {}, stamp: A b}\n"), "a stamp is of");
    REFUSED(EVENTS("  a.b: {about: shop, data: {\"x?\": int}, one_of: [y]}\n"), "'y' is none");
    REFUSED(EVENTS("  a.b: {about: shop, of: c.d}\n"), "declared above");
    REFUSED(EVENTS(PAID "  x.y: {about: shop, of: order.paid}\n"
                        "  x.z: {about: shop, of: x.y}\n"),
            "declared above");
    REFUSED(EVENTS(PAID "  x.y: {about: shop, of: order.paid, data: {}}\n"), "unknown key 'data'");
    REFUSED(EVENTS(PAID "  x.y: {about: shop, of: order.paid, every: true}\n"),
            "made of a judged type", "^");
}

Test(book_event, refuses_fields)
{
#define FIELD(text) EVENTS("  a.b:\n    about: shop\n    data:\n      " text "\n")
    REFUSED(FIELD("x?: strng"), "unknown type 'strng'", "list(string)", "^");
    REFUSED(FIELD("x?: int 3..1"), "unknown type");
    REFUSED(FIELD("x?: int 1"), "unknown type");
    REFUSED(FIELD("x?: int -1.."), "unknown type");
    REFUSED(FIELD("x?: int 1...2"), "unknown type");
    REFUSED(FIELD("x?: int 1..9999999999999999999"), "unknown type");
    REFUSED(FIELD("X?: int"), "a field's name");
    REFUSED(FIELD("id?: string"), "may not be called 'id'");
    REFUSED(FIELD("x?: []"), "leaves no choice");
    REFUSED(FIELD("x?: [[a]]"), "a choice must be a text");
    REFUSED(FIELD("x?: string\n      x: string"), "declared twice");
    REFUSED(FIELD("x?: {y?: {z: integer}}"), "unknown type 'integer'");
    REFUSED(FIELD("x: string"), "gives no value for 'x'");
    REFUSED(FIELD("x?: string\n    example: {y: 1}"), "'y' is no field");
    REFUSED(FIELD("x?: string\n    example: 1"), "'example' must be");
}

Test(book_event, a_name_means_one_thing)
{
    REFUSED(EVENTS(PAID "  order.shipped:\n    about: order\n    data: {order_id: string, "
                        "\"fen?\": string}\n    example: {order_id: O1}\n"),
            "order.fen is declared otherwise at (text):", "rename", "^");
    REFUSED(EVENTS(PAID "  coupon.paid: {about: order, data: {order_id: string}, "
                        "example: {order_id: O1}}\n"),
            "order.paid_at is declared otherwise at (text):", "stamp: NAME");
    REFUSED(EVENTS(PAID "  order.due: {about: order, data: {order_id: string, \"paid_at?\": "
                        "timestamp}, example: {order_id: O1}}\n"),
            "order.paid_at");
    REFUSED(EVENTS("  a.b: {about: shop, data: {\"o?\": {\"k?\": int}}}\n"
                   "  a.c: {about: shop, data: {\"o?\": {\"k?\": bool}}}\n"),
            "shop.o is declared");
    gj_book_free(small_book(
        EVENTS(PAID "  invoice.paid:\n    about: invoice\n    data: {order_id: string, fen: [a]}\n"
                    "    example: {order_id: O1, fen: a}\n"))); /* another kind, another name */
}

/* ---- the cache keeps them apart ---- */

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(text, 1, strlen(text), file), strlen(text));
    cr_assert_eq(fclose(file), 0);
}

static void opens_with_events(const char *dir, const char *cache)
{
    gj_errors *errors = gj_errors_new();
    struct gj_book *book = gj_book_load(dir, (struct gj_book_options){.cache_dir = cache}, errors);
    cr_assert(book != NULL, "%s", gj_errors_text(errors));
    cr_expect(!book->has_events, "the cache, just written or not, builds no events unasked");
    const struct gj_events *events = gj_book_events(book, errors);
    cr_assert(events != NULL, "%s", gj_errors_text(errors));
    cr_expect(events->type_count == 1 && type_of(events, "order.paid")->field_count == 2);
    cr_expect(gj_node_get(type_of(events, "order.paid")->example, "fen") != NULL);
    cr_expect_eq(gj_book_events(book, errors), events);
    gj_book_free(book);
    gj_errors_free(errors);
}

Test(book_event, a_broken_half_is_read_from_the_files)
{
    char top[] = "/tmp/guiju-test-XXXXXX", dir[80], cache[80], path[200], command[200];
    cr_assert_not_null(mkdtemp(top));
    snprintf(dir, sizeof dir, "%s/book", top);
    snprintf(cache, sizeof cache, "%s/cache", top);
    snprintf(path, sizeof path, "%s/a.yaml", dir);
    cr_assert_eq(mkdir(dir, 0700), 0);
    put(path, SMALL_BOOK EVENTS(PAID));
    opens_with_events(dir, cache);
    opens_with_events(dir, cache);
    snprintf(command, sizeof command, "cp %s/*.book %s/kept", cache, top);
    cr_assert_eq(system(command), 0);
    snprintf(command, sizeof command, "sed -i 's/int 0\\.\\./int 9../' %s/*.book", cache);
    cr_assert_eq(system(command), 0);
    snprintf(command, sizeof command, "! cmp -s %s/*.book %s/kept", cache, top);
    cr_assert_eq(system(command), 0, "the cache was changed");
    opens_with_events(dir, cache);

    gj_errors *errors = gj_errors_new();
    struct gj_book *book = gj_book_load(dir, (struct gj_book_options){.cache_dir = cache}, errors);
    cr_assert(book != NULL && !book->has_events, "from the cache");
    put(path, SMALL_BOOK EVENTS(PAID) "# changed\n");
    for (int i = 0; i < 2; i++) {
        cr_expect_null(gj_book_events(book, errors), "no half of another rulebook");
        cr_expect(strstr(gj_errors_text(errors), "has changed") != NULL);
    }
    gj_book_free(book);
    gj_errors_free(errors);
    snprintf(command, sizeof command, "rm -rf '%s'", top);
    cr_assert_eq(system(command), 0);
}
