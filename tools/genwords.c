/* Build tool gentables: the words of everyday text, and how often a character
 * is one by itself. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "gentables.h"
#include "text/tables.h"

#define FREQUENCY_MIN   3  /* of jieba's corpus: rarer words are as likely a disguise */
#define FREQUENCY_USUAL 10 /* of pairs that explain a disguise by themselves */

/* Bits, at most: of a character that everyday text is written with, though jieba's corpus has it
 * nowhere by itself (names, substances, dialect); and of what talk is full of, but books and papers
 * are not. */
#define SELDOM_MOST 20
#define TALK_MOST   9
static const char talk[] = "您亲嗯哦噢喔诶欸哈嘿嘻呀哟呦嘛呗啦咯嘞哇哒";

static uint64_t bits[GJ_WORD_BITS / 64];
static double frequencies[GJ_SHAPE_COUNT], total; /* of single characters; of all words */

static void add_word(const uint32_t *cps, size_t count, uint64_t key)
{
    for (size_t i = 0; i < count; i++) {
        if (cps[i] < GJ_SHAPE_FIRST) {
            return; /* letters and digits */
        }
        key = gj_word_key(key, cps[i]);
    }
    for (uint32_t seed = 0; seed < 3; seed++) {
        uint32_t bit = gj_word_bit(key, seed);
        bits[bit >> 6] |= UINT64_C(1) << (bit & 63);
    }
}

static void row(char *line)
{
    char *space = strchr(line, ' ');
    if (space == NULL) {
        return;
    }
    struct gj_str word = {line, (size_t)(space - line)};
    long frequency = strtol(space + 1, NULL, 10);
    total += (double)frequency;
    uint32_t cps[GJ_WORD_CHARACTERS_MAX];
    size_t count = gj_utf8_valid_prefix(word) == word.len ? gj_utf8_count(word) : 0;
    if (count == 0 || count > GJ_WORD_CHARACTERS_MAX) {
        return;
    }
    const char *at = word.ptr;
    for (size_t i = 0; i < count; i++) {
        unsigned len = 0;
        cps[i] = gj_utf8_decode(at, &len);
        at += len;
    }
    if (count > 1 && frequency >= FREQUENCY_MIN) {
        add_word(cps, count, 0);
        if (count == 2 && frequency >= FREQUENCY_USUAL) {
            add_word(cps, count, GJ_WORD_USUAL);
        }
    } else if (count == 1 && cps[0] - GJ_SHAPE_FIRST < GJ_SHAPE_COUNT) {
        frequencies[cps[0] - GJ_SHAPE_FIRST] = (double)frequency;
    }
}

void words_build(const char *dictionary)
{
    each_line(dictionary, row);
}

bool words_are_talk(uint32_t cp)
{
    unsigned len = 0;
    for (const char *at = talk; *at != '\0'; at += len) {
        if (gj_utf8_decode(at, &len) == cp) {
            return true;
        }
    }
    return false;
}

static unsigned cost_of(uint32_t cp, double frequency)
{
    unsigned most = GJ_COST_BIT * (words_are_talk(cp)     ? TALK_MOST
                                   : shapes_is_common(cp) ? SELDOM_MOST
                                                          : GJ_COST_UNKNOWN / GJ_COST_BIT);
    double cost = log2(total / (frequency + 1)) * GJ_COST_BIT;
    return cost < most ? (unsigned)cost : most;
}

void words_write(FILE *out)
{
    fprintf(out, "const uint64_t gj_word_bits[GJ_WORD_BITS / 64] = {");
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++) {
        fprintf(out, "%s0x%llX,", i % 6 == 0 ? "\n    " : " ", (unsigned long long)bits[i]);
    }
    fprintf(out, "\n};\n\nconst uint8_t gj_character_costs[GJ_SHAPE_COUNT] = {");
    for (uint32_t i = 0; i < GJ_SHAPE_COUNT; i++) {
        fprintf(out, "%s%u,", i % 16 == 0 ? "\n    " : " ",
                cost_of(GJ_SHAPE_FIRST + i, frequencies[i]));
    }
    fprintf(out, "\n};\n");
}
