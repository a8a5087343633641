/* Build tool gentables: how Han characters are drawn: their Cangjie codes (Unihan's kCangjie), and
 * which characters everyday text is written with: those of the standard of 2013 (kTGH), those that
 * Hong Kong has in its core set, but not Japan and Korea (咗 嘅 哋 啲: kIICore's H without J, K and
 * P), with which dialect is written, and the particles of talk (诶). */
#include <stdlib.h>
#include <string.h>

#include "gentables.h"
#include "text/tables.h"

static uint32_t codes[GJ_SHAPE_COUNT];

static void code_row(char *line)
{
    char *key = strchr(line, '\t');
    char *code = key == NULL ? NULL : strchr(key + 1, '\t');
    if (code == NULL || strncmp(key + 1, "kCangjie\t", 9) != 0) {
        return;
    }
    unsigned long at = strtoul(line + 2, NULL, 16) - GJ_SHAPE_FIRST;
    code++;
    if (at >= GJ_SHAPE_COUNT || strlen(code) > GJ_SHAPE_LETTERS) {
        return;
    }
    for (unsigned i = 0; code[i] >= 'A' && code[i] <= 'Z'; i++) {
        codes[at] |= (uint32_t)(code[i] - 'A' + 1) << i * 5;
    }
}

/* Whether a line of Unihan says that everyday text is written with its character. */
static bool says_common(const char *key)
{
    const char *value = strchr(key, '\t');
    if (value == NULL) {
        return false;
    }
    if (strncmp(key, "kIICore\t", 8) == 0) { /* its first letter is a priority */
        return strchr(value + 2, 'H') != NULL && strpbrk(value + 2, "JKP") == NULL;
    }
    return strncmp(key, "kTGH\t", 5) == 0;
}

static void common_row(char *line)
{
    char *key = strchr(line, '\t');
    unsigned long at = key == NULL ? GJ_SHAPE_COUNT : strtoul(line + 2, NULL, 16) - GJ_SHAPE_FIRST;
    if (at < GJ_SHAPE_COUNT && says_common(key + 1)) {
        codes[at] |= GJ_SHAPE_COMMON;
    }
}

void shapes_build(const char *dictionary_like_data, const char *mappings, const char *sources)
{
    each_line(dictionary_like_data, code_row);
    each_line(mappings, common_row);
    each_line(sources, common_row);
}

bool shapes_is_common(uint32_t cp)
{
    uint32_t at = cp - GJ_SHAPE_FIRST;
    return words_are_talk(cp) || (at < GJ_SHAPE_COUNT && (codes[at] & GJ_SHAPE_COMMON) != 0);
}

void shapes_write(FILE *out)
{
    fprintf(out, "const uint32_t gj_shape_codes[GJ_SHAPE_COUNT] = {");
    for (uint32_t i = 0; i < GJ_SHAPE_COUNT; i++) {
        uint32_t common = shapes_is_common(GJ_SHAPE_FIRST + i) ? GJ_SHAPE_COMMON : 0;
        fprintf(out, "%s0x%X,", i % 8 == 0 ? "\n    " : " ", (unsigned)(codes[i] | common));
    }
    fprintf(out, "\n};\n");
}
