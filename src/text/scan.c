/* Room text: the one-pass scan, a trie walked from each character (see scan.h).
 *
 * Chinese words are short and texts are too: what costs is to find that no word begins here. Two
 * small bitmaps tell that of nearly all places, one of single characters, one of pairs by hash.
 * Where a pair may begin a word it is looked up, and from there each character on is one step to a
 * child. The beginnings are kept apart from the rest, so that what most texts touch is small.
 *
 *   places:   open hash table of beginnings {first, second} -> {literal, node}; `first` is SINGLE
 *             for a literal of one character
 *   children: {cp, literal, node}; those of a node follow each other, `cp` of the last has LAST.
 *             A node is the index of its first child; 0: it has none.
 *   chain:    per literal the next one of the same text (a word and an alarm, say)
 *
 * All is one run of 32-bit words, which the cache holds as it is (decisions/0012). */
#include "text/scan.h"

#include "base/sum.h"
#include "base/utf8.h"
#include "base/vec.h"

#define NONE         UINT32_MAX
#define MORE         0x80000000u /* with a literal: there is a next one in its chain */
#define SINGLE       0x80000000u
#define PAIR         0x40000000u /* while building: PAIR + the first character */
#define LAST         0x80000000u
#define SINGLE_BITS  65536u /* by the low 16 bits of the character */
#define PAIR_BITS    262144u
#define EDGES_LEAST  16u
#define PLACES_LEAST 16u

struct place {
    uint32_t first, second; /* first 0: a free place */
    uint32_t literal; /* the first in its chain, with MORE where it is not the last; or NONE */
    uint32_t node;
};

struct child {
    uint32_t cp, literal, node;
};

enum { SUM, LITERALS, PLACES, CHILDREN, HEAD };

struct gj_scanner {
    uint32_t *own; /* the words, when they are ours */
    const uint32_t *words;
    size_t word_count;
    const uint32_t *singles, *pairs, *chain;
    const struct place *places;
    const struct child *children;
    uint32_t place_mask;
};

static uint32_t hash_of(uint32_t from, uint32_t cp)
{
    uint32_t h = from * 0x9E3779B1u ^ cp * 0x85EBCA6Bu;
    return h ^ h >> 15;
}

static bool has_bit(const uint32_t *bits, uint32_t bit)
{
    return bits[bit >> 5] >> (bit & 31) & 1;
}

/* ---- compiling: first all edges in one table, which is then laid out ---- */

struct edge {
    uint32_t from, cp, to; /* from: a node, PAIR + character or SINGLE; 0: a free place */
    uint32_t literal;
};

struct trie {
    struct edge *edges;
    size_t size, used; /* size: a power of two */
    uint32_t nodes;
    uint32_t *singles, *pairs, *chain;
};

static struct edge *place_of(const struct edge *edges, size_t size, uint32_t from, uint32_t cp)
{
    size_t at = hash_of(from, cp) & (size - 1);
    while (edges[at].from != 0 && (edges[at].from != from || edges[at].cp != cp)) {
        at = (at + 1) & (size - 1);
    }
    return (struct edge *)(uintptr_t)&edges[at];
}

static int grow(struct trie *t)
{
    size_t size = t->size * 2;
    struct edge *edges = calloc(size, sizeof *edges);
    if (edges == NULL) {
        return -1;
    }
    for (size_t i = 0; i < t->size; i++) {
        if (t->edges[i].from != 0) {
            *place_of(edges, size, t->edges[i].from, t->edges[i].cp) = t->edges[i];
        }
    }
    free(t->edges);
    t->edges = edges;
    t->size = size;
    return 0;
}

/* The edge {from, cp}, made when it is new. NULL: out of memory. */
static struct edge *edge_of(struct trie *t, uint32_t from, uint32_t cp)
{
    if (t->used * 2 >= t->size && grow(t) != 0) {
        return NULL;
    }
    struct edge *edge = place_of(t->edges, t->size, from, cp);
    if (edge->from == 0) {
        *edge = (struct edge){from, cp, 0, NONE};
        t->used++;
    }
    return edge;
}

static void set_bit(uint32_t *bits, uint32_t bit)
{
    bits[bit >> 5] |= 1u << (bit & 31);
}

