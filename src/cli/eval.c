/* Room cli: guiju eval DIR: what the rulebook does on real messages. It reads the corpora where
 * they are: agent_messages.jsonl (benign but for a few), evasion_sms.jsonl (disguised diversion and
 * its restoration), abuse.jsonl (insults, their polite rewrites and their disguises). A file that
 * is not there is named and passed over. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

#define RULES_MAX   400
#define SAMPLES_MAX 20
#define KINDS_MAX   64

struct eval {
    struct cli *cli;
    gj_checker *checker;
    const char *dir;
    long samples;
    const char
        *platform;   /* the packs alone apply there, or nearly: --platform, else the last listed */
    char path[4096]; /* of the corpus that is open */
    bool failed;     /* one that is there could not be read */
};

/* ---- the corpora's own fields: strings of one line, unescaped as far as comparing needs ---- */

/* The raw value of `"key": "..."` in a line; len 0 when it is not there. */
static const char *field(const char *line, size_t len, const char *key, size_t *value_len)
{
    char pattern[40];
    int wanted = snprintf(pattern, sizeof pattern, "\"%s\": \"", key);
    const char *at = memmem(line, len, pattern, (size_t)wanted);
    *value_len = 0;
    if (at == NULL) {
        return "";
    }
    at += wanted;
    const char *end = at;
    while (end < line + len && *end != '"') {
        end += *end == '\\' ? 2 : 1;
    }
    *value_len = (size_t)(end - at);
    return at;
}

static bool open_corpus(struct eval *e, const char *name, struct cli_lines *lines)
{
    char *path = e->path;
    snprintf(path, sizeof e->path, "%s/%s", e->dir, name);
    FILE *there = fopen(path, "rb");
    if (there == NULL) {
        printf(cli_say(e->cli, "%s：没有此文件，跳过\n\n", "%s: not there, skipped\n\n"), path);
        return false;
    }
    fclose(there);
    bool open = cli_lines_open(e->cli, lines, path) == 0;
    e->failed |= !open;
    return open;
}

static void close_corpus(struct eval *e, struct cli_lines *lines)
{
    if (lines->failed) {
        fprintf(stderr, "guiju: %s: %s\n", lines->name,
                cli_say(e->cli, "读取失败", "reading it failed"));
        e->failed = true;
    }
    cli_lines_close(lines);
}

static const gj_verdict *judge(struct eval *e, const struct cli_lines *lines, const char *line,
                               size_t len, const char *platform, const char *key)
{
    const char *json = NULL;
    size_t json_len = 0;
    const gj_verdict *verdict = NULL;
    gj_json_settings settings = {.english = e->cli->english,
                                 .default_platform = platform,
                                 .text_key = key,
                                 .text_only = platform != NULL};
    gj_checker_json(e->checker, settings);
    if (gj_check_json(e->checker, line, len, cli_lines_padding(lines, line, len), lines->number,
                      &json, &json_len, &verdict) != GJ_OK) {
        fprintf(stderr, "%s:%zu: %.*s\n", lines->name, lines->number, (int)json_len, json);
        return NULL;
    }
    return verdict;
}

/* ---- real agents ---- */

struct rule_count {
    const char *rule;
    size_t blocked, reviewed, kept;
    char *samples[SAMPLES_MAX];
};

struct platform_count {
    char platform[16];
    size_t messages, blocked, reviewed, etiquette;
    struct rule_count rules[RULES_MAX];
    size_t rule_count;
};

/* Short replies and polite forms are the house's etiquette: counted apart. */
static bool is_house_etiquette(const gj_hit *hit)
{
    return strcmp(hit->category, "etiquette") == 0 && strncmp(hit->rule, "shop.", 5) == 0;
}

static void count_rule(struct eval *e, struct platform_count *p, const gj_hit *hit,
                       const gj_message *message)
{
    size_t i = 0;
    while (i < p->rule_count && strcmp(p->rules[i].rule, hit->rule) != 0) {
        i++;
    }
    if (i == RULES_MAX) {
        return;
    }
    struct rule_count *r = &p->rules[i];
    if (i == p->rule_count) {
        *r = (struct rule_count){.rule = hit->rule};
        p->rule_count++;
    }
    r->blocked += hit->suggestion == GJ_BLOCK;
    r->reviewed += hit->suggestion == GJ_REVIEW;
    if (r->kept < SAMPLES_MAX && (long)r->kept < e->samples) {
        r->samples[r->kept] = strndup(message->text, message->text_len);
        r->kept += r->samples[r->kept] != NULL;
    }
}

