/* Room judge: the JSON door. One line in, a verdict or a refusal out, always one line, always with
 * the caller's id. What is not understood in `context` and beside it is named in `ignored`. */
#include <stdio.h>
#include <stdlib.h>

#include "base/calendar.h"
#include "base/phrase.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "judge/checker.h"

#define ID_BYTES_MAX   256
#define NAME_BYTES_MAX 256 /* no field has a longer dotted name: what lies deeper is ignored */

struct request {
    gj_message message;
    char id[ID_BYTES_MAX]; /* JSON */
    size_t id_len;
    gj_checker *checker;
    const char *why; /* of a refusal */
    struct gj_buf *detail;
};

/* ---- writing ---- */

static const struct transform_name {
    uint16_t bit;
} transform_bits[] = {{GJ_T_WIDTH},     {GJ_T_CASE},      {GJ_T_TRADITIONAL}, {GJ_T_CONFUSABLE},
                      {GJ_T_NUMERAL},   {GJ_T_INVISIBLE}, {GJ_T_SEPARATORS},  {GJ_T_REPEAT},
                      {GJ_T_HOMOPHONE}, {GJ_T_PINYIN},    {GJ_T_SPLIT},       {GJ_T_LOOKALIKE},
                      {GJ_T_EMOJI}};
#define TRANSFORMS (sizeof transform_bits / sizeof transform_bits[0])

const char *gj_transform_text(gj_transforms bits, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < TRANSFORMS; i++) {
        if ((bits & transform_bits[i].bit) != 0 && used < size) {
            int wrote = snprintf(out + used, size - used, "%s%s", used > 0 ? ", " : "",
                                 gj_transform_name((enum gj_transform)transform_bits[i].bit));
            used += wrote > 0 ? (size_t)wrote : 0;
        }
    }
    return out;
}

static void add_text(struct gj_buf *out, const char *key, const char *text)
{
    gj_json_add_text(out, key, gj_str_of(text));
}

static void add_optional_text(struct gj_buf *out, const char *key, const char *text)
{
    if (text[0] == '\0') {
        gj_json_add_key(out, key);
        gj_buf_add_cstr(out, "null");
    } else {
        add_text(out, key, text);
    }
}

static void add_optional_int(struct gj_buf *out, const char *key, bool has, int64_t value)
{
    gj_json_add_key(out, key);
    if (has) {
        gj_buf_add_int(out, value);
    } else {
        gj_buf_add_cstr(out, "null");
    }
}

static void add_cost(struct gj_buf *out, const gj_cost *cost, bool english)
{
    gj_json_add_key(out, "cost");
    gj_buf_add_char(out, '{');
    add_optional_int(out, "points", cost->has_points, cost->points);
    add_optional_text(out, "points_class", cost->points_class);
    add_optional_int(out, "fine_fen", cost->has_fine, cost->fine_fen);
    add_optional_text(out, "payer", cost->payer);
    add_optional_text(out, "payee", cost->payee);
    gj_json_add_key(out, "measures");
    gj_buf_add_char(out, '[');
    for (size_t i = 0; i < cost->measure_count; i++) {
        gj_buf_add_cstr(out, i > 0 ? "," : "");
        gj_json_add_string(out, gj_str_of(cost->measures[i]));
    }
    gj_buf_add_char(out, ']');
    add_optional_text(out, "note", english ? cost->note_en : cost->note_zh);
    gj_buf_add_char(out, '}');
}

static void add_transforms(struct gj_buf *out, gj_transforms bits)
{
    bool first = true;
    gj_json_add_key(out, "transforms");
    gj_buf_add_char(out, '[');
    for (size_t i = 0; i < TRANSFORMS; i++) {
        if ((bits & transform_bits[i].bit) != 0) {
            gj_buf_add_cstr(out, first ? "\"" : ",\"");
            gj_buf_add_cstr(out, gj_transform_name((enum gj_transform)transform_bits[i].bit));
            gj_buf_add_char(out, '"');
            first = false;
        }
    }
    gj_buf_add_char(out, ']');
}

