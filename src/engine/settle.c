/* Room engine: outcomes into the store, in order or as corrections (see engine.h). */
#include "engine/engine.h"

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

struct running { /* the latest end of what runs under a name */
    struct gj_str what, subject;
    int64_t at, to, case_id, row;
    int64_t ending[32];
    size_t ending_count;
};

static int look_at_running(void *context, const struct gj_measure_row *row)
{
    struct running *r = context;
    if (!row->withdrawn && gj_str_eq(row->what, r->what) && row->from <= r->at &&
        row->to > r->at && gj_str_eq(row->subject, r->subject)) {
        r->to = row->to > r->to ? row->to : r->to;
        if (r->ending_count < 32) {
            r->ending[r->ending_count++] = row->row;
        }
    }
    return 0;
}

/* A measure that comes while another of its name runs lasts to the later of both ends. */
static int add_measure(struct gj_engine *e, struct gj_shop *shop, int64_t case_id,
                       const struct gj_measure *m)
{
    struct running running = {.what = m->what, .subject = m->subject, .at = m->from, .to = m->to};
    if (gj_store_measures(e->store, (struct gj_store_filter){.shop = shop->id}, look_at_running,
                          &running) != 0) {
        return -1;
    }
    if (m->ends) {
        int status = 0;
        for (size_t i = 0; i < running.ending_count && status == 0; i++) {
            status = gj_store_measure_end(e->store, running.ending[i], m->from);
        }
        return status;
    }
    struct gj_measure_row row = {.shop = shop->id,
                                 .case_id = case_id,
                                 .seq = m->seq,
                                 .from = m->from,
                                 .to = running.to,
                                 .rule = m->rule,
                                 .kind = m->kind,
                                 .subject = m->subject,
                                 .what = m->what};
    return gj_store_measure_add(e->store, &row);
}

static int add_marks(struct gj_engine *e, struct gj_shop *shop, int64_t case_id)
{
    int status = 0;
    int64_t today = shop->now == INT64_MIN ? INT64_MIN : gj_engine_day(shop, shop->now);
    for (size_t i = 0; i < e->outcomes.mark_count && status == 0; i++) {
        const struct gj_mark *m = &e->outcomes.marks[i];
        struct gj_mark_row row = {.shop = shop->id,
                                  .case_id = case_id,
                                  .seq = m->seq,
                                  .at = m->at,
                                  .day = gj_engine_day(shop, m->at),
                                  .counter = m->counter,
                                  .key = m->key,
                                  .item = m->item,
                                  .product = m->product};
        status = gj_store_mark_add(e->store, &row);
        if (row.day < today && m->at < shop->metrics_from) {
            shop->metrics_from = m->at; /* a closed window changes */
        }
    }
    return status;
}

static int climb(struct gj_engine *e, struct gj_shop *shop, const int64_t *at, size_t count)
{
    int status = 0;
    for (size_t i = 0; i < count && status == 0; i++) {
        status = gj_engine_climb(e, shop, at[i]);
    }
    return status;
}

#define YEARS_MAX 8

/* Remembers one instant for each year in which points were booked. */
static void note_year(int64_t *at, size_t *count, const struct gj_shop *shop, int64_t instant)
{
    int64_t seconds = gj_instant_of(instant).seconds + shop->setting.zone;
    int64_t year = gj_civil_from_seconds(seconds).year;
    for (size_t i = 0; i < *count; i++) {
        int64_t other = gj_instant_of(at[i]).seconds + shop->setting.zone;
        if (gj_civil_from_seconds(other).year == year) {
            return;
        }
    }
    if (*count < YEARS_MAX) {
        at[(*count)++] = instant;
    }
}

/* ---- agents that become known ---- */

/* What was found without knowing whose fault it was is told once: with the agent, when that comes
 * out. */
static bool names(const struct gj_found *now, struct gj_str rule, struct gj_str kind,
                  struct gj_str subject, struct gj_str agent)
{
    return now->agent.len > 0 && agent.len == 0 && gj_str_eq(now->rule, rule) &&
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
    int64_t row;
};

static int look_for_unnamed(void *context, const struct gj_found_row *row)
{
    struct unnamed *u = context;
    if (!row->withdrawn && names(u->now, row->rule, row->kind, row->subject, row->agent)) {
        u->row = row->row;
    }
    return 0;
}

static int add_found(struct gj_engine *e, struct gj_shop *shop, int64_t case_id,
                     const struct gj_found *found)
{
    struct gj_found_row row = found_row(shop, case_id, found);
    struct unnamed before = {found, 0};
    struct gj_store_filter of_case = {.case_id = case_id};
    int status = found->agent.len == 0
                     ? 0
                     : gj_store_founds(e->store, of_case, look_for_unnamed, &before);
    if (status == 0 && before.row != 0) {
        status = gj_store_found_withdraw(e->store, before.row);
    }
    return status == 0 ? gj_store_found_add(e->store, &row) : status;
}

