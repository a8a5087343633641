/* Room base: what the program says, in the reader's language.
 *
 * Errors and refusals are made in English, deep in rooms that do not know who will read them. A
 * door whose reader has Chinese looks them up by their form: a row of phrases*.c has the English
 * sentence, with %s wherever something else may stand, and the Chinese one, with %1, %2 ... for
 * what stood there. That is looked up in its turn, so that a sentence within a sentence comes out
 * in Chinese as well, but where it stands in quotes: that is a name. What no row fits stays as it
 * is. */
#ifndef GJ_BASE_PHRASE_H
#define GJ_BASE_PHRASE_H

#include "base/buf.h"

struct gj_phrase {
    const char *en, *zh;
};

/* Of what comes in, of rulebooks, of expressions and patterns, of the engine and the command, of
 * the server, of other libraries; the last of each has no `en`. */
extern const struct gj_phrase gj_phrases[], gj_phrases_rulebook[], gj_phrases_expr[],
    gj_phrases_engine[], gj_phrases_server[], gj_phrases_libraries[];

/* Appends the sentence in the reader's language. Of rows that fit, the one with the most bytes of
 * its own counts. */
void gj_phrase_add(struct gj_buf *out, struct gj_str sentence, bool english);

/* Appends a line in Chinese. What stands before a sentence that has a row ("file:line:column: ")
 * stays as it is. */
void gj_phrase_add_line(struct gj_buf *out, struct gj_str line);

#endif
