/* Room judge: the rest of the public header: errors, rulebooks, expressions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/phrase.h"
#include "base/vec.h"
#include "judge/checker.h"

#ifndef GJ_DATA_DIR
#define GJ_DATA_DIR "/usr/local/share/guiju"
#endif

/* ---- errors ---- */

struct public_errors { /* what gj_errors_new makes: a list, and room for its text */
    struct gj_errors list;
    struct gj_buf text;
};

gj_errors *gj_errors_new(void)
{
    struct public_errors *errors = calloc(1, sizeof *errors);
    if (errors == NULL) {
        return NULL;
    }
    gj_errors_init(&errors->list);
    gj_buf_init(&errors->text);
    return &errors->list;
}

void gj_errors_free(gj_errors *errors)
{
    if (errors != NULL) {
        struct public_errors *whole = (struct public_errors *)(void *)errors;
        gj_buf_release(&whole->text);
        gj_errors_release(errors);
        free(whole);
    }
}

void gj_errors_clear(gj_errors *errors)
{
    gj_errors_release(errors);
    gj_errors_init(errors);
}

size_t gj_errors_count(const gj_errors *errors)
{
    return errors->count + errors->dropped;
}

const char *gj_errors_text(gj_errors *errors)
{
    struct public_errors *whole = (struct public_errors *)(void *)errors;
    gj_buf_reset(&whole->text);
    gj_errors_render(errors, &whole->text);
    return whole->text.ptr;
}

/* ---- rulebook ---- */

const char *gj_rulebook_default_dir(void)
{
    const char *named = getenv("GUIJU_RULEBOOK");
    if (named != NULL && named[0] != '\0') {
        return named;
    }
    return access("rulebook/schema.yaml", R_OK) == 0 ? "rulebook" : GJ_DATA_DIR "/rulebook";
}

gj_rulebook *gj_rulebook_wrap(struct gj_book *book, gj_errors *errors)
{
    gj_rulebook *rulebook = calloc(1, sizeof *rulebook);
    if (rulebook == NULL) {
        gj_book_free(book);
        gj_errors_say(errors, "out of memory while loading the rulebook");
        return NULL;
    }
    rulebook->book = book;
    gj_arena_init(&rulebook->arena);
    if (gj_rulebook_make_views(rulebook) != 0) {
        gj_rulebook_free(rulebook);
        gj_errors_say(errors, "out of memory while loading the rulebook");
        return NULL;
    }
    return rulebook;
}

gj_rulebook *gj_rulebook_open(const char *dir, const char *cache_dir, gj_errors *errors)
{
    struct gj_book_options options = {.cache_dir = cache_dir};
    struct gj_book *book = gj_book_load(dir, options, errors);
    return book == NULL ? NULL : gj_rulebook_wrap(book, errors);
}

void gj_rulebook_free(gj_rulebook *rulebook)
{
    if (rulebook != NULL) {
        gj_book_free(rulebook->book);
        free(rulebook->covers);
        free(rulebook->citations);
        free(rulebook->cover_first);
        free(rulebook->citation_first);
        gj_arena_release(&rulebook->arena);
        free(rulebook);
    }
}

const char *gj_rulebook_hash(const gj_rulebook *rulebook)
{
    return rulebook->book->hash;
}

const char *gj_rulebook_platform(const gj_rulebook *rulebook, size_t index)
{
    const struct gj_field *platform = &rulebook->book->fields[GJ_FIELD_PLATFORM];
    return index < platform->value_count ? platform->values[index].ptr : NULL;
}

/* ---- expressions ---- */

/* A JSON value as an expression's value, in the arena. */
static int value_of(struct gj_arena *arena, const struct gj_json_parser *parser,
                    const struct gj_json *json, struct gj_value *out, gj_errors *errors);

static int children_of(struct gj_arena *arena, const struct gj_json_parser *parser,
                       const struct gj_json *json, struct gj_value *out, gj_errors *errors)
{
    bool map = json->kind == GJ_JSON_OBJECT;
    struct gj_value *items = map ? NULL : gj_arena_array(arena, json->count + 1, sizeof *items);
    struct gj_entry *entries = map ? gj_arena_array(arena, json->count + 1, sizeof *entries) : NULL;
    if (items == NULL && entries == NULL) {
        return gj_errors_say(errors, "out of memory");
    }
    size_t i = 0;
    for (const struct gj_json *c = gj_json_first(parser, json); c != NULL;
         c = gj_json_next(parser, c), i++) {
        if (map) {
            entries[i].key =
                (struct gj_value){.kind = GJ_V_STRING, .as.text = gj_arena_copy(arena, c->key)};
        }
        if (value_of(arena, parser, c, map ? &entries[i].value : &items[i], errors) != 0) {
            return -1;
        }
    }
    out->kind = map ? GJ_V_MAP : GJ_V_LIST;
    out->count = json->count;
    if (map) {
        out->as.entries = entries;
    } else {
        out->as.items = items;
    }
    return 0;
}

