/* Room text: phone numbers in a chain of digits: mobile, masked, landline, service numbers. */
#include "text/digits.h"

/* Sizes in which people write mobile numbers; `dots` also with dots between (else decimals). */
static bool is_mobile_layout(const struct gj_layout *l)
{
    static const uint8_t usual[][7] = {{11}, {3, 4, 4}, {3, 8}, {7, 4}};
    static const uint8_t rarer[][7] = {
        {4, 4, 3},          {3, 3, 5},          {3, 3, 3, 2}, {3, 4, 2, 2}, {3, 2, 2, 2, 2},
        {2, 2, 2, 2, 2, 1}, {1, 2, 2, 2, 2, 2}, {5, 6},       {6, 5},       {4, 7},
        {1, 5, 5},          {1, 3, 3, 4},       {3, 2, 3, 3}};
    if (gj_layout_is_ones(l)) {
        return true;
    }
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) {
        if (gj_layout_is(l, usual[i])) {
            return true;
        }
    }
    bool list = l->joint == '.' || l->joint == '/' || l->joint == '~' || l->joint == '*';
    for (size_t i = 0; i < sizeof rarer / sizeof rarer[0]; i++) {
        if (gj_layout_is(l, rarer[i])) {
            return !l->mixed_joints && !list && (i < 7 || l->joint != ' ');
        }
    }
    return false;
}

/* At least 4 true digits (l38OOl38OOO has them): letters alone spell no number. */
static bool enough_digits(const struct gj_chain *chain, unsigned g, unsigned h)
{
    unsigned true_digits = 0;
    for (; g <= h; g++) {
        true_digits += chain->groups[g].kind != GJ_D_LETTER ? chain->groups[g].count : 0;
    }
    return true_digits >= 4;
}

/* The last group of a mobile number that begins at group g, or 0 and *found false. */
static bool mobile_at(const struct gj_chain *chain, unsigned g, unsigned *last)
{
    unsigned digits = 0;
    if (g >= chain->group_count || !gj_is_mobile(gj_digits_of(chain, g))) {
        return false;
    }
    for (unsigned h = g; h < chain->group_count && digits < 11; h++) {
        struct gj_layout layout;
        digits += chain->groups[h].count;
        if (digits != 11 || !enough_digits(chain, g, h)) {
            continue;
        }
        gj_chain_layout(chain, g, h, &layout);
        *last = h;
        return is_mobile_layout(&layout);
    }
    return false;
}

/* +86 138..., 86-138..., 0086 138..., 8613800138000, 138... */
unsigned gj_find_mobile(struct gj_digits *d)
{
    const struct gj_chain *chain = &d->chain;
    const char *digits = gj_digits_of(chain, 0);
    unsigned h;
    bool plus = gj_cp_at(d->f, chain->groups[0].first - 1) == '+';
    unsigned count = chain->groups[0].count;
    bool country = (count == 2 && memcmp(digits, "86", 2) == 0) ||
                   (count == 4 && memcmp(digits, "0086", 4) == 0);
    if (country && mobile_at(chain, 1, &h)) {
        return gj_digits_take(d, GJ_X_PHONE, h, plus ? 1 : 0);
    }
    bool joined = (count == 13 && memcmp(digits, "86", 2) == 0 && gj_is_mobile(digits + 2)) ||
                  (count == 15 && memcmp(digits, "0086", 4) == 0 && gj_is_mobile(digits + 4));
    if (joined) {
        return gj_digits_take(d, GJ_X_PHONE, 0, plus ? 1 : 0);
    }
    bool stray = chain->groups[0].kind != GJ_D_ASCII && count == 1 && chain->group_count > 1 &&
                 chain->groups[1].joint == 0;
    if (stray && mobile_at(chain, 1, &h)) {
        return 1; /* 第一13800138000: passes over the numeral; the phone is next */
    }
    return mobile_at(chain, 0, &h) ? gj_digits_take(d, GJ_X_PHONE, h, 0) : 0;
}

static bool is_mask(uint32_t cp)
{
    switch (cp) {
    case '*':
    case 'x':
    case '#':
    case '_':
    case '?':
    case 0x25CF:
    case 0x25CB:
    case 0x2022:
    case 0x25A0:
    case 0x25A1:
    case 0x00B7:
    case 0x2715:
    case 0x2716:
    case 0x274C: /* ●○•■□·✕✖❌ */
        return true;
    default:
        return false;
    }
}

