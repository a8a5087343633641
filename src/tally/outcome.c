/* Room tally: findings to entries and measures (see outcome.h). */
#include "tally/outcome.h"

#include "base/vec.h"
#include "base/whole.h"

void gj_outcomes_init(struct gj_outcomes *o)
{
    *o = (struct gj_outcomes){.cause = {"", 0}};
    gj_arena_init(&o->arena);
}

void gj_outcomes_release(struct gj_outcomes *o)
{
    free(o->founds);
    free(o->parts);
    free(o->measures);
    free(o->marks);
    free(o->costs);
    gj_arena_release(&o->arena);
}

void gj_outcomes_reset(struct gj_outcomes *o)
{
    o->found_count = o->part_count = o->measure_count = o->mark_count = o->cost_count = 0;
    o->step = false;
    gj_arena_reset(&o->arena);
    o->arena.failed = false; /* of what is dropped nothing can be missing */
}

#define ADD(o, list, value)                                                              \
    add_row((void **)&(o)->list##s, &(o)->list##_count, &(o)->list##_capacity, &(value), \
            sizeof(value))

static int add_row(void **rows, size_t *count, size_t *capacity, const void *row, size_t size)
{
    void *grown = gj_grow(*rows, capacity, *count + 1, size);
    if (grown == NULL) {
        return -1;
    }
    *rows = grown;
    memcpy((char *)grown + *count * size, row, size);
    (*count)++;
    return 0;
}

static struct gj_str copy(struct gj_outcomes *o, struct gj_str s)
{
    return s.len == 0 ? GJ_STR("") : gj_arena_copy(&o->arena, s);
}

/* The text, which is released, in the arena; whoever stores outcomes looks whether that failed. */
static struct gj_str keep_text(struct gj_outcomes *o, struct gj_buf *text)
{
    struct gj_str kept = gj_arena_copy(&o->arena, gj_buf_str(text));
    o->arena.failed |= text->failed;
    gj_buf_release(text);
    return kept;
}

struct gj_value gj_scene_datum(const struct gj_scene *scene, enum gj_datum which)
{
    struct gj_value unknown = {.kind = GJ_V_UNKNOWN};
    if (scene->event == NULL) {
        return unknown;
    }
    uint32_t field = scene->host.plan->reactions[scene->event->type].data[which];
    return field == GJ_NO_INDEX ? unknown : scene->event->values[field];
}

/* ---- parties ---- */

static struct gj_str text_or_empty(struct gj_value value)
{
    return value.kind == GJ_V_STRING ? value.as.text : GJ_STR("");
}

/* What the entity of that kind remembers as `name`; empty where it is none or unknown. */
static struct gj_str told_of(const struct gj_plan *plan, const struct gj_entity *e, uint32_t kind,
                             const char *name)
{
    const struct gj_kind_plan *k = &plan->kinds[kind];
    uint32_t m = gj_map_get(&k->by_name, gj_str_of(name));
    return e == NULL || m == GJ_MAP_NONE || k->memories[m].kept == GJ_NO_INDEX
               ? GJ_STR("")
               : text_or_empty(e->memory[k->memories[m].kept]);
}

static struct gj_str remembered(const struct gj_scene *scene, uint32_t kind, const char *name)
{
    return told_of(scene->host.plan, scene->entities[kind], kind, name);
}

/* The only buyer that the case knows of: of a session that was never opened, its messages tell. */
static struct gj_str only_buyer(const struct gj_scene *scene)
{
    const struct gj_plan *plan = scene->host.plan;
    struct gj_str only = {"", 0};
    for (size_t i = 0; scene->c != NULL && i < scene->c->count; i++) {
        const struct gj_entity *e = scene->c->entities[i];
        struct gj_str one =
            e->kind == plan->events->shop_kind ? GJ_STR("") : told_of(plan, e, e->kind, "buyer_id");
        if (one.len > 0 && only.len > 0 && !gj_str_eq(one, only)) {
            return GJ_STR("");
        }
        only = one.len > 0 ? one : only;
    }
    return only;
}

/* The buyer: whom the event names, else whom the order, session or case remembers; not the shop,
 * which has had to do with many. */