static void count_message(struct eval *e, struct platform_count *p, const gj_verdict *verdict)
{
    bool reviewed = false, etiquette = false;
    for (size_t i = 0; i < verdict->hit_count; i++) {
        const gj_hit *hit = &verdict->hits[i];
        bool before = false;
        for (size_t j = 0; j < i && !before; j++) {
            before = strcmp(verdict->hits[j].rule, hit->rule) == 0;
        }
        etiquette |= is_house_etiquette(hit);
        reviewed |= !is_house_etiquette(hit);
        if (!before) {
            count_rule(e, p, hit, gj_checker_message(e->checker));
        }
    }
    p->messages++;
    p->blocked += verdict->suggestion == GJ_BLOCK;
    p->reviewed += verdict->suggestion == GJ_REVIEW && reviewed;
    p->etiquette += verdict->suggestion == GJ_REVIEW && !reviewed && etiquette;
}

static int by_count(const void *a, const void *b)
{
    const struct rule_count *x = a, *y = b;
    size_t left = x->blocked * 1000 + x->reviewed, right = y->blocked * 1000 + y->reviewed;
    return left > right ? -1 : left < right ? 1 : strcmp(x->rule, y->rule);
}

static double per_10000(size_t count, size_t total)
{
    return total == 0 ? 0 : 10000.0 * (double)count / (double)total;
}

static void print_platform(struct eval *e, struct platform_count *p)
{
    printf("%s: %zu %s; %s\n", p->platform, p->messages, cli_say(e->cli, "条", "messages"),
           cli_say(e->cli, "每万条", "per 10,000"));
    printf("  %-12s %7.1f\n  %-12s %7.1f\n  %-12s %7.1f\n", "block",
           per_10000(p->blocked, p->messages), "review", per_10000(p->reviewed, p->messages),
           "etiquette", per_10000(p->etiquette, p->messages));
    qsort(p->rules, p->rule_count, sizeof p->rules[0], by_count);
    for (size_t i = 0; i < p->rule_count; i++) {
        struct rule_count *r = &p->rules[i];
        printf("  %5zu block %5zu review  %s\n", r->blocked, r->reviewed, r->rule);
        for (size_t s = 0; s < r->kept; s++) {
            printf("        %s\n", r->samples[s]);
            free(r->samples[s]);
        }
    }
    printf("\n");
}

static void eval_agents(struct eval *e)
{
    struct cli_lines lines;
    if (!open_corpus(e, "agent_messages.jsonl", &lines)) {
        return;
    }
    struct platform_count *platforms = calloc(8, sizeof *platforms);
    size_t count = 0, len = 0;
    const char *line = NULL;
    while (platforms != NULL && cli_lines_next(&lines, &line, &len)) {
        const gj_verdict *verdict = judge(e, &lines, line, len, NULL, NULL);
        if (verdict == NULL) {
            continue;
        }
        const char *name = gj_checker_message(e->checker)->platform;
        size_t p = 0;
        while (p < count && strcmp(platforms[p].platform, name) != 0) {
            p++;
        }
        if (p == count && count < 8) {
            snprintf(platforms[count++].platform, sizeof platforms[0].platform, "%s", name);
        }
        if (p < count) {
            count_message(e, &platforms[p], verdict);
        }
    }
    for (size_t p = 0; p < count; p++) {
        print_platform(e, &platforms[p]);
    }
    free(platforms);
    close_corpus(e, &lines);
}

/* ---- disguised diversion ---- */

static bool is_account_byte(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-';
}

/* A contact word with an account (five or more of letters and digits) within 24 bytes behind it. */
static bool has_contact(const char *text, size_t len)
{
    static const char *const words[] = {"微信", "微", "QQ", "qq", "Qq"};
    for (size_t w = 0; w < sizeof words / sizeof words[0]; w++) {
        size_t word_len = strlen(words[w]);
        const char *at = text;
        while ((at = memmem(at, len - (size_t)(at - text), words[w], word_len)) != NULL) {
            at += word_len;
            size_t run = 0;
            for (const char *c = at; c < text + len && c < at + 32; c++) {
                run = is_account_byte(*c) ? run + 1 : 0;
                if (run >= 5) {
                    return true;
                }
            }
        }
    }
    return false;
}

struct evasion {
    size_t rows, restored, both, raw;
};

