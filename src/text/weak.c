/* Room text: scanning for homophones, pinyin, split characters and look-alikes (see weak.h). */
#include "base/vec.h"
#include "text/everyday.h"
#include "text/shape.h"
#include "text/weak_internal.h"

#define MEANINGS_MAX 64

/* Characters that cost less than this, together, are not tried as look-alikes in no table. */
#define ONE_REPLACED  (24 * GJ_COST_BIT)
#define BOTH_REPLACED (28 * GJ_COST_BIT)

void gj_weak_scratch_init(struct gj_weak_scratch *scratch)
{
    *scratch = (struct gj_weak_scratch){0};
}

void gj_weak_scratch_release(struct gj_weak_scratch *scratch)
{
    free(scratch->tokens[SYLLABLES]);
    free(scratch->tokens[SHAPES]);
    gj_weak_scratch_init(scratch);
}

static inline void push(struct gj_weak_scratch *scratch, int stream, uint32_t value, uint32_t first,
                        uint32_t last)
{
    scratch->tokens[stream][scratch->counts[stream]++] = (struct gj_weak_token){value, first, last};
}

/* Cuts letters[at..length) into syllables, the longest first; false when it cannot be done. */
static bool cut(const char *letters, size_t length, uint16_t *out, uint8_t *widths, size_t *count)
{
    bool dead[RUN_MAX + 1] = {false}; /* no cut from here */
    size_t at = 0;
    *count = 0;
    size_t tried = 7; /* the longest width still to try at `at` */
    for (;;) {
        size_t width = tried;
        uint16_t syllable = 0;
        for (; width > 0 && syllable == 0; width--) {
            if (at + width <= length && !dead[at + width]) {
                syllable = gj_text_syllable_of((struct gj_str){letters + at, width});
            }
        }
        if (syllable != 0) {
            width++; /* the loop stepped once beyond */
            out[*count] = syllable;
            widths[(*count)++] = (uint8_t)width;
            at += width;
            tried = 7;
            if (at == length) {
                return true;
            }
            continue;
        }
        if (*count == 0) {
            return false;
        }
        dead[at] = true;
        (*count)--;
        at -= widths[*count];
        tried = widths[*count] - 1u;
    }
}

/* A run of letters, with what it takes to push pieces of it. */
struct letters {
    struct gj_weak_scratch *scratch;
    char text[RUN_MAX];
    uint32_t units[RUN_MAX];
    bool parted[RUN_MAX]; /* a separator stands before it */
    size_t length;
};

static void push_letter(const struct letters *l, size_t at)
{
    push(l->scratch, SYLLABLES, LETTER_BASE + (uint32_t)(l->text[at] - 'a'), l->units[at],
         l->units[at]);
}

/* Pushes letters[from..to) as syllables; false, and nothing pushed, when it cannot be cut. */
static bool push_cut(const struct letters *l, size_t from, size_t to)
{
    uint16_t syllables[RUN_MAX];
    uint8_t widths[RUN_MAX];
    size_t count = 0;
    if (to - from < 2 || !cut(l->text + from, to - from, syllables, widths, &count)) {
        return false;
    }
    for (size_t i = 0; i < count; from += widths[i], i++) {
        if (widths[i] == 1 && (l->text[from] == 'm' || l->text[from] == 'n')) { /* 嗯, but rarely */
            push_letter(l, from);
        } else {
            push(l->scratch, SYLLABLES, syllables[i], l->units[from],
                 l->units[from + widths[i] - 1]);
        }
    }
    return true;
}

static size_t piece_end(const struct letters *l, size_t from)
{
    size_t end = from + 1;
    while (end < l->length && !l->parted[end]) {
        end++;
    }
    return end;
}

/* Cuts between separators alone: he nan is not hen an. False, and nothing pushed, when some piece
 * cannot be cut. */
static bool push_pieces(const struct letters *l)
{
    size_t pushed = l->scratch->counts[SYLLABLES];
    for (size_t from = 0; from < l->length; from = piece_end(l, from)) {
        if (!push_cut(l, from, piece_end(l, from))) {
            l->scratch->counts[SYLLABLES] = pushed;
            return false;
        }
    }
    return true;
}

