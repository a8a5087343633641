/* Room engine: what one event has brought, told while it is applied (see explain.h). */
#include <stdlib.h>

#include "engine/explain.h"

void gj_decision_steps(const struct gj_story *story, struct gj_buf *out)
{
    for (size_t i = 0; i < story->step_count; i++) {
        gj_buf_add_cstr(out, out->ptr[out->len - 1] == '[' ? "" : ",");
        gj_story_step_json(story, &story->steps[i], out);
    }
}

void gj_decision_head(struct gj_buf *out, struct gj_str id, struct gj_str source, bool late)
{
    gj_buf_add_cstr(out, "{\"id\":");
    gj_json_add_string(out, id);
    gj_buf_add_cstr(out, ",\"source\":");
    gj_json_add_string(out, source);
    gj_buf_add_cstr(out, late ? ",\"late\":true,\"cases\":[" : ",\"cases\":[");
}

struct gj_decision {
    bool wanted, english;
    bool open;  /* an event is being applied */
    bool whole; /* nothing ran again, which would have to be told from the log */
    struct gj_buf text;
    int64_t cases[GJ_VIEWS_MAX];
    size_t count;
    struct gj_story story; /* of the case at hand */
    struct gj_teller teller;
};

int gj_engine_decide(gj_engine *e, bool on, bool english)
{
    if (e->decision == NULL) {
        struct gj_decision *d = on ? calloc(1, sizeof *d) : NULL;
        if (d == NULL) {
            return on ? gj_errors_say(e->errors, "out of memory"), GJ_ESYSTEM : GJ_OK;
        }
        gj_buf_init(&d->text);
        e->decision = d;
    }
    e->decision->wanted = on;
    e->decision->english = english;
    return GJ_OK;
}

void gj_decision_free(struct gj_decision *d)
{
    if (d != NULL) {
        gj_buf_release(&d->text);
        free(d);
    }
}

void gj_decision_begin(struct gj_engine *e)
{
    struct gj_decision *d = e->decision;
    if (d != NULL && d->wanted) {
        d->open = d->whole = true;
        d->count = 0;
        gj_buf_reset(&d->text);
    }
}

const char *gj_decision_end(struct gj_engine *e)
{
    struct gj_decision *d = e->decision;
    if (d == NULL || !d->open) {
        return NULL;
    }
    d->open = false;
    if (!d->whole || d->count == 0) {
        return NULL;
    }
    gj_buf_add_cstr(&d->text, "]}\n");
    return d->text.failed ? NULL : d->text.ptr;
}

void gj_decision_unknown(struct gj_engine *e)
{
    if (e->decision != NULL) {
        e->decision->whole = false;
    }
}

/* An event of two views of one case is told from the log, where both are one step. */
static bool is_told(struct gj_decision *d, int64_t case_id)
{
    for (size_t i = 0; i < d->count; i++) {
        d->whole = d->whole && d->cases[i] != case_id;
    }
    return d->open && d->whole && d->count < GJ_VIEWS_MAX;
}

bool gj_decision_watch(struct gj_engine *e, struct gj_cached *cached)
{
    struct gj_decision *d = e->decision;
    if (d == NULL || !is_told(d, cached->id)) {
        return false;
    }
    gj_story_open(&d->story, e, cached, d->english);
    gj_teller_open(&d->teller, e, &d->story, cached, -1);
    gj_teller_begins(&d->teller);
    gj_engine_trace(e, &d->teller.trace);
    return true;
}

int gj_decision_add(struct gj_engine *e, const struct gj_event *event, int run)
{
    struct gj_decision *d = e->decision;
    int64_t at = gj_micros(event->time);
    const struct gj_shop *shop = d->story.shop;
    bool late = shop->now != INT64_MIN && at < shop->now;
    gj_engine_trace(e, NULL);
    int status = run == 0 ? gj_teller_event(&d->teller, event, late) : run;
    if (status == 0) {
        if (d->count == 0) {
            gj_decision_head(&d->text, event->id, shop->source, late);
        }
        d->cases[d->count++] = d->teller.cached->id;
        gj_decision_steps(&d->story, &d->text);
    }
    gj_teller_close(&d->teller);
    gj_story_close(&d->story);
    return status;
}
