/* Room sim: how stories begin. Every hour each shop has a pulse: as many arrivals as the rhythm of
 * day, week and year gives, and at midnight what happens daily. */
#include "base/calendar.h"
#include "sim/sim.h"

static uint32_t percent_of_day(const struct sim_plan *plan, const struct gj_civil *day)
{
    for (size_t i = 0; i < plan->peak_count; i++) {
        if (plan->peaks[i].month == day->month && plan->peaks[i].day == day->day) {
            return plan->peaks[i].percent;
        }
    }
    return 100;
}

/* How many arrivals in this hour: the exact share, whose fraction is left to chance. */
static uint32_t arrivals(gj_simulator *sim, struct sim_shop *shop, const struct gj_civil *day,
                         uint32_t share)
{
    const struct sim_plan *plan = &sim->plan;
    uint64_t whole = (uint64_t)sim->settings.orders * plan->hours[day->hour] *
                     plan->weekdays[day->weekday] / 100 * percent_of_day(plan, day) / 100 * share;
    uint64_t parts = (uint64_t)plan->hour_sum * 1000, rest = whole % parts;
    return (uint32_t)(whole / parts) + (sim_random_below(&shop->random, (uint32_t)parts) < rest);
}

static void start(gj_simulator *sim, uint32_t shop, const struct sim_start *how, int64_t value)
{
    struct sim_random *random = &sim->shops[shop].random;
    int64_t at = how->kind == SIM_ORDERS
                     ? sim->now + sim_random_below(random, 3600)
                     : sim->now + sim_random_range(random, how->at.low, how->at.high);
    struct sim_process *process =
        sim_start_process(sim, shop, sim->plan.stories[how->story].step, at);
    if (process != NULL && how->each != SIM_NONE) {
        process->values[how->each] = value;
    }
}

static void start_daily(gj_simulator *sim, uint32_t shop, const struct sim_start *how)
{
    uint32_t times = how->each == SIM_NONE ? 1 : sim->plan.agents;
    for (uint32_t i = 1; i <= times; i++) {
        if (how->kind == SIM_ONCE ||
            sim_random_below(&sim->shops[shop].random, 1000) < how->share) {
            start(sim, shop, how, i);
        }
    }
}

void sim_pulse(gj_simulator *sim, uint32_t shop)
{
    struct gj_civil day = gj_civil_from_seconds(sim->now + GJ_CHINA_OFFSET_SECONDS);
    uint32_t platform = UINT32_C(1) << sim->shops[shop].platform;
    for (size_t i = 0; i < sim->plan.start_count; i++) {
        const struct sim_start *how = &sim->plan.starts[i];
        if ((how->platforms & platform) == 0) {
            continue;
        }
        if (how->kind == SIM_ORDERS) {
            uint32_t count = arrivals(sim, &sim->shops[shop], &day, how->share);
            for (uint32_t n = 0; n < count; n++) {
                start(sim, shop, how, 0);
            }
        } else if (how->kind == SIM_ONCE ? sim->now == sim->from : day.hour == 0) {
            start_daily(sim, shop, how);
        }
    }
}