static void add_hit(struct gj_buf *out, const gj_hit *hit, bool english)
{
    gj_buf_add_char(out, '{');
    add_text(out, "rule", hit->rule);
    add_text(out, "title", english ? hit->title_en : hit->title_zh);
    add_text(out, "clause", hit->clause);
    add_text(out, "category", hit->category);
    add_text(out, "suggestion", gj_suggestion_name(hit->suggestion));
    add_text(out, "severity", gj_severity_name(hit->severity));
    gj_json_add_text(out, "matched", (struct gj_str){hit->matched, hit->matched_len});
    gj_json_add_int(out, "start", hit->start);
    gj_json_add_int(out, "end", hit->end);
    add_transforms(out, hit->transforms);
    add_cost(out, &hit->cost, english);
    add_optional_text(out, "rewrite", english ? hit->rewrite_en : hit->rewrite_zh);
    if (hit->depends_on[0] != '\0') {
        add_text(out, "depends_on", hit->depends_on);
    }
    gj_buf_add_char(out, '}');
}

void gj_verdict_write(struct gj_checker *checker, const gj_verdict *verdict, struct gj_str id_json,
                      const char *platform)
{
    struct gj_buf *out = &checker->out;
    gj_buf_add_char(out, '{');
    if (id_json.len > 0) {
        gj_json_add_key(out, "id");
        gj_buf_add_str(out, id_json);
    }
    add_text(out, "platform", platform);
    add_text(out, "suggestion", gj_suggestion_name(verdict->suggestion));
    add_text(out, "severity", gj_severity_name(verdict->severity));
    gj_json_add_key(out, "hits");
    gj_buf_add_char(out, '[');
    for (size_t i = 0; i < verdict->hit_count; i++) {
        gj_buf_add_cstr(out, i > 0 ? "," : "");
        add_hit(out, &verdict->hits[i], checker->json.english);
    }
    gj_buf_add_char(out, ']');
    if (verdict->hits_dropped > 0) {
        gj_json_add_int(out, "hits_dropped", (int64_t)verdict->hits_dropped);
    }
    gj_json_add_key(out, "unknown");
    gj_buf_add_char(out, '[');
    for (size_t i = 0; i < verdict->unknown_count; i++) {
        gj_buf_add_cstr(out, i > 0 ? "," : "");
        gj_json_add_string(out, gj_str_of(verdict->unknown[i]));
    }
    gj_buf_add_char(out, ']');
    for (size_t i = 0; i < checker->ignored_count; i++) {
        gj_buf_add_cstr(out, i > 0 ? "," : ",\"ignored\":[");
        gj_json_add_string(out, gj_str_of(checker->ignored[i]));
    }
    gj_buf_add_cstr(out, checker->ignored_count > 0 ? "]" : "");
    add_text(out, "rulebook", verdict->rulebook);
    gj_buf_add_char(out, '}');
}

const char *gj_verdict_json(gj_checker *checker, const gj_verdict *verdict, const char *platform,
                            size_t *len)
{
    gj_buf_reset(&checker->out);
    checker->ignored_count = 0;
    gj_verdict_write(checker, verdict, (struct gj_str){0}, platform);
    *len = checker->out.len;
    return checker->out.ptr;
}

/* ---- reading ---- */

static int refuse(struct request *r, const char *format, const char *what)
{
    gj_buf_addf(r->detail, format, what);
    r->why = r->detail->ptr;
    return GJ_EINPUT;
}

/* Texts are handed on as C strings: what stands behind a NUL would be passed over. */
static bool is_c_string(const struct gj_json *value)
{
    return value->kind == GJ_JSON_STRING && memchr(value->text.ptr, '\0', value->text.len) == NULL;
}

static int take_string(struct request *r, const struct gj_json *value, const char **out)
{
    if (!is_c_string(value)) {
        return refuse(r, "\"%s\" must be a string", value->key.ptr);
    }
    *out = value->text.ptr; /* simdjson's strings end in a NUL */
    return GJ_OK;
}

