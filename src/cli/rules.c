/* Room cli: guiju rules list | show ID | search WORD | coverage. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

static void print_row(const struct cli *cli, const gj_entry_info *entry)
{
    printf("%-44s %-8s %s\n", entry->id,
           entry->kind == GJ_ENTRY_RULE ? entry->suggest : gj_entry_kind_name(entry->kind),
           cli->english ? entry->title_en : entry->title_zh);
}

static void print_field(const char *name, const char *value)
{
    if (value[0] != '\0') {
        printf("%-10s %s\n", name, value);
    }
}

static void print_entry(const struct cli *cli, const gj_entry_info *e)
{
    printf("%s  %s\n", e->id, cli->english ? e->title_en : e->title_zh);
    printf("%-10s %s\n", "kind", gj_entry_kind_name(e->kind));
    printf("%-10s %s:%u\n", "file", e->file, e->line);
    print_field("category", e->category);
    print_field("suggest", e->suggest);
    print_field("severity", e->severity);
    print_field("from", e->from);
    print_field("until", e->until);
    print_field("applies", e->applies);
    print_field("when", e->when);
    print_field("situation", e->situation);
    print_field("reply zh", e->reply_zh);
    print_field("reply en", e->reply_en);
    for (size_t i = 0; i < e->detail_count; i++) {
        const gj_detail *d = &e->details[i];
        printf("%-10s %s%s\n", d->name, d->name[0] == '\0' ? "  " : "",
               cli->english ? d->en : d->zh);
    }
    for (size_t i = 0; i < e->citation_count; i++) {
        const gj_citation *c = &e->citations[i];
        printf("%-10s %s (%s)%s%s%s%s\n", "cites", c->title, c->source, c->place[0] ? ", " : "",
               c->place, c->date[0] ? ", " : "", c->date);
    }
    for (size_t i = 0; i < e->cover_count; i++) {
        printf("%-10s %s\n", "covers", e->covers[i]);
    }
}

/* Whether one of them holds the word, in whatever case its letters are. */
static bool one_holds(const char *const *texts, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++) {
        if (strcasestr(texts[i], word) != NULL) {
            return true;
        }
    }
    return false;
}

static bool mentions(const gj_entry_info *e, const char *word)
{
    const char *const texts[] = {e->id,       e->title_zh,  e->title_en, e->reply_zh,
                                 e->reply_en, e->situation, e->when};
    bool held = one_holds(texts, sizeof texts / sizeof texts[0], word) ||
                one_holds(e->covers, e->cover_count, word);
    for (size_t i = 0; i < e->detail_count && !held; i++) {
        held = one_holds((const char *const[]){e->details[i].zh, e->details[i].en}, 2, word);
    }
    return held;
}

/* A row of the catalogue whose id no entry has: what carries it is shown in its place. */
struct carriers {
    const char *row;
    char *names; /* joined by ", "; NULL: there is no such row, or no memory */
};

static void find_carriers(void *context, const gj_coverage_row *row)
{
    struct carriers *c = context;
    if (c->names == NULL && strcmp(row->id, c->row) == 0) {
        c->names = strdup(row->carried_by);
    }
}

static bool is_among(const char *names, const char *id)
{
    size_t len = strlen(id);
    for (const char *at = names; *at != '\0'; at += strspn(at, ", ")) {
        size_t word = strcspn(at, ",");
        if (word == len && strncmp(at, id, len) == 0) {
            return true;
        }
        at += word;
    }
    return false;
}

static size_t show_carriers(struct cli *cli, const gj_rulebook *book, const char *row)
{
    struct carriers c = {.row = row};
    size_t shown = 0;
    gj_errors *errors = gj_errors_new(); /* a rulebook without a catalogue knows no rows */
    if (errors != NULL && gj_rulebook_coverage(cli->rulebook, find_carriers, &c, errors) == GJ_OK &&
        c.names != NULL) {
        for (size_t i = 0; i < gj_rulebook_entry_count(book); i++) {
            gj_entry_info entry = gj_rulebook_entry(book, i);
            if (is_among(c.names, entry.id)) {
                printf(cli_say(cli, "%s%s 由以下条目承载：\n", "%s%s is carried by:\n"),
                       shown > 0 ? "\n" : "", row);
                print_entry(cli, &entry);
                shown++;
            }
        }
    }
    free(c.names);
    gj_errors_free(errors);
    return shown;
}

static int walk(struct cli *cli, const char *what, const char *word)
{
    gj_rulebook *book = gj_rulebook_open(cli->rulebook, cli->cache, cli->errors);
    if (book == NULL || gj_rulebook_read_events(book, cli->errors) != GJ_OK) {
        gj_rulebook_free(book);
        return EXIT_BAD;
    }
    size_t found = 0;
    for (size_t i = 0; i < gj_rulebook_entry_count(book); i++) {
        gj_entry_info entry = gj_rulebook_entry(book, i);
        if (strcmp(what, "show") == 0 && strcmp(entry.id, word) == 0) {
            print_entry(cli, &entry);
            found++;
        } else if (strcmp(what, "list") == 0 ||
                   (strcmp(what, "search") == 0 && mentions(&entry, word))) {
            print_row(cli, &entry);
            found++;
        }
    }
    if (found == 0 && strcmp(what, "show") == 0) {
        found = show_carriers(cli, book, word);
    }
    gj_rulebook_free(book);
    if (found == 0 && strcmp(what, "list") != 0) {
        fprintf(stderr,
                strcmp(what, "show") == 0
                    ? cli_say(cli, "guiju: 没有承载 '%s' 的条目；用 guiju rules search 查找\n",
                              "guiju: no entry is or carries '%s'; look for it with guiju rules "
                              "search\n")
                    : cli_say(cli, "guiju: 没有提到 '%s' 的条目；换个短一些的词\n",
                              "guiju: no entry mentions '%s'; try a shorter word\n"),
                word);
        return EXIT_FOUND;
    }
    return EXIT_CLEAN;
}

int cli_rules(struct cli *cli, int argc, char **argv)
{
    if (argc > 0 && strcmp(argv[0], "coverage") == 0) {
        return cli_coverage(cli, argc - 1, argv + 1);
    }
    int left = cli_options(cli, argc, argv, NULL);
    if (left < 0) {
        return EXIT_BAD;
    }
    bool list = left == 1 && strcmp(argv[0], "list") == 0;
    bool one = left == 2 && (strcmp(argv[0], "show") == 0 || strcmp(argv[0], "search") == 0);
    if (!list && !one) {
        return cli_misuse(cli, NULL);
    }
    return walk(cli, argv[0], one ? argv[1] : "");
}
