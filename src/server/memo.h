/* Room server: a memo: values under keys, both bytes, in bounded memory. What is not asked for any
 * more is forgotten first. It belongs to one thread. */
#ifndef GJ_SERVER_MEMO_H
#define GJ_SERVER_MEMO_H

#include "base/str.h"

struct gj_memo;

/* It will take at most about `bytes` of memory, and none before it has something to keep. NULL:
 * out of memory. */
struct gj_memo *gj_memo_new(size_t bytes);
void gj_memo_free(struct gj_memo *memo); /* NULL is allowed */

/* Whether there is a value under exactly this key; *value lives until the next call. */
bool gj_memo_find(struct gj_memo *memo, struct gj_str key, struct gj_str *value);

/* Keeps a copy of both, of a key that was not found. Where memory is lacking, or both are large
 * beside all that may be kept, nothing is. */
void gj_memo_keep(struct gj_memo *memo, struct gj_str key, struct gj_str value);

void gj_memo_forget(struct gj_memo *memo); /* everything */

#endif
