/* Room text: amounts of money and percentages.
 *
 *   money    ￥20  $5  20元  1,299.00元  五十块  1.5万元  20rmb; a sign before, or a unit behind, a
 * number percent  6%  3‰  百分之六  3个点  六个百分点
 *
 * 一块 alone is "together" (一块发货), not money. A bare number (199.00) is no amount: nothing says
 * so. */
#include "text/finder.h"

enum { NUMBER_MAX = 24 }; /* units */

/* True for what may stand in a number written with Han characters. */
static bool is_numeral(uint32_t cp)
{
    switch (cp) {
    case 0x5341:
    case 0x767E:
    case 0x5343:
    case 0x4E07:
    case 0x4EBF: /* 十百千万亿 */
    case 0x62FE:
    case 0x4F70:
    case 0x4EDF:
    case 0x4E24:
    case 0x534A: /* 拾佰仟两半 */
        return true;
    default:
        return cp > 0x7F && cp != 0x25CB && gj_text_digit(cp) >= 0;
    }
}

/* Part of a number at `unit`: a digit, a numeral, a decimal point or a comma between digits. */
static bool is_number_unit(const struct gj_finder *f, uint32_t unit)
{
    uint32_t cp = gj_cp_at(f, unit);
    if (cp == '.' || cp == ',' || cp == 0x70B9) { /* 点: 一点五 */
        bool ascii =
            gj_is_ascii_digit(gj_cp_at(f, unit - 1)) && gj_is_ascii_digit(gj_cp_at(f, unit + 1));
        bool three = gj_is_ascii_digit(gj_cp_at(f, unit + 2)) &&
                     gj_is_ascii_digit(gj_cp_at(f, unit + 3)) &&
                     !gj_is_ascii_digit(gj_cp_at(f, unit + 4));
        bool words = is_numeral(gj_cp_at(f, unit - 1)) && is_numeral(gj_cp_at(f, unit + 1));
        return cp == '.' ? ascii : cp == ',' ? ascii && three : words;
    }
    return gj_is_ascii_digit(cp) || is_numeral(cp);
}

/* Where the number that ends before `end` begins; `end` if there is none. */
static uint32_t number_begin(const struct gj_finder *f, uint32_t end)
{
    uint32_t unit = end;
    while (unit > 0 && gj_cp_at(f, unit - 1) == ' ' && end - unit < 1) {
        unit--; /* "20 元" */
    }
    uint32_t from = unit;
    while (unit > 0 && from - unit < NUMBER_MAX && is_number_unit(f, unit - 1)) {
        unit--;
    }
    while (unit < from && gj_class_at(f, unit) >= GJ_U_MARK) {
        unit++;
    }
    return unit < from ? unit : end;
}

/* The last unit of the number that begins at `unit`, or unit - 1. */
static uint32_t number_end(const struct gj_finder *f, uint32_t unit)
{
    uint32_t end = unit;
    while (end - unit < NUMBER_MAX && is_number_unit(f, end)) {
        end++;
    }
    return end - 1;
}

static unsigned digits_in(const struct gj_finder *f, uint32_t first, uint32_t end)
{
    unsigned digits = 0;
    for (; first < end; first++) {
        digits += gj_is_ascii_digit(gj_cp_at(f, first));
    }
    return digits;
}

/* Adds first..last unless it was taken or is too long for an amount (a phone before 元). */
static uint32_t add(struct gj_finder *f, enum gj_extract_kind kind, uint32_t first, uint32_t last)
{
    if (digits_in(f, first, last + 1) > 10 || gj_finder_taken(f, first, last)) {
        return 0;
    }
    gj_finder_add(f, kind, first, last, false);
    return last + 1;
}

/* ￥20, ￥ 20, 20￥ */
static uint32_t find_sign(struct gj_finder *f, uint32_t unit)
{
    uint32_t from = unit + 1 + (gj_cp_at(f, unit + 1) == ' ');
    uint32_t end = number_end(f, from), begin = number_begin(f, unit);
    if (end >= from && end != UINT32_MAX) {
        return add(f, GJ_X_MONEY, unit, end);
    }
    return begin < unit ? add(f, GJ_X_MONEY, begin, unit) : 0;
}