static struct gj_str buyer_of(const struct gj_scene *scene)
{
    const struct gj_plan *plan = scene->host.plan;
    struct gj_str named = text_or_empty(gj_scene_datum(scene, GJ_DATUM_BUYER_ID));
    for (uint32_t k = 0; k < plan->events->kind_count && named.len == 0; k++) {
        const struct gj_entity *e = scene->entities[k];
        bool is_one = e != NULL && gj_str_is(plan->events->kinds[k].name, "buyer");
        if (k != plan->events->shop_kind) {
            named = is_one ? e->id : remembered(scene, k, "buyer_id");
        }
    }
    return named.len > 0 ? named : only_buyer(scene);
}

struct gj_str gj_outcomes_agent(struct gj_scene *scene)
{
    static const char *const said[] = {"message", "session"}; /* who spoke, or was to */
    const struct gj_events *events = scene->host.plan->events;
    struct gj_str named = text_or_empty(gj_scene_datum(scene, GJ_DATUM_AGENT_ID));
    for (uint32_t k = 0; k < events->kind_count && named.len == 0; k++) {
        if (scene->entities[k] != NULL && gj_str_is(events->kinds[k].name, "agent")) {
            named = scene->entities[k]->id;
        }
    }
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        for (uint32_t k = 0; k < events->kind_count && named.len == 0; k++) {
            if (gj_str_is(events->kinds[k].name, said[i])) {
                named = remembered(scene, k, "agent_id");
            }
        }
    }
    return named;
}

static struct gj_str agent_of(struct gj_scene *scene, const struct gj_finding_plan *f)
{
    struct gj_str named = {"", 0};
    if (f != NULL && f->agent != NULL) {
        named = text_or_empty(gj_scene_eval(scene, f->agent));
    }
    return named.len == 0 ? gj_outcomes_agent(scene) : named;
}

/* The party's account; ptr NULL when it is not known who it is. */
static struct gj_str account(struct gj_outcomes *o, struct gj_scene *scene,
                             const struct gj_finding_plan *f, enum gj_party party)
{
    static const char *const names[GJ_PARTIES] = {"shop", "platform",
                                                  "buyer:", "agent:", "insurer"};
    if (party != GJ_BUYER && party != GJ_AGENT) {
        return gj_str_of(names[party]);
    }
    struct gj_str who = party == GJ_BUYER ? buyer_of(scene) : agent_of(scene, f);
    if (who.len == 0) {
        return (struct gj_str){NULL, 0};
    }
    struct gj_buf text;
    gj_buf_init(&text);
    gj_buf_add_cstr(&text, names[party]);
    gj_buf_add_str(&text, who);
    return keep_text(o, &text);
}

/* ---- entries ---- */

/* How the names of entries begin: "RULE/KIND:ID/". */
static void add_name_head(struct gj_buf *text, const struct gj_scene *scene, struct gj_str rule,
                          const struct gj_entity *about)
{
    gj_buf_add_str(text, rule);
    gj_buf_add_char(text, '/');
    gj_buf_add_str(text, scene->host.plan->events->kinds[about->kind].name);
    gj_buf_add_char(text, ':');
    gj_buf_add_str(text, about->id);
    gj_buf_add_char(text, '/');
}

static struct gj_str entry_name(struct gj_outcomes *o, const struct gj_scene *scene,
                                struct gj_str rule, const struct gj_entity *about, size_t n)
{
    struct gj_buf text;
    gj_buf_init(&text);
    add_name_head(&text, scene, rule, about);
    if (scene->event != NULL) {
        gj_buf_add_str(&text, o->cause);
    } else {
        gj_timestamp_format(gj_instant_of(scene->now), &text);
    }
    if (n > 0) {
        gj_buf_addf(&text, "/%zu", n + 1);
    }
    return keep_text(o, &text);
}

static int add_entry(struct gj_outcomes *o, const struct gj_scene *scene, struct gj_str name,
                     struct gj_str rule, struct gj_str to, struct gj_str from, bool points,
                     struct gj_str class_, struct gj_str paid_as, int64_t amount)
{
    struct gj_entry_part part = {.at = scene->now,
                                 .seq = o->seq,
                                 .entry = name,
                                 .rule = copy(o, rule),
                                 .account = to,
                                 .unit = points ? GJ_STR("points") : GJ_STR("fen"),
                                 .class_ = copy(o, class_),
                                 .paid_as = copy(o, paid_as),
                                 .reverses = GJ_STR(""),
                                 .amount = amount < -INT64_MAX ? -INT64_MAX : amount};
    if (ADD(o, part, part) != 0) {
        return -1;
    }
    part.account = from;
    part.amount = -part.amount;
    return ADD(o, part, part);
}

