/* Room book: what the expressions of flows, findings and metrics can name, and how they are
 * compiled (see build_plan.h). */
#include <stdlib.h>

#include "base/vec.h"
#include "book/build_plan.h"

static const struct gj_choices ANY = {NULL, 0};

/* ---- memories: what entities remember ---- */

static struct gj_str joined(struct gj_planner *p, struct gj_str a, const char *between,
                            struct gj_str c)
{
    struct gj_buf text;
    gj_buf_init(&text);
    gj_buf_add_str(&text, a);
    gj_buf_add_cstr(&text, between);
    gj_buf_add_str(&text, c);
    p->plan->arena.failed |= text.failed;
    struct gj_str kept = gj_arena_copy(&p->plan->arena, gj_buf_str(&text));
    gj_buf_release(&text);
    return kept;
}

/* What may be one of `a` or one of `b`. */
static struct gj_choices joined_choices(struct gj_planner *p, struct gj_choices a,
                                        struct gj_choices b)
{
    struct gj_choices both = {NULL, 0};
    if (a.items == NULL || b.items == NULL || a.items == b.items) {
        return a.items == b.items ? a : both;
    }
    struct gj_str *items = gj_arena_array(&p->plan->arena, a.count + b.count, sizeof *items);
    if (items == NULL) {
        return both; /* any: out of memory is told where it matters */
    }
    memcpy(items, a.items, a.count * sizeof *items);
    both = (struct gj_choices){items, a.count};
    for (size_t i = 0; i < b.count; i++) {
        bool known = false;
        for (size_t j = 0; j < a.count && !known; j++) {
            known = gj_str_eq(a.items[j], b.items[i]);
        }
        if (!known) {
            items[both.count++] = b.items[i];
        }
    }
    return both;
}

static struct gj_choices choices_of(const struct gj_event_field *field)
{
    return (struct gj_choices){field->choices, field->choice_count};
}

static uint32_t add_memory(struct gj_planner *p, uint32_t kind, struct gj_str name,
                           const struct gj_type *type, struct gj_choices choices)
{
    struct gj_kind_plan *k = &p->plan->kinds[kind];
    uint32_t known = gj_map_get(&k->by_name, name);
    if (known != GJ_MAP_NONE) {
        k->memories[known].choices = joined_choices(p, k->memories[known].choices, choices);
        return known;
    }
    struct gj_memory *grown =
        gj_grow(k->memories, &k->memory_capacity, k->memory_count + 1, sizeof *grown);
    if (grown == NULL || k->memory_count + 1 >= GJ_MEMORIES_MAX ||
        gj_map_put(&k->by_name, name, (uint32_t)k->memory_count) != 0) {
        gj_errors_say(p->b.errors, "entities of kind '%s' remember too much",
                      p->plan->events->kinds[kind].name.ptr);
        return 0;
    }
    k->memories = grown;
    struct gj_str full = joined(p, p->plan->events->kinds[kind].name, ".", name);
    grown[k->memory_count] = (struct gj_memory){
        .name = name, .full = full, .type = type, .choices = choices, .kept = GJ_NO_INDEX};
    return (uint32_t)k->memory_count++;
}

static void keep_fields(struct gj_planner *p, const struct gj_event_type *type,
                        struct gj_reaction *reaction)
{
    size_t most = 0;
    for (size_t f = 0; f < type->field_count; f++) {
        most += type->fields[f].inner_count + 1;
    }
    struct gj_keep *keeps = gj_arena_array(&p->plan->arena, most + 1, sizeof *keeps);
    for (uint32_t f = 0; keeps != NULL && f < type->field_count; f++) {
        const struct gj_event_field *field = &type->fields[f];
        if (field->type->kind == GJ_TYPE_MAP && field->inner_count > 0 && !field->open) {
            for (uint32_t i = 0; i < field->inner_count; i++) {
                const struct gj_event_field *inner = &field->inner[i];
                struct gj_str name = joined(p, field->name, ".", inner->name);
                keeps[reaction->keep_count++] = (struct gj_keep){
                    f, i, add_memory(p, type->about, name, inner->type, choices_of(inner))};
            }
        } else {
            keeps[reaction->keep_count++] = (struct gj_keep){
                f, GJ_NO_INDEX,
                add_memory(p, type->about, field->name, field->type, choices_of(field))};
        }
    }
    reaction->keeps = keeps;
    reaction->stamp = add_memory(p, type->about, joined(p, type->stamp, "_at", GJ_STR("")),
                                 &gj_type_timestamp, ANY);
}

