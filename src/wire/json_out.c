/* Room wire: JSON out. */
#include "wire/json.h"

/* Bytes that need no escape are copied in runs. */
void gj_json_add_string(struct gj_buf *out, struct gj_str s)
{
    static const char hex[] = "0123456789abcdef";
    if (gj_buf_reserve(out, s.len + 2) != 0) { /* as a rule all that it takes */
        return;
    }
    gj_buf_add_char(out, '"');
    size_t run = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7F) {
            continue;
        }
        gj_buf_add(out, s.ptr + run, i - run);
        run = i + 1;
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
        case '\t':
            gj_buf_add_cstr(out, "\\t");
            break;
        case '\r':
            gj_buf_add_cstr(out, "\\r");
            break;
        default: {
            char escape[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
            gj_buf_add(out, escape, sizeof escape);
        }
        }
    }
    gj_buf_add(out, s.ptr + run, s.len - run);
    gj_buf_add_char(out, '"');
}
