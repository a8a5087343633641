/* Room wire: a request's messages, one after the other, and the events each one makes (see
 * envelope.h). */
#include "wire/envelope_unpack.h"

#include <sodium.h>

#include "base/utf8.h"
#include "wire/cloudevent.h"

#define ID_HASH_BYTES 16
#define TOPIC_SHOWN   200u /* bytes of a name that a sender chose */

struct told { /* to whom results go */
    int (*each)(void *context, const struct gj_mapped *mapped);
    void *context;
    struct gj_buf json, data, id;
};

struct about { /* of the message at hand */
    const struct gj_map_shape *shape;
    struct gj_str topic, source;
    struct gj_instant received;
};

#define MICROS INT64_C(1000000)

static struct gj_instant received_at(int64_t micros)
{
    int64_t seconds = micros / MICROS, rest = micros % MICROS;
    seconds -= rest < 0;
    rest += rest < 0 ? MICROS : 0;
    return (struct gj_instant){seconds, (int32_t)(rest * 1000)};
}

/* ---- what is no event ---- */

static int tell_other(struct gj_unpack *u, struct told *t, enum gj_mapped_kind kind,
                      struct gj_str topic)
{
    gj_buf_reset(&t->json);
    gj_json_add_value(&t->json, u->message.parser, u->message.json);
    u->why->failed |= t->json.failed;
    struct gj_mapped mapped = {kind, gj_buf_str(&t->json), topic, gj_buf_str(u->why)};
    if (u->why->failed) {
        return -1;
    }
    int status = t->each(t->context, &mapped);
    gj_buf_reset(u->why);
    return status;
}

/* Why nothing is made of the message, as its reader reads. */
static void say_ignored(struct gj_unpack *u, const struct gj_map_topic *topic, struct gj_str name)
{
    bool english = u->request->english;
    struct gj_str shown = {name.ptr, name.len < TOPIC_SHOWN ? name.len : TOPIC_SHOWN};
    shown.len = gj_utf8_valid_prefix(shown);
    if (topic == NULL) {
        gj_buf_addf(u->why,
                    english ? "the mapping has no topic '%.*s'; if it matters, add it to the "
                              "rulebook's envelope"
                            : "映射中没有主题“%.*s”；若有用，请加入规则库的信封",
                    (int)shown.len, shown.ptr);
    } else if (topic->rule_count == 0) {
        gj_buf_add_cstr(u->why, english ? "the mapping names this topic as of no concern"
                                        : "映射把这个主题列为无关");
    } else if (topic->needs_zh.len > 0) {
        gj_buf_add_str(u->why, english ? topic->needs_en : topic->needs_zh);
    } else {
        gj_buf_add_cstr(u->why, english ? "none of this topic's rules holds for what the message "
                                          "says"
                                        : "这条消息不符合这个主题的任何一条规则");
    }
}

/* What should stand at `paths` does not, or is a text that is no JSON. */
static int refuse_broken(struct gj_unpack *u, struct told *t, const struct gj_paths *paths,
                         struct gj_str topic)
{
    gj_buf_addf(u->why, "'%.*s' is missing or is not JSON; send what the message tells in it",
                (int)paths->text.len, paths->text.ptr);
    return tell_other(u, t, GJ_MAPPED_REFUSED, topic);
}

static int ignore(struct gj_unpack *u, struct told *t, const struct gj_map_topic *topic,
                  struct gj_str name)
{
    say_ignored(u, topic, name);
    return tell_other(u, t, GJ_MAPPED_IGNORED, name);
}

/* ---- which rules hold ---- */

static bool holds(struct gj_unpack *u, const struct gj_condition *condition)
{
    struct gj_str text = {"", 0};
    struct gj_spot spot = gj_spot_any(u, &condition->paths, u->content);
    if (spot.json == NULL || !gj_spot_text(u, spot, &text)) {
        return false;
    }
    for (size_t i = 0; i < condition->count; i++) {
        if (gj_str_eq(condition->values[i], text)) {
            return true;
        }
    }
    return false;
}

static bool rule_holds(struct gj_unpack *u, const struct gj_map_rule *rule)
{
    bool good = true;
    for (size_t i = 0; i < rule->has_count && good; i++) {
        good = gj_spot_any(u, &rule->has[i], u->content).json != NULL;
    }
    for (size_t i = 0; i < rule->when_count && good; i++) {
        good = holds(u, &rule->when[i]);
    }
    for (size_t i = 0; i < rule->unless_count && good; i++) {
        good = !holds(u, &rule->unless[i]);
    }
    return good;
}

