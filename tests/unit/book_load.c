/* Tests of room book: rulebooks that load, rulebooks that are refused, each with place and remedy,
 * and the cache. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "book_support.h"

Test(book_load, a_rule_as_the_program_understands_it)
{
    struct desk desk = small_desk(SECRET_RULE);
    cr_assert_eq(gj_rulebook_entry_count(desk.book), 1);
    gj_entry_info e = gj_rulebook_entry(desk.book, 0);
    cr_expect_str_eq(e.id, "here.secret");
    cr_expect_str_eq(e.title_zh, "名");
    cr_expect_str_eq(e.suggest, "block");
    cr_expect_str_eq(e.when, "hit(\"secret\")");
    cr_expect_str_eq(e.citations[0].source, "law");
    cr_expect_str_eq(e.citations[0].date, "2020-01-01");
    cr_expect(e.cover_count == 1 && strcmp(e.covers[0], "here.secret") == 0);
    cr_expect_eq(strlen(gj_rulebook_hash(desk.book)), 32);
    cr_expect_str_eq(e.from, "");
    desk_close(&desk);
}

Test(book_load, refuses_unknown_keys_and_values)
{
    REFUSED("lexicon: a\nwords: [b]\nwrods: [c]\n", "(text):", "wrods", "did you mean", "words",
            "^");
    REFUSED("lexicon: a\nwords: b\n", "'words' must be a list");
    REFUSED("lexicon: a\nwords: [b, []]\n", "non-empty text");
    REFUSED("lexicon: a\nwords: [\". -\"]\n", "only separators");
    REFUSED("ruel: a\n", "did you mean 'rule'?");
    REFUSED("title: a\nrule: b\n", "must be the entry's first key");
    REFUSED("- a\n", "begins with its kind");
    REFUSED(SECRET_LEXICON RULE("here.a") "suggest: blcok\napplies: true\nwhen: hit(\"secret\")\n",
            "must be one of: pass, review, block");
    REFUSED(SECRET_LEXICON RULE("here.a") "suggest: block\napplies: true\n", "'when' is missing");
    REFUSED(SECRET_LEXICON RULE("here.a") "suggest: block\nwhen: hit(\"secret\")\n",
            "'applies' is missing");
    REFUSED(
        SECRET_LEXICON RULE("nowhere.a") "suggest: block\napplies: true\nwhen: hit(\"secret\")\n",
        "must begin with a platform or a pack");
}

#define WHEN(expr) SECRET_LEXICON RULE("here.a") "suggest: review\napplies: true\nwhen: " expr "\n"

Test(book_load, refuses_expressions_that_do_not_type_check)
{
    REFUSED(WHEN("hit(\"secert\")"), "unknown lexicon 'secert'", "did you mean 'secret'", "^");
    REFUSED(WHEN("shop.opne"), "shop.opne", "did you mean", "shop.open", "^");
    REFUSED(WHEN("shop.size"), "bool");
    REFUSED(WHEN("shop.size == \"3\""), "(text):");
    REFUSED(WHEN("hit(\"secret\""), "(text):", "^");
    REFUSED(WHEN("near(\"secret\", \"secret\", 201)"), "from 0 to 200");
    REFUSED(WHEN("near(\"secret\", \"secret\", -1)"), "from 0 to 200");
    REFUSED(WHEN("param(\"fee\") == 1"), "unknown parameter 'fee'");
    REFUSED(WHEN("url_in(\"own\")"), "unknown host list 'own'");
}

Test(book_load, refuses_values_that_a_field_cannot_have)
{
    REFUSED(WHEN("message.sender in [\"agent\", \"agnet\"]"),
            "message.sender is never 'agnet'; it is one of: ", "did you mean 'agent'?", "^");
}

Test(book_load, refuses_expressions_too_costly)
{
    REFUSED(WHEN(">-\n  [1,2,3,4,5,6,7,8,9].all(a, [1,2,3,4,5,6,7,8,9].all(b, "
                 "[1,2,3,4,5,6,7,8,9].all(c, "
                 "[1,2,3,4,5,6,7,8,9].all(d, [1,2,3,4,5,6,7,8,9].all(e, [1,2,3,4,5,6,7,8,9].all(f, "
                 "a + b + c + d + e + f > 0))))))"),
            "(text):", "cost");
}

Test(book_load, refuses_citations_of_unknown_sources)
{
    REFUSED("lexicon: s\nwords: [w]\n---\nrule: here.a\ntitle: {zh: 名, en: n}\ncategory: message\n"
            "cites: [{source: lwa, place: x}]\nseverity: minor\nsuggest: review\napplies: true\n"
            "when: hit(\"s\")\n",
            "unknown source 'lwa'", "did you mean law", "sources.yaml", "^");
    REFUSED("lexicon: s\nwords: [w]\n---\nrule: here.a\ntitle: {zh: 名, en: n}\ncategory: message\n"
            "cites: []\nseverity: minor\nsuggest: review\napplies: true\nwhen: hit(\"s\")\n",
            "cites");
    REFUSED("lexicon: s\nwords: [w]\n---\nrule: here.a\ntitle: {zh: 名, en: n}\ncategory: message\n"
            "cites: law\nseverity: minor\nsuggest: review\napplies: true\nwhen: hit(\"s\")\n",
            "cit");
}

Test(book_load, refuses_what_stands_twice)
{
    REFUSED("lexicon: a\nwords: [b]\n---\nlexicon: a\nwords: [c]\n",
            "lexicon 'a' is declared twice");
    REFUSED(
        SECRET_RULE RULE("here.secret") "suggest: block\napplies: true\nwhen: hit(\"secret\")\n",
        "'here.secret' stands already in (text):", "same dates", "give from and until");
    REFUSED(SECRET_LEXICON RULE("here.a") "until: 2024-02-01\nsuggest: block\napplies: true\n"
                                          "when: hit(\"secret\")\n" RULE(
                                              "here.a") "from: 2024-01-31\nsuggest: review\n"
                                                        "applies: true\nwhen: hit(\"secret\")\n",
            "same dates");
    REFUSED("hosts: a\nlist: [x.com]\n---\nhosts: a\nlist: [y.com]\n",
            "hosts 'a' is declared twice");
    REFUSED("sources:\n  law: {title: {zh: 法, en: L}}\n", "source 'law' is declared twice");
    REFUSED("fields: {shop.late: {type: bool}}\n", "'fields' stand in one document");
    REFUSED("packs: [other]\n", "'packs' stand in one document");
    REFUSED("openers: {\"回复：\": {message.kind: title}}\n", "'openers' stand in one document");
    REFUSED("negation: {words: [勿]}\n", "'negation' stand in one document");
    REFUSED("measures: {a: {zh: 甲, en: a}}\n---\nmeasures: {b: {zh: 乙, en: b}}\n",
            "'measures' stand in one document");
    REFUSED("measures: {a: {zh: 甲, en: a}}\nopeners: {\"回复：\": {message.kind: title}}\n",
            "unknown key 'openers'");
}

Test(book_load, refuses_what_could_never_match)
{
    gj_errors *errors = gj_errors_new();
    cr_assert_null(gj_book_from_text(
        GJ_STR("fields:\n  platform: {type: string, values: [here]}\n"
               "  message.sender: {type: string, values: [agent], default: clerk}\n"
               "  message.kind: {type: string, values: [message]}\n"
               "  message.length: {type: int}\n"
               "  shop.authorised_hosts: {type: list(string), default: []}\n"
               "  shop.packs: {type: list(string), default: []}\n---\n"
               "packs: [house]\ntests_on: nowhere\n---\n"
               "openers: {\"标题：\": {message.kind: title}}\n---\n"
               "hosts: own\nlist: [\"https://a.com\", \"*.b.com\", .c.com, d.com]\n"),
        errors));
    const char *told = gj_errors_text(errors);
    cr_expect(strstr(told, "'clerk' is no value of message.sender") != NULL, "%s", told);
    cr_expect(strstr(told, "'nowhere' is no value of platform") != NULL, "%s", told);
    cr_expect(strstr(told, "'title' is no value of message.kind") != NULL, "%s", told);
    cr_expect_eq(gj_errors_count(errors), 6, "%s", told);
    gj_errors_free(errors);
}

/* A class may hold what elsewhere opens, closes and parts. */
Test(book_load, alternatives_with_classes)
{
    struct desk desk =
        small_desk("lexicon: a\npatterns: [\"(甲[)]乙|丙)丁\", \"[]|]戊|己[[(]庚\"]\n" RULE(
            "here.a") "suggest: block\napplies: true\nwhen: hit(\"a\")\n");
    cr_expect_eq(judge(&desk, "here", "丙丁")->hit_count, 1);
    cr_expect_eq(judge(&desk, "here", "丙")->hit_count, 0);
    desk_close(&desk);
}

