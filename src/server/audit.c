/* Room server: who did or looked at what, into the audit log (see audit.h). A row is durable before
 * what it tells of is done: an act may be noted that then failed, none is done unnoted. */
#include "server/audit.h"

#include "base/errors.h"
#include "server/http.h"

#define ROWS_MAX 1000

bool gj_audited(const struct gj_request *r)
{
    return (r->route->flags & GJ_WRITES) != 0 ||
           ((r->route->flags & GJ_PERSONAL) != 0 && gj_principal_may(&r->who, GJ_ROLES_SEE_BUYERS));
}

void gj_audit_about(struct gj_request *r, const char *text)
{
    r->about = gj_arena_copy(&r->arena, gj_str_of(text));
}

static struct gj_office_audit row_of(struct gj_request *r)
{
    char address[64];
    struct gj_buf detail;
    gj_buf_init(&detail);
    gj_buf_add_cstr(&detail, "{\"address\":");
    gj_json_add_string(&detail, gj_request_address(r, address, sizeof address));
    if (r->about.len > 0) {
        gj_buf_add_cstr(&detail, ",\"about\":");
        gj_json_add_string(&detail, r->about);
    }
    gj_buf_add_char(&detail, '}');
    struct gj_office_audit row = {.at = r->now,
                                  .tenant = r->who.tenant,
                                  .actor = r->who.actor,
                                  .action = gj_str_of(r->route->id),
                                  .object = r->path,
                                  .detail = gj_arena_copy(&r->arena, gj_buf_str(&detail))};
    gj_buf_release(&detail);
    return row;
}

int gj_audit_note(struct gj_server *server, struct gj_request *const *requests, size_t count,
                  gj_errors *errors)
{
    struct gj_office_audit rows[ROWS_MAX];
    size_t filled = 0;
    for (size_t i = 0; i < count; i++) {
        if (gj_audited(requests[i])) {
            rows[filled++] = row_of(requests[i]);
        }
        bool last = i + 1 == count || filled == ROWS_MAX;
        if (last && filled > 0 && gj_office_audit_add(server->office, rows, filled, errors) != 0) {
            return -1;
        }
        filled = last ? 0 : filled;
    }
    return 0;
}

bool gj_audit_first(struct gj_request *r)
{
    gj_errors *errors = gj_errors_new();
    bool noted = errors != NULL && gj_audit_note(r->server, &r, 1, errors) == 0;
    if (!noted) {
        gj_problem(r, "storage-full", "审计日志无法写入，未执行",
                   "the audit log could not be written; nothing was done");
    }
    gj_errors_free(errors);
    return noted;
}
