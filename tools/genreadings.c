/* Build tool gentables: toneless Mandarin readings from Unihan_Readings.txt.
 *
 * The usual reading is kMandarin's first (the one for zh-Hans). Others are those with a real
 * frequency: kHanyuPinlu's (counts in a corpus) where the character has it, else those of the
 * standard tables kTGHZ2013 and kXHC1983, most frequent first, at most 4. */
#include "gentables.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "text/tables.h"

enum { LISTS = 3, READINGS_MAX = 12, CHARACTERS = GJ_READING_CP_MAX + 1 };

struct readings {
    char usual[8];
    char others[LISTS][READINGS_MAX][8]; /* kHanyuPinlu, kTGHZ2013, kXHC1983 */
};

static struct readings *all; /* by code point up to GJ_READING_CP_MAX */
static char spellings[4096][8];
static uint32_t spelling_count;

/* "lüè" at `from` up to `to` as "lve" in out[8]; empty if it is not plain letters. */
static void toneless(const char *from, const char *to, char out[8])
{
    UErrorCode status = U_ZERO_ERROR;
    UChar wide[64], apart[128];
    int32_t len = 0;
    out[0] = '\0';
    u_strFromUTF8(wide, 64, &len, from, (int32_t)(to - from), &status);
    const UNormalizer2 *nfd = unorm2_getNFDInstance(&status);
    len = unorm2_normalize(nfd, wide, len, apart, 128, &status);
    if (U_FAILURE(status)) {
        return;
    }
    size_t n = 0;
    for (int32_t i = 0; i < len && n < 7; i++) {
        if (apart[i] >= 'a' && apart[i] <= 'z') {
            out[n++] = (char)apart[i];
        } else if (apart[i] == 0x308 && n > 0 && out[n - 1] == 'u') {
            out[n - 1] = 'v';
        } else if (u_charType(apart[i]) != U_NON_SPACING_MARK) {
            n = 0;
            break;
        }
    }
    out[n] = '\0';
}

