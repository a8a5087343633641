/* Room sim: a run of the plan. Implements gj_simulator of guiju.h.
 *
 * Invariants: a process is in the heap, or it is `running`, or its place is free. The heap holds
 * besides, for each shop, one pulse at the next full hour, which starts stories. Each shop draws
 * from its own chance, so a shop's events are the same whatever other shops there are. Memory grows
 * with the processes that are open at one time, not with the length of the run. */
#ifndef GJ_SIM_SIM_H
#define GJ_SIM_SIM_H

#include "guiju/guiju.h"
#include "sim/heap.h"
#include "sim/plan.h"
#include "sim/random.h"

struct sim_process {
    int64_t values[SIM_VARIABLES_MAX];
    uint32_t step, shop;
    uint32_t next_free;
};

struct sim_shop {
    struct sim_random random;
    uint64_t seed;
    uint32_t platform;
    uint64_t on_duty; /* bits: agents */
    uint64_t events;
    uint32_t numbers[SIM_VARIABLES_MAX]; /* of the ids handed out */
};

struct sim_held { /* a line that comes later than it should */
    char *line;
    size_t len;
    uint32_t next_free;
};

struct gj_simulator {
    struct sim_plan plan;
    gj_simulation settings;
    int64_t now, from, until; /* seconds since 1970 */
    struct sim_shop *shops;
    struct sim_process *processes;
    size_t process_count, process_capacity;
    struct sim_held *held;
    size_t held_count, held_capacity;
    uint32_t free_process, free_held, running;
    struct sim_heap due, late; /* items: a process, or SIM_PULSE | shop; a held line */
    struct gj_buf line;
    int64_t day_shown; /* days since 1970 that `day_text` is about */
    char day_text[16];
    bool failed;
};

/* ---- process.c ---- */

#define SIM_PULSE UINT32_C(0x80000000)

/* The item (a process, or SIM_PULSE | shop) is due at `time`. */
void sim_push(gj_simulator *sim, int64_t time, uint32_t item);

/* A new process at `step` that is due at `at`, with all values 0; NULL when out of memory. Valid
 * until the next one. */
struct sim_process *sim_start_process(gj_simulator *sim, uint32_t shop, uint32_t step, int64_t at);

/* Another one at `step`, with the values of the process `of`, due now. */
void sim_fork_process(gj_simulator *sim, uint32_t of, uint32_t step);
void sim_end_process(gj_simulator *sim, uint32_t place);

/* ---- write.c ---- */

/* The price of a shop's product, fen, which never changes; and what it is. */
const struct sim_goods *sim_goods_of(const gj_simulator *sim, const struct sim_shop *shop,
                                     int64_t product);
int64_t sim_price_of(const gj_simulator *sim, const struct sim_shop *shop, int64_t product);

/* Writes the event of `step` as one line without its end to sim->line. */
void sim_write_event(gj_simulator *sim, const struct sim_step *step,
                     const struct sim_process *process);

/* ---- start.c ---- */

/* Starts what begins in the hour from `sim->now` in the shop. */
void sim_pulse(gj_simulator *sim, uint32_t shop);

#endif