/* The edge of the literal's first one or two characters; *at becomes the byte behind them. */
static struct edge *begin(struct trie *t, struct gj_str literal, size_t *at)
{
    unsigned len = 0;
    uint32_t first = gj_utf8_decode(literal.ptr, &len);
    *at = len;
    if (*at == literal.len) {
        set_bit(t->singles, first % SINGLE_BITS);
        return edge_of(t, SINGLE, first);
    }
    uint32_t second = gj_utf8_decode(literal.ptr + *at, &len);
    *at += len;
    set_bit(t->pairs, hash_of(first, second) % PAIR_BITS);
    return edge_of(t, PAIR + first, second);
}

static int insert(struct trie *t, struct gj_str literal, uint32_t id)
{
    size_t at = 0;
    struct edge *edge = literal.len == 0 ? NULL : begin(t, literal, &at);
    while (edge != NULL && at < literal.len) {
        unsigned len = 0;
        uint32_t cp = gj_utf8_decode(literal.ptr + at, &len);
        edge->to = edge->to == 0 ? ++t->nodes : edge->to;
        edge = edge_of(t, edge->to, cp);
        at += len;
    }
    if (edge != NULL) {
        t->chain[id] = edge->literal;
        edge->literal = edge->literal == NONE ? id : id | MORE;
    }
    return edge != NULL || literal.len == 0 ? 0 : -1;
}

/* ---- the words ---- */

static uint32_t sum_of(const uint32_t *words, size_t count)
{
    const uint32_t *rest = words + SUM + 1;
    struct gj_str bytes = {(const char *)rest, (count - SUM - 1) * sizeof *rest};
    return (uint32_t)(gj_sum(bytes) >> 32);
}

static size_t words_needed(const uint32_t *head)
{
    return HEAD + (SINGLE_BITS + PAIR_BITS) / 32 + head[LITERALS] +
           head[PLACES] * (sizeof(struct place) / sizeof(uint32_t)) +
           head[CHILDREN] * (sizeof(struct child) / sizeof(uint32_t));
}

static void point_into(struct gj_scanner *scanner)
{
    scanner->singles = scanner->words + HEAD;
    scanner->pairs = scanner->singles + SINGLE_BITS / 32;
    scanner->chain = scanner->pairs + PAIR_BITS / 32;
    scanner->places = (const struct place *)(scanner->chain + scanner->words[LITERALS]);
    scanner->children = (const struct child *)(scanner->places + scanner->words[PLACES]);
    scanner->place_mask = scanner->words[PLACES] - 1;
}

/* ---- laying out ---- */

static struct place *find_place(const struct gj_scanner *scanner, uint32_t first, uint32_t second)
{
    size_t at = hash_of(first, second) & scanner->place_mask;
    while (scanner->places[at].first != 0 &&
           (scanner->places[at].first != first || scanner->places[at].second != second)) {
        at = (at + 1) & scanner->place_mask;
    }
    return (struct place *)(uintptr_t)&scanner->places[at];
}

/* `starts`: per node of the trie, where its children begin; at last where they end. */
static void lay_out(const struct gj_scanner *scanner, const struct trie *t, uint32_t *starts)
{
    struct child *children = (struct child *)(uintptr_t)scanner->children;
    for (size_t i = 0; i < t->size; i++) {
        const struct edge *e = &t->edges[i];
        uint32_t node = e->to == 0 ? 0 : starts[e->to];
        if (e->from >= PAIR) {
            uint32_t first = e->from == SINGLE ? SINGLE : e->from - PAIR;
            *find_place(scanner, first, e->cp) = (struct place){first, e->cp, e->literal, node};
        }
    }
    uint32_t *next = starts + t->nodes + 2;
    memcpy(next, starts, (t->nodes + (size_t)2) * sizeof *next);
    for (size_t i = 0; i < t->size; i++) {
        const struct edge *e = &t->edges[i];
        if (e->from != 0 && e->from < PAIR) {
            uint32_t at = next[e->from]++;
            uint32_t last = next[e->from] == starts[e->from + 1] ? LAST : 0;
            uint32_t node = e->to == 0 ? 0 : starts[e->to];
            children[at] = (struct child){e->cp | last, e->literal, node};
        }
    }
    children[0] = (struct child){LAST, NONE, 0}; /* of no node */
}

