/* Room text: reading chains of digit groups (see chain.h). */
#include "text/chain.h"

static bool is_lookalike(uint32_t cp)
{
    return cp == 'o' || cp == 'l' || cp == 'i';
}

/* A letter stands for a digit if its run of letters is made of such letters alone and touches a
 * digit on one side. Runs are short: 4 letters are looked at on each side. */
static bool letter_is_digit(const struct gj_finder *f, uint32_t unit)
{
    uint32_t first = unit, last = unit;
    while (unit - first < 4 && is_lookalike(gj_cp_at(f, first - 1))) {
        first--;
    }
    while (last - unit < 4 && is_lookalike(gj_cp_at(f, last + 1))) {
        last++;
    }
    uint32_t before = gj_cp_at(f, first - 1), after = gj_cp_at(f, last + 1);
    bool other = gj_is_ascii_letter(before) || gj_is_ascii_letter(after);
    return !other && (gj_is_ascii_digit(before) || gj_is_ascii_digit(after));
}

enum gj_digit_kind gj_digit_at(const struct gj_finder *f, uint32_t unit, char *value)
{
    uint32_t cp = gj_cp_at(f, unit);
    if (gj_is_ascii_digit(cp)) {
        *value = (char)cp;
        return GJ_D_ASCII;
    }
    if (is_lookalike(cp)) {
        *value = cp == 'o' ? '0' : '1';
        return letter_is_digit(f, unit) ? GJ_D_LETTER : GJ_D_NONE;
    }
    int digit = cp > 0x7F ? gj_text_digit(cp) : -1;
    if (digit < 0) {
        return GJ_D_NONE;
    }
    *value = (char)('0' + digit);
    return GJ_D_HAN;
}

/* True for separators that join digits; masks and 1*2 do not. */
static bool is_joint(const struct gj_finder *f, uint32_t unit)
{
    return gj_class_at(f, unit) >= GJ_U_SEPARATOR && gj_cp_at(f, unit) != 0x25CB &&
           gj_cp_at(f, unit) != '%';
}

/* The unit behind the joint that begins at `unit`, where a digit must be, or 0: several separators
 * join only if they are the same or spaces around one. */
static uint32_t behind_joint(const struct gj_finder *f, uint32_t unit, uint32_t *joint)
{
    char value;
    uint32_t at = unit;
    *joint = gj_cp_at(f, unit);
    while (at - unit < GJ_JOINT_MAX && is_joint(f, at)) {
        uint32_t cp = gj_cp_at(f, at);
        if (*joint == ' ') {
            *joint = cp;
        } else if (cp != ' ' && cp != *joint) {
            return 0;
        }
        at++;
    }
    bool mask = *joint == '*' && at - unit > 1;
    return at > unit && !mask && gj_digit_at(f, at, &value) != GJ_D_NONE ? at : 0;
}

/* Reads one group at `unit`; returns the unit behind it. */
static uint32_t read_group(const struct gj_finder *f, uint32_t unit, struct gj_chain *chain)
{
    char value = '0';
    struct gj_group *group = &chain->groups[chain->group_count++];
    *group = (struct gj_group){.first = unit, .at = (uint16_t)chain->digit_count};
    group->kind = (uint8_t)gj_digit_at(f, unit, &value);
    while (gj_digit_at(f, unit, &value) == (enum gj_digit_kind)group->kind) {
        if (chain->digit_count < GJ_CHAIN_DIGITS_MAX) {
            chain->digits[chain->digit_count++] = value;
        }
        unit++;
    }
    group->last = unit - 1;
    uint32_t length = unit - group->first;
    group->count = (uint16_t)(length < 1000 ? length : 1000);
    return unit;
}

void gj_chain_read(const struct gj_finder *f, uint32_t first, struct gj_chain *chain)
{
    uint32_t unit = first, joint = 0;
    char value;
    chain->group_count = chain->digit_count = 0;
    while (chain->group_count < GJ_GROUPS_MAX && chain->digit_count < GJ_CHAIN_DIGITS_MAX) {
        unsigned g = chain->group_count;
        unit = read_group(f, unit, chain);
        chain->groups[g].joint = joint;
        joint = 0;
        if (gj_digit_at(f, unit, &value) != GJ_D_NONE) {
            continue;
        }
        uint32_t next = behind_joint(f, unit, &joint);
        if (next == 0) {
            break;
        }
        unit = next;
    }
    chain->digits[chain->digit_count] = '\0';
}

void gj_layout_add(struct gj_layout *layout, const struct gj_group *group)
{
    unsigned count = group->count < 200 ? group->count : 200;
    layout->digits += count;
    if (layout->parts > 0 && group->joint == 0) {
        uint8_t *size = &layout->sizes[layout->parts - 1];
        *size = (uint8_t)(*size + count < 200 ? *size + count : 200);
        layout->largest = *size > layout->largest ? *size : layout->largest;
        return;
    }
    if (layout->parts == 1) {
        layout->joint = group->joint;
    } else if (layout->parts > 1 && group->joint != layout->joint) {
        layout->mixed_joints = true;
    }
    layout->sizes[layout->parts++] = (uint8_t)count;
    layout->largest = count > layout->largest ? count : layout->largest;
}

void gj_chain_layout(const struct gj_chain *chain, unsigned g, unsigned h, struct gj_layout *layout)
{
    *layout = (struct gj_layout){.parts = 0};
    for (unsigned i = g; i <= h; i++) {
        gj_layout_add(layout, &chain->groups[i]);
    }
}

bool gj_layout_is(const struct gj_layout *layout, const uint8_t *pattern)
{
    unsigned i = 0;
    while (i < layout->parts && pattern[i] == layout->sizes[i]) {
        i++;
    }
    return i == layout->parts && pattern[i] == 0;
}