int gj_engine_append(struct gj_engine *e, struct gj_shop *shop, int64_t case_id)
{
    name_agents(&e->outcomes);
    const struct gj_outcomes *o = &e->outcomes;
    int64_t years[YEARS_MAX];
    size_t year_count = 0;
    int status = add_marks(e, shop, case_id);
    for (size_t i = 0; i < o->found_count && status == 0; i++) {
        status = add_found(e, shop, case_id, &o->founds[i]);
    }
    for (size_t i = 0; i < o->part_count && status == 0; i++) {
        struct gj_entry_row row = entry_row(shop, case_id, &o->parts[i]);
        status = gj_store_entry_add(e->store, &row);
        if (gj_str_is(o->parts[i].unit, "points")) {
            note_year(years, &year_count, shop, o->parts[i].at);
        }
    }
    for (size_t i = 0; i < o->measure_count && status == 0; i++) {
        status = add_measure(e, shop, case_id, &o->measures[i]);
    }
    return status == 0 ? climb(e, shop, years, year_count) : status;
}

/* ---- corrections ---- */

struct old { /* what the store has for the case */
    struct gj_arena arena;
    struct gj_found_row *founds;
    struct gj_entry_row *entries;
    struct gj_measure_row *measures;
    size_t found_count, entry_count, measure_count, capacity;
    bool *found_met, *measure_met;
};

struct gathering {
    struct old *old;
    size_t capacity;
};