static void name_fields(struct gj_planner *p, const struct gj_event_type *type)
{
    struct gj_plan *plan = p->plan;
    for (size_t f = 0; f < type->field_count; f++) {
        struct gj_str name = type->fields[f].name;
        if (gj_map_get(&plan->event_name_ids, name) == GJ_MAP_NONE) {
            gj_book_name(&p->b, &plan->event_name_ids, name, (uint32_t)plan->event_name_count);
            plan->event_names[plan->event_name_count] = joined(p, GJ_STR("event"), ".", name);
            plan->event_name_types[plan->event_name_count++] = type->fields[f].type;
        }
    }
}

/* The names of enum gj_datum. */
static const char *const data[GJ_DATA] = {
    "agent_id", "amount_fen", "buyer_id", "class",  "fine_fen", "kind", "message_id",
    "outcome",  "points",     "rule",     "sender", "subject",  "text"};

static void find_data(const struct gj_event_type *type, struct gj_reaction *reaction)
{
    for (size_t d = 0; d < GJ_DATA; d++) {
        reaction->data[d] = GJ_NO_INDEX;
        for (uint32_t f = 0; f < type->field_count; f++) {
            reaction->data[d] = gj_str_is(type->fields[f].name, data[d]) ? f : reaction->data[d];
        }
    }
}

static void find_fields(struct gj_planner *p, const struct gj_event_type *type,
                        struct gj_reaction *reaction)
{
    struct gj_plan *plan = p->plan;
    find_data(type, reaction);
    uint32_t *by_name = gj_arena_array(&plan->arena, plan->event_name_count + 1, sizeof *by_name);
    for (size_t i = 0; by_name != NULL && i < plan->event_name_count; i++) {
        by_name[i] = GJ_NO_INDEX;
        for (uint32_t f = 0; f < type->field_count; f++) {
            uint32_t at = gj_map_get(&plan->event_name_ids, type->fields[f].name);
            by_name[i] = at == i ? f : by_name[i];
        }
    }
    reaction->fields_by_name = by_name;
}

static void flow_variables(struct gj_planner *p, const struct gj_node *n)
{
    const struct gj_node *entity = gj_node_get(n, "entity"), *vars = gj_node_get(n, "vars");
    uint32_t kind = entity == NULL || entity->kind != GJ_NODE_SCALAR
                        ? GJ_MAP_NONE
                        : gj_map_get(&p->plan->events->kind_ids, entity->text);
    if (vars == NULL || kind == GJ_MAP_NONE) {
        return; /* the flow's reader tells */
    }
    for (const struct gj_node *v = vars->kind == GJ_NODE_MAPPING ? vars->first : NULL; v != NULL;
         v = v->next) {
        const struct gj_type *type = v->kind == GJ_NODE_SCALAR ? gj_plan_type(v->text) : NULL;
        if (type == NULL) {
            gj_complain(&p->b, v,
                        "unknown type; use bool, int, string, timestamp, duration or list(...)");
            continue;
        }
        uint32_t memory = add_memory(p, kind, v->key->text, type, ANY);
        if (p->plan->kinds[kind].memories[memory].type != type) {
            gj_complain(&p->b, v, "'%s' of this kind has another type elsewhere", v->key->text.ptr);
        }
    }
}

