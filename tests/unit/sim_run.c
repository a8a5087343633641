/* Room sim: plans of a few lines, and what they give to the byte; the heap; memory of long runs. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sim/sim.h"

#define WORLD                                                                             \
    "platforms: [here, there]\n---\nshop: {agents: 2, products: 1}\n---\n"                \
    "variables: {order: {id: O}, product: {product: p}, agent: {agent: a}, lines: lines," \
    " goods: fen, n: int, at: time}\n---\nslots: {货: product, 价: goods}\n---\n"       \
    "rhythm: {hours: [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"                  \
    " weekdays: [100,100,100,100,100,100,100]}\n---\n"                                    \
    "goods: [{name: 锅, category: 厨具, price: 1250}]\n---\n"
#define DAY 1772323200 /* 2026-03-01 */

static gj_simulator *open_plan(const char *text, gj_simulation settings, gj_errors *errors)
{
    char dir[] = "/tmp/guiju-sim-XXXXXX", path[64];
    cr_assert(mkdtemp(dir) != NULL);
    snprintf(path, sizeof path, "%s/plan.yaml", dir);
    FILE *file = fopen(path, "w");
    cr_assert(file != NULL);
    fputs(text, file);
    fclose(file);
    gj_simulator *sim = gj_simulator_new(dir, &settings, errors);
    unlink(path);
    rmdir(dir);
    return sim;
}

/* Runs a plan of one shop and day; all lines must be those expected. */
static void gives(const char *story, const char *expected)
{
    gj_errors *errors = gj_errors_new();
    struct gj_buf text, got;
    gj_buf_init(&text);
    gj_buf_init(&got);
    gj_buf_addf(&text, "%s%s", WORLD, story);
    gj_simulator *sim =
        open_plan(text.ptr, (gj_simulation){.seed = 1, .shops = 1, .days = 1, .from = DAY}, errors);
    cr_assert(sim != NULL, "%s", gj_errors_text(errors));
    const char *line = NULL;
    size_t len = 0;
    while (gj_simulator_next(sim, &line, &len) == GJ_OK && line != NULL) {
        const char *time = strstr(line, "\"type\"");
        gj_buf_add(&got, time, len - (size_t)(time - line));
        gj_buf_add_char(&got, '\n');
    }
    cr_expect_str_eq(got.ptr, expected);
    gj_simulator_free(sim);
    gj_buf_release(&text);
    gj_buf_release(&got);
    gj_errors_free(errors);
}

#define AT(type, clock) "\"type\":\"" type "\",\"time\":\"2026-03-01T" clock "+08:00\",\"data\":"

Test(sim, a_story_is_told_step_by_step)
{
    static const char b[] =
        "{\"order_id\":\"O1\",\"at\":\"2026-03-02T01:00:00+08:00\",\"n\":3,\"yes\":true,"
        "\"text\":\"true\",\"7\":7}}\n";
    static const char c[] = "{\"x\":[1,{\"y\":\"z\"}]}}\n";
    struct gj_buf want;
    gj_buf_init(&want);
    gj_buf_addf(&want, AT("a.b", "01:00:00") "%s" AT("a.c", "01:01:30") "%s", b, c);
    gj_buf_addf(&want, AT("a.c", "01:02:30") "%s" AT("a.d", "01:03:30") "{\"x\":1}}\n", c);
    gives("story: s\nstarts: {once: 1h}\ndo:\n"
          "- set: {order: new, at: now + 1d, n: 3}\n"
          "- a.b: {order_id: $order, at: $at, n: $n, yes: true, text: 'true', '7': 7}\n"
          "- wait: 90s\n"
          "- repeat: {times: 2, count: n, do: [{a.c: {x: [1, {y: z}]}}, {wait: 1m}]}\n"
          "- until: now - 1h\n"
          "- a.d: {x: 1}\n",
          want.ptr);
    gj_buf_release(&want);
}

