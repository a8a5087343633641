/* Room book: what a start found in a rulebook's folder, for the next one (see build.h). */
#include <fcntl.h>
#include <unistd.h>

#include "base/sum.h"
#include "book/build.h"

#define NOTE_MAGIC "GJNOTE01"

struct note_file {
    char magic[8];
    struct gj_folder_note note;
    uint64_t sum; /* of all before */
};

static uint64_t sum_of(const struct note_file *file)
{
    return gj_sum((struct gj_str){(const char *)file, offsetof(struct note_file, sum)});
}

int gj_folder_note_read(const char *path, struct gj_folder_note *note)
{
    struct note_file in;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = file < 0 ? -1 : read(file, &in, sizeof in);
    if (file >= 0) {
        close(file);
    }
    if (got != (ssize_t)sizeof in || memcmp(in.magic, NOTE_MAGIC, sizeof in.magic) != 0 ||
        in.sum != sum_of(&in)) {
        return -1;
    }
    *note = in.note;
    return 0;
}

void gj_folder_note_write(char *path, const struct gj_folder_note *note)
{
    struct note_file out = {.magic = NOTE_MAGIC, .note = *note};
    out.sum = sum_of(&out);
    gj_cache_keep(path, (struct gj_str){(const char *)&out, sizeof out});
}
