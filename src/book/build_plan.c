/* Room book: the whole plan, and which entries an event concerns (see build_plan.h). */
#include <stdlib.h>

#include "book/build_plan.h"
#include "wire/json.h"

/* ---- ids, before anything refers to them ---- */

static void add_ids(struct gj_planner *p, const char *kind, struct gj_map *ids, void **items,
                    size_t *count, size_t size)
{
    *items = gj_arena_array(&p->plan->arena, gj_entry_total(&p->b, kind) + 1, size);
    for (const struct gj_node *n = gj_entry_of(p->b.documents, kind); *items != NULL && n != NULL;
         n = gj_entry_of(n->next, kind)) {
        struct gj_str id = {"", 0};
        gj_need_string(&p->b, n, kind, &id);
        if (gj_map_get(ids, id) != GJ_MAP_NONE) {
            gj_complain_twice(&p->b, n, kind, id);
        }
        gj_book_name(&p->b, ids, id, (uint32_t)(*count)++);
    }
}

static void add_all_ids(struct gj_planner *p)
{
    struct gj_plan *plan = p->plan;
    void *flows, *findings, *counters, *metrics, *ladders, *guidances;
    struct gj_map ignored;
    gj_map_init(&ignored);
    add_ids(p, "flow", &plan->flow_ids, &flows, &plan->flow_count, sizeof *plan->flows);
    add_ids(p, "finding", &plan->finding_ids, &findings, &plan->finding_count,
            sizeof *plan->findings);
    add_ids(p, "counter", &plan->counter_ids, &counters, &plan->counter_count,
            sizeof *plan->counters);
    add_ids(p, "metric", &plan->metric_ids, &metrics, &plan->metric_count, sizeof *plan->metrics);
    add_ids(p, "ladder", &plan->ladder_ids, &ladders, &plan->ladder_count, sizeof *plan->ladders);
    add_ids(p, "guidance", &ignored, &guidances, &plan->guidance_count, sizeof *plan->guidances);
    gj_map_release(&ignored);
    plan->flows = flows;
    plan->findings = findings;
    plan->counters = counters;
    plan->metrics = metrics;
    plan->ladders = ladders;
    plan->guidances = guidances;
}

/* ---- which entry an event concerns ---- */

static bool listed(const uint32_t *list, size_t count, uint32_t value)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i] == value) {
            return true;
        }
    }
    return false;
}

/* Which types are made of this one, and whether they or it tell of the shop. */
static void find_derived(struct gj_plan *plan, uint32_t type, struct gj_reaction *r)
{
    const struct gj_events *events = plan->events;
    uint32_t *derived = gj_arena_array(&plan->arena, events->type_count, sizeof *derived);
    r->tells_of_shop = events->types[type].about == events->shop_kind;
    for (uint32_t t = 0; derived != NULL && t < events->type_count; t++) {
        if (events->types[t].of == type) {
            derived[r->derived_count++] = t;
            r->tells_of_shop |= (!events->types[type].judged || events->types[t].every) &&
                                events->types[t].about == events->shop_kind;
        }
    }
    r->derived = derived;
}

static void find_means(const struct gj_plan *plan, uint32_t type, struct gj_reaction *r)
{
    const struct gj_kind_plan *shop = &plan->kinds[plan->events->shop_kind];
    uint32_t means = gj_map_get(&shop->by_name, GJ_STR("category_means"));
    for (size_t i = 0; i < r->keep_count && r->tells_of_shop; i++) {
        r->tells_means |= means != GJ_MAP_NONE && r->keeps[i].memory == means &&
                          plan->events->types[type].about == plan->events->shop_kind;
    }
}

static void find_once(struct gj_plan *plan)
{
    uint32_t *once = gj_arena_array(&plan->arena, plan->counter_count, sizeof *once);
    for (uint32_t i = 0; once != NULL && i < plan->counter_count; i++) {
        if (plan->counters[i].once != GJ_NO_INDEX) {
            once[plan->once_count++] = i;
        }
    }
    plan->once = once;
}

/* Who is ruled to have broken a row pays what the rule that carries it names: the first, where
 * several do. */
static void find_priced(struct gj_plan *plan, const struct gj_book *book)
{
    for (size_t i = 0; i < book->rule_count; i++) {
        const struct gj_rule *r = &book->rules[i];
        bool costs = r->cost.points != NULL || r->cost.fine_fen != NULL;
        for (size_t c = 0; c < r->cover_count && costs; c++) {
            if (gj_map_get(&plan->priced, r->covers[c]) == GJ_MAP_NONE) {
                plan->arena.failed |= gj_map_put(&plan->priced, r->covers[c], (uint32_t)i) != 0;
            }
        }
    }
}