Test(sim, baskets_and_texts)
{
    gives(
        "lists: {say: [\"{货}\\\"{价}元\"]}\n---\n"
        "story: s\nstarts: {once: 0}\ndo:\n"
        "- basket: {into: lines, lines: 1, first: product, total: goods}\n"
        "- set: {goods: 1205}\n"
        "- a.b: {text: <say>, product: $product, goods: $goods}\n",
        AT("a.b", "00:00:00") "{\"text\":\"锅\\\"12.05元\",\"product\":\"p1\",\"goods\":1205}}\n");
}

Test(sim, choices_follow_platform_and_variables)
{
    gives("story: s\nstarts: {once: 0}\ndo:\n"
          "- set: {n: 1}\n"
          "- any: [{on: [there], do: [{a.no: {}}]}, {when: not n, do: [{a.no: {}}]},"
          " {when: [n, not order], do: [{a.yes: {}}]}]\n"
          "- maybe: {share: 0, do: [{a.no: {}}]}\n"
          "- maybe: {on: [there], do: [{a.no: {}}]}\n"
          "- any: [{when: order, do: [{a.no: {}}]}]\n"
          "- maybe: {when: n, do: [{tell: t}]}\n"
          "- fork: f\n- a.three: {}\n- end: true\n- a.no: {}\n"
          "---\nstory: t\ndo: [{a.two: {}}]\n"
          "---\nstory: f\ndo: [{a.four: {n: $n}}]\n",
          AT("a.yes", "00:00:00") "{}}\n" AT("a.two", "00:00:00") "{}}\n" AT(
              "a.three", "00:00:00") "{}}\n" AT("a.four", "00:00:00") "{\"n\":1}}\n");
}

/* What is plain is a number only where JSON has such a number. */
Test(sim, data_is_json)
{
    gives("story: s\nstarts: {once: 0}\ndo:\n"
          "- maybe: {on: here, do: [{a.b: {a: 0, b: 10, c: \"10\", d: 1h, e: 00|00, f: 1h30|1h30,"
          " g: true}}]}\n- set: {n: 1000}\n- set: {at: chance n}\n- any: [{when: at, do: "
          "[{a.c: {}}]}]\n",
          AT("a.b", "00:00:00") "{\"a\":0,\"b\":10,\"c\":\"10\",\"d\":3600,\"e\":\"00\",\"f\":"
                                "\"1h30\",\"g\":true}}\n" AT("a.c", "00:00:00") "{}}\n");
}

Test(sim, waits_by_day_and_ends)
{
    gives("story: s\nstarts: {daily: 0, each: agent}\ndo:\n"
          "- duty: {agent: true}\n- wait: 20h\n- a.b: {agent: $agent}\n- wait: 5h\n- a.no: {}\n",
          AT("a.b", "20:00:00") "{\"agent\":\"a1\"}}\n" AT("a.b",
                                                           "20:00:00") "{\"agent\":\"a2\"}}\n");
}

static void refused(const char *story, const char *want)
{
    gj_errors *errors = gj_errors_new();
    struct gj_buf text;
    gj_buf_init(&text);
    gj_buf_addf(&text, "%s%s", WORLD, story);
    gj_simulator *sim =
        open_plan(text.ptr, (gj_simulation){.shops = 1, .days = 1, .from = DAY}, errors);
    cr_expect(sim == NULL, "accepted: %s", story);
    cr_expect(strstr(gj_errors_text(errors), want) != NULL, "'%s' is not told but\n%s", want,
              gj_errors_text(errors));
    gj_simulator_free(sim);
    gj_buf_release(&text);
    gj_errors_free(errors);
}

#define STORY "story: s\nstarts: {once: 0}\ndo: "

