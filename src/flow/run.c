/* Room flow: events, deadlines, transitions (see run.h). */
#include "flow/run.h"

/* ---- memory ---- */

static int remember(struct gj_run *run, struct gj_entity *about, const struct gj_happening *event)
{
    const struct gj_plan *plan = run->setting->plan;
    const struct gj_reaction *r = &plan->reactions[event->type];
    const struct gj_event_type *type = &plan->events->types[event->type];
    const struct gj_kind_plan *kind = &plan->kinds[about->kind];
    for (size_t i = 0; i < r->keep_count; i++) {
        const struct gj_keep *keep = &r->keeps[i];
        uint32_t kept = kind->memories[keep->memory].kept;
        struct gj_value value = event->values[keep->field];
        if (kept == GJ_NO_INDEX || value.kind == GJ_V_UNKNOWN) {
            continue;
        }
        if (keep->inner != GJ_NO_INDEX) {
            struct gj_str wanted = type->fields[keep->field].inner[keep->inner].name;
            struct gj_value inner = {.kind = GJ_V_UNKNOWN};
            for (uint32_t e = 0; e < value.count; e++) {
                inner = gj_str_eq(value.as.entries[e].key.as.text, wanted)
                            ? value.as.entries[e].value
                            : inner;
            }
            if (inner.kind == GJ_V_UNKNOWN) {
                continue;
            }
            value = inner;
        }
        about->memory[kept] = gj_case_keep(run->c, value);
        if (about->memory[kept].kind == GJ_V_ERROR) {
            return -1;
        }
    }
    uint32_t stamp = kind->memories[r->stamp].kept;
    bool stays = type->once && stamp != GJ_NO_INDEX && about->memory[stamp].kind != GJ_V_UNKNOWN;
    if (stamp != GJ_NO_INDEX && !stays) {
        about->memory[stamp] =
            (struct gj_value){.kind = GJ_V_TIMESTAMP, .as.instant = gj_instant_of(event->at)};
    }
    return 0;
}

bool gj_holds_at(const struct gj_heading *head, int64_t at)
{
    int64_t seconds = gj_instant_of(at).seconds;
    return seconds >= head->from && seconds < head->until;
}

/* ---- transitions ---- */

