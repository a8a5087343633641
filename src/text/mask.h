/* Room text: hiding what is personal in a text: phones, bank cards, identity cards, e-mail
 * addresses and where somebody lives. Order numbers, waybills, prices and dates stay. It is for
 * eyes that need not know, not for anonymity: a name, or what somebody takes pains to disguise, may
 * stay. */
#ifndef GJ_TEXT_MASK_H
#define GJ_TEXT_MASK_H

#include "text/extract.h"

enum gj_mask_kind {
    GJ_MASK_TEXT,   /* what is found in it */
    GJ_MASK_PHONE,  /* it is a phone number, however it is written */
    GJ_MASK_ADDRESS /* it is an address: province and city stay */
};

/* Reused; allocates only to grow. */
struct gj_mask {
    struct gj_text text;
    struct gj_extracts extracts;
    uint8_t *hide; /* one a unit */
    size_t hide_capacity;
    struct gj_buf out;
};

void gj_mask_init(struct gj_mask *mask);
void gj_mask_release(struct gj_mask *mask);

/* *out is `text` itself where nothing is to be hidden, else lives until the next call. Linear in
 * the text. Returns 0, or -1 when out of memory. */
int gj_mask_apply(struct gj_mask *mask, enum gj_mask_kind kind, struct gj_str text,
                  struct gj_str *out);

/* mask_address.c: the next address from `at` on in folded code points without separators: what is
 * to be hidden of it is [*first, *end). False: there is none. */
bool gj_mask_address(const uint32_t *cps, size_t count, size_t at, size_t *first, size_t *end);

/* Where province and city end that a text begins with; 0: it does not. */
size_t gj_mask_city_end(const uint32_t *cps, size_t count);

#endif