static int value_of(struct gj_arena *arena, const struct gj_json_parser *parser,
                    const struct gj_json *json, struct gj_value *out, gj_errors *errors)
{
    *out = (struct gj_value){.kind = GJ_V_NULL};
    switch (json->kind) {
    case GJ_JSON_NULL:
        return 0;
    case GJ_JSON_BOOL:
        *out = (struct gj_value){.kind = GJ_V_BOOL, .as.boolean = json->integer != 0};
        return 0;
    case GJ_JSON_INT:
        *out = (struct gj_value){.kind = GJ_V_INT, .as.integer = json->integer};
        return 0;
    case GJ_JSON_STRING:
        *out = (struct gj_value){.kind = GJ_V_STRING, .as.text = gj_arena_copy(arena, json->text)};
        return out->as.text.ptr == NULL ? gj_errors_say(errors, "out of memory") : 0;
    case GJ_JSON_DOUBLE:
        return gj_errors_say(errors, "--with: numbers are integers here; give money in fen and "
                                     "ratios as two integers");
    case GJ_JSON_ARRAY:
    case GJ_JSON_OBJECT:
    default:
        return children_of(arena, parser, json, out, errors);
    }
}

struct given {
    struct gj_value *values;
};

static struct gj_value lookup(void *context, uint32_t slot)
{
    const struct given *given = context;
    return given->values[slot];
}

static int declare(struct gj_arena *arena, const char *with, struct gj_json_parser *parser,
                   struct gj_expr_env *env, struct given *given, gj_errors *errors)
{
    if (with == NULL) {
        return GJ_OK;
    }
    const char *why = NULL;
    const struct gj_json *root = gj_json_parse(parser, gj_str_of(with), 0, &why);
    if (root == NULL || root->kind != GJ_JSON_OBJECT) {
        gj_errors_say(errors, "the facts given are no JSON object: %s",
                      root == NULL ? why : "it is another value");
        return GJ_EINPUT;
    }
    struct gj_expr_field *fields = gj_arena_array(arena, root->count + 1, sizeof *fields);
    given->values = gj_arena_array(arena, root->count + 1, sizeof *given->values);
    if (fields == NULL || given->values == NULL) {
        gj_errors_say(errors, "out of memory");
        return GJ_ESYSTEM;
    }
    for (const struct gj_json *c = gj_json_first(parser, root); c != NULL;
         c = gj_json_next(parser, c)) {
        struct gj_value *value = &given->values[env->field_count];
        if (value_of(arena, parser, c, value, errors) != 0) {
            return GJ_EINPUT;
        }
        fields[env->field_count] = (struct gj_expr_field){.name = gj_arena_copy(arena, c->key),
                                                          .type = gj_type_of_value(arena, value),
                                                          .slot = (uint32_t)env->field_count};
        env->field_count++;
    }
    env->fields = fields;
    return GJ_OK;
}

static int evaluate(struct gj_arena *arena, const char *expression, const struct gj_expr_env *env,
                    struct given *given, struct gj_buf *out, gj_errors *errors)
{
    struct gj_str source = gj_str_of(expression);
    struct gj_expr_place place = {.line = 1, .column = 1, .source_line = source};
    const struct gj_expr *expr = gj_expr_compile(arena, source, env, NULL, place, errors);
    if (expr == NULL) {
        return GJ_EINPUT;
    }
    struct gj_frame frame = {.lookup = lookup, .context = given, .arena = arena};
    struct gj_value value = gj_expr_eval(expr, &frame);
    if (value.kind == GJ_V_ERROR) {
        gj_errors_say(errors, "%.*s", (int)value.as.text.len, value.as.text.ptr);
        return GJ_EEVAL;
    }
    gj_value_json(&value, out);
    return out->failed ? GJ_ESYSTEM : GJ_OK;
}

char *gj_in_chinese(const char *text)
{
    struct gj_buf out;
    gj_buf_init(&out);
    while (*text != '\0') {
        struct gj_str line = {text, strcspn(text, "\n")};
        if (line.len > 1 && text[0] == ' ' && text[1] == ' ') {
            gj_buf_add_str(&out, line); /* a line of the rulebook, or a caret */
        } else {
            gj_phrase_add_line(&out, line);
        }
        text += line.len;
        if (*text == '\n') {
            gj_buf_add_char(&out, *text++);
        }
    }
    char *copy = out.failed ? NULL : strdup(out.ptr == NULL ? "" : out.ptr);
    gj_buf_release(&out);
    return copy;
}

int gj_expression(const char *expression, const char *with, char **json, gj_errors *errors)
{
    struct gj_arena arena;
    struct gj_expr_env env = {0};
    struct given given = {0};
    struct gj_buf out;
    size_t before = errors->count + errors->dropped;
    gj_arena_init(&arena);
    gj_buf_init(&out);
    *json = NULL;
    struct gj_json_parser *parser = gj_json_parser_new();
    int status = parser == NULL ? GJ_ESYSTEM : declare(&arena, with, parser, &env, &given, errors);
    if (status == GJ_OK) {
        status = evaluate(&arena, expression, &env, &given, &out, errors);
    }
    if (status == GJ_OK) {
        *json = strdup(out.ptr);
        status = *json == NULL ? GJ_ESYSTEM : GJ_OK;
    }
    if (status == GJ_ESYSTEM && errors->count + errors->dropped == before) {
        gj_errors_say(errors, "out of memory");
    }
    gj_json_parser_free(parser);
    gj_buf_release(&out);
    gj_arena_release(&arena);
    return status;
}

void gj_string_free(char *string)
{
    free(string);
}
