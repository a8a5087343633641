/* Room people: hiding buyers' phones, addresses, cards and e-mail addresses in JSON, for logs,
 * streams and roles that do not need them (GJ_ROLES_SEE_BUYERS). One thread at a time. */
#ifndef GJ_PEOPLE_MASK_H
#define GJ_PEOPLE_MASK_H

#include "base/buf.h"

struct gj_mask_json;

struct gj_mask_json *gj_mask_json_new(void); /* NULL: out of memory */
void gj_mask_json_free(struct gj_mask_json *mask);

/* Appends `json`, valid JSON, with every string value masked as gj_mask_text does. What its key
 * says is a phone or an address (phone, receiver_address ...) is one as a whole, a number too,
 * which becomes a string. Identities stay (id, order_id, source, subject, type ...): by them one
 * thing is told from another, and asked for. All else is copied byte by byte. Returns 0, or -1: out
 * of memory, or no JSON; nothing was then appended. */
int gj_mask_json(struct gj_mask_json *mask, struct gj_str json, struct gj_buf *out);

/* A text that is no JSON, likewise. */
int gj_mask_plain(struct gj_mask_json *mask, struct gj_str text, struct gj_buf *out);

#endif
