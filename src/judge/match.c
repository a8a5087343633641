/* Room judge: from a text to its matches. The folded text is scanned once; where it has runs of
 * equal characters, or emoji that are read as words, that reading is scanned too; then the weaker
 * levels look for words in other spelling. Matches inside an allowed span fall away. */
#include "base/sort.h"
#include "base/vec.h"
#include "judge/checker.h"

static bool reads(const struct gj_checker *checker, uint32_t lexicon)
{
    return checker->audience->lexicons[lexicon >> 6] >> (lexicon & 63) & 1;
}

static void push(struct gj_checker *checker, struct gj_match_list *list, struct gj_match match)
{
    struct gj_match *items = gj_grow(list->items, &list->capacity, list->count + 1, sizeof *items);
    if (items == NULL) {
        checker->out_of_memory = true;
        return;
    }
    list->items = items;
    items[list->count++] = match;
}

static bool is_latin(const struct gj_unit *unit)
{
    return unit->class_ == GJ_U_LETTER && unit->cp < 0x80;
}

/* A match must not begin or end inside a Latin word or a number. */
static bool cuts_a_word(const struct gj_text *text, uint32_t first, uint32_t last)
{
    const struct gj_unit *units = text->units;
    if (first > 0) {
        const struct gj_unit *a = &units[first - 1], *b = &units[first];
        if ((is_latin(a) && is_latin(b)) || (a->class_ == GJ_U_DIGIT && b->class_ == GJ_U_DIGIT)) {
            return true;
        }
    }
    if (last + 1 < text->unit_count) {
        const struct gj_unit *a = &units[last], *b = &units[last + 1];
        return (is_latin(a) && is_latin(b)) || (a->class_ == GJ_U_DIGIT && b->class_ == GJ_U_DIGIT);
    }
    return false;
}

/* What was done to the units of a match. */
static uint16_t transforms_of(const struct gj_text *text, uint32_t first, uint32_t last)
{
    uint16_t bits = 0;
    for (uint32_t i = first; i <= last; i++) {
        const struct gj_unit *unit = &text->units[i];
        if (unit->class_ == GJ_U_SEPARATOR || unit->class_ == GJ_U_EMOJI) {
            bits |= GJ_T_SEPARATORS;
        } else if (unit->class_ != GJ_U_MARK) { /* a full-width comma is no disguise */
            /* what was dropped behind the last character is not inside the match */
            uint16_t kept = i < last ? UINT16_MAX : (uint16_t)~GJ_T_INVISIBLE;
            bits |= unit->transforms & kept;
        }
    }
    return bits;
}

static void add_refs(struct gj_checker *checker, uint32_t word_id, uint32_t first, uint32_t last,
                     uint16_t transforms)
{
    const struct gj_book *book = checker->host.book;
    const struct gj_word *word = &book->words[word_id];
    const struct gj_unit *units = checker->scanning->units;
    for (uint32_t r = word->ref_first; r < word->ref_first + word->ref_count; r++) {
        const struct gj_word_ref *ref = &book->refs[r];
        if (!reads(checker, ref->lexicon) || (transforms & ~ref->tolerates) != 0) {
            continue;
        }
        struct gj_match match = {.lexicon = ref->lexicon,
                                 .start = units[first].index,
                                 .end = units[last].index + 1,
                                 .transforms = transforms,
                                 .weak = (transforms & GJ_T_WEAK) != 0};
        push(checker,
             ref->allow                              ? &checker->allowed
             : book->lexicons[ref->lexicon].everyday ? &checker->everyday
                                                     : &checker->matches,
             match);
    }
}

static bool is_read(const struct gj_checker *checker, uint32_t word)
{
    return checker->audience->words[word >> 6] >> (word & 63) & 1;
}

static void found(struct gj_checker *checker, uint32_t word, uint32_t first, uint32_t last)
{
    if (cuts_a_word(checker->scanning, first, last)) {
        return;
    }
    uint16_t transforms = transforms_of(checker->scanning, first, last);
    if (checker->required == 0 || (transforms & checker->required) != 0) {
        add_refs(checker, word, first, last, transforms);
    }
}

