/* Room store: the head of the audit log's chain, in a file of its own (see office.h). */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "store/office_sql.h"

#define HEAD_BYTES (20 + 1 + 64 + 1) /* "%020lld:%s\n" */

void gj_office_head_set(struct gj_office_head *head, struct gj_str hash)
{
    snprintf(head->hash, sizeof head->hash, "%.*s", (int)hash.len, hash.ptr);
}

bool gj_office_head_parse(struct gj_str text, struct gj_office_head *out)
{
    *out = (struct gj_office_head){0, ""};
    size_t at = 0;
    for (; at < text.len && at < 20 && text.ptr[at] >= '0' && text.ptr[at] <= '9'; at++) {
        int digit = text.ptr[at] - '0';
        if (out->seq > (INT64_MAX - digit) / 10) {
            return false;
        }
        out->seq = out->seq * 10 + digit;
    }
    if (at == 0 || text.len != at + 65 || text.ptr[at] != ':') {
        return false;
    }
    gj_office_head_set(out, (struct gj_str){text.ptr + at + 1, 64});
    return strspn(out->hash, "0123456789abcdef") == 64;
}

bool gj_office_head_read(const struct gj_office *office, struct gj_office_head *out, bool *there)
{
    char text[HEAD_BYTES + 1];
    ssize_t len = pread(office->head, text, sizeof text, 0);
    *there = len != 0;
    return len == HEAD_BYTES && text[HEAD_BYTES - 1] == '\n' &&
           gj_office_head_parse((struct gj_str){text, HEAD_BYTES - 1}, out);
}

void gj_office_head_write(struct gj_office *office)
{
    struct gj_office_head old;
    bool there;
    if (gj_office_head_read(office, &old, &there) && old.seq > office->last.seq) {
        return; /* another process was faster */
    }
    char text[HEAD_BYTES + 1];
    snprintf(text, sizeof text, "%020" PRId64 ":%s\n", office->last.seq, office->last.hash);
    ssize_t written = pwrite(office->head, text, HEAD_BYTES, 0);
    (void)written;
}
