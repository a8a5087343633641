/* Room server: GET /v1/rules, /v1/rules/{id}, /v1/scripts, /v1/guidance (see rules.h). */
#include "server/rules.h"

#include <stdio.h>
#include <string.h>

#include "server/list.h"
#include "server/tell.h"

#define KINDS "rule, script, flow, finding, counter, metric, ladder, guidance"

bool gj_rules_unchanged(struct gj_request *r, const struct gj_edition *edition)
{
    char tag[96];
    const char *has = gj_request_header(r, "If-None-Match");
    snprintf(tag, sizeof tag, "\"%s-%s\"", gj_rulebook_hash(edition->book),
             r->english ? "en" : "zh");
    gj_answer_header(r, "ETag", tag);
    gj_answer_header(r, "Cache-Control", "private, no-cache"); /* kept, and asked about each time */
    gj_answer_header(r, "Vary", "Accept-Language");
    if (has == NULL || (strstr(has, tag) == NULL && strcmp(has, "*") != 0)) {
        return false;
    }
    r->answer.status = 304;
    return true;
}

/* ---- an entry ---- */

static void add_citations(struct gj_buf *out, const gj_entry_info *e)
{
    gj_buf_add_cstr(out, ",\"citations\":[");
    for (size_t i = 0; i < e->citation_count; i++) {
        gj_buf_add_cstr(out, i > 0 ? ",{\"source\":" : "{\"source\":");
        gj_json_add_string(out, gj_str_of(e->citations[i].source));
        gj_tell_text(out, "title", e->citations[i].title);
        gj_tell_text(out, "place", e->citations[i].place);
        gj_tell_text(out, "date", e->citations[i].date);
        gj_buf_add_char(out, '}');
    }
    gj_buf_add_char(out, ']');
}

static void add_covers(struct gj_buf *out, const gj_entry_info *e)
{
    gj_buf_add_cstr(out, ",\"covers\":[");
    for (size_t i = 0; i < e->cover_count; i++) {
        gj_buf_add_cstr(out, i > 0 ? "," : "");
        gj_json_add_string(out, gj_str_of(e->covers[i]));
    }
    gj_buf_add_char(out, ']');
}

/* A detail without a name goes on with the one before. */
static void add_details(const struct gj_request *r, struct gj_buf *out, const gj_entry_info *e)
{
    const char *name = "";
    gj_buf_add_cstr(out, ",\"details\":[");
    for (size_t i = 0; i < e->detail_count; i++) {
        const gj_detail *d = &e->details[i];
        name = d->name[0] == '\0' ? name : d->name;
        gj_buf_add_cstr(out, i > 0 ? ",{\"name\":" : "{\"name\":");
        gj_json_add_string(out, gj_str_of(name));
        gj_buf_add_cstr(out, ",\"text\":");
        gj_json_add_string(out, gj_str_of(gj_tell_either(r->english, d->zh, d->en)));
        gj_buf_add_char(out, '}');
    }
    gj_buf_add_char(out, ']');
}

/* A file of the rulebook, without the folder in which this server has it. */
static const char *in_book(const char *dir, const char *file)
{
    size_t len = strlen(dir);
    file += strncmp(file, dir, len) == 0 ? len : 0;
    return file + strspn(file, "/");
}

static void add_entry(const struct gj_request *r, struct gj_buf *out,
                      const struct gj_edition *edition, const gj_entry_info *e)
{
    gj_buf_addf(out, "{\"kind\":\"%s\"", gj_entry_kind_name(e->kind));
    gj_tell_text(out, "id", e->id);
    gj_tell_text(out, "title", gj_tell_either(r->english, e->title_zh, e->title_en));
    gj_tell_text(out, "category", e->category);
    gj_tell_text(out, "suggest", e->suggest);
    gj_tell_text(out, "severity", e->severity);
    gj_tell_text(out, "situation", e->situation);
    gj_tell_text(out, "reply", gj_tell_either(r->english, e->reply_zh, e->reply_en));
    gj_tell_text(out, "applies", e->applies);
    gj_tell_text(out, "when", e->when);
    gj_tell_text(out, "from", e->from);
    gj_tell_text(out, "until", e->until);
    add_details(r, out, e);
    add_citations(out, e);
    add_covers(out, e);
    gj_tell_int(out, "tests", (int64_t)e->test_count);
    gj_tell_text(out, "file", in_book(edition->dir, e->file));
    gj_tell_int(out, "line", e->line);
    gj_buf_add_char(out, '}');
}

