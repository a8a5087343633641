/* Room server: answers that are lists: {"items": [...], "next": "..." or null}, a page at a time,
 * and the shops they are of.
 *
 * A cursor names the last row told and nothing else, so that rows added or gone meanwhile neither
 * repeat nor hide others. To callers it is opaque. */
#ifndef GJ_SERVER_LIST_H
#define GJ_SERVER_LIST_H

#include "server/desk.h"

#define GJ_PAGE_STANDARD  100
#define GJ_PAGE_MAX       1000
#define GJ_CURSOR_MAX     8 /* parts of a cursor */
#define GJ_CURSOR_BYTES   1024
#define GJ_PAGE_ROWS_READ 20000 /* a page looks at no more rows, however few of them it wants */

struct gj_page {
    struct gj_request *r;
    int64_t limit, count;
    size_t parts;                       /* of this list's cursors */
    struct gj_str after[GJ_CURSOR_MAX]; /* the row to go on behind */
    bool first;                         /* there is none: the first page */
    bool more;                          /* rows are left */
    int64_t read;                       /* rows looked at */
    char last[GJ_CURSOR_BYTES];         /* the row told last, as cursors hold it */
    size_t last_len;                    /* 0: it does not fit, or there is none */
};

/* Reads `limit` and `cursor`, whose rows are named by `parts` strings. NULL: wrong, and answered.
 * Lives as long as the request. */
struct gj_page *gj_page_new(struct gj_request *r, size_t parts);

/* The list's beginning; a job that runs again begins anew. */
void gj_page_begin(struct gj_page *page);

/* Whether the page takes a further row; if not, `more` is noted. */
bool gj_page_takes(struct gj_page *page);
/* Whether the page may look at a further row; the row behind which it stops is to be given by
 * gj_page_at. */
bool gj_page_reads(struct gj_page *page);

/* Begins an item; the writer adds an object. */
struct gj_buf *gj_page_item(struct gj_page *page);
/* Names the row at hand, by as many strings as the page has parts. */
void gj_page_at(struct gj_page *page, const struct gj_str *parts);

/* The list's end; 200. */
void gj_page_end(struct gj_page *page);

/* A part of the cursor as a number. */
int64_t gj_page_number(const struct gj_page *page, size_t part);
struct gj_str gj_number_text(struct gj_request *r, int64_t number); /* in the request's arena */

/* How a row stands to one that is named by strings, compared as by gj_str_order. */
int gj_str_order(struct gj_str a, struct gj_str b);

/* ---- shops ---- */

struct gj_shops {
    struct gj_shop_choice {
        const char *source, *platform, *id;
        int64_t now;
    } * items; /* by source */
    size_t count, capacity;
};

/* On the desk: the shops that the query's `shop` names ("/platform/id", or the id alone), all that
 * the caller sees when it names none. A shop that the caller may not see is none. False: there is
 * no such shop, and that is answered. */
bool gj_shops_select(struct gj_request *r, struct gj_tenant *tenant, struct gj_shops *out);

/* On the desk: the engine could not read; its errors are told, and cleared. */
void gj_list_failed(struct gj_request *r, struct gj_tenant *tenant);

/* What does not exist, or is not the caller's: one answer for both. */
enum gj_handled gj_not_there(struct gj_request *r);

#endif