/* Errors that the caller has gathered before, even more than are kept, are not this rulebook's. */
Test(book_load, a_full_list_of_errors_hides_none)
{
    gj_errors *errors = gj_errors_new();
    for (int i = 0; i <= GJ_ERRORS_MAX; i++) {
        gj_errors_say(errors, "an older one");
    }
    cr_expect_null(gj_book_from_text(GJ_STR(SMALL_BOOK "lexicon: a\nwrods: [b]\n"), errors));
    gj_errors_clear(errors);
    gj_errors_say(errors, "an older one");
    struct gj_book *book = gj_book_from_text(GJ_STR(SMALL_BOOK SECRET_RULE), errors);
    cr_assert_not_null(book);
    struct desk desk = desk_of(gj_rulebook_wrap(book, errors), errors);
    cr_expect_eq(judge(&desk, "here", "来对暗号")->hit_count, 1, "it is whole");
    desk_close(&desk);
}

Test(book_load, dates_that_follow_each_other_are_fine)
{
    struct gj_book *book = small_book(
        SECRET_LEXICON RULE("here.a") "until: 2024-02-01\nsuggest: block\napplies: true\n"
                                      "when: hit(\"secret\")\n" RULE(
                                          "here.a") "from: 2024-02-01\nsuggest: review\n"
                                                    "applies: true\nwhen: hit(\"secret\")\n");
    cr_assert_eq(book->rule_count, 2);
    gj_book_free(book);
    REFUSED(SECRET_LEXICON RULE("here.a") "from: 2024-02-30\nsuggest: block\napplies: true\n"
                                          "when: hit(\"secret\")\n",
            "YYYY-MM-DD and exist");
    REFUSED(SECRET_LEXICON RULE("here.a") "from: 2024-02-02\nuntil: 2024-02-02\nsuggest: block\n"
                                          "applies: true\nwhen: hit(\"secret\")\n",
            "after 'from'");
}

