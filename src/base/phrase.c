/* Room base: what the program says, in the reader's language (see phrase.h). */
#include "base/phrase.h"

#define HOLES_MAX 9
#define DEPTH_MAX 3 /* of sentences within sentences */

/* Where `piece` first stands in the sentence from `at` on; SIZE_MAX: nowhere. */
static size_t find(struct gj_str sentence, size_t at, struct gj_str piece)
{
    const char *found = piece.len == 0
                            ? sentence.ptr + at
                            : memmem(sentence.ptr + at, sentence.len - at, piece.ptr, piece.len);
    return found == NULL ? SIZE_MAX : (size_t)(found - sentence.ptr);
}

/* The bytes of the form's own when the sentence is of that form, and what stood in its holes; else
 * 0. A hole ends where the piece behind it first stands, the last one at the end. */
static size_t fits(const char *form, struct gj_str sentence, struct gj_str holes[HOLES_MAX])
{
    size_t at = 0, own = 0, count = 0;
    for (bool first = true;; first = false) {
        const char *hole = strstr(form, "%s");
        struct gj_str piece = {form, hole == NULL ? strlen(form) : (size_t)(hole - form)};
        size_t begin = first                           ? 0
                       : hole != NULL                  ? find(sentence, at, piece)
                       : sentence.len - at < piece.len ? SIZE_MAX
                                                       : sentence.len - piece.len;
        if (begin == SIZE_MAX || sentence.len - begin < piece.len ||
            memcmp(sentence.ptr + begin, piece.ptr, piece.len) != 0) {
            return 0;
        }
        if (!first) {
            holes[count++] = (struct gj_str){sentence.ptr + at, begin - at};
        }
        at = begin + piece.len;
        own += piece.len;
        if (hole == NULL) {
            return at == sentence.len ? own : 0;
        }
        form = hole + 2;
    }
}

static const struct gj_phrase *const tables[] = {gj_phrases,        gj_phrases_rulebook,
                                                 gj_phrases_expr,   gj_phrases_engine,
                                                 gj_phrases_server, gj_phrases_libraries};

static bool add_behind(struct gj_buf *out, struct gj_str line, int depth);

/* What stood in a hole. In quotes it is a name, which is nobody's to translate. */
static void add_hole(struct gj_buf *out, struct gj_str hole, bool quoted, int depth)
{
    if (quoted || !add_behind(out, hole, depth)) {
        gj_buf_add_str(out, hole);
    }
}

/* Appends the sentence in Chinese; false: no row has its form. */
static bool add(struct gj_buf *out, struct gj_str sentence, int depth)
{
    struct gj_str holes[HOLES_MAX], best_holes[HOLES_MAX];
    const char *best = NULL;
    size_t most = 0;
    for (size_t i = 0; depth > 0 && i < sizeof tables / sizeof tables[0]; i++) {
        for (const struct gj_phrase *p = tables[i]; p->en != NULL; p++) {
            size_t own = fits(p->en, sentence, holes);
            if (own > most) {
                most = own;
                best = p->zh;
                memcpy(best_holes, holes, sizeof holes);
            }
        }
    }
    for (const char *at = best; at != NULL && *at != '\0'; at++) {
        if (at[0] != '%' || at[1] < '1' || at[1] > '9') {
            gj_buf_add_char(out, *at);
            continue;
        }
        bool quoted = at > best && strchr("'\"`", at[-1]) != NULL;
        at++;
        add_hole(out, best_holes[*at - '1'], quoted, depth - 1);
    }
    return best != NULL;
}

/* The same where a place, as "file:line:column: ", may stand before the sentence. */
static bool add_behind(struct gj_buf *out, struct gj_str line, int depth)
{
    size_t before = out->len, at = 0;
    while (at != SIZE_MAX) {
        gj_buf_cut(out, before);
        gj_buf_add(out, line.ptr, at);
        if (add(out, (struct gj_str){line.ptr + at, line.len - at}, depth)) {
            return true;
        }
        at = find(line, at, GJ_STR(": "));
        at += at == SIZE_MAX ? 0 : 2;
    }
    gj_buf_cut(out, before);
    return false;
}

void gj_phrase_add(struct gj_buf *out, struct gj_str sentence, bool english)
{
    if (english || !add(out, sentence, DEPTH_MAX)) {
        gj_buf_add_str(out, sentence);
    }
}

void gj_phrase_add_line(struct gj_buf *out, struct gj_str line)
{
    if (!add_behind(out, line, DEPTH_MAX)) {
        gj_buf_add_str(out, line);
    }
}
