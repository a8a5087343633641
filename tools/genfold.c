/* Build tool gentables: what each code point folds to (see src/text/tables.h for the entry).
 *
 * A code point is rewritten until nothing changes, by the first of these that knows it:
 *   1. the curated list below            what no data file knows, or knows wrongly for us
 *   2. invisible                         controls, marks, default ignorables: dropped
 *   3. its name                          🅰 NEGATIVE SQUARED LATIN CAPITAL LETTER A, ᴠ, 🇶
 *   4. ICU's confusables, capitals       Cyrillic В looks like B though its small letter does not
 *   5. NFKC_Casefold                     Ａ 𝓪 ① ㈠ ㎏; brackets and full stops around are stripped
 *   6. ICU's confusables, the rest       only where the target is ASCII letters
 *   7. letters without their marks       é -> e, for Latin, Greek and Cyrillic
 *   8. numeric values                    ٣, ❸, ⓫ -> digits
 *   9. radicals, then traditional        ⼀ ⺀ -> Han; 錢 -> 钱 by OpenCC, then ICU's variants
 * A character of the simplified standard (kTGH) is never taken for a traditional one (后 里 乾 著),
 * but for the few of `kept_traditional`. */
#include "gentables.h"

#include <opencc/opencc.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>

#include "base/utf8.h"
#include "text/tables.h"

enum { LIST_MAX = 32, LISTS_MAX = 16384, DEPTH_MAX = 8 };

struct folded {
    uint32_t cps[LIST_MAX];
    int count;
    uint32_t transforms;
};

static uint32_t entries[CODE_POINTS];
static uint32_t lists[LISTS_MAX];
static uint32_t list_words = 1;          /* index 0 would read as "folds to itself" */
static uint32_t simplified[CODE_POINTS]; /* 0: is no traditional character */
static uint32_t radical[0x10000];        /* EquivalentUnifiedIdeograph */
static bool standard[CODE_POINTS];       /* kTGH */
static const UNormalizer2 *nfkc_cf, *nfd;
static USpoofChecker *spoof;

/* Pairs "source target"; source is one code point. An empty target: as it is, no further rule. */
static const char *const curated[][2] = {
    {"\n", "!"},  {"\r", "!"}, {"\v", "!"}, {"\f", "!"},  {"\u2028", "!"}, {"\u2029", "!"},
    {";", "!"},   {"；", "!"}, {"。", "!"}, {"｡", "!"},   {"︒", "!"},     {"…", "!"},
    {"⋯", "!"},   {"︙", "!"}, {"‼", "!"},  {"⁉", "!"},   {"‽", "!"},      {"⁇", "?"},
    {"⁈", "?"},   {"❗", "!"},  {"❕", "!"},  {"❓", "?"},   {"❔", "?"},      {"؟", "?"},
    {"،", ","},   {"؛", "!"},  {"、", ","}, {"､", ","},   {"︑", ","},     {"﹑", ","},
    {"‚", ","},   {"∶", ":"},  {"ː", ":"},  {"˸", ":"},   {"¡", ""},       {"¿", ""},
    {"©", ""},    {"®", ""},   {"™", ""},   {"℠", ""},    {"º", ""},       {"ª", ""},
    {"°", ""},    {"˚", ""},   {"○", ""},   {"◯", "○"},   {"➕", "+"},      {"✚", "+"},
    {"✛", "+"},   {"✜", "+"},  {"⊕", "+"},  {"⊞", "+"},   {"∔", "+"},      {"╋", "+"},
    {"┼", "+"},   {"♁", ""},   {"×", "x"},  {"✕", "x"},   {"⨯", "x"},      {"∨", "v"},
    {"⋁", "v"},   {"ˇ", ""},   {"Ʌ", "a"},  {"ℹ", "i"},   {"ʘ", "o"},      {"ß", "ss"},
    {"ẞ", "ss"},  {"µ", "u"},  {"μ", "u"},  {"Ω", ""},    {"ω", "w"},      {"π", ""},
    {"Þ", "p"},   {"þ", "p"},  {"ⱽ", "v"},  {"₩", ""},    {"¥", ""},       {"€", ""},
    {"£", ""},    {"₣", ""},   {"₿", ""}, {"ɢ", "g"},   {"ʟ", "l"},      {"ǝ", "e"},
    {"ə", "e"},   {"ɑ", "a"},  {"ɡ", "g"},  {"ɩ", "i"},   {"ʋ", "v"},      {"∣", ""},
    {"❘", ""},    {"ー", ""},  {"𝚤", "i"},  {"ı", "i"},   {"İ", "i"},      {"ȷ", "j"},
    {"⼃", "丿"}, {"〡", "1"}, {"〢", "2"}, {"〣", "3"},  {"〤", "4"},     {"〥", "5"},
    {"〦", "6"},  {"〧", "7"}, {"〨", "8"}, {"〩", "9"},  {"⺀", "冫"},    {"〸", "十"},
    {"﹫", "@"},  {"〈", "<"}, {"〉", ">"}, {"ǀ", "l"},   {"ǃ", "!"},      {"꞉", ":"},
    {"⸮", "?"},   {"⁏", "!"},  {"⸴", ","},  {"⹁", ","}, {"߸", ","},      {"՝", ","},
    {"в", "b"},   {"к", "k"},  {"м", "m"},  {"н", "h"},   {"т", "t"},      {"є", "e"},
    {"ε", "e"},   {"ɛ", "e"},  {"β", "b"},  {"κ", "k"},   {"τ", "t"},      {"χ", "x"},
    {"⚿", ""},
};

