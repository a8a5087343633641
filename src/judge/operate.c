/* Room judge: the operators of conditions, over the matches of the text at hand. A lexicon's
 * matches are sorted by start, so each operator looks at neighbours only: linear, or nearly, in the
 * matches even of a hostile text. In strong mode weak matches do not exist. */
#include "base/utf8.h"
#include "judge/checker.h"

#define NEGATION_REACH   6   /* characters before a word in which a negation negates it */
#define NEGATION_CONTEXT 4   /* characters around that may show that it is none */
#define QUOTE_REACH      60  /* characters a quotation may be long */
#define LEAD_REACH       12  /* characters between "您说的" and what is quoted */
#define CLAUSE_CHARS_MAX 96  /* of a clause, what asked() looks at from its end */
#define REFUSAL_REACH    10  /* characters between what is refused and the refusal */
#define TAKEN_UP_REACH   6   /* characters between "you say" and what the buyer said */
#define STANCE_REACH     30  /* a refusal this far before is one of something else */
#define EVERY_HITS_MAX   256 /* hits of one lexicon that negated(), asked(), quoted() look at */
#define LONG_MATCH       500 /* how far back a match that still reaches here is looked for */

static bool visible(const struct gj_checker *checker, const struct gj_match *match)
{
    return checker->mode == GJ_MODE_ALL || !match->weak;
}

static const struct gj_match *list_of(const struct gj_checker *checker, uint32_t lexicon,
                                      size_t *count)
{
    struct gj_range range = gj_matches_of(checker, lexicon);
    *count = range.count;
    return range.count == 0 ? NULL : checker->matches.items + range.first;
}

static int64_t count_of(const struct gj_checker *checker, uint32_t lexicon)
{
    size_t count = 0;
    int64_t visible_count = 0;
    const struct gj_match *list = list_of(checker, lexicon, &count);
    for (size_t i = 0; i < count; i++) {
        visible_count += visible(checker, &list[i]);
    }
    return visible_count;
}

/* ---- places ---- */

