/* Room engine: who watches: a trace, or a listener (gj_engine_listen of guiju.h; see inside.h). */
#include "engine/inside.h"

static int moved(void *context, const struct gj_scene *scene, const struct gj_entity *entity,
                 uint32_t flow, uint32_t from, const struct gj_cause *cause)
{
    struct gj_engine *e = context;
    struct gj_trace *trace = e->trace;
    uint32_t to = cause->transition->to == GJ_NO_INDEX ? from : cause->transition->to;
    struct gj_moved m = {entity->kind, flow, from, to, entity->id, scene->now, cause->transition};
    gj_tell_moved(e, e->listener.shop, &m);
    return trace == NULL || trace->moved == NULL
               ? 0
               : trace->moved(trace, scene, entity, flow, from, cause);
}

void gj_engine_trace(struct gj_engine *e, struct gj_trace *trace)
{
    e->trace = trace;
    bool watched = e->listener.told != NULL || (trace != NULL && trace->moved != NULL);
    e->sink.moved = watched ? moved : NULL;
}

void gj_engine_listen(gj_engine *e, void (*told)(void *context, const gj_notice *notice),
                      void *context)
{
    e->listener.told = told;
    e->listener.context = context;
    gj_engine_trace(e, e->trace);
}
