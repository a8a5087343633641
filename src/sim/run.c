/* Room sim: processes run by a heap of what is due. A call of gj_simulator_next runs until a line
 * is made:
 *
 *   heap --due--> running --emit--> line (or held back, or copied)
 *     ^------wait, until, start, fork------'
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/vec.h"
#include "sim/sim.h"

#ifndef GJ_DATA_DIR
#define GJ_DATA_DIR "/usr/local/share/guiju"
#endif

#define SHOPS_MAX  100000
#define DAYS_MAX   36500
#define ORDERS_MAX 1000000
#define LATE_MAX   7200 /* seconds that a late line comes behind its time */
#define COPY_MAX   600
#define HELD_MAX   100000

/* ---- values ---- */

static int64_t term(const gj_simulator *sim, struct sim_shop *shop,
                    const struct sim_process *process, const struct sim_term *t)
{
    switch (t->kind) {
    case SIM_TERM_NOW:
        return sim->now;
    case SIM_TERM_VARIABLE:
        return process->values[t->variable];
    case SIM_TERM_PERCENT:
        return process->values[t->variable] *
               sim_random_range(&shop->random, t->range.low, t->range.high) / 100;
    case SIM_TERM_NUMBER:
        break;
    }
    return sim_random_range(&shop->random, t->range.low, t->range.high);
}

/* An agent on duty; at night, when there is none, any. */
static int64_t agent_on_duty(const gj_simulator *sim, struct sim_shop *shop)
{
    uint32_t count = (uint32_t)__builtin_popcountll(shop->on_duty);
    if (count == 0) {
        return 1 + sim_random_below(&shop->random, sim->plan.agents);
    }
    uint64_t left = shop->on_duty;
    for (uint32_t skip = sim_random_below(&shop->random, count); skip > 0; skip--) {
        left &= left - 1;
    }
    return __builtin_ctzll(left) + 1;
}

static int64_t value_of(const gj_simulator *sim, struct sim_shop *shop,
                        const struct sim_process *process, const struct sim_step *step)
{
    const struct sim_expr *expr = &step->value;
    switch (expr->how) {
    case SIM_NEW:
        return ++shop->numbers[step->variable];
    case SIM_ON_DUTY:
        return agent_on_duty(sim, shop);
    case SIM_PERMILLE:
        return sim_random_below(&shop->random, 1000) < term(sim, shop, process, &expr->left);
    case SIM_SUM:
        break;
    }
    int64_t value = term(sim, shop, process, &expr->left);
    return expr->sign == 0 ? value : value + expr->sign * term(sim, shop, process, &expr->right);
}

/* ---- steps ---- */

static int64_t morning(const gj_simulator *sim, struct sim_shop *shop, int64_t time)
{
    int64_t local = time + GJ_CHINA_OFFSET_SECONDS, clock = local % GJ_SECONDS_PER_DAY;
    int64_t opens = sim->plan.day.low * 3600, closes = sim->plan.day.high * 3600;
    if (clock >= opens && clock < closes) {
        return time;
    }
    int64_t midnight = time - clock + (clock < opens ? 0 : GJ_SECONDS_PER_DAY);
    return midnight + opens + sim_random_below(&shop->random, 2 * 3600);
}

/* Of two draws the shorter: most things happen soon, some take long. */
static int64_t wait_of(const gj_simulator *sim, struct sim_shop *shop, const struct sim_step *step)
{
    int64_t one = sim_random_range(&shop->random, step->range.low, step->range.high);
    int64_t two = sim_random_range(&shop->random, step->range.low, step->range.high);
    int64_t at = sim->now + (one < two ? one : two);
    return step->by_day ? morning(sim, shop, at) : at;
}

static uint32_t choose(const gj_simulator *sim, struct sim_shop *shop,
                       const struct sim_process *process, const struct sim_step *step)
{
    const struct sim_option *options = &sim->plan.options[step->index];
    uint64_t set = 0;
    uint32_t sum = 0, platform = UINT32_C(1) << shop->platform;
    for (uint32_t v = 0; v < SIM_VARIABLES_MAX; v++) { /* those that are none stay 0 */
        set |= (uint64_t)(process->values[v] != 0) << v;
    }
    uint32_t shares[SIM_OPTIONS_MAX];
    for (uint32_t o = 0; o < step->count; o++) {
        bool fits = (options[o].platforms & platform) != 0 && (options[o].must & ~set) == 0 &&
                    (options[o].must_not & set) == 0;
        shares[o] = fits ? options[o].share : 0;
        sum += shares[o];
    }
    uint32_t drawn = sum == 0 ? 0 : sim_random_below(&shop->random, sum);
    for (uint32_t o = 0; sum > 0 && o < step->count; o++) {
        if (drawn < shares[o]) {
            return options[o].target;
        }
        drawn -= shares[o];
    }
    return process->step;
}