/* Beside pieces that are pinyin, what can be cut of the others, the longest first; the rest are
 * letters, and so is all of a run without such a piece, as English is. */
static void push_mixed(const struct letters *l)
{
    size_t pushed = l->scratch->counts[SYLLABLES];
    bool pinyin = false;
    for (size_t from = 0; from < l->length && !pinyin; from = piece_end(l, from)) {
        pinyin = push_cut(l, from, piece_end(l, from));
    }
    l->scratch->counts[SYLLABLES] = pushed;
    for (size_t from = 0; from < l->length;) {
        size_t to = pinyin ? piece_end(l, from) : from;
        while (to > from && !push_cut(l, from, to)) {
            to--;
        }
        if (to == from) {
            push_letter(l, from++);
        } else {
            from = to;
        }
    }
}

/* A run of letters from unit `first`; returns the unit behind it. Separators inside are skipped. */
static size_t push_letters(struct gj_weak_scratch *scratch, const struct gj_text *text,
                           size_t first)
{
    struct letters l = {.scratch = scratch};
    size_t length = 0, at = first;
    bool parted = false;
    for (; at < text->unit_count; at++) {
        const struct gj_unit *unit = &text->units[at];
        if (unit->class_ == GJ_U_SEPARATOR || unit->class_ == GJ_U_EMOJI) {
            parted = true;
            continue;
        }
        if (unit->class_ != GJ_U_LETTER || unit->cp < 'a' || unit->cp > 'z') {
            break;
        }
        if (length < RUN_MAX) {
            l.text[length] = (char)unit->cp;
            l.units[length] = (uint32_t)at;
            l.parted[length] = parted;
        }
        parted = false;
        length++;
    }
    if (length > RUN_MAX) {
        push(scratch, SYLLABLES, 0, (uint32_t)first, (uint32_t)first);
        return at;
    }
    l.length = length;
    if (!push_pieces(&l) && !push_cut(&l, 0, length)) {
        push_mixed(&l);
    }
    return at;
}

static void push_syllables(struct gj_weak_scratch *scratch, const struct gj_text *text)
{
    for (size_t i = 0; i < text->unit_count;) {
        const struct gj_unit *unit = &text->units[i];
        if (unit->class_ == GJ_U_LETTER && unit->cp >= 'a' && unit->cp <= 'z') {
            i = push_letters(scratch, text, i);
            continue;
        }
        if (unit->class_ != GJ_U_SEPARATOR && unit->class_ != GJ_U_EMOJI) {
            uint32_t value = unit->class_ == GJ_U_HAN ? gj_text_syllable(unit->cp) : 0;
            push(scratch, SYLLABLES, value, (uint32_t)i, (uint32_t)i);
        }
        i++;
    }
}

/* The next unit that is no separator after `at`, or SIZE_MAX. */
static size_t following(const struct gj_text *text, size_t at)
{
    for (at++; at < text->unit_count; at++) {
        if (text->units[at].class_ != GJ_U_SEPARATOR && text->units[at].class_ != GJ_U_EMOJI) {
            return at;
        }
    }
    return SIZE_MAX;
}

/* The longest run of characters from unit `first` that stands for one; `last` becomes its last
 * unit. */
static const struct split *split_at(const struct gj_weak *weak, const struct gj_text *text,
                                    size_t first, size_t *last)
{
    uint32_t parts[PARTS_MAX] = {text->units[first].cp};
    size_t units[PARTS_MAX] = {first};
    size_t count = 1, second = following(text, first);
    uint32_t pair = second == SIZE_MAX ? 0 : gj_bigram(parts[0], text->units[second].cp);
    if (second == SIZE_MAX || !(weak->split_pairs[pair >> 3] >> (pair & 7) & 1)) {
        return NULL;
    }
    for (size_t at = second; at != SIZE_MAX && count < PARTS_MAX; at = following(text, at)) {
        parts[count] = text->units[at].cp;
        units[count++] = at;
    }
    for (; count >= 2; count--) {
        const struct split *split = gj_weak_find_split(weak, parts);
        if (split != NULL) {
            *last = units[count - 1];
            return split;
        }
        parts[count - 1] = 0;
    }
    return NULL;
}

