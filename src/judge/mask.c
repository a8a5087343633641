/* Room judge: hiding what is personal, for guiju/mask.h; room text does it. */
#include <stdlib.h>

#include "guiju/mask.h"
#include "text/mask.h"
#include "wire/json.h"

struct gj_masker {
    struct gj_mask mask;
};

gj_masker *gj_masker_new(void)
{
    gj_masker *masker = calloc(1, sizeof *masker);
    if (masker != NULL) {
        gj_mask_init(&masker->mask);
    }
    return masker;
}

void gj_masker_free(gj_masker *masker)
{
    if (masker != NULL) {
        gj_mask_release(&masker->mask);
        free(masker);
    }
}

int gj_mask_text(gj_masker *masker, gj_masking how, const char *text, size_t len, const char **out,
                 size_t *out_len)
{
    static const enum gj_mask_kind kinds[] = {[GJ_MASK_FOUND] = GJ_MASK_TEXT,
                                              [GJ_MASK_AS_PHONE] = GJ_MASK_PHONE,
                                              [GJ_MASK_AS_ADDRESS] = GJ_MASK_ADDRESS};
    struct gj_str given = {text, len}, masked = GJ_STR("");
    *out = "";
    *out_len = 0;
    if (len > GJ_TEXT_BYTES_MAX || !gj_json_is_utf8(given)) {
        return GJ_EINPUT;
    }
    if (gj_mask_apply(&masker->mask, kinds[how], given, &masked) != 0) {
        return GJ_ESYSTEM;
    }
    *out = masked.ptr;
    *out_len = masked.len;
    return GJ_OK;
}
