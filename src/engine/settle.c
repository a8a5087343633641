/* Room engine: outcomes into the store, in order or as corrections (see inside.h). */
#include "base/sort.h"
#include "base/vec.h"
#include "base/whole.h"
#include "engine/inside.h"

/* ---- rows ---- */

static struct gj_found_row found_row(const struct gj_shop *shop, int64_t case_id,
                                     const struct gj_found *f)
{
    return (struct gj_found_row){.shop = shop->id,
                                 .case_id = case_id,
                                 .seq = f->seq,
                                 .at = f->at,
                                 .rule = f->rule,
                                 .kind = f->kind,
                                 .subject = f->subject,
                                 .agent = f->agent,
                                 .severity = f->severity,
                                 .because = f->because};
}

static struct gj_entry_row entry_row(const struct gj_shop *shop, int64_t case_id,
                                     const struct gj_entry_part *p)
{
    return (struct gj_entry_row){.shop = shop->id,
                                 .case_id = case_id,
                                 .seq = p->seq,
                                 .at = p->at,
                                 .entry = p->entry,
                                 .rule = p->rule,
                                 .account = p->account,
                                 .unit = p->unit,
                                 .class_ = p->class_,
                                 .paid_as = p->paid_as,
                                 .reverses = p->reverses,
                                 .amount = p->amount};
}

static struct gj_measure_row measure_row(const struct gj_shop *shop, int64_t case_id,
                                         const struct gj_measure *m)
{
    return (struct gj_measure_row){.shop = shop->id,
                                   .case_id = case_id,
                                   .seq = m->seq,
                                   .from = m->from,
                                   .to = m->to,
                                   .own_to = m->to,
                                   .ends = m->ends,
                                   .rule = m->rule,
                                   .kind = m->kind,
                                   .subject = m->subject,
                                   .what = m->what};
}

static struct gj_mark_row mark_row(const struct gj_shop *shop, int64_t case_id,
                                   const struct gj_mark *m)
{
    return (struct gj_mark_row){.shop = shop->id,
                                .case_id = case_id,
                                .seq = m->seq,
                                .at = m->at,
                                .day = gj_engine_day(shop, m->at),
                                .counter = m->counter,
                                .key = m->key,
                                .item = m->item,
                                .product = m->product};
}

static int add_marks(struct gj_engine *e, struct gj_shop *shop, int64_t case_id)
{
    int status = 0;
    if (e->outcomes.mark_count > 0) {
        gj_engine_forget_marks(e);
    }
    for (size_t i = 0; i < e->outcomes.mark_count && status == 0; i++) {
        const struct gj_mark *m = &e->outcomes.marks[i];
        struct gj_mark_row row = mark_row(shop, case_id, m);
        status = gj_store_mark_add(e->store, &row);
        if (m->at < shop->now) {
            gj_marks_changed(e, shop, m->counter, m->at);
        }
    }
    return status;
}

/* ---- measures ---- */

/* What the shop's measures are made of each other: one that comes while another of its name runs
 * lasts to the later of both ends, and some end what runs. */
struct measures {
    struct gj_arena arena;
    struct gj_measure_row *rows;
    int64_t *was; /* their ends as stored */
    size_t count, capacity;
};

static struct gj_measure_row kept_measure(struct gj_arena *arena, const struct gj_measure_row *row)
{
    struct gj_measure_row kept = *row;
    kept.rule = gj_arena_copy(arena, row->rule);
    kept.kind = gj_arena_copy(arena, row->kind);
    kept.subject = gj_arena_copy(arena, row->subject);
    kept.what = gj_arena_copy(arena, row->what);
    return kept;
}

static int take_measure(void *context, const struct gj_measure_row *row)
{
    struct measures *m = context;
    if (row->withdrawn) {
        return 0;
    }
    struct gj_measure_row *grown = gj_grow(m->rows, &m->capacity, m->count + 1, sizeof *grown);
    if (grown == NULL) {
        return -1;
    }
    m->rows = grown;
    grown[m->count++] = kept_measure(&m->arena, row);
    return m->arena.failed ? -1 : 0;
}

static int same_name_order(const struct gj_measure_row *a, const struct gj_measure_row *b)
{
    int order = gj_str_compare(a->what, b->what);
    order = order != 0 ? order : gj_str_compare(a->kind, b->kind);
    return order != 0 ? order : gj_str_compare(a->subject, b->subject);
}