/* The class that a ruling names goes before the rulebook's. */
static bool is_serious(const struct gj_scene *scene, bool standard)
{
    struct gj_str named = text_or_empty(gj_scene_datum(scene, GJ_DATUM_CLASS));
    return named.len == 0 ? standard : gj_str_is(named, "serious");
}

static struct gj_str points_account(bool serious)
{
    return serious ? GJ_STR("shop:points:serious") : GJ_STR("shop:points:general");
}

static struct gj_str class_name(bool serious)
{
    return serious ? GJ_STR("serious") : GJ_STR("general");
}

struct gj_value gj_booking_amount(struct gj_scene *scene, const struct gj_booking *b)
{
    struct gj_value amount = gj_scene_eval(scene, b->amount);
    if (amount.kind == GJ_V_INT && b->at_most != NULL) {
        struct gj_value most = gj_scene_eval(scene, b->at_most);
        if (most.kind != GJ_V_INT) {
            return most;
        }
        amount.as.integer =
            amount.as.integer < most.as.integer ? amount.as.integer : most.as.integer;
    }
    return amount;
}

int gj_outcomes_points(struct gj_outcomes *o, int64_t at, struct gj_str entry, struct gj_str rule,
                       bool serious, int64_t points)
{
    struct gj_scene then = {.now = at};
    return add_entry(o, &then, copy(o, entry), rule, points_account(serious), GJ_STR("platform"),
                     true, class_name(serious), GJ_STR(""), points);
}

/* What the ruling itself says it costs; GJ_V_UNKNOWN: it leaves that to the rulebook. */
static struct gj_value named_amount(const struct gj_scene *scene, bool points)
{
    struct gj_value named = gj_scene_datum(scene, points ? GJ_DATUM_POINTS : GJ_DATUM_AMOUNT_FEN);
    return named.kind != GJ_V_INT && !points ? gj_scene_datum(scene, GJ_DATUM_FINE_FEN) : named;
}

/* What remains to be booked; `only`: no other entry of the finding is of that unit. */
static struct gj_value amount_of(struct gj_scene *scene, const struct gj_booking *b,
                                 const struct gj_cause *cause, bool only)
{
    int64_t before = cause->booked[b->points];
    struct gj_value amount = {.kind = GJ_V_UNKNOWN};
    if (cause->ruled && only) {
        amount = named_amount(scene, b->points);
    }
    amount = amount.kind == GJ_V_INT ? amount : gj_booking_amount(scene, b);
    if (amount.kind == GJ_V_INT && before > 0) {
        amount.as.integer = only ? gj_less(amount.as.integer, before) : 0;
    }
    return amount;
}

/* Books the finding's entries; what they depend on, where that is unknown, goes to `missing`. */
static int book(struct gj_outcomes *o, struct gj_scene *scene, const struct gj_finding_plan *f,
                const struct gj_entity *about, const struct gj_cause *cause, struct gj_buf *missing)
{
    size_t kinds[2] = {0, 0};
    for (size_t i = 0; i < f->booking_count; i++) {
        kinds[f->bookings[i].points]++;
    }
    for (size_t i = 0; i < f->booking_count; i++) {
        const struct gj_booking *b = &f->bookings[i];
        if (!gj_scene_holds(scene, b->when)) {
            continue;
        }
        struct gj_value amount = amount_of(scene, b, cause, kinds[b->points] == 1);
        if (amount.kind != GJ_V_INT) {
            struct gj_str unknown = gj_scene_unknown(scene);
            gj_buf_addf(missing, "%s%.*s", missing->len > 0 ? ", " : "", (int)unknown.len,
                        unknown.ptr);
            continue;
        }
        bool serious = is_serious(scene, b->serious);
        struct gj_str to = b->points ? points_account(serious) : account(o, scene, f, b->to);
        struct gj_str from = b->points ? GJ_STR("platform") : account(o, scene, f, b->from);
        if (to.ptr == NULL || from.ptr == NULL) {
            gj_buf_addf(missing, "%s%s", missing->len > 0 ? ", " : "",
                        b->to == GJ_AGENT || b->from == GJ_AGENT ? "agent_id" : "buyer_id");
            continue;
        }
        if (amount.as.integer != 0 &&
            add_entry(o, scene, entry_name(o, scene, f->head.id, about, i), b->rule, to, from,
                      b->points, b->points ? class_name(serious) : GJ_STR(""), b->paid_as,
                      amount.as.integer) != 0) {
            return -1;
        }
    }
    return 0;
}

