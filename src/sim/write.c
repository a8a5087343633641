/* Room sim: events as lines. This is where the time of a long run goes, hence its own digits. */
#include "base/calendar.h"
#include "sim/sim.h"

#define BASKET_LINES_MAX 3

static void add_digits(struct gj_buf *out, int64_t value)
{
    char digits[24];
    size_t at = sizeof digits;
    uint64_t rest = value < 0 ? (uint64_t)-value : (uint64_t)value;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0) {
        digits[--at] = '-';
    }
    gj_buf_add(out, digits + at, sizeof digits - at);
}

static void two(char *out, int64_t value)
{
    out[0] = (char)('0' + value / 10);
    out[1] = (char)('0' + value % 10);
}

static void show_day(gj_simulator *sim, int64_t day)
{
    struct gj_civil civil = gj_civil_from_seconds(day * GJ_SECONDS_PER_DAY);
    two(sim->day_text, civil.year / 100);
    two(sim->day_text + 2, civil.year % 100);
    sim->day_text[4] = sim->day_text[7] = '-';
    two(sim->day_text + 5, civil.month);
    two(sim->day_text + 8, civil.day);
    sim->day_text[10] = 'T';
    sim->day_shown = day;
}

/* RFC 3339 in China's zone. */
static void add_time(gj_simulator *sim, int64_t time)
{
    int64_t local = time + GJ_CHINA_OFFSET_SECONDS, day = local / GJ_SECONDS_PER_DAY;
    int64_t clock = local % GJ_SECONDS_PER_DAY;
    char text[] = "2026-01-01T00:00:00+08:00";
    if (day != sim->day_shown) {
        show_day(sim, day);
    }
    memcpy(text, sim->day_text, 11);
    two(text + 11, clock / 3600);
    two(text + 14, clock / 60 % 60);
    two(text + 17, clock % 60);
    gj_buf_add(&sim->line, text, sizeof text - 1);
}

/* ---- goods ---- */

static uint64_t product_hash(const struct sim_shop *shop, int64_t product)
{
    return sim_mix(shop->seed ^ (uint64_t)product << 32);
}

const struct sim_goods *sim_goods_of(const gj_simulator *sim, const struct sim_shop *shop,
                                     int64_t product)
{
    return &sim->plan.goods[product_hash(shop, product) % sim->plan.goods_count];
}

int64_t sim_price_of(const gj_simulator *sim, const struct sim_shop *shop, int64_t product)
{
    struct sim_range price = sim_goods_of(sim, shop, product)->price;
    uint64_t spread = (uint64_t)(price.high - price.low) / 100 + 1; /* whole yuan apart */
    return price.low + (int64_t)((product_hash(shop, product) >> 32) % spread) * 100;
}

static void add_line(gj_simulator *sim, const struct sim_shop *shop, int number, int64_t product,
                     int64_t quantity)
{
    const struct sim_goods *goods = sim_goods_of(sim, shop, product);
    struct gj_buf *out = &sim->line;
    gj_buf_add_cstr(out, number == 1 ? "{\"line_id\":\"L" : ",{\"line_id\":\"L");
    add_digits(out, number);
    gj_buf_add_cstr(out, "\",\"product_id\":\"");
    gj_buf_add_str(out, sim->plan.product_prefix);
    add_digits(out, product);
    gj_buf_add_cstr(out, "\",\"quantity\":");
    add_digits(out, quantity);
    gj_buf_add_cstr(out, ",\"price_fen\":");
    add_digits(out, sim_price_of(sim, shop, product));
    gj_buf_add_cstr(out, ",\"category\":\"");
    gj_buf_add_str(out, goods->category);
    gj_buf_add_cstr(out, goods->special ? "\",\"special_goods\":true}" : "\"}");
}

/* A basket is packed: for each line 14 bits of product and 3 bits of quantity, 0 ends. */
static void add_basket(gj_simulator *sim, const struct sim_shop *shop, int64_t basket)
{
    gj_buf_add_char(&sim->line, '[');
    for (int i = 1; i <= BASKET_LINES_MAX && basket > 0; i++, basket >>= 17) {
        add_line(sim, shop, i, basket & 0x3FFF, basket >> 14 & 7);
    }
    gj_buf_add_char(&sim->line, ']');
}

/* ---- variables ---- */

