/* Room cli: aligned tables (see table.h). */
#include "cli/table.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static uint32_t decode(const char **at)
{
    const unsigned char *s = (const unsigned char *)*at;
    uint32_t c = s[0];
    int more = c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : c >= 0xC0 ? 1 : 0;
    c = more == 3 ? c & 7 : more == 2 ? c & 15 : more == 1 ? c & 31 : c;
    (*at)++;
    for (; more > 0 && (**at & 0xC0) == 0x80; more--) {
        c = c << 6 | ((unsigned char)**at & 63);
        (*at)++;
    }
    return c;
}

static bool is_wide(uint32_t c)
{
    return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0x303E) ||
           (c >= 0x3041 && c <= 0xA4CF) || (c >= 0xAC00 && c <= 0xD7A3) ||
           (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFE30 && c <= 0xFE6F) ||
           (c >= 0xFF00 && c <= 0xFF60) || (c >= 0xFFE0 && c <= 0xFFE6) ||
           (c >= 0x1F300 && c <= 0x1FAFF) || (c >= 0x20000 && c <= 0x3FFFD) || c == 0x201C ||
           c == 0x201D;
}

size_t table_width(const char *text)
{
    size_t width = 0;
    while (*text != '\0') {
        width += is_wide(decode(&text)) ? 2 : 1;
    }
    return width;
}

void table_begin(struct table *table, const char *align)
{
    *table = (struct table){.columns = strlen(align), .align = align, .head = "", .reset = ""};
}

void table_add(struct table *table, const char *text)
{
    if (table->count == table->capacity) {
        size_t capacity = table->capacity * 2 + 64;
        char **grown = realloc(table->cells, capacity * sizeof *grown);
        if (grown == NULL) {
            return;
        }
        table->cells = grown;
        table->capacity = capacity;
    }
    char *copy = strdup(text == NULL ? "" : text);
    for (char *c = copy; c != NULL && *c != '\0'; c++) {
        *c = (unsigned char)*c < 0x20 || *c == 0x7F ? ' ' : *c; /* nothing from outside steers */
    }
    table->cells[table->count++] = copy;
}

static void print_cell(FILE *out, const char *text, size_t width, char align, bool last)
{
    size_t pad = width - table_width(text);
    if (align == 'r') {
        fprintf(out, "%*s%s%s", (int)pad, "", text, last ? "" : "  ");
    } else {
        fprintf(out, "%s%*s", text, last ? 0 : (int)pad + 2, "");
    }
}

void table_end(struct table *table, FILE *out)
{
    size_t widths[TABLE_COLUMNS] = {0};
    for (size_t i = 0; i < table->count; i++) {
        size_t width = table->cells[i] == NULL ? 0 : table_width(table->cells[i]);
        size_t *column = &widths[i % table->columns];
        *column = width > *column ? width : *column;
    }
    for (size_t i = 0; i < table->count; i++) {
        size_t column = i % table->columns;
        bool last = column + 1 == table->columns;
        fputs(column == 0 ? "  " : "", out);
        fputs(i == 0 ? table->head : "", out);
        print_cell(out, table->cells[i] == NULL ? "" : table->cells[i], widths[column],
                   table->align[column], last);
        fputs(last && i + 1 == table->columns ? table->reset : "", out);
        fputs(last ? "\n" : "", out);
        free(table->cells[i]);
    }
    free(table->cells);
    table->cells = NULL;
    table->count = table->capacity = 0;
}