void gj_plan_memories(struct gj_planner *p)
{
    struct gj_plan *plan = p->plan;
    const struct gj_events *events = plan->events;
    size_t fields = 0;
    for (uint32_t k = 0; k < events->kind_count; k++) {
        add_memory(p, k, GJ_STR("id"), &gj_type_string, ANY);
    }
    for (size_t t = 0; t < events->type_count; t++) {
        fields += events->types[t].field_count;
    }
    plan->event_names = gj_arena_array(&plan->arena, fields + 1, sizeof *plan->event_names);
    plan->event_name_types =
        gj_arena_array(&plan->arena, fields + 1, sizeof *plan->event_name_types);
    plan->reactions = gj_arena_array(&plan->arena, events->type_count + 1, sizeof *plan->reactions);
    if (plan->event_names == NULL || plan->event_name_types == NULL || plan->reactions == NULL) {
        gj_errors_say(p->b.errors, "out of memory while compiling the flows");
        return;
    }
    for (size_t t = 0; t < events->type_count; t++) {
        keep_fields(p, &events->types[t], &plan->reactions[t]);
        name_fields(p, &events->types[t]);
    }
    for (size_t t = 0; t < events->type_count; t++) {
        find_fields(p, &events->types[t], &plan->reactions[t]);
    }
    for (const struct gj_node *n = gj_entry_of(p->b.documents, "flow"); n != NULL;
         n = gj_entry_of(n->next, "flow")) {
        flow_variables(p, n);
    }
}

const struct gj_type *gj_plan_type(struct gj_str name)
{
    static const struct gj_type list_of_timestamp = {GJ_TYPE_LIST, NULL, &gj_type_timestamp};
    static const struct gj_type list_of_int = {GJ_TYPE_LIST, NULL, &gj_type_int};
    static const struct {
        const char *name;
        const struct gj_type *type;
    } types[] = {{"bool", &gj_type_bool},         {"int", &gj_type_int},
                 {"string", &gj_type_string},     {"timestamp", &gj_type_timestamp},
                 {"duration", &gj_type_duration}, {"list(string)", &gj_type_list_of_string},
                 {"list(int)", &list_of_int},     {"list(timestamp)", &list_of_timestamp}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (gj_str_is(name, types[i].name)) {
            return types[i].type;
        }
    }
    return NULL;
}

uint32_t gj_plan_family(const struct gj_plan *plan, uint32_t kind)
{
    uint32_t bits = UINT32_C(1) << plan->events->shop_kind;
    for (uint32_t k = 0; k < plan->events->kind_count; k++) {
        if (plan->events->kinds[k].family == plan->events->kinds[kind].family) {
            bits |= UINT32_C(1) << k;
        }
    }
    return bits;
}

/* ---- host functions ---- */

static int prepare_param(void *env, const struct gj_expr_function *function,
                         const struct gj_value *args, uint32_t *handle,
                         const struct gj_type **result, struct gj_buf *why)
{
    (void)function;
    const struct gj_book *book = ((struct gj_planner *)env)->plan->book;
    if (gj_find_name(&book->param_ids, args[0].as.text, "parameter", handle, why) != 0) {
        return -1;
    }
    book->params[*handle].used = true;
    *result = book->params[*handle].type;
    return 0;
}

uint32_t gj_plan_param_of(const struct gj_expr_call *call)
{
    return call->function->prepare == prepare_param ? call->handle : GJ_NO_INDEX;
}

/* The handle is flow * 256 + state. */
static int prepare_state(void *env, const struct gj_expr_function *function,
                         const struct gj_value *args, uint32_t *handle,
                         const struct gj_type **result, struct gj_buf *why)
{
    (void)function;
    (void)result;
    const struct gj_plan *plan = ((struct gj_planner *)env)->plan;
    uint32_t flow = 0, state = 0;
    if (gj_find_name(&plan->flow_ids, args[0].as.text, "flow", &flow, why) != 0 ||
        gj_find_name(&plan->flows[flow].state_ids, args[1].as.text, "state", &state, why) != 0) {
        return -1;
    }
    *handle = flow * 256 + state;
    return 0;
}