/* The first unit of the code point `index` (units are sorted by it), or the one behind. */
static size_t unit_at(const struct gj_text *text, uint32_t index)
{
    size_t low = 0, high = text->unit_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (text->units[middle].index < index) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Whether a clause ends behind the first match and before the second. */
static bool parted(const struct gj_match *first, const struct gj_match *second)
{
    return second->clause > first->last_clause;
}

/* ---- near, before, same_clause ---- */

/* The first match of a list that begins at `from` (in characters that count) or behind. */
static size_t first_from(const struct gj_match *list, size_t count, uint32_t from)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (list[middle].from < from) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

enum pairing { PAIR_NEAR, PAIR_BEFORE, PAIR_CLAUSE };

/* Whether `b`, which does not begin before `a`, begins close enough to it. Who begins later is
 * farther away: where this is false, it is false for all behind `b`. */
static bool reaches(const struct gj_match *a, const struct gj_match *b, enum pairing how,
                    int64_t distance)
{
    return how == PAIR_CLAUSE ? !parted(a, b) : (int64_t)b->from - a->to <= distance;
}

/* Whether some a is paired with a b that begins with it or later. */
static bool any_pair(const struct gj_checker *checker, uint32_t first, uint32_t second,
                     enum pairing how, int64_t distance)
{
    size_t a_count = 0, b_count = 0;
    const struct gj_match *as = list_of(checker, first, &a_count);
    const struct gj_match *bs = list_of(checker, second, &b_count);
    for (size_t i = 0; i < a_count; i++) {
        const struct gj_match *a = &as[i];
        uint32_t begin = how == PAIR_BEFORE ? a->end : a->start;
        size_t j = visible(checker, a) ? first_from(bs, b_count, checker->places[begin].characters)
                                       : b_count;
        for (; j < b_count && reaches(a, &bs[j], how, distance); j++) {
            if (&bs[j] != a && bs[j].start >= begin && visible(checker, &bs[j])) {
                return true;
            }
        }
    }
    return false;
}

static bool pair(const struct gj_checker *checker, const struct gj_operator *op, enum pairing how)
{
    return any_pair(checker, op->a, op->b, how, op->distance) ||
           (how != PAIR_BEFORE && any_pair(checker, op->b, op->a, how, op->distance));
}

/* ---- negation ---- */

struct window { /* some units as folded UTF-8, with the byte where each begins */
    char bytes[(NEGATION_REACH + 3 * NEGATION_CONTEXT) * 4];
    size_t len;
    size_t reach_from, reach_to; /* bytes: where a negation word counts */
};

static void window_add(struct window *w, uint32_t cp)
{
    if (w->len + 4 <= sizeof w->bytes) {
        w->len += gj_utf8_encode(cp, w->bytes + w->len);
    }
}

/* The characters of the clause before the match, and a few behind its begin. */
static void look_around(const struct gj_text *text, size_t unit, struct window *w)
{
    uint32_t before[NEGATION_REACH + NEGATION_CONTEXT];
    size_t count = 0;
    for (size_t i = unit; i > 0 && count < NEGATION_REACH + NEGATION_CONTEXT; i--) {
        const struct gj_unit *u = &text->units[i - 1];
        if (gj_ends_clause(u)) {
            break;
        }
        if (!gj_unit_is_silent(u)) {
            before[count++] = u->cp;
        }
    }
    w->len = 0;
    w->reach_from = 0;
    for (size_t i = count; i > 0; i--) {
        if (i == NEGATION_REACH) {
            w->reach_from = w->len;
        }
        window_add(w, before[i - 1]);
    }
    w->reach_to = w->len;
    for (size_t i = unit, added = 0; i < text->unit_count && added < NEGATION_CONTEXT; i++) {
        const struct gj_unit *u = &text->units[i];
        if (gj_ends_clause(u)) {
            break;
        }
        if (!gj_unit_is_silent(u)) {
            window_add(w, u->cp);
            added++;
        }
    }
}

static bool word_at(const struct window *w, size_t at, struct gj_str word)
{
    return at + word.len <= w->len && memcmp(w->bytes + at, word.ptr, word.len) == 0;
}

/* Whether the bytes [from, to) lie in a word that only looks like a negation (不好意思). */
static bool is_excused(const struct window *w, const struct gj_grammar *g, size_t from, size_t to)
{
    for (size_t i = 0; i < g->not_negating_count; i++) {
        struct gj_str word = g->not_negating[i];
        for (size_t at = to > word.len ? to - word.len : 0; at <= from; at++) {
            if (word_at(w, at, word) && at + word.len >= to) {
                return true;
            }
        }
    }
    return false;
}

/* The longest of the words at byte `at` that ends before the match begins: of "不用发邮箱" with the
 * match 用发邮箱 that is 不, not 不用. 0 when there is none. */
static size_t longest_at(const struct window *w, size_t at, const struct gj_str *words,
                         size_t count)
{
    size_t longest = 0;
    for (size_t i = 0; i < count; i++) {
        if (words[i].len > longest && at + words[i].len <= w->reach_to &&
            word_at(w, at, words[i])) {
            longest = words[i].len;
        }
    }
    return longest;
}

/* The longest negation word at byte `at`, 0 when there is none. */
static size_t negation_at(const struct window *w, const struct gj_grammar *g, size_t at)
{
    size_t longest = longest_at(w, at, g->negation, g->negation_count);
    return longest > 0 && !is_excused(w, g, at, at + longest) ? longest : 0;
}

bool gj_match_is_negated(const struct gj_checker *checker, const struct gj_match *match)
{
    const struct gj_grammar *g = &checker->host.book->grammar;
    struct window w;
    look_around(&checker->text, unit_at(&checker->text, match->start), &w);
    bool negated = false;
    size_t last_end = SIZE_MAX;
    for (size_t at = 0; at < w.reach_to;) {
        size_t len = negation_at(&w, g, at);
        if (len == 0) {
            size_t end = longest_at(&w, at, g->condition_ends, g->condition_end_count);
            if (end > 0) { /* 没有支付宝就..: the condition is negated */
                negated = false;
            }
            unsigned step = 0;
            gj_utf8_decode(w.bytes + at, &step);
            at += step;
            continue;
        }
        if (at >= w.reach_from) {
            negated = last_end == at ? !negated : true; /* 不能不: two in a row cancel */
        }
        last_end = at + len;
        at += len;
    }
    return negated;
}

static bool is_negated(const struct gj_checker *checker, const struct gj_match *match,
                       const struct gj_operator *op)
{
    (void)op;
    return gj_match_is_negated(checker, match);
}

/* ---- meaning it ---- */

/* How far back a match may begin, in characters that count, and still reach here. */
static uint32_t look_back(const struct gj_checker *checker)
{
    return checker->longest < LONG_MATCH ? checker->longest : LONG_MATCH;
}

/* Whether a match lies in one of the lexicon: 不走平台 proposes, though it holds 不走. */
static bool is_part_of(const struct gj_checker *checker, const struct gj_match *match,
                       uint32_t lexicon)
{
    size_t count = 0;
    const struct gj_match *list = list_of(checker, lexicon, &count);
    uint32_t window = look_back(checker);
    uint32_t back = match->from > window ? match->from - window : 0;
    for (size_t i = first_from(list, count, back); i < count && list[i].from <= match->from; i++) {
        if (list[i].to >= match->to && visible(checker, &list[i])) {
            return true;
        }
    }
    return false;
}

/* Whether a match of the lexicon ends at most `distance` characters before the match. */
static bool follows(const struct gj_checker *checker, const struct gj_match *match,
                    uint32_t lexicon, uint32_t distance)
{
    size_t count = 0;
    const struct gj_match *list = list_of(checker, lexicon, &count);
    uint32_t window = distance + look_back(checker);
    uint32_t back = match->from > window ? match->from - window : 0;
    for (size_t i = first_from(list, count, back); i < count && list[i].from <= match->from; i++) {
        if (visible(checker, &list[i]) && list[i].to <= match->from &&
            match->from - list[i].to <= distance) {
            return true;
        }
    }
    return false;
}

/* Whether a refusal stands behind the match in its clause, and not before it. */
static bool is_refused(const struct gj_checker *checker, const struct gj_match *match,
                       uint32_t lexicon, uint32_t refusals)
{
    size_t count = 0;
    const struct gj_match *list = list_of(checker, refusals, &count);
    for (size_t i = first_from(list, count, match->to);
         i < count && list[i].from - match->to <= REFUSAL_REACH; i++) {
        if (visible(checker, &list[i]) && !is_part_of(checker, &list[i], lexicon) &&
            !parted(match, &list[i])) {
            return !follows(checker, match, refusals, STANCE_REACH);
        }
    }
    return false;
}

/* Negated, refused, or the buyer's words, taken up to keep one's distance (you say ..: we do not).
 */
static bool is_not_meant(const struct gj_checker *checker, const struct gj_match *match,
                         const struct gj_operator *op)
{
    const uint32_t *stances = checker->host.book->grammar.stances;
    uint32_t refusals = stances[GJ_STANCE_REFUSAL], distance = stances[GJ_STANCE_DISTANCE];
    uint32_t taken_up = stances[GJ_STANCE_TAKEN_UP];
    if (gj_match_is_negated(checker, match) ||
        (refusals != GJ_MAP_NONE && is_refused(checker, match, op->a, refusals))) {
        return true;
    }
    return taken_up != GJ_MAP_NONE && distance != GJ_MAP_NONE &&
           follows(checker, match, taken_up, TAKEN_UP_REACH) && count_of(checker, distance) > 0 &&
           !follows(checker, match, distance, STANCE_REACH);
}

/* ---- disguises ---- */

/* What nobody does to a word without meaning to: a doubled character may be a slip, and a number is
 * grouped by separators. */
static bool is_disguised(const struct gj_checker *checker, uint32_t lexicon)
{
    const uint16_t always = GJ_T_CONFUSABLE | GJ_T_NUMERAL | GJ_T_INVISIBLE | GJ_T_WEAK;
    bool extracts = checker->host.book->lexicons[lexicon].extractor >= 0;
    uint16_t disguises = extracts ? always : always | GJ_T_SEPARATORS;
    size_t count = 0;
    const struct gj_match *list = list_of(checker, lexicon, &count);
    for (size_t i = 0; i < count; i++) {
        if (visible(checker, &list[i]) && (list[i].transforms & disguises) != 0) {
            return true;
        }
    }
    return false;
}

/* ---- questions and quotations ---- */

static bool ends_in(const char *bytes, size_t len, const struct gj_str *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (words[i].len <= len &&
            memcmp(bytes + len - words[i].len, words[i].ptr, words[i].len) == 0) {
            return true;
        }
    }
    return false;
}

