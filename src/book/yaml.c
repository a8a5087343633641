/* Room book: YAML to nodes, by libfyaml's event parser (see tree.h). */
#include <libfyaml.h>
#include <stdio.h>
#include <strings.h>

#include "base/utf8.h"
#include "book/tree.h"

struct reader {
    struct gj_arena *arena;
    const struct gj_file *file;
    uint32_t file_index;
    struct gj_errors *errors;
    struct fy_parser *parser;
    struct fy_event *event; /* the current one */
    bool failed;            /* stop: the stream cannot be read on */
};

bool gj_yaml_misnamed(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot != NULL && (strcasecmp(dot, ".yml") == 0 || strcasecmp(dot, ".yaml") == 0) &&
           strcmp(dot, ".yaml") != 0;
}

struct gj_str gj_file_line(const struct gj_file *file, uint32_t line)
{
    const char *at = file->text.ptr, *end = at == NULL ? NULL : at + file->text.len;
    for (uint32_t l = 1; at != NULL && l < line; l++) {
        at = memchr(at, '\n', (size_t)(end - at));
        at = at == NULL ? NULL : at + 1;
    }
    if (at == NULL || at >= end) {
        return (struct gj_str){0};
    }
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    return (struct gj_str){at, (size_t)((stop == NULL ? end : stop) - at)};
}

static int complain(struct reader *in, uint32_t line, uint32_t column, const char *message)
{
    return gj_errors_add(in->errors, in->file->path, line, column, gj_file_line(in->file, line),
                         "%s", message);
}

static void next_event(struct reader *in)
{
    if (in->event != NULL) {
        fy_parser_event_free(in->parser, in->event);
    }
    in->event = fy_parser_parse(in->parser);
}

static struct gj_node *node_new(struct reader *in, enum gj_node_kind kind)
{
    struct gj_node *node = gj_arena_alloc(in->arena, sizeof *node);
    if (node == NULL) {
        gj_errors_say(in->errors, "out of memory while reading the rulebook");
        in->failed = true;
        return NULL;
    }
    const struct fy_mark *mark = fy_event_start_mark(in->event);
    node->kind = kind;
    node->file = in->file_index;
    node->line = mark == NULL ? 0 : (uint32_t)mark->line + 1;
    node->column = mark == NULL ? 0 : (uint32_t)mark->column + 1;
    return node;
}

static struct gj_node *read_node(struct reader *in, unsigned depth);

static struct gj_node *read_scalar(struct reader *in)
{
    struct gj_node *node = node_new(in, GJ_NODE_SCALAR);
    struct fy_token *token = in->event->scalar.value;
    if (node == NULL) {
        return NULL;
    }
    if (in->event->scalar.anchor != NULL || in->event->scalar.tag != NULL) {
        complain(in, node->line, node->column,
                 "anchors and tags are not used here; write the value");
    }
    size_t len = 0;
    const char *text = token == NULL ? "" : fy_token_get_text(token, &len);
    bool whole =
        len > 0 || token == NULL || fy_token_get_text_length(token) == 0; /* else: memory */
    node->plain = token == NULL || fy_token_scalar_style(token) == FYSS_PLAIN;
    node->text = whole ? gj_arena_copy(in->arena, (struct gj_str){text, len}) : (struct gj_str){0};
    if (node->text.ptr == NULL) {
        gj_errors_say(in->errors, "out of memory while reading the rulebook");
        in->failed = true;
        return NULL;
    }
    if (memchr(node->text.ptr, '\0', len) != NULL) {
        complain(in, node->line, node->column, "the text holds a NUL; remove it");
    }
    return node;
}

static void append(struct gj_node *parent, struct gj_node **last, struct gj_node *child)
{
    if (*last == NULL) {
        parent->first = child;
    } else {
        (*last)->next = child;
    }
    *last = child;
    parent->count++;
}

static struct gj_node *read_sequence(struct reader *in, unsigned depth)
{
    struct gj_node *node = node_new(in, GJ_NODE_SEQUENCE), *last = NULL;
    next_event(in);
    while (node != NULL && !in->failed && in->event != NULL &&
           in->event->type != FYET_SEQUENCE_END) {
        struct gj_node *item = read_node(in, depth + 1);
        if (item != NULL) {
            append(node, &last, item);
        }
        next_event(in);
    }
    return in->event == NULL ? NULL : node;
}

static void refuse_duplicate(struct reader *in, const struct gj_node *mapping,
                             const struct gj_node *key)
{
    for (const struct gj_node *child = mapping->first; child != NULL; child = child->next) {
        if (gj_str_eq(child->key->text, key->text)) {
            char message[160];
            snprintf(message, sizeof message,
                     "key '%.60s' stands here a second time (first in line %u)", key->text.ptr,
                     child->key->line);
            complain(in, key->line, key->column, message);
            return;
        }
    }
}

static struct gj_node *read_mapping(struct reader *in, unsigned depth)
{
    struct gj_node *node = node_new(in, GJ_NODE_MAPPING), *last = NULL;
    next_event(in);
    while (node != NULL && !in->failed && in->event != NULL &&
           in->event->type != FYET_MAPPING_END) {
        struct gj_node *key = read_node(in, depth + 1);
        next_event(in);
        struct gj_node *value = in->event == NULL ? NULL : read_node(in, depth + 1);
        if (key != NULL && key->kind != GJ_NODE_SCALAR) {
            complain(in, key->line, key->column, "a key must be a plain word");
        } else if (key != NULL && value != NULL) {
            refuse_duplicate(in, node, key);
            value->key = key;
            append(node, &last, value);
        }
        next_event(in);
    }
    return in->event == NULL ? NULL : node;
}

