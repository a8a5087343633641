/* Room text: toneless readings of Han characters, from generated tables (tables.h). */
#include "text/tables.h"

uint16_t gj_text_syllable(uint32_t cp)
{
    return (uint16_t)(gj_reading_entry(cp) & GJ_READING_SYLLABLE);
}

unsigned gj_text_other_readings(uint32_t cp, uint16_t out[4])
{
    if ((gj_reading_entry(cp) & GJ_READING_MORE) == 0) {
        return 0;
    }
    uint32_t low = 0, high = gj_other_reading_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (gj_other_readings[middle].cp <= cp) {
            low = middle;
        } else {
            high = middle;
        }
    }
    unsigned n = 0;
    while (n < 4 && gj_other_readings[low].syllables[n] != 0) {
        out[n] = gj_other_readings[low].syllables[n];
        n++;
    }
    return n;
}

unsigned gj_text_initial(uint32_t cp)
{
    const char *spelling = gj_text_spelling(gj_text_syllable(cp));
    if (spelling == NULL) {
        return 0;
    }
    unsigned letter = (unsigned)(spelling[0] - 'a') + 1;
    if (spelling[1] != 'h') {
        return letter;
    }
    return spelling[0] == 'z' ? 27 : spelling[0] == 'c' ? 28 : 29; /* zh, ch, sh */
}

const char *gj_text_spelling(uint16_t syllable)
{
    return syllable == 0 || syllable >= gj_spelling_count ? NULL : gj_spellings[syllable];
}

/* Order of `letters` against a spelling, as strcmp. */
static int order(struct gj_str letters, const char *spelling)
{
    size_t len = strlen(spelling);
    int by_bytes = memcmp(letters.ptr, spelling, letters.len < len ? letters.len : len);
    return by_bytes != 0 ? by_bytes : (letters.len > len) - (letters.len < len);
}

uint16_t gj_text_syllable_of(struct gj_str letters)
{
    uint32_t low = 1, high = gj_spelling_count;
    if (letters.len == 0 || letters.len >= sizeof gj_spellings[0]) {
        return 0;
    }
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int side = order(letters, gj_spellings[middle]);
        if (side == 0) {
            return (uint16_t)middle;
        }
        if (side < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return 0;
}