/* Where each node's children begin: [1 .. nodes + 1]; with as much room behind. */
static uint32_t *count_children(const struct trie *t, uint32_t *places, uint32_t *count)
{
    uint32_t *starts = calloc((t->nodes + (size_t)2) * 2, sizeof *starts);
    uint32_t sum = 1, begins = 0;
    for (size_t i = 0; starts != NULL && i < t->size; i++) {
        uint32_t from = t->edges[i].from;
        begins += from >= PAIR;
        starts[from < PAIR ? from : 0]++;
    }
    for (uint32_t n = 1; starts != NULL && n <= t->nodes + 1; n++) {
        uint32_t own = starts[n];
        starts[n] = sum;
        sum += own;
    }
    for (*places = PLACES_LEAST; *places < begins * 2;) {
        *places *= 2;
    }
    *count = sum;
    return starts;
}

static struct gj_scanner *keep(const struct trie *t, uint32_t literals)
{
    uint32_t head[HEAD] = {[LITERALS] = literals};
    uint32_t *starts = count_children(t, &head[PLACES], &head[CHILDREN]);
    struct gj_scanner *scanner = calloc(1, sizeof *scanner);
    size_t count = words_needed(head);
    uint32_t *words = calloc(count, sizeof *words);
    if (scanner == NULL || words == NULL || starts == NULL) {
        free(scanner);
        free(words);
        free(starts);
        return NULL;
    }
    memcpy(words, head, sizeof head);
    *scanner = (struct gj_scanner){.own = words, .words = words, .word_count = count};
    point_into(scanner);
    memcpy(words + (scanner->singles - words), t->singles, SINGLE_BITS / 8);
    memcpy(words + (scanner->pairs - words), t->pairs, PAIR_BITS / 8);
    memcpy(words + (scanner->chain - words), t->chain, literals * sizeof *t->chain);
    lay_out(scanner, t, starts);
    words[SUM] = sum_of(words, count);
    free(starts);
    return scanner;
}

struct gj_scanner *gj_scanner_compile(const struct gj_str *literals, size_t count,
                                      struct gj_errors *errors)
{
    struct trie t = {.edges = calloc(EDGES_LEAST, sizeof *t.edges),
                     .size = EDGES_LEAST,
                     .singles = calloc(SINGLE_BITS / 32, sizeof *t.singles),
                     .pairs = calloc(PAIR_BITS / 32, sizeof *t.pairs),
                     .chain = calloc(count + 1, sizeof *t.chain)};
    struct gj_scanner *scanner = NULL;
    bool ready = t.edges != NULL && t.singles != NULL && t.pairs != NULL && t.chain != NULL;
    for (size_t i = 0; ready && i < count; i++) {
        t.chain[i] = NONE;
        ready = insert(&t, literals[i], (uint32_t)i) == 0;
    }
    scanner = ready ? keep(&t, (uint32_t)count) : NULL;
    if (scanner == NULL) {
        gj_errors_say(errors, "out of memory while compiling the words");
    }
    free(t.edges);
    free(t.singles);
    free(t.pairs);
    free(t.chain);
    return scanner;
}

void gj_scanner_free(struct gj_scanner *scanner)
{
    if (scanner != NULL) {
        free(scanner->own);
        free(scanner);
    }
}

int gj_scanner_write(const struct gj_scanner *scanner, struct gj_buf *out)
{
    gj_buf_add(out, scanner->words, scanner->word_count * sizeof *scanner->words);
    return out->failed ? -1 : 0;
}

static bool is_literal(uint32_t literal, uint32_t literals)
{
    return literal == NONE || (literal & ~MORE) < literals;
}

/* Whether scanning stays inside and ends: literals and nodes exist, chains go down, a free place
 * ends each search and a last child each walk. */
