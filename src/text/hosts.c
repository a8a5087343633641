/* Room text: domain names in units, for extract_url.c and extract_email.c.
 *
 * A dot may be disguised: 。 点 · (dot) or spaces around it. A disguised dot counts only before one
 * of the few top level domains that people disguise; a plain one before any of a longer list. */
#include "text/finder.h"

#include "base/utf8.h"

enum { LABEL_MAX = 63, LABELS_MAX = 12, GAP_MAX = 2 };

/* Sorted. Left out on purpose: endings of file names and English words that follow a full stop. */
static const char *const known_tlds[] = {
    "ai",     "app",     "asia", "be",    "bid",    "biz", "buzz", "cc",   "cf",    "chat", "city",
    "click",  "cloud",   "club", "cn",    "co",     "com", "cyou", "de",   "dev",   "edu",  "email",
    "eu",     "fr",      "fun",  "ga",    "games",  "gg",  "gov",  "gq",   "group", "hk",   "host",
    "icu",    "im",      "info", "ink",   "io",     "jp",  "kim",  "kr",   "life",  "link", "live",
    "lol",    "love",    "ltd",  "ly",    "market", "me",  "mo",   "mobi", "my",    "name", "net",
    "online", "org",     "ph",   "press", "pub",    "pw",  "ren",  "ru",   "sg",    "shop", "site",
    "space",  "store",   "tech", "tk",    "top",    "tv",  "tw",   "uk",   "us",    "vip",  "vn",
    "wang",   "website", "wiki", "win",   "work",   "ws",  "xin",  "xyz",  "zone",
};

static const char *const often_disguised[] = {"cc", "cn", "com", "net", "org", "top", "xyz"};

static const char *const mailers[] = {"126",     "139",    "163",     "aliyun", "foxmail", "gmail",
                                      "hotmail", "icloud", "outlook", "qq",     "sina",    "sohu"};

static bool is_one_of(struct gj_str label, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) { /* few, and most differ in the first letter */
        if (label.len > 0 && words[i][0] == label.ptr[0] && gj_str_is(label, words[i])) {
            return true;
        }
    }
    return false;
}

#define IS_ONE_OF(label, words) is_one_of(label, words, sizeof(words) / sizeof(words)[0])

/* Endings of file names: a path behind them makes no host (a.jpg/b.png). */
static const char *const file_endings[] = {
    "apk", "avi", "bmp", "csv", "doc", "docx", "exe", "gif", "htm", "html", "jpeg", "jpg",  "mov",
    "mp",  "mp3", "mp4", "pdf", "png", "ppt",  "psd", "rar", "txt", "wav",  "xls",  "xlsx", "zip"};

/* A known top level domain, also with 0 for o (c0m). */
static bool is_known_tld(struct gj_str label, bool *lookalike)
{
    char plain[8];
    *lookalike = false;
    if (IS_ONE_OF(label, known_tlds)) {
        return true;
    }
    if (label.len > sizeof plain || label.len < 2 || memchr(label.ptr, '0', label.len) == NULL) {
        return false;
    }
    for (size_t i = 0; i < label.len; i++) {
        plain[i] = label.ptr[i] == '0' ? 'o' : label.ptr[i];
    }
    *lookalike = IS_ONE_OF(((struct gj_str){plain, label.len}), often_disguised) ||
                 gj_str_is((struct gj_str){plain, label.len}, "co");
    return *lookalike;
}

/* 2 to 6 letters with a path behind: like a host, though no list knows it (256.so/uxf). */
static bool is_likely_tld(const struct gj_finder *f, struct gj_str label, uint32_t behind)
{
    for (size_t i = 0; i < label.len; i++) {
        if (!gj_is_ascii_letter((uint32_t)(unsigned char)label.ptr[i])) {
            return false;
        }
    }
    return label.len >= 2 && label.len <= 6 && gj_cp_at(f, behind) == '/' &&
           gj_is_alnum(gj_cp_at(f, behind + 1)) && !IS_ONE_OF(label, file_endings);
}

static bool is_label_unit(const struct gj_finder *f, uint32_t unit)
{
    uint32_t cp = gj_cp_at(f, unit);
    return gj_is_alnum(cp) || cp == '-' || cp == '_';
}

static bool is_gap(const struct gj_finder *f, uint32_t unit)
{
    uint32_t cp = gj_cp_at(f, unit);
    return cp == ' ' || (cp < 0x80 && cp != 0 && strchr("()[]{}", (int)cp) != NULL) ||
           (cp >= 0x3010 && cp <= 0x3015);
}

