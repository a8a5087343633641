/* Room engine: everything that follows from the log, as one JSON object (docs/events.md); the
 * same of one entity. */
#include <stdlib.h>

#include "base/vec.h"
#include "engine/report.h"

/* Lines of one list, sorted before they are written, so that two runs give the same bytes. */
struct line {
    struct gj_str source, a, b, c; /* sorted by source, a, b, at, c */
    uint64_t head;                 /* of b: its first bytes in order, which mostly decide */
    int64_t at;
    struct gj_str json;
};

struct listing {
    struct gj_engine *e;
    struct gj_arena arena;
    struct line *lines;
    size_t count, capacity;
    struct gj_str last; /* the text of `a` added last, in the arena */
    struct gj_shop *shop;
    bool with_fields; /* of entities: what they remember too */
    bool failed;
};

static uint64_t head_of(struct gj_str text)
{
    uint64_t head = 0;
    for (size_t i = 0; i < sizeof head; i++) {
        head = head << 8 | (i < text.len ? (unsigned char)text.ptr[i] : 0);
    }
    return head;
}

static int by_place(const void *x, const void *y)
{
    const struct line *p = x, *q = y;
    int order = gj_str_compare(p->source, q->source);
    order = order != 0 ? order : gj_str_compare(p->a, q->a);
    order = order != 0 ? order : (p->head > q->head) - (p->head < q->head);
    order = order != 0 ? order : gj_str_compare(p->b, q->b);
    order = order != 0 ? order : (p->at > q->at) - (p->at < q->at);
    order = order != 0 ? order : gj_str_compare(p->c, q->c);
    return order != 0 ? order : gj_str_compare(p->json, q->json);
}

static void add_line(struct listing *l, struct line line, struct gj_buf *json)
{
    struct line *grown = gj_grow(l->lines, &l->capacity, l->count + 1, sizeof *grown);
    if (grown == NULL || json->failed) {
        l->failed = true;
        return;
    }
    l->lines = grown;
    if (line.a.len > 0 && (l->last.len == 0 || !gj_str_eq(l->last, line.a))) {
        l->last = gj_arena_copy(&l->arena, line.a);
    }
    line.a = line.a.len > 0 ? l->last : GJ_STR(""); /* mostly a kind: the same again and again */
    line.head = head_of(line.b);
    line.b = gj_arena_copy(&l->arena, line.b);
    line.c = gj_arena_copy(&l->arena, line.c);
    line.json = gj_arena_copy(&l->arena, gj_buf_str(json));
    grown[l->count++] = line;
}

static void write_list(struct listing *l, const char *name, struct gj_buf *out)
{
    if (l->count > 1) {
        qsort(l->lines, l->count, sizeof *l->lines, by_place);
    }
    gj_buf_addf(out, ",\n\"%s\":[", name);
    for (size_t i = 0; i < l->count; i++) {
        gj_buf_add_cstr(out, i > 0 ? ",\n" : "\n");
        gj_buf_add_str(out, l->lines[i].json);
    }
    gj_buf_add_char(out, ']');
    out->failed |= l->failed || l->arena.failed;
    l->count = 0;
}

/* ---- small writers ---- */

static void add_time(struct gj_buf *out, const char *name, const struct gj_shop *shop, int64_t at)
{
    gj_json_add_key(out, name);
    gj_buf_add_char(out, '"');
    gj_words_time(shop, at, out);
    gj_buf_add_char(out, '"');
}

static void add_subject(struct gj_buf *out, struct gj_str kind, struct gj_str id)
{
    gj_json_add_key(out, "subject");
    gj_buf_add_char(out, '{');
    gj_json_add_text(out, "kind", kind);
    gj_json_add_text(out, "id", id);
    gj_buf_add_char(out, '}');
}

/* ---- entities and deadlines ---- */

static bool standing_applies(const struct listing *l, const struct gj_entity *e, size_t f)
{
    uint32_t flow = l->e->plan->kinds[e->kind].flows[f];
    return e->standings[f].state != GJ_NO_INDEX && l->shop->flows[flow] &&
           !l->e->plan->flows[flow].internal;
}