/* The handle is flow << 18 | state << 10 | memory, as far as the function names them. */
static int prepare_census(void *env, const struct gj_expr_function *function,
                          const struct gj_value *args, uint32_t *handle,
                          const struct gj_type **result, struct gj_buf *why)
{
    (void)result;
    struct gj_plan *plan = ((struct gj_planner *)env)->plan;
    uint32_t flow = 0, state = 0, memory = 0;
    if (gj_find_name(&plan->flow_ids, args[0].as.text, "flow", &flow, why) != 0) {
        return -1;
    }
    struct gj_kind_plan *kind = &plan->kinds[plan->flows[flow].kind];
    if (function->param_count == 3) {
        const struct gj_map *states = &plan->flows[flow].state_ids;
        if (gj_find_name(states, args[1].as.text, "state", &state, why) != 0 ||
            gj_find_name(&kind->by_name, args[2].as.text, "field", &memory, why) != 0) {
            return -1;
        }
        struct gj_memory *m = &kind->memories[memory];
        if (m->type != &gj_type_int) {
            gj_buf_addf(why, "'%.*s' is not a number", (int)m->full.len, m->full.ptr);
            return -1;
        }
        m->kept = m->kept == GJ_NO_INDEX ? kind->kept_count++ : m->kept;
    }
    if (flow >= 1 << 14 || state >= 1 << 8 || memory >= 1 << 10) {
        gj_buf_add_cstr(why, "the rulebook has too many flows, states or fields for this function");
        return -1;
    }
    *handle = flow << 18 | state << 10 | memory;
    return 0;
}

static struct gj_value call_param(void *context, uint32_t handle, const struct gj_value *args,
                                  struct gj_arena *arena)
{
    (void)args;
    (void)arena;
    const struct gj_plan_host *host = context;
    return gj_param_at(&host->plan->book->params[handle], host->at);
}

static struct gj_value call_state(void *context, uint32_t handle, const struct gj_value *args,
                                  struct gj_arena *arena)
{
    (void)args;
    (void)arena;
    struct gj_plan_host *host = context;
    return (struct gj_value){.kind = GJ_V_BOOL,
                             .as.boolean = host->in_state(host, handle / 256, handle % 256)};
}

static struct gj_value call_running(void *context, uint32_t handle, const struct gj_value *args,
                                    struct gj_arena *arena)
{
    (void)args;
    (void)arena;
    struct gj_plan_host *host = context;
    return host->census(host, GJ_RUNNING, handle >> 18, 0, 0);
}

static struct gj_value call_last_moved(void *context, uint32_t handle, const struct gj_value *args,
                                       struct gj_arena *arena)
{
    (void)args;
    (void)arena;
    struct gj_plan_host *host = context;
    return host->census(host, GJ_LAST_MOVED, handle >> 18, 0, 0);
}

static struct gj_value call_total_in(void *context, uint32_t handle, const struct gj_value *args,
                                     struct gj_arena *arena)
{
    (void)args;
    (void)arena;
    struct gj_plan_host *host = context;
    return host->census(host, GJ_TOTAL_IN, handle >> 18, handle >> 10 & 0xFF, handle & 0x3FF);
}

static struct gj_value an_error(const char *why)
{
    return (struct gj_value){.kind = GJ_V_ERROR, .as.text = gj_str_of(why)};
}

static struct gj_value a_duration(int64_t count, int64_t unit)
{
    enum { SECONDS_MAX = 2000000000 }; /* about 63 years: within a duration's range */
    if (count > SECONDS_MAX / unit || count < -SECONDS_MAX / unit) {
        return an_error("the duration is too long");
    }
    return (struct gj_value){.kind = GJ_V_DURATION, .as.instant = {count * unit, 0}};
}

static struct gj_value call_broke(void *context, uint32_t handle, const struct gj_value *args,
                                  struct gj_arena *arena)
{
    (void)handle;
    (void)arena;
    struct gj_plan_host *host = context;
    return (struct gj_value){.kind = GJ_V_BOOL, .as.boolean = host->broke(host, args[0].as.text)};
}

