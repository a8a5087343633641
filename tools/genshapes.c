/* Build tool gentables: how Han characters are drawn: their Cangjie codes (Unihan's kCangjie), and
 * which characters everyday text is written with (kTGH: the standard of 2013). */
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

/* kTGH numbers the characters of the standard. */
static void standard_row(char *line)
{
    char *key = strchr(line, '\t');
    unsigned long at = key == NULL ? GJ_SHAPE_COUNT : strtoul(line + 2, NULL, 16) - GJ_SHAPE_FIRST;
    if (at < GJ_SHAPE_COUNT && strncmp(key + 1, "kTGH\t", 5) == 0) {
        codes[at] |= GJ_SHAPE_COMMON;
    }
}

void shapes_build(const char *dictionary_like_data, const char *mappings)
{
    each_line(dictionary_like_data, code_row);
    each_line(mappings, standard_row);
}

void shapes_write(FILE *out)
{
    fprintf(out, "const uint32_t gj_shape_codes[GJ_SHAPE_COUNT] = {");
    for (uint32_t i = 0; i < GJ_SHAPE_COUNT; i++) {
        fprintf(out, "%s0x%X,", i % 8 == 0 ? "\n    " : " ", (unsigned)codes[i]);
    }
    fprintf(out, "\n};\n");
}