static void add_fields(const struct listing *l, const struct gj_entity *e, struct gj_buf *json)
{
    const struct gj_kind_plan *kind = &l->e->plan->kinds[e->kind];
    gj_json_add_key(json, "fields");
    gj_buf_add_char(json, '{');
    for (size_t m = 1; m < kind->memory_count; m++) {
        uint32_t kept = kind->memories[m].kept;
        if (kept != GJ_NO_INDEX && e->memory[kept].kind != GJ_V_UNKNOWN) {
            gj_buf_add_cstr(json, json->ptr[json->len - 1] == '{' ? "" : ",");
            gj_json_add_string(json, kind->memories[m].name);
            gj_buf_add_char(json, ':');
            gj_value_json(&e->memory[kept], json);
        }
    }
    gj_buf_add_char(json, '}');
}

static void write_entity(const struct listing *l, const struct gj_entity *e, struct gj_buf *json)
{
    const struct gj_plan *plan = l->e->plan;
    const struct gj_kind_plan *kind = &plan->kinds[e->kind];
    gj_buf_reset(json);
    gj_buf_add_char(json, '{');
    gj_json_add_text(json, "source", l->shop->source);
    gj_json_add_text(json, "kind", plan->events->kinds[e->kind].name);
    gj_json_add_text(json, "id", e->id);
    gj_json_add_key(json, "states");
    gj_buf_add_char(json, '{');
    for (size_t pass = 0, last = GJ_NO_INDEX; pass < kind->flow_count; pass++) {
        size_t next = GJ_NO_INDEX; /* by flow id */
        for (size_t f = 0; f < kind->flow_count; f++) {
            struct gj_str id = plan->flows[kind->flows[f]].shown;
            bool after =
                last == GJ_NO_INDEX || gj_str_compare(id, plan->flows[kind->flows[last]].shown) > 0;
            bool before =
                next == GJ_NO_INDEX || gj_str_compare(id, plan->flows[kind->flows[next]].shown) < 0;
            next = standing_applies(l, e, f) && after && before ? f : next;
        }
        if (next == GJ_NO_INDEX) {
            break;
        }
        const struct gj_flow *flow = &plan->flows[kind->flows[next]];
        gj_json_add_comma(json);
        gj_json_add_string(json, flow->shown);
        gj_buf_add_char(json, ':');
        gj_json_add_string(json, flow->states[e->standings[next].state].name);
        last = next;
    }
    gj_buf_add_char(json, '}');
    if (l->with_fields) {
        add_fields(l, e, json);
    }
    gj_buf_add_char(json, '}');
}

static void add_entity(struct listing *l, const struct gj_entity *e, struct gj_buf *json)
{
    write_entity(l, e, json);
    add_line(l,
             (struct line){.source = l->shop->source,
                           .a = l->e->plan->events->kinds[e->kind].name,
                           .b = e->id},
             json);
}

struct deadline_listing {
    struct listing *l;
    struct gj_buf *json;
};

static void add_deadline(void *context, const struct gj_due *due)
{
    struct deadline_listing *d = context;
    const struct gj_plan *plan = d->l->e->plan;
    const struct gj_flow *flow = &plan->flows[due->flow];
    struct gj_str name = flow->states[due->state].deadlines[due->deadline].name;
    struct gj_str kind = plan->events->kinds[due->entity->kind].name;
    if (flow->internal) {
        return;
    }
    gj_buf_reset(d->json);
    gj_buf_add_char(d->json, '{');
    gj_json_add_text(d->json, "source", d->l->shop->source);
    gj_json_add_text(d->json, "kind", kind);
    gj_json_add_text(d->json, "id", due->entity->id);
    gj_json_add_text(d->json, "flow", flow->shown);
    gj_json_add_text(d->json, "name", name);
    add_time(d->json, "at", d->l->shop, due->at);
    gj_buf_add_char(d->json, '}');
    add_line(d->l,
             (struct line){.source = d->l->shop->source,
                           .a = kind,
                           .b = due->entity->id,
                           .at = due->at,
                           .c = name},
             d->json);
}

struct both {
    struct listing entities, deadlines;
    struct gj_buf json;
};