static int take(struct gj_run *run, struct gj_scene *scene, struct gj_entity *entity,
                uint32_t flow_place, const struct gj_transition *t, struct gj_str deadline)
{
    const struct gj_plan *plan = run->setting->plan;
    const struct gj_kind_plan *kind = &plan->kinds[entity->kind];
    uint32_t flow = kind->flows[flow_place];
    struct gj_standing *standing = &entity->standings[flow_place];
    struct gj_cause cause = {.transition = t, .deadline = deadline};
    struct gj_value values[GJ_SETS_MAX];
    size_t sets = t->set_count;
    for (size_t i = 0; i < sets; i++) { /* all with the values before */
        values[i] = gj_scene_eval(scene, t->sets[i].value);
    }
    for (size_t i = 0; i < t->raise_count; i++) {
        if (run->setting->findings[t->raises[i]] &&
            gj_holds_at(&plan->findings[t->raises[i]].head, scene->now) &&
            run->sink->found(run->sink->context, scene, t->raises[i], entity, &cause) != 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < sets; i++) {
        uint32_t kept = kind->memories[t->sets[i].memory].kept;
        if (kept != GJ_NO_INDEX && values[i].kind != GJ_V_ERROR) {
            entity->memory[kept] = gj_case_keep(run->c, values[i]);
        }
    }
    uint32_t from = standing->state;
    if (t->to != GJ_NO_INDEX) {
        bool turns = deadline.len > 0 && standing->entered == scene->now;
        uint32_t passed = turns ? standing->turns + 1 : 0;
        *standing = (struct gj_standing){t->to, 0, scene->now, passed};
    }
    return run->sink->moved == NULL
               ? 0
               : run->sink->moved(run->sink->context, scene, entity, flow, from, &cause);
}

static const struct gj_handler *handler_of(const struct gj_flow *flow,
                                           const struct gj_standing *standing, uint32_t type,
                                           const struct gj_handler *after)
{
    bool begun = standing->state != GJ_NO_INDEX;
    const struct gj_handler *list = begun ? flow->states[standing->state].handlers : flow->starts;
    size_t count = begun ? flow->states[standing->state].handler_count : flow->start_count;
    for (size_t h = after == NULL ? 0 : (size_t)(after - list) + 1; h < count; h++) {
        if (list[h].type == type) {
            return &list[h];
        }
    }
    return NULL;
}

/* The state's own handler goes first; where it takes no choice, that of `every`. */
static int move(struct gj_run *run, struct gj_scene *scene, struct gj_entity *entity,
                uint32_t place, uint32_t type)
{
    const struct gj_plan *plan = run->setting->plan;
    uint32_t index = plan->kinds[entity->kind].flows[place];
    const struct gj_flow *flow = &plan->flows[index];
    const struct gj_standing *standing = &entity->standings[place];
    scene->entered = standing->state == GJ_NO_INDEX ? GJ_NEVER : standing->entered;
    for (const struct gj_handler *h = handler_of(flow, standing, type, NULL); h != NULL;
         h = handler_of(flow, standing, type, h)) {
        for (size_t i = 0; i < h->choice_count; i++) {
            if (gj_scene_holds(scene, h->choices[i].when)) {
                return take(run, scene, entity, place, &h->choices[i], GJ_STR(""));
            }
        }
    }
    return 0;
}

/* Whether the links of `from` lead to `to`. Entities may name each other in a circle: links are
 * followed from one of a kind alone, and not from those in `passed`. */
static bool follows(const struct gj_case *c, const struct gj_entity *from,
                    const struct gj_entity *to, uint32_t passed)
{
    const struct gj_kind_plan *kind = &c->plan->kinds[from->kind];
    passed |= UINT32_C(1) << from->kind;
    for (size_t i = 0; i < kind->link_count; i++) {
        const struct gj_value *id = &from->memory[kind->links[i].kept];
        const struct gj_entity *named =
            id->kind == GJ_V_STRING ? gj_case_find(c, kind->links[i].kind, id->as.text) : NULL;
        bool goes_on = named != NULL && (passed >> named->kind & 1) == 0;
        if (named != NULL && (named == to || (goes_on && follows(c, named, to, passed)))) {
            return true;
        }
    }
    return false;
}

static bool leads_to(const struct gj_case *c, const struct gj_entity *from,
                     const struct gj_entity *to)
{
    return from == to || follows(c, from, to, 0);
}

static bool has_ended(const struct gj_run *run, const struct gj_entity *entity, uint32_t place)
{
    const struct gj_plan *plan = run->setting->plan;
    const struct gj_flow *flow = &plan->flows[plan->kinds[entity->kind].flows[place]];
    const struct gj_standing *standing = &entity->standings[place];
    return standing->state != GJ_NO_INDEX && flow->states[standing->state].final;
}

static bool flow_is_open(const struct gj_run *run, const struct gj_entity *entity, uint32_t place)
{
    uint32_t index = run->setting->plan->kinds[entity->kind].flows[place];
    return run->setting->flows[index] && !has_ended(run, entity, place);
}

/* Whether an entity of that kind could have been named, and was not. */
static bool leaves_open(const struct gj_case *c, const struct gj_entity *about, uint32_t kind)
{
    const struct gj_kind_plan *plan = &c->plan->kinds[about->kind];
    bool could = false, was = false;
    for (size_t i = 0; i < plan->link_count; i++) {
        could |= plan->links[i].kind == kind;
        was |=
            plan->links[i].kind == kind && about->memory[plan->links[i].kept].kind != GJ_V_UNKNOWN;
    }
    return could && !was;
}

/* Whether both name, of themselves or by what they name, the same third. */
static bool share(const struct gj_case *c, const struct gj_entity *a, const struct gj_entity *b)
{
    bool shared = false;
    for (size_t i = 0; i < c->count && !shared; i++) {
        shared = follows(c, a, c->entities[i], 0) && follows(c, b, c->entities[i], 0);
    }
    return shared;
}

enum waiting { NOT_AT_ALL, IN_ANY_STATE, IN_THIS_STATE };

/* Whether the entity waits in the flow for such an event. */
static enum waiting waits(const struct gj_run *run, const struct gj_entity *entity, uint32_t place,
                          uint32_t type)
{
    const struct gj_standing *standing = &entity->standings[place];
    const struct gj_flow *flow =
        &run->c->plan->flows[run->c->plan->kinds[entity->kind].flows[place]];
    if (standing->state == GJ_NO_INDEX || !flow_is_open(run, entity, place)) {
        return NOT_AT_ALL;
    }
    const struct gj_state *state = &flow->states[standing->state];
    const struct gj_handler *first = handler_of(flow, standing, type, NULL);
    return first == NULL                                ? NOT_AT_ALL
           : first < state->handlers + state->own_count ? IN_THIS_STATE
                                                        : IN_ANY_STATE;
}

/* Whether the entity is meant by an event about `about` that could have named one of its kind and
 * did not: of those of their order it alone waits for such an event, or waits for it most. */
static bool alone_waits(const struct gj_run *run, const struct gj_entity *entity, uint32_t place,
                        const struct gj_entity *about, uint32_t type)
{
    const struct gj_case *c = run->c;
    if (!leaves_open(c, about, entity->kind)) {
        return false;
    }
    enum waiting own = waits(run, entity, place, type);
    if (own == NOT_AT_ALL || !share(c, entity, about)) {
        return false;
    }
    for (size_t i = 0; i < c->count; i++) {
        const struct gj_entity *other = c->entities[i];
        if (other != entity && other->kind == entity->kind &&
            waits(run, other, place, type) >= own && share(c, other, about)) {
            return false;
        }
    }
    return true;
}

static int move_all(struct gj_run *run, const struct gj_entity *about,
                    const struct gj_happening *event)
{
    const struct gj_plan *plan = run->setting->plan;
    size_t count = run->c->count;
    const struct gj_entity *meant = NULL; /* though the event does not name it */
    for (size_t i = 0; i < count; i++) {
        struct gj_entity *entity = run->c->entities[i];
        const struct gj_kind_plan *kind = &plan->kinds[entity->kind];
        bool another = meant != NULL && meant != entity && meant->kind == entity->kind;
        bool related = false, asked = false;
        struct gj_scene scene;
        for (uint32_t place = 0; place < kind->flow_count; place++) {
            const struct gj_flow *flow = &plan->flows[kind->flows[place]];
            bool begun = entity->standings[place].state != GJ_NO_INDEX;
            if (!flow_is_open(run, entity, place) ||
                handler_of(flow, &entity->standings[place], event->type, NULL) == NULL ||
                (!begun && !gj_holds_at(&flow->head, event->at))) {
                continue;
            }
            if (!asked) {
                related = leads_to(run->c, entity, about) || leads_to(run->c, about, entity);
                asked = true;
            }
            bool alone =
                !related && !another && alone_waits(run, entity, place, about, event->type);
            meant = alone ? entity : meant;
            if (related || alone) {
                gj_scene_set(&scene, run, entity, event, event->at);
                if (move(run, &scene, entity, place, event->type) != 0) {
                    return -1;
                }
            }
        }
    }
    return 0;
}

/* ---- findings and counters ---- */

static int find(struct gj_run *run, const struct gj_entity *about, const struct gj_happening *event)
{
    const struct gj_plan *plan = run->setting->plan;
    const struct gj_reaction *r = &plan->reactions[event->type];
    struct gj_scene scene;
    struct gj_cause cause = {0};
    gj_scene_set(&scene, run, about, event, event->at);
    for (size_t i = 0; i < r->finding_count; i++) {
        const struct gj_finding_plan *f = &plan->findings[r->findings[i]];
        if (run->setting->findings[r->findings[i]] && gj_holds_at(&f->head, event->at) &&
            gj_scene_holds(&scene, f->when)) {
            const struct gj_entity *subject =
                f->about == GJ_NO_INDEX ? about : scene.entities[f->about];
            if (run->sink->found(run->sink->context, &scene, r->findings[i],
                                 subject == NULL ? about : subject, &cause) != 0) {
                return -1;
            }
        }
    }
    return 0;
}

static int count_event(struct gj_run *run, const struct gj_entity *about,
                       const struct gj_happening *event)
{
    const struct gj_plan *plan = run->setting->plan;
    const struct gj_reaction *r = &plan->reactions[event->type];
    struct gj_scene scene;
    if (r->counter_count > 0) {
        gj_scene_set(&scene, run, about, event, event->at);
    }
    for (size_t i = 0; i < r->counter_count; i++) {
        const struct gj_counter *c = &plan->counters[r->counters[i]];
        if (run->setting->counters[r->counters[i]] && gj_holds_at(&c->head, event->at) &&
            gj_scene_holds(&scene, c->when) &&
            run->sink->counted(run->sink->context, &scene, r->counters[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

static int count_once(struct gj_run *run, const struct gj_happening *event, int64_t now)
{
    const struct gj_plan *plan = run->setting->plan;
    for (size_t i = 0; i < plan->once_count; i++) {
        const struct gj_counter *c = &plan->counters[plan->once[i]];
        bool counts = run->setting->counters[plan->once[i]] && gj_holds_at(&c->head, now);
        for (size_t e = 0; counts && e < run->c->count; e++) {
            struct gj_entity *entity = run->c->entities[e];
            struct gj_scene scene;
            if (entity->kind != c->once || (entity->counted >> c->once_bit & 1) != 0) {
                continue;
            }
            gj_scene_set(&scene, run, entity, event, now);
            /* whose mark it is may be told later than that there is one */
            if (gj_scene_holds(&scene, c->when) &&
                gj_scene_eval(&scene, c->key).kind != GJ_V_UNKNOWN) {
                entity->counted |= UINT64_C(1) << c->once_bit;
                if (run->sink->counted(run->sink->context, &scene, plan->once[i]) != 0) {
                    return -1;
                }
            }
        }
    }
    return 0;
}

/* Memory that ran out may look like a condition that does not hold, or a value never told. */
static bool lacks_memory(const struct gj_run *run)
{
    return run->c->arena.failed || run->arena->failed;
}

int gj_run_event(struct gj_run *run, const struct gj_happening *event)
{
    const struct gj_events *events = run->setting->plan->events;
    const struct gj_event_type *type = &events->types[event->type];
    struct gj_entity *about = NULL;
    uint32_t family = events->kinds[type->about].family;
    if (event->subject_kind != GJ_NO_INDEX) { /* seen from its subject: flows alone */
        about = gj_case_entity(run->c, event->subject_kind, event->subject);
        run->c->last_at = event->at > run->c->last_at ? event->at : run->c->last_at;
        return about == NULL || move_all(run, about, event) != 0 ||
                       count_once(run, event, event->at) != 0 || lacks_memory(run)
                   ? -1
                   : 0;
    }
    if (type->about == events->shop_kind) {
        about = gj_case_entity(run->c, type->about, event->shop);
    }
    for (size_t i = 0; i < type->ref_count; i++) {
        uint32_t field = type->refs[i].field;
        if (field != GJ_NO_INDEX && event->values[field].kind == GJ_V_STRING &&
            events->kinds[type->refs[i].kind].family == family) {
            struct gj_entity *named =
                gj_case_entity(run->c, type->refs[i].kind, event->values[field].as.text);
            if (named == NULL) {
                return -1;
            }
            about = about == NULL && type->refs[i].kind == type->about ? named : about;
        }
    }
    if (about == NULL || remember(run, about, event) != 0) {
        return -1;
    }
    run->c->last_at = event->at > run->c->last_at ? event->at : run->c->last_at;
    return find(run, about, event) != 0 || move_all(run, about, event) != 0 ||
                   count_event(run, about, event) != 0 || count_once(run, event, event->at) != 0 ||
                   lacks_memory(run)
               ? -1
               : 0;
}

/* ---- deadlines ---- */

/* The instant of a deadline, or GJ_NEVER. */
static int64_t instant_of(struct gj_scene *scene, const struct gj_deadline *d)
{
    struct gj_value value = gj_scene_eval(scene, d->in != NULL ? d->in : d->at);
    if (d->in != NULL && value.kind == GJ_V_DURATION) {
        return scene->entered + gj_micros(value.as.instant);
    }
    return value.kind == GJ_V_TIMESTAMP ? gj_micros(value.as.instant) : GJ_NEVER;
}

/* Returns whether the shop's configuration was looked at. */
static bool deadlines_of(struct gj_run *run, const struct gj_entity *entity, uint32_t place,
                         void (*each)(void *context, const struct gj_due *due), void *context)
{
    const struct gj_plan *plan = run->setting->plan;
    uint32_t flow = plan->kinds[entity->kind].flows[place];
    const struct gj_standing *standing = &entity->standings[place];
    const struct gj_state *state = &plan->flows[flow].states[standing->state];
    struct gj_scene scene;
    if (state->deadline_count == 0) {
        return false;
    }
    gj_scene_set(&scene, run, entity, NULL, standing->entered);
    scene.entered = standing->entered;
    for (uint32_t d = 0; d < state->deadline_count; d++) {
        int64_t at =
            (standing->fired >> d & 1) != 0 ? GJ_NEVER : instant_of(&scene, &state->deadlines[d]);
        bool circles = at <= standing->entered && standing->turns >= GJ_TURNS_MAX;
        if (at != GJ_NEVER && !circles) {
            /* what was due before the state was entered is due at once */
            struct gj_due due = {at < standing->entered ? standing->entered : at,
                                 entity,
                                 flow,
                                 standing->state,
                                 d,
                                 standing->entered};
            each(context, &due);
        }
    }
    return scene.host.looked;
}

bool gj_run_deadlines(struct gj_run *run, void (*each)(void *context, const struct gj_due *due),
                      void *context)
{
    const struct gj_setting *setting = run->setting;
    bool bound = false;
    for (size_t i = 0; i < run->c->count; i++) {
        const struct gj_entity *entity = run->c->entities[i];
        const struct gj_kind_plan *kind = &setting->plan->kinds[entity->kind];
        for (uint32_t place = 0; place < kind->flow_count; place++) {
            uint32_t flow = kind->flows[place];
            if (entity->standings[place].state == GJ_NO_INDEX || has_ended(run, entity, place)) {
                continue;
            }
            bound |= setting->bound != NULL && setting->bound[flow];
            bound |= setting->flows[flow] && deadlines_of(run, entity, place, each, context);
        }
    }
    return bound;
}

struct earliest {
    struct gj_due due;
    bool any;
};

static void keep_earliest(void *context, const struct gj_due *due)
{
    struct earliest *best = context;
    if (best->any && due->at > best->due.at) {
        return;
    }
    if (best->any && due->at == best->due.at) {
        int order = gj_str_compare(due->entity->id, best->due.entity->id);
        order = order != 0 ? order
                           : (due->entity->kind > best->due.entity->kind) -
                                 (due->entity->kind < best->due.entity->kind);
        order = order != 0 ? order : (due->flow > best->due.flow) - (due->flow < best->due.flow);
        if (order > 0 || (order == 0 && due->deadline > best->due.deadline)) {
            return;
        }
    }
    *best = (struct earliest){*due, true};
}

bool gj_run_next(struct gj_run *run, struct gj_due *due, bool *bound)
{
    struct earliest best = {.any = false};
    bool is_bound = gj_run_deadlines(run, keep_earliest, &best);
    if (bound != NULL) {
        *bound = is_bound;
    }
    *due = best.due;
    return best.any;
}

int gj_run_fire(struct gj_run *run, const struct gj_due *due)
{
    const struct gj_plan *plan = run->setting->plan;
    struct gj_entity *entity = gj_case_find(run->c, due->entity->kind, due->entity->id);
    const struct gj_kind_plan *kind = &plan->kinds[entity->kind];
    uint32_t place = 0;
    while (place + 1 < kind->flow_count && kind->flows[place] != due->flow) {
        place++;
    }
    const struct gj_deadline *d =
        &plan->flows[due->flow].states[due->state].deadlines[due->deadline];
    struct gj_scene scene;
    gj_scene_set(&scene, run, entity, NULL, due->at);
    scene.entered = entity->standings[place].entered;
    entity->standings[place].fired |= UINT32_C(1) << due->deadline;
    run->c->last_at = due->at > run->c->last_at ? due->at : run->c->last_at;
    if (gj_scene_holds(&scene, d->then.when) &&
        take(run, &scene, entity, place, &d->then, d->name) != 0) {
        return -1;
    }
    return count_once(run, NULL, due->at) != 0 || lacks_memory(run) ? -1 : 0;
}
