/* Room book: stamps of files (see stamp.h). */
#include "book/stamp.h"

#include <time.h>

#define SECOND      INT64_C(1000000000) /* ns */
#define FINE_TICK   (SECOND / 10) /* with room: the kernel's clock for files has 10 ms at most */
#define COARSE_TICK (2 * SECOND)  /* of file systems without fractions of a second: FAT has it */

static int64_t ns_of(struct timespec at)
{
    return (int64_t)at.tv_sec * SECOND + at.tv_nsec;
}

struct gj_stamp gj_stamp_of(const struct stat *about)
{
    return (struct gj_stamp){.device = (uint64_t)about->st_dev,
                             .inode = (uint64_t)about->st_ino,
                             .size = (uint64_t)about->st_size,
                             .written = ns_of(about->st_mtim),
                             .changed = ns_of(about->st_ctim)};
}

bool gj_stamp_eq(const struct gj_stamp *a, const struct gj_stamp *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           a->written == b->written && a->changed == b->changed;
}

int64_t gj_stamp_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return ns_of(now);
}

static bool is_past(int64_t time, int64_t now)
{
    return time < now - (time % SECOND == 0 ? COARSE_TICK : FINE_TICK);
}

/* The time of the last write too: some file systems keep no other. */
bool gj_stamp_settled(const struct gj_stamp *stamp, int64_t now)
{
    return is_past(stamp->changed, now) && is_past(stamp->written, now);
}