/* Also of a shop that has told nothing of itself. */
static struct gj_entity shop_of(const struct gj_scene *scene)
{
    return (struct gj_entity){.kind = scene->host.plan->events->shop_kind,
                              .id = scene->setting->shop_id};
}

/* An order, a conversation and what belongs to them, which come and go; not who stays. */
static bool is_case(const struct gj_events *events, uint32_t kind)
{
    for (uint32_t k = 0; k < events->kind_count; k++) {
        if (k != kind && events->kinds[k].family == events->kinds[kind].family) {
            return true;
        }
    }
    return false;
}

/* Cases bear no measures: what was found about one, the shop bears. */
static struct gj_entity bearer(const struct gj_scene *scene, const struct gj_entity *about)
{
    return is_case(scene->host.plan->events, about->kind) ? shop_of(scene) : *about;
}

static int measure(struct gj_outcomes *o, struct gj_scene *scene, const struct gj_finding_plan *f,
                   const struct gj_entity *about)
{
    struct gj_entity who = bearer(scene, about);
    for (size_t i = 0; i < f->measure_count; i++) {
        const struct gj_measure_plan *plan = &f->measures[i];
        if (!gj_scene_holds(scene, plan->when)) {
            continue;
        }
        struct gj_value span = {.kind = GJ_V_UNKNOWN};
        if (plan->span != NULL) {
            span = gj_scene_eval(scene, plan->span);
        }
        struct gj_measure m = {
            .from = scene->now,
            .to = span.kind == GJ_V_DURATION ? scene->now + gj_micros(span.as.instant) : GJ_NEVER,
            .seq = o->seq,
            .rule = f->head.id,
            .kind = scene->host.plan->events->kinds[who.kind].name,
            .subject = copy(o, who.id),
            .what = plan->what,
            .ends = plan->ends ? GJ_ENDS_ALL : GJ_RUNS};
        if (ADD(o, measure, m) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- findings ---- */

static const char *const severities[] = {"minor", "bonus", "minor", "major", "critical"};

static struct gj_str reason(struct gj_outcomes *o, const struct gj_finding_plan *f,
                            const struct gj_cause *cause, struct gj_str missing)
{
    struct gj_str because = f->because_zh.len > 0 ? f->because_zh : f->head.title_zh;
    if (cause->transition != NULL && cause->transition->because_zh.len > 0) {
        because = cause->transition->because_zh;
    }
    if (missing.len == 0) {
        return because;
    }
    struct gj_buf text;
    gj_buf_init(&text);
    gj_buf_add_str(&text, because);
    gj_buf_add_cstr(&text, "（金额取决于 ");
    gj_buf_add_str(&text, missing);
    gj_buf_add_cstr(&text, "）");
    return keep_text(o, &text);
}

/* What the finding is about, where it says so itself. */
static struct gj_entity subject_of(const struct gj_scene *scene, const struct gj_finding_plan *f,
                                   const struct gj_entity *about)
{
    struct gj_entity shop = shop_of(scene);
    if (f->about == shop.kind) {
        return shop;
    }
    return f->about != GJ_NO_INDEX && scene->entities[f->about] != NULL ? *scene->entities[f->about]
                                                                        : *about;
}

bool gj_outcomes_matter(struct gj_outcomes *o, const struct gj_scene *scene, uint32_t finding,
                        const struct gj_entity *about, bool step, struct gj_str *head)
{
    const struct gj_finding_plan *f = &scene->host.plan->findings[finding];
    struct gj_entity subject = subject_of(scene, f, about);
    if (!f->now || !(step || is_case(scene->host.plan->events, subject.kind))) {
        return false;
    }
    struct gj_buf text;
    gj_buf_init(&text);
    add_name_head(&text, scene, f->head.id, &subject);
    *head = keep_text(o, &text);
    return true;
}

int gj_outcomes_found(struct gj_outcomes *o, struct gj_scene *scene, uint32_t finding,
                      const struct gj_entity *told_about, const struct gj_cause *cause)
{
    const struct gj_finding_plan *f = &scene->host.plan->findings[finding];
    struct gj_entity subject = subject_of(scene, f, told_about);
    const struct gj_entity *about = &subject;
    struct gj_buf missing;
    gj_buf_init(&missing);
    int status = 0;
    if (f->now || cause->ruled) {
        status = book(o, scene, f, about, cause, &missing);
        status = status == 0 ? measure(o, scene, f, about) : status;
    }
    struct gj_found found = {.at = scene->now,
                             .seq = o->seq,
                             .rule =
                                 cause->ruled_as.len > 0 ? copy(o, cause->ruled_as) : f->head.id,
                             .kind = scene->host.plan->events->kinds[about->kind].name,
                             .subject = copy(o, about->id),
                             .agent = copy(o, agent_of(scene, f)),
                             .severity = gj_str_of(severities[f->severity]),
                             .because = reason(o, f, cause, gj_buf_str(&missing)),
                             .anew = cause->deadline.len > 0};
    o->arena.failed |= missing.failed;
    gj_buf_release(&missing);
    return status != 0 || (f->internal && !cause->ruled) ? status : ADD(o, found, found);
}

int gj_outcomes_note(struct gj_outcomes *o, const struct gj_found *found)
{
    struct gj_found kept = {.at = found->at,
                            .seq = o->seq,
                            .rule = copy(o, found->rule),
                            .kind = copy(o, found->kind),
                            .subject = copy(o, found->subject),
                            .agent = copy(o, found->agent),
                            .severity = copy(o, found->severity),
                            .because = copy(o, found->because)};
    return ADD(o, found, kept);
}

int gj_outcomes_ruled(struct gj_outcomes *o, struct gj_scene *scene, struct gj_str rule,
                      const struct gj_entity *about, const struct gj_price *price)
{
    int status = 0;
    size_t n = price->entries_before;
    if (price->points != 0) {
        bool serious = is_serious(scene, gj_str_is(price->class_, "serious"));
        status =
            add_entry(o, scene, entry_name(o, scene, rule, about, n), rule, points_account(serious),
                      GJ_STR("platform"), true, class_name(serious), GJ_STR(""), price->points);
    }
    struct gj_str to = account(o, scene, NULL, price->payee);
    struct gj_str from = account(o, scene, NULL, price->payer);
    if (status == 0 && price->fine_fen != 0 && to.ptr != NULL && from.ptr != NULL) {
        status = add_entry(o, scene, entry_name(o, scene, rule, about, n + 1), rule, to, from,
                           false, GJ_STR(""), GJ_STR(""), price->fine_fen);
    }
    return status;
}

int gj_outcomes_end(struct gj_outcomes *o, const struct gj_measure *end)
{
    struct gj_measure kept = *end;
    kept.seq = o->seq;
    kept.subject = copy(o, end->subject);
    return ADD(o, measure, kept);
}

int gj_outcomes_cost(struct gj_outcomes *o, const struct gj_entry_part *part)
{
    struct gj_entry_part kept = *part;
    kept.entry = copy(o, part->entry);
    kept.rule = copy(o, part->rule);
    kept.account = copy(o, part->account);
    kept.unit = copy(o, part->unit);
    kept.class_ = copy(o, part->class_);
    kept.paid_as = copy(o, part->paid_as);
    kept.reverses = GJ_STR("");
    return ADD(o, cost, kept);
}

/* What stands of a part: itself, less what took some or all of it back. */
static int64_t standing(const struct gj_outcomes *o, const struct gj_entry_part *part)
{
    int64_t amount = part->amount;
    for (size_t i = 0; i < o->part_count; i++) {
        const struct gj_entry_part *p = &o->parts[i];
        bool back = gj_str_eq(p->reverses, part->entry) && gj_str_eq(p->account, part->account);
        amount = back ? gj_sum(amount, p->amount) : amount;
    }
    return amount;
}

/* Takes `amount` of a part back. */
static int take_back(struct gj_outcomes *o, struct gj_entry_part part, int64_t amount,
                     const char *how, int64_t at)
{
    struct gj_buf name;
    gj_buf_init(&name);
    gj_buf_add_str(&name, part.entry);
    gj_buf_add_cstr(&name, how);
    part.reverses = part.entry;
    part.entry = keep_text(o, &name);
    part.at = at;
    part.seq = o->seq;
    part.amount = gj_less(0, amount);
    return ADD(o, part, part);
}

/* Whether one of the first `count` parts takes `entry` back. */
static bool taken_back(const struct gj_outcomes *o, size_t count, struct gj_str entry)
{
    for (size_t i = 0; i < count; i++) {
        if (gj_str_eq(o->parts[i].reverses, entry)) {
            return true;
        }
    }
    return false;
}

/* The first `parts` and `measures`. */
static int reverse(struct gj_outcomes *o, size_t parts, size_t measures, int64_t at)
{
    for (size_t i = 0; i < parts; i++) {
        int64_t amount = standing(o, &o->parts[i]);
        if (o->parts[i].reverses.len == 0 && amount != 0 &&
            take_back(o, o->parts[i], amount, "/lifted", at) != 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < measures; i++) {
        struct gj_measure *m = &o->measures[i];
        m->to = m->ends == GJ_RUNS && m->to > at ? at : m->to;
    }
    return 0;
}

/* What ran because of the matter itself ends with what the ruling set. */
static int end_step(struct gj_outcomes *o, size_t measures, int64_t at)
{
    for (size_t i = 0; i < measures && o->step; i++) {
        struct gj_measure end = o->measures[i];
        if (end.ends != GJ_RUNS) {
            continue;
        }
        end.ends = GJ_ENDS_OF_RULE;
        end.from = end.to = at;
        if (gj_outcomes_end(o, &end) != 0) {
            return -1;
        }
    }
    return 0;
}

int gj_outcomes_reverse(struct gj_outcomes *o, int64_t at)
{
    size_t measures = o->measure_count;
    int status = reverse(o, o->part_count, measures, at);
    for (size_t i = 0; i < o->cost_count && status == 0; i++) {
        int64_t amount = standing(o, &o->costs[i]);
        status = amount == 0 ? 0 : take_back(o, o->costs[i], amount, "/lifted", at);
    }
    return status == 0 ? end_step(o, measures, at) : status;
}

void gj_outcomes_costs_of(const struct gj_outcomes *o, struct gj_str finding, int64_t sums[2])
{
    for (size_t i = 0; i < o->cost_count; i++) {
        const struct gj_entry_part *p = &o->costs[i];
        bool of_it = gj_str_starts(p->entry, finding) && p->entry.len > finding.len &&
                     p->entry.ptr[finding.len] == '/';
        int64_t *sum = &sums[gj_str_is(p->unit, "points")];
        *sum = of_it && p->amount > 0 ? gj_sum(*sum, standing(o, p)) : *sum;
    }
}

struct bill {                        /* what stands of one matter, in one unit */
    const struct gj_entry_part *row; /* of its entry, the one that receives; NULL: none */
    size_t entries;
    int64_t sum;
};

static struct bill bill(const struct gj_outcomes *o, const struct gj_entry_part *parts,
                        size_t count, bool points)
{
    struct bill b = {.row = NULL};
    for (size_t i = 0; i < count; i++) {
        const struct gj_entry_part *p = &parts[i];
        int64_t stands = standing(o, p);
        if (p->reverses.len == 0 && p->amount > 0 && gj_str_is(p->unit, "points") == points &&
            stands != 0) {
            b = (struct bill){p, b.entries + 1, stands};
        }
    }
    return b;
}

int gj_outcomes_amend(struct gj_outcomes *o, bool points, int64_t amount, int64_t at)
{
    struct bill here = bill(o, o->parts, o->part_count, points);
    struct bill there = bill(o, o->costs, o->cost_count, points);
    if (here.entries > 1 || there.entries > 1 || here.entries + there.entries == 0) {
        return 0;
    }
    /* a ruling that named less than the matter has cost by itself books the other way round */
    bool less_here =
        here.entries > 0 && there.entries > 0 && !gj_str_eq(here.row->account, there.row->account);
    bool own = here.entries > 0 && !less_here;
    int64_t sum = less_here ? gj_less(there.sum, here.sum) : gj_sum(here.sum, there.sum);
    int64_t less = gj_less(sum, amount);
    struct gj_str entry = own ? here.row->entry : there.row->entry;
    size_t count = own ? o->part_count : o->cost_count;
    for (size_t i = 0; less != 0 && i < count; i++) {
        struct gj_entry_part p = own ? o->parts[i] : o->costs[i];
        if (gj_str_eq(p.entry, entry) &&
            take_back(o, p, p.amount < 0 ? gj_less(0, less) : less, "/amended", at) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- one matter ruled on more than once ---- */

struct gj_outcomes_mark_point gj_outcomes_here(const struct gj_outcomes *o)
{
    return (struct gj_outcomes_mark_point){o->found_count, o->part_count, o->measure_count};
}

static bool same_part(const struct gj_entry_part *a, const struct gj_entry_part *b)
{
    return a->amount == b->amount && gj_str_eq(a->account, b->account) &&
           gj_str_eq(a->unit, b->unit);
}

/* Whether what stands of the parts before is just what came since. */
static bool same_parts(const struct gj_outcomes *o, size_t before)
{
    size_t next = before;
    for (size_t i = 0; i < before; i++) {
        const struct gj_entry_part *p = &o->parts[i];
        if (p->reverses.len > 0 || taken_back(o, before, p->entry)) {
            continue;
        }
        if (next == o->part_count || !same_part(p, &o->parts[next])) {
            return false;
        }
        next++;
    }
    return next == o->part_count;
}

/* Whether each measure since was set before, for as long. */
static bool same_measures(const struct gj_outcomes *o, size_t before)
{
    for (size_t i = before; i < o->measure_count; i++) {
        const struct gj_measure *m = &o->measures[i];
        bool known = false;
        for (size_t j = 0; j < before && !known; j++) {
            const struct gj_measure *w = &o->measures[j];
            bool open = m->to == GJ_NEVER || w->to == GJ_NEVER;
            known = gj_str_eq(m->what, w->what) &&
                    (open ? m->to == w->to : m->to - m->from == w->to - w->from);
        }
        if (!known) {
            return false;
        }
    }
    return true;
}

static bool found_before(const struct gj_outcomes *o, size_t before, const struct gj_found *f)
{
    for (size_t i = 0; i < before; i++) {
        const struct gj_found *w = &o->founds[i];
        if (gj_str_eq(w->rule, f->rule) && gj_str_eq(w->kind, f->kind) &&
            gj_str_eq(w->subject, f->subject)) {
            return true;
        }
    }
    return false;
}

int gj_outcomes_once(struct gj_outcomes *o, struct gj_outcomes_mark_point before, int64_t at)
{
    size_t kept = before.founds;
    for (size_t i = before.founds; i < o->found_count; i++) {
        if (!found_before(o, before.founds, &o->founds[i])) {
            o->founds[kept++] = o->founds[i];
        }
    }
    o->found_count = kept;
    if (o->part_count == before.parts && o->measure_count == before.measures && !o->weighed) {
        return 0; /* it names no cost */
    }
    if (same_parts(o, before.parts) && same_measures(o, before.measures)) {
        o->part_count = before.parts;
        o->measure_count = before.measures;
        return 0;
    }
    return reverse(o, before.parts, before.measures, at);
}

/* ---- marks ---- */

static int add_mark(struct gj_outcomes *o, struct gj_scene *scene, const struct gj_counter *c,
                    struct gj_str key, struct gj_str item, struct gj_str product)
{
    struct gj_value at = {.kind = GJ_V_UNKNOWN};
    if (c->at != NULL) {
        at = gj_scene_eval(scene, c->at);
    }
    int64_t then = at.kind == GJ_V_TIMESTAMP ? gj_micros(at.as.instant) : scene->now;
    struct gj_mark mark = {.at = then < scene->now ? then : scene->now,
                           .seq = o->seq,
                           .counter = c->head.id,
                           .key = copy(o, key),
                           .item = copy(o, item),
                           .product = copy(o, product)};
    return ADD(o, mark, mark);
}

int gj_outcomes_mark(struct gj_outcomes *o, struct gj_scene *scene, uint32_t counter)
{
    const struct gj_counter *c = &scene->host.plan->counters[counter];
    struct gj_str key = text_or_empty(gj_scene_eval(scene, c->key));
    if (key.len == 0) {
        return 0; /* nobody to count */
    }
    key = copy(o, key);
    struct gj_str item =
        c->item == NULL ? key : copy(o, text_or_empty(gj_scene_eval(scene, c->item)));
    int status = add_mark(o, scene, c, key, item, GJ_STR(""));
    if (status != 0 || c->products == NULL) {
        return status;
    }
    struct gj_value products = gj_scene_eval(scene, c->products);
    for (uint32_t i = 0; products.kind == GJ_V_LIST && status == 0 && i < products.count; i++) {
        struct gj_str product = text_or_empty(products.as.items[i]);
        bool again = false;
        for (uint32_t j = 0; j < i; j++) {
            again |= gj_str_eq(text_or_empty(products.as.items[j]), product);
        }
        if (product.len > 0 && !again) {
            status = add_mark(o, scene, c, key, item, product);
        }
    }
    return status;
}