/* ---- alarms ---- */

/* A pattern whose alarm rang for the first time in this reading: suspected until the scan has
 * ended, if the text has what else it needs. */
static void wake(struct gj_checker *checker, struct gj_alarm alarm)
{
    const uint16_t *needs = checker->host.book->triggers.needs;
    size_t words = checker->rung_for.count, used = checker->awake_count * words;
    checker->waking[alarm.pattern] = (struct gj_waking){checker->reading, GJ_ASLEEP};
    if (!gj_presence_meets(&checker->presence, needs + alarm.needs)) {
        return;
    }
    uint64_t *rung = gj_grow(checker->rung, &checker->rung_capacity, used + words, sizeof *rung);
    if (rung == NULL) {
        checker->out_of_memory = true;
        return;
    }
    checker->rung = rung;
    memset(rung + used, 0, words * sizeof *rung);
    checker->waking[alarm.pattern].slot = (uint32_t)checker->awake_count;
    checker->awake[checker->awake_count++] = alarm.pattern;
}

/* A literal of patterns at `from`; literals are told in the order of their places. */
static void ring(struct gj_checker *checker, uint32_t trigger, uint32_t from)
{
    const struct gj_triggers *t = &checker->host.book->triggers;
    struct gj_rung shape = checker->rung_for;
    uint32_t block = from >> shape.shift;
    struct gj_ringing now = {trigger, checker->reading, block};
    struct gj_ringing *last = &checker->ringing[trigger % GJ_RINGING];
    if (memcmp(last, &now, sizeof now) == 0) {
        return;
    }
    *last = now;
    for (uint32_t i = t->first[trigger]; i < t->first[trigger + 1]; i++) {
        struct gj_alarm alarm = t->alarms[i];
        if (alarm.needs == GJ_NEEDS_DISGUISED) {
            break; /* and all behind it */
        }
        if (!is_read(checker, alarm.pattern)) {
            continue;
        }
        const struct gj_waking *waking = &checker->waking[alarm.pattern];
        if (waking->reading != checker->reading) {
            wake(checker, alarm);
        }
        size_t slot = waking->slot;
        if (slot != GJ_ASLEEP) {
            const uint16_t *needs = checker->host.book->triggers.needs + alarm.needs;
            gj_rung_note(checker->rung + slot * shape.count, shape.shift, block,
                         needs[GJ_NEEDS_LEAST], needs[GJ_NEEDS_MOST]);
        }
    }
}

static int on_scan(void *context, uint32_t literal, uint32_t from, uint32_t to)
{
    struct gj_checker *checker = context;
    const struct gj_book *book = checker->host.book;
    if (literal >= book->word_count) {
        ring(checker, literal - (uint32_t)book->word_count, from);
    } else if (is_read(checker, literal)) {
        const uint32_t *unit_of = checker->scanning->unit_of;
        found(checker, literal, unit_of[from], unit_of[to - 1]);
    }
    return checker->out_of_memory;
}

/* ---- patterns ---- */

static const struct gj_matcher *matcher_of(struct gj_checker *checker, uint32_t word)
{
    if (checker->matchers[word] == NULL) {
        struct gj_buf why;
        gj_buf_init(&why);
        checker->matchers[word] = gj_matcher_compile(&checker->matcher_memory,
                                                     gj_word_text(checker->host.book, word), &why);
        gj_buf_release(&why);
    }
    return checker->matchers[word];
}

/* A pattern may ask for a clause mark at its ends; the mark is no part of what is marked. */
static void on_pattern(void *context, size_t from, size_t to)
{
    struct gj_checker *checker = context;
    const struct gj_unit *units = checker->scanning->units;
    const uint32_t *unit_of = checker->scanning->unit_of;
    while (from + 1 < to && units[unit_of[from]].class_ == GJ_U_MARK) {
        from++;
    }
    while (from + 1 < to && units[unit_of[to - 1]].class_ == GJ_U_MARK) {
        to--;
    }
    found(checker, checker->matching, unit_of[from], unit_of[to - 1]);
}