/* In the standard as surnames and bookish words, but met as traditional forms; and 劵, which the
 * sources keep apart, but which is only met as a slip for 券. */
static const char *const kept_traditional[][2] = {
    {"於", "于"}, {"麽", "么"}, {"祕", "秘"}, {"釐", "厘"},
    {"囍", "囍"}, {"氹", "氹"}, {"劵", "券"},
};

static uint32_t code_point(const char *s)
{
    unsigned len;
    return gj_utf8_decode(s, &len);
}

static bool is_han(uint32_t cp)
{
    UErrorCode status = U_ZERO_ERROR;
    return uscript_getScript((UChar32)cp, &status) == USCRIPT_HAN &&
           (u_isalpha((UChar32)cp) || cp == 0x3007 || cp == 0x3005);
}

static uint32_t next_utf16(const UChar *wide, int32_t *at)
{
    uint32_t high = wide[(*at)++];
    if (high < 0xD800 || high > 0xDBFF) {
        return high;
    }
    return 0x10000 + ((high - 0xD800) << 10) + (wide[(*at)++] - 0xDC00u);
}

/* ---- sources ---- */

static void radical_row(char *line)
{
    char *rest;
    unsigned long first = strtoul(line, &rest, 16);
    unsigned long last = strncmp(rest, "..", 2) == 0 ? strtoul(rest + 2, &rest, 16) : first;
    char *semicolon = strchr(rest, ';');
    if (line[0] == '#' || semicolon == NULL || first == 0) {
        return;
    }
    unsigned long target = strtoul(semicolon + 1, NULL, 16);
    for (unsigned long cp = first; cp <= last && cp < 0x10000; cp++) {
        radical[cp] = (uint32_t)target;
    }
}

static void mapping_row(char *line)
{
    char *rest;
    if (strncmp(line, "U+", 2) == 0) {
        unsigned long cp = strtoul(line + 2, &rest, 16);
        if (strncmp(rest, "\tkTGH\t", 6) == 0 && cp < CODE_POINTS) {
            standard[cp] = true;
        }
    }
}

static uint32_t by_opencc(opencc_t opencc, uint32_t cp)
{
    char bytes[4], out[64];
    size_t len = gj_utf8_encode(cp, bytes);
    size_t written = opencc_convert_utf8_to_buffer(opencc, bytes, len, out);
    if (written == (size_t)-1) {
        fail("opencc", opencc_error());
    }
    unsigned used;
    uint32_t to = gj_utf8_decode(out, &used);
    return used == written && to != cp ? to : 0;
}

static uint32_t by_icu(UTransliterator *icu, uint32_t cp)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar wide[16];
    int32_t len = 0;
    U16_APPEND_UNSAFE(wide, len, cp);
    int32_t limit = len, at = 0;
    utrans_transUChars(icu, wide, &len, 16, 0, &limit, &status);
    uint32_t to = U_SUCCESS(status) && len > 0 ? next_utf16(wide, &at) : 0;
    return at == len && to != cp ? to : 0;
}

