/* Room sim: running stories: their beginning, their parting, their end (see sim.h). */

#include "base/vec.h"
#include "sim/sim.h"

static uint32_t new_process(gj_simulator *sim)
{
    uint32_t place = sim->free_process;
    if (place != SIM_NONE) {
        sim->free_process = sim->processes[place].next_free;
        return place;
    }
    struct sim_process *grown =
        gj_grow(sim->processes, &sim->process_capacity, sim->process_count + 1, sizeof *grown);
    if (grown == NULL || sim->process_count + 1 >= SIM_PULSE) {
        sim->processes = grown == NULL ? sim->processes : grown;
        sim->failed = true;
        return SIM_NONE;
    }
    sim->processes = grown;
    return (uint32_t)sim->process_count++;
}

void sim_end_process(gj_simulator *sim, uint32_t place)
{
    sim->processes[place].next_free = sim->free_process;
    sim->free_process = place;
}

void sim_push(gj_simulator *sim, int64_t time, uint32_t item)
{
    sim->failed |= sim_heap_push(&sim->due, time, item) != 0;
}

struct sim_process *sim_start_process(gj_simulator *sim, uint32_t shop, uint32_t step, int64_t at)
{
    uint32_t place = at < sim->until ? new_process(sim) : SIM_NONE;
    if (place == SIM_NONE) {
        return NULL;
    }
    sim->processes[place] = (struct sim_process){.step = step, .shop = shop};
    sim_push(sim, at, place);
    return &sim->processes[place];
}

void sim_fork_process(gj_simulator *sim, uint32_t of, uint32_t step)
{
    uint32_t place = new_process(sim);
    if (place != SIM_NONE) {
        sim->processes[place] = sim->processes[of];
        sim->processes[place].step = step;
        sim_push(sim, sim->now, place);
    }
}
