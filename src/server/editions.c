/* Room server: rulebooks in force: loaded and checked whole, then put in the place of the one
 * before; who still works by that one ends by it (see server.h). */
#include <stdlib.h>
#include <string.h>

#include "base/errors.h"
#include "server/server.h"

struct gj_edition *gj_edition_take(struct gj_server *server)
{
    struct gj_editions *all = &server->editions;
    pthread_mutex_lock(&all->lock);
    struct gj_edition *edition = all->current;
    atomic_fetch_add(&edition->users, 1);
    pthread_mutex_unlock(&all->lock);
    return edition;
}

void gj_edition_leave(struct gj_edition *edition)
{
    if (edition != NULL && atomic_fetch_sub(&edition->users, 1) == 1) {
        gj_rulebook_free(edition->book);
        free(edition->dir);
        free(edition);
    }
}

struct gj_edition *gj_edition_load(struct gj_server *server, const char *dir, gj_errors *errors)
{
    struct gj_edition *edition = calloc(1, sizeof *edition);
    if (edition == NULL) {
        return NULL;
    }
    atomic_init(&edition->users, 1);
    edition->dir = strdup(dir);
    edition->book = gj_rulebook_open(dir, server->settings.cache, errors);
    if (edition->book == NULL || edition->dir == NULL ||
        gj_rulebook_read_events(edition->book, errors) != GJ_OK) {
        gj_edition_leave(edition);
        return NULL;
    }
    edition->since = gj_server_now(server);
    return edition;
}

void gj_edition_enact(struct gj_server *server, struct gj_edition *edition)
{
    struct gj_editions *all = &server->editions;
    pthread_mutex_lock(&all->lock);
    struct gj_edition *before = all->current;
    edition->number = before == NULL ? 1 : before->number + 1;
    all->current = edition;
    atomic_store_explicit(&all->number, edition->number, memory_order_release);
    pthread_mutex_unlock(&all->lock);
    gj_edition_leave(before);
}
