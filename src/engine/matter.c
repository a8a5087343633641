/* Room engine: what a matter that is ruled on has cost by itself, in the case in which it was found
 * (see inside.h). */
#include "base/vec.h"
#include "base/whole.h"
#include "engine/inside.h"

struct gathered { /* rows of its entries */
    const struct gj_matter *matter;
    struct gj_arena arena;
    struct gj_entry_row *rows;
    size_t count, capacity;
};

static int gather(void *context, const struct gj_entry_row *row)
{
    struct gathered *g = context;
    if (row->at > g->matter->at || !gj_str_starts(row->entry, g->matter->head) ||
        gj_entry_is_correction(row->entry)) {
        return 0;
    }
    struct gj_entry_row *grown = gj_grow(g->rows, &g->capacity, g->count + 1, sizeof *grown);
    if (grown == NULL) {
        return -1;
    }
    g->rows = grown;
    struct gj_entry_row *r = &grown[g->count++];
    *r = *row;
    r->entry = gj_arena_copy(&g->arena, row->entry);
    r->rule = gj_arena_copy(&g->arena, row->rule);
    r->account = gj_arena_copy(&g->arena, row->account);
    r->unit = gj_arena_copy(&g->arena, row->unit);
    r->class_ = gj_arena_copy(&g->arena, row->class_);
    r->paid_as = gj_arena_copy(&g->arena, row->paid_as);
    return g->arena.failed ? -1 : 0;
}

/* Leaves the rows that stand: neither their own case nor another ruling has taken them back. */
static int leave_standing(struct gj_engine *e, struct gathered *g)
{
    size_t kept = 0;
    int status = 0;
    for (size_t i = 0; i < g->count && status == 0; i++) {
        bool taken_back = false;
        status = gj_store_taken_back(e->store, &g->rows[i], g->matter->ruling, &taken_back);
        if (!taken_back) {
            g->rows[kept++] = g->rows[i];
        }
    }
    g->count = kept;
    return status;
}

static int add_cost(struct gj_engine *e, const struct gj_entry_row *r, int64_t sums[2])
{
    int64_t *sum = &sums[gj_str_is(r->unit, "points")];
    *sum = r->amount > 0 ? gj_sum(*sum, r->amount) : *sum;
    struct gj_entry_part part = {.at = r->at,
                                 .entry = r->entry,
                                 .rule = r->rule,
                                 .account = r->account,
                                 .unit = r->unit,
                                 .class_ = r->class_,
                                 .paid_as = r->paid_as,
                                 .amount = r->amount};
    return gj_outcomes_cost(&e->outcomes, &part);
}

int gj_matter_costs(struct gj_engine *e, const struct gj_matter *m, int64_t sums[2])
{
    struct gathered g = {.matter = m};
    struct gj_store_filter of_case = {.case_id = m->case_id};
    int64_t latest = INT64_MIN;
    gj_arena_init(&g.arena);
    int status = gj_store_entries(e->store, of_case, gather, &g);
    status = status == 0 ? leave_standing(e, &g) : status;
    for (size_t i = 0; i < g.count; i++) {
        latest = g.rows[i].at > latest ? g.rows[i].at : latest;
    }
    for (size_t i = 0; i < g.count && status == 0; i++) {
        status = g.rows[i].at == latest ? add_cost(e, &g.rows[i], sums) : 0;
    }
    free(g.rows);
    gj_arena_release(&g.arena);
    return status;
}