static void simplified_build(void)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar id[32];
    u_uastrcpy(id, "Traditional-Simplified");
    UTransliterator *icu = utrans_openU(id, -1, UTRANS_FORWARD, NULL, 0, NULL, &status);
    opencc_t opencc = opencc_open("t2s.json");
    if (U_FAILURE(status) || opencc == (opencc_t)-1) {
        fail("cannot open OpenCC's t2s.json or ICU's Traditional-Simplified", "");
    }
    for (uint32_t cp = 0x3400; cp < 0x32000; cp++) {
        if (is_han(cp) && !standard[cp]) {
            simplified[cp] = by_opencc(opencc, cp);
            if (simplified[cp] == 0) {
                simplified[cp] = by_icu(icu, cp);
            }
        }
    }
    for (size_t i = 0; i < sizeof kept_traditional / sizeof *kept_traditional; i++) {
        uint32_t from = code_point(kept_traditional[i][0]), to = code_point(kept_traditional[i][1]);
        simplified[from] = to == from ? 0 : to;
    }
    opencc_close(opencc);
    utrans_close(icu);
}

/* ---- rules: each returns true when it rewrote `cp` into `out` ---- */

static void put(struct folded *out, uint32_t cp)
{
    if (out->count < LIST_MAX) {
        out->cps[out->count++] = cp;
    }
}

static void put_ascii(struct folded *out, const char *s)
{
    for (; *s != '\0'; s++) {
        put(out, (uint32_t)(unsigned char)*s);
    }
}

static bool is_invisible(uint32_t cp)
{
    UChar32 c = (UChar32)cp;
    int8_t type = u_charType(c);
    bool control = type == U_CONTROL_CHAR && cp != '\t';
    return control || type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK ||
           type == U_FORMAT_CHAR || cp == 0xFFFD || type == U_SURROGATE ||
           u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
}

static uint32_t case_bit(uint32_t cp)
{
    return u_hasBinaryProperty((UChar32)cp, UCHAR_CHANGES_WHEN_CASEFOLDED) ||
                   u_hasBinaryProperty((UChar32)cp, UCHAR_UPPERCASE)
               ? GJ_T_CASE
               : 0;
}

static const char *const *curated_for(uint32_t cp)
{
    for (size_t i = 0; i < sizeof curated / sizeof *curated; i++) {
        if (code_point(curated[i][0]) == cp) {
            return curated[i];
        }
    }
    return NULL;
}

static bool fold_by_curated(uint32_t cp, struct folded *out)
{
    const char *const *pair = curated_for(cp);
    if (pair == NULL || pair[1][0] == '\0') {
        return false;
    }
    for (const char *at = pair[1]; *at != '\0';) {
        unsigned len;
        put(out, gj_utf8_decode(at, &len));
        at += len;
    }
    bool mark = strchr("!?,:", pair[1][0]) != NULL;
    out->transforms |= cp < 0x80 ? 0 : mark ? (uint32_t)GJ_T_WIDTH : (uint32_t)GJ_T_CONFUSABLE;
    return true;
}

/* 🅰 ᴠ 🇶 ʋ 🆔: a name that says which letters are meant. */
static bool fold_by_name(uint32_t cp, struct folded *out)
{
    static const char *const prefixes[] = {
        "NEGATIVE CIRCLED LATIN CAPITAL LETTER ",
        "NEGATIVE SQUARED LATIN CAPITAL LETTER ",
        "CROSSED NEGATIVE SQUARED LATIN CAPITAL LETTER ",
        "REGIONAL INDICATOR SYMBOL LETTER ",
        "LATIN LETTER SMALL CAPITAL ",
        "LATIN SMALL LETTER ",
        "LATIN CAPITAL LETTER ",
        "NEGATIVE SQUARED ",
        "SQUARED ",
    };
    UErrorCode status = U_ZERO_ERROR;
    char name[128];
    u_charName((UChar32)cp, U_UNICODE_CHAR_NAME, name, sizeof name, &status);
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        size_t len = strlen(prefixes[i]);
        if (strncmp(name, prefixes[i], len) != 0) {
            continue;
        }
        bool squared = i >= 7, latin = i == 5 || i == 6;
        size_t letters = strspn(name + len, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
        bool with = strncmp(name + len + letters, " WITH ", 6) == 0;
        bool whole = name[len + letters] == '\0' && !latin;
        if (cp < 0x80 || !(whole || with) || letters < 1 || letters > (squared ? 4 : 1)) {
            return false;
        }
        for (size_t k = 0; k < letters; k++) {
            put(out, (uint32_t)(name[len + k] | 0x20));
        }
        out->transforms |= GJ_T_CONFUSABLE;
        return true;
    }
    return false;
}

