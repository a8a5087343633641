/* Room flow: cases in memory (see case.h). */
#include "flow/case.h"

#include "base/vec.h"

/* Cases are many and small. */
#define CASE_BLOCK_BYTES 2048u

void gj_case_init(struct gj_case *c, const struct gj_plan *plan)
{
    *c = (struct gj_case){.plan = plan, .last_at = INT64_MIN};
    gj_arena_init(&c->arena);
    c->arena.block = CASE_BLOCK_BYTES;
}

void gj_case_release(struct gj_case *c)
{
    free(c->entities);
    gj_arena_release(&c->arena);
    *c = (struct gj_case){0};
}

void gj_case_reset(struct gj_case *c)
{
    gj_arena_reset(&c->arena);
    c->count = 0;
    c->kinds = 0;
    c->last_at = INT64_MIN;
}

struct gj_entity *gj_case_find(const struct gj_case *c, uint32_t kind, struct gj_str id)
{
    for (size_t i = 0; i < c->count && (c->kinds >> kind & 1) != 0; i++) {
        if (c->entities[i]->kind == kind && gj_str_eq(c->entities[i]->id, id)) {
            return c->entities[i];
        }
    }
    return NULL;
}

/* One that the case does not have yet; NULL: out of memory. */
static struct gj_entity *add_entity(struct gj_case *c, uint32_t kind, struct gj_str id)
{
    const struct gj_kind_plan *k = &c->plan->kinds[kind];
    struct gj_entity **grown = gj_grow(c->entities, &c->capacity, c->count + 1, sizeof *grown);
    if (grown == NULL) {
        return NULL;
    }
    c->entities = grown;
    struct gj_entity *e = gj_arena_alloc(&c->arena, sizeof *e);
    struct gj_value *memory = gj_arena_array(&c->arena, k->kept_count + 1, sizeof *memory);
    struct gj_standing *standings = gj_arena_array(&c->arena, k->flow_count + 1, sizeof *standings);
    struct gj_str kept = gj_arena_copy(&c->arena, id);
    if (e == NULL || memory == NULL || standings == NULL || kept.ptr == NULL) {
        return NULL;
    }
    *e = (struct gj_entity){.kind = kind, .id = kept, .memory = memory, .standings = standings};
    for (size_t m = 0; m < k->kept_count; m++) {
        memory[m].kind = GJ_V_UNKNOWN;
    }
    for (size_t f = 0; f < k->flow_count; f++) {
        standings[f].state = GJ_NO_INDEX;
    }
    grown[c->count++] = e;
    c->kinds |= UINT32_C(1) << kind;
    return e;
}

struct gj_entity *gj_case_entity(struct gj_case *c, uint32_t kind, struct gj_str id)
{
    struct gj_entity *found = gj_case_find(c, kind, id);
    return found != NULL ? found : add_entity(c, kind, id);
}

static struct gj_value out_of_memory(void)
{
    return (struct gj_value){.kind = GJ_V_ERROR, .as.text = GJ_STR("out of memory")};
}

struct gj_value gj_case_keep(struct gj_case *c, struct gj_value value)
{
    if (value.kind == GJ_V_STRING) {
        value.as.text = gj_arena_copy(&c->arena, value.as.text);
        return value.as.text.ptr == NULL ? out_of_memory() : value;
    }
    if (value.kind == GJ_V_LIST) {
        struct gj_value *items = gj_arena_array(&c->arena, value.count + 1, sizeof *items);
        for (uint32_t i = 0; items != NULL && i < value.count; i++) {
            items[i] = gj_case_keep(c, value.as.items[i]);
        }
        value.as.items = items;
        return items == NULL ? out_of_memory() : value;
    }
    if (value.kind == GJ_V_MAP) {
        struct gj_entry *entries = gj_arena_array(&c->arena, value.count + 1, sizeof *entries);
        for (uint32_t i = 0; entries != NULL && i < value.count; i++) {
            entries[i].key = gj_case_keep(c, value.as.entries[i].key);
            entries[i].value = gj_case_keep(c, value.as.entries[i].value);
        }
        value.as.entries = entries;
        return entries == NULL ? out_of_memory() : value;
    }
    if (value.kind == GJ_V_TIMESTAMP || value.kind == GJ_V_DURATION) {
        value.as.instant.nanos -= value.as.instant.nanos % 1000;
    }
    return value;
}

