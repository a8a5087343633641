/* Room book: nodes to values, with errors that name place and remedy (see build.h). */
#include <stdarg.h>
#include <stdio.h>

#include "base/near.h"
#include "book/build.h"

int gj_complain(struct gj_builder *b, const struct gj_node *node, const char *format, ...)
{
    char text[900];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const struct gj_file *file = &b->book->files[node->file];
    return gj_errors_add(b->errors, file->path, node->line, node->column,
                         gj_file_line(file, node->line), "%s", text);
}

void gj_complain_twice(struct gj_builder *b, const struct gj_node *entry, const char *kind,
                       struct gj_str id)
{
    const struct gj_node *first = gj_entry_of(b->documents, kind);
    while (first != NULL && !gj_str_eq(first->first->text, id)) {
        first = gj_entry_of(first->next, kind);
    }
    gj_complain(b, entry->first, "%s '%s' is declared twice, first in %s:%u; give it another id",
                kind, id.ptr, first == NULL ? "" : b->book->files[first->file].path.ptr,
                first == NULL ? 0 : first->line);
}

void *gj_book_array(struct gj_builder *b, size_t count, size_t size)
{
    void *array = gj_arena_array(&b->book->arena, count == 0 ? 1 : count, size);
    if (array == NULL) {
        gj_errors_say(b->errors, "out of memory while loading the rulebook");
    }
    return array;
}

struct gj_str gj_book_keep(struct gj_builder *b, const struct gj_buf *text)
{
    b->book->arena.failed |= text->failed;
    return gj_arena_copy(&b->book->arena, gj_buf_str(text));
}

void gj_book_name(struct gj_builder *b, struct gj_map *map, struct gj_str key, uint32_t value)
{
    b->book->arena.failed |= gj_map_put(map, key, value) != 0;
}

struct gj_str gj_nearest(const struct gj_map *names, struct gj_str name)
{
    struct gj_near near = gj_near_begin(name);
    for (size_t i = 0; i < names->capacity; i++) {
        if (names->slots[i].key.ptr != NULL) {
            gj_near_try(&near, names->slots[i].key);
        }
    }
    return near.best;
}

int gj_find_name(const struct gj_map *names, struct gj_str name, const char *what, uint32_t *out,
                 struct gj_buf *why)
{
    *out = gj_map_get(names, name);
    if (*out != GJ_MAP_NONE) {
        return 0;
    }
    struct gj_str near = gj_nearest(names, name);
    gj_buf_addf(why, "unknown %s '%.*s'", what, (int)name.len, name.ptr);
    if (near.len > 0) {
        gj_buf_addf(why, "; did you mean '%.*s'?", (int)near.len, near.ptr);
    }
    return -1;
}

static void refuse_key(struct gj_builder *b, const struct gj_node *key, const char *const *known)
{
    struct gj_near near = gj_near_begin(key->text);
    for (size_t i = 0; known[i] != NULL; i++) {
        gj_near_try(&near, gj_str_of(known[i]));
    }
    if (strstr(key->text.ptr, "：") != NULL) {
        gj_complain(b, key, "unknown key '%s': write ': ' for ：", key->text.ptr);
    } else if (near.best.len > 0) {
        gj_complain(b, key, "unknown key '%s'; did you mean '%s'?", key->text.ptr, near.best.ptr);
    } else {
        gj_complain(b, key, "unknown key '%s'; remove it, see docs/rulebook.md", key->text.ptr);
    }
}

void gj_read_keys(struct gj_builder *b, const struct gj_node *mapping, const char *const *known)
{
    for (const struct gj_node *child = mapping->first; child != NULL; child = child->next) {
        bool found = false;
        for (size_t i = 0; known[i] != NULL && !found; i++) {
            found = gj_str_is(child->key->text, known[i]);
        }
        if (!found) {
            refuse_key(b, child->key, known);
        }
    }
}

int gj_read_string(struct gj_builder *b, const struct gj_node *mapping, const char *key,
                   struct gj_str *out)
{
    const struct gj_node *node = gj_node_get(mapping, key);
    if (node == NULL) {
        *out = GJ_STR("");
        return 0;
    }
    if (node->kind != GJ_NODE_SCALAR) {
        *out = GJ_STR("");
        return gj_complain(b, node, "'%s' must be a single value", key);
    }
    *out = node->text;
    return 1;
}

int gj_need_string(struct gj_builder *b, const struct gj_node *mapping, const char *key,
                   struct gj_str *out)
{
    int status = gj_read_string(b, mapping, key, out);
    if (status == 0 || (status == 1 && out->len == 0)) {
        return gj_complain(b, mapping, "'%s' is missing; add it", key);
    }
    return status;
}

int gj_read_strings(struct gj_builder *b, const struct gj_node *mapping, const char *key,
                    const struct gj_str **out, size_t *count)
{
    const struct gj_node *node = gj_node_get(mapping, key);
    *out = NULL;
    *count = 0;
    if (node == NULL) {
        return 0;
    }
    if (node->kind != GJ_NODE_SEQUENCE) {
        return gj_complain(b, node, "'%s' must be a list: [a, b]", key);
    }
    struct gj_str *list = gj_book_array(b, node->count, sizeof *list);
    if (list == NULL) {
        return -1;
    }
    int status = 1;
    for (const struct gj_node *item = node->first; item != NULL; item = item->next) {
        if (item->kind != GJ_NODE_SCALAR || item->text.len == 0) {
            status =
                gj_complain(b, item, "an item of '%s' must be a non-empty text; quote it", key);
            continue;
        }
        list[(*count)++] = item->text;
    }
    *out = list;
    return status;
}