static bool holds_any(const char *bytes, size_t len, const struct gj_str *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t at = 0; at + words[i].len <= len; at++) {
            if (memcmp(bytes + at, words[i].ptr, words[i].len) == 0) {
                return true;
            }
        }
    }
    return false;
}

static bool is_asked(const struct gj_checker *checker, const struct gj_match *match,
                     const struct gj_operator *op)
{
    (void)op;
    const struct gj_grammar *g = &checker->host.book->grammar;
    const struct gj_text *text = &checker->text;
    char bytes[CLAUSE_CHARS_MAX * 4];
    size_t len = 0, first = unit_at(text, match->start), last = first;
    while (last < text->unit_count && !gj_ends_clause(&text->units[last])) {
        last++;
    }
    if (last < text->unit_count && text->units[last].cp == '?') {
        return true;
    }
    while (first > 0 && !gj_ends_clause(&text->units[first - 1])) {
        first--;
    }
    first = last - first > CLAUSE_CHARS_MAX ? last - CLAUSE_CHARS_MAX : first;
    for (size_t i = first; i < last; i++) {
        if (!gj_unit_is_silent(&text->units[i])) {
            len += gj_utf8_encode(text->units[i].cp, bytes + len);
        }
    }
    return (ends_in(bytes, len, g->question_ends, g->question_end_count) &&
            !ends_in(bytes, len, g->statement_ends, g->statement_end_count)) ||
           holds_any(bytes, len, g->question_words, g->question_word_count);
}

