/* Room cli: tables for terminals, aligned by display width (a Chinese character is two columns). */
#ifndef GJ_CLI_TABLE_H
#define GJ_CLI_TABLE_H

#include <stdbool.h>
#include <stdio.h>

#define TABLE_COLUMNS 8

struct table {
    char **cells; /* rows of `columns` */
    size_t count, capacity;
    size_t columns;
    const char *align; /* a letter for each column: l, r */
    const char *head;  /* codes before the first row, or "" */
    const char *reset;
};

void table_begin(struct table *table, const char *align);

/* The next cell, copied; NULL is "". */
void table_add(struct table *table, const char *text);

/* Prints rows indented by two, the first as a heading, and frees them. */
void table_end(struct table *table, FILE *out);

/* Columns that a text takes in a terminal. */
size_t table_width(const char *text);

#endif
