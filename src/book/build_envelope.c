/* Room book: mappings of platforms' envelopes (docs/envelopes.md) into what room wire interprets.
 * An entry `envelope: NAME` may be followed by others of the same name with `overrides: true`, a
 * merchant's own: their keys take the place of the first one's, their topics one by one. */
#include "book/build_envelope.h"

struct entries { /* those of one name: the first is no override */
    const struct gj_node **items;
    size_t count;
};

/* ---- which entries ---- */

static bool is_override(const struct gj_node *entry)
{
    const struct gj_node *node = gj_node_get(entry, "overrides");
    return node != NULL && node->kind == GJ_NODE_SCALAR && gj_str_is(node->text, "true");
}

/* The last entry that has the key decides. */
static const struct gj_node *decisive(const struct entries *e, const char *key)
{
    const struct gj_node *found = NULL;
    for (size_t i = 0; i < e->count; i++) {
        const struct gj_node *node = gj_node_get(e->items[i], key);
        found = node != NULL ? node : found;
    }
    return found;
}

static bool lists_ignored(const struct gj_node *entry, struct gj_str topic)
{
    const struct gj_node *ignored = gj_node_get(entry, "ignored");
    for (const struct gj_node *n = ignored == NULL ? NULL : ignored->first; n != NULL;
         n = n->next) {
        if (gj_str_eq(n->text, topic)) {
            return true;
        }
    }
    return false;
}

/* Whether an entry behind number `i` says something of the topic. */
static bool is_overridden(const struct entries *e, size_t i, struct gj_str topic)
{
    for (size_t later = i + 1; later < e->count; later++) {
        const struct gj_node *topics = gj_node_get(e->items[later], "topics");
        if (gj_node_get(topics, topic.ptr) != NULL || lists_ignored(e->items[later], topic)) {
            return true;
        }
    }
    return false;
}

/* ---- proof, answer ---- */

static void read_signature(struct gj_builder *b, const struct gj_node *node,
                           struct gj_signature *out)
{
    static const char *const keys[] = {"scheme", "in", "over", NULL};
    if (node->kind != GJ_NODE_MAPPING) {
        gj_complain(b, node, "a signature must be {scheme: md5, in: header.NAME, over: \"...\"}");
        return;
    }
    gj_read_keys(b, node, keys);
    const struct gj_node *scheme = gj_node_get(node, "scheme"), *in = gj_node_get(node, "in"),
                         *over = gj_node_get(node, "over");
    if (scheme == NULL || in == NULL || over == NULL) {
        gj_complain(b, node, "'scheme', 'in' and 'over' must be given");
        return;
    }
    int digest = gj_read_choice(b, scheme, gj_digest_names);
    out->scheme = digest < 0 ? GJ_DIGEST_MD5 : (enum gj_digest)digest;
    struct gj_paths paths;
    gj_read_paths(b, in, &paths);
    if (paths.count != 1 || paths.items[0].step_count != 1 ||
        (paths.items[0].root != GJ_AT_HEADER && paths.items[0].root != GJ_AT_QUERY)) {
        gj_complain(b, in, "a signature stands in header.NAME or query.NAME");
        return;
    }
    out->in = paths.items[0];
    gj_read_template(b, over, true, &out->over);
}

static void read_signatures(struct gj_builder *b, const struct gj_node *node,
                            struct gj_envelope *out)
{
    if (node == NULL || (node->kind == GJ_NODE_SCALAR && gj_str_is(node->text, "none"))) {
        return;
    }
    bool single = node->kind == GJ_NODE_MAPPING;
    if (node->kind == GJ_NODE_SCALAR) {
        gj_complain(b, node, "'signature' must be {scheme, in, over}, a list of them, or none");
        return;
    }
    struct gj_signature *list = gj_book_array(b, single ? 1 : node->count, sizeof *list);
    for (const struct gj_node *n = single ? node : node->first; list != NULL && n != NULL;
         n = single ? NULL : n->next) {
        read_signature(b, n, &list[out->signature_count++]);
    }
    out->signatures = list;
}

