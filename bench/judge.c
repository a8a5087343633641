/* Benchmark: judging real messages in process, as ratios to limits measured in the same run.
 *
 *   bench-judge RULEBOOK MESSAGES.jsonl [WORDS.txt]
 *
 * Prints ns a message for each stage and for the whole; against a bare Vectorscan scan of the same
 * words and patterns on the same folded text; the JSON door; and, with WORDS, a rulebook of nothing
 * but that list, for comparing with other word filters (scripts/run-bench runs those). */
#include <hs/hs.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/utf8.h"
#include "judge/checker.h"

#define ROUNDS 5

struct corpus {
    struct gj_buf bytes;  /* JSON lines, with padding behind */
    struct gj_str *lines; /* each line */
    struct gj_str *texts; /* its text, decoded */
    const char **platforms;
    size_t count;
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void die(const char *what)
{
    fprintf(stderr, "bench-judge: %s\n", what);
    exit(2);
}

static struct gj_str read_all(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct gj_buf bytes;
    char chunk[65536];
    gj_buf_init(&bytes);
    if (file == NULL) {
        die(path);
    }
    for (size_t got = 0; (got = fread(chunk, 1, sizeof chunk, file)) > 0;) {
        gj_buf_add(&bytes, chunk, got);
    }
    fclose(file);
    gj_buf_reserve(&bytes, GJ_JSON_PADDING);
    return gj_buf_str(&bytes);
}

static struct gj_str copy(struct gj_str s)
{
    char *bytes = malloc(s.len + 1);
    memcpy(bytes, s.ptr, s.len);
    bytes[s.len] = '\0';
    return (struct gj_str){bytes, s.len};
}

static struct corpus load(const char *path)
{
    struct corpus c = {0};
    struct gj_str all = read_all(path);
    struct gj_json_parser *parser = gj_json_parser_new();
    size_t lines = 0;
    for (size_t i = 0; i < all.len; i++) {
        lines += all.ptr[i] == '\n';
    }
    c.lines = calloc(lines + 1, sizeof *c.lines);
    c.texts = calloc(lines + 1, sizeof *c.texts);
    c.platforms = calloc(lines + 1, sizeof *c.platforms);
    for (const char *at = all.ptr, *end = all.ptr + all.len; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop == NULL ? end : stop;
        struct gj_str line = {at, (size_t)(stop - at)};
        const char *why = NULL;
        const struct gj_json *root = gj_json_parse(parser, line, 0, &why);
        c.platforms[c.count] = "jd";
        for (const struct gj_json *v = root == NULL ? NULL : gj_json_first(parser, root); v != NULL;
             v = gj_json_next(parser, v)) {
            if (gj_str_is(v->key, "text")) {
                c.texts[c.count] = copy(v->text);
            } else if (gj_str_is(v->key, "platform")) {
                c.platforms[c.count] = copy(v->text).ptr;
            }
        }
        if (c.texts[c.count].ptr != NULL) {
            c.lines[c.count++] = line;
        }
        at = stop + 1;
    }
    gj_json_parser_free(parser);
    return c;
}

/* ---- stages: the least of some rounds, in ns a message ---- */

struct stage {
    const struct corpus *corpus;
    gj_checker *checker;
    struct gj_text text;
    struct gj_weak_scratch weak;
    struct gj_extracts extracts;
    struct gj_json_parser *parser;
    hs_database_t *bare;
    hs_scratch_t *bare_scratch;
    struct gj_audience **audiences; /* of each text */
    struct gj_str *folded;          /* of each text */
    uint32_t **points;              /* the same as code points */
    size_t *point_counts;
    gj_errors *errors;
    size_t sum; /* keeps results from being thrown away */
};

static double measure(struct stage *s, void (*one)(struct stage *, size_t))
{
    double best = 1e18;
    for (int r = 0; r < ROUNDS; r++) {
        double start = now();
        for (size_t i = 0; i < s->corpus->count; i++) {
            one(s, i);
        }
        double took = (now() - start) / (double)s->corpus->count;
        best = took < best ? took : best;
    }
    return best;
}

static void one_json(struct stage *s, size_t i)
{
    const char *why = NULL;
    s->sum += gj_json_parse(s->parser, s->corpus->lines[i], GJ_JSON_PADDING, &why) != NULL;
}

static void one_fold(struct stage *s, size_t i)
{
    gj_text_fold(&s->text, s->corpus->texts[i]);
    s->sum += s->text.folded_len;
}

static int on_literal(void *context, uint32_t literal, uint32_t from, uint32_t to)
{
    (void)literal;
    *(size_t *)context += from + to;
    return 0;
}

static void one_scan(struct stage *s, size_t i)
{
    gj_scan(s->checker->host.book->scanner, s->points[i], s->point_counts[i], on_literal, &s->sum);
}

static void on_weak(void *context, uint32_t word, uint32_t first, uint32_t last, uint16_t bits)
{
    *(size_t *)context += word + first + last + bits;
}

static void one_fold_weak(struct stage *s, size_t i)
{
    gj_text_fold(&s->text, s->corpus->texts[i]);
    gj_weak_scan(s->checker->host.book->weak, &s->weak, &s->text, on_weak, &s->sum);
}

static void one_fold_extract(struct stage *s, size_t i)
{
    gj_text_fold(&s->text, s->corpus->texts[i]);
    gj_extract(&s->extracts, &s->text);
    s->sum += s->extracts.count;
}

static void one_check(struct stage *s, size_t i)
{
    const gj_verdict *verdict = NULL;
    gj_message message = {.platform = s->corpus->platforms[i],
                          .text = s->corpus->texts[i].ptr,
                          .text_len = s->corpus->texts[i].len,
                          .at = 1790000000};
    gj_check(s->checker, &message, &verdict, s->errors);
    s->sum += verdict->hit_count;
}

/* All that finds words in the text: the stages before, and patterns whose alarm rang. */
static void one_match(struct stage *s, size_t i)
{
    s->checker->judged = s->corpus->texts[i];
    s->checker->audience = s->audiences[i];
    s->sum += (size_t)gj_match_text(s->checker) + s->checker->matches.count;
}

static void one_door(struct stage *s, size_t i)
{
    const char *json = NULL;
    size_t len = 0;
    struct gj_str line = s->corpus->lines[i];
    gj_check_json(s->checker, line.ptr, line.len, GJ_JSON_PADDING, i + 1, &json, &len, NULL);
    s->sum += len;
}

static int on_bare(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                   void *context)
{
    (void)id;
    (void)from;
    (void)flags;
    *(size_t *)context += (size_t)to;
    return 0;
}

static void one_bare(struct stage *s, size_t i)
{
    hs_scan(s->bare, s->folded[i].ptr, (unsigned)s->folded[i].len, 0, s->bare_scratch, on_bare,
            &s->sum);
}

/* ---- the bare scan: every word and pattern as a Vectorscan expression ---- */

static size_t compile_bare(struct stage *s)
{
    const struct gj_book *book = s->checker->host.book;
    const char **texts = calloc(book->word_count + 1, sizeof *texts);
    unsigned *flags = calloc(book->word_count + 1, sizeof *flags);
    unsigned *ids = calloc(book->word_count + 1, sizeof *ids);
    size_t count = book->word_count, refused = 0;
    for (size_t i = 0; i < count; i++) {
        struct gj_str text = gj_word_text(book, i);
        bool is_regex = book->words[i].is_regex != 0;
        struct gj_buf escaped;
        gj_buf_init(&escaped);
        for (size_t b = 0; b < text.len && !is_regex; b++) {
            gj_buf_addf(&escaped, "\\x%02x", (unsigned char)text.ptr[b]);
        }
        texts[i] = is_regex ? text.ptr : escaped.ptr;
        flags[i] = is_regex ? HS_FLAG_UTF8 : 0;
        ids[i] = (unsigned)i;
    }
    hs_compile_error_t *why = NULL;
    while (hs_compile_multi(texts, flags, ids, (unsigned)count, HS_MODE_BLOCK, NULL, &s->bare,
                            &why) != HS_SUCCESS) {
        if (why->expression < 0 || count == 0) {
            die(why->message);
        }
        refused++; /* Vectorscan finds some patterns too large: the limit goes without them */
        texts[why->expression] = texts[--count];
        flags[why->expression] = flags[count];
        hs_free_compile_error(why);
    }
    if (hs_alloc_scratch(s->bare, &s->bare_scratch) != HS_SUCCESS) {
        die("out of memory");
    }
    free(texts);
    free(flags);
    free(ids);
    return refused;
}

static void fold_all(struct stage *s)
{
    s->folded = calloc(s->corpus->count + 1, sizeof *s->folded);
    s->points = calloc(s->corpus->count + 1, sizeof *s->points);
    s->point_counts = calloc(s->corpus->count + 1, sizeof *s->point_counts);
    for (size_t i = 0; i < s->corpus->count; i++) {
        gj_text_fold(&s->text, s->corpus->texts[i]);
        struct gj_buf spelt;
        gj_buf_init(&spelt);
        gj_text_spell(&s->text, &spelt);
        s->folded[i] = copy(gj_buf_str(&spelt));
        gj_buf_release(&spelt);
        s->point_counts[i] = s->text.folded_len;
        s->points[i] = calloc(s->text.folded_len + 1, sizeof *s->points[i]);
        memcpy(s->points[i], s->text.folded, s->text.folded_len * sizeof *s->points[i]);
    }
}

static void open_stage(struct stage *s, const struct corpus *corpus, gj_rulebook *book)
{
    *s =
        (struct stage){.corpus = corpus, .errors = gj_errors_new(), .parser = gj_json_parser_new()};
    s->checker = gj_checker_new(book, s->errors);
    gj_text_init(&s->text);
    gj_extracts_init(&s->extracts);
    gj_weak_scratch_init(&s->weak);
    fold_all(s);
}

static gj_rulebook *open_book(const char *dir)
{
    gj_errors *errors = gj_errors_new();
    gj_rulebook *book = gj_rulebook_open(dir, NULL, errors);
    if (book == NULL) {
        die(gj_errors_text(errors));
    }
    return book;
}

static void bench_rulebook(const struct corpus *corpus, const char *dir)
{
    struct stage s;
    open_stage(&s, corpus, open_book(dir));
    const struct gj_book *book = s.checker->host.book;
    size_t patterns = 0;
    for (size_t i = 0; i < book->word_count; i++) {
        patterns += book->words[i].is_regex;
    }
    printf("rulebook: %zu rules, %zu words, %zu patterns; scanner %zu KB; %zu messages\n",
           book->rule_count, book->word_count - patterns, patterns,
           gj_scanner_bytes(book->scanner) / 1024, corpus->count);
    s.audiences = calloc(corpus->count + 1, sizeof *s.audiences);
    for (size_t i = 0; i < corpus->count; i++) {
        one_check(&s, i);
        s.audiences[i] = s.checker->audience;
    }
    double fold = measure(&s, one_fold), scan = measure(&s, one_scan);
    double weak = measure(&s, one_fold_weak) - fold, extract = measure(&s, one_fold_extract) - fold;
    double match = measure(&s, one_match), check = measure(&s, one_check),
           json = measure(&s, one_json), door = measure(&s, one_door);
    printf("  check %.0f ns a message = %.1f x its own scan: fold %.0f, scan of words and alarms "
           "%.0f, weak levels %.0f, extractors %.0f, patterns and second readings %.0f, conditions "
           "and verdict %.0f ns\n",
           check, check / scan, fold, scan, weak, extract, match - fold - scan - weak - extract,
           check - match);
    printf(
        "  JSONL to verdicts: %.0f ns = %.2f M messages/s on one core (goal 1.00): JSON in %.0f, "
        "check %.0f, JSON out and the rest %.0f ns\n",
        door, 1e3 / door, json, check, door - json - check);
    fflush(stdout); /* the next takes a minute */
    double start = now();
    size_t refused = compile_bare(&s);
    double compiled = (now() - start) / 1e9, bare = measure(&s, one_bare);
    printf("  check / bare Vectorscan of the same words and patterns: %.0f / %.0f ns = %.2f "
           "(limit 3.00; %zu patterns it refuses left out, compiled in %.0f s)\n",
           check, bare, check / bare, refused, compiled);
}

/* ---- the big word list ---- */

static void write_words(const char *dir, const char *words)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/words.yaml", dir);
    FILE *out = fopen(path, "wb");
    struct gj_str all = read_all(words);
    if (out == NULL) {
        die(path);
    }
    fputs("fields:\n"
          "  platform: {type: string, values: [jd, taobao]}\n"
          "  message.sender: {type: string, values: [agent], default: agent}\n"
          "  message.kind: {type: string, values: [message], default: message}\n"
          "  message.length: {type: int}\n"
          "  shop.authorised_hosts: {type: list(string), default: []}\n"
          "  shop.packs: {type: list(string), default: []}\n"
          "---\nsources: {list: {title: {zh: 词表, en: list}}}\n"
          "---\nrule: jd.words\ntitle: {zh: 词, en: words}\ncategory: message\n"
          "cites: {source: list}\napplies: message.sender == \"agent\"\nwhen: hit(\"big\")\n"
          "severity: minor\nsuggest: review\n---\nlexicon: big\nwords:\n",
          out);
    for (const char *at = all.ptr, *end = all.ptr + all.len; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop == NULL ? end : stop;
        if (stop > at) {
            fputs("  - \"", out);
            for (const char *c = at; c < stop; c++) {
                if (*c == '"' || *c == '\\') {
                    fputc('\\', out);
                }
                if (*c != '\r') {
                    fputc(*c, out);
                }
            }
            fputs("\"\n", out);
        }
        at = stop + 1;
    }
    fclose(out);
}

static void bench_words(const struct corpus *corpus, const char *words)
{
    char dir[] = "/tmp/guiju-bench-XXXXXX";
    struct stage s;
    if (mkdtemp(dir) == NULL) {
        die("no temporary folder");
    }
    write_words(dir, words);
    open_stage(&s, corpus, open_book(dir));
    printf("words: %.0f ns a message, check of nothing but the list %s\n", measure(&s, one_check),
           words);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        die("bench-judge RULEBOOK MESSAGES.jsonl [WORDS.txt]");
    }
    struct corpus corpus = load(argv[2]);
    bench_rulebook(&corpus, argv[1]);
    if (argc > 3) {
        bench_words(&corpus, argv[3]);
    }
    return 0;
}
