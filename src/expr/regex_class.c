/* Room expr: regular expressions, the named classes: sorted ranges, so that a complement is easily
 * taken. Those of Unicode are in the tables that tools/genclasses.c writes. */
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
static const struct gj_re_range class_any[] = {{0, 0x10FFFF}};

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
static const struct gj_re_class any = CLASS("Any", class_any);

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

bool gj_re_unicode_class(struct gj_str name, struct gj_re_class *class)
{
    uint32_t low = 0;
    uint32_t high = gj_re_unicode_count;
    if (gj_str_is(name, any.text)) {
        *class = any;
        return true;
    }
    while (low < high) {
        const struct gj_re_unicode *row = &gj_re_unicode[(low + high) / 2];
        int order = gj_str_compare(name, gj_str_of(row->name));
        if (order == 0) {
            *class = (struct gj_re_class){row->name, gj_re_unicode_ranges + row->first, row->count};
            return true;
        }
        if (order < 0) {
            high = (low + high) / 2;
        } else {
            low = (low + high) / 2 + 1;
        }
    }
    return false;
}