static void add_value(gj_simulator *sim, const struct sim_shop *shop, uint32_t index, int64_t value)
{
    const struct sim_variable *variable = &sim->plan.variables[index];
    switch (variable->kind) {
    case SIM_ID:
    case SIM_AGENT:
    case SIM_PRODUCT:
        gj_buf_add_str(&sim->line, variable->prefix);
        add_digits(&sim->line, value);
        break;
    case SIM_TIME:
        add_time(sim, value);
        break;
    case SIM_LINES:
        add_basket(sim, shop, value);
        break;
    case SIM_INT:
    case SIM_FEN:
        add_digits(&sim->line, value);
        break;
    }
}

static void add_yuan(struct gj_buf *out, int64_t fen)
{
    add_digits(out, fen / 100);
    if (fen % 100 != 0) {
        char cents[3] = {'.', '0', '0'};
        two(cents + 1, fen % 100);
        gj_buf_add(out, cents, sizeof cents);
    }
}

static void add_words(gj_simulator *sim, const struct sim_shop *shop, uint32_t index, int64_t value)
{
    enum sim_kind kind = sim->plan.variables[index].kind;
    if (kind == SIM_PRODUCT) {
        gj_buf_add_str(&sim->line, sim_goods_of(sim, shop, value)->name);
    } else if (kind == SIM_FEN) {
        add_yuan(&sim->line, value);
    } else if (kind == SIM_TIME) {
        struct gj_civil day = gj_civil_from_seconds(value + GJ_CHINA_OFFSET_SECONDS);
        add_digits(&sim->line, day.month);
        gj_buf_add_cstr(&sim->line, "月");
        add_digits(&sim->line, day.day);
        gj_buf_add_cstr(&sim->line, "日");
    } else {
        add_value(sim, shop, index, value);
    }
}

/* ---- templates ---- */

static void write_template(gj_simulator *sim, struct sim_template tmpl, struct sim_shop *shop,
                           const struct sim_process *process)
{
    const struct sim_plan *plan = &sim->plan;
    for (uint32_t i = tmpl.first; i < tmpl.first + tmpl.count; i++) {
        const struct sim_op *op = &plan->ops[i];
        switch (op->kind) {
        case SIM_BYTES:
            gj_buf_add_str(&sim->line, op->bytes);
            break;
        case SIM_VALUE:
            add_value(sim, shop, op->index, process->values[op->index]);
            break;
        case SIM_WORDS:
            add_words(sim, shop, op->index, process->values[op->index]);
            break;
        case SIM_LIST: {
            const struct sim_list *list = &plan->lists[op->index];
            uint32_t count = list->count[shop->platform];
            if (count > 0) { /* texts name no lists: one level */
                uint32_t text =
                    list->first[shop->platform] + sim_random_below(&shop->random, count);
                write_template(sim, plan->texts[text], shop, process);
            }
            break;
        }
        case SIM_NUMBER:
            add_digits(&sim->line, sim_random_range(&shop->random, op->range.low, op->range.high));
            break;
        case SIM_CHOICE:
            gj_buf_add_str(&sim->line,
                           plan->choices[op->index + sim_random_below(&shop->random, op->count)]);
            break;
        case SIM_CHANCE:
            i += sim_random_below(&shop->random, 2) == 0 ? op->count : 0;
            break;
        }
    }
}

void sim_write_event(gj_simulator *sim, const struct sim_step *step,
                     const struct sim_process *process)
{
    struct sim_shop *shop = &sim->shops[process->shop];
    struct gj_buf *out = &sim->line;
    gj_buf_reset(out);
    gj_buf_add_str(out, GJ_STR("{\"specversion\":\"1.0\",\"id\":\"e"));
    add_digits(out, (int64_t)++shop->events);
    gj_buf_add_str(out, GJ_STR("\",\"source\":\"/"));
    gj_buf_add_str(out, sim->plan.platforms[shop->platform]);
    gj_buf_add_str(out, GJ_STR("/s"));
    add_digits(out, (int64_t)process->shop + 1);
    gj_buf_add_str(out, GJ_STR("\",\"type\":\""));
    gj_buf_add_str(out, step->type);
    gj_buf_add_str(out, GJ_STR("\",\"time\":\""));
    add_time(sim, sim->now);
    gj_buf_add_str(out, GJ_STR("\",\"data\":"));
    write_template(sim, step->tmpl, shop, process);
    gj_buf_add_char(out, '}');
}