static void ignore(struct request *r, struct gj_str name)
{
    gj_checker *checker = r->checker;
    struct gj_str kept = checker->ignored_count < GJ_IGNORED_MAX
                             ? gj_arena_copy(&checker->scratch, name)
                             : (struct gj_str){0};
    if (kept.ptr != NULL) {
        checker->ignored[checker->ignored_count++] = kept.ptr;
    }
}

/* `text` is scratch. */
static int take_id(struct request *r, const struct gj_json *value, struct gj_buf *text)
{
    gj_buf_reset(text);
    if (value->kind == GJ_JSON_STRING) {
        gj_json_add_string(text, value->text);
    } else if (value->kind == GJ_JSON_INT) {
        gj_buf_add_int(text, value->integer);
    } else if (value->kind == GJ_JSON_NULL) {
        gj_buf_add_cstr(text, "null");
    }
    int status = GJ_OK;
    if (text->len == 0) {
        status = refuse(r, "\"%s\" must be a string or an integer", "id");
    } else if (text->len >= ID_BYTES_MAX) {
        status = refuse(r, "\"%s\" is longer than 255 bytes; shorten it", "id");
    } else {
        memcpy(r->id, text->ptr, text->len);
        r->id_len = text->len;
    }
    gj_buf_reset(text);
    return status;
}

static int take_time(struct request *r, const struct gj_json *value)
{
    struct gj_instant instant;
    if (value->kind != GJ_JSON_STRING || gj_timestamp_parse(value->text, &instant) != 0) {
        return refuse(r, "\"%s\" must be RFC 3339, as 2026-03-01T10:00:00+08:00", "time");
    }
    r->message.at = instant.seconds;
    return GJ_OK;
}

static int add_strings(gj_checker *checker, struct request *r, const struct gj_json *list,
                       gj_fact *fact)
{
    size_t first = checker->string_count;
    for (const struct gj_json *item = gj_json_first(checker->parser, list); item != NULL;
         item = gj_json_next(checker->parser, item)) {
        const char **grown = gj_grow(checker->string_list, &checker->string_capacity,
                                     checker->string_count + 1, sizeof *grown);
        if (!is_c_string(item) || grown == NULL) {
            return refuse(r, "the list \"%s\" must hold strings only", fact->name);
        }
        checker->string_list = grown;
        grown[checker->string_count++] = item->text.ptr;
    }
    fact->kind = GJ_FACT_STRINGS;
    fact->integer = (int64_t)first; /* an index until the list has stopped moving */
    fact->string_count = checker->string_count - first;
    return GJ_OK;
}

static int take_context(gj_checker *checker, struct request *r, const struct gj_json *object,
                        size_t prefix);

/* One fact; its dotted name ends the buffer `names`. */
static int take_fact(gj_checker *checker, struct request *r, const struct gj_json *value,
                     size_t name)
{
    const struct gj_book *book = checker->host.book;
    struct gj_str dotted = {checker->names.ptr + name, checker->names.len - name};
    uint32_t slot = gj_map_get(&book->field_ids, dotted);
    if (slot == GJ_MAP_NONE && value->kind == GJ_JSON_OBJECT && dotted.len < NAME_BYTES_MAX) {
        gj_buf_add_char(&checker->names, '.');
        return take_context(checker, r, value, name);
    }
    if (slot == GJ_MAP_NONE) {
        ignore(r, dotted);
        return GJ_OK;
    }
    gj_fact *facts = gj_grow(checker->fact_list, &checker->fact_capacity, r->message.fact_count + 1,
                             sizeof *facts);
    if (facts == NULL) {
        return refuse(r, "%s", "out of memory");
    }
    checker->fact_list = facts;
    gj_fact *fact = &facts[r->message.fact_count];
    *fact = (gj_fact){.name = book->fields[slot].name.ptr};
    switch (value->kind) {
    case GJ_JSON_NULL: /* not given */
        return GJ_OK;
    case GJ_JSON_BOOL:
        fact->kind = GJ_FACT_BOOL;
        fact->boolean = value->integer != 0;
        break;
    case GJ_JSON_INT:
        fact->kind = GJ_FACT_INT;
        fact->integer = value->integer;
        break;
    case GJ_JSON_STRING:
        fact->kind = GJ_FACT_STRING;
        fact->string = value->text.ptr;
        if (!is_c_string(value)) {
            return refuse(r, "\"%s\" holds a NUL; remove it", fact->name);
        }
        break;
    case GJ_JSON_ARRAY:
        if (add_strings(checker, r, value, fact) != GJ_OK) {
            return GJ_EINPUT;
        }
        break;
    case GJ_JSON_DOUBLE:
    case GJ_JSON_OBJECT:
    default:
        return refuse(r, "\"context\": \"%s\" has a value of a kind that no fact has", fact->name);
    }
    r->message.fact_count++;
    return GJ_OK;
}