/* 20元, 五块钱, 1.5万元; `unit` is 元, 圆 or 块. */
static uint32_t find_yuan(struct gj_finder *f, uint32_t unit)
{
    uint32_t begin = number_begin(f, unit), next = gj_cp_at(f, unit + 1), last = unit;
    bool piece = gj_cp_at(f, unit) == 0x5757;                     /* 块 */
    bool one = begin + 1 == unit && gj_cp_at(f, begin) == 0x4E00; /* 一块 */
    bool money = next == 0x94B1;                                  /* 钱 */
    if (begin == unit || (piece && one && !money && !gj_is_ascii_digit(next) &&
                          !(is_numeral(next) && next != 0x4E00))) {
        return 0;
    }
    /* 元素 元旦 元宵 元气 元复始: other words */
    if (!piece &&
        (next == 0x7D20 || next == 0x65E6 || next == 0x5BB5 || next == 0x6C14 || next == 0x590D)) {
        return 0;
    }
    if (money) {
        last = unit + 1;
    } else if (piece && (gj_is_ascii_digit(next) || is_numeral(next))) {
        last = unit + 1; /* 五块五 */
    }
    return add(f, GJ_X_MONEY, begin, last);
}

/* 20rmb */
static uint32_t find_rmb(struct gj_finder *f, uint32_t unit)
{
    uint32_t begin = number_begin(f, unit);
    bool spelt = gj_spells(f, unit, "rmb") && !gj_is_alnum(gj_cp_at(f, unit + 3));
    return spelt && begin < unit ? add(f, GJ_X_MONEY, begin, unit + 2) : 0;
}

static uint32_t find_percent_sign(struct gj_finder *f, uint32_t unit)
{
    uint32_t begin = number_begin(f, unit);
    return begin < unit ? add(f, GJ_X_PERCENT, begin, unit) : 0;
}

/* 百分之六; `unit` is 百. */
static uint32_t find_hundredth(struct gj_finder *f, uint32_t unit)
{
    bool spelt = gj_cp_at(f, unit + 1) == 0x5206 && gj_cp_at(f, unit + 2) == 0x4E4B;
    uint32_t end = spelt ? number_end(f, unit + 3) : 0;
    return spelt && end >= unit + 3 ? add(f, GJ_X_PERCENT, unit, end) : 0;
}

/* 3个点, 六个百分点; `unit` is 点. Not 3个点赞, 两个点评. */
static uint32_t find_point(struct gj_finder *f, uint32_t unit)
{
    uint32_t next = gj_cp_at(f, unit + 1), measure = unit - 1;
    if (gj_cp_at(f, unit - 1) == 0x5206 && gj_cp_at(f, unit - 2) == 0x767E) { /* 百分点 */
        measure = unit - 3;
    }
    if (unit < 2 || gj_cp_at(f, measure) != 0x4E2A || next == 0x8D5E || next == 0x8BC4 ||
        next == 0x5355 || next == 0x51FB) { /* 个; 赞 评 单 击 */
        return 0;
    }
    uint32_t begin = number_begin(f, measure);
    return begin < measure ? add(f, GJ_X_PERCENT, begin, unit) : 0;
}

void gj_find_amounts(struct gj_finder *f)
{
    uint32_t count = gj_finder_count(f);
    for (uint32_t unit = 0; unit < count; unit++) {
        uint32_t end = 0;
        switch (f->text->units[unit].cp) {
        case 0xA5:
        case '$':
            end = find_sign(f, unit);
            break;
        case 0x5143:
        case 0x5706:
        case 0x5757:
            end = find_yuan(f, unit);
            break; /* 元 圆 块 */
        case 'r':
            end = find_rmb(f, unit);
            break;
        case '%':
        case 0x2030:
            end = find_percent_sign(f, unit);
            break;
        case 0x767E:
            end = find_hundredth(f, unit);
            break;
        case 0x70B9:
            end = find_point(f, unit);
            break;
        default:
            break;
        }
        if (end > 0) {
            unit = end - 1;
        }
    }
}