static struct gj_value call_minutes(void *context, uint32_t handle, const struct gj_value *args,
                                    struct gj_arena *arena)
{
    (void)context;
    (void)handle;
    (void)arena;
    return a_duration(args[0].as.integer, 60);
}

static struct gj_value call_hours(void *context, uint32_t handle, const struct gj_value *args,
                                  struct gj_arena *arena)
{
    (void)context;
    (void)handle;
    (void)arena;
    return a_duration(args[0].as.integer, 3600);
}

static struct gj_value call_days(void *context, uint32_t handle, const struct gj_value *args,
                                 struct gj_arena *arena)
{
    (void)context;
    (void)handle;
    (void)arena;
    return a_duration(args[0].as.integer, GJ_SECONDS_PER_DAY);
}

static struct gj_value call_earliest(void *context, uint32_t handle, const struct gj_value *args,
                                     struct gj_arena *arena)
{
    (void)context;
    (void)handle;
    (void)arena;
    return gj_instant_compare(args[0].as.instant, args[1].as.instant) <= 0 ? args[0] : args[1];
}

static struct gj_value call_latest(void *context, uint32_t handle, const struct gj_value *args,
                                   struct gj_arena *arena)
{
    (void)context;
    (void)handle;
    (void)arena;
    return gj_instant_compare(args[0].as.instant, args[1].as.instant) >= 0 ? args[0] : args[1];
}

static struct gj_value call_least(void *context, uint32_t handle, const struct gj_value *args,
                                  struct gj_arena *arena)
{
    (void)context;
    (void)handle;
    (void)arena;
    return args[0].as.integer <= args[1].as.integer ? args[0] : args[1];
}

static struct gj_value call_greatest(void *context, uint32_t handle, const struct gj_value *args,
                                     struct gj_arena *arena)
{
    (void)context;
    (void)handle;
    (void)arena;
    return args[0].as.integer >= args[1].as.integer ? args[0] : args[1];
}

static struct gj_value call_day_start(void *context, uint32_t handle, const struct gj_value *args,
                                      struct gj_arena *arena)
{
    (void)handle;
    (void)arena;
    struct gj_plan_host *host = context;
    struct gj_value start = args[0];
    int64_t day = gj_zone_day(host->zone, start.as.instant.seconds);
    host->looked = true;
    start.as.instant.seconds = gj_zone_midnight(host->zone, day);
    start.as.instant.nanos = 0;
    return start;
}

static struct gj_value call_clock(void *context, uint32_t handle, const struct gj_value *args,
                                  struct gj_arena *arena)
{
    (void)handle;
    (void)arena;
    struct gj_plan_host *host = context;
    int64_t at = args[0].as.instant.seconds;
    host->looked = true;
    int64_t of_day = (at + gj_zone_offset(host->zone, at)) % GJ_SECONDS_PER_DAY;
    return (struct gj_value){.kind = GJ_V_INT,
                             .as.integer = of_day < 0 ? of_day + GJ_SECONDS_PER_DAY : of_day};
}

enum { PASSING = 6 }; /* how many of them may give something else when time has passed */