static bool script_has_lookalikes(uint32_t cp)
{
    static const UScriptCode scripts[] = {
        USCRIPT_LATIN,
        USCRIPT_GREEK,
        USCRIPT_CYRILLIC,
        USCRIPT_CHEROKEE,
        USCRIPT_COPTIC,
        USCRIPT_LISU,
        USCRIPT_ARMENIAN,
        USCRIPT_DESERET,
        USCRIPT_COMMON,
        USCRIPT_RUNIC,
        USCRIPT_CANADIAN_ABORIGINAL,
        USCRIPT_GOTHIC,
        USCRIPT_OLD_ITALIC,
        USCRIPT_OSAGE,
        USCRIPT_WARANG_CITI,
        USCRIPT_CARIAN,
        USCRIPT_LYCIAN,
        USCRIPT_LYDIAN,
        USCRIPT_TIFINAGH,
        USCRIPT_VAI,
        USCRIPT_BAMUM,
        USCRIPT_ELBASAN,
        USCRIPT_MATHEMATICAL_NOTATION,
    };
    UErrorCode status = U_ZERO_ERROR;
    UScriptCode script = uscript_getScript((UChar32)cp, &status);
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        if (script == scripts[i]) {
            return true;
        }
    }
    return false;
}

/* ICU's skeleton makes one of l, 1 and I, of O and 0, and spells m as rn. */
static bool fold_by_confusable(uint32_t cp, struct folded *out)
{
    if (cp < 0x80 || !script_has_lookalikes(cp) || u_isdigit((UChar32)cp)) {
        return false;
    }
    UErrorCode status = U_ZERO_ERROR;
    UChar source[2], skeleton[32];
    int32_t len = 0;
    U16_APPEND_UNSAFE(source, len, cp);
    len = uspoof_getSkeleton(spoof, 0, source, len, skeleton, 32, &status);
    char ascii[8] = "";
    size_t n = 0;
    for (int32_t i = 0; U_SUCCESS(status) && i < len; i++) {
        if (u_charType(skeleton[i]) == U_NON_SPACING_MARK) {
            continue;
        }
        if (skeleton[i] > 'z' || !u_isalnum(skeleton[i]) || n >= 3) {
            return false;
        }
        ascii[n++] = (char)(u_isalpha(skeleton[i]) ? skeleton[i] | 0x20 : skeleton[i]);
    }
    bool letter = u_isalpha((UChar32)cp);
    bool bar = strcmp(ascii, "l") == 0;
    if (n == 0 || (!letter && (bar || strcmp(ascii, "o") == 0 || n > 1))) {
        return false; /* ∣ and 〇 are separators, not letters */
    }
    if (strcmp(ascii, "rn") == 0) {
        strcpy(ascii, "m");
    }
    put_ascii(out, bar && case_bit(cp) != 0 ? "i" : ascii);
    out->transforms |= GJ_T_CONFUSABLE | case_bit(cp);
    return true;
}

static uint32_t compatibility_bit(uint32_t cp)
{
    switch (u_getIntPropertyValue((UChar32)cp, UCHAR_DECOMPOSITION_TYPE)) {
    case U_DT_FONT:
    case U_DT_CIRCLE:
    case U_DT_SQUARE:
    case U_DT_SUPER:
    case U_DT_SUB:
        return GJ_T_CONFUSABLE;
    case U_DT_NONE:
        return 0;
    default:
        return GJ_T_WIDTH;
    }
}

static bool fold_by_nfkc(uint32_t cp, struct folded *out)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar source[2], wide[64];
    int32_t len = 0, at = 0, from = out->count;
    U16_APPEND_UNSAFE(source, len, cp);
    int32_t to = unorm2_normalize(nfkc_cf, source, len, wide, 64, &status);
    if (U_FAILURE(status) || (to == len && memcmp(source, wide, sizeof *wide * (size_t)len) == 0)) {
        return false;
    }
    while (at < to) {
        put(out, next_utf16(wide, &at));
    }
    int n = out->count - from;
    uint32_t *cps = out->cps + from;
    bool bracketed = n > 2 && (cps[0] == '(' || cps[0] == 0x3014);
    bool stopped = n > 1 && cps[n - 1] < 0x80 && strchr(".,", (int)cps[n - 1]) != NULL;
    if (bracketed) { /* ⑴ ㈠ 🄪 */
        memmove(cps, cps + 1, (size_t)(n - 2) * sizeof *cps);
        out->count -= 2;
    } else if (stopped && cps[0] != '.') { /* ⒈ 🄂 */
        out->count--;
    }
    out->transforms |= compatibility_bit(cp) | case_bit(cp);
    return true;
}