static void read_answer(struct gj_builder *b, const struct gj_node *node, struct gj_envelope *out)
{
    static const char *const keys[] = {"type", "success", "failure", NULL};
    out->answer_type = out->answer_success = out->answer_failure = GJ_STR("");
    if (node == NULL) {
        return;
    }
    if (node->kind != GJ_NODE_MAPPING) {
        gj_complain(b, node,
                    "'answer' must be {type: application/json, success: ..., failure: ...}");
        return;
    }
    gj_read_keys(b, node, keys);
    gj_need_string(b, node, "type", &out->answer_type);
    gj_need_string(b, node, "success", &out->answer_success);
    gj_read_string(b, node, "failure", &out->answer_failure);
}

/* ---- shapes ---- */

static void check_platform(struct gj_builder *b, const struct gj_node *node, struct gj_str name)
{
    const struct gj_field *platform = &b->book->fields[GJ_FIELD_PLATFORM];
    struct gj_map names;
    for (size_t i = 0; i < platform->value_count; i++) {
        if (gj_str_eq(platform->values[i], name)) {
            return;
        }
    }
    gj_map_init(&names);
    for (size_t i = 0; i < platform->value_count; i++) {
        gj_map_put(&names, platform->values[i], (uint32_t)i);
    }
    struct gj_str near = gj_nearest(&names, name);
    gj_complain(b, node, "unknown platform '%.*s'%s%.*s; schema.yaml lists them", (int)name.len,
                name.ptr, near.len > 0 ? ", did you mean " : "", (int)near.len, near.ptr);
    gj_map_release(&names);
}

/* The platform of the source: the envelope's own unless the shape says otherwise. */
static void read_platform(struct gj_builder *b, const struct gj_node *node, struct gj_str name,
                          struct gj_map_field *out)
{
    if (node == NULL) {
        struct gj_piece *piece = gj_book_array(b, 1, sizeof *piece);
        *out = (struct gj_map_field){.name = GJ_STR("platform"), .required = true};
        if (piece != NULL) {
            *piece = (struct gj_piece){.literal = name};
            out->otherwise = (struct gj_template){piece, 1};
        }
        return;
    }
    gj_read_map_field(b, node, GJ_STR("platform"), NULL, out);
    if (out->choice_count == 0) {
        gj_complain(b, node, "say in 'to' which platform each value means");
    }
    for (size_t i = 0; i < out->choice_count; i++) {
        check_platform(b, node, out->choices[i].to);
    }
    if (out->rest.len > 0) {
        check_platform(b, node, out->rest);
    }
    if (out->otherwise.count > 0) {
        check_platform(b, node, out->otherwise.pieces[0].literal);
    }
}

static void read_text_of(struct gj_builder *b, const struct gj_node *shape, const char *key,
                         struct gj_map_field *out)
{
    const struct gj_node *node = gj_node_get(shape, key);
    if (node == NULL) {
        gj_complain(b, shape, "'%s' is missing; say where it stands", key);
        return;
    }
    gj_read_map_field(b, node, gj_str_of(key), NULL, out);
}

static void read_paths_of(struct gj_builder *b, const struct gj_node *shape, const char *key,
                          struct gj_paths *out)
{
    const struct gj_node *node = gj_node_get(shape, key);
    if (node != NULL) {
        gj_read_paths(b, node, out);
    }
}

static void read_shape(struct gj_builder *b, const struct gj_node *node, struct gj_str name,
                       struct gj_map_shape *out)
{
    static const char *const keys[] = {"has",      "each", "topic", "content", "shop",
                                       "platform", "id",   "time",  NULL};
    if (node->kind != GJ_NODE_MAPPING) {
        gj_complain(b, node, "a shape must be {has: ..., topic: ..., shop: ..., content: ...}");
        return;
    }
    gj_read_keys(b, node, keys);
    read_paths_of(b, node, "has", &out->has);
    read_paths_of(b, node, "each", &out->each);
    read_paths_of(b, node, "content", &out->content);
    read_text_of(b, node, "topic", &out->topic);
    read_text_of(b, node, "shop", &out->shop);
    read_platform(b, gj_node_get(node, "platform"), name, &out->platform);
    if (gj_node_get(node, "id") != NULL) {
        gj_read_template(b, gj_node_get(node, "id"), false, &out->id);
    }
    gj_read_map_time(b, node, &out->time, &out->time_as);
}

