/* Tests of events: a line of an event, and examples of the rulebook as JSON. */
#ifndef GJ_TESTS_EVENT_SUPPORT_H
#define GJ_TESTS_EVENT_SUPPORT_H

#include "book/tree.h"
#include "wire/json.h"

/* An event's envelope around `data`. */
#define EVENT_LINE(type, data)                                                        \
    "{\"specversion\":\"1.0\",\"id\":\"e1\",\"source\":\"/here/s1\",\"type\":\"" type \
    "\",\"time\":\"2026-03-01T10:00:00+08:00\",\"data\":" data "}"

static inline bool is_bare(const struct gj_node *node)
{
    bool digits = node->plain && node->text.len > 0;
    for (size_t i = 0; digits && i < node->text.len; i++) {
        digits = node->text.ptr[i] >= '0' && node->text.ptr[i] <= '9';
    }
    return digits ||
           (node->plain && (gj_str_is(node->text, "true") || gj_str_is(node->text, "false")));
}

/* Appends a node of YAML as JSON, without the member `skip` (NULL: none). */
static inline void add_node_json(struct gj_buf *out, const struct gj_node *node, const char *skip)
{
    bool mapping = node->kind == GJ_NODE_MAPPING, first = true;
    if (node->kind == GJ_NODE_SCALAR) {
        if (is_bare(node)) {
            gj_buf_add_str(out, node->text);
        } else {
            gj_json_add_string(out, node->text);
        }
        return;
    }
    gj_buf_add_char(out, mapping ? '{' : '[');
    for (const struct gj_node *n = node->first; n != NULL; n = n->next) {
        if (mapping && skip != NULL && gj_str_is(n->key->text, skip)) {
            continue;
        }
        gj_buf_add_cstr(out, first ? "" : ",");
        first = false;
        if (mapping) {
            gj_json_add_string(out, n->key->text);
            gj_buf_add_char(out, ':');
        }
        add_node_json(out, n, NULL);
    }
    gj_buf_add_char(out, mapping ? '}' : ']');
}

#endif
