/* Room expr: regular expressions, the program: the tree unrolled into instructions, of which there
 * are at most GJ_REGEX_PROGRAM_MAX. Repetitions copy their body: a budget bounds the work too. */
#include "expr/regex_internal.h"

struct emitter {
    struct gj_re_inst *program; /* room for GJ_REGEX_PROGRAM_MAX */
    uint32_t count;
    uint32_t visits; /* nodes emitted, copies counted */
    bool too_large;
};

static uint16_t emit(struct emitter *e, struct gj_re_inst inst)
{
    if (e->count >= GJ_REGEX_PROGRAM_MAX) {
        e->too_large = true;
        return 0;
    }
    e->program[e->count] = inst;
    return (uint16_t)e->count++;
}

static uint16_t here(const struct emitter *e)
{
    return (uint16_t)e->count;
}

static void emit_node(struct emitter *e, const struct gj_re_node *node);

static void emit_alt(struct emitter *e, const struct gj_re_node *node)
{
    uint16_t first_jump = UINT16_MAX; /* the jumps to the end, each linked to the one before by x */
    for (const struct gj_re_node *kid = node->kids; kid != NULL; kid = kid->next) {
        if (kid->next == NULL) {
            emit_node(e, kid);
            break;
        }
        uint16_t split = emit(e, (struct gj_re_inst){.op = GJ_RE_OP_SPLIT});
        e->program[split].x = here(e);
        emit_node(e, kid);
        first_jump = emit(e, (struct gj_re_inst){.op = GJ_RE_OP_JUMP, .x = first_jump});
        e->program[split].y = here(e);
        if (e->too_large) {
            return;
        }
    }
    while (first_jump != UINT16_MAX) {
        uint16_t before = e->program[first_jump].x;
        e->program[first_jump].x = here(e);
        first_jump = before;
    }
}

static void emit_repeat(struct emitter *e, const struct gj_re_node *node)
{
    for (uint32_t i = 0; i < node->min && !e->too_large; i++) {
        emit_node(e, node->kids);
    }
    if (node->max == GJ_RE_NO_MAX) {
        uint16_t split = emit(e, (struct gj_re_inst){.op = GJ_RE_OP_SPLIT});
        e->program[split].x = here(e);
        emit_node(e, node->kids);
        emit(e, (struct gj_re_inst){.op = GJ_RE_OP_JUMP, .x = split});
        e->program[split].y = here(e);
        return;
    }
    uint16_t last_split = UINT16_MAX; /* linked by y, until the end is known */
    for (uint32_t i = node->min; i < node->max && !e->too_large; i++) {
        uint16_t split = emit(e, (struct gj_re_inst){.op = GJ_RE_OP_SPLIT, .y = last_split});
        e->program[split].x = here(e);
        emit_node(e, node->kids);
        last_split = split;
    }
    while (last_split != UINT16_MAX && !e->too_large) {
        uint16_t before = e->program[last_split].y;
        e->program[last_split].y = here(e);
        last_split = before;
    }
}

static void emit_node(struct emitter *e, const struct gj_re_node *node)
{
    if (++e->visits > 4 * GJ_REGEX_PROGRAM_MAX) {
        e->too_large = true; /* ((){1000}){1000} emits little but walks far */
    }
    if (e->too_large) {
        return;
    }
    switch (node->kind) {
    case GJ_RE_EMPTY:
        break;
    case GJ_RE_SET:
        emit(e, (struct gj_re_inst){.op = GJ_RE_OP_SET, .set = node->set});
        break;
    case GJ_RE_ASSERT:
        emit(e, (struct gj_re_inst){.op = GJ_RE_OP_ASSERT, .assert = node->assert});
        break;
    case GJ_RE_CAT:
        for (const struct gj_re_node *kid = node->kids; kid != NULL; kid = kid->next) {
            emit_node(e, kid);
        }
        break;
    case GJ_RE_ALT:
        emit_alt(e, node);
        break;
    case GJ_RE_REPEAT:
        emit_repeat(e, node);
        break;
    }
}

const struct gj_regex *gj_regex_compile(struct gj_arena *arena, struct gj_str pattern,
                                        const char **why)
{
    const struct gj_re_node *root = gj_re_parse(arena, pattern, why);
    if (root == NULL) {
        return NULL;
    }
    static const struct gj_re_inst none;
    struct gj_re_inst room[GJ_REGEX_PROGRAM_MAX];
    struct emitter e = {.program = room};
    room[0] = none;
    emit_node(&e, root);
    emit(&e, (struct gj_re_inst){.op = GJ_RE_OP_MATCH});
    if (e.too_large) {
        *why = "the pattern is too large: repeat less";
        return NULL;
    }
    struct gj_regex *regex = gj_arena_alloc(arena, sizeof *regex);
    struct gj_re_inst *program = gj_arena_array(arena, e.count, sizeof *program);
    if (regex == NULL || program == NULL) {
        *why = "out of memory";
        return NULL;
    }
    memcpy(program, room, e.count * sizeof *program);
    *regex = (struct gj_regex){e.count, program};
    return regex;
}
