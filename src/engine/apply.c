/* Room engine: one event into one case (see engine.h). */
#include "engine/engine.h"

/* ---- what an event is seen as ---- */

struct gj_value gj_engine_datum(const struct gj_engine *e, const struct gj_event *event,
                                enum gj_datum which)
{
    struct gj_value unknown = {.kind = GJ_V_UNKNOWN};
    uint32_t field = e->plan->reactions[event->type].data[which];
    return field == GJ_NO_INDEX ? unknown : event->values[field];
}

/* "subject": {kind, id} of a ruling; false: it has none. */
static bool subject_named(const struct gj_engine *e, const struct gj_event *event, uint32_t *kind,
                          struct gj_str *id)
{
    struct gj_value subject = gj_engine_datum(e, event, GJ_DATUM_SUBJECT);
    *kind = GJ_MAP_NONE;
    *id = GJ_STR("");
    for (uint32_t i = 0; subject.kind == GJ_V_MAP && i < subject.count; i++) {
        struct gj_entry entry = subject.as.entries[i];
        if (entry.value.kind == GJ_V_STRING && gj_str_is(entry.key.as.text, "kind")) {
            *kind = gj_map_get(&e->plan->events->kind_ids, entry.value.as.text);
        } else if (entry.value.kind == GJ_V_STRING && gj_str_is(entry.key.as.text, "id")) {
            *id = entry.value.as.text;
        }
    }
    return *kind != GJ_MAP_NONE && id->len > 0;
}

size_t gj_engine_views(const struct gj_engine *e, const struct gj_event *event,
                       const gj_verdict *verdict, struct gj_view views[GJ_VIEWS_MAX])
{
    const struct gj_events *events = e->plan->events;
    bool blocked = verdict != NULL && verdict->suggestion == GJ_BLOCK;
    uint32_t own = events->kinds[events->types[event->type].about].family;
    size_t count = 0;
    views[count++] = (struct gj_view){event->type, own, GJ_NO_INDEX, {"", 0}};
    bool derived = blocked || !events->types[event->type].judged;
    const struct gj_reaction *r = &e->plan->reactions[event->type];
    for (size_t i = 0; derived && i < r->derived_count && count + 1 < GJ_VIEWS_MAX; i++) {
        uint32_t family = events->kinds[events->types[r->derived[i]].about].family;
        views[count++] = (struct gj_view){r->derived[i], family, GJ_NO_INDEX, {"", 0}};
    }
    uint32_t kind = GJ_NO_INDEX;
    struct gj_str id;
    if (subject_named(e, event, &kind, &id) && events->kinds[kind].family != own) {
        views[count++] = (struct gj_view){event->type, events->kinds[kind].family, kind, id};
    }
    return count;
}

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

static struct gj_value no_text(struct gj_book_host *host, const struct gj_operator *op)
{
    (void)host;
    return (struct gj_value){.kind = op->op == GJ_OP_COUNT ? GJ_V_INT : GJ_V_BOOL};
}

static struct gj_value no_fact(void *context, uint32_t slot)
{
    (void)context;
    (void)slot;
    return (struct gj_value){.kind = GJ_V_UNKNOWN};
}

int64_t gj_engine_rule_cost(struct gj_engine *e, const struct gj_expr *expr, int64_t at)
{
    if (expr == NULL) {
        return 0;
    }
    struct gj_book_host host = {e->book, gj_instant_of(at).seconds, no_text};
    struct gj_frame frame = {.lookup = no_fact, .context = &host, .arena = &e->arena};
    struct gj_value value = gj_expr_eval(expr, &frame);
    return value.kind == GJ_V_INT ? value.as.integer : 0;
}

uint32_t gj_engine_message_rule(const struct gj_engine *e, struct gj_str id)
{
    uint32_t at = gj_map_get(&e->book->rule_ids, id);
    return at == GJ_MAP_NONE ? gj_map_get(&e->plan->priced, id) : at;
}

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

