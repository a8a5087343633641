/* Room text: the table of extractors and what they share (see extract.h, finder.h).
 *
 * Each row tells from what number of digits and letters on its extractor can find anything at all,
 * so that a message without them costs a few comparisons. */
#include "text/extract.h"

#include <stdlib.h>

#include "base/sort.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "text/finder.h"

static const struct {
    uint32_t digits_min, letters_min; /* both must be there */
    void (*find)(struct gj_finder *f);
} extractors[] = {
    /* the order decides who takes a unit first */
    {0, 2, gj_find_scheme_urls}, /* s://h */
    {0, 2, gj_find_emails},      /* 1@qq */
    {0, 0, gj_find_bare_urls},   /* 3.cn, 1.2.3.4:80: asks for itself */
    {8, 2, gj_find_waybills},    /* sf12345678901 */
    {1, 0, gj_find_amounts},     /* 5元 */
    {4, 0, gj_find_digits},      /* l38OOl38OOO */
    {0, 1, gj_find_ids},         /* a1234 */
};

static const char *const names[GJ_X_KINDS] = {
    [GJ_X_PHONE] = "@phone",
    [GJ_X_MASKED_PHONE] = "@masked-phone",
    [GJ_X_LANDLINE] = "@landline",
    [GJ_X_SERVICE_PHONE] = "@service-phone",
    [GJ_X_BANK_CARD] = "@bank-card",
    [GJ_X_NUMBER] = "@number",
    [GJ_X_URL] = "@url",
    [GJ_X_EMAIL] = "@email",
    [GJ_X_ID] = "@id",
    [GJ_X_WAYBILL] = "@waybill",
    [GJ_X_ITEM_NUMBER] = "@item-number",
    [GJ_X_MONEY] = "@money",
    [GJ_X_PERCENT] = "@percent",
};

const char *gj_extract_name(enum gj_extract_kind kind)
{
    return (unsigned)kind < GJ_X_KINDS ? names[kind] : "@unknown";
}

void gj_extracts_init(struct gj_extracts *extracts)
{
    memset(extracts, 0, sizeof *extracts);
    gj_buf_init(&extracts->hosts);
}

void gj_extracts_release(struct gj_extracts *extracts)
{
    free(extracts->items);
    free(extracts->taken);
    gj_buf_release(&extracts->hosts);
    gj_extracts_init(extracts);
}

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

static int by_place(const void *a, const void *b)
{
    const struct gj_extract *x = a, *y = b;
    return (x->first_unit > y->first_unit) - (x->first_unit < y->first_unit);
}

/* Finds do not overlap, so the place alone orders them. */
static void sort(struct gj_extracts *out)
{
    if (out->count > 32) {
        gj_sort(out->items, out->count, sizeof *out->items, by_place);
        return;
    }
    for (size_t i = 1; i < out->count; i++) {
        struct gj_extract one = out->items[i];
        size_t at = i;
        for (; at > 0 && out->items[at - 1].first_unit > one.first_unit; at--) {
            out->items[at] = out->items[at - 1];
        }
        out->items[at] = one;
    }
}

int gj_extract(struct gj_extracts *out, const struct gj_text *text)
{
    struct gj_finder f = {.text = text, .out = out};
    out->count = 0;
    gj_buf_reset(&out->hosts);
    for (size_t i = 0; i < sizeof extractors / sizeof *extractors; i++) {
        bool enough =
            text->digits >= extractors[i].digits_min && text->letters >= extractors[i].letters_min;
        if (enough) {
            extractors[i].find(&f);
        }
    }
    if (f.failed) {
        return -1;
    }
    const char *host = out->hosts.ptr;
    for (size_t i = 0; i < out->count; i++) {
        struct gj_extract *find = &out->items[i];
        find->host.ptr = find->host.len > 0 ? host : "";
        host += find->host.len;
    }
    sort(out);
    return 0;
}
