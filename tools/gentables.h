/* Build tool gentables: what its files share. Fails by exit(1): it runs in the build only. */
#ifndef GJ_GENTABLES_H
#define GJ_GENTABLES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define CODE_POINTS 0x110000u

_Noreturn void fail(const char *what, const char *detail);

/* Calls `row` with each line of a Unicode data file (plain or .bz2), without its line end. */
void each_line(const char *path, void (*row)(char *line));

/* genfold.c: fills its tables; argv's files: EquivalentUnifiedIdeograph.txt and
 * Unihan_OtherMappings.txt (kTGH: the characters of the simplified standard of 2013). */
void fold_build(const char *equivalents, const char *mappings);
void fold_write(FILE *out);

/* genreadings.c: from Unihan_Readings.txt. */
void readings_build(const char *readings);
void readings_write(FILE *out);

/* genwords.c: from jieba's dict.txt: "word frequency part-of-speech" a line. Written when shapes
 * are built. */
void words_build(const char *dictionary);
void words_write(FILE *out);
bool words_are_talk(uint32_t cp); /* a particle of talk, or how one is spoken to */

/* genshapes.c: from Unihan_DictionaryLikeData.txt, Unihan_OtherMappings.txt and
 * Unihan_IRGSources.txt. */
void shapes_build(const char *dictionary_like_data, const char *mappings, const char *sources);
void shapes_write(FILE *out);
bool shapes_is_common(uint32_t cp); /* everyday text is written with it */

/* Writes `count` values of a two-stage table, sharing equal blocks: PREFIX_stage, PREFIX_blocks. */
void stages_write(FILE *out, const char *prefix, const char *type, const uint32_t *values,
                  uint32_t count);

#endif
