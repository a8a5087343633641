/* Room text: the table of extractors and what they share (see extract.h, finder.h).
 *
 * Each row tells from what number of digits and letters on its extractor can find anything at all,
 * so that a message without them costs a few comparisons. */
#include "text/extract.h"

#include <stdlib.h>

#include "base/sort.h"
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
