/* Room server: lists, pages, and the shops they are of (see list.h). */
#include "server/list.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/errors.h"

#define ENCODING sodium_base64_VARIANT_URLSAFE_NO_PADDING

int gj_str_order(struct gj_str a, struct gj_str b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter == 0 ? 0 : memcmp(a.ptr, b.ptr, shorter);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

struct gj_str gj_number_text(struct gj_request *r, int64_t number)
{
    char text[24];
    int len = snprintf(text, sizeof text, "%lld", (long long)number);
    struct gj_str copy = gj_arena_copy(&r->arena, (struct gj_str){text, (size_t)len});
    return copy.ptr == NULL ? GJ_STR("") : copy;
}

int64_t gj_page_number(const struct gj_page *page, size_t part)
{
    return page->first ? INT64_MIN : strtoll(page->after[part].ptr, NULL, 10);
}

/* ---- cursors: the list's name and the row's parts, each ended by a NUL, and a sum over them by
 * which a cursor that was cut or changed is known, in base64. A caller who makes his own sees what
 * he would see anyway: what he may see is asked of every row. ---- */

#define SUM_BYTES  16u
#define KEPT_BYTES 6u /* of the sum */

static void sum_of(const char *bytes, size_t len, unsigned char sum[SUM_BYTES])
{
    crypto_generichash(sum, SUM_BYTES, (const unsigned char *)bytes, len, NULL, 0);
}

static bool decode_parts(struct gj_page *page, struct gj_str bytes)
{
    const char *name = page->r->route->id;
    size_t part = 0;
    if (bytes.len == 0 || bytes.ptr[bytes.len - 1] != '\0' || strcmp(bytes.ptr, name) != 0) {
        return false;
    }
    const char *at = bytes.ptr + strlen(name) + 1, *end = bytes.ptr + bytes.len;
    for (; at < end && part < page->parts; at += page->after[part++].len + 1) {
        page->after[part] = gj_str_of(at);
    }
    return at == end && part == page->parts && gj_json_is_utf8(bytes);
}

static bool decode(struct gj_page *page, const char *cursor)
{
    char *bytes = gj_arena_alloc(&page->r->arena, GJ_CURSOR_BYTES);
    unsigned char sum[SUM_BYTES];
    size_t len = 0;
    if (bytes == NULL ||
        sodium_base642bin((unsigned char *)bytes, GJ_CURSOR_BYTES, cursor, strlen(cursor), NULL,
                          &len, NULL, ENCODING) != 0 ||
        len <= KEPT_BYTES) {
        return false;
    }
    len -= KEPT_BYTES;
    sum_of(bytes, len, sum);
    return memcmp(bytes + len, sum, KEPT_BYTES) == 0 &&
           decode_parts(page, (struct gj_str){bytes, len});
}

static void write_cursor(struct gj_page *page, struct gj_buf *out)
{
    char text[sodium_base64_ENCODED_LEN(GJ_CURSOR_BYTES, ENCODING)];
    unsigned char sum[SUM_BYTES];
    sum_of(page->last, page->last_len, sum);
    memcpy(page->last + page->last_len, sum, KEPT_BYTES);
    sodium_bin2base64(text, sizeof text, (const unsigned char *)page->last,
                      page->last_len + KEPT_BYTES, ENCODING);
    gj_buf_addf(out, "\"%s\"", text);
    out->failed |= page->last_len == 0; /* names in events are far shorter */
}

static void add_part(struct gj_page *page, struct gj_str part)
{
    size_t left = sizeof page->last - KEPT_BYTES - page->last_len;
    if (page->last_len > 0 && part.len < left) {
        memcpy(page->last + page->last_len, part.ptr, part.len);
        page->last[page->last_len + part.len] = '\0';
        page->last_len += part.len + 1;
    } else {
        page->last_len = 0;
    }
}

void gj_page_at(struct gj_page *page, const struct gj_str *parts)
{
    size_t len = strlen(page->r->route->id) + 1;
    memcpy(page->last, page->r->route->id, len);
    page->last_len = len;
    for (size_t i = 0; i < page->parts; i++) {
        add_part(page, parts[i]);
    }
}

/* ---- pages ---- */

struct gj_page *gj_page_new(struct gj_request *r, size_t parts)
{
    struct gj_page *page = gj_arena_alloc(&r->arena, sizeof *page);
    const char *cursor = gj_request_query(r, "cursor");
    if (page == NULL) {
        gj_problem(r, "out-of-memory", "服务器内存不足", "the server is out of memory");
        return NULL;
    }
    page->r = r;
    page->parts = parts;
    page->first = cursor == NULL;
    if (!gj_request_number(r, "limit", GJ_PAGE_STANDARD, 1, GJ_PAGE_MAX, &page->limit)) {
        return NULL;
    }
    if (cursor != NULL && !decode(page, cursor)) {
        gj_problem(r, "bad-request", "cursor 无效：请用上一页的 next，或去掉它从头开始",
                   "the cursor is none of this list: take `next` of the page before, or leave it "
                   "out to begin");
        return NULL;
    }
    return page;
}

void gj_page_begin(struct gj_page *page)
{
    page->count = page->read = 0;
    page->more = false;
    gj_buf_reset(&page->r->answer.body);
    gj_buf_add_cstr(&page->r->answer.body, "{\"items\":[");
}

bool gj_page_takes(struct gj_page *page)
{
    page->more |= page->count == page->limit;
    return !page->more;
}

bool gj_page_reads(struct gj_page *page)
{
    page->more |= page->read == GJ_PAGE_ROWS_READ;
    page->read++;
    return !page->more;
}

struct gj_buf *gj_page_item(struct gj_page *page)
{
    gj_buf_add_cstr(&page->r->answer.body, page->count++ > 0 ? ",\n" : "\n");
    return &page->r->answer.body;
}

void gj_page_end(struct gj_page *page)
{
    struct gj_request *r = page->r;
    gj_buf_add_cstr(&r->answer.body, "],\"next\":");
    if (page->more) {
        write_cursor(page, &r->answer.body);
    } else {
        gj_buf_add_cstr(&r->answer.body, "null");
    }
    gj_buf_add_cstr(&r->answer.body, "}\n");
    gj_answer_json(r, 200);
}

/* ---- shops ---- */

struct choosing {
    struct gj_request *r;
    const char *wanted; /* NULL: all */
    struct gj_shops *out;
    bool failed;
};

static const char *kept(struct choosing *c, const char *text)
{
    struct gj_str copy = gj_arena_copy(&c->r->arena, gj_str_of(text));
    c->failed |= copy.ptr == NULL;
    return copy.ptr == NULL ? "" : copy.ptr;
}

static int choose(void *context, const gj_shop_info *shop)
{
    struct choosing *c = context;
    struct gj_shops *out = c->out;
    if (!gj_request_sees(c->r, gj_str_of(shop->source)) ||
        (c->wanted != NULL && strcmp(c->wanted, shop->source) != 0 &&
         strcmp(c->wanted, shop->id) != 0)) {
        return 0;
    }
    if (out->count == out->capacity) {
        size_t more = out->capacity == 0 ? 8 : out->capacity * 2;
        struct gj_shop_choice *moved = gj_arena_array(&c->r->arena, more, sizeof *moved);
        if (moved == NULL) {
            c->failed = true;
            return 1;
        }
        if (out->count > 0) {
            memcpy(moved, out->items, out->count * sizeof *moved);
        }
        out->items = moved;
        out->capacity = more;
    }
    out->items[out->count++] = (struct gj_shop_choice){
        kept(c, shop->source), kept(c, shop->platform), kept(c, shop->id), shop->now};
    return 0;
}

static int by_source(const void *a, const void *b)
{
    const struct gj_shop_choice *x = a, *y = b;
    return strcmp(x->source, y->source);
}

bool gj_shops_select(struct gj_request *r, struct gj_tenant *tenant, struct gj_shops *out)
{
    struct choosing c = {.r = r, .wanted = gj_request_query(r, "shop"), .out = out};
    *out = (struct gj_shops){0};
    int status = gj_engine_shops(tenant->engine, choose, &c);
    if (c.failed) {
        gj_problem(r, "out-of-memory", "服务器内存不足", "the server is out of memory");
    } else if (status != GJ_OK) {
        gj_list_failed(r, tenant);
    } else if (c.wanted != NULL && out->count == 0) {
        gj_not_there(r);
    } else {
        if (out->count > 1) {
            qsort(out->items, out->count, sizeof *out->items, by_source);
        }
        return true;
    }
    return false;
}

void gj_list_failed(struct gj_request *r, struct gj_tenant *tenant)
{
    gj_problemf(r, "internal", "数据库出错：%s", "the database failed: %s",
                gj_errors_text(tenant->errors));
    gj_errors_clear(tenant->errors);
}

enum gj_handled gj_not_there(struct gj_request *r)
{
    return gj_problem(r, "not-found", "没有这一项，或不属于您可见的店铺",
                      "there is no such thing, or it is of no shop that you may see");
}