void gj_plan_reactions(struct gj_planner *p)
{
    struct gj_plan *plan = p->plan;
    find_once(plan);
    find_priced(plan, p->b.book);
    for (uint32_t t = 0; t < plan->events->type_count; t++) {
        struct gj_reaction *r = &plan->reactions[t];
        uint32_t *findings =
            gj_arena_array(&plan->arena, plan->finding_count + 1, sizeof *findings);
        uint32_t *counters =
            gj_arena_array(&plan->arena, plan->counter_count + 1, sizeof *counters);
        for (uint32_t i = 0; findings != NULL && i < plan->finding_count; i++) {
            if (listed(plan->findings[i].on, plan->findings[i].on_count, t)) {
                findings[r->finding_count++] = i;
            }
        }
        for (uint32_t i = 0; counters != NULL && i < plan->counter_count; i++) {
            if (listed(plan->counters[i].on, plan->counters[i].on_count, t)) {
                counters[r->counter_count++] = i;
            }
        }
        r->findings = findings;
        r->counters = counters;
        find_derived(plan, t, r);
        find_means(plan, t, r);
    }
    for (uint32_t i = 0; i < plan->finding_count; i++) {
        const struct gj_heading *head = &plan->findings[i].head;
        for (size_t c = 0; c < head->cover_count; c++) {
            if (gj_map_get(&plan->covered, head->covers[c]) == GJ_MAP_NONE) {
                gj_book_name(&p->b, &plan->covered, head->covers[c], i);
            }
        }
    }
    for (uint32_t k = 0; k < plan->events->kind_count; k++) {
        uint32_t *flows = gj_arena_array(&plan->arena, plan->flow_count + 1, sizeof *flows);
        for (uint32_t f = 0; flows != NULL && f < plan->flow_count; f++) {
            if (plan->flows[f].kind == k) {
                flows[plan->kinds[k].flow_count++] = f;
            }
        }
        plan->kinds[k].flows = flows;
    }
}

static void add_link(struct gj_plan *plan, struct gj_kind_plan *kind, uint32_t memory,
                     uint32_t target)
{
    struct gj_memory *m = &kind->memories[memory];
    if (m->kept == GJ_NO_INDEX) {
        m->kept = kind->kept_count++;
    }
    for (size_t i = 0; i < kind->link_count; i++) {
        if (kind->links[i].kept == m->kept && kind->links[i].kind == target) {
            return;
        }
    }
    if (kind->links == NULL) {
        kind->links = gj_arena_array(&plan->arena, GJ_KINDS_MAX, sizeof *kind->links);
    }
    if (kind->links != NULL && kind->link_count < GJ_KINDS_MAX) {
        kind->links[kind->link_count++] = (struct gj_link){m->kept, target};
    }
}

/* What links entities is always kept: the ids of others that an event about one names. */
static void keep_links(struct gj_plan *plan)
{
    for (size_t t = 0; t < plan->events->type_count; t++) {
        const struct gj_event_type *type = &plan->events->types[t];
        const struct gj_reaction *r = &plan->reactions[t];
        for (size_t i = 1; i < type->ref_count; i++) {
            for (size_t k = 0; k < r->keep_count; k++) {
                if (r->keeps[k].field == type->refs[i].field && type->refs[i].kind != type->about) {
                    add_link(plan, &plan->kinds[type->about], r->keeps[k].memory,
                             type->refs[i].kind);
                }
            }
        }
    }
}

static void keep(struct gj_kind_plan *kind, uint32_t memory)
{
    if (memory != GJ_MAP_NONE && kind->memories[memory].kept == GJ_NO_INDEX) {
        kind->memories[memory].kept = kind->kept_count++;
    }
}

/* What the program itself reads of a shop: its zone, its category's means, the judge's facts. */
static void keep_configuration(struct gj_plan *plan)
{
    struct gj_kind_plan *shop = &plan->kinds[plan->events->shop_kind];
    keep(shop, gj_map_get(&shop->by_name, GJ_STR("zone")));
    keep(shop, gj_map_get(&shop->by_name, GJ_STR("category_means")));
    uint32_t *facts = gj_arena_array(&plan->arena, shop->memory_count, sizeof *facts);
    for (uint32_t m = 1; facts != NULL && m < shop->memory_count; m++) {
        if (gj_map_get(&plan->book->field_ids, shop->memories[m].full) != GJ_MAP_NONE) {
            keep(shop, m);
            facts[plan->fact_count++] = m;
        }
    }
    plan->facts = facts;
}

static void list_kept(struct gj_plan *plan)
{
    for (size_t k = 0; k < plan->events->kind_count; k++) {
        struct gj_kind_plan *kind = &plan->kinds[k];
        uint32_t *kept = gj_arena_array(&plan->arena, kind->kept_count, sizeof *kept);
        size_t count = 0;
        for (uint32_t m = 1; kept != NULL && m < kind->memory_count; m++) {
            if (kind->memories[m].kept != GJ_NO_INDEX) {
                kept[count++] = m;
            }
        }
        kind->kept = kept;
    }
}