static const struct gj_expr_function functions[] = {
    {"param", &gj_type_dyn, {&gj_type_string}, 1, 5, prepare_param, call_param},
    {"in_state",
     &gj_type_bool,
     {&gj_type_string, &gj_type_string},
     2,
     5,
     prepare_state,
     call_state},
    {"running", &gj_type_int, {&gj_type_string}, 1, 20, prepare_census, call_running},
    {"last_moved", &gj_type_timestamp, {&gj_type_string}, 1, 20, prepare_census, call_last_moved},
    {"total_in",
     &gj_type_int,
     {&gj_type_string, &gj_type_string, &gj_type_string},
     3,
     20,
     prepare_census,
     call_total_in},
    {"broke", &gj_type_bool, {&gj_type_string}, 1, 5, NULL, call_broke},
    {"minutes", &gj_type_duration, {&gj_type_int}, 1, 1, NULL, call_minutes},
    {"hours", &gj_type_duration, {&gj_type_int}, 1, 1, NULL, call_hours},
    {"days", &gj_type_duration, {&gj_type_int}, 1, 1, NULL, call_days},
    {"earliest",
     &gj_type_timestamp,
     {&gj_type_timestamp, &gj_type_timestamp},
     2,
     1,
     NULL,
     call_earliest},
    {"latest",
     &gj_type_timestamp,
     {&gj_type_timestamp, &gj_type_timestamp},
     2,
     1,
     NULL,
     call_latest},
    {"least", &gj_type_int, {&gj_type_int, &gj_type_int}, 2, 1, NULL, call_least},
    {"greatest", &gj_type_int, {&gj_type_int, &gj_type_int}, 2, 1, NULL, call_greatest},
    {"day_start", &gj_type_timestamp, {&gj_type_timestamp}, 1, 1, NULL, call_day_start},
    {"clock", &gj_type_int, {&gj_type_timestamp}, 1, 1, NULL, call_clock},
};

/* ---- names in scope ---- */

static void declare(struct gj_planner *p, struct gj_str name, const struct gj_type *type,
                    uint32_t slot, struct gj_choices choices)
{
    struct gj_expr_field *grown =
        gj_grow(p->fields, &p->field_capacity, p->field_count + 1, sizeof *grown);
    if (grown != NULL) {
        p->fields = grown;
        grown[p->field_count++] = (struct gj_expr_field){name, type, slot, choices};
    }
}

/* The types whose data a scope sees, by number. */
static size_t seen_count(const struct gj_plan *plan, const struct gj_scope *scope)
{
    return scope->all_events ? plan->events->type_count : scope->type_count;
}

static uint32_t seen_type(const struct gj_scope *scope, size_t i)
{
    return scope->all_events ? (uint32_t)i : scope->types[i];
}

/* event.NAME, if a type that the scope sees has it. */
static void declare_event_name(struct gj_planner *p, const struct gj_scope *scope, uint32_t name)
{
    const struct gj_plan *plan = p->plan;
    struct gj_choices choices = ANY;
    bool found = false;
    for (size_t i = 0; i < seen_count(plan, scope); i++) {
        uint32_t type = seen_type(scope, i);
        uint32_t field = plan->reactions[type].fields_by_name[name];
        if (field != GJ_NO_INDEX) {
            struct gj_choices own = choices_of(&plan->events->types[type].fields[field]);
            choices = found ? joined_choices(p, choices, own) : own;
            found = true;
        }
    }
    if (found) {
        declare(p, plan->event_names[name], plan->event_name_types[name], GJ_SLOT_EVENT + name,
                choices);
    }
}

static void declare_events(struct gj_planner *p, const struct gj_scope *scope)
{
    const struct gj_plan *plan = p->plan;
    size_t count = seen_count(plan, scope);
    if (count == 0) {
        return;
    }
    struct gj_str *names = gj_arena_array(&p->plan->arena, count, sizeof *names);
    for (size_t i = 0; names != NULL && i < count; i++) {
        names[i] = plan->events->types[seen_type(scope, i)].name;
    }
    declare(p, GJ_STR("event.type"), &gj_type_string, GJ_SLOT_EVENT_TYPE,
            (struct gj_choices){names, count});
    for (uint32_t i = 0; i < plan->event_name_count; i++) {
        declare_event_name(p, scope, i);
    }
}

static void declare_kinds(struct gj_planner *p, const struct gj_scope *scope)
{
    const struct gj_plan *plan = p->plan;
    for (uint32_t k = 0; k < plan->events->kind_count; k++) {
        const struct gj_kind_plan *kind = &plan->kinds[k];
        for (uint32_t m = 0; (scope->kinds >> k & 1) != 0 && m < kind->memory_count; m++) {
            declare(p, kind->memories[m].full, kind->memories[m].type,
                    GJ_SLOT_MEMORY + k * GJ_MEMORIES_MAX + m, kind->memories[m].choices);
        }
    }
}