/* By name, then time; at one instant what ends goes before what begins, the shorter first. */
static int measure_order(const void *x, const void *y)
{
    const struct gj_measure_row *a = x, *b = y;
    int order = same_name_order(a, b);
    order = order != 0 ? order : (a->from > b->from) - (a->from < b->from);
    order = order != 0 ? order : (a->ends == GJ_RUNS) - (b->ends == GJ_RUNS);
    order = order != 0 ? order : (a->own_to > b->own_to) - (a->own_to < b->own_to);
    order = order != 0 ? order : gj_str_compare(a->rule, b->rule);
    return order != 0 ? order : (a->row > b->row) - (a->row < b->row);
}

static void run_measure(struct gj_measure_row *rows, size_t at, size_t first)
{
    struct gj_measure_row *m = &rows[at];
    for (size_t i = first; i < at; i++) {
        struct gj_measure_row *r = &rows[i];
        bool runs = r->ends == GJ_RUNS && r->to > m->from;
        if (runs && m->ends == GJ_RUNS) {
            m->to = r->to > m->to ? r->to : m->to;
        } else if (runs && (m->ends == GJ_ENDS_ALL || gj_str_eq(r->rule, m->rule))) {
            r->to = m->from;
        }
    }
}

static int settle_measures(struct gj_engine *e, struct gj_shop *shop)
{
    struct measures m = {.rows = NULL};
    gj_arena_init(&m.arena);
    int status =
        gj_store_measures(e->store, (struct gj_store_filter){.shop = shop->id}, take_measure, &m);
    m.was = status == 0 ? gj_arena_array(&m.arena, m.count + 1, sizeof *m.was) : NULL;
    status = m.was == NULL ? -1 : status;
    if (status == 0 && m.count > 1) {
        gj_sort(m.rows, m.count, sizeof *m.rows, measure_order);
    }
    for (size_t i = 0, first = 0; i < m.count && status == 0; i++) {
        first = i > 0 && same_name_order(&m.rows[i - 1], &m.rows[i]) == 0 ? first : i;
        m.was[i] = m.rows[i].to;
        m.rows[i].to = m.rows[i].own_to;
        run_measure(m.rows, i, first);
    }
    for (size_t i = 0; i < m.count && status == 0; i++) {
        if (m.rows[i].to != m.was[i]) {
            status = gj_tell_measure_end(e, shop, &m.rows[i], m.rows[i].to, m.rows[i].own_to);
        }
    }
    free(m.rows);
    gj_arena_release(&m.arena);
    return status;
}

/* ---- points ---- */

/* Remembers one instant for each year in which points were booked. */
static void note_year(struct gj_years *years, const struct gj_shop *shop, int64_t instant)
{
    int64_t year = gj_engine_year(shop, instant);
    for (size_t i = 0; i < years->count; i++) {
        if (gj_engine_year(shop, years->at[i]) == year) {
            return;
        }
    }
    if (years->count < GJ_YEARS_MAX) {
        years->at[years->count++] = instant;
    }
}

/* Points were booked; where they take others back, these count anew as well. */
static void note_points(struct gj_years *years, const struct gj_shop *shop,
                        const struct gj_outcomes *o, const struct gj_entry_part *part)
{
    note_year(years, shop, part->at);
    for (size_t i = 0; part->reverses.len > 0 && i < o->part_count; i++) {
        if (gj_str_eq(o->parts[i].entry, part->reverses)) {
            note_year(years, shop, o->parts[i].at);
        }
    }
    for (size_t i = 0; part->reverses.len > 0 && i < o->cost_count; i++) {
        if (gj_str_eq(o->costs[i].entry, part->reverses)) {
            note_year(years, shop, o->costs[i].at);
        }
    }
}

/* Whether memory ran out while the outcomes were gathered: none of them is then stored. */
static int check_outcomes(struct gj_engine *e)
{
    return e->outcomes.arena.failed || e->arena.failed
               ? gj_errors_say(e->errors, "out of memory; nothing of this batch was kept")
               : 0;
}

/* ---- agents that become known ---- */

/* What was found without knowing whose fault it was is told once: with the agent, when an event
 * brings that out. */
