/* Room sim: the plan, that is the folder simulation/ compiled for running.
 *
 *   YAML --read.c, read_story.c, read_value.c--> struct sim_plan --run.c, write.c--> events
 *
 * A story is a small program of steps: emit an event, wait, choose. A running story is a process
 * with the values of its variables. Lists hold texts to choose from, with slots. The plan knows no
 * event and no platform; the files name them. All parts are indexes into the plan's arrays. */
#ifndef GJ_SIM_PLAN_H
#define GJ_SIM_PLAN_H

#include "base/arena.h"
#include "base/errors.h"

#define SIM_PLATFORMS_MAX 16
#define SIM_VARIABLES_MAX 40
#define SIM_OPTIONS_MAX   64
#define SIM_NONE          UINT32_MAX
#define SIM_NUMBER_MAX    INT64_C(2000000000) /* of numbers in the files: fen, seconds */

enum sim_kind {         /* of a variable: how it is written in data, and in a text */
                SIM_ID, /* prefix and number */
                SIM_INT,
                SIM_FEN,     /* in a text, yuan */
                SIM_TIME,    /* RFC 3339; in a text, the date */
                SIM_AGENT,   /* an id, 1 up to the agents of a shop */
                SIM_PRODUCT, /* an id, 1 up to the products of a shop; in a text, its name */
                SIM_LINES    /* what a basket holds: an array of order lines */
};

struct sim_variable {
    struct gj_str name, prefix;
    enum sim_kind kind;
};

struct sim_range {
    int64_t low, high; /* both inclusive; times in seconds */
};

enum sim_op_kind {
    SIM_BYTES,
    SIM_VALUE,  /* the variable `index` as data */
    SIM_WORDS,  /* the variable `index` as people write it */
    SIM_LIST,   /* a text of list `index` */
    SIM_NUMBER, /* of `range` */
    SIM_CHOICE, /* one of `count` choices from `index` on */
    SIM_CHANCE  /* in half of all cases, leaves `count` ops out */
};

struct sim_op {
    enum sim_op_kind kind;
    uint32_t index, count;
    struct gj_str bytes;
    struct sim_range range;
};

struct sim_template { /* ops in a row */
    uint32_t first, count;
};

struct sim_list { /* the texts of each platform */
    struct gj_str name;
    uint32_t first[SIM_PLATFORMS_MAX], count[SIM_PLATFORMS_MAX];
};

struct sim_goods {
    struct gj_str name, category; /* escaped for JSON */
    struct sim_range price;       /* fen */
    bool special;
};

enum sim_term_kind { SIM_TERM_NUMBER, SIM_TERM_NOW, SIM_TERM_VARIABLE, SIM_TERM_PERCENT };
struct sim_term {
    enum sim_term_kind kind;
    uint32_t variable; /* of which the percentage is taken, too */
    struct sim_range range;
};

enum sim_how { SIM_SUM, SIM_NEW, SIM_ON_DUTY, SIM_PERMILLE };
struct sim_expr {
    enum sim_how how;
    int sign; /* of `right`; 0: there is none */
    struct sim_term left, right;
};

enum sim_act {
    SIM_EMIT,   /* `tmpl`, an event of `type` */
    SIM_WAIT,   /* for `range` seconds, shorter times more often */
    SIM_UNTIL,  /* the time `value`; no wait when it is over */
    SIM_SET,    /* `variable` to `value` */
    SIM_ANY,    /* one of `count` options from `index` on, else the next step */
    SIM_JUMP,   /* to step `index` */
    SIM_LOOP,   /* counts `variable` down; to step `index` while it is above 0 */
    SIM_FORK,   /* story `index` starts beside this one, with its variables */
    SIM_BASKET, /* fills `variable` with `range` lines; `first`, `total` */
    SIM_DUTY,   /* the agent in `variable` is on duty: `on` */
    SIM_END
};

struct sim_step {
    enum sim_act act;
    bool by_day, on; /* by_day: a wait that ends at night goes on to the morning */
    uint32_t index, count, variable, first, total;
    struct sim_range range;
    struct sim_expr value;
    struct sim_template tmpl;
    struct gj_str type;
};

struct sim_option {
    uint32_t share, target;
    uint32_t platforms;      /* bits */
    uint64_t must, must_not; /* variables that must be other than 0, or 0; bits */
};

struct sim_story {
    struct gj_str name;
    uint32_t step;
};

enum sim_start_kind { SIM_ONCE, SIM_DAILY, SIM_ORDERS };
struct sim_start {
    enum sim_start_kind kind;
    uint32_t story, share; /* per 1,000 days, or per 1,000 orders */
    uint32_t platforms;    /* bits */
    uint32_t each;         /* the variable of kind agent that counts; SIM_NONE: none */
    struct sim_range at;   /* seconds since midnight */
};

struct sim_peak {
    int month, day;
    uint32_t percent;
};

struct sim_plan {
    struct gj_arena arena;
    struct gj_str platforms[SIM_PLATFORMS_MAX];
    struct sim_variable variables[SIM_VARIABLES_MAX];
    uint32_t platform_count, variable_count, agents, products; /* agents <= 64 */
    uint32_t hours[24], hour_sum, weekdays[7]; /* weekdays in percent, Sunday first */
    struct sim_range day;                      /* hours when people are awake */
    struct gj_str product_prefix;
    const struct sim_peak *peaks;
    const struct sim_op *ops;
    const struct gj_str *choices;
    const struct sim_template *texts;
    const struct sim_list *lists;
    const struct sim_goods *goods;
    const struct sim_step *steps;
    const struct sim_option *options;
    const struct sim_story *stories;
    const struct sim_start *starts;
    size_t peak_count, goods_count, start_count, list_count;
};

/* Reads all *.yaml of folder `dir`. Returns 0, or -1 with all errors found; release it either
 * way. */
int sim_plan_read(struct sim_plan *plan, const char *dir, struct gj_errors *errors);
void sim_plan_release(struct sim_plan *plan);

#endif
