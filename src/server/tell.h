/* Room server: notices in JSON (see stream.h). */
#ifndef GJ_SERVER_TELL_H
#define GJ_SERVER_TELL_H

#include "base/buf.h"
#include "guiju/guiju.h"

/* One JSON object on one line. No texts of messages, which may hold what is personal. */
void gj_tell_write(struct gj_buf *out, const gj_notice *notice);

/* The text in the language asked for, as far as there is one. */
const char *gj_tell_either(bool english, const char *zh, const char *en);

/* RFC 3339 in China's time, in quotes. */
void gj_tell_time(struct gj_buf *out, int64_t at);

/* `,"key":"text"`, nothing when `text` is empty; the first of an object is written by hand. */
void gj_tell_text(struct gj_buf *out, const char *key, const char *text);
/* `,"name":{"zh":...,"en":...}`, nothing when both are empty. */
void gj_tell_titles(struct gj_buf *out, const char *name, const char *zh, const char *en);
void gj_tell_int(struct gj_buf *out, const char *key, int64_t value);
void gj_tell_bool(struct gj_buf *out, const char *key, bool value);
void gj_tell_at(struct gj_buf *out, const char *key, int64_t at); /* nothing for GJ_ALWAYS */

#endif
