/* Room book: fields, packs, openers, sources, parameters, hosts, grammar, shapes (see build.h). */
#include <stdio.h>

#include "base/calendar.h"
#include "book/build.h"

/* ---- dates ---- */

int64_t gj_china_day(struct gj_str date)
{
    char text[32];
    struct gj_instant instant;
    int len = snprintf(text, sizeof text, "%.*sT00:00:00+08:00",
                       (int)(date.len < 11 ? date.len : 11), date.ptr);
    bool parsed =
        date.len == 10 && gj_timestamp_parse((struct gj_str){text, (size_t)len}, &instant) == 0;
    return parsed ? instant.seconds : INT64_MIN;
}

/* ---- fields, packs, openers ---- */

static const char *const known_fields[GJ_KNOWN_FIELDS] = {
    "platform",       "message.sender",        "message.kind",
    "message.length", "shop.authorised_hosts", "shop.packs"};

static const struct gj_type *field_type(struct gj_str name)
{
    static const struct {
        const char *name;
        const struct gj_type *type;
    } types[] = {{"bool", &gj_type_bool},           {"int", &gj_type_int},
                 {"string", &gj_type_string},       {"list(string)", &gj_type_list_of_string},
                 {"timestamp", &gj_type_timestamp}, {"duration", &gj_type_duration}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (gj_str_is(name, types[i].name)) {
            return types[i].type;
        }
    }
    return NULL;
}

/* A scalar as a value of `type` (bool, int, string; an empty list for list(string)). */
static int read_value(struct gj_builder *b, const struct gj_node *node, const struct gj_type *type,
                      struct gj_value *out)
{
    *out = (struct gj_value){0};
    if (type->kind == GJ_TYPE_LIST && node->kind == GJ_NODE_SEQUENCE && node->count == 0) {
        out->kind = GJ_V_LIST;
        return 0;
    }
    if (node->kind == GJ_NODE_SCALAR && type->kind == GJ_TYPE_STRING) {
        out->kind = GJ_V_STRING;
        out->as.text = node->text;
        return 0;
    }
    bool boolean = gj_str_is(node->text, "true") || gj_str_is(node->text, "false");
    if (node->kind == GJ_NODE_SCALAR && type->kind == GJ_TYPE_BOOL && boolean) {
        out->kind = GJ_V_BOOL;
        out->as.boolean = node->text.len == 4;
        return 0;
    }
    int64_t integer = 0;
    bool digits = node->kind == GJ_NODE_SCALAR && node->text.len > 0 && node->text.len < 19;
    for (size_t i = 0; digits && i < node->text.len; i++) {
        digits = node->text.ptr[i] >= '0' && node->text.ptr[i] <= '9';
        integer = integer * 10 + (node->text.ptr[i] - '0');
    }
    if (type->kind == GJ_TYPE_INT && digits) {
        out->kind = GJ_V_INT;
        out->as.integer = integer;
        return 0;
    }
    struct gj_instant duration;
    if (node->kind == GJ_NODE_SCALAR && type->kind == GJ_TYPE_DURATION &&
        gj_duration_parse_iso(node->text, &duration) == 0) {
        out->kind = GJ_V_DURATION;
        out->as.instant = duration;
        return 0;
    }
    return gj_complain(b, node, "the value is not of the type declared");
}

/* A text that stands for a value of the field must be one that it can have. */
static void check_value(struct gj_builder *b, const struct gj_node *node,
                        const struct gj_field *field)
{
    bool found = node == NULL || node->kind != GJ_NODE_SCALAR || field->value_count == 0;
    for (size_t i = 0; !found && i < field->value_count; i++) {
        found = gj_str_eq(field->values[i], node->text);
    }
    if (!found) {
        gj_complain(b, node, "'%s' is no value of %s", node->text.ptr, field->name.ptr);
    }
}