/* ---- as JSON ---- */

static void write_value(const struct gj_value *value, struct gj_buf *out)
{
    switch (value->kind) {
    case GJ_V_BOOL:
        gj_buf_add_cstr(out, value->as.boolean ? "true" : "false");
        break;
    case GJ_V_INT:
        gj_buf_add_int(out, value->as.integer);
        break;
    case GJ_V_TIMESTAMP:
    case GJ_V_DURATION:
        gj_buf_add_int(out, gj_micros(value->as.instant));
        break;
    case GJ_V_STRING:
        gj_json_add_string(out, value->as.text);
        break;
    case GJ_V_LIST:
        gj_buf_add_char(out, '[');
        for (uint32_t i = 0; i < value->count; i++) {
            gj_buf_add_cstr(out, i > 0 ? "," : "");
            write_value(&value->as.items[i], out);
        }
        gj_buf_add_char(out, ']');
        break;
    case GJ_V_MAP:
        gj_buf_add_char(out, '{');
        for (uint32_t i = 0; i < value->count; i++) {
            gj_buf_add_cstr(out, i > 0 ? "," : "");
            gj_json_add_string(out, value->as.entries[i].key.as.text);
            gj_buf_add_char(out, ':');
            write_value(&value->as.entries[i].value, out);
        }
        gj_buf_add_char(out, '}');
        break;
    default:
        gj_buf_add_cstr(out, "null");
        break;
    }
}

static void write_memory(const struct gj_case *c, const struct gj_entity *e, struct gj_buf *out)
{
    const struct gj_kind_plan *kind = &c->plan->kinds[e->kind];
    bool first = true;
    gj_buf_add_char(out, '{');
    for (size_t i = 0; i < kind->kept_count; i++) {
        const struct gj_memory *memory = &kind->memories[kind->kept[i]];
        if (e->memory[memory->kept].kind != GJ_V_UNKNOWN) {
            if (!first) {
                gj_buf_add_char(out, ',');
            }
            gj_buf_add_str(out, memory->json);
            write_value(&e->memory[memory->kept], out);
            first = false;
        }
    }
    gj_buf_add_char(out, '}');
}

/* What has fired and the turns, as one number. */
static int64_t steps_of(const struct gj_standing *s)
{
    return (int64_t)s->turns << 32 | s->fired;
}

/* Behind `"flow":["state",`. */
static void write_standing(int64_t entered, int64_t fired, struct gj_buf *out)
{
    gj_buf_add_int(out, entered);
    gj_buf_add_char(out, ',');
    gj_buf_add_int(out, fired);
    gj_buf_add_char(out, ']');
}

/* Whether the entity stands in a state of that flow. */
static bool stands_in(const struct gj_case *c, const struct gj_entity *e, struct gj_str flow)
{
    const struct gj_kind_plan *kind = &c->plan->kinds[e->kind];
    bool stands = false;
    for (size_t i = 0; i < kind->flow_count; i++) {
        stands |= e->standings[i].state != GJ_NO_INDEX &&
                  gj_str_eq(c->plan->flows[kind->flows[i]].head.id, flow);
    }
    return stands;
}