Test(sim, mistakes_are_told_with_their_place)
{
    refused("", "stories that start");
    refused(STORY "[{a.b: {x: $nobody}}]\n", "plan.yaml:15:");
    refused(STORY "[{a.b: {x: $nobody}}]\n", "no such variable");
    refused(STORY "[{a.b: {x: <nothing>}}]\n", "no such list");
    refused(STORY "[{a.b: {x?: 1}}]\n", "first field");
    refused(STORY "[{wait: long}]\n", "write how long");
    refused(STORY "[{wait: 3h..1h}]\n", "write how long");
    refused(STORY "[{sing: {x: 1}}]\n", "a step is an event");
    refused(STORY "[{tell: s}]\n", "in a circle");
    refused(STORY "[{tell: t}]\n", "no such story");
    refused(STORY "[{fork: t}]\n", "no such story");
    refused(STORY "[{any: []}]\n", "list of options");
    refused(STORY "[{any: [{chare: 3, do: []}]}]\n", "an option has");
    refused(STORY "[{any: [{on: [where], do: []}]}]\n", "no such platform");
    refused(STORY "[{maybe: {share: 1001, do: []}}]\n", "per thousand");
    refused(STORY "[{set: {n: 1 * 2}}]\n", "a value is one term");
    refused(STORY "[{set: {n: 10% n}}]\n", "of VARIABLE");
    refused(STORY "[{basket: {into: lines}}]\n", "basket: wants");
    refused(STORY "[{repeat: {times: 2}}]\n", "repeat: wants");
    refused(STORY "[{any: [{on: where, do: []}]}]\n", "no such platform");
    refused(STORY "[{set: {n: chance 10 20}}]\n", "chance is one term");
    refused("lists: {x: {any: [a], thare: [b]}}\n", "no such platform");
    refused("rhythm: {weekdays: [1, 1, 1, 1, 1, 1, 10001]}\n", "each up to 10000");
    refused(STORY "[3]\n", "one key");
    refused(STORY "3\n", "a list");
    refused("story: s\nstarts: {never: 0}\ndo: []\n", "starts: wants");
    refused("lists: {x: [\"{什么}\"]}\n", "{slot}");
    refused("lists: [\n", "plan.yaml:");
}

Test(sim, the_heap_keeps_order)
{
    struct sim_heap heap = {0};
    struct sim_random random = sim_random_from(5);
    for (uint32_t i = 0; i < 20000; i++) {
        cr_assert_eq(sim_heap_push(&heap, sim_random_below(&random, 300), i), 0);
    }
    struct sim_due before = sim_heap_pop(&heap);
    while (heap.count > 0) {
        struct sim_due due = sim_heap_pop(&heap);
        cr_assert(before.time < due.time || (before.time == due.time && before.order < due.order));
        before = due;
    }
    sim_heap_release(&heap);
}

/* The first numbers of O'Neill's pcg32 demonstration: seed 42, stream 54. */
Test(sim, chance_is_pcg)
{
    struct sim_random random = {0, 54u << 1 | 1};
    sim_random_next(&random);
    random.state += 42;
    sim_random_next(&random);
    static const uint32_t expected[] = {0xa15c02b7, 0x7b47f409, 0xba1d3330,
                                        0x83d2f293, 0xbfa4784b, 0xcbed606e};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        cr_expect_eq(sim_random_next(&random), expected[i]);
    }
    for (int i = 0; i < 1000; i++) {
        int64_t value = sim_random_range(&random, -3, 4);
        cr_assert(value >= -3 && value <= 4);
    }
}

static size_t places_after(uint32_t days)
{
    gj_errors *errors = gj_errors_new();
    gj_simulation settings = {.seed = 2, .shops = 2, .days = days, .orders = 30, .from = DAY};
    settings.late = settings.duplicates = 5;
    gj_simulator *sim = gj_simulator_new("simulation", &settings, errors);
    cr_assert(sim != NULL, "%s", gj_errors_text(errors));
    const char *line = NULL;
    size_t len = 0;
    while (gj_simulator_next(sim, &line, &len) == GJ_OK && line != NULL) {
    }
    size_t places = sim->process_count + sim->held_count;
    gj_simulator_free(sim);
    gj_errors_free(errors);
    return places;
}

/* From March to May without a peak, and then twice through November. */
Test(sim, memory_follows_what_is_open)
{
    size_t months = places_after(60), years = places_after(700);
    cr_expect_leq(years, months * 6, "%zu places after 60 days, %zu after 700", months, years);
}
