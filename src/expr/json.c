/* Room expr: values as JSON (RFC 8259), for the command line and for explanations. */
#include "wire/json.h"
#include "expr/internal.h"

/* A key in quotes; strings are what JSON has, so 1 and "1" look alike here. */
static void add_key(const struct gj_value *key, struct gj_buf *out)
{
    if (key->kind == GJ_V_STRING) {
        gj_json_add_string(out, key->as.text);
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
        gj_json_add_string(out, value->as.text);
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
