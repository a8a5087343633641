/* Room text: folding (see text.h). The hot path: one table look-up a code point (tables.h), arrays
 * sized once before the loop.
 *
 * Room in the arrays: an entry that is not MULTI takes no more bytes than its source, so `left`
 * bytes of the original yield at most `left` units and `left` folded bytes. Each reserve leaves
 * SLACK behind that, since a fold writes 4 bytes at a time whatever their number. A MULTI entry
 * (rare) reserves for itself. */
#include "text/text.h"

#include <stdlib.h>

#include "base/utf8.h"
#include "base/vec.h"
#include "text/tables.h"

#define SLACK 8u

/* The growing end of a text. It goes by value where it leaves the loop, so that the compiler may
 * keep it in registers: were its address taken, each byte written would force it to memory. */
struct sink {
    struct gj_unit *units;
    size_t unit_count, folded_len;
    char *folded;
    uint32_t *unit_of;
    uint32_t digits, letters;
    uint32_t previous; /* the last unit of `folded` if HAN or LETTER, else 0 */
    uint32_t runs, emoji;
    bool failed; /* out of memory */
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

/* Makes room for `units` units and `bytes` folded bytes in all. Returns 0, or -1. */
static int reserve(struct gj_text *text, size_t units, size_t bytes)
{
    void *grown = gj_grow(text->units, &text->unit_capacity, units + SLACK, sizeof *text->units);
    if (grown == NULL) {
        return -1;
    }
    text->units = grown;
    if (text->folded != NULL && text->folded_capacity >= bytes + SLACK) {
        return 0;
    }
    size_t capacity = text->folded_capacity;
    grown = gj_grow(text->folded, &capacity, bytes + SLACK, 1);
    if (grown == NULL) {
        return -1;
    }
    text->folded = grown;
    grown = realloc(text->unit_of, capacity * sizeof *text->unit_of);
    if (grown == NULL) {
        return -1; /* folded_capacity still tells what both hold */
    }
    text->unit_of = grown;
    text->folded_capacity = capacity;
    return 0;
}

static inline struct sink sink_of(struct gj_text *text)
{
    return (struct sink){.units = text->units, .folded = text->folded, .unit_of = text->unit_of};
}

static void sink_store(struct gj_text *text, const struct sink *sink)
{
    text->unit_count = sink->unit_count;
    text->folded_len = sink->folded_len;
    text->digits = sink->digits;
    text->letters = sink->letters;
    text->has_run = sink->runs != 0;
    text->has_emoji = sink->emoji != 0;
}

/* Writes `cp` and up to 3 bytes beyond it (see SLACK); returns its bytes. */
static inline unsigned put_utf8(uint32_t cp, char *out)
{
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp >= 0x800 && cp < 0x10000) {
        out[0] = (char)(0xE0 | cp >> 12);
        out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
        out[2] = (char)(0x80 | (cp & 0x3F));
        return 3;
    }
    return gj_utf8_encode(cp, out);
}

/* Adds one unit: its entry with the code point filled in. What is left out of `folded` is written
 * there all the same and then overwritten: a branch on it would often be predicted wrongly. */
static inline __attribute__((always_inline)) void
sink_put(struct sink *sink, uint32_t cp, uint32_t entry, uint32_t begin, uint32_t index)
{
    uint32_t class_ = GJ_FOLD_CLASS(entry);
    uint32_t number = (uint32_t)sink->unit_count++;
    sink->units[number] = (struct gj_unit){.cp = cp,
                                           .begin = begin,
                                           .index = index,
                                           .transforms = (uint16_t)GJ_FOLD_TRANSFORMS(entry),
                                           .class_ = (uint8_t)class_};
    size_t kept = class_ < GJ_U_SEPARATOR ? SIZE_MAX : 0;
    uint32_t same = class_ <= GJ_U_LETTER ? cp : 0;
    sink->digits += (entry & GJ_FOLD_NUMERAL) != 0;
    sink->letters += class_ == GJ_U_LETTER;
    sink->emoji |= class_ == GJ_U_EMOJI;
    sink->runs |= (same != 0) & (same == sink->previous);
    sink->previous = kept ? same : sink->previous;
    uint32_t *unit_of = sink->unit_of + sink->folded_len;
    unit_of[0] = number;
    unit_of[1] = number;
    unit_of[2] = number;
    unit_of[3] = number;
    sink->folded_len += put_utf8(cp, sink->folded + sink->folded_len) & kept;
}