/* ---- which entries are asked for ---- */

struct wanted {
    const struct gj_edition *edition;
    const gj_rulebook *book;
    const char *platform, *kind, *situation, *q; /* NULL: any */
    const char *const *kinds;                    /* the list's own, ended by NULL; NULL: all */
};

/* Whether `text` names a value in quotes. */
static bool names(const char *text, const char *value)
{
    size_t len = strlen(value);
    for (const char *at = text; (at = strstr(at, value)) != NULL; at++) {
        if (at > text && (at[-1] == '"' || at[-1] == '\'') && at[-1] == at[len]) {
            return true;
        }
    }
    return false;
}

/* Whether the entry is of the platform: its condition names it, or names none and the id belongs to
 * it or to no platform. */
static bool is_of_platform(const struct wanted *w, const gj_entry_info *e)
{
    size_t first = strcspn(e->id, ".");
    bool named = false, others = false;
    const char *platform = NULL;
    for (size_t i = 0; (platform = gj_rulebook_platform(w->book, i)) != NULL; i++) {
        bool own = strlen(platform) == first && strncmp(platform, e->id, first) == 0;
        named |= names(e->applies, platform);
        others |= own && strcmp(platform, w->platform) != 0;
    }
    return named ? names(e->applies, w->platform) : !others;
}

static bool has_word(const gj_entry_info *e, const char *word)
{
    const char *const texts[] = {e->id,       e->title_zh, e->title_en,  e->category,
                                 e->reply_zh, e->reply_en, e->situation, e->when};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (strcasestr(texts[i], word) != NULL) {
            return true;
        }
    }
    for (size_t i = 0; i < e->detail_count; i++) {
        if (strcasestr(e->details[i].zh, word) != NULL ||
            strcasestr(e->details[i].en, word) != NULL) {
            return true;
        }
    }
    return false;
}

/* Whether the entry has all words of the query. */
static bool has_words(const gj_entry_info *e, const char *query)
{
    char word[128];
    while (*(query += strspn(query, " +")) != '\0') {
        size_t len = strcspn(query, " +");
        snprintf(word, sizeof word, "%.*s", (int)(len < sizeof word ? len : sizeof word - 1),
                 query);
        if (!has_word(e, word)) {
            return false;
        }
        query += len;
    }
    return true;
}

static bool is_wanted(const struct wanted *w, const gj_entry_info *e)
{
    const char *kind = gj_entry_kind_name(e->kind);
    bool listed = w->kinds == NULL;
    for (size_t i = 0; !listed && w->kinds[i] != NULL; i++) {
        listed = strcmp(w->kinds[i], kind) == 0;
    }
    return listed && (w->kind == NULL || strcmp(w->kind, kind) == 0) &&
           (w->situation == NULL || strcasestr(e->situation, w->situation) != NULL) &&
           (w->platform == NULL || is_of_platform(w, e)) && (w->q == NULL || has_words(e, w->q));
}

/* ---- lists: the cursor names the entry by kind and id ---- */

static bool is_after(const struct gj_page *page, const gj_entry_info *e)
{
    return gj_str_eq(page->after[0], gj_str_of(gj_entry_kind_name(e->kind))) &&
           gj_str_eq(page->after[1], gj_str_of(e->id));
}

