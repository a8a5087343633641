/* Fuzz target of room engine: hostile bytes as a line of an event, held against a small rulebook
 * whose events use every type of field. What is accepted is typed as declared and within its
 * bounds; what is refused is refused with a sentence. */
#include "base/utf8.h"
#include "engine/accept.h"
#include "fuzz.h"

static const char rules[] =
    "fields:\n"
    "  platform: {type: string, values: [here, there]}\n"
    "  message.sender: {type: string, values: [agent], default: agent}\n"
    "  message.kind: {type: string, values: [message], default: message}\n"
    "  message.length: {type: int}\n"
    "  shop.authorised_hosts: {type: list(string), default: []}\n"
    "  shop.packs: {type: list(string), default: []}\n"
    "---\n"
    "entities: {shop: {}, order: {id: order_id}, buyer: {id: buyer_id}}\n"
    "---\n"
    "events:\n"
    "  a.b:\n    about: order\n    one_of: [fen, at]\n    data:\n"
    "      order_id: string\n      buyer_id?: string\n      tier?: int 1..3\n      fen?: int 0..\n"
    "      at?: timestamp\n      by?: [agent, buyer]\n      ok?: bool\n      hosts?: list(string)\n"
    "      any?: any\n      promise?: {hours: int 0.., note?: string}\n"
    "      lines?: [{line_id: string, n?: int 1..}]\n      means?: {\"*\": {rate: int 0..}}\n"
    "    example: {order_id: O1}\n"
    "  a.c: {about: shop, of: a.b}\n"
    "  a.d: {about: shop, data: {}}\n";

static struct gj_book *book;
static struct gj_json_parser *parser;
static struct gj_arena arena;
static struct gj_buf why;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    struct gj_errors errors;
    gj_errors_init(&errors);
    book = gj_book_from_text((struct gj_str){rules, sizeof rules - 1}, &errors);
    parser = gj_json_parser_new();
    require(book != NULL && parser != NULL && gj_book_events(book, &errors) != NULL);
    gj_errors_release(&errors);
    gj_arena_init(&arena);
    gj_buf_init(&why);
    return 0;
}

static void check_value(const struct gj_event_field *field, const struct gj_value *value)
{
    switch (field->type->kind) {
    case GJ_TYPE_STRING:
        require(value->kind == GJ_V_STRING);
        require(gj_utf8_valid_prefix(value->as.text) == value->as.text.len);
        break;
    case GJ_TYPE_INT:
        require(value->kind == GJ_V_INT);
        require(value->as.integer >= field->least && value->as.integer <= field->most);
        break;
    case GJ_TYPE_BOOL:
        require(value->kind == GJ_V_BOOL);
        break;
    case GJ_TYPE_TIMESTAMP:
        require(value->kind == GJ_V_TIMESTAMP && gj_timestamp_in_range(value->as.instant));
        break;
    case GJ_TYPE_LIST:
        require(value->kind == GJ_V_LIST);
        break;
    case GJ_TYPE_MAP:
        require(value->kind == GJ_V_MAP);
        break;
    default:
        require(value->kind != GJ_V_UNKNOWN && value->kind != GJ_V_ERROR);
    }
}

static void check_event(const struct gj_event *event)
{
    struct gj_buf json;
    gj_buf_init(&json);
    const struct gj_event_type *type = &book->events.types[event->type];
    require(type->of == GJ_NO_INDEX && event->id.len > 0 && event->shop.len > 0);
    for (size_t i = 0; i < type->field_count; i++) {
        const struct gj_value *value = &event->values[i];
        require(type->fields[i].optional || value->kind != GJ_V_UNKNOWN);
        if (value->kind != GJ_V_UNKNOWN) {
            check_value(&type->fields[i], value);
            gj_value_json(value, &json); /* reads all of it */
        }
    }
    for (size_t i = 0; i < event->unknown_count; i++) {
        gj_json_add_string(&json, event->unknown[i]);
    }
    gj_buf_release(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gj_cloudevent raw;
    struct gj_event event;
    gj_buf_reset(&why);
    gj_arena_reset(&arena);
    int status =
        gj_cloudevent_read(parser, (struct gj_str){(const char *)data, size}, 0, &raw, &why);
    if (status == 0) {
        status = gj_event_accept(book, &raw, parser, &arena, &event, &why);
    }
    require((status != 0) == (why.len > 0));
    require(gj_utf8_valid_prefix(gj_buf_str(&why)) == why.len);
    if (status == 0) {
        check_event(&event);
    }
    return 0;
}
