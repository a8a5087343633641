/* Room text: texts read otherwise: the text once more, known emoji replaced by their readings, or
 * disguised words by what is meant. */
#include "base/sort.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "text/weak_internal.h"

static const struct reading *reading_of(const struct gj_weak *weak, uint32_t emoji)
{
    for (size_t i = 0; i < weak->reading_count; i++) {
        if (weak->readings[i].emoji == emoji) {
            return &weak->readings[i];
        }
    }
    return NULL;
}

static uint8_t class_of_reading(uint32_t cp)
{
    if (cp >= '0' && cp <= '9') {
        return GJ_U_DIGIT;
    }
    if (cp >= 'a' && cp <= 'z') {
        return GJ_U_LETTER;
    }
    return cp < 0x80 ? GJ_U_SYMBOL : GJ_U_HAN;
}

static int append_unit(struct gj_text *out, struct gj_unit unit)
{
    if (gj_text_reserve(out, out->unit_count + 1) != 0) {
        return -1;
    }
    gj_text_append(out, unit);
    return 0;
}

int gj_weak_read_emoji(const struct gj_weak *weak, struct gj_text *out, const struct gj_text *text)
{
    bool any = false;
    for (size_t i = 0; i < text->unit_count && !any; i++) {
        any = text->units[i].class_ == GJ_U_EMOJI && reading_of(weak, text->units[i].cp) != NULL;
    }
    if (!any) {
        return 0;
    }
    if (gj_text_begin(out, text) != 0) {
        return -1;
    }
    for (size_t i = 0; i < text->unit_count; i++) {
        struct gj_unit unit = text->units[i];
        const struct reading *reading =
            unit.class_ == GJ_U_EMOJI ? reading_of(weak, unit.cp) : NULL;
        if (reading == NULL) {
            if (append_unit(out, unit) != 0) {
                return -1;
            }
            continue;
        }
        for (size_t at = 0; at < reading->length;) {
            unsigned len = 0;
            unit.cp = gj_utf8_decode(weak->reading_text + reading->begin + at, &len);
            unit.class_ = class_of_reading(unit.cp);
            unit.transforms |= GJ_T_EMOJI;
            at += len;
            if (append_unit(out, unit) != 0) {
                return -1;
            }
        }
    }
    return 1;
}

/* By place, the longer first; of the same span the first word. */
static int compare_disguises(const void *a, const void *b)
{
    const struct gj_disguise *x = a, *y = b;
    if (x->first != y->first) {
        return x->first < y->first ? -1 : 1;
    }
    if (x->last != y->last) {
        return x->last > y->last ? -1 : 1;
    }
    return x->word < y->word ? -1 : x->word > y->word;
}

/* The word of a disguise, its characters spread over the units that stood for it. */
static int append_word(const struct gj_weak *weak, struct gj_text *out, const struct gj_text *text,
                       const struct gj_disguise *disguise)
{
    const uint32_t *meant = weak->characters + weak->starts[disguise->word];
    size_t length = weak->lengths[disguise->word], span = disguise->last - disguise->first;
    for (size_t i = 0; i < length; i++) {
        struct gj_unit unit = text->units[disguise->first + i * span / (length - 1)];
        unit.cp = meant[i];
        unit.class_ = class_of_reading(unit.cp);
        unit.transforms |= disguise->transforms;
        if (append_unit(out, unit) != 0) {
            return -1;
        }
    }
    return 0;
}

int gj_weak_read_meant(const struct gj_weak *weak, struct gj_text *out, const struct gj_text *text,
                       struct gj_disguise *disguises, size_t count)
{
    size_t next = 0;
    if (gj_text_begin(out, text) != 0) {
        return -1;
    }
    gj_sort(disguises, count, sizeof *disguises, compare_disguises);
    for (size_t i = 0; i < text->unit_count; i++) {
        while (next < count && disguises[next].first < i) { /* lies over one before */
            next++;
        }
        bool here = next < count && disguises[next].first == i;
        int status = here ? append_word(weak, out, text, &disguises[next])
                          : append_unit(out, text->units[i]);
        if (status != 0) {
            return -1;
        }
        i = here ? disguises[next].last : i;
    }
    return 0;
}