/* é -> e. Other scripts keep their letters whole (が, 가). */
static bool fold_by_base(uint32_t cp, struct folded *out)
{
    UErrorCode status = U_ZERO_ERROR;
    UScriptCode script = uscript_getScript((UChar32)cp, &status);
    if (script != USCRIPT_LATIN && script != USCRIPT_GREEK && script != USCRIPT_CYRILLIC) {
        return false;
    }
    UChar wide[32];
    int32_t len = unorm2_getDecomposition(nfd, (UChar32)cp, wide, 32, &status);
    if (len <= 1) {
        return false;
    }
    for (int32_t i = 0; i < len; i++) {
        if (u_charType(wide[i]) != U_NON_SPACING_MARK) {
            put(out, wide[i]);
        }
    }
    out->transforms |= GJ_T_CONFUSABLE;
    return true;
}

static bool fold_by_number(uint32_t cp, struct folded *out)
{
    double value = u_getNumericValue((UChar32)cp);
    int8_t type = u_charType((UChar32)cp);
    bool number = type == U_DECIMAL_DIGIT_NUMBER || type == U_OTHER_NUMBER;
    if (cp < 0x80 || !number || value < 0 || value > 99 || value != (double)(int)value) {
        return false;
    }
    char digits[8];
    snprintf(digits, sizeof digits, "%d", (int)value);
    put_ascii(out, digits);
    out->transforms |= GJ_T_CONFUSABLE;
    return true;
}

static bool fold_by_han(uint32_t cp, struct folded *out)
{
    if (cp < 0x10000 && radical[cp] != 0 && !is_han(cp)) {
        put(out, radical[cp]);
        out->transforms |= GJ_T_CONFUSABLE;
        return true;
    }
    if (simplified[cp] != 0) {
        put(out, simplified[cp]);
        out->transforms |= GJ_T_TRADITIONAL;
        return true;
    }
    return false;
}

static bool rewrite(uint32_t cp, struct folded *out)
{
    const char *const *pair = curated_for(cp);
    if (pair != NULL) {
        return fold_by_curated(cp, out);
    }
    if (is_invisible(cp)) {
        return true; /* into nothing */
    }
    bool capital = u_hasBinaryProperty((UChar32)cp, UCHAR_UPPERCASE) && compatibility_bit(cp) == 0;
    return fold_by_name(cp, out) || (capital && fold_by_confusable(cp, out)) ||
           fold_by_nfkc(cp, out) || fold_by_confusable(cp, out) || fold_by_base(cp, out) ||
           fold_by_number(cp, out) || fold_by_han(cp, out);
}

static void fold_deep(uint32_t cp, struct folded *out, int depth)
{
    struct folded step = {.count = 0};
    if (depth > DEPTH_MAX) {
        fail("a folding does not end", "");
    }
    if (!rewrite(cp, &step)) {
        put(out, cp);
        return;
    }
    out->transforms |= step.transforms;
    for (int i = 0; i < step.count; i++) {
        fold_deep(step.cps[i], out, depth + 1);
    }
}

/* ---- entries ---- */

static enum gj_unit_class class_of(uint32_t cp)
{
    UChar32 c = (UChar32)cp;
    if (cp < 0x80 && cp > ' ') {
        const char *symbol = strchr("+%@$", (int)cp);
        const char *mark = strchr(",!?:", (int)cp);
        return u_isalpha(c)     ? GJ_U_LETTER
               : u_isdigit(c)   ? GJ_U_DIGIT
               : symbol != NULL ? GJ_U_SYMBOL
               : mark != NULL   ? GJ_U_MARK
                                : GJ_U_SEPARATOR;
    }
    int8_t type = u_charType(c);
    if (is_han(cp)) {
        return GJ_U_HAN;
    }
    if (cp == 0xA5) {
        return GJ_U_SYMBOL;
    }
    if (cp == 0xAA || cp == 0xBA) { /* ª º: letters to Unicode, marks to us (37º) */
        return GJ_U_SEPARATOR;
    }
    if (u_isalpha(c) || type == U_COMBINING_SPACING_MARK || type == U_MODIFIER_LETTER) {
        return GJ_U_LETTER;
    }
    bool emoji = u_hasBinaryProperty(c, UCHAR_EMOJI_PRESENTATION) ||
                 u_hasBinaryProperty(c, UCHAR_EXTENDED_PICTOGRAPHIC) ||
                 u_hasBinaryProperty(c, UCHAR_EMOJI_MODIFIER);
    return emoji && cp > 0xFF ? GJ_U_EMOJI : GJ_U_SEPARATOR;
}

