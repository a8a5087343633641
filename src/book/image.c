/* Room book: the tree of nodes as bytes, for the cache (see tree.h). Little-endian 32-bit words; a
 * node is kind|plain<<8, file, line, column, length or count, then its text or its children, where
 * a child of a mapping is preceded by its key. Trust: the cache is the user's own file, but a
 * broken one must not crash, so every length is checked. */
#include "book/tree.h"

const struct gj_node *gj_node_get(const struct gj_node *mapping, const char *key)
{
    if (mapping == NULL || mapping->kind != GJ_NODE_MAPPING) {
        return NULL;
    }
    for (const struct gj_node *child = mapping->first; child != NULL; child = child->next) {
        if (gj_str_is(child->key->text, key)) {
            return child;
        }
    }
    return NULL;
}

static void put(struct gj_buf *out, uint32_t word)
{
    unsigned char bytes[4] = {(unsigned char)word, (unsigned char)(word >> 8),
                              (unsigned char)(word >> 16), (unsigned char)(word >> 24)};
    gj_buf_add(out, bytes, sizeof bytes);
}

static bool is_skipped(const struct gj_node *child, const char *const *skips, unsigned depth)
{
    for (size_t i = 0; depth == 0 && child->key != NULL && skips[i] != NULL; i++) {
        if (gj_str_is(child->key->text, skips[i])) {
            return true;
        }
    }
    return false;
}

static void write_node(struct gj_buf *out, const struct gj_node *node, const char *const *skips,
                       unsigned depth)
{
    put(out, (uint32_t)node->kind | (node->plain ? 0x100u : 0));
    put(out, node->file);
    put(out, node->line);
    put(out, node->column);
    if (node->kind == GJ_NODE_SCALAR) {
        put(out, (uint32_t)node->text.len);
        gj_buf_add_str(out, node->text);
        gj_buf_add_char(out, '\0');
        return;
    }
    uint32_t count = 0;
    for (const struct gj_node *child = node->first; child != NULL; child = child->next) {
        count += !is_skipped(child, skips, depth);
    }
    put(out, count);
    for (const struct gj_node *child = node->first; child != NULL; child = child->next) {
        if (is_skipped(child, skips, depth)) {
            continue;
        }
        if (node->kind == GJ_NODE_MAPPING) {
            write_node(out, child->key, skips, depth + 1);
        }
        write_node(out, child, skips, depth + 1);
    }
}

void gj_image_write(struct gj_buf *out, const struct gj_node *documents, const char *const *skips)
{
    uint32_t count = 0;
    for (const struct gj_node *d = documents; d != NULL; d = d->next) {
        count++;
    }
    put(out, count);
    for (const struct gj_node *d = documents; d != NULL; d = d->next) {
        write_node(out, d, skips, 0);
    }
}

struct image {
    struct gj_arena *arena;
    const unsigned char *at, *end;
};

static int get(struct image *in, uint32_t *word)
{
    if (in->end - in->at < 4) {
        return -1;
    }
    *word = (uint32_t)in->at[0] | (uint32_t)in->at[1] << 8 | (uint32_t)in->at[2] << 16 |
            (uint32_t)in->at[3] << 24;
    in->at += 4;
    return 0;
}

static struct gj_node *read_image_node(struct image *in, unsigned depth);

static int read_children(struct image *in, struct gj_node *node, unsigned depth)
{
    struct gj_node *last = NULL;
    for (uint32_t i = 0; i < node->count; i++) {
        struct gj_node *key = NULL;
        if (node->kind == GJ_NODE_MAPPING) {
            key = read_image_node(in, depth + 1);
            if (key == NULL || key->kind != GJ_NODE_SCALAR) {
                return -1;
            }
        }
        struct gj_node *child = read_image_node(in, depth + 1);
        if (child == NULL) {
            return -1;
        }
        child->key = key;
        if (last == NULL) {
            node->first = child;
        } else {
            last->next = child;
        }
        last = child;
    }
    return 0;
}

static struct gj_node *read_image_node(struct image *in, unsigned depth)
{
    uint32_t kind = 0, length = 0;
    struct gj_node *node = gj_arena_alloc(in->arena, sizeof *node);
    if (node == NULL || depth > GJ_YAML_DEPTH_MAX + 2 || get(in, &kind) != 0 ||
        get(in, &node->file) != 0 || get(in, &node->line) != 0 || get(in, &node->column) != 0 ||
        get(in, &length) != 0 || (kind & 0xFF) > GJ_NODE_MAPPING) {
        return NULL;
    }
    node->kind = (enum gj_node_kind)(kind & 0xFF);
    node->plain = (kind & 0x100) != 0;
    if (node->kind == GJ_NODE_SCALAR) {
        if ((size_t)(in->end - in->at) < (size_t)length + 1 || in->at[length] != '\0') {
            return NULL;
        }
        node->text = (struct gj_str){(const char *)in->at, length};
        in->at += length + 1;
        return node;
    }
    node->count = length;
    return read_children(in, node, depth) == 0 ? node : NULL;
}

int gj_image_read(struct gj_arena *arena, struct gj_str bytes, struct gj_node **documents)
{
    struct image in = {arena, (const unsigned char *)bytes.ptr,
                       (const unsigned char *)bytes.ptr + bytes.len};
    uint32_t count = 0;
    struct gj_node *last = NULL;
    *documents = NULL;
    if (get(&in, &count) != 0) {
        return -1;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct gj_node *document = read_image_node(&in, 0);
        if (document == NULL) {
            return -1;
        }
        if (last == NULL) {
            *documents = document;
        } else {
            last->next = document;
        }
        last = document;
    }
    return in.end - in.at < 4 ? 0 : -1; /* the writer pads to a word */
}