static int add_case(void *context, const struct gj_store_case *row)
{
    struct both *b = context;
    struct gj_engine *e = b->entities.e;
    struct gj_case c;
    b->entities.shop = b->deadlines.shop = gj_shop_numbered(e, row->shop);
    if (row->body.len == 0 || b->entities.shop == NULL) {
        return 0; /* what a metric or ladder brought has no entities */
    }
    gj_case_init(&c, e->plan);
    int status = gj_case_read(&c, e->case_parser, row->body);
    gj_arena_reset(&e->arena);
    struct gj_run run = {&c, &b->entities.shop->setting, &e->arena, &e->sink};
    struct deadline_listing d = {&b->deadlines, &b->json};
    for (size_t i = 0; i < c.count && status == 0; i++) {
        add_entity(&b->entities, c.entities[i], &b->json);
    }
    if (status == 0) {
        gj_run_deadlines(&run, add_deadline, &d);
    }
    gj_case_release(&c);
    return status;
}

/* ---- findings, ledger, measures ---- */

static int add_finding(void *context, const struct gj_found_row *row)
{
    struct both *b = context;
    struct listing *l = &b->entities;
    struct gj_shop *shop = gj_shop_numbered(l->e, row->shop);
    if (row->withdrawn || shop == NULL) {
        return 0;
    }
    gj_buf_reset(&b->json);
    gj_buf_add_char(&b->json, '{');
    gj_json_add_text(&b->json, "source", shop->source);
    gj_json_add_text(&b->json, "rule", row->rule);
    add_time(&b->json, "at", shop, row->at);
    add_subject(&b->json, row->kind, row->subject);
    if (row->agent.len > 0) {
        gj_json_add_text(&b->json, "agent_id", row->agent);
    }
    gj_json_add_text(&b->json, "severity", row->severity);
    gj_json_add_text(&b->json, "because", row->because);
    gj_buf_add_char(&b->json, '}');
    add_line(l,
             (struct line){.source = shop->source,
                           .a = row->kind,
                           .b = row->subject,
                           .at = row->at,
                           .c = row->rule},
             &b->json);
    return 0;
}

static int add_entry(void *context, const struct gj_entry_row *row)
{
    struct both *b = context;
    struct listing *l = &b->entities;
    struct gj_shop *shop = gj_shop_numbered(l->e, row->shop);
    if (shop == NULL) {
        return 0;
    }
    gj_buf_reset(&b->json);
    gj_buf_add_char(&b->json, '{');
    gj_json_add_text(&b->json, "entry", row->entry);
    gj_json_add_text(&b->json, "source", shop->source);
    add_time(&b->json, "at", shop, row->at);
    gj_json_add_text(&b->json, "rule", row->rule);
    gj_json_add_text(&b->json, "account", row->account);
    gj_json_add_int(&b->json, "amount", row->amount);
    gj_json_add_text(&b->json, "unit", row->unit);
    if (row->class_.len > 0) {
        gj_json_add_text(&b->json, "class", row->class_);
    }
    if (row->paid_as.len > 0) {
        gj_json_add_text(&b->json, "paid_as", row->paid_as);
    }
    if (row->reverses.len > 0) {
        gj_json_add_text(&b->json, "reverses", row->reverses);
    }
    gj_buf_add_char(&b->json, '}');
    add_line(l, (struct line){.source = shop->source, .at = row->at, .c = row->entry}, &b->json);
    return 0;
}

static int add_measure(void *context, const struct gj_measure_row *row)
{
    struct both *b = context;
    struct listing *l = &b->entities;
    struct gj_shop *shop = gj_shop_numbered(l->e, row->shop);
    if (row->withdrawn || row->ends != GJ_RUNS || shop == NULL) {
        return 0;
    }
    gj_buf_reset(&b->json);
    gj_buf_add_char(&b->json, '{');
    gj_json_add_text(&b->json, "source", shop->source);
    gj_json_add_text(&b->json, "rule", row->rule);
    add_subject(&b->json, row->kind, row->subject);
    gj_json_add_text(&b->json, "what", row->what);
    add_time(&b->json, "from", shop, row->from);
    if (row->to != GJ_NEVER) {
        add_time(&b->json, "to", shop, row->to);
    }
    gj_buf_add_char(&b->json, '}');
    add_line(l,
             (struct line){.source = shop->source,
                           .a = row->kind,
                           .b = row->subject,
                           .at = row->from,
                           .c = row->what},
             &b->json);
    return 0;
}

/* ---- metrics ---- */