static void read_shapes(struct gj_builder *b, const struct entries *e, struct gj_envelope *out)
{
    const struct gj_node *list = decisive(e, "shapes");
    if (list == NULL || list->kind != GJ_NODE_SEQUENCE || list->count == 0) {
        gj_complain(b, list == NULL ? e->items[0] : list,
                    "'shapes' must be a list of the forms that messages come in");
        return;
    }
    struct gj_map_shape *shapes = gj_book_array(b, list->count, sizeof *shapes);
    for (const struct gj_node *n = list->first; shapes != NULL && n != NULL; n = n->next) {
        read_shape(b, n, out->name, &shapes[out->shape_count++]);
    }
    out->shapes = shapes;
}

/* ---- rules ---- */

static void read_condition(struct gj_builder *b, const struct gj_node *node,
                           struct gj_condition *out)
{
    bool single = node->kind == GJ_NODE_SCALAR;
    struct gj_str *values = gj_book_array(b, single ? 1 : node->count, sizeof *values);
    gj_read_paths(b, node->key, &out->paths);
    for (const struct gj_node *n = single ? node : node->first; values != NULL && n != NULL;
         n = single ? NULL : n->next) {
        if (n->kind != GJ_NODE_SCALAR) {
            gj_complain(b, n, "a single value is expected");
            continue;
        }
        values[out->count++] = n->text;
    }
    out->values = values;
}

static void read_conditions(struct gj_builder *b, const struct gj_node *rule, const char *key,
                            const struct gj_condition **out, size_t *count)
{
    const struct gj_node *node = gj_node_get(rule, key);
    if (node == NULL) {
        return;
    }
    if (node->kind != GJ_NODE_MAPPING) {
        gj_complain(b, node, "'%s' must be {path: value} or {path: [values]}", key);
        return;
    }
    struct gj_condition *list = gj_book_array(b, node->count, sizeof *list);
    for (const struct gj_node *n = node->first; list != NULL && n != NULL; n = n->next) {
        read_condition(b, n, &list[(*count)++]);
    }
    *out = list;
}

static void read_has(struct gj_builder *b, const struct gj_node *rule, struct gj_map_rule *out)
{
    const struct gj_node *node = gj_node_get(rule, "has");
    bool single = node != NULL && node->kind == GJ_NODE_SCALAR;
    if (node == NULL) {
        return;
    }
    struct gj_paths *list = gj_book_array(b, single ? 1 : node->count, sizeof *list);
    for (const struct gj_node *n = single ? node : node->first; list != NULL && n != NULL;
         n = single ? NULL : n->next) {
        gj_read_paths(b, n, &list[out->has_count++]);
    }
    out->has = list;
}

static const struct gj_event_type *find_event(struct gj_builder *b, const struct gj_node *node)
{
    const struct gj_events *events = &b->book->events;
    if (node == NULL || node->kind != GJ_NODE_SCALAR) {
        return NULL;
    }
    uint32_t type = gj_map_get(&events->type_ids, node->text);
    if (type == GJ_MAP_NONE) {
        struct gj_str near = gj_nearest(&events->type_ids, node->text);
        gj_complain(b, node, "unknown event '%s'%s%.*s; see events.yaml", node->text.ptr,
                    near.len > 0 ? ", did you mean " : "", (int)near.len, near.ptr);
        return NULL;
    }
    if (events->types[type].of != GJ_NO_INDEX) {
        gj_complain(b, node, "%s is made by the program, never from outside", node->text.ptr);
        return NULL;
    }
    return &events->types[type];
}

