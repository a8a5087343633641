/* Room server: the time of day, by which deadlines fire, and a steady clock for time that is taken.
 *
 * A machine's clock is set now and then: by hand, by a bad source, after a sleep. Set forward, it
 * must not fire deadlines early; set back, not a second time. So the server goes by the earlier of
 * two: the machine's clock, and the steady clock since it was last trusted. Steps are counted and
 * told (/readyz, /metrics); an operator who has seen to it says so by SIGHUP. */
#include <time.h>

#include "server/server.h"

#define SLACK_US (GJ_SECOND_US) /* what a clock may be led without having been set */

static int64_t read_clock(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * GJ_SECOND_US + t.tv_nsec / 1000;
}

int64_t gj_steady_now(void)
{
    return read_clock(CLOCK_BOOTTIME); /* goes on while the machine sleeps */
}

void gj_clock_trust(struct gj_server *server)
{
    atomic_store(&server->clock.ahead, read_clock(CLOCK_REALTIME) - gj_steady_now());
    atomic_store(&server->clock.stepped, false);
}

int64_t gj_server_now(struct gj_server *server)
{
    int64_t wall = read_clock(CLOCK_REALTIME);
    int64_t reckoned = gj_steady_now() + atomic_load(&server->clock.ahead);
    int64_t off = wall - reckoned;
    bool stepped = off > SLACK_US || off < -SLACK_US;
    if (stepped && !atomic_exchange(&server->clock.stepped, true)) {
        atomic_fetch_add(&server->counts.steps, 1);
    }
    return wall < reckoned + SLACK_US ? wall : reckoned;
}
