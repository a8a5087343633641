/* Room expr, inside: what the files of the regular expressions share.
 *
 *   pattern -> regex_parse.c -> tree -> regex.c -> program -> regex_search.c */
#ifndef GJ_EXPR_REGEX_INTERNAL_H
#define GJ_EXPR_REGEX_INTERNAL_H

#include "expr/regex.h"

struct gj_re_range {
    uint32_t low, high; /* both inside */
};

struct gj_re_set {
    bool negated;
    bool any_case;
    uint32_t count;
    const struct gj_re_range *ranges; /* in no order */
};

enum gj_re_kind {
    GJ_RE_EMPTY,
    GJ_RE_SET,
    GJ_RE_CAT,    /* kids in order */
    GJ_RE_ALT,    /* one of the kids */
    GJ_RE_REPEAT, /* the kid min..max times */
    GJ_RE_ASSERT
};

enum gj_re_assert {
    GJ_RE_TEXT_BEGIN,
    GJ_RE_TEXT_END,
    GJ_RE_LINE_BEGIN,
    GJ_RE_LINE_END,
    GJ_RE_WORD,
    GJ_RE_NOT_WORD
};

#define GJ_RE_NO_MAX UINT32_MAX

struct gj_re_node {
    enum gj_re_kind kind;
    enum gj_re_assert assert;
    uint32_t min, max;
    const struct gj_re_set *set;
    struct gj_re_node *kids, *next; /* first kid; next brother */
};

enum gj_re_op { GJ_RE_OP_SET, GJ_RE_OP_SPLIT, GJ_RE_OP_JUMP, GJ_RE_OP_ASSERT, GJ_RE_OP_MATCH };

struct gj_re_inst {
    enum gj_re_op op;
    enum gj_re_assert assert;
    uint16_t x, y; /* split: both; jump: x. Any other goes on to the next instruction */
    const struct gj_re_set *set;
};

struct gj_regex {
    uint32_t count;
    const struct gj_re_inst *program;
};

/* regex_class.c: "alpha:]" and the like at the start of `at`; \d \s \w by their letter; Han. */
struct gj_re_class {
    const char *text;
    const struct gj_re_range *ranges; /* sorted, apart */
    size_t count;
};
const struct gj_re_class *gj_re_posix_class(struct gj_str at);
const struct gj_re_class *gj_re_perl_class(char name);
const struct gj_re_class *gj_re_han(void);

/* The tree, or NULL with *why set. */
struct gj_re_node *gj_re_parse(struct gj_arena *arena, struct gj_str pattern, const char **why);

#endif
