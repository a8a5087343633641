/* Room book: stamps, by which a start knows files that have not changed without reading them
 * (decisions/0004).
 *
 * A file is taken for the one that was read if its device, inode, size and times are those it had.
 * Every write, and every attempt to set the time of the last write back, sets the time of the last
 * change, which nobody can choose. Only two changes within one tick of the file system's clock look
 * alike: a stamp counts only when it had settled before the file was read. */
#ifndef GJ_BOOK_STAMP_H
#define GJ_BOOK_STAMP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct gj_stamp {
    uint64_t device, inode, size;
    int64_t written, changed; /* ns since 1970: st_mtim, st_ctim */
};

struct gj_stamp gj_stamp_of(const struct stat *about);
bool gj_stamp_eq(const struct gj_stamp *a, const struct gj_stamp *b);

/* Whether each later change gives the file another stamp. `now`: ns since 1970, taken before the
 * file was read. */
bool gj_stamp_settled(const struct gj_stamp *stamp, int64_t now);
int64_t gj_stamp_now(void);

#endif