/* ---- an event ---- */

/* How many rules before this one have made events of its type from the message. */
static size_t made_before(struct gj_unpack *u, const struct gj_map_topic *topic,
                          const struct gj_map_rule *rule)
{
    size_t count = 0;
    for (const struct gj_map_rule *r = topic->rules; r < rule; r++) {
        count += gj_str_eq(r->event, rule->event) && rule_holds(u, r);
    }
    return count;
}

/* The platform's own id, told apart by the event, and among events of one type by their number,
 * where a message makes several; else a hash of all that the event tells, so that what is delivered
 * again is known again. */
static void write_id(struct gj_unpack *u, const struct about *about,
                     const struct gj_map_topic *topic, const struct gj_map_rule *rule,
                     struct gj_str time, struct told *t)
{
    gj_buf_reset(&t->id);
    if (about->shape->id.count > 0 && gj_template_fill(u, &about->shape->id, u->message, &t->id) &&
        t->id.len > 0) {
        if (topic->rule_count > 1) {
            gj_buf_addf(&t->id, ":%.*s", (int)rule->event.len, rule->event.ptr);
        }
        size_t before = made_before(u, topic, rule);
        if (before > 0) {
            gj_buf_addf(&t->id, ":%zu", before + 1);
        }
        return;
    }
    u->why->failed |= t->id.failed; /* else the event would come by another id */
    const struct gj_str parts[] = {about->topic, about->source, rule->event, time,
                                   gj_buf_str(&t->data)};
    crypto_generichash_state state;
    unsigned char digest[ID_HASH_BYTES];
    char hex[ID_HASH_BYTES * 2 + 1];
    crypto_generichash_init(&state, NULL, 0, sizeof digest);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        uint64_t len = parts[i].len;
        crypto_generichash_update(&state, (const unsigned char *)&len, sizeof len);
        crypto_generichash_update(&state, (const unsigned char *)parts[i].ptr, parts[i].len);
    }
    crypto_generichash_final(&state, digest, sizeof digest);
    gj_buf_reset(&t->id);
    gj_buf_add_cstr(&t->id, sodium_bin2hex(hex, sizeof hex, digest, sizeof digest));
}

static void write_event(const struct about *about, const struct gj_map_rule *rule,
                        struct gj_str time, struct told *t)
{
    struct gj_buf *out = &t->json;
    gj_buf_reset(out);
    gj_buf_add_cstr(out, "{\"specversion\":\"1.0\",\"id\":");
    gj_json_add_string(out, gj_buf_str(&t->id));
    gj_buf_add_cstr(out, ",\"source\":");
    gj_json_add_string(out, about->source);
    gj_buf_add_cstr(out, ",\"type\":");
    gj_json_add_string(out, rule->event);
    gj_buf_add_cstr(out, ",\"time\":");
    gj_json_add_string(out, time);
    gj_buf_add_cstr(out, ",\"data\":");
    gj_buf_add_str(out, gj_buf_str(&t->data));
    gj_buf_add_char(out, '}');
}

/* When it happened: as the rule says, else as the shape does, else when it was received. */
static int find_time(struct gj_unpack *u, const struct about *about, const struct gj_map_rule *rule,
                     struct gj_instant *at, bool *told)
{
    int status = gj_time_convert(u, &rule->time, rule->time_as, u->content, at);
    if (status == 0) {
        status = gj_time_convert(u, &about->shape->time, about->shape->time_as, u->message, at);
    }
    *told = status == 1;
    if (status == 0) {
        *at = about->received;
    }
    return status < 0 ? -1 : 0;
}

static struct gj_str time_text(struct gj_unpack *u, struct gj_instant at)
{
    struct gj_buf written;
    gj_buf_init(&written);
    gj_timestamp_format(at, &written);
    struct gj_str text = gj_arena_copy(u->arena, gj_buf_str(&written));
    u->why->failed |= written.failed || text.ptr == NULL;
    gj_buf_release(&written);
    return text;
}

