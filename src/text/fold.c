/* Room text: folding (see text.h). The hot path: one table look-up a code point (tables.h), arrays
 * sized once before the loop.
 *
 * Room in the arrays: an entry that is not MULTI takes no more bytes than its source, so `left`
 * bytes of the original yield at most `left` units. A MULTI entry (rare) reserves for itself. */
#include "text/text.h"

#include <stdlib.h>

#include "base/utf8.h"
#include "base/vec.h"
#include "text/tables.h"

struct folding {
    struct gj_text *text;
    size_t at;         /* the byte to be read next */
    uint32_t index;    /* and its code point */
    uint32_t previous; /* the last unit of `folded` if HAN or LETTER, else 0 */
};

const char *gj_transform_name(enum gj_transform one)
{
    switch (one) {
    case GJ_T_WIDTH:
        return "width";
    case GJ_T_CASE:
        return "case";
    case GJ_T_TRADITIONAL:
        return "traditional";
    case GJ_T_CONFUSABLE:
        return "confusable";
    case GJ_T_NUMERAL:
        return "numeral";
    case GJ_T_INVISIBLE:
        return "invisible";
    case GJ_T_SEPARATORS:
        return "separators";
    case GJ_T_REPEAT:
        return "repeat";
    case GJ_T_HOMOPHONE:
        return "homophone";
    case GJ_T_PINYIN:
        return "pinyin";
    case GJ_T_SPLIT:
        return "split";
    case GJ_T_LOOKALIKE:
        return "lookalike";
    case GJ_T_EMOJI:
        return "emoji";
    }
    return "unknown";
}

void gj_text_init(struct gj_text *text)
{
    memset(text, 0, sizeof *text);
}

void gj_text_release(struct gj_text *text)
{
    free(text->units);
    free(text->folded);
    free(text->unit_of);
    gj_text_init(text);
}

int gj_text_reserve(struct gj_text *text, size_t units)
{
    if (units <= text->capacity && text->units != NULL) {
        return 0;
    }
    size_t capacity = text->capacity;
    struct gj_unit *grown = gj_grow(text->units, &capacity, units, sizeof *grown);
    text->units = grown == NULL ? text->units : grown;
    uint32_t *folded = realloc(text->folded, capacity * sizeof *folded);
    text->folded = folded == NULL ? text->folded : folded;
    uint32_t *unit_of = realloc(text->unit_of, capacity * sizeof *unit_of);
    text->unit_of = unit_of == NULL ? text->unit_of : unit_of;
    if (grown == NULL || folded == NULL || unit_of == NULL) {
        return -1; /* text->capacity still tells what all hold */
    }
    text->capacity = capacity;
    return 0;
}

/* Adds one unit: its entry with the code point filled in. */
static void put(struct folding *f, uint32_t cp, uint32_t entry, size_t begin)
{
    struct gj_text *text = f->text;
    uint32_t class_ = GJ_FOLD_CLASS(entry);
    struct gj_unit unit = {.cp = cp,
                           .begin = (uint32_t)begin,
                           .index = f->index,
                           .transforms = (uint16_t)GJ_FOLD_TRANSFORMS(entry),
                           .class_ = (uint8_t)class_};
    text->digits += (entry & GJ_FOLD_NUMERAL) != 0;
    text->letters += class_ == GJ_U_LETTER;
    text->length += class_ <= GJ_U_DIGIT;
    text->has_emoji |= class_ == GJ_U_EMOJI;
    if (!gj_unit_is_silent(&unit)) {
        uint32_t same = class_ <= GJ_U_LETTER ? cp : 0;
        text->has_run |= same != 0 && same == f->previous;
        f->previous = same;
    }
    gj_text_append(text, unit);
}

