/* Room flow: what an expression sees (see run.h). */
#include "flow/run.h"

static struct gj_value unknown(void)
{
    return (struct gj_value){.kind = GJ_V_UNKNOWN};
}

static struct gj_value timestamp(int64_t at)
{
    return (struct gj_value){.kind = GJ_V_TIMESTAMP, .as.instant = gj_instant_of(at)};
}

static struct gj_value text(struct gj_str s)
{
    return (struct gj_value){.kind = GJ_V_STRING, .as.text = s};
}

static struct gj_value of_event(const struct gj_scene *scene, uint32_t name)
{
    if (scene->event == NULL) {
        return unknown();
    }
    const struct gj_reaction *r = &scene->host.plan->reactions[scene->event->type];
    uint32_t field = r->fields_by_name[name];
    return field == GJ_NO_INDEX ? unknown() : scene->event->values[field];
}

static struct gj_value of_memory(struct gj_scene *scene, uint32_t at)
{
    uint32_t kind = at / GJ_MEMORIES_MAX, memory = at % GJ_MEMORIES_MAX;
    const struct gj_entity *e = scene->entities[kind];
    scene->host.looked |= kind == scene->host.plan->events->shop_kind;
    if (e == NULL) {
        return unknown();
    }
    if (memory == 0) {
        return text(e->id);
    }
    uint32_t kept = scene->host.plan->kinds[kind].memories[memory].kept;
    return kept == GJ_NO_INDEX ? unknown() : e->memory[kept];
}

static struct gj_value of_figure(const struct gj_scene *scene, uint32_t slot)
{
    uint32_t i = slot >= GJ_SLOT_COUNTS ? 8 + slot - GJ_SLOT_COUNTS : slot - GJ_SLOT_NUMERATOR;
    if ((scene->figures_known >> i & 1) == 0) {
        return unknown();
    }
    return (struct gj_value){.kind = GJ_V_INT, .as.integer = scene->figures[i]};
}

static struct gj_value lookup(void *context, uint32_t slot)
{
    struct gj_scene *scene = context;
    if (slot >= GJ_SLOT_MEMORY) {
        return of_memory(scene, slot - GJ_SLOT_MEMORY);
    }
    if (slot >= GJ_SLOT_EVENT) {
        return of_event(scene, slot - GJ_SLOT_EVENT);
    }
    switch (slot) {
    case GJ_SLOT_PLATFORM:
        return text(scene->setting->platform);
    case GJ_SLOT_NOW:
        return timestamp(scene->now);
    case GJ_SLOT_ENTERED:
        return scene->entered == GJ_NEVER ? unknown() : timestamp(scene->entered);
    case GJ_SLOT_EVENT_TYPE:
        return scene->event == NULL
                   ? unknown()
                   : text(scene->host.plan->events->types[scene->event->type].name);
    default:
        return of_figure(scene, slot);
    }
}

static const struct gj_standing *standing_in(const struct gj_plan *plan, const struct gj_entity *e,
                                             uint32_t flow)
{
    const struct gj_kind_plan *kind = &plan->kinds[e->kind];
    for (size_t i = 0; i < kind->flow_count; i++) {
        if (kind->flows[i] == flow) {
            return &e->standings[i];
        }
    }
    return NULL;
}

static bool in_state(struct gj_plan_host *host, uint32_t flow, uint32_t state)
{
    const struct gj_scene *scene = (const struct gj_scene *)host;
    const struct gj_entity *e = scene->entities[host->plan->flows[flow].kind];
    const struct gj_standing *s = e == NULL ? NULL : standing_in(host->plan, e, flow);
    return s != NULL && s->state == state;
}

/* Whether what `e` names is what the scene shows, where it shows any. */
static bool belongs(const struct gj_scene *scene, const struct gj_entity *e)
{
    const struct gj_kind_plan *kind = &scene->host.plan->kinds[e->kind];
    for (size_t i = 0; i < kind->link_count; i++) {
        const struct gj_entity *shown = scene->entities[kind->links[i].kind];
        const struct gj_value *id = &e->memory[kind->links[i].kept];
        if (shown != NULL && id->kind == GJ_V_STRING && !gj_str_eq(id->as.text, shown->id)) {
            return false;
        }
    }
    return true;
}

