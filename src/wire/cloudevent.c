/* Room wire: the envelope of an event (see cloudevent.h). */
#include "wire/cloudevent.h"

enum attribute { SPECVERSION, ID, SOURCE, TYPE, TIME, SUBJECT, DATA, DATA_BASE64, ATTRIBUTES };

static const struct {
    struct gj_str name;
    const char *remedy; /* when a text that must be there is not */
} attributes[ATTRIBUTES] = {
    [SPECVERSION] = {{"specversion", 11}, "add \"specversion\":\"1.0\""},
    [ID] = {{"id", 2}, "give each event of a source an id of its own"},
    [SOURCE] = {{"source", 6}, "write /{platform}/{shop}"},
    [TYPE] = {{"type", 4}, "name the event's type, as order.paid"},
    [TIME] = {{"time", 4}, "say when it happened, as 2026-03-01T10:00:00+08:00"},
    [SUBJECT] = {{"subject", 7}, NULL},
    [DATA] = {{"data", 4}, NULL},
    [DATA_BASE64] = {{"data_base64", 11}, NULL},
};

static int refuse(struct gj_buf *why, const char *sentence)
{
    gj_buf_add_cstr(why, sentence);
    return -1;
}

const char *gj_id_fault(struct gj_str id)
{
    if (id.len == 0) {
        return "is empty";
    }
    if (id.len > GJ_ID_BYTES_MAX) {
        return "is longer than 256 bytes";
    }
    for (size_t i = 0; i < id.len; i++) {
        if ((unsigned char)id.ptr[i] < 0x20 || id.ptr[i] == 0x7F) {
            return "holds a control character";
        }
    }
    return NULL;
}

#define SECONDS_AT 17u /* in 2026-03-01T10:00:60 */

int gj_event_time_parse(struct gj_str text, struct gj_instant *out)
{
    char copy[64];
    if (gj_timestamp_parse(text, out) == 0) {
        return 0;
    }
    if (text.len <= SECONDS_AT + 2 || text.len > sizeof copy ||
        memcmp(text.ptr + SECONDS_AT, "60", 2) != 0) {
        return -1;
    }
    struct gj_instant before, after, second = {1, 0};
    memcpy(copy, text.ptr, text.len);
    memcpy(copy + SECONDS_AT, "59", 2);
    if (gj_timestamp_parse((struct gj_str){copy, text.len}, &before) != 0 ||
        !gj_timestamp_add(before, second, &after) || after.seconds % GJ_SECONDS_PER_DAY != 0) {
        return -1;
    }
    *out = after;
    return 0;
}

static enum attribute attribute_of(struct gj_str key)
{
    for (int i = 0; i < ATTRIBUTES; i++) {
        if (gj_str_eq(attributes[i].name, key)) {
            return (enum attribute)i;
        }
    }
    return ATTRIBUTES;
}

/* Puts an attribute that is a text into *out (empty when absent). */
static int text_of(enum attribute which, const struct gj_json *value, struct gj_str *out,
                   struct gj_buf *why)
{
    const char *name = attributes[which].name.ptr;
    *out = GJ_STR("");
    if (value == NULL) {
        if (attributes[which].remedy == NULL) {
            return 0;
        }
        gj_buf_addf(why, "'%s' is missing; %s", name, attributes[which].remedy);
        return -1;
    }
    if (value->kind != GJ_JSON_STRING) {
        gj_buf_addf(why, "'%s' must be a string; put it in quotes", name);
        return -1;
    }
    *out = value->text;
    return 0;
}

static int read_id(const struct gj_json *value, struct gj_str *out, struct gj_buf *why)
{
    struct gj_str id;
    if (text_of(ID, value, &id, why) != 0) {
        return -1;
    }
    const char *fault = gj_id_fault(id);
    if (fault != NULL) {
        gj_buf_addf(why, "'id' %s; %s", fault, attributes[ID].remedy);
        return -1;
    }
    *out = id;
    return 0;
}

/* "/{platform}/{shop}" */
static int split_source(struct gj_cloudevent *event, struct gj_buf *why)
{
    struct gj_str s = event->source;
    const char *slash = s.len > 1 && s.ptr[0] == '/' ? memchr(s.ptr + 1, '/', s.len - 1) : NULL;
    if (slash == NULL || slash == s.ptr + 1) {
        return refuse(why, "'source' must be /{platform}/{shop}");
    }
    event->platform = (struct gj_str){s.ptr + 1, (size_t)(slash - s.ptr) - 1};
    event->shop = (struct gj_str){slash + 1, (size_t)(s.ptr + s.len - slash) - 1};
    const char *fault = gj_id_fault(event->shop);
    if (fault != NULL) {
        gj_buf_addf(why, "the shop in 'source' %s; write /{platform}/{shop}", fault);
        return -1;
    }
    if (memchr(event->shop.ptr, '/', event->shop.len) != NULL) {
        return refuse(why, "'source' has more than two parts; write /{platform}/{shop}");
    }
    return 0;
}

static int read_data(const struct gj_json *const *given, struct gj_cloudevent *out,
                     struct gj_buf *why)
{
    if (given[DATA_BASE64] != NULL) {
        return refuse(why, "'data_base64' is not read; send 'data' as a JSON object");
    }
    if (given[DATA] == NULL) {
        return refuse(why, "'data' is missing; add an object with what the event tells");
    }
    if (given[DATA]->kind != GJ_JSON_OBJECT) {
        return refuse(why, "'data' must be a JSON object");
    }
    out->data = given[DATA];
    return 0;
}

int gj_cloudevent_read(struct gj_json_parser *parser, struct gj_str line, size_t padding,
                       struct gj_cloudevent *out, struct gj_buf *why)
{
    const struct gj_json *given[ATTRIBUTES + 1] = {NULL};
    const char *fault = NULL;
    struct gj_str version, time;
    *out = (struct gj_cloudevent){.id = {"", 0}};
    const struct gj_json *root = gj_json_parse(parser, line, padding, &fault);
    if (root == NULL) {
        refuse(why, fault);
        why->failed |= strcmp(fault, GJ_JSON_NO_MEMORY) == 0;
        return -1;
    }
    if (root->kind != GJ_JSON_OBJECT) {
        return refuse(why, "an event is one JSON object on a line");
    }
    for (const struct gj_json *n = gj_json_first(parser, root); n != NULL;
         n = gj_json_next(parser, n)) {
        given[attribute_of(n->key)] = n->kind == GJ_JSON_NULL ? NULL : n;
    }
    if (read_id(given[ID], &out->id, why) != 0 ||
        text_of(SPECVERSION, given[SPECVERSION], &version, why) != 0) {
        return -1;
    }
    if (!gj_str_is(version, "1.0")) {
        return refuse(why, "'specversion' must be \"1.0\"; send CloudEvents 1.0");
    }
    if (text_of(SOURCE, given[SOURCE], &out->source, why) != 0 || split_source(out, why) != 0 ||
        text_of(TYPE, given[TYPE], &out->type, why) != 0 ||
        text_of(SUBJECT, given[SUBJECT], &out->subject, why) != 0 ||
        text_of(TIME, given[TIME], &time, why) != 0) {
        return -1;
    }
    if (gj_event_time_parse(time, &out->time) != 0) {
        return refuse(why, "'time' must be RFC 3339 with an offset, as 2026-03-01T10:00:00+08:00");
    }
    return read_data(given, out, why);
}