static void push_shapes(const struct gj_weak *weak, struct gj_weak_scratch *scratch,
                        const struct gj_text *text)
{
    for (size_t i = 0; i < text->unit_count; i++) {
        const struct gj_unit *unit = &text->units[i];
        if (unit->class_ == GJ_U_SEPARATOR || unit->class_ == GJ_U_EMOJI) {
            continue;
        }
        uint32_t value = unit->class_ == GJ_U_MARK ? 0 : unit->cp, low = unit->cp & 0xFFFF;
        size_t first = i;
        if (weak->split_first[low >> 3] >> (low & 7) & 1) { /* some split begins so */
            const struct split *split = split_at(weak, text, first, &i);
            value = split != NULL ? split->whole : value;
        }
        push(scratch, SHAPES, value, (uint32_t)first, (uint32_t)i);
    }
}

/* ---- one search: a stream of a text ---- */

/* What a token may stand for: first as it is written, then otherwise. */
struct meanings {
    uint32_t values[MEANINGS_MAX];
    size_t count;
    unsigned cost; /* of shapes: gj_everyday_cost of what is written */
    bool rare;
};

static void add_meaning(struct meanings *m, uint32_t value)
{
    if (m->count < MEANINGS_MAX) {
        m->values[m->count++] = value;
    }
}

static inline void read_shape(const struct gj_weak_search *s, size_t at, struct meanings *m)
{
    uint32_t written = s->tokens[at].value;
    m->values[0] = written;
    m->count = 1;
    m->cost = gj_everyday_cost(written);
    m->rare = gj_shape_is_rare(written);
    if (written == 0 || !gj_weak_may_look(s->weak, written)) {
        return;
    }
    const struct pair *pair = gj_weak_lookalikes(s->weak, written);
    for (; pair->from == written; pair++) {
        add_meaning(m, pair->to);
    }
}

/* ---- the search ---- */

static bool is_told(struct gj_weak_search *s, uint32_t word)
{
    for (size_t i = 0; i < s->found_count; i++) {
        if (s->found[i] == word) {
            return true;
        }
    }
    if (s->found_count < FOUND_MAX) {
        s->found[s->found_count++] = word;
    }
    return false;
}

static struct looks looks_of(const struct gj_weak_search *s, uint32_t written)
{
    struct looks looks = {.written = written,
                          .parts = gj_shape_parts(written),
                          .sounds = {gj_text_syllable(written)},
                          .listed = gj_weak_lookalikes(s->weak, written)->from == written};
    gj_text_other_readings(written, looks.sounds + 1);
    return looks;
}

static bool may_mean(const struct looks *looks, uint32_t meant)
{
    if (looks->written == meant || looks->listed || (looks->parts & gj_shape_parts(meant)) != 0) {
        return true;
    }
    uint16_t syllable = gj_text_syllable(meant);
    for (unsigned i = 0; i < 5 && looks->sounds[i] != 0; i++) {
        if (looks->sounds[i] == syllable) {
            return true;
        }
    }
    return false;
}

/* Whether the third token may be that of a word: most words of a slot fail there. */
static inline bool may_go_on(struct gj_weak_search *s, size_t at, uint32_t third)
{
    uint32_t written = at + 2 < s->count ? s->tokens[at + 2].value : 0;
    if (third == written || written == 0 || s->stream == SYLLABLES) {
        return third == written;
    }
    if (s->third.written != written) {
        s->third = looks_of(s, written);
    }
    return may_mean(&s->third, third);
}