/* A code point that folds to several. `left`: bytes of the original from it on. */
static __attribute__((noinline, cold)) struct sink put_list(struct gj_text *text, struct sink sink,
                                                            uint32_t entry, uint32_t begin,
                                                            uint32_t index, size_t left)
{
    const uint32_t *list = gj_fold_lists + GJ_FOLD_CP(entry);
    size_t more = (size_t)list[0] * 4 + left;
    if (reserve(text, sink.unit_count + more, sink.folded_len + more) != 0) {
        sink.failed = true;
        return sink;
    }
    sink.units = text->units;
    sink.folded = text->folded;
    sink.unit_of = text->unit_of;
    for (uint32_t i = 1; i <= list[0]; i++) {
        sink_put(&sink, GJ_FOLD_CP(list[i]), list[i], begin, index);
    }
    return sink;
}

/* sink_put for the most frequent kind of character, a plain Han one, whose bytes are at `bytes`. */
static inline __attribute__((always_inline)) void
sink_put_plain(struct sink *sink, uint32_t cp, const char *bytes, uint32_t begin, uint32_t index)
{
    uint32_t number = (uint32_t)sink->unit_count++;
    sink->units[number] =
        (struct gj_unit){.cp = cp, .begin = begin, .index = index, .class_ = GJ_U_HAN};
    sink->runs |= cp == sink->previous;
    sink->previous = cp;
    char *folded = sink->folded + sink->folded_len;
    uint32_t *unit_of = sink->unit_of + sink->folded_len;
    for (unsigned i = 0; i < 3; i++) {
        folded[i] = bytes[i];
        unit_of[i] = number;
    }
    sink->folded_len += 3;
}

int gj_text_fold(struct gj_text *text, struct gj_str original)
{
    text->original = original;
    text->unit_count = text->folded_len = 0;
    if (original.len > UINT32_MAX / 8 || reserve(text, original.len, original.len) != 0) {
        return -1;
    }
    struct sink sink = sink_of(text);
    uint32_t index = 0;
    size_t len = original.len;
    for (size_t at = 0; at < len; index++) {
        unsigned bytes;
        uint32_t cp = gj_utf8_decode(original.ptr + at, &bytes);
        uint32_t begin = (uint32_t)at;
        at += bytes;
        if (gj_fold_is_plain(cp)) {
            sink_put_plain(&sink, cp, original.ptr + begin, begin, index);
            continue;
        }
        uint32_t entry = gj_fold_entry(cp);
        if (entry & GJ_FOLD_MULTI) {
            sink = put_list(text, sink, entry, begin, index, len - begin);
            if (sink.failed) {
                return -1;
            }
        } else if (GJ_FOLD_CLASS(entry) == GJ_FOLD_INVISIBLE) {
            if (sink.unit_count > 0) { /* told at the unit before it, which a mark sits on */
                sink.units[sink.unit_count - 1].transforms |= GJ_T_INVISIBLE;
            }
        } else {
            uint32_t to = GJ_FOLD_CP(entry);
            sink_put(&sink, to != 0 ? to : cp, entry, begin, index);
        }
    }
    sink_store(text, &sink);
    text->code_points = index;
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

int gj_text_collapse(struct gj_text *out, const struct gj_text *text)
{
    out->original = text->original;
    out->code_points = text->code_points;
    out->unit_count = out->folded_len = 0;
    if (reserve(out, text->unit_count, text->folded_len) != 0) {
        return -1;
    }
    struct sink sink = sink_of(out);
    size_t first = 0; /* in `out`: the unit that a run would be added to */
    for (size_t i = 0; i < text->unit_count; i++) {
        const struct gj_unit *unit = &text->units[i];
        if (unit->class_ <= GJ_U_LETTER && unit->cp == sink.previous) {
            /* NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign): previous was put there */
            sink.units[first].transforms |= (uint16_t)(unit->transforms | GJ_T_REPEAT);
            continue;
        }
        first = unit->class_ < GJ_U_SEPARATOR ? sink.unit_count : first;
        uint32_t entry = (uint32_t)unit->class_ << 21;
        if (!gj_fold_is_plain(unit->cp)) { /* what is plain is no numeral, and told so faster */
            entry |= gj_fold_entry(unit->cp) & GJ_FOLD_NUMERAL;
        }
        sink_put(&sink, unit->cp, entry, unit->begin, unit->index);
        sink.units[sink.unit_count - 1].transforms = unit->transforms;
    }
    sink_store(out, &sink);
    return 0;
}

struct gj_str gj_text_slice(const struct gj_text *text, uint32_t first_unit, uint32_t last_unit)
{
    unsigned len;
    uint32_t begin = text->units[first_unit].begin, end = text->units[last_unit].begin;
    gj_utf8_decode(text->original.ptr + end, &len);
    return (struct gj_str){text->original.ptr + begin, end + len - begin};
}

uint32_t gj_text_length(const struct gj_text *text)
{
    uint32_t length = 0;
    for (size_t i = 0; i < text->unit_count; i++) {
        length += text->units[i].class_ <= GJ_U_DIGIT;
    }
    return length;
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
