/* Room text: long numbers in a chain of digits: bank cards, item and order numbers, waybills by
 * their cue word, and what no rule explains. */
#include "text/digits.h"

static bool luhn(const char *digits, unsigned count)
{
    unsigned sum = 0;
    for (unsigned i = 0; i < count; i++) {
        unsigned digit = (unsigned)(digits[count - 1 - i] - '0');
        digit *= i % 2 == 1 ? 2 : 1;
        sum += digit > 9 ? digit - 9 : digit;
    }
    return sum % 10 == 0;
}

/* UnionPay 62 (and 9558, the older 955880); Visa, MasterCard, JCB with 16 digits. */
static bool is_issuer(const char *digits, unsigned count)
{
    unsigned four = 0;
    for (unsigned i = 0; i < 4; i++) {
        four = four * 10 + (unsigned)(digits[i] - '0');
    }
    bool union_pay = four / 100 == 62 || four == 9558;
    bool other = four / 1000 == 4 || (four >= 5100 && four <= 5599) ||
                 (four >= 2221 && four <= 2720) || (four >= 3528 && four <= 3589);
    return union_pay || (other && count == 16);
}

/* Layouts of long numbers: whole, in fours, in single digits, or as cards print them. */
static bool is_number_layout(const struct gj_layout *l)
{
    if (l->parts == 1 || gj_layout_is_ones(l)) {
        return true;
    }
    bool fours = l->parts >= 3 && !l->mixed_joints && l->joint != '.' && l->joint != '/';
    for (unsigned i = 0; i + 1 < l->parts; i++) {
        fours = fours && l->sizes[i] == 4;
    }
    static const uint8_t six[] = {6, 13, 0};
    return (fours && l->sizes[l->parts - 1] <= 4) || gj_layout_is(l, six);
}

unsigned gj_find_card(struct gj_digits *d)
{
    const struct gj_chain *chain = &d->chain;
    unsigned total = 0;
    for (unsigned h = 0; h < chain->group_count && total < 19; h++) {
        struct gj_layout l;
        total += chain->groups[h].count;
        if (total < 16 || total > 19) {
            continue;
        }
        gj_chain_layout(chain, 0, h, &l);
        const char *digits = gj_digits_of(chain, 0);
        if (is_number_layout(&l) && is_issuer(digits, total) && luhn(digits, total)) {
            return gj_digits_take(d, GJ_X_BANK_CARD, h, 0);
        }
    }
    return 0;
}

static unsigned number_of(const char *digits, unsigned count)
{
    unsigned value = 0;
    while (count-- > 0) {
        value = value * 10 + (unsigned)(*digits++ - '0');
    }
    return value;
}

/* 20260301, 202603, 20260301123045 */
bool gj_is_date(const char *digits, unsigned count)
{
    if (count != 6 && count != 8 && count != 12 && count != 14) {
        return false;
    }
    unsigned year = number_of(digits, 4), month = number_of(digits + 4, 2);
    unsigned day = count > 6 ? number_of(digits + 6, 2) : 1;
    return year >= 1900 && year <= 2099 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/* Pinduoduo: 260301-123456789012345 */
static bool is_order_number(const struct gj_chain *chain)
{
    const char *digits = gj_digits_of(chain, 0);
    return chain->group_count >= 2 && chain->groups[0].count == 6 && chain->groups[1].count == 15 &&
           chain->groups[1].joint == '-' && number_of(digits + 2, 2) >= 1 &&
           number_of(digits + 2, 2) <= 12;
}

/* 30000一300000: a dash written as the numeral. */
static bool is_dash(const struct gj_chain *chain, unsigned h)
{
    return h > 0 && h + 1 < chain->group_count && chain->groups[h].kind == GJ_D_HAN &&
           chain->groups[h].count == 1 && *gj_digits_of(chain, h) == '1' &&
           chain->groups[h - 1].count > 2 && chain->groups[h + 1].count > 2;
}

/* What the find's end would be: the longest run of groups that reads as one number. */
static unsigned number_groups(const struct gj_chain *chain, unsigned *total)
{
    unsigned best = 0;
    struct gj_layout l = {.parts = 0};
    *total = chain->groups[0].count;
    for (unsigned h = 0; h < chain->group_count; h++) {
        bool phone = chain->groups[h].count == 11 && gj_is_mobile(gj_digits_of(chain, h));
        if (h > 0 && (phone || is_dash(chain, h))) { /* 第一13800138000 */
            break;
        }
        gj_layout_add(&l, &chain->groups[h]);
        if (l.digits > 19) {
            break;
        }
        if (is_number_layout(&l)) {
            best = h;
            *total = l.digits;
        }
    }
    return best;
}

unsigned gj_number_groups(struct gj_digits *d, unsigned *total)
{
    if (d->number_total == 0) {
        d->number_last = number_groups(&d->chain, &d->number_total);
    }
    *total = d->number_total;
    return d->number_last;
}

static bool is_disguised(const struct gj_digits *d, unsigned h)
{
    for (uint32_t i = d->chain.groups[0].first; i <= d->chain.groups[h].last; i++) {
        const struct gj_unit *unit = &d->f->text->units[i];
        if (unit->class_ < GJ_U_DIGIT ||
            (unit->class_ == GJ_U_DIGIT && (unit->transforms & GJ_T_CONFUSABLE) != 0)) {
            return true;
        }
    }
    return false;
}

unsigned gj_find_item(struct gj_digits *d)
{
    unsigned total, h = gj_number_groups(d, &total);
    if (is_order_number(&d->chain)) {
        d->cue = GJ_CUE_ITEM;
        return gj_digits_take(d, GJ_X_ITEM_NUMBER, 1, 0);
    }
    bool phone = total == 11 && gj_is_mobile(gj_digits_of(&d->chain, 0));
    if (d->cue != GJ_CUE_ITEM || total < 4 || (phone && !d->strong) || is_disguised(d, h)) {
        return 0;
    }
    return gj_digits_take(d, GJ_X_ITEM_NUMBER, h, 0);
}

unsigned gj_find_number(struct gj_digits *d)
{
    unsigned total, h = gj_number_groups(d, &total);
    if (d->cue == GJ_CUE_WAYBILL && total >= 8 && total <= 19) {
        return gj_digits_take(d, GJ_X_WAYBILL, h, 0);
    }
    if (total < 12 || total > 19 || (total > 11 && gj_is_date(gj_digits_of(&d->chain, 0), total))) {
        return 0;
    }
    uint32_t first = d->chain.groups[0].first, last = d->chain.groups[h].last;
    if (gj_is_ascii_letter(gj_cp_at(d->f, first - 1)) ||
        gj_is_ascii_letter(gj_cp_at(d->f, last + 1))) {
        return 0; /* a part of a code: extract_word.c */
    }
    bool item = total == 12 && h == 0 && !is_disguised(d, h);
    return gj_digits_take(d, item ? GJ_X_ITEM_NUMBER : GJ_X_NUMBER, h, 0);
}
