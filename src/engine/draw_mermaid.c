/* Room engine: a diagram as Mermaid's stateDiagram-v2 (see draw.h). */
#include "engine/draw.h"

/* Characters that Mermaid reads as its own become entities. */
static void add_escaped(struct gj_buf *out, struct gj_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        switch (text.ptr[i]) {
        case '"':
            gj_buf_add_cstr(out, "#quot;");
            break;
        case '<':
            gj_buf_add_cstr(out, "#lt;");
            break;
        case '>':
            gj_buf_add_cstr(out, "#gt;");
            break;
        case '&':
            gj_buf_add_cstr(out, "#amp;");
            break;
        case '#':
            gj_buf_add_cstr(out, "#35;");
            break;
        case ';':
            gj_buf_add_cstr(out, "#59;");
            break;
        case ':':
            gj_buf_add_cstr(out, "#58;");
            break;
        case '{':
            gj_buf_add_cstr(out, "#123;");
            break;
        case '}':
            gj_buf_add_cstr(out, "#125;");
            break;
        case '%':
            gj_buf_add_cstr(out, "#37;");
            break;
        case '\n':
            gj_buf_add_char(out, ' ');
            break;
        default:
            gj_buf_add_char(out, text.ptr[i]);
            break;
        }
    }
}

static void add_lines(struct gj_buf *out, const struct gj_line *line, bool english)
{
    for (const struct gj_line *l = line; l != NULL; l = l->next) {
        gj_buf_add_cstr(out, l == line ? "" : "<br/>");
        if (l->style == GJ_LINE_CLOCK) { /* Mermaid draws no dashed arrows between states */
            gj_buf_add_cstr(out, english ? "deadline " : "时限 ");
        }
        add_escaped(out, l->text);
    }
}

static void add_name(struct gj_buf *out, const struct gj_diagram *d, uint32_t number)
{
    if (number < d->state_count) {
        gj_buf_addf(out, "s%u", number);
    } else {
        gj_buf_add_cstr(out, number == GJ_DRAW_START ? "[*]" : "any");
    }
}

static void add_box(struct gj_buf *out, const struct gj_diagram *d, uint32_t number)
{
    const struct gj_box *box = gj_diagram_box(d, number);
    if (!box->used || number == GJ_DRAW_START) {
        return;
    }
    gj_buf_add_cstr(out, "  state \"");
    add_escaped(out, box->title);
    gj_buf_add_cstr(out, box->title.len > 0 && box->name.len > 0 ? "<br/>" : "");
    add_escaped(out, box->name);
    gj_buf_add_cstr(out, "\" as ");
    add_name(out, d, number);
    gj_buf_add_char(out, '\n');
    if (box->within.first != NULL) {
        gj_buf_add_cstr(out, "  note right of ");
        add_name(out, d, number);
        gj_buf_add_cstr(out, " : ");
        add_lines(out, box->within.first, d->english);
        gj_buf_add_char(out, '\n');
    }
}

/* The title stands in quotes in YAML before the diagram. */
static void add_title(struct gj_buf *out, struct gj_str title)
{
    for (size_t i = 0; i < title.len; i++) {
        if (title.ptr[i] == '"' || title.ptr[i] == '\\') {
            gj_buf_add_char(out, '\\');
        }
        gj_buf_add_char(out, title.ptr[i]);
    }
}

void gj_draw_mermaid(const struct gj_diagram *d, struct gj_buf *out)
{
    gj_buf_add_cstr(out, "---\ntitle: \"");
    add_title(out, d->title);
    gj_buf_addf(out, " (%s)\"\n---\nstateDiagram-v2\n", d->id.ptr);
    for (const struct gj_line *line = d->citations; line != NULL; line = line->next) {
        gj_buf_add_cstr(out, "  %% ");
        gj_buf_add_str(out, line->text);
        gj_buf_add_char(out, '\n');
    }
    for (uint32_t s = 0; s < d->state_count; s++) {
        add_box(out, d, s);
    }
    add_box(out, d, GJ_DRAW_ANY);
    for (size_t i = 0; i < d->arrow_count; i++) {
        gj_buf_add_cstr(out, "  ");
        add_name(out, d, d->arrows[i].from);
        gj_buf_add_cstr(out, " --> ");
        add_name(out, d, d->arrows[i].to);
        gj_buf_add_cstr(out, " : ");
        add_lines(out, d->arrows[i].lines.first, d->english);
        gj_buf_add_char(out, '\n');
    }
    for (uint32_t s = 0; s < d->state_count; s++) {
        if (gj_diagram_box(d, s)->final) {
            gj_buf_addf(out, "  s%u --> [*]\n", s);
        }
    }
    const struct gj_line *not_begun = gj_diagram_box(d, GJ_DRAW_START)->within.first;
    if (not_begun != NULL && d->arrow_count > 0) {
        gj_buf_add_cstr(out, "  note left of ");
        add_name(out, d, d->arrows[0].to);
        gj_buf_add_cstr(out, " : ");
        add_lines(out, not_begun, d->english);
        gj_buf_add_char(out, '\n');
    }
}
