/* Room server: which route a path is (see server.h). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "server/http.h"
#include "server/parts.h"

/* ---- paths ---- */

/* Whether `path` is of the form `form`; what stands for its {names} goes to *values, raw. */
static bool fits(const char *form, const char *path, struct gj_str values[GJ_CAPTURES_MAX],
                 size_t *count)
{
    *count = 0;
    while (*form != '\0') {
        if (*form != '{') {
            if (*form++ != *path++) {
                return false;
            }
            continue;
        }
        form = strchr(form, '}') + 1;
        size_t len = strcspn(path, "/");
        size_t tail = strlen(form); /* behind the name in the same part, as ".svg" */
        size_t own = strcspn(form, "/");
        if (own == tail && tail > 0) {
            if (len <= tail || strcmp(path + len - tail, form) != 0) {
                return false;
            }
            len -= tail;
        }
        if (len == 0 || *count == GJ_CAPTURES_MAX) {
            return false;
        }
        values[(*count)++] = (struct gj_str){path, len};
        path += len;
    }
    return *path == '\0';
}

static bool decode(struct gj_request *r, const struct gj_str *values, size_t count)
{
    r->capture_count = count;
    for (size_t i = 0; i < count; i++) {
        if (!gj_percent_decode(&r->arena, values[i], &r->captures[i])) {
            return false;
        }
    }
    return true;
}

const struct gj_route *gj_route_find(struct gj_request *r, const char *method, const char *path,
                                     char *allowed, size_t size)
{
    struct gj_str values[GJ_CAPTURES_MAX];
    size_t count = 0, used = 0;
    const char *asked = strcmp(method, "HEAD") == 0 ? "GET" : method;
    allowed[0] = '\0';
    for (const struct gj_route *route = r->server->routes; route->method != NULL; route++) {
        if (!fits(route->path, path, values, &count)) {
            continue;
        }
        if (strcmp(route->method, asked) == 0) {
            return decode(r, values, count) ? route : NULL;
        }
        int wrote =
            snprintf(allowed + used, size - used, "%s%s", used > 0 ? ", " : "", route->method);
        used += wrote > 0 && (size_t)wrote < size - used ? (size_t)wrote : 0;
    }
    return NULL;
}