static bool names(const struct gj_found *now, struct gj_str rule, struct gj_str kind,
                  struct gj_str subject, struct gj_str agent)
{
    return now->agent.len > 0 && !now->anew && agent.len == 0 && gj_str_eq(now->rule, rule) &&
           gj_str_eq(now->kind, kind) && gj_str_eq(now->subject, subject);
}

static void name_agents(struct gj_outcomes *o)
{
    for (size_t i = 1; i < o->found_count; i++) {
        size_t j = i;
        while (j > 0 && !names(&o->founds[i], o->founds[j - 1].rule, o->founds[j - 1].kind,
                               o->founds[j - 1].subject, o->founds[j - 1].agent)) {
            j--;
        }
        if (j > 0) {
            o->found_count--;
            memmove(&o->founds[j - 1], &o->founds[j], (o->found_count - j + 1) * sizeof *o->founds);
            i--;
        }
    }
}

struct unnamed {
    const struct gj_found *now;
    int64_t row, at;
    bool any; /* some finding of the case has no agent */
};

static int look_for_unnamed(void *context, const struct gj_found_row *row)
{
    struct unnamed *u = context;
    u->any |= !row->withdrawn && row->agent.len == 0;
    if (!row->withdrawn && names(u->now, row->rule, row->kind, row->subject, row->agent) &&
        (u->row == 0 ||
         row->at >= u->at)) { /* of several the last, whichever came to light first */
        u->row = row->row;
        u->at = row->at;
    }
    return 0;
}

/* The finding that `found` names the agent of, if the case has such. */
static int find_unnamed(struct gj_engine *e, int64_t case_id, const struct gj_found *found,
                        struct unnamed *before)
{
    struct gj_cached *cached = gj_engine_cached(e, case_id);
    *before = (struct unnamed){.now = found};
    if (found->agent.len == 0 || found->anew || (cached != NULL && cached->all_named)) {
        return 0;
    }
    struct gj_store_filter of_case = {.case_id = case_id};
    int status = gj_store_founds(e->store, of_case, look_for_unnamed, before);
    if (cached != NULL) {
        cached->all_named = status == 0 && !before->any;
    }
    return status;
}

static int add_found(struct gj_engine *e, struct gj_shop *shop, int64_t case_id,
                     const struct gj_found *found)
{
    struct gj_found_row row = found_row(shop, case_id, found);
    struct unnamed before;
    int status = find_unnamed(e, case_id, found, &before);
    if (status == 0 && before.row != 0) {
        struct gj_found_row old = row;
        old.row = before.row;
        old.at = before.at;
        old.agent = GJ_STR("");
        status = gj_tell_withdrawn(e, shop, &old);
    }
    return status == 0 ? gj_tell_found(e, shop, &row) : status;
}

int gj_settle_append(struct gj_engine *e, struct gj_shop *shop, int64_t case_id,
                     struct gj_years *years)
{
    name_agents(&e->outcomes);
    const struct gj_outcomes *o = &e->outcomes;
    years->count = 0;
    int status = check_outcomes(e) != 0 ? -1 : add_marks(e, shop, case_id);
    for (size_t i = 0; i < o->found_count && status == 0; i++) {
        status = add_found(e, shop, case_id, &o->founds[i]);
    }
    for (size_t i = 0; i < o->part_count && status == 0; i++) {
        struct gj_entry_row row = entry_row(shop, case_id, &o->parts[i]);
        status = gj_tell_entry(e, shop, &row, false);
        if (gj_str_is(o->parts[i].unit, "points")) {
            note_points(years, shop, o, &o->parts[i]);
        }
    }
    gj_tell_entries_end(e);
    for (size_t i = 0; i < o->measure_count && status == 0; i++) {
        struct gj_measure_row row = measure_row(shop, case_id, &o->measures[i]);
        status = gj_tell_measure(e, shop, &row);
    }
    if (status == 0 && o->measure_count > 0) {
        status = settle_measures(e, shop);
    }
    return status;
}

/* ---- corrections ---- */

struct old { /* what the store has for the case */
    struct gj_arena arena;
    struct gj_found_row *founds;
    struct gj_entry_row *entries;
    struct gj_measure_row *measures;
    struct gj_mark_row *marks;
    size_t found_count, entry_count, measure_count, mark_count;
};