static void read_field(struct gj_builder *b, const struct gj_node *node, struct gj_field *field)
{
    static const char *const keys[] = {"type", "default", "values", "says", NULL};
    struct gj_str type;
    field->name = node->key->text;
    field->standard.kind = GJ_V_UNKNOWN;
    field->type = &gj_type_bool;
    if (node->kind != GJ_NODE_MAPPING) {
        gj_complain(b, node, "a field must be {type: ..., ...}");
        return;
    }
    gj_read_keys(b, node, keys);
    if (gj_need_string(b, node, "type", &type) == 1) {
        const struct gj_type *found = field_type(type);
        if (found == NULL) {
            gj_complain(b, gj_node_get(node, "type"),
                        "unknown type; use bool, int, string, list(string), timestamp or duration");
        } else {
            field->type = found;
        }
    }
    const struct gj_node *standard = gj_node_get(node, "default");
    if (standard != NULL) {
        read_value(b, standard, field->type, &field->standard);
    }
    gj_read_strings(b, node, "values", &field->values, &field->value_count);
    check_value(b, standard, field);
}

static uint32_t known_slot(struct gj_str name)
{
    for (uint32_t i = 0; i < GJ_KNOWN_FIELDS; i++) {
        if (gj_str_is(name, known_fields[i])) {
            return i;
        }
    }
    return GJ_KNOWN_FIELDS;
}

static void read_packs(struct gj_builder *b)
{
    static const char *const keys[] = {"packs", "tests_on", NULL};
    const struct gj_node *entry = gj_only_entry(b, "packs", keys);
    if (entry == NULL) {
        return;
    }
    gj_read_string(b, entry, "tests_on", &b->book->tests_on);
    check_value(b, gj_node_get(entry, "tests_on"), &b->book->fields[GJ_FIELD_PLATFORM]);
    gj_read_strings(b, entry, "packs", &b->book->packs, &b->book->pack_count);
    for (size_t i = 0; i < b->book->pack_count; i++) {
        gj_book_name(b, &b->book->pack_ids, b->book->packs[i], (uint32_t)i);
    }
}

static void read_openers(struct gj_builder *b)
{
    static const char *const keys[] = {"openers", NULL};
    const struct gj_node *list = gj_node_get(gj_only_entry(b, "openers", keys), "openers");
    if (list == NULL) {
        return;
    }
    if (list->kind != GJ_NODE_MAPPING) {
        gj_complain(b, list, "'openers' must be {text: {field: value}}");
        return;
    }
    b->book->openers = gj_book_array(b, list->count, sizeof *b->book->openers);
    for (const struct gj_node *n = list->first; b->book->openers != NULL && n != NULL;
         n = n->next) {
        uint32_t field = n->kind == GJ_NODE_MAPPING && n->count == 1
                             ? known_slot(n->first->key->text)
                             : GJ_KNOWN_FIELDS;
        if (field != GJ_FIELD_SENDER && field != GJ_FIELD_KIND) {
            gj_complain(b, n,
                        "an opener sets message.sender or message.kind: {message.kind: title}");
            continue;
        }
        check_value(b, n->first, &b->book->fields[field]);
        b->book->openers[b->book->opener_count++] =
            (struct gj_opener){n->key->text, field, n->first->text};
    }
}

/* The program itself fills these: their types are not free, and it must know the audiences. */
static void check_known_field(struct gj_builder *b, const struct gj_field *field, uint32_t slot)
{
    const struct gj_type *want = slot <= GJ_FIELD_KIND     ? &gj_type_string
                                 : slot == GJ_FIELD_LENGTH ? &gj_type_int
                                                           : &gj_type_list_of_string;
    if (field->name.len == 0) {
        return; /* told by the caller */
    }
    if (field->type != want) {
        gj_errors_say(b->errors, "field '%s' must be of type %s in schema.yaml", known_fields[slot],
                      slot <= GJ_FIELD_KIND     ? "string"
                      : slot == GJ_FIELD_LENGTH ? "int"
                                                : "list(string)");
    } else if (slot <= GJ_FIELD_KIND && field->value_count == 0) {
        gj_errors_say(b->errors, "field '%s' needs its 'values: [...]' in schema.yaml",
                      known_fields[slot]);
    }
}