/* The facts of an object; `names` holds from byte `prefix` on the dotted path to it, with its dot.
 */
static int take_context(gj_checker *checker, struct request *r, const struct gj_json *object,
                        size_t prefix)
{
    struct gj_buf *names = &checker->names;
    size_t path_len = names->len - prefix;
    for (const struct gj_json *value = gj_json_first(checker->parser, object); value != NULL;
         value = gj_json_next(checker->parser, value)) {
        size_t name = names->len;
        if (gj_buf_reserve(names, path_len + value->key.len + 2) != 0) {
            return refuse(r, "%s", "out of memory");
        }
        gj_buf_add(names, names->ptr + prefix, path_len);
        gj_buf_add_str(names, value->key);
        int status = take_fact(checker, r, value, name);
        if (status != GJ_OK) {
            return status;
        }
        names->len = name; /* else a long path would be kept once for each of its members */
    }
    return GJ_OK;
}

static int take_member(gj_checker *checker, struct request *r, const struct gj_json *value)
{
    if (gj_str_is(value->key, checker->json.text_key == NULL ? "text" : checker->json.text_key)) {
        r->message.text = value->text.ptr;
        r->message.text_len = value->text.len;
        return value->kind == GJ_JSON_STRING ? GJ_OK : refuse(r, "\"%s\" must be a string", "text");
    }
    if (gj_str_is(value->key, "platform")) {
        return take_string(r, value, &r->message.platform);
    }
    if (checker->json.text_only) {
        return GJ_OK;
    }
    if (gj_str_is(value->key, "sender")) {
        return take_string(r, value, &r->message.sender);
    }
    if (gj_str_is(value->key, "kind")) {
        return take_string(r, value, &r->message.kind);
    }
    if (gj_str_is(value->key, "agent_id")) {
        return take_string(r, value, &r->message.agent_id);
    }
    if (gj_str_is(value->key, "time")) {
        return take_time(r, value);
    }
    if (gj_str_is(value->key, "context")) {
        if (value->kind != GJ_JSON_OBJECT) {
            return refuse(r, "\"%s\" must be an object of facts", "context");
        }
        return take_context(checker, r, value, checker->names.len);
    }
    if (!gj_str_is(value->key, "id")) {
        ignore(r, value->key);
    }
    return GJ_OK;
}

static int read_request(gj_checker *checker, struct request *r, struct gj_str line, size_t padding)
{
    const struct gj_json *root = gj_json_parse(checker->parser, line, padding, &r->why);
    if (root == NULL) {
        return GJ_EINPUT;
    }
    if (root->kind != GJ_JSON_OBJECT) {
        return refuse(r, "%s", "one JSON object is expected on a line");
    }
    for (const struct gj_json *v = gj_json_first(checker->parser, root); v != NULL;
         v = gj_json_next(checker->parser, v)) { /* first of all, so that a refusal can name it */
        if (gj_str_is(v->key, "id") && take_id(r, v, &checker->names) != GJ_OK) {
            return GJ_EINPUT;
        }
    }
    for (const struct gj_json *v = gj_json_first(checker->parser, root); v != NULL;
         v = gj_json_next(checker->parser, v)) {
        int status = take_member(checker, r, v);
        if (status != GJ_OK) {
            return status;
        }
    }
    if (r->message.platform == NULL) {
        r->message.platform = checker->json.default_platform;
    }
    if (r->message.platform == NULL || r->message.text == NULL) {
        return refuse(r, "\"%s\" is missing; add it",
                      r->message.text == NULL ? "text" : "platform");
    }
    for (size_t i = 0; i < r->message.fact_count; i++) {
        gj_fact *fact = &checker->fact_list[i];
        if (fact->kind == GJ_FACT_STRINGS && fact->string_count > 0) {
            fact->strings = checker->string_list + fact->integer;
        }
    }
    r->message.facts = checker->fact_list;
    return GJ_OK;
}