static int add_window(struct both *b, uint32_t metric, const struct gj_window_of *w,
                      struct gj_str product, bool running)
{
    struct listing *l = &b->entities;
    struct gj_engine *e = l->e;
    struct gj_shop *shop = l->shop;
    const struct gj_metric *m = &e->plan->metrics[metric];
    struct gj_reader reader = {e, shop};
    struct gj_mark_source source = {&reader, gj_engine_marks};
    struct gj_run run = {.setting = &shop->setting, .arena = &e->arena};
    struct gj_scene scene;
    struct gj_figures f;
    gj_arena_reset(&e->arena);
    gj_scene_set(&scene, &run, NULL, NULL, w->to - 1 < shop->now ? w->to - 1 : shop->now);
    int status = gj_metric_figures(&scene, metric, w, product, &source, &f);
    if (status != 0 || !f.known || (!running && !f.any)) {
        return status;
    }
    bool rolling = m->window == GJ_WINDOW_ROLLING;
    gj_buf_reset(&b->json);
    gj_buf_add_char(&b->json, '{');
    gj_json_add_text(&b->json, "source", shop->source);
    gj_json_add_text(&b->json, "metric", m->head.id);
    if (product.len > 0) {
        add_subject(&b->json, GJ_STR("product"), product);
    }
    add_time(&b->json, "from", shop, rolling ? w->from - 1 : w->from);
    add_time(&b->json, "to", shop, rolling ? w->to - 1 : w->to);
    gj_json_add_int(&b->json, "numerator", f.numerator);
    gj_json_add_int(&b->json, "denominator", f.denominator);
    gj_json_add_key(&b->json, "value_bp");
    if (f.has_value) {
        gj_buf_add_int(&b->json, f.value_bp);
    } else {
        gj_buf_add_cstr(&b->json, "null");
    }
    gj_json_add_key(&b->json, "breach");
    gj_buf_add_cstr(&b->json, f.breach ? "true}" : "false}");
    add_line(l, (struct line){.source = shop->source, .a = m->head.id, .b = product, .at = w->from},
             &b->json);
    return 0;
}

/* All windows that have marks, up to the running one. */
static int add_windows(struct both *b, uint32_t metric, struct gj_str product)
{
    struct gj_engine *e = b->entities.e;
    struct gj_shop *shop = b->entities.shop;
    const struct gj_metric *m = &e->plan->metrics[metric];
    struct gj_window_of last = gj_metric_window(m, shop->now, shop->zone);
    int64_t first_day = INT64_MAX, day = 0, ignored = 0;
    int status = 0;
    if (m->window == GJ_WINDOW_ROLLING) {
        return add_window(b, metric, &last, product, true);
    }
    for (size_t c = 0; c < m->count_count && status >= 0; c++) {
        status = gj_store_mark_days(e->store, shop->id, e->plan->counters[m->counts[c].of].head.id,
                                    &day, &ignored);
        first_day = status == 0 && day < first_day ? day : first_day;
    }
    status = status > 0 ? 0 : status;
    int64_t at = first_day == INT64_MAX ? last.from : gj_engine_midnight(shop, first_day - 1);
    for (struct gj_window_of w = gj_metric_window(m, at, shop->zone);
         status == 0 && w.from <= last.from; w = gj_metric_window(m, w.to, shop->zone)) {
        bool in_force = gj_instant_of(w.from).seconds >= m->head.from &&
                        gj_instant_of(w.from).seconds < m->head.until;
        status = in_force ? add_window(b, metric, &w, product, w.from == last.from) : 0;
    }
    return status;
}

struct product_windows {
    struct both *b;
    uint32_t metric;
};

static int add_product(void *context, struct gj_str product)
{
    const struct product_windows *p = context;
    return add_windows(p->b, p->metric, product);
}

static int add_products(struct both *b, uint32_t metric)
{
    struct gj_shop *shop = b->entities.shop;
    struct gj_window_of w =
        gj_metric_window(&b->entities.e->plan->metrics[metric], shop->now, shop->zone);
    struct product_windows windows = {b, metric};
    return gj_engine_products(b->entities.e, shop, metric, w.from, w.to, add_product, &windows);
}

static int add_metrics(struct both *b)
{
    struct gj_engine *e = b->entities.e;
    int status = 0;
    for (size_t s = 0; s < e->shop_count && status == 0; s++) {
        struct gj_shop *shop = e->shops[s];
        b->entities.shop = shop;
        if (shop->now == INT64_MIN || gj_engine_setting(e, shop, shop->now) != 0) {
            continue;
        }
        for (uint32_t m = 0; m < e->plan->metric_count && status == 0; m++) {
            if (shop->metrics[m]) {
                const struct gj_metric *metric = &e->plan->metrics[m];
                status = metric->of_shop ? add_windows(b, m, GJ_STR("")) : 0;
                status = status == 0 && metric->of_products ? add_products(b, m) : status;
            }
        }
        gj_engine_forget_marks(e);
    }
    return status;
}