static struct gj_node *read_node(struct reader *in, unsigned depth)
{
    const struct fy_mark *mark = fy_event_start_mark(in->event);
    uint32_t line = mark == NULL ? 0 : (uint32_t)mark->line + 1;
    uint32_t column = mark == NULL ? 0 : (uint32_t)mark->column + 1;
    if (depth > GJ_YAML_DEPTH_MAX) {
        complain(in, line, column, "nested deeper than 24 levels; flatten it");
        in->failed = true;
        return NULL;
    }
    switch (in->event->type) {
    case FYET_SCALAR:
        return read_scalar(in);
    case FYET_SEQUENCE_START:
        return read_sequence(in, depth);
    case FYET_MAPPING_START:
        return read_mapping(in, depth);
    case FYET_ALIAS:
        complain(in, line, column, "aliases (*name) are not used here; write the value out");
        return NULL;
    default:
        return NULL;
    }
}

/* What to do about a complaint of libfyaml's, in which these words stand. */
static const char *remedy(const char *message)
{
    static const struct {
        const char *said, *remedy;
    } remedies[] = {{"multiline plain key",
                     "the next line counts as more of this value: begin it in the column "
                     "of its neighbours, with spaces, not with a tab"},
                    {"tab character", "indent with spaces"},
                    {"invalid indentation", "begin it in the same column as its neighbours"},
                    {"expected ':'", "write `key: value`, with : and a space, not ："},
                    {"missing ':'", "write `key: value`, or `- item` for an item of a list"},
                    {"quoted scalar", "close the text with the quote it begins with"},
                    {"flow sequence", "close the list with ]; items have commas between them"},
                    {"flow mapping", "close it with }; its keys have commas between them"},
                    {"after mapping", "put the whole value in quotes"},
                    {"invalid value", "put the whole value in quotes"}};
    for (size_t i = 0; i < sizeof remedies / sizeof remedies[0]; i++) {
        if (strstr(message, remedies[i].said) != NULL) {
            return remedies[i].remedy;
        }
    }
    return "see that keys have `: `, brackets and quotes are closed, and indentation is spaces";
}

static void complain_of_yaml(struct reader *in, const struct fy_diag_error *e)
{
    char message[400];
    uint32_t line = e->line > 0 ? (uint32_t)e->line : 1;
    uint32_t column = e->column > 0 ? (uint32_t)e->column : 1;
    while (line > 1 && gj_file_line(in->file, line).len == 0) { /* what is open at the file's end */
        column = (uint32_t)gj_file_line(in->file, --line).len;
    }
    snprintf(message, sizeof message, "%s: %s", e->msg, remedy(e->msg));
    complain(in, line, column, message);
}

/* libfyaml's own complaints, each with its place. */
static bool add_parser_errors(struct reader *in, struct fy_diag *diag)
{
    void *at = NULL;
    bool any = false;
    for (struct fy_diag_error *e = fy_diag_errors_iterate(diag, &at); e != NULL;
         e = fy_diag_errors_iterate(diag, &at)) {
        if (e->type == FYET_ERROR) {
            complain_of_yaml(in, e);
            any = true;
        }
    }
    return any;
}

static void read_documents(struct reader *in, struct gj_node **first)
{
    struct gj_node *last = NULL;
    next_event(in);
    while (!in->failed && in->event != NULL && in->event->type != FYET_STREAM_END) {
        enum fy_event_type type = in->event->type;
        if (type == FYET_SCALAR || type == FYET_SEQUENCE_START || type == FYET_MAPPING_START ||
            type == FYET_ALIAS) {
            struct gj_node *document = read_node(in, 0);
            if (document != NULL && last == NULL) {
                *first = last = document;
            } else if (document != NULL) {
                last->next = document;
                last = document;
            }
        }
        if (!in->failed) {
            next_event(in);
        }
    }
    if (in->event != NULL) {
        fy_parser_event_free(in->parser, in->event);
        in->event = NULL;
    }
}

int gj_yaml_parse(struct gj_arena *arena, const struct gj_file *file, uint32_t file_index,
                  struct gj_node **first_document, struct gj_errors *errors)
{
    struct reader in = {.arena = arena, .file = file, .file_index = file_index, .errors = errors};
    size_t before = errors->count + errors->dropped;
    *first_document = NULL;
    size_t valid = gj_utf8_valid_prefix(file->text);
    if (valid < file->text.len) {
        uint32_t line = 1;
        for (size_t i = 0; i < valid; i++) {
            line += file->text.ptr[i] == '\n';
        }
        return gj_errors_add(errors, file->path, line, 1, (struct gj_str){0},
                             "the line is not valid UTF-8; save the file as UTF-8");
    }
    struct fy_diag_cfg diag_cfg = {0};
    fy_diag_cfg_default(&diag_cfg);
    diag_cfg.fp = NULL;
    diag_cfg.output_fn = NULL;
    struct fy_diag *diag = fy_diag_create(&diag_cfg);
    if (diag == NULL) {
        return gj_errors_say(errors, "out of memory while reading the rulebook");
    }
    fy_diag_set_collect_errors(diag, true);
    struct fy_parse_cfg cfg = {
        .flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_SLOPPY_FLOW_INDENTATION, .diag = diag};
    in.parser = fy_parser_create(&cfg);
    if (in.parser == NULL || fy_parser_set_string(in.parser, file->text.ptr, file->text.len) != 0) {
        gj_errors_say(errors, "out of memory while reading the rulebook");
    } else {
        read_documents(&in, first_document);
        if (!add_parser_errors(&in, diag) && fy_parser_get_stream_error(in.parser)) {
            complain(&in, 1, 1, "the file is not YAML");
        }
    }
    fy_parser_destroy(in.parser);
    fy_diag_destroy(diag);
    return errors->count + errors->dropped > before ? -1 : 0;
}
