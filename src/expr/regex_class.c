/* Room expr: regular expressions, the named classes: sorted ranges, so that a complement is easily
 * taken. Of the Unicode classes there is Han alone, from Unicode 15.1's Scripts.txt. */
#include "expr/regex_internal.h"

static const struct gj_re_range class_d[] = {{'0', '9'}};
static const struct gj_re_range class_s[] = {{'\t', '\n'}, {'\f', '\r'}, {' ', ' '}};
static const struct gj_re_range class_w[] = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
static const struct gj_re_range class_alnum[] = {{'0', '9'}, {'A', 'Z'}, {'a', 'z'}};
static const struct gj_re_range class_alpha[] = {{'A', 'Z'}, {'a', 'z'}};
static const struct gj_re_range class_ascii[] = {{0, 0x7F}};
static const struct gj_re_range class_blank[] = {{'\t', '\t'}, {' ', ' '}};
static const struct gj_re_range class_cntrl[] = {{0, 0x1F}, {0x7F, 0x7F}};
static const struct gj_re_range class_graph[] = {{'!', '~'}};
static const struct gj_re_range class_lower[] = {{'a', 'z'}};
static const struct gj_re_range class_print[] = {{' ', '~'}};
static const struct gj_re_range class_punct[] = {{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}};
static const struct gj_re_range class_space[] = {{'\t', '\r'}, {' ', ' '}};
static const struct gj_re_range class_upper[] = {{'A', 'Z'}};
static const struct gj_re_range class_xdigit[] = {{'0', '9'}, {'A', 'F'}, {'a', 'f'}};
static const struct gj_re_range class_han[] =
    {/* Unicode 15.1, Script=Han */
     {0x2E80, 0x2E99},   {0x2E9B, 0x2EF3},   {0x2F00, 0x2FD5},   {0x3005, 0x3005},
     {0x3007, 0x3007},   {0x3021, 0x3029},   {0x3038, 0x303B},   {0x3400, 0x4DBF},
     {0x4E00, 0x9FFF},   {0xF900, 0xFA6D},   {0xFA70, 0xFAD9},   {0x16FE2, 0x16FE3},
     {0x16FF0, 0x16FF1}, {0x20000, 0x2A6DF}, {0x2A700, 0x2B739}, {0x2B740, 0x2B81D},
     {0x2B820, 0x2CEA1}, {0x2CEB0, 0x2EBE0}, {0x2EBF0, 0x2EE5D}, {0x2F800, 0x2FA1D},
     {0x30000, 0x3134A}, {0x31350, 0x323AF}};

#define CLASS(text, ranges)                                    \
    {                                                          \
        (text), (ranges), sizeof(ranges) / sizeof((ranges)[0]) \
    }

static const struct gj_re_class posix_classes[] = {
    CLASS("alnum:]", class_alnum), CLASS("alpha:]", class_alpha),  CLASS("ascii:]", class_ascii),
    CLASS("blank:]", class_blank), CLASS("cntrl:]", class_cntrl),  CLASS("digit:]", class_d),
    CLASS("graph:]", class_graph), CLASS("lower:]", class_lower),  CLASS("print:]", class_print),
    CLASS("punct:]", class_punct), CLASS("space:]", class_space),  CLASS("upper:]", class_upper),
    CLASS("word:]", class_w),      CLASS("xdigit:]", class_xdigit)};
static const struct gj_re_class perl_classes[] = {CLASS("d", class_d), CLASS("s", class_s),
                                                  CLASS("w", class_w)};
static const struct gj_re_class han = CLASS("Han", class_han);

const struct gj_re_class *gj_re_posix_class(struct gj_str at)
{
    for (size_t i = 0; i < sizeof posix_classes / sizeof posix_classes[0]; i++) {
        if (gj_str_starts(at, gj_str_of(posix_classes[i].text))) {
            return &posix_classes[i];
        }
    }
    return NULL;
}

const struct gj_re_class *gj_re_perl_class(char name)
{
    for (size_t i = 0; i < sizeof perl_classes / sizeof perl_classes[0]; i++) {
        if (perl_classes[i].text[0] == name) {
            return &perl_classes[i];
        }
    }
    return NULL;
}

const struct gj_re_class *gj_re_han(void)
{
    return &han;
}