/* The words of a slot. */
static void try_slot(struct gj_weak_search *s, size_t at, const struct slot *slot)
{
    const struct entry *entry = s->weak->streams[s->stream].entries + slot->entry;
    struct gj_disguised begun = {0};
    if (slot->count == 0 || !gj_weak_begins(s, at, slot, &begun)) {
        return;
    }
    for (const struct entry *end = entry + slot->count; entry < end; entry++) {
        size_t length = s->weak->lengths[entry->word];
        if (at + length > s->count || (length > 2 && !may_go_on(s, at, entry->third))) {
            continue;
        }
        uint16_t transforms = gj_weak_believe(s, at, entry, &begun);
        if (transforms != 0 && !is_told(s, entry->word)) {
            s->each(s->context, entry->word, s->tokens[at].first, s->tokens[at + length - 1].last,
                    transforms);
        }
    }
}

static inline void try_pair(struct gj_weak_search *s, size_t at, uint32_t a, uint32_t b)
{
    const struct stream *stream = &s->weak->streams[s->stream];
    uint32_t bit = gj_bigram(a, b);
    if (stream->filter[bit >> 3] >> (bit & 7) & 1) {
        size_t slot = gj_weak_find_slot(stream->slots, stream->slot_count, a, b);
        try_slot(s, at, &stream->slots[slot]);
    }
}

/* A rare character may stand for any that looks like it, since everyday text has no use for it:
 * the words that have a certain one (`known`) in the other of the first two places. */
static void try_rare(struct gj_weak_search *s, size_t at, uint32_t rare, unsigned known_place,
                     const struct meanings *known)
{
    const struct gj_weak *weak = s->weak;
    uint32_t parts = gj_shape_parts(rare);
    for (size_t i = 0; i < known->count && parts != 0; i++) {
        uint32_t value = known->values[i], head = gj_head(known_place, value, value);
        for (uint32_t l = weak->heads[head]; l < weak->heads[head + 1]; l++) {
            const struct link *link = &weak->links[l];
            uint32_t held = known_place == BY_FIRST ? link->a : link->b;
            uint32_t meant = known_place == BY_FIRST ? link->b : link->a;
            if (held == value && (parts & gj_shape_parts(meant)) != 0) {
                try_slot(s, at, &weak->streams[SHAPES].slots[link->slot]);
            }
        }
    }
}

/* Where two characters meet that everyday text hardly puts side by side, any may be a look-alike,
 * if the initials stay. Cheap looks spare most text the search; try_slot weighs what is found. */
static void try_bold(struct gj_weak_search *s, size_t at, const struct meanings *first,
                     const struct meanings *second)
{
    const struct gj_weak *weak = s->weak;
    uint32_t a = first->values[0], b = second->values[0];
    uint32_t head = gj_head(BY_INITIALS, a, b), shared = head - BY_INITIALS * HEADS;
    if (shared < GJ_INITIALS || shared % GJ_INITIALS == 0) { /* one has no sound */
        return;
    }
    bool rare = first->rare || second->rare;
    bool both = first->cost + second->cost >= BOTH_REPLACED; /* may be */
    bool looked = false; /* at both: when a word of these initials is met */
    struct looks looks[2];
    for (uint32_t l = weak->heads[head]; l < weak->heads[head + 1]; l++) {
        const struct link *link = &weak->links[l];
        if (!both && a != link->a && b != link->b) {
            continue;
        }
        if (!looked) {
            looks[0] = looks_of(s, a);
            looks[1] = looks_of(s, b);
            looked = true;
        }
        if (may_mean(&looks[0], link->a) && may_mean(&looks[1], link->b)) {
            if (!rare && !gj_weak_is_odd(s, at)) {
                return;
            }
            try_slot(s, at, &weak->streams[SHAPES].slots[link->slot]);
        }
    }
}

static void try_shapes(struct gj_weak_search *s, size_t at, const struct meanings *first,
                       const struct meanings *second)
{
    for (size_t i = 0; i < first->count; i++) {
        for (size_t j = 0; j < second->count; j++) {
            try_pair(s, at, first->values[i], second->values[j]);
        }
    }
    if (first->rare) {
        try_rare(s, at, first->values[0], BY_SECOND, second);
    }
    if (second->rare) {
        try_rare(s, at, second->values[0], BY_FIRST, first);
    }
    if (first->cost + second->cost >= ONE_REPLACED) {
        try_bold(s, at, first, second);
    }
}