static void declare_metric(struct gj_planner *p, const struct gj_metric *metric)
{
    for (uint32_t i = 0; i < metric->count_count; i++) {
        declare(p, metric->counts[i].name, &gj_type_int, GJ_SLOT_COUNTS + i, ANY);
    }
    declare(p, GJ_STR("numerator"), &gj_type_int, GJ_SLOT_NUMERATOR, ANY);
    declare(p, GJ_STR("denominator"), &gj_type_int, GJ_SLOT_DENOMINATOR, ANY);
    declare(p, GJ_STR("value_bp"), &gj_type_int, GJ_SLOT_VALUE_BP, ANY);
    declare(p, GJ_STR("mean_bp"), &gj_type_int, GJ_SLOT_MEAN_BP, ANY);
    declare(p, GJ_STR("mean_count"), &gj_type_int, GJ_SLOT_MEAN_COUNT, ANY);
}

static void mark_kept(struct gj_plan *plan, const struct gj_expr *expr)
{
    const uint32_t *slots = NULL;
    size_t count = gj_expr_slots(expr, &slots);
    for (size_t i = 0; i < count; i++) {
        if (slots[i] >= GJ_SLOT_MEMORY) {
            uint32_t at = slots[i] - GJ_SLOT_MEMORY;
            struct gj_kind_plan *kind = &plan->kinds[at / GJ_MEMORIES_MAX];
            struct gj_memory *memory = &kind->memories[at % GJ_MEMORIES_MAX];
            if (memory->kept == GJ_NO_INDEX && at % GJ_MEMORIES_MAX != 0) {
                memory->kept = kind->kept_count++;
            }
        }
    }
}

const struct gj_expr *gj_plan_expr(struct gj_planner *p, const struct gj_node *node,
                                   const struct gj_scope *scope, const struct gj_type *want)
{
    if (node == NULL) {
        return NULL;
    }
    if (node->kind != GJ_NODE_SCALAR) {
        gj_complain(&p->b, node, "an expression must be a single value");
        return NULL;
    }
    p->field_count = 0;
    const struct gj_field *platform = &p->plan->book->fields[GJ_FIELD_PLATFORM];
    declare(p, GJ_STR("platform"), &gj_type_string, GJ_SLOT_PLATFORM,
            (struct gj_choices){platform->values, platform->value_count});
    if (!scope->steady) {
        declare(p, GJ_STR("now"), &gj_type_timestamp, GJ_SLOT_NOW, ANY);
    }
    if (scope->in_flow) {
        declare(p, GJ_STR("entered"), &gj_type_timestamp, GJ_SLOT_ENTERED, ANY);
    }
    declare_events(p, scope);
    declare_kinds(p, scope);
    if (scope->metric != NULL) {
        declare_metric(p, scope->metric);
    }
    const struct gj_file *file = &p->plan->book->files[node->file];
    size_t passing = scope->steady ? PASSING : 0;
    struct gj_expr_env env = {.fields = p->fields,
                              .field_count = p->field_count,
                              .functions = functions + passing,
                              .function_count = sizeof functions / sizeof functions[0] - passing,
                              .context = p};
    struct gj_expr_place place = {file->path, node->line, node->column,
                                  gj_file_line(file, node->line)};
    const struct gj_expr *expr =
        gj_expr_compile(&p->plan->arena, node->text, &env, want, place, p->b.errors);
    if (expr != NULL) {
        mark_kept(p->plan, expr);
    }
    return expr;
}

const struct gj_expr *gj_plan_expr_of(struct gj_planner *p, const struct gj_node *mapping,
                                      const char *key, const struct gj_scope *scope,
                                      const struct gj_type *want)
{
    return gj_plan_expr(p, gj_node_get(mapping, key), scope, want);
}
