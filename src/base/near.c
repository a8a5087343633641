/* Room base: the nearest name, by edit distance (see near.h). */
#include "base/near.h"

/* Changes needed to turn a into b (insert, delete, replace, swap), or `max` + 1 when more. */
static unsigned distance(struct gj_str a, struct gj_str b, unsigned max)
{
    enum { WIDTH = 64 };
    unsigned rows[3][WIDTH + 1];
    if (a.len > WIDTH || b.len > WIDTH || a.len + max < b.len || b.len + max < a.len) {
        return max + 1;
    }
    for (unsigned j = 0; j <= b.len; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= a.len; i++) {
        unsigned *row = rows[i % 3];
        const unsigned *above = rows[(i - 1) % 3];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b.len; j++) {
            unsigned best = above[j - 1] + (a.ptr[i - 1] != b.ptr[j - 1]);
            best = above[j] + 1 < best ? above[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            bool swapped =
                i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1];
            unsigned before = swapped ? rows[(i + 1) % 3][j - 2] + 1 : best;
            row[j] = before < best ? before : best;
        }
    }
    return rows[a.len % 3][b.len];
}

struct gj_near gj_near_begin(struct gj_str wanted)
{
    unsigned most = (unsigned)((wanted.len + 1) / 3);
    return (struct gj_near){wanted, {"", 0}, (most > 4 ? 4 : most) + 1};
}

void gj_near_try(struct gj_near *near, struct gj_str name)
{
    unsigned changes = distance(near->wanted, name, near->changes);
    if (changes < near->changes) {
        near->changes = changes;
        near->best = name;
    }
}