/* The first entry behind the cursor's; SIZE_MAX: the rulebook no longer has that one. */
static size_t begin_at(const struct gj_page *page, const gj_rulebook *book)
{
    size_t count = gj_rulebook_entry_count(book);
    for (size_t i = 0; !page->first && i < count; i++) {
        gj_entry_info e = gj_rulebook_entry(book, i);
        if (is_after(page, &e)) {
            return i + 1;
        }
    }
    return page->first ? 0 : SIZE_MAX;
}

static enum gj_handled list(struct gj_request *r, struct gj_page *page, const struct wanted *w)
{
    size_t count = gj_rulebook_entry_count(w->book), i = begin_at(page, w->book);
    if (i == SIZE_MAX) {
        return gj_problem(r, "gone", "规则库已更换，请去掉 cursor 从头开始",
                          "the rulebook is another one now: leave the cursor out to begin anew");
    }
    gj_page_begin(page);
    for (; i < count; i++) {
        gj_entry_info e = gj_rulebook_entry(w->book, i);
        if (!is_wanted(w, &e)) {
            continue;
        }
        if (!gj_page_takes(page)) {
            break;
        }
        const struct gj_str parts[] = {gj_str_of(gj_entry_kind_name(e.kind)), gj_str_of(e.id)};
        add_entry(r, gj_page_item(page), w->edition, &e);
        gj_page_at(page, parts);
    }
    gj_page_end(page);
    return GJ_ANSWERED;
}

static bool is_platform(const gj_rulebook *book, const char *name)
{
    const char *platform = NULL;
    for (size_t i = 0; (platform = gj_rulebook_platform(book, i)) != NULL; i++) {
        if (strcmp(platform, name) == 0) {
            return true;
        }
    }
    return false;
}

static enum gj_handled get_list(struct gj_request *r, const char *const *kinds)
{
    struct gj_page *page = gj_page_new(r, 2);
    if (page == NULL) {
        return GJ_ANSWERED;
    }
    const char *kind = NULL;
    if (!gj_request_choice(r, "kind", KINDS, &kind)) {
        return GJ_ANSWERED;
    }
    struct gj_edition *edition = gj_edition_take(r->server);
    struct wanted w = {.edition = edition,
                       .book = edition->book,
                       .platform = gj_request_query(r, "platform"),
                       .kind = kind,
                       .situation = gj_request_query(r, "situation"),
                       .q = gj_request_query(r, "q"),
                       .kinds = kinds};
    if (w.platform != NULL && !is_platform(w.book, w.platform)) {
        gj_problem(r, "bad-request", "platform：规则库没有这个平台",
                   "platform: the rulebook has no such platform");
    } else if (!gj_rules_unchanged(r, edition)) {
        list(r, page, &w);
    }
    gj_edition_leave(edition);
    return GJ_ANSWERED;
}

enum gj_handled gj_rules_get(struct gj_request *r)
{
    return get_list(r, NULL);
}

enum gj_handled gj_scripts_get(struct gj_request *r)
{
    static const char *const kinds[] = {"script", NULL};
    return get_list(r, kinds);
}

enum gj_handled gj_guidance_get(struct gj_request *r)
{
    static const char *const kinds[] = {"guidance", NULL};
    return get_list(r, kinds);
}

/* ---- one ---- */

enum gj_handled gj_rule_get(struct gj_request *r)
{
    struct gj_edition *edition = gj_edition_take(r->server);
    size_t count = gj_rulebook_entry_count(edition->book), i = 0;
    for (; i < count; i++) {
        gj_entry_info e = gj_rulebook_entry(edition->book, i);
        if (gj_str_eq(gj_str_of(e.id), r->captures[0])) {
            if (!gj_rules_unchanged(r, edition)) {
                add_entry(r, &r->answer.body, edition, &e);
                gj_buf_add_char(&r->answer.body, '\n');
                gj_answer_json(r, 200);
            }
            break;
        }
    }
    gj_edition_leave(edition);
    return i < count ? GJ_ANSWERED
                     : gj_problem(r, "not-found", "规则库没有这个编号，见 /v1/rules?q=",
                                  "the rulebook has no such id; see /v1/rules?q=");
}
