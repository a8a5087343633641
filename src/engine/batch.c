/* Room engine: batches: what is applied between two commits (see inside.h; gj_engine_commit is of
 * guiju.h). */
#include "engine/inside.h"

int gj_engine_begin(struct gj_engine *e)
{
    if (e->broken) {
        return gj_errors_say(e->errors, "the engine has failed before; open the database anew");
    }
    if (!e->in_batch && gj_store_begin(e->store) != 0) {
        return -1;
    }
    e->in_batch = true;
    return 0;
}

int gj_engine_fail(struct gj_engine *e)
{
    if (e->errors->count == 0) {
        gj_errors_say(e->errors, "out of memory; nothing of this batch was kept, run it again");
    }
    gj_store_rollback(e->store);
    e->in_batch = false;
    e->broken = true;
    return GJ_ESYSTEM;
}

int gj_engine_look_again_at(struct gj_engine *e, struct gj_shop *shop)
{
    if (shop->metrics_from == GJ_NEVER || shop->tick == GJ_NEVER) {
        return 0;
    }
    return gj_store_event_looked(e->store, shop->id) != 0 ? -1 : gj_engine_recheck(e, shop);
}

int gj_engine_look_again(struct gj_engine *e)
{
    int status = 0;
    for (size_t i = 0; i < e->shop_count && status == 0; i++) {
        status = gj_engine_look_again_at(e, e->shops[i]);
    }
    return status;
}

int gj_engine_commit(gj_engine *e)
{
    if (!e->in_batch) {
        /* a read that has failed does not fail those after it */
        gj_store_rollback(e->store);
        e->arena.failed = e->zones.failed = false;
        return GJ_OK;
    }
    if (gj_engine_look_again(e) != 0 || e->arena.failed || gj_engine_flush(e) != 0 ||
        gj_store_commit(e->store) != 0) {
        return gj_engine_fail(e);
    }
    e->in_batch = false;
    e->batch++;
    return gj_engine_relieve(e) == 0 ? GJ_OK : GJ_ESYSTEM;
}