/* The entity that the ruling is about: its `subject` where it is known, else the ruling itself. */
static int subject_of(struct gj_engine *e, struct gj_shop *shop, const struct gj_event *event,
                      struct gj_scene *scene, const struct gj_entity *ruling,
                      struct gj_entity *unknown, struct gj_case *was,
                      const struct gj_entity **subject)
{
    struct gj_str id;
    uint32_t k = GJ_NO_INDEX;
    int64_t case_id = 0;
    *subject = ruling;
    if (!subject_named(e, event, &k, &id)) {
        return 0;
    }
    struct gj_str kind = e->plan->events->kinds[k].name;
    if (make_stranger(e, k, id, unknown) != 0 ||
        gj_store_entity_case(e->store, shop->id, kind, id, &case_id) != 0) {
        return -1;
    }
    *subject = unknown;
    scene->entities[k] = unknown;
    struct gj_cached *cached = case_id == 0 ? NULL : gj_engine_case(e, shop, case_id);
    if (cached == NULL) {
        return case_id == 0 ? 0 : -1;
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

static int rule_on(struct gj_engine *e, struct gj_shop *shop, struct gj_case *c,
                   const struct gj_event *raw, const struct gj_happening *event,
                   struct gj_case *was)
{
    const struct gj_plan *plan = e->plan;
    const struct gj_event_type *type = &plan->events->types[event->type];
    struct gj_run run = {c, &shop->setting, &e->arena, &e->sink};
    struct gj_entity stranger;
    const struct gj_entity *about = NULL;
    struct gj_scene scene;
    uint32_t id_field = type->refs[0].field;
    const struct gj_entity *ruling = gj_case_find(c, type->about, event->values[id_field].as.text);
    gj_scene_set(&scene, &run, ruling, event, event->at);
    struct gj_value named = gj_scene_datum(&scene, GJ_DATUM_RULE);
    if (subject_of(e, shop, raw, &scene, ruling, &stranger, was, &about) != 0) {
        return -1;
    }
    struct gj_cause cause = {.ruled = true};
    struct gj_str id = named.kind == GJ_V_STRING ? named.as.text : GJ_STR("");
    uint32_t finding = gj_map_get(&plan->finding_ids, id);
    finding = finding == GJ_MAP_NONE ? gj_map_get(&plan->covered, id) : finding;
    if (finding != GJ_MAP_NONE) {
        const struct gj_finding_plan *f = &plan->findings[finding];
        cause.ruled_as = id;
        int status = gj_outcomes_found(&e->outcomes, &scene, finding, about, &cause);
        if (status != 0 || f->booking_count + f->measure_count > 0) {
            return status;
        }
    }
    int64_t points = 0, fine = 0;
    enum gj_party payer = GJ_SHOP, payee = GJ_PLATFORM;
    struct gj_str class_ = {"", 0}, severity = GJ_STR("major");
    struct gj_str because = GJ_STR("人工认定");
    uint32_t at = gj_engine_message_rule(e, id);
    if (at != GJ_MAP_NONE) {
        const struct gj_rule *r = &e->book->rules[at];
        points = gj_engine_rule_cost(e, r->cost.points, event->at);
        fine = gj_engine_rule_cost(e, r->cost.fine_fen, event->at);
        class_ = r->cost.points_class;
        payer = party_of(r->cost.payer, GJ_SHOP);
        payee = party_of(r->cost.payee, GJ_PLATFORM);
        because = r->title_zh;
        severity = gj_str_of(gj_severity_name((gj_severity)r->severity));
    }
    points = named_int(&scene, GJ_DATUM_POINTS, points);
    fine = named_int(&scene, GJ_DATUM_AMOUNT_FEN, fine);
    fine = named_int(&scene, GJ_DATUM_FINE_FEN, fine);
    struct gj_found found = {.at = event->at,
                             .rule = id,
                             .kind = plan->events->kinds[about->kind].name,
                             .subject = about->id,
                             .agent = gj_outcomes_agent(&scene),
                             .severity = severity,
                             .because = because};
    /* a penalty that names no rule is booked, and nothing is found */
    return id.len > 0 && finding == GJ_MAP_NONE && gj_outcomes_note(&e->outcomes, &found) != 0
               ? -1
               : gj_outcomes_ruled(&e->outcomes, &scene, id, about, class_, points, fine, payer,
                                   payee);
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

/* The rules that block the message, each once. */
static size_t blocked_by(const gj_verdict *verdict, struct gj_str *rules, size_t most)
{
    size_t count = 0;
    for (size_t i = 0; verdict != NULL && i < verdict->hit_count && count < most; i++) {
        if (verdict->hits[i].suggestion == GJ_BLOCK) {
            rules[count++] = gj_str_of(verdict->hits[i].rule);
        }
    }
    return count;
}

int gj_engine_run(struct gj_engine *e, struct gj_shop *shop, struct gj_case *c,
                  const struct gj_sink *sink, const struct gj_event *event,
                  const struct gj_view *view, int64_t seq, const gj_verdict *verdict)
{
    enum { BLOCKED_MAX = 64 };
    struct gj_str blocked[BLOCKED_MAX];
    struct gj_run run = {c, &shop->setting, &e->arena, sink};
    struct gj_happening happening = {.type = view->type,
                                     .at = gj_micros(event->time),
                                     .values = event->values,
                                     .shop = shop->shop_id,
                                     .blocked = blocked,
                                     .blocked_count = blocked_by(verdict, blocked, BLOCKED_MAX),
                                     .subject_kind = view->subject_kind,
                                     .subject = view->subject};
    bool own = view->type == event->type && view->subject_kind == GJ_NO_INDEX;
    struct gj_outcomes_mark_point before = gj_outcomes_here(&e->outcomes);
    e->outcomes.seq = seq;
    e->outcomes.cause = event->id;
    if (gj_run_event(&run, &happening) != 0) {
        return gj_errors_say(e->errors, "out of memory while applying event %.*s",
                             (int)event->id.len, event->id.ptr);
    }
    int status = 0;
    if (own && view->family == e->plan->events->kinds[e->plan->events->shop_kind].family) {
        shop->settled = false;
    }
    if (sink != &e->sink) {
        return 0;
    }
    if (own && (view->type == e->ruled || view->type == e->notified)) {
        status = rule(e, shop, c, event, &happening, before);
    } else if (own && view->type == e->settled) {
        struct gj_value outcome = gj_engine_datum(e, event, GJ_DATUM_OUTCOME);
        if (outcome.kind == GJ_V_STRING && gj_str_is(outcome.as.text, "lifted")) {
            status = gj_outcomes_reverse(&e->outcomes, happening.at);
        }
    } else if (own && verdict != NULL && verdict->suggestion == GJ_BLOCK) {
        status = note_blocked(e, event, verdict);
    }
    return status;
}