static void write_standings(const struct gj_case *c, const struct gj_entity *e, struct gj_buf *out)
{
    const struct gj_kind_plan *kind = &c->plan->kinds[e->kind];
    bool first = true;
    gj_buf_add_char(out, '{');
    for (size_t i = 0; i < kind->flow_count; i++) {
        const struct gj_standing *s = &e->standings[i];
        if (s->state != GJ_NO_INDEX) {
            if (!first) {
                gj_buf_add_char(out, ',');
            }
            gj_buf_add_str(out, c->plan->flows[kind->flows[i]].json[s->state]);
            write_standing(s->entered, steps_of(s), out);
            first = false;
        }
    }
    for (const struct gj_stranger *s = e->strangers; s != NULL; s = s->next) {
        if (!stands_in(c, e, s->flow)) { /* else the flow has begun anew */
            gj_buf_add_cstr(out, first ? "" : ",");
            gj_json_add_string(out, s->flow);
            gj_buf_add_cstr(out, ":[");
            gj_json_add_string(out, s->state);
            gj_buf_add_char(out, ',');
            write_standing(s->entered, s->fired, out);
            first = false;
        }
    }
    gj_buf_add_char(out, '}');
}

/* Counters that have counted it, by their ids. */
static void write_counted(const struct gj_case *c, const struct gj_entity *e, struct gj_buf *out)
{
    bool first = true;
    gj_buf_add_char(out, '[');
    for (size_t i = 0; e->counted != 0 && i < c->plan->once_count; i++) {
        const struct gj_counter *counter = &c->plan->counters[c->plan->once[i]];
        if (counter->once == e->kind && (e->counted >> counter->once_bit & 1) != 0) {
            gj_buf_add_cstr(out, first ? "" : ",");
            gj_json_add_string(out, counter->head.id);
            first = false;
        }
    }
    gj_buf_add_char(out, ']');
}

static void read_counted(const struct gj_case *c, struct gj_entity *e,
                         const struct gj_json_parser *parser, const struct gj_json *list)
{
    for (const struct gj_json *n = gj_json_first(parser, list); n != NULL;
         n = gj_json_next(parser, n)) {
        uint32_t at = gj_map_get(&c->plan->counter_ids, n->text);
        if (at != GJ_MAP_NONE && c->plan->counters[at].once == e->kind) {
            e->counted |= UINT64_C(1) << c->plan->counters[at].once_bit;
        }
    }
}

void gj_case_write(const struct gj_case *c, struct gj_buf *out)
{
    gj_buf_add_char(out, '[');
    gj_buf_add_int(out, c->last_at);
    for (size_t i = 0; i < c->count; i++) {
        const struct gj_entity *e = c->entities[i];
        gj_buf_add(out, ",[", 2);
        gj_buf_add_str(out, c->plan->kinds[e->kind].json);
        gj_json_add_string(out, e->id);
        gj_buf_add_char(out, ',');
        write_standings(c, e, out);
        gj_buf_add_char(out, ',');
        write_memory(c, e, out);
        gj_buf_add_char(out, ',');
        write_counted(c, e, out);
        gj_buf_add_char(out, ']');
    }
    gj_buf_add_char(out, ']');
}

/* ---- and back ---- */

static struct gj_value value_of(struct gj_arena *arena, const struct gj_json_parser *parser,
                                const struct gj_json *node, const struct gj_type *type);

static struct gj_value list_of(struct gj_arena *arena, const struct gj_json_parser *parser,
                               const struct gj_json *node, const struct gj_type *type)
{
    struct gj_value *items = gj_arena_array(arena, node->count + 1, sizeof *items);
    uint32_t count = 0;
    for (const struct gj_json *n = gj_json_first(parser, node); items != NULL && n != NULL;
         n = gj_json_next(parser, n)) {
        items[count++] = value_of(arena, parser, n, type == NULL ? NULL : type->of);
    }
    return items == NULL ? out_of_memory()
                         : (struct gj_value){.kind = GJ_V_LIST, .count = count, .as.items = items};
}