/* ---- the whole ---- */

struct refusals {
    struct gj_buf *out;
    size_t count;
};

static int add_refusal(void *context, int64_t line, struct gj_str id, struct gj_str why)
{
    struct refusals *r = context;
    gj_buf_add_cstr(r->out, r->count++ > 0 ? ",\n{" : "\n{");
    gj_json_add_int(r->out, "line", line);
    if (id.len > 0) {
        gj_json_add_text(r->out, "id", id);
    }
    gj_json_add_text(r->out, "why", why);
    gj_buf_add_char(r->out, '}');
    return 0;
}

static int add_feed(struct gj_engine *e, const char *file, struct gj_buf *out)
{
    struct gj_store_feed feed = {0};
    char *name = file == NULL ? NULL : gj_feed_name(file);
    struct gj_str wanted = gj_str_of(name != NULL ? name : file == NULL ? "" : file);
    struct refusals refusals = {out, 0};
    int status = gj_store_feed_get(e->store, wanted, &feed);
    gj_buf_addf(out,
                "{\"events\":{\"applied\":%lld,\"duplicate\":%lld,\"rejected\":%lld,"
                "\"late\":%lld},\n\"rejected\":[",
                (long long)feed.applied, (long long)feed.duplicate, (long long)feed.rejected,
                (long long)feed.late);
    status = status == 0 ? gj_store_refusals(e->store, wanted, add_refusal, &refusals) : status;
    gj_buf_add_char(out, ']');
    free(name);
    return status;
}

static int write_all(struct gj_engine *e, const char *file, struct both *b, struct gj_buf *out)
{
    struct gj_store_filter all = {0};
    if (add_feed(e, file, out) != 0 || gj_engine_each_shop(e) != 0) {
        return -1;
    }
    for (size_t i = 0; i < e->shop_count; i++) {
        int64_t now = e->shops[i]->now;
        if (now != INT64_MIN && gj_engine_setting(e, e->shops[i], now) != 0) {
            return -1;
        }
    }
    if (gj_store_cases(e->store, 0, add_case, b) != 0) {
        return -1;
    }
    write_list(&b->entities, "entities", out);
    write_list(&b->deadlines, "deadlines", out);
    if (gj_store_founds(e->store, all, add_finding, b) != 0) {
        return -1;
    }
    write_list(&b->entities, "findings", out);
    if (gj_store_entries(e->store, all, add_entry, b) != 0) {
        return -1;
    }
    write_list(&b->entities, "ledger", out);
    if (gj_store_measures(e->store, all, add_measure, b) != 0) {
        return -1;
    }
    write_list(&b->entities, "measures", out);
    if (add_metrics(b) != 0) {
        return -1;
    }
    write_list(&b->entities, "metrics", out);
    gj_buf_add_cstr(out, "}\n");
    return out->failed || e->arena.failed ? -1 : 0;
}

static void begin_both(struct both *b)
{
    gj_buf_init(&b->json);
    gj_arena_init(&b->entities.arena);
    gj_arena_init(&b->deadlines.arena);
}

static void end_both(struct both *b)
{
    free(b->entities.lines);
    free(b->deadlines.lines);
    gj_arena_release(&b->entities.arena);
    gj_arena_release(&b->deadlines.arena);
    gj_buf_release(&b->json);
}

char *gj_engine_state_json(gj_engine *e, const char *file)
{
    struct both b = {.entities = {.e = e}, .deadlines = {.e = e}};
    struct gj_buf out;
    gj_buf_init(&out);
    begin_both(&b);
    int status = gj_engine_commit(e) == GJ_OK ? write_all(e, file, &b, &out) : -1;
    end_both(&b);
    if (status != 0) {
        gj_buf_release(&out);
        return NULL;
    }
    return out.ptr; /* never the shared empty string */
}

/* ---- one entity ---- */

