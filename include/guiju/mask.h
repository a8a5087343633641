/* Guiju's masking: hiding what is personal in a text, for logs, streams and eyes that need not
 * know: phones (138****8000), bank and identity cards, e-mail addresses and where somebody lives
 * (its province and city stay). Order numbers, waybills, prices and dates stay. Names stay, and
 * what somebody took pains to disguise may. */
#ifndef GUIJU_MASK_H
#define GUIJU_MASK_H

#include "guiju/guiju.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Belongs to one thread at a time. */
typedef struct gj_masker gj_masker;

typedef enum gj_masking {
    GJ_MASK_FOUND,     /* what is found in a text */
    GJ_MASK_AS_PHONE,  /* all of it is a phone number, however it is written */
    GJ_MASK_AS_ADDRESS /* all of it is an address */
} gj_masking;

gj_masker *gj_masker_new(void); /* NULL: out of memory */
void gj_masker_free(gj_masker *masker);

/* *out is `text` itself where nothing had to be hidden, else lives until the next call; it need not
 * end in a NUL. GJ_EINPUT: it is no UTF-8, or longer than 2 MiB; GJ_ESYSTEM: out of memory; *out is
 * then empty. */
int gj_mask_text(gj_masker *masker, gj_masking how, const char *text, size_t len, const char **out,
                 size_t *out_len);

#ifdef __cplusplus
}
#endif

#endif
