/* Room cli: guiju rebuild, fsck, backtest: is a database true, and what would other rules have made
 * of it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

/* A database and the rulebook that decides it. */
struct opened {
    gj_rulebook *book;
    gj_engine *engine;
};

/* These commands have no database by default: none is touched by mistake. */
static bool need_db(const struct cli *cli, const char *db)
{
    if (db == NULL) {
        cli_misuse(cli, cli_say(cli, "请用 --db 指明数据库", "name the database with --db"));
    }
    return db != NULL;
}

static int open_database(struct cli *cli, const char *rulebook, const char *db, bool copy,
                         struct opened *out)
{
    *out = (struct opened){NULL, NULL};
    if (access(db, F_OK) != 0) {
        fprintf(stderr,
                cli_say(cli, "guiju: %s：没有这个文件；--db 要指向已有的数据库\n",
                        "guiju: %s: is not there; --db names a database that exists\n"),
                db);
        return -1;
    }
    out->book = gj_rulebook_open(rulebook, cli->cache, cli->errors);
    if (out->book != NULL) {
        out->engine = copy ? gj_engine_open_copy(out->book, db, cli->errors)
                           : gj_engine_open(out->book, db, cli->errors);
    }
    return out->engine == NULL ? -1 : 0;
}

static void close_database(struct opened *opened)
{
    gj_engine_close(opened->engine);
    gj_rulebook_free(opened->book);
}

/* Tells when events were decided under another rulebook; -1: it could not be found out. */
static int tell_foreign(struct cli *cli, gj_engine *engine, const char *db, bool *foreign)
{
    char hash[65];
    int64_t events = 0;
    if (gj_engine_foreign(engine, &events, hash) != GJ_OK) {
        return -1;
    }
    *foreign = events > 0;
    if (*foreign) {
        fprintf(stderr,
                cli_say(cli, "%s：%" PRId64 " 条事件是按另一版规则（%.16s）判定的\n",
                        "%s: %" PRId64 " events were decided under another rulebook (%.16s)\n"),
                db, events, hash);
    }
    return 0;
}

/* ---- rebuild ---- */

static int rebuild(struct cli *cli, gj_engine *engine, const char *db, bool anyway)
{
    char before[33], after[33];
    bool foreign = false;
    if (tell_foreign(cli, engine, db, &foreign) != 0) {
        return EXIT_BAD;
    }
    if (foreign && !anyway) {
        fputs(cli_say(cli, "没有重建；要按现在的规则重算，请加 --anyway\n",
                      "not rebuilt; add --anyway to decide them anew under the present one\n"),
              stderr);
        return EXIT_BAD;
    }
    if (gj_engine_rebuild(engine, before, after) != GJ_OK) {
        return EXIT_BAD;
    }
    bool equal = strcmp(before, after) == 0;
    printf("%s\n%s  %s\n%s  %s\n",
           equal ? cli_say(cli, "一致", "equal") : cli_say(cli, "不一致", "not equal"), before,
           cli_say(cli, "重建前", "before"), after, cli_say(cli, "重建后", "after"));
    return equal ? EXIT_CLEAN : EXIT_FOUND;
}

int cli_rebuild(struct cli *cli, int argc, char **argv)
{
    const char *db = NULL;
    bool anyway = false;
    const struct cli_option options[] = {
        {"--db", NULL, &db, NULL}, {"--anyway", NULL, NULL, &anyway}, {NULL, NULL, NULL, NULL}};
    int left = cli_options(cli, argc, argv, options);
    if (!cli_words(cli, left, argv, 0, 0) || !need_db(cli, db)) {
        return EXIT_BAD;
    }
    struct opened o;
    int status = open_database(cli, cli->rulebook, db, false, &o) != 0
                     ? EXIT_BAD
                     : rebuild(cli, o.engine, db, anyway);
    close_database(&o);
    return status;
}

/* ---- fsck ---- */