Test(book_load, refuses_circles_of_lexicons)
{
    REFUSED(
        "lexicon: a\ninclude: [b]\n---\nlexicon: b\ninclude: [c]\n---\nlexicon: c\ninclude: [a]\n",
        "in a circle", "break it", "^");
    REFUSED("lexicon: a\ninclude: [a]\n", "in a circle");
    REFUSED("lexicon: a\ninclude: [bb]\nwords: [x]\n---\nlexicon: bc\nwords: [y]\n",
            "did you mean");
}

Test(book_load, includes_that_fan_out_are_bounded)
{
    /* 2^26 ways from the first to the last: it must be refused or loaded, in no time */
    struct gj_buf text;
    gj_buf_init(&text);
    gj_buf_add_cstr(&text, SMALL_BOOK "lexicon: l26\nwords: [x]\n");
    for (int i = 0; i < 26; i++) {
        gj_buf_addf(&text, "---\nlexicon: l%d\ninclude: [l%d, m%d]\n", i, i + 1, i);
        gj_buf_addf(&text, "---\nlexicon: m%d\ninclude: [l%d]\n", i, i + 1);
    }
    gj_errors *errors = gj_errors_new();
    struct gj_book *book = gj_book_from_text(gj_buf_str(&text), errors);
    cr_expect(book != NULL || gj_errors_count(errors) > 0);
    gj_book_free(book);
    gj_errors_free(errors);
    gj_buf_release(&text);
}

Test(book_load, refuses_patterns_with_a_place)
{
    REFUSED("lexicon: a\npatterns: [\"(a\"]\n", "(text):", "^");
    REFUSED("lexicon: a\npatterns: [\"x(?=y)\"]\n", "(text):", "^");
    REFUSED("lexicon: a\npatterns: [\"(x)\\\\1\"]\n", "(text):", "^");
    REFUSED("lexicon: a\npatterns: [\"x?\"]\n", "empty", "^");
    REFUSED("lexicon: a\npatterns: [\"(a{100}){100}\"]\n", "(text):", "^");
}