static struct gj_value map_of(struct gj_arena *arena, const struct gj_json_parser *parser,
                              const struct gj_json *node, const struct gj_type *type)
{
    struct gj_entry *entries = gj_arena_array(arena, node->count + 1, sizeof *entries);
    uint32_t count = 0;
    for (const struct gj_json *n = gj_json_first(parser, node); entries != NULL && n != NULL;
         n = gj_json_next(parser, n)) {
        struct gj_str key = gj_arena_copy(arena, n->key);
        entries[count].key = (struct gj_value){.kind = GJ_V_STRING, .as.text = key};
        entries[count++].value = value_of(arena, parser, n, type == NULL ? NULL : type->of);
    }
    return entries == NULL
               ? out_of_memory()
               : (struct gj_value){.kind = GJ_V_MAP, .count = count, .as.entries = entries};
}

static struct gj_value value_of(struct gj_arena *arena, const struct gj_json_parser *parser,
                                const struct gj_json *node, const struct gj_type *type)
{
    struct gj_value value = {.kind = GJ_V_NULL};
    enum gj_type_kind want = type == NULL ? GJ_TYPE_DYN : type->kind;
    switch (node->kind) {
    case GJ_JSON_BOOL:
        value.kind = GJ_V_BOOL;
        value.as.boolean = node->integer != 0;
        break;
    case GJ_JSON_INT:
        value.kind = want == GJ_TYPE_TIMESTAMP  ? GJ_V_TIMESTAMP
                     : want == GJ_TYPE_DURATION ? GJ_V_DURATION
                                                : GJ_V_INT;
        if (value.kind == GJ_V_INT) {
            value.as.integer = node->integer;
        } else if (value.kind == GJ_V_TIMESTAMP) {
            value.as.instant = gj_instant_of(node->integer);
        } else { /* both parts have its sign */
            value.as.instant = (struct gj_instant){node->integer / GJ_MICROS,
                                                   (int32_t)(node->integer % GJ_MICROS) * 1000};
        }
        break;
    case GJ_JSON_STRING:
        value.kind = GJ_V_STRING;
        value.as.text = gj_arena_copy(arena, node->text);
        break;
    case GJ_JSON_ARRAY:
        return list_of(arena, parser, node, type);
    case GJ_JSON_OBJECT:
        return map_of(arena, parser, node, type);
    case GJ_JSON_NULL:
    case GJ_JSON_DOUBLE:
        break;
    }
    return value;
}

static int keep_stranger(struct gj_case *c, struct gj_entity *e, struct gj_str flow,
                         struct gj_stranger stranger)
{
    struct gj_stranger **at = &e->strangers;
    while (*at != NULL) {
        at = &(*at)->next;
    }
    *at = gj_arena_alloc(&c->arena, sizeof stranger);
    if (*at == NULL) {
        return -1;
    }
    **at = stranger;
    (*at)->flow = gj_arena_copy(&c->arena, flow);
    (*at)->state = gj_arena_copy(&c->arena, stranger.state);
    return (*at)->flow.ptr == NULL || (*at)->state.ptr == NULL ? -1 : 0;
}

/* ---- a copy ---- */

static int copy_entity(struct gj_case *to, const struct gj_entity *from)
{
    const struct gj_kind_plan *kind = &to->plan->kinds[from->kind];
    struct gj_entity *e = add_entity(to, from->kind, from->id);
    if (e == NULL) {
        return -1;
    }
    for (size_t m = 0; m < kind->kept_count; m++) {
        e->memory[m] = gj_case_keep(to, from->memory[m]);
    }
    memcpy(e->standings, from->standings, kind->flow_count * sizeof *e->standings);
    e->counted = from->counted;
    int status = 0;
    for (const struct gj_stranger *s = from->strangers; s != NULL && status == 0; s = s->next) {
        struct gj_stranger stranger = {.state = s->state, .fired = s->fired, .entered = s->entered};
        status = keep_stranger(to, e, s->flow, stranger);
    }
    return status;
}