static int check(struct cli *cli, gj_engine *engine, const char *db)
{
    char before[33], after[33];
    bool foreign = false;
    int status = gj_engine_check(engine, cli->errors);
    if (status == GJ_ESYSTEM || tell_foreign(cli, engine, db, &foreign) != 0) {
        return EXIT_BAD;
    }
    bool whole = status == GJ_OK;
    if (whole && !foreign) { /* under other rules another state is no fault */
        if (gj_engine_rebuild(engine, before, after) != GJ_OK) {
            return EXIT_BAD;
        }
        if (strcmp(before, after) != 0) {
            whole = false;
            fprintf(stderr,
                    cli_say(cli,
                            "%s：与由日志重建的结果不同（%s，重建后 %s）；请运行 guiju rebuild\n",
                            "%s: differs from what its log gives (%s, rebuilt %s); run guiju "
                            "rebuild\n"),
                    db, before, after);
        }
    }
    if (whole) {
        printf(cli_say(cli, "%s：完好\n", "%s: whole\n"), db);
    }
    return whole ? EXIT_CLEAN : EXIT_FOUND;
}

int cli_fsck(struct cli *cli, int argc, char **argv)
{
    const char *db = NULL;
    const struct cli_option options[] = {{"--db", NULL, &db, NULL}, {NULL, NULL, NULL, NULL}};
    int left = cli_options(cli, argc, argv, options);
    if (!cli_words(cli, left, argv, 0, 0) || !need_db(cli, db)) {
        return EXIT_BAD;
    }
    struct opened o;
    int status =
        open_database(cli, cli->rulebook, db, true, &o) != 0 ? EXIT_BAD : check(cli, o.engine, db);
    close_database(&o);
    return status;
}

/* ---- backtest ---- */

#define FINDINGS_SHOWN 10 /* of a rule, as text: those that are gone and those that are new */
#define NAME_BYTES     300

struct showing {
    const struct cli *cli;
    bool json;
    size_t count;
    int kind;                                  /* of the last one shown as text; -1: none */
    char source[NAME_BYTES], rule[NAME_BYTES]; /* of the findings being shown */
    size_t shown;                              /* of them */
};

static void show_member(const char *name, const char *text)
{
    printf("\"%s\":", name);
    cli_json_string(stdout, text);
}

static void show_json(struct showing *s, const gj_difference *d)
{
    static const char *const kinds[] = {"findings", "money", "metric"};
    bool metric = d->kind == GJ_DIFFERENT_METRIC;
    fputs(s->count > 0 ? ",\n{" : "\n{", stdout);
    show_member("kind", kinds[d->kind]);
    putchar(',');
    show_member("source", d->source);
    putchar(',');
    show_member(metric ? "metric" : "rule", d->id);
    if (d->kind == GJ_DIFFERENT_FINDINGS) {
        fputs(",\"subject\":{", stdout);
        show_member("kind", d->subject_kind);
        putchar(',');
        show_member("id", d->subject);
        putchar('}');
    }
    const char *const more[][2] = {{"account", d->account},
                                   {"unit", d->unit},
                                   {"subject", metric ? d->subject : ""},
                                   {metric ? "from" : "at", d->from}};
    for (size_t i = 0; i < 4; i++) {
        if (more[i][1][0] != '\0') {
            putchar(',');
            show_member(more[i][0], more[i][1]);
        }
    }
    for (int i = 0; i < 2; i++) {
        const char *name = i == 0 ? "before" : "after";
        int64_t value = i == 0 ? d->before : d->after, of = i == 0 ? d->before_of : d->after_of;
        if (!metric) {
            printf(",\"%s\":%" PRId64, name, value);
        } else if (i == 0 ? d->before_there : d->after_there) {
            printf(",\"%s\":{\"numerator\":%" PRId64 ",\"denominator\":%" PRId64 "}", name, value,
                   of);
        } else {
            printf(",\"%s\":null", name);
        }
    }
    putchar('}');
}

static void show_ratio(bool there, int64_t numerator, int64_t denominator)
{
    if (there) {
        printf("%" PRId64 "/%" PRId64, numerator, denominator);
    } else {
        putchar('-');
    }
}

/* How many findings of the rule were not shown, when the last of them has been. */
static void end_findings(struct showing *s)
{
    if (s->shown > FINDINGS_SHOWN) {
        printf(cli_say(s->cli, "    还有 %zu 处；--format json 列出全部\n",
                       "    and %zu more; --format json has all\n"),
               s->shown - FINDINGS_SHOWN);
    }
    s->shown = 0;
}

