/* Room text: what the extractors share: adding a find, and what stands around one (see finder.h).
 */
#include <string.h>

#include "base/utf8.h"
#include "base/vec.h"
#include "text/finder.h"

bool gj_finder_taken(const struct gj_finder *f, uint32_t first, uint32_t last)
{
    if (f->out->count == 0) {
        return false; /* `taken` is not yet cleared for this text */
    }
    return memchr(f->out->taken + first, 1, (size_t)last - first + 1) != NULL;
}

/* Makes room for one more find; the first of a text clears `taken`. */
static int make_room(struct gj_finder *f)
{
    struct gj_extracts *out = f->out;
    void *grown = gj_grow(out->items, &out->capacity, out->count + 1, sizeof *out->items);
    if (grown == NULL) {
        return -1;
    }
    out->items = grown;
    if (out->count == 0) {
        grown = gj_grow(out->taken, &out->taken_capacity, f->text->unit_count, 1);
        if (grown == NULL) {
            return -1;
        }
        out->taken = grown;
        memset(out->taken, 0, f->text->unit_count);
    }
    return 0;
}

struct gj_extract *gj_finder_add(struct gj_finder *f, enum gj_extract_kind kind, uint32_t first,
                                 uint32_t last, bool spaced)
{
    if (make_room(f) != 0) {
        f->failed = true;
        return NULL;
    }
    unsigned transforms = 0;
    for (uint32_t i = first; i <= last; i++) {
        const struct gj_unit *unit = &f->text->units[i];
        transforms |= unit->transforms;
        if (unit->class_ >= GJ_U_SEPARATOR && spaced) {
            transforms |= GJ_T_SEPARATORS;
        }
        bool styled = unit->class_ == GJ_U_DIGIT && (unit->transforms & GJ_T_CONFUSABLE) != 0;
        if (styled || (unit->class_ == GJ_U_HAN && gj_text_digit(unit->cp) >= 0)) {
            transforms |= GJ_T_NUMERAL;
        }
    }
    memset(f->out->taken + first, 1, (size_t)last - first + 1);
    struct gj_extract *find = &f->out->items[f->out->count++];
    *find = (struct gj_extract){.kind = (uint8_t)kind,
                                .transforms = (uint16_t)transforms,
                                .first_unit = first,
                                .last_unit = last};
    return find;
}

void gj_finder_host(struct gj_finder *f, struct gj_extract *find, const struct gj_host *host)
{
    if (find != NULL) { /* the pointer is set at the end: the buffer may still move */
        gj_buf_add(&f->out->hosts, host->name, host->len);
        find->host.len = host->len;
        find->transforms |= host->spaced ? (uint16_t)GJ_T_SEPARATORS : 0;
        find->transforms |= host->lookalike ? (uint16_t)GJ_T_CONFUSABLE : 0;
        f->failed = f->failed || f->out->hosts.failed;
    }
}

void gj_text_before(const struct gj_finder *f, uint32_t unit, char out[GJ_BEFORE_BYTES])
{
    uint32_t cps[8];
    unsigned count = 0, steps = 0;
    while (unit > 0 && count < 8 && steps++ < 16) {
        const struct gj_unit *before = &f->text->units[--unit];
        bool between = before->class_ >= GJ_U_SEPARATOR || before->cp == ':' ||
                       (count == 0 && (before->cp == 0x662F || before->cp == 0x4E3A)); /* 是 为 */
        if (between) {
            continue;
        }
        if (before->class_ == GJ_U_MARK) {
            break;
        }
        cps[count++] = before->cp;
    }
    size_t len = 0;
    while (count > 0) {
        len += gj_utf8_encode(cps[--count], out + len);
    }
    out[len] = '\0';
}

const char *gj_ends_in(const char *text, const char *const *words)
{
    const char *best = NULL;
    size_t len = strlen(text), best_len = 0;
    for (; *words != NULL; words++) {
        size_t n = strlen(*words);
        if (n <= len && n > best_len && memcmp(text + len - n, *words, n) == 0) {
            best = *words;
            best_len = n;
        }
    }
    return best;
}