static int make_event(struct gj_unpack *u, const struct about *about,
                      const struct gj_map_topic *topic, const struct gj_map_rule *rule,
                      struct told *t)
{
    struct gj_instant at;
    bool has_time = false;
    gj_buf_reset(&t->data);
    bool good = find_time(u, about, rule, &at, &has_time) == 0 &&
                gj_object_convert(u, rule->data, rule->data_count, u->content, &t->data) >= 0;
    if (u->crowded) { /* what was not found, or is missing now, may be in one not entered */
        gj_buf_cut(u->why, 0);
        gj_buf_addf(u->why, "it holds JSON in more than %u texts; split it", GJ_NESTED_MAX);
    }
    if (!good || u->crowded) {
        return tell_other(u, t, GJ_MAPPED_REFUSED, about->topic);
    }
    struct gj_str time = time_text(u, at);
    if (!u->why->failed) {
        write_id(u, about, topic, rule, has_time ? time : GJ_STR(""), t);
        write_event(about, rule, time, t);
    }
    u->why->failed |= t->json.failed || t->data.failed || t->id.failed;
    struct gj_mapped mapped = {GJ_MAPPED_EVENT, gj_buf_str(&t->json), about->topic, GJ_STR("")};
    return u->why->failed ? -1 : t->each(t->context, &mapped);
}

/* ---- a message ---- */

static int make_source(struct gj_unpack *u, struct gj_str platform, struct gj_str shop,
                       struct gj_str *out)
{
    struct gj_buf source;
    const char *fault =
        memchr(shop.ptr, '/', shop.len) != NULL ? "holds a slash" : gj_id_fault(shop);
    if (fault != NULL) {
        gj_buf_addf(u->why,
                    "the shop's id %s; an id has 1 to 256 bytes, no control characters and "
                    "no slash",
                    fault);
        return -1;
    }
    gj_buf_init(&source);
    gj_buf_addf(&source, "/%.*s/", (int)platform.len, platform.ptr);
    gj_buf_add_str(&source, shop);
    *out = gj_arena_copy(u->arena, gj_buf_str(&source));
    u->why->failed |= source.failed || out->ptr == NULL;
    gj_buf_release(&source);
    return u->why->failed ? -1 : 0;
}

static int read_about(struct gj_unpack *u, struct about *about)
{
    struct gj_str platform, shop;
    return gj_field_text(u, &about->shape->platform, u->message, &platform) == 1 &&
                   gj_field_text(u, &about->shape->shop, u->message, &shop) == 1
               ? make_source(u, platform, shop, &about->source)
               : -1;
}

static const struct gj_map_topic *find_topic(const struct gj_envelope *e, struct gj_str name)
{
    for (size_t i = 0; i < e->topic_count; i++) {
        if (gj_str_eq(e->topics[i].name, name)) {
            return &e->topics[i];
        }
    }
    return NULL;
}

static int apply_rules(struct gj_unpack *u, const struct gj_map_topic *topic, struct about *about,
                       struct told *t)
{
    bool any = false;
    for (size_t i = 0; i < topic->rule_count; i++) {
        if (!rule_holds(u, &topic->rules[i])) {
            continue;
        }
        if (!any && read_about(u, about) != 0) {
            return tell_other(u, t, GJ_MAPPED_REFUSED, about->topic);
        }
        any = true;
        if (make_event(u, about, topic, &topic->rules[i], t) != 0) {
            return -1;
        }
    }
    return any ? 0 : ignore(u, t, topic, about->topic);
}

static int read_message(struct gj_unpack *u, const struct gj_map_shape *shape, struct told *t)
{
    struct gj_spot content =
        shape->content.count == 0 ? u->message : gj_spot_any(u, &shape->content, u->message);
    if (content.json != NULL && content.json->kind == GJ_JSON_STRING) {
        content = gj_spot_enter(u, content.json->text);
    }
    u->content = content;
    struct about about = {.shape = shape, .received = received_at(u->request->received_at)};
    if (gj_field_text(u, &shape->topic, u->message, &about.topic) != 1) {
        return tell_other(u, t, GJ_MAPPED_REFUSED, GJ_STR(""));
    }
    const struct gj_map_topic *topic = find_topic(u->envelope, about.topic);
    if (topic == NULL || topic->rule_count == 0) {
        return ignore(u, t, topic, about.topic);
    }
    return content.json != NULL ? apply_rules(u, topic, &about, t)
                                : refuse_broken(u, t, &shape->content, about.topic);
}

/* ---- all messages ---- */

static void begin(struct gj_unpack *u, struct gj_spot message)
{
    gj_arena_reset(u->arena);
    u->nested_count = u->nested_kept;
    u->crowded = false;
    u->message = message;
    u->content = (struct gj_spot){NULL, NULL};
}

