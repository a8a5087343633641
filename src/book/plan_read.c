/* Room book: what every entry of a plan has, and what its readers share (see build_plan.h). */
#include "book/build_plan.h"

void gj_plan_heading(struct gj_planner *p, const struct gj_node *n, const char *kind, bool titled,
                     struct gj_heading *out)
{
    struct gj_builder *b = &p->b;
    struct gj_scope scope = {.kinds = UINT32_C(1) << p->plan->events->shop_kind, .steady = true};
    out->node = n;
    gj_need_string(b, n, kind, &out->id);
    gj_read_bilingual(b, n, "title", titled, &out->title_zh, &out->title_en);
    gj_read_strings(b, n, "covers", &out->covers, &out->cover_count);
    if (titled || gj_node_get(n, "cites") != NULL) {
        gj_read_cites(b, n, &out->cites, &out->cite_count);
    }
    out->clause_zh = gj_clause_text(b, out->cites, out->cite_count, false);
    out->clause_en = gj_clause_text(b, out->cites, out->cite_count, true);
    gj_read_dates(b, n, &out->from, &out->until);
    out->applies = gj_plan_expr_of(p, n, "applies", &scope, &gj_type_bool);
    out->tests = gj_node_get(n, "tests"); /* NULL too where the cache left them out */
}

static uint32_t resolve(struct gj_planner *p, const struct gj_node *at, const struct gj_map *ids,
                        const char *what)
{
    if (at->kind != GJ_NODE_SCALAR) {
        gj_complain(&p->b, at, "must name a %s", what);
        return GJ_NO_INDEX;
    }
    struct gj_buf why;
    uint32_t found;
    gj_buf_init(&why);
    if (gj_find_name(ids, at->text, what, &found, &why) != 0) {
        gj_complain(&p->b, at, "%s", why.ptr);
        found = GJ_NO_INDEX;
    }
    gj_buf_release(&why);
    return found;
}

void gj_plan_names(struct gj_planner *p, const struct gj_node *mapping, const char *key,
                   const struct gj_map *ids, const char *what, const uint32_t **out, size_t *count)
{
    const struct gj_node *given = gj_node_get(mapping, key);
    *out = NULL;
    *count = 0;
    if (given == NULL) {
        return;
    }
    bool single = given->kind == GJ_NODE_SCALAR;
    uint32_t *list = gj_arena_array(&p->plan->arena, given->count + 1, sizeof *list);
    for (const struct gj_node *n = single ? given : given->first; list != NULL && n != NULL;
         n = single ? NULL : n->next) {
        uint32_t found = resolve(p, n, ids, what);
        if (found != GJ_NO_INDEX) {
            list[(*count)++] = found;
        }
    }
    *out = list;
}

uint32_t gj_plan_name(struct gj_planner *p, const struct gj_node *mapping, const char *key,
                      const struct gj_map *ids, const char *what)
{
    const struct gj_node *given = gj_node_get(mapping, key);
    return given == NULL ? GJ_NO_INDEX : resolve(p, given, ids, what);
}

int64_t gj_plan_int(struct gj_planner *p, const struct gj_node *mapping, const char *key,
                    int64_t standard)
{
    const struct gj_node *given = gj_node_get(mapping, key);
    if (given == NULL) {
        return standard;
    }
    int64_t value = 0;
    bool digits = given->kind == GJ_NODE_SCALAR && given->text.len > 0 && given->text.len < 10;
    for (size_t i = 0; digits && i < given->text.len; i++) {
        digits = given->text.ptr[i] >= '0' && given->text.ptr[i] <= '9';
        value = value * 10 + (given->text.ptr[i] - '0');
    }
    if (!digits || value == 0 || value > GJ_DAYS_MAX) {
        gj_complain(&p->b, given, "'%s' must be a whole number from 1 to %d", key, GJ_DAYS_MAX);
        return standard;
    }
    return value;
}
