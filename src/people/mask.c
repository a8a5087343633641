/* Room people: masking JSON (see mask.h): a walk over its tokens, so that what is not masked stays
 * as it was written. */
#include "people/mask.h"

#include <stdlib.h>

#include "guiju/mask.h"
#include "wire/json.h"

struct gj_mask_json {
    gj_masker *masker;
    struct gj_json_parser *parser; /* of one string at a time: undoes its escapes */
};

struct gj_mask_json *gj_mask_json_new(void)
{
    struct gj_mask_json *mask = calloc(1, sizeof *mask);
    if (mask != NULL) {
        mask->masker = gj_masker_new();
        mask->parser = gj_json_parser_new();
    }
    if (mask != NULL && (mask->masker == NULL || mask->parser == NULL)) {
        gj_mask_json_free(mask);
        mask = NULL;
    }
    return mask;
}

void gj_mask_json_free(struct gj_mask_json *mask)
{
    if (mask != NULL) {
        gj_masker_free(mask->masker);
        gj_json_parser_free(mask->parser);
        free(mask);
    }
}

/* ---- what a key says of its value ---- */

enum meaning { FREE, PHONE, ADDRESS, IDENTITY };

static const struct {
    const char *name; /* the key, or behind a '_' its end */
    enum meaning meaning;
} meanings[] = {{"phone", PHONE},      {"mobile", PHONE},   {"tel", PHONE},
                {"telephone", PHONE},  {"landline", PHONE}, {"address", ADDRESS},
                {"id", IDENTITY},      {"ids", IDENTITY},   {"source", IDENTITY},
                {"subject", IDENTITY}, {"type", IDENTITY},  {"time", IDENTITY},
                {"at", IDENTITY},      {"hash", IDENTITY},  {"next", IDENTITY},
                {"rule", IDENTITY},    {"rules", IDENTITY}, {"rulebook", IDENTITY}};

static enum meaning meaning_of(struct gj_str key)
{
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
        size_t len = strlen(meanings[i].name);
        bool ends = key.len >= len && memcmp(key.ptr + key.len - len, meanings[i].name, len) == 0;
        if (ends && (key.len == len || key.ptr[key.len - len - 1] == '_')) {
            return meanings[i].meaning;
        }
    }
    return FREE;
}

/* ---- the walk ---- */

struct walk {
    struct gj_mask_json *mask;
    struct gj_buf *out;
    struct gj_str json;
    size_t at;
    enum meaning meaning; /* of the key that the walk is behind */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* The string that begins at w->at, in its quotes; empty: it has no end. */
static struct gj_str string_at(const struct walk *w)
{
    size_t end = w->at + 1;
    while (end < w->json.len && w->json.ptr[end] != '"') {
        end += w->json.ptr[end] == '\\' ? 2 : 1;
    }
    return end < w->json.len ? (struct gj_str){w->json.ptr + w->at, end + 1 - w->at} : GJ_STR("");
}

static bool is_key(const struct walk *w, size_t end)
{
    while (end < w->json.len && is_blank(w->json.ptr[end])) {
        end++;
    }
    return end < w->json.len && w->json.ptr[end] == ':';
}

static gj_masking way_of(enum meaning meaning)
{
    return meaning == PHONE     ? GJ_MASK_AS_PHONE
           : meaning == ADDRESS ? GJ_MASK_AS_ADDRESS
                                : GJ_MASK_FOUND;
}

static int add_masked(struct walk *w, struct gj_str literal, struct gj_str text)
{
    struct gj_str masked;
    if (gj_mask_text(w->mask->masker, way_of(w->meaning), text.ptr, text.len, &masked.ptr,
                     &masked.len) != GJ_OK) {
        return -1;
    }
    if (masked.ptr == text.ptr) {
        gj_buf_add_str(w->out, literal); /* as it was escaped */
    } else {
        gj_json_add_string(w->out, masked);
    }
    return 0;
}

static int walk_string(struct walk *w)
{
    struct gj_str literal = string_at(w);
    if (literal.len == 0) {
        return -1;
    }
    w->at += literal.len;
    if (is_key(w, w->at)) {
        w->meaning = meaning_of((struct gj_str){literal.ptr + 1, literal.len - 2});
        gj_buf_add_str(w->out, literal);
        return 0;
    }
    if (w->meaning == IDENTITY) {
        gj_buf_add_str(w->out, literal);
        return 0;
    }
    const char *why;
    const struct gj_json *value = gj_json_parse(w->mask->parser, literal, 0, &why);
    return value == NULL || value->kind != GJ_JSON_STRING ? -1
                                                          : add_masked(w, literal, value->text);
}

/* A number: 13800138000 behind "phone" is one. */
static int walk_number(struct walk *w)
{
    size_t end = w->at;
    while (end < w->json.len && strchr("+-.eE0123456789", w->json.ptr[end]) != NULL) {
        end++;
    }
    struct gj_str number = {w->json.ptr + w->at, end - w->at};
    w->at = end;
    if (w->meaning != PHONE) {
        gj_buf_add_str(w->out, number);
        return 0;
    }
    struct gj_buf quoted;
    gj_buf_init(&quoted);
    gj_json_add_string(&quoted, number);
    int status = quoted.failed ? -1 : add_masked(w, gj_buf_str(&quoted), number);
    gj_buf_release(&quoted);
    return status;
}

static int walk(struct walk *w)
{
    int status = 0;
    while (status == 0 && w->at < w->json.len) {
        char c = w->json.ptr[w->at];
        if (c == '"') {
            status = walk_string(w);
        } else if (c == '-' || (c >= '0' && c <= '9')) {
            status = walk_number(w);
        } else {
            w->meaning = c == '}' ? FREE : w->meaning; /* what follows in an array has no key */
            gj_buf_add_char(w->out, c);
            w->at++;
        }
    }
    return status;
}

int gj_mask_json(struct gj_mask_json *mask, struct gj_str json, struct gj_buf *out)
{
    struct walk w = {.mask = mask, .out = out, .json = json};
    size_t before = out->len;
    if (walk(&w) != 0 || out->failed) {
        if (out->len > before) {
            out->ptr[before] = '\0';
            out->len = before;
        }
        return -1;
    }
    return 0;
}

int gj_mask_plain(struct gj_mask_json *mask, struct gj_str text, struct gj_buf *out)
{
    struct gj_str masked;
    if (gj_mask_text(mask->masker, GJ_MASK_FOUND, text.ptr, text.len, &masked.ptr, &masked.len) !=
        GJ_OK) {
        return -1;
    }
    gj_buf_add_str(out, masked);
    return out->failed ? -1 : 0;
}
