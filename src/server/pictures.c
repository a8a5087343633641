/* Room server: GET /v1/flows/{id}.svg and .mmd (see rules.h). A picture is drawn once for each
 * rulebook and language, and kept. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errors.h"
#include "server/clerk.h"
#include "server/dot.h"
#include "server/rules.h"

#define PICTURES_MAX 128 /* more flows than that are drawn each time */
#define DRAW_SECONDS 10

struct picture {
    char *flow, *svg;
    size_t len;
    bool english;
};

struct gj_pictures {
    pthread_mutex_t lock;
    uint64_t edition; /* of all of them */
    struct picture items[PICTURES_MAX];
    size_t count;
};

struct gj_pictures *gj_pictures_new(void)
{
    struct gj_pictures *all = calloc(1, sizeof *all);
    if (all != NULL) {
        pthread_mutex_init(&all->lock, NULL);
    }
    return all;
}

static void forget(struct gj_pictures *all)
{
    for (size_t i = 0; i < all->count; i++) {
        free(all->items[i].flow);
        free(all->items[i].svg);
    }
    all->count = 0;
}

void gj_pictures_free(struct gj_pictures *all)
{
    if (all != NULL) {
        forget(all);
        pthread_mutex_destroy(&all->lock);
        free(all);
    }
}

/* Answers with the picture if it is kept. */
static bool find(struct gj_request *r, const struct gj_edition *edition)
{
    struct gj_pictures *all = r->server->pictures;
    bool found = false;
    pthread_mutex_lock(&all->lock);
    for (size_t i = 0; i < all->count && !found && all->edition == edition->number; i++) {
        const struct picture *p = &all->items[i];
        found = p->english == r->english && strcmp(p->flow, r->captures[0].ptr) == 0;
        if (found) {
            gj_buf_add(&r->answer.body, p->svg, p->len);
        }
    }
    pthread_mutex_unlock(&all->lock);
    return found;
}

static void keep(struct gj_request *r, const struct gj_edition *edition)
{
    struct gj_pictures *all = r->server->pictures;
    struct picture p = {.flow = strdup(r->captures[0].ptr),
                        .svg = malloc(r->answer.body.len + 1),
                        .len = r->answer.body.len,
                        .english = r->english};
    pthread_mutex_lock(&all->lock);
    if (edition->number > all->edition) {
        forget(all);
        all->edition = edition->number;
    }
    if (p.flow != NULL && p.svg != NULL && edition->number == all->edition &&
        all->count < PICTURES_MAX) {
        memcpy(p.svg, r->answer.body.ptr, p.len);
        all->items[all->count++] = p;
        p = (struct picture){0};
    }
    pthread_mutex_unlock(&all->lock);
    free(p.flow);
    free(p.svg);
}

/* The flow as source. NULL: answered. */
static char *source_of(struct gj_request *r, const struct gj_edition *edition, gj_drawing kind,
                       gj_errors *errors)
{
    char *text = NULL;
    int status = gj_flow_draw(edition->book, r->captures[0].ptr, kind, r->english, &text, errors);
    if (status == GJ_EINPUT) {
        gj_problem(r, "not-found", "没有这个流程，见 /v1/rules?kind=flow",
                   "there is no such flow; see /v1/rules?kind=flow");
    } else if (status != GJ_OK) {
        gj_problemf(r, "internal", "画图失败：%s", "it cannot be drawn: %s",
                    gj_errors_text(errors));
    }
    return text;
}

/* Appends what the file holds. */
static int read_back(int file, struct gj_buf *out)
{
    struct stat st;
    if (fstat(file, &st) != 0 || gj_buf_reserve(out, (size_t)st.st_size) != 0 ||
        pread(file, out->ptr + out->len, (size_t)st.st_size, 0) != st.st_size) {
        return -1;
    }
    out->len += (size_t)st.st_size;
    out->ptr[out->len] = '\0';
    return 0;
}

static void draw(struct gj_request *r, const struct gj_edition *edition, gj_errors *errors)
{
    char *source = source_of(r, edition, GJ_DRAW_DOT, errors);
    if (source == NULL) {
        return;
    }
    int file = memfd_create("svg", MFD_CLOEXEC);
    if (file < 0 || gj_dot("svg", source, file, DRAW_SECONDS, errors) != 0 ||
        read_back(file, &r->answer.body) != 0) {
        gj_problemf(r, "internal", "画图失败：%s", "it cannot be drawn: %s",
                    gj_errors_text(errors));
    } else {
        keep(r, edition);
        r->answer.status = 200;
    }
    if (file >= 0) {
        close(file);
    }
    gj_string_free(source);
}

static void run(struct gj_request *r)
{
    struct gj_edition *edition = gj_edition_take(r->server);
    gj_errors *errors = gj_errors_new();
    if (errors != NULL) {
        draw(r, edition, errors);
    }
    gj_errors_free(errors);
    gj_edition_leave(edition);
    r->answer.type = r->answer.status == 200 ? "image/svg+xml" : r->answer.type;
}

enum gj_handled gj_flow_svg(struct gj_request *r)
{
    struct gj_edition *edition = gj_edition_take(r->server);
    bool unchanged = gj_rules_unchanged(r, edition);
    bool found = !unchanged && find(r, edition);
    gj_edition_leave(edition);
    if (found) {
        r->answer.status = 200;
        r->answer.type = "image/svg+xml";
    }
    return unchanged || found ? GJ_ANSWERED : gj_clerk_ask(r, run);
}

enum gj_handled gj_flow_mermaid(struct gj_request *r)
{
    struct gj_edition *edition = gj_edition_take(r->server);
    gj_errors *errors = gj_errors_new();
    char *text = NULL;
    if (errors != NULL && !gj_rules_unchanged(r, edition)) {
        text = source_of(r, edition, GJ_DRAW_MERMAID, errors);
    }
    if (text != NULL) {
        gj_buf_add_cstr(&r->answer.body, text);
        r->answer.status = 200;
        r->answer.type = "text/vnd.mermaid; charset=utf-8";
    }
    gj_string_free(text);
    gj_errors_free(errors);
    gj_edition_leave(edition);
    return GJ_ANSWERED;
}
