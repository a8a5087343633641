/* Room text: what the finders of digits share (extract_digits.c drives them). Private to it. */
#ifndef GJ_TEXT_DIGITS_H
#define GJ_TEXT_DIGITS_H

#include "text/chain.h"

enum gj_cue { GJ_CUE_NONE, GJ_CUE_ITEM, GJ_CUE_WAYBILL };

struct gj_digits {
    struct gj_finder *f;
    struct gj_chain chain;
    enum gj_cue cue; /* what the text before the chain's first group calls it */
    bool strong;     /* a cue that names a number (订单号): even 11 digits are then no phone */
    enum gj_cue last_cue;               /* of the find before, for "单号 A，B" */
    uint32_t last_end;                  /* the unit behind that find */
    unsigned number_last, number_total; /* gj_number_groups remembers; a total of 0: not yet */
};

/* Each looks at the first groups of the chain and returns how many it took as a find, or 0. */
unsigned gj_find_masked(struct gj_digits *d); /* extract_phone.c */
unsigned gj_find_mobile(struct gj_digits *d);
unsigned gj_find_landline(struct gj_digits *d);
unsigned gj_find_service(struct gj_digits *d);
unsigned gj_find_item(struct gj_digits *d); /* extract_number.c */
unsigned gj_find_card(struct gj_digits *d);
unsigned gj_find_number(struct gj_digits *d);
unsigned gj_find_digit_id(struct gj_digits *d); /* extract_digit_id.c */

/* Adds groups 0..h, and `prefix` units before them, as a find; returns the groups consumed. */
unsigned gj_digits_take(struct gj_digits *d, enum gj_extract_kind kind, unsigned h,
                        uint32_t prefix);

/* The last of the first groups that read as one number of at most 19 digits; *total: its digits. */
unsigned gj_number_groups(struct gj_digits *d, unsigned *total);

/* 20260301, 202603, 20260301123045. */
bool gj_is_date(const char *digits, unsigned count);

/* The digits of group g and of all behind it; ends in a NUL. */
static inline const char *gj_digits_of(const struct gj_chain *chain, unsigned g)
{
    return chain->digits + chain->groups[g].at;
}

/* True if `digits` begin like a mainland mobile number. */
static inline bool gj_is_mobile(const char *digits)
{
    return digits[0] == '1' && digits[1] >= '3' && digits[1] <= '9';
}

#endif
