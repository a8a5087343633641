/* Room engine: a diagram as Graphviz source (see draw.h). */
#include "engine/draw.h"

#define FONTS "Noto Sans CJK SC,Source Han Sans SC,PingFang SC,Microsoft YaHei,sans-serif"

static void add_escaped(struct gj_buf *out, struct gj_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        switch (text.ptr[i]) {
        case '&':
            gj_buf_add_cstr(out, "&amp;");
            break;
        case '<':
            gj_buf_add_cstr(out, "&lt;");
            break;
        case '>':
            gj_buf_add_cstr(out, "&gt;");
            break;
        case '"':
            gj_buf_add_cstr(out, "&quot;");
            break;
        case '\n':
            gj_buf_add_cstr(out, "&#10;");
            break;
        default:
            gj_buf_add_char(out, text.ptr[i]);
            break;
        }
    }
}

/* A string in quotes, for tips: Graphviz reads \n in it. */
static void add_quoted(struct gj_buf *out, struct gj_str text)
{
    gj_buf_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '"' || c == '\\') {
            gj_buf_add_char(out, '\\');
        }
        gj_buf_add_cstr(out, c == '\n' ? "\\n" : "");
        if (c != '\n') {
            gj_buf_add_char(out, c);
        }
    }
    gj_buf_add_char(out, '"');
}

static void add_lines(struct gj_buf *out, const struct gj_line *line)
{
    static const char *const fonts[GJ_LINE_STYLES] = {
        [GJ_LINE_EVENT] = "POINT-SIZE=\"11\" COLOR=\"#1E3A8A\"",
        [GJ_LINE_CLOCK] = "POINT-SIZE=\"11\" COLOR=\"#9A3412\"",
        [GJ_LINE_GUARD] = "POINT-SIZE=\"8.5\" COLOR=\"#525252\"",
        [GJ_LINE_FINDS] = "POINT-SIZE=\"9.5\" COLOR=\"#B91C1C\""};
    for (const struct gj_line *first = line; line != NULL; line = line->next) {
        if (line != first && (line->style == GJ_LINE_EVENT || line->style == GJ_LINE_CLOCK)) {
            gj_buf_add_cstr(out, "<FONT POINT-SIZE=\"3\"> </FONT><BR/>");
        }
        gj_buf_addf(out, "<FONT %s>", fonts[line->style]);
        add_escaped(out, line->text);
        gj_buf_add_cstr(out, "</FONT><BR ALIGN=\"LEFT\"/>");
    }
}

static void add_name(struct gj_buf *out, const struct gj_diagram *d, uint32_t number)
{
    if (number < d->state_count) {
        gj_buf_addf(out, "s%u", number);
    } else {
        gj_buf_add_cstr(out, number == GJ_DRAW_START ? "start" : "any");
    }
}

/* Title, name below it, and below a line what happens without leaving the state. */
static void add_box(struct gj_buf *out, const struct gj_diagram *d, uint32_t number)
{
    const struct gj_box *box = gj_diagram_box(d, number);
    if (!box->used) {
        return;
    }
    gj_buf_add_cstr(out, "    ");
    add_name(out, d, number);
    if (number == GJ_DRAW_START && box->within.first == NULL) {
        gj_buf_add_cstr(out, " [shape=circle, style=filled, fillcolor=\"#111827\", width=0.18, "
                             "label=\"\", tooltip=\" \"]\n");
        return;
    }
    gj_buf_addf(out, " [shape=box, style=\"rounded,filled%s\", fillcolor=\"%s\", peripheries=%d",
                number == GJ_DRAW_ANY ? ",dashed" : "",
                number == GJ_DRAW_START ? "#F3F4F6"
                : box->final            ? "#ECFDF5"
                                        : "#EFF6FF",
                box->final ? 2 : 1);
    gj_buf_add_cstr(out, ", tooltip=");
    add_quoted(out, box->name.len == 0 ? GJ_STR(" ") : box->name);
    gj_buf_add_cstr(out, ", label=<");
    if (number == GJ_DRAW_START) {
        gj_buf_add_cstr(out, "<FONT POINT-SIZE=\"12\">●</FONT><BR/>");
    }
    if (box->title.len > 0) {
        gj_buf_add_cstr(out, "<B>");
        add_escaped(out, box->title);
        gj_buf_add_cstr(out, "</B><BR/>");
    }
    if (box->name.len > 0) {
        gj_buf_addf(out, "<FONT POINT-SIZE=\"%s\" COLOR=\"#525252\">",
                    box->title.len > 0 ? "9" : "13");
        add_escaped(out, box->name);
        gj_buf_add_cstr(out, "</FONT><BR/>");
    }
    if (box->within.first != NULL) {
        gj_buf_add_cstr(out, "<FONT POINT-SIZE=\"5\"> </FONT><BR/>");
        add_lines(out, box->within.first);
    }
    gj_buf_add_cstr(out, ">]\n");
}