static void write_refusal(gj_checker *checker, const struct request *r, size_t line_number)
{
    struct gj_buf *out = &checker->out;
    gj_buf_add_char(out, '{');
    if (r->id_len > 0) {
        gj_buf_add_cstr(out, "\"id\":");
        gj_buf_add(out, r->id, r->id_len);
        gj_buf_add_char(out, ',');
    }
    gj_buf_add_cstr(out, "\"error\":{");
    if (line_number > 0) {
        gj_buf_addf(out, "\"line\":%zu,", line_number);
    }
    gj_buf_add_cstr(out, "\"message\":");
    struct gj_buf told;
    gj_buf_init(&told);
    gj_phrase_add(&told, gj_str_of(r->why), checker->json.english);
    gj_json_add_string(out, gj_buf_str(&told));
    out->failed |= told.failed;
    gj_buf_release(&told);
    gj_buf_add_cstr(out, "}}");
}

int gj_check_json(gj_checker *checker, const char *line, size_t len, size_t json_padding,
                  size_t line_number, const char **json, size_t *json_len,
                  const gj_verdict **verdict)
{
    struct request r = {
        .checker = checker, .detail = &checker->explanation, .message = {.at = checker->json.now}};
    const gj_verdict *found = NULL;
    struct gj_str text = {line, len};
    gj_buf_reset(&checker->out);
    gj_buf_reset(&checker->explanation);
    gj_buf_reset(&checker->names);
    gj_checker_forget(checker);
    checker->string_count = checker->ignored_count = 0;
    size_t valid = gj_utf8_valid_prefix(text);
    int status =
        valid < len
            ? (gj_buf_addf(r.detail, "it is not valid UTF-8 at byte %zu; save it as UTF-8", valid),
               r.why = r.detail->ptr, GJ_EINPUT)
            : read_request(checker, &r, text, json_padding);
    if (status == GJ_OK) {
        gj_errors errors;
        gj_errors_init(&errors);
        status = gj_judge(checker, &r.message, &found, &errors);
        if (status != GJ_OK) {
            gj_buf_add_str(r.detail, errors.count > 0 ? errors.items[0].message : GJ_STR("failed"));
            r.why = r.detail->ptr;
        }
        gj_errors_release(&errors);
    }
    if (status == GJ_OK) {
        gj_verdict_write(checker, found, (struct gj_str){r.id, r.id_len}, r.message.platform);
    } else {
        write_refusal(checker, &r, line_number);
    }
    struct gj_str out = gj_buf_str(&checker->out);
    if (checker->out.failed) {
        out = GJ_STR("{\"error\":{\"message\":\"out of memory\"}}");
        r.why = "out of memory";
        status = GJ_ESYSTEM;
        found = NULL;
    }
    checker->last = r.message;
    checker->refusal = status == GJ_OK ? "" : r.why;
    if (verdict != NULL) {
        *verdict = found;
    }
    *json = out.ptr;
    *json_len = out.len;
    return status;
}

const gj_message *gj_checker_message(const gj_checker *checker)
{
    return &checker->last;
}

const char *gj_checker_refusal(const gj_checker *checker)
{
    return checker->refusal == NULL ? "" : checker->refusal;
}

size_t gj_checker_ignored(const gj_checker *checker, const char *const **names)
{
    *names = checker->ignored;
    return checker->ignored_count;
}
