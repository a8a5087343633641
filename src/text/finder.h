/* Room text: what the extractors share. Private to the room.
 *
 * extract.c calls each extractor once a message, in the order of its table; each looks for its
 * triggers over all units and adds what it finds; units that a find took are no longer free for
 * later extractors. An extractor must stay linear: bounded looks back and ahead from a trigger. */
#ifndef GJ_TEXT_FINDER_H
#define GJ_TEXT_FINDER_H

#include "text/extract.h"

struct gj_finder {
    const struct gj_text *text;
    struct gj_extracts *out;
    bool failed; /* out of memory */
};

/* The extractors, one file each. */
void gj_find_scheme_urls(struct gj_finder *f); /* extract_url.c: URL with a scheme */
void gj_find_bare_urls(struct gj_finder *f);   /* extract_url.c: URL without */
void gj_find_emails(struct gj_finder *f);      /* extract_email.c: EMAIL */
void gj_find_amounts(struct gj_finder *f);     /* extract_amount.c: MONEY, PERCENT */
void gj_find_waybills(struct gj_finder *f);    /* extract_word.c: WAYBILL by its letters */
void gj_find_digits(struct gj_finder *f); /* extract_digits.c: phones, cards, long numbers, IDs */
void gj_find_ids(struct gj_finder *f);    /* extract_word.c: ID */

/* Adds a find over units first..last and takes them; the transforms of the units and, where a
 * separator lies inside and `spaced`, SEPARATORS are told. Returns the find, or NULL. */
struct gj_extract *gj_finder_add(struct gj_finder *f, enum gj_extract_kind kind, uint32_t first,
                                 uint32_t last, bool spaced);

/* True if one of the units first..last lies in a find. */
bool gj_finder_taken(const struct gj_finder *f, uint32_t first, uint32_t last);

static inline uint32_t gj_finder_count(const struct gj_finder *f)
{
    return (uint32_t)f->text->unit_count;
}

/* The code point of a unit, 0 beyond either end (an index below 0 wraps around and is beyond). */
static inline uint32_t gj_cp_at(const struct gj_finder *f, uint32_t unit)
{
    return unit < f->text->unit_count ? f->text->units[unit].cp : 0;
}

/* Its class; beyond either end a clause mark. */
static inline uint32_t gj_class_at(const struct gj_finder *f, uint32_t unit)
{
    return unit < f->text->unit_count ? f->text->units[unit].class_ : GJ_U_MARK;
}

static inline bool gj_is_ascii_digit(uint32_t cp)
{
    return cp >= '0' && cp <= '9';
}

static inline bool gj_is_ascii_letter(uint32_t cp)
{
    return cp >= 'a' && cp <= 'z';
}

static inline bool gj_is_alnum(uint32_t cp)
{
    return gj_is_ascii_letter(cp) || gj_is_ascii_digit(cp);
}

/* True if the units from `unit` on spell `word` (ASCII, folded), without anything between. */
static inline bool gj_spells(const struct gj_finder *f, uint32_t unit, const char *word)
{
    for (; *word != '\0'; word++, unit++) {
        if (gj_cp_at(f, unit) != (uint32_t)(unsigned char)*word) {
            return false;
        }
    }
    return true;
}

/* The folded text before `unit`, at most 8 units, separators left out, as UTF-8 that ends in a NUL:
 * for words that say what a number is. Skips what may stand between ("单号是：", "单号 "). */
#define GJ_BEFORE_BYTES 40
void gj_text_before(const struct gj_finder *f, uint32_t unit, char out[GJ_BEFORE_BYTES]);

/* The longest word of `words` (NULL ends it) that `text` ends in, or NULL. */
const char *gj_ends_in(const char *text, const char *const *words);

/* hosts.c: domain names, for URLs and e-mail. */
struct gj_host {
    uint32_t first, last; /* units */
    bool known;           /* the last label is a known top level domain */
    bool lookalike;       /* its domain is spelt with a 0 for o */
    bool spaced;          /* a dot was disguised: 点, 。, (dot), spaces */
    char name[256];       /* lower case, ASCII, with plain dots; not NUL-terminated */
    size_t len;
};

/* Reads a host that begins at `first`, to its last known top level domain, or, if it has none, to
 * its last label. Returns false if there is not even one label. */
bool gj_host_read(const struct gj_finder *f, uint32_t first, struct gj_host *host);

/* If a dot, plain or disguised, lies at unit `dot` with a label left of it: true, and *first is
 * where the label begins. */
bool gj_host_begin(const struct gj_finder *f, uint32_t dot, uint32_t *first);

/* True for mail hosts that need no top level domain to be understood (12345@qq). */
bool gj_host_is_mailer(const struct gj_host *host);

/* Attaches the host's name to a find. */
void gj_finder_host(struct gj_finder *f, struct gj_extract *find, const struct gj_host *host);

#endif