Test(book_load, packs_suggest_at_most_review)
{
    REFUSED(SECRET_LEXICON RULE("house.a") "suggest: block\napplies: true\nwhen: hit(\"secret\")\n",
            "at most review");
}

Test(book_load, parameters)
{
    REFUSED("param: p\nvalues: {2020-13-01: {value: 1, cites: {source: law}}}\n", "YYYY-MM-DD");
    REFUSED("param: p\nvalues: {2020-01-02: {value: 1, cites: {source: law}}, "
            "2020-01-01: {value: 2, cites: {source: law}}}\n",
            "ascend");
    REFUSED("param: p\nvalues: {2020-01-01: {value: 1, cites: {source: law}}, "
            "2020-01-02: {value: x, cites: {source: law}}}\n",
            "one type");
    REFUSED("param: p\nvalues: {2020-01-01: {value: 1}}\n", "cites");
    REFUSED("param: p\nvalues: {2020-01-01: {value: 1, cites: []}}\n", "cites");
    REFUSED("param: p\nvalues: {2020-01-01: {value: 1, cites: law}}\n", "cit");
    REFUSED("param: p\nvalues: []\n", "'values' must be");
    struct gj_book *book = small_book("param: p\nvalues: {2020-01-02: {value: 1, cites: {source: "
                                      "law}}, 2021-01-01: {value: 2, cites: {source: law}}}\n");
    int64_t day = gj_china_day(GJ_STR("2020-01-02"));
    cr_expect_eq(gj_param_at(&book->params[0], day - 1).kind, GJ_V_ERROR);
    cr_expect_eq(gj_param_at(&book->params[0], day).as.integer, 1);
    cr_expect_eq(gj_param_at(&book->params[0], INT64_MAX).as.integer, 2);
    gj_book_free(book);
}

Test(book_load, all_errors_in_one_run)
{
    REFUSED(
        "lexicon: a\nfold: [homofone]\nwords: [x]\n---\nlexicon: a2\nweak: no\nwords: [x]\n---\n"
        "rule: here.b\n",
        "must be one of", "'cites' is missing", "'title", "'severity'");
}

Test(book_load, a_rulebook_needs_its_fields)
{
    gj_errors *errors = gj_errors_new();
    cr_assert_null(gj_book_from_text(GJ_STR("packs: [a]\n"), errors));
    cr_expect(strstr(gj_errors_text(errors), "declares no field 'platform'") != NULL);
    gj_errors_clear(errors);
    cr_expect_null(gj_book_from_text(GJ_STR("fields:\n  platform: {type: bool}\n"
                                            "  message.sender: {type: string}\n"
                                            "  message.kind: {type: string}\n"
                                            "  message.length: {type: int}\n"
                                            "  shop.authorised_hosts: {type: list(string)}\n"
                                            "  shop.packs: {type: list(string)}\n"),
                                     errors));
    cr_expect(strstr(gj_errors_text(errors), "platform") != NULL, "%s", gj_errors_text(errors));
    gj_errors_free(errors);
}

/* ---- folders and the cache ---- */

struct folders {
    char top[64], book[80], cache[80], file[100];
};

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(text, 1, strlen(text), file), strlen(text));
    cr_assert_eq(fclose(file), 0);
}

static struct folders folders_new(void)
{
    struct folders f = {.top = "/tmp/guiju-test-XXXXXX"};
    cr_assert_not_null(mkdtemp(f.top));
    snprintf(f.book, sizeof f.book, "%s/book", f.top);
    snprintf(f.cache, sizeof f.cache, "%s/cache", f.top);
    snprintf(f.file, sizeof f.file, "%s/a.yaml", f.book);
    cr_assert_eq(mkdir(f.book, 0700), 0);
    put(f.file, SMALL_BOOK SECRET_RULE);
    return f;
}

static void folders_remove(const struct folders *f)
{
    char command[120];
    snprintf(command, sizeof command, "rm -rf '%s'", f->top);
    cr_assert_eq(system(command), 0);
}

