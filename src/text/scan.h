/* Room text: the one-pass scan. All words of the rulebook, and the literals that its patterns need
 * (pattern.h), are one trie; a message's folded characters go through it once. The scanner is
 * immutable and shared; scanning needs no memory. */
#ifndef GJ_TEXT_SCAN_H
#define GJ_TEXT_SCAN_H

#include "base/buf.h"
#include "base/errors.h"

struct gj_scanner;

/* Compiles; the id of a literal (valid UTF-8) is its index; an empty one is never found. NULL on
 * failure, with the reason in `errors`. No literals give a scanner that finds nothing. */
struct gj_scanner *gj_scanner_compile(const struct gj_str *literals, size_t count,
                                      struct gj_errors *errors);
void gj_scanner_free(struct gj_scanner *scanner);

/* The scanner as bytes, and back: `bytes`, aligned to 4, are read in place and stay the caller's.
 * All is checked, unless they are known to be `whole`. NULL: they are broken, or there is no
 * memory. */
int gj_scanner_write(const struct gj_scanner *scanner, struct gj_buf *out);
struct gj_scanner *gj_scanner_open(struct gj_str bytes, bool whole);

size_t gj_scanner_bytes(const struct gj_scanner *scanner);    /* in memory */
size_t gj_scanner_literals(const struct gj_scanner *scanner); /* the count compiled */

/* Calls `each` for every occurrence, overlapping ones too, as a half-open range of `cps`. A
 * non-zero answer stops the scan. At most linear in the text times the longest literal. */
void gj_scan(const struct gj_scanner *scanner, const uint32_t *cps, size_t count,
             int (*each)(void *context, uint32_t literal, uint32_t from, uint32_t to),
             void *context);

#endif