static struct gj_str copied(struct gj_arena *arena, struct gj_str s)
{
    return gj_arena_copy(arena, s);
}

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
    r->rule = copied(&old->arena, row->rule);
    r->kind = copied(&old->arena, row->kind);
    r->subject = copied(&old->arena, row->subject);
    r->agent = copied(&old->arena, row->agent);
    r->severity = copied(&old->arena, row->severity);
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
    r->entry = copied(&old->arena, row->entry);
    r->rule = copied(&old->arena, row->rule);
    r->account = copied(&old->arena, row->account);
    r->unit = copied(&old->arena, row->unit);
    r->class_ = copied(&old->arena, row->class_);
    r->paid_as = copied(&old->arena, row->paid_as);
    r->reverses = copied(&old->arena, row->reverses);
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
    struct gj_measure_row *r = &old->measures[old->measure_count++];
    *r = *row;
    r->rule = copied(&old->arena, row->rule);
    r->kind = copied(&old->arena, row->kind);
    r->subject = copied(&old->arena, row->subject);
    r->what = copied(&old->arena, row->what);
    return 0;
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
                gj_str_eq(r->agent, f->agent)) {
                met[j] = there = true;
            }
        }
        if (!there) {
            struct gj_found_row row = found_row(shop, case_id, f);
            status = gj_store_found_add(e->store, &row);
        }
    }
    for (size_t j = 0; j < old->found_count && status == 0; j++) {
        if (!met[j]) {
            status = gj_store_found_withdraw(e->store, old->founds[j].row);
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
    struct gj_str kept = gj_arena_copy(arena, gj_buf_str(&text));
    gj_buf_release(&text);
    return kept;
}

#define CORRECTION "/corrected"

/* How often the store has corrected an entry away: its rows are then without effect. */
static bool cancelled(const struct old *old, struct gj_str entry)
{
    for (size_t i = 0; i < old->entry_count; i++) {
        if (ends_with(old->entries[i].entry, CORRECTION) &&
            gj_str_eq(old->entries[i].reverses, entry)) {
            return true;
        }
    }
    return false;
}

static bool same_row(const struct gj_entry_row *r, const struct gj_entry_part *p)
{
    return r->at == p->at && r->amount == p->amount && gj_str_eq(r->account, p->account) &&
           gj_str_eq(r->unit, p->unit) && gj_str_eq(r->rule, p->rule) &&
           gj_str_eq(r->reverses, p->reverses);
}

/* An entry's name without the "/again" that a second booking was given. */
static bool same_name(struct gj_str stored, struct gj_str name)
{
    while (ends_with(stored, "/again")) {
        stored.len -= strlen("/again");
    }
    return gj_str_eq(stored, name);
}

static int reconcile_entries(struct gj_engine *e, struct gj_shop *shop, int64_t case_id,
                             struct old *old, int64_t *years, size_t *year_count)
{
    const struct gj_outcomes *o = &e->outcomes;
    bool *met = gj_arena_array(&old->arena, old->entry_count + 1, sizeof *met);
    bool *there = gj_arena_array(&old->arena, o->part_count + 1, sizeof *there);
    int status = met == NULL || there == NULL ? -1 : 0;
    for (size_t i = 0; i < o->part_count && status == 0; i++) {
        for (size_t j = 0; j < old->entry_count && !there[i]; j++) {
            const struct gj_entry_row *r = &old->entries[j];
            if (!met[j] && same_name(r->entry, o->parts[i].entry) && same_row(r, &o->parts[i]) &&
                !cancelled(old, r->entry)) {
                met[j] = there[i] = true;
            }
        }
    }
    for (size_t j = 0; j < old->entry_count && status == 0; j++) {
        struct gj_entry_row row = old->entries[j];
        if (met[j] || ends_with(row.entry, CORRECTION) || cancelled(old, row.entry)) {
            continue;
        }
        if (gj_str_is(row.unit, "points")) {
            note_year(years, year_count, shop, row.at);
        }
        row.reverses = row.entry;
        row.entry = with_tail(&old->arena, row.entry, CORRECTION);
        row.amount = -row.amount;
        row.at = shop->now > row.at ? shop->now : row.at;
        row.seq = o->seq;
        row.shop = shop->id;
        row.case_id = case_id;
        status = gj_store_entry_add(e->store, &row);
    }
    for (size_t i = 0; i < o->part_count && status == 0; i++) {
        if (there[i]) {
            continue;
        }
        struct gj_entry_row row = entry_row(shop, case_id, &o->parts[i]);
        for (size_t j = 0; j < old->entry_count; j++) {
            if (gj_str_eq(old->entries[j].entry, row.entry)) {
                row.entry = with_tail(&old->arena, row.entry, "/again");
                j = (size_t)-1;
            }
        }
        for (size_t j = 0; gj_str_is(row.unit, "points") && j < o->part_count; j++) {
            if (j == i || gj_str_eq(o->parts[j].entry, row.reverses)) { /* lifted in a later year */
                note_year(years, year_count, shop, o->parts[j].at);
            }
        }
        status = gj_store_entry_add(e->store, &row);
    }
    return status;
}

static int reconcile_measures(struct gj_engine *e, struct gj_shop *shop, int64_t case_id,
                              struct old *old)
{
    const struct gj_outcomes *o = &e->outcomes;
    bool *met = gj_arena_array(&old->arena, old->measure_count + 1, sizeof *met);
    bool *there = gj_arena_array(&old->arena, o->measure_count + 1, sizeof *there);
    int status = met == NULL || there == NULL ? -1 : 0;
    for (size_t i = 0; i < o->measure_count && status == 0; i++) {
        const struct gj_measure *m = &o->measures[i];
        for (size_t j = 0; j < old->measure_count && !there[i]; j++) {
            const struct gj_measure_row *r = &old->measures[j];
            if (!met[j] && !m->ends && r->from == m->from && gj_str_eq(r->rule, m->rule) &&
                gj_str_eq(r->what, m->what) && gj_str_eq(r->subject, m->subject)) {
                met[j] = there[i] = true;
                if (m->to < r->to) { /* lifted */
                    status = gj_store_measure_end(e->store, r->row, m->to);
                }
            }
        }
    }
    for (size_t j = 0; j < old->measure_count && status == 0; j++) {
        if (!met[j]) {
            status = gj_store_measure_withdraw(e->store, old->measures[j].row);
        }
    }
    for (size_t i = 0; i < o->measure_count && status == 0; i++) {
        if (!there[i]) {
            status = add_measure(e, shop, case_id, &o->measures[i]);
        }
    }
    return status;
}

int gj_engine_reconcile(struct gj_engine *e, struct gj_shop *shop, int64_t case_id)
{
    struct old old = {0};
    struct gj_store_filter of_case = {.case_id = case_id};
    int64_t years[YEARS_MAX];
    size_t year_count = 0;
    gj_arena_init(&old.arena);
    int status = gj_store_founds(e->store, of_case, gather_found, &old) != 0 ||
                         gj_store_entries(e->store, of_case, gather_entry, &old) != 0 ||
                         gj_store_measures(e->store, of_case, gather_measure, &old) != 0 ||
                         reconcile_founds(e, shop, case_id, &old) != 0 ||
                         reconcile_entries(e, shop, case_id, &old, years, &year_count) != 0 ||
                         reconcile_measures(e, shop, case_id, &old) != 0 ||
                         gj_store_marks_clear(e->store, case_id) != 0 ||
                         add_marks(e, shop, case_id) != 0
                     ? -1
                     : 0;
    gj_arena_release(&old.arena);
    return status == 0 ? climb(e, shop, years, year_count) : status;
}

/* ---- deadlines ---- */

int gj_engine_schedule(struct gj_engine *e, struct gj_cached *cached)
{
    struct gj_run run = {&cached->c, &cached->shop->setting, &e->arena, &e->sink};
    struct gj_shop *shop = cached->shop;
    struct gj_due due;
    int64_t at = gj_run_next(&run, &due) ? due.at : GJ_NEVER;
    cached->dirty = true;
    if (at == cached->due) {
        return 0;
    }
    int64_t old = cached->due, ignored = 0;
    if (gj_store_due_set(e->store, shop->id, cached->id, old, at) != 0) {
        return -1;
    }
    cached->due = at;
    if (at <= shop->due_first) {
        shop->due_first = at;
    } else if (old == shop->due_first) {
        return gj_store_due_first(e->store, shop->id, &shop->due_first, &ignored);
    }
    return 0;
}