/* A finding on a line of its own, "+" new and "-" gone, below its rule. */
static void show_findings(struct showing *s, const gj_difference *d)
{
    if (s->shown == 0 || strcmp(s->source, d->source) != 0 || strcmp(s->rule, d->id) != 0) {
        end_findings(s);
        snprintf(s->source, sizeof s->source, "%s", d->source);
        snprintf(s->rule, sizeof s->rule, "%s", d->id);
        printf("  %s  %s\n", d->source, d->id);
    }
    if (s->shown++ < FINDINGS_SHOWN) {
        printf("    %+" PRId64 "  %s %s  %s\n", d->after - d->before, d->subject_kind, d->subject,
               d->from);
    }
}

static void show_text(struct showing *s, const gj_difference *d)
{
    static const char *const titles[][2] = {
        {"违规", "findings"}, {"金额与积分", "money and points"}, {"指标", "metrics"}};
    if (s->kind != (int)d->kind) {
        end_findings(s);
        s->kind = (int)d->kind;
        printf("%s%s\n", s->count > 0 ? "\n" : "",
               cli_say(s->cli, titles[d->kind][0], titles[d->kind][1]));
    }
    if (d->kind == GJ_DIFFERENT_FINDINGS) {
        show_findings(s, d);
        return;
    }
    printf("  %s  %s  ", d->source, d->id);
    if (d->kind != GJ_DIFFERENT_METRIC) {
        printf("%s%s%" PRId64 " → %" PRId64 " %s\n", d->account, d->account[0] != '\0' ? "  " : "",
               d->before, d->after, d->unit);
        return;
    }
    printf("%s%s%.10s  ", d->subject, d->subject[0] != '\0' ? "  " : "", d->from);
    show_ratio(d->before_there, d->before, d->before_of);
    fputs(" → ", stdout);
    show_ratio(d->after_there, d->after, d->after_of);
    putchar('\n');
}

static void show(void *context, const gj_difference *d)
{
    struct showing *s = context;
    if (s->json) {
        show_json(s, d);
    } else {
        show_text(s, d);
    }
    s->count++;
}

static int backtest(struct cli *cli, struct opened *o, const gj_rulebook *other, const char *db,
                    bool json)
{
    struct showing s = {.cli = cli, .json = json, .kind = -1};
    bool foreign = false;
    int64_t refused = 0;
    if (tell_foreign(cli, o->engine, db, &foreign) != 0) {
        return EXIT_BAD;
    }
    fputs(json ? "{\"differences\":[" : "", stdout);
    int status = gj_engine_backtest(o->engine, other, show, &s, &refused);
    end_findings(&s);
    if (json) {
        printf("],\n\"refused\":%" PRId64 "}\n", refused);
    } else if (status == GJ_OK) {
        printf(cli_say(cli, "%s%zu 处不同；新规则不接受的事件 %" PRId64 " 条\n",
                       "%s%zu differences; %" PRId64 " events that the other rulebook refuses\n"),
               s.count > 0 ? "\n" : "", s.count, refused);
    }
    return status != GJ_OK ? EXIT_BAD : s.count > 0 ? EXIT_FOUND : EXIT_CLEAN;
}

int cli_backtest(struct cli *cli, int argc, char **argv)
{
    const char *db = NULL, *format = "text", *standard = cli->rulebook;
    const struct cli_option options[] = {
        {"--db", NULL, &db, NULL}, {"--format", "-f", &format, NULL}, {NULL, NULL, NULL, NULL}};
    int left = cli_options(cli, argc, argv, options);
    bool json = strcmp(format, "json") == 0;
    if (!cli_words(cli, left, argv, 0, 0) || !need_db(cli, db) ||
        !cli_one_of(cli, "--format", format, "text|json")) {
        return EXIT_BAD;
    }
    if (cli->rulebook == standard) { /* no other one: it would be held against itself */
        return cli_misuse(cli, cli_say(cli, "请用 --rulebook 指明另一版规则",
                                       "name the other rulebook with --rulebook"));
    }
    struct opened o;
    int status = EXIT_BAD;
    gj_rulebook *other = gj_rulebook_open(cli->rulebook, cli->cache, cli->errors);
    if (other != NULL && open_database(cli, standard, db, true, &o) == 0) {
        status = backtest(cli, &o, other, db, json);
    }
    if (other != NULL) {
        close_database(&o);
    }
    gj_rulebook_free(other);
    return status;
}
