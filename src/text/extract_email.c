/* Room text: e-mail addresses: local@domain.tld, and the @ disguised as 艾特, (at), [at], " at "
 * or, before a known mail host, #. The host of a known mailer needs no top level domain (12345@qq).
 */
#include "text/finder.h"

enum { LOCAL_MAX = 64 };

static bool is_local_unit(const struct gj_finder *f, uint32_t unit)
{
    uint32_t cp = gj_cp_at(f, unit);
    return gj_is_alnum(cp) || cp == '.' || cp == '_' || cp == '-' || cp == '+';
}

static bool is_edge(uint32_t cp)
{
    return cp == ' ' || cp == '(' || cp == ')' || cp == '[' || cp == ']' || cp == '{' ||
           cp == '}' || cp == 0x3010 || cp == 0x3011; /* 【 】 */
}

/* The units of an @ at `unit`, or 0; *plain: it is the character itself. */
static unsigned at_units(const struct gj_finder *f, uint32_t unit, bool *plain)
{
    uint32_t cp = gj_cp_at(f, unit);
    *plain = cp == '@';
    if (cp == '@' || cp == '#') {
        return 1;
    }
    if (cp == 0x827E) { /* 艾特 */
        return gj_cp_at(f, unit + 1) == 0x7279 ? 2 : 0;
    }
    bool word = cp == 'a' && gj_cp_at(f, unit + 1) == 't' && is_edge(gj_cp_at(f, unit - 1)) &&
                is_edge(gj_cp_at(f, unit + 2));
    return word ? 2 : 0;
}

/* An address around the @ at `unit`, from `floor` on; returns the unit behind it, or 0. */
static uint32_t find_around(struct gj_finder *f, uint32_t unit, uint32_t floor)
{
    bool plain;
    struct gj_host host;
    unsigned at = at_units(f, unit, &plain);
    uint32_t end = unit, right = unit + at;
    if (at == 0) {
        return 0;
    }
    while (end > floor && unit - end < 2 && is_edge(gj_cp_at(f, end - 1))) {
        end--;
    }
    while (right < unit + at + 2 && is_edge(gj_cp_at(f, right))) {
        right++;
    }
    uint32_t first = end;
    while (first > floor && end - first < LOCAL_MAX && is_local_unit(f, first - 1)) {
        first--;
    }
    while (first < end && !gj_is_alnum(gj_cp_at(f, first))) {
        first++;
    }
    if (first == end || !gj_host_read(f, right, &host)) {
        return 0;
    }
    bool bare_mailer = !host.known && gj_host_is_mailer(&host);
    bool qq = gj_spells(f, right, "qq");
    if ((!host.known && !bare_mailer) || (gj_cp_at(f, unit) == '#' && !qq)) {
        return 0;
    }
    if (gj_finder_taken(f, first, host.last)) {
        return 0; /* in a URL */
    }
    host.spaced = host.spaced || !plain || end < unit || right > unit + at;
    gj_finder_host(f, gj_finder_add(f, GJ_X_EMAIL, first, host.last, false), &host);
    return host.last + 1;
}

void gj_find_emails(struct gj_finder *f)
{
    uint32_t count = gj_finder_count(f), floor = 0;
    for (uint32_t unit = 1; unit < count; unit++) {
        uint32_t cp = f->text->units[unit].cp;
        if (cp != '@' && cp != '#' && cp != 'a' && cp != 0x827E) {
            continue;
        }
        uint32_t end = find_around(f, unit, floor);
        if (end > 0) {
            floor = end;
            unit = end - 1;
        }
    }
}