/* The dot itself, without a gap: units it takes, or 0. */
static unsigned dot_alone(const struct gj_finder *f, uint32_t unit, bool *disguised)
{
    uint32_t cp = gj_cp_at(f, unit);
    *disguised = cp != '.';
    if (cp == '.' || cp == 0x70B9 || cp == 0xB7 || cp == 0x30FB || cp == 0x2022) { /* 点 · ・ • */
        return 1;
    }
    if (cp == '!') { /* a full stop? */
        unsigned len;
        uint32_t was = gj_utf8_decode(f->text->original.ptr + f->text->units[unit].begin, &len);
        return was == 0x3002 || was == 0xFF61 ? 1 : 0;
    }
    bool word = cp == 'd' && gj_spells(f, unit, "dot") && !gj_is_alnum(gj_cp_at(f, unit - 1)) &&
                !gj_is_alnum(gj_cp_at(f, unit + 3));
    return word ? 3 : 0;
}

/* A dot at `unit` with the gaps around it: units in all, or 0. */
static unsigned dot_with_gaps(const struct gj_finder *f, uint32_t unit, bool *disguised)
{
    unsigned before = 0, after = 0;
    while (before < GAP_MAX && is_gap(f, unit + before)) {
        before++;
    }
    unsigned dot = dot_alone(f, unit + before, disguised);
    while (dot > 0 && after < GAP_MAX && is_gap(f, unit + before + dot + after)) {
        after++;
    }
    *disguised = *disguised || before + after > 0;
    return dot > 0 ? before + dot + after : 0;
}

/* Appends the label at `unit` to the name; returns its units (0: none). */
static uint32_t read_label(const struct gj_finder *f, uint32_t unit, struct gj_host *host)
{
    uint32_t n = 0;
    while (n < LABEL_MAX && host->len < sizeof host->name && is_label_unit(f, unit + n)) {
        host->name[host->len++] = (char)gj_cp_at(f, unit + n);
        n++;
    }
    return n;
}

/* 8点: one or two digits before a disguised dot are an hour, not a name. */
static bool is_hour(const char *name, size_t len)
{
    bool digits = len <= 2;
    for (size_t i = 0; i < len; i++) {
        digits = digits && gj_is_ascii_digit((uint32_t)(unsigned char)name[i]);
    }
    return digits;
}

bool gj_host_read(const struct gj_finder *f, uint32_t first, struct gj_host *host)
{
    struct gj_host known = {.known = false};
    *host = (struct gj_host){.first = first};
    uint32_t unit = first;
    for (unsigned labels = 0; labels < LABELS_MAX; labels++) {
        bool disguised = false;
        size_t mark = host->len;
        unsigned dot = labels > 0 ? dot_with_gaps(f, unit, &disguised) : 0;
        if (labels > 0 && (dot == 0 || mark + 1 >= sizeof host->name)) {
            break;
        }
        if (labels > 0) {
            host->name[host->len++] = '.';
        }
        size_t begin = host->len;
        uint32_t n = read_label(f, unit + dot, host);
        struct gj_str label = {host->name + begin, host->len - begin};
        bool wrong = disguised && (!IS_ONE_OF(label, often_disguised) || is_hour(host->name, mark));
        if (n == 0 || wrong) {
            host->len = mark;
            break;
        }
        unit += dot + n;
        host->last = unit - 1;
        host->spaced = host->spaced || disguised;
        bool lookalike = false;
        if (labels > 0 && (is_known_tld(label, &lookalike) || is_likely_tld(f, label, unit))) {
            host->lookalike = lookalike;
            known = *host;
            known.known = true;
        }
    }
    if (known.known) {
        *host = known;
    }
    return host->len > 0;
}

bool gj_host_begin(const struct gj_finder *f, uint32_t dot, uint32_t *first)
{
    bool disguised;
    unsigned gap = 0;
    if (dot_alone(f, dot, &disguised) == 0) {
        return false;
    }
    uint32_t unit = dot;
    while (gap < GAP_MAX && unit > 0 && is_gap(f, unit - 1)) {
        gap++;
        unit--;
    }
    uint32_t end = unit;
    while (unit > 0 && end - unit < LABEL_MAX && is_label_unit(f, unit - 1)) {
        unit--;
    }
    while (unit < end &&
           !gj_is_alnum(gj_cp_at(f, unit))) { /* a label begins with a letter or digit */
        unit++;
    }
    *first = unit;
    return unit < end;
}

bool gj_host_is_mailer(const struct gj_host *host)
{
    return IS_ONE_OF(((struct gj_str){host->name, host->len}), mailers);
}