static struct gj_value census(struct gj_plan_host *host, enum gj_census asked, uint32_t flow,
                              uint32_t state, uint32_t memory)
{
    const struct gj_scene *scene = (const struct gj_scene *)host;
    const struct gj_flow *f = &host->plan->flows[flow];
    uint32_t kept = host->plan->kinds[f->kind].memories[memory].kept;
    int64_t running = 0, moved = 0, total = 0;
    bool fits = true;
    for (size_t i = 0; scene->c != NULL && i < scene->c->count; i++) {
        const struct gj_entity *e = scene->c->entities[i];
        const struct gj_standing *s =
            e->kind == f->kind && belongs(scene, e) ? standing_in(host->plan, e, flow) : NULL;
        if (s == NULL || s->state == GJ_NO_INDEX) {
            continue;
        }
        running += !f->states[s->state].final;
        moved = s->entered > moved ? s->entered : moved;
        bool counts = asked == GJ_TOTAL_IN && s->state == state && e->memory[kept].kind == GJ_V_INT;
        fits &= !counts || !__builtin_add_overflow(total, e->memory[kept].as.integer, &total);
    }
    if (!fits) {
        return (struct gj_value){.kind = GJ_V_ERROR,
                                 .as.text = GJ_STR("int overflow: the total does not fit 64 bit")};
    }
    return asked == GJ_LAST_MOVED
               ? timestamp(moved)
               : (struct gj_value){.kind = GJ_V_INT,
                                   .as.integer = asked == GJ_RUNNING ? running : total};
}

static bool broke(struct gj_plan_host *host, struct gj_str prefix)
{
    const struct gj_scene *scene = (const struct gj_scene *)host;
    for (size_t i = 0; scene->event != NULL && i < scene->event->blocked_count; i++) {
        if (gj_str_starts(scene->event->blocked[i], prefix)) {
            return true;
        }
    }
    return false;
}

/* Adds what `e` names, and what those name, where the kind is still free. */
static void follow(struct gj_scene *scene, const struct gj_case *c, const struct gj_entity *e)
{
    const struct gj_kind_plan *kind = &c->plan->kinds[e->kind];
    for (size_t i = 0; i < kind->link_count; i++) {
        const struct gj_value *id = &e->memory[kind->links[i].kept];
        uint32_t to = kind->links[i].kind;
        if (id->kind == GJ_V_STRING && scene->entities[to] == NULL) {
            const struct gj_entity *named = gj_case_find(c, to, id->as.text);
            if (named != NULL) {
                scene->entities[to] = named;
                follow(scene, c, named);
            }
        }
    }
}

static void name(struct gj_scene *scene, const struct gj_case *c, const struct gj_happening *event)
{
    const struct gj_event_type *type = &c->plan->events->types[event->type];
    for (size_t i = 0; i < type->ref_count; i++) {
        uint32_t kind = type->refs[i].kind, field = type->refs[i].field;
        if (field == GJ_NO_INDEX || event->values[field].kind != GJ_V_STRING ||
            scene->entities[kind] != NULL) {
            continue;
        }
        const struct gj_entity *named = gj_case_find(c, kind, event->values[field].as.text);
        if (named != NULL) {
            scene->entities[kind] = named;
            follow(scene, c, named);
        }
    }
}

void gj_scene_set(struct gj_scene *scene, const struct gj_run *run, const struct gj_entity *entity,
                  const struct gj_happening *event, int64_t now)
{
    const struct gj_plan *plan = run->setting->plan;
    memset(scene->entities, 0, sizeof scene->entities);
    scene->host = (struct gj_plan_host){.plan = plan,
                                        .at = gj_instant_of(now).seconds,
                                        .zone = run->setting->zone,
                                        .in_state = in_state,
                                        .census = census,
                                        .broke = broke};
    scene->c = run->c;
    scene->setting = run->setting;
    scene->event = event;
    scene->now = now;
    scene->entered = GJ_NEVER;
    scene->figures_known = 0;
    scene->arena = run->arena;
    scene->entities[plan->events->shop_kind] = run->setting->shop;
    if (entity != NULL) {
        scene->entities[entity->kind] = entity;
        if (run->c != NULL) {
            follow(scene, run->c, entity);
        }
    }
    if (event != NULL && run->c != NULL) {
        name(scene, run->c, event);
    }
}

struct gj_value gj_scene_eval(struct gj_scene *scene, const struct gj_expr *expr)
{
    scene->frame = (struct gj_frame){.lookup = lookup, .context = scene, .arena = scene->arena};
    return gj_expr_eval(expr, &scene->frame);
}

bool gj_scene_holds(struct gj_scene *scene, const struct gj_expr *when)
{
    if (when == NULL) {
        return true;
    }
    struct gj_value value = gj_scene_eval(scene, when);
    return value.kind == GJ_V_BOOL && value.as.boolean;
}

struct gj_str gj_scene_unknown(const struct gj_scene *scene)
{
    if (scene->frame.unknown_count == 0) {
        return GJ_STR("");
    }
    uint32_t slot = scene->frame.unknowns[0];
    const struct gj_plan *plan = scene->host.plan;
    if (slot >= GJ_SLOT_MEMORY) {
        uint32_t at = slot - GJ_SLOT_MEMORY;
        return plan->kinds[at / GJ_MEMORIES_MAX].memories[at % GJ_MEMORIES_MAX].full;
    }
    return slot >= GJ_SLOT_EVENT ? plan->event_names[slot - GJ_SLOT_EVENT] : GJ_STR("");
}
