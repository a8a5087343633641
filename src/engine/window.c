/* Room engine: the cases of what metrics find at a midnight, and of rulings (see inside.h). */
#include "engine/inside.h"

struct gj_str gj_ruling_kind(const struct gj_engine *e)
{
    const struct gj_events *events = e->plan->events;
    uint32_t type = e->ruled != GJ_NO_INDEX ? e->ruled : e->notified;
    return type != GJ_NO_INDEX ? events->kinds[events->types[type].about].name : GJ_STR("?");
}

/* What a metric has found at a midnight is a case of its own. */
void gj_window_name(const struct gj_metric *m, const struct gj_shop *shop, int64_t midnight,
                    struct gj_str product, struct gj_buf *out)
{
    gj_buf_add_str(out, m->head.id);
    gj_buf_addf(out, "@%lld@", (long long)gj_engine_day(shop, midnight));
    gj_buf_add_str(out, product);
}

bool gj_metric_raises(const struct gj_metric *m, uint32_t finding)
{
    bool any = false;
    for (size_t s = 0; s < m->step_count; s++) {
        for (size_t i = 0; i < m->steps[s].raise_count; i++) {
            any |= m->steps[s].raises[i] == finding;
        }
    }
    return any;
}

int gj_engine_window_case(struct gj_engine *e, const struct gj_shop *shop, uint32_t finding,
                          int64_t at, struct gj_str product, int64_t *case_id)
{
    int status = 0;
    *case_id = 0;
    for (uint32_t i = 0; i < e->plan->metric_count && status == 0 && *case_id == 0; i++) {
        const struct gj_metric *m = &e->plan->metrics[i];
        if (m->window == GJ_WINDOW_ROLLING || !shop->metrics[i] || !gj_metric_raises(m, finding)) {
            continue;
        }
        struct gj_buf name;
        gj_buf_init(&name);
        gj_window_name(m, shop, gj_metric_window(m, at, shop->zone).from, product, &name);
        status = name.failed ? -1
                             : gj_store_entity_case(e->store, shop->id, GJ_STR("metric"),
                                                    gj_buf_str(&name), case_id);
        gj_buf_release(&name);
    }
    return status;
}