static int by_spelling(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void add_other(struct readings *r, int list, const char *spelling)
{
    for (int i = 0; i < READINGS_MAX && spelling[0] != '\0'; i++) {
        if (strcmp(r->others[list][i], spelling) == 0) {
            return;
        }
        if (r->others[list][i][0] == '\0') {
            memcpy(r->others[list][i], spelling, 8);
            return;
        }
    }
}

/* A value's readings: separated by spaces and commas; "0113.020:chā" and "chā(60)" both occur. */
static void add_list(struct readings *r, int list, const char *value)
{
    const char *at = value;
    while (*at != '\0') {
        const char *end = at + strcspn(at, " ,");
        const char *colon = memchr(at, ':', (size_t)(end - at));
        const char *from = colon != NULL ? colon + 1 : at;
        const char *paren = memchr(from, '(', (size_t)(end - from));
        bool rare = paren != NULL && atoi(paren + 1) < 2;
        char spelling[8];
        toneless(from, paren != NULL ? paren : end, spelling);
        if (!rare) {
            add_other(r, list, spelling);
        }
        at = end + strspn(end, " ,");
    }
}

static void reading_row(char *line)
{
    static const char *const names[LISTS] = {"kHanyuPinlu", "kTGHZ2013", "kXHC1983"};
    char *key = strchr(line, '\t');
    char *value = key != NULL ? strchr(key + 1, '\t') : NULL;
    if (strncmp(line, "U+", 2) != 0 || value == NULL) {
        return;
    }
    *key++ = '\0';
    *value++ = '\0';
    unsigned long cp = strtoul(line + 2, NULL, 16);
    if (cp > GJ_READING_CP_MAX) {
        return;
    }
    if (strcmp(key, "kMandarin") == 0) {
        const char *end = value + strcspn(value, " ");
        toneless(value, end, all[cp].usual);
    }
    for (int i = 0; i < LISTS; i++) {
        if (strcmp(key, names[i]) == 0) {
            add_list(&all[cp], i, value);
        }
    }
}

static void collect_spelling(const char *spelling)
{
    if (spelling[0] == '\0') {
        return;
    }
    for (uint32_t i = 0; i < spelling_count; i++) {
        if (strcmp(spellings[i], spelling) == 0) {
            return;
        }
    }
    memcpy(spellings[spelling_count++], spelling, 8);
}

/* The character's other readings, most usual list first, into out; returns how many. */
static unsigned others_of(const struct readings *r, char out[4][8])
{
    unsigned n = 0;
    bool counted = r->others[0][0][0] != '\0';
    for (int list = 0; list < (counted ? 1 : LISTS); list++) {
        for (int i = 0; i < READINGS_MAX && r->others[list][i][0] != '\0' && n < 4; i++) {
            const char *one = r->others[list][i];
            bool known = strcmp(one, r->usual) == 0;
            for (unsigned k = 0; k < n; k++) {
                known = known || strcmp(one, out[k]) == 0;
            }
            if (!known) {
                memcpy(out[n++], one, 8);
            }
        }
    }
    return n;
}

void readings_build(const char *path)
{
    all = calloc(CHARACTERS, sizeof *all);
    if (all == NULL) {
        fail("out of memory", path);
    }
    /* 〇 has no kMandarin in some versions of Unihan */
    memcpy(all[0x3007].usual, "ling", 5);
    each_line(path, reading_row);
    memcpy(all[0x55EF].usual, "en", 3); /* 嗯: Unihan says ń, people type en */
    for (uint32_t cp = 0; cp < CHARACTERS; cp++) {
        char others[4][8] = {""};
        collect_spelling(all[cp].usual);
        unsigned n = all[cp].usual[0] != '\0' ? others_of(&all[cp], others) : 0;
        for (unsigned i = 0; i < n; i++) {
            collect_spelling(others[i]);
        }
    }
    if (spelling_count < 400 || spelling_count + 1 > GJ_SYLLABLES_MAX) {
        fail("implausible number of syllables", path);
    }
    qsort(spellings, spelling_count, sizeof spellings[0], by_spelling);
}

static uint32_t id_of(const char *spelling)
{
    const char(*found)[8] =
        bsearch(spelling, spellings, spelling_count, sizeof spellings[0], by_spelling);
    return found == NULL ? 0 : (uint32_t)(found - (const char(*)[8])spellings) + 1;
}

void readings_write(FILE *out)
{
    uint32_t *values = calloc(CHARACTERS, sizeof *values);
    if (values == NULL) {
        fail("out of memory", "readings");
    }
    uint32_t rows = 0;
    fprintf(out, "const struct gj_other_reading gj_other_readings[] = {\n");
    for (uint32_t cp = 0; cp < CHARACTERS; cp++) {
        char others[4][8] = {""};
        values[cp] = all[cp].usual[0] != '\0' ? id_of(all[cp].usual) : 0;
        unsigned n = values[cp] != 0 ? others_of(&all[cp], others) : 0;
        if (n > 0) {
            values[cp] |= GJ_READING_MORE;
            rows++;
            fprintf(out, "    {0x%X, {", (unsigned)cp);
            for (unsigned i = 0; i < 4; i++) {
                fprintf(out, "%s%u", i > 0 ? ", " : "", i < n ? (unsigned)id_of(others[i]) : 0);
            }
            fprintf(out, "}},\n");
        }
    }
    fprintf(out, "};\n\nconst uint32_t gj_other_reading_count = %u;\n\n", (unsigned)rows);
    stages_write(out, "gj_reading", "uint16_t", values, CHARACTERS);
    fprintf(out, "const char gj_spellings[GJ_SYLLABLES_MAX][8] = {\n    \"\",\n");
    for (uint32_t i = 0; i < spelling_count; i++) {
        fprintf(out, "    \"%s\",\n", spellings[i]);
    }
    fprintf(out, "};\n\nconst uint32_t gj_spelling_count = %u;\n", (unsigned)spelling_count + 1);
    free(values);
    free(all);
}