static void add_arrow(struct gj_buf *out, const struct gj_diagram *d, const struct gj_arrow *a)
{
    gj_buf_add_cstr(out, "    ");
    add_name(out, d, a->from);
    gj_buf_add_cstr(out, " -> ");
    add_name(out, d, a->to);
    gj_buf_addf(out, " [%s, label=<",
                a->deadline ? "style=dashed, color=\"#C2410C\"" : "color=\"#1E40AF\"");
    /* a cell, for the room around it that a label lacks */
    gj_buf_add_cstr(out, "<TABLE BORDER=\"0\" CELLSPACING=\"0\" CELLPADDING=\"5\"><TR>"
                         "<TD ALIGN=\"LEFT\" BALIGN=\"LEFT\">");
    add_lines(out, a->lines.first);
    gj_buf_add_cstr(out, "</TD></TR></TABLE>>, edgetooltip=");
    add_quoted(out, gj_buf_str(&a->tip));
    gj_buf_add_cstr(out, ", labeltooltip=");
    add_quoted(out, gj_buf_str(&a->tip));
    gj_buf_add_cstr(out, "]\n");
}

void gj_draw_dot(const struct gj_diagram *d, struct gj_buf *out)
{
    gj_buf_add_cstr(out, "digraph ");
    add_quoted(out, d->id);
    gj_buf_add_cstr(out, " {\n  graph [charset=\"UTF-8\", rankdir=TB, nodesep=0.45, ranksep=0.55, "
                         "pad=0.25, bgcolor=white, labelloc=b, labeljust=l, fontname=\"" FONTS
                         "\", fontsize=9, fontcolor=\"#525252\",\n    label=<");
    gj_buf_add_cstr(out,
                    d->english ? "Sources:<BR ALIGN=\"LEFT\"/>" : "依据：<BR ALIGN=\"LEFT\"/>");
    for (const struct gj_line *line = d->citations; line != NULL; line = line->next) {
        add_escaped(out, line->text);
        gj_buf_add_cstr(out, "<BR ALIGN=\"LEFT\"/>");
    }
    gj_buf_add_cstr(out, ">]\n  node [fontname=\"" FONTS "\", fontsize=13, margin=\"0.16,0.08\", "
                         "color=\"#374151\"]\n  edge [fontname=\"" FONTS
                         "\", fontsize=10, arrowsize=0.8]\n"
                         "  subgraph cluster_flow {\n    peripheries=0; labelloc=t; labeljust=c; "
                         "fontsize=18; fontcolor=\"#111827\"; tooltip=\" \";\n    label=<<B>");
    add_escaped(out, d->title);
    gj_buf_add_cstr(out, "</B>  <FONT POINT-SIZE=\"11\" COLOR=\"#525252\">");
    add_escaped(out, d->id);
    gj_buf_add_cstr(out, "</FONT>>\n");
    add_box(out, d, GJ_DRAW_START);
    for (uint32_t s = 0; s < d->state_count; s++) {
        add_box(out, d, s);
    }
    add_box(out, d, GJ_DRAW_ANY);
    for (size_t i = 0; i < d->arrow_count; i++) {
        add_arrow(out, d, &d->arrows[i]);
    }
    gj_buf_add_cstr(out, "  }\n}\n");
}