int gj_case_copy(struct gj_case *to, const struct gj_case *from)
{
    int status = 0;
    gj_case_reset(to);
    to->last_at = from->last_at;
    for (size_t i = 0; i < from->count && status == 0; i++) {
        status = copy_entity(to, from->entities[i]);
    }
    return status != 0 || to->arena.failed ? -1 : 0;
}

/* ---- reading, on ---- */

static int read_standing(struct gj_case *c, struct gj_entity *e,
                         const struct gj_json_parser *parser, const struct gj_json *node)
{
    const struct gj_kind_plan *kind = &c->plan->kinds[e->kind];
    const struct gj_json *state = gj_json_first(parser, node);
    const struct gj_json *entered = state == NULL ? NULL : gj_json_next(parser, state);
    const struct gj_json *fired = entered == NULL ? NULL : gj_json_next(parser, entered);
    if (fired == NULL) {
        return -1;
    }
    for (size_t i = 0; i < kind->flow_count; i++) {
        const struct gj_flow *flow = &c->plan->flows[kind->flows[i]];
        uint32_t at = gj_str_eq(flow->head.id, node->key)
                          ? gj_map_get(&flow->state_ids, state->text)
                          : GJ_MAP_NONE;
        if (at != GJ_MAP_NONE) {
            uint32_t turns = (uint32_t)((uint64_t)fired->integer >> 32);
            e->standings[i] =
                (struct gj_standing){at, (uint32_t)fired->integer, entered->integer, turns};
            return 0;
        }
    }
    return keep_stranger(c, e, node->key,
                         (struct gj_stranger){.state = state->text,
                                              .fired = fired->integer,
                                              .entered = entered->integer});
}

static int read_entity(struct gj_case *c, const struct gj_json_parser *parser,
                       const struct gj_json *node)
{
    const struct gj_json *parts[5] = {0};
    size_t count = 0;
    for (const struct gj_json *n = gj_json_first(parser, node); n != NULL && count < 5;
         n = gj_json_next(parser, n)) {
        parts[count++] = n;
    }
    uint32_t kind =
        count == 5 ? gj_map_get(&c->plan->events->kind_ids, parts[0]->text) : GJ_MAP_NONE;
    if (count != 5) {
        return -1;
    }
    if (kind == GJ_MAP_NONE) {
        return 0; /* a kind that the rulebook no longer has */
    }
    struct gj_entity *e = gj_case_entity(c, kind, parts[1]->text);
    if (e == NULL) {
        return -1;
    }
    for (const struct gj_json *n = gj_json_first(parser, parts[2]); n != NULL;
         n = gj_json_next(parser, n)) {
        if (read_standing(c, e, parser, n) != 0) {
            return -1;
        }
    }
    const struct gj_kind_plan *k = &c->plan->kinds[kind];
    for (const struct gj_json *n = gj_json_first(parser, parts[3]); n != NULL;
         n = gj_json_next(parser, n)) {
        uint32_t m = gj_map_get(&k->by_name, n->key);
        if (m != GJ_MAP_NONE && k->memories[m].kept != GJ_NO_INDEX) {
            e->memory[k->memories[m].kept] = value_of(&c->arena, parser, n, k->memories[m].type);
        }
    }
    read_counted(c, e, parser, parts[4]);
    return 0;
}

int gj_case_read(struct gj_case *c, struct gj_json_parser *parser, struct gj_str bytes)
{
    const char *why = NULL;
    const struct gj_json *root = gj_json_parse(parser, bytes, 0, &why);
    const struct gj_json *n =
        root == NULL || root->kind != GJ_JSON_ARRAY ? NULL : gj_json_first(parser, root);
    gj_case_reset(c);
    if (n == NULL || n->kind != GJ_JSON_INT) {
        return -1;
    }
    c->last_at = n->integer;
    while ((n = gj_json_next(parser, n)) != NULL) {
        if (read_entity(c, parser, n) != 0) {
            return -1;
        }
    }
    return c->arena.failed ? -1 : 0;
}
