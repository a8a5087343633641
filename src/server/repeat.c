/* Room server: requests with an Idempotency-Key (see repeat.h). Events need none: their own
 * identity makes them once, whatever key they come under. */
#include "server/repeat.h"

#include <microhttpd.h>
#include <sodium.h>
#include <string.h>

#include "base/errors.h"

#define KEY_BYTES_MAX 255
#define FORM          "2:" /* to be counted up when what hash_of() does changes */
#define STALE_US      (5 * 60 * GJ_SECOND_US) /* begun and never answered: the server was killed */

static struct gj_office_request request_of(const struct gj_request *r)
{
    const char *key = gj_request_header(r, "Idempotency-Key");
    return (struct gj_office_request){.tenant = r->who.tenant,
                                      .actor = r->who.actor,
                                      .key = key == NULL ? GJ_STR("") : gj_str_of(key),
                                      .hash = r->repeat};
}

static void hash_text(crypto_generichash_state *state, struct gj_str text)
{
    crypto_generichash_update(state, (const unsigned char *)text.ptr, text.len);
    crypto_generichash_update(state, (const unsigned char *)"", 1);
}

static enum MHD_Result hash_argument(void *context, enum MHD_ValueKind kind, const char *name,
                                     const char *value)
{
    (void)kind;
    hash_text(context, gj_str_of(name));
    hash_text(context, gj_str_of(value == NULL ? "" : value));
    return MHD_YES;
}

/* Of method, path, query and body. */
static struct gj_str hash_of(struct gj_request *r)
{
    unsigned char bytes[16];
    char text[sizeof FORM + 32] = FORM;
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof bytes);
    hash_text(&state, gj_str_of(r->route->id));
    hash_text(&state, r->path);
    MHD_get_connection_values(r->connection, MHD_GET_ARGUMENT_KIND, hash_argument, &state);
    crypto_generichash_update(&state, (const unsigned char *)r->body.ptr, r->body.len);
    crypto_generichash_final(&state, bytes, sizeof bytes);
    sodium_bin2hex(text + sizeof FORM - 1, sizeof text - sizeof FORM + 1, bytes, sizeof bytes);
    return gj_arena_copy(&r->arena, gj_str_of(text));
}

static void answer_again(void *context, const struct gj_office_answer *known)
{
    struct gj_request *r = context;
    struct gj_str type = gj_arena_copy(&r->arena, known->type);
    r->answer.status = (unsigned)known->status;
    r->answer.type = type.ptr;
    gj_buf_add_str(&r->answer.body, known->body);
    gj_answer_header(r, "Idempotency-Replayed", "true");
}

bool gj_repeat_find(struct gj_request *r)
{
    enum gj_office_repeat what = GJ_REPEAT_NEW;
    const char *key = gj_request_header(r, "Idempotency-Key");
    if (key == NULL || (r->route->flags & GJ_WRITES) == 0 || (r->route->flags & GJ_QUICK) != 0) {
        return false;
    }
    if (*key == '\0' || strlen(key) > KEY_BYTES_MAX) {
        gj_problem(r, "bad-request", "Idempotency-Key 应为 1 到 255 字节",
                   "an Idempotency-Key has 1 to 255 bytes");
        return true;
    }
    gj_errors *errors = gj_errors_new();
    r->repeat = hash_of(r);
    struct gj_office_request request = request_of(r);
    int status = errors == NULL
                     ? -1
                     : gj_office_repeat(r->server->office, &request, r->now, r->now - STALE_US,
                                        &what, answer_again, r, errors);
    gj_errors_free(errors);
    if (status == 0 && what == GJ_REPEAT_NEW) {
        return false;
    }
    r->repeat = GJ_STR("");
    if (status != 0) {
        gj_problem(r, "internal", "无法核对 Idempotency-Key，请稍后再试",
                   "the Idempotency-Key could not be looked up; try again later");
    } else if (what == GJ_REPEAT_RUNNING) {
        gj_problem(r, "conflict", "同一 Idempotency-Key 的请求正在处理",
                   "the request with this Idempotency-Key is being done");
    } else if (what == GJ_REPEAT_OTHER) {
        gj_problem(r, "unprocessable", "这个 Idempotency-Key 已用于另一个请求",
                   "this Idempotency-Key was used for another request");
    }
    return true;
}

void gj_repeat_keep(struct gj_request *r)
{
    if (r->repeat.len == 0) {
        return;
    }
    gj_errors *errors = gj_errors_new();
    struct gj_office_request request = request_of(r);
    struct gj_office_answer answer = {.status = r->answer.status,
                                      .type = gj_str_of(r->answer.type),
                                      .body = gj_buf_str(&r->answer.body)};
    if (errors != NULL && r->answer.status >= 500) {
        gj_office_unanswered(r->server->office, &request, errors);
    } else if (errors != NULL) {
        gj_office_answered(r->server->office, &request, &answer, errors);
    }
    gj_errors_free(errors);
    r->repeat = GJ_STR("");
}