static void fill_basket(const gj_simulator *sim, struct sim_shop *shop, struct sim_process *process,
                        const struct sim_step *step)
{
    int64_t lines = sim_random_range(&shop->random, step->range.low, step->range.high);
    int64_t basket = 0, total = 0;
    for (int64_t i = 0; i < lines; i++) {
        int64_t product = 1 + sim_random_below(&shop->random, sim->plan.products);
        int64_t quantity = sim_random_below(&shop->random, 5) == 0 ? 2 : 1;
        process->values[step->first] = product;
        basket = basket << 17 | quantity << 14 | product;
        total += quantity * sim_price_of(sim, shop, product);
    }
    process->values[step->variable] = basket;
    process->values[step->total] = total;
}

/* Does one step of the running process; true when it made a line. */
static bool do_step(gj_simulator *sim)
{
    struct sim_process *process = &sim->processes[sim->running];
    struct sim_shop *shop = &sim->shops[process->shop];
    const struct sim_step *step = &sim->plan.steps[process->step++];
    int64_t due = sim->now;
    switch (step->act) {
    case SIM_EMIT:
        sim_write_event(sim, step, process);
        return true;
    case SIM_WAIT:
        due = wait_of(sim, shop, step);
        break;
    case SIM_UNTIL:
        due = value_of(sim, shop, process, step);
        break;
    case SIM_SET:
        process->values[step->variable] = value_of(sim, shop, process, step);
        break;
    case SIM_ANY:
        process->step = choose(sim, shop, process, step);
        break;
    case SIM_JUMP:
        process->step = step->index;
        break;
    case SIM_LOOP:
        process->step = --process->values[step->variable] > 0 ? step->index : process->step;
        break;
    case SIM_FORK:
        sim_fork_process(sim, sim->running, sim->plan.stories[step->index].step);
        break;
    case SIM_BASKET:
        fill_basket(sim, shop, process, step);
        break;
    case SIM_DUTY: {
        uint64_t bit = UINT64_C(1) << ((process->values[step->variable] - 1) & 63);
        shop->on_duty = step->on ? shop->on_duty | bit : shop->on_duty & ~bit;
        break;
    }
    case SIM_END:
        due = sim->until;
        break;
    }
    if (due > sim->now || step->act == SIM_END) {
        if (due < sim->until) {
            sim_push(sim, due, sim->running);
        } else {
            sim_end_process(sim, sim->running);
        }
        sim->running = SIM_NONE;
    }
    return false;
}

/* ---- late lines and copies ---- */

static void hold(gj_simulator *sim, int64_t until)
{
    uint32_t place = sim->free_held;
    if (place == SIM_NONE) {
        struct sim_held *grown =
            gj_grow(sim->held, &sim->held_capacity, sim->held_count + 1, sizeof *grown);
        if (grown == NULL) {
            sim->failed = true;
            return;
        }
        sim->held = grown;
        place = (uint32_t)sim->held_count++;
        sim->held[place] = (struct sim_held){.next_free = SIM_NONE};
    } else {
        sim->free_held = sim->held[place].next_free;
    }
    struct sim_held *held = &sim->held[place];
    held->line = malloc(sim->line.len);
    held->len = sim->line.len;
    if (held->line == NULL || sim_heap_push(&sim->late, until, place) != 0) {
        sim->failed = true;
        return;
    }
    memcpy(held->line, sim->line.ptr, sim->line.len);
}

static void release_held(gj_simulator *sim)
{
    struct sim_due due = sim_heap_pop(&sim->late);
    struct sim_held *held = &sim->held[due.item];
    gj_buf_reset(&sim->line);
    gj_buf_add(&sim->line, held->line, held->len);
    free(held->line);
    held->line = NULL;
    held->next_free = sim->free_held;
    sim->free_held = due.item;
}

/* Whether the line just made goes out now; it may be held back, or a copy of it kept. */
static bool goes_out(gj_simulator *sim)
{
    struct sim_random *random = &sim->shops[sim->processes[sim->running].shop].random;
    uint32_t drawn = sim_random_below(random, 1000);
    if (sim->late.count >= HELD_MAX || drawn >= sim->settings.late + sim->settings.duplicates) {
        return true;
    }
    bool late = drawn < sim->settings.late;
    hold(sim, sim->now + 1 + sim_random_below(random, late ? LATE_MAX : COPY_MAX));
    return !late;
}

/* ---- the run ---- */

static void take_next(gj_simulator *sim)
{
    struct sim_due due = sim_heap_pop(&sim->due);
    sim->now = due.time;
    if ((due.item & SIM_PULSE) != 0) {
        sim_pulse(sim, due.item & ~SIM_PULSE);
        if (sim->now + 3600 < sim->until) {
            sim_push(sim, sim->now + 3600, due.item);
        }
    } else {
        sim->running = due.item;
    }
}

