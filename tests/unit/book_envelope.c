/* Tests of room book: mappings of envelopes that are refused, each with its place and remedy; and
 * overrides. */
#include "book_support.h"

#define EVENTS                                                             \
    "entities: {shop: {}, order: {id: order_id}}\n---\nevents:\n"          \
    "  order.told:\n    about: order\n    data:\n      order_id: string\n" \
    "      paid_fen?: int 0..\n      by: [agent, buyer]\n      n?: int\n"  \
    "      lines?: [{id: string}]\n      note?: {a?: string}\n"            \
    "    example: {order_id: O1, by: agent}\n"                             \
    "  order.derived: {about: shop, of: order.told}\n---\n"
#define HEAD          "envelope: here\ntitle: {zh: 此, en: here}\ncites: [{source: law, place: x}]\n"
#define SHAPES        "shapes: [{topic: t, shop: s}]\n"
#define RULE_OF(data) EVENTS HEAD SHAPES "topics: {x: {event: order.told, data: " data "}}\n"

Test(book_envelope, names_what_is_unknown)
{
    REFUSED(RULE_OF("{order_id: o, by: {value: agent}, paid: p}"),
            "(text):", "order.told has no field 'paid'", "^");
    REFUSED(RULE_OF("{order_id: o}"), "order.told needs 'by'");
    REFUSED(RULE_OF("{order_id: o, by: {value: nobody}}"), "use one of: agent, buyer");
    REFUSED(RULE_OF("{order_id: o, by: {text: b, to: {1: agnt}}}"), "'agnt' is no value of by");
    REFUSED(RULE_OF("{order_id: o, by: b}"), "has fixed values");
    REFUSED(RULE_OF("{order_id: o, by: {value: agent}, paid_fen: p}"), "say how 'paid_fen'",
            "fen, yuan");
    REFUSED(RULE_OF("{order_id: o, by: {value: agent}, n: {yaun: p}}"), "unknown key 'yaun'",
            "'yuan'");
    REFUSED(RULE_OF("{order_id: o, by: {value: agent}, n: {bool: p}}"), "say how 'n'");
    REFUSED(RULE_OF("{order_id: o, by: {value: agent}, n: {value: many}}"), "no value for n");
    REFUSED(RULE_OF("{order_id: o, by: {value: agent}, lines: l}"), "{each: path}");
    REFUSED(RULE_OF("{order_id: o, by: {value: agent}, lines: {each: l, of: {di: x}}}"),
            "lines has no field 'di'", "lines needs 'id'");
    REFUSED(RULE_OF("{order_id: o, by: {value: agent}, note: n}"), "an object");
    REFUSED(RULE_OF("{order_id: a..b, by: {value: agent}}"), "'a..b' is no path");
    REFUSED(RULE_OF("{order_id: request.secret, by: {value: agent}}"), "for signatures");
    REFUSED(RULE_OF("{order_id: {value: \"o-{x\"}, by: {value: agent}}"), "a brace is not closed");
}

Test(book_envelope, checks_the_rest)
{
    REFUSED(EVENTS HEAD SHAPES "topics: {x: {event: order.tol, data: {}}}\n",
            "unknown event 'order.tol', did you mean order.told");
    REFUSED(EVENTS HEAD SHAPES "topics: {x: {event: order.derived, data: {}}}\n",
            "made by the program");
    REFUSED(EVENTS HEAD "topics: {}\n", "'shapes' must be a list");
    REFUSED(EVENTS HEAD "shapes: [{topic: t}]\n", "'shop' is missing");
    REFUSED(EVENTS HEAD "shapes: [{topic: t, shop: s, platform: {text: p, to: {A: hre}}}]\n",
            "unknown platform 'hre', did you mean here");
    REFUSED(EVENTS "envelope: nowhere\ntitle: {zh: 此, en: x}\ncites: [{source: law}]\n" SHAPES,
            "unknown platform 'nowhere'");
    REFUSED(EVENTS HEAD SHAPES "signature: {scheme: md6, in: header.x, over: y}\n",
            "md5, sha1, sha256, hmac-sha256");
    REFUSED(EVENTS HEAD SHAPES "signature: {scheme: md5, in: x, over: y}\n", "header.NAME");
    REFUSED(EVENTS HEAD SHAPES "encryption: rot13\n", "none, aes-cbc");
    REFUSED(EVENTS HEAD SHAPES "topics: {x: {event: order.told, data: {order_id: o, by: {value: "
                               "agent}}}}\nignored: [x]\n",
            "also under 'ignored'");
    REFUSED(EVENTS HEAD SHAPES "---\n" HEAD SHAPES, "add 'overrides: true'");
    REFUSED(EVENTS "envelope: here\noverrides: true\nignored: [x]\n",
            "there is no envelope of 'here' to override");
    REFUSED(EVENTS "envelope: here\n" SHAPES, "'title", "'cites' is missing");
}

static const struct gj_map_topic *topic_of(const struct gj_envelope *e, const char *name)
{
    const struct gj_map_topic *found = NULL;
    for (size_t i = 0; i < e->topic_count; i++) {
        if (gj_str_is(e->topics[i].name, name)) {
            cr_expect_null(found, "%s is there twice", name);
            found = &e->topics[i];
        }
    }
    cr_assert_not_null(found, "%s", name);
    return found;
}

Test(book_envelope, a_merchants_own_takes_its_place)
{
    struct gj_book *book = small_book(
        EVENTS "envelope: here\noverrides: true\nanswer: {type: text/plain, success: yes}\n"
               "topics: {a: {event: order.told, data: {order_id: mine, by: {value: buyer}}},"
               " c: {event: order.told, data: {order_id: o, by: {value: agent}}}}\nignored: [b]\n"
               "---\n" HEAD SHAPES
               "topics: {a: {event: order.told, data: {order_id: o, by: {value: agent}}},"
               " b: {event: order.told, data: {order_id: o, by: {value: agent}}}}\n"
               "ignored: [c, d]\nanswer: {type: application/json, success: '{}'}\n");
    gj_errors *errors = gj_errors_new();
    cr_assert_not_null(gj_book_events(book, errors));
    cr_expect_eq(book->envelope_count, 1);
    const struct gj_envelope *e = gj_book_envelope(book, GJ_STR("here"));
    cr_assert(e != NULL && e->topic_count == 4);
    cr_expect(gj_str_is(e->answer_success, "yes"));
    cr_expect(gj_str_is(topic_of(e, "a")->rules[0].data[0].paths.text, "mine"));
    cr_expect_eq(topic_of(e, "b")->rule_count, 0);
    cr_expect_eq(topic_of(e, "c")->rule_count, 1);
    cr_expect_eq(topic_of(e, "d")->rule_count, 0);
    cr_expect_null(gj_book_envelope(book, GJ_STR("there")));
    gj_errors_free(errors);
    gj_book_free(book);
}