static bool is_opening(uint32_t cp)
{
    return cp == 0x201C || cp == 0x2018 || cp == 0x300C || cp == 0x300E;
}

static bool is_closing(uint32_t cp)
{
    return cp == 0x201D || cp == 0x2019 || cp == 0x300D || cp == 0x300F;
}

/* A message that is one quotation from end to end quotes nobody. */
static bool is_all_quotation(struct gj_str s)
{
    unsigned len = 0;
    uint32_t first = s.len > 0 ? gj_utf8_decode(s.ptr, &len) : 0;
    size_t last = s.len;
    while (last > 0 && ((unsigned char)s.ptr[last - 1] & 0xC0) == 0x80) {
        last--;
    }
    uint32_t end = last > 0 ? gj_utf8_decode(s.ptr + last - 1, &len) : 0;
    return (is_opening(first) && is_closing(end)) || (first == '"' && end == '"');
}

/* Inside “…”, ‘…’, 「…」, 『…』 or "…" of the original, or soon after the buyer's words are led in.
 */
static bool is_quoted(const struct gj_checker *checker, const struct gj_match *match,
                      const struct gj_operator *op)
{
    (void)op;
    struct gj_str s = checker->judged;
    size_t at = 0;
    int depth = 0;
    if (is_all_quotation(s)) {
        return false;
    }
    bool straight = false;
    uint32_t opened = 0;
    for (uint32_t index = 0; at < s.len && index < match->start; index++) {
        unsigned len = 0;
        uint32_t cp = gj_utf8_decode(s.ptr + at, &len);
        depth += is_opening(cp) ? 1 : is_closing(cp) && depth > 0 ? -1 : 0;
        straight = cp == '"' ? !straight : straight;
        opened = is_opening(cp) || cp == '"' ? index : opened;
        at += len;
    }
    if ((depth > 0 || straight) && match->start - opened <= QUOTE_REACH) {
        return true;
    }
    const struct gj_grammar *g = &checker->host.book->grammar;
    char bytes[LEAD_REACH * 4];
    uint32_t before[LEAD_REACH];
    size_t count = 0, len = 0;
    for (size_t i = unit_at(&checker->text, match->start); i > 0 && count < LEAD_REACH; i--) {
        const struct gj_unit *u = &checker->text.units[i - 1];
        if (gj_ends_clause(u)) {
            break;
        }
        if (!gj_unit_is_silent(u)) {
            before[count++] = u->cp;
        }
    }
    for (; count > 0; count--) {
        len += gj_utf8_encode(before[count - 1], bytes + len);
    }
    return holds_any(bytes, len, g->quote_leads, g->quote_lead_count);
}

/* ---- whole ---- */

/* How many characters of the folded text at `at` are a word; 0: they are not. */
static size_t length_at(const struct gj_text *text, size_t at, struct gj_str word)
{
    size_t length = 0;
    for (size_t byte = 0; byte < word.len; length++) {
        unsigned len = 0;
        if (at + length == text->folded_len ||
            text->folded[at + length] != gj_utf8_decode(word.ptr + byte, &len)) {
            return 0;
        }
        byte += len;
    }
    return length;
}

static size_t filler_at(const struct gj_grammar *g, const struct gj_text *text, size_t at)
{
    size_t longest = 0;
    for (size_t i = 0; i < g->filler_count; i++) {
        size_t length = length_at(text, at, g->fillers[i]);
        longest = length > longest ? length : longest;
    }
    return longest;
}

