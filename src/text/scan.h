/* Room text: the one-pass scan. All words of the rulebook, and the literals that its patterns need
 * (pattern.h), are one Vectorscan database; a message's folded text goes through it once. The
 * database is immutable and shared; a scratch belongs to one thread. */
#ifndef GJ_TEXT_SCAN_H
#define GJ_TEXT_SCAN_H

#include "base/buf.h"
#include "base/errors.h"

struct gj_scanner;
struct gj_scan_scratch;

/* Compiles; the id of a literal is its index. NULL on failure, with the reason in `errors`. No
 * literals give a scanner that finds nothing. */
struct gj_scanner *gj_scanner_compile(const struct gj_str *literals, size_t count,
                                      struct gj_errors *errors);
void gj_scanner_free(struct gj_scanner *scanner);

/* The database as bytes, and back. NULL: the bytes are none of this version and machine. */
int gj_scanner_serialize(const struct gj_scanner *scanner, struct gj_buf *out);
struct gj_scanner *gj_scanner_deserialize(struct gj_str bytes);

struct gj_scan_scratch *gj_scan_scratch_new(const struct gj_scanner *scanner); /* NULL: no memory */
void gj_scan_scratch_free(struct gj_scan_scratch *scratch);

/* Bytes of the database in memory. */
size_t gj_scanner_bytes(const struct gj_scanner *scanner);

/* Calls `each` for every match with the byte offset of its end in `folded`; its begin follows from
 * the literal's length. A non-zero answer stops the scan. Returns 0, or -1 when the engine failed.
 */
int gj_scan(const struct gj_scanner *scanner, struct gj_scan_scratch *scratch, struct gj_str folded,
            int (*each)(void *context, uint32_t literal, uint32_t end), void *context);

#endif