void gj_build_fields(struct gj_builder *b)
{
    struct gj_book *book = b->book;
    static const char *const keys[] = {"fields", NULL};
    const struct gj_node *list = gj_node_get(gj_only_entry(b, "fields", keys), "fields");
    size_t count = list != NULL && list->kind == GJ_NODE_MAPPING ? list->count : 0;
    book->fields = gj_book_array(b, count + GJ_KNOWN_FIELDS, sizeof *book->fields);
    if (book->fields == NULL) {
        return;
    }
    book->field_count = GJ_KNOWN_FIELDS;
    for (const struct gj_node *n = count > 0 ? list->first : NULL; n != NULL; n = n->next) {
        uint32_t slot = known_slot(n->key->text);
        slot = slot < GJ_KNOWN_FIELDS ? slot : (uint32_t)book->field_count++;
        read_field(b, n, &book->fields[slot]);
        gj_book_name(b, &book->field_ids, n->key->text, slot);
    }
    for (uint32_t i = 0; i < GJ_KNOWN_FIELDS; i++) {
        check_known_field(b, &book->fields[i], i);
        if (book->fields[i].name.len == 0) {
            gj_errors_say(b->errors, "the rulebook declares no field '%s'; add it to schema.yaml",
                          known_fields[i]);
            book->fields[i] =
                (struct gj_field){.name = gj_str_of(known_fields[i]), .type = &gj_type_string};
        }
    }
    read_packs(b);
    read_openers(b);
}

/* ---- measures ---- */

void gj_build_measures(struct gj_builder *b)
{
    static const char *const keys[] = {"measures", NULL};
    const struct gj_node *list = gj_node_get(gj_only_entry(b, "measures", keys), "measures");
    if (list == NULL) {
        return; /* a rulebook without them does without the check */
    }
    if (list->kind != GJ_NODE_MAPPING) {
        gj_complain(b, list, "'measures' must be {name: {zh: ..., en: ...}}");
        return;
    }
    struct gj_measure_name *names = gj_book_array(b, list->count, sizeof *names);
    b->book->measures = names;
    for (const struct gj_node *n = list->first; names != NULL && n != NULL; n = n->next) {
        struct gj_measure_name *name = &names[b->book->measure_count];
        gj_read_bilingual(b, list, n->key->text.ptr, true, &name->zh, &name->en);
        gj_book_name(b, &b->book->measure_ids, n->key->text, (uint32_t)b->book->measure_count++);
    }
}

void gj_check_measure(struct gj_builder *b, const struct gj_node *node, struct gj_str name)
{
    if (b->book->measure_count == 0 || name.len == 0 ||
        gj_map_get(&b->book->measure_ids, name) != GJ_MAP_NONE) {
        return;
    }
    struct gj_str near = gj_nearest(&b->book->measure_ids, name);
    gj_complain(b, node, "unknown measure '%s'%s%s%s", name.ptr,
                near.len > 0 ? "; did you mean '" : "; declare it under 'measures' in schema.yaml",
                near.len > 0 ? near.ptr : "", near.len > 0 ? "'?" : "");
}

/* ---- sources ---- */

void gj_build_sources(struct gj_builder *b)
{
    static const char *const keys[] = {"title", "date", NULL};
    static const char *const entry_keys[] = {"sources", NULL};
    struct gj_book *book = b->book;
    size_t total = 0;
    const struct gj_node *entry = gj_entry_of(b->documents, "sources");
    for (const struct gj_node *e = entry; e != NULL; e = gj_entry_of(e->next, "sources")) {
        total += e->first->count;
    }
    book->sources = gj_book_array(b, total, sizeof *book->sources);
    for (; entry != NULL && book->sources != NULL; entry = gj_entry_of(entry->next, "sources")) {
        const struct gj_node *list = entry->first;
        gj_read_keys(b, entry, entry_keys);
        if (list->kind != GJ_NODE_MAPPING) {
            gj_complain(b, list, "'sources' must be {id: {title: {zh, en}, date: ...}}");
            continue;
        }
        for (const struct gj_node *n = list->first; n != NULL; n = n->next) {
            struct gj_source *source = &book->sources[book->source_count];
            source->id = n->key->text;
            if (n->kind != GJ_NODE_MAPPING) {
                gj_complain(b, n, "a source must be {title: {zh, en}, date: ...}");
                continue;
            }
            gj_read_keys(b, n, keys);
            gj_read_bilingual(b, n, "title", true, &source->title_zh, &source->title_en);
            gj_read_string(b, n, "date", &source->date);
            if (source->date.len > 0 && gj_china_day(source->date) == INT64_MIN) {
                gj_complain(b, gj_node_get(n, "date"), "a date must be YYYY-MM-DD and exist");
            }
            if (gj_map_get(&book->source_ids, source->id) != GJ_MAP_NONE) {
                gj_complain(b, n->key, "source '%s' is declared twice", source->id.ptr);
            }
            gj_book_name(b, &book->source_ids, source->id, (uint32_t)book->source_count++);
        }
    }
}