static int match_patterns(struct gj_checker *checker)
{
    const struct gj_text *text = checker->scanning;
    for (size_t i = 0; i < checker->awake_count; i++) {
        const struct gj_matcher *matcher = matcher_of(checker, checker->awake[i]);
        checker->matching = checker->awake[i];
        struct gj_rung rung = checker->rung_for;
        rung.blocks = checker->rung + i * rung.count;
        if (matcher == NULL || gj_matcher_run(matcher, &checker->match, text->folded,
                                              text->folded_len, rung, on_pattern, checker) != 0) {
            return -1;
        }
    }
    return 0;
}

/* Of several from the same unit the longest found first. */
static void note_disguise(struct gj_checker *checker, struct gj_disguise disguise)
{
    struct gj_disguise *before =
        checker->disguise_count > 0 ? &checker->disguises[checker->disguise_count - 1] : NULL;
    if (before != NULL && before->first == disguise.first) {
        *before = disguise.last > before->last ? disguise : *before;
        return;
    }
    struct gj_disguise *items = gj_grow(checker->disguises, &checker->disguise_capacity,
                                        checker->disguise_count + 1, sizeof *items);
    if (items == NULL) {
        checker->out_of_memory = true;
        return;
    }
    checker->disguises = items;
    items[checker->disguise_count++] = disguise;
}

/* A literal of patterns in disguise: worth reading the text with it as it is meant, if it is of a
 * pattern of this audience. */
static void suspect(struct gj_checker *checker, struct gj_disguise disguise)
{
    const struct gj_triggers *t = &checker->host.book->triggers;
    size_t trigger = disguise.word - checker->host.book->word_count;
    bool wakes = false;
    for (uint32_t i = t->first[trigger]; i < t->first[trigger + 1] && !wakes; i++) {
        wakes = t->alarms[i].needs == GJ_NEEDS_DISGUISED && is_read(checker, t->alarms[i].pattern);
    }
    if (wakes) {
        note_disguise(checker, disguise);
    }
}

static int by_start(const void *a, const void *b)
{
    const struct gj_match *x = a, *y = b;
    return (x->start > y->start) - (x->start < y->start);
}

/* Makes the words of trade ready for is_everyday: by start, `to` the farthest end up to each. */
static void order_everyday(struct gj_checker *checker)
{
    struct gj_match_list *list = &checker->everyday;
    uint32_t reach = 0;
    gj_sort(list->items, list->count, sizeof *list->items, by_start);
    for (size_t i = 0; i < list->count; i++) {
        reach = list->items[i].end > reach ? list->items[i].end : reach;
        list->items[i].to = reach;
    }
}

/* Whether what is written there is a word of trade (拣货), known since the scan. */
static bool is_everyday(const struct gj_checker *checker, uint32_t first, uint32_t last)
{
    const struct gj_unit *units = checker->scanning->units;
    const struct gj_match *items = checker->everyday.items;
    size_t low = 0, high = checker->everyday.count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (items[middle].start <= units[first].index) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low > 0 && items[low - 1].to > units[last].index;
}

/* Pinyin is cut into syllables by whole runs of letters: a find may begin or end inside one. */
static void on_weak(void *context, uint32_t word, uint32_t first, uint32_t last, uint16_t weak)
{
    struct gj_checker *checker = context;
    if (((weak & GJ_T_PINYIN) == 0 && cuts_a_word(checker->scanning, first, last)) ||
        is_everyday(checker, first, last)) {
        return;
    }
    if (word >= checker->host.book->word_count) {
        suspect(checker, (struct gj_disguise){word, first, last, weak});
    } else {
        add_refs(checker, word, first, last,
                 (uint16_t)(transforms_of(checker->scanning, first, last) | weak));
    }
}