/* Opens, judges one message that the rule blocks, closes; returns how much was told. */
static size_t opens(const char *book, const char *cache, const char *part)
{
    gj_errors *errors = gj_errors_new();
    gj_rulebook *rulebook = gj_rulebook_open(book, cache, errors);
    cr_assert(rulebook != NULL, "%s", gj_errors_text(errors));
    size_t told = gj_errors_count(errors);
    cr_expect(part == NULL || strstr(gj_errors_text(errors), part) != NULL, "%s",
              gj_errors_text(errors));
    struct desk desk = desk_of(rulebook, errors);
    cr_expect_eq(judge(&desk, "here", "对个暗号吧")->suggestion, GJ_BLOCK);
    cr_expect_eq(judge(&desk, "here", "研究暗号学")->suggestion, GJ_PASS);
    desk_close(&desk);
    return told;
}

static void cache_file(const struct folders *f, char *out, size_t size)
{
    gj_errors *errors = gj_errors_new();
    gj_rulebook *rulebook = gj_rulebook_open(f->book, f->cache, errors);
    cr_assert_not_null(rulebook);
    snprintf(out, size, "%s/%s.book", f->cache, gj_rulebook_hash(rulebook));
    gj_rulebook_free(rulebook);
    gj_errors_free(errors);
}

Test(book_load, the_cache_gives_the_same_verdicts)
{
    struct folders f = folders_new();
    char path[160];
    cr_expect_eq(opens(f.book, "", NULL), 0);
    cr_expect_eq(opens(f.book, f.cache, NULL), 0);
    cache_file(&f, path, sizeof path);
    cr_expect_eq(access(path, R_OK), 0);
    cr_expect_eq(opens(f.book, f.cache, NULL), 0);
    folders_remove(&f);
}

Test(book_load, a_broken_cache_is_made_anew)
{
    struct folders f = folders_new();
    char path[160];
    cache_file(&f, path, sizeof path);
    struct stat about;
    cr_assert_eq(stat(path, &about), 0);
    static const double cuts[] = {0, 0.1, 0.5, 0.99};
    for (size_t i = 0; i < 4; i++) {
        cr_assert_eq(truncate(path, (off_t)((double)about.st_size * cuts[i])), 0);
        cr_expect_eq(opens(f.book, f.cache, NULL), 0, "cut %zu", i);
        struct stat again;
        cr_expect(stat(path, &again) == 0 && again.st_size == about.st_size);
    }
    for (off_t at = 0; at < about.st_size; at += about.st_size / 40 + 1) {
        int file = open(path, O_RDWR);
        char byte = 0;
        cr_assert(file >= 0 && pread(file, &byte, 1, at) == 1);
        byte = (char)(byte ^ 0x5A);
        cr_assert_eq(pwrite(file, &byte, 1, at), 1);
        close(file);
        cr_expect_eq(opens(f.book, f.cache, NULL), 0, "changed at %ld", (long)at);
    }
    folders_remove(&f);
}

Test(book_load, a_cache_that_cannot_be_written_is_told)
{
    struct folders f = folders_new();
    put(f.cache, "a file where the folder should be");
    cr_expect_eq(opens(f.book, f.cache, "XDG_CACHE_HOME"), 1);
    cr_expect_eq(opens(f.book, "/dev/full", "could not be kept"), 1);
    cr_expect_eq(opens(f.book, "/proc/nowhere", "could not be kept"), 1);
    folders_remove(&f);
}

Test(book_load, a_change_of_the_rules_is_seen)
{
    struct folders f = folders_new();
    char before[160], after[160];
    cache_file(&f, before, sizeof before);
    put(f.file, SMALL_BOOK SECRET_RULE "# another word\n");
    cache_file(&f, after, sizeof after);
    cr_expect_str_neq(before, after);
    folders_remove(&f);
}

/* Same path, size and times: only the content tells. */
Test(book_load, a_change_that_leaves_size_and_time_is_seen)
{
    struct folders f = folders_new();
    struct stat about;
    char before[160], after[160];
    put(f.file, SMALL_BOOK SECRET_RULE "# one\n");
    cr_assert_eq(stat(f.file, &about), 0);
    cache_file(&f, before, sizeof before);
    put(f.file, SMALL_BOOK SECRET_RULE "# two\n");
    const struct timespec times[2] = {about.st_atim, about.st_mtim};
    cr_assert_eq(utimensat(AT_FDCWD, f.file, times, 0), 0);
    cache_file(&f, after, sizeof after);
    cr_expect_str_neq(before, after);
    folders_remove(&f);
}