/* ---- parameters ---- */

static const struct gj_type *type_of_scalar(const struct gj_node *node)
{
    if (node->plain && (gj_str_is(node->text, "true") || gj_str_is(node->text, "false"))) {
        return &gj_type_bool;
    }
    bool digits = node->plain && node->text.len > 0;
    for (size_t i = 0; digits && i < node->text.len; i++) {
        digits = node->text.ptr[i] >= '0' && node->text.ptr[i] <= '9';
    }
    struct gj_instant duration;
    if (node->plain && gj_duration_parse_iso(node->text, &duration) == 0) {
        return &gj_type_duration;
    }
    return digits ? &gj_type_int : &gj_type_string;
}

static void read_param_values(struct gj_builder *b, const struct gj_node *list,
                              struct gj_param *param)
{
    static const char *const keys[] = {"value", "cites", NULL};
    struct gj_param_value *values = gj_book_array(b, list->count, sizeof *values);
    param->values = values;
    for (const struct gj_node *n = list->first; values != NULL && n != NULL; n = n->next) {
        struct gj_param_value *value = &values[param->value_count];
        const struct gj_node *given = gj_node_get(n, "value");
        if (param->type == NULL && given != NULL && given->kind == GJ_NODE_SCALAR) {
            param->type = type_of_scalar(given); /* known even where the date is wrong */
        }
        value->from = gj_china_day(n->key->text);
        if (value->from == INT64_MIN && !gj_str_is(n->key->text, "always")) {
            gj_complain(b, n->key, "a date must be YYYY-MM-DD and exist; 'always': from ever on");
            continue;
        }
        if (param->value_count > 0 && values[param->value_count - 1].from >= value->from) {
            gj_complain(b, n->key, "dates must ascend: each value holds until the next begins");
            continue;
        }
        if (given == NULL || given->kind != GJ_NODE_SCALAR) {
            gj_complain(b, n, "must be {value: ..., cites: ...}");
            continue;
        }
        gj_read_keys(b, n, keys);
        const struct gj_type *type = type_of_scalar(given);
        if (param->type != NULL && param->type != type) {
            gj_complain(b, given, "all values of a parameter must be of one type");
            continue;
        }
        param->type = type;
        const struct gj_cite *cites = NULL;
        size_t cite_count = 0;
        if (read_value(b, given, type, &value->value) != 0 ||
            gj_read_cites(b, n, &cites, &cite_count) < 0) {
            continue;
        }
        value->cite = cites[0];
        param->value_count++;
    }
}

void gj_build_params(struct gj_builder *b)
{
    static const char *const keys[] = {"param", "title", "values", NULL};
    struct gj_book *book = b->book;
    book->params = gj_book_array(b, gj_entry_total(b, "param"), sizeof *book->params);
    for (const struct gj_node *n = gj_entry_of(b->documents, "param");
         n != NULL && book->params != NULL; n = gj_entry_of(n->next, "param")) {
        struct gj_param *param = &book->params[book->param_count];
        const struct gj_node *list = gj_node_get(n, "values");
        gj_read_keys(b, n, keys);
        param->node = n;
        if (gj_need_string(b, n, "param", &param->id) < 0) {
            continue;
        }
        if (list == NULL || list->kind != GJ_NODE_MAPPING || list->count == 0) {
            gj_complain(b, n, "'values' must be {date: {value: ..., cites: ...}}");
            continue;
        }
        read_param_values(b, list, param);
        if (param->type == NULL) {
            param->type = &gj_type_int; /* told already */
        }
        if (gj_map_get(&book->param_ids, param->id) != GJ_MAP_NONE) {
            gj_complain_twice(b, n, "param", param->id);
        }
        gj_book_name(b, &book->param_ids, param->id, (uint32_t)book->param_count++);
    }
}

