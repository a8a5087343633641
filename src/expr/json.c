/* Room expr: values as JSON (RFC 8259), for the command line and for explanations. */
#include "expr/internal.h"

static void add_string(struct gj_str s, struct gj_buf *out)
{
    gj_buf_add_char(out, '"');
    size_t from = 0; /* of the run that needs no escape */
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c >= 0x20 && c != '"' && c != '\\') {
            continue;
        }
        gj_buf_add(out, s.ptr + from, i - from);
        from = i + 1;
        switch (c) {
        case '"':
            gj_buf_add_cstr(out, "\\\"");
            break;
        case '\\':
            gj_buf_add_cstr(out, "\\\\");
            break;
        case '\n':
            gj_buf_add_cstr(out, "\\n");
            break;
        case '\r':
            gj_buf_add_cstr(out, "\\r");
            break;
        case '\t':
            gj_buf_add_cstr(out, "\\t");
            break;
        default:
            gj_buf_addf(out, "\\u%04x", c);
        }
    }
    gj_buf_add(out, s.ptr + from, s.len - from);
    gj_buf_add_char(out, '"');
}

/* A key in quotes; strings are what JSON has, so 1 and "1" look alike here. */
static void add_key(const struct gj_value *key, struct gj_buf *out)
{
    if (key->kind == GJ_V_STRING) {
        add_string(key->as.text, out);
        return;
    }
    gj_buf_add_char(out, '"');
    gj_value_json(key, out);
    gj_buf_add_char(out, '"');
}

static void add_list(const struct gj_value *list, struct gj_buf *out)
{
    gj_buf_add_char(out, '[');
    for (uint32_t i = 0; i < list->count; i++) {
        gj_buf_add_cstr(out, i > 0 ? "," : "");
        gj_value_json(&list->as.items[i], out);
    }
    gj_buf_add_char(out, ']');
}

static void add_map(const struct gj_value *map, struct gj_buf *out)
{
    gj_buf_add_char(out, '{');
    for (uint32_t i = 0; i < map->count; i++) {
        gj_buf_add_cstr(out, i > 0 ? "," : "");
        add_key(&map->as.entries[i].key, out);
        gj_buf_add_char(out, ':');
        gj_value_json(&map->as.entries[i].value, out);
    }
    gj_buf_add_char(out, '}');
}

void gj_value_json(const struct gj_value *value, struct gj_buf *out)
{
    switch (value->kind) {
    case GJ_V_BOOL:
        gj_buf_add_cstr(out, value->as.boolean ? "true" : "false");
        break;
    case GJ_V_INT:
        gj_buf_add_int(out, value->as.integer);
        break;
    case GJ_V_STRING:
    case GJ_V_TYPE:
        add_string(value->as.text, out);
        break;
    case GJ_V_LIST:
        add_list(value, out);
        break;
    case GJ_V_MAP:
        add_map(value, out);
        break;
    case GJ_V_TIMESTAMP:
        gj_buf_add_char(out, '"');
        gj_timestamp_format(value->as.instant, out);
        gj_buf_add_char(out, '"');
        break;
    case GJ_V_DURATION:
        gj_buf_add_char(out, '"');
        gj_duration_format(value->as.instant, out);
        gj_buf_add_char(out, '"');
        break;
    case GJ_V_UNKNOWN:
    case GJ_V_ERROR:
    case GJ_V_NULL:
        gj_buf_add_cstr(out, "null");
        break;
    }
}