static void read_rule(struct gj_builder *b, const struct gj_node *node, struct gj_map_rule *out)
{
    static const char *const keys[] = {"event", "when", "unless", "has", "time", "data", NULL};
    if (node->kind != GJ_NODE_MAPPING || gj_node_get(node, "event") == NULL) {
        gj_complain(b, node, "a rule must be {event: TYPE, data: {field: how}}");
        return;
    }
    gj_read_keys(b, node, keys);
    read_conditions(b, node, "when", &out->when, &out->when_count);
    read_conditions(b, node, "unless", &out->unless, &out->unless_count);
    read_has(b, node, out);
    gj_read_map_time(b, node, &out->time, &out->time_as);
    const struct gj_node *data = gj_node_get(node, "data");
    const struct gj_event_type *type = find_event(b, gj_node_get(node, "event"));
    if (type == NULL) {
        return;
    }
    out->event = type->name;
    if (data == NULL || data->kind != GJ_NODE_MAPPING) {
        gj_complain(b, data == NULL ? node : data, "'data' must be {field: how}");
        return;
    }
    gj_read_map_fields(b, data, type->fields, type->field_count, type->name, &out->data,
                       &out->data_count);
}

static void read_topic(struct gj_builder *b, const struct gj_node *node, struct gj_map_topic *out)
{
    static const char *const keys[] = {"needs", "rules", NULL};
    const struct gj_node *rules = node;
    out->name = node->key->text;
    bool wrapped = node->kind == GJ_NODE_MAPPING && gj_node_get(node, "event") == NULL;
    if (wrapped) {
        gj_read_keys(b, node, keys);
        gj_read_bilingual(b, node, "needs", true, &out->needs_zh, &out->needs_en);
        rules = gj_node_get(node, "rules");
    }
    if (rules == NULL || rules->kind == GJ_NODE_SCALAR || rules->count == 0) {
        gj_complain(b, rules == NULL ? node : rules,
                    "a topic must be a rule {event: ..., data: ...}, a list of rules, or "
                    "{needs: {zh, en}, rules: [...]}");
        return;
    }
    bool single = rules->kind == GJ_NODE_MAPPING;
    struct gj_map_rule *list = gj_book_array(b, single ? 1 : rules->count, sizeof *list);
    for (const struct gj_node *n = single ? rules : rules->first; list != NULL && n != NULL;
         n = single ? NULL : n->next) {
        read_rule(b, n, &list[out->rule_count++]);
    }
    out->rules = list;
}

static size_t count_topics(const struct entries *e)
{
    size_t total = 0;
    for (size_t i = 0; i < e->count; i++) {
        const struct gj_node *topics = gj_node_get(e->items[i], "topics"),
                             *ignored = gj_node_get(e->items[i], "ignored");
        total += (topics == NULL ? 0 : topics->count) + (ignored == NULL ? 0 : ignored->count);
    }
    return total;
}

static void read_topics(struct gj_builder *b, const struct entries *e, struct gj_envelope *out)
{
    struct gj_map_topic *list = gj_book_array(b, count_topics(e), sizeof *list);
    for (size_t i = 0; i < e->count && list != NULL; i++) {
        const struct gj_node *topics = gj_node_get(e->items[i], "topics"),
                             *ignored = gj_node_get(e->items[i], "ignored");
        for (const struct gj_node *n = topics == NULL ? NULL : topics->first; n != NULL;
             n = n->next) {
            if (lists_ignored(e->items[i], n->key->text)) {
                gj_complain(b, n->key, "'%s' is also under 'ignored'; keep one of them",
                            n->key->text.ptr);
            }
            struct gj_map_topic topic = {.name = {"", 0}};
            read_topic(b, n, &topic);
            if (!is_overridden(e, i, topic.name)) {
                list[out->topic_count++] = topic;
            }
        }
        for (const struct gj_node *n = ignored == NULL ? NULL : ignored->first; n != NULL;
             n = n->next) {
            if (n->kind != GJ_NODE_SCALAR) {
                gj_complain(b, n, "'ignored' must be a list of topics");
            } else if (!is_overridden(e, i, n->text)) {
                list[out->topic_count++] = (struct gj_map_topic){.name = n->text};
            }
        }
    }
    out->topics = list;
}

/* ---- entries ---- */

