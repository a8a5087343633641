/* Room server: GET and POST /v1/rulebook (see rulebook.h). A rulebook is loaded and checked whole
 * before it takes the place of the one in force; with an error nothing changes. The clerk does it,
 * one after the other. */
#include "server/rulebook.h"

#include <stdlib.h>
#include <string.h>

#include "base/errors.h"
#include "server/candidate.h"
#include "server/clerk.h"
#include "server/tell.h"

struct gj_edition *gj_rulebook_first(struct gj_server *server, gj_errors *errors)
{
    char *noted = NULL;
    if (gj_candidate_noted(server, &noted, errors) != 0) {
        return NULL;
    }
    struct gj_edition *edition =
        gj_edition_load(server, noted == NULL ? server->settings.rulebook : noted, errors);
    if (edition == NULL && noted != NULL) {
        gj_errors_say(errors,
                      "%s was put in force by POST /v1/rulebook; mend it, or remove %s.rulebooks/"
                      "current to begin with %s",
                      noted, server->settings.db, server->settings.rulebook);
    }
    free(noted);
    return edition;
}

/* ---- telling ---- */

static void add_entries(struct gj_buf *out, const gj_rulebook *book)
{
    size_t counts[GJ_ENTRY_GUIDANCE + 1] = {0};
    for (size_t i = 0; i < gj_rulebook_entry_count(book); i++) {
        counts[gj_rulebook_entry(book, i).kind]++;
    }
    gj_buf_add_cstr(out, ",\"entries\":{");
    for (size_t kind = 0; kind <= GJ_ENTRY_GUIDANCE; kind++) {
        gj_buf_addf(out, "%s\"%s\":%zu", kind > 0 ? "," : "",
                    gj_entry_kind_name((gj_entry_kind)kind), counts[kind]);
    }
    gj_buf_add_char(out, '}');
}

static enum gj_handled tell(struct gj_request *r)
{
    struct gj_buf *out = &r->answer.body;
    struct gj_edition *edition = gj_edition_take(r->server);
    gj_buf_addf(out, "{\"hash\":\"%s\"", gj_rulebook_hash(edition->book));
    gj_tell_text(out, "dir", edition->dir);
    gj_tell_at(out, "since", edition->since);
    gj_tell_int(out, "number", (int64_t)edition->number);
    add_entries(out, edition->book);
    gj_buf_add_cstr(out, "}\n");
    gj_edition_leave(edition);
    return gj_answer_json(r, 200);
}

enum gj_handled gj_rulebook_get(struct gj_request *r)
{
    return tell(r);
}

/* ---- changing ---- */

/* Puts it in force, noted first: a restart must not go back behind what has been answered. */
static void enact(struct gj_request *r, struct gj_edition *edition, const char *note,
                  gj_errors *errors)
{
    if (gj_candidate_note(r->server, note, errors) != 0) {
        gj_edition_leave(edition);
        gj_problem_errors(r, "storage-full", errors);
        return;
    }
    gj_edition_enact(r->server, edition);
    gj_candidate_tidy(r->server, false);
    tell(r);
}

/* Loads the folder `dir` anew, that of the settings or one that came over HTTP. */
static void load(struct gj_request *r, const char *dir, gj_errors *errors)
{
    struct gj_server *server = r->server;
    struct gj_edition *edition = gj_edition_load(server, dir, errors);
    if (edition == NULL) {
        gj_candidate_errors(errors, dir);
        gj_problem_errors(r, "bad-rulebook", errors);
        return;
    }
    enact(r, edition, strcmp(dir, server->settings.rulebook) == 0 ? NULL : edition->dir, errors);
}

static void load_candidate(struct gj_request *r, const char *dir, gj_errors *errors)
{
    struct gj_edition *edition = gj_edition_load(r->server, dir, errors);
    if (edition == NULL) {
        gj_candidate_errors(errors, dir);
        gj_problem_errors(r, "bad-rulebook", errors);
        gj_candidate_remove(dir);
        return;
    }
    char *kept = gj_candidate_keep(r->server, dir, gj_rulebook_hash(edition->book), errors);
    if (kept == NULL) {
        gj_problem_errors(r, "internal", errors);
        gj_edition_leave(edition);
        gj_candidate_remove(dir);
        return;
    }
    free(edition->dir);
    edition->dir = kept;
    enact(r, edition, kept, errors);
}

static bool is_true(const struct gj_body *body, const char *name)
{
    const struct gj_json *n = gj_body_member(body, name);
    return n != NULL && n->kind == GJ_JSON_BOOL && n->integer != 0;
}

static void change(struct gj_request *r, const struct gj_body *body, gj_errors *errors)
{
    struct gj_edition *now = gj_edition_take(r->server);
    if (gj_body_member(body, "files") != NULL) {
        char *dir = gj_candidate_make(body, now->dir);
        if (dir != NULL) {
            load_candidate(r, dir, errors);
        }
        free(dir);
    } else if (is_true(body, "reset")) {
        load(r, r->server->settings.rulebook, errors);
    } else if (body->root == NULL || is_true(body, "reload")) {
        load(r, now->dir, errors);
    } else {
        gj_problem(
            r, "unprocessable",
            "应为空，或 {\"reload\": true}、{\"reset\": true}、{\"files\": {...}}",
            "nothing is wanted, or {\"reload\": true}, {\"reset\": true}, {\"files\": {...}}");
    }
    gj_edition_leave(now);
}

static void run(struct gj_request *r)
{
    struct gj_body body;
    gj_errors *errors = gj_errors_new();
    if (errors != NULL && gj_body_open(r, true, &body) &&
        gj_body_only(&body, "files,reload,reset")) {
        pthread_mutex_lock(&r->server->editions.changing);
        change(r, &body, errors);
        pthread_mutex_unlock(&r->server->editions.changing);
    }
    gj_errors_free(errors);
}

/* The rulebook is that of all tenants and shops. */
enum gj_handled gj_rulebook_post(struct gj_request *r)
{
    if (!gj_str_is(r->who.tenant, "default") || r->who.source_count > 0) {
        return gj_problem(r, "forbidden", "规则库为所有租户与店铺共用，只有默认租户的编辑可以更换",
                          "the rulebook is that of all tenants and shops; an editor of the default "
                          "tenant changes it");
    }
    return gj_clerk_ask(r, run);
}