static bool make_line(gj_simulator *sim)
{
    while (!sim->failed) {
        bool idle = sim->running == SIM_NONE, over = idle && sim->due.count == 0;
        if (idle && sim->late.count > 0 &&
            (over || sim->late.items[0].time <= sim->due.items[0].time)) {
            release_held(sim);
            return true;
        }
        if (over) {
            return false;
        }
        if (idle) {
            take_next(sim);
        } else if (do_step(sim) && goes_out(sim)) {
            return true;
        }
    }
    return false;
}

int gj_simulator_next(gj_simulator *sim, const char **line, size_t *len)
{
    bool made = make_line(sim);
    *line = made && !sim->line.failed ? sim->line.ptr : NULL;
    *len = *line == NULL ? 0 : sim->line.len;
    return sim->failed || sim->line.failed ? GJ_ESYSTEM : GJ_OK;
}

int64_t gj_simulator_now(const gj_simulator *sim)
{
    return sim->now;
}

/* ---- beginning and end ---- */

const char *gj_simulation_default_dir(void)
{
    const char *named = getenv("GUIJU_SIMULATION");
    if (named != NULL && named[0] != '\0') {
        return named;
    }
    return access("simulation/plan.yaml", R_OK) == 0 ? "simulation" : GJ_DATA_DIR "/simulation";
}

static int check_settings(const gj_simulation *s, gj_errors *errors)
{
    if (s->shops < 1 || s->shops > SHOPS_MAX || s->days < 1 || s->days > DAYS_MAX ||
        s->orders > ORDERS_MAX || s->late > 1000 || s->duplicates > 1000 - s->late) {
        return gj_errors_say(errors,
                             "out of range: 1 to %d shops, 1 to %d days, up to %d orders, late and "
                             "duplicated together up to 1000 per 1000",
                             SHOPS_MAX, DAYS_MAX, ORDERS_MAX);
    }
    if (s->from % 86400 != 0 || s->from < GJ_TIMESTAMP_SECONDS_MIN + INT64_C(86400) * 719162 ||
        s->from > GJ_TIMESTAMP_SECONDS_MAX - INT64_C(86400) * (DAYS_MAX + 1)) {
        return gj_errors_say(errors, "the first day lies between 1970 and 9899");
    }
    return 0;
}

/* Which platform is only or first; -1, after telling, when there is none of that name. */
static int find_platform(const struct sim_plan *plan, const char *name, gj_errors *errors)
{
    for (uint32_t i = 0; name != NULL && i < plan->platform_count; i++) {
        if (gj_str_is(plan->platforms[i], name)) {
            return (int)i;
        }
    }
    return name == NULL ? 0 : gj_errors_say(errors, "the simulation knows no platform '%s'", name);
}

static int set_up(gj_simulator *sim, const char *dir, gj_errors *errors)
{
    const gj_simulation *s = &sim->settings;
    if (check_settings(s, errors) != 0 || sim_plan_read(&sim->plan, dir, errors) != 0) {
        return -1;
    }
    int platform = find_platform(&sim->plan, s->platform, errors);
    sim->shops = calloc(s->shops, sizeof *sim->shops);
    if (platform < 0 || sim->shops == NULL) {
        return platform < 0 ? -1 : gj_errors_say(errors, "out of memory");
    }
    sim->now = sim->from = s->from - GJ_CHINA_OFFSET_SECONDS;
    sim->until = sim->from + (int64_t)s->days * GJ_SECONDS_PER_DAY;
    sim->day_shown = INT64_MIN;
    for (uint32_t i = 0; i < s->shops; i++) {
        struct sim_shop *shop = &sim->shops[i];
        shop->seed = sim_mix(sim_mix(s->seed) + i);
        shop->random = sim_random_from(shop->seed);
        shop->platform = s->platform != NULL ? (uint32_t)platform : i % sim->plan.platform_count;
        sim_push(sim, sim->from, SIM_PULSE | i);
    }
    return sim->failed ? gj_errors_say(errors, "out of memory") : 0;
}

gj_simulator *gj_simulator_new(const char *dir, const gj_simulation *settings, gj_errors *errors)
{
    gj_simulator *sim = calloc(1, sizeof *sim);
    if (sim == NULL) {
        gj_errors_say(errors, "out of memory");
        return NULL;
    }
    sim->settings = *settings;
    sim->free_process = sim->free_held = sim->running = SIM_NONE;
    gj_buf_init(&sim->line);
    gj_arena_init(&sim->plan.arena);
    if (set_up(sim, dir, errors) != 0) {
        gj_simulator_free(sim);
        return NULL;
    }
    return sim;
}

void gj_simulator_free(gj_simulator *sim)
{
    if (sim == NULL) {
        return;
    }
    for (size_t i = 0; i < sim->held_count; i++) {
        free(sim->held[i].line);
    }
    free(sim->held);
    free(sim->processes);
    free(sim->shops);
    sim_heap_release(&sim->due);
    sim_heap_release(&sim->late);
    gj_buf_release(&sim->line);
    sim_plan_release(&sim->plan);
    free(sim);
}
