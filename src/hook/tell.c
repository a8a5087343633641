/* Room hook: what its files share: the time, faults told, the bell of its thread (see internal.h).
 */
#include <time.h>

#include "base/calendar.h"
#include "hook/internal.h"

int64_t gj_hooks_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void gj_hooks_complain(struct gj_hooks *hooks, const struct gj_errors *errors)
{
    if (hooks->settings.complain != NULL && errors->count > 0) {
        hooks->settings.complain(hooks->settings.context, errors->items[0].message.ptr);
    }
}

void gj_hooks_look(struct gj_hooks *hooks)
{
    pthread_mutex_lock(&hooks->lock);
    hooks->changed = true;
    pthread_mutex_unlock(&hooks->lock);
    gj_sender_wake(hooks->sender);
}

void gj_hook_add_time(struct gj_buf *out, int64_t micros)
{
    int64_t rest = micros % 1000000;
    rest += rest < 0 ? 1000000 : 0;
    gj_timestamp_format((struct gj_instant){(micros - rest) / 1000000, (int32_t)rest * 1000}, out);
}
