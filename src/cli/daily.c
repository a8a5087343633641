/* Room cli: guiju report and guiju deadlines: what a supervisor wants to see of a database. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/day.h"

#define SECOND INT64_C(1000000)

int64_t cli_span(const char *text)
{
    int64_t sum = 0;
    if (*text == '\0') {
        return -1;
    }
    while (*text != '\0') {
        char *end = NULL;
        errno = 0;
        long long n = strtoll(text, &end, 10);
        int64_t unit = end == text   ? 0
                       : *end == 'd' ? 86400
                       : *end == 'h' ? 3600
                       : *end == 'm' ? 60
                       : *end == 's' ? 1
                                     : 0;
        if (unit == 0 || errno != 0 || n < 0 || n > 36500) {
            return -1;
        }
        sum += n * unit * SECOND;
        if (sum > 36500 * INT64_C(86400) * SECOND) {
            return -1;
        }
        text = end + 1;
    }
    return sum;
}

static bool bad_span(const struct cli *cli, const char *within, int64_t *out)
{
    *out = cli_span(within);
    if (*out < 0) {
        fprintf(stderr,
                cli_say(cli, "guiju: --within %s：不是时长；写作 2h、90m、1d12h\n",
                        "guiju: --within %s: is no span; write 2h, 90m, 1d12h\n"),
                within);
    }
    return *out < 0;
}

/* A database that is there: reports never make one. */
static gj_engine *open_db(struct cli *cli, const char *db, gj_rulebook **book)
{
    char why[160];
    if (access(db, R_OK) != 0) {
        fprintf(stderr,
                cli_say(cli, "guiju: %s：%s；先用 guiju replay FILE --db %s 建立\n",
                        "guiju: %s: %s; make it with guiju replay FILE --db %s\n"),
                db, cli_reason(cli, why, sizeof why), db);
        return NULL;
    }
    *book = gj_rulebook_open(cli->rulebook, cli->cache, cli->errors);
    cli->book = *book;
    return *book == NULL ? NULL : gj_engine_open(*book, db, cli->errors);
}

struct shops {
    char **sources;
    size_t count, capacity;
};

static int add_shop(void *context, const gj_shop_info *shop)
{
    struct shops *shops = context;
    if (shops->count == shops->capacity) {
        size_t capacity = shops->capacity * 2 + 16;
        char **grown = realloc(shops->sources, capacity * sizeof *grown);
        if (grown == NULL) {
            return GJ_ESYSTEM;
        }
        shops->sources = grown;
        shops->capacity = capacity;
    }
    shops->sources[shops->count] = strdup(shop->source);
    return shops->sources[shops->count++] == NULL ? GJ_ESYSTEM : 0;
}

static void free_shops(struct shops *shops)
{
    for (size_t i = 0; i < shops->count; i++) {
        free(shops->sources[i]);
    }
    free(shops->sources);
}

/* ---- report ---- */

struct report {
    const char *db, *shop, *format, *out, *xlsx;
    struct day_options options;
};

static int write_days(struct cli *cli, const struct report *r, const struct day *days, size_t count)
{
    FILE *out = r->out == NULL ? stdout : fopen(r->out, "w");
    if (out == NULL) {
        cli_unwritable(cli, r->out);
        return GJ_ESYSTEM;
    }
    if (strcmp(r->format, "html") == 0) {
        day_html(cli, out, days, count);
    } else if (strcmp(r->format, "json") == 0) {
        day_json(out, days, count);
    } else {
        struct cli plain = *cli;
        plain.colour = cli->colour && r->out == NULL;
        for (size_t i = 0; i < count; i++) {
            fputs(i > 0 ? "\n" : "", out);
            day_print(&plain, out, &days[i]);
        }
    }
    bool failed = fflush(out) != 0 || ferror(out);
    if (r->out != NULL) {
        failed |= fclose(out) != 0;
    }
    if (failed) {
        cli_unwritable(cli, r->out);
    }
    return failed ? GJ_ESYSTEM : GJ_OK;
}

static int report(struct cli *cli, gj_engine *engine, struct report *r)
{
    struct shops shops = {0};
    int status = GJ_OK;
    if (r->shop != NULL) {
        gj_shop_info one = {.source = NULL};
        status = gj_engine_shop_of(engine, r->shop, &one.source);
        status = status == GJ_OK ? add_shop(&shops, &one) : status;
    } else {
        status = gj_engine_shops(engine, add_shop, &shops);
    }
    struct day *days = calloc(shops.count + 1, sizeof *days);
    size_t count = 0;
    status = days == NULL ? GJ_ESYSTEM : status;
    while (count < shops.count && status == GJ_OK) {
        r->options.source = shops.sources[count];
        status = day_gather(&days[count++], engine, &r->options);
    }
    if (status == GJ_OK && shops.count == 0) {
        fputs(cli_say(cli, "库中没有店铺\n", "there is no shop in the database\n"), stderr);
    }
    if (status == GJ_OK && r->xlsx != NULL) {
        status = day_workbook(cli, r->xlsx, days, count) == 0 ? GJ_OK : GJ_ESYSTEM;
    }
    if (status == GJ_OK && (r->xlsx == NULL || r->out != NULL || r->format[0] != 't')) {
        status = write_days(cli, r, days, count);
    }
    for (size_t i = 0; days != NULL && i < count; i++) {
        day_free(&days[i]);
    }
    free(days);
    free_shops(&shops);
    return status;
}

