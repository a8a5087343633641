/* Build tool gentables: the pairs of characters that are everyday words. */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "gentables.h"
#include "text/tables.h"

#define FREQUENCY_MIN 10 /* of jieba's corpus: rarer pairs are as likely a disguise */

static uint64_t bits[GJ_PAIR_BITS / 64];

static void row(char *line)
{
    char *space = strchr(line, ' ');
    if (space == NULL || strtol(space + 1, NULL, 10) < FREQUENCY_MIN) {
        return;
    }
    struct gj_str word = {line, (size_t)(space - line)};
    if (gj_utf8_valid_prefix(word) != word.len || gj_utf8_count(word) != 2) {
        return;
    }
    unsigned first_len = 0, second_len = 0;
    uint32_t first = gj_utf8_decode(word.ptr, &first_len);
    uint32_t second = gj_utf8_decode(word.ptr + first_len, &second_len);
    for (uint32_t seed = 0; seed < 2 && first >= 0x3400 && second >= 0x3400; seed++) {
        uint32_t bit = gj_pair_hash(first, second, seed);
        bits[bit >> 6] |= UINT64_C(1) << (bit & 63);
    }
}

void words_build(const char *dictionary)
{
    each_line(dictionary, row);
}

void words_write(FILE *out)
{
    fprintf(out, "const uint64_t gj_pair_bits[GJ_PAIR_BITS / 64] = {");
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++) {
        fprintf(out, "%s0x%llX,", i % 6 == 0 ? "\n    " : " ", (unsigned long long)bits[i]);
    }
    fprintf(out, "\n};\n");
}