static int scan_reading(struct gj_checker *checker, const struct gj_text *text, uint16_t required)
{
    const struct gj_book *book = checker->host.book;
    checker->scanning = text;
    checker->required = required;
    checker->awake_count = 0;
    if (++checker->reading == 0) { /* wrapped: old stamps would look new */
        memset(checker->ringing, 0, sizeof checker->ringing);
        memset(checker->waking, 0, book->word_count * sizeof *checker->waking);
        checker->reading = 1;
    }
    if (book->triggers.count == 0) { /* words alone */
        gj_scan(book->scanner, text->folded, text->folded_len, on_scan, checker);
        return 0;
    }
    checker->rung_for = gj_rung_for(text->folded_len);
    gj_presence_note(&checker->presence, text->folded, text->folded_len, true);
    gj_scan(book->scanner, text->folded, text->folded_len, on_scan, checker);
    gj_presence_note(&checker->presence, text->folded, text->folded_len, false);
    return match_patterns(checker);
}

/* The text once more with disguised literals of patterns undone. */
static int scan_meant(struct gj_checker *checker)
{
    if (checker->disguise_count == 0) {
        return 0;
    }
    bool read = gj_weak_read_meant(checker->host.book->weak, &checker->meant, &checker->text,
                                   checker->disguises, checker->disguise_count) == 0;
    return read ? scan_reading(checker, &checker->meant, GJ_T_WEAK & ~GJ_T_EMOJI) : -1;
}

static int scan_weak(struct gj_checker *checker, const struct gj_text *text)
{
    order_everyday(checker);
    return gj_weak_scan(checker->host.book->weak, &checker->weak, text, on_weak, checker);
}

static int scan_readings(struct gj_checker *checker)
{
    const struct gj_book *book = checker->host.book;
    struct gj_text *text = &checker->text;
    checker->disguise_count = 0;
    if (scan_reading(checker, text, 0) != 0 || scan_weak(checker, text) != 0 ||
        scan_meant(checker) != 0) {
        return -1;
    }
    if (text->has_run) {
        if (gj_text_collapse(&checker->collapsed, text) != 0 ||
            scan_reading(checker, &checker->collapsed, GJ_T_REPEAT) != 0) {
            return -1;
        }
    }
    if (text->has_emoji) {
        int any = gj_weak_read_emoji(book->weak, &checker->read_as, text);
        if (any < 0 || (any > 0 && (scan_reading(checker, &checker->read_as, GJ_T_EMOJI) != 0 ||
                                    scan_weak(checker, &checker->read_as) != 0))) {
            return -1;
        }
    }
    return 0;
}

static int extract(struct gj_checker *checker)
{
    const struct gj_text *text = &checker->text;
    checker->extracts.count = 0;
    if (!checker->audience->extractors || text->digits + text->letters == 0) {
        return 0;
    }
    if (gj_extract(&checker->extracts, text) != 0) {
        return -1;
    }
    for (size_t i = 0; i < checker->extracts.count; i++) {
        const struct gj_extract *x = &checker->extracts.items[i];
        if (reads(checker, x->kind)) { /* extractors are the first lexicons, in their order */
            push(checker, &checker->matches,
                 (struct gj_match){.lexicon = x->kind,
                                   .start = text->units[x->first_unit].index,
                                   .end = text->units[x->last_unit].index + 1,
                                   .transforms = x->transforms});
        }
    }
    return 0;
}

/* By lexicon, place, the longer first, plain before weak, then the less changed: a total order,
 * since the sort of many keeps none of its own. */
static int compare(const void *a, const void *b)
{
    const struct gj_match *x = a, *y = b;
    if (x->lexicon != y->lexicon) {
        return x->lexicon < y->lexicon ? -1 : 1;
    }
    if (x->start != y->start) {
        return x->start < y->start ? -1 : 1;
    }
    if (x->end != y->end) {
        return x->end > y->end ? -1 : 1;
    }
    if (x->weak != y->weak) {
        return (int)x->weak - (int)y->weak;
    }
    return (int)x->transforms - (int)y->transforms;
}

/* Drops what lies in an allowed span of its lexicon, and doubles. Both lists are sorted: the
 * farthest end of the allowed spans that begin at or before a match decides. */