int cli_report(struct cli *cli, int argc, char **argv)
{
    struct report r = {.db = "guiju.db", .format = "text"};
    const char *within = "24h", *days = NULL;
    const struct cli_option options[] = {{"--db", NULL, &r.db, NULL},
                                         {"--shop", NULL, &r.shop, NULL},
                                         {"--day", NULL, &r.options.date, NULL},
                                         {"--format", "-f", &r.format, NULL},
                                         {"--output", "-o", &r.out, NULL},
                                         {"--xlsx", NULL, &r.xlsx, NULL},
                                         {"--within", NULL, &within, NULL},
                                         {"--days", NULL, &days, NULL},
                                         {NULL, NULL, NULL, NULL}};
    int left = cli_options(cli, argc, argv, options);
    bool html = strcmp(r.format, "html") == 0, json = strcmp(r.format, "json") == 0;
    uint64_t windows = html || r.xlsx != NULL ? 13 : 0;
    if (!cli_words(cli, left, argv, 0, 0) ||
        !cli_one_of(cli, "--format", r.format, "text|html|json") ||
        bad_span(cli, within, &r.options.within) ||
        (days != NULL && cli_number(cli, "--days", days, 0, 90, &windows) != 0)) {
        return EXIT_BAD;
    }
    r.options.deadlines = html || json || r.xlsx != NULL ? 500 : 40;
    r.options.days = (int)windows;
    gj_rulebook *book = NULL;
    gj_engine *engine = open_db(cli, r.db, &book);
    int status = engine == NULL ? GJ_ESYSTEM : report(cli, engine, &r);
    gj_engine_close(engine);
    gj_rulebook_free(book);
    return status == GJ_OK ? EXIT_CLEAN : EXIT_BAD;
}

/* ---- deadlines ---- */

struct listing {
    const struct cli *cli;
    struct day *day;
    int64_t at;
    bool json;
    size_t count;
};

static int keep_deadline(void *context, const gj_deadline_row *row)
{
    struct listing *l = context;
    if (l->json) {
        l->day->source = row->source;
        fputs(l->count > 0 ? ",\n" : "\n", stdout);
        day_json_deadline(stdout, l->day, row, l->at);
    } else {
        day_add_deadline(l->day, row);
    }
    l->count++;
    return 0;
}

static int list_deadlines(struct cli *cli, gj_engine *engine, const char *shop, int64_t at,
                          int64_t within, bool json)
{
    struct day day = {.engine = engine, .source = shop == NULL ? "" : shop};
    struct listing l = {cli, &day, at, json, 0};
    fputs(json ? "[" : "", stdout);
    int status =
        gj_engine_deadlines(engine, shop, at + within + 1, 0, keep_deadline, &l, &day.later);
    fputs(json ? "]\n" : "", stdout);
    if (!json && status == GJ_OK) {
        if (day.deadline_count > 0) {
            day_print_deadlines(cli, stdout, &day, at, shop == NULL);
        }
        printf(cli_say(cli, "%zu 项；另有 %lld 个案件更晚到期\n",
                       "%zu deadlines; %lld cases run out later\n"),
               l.count, (long long)day.later);
    }
    day_free(&day);
    return status;
}

int cli_deadlines(struct cli *cli, int argc, char **argv)
{
    const char *db = "guiju.db", *shop = NULL, *within = "2h", *at_text = NULL, *format = "text";
    const struct cli_option options[] = {
        {"--db", NULL, &db, NULL},         {"--shop", NULL, &shop, NULL},
        {"--within", NULL, &within, NULL}, {"--at", NULL, &at_text, NULL},
        {"--format", "-f", &format, NULL}, {NULL, NULL, NULL, NULL}};
    int left = cli_options(cli, argc, argv, options);
    bool json = strcmp(format, "json") == 0;
    int64_t span = 0, at = 0;
    if (!cli_words(cli, left, argv, 0, 0) || !cli_one_of(cli, "--format", format, "text|json") ||
        bad_span(cli, within, &span) || cli_time(cli, "--at", at_text, &at) != 0) {
        return EXIT_BAD;
    }
    gj_rulebook *book = NULL;
    gj_engine *engine = open_db(cli, db, &book);
    int status = GJ_ESYSTEM;
    if (engine != NULL) {
        at = at_text == NULL ? gj_engine_now(engine) : at;
        status = shop == NULL ? GJ_OK : gj_engine_shop_of(engine, shop, &shop);
    }
    if (status == GJ_OK) {
        status = list_deadlines(cli, engine, shop, at, span, json);
    }
    gj_engine_close(engine);
    gj_rulebook_free(book);
    return status == GJ_OK ? EXIT_CLEAN : EXIT_BAD;
}