/* `name` as JSON, with what stands before and behind it. */
static struct gj_str as_json(struct gj_arena *arena, struct gj_str before, struct gj_str name,
                             const char *behind)
{
    struct gj_buf text;
    gj_buf_init(&text);
    gj_buf_add_str(&text, before);
    gj_json_add_string(&text, name);
    gj_buf_add_cstr(&text, behind);
    arena->failed |= text.failed;
    struct gj_str kept = gj_arena_copy(arena, gj_buf_str(&text));
    gj_buf_release(&text);
    return kept;
}

/* Names as cases are written with them, again and again. */
static void write_names(struct gj_plan *plan)
{
    struct gj_arena *arena = &plan->arena;
    for (size_t k = 0; k < plan->events->kind_count; k++) {
        struct gj_kind_plan *kind = &plan->kinds[k];
        kind->json = as_json(arena, GJ_STR(""), plan->events->kinds[k].name, ",");
        for (size_t i = 0; kind->kept != NULL && i < kind->kept_count; i++) {
            struct gj_memory *memory = &kind->memories[kind->kept[i]];
            memory->json = as_json(arena, GJ_STR(""), memory->name, ":");
        }
    }
    for (size_t f = 0; f < plan->flow_count; f++) {
        struct gj_flow *flow = &plan->flows[f];
        struct gj_str *json = gj_arena_array(arena, flow->state_count + 1, sizeof *json);
        struct gj_str head = as_json(arena, GJ_STR(""), flow->head.id, ":[");
        for (size_t s = 0; json != NULL && s < flow->state_count; s++) {
            json[s] = as_json(arena, head, flow->states[s].name, ",");
        }
        flow->json = json;
    }
}

/* Without events and entities there is nothing that a flow or finding could speak of. */
static void refuse_all(struct gj_planner *p)
{
    for (const struct gj_node *n = p->b.documents; n != NULL; n = n->next) {
        gj_complain(&p->b, n, "the rulebook declares no events; add events.yaml");
    }
}

struct gj_plan *gj_plan_build(struct gj_book *book, const struct gj_events *events,
                              struct gj_errors *errors)
{
    struct gj_plan *plan = calloc(1, sizeof *plan);
    size_t before = errors->count + errors->dropped;
    if (plan == NULL) {
        gj_errors_say(errors, "out of memory while compiling the flows");
        return NULL;
    }
    gj_arena_init(&plan->arena);
    plan->book = book;
    plan->events = events;
    struct gj_planner p = {.b = {.book = book,
                                 .errors = errors,
                                 .documents = book->event_entries,
                                 .with_tests = book->with_tests},
                           .plan = plan};
    bool speaks_of_shops = plan->events->shop_kind != GJ_NO_INDEX;
    if (!speaks_of_shops) {
        refuse_all(&p);
    } else {
        gj_plan_memories(&p);
        add_all_ids(&p);
    }
    if (errors->count + errors->dropped == before && speaks_of_shops) {
        gj_plan_flows(&p);
        gj_plan_findings(&p);
        gj_plan_tallies(&p);
        gj_plan_reactions(&p);
        keep_links(plan);
        keep_configuration(plan);
        list_kept(plan);
        write_names(plan);
    }
    free(p.fields);
    if (plan->arena.failed) {
        gj_errors_say(errors, "out of memory while compiling the flows");
    }
    if (errors->count + errors->dropped > before) {
        gj_plan_free(plan);
        return NULL;
    }
    return plan;
}

size_t gj_heading_tests(const struct gj_heading *head)
{
    size_t count = 0;
    for (const struct gj_node *t = head->tests == NULL ? NULL : head->tests->first; t != NULL;
         t = t->next) {
        const struct gj_node *expect = gj_node_get(t, "expect");
        count += expect == NULL ? 0 : expect->kind == GJ_NODE_SEQUENCE ? expect->count : 1;
    }
    return count;
}

void gj_plan_free(struct gj_plan *plan)
{
    if (plan == NULL) {
        return;
    }
    for (size_t k = 0; k < GJ_KINDS_MAX; k++) {
        free(plan->kinds[k].memories);
        gj_map_release(&plan->kinds[k].by_name);
    }
    for (size_t f = 0; f < plan->flow_count && plan->flows != NULL; f++) {
        gj_map_release(&plan->flows[f].state_ids);
    }
    gj_map_release(&plan->flow_ids);
    gj_map_release(&plan->finding_ids);
    gj_map_release(&plan->counter_ids);
    gj_map_release(&plan->metric_ids);
    gj_map_release(&plan->ladder_ids);
    gj_map_release(&plan->covered);
    gj_map_release(&plan->priced);
    gj_map_release(&plan->event_name_ids);
    gj_arena_release(&plan->arena);
    free(plan);
}