/* 138****8000, 138 **** 8000, 1380013****, 1*********0. Returns the groups consumed, or 0. */
unsigned gj_find_masked(struct gj_digits *d)
{
    struct gj_group *group = &d->chain.groups[0];
    uint32_t unit = group->last + 1;
    unsigned masks = 0, tail = 0;
    if (!gj_is_mobile(gj_digits_of(&d->chain, 0)) || group->count < 2 || group->count > 7) {
        return 0;
    }
    while (masks < 9 && (is_mask(gj_cp_at(d->f, unit)) || gj_cp_at(d->f, unit) == ' ')) {
        masks += gj_cp_at(d->f, unit) != ' ';
        unit++;
    }
    while (tail < 6 && gj_is_ascii_digit(gj_cp_at(d->f, unit + tail))) {
        tail++;
    }
    unsigned all = group->count + masks + tail;
    if (masks < 3 || (tail < 2 && group->count < 7) || tail > 5 || all < 9 || all > 12) {
        return 0;
    }
    while (tail == 0 && gj_cp_at(d->f, unit - 1) == ' ') {
        unit--;
    }
    group->last = unit + tail - 1; /* the masks and the tail belong to it now */
    return gj_digits_take(d, GJ_X_MASKED_PHONE, 0, 0);
}

/* Digits of an area code at `digits`: 010, 02x: 3; 0xxx: 4; else 0. */
static unsigned area_code(const char *digits)
{
    if (digits[0] != '0' || digits[1] == '0' || digits[1] == '\0') {
        return 0;
    }
    if (digits[1] == '1') {
        return digits[2] == '0' ? 3 : 0;
    }
    if (digits[1] == '2') {
        return digits[2] != '6' ? 3 : 0;
    }
    return digits[2] != '\0' && digits[3] != '\0' ? 4 : 0;
}

/* The extension behind a landline (转123, -123): its last unit, or `last`. */
static uint32_t extension_end(const struct gj_finder *f, uint32_t last)
{
    uint32_t unit = last + 1, cp = gj_cp_at(f, unit);
    if (cp != 0x8F6C && cp != '-') { /* 转 */
        return last;
    }
    uint32_t digits = 0;
    while (digits < 6 && gj_is_ascii_digit(gj_cp_at(f, unit + 1 + digits))) {
        digits++;
    }
    return digits >= 1 && digits <= 5 ? unit + digits : last;
}

unsigned gj_find_landline(struct gj_digits *d)
{
    struct gj_chain *chain = &d->chain;
    const char *digits = gj_digits_of(chain, 0);
    unsigned area = area_code(digits), total = 0;
    if (area == 0 || chain->groups[0].count < area) {
        return 0;
    }
    for (unsigned h = 0; h < chain->group_count && total < area + 8; h++) {
        struct gj_layout l;
        total += chain->groups[h].count;
        gj_chain_layout(chain, 0, h, &l);
        bool apart = l.parts <= 3 && l.sizes[0] == area &&
                     (l.parts < 3 || (l.sizes[1] >= 3 && l.sizes[2] == 4));
        bool length = total == area + 8 || (total == area + 7 && area == 4);
        bool subscriber = l.parts > 1 || (digits[area] >= '2' && digits[area] <= '8');
        bool more = total == area + 7 && h + 1 < chain->group_count &&
                    chain->groups[h + 1].count == 1 && chain->groups[h + 1].joint == 0;
        if (length && subscriber && !more && (l.parts == 1 || apart)) {
            chain->groups[h].last = extension_end(d->f, chain->groups[h].last);
            return gj_digits_take(d, GJ_X_LANDLINE, h, 0);
        }
    }
    return 0;
}

/* 400-820-8820, 4008208820 */
unsigned gj_find_service(struct gj_digits *d)
{
    const struct gj_chain *chain = &d->chain;
    const char *digits = gj_digits_of(chain, 0);
    static const uint8_t layouts[][5] = {{10},      {3, 3, 4}, {3, 4, 3}, {3, 7},   {6, 4},
                                         {4, 3, 3}, {4, 6},    {3, 2, 5}, {3, 5, 2}};
    unsigned total = 0;
    if (strncmp(digits, "400", 3) != 0 && strncmp(digits, "800", 3) != 0) {
        return 0;
    }
    for (unsigned h = 0; h < chain->group_count && total < 10; h++) {
        struct gj_layout l;
        total += chain->groups[h].count;
        gj_chain_layout(chain, 0, h, &l);
        for (size_t i = 0; total == 10 && i < sizeof layouts / sizeof layouts[0]; i++) {
            if (gj_layout_is(&l, layouts[i]) || gj_layout_is_ones(&l)) {
                return gj_digits_take(d, GJ_X_SERVICE_PHONE, h, 0);
            }
        }
    }
    return 0;
}
