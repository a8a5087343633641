/* Room text: hiding finds of the extractors, identity cards and addresses in a text (see mask.h).
 */
#include "text/mask.h"

#include <stdlib.h>

#include "base/vec.h"

enum { KEEP, STAR, STARS, GONE }; /* of a unit: as it is, "*", "****", nothing */

void gj_mask_init(struct gj_mask *mask)
{
    memset(mask, 0, sizeof *mask);
    gj_text_init(&mask->text);
    gj_extracts_init(&mask->extracts);
    gj_buf_init(&mask->out);
}

void gj_mask_release(struct gj_mask *mask)
{
    gj_text_release(&mask->text);
    gj_extracts_release(&mask->extracts);
    gj_buf_release(&mask->out);
    free(mask->hide);
}

/* ---- reading ---- */

static int read_text(struct gj_mask *m, struct gj_str text)
{
    if (gj_text_fold(&m->text, text) != 0) {
        return -1;
    }
    uint8_t *hide = gj_grow(m->hide, &m->hide_capacity, m->text.unit_count + 1, sizeof *hide);
    if (hide == NULL) {
        return -1;
    }
    m->hide = hide;
    memset(hide, KEEP, m->text.unit_count);
    return 0;
}

/* ---- hiding ---- */

/* Stars for the units first..last that are no separators, but for the first and last so many. */
static void star(struct gj_mask *m, uint32_t first, uint32_t last, unsigned front, unsigned back)
{
    for (; front > 0 && first <= last; first++) {
        front -= m->text.units[first].class_ < GJ_U_SEPARATOR;
    }
    for (; back > 0 && last > first; last--) {
        back -= m->text.units[last].class_ < GJ_U_SEPARATOR;
    }
    for (; first <= last; first++) {
        if (m->text.units[first].class_ < GJ_U_SEPARATOR) {
            m->hide[first] = STAR;
        }
    }
}

/* "****" for all from folded[first] to folded[end - 1]. */
static void blot(struct gj_mask *m, size_t first, size_t end)
{
    if (first < end) {
        uint32_t from = m->text.unit_of[first], to = m->text.unit_of[end - 1];
        memset(m->hide + from, GONE, (size_t)to - from + 1);
        m->hide[from] = STARS;
    }
}

static unsigned length_of(const struct gj_mask *m, uint32_t first, uint32_t last)
{
    unsigned count = 0;
    for (; first <= last; first++) {
        count += m->text.units[first].class_ < GJ_U_SEPARATOR;
    }
    return count;
}

/* 138****8000; of +86 138... the last 11. Of shorter ones less stays. */
static void hide_phone(struct gj_mask *m, uint32_t first, uint32_t last)
{
    unsigned length = length_of(m, first, last);
    unsigned front = length >= 11 ? length - 8 : length >= 8 ? 2 : length >= 5;
    unsigned back = length >= 11 ? 4 : front;
    star(m, first, last, front, back);
}

/* a***@host: what stands before the @, but for its first letter. */
static void hide_mailbox(struct gj_mask *m, const struct gj_extract *find)
{
    uint32_t at = find->first_unit;
    while (at < find->last_unit && m->text.units[at].cp != '@') {
        at++;
    }
    uint32_t end = at == find->last_unit ? find->last_unit : at - 1; /* no plain @: all of it */
    if (at > find->first_unit) {
        star(m, find->first_unit, end, 1, 0);
    }
}

/* ---- numbers ---- */

static bool is_number(uint32_t cp)
{
    return cp >= '0' && cp <= '9';
}

static bool is_joined(uint32_t cp)
{
    return is_number(cp) || (cp >= 'a' && cp <= 'z') || cp == '_';
}