static int write_case(struct gj_engine *e, struct gj_shop *shop, int64_t case_id, uint32_t kind,
                      struct gj_str id, struct both *b, struct gj_buf *out)
{
    struct gj_store_filter of_case = {.case_id = case_id};
    struct gj_store_case row;
    struct gj_case c;
    if (gj_store_case_read(e->store, case_id, &row) != 0) {
        return -1;
    }
    b->entities.shop = shop;
    gj_case_init(&c, e->plan);
    int status = gj_case_read(&c, e->case_parser, row.body);
    const struct gj_entity *entity = status == 0 ? gj_case_find(&c, kind, id) : NULL;
    if (entity != NULL) {
        write_entity(&b->entities, entity, &b->json);
        gj_buf_add(out, b->json.ptr, b->json.len - 1); /* its brace closes the whole */
    }
    gj_case_release(&c);
    if (entity == NULL || add_case(b, &row) != 0) {
        return -1;
    }
    write_list(&b->entities, "entities", out);
    write_list(&b->deadlines, "deadlines", out);
    if (gj_store_founds(e->store, of_case, add_finding, b) != 0) {
        return -1;
    }
    write_list(&b->entities, "findings", out);
    if (gj_store_entries(e->store, of_case, add_entry, b) != 0) {
        return -1;
    }
    write_list(&b->entities, "ledger", out);
    if (gj_store_measures(e->store, of_case, add_measure, b) != 0) {
        return -1;
    }
    write_list(&b->entities, "measures", out);
    gj_buf_add_cstr(out, "}\n");
    return out->failed || e->arena.failed ? -1 : 0;
}

int gj_engine_entity_json(gj_engine *e, const char *source, const char *kind, const char *id,
                          char **json)
{
    struct both b = {.entities = {.e = e, .with_fields = true}, .deadlines = {.e = e}};
    struct gj_buf out;
    int64_t case_id = 0;
    struct gj_shop *shop = gj_report_shop(e, source);
    int status = shop == NULL ? GJ_EINPUT : gj_report_case(e, shop, kind, id, &case_id);
    *json = NULL;
    if (status != GJ_OK) {
        return status;
    }
    uint32_t k = gj_map_get(&e->plan->events->kind_ids, gj_str_of(kind));
    gj_buf_init(&out);
    begin_both(&b);
    status = gj_report_end(e, write_case(e, shop, case_id, k, gj_str_of(id), &b, &out));
    end_both(&b);
    if (status != GJ_OK) {
        gj_buf_release(&out);
        return status;
    }
    *json = out.ptr; /* never the shared empty string */
    return GJ_OK;
}

struct entity_walk {
    struct gj_engine *e;
    const char *source, *kind; /* kind NULL: all */
    size_t limit, count;       /* limit 0: none */
    int (*each)(void *context, const gj_entity_row *row);
    void *context;
};

static int tell_entity(void *context, struct gj_str kind, struct gj_str id)
{
    struct entity_walk *w = context;
    if (w->kind != NULL && !gj_str_is(kind, w->kind)) {
        return 1; /* kinds are together: it was the last */
    }
    if (gj_map_get(&w->e->plan->events->kind_ids, kind) == GJ_MAP_NONE) {
        return 0; /* what a metric or ladder brought */
    }
    gj_entity_row row = {w->source, kind.ptr, id.ptr};
    int status = w->each(w->context, &row);
    return status != 0 ? status : ++w->count == w->limit ? 1 : 0;
}

int gj_engine_entities(gj_engine *e, const char *source, const char *kind, const char *after_kind,
                       const char *after_id, size_t limit,
                       int (*each)(void *context, const gj_entity_row *row), void *context)
{
    struct entity_walk w = {e, source, kind, limit, 0, each, context};
    struct gj_shop *shop = gj_report_shop(e, source);
    if (shop == NULL ||
        (kind != NULL && gj_map_get(&e->plan->events->kind_ids, gj_str_of(kind)) == GJ_MAP_NONE)) {
        return GJ_EINPUT;
    }
    const char *from = kind != NULL ? kind : after_kind == NULL ? "" : after_kind;
    int status =
        gj_store_entities_after(e->store, shop->id, gj_str_of(from),
                                gj_str_of(after_id == NULL ? "" : after_id), tell_entity, &w);
    return status == -1 ? GJ_ESYSTEM : GJ_OK;
}

int gj_time_parse(const char *text, int64_t *out)
{
    struct gj_instant instant;
    if (gj_event_time_parse(gj_str_of(text), &instant) != 0) {
        return -1;
    }
    *out = gj_micros(instant);
    return 0;
}