static void filter(struct gj_checker *checker)
{
    struct gj_match_list *list = &checker->matches;
    const struct gj_match_list *allowed = &checker->allowed;
    size_t kept = 0, a = 0;
    uint32_t lexicon = UINT32_MAX, reach = 0;
    for (size_t i = 0; i < list->count; i++) {
        struct gj_match match = list->items[i];
        if (match.lexicon != lexicon) {
            lexicon = match.lexicon;
            reach = 0;
            while (a < allowed->count && allowed->items[a].lexicon < lexicon) {
                a++;
            }
        }
        while (a < allowed->count && allowed->items[a].lexicon == lexicon &&
               allowed->items[a].start <= match.start) {
            reach = allowed->items[a].end > reach ? allowed->items[a].end : reach;
            a++;
        }
        const struct gj_match *last = kept > 0 ? &list->items[kept - 1] : NULL;
        bool twice = last != NULL && last->lexicon == lexicon && last->start == match.start &&
                     last->end == match.end;
        if (match.end > reach && !twice) {
            list->items[kept++] = match;
        }
    }
    list->count = kept;
}

/* Distances are measured in characters that count: invisible ones and separators put between two
 * words do not part them. */
static void measure_matches(struct gj_checker *checker)
{
    checker->longest = 0;
    for (size_t i = 0; i < checker->matches.count; i++) {
        struct gj_match *match = &checker->matches.items[i];
        struct gj_place start = checker->places[match->start], end = checker->places[match->end];
        /* NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign): all places are set */
        match->from = start.characters;
        match->to = end.characters;
        match->clause = start.clause_ends;
        match->last_clause = end.clause_ends;
        checker->longest =
            match->to - match->from > checker->longest ? match->to - match->from : checker->longest;
    }
}

static int measure(struct gj_checker *checker)
{
    const struct gj_text *text = &checker->text;
    if (checker->matches.count == 0) {
        return 0;
    }
    struct gj_place *places = gj_grow(checker->places, &checker->place_capacity,
                                      (size_t)text->code_points + 1, sizeof *places);
    if (places == NULL) {
        return -1;
    }
    checker->places = places;
    struct gj_place before = {0, 0};
    uint32_t index = 0;
    for (size_t i = 0; i < text->unit_count; i++) {
        const struct gj_unit *unit = &text->units[i];
        while (index <= unit->index) {
            places[index++] = before;
        }
        before.characters += unit->class_ != GJ_U_SEPARATOR && unit->class_ != GJ_U_EMOJI;
        before.clause_ends += gj_ends_clause(unit);
    }
    while (index <= text->code_points) {
        places[index++] = before;
    }
    measure_matches(checker);
    return 0;
}

static void index_ranges(struct gj_checker *checker)
{
    const struct gj_match_list *list = &checker->matches;
    checker->any_weak = false;
    for (size_t i = 0; i < list->count;) {
        uint32_t lexicon = list->items[i].lexicon;
        size_t end = i;
        while (end < list->count && list->items[end].lexicon == lexicon) {
            checker->any_weak |= list->items[end++].weak;
        }
        checker->ranges[lexicon] = (struct gj_range){(uint32_t)i, (uint32_t)(end - i)};
        checker->touched[checker->touched_count++] = lexicon;
        i = end;
    }
}

int gj_match_text(struct gj_checker *checker)
{
    for (size_t i = 0; i < checker->touched_count; i++) {
        checker->ranges[checker->touched[i]].count = 0;
    }
    checker->touched_count = 0;
    checker->matches.count = checker->allowed.count = checker->everyday.count = 0;
    checker->out_of_memory = false;
    if (gj_text_fold(&checker->text, checker->judged) != 0 || scan_readings(checker) != 0 ||
        extract(checker) != 0 || checker->out_of_memory) {
        return -1;
    }
    gj_sort(checker->matches.items, checker->matches.count, sizeof(struct gj_match), compare);
    gj_sort(checker->allowed.items, checker->allowed.count, sizeof(struct gj_match), compare);
    filter(checker);
    index_ranges(checker);
    return measure(checker);
}

struct gj_range gj_matches_of(const struct gj_checker *checker, uint32_t lexicon)
{
    return checker->ranges[lexicon];
}