Test(book_load, a_cache_of_another_version_is_made_anew)
{
    struct folders f = folders_new();
    char path[160], magic[9] = "";
    cache_file(&f, path, sizeof path);
    int file = open(path, O_RDWR);
    cr_assert(file >= 0 && pread(file, magic, 8, 0) == 8);
    cr_assert_eq(pwrite(file, "GJBOOK00", 8, 0), 8);
    close(file);
    cr_expect_eq(opens(f.book, f.cache, NULL), 0);
    char again[9] = "";
    file = open(path, O_RDONLY);
    cr_assert(file >= 0 && pread(file, again, 8, 0) == 8);
    close(file);
    cr_expect_str_eq(again, magic);
    folders_remove(&f);
}

Test(book_load, folders_that_are_none)
{
    gj_errors *errors = gj_errors_new();
    cr_expect_null(gj_rulebook_open("/nonexistent/rulebook", "", errors));
    cr_expect(strstr(gj_errors_text(errors), "--rulebook") != NULL);
    gj_errors_clear(errors);
    struct folders f = folders_new();
    cr_assert_eq(unlink(f.file), 0);
    cr_expect_null(gj_rulebook_open(f.book, "", errors));
    cr_expect(strstr(gj_errors_text(errors), "no .yaml file") != NULL);
    gj_errors_clear(errors);
    cr_assert_eq(symlink("/nonexistent/x.yaml", f.file), 0);
    cr_expect_null(gj_rulebook_open(f.book, "", errors));
    cr_expect(strstr(gj_errors_text(errors), "cannot be read") != NULL);
    folders_remove(&f);
    gj_errors_free(errors);
}

/* What is named as if it were read and is not is told, all of it; other files are none of ours. */
Test(book_load, names_that_look_like_yaml)
{
    static const char *const names[] = {"a.yml", "B.YAML", "c.Yml"}, *const others[] = {
                                                                         "README.md", "yml",
                                                                         "d.yaml.bak", ".e.yml",
                                                                         "yaml"};
    struct folders f = folders_new();
    char path[200];
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", f.book, others[i]);
        put(path, "no: [yaml");
    }
    gj_errors *errors = gj_errors_new();
    gj_rulebook *book = gj_rulebook_open(f.book, "", errors);
    cr_expect_not_null(book, "%s", gj_errors_text(errors));
    gj_rulebook_free(book);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", f.book, names[i]);
        put(path, "no: [yaml");
    }
    cr_expect_null(gj_rulebook_open(f.book, "", errors));
    cr_expect_eq(gj_errors_count(errors), 3, "%s", gj_errors_text(errors));
    cr_expect(strstr(gj_errors_text(errors), "a.yml: is not read; let its name end in .yaml") !=
              NULL);
    folders_remove(&f);
    gj_errors_free(errors);
}

/* What lies too deep is told, not passed over: its rules would be missing. */
Test(book_load, folders_too_deep)
{
    struct folders f = folders_new();
    char path[200];
    size_t len = (size_t)snprintf(path, sizeof path, "%s", f.book);
    for (int i = 0; i < 9; i++) {
        len += (size_t)snprintf(path + len, sizeof path - len, "/d");
        cr_assert_eq(mkdir(path, 0700), 0);
        gj_errors *errors = gj_errors_new();
        gj_rulebook *book = gj_rulebook_open(f.book, "", errors);
        cr_expect_eq(book != NULL, i < 8, "%d: %s", i, gj_errors_text(errors));
        cr_expect(i < 8 || strstr(gj_errors_text(errors), "8 folders deep") != NULL);
        gj_rulebook_free(book);
        gj_errors_free(errors);
    }
    folders_remove(&f);
}

Test(book_load, carets_stand_under_the_place)
{
    REFUSED(
        SECRET_LEXICON RULE("here.a") "suggest: review\napplies: true\nwhen: hitt(\"secret\")\n",
        "  when: hitt(\"secret\")\n        ^");
    REFUSED(
        SECRET_LEXICON RULE("here.a") "suggest: review\napplies: true\nwhen: 'hitt(\"secret\")'\n",
        "  when: 'hitt(\"secret\")'\n         ^");
}
