/* Room sim: what the readers of the plan share. Everything reports its errors with their places and
 * goes on, so that one run shows them all. */
#ifndef GJ_SIM_READ_H
#define GJ_SIM_READ_H

#include "book/tree.h"
#include "sim/plan.h"

struct sim_vec {
    void *items;
    size_t count, capacity;
};

struct sim_reader {
    struct sim_plan *plan;
    struct gj_errors *errors;
    struct gj_file *files;
    size_t file_count;
    struct gj_node **documents; /* of each file */
    struct sim_vec ops, choices, texts, lists, goods, steps, options, stories, starts, peaks;
    struct gj_buf pending; /* literal bytes that are no op yet */
    const struct gj_node *slots;
    bool failed; /* out of memory */
};

/* ---- reader.c ---- */

/* A new zeroed element; NULL, with `failed` set, when out of memory. */
void *sim_add(struct sim_reader *r, struct sim_vec *vec, size_t size);

int sim_complain(struct sim_reader *r, const struct gj_node *node, const char *message);

/* ---- read_value.c ---- */

/* "3", "5..20", with the units s, m, h, d behind the numbers. */
bool sim_parse_range(struct gj_str text, struct sim_range *out);
void sim_read_range(struct sim_reader *r, const struct gj_node *node, struct sim_range *out);

/* The variable named; SIM_NONE, after telling, when there is none. Platforms as bits: 0, after
 * telling, when there is none. */
uint32_t sim_read_variable(struct sim_reader *r, const struct gj_node *node, struct gj_str name);
uint32_t sim_read_platform(struct sim_reader *r, const struct gj_node *name);
uint32_t sim_read_platforms(struct sim_reader *r, const struct gj_node *names);
void sim_read_expr(struct sim_reader *r, const struct gj_node *node, struct sim_expr *out);

/* The data of an event, and a text with slots. */
struct sim_template sim_read_template(struct sim_reader *r, const struct gj_node *node);
struct sim_template sim_read_text(struct sim_reader *r, const struct gj_node *node);

/* ---- read_story.c ---- */

/* First all names, then all programs: stories tell one another. */
void sim_read_story_name(struct sim_reader *r, const struct gj_node *document);
void sim_read_story(struct sim_reader *r, const struct gj_node *document, uint32_t index);

#endif