/* A code point that folds to several. */
static __attribute__((noinline, cold)) int put_list(struct folding *f, uint32_t entry, size_t begin)
{
    const uint32_t *list = gj_fold_lists + GJ_FOLD_CP(entry);
    size_t left = f->text->original.len - begin;
    if (gj_text_reserve(f->text, f->text->unit_count + list[0] + left) != 0) {
        return -1;
    }
    for (uint32_t i = 1; i <= list[0]; i++) {
        put(f, GJ_FOLD_CP(list[i]), list[i], begin);
    }
    return 0;
}

/* Adds the plain Han characters that stand here, most of nearly any text: nothing but places
 * changes from one to the next, and all that the loop needs stays in registers. Three bytes that
 * are no character of three bytes give none of the range of plain ones either. */
static __attribute__((noinline)) void put_plain(struct folding *f)
{
    struct gj_text *text = f->text;
    const char *bytes = text->original.ptr;
    struct gj_unit *unit = text->units + text->unit_count;
    uint32_t *folded = text->folded + text->folded_len, *unit_of = text->unit_of + text->folded_len;
    uint32_t first = (uint32_t)text->unit_count, number = first, index = f->index - first;
    uint32_t previous = f->previous;
    size_t at = f->at, len = text->original.len;
    bool run = false;
    for (; at + 2 < len; at += 3) {
        uint32_t cp = gj_utf8_three(bytes + at);
        if (!gj_fold_is_plain(cp)) {
            break;
        }
        unit->cp = cp;
        unit->begin = (uint32_t)at;
        unit->index = index + number;
        unit->transforms = 0;
        unit->class_ = GJ_U_HAN;
        unit++->spare = 0;
        *folded++ = cp;
        *unit_of++ = number++;
        run |= cp == previous;
        previous = cp;
    }
    f->at = at;
    f->index = index + number;
    f->previous = previous;
    text->unit_count = number;
    text->folded_len += number - first;
    text->length += number - first;
    text->has_run |= run;
}

/* Any code point. Returns 0, or -1 when out of memory. */
static int put_next(struct folding *f)
{
    struct gj_text *text = f->text;
    size_t begin = f->at;
    unsigned bytes = 0;
    uint32_t cp = gj_utf8_decode(text->original.ptr + begin, &bytes);
    uint32_t entry = gj_fold_entry(cp);
    int status = 0;
    if (entry & GJ_FOLD_MULTI) {
        status = put_list(f, entry, begin);
    } else if (GJ_FOLD_CLASS(entry) != GJ_FOLD_INVISIBLE) {
        put(f, GJ_FOLD_CP(entry) != 0 ? GJ_FOLD_CP(entry) : cp, entry, begin);
    } else if (text->unit_count > 0) { /* told at the unit before it, which a mark sits on */
        text->units[text->unit_count - 1].transforms |= GJ_T_INVISIBLE;
    }
    f->at += bytes;
    f->index++;
    return status;
}

int gj_text_fold(struct gj_text *text, struct gj_str original)
{
    struct folding f = {.text = text};
    text->original = original;
    text->unit_count = text->folded_len = 0;
    text->length = text->digits = text->letters = 0;
    text->has_run = text->has_emoji = false;
    if (original.len > UINT32_MAX / 8 || gj_text_reserve(text, original.len) != 0) {
        return -1;
    }
    while (f.at < original.len) {
        if ((unsigned char)original.ptr[f.at] >= 0xE4) {
            put_plain(&f);
        }
        if (f.at < original.len && put_next(&f) != 0) {
            return -1;
        }
    }
    text->code_points = f.index;
    return 0;
}