static bool is_sound(const struct gj_scanner *scanner)
{
    uint32_t literals = scanner->words[LITERALS], children = scanner->words[CHILDREN], used = 0;
    bool sound = (scanner->children[children - 1].cp & LAST) != 0;
    for (uint32_t i = 0; i < literals; i++) {
        sound &= scanner->chain[i] == NONE || (scanner->chain[i] & ~MORE) < i;
    }
    for (uint32_t i = 0; i <= scanner->place_mask; i++) {
        const struct place *p = &scanner->places[i];
        used += p->first != 0;
        sound &= (is_literal(p->literal, literals) || p->first == 0) && p->node < children;
    }
    for (uint32_t i = 0; i < children; i++) {
        const struct child *c = &scanner->children[i];
        sound &= is_literal(c->literal, literals) && c->node < children;
    }
    return sound && used <= scanner->place_mask;
}

struct gj_scanner *gj_scanner_open(struct gj_str bytes, bool whole)
{
    const uint32_t *words = (const uint32_t *)(const void *)bytes.ptr;
    size_t count = bytes.len / sizeof *words;
    bool fits = (uintptr_t)bytes.ptr % sizeof *words == 0 && bytes.len % sizeof *words == 0 &&
                count > HEAD && words[PLACES] >= PLACES_LEAST &&
                (words[PLACES] & (words[PLACES] - 1)) == 0 && words[CHILDREN] > 0 &&
                count == words_needed(words) && (whole || words[SUM] == sum_of(words, count));
    struct gj_scanner *scanner = fits ? calloc(1, sizeof *scanner) : NULL;
    if (scanner == NULL) {
        return NULL;
    }
    *scanner = (struct gj_scanner){.words = words, .word_count = count};
    point_into(scanner);
    if (!whole && !is_sound(scanner)) {
        gj_scanner_free(scanner);
        return NULL;
    }
    return scanner;
}

size_t gj_scanner_bytes(const struct gj_scanner *scanner)
{
    return scanner->word_count * sizeof *scanner->words;
}

size_t gj_scanner_literals(const struct gj_scanner *scanner)
{
    return scanner->words[LITERALS];
}

/* ---- scanning ---- */

struct scan {
    const struct gj_scanner *scanner;
    const uint32_t *cps;
    size_t count;
    int (*each)(void *context, uint32_t literal, uint32_t from, uint32_t to);
    void *context;
};

static int report(const struct scan *s, uint32_t literal, size_t from, size_t to)
{
    int status = 0;
    while (literal != NONE && status == 0) {
        uint32_t id = literal & ~MORE;
        status = s->each(s->context, id, (uint32_t)from, (uint32_t)to);
        literal = literal == id ? NONE : s->scanner->chain[id];
    }
    return status;
}

/* The child of a node by a character, or NULL. */
static const struct child *step(const struct gj_scanner *scanner, uint32_t node, uint32_t cp)
{
    const struct child *child = &scanner->children[node];
    while ((child->cp & ~LAST) != cp) {
        if ((child->cp & LAST) != 0) {
            return NULL;
        }
        child++;
    }
    return child;
}

/* The literals of two characters and more that begin at `from`. */
static int walk(const struct scan *s, size_t from)
{
    const struct place *place = find_place(s->scanner, s->cps[from], s->cps[from + 1]);
    if (place->first == 0) {
        return 0;
    }
    int status = report(s, place->literal, from, from + 2);
    uint32_t node = place->node;
    for (size_t at = from + 2; status == 0 && node != 0 && at < s->count; at++) {
        const struct child *child = step(s->scanner, node, s->cps[at]);
        if (child == NULL) {
            break;
        }
        status = report(s, child->literal, from, at + 1);
        node = child->node;
    }
    return status;
}

void gj_scan(const struct gj_scanner *scanner, const uint32_t *cps, size_t count,
             int (*each)(void *context, uint32_t literal, uint32_t from, uint32_t to),
             void *context)
{
    struct scan s = {scanner, cps, count, each, context};
    for (size_t i = 0; i < count; i++) {
        if (has_bit(scanner->singles, cps[i] % SINGLE_BITS)) {
            const struct place *place = find_place(scanner, SINGLE, cps[i]);
            if (place->first != 0 && report(&s, place->literal, i, i + 1) != 0) {
                return;
            }
        }
        if (i + 1 < count && has_bit(scanner->pairs, hash_of(cps[i], cps[i + 1]) % PAIR_BITS) &&
            walk(&s, i) != 0) {
            return;
        }
    }
}
