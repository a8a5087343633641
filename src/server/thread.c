/* Room server: what each serving thread keeps between requests: verdicts by the rulebook in
 * force, a parser, requests whose memory is used again (see server.h). */
#include <stdlib.h>

#include "people/mask.h"
#include "server/http.h"
#include "server/verdicts.h"

#define SPARE_MAX  64              /* requests kept for the next ones */
#define KEEP_BYTES ((size_t)65536) /* of a buffer; a bigger one is given back */

struct thread {
    struct gj_edition *edition; /* of the verdicts */
    struct gj_verdicts *verdicts;
    struct gj_json_parser *parser;
    struct gj_mask_json *mask;
    struct gj_request *spare;
    size_t spare_count;
};

static void free_request(struct gj_request *r)
{
    gj_buf_release(&r->body);
    gj_buf_release(&r->answer.body);
    gj_arena_release(&r->arena);
    free(r);
}

void gj_thread_end(void *state)
{
    struct thread *t = state;
    gj_verdicts_free(t->verdicts);
    gj_edition_leave(t->edition);
    gj_json_parser_free(t->parser);
    gj_mask_json_free(t->mask);
    while (t->spare != NULL) {
        struct gj_request *r = t->spare;
        t->spare = r->next;
        free_request(r);
    }
    free(t);
}

static struct thread *here(struct gj_server *server)
{
    struct thread *t = pthread_getspecific(server->thread_key);
    if (t == NULL && (t = calloc(1, sizeof *t)) != NULL) {
        pthread_setspecific(server->thread_key, t);
    }
    return t;
}

struct gj_verdicts *gj_thread_verdicts(struct gj_server *server)
{
    struct thread *t = here(server);
    if (t == NULL) {
        return NULL;
    }
    if (t->verdicts == NULL || t->edition->number != atomic_load_explicit(&server->editions.number,
                                                                          memory_order_acquire)) {
        gj_verdicts_free(t->verdicts);
        gj_edition_leave(t->edition);
        t->edition = gj_edition_take(server);
        t->verdicts = gj_verdicts_new(t->edition->book, server->settings.remember);
    }
    return t->verdicts;
}

struct gj_json_parser *gj_thread_parser(struct gj_server *server)
{
    struct thread *t = here(server);
    if (t != NULL && t->parser == NULL) {
        t->parser = gj_json_parser_new();
    }
    return t == NULL ? NULL : t->parser;
}

struct gj_mask_json *gj_thread_mask(struct gj_server *server)
{
    struct thread *t = here(server);
    if (t != NULL && t->mask == NULL) {
        t->mask = gj_mask_json_new();
    }
    return t == NULL ? NULL : t->mask;
}

struct gj_request *gj_thread_request(struct gj_server *server)
{
    struct thread *t = here(server);
    struct gj_request *r = t == NULL ? NULL : t->spare;
    if (r != NULL) {
        t->spare = r->next;
        t->spare_count--;
        r->next = NULL;
        return r;
    }
    r = t == NULL ? NULL : calloc(1, sizeof *r);
    if (r != NULL) {
        gj_buf_init(&r->body);
        gj_buf_init(&r->answer.body);
        gj_arena_init(&r->arena);
        r->arena.block = 1024;
    }
    return r;
}

static void empty(struct gj_buf *buf)
{
    if (buf->capacity > KEEP_BYTES || buf->failed) {
        gj_buf_release(buf);
        gj_buf_init(buf);
    }
    gj_buf_reset(buf);
}

void gj_thread_request_done(struct gj_request *r)
{
    struct thread *t = here(r->server);
    if (r->free_state != NULL) {
        r->free_state(r->state);
    }
    gj_principal_release(&r->who);
    for (size_t i = 0; i < r->answer.header_count; i++) {
        free(r->answer.headers[i].value);
    }
    if (t == NULL || t->spare_count >= SPARE_MAX) {
        free_request(r);
        return;
    }
    empty(&r->body);
    empty(&r->answer.body);
    gj_arena_reset(&r->arena);
    struct gj_request fresh = {.body = r->body, .arena = r->arena, .next = t->spare};
    fresh.answer.body = r->answer.body;
    *r = fresh;
    t->spare = r;
    t->spare_count++;
}