static void *grown(struct gj_arena *arena, void *items, size_t count, size_t size)
{
    if ((count & (count - 1)) != 0) { /* grows at powers of two */
        return items;
    }
    void *more = gj_arena_array(arena, count == 0 ? 1 : count * 2, size);
    if (more != NULL && count > 0) {
        memcpy(more, items, count * size);
    }
    return more;
}

static int gather_found(void *context, const struct gj_found_row *row)
{
    struct old *old = context;
    if (row->withdrawn) {
        return 0;
    }
    old->founds = grown(&old->arena, old->founds, old->found_count, sizeof *row);
    if (old->founds == NULL) {
        return -1;
    }
    struct gj_found_row *r = &old->founds[old->found_count++];
    *r = *row;
    r->rule = gj_arena_copy(&old->arena, row->rule);
    r->kind = gj_arena_copy(&old->arena, row->kind);
    r->subject = gj_arena_copy(&old->arena, row->subject);
    r->agent = gj_arena_copy(&old->arena, row->agent);
    r->severity = gj_arena_copy(&old->arena, row->severity);
    r->because = gj_arena_copy(&old->arena, row->because);
    return 0;
}

static int gather_entry(void *context, const struct gj_entry_row *row)
{
    struct old *old = context;
    old->entries = grown(&old->arena, old->entries, old->entry_count, sizeof *row);
    if (old->entries == NULL) {
        return -1;
    }
    struct gj_entry_row *r = &old->entries[old->entry_count++];
    *r = *row;
    r->entry = gj_arena_copy(&old->arena, row->entry);
    r->rule = gj_arena_copy(&old->arena, row->rule);
    r->account = gj_arena_copy(&old->arena, row->account);
    r->unit = gj_arena_copy(&old->arena, row->unit);
    r->class_ = gj_arena_copy(&old->arena, row->class_);
    r->paid_as = gj_arena_copy(&old->arena, row->paid_as);
    r->reverses = gj_arena_copy(&old->arena, row->reverses);
    return 0;
}

static int gather_measure(void *context, const struct gj_measure_row *row)
{
    struct old *old = context;
    if (row->withdrawn) {
        return 0;
    }
    old->measures = grown(&old->arena, old->measures, old->measure_count, sizeof *row);
    if (old->measures == NULL) {
        return -1;
    }
    old->measures[old->measure_count++] = kept_measure(&old->arena, row);
    return 0;
}

static int gather_mark(void *context, const struct gj_mark_row *row)
{
    struct old *old = context;
    old->marks = grown(&old->arena, old->marks, old->mark_count, sizeof *row);
    if (old->marks == NULL) {
        return -1;
    }
    struct gj_mark_row *r = &old->marks[old->mark_count++];
    *r = *row;
    r->counter = gj_arena_copy(&old->arena, row->counter);
    r->key = gj_arena_copy(&old->arena, row->key);
    r->item = gj_arena_copy(&old->arena, row->item);
    r->product = gj_arena_copy(&old->arena, row->product);
    return 0;
}

static int mark_order(const void *x, const void *y)
{
    const struct gj_mark_row *a = x, *b = y;
    int order = (a->at > b->at) - (a->at < b->at);
    order = order != 0 ? order : gj_str_compare(a->counter, b->counter);
    order = order != 0 ? order : gj_str_compare(a->key, b->key);
    order = order != 0 ? order : gj_str_compare(a->item, b->item);
    return order != 0 ? order : gj_str_compare(a->product, b->product);
}

/* Tells in which windows the two sorted lists differ; whether they do at all. */
static bool marks_differ(const struct gj_engine *e, struct gj_shop *shop,
                         const struct gj_mark_row *now, size_t now_count,
                         const struct gj_mark_row *was, size_t was_count)
{
    bool differ = false;
    for (size_t i = 0, j = 0; i < now_count || j < was_count;) {
        int order = i == now_count ? 1 : j == was_count ? -1 : mark_order(&now[i], &was[j]);
        if (order != 0) {
            const struct gj_mark_row *one = order < 0 ? &now[i] : &was[j];
            gj_marks_changed(e, shop, one->counter, one->at);
            differ = true;
        }
        i += order <= 0;
        j += order >= 0;
    }
    return differ;
}