static void read_heading(struct gj_builder *b, const struct gj_node *entry)
{
    static const char *const keys[] = {
        "envelope",   "title",  "cites",  "undocumented", "overrides", "answer", "signature",
        "encryption", "shapes", "topics", "ignored",      "tests",     NULL};
    struct gj_str zh, en;
    const struct gj_cite *cites;
    size_t count;
    bool overrides = false;
    gj_read_keys(b, entry, keys);
    gj_read_bool(b, entry, "overrides", &overrides);
    gj_read_bilingual(b, entry, "undocumented", false, &zh, &en);
    gj_read_bilingual(b, entry, "title", !overrides, &zh, &en);
    if (!overrides || gj_node_get(entry, "cites") != NULL) {
        gj_read_cites(b, entry, &cites, &count);
    }
}

static void read_envelope(struct gj_builder *b, const struct entries *e, struct gj_envelope *out)
{
    static const char *const ciphers[] = {"none", "aes-cbc", NULL};
    const struct gj_node *cipher = decisive(e, "encryption");
    out->name = e->items[0]->first->text;
    check_platform(b, e->items[0]->first, out->name);
    for (size_t i = 0; i < e->count; i++) {
        read_heading(b, e->items[i]);
    }
    read_signatures(b, decisive(e, "signature"), out);
    out->encrypted = cipher != NULL && gj_read_choice(b, cipher, ciphers) == 1;
    read_answer(b, decisive(e, "answer"), out);
    read_shapes(b, e, out);
    read_topics(b, e, out);
}

/* The entries of `first`'s name, overrides behind it. */
static void gather(struct gj_builder *b, const struct gj_node *first, struct entries *e)
{
    e->items[0] = first;
    e->count = 1;
    for (const struct gj_node *n = gj_entry_of(b->documents, "envelope"); n != NULL;
         n = gj_entry_of(n->next, "envelope")) {
        if (n == first || !gj_str_eq(n->first->text, first->first->text)) {
            continue;
        }
        if (!is_override(n)) {
            gj_complain(b, n,
                        "the envelope of '%s' stands at %s:%u already; add 'overrides: true' "
                        "to change it",
                        n->first->text.ptr, b->book->files[first->file].path.ptr, first->line);
            continue;
        }
        e->items[e->count++] = n;
    }
}

static bool is_known(const struct gj_envelope *list, size_t count, struct gj_str name)
{
    for (size_t i = 0; i < count; i++) {
        if (gj_str_eq(list[i].name, name)) {
            return true;
        }
    }
    return false;
}

int gj_build_envelopes(struct gj_builder *b)
{
    size_t before = b->errors->count + b->errors->dropped;
    size_t total = gj_entry_total(b, "envelope");
    struct gj_envelope *list = gj_book_array(b, total, sizeof *list);
    struct entries e = {gj_book_array(b, total, sizeof *e.items), 0};
    size_t count = 0;
    for (const struct gj_node *n = gj_entry_of(b->documents, "envelope");
         n != NULL && list != NULL && e.items != NULL; n = gj_entry_of(n->next, "envelope")) {
        if (n->first->kind != GJ_NODE_SCALAR) {
            gj_complain(b, n->first, "'envelope' must name a platform");
        } else if (!is_override(n) && !is_known(list, count, n->first->text)) {
            gather(b, n, &e);
            read_envelope(b, &e, &list[count++]);
        }
    }
    for (const struct gj_node *n = gj_entry_of(b->documents, "envelope"); n != NULL && list != NULL;
         n = gj_entry_of(n->next, "envelope")) {
        if (is_override(n) && !is_known(list, count, n->first->text)) {
            gj_complain(b, n, "there is no envelope of '%s' to override; remove 'overrides'",
                        n->first->text.ptr);
        }
    }
    b->book->envelopes = list;
    b->book->envelope_count = count;
    return b->errors->count + b->errors->dropped == before ? 0 : -1;
}

const struct gj_envelope *gj_book_envelope(const struct gj_book *book, struct gj_str platform)
{
    for (size_t i = 0; i < book->envelope_count; i++) {
        if (gj_str_eq(book->envelopes[i].name, platform)) {
            return &book->envelopes[i];
        }
    }
    return NULL;
}