/* Where unit stands in `folded`. */
static size_t place_of(const struct gj_mask *m, uint32_t unit)
{
    size_t low = 0, high = m->text.folded_len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (m->text.unit_of[middle] < unit) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool ends_in(const struct gj_mask *m, size_t end, const uint32_t *word, size_t len)
{
    return end >= len && memcmp(m->text.folded + end - len, word, len * sizeof *word) == 0;
}

/* 卡号 银行卡 账号 账户 帐号 before a number. */
static bool is_called_card(const struct gj_mask *m, uint32_t unit)
{
    static const uint32_t cues[][2] = {
        {0x5361, 0x53F7}, {0x884C, 0x5361}, {0x8D26, 0x53F7}, {0x8D26, 0x6237}, {0x5E10, 0x53F7}};
    size_t end = place_of(m, unit);
    while (end > 0 && (m->text.folded[end - 1] == ':' || m->text.folded[end - 1] == 0x662F ||
                       m->text.folded[end - 1] == 0x4E3A)) { /* 是 为 */
        end--;
    }
    for (size_t i = 0; i < sizeof cues / sizeof cues[0]; i++) {
        if (ends_in(m, end, cues[i], 2)) {
            return true;
        }
    }
    return false;
}

/* A link that carries a phone as one of its values: ...?tel=13800138000 */
static void hide_in_url(struct gj_mask *m, const struct gj_extract *find)
{
    const struct gj_unit *units = m->text.units;
    for (uint32_t i = find->first_unit; i <= find->last_unit; i++) {
        uint32_t end = i;
        while (end <= find->last_unit && units[end].cp >= '0' && units[end].cp <= '9') {
            end++;
        }
        bool mobile = end - i == 11 && units[i].cp == '1' && units[i + 1].cp >= '3' &&
                      i > find->first_unit && (units[i - 1].cp == '=' || units[i - 1].cp == ':') &&
                      (end > find->last_unit || !is_joined(units[end].cp));
        if (mobile) {
            hide_phone(m, i, end - 1);
        }
        i = end > i ? end - 1 : i;
    }
}

static void hide_find(struct gj_mask *m, const struct gj_extract *find)
{
    switch (find->kind) {
    case GJ_X_PHONE:
        hide_phone(m, find->first_unit, find->last_unit);
        break;
    case GJ_X_LANDLINE: /* its area code stays */
        star(m, find->first_unit, find->last_unit, 4, 2);
        break;
    case GJ_X_BANK_CARD:
        star(m, find->first_unit, find->last_unit, 4, 4);
        break;
    case GJ_X_NUMBER:
        if (is_called_card(m, find->first_unit)) {
            star(m, find->first_unit, find->last_unit, 4, 4);
        }
        break;
    case GJ_X_EMAIL:
        hide_mailbox(m, find);
        break;
    case GJ_X_URL:
        hide_in_url(m, find);
        break;
    default:
        break;
    }
}

/* ---- identity cards: GB 11643, 17 digits and a check digit or X ---- */

static unsigned value_of(const uint32_t *cps, size_t count)
{
    unsigned value = 0;
    while (count-- > 0) {
        value = value * 10 + (unsigned)(*cps++ - '0');
    }
    return value;
}

static bool is_identity(const uint32_t *cps)
{
    unsigned sum = 0, weight = 1; /* 2^i mod 11 */
    for (size_t i = 17; i-- > 0;) {
        if (!is_number(cps[i])) {
            return false;
        }
        weight = weight * 2 % 11;
        sum += weight * (unsigned)(cps[i] - '0');
    }
    unsigned check = (12 - sum % 11) % 11, year = value_of(cps + 6, 4);
    unsigned month = value_of(cps + 10, 2), day = value_of(cps + 12, 2);
    bool place = cps[0] >= '1' && cps[0] <= '8';
    bool date = year >= 1900 && year <= 2099 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
    return place && date && cps[17] == (check == 10 ? (uint32_t)'x' : '0' + check);
}

/* Whether an order, a waybill or a link has the unit already; finds stand in order. */
static bool is_explained(const struct gj_mask *m, uint32_t unit)
{
    size_t low = 0, high = m->extracts.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (m->extracts.items[middle].last_unit < unit) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == m->extracts.count) {
        return false;
    }
    const struct gj_extract *find = &m->extracts.items[low];
    return find->first_unit <= unit &&
           (find->kind == GJ_X_ITEM_NUMBER || find->kind == GJ_X_WAYBILL ||
            find->kind == GJ_X_URL || find->kind == GJ_X_EMAIL);
}

static void hide_identities(struct gj_mask *m)
{
    for (size_t i = 0; i + 18 <= m->text.folded_len; i++) {
        bool apart = (i == 0 || !is_joined(m->text.folded[i - 1])) &&
                     (i + 18 == m->text.folded_len || !is_joined(m->text.folded[i + 18]));
        if (apart && is_number(m->text.folded[i]) && is_identity(m->text.folded + i) &&
            !is_explained(m, m->text.unit_of[i])) {
            star(m, m->text.unit_of[i], m->text.unit_of[i + 17], 3, 2);
        }
    }
}

/* ---- the whole ---- */

static int hide_found(struct gj_mask *m)
{
    if (gj_extract(&m->extracts, &m->text) != 0) {
        return -1;
    }
    for (size_t i = 0; i < m->extracts.count; i++) {
        hide_find(m, &m->extracts.items[i]);
    }
    hide_identities(m);
    size_t first, end = 0;
    while (gj_mask_address(m->text.folded, m->text.folded_len, end, &first, &end)) {
        blot(m, first, end);
    }
    return 0;
}

/* Copies the original but for what is hidden. Invisible characters go with what they follow. */
static int write_out(struct gj_mask *m, struct gj_str *out)
{
    const struct gj_text *text = &m->text;
    size_t at = 0;
    gj_buf_reset(&m->out);
    for (size_t i = 0, next; i < text->unit_count; i = next) {
        uint8_t hide = m->hide[i];
        for (next = i + 1;
             next < text->unit_count && text->units[next].index == text->units[i].index; next++) {
            hide = hide == KEEP ? m->hide[next] : hide; /* one character, several units */
        }
        size_t end = next < text->unit_count ? text->units[next].begin : text->original.len;
        if (hide == KEEP) {
            gj_buf_add(&m->out, text->original.ptr + at, end - at);
        } else {
            gj_buf_add(&m->out, text->original.ptr + at, text->units[i].begin - at);
            gj_buf_add_cstr(&m->out, hide == STAR ? "*" : hide == STARS ? "****" : "");
        }
        at = end;
    }
    *out = gj_buf_str(&m->out);
    return m->out.failed ? -1 : 0;
}

int gj_mask_apply(struct gj_mask *mask, enum gj_mask_kind kind, struct gj_str text,
                  struct gj_str *out)
{
    *out = text;
    if (text.len == 0) {
        return 0;
    }
    if (read_text(mask, text) != 0 || (kind == GJ_MASK_TEXT && hide_found(mask) != 0)) {
        return -1;
    }
    if (kind == GJ_MASK_PHONE && mask->text.folded_len > 0) {
        hide_phone(mask, mask->text.unit_of[0], mask->text.unit_of[mask->text.folded_len - 1]);
    } else if (kind == GJ_MASK_ADDRESS) {
        blot(mask, gj_mask_city_end(mask->text.folded, mask->text.folded_len),
             mask->text.folded_len);
    }
    bool hidden = memchr(mask->hide, STAR, mask->text.unit_count) != NULL ||
                  memchr(mask->hide, STARS, mask->text.unit_count) != NULL;
    return hidden ? write_out(mask, out) : 0;
}