/* Marks are replaced where they differ; the windows that hold them are looked at again. */
static int reconcile_marks(struct gj_engine *e, struct gj_shop *shop, int64_t case_id,
                           struct old *old)
{
    const struct gj_outcomes *o = &e->outcomes;
    struct gj_mark_row *rows = gj_arena_array(&old->arena, o->mark_count + 1, sizeof *rows);
    if (rows == NULL) {
        return -1;
    }
    for (size_t i = 0; i < o->mark_count; i++) {
        rows[i] = mark_row(shop, case_id, &o->marks[i]);
    }
    gj_sort(rows, o->mark_count, sizeof *rows, mark_order);
    gj_sort(old->marks, old->mark_count, sizeof *rows, mark_order);
    if (!marks_differ(e, shop, rows, o->mark_count, old->marks, old->mark_count)) {
        return 0;
    }
    gj_engine_forget_marks(e);
    int status = gj_store_marks_clear(e->store, case_id);
    for (size_t i = 0; i < o->mark_count && status == 0; i++) {
        status = gj_store_mark_add(e->store, &rows[i]);
    }
    return status;
}

static int reconcile_founds(struct gj_engine *e, struct gj_shop *shop, int64_t case_id,
                            struct old *old)
{
    name_agents(&e->outcomes);
    const struct gj_outcomes *o = &e->outcomes;
    bool *met = gj_arena_array(&old->arena, old->found_count + 1, sizeof *met);
    int status = met == NULL ? -1 : 0;
    for (size_t i = 0; i < o->found_count && status == 0; i++) {
        const struct gj_found *f = &o->founds[i];
        bool there = false;
        for (size_t j = 0; j < old->found_count && !there; j++) {
            const struct gj_found_row *r = &old->founds[j];
            if (!met[j] && r->at == f->at && gj_str_eq(r->rule, f->rule) &&
                gj_str_eq(r->kind, f->kind) && gj_str_eq(r->subject, f->subject) &&
                gj_str_eq(r->agent, f->agent) && gj_str_eq(r->severity, f->severity) &&
                gj_str_eq(r->because, f->because)) {
                met[j] = there = true;
            }
        }
        if (!there) {
            struct gj_found_row row = found_row(shop, case_id, f);
            status = gj_tell_found(e, shop, &row);
        }
    }
    for (size_t j = 0; j < old->found_count && status == 0; j++) {
        if (!met[j]) {
            status = gj_tell_withdrawn(e, shop, &old->founds[j]);
        }
    }
    return status;
}

static bool ends_with(struct gj_str s, const char *tail)
{
    size_t len = strlen(tail);
    return s.len >= len && memcmp(s.ptr + s.len - len, tail, len) == 0;
}

static struct gj_str with_tail(struct gj_arena *arena, struct gj_str s, const char *tail)
{
    struct gj_buf text;
    gj_buf_init(&text);
    gj_buf_add_str(&text, s);
    gj_buf_add_cstr(&text, tail);
    arena->failed |= text.failed;
    struct gj_str kept = gj_arena_copy(arena, gj_buf_str(&text));
    gj_buf_release(&text);
    return kept;
}

#define CORRECTED "/corrected"
#define AGAIN     "/again"

bool gj_entry_is_correction(struct gj_str entry)
{
    return ends_with(entry, CORRECTED);
}

/* Whether the store has corrected an entry away: its rows are then without effect. */
static bool cancelled(const struct old *old, struct gj_str entry)
{
    for (size_t i = 0; i < old->entry_count; i++) {
        if (gj_entry_is_correction(old->entries[i].entry) &&
            gj_str_eq(old->entries[i].reverses, entry)) {
            return true;
        }
    }
    return false;
}

/* An entry's name without the "/again" that a second booking was given. */
static struct gj_str first_name(struct gj_str stored)
{
    while (ends_with(stored, AGAIN)) {
        stored.len -= strlen(AGAIN);
    }
    return stored;
}

static bool same_row(const struct gj_entry_row *r, const struct gj_entry_part *p)
{
    return r->at == p->at && r->amount == p->amount && gj_str_eq(r->account, p->account) &&
           gj_str_eq(r->unit, p->unit) && gj_str_eq(r->rule, p->rule) &&
           gj_str_eq(r->class_, p->class_) && gj_str_eq(r->paid_as, p->paid_as) &&
           gj_str_eq(first_name(r->reverses), first_name(p->reverses));
}