/* Whether all of the folded text is matches of the lexicon, fillers and clause marks. */
static bool is_whole(const struct gj_checker *checker, uint32_t lexicon)
{
    const struct gj_grammar *g = &checker->host.book->grammar;
    const struct gj_text *text = &checker->text;
    size_t count = 0, next = 0;
    const struct gj_match *list = list_of(checker, lexicon, &count);
    bool any = false;
    for (size_t at = 0; at < text->folded_len;) {
        const struct gj_unit *unit = &text->units[text->unit_of[at]];
        uint32_t end = 0;
        while (next < count && list[next].start <= unit->index) {
            if (visible(checker, &list[next]) && list[next].end > unit->index) {
                end = list[next].end > end ? list[next].end : end;
                break; /* the longest of those that begin first */
            }
            next++;
        }
        if (end > 0) {
            any = true;
            while (at < text->folded_len && text->units[text->unit_of[at]].index < end) {
                at++;
            }
            continue;
        }
        size_t filler = filler_at(g, text, at);
        if (filler == 0 && unit->class_ != GJ_U_MARK) {
            return false;
        }
        at += filler > 0 ? filler : 1;
    }
    return any;
}

/* ---- URLs ---- */

static bool any_url(const struct gj_checker *checker, uint32_t host_list, bool inside)
{
    const struct gj_hosts *hosts = &checker->host.book->hosts[host_list];
    const struct gj_value *own = &checker->facts[GJ_FIELD_HOSTS];
    for (size_t i = 0; i < checker->extracts.count; i++) {
        const struct gj_extract *x = &checker->extracts.items[i];
        if (x->kind != GJ_X_URL) {
            continue;
        }
        bool listed = gj_host_in(x->host, hosts->list, hosts->count);
        for (uint32_t o = 0; !inside && own->kind == GJ_V_LIST && o < own->count; o++) {
            listed |= own->as.items[o].kind == GJ_V_STRING &&
                      gj_host_in(x->host, &own->as.items[o].as.text, 1);
        }
        if (listed == inside) {
            return true;
        }
    }
    return false;
}

/* ---- the table ---- */

/* "every hit of a ..." is false when there is none, and when there are more than any honest text
 * has: each answer may read the whole text, and thousands of them would take minutes. */
static bool every(const struct gj_checker *checker, const struct gj_operator *op,
                  bool (*test)(const struct gj_checker *, const struct gj_match *,
                               const struct gj_operator *))
{
    size_t count = 0, seen = 0;
    const struct gj_match *list = list_of(checker, op->a, &count);
    for (size_t i = 0; i < count; i++) {
        if (!visible(checker, &list[i])) {
            continue;
        }
        seen++;
        if (seen > EVERY_HITS_MAX || !test(checker, &list[i], op)) {
            return false;
        }
    }
    return seen > 0;
}

static bool decide(const struct gj_checker *checker, const struct gj_operator *op)
{
    switch (op->op) {
    case GJ_OP_HIT:
        return count_of(checker, op->a) > 0;
    case GJ_OP_NEAR:
        return pair(checker, op, PAIR_NEAR);
    case GJ_OP_BEFORE:
        return pair(checker, op, PAIR_BEFORE);
    case GJ_OP_SAME_CLAUSE:
        return pair(checker, op, PAIR_CLAUSE);
    case GJ_OP_DISGUISED:
        return is_disguised(checker, op->a);
    case GJ_OP_NEGATED:
        return every(checker, op, is_negated);
    case GJ_OP_ASSERTED:
        return count_of(checker, op->a) > 0 && !every(checker, op, is_negated);
    case GJ_OP_MEANT:
        return count_of(checker, op->a) > 0 && !every(checker, op, is_not_meant);
    case GJ_OP_ASKED:
        return every(checker, op, is_asked);
    case GJ_OP_QUOTED:
        return every(checker, op, is_quoted);
    case GJ_OP_WHOLE:
        return is_whole(checker, op->a);
    case GJ_OP_URL_OUTSIDE:
        return any_url(checker, op->a, false);
    case GJ_OP_URL_IN:
        return any_url(checker, op->a, true);
    case GJ_OP_COUNT:
    case GJ_OP_PARAM:
    default:
        return false;
    }
}

struct gj_value gj_operate(struct gj_book_host *host, const struct gj_operator *op)
{
    const struct gj_checker *checker = (const struct gj_checker *)(const void *)host;
    if (op->op == GJ_OP_COUNT) {
        return (struct gj_value){.kind = GJ_V_INT, .as.integer = count_of(checker, op->a)};
    }
    return (struct gj_value){.kind = GJ_V_BOOL, .as.boolean = decide(checker, op)};
}
