/* Room text: chains of digit groups, what extract_digits.c classifies. Private to the room.
 *
 *   "电话 138-0013-8000 转8"    groups 138 0013 8000 | 8
 *
 * A group is a maximal run of neighbouring digits of one kind. Groups are joined where they touch
 * (1三8: three groups) or where at most GJ_JOINT_MAX separators lie between; a clause mark, a
 * letter or a word ends the chain. Masks (***) are no joints. */
#ifndef GJ_TEXT_CHAIN_H
#define GJ_TEXT_CHAIN_H

#include "text/finder.h"

enum { GJ_GROUPS_MAX = 24, GJ_CHAIN_DIGITS_MAX = 48, GJ_JOINT_MAX = 3 };

enum gj_digit_kind {
    GJ_D_NONE,
    GJ_D_ASCII, /* 0-9, whatever they were before folding */
    GJ_D_HAN,   /* 零 to 九, ○ */
    GJ_D_LETTER /* o for 0, l and i for 1, only where no other letter touches them */
};

struct gj_group {
    uint32_t first, last; /* units */
    uint32_t joint;       /* code point between the group before and this one; 0: they touch */
    uint16_t at, count;   /* digits[at..at+count) */
    uint8_t kind;         /* enum gj_digit_kind */
};

struct gj_chain {
    struct gj_group groups[GJ_GROUPS_MAX];
    unsigned group_count;
    char digits[GJ_CHAIN_DIGITS_MAX + 1]; /* '0'..'9' of all groups; ends in a NUL */
    unsigned digit_count;
};

/* The digit at `unit` (value in *value), or GJ_D_NONE. */
enum gj_digit_kind gj_digit_at(const struct gj_finder *f, uint32_t unit, char *value);

/* Reads the groups from `first` (a digit) on, as many as there is room for. A group longer than the
 * room is cut; its digits are then too many for anything. */
void gj_chain_read(const struct gj_finder *f, uint32_t first, struct gj_chain *chain);

/* How the digits of some groups are laid out: their sizes, touching groups taken together, and the
 * joints between. All zero: no group yet. */
struct gj_layout {
    uint8_t sizes[GJ_GROUPS_MAX];
    unsigned parts, digits, largest;
    uint32_t joint;    /* the first */
    bool mixed_joints; /* not all joints are as the first */
};

void gj_layout_add(struct gj_layout *layout, const struct gj_group *group);

/* The layout of groups g..h. */
void gj_chain_layout(const struct gj_chain *chain, unsigned g, unsigned h,
                     struct gj_layout *layout);

/* True if each part is a single digit: 1 3 8 0. */
static inline bool gj_layout_is_ones(const struct gj_layout *layout)
{
    return layout->parts > 1 && layout->largest == 1;
}

/* True if the layout's sizes are those of `pattern` ("3-4-4" is {3, 4, 4, 0}). */
bool gj_layout_is(const struct gj_layout *layout, const uint8_t *pattern);

#endif