/* The entry of that name that has effect, or {NULL}. */
static struct gj_str standing_entry(const struct old *old, struct gj_str name)
{
    for (size_t j = old->entry_count; j > 0; j--) {
        const struct gj_entry_row *r = &old->entries[j - 1];
        if (!gj_entry_is_correction(r->entry) && gj_str_eq(first_name(r->entry), name) &&
            !cancelled(old, r->entry)) {
            return r->entry;
        }
    }
    return (struct gj_str){NULL, 0};
}

/* Whether the stored entry has just the rows that the outcomes give it. An entry changes as a
 * whole, so that its rows always sum to zero. */
static bool same_entry(const struct gj_outcomes *o, struct old *old, struct gj_str stored,
                       struct gj_str name, bool *met)
{
    size_t rows = 0, parts = 0;
    for (size_t j = 0; j < old->entry_count; j++) {
        rows += gj_str_eq(old->entries[j].entry, stored);
        met[j] = false;
    }
    for (size_t i = 0; i < o->part_count; i++) {
        size_t j = 0;
        if (!gj_str_eq(o->parts[i].entry, name)) {
            continue;
        }
        while (j < old->entry_count && (met[j] || !gj_str_eq(old->entries[j].entry, stored) ||
                                        !same_row(&old->entries[j], &o->parts[i]))) {
            j++;
        }
        if (j == old->entry_count) {
            return false;
        }
        met[j] = true;
        parts++;
    }
    return rows == parts;
}

static int cancel_entry(struct gj_engine *e, struct gj_shop *shop, int64_t case_id, struct old *old,
                        struct gj_str stored, struct gj_years *years)
{
    int status = 0;
    for (size_t j = 0; j < old->entry_count && status == 0; j++) {
        struct gj_entry_row row = old->entries[j];
        if (!gj_str_eq(row.entry, stored)) {
            continue;
        }
        if (gj_str_is(row.unit, "points")) {
            note_year(years, shop, row.at);
        }
        row.reverses = row.entry;
        row.entry = with_tail(&old->arena, row.entry, CORRECTED);
        row.amount = gj_less(0, row.amount);
        row.at = shop->now > row.at ? shop->now : row.at;
        row.seq = e->outcomes.seq;
        row.shop = shop->id;
        row.case_id = case_id;
        status = gj_tell_entry(e, shop, &row, true);
    }
    return status;
}

static bool is_stored(const struct old *old, struct gj_str entry)
{
    for (size_t j = 0; j < old->entry_count; j++) {
        if (gj_str_eq(old->entries[j].entry, entry)) {
            return true;
        }
    }
    return false;
}

/* The name under which the outcomes' entry stands, or will stand. */
static struct gj_str name_to_be(struct old *old, struct gj_str name, bool stays)
{
    if (stays) {
        return standing_entry(old, name);
    }
    while (is_stored(old, name)) {
        name = with_tail(&old->arena, name, AGAIN);
    }
    return name;
}

struct named { /* an entry of the outcomes */
    struct gj_str name;
    bool stays;
};

static struct named *named(struct named *list, size_t count, struct gj_str name)
{
    for (size_t i = 0; i < count; i++) {
        if (gj_str_eq(list[i].name, name)) {
            return &list[i];
        }
    }
    return NULL;
}

static int add_entry(struct gj_engine *e, struct gj_shop *shop, int64_t case_id, struct old *old,
                     struct named *list, size_t count, const struct gj_entry_part *part)
{
    struct gj_entry_row row = entry_row(shop, case_id, part);
    struct named *reversed = part->reverses.len == 0 ? NULL : named(list, count, part->reverses);
    row.entry = name_to_be(old, part->entry, false);
    row.reverses =
        reversed == NULL ? part->reverses : name_to_be(old, reversed->name, reversed->stays);
    return old->arena.failed ? -1 : gj_tell_entry(e, shop, &row, false);
}