void gj_text_fold_word(struct gj_str word, struct gj_buf *out)
{
    char bytes[4];
    for (size_t at = 0; at < word.len;) {
        unsigned len;
        uint32_t cp = gj_utf8_decode(word.ptr + at, &len);
        uint32_t entry = gj_fold_entry(cp);
        at += len;
        bool multi = (entry & GJ_FOLD_MULTI) != 0;
        const uint32_t *list = multi ? gj_fold_lists + GJ_FOLD_CP(entry) : &entry;
        uint32_t count = multi ? *list++ : 1;
        for (uint32_t i = 0; i < count; i++) {
            uint32_t class_ = GJ_FOLD_CLASS(list[i]);
            uint32_t to = GJ_FOLD_CP(list[i]);
            if (class_ < GJ_U_MARK || class_ == GJ_U_EMOJI) {
                gj_buf_add(out, bytes, gj_utf8_encode(to != 0 ? to : cp, bytes));
            }
        }
    }
}

int gj_text_begin(struct gj_text *out, const struct gj_text *text)
{
    out->original = text->original;
    out->code_points = text->code_points;
    out->unit_count = out->folded_len = 0;
    out->length = text->length;
    out->digits = text->digits;
    out->letters = text->letters;
    out->has_run = text->has_run;
    out->has_emoji = text->has_emoji;
    return gj_text_reserve(out, text->unit_count);
}

int gj_text_collapse(struct gj_text *out, const struct gj_text *text)
{
    if (gj_text_begin(out, text) != 0) {
        return -1;
    }
    out->has_run = false;
    uint32_t previous = 0; /* the last unit of `folded` if HAN or LETTER, else 0 */
    size_t count = 0, folded_len = 0, first = 0; /* first: the unit that a run would be added to */
    for (size_t i = 0; i < text->unit_count; i++) {
        struct gj_unit unit = text->units[i];
        if (unit.class_ <= GJ_U_LETTER && unit.cp == previous) {
            /* NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign): previous was put there */
            out->units[first].transforms |= (uint16_t)(unit.transforms | GJ_T_REPEAT);
            continue;
        }
        if (!gj_unit_is_silent(&unit)) {
            first = count;
            previous = unit.class_ <= GJ_U_LETTER ? unit.cp : 0;
            out->folded[folded_len] = unit.cp;
            out->unit_of[folded_len++] = (uint32_t)count;
        }
        out->units[count++] = unit;
    }
    out->unit_count = count;
    out->folded_len = folded_len;
    return 0;
}

void gj_text_spell(const struct gj_text *text, struct gj_buf *out)
{
    char bytes[4];
    for (size_t i = 0; i < text->folded_len; i++) {
        gj_buf_add(out, bytes, gj_utf8_encode(text->folded[i], bytes));
    }
}

struct gj_str gj_text_slice(const struct gj_text *text, uint32_t first_unit, uint32_t last_unit)
{
    unsigned len;
    uint32_t begin = text->units[first_unit].begin, end = text->units[last_unit].begin;
    gj_utf8_decode(text->original.ptr + end, &len);
    return (struct gj_str){text->original.ptr + begin, end + len - begin};
}

int gj_text_digit(uint32_t cp)
{
    if (cp >= '0' && cp <= '9') {
        return (int)(cp - '0');
    }
    switch (cp) {
    case 0x96F6:
    case 0x3007:
    case 0x25CB:
        return 0; /* 零 〇 ○ */
    case 0x4E00:
    case 0x58F9:
    case 0x5E7A:
        return 1; /* 一 壹 幺 */
    case 0x4E8C:
    case 0x8D30:
        return 2; /* 二 贰 */
    case 0x4E09:
    case 0x53C1:
        return 3; /* 三 叁 */
    case 0x56DB:
    case 0x8086:
        return 4; /* 四 肆 */
    case 0x4E94:
    case 0x4F0D:
        return 5; /* 五 伍 */
    case 0x516D:
    case 0x9646:
        return 6; /* 六 陆 */
    case 0x4E03:
    case 0x67D2:
        return 7; /* 七 柒 */
    case 0x516B:
    case 0x634C:
        return 8; /* 八 捌 */
    case 0x4E5D:
    case 0x7396:
        return 9; /* 九 玖 */
    default:
        return -1;
    }
}
