/* Room sim: what the readers of a plan share (see read.h). */
#include "base/vec.h"
#include "sim/read.h"

void *sim_add(struct sim_reader *r, struct sim_vec *vec, size_t size)
{
    char *items = gj_grow(vec->items, &vec->capacity, vec->count + 1, size);
    if (items == NULL) {
        r->failed = true;
        return NULL;
    }
    vec->items = items;
    return memset(items + size * vec->count++, 0, size);
}

int sim_complain(struct sim_reader *r, const struct gj_node *node, const char *message)
{
    const struct gj_file *file = &r->files[node->file];
    return gj_errors_add(r->errors, file->path, node->line, node->column,
                         gj_file_line(file, node->line), "%s", message);
}
