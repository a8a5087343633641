/* Room engine: one event into one case: its flows, rulings and blocked sentences (see inside.h). */
#include "engine/inside.h"

/* ---- blocked sentences ---- */

/* A blocked sentence is a finding at risk, once for each rule. */
static int note_blocked(struct gj_engine *e, const struct gj_event *event,
                        const gj_verdict *verdict)
{
    struct gj_value message = gj_engine_datum(e, event, GJ_DATUM_MESSAGE_ID);
    struct gj_value agent = gj_engine_datum(e, event, GJ_DATUM_AGENT_ID);
    for (size_t i = 0; i < verdict->hit_count; i++) {
        const gj_hit *hit = &verdict->hits[i];
        bool again = hit->suggestion != GJ_BLOCK;
        for (size_t j = 0; j < i && !again; j++) {
            again = verdict->hits[j].suggestion == GJ_BLOCK &&
                    strcmp(verdict->hits[j].rule, hit->rule) == 0;
        }
        if (again) {
            continue;
        }
        struct gj_found found = {.at = gj_micros(event->time),
                                 .rule = gj_str_of(hit->rule),
                                 .kind = GJ_STR("message"),
                                 .subject =
                                     message.kind == GJ_V_STRING ? message.as.text : GJ_STR(""),
                                 .agent = agent.kind == GJ_V_STRING ? agent.as.text : GJ_STR(""),
                                 .severity = gj_str_of(gj_severity_name(hit->severity)),
                                 .because = gj_str_of(hit->title_zh)};
        if (gj_outcomes_note(&e->outcomes, &found) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- rulings ---- */

static enum gj_party party_of(struct gj_str name, enum gj_party standard)
{
    return gj_str_is(name, "consumer") ? GJ_BUYER
           : gj_str_is(name, "agent")  ? GJ_AGENT
           : gj_str_is(name, "shop")   ? GJ_SHOP
                                       : standard;
}

static int64_t named_int(const struct gj_scene *scene, enum gj_datum which, int64_t standard)
{
    struct gj_value value = gj_scene_datum(scene, which);
    return value.kind == GJ_V_INT ? value.as.integer : standard;
}

/* An entity of which nothing is known but its id. */
static int make_stranger(struct gj_engine *e, uint32_t kind, struct gj_str id,
                         struct gj_entity *out)
{
    const struct gj_kind_plan *k = &e->plan->kinds[kind];
    *out = (struct gj_entity){.kind = kind, .id = id};
    out->memory = gj_arena_array(&e->arena, k->kept_count + 1, sizeof *out->memory);
    out->standings = gj_arena_array(&e->arena, k->flow_count + 1, sizeof *out->standings);
    if (out->memory == NULL || out->standings == NULL) {
        return -1;
    }
    for (size_t m = 0; m < k->kept_count; m++) {
        out->memory[m].kind = GJ_V_UNKNOWN;
    }
    for (size_t f = 0; f < k->flow_count; f++) {
        out->standings[f].state = GJ_NO_INDEX;
    }
    return 0;
}

/* The entity that the ruling is about: its `subject` where it is known, else the ruling itself;
 * *case_id: the case it belongs to, 0: none. */
static int subject_of(struct gj_engine *e, struct gj_shop *shop, const struct gj_event *event,
                      struct gj_scene *scene, const struct gj_entity *ruling,
                      struct gj_entity *unknown, struct gj_case *was,
                      const struct gj_entity **subject, int64_t *case_id)
{
    struct gj_str id;
    uint32_t k = GJ_NO_INDEX;
    *case_id = 0;
    *subject = ruling;
    if (!gj_view_subject(e, event, &k, &id)) {
        return 0;
    }
    struct gj_str kind = e->plan->events->kinds[k].name;
    if (make_stranger(e, k, id, unknown) != 0 ||
        gj_store_entity_case(e->store, shop->id, kind, id, case_id) != 0) {
        return -1;
    }
    *subject = unknown;
    scene->entities[k] = unknown;
    struct gj_cached *cached = *case_id == 0 ? NULL : gj_engine_case(e, shop, *case_id);
    if (cached == NULL) {
        return *case_id == 0 ? 0 : -1;
    }
    /* the ruling sees what the case knew when it came */
    struct gj_case *c = &cached->c;
    if (c->last_at >= scene->now) {
        c = was;
        if (gj_engine_as_of(e, cached, scene->now, e->outcomes.seq, was) != 0 ||
            gj_engine_setting(e, shop, scene->now) != 0) {
            return -1;
        }
        scene->entities[e->plan->events->shop_kind] = shop->setting.shop;
    }
    const struct gj_entity *entity = gj_case_find(c, k, id);
    if (entity == NULL) {
        return 0;
    }
    struct gj_run view = {c, &shop->setting, scene->arena, &e->sink};
    gj_scene_set(scene, &view, entity, scene->event, scene->now);
    scene->entities[ruling->kind] =
        scene->entities[ruling->kind] == NULL ? ruling : scene->entities[ruling->kind];
    *subject = entity;
    return 0;
}

/* The ladder of which the finding is a step; NULL: it is none. */
static const struct gj_ladder *ladder_of(const struct gj_plan *plan, uint32_t finding)
{
    for (size_t i = 0; i < plan->ladder_count; i++) {
        for (size_t s = 0; s < plan->ladders[i].step_count; s++) {
            if (plan->ladders[i].steps[s].finding == finding) {
                return &plan->ladders[i];
            }
        }
    }
    return NULL;
}

/* What the ruling names and the finding has no entry for: its points, its fine. With a step of a
 * ladder, points are the sum that was reached and not more of them. */
static struct gj_price beyond_entries(const struct gj_plan *plan, const struct gj_scene *scene,
                                      uint32_t finding)
{
    const struct gj_finding_plan *f = &plan->findings[finding];
    struct gj_price price = {
        .payer = GJ_SHOP, .payee = GJ_PLATFORM, .entries_before = f->booking_count};
    bool has_points = ladder_of(plan, finding) != NULL, has_fen = false;
    for (size_t i = 0; i < f->booking_count; i++) {
        has_points |= f->bookings[i].points;
        has_fen |= !f->bookings[i].points;
    }
    if (!has_points) {
        price.points = named_int(scene, GJ_DATUM_POINTS, 0);
    }
    if (!has_fen) {
        price.fine_fen = named_int(scene, GJ_DATUM_AMOUNT_FEN, 0);
        price.fine_fen = named_int(scene, GJ_DATUM_FINE_FEN, price.fine_fen);
    }
    return price;
}

/* The case of a metric's window that has found it by itself, if the ruling comes in the next one.
 */
static int window_case(struct gj_engine *e, const struct gj_shop *shop, uint32_t finding,
                       const struct gj_entity *about, int64_t at, int64_t *case_id)
{
    struct gj_str kind = e->plan->events->kinds[about->kind].name;
    struct gj_str product = gj_str_is(kind, "product") ? about->id : GJ_STR("");
    return gj_engine_window_case(e, shop, finding, at, product, case_id);
}

/* What was found by itself, about a case, at the end of the window before or as a step of a ladder
 * in that year, and is ruled as well, costs once: *cause learns what it has cost, the outcomes
 * which entries these were. */
static int look_back(struct gj_engine *e, const struct gj_shop *shop, const struct gj_scene *scene,
                     uint32_t finding, const struct gj_entity *about, struct gj_matter *m,
                     struct gj_cause *cause)
{
    const struct gj_ladder *l = ladder_of(e->plan, finding);
    int64_t window = 0;
    if ((l != NULL &&
         (gj_ladder_note_ruling(e, shop, l, scene->now, m->ruling_id, m->ruling) != 0 ||
          gj_ladder_case(e, shop, l, scene->now, &m->case_id) != 0)) ||
        window_case(e, shop, finding, about, scene->now, &window) != 0) {
        return -1;
    }
    m->case_id = window != 0 ? window : m->case_id;
    if (m->unnamed && m->case_id == 0) { /* perhaps told once more, and of what it was before */
        gj_outcomes_costs_of(&e->outcomes, e->plan->findings[finding].head.id, cause->booked);
        return 0;
    }
    bool apart = l != NULL || window != 0; /* from the cases of events */
    e->outcomes.cost_count = 0;
    e->outcomes.step = l != NULL;
    return m->case_id != 0 &&
                   gj_outcomes_matter(&e->outcomes, scene, finding, about, apart, &m->head)
               ? gj_matter_costs(e, m, cause->booked)
               : 0;
}

/* By a rule on messages, where one names a price; what the ruling names goes before it. */
static struct gj_price price_of(struct gj_engine *e, const struct gj_scene *scene,
                                const struct gj_rule *r, int64_t at)
{
    struct gj_price price = {.payer = GJ_SHOP, .payee = GJ_PLATFORM};
    if (r != NULL) {
        price.points = gj_rule_cost(e, r->cost.points, at);
        price.fine_fen = gj_rule_cost(e, r->cost.fine_fen, at);
        price.class_ = r->cost.points_class;
        price.payer = party_of(r->cost.payer, GJ_SHOP);
        price.payee = party_of(r->cost.payee, GJ_PLATFORM);
    }
    price.points = named_int(scene, GJ_DATUM_POINTS, price.points);
    price.fine_fen = named_int(scene, GJ_DATUM_AMOUNT_FEN, price.fine_fen);
    price.fine_fen = named_int(scene, GJ_DATUM_FINE_FEN, price.fine_fen);
    return price;
}

static int rule_on(struct gj_engine *e, struct gj_shop *shop, struct gj_case *c,
                   const struct gj_event *raw, const struct gj_happening *event,
                   struct gj_case *was)
{
    const struct gj_plan *plan = e->plan;
    const struct gj_event_type *type = &plan->events->types[event->type];
    struct gj_run run = {c, &shop->setting, &e->arena, &e->sink};
    struct gj_entity stranger;
    const struct gj_entity *about = NULL;
    struct gj_matter matter = {.at = event->at,
                               .ruling_id = event->values[type->refs[0].field].as.text};
    struct gj_scene scene;
    const struct gj_entity *ruling = gj_case_find(c, type->about, matter.ruling_id);
    gj_scene_set(&scene, &run, ruling, event, event->at);
    struct gj_value named = gj_scene_datum(&scene, GJ_DATUM_RULE);
    if (subject_of(e, shop, raw, &scene, ruling, &stranger, was, &about, &matter.case_id) != 0 ||
        gj_store_entity_case(e->store, shop->id, plan->events->kinds[type->about].name,
                             matter.ruling_id, &matter.ruling) != 0) {
        return -1;
    }
    struct gj_cause cause = {.ruled = true};
    matter.unnamed = about == ruling;
    e->outcomes.weighed = false;
    struct gj_str id = named.kind == GJ_V_STRING ? named.as.text : GJ_STR("");
    uint32_t finding = gj_map_get(&plan->finding_ids, id);
    finding = finding == GJ_MAP_NONE ? gj_map_get(&plan->covered, id) : finding;
    if (finding != GJ_MAP_NONE) {
        const struct gj_finding_plan *f = &plan->findings[finding];
        cause.ruled_as = id;
        int status = look_back(e, shop, &scene, finding, about, &matter, &cause);
        e->outcomes.weighed = cause.booked[0] > 0 || cause.booked[1] > 0;
        status =
            status == 0 ? gj_outcomes_found(&e->outcomes, &scene, finding, about, &cause) : status;
        if (status != 0 || f->booking_count + f->measure_count > 0) {
            struct gj_price beyond = beyond_entries(plan, &scene, finding);
            return status != 0 ? status
                               : gj_outcomes_ruled(&e->outcomes, &scene, id, about, &beyond);
        }
    }
    uint32_t at = gj_rule_of_messages(e, id);
    const struct gj_rule *r = at == GJ_MAP_NONE ? NULL : &e->book->rules[at];
    struct gj_price price = price_of(e, &scene, r, event->at);
    struct gj_found found = {.at = event->at,
                             .rule = id,
                             .kind = plan->events->kinds[about->kind].name,
                             .subject = about->id,
                             .agent = gj_outcomes_agent(&scene),
                             .severity =
                                 r == NULL ? GJ_STR("major")
                                           : gj_str_of(gj_severity_name((gj_severity)r->severity)),
                             .because = r == NULL ? GJ_STR("人工认定") : r->title_zh};
    /* a penalty that names no rule is booked, and nothing is found */
    return id.len > 0 && finding == GJ_MAP_NONE && gj_outcomes_note(&e->outcomes, &found) != 0
               ? -1
               : gj_outcomes_ruled(&e->outcomes, &scene, id, about, &price);
}

static int rule(struct gj_engine *e, struct gj_shop *shop, struct gj_case *c,
                const struct gj_event *raw, const struct gj_happening *event,
                struct gj_outcomes_mark_point before)
{
    struct gj_case was;
    gj_case_init(&was, e->plan);
    int status = rule_on(e, shop, c, raw, event, &was);
    gj_case_release(&was);
    bool again = before.founds + before.parts + before.measures > 0;
    return status == 0 && again ? gj_outcomes_once(&e->outcomes, before, event->at) : status;
}

/* Lifted, nothing of it stands; upheld, what it names itself. */
static int settle(struct gj_engine *e, const struct gj_event *event, int64_t at)
{
    struct gj_value outcome = gj_engine_datum(e, event, GJ_DATUM_OUTCOME);
    if (outcome.kind == GJ_V_STRING && gj_str_is(outcome.as.text, "lifted")) {
        return gj_outcomes_reverse(&e->outcomes, at);
    }
    struct gj_value points = gj_engine_datum(e, event, GJ_DATUM_POINTS);
    struct gj_value fine = gj_engine_datum(e, event, GJ_DATUM_FINE_FEN);
    int status =
        points.kind != GJ_V_INT ? 0 : gj_outcomes_amend(&e->outcomes, true, points.as.integer, at);
    return status != 0 || fine.kind != GJ_V_INT
               ? status
               : gj_outcomes_amend(&e->outcomes, false, fine.as.integer, at);
}

int gj_engine_run(struct gj_engine *e, struct gj_shop *shop, struct gj_case *c,
                  const struct gj_event *event, const struct gj_view *view, int64_t seq,
                  const gj_verdict *verdict)
{
    struct gj_outcomes_mark_point before = gj_outcomes_here(&e->outcomes);
    struct gj_moment moment;
    bool own = view->type == event->type && view->subject_kind == GJ_NO_INDEX;
    int status = gj_engine_happen(e, shop, c, &e->sink, event, view, seq, verdict, &moment);
    if (status != 0 || !own) {
        return status;
    }
    if (view->type == e->ruled || view->type == e->notified) {
        status = rule(e, shop, c, event, &moment.happening, before);
    } else if (view->type == e->settled) {
        status = settle(e, event, moment.happening.at);
    } else if (verdict != NULL && verdict->suggestion == GJ_BLOCK) {
        status = note_blocked(e, event, verdict);
    }
    return status;
}
