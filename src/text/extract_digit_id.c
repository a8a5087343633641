/* Room text: accounts of 5 to 11 digits in a chain (a QQ number), unless something explains
 * them. */
#include "text/digits.h"

/* 5000个, 10000次: a count, not an account. */
static bool is_measure(uint32_t cp)
{
    static const uint16_t measures[] = {
        0x4E2A, 0x6B21, 0x4EBA, 0x4EF6, 0x540D, 0x4F4D, 0x7C73, 0x514B, 0x65A4, 0x5347, 0x74E6,
        0x5143, 0x5757, 0x5929, 0x5E74, 0x6708, 0x65E5, 0x591A, 0x4F59, 0x4E07, 0x4EBF, 0x6761,
        0x53F0, 0x5957, 0x53EA, 0x53CC, 0x5305, 0x7BB1, 0x74F6, 0x888B, 0x4EFD, 0x5355, 0x9897,
        0x7247, 0x8F6C, 0x7C89, 0x6BEB, 0x5206, 0x5C0F, 0x79D2, 0x7B14, 0x6B3E, 0x5BB6, 0x6876,
    }; /* 个次人件名位米克斤升瓦元块天年月日多余万亿条台套只双包箱瓶袋份单颗片转粉毫分小秒笔款家桶
        */
    for (size_t i = 0; i < sizeof measures / sizeof *measures; i++) {
        if (cp == measures[i]) {
            return true;
        }
    }
    return false;
}

/* 95311, 96110, 12315, 10086, 950618: public hotlines. */
static bool is_hotline(const char *digits, unsigned count)
{
    return (count == 5 && (strncmp(digits, "95", 2) == 0 || strncmp(digits, "96", 2) == 0 ||
                           strncmp(digits, "12", 2) == 0 || strncmp(digits, "100", 3) == 0)) ||
           (count == 6 && strncmp(digits, "950", 3) == 0);
}

/* Something joined to the number that makes it a part of a decimal, a range or a word. */
static bool is_bound(const struct gj_digits *d, uint32_t first, uint32_t last, unsigned total)
{
    uint32_t before = gj_cp_at(d->f, first - 1), after = gj_cp_at(d->f, last + 1);
    bool digit_before = gj_is_ascii_digit(gj_cp_at(d->f, first - 2));
    bool digit_after = gj_is_ascii_digit(gj_cp_at(d->f, last + 2));
    bool long_one = total >= 8; /* a full stop, not a decimal point */
    static const char joints[] = ".-/~*=:";
    before = long_one && before == '.' ? 0 : before;
    after = long_one && after == '.' ? 0 : after;
    bool left = before < 0x80 && before != 0 && strchr(joints, (int)before) != NULL && digit_before;
    bool right = after < 0x80 && after != 0 && strchr(joints, (int)after) != NULL && digit_after;
    return left || right || gj_is_ascii_digit(before) || gj_is_ascii_digit(after) ||
           gj_is_ascii_letter(before) || gj_is_ascii_letter(after) || before == '_' ||
           after == '_' || before == '+' || after == '%' || after == '+' || is_measure(after);
}

/* 12345: counting, not an account. */
static bool is_ascending(const char *digits, unsigned count)
{
    for (unsigned i = 1; i < count; i++) {
        if (digits[i] != digits[i - 1] + 1) {
            return false;
        }
    }
    return true;
}

static bool has_letters(const struct gj_chain *chain, unsigned h)
{
    for (unsigned g = 0; g <= h; g++) {
        if (chain->groups[g].kind == GJ_D_LETTER) {
            return true;
        }
    }
    return false;
}

unsigned gj_find_digit_id(struct gj_digits *d)
{
    const struct gj_chain *chain = &d->chain;
    const char *digits = gj_digits_of(chain, 0);
    unsigned total, h = gj_number_groups(d, &total);
    struct gj_layout l;
    gj_chain_layout(chain, 0, h, &l);
    if (l.parts > 1 &&
        !gj_layout_is_ones(&l)) { /* 123 456: not one number; its first group may be */
        for (h = 0; h + 1 < chain->group_count && chain->groups[h + 1].joint == 0; h++) {
        }
        gj_chain_layout(chain, 0, h, &l);
        total = l.digits;
    }
    bool han = chain->groups[0].kind == GJ_D_HAN && h == 0;
    bool mixed = h > 0 && !gj_layout_is_ones(&l); /* 三200三 is a list */
    bool counting = (gj_layout_is_ones(&l) || han) && is_ascending(digits, total);
    if (total < (mixed ? 7u
                 : han ? 6u
                       : 5u) ||
        total > 11 || counting || gj_is_date(digits, total) || is_hotline(digits, total) ||
        digits[0] == '0' || has_letters(chain, h) ||
        is_bound(d, chain->groups[0].first, chain->groups[h].last, total)) {
        return 0;
    }
    return gj_digits_take(d, GJ_X_ID, h, 0);
}