static int reconcile_entries(struct gj_engine *e, struct gj_shop *shop, int64_t case_id,
                             struct old *old, struct gj_years *years)
{
    const struct gj_outcomes *o = &e->outcomes;
    bool *met = gj_arena_array(&old->arena, old->entry_count + 1, sizeof *met);
    struct named *list = gj_arena_array(&old->arena, o->part_count + 1, sizeof *list);
    size_t count = 0;
    int status = met == NULL || list == NULL ? -1 : 0;
    for (size_t i = 0; i < o->part_count && status == 0; i++) {
        struct gj_str name = o->parts[i].entry, stored = standing_entry(old, name);
        if (named(list, count, name) == NULL) {
            list[count++] =
                (struct named){name, stored.ptr != NULL && same_entry(o, old, stored, name, met)};
        }
    }
    for (size_t j = 0; j < old->entry_count && status == 0; j++) {
        struct gj_str stored = old->entries[j].entry;
        const struct named *n = named(list, count, first_name(stored));
        bool first = j == 0 || !gj_str_eq(old->entries[j - 1].entry, stored);
        if (first && !gj_entry_is_correction(stored) && !cancelled(old, stored) &&
            (n == NULL || !n->stays)) {
            status = cancel_entry(e, shop, case_id, old, stored, years);
        }
    }
    for (size_t i = 0; i < o->part_count && status == 0; i++) {
        if (named(list, count, o->parts[i].entry)->stays) {
            continue;
        }
        if (gj_str_is(o->parts[i].unit, "points")) {
            note_points(years, shop, o, &o->parts[i]);
        }
        status = add_entry(e, shop, case_id, old, list, count, &o->parts[i]);
    }
    gj_tell_entries_end(e);
    return status;
}

static bool same_measure(const struct gj_measure_row *r, const struct gj_measure *m)
{
    return r->ends == (int64_t)m->ends && r->from == m->from && gj_str_eq(r->rule, m->rule) &&
           gj_str_eq(r->what, m->what) && gj_str_eq(r->subject, m->subject) &&
           gj_str_eq(r->kind, m->kind);
}

static int reconcile_measures(struct gj_engine *e, struct gj_shop *shop, int64_t case_id,
                              struct old *old)
{
    const struct gj_outcomes *o = &e->outcomes;
    bool *met = gj_arena_array(&old->arena, old->measure_count + 1, sizeof *met);
    int status = met == NULL ? -1 : 0;
    bool changed = false;
    for (size_t i = 0; i < o->measure_count && status == 0; i++) {
        const struct gj_measure *m = &o->measures[i];
        size_t j = 0;
        while (j < old->measure_count && (met[j] || !same_measure(&old->measures[j], m))) {
            j++;
        }
        if (j == old->measure_count) {
            struct gj_measure_row row = measure_row(shop, case_id, m);
            status = gj_tell_measure(e, shop, &row);
            changed = true;
            continue;
        }
        met[j] = true;
        if (old->measures[j].own_to != m->to) { /* lifted, or not lifted after all */
            status = gj_tell_measure_end(e, shop, &old->measures[j], m->to, m->to);
            changed = true;
        }
    }
    for (size_t j = 0; j < old->measure_count && status == 0; j++) {
        if (!met[j]) {
            status = gj_tell_measure_gone(e, shop, &old->measures[j]);
            changed = true;
        }
    }
    return status == 0 && changed ? settle_measures(e, shop) : status;
}

int gj_settle_reconcile(struct gj_engine *e, struct gj_shop *shop, int64_t case_id,
                        struct gj_years *years)
{
    struct old old = {.founds = NULL};
    struct gj_store_filter of_case = {.case_id = case_id};
    years->count = 0;
    gj_arena_init(&old.arena);
    int status = check_outcomes(e) != 0 ||
                         gj_store_founds(e->store, of_case, gather_found, &old) != 0 ||
                         gj_store_entries(e->store, of_case, gather_entry, &old) != 0 ||
                         gj_store_measures(e->store, of_case, gather_measure, &old) != 0 ||
                         gj_store_case_marks(e->store, case_id, gather_mark, &old) != 0 ||
                         reconcile_founds(e, shop, case_id, &old) != 0 ||
                         reconcile_entries(e, shop, case_id, &old, years) != 0 ||
                         reconcile_measures(e, shop, case_id, &old) != 0 ||
                         reconcile_marks(e, shop, case_id, &old) != 0 || old.arena.failed
                     ? -1
                     : 0;
    gj_arena_release(&old.arena);
    return status;
}
