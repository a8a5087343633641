/* Room expr, inside: regular expressions for matches(), RE2's syntax, matched in linear time.
 *
 * A pattern becomes a program for a nondeterministic automaton that is run over all its states at
 * once (Pike's way), so no text and no pattern can make it run away. What RE2 does not know
 * (back-references, look-around) is refused here too. */
#ifndef GJ_EXPR_REGEX_H
#define GJ_EXPR_REGEX_H

#include "base/arena.h"

#define GJ_REGEX_BYTES_MAX   4096u  /* of a pattern */
#define GJ_REGEX_PROGRAM_MAX 2000u  /* instructions: what x{1000} and the like may grow to */
#define GJ_REGEX_RANGES_MAX  16384u /* of characters, in all its classes */
#define GJ_REGEX_DEPTH_MAX   100u   /* groups in groups */
#define GJ_REGEX_STEPS       200u   /* charged for compiling at run time */

struct gj_regex;

/* NULL with *why set (a static text) when the pattern is not one, or is too large. */
const struct gj_regex *gj_regex_compile(struct gj_arena *arena, struct gj_str pattern,
                                        const char **why);

/* Whether the pattern matches somewhere in `text` (valid UTF-8). Takes from *steps one for
 * each state visited; when none are left it stops and gives false. */
bool gj_regex_search(const struct gj_regex *regex, struct gj_str text, uint64_t *steps);

#endif