static bool is_caught(const gj_verdict *verdict, bool diversion_only)
{
    for (size_t i = 0; verdict != NULL && i < verdict->hit_count; i++) {
        if (!diversion_only || strncmp(verdict->hits[i].rule, "any.diversion.", 14) == 0) {
            return true;
        }
    }
    return false;
}

static void eval_evasion_on(struct eval *e, const char *platform, bool diversion_only)
{
    struct cli_lines lines;
    struct evasion contact = {0};
    const char *line = NULL;
    size_t len = 0, missed = 0;
    if (!open_corpus(e, "evasion_sms.jsonl", &lines)) {
        return;
    }
    while (cli_lines_next(&lines, &line, &len)) {
        size_t restored_len = 0;
        const char *text = field(line, len, "restored", &restored_len);
        if (!has_contact(text, restored_len)) {
            continue;
        }
        bool restored =
            is_caught(judge(e, &lines, line, len, platform, "restored"), diversion_only);
        bool raw = is_caught(judge(e, &lines, line, len, platform, "raw"), diversion_only);
        contact.rows++;
        contact.restored += restored;
        contact.raw += raw;
        contact.both += raw && restored;
        if (diversion_only && (!restored || !raw) && (long)missed++ < e->samples * 4) {
            printf("    %s %.*s\n", !restored ? "restored missed:" : "raw missed:", (int)len, line);
        }
    }
    close_corpus(e, &lines);
    printf("  %s%s: %zu %s; restored %.1f%%, raw %.1f%%, retention (raw / restored) %.3f\n",
           platform, diversion_only ? ", any.diversion.* only" : "", contact.rows,
           cli_say(e->cli, "条带联系方式", "rows with a contact"),
           100.0 * (double)contact.restored / (double)(contact.rows == 0 ? 1 : contact.rows),
           100.0 * (double)contact.raw / (double)(contact.rows == 0 ? 1 : contact.rows),
           (double)contact.both / (double)(contact.restored == 0 ? 1 : contact.restored));
}

/* ---- abuse ---- */

struct kind_count {
    char name[48];
    size_t rows, caught, base_caught, kept; /* kept: caught among those whose base is caught */
};

struct pair { /* base sentences that are caught */
    char id[40];
};

struct abuse {
    struct kind_count kinds[KINDS_MAX];
    size_t kind_count;
    struct pair *caught;
    size_t caught_count, caught_capacity;
};

static struct kind_count *kind_of(struct abuse *a, const char *name, size_t len)
{
    for (size_t i = 0; i < a->kind_count; i++) {
        if (strlen(a->kinds[i].name) == len && memcmp(a->kinds[i].name, name, len) == 0) {
            return &a->kinds[i];
        }
    }
    if (a->kind_count == KINDS_MAX) {
        return NULL;
    }
    struct kind_count *kind = &a->kinds[a->kind_count++];
    snprintf(kind->name, sizeof kind->name, "%.*s", (int)len, name);
    return kind;
}

static void note_base(struct abuse *a, const char *pair, size_t len)
{
    if (a->caught_count == a->caught_capacity) {
        size_t capacity = a->caught_capacity * 2 + 256;
        struct pair *grown = realloc(a->caught, capacity * sizeof *grown);
        if (grown == NULL) {
            return;
        }
        a->caught = grown;
        a->caught_capacity = capacity;
    }
    snprintf(a->caught[a->caught_count++].id, sizeof a->caught[0].id, "%.*s", (int)len, pair);
}

static bool base_is_caught(const struct abuse *a, const char *pair, size_t len)
{
    for (size_t i = 0; i < a->caught_count; i++) {
        if (strlen(a->caught[i].id) == len && memcmp(a->caught[i].id, pair, len) == 0) {
            return true;
        }
    }
    return false;
}

/* Abuse counts as caught by rules of category abuse alone, as an agent's own words. */
static bool is_abuse(const gj_verdict *verdict)
{
    for (size_t i = 0; verdict != NULL && i < verdict->hit_count; i++) {
        if (strcmp(verdict->hits[i].category, "abuse") == 0) {
            return true;
        }
    }
    return false;
}