/* Whether one character between tokens `at` and the next is masked: 他*的. A separator otherwise.
 */
static inline bool is_masked(const struct gj_weak_search *s, size_t at)
{
    uint32_t gap = s->tokens[at].last + 1;
    return s->tokens[at + 1].first == gap + 1 &&
           (s->text->units[gap].cp == '*' || s->text->units[gap].cp == U'○');
}

/* The words of a slot whose second character is the masked one, if all others stand there. */
static void try_masked(struct gj_weak_search *s, size_t at, const struct slot *slot)
{
    const struct entry *entry = s->weak->streams[SHAPES].entries + slot->entry;
    for (const struct entry *end = entry + slot->count; entry < end; entry++) {
        const uint32_t *meant = s->weak->characters + s->weak->starts[entry->word];
        size_t length = s->weak->lengths[entry->word], same = 2;
        while (same < length && at + same - 1 < s->count &&
               s->tokens[at + same - 1].value == meant[same]) {
            same++;
        }
        if (length > 2 && same == length && !is_told(s, entry->word)) {
            s->each(s->context, entry->word, s->tokens[at].first, s->tokens[at + length - 2].last,
                    GJ_T_LOOKALIKE);
        }
    }
}

/* The mask leaves the characters around it as they are: a word must hold both. */
static void search_masked(struct gj_weak_search *s, size_t at)
{
    const struct gj_weak *weak = s->weak;
    uint32_t first = s->tokens[at].value, head = gj_head(BY_FIRST, first, first);
    for (uint32_t l = weak->heads[head]; l < weak->heads[head + 1]; l++) {
        if (weak->links[l].a == first) {
            try_masked(s, at, &weak->streams[SHAPES].slots[weak->links[l].slot]);
        }
    }
}

static void search_shapes(struct gj_weak_search *s)
{
    struct meanings pair[2], *first = &pair[0], *second = &pair[1];
    if (s->count > 0) {
        read_shape(s, 0, second);
    }
    for (size_t i = 0; i + 1 < s->count; i++) {
        struct meanings *next = first;
        first = second;
        second = next;
        read_shape(s, i + 1, second);
        s->found_count = 0;
        try_shapes(s, i, first, second);
        if (is_masked(s, i)) {
            search_masked(s, i);
        }
    }
}

static void search_syllables(struct gj_weak_search *s)
{
    for (size_t i = 0; i + 1 < s->count; i++) {
        s->found_count = 0;
        try_pair(s, i, s->tokens[i].value, s->tokens[i + 1].value);
    }
}

int gj_weak_scan(const struct gj_weak *weak, struct gj_weak_scratch *scratch,
                 const struct gj_text *text, gj_weak_found_fn *each, void *context)
{
    if (weak->streams[SYLLABLES].entry_count + weak->streams[SHAPES].entry_count == 0) {
        return 0;
    }
    for (int s = 0; s < STREAMS; s++) {
        void *tokens = gj_grow(scratch->tokens[s], &scratch->capacities[s], text->unit_count + 1,
                               sizeof *scratch->tokens[s]);
        if (tokens == NULL) {
            return -1;
        }
        scratch->tokens[s] = tokens;
        scratch->counts[s] = 0;
    }
    if (weak->streams[SYLLABLES].entry_count > 0) {
        push_syllables(scratch, text);
    }
    if (weak->streams[SHAPES].entry_count > 0) {
        push_shapes(weak, scratch, text);
    }
    for (int stream = 0; stream < STREAMS; stream++) {
        struct gj_weak_search s = {.weak = weak,
                                   .text = text,
                                   .tokens = scratch->tokens[stream],
                                   .count = scratch->counts[stream],
                                   .stream = stream,
                                   .each = each,
                                   .context = context};
        if (stream == SYLLABLES) {
            search_syllables(&s);
        } else {
            search_shapes(&s);
        }
    }
    return 0;
}