struct gj_value gj_param_at(const struct gj_param *param, int64_t at)
{
    struct gj_value found = {.kind = GJ_V_ERROR,
                             .as.text = GJ_STR("the parameter has no value at this date yet")};
    for (size_t i = 0; i < param->value_count && param->values[i].from <= at; i++) {
        found = param->values[i].value;
    }
    return found;
}

/* ---- hosts ---- */

/* `entry` may be written in capitals, `host` is not. */
static bool ends_in(struct gj_str host, struct gj_str entry)
{
    const char *end = host.ptr + host.len - entry.len;
    for (size_t i = 0; i < entry.len; i++) {
        char c = entry.ptr[i];
        if ((c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) != end[i]) {
            return false;
        }
    }
    return true;
}

bool gj_host_in(struct gj_str host, const struct gj_str *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (host.len < list[i].len) {
            continue;
        }
        size_t before = host.len - list[i].len;
        if ((before == 0 || host.ptr[before - 1] == '.') && ends_in(host, list[i])) {
            return true;
        }
    }
    return false;
}

/* What no host can equal would be passed over in silence. */
static void check_hosts(struct gj_builder *b, const struct gj_node *list)
{
    for (const struct gj_node *n = list == NULL ? NULL : list->first; n != NULL; n = n->next) {
        if (n->kind == GJ_NODE_SCALAR &&
            (strpbrk(n->text.ptr, "/:* ") != NULL || n->text.ptr[0] == '.')) {
            gj_complain(b, n, "write the host alone, as shop.com: its subdomains are meant too");
        }
    }
}

void gj_build_hosts(struct gj_builder *b)
{
    static const char *const keys[] = {"hosts", "title", "list", NULL};
    struct gj_book *book = b->book;
    book->hosts = gj_book_array(b, gj_entry_total(b, "hosts"), sizeof *book->hosts);
    for (const struct gj_node *n = gj_entry_of(b->documents, "hosts");
         n != NULL && book->hosts != NULL; n = gj_entry_of(n->next, "hosts")) {
        struct gj_hosts *hosts = &book->hosts[book->host_count];
        gj_read_keys(b, n, keys);
        if (gj_need_string(b, n, "hosts", &hosts->id) < 0) {
            continue;
        }
        gj_read_strings(b, n, "list", &hosts->list, &hosts->count);
        check_hosts(b, gj_node_get(n, "list"));
        if (gj_map_get(&book->host_ids, hosts->id) != GJ_MAP_NONE) {
            gj_complain_twice(b, n, "hosts", hosts->id);
        }
        gj_book_name(b, &book->host_ids, hosts->id, (uint32_t)book->host_count++);
    }
}

/* ---- grammar ---- */

static void read_folded(struct gj_builder *b, const struct gj_node *mapping, const char *key,
                        const struct gj_str **out, size_t *count)
{
    if (gj_read_strings(b, mapping, key, out, count) != 1) {
        return;
    }
    struct gj_str *list = gj_book_array(b, *count, sizeof *list);
    struct gj_buf folded;
    gj_buf_init(&folded);
    for (size_t i = 0; list != NULL && i < *count; i++) {
        gj_buf_reset(&folded);
        gj_text_fold_word((*out)[i], &folded);
        list[i] = gj_book_keep(b, &folded);
    }
    gj_buf_release(&folded);
    *out = list;
}