static const struct gj_map_shape *find_shape(struct gj_unpack *u, struct gj_spot document)
{
    for (size_t i = 0; i < u->envelope->shape_count; i++) {
        const struct gj_map_shape *shape = &u->envelope->shapes[i];
        if (shape->has.count == 0 || gj_spot_any(u, &shape->has, document).json != NULL) {
            return shape;
        }
    }
    return NULL;
}

static int read_list(struct gj_unpack *u, const struct gj_map_shape *shape, struct gj_spot list,
                     struct told *t)
{
    bool several = list.json->kind == GJ_JSON_ARRAY;
    const struct gj_json *n = several ? gj_json_first(list.parser, list.json) : list.json;
    for (; n != NULL; n = several ? gj_json_next(list.parser, n) : NULL) {
        begin(u, (struct gj_spot){list.parser, n});
        if (read_message(u, shape, t) != 0) {
            return -1;
        }
    }
    return 0;
}

/* One document: a message, or several in a list of the shape's. */
static int read_document(struct gj_unpack *u, struct gj_spot document, struct told *t)
{
    begin(u, document);
    u->body = document;
    const struct gj_map_shape *shape = find_shape(u, document);
    if (shape == NULL) {
        gj_buf_add_cstr(u->why, "it has none of the forms that the mapping knows: none has '");
        for (size_t i = 0; i < u->envelope->shape_count; i++) {
            gj_buf_add_cstr(u->why, i > 0 ? "' or '" : "");
            gj_buf_add_str(u->why, u->envelope->shapes[i].has.text);
        }
        gj_buf_add_cstr(u->why, "' in it");
        return tell_other(u, t, GJ_MAPPED_REFUSED, GJ_STR(""));
    }
    if (shape->each.count == 0) {
        return read_message(u, shape, t);
    }
    struct gj_spot list = gj_spot_any(u, &shape->each, document);
    if (list.json == NULL) {
        return 0; /* no messages */
    }
    if (list.json->kind == GJ_JSON_STRING) {
        list = gj_spot_enter(u, list.json->text);
    }
    u->nested_kept = u->nested_count; /* the list may stand in a text */
    int status = list.json != NULL ? read_list(u, shape, list, t)
                                   : refuse_broken(u, t, &shape->each, GJ_STR(""));
    u->nested_kept = 0;
    return status;
}

static int read_documents(struct gj_unpack *u, struct told *t)
{
    struct gj_spot whole = u->body;
    if (whole.json->kind != GJ_JSON_ARRAY) {
        return read_document(u, whole, t);
    }
    for (const struct gj_json *n = gj_json_first(whole.parser, whole.json); n != NULL;
         n = gj_json_next(whole.parser, n)) {
        if (read_document(u, (struct gj_spot){whole.parser, n}, t) != 0) {
            return -1;
        }
    }
    return 0;
}

static void release(struct gj_unpack *u, struct told *t)
{
    for (size_t i = 0; i < u->parser_count; i++) {
        gj_json_parser_free(u->nested[i].parser);
    }
    gj_json_parser_free(u->parser);
    gj_json_parser_free(u->query_parser);
    gj_buf_release(&u->opened);
    gj_buf_release(&u->query_json);
    gj_arena_release(u->arena);
    gj_buf_release(&t->json);
    gj_buf_release(&t->data);
    gj_buf_release(&t->id);
}

int gj_envelope_open(const struct gj_envelope *envelope, const struct gj_envelope_request *request,
                     int (*each)(void *context, const struct gj_mapped *mapped), void *context,
                     struct gj_buf *why)
{
    struct gj_arena arena;
    struct gj_unpack u = {.envelope = envelope, .request = request, .arena = &arena, .why = why};
    struct told told = {.each = each, .context = context};
    gj_arena_init(&arena);
    gj_buf_init(&u.opened);
    gj_buf_init(&u.query_json);
    gj_buf_init(&told.json);
    gj_buf_init(&told.data);
    gj_buf_init(&told.id);
    u.parser = gj_json_parser_new();
    u.query_parser = gj_json_parser_new();
    why->failed |= u.parser == NULL || u.query_parser == NULL;
    int status = why->failed || gj_unpack_body(&u) != 0 ? -1 : 0;
    if (status == 0) {
        read_documents(&u, &told);
        status = why->failed ? -1 : 0;
    }
    release(&u, &told);
    return status;
}
