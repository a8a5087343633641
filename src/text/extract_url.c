/* Room text: URLs. Three ways in: scheme://host, www.host, and a bare host that ends in a known
 * top level domain (baidu.com, 3.cn; also baidu。com, baidu点com, baidu . com); an IPv4 address
 * counts with a scheme, a port or a path (else it reads like a version number). File names (a.jpg),
 * decimal numbers (199.00, 3.5mm) and versions (1.2.3) end in no top level domain. */
#include "text/finder.h"

enum { SCHEME_MAX = 10, PATH_MAX_UNITS = 4096 };

static bool is_path_unit(const struct gj_finder *f, uint32_t unit)
{
    uint32_t cp = gj_cp_at(f, unit);
    if (cp <= ' ' || cp >= 0x7F || strchr("\"<>`{}|^", (int)cp) != NULL) {
        return false;
    }
    /* 。 and ， end it, their ASCII twins need not */
    unsigned char byte = (unsigned char)f->text->original.ptr[f->text->units[unit].begin];
    return byte < 0x80 || f->text->units[unit].class_ != GJ_U_MARK;
}

/* The last unit of port, path and query behind a host that ends at `last`. */
static uint32_t path_end(const struct gj_finder *f, uint32_t last)
{
    uint32_t unit = last + 1, begin = unit;
    if (gj_cp_at(f, unit) == ':' && gj_is_ascii_digit(gj_cp_at(f, unit + 1))) {
        do {
            unit++;
        } while (gj_is_ascii_digit(gj_cp_at(f, unit)));
        last = unit - 1;
    }
    uint32_t cp = gj_cp_at(f, unit);
    if (cp != '/' && cp != '?' && cp != '#') {
        return last;
    }
    while (unit - begin < PATH_MAX_UNITS && is_path_unit(f, unit)) {
        unit++;
    }
    while (unit - 1 > last && strchr(".,!?:;)]'", (int)gj_cp_at(f, unit - 1)) != NULL) {
        unit--; /* the sentence's, not the address's */
    }
    return unit - 1;
}

/* "1.2.3.4" */
static bool is_ipv4(const struct gj_host *host)
{
    unsigned parts = 1, value = 0, digits = 0;
    for (size_t i = 0; i < host->len; i++) {
        char c = host->name[i];
        if (c == '.' && digits > 0) {
            parts++;
            value = digits = 0;
        } else if (c >= '0' && c <= '9') {
            value = value * 10 + (unsigned)(c - '0');
            digits++;
        } else {
            return false;
        }
        if (value > 255 || digits > 3) {
            return false;
        }
    }
    return parts == 4 && digits > 0;
}

/* Where "https" begins before the ':' at `colon`, or `colon`. */
static uint32_t scheme_begin(const struct gj_finder *f, uint32_t colon)
{
    uint32_t unit = colon;
    while (unit > 0 && colon - unit < SCHEME_MAX && gj_is_alnum(gj_cp_at(f, unit - 1))) {
        unit--;
    }
    while (unit < colon && gj_is_ascii_digit(gj_cp_at(f, unit))) {
        unit++;
    }
    /* "网址是shttp://": the letters before a known scheme are not its own */
    for (uint32_t at = unit; at + 4 <= colon; at++) {
        if (gj_spells(f, at, "http")) {
            return at;
        }
    }
    return unit;
}

static bool is_slash(uint32_t cp)
{
    return cp == '/' || cp == '\\';
}

/* Where the host begins behind "://" at `unit`: behind an @, if there is one (http://baidu.com@x.cn
 * leads to x.cn). */
static uint32_t host_begin(const struct gj_finder *f, uint32_t unit)
{
    for (uint32_t at = unit; at - unit < 128 && is_path_unit(f, at); at++) {
        uint32_t cp = gj_cp_at(f, at);
        if (cp == '@') {
            return at + 1;
        }
        if (cp == '/' || cp == '?' || cp == '#') {
            break;
        }
    }
    return unit;
}

/* scheme://host at a ':'; returns the unit behind it, or 0. */
static uint32_t find_with_scheme(struct gj_finder *f, uint32_t colon)
{
    struct gj_host host;
    if (!is_slash(gj_cp_at(f, colon + 1)) || !is_slash(gj_cp_at(f, colon + 2))) {
        return 0;
    }
    uint32_t first = scheme_begin(f, colon);
    if (first == colon || !gj_host_read(f, host_begin(f, colon + 3), &host)) {
        return 0;
    }
    uint32_t last = path_end(f, host.last);
    if (gj_finder_taken(f, first, last)) {
        return 0;
    }
    gj_finder_host(f, gj_finder_add(f, GJ_X_URL, first, last, false), &host);
    return last + 1;
}

/* A host around a dot, from *floor on; returns the last unit looked at. What was read without a
 * find is not read again from its next dot on, which keeps a.a.a.a. linear. */
static uint32_t find_bare(struct gj_finder *f, uint32_t dot, uint32_t *floor)
{
    struct gj_host host;
    uint32_t first;
    if (!gj_host_begin(f, dot, &first) || first < *floor || !gj_host_read(f, first, &host) ||
        host.last < dot) {
        return dot;
    }
    uint32_t last = path_end(f, host.last);
    bool www = gj_spells(f, first, "www.") && host.last > first + 4;
    bool address = is_ipv4(&host) && last > host.last;
    if ((!host.known && !www && !address) || gj_finder_taken(f, first, last)) {
        return host.last;
    }
    gj_finder_host(f, gj_finder_add(f, GJ_X_URL, first, last, false), &host);
    *floor = last + 1;
    return last;
}

void gj_find_scheme_urls(struct gj_finder *f)
{
    uint32_t count = gj_finder_count(f);
    for (uint32_t unit = 1; unit < count; unit++) {
        uint32_t end = f->text->units[unit].cp == ':' ? find_with_scheme(f, unit) : 0;
        unit = end > 0 ? end - 1 : unit;
    }
}

void gj_find_bare_urls(struct gj_finder *f)
{
    uint32_t count = gj_finder_count(f), floor = 0;
    if (f->text->letters < 2 && f->text->digits < 6) {
        return;
    }
    for (uint32_t unit = 1; unit < count; unit++) {
        switch (f->text->units[unit].cp) {
        case '.':
        case '!':
        case 'd':
        case 0x70B9:
        case 0xB7:
        case 0x30FB:
        case 0x2022:
            unit = find_bare(f, unit, &floor);
            break;
        default:
            break;
        }
    }
}
