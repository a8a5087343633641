/* Room engine: a case's last events as text of its row: each number as its distance from the one
 * before, "4711 1 3" (see inside.h). */
#include "engine/inside.h"

void gj_links_write(const struct gj_links *links, struct gj_buf *out)
{
    int64_t before = 0;
    for (uint32_t i = 0; i < links->count; i++) {
        gj_buf_add_cstr(out, i > 0 ? " " : "");
        gj_buf_add_int(out, links->seqs[i] - before);
        before = links->seqs[i];
    }
}

int gj_links_read(struct gj_links *links, struct gj_str text)
{
    int64_t seq = 0;
    links->count = 0;
    for (size_t at = 0; at < text.len; at++) {
        int64_t step = 0;
        size_t digits = at;
        for (; at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9'; at++) {
            if (step > INT64_MAX / 10 - 1) {
                return -1;
            }
            step = step * 10 + (text.ptr[at] - '0');
        }
        if (at == digits || (at < text.len && text.ptr[at] != ' ') || step > INT64_MAX - seq ||
            links->count == GJ_LINKS_MAX) {
            return -1;
        }
        seq += step;
        links->seqs[links->count++] = seq;
    }
    return 0;
}