static bool is_numeral(uint32_t cp)
{
    static const char *const numerals =
        "零〇○一二三四五六七八九壹贰叁肆伍陆柒捌玖幺两十百千万拾佰仟";
    for (const char *at = numerals; *at != '\0';) {
        unsigned len;
        if (gj_utf8_decode(at, &len) == cp) {
            return true;
        }
        at += len;
    }
    return cp >= '0' && cp <= '9';
}

static uint32_t entry_of(uint32_t to, uint32_t from, uint32_t transforms)
{
    uint32_t class_ = (uint32_t)class_of(to);
    return (to == from ? 0 : to) | class_ << 21 | transforms << 24 |
           (is_numeral(to) ? GJ_FOLD_NUMERAL : 0);
}

static uint32_t list_add(const struct folded *f, uint32_t from)
{
    uint32_t at = list_words;
    if (list_words + (uint32_t)f->count + 1 > LISTS_MAX) {
        fail("too many lists", "enlarge LISTS_MAX");
    }
    lists[list_words++] = (uint32_t)f->count;
    for (int i = 0; i < f->count; i++) {
        uint32_t entry = entry_of(f->cps[i], from, f->transforms);
        lists[list_words++] = GJ_FOLD_CP(entry) == 0 ? entry | f->cps[i] : entry;
    }
    return at;
}

static void fold_entry(uint32_t cp)
{
    char bytes[4];
    struct folded f = {.count = 0};
    fold_deep(cp, &f, 0);
    if (f.count == 0) {
        entries[cp] = GJ_FOLD_INVISIBLE << 21;
        return;
    }
    bool longer = gj_utf8_encode(f.cps[0], bytes) > gj_utf8_encode(cp, bytes);
    if (f.count == 1 && !longer) {
        entries[cp] = entry_of(f.cps[0], cp, f.transforms);
        return;
    }
    if (cp < 0x80) {
        fail("an ASCII character folds to several", "");
    }
    entries[cp] = list_add(&f, cp) | GJ_FOLD_MULTI;
}

void fold_build(const char *equivalents, const char *mappings)
{
    UErrorCode status = U_ZERO_ERROR;
    nfkc_cf = unorm2_getNFKCCasefoldInstance(&status);
    nfd = unorm2_getNFDInstance(&status);
    spoof = uspoof_open(&status);
    if (U_FAILURE(status)) {
        fail("ICU", u_errorName(status));
    }
    each_line(equivalents, radical_row);
    each_line(mappings, mapping_row);
    simplified_build();
    for (uint32_t cp = 0; cp < CODE_POINTS; cp++) {
        bool plain_han = (cp >= 0x20000 && cp < 0x2F800) || (cp >= 0x30000 && cp < 0x32000);
        if (plain_han && simplified[cp] == 0) { /* the shortcut halves the time */
            entries[cp] = entry_of(cp, cp, 0);
        } else {
            fold_entry(cp);
        }
    }
    uspoof_close(spoof);
}

void fold_write(FILE *out)
{
    stages_write(out, "gj_fold", "uint32_t", entries, CODE_POINTS);
    fprintf(out, "const uint32_t gj_fold_lists[%u] = {", (unsigned)list_words);
    for (uint32_t i = 0; i < list_words; i++) {
        fprintf(out, "%s0x%X,", i % 8 == 0 ? "\n    " : " ", (unsigned)lists[i]);
    }
    fprintf(out, "\n};\n\nconst uint64_t gj_fold_plain[%u] = {", GJ_PLAIN_WORDS);
    for (uint32_t i = 0; i < GJ_PLAIN_WORDS; i++) {
        unsigned long long word = 0;
        for (uint32_t bit = 0; bit < 64; bit++) {
            bool plain = entries[GJ_PLAIN_FIRST + i * 64 + bit] == (uint32_t)GJ_U_HAN << 21;
            word |= (unsigned long long)plain << bit;
        }
        fprintf(out, "%s0x%llX,", i % 4 == 0 ? "\n    " : " ", word);
    }
    fprintf(out, "\n};\n\n");
}