int gj_read_bool(struct gj_builder *b, const struct gj_node *mapping, const char *key, bool *out)
{
    const struct gj_node *node = gj_node_get(mapping, key);
    if (node == NULL) {
        return 0;
    }
    if (node->kind == GJ_NODE_SCALAR && node->plain &&
        (gj_str_is(node->text, "true") || gj_str_is(node->text, "false"))) {
        *out = node->text.len == 4;
        return 1;
    }
    return gj_complain(b, node, "'%s' must be true or false", key);
}

int gj_read_bilingual(struct gj_builder *b, const struct gj_node *mapping, const char *key,
                      bool need, struct gj_str *zh, struct gj_str *en)
{
    static const char *const keys[] = {"zh", "en", NULL};
    const struct gj_node *node = gj_node_get(mapping, key);
    *zh = *en = GJ_STR("");
    if (node == NULL) {
        return need ? gj_complain(b, mapping, "'%s: {zh: ..., en: ...}' is missing; add it", key)
                    : 0;
    }
    if (node->kind != GJ_NODE_MAPPING) {
        return gj_complain(b, node, "'%s' must be {zh: ..., en: ...}", key);
    }
    gj_read_keys(b, node, keys);
    int a = gj_need_string(b, node, "zh", zh), c = gj_need_string(b, node, "en", en);
    return a < 0 || c < 0 ? -1 : 1;
}

int gj_read_choice(struct gj_builder *b, const struct gj_node *node, const char *const *names)
{
    char all[300] = "";
    struct gj_near near = gj_near_begin(node->text);
    for (int i = 0; names[i] != NULL && node->kind == GJ_NODE_SCALAR; i++) {
        if (gj_str_is(node->text, names[i])) {
            return i;
        }
    }
    for (int i = 0; names[i] != NULL; i++) {
        size_t used = strlen(all);
        snprintf(all + used, sizeof all - used, "%s%s", used > 0 ? ", " : "", names[i]);
        gj_near_try(&near, gj_str_of(names[i]));
    }
    bool meant = node->kind == GJ_NODE_SCALAR && near.best.len > 0;
    return gj_complain(b, node, "must be one of: %s%s%s%s", all, meant ? "; did you mean '" : "",
                       meant ? near.best.ptr : "", meant ? "'?" : "");
}

static int read_cite(struct gj_builder *b, const struct gj_node *node, struct gj_cite *out)
{
    static const char *const keys[] = {"source", "place", NULL};
    struct gj_str source;
    if (node->kind != GJ_NODE_MAPPING) {
        return gj_complain(b, node, "a citation must be {source: ..., place: ...}");
    }
    gj_read_keys(b, node, keys);
    gj_read_string(b, node, "place", &out->place);
    if (gj_need_string(b, node, "source", &source) < 0) {
        return -1;
    }
    out->source = gj_map_get(&b->book->source_ids, source);
    if (out->source == GJ_MAP_NONE) {
        struct gj_str near = gj_nearest(&b->book->source_ids, source);
        return gj_complain(b, gj_node_get(node, "source"),
                           "unknown source '%s'%s%s; declare it in sources.yaml", source.ptr,
                           near.len > 0 ? ", did you mean " : "", near.len > 0 ? near.ptr : "");
    }
    b->book->sources[out->source].cited = true;
    return 0;
}

int gj_read_cites(struct gj_builder *b, const struct gj_node *mapping, const struct gj_cite **out,
                  size_t *count)
{
    const struct gj_node *node = gj_node_get(mapping, "cites");
    *out = NULL;
    *count = 0;
    if (node == NULL) {
        return gj_complain(b, mapping, "'cites' is missing; say which source and place demand it");
    }
    if (node->kind == GJ_NODE_SCALAR || node->count == 0) {
        return gj_complain(b, node, "'cites' must be {source: ..., place: ...}, or a list of them");
    }
    bool single = node->kind == GJ_NODE_MAPPING;
    struct gj_cite *cites = gj_book_array(b, single ? 1 : node->count, sizeof *cites);
    if (cites == NULL) {
        return -1;
    }
    int status = 0;
    for (const struct gj_node *item = single ? node : node->first; item != NULL;
         item = single ? NULL : item->next) {
        if (read_cite(b, item, &cites[*count]) == 0) {
            (*count)++;
        } else {
            status = -1;
        }
    }
    *out = cites;
    return status;
}

const struct gj_node *gj_entry_of(const struct gj_node *from, const char *kind)
{
    while (from != NULL && (from->kind != GJ_NODE_MAPPING || from->first == NULL ||
                            !gj_str_is(from->first->key->text, kind))) {
        from = from->next;
    }
    return from;
}

size_t gj_entry_total(const struct gj_builder *b, const char *kind)
{
    size_t total = 0;
    for (const struct gj_node *n = gj_entry_of(b->documents, kind); n != NULL;
         n = gj_entry_of(n->next, kind)) {
        total++;
    }
    return total;
}

const struct gj_node *gj_only_entry(struct gj_builder *b, const char *kind,
                                    const char *const *known)
{
    const struct gj_node *entry = gj_entry_of(b->documents, kind);
    const struct gj_node *second = entry == NULL ? NULL : gj_entry_of(entry->next, kind);
    if (entry != NULL) {
        gj_read_keys(b, entry, known);
    }
    if (second != NULL) {
        gj_complain(b, second, "'%s' stand in one document; join this one with the first at %s:%u",
                    kind, b->book->files[entry->file].path.ptr, entry->line);
    }
    return entry;
}