void gj_build_grammar(struct gj_builder *b)
{
    static const char *const keys[] = {"words",         "not_negating",   "condition_ends",
                                       "question_ends", "statement_ends", "question_words",
                                       "quote_leads",   "fillers",        "refusals",
                                       "taken_up",      "distance",       NULL};
    struct gj_grammar *g = &b->book->grammar;
    static const char *const entry_keys[] = {"negation", NULL};
    const struct gj_node *entry = gj_only_entry(b, "negation", entry_keys);
    if (entry == NULL) {
        return;
    }
    const struct gj_node *n = entry->first;
    if (n->kind != GJ_NODE_MAPPING) {
        gj_complain(b, n, "'negation' must be {words: [...], not_negating: [...], ...}");
        return;
    }
    gj_read_keys(b, n, keys);
    read_folded(b, n, "words", &g->negation, &g->negation_count);
    read_folded(b, n, "not_negating", &g->not_negating, &g->not_negating_count);
    read_folded(b, n, "condition_ends", &g->condition_ends, &g->condition_end_count);
    read_folded(b, n, "question_ends", &g->question_ends, &g->question_end_count);
    read_folded(b, n, "statement_ends", &g->statement_ends, &g->statement_end_count);
    read_folded(b, n, "question_words", &g->question_words, &g->question_word_count);
    read_folded(b, n, "quote_leads", &g->quote_leads, &g->quote_lead_count);
    read_folded(b, n, "fillers", &g->fillers, &g->filler_count);
}

/* ---- shapes ---- */

static void add_shapes(struct gj_builder *b, const struct gj_node *list, int kind, size_t capacity)
{
    for (const struct gj_node *n = list->first; n != NULL; n = n->next) {
        bool one = kind == GJ_SHAPE_EMOJI;
        if ((one && n->kind != GJ_NODE_SCALAR) || (!one && n->kind != GJ_NODE_SEQUENCE) ||
            n->key->text.len == 0) {
            gj_complain(b, n, one ? "an emoji is read as one text" : "must be a list of spellings");
            continue;
        }
        for (const struct gj_node *item = one ? n : n->first; item != NULL;
             item = one ? NULL : item->next) {
            if (item->kind != GJ_NODE_SCALAR || item->text.len == 0) {
                gj_complain(b, item, "must be a non-empty text");
            } else if (b->shape_count < capacity) {
                struct gj_shape *shape = &b->shapes[b->shape_count++];
                shape->kind = kind == GJ_SHAPE_SPLIT       ? GJ_SHAPE_SPLIT
                              : kind == GJ_SHAPE_LOOKALIKE ? GJ_SHAPE_LOOKALIKE
                                                           : GJ_SHAPE_EMOJI;
                shape->character = n->key->text;
                shape->replacement = item->text;
            }
        }
    }
}

void gj_build_shapes(struct gj_builder *b)
{
    static const char *const keys[] = {"shapes", "split", "look_alike", "emoji", NULL};
    static const char *const parts[] = {"split", "look_alike", "emoji"};
    size_t capacity = 0;
    for (const struct gj_node *n = gj_entry_of(b->documents, "shapes"); n != NULL;
         n = gj_entry_of(n->next, "shapes")) {
        for (int i = 0; i < 3; i++) {
            const struct gj_node *list = gj_node_get(n, parts[i]);
            for (const struct gj_node *c = list == NULL ? NULL : list->first; c != NULL;
                 c = c->next) {
                capacity += c->kind == GJ_NODE_SEQUENCE ? c->count : 1;
            }
        }
    }
    b->shapes = gj_book_array(b, capacity, sizeof *b->shapes);
    for (const struct gj_node *n = gj_entry_of(b->documents, "shapes");
         n != NULL && b->shapes != NULL; n = gj_entry_of(n->next, "shapes")) {
        gj_read_keys(b, n, keys);
        for (int i = 0; i < 3; i++) {
            const struct gj_node *list = gj_node_get(n, parts[i]);
            if (list != NULL && list->kind == GJ_NODE_MAPPING) {
                add_shapes(b, list, i, capacity);
            } else if (list != NULL) {
                gj_complain(b, list, "must be a mapping from a character to its spellings");
            }
        }
    }
}