static void abuse_pass(struct eval *e, struct abuse *a, bool bases)
{
    struct cli_lines lines;
    const char *line = NULL;
    size_t len = 0, shown = 0;
    if (!open_corpus(e, "abuse.jsonl", &lines)) {
        return;
    }
    while (cli_lines_next(&lines, &line, &len)) {
        size_t kind_len = 0, pair_len = 0;
        const char *kind = field(line, len, "kind", &kind_len);
        const char *pair = field(line, len, "pair", &pair_len);
        bool is_base = kind_len == 4 && memcmp(kind, "base", 4) == 0;
        if (bases != is_base) {
            continue;
        }
        bool caught = is_abuse(judge(e, &lines, line, len, e->platform, NULL));
        struct kind_count *count = kind_of(a, kind, kind_len);
        bool evasion = kind_len > 8 && memcmp(kind, "evasion_", 8) == 0;
        bool base = evasion && base_is_caught(a, pair, pair_len);
        if (count != NULL) {
            count->rows++;
            count->caught += caught;
            count->base_caught += base;
            count->kept += base && caught;
        }
        if (is_base && caught) {
            note_base(a, pair, pair_len);
        }
        if (evasion && base && !caught && (long)shown++ < e->samples * 4) {
            printf("    lost: %.*s\n", (int)len, line);
        }
    }
    close_corpus(e, &lines);
}

static void eval_abuse(struct eval *e)
{
    struct abuse abuse = {0};
    printf("abuse.jsonl (%s)\n",
           cli_say(e->cli, "abuse 类规则的命中", "caught by rules of category abuse"));
    abuse_pass(e, &abuse, true);
    abuse_pass(e, &abuse, false);
    size_t toxic = 0, toxic_caught = 0;
    for (size_t i = 0; i < abuse.kind_count; i++) {
        const struct kind_count *k = &abuse.kinds[i];
        printf("  %-32s %5zu  %s %5.1f%%", k->name, k->rows, cli_say(e->cli, "命中", "caught"),
               100.0 * (double)k->caught / (double)(k->rows == 0 ? 1 : k->rows));
        if (k->base_caught > 0) {
            printf("  %s %.3f", cli_say(e->cli, "原句命中者保持", "retention"),
                   (double)k->kept / (double)k->base_caught);
        }
        printf("\n");
        bool is_toxic = strstr(k->name, "toxic") != NULL && strcmp(k->name, "non_toxic") != 0;
        bool dialogue = strstr(k->name, "dialogues") != NULL;
        toxic += is_toxic || dialogue ? k->rows : 0;
        toxic_caught += is_toxic || dialogue ? k->caught : 0;
    }
    if (toxic > 0) {
        printf("  %-32s %5zu  %s %5.1f%%\n", "toxirewritecn, all abusive", toxic,
               cli_say(e->cli, "命中", "caught"), 100.0 * (double)toxic_caught / (double)toxic);
    }
    free(abuse.caught);
}

int cli_eval(struct cli *cli, int argc, char **argv)
{
    const char *samples = "3", *platform = NULL;
    const struct cli_option options[] = {{"--samples", NULL, &samples, NULL},
                                         {"--platform", "-p", &platform, NULL},
                                         {NULL, NULL, NULL, NULL}};
    int left = cli_options(cli, argc, argv, options);
    uint64_t most = 0;
    if (!cli_words(cli, left, argv, 1, 1) ||
        cli_number(cli, "--samples", samples, 0, 20, &most) != 0) {
        return EXIT_BAD;
    }
    if (access(argv[0], R_OK | X_OK) != 0) {
        char why[160];
        fprintf(stderr, "guiju: %s: %s\n", argv[0], cli_reason(cli, why, sizeof why));
        return EXIT_BAD;
    }
    gj_rulebook *book = gj_rulebook_open(cli->rulebook, cli->cache, cli->errors);
    struct eval e = {.cli = cli, .dir = argv[0], .samples = (long)most};
    e.checker = book == NULL ? NULL : gj_checker_new(book, cli->errors);
    if (e.checker == NULL) {
        gj_rulebook_free(book);
        return EXIT_BAD;
    }
    e.platform = platform;
    for (size_t i = 0; platform == NULL && gj_rulebook_platform(book, i) != NULL; i++) {
        e.platform = gj_rulebook_platform(book, i);
    }
    eval_agents(&e);
    printf("evasion_sms.jsonl\n");
    for (size_t i = 0; gj_rulebook_platform(book, i) != NULL; i++) {
        eval_evasion_on(&e, gj_rulebook_platform(book, i), false);
    }
    eval_evasion_on(&e, e.platform, true);
    printf("\n");
    eval_abuse(&e);
    gj_checker_free(e.checker);
    gj_rulebook_free(book);
    return e.failed ? EXIT_BAD : EXIT_CLEAN;
}
