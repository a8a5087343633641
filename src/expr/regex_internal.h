/* Room expr, inside: what the files of the regular expressions share.
 *
 *   pattern -> regex_parse.c (regex_set.c, regex_class.c) -> tree -> regex.c -> program
 *           -> regex_search.c */
#ifndef GJ_EXPR_REGEX_INTERNAL_H
#define GJ_EXPR_REGEX_INTERNAL_H

#include "expr/regex.h"

struct gj_re_range {
    uint32_t low, high; /* both inside */
};

struct gj_re_set {
    bool negated;
    uint32_t count;
    const struct gj_re_range *ranges; /* sorted, apart */
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

/* regex_class.c: named classes. */
struct gj_re_class {
    const char *text;
    const struct gj_re_range *ranges; /* sorted, apart */
    size_t count;
};
const struct gj_re_class *gj_re_posix_class(struct gj_str at); /* at begins as "alpha:]" */
const struct gj_re_class *gj_re_perl_class(char name);         /* \d \s \w by their letter */
/* A general category ("L", "Lu"), a script ("Han") or "Any"; false: there is none. */
bool gj_re_unicode_class(struct gj_str name, struct gj_re_class *class);

/* What tools/genclasses.c writes when the project is built. */
struct gj_re_unicode {
    char name[24];
    uint32_t first, count; /* of gj_re_unicode_ranges */
};
struct gj_re_case {
    uint32_t cp, next; /* the next code point that is the same but for case; they make a ring */
};
extern const struct gj_re_range gj_re_unicode_ranges[];
extern const struct gj_re_unicode gj_re_unicode[]; /* sorted by name */
extern const struct gj_re_case gj_re_cases[];      /* sorted by cp */
extern const uint32_t gj_re_unicode_count, gj_re_case_count;

/* regex_set.c: a set in the making. What returns false has run out of memory, or of `left`. */
struct gj_re_making {
    struct gj_arena *arena;
    uint32_t *left; /* ranges that the pattern may still have */
    bool any_case;
    struct gj_re_range *items;
    uint32_t count, capacity;
};
bool gj_re_add_range(struct gj_re_making *set, uint32_t low, uint32_t high);
bool gj_re_add_class(struct gj_re_making *set, const struct gj_re_class *class, bool negated);
const struct gj_re_set *gj_re_finish(struct gj_re_making *set, bool negated); /* NULL: as false */

/* The tree, or NULL with *why set. */
struct gj_re_node *gj_re_parse(struct gj_arena *arena, struct gj_str pattern, const char **why);

#endif
