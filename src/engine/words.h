/* Room engine, inside: words for people. */
#ifndef GJ_ENGINE_WORDS_H
#define GJ_ENGINE_WORDS_H

#include "engine/inside.h"

/* A NUL-terminated copy; never NULL. */
const char *gj_words_copy(struct gj_arena *arena, struct gj_str s);

/* Appends RFC 3339 in the shop's zone. */
void gj_words_time(const struct gj_shop *shop, int64_t at, struct gj_buf *out);

/* "48 小时", "7 days". */
void gj_words_duration(int64_t seconds, bool english, struct gj_buf *out);

/* An expression's source on one line, with durations in words and parameters as their latest
 * values. */
void gj_words_expr(const struct gj_book *book, struct gj_str source, bool english,
                   struct gj_buf *out);

/* Appends the durations that an expression names, each once: "48 小时, 72 小时". */
void gj_words_durations(const struct gj_book *book, struct gj_str source, bool english,
                        struct gj_buf *out);

/* Whether the character can be part of a name in an expression. */
static inline bool gj_words_is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

#endif
