/* Room engine, inside: a flow as a picture.
 *
 *   struct gj_flow --draw.c--> struct gj_diagram: boxes and arrows with lines of words
 *                  --draw_dot.c, draw_mermaid.c--> source for Graphviz, for Mermaid
 */
#ifndef GJ_ENGINE_DRAW_H
#define GJ_ENGINE_DRAW_H

#include "base/buf.h"
#include "book/plan.h"

#define GJ_DRAW_START UINT32_MAX       /* where a flow begins */
#define GJ_DRAW_ANY   (UINT32_MAX - 1) /* every state that is not final */

enum gj_line_style { GJ_LINE_EVENT, GJ_LINE_CLOCK, GJ_LINE_GUARD, GJ_LINE_FINDS, GJ_LINE_STYLES };

struct gj_line {
    enum gj_line_style style;
    struct gj_str text; /* one row, without a line end */
    struct gj_line *next;
};

struct gj_lines {
    struct gj_line *first, *last;
};

struct gj_box {                /* a state, the start or `any` */
    struct gj_str title, name; /* title may be empty */
    bool final, used;
    struct gj_lines within; /* what happens without leaving it */
};

struct gj_arrow {
    uint32_t from, to; /* states, or GJ_DRAW_... */
    bool deadline;
    struct gj_lines lines;
    struct gj_buf tip; /* everything, unshortened, with rules and reasons */
};

struct gj_diagram {
    struct gj_arena arena;
    struct gj_str title, id;
    bool english;
    struct gj_box *boxes; /* by state; then the start, then any */
    size_t state_count;
    struct gj_arrow *arrows;
    size_t arrow_count, arrow_capacity;
    struct gj_line *citations;
};

/* The box of a number as arrows use it. */
static inline struct gj_box *gj_diagram_box(const struct gj_diagram *d, uint32_t number)
{
    return &d->boxes[number == GJ_DRAW_START ? d->state_count
                     : number == GJ_DRAW_ANY ? d->state_count + 1
                                             : number];
}

void gj_draw_dot(const struct gj_diagram *d, struct gj_buf *out);
void gj_draw_mermaid(const struct gj_diagram *d, struct gj_buf *out);

#endif
